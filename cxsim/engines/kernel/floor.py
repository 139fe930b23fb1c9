"""Who is there, compiled: the line of each group, the counter rule, breaks, presence. Twin of `engines.floor`.

What goes home with contacts in hand, and who may take one, the caller is told through `State.todo`.
Above 300 lines because presence, breaks and the line read and change the same few facts of an agent.
"""

from __future__ import annotations

from typing import Any

from cxsim.compiled import njit_inner, njit_into, njit_plain
from cxsim.contacts.columns import AVAILABLE, BREAK, OVERTIME
from cxsim.engines.kernel.fields import group_of
from cxsim.engines.kernel.trees import NEVER, set_leaf
from cxsim.engines.kernel.world import (
    AWAY,
    AWAY_SINCE,
    BY_SHIFT,
    EXCESS_AT,
    FIRST_AGENT,
    FIRST_IN_LINE,
    FULL,
    GROUP_RECORD,
    HERE,
    IDLE_SINCE,
    IN_LINE,
    INDEX,
    LAST_IN_LINE,
    LEAVING,
    LEVEL,
    LOAD,
    N_AGENTS,
    N_DUE,
    N_EXCESS,
    N_HAND,
    N_LEAVING,
    N_PRESENT,
    N_STRETCHES,
    NEXT_IN_LINE,
    NONE,
    ON_BREAK,
    OVERTIME_SINCE,
    PRESENT,
    PREVIOUS_IN_LINE,
    RECORD,
    RECORD_BITS,
    SINCE,
    UNAVAILABLE,
)
from cxsim.model.handling import break_end
from cxsim.model.policies import FULL as FULL_LOAD
from cxsim.model.tables import FINISH

# ------------------------------------------------------------------------------------------------------- the line


@njit_inner
def into_line(s: Any, agent: Any, now: Any) -> None:
    """Last in the line of those with capacity."""
    group = GROUP_RECORD * group_of(s, agent)
    last = s.g[group + LAST_IN_LINE]
    s.h[agent + IDLE_SINCE] = now
    s.a[agent + IN_LINE] = 1
    s.a[agent + NEXT_IN_LINE], s.a[agent + PREVIOUS_IN_LINE] = NONE, last
    s.g[group + LAST_IN_LINE] = agent
    if last == NONE:
        s.g[group + FIRST_IN_LINE] = agent
        s.idle_since[group_of(s, agent)] = now
    else:
        s.a[last + NEXT_IN_LINE] = agent


@njit_inner
def out_of_line(s: Any, agent: Any) -> None:
    """Out of the line, from wherever he or she stands."""
    if s.a[agent + IN_LINE] == 0:
        return
    group = GROUP_RECORD * group_of(s, agent)
    before, after = s.a[agent + PREVIOUS_IN_LINE], s.a[agent + NEXT_IN_LINE]
    s.a[agent + IN_LINE] = 0
    if after == NONE:
        s.g[group + LAST_IN_LINE] = before
    else:
        s.a[after + PREVIOUS_IN_LINE] = before
    if before == NONE:
        s.g[group + FIRST_IN_LINE] = after
        s.idle_since[group_of(s, agent)] = float("inf") if after == NONE else s.h[after + IDLE_SINCE]
    else:
        s.a[before + NEXT_IN_LINE] = after


@njit_inner
def n_idle(s: Any, group: Any, most: Any) -> Any:
    """Agents of a group in line with nothing in hand, counted up to a number."""
    n, agent = 0, s.g[GROUP_RECORD * group + FIRST_IN_LINE]
    while agent != NONE and n < most:
        n += s.a[agent + N_HAND] == 0
        agent = s.a[agent + NEXT_IN_LINE]
    return n


# ------------------------------------------------------------------------------------------------------- the plan


@njit_inner
def first_excess(c: Any, s: Any, group: Any) -> Any:
    """Take the oldest instant at which the plan fell below who was there."""
    base, size, g = c.groups[group, FIRST_AGENT] >> RECORD_BITS, c.groups[group, N_AGENTS], GROUP_RECORD * group
    at = s.g[g + EXCESS_AT]
    s.g[g + EXCESS_AT] = (at + 1) % size
    s.g[g + N_EXCESS] -= 1
    return s.excess[base + at]


@njit_inner
def last_excess(c: Any, s: Any, group: Any) -> Any:
    """Take the latest instant at which the plan fell below who was there."""
    base, size, g = c.groups[group, FIRST_AGENT] >> RECORD_BITS, c.groups[group, N_AGENTS], GROUP_RECORD * group
    s.g[g + N_EXCESS] -= 1
    return s.excess[base + (s.g[g + EXCESS_AT] + s.g[g + N_EXCESS]) % size]


