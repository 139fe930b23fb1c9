"""Who is planned to be there, day by day: head counts, shifts, shrinkage, and the doors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from cxsim.contacts.columns import ABSENT, BREAK
from cxsim.model import draws
from cxsim.model.tables import Tables
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import AgentGroup, days_of
from cxsim.units import DAY


class Level(NamedTuple):
    """From `time` on, as many agents as the roster has; only these may come in, and the absent do not stay."""

    time: float
    group: int
    roster: tuple[int, ...]
    absent: tuple[int, ...]


class ShiftChange(NamedTuple):
    """At `time` these agents leave, then these come."""

    time: float
    group: int
    leave: tuple[int, ...]
    enter: tuple[int, ...]


class Stretch(NamedTuple):
    """Paid time without contacts: group, agent, begin and end [s], kind of presence."""

    group: int
    agent: int
    start: float
    end: float
    kind: int


def rounded(count: float) -> int:
    """A head count after shrinkage: half an agent is one."""
    return math.floor(count + 0.5)


@dataclass(frozen=True)
class Plan:
    """The plan of one group over the calendar; the week repeats after the horizon.

    Attributes
    ----------
    floor : int
        Of a head-count plan: most agents ever on the floor. Those paid but resting are numbered from here on, so that
        nobody rests while he or she stays for a contact in hand.
    size : int
        Agents that ever occur, numbered from 0.
    """

    group: int
    settings: AgentGroup
    first_weekday: int
    interval: float
    replication_key: Any
    floor: int = 0
    size: int = 0

    @property
    def by_shift(self) -> bool:
        """Shifts name who comes and goes; head counts do not."""
        return self.settings.shifts is not None

    def weekday(self, day: int) -> int:
        """Weekday of a day of the calendar, 0 Monday."""
        return (self.first_weekday + day) % 7

    def net(self, count: int) -> int:
        """Agents on the floor of a head count as written."""
        if self.settings.counts != "scheduled":
            return count
        return rounded(count * (1.0 - self.settings.shrinkage.planned))

    def scheduled(self, count: int) -> int:
        """Agents paid for a head count as written."""
        lost = self.settings.shrinkage
        if self.settings.counts != "net":
            return count
        return max(count, rounded(count / ((1.0 - lost.planned) * (1.0 - lost.unplanned))))

    def is_absent(self, agent: int, day: int) -> bool:
        """Whether an agent stays away on a day. Net head counts have their absences behind them."""
        share = self.settings.shrinkage.unplanned
        if share <= 0.0 or self.settings.counts == "net":
            return False
        return bool(draws.is_absent(self.replication_key, self.group, agent, day, share))

    def counts(self, day: int) -> list[tuple[float, int]]:
        """Head counts as written: instant from which each holds [s], and the number."""
        begin, weekday = day * DAY, self.weekday(day)
        group = self.settings
        if group.by_interval is not None:
            values = days_of(group.by_interval)[weekday]
            return [(begin + place * self.interval, count) for place, count in enumerate(values)]
        assert group.agents is not None
        if group.hours is None:
            return [(begin, group.agents)]
        found = [(begin, 0)]
        for start, end in group.hours:
            # Joined spans may run over midnight; each day takes its own part.
            opens, closes = max(start - weekday * DAY, 0.0), min(end - weekday * DAY, DAY)
            if opens < closes:
                found += [(begin + opens, group.agents)] + ([(begin + closes, 0)] if closes < DAY else [])
        return found

    def levels(self, day: int) -> list[Level]:
        """Changes of a head-count plan on a day; only real changes."""
        found: list[Level] = []
        rosters: dict[int, tuple[int, ...]] = {}
        for time, count in self.counts(day):
            net = self.net(count)
            if net not in rosters:
                rosters[net] = tuple(agent for agent in range(net) if not self.is_absent(agent, day))
            if found and found[-1].time == time:
                found.pop()
            if not found or found[-1].roster != rosters[net]:
                absent = tuple(agent for agent in range(net) if agent not in rosters[net])
                found.append(Level(time, self.group, rosters[net], absent))
        return found

    def shift_changes(self, day: int) -> list[ShiftChange]:
        """Comings and goings of a shift plan on a day, in order of time."""
        leave: dict[float, list[int]] = {}
        enter: dict[float, list[int]] = {}
        for first, shift in self._shifts():
            if self.weekday(day) in shift.days:
                here = [a for a in range(first, first + self.net(shift.agents)) if not self.is_absent(a, day)]
                enter.setdefault(day * DAY + shift.start, []).extend(here)
                leave.setdefault(day * DAY + shift.end, []).extend(here)
        times = sorted({*leave, *enter})
        return [ShiftChange(t, self.group, tuple(leave.get(t, ())), tuple(enter.get(t, ()))) for t in times]

    def _shifts(self) -> list[tuple[int, Any]]:
        """Each shift with the number of its first agent."""
        found, first = [], 0
        for shift in (self.settings.shifts or {}).values():
            found.append((first, shift))
            first += self.scheduled(shift.agents)
        return found

    def away(self, day: int) -> list[Stretch]:
        """Paid time without contacts on a day: planned (breaks, meetings) and absence."""
        found: list[Stretch] = []
        if self.by_shift:
            for first, shift in self._shifts():
                if self.weekday(day) in shift.days:
                    begin, end = day * DAY + shift.start, day * DAY + shift.end
                    found += self._away(first, first + self.net(shift.agents), shift.agents, day, begin, end)
            return found
        steps = self.counts(day)
        for (begin, count), (end, _) in zip(steps, [*steps[1:], ((day + 1) * DAY, 0)], strict=True):
            if end > begin:
                found += self._away(0, self.floor, count, day, begin, end)
        return _joined(found)

    def _away(self, first: int, rest: int, count: int, day: int, begin: float, end: float) -> list[Stretch]:
        net = self.net(count)
        absent = [a for a in range(first, first + net) if self.is_absent(a, day)]
        resting = range(rest, rest + self.scheduled(count) - net)
        return [Stretch(self.group, a, begin, end, ABSENT) for a in absent] + [
            Stretch(self.group, a, begin, end, BREAK) for a in resting
        ]


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    """Neighbouring stretches of one agent and kind as one."""
    found: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda s: (s.group, s.agent, s.start)):
        last = found[-1] if found else None
        if last and (last.agent, last.end, last.kind) == (stretch.agent, stretch.start, stretch.kind):
            found[-1] = last._replace(end=stretch.end)
        else:
            found.append(stretch)
    return found


def plans_of(scenario: Scenario, tables: Tables, *, replication_key: Any) -> list[Plan]:
    """The plan of each group."""
    found = []
    for code, settings in enumerate(scenario.model.agent_groups.values()):
        plan = Plan(code, settings, tables.first_weekday, scenario.model.calendar.interval, replication_key)
        if settings.shifts is not None:
            size = sum(plan.scheduled(shift.agents) for shift in settings.shifts.values())
            found.append(replace(plan, size=size))
            continue
        counts = [settings.agents or 0]
        if settings.by_interval is not None:
            counts = [count for day in settings.by_interval.values() for count in day]
        floor = max(map(plan.net, counts))
        resting = max(plan.scheduled(count) - plan.net(count) for count in counts)
        found.append(replace(plan, floor=floor, size=floor + resting))
    return found


def closings(tables: Tables, day: int) -> list[tuple[float, int]]:
    """Instants at which staffed touchpoints close on a day; deferred queues wait overnight and never close."""
    weekday = (tables.first_weekday + day) % 7
    found = []
    for touchpoint, spans in enumerate(tables.hours):
        if tables.staffed[touchpoint] and not tables.deferred[touchpoint]:
            for _, end in spans:
                # An end at midnight belongs to the day that ends, at the begin of the next.
                at = float(end) - weekday * DAY
                if 0 < at <= DAY and not _goes_on(spans, float(end)):
                    found.append((day * DAY + at, touchpoint))
    return sorted(found)


def _goes_on(spans: Any, end: float) -> bool:
    """Sunday midnight joined to an opening on Monday 00:00."""
    return end >= 7 * DAY and bool(np.any(spans[:, 0] == 0.0))
