"""Published rules that turn a value into a score of 0 to 1, each a function of plain numbers.

A profile names one for each metric (`rule:`); without a name it is the straight line between worst and best.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

# What a rule is scored on, in the words of a profile.
NEEDS: Final = {
    "linear": "worst and best, or band",
    "goal_ratio": "target",
    "less_is_better": "target",
    "banded": "bands",
    "normalised_with_bias": "cells min and max",
    "bounded_0_10": "worst and best",
    "percentile": "cells that give a distribution, or peers",
}
RULES: Final = tuple(NEEDS)


def linear(value: float, *, worst: float, best: float) -> float:
    """Straight line, 0 at worst and 1 at best, clamped.

    The score is clamped, not the value: 'above best' means nothing where lower is better.

    Source
    ------
    MetricNet balanced scorecard as retold publicly; NICE Uptivity scorecards (the same expression, with clamping).
    """
    return _inside((worst - value) / (worst - best))


def band(value: float, *, corners: Sequence[float]) -> float:
    """Full from the second to the third corner, falling on straight lines to nothing at the first and the last.

    A proposal of our own: published rules know no value that is neither too low nor too high.
    """
    worst_low, low, high, worst_high = corners
    return _inside(min((value - worst_low) / (low - worst_low), (worst_high - value) / (worst_high - high)))


def goal_ratio(value: float, *, goal: float, higher: bool) -> float:
    """Actual over goal where higher is better, goal over actual where lower is; more than the goal counts as the goal.

    Parameters
    ----------
    goal : float
        Above 0.
    higher : bool
        Whether a higher value is better.

    Source
    ------
    Common practice; the cap at 1 keeps a total within 0 to 1.
    """
    if higher:
        return _inside(value / goal)
    return 1.0 if value <= goal else goal / value


def less_is_better(value: float, *, target: float) -> float:
    """2 less actual over target: full at the target, nothing at twice the target; with target 0 full at 0 only.

    Source
    ------
    Camms, scorecard calculation methods.
    """
    if target == 0.0:
        return float(value <= 0.0)
    return _inside(2.0 - value / target)


def banded(value: float, *, edges: Sequence[float]) -> float:
    """Each band is worth the same share, and the place inside a band counts on a straight line.

    Parameters
    ----------
    edges : sequence of float
        From worst to best, rising or falling, one more than there are bands.

    Source
    ------
    Microsoft Balanced Scorecard Manager: bands 0, 4000, 6000, 12000 give 83.3 % for 9000.
    """
    n = len(edges) - 1
    sign = 1.0 if edges[-1] > edges[0] else -1.0
    for number, (start, end) in enumerate(pairwise(edges)):
        if sign * value < sign * end:
            return (number + _inside((value - start) / (end - start))) / n
    return 1.0


def normalised(value: float, *, low: float, high: float, higher: bool) -> float:
    """Place between the ends of a scale, turned round where lower is better.

    Source
    ------
    ServiceNow, normalized value of an assessment.
    """
    place = _inside((value - low) / (high - low))
    return place if higher else 1.0 - place


def normalised_with_bias(scores: Sequence[float], *, weights: Sequence[float]) -> float:
    """Total of normalised scores in which those that are missing (NaN) leave their weight to the others.

    Each answered one counts score x weight x bias over the sum of weights; bias is the sum of weights over the weight
    of those answered.

    Raises
    ------
    ValueError
        Nothing is answered.

    Source
    ------
    ServiceNow, normalized value of an assessment.
    """
    answered = [(score, weight) for score, weight in zip(scores, weights, strict=True) if not math.isnan(score)]
    if not answered:
        raise ValueError("no score is known; give at least one")
    whole = math.fsum(weights)
    bias = whole / math.fsum(weight for _, weight in answered)
    return math.fsum(score * weight * bias / whole for score, weight in answered)


def bounded_0_10(value: float, *, at_0: float, at_10: float) -> float:
    """Score of 0 to 10 between two boundaries, clipped; a tenth of it is the score on our scale.

    Source
    ------
    arup-group/gelato, benchmark scores.
    """
    return 10.0 * linear(value, worst=at_0, best=at_10)


def share_beaten(*, at_least: float, at_most: float, higher: bool) -> float:
    """Share of peers that are surely beaten, from bounds on the share of peers with a lower value.

    Source
    ------
    CustomerGauge benchmarks; the bound is ours, for values beyond the outermost published figure.
    """
    return at_least if higher else 1.0 - at_most


def _inside(score: float) -> float:
    return min(max(score, 0.0), 1.0)
