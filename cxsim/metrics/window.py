"""Windows of time: clock times of every day, seconds, or calendar instants, as stretches of seconds."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.selection import DAY, clock_offset, default_span, origin

Array = npt.NDArray[Any]
Window = tuple[str, str] | tuple[float, float] | None

_CLOCK: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?")
FORMS: Final = "('08:00', '18:00'), two numbers of seconds, or two ISO instants"


def stretches_of(log: ContactLog, window: Window) -> Array:
    """Stretches [n, 2] of seconds that a window looks at, within what the log covers.

    Clock times are those of every day; with the end before the begin the window runs over midnight.

    Raises
    ------
    MetricUnavailable
        The window is no pair of one of the three forms, ends before it begins, or covers nothing of the log; or the
        log has no origin to place calendar instants.
    """
    begin, end = default_span(log)
    if window is None:
        return np.array([[begin, end]])
    if not isinstance(window, tuple | list) or len(window) != 2:
        raise MetricUnavailable(problem("window", repr(window), f"a pair: {FORMS}"))
    clock = [_clock(item) for item in window]
    if None not in clock:
        found = _every_day(log, clock[0] or 0.0, clock[1] or 0.0, span=(begin, end))
    else:
        first, last = (_instant(log, item) for item in window)
        if not last > first:
            raise MetricUnavailable(problem("window", f"{window[0]} to {window[1]}", "the end after the begin"))
        found = np.array([[max(first, begin), min(last, end)]])
    found = found[found[:, 1] > found[:, 0]]
    if not len(found):
        raise MetricUnavailable(
            problem(
                "window", f"{window[0]} to {window[1]}", f"part of what the log covers, second {begin:g} to {end:g}"
            )
        )
    return found


def _clock(item: Any) -> float | None:
    """Seconds since midnight of 'HH:MM' or 'HH:MM:SS', up to '24:00'; None if it is no clock time."""
    found = _CLOCK.fullmatch(item.strip()) if isinstance(item, str) else None
    if found is None:
        return None
    seconds = int(found[1]) * 3600.0 + int(found[2]) * 60.0 + int(found[3] or 0)
    return seconds if seconds <= DAY else None


def _every_day(log: ContactLog, first: float, last: float, *, span: tuple[float, float]) -> Array:
    if first == last:
        raise MetricUnavailable(problem("window", "no time between begin and end", "two clock times that differ"))
    last = last if last > first else last + DAY
    offset = clock_offset(log)
    days = np.arange(np.floor((span[0] + offset) / DAY) - 1, np.floor((span[1] + offset) / DAY) + 1)
    edges = days * DAY - offset
    found: Array = np.column_stack([np.maximum(edges + first, span[0]), np.minimum(edges + last, span[1])])
    return found


def _instant(log: ContactLog, item: Any) -> float:
    if isinstance(item, int | float) and not isinstance(item, bool):
        return float(item)
    try:
        instant = datetime.fromisoformat(item) if isinstance(item, str) else None
    except ValueError:
        instant = None
    if instant is None:
        raise MetricUnavailable(problem("window", repr(item), FORMS))
    start = origin(log)
    if start is None:
        raise MetricUnavailable(problem("window", item, "seconds or clock times", "this log has no origin"))
    if (instant.tzinfo is None) != (start.tzinfo is None):
        # The log's clock is local; an instant without a zone is meant on it, one with a zone drops it likewise.
        instant, start = instant.replace(tzinfo=None), start.replace(tzinfo=None)
    return (instant - start).total_seconds()
