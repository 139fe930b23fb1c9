"""Search for the cheapest plan on fixed days: with common random numbers a deterministic problem of whole numbers.

A search is written as a dialogue: it yields the plans that it wants to see on how many days, and is sent the room left
under each target on each of these days. It knows neither scenarios nor trials, and goes the same way when asked anew.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from cxsim.designs.estimate import Array
from cxsim.designs.plan_effects import Effects, effects, is_many
from cxsim.designs.plan_ground import Asking, Ground, Plan, Wanted
from cxsim.designs.plan_steps import cheapest_steps

ROUNDS: Final = 14
LEAPS: Final = 8
POLISHES: Final = 4
CANDIDATES: Final = 12
FEW: Final = 12  # cells from which only the best are combined in threes
STEPS: Final = 128  # single steps that a climb looks at
ROUNDED: Final = 1e-12
WORTH: Final = 0.002  # of the cost: what a round has to save for another, where cells are many


@dataclass
class Found:
    """Where a search ended.

    Attributes
    ----------
    plan : Plan
        The cheapest that meets every target on the days of the search, or the nearest to it.
    feasible : bool
    slacks : array [n_targets, n_days]
        Of the plan.
    spread : array [n_targets]
        Standard deviation of the daily slack, by which targets are compared.
    effects : Effects or None
        Around the plan; None where nothing is feasible.
    tried : dict of plan to mean slacks [n_targets]
        Every plan that was seen on all days.
    start : Plan
        Where the steps began.
    """

    plan: Plan
    feasible: bool
    slacks: Array
    spread: Array
    effects: Effects | None = None
    tried: dict[Plan, Array] = field(default_factory=dict)
    start: Plan = ()


def search(ground: Ground) -> Asking[Found]:
    """The cheapest plan whose mean slack is 0 or more for every target on the days of the search.

    1. Bracket: on each curve the cheapest plan that meets the targets, by halving. 2. Leap: effects of single steps,
    then the whole-number programme that they make, seen on all days and corrected until its plan holds. 3. Polish: one
    less, one more against one or two less, the likeliest of them, until no neighbour is cheaper.
    """
    top = ground.curves[0][-1]
    seen = yield Wanted((top,), ground.days)
    found = Found(top, is_met(_mean(seen[top])), seen[top], ground.spread(seen[top]))
    found.tried[top] = _mean(seen[top])
    for curve in ground.curves:
        yield from _bracket(ground, curve, found)
    found.start = found.plan
    if not found.feasible:
        yield from _climb(ground, found)
    if found.feasible:
        yield from _improve(ground, found)
    return found


def _mean(slacks: Array) -> Array:
    return np.asarray(slacks.mean(axis=1))


def is_met(means: Array) -> bool:
    """Whether mean slacks meet every target; 90 of 100 days are 90 %, whatever their mean is rounded to."""
    return bool(np.all(means >= -ROUNDED))


def worst(found: Found, means: Array) -> float:
    """Least slack over the targets, in standard deviations of a day."""
    return float(np.min(means / found.spread))


def _look(ground: Ground, plans: Sequence[Plan], found: Found) -> Asking[dict[Plan, Array]]:
    """Mean slacks of plans on all days; what beats the best so far takes its place."""
    seen = yield Wanted(tuple(plans), ground.days)
    means = {plan: _mean(seen[plan]) for plan in plans}
    for plan, mean in means.items():
        found.tried[plan] = mean
        here = (not is_met(mean), ground.cost(plan) if is_met(mean) else 0.0, -worst(found, mean))
        best = found.tried[found.plan]
        there = (not found.feasible, ground.cost(found.plan) if found.feasible else 0.0, -worst(found, best))
        if _before(here, there):
            found.plan, found.feasible, found.slacks = plan, is_met(mean), seen[plan]
    return means


def _before(one: tuple[bool, float, float], other: tuple[bool, float, float]) -> bool:
    """Feasible first, then cheaper, then safer; by more than rounding."""
    if one[0] != other[0]:
        return one[0] < other[0]
    if abs(one[1] - other[1]) > 1e-9 * max(1.0, abs(other[1])):
        return one[1] < other[1]
    return one[2] < other[2] - 1e-9


def _bracket(ground: Ground, curve: Sequence[Plan], found: Found) -> Asking[None]:
    """The first plan of a curve that meets the targets, by halving; a few along it where its end does not."""
    means = yield from _look(ground, [curve[-1]], found)
    if not is_met(means[curve[-1]]):
        places = sorted({round(share * (len(curve) - 1)) for share in np.linspace(0.0, 1.0, 9)})
        yield from _look(ground, [curve[place] for place in places], found)
        return
    short, enough = -1, len(curve) - 1
    while enough - short > 1:
        middle = (short + enough) // 2
        means = yield from _look(ground, [curve[middle]], found)
        short, enough = (short, middle) if np.all(means[curve[middle]] >= 0.0) else (middle, enough)


def _climb(ground: Ground, found: Found) -> Asking[None]:
    """From the nearest plan towards one that meets the targets, the best single step at a time."""
    for _ in range(ROUNDS):
        plan, before = found.plan, worst(found, found.tried[found.plan])
        steps = [ground.step(plan, {cell: by}) for cell in range(len(plan)) for by in (1, -1)]
        near = [step for step in steps if step is not None][:STEPS]
        yield from _look(ground, near, found)
        if found.feasible or worst(found, found.tried[found.plan]) <= before + 1e-9:
            return


def _improve(ground: Ground, found: Found) -> Asking[None]:
    for _ in range(ROUNDS):
        plan = found.plan
        found.effects = yield from effects(ground, plan)
        yield from _leap(ground, plan, found)
        if is_many(plan):
            # Single steps are not to be told apart here; effects hold on a little way around their plan.
            if ground.cost(plan) - ground.cost(found.plan) < WORTH * ground.cost(plan):
                return
            continue
        for _ in range(POLISHES):
            before = found.plan
            yield from _polish(ground, before, found)
            if found.plan == before:
                break
        if found.plan == plan:
            return
    found.effects = yield from effects(ground, found.plan)


def _leap(ground: Ground, plan: Plan, found: Found) -> Asking[None]:
    """Many steps at once, as the effects promise, with as much of a reserve as it takes for the promise to be kept.

    The reserve is a multiple of what was lacking at worst; it doubles until the promise is kept or nothing cheaper is
    promised, then is halved in on.
    """
    assert found.effects is not None
    lacking = np.zeros(len(found.spread))
    short, share = 0.0, 0.0
    enough = np.inf
    for _ in range(LEAPS):
        slack = found.tried[plan] - share * lacking
        proposal = cheapest_steps(ground, plan, effects=found.effects, slack=slack, spread=found.spread)
        kept = proposal is None
        if proposal is not None:
            means = (yield from _look(ground, [proposal], found))[proposal]
            kept = is_met(means)
            lacking = np.maximum(lacking, -means)
        short, enough = (short, share) if kept else (share, enough)
        if share == 0.0 and kept:
            return
        share = max(1.0, 2.0 * share) if enough == np.inf else (short + enough) / 2.0


def _polish(ground: Ground, plan: Plan, found: Found) -> Asking[None]:
    """The likeliest cheaper or safer neighbours, seen on all days."""
    assert found.effects is not None
    means, cost = found.tried[plan], ground.cost(plan)
    now = worst(found, means)
    ranked: list[tuple[float, bool, Plan]] = []
    for moves in _neighbours(found.effects, found.spread):
        moved = ground.step(plan, moves)
        if moved is None or moved in found.tried:
            continue
        saved = cost - ground.cost(moved)
        change = sum(by * found.effects.more[k] if by > 0 else -by * found.effects.less[k] for k, by in moves.items())
        promised = worst(found, means + change)
        if saved > 1e-9 or (saved > -1e-9 and promised > now):
            ranked.append((promised, saved > 1e-9, moved))
    ranked.sort(key=lambda entry: (-entry[0], entry[2]))
    cheaper = [moved for _, saves, moved in ranked if saves][: 2 * CANDIDATES // 3]
    level = [moved for _, saves, moved in ranked if not saves][: CANDIDATES // 3]
    near = tuple(dict.fromkeys([*cheaper, *level]))
    if near:
        yield from _look(ground, near, found)


def _neighbours(effects: Effects, spread: Array) -> list[dict[int, int]]:
    """One less; one more and one less; one more and two less. Of many cells, only the most promising."""
    n = len(effects.more)
    gain, loss = np.min(effects.more / spread, axis=1), np.min(effects.less / spread, axis=1)
    adds: npt.NDArray[np.int64] = np.argsort(-gain, kind="stable")[:FEW]
    drops: npt.NDArray[np.int64] = np.argsort(-loss, kind="stable")[:FEW]
    found = [{k: -1} for k in range(n)]
    found += [{int(i): 1, int(j): -1} for i in adds for j in drops if i != j]
    for i, (j, k) in itertools.product(adds, itertools.combinations_with_replacement(drops, 2)):
        if i not in (j, k):
            found.append({int(i): 1, int(j): -2} if j == k else {int(i): 1, int(j): -1, int(k): -1})
    return found
