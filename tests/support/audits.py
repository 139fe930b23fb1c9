"""What must hold of any log, checked from the log alone and who serves what; each audit yields its complaints."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections import defaultdict

import numpy as np

RESOLVED, UNRESOLVED, ABANDONED, BLOCKED, CLOSED, _, UNFINISHED = range(7)
AVAILABLE, _BREAK, _ABSENT, OVERTIME = range(4)
COLD = 1


class Row:
    """One row of the log by name: `gone` is the instant at which the wait ended."""

    def __init__(self, log, place):
        t = log.touchpoints
        self.place = place
        for name in ("case", "contact", "touch", "offered", "answered", "ended", "wrapped", "outcome", "truly_resolved",
                     "transfer_kind", "reinfo", "staffed", "deferred", "agent", "held", "channel"):  # fmt: skip
            setattr(self, name, getattr(t, name)[place].item())
        self.touchpoint = log.names["touchpoint"][t.touchpoint[place]]
        self.type = log.names["contact_type"][t.contact_type[place]]
        group = t.agent_group[place]
        self.group = log.names["agent_group"][group] if group >= 0 else None
        self.served = not math.isnan(self.answered)
        self.gone = self.answered if self.served else (math.inf if math.isnan(self.ended) else self.ended)
        self.work = (self.touchpoint, self.type)

    def __repr__(self):
        return f"case {self.case} contact {self.contact} touch {self.touch} at {self.touchpoint}, {self.offered:g} s"


def rows_of(log):
    return [Row(log, place) for place in range(len(log.touchpoints))]


def path_of_cases(rows, rules):
    """Each case ends in exactly one way, is numbered without gaps, and time never runs backwards in it."""
    cases = defaultdict(list)
    for row in rows:
        cases[row.case].append(row)
    for path in cases.values():
        path.sort(key=lambda row: (row.contact, row.touch))
        if (path[0].contact, path[0].touch) != (0, 0):
            yield f"{path[0]}: not the first"
        for row, following in zip(path, [*path[1:], None], strict=True):
            yield from _instants(row)
            last_leg = following is None or following.contact != row.contact
            if (row.transfer_kind == COLD) == last_leg:
                yield f"{row}: transferred and over, or neither"
            if row.outcome == UNFINISHED and following is not None:
                yield f"{row}: unfinished, yet it goes on"
            if following is None:
                continue
            step = (following.contact - row.contact, following.touch - (0 if last_leg else row.touch))
            if step != ((1, 0) if last_leg else (0, 1)):
                yield f"{following}: a gap in the numbers"
            if following.offered < row.ended or (not last_leg and following.offered != row.ended):
                yield f"{following}: offered at {following.offered:g}, after {row.ended:g}"
            told = row.transfer_kind == COLD or row.channel != following.channel
            if following.reinfo != told:
                yield f"{following}: told the story again, or not, wrongly"
        if path[-1].contact >= rules.gives_up_after:
            yield f"{path[-1]}: beyond giving up"


def _instants(row):
    answered_outcome = row.outcome in (RESOLVED, UNRESOLVED)
    if answered_outcome != row.served or row.outcome < 0:
        yield f"{row}: outcome {row.outcome} does not fit"
    if row.served and not row.offered <= row.answered <= row.ended <= row.wrapped:
        yield f"{row}: time runs backwards"
    if not row.served and row.outcome != UNFINISHED and not row.offered <= row.ended:
        yield f"{row}: left before it came"
    if row.outcome == BLOCKED and row.ended != row.offered:
        yield f"{row}: blocked later than at the offer"
    if row.truly_resolved and row.outcome != RESOLVED:
        yield f"{row}: truly resolved, and not resolved"
    if row.served and not 0 <= row.held <= row.ended - row.answered + 1e-9:
        yield f"{row}: on hold longer than talked"
    if (row.group is not None) != (row.served and row.staffed):
        yield f"{row}: an agent without an answer, or the other way round"


def numbers_of_cases(log):
    """Nothing is dropped: the cases of a type and day are numbered from 0 without a gap."""
    days = defaultdict(set)
    for case in np.unique(log.touchpoints.case).tolist():
        days[case >> 24].add(case & ((1 << 24) - 1))
    for day, found in days.items():
        if found != set(range(len(found))):
            yield f"type and day {day}: cases {sorted(found)}"


def busy_spans(rows):
    """Busy spans by (group, agent), in order."""
    busy = defaultdict(list)
    for row in rows:
        if row.group is not None:
            busy[row.group, row.agent].append((row.answered, row.wrapped))
    return {agent: sorted(spans) for agent, spans in busy.items()}


def present_spans(log, *kinds):
    """Spans of presence by (group, agent), touching ones joined."""
    s, present = log.staffing, defaultdict(list)
    order = np.lexsort((s.start,)) if len(s) else []
    for k in order:
        if s.kind[k] in kinds:
            spans = present[log.names["agent_group"][s.agent_group[k]], int(s.agent[k])]
            start, end = float(s.start[k]), float(s.end[k])
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return present


def load_of_agents(rows):
    """An agent's load never exceeds 1."""
    for agent, spans in busy_spans(rows).items():
        for (_, end), (start, _) in itertools.pairwise(spans):
            if start < end:
                yield f"agent {agent}: takes a contact at {start:g}, busy until {end:g}"


