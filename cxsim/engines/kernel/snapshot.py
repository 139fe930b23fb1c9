"""The begin of a run in the middle of a day, compiled: who is there, who has what in hand, who waits. Twin of
`engines.snapshot`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim.compiled import by_reference, njit_inner, njit_plain
from cxsim.engines.calendar import Level, Plan
from cxsim.engines.kernel import floor, handling, hands, paths
from cxsim.engines.kernel.days import Change
from cxsim.engines.kernel.fields import point_of, row_of, work_of
from cxsim.engines.kernel.loop import BREAKS, CHANGE_SHIFT, SET_LEVEL
from cxsim.engines.kernel.queues import join, schedule
from cxsim.engines.kernel.trees import key_of, set_leaf
from cxsim.engines.kernel.world import (
    AFTER_CALL,
    DEFERRED,
    DUE,
    FACTOR,
    FIRST_AGENT,
    FIRST_HAND,
    FULL,
    GROUP_RECORD,
    IN_LINE,
    INDEX,
    INTERRUPTIBLE,
    LEAVING,
    LEFT,
    LEVEL,
    LOAD,
    N_ALIVE,
    N_HAND,
    N_OVERFLOWS,
    N_PRESENT,
    N_PROMISES,
    NEXT_HAND,
    NONE,
    OFFERED,
    ON_BREAK,
    OVERFLOW_DUE,
    PATIENCE,
    PERSON,
    PHASE,
    PRESENT,
    PROMISE_DUE,
    QUEUED,
    RECORD,
    SHARE_HELD,
    SLOW,
    TAKEN,
    TALK,
    TALKING,
    UPDATED,
)
from cxsim.model import handling as rules
from cxsim.model import order
from cxsim.model.policies import FULL as FULL_LOAD
from cxsim.model.snapshot import Start
from cxsim.units import DAY


def come_to_work(plans: list[Plan], start: Start, at: float) -> list[Change]:
    """Changes of presence of the day up to the begin of the run, group by group, then breaks that still last.

    Breaks are given with the instants at which they end instead of their lengths.
    """
    day, found = int(at // DAY), list[Change]()
    busy = set(zip(start.group.tolist(), start.agent.tolist(), strict=True))
    for plan in plans:
        changes: list[Any] = [*(plan.shift_changes(day) if plan.by_shift else plan.levels(day))]
        comings = plan.late_comings(day) if plan.by_shift else []
        # Late comings come after the changes of their instant; the sort keeps that order.
        before = [change for change in (*changes, *comings) if change.time <= at]
        for change in sorted(before, key=lambda change: change.time):
            by_level = isinstance(change, Level)
            kind = SET_LEVEL if by_level else CHANGE_SHIFT
            leave, enter = (change.absent, change.roster) if by_level else (change.leave, change.enter)
            found.append(Change(change.time, order.CHANGE, kind, plan.group, leave, enter))
        for time, breaks in (plan.breaks(day) if plan.by_shift else {}).items():
            late = {coming.enter[0] for coming in comings if coming.time > time}
            away = [
                (number, time + lasts)
                for number, lasts in breaks
                if time <= at < time + lasts and number not in late and (plan.group, number) not in busy
            ]
            agents, ends = [number for number, _ in away], [end for _, end in away]
            found.append(Change(time, order.BREAK_BEGIN, BREAKS, plan.group, (), agents, ends))
    return found


@njit_inner
def come_in_time(c: Any, d: Any, s: Any, p: Any, gone: Any, now: Any) -> None:
    """Presence as the plan of the day has it by now, without any question of routing."""
    for place in range(len(d.what)):
        what = d.what[place]
        kind, group = what[0], what[1]
        g, first = GROUP_RECORD * group, c.groups[group, FIRST_AGENT]
        leaving, entering = d.who[what[2] : what[3]], d.who[what[4] : what[5]]
        if kind == BREAKS:
            for which in range(what[4], what[5]):
                agent = first + RECORD * d.who[which]
                if s.a[agent + PRESENT] == 1:
                    floor.go_away(s, p, agent, now, ON_BREAK)
                    set_leaf(s.returns, s.a[agent + INDEX], key_of(d.lasts[which], order.PRESENCE))
            continue
        if kind == SET_LEVEL:
            s.g[g + LEVEL] = len(entering)
            floor.lower_level(c, s, p, group, leaving, now, gone)
        else:
            floor.end_shift(c, s, p, leaving, group, now, gone)
        for number in entering:
            agent = first + RECORD * number
            if kind == SET_LEVEL:
                if s.g[g + N_PRESENT] >= s.g[g + LEVEL]:
                    break
                comes = floor.rostered(c, s, p, agent, now)
            else:
                comes = floor.begins_shift(s, p, agent, now)
            if comes:
                floor.into_line(s, agent, now)


@njit_inner
def is_there(c: Any, a: Any, s: Any, r: Any, start: Any, which: Any, case: Any) -> None:
    """The record and the row of a contact that was offered before the run begins."""
    contact = paths.new_leg(c, a, s, r, case, 0, 0, start.touchpoint[which])
    row, offered = row_of(s, contact), start.offered[which]
    r.offered[row] = s.x[contact + OFFERED] = s.x[contact + QUEUED] = offered
    s.x[contact + TALK], s.x[contact + AFTER_CALL] = start.talk[which], start.after_call_work[which]
    s.x[contact + SHARE_HELD] = start.held[which]
    deferred = c.points[start.touchpoint[which], DEFERRED]
    s.x[contact + PATIENCE] = np.inf if deferred else start.patience[which]
    promise = c.queues.promise[work_of(s, contact)]
    if promise < np.inf:
        r.promise[row] = offered + promise
    s.n[N_ALIVE] += 1
    s.inside[start.touchpoint[which]] += 1


@njit_inner
def begin_in_hand(c: Any, s: Any, r: Any, contact: Any, agent: Any, now: Any) -> None:
    """A contact that was answered before the run begins; who has it and is not planned to be there is past the plan."""
    if s.a[agent + PRESENT] == 0:
        floor.stay_past_plan(c, s, agent, now)
    floor.out_of_line(s, agent)
    hands.into_hand(s, agent, contact)
    offered, row = s.x[contact + OFFERED], row_of(s, contact)
    s.i[contact + PERSON] = agent
    s.h[agent + TAKEN] = r.answered[row] = offered
    handling.start(c, s, r, contact, offered)
    if len(r.held) > 0:
        r.held[row] = s.x[contact + TALK] * s.x[contact + FACTOR] * s.x[contact + SHARE_HELD]
    s.x[contact + PATIENCE] = np.inf
    if c.points[point_of(s, contact), INTERRUPTIBLE]:
        hands.join_interruptible(s, agent)


@njit_inner
def settle(c: Any, s: Any, agent: Any, now: Any) -> None:
    """Ends of contacts in hand: one alone goes on as if the run had always been on; several as rated from now."""
    hands.weigh(c, s, agent)
    n, contact = s.a[agent + N_HAND], s.a[agent + FIRST_HAND]
    while contact != NONE:
        work = s.x[contact + TALK] * s.x[contact + FACTOR]
        due = s.x[contact + OFFERED] + work
        s.i[contact + PHASE] = TALKING
        if n == 1:
            s.x[contact + SLOW], s.x[contact + LEFT] = 1.0, work
            s.x[contact + UPDATED], s.x[contact + DUE] = s.x[contact + OFFERED], max(due, now)
        else:
            slow, left = rules.slowed(c.queues.slowdown, work_of(s, contact), n), max(due - now, 0.0)
            s.x[contact + SLOW], s.x[contact + LEFT], s.x[contact + UPDATED] = slow, left, now
            s.x[contact + DUE] = now + left * slow
        schedule(s, contact)
        contact = s.i[contact + NEXT_HAND]
    if s.h[agent + LOAD] < FULL_LOAD and s.a[agent + LEAVING] == 0:
        floor.into_line(s, agent, now)


@njit_inner
def begin_in_queue(c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """A contact that has waited since before the run begins."""
    work, offered = work_of(s, contact), s.x[contact + OFFERED]
    join(c, a, s, r, contact, 0, 1, offered)
    while s.x[contact + OVERFLOW_DUE] <= now:
        s.i[contact + N_OVERFLOWS] += 1
        s.x[contact + OVERFLOW_DUE] = offered + c.overflows[work, s.i[contact + N_OVERFLOWS]]
    handling.arm_patience(s, contact, now)
    promise = c.queues.promise[work]
    if promise < np.inf and c.queues.chaser_to[work] >= 0:
        n = 1
        while offered + promise * n <= now:
            n += 1
        s.i[contact + N_PROMISES] = n
        s.x[contact + PROMISE_DUE] = offered + promise * n
    schedule(s, contact)


@njit_inner
def begin_all(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, gone: Any, start: Any, now: Any) -> None:
    """Put everything in its place at the begin of the run, then let every agent ask for a contact."""
    n, first = len(start.case), len(a.time)
    for which in range(n):
        is_there(c, a, s, r, start, which, first + which)
    if s.n[FULL]:
        return
    come_in_time(c, d, s, p, gone, now)
    # Nothing has been given back yet: the records of the contacts stand one behind the other.
    for which in range(n):
        if start.group[which] >= 0:
            agent = c.groups[start.group[which], FIRST_AGENT] + RECORD * start.agent[which]
            begin_in_hand(c, s, r, RECORD * which, agent, now)
    for agent in range(0, len(s.a) - RECORD, RECORD):
        if s.a[agent + N_HAND] > 0:
            settle(c, s, agent, now)
    for which in range(n):
        if start.group[which] < 0:
            begin_in_queue(c, a, s, r, RECORD * which, now)
    for agent in range(0, len(s.a) - RECORD, RECORD):
        if s.a[agent + IN_LINE] == 1:
            handling.free(c, a, s, r, agent, now)


@njit_plain
def begin_from(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, gone: Any, start: Any, now: Any) -> None:
    """`begin_all` with everything handed on by its address.

    Parameters
    ----------
    c, d, a, s, r, p : Fixed, Day, Cases, State, Rows, Stretches
        The day is that of `come_to_work`; the cases of the snapshot stand behind those that arrive.
    gone : int64 [n_agents + 1]
        Room for a list of agents.
    start : Start
    now : float
        Begin of the run [s].
    """
    begin_all(
        by_reference(c), by_reference(d), by_reference(a), by_reference(s), by_reference(r), by_reference(p), gone,
        by_reference(start), now,
    )  # fmt: skip
