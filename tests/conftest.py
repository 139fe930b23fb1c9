"""Small logs for tests: built row by row, or generated with every oddity that a log can hold."""

import math

import numpy as np
import pytest

from cxsim.contacts.columns import (
    ABANDONED,
    ABSENT,
    AVAILABLE,
    BALKED,
    BLOCKED,
    BREAK,
    CLOSED,
    COLD,
    NO_TRANSFER,
    NOBODY,
    OVERTIME,
    RESOLVED,
    UNFINISHED,
    UNREACHED,
    UNRESOLVED,
    WARM,
)
from cxsim.contacts.log import ContactLog, Table
from cxsim.metrics.comments import THEMES

NAN = math.nan
NAMES = {
    "segment": ["staff", "guest"],
    "contact_type": ["password", "incident"],
    "touchpoint": ["portal", "phone", "ticket", "second_line"],
    "agent_group": ["desk", "tickets"],
    "theme": list(THEMES),
    "polarity": ["negative", "positive"],
    "sentence": [f"sentence {k}" for k in range(4)],
}
BOT, PHONE, TICKET, SECOND_LINE = range(4)


def _touchpoints(rows):
    """Rows with only what matters said; the rest is a call that reached one agent, or nobody."""
    filled = []
    for number, row in enumerate(rows):
        answered = row.get("answered", NAN)
        there = not math.isnan(answered)
        plain = {
            "replication": 0,
            "case": number,
            "contact": 0,
            "touch": 0,
            "customer": row.get("case", number),
            "segment": 0,
            "contact_type": 0,
            "touchpoint": PHONE,
            "channel": 0,
            "staffed": True,
            "deferred": False,
            "agent_group": 0 if there else NOBODY,
            "agent": 0 if there else NOBODY,
            "offered": 0.0,
            "answered": NAN,
            "ended": row.get("offered", 0.0),
            "wrapped": row.get("ended", NAN) if there else NAN,
            "held": 0.0,
            "announced_wait": NAN,
            "promise": NAN,
            "outbound": False,
            "dialled": 0.0,
            "outcome": RESOLVED if there else ABANDONED,
            "truly_resolved": row.get("outcome", RESOLVED if there else ABANDONED) == RESOLVED,
            "transfer_kind": NO_TRANSFER,
            "callback": NAN,
            "chaser": False,
            "reinfo": False,
            "level": 1 if there else 0,
        }
        filled.append({**plain, **row})
    columns = filled[0] if filled else {}
    return Table("touchpoints", {name: [row[name] for row in filled] for name in columns})


def _table(name, rows):
    return Table(name, {column: [row[column] for row in rows] for column in (rows[0] if rows else {})})


def build_log(rows=(), *, staffing=(), agents=(), customers=(), surveys=(), meta=None, span=None):
    """A log of rows (mappings); columns left out say the plainest thing."""
    return ContactLog(
        _touchpoints(list(rows)),
        _table("staffing", [{"replication": 0, "agent_group": 0, "agent": 0, "paid": True, **row} for row in staffing]),
        _table("agents", [{"agent_group": 0, "speed": 1.0, "quality": 0.0, "hired": -np.inf, **row} for row in agents]),
        _table("customers", list(customers)),
        _table("surveys", list(surveys)),
        names=NAMES,
        meta={} if meta is None else meta,
        span=span,
    )


