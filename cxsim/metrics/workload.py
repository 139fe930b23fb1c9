"""How much there is to do: contacts and cases per day, offered load, backlog."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import by_case, case_begins, entered, handle_times, inbound, served, shut_out, staffed
from cxsim.metrics.selection import (
    DAY,
    day_ends,
    inside,
    n_replications,
    observed,
    observed_days,
    observed_seconds,
)

Array = npt.NDArray[Any]

BACKLOG = "Rumburg, Metric of the month: ticket backlog (2020), thinkhdi.com"
COUNTS = "cxsim reference 2: counters"


def _case_ends(log: ContactLog) -> Array:
    """End of every case [n_cases]; unfinished cases never end."""

    def find() -> Array:
        t = log.touchpoints
        return by_case(log).greatest(np.where(t.ended == t.ended, t.ended, np.inf))

    return remember(log, "case ends", find)


def _waiting(log: ContactLog, since: Array) -> Array:
    """For each case [n_cases]: at how many ends of days it is open, begun before and not yet ended.

    since [n_cases]: only ends of days after this instant, not before the begin. The end of a day is excluded from it,
    as everywhere: a case offered at that very instant belongs to the next.
    """
    ends = day_ends(log)
    if len(ends) == 1:  # the usual case, for which there is nothing to search
        return ((since < ends[0]) & (_case_ends(log) >= ends[0])).astype(np.int64)
    last = np.searchsorted(ends, _case_ends(log), side="right")
    return np.asarray(last - np.minimum(np.searchsorted(ends, since, side="right"), last))


def _backlog(log: ContactLog) -> tuple[float, int]:
    waiting = float(np.sum(_waiting(log, case_begins(log))))
    return waiting, len(day_ends(log)) * n_replications(log)


@metric(
    unit="cases",
    better="lower",
    kind="process",
    family="handling",
    scope="state",
    columns=("case", "offered", "ended"),
    source=BACKLOG,
    null="no day looked at gives no value",
)
def backlog(log: ContactLog) -> Ratio:
    """Mean number of cases open at the end of each day looked at: begun, and neither resolved nor given up for good."""
    waiting, n = _backlog(log)
    return Ratio(waiting, float(n), n)


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="handling",
    scope="state",
    columns=("case", "offered", "ended"),
    source=f"{BACKLOG}: 10 open on 200 a day is 5 %",
    null="no case begun gives no value",
)
def backlog_ratio(log: ContactLog) -> Ratio:
    """Mean number of cases open at the end of a day over the mean number begun in a day."""
    waiting, _ = _backlog(log)
    begun = int(np.count_nonzero(inside(case_begins(log), observed(log))))
    return Ratio(waiting, float(begun), begun)


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="handling",
    scope="state",
    columns=("case", "offered", "ended"),
    source=f"{BACKLOG}: beyond level 1 split by age under 10, 10 to 30 and over 30 days; mean: a cxsim proposal",
    null="nothing open at the end of a day gives no value",
    variants={
        "over_10_days": {},
        "over_30_days": {"days": 30.0},
        "over_1_day": {"days": 1.0},
        "mean": {"variant": "mean"},
    },
    units={"mean": "days"},
)
def backlog_age(log: ContactLog, *, days: float = 10.0, variant: str = "older") -> Ratio:
    """How old the cases are that are open at the end of each day looked at, days added up.

    Variants: older, the share of them begun more than so many `days` before; mean, their age in days.
    """
    if variant not in ("older", "mean"):
        raise unknown_choice("backlog_age", "variant", variant, ["older", "mean"])
    begin, ends = case_begins(log), day_ends(log)
    times = _waiting(log, begin)
    n = int(np.sum(times))
    if variant == "mean":
        total = np.concatenate([[0.0], np.cumsum(ends)])
        first = np.searchsorted(ends, begin, side="right")
        age = float(np.sum(total[np.minimum(first + times, len(ends))] - total[first] - times * begin))
        return Ratio(age / DAY, float(n), n)
    return Ratio(float(np.sum(_waiting(log, begin + days * DAY))), float(n), n)


@metric(
    unit="days",
    better="lower",
    kind="process",
    family="handling",
    scope="state",
    columns=("case", "offered", "ended"),
    source="cxsim reference 3.2: open over average daily closures",
    null="no case closed gives no value",
)
def days_of_backlog(log: ContactLog) -> Ratio:
    """Days that it takes to close what is open at the end of a day, at the rate at which cases were closed."""
    waiting, _ = _backlog(log)
    closed = _closed(log)
    return Ratio(waiting, float(closed), closed)


def _closed(log: ContactLog) -> int:
    return int(np.count_nonzero(inside(_case_ends(log), observed(log))))


@metric(
    unit="cases/day",
    better="lower",
    kind="process",
    family="handling",
    scope="state",
    columns=("case", "offered", "ended"),
    source="cxsim reference 3.2: opened less closed",
    null="no day looked at gives no value",
)
def net_flow(log: ContactLog) -> Ratio:
    """Cases begun less cases closed per day looked at: above 0 the backlog grows."""
    begun = int(np.count_nonzero(inside(case_begins(log), observed(log))))
    closed = _closed(log)
    return Ratio(float(begun - closed), float(observed_days(log)), begun + closed)


@metric(
    unit="erlang",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=("outcome", "ended", "offered", "answered", "wrapped"),
    source="Gans, Koole and Mandelbaum (2003), Telephone call centers: arrival rate times mean handle time",
    null="offered contacts of which none was handled give no value",
)
def offered_load(log: ContactLog) -> Ratio:
    """Agents that the offered work would keep busy: arrival rate times mean handle time.

    All that reaches staffed touchpoints in opening hours arrives: answered, abandoned, blocked, deferred, chasers, but
    not whom the centre calls. The handle time is that of the answered.
    """
    t = log.touchpoints
    arrived = staffed(t) & inbound(t) & ~shut_out(t)
    n = int(np.count_nonzero(arrived))
    time = handle_times(t)
    work, handled = float(np.sum(time)), len(time)
    if not handled:
        return Ratio(0.0, 0.0 if n else observed_seconds(log), n)
    return Ratio(n * work / handled, observed_seconds(log), n)


def _per_day(log: ContactLog, n: int) -> Ratio:
    return Ratio(float(n), float(observed_days(log)), n)


@metric(
    unit="contacts/day",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "outcome", "ended"),
    source=COUNTS,
    null="no day looked at gives no value",
)
def contacts_offered(log: ContactLog) -> Ratio:
    """Queue entries on the line per day; a day counts as one if any part of it is looked at."""
    return _per_day(log, int(np.count_nonzero(entered(log.touchpoints))))


@metric(
    unit="contacts/day",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered"),
    source=COUNTS,
    null="no day looked at gives no value",
)
def contacts_handled(log: ContactLog) -> Ratio:
    """Inbound legs that an agent answered, deferred work included, per day."""
    t = log.touchpoints
    return _per_day(log, int(np.count_nonzero(served(t) & inbound(t))))


@metric(
    unit="cases/day",
    better="band",
    kind="process",
    family="handling",
    scope="case",
    columns=("case", "offered"),
    source=COUNTS,
    null="no day looked at gives no value",
)
def cases_begun(log: ContactLog) -> Ratio:
    """Cases begun per day, at any touchpoint."""
    return _per_day(log, len(by_case(log)))
