"""From what an engine kept to the log: columns, names, agents, customers, presence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from cxsim.contacts.columns import CHANNELS, NO_TRANSFER, NOBODY
from cxsim.contacts.log import ContactLog, Table
from cxsim.engines.calendar import Plan
from cxsim.engines.floor import Floor
from cxsim.model import draws
from cxsim.model.demand import Arrivals
from cxsim.model.tables import Tables
from cxsim.scenario.load import Scenario

NAN = float("nan")


class Touch:
    """One visit to a touchpoint: what becomes a row of the log, in order of offering."""

    __slots__ = (
        "agent", "answered", "case", "contact", "contact_type", "customer", "ended", "group", "held", "level",
        "offered", "outcome", "reinfo", "segment", "touch", "touchpoint", "transfer_kind", "truly_resolved", "work",
        "wrapped",
    )  # fmt: skip

    def __init__(
        self, case: int, contact: int, touch: int, customer: int, segment: int, contact_type: int, touchpoint: int
    ) -> None:
        self.case, self.contact, self.touch = case, contact, touch
        self.customer, self.segment = customer, segment
        self.contact_type, self.touchpoint = contact_type, touchpoint
        self.offered = self.answered = self.ended = self.wrapped = NAN
        self.held = 0.0
        self.group = self.agent = NOBODY
        self.level = 0
        self.outcome = NOBODY
        self.truly_resolved = self.reinfo = False
        self.transfer_kind = NO_TRANSFER
        self.work = 0

    def following(self, *, contact: int, touch: int, touchpoint: int) -> Touch:
        """The next visit of the same case."""
        return Touch(self.case, contact, touch, self.customer, self.segment, self.contact_type, touchpoint)


class Engine(Protocol):
    """What an engine has at the end."""

    scenario: Scenario
    tables: Tables
    seed: int
    replication: int
    key: Any
    arrivals: Arrivals
    plans: list[Plan]
    touches: list[Touch]
    floor: Floor


_FIELDS = {
    "case": "case", "contact": "contact", "touch": "touch", "customer": "customer", "segment": "segment",
    "contact_type": "contact_type", "touchpoint": "touchpoint", "agent_group": "group", "agent": "agent",
    "offered": "offered", "answered": "answered", "ended": "ended", "wrapped": "wrapped", "held": "held",
    "outcome": "outcome", "truly_resolved": "truly_resolved", "transfer_kind": "transfer_kind", "reinfo": "reinfo",
    "level": "level",
}  # fmt: skip


def written_log(engine: Engine) -> ContactLog:
    """The log of one replication."""
    tables, scenario = engine.tables, engine.scenario
    return ContactLog(
        touchpoints=_touchpoints(engine.touches, tables, replication=engine.replication),
        staffing=_staffing(engine),
        agents=_agents(engine),
        customers=_customers(engine),
        names={
            "segment": tables.segments,
            "contact_type": tables.types,
            "touchpoint": tables.touchpoints,
            "agent_group": tables.groups,
        },
        meta={
            "origin": scenario.model.calendar.start.isoformat(),
            "horizon": tables.horizon,
            "interval": scenario.model.calendar.interval,
            "seed": engine.seed,
            "scenario": scenario.name,
            "fingerprint": scenario.fingerprint,
        },
    )


def _touchpoints(touches: Sequence[Touch], tables: Tables, *, replication: int) -> Table:
    columns: dict[str, Any] = {name: np.array([getattr(t, field) for t in touches]) for name, field in _FIELDS.items()}
    n = len(touches)
    touchpoint = columns["touchpoint"].astype(np.int64)
    channel = np.array([CHANNELS.index(name) for name in tables.channel], dtype=np.int64)
    nothing = np.full(n, NAN)
    return Table(
        "touchpoints",
        {
            **columns,
            "replication": np.full(n, replication),
            "channel": channel[touchpoint],
            "staffed": tables.staffed[touchpoint],
            "deferred": tables.deferred[touchpoint],
            "announced_wait": nothing,
            "promise": nothing,
            "callback": nothing,
            "chaser": np.zeros(n, dtype=bool),
        },
    )


def _staffing(engine: Engine) -> Table:
    """Presence as it was, and paid time away as planned, of the days of the horizon; in order of agent and time."""
    rows = list(engine.floor.stretches)
    there: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for group, agent, start, end, _ in rows:
        there.setdefault((group, agent), []).append((start, end))
    for plan in engine.plans:
        for day in range(engine.scenario.model.calendar.days):
            for away in plan.away(day):
                # Who stays past midnight for a contact in hand is absent only from then on.
                stays = [e for s, e in there.get((away.group, away.agent), ()) if s < away.end and e > away.start]
                begin = max([away.start, *stays])
                if begin < away.end:
                    rows.append((away.group, away.agent, begin, away.end, away.kind))
    rows.sort()
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return Table(
        "staffing",
        {
            "replication": np.full(len(rows), engine.replication),
            "agent_group": columns[0],
            "agent": columns[1],
            "start": columns[2],
            "end": columns[3],
            "kind": columns[4],
            "paid": np.ones(len(rows), dtype=bool),
        },
    )


def _agents(engine: Engine) -> Table:
    people = [(plan.group, agent) for plan in engine.plans for agent in range(plan.size)]
    spread = engine.tables.speed_spread
    costs = [plan.settings.cost for plan in engine.plans]
    columns: dict[str, Any] = {
        "agent_group": [group for group, _ in people],
        "agent": [agent for _, agent in people],
        "speed": [draws.speed(engine.key, group, agent, float(spread[group])) for group, agent in people],
        "quality": [draws.quality(engine.key, group, agent) for group, agent in people],
        "hired": np.full(len(people), -np.inf),
    }
    if any(cost is not None for cost in costs):
        columns["cost"] = [NAN if costs[group] is None else costs[group] for group, _ in people]
    return Table("agents", columns)


def _customers(engine: Engine) -> Table:
    customer, first = np.unique(engine.arrivals.customer, return_index=True)
    segment = engine.arrivals.segment[first]
    columns: dict[str, Any] = {"customer": customer, "segment": segment}
    margins = [part.margin for part in engine.scenario.model.customers.segments.values()]
    if any(margin is not None for margin in margins):
        values = np.array([NAN if margin is None else margin for margin in margins])
        columns["margin"] = values[segment]
    return Table("customers", columns)
