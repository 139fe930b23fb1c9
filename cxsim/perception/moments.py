"""Moments of truth: which journeys meet each, which find it kept, and how the others would have been had they kept it.

The facts of a journey that missed a moment are changed as little as it takes:

- wait, first_response_time: every late answer there comes at the limit, and who gave up there has not.
- resolution_time: resolved, and at the limit.
- contacts: those past the limit do not count as repeats. transfers, repeated_information: those past the limit have
  not been.
- resolved: the need was met when the journey ended.
- handle_time: nothing, for nobody feels how long the work took.

Nothing else of the journey changes: who would have been answered might also have been helped, which is not counted.

Source
------
Seybold, How to monitor your return on customer experience, customers.com; cxsim reference 5.7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import ABANDONED
from cxsim.contacts.log import ContactLog
from cxsim.errors import PerceptionError, nearest, problem
from cxsim.perception.journeys import Journeys

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Moment:
    """A moment of truth of one journey.

    Attributes
    ----------
    name : str
    measure : str
        Of MEASURES.
    within : float or None
        Limit: [s] for a time, else a number; None for `resolved`.
    touchpoint, contact_type, segment : str or None
        Only there. Of resolution_time, contacts and resolved the touchpoint is where the journey began.
    """

    name: str
    measure: str
    within: float | None = None
    touchpoint: str | None = None
    contact_type: str | None = None
    segment: str | None = None


class Kept(NamedTuple):
    """Which of n journeys meet a moment, which of these miss it, and at which of the m touches."""

    met: Array
    missed: Array
    late: Array

    @property
    def n_met(self) -> int:
        """Number of journeys that meet the moment."""
        return int(np.count_nonzero(self.met))

    @property
    def n_kept(self) -> int:
        """Number of journeys that find it kept."""
        return self.n_met - int(np.count_nonzero(self.missed))


def kept(log: ContactLog, journeys: Journeys, moment: Moment) -> Kept:
    """Which journeys meet a moment, and which of them miss it.

    Parameters
    ----------
    log : ContactLog
    journeys : Journeys
        Of this log: n journeys with m touches.
    moment : Moment
        Who was refused at the door, took a callback or is still in the queue does not meet a wait. A journey keeps a
        time only if every contact there does.

    Returns
    -------
    Kept

    Raises
    ------
    PerceptionError
        Not a measure of a moment, a name that the log does not know, or journeys of another log.
    """
    return kept_at(Touches(log, journeys), moment)


class Touches:
    """Columns of a log at the touches of its journeys, each taken when first asked for."""

    def __init__(self, log: ContactLog, journeys: Journeys) -> None:
        if len(journeys.row) != len(journeys.owner):
            raise PerceptionError(problem("journeys", "read from no log", "those of this log", "use journeys_of"))
        self.table, self.journeys, self.names = log.touchpoints, journeys, log.names
        self._taken: dict[str, Array] = {}

    def column(self, name: str, otherwise: object) -> Array:
        """A column [m]; the same value everywhere if the log lacks it."""
        if name not in self._taken:
            there = name in self.table
            rows = self.journeys.row
            self._taken[name] = self.table.columns[name][rows] if there else np.full(len(rows), otherwise)
        return self._taken[name]

    def code(self, moment: Moment, column: str, name: str) -> int:
        """The number that stands for a name."""
        names = list(self.names.get(column, ()))
        if name not in names:
            here = f"here: {', '.join(names) or 'none'}"
            raise PerceptionError(
                problem(f"moment {moment.name}.{column}", f"{name!r} is not in this log", here, nearest(name, names))
            )
        return names.index(name)

    def begun(self, moment: Moment, column: str, name: str | None) -> Array:
        """Mask [n]: journeys whose first row has this name."""
        if name is None:
            return np.ones(len(self.journeys), dtype=bool)
        code = self.code(moment, column, name)
        if column not in self.journeys.first:
            raise PerceptionError(problem(f"moment {moment.name}.{column}", "not in this log", "leave it out"))
        return np.asarray(self.journeys.first[column] == code)

    def within_reach(self, moment: Moment) -> Array:
        """Mask [n]: journeys of the moment's contact type and segment."""
        of_type = self.begun(moment, "contact_type", moment.contact_type)
        return of_type & self.begun(moment, "segment", moment.segment)

    def here(self, moment: Moment) -> Array:
        """Mask [m]: staffed touches at the moment's touchpoint, of journeys within its reach."""
        found = self.column("staffed", True).astype(bool)
        if moment.contact_type is not None or moment.segment is not None:
            found = found & self.within_reach(moment)[self.journeys.owner]
        if moment.touchpoint is not None:
            found = found & (self.journeys.touchpoint == self.code(moment, "touchpoint", moment.touchpoint))
        return found

    def any_of(self, mask: Array) -> Array:
        """Mask [n]: journeys with a touch of the mask [m]."""
        found = np.zeros(len(self.journeys), dtype=bool)
        found[self.journeys.owner[mask]] = True
        return found


