"""The paths of cases, compiled: offered, sought for, resolved or lost, and what then. Twin of `engines.process`.

Above 300 lines because the path of a contact is one story.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim import streams
from cxsim.compiled import njit_inner
from cxsim.contacts.columns import (
    BALKED,
    BLOCKED,
    CLOSED,
    COLD,
    NO_TRANSFER,
    NOBODY,
    RESOLVED,
    UNFINISHED,
    UNREACHED,
    UNRESOLVED,
)
from cxsim.engines.kernel import floor, routing
from cxsim.engines.kernel.fields import case_of, point_of, row_of, work_of
from cxsim.engines.kernel.handling import FOLLOW, arm_patience, ask, release
from cxsim.engines.kernel.plain_next import first_visit_of, take_contact
from cxsim.engines.kernel.queues import join, push, schedule
from cxsim.engines.kernel.trees import key_of, set_leaf
from cxsim.engines.kernel.world import (
    AFTER_CALL,
    ANNOUNCES,
    CALLED_BACK,
    CASE,
    CHANNEL,
    CHASER,
    DEFERRED,
    DIALLED,
    DUE,
    EFFECT,
    FIRST_WEEKDAY,
    FREE_CONTACT,
    FREE_VISIT,
    FULL,
    GIVES_UP_AFTER,
    GONE,
    HOLDS,
    HOLDS_ROW,
    KEY,
    LAID_DOWN,
    LIMITED,
    LINES,
    N_AHEAD,
    N_ALIVE,
    N_MOVES,
    N_POINTS,
    N_PROMISES,
    N_ROWS,
    N_SPANS,
    NEW,
    NEXT,
    NONE,
    OFFERED,
    OUTBOUND,
    OVERFLOW_DUE,
    PATIENCE,
    PATIENCE_DUE,
    PAUSED,
    PERSON,
    PHASE,
    PLACE,
    POINT,
    PROMISE_DUE,
    QUEUED,
    RECORD,
    RECORD_BITS,
    RESUMES,
    ROOM,
    ROW,
    SHARE_HELD,
    STAFFED,
    STAY,
    TALK,
    TALKING,
    TO_FRONT,
    V_CASE,
    V_CHASER,
    V_NEXT,
    V_NUMBER,
    V_POINT,
    V_ROW,
    VISIT,
    VISIT_BITS,
    VISITS_USED,
    WORK,
)
from cxsim.model import announcing, dialling, draws, hours
from cxsim.model.order import OFFERED as OFFERED_KIND
from cxsim.model.tables import FALSELY_RESOLVED, LEAVE, NEXT_OPENING

NAN = np.nan


# ------------------------------------------------------------------------------------------------------- records


@njit_inner
def free_contact(s: Any, contact: Any) -> None:
    """The leg is over, and nobody has it in hand."""
    s.i[contact + ROW] = NONE
    s.i[contact + NEXT] = s.n[FREE_CONTACT]
    s.n[FREE_CONTACT] = contact


@njit_inner
def new_leg(c: Any, a: Any, s: Any, r: Any, case: Any, number: Any, touch: Any, point: Any) -> Any:
    """The record and the row of a contact at a touchpoint; the flag `FULL` if there is no room."""
    contact, row = take_contact(s), s.n[N_ROWS]
    if row + 1 >= len(r.case):
        s.n[FULL] = 1
    else:
        s.n[N_ROWS] = row + 1
    r.case[row], r.contact[row], r.touch[row], r.touchpoint[row] = a.case[case], number, touch, point
    if len(r.which) > 0:
        r.which[row] = case
    r.agent_group[row] = r.agent[row] = r.outcome[row] = NOBODY
    r.answered[row] = r.ended[row] = r.wrapped[row] = NAN
    r.truly_resolved[row] = r.reinfo[row] = False
    r.transfer_kind[row], r.level[row] = NO_TRANSFER, 0
    for column in (r.announced_wait, r.promise, r.callback):
        if len(column) > 0:
            column[row] = NAN
    for column in (r.held, r.paused, r.dialled):
        if len(column) > 0:
            column[row] = 0.0
    if len(r.chaser) > 0:
        r.chaser[row] = False
    s.i[contact + ROW], s.i[contact + CASE], s.i[contact + POINT] = row, case, point
    s.i[contact + WORK] = (a.case[case] >> 40) * c.settings[N_POINTS] + point
    s.i[contact + PLACE] = streams.address(number, touch, 0)
    s.i[contact + KEY] = streams.entity_key(a.key, streams.CASE, a.case[case])
    s.i[contact + PHASE] = s.i[contact + RESUMES] = NEW
    s.i[contact + HOLDS] = s.i[contact + PERSON] = NONE
    s.i[contact + CHASER] = s.i[contact + TO_FRONT] = s.i[contact + STAY] = 0
    s.x[contact + CALLED_BACK] = s.x[contact + LAID_DOWN] = NAN
    s.x[contact + PAUSED] = s.x[contact + EFFECT] = s.x[contact + DIALLED] = 0.0
    for field in (DUE, PATIENCE_DUE, PROMISE_DUE, OVERFLOW_DUE, PATIENCE):
        s.x[contact + field] = np.inf
    return contact


# ------------------------------------------------------------------------------------------------------- the offer


@njit_inner
def is_open(c: Any, point: Any, now: Any) -> Any:
    """Whether a touchpoint is open."""
    return hours.is_open(c.spans[point, : c.points[point, N_SPANS]], now, c.settings[FIRST_WEEKDAY])


@njit_inner
def is_full(c: Any, s: Any, contact: Any, now: Any) -> Any:
    """Whether lines (waiting and talking) or the waiting room are taken; who is served at once needs no room."""
    point = point_of(s, contact)
    if 0 <= c.points[point, LINES] <= s.inside[point]:
        return True
    for shared in range(len(c.shared_limit)):
        if c.shared_of[point, shared]:
            n = 0
            for other in range(len(s.inside)):
                n += s.inside[other] * c.shared_of[other, shared]
            if n >= c.shared_limit[shared]:
                return True
    if not 0 <= c.points[point, ROOM] <= s.room[point]:
        return False
    return routing.agent_for(c, s, contact, now) == NONE and routing.whom_to_interrupt(c, s, contact, now) == NONE


@njit_inner
def offer(c: Any, a: Any, s: Any, r: Any, contact: Any, previous: Any, now: Any) -> None:
    """The contact reaches a touchpoint: are the doors open, is a line free, who takes it?"""
    row, point = row_of(s, contact), point_of(s, contact)
    s.n[N_MOVES] += 1
    r.offered[row] = now
    s.x[contact + OFFERED] = s.x[contact + QUEUED] = now
    if previous != NONE:
        changed = c.points[r.touchpoint[previous], CHANNEL] != c.points[point, CHANNEL]
        r.reinfo[row] = changed or r.transfer_kind[previous] == COLD
    if c.points[point, N_SPANS] and not is_open(c, point, now):
        refuse(c, s, r, contact, CLOSED, now)
    elif c.points[point, LIMITED] and is_full(c, s, contact, now):
        refuse(c, s, r, contact, BLOCKED, now)
    elif c.points[point, STAFFED]:
        seek(c, a, s, r, contact, now)
    else:
        r.answered[row] = now
        place, work = s.i[contact + PLACE], work_of(s, contact)
        lasts = draws.automated_visit_at(c.laws, c.works, s.i[contact + KEY], place, work)
        r.ended[row] = r.wrapped[row] = now + lasts
        s.i[contact + PHASE] = TALKING
        s.x[contact + DUE] = now + lasts
        schedule(s, contact)
        release(c, s, contact, now)


@njit_inner
def refuse(c: Any, s: Any, r: Any, contact: Any, outcome: Any, now: Any) -> None:
    """Closed, blocked, or gone on hearing the wait: over as soon as offered."""
    row = row_of(s, contact)
    r.ended[row], r.outcome[row] = now, outcome
    s.i[contact + PHASE] = GONE
    release(c, s, contact, now)
    push(s, FOLLOW, contact, 0)


@njit_inner
def seek(c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """Who takes the contact? If nobody, it waits: on the line, or to be called back."""
    row, work, point = row_of(s, contact), work_of(s, contact), point_of(s, contact)
    key, place = s.i[contact + KEY], s.i[contact + PLACE]
    draw(c, a, s, contact)
    promise = c.queues.promise[work]
    if promise < np.inf:
        r.promise[row] = now + promise
    announces, announced = c.points[point, ANNOUNCES], NAN
    if announces:
        ahead = 0
        for other in range(len(s.heads.waiting)):
            if c.service.ahead[work, other] > 0:
                ahead += s.heads.waiting[other]
        announced = announcing.expected_wait(ahead, c.queues.mean_handle[work], floor.n_able(c, s, work))
        r.announced_wait[row] = announced
        if announcing.balks(c.queues, key, place, work, announced):
            refuse(c, s, r, contact, BALKED, now)
            return
    s.inside[point] += 1
    if ask(c, a, s, r, contact, now):
        return
    if announces and s.x[contact + PATIENCE] > 0.0:
        if announcing.accepts_callback(c.queues, key, place, work, announced):
            r.callback[row] = s.x[contact + CALLED_BACK] = now
            s.x[contact + PATIENCE] = np.inf
            s.inside[point] -= 1
            release(c, s, contact, now)
    join(c, a, s, r, contact, s.i[contact + TO_FRONT], 1 if np.isnan(s.x[contact + CALLED_BACK]) else 0, now)
    arm_patience(s, contact, now)
    if promise < np.inf and c.queues.chaser_to[work] >= 0 and not s.i[contact + CHASER]:
        s.i[contact + N_PROMISES] = 1
        s.x[contact + PROMISE_DUE] = now + promise * 1
    schedule(s, contact)


@njit_inner
def draw(c: Any, a: Any, s: Any, contact: Any) -> None:
    """Patience and work of a visit, from a record where that gives them."""
    key, place, work = s.i[contact + KEY], s.i[contact + PLACE], work_of(s, contact)
    if place == 0:
        first_visit_of(c, a, s, contact, case_of(s, contact))
        s.x[contact + SHARE_HELD] = draws.share_held(c.works, key, place, work)
    else:
        talk_time, after_call_work, held = draws.service(c.laws, c.works, key, place, work)
        s.x[contact + TALK], s.x[contact + AFTER_CALL], s.x[contact + SHARE_HELD] = talk_time, after_call_work, held
        s.x[contact + PATIENCE] = draws.patience(c.laws, c.works, key, place, work)
    # A deferred contact has no patience, also where a record gives one.
    if c.points[point_of(s, contact), DEFERRED]:
        s.x[contact + PATIENCE] = np.inf


# ------------------------------------------------------------------------------------------------------- the way on


@njit_inner
def resolve(c: Any, s: Any, r: Any, contact: Any) -> None:
    """What the centre believes, and what is so; nobody who is not reached, and no chaser, resolves anything."""
    row = row_of(s, contact)
    key, place, work = s.i[contact + KEY], s.i[contact + PLACE], work_of(s, contact)
    r.outcome[row] = UNRESOLVED
    if c.points[point_of(s, contact), OUTBOUND] and not dialling.picks_up(c.works, key, place, work):
        r.outcome[row] = UNREACHED
        return
    if s.i[contact + CHASER]:
        return
    if draws.looks_resolved_at(c.works, key, place, work, s.x[contact + EFFECT]):
        r.outcome[row] = RESOLVED
        r.truly_resolved[row] = not draws.is_false_at(c.works, key, place, work)


@njit_inner
def way_on(c: Any, s: Any, r: Any, contact: Any) -> Any:
    """The exit that the case takes after this outcome, or LEAVE."""
    row, work = row_of(s, contact), work_of(s, contact)
    outcome = np.int64(r.outcome[row])
    if outcome == UNFINISHED or s.i[contact + CHASER]:
        return LEAVE
    if outcome == RESOLVED and not r.truly_resolved[row]:
        outcome = np.int64(FALSELY_RESOLVED)
    place = s.i[contact + PLACE]
    if outcome == UNREACHED and not dialling.dials_again(c.works, place, work):
        return LEAVE
    exit_ = draws.exit_taken(c.works, c.exits, s.i[contact + KEY], place, work, outcome)
    if exit_ == LEAVE or c.exits.to[exit_] == LEAVE:
        return LEAVE
    # A ring of transfers ends at the last leg that has an address of its own.
    if c.exits.transfer[exit_] and (place // streams.N_PURPOSES) % streams.N_TOUCHES + 1 == streams.N_TOUCHES:
        return LEAVE
    return exit_


@njit_inner
def follow(c: Any, a: Any, s: Any, r: Any, contact: Any, holding: Any, now: Any) -> None:
    """The next leg of this contact after a transfer, else the next contact of the case, else nothing more."""
    exit_ = way_on(c, s, r, contact)
    row, case, place = row_of(s, contact), case_of(s, contact), s.i[contact + PLACE]
    following = NONE
    if exit_ == LEAVE:
        s.n[N_ALIVE] -= 1
    elif c.exits.transfer[exit_]:
        r.transfer_kind[row] = c.exits.transfer[exit_]
        number = place // (streams.N_PURPOSES * streams.N_TOUCHES)
        touch = (place // streams.N_PURPOSES) % streams.N_TOUCHES + 1
        following = new_leg(c, a, s, r, case, number, touch, c.exits.to[exit_])
        s.i[following + TO_FRONT] = c.exits.front[exit_]
        if holding:
            s.i[following + HOLDS], s.i[following + HOLDS_ROW] = contact, row
    else:
        s.n[N_ALIVE] -= 1
        number = next_number(s, case)
        if number < c.settings[GIVES_UP_AFTER]:
            point, law = c.exits.to[exit_], c.exits.delay[exit_]
            if law == NEXT_OPENING:
                spans = c.spans[point, : c.points[point, N_SPANS]]
                time = hours.next_opening(spans, now, c.settings[FIRST_WEEKDAY])
            else:
                time = now + draws.drawn(c.laws, law, s.i[contact + KEY], place, streams.DELAY)
            expect(s, case, number, point, row, 0, time)
    if s.i[contact + PHASE] == GONE:
        free_contact(s, contact)
    if following != NONE and s.n[FULL] == 0:
        offer(c, a, s, r, following, row, now)


@njit_inner
def next_number(s: Any, case: Any) -> Any:
    """The number of the next contact of a case, in order of scheduling."""
    number = np.int64(s.numbers[case])
    s.numbers[case] = number + 1
    return number


@njit_inner
def expect(s: Any, case: Any, number: Any, point: Any, row: Any, chaser: Any, time: Any) -> None:
    """A further contact of a case will be offered."""
    visit = s.n[FREE_VISIT]
    if visit != NONE:
        s.n[FREE_VISIT] = s.v[visit + V_NEXT]
    else:
        visit = s.n[VISITS_USED]
        if visit + VISIT == len(s.v):
            s.n[FULL] = 1
            return
        s.n[VISITS_USED] = visit + VISIT
    s.v[visit + V_CASE], s.v[visit + V_NUMBER], s.v[visit + V_POINT] = case, number, point
    s.v[visit + V_ROW], s.v[visit + V_CHASER] = row, chaser
    s.n[N_AHEAD] += 1
    set_leaf(s.coming, visit >> VISIT_BITS, key_of(time, OFFERED_KIND))


@njit_inner
def promise_passed(c: Any, s: Any, contact: Any, now: Any) -> None:
    """The promised time has passed, perhaps again: does the customer ask where the answer stays?"""
    work, n = work_of(s, contact), s.i[contact + N_PROMISES]
    s.x[contact + PROMISE_DUE] = np.inf
    if not draws.sends_chaser(s.i[contact + KEY], s.i[contact + PLACE], n, c.queues.chaser_share[work]):
        s.i[contact + N_PROMISES] = n + 1
        s.x[contact + PROMISE_DUE] = s.x[contact + OFFERED] + c.queues.promise[work] * (n + 1)
    else:
        number = next_number(s, case_of(s, contact))
        if number < c.settings[GIVES_UP_AFTER]:
            expect(s, case_of(s, contact), number, c.queues.chaser_to[work], row_of(s, contact), 1, now)
    schedule(s, contact)


assert 1 << RECORD_BITS == RECORD
