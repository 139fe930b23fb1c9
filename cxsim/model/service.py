"""Who serves what and how, as numbers: agent groups against work types, queues, and what agents are like."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from cxsim import streams
from cxsim.laws import Law
from cxsim.model.policies import NOTHING
from cxsim.scenario.fields import MOST_AGEING_STEPS, MOST_BALK_STEPS
from cxsim.scenario.schema import ScenarioModel, Staffed
from cxsim.scenario.schema_staff import terms_of
from cxsim.scenario.schema_touchpoints import MOST_AT_ONCE

Array = npt.NDArray[Any]

# Staff.mixes: which contacts an agent may have in hand at once.
MIX_NONE, MIX_TOUCHPOINT, MIX_ALL = range(3)
# Staff.at_end: what happens to contacts in hand at the end of presence.
FINISH, HAND_OVER, DROP = range(3)
# Columns of Staff.learning.
LEARN_TIME, LEARN_EFFECT, HALVES_EVERY = range(3)

_MIXES = {"none": MIX_NONE, "touchpoint": MIX_TOUCHPOINT, "all": MIX_ALL}
_AT_END = {"finish": FINISH, "hand_over": HAND_OVER, "drop": DROP}


class Service(NamedTuple):
    """Who serves what, by (group, work type); rank 0 is not served.

    served : int64 [n_groups, n_work] work types by rank; groups : int64 [n_work, n_groups] groups by `chosen`; both
    padded with NOTHING. after : float64 [s]. reserve : int64. ageing_from : float64 [n_groups, n_work, 4], waits [s]
    from which ageing_rank holds, ascending, padded with inf. worth : float64, expected resolutions a second of handle
    time. ahead : int64 [n_work, n_work], 1 if some group serves the first and serves the second no later.
    """

    rank: Array
    chosen: Array
    level: Array
    handle_time: Array
    resolution: Array
    served: Array
    groups: Array
    after: Array
    reserve: Array
    ageing_from: Array
    ageing_rank: Array
    worth: Array
    ahead: Array


class Queues(NamedTuple):
    """Parameters of the queues, by work type.

    weight : float64. promise, chaser_share : float64, promise [s] inf if none; chaser_to : int64, NOTHING if none.
    balk_from, balk_share : float64 [n_work, 8], announced waits [s] from which the share holds, padded with inf.
    callback_from [s], inf if not offered, callback_share, callback_answers : float64. mean_handle : float64 [s], of an
    average agent, dialling included. concurrency : int64. slowdown : float64 [n_work, 65], factor on the time of a
    contact by the number in hand.
    """

    weight: Array
    promise: Array
    chaser_share: Array
    chaser_to: Array
    balk_from: Array
    balk_share: Array
    callback_from: Array
    callback_share: Array
    callback_answers: Array
    mean_handle: Array
    concurrency: Array
    slowdown: Array


class Staff(NamedTuple):
    """What the agents of a group are like, by group.

    mixes, at_end : int64, codes above. unavailable_share, late_share : float64; unavailable_law, late_law, tenure_law :
    int64, NOTHING if none. learning : float64 [n_groups, 3], factor on handle time less 1, effect on resolution
    [log-odds], time of halving [s]; all 0 if none. on_time : bool, a break that begins late ends as planned.
    """

    mixes: Array
    at_end: Array
    unavailable_share: Array
    unavailable_law: Array
    late_share: Array
    late_law: Array
    tenure_law: Array
    learning: Array
    on_time: Array


class Rows(Protocol):
    """A collection of laws that gives each its row."""

    def row(self, law: Law) -> int:
        """The row of a law."""


def log_odds(share: float) -> float:
    """Logarithm of share / (1 - share); infinite at 0 and 1."""
    if share <= 0.0:
        return -math.inf
    return math.inf if share >= 1.0 else math.log(share) - math.log1p(-share)


def service_of(model: ScenarioModel, *, mean_handle: Array, base: Array) -> Service:
    """Terms of service; `base` is the log-odds of resolution of each work type, mean_handle its handle time [s]."""
    n_work, n_groups = len(mean_handle), len(model.agent_groups)
    rank, chosen, level, reserve = (np.zeros((n_groups, n_work), dtype=np.int64) for _ in range(4))
    handle_time, resolution, after = (
        np.ones((n_groups, n_work)),
        np.zeros((n_groups, n_work)),
        np.zeros((n_groups, n_work)),
    )
    ageing_from = np.full((n_groups, n_work, MOST_AGEING_STEPS), np.inf)
    ageing_rank = np.zeros((n_groups, n_work, MOST_AGEING_STEPS), dtype=np.int64)
    for group, plan in enumerate(model.agent_groups.values()):
        for work, (contact_type, touchpoint) in enumerate(
            (a, b) for a in model.contact_types for b in model.touchpoints
        ):
            terms = terms_of(plan, touchpoint, contact_type)
            if terms is None:
                continue
            at = (group, work)
            rank[at], level[at], reserve[at], after[at] = terms.rank, terms.level, terms.reserve, terms.after
            chosen[at] = terms.rank if terms.chosen is None else terms.chosen
            handle_time[at], resolution[at] = terms.handle_time, terms.resolution
            for step, (begin, later) in enumerate(terms.ageing):
                ageing_from[group, work, step], ageing_rank[group, work, step] = begin, later
    if model.routing.specialist_first:
        chosen = np.where(rank > 0, np.sum(rank > 0, axis=1, keepdims=True), 0)
    served, groups = _in_order(rank), _in_order(np.where(rank > 0, chosen, 0).T)
    worth = _worth(rank, handle_time * mean_handle, base + resolution)
    ahead = np.any((rank[:, :, None] > 0) & (rank[:, None, :] > 0) & (rank[:, None, :] <= rank[:, :, None]), axis=0)
    return Service(rank, chosen, level, handle_time, resolution, served, groups, after, reserve, ageing_from,
                   ageing_rank, worth, ahead.astype(np.int64))  # fmt: skip


def _in_order(order: Array) -> Array:
    """Of each row the columns above 0, by their number there, then their place; padded with NOTHING [as order]."""
    found = np.full(order.shape, NOTHING, dtype=np.int64)
    for row, numbers in enumerate(order.tolist()):
        places = sorted((number, place) for place, number in enumerate(numbers) if number)
        found[row, : len(places)] = [place for _, place in places]
    return found


def _worth(rank: Array, handle_time: Array, odds: Array) -> Array:
    """Probability of resolving over handle time [1/s], 0 where not served; with the package's own exponential."""
    chance = 1.0 / (1.0 + streams.exps(-odds))
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(chance > 0.0, chance / handle_time, 0.0)
    return np.where(rank > 0, worth, 0.0)


