"""The days: comings and goings, breaks, doors that close, and the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from cxsim.contacts.columns import CLOSED, UNFINISHED
from cxsim.engines.calendar import Level, ShiftChange, closings
from cxsim.engines.floor import Floor
from cxsim.engines.handling import Hands
from cxsim.engines.queues import Queues, Waiting
from cxsim.engines.snapshot import begin_from
from cxsim.engines.touch import AFTER, NEW
from cxsim.model import order
from cxsim.units import DAY

if TYPE_CHECKING:
    from cxsim.engines.process import Centre


class Days:
    """What the plan brings, day by day. The clock and the contacts are the centre's."""

    def __init__(self, centre: Centre, floor: Floor, queues: Queues, hands: Hands) -> None:
        self.centre, self.floor, self.queues, self.hands = centre, floor, queues, hands

    def pass_by(self) -> Generator[Any, Any, None]:
        """Each midnight brings the day's comings, goings and closings, as long as there is somebody to serve."""
        day, moves = int(self.centre.since // DAY), [-1] * 8
        yield self.centre.env.at(self.centre.since, order.rank(order.PRESENCE, 0))
        if self.centre.start is not None:
            begin_from(self.centre, self.centre.start, self.centre.since)
        while True:
            self.centre.last = self.centre.env.now
            if day * DAY >= self.centre.tables.horizon:
                if not self.centre.n_alive and not self.centre.n_ahead:
                    return
                moves = [*moves[1:], self.centre.n_moves]
                if moves[0] == moves[-1] and not self.centre.n_ahead and self.centre.n_alive == self.queues.n:
                    self.give_up_waiting()
                    return
            self.plan_of_day(day)
            day += 1
            yield self.centre.env.at(day * DAY, order.rank(order.PRESENCE, 0))

    def plan_of_day(self, day: int) -> None:
        """What is planned for a day."""
        for plan in self.centre.plans:
            key = order.presence_key(plan.group, order.CHANGE)
            for change in plan.shift_changes(day) if plan.by_shift else plan.levels(day):
                self.plan(change.time, order.rank(order.PRESENCE, key), self.presence, change)
            if not plan.by_shift:
                continue
            for coming in plan.late_comings(day):
                own = order.presence_key(plan.group, order.OWN_RETURN, coming.enter[0])
                self.plan(coming.time, order.rank(order.PRESENCE, own), self.presence, coming)
            key = order.presence_key(plan.group, order.BREAK_BEGIN)
            for time, breaks in plan.breaks(day).items():
                self.plan(time, order.rank(order.PRESENCE, key), self.breaks_begin, plan.group, breaks)
        for time, touchpoint in closings(self.centre.tables, day):
            key = order.presence_key(len(self.centre.plans), order.CHANGE, touchpoint)
            self.plan(time, order.rank(order.PRESENCE, key), self.close, touchpoint)

    def plan(self, time: float, rank: int, what: Callable[..., None], *args: Any) -> None:
        """Something planned for an instant; what lies before a run that begins in the middle of a day has happened."""
        if self.centre.start is None or time > self.centre.since:
            self.centre.env.when(time, rank, what, *args)

    def give_up_waiting(self) -> None:
        """Nothing has moved for a whole week of the plan: who still waits will never be served."""
        for work in range(len(self.queues.back)):
            for waiting in self.queues.all_of(work):
                self.give_up(waiting)

    def give_up(self, waiting: Waiting) -> None:
        """A contact in a queue is left as it is; what only had to be wrapped up has its outcome already."""
        touch = waiting.touch
        self.queues.remove(waiting)
        if touch.resumes == AFTER:
            self.centre.n_alive -= 1
        else:
            self.centre.lose(touch, UNFINISHED)

    def presence(self, change: Level | ShiftChange) -> None:
        """The plan changes: who leaves, who comes."""
        now = self.centre.last = self.centre.env.now
        self.hands.lay_down(self.floor.leave(change, now))
        for agent in self.floor.enter(change, now):
            self.hands.free(agent)
        self.close_unserved()

    def breaks_begin(self, group: int, breaks: list[tuple[int, float]]) -> None:
        """Planned breaks of a group: who has nothing in hand goes, the others owe it to themselves."""
        now = self.centre.last = self.centre.env.now
        for number, lasts in breaks:
            agent = self.floor.agents[group][number]
            end = self.floor.begin_break(agent, lasts, now)
            if end is not None:
                self.hands.back_at(agent, end)

    def close(self, touchpoint: int) -> None:
        """The doors close: those waiting are sent away, or stay while somebody is there who can serve them."""
        self.centre.last = self.centre.env.now
        if self.centre.tables.turn_away[touchpoint]:
            self.send_all_away(touchpoint)
        self.close_unserved()

    def close_unserved(self) -> None:
        """At closed touchpoints nobody waits for agents who are gone."""
        if not self.queues.n:
            return
        for touchpoint in range(self.centre.n_touchpoints):
            if (
                self.centre.has_hours[touchpoint]
                and not self.centre.deferred[touchpoint]
                and not self.centre.is_open(touchpoint)
            ):
                self.send_all_away(touchpoint, deserted=True)

    def send_all_away(self, touchpoint: int, *, deserted: bool = False) -> None:
        """Customers who have not been answered yet leave; all, or of work types that nobody there serves."""
        for work in range(touchpoint, len(self.queues.back), self.centre.n_touchpoints):
            if self.queues.heads.waiting[work] and (not deserted or self.floor.is_deserted(work)):
                for waiting in self.queues.all_of(work):
                    if waiting.still and waiting.touch.resumes == NEW:
                        self.queues.remove(waiting)
                        self.centre.lose(waiting.touch, CLOSED)
