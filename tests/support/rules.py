"""Who serves what, and which doors are open when, read from a scenario's plain mapping: what an audit may know."""

from __future__ import annotations

from dataclasses import dataclass

from cxsim import units

WEEK = 7 * units.DAY


@dataclass(frozen=True)
class Rules:
    """What a scenario promises, by name.

    Attributes
    ----------
    terms : dict (touchpoint, contact type, group) -> (rank, chosen)
    hours : dict touchpoint -> spans of the week [s since Monday 00:00]; not there: always open
    """

    terms: dict
    hours: dict
    touchpoints: dict
    first_weekday: int
    days: int
    gives_up_after: int

    def groups(self, touchpoint, contact_type):
        """Groups that serve a work type."""
        return [g for (t, c, g) in self.terms if (t, c) == (touchpoint, contact_type)]

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
    from datetime import date

    types, terms = list(source["contact_types"]), {}
    for group, part in source["agent_groups"].items():
        for touchpoint, given in part["serves"].items():
            by_type = bool(given) and all(isinstance(inner, dict) for inner in given.values())
            for contact_type in types:
                own = given.get(contact_type) if by_type else given
                if own is not None:
                    rank = own.get("rank", 1)
                    terms[touchpoint, contact_type, group] = (rank, own.get("chosen", rank))
    hours = {
        name: units.weekly_hours(part["hours"]) for name, part in source["touchpoints"].items() if part.get("hours")
    }
    calendar = source["calendar"]
    return Rules(terms, hours, source["touchpoints"], date.fromisoformat(calendar["start"]).weekday(),
                 calendar["days"], source.get("gives_up_after", 6))  # fmt: skip
