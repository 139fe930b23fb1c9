"""How customers felt about it: satisfaction, effort, recommendation, each of all customers and as surveyed.

`population` says whose feeling. 'all': every case, by the probabilities that `cxsim.perception` wrote (`expected_...`).
'surveyed': those who answered, as any real survey sees it; who answers is not left to chance, so the two differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog, Table
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio

Array = npt.NDArray[Any]

NO_ANSWER = "nobody surveyed, or no case, gives no value"
TRIAD = "MetricNet, Measuring and managing the customer experience, metricnet.com/customer-experience-scorecard"


def _answers(log: ContactLog, name: str, column: str, *, lowest: int) -> Array:
    """Answers given [n]; a question left open does not count."""
    need(log, f"{name}, as surveyed", "surveys.answered", f"surveys.{column}")
    s: Table = log.surveys
    given: Array = s.columns[column]
    return given[s.answered & (given >= lowest)].astype(np.float64)


def _expected(log: ContactLog, name: str, *columns: str) -> list[Array]:
    need(log, f"{name}, of all customers", *(f"surveys.{column}" for column in columns))
    return [log.surveys.columns[column] for column in columns]


def _check(name: str, population: str) -> None:
    if population not in ("all", "surveyed"):
        raise unknown_choice(name, "population", population, ["all", "surveyed"])


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered",),
    short="csat",
    source="top_box: SQM, Learn from the best call centers; top_two: general support practice (Telnyx); 1 to 5",
    null=NO_ANSWER,
    variants={
        f"{variant}{'_surveyed' if population == 'surveyed' else ''}": {"variant": variant, "population": population}
        for population in ("all", "surveyed")
        for variant in ("top_two", "top_box", "mean")
    },
    units={"mean": "points"},
)
def customer_satisfaction(log: ContactLog, *, variant: str = "top_two", population: str = "all") -> Ratio:
    """Satisfaction with how the case was handled, on five points.

    Variants: top_two, share of 4 and 5; top_box, share of 5; mean, of the answers 1 to 5 (unit then points). A mean
    says nothing about a share. population: 'all' or 'surveyed', see the module.
    """
    _check("customer_satisfaction", population)
    columns = {"top_two": "expected_top_two", "top_box": "expected_top_box", "mean": "expected_satisfaction"}
    if variant not in columns:
        raise unknown_choice("customer_satisfaction", "variant", variant, columns)
    if population == "all":
        return Ratio.mean(*_expected(log, "customer_satisfaction", columns[variant]))
    given = _answers(log, "customer_satisfaction", "satisfaction", lowest=1)
    return Ratio.mean({"top_two": given >= 4, "top_box": given >= 5, "mean": given}[variant])


@metric(
    unit="points",
    better="higher",
    kind="result",
    family="effort",
    scope="survey",
    columns=("surveys.offered",),
    short="ces",
    source="Nicereply, What is the customer effort score (version 2.0, mean of 1 to 7); agree: share of 5 to 7, habit",
    null=NO_ANSWER,
    variants={
        f"{variant}{'_surveyed' if population == 'surveyed' else ''}": {"variant": variant, "population": population}
        for population in ("all", "surveyed")
        for variant in ("mean", "agree")
    },
    units={"agree": "1"},
)
def customer_effort_score(log: ContactLog, *, variant: str = "mean", population: str = "all") -> Ratio:
    """Agreement that the company made it easy, version 2.0 on seven points, 7 the easiest.

    Variants: mean, of the answers 1 to 7; agree, share of 5 to 7 (unit then 1). population: 'all' or 'surveyed'.
    """
    _check("customer_effort_score", population)
    columns = {"mean": "expected_ease", "agree": "expected_agree"}
    if variant not in columns:
        raise unknown_choice("customer_effort_score", "variant", variant, columns)
    if population == "all":
        return Ratio.mean(*_expected(log, "customer_effort_score", columns[variant]))
    given = _answers(log, "customer_effort_score", "ease", lowest=1)
    return Ratio.mean(given if variant == "mean" else given >= 5)


@metric(
    unit="points",
    better="higher",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered",),
    short="nps",
    source="Cybaea, NPS confidence intervals (2016): 100 times share of 9 and 10 less share of 0 to 6",
    null=NO_ANSWER,
    variants={"all": {"population": "all"}, "surveyed": {"population": "surveyed"}},
)
def net_promoter_score(log: ContactLog, *, population: str = "all") -> Ratio:
    """Promoters (9, 10) less detractors (0 to 6) in points, -100 to 100, asked after a case (transactional)."""
    _check("net_promoter_score", population)
    if population == "all":
        promoters, detractors = _expected(log, "net_promoter_score", "expected_promoter", "expected_detractor")
    else:
        given = _answers(log, "net_promoter_score", "recommendation", lowest=0)
        promoters, detractors = (given >= 9).astype(float), (given <= 6).astype(float)
    n = len(promoters)
    return Ratio(100.0 * (float(np.sum(promoters)) - float(np.sum(detractors))), float(n), n)


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered", "surveys.invited", "surveys.answered"),
    short="survey_response_rate",
    source="cxsim reference 3.5",
    null="nobody invited gives no value",
)
def response_rate(log: ContactLog) -> Ratio:
    """Share of invited customers who answered."""
    return Ratio.share(log.surveys.answered, log.surveys.invited)


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="perception",
    scope="survey",
    columns=("surveys.offered",),
    source=f"{TRIAD}; weights and ranges are not public: equal thirds between the ends of the scales, a cxsim proposal",
    null="any of the three without a value gives no value",
    variants={"all": {"population": "all"}, "surveyed": {"population": "surveyed"}},
)
def cx_score(
    log: ContactLog,
    *,
    population: str = "all",
    satisfaction: tuple[float, float] = (0.0, 1.0),
    ease: tuple[float, float] = (1.0, 7.0),
    recommendation: tuple[float, float] = (-100.0, 100.0),
) -> Ratio:
    """Customer experience in one number, 0 worst to 1 best: a third each of satisfaction, ease and recommendation.

    Parameters
    ----------
    log : ContactLog
    population : str
        'all' or 'surveyed'.
    satisfaction, ease, recommendation : (float, float)
        Worst and best of the top-two share [1], of the mean ease [1-7] and of the net promoter score [points]. Defaults
        are the ends of the scales, wider than any peer group: the score then moves little. Scores are cut to 0 to 1.

    Returns
    -------
    Ratio
        Score times the number of cases (or answers) over that number. Added up, it is the mean score by cases: the
        score of the sums exactly, unless a score was cut or the three questions had different numbers of answers.
    """
    parts = (
        (customer_satisfaction(log, population=population), satisfaction),
        (customer_effort_score(log, population=population), ease),
        (net_promoter_score(log, population=population), recommendation),
    )
    for name, (_, (worst, best)) in zip(("satisfaction", "ease", "recommendation"), parts, strict=True):
        if worst == best:
            raise MetricUnavailable(problem(f"metric cx_score.{name}", f"{worst} to {best}", "worst and best differ"))
    n = min(found.n for found, _ in parts)
    if not n:
        return Ratio(0.0, 0.0, 0)
    score = sum(min(max((worst - found.value) / (worst - best), 0.0), 1.0) for found, (worst, best) in parts) / 3.0
    return Ratio(score * n, float(n), n)
