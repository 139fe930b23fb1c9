"""Presence against the schedule, costs by what they are spent on, and what customers are worth: stories and loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.contacts.columns import ABSENT, AVAILABLE, BREAK, OVERTIME
from cxsim.contacts.months import DAYS_OF_MONTH
from cxsim.errors import MetricUnavailable
from cxsim.metrics.attendance import absence, adherence, conformance, lateness, overtime_share, tenure
from cxsim.metrics.costs import (
    cost_per_case,
    cost_per_channel_contact,
    cost_per_customer,
    cost_per_minute,
    cost_per_seat,
)
from cxsim.metrics.financial import cost_per_contact
from cxsim.metrics.measure import measure
from cxsim.metrics.schedules import peak_workload_streak, schedule_efficiency
from cxsim.metrics.workforce import occupancy
from cxsim.metrics.worth import retention_rate, revenue_at_risk

SEEDS = st.integers(0, 100_000)
HOUR, DAY = 3600.0, 86400.0
ONE_DAY = {"horizon": DAY}


def there(begin, end, kind=AVAILABLE, **about):
    return {"start": begin * HOUR, "end": end * HOUR, "kind": kind, **about}


def call(begin, end, **about):
    return {"offered": begin * HOUR, "answered": begin * HOUR, "ended": end * HOUR, **about}


def test_one_comes_late_one_stays_longer_and_one_does_not_come(make_log):
    staffing = [
        *(there(8, 8.5, ABSENT), there(8.5, 12), there(12, 13, BREAK), there(13, 16)),
        *(there(8, 16, agent=1), there(16, 17, OVERTIME, agent=1)),
        there(8, 16, ABSENT, agent=2),
    ]
    log = make_log(staffing=staffing, meta=ONE_DAY)
    assert absence(log).value == 8.5 / 24
    assert absence(log, of="paid").value == 8.5 / 25
    assert lateness(log) == (1.0, 2.0, 2)  # back from lunch is no arrival
    assert lateness(log, variant="mean") == (1800.0, 2.0, 2)
    assert overtime_share(log).value == pytest.approx(1 / 15.5)
    assert adherence(log).value == 15.5 / 24
    assert conformance(log).value == 15.5 / 23


@given(seed=SEEDS)
def test_presence_is_that_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    time = dict.fromkeys((AVAILABLE, BREAK, ABSENT, OVERTIME), 0.0)
    last, came, late, waited = {}, 0, 0, 0.0
    for row in sorted(rows_of(log.staffing), key=lambda row: row["start"]):
        time[row["kind"]] += min(row["end"], 2 * DAY) - row["start"]
        who = (row["replication"], row["agent_group"], row["agent"])
        before = last.get(who)
        touching = before is not None and before["end"] >= row["start"]
        if row["kind"] == AVAILABLE and (not touching or before["kind"] == ABSENT):
            came += 1
            late += touching
            waited += row["start"] - before["start"] if touching else 0.0
        last[who] = row
    scheduled = time[AVAILABLE] + time[BREAK] + time[ABSENT]
    assert absence(log)[:2] == pytest.approx((time[ABSENT], scheduled))
    assert adherence(log)[:2] == pytest.approx((time[AVAILABLE] + time[BREAK], scheduled))
    assert overtime_share(log)[0] == pytest.approx(time[OVERTIME])
    assert conformance(log)[1] == pytest.approx(time[AVAILABLE] + time[ABSENT])
    assert lateness(log) == (late, came, came)
    assert lateness(log, variant="mean")[0] == pytest.approx(waited)


def test_tenure_is_of_those_in_the_staffing_table_whose_hire_date_is_known(make_log):
    agents = [
        {"agent": k, "cost": 20.0, "hired": hired} for k, hired in enumerate((-2 * DAYS_OF_MONTH * DAY, -math.inf, 0.0))
    ]
    log = make_log(staffing=[there(0, 1), there(0, 1, agent=1)], agents=agents, meta=ONE_DAY)
    assert tenure(log) == pytest.approx((2.0, 1.0, 1))


def test_the_costs_of_the_channels_add_up_to_the_whole(make_log):
    work = [call(0, 0.3), call(0.4, 0.5, customer=0, case=9), call(0.5, 1, channel=1)]
    log = make_log(work, staffing=[there(0, 2)], agents=[{"agent": 0, "cost": 18.0}], meta=ONE_DAY)
    voice, chat = (cost_per_channel_contact(log, channel=name) for name in ("voice", "chat"))
    assert voice == pytest.approx((16.0, 2.0, 2))
    assert chat == pytest.approx((20.0, 1.0, 1))
    assert cost_per_contact(log)[0] == pytest.approx(voice[0] + chat[0])
    assert math.isnan(cost_per_channel_contact(log, channel="email").value)
    assert cost_per_minute(log).value == pytest.approx(36.0 / 54)
    assert cost_per_case(log) == pytest.approx((36.0, 3.0, 3))
    assert cost_per_customer(log) == pytest.approx((36.0, 2.0, 2))
    assert cost_per_seat(log).value == pytest.approx(36.0 * DAYS_OF_MONTH)
    assert cost_per_seat(log, variant="year").value == pytest.approx(36.0 * 365.25)


@given(seed=SEEDS)
def test_costs_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    pay = {(row["agent_group"], row["agent"]): row["cost"] for row in rows_of(log.agents)}
    cost, minutes, voice, n = [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], 0
    for row in rows_of(log.staffing):
        if row["paid"]:
            hours = (min(row["end"], 2 * DAY) - row["start"]) / HOUR
            cost[row["replication"]] += hours * pay[row["agent_group"], row["agent"]]
    cases, customers = {}, set()
    for row in rows_of(log.touchpoints):
        case = (row["replication"], row["case"])
        begin, asked = cases.get(case, (math.inf, False))
        cases[case] = min(begin, row["offered"]), asked or (row["staffed"] and not row["chaser"])
        if row["staffed"] and not row["chaser"] and row["customer"] >= 0 and row["offered"] < 2 * DAY:
            customers.add((row["replication"], row["customer"]))
        if row["staffed"] and not math.isnan(row["answered"]):
            spent = max(min(row["wrapped"], 2 * DAY) - row["answered"], 0.0) / 60
            minutes[row["replication"]] += spent
            voice[row["replication"]] += spent * (row["channel"] == 0)
            n += row["channel"] == 0 and row["answered"] < 2 * DAY
    assert cost_per_minute(log)[:2] == pytest.approx((sum(cost), sum(minutes)))
    shared = sum(c * v / m for c, v, m in zip(cost, voice, minutes, strict=True) if m)
    assert cost_per_channel_contact(log)[:2] == pytest.approx((shared, n))
    begun = sum(asked and begin < 2 * DAY for begin, asked in cases.values())
    assert cost_per_case(log)[:2] == pytest.approx((sum(cost), begun))
    assert cost_per_customer(log)[:2] == pytest.approx((sum(cost), len(customers)))
    assert cost_per_seat(log)[:2] == pytest.approx((sum(cost), 8 * 2 / DAYS_OF_MONTH))


def test_who_stays_may_be_worth_more_than_who_goes(make_log):
    names = ("churn", "margin", "lifetime_value")
    rows = [(0.5, 10.0, 100.0), (0.1, 30.0, 900.0), (0.3, math.nan, math.nan)]
    customers = [{"customer": k, "segment": 0, **dict(zip(names, row, strict=True))} for k, row in enumerate(rows)]
    log = make_log(customers=customers)
    assert retention_rate(log).value == pytest.approx(0.7)
    assert retention_rate(log, variant="revenue").value == pytest.approx(32 / 40)
    assert revenue_at_risk(log) == pytest.approx((140.0, 2.0, 2))
    assert revenue_at_risk(log, variant="share").value == pytest.approx(0.14)
    poor = make_log(customers=[{"customer": 1, "churn": 0.2, "margin": math.nan, "lifetime_value": math.nan}])
    for metric in ("revenue_at_risk", "retention_rate:revenue"):
        with pytest.raises(MetricUnavailable, match="no customer has a"):
            measure(poor, metric)


@given(seed=SEEDS)
def test_worth_is_that_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    rows = rows_of(log.customers)
    assert retention_rate(log).value == pytest.approx(sum(1 - row["churn"] for row in rows) / len(rows))
    assert revenue_at_risk(log).numerator == pytest.approx(sum(row["churn"] * row["lifetime_value"] for row in rows))


def test_staff_at_the_wrong_hour_is_inefficient(make_log):
    # Two half hours: an agent with nothing to do, then work for one whom nobody relieves.
    log = make_log([call(0.5, 1)], staffing=[there(0, 1)], span=(0.0, HOUR))
    assert schedule_efficiency(log, target=1.0).value == pytest.approx(0.5)
    even = make_log([call(0, 1)], staffing=[there(0, 1)], span=(0.0, HOUR))
    assert schedule_efficiency(even, target=1.0).value == 1.0
    assert schedule_efficiency(even, target=0.5).value == 0.5


def test_a_streak_ends_with_a_break(make_log):
    staffing = [there(0, 2), there(2, 2.5, BREAK), there(2.5, 4), there(0, 4, agent=1)]
    work = [call(0, 1.5), call(2.5, 4), call(1, 1.4, agent=1)]
    log = make_log(work, staffing=staffing, span=(0.0, 4 * HOUR))
    assert sorted(peak_workload_streak(log).values) == [0.0, 1.5 * HOUR]
    assert peak_workload_streak(log, p=1.0).value == 1.5 * HOUR
    assert occupancy(log, variant="contacts").value == occupancy(log).value


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_streaks_and_efficiency_are_those_of_a_loop_over_seconds(random_log, rows_of, seed):
    log = random_log(seed, days=1, n_cases=60, replications=2)
    length, staff = int(DAY), {}

    def line(kind, who):
        return staff.setdefault(who, {}).setdefault(kind, np.zeros(length))

    for row in rows_of(log.staffing):
        if row["kind"] in (AVAILABLE, OVERTIME):
            line("there", (row["replication"], row["agent_group"], row["agent"]))[
                int(row["start"]) : int(row["end"])
            ] = 1
    for row in rows_of(log.touchpoints):
        if row["staffed"] and not math.isnan(row["answered"]):
            who = (row["replication"], row["agent_group"], row["agent"])
            line("work", who)[int(row["answered"]) : int(row["wrapped"])] += 1
    found, less, more = [], 0.0, 0.0
    for replication in (0, 1):
        mine = [lines for who, lines in staff.items() if who[0] == replication]
        blank = np.zeros(length)
        there, work = (sum((lines.get(kind, blank) for lines in mine), blank) for kind in ("there", "work"))
        by = [line.reshape(48, 1800).sum(axis=1) for line in (there, work / 0.85)]
        less, more = less + np.minimum(*by).sum(), more + np.maximum(*by).sum()
        for lines in mine:
            busy = lines.get("work", blank) > 0
            used, able = (on.reshape(48, 1800).sum(axis=1) for on in (busy, busy | (lines.get("there", blank) > 0)))
            run = best = 0
            for k in range(48):
                run = run + 1 if able[k] and used[k] > 0.9 * able[k] else 0
                best = max(best, run)
            if able.any():
                found.append(1800.0 * best)
    assert sorted(peak_workload_streak(log).values) == sorted(found)
    assert schedule_efficiency(log)[:2] == pytest.approx((less, more))
