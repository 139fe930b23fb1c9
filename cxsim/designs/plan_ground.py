"""What a search for a plan stands on: plans, what it may ask to be seen, and all it knows of the plan space."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from cxsim.designs.estimate import Array

Plan = tuple[int, ...]
Answered = TypeVar("Answered")


class Wanted(NamedTuple):
    """Plans to be seen on days of a stage, 'search' or 'fresh', from its first or a later one.

    `soft` asks how nearly each day meets a target, where days are counted: see `PlanDialogue.soft`.
    """

    plans: tuple[Plan, ...]
    days: int
    stage: str = "search"
    begin: int = 0
    soft: bool = False


Asking = Generator[Wanted, Mapping[Plan, Array], Answered]


@dataclass(frozen=True)
class Ground:
    """What a search has to know of a plan space; each cell takes a place from 0 to its highest.

    Attributes
    ----------
    high : Plan
    costs : sequence of arrays [high + 1]
        Of every place of each cell.
    curves : sequence of rows of plans
        Each from few to many, the last at the upper bounds.
    days : int
        Of the search.
    few_days : int
        Of them, for the effect of single steps.
    shares : tuple of float
        Of days that have to meet each target, 0 for one in the mean; empty where all are.
    """

    high: Plan
    costs: Sequence[Array]
    curves: Sequence[Sequence[Plan]]
    days: int = 100
    few_days: int = 25
    shares: tuple[float, ...] = ()

    def spread(self, slacks: Array) -> Array:
        """Standard deviation of the slack of a day [n_targets]; of a share of days that of one that is just reached.

        Parameters
        ----------
        slacks : array [n_targets, n_days]
        """
        return spread_of(slacks, self.shares)

    def cost(self, plan: Plan) -> float:
        """Of what is varied."""
        return float(sum(costs[place] for costs, place in zip(self.costs, plan, strict=True)))

    def step(self, plan: Plan, moves: Mapping[int, int]) -> Plan | None:
        """The plan after moves {cell: by how much}, or None where it leaves the bounds."""
        found = list(plan)
        for cell, by in moves.items():
            found[cell] += by
            if not 0 <= found[cell] <= self.high[cell]:
                return None
        return tuple(found)


def spread_of(slacks: Array, shares: Sequence[float] = ()) -> Array:
    """Standard deviation of the slack of a day [n_targets], 1 where it never varied.

    Of a share of days it is that of a share just reached: a plan that meets its target on every day shows none.

    Parameters
    ----------
    slacks : array [n_targets, n_days]
    shares : sequence of float [n_targets]
        Of days, 0 for a target in the mean; empty where all are.
    """
    found = np.std(slacks, axis=1, ddof=1)
    found = np.where(found > 0, found, 1.0)
    of_days = np.array(shares or [0.0] * len(found))
    return np.where(of_days > 0.0, np.sqrt(of_days * (1.0 - of_days)), found)
