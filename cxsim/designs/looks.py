"""Stop when the decision is clear: a few planned looks, or a sequence of intervals that holds at every look.

Looking after every replication at an ordinary 95 % interval decides falsely in 40-50 % of cases where nothing differs.
Both rules here keep the share of false decisions at 1 - level however often they look.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from cxsim.designs.arrays import between, positive, vector
from cxsim.designs.compare import Outcome
from cxsim.designs.estimate import Array, Interval, Numbers, is_constant, mean_interval
from cxsim.designs.replicate import MOST, replications_for
from cxsim.errors import problem

PLANNED = (20, 40, 80, 160, 320)
FIRST = 20  # replications before a confidence sequence is trusted


class Decision(NamedTuple):
    """What looking has led to.

    Attributes
    ----------
    outcome : str
        above, below, equivalent or unresolved. Unresolved is an answer.
    interval : Interval
        At the last look, with its level and the replications it rests on.
    next_look : int or None
        Replications after which to look again; None when decided, or after the last look.
    needed : int or None
        Where unresolved: replications at which such an estimate would be decided; None if more than can be run.
    sentence : str
    """

    outcome: Outcome
    interval: Interval
    next_look: int | None
    needed: int | None
    sentence: str


class ConfidenceSequence(NamedTuple):
    """Intervals that hold at all looks together: number of replications, mean, ends [n_looks].

    `low` and `high` are NaN where nothing had varied yet.
    """

    n: Array
    value: Array
    low: Array
    high: Array
    level: float


def look_level(level: float, *, n_looks: int) -> float:
    """Level of each interval when there are so many looks (Bonferroni)."""
    return 1.0 - (1.0 - level) / n_looks


def judge(interval: Interval, *, target: float = 0.0, margin: float | None = None) -> Outcome:
    """Where one interval lies: above or below a target, or wholly within a margin around it.

    What did not vary has no ends; then the sign test decides, two-sided, at the level of the interval.

    Parameters
    ----------
    interval : Interval
    target : float
        0 for a difference.
    margin : float, optional
        The smallest deviation from the target that matters; within it is `equivalent`, also where the interval leaves
        out the target.

    Raises
    ------
    ValueError
        A margin that is not above 0.
    """
    if margin is not None:
        positive("judge", margin=margin)
    low, high = interval.low - target, interval.high - target
    if "zero_variance" in interval.flags:
        if 2.0 * 0.5**interval.n > 1.0 - interval.level:
            return "unresolved"
        low = high = interval.value - target
    if margin is not None and -margin < low and high < margin:
        return "equivalent"
    if low > 0 or high < 0:
        return "above" if low > 0 else "below"
    return "equivalent" if low == high == 0 else "unresolved"


def planned_looks(
    values: Numbers,
    *,
    target: float = 0.0,
    margin: float | None = None,
    looks: Sequence[int] = PLANNED,
    level: float = 0.95,
) -> Decision:
    """Go through the looks that the values reach and stop at the first that decides.

    Parameters
    ----------
    values : array [n_replications]
        One number a replication, in the order run: differences (target 0), slacks (0), or influence values of a ratio.
    target, margin : float
        As of `judge`.
    looks : sequence of int
        Numbers of replications after which to look, fixed beforehand, rising.
    level : float
        Over all looks together.

    Raises
    ------
    ValueError
        Values that are not finite, looks that do not rise from 2 or more, a margin that is not above 0.
    """
    x = vector("planned_looks", values)
    return decide_at_looks(
        lambda n, inner: mean_interval(x[:n], level=inner, method="C4 planned_looks"),
        n=len(x),
        target=target,
        margin=margin,
        looks=looks,
        level=level,
    )


def decide_at_looks(
    interval_at: Callable[[int, float], Interval],
    *,
    n: int,
    target: float = 0.0,
    margin: float | None = None,
    looks: Sequence[int] = PLANNED,
    level: float = 0.95,
) -> Decision:
    """As `planned_looks`, for any interval: `interval_at` takes a number of replications and a level.

    Raises
    ------
    ValueError
        As `planned_looks`.
    """
    between("planned_looks", level=level)
    if not looks or looks[0] < 2 or any(b <= a for a, b in itertools.pairwise(looks)):
        raise ValueError(problem("planned_looks", f"looks {tuple(looks)}", "rising, the first at least 2"))
    inner = look_level(level, n_looks=len(looks))
    for look in looks:
        if look > n:
            found = interval_at(n, inner)
            return Decision("unresolved", found, look, None, f"not decided after {n} replications; next look at {look}")
        found = interval_at(look, inner)
        outcome = judge(found, target=target, margin=margin)
        if outcome != "unresolved":
            return Decision(outcome, found, None, None, _sentence(outcome, found, target, margin))
    needed = _needed(found, target, margin, replications_for)
    return Decision("unresolved", found, None, needed, _open(found, needed))


def confidence_sequence(
    values: Numbers, *, best_at: int = 100, first: int = FIRST, level: float = 0.95
) -> ConfidenceSequence:
    """Intervals for the mean after each replication, valid at all of them together, so that one may stop at any.

    Parameters
    ----------
    values : array [n_replications]
        In the order run. Skewed values: `first` 50, or means of five days each.
    best_at : int
        Number of replications at which the sequence is narrowest.
    first : int
        Replications before the first interval; the guarantee is asymptotic.

    Raises
    ------
    ValueError
        Fewer values than `first`, values that are not finite, a first look below 2.

    Source
    ------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Time-uniform central limit theory and asymptotic
    confidence sequences.
    """
    between("confidence_sequence", level=level)
    positive("confidence_sequence", best_at=best_at)
    if first < 2:
        raise ValueError(problem("confidence_sequence", f"first {first}", "at least 2"))
    x = vector("confidence_sequence", values, at_least=first)
    n = np.arange(1.0, len(x) + 1.0)
    # Sums of deviations from the first value, so that a large mean does not drown a small spread.
    deviations = x - x[0]
    mean = np.cumsum(deviations) / n
    variance = np.maximum(np.cumsum(deviations**2) / n - mean**2, 0.0)
    half_width = sequence_half_width(np.sqrt(variance), n=n, best_at=best_at, level=level)
    constant = np.array([is_constant(x[: int(k)]) for k in n[first - 1 :]])
    half_width = np.where(constant, np.nan, half_width[first - 1 :])
    value = (mean + x[0])[first - 1 :]
    return ConfidenceSequence(n[first - 1 :], value, value - half_width, value + half_width, level)


def sequence_half_width(spread: Array | float, *, n: Array | float, best_at: int = 100, level: float = 0.95) -> Array:
    """Half-width of a confidence sequence after n replications with this standard deviation (divisor n)."""
    alpha = 1.0 - level
    v = (-float(np.real(special.lambertw(-(alpha**2) / math.e, -1))) - 1.0) / best_at
    x = np.asarray(n, dtype=float) * v + 1.0
    radius = np.sqrt(2.0 * x / (np.asarray(n, dtype=float) ** 2 * v) * np.log(np.sqrt(x) / alpha))
    return np.asarray(spread * radius, dtype=float)


def decide_by_sequence(
    values: Numbers,
    *,
    target: float = 0.0,
    margin: float | None = None,
    best_at: int = 100,
    first: int = FIRST,
    level: float = 0.95,
) -> Decision:
    """Stop at the first replication whose interval of the confidence sequence decides; else unresolved.

    Parameters, errors and source as of `confidence_sequence` and `judge`.
    """
    found = confidence_sequence(values, best_at=best_at, first=first, level=level)
    for i in range(len(found.n)):
        flags = ("zero_variance",) if math.isnan(found.low[i]) else ()
        ends = (float(found.value[i]), float(found.low[i]), float(found.high[i]))
        n = int(found.n[i])
        # A constant beginning is not judged by a sign test here: that test would not hold at every look.
        interval = Interval(*ends, math.nan, level, "C4 confidence_sequence", n, math.inf, flags)
        outcome: Outcome = "unresolved" if flags else judge(interval, target=target, margin=margin)
        if outcome != "unresolved":
            return Decision(outcome, interval, None, None, _sentence(outcome, interval, target, margin))

    def for_sequence(half_width: float, *, spread: float, at_least: int, level: float) -> int | None:
        grid = np.unique(np.geomspace(at_least, MOST, 4000).astype(int))
        enough = np.flatnonzero(sequence_half_width(spread, n=grid, best_at=best_at, level=level) <= half_width)
        return int(grid[enough[0]]) if len(enough) else None

    x = np.asarray(values, dtype=float)
    spread = 0.0 if flags else float(np.std(x))
    needed = _needed(interval, target, margin, for_sequence, spread=spread)
    return Decision("unresolved", interval, None, needed, _open(interval, needed))


def _needed(
    interval: Interval,
    target: float,
    margin: float | None,
    search: Callable[..., int | None],
    *,
    spread: float | None = None,
) -> int | None:
    """Replications at which the estimate and spread as they are now would decide, one way or the other."""
    if spread is None:
        spread = interval.standard_error * math.sqrt(interval.n)
    off = abs(interval.value - target)
    distance = max(off, margin - off) if margin is not None else off
    if not distance > 0 or not spread > 0 or math.isnan(distance):
        return None
    needed = search(distance, spread=spread, at_least=max(2, interval.n), level=interval.level)
    return None if needed is None else max(needed, interval.n + 1)


def _sentence(outcome: Outcome, interval: Interval, target: float, margin: float | None) -> str:
    place = f"{outcome} {target:g}" if outcome != "equivalent" else f"within {margin or 0:g} of {target:g}"
    return f"{place} after {interval.n} replications (estimate {interval.value:.4g})"


def _open(interval: Interval, needed: int | None) -> str:
    more = f"about {needed} would be needed" if needed is not None else f"even {MOST} might not be enough"
    return f"unresolved after {interval.n} replications (estimate {interval.value:.4g}); {more}"
