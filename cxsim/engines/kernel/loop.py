"""The compiled clock: takes the next event, lets it have all its effects at its instant, goes on. Twin of `process`.

What an event causes is done before the next one: by plain calls, or, where the way of another contact comes between,
through `State.todo`, last in first out, which is the order in which the readable engine's calls return.
Above 300 lines because every kind of event and of thing to do is dispatched here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim.compiled import by_reference, njit_inner, njit_plain
from cxsim.contacts.columns import ABANDONED, CLOSED, UNFINISHED, WARM
from cxsim.engines.kernel import floor, handling, hands, paths
from cxsim.engines.kernel.fields import case_of, group_of, natural, point_of, row_of, work_of
from cxsim.engines.kernel.handling import (
    ASK_AGAIN,
    BEGIN_BREAKS,
    CLOSE_ALL,
    CLOSE_POINT,
    CLOSE_WORK,
    ENTER,
    FOLLOW,
    FREE,
    FREED,
    GIVE_UP,
    LAY_DOWN,
    SEND_AWAY,
)
from cxsim.engines.kernel.plain_next import first_visit
from cxsim.engines.kernel.queues import push, remove, schedule
from cxsim.engines.kernel.trees import (
    NEVER,
    first_key,
    first_leaf,
    is_tied,
    key_of,
    kind_of,
    next_leaf,
    set_leaf,
    time_of,
)
from cxsim.engines.kernel.world import (
    AFTER,
    AFTER_CALL,
    BACK_HEAD,
    CHASER,
    DEFERRED,
    DUE,
    FACTOR,
    FIRST_AGENT,
    FREE_VISIT,
    FRONT_HEAD,
    FULL,
    GONE,
    GROUP_RECORD,
    HELD,
    INDEX,
    LAST_HAND,
    LEVEL,
    N_AHEAD,
    N_ALIVE,
    N_OVERFLOWS,
    N_PRESENT,
    N_SPANS,
    N_UNDONE,
    N_WAITING,
    NEW,
    NEXT,
    NEXT_CASE,
    NEXT_CHANGE,
    NONE,
    NUMBER,
    OVERFLOW_DUE,
    PATIENCE_DUE,
    PERSON,
    PHASE,
    PLACE,
    PREVIOUS_HAND,
    QUEUE_RECORD,
    QUEUED,
    RECORD,
    RECORD_BITS,
    RESUMES,
    RING,
    STAFFED,
    STAY,
    TURN_AWAY,
    V_CASE,
    V_CHASER,
    V_NEXT,
    V_NUMBER,
    V_POINT,
    V_ROW,
    VISIT_BITS,
    WAITING,
)
from cxsim.model.order import ENDED, LOST_PATIENCE, OFFERED, OVERFLOW, PRESENCE, WRAPPED

SET_LEVEL, CHANGE_SHIFT, BREAKS, CLOSE = range(4)


# ------------------------------------------------------------------------------------------------------- ties


@njit_inner
def agent_of(c: Any, s: Any, contact: Any) -> Any:
    """Whose event that of a contact inside is: an agent, or nobody's, which comes after those of agents."""
    phase = s.i[contact + PHASE]
    if phase == WAITING or c.points[point_of(s, contact), STAFFED] == 0:
        return len(s.a)
    return s.i[contact + PERSON]


@njit_inner
def first_contact(c: Any, a: Any, s: Any, leaf: Any) -> Any:
    """Of several contacts to which the same happens at one instant: by agent, then (case, contact, touch)."""
    best, patience = leaf, kind_of(first_key(s.due)) == LOST_PATIENCE
    while leaf >= 0:
        mine, other = best * RECORD, leaf * RECORD
        by, least_by = (0, 0) if patience else (agent_of(c, s, other), agent_of(c, s, mine))
        case, least = a.case[case_of(s, other)], a.case[case_of(s, mine)]
        earlier = case < least or (case == least and s.i[other + PLACE] < s.i[mine + PLACE])
        if by < least_by or (by == least_by and earlier):
            best = leaf
        leaf = next_leaf(s.due, leaf)
    return best


