"""Exact steady-state queues by formula: Erlang B, C and A, limited lines, any law of patience.

Times share one unit, seconds by the house's custom, and rates are per that unit. `talk_time` is the mean time that a
contact keeps an agent: where after-call work exists, give the mean handle time. Longer than 300 lines because each
formula carries its meaning, its errors and its source.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import integrate, optimize, special

from cxsim.errors import problem

Array = npt.NDArray[np.float64]
Function = Callable[[float], float]
NEGLIGIBLE = 80.0  # nats below its peak at which a density is cut off: a mass of about 1e-35


class Measures(NamedTuple):
    """A queue in steady state; shares are 0 to 1, times in the unit of the inputs.

    Waits and `abandonment_rate` are of contacts that found a line; the shares `..._within` are of all that arrive.
    `p_no_agent` counts all that find nobody free, `p_wait` only those who then stay. The offered wait is what somebody
    of endless patience would wait. `mean_wait_abandoned` is NaN where nobody abandons.
    """

    offered_load: float
    p_block: float
    p_no_agent: float
    p_wait: float
    abandonment_rate: float
    mean_wait: float
    mean_wait_answered: float
    mean_wait_abandoned: float
    mean_offered_wait: float
    mean_queue: float
    mean_busy: float
    occupancy: float
    answered_within: float
    abandoned_within: float
    offered_within: float

    def service_level(self, variant: str = "strict") -> float:
        """Service level within the threshold given; variants as of the metric of that name.

        Raises
        ------
        ValueError
            No such variant.
        """
        answered = (1.0 - self.p_block) * (1.0 - self.abandonment_rate)
        found = {
            "strict": self.answered_within,
            "answered_only": self.answered_within / answered,
            "abandon_credit": self.answered_within + self.abandoned_within,
            "ignore_in_threshold": self.answered_within / (1.0 - self.abandoned_within),
        }
        if variant not in found:
            raise ValueError(problem("service_level", f"variant '{variant}'", f"one of {', '.join(found)}"))
        return found[variant]


class Patience(NamedTuple):
    """A law of patience as the integrals need it.

    `survival(x)` is P(patience > x), `mean_up_to(x)` the mean of the smaller of patience and x (the integral of the
    survival from 0 to x), `breaks` the places where the survival jumps.
    """

    survival: Function
    mean_up_to: Function
    breaks: tuple[float, ...] = ()


class Waits(NamedTuple):
    """Waits of contacts with endless patience (M/M/c): none with 1 - p_wait, else exponential at rate `drain`."""

    p_wait: float
    drain: float
    rate: float
    talk_time: float
    n_agents: int

    @property
    def mean_wait(self) -> float:
        """Mean wait of all contacts."""
        return self.p_wait / self.drain

    @property
    def mean_wait_of_delayed(self) -> float:
        """Mean wait of those who wait at all."""
        return 1.0 / self.drain

    @property
    def sd_wait(self) -> float:
        """Standard deviation of the wait of all contacts."""
        return math.sqrt(self.p_wait * (2.0 - self.p_wait)) / self.drain

    def service_level(self, *, within: float) -> float:
        """Share of contacts answered within a time."""
        return 1.0 - self.p_wait * math.exp(-self.drain * within)

    def percentile(self, p: float) -> float:
        """Wait that a share p of contacts does not exceed; 0 while p is at most the share that does not wait."""
        _share("percentile", p=p)
        return max(0.0, math.log(self.p_wait / (1.0 - p)) / self.drain) if self.p_wait > 0 else 0.0

    def mean_excess(self, *, over: float) -> float:
        """Mean of the part of the wait beyond a time, over all contacts."""
        return self.mean_wait * math.exp(-self.drain * over)

    def overdue(self, *, deadline: float) -> float:
        """Share of contacts whose wait and talk together exceed a deadline."""
        gap = (self.drain - 1.0 / self.talk_time) * deadline
        # The sum of two exponentials, written with exprel so that equal rates are no special case.
        both = 1.0 + deadline / self.talk_time * float(special.exprel(-gap))
        return math.exp(-deadline / self.talk_time) * (1.0 - self.p_wait + self.p_wait * both)


def _positive(where: str, **values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ValueError(problem(where, f"{name} {value}", f"{name} must be above 0"))


def _share(where: str, **values: float) -> None:
    for name, value in values.items():
        if not 0 < value < 1:
            raise ValueError(problem(where, f"{name} {value}", f"{name} must lie between 0 and 1, ends excluded"))


def _inverse_erlang_b(offered_load: float, n_agents: int) -> float:
    inverse = 1.0
    for n in range(1, n_agents + 1):
        inverse = 1.0 + inverse * n / offered_load
    return inverse


def erlang_b(offered_load: float, n_agents: int) -> float:
    """Probability that a contact is blocked where nobody can wait; holds for any law of talk time.

    Parameters
    ----------
    offered_load : float
        Arrival rate times mean talk time [erlang].
    n_agents : int

    Raises
    ------
    ValueError
        The load is negative.

    Source
    ------
    Erlang (1917), by the recursion over the number of agents.
    """
    if not offered_load >= 0:
        raise ValueError(problem("erlang_b", f"offered load {offered_load}", "the load must be 0 or more"))
    return 1.0 / _inverse_erlang_b(offered_load, n_agents) if offered_load > 0 else float(n_agents == 0)


def erlang_c(offered_load: float, n_agents: int) -> float:
    """Probability that a contact waits, with unlimited patience.

    Parameters
    ----------
    offered_load : float
        Arrival rate times mean talk time [erlang], below n_agents.
    n_agents : int

    Raises
    ------
    ValueError
        The load is not below the number of agents: the queue grows without end.

    Source
    ------
    Erlang (1917); Gans, Koole and Mandelbaum (2003), Telephone call centers.
    """
    if not offered_load < n_agents:
        raise ValueError(
            problem(
                "erlang_c",
                f"offered load {offered_load:g} with {n_agents} agents",
                "the load must be below the number of agents, else the queue grows without end",
                "give more agents, or a patience (erlang_a)",
            )
        )
    blocked = erlang_b(offered_load, n_agents)
    return n_agents * blocked / (n_agents - offered_load * (1.0 - blocked))


def waits_without_patience(rate: float, *, talk_time: float, n_agents: int) -> Waits:
    """Waits in an M/M/c queue: service level, percentiles, excess, overdue shares. Raises as `erlang_c`."""
    _positive("waits_without_patience", rate=rate, talk_time=talk_time)
    return Waits(erlang_c(rate * talk_time, n_agents), n_agents / talk_time - rate, rate, talk_time, n_agents)


def exponential_patience(mean: float) -> Patience:
    """Exponential patience of a given mean."""
    return hyperexponential_patience((1.0,), means=(mean,))


def hyperexponential_patience(shares: Sequence[float], *, means: Sequence[float]) -> Patience:
    """A mixture of exponential patiences: shares [n], which sum to 1, of customers with these means [n]."""
    for mean in means:
        _positive("patience", mean=mean)
    if len(shares) != len(means) or min(shares) < 0 or not math.isclose(sum(shares), 1.0):
        raise ValueError(problem("patience", f"shares {tuple(shares)}", "one share a mean, 0 or more, sum 1"))
    parts = tuple(zip(shares, means, strict=True))
    return Patience(
        lambda x: sum(share * math.exp(-x / mean) for share, mean in parts),
        lambda x: sum(-share * mean * math.expm1(-x / mean) for share, mean in parts),
    )


def deterministic_patience(value: float) -> Patience:
    """Everybody leaves after exactly this time."""
    _positive("patience", value=value)
    return Patience(lambda x: float(x < value), lambda x: min(x, value), (value,))


def with_balking(patience: Patience, *, share: float) -> Patience:
    """The same patience after a share of customers (0 to 1) has left at once, unless an agent was free."""
    _share("with_balking", share=share)
    stay = 1.0 - share
    return Patience(lambda x: stay * patience.survival(x), lambda x: stay * patience.mean_up_to(x), patience.breaks)


def _window(slope: Function, log_density: Function) -> tuple[float, float, float]:
    """Peak of a concave log density on x >= 0, and the ends beyond which nothing of weight is left."""
    peak, far = 0.0, 1.0
    if slope(0.0) > 0:
        while slope(far) > 0:
            far *= 2.0
            if far > 1e15:
                raise ValueError(
                    problem(
                        "patience",
                        "enough customers never lose patience to fill all agents",
                        "the queue grows without end",
                        "give more agents or a patience that ends",
                    )
                )
        peak = float(optimize.brentq(slope, 0.0, far, xtol=1e-12))
    top = log_density(peak)

    def above(x: float) -> float:
        return log_density(x) - top + NEGLIGIBLE

    span = 1.0
    while above(peak + span) > 0:
        span *= 2.0
    high = float(optimize.brentq(above, peak, peak + span))
    low = float(optimize.brentq(above, 0.0, peak)) if above(0.0) < 0 else 0.0
    return low, peak, high


def _integral(function: Function, low: float, high: float, cuts: Iterable[float]) -> float:
    edges = [low, *sorted(cut for cut in set(cuts) if low < cut < high), high]
    pieces = itertools.pairwise(edges)
    return sum(integrate.quad(function, a, b, epsabs=1e-14, epsrel=1e-11, limit=400)[0] for a, b in pieces if a < b)


def _offered_wait(
    load: float, talk_time: float, patience: Patience, n_agents: int
) -> tuple[float, Callable[[Function, float], float]]:
    """P(offered wait > 0), and the mean of f(offered wait) over 0 < offered wait <= until, as a function of both."""

    # Time in talk times in here, so that the search for the window starts at the right scale.
    def log_density(x: float) -> float:
        return load / talk_time * patience.mean_up_to(x * talk_time) - n_agents * x

    low, peak, high = _window(lambda x: load * patience.survival(x * talk_time) - n_agents, log_density)
    top = log_density(peak)
    cuts = [peak, *(place / talk_time for place in patience.breaks)]

    def weighed(function: Function, until: float) -> float:
        end = max(low, min(high, until / talk_time))
        return _integral(lambda x: function(x * talk_time) * math.exp(log_density(x) - top), low, end, cuts)

    mass = weighed(lambda _: 1.0, math.inf)
    p_no_agent = 1.0 / (1.0 + _inverse_erlang_b(load, n_agents - 1) * math.exp(-top) / (load * mass))
    return p_no_agent, lambda function, until: p_no_agent * weighed(function, until) / mass


def queue_with_patience(
    rate: float, *, talk_time: float, patience: Patience, n_agents: int, within: float = 20.0
) -> Measures:
    """M/M/c+G: exponential talk times, any law of patience, endless lines, first come first served.

    Parameters
    ----------
    rate : float
        Arrivals per unit of time.
    talk_time : float
        Mean talk time.
    patience : Patience
        Its law, counted from the offer; a customer of patience 0 is answered only if an agent is free.
    n_agents : int
    within : float
        Threshold of the shares `..._within`.

    Raises
    ------
    ValueError
        An input is not positive, or customers without end of patience fill all agents.

    Source
    ------
    Baccelli and Hebuterne (1981); Zeltyn and Mandelbaum (2005), Queueing Systems 51: the density of the offered wait
    at x > 0 is proportional to exp(rate mean_up_to(x) - n_agents x / talk_time), here by quadrature.
    """
    _positive("queue_with_patience", rate=rate, talk_time=talk_time, n_agents=n_agents)
    load, stay, up_to = rate * talk_time, patience.survival, patience.mean_up_to
    p_no_agent, mean_of = _offered_wait(load, talk_time, patience, n_agents)
    answered_early, early = mean_of(stay, within), mean_of(lambda _: 1.0, within)
    abandoned, wait = mean_of(lambda x: 1.0 - stay(x), math.inf), mean_of(up_to, math.inf)
    wait_abandoned = mean_of(lambda x: up_to(x) - x * stay(x), math.inf)
    busy = load * (1.0 - abandoned)
    return Measures(
        offered_load=load,
        p_block=0.0,
        p_no_agent=p_no_agent,
        p_wait=p_no_agent * stay(0.0),
        abandonment_rate=abandoned,
        mean_wait=wait,
        mean_wait_answered=mean_of(lambda x: x * stay(x), math.inf) / (1.0 - abandoned),
        mean_wait_abandoned=wait_abandoned / abandoned if abandoned > 0 else math.nan,
        mean_offered_wait=mean_of(lambda x: x, math.inf),
        mean_queue=rate * wait,
        mean_busy=busy,
        occupancy=busy / n_agents,
        answered_within=1.0 - p_no_agent + answered_early,
        abandoned_within=early - answered_early + (1.0 - stay(within)) * (p_no_agent - early),
        offered_within=1.0 - p_no_agent + early,
    )


def erlang_a(rate: float, *, talk_time: float, patience: float, n_agents: int, within: float = 20.0) -> Measures:
    """M/M/c+M: exponential talk time and patience (their means), endless lines; patience math.inf is Erlang C.

    Parameters and errors as of `queue_with_patience`, patience being its mean; without patience also those of
    `erlang_c`.

    Source
    ------
    Palm (1957); Garnett, Mandelbaum and Reiman (2002), Designing a call center with impatient customers.
    """
    if patience != math.inf:
        law = exponential_patience(patience)
        return queue_with_patience(rate, talk_time=talk_time, patience=law, n_agents=n_agents, within=within)
    waits = waits_without_patience(rate, talk_time=talk_time, n_agents=n_agents)
    load, level = rate * talk_time, waits.service_level(within=within)
    return Measures(
        offered_load=load,
        p_block=0.0,
        p_no_agent=waits.p_wait,
        p_wait=waits.p_wait,
        abandonment_rate=0.0,
        mean_wait=waits.mean_wait,
        mean_wait_answered=waits.mean_wait,
        mean_wait_abandoned=math.nan,
        mean_offered_wait=waits.mean_wait,
        mean_queue=rate * waits.mean_wait,
        mean_busy=load,
        occupancy=load / n_agents,
        answered_within=level,
        abandoned_within=0.0,
        offered_within=level,
    )


def abandonment(rate: float, *, talk_time: float, patience: float, n_agents: int) -> float:
    """Share of contacts that abandon in an M/M/c+M queue; see `erlang_a`."""
    return erlang_a(rate, talk_time=talk_time, patience=patience, n_agents=n_agents).abandonment_rate


def _places(ahead: Array, *, capacity: float, leaving: float, within: float) -> tuple[Array, Array, Array]:
    """By place in the queue [k]: P(offered wait <= within), P(answered by then), P(abandoned by then)."""
    if leaving == 0.0:
        offered = special.gammainc(ahead, capacity * within)
        return offered, offered, np.zeros_like(offered)
    # The place moves up after exponential times, so exp(-leaving * offered wait) has a beta law.
    shape, left = capacity / leaving, math.exp(-leaving * within)
    offered = 1.0 - special.betainc(shape, ahead, left)
    answered = shape / (shape + ahead) * (1.0 - special.betainc(shape + 1.0, ahead, left))
    return offered, answered, 1.0 - answered - left * (1.0 - offered)


def limited_lines(
    rate: float, *, talk_time: float, n_agents: int, n_lines: int, patience: float = math.inf, within: float = 20.0
) -> Measures:
    """M/M/c/K and M/M/c/K+M: at most n_lines contacts waiting and talking, the next is blocked.

    Parameters as of `erlang_a`; n_lines is at least n_agents.

    Raises
    ------
    ValueError
        An input is not positive, or there are fewer lines than agents.

    Source
    ------
    Garnett, Mandelbaum and Reiman (2002), by the probabilities of the number present.
    """
    _positive("limited_lines", rate=rate, talk_time=talk_time, n_agents=n_agents, patience=patience)
    if n_lines < n_agents:
        raise ValueError(problem("limited_lines", f"{n_lines} lines, {n_agents} agents", "a line for every agent"))
    capacity, leaving = n_agents / talk_time, 1.0 / patience
    present = np.arange(1, n_lines + 1)
    out = np.minimum(present, n_agents) / talk_time + np.maximum(present - n_agents, 0) * leaving
    log_weight = np.concatenate(([0.0], np.cumsum(np.log(rate / out))))
    chance = special.softmax(log_weight)
    p_block, behind = float(chance[-1]), chance[n_agents:-1] / (1.0 - chance[-1])
    place = np.arange(1.0, n_lines - n_agents + 1)
    steps = np.concatenate(([0.0], np.cumsum(1.0 / (capacity + leaving * np.arange(0, n_lines - n_agents + 1)))))
    lost = place * leaving / (capacity + place * leaving)
    abandoned, wait = float(behind @ lost), float(behind @ (place / (capacity + place * leaving)))
    # Those who are answered moved up as if the one behind them had never left: each step one leaving rate faster.
    wait_answered = float(behind @ ((1.0 - lost) * (steps[2:] - steps[1])))
    offered, answered, left = _places(place, capacity=capacity, leaving=leaving, within=within)
    busy, p_wait = float(chance @ np.minimum(np.arange(n_lines + 1), n_agents)), float(behind.sum())
    admitted = 1.0 - p_block
    return Measures(
        offered_load=rate * talk_time,
        p_block=p_block,
        p_no_agent=p_wait,
        p_wait=p_wait,
        abandonment_rate=abandoned,
        mean_wait=wait,
        mean_wait_answered=wait_answered / (1.0 - abandoned),
        mean_wait_abandoned=(wait - wait_answered) / abandoned if abandoned > 0 else math.nan,
        mean_offered_wait=float(behind @ steps[1:-1]),
        mean_queue=rate * admitted * wait,
        mean_busy=busy,
        occupancy=busy / n_agents,
        answered_within=admitted * (1.0 - p_wait + float(behind @ answered)),
        abandoned_within=admitted * float(behind @ left),
        offered_within=admitted * (1.0 - p_wait + float(behind @ offered)),
    )
