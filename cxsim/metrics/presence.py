"""Time of agents within the seconds looked at: present, busy, paid."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import AVAILABLE, OVERTIME, UNREACHED
from cxsim.contacts.log import ContactLog, Table, taken
from cxsim.contacts.order import distinct, order_of, places
from cxsim.metrics.interruptions import fitted
from cxsim.metrics.memory import remember
from cxsim.metrics.rows import by_contact, one_of, served, worked_from
from cxsim.metrics.selection import rows_in_whole, whole_of

Array = npt.NDArray[Any]


class Timeline:
    """Many pieces of time, and how much of them lies within the seconds looked at.

    Parameters
    ----------
    begin, end : array [n]
        Pieces of time [s]; a piece whose begin or end is NaN is not known and does not count.
    weight : array [n], optional
        What a second of each piece counts; 1 if left out.
    """

    def __init__(self, begin: Array, end: Array, *, weight: Array | None = None) -> None:
        known = np.flatnonzero(end > begin)
        if len(known) < len(begin):
            begin, end, weight = begin[known], end[known], None if weight is None else weight[known]
        self._begin, self._end, self._weight = begin, end, weight
        self._within: dict[bytes, float] = {}
        self._course: tuple[Array, Array, Array] | None = None

    @property
    def total(self) -> float:
        """Weighted length of all pieces."""
        return float(np.sum(self._weighed(self._end - self._begin)))

    def within(self, stretches: Array) -> float:
        """Weighted length of all pieces within the stretches [n, 2]."""
        name = stretches.tobytes()
        if name not in self._within:
            self._within[name] = self._sum_within(stretches)
        return self._within[name]

    def _sum_within(self, stretches: Array) -> float:
        if len(stretches) == 1:
            # One look at every piece is cheaper than sorting them for many windows.
            length = np.minimum(self._end, stretches[0, 1]) - np.maximum(self._begin, stretches[0, 0])
            return float(np.sum(self._weighed(np.maximum(length, 0.0))))
        return float(np.sum(self._until(stretches[:, 1]) - self._until(stretches[:, 0])))

    def _weighed(self, lengths: Array) -> Array:
        return lengths if self._weight is None else lengths * self._weight

    def each(self, parts: Array) -> Array:
        """Weighted length [n] of all pieces within each of the parts [n, 2], which are few beside the pieces."""
        edges = np.unique(parts)
        if len(edges) < 2:
            return np.zeros(len(parts))
        # Counted into the stretches between the edges, which is cheaper than sorting all pieces.
        rate, area = np.zeros(len(edges) + 1), np.zeros(len(edges) + 1)
        ahead = np.append(edges, edges[-1])
        for instants, sign in ((self._begin, 1.0), (self._end, -1.0)):
            place = places(edges, instants, side="right")
            area += sign * np.bincount(place, weights=self._weighed(ahead[place] - instants), minlength=len(rate))
            rate += sign * np.bincount(place, weights=self._weight, minlength=len(rate))
        # Those under way at an edge count all of the stretch after it, those that begin or end inside only a part.
        between = np.cumsum(rate)[:-2] * np.diff(edges) + area[1:-1]
        total = np.concatenate([[0.0], np.cumsum(between)])
        first, last = np.searchsorted(edges, parts.T)
        return np.asarray(total[last] - total[first])

    def _until(self, instants: Array) -> Array:
        """Weighted length [n] of all pieces before each instant."""
        if self._course is None:
            self._course = self._sorted()
        edges, rate, total = self._course
        if not len(edges):
            return np.zeros(len(instants))
        place = np.searchsorted(edges, instants, side="right")
        since = np.where(place > 0, instants - edges[np.maximum(place - 1, 0)], 0.0)
        return np.asarray(total[place] + rate[place] * since)

    def _sorted(self) -> tuple[Array, Array, Array]:
        """Edges of all pieces in order [2n]; after each of them, and before, the weight per second and the total."""
        edges = np.concatenate([self._begin, self._end])
        order = np.argsort(edges, kind="stable")
        edges = edges[order]
        weight = np.ones(len(self._begin)) if self._weight is None else self._weight
        rate = np.concatenate([[0.0], np.cumsum(np.concatenate([weight, -weight])[order])])
        # Summed from edge to edge, not as rate times instant, which would lose digits late in a long log.
        total = np.concatenate([[0.0], np.cumsum(np.diff(edges, prepend=edges[:1]) * rate[:-1])])
        return edges, rate, total


def merged(owner: Array, begin: Array, end: Array) -> tuple[Array, Array, Array]:
    """Pieces of time of each owner joined where they overlap, so that two chats at once are one busy agent.

    Parameters
    ----------
    owner : array of int [n]
    begin, end : array [n]
        Seconds; pieces with NaN or without length are left out.

    Returns
    -------
    array [m], array [m], array [m]
        Owners, begins and ends of the joined pieces, by owner and begin.
    """
    known = np.flatnonzero(end > begin)
    known = known[order_of(owner[known], begin[known])]
    return _joined(owner[known], begin[known], end[known])


def _joined(owner: Array, begin: Array, end: Array) -> tuple[Array, Array, Array]:
    """As `merged`, of pieces of some length that are in order of owner and begin."""
    if not np.any((begin[1:] < end[:-1]) & (owner[1:] == owner[:-1])):
        return owner, begin, end
    # A piece begins where as many have ended before as begun; the ends of an owner stand where its begins do.
    end = end[order_of(owner, end)]
    apart = np.flatnonzero((owner[1:] != owner[:-1]) | (end[:-1] < begin[1:]))
    opens, closes = np.append(0, apart + 1), np.append(apart, len(end) - 1)
    return owner[opens], begin[opens], end[closes]


def people(table: Table) -> Array:
    """A number for each row's agent [n_rows], the same in every table, apart by replication."""
    if not len(table):
        return np.empty(0, dtype=np.int64)
    number: Array = (table.agent_group.astype(np.int64) << 32) + table.agent
    if "replication" in table and table.replication.any():
        number += table.replication.astype(np.int64) << 48
    return number


