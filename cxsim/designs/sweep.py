"""A grid over settings: every combination of the values given for each path, in one tidy table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from cxsim.designs.design import Answer, Replicated, Results
from cxsim.designs.tables import estimate_table
from cxsim.errors import RunError, problem
from cxsim.scenario.load import Scenario, sweep_values
from cxsim.trial import Trial

# Points whose counters are held at a time.
TOGETHER = 100


@dataclass(frozen=True)
class Points(Mapping[str, Scenario]):
    """Scenarios of a grid by label, each made when it is asked for: ten thousand of them would fill the memory.

    Attributes
    ----------
    base : Scenario
    changes : mapping of label to overrides
    fingerprints : mapping of label to str
        Of the scenarios as they were when the grid was made.
    """

    base: Scenario
    changes: Mapping[str, Sequence[str]]
    fingerprints: Mapping[str, str]
    _last: dict[str, Scenario] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getitem__(self, label: str) -> Scenario:
        if label not in self._last:
            found = self.base.override(*self.changes[label])
            if found.fingerprint != self.fingerprints[label]:
                given = f"setting {label} reads differently now"
                raise RunError(problem("manifest.json", given, "the version of cxsim that wrote it", "run it again"))
            self._last.clear()
            self._last[label] = found
        return self._last[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)


def grid(scenario: Scenario, sweeps: Sequence[str]) -> tuple[Points, dict[str, dict[str, Any]]]:
    """Scenarios of a full grid, by label, and the settings of each.

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
    changes: dict[str, Sequence[str]] = {}
    fingerprints, settings = {}, {}
    for combination in itertools.product(*(values for _, values in axes)):
        # Hydra's escapes belong to its grammar, not to what a planner reads.
        read = {path: value.replace("\\", "") for (path, _), value in zip(axes, combination, strict=True)}
        label = ", ".join(f"{path}={value}" for path, value in read.items())
        changes[label] = [f"{path}={value}" for (path, _), value in zip(axes, combination, strict=True)]
        fingerprints[label] = scenario.override(*changes[label]).fingerprint
        settings[label] = read
    return Points(scenario, changes, fingerprints), settings


class Grid(Sequence[Trial]):
    """Trials of a grid, all replications of one point after the other, each made when it is asked for."""

    def __init__(self, replicated: Replicated, labels: Sequence[str], replications: range) -> None:
        self.replicated, self.labels, self.replications = replicated, labels, replications

    def __len__(self) -> int:
        return len(self.labels) * len(self.replications)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        point, number = divmod(range(len(self))[at], len(self.replications))
        label, replication = self.labels[point], self.replications[number]
        alone = replace(self.replicated, scenarios={label: self.replicated.scenarios[label]})
        return alone.trials(replication, replication + 1)[0]


@dataclass(frozen=True)
class Sweep:
    """A grid of scenarios, each with the same replications of the same random numbers.

    Attributes
    ----------
    settings : mapping of label to settings
    replicated : Replicated
    """

    settings: Mapping[str, Mapping[str, Any]]
    replicated: Replicated

    def ask(self, results: Results) -> Grid:
        """All trials at once; with a precision ten replications more of every point until all are precise."""
        return Grid(self.replicated, list(self.settings), self.replicated.wanted(results))

    def needed(self, counters: pd.DataFrame) -> pd.DataFrame:
        """Of the counters of a trial what `ask` decides by; the rest need not be held."""
        if self.replicated.precision is None:
            return counters.iloc[:0]
        metric, _, variant = self.replicated.primary.partition(":")
        return counters[(counters["by"] == "") & (counters["metric"] == metric) & (counters["variant"] == variant)]

    def answer(self, results: Results) -> Answer:
        """Estimates with one column a setting; so many points at a time that memory stays flat."""
        labels, replications = list(self.settings), range(results.replications)
        parts = []
        for first in range(0, len(labels), TOGETHER):
            counters = results.of(Grid(self.replicated, labels[first : first + TOGETHER], replications))
            parts.append(estimate_table(counters, replications=len(replications), level=self.replicated.level))
        table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        settings = pd.DataFrame(list(self.settings.values()), index=labels)
        joined = table.join(settings, on="scenario")
        return Answer(joined[[*settings.columns, *table.columns]], None)