@njit_inner
def change_presence(c: Any, d: Any, a: Any, s: Any, p: Any, gone: Any, now: Any) -> None:
    """The next change of presence or doors: who leaves; the rest is noted."""
    place = s.n[NEXT_CHANGE]
    what = d.what[place]
    s.n[NEXT_CHANGE] += 1
    kind, number = what[0], what[1]
    if kind == BREAKS:
        push(s, BEGIN_BREAKS, place, 0)
        return
    push(s, CLOSE_ALL, 0, 0)
    if kind == CLOSE:
        if c.points[number, TURN_AWAY]:
            push(s, CLOSE_POINT, number, 0)
        return
    push(s, ENTER, place, -1)
    leaving = d.who[what[2] : what[3]]
    if kind == SET_LEVEL:
        s.g[GROUP_RECORD * number + LEVEL] = what[5] - what[4]
        n_gone = floor.lower_level(c, s, p, number, leaving, now, gone)
    else:
        n_gone = floor.end_shift(c, s, p, leaving, number, now, gone)
    # In reverse: what is noted last is done first.
    for turn in range(2):
        for which in range(n_gone - 1, -1, -1):
            contact = s.a[gone[which] + LAST_HAND]
            while contact != NONE:
                if turn == 1:
                    push(s, LAY_DOWN, contact, 0)
                elif handling.is_put_back(c, s, contact):
                    push(s, ASK_AGAIN, contact, s.i[contact + STAY] + 1)
                contact = s.i[contact + PREVIOUS_HAND]


@njit_inner
def enter(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, place: Any, step: Any, now: Any) -> None:
    """Who comes in or stays on after all, from a step on; each may take a contact before the next one comes."""
    what = d.what[place]
    group, roster = what[1], d.who[what[4] : what[5]]
    g, first = GROUP_RECORD * group, c.groups[group, FIRST_AGENT]
    if step < 0:
        if what[0] == SET_LEVEL:
            agent = floor.surplus_stays(c, s, p, group, now)
            if agent != NONE:
                push(s, ENTER, place, -1)
                handling.free(c, a, s, r, agent, now)
                return
        step = 0
    while step < len(roster):
        agent = first + RECORD * roster[step]
        if what[0] == SET_LEVEL:
            if s.g[g + N_PRESENT] >= s.g[g + LEVEL]:
                return
            asks = floor.rostered(c, s, p, agent, now)
        else:
            asks = floor.begins_shift(s, p, agent, now)
        step += 1
        if asks:
            push(s, ENTER, place, step)
            handling.free(c, a, s, r, agent, now)
            return


@njit_inner
def begin_breaks(c: Any, d: Any, s: Any, p: Any, place: Any, now: Any) -> None:
    """Planned breaks of a group: who has nothing in hand goes, the others owe it to themselves."""
    what = d.what[place]
    for which in range(what[4], what[5]):
        agent = c.groups[what[1], FIRST_AGENT] + RECORD * d.who[which]
        if floor.begin_break(s, p, agent, d.lasts[which], now):
            set_leaf(s.returns, s.a[agent + INDEX], key_of(now + d.lasts[which], PRESENCE))


@njit_inner
def close_all(c: Any, s: Any, now: Any) -> None:
    """At closed touchpoints nobody waits for agents who are gone."""
    if s.n[N_WAITING] == 0:
        return
    for point in range(len(s.inside) - 1, -1, -1):
        if c.points[point, N_SPANS] and not c.points[point, DEFERRED] and not paths.is_open(c, point, now):
            push(s, CLOSE_POINT, point, 1)


@njit_inner
def close_work(c: Any, s: Any, work: Any, deserted: Any) -> None:
    """Customers of a work type who have not been answered yet leave; if so asked only if nobody there serves it."""
    if s.heads.waiting[work] == 0 or (deserted and floor.n_able(c, s, work) > 0):
        return
    first = s.n[N_UNDONE]
    for base in (FRONT_HEAD, BACK_HEAD):
        contact = s.q[QUEUE_RECORD * work + base]
        while contact != NONE:
            if s.i[contact + RESUMES] == NEW:
                push(s, SEND_AWAY, contact, s.i[contact + STAY])
            contact = s.i[contact + NEXT]
    last = s.n[N_UNDONE] - 1
    while first < last:
        for part in range(3):
            s.todo[first, part], s.todo[last, part] = s.todo[last, part], s.todo[first, part]
        first, last = first + 1, last - 1


