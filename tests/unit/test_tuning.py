"""A search among settings: where it looks, whom it sends to the fresh days, what it refuses."""

import numpy as np
import pytest

from cxsim.designs.certificate import Certificate
from cxsim.designs.settings_search import ROUND, SettingsSearch
from cxsim.designs.settings_space import STEPS, TODAY_PLAN, put_back
from cxsim.designs.tuning import Seen, Tuning, chosen
from cxsim.errors import CxsimError
from cxsim.questions import tune_study
from cxsim.scenario.load import load_scenario
from cxsim.scenario.text import read_yaml

DESK = """\
name: Desk
calendar: {start: 2026-01-05, days: 1, interval: 1 h}
contact_types: {call: {volume: 100 per day, enters: {phone: 1}}}
touchpoints:
  phone:
    mechanism: staffed
    channel: voice
    patience: {law: exponential, mean: 10 min}
    talk_time: {law: exponential, mean: 10 min}
    resolves: 80%
agent_groups: {desk: {agents: 3, serves: {phone: {rank: 1}}}}
"""
SETTINGS = ("touchpoints.phone.patience.mean=interval(2 min,22 min)", "agent_groups.desk.agents=interval(2,5)",
            "touchpoints.phone.resolves=70%,90%")  # fmt: skip


def desk():
    return load_scenario(read_yaml(DESK, where="desk"))


def walked(seed, *, n_rounds=16, larger=False):
    """Points of a search for the least distance to (300, 4, category 2) with the first place at most 250."""
    search = SettingsSearch((1000, 10, 2), is_ordered=(True, True, False), larger_is_better=(larger,), seed=seed)
    found = []
    for _ in range(n_rounds):
        plans = search.ask(ROUND)
        values = np.array([[abs(x - 300) / 100 + abs(y - 4) + 3 * (kind != 2)] for x, y, kind in plans])
        slacks = np.array([[(250 - x) / 100] for x, _, _ in plans])
        search.tell(-values if larger else values, slacks)
        found += [(plan, value[0], slack[0]) for plan, value, slack in zip(plans, values, slacks, strict=True)]
    return found


@pytest.mark.parametrize("larger", [False, True])
def test_a_search_closes_in_on_the_best_point_within_its_bound(larger):
    for seed in range(4):
        found = walked(seed, larger=larger)
        value, plan = min((value, plan) for plan, value, slack in found if slack >= 0)
        assert plan[2] == 2
        assert value <= 2.0  # at best 0.5
        late = found[len(found) // 2 :]
        # At random a quarter keeps the bound, and half are farther off than 7.
        assert np.mean([slack >= 0 for _, _, slack in late]) > 0.4
        assert np.median([value for _, value, _ in late]) < 4.5


def test_equal_seeds_look_at_equal_points_and_others_elsewhere():
    assert walked(3) == walked(3)
    assert walked(3) != walked(4)


def test_a_point_where_nothing_is_observed_is_passed_over():
    search = SettingsSearch((1000,), is_ordered=(True,), larger_is_better=(True,), seed=1)
    for _ in range(4):
        plans = search.ask(ROUND)
        search.tell(np.array([[np.nan if x < 500 else x] for (x,) in plans]), np.zeros((ROUND, 0)))
    assert len(search.ask(ROUND)) == ROUND


def points(*rows):
    return {(number,): Seen(np.array(values, dtype=float), np.array(slacks)) for number, (values, slacks) in rows}


def test_finalists_are_those_that_nothing_beats_in_value_and_safety_the_safest_first():
    tried = points((1, ([5], [0.1])), (2, ([4], [0.9])), (3, ([3], [0.5])), (4, ([9], [-0.1])), (5, ([4.5], [0.4])))
    assert chosen(tried, larger_is_better=(True,), most=3) == ((2,), (5,), (1,))
    # Room for more is filled with the next best, however safe.
    assert chosen(tried, larger_is_better=(True,), most=4) == ((2,), (3,), (5,), (1,))
    assert chosen(tried, larger_is_better=(False,), most=1) == ((3,),)


def test_without_targets_the_best_are_finalists_and_none_where_nothing_was_seen():
    tried = points((1, ([5], [])), (2, ([np.nan], [])), (3, ([7], [])), (4, ([6], [])))
    assert chosen(tried, larger_is_better=(True,), most=2) == ((3,), (4,))
    assert chosen(points((2, ([np.nan], []))), larger_is_better=(True,)) == ()


def test_with_two_values_finalists_lie_between_the_best_of_both():
    tried = points((1, ([5, 9], [])), (2, ([4, 5], [])), (3, ([3, 1], [])), (4, ([2.9, 4], [])))
    assert set(chosen(tried, larger_is_better=(True, False), most=3)) == {(1,), (2,), (3,)}


@pytest.mark.parametrize(("rung", "certified"), [(None, ()), (0, ((1,),)), (1, ((1,), (2,))), (2, ((1,), (2,), (3,)))])
def test_certified_are_the_finalists_down_to_the_last_that_passed(rung, certified):
    none = np.empty(0)
    found = Certificate(rung, None, None, none, none, 10, 0.95)
    assert Tuning({}, ((1,), (2,), (3,)), found, None).certified == certified


def test_a_plan_sets_what_its_places_say_and_today_nothing():
    space = tune_study(desk(), SETTINGS, primary="abandonment_rate").design().space
    assert space.high == (STEPS, 3, 1)
    assert space.is_ordered == (True, True, False)
    assert space.shown((STEPS // 2, 3, 1)) == {
        "touchpoints.phone.patience.mean": "12 min",
        "agent_groups.desk.agents": "5",
        "touchpoints.phone.resolves": "90%",
    }
    assert space.shown(TODAY_PLAN)["touchpoints.phone.patience.mean"] == "10 min"
    assert space.scenario_of((0, 0, 0)).model.agent_groups["desk"].agents == 2
    left = put_back((STEPS, 3, 1))[1]
    assert space.shown(left)["agent_groups.desk.agents"] == "3"
    assert space.scenario_of(left).model.agent_groups["desk"].agents == 3
    assert space.scenario_of(TODAY_PLAN).fingerprint == desk().fingerprint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"points": 3}, "points"),
        ({"search_days": 1}, "search_days"),
        ({"fresh_days": 5}, "fresh_days"),
        ({"confidence": "30%"}, "confidence"),
        ({"primary": "occupancy"}, "no better side"),
        ({"primary": "wait_quantile:p90"}, "quantile"),
        ({"also": "abandonment_rate"}, "another metric"),
        ({"precision": "1 point"}, "precision"),
        ({"targets": ["wait_quantile:p90 <= 20 s"]}, "quantile"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(options, said):
    with pytest.raises(CxsimError, match=said):
        tune_study(desk(), SETTINGS, **{"primary": "abandonment_rate", **options})


def test_a_setting_that_is_not_there_is_named():
    for text in ("interval(nan,inf)", "interval(5 min,inf)", "interval(2 min)"):
        with pytest.raises(CxsimError, match=r"interval\(LOW,HIGH\)") as refused:
            tune_study(desk(), [f"touchpoints.phone.patience.mean={text}"], primary="abandonment_rate")
        assert "sweep" not in str(refused.value)
        assert "sampling" not in str(refused.value)
    with pytest.raises(CxsimError, match="patience"):
        tune_study(desk(), ["touchpoints.phone.patiens.mean=interval(2 min,22 min)"], primary="abandonment_rate")