def _of_touches(touches: Touches, counted: Array, late: Array) -> Kept:
    return Kept(touches.any_of(counted), touches.any_of(late), late)


def _of_journeys(touches: Touches, met: Array, keeps: Array) -> Kept:
    return Kept(met, met & ~keeps, np.zeros(len(touches.journeys.owner), dtype=bool))


def _answer_times(touches: Touches, moment: Moment) -> Kept:
    """Waits on the line of decided contacts, or times to the first answer of deferred ones."""
    answered, deferred = touches.column("answered", np.nan), touches.column("deferred", False)
    asked = ~touches.column("chaser", False) & ~touches.column("outbound", False)
    counted = touches.here(moment) & asked
    if moment.measure == "wait":
        nobody_calls = np.isnan(touches.column("callback", np.nan))
        decided = ~np.isnan(answered) | (touches.column("outcome", ABANDONED) == ABANDONED)
        counted = counted & ~deferred & nobody_calls & decided
    else:
        counted = counted & deferred
    late = counted & ~(answered - touches.column("offered", 0.0) <= moment.within)
    return _of_touches(touches, counted, late)


def _handle_time(touches: Touches, moment: Moment) -> Kept:
    worked = touches.column("wrapped", np.nan) - touches.column("answered", np.nan) - touches.column("paused", 0.0)
    counted = touches.here(moment) & ~np.isnan(worked)
    return _of_touches(touches, counted, counted & ~(worked <= moment.within))


def _resolution(touches: Touches, moment: Moment) -> Kept:
    journeys = touches.journeys
    met = touches.within_reach(moment) & touches.begun(moment, "touchpoint", moment.touchpoint)
    in_time = True if moment.within is None else journeys.end - journeys.begin <= moment.within
    return _of_journeys(touches, met, journeys.resolved & in_time)


def _contacts(touches: Touches, moment: Moment) -> Kept:
    assisted = touches.journeys.assisted
    met = touches.within_reach(moment) & touches.begun(moment, "touchpoint", moment.touchpoint) & (assisted > 0)
    return _of_journeys(touches, met, assisted <= moment.within)


def _times(touches: Touches, moment: Moment) -> Kept:
    """Transfers, or stories told again, counted over the answered touches there."""
    journeys = touches.journeys
    counted = touches.here(moment) & ~np.isnan(touches.column("answered", np.nan))
    happened = counted & (getattr(journeys, moment.measure) > 0)
    owner, running = journeys.owner, np.cumsum(happened)
    before = np.concatenate([[0], running])[np.searchsorted(owner, owner, side="left")]
    return _of_touches(touches, counted, happened & (running - before > moment.within))


_KEPT: Final[dict[str, Callable[[Touches, Moment], Kept]]] = {
    "wait": _answer_times,
    "first_response_time": _answer_times,
    "handle_time": _handle_time,
    "resolution_time": _resolution,
    "contacts": _contacts,
    "transfers": _times,
    "repeated_information": _times,
    "resolved": _resolution,
}
MEASURES: Final = tuple(_KEPT)
OF_WHOLE_JOURNEYS: Final = ("resolution_time", "contacts", "resolved")
UNFELT: Final = {"handle_time": "nobody feels how long the work took"}


def kept_at(touches: Touches, moment: Moment) -> Kept:
    """`kept` of touches that serve for several moments."""
    where = f"moment {moment.name}.measure"
    if moment.measure not in _KEPT:
        allowed = f"measures are {', '.join(MEASURES)}"
        raise PerceptionError(problem(where, moment.measure, allowed, nearest(moment.measure, MEASURES)))
    if moment.within is None and moment.measure != "resolved":
        raise PerceptionError(problem(where, f"{moment.measure} without a limit", "a limit, `within`"))
    return _KEPT[moment.measure](touches, moment)


def had_it_kept(touches: Touches, moment: Moment, found: Kept, which: Array) -> Journeys:
    """The journeys of these numbers [k] as they would have been."""
    some, numbers = touches.journeys.some(which)
    late, measure = found.late[numbers], moment.measure
    limit = np.inf if moment.within is None else moment.within
    if measure in ("wait", "first_response_time"):
        gave_up = late & (touches.column("outcome", ABANDONED)[numbers] == ABANDONED)
        return replace(
            some,
            wait=np.where(late, np.minimum(some.wait, limit), some.wait),
            abandoned=some.abandoned & ~late,
            abandoned_attempts=some.abandoned_attempts - np.bincount(some.owner[gave_up], minlength=len(some)),
        )
    if measure in ("transfers", "repeated_information"):
        facts: dict[str, Any] = {measure: np.where(late, False, getattr(some, measure))}
        return replace(some, **facts)
    if measure == "contacts":
        return replace(some, assisted=np.minimum(some.assisted, limit))
    resolved = np.ones(len(some), dtype=bool)
    return replace(some, resolved=resolved, end=np.minimum(some.end, some.begin + limit))
