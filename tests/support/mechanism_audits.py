"""Audits of single mechanisms, from the log alone: overflow, reserve, warm transfers, breaks, promises, callbacks."""

from __future__ import annotations

import math

from cxsim import units
from support.audits import ABANDONED, BALKED, BLOCKED, CLOSED, WARM
from support.routing_audits import idle_by_agent


def overflow(rows, rules):
    """No group takes a contact before its delay is over."""
    for row in rows:
        if row.group is None or rules.changes_hands(row.work) or row.begun:
            continue
        after = rules.terms[(*row.work, row.group)].after
        if row.answered < row.offered + after:
            yield f"{row}: taken by {row.group} after {row.answered - row.offered:g} s, not {after:g}"


def reserve(log, rows, rules):
    """Who is taken leaves the reserve idle."""
    idle = idle_by_agent(log, rows, rules)
    for row in rows:
        terms = rules.terms.get((*row.work, row.group))
        if terms is None or not terms.reserve or not rules.is_known(row.group) or row.answered <= rules.begin:
            continue
        others = [
            agent for agent, spans in idle.items()
            if agent[0] == row.group and agent[1] != row.agent and any(a <= row.answered <= b for a, b in spans)
        ]  # fmt: skip
        if len(others) < terms.reserve:
            yield f"{row}: taken with {len(others)} left idle, of a reserve of {terms.reserve}"


def warm_transfers(rows, rules):
    """Who passes on warmly stays until the next leg is answered, lost or called back, and wraps up after that."""
    legs = {(row.case, row.contact, row.touch): row for row in rows}
    for row in rows:
        if row.transfer_kind != WARM or rules.changes_hands(row.work):
            continue
        following = legs[row.case, row.contact, row.touch + 1]
        released = following.callback if following.called_back else following.gone
        finishes = rules.plans[row.group].get("at_shift_end", "finish") == "finish"
        if finishes and released < math.inf and row.wrapped < released:
            yield f"{row}: wrapped at {row.wrapped:g}, held until {released:g}"


def breaks(log, rows, rules):
    """Whoever has nothing in hand goes on a break when it is planned."""
    idle = idle_by_agent(log, rows, rules)
    for group, plan in rules.plans.items():
        if not rules.is_known(group) or plan.get("unavailable"):
            continue
        for number, shift in shift_of_agents(plan):
            for pause in (shift.get("breaks") or {}).values():
                for day in range(rules.days):
                    if (rules.first_weekday + day) % 7 not in units.days(shift["days"]):
                        continue
                    at = day * units.DAY + units.clock(pause["at"])
                    if at > rules.begin and any(a < at < b for a, b in idle.get((group, number), [])):
                        yield f"agent {(group, number)}: idle at {at:g}, when a break begins"


def shift_of_agents(plan):
    """Each agent who may be on the floor with the shift he or she belongs to; nothing where shrinkage numbers them."""
    first = 0
    for shift in (plan.get("shifts") or {}).values():
        if plan.get("counts") is None:
            yield from ((first + k, shift) for k in range(shift["agents"]))
        first += shift["agents"]


def announcements(rows, rules):
    """A wait is announced where it is to be, to whom doors and lines let in; no other column is ever filled."""
    for row in rows:
        announced = rules.of(row.work, "announcement")
        told = not math.isnan(row.announced_wait)
        refused = row.outcome in (BLOCKED, CLOSED) and row.ended == row.offered
        if told and (announced is None or refused or row.announced_wait < 0):
            yield f"{row}: told a wait of {row.announced_wait:g}"
        if row.outcome == BALKED and not told:
            yield f"{row}: balks without a wait"
        if row.called_back:
            callback = (announced or {}).get("callback")
            if callback is None or row.announced_wait < units.duration(callback["from"]):
                yield f"{row}: called back though not offered"
            if row.outcome == ABANDONED and callback and callback.get("answers", 1) == 1:
                yield f"{row}: does not answer though everybody does"


def promises(rows, rules):
    """What is promised is promised to everybody who is let in."""
    for row in rows:
        promise = rules.of(row.work, "promise")
        refused = row.outcome in (BLOCKED, CLOSED) and row.ended == row.offered
        expected = math.nan if promise is None or refused else row.offered + units.duration(promise)
        if row.promise != expected and not (math.isnan(expected) and math.isnan(row.promise)):
            yield f"{row}: promised {row.promise:g}, not {expected:g}"


def laid_aside(rows, rules):
    """Only what may be laid aside or handed over ever pauses."""
    for row in rows:
        if row.paused and not rules.changes_hands(row.work):
            yield f"{row}: paused for {row.paused:g} s"
