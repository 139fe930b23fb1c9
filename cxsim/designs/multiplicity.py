"""Many comparisons at once: false discoveries, all pairs, and all against a control."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from scipy import stats

from cxsim.designs.arrays import between, vector
from cxsim.designs.estimate import SAME, Array, Numbers
from cxsim.designs.multivariate_t import chance_of_all_below, largest_t_quantile
from cxsim.errors import problem

Alternative = Literal["two-sided", "greater", "less"]


class Contrast(NamedTuple):
    """Mean of group `first` minus mean of group `second`, with a simultaneous interval and adjusted p-value."""

    first: int
    second: int
    value: float
    low: float
    high: float
    p_value: float
    level: float
    method: str


def benjamini_hochberg(p_values: Numbers) -> Array:
    """p-values [n], in the order given, adjusted so that at most a stated share of discoveries is false.

    For exploratory tables and sweeps, which then say so; a confirmatory table takes `cxsim.designs.compare.holm`.

    Raises
    ------
    ValueError
        No p-values, or not between 0 and 1.

    Source
    ------
    Benjamini and Hochberg (1995), Controlling the false discovery rate.
    """
    p = vector("benjamini_hochberg", p_values, what="p-values")
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(problem("benjamini_hochberg", f"{p_values}", "p-values between 0 and 1"))
    falling = np.argsort(-p, kind="stable")
    stepped = np.minimum.accumulate(p[falling] * len(p) / np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[falling] = np.minimum(stepped, 1.0)
    return adjusted


def all_pairs(groups: Sequence[Numbers], *, level: float = 0.95) -> list[Contrast]:
    """Every pair of independent scenarios, with Tukey's simultaneous intervals.

    Not under common random numbers: take paired differences with a simultaneous level, or
    `cxsim.designs.best.compare_with_best`.

    Parameters
    ----------
    groups : sequence of arrays
        One number a replication; groups may differ in size.

    Raises
    ------
    ValueError
        Fewer than two groups, a group of one, values that are not finite, nothing varied.

    Source
    ------
    Tukey (1949); Kramer (1956), by scipy.stats.tukey_hsd.
    """
    x = _groups("all_pairs", groups, level)
    found = stats.tukey_hsd(*x)
    ends = found.confidence_interval(level)
    return [
        Contrast(
            *(i, j, float(found.statistic[i, j]), float(ends.low[i, j]), float(ends.high[i, j])),
            *(float(found.pvalue[i, j]), level, "E4 tukey"),
        )
        for i, j in itertools.combinations(range(len(x)), 2)
    ]


def against_control(
    groups: Sequence[Numbers], *, control: Numbers, alternative: Alternative = "two-sided", level: float = 0.95
) -> list[Contrast]:
    """Every independent scenario against the baseline, with Dunnett's simultaneous intervals.

    By quadrature, since scipy.stats.dunnett integrates at random and its ends move by 0.5 % with the seed.

    Parameters
    ----------
    groups : sequence of arrays
    control : array [n_replications]
        The baseline, `second` = -1 in what is returned.
    alternative : str
        'greater' gives lower bounds only, 'less' upper bounds; the other end is infinite.

    Raises
    ------
    ValueError
        As `all_pairs`, or an alternative that does not exist.

    Source
    ------
    Dunnett (1955), A multiple comparison procedure for comparing several treatments with a control.
    """
    if alternative not in get_args(Alternative):
        raise ValueError(problem("against_control", f"alternative '{alternative}'", f"one of {get_args(Alternative)}"))
    *x, base = _groups("against_control", [*groups, control], level)
    df = sum(map(len, x)) + len(base) - len(x) - 1
    variance = sum(float(np.sum((group - group.mean()) ** 2)) for group in (*x, base)) / df
    loadings = [math.sqrt(len(group) / (len(group) + len(base))) for group in x]
    two_sided = alternative == "two-sided"
    chance = chance_of_all_below(loadings, df=df, two_sided=two_sided)
    critical = largest_t_quantile(level, loadings=loadings, df=df, two_sided=two_sided)
    found = []
    for i, group in enumerate(x):
        difference = float(group.mean() - base.mean())
        spread = math.sqrt(variance * (1.0 / len(group) + 1.0 / len(base)))
        low = difference - critical * spread if alternative != "less" else -math.inf
        high = difference + critical * spread if alternative != "greater" else math.inf
        t = {"two-sided": abs(difference), "greater": difference, "less": -difference}[alternative] / spread
        p = min(1.0, max(0.0, 1.0 - chance(t)))
        found.append(Contrast(i, -1, difference, low, high, p, level, "E4 dunnett"))
    return found


def _groups(where: str, groups: Sequence[Numbers], level: float) -> list[Array]:
    between(where, level=level)
    if len(groups) < 2:
        raise ValueError(problem(where, f"{len(groups)} group", "at least 2"))
    x = [vector(where, group, at_least=2) for group in groups]
    size = max(float(np.max(np.abs(group))) for group in x)
    if all(float(np.ptp(group)) <= SAME * size for group in x):
        raise ValueError(problem(where, "no group varies", "some variance", "the differences are exact as they stand"))
    return x
