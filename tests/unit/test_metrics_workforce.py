"""Occupancy, utilisation, shrinkage and cost against published examples and second-by-second loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.contacts.columns import ABSENT, AVAILABLE, BREAK, OVERTIME, RESOLVED, UNKNOWN
from cxsim.contacts.log import Table
from cxsim.errors import MetricUnavailable
from cxsim.metrics.financial import churn_rate, cost_per_contact, cost_per_resolution, customer_lifetime_value
from cxsim.metrics.measure import measure
from cxsim.metrics.presence import Timeline, merged
from cxsim.metrics.workforce import agents_available, occupancy, shrinkage, utilisation

SEEDS = st.integers(0, 100_000)
HOUR = 3600.0
WEEK = {"horizon": 40 * HOUR}


def there(begin, end, kind=AVAILABLE, **about):
    return {"start": begin * HOUR, "end": end * HOUR, "kind": kind, **about}


def call(begin, end, **about):
    return {"offered": begin * HOUR, "answered": begin * HOUR, "ended": end * HOUR, **about}


def test_eight_hours_of_leave_and_three_of_breaks_in_forty_are_27_5_percent(make_log):
    log = make_log(staffing=[there(0, 29), there(29, 32, BREAK), there(32, 40, ABSENT)], meta=WEEK)
    assert shrinkage(log).value == 0.275
    assert utilisation(log, variant="wfm").value == 0.725


def test_unpaid_lunch_is_shrinkage_of_the_schedule_only(make_log):
    log = make_log(staffing=[there(0, 9), there(9, 10, BREAK, paid=False)], meta=WEEK)
    assert shrinkage(log).value == 0.0
    assert shrinkage(log, variant="scheduled").value == pytest.approx(0.1)


def test_five_utilisations_of_one_week(make_log):
    staffing = [there(0, 29), there(29, 32, BREAK), there(32, 40, ABSENT)]
    log = make_log([call(k, k + 0.5) for k in range(20)], staffing=staffing, meta=WEEK)
    found = {v: utilisation(log, variant=v).value for v in ("metricnet", "hdi", "copc", "paid_productive", "wfm")}
    assert found == pytest.approx(
        {"metricnet": 10 / 32, "hdi": 10 / 29, "copc": 29 / 32, "paid_productive": 29 / 40, "wfm": 29 / 40}
    )


def test_two_chats_at_once_are_one_busy_agent(make_log):
    log = make_log([call(1, 3), call(2, 4)], staffing=[there(0, 10)], meta=WEEK)
    assert occupancy(log).value == pytest.approx(0.3)
    assert utilisation(log).value == pytest.approx(0.4)


def test_an_agent_is_not_busy_with_a_ticket_laid_aside(make_log):
    # Four hours from answer to wrapping up, three of them without anybody at it.
    log = make_log([call(1, 5, wrapped=5 * HOUR, paused=3 * HOUR)], staffing=[there(0, 10)], meta=WEEK)
    assert occupancy(log).value == pytest.approx(0.1)


def test_finishing_past_the_plan_is_work(make_log):
    log = make_log([call(1, 5)], staffing=[there(0, 4)], meta=WEEK)
    assert occupancy(log) == (4 * HOUR, 5 * HOUR, 1)


def test_breaks_are_in_neither_side_of_occupancy(make_log):
    log = make_log([call(0, 1)], staffing=[there(0, 2), there(2, 9, BREAK), there(9, 10, ABSENT)], meta=WEEK)
    assert occupancy(log).value == 0.5


def test_nobody_staffed_gives_no_value(make_log):
    log = make_log([{"offered": 0.0, "ended": 60.0}], staffing=[there(0, 1, ABSENT)], meta=WEEK)
    assert math.isnan(occupancy(log).value)


def test_time_is_cut_to_the_window(make_log):
    log = make_log([call(7.5, 8.5)], staffing=[there(7, 9)], meta=WEEK)
    found = measure(log, ["occupancy", "agents_available"], window=("08:00", "10:00"), by="interval").set_index(
        ["metric", "group"]
    )
    assert found.value["occupancy", "08:00"] == 1.0
    assert found.value["occupancy", "08:30"] == 0.0
    assert math.isnan(found.value["occupancy", "09:00"])
    assert found.value["agents_available", "08:30"] == 0.5  # one agent on the first of two days


def test_two_million_for_two_hundred_thousand_contacts_is_ten(make_log):
    # The published example at a hundred-thousandth of its size: 20 money, 2 contacts, most of the pay for waiting.
    log = make_log(
        [call(0, 0.1), call(0.2, 0.3)],
        staffing=[there(0, 0.5), there(0.5, 1, BREAK)],
        agents=[{"agent": 0, "cost": 20.0}],
        meta=WEEK,
    )
    assert cost_per_contact(log).value == pytest.approx(10.0)
    assert cost_per_resolution(log).value == pytest.approx(10.0)


def test_an_agent_without_a_cost_is_named(make_log):
    staffing = [there(0, 1), there(0, 1, agent=1)]
    log = make_log([call(0, 1)], staffing=staffing, agents=[{"agent": 0, "cost": 20.0}], meta=WEEK)
    with pytest.raises(MetricUnavailable, match=r"1 agents of log\.staffing are not in log\.agents"):
        cost_per_contact(log)


def test_cost_of_cases_whose_end_is_unknown_is_refused(make_log):
    about = {"staffing": [there(0, 1)], "agents": [{"agent": 0, "cost": 20.0}], "meta": WEEK}
    log = make_log([call(0, 1), call(0, 1, outcome=UNKNOWN)], **about)
    with pytest.raises(MetricUnavailable, match="the outcome of some cases is unknown"):
        cost_per_resolution(log)


def test_value_without_a_margin_is_unavailable(make_log):
    log = make_log(customers=[{"customer": 1, "segment": 0, "churn": 0.2, "lifetime_value": math.nan}])
    with pytest.raises(MetricUnavailable, match="no customer has a margin"):
        customer_lifetime_value(log)
    assert churn_rate(log).value == pytest.approx(0.2)


def test_five_lost_of_a_hundred_is_five_percent(make_log):
    rows = [{"customer": k, "segment": 0, "churn": float(k < 5), "lifetime_value": 10.0 * (k < 50)} for k in range(100)]
    assert churn_rate(make_log(customers=rows)).value == 0.05
    assert customer_lifetime_value(make_log(customers=rows)).value == 5.0


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_time_is_that_of_a_loop_over_every_half_minute(random_log, rows_of, seed):
    log = random_log(seed, replications=1, days=1, n_cases=8)
    agents = [(group, agent) for group in range(2) for agent in range(2)]
    tick = 5.0  # ends and answers lie on whole seconds, so a tick of 1 would be exact; 5 is within a tick a piece
    work = [row for row in rows_of(log.touchpoints) if row["staffed"] and not math.isnan(row["answered"])]
    instants = np.arange(0.0, 86400.0, tick)
    busy_ticks = working_ticks = present_ticks = 0
    for group, agent in agents:
        busy, present = np.zeros(len(instants), bool), np.zeros(len(instants), bool)
        for row in work:
            if (row["agent_group"], row["agent"]) == (group, agent):
                busy |= (instants >= row["answered"]) & (instants < row["wrapped"])
        for row in rows_of(log.staffing):
            if (row["agent_group"], row["agent"]) == (group, agent) and row["kind"] in (AVAILABLE, OVERTIME):
                present |= (instants >= row["start"]) & (instants < row["end"])
        busy_ticks += busy.sum()
        working_ticks += (busy | present).sum()
        present_ticks += present.sum()
    pieces = len(work) + len(log.staffing)
    found = occupancy(log)
    assert found.numerator == pytest.approx(busy_ticks * tick, abs=tick * pieces)
    assert found.denominator == pytest.approx(working_ticks * tick, abs=tick * pieces)
    assert agents_available(log).value == pytest.approx(present_ticks * tick / 86400.0, abs=tick * pieces / 86400.0)


@given(seed=SEEDS)
def test_paid_time_and_cost_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    cost = {(row["agent_group"], row["agent"]): row["cost"] for row in rows_of(log.agents)}
    paid = lost = spent = 0.0
    for row in rows_of(log.staffing):
        length = min(row["end"], 2 * 86400.0) - row["start"]
        if row["paid"]:
            paid += length
            lost += length * (row["kind"] in (BREAK, ABSENT))
            spent += length / 3600.0 * cost[row["agent_group"], row["agent"]]
    first, last = {}, {}
    for row in rows_of(log.touchpoints):
        case = (row["replication"], row["case"])
        contact = (*case, row["contact"])
        if row["staffed"] and not math.isnan(row["answered"]):
            first[contact] = min(first.get(contact, math.inf), row["answered"])
        if row["outcome"] == RESOLVED:
            last[case] = max(last.get(case, -math.inf), row["ended"])
    n = sum(instant < 2 * 86400.0 for instant in first.values())
    done = sum(instant < 2 * 86400.0 for instant in last.values())
    assert shrinkage(log)[:2] == pytest.approx((lost, paid))
    assert cost_per_contact(log)[:2] == pytest.approx((spent, n))
    assert cost_per_resolution(log)[:2] == pytest.approx((spent, done))


times = st.integers(0, 60).map(float)


@given(pieces=st.lists(st.tuples(times, times, st.integers(1, 3)), max_size=12), edges=st.lists(times, max_size=8))
def test_many_windows_hold_what_they_hold_one_by_one(pieces, edges):
    begin, end, weight = (np.array([piece[k] for piece in pieces], dtype=float) for k in range(3))
    cuts = sorted(set(edges))
    stretches = np.array([*zip(cuts[::2], cuts[1::2], strict=False)]).reshape(-1, 2)
    timeline = Timeline(begin, end, weight=weight)
    apart = sum(timeline.within(stretches[k : k + 1]) for k in range(len(stretches)))
    by_second = sum(
        w for b, e, w in pieces for second in range(60) for lo, hi in stretches if b <= second < e and lo <= second < hi
    )
    assert apart == pytest.approx(by_second)
    assert timeline.within(stretches) == pytest.approx(by_second)


@given(pieces=st.lists(st.tuples(st.integers(0, 2), times, times), max_size=15))
def test_joined_pieces_cover_the_same_seconds_once(pieces):
    owner = np.array([piece[0] for piece in pieces], dtype=np.int64)
    begin, end = (np.array([piece[k] for piece in pieces], dtype=float) for k in (1, 2))
    owners, begins, ends = merged(owner, begin, end)
    seconds = {(o, second) for o, b, e in pieces for second in range(int(b), int(e))}
    covered = [
        (int(o), second) for o, b, e in zip(owners, begins, ends, strict=True) for second in range(int(b), int(e))
    ]
    assert len(covered) == len(set(covered))
    assert set(covered) == seconds


def test_presence_of_a_group_and_of_an_agent_add_up(random_log):
    log = random_log(3)
    whole = measure(log, "agents_available").numerator[0]
    for by in ("agent_group", "agent", "replication", "interval", "day"):
        assert measure(log, "agents_available", by=by).numerator.sum() == pytest.approx(whole)


def test_a_staffing_table_alone_is_enough_for_presence(make_log):
    log = make_log(staffing=[there(0, 2)], meta={})
    assert agents_available(log.with_tables(touchpoints=Table("touchpoints", {}))).value == pytest.approx(1.0)
