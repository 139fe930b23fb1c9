"""How often customers need help, how many contacts an agent carries, and how many answers a ticket takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import ABSENT, AVAILABLE, BREAK, OVERTIME
from cxsim.contacts.log import ContactLog
from cxsim.contacts.months import DAYS_OF_MONTH
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.presence import first_answers, n_people, of_kind
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import (
    answered,
    asked,
    by_case,
    deferred,
    first_of_cases,
    first_of_contacts,
    flag,
    inbound,
    judged_cases,
    met_cases,
    n_customers,
)
from cxsim.metrics.selection import inside, n_replications, observed, observed_days

Array = npt.NDArray[Any]


@metric(
    unit="contacts/agent month",
    better="band",
    kind="process",
    family="handling",
    scope="agent",
    columns=("staffing.agent_group", "staffing.agent", "staffing.start", "staffing.end", "staffing.kind", "answered"),
    source="HDI Practices and Salary Report (2013), tickets per analyst month; cxsim reference 3.2",
    null="nobody staffed gives no value",
    variants={"per_head": {}, "full_time": {"per": "full_time"}},
)
def contacts_per_agent_month(log: ContactLog, *, per: str = "head", hours: float = 160.0) -> Ratio:
    """Contacts that agents answered, over agent months.

    per: 'head' takes every agent of the staffing table for the days looked at, a twelfth of a year a month;
    'full_time' takes paid time, `hours` [h] of it a month, so that part-time agents count in part.
    """
    n = int(np.count_nonzero(inside(first_answers(log), observed(log))))
    if per == "head":
        days = observed_days(log) / n_replications(log)  # people are counted once a replication
        return Ratio(float(n), n_people(log) * days / DAYS_OF_MONTH, n)
    if per != "full_time":
        raise unknown_choice("contacts_per_agent_month", "per", per, ["head", "full_time"])
    need(log, "contacts_per_agent_month:full_time", "staffing.paid")
    paid = of_kind(log, AVAILABLE, BREAK, ABSENT, OVERTIME, paid_only=True).within(observed(log))
    return Ratio(float(n), paid / 3600.0 / hours, n)


@metric(
    unit="contacts/customer",
    better="lower",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "case", "contact", "customer"),
    source="MetricNet, Metrics that matter: tickets prevented (tickets over users in a month)",
    null="no customer gives no value",
    variants={"seen": {}, "cases_per_month": {"variant": "cases_per_month"}},
    units={"cases_per_month": "cases/customer month"},
)
def contact_rate(log: ContactLog, *, variant: str = "contacts", customers: float = 0.0) -> Ratio:
    """Contacts of a customer over the time looked at, with people or machines, chasers apart.

    Parameters
    ----------
    log : ContactLog
    variant : str
        contacts; or cases_per_month, cases over customers and months (a day counts if any part of it is looked at).
    customers : float
        How many customers there are, callers or not. 0: only identified customers who are seen, and their contacts,
        which says how often those come who come at all.
    """
    if variant not in ("contacts", "cases_per_month"):
        raise unknown_choice("contact_rate", "variant", variant, ["contacts", "cases_per_month"])
    t = log.touchpoints
    mine = np.zeros(len(t), dtype=bool)
    mine[(first_of_contacts if variant == "contacts" else first_of_cases)(log)] = True
    mine &= ~flag(t, "chaser") & inbound(t)
    if not customers:
        mine &= t.customer >= 0
    n = int(np.count_nonzero(mine))
    people = customers * n_replications(log) if customers else float(n_customers(log, mine))
    if variant == "contacts":
        return Ratio(float(n), people, n)
    return Ratio(n * DAYS_OF_MONTH, people * observed_days(log) / n_replications(log), n)


@metric(
    unit="replies/ticket",
    better="lower",
    kind="process",
    family="handling",
    scope="case",
    columns=("case", "offered", "answered", "deferred"),
    source="cxsim reference 3.2, replies per ticket and e-mails to resolve (59.8 % resolve in three or fewer)",
    null="no ticket answered gives no value",
    variants={"all": {}, "resolved": {"variant": "resolved"}, "three_or_fewer": {"variant": "three_or_fewer"}},
    units={"three_or_fewer": "1"},
)
def replies_per_ticket(log: ContactLog, *, variant: str = "all", replies: float = 3.0) -> Ratio:
    """Answers of agents that a ticket takes; a ticket is a case that was answered in a deferred queue.

    Variants: all tickets; resolved, only those closed as resolved (e-mails to resolve); three_or_fewer, the share of
    these that took no more than so many `replies`. Chasers and their answers do not count.
    """
    if variant not in ("all", "resolved", "three_or_fewer"):
        raise unknown_choice("replies_per_ticket", "variant", variant, ["all", "resolved", "three_or_fewer"])
    t, cases = log.touchpoints, by_case(log)
    tickets = cases.any(deferred(t) & answered(t))
    if variant != "all":
        need(log, f"replies_per_ticket:{variant}", "outcome")
        tickets &= met_cases(log, evidence="believed") & judged_cases(log, metric="replies_per_ticket")
    taken = cases.rows(asked(t) & answered(t))
    if variant == "three_or_fewer":
        return Ratio.share(taken <= replies, tickets)
    return Ratio.mean(taken[tickets])
