"""From the plan a search found to one that is certified: a nested ladder, and fresh days on which it is tested."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy import special

from cxsim.designs.certificate import FEWEST_DAYS, Certificate, certification_days, certify, fewest_days, p_values_of
from cxsim.designs.estimate import Array
from cxsim.designs.plan_ground import Asking, Ground, Plan, Wanted
from cxsim.designs.plan_search import Found
from cxsim.designs.plan_steps import bend_of

RUNGS: Final = 10
FEWEST_RUNGS: Final = 4
# A plan that only just met its targets in the search is worse than it looked, by about this many standard errors.
FLATTERED: Final = 2.0
# Standard errors of the certificate that the safest rung lies beyond what passing takes.
SURE: Final = 1.5


class Rung(NamedTuple):
    """A plan of a ladder and the mean slacks promised for it [n_targets]."""

    plan: Plan
    promised: Array


def ladder(ground: Ground, found: Found, *, fresh_days: int, level: float) -> list[Rung]:
    """Nested plans from the cheapest up, each the one before and what gives the most slack for its cost.

    The rungs rise by equal steps of promised slack, at least one unit each, to a height that makes the safest all but
    sure to pass; the ladder ends where nothing adds slack any more.

    Parameters
    ----------
    found : Found
        With effects around its plan.
    fresh_days : int
        On which it will be tested.
    """
    assert found.effects is not None
    gains = found.effects.more / found.spread
    bend = bend_of(found.effects)
    promised = found.slacks.mean(axis=1) / found.spread
    critical = float(special.ndtri(level))
    height = FLATTERED / math.sqrt(ground.days) + (critical + SURE) / math.sqrt(fresh_days)
    plan, used = found.plan, np.zeros(len(found.plan))
    rungs = [Rung(plan, promised * found.spread)]
    for number in range(1, RUNGS):
        goal = float(np.min(rungs[0].promised / found.spread)) + height * number / (RUNGS - 1)
        first = True
        while first or np.min(promised) < goal:
            cell = _best_step(ground, plan, promised, gains / bend ** used[:, np.newaxis])
            if cell is None:
                return rungs if first else [*rungs, Rung(plan, promised * found.spread)]
            promised = promised + gains[cell] / bend ** used[cell]
            plan = tuple(value + (place == cell) for place, value in enumerate(plan))
            used[cell] += 1
            first = False
        rungs.append(Rung(plan, promised * found.spread))
        if len(rungs) >= FEWEST_RUNGS and np.min(promised) > np.min(rungs[0].promised / found.spread) + 1.3 * height:
            return rungs
    return rungs


def _best_step(ground: Ground, plan: Plan, promised: Array, gains: Array) -> int | None:
    """The cell whose next unit raises the target that is worst off the most for its cost."""
    at = int(np.argmin(promised))
    best, value = None, 0.0
    for cell, gain in enumerate(gains):
        if plan[cell] >= ground.high[cell]:
            continue
        price = float(ground.costs[cell][plan[cell] + 1] - ground.costs[cell][plan[cell]])
        worth = float(gain[at]) / max(price, 1e-9)
        if gain[at] > 0 and worth > value:
            best, value = cell, worth
    return best


def days_needed(found: Found, ground: Ground, *, level: float, most: int) -> int:
    """Fresh days on which plans one unit apart can be told apart, from 100 to the most allowed.

    The step is the slack that the most useful single unit adds: a plan with so much room passes with probability 0.9.
    A share of days takes at least so many that it can be shown at all.
    """
    assert found.effects is not None
    gains = np.min(found.effects.more / found.spread, axis=1)
    step = float(np.max(gains, initial=0.0))
    fewest = min(max(FEWEST_DAYS, *(fewest_days(share, level=level) for share in ground.shares if share), 0), most)
    if not step > 0:
        return fewest
    return min(most, certification_days(1.0, step=step, level=level, at_least=fewest))


class Certified(NamedTuple):
    """A ladder tested from its safest rung down; `slacks` [n_targets, n_days] of the rungs that were, safest first."""

    rungs: tuple[Rung, ...]
    certificate: Certificate
    slacks: tuple[Array, ...]

    @property
    def plan(self) -> Plan | None:
        """The cheapest that is certified."""
        rung = self.certificate.rung
        return None if rung is None else self.rungs[len(self.rungs) - 1 - rung].plan

    @property
    def tested(self) -> tuple[Rung, ...]:
        """Safest first."""
        return tuple(reversed(self.rungs))[: len(self.slacks)]


def certified(rungs: Sequence[Rung], *, days: int, level: float, shares: Sequence[float] = ()) -> Asking[Certified]:
    """Test a frozen ladder on fresh days from the safest rung down, until one fails; shares as of `certify`.

    Source
    ------
    Maurer, Hothorn and Lehmacher (1995); see `cxsim.designs.certificate.certify`.
    """
    slacks: list[Array] = []
    for rung in reversed(rungs):
        seen = yield Wanted((rung.plan,), days, "fresh")
        slacks.append(seen[rung.plan])
        if max(p_values_of(slacks[-1], shares=shares)) > 1.0 - level + 1e-12:
            break
    return Certified(tuple(rungs), certify(slacks, shares=shares, level=level), tuple(slacks))
