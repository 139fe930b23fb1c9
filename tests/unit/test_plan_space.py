"""What a plan varies and costs, the plans a search begins with, and the targets it has to meet."""

import copy

import numpy as np
import pytest
from support.small_centres import SMALL

from cxsim.designs.optimise_options import read_options, split_plan_words, with_uncertain_demand
from cxsim.designs.plan_space import read_space
from cxsim.designs.plan_starts import curves, loads, start_counts
from cxsim.designs.staffing import offered_load
from cxsim.designs.targets import read_targets
from cxsim.errors import CxsimError, RunError
from cxsim.metrics.measure import counts
from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

DAY = [0] * 8 + [2, 3, 3, 3, 2, 2, 2, 2] + [0] * 8


def small(**groups):
    source = copy.deepcopy(SMALL)
    source["touchpoints"]["phone"]["hours"] = {"all": "08:00-16:00"}
    for name, settings in groups.items():
        source["agent_groups"][name] = {"serves": {"phone": {"rank": 1}}, "cost": "30 per hour", **settings}
    return load_scenario(source)


def by_interval(**settings):
    return small(desk={"by_interval": {"all": DAY}, **settings})


def on_shifts():
    shifts = {
        "early": {"days": "all", "start": "08:00", "end": "13:00", "agents": 2},
        "late": {"days": "all", "start": "11:00", "end": "16:00", "agents": 3},
    }
    shifts["late"]["breaks"] = {"tea": {"at": "13:30", "lasts": "30 min"}}
    return small(desk={"shifts": shifts})


def test_cells_are_the_intervals_in_which_somebody_is_there_or_comes():
    space = read_space(by_interval(), ["agent_groups.desk.by_interval"])
    assert [cell.name for cell in space.cells] == [f"{hour:02d}:00" for hour in range(8, 16)]
    assert space.values(space.today) == (2, 3, 3, 3, 2, 2, 2, 2)
    assert space.unit == "money"


@pytest.mark.parametrize(
    "scenario",
    [by_interval(), by_interval(counts="net", shrinkage={"planned": 0.25, "unplanned": 0.1}), on_shifts()],
)
def test_the_cost_of_a_plan_is_what_the_simulated_agents_are_paid(scenario):
    vary = "agent_groups.desk.shifts" if scenario.model.agent_groups["desk"].shifts else "agent_groups.desk.by_interval"
    space = read_space(scenario, [vary])
    plan = tuple(place + 1 for place in space.today)
    # Nobody calls: nobody stays for a contact in hand.
    quiet = space.scenario_of(plan).override(
        *(f"contact_types.{name}.volume=0 per day" for name in SMALL["contact_types"])
    )
    log = simulate(quiet, seed=1)
    (cost,) = counts(log, ["cost_per_contact"])
    assert space.cost(plan) == pytest.approx(cost.numerator)


def test_a_group_without_a_cost_is_paid_in_hours():
    scenario = by_interval(cost=None)
    space = read_space(scenario, ["agent_groups.desk.by_interval"])
    assert (space.unit, space.cost(space.today)) == ("hours", 19.0)
    with pytest.raises(RunError, match="no cost"):
        read_space(scenario, ["agent_groups.desk.by_interval"], cost="pay")


def test_head_counts_that_put_nobody_more_on_the_floor_are_no_values():
    scenario = by_interval(counts="scheduled", shrinkage={"planned": 0.32})
    cell = read_space(scenario, ["agent_groups.desk.by_interval=0..11"]).cells[0]
    assert cell.values == (0, 1, 3, 4, 6, 7, 9, 10)
    floors = [int(np.floor(count * 0.68 + 0.5)) for count in cell.values]
    assert floors == list(range(8))
    assert cell.paid_today == pytest.approx(60.0)


def test_the_scenario_of_a_plan_has_its_numbers_and_nothing_else_changed():
    space = read_space(by_interval(), ["agent_groups.desk.by_interval=0..9"])
    changed = space.scenario_of((1, 2, 3, 4, 5, 6, 7, 8))
    assert changed.model.agent_groups["desk"].by_interval["all"] == (*[0] * 8, 1, 2, 3, 4, 5, 6, 7, 8, *[0] * 8)
    assert changed.model.touchpoints == space.scenario.model.touchpoints


def test_a_setting_with_a_price_may_be_varied():
    source = copy.deepcopy(SMALL)
    source["touchpoints"]["phone"]["lines"] = 5
    space = read_space(load_scenario(source), ["touchpoints.phone.lines=2..9 at 2.5"])
    assert space.values((7,)) == (9,)
    assert space.cost((7,)) == pytest.approx(22.5)
    assert space.scenario_of((7,)).model.touchpoints["phone"].lines == 9


def test_the_load_of_a_group_is_that_of_the_calls_it_takes():
    scenario = small(desk={"by_interval": {"all": DAY}})
    # 60 repairs; of 40 advices 20 by phone and 5.6 after the portal; of the fifth that is unresolved half call again.
    calls = (60 + 20 + 20 * 0.4 * 0.7) / (1 - 0.2 * 0.5)
    expected = offered_load([calls / 24] * 24, interval=1.0, talk_time=11 / 60).average
    assert loads(scenario)["desk"][0] == pytest.approx(expected, rel=1e-6)