def queues_of(model: ScenarioModel) -> Queues:
    """Parameters of the queue of each work type; of an automated touchpoint, what plays no part."""
    n_work = len(model.contact_types) * len(model.touchpoints)
    codes = {name: code for code, name in enumerate(model.touchpoints)}
    queues = Queues(
        weight=np.ones(n_work), promise=np.full(n_work, np.inf), chaser_share=np.zeros(n_work),
        chaser_to=np.full(n_work, NOTHING, dtype=np.int64), balk_from=np.full((n_work, MOST_BALK_STEPS), np.inf),
        balk_share=np.zeros((n_work, MOST_BALK_STEPS)), callback_from=np.full(n_work, np.inf),
        callback_share=np.zeros(n_work), callback_answers=np.ones(n_work), mean_handle=np.zeros(n_work),
        concurrency=np.ones(n_work, dtype=np.int64), slowdown=np.ones((n_work, MOST_AT_ONCE + 1)),
    )  # fmt: skip
    parts = (place.types.get(name, place) for name in model.contact_types for place in model.touchpoints.values())
    for work, part in enumerate(parts):
        if not isinstance(part, Staffed):
            continue
        queues.weight[work] = part.weight
        queues.mean_handle[work] = part.handle_time
        slowed = part.slowed()
        queues.concurrency[work] = len(slowed)
        # With shorter contacts beside it an agent may have more in hand than this work type alone allows.
        queues.slowdown[work, 1:] = [*slowed, *([slowed[-1]] * (MOST_AT_ONCE - len(slowed)))]
        if part.promise is not None:
            queues.promise[work] = part.promise
        if part.chaser is not None:
            queues.chaser_share[work], queues.chaser_to[work] = part.chaser.share, codes[part.chaser.to]
        if part.announcement is not None:
            for step, (begin, share) in enumerate(part.announcement.balks):
                queues.balk_from[work, step], queues.balk_share[work, step] = begin, share
            if (callback := part.announcement.callback) is not None:
                queues.callback_from[work] = callback.least
                queues.callback_share[work], queues.callback_answers[work] = callback.share, callback.answers
    return queues


def staff_of(model: ScenarioModel, laws: Rows) -> Staff:
    """What the agents of each group are like."""
    groups = list(model.agent_groups.values())
    away, late = [group.unavailable for group in groups], [group.lateness for group in groups]
    learning = np.zeros((len(groups), 3))
    for row, group in enumerate(groups):
        if group.learning is not None:
            given = group.learning
            learning[row] = (given.handle_time - 1.0, given.resolution, given.halves_every)

    def rows(given: list[Law | None]) -> Array:
        return np.array([NOTHING if law is None else laws.row(law) for law in given], dtype=np.int64)

    return Staff(
        mixes=np.array([_MIXES[group.mixes] for group in groups], dtype=np.int64),
        at_end=np.array([_AT_END[group.at_shift_end] for group in groups], dtype=np.int64),
        unavailable_share=np.array([part.share if part else 0.0 for part in away]),
        unavailable_law=rows([part.lasts if part else None for part in away]),
        late_share=np.array([part.share if part else 0.0 for part in late]),
        late_law=rows([part.by if part else None for part in late]),
        tenure_law=rows([group.tenure for group in groups]),
        learning=learning,
        on_time=np.array([group.late_breaks == "on_time" for group in groups], dtype=np.bool_),
    )
