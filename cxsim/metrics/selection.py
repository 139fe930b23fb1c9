"""Part of a log as a metric sees it: the rows chosen, the seconds looked at, and the whole log behind them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog, Table
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.memory import remember

Array = npt.NDArray[Any]

DAY: Final = 86400.0


@dataclass(frozen=True, eq=False)
class Selection(ContactLog):
    """A log cut down by `measure`, with what a metric may need of the rest. A plain log works in its place.

    Attributes
    ----------
    stretches : array [n_stretches, 2]
        Seconds looked at, begin included and end excluded, in order and apart.
    replications : int
        Repetitions that the seconds were lived through.
    whole : ContactLog or None
        The log before it was cut, for what reaches beyond the rows chosen (a repeat in another channel).
    rows : array [n_rows] or None
        Row of each touchpoint in `whole`.
    memory : dict
        What several metrics share, worked out once from the tables, whatever the seconds looked at.
    """

    stretches: Array = field(default_factory=lambda: np.empty((0, 2)))
    replications: int = 1
    whole: ContactLog | None = None
    rows: Array | None = None
    memory: dict[Any, Any] = field(default_factory=dict)

    def with_tables(self, **changes: Any) -> ContactLog:
        """A plain log with other tables, names, meta or span: what was remembered is not true of it."""
        return ContactLog(**{each.name: getattr(self, each.name) for each in fields(ContactLog)} | changes)


def whole_of(log: ContactLog) -> ContactLog:
    """The log that a selection was cut from; a plain log is whole."""
    return log.whole if isinstance(log, Selection) and log.whole is not None else log


def rows_in_whole(log: ContactLog) -> Array:
    """Row number of each touchpoint [n_rows] in the whole log."""
    if isinstance(log, Selection) and log.rows is not None:
        return log.rows
    return np.arange(len(log.touchpoints))


def last_event(log: ContactLog) -> float:
    """The last instant known of any contact [s]; -inf of an empty log."""
    t = log.touchpoints
    known = [t.columns[name] for name in ("offered", "answered", "ended") if name in t]
    return max((float(np.fmax.reduce(column, initial=-np.inf)) for column in known), default=-np.inf)


def default_span(log: ContactLog) -> tuple[float, float]:
    """The seconds looked at if nothing is said: the log's span, else up to its horizon, else first to last event.

    A log without contacts is bounded by its staffing and its surveys; one without anything looks at no time.
    """
    if log.span is not None:
        return log.span
    horizon = log.meta.get("horizon")
    if horizon is not None:
        return 0.0, float(horizon)
    instants = [log.touchpoints.columns["offered"]] if "offered" in log.touchpoints and len(log.touchpoints) else []
    if not instants:
        instants = [table.columns[name] for table, name in _instants(log) if name in table and len(table)]
    if not instants:
        return 0.0, 0.0
    last = max(last_event(log), *(float(np.max(column)) for column in instants), -np.inf)
    # The end is excluded, and what happens at the last instant belongs to the log.
    return min(float(np.min(column)) for column in instants), float(np.nextafter(last, np.inf))


def _instants(log: ContactLog) -> list[tuple[Table, str]]:
    return [(log.staffing, "start"), (log.staffing, "end"), (log.surveys, "offered")]


def replications_in(log: ContactLog) -> Array:
    """Numbers of the replications in a log, in order; a log without that column is one, number 0."""
    tables = (log.touchpoints, log.staffing, log.surveys)
    found = [table.columns["replication"] for table in tables if "replication" in table and len(table)]
    # The first and last value say it all where there is one replication, the usual case.
    if found and all(column[0] == column[-1] == found[0][0] and np.ptp(column) == 0 for column in found):
        return found[0][:1].astype(np.int64)
    return np.unique(np.concatenate(found)).astype(np.int64) if found else np.zeros(1, dtype=np.int64)


def observed(log: ContactLog) -> Array:
    """Stretches [n_stretches, 2] of seconds looked at, in every replication."""
    return log.stretches if isinstance(log, Selection) else np.array([default_span(log)])


def n_replications(log: ContactLog) -> int:
    """How many times the seconds looked at were lived through."""
    return log.replications if isinstance(log, Selection) else len(replications_in(log))


def lives(log: ContactLog) -> list[ContactLog]:
    """The replications of a log as logs of their own, for what cannot be worked out of all together.

    A log whose tables do not all say which replication a row is of stays in one piece.
    """
    numbers = replications_in(log)
    tables = {name: getattr(log, name) for name in ("touchpoints", "staffing") if len(getattr(log, name))}
    if len(numbers) < 2 or not all("replication" in table for table in tables.values()):
        return [log]

    def apart() -> list[tuple[dict[str, Table], dict[Any, Any]]]:
        return [
            ({name: t.take(np.flatnonzero(t.replication == number)) for name, t in tables.items()}, {})
            for number in numbers
        ]

    of_log = {each.name: getattr(log, each.name) for each in fields(ContactLog)}
    return [
        Selection(**{**of_log, **cut}, stretches=observed(log), memory=memory)
        for cut, memory in remember(log, "lives", apart)
    ]


def observed_seconds(log: ContactLog) -> float:
    """Length of all stretches looked at, times replications [s]."""
    stretches = observed(log)
    return float(np.sum(stretches[:, 1] - stretches[:, 0])) * n_replications(log)


def observed_days(log: ContactLog) -> int:
    """Calendar days of which any part is looked at, times replications."""
    return len(day_ends(log)) * n_replications(log)


def day_ends(log: ContactLog) -> Array:
    """For each calendar day looked at, the last second of it that is looked at [n_days]."""
    stretches = observed(log)

    def find() -> Array:
        days, parts = pieces(stretches, step=DAY, offset=clock_offset(log))
        last = np.append(days[1:] != days[:-1], True) if len(days) else np.zeros(0, dtype=bool)
        ends: Array = parts[last, 1]
        return ends

    return remember(log, ("day ends", stretches.tobytes()), find)


def origin(log: ContactLog) -> datetime | None:
    """Calendar instant of second 0, or None.

    Raises
    ------
    MetricUnavailable
        The log's origin is no ISO instant.
    """
    given = log.meta.get("origin")
    if given is None:
        return None
    try:
        return datetime.fromisoformat(str(given))
    except ValueError:
        raise MetricUnavailable(
            problem("log.meta.origin", given, "an ISO instant such as 2026-01-05T00:00:00")
        ) from None


def clock_offset(log: ContactLog) -> float:
    """Time of day at second 0 [s]; midnight if the log has no origin."""
    start = origin(log)
    return 0.0 if start is None else start.hour * 3600.0 + start.minute * 60.0 + start.second + start.microsecond / 1e6


def pieces(stretches: Array, *, step: float, offset: float) -> tuple[Array, Array]:
    """Cut stretches at every multiple of a step on the clock.

    Parameters
    ----------
    stretches : array [n, 2]
        Seconds, in order and apart.
    step, offset : float
        Length of a step and clock time of second 0 [s].

    Returns
    -------
    array [n_pieces], array [n_pieces, 2]
        Number of the step that each piece lies in, and the pieces.
    """
    numbers, parts = [np.empty(0, dtype=np.int64)], [np.empty((0, 2))]
    for begin, end in stretches:
        if end <= begin:
            continue
        first = int(np.floor((begin + offset) / step))
        steps = np.arange(first, max(first + 1, int(np.ceil((end + offset) / step))))
        edges = steps * step - offset
        cut = np.column_stack([np.maximum(edges, begin), np.minimum(edges + step, end)])
        kept = cut[:, 1] > cut[:, 0]
        numbers.append(steps[kept])
        parts.append(cut[kept])
    return np.concatenate(numbers), np.concatenate(parts)


def inside(instants: Array, stretches: Array) -> Array:
    """Mask [n]: the instant lies in a stretch, begin included, end excluded."""
    if len(stretches) == 1:
        return np.asarray((instants >= stretches[0, 0]) & (instants < stretches[0, 1]))
    edge = np.searchsorted(stretches.ravel(), instants, side="right")
    return np.asarray(edge % 2 == 1)
