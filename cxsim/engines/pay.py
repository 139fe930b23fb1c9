"""Planned pay: of the time simulated and of a whole week, so that a run of some days can speak of a month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxsim.engines.calendar import Plan
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import ScenarioModel
from cxsim.scenario.schema_touchpoints import Staffed
from cxsim.units import DAY, HOUR, WEEKDAYS


def planned_pay(scenario: Scenario, plans: Sequence[Plan]) -> dict[str, float]:
    """Planned pay of the time simulated, and of a whole week [money]; nothing where some group has no cost.

    Counted is all paid presence, breaks and shrinkage included, and no overtime. A weekday that is simulated has the
    pay planned for it. One that is not counts in the week only if it is an operating day: cases can come and a staffed
    touchpoint is open, or has no hours. So a head count written for all days pays nobody on a Saturday without cases.
    Between two numbers of the same plan, their ratio says how much more a week costs than what was simulated.

    Returns
    -------
    mapping
        'simulated' and 'week'.
    """
    known: dict[str, float] | None = scenario.derived.get("planned pay")
    if known is None:
        known = scenario.derived["planned pay"] = _planned_pay(scenario.model, plans)
    return known


def _planned_pay(model: ScenarioModel, plans: Sequence[Plan]) -> dict[str, float]:
    costs = [plan.settings.cost for plan in plans]
    if not costs or None in costs:
        return {}
    first, n_days = model.calendar.start.weekday(), model.calendar.days
    since = model.snapshot.at if model.snapshot else 0.0
    seen = {(first + day) % 7 for day in range(n_days)}
    simulated = week = 0.0
    for plan, cost in zip(plans, costs, strict=True):
        spans = {weekday: list(_paid(plan, weekday)) for weekday in range(7)}
        rate = (cost or 0.0) / HOUR
        for weekday in range(7):
            if weekday in seen or operates(model, weekday):
                week += rate * sum(people * (end - begin) for begin, end, people in spans[weekday])
        for day in range(n_days):
            for begin, end, people in spans[(first + day) % 7]:
                simulated += rate * people * max(day * DAY + end - max(day * DAY + begin, since), 0.0)
    return {"simulated": simulated, "week": week}


def _paid(plan: Plan, weekday: int) -> Iterator[tuple[float, float, int]]:
    """Paid presence planned on a weekday: begin and end [s since midnight], people."""
    group = plan.settings
    if group.shifts is not None:
        for shift in group.shifts.values():
            if weekday in shift.days:
                yield shift.start, shift.end, plan.scheduled(shift.agents)
    else:
        steps = plan.steps(weekday)
        ends = [*(time for time, _ in steps[1:]), DAY]
        for (begin, count), end in zip(steps, ends, strict=True):
            yield begin, end, plan.scheduled(count)


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
