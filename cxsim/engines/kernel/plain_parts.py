"""Parts of the short way: queues, the line of the idle, doors and presence; see `plain`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim.compiled import njit_inner, njit_into
from cxsim.contacts.columns import (
    CLOSED,
    NOBODY,
)
from cxsim.engines.kernel import floor
from cxsim.engines.kernel.fields import group_of, point_of, row_of, work_of
from cxsim.engines.kernel.loop import CHANGE_SHIFT, SET_LEVEL
from cxsim.engines.kernel.trees import (
    NEVER,
    key_of,
    leaf_key,
    set_leaf,
)
from cxsim.engines.kernel.world import (
    AFTER_CALL,
    BACK_HEAD,
    BACK_TAIL,
    BY_SHIFT,
    DEFERRED,
    FIRST_AGENT,
    FIRST_HAND,
    FIRST_IN_LINE,
    FIRST_WEEKDAY,
    GROUP_RECORD,
    IDLE_SINCE,
    IN_LINE,
    KEY,
    LAST_IN_LINE,
    LEAVING,
    LEVEL,
    LOAD,
    N_HAND,
    N_MOVES,
    N_PRESENT,
    N_SPANS,
    N_WAITING,
    NEXT,
    NEXT_CHANGE,
    NEXT_IN_LINE,
    NONE,
    NUMBER,
    PLACE,
    PREVIOUS,
    PREVIOUS_IN_LINE,
    QUEUE_RECORD,
    RECORD,
    RECORD_BITS,
    SPEED,
    TALK,
    TURN_AWAY,
)
from cxsim.model import draws, hours, policies
from cxsim.model.order import ENDED
from cxsim.model.policies import NOTHING

NAN = np.nan


# ------------------------------------------------------------------------------------------------------- queues


@njit_into
def join(s: Any, contact: Any, work: Any, point: Any, now: Any) -> None:
    """Last in the queue of the work type."""
    q = QUEUE_RECORD * work
    last = s.q[q + BACK_TAIL]
    s.i[contact + NEXT], s.i[contact + PREVIOUS] = NONE, last
    s.q[q + BACK_TAIL] = contact
    if last == NONE:
        s.q[q + BACK_HEAD] = contact
        s.heads.queued[work] = now
    else:
        s.i[last + NEXT] = contact
    s.room[point] += 1
    s.n[N_WAITING] += 1


@njit_into
def unqueue(s: Any, r: Any, contact: Any) -> None:
    """No longer in the queue; loses patience no more."""
    work = work_of(s, contact)
    q = QUEUE_RECORD * work
    before, after = s.i[contact + PREVIOUS], s.i[contact + NEXT]
    if after == NONE:
        s.q[q + BACK_TAIL] = before
    else:
        s.i[after + PREVIOUS] = before
    if before == NONE:
        s.q[q + BACK_HEAD] = after
        s.heads.queued[work] = np.inf if after == NONE else r.offered[row_of(s, after)]
    else:
        s.i[before + NEXT] = after
    s.room[point_of(s, contact)] -= 1
    s.n[N_WAITING] -= 1
    leaf = contact >> RECORD_BITS
    if leaf_key(s.due, leaf) != NEVER:
        set_leaf(s.due, leaf, NEVER)


@njit_into
def unanswered(s: Any, r: Any, contact: Any, outcome: Any, ended: Any) -> None:
    """What the row of a contact says that nobody answered."""
    row = row_of(s, contact)
    r.agent_group[row] = r.agent[row] = NOBODY
    r.answered[row] = r.wrapped[row] = NAN
    r.ended[row] = ended
    if len(r.held) > 0:
        r.held[row] = 0.0
    r.outcome[row], r.truly_resolved[row], r.level[row] = outcome, False, 0


# ------------------------------------------------------------------------------------------------------- agents


@njit_into
def into_line(s: Any, agent: Any, now: Any) -> None:
    """Last in the line of the idle; as `floor.into_line`."""
    group = group_of(s, agent)
    g = GROUP_RECORD * group
    last = s.g[g + LAST_IN_LINE]
    s.h[agent + IDLE_SINCE] = now
    s.a[agent + IN_LINE] = 1
    s.a[agent + NEXT_IN_LINE], s.a[agent + PREVIOUS_IN_LINE] = NONE, last
    s.g[g + LAST_IN_LINE] = agent
    if last == NONE:
        s.g[g + FIRST_IN_LINE] = agent
        s.idle_since[group] = now
    else:
        s.a[last + NEXT_IN_LINE] = agent


@njit_into
def first_out_of_line(s: Any, agent: Any) -> None:
    """The longest idle agent of a group is taken."""
    group = group_of(s, agent)
    g = GROUP_RECORD * group
    after = s.a[agent + NEXT_IN_LINE]
    s.a[agent + IN_LINE] = 0
    s.g[g + FIRST_IN_LINE] = after
    if after == NONE:
        s.g[g + LAST_IN_LINE] = NONE
        s.idle_since[group] = np.inf
    else:
        s.a[after + PREVIOUS_IN_LINE] = NONE
        s.idle_since[group] = s.h[after + IDLE_SINCE]


@njit_into
def must_leave(c: Any, s: Any, agent: Any) -> Any:
    """Whether an agent who has just wrapped goes home, or has to be asked about; seldom true."""
    group = group_of(s, agent)
    g = GROUP_RECORD * group
    more = c.groups[group, BY_SHIFT] == 0 and s.g[g + N_PRESENT] > s.g[g + LEVEL]
    return more or s.a[agent + LEAVING] == 1


@njit_into
def serve(c: Any, a: Any, s: Any, r: Any, contact: Any, agent: Any, now: Any) -> None:
    """An agent answers: talk, and then work without the customer."""
    row, work, place = row_of(s, contact), work_of(s, contact), s.i[contact + PLACE]
    group = group_of(s, agent)
    if place == 0:
        talk_time, after_call_work = s.x[contact + TALK], s.x[contact + AFTER_CALL]
    else:
        talk_time, after_call_work, _ = draws.service(c.laws, c.works, s.i[contact + KEY], place, work)
    factor = s.h[agent + SPEED] * c.service.handle_time[group, work]
    talk_time *= factor
    r.agent_group[row], r.agent[row] = group, s.a[agent + NUMBER]
    r.level[row] = c.service.level[group, work]
    r.answered[row] = now
    ended = now + talk_time
    r.ended[row] = ended
    r.wrapped[row] = ended + after_call_work * factor
    if len(r.held) > 0:
        r.held[row] = talk_time * draws.share_held(c.works, s.i[contact + KEY], place, work)
    s.a[agent + FIRST_HAND], s.a[agent + N_HAND], s.h[agent + LOAD] = contact, 1, 1.0
    set_leaf(s.returns, agent >> RECORD_BITS, key_of(ended, ENDED))


@njit_into
def head_for(c: Any, s: Any, agent: Any) -> Any:
    """Routing question 2: the contact that a free agent takes, or NONE."""
    if s.n[N_WAITING] == 0:
        return NONE
    work = policies.longest_wait(c.service.served, c.service.rank, s.heads.queued, group_of(s, agent))
    return s.q[QUEUE_RECORD * work + BACK_HEAD] if work != NOTHING else NONE


@njit_inner
def enters(c: Any, a: Any, s: Any, r: Any, agent: Any, now: Any) -> None:
    """Who comes in takes a contact or is idle."""
    contact = head_for(c, s, agent)
    if contact == NONE:
        into_line(s, agent, now)
    else:
        unqueue(s, r, contact)
        serve(c, a, s, r, contact, agent, now)


# ------------------------------------------------------------------------------------------------------- the calendar


@njit_inner
def is_open(c: Any, point: Any, now: Any) -> Any:
    """Whether a touchpoint is open."""
    return hours.is_open(c.spans[point, : c.points[point, N_SPANS]], now, c.settings[FIRST_WEEKDAY])


@njit_inner
def send_queue_away(s: Any, r: Any, away: Any, work: Any, now: Any) -> None:
    """All who wait in a queue find it closed; they go on in the order in which they are noted in `away`."""
    while s.q[QUEUE_RECORD * work + BACK_HEAD] != NONE:
        contact = s.q[QUEUE_RECORD * work + BACK_HEAD]
        unqueue(s, r, contact)
        unanswered(s, r, contact, CLOSED, now)
        s.n[N_MOVES] += 1
        s.inside[point_of(s, contact)] -= 1
        s.i[contact + NEXT] = NONE
        if away[0] == NONE:
            away[0] = contact
        else:
            s.i[away[1] + NEXT] = contact
        away[1] = contact


@njit_inner
def close_unserved(c: Any, s: Any, r: Any, away: Any, now: Any) -> None:
    """At closed touchpoints nobody waits for agents who are gone."""
    n_points = len(s.inside)
    for point in range(n_points):
        if s.room[point] == 0 or c.points[point, N_SPANS] == 0 or c.points[point, DEFERRED]:
            continue
        if not is_open(c, point, now):
            for work in range(point, len(s.heads.queued), n_points):
                if s.q[QUEUE_RECORD * work + BACK_HEAD] != NONE and floor.n_able(c, s, work) == 0:
                    send_queue_away(s, r, away, work, now)


@njit_inner
def change_presence(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, lists: Any, now: Any) -> None:
    """The next change of presence or doors; `lists` begins with those sent away, then has room for agents who go."""
    what = d.what[s.n[NEXT_CHANGE]]
    s.n[NEXT_CHANGE] += 1
    kind, number = what[0], what[1]
    leaving, roster = d.who[what[2] : what[3]], d.who[what[4] : what[5]]
    if kind == SET_LEVEL:
        g = GROUP_RECORD * number
        s.g[g + LEVEL] = len(roster)
        floor.lower_level(c, s, p, number, leaving, now, lists[2:])
        floor.surplus_stays(c, s, p, number, now)
        for agent in roster:
            if s.g[g + N_PRESENT] >= s.g[g + LEVEL]:
                break
            if floor.rostered(c, s, p, c.groups[number, FIRST_AGENT] + RECORD * agent, now):
                enters(c, a, s, r, c.groups[number, FIRST_AGENT] + RECORD * agent, now)
    elif kind == CHANGE_SHIFT:
        floor.end_shift(c, s, p, leaving, number, now, lists[2:])
        for agent in roster:
            if floor.begins_shift(s, p, c.groups[number, FIRST_AGENT] + RECORD * agent, now):
                enters(c, a, s, r, c.groups[number, FIRST_AGENT] + RECORD * agent, now)
    elif c.points[number, TURN_AWAY]:
        for work in range(number, len(s.heads.queued), len(s.inside)):
            send_queue_away(s, r, lists, work, now)
    if s.n[N_WAITING] > 0:
        close_unserved(c, s, r, lists, now)
