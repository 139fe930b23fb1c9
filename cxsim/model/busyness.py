"""Randomness of demand beyond Poisson: a factor of the day times a factor of the interval, gamma with mean 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtr

from cxsim import streams
from cxsim.compiled import njit
from cxsim.scenario.schema import Busyness
from cxsim.units import DAY

Array = npt.NDArray[Any]


@njit
def fill_day_scores(out: Any, replication_key: Any, types: Any, days: Any, together: Any) -> None:
    """Write the normal score of each type (row) on each day: a part shared by all types and a part of its own."""
    place = streams.address(0, 0, streams.BUSYNESS)
    of_all, of_type = math.sqrt(together), math.sqrt(1.0 - together)
    for j in range(len(days)):
        shared = streams.entity_key(replication_key, streams.DAY, streams.day_number(0, days[j]))
        common = of_all * streams.normal_quantile(streams.uniform(shared, place))
        for i in range(len(types)):
            own = streams.entity_key(replication_key, streams.DAY, streams.day_number(types[i] + 1, days[j]))
            out[i, j] = common + of_type * streams.normal_quantile(streams.uniform(own, place))


@njit
def fill_interval_scores(out: Any, replication_key: Any, days: Any, rho: Any) -> None:
    """Write the normal scores of the intervals of each day (row): z_i = rho z_(i-1) + sqrt(1 - rho^2) e_i."""
    for j in range(len(days)):
        key = streams.entity_key(replication_key, streams.DAY, streams.day_number(0, days[j]))
        z = 0.0
        for step in range(out.shape[1]):
            e = streams.normal_quantile(streams.uniform(key, streams.address(step + 1, 0, streams.BUSYNESS)))
            z = e if step == 0 else rho * z + math.sqrt(1.0 - rho * rho) * e
            out[j, step] = z


def gamma_factors(cv: float, z: Array) -> Array:
    """Gamma factors with mean 1 at normal scores z, of their shape."""
    if cv <= 0.0:
        return np.ones_like(z)
    shape = 1.0 / cv**2
    return gammaincinv(shape, ndtr(z)) / shape


def day_factors(busyness: Busyness, replication_key: Any, *, types: Array, days: Array) -> Array:
    """Factor of each contact type on each day [n_types, n_days]; shared as far as `type_correlation` says."""
    scores = np.zeros((len(types), len(days)))
    if busyness.day_cv > 0.0:
        fill_day_scores(scores, replication_key, types, days, busyness.type_correlation)
    return gamma_factors(busyness.day_cv, scores)


def interval_factors(busyness: Busyness, replication_key: Any, *, days: Array, intervals: int) -> Array:
    """Factor of each planning interval of each day [n_days, intervals], the same for all contact types."""
    scores = np.zeros((len(days), intervals))
    if busyness.interval_cv > 0.0:
        fill_interval_scores(scores, replication_key, days, busyness.interval_correlation)
    return gamma_factors(busyness.interval_cv, scores)


def busyness_factors(
    busyness: Busyness, replication_key: Any, contact_type: int, *, day: int, edges: Array, interval: float
) -> Array:
    """Factor on the rate between the edges of a day: one of the day times one of the planning interval [n].

    Addressed by (day, interval), not by scenario.
    """
    today = np.array([day])
    of_day = day_factors(busyness, replication_key, types=np.array([contact_type]), days=today)[0, 0]
    of_interval = interval_factors(busyness, replication_key, days=today, intervals=round(DAY / interval))[0]
    return of_day * of_interval[intervals_of(edges, day=day, interval=interval)]


def intervals_of(edges: Array, *, day: int, interval: float) -> Array:
    """The planning interval of the day in which each piece between edges [s] lies [n]."""
    return np.floor(((edges[:-1] + edges[1:]) / 2 - day * DAY) / interval).astype(np.int64)
