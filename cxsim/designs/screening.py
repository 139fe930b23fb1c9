"""All inputs at once, over their whole ranges: Morris' screening and Sobol' indices of a simulated answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from cxsim.designs.design import Answer, Replicated, Results, Section
from cxsim.designs.estimate import Array
from cxsim.designs.factors import Factor, label_of, scenario_at, settings_at
from cxsim.designs.indices import indices, unit_sample
from cxsim.designs.layers import noise_share
from cxsim.designs.sampling import MOST_POINTS
from cxsim.designs.tornado import TODAY, answer_of_today, point_trials
from cxsim.designs.values import measured, spoken_name
from cxsim.errors import RunError, problem
from cxsim.printed import shown, shown_difference, shown_interval
from cxsim.scenario.load import Scenario
from cxsim.trial import Trial


@dataclass(frozen=True)
class Screening:
    """Today, and points of a Morris or Sobol' sample, each with the same replications of the same random numbers.

    Attributes
    ----------
    today : Replicated
    factors : tuple of Factor
    method : 'morris' or 'sobol'
    points : int or None
        Trajectories, or base points; None for the usual number.
    """

    today: Replicated
    factors: tuple[Factor, ...]
    method: Literal["morris", "sobol"]
    points: int | None = None

    @cached_property
    def cube(self) -> Array:
        """Points of the sample [n_points, n_factors]."""
        found = unit_sample(self.method, n_factors=len(self.factors), points=self.points, seed=self.today.seed)
        if len(found) > MOST_POINTS:
            raise RunError(problem("points", f"{len(found)} scenarios", f"at most {MOST_POINTS}", "fewer points="))
        return found

    @cached_property
    def labels(self) -> list[str]:
        """Name of the scenario of each point; rounding makes some the same."""
        return [label_of(settings_at(self.factors, row)) for row in self.cube]

    @cached_property
    def scenarios(self) -> Mapping[str, Scenario]:
        """The scenarios that differ, by name."""
        base = self.today.scenarios[TODAY]
        found: dict[str, Scenario] = {}
        for label, row in zip(self.labels, self.cube, strict=True):
            if label not in found:
                found[label] = scenario_at(base, settings_at(self.factors, row))
        return found

    def ask(self, results: Results) -> list[Trial]:
        """All trials at once."""
        wanted = self.today.ask(results)
        replications = sorted({trial.replication for trial in wanted})
        return [*wanted, *(point_trials(self.today, self.scenarios, replications) if replications else [])]

    def answer(self, results: Results) -> Answer:
        """Tables of today, what the sample says of each input, and the sample itself."""
        names = list(self.scenarios)
        found = measured(results.counters(), names, primary=self.today.primary, replications=results.replications)
        place = {label: number for number, label in enumerate(names)}
        answers = found.values.mean(axis=1)[[place[label] for label in self.labels]]
        table = indices(self.method, self.cube, answers, seed=self.today.seed, level=self.today.level)
        table.insert(0, "input", [factor.path for factor in self.factors])
        table.insert(1, "range", [factor.span for factor in self.factors])
        table = table.sort_values("effect" if self.method == "morris" else "total", ascending=False, kind="stable")
        said, units, signed = self._said(found.values, found.unit)
        name = "effect" if self.method == "morris" else "total"
        section = Section(
            self.method, "Which inputs matter", said, table.reset_index(drop=True), units, signed, bar=name
        )
        conclusions = _conclusions(table, spoken_name(self.today.primary), self.method, found.unit)
        plain = answer_of_today(self.today, results)
        return replace(plain, sections=(section, self._sample(found.values, found.unit)), conclusions=conclusions)

    def _said(self, values: Array, unit: str) -> tuple[tuple[str, ...], dict[str, str], frozenset[str]]:
        n_points, n = values.shape
        name = spoken_name(self.today.primary)
        if self.method == "morris":
            units, signed = dict.fromkeys(("effect", "signed", "bend"), unit), frozenset({"effect", "signed", "bend"})
            first = (
                f"Morris: {len(self.cube) // (len(self.factors) + 1)} trajectories, {n_points} scenarios that differ. "
                f"Effect: how much {name} moves over the whole range of an input, mean of its size; signed: mean with "
                "sign; bend: how much it differs from place to place, by curves or by the other inputs."
            )
        else:
            units, signed = dict.fromkeys(("alone", "total"), "1"), frozenset()
            first = (
                f"Sobol': {len(self.cube) // (len(self.factors) + 2)} base points, {n_points} scenarios that differ. "
                f"Share of the variance of {name} that an input explains alone, and in all with the others; inputs "
                "are independent and equally likely anywhere in their ranges."
            )
        level = f"Intervals hold one by one at {self.today.level:.0%}, from a bootstrap over the sample."
        return (first, level, noise_line(values, n)), units, signed

    def _sample(self, values: Array, unit: str) -> Section:
        """The points with their settings and answers, for other analyses."""
        rows: dict[str, dict[str, Any]] = {}
        for label, row in zip(self.labels, self.cube, strict=True):
            rows[label] = {path: text.replace("\\", "") for path, text in settings_at(self.factors, row).items()}
        table = pd.DataFrame(list(rows.values()))
        table["value"] = values.mean(axis=1)
        if values.shape[1] > 1:
            table["standard_error"] = np.std(values, axis=1, ddof=1) / np.sqrt(values.shape[1])
        units = {name: unit for name in ("value", "standard_error") if name in table}
        return Section("sample", "The sample", (), table, units, aside=True)


def noise_line(values: Array, n: int) -> str:
    """How much of the spread between points [n_points, n_replications] is noise of the simulation."""
    if n < 2:
        return "Noise share: not known from one replication a point."
    found = noise_share(values, common_random_numbers=True)
    return (
        f"Noise share: {found.share:.1%} of the variance between points is noise of the simulation, {n} replications "
        "each; shares of an input alone are too small, and in all too large, by about as much."
    )


def _conclusions(table: pd.DataFrame, name: str, method: str, unit: str) -> tuple[str, ...]:
    """Which input comes first, and of which others the sample does not tell it apart."""
    rows = table.to_dict("records")
    first, bar = rows[0], "effect" if method == "morris" else "total"
    if math.isnan(first[f"{bar}_low"]):
        return (f"None of these inputs moves {name}: it is the same everywhere in the sample.",)
    ends = shown_interval(first[f"{bar}_low"], first[f"{bar}_high"], unit if method == "morris" else "1")
    if method == "morris":
        size = shown_difference(first["effect"], unit).lstrip("+")
        lines = [f"Of these inputs {first['input']} moves {name} most: by {size} ({ends}) on average over its range."]
    else:
        alone, total = shown(first["alone"], "1"), shown(first["total"], "1")
        lines = [f"Of these inputs {first['input']} explains most of {name}: {alone} of the variance alone, {total} "
                 f"({ends}) in all."]  # fmt: skip
    close = [row["input"] for row in rows[1:] if row[f"{bar}_high"] >= first[f"{bar}_low"]]
    if close:
        lines.append(f"That it comes first is not sure; its interval meets that of {', '.join(close)}.")
    if method == "morris":
        little = [row["input"] for row in rows if row["effect_high"] < 0.1 * first["effect"]]
        lines += [f"Hardly at all (below a tenth of that): {', '.join(little)}."] if little else []
    return tuple(lines)
