"""What a plan may vary: head counts by interval, agents on shifts, or any whole number; what each costs.

A cell is the head count of one interval, of one shift, or one setting; it has values from low to high. A plan is a row
of places, one a cell: which of its values it takes. Head counts that put no more people on the floor than a smaller
one, after rounding, are no values.

Above 300 lines because every way to write what varies is read, bounded and priced here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from cxsim.designs.estimate import Array
from cxsim.designs.plan_starts import open_intervals, start_counts
from cxsim.errors import RunError, ScenarioError, problem
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import AgentGroup, ScenarioModel
from cxsim.scenario.schema_staff import MOST_AGENTS, net_count, paid_count
from cxsim.units import DAY, HOUR, WEEKDAYS

Plan = tuple[int, ...]

FORM: Final = (
    "agent_groups.GROUP.by_interval, agent_groups.GROUP.shifts.SHIFT.agents, agent_groups.GROUP.shifts, "
    "or PATH=LOW..HIGH at PRICE"
)
MOST_VALUES: Final = 5000
KEPT: Final = 256  # scenarios of plans


@dataclass(frozen=True)
class Cell:
    """One number that a plan varies.

    Attributes
    ----------
    path : str
        Address in the scenario; of a head count by interval that of the list.
    name : str
        For a reader: '10:00', 'early', the last words of a path.
    group : str
        Of agents; empty for other settings.
    day : str
        Key of the list of an interval, else empty.
    place : int
        Number of the interval in its list, -1 for others.
    values : tuple of int
        Rising.
    today : int
        As it is written now, a value or not.
    costs : array [n_values]
        Of every value, over the calendar.
    paid_today : float
        What today's number costs.
    """

    path: str
    name: str
    group: str
    day: str
    place: int
    values: tuple[int, ...]
    today: int
    costs: Array
    paid_today: float

    def place_of(self, value: float) -> int:
        """Of the smallest value that is not below this one, else of the largest."""
        return min(int(np.searchsorted(self.values, value - 1e-9)), len(self.values) - 1)


@dataclass(frozen=True)
class Space:
    """Cells of a scenario, in order, and the unit of their cost ('money' or 'hours')."""

    scenario: Scenario
    cells: tuple[Cell, ...]
    unit: str
    _made: dict[Plan, Scenario] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cost(self, plan: Plan) -> float:
        """Of what is varied, over the calendar."""
        return float(sum(cell.costs[place] for cell, place in zip(self.cells, plan, strict=True)))

    def values(self, plan: Plan) -> tuple[int, ...]:
        """The numbers of a plan."""
        return tuple(cell.values[place] for cell, place in zip(self.cells, plan, strict=True))

    @property
    def today(self) -> Plan:
        """The plan as it stands, as near as bounds and values allow."""
        return tuple(cell.place_of(cell.today) for cell in self.cells)

    @property
    def cost_today(self) -> float:
        """Of what is varied, as it is written now."""
        return sum(cell.paid_today for cell in self.cells)

    @cached_property
    def lists(self) -> dict[tuple[str, str], list[int]]:
        """Head counts by interval as written, by path and day."""
        found = {}
        for cell in self.cells:
            if cell.place >= 0:
                group = self.scenario.model.agent_groups[cell.group]
                found[cell.path, cell.day] = list((group.by_interval or {})[cell.day])  # type: ignore[index]
        return found

    def scenario_of(self, plan: Plan) -> Scenario:
        """The scenario with this plan.

        Raises
        ------
        RunError
            The plan is none that the language allows.
        """
        if plan not in self._made:
            if len(self._made) >= KEPT:
                self._made.clear()
            lists = {key: list(counts) for key, counts in self.lists.items()}
            changes = []
            for cell, value in zip(self.cells, self.values(plan), strict=True):
                if cell.place >= 0:
                    lists[cell.path, cell.day][cell.place] = value
                else:
                    changes.append(f"{cell.path}={value}")
            changes += [f"{path}.{day}={counts}" for (path, day), counts in lists.items()]
            try:
                self._made[plan] = self.scenario.override(*changes)
            except ScenarioError as error:
                raise RunError(problem("vary", f"a plan that is no scenario: {error.problems[0]}", FORM)) from None
        return self._made[plan]


def read_space(scenario: Scenario, vary: Sequence[str], *, cost: str = "auto") -> Space:
    """The plan space of settings to vary.

    Parameters
    ----------
    scenario : Scenario
    vary : sequence of str
        'PATH', 'PATH=LOW..HIGH' or 'PATH=LOW..HIGH at PRICE'; price of one unit over the calendar, for settings that
        are no paid agents. Bounds left out: 0 to twice of what is planned or of what the offered load asks for.
    cost : str
        'pay' (paid hours times cost), 'staffed_hours' (paid hours), or 'auto': pay where every group has a cost.

    Raises
    ------
    RunError
        All that is wrong together.
    """
    if not vary:
        raise RunError(problem("vary", "nothing to vary", FORM, "--vary agent_groups.desk.by_interval"))
    if cost not in ("auto", "pay", "staffed_hours"):
        raise RunError(problem("cost", cost, "auto, pay or staffed_hours"))
    groups = {text.split(".")[1] for text in vary if text.startswith("agent_groups.") and text.count(".") > 1}
    known = [group for name, group in scenario.model.agent_groups.items() if name in groups]
    paid = cost == "pay" or (cost == "auto" and all(group.cost is not None for group in known))
    cells: list[Cell] = []
    wrong: list[str] = []
    for text in vary:
        try:
            cells += _cells(scenario, text, paid=paid)
        except RunError as error:
            wrong += error.problems
    twice = {f"{c.path} {c.day} {c.name}" for k, c in enumerate(cells) if (c.path, c.day, c.place) in
             {(d.path, d.day, d.place) for d in cells[:k]}}  # fmt: skip
    wrong += [problem("vary", f"{name.strip()} twice", "each setting once") for name in sorted(twice)]
    if not wrong and all(len(cell.values) == 1 for cell in cells):
        wrong.append(problem("vary", "bounds that leave one plan", "LOW below HIGH"))
    elif not wrong and not any(float(np.ptp(cell.costs)) > 0 for cell in cells):
        given = "every plan costs the same, so that none is the cheapest"
        wrong.append(problem("vary", given, "a price or a cost above 0", "cost=staffed_hours counts hours"))
    if wrong:
        raise RunError(wrong)
    return Space(scenario, tuple(cells), "money" if paid else "hours")


def _cells(scenario: Scenario, text: str, *, paid: bool) -> list[Cell]:
    where = f"vary {text}"
    parts = re.fullmatch(r"\s*([^\s=]+)\s*(?:=\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*(?:at\s+(\d+\.?\d*|\.\d+)\s*)?)?", text)
    if parts is None:
        raise RunError(problem(where, "cannot be read", FORM))
    path, price = parts[1], None if parts[4] is None else float(parts[4])
    bounds = None if parts[2] is None else (int(parts[2]), int(parts[3]))
    if bounds and bounds[0] > bounds[1]:
        raise RunError(problem(where, f"bounds {bounds[0]}..{bounds[1]}", "LOW..HIGH", f"{bounds[1]}..{bounds[0]}?"))
    if bounds and bounds[1] - bounds[0] > MOST_VALUES:
        raise RunError(problem(where, f"{bounds[1] - bounds[0]} values", f"at most {MOST_VALUES}", "narrower bounds"))
    of_agents = re.fullmatch(r"agent_groups\.(\w+)\.(by_interval|agents|shifts|shifts\.(\w+)\.agents)", path)
    if of_agents is None:
        return [_plain_setting(scenario, where, path, bounds, price)]
    name = of_agents[1]
    if name not in scenario.model.agent_groups:
        known = ", ".join(scenario.model.agent_groups)
        raise RunError(problem(where, f"no group {name}", f"groups: {known}"))
    if bounds and bounds[0] < 0:
        raise RunError(problem(where, f"{bounds[0]} agents", "0 or more"))
    group = scenario.model.agent_groups[name]
    rate = (group.cost or 0.0) if paid else 1.0
    if paid and group.cost is None:
        raise RunError(problem(where, f"group {name} has no cost", "cost: 29 per hour", "or cost=staffed_hours"))
    kind = of_agents[2]
    if kind == "by_interval":
        return _by_interval(scenario, where, name, bounds, rate)
    if kind == "agents":
        return [_head_count(scenario, where, name, bounds, rate)]
    return _on_shifts(scenario, where, name, of_agents[3], bounds, rate)


class _Priced(NamedTuple):
    """Values of a head count, what each costs, and what today's does."""

    values: tuple[int, ...]
    costs: Array
    paid_today: float


