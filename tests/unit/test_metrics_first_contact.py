"""The further definitions of first contact resolution and of levels, against loops over cases and small stories."""

import math
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.columns import COLD, RESOLVED, UNRESOLVED, WARM
from cxsim.errors import MetricUnavailable
from cxsim.metrics.first_contact import first_contact_resolution
from cxsim.metrics.levels import escalation_rate, first_level_resolution, level_1_capable_resolved_above
from cxsim.metrics.measure import measure

SEEDS = st.integers(0, 100_000)
DAY = 86400.0
SIMULATED = {"horizon": 30 * DAY}
EMAIL, WEB = 2, 3


def call(day, **about):
    return {"offered": day * DAY, "answered": day * DAY + 5, "ended": day * DAY + 300, **about}


def cases_of(rows):
    """Rows of each case, in order of contact and touch."""
    found = defaultdict(list)
    for row in rows:
        found[row["replication"], row["case"]].append(row)
    return [sorted(mine, key=lambda row: (row["contact"], row["touch"])) for mine in found.values()]


def there(row):
    return row["staffed"] and not row["chaser"] and not math.isnan(row["answered"])


def test_what_level_1_cannot_resolve_is_in_gross_and_not_in_net(make_log):
    # Eight passwords, six resolved at once; two hardware repairs (type 1), which never are.
    rows = [call(0, case=k, outcome=RESOLVED if k < 6 else UNRESOLVED) for k in range(8)]
    rows += [call(0, case=k, contact_type=1, outcome=UNRESOLVED) for k in (8, 9)]
    log = make_log(rows, meta=SIMULATED)
    assert first_contact_resolution(log).value == 0.6
    assert first_contact_resolution(log, variant="net").value == 0.75
    assert first_contact_resolution(log, variant="net", beyond="incident").value == 0.75
    assert first_contact_resolution(log, variant="net", beyond="password") == (0.0, 2.0, 2)
    by_type = measure(log, "fcr:net", by="contact_type").set_index("group")
    assert math.isnan(by_type.value["incident"])
    with pytest.raises(MetricUnavailable, match=r"resolution:net\.beyond: hardware; one of password"):
        first_contact_resolution(log, variant="net", beyond="hardware")


def test_a_cold_transfer_disqualifies_where_a_warm_one_does_not(make_log):
    legs = [call(0, case=k, outcome=UNRESOLVED, transfer_kind=kind) for k, kind in ((1, COLD), (2, WARM))]
    rows = [*legs, *(call(0.1, case=k, touch=1) for k in (1, 2)), call(0, case=3)]
    log = make_log(rows, meta=SIMULATED)
    found = [first_contact_resolution(log, transfers=rule).numerator for rule in ("allow", "warm", "disqualify")]
    assert found == [3.0, 2.0, 1.0]


def test_an_email_answered_within_an_hour_of_business_counts_as_first_contact(make_log):
    mail = {"channel": EMAIL, "deferred": True}
    night = {"offered": 20 * 3600.0, "answered": DAY + 8.5 * 3600.0, "ended": DAY + 9.5 * 3600.0}
    rows = [{**mail, **night}, {**mail, **night, "ended": DAY + 10.5 * 3600.0}, call(0)]
    staffing = [{"start": d * DAY + 9 * 3600.0, "end": d * DAY + 17 * 3600.0, "kind": 0} for d in (0, 1)]
    log = make_log(rows, staffing=staffing, meta=SIMULATED)
    assert first_contact_resolution(log, variant="email_one_hour") == (1.0, 2.0, 2)
    assert first_contact_resolution(log, variant="email_one_hour", hours="calendar") == (0.0, 2.0, 2)


