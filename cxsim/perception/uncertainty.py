"""How far scores could be off because sizes are not known: the same cases scored with many sets of parameters.

Kept apart from simulation noise: all sets look at the same cases with the same random numbers. `sample_of` chooses the
cases, `drawn_scores` scores them with each set of `cxsim.perception.parameter_sets`, `bands_of_difference` compares two
scenarios set by set.

Source
------
The outcome model of the reference, section 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim import streams
from cxsim.contacts.log import ContactLog, Table
from cxsim.perception.answers import expected_answer, probability_above
from cxsim.perception.customers import cost_to_serve, end_of, hazards_by_segment, segment_codes
from cxsim.perception.draws import of_case, of_customer
from cxsim.perception.journeys import Journeys, journeys_of
from cxsim.perception.loyalty import counted_experience, outlook, stocks
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import Contributions, contributions

Array = npt.NDArray[Any]

MOST_CASES: Final = 2000
SCORES: Final = (
    "customer_satisfaction:top_two",
    "customer_effort_score:mean",
    "net_promoter_score:all",
    "churn_rate:default",
    "customer_lifetime_value:default",
)


@dataclass(frozen=True, eq=False)
class Sample:
    """Cases that stand for all, and of their customers what no parameter changes.

    Attributes
    ----------
    journeys : Journeys
        n journeys.
    halo : array [n]
    until : float
        Instant from which churn and value look ahead [s].
    log : ContactLog
    margin, segment : arrays [k]
        Margin less cost to serve [money/month], NaN not known, and code of the segment, of the k customers of `stocks`.
    """

    journeys: Journeys
    halo: Array
    until: float
    log: ContactLog
    margin: Array
    segment: Array


def sample_of(source: ContactLog | Journeys, *, seed: int, most_cases: int = MOST_CASES) -> Sample:
    """Cases of a log chosen by person: the same ones in every scenario, all cases of whoever is chosen.

    Parameters
    ----------
    source : ContactLog or Journeys
        Of journeys alone there are no margins, hence no lifetime value.
    seed : int
        Root seed, that of `perceive`.
    most_cases : int
    """
    if isinstance(source, Journeys):
        about = {"segments": source.segments}
        every, log = source, ContactLog(Table("touchpoints", {}), names=source.names, meta=about)
    else:
        every, log = journeys_of(source), source
    u = of_customer(every, streams.SUBSAMPLE, seed=seed)
    # Whoever has the smallest numbers; up to, not with, the first that is too many, so that nobody is cut in two.
    rows = np.flatnonzero(u < np.partition(u, most_cases)[most_cases]) if len(u) > most_cases else np.arange(len(u))
    chosen = some_of(every, rows)
    people = stocks_order(chosen)
    customers = log.customers
    margin, segment = np.full(len(people), np.nan), np.full(len(people), len(log.names.get("segment", ())))
    if len(customers):
        order = np.argsort(customers.customer, kind="stable")
        place = np.minimum(np.searchsorted(customers.customer[order], people), len(customers) - 1)
        listed = customers.customer[order[place]] == people
        codes = segment_codes(customers, log)
        segment[listed] = codes[order[place[listed]]]
        if "margin" in customers:
            margin[listed] = customers.margin[order[place[listed]]] - cost_to_serve(log)[segment[listed]]
    halo = streams.normals(of_case(chosen, streams.HALO, seed=seed))
    return Sample(chosen, halo, end_of(log, every), log, margin, segment)


def stocks_order(journeys: Journeys) -> Array:
    """Customers in the order in which `stocks` gives them."""
    known = np.flatnonzero(journeys.customer >= 0)
    pairs = np.unique(np.stack([journeys.replication[known].astype(np.int64), journeys.customer[known]]), axis=1)
    return pairs[1]


def some_of(journeys: Journeys, rows: Array) -> Journeys:
    """Some journeys [rows, rising] with their touches."""
    number = np.full(len(journeys), -1)
    number[rows] = np.arange(len(rows))
    touches = np.flatnonzero(number[journeys.owner] >= 0)
    found: dict[str, Any] = {}
    touched = [entry.name for entry in fields(Journeys)][: list(Journeys.__dataclass_fields__).index("replication")]
    for entry in fields(Journeys):
        values = getattr(journeys, entry.name)
        if isinstance(values, np.ndarray) and entry.name != "row":
            found[entry.name] = values[touches if entry.name in touched else rows]
    # Places in a log of which these journeys are no longer all.
    found["row"] = np.empty(0, np.intp)
    found["owner"] = number[journeys.owner[touches]]
    found["first"] = {name: values[rows] for name, values in journeys.first.items()}
    return replace(journeys, **found)


def drawn_scores(sample: Sample, sets: Sequence[PerceptionModel]) -> pd.DataFrame:
    """Scores of a sample with each set of parameters: draw, metric, numerator, denominator.

    Denominators count cases, of churn and value customers; a metric without any is left out. Add numerators and
    denominators over replications before dividing.

    Parameters
    ----------
    sample : Sample
        From `sample_of`.
    sets : sequence of PerceptionModel
        From `parameter_sets`.
    """
    rows = [
        (draw, metric, numerator, denominator)
        for draw, model in enumerate(sets)
        for metric, (numerator, denominator) in _scores(sample, model).items()
    ]
    return pd.DataFrame(rows, columns=["draw", "metric", "numerator", "denominator"])


def _scores(sample: Sample, model: PerceptionModel) -> dict[str, tuple[float, float]]:
    felt, cuts = contributions(sample.journeys, model=model), model.anchors
    n = float(len(felt))
    if not n:
        return {}
    promoters = probability_above(felt.recommendation, cuts.recommendation[8])
    passives = probability_above(felt.recommendation, cuts.recommendation[6])
    top_two = probability_above(felt.satisfaction, cuts.satisfaction[2])
    found = {
        SCORES[0]: (float(top_two.sum()), n),
        SCORES[1]: (float(expected_answer(felt.ease, cuts.ease, lowest=1).sum()), n),
        SCORES[2]: (100.0 * float(np.sum(promoters + passives - 1.0)), n),
    }
    if len(sample.margin):
        found |= _futures(sample, felt, model=model)
    return found


def _futures(sample: Sample, felt: Contributions, *, model: PerceptionModel) -> dict[str, tuple[float, float]]:
    """Churn of the customers, and lifetime value of those whose margin is known."""
    counted = counted_experience(felt, sample.halo, model=model)
    stock = stocks(sample.journeys, counted, model=model, at=sample.until).stock
    hazard = hazards_by_segment(sample.log, model=model)[sample.segment]
    known = np.flatnonzero(sample.margin == sample.margin)
    months = round(model.value.months) if len(known) else 0
    churn, lived = outlook(stock, months=months, model=model, base_hazard=hazard)
    found = {SCORES[3]: (float(churn.sum()), float(len(churn)))}
    if len(known):
        found[SCORES[4]] = (float(np.sum(sample.margin[known] * lived[known])), float(len(known)))
    return found


def bands(scores: pd.DataFrame, *, level: float = 0.90) -> pd.DataFrame:
    """Median and band of each metric over the draws: metric, median, low, high."""
    return _banded(_values(scores), level)


def bands_of_difference(before: pd.DataFrame, after: pd.DataFrame, *, level: float = 0.90) -> pd.DataFrame:
    """Median and band of the change of each metric, draw by draw: metric, median, low, high.

    Parameters
    ----------
    before, after : DataFrame
        Of `drawn_scores`, of one or more replications, with the same sets.
    level : float
        Share of the draws within the band.
    """
    return _banded((_values(after) - _values(before)).dropna(), level)


def _values(scores: pd.DataFrame) -> pd.Series[float]:
    sums = scores.groupby(["metric", "draw"], sort=False)[["numerator", "denominator"]].sum()
    return sums["numerator"] / sums["denominator"]


def _banded(values: pd.Series[float], level: float) -> pd.DataFrame:
    tail = (1.0 - level) / 2.0
    rows = [
        (metric, *np.quantile(part.to_numpy(), [0.5, tail, 1.0 - tail]))
        for metric, part in values.groupby("metric", sort=False)
    ]
    return pd.DataFrame(rows, columns=["metric", "median", "low", "high"])
