"""Plans to begin a search with: square-root staffing of the offered load, shifts that cover it, today's plan scaled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from cxsim.designs.estimate import Array
from cxsim.designs.shift_cover import cover_shifts
from cxsim.designs.staffing import offered_load
from cxsim.model.demand import rates_of_day
from cxsim.model.load import agent_hours, expected_cases, expected_visits
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import AgentGroup, ScenarioModel, Staffed
from cxsim.scenario.schema_staff import terms_of
from cxsim.units import DAY, WEEKDAYS

if TYPE_CHECKING:
    from cxsim.designs.plan_space import Plan, Space

BETAS: Final = tuple(-1.5 + 0.05 * step for step in range(151))
FACTORS: Final = tuple(0.4 + 0.02 * step for step in range(81))


def loads(scenario: Scenario) -> dict[str, Array]:
    """Offered load of each group [n_days, n_intervals, erlang], as if nobody waited or left.

    Repeats come when the first contact did. Work that several groups may do is split by the hours that they are there.
    Every day begins empty.
    """
    if "offered loads" not in scenario.derived:
        scenario.derived["offered loads"] = _loads(scenario.model)
    found: dict[str, Array] = scenario.derived["offered loads"]
    return found


def _loads(model: ScenarioModel) -> dict[str, Array]:
    n = round(DAY / model.calendar.interval)
    found = {name: np.zeros((model.calendar.days, n)) for name in model.agent_groups}
    hours = {name: max(agent_hours(model, group), 1e-9) for name, group in model.agent_groups.items()}
    for contact_type in model.contact_types:
        arrivals = _arrivals(model, contact_type, n)
        cases = expected_cases(model, contact_type)
        for touchpoint, visits in expected_visits(model, contact_type).items():
            part = model.touchpoints[touchpoint]
            part = part.types.get(contact_type, part)
            if not isinstance(part, Staffed) or visits <= 0 or cases <= 0:
                continue
            handle_time = part.handle_time / part.concurrency
            able = {
                name: (hours[name], terms.handle_time)
                for name, group in model.agent_groups.items()
                if (terms := terms_of(group, touchpoint, contact_type)) is not None
            }
            together = sum(weight for weight, _ in able.values())
            for name, (weight, factor) in able.items():
                work, share = handle_time * factor, visits / cases * weight / together
                if work <= 0:
                    continue
                for day, counts in enumerate(arrivals):
                    rates = counts * share / model.calendar.interval
                    found[name][day] += offered_load(rates, interval=model.calendar.interval, talk_time=work).average
    return found


def _arrivals(model: ScenarioModel, contact_type: str, n: int) -> Array:
    """Expected cases of a type by day and interval [n_days, n_intervals]."""
    entry = model.contact_types[contact_type]
    found = np.zeros((model.calendar.days, n))
    if entry.arrivals is not None:
        place = np.minimum(np.asarray(entry.arrivals.at) // model.calendar.interval, found.size - 1).astype(int)
        np.add.at(found.reshape(-1), place, 1.0)
        return found
    for day in range(model.calendar.days):
        edges, rates = rates_of_day(model, entry, contact_type, day=day)
        middles = (edges[:-1] + edges[1:]) / 2.0 - day * DAY
        np.add.at(found[day], (middles // model.calendar.interval).astype(int), rates * np.diff(edges))
    return found


def _of_days(scenario: Scenario, group: str, days: Sequence[int]) -> Array:
    """The largest load of each interval over all days of the calendar with these weekdays [n_intervals]."""
    first = scenario.model.calendar.start.weekday()
    every = loads(scenario)[group]
    wanted = [k for k in range(len(every)) if (first + k) % 7 in days]
    return np.asarray(every[wanted].max(axis=0))


def open_intervals(scenario: Scenario, group: str, *, days: Sequence[int]) -> list[bool]:
    """Intervals in which contacts may need the group: there is load, and a touchpoint that it serves is open."""
    model = scenario.model
    served = [model.touchpoints[name] for name in model.agent_groups[group].serves]
    load = _of_days(scenario, group, days)
    at = (np.arange(len(load)) + 0.5) * model.calendar.interval
    is_open = np.zeros(len(load), dtype=bool)
    for part in served:
        if part.hours is None:
            is_open[:] = True
            continue
        for day in days:
            for begin, end in part.hours:
                is_open |= (at + day * DAY >= begin) & (at + day * DAY < end)
    return [bool(x) for x in is_open & (load > 1e-3)]


def start_counts(scenario: Scenario, group: str, *, days: Sequence[int], beta: float) -> list[int]:
    """Head counts as written [n_intervals] for the load and beta times its standard deviation, shrinkage on top.

    Source
    ------
    Feldman, Mandelbaum, Massey and Whitt (2008); Jennings et al. (1996). Day-to-day variance as in
    `cxsim.designs.staffing.square_root_agents`.
    """
    cv = scenario.model.busyness.day_cv
    load = _of_days(scenario, group, days)
    needed = load + beta * np.sqrt(load + (cv * load) ** 2)
    kept = _kept(scenario.model.agent_groups[group])
    return [max(0, math.ceil(count / kept - 1e-9)) for count in needed]


def _kept(group: AgentGroup) -> float:
    """Share of a head count as written that is on the floor."""
    if group.counts != "scheduled":
        return 1.0
    return (1.0 - group.shrinkage.planned) * (1.0 - group.shrinkage.unplanned)


def curves(space: Space) -> tuple[tuple[Plan, ...], ...]:
    """Rows of plans from few to many: square-root staffing with a rising margin, today's plan scaled, low to high.

    Each ends with everything at its upper bound.
    """
    top = tuple(len(cell.values) - 1 for cell in space.cells)
    found = []
    if any(cell.group for cell in space.cells):
        found.append(_distinct([*(_square_root(space, beta) for beta in BETAS), top]))
    if any(space.today):
        found.append(_distinct([*(_scaled(space, factor) for factor in FACTORS), top]))
    steps = np.linspace(0.0, 1.0, 41)
    if not found or not all(cell.group for cell in space.cells):
        found.append(_distinct([_between(space, share) for share in steps]))
    return tuple(found)


def _distinct(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    return tuple(dict.fromkeys(plans))


def _clipped(space: Space, values: Sequence[float]) -> Plan:
    return tuple(cell.place_of(value) for cell, value in zip(space.cells, values, strict=True))


def _scaled(space: Space, factor: float) -> Plan:
    return _clipped(space, [factor * cell.today for cell in space.cells])


def _between(space: Space, share: float) -> Plan:
    return _clipped(space, [cell.values[0] + share * (cell.values[-1] - cell.values[0]) for cell in space.cells])


def _square_root(space: Space, beta: float) -> Plan:
    """Square-root staffing of every cell; settings that are no agents rise with the margin from low to high."""
    share = (beta - BETAS[0]) / (BETAS[-1] - BETAS[0])
    values = [cell.values[0] + share * (cell.values[-1] - cell.values[0]) for cell in space.cells]
    model = space.scenario.model
    first = model.calendar.start.weekday()
    calendar = sorted({(first + day) % 7 for day in range(model.calendar.days)})
    for name in dict.fromkeys(cell.group for cell in space.cells if cell.group):
        places = [k for k, cell in enumerate(space.cells) if cell.group == name]
        if model.agent_groups[name].shifts is not None:
            for place, count in zip(places, _on_shifts(space, name, places, calendar, beta), strict=True):
                values[place] = count
            continue
        for place in places:
            cell = space.cells[place]
            own = {WEEKDAYS.index(c.day) for c in space.cells if c.group == name and c.day not in ("", "all")}
            days = [WEEKDAYS.index(cell.day)] if cell.day not in ("", "all") else [d for d in calendar if d not in own]
            counts = start_counts(space.scenario, name, days=days, beta=beta)
            values[place] = counts[cell.place] if cell.place >= 0 else max(counts)
    return _clipped(space, values)


def _on_shifts(space: Space, name: str, places: Sequence[int], days: Sequence[int], beta: float) -> list[float]:
    """The cheapest shifts that cover the counts of every interval in which one of them works."""
    model = space.scenario.model
    shifts = model.agent_groups[name].shifts or {}
    interval = model.calendar.interval
    needed: list[float] = []
    rows: list[list[float]] = [[] for _ in places]
    chosen = [shifts[space.cells[place].name] for place in places]
    for day in days:
        counts = start_counts(space.scenario, name, days=[day], beta=beta)
        for place, count in enumerate(counts):
            begin, end = place * interval, (place + 1) * interval
            there = [
                _overlap(shift.start, shift.end, begin, end) / interval
                - sum(_overlap(b.at, b.at + b.lasts, begin, end) for b in shift.breaks.values()) / interval
                if day in shift.days
                else 0.0
                for shift in chosen
            ]
            if count and max(there) > 0:
                needed.append(float(count))
                for row, share in zip(rows, there, strict=True):
                    row.append(max(share, 0.0))
    limits = [float(space.cells[place].values[-1]) for place in places]
    if not needed:
        return [float(space.cells[place].values[0]) for place in places]
    # What the limits cannot cover is left uncovered: as much as all of them together give.
    most = np.asarray(rows).T @ np.asarray(limits)
    needed = [min(count, float(np.floor(cover + 1e-9))) for count, cover in zip(needed, most, strict=True)]
    prices = [max(float(np.diff(space.cells[place].costs).mean()), 1e-9) for place in places]
    return [float(x) for x in cover_shifts(needed, shifts=rows, costs=prices, at_most=limits).agents]


def _overlap(start: float, end: float, begin: float, stop: float) -> float:
    return max(0.0, min(end, stop) - max(start, begin))
