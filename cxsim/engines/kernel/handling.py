"""Contacts in hand, compiled: taken, rung for, talked with, wrapped up, laid aside. Twin of `engines.handling`.

Where a contact's way on has to be followed before something else is done, both are noted in `State.todo`.
Above 300 lines because each of its functions calls the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim import streams
from cxsim.compiled import njit_inner
from cxsim.contacts.columns import ABANDONED, UNFINISHED, UNREACHED, UNRESOLVED
from cxsim.engines.kernel import floor, routing
from cxsim.engines.kernel.fields import case_of, group_of, point_of, row_of, work_of
from cxsim.engines.kernel.hands import change_speed, into_hand, join_interruptible, let_go, out_of_hand, weigh
from cxsim.engines.kernel.queues import head, join, push, remove, schedule
from cxsim.engines.kernel.trees import key_of, set_leaf
from cxsim.engines.kernel.world import (
    AFTER,
    AFTER_CALL,
    CALLED_BACK,
    DIALLED,
    DUE,
    EFFECT,
    FACTOR,
    FIRST_HAND,
    GONE,
    HELD,
    HOLDS,
    HOLDS_ROW,
    INDEX,
    INTERRUPTIBLE,
    KEY,
    LAID_DOWN,
    LEFT,
    LOAD,
    N_ALIVE,
    N_DUE,
    N_HAND,
    N_MOVES,
    N_WAITING,
    NEW,
    NONE,
    NUMBER,
    OFFERED,
    OUTBOUND,
    PATIENCE,
    PATIENCE_DUE,
    PAUSED,
    PERSON,
    PHASE,
    PLACE,
    REMEMBERS,
    RESUMES,
    RING,
    SHARE_HELD,
    SKILL,
    SLOW,
    SPEED,
    STAY,
    TAKEN,
    TALK,
    TALKING,
    TENURE,
    UNAVAILABLE,
    UNITS,
    UPDATED,
    WAITING,
)
from cxsim.model import announcing, dialling, draws, handling
from cxsim.model.order import PRESENCE
from cxsim.model.policies import FULL as FULL_LOAD
from cxsim.model.policies import NOTHING
from cxsim.model.tables import AGAIN_EFFECT, AGAIN_TIME, DROP, HALVES_EVERY, RING_LAW

# What there may still be to do at an instant, besides ordinary calls.
FOLLOW, OFFER, FREE, FREED, ASK_AGAIN, LAY_DOWN, ENTER, CLOSE_ALL, CLOSE_POINT, CLOSE_WORK, SEND_AWAY = range(11)
GIVE_UP, BEGIN_BREAKS = range(11, 13)


# ------------------------------------------------------------------------------------------------------- phases


@njit_inner
def begin_work(c: Any, s: Any, contact: Any, phase: Any, left: Any, now: Any) -> None:
    """A phase begins with this much work left."""
    n = s.a[s.i[contact + PERSON] + N_HAND]
    slow = 1.0 if n == 1 else handling.slowed(c.queues.slowdown, work_of(s, contact), n)
    s.i[contact + PHASE] = phase
    s.x[contact + SLOW], s.x[contact + LEFT], s.x[contact + UPDATED] = slow, left, now
    s.x[contact + DUE] = now + left * slow
    schedule(s, contact)


@njit_inner
def start(c: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """Who serves, how fast, and how well."""
    agent, work, row = s.i[contact + PERSON], work_of(s, contact), row_of(s, contact)
    group = group_of(s, agent)
    factor = s.h[agent + SPEED] * c.service.handle_time[group, work]
    effect = s.h[agent + SKILL] + c.service.resolution[group, work]
    again = s.i[contact + PLACE] >= streams.N_TOUCHES * streams.N_PURPOSES
    learning = c.staff.learning
    if learning[group, HALVES_EVERY] > 0.0 or again:
        fade = handling.fading(learning, group, s.h[agent + TENURE], now)
        time = c.works.numbers[work, AGAIN_TIME] if again else 1.0
        more = c.works.numbers[work, AGAIN_EFFECT] if again else 0.0
        factor = handling.handle_factor(factor, learning, group, fade, time)
        effect = handling.resolution_effect(effect, learning, group, fade, more)
    s.x[contact + FACTOR], s.x[contact + EFFECT] = factor, effect
    r.agent_group[row], r.agent[row], r.level[row] = group, s.a[agent + NUMBER], c.service.level[group, work]
    if c.settings[REMEMBERS]:
        s.served_by[case_of(s, contact)] = agent


@njit_inner
def release(c: Any, s: Any, contact: Any, now: Any) -> None:
    """The agent who passed a contact on need not wait any longer for it to be answered."""
    before = s.i[contact + HOLDS]
    s.i[contact + HOLDS] = NONE
    if before != NONE and row_of(s, before) == s.i[contact + HOLDS_ROW] and s.i[before + PHASE] == HELD:
        begin_work(c, s, before, AFTER, s.x[before + AFTER_CALL] * s.x[before + FACTOR], now)


@njit_inner
def answer(c: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """Talk begins, or the dialling before it."""
    row = row_of(s, contact)
    r.answered[row] = now
    s.x[contact + PATIENCE_DUE] = np.inf
    start(c, s, r, contact, now)
    if c.points[point_of(s, contact), OUTBOUND]:
        dial(c, s, r, contact)
    work = s.x[contact + TALK] * s.x[contact + FACTOR]
    if len(r.held) > 0:
        r.held[row] = work * s.x[contact + SHARE_HELD]
    begin_work(c, s, contact, TALKING, work + s.x[contact + DIALLED], now)
    if s.i[contact + HOLDS] != NONE:
        release(c, s, contact, now)


@njit_inner
def dial(c: Any, s: Any, r: Any, contact: Any) -> None:
    """The agent dials; if nobody picks up, there is nothing to talk about and nothing to wrap up."""
    key, place, work = s.i[contact + KEY], s.i[contact + PLACE], work_of(s, contact)
    reached = dialling.picks_up(c.works, key, place, work)
    lasts = dialling.before_talk(c.laws, c.works, key, place, work, reached)
    s.x[contact + DIALLED] = r.dialled[row_of(s, contact)] = lasts
    if not reached:
        s.x[contact + TALK] = s.x[contact + AFTER_CALL] = s.x[contact + SHARE_HELD] = 0.0


@njit_inner
def resume(c: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """Work laid aside goes on, with another agent's factor if it is another."""
    s.x[contact + PAUSED] += now - s.x[contact + LAID_DOWN]
    if len(r.paused) > 0:
        r.paused[row_of(s, contact)] = s.x[contact + PAUSED]
    start(c, s, r, contact, now)
    phase = s.i[contact + RESUMES]
    s.i[contact + RESUMES] = NEW
    if phase == AFTER:
        s.n[N_ALIVE] -= 1
    begin_work(c, s, contact, phase, s.x[contact + UNITS] * s.x[contact + FACTOR], now)


