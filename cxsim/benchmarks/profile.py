"""What a peer group looks like: published figures with their sources, and the line each metric is scored on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from cxsim.benchmarks import rules
from cxsim.benchmarks.cells import Cell as Cell
from cxsim.benchmarks.cells import Direction, Peer, Provenance
from cxsim.benchmarks.position import percentile

Missed = Literal["fail", "reweight", "zero", "peer_median"]
MISSED: tuple[Missed, ...] = ("reweight", "fail", "zero", "peer_median")


@dataclass(frozen=True)
class Line:
    """One end of a scorecard line, or a target: a value from a cell (`statistic`), or filled in with the reason."""

    value: float
    provenance: Provenance
    statistic: str = ""
    note: str = ""


@dataclass(frozen=True)
class Band:
    """Where a metric is neither too low nor too high: full score from `low` to `high`, none at the worst ends."""

    worst_low: Line
    low: Line
    high: Line
    worst_high: Line

    @property
    def lines(self) -> tuple[Line, ...]:
        """The four corners, ascending."""
        return (self.worst_low, self.low, self.high, self.worst_high)


@dataclass(frozen=True)
class ProfileMetric:
    """A metric of the catalogue among its peers: variant, weight, figures, and the line it is scored on.

    With the rule 'linear' either `worst` and `best` are given, or `band`; what the other rules need stands in
    `rules.NEEDS`. `direction` is given where no line carries it. `observed` says that worst and best are the ends of
    what is observed, to be found when something is scored. `source_variant` is the source's own definition; 'unstated'
    means that the source does not say, and `variant` is an assumption.
    """

    name: str
    variant: str
    weight: float
    unit: str
    worst: Line | None = None
    best: Line | None = None
    band: Band | None = None
    target: Line | None = None
    cells: tuple[Cell, ...] = ()
    source_variant: str = "unstated"
    note: str = ""
    rule: str = "linear"
    bands: tuple[float, ...] = ()
    peers: tuple[Peer, ...] = ()
    direction: Direction | None = None
    observed: bool = False

    @property
    def better(self) -> Direction:
        """Direction of the metric, carried by the line itself."""
        if self.bands:
            return "higher" if self.bands[-1] > self.bands[0] else "lower"
        if self.worst is not None and self.best is not None:
            return "higher" if self.best.value > self.worst.value else "lower"
        return self.direction or "band"

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line the score rests on."""
        if self.rule in ("goal_ratio", "less_is_better"):
            return () if self.target is None else (self.target,)
        if self.rule in ("banded", "normalised_with_bias", "percentile"):
            return ()
        if self.band is not None:
            return self.band.lines
        return tuple(line for line in (self.worst, self.best) if line is not None)

    @property
    def ends(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Where the score is 0 and where it is 1: one value each, of a band two each; infinity if it is never 0."""
        if self.band is not None:
            worst_low, low, high, worst_high = (line.value for line in self.band.lines)
            return (worst_low, worst_high), (low, high)
        if self.bands:
            return (self.bands[0],), (self.bands[-1],)
        if self.rule in ("goal_ratio", "less_is_better") and self.target is not None:
            goal = self.target.value
            nothing = 0.0 if self.better == "higher" else 2.0 * goal if self.rule == "less_is_better" else math.inf
            return (nothing,), (goal,)
        if self.worst is not None and self.best is not None and self.rule not in ("normalised_with_bias", "percentile"):
            return (self.worst.value,), (self.best.value,)
        low, high = self._reach()
        return ((low,), (high,)) if self.better == "higher" else ((high,), (low,))

    def cell(self, statistic: str, *, low_confidence: bool = True) -> Cell | None:
        """The cell of a statistic, or None; without `low_confidence` cells of low confidence count as absent."""
        for cell in self.cells:
            if cell.statistic == statistic and (low_confidence or cell.confidence != "low"):
                return cell
        return None

    def score(self, value: float, *, low_confidence: bool = False) -> float:
        """Score of a value by the metric's rule, 0 worst to 1 best.

        Parameters
        ----------
        value : float
            In the metric's unit.
        low_confidence : bool
            Count peer figures of low confidence too, for the rule 'percentile'.

        Raises
        ------
        ValueError
            The metric lacks what its rule needs.
        """
        higher = self.better == "higher"
        if self.rule == "banded" and self.bands:
            return rules.banded(value, edges=self.bands)
        if self.rule == "goal_ratio" and self.target is not None:
            return rules.goal_ratio(value, goal=self.target.value, higher=higher)
        if self.rule == "less_is_better" and self.target is not None:
            return rules.less_is_better(value, target=self.target.value)
        if self.rule == "normalised_with_bias":
            low, high = self._reach()
            return rules.normalised(value, low=low, high=high, higher=higher)
        if self.rule == "percentile":
            place = percentile(self, value=value, low_confidence=low_confidence)
            return rules.share_beaten(at_least=place.at_least, at_most=place.at_most, higher=higher)
        if self.rule == "linear" and self.band is not None:
            return rules.band(value, corners=[line.value for line in self.band.lines])
        if self.rule in ("linear", "bounded_0_10") and self.worst is not None and self.best is not None:
            return rules.linear(value, worst=self.worst.value, best=self.best.value)
        raise ValueError(f"{self.name} cannot be scored by the rule {self.rule}; it needs {rules.NEEDS[self.rule]}")

    def _reach(self) -> tuple[float, float]:
        """Lowest and highest figure about the peers, the means apart."""
        values = [cell.value for cell in self.cells if cell.statistic in ("min", "p10", "q1", "q3", "p90", "max")]
        values += [peer.value for peer in self.peers]
        if len(set(values)) < 2:
            raise ValueError(f"{self.name} has no peers' ends for the rule {self.rule}; give cells min and max")
        return min(values), max(values)

    def on_observed(self, values: list[float]) -> ProfileMetric | None:
        """The same metric with worst and best at the ends of observed values and of its peers; None if all are equal.

        Source
        ------
        NICE Uptivity scorecards: worst and best left blank are taken from what is observed.
        """
        every = [*values, *(peer.value for peer in self.peers)]
        low, high = min(every), max(every)
        if low == high:
            return None
        note = f"inferred from {len(every)} observed values"
        ends = (Line(low, "filled", "", note), Line(high, "filled", "", note))
        worst, best = ends if self.direction == "higher" else ends[::-1]
        return replace(self, worst=worst, best=best)


@dataclass(frozen=True)
class Figure:
    """Something published about the peers that no metric of the catalogue measures: shown, never scored."""

    name: str
    unit: str
    cells: tuple[Cell, ...]
    note: str = ""


@dataclass(frozen=True)
class Profile:
    """A peer group: who it is, and what its metrics look like.

    `attribution` is the sentence that a licence asks for, shown wherever the profile is used. `missing` says what
    becomes of a metric that was not measured: the others take its weight ('reweight'), it counts as nothing ('zero') or
    as the peers' median ('peer_median'), or the scorecard is refused ('fail').
    """

    name: str
    title: str
    meaning: str
    metrics: tuple[ProfileMetric, ...]
    currency: str = ""
    entered_by: str = ""
    checked_by: str = "unchecked"
    attribution: str = ""
    missing: Missed = "reweight"
    figures: tuple[Figure, ...] = ()

    def metric(self, name: str) -> ProfileMetric | None:
        """The entry of a metric, or None."""
        return next((entry for entry in self.metrics if entry.name == name), None)
