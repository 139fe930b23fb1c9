"""From what an engine kept to the log: columns, names, agents, customers, presence."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Protocol

import numpy as np

from cxsim.contacts.columns import ABSENT, CHANNELS, TABLES
from cxsim.contacts.log import ContactLog, Table
from cxsim.engines.calendar import Plan
from cxsim.engines.calendar import Stretch as Away
from cxsim.engines.floor import Floor
from cxsim.engines.touch import NAN, Touch
from cxsim.model import draws
from cxsim.model.demand import Arrivals
from cxsim.model.pay import planned_pay
from cxsim.model.snapshot import Start
from cxsim.model.tables import Tables
from cxsim.scenario.load import Scenario


class Engine(Protocol):
    """What an engine has at the end."""

    scenario: Scenario
    tables: Tables
    seed: int
    replication: int
    key: Any
    plans: list[Plan]


class ProcessEngine(Engine, Protocol):
    """What the readable engine has besides."""

    arrivals: Arrivals
    start: Start | None
    touches: list[Touch]
    floor: Floor


# Group, agent, begin and end [s], kind of presence.
_STRETCH = ("agent_group", "agent", "start", "end", "kind")

_PART = 1 << 12

_FIELDS = {
    "case": "case", "contact": "contact", "touch": "touch", "customer": "customer", "segment": "segment",
    "touchpoint": "touchpoint", "agent_group": "group", "agent": "agent",
    "offered": "offered", "answered": "answered", "ended": "ended", "wrapped": "wrapped", "held": "held",
    "outcome": "outcome", "truly_resolved": "truly_resolved", "transfer_kind": "transfer_kind", "reinfo": "reinfo",
    "level": "level", "announced_wait": "announced_wait", "promise": "promise", "callback": "callback",
    "chaser": "chaser", "paused": "paused", "dialled": "dialled",
}  # fmt: skip


def written_log(engine: ProcessEngine) -> ContactLog:
    """The log of one replication of the readable engine."""
    # The types are stated, since a day without any contact has nothing to read them from.
    known = TABLES["touchpoints"]
    columns = {
        name: np.array(list(map(attrgetter(field), engine.touches)), dtype=known[name].dtype)
        for name, field in _FIELDS.items()
    }
    rows = list(zip(*engine.floor.stretches, strict=True)) or [()] * len(_STRETCH)
    sources: list[Arrivals | Start] = [engine.arrivals, *([engine.start] if engine.start else [])]
    customer = np.concatenate([source.customer for source in sources])
    segment = np.concatenate([source.segment for source in sources]).astype(np.int16)
    stretches = dict(zip(_STRETCH, map(np.array, rows), strict=True))
    return log_of(engine, columns, stretches, customers=customers_of(engine, customer, segment))


def log_of(engine: Engine, columns: dict[str, Any], stretches: dict[str, Any], *, customers: Table) -> ContactLog:
    """The log of the columns of its touches, of those of the stretches of presence, and of customers."""
    tables, scenario = engine.tables, engine.scenario
    return ContactLog(
        touchpoints=_touchpoints(columns, tables, replication=engine.replication),
        staffing=_staffing(engine, stretches),
        agents=_agents(engine),
        customers=customers,
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
            "segments": _felt_by_segment(scenario),
            "population": _people_by_segment(scenario),
            "planned_pay": planned_pay(scenario),
        },
    )


def _people_by_segment(scenario: Scenario) -> dict[str, float]:
    """How many customers each segment has in all, with or without a case; nothing if no population is stated."""
    customers = scenario.model.customers
    if customers.population is None:
        return {}
    shares = {name: part.share for name, part in customers.segments.items()} or {"all": 1.0}
    return {name: customers.population * share for name, share in shares.items()}


def _felt_by_segment(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """How segments differ in what they feel, by name: only what the scenario states; perception says the rest."""
    told = {"annual_churn", "tolerance", "expectation"}
    segments = scenario.model.customers.segments
    stated = {name: part.model_dump(include=told, exclude_unset=True) for name, part in segments.items()}
    return {name: values for name, values in stated.items() if values}


def _touchpoints(columns: dict[str, Any], tables: Tables, *, replication: int) -> Table:
    n = len(columns["case"])
    touchpoint = np.asarray(columns["touchpoint"])

    def by_touchpoint(values: Any) -> Any:
        # One value for all rows takes the memory of that value.
        if np.all(values == values[0]):
            return np.broadcast_to(values[:1], n)
        # Bit by bit, since places are made wide numbers to be looked up.
        found = np.empty(n, dtype=values.dtype)
        for begin in range(0, n, _PART):
            found[begin : begin + _PART] = values[touchpoint[begin : begin + _PART]]
        return found

    channel = np.array([CHANNELS.index(name) for name in tables.channel], dtype=np.int16)
    if len(tables.types) == 1:
        contact_type = np.broadcast_to(np.int16(0), n)
    else:
        # Into the place where it stays: no second array of wide numbers.
        contact_type = np.right_shift(columns["case"], 40, out=np.empty(n, dtype=np.int16), casting="unsafe")
    return Table(
        "touchpoints",
        {
            **columns,
            "replication": np.broadcast_to(np.int32(replication), n),
            "contact_type": contact_type,
            "channel": by_touchpoint(channel),
            "staffed": by_touchpoint(tables.staffed),
            "deferred": by_touchpoint(tables.deferred),
            "outbound": by_touchpoint(tables.outbound),
        },
    )


def _staffing(engine: Engine, stretches: dict[str, Any]) -> Table:
    """Presence as it was, and paid time away as planned, of the days of the horizon; in order of agent and time."""
    away = _away(engine, stretches)
    columns = [stretches[name] for name in _STRETCH]
    if away:
        columns = [np.append(column, values) for column, values in zip(columns, zip(*away, strict=True), strict=True)]
    in_order = np.lexsort(columns[::-1])
    n = len(in_order)
    return Table(
        "staffing",
        {
            "replication": np.broadcast_to(np.int32(engine.replication), n),
            **{name: column[in_order] for name, column in zip(_STRETCH, columns, strict=True)},
            "paid": np.broadcast_to(True, n),
        },
    )


def _away(engine: Engine, stretches: dict[str, Any]) -> list[tuple[int, int, float, float, int]]:
    """Stretches of paid time away as planned."""
    snapshot, rows = engine.scenario.model.snapshot, list[tuple[int, int, float, float, int]]()
    since = snapshot.at if snapshot else 0.0
    planned = [away for plan in engine.plans for away in _planned(engine, plan)]
    if not planned:
        return []
    # Only who is sent home for a day may have a stretch that reaches into it.
    absent = sorted({away.group << 32 | away.agent for away in planned if away.kind == ABSENT})
    who = np.asarray(stretches["agent_group"], dtype=np.int64) << 32 | np.asarray(stretches["agent"], dtype=np.int64)
    chosen = np.flatnonzero(np.isin(who, absent))
    who = who[chosen]
    chosen, who = chosen[np.argsort(who, kind="stable")], np.sort(who)
    first, stop = (np.searchsorted(who, absent, side=side).tolist() for side in ("left", "right"))
    mine = {agent: chosen[a:b] for agent, a, b in zip(absent, first, stop, strict=True)}
    for away in planned:
        begin, there = max(away.start, since), mine.get(away.group << 32 | away.agent)
        if there is not None:
            start, end = stretches["start"][there], stretches["end"][there]
            # Who stays past midnight for a contact in hand is absent only from then on.
            begin = max(begin, float(np.max(end[(start < away.end) & (end > away.start)], initial=0.0)))
        if begin < away.end:
            rows.append((away.group, away.agent, begin, away.end, away.kind))
    return rows


def _planned(engine: Engine, plan: Plan) -> list[Away]:
    """Paid time away of a group on the days of the horizon; kept where it is the same in every replication."""
    known: dict[int, list[Away]] = engine.scenario.derived.setdefault("away", {})
    if plan.group in known:
        return known[plan.group]
    found = [away for day in range(engine.scenario.model.calendar.days) for away in plan.away(day)]
    if plan.is_certain:
        known[plan.group] = found
    return found


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


def customers_of(engine: Engine, customer: Any, segment: Any) -> Table:
    """Everybody who has a case, once, in order; of customers and segments by case [n]."""
    model, n_segments = engine.scenario.model, len(engine.tables.segments)
    # The segment travels in the number.
    both = customer if n_segments == 1 else customer * n_segments + segment
    if not np.all(both[1:] >= both[:-1]):
        both = np.sort(both)
    if model.customers.population is not None:
        both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
    segment = np.broadcast_to(np.int16(0), len(both)) if n_segments == 1 else both % n_segments
    customer = both if n_segments == 1 else both // n_segments
    columns: dict[str, Any] = {"customer": customer, "segment": segment}
    margins = [part.margin for part in engine.scenario.model.customers.segments.values()]
    if any(margin is not None for margin in margins):
        values = np.array([NAN if margin is None else margin for margin in margins])
        columns["margin"] = values[segment]
    return Table("customers", columns)
