"""What a plan says of a weekday: head counts through the day, paid presence, and whether the centre operates at all."""

from __future__ import annotations

from collections.abc import Iterator

from cxsim.scenario.schema import AgentGroup, ScenarioModel, days_of
from cxsim.scenario.schema_staff import paid_count
from cxsim.scenario.schema_touchpoints import Staffed
from cxsim.units import DAY, WEEKDAYS


def head_counts(group: AgentGroup, weekday: int, *, interval: float) -> list[tuple[float, int]]:
    """Head counts as written for a weekday: time of day from which each holds [s], and the number."""
    if group.by_interval is not None:
        return [(place * interval, count) for place, count in enumerate(days_of(group.by_interval)[weekday])]
    assert group.agents is not None
    if group.hours is None:
        return [(0.0, group.agents)]
    found = [(0.0, 0)]
    for start, end in group.hours:
        # Joined spans may run over midnight; each day takes its own part.
        opens, closes = max(start - weekday * DAY, 0.0), min(end - weekday * DAY, DAY)
        if opens < closes:
            found += [(opens, group.agents)] + ([(closes, 0)] if closes < DAY else [])
    return found


def paid_spans(group: AgentGroup, weekday: int, *, interval: float) -> Iterator[tuple[float, float, int]]:
    """Paid presence planned on a weekday, breaks and shrinkage included: begin and end [s since midnight], people."""
    if group.shifts is not None:
        for shift in group.shifts.values():
            if weekday in shift.days:
                yield shift.start, shift.end, paid_count(group, shift.agents)
    else:
        steps = head_counts(group, weekday, interval=interval)
        ends = [*(time for time, _ in steps[1:]), DAY]
        for (begin, count), end in zip(steps, ends, strict=True):
            yield begin, end, paid_count(group, count)


def operates(model: ScenarioModel, weekday: int) -> bool:
    """Whether cases can come on a weekday, 0 Monday, and find a staffed touchpoint open; replays say nothing of it."""
    come = any(
        kind.arrivals is not None or (kind.volume or 0.0) * kind.weekdays.get(WEEKDAYS[weekday], 1.0) > 0.0
        for kind in model.contact_types.values()
    )
    staffed = [part.hours for part in model.touchpoints.values() if isinstance(part, Staffed)]
    midnight = weekday * DAY
    return come and any(
        spans is None or any(begin < midnight + DAY and end > midnight for begin, end in spans) for spans in staffed
    )
