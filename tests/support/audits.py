"""What must hold of any log, checked from the log alone and who serves what; each audit yields its complaints."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections import defaultdict

import numpy as np

RESOLVED, UNRESOLVED, ABANDONED, BLOCKED, CLOSED, BALKED, UNFINISHED, UNREACHED = range(8)
AVAILABLE, BREAK, _ABSENT, OVERTIME = range(4)
COLD, WARM = 1, 2
# Cases of a snapshot are numbered from the top of their day.
TOP = (1 << 24) - 1


class Row:
    """One row of the log by name: `gone` is the instant at which the wait ended, `begun` says it was there before."""

    def __init__(self, log, place):
        t = log.touchpoints
        self.place = place
        for name in ("case", "contact", "touch", "offered", "answered", "ended", "wrapped", "outcome", "truly_resolved",
                     "transfer_kind", "reinfo", "staffed", "deferred", "agent", "held", "channel", "paused", "promise",
                     "callback", "chaser", "announced_wait", "outbound", "dialled"):  # fmt: skip
            setattr(self, name, getattr(t, name)[place].item())
        self.touchpoint = log.names["touchpoint"][t.touchpoint[place]]
        self.type = log.names["contact_type"][t.contact_type[place]]
        group = t.agent_group[place]
        self.group = log.names["agent_group"][group] if group >= 0 else None
        self.served = not math.isnan(self.answered)
        self.begun = self.case & TOP > 1 << 23 and self.contact == self.touch == 0
        self.called_back = not math.isnan(self.callback)
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
    for everything in cases.values():
        everything.sort(key=lambda row: (row.contact, row.touch))
        if (everything[0].contact, everything[0].touch) != (0, 0) or everything[0].chaser:
            yield f"{everything[0]}: not the first"
        if {row.contact for row in everything} != set(range(everything[-1].contact + 1)):
            yield f"{everything[-1]}: a gap in the numbers of the case"
        if everything[-1].contact >= rules.gives_up_after:
            yield f"{everything[-1]}: beyond giving up"
        path = [row for row in everything if not row.chaser]
        yield from _chasers(everything, path, rules)
        for row, following in zip(path, [*path[1:], None], strict=True):
            yield from _instants(row)
            yield from _step(row, following)


def _step(row, following):
    """From one touch of a case to the next, chasers apart."""
    last_leg = following is None or following.contact != row.contact
    if (row.transfer_kind in (COLD, WARM)) == last_leg:
        yield f"{row}: transferred and over, or neither"
    if row.outcome == UNFINISHED and following is not None:
        yield f"{row}: unfinished, yet it goes on"
    if following is None:
        return
    if following.touch != (0 if last_leg else row.touch + 1):
        yield f"{following}: a gap in the numbers"
    if following.offered < row.ended or (not last_leg and following.offered != row.ended):
        yield f"{following}: offered at {following.offered:g}, after {row.ended:g}"
    told = row.transfer_kind == COLD or row.channel != following.channel
    if following.reinfo != told:
        yield f"{following}: told the story again, or not, wrongly"


def _chasers(everything, path, rules):
    """A chaser asks when the promise of a ticket that still waits has passed, once, and resolves nothing."""
    for row in everything:
        if not row.chaser:
            continue
        yield from _instants(row)
        asked = [t for t in path if t.offered < row.offered <= t.gone and rules.of(t.work, "chaser")]
        if len(asked) != 1:
            yield f"{row}: asks for {asked}"
            continue
        ticket = asked[0]
        promise = ticket.promise - ticket.offered
        passed = (row.offered - ticket.offered) / promise
        if abs(passed - round(passed)) > 1e-6 or rules.of(ticket.work, "chaser")["to"] != row.touchpoint:
            yield f"{row}: asks for {ticket} after {passed:g} promised times"
        if row.outcome == RESOLVED or row.truly_resolved or row.transfer_kind:
            yield f"{row}: a chaser that resolves or goes on"
        if sum(c.chaser and ticket.offered < c.offered <= ticket.gone for c in everything) > 1:
            yield f"{ticket}: asked for more than once"


def _instants(row):
    answered_outcome = row.outcome in (RESOLVED, UNRESOLVED, UNREACHED)
    left_lying = row.outcome == UNFINISHED and row.served
    if (answered_outcome != row.served and not left_lying) or row.outcome < 0:
        yield f"{row}: outcome {row.outcome} does not fit"
    if row.served and not left_lying and not row.offered <= row.answered <= row.ended <= row.wrapped:
        yield f"{row}: time runs backwards"
    if not row.served and row.outcome != UNFINISHED and not row.offered <= row.ended:
        yield f"{row}: left before it came"
    if row.outcome in (BLOCKED, BALKED) and row.ended != row.offered:
        yield f"{row}: blocked or balked later than at the offer"
    if row.truly_resolved and row.outcome != RESOLVED:
        yield f"{row}: truly resolved, and not resolved"
    if row.served and not left_lying and not 0 <= row.held <= row.ended - row.answered + 1e-6:
        yield f"{row}: on hold longer than talked"
    if row.served and not left_lying and not 0 <= row.paused <= row.wrapped - row.answered + 1e-6:
        yield f"{row}: laid aside for longer than it was in work"
    if (row.group is not None) != (row.served and row.staffed):
        yield f"{row}: an agent without an answer, or the other way round"
    if row.called_back and not row.offered == row.callback <= row.gone:
        yield f"{row}: a callback that is not accepted at the offer"


def numbers_of_cases(log, rules):
    """Nothing is dropped: cases of a type and day are numbered without a gap from 0, of a snapshot from the top."""
    days = defaultdict(set)
    for case in np.unique(log.touchpoints.case).tolist():
        days[case >> 24].add(case & TOP)
    for day, found in days.items():
        drawn = {number for number in found if number < 1 << 23}
        begun = rules.begin > (day & 0xFFFF) * 86_400.0
        least = min(drawn, default=0) if begun else 0
        if drawn != set(range(least, least + len(drawn))):
            yield f"type and day {day}: cases {sorted(drawn)}"
        if found - drawn and (day & 0xFFFF) != rules.begin // 86_400.0:
            yield f"type and day {day}: cases of a snapshot"


def busy_spans(rows, rules):
    """Busy spans by (group, agent), in order; without what changes hands, of which the log knows only who was last."""
    busy = defaultdict(list)
    for row in rows:
        if row.group is not None and not rules.changes_hands(row.work) and not math.isnan(row.wrapped):
            busy[row.group, row.agent].append((max(row.answered, rules.begin), max(row.wrapped, rules.begin)))
    return {agent: joined(spans) for agent, spans in busy.items()}


def joined(spans):
    """Overlapping spans as one; those that only touch stay apart."""
    found = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


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


def load_of_agents(rows, rules):
    """An agent's load never exceeds 1, and what is in hand at once may be mixed."""
    hands = defaultdict(list)
    for row in rows:
        if row.group is not None and not rules.changes_hands(row.work) and row.wrapped > row.answered:
            hands[row.group, row.agent].append(row)
    for agent, mine in hands.items():
        mine.sort(key=lambda row: row.answered)
        in_hand = []
        for row in mine:
            in_hand = [other for other in in_hand if other.wrapped > row.answered]
            load = sum(1 / rules.of(other.work, "concurrency", 1) for other in [*in_hand, row])
            if load > 1 + 1e-9:
                yield f"agent {agent}: takes {row} with {in_hand} in hand"
            mixes = rules.plans[agent[0]].get("mixes", "touchpoint")
            kinds = {other.work if mixes == "none" else other.touchpoint for other in [*in_hand, row]}
            if len(kinds) > 1 and mixes != "all":
                yield f"agent {agent}: mixes {kinds}"
            in_hand.append(row)


