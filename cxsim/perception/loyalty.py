"""What customers say about the future and what they do: intentions, the hazard of leaving, and the value that remains.

Intentions are answers to a survey; leaving follows from what was felt, never from an answer. A customer's experiences
add up to a stock that halves every few months; a bad stock raises that part of the base hazard that service can move.

Source
------
The outcome model of the reference, sections 3.9 and 3.10; Bolton (1998) for the stock of satisfaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from cxsim import streams
from cxsim.contacts.months import MONTH
from cxsim.contacts.order import distinct, order_of
from cxsim.perception.answers import Opinions
from cxsim.perception.draws import of_case
from cxsim.perception.journeys import Journeys
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import Contributions

Array = npt.NDArray[Any]

YEAR: Final = 12  # months


@dataclass(frozen=True, eq=False)
class Stocks:
    """Satisfaction stock of each identified customer of each replication.

    Attributes
    ----------
    replication, customer : arrays [k]
    stock : array [k] of SD
        Not yet clipped.
    """

    replication: Array
    customer: Array
    stock: Array


def experience(felt: Contributions, held: Opinions, *, model: PerceptionModel) -> Array:
    """How a journey counts in the stock [n]: felt satisfaction without response style, harm weighing more than help."""
    return counted_experience(felt, held.halo, model=model)


def counted_experience(felt: Contributions, halo: Array, *, model: PerceptionModel) -> Array:
    """`experience` from the halo [n] alone, for whoever has no opinions at hand."""
    x = felt.satisfaction + np.sqrt(model.noise.satisfaction.journey) * halo - model.anchors.satisfaction_mean
    return np.where(x >= 0.0, x, model.churn.loss_factor * x)


def stocks(journeys: Journeys, counted: Array, *, model: PerceptionModel, at: float | None = None) -> Stocks:
    """Stock of each customer: experiences, each halved once per half-life since the journey ended.

    Parameters
    ----------
    journeys : Journeys
        n journeys; those without an identified customer count for nobody.
    counted : array [n] of SD
        From `experience`.
    model : PerceptionModel
    at : float, optional
        Instant of the stock [s]; left out: when the customer's own last journey ended.

    Returns
    -------
    Stocks
        In order of replication and customer.
    """
    known = np.flatnonzero(journeys.customer >= 0)
    order = known[order_of(*(values[known] for values in (journeys.replication, journeys.customer, journeys.case)))]
    replication, customer = journeys.replication[order], journeys.customer[order]
    begins = np.ones(len(order), bool)
    begins[1:] = (customer[1:] != customer[:-1]) | (replication[1:] != replication[:-1])
    starts, owner = np.flatnonzero(begins), np.cumsum(begins) - 1
    end = journeys.end[order]
    now = np.maximum.reduceat(end, starts)[owner] if at is None and len(starts) else at
    age = np.maximum(0.0, (now if now is not None else 0.0) - end) / MONTH
    weight = 0.5 ** (age / model.churn.half_life)
    stock = np.bincount(owner, weight * counted[order], minlength=len(starts))
    return Stocks(replication[starts], customer[starts], stock)


def hazards(
    stock: Array, *, months: int, model: PerceptionModel, base_hazard: float | Array | None = None
) -> Iterator[Array]:
    """Hazard of leaving added up to the end of each month, with no new experience: one array [k] that grows.

    Parameters
    ----------
    stock : array [k] of SD
        Now; it decays from month to month.
    months : int
    model : PerceptionModel
    base_hazard : float or array [k], optional
        Instead of the anchored one [1/month]; see `base_hazard_of`.
    """
    churn = model.churn
    hazard = model.anchors.base_hazard if base_hazard is None else base_hazard
    total = np.zeros(len(stock))
    largest = float(np.max(np.abs(stock), initial=0.0))
    for month in range(months):
        left = 0.5 ** (month / churn.half_life)
        moved = stock * left
        if largest * left > churn.stock_limit:
            np.clip(moved, -churn.stock_limit, churn.stock_limit, out=moved)
        # In place: this is done for every customer and month, and new arrays would cost more than the arithmetic.
        moved *= -churn.slope
        np.exp(moved, out=moved)
        moved *= churn.service_share
        moved += 1.0 - churn.service_share
        moved *= hazard
        total += moved
        yield total


def base_hazard_of(annual_churn: float, *, model: PerceptionModel) -> float:
    """Hazard without experiences [1/month] of customers of whom this share leaves in a year of benchmark service."""
    lived = np.array(model.anchors.exposure)
    return hazard_of(annual_churn, lived)


def hazard_of(annual_churn: float, lived: Array) -> float:
    """Hazard [1/month] with which this share leaves, of customers who live so many months of it in a year [k]."""
    if annual_churn <= 0.0:
        return 0.0
    # By Newton from below: the share that leaves is rising and concave, so that no step goes too far.
    hazard = 0.0
    for _ in range(100):
        stay = np.exp(-hazard * lived)
        missing = annual_churn - float(np.mean(-np.expm1(-hazard * lived)))
        if missing <= 1e-14:
            break
        hazard += missing / float(np.mean(lived * stay))
    return hazard


def churn_probability(stock: Array, *, model: PerceptionModel, base_hazard: float | Array | None = None) -> Array:
    """Probability [k] of leaving within 12 months, given the stock now [k]."""
    *_, reached = hazards(stock, months=YEAR, model=model, base_hazard=base_hazard)
    return -np.expm1(-reached)


def leaving_month(
    held: Stocks, *, model: PerceptionModel, seed: int, months: int = YEAR, base_hazard: float | Array | None = None
) -> Array:
    """Month [k] in which each customer leaves, from 1; infinite when not within `months`.

    Each person carries one exponential threshold through every scenario, so better facts never make anyone leave
    earlier.
    """
    threshold = np.empty(len(held.customer))
    where = streams.address(0, 0, streams.CHURN)
    for which in distinct(held.replication):
        chosen = held.replication == which
        key = streams.replication_key(seed, int(which))
        threshold[chosen] = -streams.logs(streams.uniforms(key, streams.PERSON, held.customer[chosen], where))
    survived = np.zeros(len(threshold))
    for reached in hazards(held.stock, months=months, model=model, base_hazard=base_hazard):
        survived += reached < threshold
    return np.where(survived == months, np.inf, survived + 1.0)


def months_of_margin(stock: Array, *, model: PerceptionModel, base_hazard: float | Array | None = None) -> Array:
    """Months [k] that a customer's margin is worth today: expected survival, discounted, over the model's months."""
    total = np.zeros(len(stock))
    months = round(model.value.months)
    for month, reached in enumerate(hazards(stock, months=months, model=model, base_hazard=base_hazard), start=1):
        total += np.exp(-reached) * (1.0 + model.value.discount) ** (-month / YEAR)
    return total


def outlook(
    stock: Array, *, months: int, model: PerceptionModel, base_hazard: float | Array | None = None
) -> tuple[Array, Array]:
    """Probability [k] of leaving within 12 months, and months [k] of margin of so many to come, in one go."""
    lived, churn, stay = np.zeros(len(stock)), np.zeros(len(stock)), np.empty(len(stock))
    reached = hazards(stock, months=max(months, YEAR), model=model, base_hazard=base_hazard)
    for month, total in enumerate(reached, start=1):
        stay = np.exp(-total, out=stay)
        if month == YEAR:
            churn = 1.0 - stay
        if month <= months:
            stay *= (1.0 + model.value.discount) ** (-month / YEAR)
            lived += stay
    return churn, lived


def lifetime_value(
    stock: Array,
    margin: Array,
    *,
    model: PerceptionModel,
    cost_to_serve: float | Array = 0.0,
    base_hazard: float | Array | None = None,
) -> Array:
    """Discounted expected margin less the cost to serve [money], array [k]; NaN where no margin is given.

    Parameters
    ----------
    stock : array [k] of SD
    margin : array [k] of money/month
    model : PerceptionModel
    cost_to_serve : float or array [k] of money/month
    """
    return (margin - cost_to_serve) * months_of_margin(stock, model=model, base_hazard=base_hazard)


def intentions(journeys: Journeys, held: Opinions, *, model: PerceptionModel, seed: int) -> dict[str, Array]:
    """Who says to be more disloyal now, and who to intend to leave, [n] of bool: stated intentions, not behaviour."""
    said = model.intentions
    z = (held.ease - model.anchors.ease_mean) / model.anchors.ease_spread
    own = streams.normals(of_case(journeys, streams.ITEM_INTENTION, seed=seed))

    def says(share: float, correlation: float) -> Array:
        return correlation * z + np.sqrt(1.0 - correlation**2) * own < ndtri(share)

    return {
        "more_disloyal": says(said.disloyal_share, said.disloyal_correlation),
        "intends_to_leave": says(said.leaving_share, said.leaving_correlation),
    }
