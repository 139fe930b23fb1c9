"""What a scenario must say to make sense: names that exist, shares that fit, somebody to serve, lists that fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cxsim.errors import nearest, problem
from cxsim.laws import Law
from cxsim.scenario.schema import AgentGroup, Automated, ScenarioModel, Serves, Staffed, days_of, intervals_a_day
from cxsim.units import DAY, WEEKDAYS

_ROUNDING = 1e-9
_MOST_CASES_A_DAY = 2**23
_LONGEST_DELAY = 10 * 365.25 * DAY


def names(source: Mapping[str, Any]) -> list[str]:
    """Problems with names that point nowhere, found in the text itself so that they come with all others."""
    touchpoints = _keys(source, "touchpoints")
    types = _keys(source, "contact_types")
    shapes = _keys(source, "shapes")
    found: list[str] = []

    def expect(path: str, name: object, known: list[str], what: str) -> None:
        if isinstance(name, str) and name not in known:
            found.append(
                problem(
                    f"scenario.{path}", f"{name!r} is not {what}", f"here: {', '.join(known)}", nearest(name, known)
                )
            )

    for name, contact_type in _items(source, "contact_types"):
        for touchpoint in _keys(contact_type, "enters"):
            expect(f"contact_types.{name}.enters.{touchpoint}", touchpoint, touchpoints, "a touchpoint")
        if isinstance(contact_type, Mapping):
            expect(f"contact_types.{name}.shape", contact_type.get("shape"), shapes, "a shape")
    for name, surge in _items(source, "surges"):
        if isinstance(surge, Mapping):
            expect(f"surges.{name}.type", surge.get("type"), types, "a contact type")
    for name, touchpoint in _items(source, "touchpoints"):
        for contact_type in _keys(touchpoint, "types"):
            expect(f"touchpoints.{name}.types.{contact_type}", contact_type, types, "a contact type")
        for path, target in _targets(touchpoint):
            expect(f"touchpoints.{name}.{path}.to", target, [*touchpoints, "leave"], "a touchpoint")
    for name, group in _items(source, "agent_groups"):
        for touchpoint, terms in _items(group, "serves"):
            where = f"agent_groups.{name}.serves.{touchpoint}"
            expect(where, touchpoint, touchpoints, "a touchpoint")
            if isinstance(terms, Mapping) and terms and all(isinstance(part, Mapping) for part in terms.values()):
                for contact_type in terms:
                    expect(f"{where}.{contact_type}", contact_type, types, "a contact type")
    for name, goal in _items(source, "goals"):
        if isinstance(goal, Mapping):
            expect(f"goals.{name}.touchpoint", goal.get("touchpoint"), touchpoints, "a touchpoint")
            expect(f"goals.{name}.contact_type", goal.get("contact_type"), types, "a contact type")
    return found


def _keys(source: Any, key: str) -> list[str]:
    inner = source.get(key) if isinstance(source, Mapping) else None
    return [str(name) for name in inner] if isinstance(inner, Mapping) else []


def _items(source: Any, key: str) -> Iterable[tuple[str, Any]]:
    inner = source.get(key) if isinstance(source, Mapping) else None
    return [(str(name), part) for name, part in inner.items()] if isinstance(inner, Mapping) else []


def _targets(touchpoint: Any) -> Iterator[tuple[str, Any]]:
    for outcome, exits in _items(touchpoint, "then"):
        if isinstance(exits, Mapping):
            for name, exit_ in exits.items():
                if isinstance(exit_, Mapping):
                    yield f"then.{outcome}.{name}", exit_.get("to")
    for contact_type, own in _items(touchpoint, "types"):
        for path, target in _targets(own):
            yield f"types.{contact_type}.{path}", target


def sense(model: ScenarioModel) -> list[str]:
    """Problems of a scenario whose fields are each right."""
    return [
        *_calendar(model),
        *_demand(model),
        *_touchpoints(model),
        *_groups(model),
        *_service(model),
        *_goals(model),
    ]


def _calendar(model: ScenarioModel) -> Iterator[str]:
    interval = model.calendar.interval
    if abs(DAY / interval - round(DAY / interval)) > _ROUNDING:
        yield problem(
            "scenario.calendar.interval", f"{interval:g} s", "it divides the day", "use 15 min, 30 min or 1 h"
        )


def _shares(path: str, shares: Iterable[float], *, exactly: bool) -> Iterator[str]:
    total = sum(shares)
    if total > 1 + _ROUNDING or (exactly and total < 1 - _ROUNDING):
        rule = "shares add up to 1" if exactly else "shares add up to at most 1; the rest leaves"
        yield problem(f"scenario.{path}", f"shares add up to {total:.6g}", rule)


def _demand(model: ScenarioModel) -> Iterator[str]:
    if model.customers.segments:
        yield from _shares(
            "customers.segments", (part.share for part in model.customers.segments.values()), exactly=True
        )
    horizon = model.calendar.days * DAY
    for name, shape in model.shapes.items():
        if shape.start + shape.every * len(shape.values) > DAY + _ROUNDING:
            yield problem(f"scenario.shapes.{name}", "ends after midnight", "values from `from` on fit into the day")
        if sum(shape.values) <= 0:
            yield problem(f"scenario.shapes.{name}.values", "all are 0", "at least one value above 0")
    for name, contact_type in model.contact_types.items():
        where = f"contact_types.{name}"
        yield from _shares(f"{where}.enters", contact_type.enters.values(), exactly=True)
        replay = contact_type.arrivals
        if (replay is None) == (contact_type.volume is None):
            yield problem(f"scenario.{where}", "volume and arrivals: both or neither", "one of them")
        if replay is None:
            surges = [surge.factor for surge in model.surges.values() if surge.type == name]
            most = (contact_type.volume or 0.0) * max([1.0, *contact_type.weekdays.values()]) * max([1.0, *surges])
            # Numbers of cases within a day have 24 bits; half of them leaves room for busy days.
            if most > _MOST_CASES_A_DAY:
                yield problem(
                    f"scenario.{where}.volume", f"up to {most:.3g} cases a day", f"at most {_MOST_CASES_A_DAY:,}"
                )
            continue
        if contact_type.shape or contact_type.weekdays:
            yield problem(
                f"scenario.{where}", "shape or weekdays beside arrivals", "replayed arrivals come as they are"
            )
        if any(later < earlier for earlier, later in zip(replay.at, replay.at[1:], strict=False)):
            yield problem(f"scenario.{where}.arrivals.at", "instants out of order", "ascending", "sort the record")
        if replay.at[-1] >= horizon:
            yield problem(f"scenario.{where}.arrivals.at", f"{replay.at[-1]:g} s", f"before {horizon:g} s, the horizon")
        for part in ("talk_time", "after_call_work", "patience"):
            values = getattr(replay, part)
            if values is not None and len(values) != len(replay.at):
                yield problem(
                    f"scenario.{where}.arrivals.{part}", f"{len(values)} values", f"{len(replay.at)}, as `at`"
                )
    for name, surge in model.surges.items():
        if surge.start >= horizon:
            yield problem(f"scenario.surges.{name}.start", f"{surge.start:g} s", f"before {horizon:g} s, the horizon")
        target = model.contact_types.get(surge.type)
        if target is not None and target.arrivals is not None:
            yield problem(f"scenario.surges.{name}.type", f"{surge.type} is replayed", "a type with a volume")


def _touchpoints(model: ScenarioModel) -> Iterator[str]:
    for name, touchpoint in model.touchpoints.items():
        for where, part in [(name, touchpoint), *((f"{name}.types.{k}", v) for k, v in touchpoint.types.items())]:
            yield from _exits(model, f"touchpoints.{where}", part)
            if isinstance(part, Staffed) and part.deferred and part.patience is not None:
                yield problem(
                    f"scenario.touchpoints.{where}.patience", "given", "a deferred touchpoint has no patience"
                )
        for contact_type, own in touchpoint.types.items():
            for key in ("mechanism", "channel", "deferred", "hours", "at_closing", "lines", "waiting_room"):
                if getattr(own, key, None) != getattr(touchpoint, key, None):
                    yield problem(
                        f"scenario.touchpoints.{name}.types.{contact_type}.{key}",
                        "differs by type",
                        "one for all contact types",
                        "make it a touchpoint of its own",
                    )


def _exits(model: ScenarioModel, where: str, touchpoint: Automated | Staffed) -> Iterator[str]:
    for outcome, exits in touchpoint.then.items():
        path = f"{where}.then.{outcome}"
        yield from _shares(path, (exit_.share for exit_ in exits.values()), exactly=False)
        if isinstance(touchpoint, Automated) and outcome in ("abandoned", "blocked", "balked"):
            yield problem(
                f"scenario.{path}",
                f"an automated touchpoint never ends {outcome}",
                "resolved, unresolved, falsely_resolved, closed",
            )
        if outcome == "balked":
            yield problem(f"scenario.{path}", "not simulated yet", "leave it out")
        for name, exit_ in exits.items():
            if isinstance(exit_.after, Law) and exit_.after.mean > _LONGEST_DELAY:
                yield problem(
                    f"scenario.{path}.{name}.after", f"{exit_.after.mean / DAY:.3g} days", "at most ten years"
                )
            if exit_.transfer is None:
                if exit_.after == "next_opening" and exit_.to == "leave":
                    yield problem(f"scenario.{path}.{name}.after", "next_opening", "needs a touchpoint to go to")
                continue
            if outcome not in ("resolved", "unresolved", "falsely_resolved"):
                yield problem(f"scenario.{path}.{name}.transfer", "given", f"a contact that is {outcome} is over")
            if exit_.to == "leave":
                yield problem(f"scenario.{path}.{name}.transfer", "to leave", "a touchpoint")
            if isinstance(exit_.after, Law) and not (exit_.after.name == "constant" and exit_.after.mean == 0):
                yield problem(f"scenario.{path}.{name}.after", "given", "a transfer goes on at once", "remove after")


def _groups(model: ScenarioModel) -> Iterator[str]:
    intervals = intervals_a_day(model.calendar)
    for name, group in model.agent_groups.items():
        where = f"scenario.agent_groups.{name}"
        plans = [key for key in ("agents", "by_interval", "shifts") if getattr(group, key) is not None]
        if len(plans) != 1:
            given = " and ".join(plans) if plans else "no plan"
            yield problem(where, given, "one of agents, by_interval, shifts")
        if group.hours is not None and group.agents is None:
            yield problem(f"{where}.hours", "given", "hours go with agents", "say the times in the plan")
        yield from _head_counts(where, group, intervals)
        for shift_name, shift in (group.shifts or {}).items():
            if shift.end <= shift.start:
                yield problem(
                    f"{where}.shifts.{shift_name}.end", f"{shift.end:g} s", "after start", "split at midnight"
                )
        lost = group.shrinkage.planned > 0 or group.shrinkage.unplanned > 0
        if lost and group.counts is None:
            yield problem(f"{where}.counts", "missing beside shrinkage", "counts: scheduled or net")


def _head_counts(where: str, group: AgentGroup, intervals: int) -> Iterator[str]:
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


def _service(model: ScenarioModel) -> Iterator[str]:
    """Each staffed touchpoint that a contact type can reach is served, and only staffed ones are."""
    served: set[tuple[str, str]] = set()
    for name, group in model.agent_groups.items():
        for touchpoint, terms in group.serves.items():
            if isinstance(model.touchpoints[touchpoint], Automated):
                yield problem(
                    f"scenario.agent_groups.{name}.serves.{touchpoint}", "is automated", "a staffed touchpoint"
                )
            types = model.contact_types if "all" in terms else terms
            served.update((touchpoint, contact_type) for contact_type in types)
    for contact_type, entry in model.contact_types.items():
        for touchpoint in sorted(
            _reachable(model, contact_type, [t for t, share in entry.enters.items() if share > 0])
        ):
            part = model.touchpoints[touchpoint]
            if isinstance(part, Staffed) and (touchpoint, contact_type) not in served:
                yield problem(
                    f"scenario.touchpoints.{touchpoint}",
                    f"nobody serves it for {contact_type}",
                    "an agent group serves each staffed touchpoint",
                    f"add {touchpoint} to a group's serves",
                )


def _reachable(model: ScenarioModel, contact_type: str, start: list[str]) -> set[str]:
    seen: set[str] = set()
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name in seen or name == "leave":
            continue
        seen.add(name)
        touchpoint = model.touchpoints[name]
        part = touchpoint.types.get(contact_type, touchpoint)
        ahead.extend(exit_.to for exits in part.then.values() for exit_ in exits.values() if exit_.share > 0)
    return seen


def _goals(model: ScenarioModel) -> Iterator[str]:
    for name, goal in model.goals.items():
        where = f"scenario.goals.{name}"
        bounds = [goal.no_more_than is not None, goal.no_less_than is not None]
        if (goal.within is None) != (goal.share is None) or (goal.within is None) == (not any(bounds)):
            yield problem(where, "no goal, or two", "either at_most with share, or no_more_than or no_less_than")


def terms_of(group: AgentGroup, touchpoint: str, contact_type: str) -> Serves | None:
    """How a group serves a contact type at a touchpoint, or None."""
    terms = group.serves.get(touchpoint, {})
    return terms.get(contact_type, terms.get("all"))
