"""The same opinion asked on another scale: cuts of scales that no benchmark anchors, linked to those that one does.

An answer stands on the line from the worst (0) to the best (1) answer of its scale: answer j of k at (j - 1) / (k - 1),
and the cut between j and j + 1 half way. A cut of another scale is found at its place on that line, straight between
the anchored cuts; places are taken as standard normal quantiles, and beyond the outermost cuts the outermost piece goes
on. Cuts so found never fall from one to the next. That people use all scales in this way is an assumption (grade D):
compare scenarios on one scale, and anchor the scale of your survey if you know a figure of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import ndtri

# Answers of the scales to which satisfaction is linked, beside the anchored five; two is good or bad.
SATISFACTION_SCALES: Final = (2, 7, 10)
# The first effort question has five answers, five being very high effort.
EFFORT_ANSWERS: Final = 5


def linked_cuts(cuts: Sequence[float], n_answers: int) -> tuple[float, ...]:
    """Cuts of a scale of so many answers [n_answers - 1], linked to the cuts of an anchored one.

    Parameters
    ----------
    cuts : sequence of SD
        Anchored cuts, at least two.
    n_answers : int
        2 or more.
    """
    known, wanted = _places(len(cuts) + 1), _places(n_answers)
    piece = np.clip(np.searchsorted(known, wanted, side="right") - 1, 0, len(known) - 2)
    values = np.asarray(cuts, dtype=np.float64)
    slope = (values[piece + 1] - values[piece]) / (known[piece + 1] - known[piece])
    return tuple(float(cut) for cut in values[piece] + slope * (wanted - known[piece]))


def _places(n_answers: int) -> np.ndarray:
    """Standard normal quantiles of the places of the cuts of a scale [n_answers - 1]."""
    quantiles: np.ndarray = ndtri((np.arange(n_answers - 1) + 0.5) / (n_answers - 1))
    return quantiles
