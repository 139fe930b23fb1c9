"""From facts of journeys to one number a metric: a sum of contributions, one for each driver, in residual SDs.

Source
------
The outcome model of the reference, sections 3.1 to 3.4; evidence of every size in conf/perception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.perception.journeys import SELF, Journeys
from cxsim.perception.parameters import Family, Memory, PerceptionModel, Segment
from cxsim.units import HOUR

Array = npt.NDArray[Any]

DRIVERS: Final = (
    "wait",
    "transfer",
    "repeated_information",
    "hold",
    "agent",
    "unresolved",
    "repeat",
    "abandonment",
    "failed_self_service",
    "switch",
    "elapsed",
)
FAMILY: Final = {
    "wait": "effort",
    "transfer": "effort",
    "repeated_information": "effort",
    "hold": "effort",
    "agent": "people",
    "unresolved": "outcome",
    "repeat": "effort",
    "abandonment": "effort",
    "failed_self_service": "effort",
    "switch": "effort",
    "elapsed": "outcome",
}
N_TOUCH_DRIVERS: Final = 5
SEGMENT_DEFAULTS: Final[dict[str, float]] = vars(Segment())
METRICS: Final = ("satisfaction", "ease", "recommendation")


@dataclass(frozen=True, eq=False)
class Contributions:
    """Drivers of n journeys and the indices they sum to.

    Attributes
    ----------
    drivers : array [n, 11] of SD
        In the order of DRIVERS; positive is good.
    offset : array [n] of SD
        Shift by expectation of the segment and by contact type, the same for all three metrics.
    satisfaction, ease, recommendation : arrays [n] of SD
        The indices: offset + sum over drivers of weight x contribution.
    """

    drivers: Array
    offset: Array
    satisfaction: Array
    ease: Array
    recommendation: Array

    def __len__(self) -> int:
        return len(self.offset)


def weights_of(model: PerceptionModel, metric: str) -> Array:
    """Weight of each driver in the index of a metric of METRICS, array [11]."""
    family: Family = getattr(model.weights, metric)
    return np.array([getattr(family, FAMILY[driver]) for driver in DRIVERS])


def contributions(journeys: Journeys, *, model: PerceptionModel) -> Contributions:
    """Contribution of every driver to every journey, and the three indices.

    Parameters
    ----------
    journeys : Journeys
        n journeys.
    model : PerceptionModel

    Returns
    -------
    Contributions
    """
    drivers = np.zeros((len(journeys), len(DRIVERS)), order="F")
    terms = touch_terms(journeys, model=model)
    remembered = memory_weights(terms.sum(axis=0), journeys.owner, n=len(journeys), memory=model.memory)
    for i, term in enumerate(terms):
        drivers[:, i] = np.bincount(journeys.owner, remembered * term, minlength=len(journeys))
    drivers[:, N_TOUCH_DRIVERS:] = _journey_terms(journeys, model=model).T
    offset = _offsets(journeys, model=model)
    indices = {metric: offset + _weighted_sum(drivers, weights_of(model, metric)) for metric in METRICS}
    return Contributions(drivers=drivers, offset=offset, **indices)


def touch_terms(journeys: Journeys, *, model: PerceptionModel) -> Array:
    """What each touch adds, array [5, m]: wait, transfer, repeated information, hold, agent. Self-service adds none."""
    touch = model.touch
    terms = np.empty((N_TOUCH_DRIVERS, len(journeys.owner)))
    terms[0] = _wait_terms(journeys, model=model)
    terms[1] = -touch.transfer * np.minimum(journeys.transfers, touch.transfers_counted)
    terms[2] = -touch.repeated_information * journeys.repeated_information
    terms[3] = -touch.hold * np.log1p(journeys.held / touch.hold_scale)
    terms[4] = np.where(journeys.abandoned, 0.0, touch.agent * journeys.quality)
    terms[:, journeys.channel == SELF] = 0.0
    if model.moments.touchpoints or model.declared:
        terms = np.where(terms < 0.0, terms * _importance(journeys, model=model), terms)
    return terms


def _importance(journeys: Journeys, *, model: PerceptionModel) -> Array:
    """What losses at each touch are multiplied by [m]."""
    base = _by_code(journeys.touchpoint, journeys.names.get("touchpoint", ()), model.moments.touchpoints, 1.0)
    own = np.zeros(len(base))
    for moment in model.declared:
        here = _by_code(journeys.touchpoint, journeys.names.get("touchpoint", ()), {moment.touchpoint: 1.0}, 0.0)
        for column, name in (("contact_type", moment.contact_type), ("segment", moment.segment)):
            if name is not None and column in journeys.first:
                mine = _by_code(journeys.first[column], journeys.names.get(column, ()), {name: 1.0}, 0.0)
                here = here * mine[journeys.owner]
        own = np.maximum(own, here * moment.factor)
    return np.where(own > 0.0, own, base)


def _wait_terms(journeys: Journeys, *, model: PerceptionModel) -> Array:
    """Loss beyond the tolerated wait, gain below it, array [m]."""
    waiting = model.waiting
    kinds = (waiting.voice, waiting.chat, waiting.email, waiting.voice)  # the last for self-service, not used
    channel = journeys.channel
    loss, tolerance, scale = (
        np.array([getattr(kind, name) for kind in kinds])[channel] for name in ("loss", "tolerance", "scale")
    )
    patient = by_segment(journeys, "tolerance", model=model)
    if patient is not None:
        tolerance = tolerance * patient[journeys.owner]
    announced = waiting.announcement * journeys.announced + (1.0 - waiting.announcement) * tolerance
    tolerance = np.where(np.isnan(journeys.announced), tolerance, announced)
    wait = journeys.wait + waiting.offline * journeys.offline_wait
    # A full promise of no wait leaves no tolerance; then nothing can be faster than expected.
    expected = np.where(tolerance > 0.0, tolerance, np.inf)
    excess = np.log1p(np.maximum(0.0, wait - tolerance) / scale)
    gain = np.where(tolerance > 0.0, np.clip(1.0 - wait / expected, 0.0, 1.0), 0.0)
    return loss * (gain / waiting.loss_aversion - excess)


def memory_weights(intensity: Array, owner: Array, *, n: int, memory: Memory) -> Array:
    """Weight of each touch in memory: all alike, the peak and the end; sums to 1 in each journey.

    Parameters
    ----------
    intensity : array [m]
        What each touch adds in all.
    owner : array [m]
        Journey of each touch, rising.
    n : int
        Number of journeys.
    memory : Memory

    Source
    ------
    Alaybek et al. (2022), the peak-end rule.
    """
    m = len(owner)
    if m == 0:
        return np.empty(0)
    begins = np.concatenate([[True], owner[1:] != owner[:-1]])
    starts = np.flatnonzero(begins)
    run = np.cumsum(begins) - 1
    magnitude = np.abs(intensity)
    at_peak = magnitude == np.maximum.reduceat(magnitude, starts)[run]
    peak = np.maximum.reduceat(np.where(at_peak, np.arange(m), -1), starts)  # the last one on ties
    weight = memory.every / np.bincount(owner, minlength=n)[owner]
    weight[peak] += memory.peak
    weight[np.append(starts[1:], m) - 1] += memory.end
    return weight


def _journey_terms(journeys: Journeys, *, model: PerceptionModel) -> Array:
    """What the whole journey adds, array [6, n]: the drivers from 'unresolved' on."""
    size = model.journey
    in_vain = journeys.abandoned_attempts + size.refused * journeys.refused_attempts
    waited = size.elapsed_scale / HOUR
    beyond = np.maximum(0.0, journeys.hours - waited)
    return np.stack(
        [
            -size.unresolved * ~journeys.resolved,
            -size.repeat * np.clip(journeys.assisted - 1.0, 0.0, size.repeats_counted),
            -size.abandonment * np.minimum(in_vain, size.attempts_counted),
            -size.failed_self_service * np.minimum(journeys.failed_self_service, size.failures_counted),
            -size.switch * np.minimum(journeys.switches, size.switches_counted),
            -size.elapsed * np.log1p(beyond / waited),
        ]
    )


def _offsets(journeys: Journeys, *, model: PerceptionModel) -> Array:
    """Shift by expectation of the segment and by contact type, array [n]."""
    offset = np.zeros(len(journeys))
    expected = by_segment(journeys, "expectation", model=model)
    if expected is not None:
        offset -= expected
    shifts = model.offsets.contact_types
    if shifts and "contact_type" in journeys.first:
        offset += _by_code(journeys.first["contact_type"], journeys.names.get("contact_type", ()), shifts, 0.0)
    return offset


def by_segment(journeys: Journeys, field: str, *, model: PerceptionModel) -> Array | None:
    """A number of the segment of each journey, array [n]; None where no segment differs from the rest."""
    if "segment" not in journeys.first:
        return None
    values = segment_values(model, field, stated=journeys.segments)
    if not values:
        return None
    otherwise = SEGMENT_DEFAULTS[field]
    return _by_code(journeys.first["segment"], journeys.names.get("segment", ()), values, otherwise)


def segment_values(
    model: PerceptionModel, field: str, *, stated: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """A number by name of segment: that of the model, and over it what the scenario states; defaults are left out."""
    otherwise = SEGMENT_DEFAULTS[field]
    found = {name: float(getattr(segment, field)) for name, segment in model.segments.items()}
    found |= {name: float(values[field]) for name, values in stated.items() if values.get(field) is not None}
    return {name: value for name, value in found.items() if value == value and value != otherwise}


def _by_code(codes: Array, names: Sequence[str], values: Mapping[str, float], otherwise: float) -> Array:
    """The value given for the name behind each code; what has no name or no value gets `otherwise`."""
    table = np.array([*(values.get(name, otherwise) for name in names), otherwise])
    return table[np.where((codes >= 0) & (codes < len(names)), codes, len(names))]


def _weighted_sum(drivers: Array, weights: Array) -> Array:
    # Driver by driver, so that equal journeys give equal bits wherever they stand in the array.
    total = np.zeros(len(drivers))
    for i, weight in enumerate(weights):
        total += weight * drivers[:, i]
    return total
