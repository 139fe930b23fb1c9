"""The best of several scenarios: chosen one replication after another, compared with the best, or with a benchmark.

Every ratio is reckoned with one number a replication: its ratio of the first stage, and how far the replication lies
from it. What was reckoned then does not move when more replications come, as sequential procedures need.

Above 300 lines because three procedures share their dialogue, their numbers and their words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from cxsim.designs.best import compare_with_best
from cxsim.designs.design import Answer, Replicated, Results, Section
from cxsim.designs.estimate import Array, is_constant
from cxsim.designs.selection import KimNelson, known_standard, second_stage, select_with_standard
from cxsim.designs.tables import Series, estimate_table, first_replications, interval_of
from cxsim.designs.values import measured, primary_series, spoken_name, unit_of
from cxsim.errors import RunError, problem
from cxsim.printed import shown, shown_difference, shown_level
from cxsim.trial import Trial

METHODS: Final = ("kn", "hsu", "standard")
STEP: Final = 5  # replications asked for at a time, so that several workers have work; what is beyond is not used


class Found(NamedTuple):
    """What a procedure says: columns of the table, what was done, and what comes of it."""

    columns: dict[str, list[Any]]
    said: str
    conclusions: tuple[str, ...]


@dataclass(frozen=True)
class Selected:
    """Which of several scenarios is best by the primary metric.

    Attributes
    ----------
    replicated : Replicated
        The scenarios; its replications are the first stage, `most` the largest number of any scenario.
    method : str
        'kn': one replication after another under common random numbers, what is clearly worse is screened out.
        'hsu': a fixed number, each scenario against the best of the others. 'standard': two stages with independent
        random numbers, against a benchmark that is known exactly.
    difference : float
        The smallest that matters, in the unit of the metric.
    confidence : float
    larger_is_better : bool
    against : float or None
        The benchmark of 'standard'.
    """

    replicated: Replicated
    method: Literal["kn", "hsu", "standard"]
    difference: float
    confidence: float
    larger_is_better: bool
    against: float | None = None

    def __post_init__(self) -> None:
        fewest = 1 if self.method == "standard" else 2
        if len(self.labels) < fewest:
            given = f"{len(self.labels)} scenario"
            raise RunError(
                problem("select", given, f"{fewest} or more", "--change 'NAME: KEY=VALUE' or --with SCENARIO")
            )
        if (self.against is None) == (self.method == "standard"):
            given = f"method={self.method}{', no benchmark' if self.against is None else ', with a benchmark'}"
            raise RunError(problem("against", given, "a benchmark for method=standard only", "against=80%"))
        blind = 1.0 / max(2, len(self.labels))
        if not blind < self.confidence < 1.0:
            raise RunError(problem("confidence", f"{self.confidence:g}", f"between {blind:g} and 1, as 0.95"))
        if self.replicated.replications < 2:
            raise RunError(problem("replications", self.replicated.replications, "2 or more", "20 are usual"))

    @property
    def labels(self) -> list[str]:
        """Names of the scenarios."""
        return list(self.replicated.scenarios)

    @property
    def name(self) -> str:
        """The metric, inside a sentence."""
        return spoken_name(self.replicated.primary)

    def ask(self, results: Results) -> list[Trial]:
        """The first stage, then what the procedure wants."""
        first, most = self.replicated.replications, self.replicated.most
        done = results.replications
        if done == 0:
            return self._trials(dict.fromkeys(self.labels, range(first)))
        if self.method == "kn":
            procedure = self._screened(results)
            if procedure.selection is not None or done >= most:
                return []
            stop = min(done + STEP, most)
            return self._trials({self.labels[place]: range(done, stop) for place in procedure.kept})
        if self.method == "standard" and done == first:
            return self._trials({label: range(first, n) for label, n in self._second_stage(results).items()})
        return []

    def _trials(self, wanted: Mapping[str, range]) -> list[Trial]:
        design = self.replicated
        # Comparisons with a benchmark rest on independent runs: other random numbers for every scenario.
        apart = 1 if self.method == "standard" else 0
        return [
            Trial(label, design.scenarios[label], (design.seed + apart * place) % 2**63, replication,
                  metrics=design.metrics, extra=design.extra, detail=False, engine=design.engine,
                  perception=design.perception)
            for replication in range(max((part.stop for part in wanted.values()), default=0))
            for place, label in enumerate(self.labels)
            if replication in wanted.get(label, ())
        ]  # fmt: skip

    def _series(self, results: Results) -> dict[str, Series]:
        """The primary metric of each scenario, over the replications that it ran."""
        counters = results.counters()
        found = primary_series(
            counters, self.labels, primary=self.replicated.primary, replications=results.replications
        )
        ran = counters.groupby("scenario")["replication"].max() + 1
        return {label: first_replications(series, int(ran[label])) for label, series in found.items()}

    def _values(self, series: Mapping[str, Series]) -> dict[str, Array]:
        """One number a replication of each scenario, linear around the ratio of the first stage."""
        first, found = self.replicated.replications, {}
        for label, one in series.items():
            if one.samples is not None:
                given = f"{self.replicated.primary} is a quantile over customers"
                raise RunError(
                    problem(f"method={self.method}", given, "a share or a mean", "method=hsu, or another primary=")
                )
            size = one.denominators[:first].mean()
            if not size > 0:
                where, given = f"primary metric {self.replicated.primary}", f"nothing observed in {label}"
                raise RunError(problem(where, given, "something in the first stage", "more replications="))
            ratio = one.numerators[:first].sum() / one.denominators[:first].sum()
            found[label] = ratio + (one.numerators - ratio * one.denominators) / size
        return found

    def _screened(self, results: Results) -> KimNelson:
        """The sequential procedure, taken through all that has been run."""
        procedure = KimNelson(len(self.labels), difference=self.difference, first=self.replicated.replications,
                              level=self.confidence, larger_is_better=self.larger_is_better)  # fmt: skip
        values = self._values(self._series(results))
        done = 0
        while procedure.selection is None:
            asked, count = procedure.ask()
            if done + count > results.replications:
                break
            procedure.answer(np.array([values[self.labels[place]][done : done + count] for place in asked]).T)
            done += count
        return procedure

    def _second_stage(self, results: Results) -> dict[str, int]:
        """Replications of each scenario in both stages.

        Raises
        ------
        RunError
            More than there may be: says how many, before the second stage starts.
        """
        first = self.replicated.replications
        constants = known_standard(len(self.labels), first=first, level=self.confidence)
        values = self._values(self._series(results))
        spreads = [float(np.var(values[label][:first], ddof=1)) for label in self.labels]
        wanted = second_stage(spreads, constant=constants.g, difference=self.difference, first=first)
        if wanted.max() > self.replicated.most:
            given = f"'{self.labels[int(wanted.argmax())]}' would need about {int(wanted.max()):,} replications"
            remedy = "a larger indifference=, or raise most="
            raise RunError(problem("method=standard", given, f"at most {self.replicated.most:,}", remedy))
        return {label: int(n) for label, n in zip(self.labels, wanted, strict=True)}

    def answer(self, results: Results) -> Answer:
        """Estimates of every scenario over its own replications, and what was selected."""
        counters, series = results.counters(), self._series(results)
        parts = [
            estimate_table(counters[counters["scenario"] == label], replications=len(one.numerators))
            for label, one in series.items()
        ]
        by = {"kn": self._by_screening, "hsu": self._by_comparison, "standard": self._by_benchmark}
        found = by[self.method](results)
        rows = pd.DataFrame([self._row(label, one) for label, one in series.items()]).assign(**found.columns)
        units = dict.fromkeys(("value", "to_best_other"), next(iter(series.values())).about[0])
        section = Section("selection", "Which is best", (found.said,), rows, units, frozenset({"to_best_other"}))
        return Answer(pd.concat(parts, ignore_index=True), None, sections=(section,), conclusions=found.conclusions)

    def _row(self, label: str, one: Series) -> dict[str, Any]:
        found = interval_of(one, level=self.replicated.level)
        ends = {"value_low": found.low, "value_high": found.high}
        return {"scenario": label, "value": found.value, **ends, "replications": len(one.numerators)}

    def _by_screening(self, results: Results) -> Found:
        procedure = self._screened(results)
        chosen, out = procedure.selection, procedure.eliminated_at
        best = None if chosen is None else chosen.best
        remaining = "still in" if best is None else "as good as the one selected"
        standings = [
            f"screened out after {out[place]:.0f}" if out[place] else "selected" if place == best else remaining
            for place in range(len(self.labels))
        ]
        said = (
            f"Kim and Nelson's procedure on {self.name}, common random numbers, first stage of "
            f"{self.replicated.replications} replications. It selects the best of the {len(self.labels)} with a "
            f"probability of at least {shown_level(self.confidence)}, all comparisons together, wherever the best "
            f"leads by {self._smallest()}."
        )
        order = [place for place in np.argsort(out, kind="stable") if out[place]]
        gone = "; ".join(f"'{self.labels[place]}' after {out[place]:.0f}" for place in order)
        dropped = (f"Screened out: {gone} replications.",) if gone else ()
        if chosen is None or best is None:
            kept = ", ".join(f"'{self.labels[place]}'" for place in procedure.kept)
            head = (
                f"Not decided within {results.replications} replications: {kept} are still in. Raise most=, or let "
                f"only a larger difference matter than {self._smallest()}."
            )
        else:
            tie = " Another had the same mean." if "tie" in chosen.flags else ""
            if "zero_variance" in chosen.flags:
                tie += f" Two of them differed by the same in each {self._taken_as_exact()}"
            head = (
                f"Selected: '{self.labels[best]}', the best by {self.name} with a probability of at least "
                f"{shown_level(self.confidence)} if the best leads by {self._smallest()} or more.{tie}"
            )
        return Found({"standing": standings}, said, (head, *dropped))

    def _by_comparison(self, results: Results) -> Found:
        n = results.replications
        found = measured(results.counters(), self.labels, primary=self.replicated.primary, replications=n)
        compared = compare_with_best(found.values.T, larger_is_better=self.larger_is_better, level=self.confidence)
        towards = compared.means if self.larger_is_better else -compared.means
        columns: dict[str, list[Any]] = {
            "to_best_other": [towards[place] - np.delete(towards, place).max() for place in range(len(towards))],
            "to_best_other_low": list(compared.low),
            "to_best_other_high": list(compared.high),
            "standing": list(compared.standing),
        }
        side = "" if self.larger_is_better else ", above 0 the better side"
        said = (
            f"Hsu's comparison of each scenario with the best of the others by {self.name}{side}: common random "
            f"numbers, {n} replications. All intervals hold together at {shown_level(self.confidence)}; one that "
            "reaches 0 only from below is not the best, one that starts at 0 is."
        )
        return Found(columns, said, self._standing_lines(compared.standing, compared.low, found.unit))

    def _standing_lines(self, standings: Sequence[str], low: Array, unit: str) -> tuple[str, ...]:
        """Who is, or may be, the best, and who is at most a little behind."""
        paired = zip(self.labels, standings, strict=True)
        names = [f"'{label}'" for label, standing in paired if standing != "not the best"]
        share = f"with {shown_level(self.confidence)} confidence"
        if "the best" in standings:
            return (f"{names[0]} is the best by {self.name}, {share}; the others are not.",)
        near = "; ".join(
            f"'{label}' is at most {_plain(-end, unit)} behind the best"
            for label, end in zip(self.labels, low, strict=True)
            if -end <= self.difference
        )
        rest = len(self.labels) - len(names)
        first = f"{', '.join(names)} may be the best by {self.name}, {share}; {rest} of {len(self.labels)} are not."
        return (first, f"By less than what matters: {near}.") if near else (first,)

    def _by_benchmark(self, results: Results) -> Found:
        assert self.against is not None
        series, first = self._series(results), self.replicated.replications
        values, unit = self._values(series), next(iter(series.values())).about[0]
        constants = known_standard(len(self.labels), first=first, level=self.confidence)
        means = [float(values[label].mean()) for label in self.labels]
        chosen = select_with_standard(means, benchmark=self.against, constants=constants, difference=self.difference,
                                      larger_is_better=self.larger_is_better)  # fmt: skip
        benchmark = shown(self.against, unit)
        said = (
            f"Comparison of {self.name} with the benchmark of {benchmark}, taken as exact: two stages, the first of "
            f"{first} replications, other random numbers for every scenario. With a probability of at least "
            f"{shown_level(self.confidence)} each, the benchmark is kept if nothing is better, and the best is found "
            f"if it leads the benchmark and all others by {self._smallest()}."
        )
        if chosen.best is None:
            head = f"Nothing is shown to be better than the benchmark of {benchmark} by {self.name}."
        else:
            head = f"Selected: '{self.labels[chosen.best]}', better than the benchmark of {benchmark} by {self.name}."
        still = [f"'{label}'" for label in self.labels if is_constant(values[label][:first])]
        if still:
            head += f" {', '.join(still)} came out the same in each {self._taken_as_exact()}"
        standings = ["selected" if place == chosen.best else "-" for place in range(len(self.labels))]
        return Found({"standing": standings}, said, (head,))

    def _taken_as_exact(self) -> str:
        return (
            f"of the first {self.replicated.replications} replications, which the procedure takes as exact: run more "
            "of them, replications=, to be sure."
        )

    def _smallest(self) -> str:
        return _plain(self.difference, unit_of(self.replicated.primary))


def _plain(size: float, unit: str) -> str:
    """A difference without its sign."""
    text = shown_difference(size, unit).lstrip("+")
    if size > 0.0 and not any(digit in text for digit in "123456789"):
        # Too small for the usual digits, but not nothing: somebody asked for it.
        digits = math.ceil(-math.log10(size * (100.0 if unit == "1" else 1.0)))
        return shown_difference(size, unit, digits=digits).lstrip("+")
    return text
