"""Outbound: how many of those whom the centre calls are reached, what an attempt takes, what comes of a conversation.

An attempt is a leg at a touchpoint that dials, from the moment an agent takes the record; a record is the case behind
it; a conversation is an attempt at which the customer picked up. How much gets done in the time looked at say
`conversations_per_day` and `record_coverage`; records that nobody has dialled yet count nowhere else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import RESOLVED, UNREACHED
from cxsim.contacts.log import ContactLog, Table
from cxsim.metrics.memory import once
from cxsim.metrics.metric import metric
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import by_case, inbound, served, staffed, worked_from
from cxsim.metrics.selection import inside, observed, observed_days

Array = npt.NDArray[Any]

COLUMNS = ("case", "offered", "answered", "outcome", "outbound")
WORK = (*COLUMNS, "wrapped")
RATES = "usual in outbound centres: contacts over attempts (connect rate), records contacted over records (penetration)"
TIMES = "Genesys PureCloud glossary, average handle time: outbound adds dialling and contacting time"
UNDIALLED = "nobody dialled gives no value"


@once
def attempts(t: Table) -> Array:
    """Mask [n_rows]: an agent dialled."""
    return served(t) & ~inbound(t)


@once
def conversations(t: Table) -> Array:
    """Mask [n_rows]: an agent dialled, and the customer picked up."""
    return attempts(t) & (t.outcome != UNREACHED)


def _work(t: Table, rows: Array) -> Array:
    """Dialling, talk and after-call work [n] of the attempts among some rows, a mask [n_rows], that are over [s]."""
    time = (t.wrapped - worked_from(t))[rows]
    return time[time == time]


@metric(
    unit="1",
    better="higher",
    kind="process",
    family="outbound",
    scope="contact",
    columns=COLUMNS,
    source=RATES,
    null=UNDIALLED,
    variants={"per_attempt": {}, "per_record": {"per": "record"}},
)
def reach_rate(log: ContactLog, *, per: str = "attempt") -> Ratio:
    """Share of the attempts at which the customer picked up, or of the records dialled that were ever reached."""
    t = log.touchpoints
    if per == "attempt":
        return Ratio.share(conversations(t), attempts(t))
    cases = by_case(log)
    return Ratio.share(cases.any(conversations(t)), cases.any(attempts(t)))


@metric(
    unit="attempts/record",
    better="lower",
    kind="process",
    family="outbound",
    scope="contact",
    columns=COLUMNS,
    source=RATES,
    null=UNDIALLED,
)
def attempts_per_record(log: ContactLog) -> Ratio:
    """Attempts over the records that were dialled."""
    dialled = attempts(log.touchpoints)
    records = by_case(log).n_with(dialled)
    return Ratio(float(np.count_nonzero(dialled)), float(records), records)


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="outbound",
    scope="contact",
    columns=(*COLUMNS, "dialled"),
    source=TIMES,
    null=UNDIALLED,
)
def dialling_time(log: ContactLog) -> Ratio:
    """Mean time of an attempt until the customer picks up or the agent gives up, reading the record included."""
    t = log.touchpoints
    return Ratio.mean(t.dialled[attempts(t)])


@metric(
    unit="s",
    better="band",
    kind="process",
    family="outbound",
    scope="contact",
    columns=WORK,
    source=TIMES,
    null=UNDIALLED,
    variants={"per_attempt": {}, "per_conversation": {"per": "conversation"}},
)
def outbound_handle_time(log: ContactLog, *, per: str = "attempt") -> Ratio:
    """Mean work on an attempt: dialling, talk, after-call work; or all work, that in vain included, a conversation."""
    t = log.touchpoints
    time = _work(t, attempts(t))
    if per == "attempt":
        return Ratio.mean(time)
    n = int(np.count_nonzero(conversations(t)))
    return Ratio(float(np.sum(time)), float(n), n)


@metric(
    unit="conversations/h",
    better="higher",
    kind="process",
    family="outbound",
    scope="contact",
    columns=WORK,
    source="usual in outbound centres: contacts over hours of dialling, talk and after-call work (contacts per hour)",
    null=UNDIALLED,
)
def conversations_per_hour(log: ContactLog) -> Ratio:
    """Conversations over the hours that agents worked on attempts; waiting for work is not in it."""
    t = log.touchpoints
    n = int(np.count_nonzero(conversations(t)))
    return Ratio(float(n), float(np.sum(_work(t, attempts(t)))) / 3600.0, n)


@metric(
    unit="conversations/day",
    better="higher",
    kind="process",
    family="outbound",
    scope="agent",
    columns=COLUMNS,
    source="usual in outbound centres: contacts made a day",
    null="no day looked at gives no value",
)
def conversations_per_day(log: ContactLog) -> Ratio:
    """Conversations that began in the time looked at, a day; a day counts as one if any part of it is looked at."""
    t = log.touchpoints
    n = int(np.count_nonzero(inside(t.answered[conversations(t)], observed(log))))
    return Ratio(float(n), float(observed_days(log)), n)


@metric(
    unit="1",
    better="higher",
    kind="process",
    family="outbound",
    scope="contact",
    columns=COLUMNS,
    source="usual in outbound centres: records dialled over records of the list (coverage)",
    null="no record gives no value",
)
def record_coverage(log: ContactLog) -> Ratio:
    """Share of the records that came to be called in the time looked at and were dialled within it."""
    t = log.touchpoints
    waiting = staffed(t) & ~inbound(t)
    dialled = np.zeros(len(t), dtype=bool)
    dialled[waiting] = inside(t.answered[waiting], observed(log))
    cases = by_case(log)
    return Ratio.share(cases.any(dialled), cases.any(waiting))


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="outbound",
    scope="contact",
    columns=COLUMNS,
    source="usual in outbound centres: conversations that reached their end over conversations (conversion rate)",
    null="no conversation gives no value",
)
def conversion_rate(log: ContactLog) -> Ratio:
    """Share of the conversations that met their end: resolved, as the centre believes."""
    t = log.touchpoints
    return Ratio.share(t.outcome == RESOLVED, conversations(t))
