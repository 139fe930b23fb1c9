"""The begin of a run in the middle of a day: who is there, who has what in hand, who waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxsim import streams
from cxsim.engines.calendar import Level, ShiftChange
from cxsim.engines.floor import ON_BREAK, Agent
from cxsim.engines.touch import TALK, WAITING, Touch
from cxsim.model import handling, order
from cxsim.model.policies import FULL, NOTHING
from cxsim.model.snapshot import Start
from cxsim.units import DAY

if TYPE_CHECKING:
    from cxsim.engines.process import Centre


def begin_from(centre: Centre, start: Start, at: float) -> None:
    """Put everything in its place at the begin of the run, then let every agent ask for a contact."""
    touches = _touches(centre, start)
    busy = [(touch, int(g), int(a)) for touch, g, a in zip(touches, start.group, start.agent, strict=True) if g >= 0]
    _come_to_work(centre, at, busy={(group, agent) for _, group, agent in busy})
    for touch, group, number in busy:
        _into_hand(centre, touch, centre.floor.agents[group][number], at)
    _settle(centre, [agent for agents in centre.floor.agents for agent in agents], at)
    for touch, group in zip(touches, start.group, strict=True):
        if group == NOTHING:
            _into_queue(centre, touch, at)
    for agents in centre.floor.agents:
        for agent in agents:
            if agent.in_line:
                centre.hands.free(agent)


def _touches(centre: Centre, start: Start) -> list[Touch]:
    """Rows of the log of the contacts that are there."""
    found = []
    columns = (start.case, start.customer, start.segment, start.contact_type, start.touchpoint, start.offered)
    drawn = (start.patience, start.talk, start.after_call_work, start.held)
    for row in zip(*(column.tolist() for column in (*columns, *drawn)), strict=True):
        case, customer, segment, contact_type, touchpoint, offered, patience, talk, after_call_work, held = row
        touch = Touch(case, 0, 0, customer, segment, contact_type, touchpoint)
        touch.key = streams.entity_key(centre.key, streams.CASE, case)
        touch.work = contact_type * centre.n_touchpoints + touchpoint
        touch.offered = touch.queued = offered
        touch.talk, touch.after_call_work, touch.share_held = talk, after_call_work, held
        touch.patience = float("inf") if centre.deferred[touchpoint] else patience
        if centre.promise[touch.work] < float("inf"):
            touch.promise = offered + centre.promise[touch.work]
        centre.touches.append(touch)
        centre.n_alive += 1
        centre.inside[touchpoint] += 1
        found.append(touch)
    return found


def _come_to_work(centre: Centre, at: float, *, busy: set[tuple[int, int]]) -> None:
    """Presence as the plan of the day has it by now, without any question of routing."""
    floor, day = centre.floor, int(at // DAY)
    for plan in centre.plans:
        changes: list[Level | ShiftChange] = [*(plan.shift_changes(day) if plan.by_shift else plan.levels(day))]
        changes += plan.late_comings(day) if plan.by_shift else []
        # Late comings come after the changes of their instant; the sort keeps that order.
        for change in sorted((change for change in changes if change.time <= at), key=lambda change: change.time):
            floor.leave(change, at)
            for agent in floor.enter(change, at):
                floor.into_line(agent, at)
        for time, breaks in (plan.breaks(day) if plan.by_shift else {}).items():
            for number, lasts in breaks:
                agent = floor.agents[plan.group][number]
                here = agent.present and agent.number not in _late(plan.late_comings(day), time)
                if time <= at < time + lasts and here and (plan.group, number) not in busy:
                    floor.go_away(agent, at, ON_BREAK)
                    centre.hands.back_at(agent, time + lasts)


def _late(comings: list[ShiftChange], time: float) -> set[int]:
    """Agents who come after a planned break has begun, and have none."""
    return {coming.enter[0] for coming in comings if coming.time > time}


def _into_hand(centre: Centre, touch: Touch, agent: Agent, at: float) -> None:
    """A contact that was answered before the run begins; who has it and is not planned to be there is past the plan."""
    floor, hands = centre.floor, centre.hands
    if not agent.present:
        floor.stay_past_plan(agent, at)
    floor.out_of_line(agent)
    agent.hand.append(touch)
    agent.taken = touch.answered = touch.offered
    touch.person = agent
    hands.start(touch, touch.offered)
    touch.held = touch.talk * touch.factor * touch.share_held
    touch.patience = float("inf")
    if centre.tables.interruptible[touch.touchpoint]:
        floor.interruptible[agent.group].append(agent)


def _settle(centre: Centre, agents: list[Agent], at: float) -> None:
    """Ends of the contacts in hand: one alone goes on as if the run had always been on; several as rated from now."""
    for agent in agents:
        if not agent.hand:
            continue
        centre.hands.weigh(agent)
        n = len(agent.hand)
        for touch in agent.hand:
            work = touch.talk * touch.factor
            touch.phase, touch.version = TALK, 1
            touch.slow = 1.0 if n == 1 else handling.slowed(centre.tables.queues.slowdown, touch.work, n)
            due = touch.answered + work
            touch.left, touch.updated = (work, touch.answered) if n == 1 else (max(due - at, 0.0), at)
            centre.hands.schedule(touch, max(due, at) if n == 1 else at + touch.left * touch.slow, agent.ended_rank)
        if agent.load < FULL and not agent.leaving:
            centre.floor.into_line(agent, at)


def _into_queue(centre: Centre, touch: Touch, at: float) -> None:
    """A contact that has waited since before the run begins."""
    touch.phase = WAITING
    waiting = centre.queues.join(touch, touch.offered, front=False, roomy=True)
    for after in centre.overflows[touch.work]:
        if touch.queued + after > at:
            rank = order.rank(order.OVERFLOW, order.contact_key(touch.case, 0, 0))
            centre.env.when(touch.queued + after, rank, centre.overflow, waiting)
    centre.arm_patience(touch)
    n = 1
    while touch.offered + centre.promise[touch.work] * n <= at:
        n += 1
    centre.arm_chaser(touch, n)
