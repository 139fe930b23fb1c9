"""The two questions of routing, asked of the rules: who takes a contact, which contact does an agent take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cxsim import streams
from cxsim.engines.floor import Agent, Floor
from cxsim.engines.queues import Queues
from cxsim.engines.touch import AFTER, TALK, Touch
from cxsim.model import draws, policies
from cxsim.model.policies import LONGEST_IDLE, LONGEST_WAIT, NOTHING, RANDOM_AGENT, RANDOM_QUEUE, Asker
from cxsim.model.tables import Tables


class Router:
    """Asks the questions of routing; the state it looks at is the floor and the queues.

    Attributes
    ----------
    plain_contacts, plain_agents : bool
        Nothing special is asked for, so that the short form of the question will do.
    served_by : dict of int to Agent
        Who last served each case, where that matters.
    """

    def __init__(self, tables: Tables, floor: Floor, queues: Queues, *, replication_key: Any) -> None:
        self.tables, self.floor, self.queues, self.key = tables, floor, queues, replication_key
        self.routing = policies.routing_of(tables)
        service = tables.service
        plain = not (np.any(service.after) or np.any(service.reserve) or np.any(tables.queues.concurrency > 1))
        self.plain_contacts = plain and tables.agent_policy == LONGEST_IDLE and not tables.preferred_agent
        ages = bool(np.any(np.isfinite(service.ageing_from)))
        self.plain_agents = plain and tables.contact_policy == LONGEST_WAIT and not ages
        self.remembers = tables.preferred_agent
        self.interrupts = bool(np.any(tables.interruptible))
        self.has_reserve = bool(np.any(service.reserve))
        self.served_by: dict[int, Agent] = {}

    # ------------------------------------------------------------- question 1: who takes a contact?

    def agent_for(self, touch: Touch, now: float) -> Agent | None:
        """The agent in line who takes a contact, or None."""
        service, floor = self.tables.service, self.floor
        if self.plain_contacts:
            group = policies.longest_idle(service.groups, service.chosen, floor.idle_since, touch.work)
            return None if group == NOTHING else floor.lines[group][0]
        if (
            self.remembers
            and (agent := self.served_by.get(touch.case)) is not None
            and self.may_take(agent, touch, now)
        ):
            return agent
        found: list[Agent] = []
        order = 0
        for group in self._groups(touch.work):
            if found and service.chosen[group, touch.work] > order:
                break
            order = service.chosen[group, touch.work]
            if self._is_admitted(group, touch, now):
                found += [agent for agent in floor.lines[group] if self._fits(agent, touch.work)]
        return self._best(found, touch) if found else None

    def may_take(self, agent: Agent, touch: Touch, now: float) -> bool:
        """Whether an agent is in line, serves the contact now, and has capacity for it."""
        group = agent.group
        return (
            agent.in_line
            and bool(self.tables.service.rank[group, touch.work])
            and self._is_admitted(group, touch, now)
            and self._fits(agent, touch.work)
        )

    def _groups(self, work: int) -> Iterator[int]:
        """Groups that serve a work type, by `chosen`, then number."""
        return (int(group) for group in self.tables.service.groups[work] if group >= 0)

    def _is_admitted(self, group: int, touch: Touch, now: float) -> bool:
        idle = self.floor.n_idle(group) if self.has_reserve else 0
        return bool(policies.is_admitted(self.routing, group, touch.work, touch.queued, now, idle))

    def _fits(self, agent: Agent, work: int) -> bool:
        if not agent.hand:
            return True
        return bool(policies.fits(self.routing, agent.group, agent.load, agent.hand[0].work, work))

    def _best(self, candidates: list[Agent], touch: Touch) -> Agent:
        policy, service = self.tables.agent_policy, self.tables.service
        if policy == RANDOM_AGENT:
            u = draws.choice(touch.key, touch.contact, touch.touch)
            return candidates[policies.place_of(u, len(candidates))]
        best, value = candidates[0], np.inf
        for agent in candidates:
            own = policies.standing(
                policy,
                agent.load,
                agent.speed * service.handle_time[agent.group, touch.work],
                agent.effect + service.resolution[agent.group, touch.work],
            )
            if agent is best or policies.goes_before(own, agent.idle_since, value, best.idle_since):
                best, value = agent, own
        return best

    def whom_to_interrupt(self, touch: Touch, now: float) -> Agent | None:
        """The agent who lays work aside for a live contact that nobody else can take, or None."""
        service = self.tables.service
        if not self.interrupts or self.tables.deferred[touch.touchpoint]:
            return None
        best: Agent | None = None
        order = 0
        for group in self._groups(touch.work):
            if best is not None and service.chosen[group, touch.work] > order:
                break
            if touch.queued + service.after[group, touch.work] > now:
                continue
            order, rank = service.chosen[group, touch.work], service.rank[group, touch.work]
            for agent in self.floor.interruptible[group]:
                if rank < service.rank[group, agent.hand[0].work] and self._can_be_interrupted(agent):
                    if best is None or agent.taken < best.taken:
                        best = agent
                    break
        return best

    def _can_be_interrupted(self, agent: Agent) -> bool:
        return agent.hand[0].phase in (TALK, AFTER) and not agent.leaving and not agent.due

    # ------------------------------------------------------------- question 2: which contact does an agent take?

    def queue_for(self, agent: Agent, now: float) -> int:
        """The work type whose first contact an agent takes, or NOTHING."""
        service, heads = self.tables.service, self.queues.heads
        if self.plain_agents:
            return int(policies.longest_wait(service.served, service.rank, heads.queued, agent.group))
        idle = self.floor.n_idle(agent.group) + (not agent.hand) if self.has_reserve else 0
        asker = Asker(agent.group, agent.load, agent.hand[0].work if agent.hand else NOTHING, idle)
        u = 0.0
        if self.tables.contact_policy == RANDOM_QUEUE:
            number = streams.agent_number(agent.group, agent.number)
            u = draws.choice(streams.entity_key(self.key, streams.AGENT, number), agent.choices, 0)
        work = int(policies.queue_for_agent(self.routing, heads, asker, now, u))
        agent.choices += work != NOTHING
        return work
