"""The readable engine: SimPy's clock and the path of each contact; the rules are those of `model`.

Above 300 lines because SimPy is used nowhere else, and the path of a contact is one story.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappush
from typing import Any

import simpy

from cxsim import streams
from cxsim.contacts.columns import (
    ABANDONED,
    BALKED,
    BLOCKED,
    CLOSED,
    COLD,
    RESOLVED,
    UNFINISHED,
    UNREACHED,
    UNRESOLVED,
)
from cxsim.contacts.log import ContactLog
from cxsim.engines.calendar import plans_of
from cxsim.engines.days import Days
from cxsim.engines.floor import INF, Floor
from cxsim.engines.handling import Hands
from cxsim.engines.queues import Queues, Waiting
from cxsim.engines.routing import Router
from cxsim.engines.touch import GONE, NEW, RING, WAITING, Touch
from cxsim.engines.writer import written_log
from cxsim.model import announcing, dialling, draws, hours, order
from cxsim.model.demand import Arrivals, arrivals_of
from cxsim.model.snapshot import start_of
from cxsim.model.tables import FALSELY_RESOLVED, LEAVE, NEXT_OPENING, tables_of
from cxsim.scenario.load import Scenario

Story = Generator[simpy.Event, Any, None]


class Happening:
    """Something to be done at an instant: as much of a SimPy event as its clock looks at."""

    __slots__ = ("_ok", "args", "callbacks", "what")

    def __init__(self, what: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.what, self.args = what, args
        self.callbacks, self._ok = _DO, True


_DO = (lambda happening: happening.what(*happening.args),)


class Environment(simpy.Environment):
    """SimPy's clock with events whose order at one instant is stated, not the order in which they were made.

    Uses SimPy's queue directly; ranks lie above SimPy's own priorities, so what an event causes is finished first.
    """

    def at(self, time: float, rank: int) -> simpy.Event:
        """An event for a process to wait for, at an absolute time, in the order of its rank."""
        event = simpy.Event(self)
        event._ok, event._value = True, None
        queue: list[Any] = self._queue
        heappush(queue, (time, rank, next(self._eid), event))
        return event

    def when(self, time: float, rank: int, what: Callable[..., None], *args: Any) -> None:
        """Do something at an absolute time, in the order of a rank."""
        queue: list[Any] = self._queue
        heappush(queue, (time, rank, next(self._eid), Happening(what, args)))


class Centre:
    """The state of a simulated centre: doors, lines, and the paths of cases. Counts nothing; the log is the result."""

    def __init__(self, scenario: Scenario, *, seed: int, replication: int) -> None:
        self.scenario, self.seed, self.replication = scenario, seed, replication
        self.tables = tables = tables_of(scenario)
        self.key = streams.replication_key(seed, replication)
        self.arrivals: Arrivals = arrivals_of(scenario, tables, replication_key=self.key)
        snapshot, demand = scenario.model.snapshot, scenario.derived["demand"]
        self.start = start_of(scenario, tables, demand, replication_key=self.key)
        self.since = snapshot.at if snapshot else 0.0
        self.plans = plans_of(scenario, tables, replication_key=self.key)
        self.env = Environment()
        self.touches: list[Touch] = []
        self.queues = Queues(tables)
        self.floor = Floor(tables, self.plans, replication_key=self.key)
        self.router = Router(tables, self.floor, self.queues, replication_key=self.key)
        self.hands = Hands(self, self.floor, self.queues, self.router)
        self.days = Days(self, self.floor, self.queues, self.hands)
        self.inside = [0] * len(tables.touchpoints)
        self.n_alive = self.n_ahead = self.n_moves = 0
        # Instant of the last event that counts for the end of the run.
        self.last = 0.0
        # Contacts of each case that has had more than one.
        self.n_contacts: dict[int, int] = {}
        self.n_touchpoints = len(tables.touchpoints)
        shared = tables.shared_of.any(axis=1)
        self.limited = ((tables.lines >= 0) | (tables.waiting_room >= 0) | shared).tolist()
        self.has_hours = [len(spans) > 0 for spans in tables.hours]
        self.staffed, self.deferred = tables.staffed.tolist(), tables.deferred.tolist()
        self.announces = tables.announces.tolist()
        self.outbound = tables.outbound.tolist()
        self.promise = tables.queues.promise.tolist()
        self.no_exit = tables.works.exits[:, :, 0] == tables.works.exits[:, :, 1]
        self.overflows = [
            sorted({float(tables.service.after[g, work]) for g in groups if g >= 0} - {0.0})
            for work, groups in enumerate(tables.service.groups)
        ]

    def run(self) -> ContactLog:
        """Let cases arrive until the horizon and follow each to its end."""
        self.env.process(self.days.pass_by())
        self.env.process(self.arriving())
        self.env.run()
        self.floor.all_go_home(max(self.tables.horizon, self.last))
        return written_log(self)

    # ---------------------------------------------------------------------------------------------- the customer

    def arriving(self) -> Story:
        """Each new case at its time."""
        a = self.arrivals
        columns = (a.time, a.case, a.contact_type, a.touchpoint, a.customer, a.segment)
        for place, (time, case, contact_type, touchpoint, customer, segment) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            self.n_ahead += 1
            yield self.env.at(time, order.rank(order.OFFERED, order.contact_key(case, 0, 0)))
            first = Touch(case, 0, 0, customer, segment, contact_type, touchpoint)
            first.key = streams.entity_key(self.key, streams.CASE, case)
            if len(a.replayed) > 0:
                first.replayed = a.replayed[place].tolist()
            self.begin(first, None)

    def begin(self, touch: Touch, previous: Touch | None) -> None:
        """A contact of a case is offered."""
        self.n_ahead -= 1
        self.n_alive += 1
        self.offer(touch, previous)

    def offer(self, touch: Touch, previous: Touch | None) -> None:
        """The contact reaches a touchpoint: are the doors open, is a line free, who takes it?"""
        now, touchpoint = self.env.now, touch.touchpoint
        self.n_moves += 1
        touch.offered = touch.queued = now
        touch.work = touch.contact_type * self.n_touchpoints + touchpoint
        if previous is not None:
            channels = self.tables.channel
            touch.reinfo = previous.transfer_kind == COLD or channels[previous.touchpoint] != channels[touchpoint]
        self.touches.append(touch)
        if self.has_hours[touchpoint] and not self.is_open(touchpoint):
            self.refuse(touch, CLOSED)
        elif self.limited[touchpoint] and self.is_full(touch):
            self.refuse(touch, BLOCKED)
        elif self.staffed[touchpoint]:
            self.seek(touch)
        else:
            self.automated(touch)

    def is_open(self, touchpoint: int) -> bool:
        return bool(hours.is_open(self.tables.hours[touchpoint], self.env.now, self.tables.first_weekday))

    def is_full(self, touch: Touch) -> bool:
        """Whether lines (waiting and talking) or the waiting room are taken; who is served at once needs no room."""
        tables, touchpoint = self.tables, touch.touchpoint
        if 0 <= tables.lines[touchpoint] <= self.inside[touchpoint]:
            return True
        for shared, limit in enumerate(tables.shared_limit):
            mine = tables.shared_of[:, shared]
            if mine[touchpoint] and sum(n for n, counts in zip(self.inside, mine, strict=True) if counts) >= limit:
                return True
        if not 0 <= tables.waiting_room[touchpoint] <= self.queues.room[touchpoint]:
            return False
        router, now = self.router, self.env.now
        return router.agent_for(touch, now) is None and router.whom_to_interrupt(touch, now) is None

    def automated(self, touch: Touch) -> None:
        """A portal or a bot: answers at once, lasts its time and needs nobody."""
        touch.answered = self.env.now
        lasts = draws.automated_visit(
            self.tables.laws, self.tables.works, touch.key, touch.contact, touch.touch, touch.work
        )
        touch.ended = touch.wrapped = touch.answered + lasts
        touch.effect = 0.0
        rank = order.rank(order.ENDED, order.contact_key(touch.case, touch.contact, touch.touch))
        self.env.when(touch.ended, rank, self.automated_ended, touch)
        self.hands.release(touch)

    def automated_ended(self, touch: Touch) -> None:
        """The portal or the bot is done."""
        self.resolve(touch)
        self.follow(touch, self.way_on(touch), holding=False)

    def seek(self, touch: Touch) -> None:
        """Who takes the contact? If nobody, it waits: on the line, or to be called back."""
        self.draw(touch)
        if self.promise[touch.work] < INF:
            touch.promise = touch.offered + self.promise[touch.work]
        if self.announces[touch.touchpoint] and self.balks(touch):
            self.refuse(touch, BALKED)
            return
        self.inside[touch.touchpoint] += 1
        if self.hands.ask(touch):
            return
        if self.announces[touch.touchpoint] and self.accepts_callback(touch):
            touch.callback = self.env.now
            touch.patience = INF
            self.inside[touch.touchpoint] -= 1
            self.hands.release(touch)
        self.join(touch, front=touch.to_front, roomy=touch.callback != touch.callback)
        self.arm_patience(touch)
        self.arm_chaser(touch, 1)

    def draw(self, touch: Touch) -> None:
        """Patience and work of a visit, from a record where that gives them."""
        patience, talk_time, after_call_work, held = draws.staffed_visit(
            self.tables.laws, self.tables.works, touch.key, touch.contact, touch.touch, touch.work
        )
        if touch.replayed is not None:
            talk_time, after_call_work, patience = (
                drawn if given != given else given
                for given, drawn in zip(touch.replayed, (talk_time, after_call_work, patience), strict=True)
            )
        touch.talk, touch.after_call_work, touch.share_held = talk_time, after_call_work, held
        # A deferred contact has no patience, also where a record gives one.
        touch.patience = INF if self.deferred[touch.touchpoint] else patience

    def balks(self, touch: Touch) -> bool:
        """The expected wait is told; whether the customer leaves on hearing it."""
        queues, work = self.tables.queues, touch.work
        ahead = int(self.queues.heads.waiting[self.tables.service.ahead[work] > 0].sum())
        able = self.floor.n_able(work)
        touch.announced_wait = announcing.expected_wait(ahead, queues.mean_handle[work], able)
        place = streams.address(touch.contact, touch.touch, 0)
        return bool(announcing.balks(queues, touch.key, place, work, touch.announced_wait))

    def accepts_callback(self, touch: Touch) -> bool:
        """Whether a customer who has to wait would rather be called back; who has no patience at all would not."""
        if touch.patience <= 0.0:
            return False
        place = streams.address(touch.contact, touch.touch, 0)
        queues, announced = self.tables.queues, touch.announced_wait
        return bool(announcing.accepts_callback(queues, touch.key, place, touch.work, announced))

    def join(self, touch: Touch, *, front: bool, roomy: bool) -> None:
        """The contact joins its queue; the groups that may be used only later are asked when they may."""
        now = touch.queued = self.env.now
        touch.phase = WAITING
        waiting = self.queues.join(touch, now, front=front, roomy=roomy)
        for after in self.overflows[touch.work]:
            rank = order.rank(order.OVERFLOW, order.contact_key(touch.case, touch.contact, touch.touch))
            self.env.when(now + after, rank, self.overflow, waiting)

    def overflow(self, waiting: Waiting) -> None:
        """Further groups may be used from now on: is anybody idle there?"""
        self.hands.ask_again(waiting)

    def arm_patience(self, touch: Touch) -> None:
        """The customer will leave when patience is over, counted from the offer; once for each visit."""
        if touch.patience < INF:
            rank = order.rank(order.LOST_PATIENCE, order.contact_key(touch.case, touch.contact, touch.touch))
            # Never before now, whatever is rounded: in a run from a snapshot the offer lies behind.
            self.env.when(max(touch.offered + touch.patience, self.env.now), rank, self.lose_patience, touch)
            touch.patience = INF

    def lose_patience(self, touch: Touch) -> None:
        """The customer leaves, if nobody has spoken yet."""
        self.last = self.env.now
        if touch.phase == WAITING and touch.resumes == NEW:
            self.queues.remove(touch.waiting)
            self.lose(touch, ABANDONED)
        elif touch.phase == RING:
            self.hands.lost_in_ring(touch)

    def arm_chaser(self, touch: Touch, n: int) -> None:
        """The customer will ask, perhaps, when the promised time has passed for the n-th time."""
        work = touch.work
        if self.promise[work] < INF and self.tables.queues.chaser_to[work] >= 0 and not touch.chaser:
            rank = order.rank(order.PROMISE, order.contact_key(touch.case, touch.contact, touch.touch))
            self.env.when(touch.offered + self.promise[work] * n, rank, self.promise_passed, touch, n)

    def promise_passed(self, touch: Touch, n: int) -> None:
        """The promised time has passed, perhaps again: does the customer ask where the answer stays?"""
        if touch.phase != WAITING or touch.resumes != NEW:
            return
        queues, place = self.tables.queues, streams.address(touch.contact, touch.touch, 0)
        if not draws.sends_chaser(touch.key, place, n, queues.chaser_share[touch.work]):
            self.arm_chaser(touch, n + 1)
            return
        number = self.next_number(touch)
        if number < self.tables.gives_up_after:
            chaser = touch.following(contact=number, touch=0, touchpoint=int(queues.chaser_to[touch.work]))
            chaser.chaser = True
            self.expect(chaser, touch, self.env.now)

    # ------------------------------------------------------------------------------------------ how contacts end

    def refuse(self, touch: Touch, outcome: int) -> None:
        """Closed, blocked, or gone on hearing the wait: over as soon as offered."""
        touch.ended, touch.outcome, touch.phase = self.env.now, outcome, GONE
        self.hands.release(touch)
        self.follow(touch, self.way_on(touch), holding=False)

    def lose(self, touch: Touch, outcome: int) -> None:
        """A contact that is in no queue any more goes without an answer."""
        touch.outcome, touch.phase = outcome, GONE
        if outcome != UNFINISHED:
            touch.ended = self.env.now
        if touch.callback != touch.callback:
            self.inside[touch.touchpoint] -= 1
        self.n_moves += 1
        self.hands.release(touch)
        self.follow(touch, self.way_on(touch), holding=False)

    def resolve(self, touch: Touch) -> None:
        """What the centre believes, and what is so; nobody who is not reached, and no chaser, resolves anything."""
        if self.outbound[touch.touchpoint] and not self.hands.picks_up(touch):
            touch.outcome = UNREACHED
            return
        if touch.chaser:
            touch.outcome = UNRESOLVED
            return
        works, place = self.tables.works, (touch.contact, touch.touch, touch.work)
        if draws.looks_resolved(works, touch.key, *place, touch.effect):
            touch.outcome = RESOLVED
            touch.truly_resolved = not draws.is_false(works, touch.key, *place)
        else:
            touch.outcome = UNRESOLVED

    def way_on(self, touch: Touch) -> int:
        """The exit that the case takes after this outcome, or LEAVE."""
        outcome = touch.outcome
        exits, place = self.tables.exits, streams.address(touch.contact, touch.touch, 0)
        if outcome == UNFINISHED or touch.chaser:
            return LEAVE
        if outcome == UNREACHED and not dialling.dials_again(self.tables.works, place, touch.work):
            return LEAVE
        if outcome == RESOLVED and not touch.truly_resolved:
            outcome = FALSELY_RESOLVED
        if self.no_exit[touch.work, outcome]:
            return LEAVE
        exit_: int = draws.exit_taken(self.tables.works, exits, touch.key, place, touch.work, outcome)
        # A ring of transfers ends at the last leg that has an address of its own.
        ring_ends = exits.transfer[exit_] and touch.touch + 1 == streams.N_TOUCHES
        return LEAVE if exit_ == LEAVE or exits.to[exit_] == LEAVE or ring_ends else exit_

    def follow(self, touch: Touch, exit_: int, *, holding: bool) -> None:
        """The next leg of this contact after a transfer, else the next contact of the case, else nothing more."""
        exits = self.tables.exits
        if exit_ == LEAVE:
            self.n_alive -= 1
        elif exits.transfer[exit_]:
            touch.transfer_kind = int(exits.transfer[exit_])
            following = touch.following(contact=touch.contact, touch=touch.touch + 1, touchpoint=int(exits.to[exit_]))
            following.to_front = bool(exits.front[exit_])
            following.holds = touch if holding else None
            self.offer(following, touch)
        else:
            self.n_alive -= 1
            number = self.next_number(touch)
            if number < self.tables.gives_up_after:
                self.come_back(touch.following(contact=number, touch=0, touchpoint=int(exits.to[exit_])), touch, exit_)

    def next_number(self, touch: Touch) -> int:
        """The number of the next contact of a case, in order of scheduling."""
        number = self.n_contacts.get(touch.case, 1)
        self.n_contacts[touch.case] = number + 1
        return number

    def come_back(self, following: Touch, previous: Touch, exit_: int) -> None:
        """Schedule the next contact of the case after its delay."""
        law = int(self.tables.exits.delay[exit_])
        if law == NEXT_OPENING:
            spans = self.tables.hours[following.touchpoint]
            time = float(hours.next_opening(spans, self.env.now, self.tables.first_weekday))
        else:
            time = self.env.now + draws.delay(self.tables.laws, law, previous.key, previous.contact, previous.touch)
        self.expect(following, previous, time)

    def expect(self, following: Touch, previous: Touch, time: float) -> None:
        """A further contact of a case will be offered."""
        self.n_ahead += 1
        rank = order.rank(order.OFFERED, order.contact_key(following.case, following.contact, 0))
        self.env.when(time, rank, self.begin, following, previous)


def simulate_by_process(scenario: Scenario, *, seed: int, replication: int) -> ContactLog:
    """One replication of a scenario with the SimPy engine; the same log for the same seed, anywhere."""
    return Centre(scenario, seed=seed, replication=replication).run()
