"""Moments of truth as operational goals: the share of contacts or cases that keep a time limit."""

from __future__ import annotations

from typing import Final

import numpy as np

from cxsim.contacts.columns import RESOLVED
from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable, nearest, problem
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import case_begins, case_numbers, decided_contacts, inbound, served, worked_from

MEASURES: Final = ("wait", "first_response_time", "handle_time", "resolution_time")


def share_within(
    log: ContactLog,
    *,
    measure: str,
    within: float,
    touchpoint: str | None = None,
    contact_type: str | None = None,
    segment: str | None = None,
) -> Ratio:
    """Share that keeps a time limit.

    Parameters
    ----------
    log : ContactLog
    measure : str
        wait (of decided contacts; an abandoned one never keeps it), first_response_time (of deferred contacts),
        handle_time (of served contacts) or resolution_time (of cases, from first offer to the end of the touch that
        resolved; an unresolved one never keeps it).
    within : float
        Limit [s].
    touchpoint, contact_type, segment : str, optional
        Only rows of these; for resolution_time the touchpoint is that of the case's first touch.

    Raises
    ------
    MetricUnavailable
        Not one of the measures above.
    """
    if measure not in MEASURES:
        raise MetricUnavailable(
            problem(
                f"goal.measure {measure}", "not a measure of a time", f"one of {MEASURES}", nearest(measure, MEASURES)
            )
        )
    begin, end = log.span or (0.0, float(log.meta.get("horizon", np.inf)))
    t = log.touchpoints
    rows = np.ones(len(t), dtype=bool)
    for column, name in (("contact_type", contact_type), ("segment", segment)):
        if name is not None:
            rows &= t.columns[column] == log.labels(column).index(name)
    here = rows if touchpoint is None else rows & (t.touchpoint == log.labels("touchpoint").index(touchpoint))
    offered = (t.offered >= begin) & (t.offered < end)
    if measure == "resolution_time":
        return _resolved_within(log, within, rows=rows, first=here & offered)
    if measure == "wait":
        of = decided_contacts(t) & here & offered
        return Ratio.share(t.answered - t.offered <= within, of)
    if measure == "first_response_time":
        deferred = t.deferred if "deferred" in t else np.zeros(len(t), dtype=bool)
        return Ratio.share(t.answered - t.offered <= within, t.staffed & deferred & inbound(t) & here & offered)
    return Ratio.share(t.wrapped - worked_from(t) <= within, served(t) & inbound(t) & here & offered)


def _resolved_within(log: ContactLog, within: float, *, rows: np.ndarray, first: np.ndarray) -> Ratio:
    t = log.touchpoints
    number, begins = case_numbers(log), case_begins(log)
    entry = np.zeros(len(begins), dtype=bool)
    starts = t.offered == begins[number]
    entry[number[starts & first]] = True
    ends = np.full(len(begins), np.inf)
    done = (t.outcome == RESOLVED) & rows
    np.minimum.at(ends, number[done], t.ended[done])
    return Ratio.share(ends - begins <= within, entry)
