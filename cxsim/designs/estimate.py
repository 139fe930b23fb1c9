"""Intervals from independent replications: means, shares of days, counts, ratios of sums.

Ratios rest on influence values: one number a replication, whose mean is the ratio and whose spread gives its standard
error, so that whatever works on a mean works on them too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from cxsim.errors import problem

Array = npt.NDArray[np.float64]
Numbers = Sequence[float] | npt.NDArray[Any]
RatioMethod = Literal["delta", "jackknife", "fieller"]
SAME = 1e-12  # relative spread below which values differ by rounding only


class Interval(NamedTuple):
    """An estimate with its interval; `low` or `high` is NaN where there is none, and a flag says why.

    Flags: `single_replication`, `zero_variance`, `nothing_observed`, `empty_replications`, `skewness`, `unbounded`,
    `open_below`, `open_above`. `method` is the heading of the procedure, `n` the number of replications.
    """

    value: float
    low: float
    high: float
    standard_error: float
    level: float
    method: str
    n: int
    df: float
    flags: tuple[str, ...] = ()

    @property
    def half_width(self) -> float:
        """The longer arm of the interval; NaN where an end is missing."""
        return max(self.high - self.value, self.value - self.low)


def is_constant(values: Array, *, scale: float = 0.0) -> bool:
    """Whether values [n] differ by rounding only, against their own size or a larger scale they were made from."""
    return float(np.ptp(values)) <= SAME * max(float(np.max(np.abs(values))), scale)


def mean_interval(
    values: Numbers, *, level: float = 0.95, bounds: tuple[float, float] | None = None, method: str = "A1 mean_ci"
) -> Interval:
    """Mean of one number a replication, with Student's interval.

    Parameters
    ----------
    values : array [n_replications]
    level : float
        Of the interval, 0 to 1.
    bounds : (lowest, highest) possible value, optional
        Gives an exact interval also where nothing varied: the share of replications at that value is at least the
        Clopper-Pearson bound, and the others are within the bounds.

    Returns
    -------
    Interval
        Without ends for one replication, and for no variance unless bounds are given; never "plus or minus 0".

    Raises
    ------
    ValueError
        No values, values that are not finite, or a level that is not between 0 and 1.
    """
    x = _replications("mean_interval", values, level)
    n, mean = len(x), float(np.mean(x))
    if n == 1:
        return Interval(mean, math.nan, math.nan, math.nan, level, method, n, 0, ("single_replication",))
    if is_constant(x):
        return _constant(float(x[0]), level=level, n=n, bounds=bounds, method=method)
    found = stats.ttest_1samp(x, 0.0)
    low, high = found.confidence_interval(level)
    return Interval(mean, float(low), float(high), float(np.std(x, ddof=1)) / math.sqrt(n), level, method, n, n - 1)


def _constant(value: float, *, level: float, n: int, bounds: tuple[float, float] | None, method: str) -> Interval:
    if bounds is None:
        return Interval(value, math.nan, math.nan, math.nan, level, method, n, n - 1, ("zero_variance",))
    at_value = float(stats.binomtest(n, n).proportion_ci(level, method="exact").low)
    low, high = (value * at_value + end * (1.0 - at_value) for end in bounds)
    return Interval(value, low, high, math.nan, level, "A4 zero_variance", n, n - 1, ("zero_variance",))


def skewed_interval(values: Numbers, *, level: float = 0.95) -> Interval:
    """Mean with an interval corrected for skewness: waits, backlog, cost.

    Flag `skewness` and no ends where there are too few replications for this skewness: run more.

    Source
    ------
    Willink (2005), A confidence interval and test for the mean of an asymmetric distribution.
    """
    x = _replications("skewed_interval", values, level)
    plain = mean_interval(x, level=level, method="A2 skewed_ci")
    if plain.flags:
        return plain
    n, nothing = len(x), plain._replace(low=math.nan, high=math.nan, flags=("skewness",))
    if n < 3:
        return nothing
    spread = plain.standard_error * math.sqrt(n)
    third = n / ((n - 1) * (n - 2)) * float(np.sum(((x - plain.value) / spread) ** 3))
    b = third / (6.0 * math.sqrt(n))
    if abs(b) < SAME:
        return plain
    t = float(stats.t.ppf((1.0 + level) / 2.0, n - 1))
    inside = [1.0 + 6.0 * b * (v - b) for v in (t, -t)]
    if min(inside) < 0.0:
        return nothing
    high_part, low_part = ((float(np.cbrt(v)) - 1.0) / (2.0 * b) for v in inside)
    se = plain.standard_error
    return plain._replace(low=plain.value - high_part * se, high=plain.value - low_part * se)


def proportion_interval(hits: int, *, n: int, level: float = 0.95, exact: bool = False) -> Interval:
    """Share of independent replications in which something held; Wilson, or exact (Clopper-Pearson).

    For days, which are independent; not for contacts within a day.

    Raises
    ------
    ValueError
        No replications, or more hits than replications.
    """
    if not 0 <= hits <= n or n < 1:
        raise ValueError(problem("proportion_interval", f"{hits} of {n}", "0 <= hits <= n, n at least 1"))
    ends = stats.binomtest(hits, n).proportion_ci(level, method="exact" if exact else "wilson")
    share, method = hits / n, "A3 clopper_pearson" if exact else "A3 wilson"
    flags = ("zero_variance",) if hits in (0, n) else ()
    se = math.nan if flags else math.sqrt(share * (1.0 - share) / n)
    return Interval(share, float(ends.low), float(ends.high), se, level, method, n, math.inf, flags)


def count_interval(count: int, *, exposure: float, level: float = 0.95, upper_only: bool = False) -> Interval:
    """Rate of rare events: a Poisson count over an exposure (days, hours), exact; also where none happened.

    `upper_only` spends the whole error on the upper end; for no events it is -ln(1 - level) / exposure.

    Raises
    ------
    ValueError
        A negative count or an exposure that is not positive.
    """
    if count < 0 or not exposure > 0:
        given = f"count {count}, exposure {exposure}"
        raise ValueError(problem("count_interval", given, "count 0 or more, exposure above 0"))
    tail = 1.0 - level if upper_only else (1.0 - level) / 2.0
    high = float(stats.chi2.isf(tail, 2 * (count + 1))) / 2.0 / exposure
    low = 0.0 if upper_only or count == 0 else float(stats.chi2.ppf(tail, 2 * count)) / 2.0 / exposure
    se = math.sqrt(count) / exposure if count else math.nan
    flags = () if count else ("zero_variance",)
    return Interval(count / exposure, low, high, se, level, "A4 count", 1, math.inf, flags)


def ratio_influences(numerators: Numbers, denominators: Numbers) -> Array:
    """One number a replication [n] whose mean is the ratio of sums: r + (Y - r N) / mean(N).

    Raises
    ------
    ValueError
        Nothing was observed (denominators sum to 0), or the lengths differ.

    Source
    ------
    Cochran (1977), Sampling techniques, ratio estimators.
    """
    y, n = _pairs("ratio_influences", numerators, denominators)
    if not n.sum() > 0:
        raise ValueError(problem("ratio_influences", "denominators sum to 0", "something must have been observed"))
    ratio = y.sum() / n.sum()
    return np.asarray(ratio + (y - ratio * n) / n.mean())


def ratio_interval(
    numerators: Numbers,
    denominators: Numbers,
    *,
    level: float = 0.95,
    method: RatioMethod = "delta",
    bounds: tuple[float, float] | None = None,
) -> Interval:
    """Ratio of sums over replications, as a month's report shows it: weighted by volume.

    Parameters
    ----------
    numerators, denominators : array [n_replications]
        Counters of each replication; a replication without observations has both 0.
    method : str
        'delta' (default), 'jackknife' (a cross-check) or 'fieller' (denominators vary much).
    bounds : (lowest, highest) possible value, optional
        As of `mean_interval`, for replications that all gave the same ratio; exact if volumes do not depend on it.

    Returns
    -------
    Interval
        Value NaN and flag `nothing_observed` where the denominators sum to 0.

    Source
    ------
    Cochran (1977); Fieller (1954).
    """
    y, n = _pairs("ratio_interval", numerators, denominators)
    _replications("ratio_interval", y, level)
    name = f"B1 ratio_ci {method}"
    if not n.sum() > 0:
        nan = math.nan
        return Interval(nan, nan, nan, nan, level, name, len(y), max(0, len(y) - 1), ("nothing_observed",))
    values = ratio_influences(y, n)
    delta = mean_interval(values, level=level, bounds=bounds, method=name)
    # The mean of the influences is the ratio up to rounding; what is printed is the ratio itself.
    delta = delta._replace(value=float(y.sum() / n.sum()))
    if delta.flags or method == "delta":
        return delta
    return _jackknife(y, n, delta=delta) if method == "jackknife" else _fieller(y, n, delta=delta)


def _jackknife(y: Array, n: Array, *, delta: Interval) -> Interval:
    rest = n.sum() - n
    if not np.all(rest > 0):  # all observations in one replication
        return delta._replace(low=math.nan, high=math.nan, flags=("unbounded",))
    size = len(y)
    pseudo = size * delta.value - (size - 1) * (y.sum() - y) / rest
    return mean_interval(pseudo, level=delta.level, method=delta.method)


def _fieller(y: Array, n: Array, *, delta: Interval) -> Interval:
    t = float(stats.t.ppf((1.0 + delta.level) / 2.0, len(y) - 1))
    c = np.cov(y, n) / len(y) * t * t
    a, b = float(y.mean()), float(n.mean())
    square, cross, constant = b * b - c[1, 1], a * b - c[0, 1], a * a - c[0, 0]
    if square <= 0:  # the mean of the denominators is not clearly above 0
        return delta._replace(low=math.nan, high=math.nan, flags=("unbounded",))
    root = math.sqrt(max(0.0, cross * cross - square * constant))
    return delta._replace(low=(cross - root) / square, high=(cross + root) / square)


def average_day(numerators: Numbers, denominators: Numbers, *, level: float = 0.95) -> Interval:
    """Mean of each replication's own ratio, whatever its volume; empty ones are left out, flag `empty_replications`."""
    y, n = _pairs("average_day", numerators, denominators)
    seen = n > 0
    if not seen.any():
        return ratio_interval(y, n, level=level)._replace(method="B1 average_day")
    found = mean_interval(y[seen] / n[seen], level=level, method="B1 average_day")
    return found if seen.all() else found._replace(flags=(*found.flags, "empty_replications"))


