"""Serving costs money: what a customer is worth is the margin less that, wherever a value is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.generated import scenarios
from support.tiny import centre

from cxsim.contacts.columns import OVERTIME
from cxsim.contacts.log import ContactLog, Table
from cxsim.contacts.months import months_of_pay
from cxsim.metrics.costs import cost_per_seat
from cxsim.perception.customers import cost_to_serve
from cxsim.perception.load import load_model
from cxsim.perception.loyalty import base_hazard_of, churn_probability, experience, months_of_margin, stocks
from cxsim.perception.moments import Moment
from cxsim.perception.stakes import Stake, ranked, stakes
from cxsim.perception.surveys import feelings_of, perceive
from cxsim.perception.uncertainty import drawn_scores, sample_of
from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

MODEL = load_model()
DAY = 86_400.0
MONTH = 365.25 / 12
MARGIN = {"plain": 40.0, "choosy": 150.0}
# By hand: a day of two paid hours at 30; of 400 s of handle time 100 s fall to plain, 300 s to choosy.
A_DAY = 2 * 30.0
SERVED = {"plain": 100 / 400 / 20, "choosy": 300 / 400 / 15}


def two_calls(*, cost: float = 30.0, origin: str = "2026-01-05T00:00:00", **meta: object) -> ContactLog:
    """A slow call of a customer of each segment, a third customer without a case, and an agent paid for two hours."""
    offered = np.array([0.0, 1000.0])
    touchpoints = {
        "case": [0, 1], "customer": [4, 9], "segment": [0, 1], "contact_type": [0, 0], "touchpoint": [0, 0],
        "channel": [0, 0], "staffed": [True, True], "deferred": [False, False], "agent_group": [0, 0], "agent": [0, 0],
        "offered": offered, "answered": offered + 300.0, "ended": offered + 400.0,
        "wrapped": offered + np.array([400.0, 600.0]), "outcome": [0, 0],
    }  # fmt: skip
    # Not in order of their numbers: whoever looks a margin up must find it by number.
    customers = {"customer": [9, 4, 7], "segment": [1, 0, 1]}
    customers["margin"] = [list(MARGIN.values())[segment] for segment in customers["segment"]]
    staffing = {"agent_group": [0], "agent": [0], "start": [0.0], "end": [7200.0], "kind": [0], "paid": [True]}
    about = {"horizon": DAY, "origin": origin, "population": {"plain": 20.0, "choosy": 15.0}, **meta}
    return ContactLog(
        Table("touchpoints", touchpoints),
        Table("staffing", staffing),
        Table("agents", {"agent_group": [0], "agent": [0], "cost": [cost]}),
        Table("customers", customers),
        names={"segment": ("plain", "choosy"), "contact_type": ("question",), "touchpoint": ("phone",)},
        meta=about,
    )


def net(segment: str) -> float:
    """Margin less cost to serve a month, every day of it like the one in the log."""
    return MARGIN[segment] - A_DAY * MONTH * SERVED[segment]


def test_the_example_costs_something_and_less_than_it_brings():
    served = cost_to_serve(two_calls())
    assert served == pytest.approx([MARGIN[name] - net(name) for name in MARGIN] + [0.0])
    assert all(0.0 < net(name) < 0.95 * MARGIN[name] for name in MARGIN)


def test_money_at_stake_is_what_is_left_when_serving_is_paid():
    """A better experience keeps the customer longer, and each month kept is worth the margin less the cost."""
    asked = Moment("quick", "wait", 20.0)
    found = {}
    for cost in (0.0, 30.0):
        log = two_calls(cost=cost)
        parts = stakes(log, feelings_of(log, seed=1, model=MODEL), [asked], model=MODEL)
        found[cost] = {stake.group or "all": stake.money for stake in parts}
    for name in MARGIN:
        assert found[0.0][name] > 0.0
        assert found[30.0][name] == pytest.approx(found[0.0][name] * net(name) / MARGIN[name])
    assert found[30.0]["all"] == pytest.approx(sum(found[30.0][name] for name in MARGIN))


def test_each_segment_keeps_its_customers_by_its_own_hazard():
    """Churn, value, stake and sample of who leaves often by nature, each by hand from the stock."""
    log = perceive(two_calls(segments={"choosy": {"annual_churn": 0.5}}), seed=1)
    feelings = feelings_of(log, seed=1, model=MODEL)
    stock = stocks(feelings.journeys, experience(feelings.felt, feelings.held, model=MODEL), model=MODEL, at=DAY).stock
    hazards = np.array([MODEL.anchors.base_hazard, base_hazard_of(0.5, model=MODEL)])
    months = months_of_margin(stock, model=MODEL, base_hazard=hazards)
    found = dict(zip(log.customers.customer.tolist(), range(3), strict=True))
    mine = [found[4], found[9]]
    churn = churn_probability(stock, model=MODEL, base_hazard=hazards)
    assert log.customers.churn[mine] == pytest.approx(churn)
    assert log.customers.churn[found[7]] == pytest.approx(1.0 - np.exp(-12 * hazards[1]))
    assert log.customers.lifetime_value[mine] == pytest.approx(months * [net("plain"), net("choosy")])
    scores = drawn_scores(sample_of(log, seed=1), [MODEL]).set_index("metric")["numerator"]
    assert scores["churn_rate:default"] == pytest.approx(churn.sum())
    (_, *parts) = stakes(log, feelings, [Moment("quick", "wait", 20.0)], model=MODEL)
    better = feelings_of(quick_calls(), seed=1, model=MODEL)
    after = stocks(better.journeys, experience(better.felt, better.held, model=MODEL), model=MODEL, at=DAY).stock
    gained = months_of_margin(after, model=MODEL, base_hazard=hazards) - months
    assert [part.money for part in parts] == pytest.approx(gained * [net("plain"), net("choosy")], rel=1e-3)


def quick_calls() -> ContactLog:
    """The same calls, answered at the limit of 20 s."""
    log = two_calls()
    t = log.touchpoints
    return log.with_tables(touchpoints=t.with_columns(answered=t.offered + 20.0))


def test_money_stays_with_the_customers_who_are_known():
    """The plain caller is not identified: nothing is at stake there, and no less at the other."""
    asked, log = Moment("quick", "wait", 20.0), two_calls()
    unknown = log.with_tables(touchpoints=log.touchpoints.with_columns(customer=np.array([-1, 9])))
    (*_, all_known), (_, plain, choosy) = (
        stakes(one, feelings_of(one, seed=1, model=MODEL), [asked], model=MODEL) for one in (log, unknown)
    )
    assert (plain.money, plain.valued, plain.reason) == (None, 0, "no customer has a margin")
    assert (choosy.money, choosy.valued) == (pytest.approx(all_known.money), 1)


def test_only_paid_presence_costs():
    """An unpaid stretch that comes first, and begins later, changes nothing."""
    log = two_calls()
    rows = {name: np.append(values, values) for name, values in log.staffing.columns.items()}
    rows |= {"start": np.array([5000.0, 0.0]), "end": np.array([9000.0, 7200.0]), "paid": np.array([False, True])}
    assert cost_to_serve(log.with_tables(staffing=Table("staffing", rows))) == pytest.approx(cost_to_serve(log))


def test_moments_are_ranked_by_money_a_case_that_has_a_value():
    def stake(name: str, money: float, valued: int) -> Stake:
        return Stake(name, "wait", "", "", 100, 100, 50, 1.0, 1.0, money, valued, "")

    assert [one.moment for one in ranked([stake("many", 90.0, 90), stake("few", 50.0, 10)])] == ["few", "many"]


def test_a_sample_knows_each_margin_less_what_serving_costs():
    sample = sample_of(two_calls(), seed=1)
    # Customers 4 and 9 had a case; in order of their numbers.
    assert sample.margin == pytest.approx([net("plain"), net("choosy")])
    assert sample.segment.tolist() == [0, 1]


def test_the_value_of_a_sample_is_that_of_the_same_customers_in_the_log():
    log = perceive(two_calls(), seed=1)
    scores = drawn_scores(sample_of(log, seed=1), [MODEL]).set_index("metric").loc["customer_lifetime_value:default"]
    assert scores["numerator"] == pytest.approx(log.customers.lifetime_value[:2].sum())
    assert scores["denominator"] == 2.0


# ------------------------------------------------------------------------------------ days of a month, by the calendar


def of_days(days: int, *, start: str = "2026-01-05", weekdays: str = "mon-fri", volume: str = "40 per day", **other):
    """A log of so many days of one agent from 9 to 17 at 30 an hour, who serves 10 customers."""
    group = {"agents": 1, "serves": {"phone": {}}, "cost": "30 per hour", "hours": {weekdays: "09:00-17:00"}}
    desk = {"types": {"call": {"volume": volume, "enters": {"phone": 1}}}, "groups": {"desk": group}} | other
    one = load_scenario(centre(days=days, start=start, customers={"population": 10}, **desk))
    return simulate(one, seed=2, engine="process")


A_SHIFT = 8 * 30.0


@pytest.mark.parametrize(
    ("days", "start"), [(1, "2026-01-06"), (3, "2026-01-09"), (5, "2026-01-05"), (7, "2026-01-07"), (8, "2026-01-05")]
)
def test_a_monday_to_friday_centre_has_five_sevenths_of_the_days_of_a_month_however_many_are_simulated(days, start):
    log = of_days(days, start=start)
    assert log.touchpoints.offered.size > 20
    assert _overtime(log) < 0.05 * 3600
    assert cost_to_serve(log)[0] == pytest.approx(A_SHIFT * 30.4375 * 5 / 7 / 10, rel=0.01)


def _overtime(log: ContactLog) -> float:
    s = log.staffing
    return float(np.sum((s.end - s.start)[s.kind == OVERTIME]))


def test_a_day_that_is_worked_less_costs_less_though_it_was_not_simulated():
    group = {"agents": 1, "serves": {"phone": {}}, "cost": "30 per hour",
             "hours": {"mon-fri": "09:00-17:00", "sat": "09:00-13:00"}}  # fmt: skip
    log = of_days(1, groups={"desk": group})
    assert cost_to_serve(log)[0] == pytest.approx((5 * 8 + 4) * 30.0 * 30.4375 / 7 / 10, rel=0.01)


def test_a_head_count_for_all_days_pays_nobody_on_days_without_cases_or_behind_closed_doors():
    kind = {"volume": "40 per day", "enters": {"phone": 1}}
    phone = {"mechanism": "staffed", "channel": "voice", "talk_time": "60 s"}
    no_cases = of_days(1, weekdays="all", types={"call": {**kind, "weekdays": {"sat": 0, "sun": 0}}})
    no_doors = of_days(1, weekdays="all", touchpoints={"phone": {**phone, "hours": {"mon-fri": "09:00-17:00"}}})
    open_daily = of_days(1, weekdays="all")
    for log, days in ((no_cases, 5), (no_doors, 5), (open_daily, 7)):
        assert cost_to_serve(log)[0] == pytest.approx(A_SHIFT * 30.4375 * days / 7 / 10, rel=0.01)
    # Who is there on a simulated day is paid, with or without cases.
    weekend = of_days(7, weekdays="all", types={"call": {**kind, "weekdays": {"sat": 0, "sun": 0}}})
    assert cost_to_serve(weekend)[0] == pytest.approx(A_SHIFT * 30.4375 / 10, rel=0.01)


def test_a_log_that_states_no_plan_stands_for_all_days_alike():
    assert months_of_pay(two_calls()) == pytest.approx(1 / 30.4375)
    assert months_of_pay(two_calls(planned_pay={})) == pytest.approx(1 / 30.4375)
    assert months_of_pay(two_calls(planned_pay={"simulated": 0.0, "week": 5.0})) == pytest.approx(1 / 30.4375)
    assert months_of_pay(two_calls(planned_pay={"simulated": 60.0, "week": 300.0})) == pytest.approx(7 / 5 / 30.4375)


def test_the_month_of_a_seat_is_that_of_the_calendar_too():
    for days in (1, 5, 14):
        assert cost_per_seat(of_days(days)).value == pytest.approx(A_SHIFT * 30.4375 * 5 / 7, rel=0.01)
        assert cost_per_seat(of_days(days), variant="year").value == pytest.approx(A_SHIFT * 365.25 * 5 / 7, rel=0.01)


def test_without_the_cost_of_every_group_nothing_is_planned():
    assert of_days(1).meta["planned_pay"] == pytest.approx({"simulated": A_SHIFT, "week": 5 * A_SHIFT})
    free = {"agents": 1, "serves": {"phone": {}}}
    paid = {**free, "cost": "30 per hour"}
    assert of_days(1, groups={"desk": paid, "others": free}).meta["planned_pay"] == {}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(scenarios(snapshots=False), st.integers(0, 5))
def test_planned_pay_is_that_of_all_presence_but_overtime(source, seed):
    """In any generated scenario: shifts, head counts, shrinkage, late comers, breaks."""
    for place, group in enumerate(source["agent_groups"].values()):
        group["cost"] = f"{20 + place} per hour"
        group.pop("unavailable", None)  # who begins to rest before the end of a shift may rest on after it
    log = simulate(source, seed=seed, engine="process")
    s, rate = log.staffing, 20.0 + log.staffing.agent_group
    usual = s.paid & (s.kind != OVERTIME)
    hours = np.maximum(np.minimum(s.end, log.meta["horizon"]) - s.start, 0.0) / 3600.0
    assert log.meta["planned_pay"]["simulated"] == pytest.approx(float(np.sum((rate * hours)[usual])))
