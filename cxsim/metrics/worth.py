"""What customers are worth to keep: who stays, and how much of their value may leave."""

from __future__ import annotations

import numpy as np

from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio

EVERYONE = "no customer gives no value"


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="financial",
    scope="customer",
    columns=("customers.churn",),
    short="retention",
    source="cxsim reference 3.6: one less churn on the same cohort (APQC, Customer retention rate); revenue: Rubato "
    "glossary, gross revenue retention, here without contraction, which no log knows",
    null=EVERYONE,
    variants={"customers": {}, "revenue": {"variant": "revenue"}},
)
def retention_rate(log: ContactLog, *, variant: str = "customers") -> Ratio:
    """Share expected to stay for 12 months, from the hazard that experience moves.

    Variants: customers, each counts one; revenue, each counts its margin (needs customers.margin), which is gross
    revenue retention as far as whole customers leave. Nobody buys more here, so net revenue retention is the same.
    """
    churn = log.customers.churn
    if variant == "customers":
        return Ratio.mean(1.0 - churn[churn == churn])
    if variant != "revenue":
        raise unknown_choice("retention_rate", "variant", variant, ["customers", "revenue"])
    need(log, "retention_rate:revenue", "customers.margin")
    margin = log.customers.margin
    known = np.isfinite(churn) & np.isfinite(margin)
    if len(margin) and not known.any():
        raise MetricUnavailable(
            problem("metric retention_rate:revenue", "no customer has a margin", "customers.margin for some")
        )
    kept = float(np.sum(margin[known] * (1.0 - churn[known])))
    return Ratio(kept, float(np.sum(margin[known])), int(np.count_nonzero(known)))


@metric(
    unit="money/customer",
    better="lower",
    kind="result",
    family="financial",
    scope="customer",
    columns=("customers.churn", "customers.lifetime_value"),
    source="cxsim reference 3.6: sum over customers of the chance to leave times lifetime value",
    null=f"{EVERYONE}; without any margin the metric is unavailable",
    variants={"per_customer": {}, "share": {"variant": "share"}},
    units={"share": "1"},
)
def revenue_at_risk(log: ContactLog, *, variant: str = "per_customer") -> Ratio:
    """Value that is expected to leave within 12 months: each customer's chance to go times lifetime value.

    Variants: per_customer, the mean, whose numerator is the sum over all customers; share, of all their value.
    """
    if variant not in ("per_customer", "share"):
        raise unknown_choice("revenue_at_risk", "variant", variant, ["per_customer", "share"])
    churn, value = log.customers.churn, log.customers.lifetime_value
    known = np.isfinite(churn) & np.isfinite(value)
    if len(value) and not known.any():
        raise MetricUnavailable(
            problem("metric revenue_at_risk", "no customer has a value", "customers.lifetime_value for some")
        )
    n = int(np.count_nonzero(known))
    lost = float(np.sum(churn[known] * value[known]))
    return Ratio(lost, float(n) if variant == "per_customer" else float(np.sum(value[known])), n)