@njit_inner
def add_excess(c: Any, s: Any, group: Any, now: Any) -> None:
    """One more is to leave after wrapping."""
    base, size, g = c.groups[group, FIRST_AGENT] >> RECORD_BITS, c.groups[group, N_AGENTS], GROUP_RECORD * group
    s.excess[base + (s.g[g + EXCESS_AT] + s.g[g + N_EXCESS]) % size] = now
    s.g[g + N_EXCESS] += 1


@njit_inner
def write_stretch(s: Any, p: Any, agent: Any, begin: Any, end: Any, kind: Any) -> None:
    """One stretch of presence."""
    place = s.n[N_STRETCHES]
    if place == len(p.who):
        s.n[FULL] = 1
        return
    p.who[place, 0], p.who[place, 1] = agent >> RECORD_BITS, kind
    p.when[place, 0], p.when[place, 1] = begin, end
    s.n[N_STRETCHES] = place + 1


@njit_inner
def write_presence(s: Any, p: Any, agent: Any, planned: Any, now: Any) -> None:
    """Available to the end of the plan, overtime after it."""
    since = s.h[agent + SINCE]
    if planned > since:
        write_stretch(s, p, agent, since, planned, AVAILABLE)
    if now > planned:
        write_stretch(s, p, agent, planned, now, OVERTIME)


@njit_inner
def is_surplus(c: Any, s: Any, agent: Any) -> Any:
    """More are there than the plan has; the one asked about is past the plan since the first of these began."""
    group = group_of(s, agent)
    g = GROUP_RECORD * group
    if c.groups[group, BY_SHIFT] == 1 or s.g[g + N_PRESENT] <= s.g[g + LEVEL]:
        return False
    s.h[agent + OVERTIME_SINCE] = first_excess(c, s, group)
    return True


@njit_inner
def leaves_after_wrapping(c: Any, s: Any, agent: Any) -> Any:
    """Whether an agent with nothing in hand goes home instead of taking the next contact."""
    return s.a[agent + LEAVING] == 1 or is_surplus(c, s, agent)


@njit_inner
def takes_more(c: Any, s: Any, agent: Any) -> Any:
    """Whether an agent who still has something in hand may take more; one too many is marked to leave."""
    if s.a[agent + LEAVING] == 0 and is_surplus(c, s, agent):
        set_leaving(s, agent, 1)
        s.g[GROUP_RECORD * group_of(s, agent) + N_PRESENT] -= 1
    return s.a[agent + LEAVING] == 0 and s.a[agent + N_DUE] == 0


@njit_into
def set_leaving(s: Any, agent: Any, leaving: Any) -> None:
    """Note whether an agent takes nothing more, 1, or goes on, 0."""
    s.g[GROUP_RECORD * group_of(s, agent) + N_LEAVING] += leaving - s.a[agent + LEAVING]
    s.a[agent + LEAVING] = leaving


@njit_inner
def come_in(s: Any, agent: Any, now: Any) -> None:
    """An agent is there from now on."""
    s.a[agent + PRESENT] = 1
    set_leaving(s, agent, 0)
    s.h[agent + SINCE], s.h[agent + OVERTIME_SINCE] = now, float("inf")
    s.g[GROUP_RECORD * group_of(s, agent) + N_PRESENT] += 1


@njit_inner
def mark_leaving(s: Any, agent: Any, past: Any) -> None:
    """Takes nothing more, goes home when nothing is in hand."""
    out_of_line(s, agent)
    set_leaving(s, agent, 1)
    s.h[agent + OVERTIME_SINCE] = past


@njit_inner
def stay_past_plan(c: Any, s: Any, agent: Any, now: Any) -> None:
    """Of a run that begins in the middle of a day: still there with a contact, though not planned to be."""
    s.a[agent + PRESENT] = 1
    set_leaving(s, agent, 1)
    s.h[agent + SINCE] = s.h[agent + OVERTIME_SINCE] = now
    group = group_of(s, agent)
    if c.groups[group, BY_SHIFT] == 1:
        s.g[GROUP_RECORD * group + N_PRESENT] += 1


@njit_inner
def go_home(c: Any, s: Any, p: Any, agent: Any, now: Any) -> None:
    """An agent leaves: available to the end of the plan, overtime after it; a break is cut."""
    out_of_line(s, agent)
    group = group_of(s, agent)
    if c.groups[group, BY_SHIFT] == 1 or s.a[agent + LEAVING] == 0:
        s.g[GROUP_RECORD * group + N_PRESENT] -= 1
    s.a[agent + PRESENT] = s.a[agent + N_DUE] = 0
    set_leaving(s, agent, 0)
    if s.a[agent + AWAY] != HERE:
        come_back(s, p, agent, now)
    planned = min(max(s.h[agent + OVERTIME_SINCE], s.h[agent + SINCE]), now)
    write_presence(s, p, agent, planned, now)


