"""Time of business between two instants: by the calendar, while somebody is at work, or by stated hours."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import AVAILABLE, OVERTIME
from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import need
from cxsim.metrics.presence import merged
from cxsim.metrics.rows import one_of
from cxsim.metrics.selection import DAY, clock_offset, origin, whole_of

Array = npt.NDArray[Any]

WEEK: Final = 7 * DAY
CALENDAR, STAFFED = "calendar", "staffed"
FORMS: Final = "'calendar', 'staffed' (somebody is at work), or hours such as 'mon-fri 09:00-17:00, sat 10:00-14:00'"
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART: Final = re.compile(r"(all|[a-z]{3})(?:-([a-z]{3}))? ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


def time_between(log: ContactLog, begin: Array, end: Array, *, hours: str, name: str, replication: Array) -> Array:
    """Seconds of business [n] between two instants each.

    Parameters
    ----------
    log : ContactLog
    begin, end : array [n]
        Instants [s], the end not before the begin.
    hours : str
        'calendar': every second counts. 'staffed': those in which anybody of the centre is at work (available or past
        the plan). Else the opening hours of a week, such as 'mon-fri 09:00-17:00' or 'all 08:00-20:00'.
    name : str
        Metric that asks, for the error.
    replication : array of int [n]
        Which life of the centre each instant belongs to.

    Raises
    ------
    MetricUnavailable
        Hours that cannot be read, a log without staffing, or weekdays in a log without an origin.
    """
    if hours == CALENDAR:
        return np.asarray(end - begin)
    if hours == STAFFED:
        need(log, name, *(f"staffing.{column}" for column in ("start", "end", "kind")))
        open_until = _staffed_until(log)
        return np.asarray(open_until(end, replication) - open_until(begin, replication))
    edges, before, total = _week(hours, name)
    start = origin(log)
    if start is None and not hours.startswith("all "):
        raise MetricUnavailable(problem(f"metric {name}.hours", hours, "'all HH:MM-HH:MM'", "this log has no origin"))
    offset = clock_offset(log) + (start.weekday() * DAY if start else 0.0)

    def stated_until(instants: Array) -> Array:
        weeks, rest = np.divmod(instants + offset, WEEK)
        return np.asarray(weeks * total + np.interp(rest, edges, before))

    return np.asarray(stated_until(end) - stated_until(begin))


def replications_of(log: ContactLog, rows: Array) -> Array:
    """Replication of some rows of touchpoints [n]; 0 if the log has one."""
    t = log.touchpoints
    return t.replication[rows] if "replication" in t else np.zeros(len(rows), dtype=np.int64)


class _Open:
    """Time in which anybody was at work before an instant, for each replication."""

    def __init__(self, owner: Array, begin: Array, end: Array) -> None:
        self.owner, self.begin, self.length = owner, begin, end - begin
        self.before = np.concatenate([[0.0], np.cumsum(self.length)])
        self.first = float(np.min(begin, initial=0.0))
        self.width = float(np.max(end, initial=0.0)) - self.first + 1.0
        self.keys = owner * self.width + (begin - self.first)

    def __call__(self, instants: Array, replication: Array) -> Array:
        """Open seconds before each instant [n], those of replications of lower number included."""
        if not len(self.begin):
            return np.zeros(len(instants))
        key = replication * self.width + np.clip(instants - self.first, 0.0, self.width - 0.5)
        place = np.searchsorted(self.keys, key, side="right") - 1
        last = np.maximum(place, 0)
        inside = np.minimum(np.maximum(instants - self.begin[last], 0.0), self.length[last])
        inside = np.where(self.owner[last] == replication, inside, self.length[last])
        return np.asarray(np.where(place >= 0, self.before[last] + inside, 0.0))


def _staffed_until(log: ContactLog) -> _Open:
    whole = whole_of(log)
    return remember(whole, "time staffed", lambda: _opened(whole))


def _opened(log: ContactLog) -> _Open:
    s = log.staffing
    there = one_of(s.kind, AVAILABLE, OVERTIME) if len(s) else np.zeros(0, dtype=bool)
    owner = s.replication.astype(np.int64) if "replication" in s else np.zeros(len(s), dtype=np.int64)
    return _Open(*merged(owner[there], s.start[there], s.end[there]))


@cache
def _week(hours: str, name: str) -> tuple[Array, Array, float]:
    """Edges of the week [s], open seconds before each, and those of a whole week; Monday midnight is 0."""
    pieces = []
    for part in hours.lower().split(","):
        found = _PART.fullmatch(part.strip())
        days = _days(found[1], found[2] or found[1]) if found else range(0)
        first, last = (_seconds(found[3], found[4]), _seconds(found[5], found[6])) if found else (0.0, 0.0)
        if not days or not first < last <= DAY:
            raise MetricUnavailable(problem(f"metric {name}.hours", repr(hours), FORMS))
        pieces += [(day * DAY + first, day * DAY + last) for day in days]
    begin, end = np.array(sorted(pieces)).T
    _, begin, end = merged(np.zeros(len(begin), dtype=np.int64), begin, end)
    edges = np.concatenate([[0.0], np.column_stack([begin, end]).ravel(), [WEEK]])
    steps = np.diff(edges)
    steps[::2] = 0.0
    before = np.concatenate([[0.0], np.cumsum(steps)])
    return edges, before, float(before[-1])


def _days(first: str, last: str) -> range:
    if first == last == "all":
        return range(7)
    known = first in _DAYS and last in _DAYS
    return range(_DAYS.index(first), _DAYS.index(last) + 1) if known else range(0)


def _seconds(hour: str, minute: str) -> float:
    return 3600.0 * int(hour) + 60.0 * int(minute)
