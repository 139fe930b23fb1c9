"""Which scenarios may be the best of several: Hsu's comparisons of each with the best of the others."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from cxsim.designs.arrays import Rows, between, table
from cxsim.designs.estimate import SAME, Array
from cxsim.designs.multivariate_t import HALF, largest_t_quantile

Standing = Literal["the best", "not the best", "may be the best"]


class WithBest(NamedTuple):
    """Each scenario minus the best of the others, by scenario [n_scenarios].

    Attributes
    ----------
    means, low, high : array
        `low` and `high` bound the difference, in the direction of better: an upper end of 0 says not the best, a lower
        end of 0 the best. All hold together at `level`.
    standing : tuple of str
    critical : float
        The point T; the allowance is T sqrt(2 variance / n).
    flags : tuple of str
        `zero_variance`: differences did not vary and are exact; there are no intervals.
    """

    means: Array
    low: Array
    high: Array
    standing: tuple[Standing, ...]
    critical: float
    allowance: float
    df: int
    level: float
    method: str
    flags: tuple[str, ...] = ()


def compare_with_best(
    values: Rows, *, common_random_numbers: bool = True, larger_is_better: bool = True, level: float = 0.95
) -> WithBest:
    """The table for 3 to 20 scenarios: who is, who is not and who may be the best.

    Parameters
    ----------
    values : array [n_replications, n_scenarios]
        One number a replication and scenario; for ratios the influence values.
    common_random_numbers : bool
        Whether replication r is the same days in every scenario. Then the spread is that left after scenarios and
        replications are taken out, which supposes that all pairs of scenarios differ with about the same variance.
    larger_is_better : bool

    Raises
    ------
    ValueError
        Fewer than two scenarios or replications, rows of different length, values that are not finite.

    Source
    ------
    Hsu (1984), Constrained simultaneous confidence intervals for multiple comparisons with the best; Nelson (1993),
    Robust multiple comparisons under common random numbers.
    """
    between("compare_with_best", level=level)
    x = table("compare_with_best", values, at_least=(2, 2), what=("replications", "scenarios"))
    n, k = x.shape
    means = x.mean(axis=0)
    rest = x - means
    df = k * (n - 1)
    if common_random_numbers:
        rest = rest - x.mean(axis=1, keepdims=True) + x.mean()
        df = (k - 1) * (n - 1)
    gaps = _gaps(means if larger_is_better else -means)
    method = "E5 hsu_crn" if common_random_numbers else "E5 hsu_independent"
    if float(np.max(np.abs(rest))) <= SAME * float(np.max(np.abs(x))):
        gaps[np.abs(gaps) <= SAME * float(np.max(np.abs(x)))] = 0.0
        # The sign test of every pair, together: that few replications agree is no proof.
        enough = 2.0 * 0.5**n * (k - 1) <= 1.0 - level
        exact = tuple(_exact_standing(gap) if enough else "may be the best" for gap in gaps)
        none = np.full(k, math.nan)
        return WithBest(means, none, none, exact, math.nan, math.nan, df, level, method, ("zero_variance",))
    critical = largest_t_quantile(level, loadings=[HALF] * (k - 1), df=df)
    allowance = critical * math.sqrt(2.0 * float(np.sum(rest**2)) / df / n)
    low, high = np.minimum(0.0, gaps - allowance), np.maximum(0.0, gaps + allowance)
    standing = tuple(_standing(*ends) for ends in zip(low, high, strict=True))
    return WithBest(means, low, high, standing, critical, allowance, df, level, method)


def _gaps(means: Array) -> Array:
    """Each minus the largest of the others; two that share the largest both have 0."""
    others = np.where(np.eye(len(means), dtype=bool), -np.inf, means)
    return np.asarray(means - others.max(axis=1))


def _standing(low: float, high: float) -> Standing:
    if high == 0.0:
        return "not the best"
    return "the best" if low == 0.0 else "may be the best"


def _exact_standing(gap: float) -> Standing:
    if gap == 0.0:
        return "may be the best"
    return "the best" if gap > 0 else "not the best"
