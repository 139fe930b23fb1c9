"""Which part of a log belongs to which group: by a coded column, by time, by agent, by replication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import TABLES
from cxsim.contacts.log import ContactLog, Table
from cxsim.contacts.order import order_of
from cxsim.errors import MetricUnavailable, nearest, problem
from cxsim.metrics.metric import Metric
from cxsim.metrics.prepare import prepared
from cxsim.metrics.rows import case_begins, case_numbers, cases_of_customers, first_of_cases
from cxsim.metrics.selection import DAY, Selection, clock_offset, inside, origin, pieces, replications_in

Array = npt.NDArray[Any]

CODED: Final = tuple(name for name, column in TABLES["touchpoints"].items() if column.codes)
TIMES: Final = ("interval", "day", "weekday")
POSSIBLE: Final[dict[str, tuple[str, ...]]] = {
    "contact": (*CODED, *TIMES, "agent", "replication"),
    "case": (*CODED, *TIMES, "replication"),
    "state": (*CODED, *TIMES, "replication"),
    "agent": ("agent_group", "agent", *TIMES, "replication"),
    "survey": (*(name for name in CODED if name in TABLES["surveys"]), *TIMES, "replication"),
    "customer": ("segment",),
}
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERYTHING: Final = "all"


class Part(NamedTuple):
    """One group of one replication (None: all together) and the selection it is measured on."""

    replication: int | None
    group: str
    selection: Selection


@dataclass(frozen=True)
class Split:
    """How a log is taken apart.

    by: None, a coded column, 'interval', 'day', 'weekday', 'agent' or 'replication'. interval: its length [s].
    each_replication: replications apart as well. stretches [n, 2]: the seconds looked at.
    """

    by: str | None
    interval: float
    each_replication: bool
    stretches: Array

    def check(self, log: ContactLog) -> None:
        """Refuse a grouping that does not exist or that the log cannot give.

        Raises
        ------
        MetricUnavailable
        """
        known = (*CODED, *TIMES, "agent", "replication")
        if self.by is not None and self.by not in known:
            raise MetricUnavailable(
                problem(f"by {self.by}", "not a grouping", f"one of {', '.join(known)}", nearest(self.by, known))
            )
        if self.by == "interval" and (self.interval <= 0 or (DAY / self.interval) % 1):
            raise MetricUnavailable(
                problem("interval", self.interval, "seconds that divide a day evenly", "say 1800 for half an hour")
            )
        if self.by == "weekday" and origin(log) is None:
            raise MetricUnavailable(
                problem("by weekday", "this log has no origin", "a log whose second 0 is a known date")
            )


class Groups:
    """The parts of one log for each scope, made when first asked for and shared by all metrics of that scope."""

    def __init__(self, log: ContactLog, split: Split) -> None:
        split.check(log)
        self.split = split
        self.replications = replications_in(log)
        self.whole = replace(prepared(log), stretches=split.stretches)
        self.offset = clock_offset(log)
        self._parts: dict[str, list[Part]] = {}

    def parts(self, entry: Metric) -> list[Part]:
        """Parts that a metric is measured on.

        Raises
        ------
        MetricUnavailable
            The metric cannot be grouped this way, or the log lacks the column.
        """
        self._refuse(entry)
        if entry.scope not in self._parts:
            makers = {"contact": self._contacts, "case": self._cases, "survey": self._surveys}
            makers |= {"state": self._states, "agent": self._agents, "customer": self._customers}
            self._parts[entry.scope] = makers[entry.scope]()
        return self._parts[entry.scope]

    def _refuse(self, entry: Metric) -> None:
        by, possible = self.split.by, POSSIBLE[entry.scope]
        if by is not None and by not in possible:
            raise MetricUnavailable(
                problem(f"metric {entry.name}", f"cannot be grouped by {by}", f"by {', '.join(possible)}")
            )
        if entry.scope == "customer" and self.split.each_replication and len(self.replications) > 1:
            raise MetricUnavailable(
                problem(f"metric {entry.name}", "log.customers knows no replication", "one log a replication")
            )

    # One method a scope: which rows, under which key.

    def _contacts(self) -> list[Part]:
        t = self.whole.touchpoints
        mask = inside(t.offered, self.split.stretches)
        return self._by_rows(np.flatnonzero(mask), self._keys(t, t.offered)[mask])

    def _cases(self) -> list[Part]:
        t, numbers = self.whole.touchpoints, case_numbers(self.whole)
        begin = case_begins(self.whole)
        keys = self._keys(t.take(first_of_cases(self.whole)), begin)[numbers]
        mask = (inside(begin, self.split.stretches) & cases_of_customers(self.whole))[numbers]
        return self._by_rows(np.flatnonzero(mask), keys[mask])

    def _states(self) -> list[Part]:
        t, numbers = self.whole.touchpoints, case_numbers(self.whole)
        keys, mine = self._keys(t.take(first_of_cases(self.whole)))[numbers], cases_of_customers(self.whole)[numbers]
        return self._by_time(self._by_rows(np.flatnonzero(mine), keys[mine], timeless=True))

    def _agents(self) -> list[Part]:
        t, s = self.whole.touchpoints, self.whole.staffing
        # What nobody answered is no agent's time; it stays in where all agents are looked at together.
        mine = t.agent_group >= 0 if self.split.by in ("agent_group", "agent") else np.ones(len(t), dtype=bool)
        others = {"staffing": (s, self._keys(s))}
        return self._by_time(self._by_rows(np.flatnonzero(mine), self._keys(t)[mine], timeless=True, others=others))

    def _surveys(self) -> list[Part]:
        s = self.whole.surveys
        mask = inside(s.offered, self.split.stretches)
        return self._by_rows(np.flatnonzero(mask), self._keys(s, s.offered)[mask], table="surveys")

    def _customers(self) -> list[Part]:
        c = self.whole.customers
        keys = self._keys(c)
        if self.split.each_replication and len(self.replications):
            keys = keys + (int(self.replications[0]) << 44)  # the only one: several are refused above
        return self._by_rows(np.arange(len(c)), keys, table="customers", timeless=True)

    # Keys: replication in the high bits, the group's code in the low ones.

    def _keys(self, table: Table, instants: Array | None = None) -> Array:
        """Key [n_rows] of each row; groups of time only if the rows' instants are given."""
        by = self.split.by
        keys = np.zeros(len(table), dtype=np.int64)
        if by == "agent":
            keys += ((_column(table, "agent_group").astype(np.int64) + 1) << 20) + _column(table, "agent") + 1
        elif by in TIMES:
            keys += 0 if instants is None else self._time_keys(instants)
        elif by is not None and by != "replication":
            keys += _column(table, by).astype(np.int64) + 1
        if (self.split.each_replication or by == "replication") and "replication" in table and table.replication.any():
            keys += table.replication.astype(np.int64) << 44
        return keys

    def _time_keys(self, instants: Array) -> Array:
        clock = instants + self.offset
        if self.split.by == "interval":
            found = np.floor((clock % DAY) / self.split.interval)
        else:
            found = np.floor(clock / DAY)
            if self.split.by == "weekday":
                start = origin(self.whole)
                found = (found + (start.weekday() if start else 0)) % 7
        return np.asarray(np.where(np.isfinite(found), found, 0.0).astype(np.int64) + 1)

    def _time_groups(self) -> dict[int, Array]:
        """Stretches [n, 2] of every interval, day or weekday that is looked at."""
        step = self.split.interval if self.split.by == "interval" else DAY
        _, parts = pieces(self.split.stretches, step=step, offset=self.offset)
        keys = self._time_keys((parts[:, 0] + parts[:, 1]) / 2)
        return {int(key): parts[keys == key] for key in np.unique(keys)}

    def _by_rows(
        self,
        rows: Array,
        keys: Array,
        *,
        table: str = "touchpoints",
        timeless: bool = False,
        others: dict[str, tuple[Table, Array]] | None = None,
    ) -> list[Part]:
        """Sort the rows of a table by key once, then hand out slices of it (and of other tables, by the same keys)."""
        source: Table = getattr(self.whole, table)
        times = self._time_groups() if self.split.by in TIMES and not timeless else {}
        held, keys, rows = _sorted(source, keys, rows)
        tables = {name: _sorted(other, other_keys)[:2] for name, (other, other_keys) in (others or {}).items()}
        alone = self.split.each_replication or self.split.by == "replication"
        found = []
        for key in self._wanted(np.concatenate([keys, *(k for _, k in tables.values())]), times):
            chosen = _range(keys, key)
            cut: dict[str, Any] = {
                name: other.take(_range(other_keys, key)) for name, (other, other_keys) in tables.items()
            }
            cut[table] = held.take(chosen)
            every = all(getattr(self.whole, name) is part for name, part in cut.items())
            selection = replace(
                self.whole,
                **cut,
                stretches=times.get(key & ((1 << 44) - 1), self.split.stretches),
                replications=1 if alone else len(self.replications),
                whole=self.whole,
                rows=rows[chosen] if table == "touchpoints" else None,
                memory=self.whole.memory if every else {},
            )
            found.append(Part(key >> 44 if self.split.each_replication else None, self._label(key), selection))
        return found

    def _wanted(self, keys: Array, times: dict[int, Array]) -> Iterator[int]:
        """Keys to measure: those met, and every time group and replication even where nothing happened."""
        split = self.split
        apart = split.each_replication or split.by == "replication"
        high = [int(number) << 44 for number in self.replications] if apart else [0]
        if times:
            yield from (base + low for base in high for low in times)
        elif split.by in (None, "replication", *TIMES):
            yield from high
        else:
            yield from np.unique(keys).tolist()

    def _by_time(self, parts: list[Part]) -> list[Part]:
        """Every part once for each time group: the same rows, other seconds, and what was worked out is shared."""
        if self.split.by not in TIMES:
            return parts
        return [
            Part(part.replication, self._label(key), replace(part.selection, stretches=stretches))
            for part in parts
            for key, stretches in self._time_groups().items()
        ]

    def _label(self, key: int) -> str:
        by, low = self.split.by, (key & ((1 << 44) - 1)) - 1
        if by is None:
            return EVERYTHING
        if by == "replication":
            return str(key >> 44)
        if by == "interval":
            hours, rest = divmod(int(low * self.split.interval), 3600)
            return f"{hours:02d}:{rest // 60:02d}" + (f":{rest % 60:02d}" if rest % 60 else "")
        if by == "day":
            start = origin(self.whole)
            return f"day {low + 1}" if start is None else (start.date() + timedelta(days=low)).isoformat()
        if by == "weekday":
            return WEEKDAYS[low]
        if by == "agent":
            group, agent = (low + 1) >> 20, ((low + 1) & ((1 << 20) - 1)) - 1
            return "nobody" if agent < 0 else f"{_name(self.whole, 'agent_group', group - 1)} {agent}"
        return _name(self.whole, by, low)


def _column(table: Table, name: str) -> Array:
    if name not in table and len(table):
        raise MetricUnavailable(problem(f"by {name}", f"log.{table.name} has no {name}", f"it has {', '.join(table)}"))
    return table.columns.get(name, np.zeros(len(table), dtype=np.int64))


def _name(log: ContactLog, column: str, code: int) -> str:
    names = log.labels(column)
    if code < 0:
        return "nobody" if column == "agent_group" else "unknown"
    return str(names[code]) if code < len(names) else str(code)


def _sorted(table: Table, keys: Array, rows: Array | None = None) -> tuple[Table, Array, Array]:
    """Rows of a table, all if left out, in order of their keys; the table itself if nothing moves or is left out."""
    rows = np.arange(len(table)) if rows is None else rows
    if np.any(keys[1:] < keys[:-1]):
        order = order_of(keys)
        keys, rows = keys[order], rows[order]
    whole = len(rows) == len(table) and not np.any(rows[1:] < rows[:-1])
    return (table if whole else table.take(rows)), keys, rows


def _range(keys: Array, key: int) -> slice:
    return slice(int(np.searchsorted(keys, key, side="left")), int(np.searchsorted(keys, key, side="right")))
