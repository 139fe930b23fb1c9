"""Handle time, response and resolution time, backlog and load against loops and published examples."""

import math
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.columns import CLOSED, RESOLVED, UNKNOWN, UNRESOLVED
from cxsim.errors import MetricUnavailable
from cxsim.metrics.handling import after_call_work, average_handle_time, hold_time, talk_time
from cxsim.metrics.measure import measure
from cxsim.metrics.response import first_response_time, resolution_time
from cxsim.metrics.workload import (
    backlog,
    backlog_age,
    backlog_ratio,
    contacts_handled,
    contacts_offered,
    days_of_backlog,
    net_flow,
    offered_load,
)

SEEDS = st.integers(0, 100_000)
HOUR, DAY = 3600.0, 86400.0


def test_a_transferred_contact_has_two_legs_and_one_handle_time(make_log):
    first = {"case": 1, "answered": 10.0, "ended": 110.0, "wrapped": 120.0, "held": 30.0}
    second = {"case": 1, "touch": 1, "offered": 110.0, "answered": 150.0, "ended": 350.0, "wrapped": 400.0}
    log = make_log([first, second])
    assert average_handle_time(log) == (360.0, 2.0, 2)
    assert average_handle_time(log, per="contact") == (360.0, 1.0, 1)
    assert talk_time(log).value == 150.0
    assert hold_time(log).value == 15.0
    assert after_call_work(log).value == 30.0


def test_two_chats_at_once_are_two_chats_and_one_effort(make_log):
    chats = [{"answered": 0.0, "ended": 600.0}, {"answered": 300.0, "ended": 900.0}]
    assert average_handle_time(make_log(chats)).value == 600.0
    assert average_handle_time(make_log(chats), per="effort") == (900.0, 2.0, 2)


def test_time_laid_aside_is_not_handle_time(make_log):
    row = {"deferred": True, "answered": 10.0, "ended": 110.0, "wrapped": 120.0}
    assert average_handle_time(make_log([{**row, "paused": 60.0}])).value == 50.0
    assert average_handle_time(make_log([{**row, "paused": 0.0}])) == average_handle_time(make_log([row]))


def test_opened_friday_and_closed_monday_is_66_hours_of_the_calendar(make_log):
    friday, monday = 4 * DAY + 16 * HOUR, 7 * DAY + 10 * HOUR
    log = make_log([{"offered": friday, "answered": monday - 60, "ended": monday}])
    assert resolution_time(log).value == 66 * HOUR


def test_a_reopened_case_is_resolved_when_it_is_resolved_for_good(make_log):
    log = make_log(
        [
            {"case": 1, "offered": 0.0, "answered": 10.0, "ended": 100.0},
            {"case": 1, "contact": 1, "offered": 500.0, "answered": 510.0, "ended": 600.0},
            {"case": 2, "offered": 0.0, "answered": 10.0, "ended": 50.0, "outcome": UNRESOLVED},
        ]
    )
    assert resolution_time(log) == (600.0, 1.0, 1)
    assert resolution_time(log, resolution="first") == (100.0, 1.0, 1)


def test_a_log_that_does_not_know_how_contacts_ended_has_no_resolution_time(make_log):
    log = make_log([{"answered": 1.0, "ended": 9.0, "outcome": UNKNOWN}])
    with pytest.raises(MetricUnavailable, match="does not say how answered contacts ended"):
        resolution_time(log)


def test_ten_open_on_two_hundred_a_day_is_five_percent(make_log):
    quick = [{"offered": 100.0 * k, "answered": 100.0 * k, "ended": 100.0 * k + 60} for k in range(190)]
    slow = [{"offered": 100.0 * k, "answered": 90_000.0, "ended": 90_060.0} for k in range(10)]
    log = make_log(quick + slow, meta={"horizon": DAY})
    assert backlog(log).value == 10.0
    assert backlog_ratio(log).value == 0.05


def test_work_begun_before_the_window_is_still_open_in_it(make_log):
    log = make_log([{"offered": 10.0, "answered": 2.5 * DAY, "ended": 2.6 * DAY}], meta={"horizon": 3 * DAY})
    assert measure(log, "backlog").value[0] == pytest.approx(2 / 3)
    assert measure(log, "backlog", window=(DAY, 2 * DAY)).value[0] == 1.0
    assert measure(log, "backlog", window=("08:00", "18:00"), by="day").value.tolist() == [1.0, 1.0, 0.0]


