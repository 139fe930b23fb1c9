"""The compiled clock for scenarios in which nothing special happens: the same state, the same log, a shorter way.

One contact in each agent's hand, taken by the longest idle, in order of rank and wait, until it is wrapped up. Here
every nanosecond counts: what runs for each contact is written into one loop, contacts keep their record through
transfers, and what comes after a talk is fixed when it begins. Above 300 lines because of that one loop.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cxsim import streams
from cxsim.compiled import by_reference, njit_inner, njit_into, njit_plain
from cxsim.contacts.columns import (
    ABANDONED,
    BLOCKED,
    CLOSED,
    COLD,
    NO_TRANSFER,
    NOBODY,
    RESOLVED,
    UNFINISHED,
    UNRESOLVED,
)
from cxsim.engines.kernel import floor
from cxsim.engines.kernel.fields import case_of, group_of, in_hand, natural, point_of, row_of, work_of
from cxsim.engines.kernel.plain_next import first_contact, first_visit, first_visit_of, take_contact
from cxsim.engines.kernel.plain_parts import (
    change_presence,
    first_out_of_line,
    head_for,
    into_line,
    is_open,
    join,
    must_leave,
    serve,
    unanswered,
    unqueue,
)
from cxsim.engines.kernel.trees import (
    NEVER,
    first_key,
    first_leaf,
    is_tied,
    key_of,
    kind_of,
    set_leaf,
    time_of,
)
from cxsim.engines.kernel.world import (
    BACK_HEAD,
    CASE,
    CHANNEL,
    DEFERRED,
    FIRST_HAND,
    FIRST_IN_LINE,
    FIRST_WEEKDAY,
    FREE_CONTACT,
    FREE_VISIT,
    FULL,
    GIVES_UP_AFTER,
    GROUP_RECORD,
    KEY,
    LINES,
    LOAD,
    N_AHEAD,
    N_ALIVE,
    N_HAND,
    N_MOVES,
    N_POINTS,
    N_ROWS,
    N_SPANS,
    NEXT,
    NEXT_CASE,
    NEXT_CHANGE,
    NONE,
    PATIENCE,
    PLACE,
    POINT,
    QUEUE_RECORD,
    RECORD_BITS,
    ROOM,
    ROW,
    SKILL,
    STAFFED,
    V_CASE,
    V_NEXT,
    V_NUMBER,
    V_POINT,
    V_ROW,
    VISIT,
    VISIT_BITS,
    VISITS_USED,
    WORK,
)
from cxsim.model import draws, hours, policies
from cxsim.model.order import ENDED, LOST_PATIENCE, OFFERED, WRAPPED
from cxsim.model.policies import NOTHING
from cxsim.model.tables import FALSELY_RESOLVED, LEAVE, NEXT_OPENING

NAN = np.nan


class Whole(NamedTuple):
    """Everything by its address, for what runs seldom: Fixed, Day, Cases, State, Rows, Stretches."""

    c: Any
    d: Any
    a: Any
    s: Any
    r: Any
    p: Any


# What becomes of an offer, besides the agent who takes it.
OVER, INSIDE = -2, -1


# ------------------------------------------------------------------------------------------------------- the customer


@njit_into
def resolve(c: Any, s: Any, r: Any, contact: Any, effect: Any) -> None:
    """What the centre believes, and what is so."""
    row, work, place = row_of(s, contact), work_of(s, contact), s.i[contact + PLACE]
    key = s.i[contact + KEY]
    if draws.looks_resolved_at(c.works, key, place, work, effect):
        r.outcome[row] = RESOLVED
        r.truly_resolved[row] = not draws.is_false_at(c.works, key, place, work)
    else:
        r.outcome[row], r.truly_resolved[row] = UNRESOLVED, False


@njit_into
def exit_of(c: Any, s: Any, r: Any, contact: Any) -> Any:
    """The exit that the case takes after this outcome, or LEAVE."""
    row, work = row_of(s, contact), work_of(s, contact)
    outcome = np.int64(r.outcome[row])
    if outcome == RESOLVED and not r.truly_resolved[row]:
        outcome = np.int64(FALSELY_RESOLVED)
    if c.works.exits[work, outcome, 0] == c.works.exits[work, outcome, 1]:
        return LEAVE
    return draws.exit_taken(c.works, c.exits, s.i[contact + KEY], s.i[contact + PLACE], work, outcome)


@njit_inner
def come_back(c: Any, s: Any, contact: Any, exit_: Any, now: Any) -> None:
    """Schedule the next contact of the case, unless it is given up."""
    place = s.i[contact + PLACE]
    number = place // (streams.N_TOUCHES * streams.N_PURPOSES) + 1
    if number >= c.settings[GIVES_UP_AFTER]:
        return
    point, law = c.exits.to[exit_], c.exits.delay[exit_]
    if law == NEXT_OPENING:
        spans = c.spans[point, : c.points[point, N_SPANS]]
        time = hours.next_opening(spans, now, c.settings[FIRST_WEEKDAY])
    else:
        time = now + draws.drawn(c.laws, law, s.i[contact + KEY], place, streams.DELAY)
    visit = s.n[FREE_VISIT]
    if visit != NONE:
        s.n[FREE_VISIT] = s.v[visit + V_NEXT]
    else:
        visit = s.n[VISITS_USED]
        if visit + VISIT == len(s.v):
            s.n[FULL] = 1
            return
        s.n[VISITS_USED] = visit + VISIT
    s.v[visit + V_CASE], s.v[visit + V_NUMBER] = case_of(s, contact), number
    s.v[visit + V_POINT], s.v[visit + V_ROW] = point, row_of(s, contact)
    s.n[N_AHEAD] += 1
    set_leaf(s.coming, visit >> VISIT_BITS, key_of(time, OFFERED))


@njit_into
def new_row(c: Any, a: Any, s: Any, r: Any, contact: Any, number: Any, touch: Any, point: Any) -> Any:
    """The next row of the log, for a contact at a touchpoint; the flag `FULL` if there is none."""
    row = natural(s.n[N_ROWS])
    if row + 1 >= len(r.case):
        s.n[FULL] = 1
    else:
        s.n[N_ROWS] = row + 1
    case = case_of(s, contact)
    r.case[row], r.contact[row], r.touch[row], r.touchpoint[row] = a.case[case], number, touch, point
    if len(r.which) > 0:
        r.which[row] = case
    r.transfer_kind[row], r.reinfo[row] = NO_TRANSFER, False
    s.i[contact + ROW], s.i[contact + POINT] = row, point
    s.i[contact + WORK] = (a.case[case] >> 40) * c.settings[N_POINTS] + point
    s.i[contact + PLACE] = streams.address(number, touch, 0)
    return row


@njit_into
def offer(c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> Any:
    """The contact reaches a touchpoint: the agent who takes it, INSIDE, or its outcome is known (OVER)."""
    row, work, point = row_of(s, contact), work_of(s, contact), point_of(s, contact)
    r.offered[row] = now
    s.n[N_MOVES] += 1
    if c.points[point, N_SPANS] and not is_open(c, point, now):
        unanswered(s, r, contact, CLOSED, now)
        return OVER
    if not c.points[point, STAFFED]:
        unanswered(s, r, contact, NOBODY, now)
        r.answered[row] = now
        lasts = draws.automated_visit_at(c.laws, c.works, s.i[contact + KEY], s.i[contact + PLACE], work)
        r.ended[row] = r.wrapped[row] = now + lasts
        set_leaf(s.due, contact >> RECORD_BITS, key_of(now + lasts, ENDED))
        return INSIDE
    if 0 <= c.points[point, LINES] <= s.inside[point]:
        unanswered(s, r, contact, BLOCKED, now)
        return OVER
    group = policies.longest_idle(c.service.groups, c.service.chosen, s.idle_since, work)
    if group != NOTHING:
        s.inside[point] += 1
        return natural(s.g[GROUP_RECORD * group + FIRST_IN_LINE])
    if 0 <= c.points[point, ROOM] <= s.room[point]:
        unanswered(s, r, contact, BLOCKED, now)
        return OVER
    s.inside[point] += 1
    join(s, contact, work, point, now)
    if not c.points[point, DEFERRED]:
        if s.i[contact + PLACE] == 0:
            patience = s.x[contact + PATIENCE]
        else:
            patience = draws.patience(c.laws, c.works, s.i[contact + KEY], s.i[contact + PLACE], work)
        if patience < np.inf:
            set_leaf(s.due, contact >> RECORD_BITS, key_of(now + patience, LOST_PATIENCE))
            s.last[1] = max(s.last[1], now + patience)
    return INSIDE


@njit_into
def talk_ends(c: Any, s: Any, r: Any, agent: Any, now: Any) -> Any:
    """The customer is gone; whether the agent is free at once, since no other event comes before that of no work."""
    contact = in_hand(s, agent)
    s.inside[point_of(s, contact)] -= 1
    s.n[N_MOVES] += 1
    effect = c.service.resolution[group_of(s, agent), work_of(s, contact)]
    resolve(c, s, r, contact, s.h[agent + SKILL] + effect)
    wrapped = r.wrapped[row_of(s, contact)]
    if wrapped > now:
        set_leaf(s.returns, agent >> RECORD_BITS, key_of(wrapped, WRAPPED))
        return False
    return True


@njit_into
def happens(w: Any, c: Any, s: Any, r: Any, kind: Any, now: Any) -> Any:
    """Somebody loses patience, or a portal or a bot is done; the contact."""
    leaf = first_leaf(s.due)
    if is_tied(s.due, leaf):
        leaf = first_contact(w.a, w.s, leaf)
    contact = natural(leaf << RECORD_BITS)
    if kind == LOST_PATIENCE:
        unqueue(s, r, contact)
        unanswered(s, r, contact, ABANDONED, now)
        s.n[N_MOVES] += 1
        s.inside[point_of(s, contact)] -= 1
    else:
        set_leaf(s.due, leaf, NEVER)
        resolve(c, s, r, contact, 0.0)
    return contact


@njit_into
def begins(w: Any, c: Any, a: Any, s: Any, r: Any, arriving: Any, by_visit: Any) -> Any:
    """A new case, or a further contact of one; its record."""
    contact, visit, leaf = natural(take_contact(s)), NONE, np.int64(0)
    if by_visit <= arriving:
        leaf = first_leaf(s.coming)
        if is_tied(s.coming, leaf):
            leaf = first_visit(w.a, w.s, leaf)
        visit = leaf << VISIT_BITS
        if arriving == by_visit and a.case[s.n[NEXT_CASE]] < a.case[s.v[visit + V_CASE]]:
            visit = NONE
    case, number, point = natural(s.n[NEXT_CASE]), np.int64(0), np.int64(0)
    if visit == NONE:
        point = np.int64(a.touchpoint[case])
        s.n[NEXT_CASE] += 1
    else:
        set_leaf(s.coming, leaf, NEVER)
        case, number, point = s.v[visit + V_CASE], s.v[visit + V_NUMBER], s.v[visit + V_POINT]
    s.i[contact + CASE] = case
    if visit == NONE:
        first_visit_of(w.c, w.a, s, contact, case)
    else:
        s.i[contact + KEY] = streams.entity_key(a.key, streams.CASE, a.case[case])
    row = new_row(c, a, s, r, contact, number, 0, point)
    if visit != NONE:
        previous = s.v[visit + V_ROW]
        r.reinfo[row] = c.points[r.touchpoint[previous], CHANNEL] != c.points[point, CHANNEL]
        s.v[visit + V_NEXT] = s.n[FREE_VISIT]
        s.n[FREE_VISIT] = visit
        s.n[N_AHEAD] -= 1
    s.n[N_ALIVE] += 1
    return contact


@njit_into
def is_passed_on(w: Any, c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> Any:
    """The way on of a contact whose outcome is known: whether its next leg is offered now; else it is over."""
    row = row_of(s, contact)
    exit_ = exit_of(c, s, r, contact)
    point = c.exits.to[exit_] if exit_ != LEAVE else np.int64(LEAVE)
    place = s.i[contact + PLACE]
    touch = (place // streams.N_PURPOSES) % streams.N_TOUCHES + 1
    # A ring of transfers ends at the last leg that has an address of its own.
    if point != LEAVE and c.exits.transfer[exit_] and touch < streams.N_TOUCHES:
        r.transfer_kind[row] = COLD
        number = place // (streams.N_PURPOSES * streams.N_TOUCHES)
        r.reinfo[new_row(c, a, s, r, contact, number, touch, point)] = True
        return s.n[FULL] == 0
    if point != LEAVE and not c.exits.transfer[exit_]:
        come_back(w.c, w.s, contact, exit_, now)
    s.i[contact + NEXT] = s.n[FREE_CONTACT]
    s.n[FREE_CONTACT] = contact
    s.n[N_ALIVE] -= 1
    return False


@njit_into
def is_free(w: Any, c: Any, s: Any, r: Any, agent: Any, now: Any) -> None:
    """After-call work is done: leave if the plan says so, else take the next contact or be idle."""
    s.last[0] = now
    s.a[agent + FIRST_HAND], s.a[agent + N_HAND], s.h[agent + LOAD] = NONE, 0, 0.0
    if must_leave(c, s, agent) and floor.leaves_after_wrapping(w.c, w.s, agent):
        set_leaf(s.returns, agent >> RECORD_BITS, NEVER)
        floor.go_home(w.c, w.s, w.p, agent, now)
        return
    contact = head_for(c, s, agent)
    if contact == NONE:
        set_leaf(s.returns, agent >> RECORD_BITS, NEVER)
        into_line(s, agent, now)
        return
    unqueue(s, r, contact)
    serve(w.c, w.a, w.s, w.r, contact, agent, now)


@njit_plain
def run_until(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, lists: Any, limit: Any) -> None:
    """Let everything happen whose key lies below a limit, or until room runs out (the flag `FULL`).

    Parameters
    ----------
    c, d, a, s, r, p : Fixed, Day, Cases, State, Rows, Stretches
    lists : int64 [n_agents + 3]
        Room for lists of agents and contacts.
    limit : uint64
        Key of an event, from `trees.limit_of`.
    """
    n, n_cases = s.n, len(a.time)
    w = Whole(by_reference(c), by_reference(d), by_reference(a), by_reference(s), by_reference(r), by_reference(p))
    lists[0] = NONE
    arriving = key_of(a.time[n[NEXT_CASE]], OFFERED) if n[NEXT_CASE] < n_cases else NEVER
    by_change = d.keys[n[NEXT_CHANGE]]
    while n[FULL] == 0:
        by_agent, by_contact, by_visit = first_key(s.returns), first_key(s.due), first_key(s.coming)
        outer = arriving if arriving < by_visit else by_visit
        outer = outer if outer < by_change else by_change
        inner = by_agent if by_agent < by_contact else by_contact
        next_key = inner if inner < outer else outer
        if next_key >= limit:
            return
        now = time_of(next_key)
        # Who goes on: a contact that is offered or whose outcome is known, and an agent who is free.
        contact, offered, agent = NONE, False, NONE
        if next_key == by_agent:
            agent = natural(first_leaf(s.returns) << RECORD_BITS)
            if kind_of(next_key) == ENDED:
                contact = in_hand(s, agent)
                if not talk_ends(c, s, r, agent, now):
                    agent = NONE
        elif next_key == by_contact:
            contact = happens(w, c, s, r, kind_of(next_key), now)
        elif next_key == by_change:
            s.last[0] = now
            change_presence(
                w.c, w.d, w.a, w.s, w.r, w.p,
                lists, now,
            )  # fmt: skip
            by_change = d.keys[n[NEXT_CHANGE]]
        else:
            contact, offered = begins(w, c, a, s, r, arriving, by_visit), True
            arriving = key_of(a.time[natural(n[NEXT_CASE])], OFFERED) if n[NEXT_CASE] < n_cases else NEVER
        while True:
            if contact == NONE and lists[0] != NONE:
                contact, offered = lists[0], False
                lists[0] = s.i[contact + NEXT]
            if contact != NONE:
                if not offered and not is_passed_on(w, c, a, s, r, contact, now):
                    contact = NONE
                    continue
                offered = False
                serving = offer(c, a, s, r, contact, now)
                if serving == OVER and n[FULL] == 0:
                    continue
                if serving >= 0:
                    first_out_of_line(s, serving)
                    serve(w.c, w.a, w.s, w.r, contact, serving, now)
                contact = NONE
                continue
            if agent == NONE:
                break
            is_free(w, c, s, r, agent, now)
            agent = NONE


@njit_plain
def give_up_waiting(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, now: Any) -> None:
    """Nothing has moved for a whole week of the plan: who still waits will never be served."""
    for work in range(len(s.heads.queued)):
        while s.q[QUEUE_RECORD * work + BACK_HEAD] != NONE:
            contact = s.q[QUEUE_RECORD * work + BACK_HEAD]
            unqueue(s, r, contact)
            unanswered(s, r, contact, UNFINISHED, NAN)
            s.n[N_ALIVE] -= 1
