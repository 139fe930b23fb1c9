"""Opening hours as spans of the week: open now, the next opening, the next closing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cxsim.compiled import njit

WEEK = 604800.0


@njit
def since_monday(time: Any, first_weekday: Any) -> Any:
    """Seconds since Monday 00:00 of the week, for an instant since midnight of the first day."""
    shifted = time + first_weekday * 86400.0
    return shifted - math.floor(shifted / WEEK) * WEEK


@njit
def is_open(spans: Any, time: Any, first_weekday: Any) -> Any:
    """Whether a touchpoint is open at an instant; a span holds its begin and not its end.

    Parameters
    ----------
    spans : float64 [n, 2]
        Open spans within the week [s since Monday 00:00], ascending; none: always open.
    time : float
        Instant [s].
    first_weekday : int
        Weekday of the first day, 0 Monday.
    """
    if len(spans) == 0:
        return True
    at = since_monday(time, first_weekday)
    inside = False
    for row in range(len(spans)):
        inside = inside or spans[row, 0] <= at < spans[row, 1]
    return inside


@njit
def next_opening(spans: Any, time: Any, first_weekday: Any) -> Any:
    """The instant itself if open, else the next begin of a span [s]."""
    if is_open(spans, time, first_weekday):
        return time
    shifted = time + first_weekday * 86400.0
    monday = math.floor(shifted / WEEK) * WEEK - first_weekday * 86400.0
    best = np.inf
    for week in range(2):
        for row in range(len(spans)):
            begin = monday + week * WEEK + spans[row, 0]
            if begin >= time and begin < best:
                best = begin
    return best
