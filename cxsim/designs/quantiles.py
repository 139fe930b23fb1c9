"""Quantiles over customers, with replications as clusters: customers of one day are not independent of each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from cxsim.designs.estimate import Array, Interval, ratio_interval
from cxsim.errors import problem

Samples = Sequence[npt.NDArray[Any] | Sequence[float]]


def inverse_cdf(values: Array, *, p: float) -> float:
    """Smallest value [n] that at least a share p (above 0, at most 1) of the values does not exceed."""
    return float(np.quantile(values, p, method="inverted_cdf"))


def quantile_interval(samples: Samples, *, p: float, level: float = 0.95) -> Interval:
    """Quantile p of all customers together, with Woodruff's interval.

    The share of customers at or below the quantile is a ratio metric; its standard error is carried over to the values
    by the inverse of their empirical distribution.

    Parameters
    ----------
    samples : sequence of arrays
        The values of each replication; some may be empty.
    p : float
        0 to 1, ends excluded.

    Returns
    -------
    Interval
        `value` by linear interpolation, as the metrics print it, the ends by the inverse distribution, widened to hold
        the value where they fall between the same two customers. `standard_error` is half the width over Student's
        quantile. An end beyond all customers is NaN, flag `open_below` or `open_above`; with no customer at all
        everything is, flag `nothing_observed`.

    Raises
    ------
    ValueError
        No replications, values that are not finite, or p outside 0 to 1.

    Source
    ------
    Woodruff (1952), Confidence intervals for medians and other position measures; Francisco and Fuller (1991).
    """
    pooled, nan = _pooled(samples, p), math.nan
    if len(pooled) == 0:
        n, method = len(samples), "B4 quantile_ci"
        return Interval(nan, nan, nan, nan, level, method, n, n - 1, ("nothing_observed",))
    value = float(np.quantile(pooled, p))
    share = ratio_interval(*_counts(samples, inverse_cdf(pooled, p=p)), level=level)
    found = share._replace(value=value, low=nan, high=nan, standard_error=nan, method="B4 quantile_ci")
    if "zero_variance" in share.flags and share.value == 1.0 and np.ptp(pooled) > 0:
        return found._replace(flags=("open_above",))  # the quantile is the largest value seen, not a certain one
    if share.flags:
        return found
    t = float(stats.t.ppf((1.0 + level) / 2.0, share.df))
    below, above = p - t * share.standard_error, p + t * share.standard_error
    low = min(value, inverse_cdf(pooled, p=below)) if below > 0 else nan
    high = max(value, inverse_cdf(pooled, p=above)) if above < 1 else nan
    ends = (("open_below", low), ("open_above", high))
    flags = tuple(flag for flag, end in ends if math.isnan(end))
    if not flags and low == high:
        # All customers around the quantile share one value (a wait of 0, say): it is certain here, not exact elsewhere.
        return found._replace(flags=("zero_variance",))
    return found._replace(low=low, high=high, standard_error=(high - low) / 2.0 / t, flags=flags)


def quantile_influences(samples: Samples, *, p: float, level: float = 0.95) -> Array:
    """One number a replication [n] whose mean is the quantile, for differences of quantiles.

    Linear in the shares at or below the quantile: q - ((Y - F N) / mean(N)) / f, with the density f at the quantile
    from Woodruff's interval. All equal q where every customer around it has the same value.

    Raises
    ------
    ValueError
        As of `quantile_interval`; or its interval has an open end, so that the density is unknown.

    Source
    ------
    Bahadur (1966), A note on quantiles in large samples; Francisco and Fuller (1991).
    """
    found = quantile_interval(samples, p=p, level=level)
    if "zero_variance" in found.flags:
        return np.full(len(samples), found.value)
    if found.flags:
        given = f"quantile {p} of {found.n} replications has {', '.join(found.flags)}"
        raise ValueError(problem("quantile_influences", given, "a closed interval", "run more replications"))
    y, n = _counts(samples, inverse_cdf(_pooled(samples, p), p=p))
    share = ratio_interval(y, n, level=level)
    per_share = found.standard_error / share.standard_error  # 1 / f
    return np.asarray(found.value - (y - share.value * n) / n.mean() * per_share)


def _counts(samples: Samples, at_most: float) -> tuple[Array, Array]:
    below = np.array([np.count_nonzero(np.asarray(sample, dtype=float) <= at_most) for sample in samples], dtype=float)
    return below, np.array([len(sample) for sample in samples], dtype=float)


def _pooled(samples: Samples, p: float) -> Array:
    if not 0 < p < 1:
        raise ValueError(problem("quantile", f"p {p}", "between 0 and 1, ends excluded"))
    pooled = np.concatenate([np.asarray(sample, dtype=float) for sample in samples]) if len(samples) else None
    if pooled is None or not np.all(np.isfinite(pooled)):
        given = "no replications" if pooled is None else "values that are not finite"
        raise ValueError(problem("quantile", given, "finite values, one array a replication"))
    return pooled
