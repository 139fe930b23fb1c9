"""Many steps of a plan at once: the whole-number programme that effects of single steps make."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import optimize, sparse

from cxsim.designs.estimate import Array
from cxsim.designs.plan_effects import FARTHEST, Effects, is_many, reach_of
from cxsim.designs.plan_ground import Ground, Plan

MOST_NODES: Final = 500
NEAR_ENOUGH: Final = 0.005  # of what is saved: every proposal is looked at anyway, and improved on
SAFER: Final = 1e-3  # of the smallest step's cost, for one standard deviation of slack more


def cheapest_steps(ground: Ground, plan: Plan, *, effects: Effects, slack: Array, spread: Array) -> Plan | None:
    """The cheapest plan within a few steps of each cell that the effects promise to meet every target.

    Parameters
    ----------
    ground : Ground
    plan : Plan
    effects : Effects
        Of single steps; each further step of a cell loses more, or gains less, in the proportion of losses to gains.
    slack : array [n_targets]
        Room under each target now, 0 or more is needed.
    spread : array [n_targets]
        Scale of each target.

    Returns
    -------
    Plan or None
        None where nothing cheaper is promised.
    """
    bend = bend_of(effects)
    columns: list[tuple[int, int, int, float, Array]] = []  # cell, direction, number, cost, effect
    for cell, value in enumerate(plan):
        costs, farthest = ground.costs[cell], reach_of(value) if is_many(plan) else FARTHEST
        for by, effect in ((-1, effects.less[cell]), (1, effects.more[cell])):
            factor = bend if by < 0 else 1.0 / bend
            for number in range(1, farthest + 1):
                if not 0 <= value + by * number <= ground.high[cell]:
                    break
                price = float(costs[value + by * number] - costs[value + by * (number - 1)])
                columns.append((cell, by, number, price, effect * factor ** (number - 1)))
    if not columns:
        return None
    n, n_targets = len(columns), len(slack)
    prices = np.array([column[3] for column in columns])
    smallest = float(np.min(np.abs(prices[prices != 0.0]), initial=np.inf))
    if not np.isfinite(smallest):
        return None
    # Slack of each target in its scale is at least w, and w at least 0.
    change = np.array([column[4] / spread for column in columns]).T
    keeps = sparse.csr_array(np.hstack([change, -np.ones((n_targets, 1))]))
    order = _order(columns)
    found = optimize.milp(
        np.append(prices, -SAFER * smallest),
        constraints=[
            optimize.LinearConstraint(keeps, lb=-slack / spread),
            optimize.LinearConstraint(order, ub=_order_limits(columns)),
        ],
        integrality=np.append(np.ones(n), 0),
        bounds=optimize.Bounds(0.0, np.append(np.ones(n), 10.0)),
        options={"node_limit": MOST_NODES, "mip_rel_gap": NEAR_ENOUGH},
    )
    if found.x is None:
        return None
    moved = list(plan)
    for (cell, by, *_), chosen in zip(columns, np.rint(found.x[:n]), strict=True):
        moved[cell] += by * int(chosen)
    proposal = tuple(moved)
    return proposal if ground.cost(proposal) < ground.cost(plan) - 1e-9 else None


def bend_of(effects: Effects) -> float:
    """How much more one less loses than one more gains, over all cells; between 1 and 2."""
    lost, gained = np.abs(effects.less).sum(axis=0), np.abs(effects.more).sum(axis=0)
    ratios = lost[gained > 0] / gained[gained > 0]
    return float(np.clip(np.max(ratios, initial=1.0), 1.0, 2.0))


def _order(columns: list[tuple[int, int, int, float, Array]]) -> sparse.csr_array:
    """Rows: a further step only after the nearer one; the nearest of both directions exclude each other."""
    rows = _rows(columns)
    table = np.zeros((max(len(rows), 1), len(columns) + 1))
    for row, (one, other, sign) in enumerate(rows):
        table[row, one], table[row, other] = 1.0, sign
    return sparse.csr_array(table)


def _order_limits(columns: list[tuple[int, int, int, float, Array]]) -> Array:
    rows = _rows(columns)
    return np.array([0.0 if sign < 0 else 1.0 for _, _, sign in rows] or [0.0])


def _rows(columns: list[tuple[int, int, int, float, Array]]) -> list[tuple[int, int, float]]:
    place = {(cell, by, number): at for at, (cell, by, number, *_) in enumerate(columns)}
    found = [(at, place[cell, by, number - 1], -1.0) for (cell, by, number), at in place.items() if number > 1]
    both = [(at, place[cell, 1, 1], 1.0) for (cell, by, number), at in place.items()
            if (by, number) == (-1, 1) and (cell, 1, 1) in place]  # fmt: skip
    return found + both