def test_a_ticket_is_answered_by_its_first_person_and_chasers_do_not_count(make_log):
    ticket = {"case": 1, "deferred": True, "touchpoint": 2}
    log = make_log(
        [
            {"case": 1, "staffed": False, "answered": 0.0, "ended": 30.0, "touchpoint": 0},
            {**ticket, "touch": 1, "offered": 30.0, "answered": 1030.0, "ended": 1100.0},
            {**ticket, "touch": 2, "offered": 1100.0, "answered": 9000.0, "ended": 9100.0},
            {**ticket, "contact": 1, "offered": 500.0, "answered": 510.0, "ended": 520.0, "chaser": True},
            {"case": 2, "deferred": True, "offered": 7.0, "ended": math.nan, "outcome": 6},
        ]
    )
    assert first_response_time(log) == (1000.0, 1.0, 1)
    by_place = measure(log, "first_response_time", by="touchpoint").set_index("group")
    assert by_place.numerator["ticket"] == 1000.0


def test_offered_load_is_arrival_rate_times_handle_time(make_log):
    # 60 calls an hour of 180 s handle time are 3 erlang, whether or not all of them are answered.
    rows = [
        {"offered": 60.0 * k, **({"answered": 60.0 * k, "ended": 60.0 * k + 180} if k % 3 else {})} for k in range(60)
    ]
    assert offered_load(make_log(rows, meta={"horizon": HOUR})).value == pytest.approx(3.0)


@given(seed=SEEDS)
def test_times_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    talk, wrap, hold, legs, contacts = 0.0, 0.0, 0.0, 0, set()
    first_staffed, cases = {}, defaultdict(list)
    for row in rows_of(log.touchpoints):
        cases[row["replication"], row["case"]].append(row)
        contact = (row["replication"], row["case"], row["contact"])
        if row["staffed"] and not row["chaser"]:
            earliest = first_staffed.get(contact)
            if earliest is None or row["touch"] < earliest["touch"]:
                first_staffed[contact] = row
        if row["staffed"] and not math.isnan(row["answered"]):
            talk += row["ended"] - row["answered"]
            wrap += row["wrapped"] - row["ended"]
            hold += row["held"]
            legs += 1
            contacts.add(contact)
    assert talk_time(log) == (talk, legs, legs)
    assert after_call_work(log) == (wrap, legs, legs)
    assert hold_time(log) == (hold, legs, legs)
    assert average_handle_time(log) == (talk + wrap, legs, legs)
    assert average_handle_time(log, per="contact") == (talk + wrap, len(contacts), len(contacts))
    replies = [
        row["answered"] - row["offered"]
        for row in first_staffed.values()
        if row["deferred"] and not math.isnan(row["answered"])
    ]
    assert first_response_time(log) == (sum(replies), len(replies), len(replies))
    resolved = []
    for rows in cases.values():
        ends = [row["ended"] for row in rows if row["outcome"] == RESOLVED]
        if ends:
            resolved.append(max(ends) - min(row["offered"] for row in rows))
    assert resolution_time(log) == (sum(resolved), len(resolved), len(resolved))
    assert sorted(resolution_time(log, p=0.5).values) == sorted(resolved)


@given(seed=SEEDS)
def test_backlog_and_counts_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed, days=3)
    cases, offered, handled = defaultdict(list), 0, 0
    for row in rows_of(log.touchpoints):
        cases[row["replication"], row["case"]].append(row)
        inside = row["offered"] < 3 * DAY
        shut = row["outcome"] == 3 or (row["outcome"] == CLOSED and row["ended"] == row["offered"])
        offered += inside and row["staffed"] and not row["deferred"] and not row["chaser"] and not shut
        handled += inside and row["staffed"] and not math.isnan(row["answered"])
    waiting = begun = closed = old = 0
    ages = []
    for rows in cases.values():
        begin = min(row["offered"] for row in rows)
        end = math.inf if any(math.isnan(row["ended"]) for row in rows) else max(row["ended"] for row in rows)
        waiting += sum(begin < day * DAY <= end for day in (1, 2, 3))
        ages += [day - begin / DAY for day in (1, 2, 3) if begin < day * DAY <= end]
        old += sum(begin < day * DAY - DAY and day * DAY <= end for day in (1, 2, 3))
        begun += begin < 3 * DAY
        closed += end < 3 * DAY
    assert backlog(log) == (waiting, 6, 6)
    assert backlog_ratio(log) == (waiting, begun, begun)
    assert days_of_backlog(log) == (waiting, closed, closed)
    assert net_flow(log) == (begun - closed, 6, begun + closed)
    assert backlog_age(log, days=1.0) == (old, waiting, waiting)
    assert backlog_age(log, variant="mean")[0] == pytest.approx(sum(ages))
    table = measure(log, ["contacts_offered", "contacts_handled", "cases_begun"])
    assert table.value.tolist() == [offered / 6, handled / 6, begun / 6]


def test_a_day_counts_once_however_little_of_it_is_looked_at(make_log):
    log = make_log([{"offered": 9 * HOUR, "answered": 9 * HOUR, "ended": 10 * HOUR}] * 6, meta={"horizon": 2 * DAY})
    assert contacts_offered(log).value == 3.0
    assert contacts_handled(log).value == 3.0
    assert measure(log, "contacts_offered", window=("08:00", "12:00")).value[0] == 3.0
