"""How many replications: from a pilot, or one after another until every metric is precise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from scipy import stats

from cxsim.designs.estimate import Interval, Numbers
from cxsim.errors import problem

FIRST_LOOK = 10  # replications before a spread is trusted enough to stop on
MOST = 10_000_000


class Precision(NamedTuple):
    """How near an estimate must be: a half-width in the metric's unit, or relative to the value.

    Absolute for bounded and signed metrics (shares, scores, NPS, differences); relative only for positive ones (handle
    time, waits, cost), where `relative=True` and `within` is the largest relative error, as 0.05.
    """

    within: float
    relative: bool = False

    def half_width(self, value: float) -> float:
        """Half-width that an interval around this value may have.

        An error of at most a share g of the true value needs g / (1 + g) of the estimate.

        Raises
        ------
        ValueError
            The precision is not above 0, or relative for a value below 0.
        """
        if not self.within > 0:
            raise ValueError(problem("precision", f"{self.within}", "above 0"))
        if not self.relative:
            return self.within
        if value < 0:
            raise ValueError(
                problem("precision", f"relative, for a value of {value:g}", "positive metrics only", "give it absolute")
            )
        return self.within / (1.0 + self.within) * value


def required_replications(pilot: Numbers, *, precision: Precision, level: float = 0.95) -> int:
    """Replications after which the half-width is expected to be precise, from the spread of a pilot.

    Parameters
    ----------
    pilot : array [n >= 2]
        One number a replication; for ratios the influence values.
    precision : Precision

    Returns
    -------
    int
        At least the size of the pilot.

    Raises
    ------
    ValueError
        A pilot of fewer than two or without any variance, a relative precision around 0, or more than can be run.

    Source
    ------
    Law (2015), Simulation modeling and analysis, chapter 9.
    """
    x = np.asarray(pilot, dtype=float)
    spread = float(np.std(x, ddof=1)) if len(x) > 1 else 0.0
    allowed = precision.half_width(float(np.mean(x))) if len(x) else 0.0
    if not spread > 0 or not allowed > 0:
        given = f"{len(x)} replications with standard deviation {spread:g}, half-width {allowed:g}"
        raise ValueError(problem("required_replications", given, "at least 2 that vary, half-width above 0"))

    def enough(n: int) -> bool:
        return float(stats.t.ppf((1.0 + level) / 2.0, n - 1)) * spread <= allowed * math.sqrt(n)

    short, n = len(x) - 1, len(x)
    while not enough(n):
        short, n = n, 2 * n
        if n > MOST:
            raise ValueError(problem("required_replications", f"half-width {allowed:g}", f"needs more than {MOST}"))
    while n - short > 1:
        middle = (short + n) // 2
        short, n = (short, middle) if enough(middle) else (middle, n)
    return n


def not_yet_precise(
    intervals: Mapping[str, Interval], *, precisions: Mapping[str, Precision], first_look: int = FIRST_LOOK
) -> list[str]:
    """Metrics that carry a precision and have not reached it, by name; empty when the run may stop.

    A metric that did not vary and has no exact bound counts as settled after the first look: more replications cannot
    narrow what has no width, and its flag is printed. One without any observation is not settled.

    Parameters
    ----------
    intervals : mapping of names to Interval
        One look, after some replication.
    precisions : mapping of names to Precision
        Of the metrics to be watched; others do not matter.

    Raises
    ------
    ValueError
        A precision for a metric that is not there, or that does not suit it.
    """
    unknown = set(precisions) - set(intervals)
    if unknown:
        given = f"a precision for {', '.join(sorted(unknown))}"
        raise ValueError(problem("precision", given, f"metrics measured: {', '.join(intervals)}"))
    return [name for name, precision in precisions.items() if not _settled(intervals[name], precision, first_look)]


def _settled(interval: Interval, precision: Precision, first_look: int) -> bool:
    if math.isnan(interval.value):
        return False
    allowed = precision.half_width(interval.value)
    if interval.n < first_look:
        return False
    if math.isnan(interval.half_width):
        return "zero_variance" in interval.flags
    return interval.half_width <= allowed


def is_precise(
    intervals: Mapping[str, Interval], *, precisions: Mapping[str, Precision], first_look: int = FIRST_LOOK
) -> bool:
    """Whether a run may stop: every metric with a precision has reached it; see `not_yet_precise`."""
    return not not_yet_precise(intervals, precisions=precisions, first_look=first_look)


def looks(first_look: int = FIRST_LOOK, *, at_most: int, step: int = 1) -> Iterator[int]:
    """Numbers of replications after which to look: the first look, then every step, and the largest allowed."""
    n = min(first_look, at_most)
    while n < at_most:
        yield n
        n += step
    yield at_most