def _leg(rng, clock, *, touchpoint):
    """One leg at a touchpoint from an instant on: what happened, with whole seconds so that ties occur."""
    row = {"touchpoint": touchpoint, "staffed": touchpoint != BOT, "deferred": touchpoint == TICKET, "offered": clock}
    row["channel"] = (4, 0, 2, 1)[touchpoint]
    row["promise"] = clock + 1800.0 if touchpoint == TICKET else NAN
    row["reinfo"] = touchpoint == SECOND_LINE
    kind = (
        "answered"
        if touchpoint == BOT
        else rng.choice(
            [
                "answered",
                "abandoned",
                "blocked",
                "closed",
                "turned away",
                "balked",
                "unfinished",
                "callback",
                "no callback",
            ],
            p=[0.62, 0.14, 0.04, 0.03, 0.03, 0.03, 0.03, 0.05, 0.03],
        )
    )
    wait = 0.0 if touchpoint == BOT else float(rng.choice([0, 0, 3, 5, 6, 19, 20, 21, 40, 4000]))
    if kind in ("answered", "callback"):
        row["answered"] = clock + wait
        row["ended"] = row["answered"] + float(rng.choice([0, 30, 300, 900]))
        row["wrapped"] = row["ended"] + float(rng.choice([0, 0, 60])) if touchpoint != BOT else NAN
        row["held"] = (row["ended"] - row["answered"]) * float(rng.choice([0.0, 0.5]))
        row["agent_group"] = NOBODY if touchpoint == BOT else int(touchpoint == TICKET)
        row["agent"] = NOBODY if touchpoint == BOT else int(rng.integers(2))
        row["outcome"] = int(rng.choice([RESOLVED, UNRESOLVED]))
        row["truly_resolved"] = bool(row["outcome"] == RESOLVED and rng.random() < 0.8)
    elif kind in ("abandoned", "turned away", "no callback"):
        row["ended"] = clock + wait
        row["outcome"] = CLOSED if kind == "turned away" else ABANDONED
    elif kind == "unfinished":
        row |= {"ended": NAN, "outcome": UNFINISHED}
    else:
        row["outcome"] = {"blocked": BLOCKED, "closed": CLOSED, "balked": BALKED}[kind]
    if "callback" in kind:
        row["callback"] = clock + min(wait, 5.0)
    return row


def _called(rng, row):
    """The centre has called, if this was a leg that an agent answered; perhaps in vain."""
    if not row["staffed"] or "answered" not in row or row.get("transfer_kind") or "callback" in row:
        return
    lasts = row["ended"] - row["answered"]
    row |= {"outbound": True, "deferred": True, "dialled": min(lasts, float(rng.choice([0, 20, 60])))}
    if rng.random() < 0.4:
        row |= {"outcome": UNREACHED, "truly_resolved": False, "dialled": lasts, "held": 0.0, "wrapped": row["ended"]}


def _case(rng, number, *, days):
    """All legs of one case: contacts one after the other, some passed on, some chased."""
    clock = float(rng.integers(0, days * 24 * 12)) * 300.0
    about = {"case": number, "customer": int(rng.integers(-1, 8)), "contact_type": int(rng.integers(2))}
    about["segment"] = int(rng.integers(2))
    rows = []
    for contact in range(int(rng.choice([1, 1, 2, 3]))):
        place = int(rng.choice([BOT, PHONE, PHONE, TICKET]))
        for touch in range(3):
            row = {**about, "contact": contact, "touch": touch, **_leg(rng, clock, touchpoint=place)}
            rows.append(row)
            if "answered" not in row or rng.random() < 0.7:
                break
            row |= {"outcome": UNRESOLVED, "truly_resolved": False}
            row["transfer_kind"] = int(rng.choice([COLD, WARM]))
            clock, place = row["ended"], int(rng.choice([PHONE, TICKET, SECOND_LINE]))
        if contact and rng.random() < 0.2:
            rows[-1] |= {"chaser": True}
        gone = float(np.nan_to_num(rows[-1].get("ended", clock), nan=clock))
        clock = gone + float(rng.choice([0, 600, 90000, 700000]))
    return rows


def _staffing(rng, replication, *, days):
    rows = []
    for group in range(2):
        for agent in range(2):
            for day in range(days):
                begin = day * 86400.0 + 8 * 3600.0
                edges = begin + np.sort(rng.choice(np.arange(0, 40), 4, replace=False)) * 900.0
                for start, end, kind in zip(edges[:-1], edges[1:], (AVAILABLE, BREAK, AVAILABLE), strict=True):
                    kind = ABSENT if rng.random() < 0.1 else kind
                    who = {"replication": replication, "agent_group": group, "agent": agent}
                    rows.append({**who, "start": start, "end": end, "kind": kind, "paid": bool(rng.random() < 0.8)})
                who = {"replication": replication, "agent_group": group, "agent": agent}
                rows.append({**who, "start": edges[-1], "end": edges[-1] + 300.0, "kind": OVERTIME, "paid": True})
    return rows


