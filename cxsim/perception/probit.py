"""Ordered probit with prior: sizes and cuts from answers, as log multipliers about what is published.

An answer lies above a cut where index + noise of variance 1 does. The index is a sum of columns, each times its
multiplier exp(theta) and the weight of its family in the question asked. Cuts are free: the first, then logarithms of
gaps. The fit is the mode of the likelihood of all answers times normal priors of theta and of the weights.

Source
------
McKelvey and Zavoina (1975), A statistical model for the analysis of ordinal level dependent variables; the outcome
model of the reference, section 6. Covariance with several answers a person: Godambe (1960); White (1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

Array = npt.NDArray[Any]

_LEAST: Final = 1e-12  # of a probability, and of a gap between cuts
_STEP: Final = 1e-4


@dataclass(frozen=True, eq=False)
class Asked:
    """Answers to one question.

    Attributes
    ----------
    columns : array [n, n_sizes] of SD
        Contributions with multipliers of 1, before the weights of the question.
    offset : array [n] of SD
    answer : array [n] of int
        Numbered 0 to n_observed - 1 among the answers that somebody gave.
    who : array [n] of int
        Number of the customer, 0 to n_customers - 1; of all questions alike.
    weight : array [n]
        Of each answer in the likelihood.
    family : array [n_sizes] of int
        Which weight each size has.
    """

    columns: Array
    offset: Array
    answer: Array
    who: Array
    weight: Array
    family: Array


class Normal(NamedTuple):
    """Independent normal priors: means [k] and SDs [k]; an SD of 0 holds the value."""

    mean: Array
    sd: Array


@dataclass(frozen=True, eq=False)
class Fitted:
    """The mode, and what is not known about it.

    Attributes
    ----------
    theta : array [n_sizes]
        Log multipliers.
    weights : list of array [n_families]
        By question.
    cuts : list of array [n_observed - 1]
        By question.
    covariance : array [n_sizes + n_questions x n_families, same]
        Of theta and then of the weights; 0 for what is held.
    log_posterior : float
        At the mode, up to a constant.
    """

    theta: Array
    weights: list[Array]
    cuts: list[Array]
    covariance: Array
    log_posterior: float


def fit(questions: Sequence[Asked], sizes: Normal, weights: Sequence[Normal]) -> Fitted:
    """The mode of the posterior and its covariance.

    Parameters
    ----------
    questions : sequence of Asked
        None at all gives the prior.
    sizes : Normal
        Of theta.
    weights : sequence of Normal
        Of the weights of each question.

    Returns
    -------
    Fitted
        Covariance H^-1 (J + P) H^-1 with H the curvature of the posterior, P that of the prior and J the sum over
        customers of the square of their summed scores: with one answer a customer it is that of Laplace, with several
        it does not count what they share twice.
    """
    problem = _Problem(questions, sizes, weights)
    if not problem.free.any():
        return problem.read(problem.start, np.zeros((0, 0)))
    found = minimize(
        problem.loss, problem.start[problem.free], jac=True, hess=problem.information, method="trust-exact",
        options={"gtol": 1e-4, "maxiter": 500},
    )  # fmt: skip
    return problem.read(problem.whole(found.x), problem.covariance(found.x))


class _Problem:
    """Layout of the unknowns (theta, weights by question, cuts by question) and the loss over them."""

    def __init__(self, questions: Sequence[Asked], sizes: Normal, weights: Sequence[Normal]) -> None:
        self.questions = questions
        self.n_sizes, self.n_families = len(sizes.mean), len(weights[0].mean) if weights else 0
        n_cuts = [int(asked.answer.max()) for asked in questions]
        begins = np.cumsum([self.n_sizes + len(questions) * self.n_families, *n_cuts])
        self.at_cuts = [slice(int(a), int(b)) for a, b in pairwise(begins)]
        of_cuts = np.zeros(sum(n_cuts))
        self.mean = np.concatenate([sizes.mean, *(part.mean for part in weights), of_cuts])
        sd = np.concatenate([sizes.sd, *(part.sd for part in weights), of_cuts + np.inf])
        self.free, self.precision = sd > 0.0, np.where(sd > 0.0, 1.0 / np.where(sd > 0.0, sd, 1.0) ** 2, 0.0)
        self.start = self.mean.copy()
        for place, asked in enumerate(questions):
            index = self._index(self.start, place)
            spread = float(np.sqrt(1.0 + np.var(index)))
            shares = np.bincount(asked.answer, asked.weight) / asked.weight.sum()
            cuts = float(index.mean()) + spread * ndtri(np.cumsum(shares)[:-1])
            self.start[self.at_cuts[place]] = np.append(cuts[:1], np.log(np.maximum(np.diff(cuts), 1e-6)))

    def whole(self, free: Array) -> Array:
        """All unknowns, held ones too."""
        found = self.mean.copy()
        found[self.free] = free
        return found

    def _weights(self, unknowns: Array, place: int) -> Array:
        begin = self.n_sizes + place * self.n_families
        return unknowns[begin : begin + self.n_families]

    def _index(self, unknowns: Array, place: int) -> Array:
        asked = self.questions[place]
        by_size = np.exp(unknowns[: self.n_sizes]) * self._weights(unknowns, place)[asked.family]
        index: Array = asked.offset + asked.columns @ by_size
        return index

    def cuts(self, unknowns: Array, place: int) -> Array:
        """Cuts of a question from the first and the logarithms of gaps."""
        first = unknowns[self.at_cuts[place]]
        return np.cumsum(np.append(first[:1], np.exp(first[1:])))

    def scores(self, unknowns: Array, place: int) -> tuple[Array, Array]:
        """Log likelihood of each answer [n] and its derivatives by all unknowns [n, n_unknowns], unweighted."""
        asked, index = self.questions[place], self._index(unknowns, place)
        cuts = np.concatenate([[-np.inf], self.cuts(unknowns, place), [np.inf]])
        low, high = cuts[asked.answer] - index, cuts[asked.answer + 1] - index
        # On the side of the tail in which both lie, where the difference keeps its digits.
        turned = low > 0.0
        chance = np.where(turned, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
        chance = np.maximum(chance, _LEAST)
        at_low, at_high = (np.exp(-0.5 * edge**2) / np.sqrt(2.0 * np.pi) / chance for edge in (low, high))
        slope = at_low - at_high
        found = np.zeros((len(index), len(unknowns)))
        multiplier, weights = np.exp(unknowns[: self.n_sizes]), self._weights(unknowns, place)
        scaled = asked.columns * multiplier
        found[:, : self.n_sizes] = slope[:, None] * scaled * weights[asked.family]
        for family in range(self.n_families):
            column = self.n_sizes + place * self.n_families + family
            found[:, column] = slope * scaled[:, asked.family == family].sum(axis=1)
        # A cut moves with its own gap and with all below it.
        gaps = unknowns[self.at_cuts[place]].copy()
        gaps[:1] = 0.0
        for number, gap in enumerate(np.exp(gaps)):
            above, below = asked.answer >= number, asked.answer > number
            found[:, self.at_cuts[place].start + number] = gap * (at_high * above - at_low * below)
        return np.log(chance), found

    def loss(self, free: Array) -> tuple[float, Array]:
        """Minus the log posterior, and its gradient by what is free."""
        unknowns = self.whole(free)
        off = unknowns - self.mean
        total, slope = 0.5 * float(self.precision @ off**2), self.precision * off
        for place, asked in enumerate(self.questions):
            likelihood, scores = self.scores(unknowns, place)
            total -= float(asked.weight @ likelihood)
            slope = slope - asked.weight @ scores
        return total, slope[self.free]

    def information(self, free: Array) -> Array:
        """What the answers and the prior know, from squares of scores: near the curvature, and never negative."""
        unknowns, found = self.whole(free), np.diag(self.precision)
        for place, asked in enumerate(self.questions):
            scores = self.scores(unknowns, place)[1]
            found = found + scores.T @ (asked.weight[:, None] * scores)
        return found[np.ix_(self.free, self.free)]

    def covariance(self, free: Array) -> Array:
        """Of what is free."""
        n = len(free)
        curve = np.empty((n, n))
        for k in range(n):
            step = _STEP * (np.arange(n) == k)
            curve[k] = (self.loss(free + step)[1] - self.loss(free - step)[1]) / (2.0 * _STEP)
        spread = np.diag(self.precision[self.free])
        if self.questions:
            n_who = 1 + max(int(asked.who.max()) for asked in self.questions)
            by_person = np.zeros((n_who, len(self.mean)))
            for place, asked in enumerate(self.questions):
                np.add.at(by_person, asked.who, asked.weight[:, None] * self.scores(self.whole(free), place)[1])
            spread = spread + (by_person.T @ by_person)[np.ix_(self.free, self.free)]
        inverse = np.linalg.inv(0.5 * (curve + curve.T))
        found: Array = inverse @ spread @ inverse
        return found

    def read(self, unknowns: Array, covariance: Array) -> Fitted:
        """Unknowns by what they are."""
        n = self.n_sizes + len(self.questions) * self.n_families
        whole = np.zeros((len(unknowns), len(unknowns)))
        whole[np.ix_(self.free, self.free)] = covariance
        places = range(len(self.questions))
        return Fitted(
            unknowns[: self.n_sizes],
            [self._weights(unknowns, place) for place in places],
            [self.cuts(unknowns, place) for place in places],
            whole[:n, :n],
            -self.loss(unknowns[self.free])[0],
        )
