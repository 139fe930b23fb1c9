"""What happened to each case, read from a log: the facts from which people judge.

One journey is one case, from its first attempt to its last event. Journeys are ragged arrays: touches of all journeys
one after the other, each with the number of its journey, so that the longest journey costs the others nothing. Above
300 lines because what a fact is stands beside how it is read.

How facts are read, and what stands in for a column that a log lacks:

- touches: rows in order of `offered`. Rows without `staffed` = True are of channel self. A refused row (blocked,
  closed or balked, nothing waited) is no touch: what is remembered of it is the attempt in vain.
- outbound: cases that the centre begins are left out, since what such a call does to a customer is not modelled; in
  a case of the customer, a call back by the centre in vain is no touch, and one that reaches has no wait and is no
  further contact of the customer.
- wait: (answered, else ended) - offered; after an accepted callback the part past acceptance is offline wait. An
  unfinished row has waited until the horizon, if the log states one.
- told again (`reinfo`) and `held` count where someone answered; absent: not told again, no hold.
- agent quality by agent group and agent from the agents table; absent or unknown: 0, the mean.
- resolved: any row truly resolved; absent: any row that the centre believes resolved.
- contacts that reached a person are counted by `contact`, chasers included; absent: every row is a contact.
- attempts in vain: abandoned at a staffed touchpoint; refused ones are counted apart.
- failed self-service: an automated row that did not truly resolve and led to another row.
- switches: changes of channel from one answered staffed touch to the next.
- surveyable: someone answered, or self-service seemed to resolve; unless the journey is unresolved and its last row
  was abandoned, refused or never finished. Asked in the channel of the last answered touch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import (
    ABANDONED,
    BALKED,
    BLOCKED,
    CHANNELS,
    CLOSED,
    NO_TRANSFER,
    NOBODY,
    RESOLVED,
    UNFINISHED,
    UNREACHED,
)
from cxsim.contacts.log import ContactLog, Table
from cxsim.contacts.order import distinct, order_of
from cxsim.errors import LogError, problem
from cxsim.units import HOUR

Array = npt.NDArray[Any]

VOICE, CHAT, EMAIL, SELF = range(4)
# How each channel of a log is lived through by a customer who waits for a person; deferred ones are all e-mail.
LIVED_AS: Final = {
    "voice": VOICE, "chat": CHAT, "email": EMAIL, "web": CHAT, "bot": CHAT,
    "message": CHAT, "social": CHAT, "walk_in": VOICE, "other": VOICE,
}  # fmt: skip
_LIVED_AS = np.array([LIVED_AS[name] for name in CHANNELS], dtype=np.int8)
_NEEDED = ("case", "offered", "answered", "ended", "outcome")
_FIRST = ("customer", "segment", "contact_type", "touchpoint", "channel")


@dataclass(frozen=True, eq=False)
class Journeys:
    """Facts of n journeys and of their m touches, touches in order of journey and time.

    Attributes
    ----------
    owner : array [m]
        Number of the journey, rising; a journey may have no touch at all.
    channel : array [m]
        VOICE, CHAT, EMAIL or SELF.
    wait, offline_wait, announced, held : arrays [m] of s
        announced is NaN where nothing was announced.
    abandoned, repeated_information : arrays [m] of bool
    transfers : array [m]
        Transfers out of this touch.
    quality : array [m] of SD
        Quality of the agent who answered; 0 nobody.
    agent, touchpoint : arrays [m]
        Number of the agent (group * 2**24 + agent, -1 nobody) and code of the touchpoint (-1 unknown).
    replication, case : arrays [n]
    customer : array [n]
        -1 not identified.
    begin, end : arrays [n] of s
        First offer; resolution, or else last event.
    resolved, surveyable : arrays [n] of bool
    assisted, abandoned_attempts, refused_attempts, failed_self_service, switches : arrays [n]
    method : array [n]
        Channel in which the customer would be asked.
    first : mapping of str to array [n]
        Coded columns of the first row of the case, as far as the log has them.
    names : mapping
        Decodes the codes, as in the log.
    row : array [m]
        Row of each touch in the log that the journeys were read from; empty if they come from elsewhere.
    segments : mapping of str to mapping of str to float
        What the scenario states of its segments: annual_churn, tolerance, expectation.
    """

    owner: Array
    channel: Array
    wait: Array
    offline_wait: Array
    announced: Array
    held: Array
    abandoned: Array
    repeated_information: Array
    transfers: Array
    quality: Array
    agent: Array
    touchpoint: Array
    replication: Array
    case: Array
    customer: Array
    begin: Array
    end: Array
    resolved: Array
    surveyable: Array
    assisted: Array
    abandoned_attempts: Array
    refused_attempts: Array
    failed_self_service: Array
    switches: Array
    method: Array
    first: Mapping[str, Array] = field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    row: Array = field(default_factory=lambda: np.empty(0, np.intp))
    segments: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.case)

    @property
    def hours(self) -> Array:
        """Time from first attempt to resolution or last event [h], array [n]."""
        return (self.end - self.begin) / HOUR

    def some(self, which: Array) -> tuple[Journeys, Array]:
        """The journeys of these numbers [k], rising, and the numbers of their touches among all touches."""
        place = np.full(len(self), -1)
        place[which] = np.arange(len(which))
        owner = place[self.owner]
        touches = np.flatnonzero(owner >= 0)
        of_touches = {name: getattr(self, name)[touches] for name in _OF_TOUCHES}
        of_journeys = {name: getattr(self, name)[which] for name in _OF_JOURNEYS}
        first = {name: codes[which] for name, codes in self.first.items()}
        row = self.row[touches] if len(self.row) else self.row
        return Journeys(
            owner=owner[touches], **of_touches, **of_journeys, first=first, names=self.names, row=row
        ), touches


# Which facts are those of touches, and which those of whole journeys.
_OF_TOUCHES: Final = (
    "channel", "wait", "offline_wait", "announced", "held", "abandoned", "repeated_information", "transfers",
    "quality", "agent", "touchpoint",
)  # fmt: skip
_OF_JOURNEYS: Final = (
    "replication", "case", "customer", "begin", "end", "resolved", "surveyable", "assisted", "abandoned_attempts",
    "refused_attempts", "failed_self_service", "switches", "method",
)  # fmt: skip


def journeys_of(log: ContactLog) -> Journeys:
    """The journeys of a log, in order of replication and case.

    Parameters
    ----------
    log : ContactLog
        Needs case, offered, answered, ended and outcome; every other column is used if it is there.

    Returns
    -------
    Journeys

    Raises
    ------
    LogError
        A needed column is absent.
    """
    t = log.touchpoints
    absent = [column for column in _NEEDED if column not in t] if len(t) else []
    if absent:
        raise LogError(problem("log.touchpoints", f"no {', '.join(absent)}", f"journeys need {', '.join(_NEEDED)}"))
    rows = _Rows(t, log)
    n, owner = rows.n, rows.owner
    touched = ~rows.refused
    waits, offline = rows.waits()
    touches = {
        "owner": owner,
        "channel": rows.lived,
        "wait": waits,
        "offline_wait": offline,
        "announced": rows.column("announced_wait", np.nan),
        "held": np.where(rows.reached, np.nan_to_num(rows.column("held", 0.0)), 0.0),
        "abandoned": rows.staffed & ~rows.reached,
        "repeated_information": rows.column("reinfo", False) & rows.reached,
        "transfers": (rows.column("transfer_kind", NO_TRANSFER) != NO_TRANSFER).astype(np.int16),
        "quality": _qualities(log.agents, rows),
        "agent": rows.agent,
        "touchpoint": rows.column("touchpoint", -1),
    }
    in_vain = rows.staffed & (rows.outcome == ABANDONED)
    failed = ~rows.staffed & ~rows.truly_resolved & ~rows.is_last
    return Journeys(
        **{name: values[touched] for name, values in touches.items()},
        replication=rows.column("replication", 0)[rows.starts].astype(np.int32),
        case=rows.case[rows.starts],
        customer=rows.column("customer", NOBODY)[rows.starts].astype(np.int64),
        begin=rows.offered[rows.starts],
        abandoned_attempts=np.bincount(owner[in_vain], minlength=n),
        refused_attempts=np.bincount(owner[np.isin(rows.outcome, (BLOCKED, CLOSED, BALKED))], minlength=n),
        failed_self_service=np.bincount(owner[failed], minlength=n),
        **_whole(rows),
        first={name: t.columns[name][rows.order[rows.starts]] for name in _FIRST if name in t},
        names=dict(log.names),
        row=rows.order[touched],
        segments=dict(log.meta.get("segments", {})),
    )


class _Rows:
    """Rows of a log in order of replication, case and time, with what is asked of them more than once."""

    def __init__(self, table: Table, log: ContactLog) -> None:
        self.table = table
        self.horizon = float(log.meta.get("horizon", np.nan)) if log.meta.get("horizon") is not None else np.nan
        keys = [table.columns[name] for name in ("replication", "case", "offered", "contact", "touch") if name in table]
        self.order = order_of(*keys) if len(table) else np.empty(0, np.intp)
        self.order = self.order[self._lived_through()]
        self.case = self.column("case", 0)
        self.offered, self.answered, self.ended = (self.column(name, 0.0) for name in ("offered", "answered", "ended"))
        self.outcome = self.column("outcome", RESOLVED)
        self.staffed = self.column("staffed", True)
        self.truly_resolved = (
            self.column("truly_resolved", False) if "truly_resolved" in table else self.outcome == RESOLVED
        )
        self.reached = self.staffed & ~np.isnan(self.answered)
        group = self.column("agent_group", 0).astype(np.int64)
        agent = self.column("agent", NOBODY).astype(np.int64)
        self.agent = np.where(self.reached & (agent >= 0) & (group >= 0), (group << 24) + agent, NOBODY)
        turned_away = np.isin(self.outcome, (BLOCKED, CLOSED, BALKED))
        self.refused = turned_away & ~(self.ended > self.offered) & ~self.reached
        deferred = self.column("deferred", False)
        channel = _LIVED_AS[self.column("channel", CHANNELS.index("voice"))]
        self.called = self.column("outbound", False)
        by_mail = deferred & ~self.called
        self.lived = np.where(self.staffed, np.where(by_mail, np.int8(EMAIL), channel), np.int8(SELF))
        self._count()

    def _lived_through(self) -> Array:
        """Mask [rows]: what a customer has begun, without calls of the centre in vain."""
        outbound = self.column("outbound", False)
        if not outbound.any():
            return np.ones(len(self.order), dtype=bool)
        begins = self._begins()
        begun_outbound = outbound[begins][np.cumsum(begins) - 1]
        return ~begun_outbound & ~(outbound & (self.column("outcome", RESOLVED) == UNREACHED))

    def column(self, name: str, otherwise: object) -> Array:
        """A column in order, or the same value on every row if the log lacks it."""
        if name in self.table:
            return self.table.columns[name][self.order]
        return np.full(len(self.order), otherwise)

    def _count(self) -> None:
        """Number the journeys: `starts` [n], `owner` [rows], `is_last` [rows]."""
        begins = self._begins()
        self.starts = np.flatnonzero(begins)
        self.n = len(self.starts)
        self.owner = np.cumsum(begins) - 1
        self.is_last = np.concatenate([begins[1:], np.ones(min(len(self.order), 1), bool)])

    def _begins(self) -> Array:
        """Mask [rows]: first row of a case."""
        replication, case = self.column("replication", 0), self.column("case", 0)
        changes = (case[1:] != case[:-1]) | (replication[1:] != replication[:-1])
        return np.concatenate([np.ones(min(len(self.order), 1), bool), changes])

    def waits(self) -> tuple[Array, Array]:
        """Wait on the line and wait off it after an accepted callback [s], each [rows]."""
        until = np.where(np.isnan(self.answered), self.ended, self.answered)
        open_end = self.offered if np.isnan(self.horizon) else np.maximum(self.offered, self.horizon)
        until = np.where(np.isnan(until), open_end, until)
        accepted = self.column("callback", np.nan)
        hung_up = np.where(np.isnan(accepted), until, np.minimum(accepted, until))
        waits = self.staffed & ~self.called
        return np.where(waits, hung_up - self.offered, 0.0), np.where(waits, until - hung_up, 0.0)


def _qualities(agents: Table, rows: _Rows) -> Array:
    """Quality [SD] of the agent behind each row; 0 where nobody answered or the agent is not known."""
    quality = np.zeros(len(rows.order))
    if not len(agents) or "quality" not in agents or "agent" not in agents:
        return quality
    group = agents.columns.get("agent_group", np.zeros(len(agents), np.int16)).astype(np.int64)
    known = (group << 24) + agents.agent.astype(np.int64)
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known[order], rows.agent), len(known) - 1)
    found = order[place]
    return np.where(known[found] == rows.agent, np.nan_to_num(agents.quality[found]), 0.0)


def _whole(rows: _Rows) -> dict[str, Array]:
    """Facts of whole journeys, each [n]."""
    n, owner = rows.n, rows.owner
    resolved = np.bincount(owner[rows.truly_resolved], minlength=n) > 0
    last_instant = np.where(np.isnan(rows.ended), rows.offered, rows.ended)
    # The end is the last event; of a resolved journey the last one that resolved.
    counts = rows.truly_resolved | ~resolved[owner]
    end = _maximum(np.where(counts, last_instant, -np.inf), rows.starts)
    reached = np.flatnonzero(rows.reached)
    speaker = owner[reached]
    asked = np.flatnonzero(rows.reached & ~rows.called)
    asker = owner[asked]
    contact = rows.column("contact", 0).astype(np.int64)[asked] if "contact" in rows.table else asked
    people = distinct(asker * np.int64(2**20) + contact) // 2**20 if "contact" in rows.table else asker
    channel = rows.column("channel", 0)[asked]
    switched = (asker[1:] == asker[:-1]) & (channel[1:] != channel[:-1])
    last = rows.is_last
    ends_in_vain = np.isin(rows.outcome[last], (ABANDONED, BLOCKED, CLOSED, BALKED, UNFINISHED))
    seemed_resolved = np.bincount(owner[~rows.staffed & (rows.outcome == RESOLVED)], minlength=n) > 0
    assisted = np.bincount(people, minlength=n)
    # Repeated assignment keeps the last: rows are in order of time.
    method = np.full(n, SELF, np.int8)
    method[speaker] = rows.lived[reached]
    return {
        "end": end,
        "resolved": resolved,
        "assisted": assisted,
        "switches": np.bincount(asker[1:][switched], minlength=n),
        "surveyable": ((np.bincount(speaker, minlength=n) > 0) | seemed_resolved) & (resolved | ~ends_in_vain),
        "method": method,
    }


def _maximum(values: Array, starts: Array) -> Array:
    """Largest value of each run of rows."""
    return np.maximum.reduceat(values, starts) if len(starts) else np.empty(0)
