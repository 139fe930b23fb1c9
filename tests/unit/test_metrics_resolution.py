"""First contact resolution in all its variants, repeats and transfers, against loops and published relations."""

import math
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.contacts.columns import COLD, RESOLVED, UNKNOWN, UNRESOLVED, WARM
from cxsim.errors import MetricUnavailable
from cxsim.metrics.first_contact import first_contact_resolution
from cxsim.metrics.levels import escalation_rate
from cxsim.metrics.measure import measure
from cxsim.metrics.resolution import (
    contacts_per_case,
    repeat_contact_rate,
    resolution_rate,
    unresolved_rate,
)
from cxsim.metrics.transfers import transfer_rate, transfers_per_contact

SEEDS = st.integers(0, 100_000)
DAY = 86400.0
SIMULATED = {"horizon": 30 * DAY}


def call(day, **about):
    return {"offered": day * DAY, "answered": day * DAY + 5, "ended": day * DAY + 300, **about}


def test_one_reality_two_denominators(make_log):
    # Of 1000 cases each contact resolves 70 %: 700 take one contact, 210 two, 63 three, 27 four.
    rows = []
    for case in range(1000):
        n = 1 + (case >= 700) + (case >= 910) + (case >= 973)
        rows += [call(k, case=case, contact=k, outcome=RESOLVED if k == n - 1 else UNRESOLVED) for k in range(n)]
    log = make_log(rows, meta=SIMULATED)
    per_case = first_contact_resolution(log, variant="per_case").value
    per_contact = first_contact_resolution(log).value
    assert per_case == 0.70
    assert per_contact == pytest.approx(0.70**2, abs=0.005)  # p squared, with the last cases cut off at four contacts
    assert contacts_per_case(log).value == pytest.approx(1 / 0.70, abs=0.02)
    assert repeat_contact_rate(log, variant="same_case").value == pytest.approx(1 - 0.70, abs=0.01)


def test_a_customer_who_comes_back_within_the_week_was_not_resolved(make_log):
    log = make_log([call(0, customer=1), call(5, customer=1), call(0, customer=2), call(9, customer=2)], meta=SIMULATED)
    # Customer 1 repeats, so one first contact that failed; customer 2 has two first contacts, 9 days apart.
    assert first_contact_resolution(log, variant="no_repeat", days=7) == (2.0, 3.0, 3)
    assert first_contact_resolution(log, variant="no_repeat", days=4) == (4.0, 4.0, 4)
    assert repeat_contact_rate(log, days=7) == (1.0, 4.0, 4)


def test_another_reason_is_not_a_repeat(make_log):
    log = make_log([call(0, customer=1), call(1, customer=1, contact_type=1)], meta=SIMULATED)
    assert first_contact_resolution(log, variant="no_repeat").value == 1.0


def test_another_channel_is_a_repeat_unless_channels_are_looked_at_apart(make_log):
    log = make_log([call(0, customer=1), call(1, customer=1, channel=1)], meta=SIMULATED)
    assert first_contact_resolution(log, variant="no_repeat") == (0.0, 1.0, 1)
    assert first_contact_resolution(log, variant="no_repeat", channels="same") == (2.0, 2.0, 2)
    # Grouped by channel the repeat lies in the other group, and is still seen.
    table = measure(log, "fcr:no_repeat", by="channel").set_index("group")
    assert table.value["voice"] == 0.0
    assert table.n["chat"] == 0


def test_the_last_days_of_a_real_log_are_censored(make_log):
    rows = [call(0, customer=1), call(20, customer=2), call(28, customer=3)]
    assert first_contact_resolution(make_log(rows), variant="no_repeat") == (2.0, 2.0, 2)
    assert first_contact_resolution(make_log(rows, meta=SIMULATED), variant="no_repeat") == (3.0, 3.0, 3)
    # In the same way nobody knows whether the first days repeat something.
    assert repeat_contact_rate(make_log(rows)) == (0.0, 2.0, 2)


def test_nobody_identified_gives_no_value(make_log):
    log = make_log([call(0, customer=-1)], meta=SIMULATED)
    assert math.isnan(first_contact_resolution(log, variant="no_repeat").value)


def test_a_transfer_disqualifies_where_that_is_the_rule(make_log):
    passed_on = [
        call(0, case=1, outcome=UNRESOLVED, transfer_kind=COLD),
        {**call(0.01, case=1, touch=1), "touchpoint": 3},
        call(0, case=2),
    ]
    log = make_log(passed_on, meta=SIMULATED)
    assert first_contact_resolution(log).value == 1.0
    assert first_contact_resolution(log, transfers="disqualify").value == 0.5


def test_a_failed_machine_counts_only_where_machines_are_contacts(make_log):
    portal = {"case": 1, "staffed": False, "answered": 0.0, "ended": 60.0, "outcome": UNRESOLVED}
    log = make_log([portal, call(1, case=1, contact=1)], meta=SIMULATED)
    assert first_contact_resolution(log, variant="per_case").value == 1.0
    assert first_contact_resolution(log, variant="per_case", touchpoints="all").value == 0.0


