"""How customers felt about it: satisfaction, effort, recommendation, each of all customers and as surveyed.

`population` says whose feeling. 'all': every case, by the probabilities that `cxsim.perception` wrote (`expected_...`).
'surveyed': those who answered, as any real survey sees it; who answers is not left to chance, so the two differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog, Table
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio

Array = npt.NDArray[Any]

NO_ANSWER = "nobody surveyed, or no case, gives no value"
TRIAD = "MetricNet, Measuring and managing the customer experience, metricnet.com/customer-experience-scorecard"


class Question(NamedTuple):
    """How one score is read off a question: its column and number of answers, what counts, its expected column.

    `at_least` is the lowest answer that counts towards a share; None is the mean. `on_hundred` is the mean on 0 to 100.
    """

    column: str
    n_answers: int
    at_least: int | None
    expected: str
    on_hundred: bool = False

    def scored(self, values: Array, *, expected: bool) -> Array:
        """Contributions [n] to the numerator, of answers or of their expectations."""
        if self.at_least is not None and not expected:
            return values >= self.at_least
        if not self.on_hundred:
            return values
        return 100.0 * (values - 1.0) / (self.n_answers - 1)


SATISFACTION: Final = {
    "top_two": Question("satisfaction", 5, 4, "expected_top_two"),
    "top_box": Question("satisfaction", 5, 5, "expected_top_box"),
    "mean": Question("satisfaction", 5, None, "expected_satisfaction"),
    "three_plus_of_5": Question("satisfaction", 5, 3, "expected_three_plus"),
    "good_bad": Question("satisfaction_of_2", 2, 2, "expected_good"),
    "top2_of_7": Question("satisfaction_of_7", 7, 6, "expected_top_two_of_7"),
    "mean_of_7": Question("satisfaction_of_7", 7, None, "expected_satisfaction_of_7"),
    "top2_of_10": Question("satisfaction_of_10", 10, 9, "expected_top_two_of_10"),
    "top3_of_10": Question("satisfaction_of_10", 10, 8, "expected_top_three_of_10"),
    "mean_of_10": Question("satisfaction_of_10", 10, None, "expected_satisfaction_of_10"),
    "index_0_100": Question("satisfaction", 5, None, "expected_satisfaction", on_hundred=True),
}
EASE: Final = {
    "mean": Question("ease", 7, None, "expected_ease"),
    "agree": Question("ease", 7, 5, "expected_agree"),
    "index": Question("ease", 7, None, "expected_ease", on_hundred=True),
    "ces1_index": Question("effort", 5, None, "expected_effort", on_hundred=True),
}
EFFORT: Final = {"ces1_mean": Question("effort", 5, None, "expected_effort")}


def _by_population(variants: Iterable[str]) -> dict[str, dict[str, str]]:
    """Each variant of all customers, then each as surveyed."""
    return {
        f"{variant}{'_surveyed' if population == 'surveyed' else ''}": {"variant": variant, "population": population}
        for population in ("all", "surveyed")
        for variant in variants
    }


def _score(log: ContactLog, name: str, questions: Mapping[str, Question], variant: str, population: str) -> Ratio:
    _check(name, population)
    if variant not in questions:
        raise unknown_choice(name, "variant", variant, questions)
    question = questions[variant]
    if population == "all":
        return Ratio.mean(question.scored(*_expected(log, name, question.expected), expected=True))
    given = _answers(log, name, question.column, lowest=1, highest=question.n_answers)
    return Ratio.mean(question.scored(given, expected=False))


def _answers(log: ContactLog, name: str, column: str, *, lowest: int, highest: int) -> Array:
    """Answers given [n]; a question left open does not count, an answer beyond its scale is refused."""
    need(log, f"{name}, as surveyed", "surveys.answered", f"surveys.{column}")
    s: Table = log.surveys
    given: Array = s.columns[column]
    given = given[s.answered & (given >= lowest)]
    if len(given) and given.max() > highest:
        raise MetricUnavailable(
            problem(
                f"metric {name}",
                f"log.surveys.{column} holds an answer {given.max()}",
                f"answers on this scale are {lowest} to {highest}",
                "map the column of the export to the column of its own scale",
            )
        )
    return given.astype(np.float64)


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
    source="top_box: SQM, Learn from the best call centers; top_two: general support practice (Telnyx); three_plus: "
    "Comm100; good_bad: Zendesk; top2_of_7: Gartner on guided self-service; index: UKCSI, inferred",
    null=NO_ANSWER,
    variants=_by_population(SATISFACTION),
    units={"mean": "points", "mean_of_7": "points", "mean_of_10": "points", "index_0_100": "points"},
)
def customer_satisfaction(log: ContactLog, *, variant: str = "top_two", population: str = "all") -> Ratio:
    """Satisfaction with how the case was handled, on five points unless the variant says otherwise.

    Variants: top_two, share of 4 and 5; top_box, share of 5; three_plus_of_5, share of 3 to 5, far more lenient;
    good_bad, share of good where only good or bad is asked; top2_of_7, top2_of_10, top3_of_10, shares of the best
    answers of a longer scale; mean, mean_of_7, mean_of_10, in points of the scale; index_0_100, the mean of five
    points on 0 to 100. A mean says nothing about a share, nor one scale about another. population: 'all' or
    'surveyed', see the module.
    """
    return _score(log, "customer_satisfaction", SATISFACTION, variant, population)


@metric(
    unit="points",
    better="higher",
    kind="result",
    family="effort",
    scope="survey",
    columns=("surveys.offered",),
    short="ces",
    source="Nicereply, What is the customer effort score (version 2.0, mean of 1 to 7); agree: share of 5 to 7, habit; "
    "indices inferred",
    null=NO_ANSWER,
    variants=_by_population(EASE),
    units={"agree": "1"},
)
def customer_effort_score(log: ContactLog, *, variant: str = "mean", population: str = "all") -> Ratio:
    """Agreement that the company made it easy, version 2.0 on seven points, 7 the easiest.

    Variants: mean, of the answers 1 to 7; agree, share of 5 to 7 (unit then 1); index, the mean on 0 to 100;
    ces1_index, the mean of version 1.0 turned round, 100 (5 - mean) / 4, so that it runs upward too. population: 'all'
    or 'surveyed'.
    """
    found = _score(log, "customer_effort_score", EASE, variant, population)
    if variant != "ces1_index":
        return found
    return found._replace(numerator=100.0 * found.denominator - found.numerator)


@metric(
    unit="points",
    better="lower",
    kind="result",
    family="effort",
    scope="survey",
    columns=("surveys.offered",),
    short="ces1",
    source="Nicereply, What is the customer effort score: version 1.0, dropped by its makers since people misread it",
    null=NO_ANSWER,
    variants=_by_population(EFFORT),
)
def stated_effort(log: ContactLog, *, variant: str = "ces1_mean", population: str = "all") -> Ratio:
    """Effort that customers say they had to put forth, version 1.0 on five points, 5 very high: lower is better."""
    return _score(log, "stated_effort", EFFORT, variant, population)


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
        given = _answers(log, "net_promoter_score", "recommendation", lowest=0, highest=10)
        promoters, detractors = (given >= 9).astype(float), (given <= 6).astype(float)
    n = len(promoters)
    return Ratio(100.0 * (float(np.sum(promoters)) - float(np.sum(detractors))), float(n), n)


def adjusted_net_promoter_score(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    """Net promoter score of answers and its standard error [points], adjusted so that few answers do not look certain.

    Adjusted Wald: three answers more, of which three quarters promoters and three quarters detractors.

    Parameters
    ----------
    promoters, detractors, n : float
        Numbers of answers.

    Source
    ------
    Rocks (2016), Interval estimation for the net promoter score.
    """
    p, d = (promoters + 0.75) / (n + 3.0), (detractors + 0.75) / (n + 3.0)
    return 100.0 * (p - d), 100.0 * math.sqrt((p + d - (p - d) ** 2) / (n + 3.0))


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
