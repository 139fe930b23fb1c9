"""Draws of the perception model: a function of seed, replication, case or person, and purpose; never of the order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim import streams
from cxsim.contacts.order import distinct
from cxsim.perception.journeys import Journeys

Array = npt.NDArray[Any]


def of_case(journeys: Journeys, purpose: int, *, seed: int) -> Array:
    """Uniform number of each journey for a purpose, array [n]: the same case draws the same in every scenario."""
    return _drawn(journeys.replication, journeys.case, np.full(len(journeys), streams.CASE), purpose, seed=seed)


def of_customer(journeys: Journeys, purpose: int, *, seed: int) -> Array:
    """Uniform number of the person behind each journey, array [n]; who is not identified is a person of the case."""
    known = journeys.customer >= 0
    numbers = np.where(known, journeys.customer, journeys.case)
    kinds = np.where(known, streams.PERSON, streams.CASE)
    return _drawn(journeys.replication, numbers, kinds, purpose, seed=seed)


def _drawn(replication: Array, numbers: Array, kinds: Array, purpose: int, *, seed: int) -> Array:
    drawn = np.empty(len(numbers))
    where = streams.address(0, 0, purpose)
    for which in distinct(replication):
        key = streams.replication_key(seed, int(which))
        for kind in (streams.CASE, streams.PERSON):
            chosen = (replication == which) & (kinds == kind)
            drawn[chosen] = streams.uniforms(key, kind, numbers[chosen], where)
    return drawn
