"""Chats at once, contacts of an agent and of a customer, answers to a ticket: against plain loops and small stories."""

import math
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.columns import AVAILABLE, RESOLVED, UNRESOLVED
from cxsim.contacts.months import DAYS_OF_MONTH
from cxsim.metrics.chat import chat_duration, chat_wait, concurrency, max_concurrency
from cxsim.metrics.demand import contact_rate, contacts_per_agent_month, replies_per_ticket
from cxsim.metrics.measure import measure

SEEDS = st.integers(0, 100_000)
HOUR, DAY = 3600.0, 86400.0
CHAT = 1


def chat(begin, end, **about):
    return {"channel": CHAT, "offered": begin - 5.0, "answered": begin, "ended": end, **about}


def test_three_chats_overlap_and_two_of_them_at_once(make_log):
    log = make_log([chat(100.0, 400.0), chat(300.0, 500.0), chat(500.0, 700.0)])
    assert concurrency(log) == (700.0, 600.0, 3)
    assert max_concurrency(log).value == 2.0  # the third begins as the second ends
    assert chat_wait(log).value == 5.0
    assert chat_duration(log) == (700.0, 3.0, 3)


def test_calls_beside_a_chat_are_seen_from_the_chat(make_log):
    log = make_log([chat(100.0, 400.0), {**chat(50.0, 300.0), "channel": 0}])
    found = measure(log, "max_concurrency", by="channel").set_index("group").value
    assert found["chat"] == 2.0
    assert found["voice"] == 1.0


@given(seed=SEEDS)
def test_chats_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    rows = rows_of(log.touchpoints)
    work = [row for row in rows if row["staffed"] and not math.isnan(row["answered"])]
    chats = [row for row in work if row["channel"] == CHAT]
    assert chat_duration(log) == (sum(r["ended"] - r["answered"] for r in chats), len(chats), len(chats))
    line = [r for r in chats if not r["deferred"] and not r["chaser"] and math.isnan(r["callback"])]
    assert chat_wait(log) == (sum(r["answered"] - r["offered"] for r in line), len(line), len(line))
    most = []
    for row in work:
        if row["wrapped"] > row["answered"]:
            who = (row["replication"], row["agent_group"], row["agent"])
            others = [r for r in work if (r["replication"], r["agent_group"], r["agent"]) == who]
            earlier = sum(r["answered"] < row["answered"] < r["wrapped"] for r in others)
            same = sum(r["answered"] == row["answered"] < r["wrapped"] for r in others)
            most.append((earlier + 1, earlier + same))
    values = sorted(max_concurrency(log).values)
    assert len(values) == len(most)
    assert max(values) == max((high for _, high in most), default=None)
    assert sum(values) >= sum(low for low, _ in most)


def test_a_hundred_tickets_of_two_agents_in_half_a_month(make_log):
    days = 15
    staffing = [{"start": 0.0, "end": 80 * HOUR, "kind": AVAILABLE, "agent": k} for k in range(2)]
    calls = [{"offered": 60.0 * k, "answered": 60.0 * k, "ended": 60.0 * k + 30} for k in range(100)]
    log = make_log(calls, staffing=staffing, meta={"horizon": days * DAY})
    assert contacts_per_agent_month(log).value == pytest.approx(100 / (2 * days / DAYS_OF_MONTH))
    assert contacts_per_agent_month(log, per="full_time").value == pytest.approx(100.0)  # 160 hours are a month


def test_ten_thousand_tickets_of_eight_thousand_users_are_1_25(make_log):
    # A thousandth of the published example: ten tickets a month of eight users, of whom five called.
    month = [{"case": k, "customer": k % 5, "offered": 3.0 * DAY * k, "ended": 3.0 * DAY * k} for k in range(10)]
    log = make_log(month, meta={"horizon": 30 * DAY})
    assert contact_rate(log, customers=8).value == 1.25
    assert contact_rate(log).value == 2.0
    assert contact_rate(log, variant="cases_per_month", customers=8).value == pytest.approx(1.25 * DAYS_OF_MONTH / 30)


@given(seed=SEEDS)
def test_contact_rate_is_that_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    first, cases = {}, {}
    for row in sorted(rows_of(log.touchpoints), key=lambda row: (row["contact"], row["touch"])):
        first.setdefault((row["replication"], row["case"], row["contact"]), row)
        cases.setdefault((row["replication"], row["case"]), row)
    found = [row for row in first.values() if not row["chaser"] and row["customer"] >= 0]
    who = {(row["replication"], row["customer"]) for row in found}
    assert contact_rate(log) == (len(found), len(who), len(found))
    known = [row for row in cases.values() if row["customer"] >= 0]
    who = {(row["replication"], row["customer"]) for row in known}
    expected = (len(known) * DAYS_OF_MONTH, len(who) * 2, len(known))
    assert contact_rate(log, variant="cases_per_month") == pytest.approx(expected)


def test_a_ticket_answered_twice_took_two_replies(make_log):
    ticket = {"case": 1, "deferred": True, "answered": 5.0, "ended": 9.0}
    log = make_log([{**ticket, "outcome": UNRESOLVED}, {**ticket, "contact": 1}, {**ticket, "case": 2}])
    assert replies_per_ticket(log) == (3.0, 2.0, 2)
    assert replies_per_ticket(log, variant="three_or_fewer", replies=1) == (1.0, 2.0, 2)


@given(seed=SEEDS)
def test_replies_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    cases = defaultdict(list)
    for row in rows_of(log.touchpoints):
        cases[row["replication"], row["case"]].append(row)
    taken, closed = [], []
    for rows in cases.values():
        mine = [r for r in rows if r["staffed"] and not r["chaser"] and not math.isnan(r["answered"])]
        if any(r["deferred"] for r in mine):
            taken.append(len(mine))
            closed += [len(mine)] if any(r["outcome"] == RESOLVED for r in rows) else []
    assert replies_per_ticket(log) == (sum(taken), len(taken), len(taken))
    assert replies_per_ticket(log, variant="resolved") == (sum(closed), len(closed), len(closed))
    assert replies_per_ticket(log, variant="three_or_fewer")[0] == sum(n <= 3 for n in closed)
