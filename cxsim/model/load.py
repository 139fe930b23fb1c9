"""Whether a centre can keep up: expected work without impatience against the hours that agents are there."""

from __future__ import annotations

import numpy as np

from cxsim.errors import problem
from cxsim.model.demand import rates_of_day
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import AgentGroup, ScenarioModel, Staffed, days_of
from cxsim.scenario.schema_staff import Shift, net_count, terms_of
from cxsim.units import DAY, HOUR

_RATHER_FULL = 1.0
# Share of paid time by which rounding may move shrinkage before it is said.
_ROUNDED_BY = 0.03


def expected_cases(model: ScenarioModel, contact_type: str) -> float:
    """Expected number of cases of a type over the horizon, without busyness."""
    entry = model.contact_types[contact_type]
    if entry.arrivals is not None:
        return float(len(entry.arrivals.at))
    total = 0.0
    for day in range(model.calendar.days):
        edges, rates = rates_of_day(model, entry, contact_type, day=day)
        total += float(np.sum(rates * np.diff(edges)))
    return total


def expected_visits(model: ScenarioModel, contact_type: str) -> dict[str, float]:
    """Expected visits to each touchpoint over the horizon if nobody abandons, is blocked or finds closed doors.

    Solves v = entries + P' v, where P holds the shares of exits after resolved, falsely resolved and unresolved visits.
    """
    names = list(model.touchpoints)
    moves = np.zeros((len(names), len(names)))
    for row, touchpoint in enumerate(model.touchpoints.values()):
        part = touchpoint.types.get(contact_type, touchpoint)
        dial = part.dial if isinstance(part, Staffed) else None
        talks = 1.0 if dial is None else dial.reached
        chances = {
            "unresolved": talks * (1.0 - part.resolves),
            "falsely_resolved": talks * part.resolves * part.false_resolution,
            "resolved": talks * part.resolves * (1.0 - part.false_resolution),
        }
        if dial is not None:
            # Attempts are bounded: as many as it takes, at most so many, on average.
            missed, most = 1.0 - dial.reached, min(dial.attempts, model.gives_up_after)
            attempts = float(most) if missed == 1.0 else (1.0 - missed**most) / dial.reached
            chances["unreached"] = 1.0 - 1.0 / attempts
        for outcome, chance in chances.items():
            for exit_ in part.then.get(outcome, {}).values():  # type: ignore[call-overload]
                if exit_.to != "leave":
                    moves[row, names.index(exit_.to)] += chance * exit_.share
    entries = np.array([model.contact_types[contact_type].enters.get(name, 0.0) for name in names])
    # A case that comes back for ever is bounded by gives_up_after; a hair below 1 keeps the system solvable.
    visits = np.linalg.solve(np.eye(len(names)) - moves.T * (1.0 - 1e-9), entries)
    return dict(zip(names, visits * expected_cases(model, contact_type), strict=True))


def agent_hours(model: ScenarioModel, group: AgentGroup) -> float:
    """Hours that agents of a group are there over the horizon, after shrinkage."""
    lost = group.shrinkage
    kept = (1.0 - lost.planned) * (1.0 - lost.unplanned) if group.counts == "scheduled" else 1.0
    first, total = model.calendar.start.weekday(), 0.0
    for day in range(model.calendar.days):
        weekday = (first + day) % 7
        if group.by_interval is not None:
            total += sum(days_of(group.by_interval)[weekday]) * model.calendar.interval
        elif group.shifts is not None:
            total += sum(s.agents * _working(s) for s in group.shifts.values() if weekday in s.days)
        elif group.hours is None:
            total += (group.agents or 0) * DAY
        else:
            here = [(max(a - weekday * DAY, 0.0), min(b - weekday * DAY, DAY)) for a, b in group.hours]
            total += (group.agents or 0) * sum(max(b - a, 0.0) for a, b in here)
    return total * kept / HOUR


def _working(shift: Shift) -> float:
    """Length of a shift without its breaks [s]."""
    return shift.end - shift.start - sum(pause.lasts for pause in shift.breaks.values())


def overloads(scenario: Scenario) -> list[str]:
    """Warnings for work without patience that exceeds the hours of those who could do it, else nothing.

    Touchpoints that share agents are judged together; a touchpoint with patience, or at which an announced wait makes
    customers balk, sheds its load and is left out. Of several contacts in hand each takes its slowdown longer.
    """
    model = scenario.model
    work: dict[str, float] = {}
    for contact_type in model.contact_types:
        for name, visits in expected_visits(model, contact_type).items():
            part = model.touchpoints[name]
            part = part.types.get(contact_type, part)
            if isinstance(part, Staffed) and not _sheds(part) and visits > 0:
                fastest = min(
                    (t.handle_time for g in model.agent_groups.values() if (t := terms_of(g, name, contact_type))),
                    default=1.0,
                )
                each = part.handle_time * part.slowed()[-1] / part.concurrency
                work[name] = work.get(name, 0.0) + visits * each * fastest
    found = []
    for together in _sharing(model, list(work)):
        groups = {name for name, group in model.agent_groups.items() if set(group.serves) & together}
        hours = sum(agent_hours(model, model.agent_groups[name]) for name in groups)
        load = sum(work[name] for name in together) / HOUR
        if load > _RATHER_FULL * hours:
            found.append(
                problem(
                    f"scenario {scenario.name}",
                    f"cannot keep up: {load:.0f} hours of work without patience at {', '.join(sorted(together))}",
                    f"{hours:.0f} hours of agents over {model.calendar.days} days",
                    "queues grow as long as cases arrive; waits depend on the length of the run",
                )
            )
    return found


def _sheds(part: Staffed) -> bool:
    """Whether customers leave when the wait is long."""
    balks = part.announcement.balks if part.announcement else ()
    return part.patience is not None or any(share > 0 for _, share in balks)


def rounding_notes(scenario: Scenario) -> list[str]:
    """Where whole people make the planned shrinkage of a head count another one than was asked for.

    The floor count is rounded: 11 agents at 32 % are 7 on the floor, and so are 10.
    """
    found = []
    for name, group in scenario.model.agent_groups.items():
        asked = group.shrinkage.planned
        if group.counts != "scheduled" or asked <= 0.0:
            continue
        if group.shifts is not None:
            counts = [shift.agents for shift in group.shifts.values()]
        elif group.by_interval is not None:
            counts = [count for day in group.by_interval.values() for count in day]
        else:
            counts = [group.agents or 0]
        paid, net = sum(counts), sum(net_count(group, count) for count in counts)
        if paid and abs(1.0 - net / paid - asked) > _ROUNDED_BY:
            found.append(
                problem(
                    f"scenario {scenario.name}, agent_groups.{name}",
                    f"planned shrinkage of {asked:.0%} becomes {1.0 - net / paid:.0%} in whole people "
                    f"({paid} planned, {net} on the floor)",
                    "head counts are rounded to whole agents",
                    "a change of one agent may move the floor by none or by one",
                )
            )
    return found


def _sharing(model: ScenarioModel, names: list[str]) -> list[set[str]]:
    """Touchpoints of a list joined where a group serves both."""
    joined: list[set[str]] = []
    for name in names:
        together = {name}
        for group in model.agent_groups.values():
            if name in group.serves:
                together |= set(group.serves) & set(names)
        for other in [part for part in joined if part & together]:
            together |= other
            joined.remove(other)
        joined.append(together)
    return joined
