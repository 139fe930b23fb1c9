"""What one unit more or less of each cell does: single steps where cells are few, a design of many at once elsewhere.

One agent more also changes who serves whom for the rest of the day, and that noise is as large as the effect of a dozen
agents. Where cells are many, every run therefore moves all of them, half up and half down, and its opposite beside it
on the same days: each effect rests on every run.

Source
------
Plackett and Burman (1946); Paley (1933), On orthogonal matrices; Box and Wilson (1951) on runs with their opposites,
which keep joint effects of two cells out of the effects of single ones.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.designs.estimate import Array
from cxsim.designs.plan_ground import Asking, Ground, Plan, Wanted

Signs = npt.NDArray[np.int64]

SINGLY: Final = 16  # cells up to which single steps are looked at
PAIR_DAYS: Final = 800  # of a design: opposite runs times days
REACH: Final = 0.1  # of a cell's place, moved up and down in a design
FARTHEST: Final = 3  # steps of one cell
SHARPEST: Final = 2.0


class Effects(NamedTuple):
    """What one unit more or less of each cell does to the mean slack of each target [n_cells, n_targets]."""

    more: Array
    less: Array


def is_many(plan: Plan) -> bool:
    """Whether the effects of single steps drown in noise."""
    return len(plan) > SINGLY


def reach_of(place: int) -> int:
    """Steps of a cell among many that effects are taken to hold for."""
    return int(min(FARTHEST, max(1, round(REACH * place))))


def effects(ground: Ground, plan: Plan) -> Asking[Effects]:
    """What one more and one less of every cell does."""
    found = yield from _by_design(ground, plan) if is_many(plan) else _singly(ground, plan)
    return found


def _singly(ground: Ground, plan: Plan) -> Asking[Effects]:
    """Of single steps on the few days; a cell at its bound takes the effect of the other direction, turned round."""
    steps = {(cell, by): ground.step(plan, {cell: by}) for cell in range(len(plan)) for by in (1, -1)}
    inside = {key: moved for key, moved in steps.items() if moved is not None}
    seen = yield Wanted((plan, *dict.fromkeys(inside.values())), ground.few_days, soft=True)
    base = seen[plan].mean(axis=1)
    each = {key: seen[moved].mean(axis=1) - base for key, moved in inside.items()}
    found: dict[int, list[Array]] = {1: [], -1: []}
    for cell in range(len(plan)):
        for by in (1, -1):
            other = each.get((cell, -by))
            found[by].append(each.get((cell, by), np.zeros_like(base) if other is None else -other))
    return Effects(np.array(found[1]), np.array(found[-1]))


def _by_design(ground: Ground, plan: Plan) -> Asking[Effects]:
    """From pairs of opposite runs, on days that change from pair to pair."""
    here, high = np.array(plan), np.array(ground.high)
    reach = np.array([reach_of(place) for place in plan])
    up, down = np.minimum(reach, high - here), np.minimum(reach, here)
    signs = orthogonal_signs(len(plan))
    days = min(ground.days, math.ceil(PAIR_DAYS / len(signs)))
    n_blocks = ground.days // days
    differences: list[Array] = [np.zeros(0)] * len(signs)
    for block in range(n_blocks):
        pairs = range(block, len(signs), n_blocks)
        runs = {(pair, sign): _moved(here, sign * signs[pair], up, down) for pair in pairs for sign in (1, -1)}
        seen = yield Wanted(tuple(dict.fromkeys(runs.values())), days, begin=block * days, soft=True)
        for pair in pairs:
            differences[pair] = (seen[runs[pair, 1]] - seen[runs[pair, -1]]).mean(axis=1)
    # Columns are orthogonal, so that each effect is its own contrast; a cell that cannot move has none.
    moved = np.maximum(up + down, 1)[:, np.newaxis]
    slope = np.where((up + down)[:, np.newaxis] > 0, signs.T @ np.array(differences) / len(signs) / moved, 0.0)
    bend = yield from _bend(ground, plan, up, down)
    return Effects(slope / np.sqrt(bend), -slope * np.sqrt(bend))


def _moved(here: Signs, signs: Signs, up: Signs, down: Signs) -> Plan:
    return tuple(int(place) for place in here + np.where(signs > 0, up, -down))


def _bend(ground: Ground, plan: Plan, up: Signs, down: Signs) -> Asking[Array]:
    """How much more one step less of every cell loses than one more gains, of each target; 1 to the sharpest."""
    here = np.array(plan)
    richer, leaner = (_moved(here, np.full(len(plan), sign), up, down) for sign in (1, -1))
    seen = yield Wanted((plan, richer, leaner), ground.days, soft=True)
    base = seen[plan].mean(axis=1)
    gained = (seen[richer].mean(axis=1) - base) / max(1, up.sum())
    lost = (base - seen[leaner].mean(axis=1)) / max(1, down.sum())
    ratio = np.where((gained > 0) & (lost > 0), lost / np.where(gained > 0, gained, 1.0), 1.0)
    steps = max(1.0, float(np.mean(up + down)) / 2.0)
    return np.asarray(np.clip(ratio ** (1.0 / steps), 1.0, SHARPEST))


def orthogonal_signs(n: int) -> Signs:
    """A square matrix of 1 and -1 with orthogonal columns, by Paley's construction, cut to its first n columns.

    Parameters
    ----------
    n : int
        1 or more.

    Returns
    -------
    array [n_rows, n]
        n_rows the smallest prime that is 3 modulo 4, and one more, that is at least n.
    """
    sizes = (q for q in range(max(3, n - 1), 4 * n + 8) if q % 4 == 3)
    prime = next(q for q in sizes if all(q % divisor for divisor in range(2, math.isqrt(q) + 1)))
    squares = {0, *(k * k % prime for k in range(1, prime))}
    whole = np.ones((prime + 1, prime + 1), dtype=np.int64)
    whole[1:, 0] = -1
    by_step = np.array([1 if step in squares else -1 for step in range(prime)])
    places = np.arange(prime)
    whole[1:, 1:] = by_step[(places[np.newaxis, :] - places[:, np.newaxis]) % prime]
    return whole[:, :n]
