"""A grid over settings: every combination of the values given for each path, in one tidy table."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxsim.designs.design import Answer, Replicated, Results
from cxsim.designs.tables import estimate_table
from cxsim.errors import RunError, problem
from cxsim.scenario.load import Scenario, sweep_values
from cxsim.trial import Trial


def grid(scenario: Scenario, sweeps: Sequence[str]) -> dict[str, tuple[Scenario, dict[str, Any]]]:
    """Scenarios of a full grid, by label, with their settings.

    Parameters
    ----------
    scenario : Scenario
    sweeps : sequence of str
        'agent_groups.desk.agents=10,11,12' or 'agent_groups.desk.agents=range(10,16)', in Hydra's grammar.

    Raises
    ------
    ScenarioError
        A setting that does not exist or a value that is not allowed, before anything runs.
    RunError
        No setting to vary.
    """
    axes = [sweep_values(text) for text in sweeps]
    if not axes:
        raise RunError(
            problem("sweep", "no setting to vary", "KEY=VALUE,VALUE,...", "agent_groups.desk.agents=10,11,12")
        )
    found: dict[str, tuple[Scenario, dict[str, Any]]] = {}
    for combination in itertools.product(*(values for _, values in axes)):
        changes = [f"{path}={value}" for (path, _), value in zip(axes, combination, strict=True)]
        # Hydra's escapes belong to its grammar, not to what a planner reads.
        settings = {path: value.replace("\\", "") for (path, _), value in zip(axes, combination, strict=True)}
        label = ", ".join(f"{path}={value}" for path, value in settings.items())
        found[label] = (scenario.override(*changes), settings)
    return found


@dataclass(frozen=True)
class Sweep:
    """A grid of scenarios, each with the same replications of the same random numbers."""

    points: Mapping[str, tuple[Scenario, Mapping[str, Any]]]
    replicated: Replicated

    def ask(self, results: Results) -> list[Trial]:
        """All trials at once."""
        return self.replicated.ask(results)

    def answer(self, results: Results) -> Answer:
        """Estimates with one column a setting."""
        table = estimate_table(results.counters(), replications=results.replications, level=self.replicated.level)
        settings = pd.DataFrame([settings for _, settings in self.points.values()], index=list(self.points))
        joined = table.join(settings, on="scenario")
        return Answer(joined[[*settings.columns, *table.columns]], None)