def _priced(group: AgentGroup, bounds: tuple[int, int], *, today: int, hours: float, rate: float) -> _Priced:
    """Head counts between bounds, each paid for so many hours; those that put nobody more on the floor are left out."""
    floor: dict[int, int] = {}
    for count in range(bounds[0], bounds[1] + 1):
        floor.setdefault(net_count(group, count), count)
    values = tuple(floor.values())
    costs = np.array([paid_count(group, count) * hours * rate for count in values])
    return _Priced(values, costs, paid_count(group, today) * hours * rate)


def _days(model: ScenarioModel) -> list[int]:
    """Weekday of every day of the calendar."""
    return [(model.calendar.start.weekday() + day) % 7 for day in range(model.calendar.days)]


def _by_interval(scenario: Scenario, where: str, name: str, bounds: tuple[int, int] | None, rate: float) -> list[Cell]:
    model = scenario.model
    group = model.agent_groups[name]
    if group.by_interval is None:
        raise RunError(problem(where, f"group {name} has no head counts by interval", "agents or shifts", FORM))
    counts = {str(day): values for day, values in group.by_interval.items()}
    own = {WEEKDAYS.index(day) for day in counts if day != "all"}
    found = []
    for day, values in counts.items():
        of_day = [w for w in _days(model) if (w == WEEKDAYS.index(day) if day != "all" else w not in own)]
        if not of_day:
            continue
        needed = start_counts(scenario, name, days=of_day, beta=4.0)
        is_open = open_intervals(scenario, name, days=of_day)
        hours = len(of_day) * model.calendar.interval / HOUR
        for place, today in enumerate(values):
            if not (today or is_open[place]):
                continue
            allowed = bounds or (0, min(MOST_AGENTS, 2 * max(today, int(needed[place])) + 2))
            priced = _priced(group, allowed, today=today, hours=hours, rate=rate)
            at = place * model.calendar.interval
            label = f"{int(at // HOUR):02d}:{int(at % HOUR // 60):02d}"
            path = f"agent_groups.{name}.by_interval"
            found.append(Cell(path, label, name, day, place, priced.values, today, *priced[1:]))
    if not found:
        raise RunError(problem(where, "no interval in which agents or contacts come", "a group that serves somebody"))
    return found


