"""How much a total, and the order of several totals, hang on the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

CHANGE = 0.2

Scores = Mapping[str, float]


class Reach(NamedTuple):
    """Lowest and highest total that changed weights give."""

    low: float
    high: float


def reach(scores: Scores, *, weights: Scores, change: float = CHANGE) -> Reach:
    """Lowest and highest total when every weight may move up or down by a share of itself, scaled to add to 1.

    Exact: the total is a ratio of sums, so its extremes give the higher weight to all scores above some threshold and
    the lower weight to those below, or the reverse; every threshold is tried.

    Parameters
    ----------
    scores : mapping of str to float
        Score of each metric, 0 to 1.
    weights : mapping of str to float
        Weight of each of these metrics, above 0.
    change : float
        0.2 lets a weight of 10 % be 8 % to 12 %.
    """
    ordered = sorted(scores, key=lambda name: scores[name])
    totals = []
    for split in range(len(ordered) + 1):
        for low, high in ((1.0 - change, 1.0 + change), (1.0 + change, 1.0 - change)):
            moved = [weights[name] * (low if place < split else high) for place, name in enumerate(ordered)]
            total = math.fsum(weight * scores[name] for weight, name in zip(moved, ordered, strict=True))
            totals.append(total / math.fsum(moved))
    return Reach(min(totals), max(totals))


def reversals(scores: Mapping[str, Scores], *, weights: Scores, change: float = CHANGE) -> list[tuple[str, str]]:
    """Pairs, first the one ahead, whose order changes for some weights within a share of what they are.

    Exact: the difference of two totals is a sum of weight times difference, whose sign does not change when the weights
    are scaled to 1; each weight is moved against the one that is ahead.

    Parameters
    ----------
    scores : mapping of str to mapping
        Of each scenario, agent or peer the score of each metric; pairs are compared on the metrics that both have.
    """
    found = []
    for first, second in combinations(scores, 2):
        shared = [name for name in weights if name in scores[first] and name in scores[second]]
        steps = [weights[name] * (scores[first][name] - scores[second][name]) for name in shared]
        ahead = math.fsum(steps)
        if 0.0 < abs(ahead) < change * math.fsum(abs(step) for step in steps):
            found.append((first, second) if ahead > 0.0 else (second, first))
    return found


def leverage(weights: Sequence[float], *, change: float = CHANGE) -> list[float]:
    """Most that the total can move when one weight grows by a share of itself and the others make room."""
    whole = math.fsum(weights)
    return [
        weight * (1.0 + change) / (whole + weight * change) - weight / whole if whole > 0.0 else 0.0
        for weight in weights
    ]