def _survey(rng, row):
    shares = rng.dirichlet(np.ones(3))
    top_two, agree = float(rng.random()), float(rng.random())
    about = {name: row[name] for name in ("replication", "case", "customer", "segment", "contact_type", "touchpoint")}
    return {
        **about,
        "channel": row["channel"],
        "offered": row["offered"],
        "invited": bool(rng.random() < 0.8),
        "answered": bool(rng.random() < 0.4),
        "satisfaction": int(rng.integers(0, 6)),
        "satisfaction_of_2": int(rng.integers(0, 3)),
        "satisfaction_of_7": int(rng.integers(0, 8)),
        "satisfaction_of_10": int(rng.integers(0, 11)),
        "ease": int(rng.integers(0, 8)),
        "effort": int(rng.integers(0, 6)),
        "more_disloyal": bool(rng.random() < 0.4),
        "intends_to_leave": bool(rng.random() < 0.1),
        "theme": int(rng.integers(-1, 13)),
        "polarity": int(rng.integers(-1, 2)),
        "sentence": int(rng.integers(-1, 4)),
        "recommendation": int(rng.integers(-1, 11)),
        "expected_top_box": top_two * float(rng.random()),
        "expected_top_two": top_two,
        "expected_satisfaction": 1.0 + 4.0 * float(rng.random()),
        "expected_ease": 1.0 + 6.0 * float(rng.random()),
        "expected_three_plus": top_two + (1.0 - top_two) * float(rng.random()),
        "expected_good": float(rng.random()),
        "expected_satisfaction_of_7": 1.0 + 6.0 * float(rng.random()),
        "expected_top_two_of_7": float(rng.random()),
        "expected_satisfaction_of_10": 1.0 + 9.0 * float(rng.random()),
        "expected_top_two_of_10": float(rng.random()),
        "expected_top_three_of_10": float(rng.random()),
        "expected_agree": agree,
        "expected_effort": 1.0 + 4.0 * float(rng.random()),
        "expected_promoter": float(shares[0]),
        "expected_detractor": float(shares[1]),
    }


def generate_log(seed, *, n_cases=25, replications=2, days=2, simulated=True, calls=False):
    """A log with ties, waits of nothing, callbacks, chasers, transfers, machines, tickets and unfinished work.

    With `calls` the centre has made some of the later contacts of a case.
    """
    rng, whether = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    rows, surveys, staffing = [], [], []
    for replication in range(replications):
        staffing += _staffing(rng, replication, days=days)
        for number in range(n_cases):
            legs = [{"replication": replication, **row} for row in _case(rng, number, days=days)]
            for row in legs[1:] if calls else ():
                if whether.random() < 0.5:
                    _called(whether, row)
            rows += legs
            surveys.append(_survey(rng, legs[0]))
    order = rng.permutation(len(rows))
    agents = [
        {"agent_group": g, "agent": a, "cost": 20.0 + 5 * g + a, "hired": -86400.0 * 100 * (g + a) if a else -np.inf}
        for g in range(2)
        for a in range(2)
    ]
    customers = [
        {"customer": c, "segment": c % 2, "margin": 10.0, "churn": float(rng.random()), "lifetime_value": 100.0 * c}
        for c in range(8)
    ]
    facts = {"reopen_count": [n % 3 for n in range(n_cases)], "made_sla": [n % 2 == 0 for n in range(n_cases)]}
    meta = {"origin": "2026-01-05T00:00:00", "cases": facts, **({"horizon": days * 86400.0} if simulated else {})}
    return build_log(
        [rows[place] for place in order],
        staffing=staffing,
        agents=agents,
        customers=customers,
        surveys=surveys,
        meta=meta,
    )


@pytest.fixture(scope="session")
def make_log():
    """`build_log`: a log from rows."""
    return build_log


@pytest.fixture(scope="session")
def random_log():
    """`generate_log`: a log from a seed."""
    return generate_log


@pytest.fixture(scope="session")
def rows_of():
    """Rows of a table as mappings, for loops that anyone can read."""

    def rows(table):
        names = list(table)
        return [
            dict(zip(names, values, strict=True))
            for values in zip(*(table.columns[n].tolist() for n in names), strict=True)
        ]

    return rows
