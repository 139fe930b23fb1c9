"""Settings varied together: a grid, a sample or a factorial, each point with its settings in one tidy table."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxsim.designs.compare import simultaneous_level
from cxsim.designs.design import Answer, Replicated, Results, Section
from cxsim.designs.estimate import mean_interval
from cxsim.designs.fractions import Fraction, contrasts
from cxsim.designs.tables import estimate_table
from cxsim.designs.values import measured, spoken_name
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
    """Scenarios at points of their settings, each with the same replications of the same random numbers.

    Attributes
    ----------
    points : mapping of label to scenario and settings
    replicated : Replicated
    said : tuple of str
        How the points were chosen; empty for a grid.
    fraction : Fraction or None
        Of a factorial: what its points, in their order, can tell.
    """

    points: Mapping[str, tuple[Scenario, Mapping[str, Any]]]
    replicated: Replicated
    said: tuple[str, ...] = ()
    fraction: Fraction | None = None

    def ask(self, results: Results) -> list[Trial]:
        """All trials at once."""
        return self.replicated.ask(results)

    def answer(self, results: Results) -> Answer:
        """Estimates with one column a setting."""
        table = estimate_table(results.counters(), replications=results.replications, level=self.replicated.level)
        settings = pd.DataFrame([settings for _, settings in self.points.values()], index=list(self.points))
        joined = table.join(settings, on="scenario")
        sections = (Section("sampling", "How the settings were chosen", self.said),) if self.said else ()
        if self.fraction is not None and results.replications > 1:
            sections = (*sections, self._effects(results, self.fraction))
        return Answer(joined[[*settings.columns, *table.columns]], None, sections=sections)

    def _effects(self, results: Results, fraction: Fraction) -> Section:
        """What each setting does from its low to its high level, and what that cannot be told apart from."""
        primary, level = self.replicated.primary, self.replicated.level
        found = measured(results.counters(), list(self.points), primary=primary, replications=results.replications)
        names = list(next(iter(self.points.values()))[1])
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
