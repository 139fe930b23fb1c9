"""How many replications: from a pilot, or one after another until every metric is precise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from scipy import stats

from cxsim.designs.arrays import vector
from cxsim.designs.estimate import Array, Interval, Numbers, mean_interval
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

    needed = replications_for(allowed, spread=spread, at_least=len(x), level=level)
    if needed is None:
        raise ValueError(problem("required_replications", f"half-width {allowed:g}", f"needs more than {MOST}"))
    return needed


def replications_for(half_width: float, *, spread: float, at_least: int = 2, level: float = 0.95) -> int | None:
    """Smallest number of replications whose Student interval is this narrow at this standard deviation.

    None where it is more than can be run: half-width 0, or nearly so.
    """

    def enough(n: int) -> bool:
        return float(stats.t.ppf((1.0 + level) / 2.0, n - 1)) * spread <= half_width * math.sqrt(n)

    short, n = at_least - 1, at_least
    while not enough(n):
        short, n = n, 2 * n
        if n > MOST:
            return None
    while n - short > 1:
        middle = (short + n) // 2
        short, n = (short, middle) if enough(middle) else (middle, n)
    return n


def look_ahead_replications(
    values: Numbers, *, precision: Precision, first_look: int = 3, ahead: int = 5, level: float = 0.95
) -> int | None:
    """First number of replications that is precise and stays so for the next ones.

    A half-width that is narrow by luck of the first replications does not count: it must hold for `ahead` more, above
    100 replications for floor(ahead n / 100) more. For metrics of any sign with an absolute precision.

    Parameters
    ----------
    values : array [n_replications]
        One number a replication, in the order run.
    precision : Precision
        Absolute, or relative as a share of the estimate itself, which then must be above 0.
    first_look : int
        At least 2.
    ahead : int
        0 looks no further than the first.

    Returns
    -------
    int or None
        None where the values end before it is settled: run more. Stretches without variance are not precise.

    Raises
    ------
    ValueError
        Values that are not finite, an estimate not above 0 with a relative precision, a first look below 2.

    Source
    ------
    Hoad, Robinson and Davies (2010), Automated selection of the number of replications.
    """
    x = vector("look_ahead_replications", values)
    if first_look < 2 or ahead < 0:
        given = f"first look {first_look}, ahead {ahead}"
        raise ValueError(problem("look_ahead_replications", given, "first look at least 2, ahead at least 0"))
    since = None
    for n in range(first_look, len(x) + 1):
        if not _narrow(x[:n], precision, level):
            since = None
            continue
        since = n if since is None else since
        further = ahead if since <= 100 else ahead * since // 100
        if n >= since + further:
            return since
    return None


def _narrow(x: Array, precision: Precision, level: float) -> bool:
    found = mean_interval(x, level=level)
    allowed = precision.within
    if precision.relative:
        if found.value <= 0:
            given = f"relative, for a value of {found.value:g}"
            raise ValueError(problem("precision", given, "positive metrics only", "give it absolute"))
        allowed *= found.value
    return found.half_width <= allowed  # never for NaN


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
