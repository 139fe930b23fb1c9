"""Measures of a log by plain NumPy, one numerator and denominator a window; independent of cxsim.metrics on purpose."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

ABANDONED, BLOCKED, BALKED = 2, 3, 5
OVERTIME, ABSENT, BREAK = 3, 2, 1


def time_inside(starts, ends, lo, hi):
    """Time that spans [start, end) spend in each window [lo, hi), summed over the spans."""

    def before(instants):
        # Sum of min(x, t) over x at each t: what lies below t, plus t for each x beyond.
        def total(x):
            x = np.sort(x)
            below = np.concatenate([[0.0], np.cumsum(x)])
            k = np.searchsorted(x, instants)
            return below[k] + (len(x) - k) * instants

        return total(ends) - total(starts)

    return before(hi) - before(lo)


@dataclass
class Seen:
    """A log looked at through windows: contacts belong to the window in which they were offered.

    Parameters
    ----------
    log : ContactLog
    lo, hi : float64 [n_windows]
        Ascending windows [s] that do not overlap.
    unit : float
        Seconds in the time unit of the case.
    chosen : bool [n_rows]
        Contacts that count.
    group : int or None
        Agents that count; None: all.
    """

    log: object
    lo: np.ndarray
    hi: np.ndarray
    unit: float
    chosen: np.ndarray
    group: int | None = None

    def __post_init__(self):
        t = self.log.touchpoints
        place = np.searchsorted(self.lo, t.offered, side="right") - 1
        self.window = np.where((place >= 0) & (t.offered < self.hi[np.maximum(place, 0)]), place, -1)
        self.served = ~np.isnan(t.answered)
        self.wait = (np.where(self.served, t.answered, t.ended) - t.offered) / self.unit
        self.admitted = t.outcome != BLOCKED
        self.abandoned = t.outcome == ABANDONED

    def total(self, what):
        """Sum over the contacts of each window."""
        here = self.chosen & (self.window >= 0)
        return np.bincount(self.window[here], weights=np.asarray(what, float)[here], minlength=len(self.lo))

    def length(self):
        return (self.hi - self.lo) / self.unit

    def spent(self, starts, ends, among):
        """Time of the spans inside each window, in units."""
        here = self.chosen & among
        return time_inside(starts[here], ends[here], self.lo, self.hi) / self.unit

    def by_agents(self, starts, ends):
        """As `spent`, over contacts that the group served."""
        t = self.log.touchpoints
        own = self.served if self.group is None else self.served & (t.agent_group == self.group)
        return time_inside(starts[own], ends[own], self.lo, self.hi) / self.unit

    def staffed(self, *kinds):
        s = self.log.staffing
        own = np.isin(s.kind, kinds) & (True if self.group is None else s.agent_group == self.group)
        return time_inside(s.start[own], s.end[own], self.lo, self.hi) / self.unit


def _is_latest(t):
    """Whether a row belongs to the latest contact of its case."""
    case = np.unique(t.case, return_inverse=True)[1]
    latest = np.zeros(case.max(initial=-1) + 1)
    np.maximum.at(latest, case, t.contact)
    return t.contact == latest[case]


def _contact_measures(s, x):
    """Shares and means over contacts: name to (what is added, over which contacts)."""
    everyone = np.ones(len(s.wait), bool)
    t = s.log.touchpoints
    in_time, left_in_time = s.served & (s.wait <= x), s.abandoned & (s.wait <= x)
    sojourn = (t.ended - t.offered) / s.unit
    own = everyone if s.group is None else t.agent_group == s.group
    first = (t.contact == 0) & (t.touch == 0)
    return {
        "p_wait_gt0": (s.wait > 0, s.admitted),
        "p_no_free_agent_on_arrival": (s.wait > 0, s.admitted),
        "p_abandon": (s.abandoned, s.admitted),
        "p_block": (~s.admitted, everyone),
        "mean_wait_all": (s.wait * s.admitted, s.admitted),
        "mean_wait_overall": (s.wait * s.admitted, s.admitted),
        "mean_wait": (s.wait * s.admitted, s.admitted),
        "mean_wait_served": (s.wait * s.served, s.served),
        "mean_wait_abandoned": (s.wait * s.abandoned, s.abandoned),
        "mean_wait_given_wait": (s.wait * s.admitted, s.admitted & (s.wait > 0)),
        "mean_sojourn": (sojourn * s.admitted, s.admitted),
        "mean_time_to_resolution": (sojourn, s.served),
        "mean_time_in_system_of_served": (sojourn * s.served, s.served),
        "sl": (s.wait <= x, everyone),
        "mean_excess_wait": (np.maximum(s.wait - x, 0), everyone),
        "p_served_within": (in_time, everyone),
        "p_abandon_within": (left_in_time, everyone),
        "sl_served_only": (in_time, s.served),
        "sl_excl_short_abandons": (in_time, ~left_in_time),
        "sl_abandon_within_counts_good": (in_time | left_in_time, everyone),
        "p_resolved_after_deadline": (sojourn > x, everyone),
        "share_served_by_group": (s.served & own, s.served),
        "share_of_contacts_agent": (s.served & own, s.served),
        "first_contact_resolution_rate": ((t.outcome == 0) & first, first),
        # In a stationary flow as many cases come as go, so sums over contacts may be divided by new cases.
        "attempts_per_customer": (everyone, first),
        "contacts_per_case": (t.touch == 0, first),
        "mean_total_wait_all": (s.wait, first),
        "mean_total_wait_per_case": (s.wait, first),
        "mean_total_time_all": (sojourn, first),
        "p_case_needs_more_than_2_contacts": ((t.contact == 2) & (t.touch == 0), first),
    }  # fmt: skip


def _time_measures(s):
    """Time averages: name to (time spent, out of)."""
    t = s.log.touchpoints
    gone = np.where(s.served, t.answered, t.ended)
    return {
        "mean_queue_length": lambda: (s.spent(t.offered, gone, s.admitted), s.length()),
        "mean_backlog_waiting": lambda: (s.spent(t.offered, gone, s.admitted), s.length()),
        "mean_in_system": lambda: (s.spent(t.offered, t.ended, s.admitted), s.length()),
        "mean_backlog_total": lambda: (s.spent(t.offered, t.ended, s.admitted), s.length()),
        "mean_busy_lines": lambda: (s.spent(t.offered, t.ended, s.admitted), s.length()),
        "mean_backlog_in_hand": lambda: (s.by_agents(t.answered, t.ended), s.length()),
        "mean_busy": lambda: (s.by_agents(t.answered, t.wrapped), s.length()),
        "mean_busy_agents": lambda: (s.by_agents(t.answered, t.wrapped), s.length()),
        "occupancy": lambda: (s.by_agents(t.answered, t.wrapped), s.staffed(0, OVERTIME)),
        "occupancy_busy_over_scheduled_plus_overtime":
            lambda: (s.by_agents(t.answered, t.wrapped), s.staffed(0, OVERTIME)),
        "mean_agents_staying_beyond_schedule": lambda: (s.staffed(OVERTIME), s.length()),
        "fraction_of_agent_time_talking": lambda: (s.by_agents(t.answered, t.ended), s.staffed(0, OVERTIME)),
        "fraction_of_agent_time_wrapping": lambda: (s.by_agents(t.ended, t.wrapped), s.staffed(0, OVERTIME)),
        "attempt_rate": lambda: (s.total(np.ones(len(s.wait))), s.length()),
        "total_contact_rate_per_min": lambda: (s.total(t.touch == 0), s.length()),
    }  # fmt: skip


def measured(log, name, *, lo, hi, unit):
    """Numerator and denominator of a named measure in each window.

    The name is that of the oracle file: a prefix `typeK_` or `tierK_` or a suffix `_classK` chooses contacts, a suffix
    `_agentK` or `_groupK` the group, `_tX` or `_X` after deadline is a threshold in units.
    """
    t = log.touchpoints
    chosen, group, x = np.ones(len(t), bool), None, math.nan
    if found := re.match(r"type(\d)_(.*)", name):
        chosen, name = t.contact_type == int(found[1]) - 1, found[2]
    if found := re.match(r"(tier|group)(\d)_(.*)", name):
        group, name = int(found[2]) - 1, found[3]
        chosen = t.touchpoint == group if found[1] == "tier" else chosen
    if found := re.fullmatch(r"(.*)_class(\d)", name):
        chosen, name = t.contact_type == int(found[2]) - 1, found[1]
    if found := re.fullmatch(r"(.*_)?(agent|group)(\d)", name):
        group = int(found[3]) - 1
        name = found[1].rstrip("_") if found[1] == "occupancy_" else found[1] + found[2]
    if found := re.fullmatch(r"(.*?)(?:_t|(?<=deadline)_)([\d.]+)", name):
        # A third of a minute is printed with six digits.
        name, x = found[1], float(found[2]) if "." not in found[2] else round(float(found[2]) * 60) / 60
    name = re.sub(r"_every_class|_per_contact|_per_attempt|_ratio_of_expectations", "", name)
    name = (
        name.replace("within_20s", "within")
        .replace("mean_queue", "mean_queue_length")
        .replace("length_length", "length")
    )
    seen = Seen(log, np.asarray(lo, float), np.asarray(hi, float), unit, chosen, group)
    x = 20 / unit if math.isnan(x) else x
    over_time = _time_measures(seen)
    if name in over_time:
        return over_time[name]()
    if name == "fraction_customers_lost":  # a sort of its own, so only where asked
        return seen.total(~seen.admitted & _is_latest(t)), seen.total((t.contact == 0) & (t.touch == 0))
    what, among = _contact_measures(seen, x)[name]
    return seen.total(what), seen.total(among)


def ratio(numerators, denominators):
    """Ratio of sums over independent windows and its standard error."""
    n, d = np.asarray(numerators, float), np.asarray(denominators, float)
    value = n.sum() / d.sum()
    rest = n - value * d
    return value, math.sqrt(len(n) / (len(n) - 1) * np.sum(rest**2)) / d.sum()
