"""Machines, effort, reopened cases and promises: small stories, and loops over cases."""

import itertools
import math
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.columns import ABANDONED, COLD, RESOLVED, UNFINISHED, UNRESOLVED, WARM
from cxsim.errors import MetricUnavailable
from cxsim.metrics.efforts import effort_events, multi_channel_rate
from cxsim.metrics.reopens import promises_kept, reopen_rate, reopens_per_case
from cxsim.metrics.self_service import (
    automated_resolution,
    containment_rate,
    deflection_rate,
    leakage,
    self_service_resolution,
    self_service_score,
)

SEEDS = st.integers(0, 100_000)
HOUR, DAY = 3600.0, 86400.0
SIMULATED = {"horizon": 30 * DAY}


def portal(at, **about):
    return {"offered": at, "answered": at, "ended": at + 60, "staffed": False, "channel": 3, "touchpoint": 0, **about}


def call(at, **about):
    return {"offered": at, "answered": at + 5, "ended": at + 300, **about}


@pytest.fixture(scope="module")
def four_visits(make_log):
    """Resolved in the portal; gave up there; called two hours later; passed on at once."""
    rows = [
        portal(0.0, case=1),
        portal(0.0, case=2, outcome=ABANDONED),
        portal(0.0, case=3, outcome=UNRESOLVED),
        call(2 * HOUR, case=3, contact=1),
        portal(0.0, case=4, outcome=UNRESOLVED, transfer_kind=COLD),
        call(60.0, case=4, touch=1),
        call(0.0, case=5),
    ]
    return make_log(rows, meta=SIMULATED)


def test_three_rungs_of_one_ladder_have_three_values(four_visits):
    assert containment_rate(four_visits) == (3.0, 4.0, 4)
    assert deflection_rate(four_visits) == (2.0, 4.0, 4)
    assert deflection_rate(four_visits, hours=1.0) == (3.0, 4.0, 4)
    assert automated_resolution(four_visits) == (1.0, 4.0, 4)
    assert self_service_resolution(four_visits) == (1.0, 5.0, 5)
    assert leakage(four_visits) == (2.0, 4.0, 4)
    assert self_service_score(four_visits) == (4.0, 3.0, 7)


def test_of_the_last_hours_of_a_real_log_nobody_knows_who_calls_next(four_visits):
    assert deflection_rate(four_visits.with_tables(meta={}), hours=1.0) == (3.0, 4.0, 4)
    assert deflection_rate(four_visits.with_tables(meta={})) == (0.0, 0.0, 0)


def cases_of(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["replication"], row["case"]].append(row)
    return [sorted(mine, key=lambda row: (row["contact"], row["touch"])) for mine in found.values()]


def people(row):
    return row["staffed"] and not row["chaser"]


@given(seed=SEEDS)
def test_machines_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    cases = cases_of(rows_of(log.touchpoints))
    sessions = contained = deflected = solved = alone = mixed = touched = 0
    for rows in cases:
        done = any(row["outcome"] == RESOLVED for row in rows)
        alone += done and not any(people(row) for row in rows)
        touched += any(not row["staffed"] for row in rows)
        mixed += any(not row["staffed"] for row in rows) and any(people(row) for row in rows)
        for contact in {row["contact"] for row in rows}:
            legs = [row for row in rows if row["contact"] == contact]
            if legs[0]["staffed"] or legs[0]["chaser"]:
                continue
            sessions += 1
            inside = any(people(row) for row in legs)
            contained += not inside
            solved += not inside and any(row["truly_resolved"] and not row["staffed"] for row in legs)
            later = [row["offered"] for row in rows if people(row) and row["contact"] >= contact]
            deflected += not later or later[0] - legs[0]["offered"] > DAY
    n = len(cases)
    assert containment_rate(log) == (contained, sessions, sessions)
    assert automated_resolution(log) == (solved, sessions, sessions)
    assert deflection_rate(log) == (deflected, sessions, sessions)
    assert deflection_rate(log, variant="of_all") == self_service_resolution(log) == (alone, n, n)
    assert leakage(log) == (mixed, touched, touched)
    rows = [row for row in rows_of(log.touchpoints) if row["customer"] >= 0]
    users = {(row["replication"], row["customer"]) for row in rows if not row["staffed"]}
    filed = {(row["replication"], row["customer"]) for row in rows if people(row)}
    assert self_service_score(log)[:2] == (len(users), len(filed))


