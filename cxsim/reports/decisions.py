"""What planned looks decided, in one sentence each: above, below, equivalent, or unresolved and what it would take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cxsim.designs.looks import Decision
from cxsim.designs.replicate import MOST
from cxsim.printed import shown, shown_difference, shown_with_interval


class Question(NamedTuple):
    """What was to be decided: of which metric, against which target (None: a difference to `base`), within what margin.

    `at_most` says on which side of the target it is met; None where that was not said.
    """

    name: str
    unit: str
    base: str
    target: float | None = None
    at_most: bool | None = None
    margin: float | None = None


def decision_lines(decisions: Mapping[str, Decision], question: Question) -> list[str]:
    """One sentence a scenario, the verdict first."""
    return [_line(label, found, question) for label, found in decisions.items()]


def _line(label: str, found: Decision, question: Question) -> str:
    interval, difference = found.interval, question.target is None
    value, span = shown_with_interval(interval.value, interval.low, interval.high, question.unit, difference=difference)
    ends = f", {interval.level:.1%} interval {span}" if span != "-" else ", the same in each"
    basis = f"{value} after {interval.n} replications{ends}"
    return f"{_verdict(label, found, question)}: {basis}{_needed(found)}."


def _verdict(label: str, found: Decision, question: Question) -> str:
    name, outcome = question.name, found.outcome
    margin = "" if question.margin is None else shown_difference(question.margin, question.unit).lstrip("+")
    if question.target is None:
        pair = f"{name} with '{label}'"
        said = {
            "above": f"Above: {pair} is above that of '{question.base}'",
            "below": f"Below: {pair} is below that of '{question.base}'",
            "equivalent": f"Equivalent: {pair} is within {margin or 'nothing'} of that of '{question.base}'",
            "unresolved": f"Unresolved: {pair} may be above or below that of '{question.base}'",
        }
        return said[outcome]
    target = shown(question.target, question.unit)
    if question.at_most is not None and outcome in ("above", "below"):
        met = "met" if (outcome == "below") == question.at_most else "missed"
        bound = f"at {'most' if question.at_most else 'least'} {target}"
        return f"{outcome.capitalize()}: the target of {bound} for {name} is {met}"
    said = {
        "above": f"Above: {name} is above {target}",
        "below": f"Below: {name} is below {target}",
        "equivalent": f"Equivalent: {name} is within {margin or 'nothing'} of {target}",
        "unresolved": f"Unresolved: {name} may be above or below {target}",
    }
    return said[outcome]


def _needed(found: Decision) -> str:
    if found.outcome != "unresolved":
        return ""
    if found.needed is None:
        return f"; even {MOST:,} replications might not be enough"
    return f"; about {found.needed:,} replications would be needed"