def presence(log, rows):
    """Nobody works outside presence except to finish; presence does not overlap; busy + idle = presence."""
    present, planned = present_spans(log, AVAILABLE, OVERTIME), present_spans(log, AVAILABLE)
    busy = busy_spans(rows)
    for agent, spans in present.items():
        for (_, end), (start, _) in itertools.pairwise(spans):
            if start < end:
                yield f"agent {agent}: present twice at {start:g}"
    for agent, spans in busy.items():
        for start, end in spans:
            if not any(a <= start and end <= b for a, b in present.get(agent, [])):
                yield f"agent {agent}: works from {start:g} to {end:g}, present {present.get(agent)}"
            if not any(a <= start <= b for a, b in planned.get(agent, [])):
                yield f"agent {agent}: takes a contact at {start:g} outside the plan"
    s = log.staffing
    for k in np.flatnonzero(s.kind == OVERTIME):
        agent, start, end = (log.names["agent_group"][s.agent_group[k]], int(s.agent[k])), s.start[k], s.end[k]
        if not any(a <= start and end <= b for a, b in busy.get(agent, [])):
            yield f"agent {agent}: overtime from {start:g} to {end:g} without a contact to finish"
    for agent, spans in present.items():
        worked = math.fsum(end - start for start, end in busy.get(agent, []))
        rested = math.fsum(end - start for start, end in idle_spans(spans, busy.get(agent, [])))
        there = math.fsum(end - start for start, end in spans)
        if abs(worked + rested - there) > 1e-6:
            yield f"agent {agent}: busy {worked:g} + idle {rested:g} is not present {there:g}"


def away(log):
    """Nobody is available and away at once."""
    s = log.staffing
    kept = defaultdict(list)
    for k in range(len(s)):
        if s.kind[k] != OVERTIME and s.end[k] > s.start[k]:
            kept[int(s.agent_group[k]), int(s.agent[k])].append((float(s.start[k]), float(s.end[k]), int(s.kind[k])))
    for agent, spans in kept.items():
        spans.sort()
        for (_, end, a), (start, _, b) in itertools.pairwise(spans):
            if start < end:
                yield f"agent {agent}: kinds {a} and {b} overlap at {start:g}"


def idle_spans(present, busy):
    """Presence less busy spans."""
    found, ahead = [], list(busy)
    for start, end in present:
        at = start
        while ahead and ahead[0][0] <= end and ahead[0][1] <= end:
            a, b = ahead.pop(0)
            if a > at:
                found.append((at, a))
            at = max(at, b)
        if end > at:
            found.append((at, end))
    return found


def little(rows):
    """The time integral of the number waiting is the sum of the waits."""
    waits = [(row.offered, row.gone) for row in rows if row.staffed and row.gone < math.inf]
    events = sorted([(a, 1) for a, _ in waits] + [(b, -1) for _, b in waits])
    area, waiting = [], 0
    for (time, step), (following, _) in itertools.pairwise(events):
        waiting += step
        area.append(waiting * (following - time))
    total = math.fsum(b - a for a, b in waits)
    if abs(math.fsum(area) - total) > 1e-9 * max(1.0, total):
        yield f"integral {math.fsum(area)!r}, waits {total!r}"


def covers(spans, start, end):
    """Whether one of the disjoint ascending spans has a common inside with (start, end)."""
    k = bisect_right([b for _, b in spans], start)
    return k < len(spans) and spans[k][0] < end and start < end
