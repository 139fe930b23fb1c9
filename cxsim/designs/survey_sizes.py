"""Surveys: intervals of a score from answers, how many answers show a change, and who answers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from cxsim.designs.arrays import between, positive, vector
from cxsim.designs.estimate import Interval, Numbers
from cxsim.errors import problem

POINTS = 100.0  # of the net promoter score to a share of 1


class SurveyPlan(NamedTuple):
    """What a survey must be to show a change, for each of the two groups compared."""

    answers: int
    invitations: int
    weeks: float


class Answering(NamedTuple):
    """The score of all customers beside that of those who answer; bias is observed minus true."""

    true: float
    observed: float
    bias: float
    response_rate: float


def net_promoter_interval(
    promoters: int, *, passives: int, detractors: int, adjusted: bool = False, level: float = 0.95
) -> Interval:
    """Net promoter score [points] of independent answers.

    Parameters
    ----------
    promoters, passives, detractors : int
        Answers.
    adjusted : bool
        Three answers are added, one quarter of them promoters, one quarter detractors: better for few answers or
        scores near the ends, and the value itself moves.

    Returns
    -------
    Interval
        Ends within -100 and 100. Flag `nothing_observed` without answers, `zero_variance` and no ends where all
        answers are alike and nothing is added.

    Raises
    ------
    ValueError
        A negative count.

    Source
    ------
    Rocks (2016), Interval estimation for the net promoter score.
    """
    where, method = "net_promoter_interval", "M1 nps adjusted" if adjusted else "M1 nps"
    between(where, level=level)
    if min(promoters, passives, detractors) < 0:
        raise ValueError(problem(where, f"{promoters}, {passives}, {detractors} answers", "0 or more of each"))
    n, nan = promoters + passives + detractors, math.nan
    if n == 0:
        return Interval(nan, nan, nan, nan, level, method, 0, math.inf, ("nothing_observed",))
    added = 3.0 if adjusted else 0.0
    p, d = (promoters + added / 4.0) / (n + added), (detractors + added / 4.0) / (n + added)
    variance = promoter_variance(p, d)
    if max(promoters, passives, detractors) == n and not adjusted:
        return Interval(POINTS * (p - d), nan, nan, nan, level, method, n, math.inf, ("zero_variance",))
    value, se = POINTS * (p - d), POINTS * math.sqrt(variance / (n + added))
    z = float(special.ndtri((1.0 + level) / 2.0))
    return Interval(
        value, max(-POINTS, value - z * se), min(POINTS, value + z * se), se, level, method, n, math.inf, ()
    )


def promoter_variance(promoters: float, detractors: float) -> float:
    """Variance of one answer scored 1, 0 or -1, from the shares of promoters and detractors.

    Raises
    ------
    ValueError
        Shares below 0 or together above 1.
    """
    if not (promoters >= 0 and detractors >= 0 and promoters + detractors <= 1.0 + 1e-12):
        given = f"promoters {promoters:g}, detractors {detractors:g}"
        raise ValueError(problem("promoter_variance", given, "shares 0 or more, together at most 1"))
    return max(0.0, promoters + detractors - (promoters - detractors) ** 2)


def answers_needed(
    change: float, *, variance: float, changed_variance: float, level: float = 0.95, power: float = 0.80
) -> float:
    """Answers in each of two groups that show a change with this power, two-sided; not rounded.

    Parameters
    ----------
    change : float
        In the unit of the answers; for a net promoter score its points / 100.
    variance, changed_variance : float
        Of one answer before and after: p (1 - p) of a share, `promoter_variance` of a net promoter score.

    Raises
    ------
    ValueError
        No change, a negative variance or none at all, level or power outside 0 to 1.
    """
    if change == 0 or not math.isfinite(change):
        raise ValueError(problem("answers_needed", f"change {change:g}", "a change that is not 0"))
    return _reach(level, power) ** 2 * _both(variance, changed_variance) / change**2


def visible_change(
    answers: float, *, variance: float, changed_variance: float, level: float = 0.95, power: float = 0.80
) -> float:
    """Smallest change that so many answers a group show with this power: the reverse of `answers_needed`."""
    positive("visible_change", answers=answers)
    return _reach(level, power) * math.sqrt(_both(variance, changed_variance) / answers)


def design_effect(answers_of_one: float, *, correlation: float) -> float:
    """Factor on the number of answers where those of one agent, team or day hang together: 1 + (m - 1) rho.

    Source
    ------
    Kish (1965), Survey sampling.
    """
    if not answers_of_one >= 1 or not 0 <= correlation <= 1:
        given = f"{answers_of_one:g} answers of one, correlation {correlation:g}"
        raise ValueError(problem("design_effect", given, "at least 1 answer, correlation 0 to 1"))
    return 1.0 + (answers_of_one - 1.0) * correlation


def of_population(answers: float, *, population: float) -> float:
    """Answers needed from a finite population, where they would be `answers` from an endless one; not rounded."""
    positive("of_population", answers=answers, population=population)
    return answers / (1.0 + (answers - 1.0) / population)


def survey_plan(
    answers: float, *, response_rate: float, contacts_per_week: float, effect_of_design: float = 1.0
) -> SurveyPlan:
    """Answers, invitations and weeks of one group, from the answers that independence would need.

    Raises
    ------
    ValueError
        A number that is not above 0, or a response rate above 1.
    """
    positive("survey_plan", answers=answers, contacts_per_week=contacts_per_week, effect_of_design=effect_of_design)
    if not 0 < response_rate <= 1:
        raise ValueError(problem("survey_plan", f"response rate {response_rate:g}", "above 0, at most 1"))
    # Rounding must not add an answer where the product is whole but for its last bit.
    whole = math.ceil(answers * effect_of_design - 1e-9)
    invitations = math.ceil(whole / response_rate - 1e-9)
    return SurveyPlan(whole, invitations, invitations / contacts_per_week)


def who_answers(shares: Numbers, *, values: Numbers, probabilities: Numbers) -> Answering:
    """What a survey shows of groups of customers who answer with different probability.

    Parameters
    ----------
    shares : array [n_groups]
        Of all customers; they sum to 1.
    values : array [n_groups]
        Score of each group, such as -1, 0, 1.
    probabilities : array [n_groups]
        Of answering, 0 to 1.

    Raises
    ------
    ValueError
        Different lengths, shares that do not sum to 1, probabilities outside 0 to 1, nobody who answers.

    Source
    ------
    Bethlehem (1988), Reduction of nonresponse bias through regression estimation.
    """
    s, v, p = (vector("who_answers", of, what="groups") for of in (shares, values, probabilities))
    if not len(s) == len(v) == len(p) or np.any(s < 0) or not math.isclose(float(s.sum()), 1.0):
        given = f"{len(s)} shares of sum {s.sum():g}, {len(v)} values, {len(p)} probabilities"
        raise ValueError(problem("who_answers", given, "one of each a group, shares of sum 1"))
    rate = float(s @ p)
    if np.any((p < 0) | (p > 1)) or not rate > 0:
        given = f"probabilities from {p.min():g} to {p.max():g}"
        raise ValueError(problem("who_answers", given, "0 to 1, some group answers"))
    true, observed = float(s @ v), float(s @ (p * v)) / rate
    return Answering(true, observed, observed - true, rate)


def _reach(level: float, power: float) -> float:
    between("answers_needed", level=level, power=power)
    return float(special.ndtri((1.0 + level) / 2.0) + special.ndtri(power))


def _both(variance: float, changed_variance: float) -> float:
    if not (variance >= 0 and changed_variance >= 0 and variance + changed_variance > 0):
        given = f"variances {variance:g} and {changed_variance:g}"
        raise ValueError(problem("answers_needed", given, "0 or more, not both 0"))
    return variance + changed_variance
