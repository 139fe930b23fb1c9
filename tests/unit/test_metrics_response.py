"""Response and resolution in hours of business, and what lay with the centre, against loops over every minute."""

import itertools
import math
from collections import defaultdict
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.contacts.columns import AVAILABLE, BREAK, OVERTIME, RESOLVED, UNRESOLVED
from cxsim.errors import MetricUnavailable
from cxsim.metrics.calendars import time_between
from cxsim.metrics.measure import measure
from cxsim.metrics.response import first_response_time, no_response_rate, requester_wait, resolution_time

SEEDS = st.integers(0, 100_000)
HOUR, DAY = 3600.0, 86400.0
MONDAY = {"origin": "2026-01-05T00:00:00"}
OFFICE = "mon-fri 09:00-17:00"


def friday_to_monday(make_log, **about):
    friday, monday = 4 * DAY + 16 * HOUR, 7 * DAY + 16 * HOUR
    return make_log([{"offered": friday, "answered": monday - 60, "ended": monday}], meta=MONDAY, **about)


def test_friday_four_to_monday_four_is_eight_hours_of_business_and_72_of_the_clock(make_log):
    log = friday_to_monday(make_log)
    assert resolution_time(log, hours=OFFICE).value == 8 * HOUR
    assert resolution_time(log).value == 72 * HOUR


def test_business_is_when_anybody_is_at_work(make_log):
    day = [{"start": d * DAY + 9 * HOUR, "end": d * DAY + 17 * HOUR, "kind": AVAILABLE} for d in (4, 7)]
    lunch = [{"start": 7 * DAY + 18 * HOUR, "end": 7 * DAY + 19 * HOUR, "kind": BREAK, "agent": 1}]
    log = friday_to_monday(make_log, staffing=day + lunch)
    assert resolution_time(log, hours="staffed").value == 8 * HOUR
    assert measure(log, "resolution_time:business_hours").value[0] == 8 * HOUR


@pytest.mark.parametrize("hours", ["mon-fry 09:00-17:00", "09:00-17:00", "fri-mon 09:00-17:00", "mon 17:00-09:00", ""])
def test_hours_that_cannot_be_read_are_refused(make_log, hours):
    with pytest.raises(MetricUnavailable, match=r"resolution_time\.hours"):
        resolution_time(friday_to_monday(make_log), hours=hours)


def test_weekdays_need_a_date_and_staffed_hours_need_staffing(make_log):
    log = make_log([{"offered": 0.0, "answered": 5.0, "ended": 9.0}])
    with pytest.raises(MetricUnavailable, match="no origin"):
        resolution_time(log, hours=OFFICE)
    assert resolution_time(log, hours="all 00:00-24:00").value == 9.0
    with pytest.raises(MetricUnavailable, match=r"staffing\.start"):
        resolution_time(log, hours="staffed")


@given(
    ends=st.lists(st.tuples(st.integers(0, 12_000), st.integers(0, 12_000)), min_size=1, max_size=3),
    day=st.integers(5, 12),
)
@settings(max_examples=20, deadline=None)
def test_stated_hours_are_those_of_a_loop_over_minutes(make_log, ends, day):
    origin = datetime(2026, 1, day, 7, 30)
    log = make_log(meta={"origin": origin.isoformat()})
    begin, end = (np.array([60.0 * pick(pair) for pair in ends]) for pick in (min, max))
    hours = "mon-fri 09:00-17:00, sat 10:00-14:00, fri 16:00-20:00"
    found = time_between(log, begin, end, hours=hours, name="x", replication=np.zeros(len(ends), dtype=int))

    def is_open(at):
        hour = at.hour + at.minute / 60
        late = at.weekday() == 4 and 16 <= hour < 20
        return late or (at.weekday() < 5 and 9 <= hour < 17) or (at.weekday() == 5 and 10 <= hour < 14)

    for pair, seconds in zip(ends, found, strict=True):
        assert seconds == 60.0 * sum(is_open(origin + timedelta(minutes=m)) for m in range(min(pair), max(pair)))


