"""Which of several settings that a change makes together did what: Shapley's value over all ways to make only some.

A change of m settings is run in each of its 2^m parts, with the same random numbers. A setting is credited with the
mean of what it does when it comes on top of any of the others, all orders alike; the credits add up to the whole.

Source
------
Shapley (1953), A value for n-person games.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.designs.design import Answer, Replicated, Results
from cxsim.designs.estimate import mean_interval, ratio_influences
from cxsim.designs.tables import Series, series_of
from cxsim.errors import RunError, ScenarioError, problem
from cxsim.scenario.load import Scenario
from cxsim.trial import Trial

Array = npt.NDArray[Any]
Part = tuple[int, ...]

MOST: Final = 6
COLUMNS: Final = ("scenario", "setting", "metric", "variant", "value", "low", "high", "level", "unit", "better")


def settings_changed(base: Scenario, changed: Scenario) -> tuple[str, ...]:
    """The overrides that make the changed scenario out of the base."""
    n = len(base.overrides)
    return changed.overrides[n:] if changed.overrides[:n] == base.overrides else ()


def parts_of(scenarios: Mapping[str, Scenario]) -> dict[tuple[str, Part], Scenario]:
    """For each change of two settings or more every proper part of it: (label, places of its settings) to scenario.

    Raises
    ------
    RunError
        No change with several settings, one with too many, or a part that is no scenario by itself.
    """
    (_, base), *changes = scenarios.items()
    found: dict[tuple[str, Part], Scenario] = {}
    for label, changed in changes:
        settings = settings_changed(base, changed)
        if len(settings) > MOST:
            given = f"{len(settings)} settings make {2 ** len(settings)} scenarios"
            raise RunError(problem(f"attribute {label}", given, f"at most {MOST} settings", "change fewer at a time"))
        for size in range(1, len(settings)):
            for part in combinations(range(len(settings)), size):
                found[label, part] = _partial(base, label, [settings[place] for place in part])
    taken = {_label(label, part) for label, part in found} & set(scenarios)
    if taken:
        given = f"the name of a change, and of a part of another: {', '.join(sorted(taken))}"
        raise RunError(problem("attribute", given, "names without the number of a setting in brackets", "rename it"))
    if not found:
        raise RunError(problem("attribute", "no change of several settings", "a change with two settings or more"))
    return found


def _partial(base: Scenario, label: str, settings: Sequence[str]) -> Scenario:
    try:
        return base.override(*settings)
    except ScenarioError as error:
        given = f"only {', '.join(settings)} is no scenario: {error.problems[0]}"
        raise RunError(problem(f"attribute {label}", given, "settings that can be made one by one")) from None


@dataclass(frozen=True)
class Attributed:
    """A comparison whose changes are taken apart by their settings.

    Attributes
    ----------
    replicated : Replicated
        The comparison itself.
    metrics : tuple of 'metric:variant'
        What is attributed; ratios only.
    """

    replicated: Replicated
    metrics: tuple[str, ...]

    def ask(self, results: Results) -> list[Trial]:
        """The trials of the comparison, and of every part in the same replications."""
        wanted = self.replicated.ask(results)
        return [*wanted, *self._partial_trials({trial.replication for trial in wanted})]

    def _partial_trials(self, replications: set[int]) -> list[Trial]:
        design = self.replicated
        return [
            Trial(
                label=_label(label, part), scenario=scenario, seed=design.seed, replication=replication,
                metrics=(design.primary,), extra=self.metrics, detail=False, engine=design.engine,
                perception=design.perception,
            )
            for replication in sorted(replications)
            for (label, part), scenario in parts_of(design.scenarios).items()
        ]  # fmt: skip

    def answer(self, results: Results) -> Answer:
        """The answer of the comparison, with the credit of each setting."""
        known = set(self.replicated.scenarios)
        own = [table for table in results.tables if set(table["scenario"]) <= known]
        answer = self.replicated.answer(replace(results, tables=own))
        return replace(answer, attribution=self._credits(results))

    def _credits(self, results: Results) -> pd.DataFrame:
        counters = results.counters()
        counters = counters[(counters["by"] == "") & counters["p"].isna()]
        of = {series.key: series for series in series_of(counters, replications=results.replications)}
        rows = []
        base, *changed = self.replicated.scenarios
        for label in changed:
            settings = settings_changed(self.replicated.scenarios[base], self.replicated.scenarios[label])
            if len(settings) < 2:
                continue
            for name in self.metrics:
                metric, _, variant = name.partition(":")
                worth = _worth(of, (metric, variant), base=base, label=label, n=len(settings))
                if worth is None:
                    continue
                about = of[base, "", _group(of, base, metric, variant), metric, variant].about
                for place, credit in enumerate(shapley(worth, n=len(settings))):
                    found = mean_interval(credit, level=self.replicated.level)
                    ends = (found.value, found.low, found.high, self.replicated.level)
                    rows.append((label, settings[place], metric, variant, *ends, about[0], about[1]))
        return pd.DataFrame(rows, columns=list(COLUMNS))


def _label(label: str, part: Part) -> str:
    """Name of a part: settings are counted from 1."""
    return f"{label} [{'+'.join(str(place + 1) for place in part)}]"


def _group(of: Mapping[tuple[str, ...], Series], scenario: str, metric: str, variant: str) -> str:
    return next((key[2] for key in of if key[0] == scenario and key[3:] == (metric, variant)), "")


def _worth(
    of: Mapping[tuple[str, ...], Series], metric: tuple[str, str], *, base: str, label: str, n: int
) -> dict[Part, Array] | None:
    """One number a replication, whose mean is the metric, for every part; None where one of them observed nothing."""
    whole = tuple(range(n))
    names = {(): base, whole: label}
    names |= {part: _label(label, part) for size in range(1, n) for part in combinations(whole, size)}
    found = {}
    for part, name in names.items():
        series = of.get((name, "", _group(of, name, *metric), *metric))
        if series is None or not series.denominators.sum() > 0:
            return None
        found[part] = np.asarray(ratio_influences(series.numerators, series.denominators))
    return found


def shapley(worth: Mapping[Part, Array], *, n: int) -> Iterator[Array]:
    """Credit of each of n players, arrays like those of `worth`, which has every part of them from none to all."""
    for player in range(n):
        others = [place for place in range(n) if place != player]
        credit = np.zeros_like(worth[()])
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for part in combinations(others, size):
                credit = credit + weight * (worth[tuple(sorted((*part, player)))] - worth[part])
        yield credit
