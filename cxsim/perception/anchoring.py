"""Fit the constants of the perception model to a benchmark: cuts between answers, neutral points, base hazard.

Benchmarks are survey results of some operation, so it is the respondents of a benchmark-typical operation that are
made to answer like the benchmark. The constants are then frozen and never found again in a what-if.

Source
------
The outcome model of the reference, section 3.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.errors import PerceptionError, nearest, problem
from cxsim.perception.answers import opinions, response_probability
from cxsim.perception.journeys import Journeys, journeys_of
from cxsim.perception.loyalty import YEAR, experience, hazard_of, hazards, stocks
from cxsim.perception.parameters import Anchors, PerceptionModel
from cxsim.perception.satisfaction import contributions

Array = npt.NDArray[Any]

# Statistics of a metric as sums over cuts: constant + sum of factor x share above the cut.
_FORMS: Final[dict[str, dict[str, tuple[float, tuple[tuple[int, float], ...]]]]] = {
    "satisfaction": {
        "top_two": (0.0, ((2, 1.0),)),
        "top_box": (0.0, ((3, 1.0),)),
        "mean": (1.0, tuple((cut, 1.0) for cut in range(4))),
    },
    "ease": {
        "agree": (0.0, ((3, 1.0),)),
        "mean": (1.0, tuple((cut, 1.0) for cut in range(6))),
    },
    "recommendation": {
        # Promoters minus detractors, -1 to 1.
        "net_promoter_score": (-1.0, ((8, 1.0), (6, 1.0))),
        "mean": (0.0, tuple((cut, 1.0) for cut in range(10))),
    },
}


_N_FIFTIETHS: Final = 50


@dataclass(frozen=True)
class Target:
    """What respondents answer: 'shares' of every answer, lowest first, or one number ('top_two', 'mean', ...)."""

    statistic: str
    value: float | tuple[float, ...]


@dataclass(frozen=True)
class Targets:
    """Benchmarks to anchor to; None keeps the default shape of the model.

    Attributes
    ----------
    satisfaction : Target, optional
        shares (5), top_two, top_box or mean.
    ease : Target, optional
        shares (7), agree (5 to 7) or mean.
    recommendation : Target, optional
        shares (11), net_promoter_score (-1 to 1) or mean.
    annual_churn : float, optional
        Share of customers who leave within 12 months.
    """

    satisfaction: Target | None = None
    ease: Target | None = None
    recommendation: Target | None = None
    annual_churn: float | None = None


def anchor(
    source: ContactLog | Journeys, targets: Targets | None = None, *, parameters: PerceptionModel, seed: int
) -> Anchors:
    """The constants with which the respondents of an operation answer like a benchmark.

    A pure function: the anchors that `parameters` carries are not looked at, so anchoring again changes nothing.

    Parameters
    ----------
    source : ContactLog or Journeys
        A benchmark-typical operation, 100,000 journeys or more.
    targets : Targets, optional
        The default shapes of the model if left out.
    parameters : PerceptionModel
    seed : int
        Held out: no scenario may use it.

    Returns
    -------
    Anchors
        See `PerceptionModel.with_anchors`.

    Raises
    ------
    PerceptionError
        Nobody can be surveyed or answers, or a target does not exist or cannot be reached.
    """
    journeys = journeys_of(source) if isinstance(source, ContactLog) else source
    targets = targets or Targets()
    if not journeys.surveyable.any():
        raise _nobody()
    felt = contributions(journeys, model=parameters)
    neutral = replace(
        parameters.anchors,
        satisfaction_mean=float(np.mean(felt.satisfaction)),
        satisfaction_spread=float(np.sqrt(1.0 + np.var(felt.satisfaction))),
        ease_mean=float(np.mean(felt.ease)),
        ease_spread=float(np.sqrt(1.0 + np.var(felt.ease))),
    )
    model = parameters.with_anchors(neutral)
    held = opinions(journeys, felt, model=model, seed=seed)
    asked = journeys.surveyable
    chance = response_probability(held.satisfaction, journeys.method, model=model)[asked]
    if not chance.sum() > 0.0:
        raise _nobody()
    cuts: dict[str, Any] = {
        metric: _cuts(metric, getattr(held, metric)[asked], chance, targets=targets, model=model) for metric in _FORMS
    }
    counted = experience(felt, held, model=model)
    stock = stocks(journeys, counted, model=model).stock if (journeys.customer >= 0).any() else counted
    churn = model.targets.annual_churn if targets.annual_churn is None else targets.annual_churn
    if not 0.0 < churn < 1.0:
        raise PerceptionError(problem("targets.annual_churn", f"{churn}", "a share between 0 and 1"))
    *_, lived = hazards(stock, months=YEAR, model=model, base_hazard=1.0)
    return replace(neutral, **cuts, base_hazard=hazard_of(churn, lived), exposure=_in_fiftieths(lived))


def _nobody() -> PerceptionError:
    given = "no journey that can be surveyed, or nobody answers"
    return PerceptionError(problem("anchor", given, "an operation with respondents is needed"))


def _cuts(metric: str, latent: Array, chance: Array, *, targets: Targets, model: PerceptionModel) -> tuple[float, ...]:
    """Cuts of one metric, for respondents with these latent opinions [n] and probabilities of answering [n]."""
    target: Target | None = getattr(targets, metric)
    shape = getattr(model.targets, metric)
    if target is not None and target.statistic == "shares":
        shape = _checked_shares(metric, target, len(shape))
    order = np.argsort(latent, kind="stable")
    ordered = latent[order]
    below = np.concatenate([[0.0], np.cumsum(chance[order])])
    below /= below[-1]
    at = np.searchsorted(below[1:], np.cumsum(shape)[:-1], side="left")
    cuts = ordered[np.minimum(at, len(ordered) - 1)]
    if target is None or target.statistic == "shares":
        return tuple(float(cut) for cut in cuts)
    constant, terms = _form(metric, target)

    def statistic(shift: float) -> float:
        above = 1.0 - below[np.searchsorted(ordered, cuts + shift, side="right")]
        return constant + sum(factor * float(above[cut]) for cut, factor in terms)

    reach = float(ordered[-1] - ordered[0]) + float(np.ptp(cuts)) + 1.0
    shift = _falling_root(lambda x: statistic(x) - float(np.asarray(target.value)), -reach, reach)
    return tuple(float(cut) for cut in cuts + shift)


def _checked_shares(metric: str, target: Target, n_answers: int) -> tuple[float, ...]:
    shares = tuple(np.atleast_1d(np.asarray(target.value, dtype=float)))
    if len(shares) != n_answers or min(shares) < 0.0 or abs(sum(shares) - 1.0) > 1e-6:
        raise PerceptionError(
            problem(f"targets.{metric}", f"{target.value}", f"{n_answers} shares, lowest answer first, that sum to 1")
        )
    return shares


def _form(metric: str, target: Target) -> tuple[float, tuple[tuple[int, float], ...]]:
    """Constant and terms of a statistic of one number; refuses what does not exist or cannot be reached."""
    forms = _FORMS[metric]
    if target.statistic not in forms:
        known = ["shares", *forms]
        raise PerceptionError(
            problem(
                f"targets.{metric}",
                target.statistic,
                f"statistics are {', '.join(known)}",
                nearest(target.statistic, known),
            )
        )
    constant, terms = forms[target.statistic]
    most = constant + sum(factor for _, factor in terms)
    if not isinstance(target.value, (int, float)) or not constant < target.value < most:
        raise PerceptionError(
            problem(f"targets.{metric}.{target.statistic}", f"{target.value}", f"between {constant:g} and {most:g}")
        )
    return constant, terms


def _in_fiftieths(values: Array) -> tuple[float, ...]:
    """Means of fifty equal parts of some values, from the smallest on."""
    ordered = np.sort(values)
    edges = np.linspace(0, len(ordered), _N_FIFTIETHS + 1).astype(np.intp)
    # Fewer values than parts: neighbouring parts share one.
    return tuple(float(np.mean(ordered[min(a, len(ordered) - 1) : max(b, a + 1)])) for a, b in pairwise(edges))


def _falling_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function passes zero, by bisection."""
    for _ in range(80):
        middle = 0.5 * (low + high)
        if function(middle) > 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