def _head_count(scenario: Scenario, where: str, name: str, bounds: tuple[int, int] | None, rate: float) -> Cell:
    model = scenario.model
    group = model.agent_groups[name]
    if group.agents is None:
        raise RunError(problem(where, f"group {name} has no single head count", "by_interval or shifts", FORM))
    hours = sum(_open_seconds(group, weekday) for weekday in _days(model)) / HOUR
    needed = start_counts(scenario, name, days=_days(model), beta=4.0)
    allowed = bounds or (0, min(MOST_AGENTS, 2 * max(group.agents, int(max(needed))) + 2))
    priced = _priced(group, allowed, today=group.agents, hours=hours, rate=rate)
    path = f"agent_groups.{name}.agents"
    return Cell(path, "agents", name, "", -1, priced.values, group.agents, *priced[1:])


def _open_seconds(group: AgentGroup, weekday: int) -> float:
    if group.hours is None:
        return DAY
    begin = weekday * DAY
    return sum(max(0.0, min(b - begin, DAY) - max(a - begin, 0.0)) for a, b in group.hours)


def _on_shifts(
    scenario: Scenario, where: str, name: str, only: str | None, bounds: tuple[int, int] | None, rate: float
) -> list[Cell]:
    group = scenario.model.agent_groups[name]
    if group.shifts is None or (only is not None and only not in group.shifts):
        known = ", ".join(group.shifts or {}) or "none"
        raise RunError(problem(where, f"no shift {only or ''}".strip(), f"shifts of {name}: {known}"))
    most = max(start_counts(scenario, name, days=_days(scenario.model), beta=4.0))
    found = []
    for label, shift in group.shifts.items():
        if only not in (None, label):
            continue
        days = sum(weekday in shift.days for weekday in _days(scenario.model))
        allowed = bounds or (0, min(MOST_AGENTS, 2 * max(shift.agents, int(most)) + 2))
        hours = days * (shift.end - shift.start) / HOUR
        priced = _priced(group, allowed, today=shift.agents, hours=hours, rate=rate)
        path = f"agent_groups.{name}.shifts.{label}.agents"
        found.append(Cell(path, label, name, "", -1, priced.values, shift.agents, *priced[1:]))
    return found


def _plain_setting(
    scenario: Scenario, where: str, path: str, bounds: tuple[int, int] | None, price: float | None
) -> Cell:
    if bounds is None or price is None:
        missing = "no bounds" if bounds is None else "no price"
        raise RunError(problem(where, f"{missing} for a setting that is no head count", "PATH=LOW..HIGH at PRICE"))
    at: Any = scenario.source
    for word in path.split("."):
        at = at.get(word) if isinstance(at, dict) else None
    low, high = bounds
    if not isinstance(at, int) or isinstance(at, bool):
        raise RunError(problem(where, f"{at!r} today", "a setting that is a whole number"))
    for value in bounds:
        try:
            scenario.override(f"{path}={value}")
        except ScenarioError as error:
            raise RunError(problem(where, error.problems[0], "bounds that the setting allows")) from None
    words = ".".join(path.split(".")[1:])
    return Cell(
        path, words, "", "", -1, tuple(range(low, high + 1)), at, price * np.arange(low, high + 1.0), price * at
    )
