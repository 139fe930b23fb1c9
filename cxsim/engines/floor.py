"""Who is there: agents, those in line for a contact, presence by plan. Bookkeeping; the clock is elsewhere.

Above 300 lines because presence, breaks and the line read and change the same few facts of an agent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxsim import streams
from cxsim.contacts.columns import AVAILABLE, BREAK, OVERTIME
from cxsim.engines.calendar import Level, Plan, ShiftChange
from cxsim.model import draws, order
from cxsim.model.handling import break_end
from cxsim.model.policies import FULL
from cxsim.model.tables import FINISH, Tables

if TYPE_CHECKING:
    from cxsim.engines.touch import Touch

INF = float("inf")

# Where a present agent is.
HERE, ON_BREAK, UNAVAILABLE = range(3)


class Agent:
    """One person of a group.

    Attributes
    ----------
    hand, load : list of Touch, float
        Contacts in hand in order of taking, and the share of capacity they take.
    in_line : bool
        May be given a contact; `idle_since` is then the instant of joining the line.
    leaving : bool
        Takes nothing more and goes home when nothing is in hand; past the plan since `overtime_since`.
    due : list of (float, float)
        Planned begin and length of breaks that have still to be taken.
    away, away_since : int, float
        HERE, ON_BREAK or UNAVAILABLE, and since when.
    returns : int
        Version of the return; one of an older version has been cut short.
    """

    __slots__ = (
        "away",
        "away_since",
        "choices",
        "due",
        "effect",
        "ended_rank",
        "group",
        "hand",
        "idle_since",
        "in_line",
        "leaving",
        "load",
        "number",
        "overtime_since",
        "present",
        "returns",
        "since",
        "speed",
        "taken",
        "tenure",
        "wrapped_rank",
    )

    def __init__(self, group: int, number: int, *, speed: float, effect: float, tenure: float) -> None:
        self.group, self.number = group, number
        self.speed, self.effect, self.tenure = speed, effect, tenure
        key = order.agent_key(group, number)
        self.ended_rank, self.wrapped_rank = order.rank(order.ENDED, key), order.rank(order.WRAPPED, key)
        self.present = self.leaving = self.in_line = False
        self.since = self.overtime_since = self.idle_since = self.away_since = self.taken = INF
        self.hand: list[Touch] = []
        self.load, self.away = 0.0, HERE
        self.due: list[tuple[float, float]] = []
        self.choices = self.returns = 0


class Floor:
    """Agents by group, those in line in order of joining it, and the presence that becomes the staffing table.

    Attributes
    ----------
    lines : list of deque of Agent
        By group, agents who may be given a contact: idle, or with capacity left.
    idle_since : float64 [n_groups]
        Instant at which the first in each line joined it; inf if nobody is in line.
    interruptible : list of list of Agent
        By group, agents whose contact in hand may be laid aside, in order of taking it.
    """

    def __init__(self, tables: Tables, plans: Sequence[Plan], *, replication_key: Any) -> None:
        self.tables, self.plans = tables, plans
        n_groups = len(plans)
        self.agents = [self._hired(plan, replication_key) for plan in plans]
        self.lines: list[deque[Agent]] = [deque() for _ in range(n_groups)]
        self.idle_since = np.full(n_groups, INF)
        self.interruptible: list[list[Agent]] = [[] for _ in range(n_groups)]
        self.present = [0] * n_groups
        self.level = [0] * n_groups
        # Instants at which the plan fell below who was there, one for each agent still to leave.
        self.excess: list[deque[float]] = [deque() for _ in range(n_groups)]
        self.stretches: list[tuple[int, int, float, float, int]] = []
        self.finishes = (tables.staff.at_end == FINISH).tolist()

    def _hired(self, plan: Plan, replication_key: Any) -> list[Agent]:
        tables, group = self.tables, plan.group
        spread, effect = float(tables.speed_spread[group]), float(tables.resolution_spread[group])
        keys = [
            streams.entity_key(replication_key, streams.AGENT, streams.agent_number(group, number))
            for number in range(plan.size)
        ]
        return [
            Agent(
                group,
                number,
                speed=draws.speed(replication_key, group, number, spread),
                effect=effect * draws.quality(replication_key, group, number) if effect else 0.0,
                tenure=draws.tenure(tables.laws, tables.staff, group, key),
            )
            for number, key in enumerate(keys)
        ]

    # ------------------------------------------------------------------------------------------------- the line

    def into_line(self, agent: Agent, now: float) -> None:
        """Last in the line of those with capacity."""
        agent.idle_since, agent.in_line = now, True
        line = self.lines[agent.group]
        if not line:
            self.idle_since[agent.group] = now
        line.append(agent)

    def out_of_line(self, agent: Agent) -> None:
        """Out of the line, from wherever he or she stands."""
        if agent.in_line:
            agent.in_line = False
            line = self.lines[agent.group]
            line.remove(agent)
            self.idle_since[agent.group] = line[0].idle_since if line else INF

    def n_idle(self, group: int) -> int:
        """Agents in line with nothing in hand."""
        return sum(not agent.hand for agent in self.lines[group])

    # ------------------------------------------------------------------------------------- going home, and the plan

    def leaves_after_wrapping(self, agent: Agent) -> bool:
        """Whether an agent with nothing in hand goes home instead of taking the next contact."""
        return agent.leaving or self._is_surplus(agent)

    def takes_more(self, agent: Agent) -> bool:
        """Whether an agent who still has something in hand may take more; one too many is marked to leave."""
        if not agent.leaving and self._is_surplus(agent):
            agent.leaving = True
            self.present[agent.group] -= 1
        return not agent.leaving and not agent.due

    def _is_surplus(self, agent: Agent) -> bool:
        """More are there than the plan has; the one asked about is past the plan since the first of these began."""
        group = agent.group
        if self.plans[group].by_shift or self.present[group] <= self.level[group]:
            return False
        agent.overtime_since = self.excess[group].popleft()
        return True

    def leave(self, change: Level | ShiftChange, now: float) -> list[Agent]:
        """Who goes at a change of plan: idle agents go, busy ones are marked; returned are those who go at once with
        contacts in hand."""
        if isinstance(change, Level):
            return self._lower_level(change, now)
        lay_down = []
        for agent in (self.agents[change.group][number] for number in change.leave):
            if not agent.present:
                continue
            idle = not agent.hand and agent.away != UNAVAILABLE
            if idle or not self.finishes[agent.group]:
                lay_down.append(agent)
                self.go_home(agent, now)
            else:
                self._mark_leaving(agent, now)
        return lay_down

    def enter(self, change: Level | ShiftChange, now: float) -> Iterator[Agent]:
        """Who comes at a change of plan, or stays on after all; yields each who may take a contact."""
        if isinstance(change, Level):
            yield from self._raise_level(change, now)
            return
        for agent in (self.agents[change.group][number] for number in change.enter):
            if agent.present:
                # Still busy from a shift that has ended.
                yield from self._stays_on(agent, now, past=agent.overtime_since)
            else:
                yield self.come_in(agent, now)

    def _lower_level(self, change: Level, now: float) -> list[Agent]:
        """Counter rule: idle agents leave first, highest number first; busy ones as they wrap, or at once."""
        group, lay_down = change.group, []
        level = self.level[group] = len(change.roster)
        for agent in self._idle(group):
            if agent.number in change.absent:
                self.go_home(agent, now)
        for agent in (self.agents[group][number] for number in change.absent):
            if not agent.present or agent.leaving:
                continue
            # At work since before midnight, away today: no longer counts, and finishes if that is the rule.
            if self.finishes[group]:
                self._mark_leaving(agent, self.excess[group].popleft() if self.excess[group] else now)
                self.present[group] -= 1
            else:
                lay_down.append(agent)
                self.go_home(agent, now)
        idle = sorted(self._idle(group), key=lambda agent: agent.number)
        while idle and self.present[group] > level:
            self.go_home(idle.pop(), now)
        if not self.finishes[group]:
            while self.present[group] > level:
                lay_down.append([agent for agent in self.agents[group] if agent.present][-1])
                self.go_home(lay_down[-1], now)
        return lay_down

    def _raise_level(self, change: Level, now: float) -> Iterator[Agent]:
        """Counter rule: surplus at work is kept first, then who is absent enters, lowest number first."""
        group, level, excess = change.group, len(change.roster), self.excess[change.group]
        while len(excess) > max(0, self.present[group] - level):
            # Whoever had wrapped since would have left: everyone here has been busy all the while.
            agent = [a for a in self.agents[group] if a.present and not a.leaving and a.since < now][-1]
            yield from self._stays_on(agent, now, past=excess.pop())
        while len(excess) < self.present[group] - level:
            excess.append(now)
        for number in change.roster:
            if self.present[group] >= level:
                break
            agent = self.agents[group][number]
            if agent.leaving:
                # Still finishing what began before a day away, or one of several contacts.
                self.present[group] += 1
                yield from self._stays_on(agent, now, past=agent.overtime_since)
            elif not agent.present:
                yield self.come_in(agent, now)

    def _idle(self, group: int) -> list[Agent]:
        return [agent for agent in self.lines[group] if not agent.hand]

    def come_in(self, agent: Agent, now: float) -> Agent:
        """An agent is there from now on."""
        agent.present, agent.leaving = True, False
        agent.since, agent.overtime_since = now, INF
        self.present[agent.group] += 1
        return agent

    def stay_past_plan(self, agent: Agent, now: float) -> None:
        """Of a run that begins in the middle of a day: still there with a contact, though not planned to be."""
        agent.present = agent.leaving = True
        agent.since = agent.overtime_since = now
        if self.plans[agent.group].by_shift:
            self.present[agent.group] += 1

    def _mark_leaving(self, agent: Agent, past: float) -> None:
        self.out_of_line(agent)
        agent.leaving, agent.overtime_since = True, past

    def go_home(self, agent: Agent, now: float) -> None:
        """An agent leaves: available to the end of the plan, overtime after it; a break is cut."""
        self.out_of_line(agent)
        if self.plans[agent.group].by_shift or not agent.leaving:
            self.present[agent.group] -= 1
        agent.present = agent.leaving = False
        agent.due.clear()
        if agent.away != HERE:
            self.come_back(agent, now)
        self._write(agent, min(max(agent.overtime_since, agent.since), now), now)

    def _stays_on(self, agent: Agent, now: float, *, past: float) -> Iterator[Agent]:
        """Back in the plan after time past it: that was overtime. Yields the agent if he or she has capacity left."""
        asks_again = agent.leaving and agent.away == HERE and agent.load < FULL and not agent.due
        agent.leaving, agent.overtime_since = False, INF
        if past < now:
            if agent.away == HERE:
                # The surplus may be older than this stretch: then it was somebody else who stayed past the plan before.
                self._write(agent, max(past, agent.since), now)
            agent.since = now
        if asks_again:
            yield agent

    def _write(self, agent: Agent, planned: float, now: float) -> None:
        if planned > agent.since:
            self.stretches.append((agent.group, agent.number, agent.since, planned, AVAILABLE))
        if now > planned:
            self.stretches.append((agent.group, agent.number, planned, now, OVERTIME))

    def all_go_home(self, now: float) -> None:
        """The end of the run."""
        for agents in self.agents:
            for agent in agents:
                if agent.present:
                    self.go_home(agent, now)

    # ------------------------------------------------------------------------------------ breaks, time unavailable

    def begin_break(self, agent: Agent, lasts: float, now: float) -> float | None:
        """A planned break: the end of it if the agent goes now [s]; who is busy or away owes it to himself."""
        if not agent.present or agent.leaving:
            return None
        if agent.hand or agent.away != HERE:
            self.out_of_line(agent)
            agent.due.append((now, lasts))
            return None
        self.go_away(agent, now, ON_BREAK)
        return now + lasts

    def break_due(self, agent: Agent, now: float) -> float | None:
        """The end [s] of a break that an agent with nothing in hand begins now because it is due."""
        while agent.due:
            at, lasts = agent.due.pop(0)
            end: float = break_end(at, lasts, now, self.tables.staff.on_time[agent.group])
            if end > now:
                self.go_away(agent, now, ON_BREAK)
                return end
        return None

    def go_away(self, agent: Agent, now: float, kind: int) -> None:
        """On a break, or unavailable."""
        self.out_of_line(agent)
        self._write(agent, now, now)
        agent.away, agent.away_since = kind, now
        agent.returns += 1

    def come_back(self, agent: Agent, now: float) -> None:
        """The end of a break."""
        if now > agent.away_since:
            self.stretches.append((agent.group, agent.number, agent.away_since, now, BREAK))
        agent.away, agent.since = HERE, now
        agent.returns += 1

    # ------------------------------------------------------------------------------------------------- who is there

    def on_duty(self, group: int) -> int:
        """Agents of a group who may still take a contact, now or after a break."""
        if self.plans[group].by_shift:
            return sum(agent.present and not agent.leaving for agent in self.agents[group])
        return min(self.present[group], self.level[group])

    def is_deserted(self, work: int) -> bool:
        """Nobody on duty serves the work type."""
        return self.n_able(work) == 0

    def n_able(self, work: int) -> int:
        """Agents on duty of all groups that serve the work type."""
        return sum(self.on_duty(int(group)) for group in self.tables.service.groups[work] if group >= 0)
