"""The two questions of routing, asked of the rules by the compiled engine. Twin of `engines.routing`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim import streams
from cxsim.compiled import njit_inner
from cxsim.engines.kernel import floor
from cxsim.engines.kernel.fields import case_of, group_of, point_of, work_of
from cxsim.engines.kernel.world import (
    AFTER,
    AGENT_POLICY,
    CHOICES,
    CONTACT_POLICY,
    DEFERRED,
    FIRST_HAND,
    FIRST_IN_LINE,
    FIRST_INTERRUPTIBLE,
    GROUP_RECORD,
    HAS_RESERVE,
    IDLE_SINCE,
    IN_LINE,
    INTERRUPTS,
    KEY,
    LEAVING,
    LOAD,
    N_DUE,
    N_HAND,
    NEXT_IN_LINE,
    NEXT_INTERRUPTIBLE,
    NONE,
    NUMBER,
    PHASE,
    PLACE,
    QUEUED,
    REMEMBERS,
    SKILL,
    SPEED,
    TAKEN,
    TALKING,
)
from cxsim.model import policies
from cxsim.model.policies import LONGEST_IDLE, NOTHING, RANDOM_AGENT, RANDOM_QUEUE, Asker


@njit_inner
def is_admitted(c: Any, s: Any, group: Any, contact: Any, now: Any) -> Any:
    """Whether a group may be used for a contact now."""
    idle = 0
    if c.settings[HAS_RESERVE]:
        idle = floor.n_idle(s, group, c.service.reserve[group, work_of(s, contact)] + 1)
    return policies.is_admitted(c.routing, group, work_of(s, contact), s.x[contact + QUEUED], now, idle)


@njit_inner
def has_capacity(c: Any, s: Any, agent: Any, work: Any) -> Any:
    """Whether a contact of a work type fits into an agent's hands."""
    first = s.a[agent + FIRST_HAND]
    if first == NONE:
        return True
    return policies.fits(c.routing, group_of(s, agent), s.h[agent + LOAD], work_of(s, first), work)


@njit_inner
def nth_candidate(c: Any, s: Any, contact: Any, chosen: Any, n: Any, now: Any) -> Any:
    """The n-th agent, from 0, who may take a contact, of the groups of one order."""
    work = work_of(s, contact)
    for group in c.service.groups[work]:
        if group < 0 or c.service.chosen[group, work] > chosen:
            break
        if c.service.chosen[group, work] < chosen or not is_admitted(c, s, group, contact, now):
            continue
        agent = s.g[GROUP_RECORD * group + FIRST_IN_LINE]
        while agent != NONE:
            if has_capacity(c, s, agent, work):
                if n == 0:
                    return agent
                n -= 1
            agent = s.a[agent + NEXT_IN_LINE]
    return NONE


@njit_inner
def agent_for(c: Any, s: Any, contact: Any, now: Any) -> Any:
    """Routing question 1: the agent in line who takes a contact, or NONE."""
    work, service = work_of(s, contact), c.service
    if c.settings[REMEMBERS]:
        known = np.int64(s.served_by[case_of(s, contact)])
        if known != NONE and s.a[known + IN_LINE] == 1 and service.rank[group_of(s, known), work] > 0:
            if is_admitted(c, s, group_of(s, known), contact, now) and has_capacity(c, s, known, work):
                return known
    policy = c.settings[AGENT_POLICY]
    best, value, chosen, n = NONE, np.inf, 0, 0
    for group in service.groups[work]:
        if group < 0 or (best != NONE and service.chosen[group, work] > chosen):
            break
        if not is_admitted(c, s, group, contact, now):
            continue
        agent = s.g[GROUP_RECORD * group + FIRST_IN_LINE]
        while agent != NONE:
            if has_capacity(c, s, agent, work):
                own = policies.standing(
                    policy,
                    s.h[agent + LOAD],
                    s.h[agent + SPEED] * service.handle_time[group, work],
                    s.h[agent + SKILL] + service.resolution[group, work],
                )
                since = s.h[best + IDLE_SINCE] if best != NONE else np.inf
                if best == NONE or policies.goes_before(own, s.h[agent + IDLE_SINCE], value, since):
                    best, value, chosen = agent, own, service.chosen[group, work]
                n += 1
                if policy == LONGEST_IDLE:
                    # Nobody behind in line has been idle longer.
                    break
            agent = s.a[agent + NEXT_IN_LINE]
    if policy == RANDOM_AGENT and n > 1:
        u = streams.uniform(s.i[contact + KEY], s.i[contact + PLACE] + streams.CHOICE)
        return nth_candidate(c, s, contact, chosen, policies.place_of(u, n), now)
    return best


@njit_inner
def whom_to_interrupt(c: Any, s: Any, contact: Any, now: Any) -> Any:
    """The agent who lays work aside for a live contact that nobody else can take, or NONE."""
    if c.settings[INTERRUPTS] == 0 or c.points[point_of(s, contact), DEFERRED]:
        return NONE
    work, service = work_of(s, contact), c.service
    best, order = NONE, 0
    for group in service.groups[work]:
        if group < 0 or (best != NONE and service.chosen[group, work] > order):
            break
        if s.x[contact + QUEUED] + service.after[group, work] > now:
            continue
        order, rank = service.chosen[group, work], service.rank[group, work]
        agent = s.g[GROUP_RECORD * group + FIRST_INTERRUPTIBLE]
        while agent != NONE:
            in_hand = s.a[agent + FIRST_HAND]
            phase = s.i[in_hand + PHASE]
            free = (phase == TALKING or phase == AFTER) and s.a[agent + LEAVING] == 0 and s.a[agent + N_DUE] == 0
            if free and rank < service.rank[group, work_of(s, in_hand)]:
                if best == NONE or s.h[agent + TAKEN] < s.h[best + TAKEN]:
                    best = agent
                break
            agent = s.a[agent + NEXT_INTERRUPTIBLE]
    return best


@njit_inner
def queue_for(c: Any, a: Any, s: Any, agent: Any, now: Any) -> Any:
    """Routing question 2: the work type whose first contact an agent takes, or NOTHING."""
    group, first = group_of(s, agent), s.a[agent + FIRST_HAND]
    idle = floor.n_idle(s, group, len(s.a)) + (s.a[agent + N_HAND] == 0) if c.settings[HAS_RESERVE] else 0
    in_hand = work_of(s, first) if first != NONE else NOTHING
    u = 0.0
    if c.settings[CONTACT_POLICY] == RANDOM_QUEUE:
        key = streams.entity_key(a.key, streams.AGENT, streams.agent_number(group, s.a[agent + NUMBER]))
        u = streams.uniform(key, streams.address(s.a[agent + CHOICES], 0, streams.CHOICE))
    work = policies.queue_for_agent(c.routing, s.heads, Asker(group, s.h[agent + LOAD], in_hand, idle), now, u)
    if work != NOTHING:
        s.a[agent + CHOICES] += 1
    return work
