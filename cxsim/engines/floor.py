"""Who is there: agents, idle ones in order, presence by plan. Bookkeeping of an engine; the clock is elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cxsim.contacts.columns import AVAILABLE, OVERTIME
from cxsim.engines.calendar import Level, Plan, ShiftChange
from cxsim.model import draws, order
from cxsim.model.policies import group_for_contact
from cxsim.model.tables import Tables

INF = float("inf")


class Agent:
    """One person of a group: speed, effect on resolution, and since when he or she is there or idle."""

    __slots__ = (
        "effect",
        "group",
        "idle_since",
        "key",
        "leaving",
        "number",
        "overtime_since",
        "present",
        "since",
        "speed",
    )

    def __init__(self, group: int, number: int, *, speed: float, effect: float) -> None:
        self.group, self.number = group, number
        self.speed, self.effect = speed, effect
        self.key = order.agent_key(group, number)
        self.present = self.leaving = False
        self.since = self.overtime_since = self.idle_since = INF


class Floor:
    """Agents by group, those idle in order of idling, and the presence that becomes the staffing table."""

    def __init__(self, tables: Tables, plans: Sequence[Plan], *, replication_key: Any) -> None:
        self.tables, self.plans = tables, plans
        n_groups = len(plans)
        self.agents = [self._hired(plan, replication_key) for plan in plans]
        self.idle: list[deque[Agent]] = [deque() for _ in range(n_groups)]
        self.idle_since = np.full(n_groups, INF)
        self.present = [0] * n_groups
        self.level = [0] * n_groups
        # Instants at which the plan fell below who was there, one for each agent still to leave.
        self.excess: list[deque[float]] = [deque() for _ in range(n_groups)]
        self.stretches: list[tuple[int, int, float, float, int]] = []

    def _hired(self, plan: Plan, replication_key: Any) -> list[Agent]:
        spread, effect = float(self.tables.speed_spread[plan.group]), float(self.tables.resolution_spread[plan.group])
        return [
            Agent(
                plan.group,
                number,
                speed=draws.speed(replication_key, plan.group, number, spread),
                effect=effect * draws.quality(replication_key, plan.group, number) if effect else 0.0,
            )
            for number in range(plan.size)
        ]

    def idle_group(self, work: int) -> int:
        """Routing question 1: the group whose longest idle agent takes the contact, or NOTHING."""
        service = self.tables.service
        return group_for_contact(self.tables.agent_policy, service.groups, service.chosen, self.idle_since, work)

    def longest_idle(self, group: int) -> Agent:
        """Take the longest idle agent of a group."""
        agent = self.idle[group].popleft()
        self._note_idle(group)
        return agent

    def becomes_idle(self, agent: Agent, now: float) -> None:
        """Last in the line of the idle."""
        agent.idle_since = now
        self.idle[agent.group].append(agent)
        self._note_idle(agent.group)

    def _note_idle(self, group: int) -> None:
        idle = self.idle[group]
        self.idle_since[group] = idle[0].idle_since if idle else INF

    def leaves_after_wrapping(self, agent: Agent) -> bool:
        """Whether an agent who has just wrapped goes home instead of taking the next contact."""
        if agent.leaving:
            return True
        if self.plans[agent.group].by_shift or self.present[agent.group] <= self.level[agent.group]:
            return False
        agent.overtime_since = self.excess[agent.group].popleft()
        return True

    def change(self, change: Level | ShiftChange, now: float) -> Iterator[Agent]:
        """Follow the plan: idle agents who leave go, busy ones are marked; yields each agent who comes in."""
        if isinstance(change, Level):
            yield from self._set_level(change, now)
            return
        agents = self.agents[change.group]
        for agent in (agents[number] for number in change.leave):
            if agent in self.idle[change.group]:
                self._send_home(agent, now)
            elif agent.present:
                agent.leaving, agent.overtime_since = True, now
        for agent in (agents[number] for number in change.enter):
            if agent.present:
                # Still busy from a shift that has ended.
                self._stays_on(agent, now, past=agent.overtime_since)
            else:
                yield self._come_in(agent, now)

    def _set_level(self, change: Level, now: float) -> Iterator[Agent]:
        """Counter rule: idle agents leave first, highest number first; surplus at work is kept first when it rises."""
        group, level = change.group, len(change.roster)
        self.level[group] = level
        idle, excess = self.idle[group], self.excess[group]
        for agent in [agent for agent in idle if agent.number in change.absent]:
            self._send_home(agent, now)
        for agent in (self.agents[group][number] for number in change.absent):
            if agent.present and not agent.leaving:
                # At work since before midnight, away today: finishes and no longer counts.
                agent.leaving, agent.overtime_since = True, excess.popleft() if excess else now
                self.present[group] -= 1
        while idle and self.present[group] > level:
            self._send_home(max(idle, key=lambda agent: agent.number), now)
        while len(excess) > max(0, self.present[group] - level):
            # Whoever had wrapped since would have left: everyone here has been busy all the while.
            agent = [a for a in self.agents[group] if a.present and not a.leaving and a.since < now][-1]
            self._stays_on(agent, now, past=excess.pop())
        while len(excess) < self.present[group] - level:
            excess.append(now)
        for number in change.roster:
            if self.present[group] >= level:
                break
            agent = self.agents[group][number]
            if agent.leaving:
                # Still finishing what began before a day away.
                self._stays_on(agent, now, past=agent.overtime_since)
                self.present[group] += 1
            elif not agent.present:
                yield self._come_in(agent, now)

    def _come_in(self, agent: Agent, now: float) -> Agent:
        agent.present, agent.leaving = True, False
        agent.since, agent.overtime_since = now, INF
        self.present[agent.group] += 1
        return agent

    def _send_home(self, agent: Agent, now: float) -> None:
        self.idle[agent.group].remove(agent)
        self._note_idle(agent.group)
        self.go_home(agent, now)

    def go_home(self, agent: Agent, now: float) -> None:
        """An agent leaves: available to the end of the plan, overtime after it."""
        if self.plans[agent.group].by_shift or not agent.leaving:
            self.present[agent.group] -= 1
        agent.present = agent.leaving = False
        self._write(agent, min(max(agent.overtime_since, agent.since), now), now)

    def _stays_on(self, agent: Agent, now: float, *, past: float) -> None:
        """Back in the plan after time past it: that was overtime."""
        agent.leaving, agent.overtime_since = False, INF
        if past < now:
            self._write(agent, past, now)
            agent.since = now

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

    def on_duty(self, group: int) -> int:
        """Agents of a group who may still take a contact."""
        if self.plans[group].by_shift:
            return sum(agent.present and not agent.leaving for agent in self.agents[group])
        return min(self.present[group], self.level[group])

    def is_deserted(self, work: int) -> bool:
        """Nobody on duty serves the work type."""
        return not any(self.on_duty(int(group)) for group in self.tables.service.groups[work] if group >= 0)
