"""An agent's hands, compiled: what is in them in order of taking, how much they can still take, how fast it goes."""

from __future__ import annotations

from typing import Any

from cxsim.compiled import njit_inner
from cxsim.engines.kernel.fields import group_of, point_of, work_of
from cxsim.engines.kernel.queues import schedule
from cxsim.engines.kernel.world import (
    AFTER,
    DUE,
    FIRST_HAND,
    FIRST_INTERRUPTIBLE,
    GROUP_RECORD,
    INTERRUPTIBLE,
    INTERRUPTIBLE_NOW,
    LAST_HAND,
    LAST_INTERRUPTIBLE,
    LEFT,
    LOAD,
    N_HAND,
    NEXT_HAND,
    NEXT_INTERRUPTIBLE,
    NONE,
    PHASE,
    PREVIOUS_HAND,
    PREVIOUS_INTERRUPTIBLE,
    SLOW,
    TALKING,
    UPDATED,
)
from cxsim.model import handling


@njit_inner
def weigh(c: Any, s: Any, agent: Any) -> None:
    """The share of an agent's capacity that is taken."""
    load, contact = 0.0, s.a[agent + FIRST_HAND]
    while contact != NONE:
        load += 1.0 / c.queues.concurrency[work_of(s, contact)]
        contact = s.i[contact + NEXT_HAND]
    s.h[agent + LOAD] = load


@njit_inner
def change_speed(c: Any, s: Any, agent: Any, but: Any, now: Any) -> None:
    """The number in hand has changed: work left is kept, ends are moved."""
    n, contact = s.a[agent + N_HAND], s.a[agent + FIRST_HAND]
    while contact != NONE:
        phase = s.i[contact + PHASE]
        if contact != but and (phase == TALKING or phase == AFTER):
            left = handling.work_left(s.x[contact + LEFT], s.x[contact + UPDATED], now, s.x[contact + SLOW])
            slow = handling.slowed(c.queues.slowdown, work_of(s, contact), n)
            s.x[contact + SLOW], s.x[contact + LEFT], s.x[contact + UPDATED] = slow, left, now
            s.x[contact + DUE] = now + left * slow
            schedule(s, contact)
        contact = s.i[contact + NEXT_HAND]


@njit_inner
def into_hand(s: Any, agent: Any, contact: Any) -> None:
    """Last in an agent's hands."""
    last = s.a[agent + LAST_HAND]
    s.i[contact + NEXT_HAND], s.i[contact + PREVIOUS_HAND] = NONE, last
    s.a[agent + LAST_HAND] = contact
    if last == NONE:
        s.a[agent + FIRST_HAND] = contact
    else:
        s.i[last + NEXT_HAND] = contact
    s.a[agent + N_HAND] += 1


@njit_inner
def out_of_hand(c: Any, s: Any, agent: Any, contact: Any) -> None:
    """No longer in an agent's hands."""
    before, after = s.i[contact + PREVIOUS_HAND], s.i[contact + NEXT_HAND]
    if after == NONE:
        s.a[agent + LAST_HAND] = before
    else:
        s.i[after + PREVIOUS_HAND] = before
    if before == NONE:
        s.a[agent + FIRST_HAND] = after
    else:
        s.i[before + NEXT_HAND] = after
    s.a[agent + N_HAND] -= 1
    weigh(c, s, agent)
    if c.points[point_of(s, contact), INTERRUPTIBLE]:
        leave_interruptible(s, agent)


@njit_inner
def join_interruptible(s: Any, agent: Any) -> None:
    """Last of the agents of the group whose contact may be laid aside."""
    g = GROUP_RECORD * group_of(s, agent)
    last = s.g[g + LAST_INTERRUPTIBLE]
    s.a[agent + NEXT_INTERRUPTIBLE], s.a[agent + PREVIOUS_INTERRUPTIBLE] = NONE, last
    s.g[g + LAST_INTERRUPTIBLE] = agent
    s.a[agent + INTERRUPTIBLE_NOW] = 1
    if last == NONE:
        s.g[g + FIRST_INTERRUPTIBLE] = agent
    else:
        s.a[last + NEXT_INTERRUPTIBLE] = agent


@njit_inner
def leave_interruptible(s: Any, agent: Any) -> None:
    """The contact that could be laid aside is out of hand."""
    g = GROUP_RECORD * group_of(s, agent)
    before, after = s.a[agent + PREVIOUS_INTERRUPTIBLE], s.a[agent + NEXT_INTERRUPTIBLE]
    s.a[agent + INTERRUPTIBLE_NOW] = 0
    if after == NONE:
        s.g[g + LAST_INTERRUPTIBLE] = before
    else:
        s.a[after + PREVIOUS_INTERRUPTIBLE] = before
    if before == NONE:
        s.g[g + FIRST_INTERRUPTIBLE] = after
    else:
        s.a[before + NEXT_INTERRUPTIBLE] = after


@njit_inner
def let_go(c: Any, s: Any, agent: Any, contact: Any, now: Any) -> None:
    """A contact leaves an agent's hands; what is still there goes on faster."""
    out_of_hand(c, s, agent, contact)
    if s.a[agent + N_HAND] > 0:
        change_speed(c, s, agent, NONE, now)
