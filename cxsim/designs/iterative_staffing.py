"""Agents by interval so that the same share waits all day: staff, look at the number present, staff anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.designs.arrays import Rows, between, table
from cxsim.designs.estimate import Array
from cxsim.errors import problem

Agents = npt.NDArray[np.int64]


class IterativeStaffing(NamedTuple):
    """Agents by interval [n_intervals], rounds taken, and a flag.

    `two_cycle`: two plans led to each other, and the larger number of both was taken in every interval.
    `not_settled`: neither happened within the rounds allowed, and the last plan is returned.
    """

    agents: Agents
    rounds: int
    flags: tuple[str, ...] = ()


def iterative_staffing(
    tails: Callable[[Agents | None], Array], *, p_wait: float, at_most: int = 30
) -> IterativeStaffing:
    """Iterative staffing algorithm (ISA) for a target share of contacts that wait.

    Parameters
    ----------
    tails : function
        Takes a plan [n_intervals], first None for an agent for everybody, and returns P(c or more present)
        [n_intervals, c from 0] in the middle of each interval under it: from simulation by `sampled_tails` with the
        same random numbers each time, or exactly.
    p_wait : float
        P(wait > 0) aimed at, below 1.
    at_most : int
        Rounds.

    Raises
    ------
    ValueError
        p_wait outside 0 to 1, or tails that never fall below it.

    Source
    ------
    Feldman, Mandelbaum, Massey and Whitt (2008), Staffing of time-varying queues to achieve time-stable performance.
    """
    between("iterative_staffing", p_wait=p_wait)
    if at_most < 1:
        raise ValueError(problem("iterative_staffing", f"{at_most} rounds", "at least 1"))
    plans: list[Agents] = []
    plan: Agents | None = None
    for number in range(1, at_most + 1):
        plan = agents_for_tails(tails(plan), p_wait=p_wait)
        if plans and np.array_equal(plan, plans[-1]):
            return IterativeStaffing(plan, number)
        if len(plans) > 1 and np.array_equal(plan, plans[-2]):
            return IterativeStaffing(np.maximum(plan, plans[-1]), number, ("two_cycle",))
        plans.append(plan)
    return IterativeStaffing(plans[-1], at_most, ("not_settled",))


def agents_for_tails(tails: Array, *, p_wait: float) -> Agents:
    """Smallest c by interval [n_intervals] with P(c or more present) below p_wait, of tails [n_intervals, c from 0].

    Raises
    ------
    ValueError
        Tails that never fall below it, or are no probabilities.
    """
    found = table("agents_for_tails", tails, at_least=(1, 1), what=("intervals", "numbers present"))
    if np.any((found < 0) | (found > 1)):
        raise ValueError(problem("agents_for_tails", f"{found.min():g} to {found.max():g}", "probabilities"))
    below = found < p_wait
    if not below.any(axis=1).all():
        missing = int(np.argmin(below.any(axis=1)))
        raise ValueError(problem("agents_for_tails", f"interval {missing} never below {p_wait:g}", "longer tails"))
    return np.argmax(below, axis=1).astype(np.int64)


def sampled_tails(present: Rows) -> Array:
    """P(c or more present) [n_intervals, c from 0], from numbers present [n_replications, n_intervals].

    Raises
    ------
    ValueError
        Numbers below 0, or not whole.
    """
    x = table("sampled_tails", present, at_least=(1, 1), what=("replications", "intervals"))
    if np.any(x < 0) or np.any(x != np.floor(x)):
        raise ValueError(problem("sampled_tails", f"numbers from {x.min():g}", "whole numbers, 0 or more"))
    counts = np.arange(int(x.max()) + 2)
    return np.asarray(np.mean(x[:, :, np.newaxis] >= counts, axis=0))
