"""A scorecard: its rows, what is missing from it, and its total, as plain values."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from cxsim.benchmarks.text import as_text

if TYPE_CHECKING:
    import pandas as pd

# Share of the weight below which a total says little about the whole.
ENOUGH = 0.5


@dataclass(frozen=True)
class Row:
    """One metric on the scorecard; None where something is not known, and the flags say why.

    Values, interval, lines and gaps are in `unit`; a gap above 0 is on the better side. `weight` is the profile's and
    `share` the same after re-weighting for what is missing; `balanced` = share x score. `value_quartile` 1 holds the
    lowest values, `performance_quartile` 1 the best performers. `percentile` is the share of peers with a lower value.
    `rank` is the place among the named peers and oneself, `ranked` their number. Relative gaps are shares of the peers'
    figure. `n` is the number of observations behind the value.
    """

    metric: str
    variant: str
    unit: str
    better: str
    kind: str
    weight: float
    share: float
    value: float
    low: float | None
    high: float | None
    worst: tuple[float, ...]
    best: tuple[float, ...]
    score: float
    score_low: float | None
    score_high: float | None
    balanced: float
    peer_statistic: str | None
    peer: float | None
    gap_to_peer: float | None
    gap_to_best: float
    percentile: float | None
    value_quartile: int | None
    performance_quartile: int | None
    target: tuple[float, ...]
    probability_of_target: float | None
    flags: tuple[str, ...]
    rule: str = "linear"
    relative_gap_to_peer: float | None = None
    best_in_class_statistic: str | None = None
    best_in_class: float | None = None
    gap_to_best_in_class: float | None = None
    relative_gap_to_best_in_class: float | None = None
    rank: int | None = None
    ranked: int | None = None
    n: int | None = None

    @property
    def place(self) -> str:
        """'4 of 9' among the named peers and oneself, or an empty string."""
        return "" if self.rank is None else f"{self.rank} of {self.ranked}"


@dataclass(frozen=True)
class Missing:
    """A metric of the profile that was not measured, its weight, the reason, and the score it counts with, if any."""

    metric: str
    variant: str
    weight: float
    reason: str
    score: float | None = None


@dataclass(frozen=True)
class Scorecard:
    """Rows, total from 0 to 1 with its interval (None if unknown), what is missing, and notes in plain text.

    `replicated` holds the total of each replication by its number, with the same metrics and weights, where the metrics
    came by replication: what another card of the same replications is compared with.
    """

    profile: str
    title: str
    rows: tuple[Row, ...]
    missing: tuple[Missing, ...]
    total: float
    low: float | None
    high: float | None
    confidence: float
    notes: tuple[str, ...]
    replicated: tuple[tuple[int, float], ...] = ()

    @property
    def coverage(self) -> float:
        """Share of the profile's weight that was measured; the total stands on this much."""
        measured = math.fsum(row.weight for row in self.rows)
        return measured / math.fsum([measured, *(gap.weight for gap in self.missing)])

    @property
    def basis(self) -> str:
        """What to say behind a total that stands on part of the weight; empty when all of it was measured."""
        if self.coverage > 1.0 - 1e-9:
            return ""
        little = ", too little to judge the whole" if self.coverage < ENOUGH else ""
        return f" on {self.coverage:.0%} of the weight{little}"

    def to_frame(self) -> pd.DataFrame:
        """One row a scored metric, columns as the fields of `Row`.

        A band has its upper ends in worst_high, best_high and target_high; the flags are one text.
        """
        import pandas as pd

        records = []
        for row in self.rows:
            record = {**asdict(row), "flags": "; ".join(row.flags)}
            for end in ("worst", "best", "target"):
                corners = (*record[end], None, None)
                record[end], record[f"{end}_high"] = corners[:2]
            records.append(record)
        return pd.DataFrame(records)

    def to_text(self) -> str:
        """The scorecard as lines for a terminal."""
        return as_text(self)
