"""One plan against a target, one replication after another, until it is feasible or not."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from cxsim.designs.arrays import between, positive, vector
from cxsim.designs.estimate import Numbers, is_constant


class Feasibility(NamedTuple):
    """Outcome after n replications: the total above the target against the boundary that stops.

    `unresolved` where the values ended first, or with flag `zero_variance` where the first stage did not vary, so that
    no boundary can be drawn: begin with more.
    """

    outcome: Literal["feasible", "infeasible", "unresolved"]
    n: int
    total: float
    boundary: float
    eta: float
    h_squared: float
    variance: float
    flags: tuple[str, ...] = ()


def feasibility(
    values: Numbers, *, target: float = 0.0, tolerance: float, first: int = 20, level: float = 0.95, n_tests: int = 1
) -> Feasibility:
    """Whether a mean is at least a target; a plan within the tolerance of the target may go either way.

    Parameters
    ----------
    values : array [n_replications]
        One number a replication, in the order run; for a ratio its slacks, with target 0.
    target, tolerance : float
        In the unit of the values.
    first : int
        Replications of the first stage, which give the variance.
    level : float
        Probability that all decisions are right.
    n_tests : int
        Plans times constraints that are tested together.

    Raises
    ------
    ValueError
        Fewer values than the first stage, a first stage below 2, a tolerance that is not above 0.

    Source
    ------
    Andradottir and Kim (2010), Fully sequential procedures for comparing constrained systems via simulation; Batur and
    Kim (2010).
    """
    between("feasibility", low=0.5, level=level)
    positive("feasibility", tolerance=tolerance, n_tests=n_tests, stage_beyond_1=first - 1)
    x = vector("feasibility", values, at_least=first)
    share = (1.0 - level) / n_tests
    eta = ((2.0 * share) ** (-2.0 / (first - 1)) - 1.0) / 2.0
    h_squared = 2.0 * eta * (first - 1)
    if is_constant(x[:first]):
        start = float(np.sum(x[:first] - target))
        return Feasibility("unresolved", first, start, 0.0, eta, h_squared, 0.0, ("zero_variance",))
    variance = float(np.var(x[:first], ddof=1))
    n = np.arange(first, len(x) + 1)
    total = np.cumsum(x - target)[first - 1 :]
    boundary = np.maximum(0.0, h_squared * variance / (2.0 * tolerance) - tolerance * n / 2.0)
    decided = np.flatnonzero(np.abs(total) >= boundary)
    at = int(decided[0]) if len(decided) else -1
    outcome: Literal["feasible", "infeasible", "unresolved"] = "unresolved"
    if len(decided):
        outcome = "feasible" if total[at] >= boundary[at] else "infeasible"
    return Feasibility(outcome, int(n[at]), float(total[at]), float(boundary[at]), eta, h_squared, variance)
