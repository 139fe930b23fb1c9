"""Which plans no other plan beats in everything, and how much they dominate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cxsim.designs.arrays import Rows, table, vector
from cxsim.designs.estimate import Array, Numbers
from cxsim.errors import problem


def pareto_front(points: Rows, *, larger_is_better: Sequence[bool]) -> npt.NDArray[np.int64]:
    """Indices, rising, of points that no other is at least as good as in everything and better in something.

    Points that are equal in everything are all on the front, or none is.

    Parameters
    ----------
    points : array [n_points, n_objectives]
    larger_is_better : sequence of bool [n_objectives]
        False for costs and waits.

    Raises
    ------
    ValueError
        Directions that do not fit, or values that are not finite.
    """
    x = _costs("pareto_front", points, larger_is_better)
    as_good = np.all(x[:, np.newaxis, :] <= x[np.newaxis, :, :], axis=2)
    better = np.any(x[:, np.newaxis, :] < x[np.newaxis, :, :], axis=2)
    return np.flatnonzero(~np.any(as_good & better, axis=0))


def hypervolume(points: Rows, *, reference: Numbers, larger_is_better: Sequence[bool]) -> float:
    """Area that points of two objectives dominate, up to a reference point; points beyond it add nothing.

    Raises
    ------
    ValueError
        Not two objectives, directions that do not fit, or values that are not finite.

    Source
    ------
    Zitzler and Thiele (1998), Multiobjective optimization using evolutionary algorithms.
    """
    x = _costs("hypervolume", points, larger_is_better)
    corner = vector("hypervolume", reference, what="objectives")
    if x.shape[1] != 2 or len(corner) != 2:
        given = f"{x.shape[1]} objectives, a reference of {len(corner)}"
        raise ValueError(problem("hypervolume", given, "two"))
    corner = np.where(np.asarray(larger_is_better), -corner, corner)
    inside = x[np.all(x < corner, axis=1)]
    area, height = 0.0, float(corner[1])
    for first, second in inside[np.lexsort((inside[:, 1], inside[:, 0]))]:
        if second < height:
            area += (corner[0] - first) * (height - second)
            height = second
    return float(area)


def _costs(where: str, points: Rows, larger_is_better: Sequence[bool]) -> Array:
    """The points with every objective turned so that smaller is better."""
    x = table(where, points, at_least=(1, 1), what=("points", "objectives"))
    if len(larger_is_better) != x.shape[1]:
        given = f"{x.shape[1]} objectives, {len(larger_is_better)} directions"
        raise ValueError(problem(where, given, "one direction an objective"))
    return np.where(np.asarray(larger_is_better), -x, x)
