"""What was measured, one metric at a time, and how sure it is: intervals and the probability of reaching a target."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from cxsim.errors import ProfileError, problem

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("metric", "variant", "value", "unit", "better")
_EVERYTHING = ("", "all", "total")
Sort = Literal["share", "mean", "quantile"]
# Observations below which a value is shown but says little; a proposal of our own.
MINIMUM: Final[Mapping[Sort, int]] = {"share": 30, "mean": 30, "quantile": 10}

# Replications that came out the same, of which the two-sided sign test first says something at 95%.
ALIKE: Final = 6


class Measure(NamedTuple):
    """One row of a table of measures; NaN where the table has no such number, `replications` 0 for a real log.

    `unstated`: what was simulated does not state what the metric rests on.
    """

    metric: str
    variant: str
    value: float
    numerator: float
    denominator: float
    n: float
    unit: str
    better: str
    kind: str
    low: float
    high: float
    standard_error: float
    replications: int
    unstated: bool = False

    @property
    def is_share(self) -> bool:
        """A share of contacts: whole hits among n, each a yes or no."""
        counted = self.denominator == self.n and self.n > 0 and self.unit == "1"
        return counted and float(self.numerator).is_integer() and 0.0 <= self.numerator <= self.denominator

    @property
    def sort(self) -> Sort:
        """'share', 'mean' or 'quantile', by which the least number of observations goes."""
        if self.is_share:
            return "share"
        return "mean" if math.isfinite(self.numerator) and self.denominator > 0.0 else "quantile"


class Sure(NamedTuple):
    """An interval, or the probability of a range in `low`, and what it rests on; None where nothing is known."""

    low: float | None
    high: float | None
    basis: str


def read_measures(table: pd.DataFrame, *, group: str | None = None) -> list[Measure]:
    """The rows of one group of a tidy table of measures.

    Parameters
    ----------
    table : DataFrame
        Columns metric, variant, value, unit, better; and where known group, numerator, denominator, n, kind, low, high,
        standard_error, replications.
    group : str, optional
        Default: the rows that stand for everything (no group, or 'all').

    Raises
    ------
    ProfileError
        A column or the group is absent.
    """
    absent = [column for column in _NEEDED if column not in table.columns]
    if absent:
        raise ProfileError(problem("measures", f"no column {', '.join(absent)}", "the table that `measure` gives"))
    rows = [(_group(record), record) for record in _records(table)]
    chosen = [record for name, record in rows if (name in _EVERYTHING if group is None else name == group)]
    if rows and not chosen:
        known = ", ".join(sorted({name or "(none)" for name, _ in rows}))
        said = "no row for everything" if group is None else f"no group '{group}'"
        raise ProfileError(problem("measures", said, f"groups: {known}", "choose one with group="))
    return [_measure(record) for record in chosen]


def groups_of(table: pd.DataFrame) -> list[str]:
    """Names of the groups of a table of measures, without the rows for everything, in order of appearance."""
    return list(dict.fromkeys(name for record in _records(table) if (name := _group(record)) not in _EVERYTHING))


def _records(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    yield from ({str(key): value for key, value in record.items()} for record in table.to_dict("records"))


def _group(record: dict[str, Any]) -> str:
    """Name of the group; an absent one is empty."""
    group = record.get("group")
    return "" if group is None or group != group else str(group)


def _measure(record: dict[str, Any]) -> Measure:
    """One row with every absent number as NaN."""

    def number(key: str) -> float:
        value = record.get(key)
        return math.nan if value is None or value != value else float(value)

    def text(key: str) -> str:
        value = record.get(key)
        return "" if value is None or value != value else str(value)

    replications = number("replications")
    return Measure(
        text("metric"),
        text("variant"),
        number("value"),
        number("numerator"),
        number("denominator"),
        number("n"),
        text("unit"),
        text("better"),
        text("kind"),
        number("low"),
        number("high"),
        number("standard_error"),
        0 if math.isnan(replications) else int(replications),
        "not_stated" in text("flags").split(),
    )


def wilson(hits: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a share of n.

    Source
    ------
    Wilson (1927); Brown, Cai and DasGupta (2001) recommend it for small n.
    """
    z, share = float(ndtri(0.5 + confidence / 2)), hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (0.0 if hits == 0 else centre - half), (1.0 if hits == n else centre + half)


def interval(measure: Measure, *, confidence: float = 0.95) -> Sure:
    """Interval of a measured value: the table's own, else from its standard error, else Wilson's for a share.

    None for one replication: its contacts shared one day's queue, and that day may have been a lucky one.
    """
    if math.isfinite(measure.low) and math.isfinite(measure.high):
        return Sure(measure.low, measure.high, "interval of the measures")
    if math.isfinite(measure.standard_error):
        freedom, p = measure.replications - 1, 0.5 + confidence / 2
        times = float(stdtrit(freedom, p)) if freedom > 0 else float(ndtri(p))
        half = times * measure.standard_error
        return Sure(measure.value - half, measure.value + half, "standard error")
    if measure.replications == 1:
        return Sure(None, None, "no interval: one replication")
    if measure.is_share:
        return Sure(
            *wilson(measure.numerator, measure.n, confidence=confidence), "Wilson, contacts taken as independent"
        )
    return Sure(None, None, "no interval: neither standard error nor a share of counted contacts")


def chance(measure: Measure, *, at_least: float, at_most: float) -> Sure:
    """Probability that the true value lies in a range, its law centred on what was measured.

    Student's law with the standard error and the replications, the normal law without replications, and for a share of
    counted contacts the score statistic that Wilson's interval inverts. None where neither is known, of one
    replication, and where few came out the same: by the sign test six alike are the fewest that show anything at 95%.
    """
    if measure.standard_error == 0.0 and 0 < measure.replications < ALIKE:
        return Sure(None, None, f"no probability: no spread in {measure.replications} replications")
    if measure.standard_error == 0.0:
        return Sure(float(at_least <= measure.value <= at_most), None, "no spread at all")
    if math.isfinite(measure.standard_error):
        basis = "standard error"
    elif measure.replications == 1:
        return Sure(None, None, "no probability: one replication")
    elif measure.is_share:
        basis = "Wilson, contacts taken as independent"
    else:
        return Sure(None, None, "no probability: neither standard error nor a share of counted contacts")
    above_low = 1.0 if at_least == -math.inf else _share_above(measure, at_least)
    above_high = 0.0 if at_most == math.inf else _share_above(measure, at_most)
    return Sure(max(above_low - above_high, 0.0), None, basis)


def _share_above(measure: Measure, bound: float) -> float:
    """Probability that the true value is above a bound."""
    spread = measure.standard_error
    if not math.isfinite(spread):
        spread = math.sqrt(max(bound * (1.0 - bound), 0.0) / measure.n) if 0.0 <= bound <= 1.0 else 0.0
    distance = measure.value - bound
    if spread == 0.0:
        return 0.5 if distance == 0.0 else float(distance > 0.0)
    freedom = measure.replications - 1
    if math.isfinite(measure.standard_error) and freedom > 0:
        return float(stdtr(freedom, distance / spread))
    return float(ndtr(distance / spread))