def of_kind(log: ContactLog, *kinds: int, paid_only: bool = False) -> Timeline:
    """Presence of some kinds (see `cxsim.contacts.columns.PRESENCE`) as a timeline; of paid stretches if asked."""

    def make() -> Timeline:
        s = log.staffing
        chosen = one_of(s.kind, *kinds) & (s.paid if paid_only else True)
        return Timeline(s.start[chosen], s.end[chosen])

    return remember(log, f"presence {kinds} {paid_only}", make)


def handled_time(log: ContactLog) -> Timeline:
    """Handle time of every answered leg; two contacts at once count twice."""

    def make() -> Timeline:
        t = log.touchpoints
        mine = served(t)
        return Timeline(worked_from(t)[mine], t.wrapped[mine])

    return remember(log, "handled time", make)


def work_by_agent(log: ContactLog) -> tuple[Array, Array, Array, Array]:
    """Every leg that took an agent's time, in order of agent and begin: its row, agent, begin and end [n] each."""

    def make() -> tuple[Array, Array, Array, Array]:
        t, whole = log.touchpoints, whole_of(log)
        if whole.touchpoints is not t and 2 * len(t) > len(whole.touchpoints):
            # Most rows of a log that is sorted already: leaving some out is cheaper than sorting again.
            place = np.full(len(whole.touchpoints), -1, dtype=np.int64)
            place[rows_in_whole(log)] = np.arange(len(t))
            rows, *about = work_by_agent(whole)
            kept = place[rows] >= 0
            owner, begin, end = (values[kept] for values in about)
            return place[rows[kept]], owner, begin, end
        begin, end = worked_from(t), t.wrapped
        rows = np.flatnonzero(served(t) & (end > begin))
        # By the columns behind an agent's number, which are narrower than it.
        names = [name for name in ("replication", "agent_group", "agent") if name in t]
        rows = rows[order_of(*(taken(t.columns[name], rows) for name in names), begin[rows])]
        return rows, people(t)[rows], begin[rows], end[rows]

    return remember(log, "work by agent", make)