@njit_inner
def arm_patience(s: Any, contact: Any, now: Any) -> None:
    """The customer will leave when patience is over, counted from the offer; once for each visit."""
    if s.x[contact + PATIENCE] < np.inf:
        # Never before now, whatever is rounded: in a run from a snapshot the offer lies behind.
        due = max(s.x[contact + OFFERED] + s.x[contact + PATIENCE], now)
        s.x[contact + PATIENCE_DUE] = due
        s.x[contact + PATIENCE] = np.inf
        s.last[1] = max(s.last[1], due)


@njit_inner
def is_called_back(s: Any, contact: Any) -> Any:
    """Whether the customer has hung up and is to be called."""
    return not np.isnan(s.x[contact + CALLED_BACK]) and s.i[contact + RESUMES] == NEW


@njit_inner
def misses_call(c: Any, s: Any, contact: Any) -> Any:
    """Whether nobody answers who is to be called back."""
    if not is_called_back(s, contact):
        return False
    return not announcing.answers_callback(c.queues, s.i[contact + KEY], s.i[contact + PLACE], work_of(s, contact))


@njit_inner
def take(c: Any, s: Any, r: Any, agent: Any, contact: Any, now: Any) -> None:
    """A contact comes into an agent's hands; who is called back has answered."""
    called_back = is_called_back(s, contact)
    if called_back:
        s.inside[point_of(s, contact)] += 1
    into_hand(s, agent, contact)
    s.i[contact + PERSON] = agent
    s.h[agent + TAKEN] = now
    weigh(c, s, agent)
    # Not yet in a phase that goes on: left alone by a change of speed.
    s.i[contact + PHASE] = NEW
    if s.a[agent + N_HAND] > 1:
        change_speed(c, s, agent, contact, now)
    if c.points[point_of(s, contact), INTERRUPTIBLE]:
        join_interruptible(s, agent)
    work = work_of(s, contact)
    if s.i[contact + RESUMES] != NEW:
        resume(c, s, r, contact, now)
        return
    if c.works.laws[work, RING_LAW] >= 0 and not called_back:
        rings = draws.ring_time(c.laws, c.works, s.i[contact + KEY], s.i[contact + PLACE], work)
        if rings > 0.0:
            s.i[contact + PHASE] = RING
            arm_patience(s, contact, now)
            s.x[contact + DUE] = now + rings
            schedule(s, contact)
            return
    answer(c, s, r, contact, now)


