"""What a search for a plan stands on: plans, what it may ask to be seen, and all it knows of the plan space."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from cxsim.designs.estimate import Array

Plan = tuple[int, ...]
Answered = TypeVar("Answered")


class Wanted(NamedTuple):
    """Plans to be seen on days of a stage, 'search' or 'fresh', from its first or a later one."""

    plans: tuple[Plan, ...]
    days: int
    stage: str = "search"
    begin: int = 0


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
    """

    high: Plan
    costs: Sequence[Array]
    curves: Sequence[Sequence[Plan]]
    days: int = 100
    few_days: int = 25

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
