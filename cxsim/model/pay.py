"""Planned pay: of the time simulated and of a whole week, so that a run of some days can speak of a month."""

from __future__ import annotations

from cxsim.model.staff import operates, paid_spans
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import ScenarioModel
from cxsim.units import DAY, HOUR


def planned_pay(scenario: Scenario) -> dict[str, float]:
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
        known = scenario.derived["planned pay"] = _planned_pay(scenario.model)
    return known


def _planned_pay(model: ScenarioModel) -> dict[str, float]:
    groups = model.agent_groups.values()
    if not groups or any(group.cost is None for group in groups):
        return {}
    first, n_days = model.calendar.start.weekday(), model.calendar.days
    since = model.snapshot.at if model.snapshot else 0.0
    seen = {(first + day) % 7 for day in range(n_days)}
    simulated = week = 0.0
    for group in groups:
        spans = [list(paid_spans(group, weekday, interval=model.calendar.interval)) for weekday in range(7)]
        rate = (group.cost or 0.0) / HOUR
        for weekday in range(7):
            if weekday in seen or operates(model, weekday):
                week += rate * sum(people * (end - begin) for begin, end, people in spans[weekday])
        for day in range(n_days):
            for begin, end, people in spans[(first + day) % 7]:
                simulated += rate * people * max(day * DAY + end - max(day * DAY + begin, since), 0.0)
    return {"simulated": simulated, "week": week}
