"""Split a change of a score into the drivers that made it, without remainder.

Source
------
Aumann and Shapley (1974), Values of non-atomic games: along the straight path from before to after, each driver is
credited with its own part of every small step. The outcome model of the reference, section 5.2.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from cxsim.errors import PerceptionError, nearest, problem
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import DRIVERS, Contributions, weights_of

Array = npt.NDArray[Any]

# Lines of an explanation: what happened, and what the customer expected before anything happened.
LINES: Final = (*DRIVERS, "expectation")
# Score: metric, and the cuts whose shares above are added up.
SCORES: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "top_two": ("satisfaction", (2,)),
    "top_box": ("satisfaction", (3,)),
    "satisfaction": ("satisfaction", (0, 1, 2, 3)),
    "agree": ("ease", (3,)),
    "ease": ("ease", (0, 1, 2, 3, 4, 5)),
    "net_promoter_score": ("recommendation", (6, 8)),
}
_SAME = 1e-9


def decompose(before: Contributions, after: Contributions, *, model: PerceptionModel, score: str = "top_two") -> Array:
    """Change of each journey's expected score by line; sums over lines to the whole change.

    Parameters
    ----------
    before, after : Contributions
        The same n journeys in two scenarios.
    model : PerceptionModel
    score : str
        Of SCORES; shares and the net promoter score as 0 to 1 and -1 to 1, means in points of the answer.

    Returns
    -------
    array [n, 12]
        In the order of LINES; average over journeys for the change of an operation.

    Raises
    ------
    PerceptionError
        Not the same journeys, or no such score.
    """
    if score not in SCORES:
        raise PerceptionError(
            problem("decompose", f"score {score}", f"scores are {', '.join(SCORES)}", nearest(score, SCORES))
        )
    if len(before) != len(after):
        given = f"{len(before)} and {len(after)} journeys"
        raise PerceptionError(problem("decompose", given, "the same journeys in two scenarios"))
    metric, chosen = SCORES[score]
    start, end = getattr(before, metric), getattr(after, metric)
    cuts = np.asarray(getattr(model.anchors, metric))[list(chosen)]
    slope = sum((_mean_slope(start, end, float(cut)) for cut in cuts), np.zeros(len(before)))
    return index_changes(before, after, model=model, metric=metric) * slope[:, None]


def expected_score(felt: Contributions, *, model: PerceptionModel, score: str) -> Array:
    """Expected score of each journey, array [n], up to a constant: the sum over the score's cuts of the share above.

    The net promoter score lacks -1, a mean its lowest answer.
    """
    metric, chosen = SCORES[score]
    cuts = np.asarray(getattr(model.anchors, metric))[list(chosen)]
    index = getattr(felt, metric)
    return sum((ndtr(index - cut) for cut in cuts), np.zeros(len(felt)))


def index_changes(before: Contributions, after: Contributions, *, model: PerceptionModel, metric: str) -> Array:
    """Change of the index of a metric by line, array [n, 12] of SD."""
    moved = np.empty((len(before), len(LINES)), order="F")
    moved[:, :-1] = (after.drivers - before.drivers) * weights_of(model, metric)
    moved[:, -1] = after.offset - before.offset
    return moved


def _mean_slope(start: Array, end: Array, cut: float) -> Array:
    """Mean slope of the share above a cut on the way from one index to the other, array [n]."""
    step = end - start
    moved = np.abs(step) > _SAME
    rise = ndtr(end - cut) - ndtr(start - cut)
    at_rest = np.exp(-0.5 * (start - cut) ** 2) / np.sqrt(2.0 * np.pi)
    return np.where(moved, rise / np.where(moved, step, 1.0), at_rest)
