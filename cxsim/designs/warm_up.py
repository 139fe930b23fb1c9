"""Where a run has settled, and intervals from one long run: MSER, Welch's moving average, batch means.

For centres whose backlog carries over from day to day. A centre that closes empty every night needs none of this: its
days are replications.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cxsim.designs.arrays import vector
from cxsim.designs.estimate import Array, Interval, Numbers, is_constant, mean_interval
from cxsim.errors import problem


class Truncation(NamedTuple):
    """What MSER would delete.

    Attributes
    ----------
    deleted : int
        Observations at the beginning, whole batches, rounded up to whole cycles.
    mean : float
        Of the observations kept.
    criterion : float
        The smallest value of MSER, that of the batches deleted before rounding.
    criteria : array [n_candidates]
        Of every number of batches tried, from 0 to half of them.
    flags : tuple of str
        `not_stationary`: the smallest value stands at the limit of the search, so the run is too short for its
        warm-up. `zero_variance`: nothing varied.
    """

    deleted: int
    mean: float
    criterion: float
    criteria: Array
    flags: tuple[str, ...] = ()


class BatchMeans(NamedTuple):
    """Interval from the means of batches [n_batches] of one run, with the correlation of neighbouring means."""

    interval: Interval
    means: Array
    lag_one: float


def mser(values: Numbers, *, batch: int = 5, cycle: int = 1) -> Truncation:
    """How much of the beginning of a series to delete.

    Parameters
    ----------
    values : array [n]
        Mean over replications of the slowest metric (backlog, number in system), by time.
    batch : int
        Observations averaged before the search; those left over at the end are not used.
    cycle : int
        Observations of a cycle, such as a week; the deletion is rounded up to whole ones.

    Raises
    ------
    ValueError
        Fewer than four batches, values that are not finite, or a deletion that leaves nothing.

    Source
    ------
    White (1997), An effective truncation heuristic for bias reduction in simulation output; White, Cobb and Spratt
    (2000).
    """
    if batch < 1 or cycle < 1:
        raise ValueError(problem("mser", f"batch {batch}, cycle {cycle}", "both at least 1"))
    x = vector("mser", values, at_least=4 * batch, what="observations")
    count = len(x) // batch
    means = x[: count * batch].reshape(count, batch).mean(axis=1)
    most = count // 2
    criteria = np.array([np.sum((means[d:] - means[d:].mean()) ** 2) / (count - d) ** 2 for d in range(most + 1)])
    constant = is_constant(x)
    best = 0 if constant else int(np.argmin(criteria))
    deleted = math.ceil(best * batch / cycle) * cycle
    if deleted >= len(x):
        given = f"{deleted} of {len(x)} observations, in whole cycles of {cycle}"
        raise ValueError(problem("mser", given, "some must be left", "run longer"))
    flags = ("zero_variance",) if constant else ("not_stationary",) if best == most else ()
    kept = x[best * batch : count * batch] if deleted == best * batch else x[deleted:]
    return Truncation(deleted, float(kept.mean()), float(criteria[best]), criteria, flags)


def welch_average(values: Numbers, *, window: int) -> Array:
    """Moving average of a series [n] over 2 window + 1 points, shorter at the start: [n - window] points.

    Where it becomes level the warm-up ends, judged by eye.

    Raises
    ------
    ValueError
        A window that is not from 1 to a quarter of the series, or values that are not finite.

    Source
    ------
    Welch (1983), The statistical analysis of simulation results; Law (2015), chapter 9.
    """
    x = vector("welch_average", values, at_least=4, what="observations")
    if not 1 <= window <= len(x) // 4:
        raise ValueError(problem("welch_average", f"window {window}", f"1 to {len(x) // 4} of {len(x)} observations"))
    total = np.concatenate(([0.0], np.cumsum(x)))
    middle = np.arange(len(x) - window)
    reach = np.minimum(middle, window)
    return np.asarray((total[middle + reach + 1] - total[middle - reach]) / (2 * reach + 1))


def batch_means(values: Numbers, *, n_batches: int = 20, level: float = 0.95) -> BatchMeans:
    """Mean of one long run, its warm-up deleted, with an interval from batches taken as independent.

    Parameters
    ----------
    values : array [n]
    n_batches : int
        10 to 30 are usual, each of whole cycles; what does not fill a batch is left out at the beginning.

    Returns
    -------
    BatchMeans
        Without ends and with flag `autocorrelated` where neighbouring batch means hang together (lag-one correlation
        beyond 2 / sqrt(n_batches)): take fewer and longer batches. Flag `zero_variance` where nothing varied.

    Raises
    ------
    ValueError
        Fewer than two batches or observations a batch, or values that are not finite.

    Source
    ------
    Law (2015), chapter 9.
    """
    if n_batches < 2:
        raise ValueError(problem("batch_means", f"{n_batches} batches", "at least 2", "10 to 30 are usual"))
    x = vector("batch_means", values, at_least=2 * n_batches, what="observations")
    size = len(x) // n_batches
    means = x[len(x) - size * n_batches :].reshape(n_batches, size).mean(axis=1)
    interval = mean_interval(means, level=level, method="D4 batch_means")
    if interval.flags:
        return BatchMeans(interval, means, math.nan)
    off = means - means.mean()
    lag_one = float(np.sum(off[1:] * off[:-1]) / np.sum(off**2))
    if abs(lag_one) > 2.0 / math.sqrt(n_batches):
        interval = interval._replace(low=math.nan, high=math.nan, flags=("autocorrelated",))
    return BatchMeans(interval, means, lag_one)