@njit_inner
def stays_on(s: Any, p: Any, agent: Any, now: Any, past: Any) -> Any:
    """Back in the plan after time past it: that was overtime. Whether the agent has capacity for a contact."""
    asks_again = (
        s.a[agent + LEAVING] == 1
        and s.a[agent + AWAY] == HERE
        and s.h[agent + LOAD] < FULL_LOAD
        and s.a[agent + N_DUE] == 0
    )
    set_leaving(s, agent, 0)
    s.h[agent + OVERTIME_SINCE] = float("inf")
    if past < now:
        if s.a[agent + AWAY] == HERE:
            write_presence(s, p, agent, max(past, s.h[agent + SINCE]), now)
        s.h[agent + SINCE] = now
    return asks_again


@njit_inner
def highest_idle(s: Any, group: Any) -> Any:
    """The agent in line with nothing in hand who has the highest number, or NONE."""
    agent, best = s.g[GROUP_RECORD * group + FIRST_IN_LINE], NONE
    while agent != NONE:
        if s.a[agent + N_HAND] == 0 and agent > best:
            best = agent
        agent = s.a[agent + NEXT_IN_LINE]
    return best


@njit_inner
def highest_present(c: Any, s: Any, group: Any, now: Any, ever: Any) -> Any:
    """The agent with the highest number who is present; unless `ever`, only who is not leaving and came before now."""
    first = c.groups[group, FIRST_AGENT]
    agent = first + RECORD * (c.groups[group, N_AGENTS] - 1)
    while agent > first:
        if s.a[agent + PRESENT] == 1 and (ever or (s.a[agent + LEAVING] == 0 and s.h[agent + SINCE] < now)):
            break
        agent -= RECORD
    return agent


@njit_inner
def lower_level(c: Any, s: Any, p: Any, group: Any, absent: Any, now: Any, gone: Any) -> Any:
    """Counter rule: idle agents leave first, highest number first; busy ones as they wrap, or at once.

    Who goes at once with contacts in hand is written to `gone`; the number of them.
    """
    first, g, n_gone = c.groups[group, FIRST_AGENT], GROUP_RECORD * group, 0
    level, finishes = s.g[g + LEVEL], c.staff.at_end[group] == FINISH
    for number in absent:
        agent = first + RECORD * number
        if s.a[agent + IN_LINE] == 1 and s.a[agent + N_HAND] == 0:
            go_home(c, s, p, agent, now)
    for number in absent:
        agent = first + RECORD * number
        if s.a[agent + PRESENT] == 0 or s.a[agent + LEAVING] == 1:
            continue
        # At work since before midnight, away today: no longer counts, and finishes if that is the rule.
        if finishes:
            mark_leaving(s, agent, first_excess(c, s, group) if s.g[g + N_EXCESS] > 0 else now)
            s.g[g + N_PRESENT] -= 1
        else:
            gone[n_gone] = agent
            n_gone += 1
            go_home(c, s, p, agent, now)
    while s.g[g + N_PRESENT] > level:
        agent = highest_idle(s, group)
        if agent == NONE:
            break
        go_home(c, s, p, agent, now)
    while not finishes and s.g[g + N_PRESENT] > level:
        agent = highest_present(c, s, group, now, True)
        gone[n_gone] = agent
        n_gone += 1
        go_home(c, s, p, agent, now)
    return n_gone


@njit_inner
def end_shift(c: Any, s: Any, p: Any, agents: Any, group: Any, now: Any, gone: Any) -> Any:
    """The end of a shift: idle agents go, busy ones finish or go at once; as `lower_level`."""
    first, n_gone = c.groups[group, FIRST_AGENT], 0
    for number in agents:
        agent = first + RECORD * number
        if s.a[agent + PRESENT] == 0:
            continue
        idle = s.a[agent + N_HAND] == 0 and s.a[agent + AWAY] != UNAVAILABLE
        if idle or c.staff.at_end[group] != FINISH:
            gone[n_gone] = agent
            n_gone += 1
            go_home(c, s, p, agent, now)
        else:
            mark_leaving(s, agent, now)
    return n_gone


@njit_inner
def surplus_stays(c: Any, s: Any, p: Any, group: Any, now: Any) -> Any:
    """Surplus at work is kept first when a level rises: the next of them who has capacity for a contact, or NONE."""
    g = GROUP_RECORD * group
    level = s.g[g + LEVEL]
    while s.g[g + N_EXCESS] > max(0, s.g[g + N_PRESENT] - level):
        # Whoever had wrapped since would have left: everyone here has been busy all the while.
        agent = highest_present(c, s, group, now, False)
        if stays_on(s, p, agent, now, last_excess(c, s, group)):
            return agent
    while s.g[g + N_EXCESS] < s.g[g + N_PRESENT] - level:
        add_excess(c, s, group, now)
    return NONE


