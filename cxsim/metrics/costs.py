"""What service costs by minute, channel, case, customer and seat: pay of the time looked at, idle and absent included.

Machines cost nothing here: a log holds the pay of agents and no other expense.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import CHANNELS, UNREACHED
from cxsim.contacts.log import ContactLog
from cxsim.contacts.months import DAYS_OF_MONTH, months_of_pay
from cxsim.metrics.financial import COST, METRICNET, PAY, paid_cost
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, unknown_choice
from cxsim.metrics.presence import Timeline, handled_time, n_people
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import (
    asked,
    case_begins,
    cases_with_people,
    n_customers,
    served,
    worked_from,
)
from cxsim.metrics.selection import DAY, inside, lives, n_replications, observed, observed_days

Array = npt.NDArray[Any]


@metric(
    unit="money/min",
    better="lower",
    kind="result",
    family="financial",
    scope="agent",
    columns=(*PAY, *COST, "answered", "wrapped"),
    source="MetricNet, cost and price benchmark metric list: cost per minute of handle time",
    null="no work gives no value",
)
def cost_per_minute(log: ContactLog) -> Ratio:
    """Pay of the time looked at over the minutes of handle time in it, so that hard and easy contacts compare."""
    minutes = handled_time(log).within(observed(log)) / 60.0
    return Ratio(paid_cost(log, "cost_per_minute"), minutes, int(np.count_nonzero(served(log.touchpoints))))


@metric(
    unit="money/contact",
    better="lower",
    kind="result",
    family="financial",
    scope="agent",
    columns=(*PAY, *COST, "answered", "wrapped", "channel"),
    source="destinationCRM, Gartner self-service survey 2019: channel cost over channel contacts",
    null="no contact answered in the channel gives no value",
    variants={channel: {"channel": channel} for channel in ("voice", "chat", "email")},
)
def cost_per_channel_contact(log: ContactLog, *, channel: str = "voice") -> Ratio:
    """Pay that falls to a channel over the legs that agents answered in it, or at which they reached a customer.

    All pay of the time looked at, idle time included, is shared out evenly over the handle time of all channels: the
    costs of the channels add up to the whole.
    """
    if channel not in CHANNELS:
        raise unknown_choice("cost_per_channel_contact", "channel", channel, CHANNELS)
    cost, n = 0.0, 0
    for life in lives(log):
        work, answers = _work_in(life, channel)
        n += int(np.count_nonzero(inside(answers, observed(life))))
        every = handled_time(life).within(observed(life))
        if every > 0:
            cost += paid_cost(life, "cost_per_channel_contact") * work.within(observed(life)) / every
    return Ratio(cost, float(n), n)


def _work_in(log: ContactLog, channel: str) -> tuple[Timeline, Array]:
    """Handle time in a channel, and the instants of its answers [n]."""
    t, code = log.touchpoints, CHANNELS.index(channel)

    def find() -> tuple[Timeline, Array]:
        mine = served(t) & (t.channel == code)
        talked = mine & (t.outcome != UNREACHED) if "outcome" in t else mine
        return Timeline(worked_from(t)[mine], t.wrapped[mine]), t.answered[talked]

    return remember(log, f"work in {channel}", find)


@metric(
    unit="money/case",
    better="lower",
    kind="result",
    family="financial",
    scope="agent",
    columns=(*PAY, *COST, "case", "offered"),
    short="cost_per_ticket",
    source="MetricNet, Service desk cost per ticket",
    null="no case with people gives no value",
)
def cost_per_case(log: ContactLog) -> Ratio:
    """Pay of the time looked at over the cases begun in it that asked people, however they ended."""

    def begins() -> Array:
        return case_begins(log)[cases_with_people(log)]

    n = int(np.count_nonzero(inside(remember(log, "cases with people begun", begins), observed(log))))
    return Ratio(paid_cost(log, "cost_per_case"), float(n), n)


@metric(
    unit="money/customer",
    better="lower",
    kind="result",
    family="financial",
    scope="agent",
    columns=(*PAY, *COST, "customer", "offered"),
    source=f"{METRICNET}; per customer served: a cxsim proposal",
    null="no identified customer gives no value",
)
def cost_per_customer(log: ContactLog) -> Ratio:
    """Pay of the time looked at over the identified customers who asked people in it."""
    t = log.touchpoints
    n = n_customers(log, asked(t) & (t.customer >= 0) & inside(t.offered, observed(log)))
    return Ratio(paid_cost(log, "cost_per_customer"), float(n), n)


@metric(
    unit="money/seat month",
    better="lower",
    kind="result",
    family="financial",
    scope="agent",
    columns=(*PAY, *COST),
    source="cxsim reference 3.6: fully loaded cost over seats",
    null="nobody staffed gives no value",
    variants={"month": {}, "year": {"variant": "year"}},
    units={"year": "money/agent year"},
)
def cost_per_seat(log: ContactLog, *, variant: str = "month") -> Ratio:
    """Pay of the time looked at over the agents of the staffing table and the months, or years, that such pay lasts.

    Five days from Monday on of a centre that is closed at the weekend last a whole week: see `months_of_pay`.
    """
    if variant not in ("month", "year"):
        raise unknown_choice("cost_per_seat", "variant", variant, ["month", "year"])
    n = n_people(log)
    days = observed_days(log) / n_replications(log)  # people are counted once a replication
    whole = months_of_pay(log)
    months = days * (whole * DAY / float(log.meta["horizon"]) if whole else 1.0 / DAYS_OF_MONTH)
    return Ratio(paid_cost(log, "cost_per_seat"), n * months / (1 if variant == "month" else 12), n)
