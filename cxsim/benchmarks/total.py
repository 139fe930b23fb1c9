"""The interval of a scorecard's total, from its metrics one by one or from the totals of the replications."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from scipy.special import stdtrit

from cxsim.benchmarks.profile import ProfileMetric
from cxsim.errors import ProfileError, problem

if TYPE_CHECKING:
    import pandas as pd


class _Scored(Protocol):
    """What of a scorecard's row the total needs."""

    @property
    def share(self) -> float: ...
    @property
    def score(self) -> float: ...
    @property
    def score_low(self) -> float | None: ...
    @property
    def score_high(self) -> float | None: ...


class Spread(NamedTuple):
    """Standard error of the mean total over replications, None if there are fewer than two; their totals by number."""

    standard_error: float | None
    totals: tuple[tuple[int, float], ...] = ()

    @property
    def n(self) -> int:
        """Number of replications that have a total."""
        return len(self.totals)

    def around(self, total: float, *, confidence: float) -> tuple[float | None, float | None]:
        """Student's interval around a total, inside 0 to 1."""
        # A total that did not vary has no interval; "plus or minus 0" would claim certainty.
        if self.standard_error is None or self.standard_error == 0.0:
            return None, None
        half = float(stdtrit(self.n - 1, 0.5 + confidence / 2)) * self.standard_error
        return max(total - half, 0.0), min(total + half, 1.0)


def combined(rows: Sequence[_Scored], *, total: float) -> tuple[float | None, float | None]:
    """Interval of a weighted sum of scores taken as independent; rows without an interval count as exact.

    Each side adds the squared distances from score to limit, so that limits need not lie evenly around a score that is
    clamped. None if no row has an interval.

    Source
    ------
    Zou and Donner (2008), Construction of confidence limits about effect measures: a general approach (MOVER).
    """
    below = [row.share * (row.score - row.score_low) for row in rows if row.score_low is not None]
    above = [row.share * (row.score_high - row.score) for row in rows if row.score_high is not None]
    if not below:
        return None, None
    return max(total - math.hypot(*below), 0.0), min(total + math.hypot(*above), 1.0)


def replicated(
    table: pd.DataFrame,
    *,
    metrics: Sequence[ProfileMetric],
    whole: float,
    low_confidence: bool = False,
) -> Spread:
    """Spread of the total over replications, each scored by itself with the same metrics and weights.

    A replication in which a metric has no value is left out. What missing metrics add is the same in all and does not
    count here.

    Parameters
    ----------
    table : DataFrame
        Columns replication, metric, variant, value.
    metrics : sequence of ProfileMetric
        Those that were measured.
    whole : float
        Sum of weights that the total is divided by.
    low_confidence : bool
        Count peer figures of low confidence too.

    Raises
    ------
    ProfileError
        A column is absent.
    """
    absent = [column for column in ("replication", "metric", "variant", "value") if column not in table.columns]
    if absent:
        raise ProfileError(problem("replications", f"no column {', '.join(absent)}", "values by replication"))
    values: dict[int, dict[tuple[str, str], float]] = {}
    for number, name, variant, value in zip(
        table["replication"], table["metric"], table["variant"], table["value"], strict=True
    ):
        values.setdefault(int(number), {})[(str(name), str(variant))] = float(value)
    totals: dict[int, float] = {}
    for number, found in values.items():
        of = [found.get((metric.name, metric.variant), math.nan) for metric in metrics]
        if all(math.isfinite(value) for value in of):
            scores = (
                metric.weight * metric.score(value, low_confidence=low_confidence)
                for metric, value in zip(metrics, of, strict=True)
            )
            totals[number] = math.fsum(scores) / whole
    n, kept = len(totals), tuple(totals.items())
    if n < 2:
        return Spread(None, kept)
    mean = math.fsum(totals.values()) / n
    return Spread(math.sqrt(math.fsum((total - mean) ** 2 for total in totals.values()) / (n - 1) / n), kept)
