"""How cases come to be: expected rates, drawn or replayed arrivals, customers and entries, before the clock starts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.model.arrivals import (
    CASES_A_DAY,
    GAPS,
    TOO_MANY,
    Shares,
    Streams,
    expected_cases,
    fill_arrivals,
    fill_choices,
    merge_runs,
)
from cxsim.model.busyness import day_factors, interval_factors, intervals_of
from cxsim.model.tables import Tables
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import ContactType, ScenarioModel, intervals_a_day
from cxsim.units import DAY, WEEKDAYS

Array = npt.NDArray[Any]


class Arrivals(NamedTuple):
    """Cases in order of arrival: instant [s], number, entry touchpoint, customer and segment [n_cases].

    `replayed` holds talk time, after-call work and patience of the first touch where a record gives them, else NaN
    [n_cases, 3]; without a record it is empty. Where every case has a customer of its own, they share their numbers.
    """

    time: Array
    case: Array
    touchpoint: Array
    customer: Array
    segment: Array
    replayed: Array

    @property
    def contact_type(self) -> Array:
        """Code of the contact type [n_cases]."""
        return self.case >> 40


class Replayed(NamedTuple):
    """Arrivals of a replayed type: instants [s], case numbers, and talk time, after-call work and patience [n, 3]."""

    time: Array
    case: Array
    given: Array


class Demand(NamedTuple):
    """What arrivals of a scenario have in common in every replication.

    types, days : int64, all of them. mean_batch : float64 [n_types], cases an arrival. population : 0 for a new
    customer each case. segments : float64, cumulative shares. begin : instant before which arrivals are left out [s].
    """

    streams: Streams
    types: Array
    days: Array
    intervals: int
    mean_batch: Array
    entries: Shares
    population: int
    segments: Array
    replays: tuple[Replayed, ...]
    begin: float


def arrivals_of(scenario: Scenario, tables: Tables, *, replication_key: Any) -> Arrivals:
    """All cases of one replication; with a snapshot, those from its instant on.

    Raises
    ------
    ValueError
        2**24 or more cases of a type on one day.
    """
    demand: Demand | None = scenario.derived.get("demand")
    if demand is None:
        demand = scenario.derived["demand"] = _demand(scenario.model, tables)
    time, case, bounds = _drawn(scenario.model, demand, replication_key)
    if demand.replays:
        time = np.concatenate([time, *(part.time for part in demand.replays)])
        case = np.concatenate([case, *(part.case for part in demand.replays)])
        bounds = np.append(bounds, bounds[-1] + np.cumsum([len(part.time) for part in demand.replays]))
    other_time, other_case = np.empty_like(time), np.empty_like(case)
    if merge_runs(time, case, other_time, other_case, bounds):
        time, case = other_time, other_case
    if demand.begin > 0.0:
        first = int(np.searchsorted(time, demand.begin))
        time, case = time[first:], case[first:]
    customer, segment, touchpoint = choices_of(case, demand, replication_key=replication_key)
    given = [part for part in demand.replays if not np.all(np.isnan(part.given))]
    replayed = np.full((len(case) if given else 0, 3), np.nan)
    for part in given:
        here = case >> 40 == part.case[0] >> 40
        replayed[here] = part.given[np.searchsorted(part.case, case[here])]
    return Arrivals(time, case, touchpoint, customer, segment, replayed)


def choices_of(case: Array, demand: Demand, *, replication_key: Any) -> tuple[Array, Array, Array]:
    """Customer, segment and entry touchpoint of cases [n]; customers may be the array of cases itself."""
    segment, touchpoint = np.zeros(len(case), dtype=np.int16), np.empty(len(case), dtype=np.int16)
    customer = np.empty_like(case) if demand.population else case
    people = (demand.population, demand.segments)
    fill_choices(customer, segment, touchpoint, replication_key, case, demand.entries, people)
    return customer, segment, touchpoint


def _demand(model: ScenarioModel, tables: Tables) -> Demand:
    interval = model.calendar.interval
    pieces: list[tuple[int, int, Array, Array, Array]] = []
    replays: list[Replayed] = []
    batches: list[dict[int, float]] = []
    means: list[float] = []
    for code, contact_type in enumerate(model.contact_types.values()):
        lone = max(1.0 - sum(contact_type.batch.values()), 0.0)
        batches.append({1: lone, **dict(sorted(contact_type.batch.items()))})
        means.append(1.0 + sum(share * (size - 1) for size, share in contact_type.batch.items()))
        if contact_type.arrivals is not None:
            replays.append(_replayed(contact_type, code, n_days=model.calendar.days))
            continue
        for day in range(model.calendar.days):
            edges, rates = rates_of_day(model, contact_type, tables.types[code], day=day)
            pieces.append((code, day, edges, rates / means[code], intervals_of(edges, day=day, interval=interval)))
    entries = [
        {tables.touchpoints.index(name): share for name, share in contact_type.enters.items()}
        for contact_type in model.contact_types.values()
    ]
    found = Streams(
        contact_type=np.array([part[0] for part in pieces], dtype=np.int64),
        day=np.array([part[1] for part in pieces], dtype=np.int64),
        first=np.cumsum([0, *(len(part[3]) for part in pieces)]),
        edges=np.concatenate([part[2] for part in pieces] or [np.empty(0)]),
        rate=np.concatenate([part[3] for part in pieces] or [np.empty(0)]),
        interval=np.concatenate([part[4] for part in pieces] or [np.empty(0, dtype=np.int64)]),
        batch=_shares(batches),
    )
    segments = [segment.share for segment in model.customers.segments.values()]
    return Demand(
        streams=found,
        types=np.arange(len(model.contact_types)),
        days=np.arange(model.calendar.days),
        intervals=intervals_a_day(model.calendar),
        mean_batch=np.array(means),
        entries=_shares(entries),
        population=model.customers.population or 0,
        segments=np.cumsum(segments or [1.0]),
        replays=tuple(replays),
        begin=model.snapshot.at if model.snapshot else 0.0,
    )


def _shares(choices: Sequence[Mapping[int, float]]) -> Shares:
    return Shares(
        first=np.cumsum([0, *map(len, choices)]),
        up_to=np.concatenate([np.cumsum(list(choice.values())) for choice in choices]),
        value=np.array([value for choice in choices for value in choice], dtype=np.int64),
    )


def rates_of_day(model: ScenarioModel, contact_type: ContactType, name: str, *, day: int) -> tuple[Array, Array]:
    """Expected rate of a contact type on a day, without busyness.

    Returns
    -------
    edges : float64 [n + 1]
        Instants [s] between which the rate is constant: planning intervals, steps of the shape, surges.
    rates : float64 [n]
        Cases a second.
    """
    begin = day * DAY
    factors: Mapping[str, float] = contact_type.weekdays  # type: ignore[assignment]  # keys are words of the week
    weekday = WEEKDAYS[(model.calendar.start.weekday() + day) % 7]
    volume = (contact_type.volume or 0.0) * factors.get(weekday, 1.0)
    steps = np.arange(intervals_a_day(model.calendar) + 1) * model.calendar.interval
    shape = model.shapes[contact_type.shape] if contact_type.shape else None
    shape_edges = np.array([]) if shape is None else shape.start + shape.every * np.arange(len(shape.values) + 1)
    surges = [surge for surge in model.surges.values() if surge.type == name]
    surge_edges = [at - begin for surge in surges for at in (surge.start, surge.start + surge.lasts)]
    inside = [at for at in (*shape_edges, *surge_edges) if 0 < at < DAY]
    edges = np.unique(np.concatenate([steps, inside]))
    middle = (edges[:-1] + edges[1:]) / 2
    if shape is None:
        rates = np.full(len(middle), volume / DAY)
    else:
        place = np.floor((middle - shape.start) / shape.every).astype(int)
        known = (place >= 0) & (place < len(shape.values))
        values = np.array([*shape.values, 0.0])[np.where(known, place, len(shape.values))]
        rates = volume * values / (sum(shape.values) * shape.every)
    for surge in surges:
        during = (middle + begin >= surge.start) & (middle + begin < surge.start + surge.lasts)
        rates = np.where(during, rates * surge.factor, rates)
    return edges + begin, rates


def _drawn(model: ScenarioModel, demand: Demand, replication_key: Any) -> tuple[Array, Array, Array]:
    """Instants and numbers of the drawn cases, and the bounds of types among them."""
    busyness = model.busyness
    factors = (
        day_factors(busyness, replication_key, types=demand.types, days=demand.days),
        interval_factors(busyness, replication_key, days=demand.days, intervals=demand.intervals),
    )
    by_stream = demand.streams
    bounds = np.zeros(len(demand.types) + 1, dtype=np.int64)
    rates = np.empty(np.max(np.diff(by_stream.first), initial=0))
    in_batches = len(by_stream.batch.value) > len(demand.types)
    expected = expected_cases(by_stream, demand.mean_batch, factors)
    room = int(expected + 8.0 * math.sqrt(expected * np.max(demand.mean_batch)) + 20)
    while True:
        time, case = np.empty(room), np.empty(room, dtype=np.int64)
        scratch = (rates, np.empty(room if in_batches else 0), np.empty(GAPS))
        n = fill_arrivals(time, case, bounds, by_stream, factors, replication_key, scratch)
        if n >= 0:
            return time[:n], case[:n], bounds
        if n == TOO_MANY:
            raise ValueError(f"2**24 or more cases of one contact type on one day; fewer than {CASES_A_DAY} fit")
        room *= 2


def _replayed(contact_type: ContactType, code: int, *, n_days: int) -> Replayed:
    """Instants, numbers and durations of a replayed type; cases are numbered within their day."""
    replay = contact_type.arrivals
    assert replay is not None
    at = np.array(replay.at)
    given = np.full((len(at), 3), np.nan)
    for column, values in enumerate((replay.talk_time, replay.after_call_work, replay.patience)):
        if values is not None:
            # None, which is drawn, becomes NaN.
            given[:, column] = np.array(values, dtype=np.float64)
    day = np.searchsorted(np.arange(1, n_days) * DAY, at, side="right")
    place = np.arange(len(at)) - np.searchsorted(day, day)
    return Replayed(at, (code << 40) + (day << 24) + place, given)
