"""Facts of journeys are what anyone would read off the log with a pencil."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from cxsim.contacts.columns import CHANNELS, NOBODY, OUTCOMES, TABLES, TRANSFERS, UNREACHED
from cxsim.contacts.log import ContactLog, Table
from cxsim.errors import LogError
from cxsim.perception.journeys import CHAT, EMAIL, LIVED_AS, SELF, VOICE, Journeys, journeys_of

N_AGENTS = 5
DEFAULTS: dict[str, Any] = {
    "replication": 0, "case": 1, "contact": 0, "touch": 0, "customer": 1, "channel": "voice", "staffed": True,
    "deferred": False, "agent_group": 0, "agent": 0, "offered": 0.0, "answered": 0.0, "ended": 100.0,
    "held": 0.0, "announced_wait": math.nan, "outcome": "resolved", "truly_resolved": True,
    "transfer_kind": "none", "callback": math.nan, "reinfo": False, "touchpoint": 0, "outbound": False,
}  # fmt: skip


def log_of(*rows: dict[str, Any], **meta: Any) -> ContactLog:
    full = [{**DEFAULTS, **row} for row in rows]
    columns = {name: [row[name] for row in full] for name in DEFAULTS}
    columns["channel"] = [CHANNELS.index(name) for name in columns["channel"]]
    columns["outcome"] = [OUTCOMES.index(name) for name in columns["outcome"]]
    columns["transfer_kind"] = [TRANSFERS.index(name) for name in columns["transfer_kind"]]
    agents = Table("agents", {"agent_group": [0, 0], "agent": [1, 0], "quality": [-1.0, 0.5]})
    return ContactLog(Table("touchpoints", columns), agents=agents, meta=meta)


def given_up(**row: Any) -> dict[str, Any]:
    return {"answered": math.nan, "agent": NOBODY, "outcome": "abandoned", "truly_resolved": False, **row}


def portal(**row: Any) -> dict[str, Any]:
    return {
        "channel": "web", "staffed": False, "agent": NOBODY, "outcome": "unresolved", "truly_resolved": False, **row
    }  # fmt: skip


def refused(outcome: str, **row: Any) -> dict[str, Any]:
    at = row.get("offered", 0.0)
    return given_up(outcome=outcome, ended=at, **row)


def test_a_plain_call_has_a_wait_an_agent_and_an_end():
    journeys = journeys_of(log_of({"offered": 10.0, "answered": 70.0, "ended": 400.0, "held": 30.0}))
    assert journeys.wait.tolist() == [60.0]
    assert journeys.quality.tolist() == [0.5]
    assert journeys.held.tolist() == [30.0]
    assert (journeys.begin.tolist(), journeys.end.tolist()) == ([10.0], [400.0])
    assert journeys.method.tolist() == [VOICE]
    assert journeys.surveyable.all()
    assert journeys.resolved.all()


def test_a_call_by_the_centre_has_no_wait_and_is_no_further_contact_of_the_customer():
    call = {"contact": 1, "offered": 500.0, "answered": 9000.0, "ended": 9100.0, "outbound": True, "deferred": True}
    vain = {**call, "outcome": "unreached", "truly_resolved": False}
    unmet = {"outcome": "unresolved", "truly_resolved": False, "channel": "chat"}
    journeys = journeys_of(log_of(unmet, vain, {**call, "contact": 2}))
    assert journeys.wait.tolist() == [0.0, 0.0]
    assert journeys.channel.tolist() == [CHAT, VOICE]
    assert (journeys.assisted.tolist(), journeys.switches.tolist()) == ([1], [0])
    assert journeys.resolved.all()
    assert journeys.end.tolist() == [9100.0]


def test_who_is_called_without_having_asked_has_no_journey():
    assert len(journeys_of(log_of({"outbound": True}, {"contact": 1, "offered": 500.0, "ended": 600.0}))) == 0


def test_a_case_that_ends_on_hold_is_not_asked():
    journeys = journeys_of(log_of(given_up(ended=240.0)))
    assert journeys.wait.tolist() == [240.0]
    assert journeys.abandoned_attempts.tolist() == [1]
    assert not journeys.surveyable.any()
    assert journeys.quality.tolist() == [0.0]


def test_a_caller_who_was_served_once_and_then_hung_up_is_not_asked():
    unresolved = {"outcome": "unresolved", "truly_resolved": False}
    journeys = journeys_of(log_of(unresolved, given_up(contact=1, offered=500.0, ended=600.0)))
    assert journeys.assisted.tolist() == [1]
    assert not journeys.surveyable.any()


def test_an_unresolved_case_that_was_served_last_is_asked():
    last = {"contact": 1, "offered": 500.0, "answered": 510.0, "ended": 600.0, "outcome": "unresolved"}
    journeys = journeys_of(log_of(given_up(ended=100.0), {**last, "truly_resolved": False}))
    assert journeys.surveyable.all()


@pytest.mark.parametrize("outcome", ["blocked", "closed", "balked"])
def test_a_refused_attempt_is_no_touch_but_an_attempt_in_vain(outcome):
    served = {"contact": 1, "offered": 300.0, "answered": 300.0, "ended": 500.0}
    journeys = journeys_of(log_of(refused(outcome), served))
    assert len(journeys.owner) == 1
    assert journeys.refused_attempts.tolist() == [1]
    assert journeys.abandoned_attempts.tolist() == [0]
    assert journeys.begin.tolist() == [0.0]


def test_someone_turned_away_at_closing_has_waited():
    journeys = journeys_of(log_of(given_up(outcome="closed", ended=90.0)))
    assert journeys.wait.tolist() == [90.0]
    assert journeys.refused_attempts.tolist() == [1]


def test_a_portal_that_led_to_a_call_has_failed_and_one_that_solved_has_not():
    call = {"contact": 1, "offered": 300.0, "answered": 310.0, "ended": 500.0}
    solved = portal(case=2, outcome="resolved", truly_resolved=True)
    left = portal(case=3)
    journeys = journeys_of(log_of(portal(), call, solved, left))
    assert journeys.failed_self_service.tolist() == [1, 0, 0]
    assert journeys.surveyable.tolist() == [True, True, False]
    assert journeys.method.tolist() == [VOICE, SELF, SELF]
    assert journeys.channel.tolist() == [SELF, VOICE, SELF, SELF]


def test_a_solution_that_only_seemed_one_is_asked_but_not_resolved():
    journeys = journeys_of(log_of(portal(outcome="resolved")))
    assert journeys.surveyable.all()
    assert not journeys.resolved.any()


def test_a_transfer_belongs_to_the_leg_that_was_passed_on_and_makes_no_new_contact():
    first = {"transfer_kind": "cold", "outcome": "unresolved", "truly_resolved": False}
    second = {"touch": 1, "offered": 100.0, "answered": 130.0, "ended": 200.0, "reinfo": True, "agent": 1}
    journeys = journeys_of(log_of(first, second))
    assert journeys.transfers.tolist() == [1, 0]
    assert journeys.repeated_information.tolist() == [False, True]
    assert journeys.quality.tolist() == [0.5, -1.0]
    assert journeys.assisted.tolist() == [1]


def test_an_accepted_callback_ends_the_wait_on_the_line():
    journeys = journeys_of(log_of({"callback": 20.0, "answered": 620.0, "ended": 900.0}))
    assert journeys.wait.tolist() == [20.0]
    assert journeys.offline_wait.tolist() == [600.0]


def test_a_ticket_nobody_has_answered_has_waited_until_the_horizon():
    open_ticket = given_up(channel="email", deferred=True, outcome="unfinished", offered=100.0, ended=math.nan)
    journeys = journeys_of(log_of(open_ticket, horizon=5000.0))
    assert journeys.wait.tolist() == [4900.0]
    assert journeys.channel.tolist() == [EMAIL]
    assert not journeys.surveyable.any()
    assert journeys_of(log_of(open_ticket)).wait.tolist() == [0.0]


def test_changing_from_chat_to_phone_is_a_switch_and_the_last_channel_asks():
    chat = {"channel": "chat", "outcome": "unresolved", "truly_resolved": False}
    call = {"contact": 1, "offered": 900.0, "answered": 910.0, "ended": 1000.0}
    journeys = journeys_of(log_of(chat, call))
    assert journeys.switches.tolist() == [1]
    assert journeys.assisted.tolist() == [2]
    assert journeys.channel.tolist() == [CHAT, VOICE]


def test_a_resolved_case_ends_when_it_was_resolved():
    chaser = given_up(contact=1, offered=200.0, ended=9000.0)
    journeys = journeys_of(log_of({"channel": "email", "deferred": True, "answered": 700.0, "ended": 800.0}, chaser))
    assert journeys.end.tolist() == [800.0]
    assert journeys.surveyable.all()


def test_a_real_log_with_five_columns_is_enough():
    t = log_of({"answered": 5.0}, {"case": 2}).touchpoints
    poor = ContactLog(
        Table("touchpoints", {k: t.columns[k] for k in ("case", "offered", "answered", "ended", "outcome")})
    )
    journeys = journeys_of(poor)
    assert journeys.resolved.tolist() == [True, True]
    assert journeys.customer.tolist() == [NOBODY, NOBODY]
    assert journeys.quality.tolist() == [0.0, 0.0]
    assert journeys.first == {}


def test_a_needed_column_that_is_absent_is_named():
    t = log_of({}).touchpoints
    with pytest.raises(LogError, match=r"no ended"):
        journeys_of(ContactLog(Table("touchpoints", {k: v for k, v in t.columns.items() if k != "ended"})))


def test_an_empty_log_has_no_journeys():
    empty = Table("touchpoints", {name: [] for name in TABLES["touchpoints"]})
    assert len(journeys_of(ContactLog(empty))) == 0
    assert len(journeys_of(ContactLog(Table("touchpoints", {})))) == 0


def random_log(seed: int) -> ContactLog:
    """Rows without any sense, in no order: ties, gaps, strange sequences and all."""
    rng = np.random.default_rng(seed)
    m = 400
    staffed = rng.random(m) < 0.7
    outcome = np.where(staffed, rng.integers(0, len(OUTCOMES), m), rng.integers(0, 2, m))
    outbound = staffed & (rng.random(m) < 0.2)
    outcome = np.where(~outbound & (outcome == UNREACHED), 0, outcome)
    offered = rng.integers(0, 50, m) * 60.0
    nobody = staffed & (outcome >= 2) & (outcome != UNREACHED)
    wait = rng.integers(0, 4, m) * 60.0 * staffed
    ended = np.where(np.isin(outcome, (3, 4, 5)), offered, offered + wait + rng.integers(0, 3, m) * 100.0)
    agent = rng.integers(0, N_AGENTS + 2, m)
    t = {
        "replication": rng.integers(0, 2, m), "case": rng.integers(0, 120, m), "contact": rng.integers(0, 5, m),
        "touch": rng.integers(0, 2, m), "customer": rng.integers(-1, 40, m),
        "channel": rng.integers(0, len(CHANNELS), m),
        "staffed": staffed, "outbound": outbound, "deferred": outbound | (rng.random(m) < 0.1),
        "agent_group": rng.integers(0, 2, m),
        "agent": np.where(nobody, NOBODY, agent), "offered": offered,
        "answered": np.where(nobody, np.nan, offered + wait), "ended": np.where(outcome == 6, np.nan, ended),
        "outcome": outcome, "truly_resolved": ~nobody & (rng.random(m) < 0.3),
        "transfer_kind": rng.integers(0, 3, m), "reinfo": rng.random(m) < 0.2, "held": rng.random(m),
        "callback": np.where(rng.random(m) < 0.2, offered + 10.0, np.nan),
    }  # fmt: skip
    # No two rows alike in all that orders them, so that there is one order.
    _, one_each = np.unique(
        np.stack([t[k] for k in ("replication", "case", "contact", "touch")]), axis=1, return_index=True
    )
    group, number = np.divmod(np.arange(2 * N_AGENTS), N_AGENTS)
    mixed = rng.permutation(2 * N_AGENTS)
    quality = rng.normal(size=2 * N_AGENTS)
    agents = Table("agents", {"agent_group": group[mixed], "agent": number[mixed], "quality": quality})
    return ContactLog(Table("touchpoints", t).take(rng.permutation(one_each)), agents=agents, meta={"horizon": 4000.0})


def lived(row: dict[str, Any]) -> int:
    """As what a customer lives through a row: mail, unless the centre calls."""
    return EMAIL if row["deferred"] and not row["outbound"] else LIVED_AS[CHANNELS[row["channel"]]]


def naive(log: ContactLog) -> dict[tuple[int, int], dict[str, Any]]:
    """The same facts in a loop that anyone can read."""
    quality = {(int(g), int(a)): float(q) for g, a, q in zip(*(log.agents.columns[k] for k in log.agents), strict=True)}
    names = list(log.touchpoints)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*log.touchpoints.columns.values(), strict=True)]
    found = {}
    for key in sorted({(int(r["replication"]), int(r["case"])) for r in rows}):
        mine = [r for r in rows if (r["replication"], r["case"]) == key]
        mine.sort(key=lambda r: (r["offered"], r["contact"], r["touch"]))
        if mine[0]["outbound"]:
            continue
        mine = [r for r in mine if r["outcome"] != UNREACHED]
        spoke = [r for r in mine if r["staffed"] and not math.isnan(r["answered"])]
        brought = [r for r in spoke if not r["outbound"]]
        touches = []
        for r in mine:
            answered = r["staffed"] and not math.isnan(r["answered"])
            if r["outcome"] in (3, 4, 5) and not r["ended"] > r["offered"]:
                continue
            until = r["answered"] if not math.isnan(r["answered"]) else r["ended"]
            until = max(4000.0, r["offered"]) if math.isnan(until) else until
            hung_up = until if math.isnan(r["callback"]) else min(r["callback"], until)
            waits = r["staffed"] and not r["outbound"]
            touches.append(
                (
                    lived(r) if r["staffed"] else SELF,
                    hung_up - r["offered"] if waits else 0.0,
                    until - hung_up if waits else 0.0,
                    r["held"] if answered else 0.0,
                    bool(r["staffed"] and not answered),
                    bool(r["reinfo"] and answered),
                    int(r["transfer_kind"] != 0),
                    quality.get((int(r["agent_group"]), int(r["agent"])), 0.0) if answered else 0.0,
                )
            )
        resolved = any(r["truly_resolved"] for r in mine)
        over = [r for r in mine if r["truly_resolved"]] or mine
        asked = bool(spoke) or any(not r["staffed"] and r["outcome"] == 0 for r in mine)
        found[key] = {
            "touches": touches,
            "customer": mine[0]["customer"],
            "begin": mine[0]["offered"],
            "end": max(r["offered"] if math.isnan(r["ended"]) else r["ended"] for r in over),
            "resolved": resolved,
            "assisted": len({r["contact"] for r in brought}),
            "abandoned_attempts": sum(bool(r["staffed"] and r["outcome"] == 2) for r in mine),
            "refused_attempts": sum(r["outcome"] in (3, 4, 5) for r in mine),
            "failed_self_service": sum(not r["staffed"] and not r["truly_resolved"] for r in mine[:-1]),
            "switches": sum(a["channel"] != b["channel"] for a, b in pairwise(brought)),
            "surveyable": asked and (resolved or mine[-1]["outcome"] < 2),
            "method": lived(spoke[-1]) if spoke else SELF,
        }
    return found


def touches_of(journeys: Journeys, i: int) -> list[tuple[Any, ...]]:
    mine = journeys.owner == i
    names = (
        "channel", "wait", "offline_wait", "held", "abandoned", "repeated_information", "transfers", "quality"
    )  # fmt: skip
    return list(zip(*(getattr(journeys, name)[mine].tolist() for name in names), strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_the_vectorised_facts_are_those_of_a_plain_loop(seed):
    log = random_log(seed)
    expected, journeys = naive(log), journeys_of(log)
    assert list(zip(journeys.replication.tolist(), journeys.case.tolist(), strict=True)) == list(expected)
    for i, facts in enumerate(expected.values()):
        assert touches_of(journeys, i) == facts.pop("touches")
        assert {name: getattr(journeys, name)[i] for name in facts} == facts
