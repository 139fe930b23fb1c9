"""Contacts in hand: taken, rung for, talked with, wrapped up, laid aside; each agent's work goes on as capacity allows.

All that an event causes is done by plain calls before the next one. An end that moves leaves its old event behind,
with a version that is no longer the contact's.
Above 300 lines because each of its methods calls the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxsim.contacts.columns import ABANDONED, UNREACHED, UNRESOLVED, WARM
from cxsim.engines.floor import UNAVAILABLE, Agent, Floor
from cxsim.engines.queues import Queues, Waiting
from cxsim.engines.routing import Router
from cxsim.engines.touch import AFTER, GONE, HELD, NEW, RING, TALK, WAITING, Touch
from cxsim.model import announcing, dialling, draws, handling, order
from cxsim.model.policies import FULL, NOTHING
from cxsim.model.tables import AGAIN_EFFECT, AGAIN_TIME, DROP, HALVES_EVERY, LEAVE, RING_LAW
from cxsim.streams import address

if TYPE_CHECKING:
    from cxsim.engines.process import Centre


class Hands:
    """What agents do with contacts. The clock, the paths of cases and the draws of a contact are the centre's."""

    def __init__(self, centre: Centre, floor: Floor, queues: Queues, router: Router) -> None:
        self.centre, self.floor, self.queues, self.router = centre, floor, queues, router
        self.tables = tables = centre.tables
        service, numbers, staff = tables.service, tables.works.numbers, tables.staff
        self.handle_time = service.handle_time.tolist()
        self.resolution = service.resolution.tolist()
        self.skill_level = service.level.tolist()
        self.concurrency = tables.queues.concurrency.tolist()
        self.slowdown = tables.queues.slowdown
        self.rings = (tables.works.laws[:, RING_LAW] >= 0).tolist()
        self.again_time, self.again_effect = numbers[:, AGAIN_TIME].tolist(), numbers[:, AGAIN_EFFECT].tolist()
        self.learns = (staff.learning[:, HALVES_EVERY] > 0.0).tolist()
        self.unavailable = (staff.unavailable_share > 0.0).tolist()
        self.drops = (staff.at_end == DROP).tolist()
        self.interruptible = tables.interruptible.tolist()
        self.outbound = tables.outbound.tolist()

    # ------------------------------------------------------------------------------------------ who takes whom

    def ask(self, touch: Touch) -> bool:
        """Routing question 1, laying work aside included: whether somebody takes the contact now."""
        now = self.centre.env.now
        agent = self.router.agent_for(touch, now)
        if agent is not None:
            self.assign(agent, touch)
            return True
        agent = self.router.whom_to_interrupt(touch, now)
        if agent is None:
            return False
        aside = agent.hand[0]
        self.put_back(aside)
        self.let_go(agent, aside)
        if self.take(agent, touch):
            self.free(agent)
        else:
            self.freed(agent)
        if aside.phase == WAITING:
            self.ask_again(aside.waiting)
        return True

    def ask_again(self, waiting: Waiting) -> None:
        """Routing question 1 for a contact that is in a queue already."""
        if not waiting.still:
            return
        touch, now = waiting.touch, self.centre.env.now
        if self.router.agent_for(touch, now) is None and self.router.whom_to_interrupt(touch, now) is None:
            return
        self.queues.remove(waiting)
        self.ask(touch)

    def assign(self, agent: Agent, touch: Touch) -> None:
        """An agent in line takes a contact; with capacity left he or she goes to the end of the line."""
        self.floor.out_of_line(agent)
        if not self.take(agent, touch):
            self.freed(agent)
        elif agent.load < FULL:
            self.floor.into_line(agent, self.centre.env.now)

    def free(self, agent: Agent) -> None:
        """Routing question 2, asked until nothing is found or nothing more fits; then the line."""
        now, queues = self.centre.env.now, self.queues
        self.floor.out_of_line(agent)
        while queues.n and agent.load < FULL:
            work = self.router.queue_for(agent, now)
            if work == NOTHING:
                break
            waiting = queues.head(work)
            assert waiting is not None
            queues.remove(waiting)
            self.take(agent, waiting.touch)
        if agent.load < FULL:
            self.floor.into_line(agent, now)

    def freed(self, agent: Agent, *, after: Touch | None = None) -> None:
        """A contact is out of an agent's hands: home, a break, time unavailable (after wrapping), or the next one."""
        floor, now = self.floor, self.centre.env.now
        if agent.hand:
            if floor.takes_more(agent):
                self.free(agent)
            else:
                floor.out_of_line(agent)
        elif floor.leaves_after_wrapping(agent):
            floor.go_home(agent, now)
        elif not self.rests(agent) and not (after is not None and self.is_away(agent, after)):
            self.free(agent)

    # ----------------------------------------------------------------------------------------------- taking, talking

    def take(self, agent: Agent, touch: Touch) -> bool:
        """A contact comes into an agent's hands: False if nobody answers who was to be called back."""
        now = self.centre.env.now
        called_back = touch.callback == touch.callback and touch.resumes == NEW
        if called_back:
            place = address(touch.contact, touch.touch, 0)
            if not announcing.answers_callback(self.tables.queues, touch.key, place, touch.work):
                self.centre.lose(touch, ABANDONED)
                return False
            self.centre.inside[touch.touchpoint] += 1
        agent.hand.append(touch)
        touch.person = agent
        agent.taken = now
        self.weigh(agent)
        if len(agent.hand) > 1:
            self._change_speed(agent, but=touch)
        if self.interruptible[touch.touchpoint]:
            self.floor.interruptible[agent.group].append(agent)
        if touch.resumes != NEW:
            self._resume(touch)
        elif self.rings[touch.work] and not called_back:
            self._ring(touch)
        else:
            self.answer(touch)
        return True

    def _ring(self, touch: Touch) -> None:
        laws, works, place = self.tables.laws, self.tables.works, address(touch.contact, touch.touch, 0)
        rings = draws.ring_time(laws, works, touch.key, place, touch.work)
        if rings <= 0.0:
            self.answer(touch)
            return
        touch.phase = RING
        touch.version += 1
        self.centre.arm_patience(touch)
        self.schedule(touch, self.centre.env.now + rings, touch.person.ended_rank)

    def answer(self, touch: Touch) -> None:
        """Talk begins, or the dialling before it."""
        touch.answered = self.centre.env.now
        self.start(touch, self.centre.env.now)
        if self.outbound[touch.touchpoint]:
            self._dial(touch)
        work = touch.talk * touch.factor
        touch.held = work * touch.share_held
        self._work(touch, TALK, work + touch.dialled)
        if touch.holds is not None:
            self.release(touch)

    def picks_up(self, touch: Touch) -> bool:
        """Whether a customer whom the centre calls can be reached."""
        place = address(touch.contact, touch.touch, 0)
        return bool(dialling.picks_up(self.tables.works, touch.key, place, touch.work))

    def _dial(self, touch: Touch) -> None:
        """The agent dials; if nobody picks up, there is nothing to talk about and nothing to wrap up."""
        tables, place, reached = self.tables, address(touch.contact, touch.touch, 0), self.picks_up(touch)
        touch.dialled = dialling.before_talk(tables.laws, tables.works, touch.key, place, touch.work, reached)
        if not reached:
            touch.talk = touch.after_call_work = touch.share_held = 0.0

    def _resume(self, touch: Touch) -> None:
        """Work laid aside goes on, with another agent's factor if it is another."""
        touch.paused += self.centre.env.now - touch.laid_down
        self.start(touch, self.centre.env.now)
        phase, touch.resumes = touch.resumes, NEW
        if phase == AFTER:
            self.centre.n_alive -= 1
        self._work(touch, phase, touch.units * touch.factor)

    def start(self, touch: Touch, now: float) -> None:
        """Who serves, how fast, and how well, from now on."""
        agent, work = touch.person, touch.work
        group = agent.group
        factor, effect = agent.speed * self.handle_time[group][work], agent.effect + self.resolution[group][work]
        if self.learns[group] or touch.contact > 0:
            learning = self.tables.staff.learning
            fade = handling.fading(learning, group, agent.tenure, now)
            again = touch.contact > 0
            factor = handling.handle_factor(factor, learning, group, fade, self.again_time[work] if again else 1.0)
            effect = handling.resolution_effect(
                effect, learning, group, fade, self.again_effect[work] if again else 0.0
            )
        touch.factor, touch.effect = factor, effect
        touch.group, touch.agent, touch.level = group, agent.number, self.skill_level[group][work]
        if self.router.remembers:
            self.router.served_by[touch.case] = agent

    def _work(self, touch: Touch, phase: int, left: float) -> None:
        """A phase begins with this much work left."""
        agent, now = touch.person, self.centre.env.now
        n = len(agent.hand)
        touch.slow = slow = 1.0 if n == 1 else handling.slowed(self.slowdown, touch.work, n)
        touch.phase, touch.left, touch.updated = phase, left, now
        touch.version += 1
        self.schedule(touch, now + left * slow, agent.ended_rank if phase == TALK else agent.wrapped_rank)

    def schedule(self, touch: Touch, due: float, rank: int) -> None:
        """The end of the phase that a contact is in."""
        if self.concurrency[touch.work] > 1:
            # Several ends of one agent at one instant go by contact.
            rank |= order.contact_key(touch.case, touch.contact, touch.touch)
        self.centre.env.when(due, rank, self.happens, touch, touch.version)

    def weigh(self, agent: Agent) -> None:
        """The share of capacity that contacts in hand take, summed in order of taking."""
        load = 0.0
        for touch in agent.hand:
            load += 1.0 / self.concurrency[touch.work]
        agent.load = load

    def _change_speed(self, agent: Agent, *, but: Touch | None = None) -> None:
        """The number in hand has changed: work left is kept, ends are moved."""
        now, n = self.centre.env.now, len(agent.hand)
        for touch in agent.hand:
            if touch is not but and touch.phase in (TALK, AFTER):
                left = handling.work_left(touch.left, touch.updated, now, touch.slow)
                touch.slow = handling.slowed(self.slowdown, touch.work, n)
                touch.left, touch.updated = left, now
                touch.version += 1
                rank = agent.ended_rank if touch.phase == TALK else agent.wrapped_rank
                self.schedule(touch, now + left * touch.slow, rank)

    def let_go(self, agent: Agent, touch: Touch) -> None:
        """A contact leaves an agent's hands; what is still there goes on faster."""
        agent.hand.remove(touch)
        self.weigh(agent)
        if self.interruptible[touch.touchpoint]:
            self.floor.interruptible[agent.group].remove(agent)
        if agent.hand:
            self._change_speed(agent)

    # ------------------------------------------------------------------------------------------------- ends of phases

    def happens(self, touch: Touch, version: int) -> None:
        """The end of a phase, unless it has been moved."""
        if version != touch.version:
            return
        if touch.phase == TALK:
            self.ended(touch)
        elif touch.phase == AFTER:
            self.wrapped(touch)
        else:
            self.answer(touch)

    def ended(self, touch: Touch) -> None:
        """The customer is gone; the agent wraps up, or stays until a colleague has answered."""
        centre = self.centre
        self._goodbye(touch)
        centre.resolve(touch)
        exit_ = centre.way_on(touch)
        holds = exit_ != LEAVE and self.tables.exits.transfer[exit_] == WARM
        if holds:
            touch.phase = HELD
        else:
            self._work(touch, AFTER, touch.after_call_work * touch.factor)
        centre.follow(touch, exit_, holding=bool(holds))

    def _goodbye(self, touch: Touch) -> None:
        now = self.centre.env.now
        touch.ended = now
        if touch.laid_down == touch.laid_down:
            worked = self._worked(touch)
            if self.outbound[touch.touchpoint]:
                touch.dialled = dialling.time_dialled(touch.dialled, touch.talk, worked)
            touch.held = touch.share_held * (worked - touch.dialled)
        self.centre.inside[touch.touchpoint] -= 1
        self.centre.n_moves += 1

    def _worked(self, touch: Touch) -> float:
        """Time for which a contact in hand has been worked on until now [s]."""
        return (self.centre.env.now - touch.answered) - touch.paused

    def release(self, touch: Touch) -> None:
        """The agent who passed a contact on need not wait any longer for it to be answered."""
        before, touch.holds = touch.holds, None
        if before is not None and before.phase == HELD:
            self._work(before, AFTER, before.after_call_work * before.factor)

    def wrapped(self, touch: Touch) -> None:
        """After-call work is done."""
        self.centre.last = touch.wrapped = self.centre.env.now
        touch.phase = GONE
        agent = touch.person
        self.let_go(agent, touch)
        self.freed(agent, after=touch)

    def lost_in_ring(self, touch: Touch) -> None:
        """The customer leaves before the agent has said a word."""
        agent = touch.person
        touch.version += 1
        self.let_go(agent, touch)
        self.centre.lose(touch, ABANDONED)
        self.freed(agent)

    # ------------------------------------------------------------------------------------------------- laying down

    def put_back(self, touch: Touch) -> None:
        """A contact goes back to the front of its queue, its work left kept; the agent's hands are the caller's."""
        now, phase = self.centre.env.now, touch.phase
        touch.version += 1
        if phase != RING:
            left = handling.work_left(touch.left, touch.updated, now, touch.slow)
            touch.units, touch.resumes, touch.laid_down = left / touch.factor, phase, now
        if phase == AFTER:
            touch.wrapped = now
            # The customer is gone, but the work is not: it waits like a contact.
            self.centre.n_alive += 1
        self.centre.n_moves += 1
        self.centre.join(touch, front=True, roomy=phase != AFTER)

    def lay_down(self, agents: list[Agent]) -> None:
        """Agents have gone with contacts in hand: handed over or dropped, then offered to whom is there."""
        back: list[Waiting] = []
        for agent in agents:
            in_hand, agent.hand, agent.load = agent.hand, [], 0.0
            for touch in in_hand:
                if self.interruptible[touch.touchpoint]:
                    self.floor.interruptible[agent.group].remove(agent)
                if touch.phase == RING or (touch.phase == TALK and not self.drops[agent.group]):
                    self.put_back(touch)
                    back.append(touch.waiting)
                else:
                    self._cut(touch)
        for waiting in back:
            self.ask_again(waiting)

    def _cut(self, touch: Touch) -> None:
        """Talk dropped, or after-call work cut short."""
        phase, touch.phase = touch.phase, GONE
        touch.version += 1
        touch.wrapped = self.centre.env.now
        if phase == TALK:
            # Cut like what is laid down, so that hold is a share of what was talked.
            touch.laid_down = touch.wrapped
            self._goodbye(touch)
            in_vain = self.outbound[touch.touchpoint] and self._worked(touch) <= touch.dialled
            touch.outcome, touch.truly_resolved = UNREACHED if in_vain else UNRESOLVED, False
            self.centre.follow(touch, self.centre.way_on(touch), holding=False)

    # ------------------------------------------------------------------------------------------------- time away

    def rests(self, agent: Agent) -> bool:
        """Whether an agent with nothing in hand begins a break that is due."""
        end = self.floor.break_due(agent, self.centre.env.now) if agent.due else None
        if end is not None:
            self.back_at(agent, end)
        return end is not None

    def is_away(self, agent: Agent, after: Touch) -> bool:
        """Whether an agent is unavailable for a while after a contact."""
        if not self.unavailable[agent.group]:
            return False
        place = address(after.contact, after.touch, 0)
        lasts = draws.time_away(self.tables.laws, self.tables.staff, agent.group, after.key, place)
        if lasts < 0.0:
            return False
        now = self.centre.env.now
        self.floor.go_away(agent, now, UNAVAILABLE)
        self.back_at(agent, now + lasts)
        return True

    def back_at(self, agent: Agent, time: float) -> None:
        """An agent who is away comes back at a time."""
        rank = order.rank(order.PRESENCE, order.presence_key(agent.group, order.OWN_RETURN, agent.number))
        self.centre.env.when(time, rank, self.back, agent, agent.returns)

    def back(self, agent: Agent, version: int) -> None:
        """An agent is back from a break, unless it was cut short."""
        if version != agent.returns:
            return
        now = self.centre.last = self.centre.env.now
        self.floor.come_back(agent, now)
        self.freed(agent)