def slack(numerators: Numbers, denominators: Numbers, *, target: float, at_most: bool = False) -> Array:
    """Room left under a target by replication [n]: Y - target N, or its negative; mean >= 0 means the target is met."""
    y, n = _pairs("slack", numerators, denominators)
    return target * n - y if at_most else y - target * n


def slack_p_value(slacks: Numbers) -> float:
    """One-sided p of "the target is met" (mean slack above 0), of slacks [n >= 2].

    Slacks that do not vary have no t test: their sign test is used, 2^-n if positive, else 1.

    Raises
    ------
    ValueError
        Fewer than two replications.
    """
    x = _replications("slack_p_value", slacks, 0.95)
    if len(x) < 2:
        raise ValueError(problem("slack_p_value", "1 replication", "at least 2", "run more replications"))
    if is_constant(x):
        return 0.5 ** len(x) if x[0] > 0 else 1.0
    return float(stats.ttest_1samp(x, 0.0, alternative="greater").pvalue)


def _replications(where: str, values: Numbers, level: float) -> Array:
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or len(x) == 0 or not np.all(np.isfinite(x)):
        given = f"{np.count_nonzero(~np.isfinite(x))} of {x.size} values not finite" if x.size else "no values"
        remedy = "a replication without observations: use ratio_interval"
        raise ValueError(problem(where, given, "one finite number a replication", remedy))
    if not 0 < level < 1:
        raise ValueError(problem(where, f"level {level}", "between 0 and 1, as 0.95"))
    return x


def _pairs(where: str, numerators: Numbers, denominators: Numbers) -> tuple[Array, Array]:
    y, n = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    if y.shape != n.shape or y.ndim != 1 or not np.all(n >= 0):
        given = f"shapes {y.shape} and {n.shape}" if y.shape != n.shape else "a denominator below 0 or missing"
        raise ValueError(problem(where, given, "one numerator and one denominator, 0 or more, a replication"))
    return y, n
