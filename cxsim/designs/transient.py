"""The course of a day in an exact queue: rates and agents by interval, exponential talk times and patience.

What a plan gives without any simulation, for the plans a search begins with and as the truth to hold engines against.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from cxsim.designs.arrays import positive, vector
from cxsim.designs.estimate import Array, Numbers
from cxsim.designs.staffing import offered_load
from cxsim.errors import problem

NEGLIGIBLE = 1e-14  # probability left out of the number present, and of the number of steps
MOST_STATES = 20_000


class Course(NamedTuple):
    """Abandonments and arrivals expected by plan and interval [n_plans, n_intervals], and laws of the number present.

    `at_middle` [n_plans, n_intervals, n_states] holds P(n present) in the middle of each interval, `at_end`
    [n_plans, n_states] after the last.
    """

    abandoned: Array
    offered: Array
    at_middle: Array
    at_end: Array

    @property
    def abandonment(self) -> Array:
        """Abandoned over offered in the whole day [n_plans]."""
        return np.asarray(self.abandoned.sum(axis=1) / self.offered.sum(axis=1))


def course(
    rates: Numbers,
    agents: Sequence[Sequence[int]] | npt.NDArray[np.int_] | None,
    *,
    interval: float,
    talk_time: float,
    patience: float,
) -> Course:
    """M(t)/M/s(t)+M from an empty start, by Kolmogorov's equations.

    When the number of agents falls, contacts in service go back to the queue at once (the counter rule).

    Parameters
    ----------
    rates : array [n_intervals]
        Arrivals per unit of time, some above 0.
    agents : array [n_plans, n_intervals], or None
        Several plans are worked out together. None: one plan with an agent for everybody.
    interval, talk_time, patience : float
        Length of each interval, mean talk time and mean patience, in the same unit.

    Raises
    ------
    ValueError
        A negative rate or number of agents, no arrivals, a time that is not above 0, or too many present to be held.

    Source
    ------
    Feldman, Mandelbaum, Massey and Whitt (2008), Staffing of time-varying queues to achieve time-stable performance;
    Jensen (1953), uniformisation.
    """
    lam = vector("course", rates, what="intervals")
    positive("course", interval=interval, talk_time=talk_time, patience=patience, all_rates=float(lam.sum()))
    n_states = _most_present(lam, interval, max(talk_time, patience)) + 1
    plans = np.full((1, len(lam)), n_states) if agents is None else np.asarray(agents)
    if plans.ndim != 2 or plans.shape[1] != len(lam) or np.any(plans < 0) or np.any(lam < 0):
        given = f"agents of shape {plans.shape} from {plans.min()}, {len(lam)} rates from {lam.min():g}"
        raise ValueError(problem("course", given, "0 or more, one number an interval and plan"))
    present = np.arange(n_states)
    now = np.zeros((len(plans), n_states))
    now[:, 0] = 1.0
    middles, lost = [], []
    for j, rate in enumerate(lam):
        busy = np.minimum(present, plans[:, j : j + 1])
        waiting = present - busy
        out = busy / talk_time + waiting / patience
        middle, first = _step(now, rate, out, interval / 2.0)
        now, second = _step(middle, rate, out, interval / 2.0)
        middles.append(middle)
        lost.append(np.sum((first + second) * waiting, axis=1) / patience)
    offered = np.broadcast_to(lam * interval, plans.shape).copy()
    return Course(np.column_stack(lost), offered, np.stack(middles, axis=1), now)


def _step(start: Array, rate: float, out: Array, length: float) -> tuple[Array, Array]:
    """The law after a time, and its integral over that time, by uniformisation: sums of terms above 0 only."""
    fastest = rate + float(out.max())
    mean = fastest * length
    last = int(stats.poisson.isf(NEGLIGIBLE, mean)) + 1
    weights = stats.poisson.pmf(np.arange(last + 1), mean)
    later = stats.poisson.sf(np.arange(last + 1), mean) / fastest
    up, down = rate / fastest, out / fastest
    law, after, integral = start, np.zeros_like(start), np.zeros_like(start)
    for weight, still in zip(weights, later, strict=True):
        after += weight * law
        integral += still * law
        # At the largest number an arrival is turned away: its probability is negligible.
        moved = law * (1.0 - down)
        moved[:, :-1] += law[:, 1:] * down[:, 1:] - up * law[:, :-1]
        moved[:, 1:] += up * law[:, :-1]
        law = moved
    return after, integral


def _most_present(lam: Array, interval: float, longest: float) -> int:
    """A number of contacts present that is exceeded with negligible probability, whatever the staffing.

    Everybody stays at most as long as with the longer of talk time and patience, and nobody is there who never came.
    """
    load = offered_load(list(lam), interval=interval, talk_time=longest)
    bound = min(float(load.maximum.max()), float(lam.sum()) * interval)
    most = int(stats.poisson.isf(NEGLIGIBLE, bound)) + 1
    if most > MOST_STATES:
        raise ValueError(problem("course", f"up to {most} contacts present", f"at most {MOST_STATES}", "simulate it"))
    return most


def tail_of(laws: Array) -> Array:
    """P(n or more present) from P(n present), along the last axis."""
    return np.asarray(np.clip(laws[..., ::-1].cumsum(axis=-1)[..., ::-1], 0.0, 1.0))
