"""The readable engine: each contact is a SimPy process that tells its story; the rules are those of `model`.

Above 300 lines because SimPy is used nowhere else, and the path of a contact is one story.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from heapq import heappush
from typing import Any

import numpy as np
import simpy

from cxsim import streams
from cxsim.contacts.columns import (
    ABANDONED,
    BLOCKED,
    CLOSED,
    COLD,
    RESOLVED,
    UNFINISHED,
    UNRESOLVED,
)
from cxsim.contacts.log import ContactLog
from cxsim.engines.calendar import Level, ShiftChange, closings, plans_of
from cxsim.engines.floor import INF, Agent, Floor
from cxsim.engines.writer import Touch, written_log
from cxsim.model import draws, hours, order
from cxsim.model.demand import Arrivals, arrivals_of
from cxsim.model.policies import NOTHING, queue_for_agent
from cxsim.model.tables import FALSELY_RESOLVED, LEAVE, NEXT_OPENING, tables_of
from cxsim.scenario.load import Scenario
from cxsim.units import DAY

Story = Generator[simpy.Event, Any, None]


class Environment(simpy.Environment):
    """SimPy's clock with events whose order at one instant is stated, not the order in which they were made.

    Uses SimPy's queue directly; ranks lie above SimPy's own priorities, so what an event causes is finished first.
    """

    def at(self, time: float, rank: int) -> simpy.Event:
        """An event that happens at an absolute time, in the order of its rank."""
        event = simpy.Event(self)
        event._ok, event._value = True, None
        queue: list[Any] = self._queue
        heappush(queue, (time, rank, next(self._eid), event))
        return event


class Waiting:
    """A contact in a queue: its touch, the event that ends the wait, and whether it is still there."""

    __slots__ = ("still", "touch", "verdict")

    def __init__(self, touch: Touch, verdict: simpy.Event) -> None:
        self.touch, self.verdict, self.still = touch, verdict, True


class Centre:
    """The state of a simulated centre: queues, agents, doors. Counts nothing; the log is the result."""

    def __init__(self, scenario: Scenario, *, seed: int, replication: int) -> None:
        self.scenario, self.seed, self.replication = scenario, seed, replication
        self.tables = tables = tables_of(scenario)
        self.key = streams.replication_key(seed, replication)
        self.arrivals: Arrivals = arrivals_of(scenario, tables, replication_key=self.key)
        self.plans = plans_of(scenario, tables, replication_key=self.key)
        self.env = Environment()
        self.touches: list[Touch] = []
        n_work = len(tables.types) * len(tables.touchpoints)
        self.queues: list[deque[Waiting]] = [deque() for _ in range(n_work)]
        self.waiting_since = np.full(n_work, INF)
        self.floor = Floor(tables, self.plans, replication_key=self.key)
        self.waiting = [0] * len(tables.touchpoints)
        self.inside = [0] * len(tables.touchpoints)
        self.n_waiting = self.n_alive = self.n_ahead = self.n_moves = 0
        self.limited = [int(a) >= 0 or int(b) >= 0 for a, b in zip(tables.lines, tables.waiting_room, strict=True)]
        self.has_hours = [len(spans) > 0 for spans in tables.hours]
        self.staffed = tables.staffed.tolist()
        self.n_touchpoints = len(tables.touchpoints)
        self.handle_time = tables.service.handle_time.tolist()
        self.resolution = tables.service.resolution.tolist()
        self.skill_level = tables.service.level.tolist()
        self.no_exit = tables.works.exits[:, :, 0] == tables.works.exits[:, :, 1]

    def run(self) -> ContactLog:
        """Let cases arrive until the horizon and follow each to its end."""
        self.env.process(self.calendar())
        self.env.process(self.arriving())
        self.env.run()
        self.floor.all_go_home(max(self.tables.horizon, self.env.now))
        return written_log(self)

    def when(self, time: float, rank: int, what: Callable[[], None]) -> None:
        """Do something at a time, in the order of a rank."""
        event = self.env.at(time, rank)
        assert event.callbacks is not None
        event.callbacks.append(lambda _: what())

    # ---------------------------------------------------------------------------------------------- the customer

    def arriving(self) -> Story:
        """Each new case at its time."""
        a = self.arrivals
        columns = (a.time, a.case, a.contact_type, a.touchpoint, a.customer, a.segment)
        replays = not np.all(np.isnan(a.replayed))
        for place, (time, case, contact_type, touchpoint, customer, segment) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            self.n_ahead += 1
            yield self.env.at(time, order.rank(order.OFFERED, order.contact_key(case, 0, 0)))
            self.n_ahead -= 1
            first = Touch(case, 0, 0, customer, segment, contact_type, touchpoint)
            replayed = a.replayed[place].tolist() if replays else None
            self.env.process(self.contact(first, previous=None, replayed=replayed))

    def contact(self, touch: Touch, *, previous: Touch | None, replayed: list[float] | None = None) -> Story:
        """One contact, from its offer to the goodbye; a transfer continues it with the next leg."""
        self.n_alive += 1
        key = streams.entity_key(self.key, streams.CASE, touch.case)
        while True:
            self.offer(touch, previous)
            if touch.outcome == CLOSED or touch.outcome == BLOCKED:
                pass
            elif self.staffed[touch.touchpoint]:
                yield from self.staffed_touch(touch, key, replayed)
            else:
                yield from self.automated_touch(touch, key)
            if touch.outcome == UNFINISHED:
                break
            exit_ = self.exit_of(touch, key)
            if exit_ == LEAVE:
                break
            following = self.next_touch(touch, exit_)
            if following.contact != touch.contact:
                if following.contact < self.tables.gives_up_after:
                    self.come_back(following, touch, exit_, key)
                break
            previous, touch, replayed = touch, following, None
        self.n_alive -= 1

    def offer(self, touch: Touch, previous: Touch | None) -> None:
        """The contact reaches a touchpoint: are the doors open, is a line free?"""
        now, touchpoint = self.env.now, touch.touchpoint
        self.n_moves += 1
        touch.offered = now
        touch.work = touch.contact_type * self.n_touchpoints + touchpoint
        if previous is not None:
            channels = self.tables.channel
            touch.reinfo = previous.transfer_kind == COLD or channels[previous.touchpoint] != channels[touchpoint]
        self.touches.append(touch)
        if self.has_hours[touchpoint] and not self.is_open(touchpoint):
            touch.ended, touch.outcome = now, CLOSED
        elif self.limited[touchpoint] and self.is_full(touch):
            touch.ended, touch.outcome = now, BLOCKED

    def is_open(self, touchpoint: int) -> bool:
        return bool(hours.is_open(self.tables.hours[touchpoint], self.env.now, self.tables.first_weekday))

    def is_full(self, touch: Touch) -> bool:
        """Whether lines (waiting and talking) or the waiting room are taken; who is served at once needs no room."""
        tables, touchpoint = self.tables, touch.touchpoint
        if 0 <= tables.lines[touchpoint] <= self.inside[touchpoint]:
            return True
        room = tables.waiting_room[touchpoint]
        return bool(0 <= room <= self.waiting[touchpoint] and self.floor.idle_group(touch.work) == NOTHING)

    def automated_touch(self, touch: Touch, key: Any) -> Story:
        """A portal or a bot: lasts its time and needs nobody."""
        touch.answered = self.env.now
        lasts = draws.automated_visit(self.tables.laws, self.tables.works, key, touch.contact, touch.touch, touch.work)
        touch.ended = touch.wrapped = touch.answered + lasts
        yield self.env.at(
            touch.ended, order.rank(order.ENDED, order.contact_key(touch.case, touch.contact, touch.touch))
        )
        self.resolve(touch, key, effect=0.0)

    def staffed_touch(self, touch: Touch, key: Any, replayed: list[float] | None) -> Story:
        """Wait for an agent, or lose patience; talk; then the agent wraps up without the customer."""
        patience, talk_time, after_call_work, held = draws.staffed_visit(
            self.tables.laws, self.tables.works, key, touch.contact, touch.touch, touch.work
        )
        if replayed is not None:
            talk_time, after_call_work, patience = (
                drawn if given != given else given
                for given, drawn in zip(replayed, (talk_time, after_call_work, patience), strict=True)
            )
        touchpoint = touch.touchpoint
        if self.tables.deferred[touchpoint]:
            patience = INF  # also where a record gives one
        self.inside[touchpoint] += 1
        group = self.floor.idle_group(touch.work)
        if group != NOTHING:
            agent = self.floor.longest_idle(group)
        else:
            agent = yield self.wait(touch, patience)
            if agent is None:
                self.inside[touchpoint] -= 1
                return
        factor = agent.speed * self.handle_time[agent.group][touch.work]
        touch.group, touch.agent = agent.group, agent.number
        touch.level = self.skill_level[agent.group][touch.work]
        touch.answered = self.env.now
        talk_time *= factor
        touch.ended = touch.answered + talk_time
        touch.wrapped = touch.ended + after_call_work * factor
        touch.held = talk_time * held
        yield self.env.at(touch.ended, order.rank(order.ENDED, agent.key))
        self.inside[touchpoint] -= 1
        self.n_moves += 1
        self.when(touch.wrapped, order.rank(order.WRAPPED, agent.key), partial(self.wrap, agent))
        self.resolve(touch, key, effect=agent.effect + self.resolution[agent.group][touch.work])

    def wait(self, touch: Touch, patience: float) -> simpy.Event:
        """Join the queue; the event brings the agent, or None when the customer leaves or is sent away."""
        waiting = Waiting(touch, self.env.event())
        queue = self.queues[touch.work]
        if not queue:
            self.waiting_since[touch.work] = touch.offered
        queue.append(waiting)
        self.waiting[touch.touchpoint] += 1
        self.n_waiting += 1
        if patience < INF:
            key = order.contact_key(touch.case, touch.contact, touch.touch)
            rank = order.rank(order.LOST_PATIENCE, key)
            self.when(touch.offered + patience, rank, partial(self.send_away, waiting, ABANDONED))
        return waiting.verdict

    def send_away(self, waiting: Waiting, outcome: int) -> None:
        """A contact leaves the queue without an answer, if it is still there."""
        if not waiting.still:
            return
        self.unqueue(waiting)
        waiting.touch.outcome = outcome
        if outcome != UNFINISHED:
            waiting.touch.ended = self.env.now
        self.n_moves += 1
        waiting.verdict.succeed(None)

    def unqueue(self, waiting: Waiting) -> None:
        waiting.still = False
        work = waiting.touch.work
        queue = self.queues[work]
        # Those who left from the middle are dropped when they come to the front.
        while queue and not queue[0].still:
            queue.popleft()
        self.waiting_since[work] = queue[0].touch.offered if queue else INF
        self.waiting[waiting.touch.touchpoint] -= 1
        self.n_waiting -= 1

    def resolve(self, touch: Touch, key: Any, *, effect: float) -> None:
        """What the centre believes, and what is so."""
        works, place = self.tables.works, (touch.contact, touch.touch, touch.work)
        if draws.looks_resolved(works, key, *place, effect):
            touch.outcome = RESOLVED
            touch.truly_resolved = not draws.is_false(works, key, *place)
        else:
            touch.outcome = UNRESOLVED

    def exit_of(self, touch: Touch, key: Any) -> int:
        """The exit that the case takes after this outcome, or LEAVE."""
        outcome = touch.outcome
        if outcome == RESOLVED and not touch.truly_resolved:
            outcome = FALSELY_RESOLVED
        if self.no_exit[touch.work, outcome]:
            return LEAVE
        place = streams.address(touch.contact, touch.touch, 0)
        return draws.exit_taken(self.tables.works, self.tables.exits, key, place, touch.work, outcome)

    def next_touch(self, touch: Touch, exit_: int) -> Touch:
        """The next leg of this contact after a transfer, else the first leg of the next contact."""
        exits = self.tables.exits
        to = int(exits.to[exit_])
        # A ring of transfers ends at the last leg that has an address of its own.
        if to == LEAVE or (exits.transfer[exit_] and touch.touch + 1 == streams.N_TOUCHES):
            return touch.following(contact=self.tables.gives_up_after, touch=0, touchpoint=to)
        if exits.transfer[exit_]:
            touch.transfer_kind = COLD
            return touch.following(contact=touch.contact, touch=touch.touch + 1, touchpoint=to)
        return touch.following(contact=touch.contact + 1, touch=0, touchpoint=to)

    def come_back(self, following: Touch, previous: Touch, exit_: int, key: Any) -> None:
        """Schedule the next contact of the case."""
        law = int(self.tables.exits.delay[exit_])
        if law == NEXT_OPENING:
            spans = self.tables.hours[following.touchpoint]
            time = float(hours.next_opening(spans, self.env.now, self.tables.first_weekday))
        else:
            time = self.env.now + draws.delay(self.tables.laws, law, key, previous.contact, previous.touch)
        self.n_ahead += 1
        rank = order.rank(order.OFFERED, order.contact_key(following.case, following.contact, 0))
        self.when(time, rank, partial(self.begin, following, previous))

    def begin(self, touch: Touch, previous: Touch) -> None:
        """A further contact of a case is offered."""
        self.n_ahead -= 1
        self.env.process(self.contact(touch, previous=previous))

    # ------------------------------------------------------------------------------------------------- the agent

    def wrap(self, agent: Agent) -> None:
        """After-call work is done: leave if the plan says so, else take the next contact or be idle."""
        if self.floor.leaves_after_wrapping(agent):
            self.floor.go_home(agent, self.env.now)
        else:
            self.free(agent)

    def free(self, agent: Agent) -> None:
        """Routing question 2: which contact does a free agent take?"""
        if self.n_waiting:
            tables, service = self.tables, self.tables.service
            work = queue_for_agent(tables.contact_policy, service.served, service.rank, self.waiting_since, agent.group)
            if work != NOTHING:
                waiting = self.queues[work][0]
                self.unqueue(waiting)
                waiting.verdict.succeed(agent)
                return
        self.floor.becomes_idle(agent, self.env.now)

    # ---------------------------------------------------------------------------------------------- the calendar

    def calendar(self) -> Story:
        """Each midnight brings the day's comings, goings and closings, as long as there is somebody to serve."""
        day, moves = 0, [-1] * 8
        while True:
            yield self.env.at(day * DAY, order.rank(order.PRESENCE, 0))
            if day * DAY >= self.tables.horizon:
                if not self.n_alive and not self.n_ahead:
                    return
                moves = [*moves[1:], self.n_moves]
                if moves[0] == moves[-1] and not self.n_ahead and self.n_alive == self.n_waiting:
                    self.give_up_waiting()
                    return
            for plan in self.plans:
                for change in plan.shift_changes(day) if plan.by_shift else plan.levels(day):
                    key = 1 + order.agent_key(change.group, 0)
                    self.when(change.time, order.rank(order.PRESENCE, key), partial(self.presence, change))
            for time, touchpoint in closings(self.tables, day):
                key = order.agent_key(len(self.plans), touchpoint)
                self.when(time, order.rank(order.PRESENCE, key + 1), partial(self.close, touchpoint))
            day += 1

    def give_up_waiting(self) -> None:
        """Nothing has moved for a whole week of the plan: who still waits will never be served."""
        for queue in self.queues:
            for waiting in list(queue):
                self.send_away(waiting, UNFINISHED)

    def presence(self, change: Level | ShiftChange) -> None:
        """The plan changes: who leaves, who comes."""
        for agent in self.floor.change(change, self.env.now):
            self.free(agent)
        self.close_unserved()

    def close(self, touchpoint: int) -> None:
        """The doors close: those waiting are sent away, or stay while somebody is there who can serve them."""
        if self.tables.turn_away[touchpoint]:
            self.send_all_away(touchpoint, lambda _: True)
        self.close_unserved()

    def close_unserved(self) -> None:
        """At closed touchpoints nobody waits for agents who are gone."""
        if not self.n_waiting:
            return
        for touchpoint, n in enumerate(self.waiting):
            if (
                n
                and self.has_hours[touchpoint]
                and not self.tables.deferred[touchpoint]
                and not self.is_open(touchpoint)
            ):
                self.send_all_away(touchpoint, self.floor.is_deserted)

    def send_all_away(self, touchpoint: int, which: Any) -> None:
        for work in range(touchpoint, len(self.queues), self.n_touchpoints):
            if self.queues[work] and which(work):
                for waiting in list(self.queues[work]):
                    self.send_away(waiting, CLOSED)


def simulate_by_process(scenario: Scenario, *, seed: int, replication: int) -> ContactLog:
    """One replication of a scenario with the SimPy engine; the same log for the same seed, anywhere."""
    return Centre(scenario, seed=seed, replication=replication).run()
