"""Who is planned to be there, day by day: head counts, shifts, shrinkage, and the doors.

Above 300 lines because head counts, shifts, breaks and lateness are one plan, read by both engines.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from cxsim.contacts.columns import ABSENT, BREAK
from cxsim.model import draws
from cxsim.model.staff import head_counts
from cxsim.model.tables import Tables
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import AgentGroup
from cxsim.scenario.schema_staff import net_count, paid_count
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
    tables: Tables
    floor: int = 0
    size: int = 0
    # What depends on the weekday alone, shared by all replications, and what has been drawn for a day of this one.
    week: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    drawn: dict[Any, list[Any]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def by_shift(self) -> bool:
        """Shifts name who comes and goes; head counts do not."""
        return self.settings.shifts is not None

    def weekday(self, day: int) -> int:
        """Weekday of a day of the calendar, 0 Monday."""
        return (self.first_weekday + day) % 7

    def net(self, count: int) -> int:
        """Agents on the floor of a head count as written."""
        return net_count(self.settings, count)

    def scheduled(self, count: int) -> int:
        """Agents paid for a head count as written."""
        return paid_count(self.settings, count)

    def is_absent(self, agent: int, day: int) -> bool:
        """Whether an agent stays away on a day. Net head counts have their absences behind them."""
        return bool(self.absences(day)) and self.absences(day)[agent]

    def absences(self, day: int) -> list[bool]:
        """By number, whether each agent stays away on a day; nothing where nobody ever does."""
        share = self.settings.shrinkage.unplanned
        if share <= 0.0 or self.settings.counts == "net":
            return []
        if day not in self.drawn:
            found = np.empty(self.size, dtype=bool)
            draws.fill_absences(found, self.replication_key, self.group, day, share)
            self.drawn[day] = found.tolist()
        return self.drawn[day]

    def steps(self, weekday: int) -> list[tuple[float, int]]:
        """Head counts as written for a weekday: time of day from which each holds [s], and the number."""
        return head_counts(self.settings, weekday, interval=self.interval)

    def nets(self, weekday: int) -> list[tuple[float, int]]:
        """Head counts on the floor on a weekday: time of day from which each holds [s], and the number."""
        if weekday not in self.week:
            self.week[weekday] = [(time, self.net(count)) for time, count in self.steps(weekday)]
        found: list[tuple[float, int]] = self.week[weekday]
        return found

    def levels_of_day(self, day: int) -> tuple[list[int], list[int], list[tuple[float, int, int]]]:
        """Who is away and who is there on a day, and from when how many of each are within the head count [s]."""
        absent = self.absences(day)
        away = [agent for agent in range(self.floor) if absent and absent[agent]]
        here = [agent for agent in range(self.floor) if not (absent and absent[agent])]
        found: list[tuple[float, int, int]] = []
        for time, net in self.nets(self.weekday(day)):
            level = (day * DAY + time, bisect_left(away, net), bisect_left(here, net))
            if found and found[-1][0] == level[0]:
                found.pop()
            if not found or found[-1][2] != level[2]:
                found.append(level)
        return away, here, found

    def levels(self, day: int) -> list[Level]:
        """Changes of a head-count plan on a day; only real changes."""
        away, here, found = self.levels_of_day(day)
        return [Level(time, self.group, tuple(here[:n]), tuple(away[:missing])) for time, missing, n in found]

    def shift_changes(self, day: int) -> list[ShiftChange]:
        """Comings in time and goings of a shift plan on a day, in order of time."""
        leave: dict[float, list[int]] = {}
        enter: dict[float, list[int]] = {}
        for place, first, shift in self._shifts(day):
            here = self._here(first, shift, day)
            late = {agent for agent, _ in self._late(day, place, here)}
            on_time = [agent for agent in here if agent not in late] if late else here
            enter.setdefault(day * DAY + shift.start, []).extend(on_time)
            leave.setdefault(day * DAY + shift.end, []).extend(here)
        times = sorted({*leave, *enter})
        return [ShiftChange(t, self.group, tuple(leave.get(t, ())), tuple(enter.get(t, ()))) for t in times]

    def late_comings(self, day: int) -> list[ShiftChange]:
        """Agents who come late to a shift and before its end, one by one."""
        found = []
        for place, first, shift in self._shifts(day) if self.is_sometimes_late else ():
            for agent, late in self._late(day, place, self._here(first, shift, day)):
                if day * DAY + shift.start + late < day * DAY + shift.end:
                    found.append(ShiftChange(day * DAY + shift.start + late, self.group, (), (agent,)))
        return found

    def breaks(self, day: int) -> dict[float, list[tuple[int, float]]]:
        """Breaks of a day by planned begin: agents, by number, and how long each lasts [s]."""
        found: dict[float, list[tuple[int, float]]] = {}
        for _, first, shift in self._shifts(day):
            for pause in shift.breaks.values():
                here = [(agent, pause.lasts) for agent in self._here(first, shift, day)]
                found.setdefault(day * DAY + pause.at, []).extend(here)
        return {time: sorted(breaks) for time, breaks in sorted(found.items())}

    def _shifts(self, day: int) -> list[tuple[int, int, Any]]:
        """Each shift of a day: its place in the plan, the number of its first agent, and itself."""
        found, first = [], 0
        for place, shift in enumerate((self.settings.shifts or {}).values()):
            if self.weekday(day) in shift.days:
                found.append((place, first, shift))
            first += self.scheduled(shift.agents)
        return found

    def _here(self, first: int, shift: Any, day: int) -> list[int]:
        """Agents of a shift who come at all."""
        agents, absent = range(first, first + self.net(shift.agents)), self.absences(day)
        return [agent for agent in agents if not absent[agent]] if absent else list(agents)

    @property
    def is_certain(self) -> bool:
        """Whether everybody comes as planned, so that a day is the same in every replication."""
        lost = self.settings.shrinkage.unplanned > 0.0 and self.settings.counts != "net"
        return not lost and not self.is_sometimes_late

    @property
    def is_sometimes_late(self) -> bool:
        """Whether anybody of the group ever comes late."""
        return self.settings.lateness is not None

    def _late(self, day: int, place: int, agents: list[int]) -> list[tuple[int, float]]:
        """Agents of a shift who come late, and by how much [s]; `place` is that of the shift in the plan."""
        if not self.is_sometimes_late or not agents:
            return []
        if (day, place) not in self.drawn:
            late, (laws, staff) = np.empty(len(agents)), (self.tables.laws, self.tables.staff)
            draws.fill_lateness(late, laws, staff, self.replication_key, self.group, np.array(agents), day, place)
            self.drawn[day, place] = [(agents[n], float(late[n])) for n in np.flatnonzero(late >= 0.0)]
        return self.drawn[day, place]

    def away(self, day: int) -> list[Stretch]:
        """Paid time without contacts on a day: planned (breaks, meetings) and absence."""
        found: list[Stretch] = []
        if self.by_shift:
            for place, first, shift in self._shifts(day):
                begin, end = day * DAY + shift.start, day * DAY + shift.end
                found += self._away(first, first + self.net(shift.agents), shift.agents, day, begin, end)
                for agent, late in self._late(day, place, self._here(first, shift, day)):
                    if late > 0.0:
                        found.append(Stretch(self.group, agent, begin, min(begin + late, end), ABSENT))
            return found
        absent = self.absences(day)
        rest = lambda count: self.scheduled(count) - self.net(count)  # noqa: E731
        for first, kind, level in ((0, ABSENT, self.net), (self.floor, BREAK, rest)):
            for number, spans in enumerate(self._spans(day, kind, level)):
                if kind == BREAK or (absent and absent[number]):
                    found += [
                        Stretch(self.group, first + number, day * DAY + begin, day * DAY + end, kind)
                        for begin, end in spans
                    ]
        return found

    def _spans(self, day: int, kind: int, level: Any) -> list[list[tuple[float, float]]]:
        """By number, the spans of a weekday [s since midnight] in which a level of the head counts is above it."""
        weekday = self.weekday(day)
        if (weekday, kind) not in self.week:
            steps = [(time, level(count)) for time, count in self.steps(weekday)]
            ends = [*(time for time, _ in steps[1:]), DAY]
            self.week[weekday, kind] = [
                _joined(
                    [(begin, end) for (begin, n), end in zip(steps, ends, strict=True) if n > number and end > begin]
                )
                for number in range(max(n for _, n in steps))
            ]
        found: list[list[tuple[float, float]]] = self.week[weekday, kind]
        return found

    def _away(self, first: int, rest: int, count: int, day: int, begin: float, end: float) -> list[Stretch]:
        net = self.net(count)
        absent = [a for a in range(first, first + net) if self.is_absent(a, day)]
        resting = range(rest, rest + self.scheduled(count) - net)
        return [Stretch(self.group, a, begin, end, ABSENT) for a in absent] + [
            Stretch(self.group, a, begin, end, BREAK) for a in resting
        ]


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Neighbouring spans as one."""
    found: list[tuple[float, float]] = []
    for begin, end in spans:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def plans_of(scenario: Scenario, tables: Tables, *, replication_key: Any) -> list[Plan]:
    """The plan of each group."""
    known: list[Plan] | None = scenario.derived.get("plans")
    if known is None:
        known = scenario.derived["plans"] = _plans(scenario, tables)
    return [replace(plan, replication_key=replication_key, drawn={}) for plan in known]


def _plans(scenario: Scenario, tables: Tables) -> list[Plan]:
    found = []
    for code, settings in enumerate(scenario.model.agent_groups.values()):
        plan = Plan(code, settings, tables.first_weekday, scenario.model.calendar.interval, 0, tables)
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
