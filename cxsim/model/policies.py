"""Routing: which agent takes an arriving contact, which contact a freed agent takes; pure, chosen by number.

`longest_idle` and `longest_wait` are the two questions where nothing special is asked for: no overflow delay, reserve,
ageing, or second contact in hand. What is general comes to the same there (a test says so) and costs more.
Above 300 lines because a policy is added in this one place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cxsim.compiled import njit

NOTHING = -1
# Shares of capacity add up to 1 but for rounding.
SLACK = 1e-9
FULL = 1.0 - SLACK

LONGEST_IDLE, LEAST_OCCUPIED, FASTEST, BEST_AT_RESOLVING, RANDOM_AGENT = range(5)
LONGEST_WAIT, WEIGHTED_WAIT, EARLIEST_PROMISE, LONGEST_QUEUE = range(4)
HIGHEST_VALUE, RESOLUTION_AWARE, RANDOM_QUEUE, SCORE = range(4, 8)

AGENT_POLICIES = {
    "longest_idle": LONGEST_IDLE,
    "least_occupied": LEAST_OCCUPIED,
    "fastest": FASTEST,
    "best_at_resolving": BEST_AT_RESOLVING,
    "random": RANDOM_AGENT,
}
CONTACT_POLICIES = {
    "longest_wait": LONGEST_WAIT,
    "weighted_wait": WEIGHTED_WAIT,
    "earliest_promise": EARLIEST_PROMISE,
    "longest_queue": LONGEST_QUEUE,
    "highest_value": HIGHEST_VALUE,
    "resolution_aware": RESOLUTION_AWARE,
    "random": RANDOM_QUEUE,
    "score": SCORE,
}

# Staff.mixes: which contacts an agent may have in hand at once.
MIX_NONE, MIX_TOUCHPOINT, MIX_ALL = range(3)


@njit
def longest_idle(groups: Any, chosen: Any, idle_since: Any, work: Any) -> Any:
    """The group, of those that serve the work type, in which an agent has been idle longest, or NOTHING.

    Parameters
    ----------
    groups : int64 [n_work, n_groups]
        Groups that serve each work type, in order of `chosen`, then of number; padded with NOTHING.
    chosen : int64 [n_groups, n_work]
        Order of the groups for a contact; a lower one with anybody idle goes first.
    idle_since : float64 [n_groups]
        Instant since which the group's longest idle agent is idle [s]; inf if nobody is.
    work : int
        Work type of the contact.
    """
    best, since, order = NOTHING, np.inf, 0
    for place in range(groups.shape[1]):
        group = groups[work, place]
        if group < 0 or (best >= 0 and chosen[group, work] > order):
            break
        if idle_since[group] < since:
            best, since, order = group, idle_since[group], chosen[group, work]
    return best


@njit
def longest_wait(served: Any, ranks: Any, waiting_since: Any, group: Any) -> Any:
    """The work type, of the lowest rank with anybody waiting, whose first contact has waited longest, or NOTHING.

    Parameters
    ----------
    served : int64 [n_groups, n_work]
        Work types that each group serves, in order of rank, then of number; padded with NOTHING.
    ranks : int64 [n_groups, n_work]
        Order among the agent's queues, 1 first.
    waiting_since : float64 [n_work]
        Instant at which the first contact of each queue joined it [s]; inf if nobody waits.
    group : int
        Group of the freed agent.
    """
    best, since, order = NOTHING, np.inf, 0
    for place in range(served.shape[1]):
        work = served[group, place]
        if work < 0 or (best >= 0 and ranks[group, work] > order):
            break
        if waiting_since[work] < since:
            best, since, order = work, waiting_since[work], ranks[group, work]
    return best


class Heads(NamedTuple):
    """The queues as routing sees them, by work type.

    queued : float64, instant at which the first contact joined [s], inf if nobody waits. waiting : int64, contacts in
    the queue. promise : float64, instant promised to the first contact, inf if none. value : float64, its customer's
    margin. transferred : int64, 1 if it was passed on.
    """

    queued: Any
    waiting: Any
    promise: Any
    value: Any
    transferred: Any


class Routing(NamedTuple):
    """What the two questions of routing know of a scenario; arrays as in `Tables`."""

    policy: int
    n_touchpoints: int
    served: Any
    rank: Any
    after: Any
    reserve: Any
    ageing_from: Any
    ageing_rank: Any
    concurrency: Any
    mixes: Any
    weight: Any
    worth: Any
    score: Any


class Asker(NamedTuple):
    """An agent who asks for a contact: group, load, first work type in hand or NOTHING, agents of the group without
    anything in hand, this one included."""

    group: int
    load: float
    in_hand: int
    idle: int


def routing_of(tables: Any) -> Routing:
    """What routing needs of the tables of a scenario."""
    service, queues = tables.service, tables.queues
    return Routing(
        policy=tables.contact_policy, n_touchpoints=len(tables.touchpoints), served=service.served, rank=service.rank,
        after=service.after, reserve=service.reserve, ageing_from=service.ageing_from,
        ageing_rank=service.ageing_rank, concurrency=queues.concurrency, mixes=tables.staff.mixes,
        weight=queues.weight, worth=service.worth, score=tables.score,
    )  # fmt: skip


@njit
def effective_rank(routing: Any, group: Any, work: Any, queued: Any, now: Any) -> Any:
    """The rank of a contact for a group: that of the last ageing step it has reached, else the plain one."""
    rank = routing.rank[group, work]
    for step in range(routing.ageing_from.shape[2]):
        if queued + routing.ageing_from[group, work, step] > now:
            break
        rank = routing.ageing_rank[group, work, step]
    return rank


@njit
def is_admitted(routing: Any, group: Any, work: Any, queued: Any, now: Any, idle: Any) -> Any:
    """Whether a group may be used for a contact: its overflow delay is over, and its reserve would stay.

    `idle` counts the agents of the group without anything in hand, the one who is to take the contact included.
    """
    reserve = routing.reserve[group, work]
    return queued + routing.after[group, work] <= now and (reserve == 0 or idle > reserve)


@njit
def fits(routing: Any, group: Any, load: Any, in_hand: Any, work: Any) -> Any:
    """Whether an agent with this load, whose first contact in hand is of work type `in_hand`, may take one more."""
    if in_hand < 0:
        return True
    if load + 1.0 / routing.concurrency[work] > 1.0 + SLACK:
        return False
    mixes = routing.mixes[group]
    if mixes == MIX_ALL or work == in_hand:
        return True
    return mixes == MIX_TOUCHPOINT and work % routing.n_touchpoints == in_hand % routing.n_touchpoints


@njit
def merit(routing: Any, heads: Any, group: Any, work: Any, now: Any) -> Any:
    """What the policy makes of the first contact of a queue: the larger goes first."""
    policy, queued = routing.policy, heads.queued[work]
    if policy == WEIGHTED_WAIT:
        return routing.weight[work] * (now - queued)
    if policy == EARLIEST_PROMISE:
        return -heads.promise[work]
    if policy == LONGEST_QUEUE:
        return np.float64(heads.waiting[work])
    if policy == HIGHEST_VALUE:
        return heads.value[work]
    if policy == RESOLUTION_AWARE:
        return routing.worth[group, work]
    if policy == SCORE:
        score, rank = routing.score, effective_rank(routing, group, work, queued, now)
        value = score[0] * (now - queued) + score[1] * rank
        return value + score[2] * heads.transferred[work] + score[3] * routing.weight[work]
    return -queued


@njit
def is_candidate(routing: Any, heads: Any, asker: Any, work: Any, now: Any) -> Any:
    """Whether the first contact of a queue is there, and is one that this agent may take now."""
    queued = heads.queued[work]
    return (
        queued < np.inf
        and routing.rank[asker.group, work] > 0
        and is_admitted(routing, asker.group, work, queued, now, asker.idle)
        and fits(routing, asker.group, asker.load, asker.in_hand, work)
    )


@njit
def lowest_rank(routing: Any, heads: Any, asker: Any, now: Any) -> Any:
    """The lowest effective rank of any queue whose first contact this agent may take; -1 if there is none."""
    lowest = -1
    for work in routing.served[asker.group]:
        if work >= 0 and is_candidate(routing, heads, asker, work, now):
            rank = effective_rank(routing, asker.group, work, heads.queued[work], now)
            if lowest < 0 or rank < lowest:
                lowest = rank
    return lowest


@njit
def queue_for_agent(routing: Any, heads: Any, asker: Any, now: Any, u: Any) -> Any:
    """Routing question 2: the work type whose first contact an agent with capacity takes, or NOTHING.

    Lowest effective rank first (a score knows no ranks beside its own), then the policy, then the longer wait, then the
    lower number.

    Parameters
    ----------
    routing : Routing
    heads : Heads
    asker : Asker
    now : float
        Instant [s].
    u : float
        Uniform number of this choice, for the policy `random`.
    """
    group, policy = asker.group, routing.policy
    lowest = lowest_rank(routing, heads, asker, now)
    if lowest < 0:
        return NOTHING
    best, most, since, total = NOTHING, 0.0, np.inf, 0
    for work in range(routing.rank.shape[1]):
        if not is_candidate(routing, heads, asker, work, now):
            continue
        queued = heads.queued[work]
        if policy != SCORE and effective_rank(routing, group, work, queued, now) != lowest:
            continue
        total += heads.waiting[work]
        value = merit(routing, heads, group, work, now)
        tie = value == most and queued < since and policy != WEIGHTED_WAIT
        if best < 0 or value > most or tie:
            best, most, since = work, value, queued
    if policy == RANDOM_QUEUE:
        return random_queue(routing, heads, asker, now, u * total)
    return best


@njit
def random_queue(routing: Any, heads: Any, asker: Any, now: Any, target: Any) -> Any:
    """The queue in which the contact of this place stands, counted over the candidates of the lowest rank."""
    lowest, counted, last = lowest_rank(routing, heads, asker, now), 0, NOTHING
    for work in range(routing.rank.shape[1]):
        if not is_candidate(routing, heads, asker, work, now):
            continue
        if effective_rank(routing, asker.group, work, heads.queued[work], now) != lowest:
            continue
        counted += heads.waiting[work]
        last = work
        if target < counted:
            return work
    return last


@njit
def standing(policy: Any, load: Any, handle_time: Any, effect: Any) -> Any:
    """What the policy of question 1 makes of an agent: the smaller goes first, then who is idle longer.

    Parameters
    ----------
    load : float
        Share of the agent's capacity in use.
    handle_time : float
        Factor of the agent on the handle time of this contact.
    effect : float
        Effect of the agent on the resolution of this contact [log-odds].
    """
    if policy == LEAST_OCCUPIED:
        return load
    if policy == FASTEST:
        return handle_time
    if policy == BEST_AT_RESOLVING:
        return -effect
    return 0.0


@njit
def goes_before(value: Any, idle_since: Any, other: Any, other_since: Any) -> Any:
    """Whether an agent goes before the best so far."""
    return value < other or (value == other and idle_since < other_since)


@njit
def place_of(u: Any, n: Any) -> Any:
    """The place among n that a uniform number points to, from 0."""
    return min(int(u * n), n - 1)
