"""How cases come to be: expected rates, busyness, and arrivals by inverting the rate, before the clock starts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtr

from cxsim import streams
from cxsim.compiled import njit
from cxsim.model.tables import Tables
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import Busyness, ContactType, ScenarioModel, intervals_a_day
from cxsim.units import DAY, WEEKDAYS

Array = npt.NDArray[Any]

_CASES_A_DAY = 1 << 24


class Arrivals(NamedTuple):
    """Cases in order of arrival: instant [s], number, contact type, entry touchpoint, customer and segment [n_cases].

    `replayed` holds talk time, after-call work and patience of the first touch where a record gives them, else NaN.
    """

    time: Array
    case: Array
    contact_type: Array
    touchpoint: Array
    customer: Array
    segment: Array
    replayed: Array


def arrivals_of(scenario: Scenario, tables: Tables, *, replication_key: Any) -> Arrivals:
    """All cases of one replication.

    Raises
    ------
    ValueError
        More than 2**24 cases of a type on one day.
    """
    model = scenario.model
    times, cases, types, replayed = [], [], [], []
    for code, contact_type in enumerate(model.contact_types.values()):
        for day in range(model.calendar.days):
            if contact_type.arrivals is None:
                edges, rates = rates_of_day(model, contact_type, tables.types[code], day=day)
                factors = busyness_factors(model.busyness, replication_key, code, day=day, edges=edges,
                                           interval=model.calendar.interval)  # fmt: skip
                found = _inverted(edges, rates * factors, replication_key, code, day=day)
                given = np.full((len(found), 3), np.nan)
            else:
                found, given = _replayed(contact_type, day=day)
            times.append(found)
            cases.append((code << 40) + (day << 24) + np.arange(len(found), dtype=np.int64))
            types.append(np.full(len(found), code, dtype=np.int64))
            replayed.append(given)
    time, case = np.concatenate(times), np.concatenate(cases)
    order = np.lexsort((case, time))
    contact_type_codes = np.concatenate(types)[order]
    case = case[order]
    customer, segment = _customers(model, replication_key, case)
    touchpoint = _entries(model, tables, replication_key, case, contact_type_codes)
    return Arrivals(
        time[order], case, contact_type_codes, touchpoint, customer, segment, np.concatenate(replayed)[order]
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


def _gamma_factor(cv: float, z: Array) -> Array:
    """Gamma factor with mean 1 at the normal score z."""
    if cv <= 0.0:
        return np.ones_like(z)
    shape = 1.0 / cv**2
    return gammaincinv(shape, ndtr(z)) / shape


def busyness_factors(
    busyness: Busyness, replication_key: Any, contact_type: int, *, day: int, edges: Array, interval: float
) -> Array:
    """Factor on the rate between the edges of a day: one of the day times one of the planning interval [n].

    Addressed by (day, interval), not by scenario; the day factor is shared by all types as far as `type_correlation`
    says, the interval factor by all. Interval scores follow z_i = rho z_(i-1) + sqrt(1 - rho^2) e_i, anew each day.
    """
    shared = streams.entity_key(replication_key, streams.DAY, streams.day_number(0, day))
    own = streams.entity_key(replication_key, streams.DAY, streams.day_number(contact_type + 1, day))
    place = streams.address(0, 0, streams.BUSYNESS)
    together = busyness.type_correlation
    z_day = math.sqrt(together) * streams.normal_quantile(streams.uniform(shared, place))
    z_day += math.sqrt(1.0 - together) * streams.normal_quantile(streams.uniform(own, place))
    of_day = _gamma_factor(busyness.day_cv, np.array([z_day]))[0]
    intervals = round(DAY / interval)
    if busyness.interval_cv <= 0.0:
        return np.full(len(edges) - 1, of_day)
    rho = busyness.interval_correlation
    scores, z = np.empty(intervals), 0.0
    for step in range(intervals):
        e = streams.normal_quantile(streams.uniform(shared, streams.address(step + 1, 0, streams.BUSYNESS)))
        z = e if step == 0 else rho * z + math.sqrt(1.0 - rho * rho) * e
        scores[step] = z
    which = np.floor(((edges[:-1] + edges[1:]) / 2 - day * DAY) / interval).astype(int)
    return of_day * _gamma_factor(busyness.interval_cv, scores)[which]


@njit
def invert_cumulative(out: Any, edges: Any, rates: Any, first_case: Any, replication_key: Any) -> Any:
    """Write arrival instants of a piecewise constant rate; the number written, or -1 if `out` is too short.

    The n-th arrival is where the cumulative rate reaches the n-th point of a unit-rate Poisson process whose n-th gap
    is drawn at the address of the n-th case: when the rate changes the same cases move, none is renumbered.
    """
    reached, piece, below = 0.0, 0, 0.0
    for n in range(len(out) + 1):
        key = streams.entity_key(replication_key, streams.CASE, first_case + n)
        reached -= streams.log(1.0 - streams.uniform(key, streams.ARRIVAL))
        while below + rates[piece] * (edges[piece + 1] - edges[piece]) < reached:
            below += rates[piece] * (edges[piece + 1] - edges[piece])
            piece += 1
            if piece == len(rates):
                return n
        if n == len(out):
            return -1
        out[n] = edges[piece] + (reached - below) / rates[piece]
    return -1


def _inverted(edges: Array, rates: Array, replication_key: Any, contact_type: int, *, day: int) -> Array:
    expected = float(np.sum(rates * np.diff(edges)))
    first_case = (contact_type << 40) + (day << 24)
    room = int(expected + 8.0 * math.sqrt(expected) + 20)
    while True:
        out = np.empty(room)
        n = invert_cumulative(out, edges, rates, first_case, replication_key)
        if n >= 0:
            break
        room *= 2
    if n >= _CASES_A_DAY:
        raise ValueError(f"{n} cases of one contact type on one day; fewer than {_CASES_A_DAY} fit")
    return out[:n]


def _replayed(contact_type: ContactType, *, day: int) -> tuple[Array, Array]:
    replay = contact_type.arrivals
    assert replay is not None
    at = np.array(replay.at)
    today = (at >= day * DAY) & (at < (day + 1) * DAY)
    given = np.full((len(at), 3), np.nan)
    for column, values in enumerate((replay.talk_time, replay.after_call_work, replay.patience)):
        if values is not None:
            given[:, column] = values
    return at[today], given[today]


def _chosen(shares: list[float], u: Array) -> Array:
    """Index of the share into which each u falls."""
    return np.minimum(np.searchsorted(np.cumsum(shares), u, side="right"), len(shares) - 1)


def _customers(model: ScenarioModel, replication_key: Any, case: Array) -> tuple[Array, Array]:
    population = model.customers.population
    customer = case
    if population is not None:
        u = streams.uniforms(replication_key, streams.CASE, case, streams.address(0, 0, streams.CUSTOMER))
        customer = np.minimum((u * population).astype(np.int64), population - 1)
    segments = [segment.share for segment in model.customers.segments.values()]
    if len(segments) < 2:
        return customer, np.zeros(len(case), dtype=np.int64)
    u = streams.uniforms(replication_key, streams.PERSON, customer, streams.address(0, 0, streams.SEGMENT))
    return customer, _chosen(segments, u)


def _entries(model: ScenarioModel, tables: Tables, replication_key: Any, case: Array, types: Array) -> Array:
    u = streams.uniforms(replication_key, streams.CASE, case, streams.address(0, 0, streams.ENTRY))
    entry = np.zeros(len(case), dtype=np.int64)
    for code, contact_type in enumerate(model.contact_types.values()):
        here = types == code
        places = np.array([tables.touchpoints.index(name) for name in contact_type.enters])
        entry[here] = places[_chosen(list(contact_type.enters.values()), u[here])]
    return entry
