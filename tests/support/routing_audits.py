"""Audits of who was served by whom and when: idle hands, order of queues, order of agents, doors and lines.

Above 300 lines because one index of who was idle serves them all.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict

from support.audits import (
    ABANDONED,
    AVAILABLE,
    BALKED,
    BLOCKED,
    BREAK,
    CLOSED,
    OVERTIME,
    UNFINISHED,
    WARM,
    busy_spans,
    covers,
    idle_spans,
    present_spans,
)


def idle_by_agent(log, rows, rules):
    """Idle spans of every agent who is ever present, of groups of which the log tells who was busy when."""
    present, busy = present_spans(log, AVAILABLE, OVERTIME), busy_spans(rows, rules)
    return {
        agent: idle_spans(spans, busy.get(agent, [])) for agent, spans in present.items() if rules.is_known(agent[0])
    }


def idle_hands(log, rows, rules):
    """No contact waits, leaves at once or finds the room full while an agent who may take it is idle."""
    idle = idle_by_agent(log, rows, rules)
    crews = {group: crew(idle, group) for group in rules.plans}
    moves = [at for row in rows for at in (row.offered, row.ended) if not math.isnan(at)]
    # Who is left over is given up a week after the last move, and nobody knows from the log on which midnight.
    given_up = max(moves, default=0.0) + 6 * 86_400.0
    for row in rows:
        if not row.staffed or row.outcome == BALKED:
            continue
        gone = min(row.gone, given_up)
        for group in rules.groups(*row.work):
            terms = rules.terms[(*row.work, group)]
            begin = max(row.offered + terms.after, rules.begin)
            if terms.reserve:
                if most_idle(crews[group], begin, gone) > terms.reserve:
                    yield f"{row}: waits while more than {terms.reserve} of {group} are idle"
                continue
            for agent, spans in idle.items():
                if agent[0] != group:
                    continue
                if covers(spans, begin, gone):
                    yield f"{row}: waits while agent {agent} is idle"
                lost = row.outcome == ABANDONED or (row.outcome == BLOCKED and not has_lines(row, rules))
                at_once = lost and row.gone == row.offered and not terms.after
                if at_once and any(a < row.offered < b for a, b in spans):
                    yield f"{row}: lost at once while agent {agent} is idle"


def crew(idle, group):
    """Changes of the number idle in a group, in order of time; at one instant those who leave come first."""
    spans = [span for agent, mine in idle.items() if agent[0] == group for span in mine]
    return sorted([(a, 1) for a, _ in spans] + [(b, -1) for _, b in spans])


def most_idle(changes, start, end):
    """Most agents idle at once anywhere inside (start, end)."""
    n = most = 0
    for (at, step), (following, _) in itertools.pairwise([*changes, (math.inf, 0)]):
        n += step
        if at < end and following > start and following > at:
            most = max(most, n)
    return most if start < end else 0


def has_lines(row, rules):
    """Whether the touchpoint has lines, of its own or shared."""
    shared = any(row.touchpoint in part["touchpoints"] for part in rules.shared_lines.values())
    return shared or rules.touchpoints[row.touchpoint].get("lines") is not None


def order_of_queues(rows, rules):
    """Within one queue contacts are taken as they came; an agent takes lower ranks first, then the longest wait."""
    queues = defaultdict(list)
    for row in rows:
        if row.staffed and row.gone > row.offered and is_in_order(row, rules):
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
        if row.called_back and row.outcome == ABANDONED:
            # Called in vain, it had been its turn.
            yield from overtakes(row, row.ended, offers, latest)
        if row.group is None or not is_in_order(row, rules) or rules.prefers:
            continue
        # Who finds an agent at work that has come before them by its age, and may be laid aside, waits for nobody.
        interrupts = row.answered == row.offered and rules.lays_aged_work_aside(row.group)
        yield from () if interrupts else overtakes(row, row.answered, offers, latest)
        terms = rules.terms[(*row.work, row.group)]
        whole = rules.is_whole(row.group) and rules.is_known(row.group)
        if rules.contact_policy == "score" or not whole or is_special(terms):
            continue
        for work in queues:
            other = rules.terms.get((*work, row.group))
            if other is None or other.rank > terms.rank or is_special(other):
                continue
            before = bisect_left(offers[work], row.offered)
            # Those at the front hide who has waited longest behind them.
            by_wait = rules.contact_policy == "longest_wait" and not has_front(work[0], rules)
            longest_first = other.rank == terms.rank and by_wait
            if longest_first and before and latest[work][before - 1] > row.answered:
                yield f"{row}: taken at {row.answered:g} though somebody waits longer for {work}"
            waiting = bisect_left(offers[work], row.answered) - bisect_right(goings[work], row.answered)
            if other.rank < terms.rank and waiting > 0 and row.gone > row.offered:
                yield f"{row}: taken at {row.answered:g} though somebody waits for {work} of lower rank"


def is_in_order(row, rules):
    """Whether the log tells when a contact was taken, and it stood at the back of its queue."""
    hidden = rules.rings(row.work) or rules.changes_hands(row.work)
    return not hidden and (row.touch == 0 or not has_front(row.touchpoint, rules)) and not row.begun


def has_front(touchpoint, rules):
    """Whether contacts passed on to a touchpoint may join the front of its queue."""
    return any(
        exit_.get("position") == "front"
        for part in rules.touchpoints.values()
        for own in (part, *part.get("types", {}).values())
        for exits in own.get("then", {}).values()
        for exit_ in exits.values()
        if exit_["to"] == touchpoint
    )


def is_special(terms):
    """Terms under which a rank is not all that counts."""
    return terms.after > 0 or terms.reserve > 0 or terms.ages


def overtakes(row, at, offers, latest):
    """Somebody of the same queue has waited longer, and still waits."""
    before = bisect_left(offers.get(row.work, []), row.offered)
    if before and latest[row.work][before - 1] > at:
        yield f"{row}: taken at {at:g} though somebody waits longer for {row.work}"


def order_of_agents(log, rows, rules):
    """A contact served at once goes to the lowest `chosen`, there to the best by the policy, then idle longest."""
    idle, people = idle_by_agent(log, rows, rules), people_of(log)
    if rules.prefers or rules.agent_policy in ("random", "least_occupied"):
        return
    for row in rows:
        if row.group is None or row.answered != row.offered or (row.group, row.agent) not in idle:
            continue
        groups = rules.groups(*row.work)
        if not all(rules.is_whole(group) and not is_special(rules.terms[(*row.work, group)]) for group in groups):
            continue
        terms = rules.terms[(*row.work, row.group)]
        mine = [a for a, b in idle[row.group, row.agent] if b == row.answered]
        own = standing(terms, people[row.group, row.agent], rules, row)
        for agent, spans in idle.items():
            other = rules.terms.get((*row.work, agent[0]))
            since = [a for a, b in spans if a < row.answered < b]
            if other is None or not since or agent == (row.group, row.agent):
                continue
            if other.chosen < terms.chosen:
                yield f"{row}: {agent} of lower order was idle"
            if other.chosen != terms.chosen:
                continue
            better = standing(other, people[agent], rules, row)
            if better < own or (better == own and mine and since[0] < mine[0]):
                yield f"{row}: {agent} goes before {(row.group, row.agent)}"


def people_of(log):
    """Speed and quality of each agent."""
    a = log.agents
    return {
        (log.names["agent_group"][a.agent_group[k]], int(a.agent[k])): (float(a.speed[k]), float(a.quality[k]))
        for k in range(len(a))
    }


def standing(terms, person, rules, row):
    """What the policy makes of an agent: the smaller goes first."""
    speed, quality = person
    if rules.agent_policy == "fastest":
        return speed * terms.handle_time
    if rules.agent_policy == "best_at_resolving":
        spread = {g: part.get("resolution_spread", 0.0) for g, part in rules.plans.items()}
        # Groups differ in spread; the quality is that of the person.
        group = next(g for (t, c, g), found in rules.terms.items() if (t, c) == row.work and found is terms)
        return -(spread[group] * quality + terms.resolution)
    return 0.0


def order_of_offers(rows, rules):
    """Rows come in order of offering; new cases of one instant in order of their number."""
    for row, following in itertools.pairwise(rows):
        if following.offered < row.offered:
            yield f"{following}: written after {row}"
        fresh = row.touch == row.contact == 0 == following.touch == following.contact
        if fresh and row.offered == following.offered > rules.begin and row.case > following.case:
            yield f"{following}: at the same instant as {row}, in the wrong order"


def doors(log, rows, rules):
    """Closed doors refuse, open ones do not; at closing the stated rule holds."""
    available, on_floor = present_spans(log, AVAILABLE), present_spans(log, AVAILABLE, BREAK)
    planned = {agent: spans for agent, spans in on_floor.items() if agent in available}
    last = max([rules.days * 86_400.0, *(row.gone for row in rows if row.gone < math.inf)])
    everybody_gone = max(log.staffing.end.tolist(), default=-math.inf)
    passed_on = [row for row in rows if row.transfer_kind == WARM and row.group]
    for row in rows:
        if row.begun:
            continue
        opened = rules.is_open(row.touchpoint, row.offered)
        if (row.outcome == CLOSED and row.ended == row.offered) == opened:
            yield f"{row}: outcome {row.outcome} at doors open {opened}"
        if not row.staffed or row.gone == row.offered:
            continue
        part = rules.touchpoints[row.touchpoint]
        groups = rules.groups(*row.work)
        if row.outcome == CLOSED:
            if row.deferred or rules.is_open(row.touchpoint, row.gone):
                yield f"{row}: sent away at {row.gone:g} by open doors"
            # Doors that close when the next agents come: whoever waits behind them is sent away before.
            # Since when an agent who waits for a colleague to answer is past the plan, nobody knows.
            held = {(other.group, other.agent) for other in passed_on if other.ended < row.gone < other.wrapped}
            able = {agent: s for agent, s in available.items() if agent[0] in groups and agent not in held}
            here = [any(a < row.gone < b for a, b in s) for s in able.values()]
            if part.get("at_closing", "serve_out") == "serve_out" and any(here):
                yield f"{row}: sent away at {row.gone:g} though an agent is there"
        if row.deferred or rules.rings(row.work):
            continue
        inside = [at for at in rules.closings(row.touchpoint, last) if row.offered < at < row.gone]
        if inside and part.get("at_closing") == "turn_away":
            yield f"{row}: still waits after closing at {inside[0]:g}"
        able = [spans for agent, spans in planned.items() if agent[0] in groups]
        for at in inside + [edge for spans in able for span in spans for edge in span]:
            shut = row.offered < at < row.gone and not rules.is_open(row.touchpoint, at)
            # When the run is over nobody waits any longer.
            over = row.outcome == UNFINISHED and at == everybody_gone
            if shut and not over and not any(a <= at < b for spans in able for a, b in spans):
                yield f"{row}: waits at {at:g} behind closed doors for nobody"


def limits(rows, rules):
    """Lines, shared ones too, and waiting rooms hold no more than they have, and refuse only when full."""
    shared = {name: (part["touchpoints"], part["lines"]) for name, part in rules.shared_lines.items()}
    own = {name: ([name], part["lines"]) for name, part in rules.touchpoints.items() if part.get("lines") is not None}
    lines = {**{("shared", name): given for name, given in shared.items()}, **own}
    rooms = {name: ([name], part["waiting_room"]) for name, part in rules.touchpoints.items()
             if part.get("waiting_room") is not None}  # fmt: skip
    full = defaultdict(bool)
    for kind, table in (("lines", lines), ("room", rooms)):
        for name, (touchpoints, limit) in table.items():
            here = [row for row in rows if row.touchpoint in touchpoints]
            ends = [span for row in here if (span := span_inside(row, kind)) is not None]
            if not any(is_inexact(row, kind, rules) for row in here):
                yield from too_many(ends, f"{kind} {name}", limit)
            for row in here:
                if row.outcome == BLOCKED:
                    n = sum(a <= row.offered <= b for a, b in ends)
                    unknown = kind == "room" and any(is_inexact(other, kind, rules) for other in here)
                    full[row.place] |= n >= limit or unknown
    for row in rows:
        if row.outcome == BLOCKED and not full[row.place]:
            yield f"{row}: blocked though nothing is full"


def span_inside(row, kind):
    """When a contact takes a line, or a place in the waiting room; None if never."""
    if row.outcome in (BLOCKED, CLOSED, BALKED) and row.ended == row.offered:
        return None
    if row.called_back:
        return (row.answered, row.ended) if row.served and kind == "lines" else None
    end = row.gone if kind == "room" or not row.served else row.ended
    return row.offered, math.inf if math.isnan(end) else end


def is_inexact(row, kind, rules):
    """Callbacks are called whatever the lines; when somebody ringing or put back was in the room is not in the log."""
    announced = rules.of(row.work, "announcement") or {}
    if kind == "lines":
        return bool(announced.get("callback")) or row.begun
    return rules.rings(row.work) or rules.changes_hands(row.work) or row.begun


def too_many(ends, where, limit):
    events = sorted([(a, 1) for a, b in ends if b > a] + [(b, -1) for a, b in ends if b > a])
    n = 0
    for at, step in events:
        n += step
        if n > limit:
            yield f"{where}: {n} inside at {at:g}, of {limit}"