def open_seconds(staffing, replication, begin, end):
    """Seconds in [begin, end) in which some agent of the replication is at work."""
    edges = sorted({begin, end, *(x for row in staffing for x in (row["start"], row["end"]) if begin < x < end)})
    there = [r for r in staffing if r["replication"] == replication and r["kind"] in (AVAILABLE, OVERTIME)]
    cuts = itertools.pairwise(edges)
    return sum(b - a for a, b in cuts if any(r["start"] <= a and b <= r["end"] for r in there))


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_business_times_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    staffing, rows = rows_of(log.staffing), rows_of(log.touchpoints)
    first, contacts, cases, done = {}, {}, {}, {}
    for row in sorted(rows, key=lambda row: row["touch"]):
        case = (row["replication"], row["case"])
        contact = (*case, row["contact"])
        contacts.setdefault(contact, row)
        if row["staffed"] and not row["chaser"]:
            first.setdefault(contact, row)
        cases[case] = min(cases.get(case, math.inf), row["offered"])
        if row["outcome"] == RESOLVED:
            done[case] = max(done.get(case, -math.inf), row["ended"])
    tickets = {key: row for key, row in first.items() if row["deferred"]}
    got = {key: row for key, row in tickets.items() if not math.isnan(row["answered"])}
    assert no_response_rate(log) == (len(tickets) - len(got), len(tickets), len(tickets))
    replies = sum(open_seconds(staffing, row["replication"], row["offered"], row["answered"]) for row in got.values())
    assert first_response_time(log, hours="staffed")[:2] == pytest.approx((replies, len(got)))
    since = sum(row["answered"] - contacts[key]["offered"] for key, row in got.items())
    assert first_response_time(log, since="contact") == (since, len(got), len(got))
    closed = {
        (r["replication"], r["case"], r["contact"])
        for r in rows
        if r["deferred"] and r["staffed"] and not r["chaser"] and r["outcome"] == RESOLVED
    }
    assert first_response_time(log, over="resolved")[1] == len(closed)
    took = sum(open_seconds(staffing, case[0], cases[case], end) for case, end in done.items())
    assert resolution_time(log, hours="staffed")[:2] == pytest.approx((took, len(done)))


def test_waiting_for_the_customer_is_not_the_requesters_wait(make_log):
    case = {"case": 1}
    log = make_log(
        [
            {**case, "offered": 0.0, "answered": 10.0, "ended": 100.0, "outcome": UNRESOLVED},
            {
                **case,
                "contact": 1,
                "offered": 90.0,
                "answered": 95.0,
                "ended": 120.0,
                "chaser": True,
                "outcome": UNRESOLVED,
            },
            {**case, "contact": 2, "offered": 5000.0, "answered": 5010.0, "ended": 5100.0},
            {**case, "contact": 3, "offered": 9000.0, "ended": 9500.0},
        ]
    )
    assert requester_wait(log) == (220.0, 1.0, 1)
    assert resolution_time(log).value == 5100.0


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_requester_wait_is_that_of_a_loop_over_pieces_of_time(random_log, rows_of, seed):
    log = random_log(seed, n_cases=6, replications=1)
    cases = defaultdict(list)
    for row in rows_of(log.touchpoints):
        cases[row["case"]].append(row)
    total = n = 0
    for rows in cases.values():
        ends = [row["ended"] for row in rows if row["outcome"] == RESOLVED]
        if ends:
            n += 1
            close = max(ends)
            pieces = [(r["offered"], close if math.isnan(r["ended"]) else min(r["ended"], close)) for r in rows]
            edges = sorted({edge for piece in pieces for edge in piece if edge <= close})
            total += sum(b - a for a, b in itertools.pairwise(edges) if any(o <= a and b <= e for o, e in pieces))
    assert requester_wait(log) == (total, n, n)