@njit_inner
def lose(c: Any, s: Any, r: Any, contact: Any, outcome: Any, now: Any) -> None:
    """A contact that is in no queue any more goes without an answer; its way on is the next thing to do."""
    row = row_of(s, contact)
    r.outcome[row] = outcome
    s.i[contact + PHASE] = GONE
    s.x[contact + DUE] = s.x[contact + PATIENCE_DUE] = np.inf
    schedule(s, contact)
    if outcome != UNFINISHED:
        r.ended[row] = now
    if np.isnan(s.x[contact + CALLED_BACK]):
        s.inside[point_of(s, contact)] -= 1
    s.n[N_MOVES] += 1
    release(c, s, contact, now)
    push(s, FOLLOW, contact, 0)


# ------------------------------------------------------------------------------------------------------- who takes whom


@njit_inner
def assign(c: Any, s: Any, r: Any, agent: Any, contact: Any, now: Any) -> None:
    """An agent in line takes a contact; with capacity left he or she goes to the end of the line."""
    floor.out_of_line(s, agent)
    if misses_call(c, s, contact):
        push(s, FREED, agent, NONE)
        lose(c, s, r, contact, ABANDONED, now)
        return
    take(c, s, r, agent, contact, now)
    if s.h[agent + LOAD] < FULL_LOAD:
        floor.into_line(s, agent, now)


@njit_inner
def free(c: Any, a: Any, s: Any, r: Any, agent: Any, now: Any) -> None:
    """Routing question 2, asked until nothing is found or nothing more fits; then the line."""
    floor.out_of_line(s, agent)
    while s.n[N_WAITING] > 0 and s.h[agent + LOAD] < FULL_LOAD:
        work = routing.queue_for(c, a, s, agent, now)
        if work == NOTHING:
            break
        contact = head(s, work)
        remove(c, a, s, r, contact)
        if misses_call(c, s, contact):
            push(s, FREE, agent, 0)
            lose(c, s, r, contact, ABANDONED, now)
            return
        take(c, s, r, agent, contact, now)
    if s.h[agent + LOAD] < FULL_LOAD:
        floor.into_line(s, agent, now)


