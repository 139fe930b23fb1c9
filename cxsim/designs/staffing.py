"""How many agents by formula: a criterion in steady state, offered load over the day, square-root staffing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from cxsim.erlang import erlang_a
from cxsim.errors import problem

Array = npt.NDArray[np.float64]
Criterion = Literal["answered_within", "p_wait", "abandonment_rate", "mean_wait", "mean_wait_answered"]
MOST = 1_000_000


class OfferedLoad(NamedTuple):
    """Mean number of agents busy if there were always one free [erlang], by interval [n_intervals]."""

    begin: Array
    middle: Array
    end: Array
    average: Array
    maximum: Array


def agents_needed(
    rate: float,
    *,
    talk_time: float,
    target: float,
    criterion: Criterion = "answered_within",
    patience: float = math.inf,
    within: float = 20.0,
) -> int:
    """Smallest number of agents that meets a target in steady state, by Erlang C or A.

    Parameters
    ----------
    rate, talk_time, patience, within : float
        As of `cxsim.erlang.erlang_a`; rate 0 needs nobody.
    target : float
        At least, for `answered_within` (strict service level); at most, for the others. Shares 0 to 1.
    criterion : str
        A field of `cxsim.erlang.Measures`.

    Raises
    ------
    ValueError
        Unknown criterion, a share outside 0 to 1, or a target that no number of agents meets.
    """
    if criterion not in get_args(Criterion):
        raise ValueError(problem("agents_needed", f"criterion '{criterion}'", f"one of {get_args(Criterion)}"))
    if not target > 0 or (target >= 1 and not criterion.startswith("mean")):
        raise ValueError(problem("agents_needed", f"target {target}", "above 0, a share also below 1"))
    if rate == 0:
        return 0

    def meets(n_agents: int) -> bool:
        found = erlang_a(rate, talk_time=talk_time, patience=patience, n_agents=n_agents, within=within)
        value: float = getattr(found, criterion)
        return value >= target if criterion == "answered_within" else value <= target

    # All criteria improve with every agent: double the step until met, then halve the gap.
    short = math.floor(rate * talk_time) if patience == math.inf else 0
    step = 1
    while not meets(short + step):
        short, step = short + step, 2 * step
        if short > MOST:
            raise ValueError(problem("agents_needed", f"{criterion} {target}", f"not met with {MOST} agents"))
    enough = short + step
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if meets(middle) else (middle, enough)
    return enough


def offered_load(rates: Sequence[float], *, interval: float, talk_time: float, initial: float = 0.0) -> OfferedLoad:
    """Offered load of arrivals at a constant rate in each interval and exponential talk times.

    Within an interval it moves from where it stands towards rate times talk time, without turning.

    Parameters
    ----------
    rates : sequence of float
        Arrivals per unit of time [n_intervals].
    interval, talk_time : float
        Length of each interval and mean talk time, in the same unit.
    initial : float
        Number busy at the start [erlang].

    Raises
    ------
    ValueError
        A negative rate, or an interval or talk time that is not positive.

    Source
    ------
    Eick, Massey and Whitt (1993), The physics of the Mt/G/infinity queue; Feldman et al. (2008).
    """
    if min(rates, default=0.0) < 0 or not interval > 0 or not talk_time > 0 or initial < 0:
        given = f"rates from {min(rates, default=0.0)}, interval {interval}, talk time {talk_time}, initial {initial}"
        raise ValueError(problem("offered_load", given, "rates and initial 0 or more, the times above 0"))
    goals = np.asarray(rates, dtype=float) * talk_time
    length = interval / talk_time
    begin, end, now = np.empty_like(goals), np.empty_like(goals), initial
    for i, goal in enumerate(goals):
        begin[i] = now
        end[i] = now = goal + (now - goal) * math.exp(-length)
    middle = goals + (begin - goals) * math.exp(-length / 2)
    average = goals + (begin - goals) * -math.expm1(-length) / length
    return OfferedLoad(begin, middle, end, average, np.maximum(begin, end))


def poisson_agents(load: float, *, p_wait: float) -> int:
    """Smallest number of agents that a Poisson number of contacts reaches with at most this probability.

    Exact for the offered load at any instant where patience and talk time have the same mean.

    Source
    ------
    Jennings, Mandelbaum, Massey and Whitt (1996); Feldman et al. (2008).
    """
    _share("poisson_agents", p_wait)
    return int(stats.poisson.isf(p_wait, load)) + 1


def square_root_agents(load: float, *, beta: float, cv: float = 0.0) -> int:
    """Offered load plus beta times its standard deviation, rounded up.

    cv is the coefficient of variation of the load itself from day to day: variance load + (cv load)^2.
    """
    return math.ceil(load + beta * math.sqrt(load + (cv * load) ** 2))


def halfin_whitt(beta: float) -> float:
    """Limit of P(wait > 0) at load + beta sqrt(load) agents, endless patience; beta > 0. Halfin and Whitt (1981)."""
    if not beta > 0:
        raise ValueError(
            problem("halfin_whitt", f"beta {beta}", "above 0, else the queue grows without end", "use garnett")
        )
    return float(special.expit(_log_hazard(-beta) - math.log(beta)))


def garnett(beta: float, *, talk_time: float, patience: float) -> float:
    """Limit of P(wait > 0) at load + beta sqrt(load) agents with exponential patience of this mean; any beta.

    Source
    ------
    Garnett, Mandelbaum and Reiman (2002), Designing a call center with impatient customers.
    """
    ratio = _patience_ratio(talk_time, patience)
    return float(special.expit(_log_hazard(-beta) - _log_hazard(beta * ratio) + math.log(ratio)))


def garnett_abandonment(beta: float, *, talk_time: float, patience: float) -> float:
    """Limit of sqrt(number of agents) times the abandonment rate, as `garnett`."""
    ratio = _patience_ratio(talk_time, patience)
    slack = math.exp(_log_hazard(beta * ratio)) - beta * ratio
    return slack / ratio * garnett(beta, talk_time=talk_time, patience=patience)


def halfin_whitt_beta(p_wait: float) -> float:
    """The beta whose limit of P(wait > 0), with endless patience, is p_wait (0 to 1, ends excluded)."""
    _share("halfin_whitt_beta", p_wait)
    return float(optimize.brentq(lambda beta: halfin_whitt(beta) - p_wait, 1e-12, 40.0, xtol=1e-13))


def garnett_beta(p_wait: float, *, talk_time: float, patience: float) -> float:
    """The beta whose limit of P(wait > 0), with exponential patience, is p_wait (0 to 1, ends excluded)."""
    _share("garnett_beta", p_wait)
    found = optimize.brentq(
        lambda beta: garnett(beta, talk_time=talk_time, patience=patience) - p_wait, -1e3, 40.0, xtol=1e-13
    )
    return float(found)


def _log_hazard(x: float) -> float:
    return float(stats.norm.logpdf(x) - stats.norm.logsf(x))


def _patience_ratio(talk_time: float, patience: float) -> float:
    if not talk_time > 0 or not 0 < patience < math.inf:
        given = f"talk time {talk_time}, patience {patience}"
        raise ValueError(
            problem("garnett", given, "both above 0, patience finite", "halfin_whitt has endless patience")
        )
    return math.sqrt(patience / talk_time)


def _share(where: str, p: float) -> None:
    if not 0 < p < 1:
        raise ValueError(problem(where, f"{p}", "a probability between 0 and 1, ends excluded"))
