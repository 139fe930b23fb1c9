"""Write into a log what its customers say and do: a survey of every case, and churn and value of every customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from cxsim.contacts.log import ContactLog, Table
from cxsim.perception.answers import Opinions, answers, opinions, probabilities_above, probability_above, sum_of
from cxsim.perception.comments import names_of_comments, written
from cxsim.perception.customers import customers_of
from cxsim.perception.journeys import Journeys, journeys_of
from cxsim.perception.load import load_model
from cxsim.perception.loyalty import intentions
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import Contributions, contributions
from cxsim.perception.scales import EFFORT_ANSWERS, linked_cuts

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Feelings:
    """What happened in a log, what it adds to each opinion, and the opinions."""

    journeys: Journeys
    felt: Contributions
    held: Opinions


def feelings_of(log: ContactLog, *, seed: int, model: PerceptionModel) -> Feelings:
    """Journeys of a log with what was felt: all that its surveys, its customers and its moments of truth rest on."""
    journeys = journeys_of(log)
    felt = contributions(journeys, model=model)
    return Feelings(journeys, felt, opinions(journeys, felt, model=model, seed=seed))


def perceive(
    log: ContactLog, *, seed: int, model: PerceptionModel | None = None, feelings: Feelings | None = None
) -> ContactLog:
    """The log with the tables `surveys` and `customers` written: how every case was felt, and what follows from it.

    Every case has its row of `surveys`, and every row its answers, given or that would have been given; `invited` and
    `answered` say who really did. Equal facts give equal answers, whatever else is in the log. `churn` and
    `lifetime_value` look from the end of the log (its horizon, if it states one) at the months that follow; over
    several replications they are means.

    Parameters
    ----------
    log : ContactLog
        Simulated or real; see `cxsim.perception.journeys` for what stands in for a column that it lacks.
    seed : int
        Root seed, 0 or more; replications are those of the log.
    model : PerceptionModel, optional
        The shipped default if left out.
    feelings : Feelings, optional
        From `feelings_of` of this log, seed and model, where they are there already.

    Returns
    -------
    ContactLog

    Raises
    ------
    LogError
        A column that journeys need is absent.
    """
    model = model or load_model()
    found = feelings or feelings_of(log, seed=seed, model=model)
    journeys, felt, held = found.journeys, found.felt, found.held
    return log.with_tables(
        surveys=_surveys(journeys, felt, held, model=model, seed=seed),
        customers=customers_of(log, journeys, felt, held, model=model),
        names={**log.names, **names_of_comments()},
    )


def _surveys(journeys: Journeys, felt: Contributions, held: Opinions, *, model: PerceptionModel, seed: int) -> Table:
    said = answers(journeys, held, model=model, seed=seed)
    about = written(journeys, felt, said.satisfaction, said.commented, model=model, seed=seed)
    return Table(
        "surveys",
        {
            "replication": journeys.replication,
            "case": journeys.case,
            **journeys.first,
            "offered": journeys.begin,
            **{name: values for name, values in vars(said).items() if name != "commented"},
            **intentions(journeys, held, model=model, seed=seed),
            **vars(about),
            "satisfaction_index": felt.satisfaction,
            "ease_index": felt.ease,
            "recommendation_index": felt.recommendation,
            **_expected(felt, model=model),
        },
    )


def _expected(felt: Contributions, *, model: PerceptionModel) -> dict[str, Array]:
    """Means of the answers given what happened, by column."""
    cuts = model.anchors
    of_5, of_7, of_10 = (
        probabilities_above(felt.satisfaction, linked)
        for linked in (cuts.satisfaction, linked_cuts(cuts.satisfaction, 7), linked_cuts(cuts.satisfaction, 10))
    )
    (good,) = linked_cuts(cuts.satisfaction, 2)
    ease = probabilities_above(felt.ease, cuts.ease)
    easy = probabilities_above(felt.ease, linked_cuts(cuts.ease, EFFORT_ANSWERS))
    return {
        "expected_top_box": of_5[3],
        "expected_top_two": of_5[2],
        "expected_three_plus": of_5[1],
        "expected_satisfaction": 1.0 + sum_of(of_5),
        "expected_good": probability_above(felt.satisfaction, good),
        "expected_satisfaction_of_7": 1.0 + sum_of(of_7),
        "expected_top_two_of_7": of_7[4],
        "expected_satisfaction_of_10": 1.0 + sum_of(of_10),
        "expected_top_two_of_10": of_10[7],
        "expected_top_three_of_10": of_10[6],
        "expected_ease": 1.0 + sum_of(ease),
        "expected_agree": ease[3],
        "expected_effort": EFFORT_ANSWERS - sum_of(easy),
        "expected_promoter": probability_above(felt.recommendation, cuts.recommendation[8]),
        "expected_detractor": 1.0 - probability_above(felt.recommendation, cuts.recommendation[6]),
    }
