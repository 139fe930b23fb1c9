"""Differences between scenarios run with common random numbers: paired intervals, equivalence, Holm, a verdict."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from scipy import stats

from cxsim.designs.estimate import (
    Array,
    Interval,
    Numbers,
    is_constant,
    mean_interval,
    ratio_influences,
    ratio_interval,
)
from cxsim.designs.quantiles import Samples, quantile_influences, quantile_interval
from cxsim.errors import problem

Outcome = Literal["above", "below", "equivalent", "unresolved"]


class Difference(NamedTuple):
    """Changed minus base, paired by replication.

    `p_value` is two-sided; `variance_ratio` says how many times larger the variance of the difference would be without
    common random numbers. Both and `correlation` are NaN where nothing varied or with one replication; the flags of
    the interval say so.
    """

    interval: Interval
    p_value: float
    correlation: float
    variance_ratio: float


class Equivalence(NamedTuple):
    """Whether a difference is surely smaller than a margin: two one-sided tests, with their interval [low, high]."""

    equivalent: bool
    p_value: float
    margin: float
    low: float
    high: float
    level: float


class Verdict(NamedTuple):
    """One of above, below, equivalent, unresolved; and a sentence that says it plainly."""

    outcome: Outcome
    sentence: str


def paired_difference(
    changed: Numbers, *, base: Numbers, level: float = 0.95, method: str = "E1 paired_difference"
) -> Difference:
    """Mean of changed minus base, replication by replication.

    Parameters
    ----------
    changed, base : array [n_replications]
        One number a replication, replication r of both run with the same random numbers.
    level : float

    Returns
    -------
    Difference
        Where the differences do not vary: no ends, flag `zero_variance`; with one replication `single_replication`.

    Raises
    ------
    ValueError
        Different lengths, no values, or values that are not finite.
    """
    b, a = _paired("paired_difference", changed, base)
    d = _differences(b, a)
    interval = mean_interval(d, level=level, method=method)
    if interval.flags:
        return Difference(interval, math.nan, math.nan, math.nan)
    found = stats.ttest_rel(b, a)
    varies = not is_constant(a) and not is_constant(b)
    correlation = float(stats.pearsonr(a, b).statistic) if varies and len(d) > 1 else math.nan
    ratio = float((np.var(a, ddof=1) + np.var(b, ddof=1)) / np.var(d, ddof=1))
    return Difference(interval, float(found.pvalue), correlation, ratio)


def ratio_difference(
    numerators: Numbers,
    denominators: Numbers,
    *,
    base_numerators: Numbers,
    base_denominators: Numbers,
    level: float = 0.95,
) -> Difference:
    """Difference of two ratios of sums, by their influence values; counters [n_replications] of both scenarios.

    Where one of the two observed nothing the value is NaN, flag `nothing_observed`.

    Raises
    ------
    ValueError
        Different lengths, or counters that are not finite.
    """
    method = "B2 ratio_difference"
    both = ((numerators, denominators), (base_numerators, base_denominators))
    alone = [ratio_interval(y, n, level=level) for y, n in both]
    if any("nothing_observed" in found.flags for found in alone):
        return _undecided(alone, level=level, method=method)
    after, before = (ratio_influences(y, n) for y, n in both)
    return paired_difference(after, base=before, level=level, method=method)


def quantile_difference(samples: Samples, *, base_samples: Samples, p: float, level: float = 0.95) -> Difference:
    """Difference of quantile p over all customers, by influence values (replication-level linearisation).

    Each scenario's quantile is linear, to first order, in the share of its customers at or below it; the density comes
    from its Woodruff interval. No jackknife: it is invalid for quantiles. The pairing carries over. Where one of the
    two quantiles has no closed interval of its own the difference has none, with the same flags.

    Raises
    ------
    ValueError
        As of `cxsim.designs.quantiles.quantile_interval`, or different numbers of replications.
    """
    method = "B4 quantile_difference"
    alone = [quantile_interval(of, p=p, level=level) for of in (samples, base_samples)]
    if any(set(found.flags) - {"zero_variance"} for found in alone):
        return _undecided(alone, level=level, method=method)
    after, before = (quantile_influences(of, p=p, level=level) for of in (samples, base_samples))
    return paired_difference(after, base=before, level=level, method=method)


def _undecided(alone: list[Interval], *, level: float, method: str) -> Difference:
    """The difference of two estimates [changed, base] of which one has no interval, with the flags of both."""
    nan, (after, before) = math.nan, alone
    flags = tuple(sorted(set(after.flags + before.flags) - {"zero_variance"}))
    interval = Interval(after.value - before.value, nan, nan, nan, level, method, after.n, after.df, flags)
    return Difference(interval, nan, nan, nan)


def equivalence(changed: Numbers, *, base: Numbers, margin: float, level: float = 0.95) -> Equivalence:
    """Two one-sided paired tests that the mean difference lies within plus or minus a margin.

    For ratios and quantiles give their influence values. The interval printed has level 2 level - 1.

    Raises
    ------
    ValueError
        A margin that is not above 0, fewer than two replications, or different lengths.

    Source
    ------
    Schuirmann (1987), A comparison of the two one-sided tests procedure.
    """
    b, a = _paired("equivalence", changed, base)
    if not margin > 0 or len(a) < 2:
        given = f"margin {margin:g}, {len(a)} replications"
        raise ValueError(problem("equivalence", given, "a margin above 0, at least 2 replications"))
    inner = 2.0 * level - 1.0
    d = _differences(b, a)
    if is_constant(d, scale=0.0):
        # The sign test on "outside the margin" takes the place of a t test without variance.
        p = 0.5 ** len(d) if abs(d[0]) < margin else 1.0
        return Equivalence(p <= 1.0 - level, p, margin, math.nan, math.nan, inner)
    above = stats.ttest_rel(b + margin, a, alternative="greater").pvalue
    below = stats.ttest_rel(b - margin, a, alternative="less").pvalue
    low, high = stats.ttest_rel(b, a).confidence_interval(inner)
    p = float(max(above, below))
    return Equivalence(p <= 1.0 - level, p, margin, float(low), float(high), inner)


def holm(p_values: Numbers) -> Array:
    """p-values [m] adjusted so that the chance of any false claim among them stays below the level.

    Raises
    ------
    ValueError
        A p-value outside 0 to 1.

    Source
    ------
    Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    p = np.asarray(p_values, dtype=float)
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(problem("holm", f"{p_values}", "p-values between 0 and 1"))
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def simultaneous_level(level: float, *, n_intervals: int) -> float:
    """Level of each of several intervals so that all hold together at `level` (Bonferroni)."""
    return 1.0 - (1.0 - level) / n_intervals