@given(seed=SEEDS)
def test_effort_is_that_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    cases = cases_of(rows_of(log.touchpoints))
    switches = repeats = transfers = retold = several = 0
    for rows in cases:
        mine = [row for row in rows if not row["chaser"]]
        moves = sum(a["channel"] != b["channel"] for a, b in itertools.pairwise(mine))
        switches += moves
        several += moves > 0
        repeats += max(len({row["contact"] for row in mine}) - 1, 0)
        transfers += sum(row["transfer_kind"] in (COLD, WARM) for row in mine)
        retold += sum(row["reinfo"] for row in mine)
    n = len(cases)
    assert effort_events(log, variant="switches") == (switches, n, n)
    assert effort_events(log, variant="repeats") == (repeats, n, n)
    assert effort_events(log, variant="transfers") == (transfers, n, n)
    assert effort_events(log, variant="retold") == (retold, n, n)
    assert effort_events(log) == (switches + repeats + transfers, n, n)
    assert multi_channel_rate(log) == (several, n, n)


def test_a_case_is_reopened_by_a_contact_after_it_was_closed_and_not_by_a_chaser(make_log):
    rows = [
        *(call(k * HOUR, case=1, contact=k) for k in range(3)),
        call(0.0, case=2),
        call(HOUR, case=2, contact=1, chaser=True, outcome=UNRESOLVED),
        call(0.0, case=3, outcome=UNRESOLVED),
        call(HOUR, case=3, contact=1),
    ]
    log = make_log(rows, meta=SIMULATED)
    assert reopen_rate(log) == (1.0, 3.0, 3)
    assert reopens_per_case(log) == (2.0, 3.0, 3)


@given(seed=SEEDS)
def test_reopened_cases_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    again, resolved = [], 0
    for rows in cases_of(rows_of(log.touchpoints)):
        last = max((row["contact"] for row in rows if not row["chaser"]), default=-1)
        closed = {row["contact"] for row in rows if row["outcome"] == RESOLVED}
        resolved += bool(closed)
        again.append(sum(contact < last for contact in closed))
    assert reopen_rate(log) == (sum(n > 0 for n in again), resolved, resolved)
    assert reopens_per_case(log) == (sum(again), resolved, resolved)


def test_an_export_may_count_reopenings_and_kept_promises_itself(make_log):
    facts = {"reopen_count": [0, 2, None], "made_sla": [True, False, True]}
    log = make_log([call(0.0, case=k) for k in range(3)], meta={"cases": facts})
    assert reopen_rate(log, evidence="recorded") == (1.0, 2.0, 2)
    assert reopens_per_case(log, evidence="recorded") == (2.0, 2.0, 2)
    assert promises_kept(log, target="recorded") == (2.0, 3.0, 3)
    with pytest.raises(MetricUnavailable, match="reopen_rate:recorded: this log keeps no reopen_count"):
        reopen_rate(make_log([call(0.0)]), evidence="recorded")


def test_a_promise_beyond_the_end_of_the_log_is_not_decided(make_log):
    ticket = {"deferred": True, "promise": 100.0}
    waiting = {"outcome": UNFINISHED, "ended": math.nan}
    log = make_log(
        [
            {**ticket, "answered": 90.0, "ended": 150.0},
            {**ticket, "answered": 110.0, "ended": 150.0},
            {**ticket, **waiting},
            {**ticket, **waiting, "promise": 500.0},
            call(0.0),
        ]
    )
    assert promises_kept(log) == (1.0, 3.0, 3)
    assert promises_kept(log, target="resolution") == (0.0, 3.0, 3)


@given(seed=SEEDS)
def test_promises_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    cases = cases_of(rows_of(log.touchpoints))
    known = [row[name] for rows in cases for row in rows for name in ("offered", "answered", "ended")]
    end = max(instant for instant in known if not math.isnan(instant))
    kept = n = solved = of = 0
    for rows in cases:
        mine = [row for row in rows if people(row) and not math.isnan(row["promise"])]
        if not mine:
            continue
        if not any(math.isnan(row["answered"]) and row["promise"] > end for row in mine):
            n += 1
            kept += all(row["answered"] <= row["promise"] for row in mine)
        by = min(row["promise"] for row in mine)
        done = max((row["ended"] for row in rows if row["outcome"] == RESOLVED), default=math.inf)
        if done < math.inf or by <= end:
            of += 1
            solved += done <= by
    assert promises_kept(log) == (kept, n, n)
    assert promises_kept(log, target="resolution") == (solved, of, of)
