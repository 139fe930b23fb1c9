"""How much work a contact is: handle time and its parts."""

from __future__ import annotations

import numpy as np

from cxsim.contacts.log import ContactLog
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.presence import busy_time
from cxsim.metrics.ratio import Ratio, Sample
from cxsim.metrics.rows import by_contact, finished, handle_times

WORK = ("offered", "answered", "wrapped")
AMAZON = "Amazon Connect administrator guide, metric definitions, github.com/awsdocs/amazon-connect-admin-guide"
UNHANDLED = "nothing handled gives no value"


@metric(
    unit="s",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=WORK,
    short="aht",
    source=f"{AMAZON}; Genesys Cloud glossary, average handle time",
    null=UNHANDLED,
    variants={
        "per_contact_leg": {},
        "per_contact": {"per": "contact"},
        "effort": {"per": "effort"},
        "p50": {"p": 0.5},
        "p90": {"p": 0.9},
    },
)
def average_handle_time(log: ContactLog, *, per: str = "leg", p: float | None = None) -> Ratio | Sample:
    """Mean talk time, hold included, plus after-call work of what agents handled.

    per: 'leg' counts every agent's part of a transferred contact; 'contact' sums the legs of a contact; 'effort' counts
    a second in which an agent has several contacts in hand once, where the others count it for each (the elapsed time
    of a chat). With `p` the quantile over legs in place of the mean. Work in progress, without its end, is left out.
    """
    t = log.touchpoints
    time = handle_times(t)
    if p is not None:
        return Sample(time, p)
    if per == "effort":
        need(log, "average_handle_time:effort", "agent_group", "agent")
        return Ratio(busy_time(log).total, float(len(time)), len(time))
    if per not in ("leg", "contact"):
        raise unknown_choice("average_handle_time", "per", per, ["leg", "contact", "effort"])
    n = len(time) if per == "leg" else by_contact(log).n_with(finished(t, until="wrapped"))
    return Ratio(float(np.sum(time)), float(n), n)


@metric(
    unit="s",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered", "ended"),
    short="talk",
    source=AMAZON,
    null=UNHANDLED,
)
def talk_time(log: ContactLog) -> Ratio:
    """Mean time from the answer until the customer is gone, hold included, of each leg handled."""
    t = log.touchpoints
    return Ratio.mean((t.ended - t.answered)[finished(t, until="ended")])


@metric(
    unit="s",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered", "ended", "held"),
    short="hold",
    source=AMAZON,
    null=UNHANDLED,
)
def hold_time(log: ContactLog) -> Ratio:
    """Mean part of the talk time spent on hold, of each leg handled, those without hold included."""
    t = log.touchpoints
    return Ratio.mean(t.held[finished(t, until="ended")])


@metric(
    unit="s",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered", "ended", "wrapped"),
    short="acw",
    source=AMAZON,
    null=UNHANDLED,
)
def after_call_work(log: ContactLog) -> Ratio:
    """Mean time from the customer's leaving until the agent is free, of each leg handled."""
    t = log.touchpoints
    return Ratio.mean((t.wrapped - t.ended)[finished(t, until="wrapped")])
