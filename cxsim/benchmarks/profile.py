"""What a peer group looks like: published figures with their sources, and the line each metric is scored on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Provenance = Literal["published", "derived", "filled"]
Confidence = Literal["high", "medium", "low"]
Direction = Literal["higher", "lower", "band"]

QUANTILES: Final = {"min": 0.0, "p10": 0.1, "q1": 0.25, "median": 0.5, "q3": 0.75, "p90": 0.9, "max": 1.0}
OTHER_STATISTICS: Final = (
    "mean",
    "best_practice",
    "top_quartile",
    "good",
    "good_low",
    "minimum_acceptable",
    "worst_practice",
    "target",
    "regulatory_limit",
)
PROVENANCES: Final = ("published", "derived", "filled")
CONFIDENCES: Final = ("high", "medium", "low")
_CUMULATIVE = re.compile(r"cdf(<=|>=|<|>)(-?\d+(?:\.\d+)?)")


def cumulative(statistic: str) -> tuple[bool, float] | None:
    """Of 'cdf<0.1' whether it counts the peers below, and the value; None for any other statistic.

    The value of such a cell is a share of peers: 'cdf<0.1: 0.303' says that 30.3 % of peers lie below 0.1.
    """
    found = _CUMULATIVE.fullmatch(statistic)
    return (found[1].startswith("<"), float(found[2])) if found else None


@dataclass(frozen=True)
class Cell:
    """One figure about the peers, in the metric's own unit, and where it comes from.

    `as_published` is number and unit as the source prints them ('3.2 h'); `series` and `segment` name the source's
    series and peer group; `n` counts the peers behind the figure; None is unknown, not zero.
    """

    statistic: str
    value: float
    provenance: Provenance
    as_published: str = ""
    series: str = ""
    title: str = ""
    url: str = ""
    segment: str = ""
    year: int | None = None
    n: int | None = None
    confidence: Confidence = "medium"
    note: str = ""
    entered_by: str = ""
    checked_by: str = "unchecked"


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

    Either `worst` and `best` are given, or `band`. `source_variant` is the source's own definition; 'unstated' means
    that the source does not say, and `variant` is an assumption.
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

    @property
    def better(self) -> Direction:
        """Direction of the metric, carried by the line itself."""
        if self.worst is None or self.best is None:
            return "band"
        return "higher" if self.best.value > self.worst.value else "lower"

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line the score rests on."""
        if self.band is not None:
            return self.band.lines
        return tuple(line for line in (self.worst, self.best) if line is not None)

    def cell(self, statistic: str, *, low_confidence: bool = True) -> Cell | None:
        """The cell of a statistic, or None; without `low_confidence` cells of low confidence count as absent."""
        for cell in self.cells:
            if cell.statistic == statistic and (low_confidence or cell.confidence != "low"):
                return cell
        return None

    def score(self, value: float) -> float:
        """Score of a value, 0 at worst to 1 at best, clamped.

        The score is clamped, not the value: 'above best' means nothing where lower is better.

        Source
        ------
        MetricNet balanced scorecard as retold publicly; NICE Uptivity scorecards (the same expression, with clamping).
        The band is our own: it rises and falls on straight lines.
        """
        if self.band is not None:
            worst_low, low, high, worst_high = (line.value for line in self.band.lines)
            below, above = (value - worst_low) / (low - worst_low), (worst_high - value) / (worst_high - high)
            return min(max(min(below, above), 0.0), 1.0)
        if self.worst is None or self.best is None:
            raise ValueError(f"{self.name} has no line to be scored on; give worst and best, or a band")
        return min(max((self.worst.value - value) / (self.worst.value - self.best.value), 0.0), 1.0)


@dataclass(frozen=True)
class Profile:
    """A peer group: who it is, and what its metrics look like."""

    name: str
    title: str
    meaning: str
    metrics: tuple[ProfileMetric, ...]
    currency: str = ""
    entered_by: str = ""
    checked_by: str = "unchecked"

    def metric(self, name: str) -> ProfileMetric | None:
        """The entry of a metric, or None."""
        return next((entry for entry in self.metrics if entry.name == name), None)
