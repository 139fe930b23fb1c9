"""What a scenario does not state and a simulation of it therefore cannot tell: no number in place of a false zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import AgentGroup

NOT_STATED: Final = "not_stated"  # flag of an estimate; the scorecard and the page say it in words
# Metrics that stand on paid time away from contacts, and variants that do without it.
ON_SHRINKAGE: Final[Mapping[str, tuple[str, ...]]] = {"shrinkage": (), "absence": (), "utilisation": ("hdi",)}
NUMBERS: Final = ["value", "low", "high", "standard_error"]


def silent_groups(scenario: Scenario) -> list[str]:
    """Groups with head counts that are net, or do not say what they are, and no shrinkage: how much is unknown."""
    return [name for name, group in scenario.model.agent_groups.items() if _is_silent(group)]


def _is_silent(group: AgentGroup) -> bool:
    lost = group.shrinkage
    return group.shifts is None and group.counts != "scheduled" and lost.planned == 0.0 and lost.unplanned == 0.0


def without_unstated(table: pd.DataFrame, scenarios: Mapping[str, Scenario]) -> pd.DataFrame:
    """Estimates in which what a scenario does not state has no value, flagged as not stated.

    Parameters
    ----------
    table : DataFrame
        Of `estimate_table`.
    scenarios : mapping of label to Scenario
    """
    silent = [label for label, scenario in scenarios.items() if silent_groups(scenario)]
    unknown = _unknown(table) & table["scenario"].isin(silent)
    if not unknown.any():
        return table
    found = table.copy()
    found.loc[unknown, NUMBERS] = np.nan
    found.loc[unknown, "flags"] = NOT_STATED
    return found


def changes_of_stated(differences: pd.DataFrame | None, scenarios: Mapping[str, Scenario]) -> pd.DataFrame | None:
    """Differences without the metrics that one of the two scenarios does not state."""
    if differences is None:
        return None
    silent = [label for label, scenario in scenarios.items() if silent_groups(scenario)]
    first = next(iter(scenarios), "")
    meant = differences["scenario"].isin(silent) | (first in silent)
    return differences[~(_unknown(differences) & meant)]


def _unknown(table: pd.DataFrame) -> pd.Series[bool]:
    """Rows whose metric stands on shrinkage."""
    kept = [(name, variant) for name, variants in ON_SHRINKAGE.items() for variant in variants]
    pairs = pd.Series(list(zip(table["metric"], table["variant"], strict=True)), index=table.index, dtype=object)
    return table["metric"].isin(list(ON_SHRINKAGE)) & ~pairs.isin(kept)
