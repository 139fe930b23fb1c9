"""What one scenario's score is made of: points lost by driver, points to be had back, what one unit of a fact does.

A clean journey has no contribution at all. From it to what happened every driver loses (or gains) its part of the
score, exactly. What a unit of a fact does is found by adding it to every journey; a straight line through the answers
of a survey, as a spreadsheet would draw it, stands beside it, to show how far apart the two are.

Source
------
The outcome model of the reference, section 5.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import Table
from cxsim.perception.explain import LINES, SCORES, decompose, expected_score
from cxsim.perception.journeys import EMAIL, SELF, Journeys
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import DRIVERS, Contributions, contributions, weights_of
from cxsim.perception.twins import EXPLAINED, Lived, Sums
from cxsim.units import DAY

Array = npt.NDArray[Any]

WORST: Final = 0.1
MINUTE: Final = 60.0
# One unit more of each fact, in words.
UNITS: Final = {
    "wait": "a minute longer on the line",
    "hold": "a minute more on hold",
    "transfer": "a transfer more",
    "repeat": "a contact more",
    "abandonment": "an attempt given up more",
    "unresolved": "not resolved instead of resolved",
    "failed_self_service": "a failed attempt at self-service more",
    "switch": "a change of channel more",
    "elapsed": "a day later",
    "agent": "an agent one SD better",
}


@dataclass(frozen=True, eq=False)
class _Touch:
    """Touches at which a unit is added: one a journey at most."""

    first_live: Array
    first_spoken: Array


def levels(lived: Lived, *, model: PerceptionModel) -> Iterator[Sums]:
    """Sums of the points that each driver costs, against a clean journey, and of those that could be had back.

    Parts: 'level', lines of LINES and clean, actual; 'level COLUMN=NAME' and 'worst_tenth', the same for cases of a
    contact type or segment and for the tenth of cases with the lowest satisfaction index; 'regained', what the score
    would gain if what a driver takes away did not happen (what it gives is left); 'variance', shares of the variance of
    the index.
    """
    felt = lived.felt
    for score, factor in EXPLAINED.items():
        parts = factor * decompose(_clean(felt), felt, model=model, score=score)
        actual = factor * expected_score(felt, model=model, score=score)
        yield from _level("level", score, parts, actual)
        yield from _regained(felt, actual, score, model=model)
        if score == "top_two":
            for name, mine in _groups(lived):
                yield from _level(name, score, parts[mine], actual[mine])
    yield from _variance(felt, model=model)


def _clean(felt: Contributions) -> Contributions:
    """The journeys as they would feel if nothing had happened: expectations alone."""
    return Contributions(np.zeros_like(felt.drivers), *(4 * [felt.offset]))


def _level(part: str, score: str, parts: Array, actual: Array) -> Iterator[Sums]:
    n = len(actual)
    for line, total in zip(LINES[:-1], parts.sum(axis=0), strict=False):
        yield Sums(part, score, line, float(total), n)
    yield Sums(part, score, "actual", float(actual.sum()), n)
    yield Sums(part, score, "clean", float(actual.sum() - parts.sum()), n)


def _groups(lived: Lived) -> Iterator[tuple[str, Array]]:
    index = lived.felt.satisfaction
    if len(index):
        # Ties at the border belong to it: who is worst must not depend on the order of cases.
        yield "worst_tenth", index <= np.sort(index)[max(0, int(WORST * len(index)) - 1)]
    for column in ("contact_type", "segment"):
        names: Sequence[str] = lived.journeys.names.get(column, ())
        if column in lived.journeys.first and len(names) > 1:
            codes = lived.journeys.first[column]
            yield from (
                (f"level {column}={name}", mine) for code, name in enumerate(names) if (mine := codes == code).any()
            )


def _regained(felt: Contributions, actual: Array, score: str, *, model: PerceptionModel) -> Iterator[Sums]:
    metric = SCORES[score][0]
    weights = weights_of(model, metric)
    for place, driver in enumerate(DRIVERS):
        taken = np.minimum(felt.drivers[:, place], 0.0) * weights[place]
        without = replace(felt, **{metric: getattr(felt, metric) - taken})
        gained = EXPLAINED[score] * expected_score(without, model=model, score=score) - actual
        yield Sums("regained", score, driver, float(gained.sum()), len(felt))


def _variance(felt: Contributions, *, model: PerceptionModel) -> Iterator[Sums]:
    index = felt.satisfaction - felt.satisfaction.mean() if len(felt) else felt.satisfaction
    parts = felt.drivers * weights_of(model, "satisfaction")
    for place, driver in enumerate(DRIVERS):
        yield Sums("variance", "top_two", driver, float(parts[:, place] @ index), float(index @ index))


# --------------------------------------------------------------------------------------------- one unit of a fact


def effects(lived: Lived, surveys: Table, *, model: PerceptionModel) -> Iterator[Sums]:
    """Sums of what one unit more of each fact does to the scores, and of what a survey's straight line says it does.

    Parts: 'effect', over all journeys to which the unit can be added; 'naive', slope of the given answers 4 and 5 on
    the fact among those who answered, one fact at a time: covariance over variance, within a replication.
    """
    journeys = lived.journeys
    before = {
        score: factor * expected_score(lived.felt, model=model, score=score) for score, factor in EXPLAINED.items()
    }
    touch = _first_touches(journeys)
    for fact, (changed, able) in _units(journeys, touch).items():
        felt = contributions(changed, model=model)
        for score, factor in EXPLAINED.items():
            moved = factor * expected_score(felt, model=model, score=score) - before[score]
            yield Sums("effect", score, fact, float(moved[able].sum()), int(np.count_nonzero(able)))
    if "answered" in surveys and len(surveys) == len(journeys):
        yield from _slopes(journeys, surveys, touch)


def _first_touches(journeys: Journeys) -> _Touch:
    """The first touch on the line and the first at which somebody answered, by journey; -1 where there is none."""
    live = (journeys.channel != SELF) & (journeys.channel != EMAIL)
    spoken = (journeys.channel != SELF) & ~journeys.abandoned
    found = []
    for which in (live, spoken):
        first = np.full(len(journeys), -1)
        places = np.flatnonzero(which)[::-1]
        first[journeys.owner[places]] = places  # repeated assignment keeps the last, which is the first in time
        found.append(first)
    return _Touch(*found)


def _units(journeys: Journeys, touch: _Touch) -> Mapping[str, tuple[Journeys, Array]]:
    """For each fact the journeys with one unit more, and to which journeys it could be added, array [n] of bool."""
    live, spoken = touch.first_live, touch.first_spoken
    everyone = np.ones(len(journeys), bool)

    def added(name: str, amount: Any, places: Array) -> tuple[Journeys, Array]:
        values = getattr(journeys, name) + np.zeros(1)
        values[places[places >= 0]] += amount
        return replace(journeys, **{name: values}), places >= 0

    def counted(name: str) -> tuple[Journeys, Array]:
        return replace(journeys, **{name: getattr(journeys, name) + 1}), everyone

    better = (journeys.channel != SELF) & ~journeys.abandoned
    return {
        "wait": added("wait", MINUTE, live),
        "hold": added("held", MINUTE, spoken),
        "transfer": added("transfers", 1, spoken),
        "agent": (replace(journeys, quality=journeys.quality + better), spoken >= 0),
        "unresolved": (replace(journeys, resolved=np.zeros(len(journeys), bool)), journeys.resolved),
        "repeat": (replace(journeys, assisted=journeys.assisted + 1), journeys.assisted > 0),
        "abandonment": counted("abandoned_attempts"),
        "failed_self_service": counted("failed_self_service"),
        "switch": counted("switches"),
        "elapsed": (replace(journeys, end=journeys.end + DAY), everyone),
    }


def facts(journeys: Journeys, touch: _Touch | None = None) -> dict[str, Array]:
    """Facts of journeys as an analyst would tabulate them, each [n], in the units of UNITS."""
    touch = touch or _first_touches(journeys)
    n, owner = len(journeys), journeys.owner

    def total(values: Array) -> Array:
        return np.bincount(owner, values, minlength=n)

    live = (journeys.channel != SELF) & (journeys.channel != EMAIL)
    spoken = (journeys.channel != SELF) & ~journeys.abandoned
    talks = np.maximum(total(spoken.astype(float)), 1.0)
    return {
        "wait": total(np.where(live, journeys.wait, 0.0)) / MINUTE,
        "hold": total(journeys.held) / MINUTE,
        "transfer": total(journeys.transfers.astype(float)),
        "agent": total(np.where(spoken, journeys.quality, 0.0)) / talks,
        "unresolved": (~journeys.resolved).astype(float),
        "repeat": np.maximum(journeys.assisted - 1.0, 0.0),
        "abandonment": journeys.abandoned_attempts.astype(float),
        "failed_self_service": journeys.failed_self_service.astype(float),
        "switch": journeys.switches.astype(float),
        "elapsed": journeys.hours / 24.0,
    }


def _slopes(journeys: Journeys, surveys: Table, touch: _Touch) -> Iterator[Sums]:
    """Covariance and variance of each fact with the answers given, within a replication."""
    gave = surveys.answered & (surveys.satisfaction >= 1)
    happy = (surveys.satisfaction[gave] >= 4).astype(float)
    if len(happy) < 2:
        return
    happy -= happy.mean()
    for fact, values in facts(journeys, touch).items():
        x = values[gave] - values[gave].mean()
        yield Sums("naive", "top_two", fact, float(x @ happy), float(x @ x))
