"""One input at a time, at the low and the high end of its range, paired with today: a tornado, largest effect first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cxsim.designs.compare import simultaneous_level
from cxsim.designs.design import Answer, Replicated, Results, Section
from cxsim.designs.estimate import Interval
from cxsim.designs.factors import Factor, label_of, scenario_at
from cxsim.designs.looks import judge
from cxsim.designs.tables import difference_of
from cxsim.designs.values import primary_series, spoken_name
from cxsim.errors import RunError, problem
from cxsim.printed import MISSING, shown_difference, shown_interval
from cxsim.scenario.load import Scenario
from cxsim.trial import Trial

TODAY = "today"
ENDS = (("at_low_end", 0.0), ("at_high_end", 1.0))


def point_trials(today: Replicated, points: Mapping[str, Scenario], replications: Sequence[int]) -> list[Trial]:
    """Trials of points beside today, with its random numbers: only what is asked for, without breakdowns."""
    metrics = today.metrics or ()
    wanted = metrics if today.primary in metrics else (*metrics, today.primary)
    return [
        Trial(label, scenario, today.seed, replication, metrics=wanted, detail=False, engine=today.engine,
              perception=today.perception)
        for replication in replications
        for label, scenario in points.items()
    ]  # fmt: skip


def answer_of_today(today: Replicated, results: Results) -> Answer:
    """The usual tables of today alone."""
    own = [table for table in results.tables if set(table["scenario"]) <= set(today.scenarios)]
    return today.answer(replace(results, tables=own))


def end_label(factor: Factor, share: float) -> str:
    """Name of the scenario in which one input is at an end of its range."""
    return label_of({factor.path: factor.at(share)})


# Ends the name of what is said of an effect, which is no column of the table.
SHOWN = "_shown"


@dataclass(frozen=True)
class Tornado:
    """Today, and every input at both ends of its range with the others as today.

    Attributes
    ----------
    today : Replicated
        Today alone.
    factors : tuple of Factor
    """

    today: Replicated
    factors: tuple[Factor, ...]

    def __post_init__(self) -> None:
        """Refuse what lies between two ends, and would never run.

        Raises
        ------
        RunError
            An input of more than two values.
        """
        many = [factor for factor in self.factors if len(factor.levels) > 2]
        if many:
            raise RunError(
                [
                    problem(
                        f"sensitivity {factor.path}",
                        f"{len(factor.levels)} values",
                        "two for method=tornado, which runs the ends",
                        "give two, or method=morris or sobol",
                    )
                    for factor in many
                ]
            )

    def ask(self, results: Results) -> list[Trial]:
        """All trials at once."""
        wanted = self.today.ask(results)
        scenario = self.today.scenarios[TODAY]
        points = {
            end_label(factor, share): scenario_at(scenario, {factor.path: factor.at(share)})
            for factor in self.factors
            for _, share in ENDS
        }
        replications = sorted({trial.replication for trial in wanted})
        return [*wanted, *point_trials(self.today, points, replications)]

    def answer(self, results: Results) -> Answer:
        """Tables of today, and the tornado."""
        rows, unit = self._effects(results)
        table = pd.DataFrame([{key: value for key, value in row.items() if not key.endswith(SHOWN)} for row in rows])
        name = spoken_name(self.today.primary)
        said = (
            f"Change of {name} when one input goes to the low or high end of its range and the others stay as today; "
            "the same random numbers everywhere. Swing: high end less low end.",
            f"The {3 * len(self.factors)} intervals hold together at {self.today.level:.0%} (Bonferroni)."
            if results.replications > 1
            else "No intervals: one replication does not tell an effect from chance.",
        )
        changes = ("at_low_end", "at_high_end", "swing")
        section = Section("tornado", "Which input moves the answer", said, table, dict.fromkeys(changes, unit),
                          frozenset(changes), bar="swing")  # fmt: skip
        plain = answer_of_today(self.today, results)
        return replace(plain, sections=(section,), conclusions=_conclusions(rows, name, unit))

    def _effects(self, results: Results) -> tuple[list[dict[str, Any]], str]:
        """One row an input, the largest effect first, and the unit."""
        labels = [TODAY, *(end_label(factor, share) for factor in self.factors for _, share in ENDS)]
        series = primary_series(
            results.counters(), labels, primary=self.today.primary, replications=results.replications
        )
        each = simultaneous_level(self.today.level, n_intervals=3 * len(self.factors))
        rows = []
        for factor in self.factors:
            row: dict[str, Any] = {"input": factor.path, "range": factor.span}
            low, high = (series[end_label(factor, share)] for _, share in ENDS)
            pairs = {"at_low_end": (low, series[TODAY]), "at_high_end": (high, series[TODAY]), "swing": (high, low)}
            for name, (changed, base) in pairs.items():
                row |= _columns(name, difference_of(changed, base, level=each).interval)
            rows.append(row)
        rows.sort(key=_size, reverse=True)
        return rows, series[TODAY].about[0]


def _columns(name: str, found: Interval) -> dict[str, Any]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high, f"{name}{SHOWN}": judge(found)}


def _size(row: Mapping[str, Any]) -> float:
    """The largest of what an input does; unknown ones last."""
    sizes = [abs(row[name]) for name in ("at_low_end", "at_high_end", "swing") if not math.isnan(row[name])]
    return max(sizes, default=-1.0)


def _conclusions(rows: Sequence[Mapping[str, Any]], name: str, unit: str) -> tuple[str, ...]:
    """What moves the answer most, and what was not shown to move it."""
    still = [row for row in rows if not any(_shows(row, part) for part in ("at_low_end", "at_high_end", "swing"))]
    moving = [row for row in rows if row not in still]
    lines = []
    for place, row in enumerate(moving[:3]):
        span = shown_interval(row["swing_low"], row["swing_high"], unit, difference=True)
        ends = "" if span == MISSING else f" ({span})"
        first = f"Of these inputs {row['input']} moves {name} most" if place == 0 else f"Next comes {row['input']}"
        lines.append(f"{first}: {shown_difference(row['swing'], unit)}{ends} from {row['range']}.")
    if still:
        lines.append(f"No effect on {name} is shown of {', '.join(row['input'] for row in still)}.")
    return tuple(lines)


def _shows(row: Mapping[str, Any], part: str) -> bool:
    """Whether the interval leaves out 0; without variance, whether enough replications agree (sign test)."""
    return row[f"{part}{SHOWN}"] in ("above", "below")