def _number(value: float) -> str:
    return format(value, ".4g")


def verdict(
    interval: Interval,
    *,
    margin: float | None = None,
    what: str = "the difference",
    show: Callable[[float], str] = _number,
) -> Verdict:
    """What a difference, changed minus base, amounts to.

    Parameters
    ----------
    interval : Interval
        Of the difference.
    margin : float, optional
        The smallest difference that matters. With it a difference whose two one-sided tests keep it within the margin
        is `equivalent`, also where it is not 0.
    what : str
        Subject of the sentence, such as "service level with two agents more".
    show : function
        How a number is printed, with its unit.

    Raises
    ------
    ValueError
        A margin that is not above 0.
    """
    if margin is not None and not margin > 0:
        raise ValueError(problem("verdict", f"margin {margin:g}", "above 0", "leave it out if none is known"))
    if math.isnan(interval.low) or math.isnan(interval.high):
        return _without_interval(interval, what, show)
    span = f"{interval.level:.0%} interval {show(interval.low)} to {show(interval.high)}"
    if margin is not None and interval.standard_error > 0:
        reach = float(stats.t.ppf(interval.level, interval.df)) * interval.standard_error
        if abs(interval.value) + reach <= margin:
            words = f"{what}: no real difference; it is smaller than the margin of {show(margin)} ({span})"
            return Verdict("equivalent", words)
    if interval.low > 0 or interval.high < 0:
        outcome: Outcome = "above" if interval.low > 0 else "below"
        return Verdict(outcome, f"{what}: {outcome} by {show(abs(interval.value))} ({span})")
    doubt = "" if margin is None else f"; nor is it sure to be smaller than the margin of {show(margin)}"
    return Verdict(
        "unresolved", f"{what}: no real difference shown in {interval.n} replications ({span} holds 0{doubt})"
    )


def _without_interval(interval: Interval, what: str, show: Callable[[float], str]) -> Verdict:
    if "zero_variance" in interval.flags:
        # The sign test, two-sided: that few replications agree is no proof.
        if 2.0 * 0.5**interval.n > 1.0 - interval.level:
            words = f"{what}: {show(interval.value)} in each of {interval.n} replications, too few to tell; run more"
            return Verdict("unresolved", words)
        if interval.value == 0:
            words = f"{what}: no real difference; the same in each of {interval.n} replications"
            return Verdict("equivalent", words)
        outcome: Outcome = "above" if interval.value > 0 else "below"
        words = (
            f"{what}: {outcome} by {show(abs(interval.value))} in each of {interval.n} replications, without variance"
        )
        return Verdict(outcome, words)
    if math.isnan(interval.value):
        return Verdict("unresolved", f"{what}: unknown, for in one of the two nothing was observed")
    reason = "one replication" if interval.n == 1 else ", ".join(interval.flags)
    return Verdict(
        "unresolved", f"{what}: {show(interval.value)}, without an interval ({reason}); run more replications"
    )


def _paired(where: str, changed: Numbers, base: Numbers) -> tuple[Array, Array]:
    b, a = np.asarray(changed, dtype=float), np.asarray(base, dtype=float)
    if b.shape != a.shape or b.ndim != 1:
        given = f"shapes {b.shape} and {a.shape}"
        raise ValueError(problem(where, given, "one number a replication, the same replications in both"))
    return b, a


def _differences(b: Array, a: Array) -> Array:
    """Changed minus base [n], with rounding taken out: all one number where they differ by rounding of a and b only."""
    d = b - a
    if len(d) > 1 and is_constant(d, scale=float(np.max(np.abs([a, b])))):
        same = float(np.mean(d))
        tiny = abs(same) <= 1e-12 * float(np.max(np.abs([a, b])))
        return np.full_like(d, 0.0 if tiny else same)
    return d