@njit_inner
def give_up(c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """A contact in a queue is left as it is; what only had to be wrapped up has its outcome already."""
    remove(c, a, s, r, contact)
    if s.i[contact + RESUMES] == AFTER:
        s.n[N_ALIVE] -= 1
        s.i[contact + PHASE] = GONE
        s.x[contact + DUE] = np.inf
        schedule(s, contact)
        paths.free_contact(s, contact)
    else:
        handling.lose(c, s, r, contact, UNFINISHED, now)


# ------------------------------------------------------------------------------------------------------- events


@njit_inner
def ended(c: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """The customer is gone; the agent wraps up, or stays until a colleague has answered."""
    holding = 0
    if c.points[point_of(s, contact), STAFFED]:
        handling.goodbye(c, s, r, contact, now)
        paths.resolve(c, s, r, contact)
        exit_ = paths.way_on(c, s, r, contact)
        if exit_ >= 0 and c.exits.transfer[exit_] == WARM:
            holding = 1
            s.i[contact + PHASE] = HELD
            s.x[contact + DUE] = np.inf
            schedule(s, contact)
        else:
            after = s.x[contact + AFTER_CALL] * s.x[contact + FACTOR]
            handling.begin_work(c, s, contact, AFTER, after, now)
    else:
        s.i[contact + PHASE] = GONE
        s.x[contact + DUE] = np.inf
        schedule(s, contact)
        paths.resolve(c, s, r, contact)
    push(s, FOLLOW, contact, holding)


@njit_inner
def happens(c: Any, a: Any, s: Any, r: Any, p: Any, contact: Any, kind: Any, now: Any) -> None:
    """What a contact inside has been waiting for."""
    if kind == ENDED:
        if s.i[contact + PHASE] == RING:
            handling.answer(c, s, r, contact, now)
        else:
            ended(c, s, r, contact, now)
    elif kind == WRAPPED:
        s.last[0] = r.wrapped[row_of(s, contact)] = now
        agent = s.i[contact + PERSON]
        s.i[contact + PHASE] = GONE
        s.x[contact + DUE] = np.inf
        schedule(s, contact)
        hands.let_go(c, s, agent, contact, now)
        handling.freed(c, a, s, r, p, agent, contact, now)
        paths.free_contact(s, contact)
    elif kind == OVERFLOW:
        s.i[contact + N_OVERFLOWS] += 1
        n, work = s.i[contact + N_OVERFLOWS], work_of(s, contact)
        more = n < c.overflows.shape[1]
        s.x[contact + OVERFLOW_DUE] = s.x[contact + QUEUED] + c.overflows[work, n] if more else np.inf
        schedule(s, contact)
        handling.ask_again(c, a, s, r, contact, now)
    elif kind == LOST_PATIENCE:
        s.x[contact + PATIENCE_DUE] = np.inf
        if s.i[contact + PHASE] == WAITING:
            if s.i[contact + RESUMES] == NEW:
                remove(c, a, s, r, contact)
                handling.lose(c, s, r, contact, ABANDONED, now)
            else:
                schedule(s, contact)
        else:
            agent = s.i[contact + PERSON]
            hands.let_go(c, s, agent, contact, now)
            push(s, FREED, agent, NONE)
            handling.lose(c, s, r, contact, ABANDONED, now)
    else:
        paths.promise_passed(c, s, contact, now)


@njit_inner
def begin(c: Any, a: Any, s: Any, r: Any, by_visit: Any, arriving: Any, now: Any) -> None:
    """A new case, or a further contact of one, is offered."""
    visit = NONE
    if by_visit <= arriving:
        leaf = first_leaf(s.coming)
        if is_tied(s.coming, leaf):
            leaf = first_visit(a, s, leaf)
        visit = natural(leaf << VISIT_BITS)
        if by_visit == arriving and a.case[s.n[NEXT_CASE]] < a.case[s.v[visit + V_CASE]]:
            visit = NONE
    s.n[N_ALIVE] += 1
    if visit == NONE:
        case = natural(s.n[NEXT_CASE])
        s.n[NEXT_CASE] += 1
        contact = paths.new_leg(c, a, s, r, case, 0, 0, np.int64(a.touchpoint[case]))
        previous = NONE
    else:
        set_leaf(s.coming, leaf, NEVER)
        case, previous = s.v[visit + V_CASE], s.v[visit + V_ROW]
        contact = paths.new_leg(c, a, s, r, case, s.v[visit + V_NUMBER], 0, s.v[visit + V_POINT])
        if s.v[visit + V_CHASER]:
            s.i[contact + CHASER] = 1
            r.chaser[row_of(s, contact)] = True
        s.v[visit + V_NEXT] = s.n[FREE_VISIT]
        s.n[FREE_VISIT] = visit
        s.n[N_AHEAD] -= 1
    if s.n[FULL] == 0:
        paths.offer(c, a, s, r, contact, previous, now)


@njit_inner
def do_next(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, now: Any) -> None:
    """The last thing noted that is still to be done at this instant."""
    place = s.n[N_UNDONE] - 1
    s.n[N_UNDONE] = place
    what, first, second = s.todo[place, 0], s.todo[place, 1], s.todo[place, 2]
    if what == FOLLOW:
        paths.follow(c, a, s, r, first, second, now)
    elif what == FREE:
        handling.free(c, a, s, r, first, now)
    elif what == FREED:
        handling.freed(c, a, s, r, p, first, NONE, now)
    elif what == ASK_AGAIN:
        if handling.is_still(s, first, second):
            handling.ask_again(c, a, s, r, first, now)
    elif what == LAY_DOWN:
        if handling.lay_down(c, a, s, r, first, now):
            push(s, FOLLOW, first, 0)
        elif s.i[first + PHASE] == GONE:
            paths.free_contact(s, first)
    elif what == ENTER:
        enter(c, d, a, s, r, p, first, second, now)
    elif what == BEGIN_BREAKS:
        begin_breaks(c, d, s, p, first, now)
    elif what == CLOSE_ALL:
        close_all(c, s, now)
    elif what == CLOSE_POINT:
        n_points = len(s.inside)
        for work in range(len(s.heads.waiting) - n_points + first, -1, -n_points):
            push(s, CLOSE_WORK, work, second)
    elif what == CLOSE_WORK:
        close_work(c, s, first, second)
    elif what == SEND_AWAY:
        if handling.is_still(s, first, second):
            remove(c, a, s, r, first)
            handling.lose(c, s, r, first, CLOSED, now)
    elif what == GIVE_UP:
        give_up(c, a, s, r, first, now)


@njit_inner
def run(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, gone: Any, limit: Any) -> None:
    """Let everything happen whose key lies below a limit, or until room runs out (the flag `FULL`).

    Parameters
    ----------
    c, d, a, s, r, p : Fixed, Day, Cases, State, Rows, Stretches
    gone : int64 [n_agents + 1]
        Room for a list of agents.
    limit : uint64
        Key of an event, from `trees.limit_of`.
    """
    n, n_cases = s.n, len(a.time)
    arriving = key_of(a.time[n[NEXT_CASE]], OFFERED) if n[NEXT_CASE] < n_cases else NEVER
    while n[FULL] == 0:
        by_contact, by_visit, by_return = first_key(s.due), first_key(s.coming), first_key(s.returns)
        by_change = d.keys[n[NEXT_CHANGE]]
        offered = min(arriving, by_visit)
        presence = min(by_return, by_change)
        next_key = min(by_contact, min(offered, presence))
        if next_key >= limit:
            return
        now = time_of(next_key)
        if next_key == by_contact:
            leaf = first_leaf(s.due)
            if is_tied(s.due, leaf):
                leaf = first_contact(c, a, s, leaf)
            happens(c, a, s, r, p, natural(leaf << RECORD_BITS), kind_of(next_key), now)
        elif next_key == presence:
            s.last[0] = now
            agent = natural(first_leaf(s.returns) << RECORD_BITS)
            own = (group_of(s, agent) << 24) + 3 + s.a[agent + NUMBER]
            if by_change < by_return or (by_change == by_return and d.order[n[NEXT_CHANGE]] <= own):
                change_presence(c, d, a, s, p, gone, now)
            else:
                floor.come_back(s, p, agent, now)
                handling.freed(c, a, s, r, p, agent, NONE, now)
        else:
            begin(c, a, s, r, by_visit, arriving, now)
            arriving = key_of(a.time[natural(n[NEXT_CASE])], OFFERED) if n[NEXT_CASE] < n_cases else NEVER
        while n[N_UNDONE] > 0 and n[FULL] == 0:
            do_next(c, d, a, s, r, p, now)


@njit_inner
def give_up_all(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, now: Any) -> None:
    """Nothing has moved for a whole week of the plan: who still waits will never be served."""
    for work in range(len(s.heads.waiting)):
        for base in (FRONT_HEAD, BACK_HEAD):
            while s.q[QUEUE_RECORD * work + base] != NONE:
                give_up(c, a, s, r, s.q[QUEUE_RECORD * work + base], now)
                while s.n[N_UNDONE] > 0:
                    do_next(c, d, a, s, r, p, now)


@njit_plain
def give_up_waiting(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, now: Any) -> None:
    """`give_up_all` with everything handed on by its address."""
    give_up_all(
        by_reference(c), by_reference(d), by_reference(a), by_reference(s), by_reference(r), by_reference(p), now
    )


@njit_plain
def run_until(c: Any, d: Any, a: Any, s: Any, r: Any, p: Any, gone: Any, limit: Any) -> None:
    """`run` with everything handed on by its address."""
    run(
        by_reference(c),
        by_reference(d),
        by_reference(a),
        by_reference(s),
        by_reference(r),
        by_reference(p),
        gone,
        limit,
    )