def test_fifteen_of_five_hundred_escalated_is_three_percent(make_log):
    rows = [call(0, case=case, transfer_kind=WARM if case < 15 else 0) for case in range(500)]
    rows += [{**call(0.01, case=case, touch=1), "touchpoint": 3} for case in range(15)]
    rows += [
        {**call(0.01, case=case, contact=1), "touchpoint": 3} for case in range(100, 120)
    ]  # called again by itself
    log = make_log(rows, meta=SIMULATED)
    assert escalation_rate(log) == (15.0, 500.0, 500)
    assert transfer_rate(log) == (15.0, 520.0, 520)
    assert transfer_rate(log, transfer="cold").value == 0.0


def test_unknown_outcomes_are_left_out_and_a_log_of_them_is_refused(make_log):
    log = make_log([call(0), call(0, outcome=UNKNOWN)], meta=SIMULATED)
    assert resolution_rate(log) == (1.0, 1.0, 1)
    assert first_contact_resolution(log) == (1.0, 1.0, 1)
    with pytest.raises(MetricUnavailable, match="first_contact_resolution: this log does not say"):
        first_contact_resolution(make_log([call(0, outcome=UNKNOWN)]))


def test_those_nobody_answered_do_not_speak_for_the_answered(make_log):
    gone_in_the_menu = {"staffed": False, "answered": 0.0, "ended": 9.0, "outcome": UNRESOLVED}
    log = make_log([call(0, outcome=UNKNOWN), gone_in_the_menu, {"ended": 60.0}])
    with pytest.raises(MetricUnavailable, match="does not say how answered contacts ended"):
        resolution_rate(log)


def contacts_in(rows, *, people):
    """Contacts of identified customers, chasers apart: start, customer and type, channel, handled."""
    legs = defaultdict(list)
    for row in rows:
        if row["customer"] >= 0 and not row["chaser"] and (row["staffed"] or not people):
            legs[row["replication"], row["case"], row["contact"]].append(row)
    found = []
    for rows_of_contact in legs.values():
        first = min(rows_of_contact, key=lambda row: row["touch"])
        handled = any(not math.isnan(row["answered"]) for row in rows_of_contact)
        about = (first["replication"], first["customer"], first["contact_type"])
        found.append((first["offered"], about, first["channel"], handled))
    return found


@given(seed=SEEDS, days=st.sampled_from([0.5, 7.0]), same=st.booleans())
@settings(max_examples=60)
def test_no_repeat_is_that_of_a_plain_loop(random_log, rows_of, seed, days, same):
    log = random_log(seed, n_cases=12)
    contacts = contacts_in(rows_of(log.touchpoints), people=True)
    if len({(start, about) for start, about, *_ in contacts}) < len(contacts):
        return  # which of two contacts at one instant came first is anybody's choice
    hits = n = 0
    for start, about, channel, handled in contacts:
        others = [c for c in contacts if c[1] == about and (not same or c[2] == channel)]
        seen_before = any(c[3] and 0 < start - c[0] <= days * DAY for c in others)
        if handled and not seen_before:
            n += 1
            hits += not any(0 < c[0] - start <= days * DAY for c in others)
    channels = "same" if same else "any"
    found = first_contact_resolution(log, variant="no_repeat", days=days, channels=channels)
    assert found == (hits, n, n)


@given(seed=SEEDS)
def test_cases_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    cases = defaultdict(lambda: defaultdict(list))
    for row in rows_of(log.touchpoints):
        cases[row["replication"], row["case"]][row["contact"]].append(row)
    with_people = handled_contacts = once = gross = believed = true = escalated = passed_on = moves = 0
    for contacts in cases.values():
        every = [row for rows in contacts.values() for row in rows]
        believed += any(row["outcome"] == RESOLVED for row in every)
        true += any(row["truly_resolved"] for row in every)
        with_people += any(row["staffed"] and not row["chaser"] for row in every)
        handled = []
        for number in sorted(contacts):
            mine = [row for row in contacts[number] if row["staffed"] and not row["chaser"]]
            got = [row for row in mine if not math.isnan(row["answered"])]
            moved = [row for row in got if row["transfer_kind"] in (COLD, WARM)]
            passed_on += bool(moved)
            moves += len(moved)
            if got:
                handled.append(any(row["outcome"] == RESOLVED for row in got))
        for rows in contacts.values():
            by_leg = sorted(rows, key=lambda row: row["touch"])
            people = [leg for leg, row in enumerate(by_leg) if row["staffed"] and not row["chaser"]]
            if people and any(row["touchpoint"] != by_leg[people[0]]["touchpoint"] for row in by_leg[people[0] + 1 :]):
                escalated += 1
                break
        handled_contacts += len(handled)
        gross += bool(handled) and handled[0]
        once += handled == [True]
    n = len(cases)
    assert first_contact_resolution(log) == (gross, handled_contacts, handled_contacts)
    assert first_contact_resolution(log, variant="per_case") == (once, with_people, with_people)
    assert contacts_per_case(log) == (handled_contacts, with_people, with_people)
    assert contacts_per_case(log, variant="attempts")[0] == sum(len(contacts) for contacts in cases.values())
    assert resolution_rate(log) == (believed, n, n)
    assert resolution_rate(log, evidence="true") == (true, n, n)
    assert unresolved_rate(log) == (n - believed, n, n)
    assert transfer_rate(log) == (passed_on, handled_contacts, handled_contacts)
    assert transfers_per_contact(log) == (moves, handled_contacts, handled_contacts)
    assert escalation_rate(log) == (escalated, with_people, with_people)
