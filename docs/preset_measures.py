"""What the page of check values is made of: targets, pools alone, and the counters that are compared with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import AVAILABLE
from cxsim.contacts.log import ContactLog
from cxsim.metrics import measure
from cxsim.metrics.goals import share_within
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import decided_contacts, waited
from cxsim.metrics.selection import default_span
from cxsim.scenario.load import Scenario, load_scenario

Mask = npt.NDArray[np.bool_]
Counter = Callable[[ContactLog], Ratio]
PLAIN = "busyness={day_cv: 0, interval_cv: 0, interval_correlation: 0}"
HOUR, HALF_HOURS = 3600.0, 48


class Target(NamedTuple):
    """A stated value.

    Attributes
    ----------
    what : str
    low, high : float
        Bounds in the unit of `kind`: equal for a single value, infinite where there is none.
    kind : str
        'share', 'time' [s] or 'number': how it is written.
    near : float
        How far beyond the bounds still counts as near.
    counter : function
        Numerator and denominator in one log.
    why : str
        Explains a difference; empty where none is expected.
    """

    what: str
    low: float
    high: float
    kind: str
    near: float
    counter: Counter
    why: str = ""


class Part(NamedTuple):
    """A pool alone or a whole centre, with its targets; `felt` where customers' answers are asked for."""

    title: str
    make: Callable[[], Scenario]
    targets: tuple[Target, ...]
    felt: bool = False


class Pool(NamedTuple):
    """One kind of call and one pool, in a preset's own shape.

    Attributes
    ----------
    preset : str
    volume : float
        Calls a day.
    handle_time, cv : float
        Of the lognormal law [s], [1].
    patience : float
        Mean of the exponential law [s]; infinite waits for ever.
    first : int
        Half hour, from 0 at midnight, in which the plan begins.
    plan : tuple
        Heads by half hour.
    """

    preset: str
    volume: float
    handle_time: float
    cv: float
    patience: float
    first: int
    plan: tuple[int, ...]

    def scenario(self) -> Scenario:
        """The preset with nothing left but its shape: plain Poisson arrivals on one day, nobody comes back."""
        base = load_scenario(self.preset)
        shape = next(iter(base.model.shapes))
        plan = [0] * self.first + list(self.plan)
        plan += [0] * (HALF_HOURS - len(plan))
        patience = f"patience: {{law: exponential, mean: {self.patience} s}}, " if self.patience < math.inf else ""
        return base.override(
            PLAIN,
            "calendar.days=1",
            "goals={}",
            "surges={}",
            f"contact_types={{call: {{volume: {self.volume} per day, shape: {shape}, enters: {{phone: 1}}}}}}",
            f"touchpoints={{phone: {{mechanism: staffed, channel: voice, {patience}"
            f"talk_time: {{law: lognormal, mean: {self.handle_time} s, cv: {self.cv}}}}}}}",
            f"agent_groups={{pool: {{by_interval: {{all: {plan}}}, serves: {{phone: {{rank: 1}}}}}}}}",
        )


def whole(name: str, *overrides: str) -> Callable[[], Scenario]:
    """A preset as shipped, or with overrides."""
    return lambda: load_scenario(name, *overrides)


def hourly(*counts: int) -> tuple[int, ...]:
    """Heads by half hour of heads by hour."""
    return tuple(count for count in counts for _ in range(2))


# ---- counters


def metric(name: str, *, by: str | None = None, group: str = "", **parameters: float) -> Counter:
    """A metric of the package, 'name' or 'name:variant', of the whole or of one group of a column."""

    def counted(log: ContactLog) -> Ratio:
        rows = measure.counts(log, {name: parameters}, by=by)
        found = [row for row in rows if by is None or row.group == group]
        return Ratio(found[0].numerator, found[0].denominator, found[0].n) if found else Ratio(0.0, 0.0, 0)

    return counted


def within(seconds: float, touchpoint: str, *, kind: str = "wait", contact_type: str | None = None) -> Counter:
    """Share of a touchpoint's contacts answered within a time."""
    return lambda log: share_within(log, measure=kind, within=seconds, touchpoint=touchpoint, contact_type=contact_type)


def at(log: ContactLog, touchpoint: str) -> Mask:
    """Rows of a touchpoint that were offered within the calendar."""
    t, (begin, end) = log.touchpoints, default_span(log)
    here = t.touchpoint == log.names["touchpoint"].index(touchpoint)
    return np.asarray(here & (t.offered >= begin) & (t.offered < end))


