"""What agent groups, routing and a snapshot must say to make sense: plans, breaks, terms of service, who is busy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cxsim.errors import problem
from cxsim.scenario.schema import AgentGroup, Automated, ScenarioModel, Staffed, days_of, intervals_a_day
from cxsim.scenario.schema_staff import Shift, agent_numbers, terms_of
from cxsim.units import DAY, WEEKDAYS

_ROUNDING = 1e-9


def groups(model: ScenarioModel) -> Iterator[str]:
    """Problems of agent groups, each by itself."""
    intervals = intervals_a_day(model.calendar)
    for name, group in model.agent_groups.items():
        where = f"scenario.agent_groups.{name}"
        plans = [key for key in ("agents", "by_interval", "shifts") if getattr(group, key) is not None]
        if len(plans) != 1:
            given = " and ".join(plans) if plans else "no plan"
            yield problem(where, given, "one of agents, by_interval, shifts")
        if group.hours is not None and group.agents is None:
            yield problem(f"{where}.hours", "given", "hours go with agents", "say the times in the plan")
        yield from _agent_numberss(where, group, intervals)
        for shift_name, shift in (group.shifts or {}).items():
            yield from _shift(f"{where}.shifts.{shift_name}", shift)
        lost = group.shrinkage.planned > 0 or group.shrinkage.unplanned > 0
        if lost and group.counts is None:
            yield problem(f"{where}.counts", "missing beside shrinkage", "counts: scheduled or net")
        if group.lateness is not None and group.shifts is None:
            yield problem(
                f"{where}.lateness", "given without shifts", "it goes with shifts", "write the plan as shifts"
            )
        if group.learning is not None and group.tenure is None:
            yield problem(
                f"{where}.learning", "given without tenure", "it fades with the time since hired", "add tenure"
            )
        yield from _reserve(model, where, group)


def _agent_numberss(where: str, group: AgentGroup, intervals: int) -> Iterator[str]:
    if group.by_interval is None:
        return
    for day, counts in group.by_interval.items():
        if len(counts) != intervals:
            yield problem(
                f"{where}.by_interval.{day}",
                f"{len(counts)} values",
                f"{intervals}, one an interval from 00:00",
                "see calendar.interval",
            )
    missing = [name for number, name in enumerate(WEEKDAYS) if number not in days_of(group.by_interval)]
    if missing:
        yield problem(f"{where}.by_interval", f"no head counts for {', '.join(missing)}", "all days", "add `all`")


def _shift(where: str, shift: Shift) -> Iterator[str]:
    if shift.end <= shift.start:
        yield problem(f"{where}.end", f"{shift.end:g} s", "after start", "split at midnight")
        return
    for name, pause in shift.breaks.items():
        if pause.at < shift.start or pause.at + pause.lasts > shift.end:
            yield problem(f"{where}.breaks.{name}", "outside the shift", "begins and ends within it")
    in_order = sorted(shift.breaks.items(), key=lambda item: item[1].at)
    for (earlier, first), (later, second) in pairwise(in_order):
        if second.at < first.at + first.lasts:
            yield problem(f"{where}.breaks.{later}", f"begins before {earlier} has ended", "one break at a time")


def _reserve(model: ScenarioModel, where: str, group: AgentGroup) -> Iterator[str]:
    """Agents with several contacts in hand are neither idle nor busy, so that a reserve of idle ones says nothing."""
    crowded = sorted(
        {
            touchpoint
            for touchpoint in group.serves
            for contact_type in model.contact_types
            if terms_of(group, touchpoint, contact_type) is not None
            and getattr(_part(model, touchpoint, contact_type), "concurrency", 1) > 1
        }
    )
    for touchpoint, terms in group.serves.items():
        if crowded and any(term.reserve for term in terms.values()):
            yield problem(
                f"{where}.serves.{touchpoint}.reserve", f"beside {crowded[0]} with concurrency", "one contact at a time"
            )


def _part(model: ScenarioModel, touchpoint: str, contact_type: str) -> Automated | Staffed:
    part = model.touchpoints[touchpoint]
    return part.types.get(contact_type, part)


def routing(model: ScenarioModel) -> Iterator[str]:
    """Policies that contradict what else is said."""
    given = model.routing
    if (given.contact == "score") != (given.score is not None):
        missing = "given without contact: score" if given.score is not None else "missing beside contact: score"
        yield problem("scenario.routing.score", missing, "both or neither")
    if given.specialist_first:
        for name, group in model.agent_groups.items():
            for touchpoint, terms in group.serves.items():
                if any(term.chosen is not None for term in terms.values()):
                    yield problem(
                        f"scenario.agent_groups.{name}.serves.{touchpoint}.chosen",
                        "beside routing.specialist_first",
                        "one order of the groups",
                        "remove one",
                    )


def service(model: ScenarioModel) -> Iterator[str]:
    """Each staffed touchpoint that a contact type can reach is served, and only staffed ones are."""
    for name, group in model.agent_groups.items():
        for touchpoint in group.serves:
            if isinstance(model.touchpoints[touchpoint], Automated):
                yield problem(
                    f"scenario.agent_groups.{name}.serves.{touchpoint}", "is automated", "a staffed touchpoint"
                )
    waiting = list(model.snapshot.waiting.values()) if model.snapshot else []
    for contact_type, entry in model.contact_types.items():
        start = [touchpoint for touchpoint, share in entry.enters.items() if share > 0]
        start += [part.touchpoint for part in waiting if part.type == contact_type]
        for touchpoint in sorted(_reachable(model, contact_type, start)):
            if isinstance(model.touchpoints[touchpoint], Staffed) and not _is_served(model, touchpoint, contact_type):
                yield problem(
                    f"scenario.touchpoints.{touchpoint}",
                    f"nobody serves it for {contact_type}",
                    "an agent group serves each staffed touchpoint",
                    f"add {touchpoint} to a group's serves",
                )


def _is_served(model: ScenarioModel, touchpoint: str, contact_type: str) -> bool:
    return any(terms_of(group, touchpoint, contact_type) is not None for group in model.agent_groups.values())


def _reachable(model: ScenarioModel, contact_type: str, start: list[str]) -> set[str]:
    seen: set[str] = set()
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name in seen or name == "leave":
            continue
        seen.add(name)
        part = _part(model, name, contact_type)
        ahead.extend(exit_.to for exits in part.then.values() for exit_ in exits.values() if exit_.share > 0)
        if isinstance(part, Staffed) and part.chaser is not None and part.chaser.share > 0:
            ahead.append(part.chaser.to)
    return seen


def snapshot(model: ScenarioModel) -> Iterator[str]:
    """A running day to start from: within the calendar, of contacts and agents that can be."""
    if model.snapshot is None:
        return
    where, horizon = "scenario.snapshot", model.calendar.days * DAY
    if model.snapshot.at >= horizon:
        yield problem(f"{where}.at", f"{model.snapshot.at:g} s", f"before {horizon:g} s, the horizon")
    entries = {f"waiting.{k}": v.touchpoint for k, v in model.snapshot.waiting.items()}
    entries |= {f"busy.{k}": v.touchpoint for k, v in model.snapshot.busy.items()}
    for path, touchpoint in entries.items():
        if isinstance(model.touchpoints[touchpoint], Automated):
            yield problem(f"{where}.{path}.touchpoint", f"{touchpoint} is automated", "a staffed touchpoint")
    loads: dict[tuple[str, int], float] = {}
    for name, busy in model.snapshot.busy.items():
        group, path = model.agent_groups[busy.group], f"{where}.busy.{name}"
        numbers = agent_numbers(group)
        if not any(busy.agent in span for span in numbers):
            known = ", ".join(f"{span[0]} to {span[-1]}" for span in numbers if span)
            yield problem(f"{path}.agent", busy.agent, f"agents of {busy.group} on the floor: {known or 'none'}")
        if terms_of(group, busy.touchpoint, busy.type) is None:
            yield problem(f"{path}.group", busy.group, f"a group that serves {busy.touchpoint} for {busy.type}")
        part, key = _part(model, busy.touchpoint, busy.type), (busy.group, busy.agent)
        if isinstance(part, Staffed) and part.dial is not None:
            said = f"{busy.touchpoint} calls customers, and how far the call is nobody knows"
            yield problem(f"{path}.touchpoint", said, "a touchpoint without dial", "let it wait instead")
        loads[key] = loads.get(key, 0.0) + 1.0 / getattr(part, "concurrency", 1)
        if loads[key] > 1.0 + _ROUNDING:
            yield problem(f"{path}.agent", f"{busy.agent} is busy already", "as many at once as the concurrency allows")
