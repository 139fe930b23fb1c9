"""What each customer would answer, how likely that was, who is asked, who answers and who writes.

Source
------
The outcome model of the reference, sections 3.5, 3.7, 3.8 and 5.1; Likert answers as cuts of a latent opinion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.polynomial.legendre import leggauss
from scipy.special import expit, logit, ndtr, ndtri

from cxsim import streams
from cxsim.perception.draws import of_case, of_customer
from cxsim.perception.journeys import Journeys
from cxsim.perception.parameters import PerceptionModel, Split
from cxsim.perception.satisfaction import Contributions
from cxsim.perception.scales import EFFORT_ANSWERS, SATISFACTION_SCALES, linked_cuts

Array = npt.NDArray[Any]
_TINY = 1e-16


@dataclass(frozen=True, eq=False)
class Opinions:
    """Latent opinions of n customers after their journeys, each index + noise of variance 1, and the shared halo.

    Attributes
    ----------
    satisfaction, ease, recommendation : arrays [n] of SD
    halo : array [n]
        Standard normal: everything about the journey that is not simulated, shared by the three opinions.
    """

    satisfaction: Array
    ease: Array
    recommendation: Array
    halo: Array


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers of n customers, given or that would have been given, and who was asked, answered and wrote.

    Attributes
    ----------
    satisfaction, ease, recommendation : arrays [n] of int
        1 to 5, 1 to 7 (7 easy), 0 to 10.
    satisfaction_of_2, satisfaction_of_7, satisfaction_of_10 : arrays [n] of int
        The same opinion on other scales: 1 bad and 2 good, 1 to 7, 1 to 10.
    effort : array [n] of int
        The same opinion as ease by the first effort question: 1 very low to 5 very high effort.
    invited, answered, commented : arrays [n] of bool
    """

    satisfaction: Array
    ease: Array
    recommendation: Array
    satisfaction_of_2: Array
    satisfaction_of_7: Array
    satisfaction_of_10: Array
    effort: Array
    invited: Array
    answered: Array
    commented: Array


def opinions(journeys: Journeys, felt: Contributions, *, model: PerceptionModel, seed: int) -> Opinions:
    """Latent opinions: the index of what happened, plus the person, the journey, the brand and the question."""
    style = streams.normals(of_customer(journeys, streams.STYLE, seed=seed))
    brand = streams.normals(of_customer(journeys, streams.BRAND, seed=seed))
    halo = streams.normals(of_case(journeys, streams.HALO, seed=seed))

    def latent(index: Array, split: Split, purpose: int) -> Array:
        item = streams.normals(of_case(journeys, purpose, seed=seed))
        noise = np.sqrt(split.customer) * style + np.sqrt(split.journey) * halo
        return index + noise + np.sqrt(split.brand) * brand + np.sqrt(split.item) * item

    return Opinions(
        satisfaction=latent(felt.satisfaction, model.noise.satisfaction, streams.ITEM_SATISFACTION),
        ease=latent(felt.ease, model.noise.ease, streams.ITEM_EASE),
        recommendation=latent(felt.recommendation, model.noise.recommendation, streams.ITEM_RECOMMENDATION),
        halo=halo,
    )


def answers(journeys: Journeys, held: Opinions, *, model: PerceptionModel, seed: int) -> Answers:
    """Answers by the model's cuts, and who gives them; who comments is decided among those who answer."""
    satisfaction = scores(held.satisfaction, model.anchors.satisfaction, lowest=1)
    asked = of_case(journeys, streams.INVITATION, seed=seed) < model.response.invited
    invited = journeys.surveyable & asked
    chance = response_probability(held.satisfaction, journeys.method, model=model)
    answered = invited & (of_case(journeys, streams.RESPONSE, seed=seed) < chance)
    writes = np.array(model.comments.by_satisfaction)[satisfaction - 1]
    return Answers(
        satisfaction=satisfaction,
        ease=scores(held.ease, model.anchors.ease, lowest=1),
        recommendation=scores(held.recommendation, model.anchors.recommendation, lowest=0),
        **{
            f"satisfaction_of_{k}": scores(held.satisfaction, linked_cuts(model.anchors.satisfaction, k), lowest=1)
            for k in SATISFACTION_SCALES
        },
        effort=EFFORT_ANSWERS - scores(held.ease, linked_cuts(model.anchors.ease, EFFORT_ANSWERS), lowest=0),
        invited=invited,
        answered=answered,
        commented=answered & (of_case(journeys, streams.COMMENT, seed=seed) < writes),
    )


def scores(latent: Array, cuts: Sequence[float], *, lowest: int) -> Array:
    """Answers [n]: the lowest plus the number of cuts that lie below the latent opinion."""
    answer = np.full(len(latent), lowest, dtype=np.int8)
    for cut in cuts:
        answer += latent > cut
    return answer


def response_probability(latent: Array, method: Array, *, model: PerceptionModel) -> Array:
    """Probability [n] that an invited customer answers: by method of asking, more so when opinions are extreme.

    Parameters
    ----------
    latent : array [n] of SD
        Latent satisfaction.
    method : array [n]
        VOICE, CHAT, EMAIL or SELF.
    model : PerceptionModel
    """
    response, anchors = model.response, model.anchors
    z = (latent - anchors.satisfaction_mean) / anchors.satisfaction_spread
    base = logit(np.array([response.voice, response.chat, response.email, response.self_service]))[method]
    extreme = response.extremity * (np.abs(z) - response.usual_extremity)
    return expit(base + extreme + response.displeasure * np.maximum(0.0, -z))


# Nodes and weights of Gauss and Legendre on 0 to 1: with eight on either side of a cut, exact to 1e-6 and better.
_NODES, _WEIGHTS = (0.5 * (1.0 + part) if place == 0 else 0.5 * part for place, part in enumerate(leggauss(8)))


def expected_response(
    felt: Contributions, method: Array, *, model: PerceptionModel, cut: int = 2
) -> tuple[Array, Array]:
    """Of invited customers: probability of answering above a cut of satisfaction, and of answering at all; each [n].

    Expectations over all that is not simulated, given what happened. Who answers depends on what the answer would be,
    so the first is not a product of two probabilities.

    Parameters
    ----------
    felt : Contributions
        n journeys.
    method : array [n]
        VOICE, CHAT, EMAIL or SELF.
    model : PerceptionModel
    cut : int
        Place of the cut; 2 parts 4 and 5 from the rest.
    """
    index = felt.satisfaction
    below = ndtr(model.anchors.satisfaction[cut] - index)
    parts = []
    for start, width in ((below, 1.0 - below), (np.zeros(len(index)), below)):
        total = np.zeros(len(index))
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            latent = index + ndtri(np.clip(start + width * node, _TINY, 1.0 - _TINY))
            total += weight * response_probability(latent, method, model=model)
        parts.append(model.response.invited * width * total)
    return parts[0], parts[0] + parts[1]


def probability_above(index: Array, cut: float) -> Array:
    """Probability [n] that an opinion with this index lies above a cut, over all that is not simulated."""
    return ndtr(index - cut)


def expected_answer(index: Array, cuts: Sequence[float], *, lowest: int) -> Array:
    """Mean answer [n] given what happened."""
    return lowest + sum_of(probabilities_above(index, cuts))


def probabilities_above(index: Array, cuts: Sequence[float]) -> list[Array]:
    """Probability of lying above each cut, one array [n] a cut."""
    return [probability_above(index, cut) for cut in cuts]


def sum_of(parts: Sequence[Array]) -> Array:
    """Sum of some arrays [n], one after the other, so that it has the same bits wherever a journey stands."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total
