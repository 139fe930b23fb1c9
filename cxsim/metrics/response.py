"""How long customers of deferred work wait: for a first answer, and until the need is met.

Times run on the clock of the calendar, or in hours of business: `hours` as for `cxsim.metrics.calendars.time_between`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.calendars import CALENDAR, STAFFED, replications_of, time_between
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.presence import merged
from cxsim.metrics.ratio import Ratio, Sample
from cxsim.metrics.rows import (
    answered,
    asked,
    by_case,
    by_contact,
    case_begins,
    case_numbers,
    contact_numbers,
    deferred,
    first_of_cases,
    first_of_contacts,
    in_order,
    judged_cases,
    resolved,
)
from cxsim.metrics.selection import rows_in_whole, whole_of

Array = npt.NDArray[Any]

MTTR = "Rumburg, Metric of the month: incident mean time to resolve, hdaa.com.au"
BUSINESS: dict[str, dict[str, Any]] = {
    "business_hours": {"hours": STAFFED},
    "business_hours_p50": {"hours": STAFFED, "p": 0.5},
    "business_hours_p90": {"hours": STAFFED, "p": 0.9},
}


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered", "deferred"),
    short="frt",
    source="Plain, First response time (since the first message); GASP wiki, Customer support metrics (median, p90)",
    null="no answer to deferred work gives no value",
    variants={
        "mean": {},
        "p50": {"p": 0.5},
        "p90": {"p": 0.9},
        **BUSINESS,
        "from_contact": {"since": "contact"},
        "mean_over_resolved": {"over": "resolved"},
    },
)
def first_response_time(
    log: ContactLog, *, p: float | None = None, hours: str = CALENDAR, since: str = "leg", over: str = "answered"
) -> Ratio | Sample:
    """Time until a person first answers a deferred contact (ticket, e-mail).

    Counted once a contact; a machine's reply does not stop the clock. Chasers are no contacts of their own. What was
    never answered is censored: it is not in the value, nor in n; `no_response_rate` counts it.

    Parameters
    ----------
    log : ContactLog
    p : float, optional
        The quantile in place of the mean.
    hours : str
        'calendar', 'staffed', or opening hours.
    since : str
        'leg' starts the clock when the contact reaches people, 'contact' at its first touch, with a machine or not.
    over : str
        'answered' divides by contacts answered; 'resolved' by those resolved, as some glossaries do, which biases it.
    """
    if since not in ("leg", "contact"):
        raise unknown_choice("first_response_time", "since", since, ["leg", "contact"])
    if over not in ("answered", "resolved"):
        raise unknown_choice("first_response_time", "over", over, ["answered", "resolved"])
    name = f"first responses {hours} {since}"
    time = remember(log, name, lambda: _times_to_respond(log, hours=hours, since=since))
    if p is not None:
        return Sample(time, p)
    if over == "answered":
        return Ratio.mean(time)
    need(log, "first_response_time:mean_over_resolved", "outcome")
    closed = by_contact(log).n_with(deferred(log.touchpoints) & resolved(log.touchpoints, evidence="believed"))
    return Ratio(float(np.sum(time)), float(closed), closed)


def _times_to_respond(log: ContactLog, *, hours: str, since: str) -> Array:
    """Time [n] until the first answer of every deferred contact that got one."""
    t = log.touchpoints
    rows = _first_with_people(log, deferred(t) & answered(t))
    begin = t.offered[rows]
    if since == "contact":
        whole = whole_of(log)
        mine = rows_in_whole(log)[rows]
        begin = whole.touchpoints.offered[first_of_contacts(whole)[contact_numbers(whole)[mine]]]
    replication = replications_of(log, rows)
    return time_between(log, begin, t.answered[rows], hours=hours, name="first_response_time", replication=replication)


def _first_with_people(log: ContactLog, mask: Array) -> Array:
    """Row numbers [n] of those in a mask [n_rows] that are the first staffed leg of their contact, in the whole log."""
    rows, whole = np.flatnonzero(mask), whole_of(log)
    if not len(rows):
        return rows
    every = remember(whole, "first staffed leg", lambda: _first_staffed_leg(whole))
    return rows[every[rows_in_whole(log)[rows]]]


def _first_staffed_leg(log: ContactLog) -> Array:
    t = log.touchpoints
    order = in_order(t)
    rows = order[asked(t)[order]]
    first = np.zeros(len(t), dtype=bool)
    first[rows[np.diff(contact_numbers(log)[rows], prepend=-1) != 0]] = True
    return first


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered", "deferred"),
    source="SuperOffice, Customer service response times: 62 % of firms in one test never replied",
    null="no deferred contact gives no value",
)
def no_response_rate(log: ContactLog) -> Ratio:
    """Share of deferred contacts that nobody has answered by the end of the log."""
    t = log.touchpoints
    return Ratio.mean(~answered(t)[_first_with_people(log, deferred(t))])


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="handling",
    scope="case",
    columns=("case", "offered", "ended", "outcome"),
    short="mttr",
    source=f"{MTTR}: opened Friday 16:00, closed Monday 16:00 is 8 hours of business",
    null="no case resolved gives no value",
    variants={
        "mean": {},
        "p50": {"p": 0.5},
        "p90": {"p": 0.9},
        "first_resolution": {"resolution": "first"},
        **BUSINESS,
    },
)
def resolution_time(
    log: ContactLog, *, p: float | None = None, resolution: str = "final", hours: str = CALENDAR
) -> Ratio | Sample:
    """Time from the first offer of a case to the end of the touch that resolved it.

    resolution: 'final' takes the last touch closed as resolved, 'first' the first (before it was reopened). hours:
    'calendar', 'staffed', or opening hours. Cases not resolved are censored: they are not in the value, nor in n.
    Incidents and requests are told apart by contact type.
    """
    if resolution not in ("final", "first"):
        raise unknown_choice("resolution_time", "resolution", resolution, ["final", "first"])
    judged_cases(log, metric="resolution_time")
    time = times_to_resolve(log, resolution=resolution, hours=hours, name="resolution_time")[1]
    return Ratio.mean(time) if p is None else Sample(time, p)


def times_to_resolve(log: ContactLog, *, resolution: str, hours: str, name: str) -> tuple[Array, Array]:
    """Cases that were resolved [n_resolved], and the time each took."""

    def find() -> tuple[Array, Array]:
        found, end = resolutions(log, resolution=resolution)
        begin = case_begins(log)[found]
        replication = replications_of(log, first_of_cases(log)[found])
        return found, time_between(log, begin, end, hours=hours, name=name, replication=replication)

    return remember(log, f"times to resolve {resolution} {hours}", find)


def resolutions(log: ContactLog, *, resolution: str, evidence: str = "believed") -> tuple[Array, Array]:
    """Cases that were resolved [n_resolved], and the end of the 'first' or 'final' touch that did it."""

    def find() -> tuple[Array, Array]:
        t, cases = log.touchpoints, by_case(log)
        closing = resolved(t, evidence=evidence) & (t.ended == t.ended)
        if resolution == "final":
            end = cases.greatest(np.where(closing, t.ended, -np.inf))
        else:
            end = cases.least(np.where(closing, t.ended, np.inf))
        found = np.flatnonzero(cases.any(closing))
        return found, end[found]

    return remember(log, f"resolutions {resolution} {evidence}", find)


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="handling",
    scope="case",
    columns=("case", "offered", "ended", "outcome"),
    source="cxsim reference 3.2: time to resolve without that pending on the customer",
    null="no case resolved gives no value",
    variants={"mean": {}, "p50": {"p": 0.5}, "p90": {"p": 0.9}},
)
def requester_wait(log: ContactLog, *, p: float | None = None) -> Ratio | Sample:
    """Part of the time to resolve in which a contact of the case lay with the centre.

    Between the end of one contact and the customer's next the case is pending on the customer. Contacts at one time,
    such as a chaser of a ticket, count once; what comes after the touch that resolved for good does not count.
    """
    judged_cases(log, metric="requester_wait")
    time = remember(log, "requester waits", lambda: _times_with_the_centre(log))
    return Ratio.mean(time) if p is None else Sample(time, p)


def _times_with_the_centre(log: ContactLog) -> Array:
    t, numbers = log.touchpoints, case_numbers(log)
    found, end = resolutions(log, resolution="final")
    close = np.full(len(case_begins(log)), -np.inf)
    close[found] = end
    owner, begin, end = merged(numbers, t.offered, np.fmin(t.ended, close[numbers]))
    return np.bincount(owner, weights=end - begin, minlength=len(close))[found]
