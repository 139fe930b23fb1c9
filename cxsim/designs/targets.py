"""Targets that a plan has to meet: 'service_level >= 80%', the goals of a scenario, and the room left under each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cxsim.designs.amounts import TARGET_FORM, parse_amount
from cxsim.designs.estimate import Array, slack
from cxsim.errors import RunError, nearest, problem
from cxsim.metrics.requests import Request, read
from cxsim.scenario.load import Scenario

ALL_GOALS: Final = "goals"


@dataclass(frozen=True)
class Target:
    """A bound on a ratio of sums over days.

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
    """

    said: str
    by: str
    metric: str
    variant: str
    group: str
    limit: float
    at_most: bool
    unit: str

    @property
    def name(self) -> str:
        """Without its bound."""
        return self.said.rsplit(" <= " if self.at_most else " >= ", 1)[0]

    @property
    def asked(self) -> str:
        """The metric as it is asked for; empty for a goal, which every trial counts."""
        return f"{self.metric}:{self.variant}" if not self.by else ""

    def slacks(self, numerators: Array, denominators: Array) -> Array:
        """Room left on each day [n_days], 0 or more is met."""
        return slack(numerators, denominators, target=self.limit, at_most=self.at_most)

    def value(self, numerators: Array, denominators: Array) -> float:
        """Ratio of the sums; NaN where nothing was observed."""
        below = float(np.sum(denominators))
        return float(np.sum(numerators)) / below if below > 0 else float("nan")


def read_targets(texts: Sequence[str], scenario: Scenario) -> tuple[Target, ...]:
    """Targets as a planner writes them; 'goals' stands for every goal of the scenario, as does an empty list.

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
        if text.strip() == ALL_GOALS:
            found += goals.values()
            if not goals:
                wrong.append(problem("target goals", f"{scenario.name} has none", TARGET_FORM))
        elif text.strip() in goals:
            found.append(goals[text.strip()])
        else:
            try:
                found.append(_read(text, goals))
            except RunError as error:
                wrong += error.problems
    if wrong:
        raise RunError(wrong)
    return tuple({(t.by, t.metric, t.variant, t.group, t.at_most): t for t in found}.values())


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
