"""Targets that a plan has to meet: 'service_level >= 80%', the goals of a scenario, and the room left under each.

With 'on 90% of days' behind it a target is met by so many days each by itself, and not by all of them together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from cxsim.designs.amounts import TARGET_FORM, parse_amount
from cxsim.designs.certificate import FEWEST_DAYS, fewest_days
from cxsim.designs.estimate import Array, slack
from cxsim.errors import RunError, nearest, problem
from cxsim.metrics.requests import Request, read
from cxsim.printed import shown_level
from cxsim.scenario.load import Scenario

ALL_GOALS: Final = "goals"
ON_DAYS: Final = re.compile(r"(.*\S)\s+on\s+(\S.*?)\s+of\s+(\w+)\s*")
DAYS, REPLICATIONS = "days", "replications"
DAYS_FORM: Final = "TARGET on SHARE of days, as 'service_level >= 80% on 90% of days'"
ROUNDING: Final = 1e-9  # of a day's numbers: 7 of 100 are 7 %


@dataclass(frozen=True)
class Target:
    """A bound on a ratio of sums over days, or on the ratio of each day with a share of days that has to meet it.

    Attributes
    ----------
    said : str
        As it is written in a report.
    by, metric, variant, group : str
        Where the counters of `cxsim.trial.run_trial` hold it: by '' a metric, by 'goal' a goal of the scenario.
    limit : float
        In the unit of the metric; shares 0 to 1.
    at_most : bool
    unit : str
        Of the value: a share where days are counted.
    share : float
        Of days that have to meet the bound, each by itself; 0: the days together have to.
    counted : str
        What a share is of: 'days', or 'replications' of several days.
    """

    said: str
    by: str
    metric: str
    variant: str
    group: str
    limit: float
    at_most: bool
    unit: str
    share: float = 0.0
    counted: str = DAYS

    @property
    def name(self) -> str:
        """What is measured: without its bound, or the share of days."""
        if self.share:
            return f"the share of {self.counted} with {self.said.rsplit(' on ', 1)[0]}"
        return self.said.rsplit(" <= " if self.at_most else " >= ", 1)[0]

    @property
    def asked(self) -> str:
        """The metric as it is asked for; empty for a goal, which every trial counts."""
        return f"{self.metric}:{self.variant}" if not self.by else ""

    def slacks(self, numerators: Array, denominators: Array) -> Array:
        """Room left on each day [n_days], in the mean 0 or more is met; of a share of days 1 if met, less the share."""
        return self.met(numerators, denominators) - self.share if self.share else self.rooms(numerators, denominators)

    def rooms(self, numerators: Array, denominators: Array) -> Array:
        """Room left on each day by itself [n_days], in the unit of the numerators."""
        return slack(numerators, denominators, target=self.limit, at_most=self.at_most)

    def met(self, numerators: Array, denominators: Array) -> Array:
        """1 for each day that meets the bound by itself, else 0 [n_days]; a day without observations misses nothing."""
        rounding = ROUNDING * np.maximum(1.0, self.limit * denominators)
        return np.asarray(self.rooms(numerators, denominators) >= -rounding, dtype=float)

    def value(self, numerators: Array, denominators: Array) -> float:
        """Ratio of the sums, or share of days met; NaN where nothing was observed."""
        if self.share and np.any(denominators > 0):
            return float(np.mean(self.met(numerators, denominators)))
        below = float(np.sum(denominators))
        return float(np.sum(numerators)) / below if below > 0 else float("nan")

    def moved(self, change: float, denominators: Array) -> float:
        """What a change of the mean slack does to the value."""
        if self.share:
            return change
        return (-change if self.at_most else change) / float(np.mean(denominators))

    @property
    def wanted(self) -> float:
        """What the value has to reach."""
        return self.share or self.limit

    @property
    def lower_is_met(self) -> bool:
        """Whether the value has to stay below what is wanted."""
        return self.at_most and not self.share


def read_targets(texts: Sequence[str], scenario: Scenario) -> tuple[Target, ...]:
    """Targets as a planner writes them; 'goals' stands for every goal of the scenario, as does an empty list.

    'on 90% of days' behind one of them asks it of so many days, each by itself.

    Raises
    ------
    RunError
        All that is wrong together: a form that cannot be read, no ratio, a value that cannot be, no goals.
    MetricUnavailable
        No such metric or variant.
    """
    goals = _goals(scenario)
    if not texts and not goals:
        given = f"none given, and no goals in {scenario.name}"
        raise RunError(problem("targets", given, TARGET_FORM, "--target 'service_level >= 80%'"))
    found: list[Target] = []
    wrong: list[str] = []
    for text in texts or [ALL_GOALS]:
        try:
            found += _read_any(text, goals, scenario)
        except RunError as error:
            wrong += error.problems
    if wrong:
        raise RunError(wrong)
    return tuple({(t.by, t.metric, t.variant, t.group, t.at_most, t.share): t for t in found}.values())


def refuse_too_few_days(targets: Sequence[Target], *, days: int, confidence: float, setting: str) -> None:
    """Refuse fresh days on which no plan can show a share of days, though it met its target on every one.

    Raises
    ------
    RunError
        With the days that it takes.
    """
    wrong = []
    for target in targets:
        needed = fewest_days(target.share, level=confidence) if target.share else 0
        if days < needed:
            given = f"{setting}={days}: all of them met shows less than {shown_level(target.share)} of {target.counted}"
            allowed = f"{needed} or more with {shown_level(confidence)} confidence"
            wrong.append(problem(f"target {target.said}", given, allowed, f"{setting}={max(FEWEST_DAYS, 2 * needed)}"))
    if wrong:
        raise RunError(wrong)


def _read_any(text: str, goals: Mapping[str, Target], scenario: Scenario) -> list[Target]:
    """One target, or all goals; each by day if asked for."""
    by_day = ON_DAYS.fullmatch(text.strip())
    plain = by_day[1] if by_day else text.strip()
    if plain == ALL_GOALS:
        if not goals:
            raise RunError(problem("target goals", f"{scenario.name} has none", TARGET_FORM))
        found = list(goals.values())
    else:
        found = [goals[plain] if plain in goals else _read(plain, goals)]
    return [_on_days(target, text, by_day[2], by_day[3], scenario) for target in found] if by_day else found


def _on_days(target: Target, text: str, amount: str, counted: str, scenario: Scenario) -> Target:
    """The target asked of a share of days, or of replications where these are of several days."""
    where = f"target {text!r}"
    share = parse_amount(amount, unit="1", where=where)
    if not 0.0 < share < 1.0:
        remedy = "99%; no number of days shows that every day will" if share >= 1.0 else ""
        raise RunError(problem(where, f"on {amount}", f"a share above 0% and below 100%; {DAYS_FORM}", remedy))
    if counted not in (DAYS, REPLICATIONS):
        raise RunError(problem(where, f"of {counted}", DAYS_FORM, nearest(counted, [DAYS, REPLICATIONS])))
    days = scenario.model.calendar.days
    if counted == DAYS and days > 1:
        given = f"each replication is {days} days that hang together, and only whole replications are independent"
        remedy = f"calendar.days=1, or 'on {amount} of {REPLICATIONS}', each of {days} days"
        raise RunError(problem(where, given, "a calendar of one day", remedy))
    said = f"{target.said} on {shown_level(share)} of {counted}"
    return replace(target, said=said, unit="1", share=share, counted=counted)


def _goals(scenario: Scenario) -> dict[str, Target]:
    found = {}
    for name, goal in scenario.model.goals.items():
        at_most = goal.no_more_than is not None
        limit = next(bound for bound in (goal.share, goal.no_more_than, goal.no_less_than) if bound is not None)
        unit, variant = "1", goal.measure
        if goal.share is None:
            unit = read([goal.measure])[0].metric.unit
        sign = "<=" if at_most else ">="
        said = f"goal {name} {sign} {_shown(limit, unit)}"
        found[name] = Target(said, "goal", "goal", variant, name, limit, at_most, unit)
    return found


def _read(text: str, goals: Mapping[str, Target]) -> Target:
    where = f"target {text!r}"
    parts = re.fullmatch(r"\s*([A-Za-z_][\w:]*)\s*(>=|<=)\s*(\S.*?)\s*", text)
    if parts is None:
        names = [*goals, ALL_GOALS]
        raise RunError(
            problem(where, "cannot be read", f"{TARGET_FORM}; or a goal: {', '.join(names)}", nearest(text, names))
        )
    request = read([parts[1]])[0]
    entry = request.metric
    unit = entry.unit_of(request.parameters)
    if is_quantile(request):
        raise RunError(
            problem(where, f"{request.label} is a quantile over customers", "a share or a mean, a ratio of sums",
                    "ask for the share within a time, as service_level >= 80%")
        )  # fmt: skip
    limit = parse_amount(parts[3], unit=unit, where=f"target {request.label} {parts[2]}")
    at_most = parts[2] == "<="
    said = f"{request.label} {parts[2]} {_shown(limit, unit)}"
    return Target(said, "", entry.name, request.variant, "", limit, at_most, unit)


def is_quantile(request: Request) -> bool:
    """Whether a metric is a quantile over customers, which is no ratio of sums over days."""
    returned = str(request.metric.compute.__annotations__.get("return", ""))
    return returned == "Sample" or ("Sample" in returned and request.parameters.get("p") is not None)


def _shown(value: float, unit: str) -> str:
    return f"{100.0 * value:g}%" if unit == "1" else f"{value:g} {unit}".strip()
