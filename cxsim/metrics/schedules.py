"""Whether the schedule follows the work: agents where contacts are, and nobody drowned in them for long."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import AVAILABLE, OVERTIME
from cxsim.contacts.log import ContactLog
from cxsim.contacts.order import places
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.metric import metric
from cxsim.metrics.presence import busy_pieces, handled_time, n_people, of_kind, working_pieces
from cxsim.metrics.ratio import Ratio, Sample
from cxsim.metrics.selection import clock_offset, lives, observed, pieces
from cxsim.metrics.workforce import BUSY, NOBODY_THERE, PRESENCE

Array = npt.NDArray[Any]


@metric(
    unit="1",
    better="higher",
    kind="process",
    family="employee",
    scope="agent",
    columns=(*PRESENCE, "answered", "wrapped"),
    source="cxsim reference 3.7 names it without a formula; overlap of staff and work by interval: a cxsim proposal",
    null=NOBODY_THERE,
)
def schedule_efficiency(log: ContactLog, *, target: float = 0.85, interval: float = 1800.0) -> Ratio:
    """How well staff follows the work: over intervals, the lesser of what is there and what is needed over the greater.

    Needed is the handle time of an interval over the `target` occupancy. 1 is a schedule that follows the work exactly;
    too many agents at one hour do not make up for too few at another.
    """
    if target <= 0:
        raise MetricUnavailable(problem("metric schedule_efficiency.target", target, "an occupancy above 0"))
    _, parts = pieces(observed(log), step=interval, offset=clock_offset(log))
    less = more = 0.0
    for life in lives(log):
        there, needed = of_kind(life, AVAILABLE, OVERTIME).each(parts), handled_time(life).each(parts) / target
        less += float(np.sum(np.minimum(there, needed)))
        more += float(np.sum(np.maximum(there, needed)))
    return Ratio(less, more, n_people(log))


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="employee",
    scope="agent",
    columns=(*PRESENCE, *BUSY),
    source="cxsim reference 3.7: minutes above 90 % occupancy, a cxsim proposal for burnout",
    null=NOBODY_THERE,
    variants={"p90": {}, "p50": {"p": 0.5}, "longest": {"p": 1.0}},
)
def peak_workload_streak(log: ContactLog, *, p: float = 0.9, above: float = 0.9, interval: float = 1800.0) -> Sample:
    """Longest run of intervals that an agent works without rest: at work and busy for more than a share of each.

    One value for each agent who is at work at all, and their quantile p. Only whole intervals count, by the clock.
    """
    numbers, parts = pieces(observed(log), step=interval, offset=clock_offset(log))
    whole = parts[:, 1] - parts[:, 0] >= interval
    numbers, parts = numbers[whole], parts[whole]
    busy, there = busy_pieces(log), working_pieces(log)
    if not len(parts) or not len(there[0]):
        return Sample(np.zeros(0), p)
    owners = np.unique(there[0])
    load, time = (_amounts(part, owners, parts) for part in (busy, there))
    present = time.any(axis=1)
    high = (load > above * time) & (time > 0)
    return Sample(_longest(high[present], numbers) * interval, p)


def _amounts(part: tuple[Array, Array, Array], owners: Array, parts: Array) -> Array:
    """Seconds of each owner's pieces within each part [n_owners, n_parts].

    The pieces are by owner and begin, those of one owner do not overlap, and every owner of a piece is one of the
    owners.
    """
    owner, begin, end = part
    if not len(begin):
        return np.zeros((len(owners), len(parts)))
    before = np.concatenate([[0.0], np.cumsum(end - begin)])
    edges = np.unique(parts)
    each = np.arange(len(owners))
    place = np.repeat(each, np.diff(np.searchsorted(owner, owners), append=len(owner)))
    # Pieces of the owner begun at each edge, and those of all owners before [n_owners, n_edges].
    begun = places(edges, begin, side="left")
    shape = len(owners), len(edges) + 1
    at = np.cumsum(np.bincount(place * shape[1] + begun, minlength=shape[0] * shape[1])).reshape(shape)[:, :-1]
    last = np.maximum(at - 1, 0)
    same = (at > 0) & (place[last] == each[:, None])
    course = before[at] - np.where(same, np.maximum(end[last] - edges, 0.0), 0.0)
    first, last = np.searchsorted(edges, parts.T)
    return np.asarray(course[:, last] - course[:, first])


def _longest(high: Array, numbers: Array) -> Array:
    """Longest run of True of each row [n_rows], over columns whose numbers follow one another."""
    place = np.arange(len(numbers))
    anew = np.diff(numbers, prepend=numbers[0] - 2) != 1
    # The last column before the run: this one where it is not True, the one before where a run begins anew.
    before = np.maximum.accumulate(np.where(high, np.where(anew, place - 1, -1), place), axis=1)
    return np.asarray(np.max(place - before, axis=1, initial=0))
