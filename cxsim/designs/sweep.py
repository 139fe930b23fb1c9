"""Settings varied together: a grid, a sample or a factorial, each point with its settings in one tidy table."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cxsim.designs.compare import simultaneous_level
from cxsim.designs.design import Answer, Replicated, Results, Section
from cxsim.designs.estimate import mean_interval
from cxsim.designs.fractions import Fraction, contrasts
from cxsim.designs.points import Points
from cxsim.designs.tables import estimate_table
from cxsim.designs.values import measured, spoken_name
from cxsim.errors import RunError, problem
from cxsim.scenario.load import Scenario, sweep_values
from cxsim.trial import Trial

# Points whose counters are held at a time.
TOGETHER = 100


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
        No setting to vary, or one setting or value given twice.
    """
    axes = [sweep_values(text) for text in sweeps]
    paths = [path for path, _ in axes]
    twice = [f"{path} twice" for path in dict.fromkeys(paths) if paths.count(path) > 1]
    twice += [f"{path}={value} twice" for path, values in axes for value in dict.fromkeys(values)
              if values.count(value) > 1]  # fmt: skip
    if twice:
        raise RunError(problem("sweep", ", ".join(twice), "every setting and value once"))
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
    """Scenarios at points of their settings, each with the same replications of the same random numbers.

    Attributes
    ----------
    settings : mapping of label to settings
        Of every point.
    replicated : Replicated
    said : tuple of str
        How the points were chosen; empty for a grid.
    fraction : Fraction or None
        Of a factorial: what its points, in their order, can tell.
    """

    settings: Mapping[str, Mapping[str, Any]]
    replicated: Replicated
    said: tuple[str, ...] = ()
    fraction: Fraction | None = None

    def ask(self, results: Results) -> Grid:
        """All trials at once; with a precision ten replications more of every point until all are precise."""
        return Grid(self.replicated, list(self.settings), self.replicated.wanted(results))

    def needed(self, counters: pd.DataFrame) -> pd.DataFrame:
        """Of the counters of a trial what is decided or told by all points together; the rest need not be held."""
        if self.replicated.precision is None and self.fraction is None:
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
        sections = (Section("sampling", "How the settings were chosen", self.said),) if self.said else ()
        if self.fraction is not None and results.replications > 1:
            sections = (*sections, self._effects(results, self.fraction))
        return Answer(joined[[*settings.columns, *table.columns]], None, sections=sections)

    def _effects(self, results: Results, fraction: Fraction) -> Section:
        """What each setting does from its low to its high level, and what that cannot be told apart from."""
        primary, level = self.replicated.primary, self.replicated.level
        found = measured(results.counters(), list(self.settings), primary=primary, replications=results.replications)
        names = list(next(iter(self.settings.values())))
        groups = contrasts(fraction)
        each = simultaneous_level(level, n_intervals=len(groups))
        rows = []
        for effects, contrast in groups:
            interval = mean_interval(contrast @ found.values / len(contrast), level=each)
            said = [" x ".join(names[place] for place in effect) for effect in effects]
            rows.append((said[0], ", ".join(said[1:]) or "-", interval.value, interval.low, interval.high))
        table = pd.DataFrame(rows, columns=["setting", "not_told_from", "effect", "effect_low", "effect_high"])
        told = (
            f"Effect on {spoken_name(primary)}: mean at the high level less that at the low one, by replication. "
            f"The {len(groups)} intervals hold together at {level:.0%} (Bonferroni).",
            _aliases(fraction),
        )
        return Section("effects", "What each setting does", told, table, {"effect": found.unit}, frozenset({"effect"}))


def _aliases(fraction: Fraction) -> str:
    if fraction.resolution == 4:
        return (
            "Resolution IV: effects of single settings are clear of those of two together, which stand for each other "
            "as listed; effects of three and more together are taken as 0."
        )
    if fraction.resolution == 5:
        return "Resolution V: single and double effects are all told apart; those of three and more are taken as 0."
    return "All combinations: every effect is told apart from every other."
