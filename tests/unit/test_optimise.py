"""The search for the cheapest plan from its first trial to its certificate, on made-up counters: no simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, cauchy

from cxsim.designs.design import Replicated, Results
from cxsim.designs.optimise import NEAREST, PLAN, TODAY
from cxsim.designs.optimise_options import optimised, read_options
from cxsim.designs.plan_counters import label_of
from cxsim.designs.plan_ground import Wanted
from cxsim.designs.targets import read_targets
from cxsim.scenario.load import load_scenario

CENTRE = {
    "name": "Three hours",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "1 h"},
    "contact_types": {"call": {"volume": "100 per day", "enters": {"phone": 1}}},
    "touchpoints": {
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "hours": {"all": "00:00-03:00"},
            "patience": {"law": "exponential", "mean": "10 min"},
            "talk_time": {"law": "exponential", "mean": "10 min"},
        }
    },
    "agent_groups": {"desk": {"by_interval": {"all": [9, 9, 9] + [0] * 21}, "serves": {"phone": {"rank": 1}}}},
}
ASKED = {"targets": ["abandonment_rate <= 5%", "service_level >= 80%"], "vary": ["agent_groups.desk.by_interval=4..12"]}
SEARCH_DAYS, FRESH_DAYS = 10, 12
# Agents that the first target needs in all, and that the second needs in the last hour.
IN_ALL, LATE = 24.0, 9.0


def room(plan, day, *, worse=0.0):
    """Room under both targets, as shares of contacts: one by the sum of the plan, one by its last hour."""
    noise = 0.002 * np.random.default_rng(day).normal(size=2)
    return 0.01 * (sum(plan) - IN_ALL) + noise[0] - worse, 0.02 * (plan[2] - LATE) + noise[1] - worse


def counted(trial, *, worse=0.0):
    """Counters of a trial of a plan, or of today and the plan for the account."""
    stage, _, plan = trial.label.partition(" ")
    places = [int(place) for place in plan.split()] if stage in ("search", "fresh", "score") else None
    agents = [9, 9, 9] if places is None else [4 + place for place in places]
    lost, served = room(agents, trial.replication, worse=worse * (stage == "fresh"))
    shares = {"abandonment_rate": 0.05 - lost, "service_level": 0.8 + served}
    return pd.DataFrame(
        {
            "scenario": trial.label, "replication": trial.replication, "by": "", "group": "all", "p": np.nan,
            "metric": list(shares), "variant": ["all", "strict"],
            "numerator": [100.0 * share for share in shares.values()], "denominator": 100.0,
        }
    )  # fmt: skip


def led(*, worse=0.0, **more):
    """The design, its outcome, and all trials that it asked for up to the account."""
    metrics = ("abandonment_rate:all", "service_level:strict")
    replicated = Replicated({TODAY: load_scenario(CENTRE)}, seed=5, replications=2, primary=metrics[0], metrics=metrics)
    options = {**ASKED, "search_days": SEARCH_DAYS, "fresh_days": FRESH_DAYS, "score": metrics[0], **more}
    design, results, asked = optimised(replicated, read_options(options), most=1000), Results(), []
    while trials := design.ask(results):
        asked += trials
        if TODAY in {trial.label for trial in trials}:
            break
        results.tables += [counted(trial, worse=worse) for trial in trials]
    return design, design.outcome(results), asked


def days_of(asked, stage):
    return sorted({trial.replication for trial in asked if trial.label.startswith(stage)})


@pytest.fixture(scope="module")
def found():
    return led(confidence="80%", beside=True)


def test_the_certified_plan_meets_every_target_and_costs_the_least_that_does(found):
    design, outcome, _ = found
    agents = [4 + place for place in outcome.plan]
    assert min(room(agents, day) for day in range(SEARCH_DAYS))[0] > -0.01
    assert (sum(agents) >= IN_ALL, agents[2] >= LATE) == (True, True)
    assert design.space.cost(outcome.plan) <= IN_ALL + 1.0
    assert set(design.scenarios(outcome)) == {TODAY, PLAN}


def test_the_certificate_and_the_account_see_days_that_the_search_has_not(found):
    _, _, asked = found
    assert days_of(asked, "search") == list(range(SEARCH_DAYS))
    assert days_of(asked, "fresh") == list(range(SEARCH_DAYS, SEARCH_DAYS + FRESH_DAYS))
    later = SEARCH_DAYS + FRESH_DAYS
    assert days_of(asked, TODAY) == days_of(asked, PLAN) == [later, later + 1]
    assert {trial.seed for trial in asked} == {5}


def test_every_certificate_has_the_confidence_and_the_days_asked_for(found):
    _, outcome, _ = found
    assert [rival.name for rival in outcome.rivals] == ["square-root rule", "greedy search"]
    for tested in (outcome.certified, *(rival.certified for rival in outcome.rivals)):
        assert (tested.certificate.level, tested.certificate.days) == (pytest.approx(0.8), FRESH_DAYS)
        assert {of.shape for of in tested.slacks} == {(2, FRESH_DAYS)}


def test_no_plan_that_is_scored_for_its_own_sake_is_dearer_and_worse_than_another(found):
    design, outcome, _ = found
    rungs = {rung.plan for rung in outcome.certified.tested}
    free = [plan for plan in design.scored(outcome) if plan not in rungs and plan != outcome.plan]
    assert free
    cost = design.space.cost
    assert min(map(cost, free)) == min(map(cost, outcome.found.tried))
    for plan in free:
        for other, slacks in outcome.found.tried.items():
            beaten = cost(other) < cost(plan) and np.all(slacks > outcome.found.tried[plan])
            assert not beaten


def test_a_search_whose_results_are_gone_begins_again(found):
    design, _, asked = found
    again = design.ask(Results())
    assert [(trial.label, trial.replication) for trial in again] == [
        (trial.label, trial.replication) for trial in asked[: len(again)]
    ]


def test_goals_are_targets_in_their_own_direction():
    goals = {
        "few_give_up": {"measure": "abandonment_rate", "no_more_than": 0.05},
        "many_solved": {"measure": "first_contact_resolution", "no_less_than": 0.6},
        "soon": {"measure": "wait", "touchpoint": "phone", "at_most": "60 s", "share": "80%"},
    }
    found = read_targets([], load_scenario({**CENTRE, "goals": goals}))
    assert [(target.group, target.limit, target.at_most) for target in found] == [
        ("few_give_up", 0.05, True), ("many_solved", 0.6, False), ("soon", 0.8, False),
    ]  # fmt: skip
    assert list(found[0].slacks(np.array([4.0, 7.0]), np.array([100.0, 100.0]))) == pytest.approx([1.0, -2.0])


def test_on_a_share_of_days_every_certificate_counts_its_days():
    target = "abandonment_rate <= 5% on 80% of days"
    _, outcome, _ = led(targets=[target], confidence="80%", beside=True)
    assert len(outcome.rivals) == 2
    for tested in (outcome.certified, *(rival.certified for rival in outcome.rivals)):
        counts = [int(np.sum(slacks[0] > 0)) for slacks in tested.slacks]
        exact = [binom.sf(met - 1, FRESH_DAYS, 0.8) for met in counts]
        assert list(tested.certificate.p_values) == pytest.approx(exact)


def test_where_days_are_counted_a_step_that_nearly_saves_one_is_seen():
    design, _, _ = led(targets=["abandonment_rate <= 5% on 80% of days", "service_level >= 80%"], confidence="80%")
    plans = ((0, 0, 0), (0, 0, 1))
    rooms = {plans[0]: np.array([-3.0, 2.0, 6.0, 1.0]), plans[1]: np.array([-1.0, 3.0, 7.0, 1.5])}
    for plan, of_plan in rooms.items():
        for day, room in enumerate(of_plan):
            shares = pd.DataFrame(
                {"scenario": label_of("search", plan), "replication": day, "by": "", "group": "all", "p": np.nan,
                 "metric": ["abandonment_rate", "service_level"], "variant": ["all", "strict"],
                 "numerator": [5.0 - room, 90.0], "denominator": 100.0}
            )  # fmt: skip
            design.counters.take(shares)
    wanted = Wanted(plans, 4, soft=True)
    hard = [design.seen(wanted, plan) for plan in plans]
    assert np.array_equal(*hard)
    assert list(hard[0][0]) == pytest.approx([-0.8, 0.2, 0.2, 0.2])
    soft = design.soft(wanted)
    width = float(np.std(rooms[plans[0]])) * 4**-0.2 / 2.0
    for plan, of_plan in rooms.items():
        assert list(soft[plan][0]) == pytest.approx(list(cauchy.cdf(of_plan / width) - 0.8))
        assert list(soft[plan][1]) == list(design.seen(wanted, plan)[1])


def test_where_nothing_is_certified_the_safest_rung_is_named_as_that():
    design, outcome, _ = led(worse=0.5)
    assert outcome.certified.plan is None
    assert outcome.plan == outcome.certified.rungs[-1].plan
    assert design.space.cost(outcome.plan) > design.space.cost(outcome.certified.rungs[0].plan)
    assert set(design.scenarios(outcome)) == {TODAY, NEAREST}
