"""From what an engine kept to the log: columns, names, agents, customers, presence."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Protocol

import numpy as np

from cxsim.contacts.columns import CHANNELS, TABLES
from cxsim.contacts.log import ContactLog, Table
from cxsim.engines.calendar import Plan
from cxsim.engines.floor import Floor
from cxsim.engines.touch import NAN, Touch
from cxsim.model import draws
from cxsim.model.demand import Arrivals
from cxsim.model.tables import Tables
from cxsim.scenario.load import Scenario


class Engine(Protocol):
    """What an engine has at the end."""

    scenario: Scenario
    tables: Tables
    seed: int
    replication: int
    key: Any
    arrivals: Arrivals
    plans: list[Plan]


class ProcessEngine(Engine, Protocol):
    """What the readable engine has besides."""

    touches: list[Touch]
    floor: Floor


# Group, agent, begin and end [s], kind of presence.
Stretch = tuple[int, int, float, float, int]

_FIELDS = {
    "case": "case", "contact": "contact", "touch": "touch", "customer": "customer", "segment": "segment",
    "contact_type": "contact_type", "touchpoint": "touchpoint", "agent_group": "group", "agent": "agent",
    "offered": "offered", "answered": "answered", "ended": "ended", "wrapped": "wrapped", "held": "held",
    "outcome": "outcome", "truly_resolved": "truly_resolved", "transfer_kind": "transfer_kind", "reinfo": "reinfo",
    "level": "level", "announced_wait": "announced_wait", "promise": "promise", "callback": "callback",
    "chaser": "chaser", "paused": "paused",
}  # fmt: skip


def written_log(engine: ProcessEngine) -> ContactLog:
    """The log of one replication of the readable engine."""
    # The types are stated, since a day without any contact has nothing to read them from.
    known = TABLES["touchpoints"]
    columns = {
        name: np.array(list(map(attrgetter(field), engine.touches)), dtype=known[name].dtype)
        for name, field in _FIELDS.items()
    }
    return log_of(engine, columns, engine.floor.stretches)


def log_of(engine: Engine, columns: dict[str, Any], stretches: Sequence[Stretch]) -> ContactLog:
    """The log of the columns of its touches and of the stretches of presence."""
    tables, scenario = engine.tables, engine.scenario
    return ContactLog(
        touchpoints=_touchpoints(columns, tables, replication=engine.replication),
        staffing=_staffing(engine, stretches),
        agents=_agents(engine),
        customers=_customers(engine, columns),
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


def _touchpoints(columns: dict[str, Any], tables: Tables, *, replication: int) -> Table:
    n = len(columns["case"])
    touchpoint = np.asarray(columns["touchpoint"])
    channel = np.array([CHANNELS.index(name) for name in tables.channel], dtype=np.int16)
    return Table(
        "touchpoints",
        {
            **columns,
            "replication": np.broadcast_to(np.int32(replication), n),
            "channel": channel[touchpoint],
            "staffed": tables.staffed[touchpoint],
            "deferred": tables.deferred[touchpoint],
        },
    )


def _staffing(engine: Engine, stretches: Sequence[Stretch]) -> Table:
    """Presence as it was, and paid time away as planned, of the days of the horizon; in order of agent and time."""
    snapshot, rows = engine.scenario.model.snapshot, list(stretches)
    since = snapshot.at if snapshot else 0.0
    there: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for group, agent, start, end, _ in rows:
        there.setdefault((group, agent), []).append((start, end))
    for plan in engine.plans:
        for day in range(engine.scenario.model.calendar.days):
            for away in plan.away(day):
                # Who stays past midnight for a contact in hand is absent only from then on.
                stays = [e for s, e in there.get((away.group, away.agent), ()) if s < away.end and e > away.start]
                begin = max([away.start, since, *stays])
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


def people_of(tables: Tables, plans: Sequence[Plan], *, replication_key: Any) -> Any:
    """Group, speed, quality and tenure of each agent in order of group and number [n_agents, 4]."""
    sizes = [plan.size for plan in plans]
    people = np.zeros((sum(sizes), 4))
    people[:, 0] = np.repeat(np.arange(len(sizes)), sizes)
    draws.fill_people(people, tables.laws, tables.staff, replication_key, tables.speed_spread)
    return people


def _agents(engine: Engine) -> Table:
    people = people_of(engine.tables, engine.plans, replication_key=engine.key)
    group = people[:, 0].astype(np.int64)
    first = np.searchsorted(group, np.arange(len(engine.plans)))
    columns: dict[str, Any] = {
        "agent_group": group,
        "agent": np.arange(len(group)) - first[group],
        "speed": people[:, 1].copy(),
        "quality": people[:, 2].copy(),
        "hired": -people[:, 3],
    }
    costs = [plan.settings.cost for plan in engine.plans]
    if any(cost is not None for cost in costs):
        columns["cost"] = np.array([NAN if cost is None else cost for cost in costs])[group]
    return Table("agents", columns)


def _customers(engine: Engine, rows: dict[str, Any]) -> Table:
    first = np.flatnonzero((rows["contact"] == 0) & (rows["touch"] == 0))
    customer = rows["customer"][first]
    if engine.scenario.model.customers.population is None:
        # Every case is a customer of its own.
        which = np.argsort(customer)
        customer = customer[which]
    else:
        customer, which = np.unique(customer, return_index=True)
    segment = np.asarray(rows["segment"])[first[which]]
    columns: dict[str, Any] = {"customer": customer, "segment": segment}
    margins = [part.margin for part in engine.scenario.model.customers.segments.values()]
    if any(margin is not None for margin in margins):
        values = np.array([NAN if margin is None else margin for margin in margins])
        columns["margin"] = values[segment]
    return Table("customers", columns)
