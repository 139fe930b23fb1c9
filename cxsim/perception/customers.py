"""What follows for each customer: how likely they are to leave, and what they are worth less what serving them costs.

Source
------
The outcome model of the reference, sections 3.9 and 3.10.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog, Table
from cxsim.contacts.months import months_of_pay
from cxsim.contacts.order import distinct
from cxsim.perception.answers import Opinions
from cxsim.perception.journeys import Journeys
from cxsim.perception.loyalty import base_hazard_of, experience, outlook, stocks
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import Contributions, segment_values
from cxsim.units import HOUR

Array = npt.NDArray[Any]


def customers_of(
    log: ContactLog, journeys: Journeys, felt: Contributions, held: Opinions, *, model: PerceptionModel
) -> Table:
    """The customers of the log, or else those of its touchpoints, with churn and lifetime value.

    A lifetime value is margin less cost to serve over the model's months; NaN where no margin is given.
    """
    customers = log.customers if len(log.customers) else _seen(journeys)
    if not len(customers):
        return customers
    counted = experience(felt, held, model=model)
    now = stocks(journeys, counted, model=model, at=end_of(log, journeys))
    order = np.argsort(customers.customer, kind="stable")
    ordered = customers.customer[order]
    place = np.minimum(np.searchsorted(ordered, now.customer), len(ordered) - 1)
    listed = ordered[place] == now.customer
    row, stock = order[place[listed]], now.stock[listed]
    segment = segment_codes(customers, log)
    hazard = hazards_by_segment(log, model=model)
    margin = customers.columns.get("margin", np.full(len(customers), np.nan))
    months = round(model.value.months) if np.any(margin == margin) else 0
    # A customer without a journey in a replication has an empty stock there.
    base_churn, base_months = outlook(np.zeros(len(hazard)), months=months, model=model, base_hazard=hazard)
    churn, worth = outlook(stock, months=months, model=model, base_hazard=hazard[segment[row]])
    share = 1.0 / max(len(distinct(journeys.replication)), 1)
    more_churn, more_months = churn - base_churn[segment[row]], worth - base_months[segment[row]]
    lived = base_months[segment] + np.bincount(row, more_months * share, minlength=len(customers))
    return customers.with_columns(
        churn=base_churn[segment] + np.bincount(row, more_churn * share, minlength=len(customers)),
        lifetime_value=(margin - cost_to_serve(log)[segment]) * lived,
    )


def segment_codes(customers: Table, log: ContactLog) -> Array:
    """Code of the segment of each customer [n]; the number of segments for one that is not known."""
    n_segments = len(log.names.get("segment", ()))
    codes = customers.columns.get("segment", np.full(len(customers), -1))
    return np.where((codes >= 0) & (codes < n_segments), codes, n_segments)


def hazards_by_segment(log: ContactLog, *, model: PerceptionModel) -> Array:
    """Hazard without experiences [1/month] by code of segment, then that of customers without one [n_segments + 1]."""
    churn = segment_values(model, "annual_churn", stated=log.meta.get("segments", {}))
    names = log.names.get("segment", ())
    own = [base_hazard_of(churn[name], model=model) if name in churn else None for name in names]
    base = model.anchors.base_hazard
    return np.array([base if hazard is None else hazard for hazard in [*own, None]])


def cost_to_serve(log: ContactLog) -> Array:
    """What serving one customer costs [money/month] by code of segment, then 0 for those without [n_segments + 1].

    All pay of the log's time, idle time included, is shared out by handle time and divided by all customers of the
    segment, those without a case too, and by the months that this pay lasts: those of the weekly calendar, see
    `months_of_pay`. Shares of handle time are those of the days in the log. It is 0 where the log states no population,
    no horizon, or not what every agent costs.
    """
    names = log.names.get("segment", ())
    cost = np.zeros(len(names) + 1)
    t, horizon, population = log.touchpoints, log.meta.get("horizon"), log.meta.get("population", {})
    if not population or not horizon or not {"segment", "answered", "wrapped"} <= set(t):
        return cost
    pay = _pay(log, float(horizon))
    if not pay > 0.0:
        return cost
    handled = np.flatnonzero(~np.isnan(t.wrapped - t.answered) & (t.segment >= 0))
    handle_time = (t.wrapped - t.answered)[handled]
    by_segment = np.bincount(t.segment[handled], handle_time, minlength=len(names))[: len(names)]
    people = np.array([float(population.get(name, 0.0)) for name in names])
    n_replications = max(len(distinct(t.replication)), 1) if "replication" in t else 1
    monthly = pay / n_replications * by_segment / max(float(handle_time.sum()), 1e-300) / months_of_pay(log)
    cost[:-1] = np.divide(monthly, people, out=np.zeros(len(names)), where=people > 0.0)
    return cost


def _pay(log: ContactLog, horizon: float) -> float:
    """Pay of the presence in the log up to the horizon [money]; 0 where the cost of an agent is not known."""
    s, a = log.staffing, log.agents
    if "cost" not in a or not {"agent_group", "agent", "start", "end", "paid"} <= set(s):
        return 0.0
    known = (a.agent_group.astype(np.int64) << 24) + a.agent
    order = np.argsort(known)
    paid = np.flatnonzero(s.paid)
    wanted = (s.agent_group.astype(np.int64)[paid] << 24) + s.agent[paid]
    place = np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)
    cost = a.cost[order[place]]
    if not np.array_equal(known[order[place]], wanted) or not np.isfinite(cost).all():
        return 0.0
    hours = np.maximum(0.0, np.minimum(s.end[paid], horizon) - s.start[paid]) / HOUR
    return float(np.sum(cost * hours))


def _seen(journeys: Journeys) -> Table:
    """The identified customers of the journeys, each with the segment of the first journey seen."""
    known = np.flatnonzero(journeys.customer >= 0)
    customer, at = np.unique(journeys.customer[known], return_index=True)
    columns = {"customer": customer}
    if "segment" in journeys.first:
        columns["segment"] = journeys.first["segment"][known[at]]
    return Table("customers", columns if len(customer) else {})


def end_of(log: ContactLog, journeys: Journeys) -> float:
    """The instant from which churn and value look ahead [s]: the horizon, else the last event."""
    horizon = log.meta.get("horizon")
    if horizon is not None:
        return float(horizon)
    return float(journeys.end.max()) if len(journeys) else 0.0
