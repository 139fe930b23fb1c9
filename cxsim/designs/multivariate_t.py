"""The largest of several correlated Student variables, by quadrature: what simultaneous intervals against one need."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from cxsim.designs.arrays import between, vector
from cxsim.designs.estimate import Array, Numbers
from cxsim.errors import problem

HALF = math.sqrt(0.5)  # loading of variables correlated 1/2 each: groups of equal size
NODES_SHARED, NODES_SPREAD = 240, 120


def largest_t_quantile(p: float, *, loadings: Numbers, df: int, two_sided: bool = False) -> float:
    """Point T with P(all Student variables <= T) = p, or P(all between -T and T) = p if two-sided.

    Parameters
    ----------
    p : float
    loadings : array [n_variables]
        Variables i and j have the correlation loadings[i] loadings[j].
    df : int
        Of the variance common to all.

    Raises
    ------
    ValueError
        p or a loading that is not between 0 and 1, no variables, df below 1.

    Source
    ------
    Dunnett (1955), A multiple comparison procedure for comparing several treatments with a control.
    """
    between("largest_t_quantile", p=p)
    return _quantile(p, tuple(float(loading) for loading in loadings), df, two_sided)


@lru_cache(maxsize=256)  # a table of many metrics asks for the same point again and again
def _quantile(p: float, loadings: tuple[float, ...], df: int, two_sided: bool) -> float:
    chance = chance_of_all_below(loadings, df=df, two_sided=two_sided)
    high = 1.0
    while chance(high) < p:
        high *= 2.0
    low = 0.0 if two_sided else -high
    while chance(low) > p:
        low *= 2.0
    return float(optimize.brentq(lambda t: chance(t) - p, low, high, xtol=1e-12, rtol=1e-14))


def chance_of_all_below(loadings: Numbers, *, df: int, two_sided: bool = False) -> Callable[[float], float]:
    """P(all Student variables <= T), or P(all between -T and T), as a function of T; see `largest_t_quantile`.

    Given what the variables share and the common standard deviation they are independent; both are integrated over by
    Gauss-Legendre quadrature.
    """
    shares = vector("largest_t", loadings, what="variables")
    if df < 1:
        raise ValueError(problem("largest_t", f"df {df}", "at least 1"))
    for loading in shares:
        between("largest_t", loading=float(loading))
    shared, shared_weight = _nodes(-9.0, 9.0, NODES_SHARED)
    shared_weight = shared_weight * np.exp(-(shared**2) / 2.0) / math.sqrt(2.0 * math.pi)
    spread, spread_weight = spread_nodes(df)
    # Equal loadings, the usual case, are worked out once.
    kinds, counts = np.unique(shares, return_counts=True)

    def chance(t: float) -> float:
        every = np.ones((len(spread), len(shared)))
        for loading, count in zip(kinds, counts, strict=True):
            alone = math.sqrt(1.0 - loading**2)
            below = special.ndtr((t * spread[:, np.newaxis] - loading * shared) / alone)
            if two_sided:
                below -= special.ndtr((-t * spread[:, np.newaxis] - loading * shared) / alone)
            every *= below**count
        return float(spread_weight @ every @ shared_weight)

    return chance


def spread_nodes(df: int) -> tuple[Array, Array]:
    """Nodes and weights over the law of the square root of chi-squared / df, but for 1e-17 at either end."""
    half = df / 2.0
    low = math.sqrt(float(special.gammaincinv(half, 1e-17)) / half)
    high = math.sqrt(float(special.gammainccinv(half, 1e-17)) / half)
    s, weight = _nodes(low, high, NODES_SPREAD)
    log_density = math.log(2.0) + half * math.log(half) - math.lgamma(half) + (df - 1) * np.log(s) - half * s**2
    return s, weight * np.exp(log_density)


def _nodes(low: float, high: float, count: int) -> tuple[Array, Array]:
    node, weight = special.roots_legendre(count)
    return low + (high - low) * (node + 1.0) / 2.0, weight * (high - low) / 2.0
