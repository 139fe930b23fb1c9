"""More precise estimates from the same replications: control variates, strata of busyness, antithetic pairs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from cxsim.designs.arrays import Rows, between, table, vector
from cxsim.designs.estimate import SAME, Array, Interval, Numbers, is_constant, mean_interval, ratio_influences
from cxsim.errors import problem


class Controlled(NamedTuple):
    """An estimate by control variates, the plain one beside it.

    `r_squared` is the share of the variance that the controls explain; `coefficients` [n_controls].
    """

    interval: Interval
    plain: Interval
    coefficients: Array
    r_squared: float


class Antithetic(NamedTuple):
    """An estimate from antithetic pairs; `correlation` within pairs, NaN where nothing varied; below 0 it pays."""

    interval: Interval
    correlation: float


def control_variates(values: Numbers, controls: Numbers | Rows, *, means: Numbers, level: float = 0.95) -> Controlled:
    """Mean of values corrected by controls whose true means are known.

    Controls: number of arrivals (sum of the forecast rates), mean handle-time draw, busyness factor. Not where their
    means are themselves estimated.

    Parameters
    ----------
    values : array [n_replications]
    controls : array [n_replications] or [n_replications, n_controls]
    means : array [n_controls]
        Their true means.
    level : float

    Returns
    -------
    Controlled
        Flag `zero_variance` and no ends where the values do not vary, or are explained wholly.

    Raises
    ------
    ValueError
        Fewer than n_controls + 2 replications, a control that does not vary or follows from the others, values that
        are not finite.

    Source
    ------
    Lavenberg and Welch (1981), A perspective on the use of control variables to increase the efficiency of Monte Carlo
    simulations.
    """
    where = "control_variates"
    between(where, level=level)
    y, c, mu = _controlled_inputs(where, values, controls, means)
    n, p = c.shape
    plain = mean_interval(y, level=level)
    centred, off = c - c.mean(axis=0), mu - c.mean(axis=0)
    scale = np.linalg.norm(centred, axis=0)
    standard = centred / scale
    solved, _, rank, _ = np.linalg.lstsq(standard, y - y.mean(), rcond=1e-10)
    if rank < p:
        raise ValueError(problem(where, f"{p} controls of rank {rank}", "none that follows from the others"))
    b = solved / scale
    value, df = float(y.mean() + off @ b), n - 1 - p
    nothing = Interval(value, math.nan, math.nan, math.nan, level, "G2 control_variates", n, df, ("zero_variance",))
    if plain.flags:
        return Controlled(nothing._replace(value=plain.value), plain, np.zeros(p), math.nan)
    rest, whole = float(np.sum((y - y.mean() - centred @ b) ** 2)), float(np.sum((y - y.mean()) ** 2))
    r_squared = 1.0 - rest / whole
    if rest <= SAME * whole:
        return Controlled(nothing, plain, b, r_squared)
    reach = np.linalg.lstsq(standard.T @ standard, off / scale, rcond=None)[0] @ (off / scale)
    se = math.sqrt(rest / df * (1.0 / n + float(reach)))
    t = float(stats.t.ppf((1.0 + level) / 2.0, df))
    return Controlled(
        nothing._replace(low=value - t * se, high=value + t * se, standard_error=se, flags=()), plain, b, r_squared
    )


def controlled_ratio(
    numerators: Numbers, denominators: Numbers, controls: Numbers | Rows, *, means: Numbers, level: float = 0.95
) -> Controlled:
    """Control variates for a ratio of sums, by its influence values; raises as both."""
    return control_variates(ratio_influences(numerators, denominators), controls, means=means, level=level)


def stratified_uniforms(uniforms: Numbers, *, order: npt.NDArray[np.int_]) -> Array:
    """One uniform in each of R equal strata, for R replications: (order + U) / R.

    The quantile of the day's busyness at these numbers gives busyness in strata. R must be known beforehand.

    Parameters
    ----------
    uniforms : array [R]
        0 to 1.
    order : array [R]
        The stratum of each replication: a random permutation of 0 to R - 1.

    Raises
    ------
    ValueError
        Uniforms outside 0 to 1, or an order that is not a permutation.
    """
    u = vector("stratified_uniforms", uniforms)
    strata = np.asarray(order)
    if np.any((u < 0) | (u >= 1)) or not np.array_equal(np.sort(strata), np.arange(len(u))):
        given = f"uniforms from {u.min():g} to {u.max():g}, {len(strata)} strata"
        raise ValueError(problem("stratified_uniforms", given, "numbers from 0 to below 1, each stratum once"))
    return np.asarray((strata + u) / len(u))


def stratified_interval(strata: list[Numbers], *, weights: Numbers, level: float = 0.95) -> Interval:
    """Mean from strata with known weights, at least two replications in each.

    Parameters
    ----------
    strata : list of arrays
        Values of the replications in each.
    weights : array [n_strata]
        Shares, which sum to 1.

    Returns
    -------
    Interval
        Degrees of freedom by Satterthwaite. Without ends and with flag `zero_variance` where nothing varied within.

    Raises
    ------
    ValueError
        A stratum with fewer than two replications, weights that do not sum to 1, values that are not finite.

    Source
    ------
    Cochran (1977), Sampling techniques, chapter 5.
    """
    where = "stratified_interval"
    between(where, level=level)
    w = vector(where, weights, what="strata")
    if len(strata) != len(w) or np.any(w <= 0) or not math.isclose(float(w.sum()), 1.0):
        given = f"{len(strata)} strata, {len(w)} weights of sum {w.sum():g}"
        raise ValueError(problem(where, given, "one weight above 0 a stratum, sum 1"))
    x = [vector(where, stratum, at_least=2) for stratum in strata]
    value = float(sum(share * stratum.mean() for share, stratum in zip(w, x, strict=True)))
    parts = np.array(
        [
            0.0 if is_constant(stratum) else share**2 * np.var(stratum, ddof=1) / len(stratum)
            for share, stratum in zip(w, x, strict=True)
        ]
    )
    n, variance = sum(map(len, x)), float(parts.sum())
    if not variance > 0:
        return Interval(value, *(math.nan,) * 3, level, "G3 stratified", n, n - len(x), ("zero_variance",))
    df = variance**2 / float(np.sum(parts**2 / (np.array([len(stratum) for stratum in x]) - 1)))
    return _student(value, math.sqrt(variance), df=df, n=n, level=level, method="G3 stratified")


def one_per_stratum_interval(values: Numbers, *, level: float = 0.95) -> Interval:
    """Mean of replications in R equal strata, one in each, ordered by stratum; R even.

    Neighbouring strata are taken together, two by two, for the variance, which makes it rather too large.

    Raises
    ------
    ValueError
        An odd number of replications, fewer than four, or values that are not finite.

    Source
    ------
    Cochran (1977), section 5A.12, collapsed strata.
    """
    x = vector("one_per_stratum_interval", values, at_least=4)
    between("one_per_stratum_interval", level=level)
    if len(x) % 2:
        raise ValueError(problem("one_per_stratum_interval", f"{len(x)} replications", "an even number"))
    value, apart = float(x.mean()), x[0::2] - x[1::2]
    if float(np.max(np.abs(apart))) <= SAME * float(np.max(np.abs(x))):
        df = len(x) // 2
        return Interval(value, *(math.nan,) * 3, level, "G3 one_per_stratum", len(x), df, ("zero_variance",))
    se = math.sqrt(float(np.sum(apart**2))) / len(x)
    return _student(value, se, df=len(x) / 2, n=len(x), level=level, method="G3 one_per_stratum")


def antithetic_interval(first: Numbers, second: Numbers, *, level: float = 0.95) -> Antithetic:
    """Mean of pairs [n_pairs] run with u and 1 - u; only pair means are independent.

    Raises
    ------
    ValueError
        Different lengths, or values that are not finite.
    """
    a, b = vector("antithetic_interval", first), vector("antithetic_interval", second)
    if len(a) != len(b):
        raise ValueError(problem("antithetic_interval", f"{len(a)} and {len(b)} values", "pairs"))
    interval = mean_interval((a + b) / 2.0, level=level, method="G3 antithetic")
    varies = len(a) > 1 and not is_constant(a) and not is_constant(b)
    return Antithetic(interval, float(stats.pearsonr(a, b).statistic) if varies else math.nan)


def _student(value: float, se: float, *, df: float, n: int, level: float, method: str) -> Interval:
    t = float(stats.t.ppf((1.0 + level) / 2.0, df))
    return Interval(value, value - t * se, value + t * se, se, level, method, n, df)


def _controlled_inputs(
    where: str, values: Numbers, controls: Numbers | Rows, means: Numbers
) -> tuple[Array, Array, Array]:
    y = vector(where, values)
    c = np.asarray(controls, dtype=float)
    c = table(
        where, c[:, np.newaxis] if c.ndim == 1 else c, at_least=(len(y), 1), what=("replications of controls", "kinds")
    )
    mu = vector(where, means, what="means of controls")
    n, p = c.shape
    if n != len(y) or len(mu) != p or n < p + 2:
        given = f"{len(y)} values, controls {n} by {p}, {len(mu)} means"
        raise ValueError(
            problem(where, given, "a row of controls a value, a mean a control, controls + 2 replications")
        )
    still = [i for i in range(p) if is_constant(c[:, i])]
    if still:
        raise ValueError(problem(where, f"control {still[0]} does not vary", "controls that vary", "leave it out"))
    return y, c, mu
