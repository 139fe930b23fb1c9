"""The cheapest shifts that cover a requirement by interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize

from cxsim.designs.arrays import Rows, table, vector
from cxsim.designs.estimate import Array, Numbers
from cxsim.errors import problem


class ShiftCover(NamedTuple):
    """Agents on each shift [n_shifts], what they cost, and agents present [n_intervals]."""

    agents: npt.NDArray[np.int64]
    cost: float
    coverage: Array


def cover_shifts(needed: Numbers, *, shifts: Rows, costs: Numbers, at_most: Numbers | None = None) -> ShiftCover:
    """Whole numbers of agents on shifts, so that no interval lacks any, at the smallest cost.

    Parameters
    ----------
    needed : array [n_intervals]
        Agents required.
    shifts : array [n_shifts, n_intervals]
        1 where a shift works, 0 where it does not (a break too); shares where it works part of an interval.
    costs : array [n_shifts]
        Of one agent on each, above 0.
    at_most : array [n_shifts], optional
        Largest number on each shift.

    Raises
    ------
    ValueError
        An interval that no shift covers, shapes that do not fit, a cost that is not above 0, or limits that leave
        something uncovered.

    Source
    ------
    Dantzig (1954), A comment on Edie's "Traffic delays at toll booths"; solved by scipy.optimize.milp (HiGHS).
    """
    where = "cover_shifts"
    need = vector(where, needed, what="intervals")
    works = table(where, shifts, at_least=(1, 1), what=("shifts", "intervals"))
    cost = vector(where, costs, what="shifts")
    if works.shape != (len(cost), len(need)) or np.any(works < 0) or np.any(cost <= 0):
        given = (
            f"{works.shape[0]} shifts by {works.shape[1]} intervals, {len(cost)} costs, {len(need)} intervals needed"
        )
        raise ValueError(problem(where, given, "one row and one cost above 0 a shift, one column an interval"))
    bare = np.flatnonzero((need > 0) & ~np.any(works > 0, axis=0))
    if len(bare):
        raise ValueError(problem(where, f"interval {bare[0]} is covered by no shift", "one that works then"))
    most = np.full(len(cost), np.inf) if at_most is None else vector(where, at_most, at_least=len(cost), what="limits")
    found = optimize.milp(
        cost,
        constraints=optimize.LinearConstraint(works.T, lb=need),
        integrality=np.ones(len(cost)),
        bounds=optimize.Bounds(0.0, most),
    )
    if not found.success:
        raise ValueError(problem(where, f"no plan: {found.message}", "limits that allow one", "raise at_most"))
    agents = np.rint(found.x).astype(np.int64)
    return ShiftCover(agents, float(cost @ agents), np.asarray(works.T @ agents))
