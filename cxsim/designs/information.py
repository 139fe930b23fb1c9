"""The value of information: which input, better measured, narrows the answer most.

Each input is known only to lie in its range. Two experiments with common random numbers say what that does. In the
first, all inputs are drawn together, each set run several times: the spread of the answer over the sets, less what
chance makes of it, is what the ranges leave open. In the second, one input takes a few values across its range while a
replication draws the others anew, the same for every value: what differs between the values is then due to that input
alone, whatever the others are. Its share of the spread is what knowing it exactly would take away.

Source
------
Searle, Casella and McCulloch (1992), Variance components, for both layouts; Saltelli et al. (2008), Global sensitivity
analysis, for the share as the expected fall of the variance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from cxsim.designs.design import Answer, Replicated, Results, Section
from cxsim.designs.estimate import Array
from cxsim.designs.factors import Factor, scenario_at, settings_at
from cxsim.designs.layers import input_uncertainty
from cxsim.designs.sampling import unit_points
from cxsim.designs.tornado import TODAY, answer_of_today, point_trials
from cxsim.designs.values import Measured, measured, spoken_name
from cxsim.errors import RunError, problem
from cxsim.printed import MISSING, shown, shown_difference, shown_interval
from cxsim.scenario.load import Scenario
from cxsim.trial import Trial

SETS: Final = 32
OF_A_SET: Final = 5  # replications of each set
VALUES: Final = 5  # of an input across its range
FEWEST: Final = 4  # replications from which a share and its error can be told


class Component(NamedTuple):
    """A variance, not cut at 0, and its standard error."""

    variance: float
    error: float


@dataclass(frozen=True)
class Information:
    """Today; sets of all inputs; and every input at values across its range with the others drawn anew.

    Attributes
    ----------
    today : Replicated
        Its replications are the draws of the others.
    factors : tuple of Factor
        At least two.
    sets : int
        Draws of all inputs together.
    """

    today: Replicated
    factors: tuple[Factor, ...]
    sets: int = SETS

    def __post_init__(self) -> None:
        if len(self.factors) < 2:
            given = f"{len(self.factors)} input"
            raise RunError(problem("method=information", given, "2 or more", "method=tornado takes one"))
        if self.today.replications < FEWEST:
            allowed = f"{FEWEST} or more for method=information"
            raise RunError(problem("replications", self.today.replications, allowed, "20 to 50 are usual"))
        if self.sets < FEWEST:
            raise RunError(problem("points", self.sets, f"{FEWEST} sets or more", "30 to 100 are usual"))

    @cached_property
    def joint(self) -> Mapping[str, Scenario]:
        """Scenarios of the sets."""
        cube = self._cube(self.sets, self.today.seed)
        base = self.today.scenarios[TODAY]
        return {f"set {n + 1}": scenario_at(base, settings_at(self.factors, row)) for n, row in enumerate(cube)}

    def _cube(self, points: int, seed: int) -> Array:
        return unit_points("latin_hypercube", n_factors=len(self.factors), points=points, seed=seed)

    def values_of(self, factor: Factor) -> dict[str, str]:
        """Values of an input across its range, each as likely as the others, by the name of its scenarios."""
        count = factor.count or VALUES
        values = [factor.at((n + 0.5) / min(count, VALUES)) for n in range(min(count, VALUES))]
        return {f"{factor.path}={value} and the others drawn".replace("\\", ""): value for value in values}

    def ask(self, results: Results) -> list[Trial]:
        """All trials at once."""
        wanted = self.today.ask(results)
        replications = sorted({trial.replication for trial in wanted})
        if not replications:
            return wanted
        found = [*wanted, *point_trials(self.today, self.joint, replications[:OF_A_SET])]
        # Other draws than those of the sets, of which a share is taken.
        others = self._cube(len(replications), self.today.seed + 1)
        base = self.today.scenarios[TODAY]
        for replication, row in zip(replications, others, strict=True):
            drawn = settings_at(self.factors, row)
            points = {
                label: scenario_at(base, drawn | {factor.path: value})
                for factor in self.factors
                for label, value in self.values_of(factor).items()
            }
            found += point_trials(self.today, points, [replication])
        return found

    def answer(self, results: Results) -> Answer:
        """Tables of today, and the share of each input."""
        counters, level = results.counters(), self.today.level
        n = results.replications

        def of(labels: Mapping[str, Any], replications: int) -> Measured:
            part = counters[counters["replication"] < replications]
            return measured(part, list(labels), primary=self.today.primary, replications=replications)

        sets = of(self.joint, min(n, OF_A_SET))
        whole = component(sets.values, over="sets")
        parts = [component(of(self.values_of(factor), n).values, over="replications") for factor in self.factors]
        table = share_table(whole, parts, level=level, df=n - 1)
        table.insert(0, "input", [factor.path for factor in self.factors])
        table.insert(1, "range", [factor.span for factor in self.factors])
        table = table.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)
        error = input_uncertainty(sets.values, common_random_numbers=True).simulation_error
        name, unit = spoken_name(self.today.primary), sets.unit
        said = self._said(whole, error, name, unit)
        units, signed = {"share": "1", "spread_if_known": unit}, frozenset({"spread_if_known"})
        section = Section("information", "Which input to measure better", said, table, units, signed, bar="share")
        conclusions = _conclusions(table, whole, name, unit)
        return replace(answer_of_today(self.today, results), sections=(section,), conclusions=conclusions)

    def _said(self, whole: Component, error: float, name: str, unit: str) -> tuple[str, ...]:
        spread = _plain(math.sqrt(max(0.0, whole.variance)), unit)
        return (
            f"The stated ranges leave {name} open with a standard deviation of {spread}; chance adds a standard error "
            f"of {_plain(error, unit)}, which more replications take away.",
            "Share: of that variance, what knowing the input exactly would take away on average, and the standard "
            f"deviation that would be left. Intervals hold one by one at {self.today.level:.0%}, approximately.",
            "Assumed: every input is equally likely anywhere in its range, and independent of the others.",
        )


def component(values: Array, *, over: str) -> Component:
    """Variance between rows of values [n_rows, n_columns] beyond chance, with its error by the jackknife.

    Parameters
    ----------
    values : array
        Rows are sets or values of an input, columns replications that all rows share.
    over : str
        What was drawn at random and is left out one by one: 'sets' the rows, 'replications' the columns.
    """

    def between(part: Array) -> float:
        found = input_uncertainty(part, common_random_numbers=True)
        return (found.between - found.within) / part.shape[1]

    axis = 0 if over == "sets" else 1
    # Sets are a sample of all there could be; the values of an input are all there are, each as likely as the others.
    size = 1.0 if over == "sets" else (len(values) - 1) / len(values)
    return Component(size * between(values), size * _jackknife_error(values, between, axis))


def _jackknife_error(values: Array, statistic: Callable[[Array], float], axis: int) -> float:
    n = values.shape[axis]
    left_out = np.array([statistic(np.delete(values, place, axis=axis)) for place in range(n)])
    return float(np.sqrt((n - 1) / n * np.sum((left_out - left_out.mean()) ** 2)))


def share_table(whole: Component, parts: list[Component], *, level: float, df: int) -> pd.DataFrame:
    """Share of each input in the variance of all, 0 to 1, with its interval; and the deviation left without it.

    Where the inputs do not move the answer beyond chance there are no shares: NaN.
    """
    if not whole.variance > 0.0:
        nothing = np.full(len(parts), np.nan)
        return pd.DataFrame(dict.fromkeys(("share", "share_low", "share_high", "spread_if_known"), nothing))
    t = float(stats.t.ppf((1.0 + level) / 2.0, df))
    rows = []
    for part in parts:
        share = part.variance / whole.variance
        half = t * math.hypot(part.error, share * whole.error) / whole.variance
        left = math.sqrt(min(whole.variance, max(0.0, whole.variance - part.variance)))
        # Below 0 and above 1 is sampling error.
        rows.append((*(min(1.0, max(0.0, end)) for end in (share, share - half, share + half)), left))
    return pd.DataFrame(rows, columns=["share", "share_low", "share_high", "spread_if_known"])


def _conclusions(table: pd.DataFrame, whole: Component, name: str, unit: str) -> tuple[str, ...]:
    first = table.to_dict("records")[0]
    if math.isnan(first["share"]):
        return (f"The stated ranges do not move {name} beyond chance; no input is worth measuring better for it.",)
    span = shown_interval(first["share_low"], first["share_high"], "1")
    ends = "" if span == MISSING else f" ({span})"
    now, then = (_plain(value, unit) for value in (math.sqrt(whole.variance), first["spread_if_known"]))
    return (
        f"Better measured, {first['input']} narrows {name} most: it stands for {shown(first['share'], '1')}{ends} of "
        f"the variance that the stated ranges leave; known exactly, the standard deviation falls from {now} to {then}.",
    )


def _plain(size: float, unit: str) -> str:
    """A spread: a difference without a sign."""
    return shown_difference(size, unit).lstrip("+")
