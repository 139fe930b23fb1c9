"""Who serves what and how, and which doors are open when, read from a scenario's mapping: what an audit may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cxsim import units

WEEK = 7 * units.DAY


class Terms(NamedTuple):
    """How a group serves a work type."""

    rank: int
    chosen: int
    after: float
    reserve: int
    ages: bool
    handle_time: float
    resolution: float


@dataclass(frozen=True)
class Rules:
    """What a scenario promises, by name.

    Attributes
    ----------
    terms : dict (touchpoint, contact type, group) -> Terms
    hours : dict touchpoint -> spans of the week [s since Monday 00:00]; not there: always open
    touchpoints, groups : dict of plain mappings, as written
    agent_policy, contact_policy : str
    begin : float, instant at which the run begins [s]
    """

    terms: dict
    hours: dict
    touchpoints: dict
    first_weekday: int
    days: int
    gives_up_after: int
    plans: dict
    shared_lines: dict
    agent_policy: str
    contact_policy: str
    prefers: bool
    begin: float

    def groups(self, touchpoint, contact_type):
        """Groups that serve a work type."""
        return [g for (t, c, g) in self.terms if (t, c) == (touchpoint, contact_type)]

    def served(self, group):
        """Work types that a group serves."""
        return [(t, c) for (t, c, g) in self.terms if g == group]

    def of(self, work, key, default=None):
        """A field of a touchpoint as a contact type meets it."""
        touchpoint, contact_type = work
        part = self.touchpoints[touchpoint]
        return {**part, **part.get("types", {}).get(contact_type, {})}.get(key, default)

    def rings(self, work):
        """Nobody knows from the log when the agent was taken: only when talk began."""
        return self.of(work, "ring_time") is not None

    def changes_hands(self, work):
        """A contact of this work type may be laid aside or handed over: the log knows only who had it last."""
        ends = {self.plans[group].get("at_shift_end", "finish") for group in self.groups(*work)}
        return bool(self.of(work, "interruptible")) or "hand_over" in ends

    def lays_aged_work_aside(self, group):
        """Whether work of a group that rises in rank as it waits may be laid aside for a live contact."""
        mine = [(key[:2], terms) for key, terms in self.terms.items() if key[2] == group]
        return any(self.of(work, "interruptible") and terms.ages for work, terms in mine)

    def is_known(self, group):
        """Whether the log tells when each agent of a group was busy."""
        return not any(self.rings(work) or self.changes_hands(work) for work in self.served(group))

    def is_whole(self, group):
        """Whether the agents of a group have one contact in hand at a time."""
        return all(self.of(work, "concurrency", 1) == 1 for work in self.served(group))

    def is_open(self, touchpoint, time):
        if touchpoint not in self.hours:
            return True
        at = (time + self.first_weekday * units.DAY) % WEEK
        return any(start <= at < end for start, end in self.hours[touchpoint])

    def closings(self, touchpoint, until):
        """Instants up to `until` at which the doors close."""
        found, week = [], -self.first_weekday * units.DAY
        while week <= until:
            ends = [week + end for _, end in self.hours.get(touchpoint, ())]
            found += [end for end in ends if 0 < end <= until and not self.is_open(touchpoint, end)]
            week += WEEK
        return found


def rules_of(source):
    """The rules of a scenario's mapping."""
    types, terms = list(source["contact_types"]), {}
    routing, snapshot = source.get("routing", {}), source.get("snapshot")
    for group, part in source["agent_groups"].items():
        for touchpoint, given in part["serves"].items():
            mappings = bool(given) and all(isinstance(inner, dict) for inner in given.values())
            by_type = mappings and set(given) != {"ageing"}
            for contact_type in types:
                own = given.get(contact_type) if by_type else given
                if own is not None:
                    terms[touchpoint, contact_type, group] = _terms(own)
    if routing.get("specialist_first"):
        counts = {group: sum(key[2] == group for key in terms) for group in source["agent_groups"]}
        terms = {key: term._replace(chosen=counts[key[2]]) for key, term in terms.items()}
    hours = {
        name: units.weekly_hours(part["hours"]) for name, part in source["touchpoints"].items() if part.get("hours")
    }
    calendar = source["calendar"]
    return Rules(
        terms, hours, source["touchpoints"], date.fromisoformat(calendar["start"]).weekday(), calendar["days"],
        source.get("gives_up_after", 6), source["agent_groups"], source.get("shared_lines", {}),
        routing.get("agent", "longest_idle"), routing.get("contact", "longest_wait"),
        bool(routing.get("preferred_agent")), units.instant(snapshot["at"]) if snapshot else 0.0,
    )  # fmt: skip


def _terms(own):
    rank = own.get("rank", 1)
    return Terms(
        rank, own.get("chosen", rank), units.duration(own.get("after", 0)), own.get("reserve", 0),
        bool(own.get("ageing")), own.get("handle_time", 1.0), own.get("resolution", 0.0),
    )  # fmt: skip