def of_type(log: ContactLog, contact_type: str) -> Mask:
    """Rows of a contact type."""
    return np.asarray(log.touchpoints.contact_type == log.names["contact_type"].index(contact_type))


def a_day(*touchpoints: str, days: float = math.nan) -> Counter:
    """Contacts offered a day at touchpoints, chasers included; days of the calendar unless said otherwise."""

    def counted(log: ContactLog) -> Ratio:
        begin, end = default_span(log)
        n = sum(int(np.count_nonzero(at(log, name))) for name in touchpoints)
        return Ratio(float(n), (end - begin) / 86400.0 if math.isnan(days) else days, n)

    return counted


def cases_a_day(days: float) -> Counter:
    """Cases begun over a number of days."""
    return lambda log: Ratio(float(len(np.unique(log.touchpoints.case))), days, len(log.touchpoints))


def staffed_hours(log: ContactLog) -> Ratio:
    """Hours a day that agents are at work as planned, within the calendar."""
    s, (begin, end) = log.staffing, default_span(log)
    there = s.kind == AVAILABLE
    lengths = np.clip(s.end, begin, end) - np.clip(s.start, begin, end)
    hours = float(np.sum(lengths[there])) / HOUR
    return Ratio(hours, (end - begin) / 86400.0, int(np.count_nonzero(there)))


def reached(log: ContactLog) -> Mask:
    """Rows that somebody answered."""
    t = log.touchpoints
    return np.asarray(t.answered == t.answered)


def share_of(hits: Callable[[ContactLog], Mask], of: Callable[[ContactLog], Mask]) -> Counter:
    """Rows of one kind over rows of another, both counted in the same log."""

    def counted(log: ContactLog) -> Ratio:
        n = int(np.count_nonzero(of(log)))
        return Ratio(float(np.count_nonzero(hits(log))), float(n), n)

    return counted


def cases_that_met(touchpoint: str, *, of: str | None = None, entered: bool = False) -> Counter:
    """Share of cases that came to a touchpoint: of all, of those that met another, or of those that entered there."""

    def counted(log: ContactLog) -> Ratio:
        t = log.touchpoints
        met = np.unique(t.case[t.touchpoint == log.names["touchpoint"].index(touchpoint)])
        rows = np.ones(len(t), dtype=bool) if of is None else t.touchpoint == log.names["touchpoint"].index(of)
        if entered:
            rows = rows & (t.contact == 0) & (t.touch == 0)
        every = np.unique(t.case[rows])
        return Ratio(float(np.count_nonzero(np.isin(every, met))), float(len(every)), len(every))

    return counted


def first_replies(seconds: float, touchpoint: str, *, besides: str) -> Counter:
    """Share of first contacts at a deferred touchpoint answered within a time, one contact type left out."""

    def counted(log: ContactLog) -> Ratio:
        t = log.touchpoints
        first = at(log, touchpoint) & (t.contact == 0) & (t.touch == 0) & ~of_type(log, besides)
        return Ratio.share(t.answered - t.offered <= seconds, first)

    return counted


def gave_up_after(seconds: float, touchpoint: str) -> Counter:
    """Share of contacts that gave up after having waited for longer than a time."""

    def counted(log: ContactLog) -> Ratio:
        t = log.touchpoints
        decided = decided_contacts(t) & at(log, touchpoint)
        return Ratio.share(~reached(log) & (waited(t) > seconds), decided)

    return counted


def called_back(touchpoint: str) -> Callable[[ContactLog], Mask]:
    """Rows of a touchpoint whose customers took a callback."""
    return lambda log: np.asarray(at(log, touchpoint) & ~np.isnan(log.touchpoints.callback))


def called_back_within(seconds: float, touchpoint: str) -> Counter:
    """Share of accepted callbacks that reached the customer within a time of the offer."""

    def counted(log: ContactLog) -> Ratio:
        t = log.touchpoints
        return Ratio.share(t.answered - t.offered <= seconds, called_back(touchpoint)(log))

    return counted


def share_of_work(touchpoint: str) -> Counter:
    """Share of all time that agents spent on contacts which was spent at one touchpoint."""

    def counted(log: ContactLog) -> Ratio:
        t = log.touchpoints
        worked = np.where(reached(log), t.wrapped - t.answered, 0.0)
        return Ratio(float(np.sum(worked[at(log, touchpoint)])), float(np.sum(worked)), len(t))

    return counted


def pay_over(revenue: float) -> Counter:
    """Pay of the calendar as a share of an amount of money."""

    def counted(log: ContactLog) -> Ratio:
        pay = metric("cost_per_contact")(log)
        return Ratio(pay.numerator, revenue, pay.n)

    return counted
