"""Certify the cheapest plan of a ladder on days that the search has never seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special, stats

from cxsim.designs.arrays import Rows, between, positive, table, vector
from cxsim.designs.estimate import Array, Numbers, is_constant, slack_p_value
from cxsim.errors import problem

FEWEST_DAYS = 100


class Certificate(NamedTuple):
    """Which rung of a ladder is certified, and why the next cheaper one is not.

    Attributes
    ----------
    rung : int or None
        The last rung that passed, counted from the safest, 0; None where not even the safest did.
    failed : int or None
        The first rung that failed; None where all passed. Those beyond were not tested.
    worst : int or None
        The constraint for which it failed.
    p_values : array [n_rungs]
        Of each rung: the largest over its constraints.
    lower : array [n_constraints]
        One-sided lower confidence bounds of the slacks of the certified rung; NaN where none is, or where a slack did
        not vary: the flag says so.
    days : int
    level : float
    flags : tuple of str
        `nothing_certified`, `zero_variance`; shares of days have a bound though none of them varied.
    """

    rung: int | None
    failed: int | None
    worst: int | None
    p_values: Array
    lower: Array
    days: int
    level: float
    flags: tuple[str, ...] = ()


def fixed_sequence(p_values: Numbers, *, level: float = 0.95) -> int | None:
    """The last test passed when tests are made in a fixed order and end at the first failure; None if the first fails.

    Each at the full error 1 - level, which then bounds the chance of any false pass.

    Parameters
    ----------
    p_values : array [n_tests]
        Safest first.

    Raises
    ------
    ValueError
        No p-values, or not between 0 and 1.

    Source
    ------
    Maurer, Hothorn and Lehmacher (1995), Multiple comparisons in drug clinical trials and preclinical assays: a-priori
    ordered hypotheses.
    """
    between("fixed_sequence", level=level)
    p = vector("fixed_sequence", p_values, what="p-values")
    if np.any((p < 0) | (p > 1)):
        raise ValueError(problem("fixed_sequence", f"{p_values}", "p-values between 0 and 1"))
    failed = np.flatnonzero(p > 1.0 - level + 1e-12)
    last = int(failed[0]) - 1 if len(failed) else len(p) - 1
    return last if last >= 0 else None


def certify(slacks: Sequence[Rows], *, shares: Sequence[float] = (), level: float = 0.95) -> Certificate:
    """The cheapest plan of a ladder that meets every constraint in the mean or on a share of days, on fresh days.

    All constraints of a rung must pass, each at the full error (intersection-union). The chance that the plan returned
    misses a target is at most 1 - level, whatever search has made the ladder, if the ladder was fixed beforehand.

    Parameters
    ----------
    slacks : sequence of arrays [n_constraints, n_days]
        Of each rung, the safest (dearest) first: room under each constraint on each fresh day, 0 or more is met; see
        `cxsim.designs.estimate.slack`. Of a constraint on a share of days: 1 or 0, met or not, less the share.
    shares : sequence of float [n_constraints]
        Of days that have to meet a constraint, 0 for one in the mean; left out, all are.

    Raises
    ------
    ValueError
        No rungs, rungs that differ in shape, fewer than two days, or values that are not finite.

    Source
    ------
    Maurer et al. (1995); Berger (1982), Multiparameter hypothesis testing and acceptance sampling.
    """
    between("certify", level=level)
    rungs = [table("certify", rung, at_least=(1, 2), what=("constraints", "days")) for rung in slacks]
    if not rungs or any(rung.shape != rungs[0].shape for rung in rungs):
        given = f"shapes {sorted({rung.shape for rung in rungs})}"
        raise ValueError(problem("certify", given, "the same constraints and days on every rung"))
    shares = shares or [0.0] * len(rungs[0])
    every = np.array([p_values_of(rung, shares=shares) for rung in rungs])
    p = every.max(axis=1)
    found = fixed_sequence(p, level=level)
    reached = -1 if found is None else found
    failed = reached + 1 if reached + 1 < len(rungs) else None
    worst = None if failed is None else int(np.argmax(every[failed]))
    n_constraints, days = rungs[0].shape
    if found is None:
        none = np.full(n_constraints, math.nan)
        return Certificate(None, failed, worst, p, none, days, level, ("nothing_certified",))
    lower = np.array([_lower(row, share, level) for row, share in zip(rungs[found], shares, strict=True)])
    flags = ("zero_variance",) if np.isnan(lower).any() else ()
    return Certificate(found, failed, worst, p, lower, days, level, flags)


def p_values_of(slacks: Rows, *, shares: Sequence[float] = ()) -> list[float]:
    """One-sided p of each constraint [n_constraints] of a plan: a t test in the mean, exact of a share of days.

    Parameters
    ----------
    slacks, shares
        As of `certify`.
    """
    rows = table("certify", slacks, at_least=(1, 2), what=("constraints", "days"))
    return [
        days_p_value(_days_met(row, share), n_days=len(row), share=share) if share else slack_p_value(row)
        for row, share in zip(rows, shares or [0.0] * len(rows), strict=True)
    ]


def days_p_value(days_met: int, *, n_days: int, share: float) -> float:
    """p of "the target is met on more than this share of days", exact, for chance constraints such as 9 days in 10.

    Raises
    ------
    ValueError
        More days met than days, or a share outside 0 to 1.
    """
    between("days_p_value", share=share)
    if not 0 <= days_met <= n_days or n_days < 1:
        raise ValueError(problem("days_p_value", f"{days_met} of {n_days} days", "0 <= days met <= days"))
    return float(stats.binomtest(days_met, n_days, share, alternative="greater").pvalue)


def fewest_days(share: float, *, level: float = 0.95) -> int:
    """Days below which no plan can be certified to meet a target on this share of them, though it met it on all.

    The smallest n with share^n <= 1 - level.
    """
    between("fewest_days", share=share, level=level)
    return math.ceil(math.log(1.0 - level + 1e-12) / math.log(share))


def certification_days(
    deviation: float, *, step: float, level: float = 0.95, power: float = 0.90, at_least: int = FEWEST_DAYS
) -> int:
    """Fresh days so that a rung with this much true slack passes with this power.

    Parameters
    ----------
    deviation : float
        Standard deviation of the daily slack.
    step : float
        Mean slack that one rung of the ladder adds.

    Raises
    ------
    ValueError
        A deviation or step that is not above 0, level or power outside 0 to 1.
    """
    positive("certification_days", deviation=deviation, step=step)
    between("certification_days", level=level, power=power)
    reach = float(special.ndtri(level) + special.ndtri(power))
    return max(at_least, math.ceil((reach * deviation / step) ** 2))


def _days_met(slacks: Array, share: float) -> int:
    if not np.allclose(np.where(slacks > 0.0, slacks - 1.0, slacks), -share):
        raise ValueError(
            problem("certify", "slacks of a share of days that are no 1 or 0 less the share", "Target.slacks")
        )
    return int(np.count_nonzero(slacks > 0.0))


def _lower(slacks: Array, share: float, level: float) -> float:
    if share:
        test = stats.binomtest(_days_met(slacks, share), len(slacks), share, alternative="greater")
        return float(test.proportion_ci(confidence_level=level, method="exact").low) - share
    if is_constant(slacks):
        return math.nan
    found = stats.ttest_1samp(slacks, 0.0, alternative="greater")
    return float(found.confidence_interval(level).low)
