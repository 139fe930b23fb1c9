"""Audits of who was served by whom and when: idle hands, order of queues, order of agents, doors and lines."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict

from support.audits import (
    ABANDONED,
    AVAILABLE,
    BLOCKED,
    CLOSED,
    OVERTIME,
    busy_spans,
    covers,
    idle_spans,
    present_spans,
)


def idle_by_agent(log, rows):
    """Idle spans of every agent who is ever present."""
    present, busy = present_spans(log, AVAILABLE, OVERTIME), busy_spans(rows)
    return {agent: idle_spans(spans, busy.get(agent, [])) for agent, spans in present.items()}


def idle_hands(log, rows, rules):
    """No contact waits, leaves at once or finds the room full while an agent who may take it is idle."""
    idle = idle_by_agent(log, rows)
    for row in rows:
        if not row.staffed:
            continue
        able = rules.groups(*row.work)
        for agent, spans in idle.items():
            if agent[0] not in able:
                continue
            if covers(spans, row.offered, row.gone):
                yield f"{row}: waits while agent {agent} is idle"
            in_lines = rules.touchpoints[row.touchpoint].get("lines") is not None
            lost = row.outcome == ABANDONED or (row.outcome == BLOCKED and not in_lines)
            if lost and row.gone == row.offered and any(a < row.offered < b for a, b in spans):
                yield f"{row}: lost at once while agent {agent} is idle"


def order_of_queues(rows, rules):
    """Within one queue contacts are taken as they came; an agent takes lower ranks first, then the longest wait."""
    queues = defaultdict(list)
    for row in rows:
        if row.staffed and row.gone > row.offered:
            queues[row.work].append(row)
    for queue in queues.values():
        queue.sort(key=lambda row: row.offered)
    offers = {work: [row.offered for row in queue] for work, queue in queues.items()}
    goings = {work: sorted(row.gone for row in queue) for work, queue in queues.items()}
    latest = {}
    for work, queue in queues.items():
        latest[work], best = [], -math.inf
        for row in queue:
            best = max(best, row.gone)
            latest[work].append(best)
    for row in rows:
        if row.group is None:
            continue
        rank = rules.terms[(*row.work, row.group)][0]
        for work in queues:
            other = rules.terms.get((*work, row.group))
            if other is None or other[0] > rank:
                continue
            before = bisect_left(offers[work], row.offered)
            if other[0] == rank and before and latest[work][before - 1] > row.answered:
                yield f"{row}: taken at {row.answered:g} though somebody waits longer for {work}"
            waiting = bisect_left(offers[work], row.answered) - bisect_right(goings[work], row.answered)
            if other[0] < rank and waiting > 0 and row.gone > row.offered:
                yield f"{row}: taken at {row.answered:g} though somebody waits for {work} of lower rank"


def order_of_agents(log, rows, rules):
    """A contact served at once goes to the lowest `chosen`, there to the agent idle longest."""
    idle = idle_by_agent(log, rows)
    for row in rows:
        if row.group is None or row.answered != row.offered:
            continue
        chosen = rules.terms[(*row.work, row.group)][1]
        mine = [a for a, b in idle.get((row.group, row.agent), []) if b == row.answered]
        for agent, spans in idle.items():
            terms = rules.terms.get((*row.work, agent[0]))
            since = [a for a, b in spans if a < row.answered < b]
            if terms is None or not since or agent == (row.group, row.agent):
                continue
            if terms[1] < chosen:
                yield f"{row}: {agent} of lower order was idle"
            if terms[1] == chosen and mine and since[0] < mine[0]:
                yield f"{row}: {agent} was idle longer than {(row.group, row.agent)}"


def order_of_offers(rows):
    """Rows come in order of offering; new cases of one instant in order of their number."""
    for row, following in itertools.pairwise(rows):
        if following.offered < row.offered:
            yield f"{following}: written after {row}"
        fresh = row.touch == row.contact == 0 == following.touch == following.contact
        if fresh and row.offered == following.offered and row.case > following.case:
            yield f"{following}: at the same instant as {row}, in the wrong order"


def doors(log, rows, rules):
    """Closed doors refuse, open ones do not; at closing the stated rule holds."""
    planned = present_spans(log, AVAILABLE)
    last = max([rules.days * 86_400.0, *(row.gone for row in rows if row.gone < math.inf)])
    for row in rows:
        opened = rules.is_open(row.touchpoint, row.offered)
        if (row.outcome == CLOSED and row.ended == row.offered) == opened:
            yield f"{row}: outcome {row.outcome} at doors open {opened}"
        if not row.staffed or row.gone == row.offered:
            continue
        part = rules.touchpoints[row.touchpoint]
        able = [spans for agent, spans in planned.items() if agent[0] in rules.groups(*row.work)]
        here = [any(a <= row.gone < b for a, b in spans) for spans in able]
        if row.outcome == CLOSED:
            if row.deferred or rules.is_open(row.touchpoint, row.gone):
                yield f"{row}: sent away at {row.gone:g} by open doors"
            if part.get("at_closing", "serve_out") == "serve_out" and any(here):
                yield f"{row}: sent away at {row.gone:g} though an agent is there"
        if row.deferred:
            continue
        inside = [at for at in rules.closings(row.touchpoint, last) if row.offered < at < row.gone]
        if inside and part.get("at_closing") == "turn_away":
            yield f"{row}: still waits after closing at {inside[0]:g}"
        changes = inside + [edge for spans in able for span in spans for edge in span]
        for at in changes:
            shut = row.offered < at < row.gone and not rules.is_open(row.touchpoint, at)
            if shut and not any(a <= at < b for spans in able for a, b in spans):
                yield f"{row}: waits at {at:g} behind closed doors for nobody"


def limits(rows, rules):
    """Lines and waiting rooms hold no more than they have, and refuse only when full."""
    for name, part in rules.touchpoints.items():
        for key in ("lines", "waiting_room"):
            limit = part.get(key)
            if limit is None:
                continue
            here = [row for row in rows if row.touchpoint == name]
            ends = [
                (row.offered, row.gone if key == "waiting_room" or not row.served else row.ended)
                for row in here
                if not (row.outcome in (BLOCKED, CLOSED) and row.ended == row.offered)
            ]
            events = sorted([(a, 1) for a, b in ends if b > a] + [(b, -1) for a, b in ends if b > a])
            n = 0
            for at, step in events:
                n += step
                if n > limit:
                    yield f"{name}: {n} inside at {at:g}, {key} {limit}"
            for row in here:
                full = sum(a <= row.offered <= b for a, b in ends)
                if row.outcome == BLOCKED and full < limit:
                    yield f"{row}: blocked with {full} inside, {key} {limit}"