def busy_pieces(log: ContactLog) -> tuple[Array, Array, Array]:
    """Agent, begin and end of every piece of time with at least one contact in hand."""

    def make() -> tuple[Array, Array, Array]:
        rows, owner, begin, end = work_by_agent(log)
        t = log.touchpoints
        aside = t.paused[rows] > 0.0 if "paused" in t else np.zeros(len(rows), dtype=bool)
        if not aside.any():
            return _joined(owner, begin, end)
        plain = _joined(owner[~aside], begin[~aside], end[~aside])
        length = (end - begin)[aside]
        pieces = fitted(owner[aside], t.answered[rows[aside]], end[aside], length, around=plain)
        return merged(*(np.concatenate(both) for both in zip(plain, pieces, strict=True)))

    return remember(log, "busy", make)


def busy_time(log: ContactLog) -> Timeline:
    """Time in which an agent has at least one contact in hand."""
    return remember(log, "busy time", lambda: Timeline(*busy_pieces(log)[1:]))


def working_time(log: ContactLog) -> Timeline:
    """Time in which an agent is available, works past the plan, or has a contact in hand."""

    return remember(log, "working time", lambda: Timeline(*working_pieces(log)[1:]))


def working_pieces(log: ContactLog) -> tuple[Array, Array, Array]:
    """Agent, begin and end of every piece of working time, by agent and begin."""

    def make() -> tuple[Array, Array, Array]:
        s = log.staffing
        there = one_of(s.kind, AVAILABLE, OVERTIME)
        present = merged(people(s)[there], s.start[there], s.end[there])
        # Work inside a stretch of presence adds nothing to it; only what reaches beyond is joined.
        beyond = ~_within_presence(busy_pieces(log), present)
        both = (np.concatenate([there, busy[beyond]]) for there, busy in zip(present, busy_pieces(log), strict=True))
        return merged(*both)

    return remember(log, "working pieces", make)


def _within_presence(busy: tuple[Array, Array, Array], present: tuple[Array, Array, Array]) -> Array:
    """Mask [n_busy]: the piece lies in one stretch of its agent's presence, as far as a quick look finds it."""
    if not len(present[0]):
        return np.zeros(len(busy[0]), dtype=bool)
    owners, begins, ends = present
    new = np.append(True, owners[1:] != owners[:-1])
    number, since = np.cumsum(new) - 1, float(np.min(begins))
    width = float(np.max(ends)) - since + 1.0
    # Both are in order of owner and begin, and presence is the shorter: it is looked up among the work.
    known = _steps(np.searchsorted(busy[0], owners[new]), len(busy[0]))
    at = np.searchsorted(known * width + np.clip(busy[1] - since, 0.0, width), number * width + (begins - since))
    place = np.maximum(_steps(at, len(busy[0])), 0)
    return np.asarray((owners[place] == busy[0]) & (begins[place] <= busy[1]) & (busy[2] <= ends[place]))


def _steps(at: Array, n_rows: int) -> Array:
    """For each row [n_rows]: number of the last of some places, in order, at or before it; -1 before all of them."""
    return np.cumsum(np.bincount(at, minlength=n_rows + 1))[:n_rows] - 1


def first_answers(log: ContactLog) -> Array:
    """Instant at which a person first answered each contact that got an answer, or was reached [n]."""

    def make() -> Array:
        t = log.touchpoints
        talked = served(t) & (t.outcome != UNREACHED) if "outcome" in t else served(t)
        begin = by_contact(log).least(np.where(talked, t.answered, np.inf))
        return begin[np.isfinite(begin)]

    return remember(log, "first answers", make)


def n_people(log: ContactLog) -> int:
    """Number of agents in the staffing table, counted once a replication."""
    return remember(log.staffing, "people", lambda: len(distinct(people(log.staffing))))
