"""What service costs, and what customers are worth afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.presence import Timeline, first_answers
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.response import resolutions
from cxsim.metrics.rows import judged_cases
from cxsim.metrics.selection import inside, observed

Array = npt.NDArray[Any]

PAY = ("staffing.agent_group", "staffing.agent", "staffing.start", "staffing.end", "staffing.paid")
COST = ("agents.agent_group", "agents.agent", "agents.cost")
METRICNET = "MetricNet, Service desk KPIs: definitions and correlations"
EVERYONE = "no customer gives no value"


def paid_cost(log: ContactLog, name: str) -> float:
    """Paid hours within the seconds looked at times the agents' cost per hour, idle and absent time included."""
    timeline = remember(log, "paid cost", lambda: _cost_over_time(log, name))
    return timeline.within(observed(log)) / 3600.0


def _cost_over_time(log: ContactLog, name: str) -> Timeline:
    s, a = log.staffing, log.agents
    s = s.take(np.flatnonzero(s.paid))
    known = (a.agent_group.astype(np.int64) << 32) + a.agent
    order = np.argsort(known)
    wanted = (s.agent_group.astype(np.int64) << 32) + s.agent
    place = np.searchsorted(known[order], wanted)
    found = (
        known[order][np.minimum(place, len(known) - 1)] == wanted if len(known) else np.zeros(len(wanted), dtype=bool)
    )
    if not found.all():
        raise MetricUnavailable(
            problem(
                f"metric {name}",
                f"{len(np.unique(wanted[~found]))} agents of log.staffing are not in log.agents",
                "every paid agent has a cost",
            )
        )
    cost = a.cost[order][place]
    if not np.isfinite(cost).all():
        raise MetricUnavailable(
            problem(f"metric {name}", "log.agents.cost is not given for every agent", "a cost per paid hour each")
        )
    return Timeline(s.start, s.end, weight=cost)


@metric(
    unit="money/contact",
    better="lower",
    kind="result",
    family="financial",
    scope="agent",
    columns=(*PAY, *COST, "answered"),
    source=f"{METRICNET}; The Customer Support School: 2,000,000 over 200,000 contacts is 10",
    null="no contact handled gives no value",
)
def cost_per_contact(log: ContactLog) -> Ratio:
    """Pay of the time looked at, waiting and paid absence included, over the contacts that agents answered in it.

    Pay is paid hours times the agents' cost per hour, all included; contacts handled by machines are not counted. A
    transferred contact counts once, when first answered.
    """
    n = int(np.count_nonzero(inside(first_answers(log), observed(log))))
    return Ratio(paid_cost(log, "cost_per_contact"), float(n), n)


@metric(
    unit="money/case",
    better="lower",
    kind="result",
    family="financial",
    scope="agent",
    columns=(*PAY, *COST, "case", "ended", "outcome"),
    source="CX Dive on Gartner journey data (2024); cxsim reference 3.6: operating cost over issues resolved",
    null="no case resolved gives no value",
    variants={"believed": {}, "true": {"evidence": "true"}},
)
def cost_per_resolution(log: ContactLog, *, evidence: str = "believed") -> Ratio:
    """Pay of the time looked at over the cases whose last resolving touch ended in it, with people or machines.

    evidence: 'believed', closed as resolved; 'true', the need was really met (needs truly_resolved).
    """
    if evidence not in ("believed", "true"):
        raise unknown_choice("cost_per_resolution", "evidence", evidence, ["believed", "true"])
    if evidence == "true":
        need(log, "cost_per_resolution:true", "truly_resolved")
    elif not judged_cases(log, metric="cost_per_resolution").all():
        raise MetricUnavailable(
            problem(
                "metric cost_per_resolution",
                "the outcome of some cases is unknown, their cost is not",
                "outcomes that are all known",
            )
        )
    _, ends = resolutions(log, resolution="final", evidence=evidence)
    n = int(np.count_nonzero(inside(ends, observed(log))))
    return Ratio(paid_cost(log, "cost_per_resolution"), float(n), n)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="financial",
    scope="customer",
    columns=("customers.churn",),
    short="churn",
    source="APQC, Customer attrition or churn rate; hazard: outcome model 3.9",
    null=EVERYONE,
)
def churn_rate(log: ContactLog) -> Ratio:
    """Share of customers expected to leave within 12 months, from the hazard that experience moves.

    Counted are the customers of the log, who all had a case, each with the base hazard of their segment. Behaviour, not
    what a survey says about it; answers never enter it.
    """
    churn = log.customers.churn
    return Ratio.mean(churn[churn == churn])


@metric(
    unit="money",
    better="higher",
    kind="result",
    family="financial",
    scope="customer",
    columns=("customers.lifetime_value",),
    short="clv",
    source="outcome model 3.10: discounted margin less cost to serve over 36 months",
    null=f"{EVERYONE}; without any margin the metric is unavailable",
)
def customer_lifetime_value(log: ContactLog) -> Ratio:
    """Mean discounted margin less cost to serve that a customer is expected to bring, where a margin is known.

    The cost to serve is what all pay of the log comes to for one customer of the segment and month, idle time included;
    a month is one of the scenario's weekly calendar, so that days on which nobody works cost nothing.
    Without `customers.population` and `agent_groups.<name>.cost` in the scenario it is 0: margins then count whole.
    """
    value = log.customers.lifetime_value
    known = value == value
    if len(value) and not known.any():
        raise MetricUnavailable(
            problem(
                "metric customer_lifetime_value",
                "no customer has a margin",
                "a value needs the margin per month",
                "give customers.segments.<name>.margin in the scenario",
            )
        )
    return Ratio.mean(value[known])