def test_square_root_staffing_adds_to_the_load_and_shrinkage_on_top():
    scenario = by_interval(counts="scheduled", shrinkage={"planned": 0.2, "unplanned": 0.1})
    load = loads(scenario)["desk"][0][12]
    needed = load + 1.5 * np.sqrt(load + (0.06 * load) ** 2)
    assert start_counts(scenario, "desk", days=[0], beta=1.5)[12] == np.ceil(needed / 0.72)


@pytest.mark.parametrize("vary", [["agent_groups.desk.by_interval"], ["agent_groups.desk.by_interval=1..5"]])
def test_curves_rise_to_the_upper_bounds(vary):
    space = read_space(by_interval(), vary)
    for curve in curves(space):
        assert space.values(curve[-1]) == tuple(cell.values[-1] for cell in space.cells)
        costs = [space.cost(plan) for plan in curve]
        assert costs == sorted(costs)


def test_shifts_of_a_curve_cover_the_counts_of_every_interval():
    scenario = on_shifts()
    space = read_space(scenario, ["agent_groups.desk.shifts"])
    needed = start_counts(scenario, "desk", days=[0], beta=4.0)
    early, late = space.values(curves(space)[0][-2])
    # Alone in the morning and in the evening, together in between.
    assert early >= needed[9]
    assert late >= needed[15]
    assert early + late >= needed[11]


def test_targets_are_read_in_the_unit_of_their_metric():
    found = read_targets(["service_level >= 80%", "average_speed_of_answer <= 1 min", "answered"], by_interval())
    assert [(t.metric, t.limit, t.at_most) for t in found] == [
        ("service_level", 0.8, False), ("average_speed_of_answer", 60.0, True), ("goal", 0.8, False),
    ]  # fmt: skip
    y, n = np.array([8.0, 5.0]), np.array([10.0, 10.0])
    assert list(found[0].slacks(y, n)) == pytest.approx([0.0, -3.0])
    assert list(found[1].slacks(600 * y, 10 * n)) == pytest.approx([1200.0, 3000.0])


def test_goals_stand_for_targets_where_none_is_named():
    assert [target.group for target in read_targets([], by_interval())] == ["answered"]
    assert read_targets(["goals"], by_interval()) == read_targets([], by_interval())


@pytest.mark.parametrize(
    ("targets", "vary", "words"),
    [
        (["service_levle >= 80%"], None, "service_level"),
        (["service_level = 80%"], None, "METRIC >= VALUE"),
        (["service_level >= 80"], None, "write 80%"),
        (["service_level >= 20 s"], None, "a share"),
        (["average_speed_of_answer <= 20"], None, "a duration"),
        (["wait_quantile <= 20 s"], None, "quantile"),
        (None, [], "nothing to vary"),
        (None, ["agent_groups.desk.by_interval=9..3"], "9..3"),
        (None, ["agent_groups.desk.by_interval=-1..3"], "0 or more"),
        (None, ["agent_groups.desk.by_interval=3..3"], "one plan"),
        (None, ["agent_groups.desk.by_interval", "agent_groups.desk.by_interval"], "twice"),
        (None, ["agent_groups.dsek.by_interval"], "groups: desk"),
        (None, ["agent_groups.desk.shifts"], "no shift"),
        (None, ["agent_groups.desk.agents"], "no single head count"),
        (None, ["gives_up_after"], "no bounds"),
        (None, ["gives_up_after=1..9"], "no price"),
        (None, ["gives_up_after=0..9 at 1"], "gives_up_after"),
        (None, ["name=1..9 at 1"], "whole number"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(targets, vary, words):
    with pytest.raises(CxsimError, match=words):
        read_targets(targets or [], by_interval()) if vary is None else read_space(by_interval(), vary)


def test_plans_of_one_cost_have_no_cheapest():
    with pytest.raises(RunError, match="costs the same"):
        read_space(by_interval(cost="0 per hour"), ["agent_groups.desk.by_interval"], cost="pay")


def test_options_of_a_command_are_told_from_its_other_words():
    found, rest = split_plan_words(["desk.yaml", "search_days=50", "beside=true", "cost=pay", "replications=3"])
    assert found == {"search_days": 50, "beside": True, "cost": "pay"}
    assert rest == ["desk.yaml", "replications=3"]
    with pytest.raises(RunError, match="whole number"):
        split_plan_words(["fresh_days=many"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"serch_days": 5}, "search_days"),
        ({"confidence": "very"}, "share"),
        ({"search_days": "5"}, "int"),
        ({"fresh_days": True}, "int"),
    ],
)
def test_options_that_are_none_are_refused(given, words):
    with pytest.raises(RunError, match=words):
        read_options({"vary": ["x"], **given})


def test_uncertain_demand_is_spread_on_top_of_the_days_own():
    scenario = by_interval()
    assert with_uncertain_demand(scenario, 0.0) is scenario
    both = with_uncertain_demand(scenario, 0.05).model.busyness.day_cv
    assert 1 + both**2 == pytest.approx((1 + 0.06**2) * (1 + 0.05**2))
