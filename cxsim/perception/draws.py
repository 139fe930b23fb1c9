"""Draws of the perception model: a function of seed, replication, case or person, and purpose; never of the order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim import streams
from cxsim.contacts.order import distinct
from cxsim.perception.journeys import Journeys

Array = npt.NDArray[Any]


def of_case(journeys: Journeys, purpose: int, *, seed: int, touch: int = 0, rows: Array | None = None) -> Array:
    """Uniform number of each journey, or of some rows, for a purpose: a case draws the same in every scenario."""
    replication, case = journeys.replication, journeys.case
    if rows is not None:
        replication, case = replication[rows], case[rows]
    return _drawn(replication, streams.CASE, case, streams.address(0, touch, purpose), seed=seed)


def of_customer(journeys: Journeys, purpose: int, *, seed: int) -> Array:
    """Uniform number of the person behind each journey, array [n]; who is not identified is a person of the case."""
    known, where = journeys.customer >= 0, streams.address(0, 0, purpose)
    if known.all():
        return _drawn(journeys.replication, streams.PERSON, journeys.customer, where, seed=seed)
    drawn = _drawn(journeys.replication, streams.CASE, journeys.case, where, seed=seed)
    rows = np.flatnonzero(known)
    drawn[rows] = _drawn(journeys.replication[rows], streams.PERSON, journeys.customer[rows], where, seed=seed)
    return drawn


def _drawn(replication: Array, kind: int, numbers: Array, where: int, *, seed: int) -> Array:
    if len(replication) and (replication == replication[0]).all():
        return streams.uniforms(streams.replication_key(seed, int(replication[0])), kind, numbers, where)
    drawn = np.empty(len(numbers))
    for which in distinct(replication):
        chosen = replication == which
        drawn[chosen] = streams.uniforms(streams.replication_key(seed, int(which)), kind, numbers[chosen], where)
    return drawn
