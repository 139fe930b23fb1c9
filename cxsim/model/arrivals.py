"""Arrivals in compiled code: inverting the cumulative rate, batches, merging in order of time, who and where."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from cxsim import streams
from cxsim.compiled import njit, njit_inner

Array = npt.NDArray[Any]

CASES_A_DAY = 1 << 24
# What functions return instead of a number of arrivals.
NO_ROOM, TOO_MANY = -1, -2
# Gaps drawn at a time.
GAPS = 512


class Shares(NamedTuple):
    """A choice for each contact type: type i has the rows first[i] to first[i + 1] - 1 of shares and values.

    first, value : int64. up_to : float64, cumulative shares.
    """

    first: Array
    up_to: Array
    value: Array


class Streams(NamedTuple):
    """Streams of arrivals, one for each drawn contact type and day, by type, then day.

    Stream i has the pieces first[i] to first[i + 1] - 1, of `rate` arrivals a second in planning interval `interval`
    of the day, between edges [s], which are one more a stream. `batch` is the number of cases of an arrival.
    """

    contact_type: Array
    day: Array
    first: Array
    edges: Array
    rate: Array
    interval: Array
    batch: Shares


@njit
def invert_cumulative(out: Any, edges: Any, rates: Any, gaps: Any, first_case: Any, replication_key: Any) -> Any:
    """Write arrival instants of a piecewise constant rate; the number written, or -1 if `out` is too short.

    The n-th arrival is where the cumulative rate reaches the n-th point of a unit-rate Poisson process whose n-th gap
    is drawn at the address of the n-th case: when the rate changes the same cases move, none is renumbered. `gaps` is
    room for so many of them [GAPS].
    """
    reached, piece, below = 0.0, 0, 0.0
    for n in range(len(out) + 1):
        if n % GAPS == 0:
            fill_gaps(gaps, replication_key, first_case + n)
        reached += gaps[n % GAPS]
        while below + rates[piece] * (edges[piece + 1] - edges[piece]) < reached:
            below += rates[piece] * (edges[piece + 1] - edges[piece])
            piece += 1
            if piece == len(rates):
                return n
        if n == len(out):
            return NO_ROOM
        out[n] = edges[piece] + (reached - below) / rates[piece]
    return NO_ROOM


@njit_inner
def fill_gaps(gaps: Any, replication_key: Any, first_case: Any) -> None:
    """Write unit exponential gaps before cases of following numbers: a short loop does several at a time."""
    for k in range(len(gaps)):
        key = streams.entity_key(replication_key, streams.CASE, first_case + k)
        gaps[k] = -streams.log_of_normal(1.0 - streams.uniform(key, streams.ARRIVAL), 0.0)


@njit
def chosen(shares: Any, contact_type: Any, u: Any) -> Any:
    """The value into whose share u falls; the last one also for what rounding leaves above."""
    row, last = shares.first[contact_type], shares.first[contact_type + 1] - 1
    while row < last and shares.up_to[row] <= u:
        row += 1
    return shares.value[row]


@njit
def fill_batches(time: Any, epochs: Any, first_case: Any, contact_type: Any, batch: Any, replication_key: Any) -> Any:
    """Write the instant of each arrival as often as it brings cases; the number written, or -1 if room is short.

    The size of the n-th arrival is drawn at the address of the n-th case.
    """
    n = 0
    for epoch in range(len(epochs)):
        key = streams.entity_key(replication_key, streams.CASE, first_case + epoch)
        size = chosen(batch, contact_type, streams.uniform(key, streams.BATCH))
        if n + size > len(time):
            return NO_ROOM
        for _ in range(size):
            time[n] = epochs[epoch]
            n += 1
    return n


@njit
def expected_cases(by_stream: Any, mean_batch: Any, factors: Any) -> Any:
    """Expected number of drawn cases, given busyness."""
    s, total = by_stream, 0.0
    for stream in range(len(s.day)):
        contact_type, day = s.contact_type[stream], s.day[stream]
        for piece in range(s.first[stream], s.first[stream + 1]):
            length = s.edges[piece + stream + 1] - s.edges[piece + stream]
            factor = factors[0][contact_type, day] * factors[1][day, s.interval[piece]]
            total += s.rate[piece] * length * factor * mean_batch[contact_type]
    return total


@njit
def fill_arrivals(
    time: Any, case: Any, bounds: Any, by_stream: Any, factors: Any, replication_key: Any, scratch: Any
) -> Any:
    """Write instants and numbers of all drawn cases, by type, day and time; their number, -1 or -2.

    Parameters
    ----------
    time, case : float64, int64 [room]
        Filled; -1 is returned if they are too short, -2 if a type has too many cases on a day.
    bounds : int64 [n_types + 1]
        Filled: cases of type i stand from bounds[i] to bounds[i + 1] - 1.
    by_stream : Streams
    factors : (float64 [n_types, n_days], float64 [n_days, intervals])
        Busyness.
    scratch : (float64 [most pieces of a stream], float64 [room], float64 [GAPS])
        Rates, arrivals and gaps of one stream; the second is used for batches only.
    """
    s, n = by_stream, 0
    rates, epochs, gaps = scratch
    bounds[:] = 0
    for stream in range(len(s.day)):
        contact_type, day = s.contact_type[stream], s.day[stream]
        begin, end = s.first[stream], s.first[stream + 1]
        pieces = end - begin
        for piece in range(begin, end):
            rates[piece - begin] = s.rate[piece] * (factors[0][contact_type, day] * factors[1][day, s.interval[piece]])
        edges = s.edges[begin + stream : end + stream + 1]
        first_case = streams.case_number(contact_type, day, 0)
        if s.batch.first[contact_type + 1] - s.batch.first[contact_type] == 1:
            found = invert_cumulative(time[n:], edges, rates[:pieces], gaps, first_case, replication_key)
        else:
            found = invert_cumulative(epochs, edges, rates[:pieces], gaps, first_case, replication_key)
            if found >= 0:
                found = fill_batches(time[n:], epochs[:found], first_case, contact_type, s.batch, replication_key)
        if found >= CASES_A_DAY:
            return TOO_MANY
        if found < 0:
            return NO_ROOM
        for k in range(found):
            case[n + k] = first_case + k
        n += found
        bounds[contact_type + 1 :] = n
    return n


@njit
def merge_runs(time: Any, case: Any, other_time: Any, other_case: Any, bounds: Any) -> Any:
    """Merge runs of cases, each sorted by time, then case; whether the result stands in the other arrays.

    Parameters
    ----------
    time, case : float64, int64 [n]
        Run i stands from bounds[i] to bounds[i + 1] - 1; written over.
    other_time, other_case : float64, int64 [n]
        Room.
    bounds : int64 [n_runs + 1]
        Written over.
    """
    n_runs, turned = len(bounds) - 1, False
    while n_runs > 1:
        for run in range(0, n_runs, 2):
            a, middle, end = bounds[run], bounds[run + 1], bounds[min(run + 2, n_runs)]
            b, k = middle, a
            while a < middle and b < end:
                first = time[a] < time[b] or (time[a] == time[b] and case[a] < case[b])
                taken = a if first else b
                other_time[k], other_case[k] = time[taken], case[taken]
                a, b, k = a + first, b + (not first), k + 1
            rest = a if a < middle else b
            for step in range(end - k):
                other_time[k + step], other_case[k + step] = time[rest + step], case[rest + step]
            bounds[run // 2 + 1] = end
        time, other_time, case, other_case = other_time, time, other_case, case
        n_runs, turned = (n_runs + 1) // 2, not turned
    return turned


@njit
def fill_choices(
    customer: Any, segment: Any, touchpoint: Any, replication_key: Any, case: Any, entries: Any, people: Any
) -> None:
    """Write who each case is of, and where it enters; `people` is the population and the cumulative segment shares.

    Customers have their case's number already where the population is 0; segments are 0.
    """
    population, segments = people
    for k in range(len(case)):
        contact_type = case[k] >> 40
        row = entries.first[contact_type]
        touchpoint[k] = entries.value[row]
        if entries.first[contact_type + 1] - row > 1:
            key = streams.entity_key(replication_key, streams.CASE, case[k])
            touchpoint[k] = chosen(entries, contact_type, streams.uniform(key, streams.ENTRY))
        if population > 0:
            key = streams.entity_key(replication_key, streams.CASE, case[k])
            customer[k] = min(int(streams.uniform(key, streams.CUSTOMER) * population), population - 1)
        if len(segments) > 1:
            person = streams.entity_key(replication_key, streams.PERSON, customer[k])
            u = streams.uniform(person, streams.SEGMENT)
            while segment[k] < len(segments) - 1 and segments[segment[k]] <= u:
                segment[k] += 1
