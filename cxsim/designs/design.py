"""What an experiment asks for next, and what it makes of the answers; it neither runs nor stores anything.

Above 300 lines because the dialogue, what it is about and the plainest design that holds it are read together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Protocol

import pandas as pd

from cxsim.designs.compare import simultaneous_level
from cxsim.designs.estimate import Interval
from cxsim.designs.explanations import PREFIX, explanation_table, uncertainty_table
from cxsim.designs.looks import PLANNED, Decision, decide_at_looks
from cxsim.designs.replicate import MOST, Precision, replications_for
from cxsim.designs.skewness import skewness_notes
from cxsim.designs.tables import (
    Series,
    difference_of,
    difference_table,
    estimate_table,
    first_replications,
    interval_of,
    series_of,
)
from cxsim.errors import RunError, problem
from cxsim.perception.parameters import PerceptionModel
from cxsim.scenario.load import Scenario
from cxsim.trial import Engine, Trial
from cxsim.units import duration

LOOK_EVERY = 10
MOST_REPLICATIONS = 1000
P_VALUE = "p"  # as a unit of a section's column


@dataclass
class Results:
    """Counters of finished trials, by scenario.

    Attributes
    ----------
    tables : list of DataFrame
        Those held in memory.
    replications : int
    read : function of trials, or None
        Reads counters again that are not held.
    """

    tables: list[pd.DataFrame] = field(default_factory=list)
    replications: int = 0
    read: Callable[[Sequence[Trial]], Iterable[pd.DataFrame]] | None = None

    def counters(self) -> pd.DataFrame:
        """All counters in one table."""
        return pd.concat(self.tables, ignore_index=True)

    def of(self, trials: Sequence[Trial]) -> pd.DataFrame:
        """Counters of all replications of the scenarios of some trials, in one table."""
        if self.read is not None:
            return pd.concat(self.read(trials), ignore_index=True)
        counters = self.counters()
        return counters[counters["scenario"].isin({trial.label for trial in trials})]


class Design(Protocol):
    """An experiment as a dialogue: `ask` until it is satisfied, then `answer`."""

    def ask(self, results: Results) -> Sequence[Trial]:
        """Trials wanted next; none when the design is satisfied."""

    def answer(self, results: Results) -> Answer:
        """Tables of the experiment."""


@dataclass(frozen=True)
class Section:
    """One more part of a report: a heading, plain sentences, a table and the units of its columns.

    Attributes
    ----------
    name : str
        Of the file that keeps the table, NAME.csv.
    title : str
    said : tuple of str
        Sentences above the table, each with its numbers.
    table : DataFrame
    units : mapping of column to unit
        Of columns of numbers, as of metrics ('1' a share, 's', 'points', 'money'), or 'p' for p-values; others are
        printed as they are.
    differences : frozenset of str
        Columns that are printed with a sign, shares among them in percentage points.
    note : str
        Below the table.
    aside : bool
        Not shown, only kept as NAME.csv and as a sheet of the book.
    bar : str
        A column of which the size is drawn as a bar, the largest as the full length.
    """

    name: str
    title: str
    said: tuple[str, ...] = ()
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    units: Mapping[str, str] = field(default_factory=dict)
    differences: frozenset[str] = frozenset()
    note: str = ""
    bar: str = ""
    aside: bool = False


@dataclass(frozen=True)
class Answer:
    """Estimates, differences against the first scenario where there are several, and what they are made of.

    `conclusions` are sentences that come before all others. `sections` are what a design has to say beside; `scenarios`
    those to be reported where the design found them itself. `decisions` are those of planned looks, by label of the
    scenario; `replications` how many the tables rest on where that is not all.
    """

    estimates: pd.DataFrame
    differences: pd.DataFrame | None
    notes: tuple[str, ...] = ()
    explanations: pd.DataFrame = field(default_factory=pd.DataFrame)
    attribution: pd.DataFrame = field(default_factory=pd.DataFrame)
    uncertainty: pd.DataFrame = field(default_factory=pd.DataFrame)
    sections: tuple[Section, ...] = ()
    scenarios: Mapping[str, Scenario] | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    replications: int | None = None
    conclusions: tuple[str, ...] = ()


def parse_precision(text: str | None, *, unit: str, name: str = "precision") -> Precision | None:
    """A precision as a planner writes it: '1 point' (of a share or of NPS), '5 s', '2 min', '3 %' of the value.

    Raises
    ------
    RunError
        Not of that form, or not of the metric's unit.
    """
    if text is None:
        return None
    where, form = f"{name} {text}", "'1 point', '5 s' or '3 %' of the value"
    found = re.fullmatch(r"\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*(points?|%)\s*", text)
    if found:
        amount = float(found[1])
        if found[2] == "%":
            precision = Precision(amount / 100.0, relative=True)
        elif unit in ("1", "points"):
            precision = Precision(amount / 100.0 if unit == "1" else amount)
        else:
            raise RunError(problem(where, "points", f"the primary metric has unit {unit}", form))
    else:
        try:
            precision = Precision(duration(text))
        except ValueError:
            raise RunError(problem(where, "cannot be read", form)) from None
        if unit != "s":
            raise RunError(problem(where, "a duration", f"the primary metric has unit {unit}", form))
    if precision.within <= 0:
        raise RunError(problem(where, "not above 0", form))
    return precision


@dataclass(frozen=True)
class Replicated:
    """Scenarios with the same replications of the same random numbers: a fixed number, until precise, or until clear.

    Attributes
    ----------
    scenarios : mapping of label to Scenario
        The first is the baseline.
    replications : int
        Fixed number; with a precision, the number before the first look (at least 10) is this or 10.
    precision : str or None
        Of the primary metric: of its value for one scenario, of its difference to the baseline for several.
    primary : str
        'metric:variant'.
    most : int
        With a precision: replications after which to stop all the same, and say so.
    paired : bool
        The precision is that of differences to the first scenario; else that of every scenario's own value.
    confirm : tuple of 'metric:variant'
        Metrics of the confirmatory table, adjusted by Holm.
    looks : str
        'planned': after 20, 40, 80, 160 and 320 replications (up to `most`), whatever `replications` says, until the
        primary metric is above, below or equivalent: each difference to the first scenario against 0, together at
        `level`; of one scenario its value against `target`.
    target, margin : float or None
        In the unit of the primary metric. Within the margin is equivalent.
    """

    scenarios: Mapping[str, Scenario]
    seed: int
    replications: int
    primary: str
    precision: str | None = None
    most: int = MOST_REPLICATIONS
    metrics: tuple[str, ...] | None = None
    extra: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    paired: bool = True
    detail: bool = True
    engine: Engine = "auto"
    level: float = 0.95
    looks: Literal["fixed", "planned"] = "fixed"
    target: float | None = None
    margin: float | None = None
    perception: PerceptionModel | None = None

    def __post_init__(self) -> None:
        if self.looks == "planned":
            self._check_looks()
        if self.replications < 1:
            raise RunError(problem("replications", self.replications, "1 or more", "20 to 100 are usual"))
        if not 0 <= self.seed < 2**63:
            raise RunError(problem("seed", self.seed, "a whole number from 0 to 2**63 - 1"))
        if self.most < self.replications:
            raise RunError(problem("most", self.most, f"at least replications, {self.replications}", "raise most="))

    def _check_looks(self) -> None:
        if self.precision is not None:
            raise RunError(problem("looks", "planned, with a precision", "one of both", "leave out precision="))
        if self.most < PLANNED[0]:
            raise RunError(problem("most", self.most, f"at least {PLANNED[0]} for planned looks"))
        if (self.target is None) == (len(self.scenarios) == 1):
            given = f"{len(self.scenarios)} scenarios, {'no ' if self.target is None else 'a '}target"
            raise RunError(problem("looks", given, "one scenario and its target, or several and their differences"))
        if len(self.scenarios) > 1 and not self.paired:
            raise RunError(problem("looks", "planned, of scenarios that are not paired", "a comparison with the first"))
        if self.margin is not None and not self.margin > 0:
            raise RunError(problem("margin", f"{self.margin:g}", "above 0", "leave it out if none is known"))

    def trials(self, first: int, stop: int) -> list[Trial]:
        """Replications first to stop - 1 of every scenario."""
        base, *_ = self.scenarios
        return [
            Trial(
                label,
                scenario,
                self.seed,
                replication,
                metrics=self.metrics,
                extra=self.extra,
                detail=self.detail,
                engine=self.engine,
                against=self.scenarios[base] if self.paired and self.detail and label != base else None,
                perception=self.perception,
            )
            for replication in range(first, stop)
            for label, scenario in self.scenarios.items()
        ]

    def ask(self, results: Results) -> list[Trial]:
        """The first batch, then ten replications more of everything until precise."""
        wanted = self.wanted(results)
        return self.trials(wanted.start, wanted.stop)

    def wanted(self, results: Results) -> range:
        """Replications of every scenario that are wanted next."""
        done = results.replications
        if self.looks == "planned":
            later = [found.next_look for found in self.decisions(results).values()] if done else [PLANNED[0]]
            return range(done, max((look for look in later if look is not None), default=done))
        if done == 0:
            return range(self.replications if self.precision is None else max(self.replications, LOOK_EVERY))
        if self.precision is None or done >= self.most or self.is_precise(results):
            return range(done, done)
        if done == max(self.replications, LOOK_EVERY):
            self._refuse_too_precise(results)
        return range(done, min(done + LOOK_EVERY, self.most))

    def is_precise(self, results: Results) -> bool:
        """Whether the primary metric, or its difference in every comparison, is as precise as asked."""
        intervals, precision = self._watched(results)
        # NaN is not precise; what did not vary at all will not become more precise.
        return all(
            "zero_variance" in found.flags or found.half_width <= precision.half_width(abs(found.value))
            for found in intervals
        )

    def _watched(self, results: Results) -> tuple[list[Interval], Precision]:
        """The intervals that are to become as narrow as the precision."""
        series = self._primary_series(results)
        precision = parse_precision(self.precision, unit=series[0].about[0])
        assert precision is not None
        if len(series) == 1 or not self.paired:
            intervals = [interval_of(one, level=self.level) for one in series]
        else:
            intervals = [difference_of(other, series[0], level=self.level).interval for other in series[1:]]
        return intervals, precision

    def _refuse_too_precise(self, results: Results) -> None:
        """After the first look: whether the precision would need more replications than there may be."""
        intervals, precision = self._watched(results)
        wanted = [
            (precision.half_width(abs(found.value)), found.standard_error * math.sqrt(found.n))
            for found in intervals
            if found.standard_error > 0  # NaN where nothing is known yet
        ]
        needed = [replications_for(allowed, spread=spread, level=self.level) for allowed, spread in wanted]
        most = max((MOST if n is None else n for n in needed), default=0)
        if most > self.most:
            about = f"more than {MOST:,}" if most >= MOST else f"about {most:,}"
            given = f"{self.primary} would need {about} replications, as the first {results.replications} say"
            raise RunError(
                problem(f"precision {self.precision}", given, f"at most {self.most:,}",
                        "ask for less, or raise most=")
            )  # fmt: skip

    def _primary_series(self, results: Results) -> Sequence[Series]:
        metric, _, variant = self.primary.partition(":")
        table = results.counters()
        table = table[(table["by"] == "") & (table["metric"] == metric) & (table["variant"] == variant)]
        series = list(series_of(table, replications=results.replications))
        if not series:
            raise RunError(problem(f"primary metric {self.primary}", "not measured here", "choose another primary="))
        return series

    def decisions(self, results: Results) -> dict[str, Decision]:
        """What the planned looks so far say of the primary metric, by label of the scenario."""
        found = {one.key[0]: one for one in self._primary_series(results)}
        for label in self.scenarios:
            if label not in found:
                given = f"primary metric {self.primary}"
                raise RunError(problem(given, f"not measured in {label}", "choose another primary="))
        first, *others = (found[label] for label in self.scenarios)

        def value_at(one: Series, n: int, level: float) -> Interval:
            return interval_of(first_replications(one, n), level=level)

        def difference_at(one: Series, n: int, level: float) -> Interval:
            changed, base = first_replications(one, n), first_replications(first, n)
            return difference_of(changed, base, level=level).interval

        looked, at = (others, difference_at) if others else ([first], value_at)
        together = simultaneous_level(self.level, n_intervals=len(looked))
        return {
            one.key[0]: decide_at_looks(
                partial(at, one),
                n=results.replications,
                target=self.target or 0.0,
                margin=self.margin,
                looks=[look for look in PLANNED if look <= self.most],
                level=together,
            )
            for one in looked
        }

    def answer(self, results: Results) -> Answer:
        """Estimates of every scenario and differences to the first."""
        every = results.counters()
        counters = every[~every["by"].str.startswith(PREFIX)]
        estimates = estimate_table(counters, replications=results.replications, level=self.level)
        differences = None
        if len(self.scenarios) > 1:
            differences = difference_table(
                counters,
                base=next(iter(self.scenarios)),
                replications=results.replications,
                confirm=self.confirm,
                level=self.level,
            )
        notes = []
        if self.precision is not None and not self.is_precise(results):
            notes.append(
                f"{self.primary} did not reach the precision of {self.precision} within {self.most} replications; "
                "its interval is as printed"
            )
        notes += skewness_notes(counters, names=(self.primary, *self.confirm), replications=results.replications)
        decisions = self.decisions(results) if self.looks == "planned" else {}
        if decisions:
            notes.append("decided at planned looks; intervals of the tables are those of one look")
        explanations = explanation_table(every, level=self.level)
        uncertainty = uncertainty_table(every)
        return Answer(estimates, differences, tuple(notes), explanations, decisions=decisions, uncertainty=uncertainty)
