"""How much work contacts are and how long customers wait for deferred work: handle time, response, backlog, load."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, unknown_choice
from cxsim.metrics.ratio import Ratio, Sample
from cxsim.metrics.rows import (
    answered,
    any_of,
    asked,
    case_begins,
    case_numbers,
    contact_numbers,
    deferred,
    finished,
    handle_times,
    how_many,
    in_order,
    judged_cases,
    resolved,
)
from cxsim.metrics.selection import rows_in_whole, whole_of

Array = npt.NDArray[Any]

WORK = ("offered", "answered", "wrapped")
AMAZON = "Amazon Connect administrator guide, metric definitions, github.com/awsdocs/amazon-connect-admin-guide"
MTTR = "Rumburg, Metric of the month: incident mean time to resolve, hdaa.com.au"
BACKLOG = "Rumburg, Metric of the month: ticket backlog (2020), thinkhdi.com"
COUNTS = "cxsim reference 2: counters"
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
        "p50": {"p": 0.5},
        "p90": {"p": 0.9},
    },
)
def average_handle_time(log: ContactLog, *, per: str = "leg", p: float | None = None) -> Ratio | Sample:
    """Mean talk time, hold included, plus after-call work of what agents handled.

    per: 'leg' counts every agent's part of a transferred contact; 'contact' sums the legs of a contact. With `p` the
    quantile over legs in place of the mean. Work in progress, without its end, is left out.
    """
    t = log.touchpoints
    time = handle_times(t)
    if p is not None:
        return Sample(time, p)
    if per not in ("leg", "contact"):
        raise unknown_choice("average_handle_time", "per", per, ["leg", "contact"])
    n = len(time) if per == "leg" else how_many(contact_numbers(log), finished(t, until="wrapped"))
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


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered", "deferred"),
    short="frt",
    source="Plain, First response time; GASP wiki, Customer support metrics (median and p90)",
    null="no answer to deferred work gives no value",
    variants={"mean": {}, "p50": {"p": 0.5}, "p90": {"p": 0.9}},
)
def first_response_time(log: ContactLog, *, p: float | None = None) -> Ratio | Sample:
    """Time until a person first answers a deferred contact (ticket, e-mail), on the clock of the calendar.

    Counted once a contact, from the offer of its first staffed leg; a machine's reply does not stop the clock. Chasers
    are no contacts of their own. What was never answered is censored: it is not in the value, nor in n.
    """
    time = remember(log, "first responses", lambda: _times_to_respond(log))
    return Ratio.mean(time) if p is None else Sample(time, p)


def _times_to_respond(log: ContactLog) -> Array:
    """Time [n] until the first answer of every deferred contact that got one."""
    t, whole = log.touchpoints, whole_of(log)
    first = remember(whole, "first staffed leg", lambda: _first_staffed_leg(whole))
    return (t.answered - t.offered)[deferred(t) & answered(t) & first[rows_in_whole(log)]]


def _first_staffed_leg(log: ContactLog) -> Array:
    t = log.touchpoints
    order = in_order(t)
    rows = order[asked(t)[order]]
    first = np.zeros(len(t), dtype=bool)
    first[rows[np.diff(contact_numbers(log)[rows], prepend=-1) != 0]] = True
    return first


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="handling",
    scope="case",
    columns=("case", "offered", "ended", "outcome"),
    short="mttr",
    source=MTTR,
    null="no case resolved gives no value",
    variants={"mean": {}, "p50": {"p": 0.5}, "p90": {"p": 0.9}, "first_resolution": {"resolution": "first"}},
)
def resolution_time(log: ContactLog, *, p: float | None = None, resolution: str = "final") -> Ratio | Sample:
    """Time from the first offer of a case to the end of the touch that resolved it, on the clock of the calendar.

    resolution: 'final' takes the last touch closed as resolved, 'first' the first (before it was reopened). Cases not
    resolved are censored: they are not in the value, nor in n. Opening hours are not taken out.
    """
    if resolution not in ("final", "first"):
        raise unknown_choice("resolution_time", "resolution", resolution, ["final", "first"])
    judged_cases(log, metric="resolution_time")
    time = remember(log, f"resolution {resolution}", lambda: _times_to_resolve(log, final=resolution == "final"))
    return Ratio.mean(time) if p is None else Sample(time, p)


def _times_to_resolve(log: ContactLog, *, final: bool) -> Array:
    """Time [n_resolved] of every case that was resolved."""
    t, numbers = log.touchpoints, case_numbers(log)
    begin = case_begins(log)
    end = np.full(len(begin), -np.inf if final else np.inf)
    closing = resolved(t, evidence="believed") & (t.ended == t.ended)
    (np.maximum if final else np.minimum).at(end, numbers[closing], t.ended[closing])
    found = np.flatnonzero(any_of(numbers, closing))
    return np.asarray(end[found] - begin[found])