@njit_inner
def rostered(c: Any, s: Any, p: Any, agent: Any, now: Any) -> Any:
    """An agent of the roster is wanted: stays on or comes in. Whether he or she may take a contact."""
    if s.a[agent + LEAVING] == 1:
        # Still finishing what began before a day away, or one of several contacts.
        s.g[GROUP_RECORD * group_of(s, agent) + N_PRESENT] += 1
        return stays_on(s, p, agent, now, s.h[agent + OVERTIME_SINCE])
    if s.a[agent + PRESENT] == 1:
        return False
    come_in(s, agent, now)
    return True


@njit_inner
def begins_shift(s: Any, p: Any, agent: Any, now: Any) -> Any:
    """The begin of a shift, for an agent who may still be busy from one that has ended. As `rostered`."""
    if s.a[agent + PRESENT] == 1:
        return stays_on(s, p, agent, now, s.h[agent + OVERTIME_SINCE])
    come_in(s, agent, now)
    return True


# ------------------------------------------------------------------------------------------------------- time away


@njit_inner
def go_away(s: Any, p: Any, agent: Any, now: Any, kind: Any) -> None:
    """On a break, or unavailable."""
    out_of_line(s, agent)
    write_presence(s, p, agent, now, now)
    s.a[agent + AWAY] = kind
    s.h[agent + AWAY_SINCE] = now


@njit_inner
def come_back(s: Any, p: Any, agent: Any, now: Any) -> None:
    """The end of a break."""
    if now > s.h[agent + AWAY_SINCE]:
        write_stretch(s, p, agent, s.h[agent + AWAY_SINCE], now, BREAK)
    s.a[agent + AWAY] = HERE
    s.h[agent + SINCE] = now
    set_leaf(s.returns, s.a[agent + INDEX], NEVER)


@njit_inner
def begin_break(s: Any, p: Any, agent: Any, lasts: Any, now: Any) -> Any:
    """A planned break: whether the agent goes now; who is busy or away owes it to himself."""
    if s.a[agent + PRESENT] == 0 or s.a[agent + LEAVING] == 1:
        return False
    if s.a[agent + N_HAND] > 0 or s.a[agent + AWAY] != HERE:
        out_of_line(s, agent)
        index, n = s.a[agent + INDEX], s.a[agent + N_DUE]
        if n == s.breaks.shape[1]:
            s.n[FULL] = 1
            return False
        s.breaks[index, n, 0], s.breaks[index, n, 1] = now, lasts
        s.a[agent + N_DUE] = n + 1
        return False
    go_away(s, p, agent, now, ON_BREAK)
    return True


@njit_inner
def break_due(c: Any, s: Any, p: Any, agent: Any, now: Any) -> Any:
    """The end [s] of a break that an agent with nothing in hand begins now because it is due; -1 if none is."""
    index = s.a[agent + INDEX]
    while s.a[agent + N_DUE] > 0:
        at, lasts = s.breaks[index, 0, 0], s.breaks[index, 0, 1]
        n = s.a[agent + N_DUE] - 1
        for place in range(n):
            s.breaks[index, place, 0], s.breaks[index, place, 1] = (
                s.breaks[index, place + 1, 0],
                s.breaks[index, place + 1, 1],
            )
        s.a[agent + N_DUE] = n
        end = break_end(at, lasts, now, c.staff.on_time[group_of(s, agent)])
        if end > now:
            go_away(s, p, agent, now, ON_BREAK)
            return end
    return -1.0


# ------------------------------------------------------------------------------------------------------- who is there


@njit_inner
def on_duty(c: Any, s: Any, group: Any) -> Any:
    """Agents of a group who may still take a contact, now or after a break."""
    g = GROUP_RECORD * group
    if c.groups[group, BY_SHIFT] == 0:
        return min(s.g[g + N_PRESENT], s.g[g + LEVEL])
    return s.g[g + N_PRESENT] - s.g[g + N_LEAVING]


@njit_inner
def n_able(c: Any, s: Any, work: Any) -> Any:
    """Agents on duty of all groups that serve the work type."""
    n = 0
    for group in c.service.groups[work]:
        if group >= 0:
            n += on_duty(c, s, group)
    return n


@njit_plain
def all_go_home(c: Any, s: Any, p: Any, now: Any) -> None:
    """The end of the run."""
    for agent in range(0, len(s.a) - RECORD, RECORD):
        if s.a[agent + PRESENT] == 1:
            go_home(c, s, p, agent, now)
