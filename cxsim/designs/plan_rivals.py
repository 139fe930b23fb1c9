"""What simpler ways would have found, certified on the same fresh days: a square-root plan, a greedy search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxsim.designs.plan_effects import effects
from cxsim.designs.plan_ground import Asking, Ground, Wanted
from cxsim.designs.plan_ladder import RUNGS, Certified, Rung, certified, ladder
from cxsim.designs.plan_search import Found, is_met


class Rival(NamedTuple):
    """A way to find a plan, and what of it is certified."""

    name: str
    certified: Certified


def rivals(ground: Ground, found: Found, *, days: int, level: float) -> Asking[tuple[Rival, ...]]:
    """The cheapest certified plan of a square-root rule, and of a greedy search from the same rule's leanest plan."""
    rule = yield from _square_root(ground, found, days=days, level=level)
    greedy = yield from _greedy(ground, found, days=days, level=level)
    return tuple(rival for rival in (rule, greedy) if rival is not None)


def _square_root(ground: Ground, found: Found, *, days: int, level: float) -> Asking[Rival | None]:
    """Rungs are the plans of the rule with a margin that rises from the least that met the targets in the search."""
    curve = ground.curves[0]
    met = [k for k, plan in enumerate(curve) if plan in found.tried and is_met(found.tried[plan])]
    if not met:
        return None
    rungs = [Rung(plan, found.tried.get(plan, found.tried[curve[met[0]]])) for plan in curve[met[0] :][:RUNGS]]
    tested = yield from certified(rungs, days=days, level=level, shares=ground.shares)
    return Rival("square-root rule", tested)


def _greedy(ground: Ground, found: Found, *, days: int, level: float) -> Asking[Rival | None]:
    """The unit with the most slack for its cost, one at a time, until the targets are met; then the same ladder.

    Effects are seen anew after every eighth part of the cells has had a unit.
    """
    plan = ground.curves[0][0]
    batch = max(1, len(plan) // 8)
    while True:
        seen = yield Wanted((plan,), ground.days)
        slacks = seen[plan]
        if is_met(slacks.mean(axis=1)):
            break
        around = yield from effects(ground, plan)
        gains = around.more / found.spread
        at = int(np.argmin(slacks.mean(axis=1) / found.spread))
        prices = [
            ground.costs[k][value + 1] - ground.costs[k][value]
            if value < ground.high[k] else np.inf
            for k, value in enumerate(plan)
        ]  # fmt: skip
        order = np.argsort(-gains[:, at] / np.maximum(prices, 1e-9), kind="stable")
        chosen = [int(k) for k in order[:batch] if np.isfinite(prices[k]) and gains[k, at] > 0]
        if not chosen:
            return None
        plan = tuple(value + (k in chosen) for k, value in enumerate(plan))
    around = yield from effects(ground, plan)
    reached = Found(plan, True, slacks, found.spread, around)
    rungs = ladder(ground, reached, fresh_days=days, level=level)
    tested = yield from certified(rungs, days=days, level=level, shares=ground.shares)
    return Rival("greedy search", tested)