@given(seed=SEEDS)
def test_definitions_by_case_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    cases = cases_of(rows_of(log.touchpoints))
    first_hits, handled, one_touch, one_interaction, tickets = [], [], 0, 0, 0
    warm_hits = mails = quick = 0
    for rows in cases:
        contacts = defaultdict(list)
        for row in rows:
            contacts[row["contact"]].append(row)
        got = [[row for row in mine if there(row)] for mine in contacts.values()]
        got = [mine for mine in got if mine]
        first = bool(got) and any(row["outcome"] == RESOLVED for row in got[0])
        warm_hits += first and not any(row["transfer_kind"] == COLD for row in got[0])
        first_hits.append((rows[0]["contact_type"], first))
        handled.append((rows[0]["contact_type"], len(got)))
        solved = [row["ended"] for row in rows if row["outcome"] == RESOLVED]
        if solved and any(row["deferred"] and there(row) for row in rows):
            tickets += 1
            one_touch += sum(there(row) for row in rows) == 1
            one_interaction += len(contacts) == 1
        if rows[0]["channel"] in (EMAIL, WEB) and any(row["staffed"] and not row["chaser"] for row in rows):
            mails += 1
            quick += bool(solved) and max(solved) - min(row["offered"] for row in rows) <= 900.0
    can = {kind for kind, hit in first_hits if hit}
    n = sum(count for kind, count in handled if kind in can)
    assert first_contact_resolution(log, variant="net") == (sum(hit for _, hit in first_hits), n, n)
    assert first_contact_resolution(log, transfers="warm")[0] == warm_hits
    assert first_contact_resolution(log, variant="one_touch") == (one_touch, tickets, tickets)
    assert first_contact_resolution(log, variant="one_interaction") == (one_interaction, tickets, tickets)
    found = first_contact_resolution(log, variant="email_one_hour", within=900.0, hours="calendar")
    assert found == (quick, mails, mails)


def test_level_1_could_have_closed_what_it_mostly_closes(make_log):
    # Passwords: three closed at level 1, one above. Incidents: one at level 1, two above.
    level_1 = [call(0, case=k, contact_type=int(k == 3)) for k in range(4)]
    up = [(4, 0), (5, 1), (6, 1)]
    legs = [call(0, case=k, contact_type=kind, outcome=UNRESOLVED, transfer_kind=WARM) for k, kind in up]
    above = [{**call(0.1, case=k, contact_type=kind, touch=1), "touchpoint": 3} for k, kind in up]
    log = make_log([*level_1, *legs, *above], meta=SIMULATED)
    assert escalation_rate(log).value == 3 / 7
    assert first_level_resolution(log) == (4.0, 7.0, 7)
    assert level_1_capable_resolved_above(log) == (1.0, 3.0, 3)
    assert level_1_capable_resolved_above(log, capable=0.3) == (3.0, 3.0, 3)
    assert first_level_resolution(log, variant="net", beyond="incident") == (3.0, 4.0, 4)


@given(seed=SEEDS, capable=st.sampled_from([0.1, 0.3, 0.5]))
def test_levels_are_those_of_a_plain_loop(random_log, rows_of, seed, capable):
    log = random_log(seed)
    seen = []
    for rows in cases_of(rows_of(log.touchpoints)):
        people = up = False
        for contact in {row["contact"] for row in rows}:
            legs = [row for row in rows if row["contact"] == contact]
            asked = [k for k, row in enumerate(legs) if row["staffed"] and not row["chaser"]]
            people |= bool(asked)
            up |= bool(asked) and any(r["touchpoint"] != legs[asked[0]]["touchpoint"] for r in legs[asked[0] + 1 :])
        if people:
            seen.append((rows[0]["contact_type"], any(row["outcome"] == RESOLVED for row in rows), up))
    closed = [kind for kind, done, up in seen if done and not up]
    assert first_level_resolution(log) == (len(closed), len(seen), len(seen))
    n = sum(kind in closed for kind, *_ in seen)
    assert first_level_resolution(log, variant="net") == (len(closed), n, n)
    able = {k for k in (0, 1) if closed.count(k) >= capable * max(sum(kind == k for kind, *_ in seen), 1)}
    above = [kind for kind, done, up in seen if done and up]
    found = level_1_capable_resolved_above(log, capable=capable)
    assert found == (sum(kind in able for kind in above), len(above), len(above))