@njit_inner
def ask(c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> Any:
    """Routing question 1, laying work aside included: whether somebody takes the contact now."""
    agent = routing.agent_for(c, s, contact, now)
    if agent != NONE:
        assign(c, s, r, agent, contact, now)
        return True
    agent = routing.whom_to_interrupt(c, s, contact, now)
    if agent == NONE:
        return False
    aside = s.a[agent + FIRST_HAND]
    put_back(c, a, s, r, aside, now)
    push(s, ASK_AGAIN, aside, s.i[aside + STAY])
    let_go(c, s, agent, aside, now)
    if misses_call(c, s, contact):
        push(s, FREED, agent, NONE)
        lose(c, s, r, contact, ABANDONED, now)
    else:
        take(c, s, r, agent, contact, now)
        free(c, a, s, r, agent, now)
    return True


@njit_inner
def ask_again(c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """Routing question 1 for a contact that is in a queue already."""
    if routing.agent_for(c, s, contact, now) == NONE and routing.whom_to_interrupt(c, s, contact, now) == NONE:
        return
    remove(c, a, s, r, contact)
    ask(c, a, s, r, contact, now)


@njit_inner
def rests(c: Any, s: Any, p: Any, agent: Any, now: Any) -> Any:
    """Whether an agent with nothing in hand begins a break that is due."""
    if s.a[agent + N_DUE] == 0:
        return False
    end = floor.break_due(c, s, p, agent, now)
    if end < 0.0:
        return False
    set_leaf(s.returns, s.a[agent + INDEX], key_of(end, PRESENCE))
    return True


@njit_inner
def is_away(c: Any, s: Any, p: Any, agent: Any, after: Any, now: Any) -> Any:
    """Whether an agent is unavailable for a while after a contact."""
    group = group_of(s, agent)
    if c.staff.unavailable_share[group] <= 0.0:
        return False
    lasts = draws.time_away(c.laws, c.staff, group, s.i[after + KEY], s.i[after + PLACE])
    if lasts < 0.0:
        return False
    floor.go_away(s, p, agent, now, UNAVAILABLE)
    set_leaf(s.returns, s.a[agent + INDEX], key_of(now + lasts, PRESENCE))
    return True


@njit_inner
def freed(c: Any, a: Any, s: Any, r: Any, p: Any, agent: Any, after: Any, now: Any) -> None:
    """A contact is out of an agent's hands: home, a break, time unavailable (after wrapping), or the next one."""
    if s.a[agent + N_HAND] > 0:
        if floor.takes_more(c, s, agent):
            free(c, a, s, r, agent, now)
        else:
            floor.out_of_line(s, agent)
    elif floor.leaves_after_wrapping(c, s, agent):
        floor.go_home(c, s, p, agent, now)
    elif not rests(c, s, p, agent, now) and not (after != NONE and is_away(c, s, p, agent, after, now)):
        free(c, a, s, r, agent, now)


# ------------------------------------------------------------------------------------------------------- laying down


@njit_inner
def put_back(c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """A contact goes back to the front of its queue, its work left kept; the agent's hands are the caller's."""
    phase = s.i[contact + PHASE]
    if phase != RING:
        left = handling.work_left(s.x[contact + LEFT], s.x[contact + UPDATED], now, s.x[contact + SLOW])
        s.x[contact + UNITS] = left / s.x[contact + FACTOR]
        s.i[contact + RESUMES] = phase
        s.x[contact + LAID_DOWN] = now
    if phase == AFTER:
        r.wrapped[row_of(s, contact)] = now
        # The customer is gone, but the work is not: it waits like a contact.
        s.n[N_ALIVE] += 1
    s.n[N_MOVES] += 1
    join(c, a, s, r, contact, 1, 1 if phase != AFTER else 0, now)
    schedule(s, contact)


@njit_inner
def worked(s: Any, r: Any, contact: Any, now: Any) -> Any:
    """Time for which a contact in hand has been worked on until now [s]."""
    return (now - r.answered[row_of(s, contact)]) - s.x[contact + PAUSED]


@njit_inner
def goodbye(c: Any, s: Any, r: Any, contact: Any, now: Any) -> None:
    """The customer is gone."""
    row = row_of(s, contact)
    r.ended[row] = now
    if not np.isnan(s.x[contact + LAID_DOWN]):
        time = worked(s, r, contact, now)
        if c.points[point_of(s, contact), OUTBOUND]:
            dialled = dialling.time_dialled(s.x[contact + DIALLED], s.x[contact + TALK], time)
            s.x[contact + DIALLED] = r.dialled[row] = dialled
        if len(r.held) > 0:
            r.held[row] = s.x[contact + SHARE_HELD] * (time - s.x[contact + DIALLED])
    s.inside[point_of(s, contact)] -= 1
    s.n[N_MOVES] += 1


@njit_inner
def lay_down(c: Any, a: Any, s: Any, r: Any, contact: Any, now: Any) -> Any:
    """An agent has gone with a contact in hand: it is handed over, dropped or cut; whether its way on is to be seen."""
    agent, phase = s.i[contact + PERSON], s.i[contact + PHASE]
    out_of_hand(c, s, agent, contact)
    if is_put_back(c, s, contact):
        put_back(c, a, s, r, contact, now)
        return False
    s.i[contact + PHASE] = GONE
    s.x[contact + DUE] = s.x[contact + PATIENCE_DUE] = np.inf
    schedule(s, contact)
    row = row_of(s, contact)
    r.wrapped[row] = now
    if phase == TALKING:
        # Cut like what is laid down, so that hold is a share of what was talked.
        s.x[contact + LAID_DOWN] = now
        goodbye(c, s, r, contact, now)
        in_vain = c.points[point_of(s, contact), OUTBOUND] and worked(s, r, contact, now) <= s.x[contact + DIALLED]
        r.outcome[row], r.truly_resolved[row] = UNREACHED if in_vain else UNRESOLVED, False
        return True
    return False


@njit_inner
def is_put_back(c: Any, s: Any, contact: Any) -> Any:
    """Whether a contact of an agent who goes home goes back to its queue."""
    phase = s.i[contact + PHASE]
    drops = c.staff.at_end[group_of(s, s.i[contact + PERSON])] == DROP
    return phase == RING or (phase == TALKING and not drops)


@njit_inner
def is_still(s: Any, contact: Any, stay: Any) -> Any:
    """Whether a contact is still in the stay in its queue that was meant."""
    return s.i[contact + PHASE] == WAITING and s.i[contact + STAY] == stay