def presence(log, rows, rules):
    """Nobody works outside presence except to finish; presence does not overlap; busy + idle = presence."""
    present, planned = present_spans(log, AVAILABLE, OVERTIME), present_spans(log, AVAILABLE)
    busy = busy_spans(rows, rules)
    for agent, spans in present.items():
        for (_, end), (start, _) in itertools.pairwise(spans):
            if start < end:
                yield f"agent {agent}: present twice at {start:g}"
    for row in rows:
        # Who comes, has nothing to do with a contact and goes away, all at one instant, is there for no time.
        if row.group is None or rules.changes_hands(row.work) or row.wrapped == row.answered:
            continue
        agent, start, end = (row.group, row.agent), max(row.answered, rules.begin), max(row.wrapped, rules.begin)
        if end > rules.begin and not any(a <= start and end <= b for a, b in present.get(agent, [])):
            yield f"agent {agent}: works from {start:g} to {end:g}, present {present.get(agent)}"
        # With head counts nobody knows who is one too many until a contact ends; till then all with capacity take more.
        anonymous = not rules.is_whole(row.group) and "shifts" not in rules.plans[row.group]
        taken_before = rules.rings(row.work) or row.begun or anonymous
        if not taken_before and not any(a <= start <= b for a, b in planned.get(agent, [])):
            yield f"agent {agent}: takes a contact at {start:g} outside the plan"
    yield from _overtime(log, busy, rules)
    for agent, spans in present.items():
        worked = math.fsum(end - start for start, end in busy.get(agent, []))
        rested = math.fsum(end - start for start, end in idle_spans(spans, busy.get(agent, [])))
        there = math.fsum(end - start for start, end in spans)
        if abs(worked + rested - there) > 1e-6:
            yield f"agent {agent}: busy {worked:g} + idle {rested:g} is not present {there:g}"


def _overtime(log, busy, rules):
    """Who stays past the plan finishes something; in a group that lays work down nobody does."""
    s = log.staffing
    for k in np.flatnonzero(s.kind == OVERTIME):
        agent, start, end = (log.names["agent_group"][s.agent_group[k]], int(s.agent[k])), s.start[k], s.end[k]
        if rules.plans[agent[0]].get("at_shift_end", "finish") != "finish" and start != rules.begin:
            yield f"agent {agent}: overtime at {start:g} in a group that does not finish"
        spans = [span for span in busy.get(agent, []) if span[0] < end and span[1] > start]
        covered = spans and spans[0][0] <= start and spans[-1][1] >= end
        if rules.is_known(agent[0]) and not (covered and all(a[1] == b[0] for a, b in itertools.pairwise(spans))):
            yield f"agent {agent}: overtime from {start:g} to {end:g} without a contact to finish"


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
