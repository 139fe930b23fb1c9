"""Where to spend a fixed number of runs among scenarios, and how sure the best one then is."""

from __future__ import annotations

import numpy as np
from scipy import special

from cxsim.designs.arrays import positive, vector
from cxsim.designs.estimate import Array, Numbers
from cxsim.errors import problem


def allocate(means: Numbers, *, spreads: Numbers, budget: float, larger_is_better: bool = True) -> Array:
    """Runs of each scenario [n_scenarios] that make the selection of the best most probable (OCBA); not rounded.

    Screens many with few runs. It has no guarantee for a finite budget.

    Parameters
    ----------
    means, spreads : array [n_scenarios]
        Estimates and standard deviations of one replication so far.
    budget : float
        Runs in all.

    Raises
    ------
    ValueError
        Two scenarios share the best mean, no spread at all, or values that are not finite.

    Source
    ------
    Chen, Lin, Yucesan and Chick (2000), Simulation budget allocation for further enhancing the efficiency of ordinal
    optimization.
    """
    x, s = _both("allocate", means, spreads)
    positive("allocate", budget=budget)
    best, gaps = _gaps(x, larger_is_better)
    others = np.arange(len(x)) != best
    if np.any(gaps[others] <= 0):
        tied = np.flatnonzero(others & (gaps <= 0))
        given = f"scenarios {best} and {tied[0]} share the best mean"
        raise ValueError(problem("allocate", given, "one best", "run both some more first"))
    weights = np.zeros(len(x))
    weights[others] = (s[others] / gaps[others]) ** 2
    # The sum of (w / s)^2, written without a division by a spread that may be 0.
    weights[best] = s[best] * np.sqrt(np.sum(s[others] ** 2 / gaps[others] ** 4))
    if not weights.sum() > 0:
        raise ValueError(problem("allocate", "no scenario varies", "some spread", "the means are exact as they stand"))
    return np.asarray(budget * weights / weights.sum())


def chance_of_correct_selection(means: Numbers, *, standard_errors: Numbers, larger_is_better: bool = True) -> float:
    """Lower bound, 0 to 1, on the probability that the best mean belongs to the best scenario (APCS-B, Bonferroni).

    Parameters
    ----------
    means, standard_errors : array [n_scenarios]
        Of independent runs.

    Raises
    ------
    ValueError
        A standard error below 0, fewer than two scenarios, or values that are not finite.

    Source
    ------
    Chen, Lin, Yucesan and Chick (2000).
    """
    x, se = _both("chance_of_correct_selection", means, standard_errors)
    best, gaps = _gaps(x, larger_is_better)
    others = np.arange(len(x)) != best
    spread = np.hypot(se[others], se[best])
    # Exact and equal: a coin decides. Exact and apart: certain.
    certain = np.where(gaps[others] > 0, np.inf, 0.0)
    z = np.divide(gaps[others], spread, out=certain, where=spread > 0)
    return max(0.0, 1.0 - float(np.sum(special.ndtr(-z))))


def _both(where: str, means: Numbers, spreads: Numbers) -> tuple[Array, Array]:
    x = vector(where, means, at_least=2, what="scenarios")
    s = vector(where, spreads, at_least=2, what="scenarios")
    if len(x) != len(s) or np.any(s < 0):
        given = f"{len(x)} means, {len(s)} spreads" if len(x) != len(s) else f"spread {s.min():g}"
        raise ValueError(problem(where, given, "one spread, 0 or more, a mean"))
    return x, s


def _gaps(x: Array, larger_is_better: bool) -> tuple[int, Array]:
    """The best, and how far each lies behind it."""
    towards = x if larger_is_better else -x
    best = int(np.argmax(towards))
    return best, np.asarray(towards[best] - towards)
