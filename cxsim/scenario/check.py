"""What a scenario must say to make sense: names that exist, shares that fit, somebody to serve, lists that fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from cxsim.errors import nearest, problem
from cxsim.scenario import check_staff, check_touchpoints
from cxsim.scenario.check_touchpoints import ROUNDING, shares
from cxsim.scenario.schema import MOMENT_MEASURES, ContactType, Goal, ScenarioModel
from cxsim.scenario.schema_staff import is_by_type
from cxsim.units import DAY

_MOST_CASES_A_DAY = 2**23


def names(source: Mapping[str, Any]) -> list[str]:
    """Problems with names that point nowhere, found in the text itself so that they come with all others."""
    touchpoints = _keys(source, "touchpoints")
    types = _keys(source, "contact_types")
    shapes = _keys(source, "shapes")
    groups = _keys(source, "agent_groups")
    segments = _keys(source.get("customers"), "segments")
    found: list[str] = []

    def expect(path: str, name: object, known: list[str], what: str) -> None:
        if isinstance(name, str) and name not in known:
            here = f"here: {', '.join(known) or 'none'}"
            found.append(problem(f"scenario.{path}", f"{name!r} is not {what}", here, nearest(name, known)))

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
            if is_by_type(terms):
                for contact_type in terms:
                    expect(f"{where}.{contact_type}", contact_type, types, "a contact type")
    for name, goal in _items(source, "goals"):
        if isinstance(goal, Mapping):
            expect(f"goals.{name}.touchpoint", goal.get("touchpoint"), touchpoints, "a touchpoint")
            expect(f"goals.{name}.contact_type", goal.get("contact_type"), types, "a contact type")
            expect(f"goals.{name}.segment", goal.get("segment"), segments, "a segment")
    for name, limit in _items(source, "shared_lines"):
        listed = limit.get("touchpoints") if isinstance(limit, Mapping) else None
        for touchpoint in listed if isinstance(listed, list) else []:
            expect(f"shared_lines.{name}.touchpoints", touchpoint, touchpoints, "a touchpoint")
    snapshot = source.get("snapshot")
    for kind in ("waiting", "busy"):
        for name, part in _items(snapshot, kind):
            if isinstance(part, Mapping):
                expect(f"snapshot.{kind}.{name}.type", part.get("type"), types, "a contact type")
                expect(f"snapshot.{kind}.{name}.touchpoint", part.get("touchpoint"), touchpoints, "a touchpoint")
                expect(f"snapshot.{kind}.{name}.group", part.get("group"), groups, "an agent group")
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
    chaser = touchpoint.get("chaser") if isinstance(touchpoint, Mapping) else None
    if isinstance(chaser, Mapping):
        yield "chaser", chaser.get("to")
    for contact_type, own in _items(touchpoint, "types"):
        for path, target in _targets(own):
            yield f"types.{contact_type}.{path}", target


def sense(model: ScenarioModel) -> list[str]:
    """Problems of a scenario whose fields are each right."""
    return [
        *_calendar(model),
        *_demand(model),
        *check_touchpoints.touchpoints(model),
        *check_staff.groups(model),
        *check_staff.routing(model),
        *check_staff.service(model),
        *check_staff.snapshot(model),
        *_goals(model),
    ]


def _calendar(model: ScenarioModel) -> Iterator[str]:
    interval = model.calendar.interval
    if abs(DAY / interval - round(DAY / interval)) > ROUNDING:
        yield problem(
            "scenario.calendar.interval", f"{interval:g} s", "it divides the day", "use 15 min, 30 min or 1 h"
        )


def _demand(model: ScenarioModel) -> Iterator[str]:
    if model.customers.segments:
        yield from shares(
            "customers.segments", (part.share for part in model.customers.segments.values()), exactly=True
        )
    for name, part in model.customers.segments.items():
        if (part.margin or 0.0) < 0.0 and not model.customers.confirm_negative_margin:
            where, given = f"scenario.customers.segments.{name}.margin", f"{part.margin:g} per month"
            yield problem(where, given, "0 or more", "customers.confirm_negative_margin=true says that it is meant")
    horizon = model.calendar.days * DAY
    for name, shape in model.shapes.items():
        if shape.start + shape.every * len(shape.values) > DAY + ROUNDING:
            yield problem(f"scenario.shapes.{name}", "ends after midnight", "values from `from` on fit into the day")
        if sum(shape.values) <= 0:
            yield problem(f"scenario.shapes.{name}.values", "all are 0", "at least one value above 0")
    for name, contact_type in model.contact_types.items():
        yield from shares(f"contact_types.{name}.enters", contact_type.enters.values(), exactly=True)
        if (contact_type.arrivals is None) == (contact_type.volume is None):
            yield problem(f"scenario.contact_types.{name}", "volume and arrivals: both or neither", "one of them")
        if contact_type.arrivals is None:
            yield from _volume(model, name, contact_type)
        else:
            yield from _replay(f"scenario.contact_types.{name}", contact_type, horizon)
    for name, surge in model.surges.items():
        if surge.start >= horizon:
            yield problem(f"scenario.surges.{name}.start", f"{surge.start:g} s", f"before {horizon:g} s, the horizon")
        target = model.contact_types.get(surge.type)
        if target is not None and target.arrivals is not None:
            yield problem(f"scenario.surges.{name}.type", f"{surge.type} is replayed", "a type with a volume")


def _volume(model: ScenarioModel, name: str, contact_type: ContactType) -> Iterator[str]:
    surges = [surge.factor for surge in model.surges.values() if surge.type == name]
    most = (contact_type.volume or 0.0) * max([1.0, *contact_type.weekdays.values()]) * max([1.0, *surges])
    # Numbers of cases within a day have 24 bits; half of them leaves room for busy days.
    if most > _MOST_CASES_A_DAY:
        yield problem(
            f"scenario.contact_types.{name}.volume", f"up to {most:.3g} cases a day", f"at most {_MOST_CASES_A_DAY:,}"
        )
    if sum(contact_type.batch.values()) > 1 + ROUNDING:
        given = f"shares add up to {sum(contact_type.batch.values()):.6g}"
        yield problem(f"scenario.contact_types.{name}.batch", given, "at most 1; the rest brings one case")


def _replay(where: str, contact_type: ContactType, horizon: float) -> Iterator[str]:
    replay = contact_type.arrivals
    assert replay is not None
    if contact_type.shape or contact_type.weekdays or contact_type.batch:
        yield problem(where, "shape, weekdays or batch beside arrivals", "replayed arrivals come as they are")
    if not replay.at:
        yield problem(f"{where}.arrivals.at", "missing", "instants, or the log of a file")
        return
    if replay.contact_type is not None:
        yield problem(f"{where}.arrivals.contact_type", "given without log", "it selects cases of a log", "remove it")
    for place, (earlier, later) in enumerate(pairwise(replay.at)):
        if later < earlier:
            given = f"instants out of order: {later:g} s after {earlier:g} s at place {place + 2}"
            yield problem(f"{where}.arrivals.at", given, "ascending", "sort the record")
            break
    if replay.at[-1] >= horizon:
        yield problem(f"{where}.arrivals.at", f"{replay.at[-1]:g} s", f"before {horizon:g} s, the horizon")
    for part in ("talk_time", "after_call_work", "patience"):
        values = getattr(replay, part)
        if values is not None and len(values) != len(replay.at):
            yield problem(f"{where}.arrivals.{part}", f"{len(values)} values", f"{len(replay.at)}, as `at`")


def _goals(model: ScenarioModel) -> Iterator[str]:
    for name, goal in model.goals.items():
        where = f"scenario.goals.{name}"
        bounds = [goal.no_more_than is not None, goal.no_less_than is not None]
        if (goal.share is None) == (not any(bounds)) or (any(bounds) and goal.within is not None):
            yield problem(where, "no goal, or two", "either at_most with share, or no_more_than or no_less_than")
        elif goal.share is not None:
            yield from _moment(where, goal)
        elif sum(part is not None for part in (goal.touchpoint, goal.contact_type, goal.segment)) > 1:
            given = "a bound on a metric of several of touchpoint, contact_type and segment"
            yield problem(where, given, "one of them", "leave the others out")
        if goal.importance is not None and goal.touchpoint is None:
            yield problem(f"{where}.importance", "no touchpoint", "losses at a touchpoint are multiplied", "name it")


def _moment(where: str, goal: Goal) -> Iterator[str]:
    if goal.measure not in MOMENT_MEASURES:
        hint = nearest(goal.measure, MOMENT_MEASURES)
        allowed = f"shares are of {', '.join(MOMENT_MEASURES)}; a metric has no_more_than or no_less_than"
        yield problem(f"{where}.measure", goal.measure, allowed, hint)
    elif goal.measure == "contacts" and goal.within == 0:
        yield problem(f"{where}.at_most", "0 contacts", "1 or more", "who reached nobody took none")
    elif (goal.within is None) != (goal.measure == "resolved"):
        given = "at_most beside resolved" if goal.within is not None else f"no limit for {goal.measure}"
        yield problem(f"{where}.at_most", given, "a limit for every measure but resolved")
