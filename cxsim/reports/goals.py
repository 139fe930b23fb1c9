"""Goals of a scenario against what was measured: kept, missed, or not sure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import Goal

COLUMNS = ["scenario", "goal", "meaning", "target", "value", "low", "high", "status", "unit"]


def goal_table(estimates: pd.DataFrame, scenarios: Mapping[str, Scenario]) -> pd.DataFrame:
    """Goals with target, value, interval and status; kept or missed when the interval is clear of the target."""
    rows = []
    for label, scenario in scenarios.items():
        table = estimates[(estimates["scenario"] == label) & (estimates["by"] == "goal")].set_index("group")
        for name, goal in scenario.model.goals.items():
            if name not in table.index:
                continue
            found = table.loc[[name]].iloc[0].to_dict()
            value, low, high = (float(found[column]) for column in ("value", "low", "high"))
            status = _status(goal, value=value, low=low, high=high)
            rows.append((label, name, _meaning(goal), target_of(goal), value, low, high, status, found["unit"]))
    return pd.DataFrame(rows, columns=COLUMNS)


def target_of(goal: Goal) -> float:
    """The number that is to be reached or not exceeded."""
    return next(t for t in (goal.share, goal.no_more_than, goal.no_less_than) if t is not None)


def _meaning(goal: Goal) -> str:
    words = goal.measure.replace("_", " ").replace(":", ", ")
    if goal.within is not None:
        words += f" within {goal.within:g} s"
    if goal.touchpoint:
        words += f" at {goal.touchpoint}"
    if goal.contact_type:
        words += f" for {goal.contact_type}"
    return words + (", at most" if goal.no_more_than is not None else ", at least")


def _status(goal: Goal, *, value: float, low: float, high: float) -> str:
    """An end of the interval that is not known does not decide against what the value says."""
    target = target_of(goal)
    if goal.no_more_than is not None:
        value, low, high, target = -value, -high, -low, -target
    if value >= target:
        return "unsure" if low < target else "kept"
    if value < target:
        return "unsure" if high >= target else "missed"
    return "unsure"
