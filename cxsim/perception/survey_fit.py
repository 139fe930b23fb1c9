"""What answers say of the sizes of the perception model: from facts and answers to a fit, and from it to a model.

Source
------
The outcome model of the reference, section 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from cxsim.contacts.log import ContactLog
from cxsim.errors import PerceptionError, nearest, problem
from cxsim.perception.answers import expected_response
from cxsim.perception.journeys import CHAT, EMAIL, VOICE, Journeys
from cxsim.perception.parameter_sets import with_values
from cxsim.perception.parameters import Evidence, PerceptionModel
from cxsim.perception.probit import Asked, Fitted, Normal, fit
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import DRIVERS, FAMILY, Contributions, contributions, memory_weights, touch_terms

Array = npt.NDArray[Any]

# Address of each size, the driver it scales, and for waits the channel.
SIZES: Final[dict[str, tuple[str, int | None]]] = {
    "waiting.voice.loss": ("wait", VOICE),
    "waiting.chat.loss": ("wait", CHAT),
    "waiting.email.loss": ("wait", EMAIL),
    "touch.transfer": ("transfer", None),
    "touch.repeated_information": ("repeated_information", None),
    "touch.hold": ("hold", None),
    "touch.agent": ("agent", None),
    "journey.unresolved": ("unresolved", None),
    "journey.repeat": ("repeat", None),
    "journey.abandonment": ("abandonment", None),
    "journey.failed_self_service": ("failed_self_service", None),
    "journey.switch": ("switch", None),
    "journey.elapsed": ("elapsed", None),
}
FAMILIES: Final = ("effort", "outcome", "people")
SCALES: Final = {"satisfaction": (1, 5), "ease": (1, 7), "recommendation": (0, 10)}
HALF_RANGE: Final = float(ndtri(0.95))  # of a 90 % interval, in SDs
# Journeys of the reference operation that tell how extreme an opinion is.
N_NEUTRAL: Final = 4000


class Given(NamedTuple):
    """Answers to a question: journeys [m], answers [m] numbered from 0, and which numbers occur, rising."""

    rows: Array
    answer: Array
    levels: Array


class Fit(NamedTuple):
    """What was fitted, and how well."""

    found: Fitted
    log_posterior: float


def answers_of(log: ContactLog, journeys: Journeys) -> dict[str, Array]:
    """Answers in a log's table of surveys, by question, NaN where there is none, arrays [n] in order of the journeys.

    Counted are rows that were answered, if the table says so, with an answer on its scale.
    """
    surveys = log.surveys
    if not len(surveys):
        return {}
    if "case" not in surveys:
        raise PerceptionError(
            problem("calibrate", "log.surveys has no case", "surveys that say of which case they are")
        )
    of_log = surveys.columns.get("replication", np.zeros(len(surveys), np.int64))
    by_case = {pair: row for row, pair in enumerate(zip(of_log.tolist(), surveys.case.tolist(), strict=True))}
    pairs = zip(journeys.replication.tolist(), journeys.case.tolist(), strict=True)
    row = np.array([by_case.get(pair, -1) for pair in pairs], dtype=np.int64)
    gave = surveys.columns.get("answered", np.ones(len(surveys), bool))
    found = {}
    for metric, (lowest, highest) in SCALES.items():
        if metric in surveys:
            said = surveys.columns[metric].astype(float)
            said = np.where(gave & (said >= lowest) & (said <= highest), said, np.nan)
            found[metric] = np.where(row >= 0, said[row], np.nan)
    return found


def checked(answers: Mapping[str, Array], n: int) -> dict[str, Given]:
    """Answers by question, in the order of SCALES; questions that nobody answered are left out."""
    for metric in answers:
        if metric not in SCALES:
            allowed = f"questions are {', '.join(SCALES)}"
            raise PerceptionError(problem("calibrate.answers", metric, allowed, nearest(metric, SCALES)))
    found = {}
    for metric, (lowest, highest) in SCALES.items():
        if metric not in answers:
            continue
        said = np.asarray(answers[metric], dtype=float)
        if said.shape != (n,):
            given = f"{said.shape[0] if said.ndim else 1} answers for {n} journeys"
            raise PerceptionError(problem(f"calibrate.answers.{metric}", given, "one a journey, NaN for none"))
        rows = np.flatnonzero(~np.isnan(said))
        wrong = rows[~np.isin(said[rows], np.arange(lowest, highest + 1))]
        if len(wrong):
            where, allowed = f"calibrate.answers.{metric}[{wrong[0]}]", f"whole numbers {lowest} to {highest}, or NaN"
            raise PerceptionError(problem(where, f"{said[wrong[0]]:g}", allowed))
        if len(rows):
            answer = (said[rows] - lowest).astype(np.int64)
            found[metric] = Given(rows, answer, np.unique(answer))
    return found


def _columns(journeys: Journeys, model: PerceptionModel, basis: PerceptionModel) -> Array:
    """Contributions at published sizes, remembered as with those of `basis`, array [n, n_sizes]."""
    terms, n = touch_terms(journeys, model=model), len(journeys)
    intensity = touch_terms(journeys, model=basis).sum(axis=0)
    remembered = memory_weights(intensity, journeys.owner, n=n, memory=model.memory)
    whole = contributions(journeys, model=model).drivers
    found = np.empty((n, len(SIZES)))
    for column, (driver, channel) in enumerate(SIZES.values()):
        place = DRIVERS.index(driver)
        if place >= len(terms):
            found[:, column] = whole[:, place]
            continue
        here = 1.0 if channel is None else (journeys.channel == channel)
        found[:, column] = np.bincount(journeys.owner, remembered * terms[place] * here, minlength=n)
    return found


def _people(journeys: Journeys) -> Array:
    """Number of the person behind each journey [n]; who is not identified is a person of the case."""
    who = np.where(
        journeys.customer >= 0, 2 * journeys.customer.astype(np.int64), 2 * journeys.case.astype(np.int64) + 1
    )
    pairs = np.stack([journeys.replication.astype(np.int64), who])
    return np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)


def fitted(
    journeys: Journeys, given: Mapping[str, Given], model: PerceptionModel, *, basis: PerceptionModel, weight: Array
) -> Fit:
    columns, offset = _columns(journeys, model, basis), contributions(journeys, model=model).offset
    who = _people(journeys)
    family = np.array([FAMILIES.index(FAMILY[driver]) for driver, _ in SIZES.values()])
    questions = [
        Asked(
            columns[part.rows],
            offset[part.rows],
            np.searchsorted(part.levels, part.answer),
            who[part.rows],
            weight[part.rows],
            family,
        )
        for part in given.values()
    ]
    priors = [_weight_prior(model, metric) for metric in given]
    found = fit(questions, Normal(np.zeros(len(SIZES)), prior_sds(model)), priors)
    return Fit(found, found.log_posterior)


def prior_sds(model: PerceptionModel) -> Array:
    """SD of each log multiplier [n_sizes]; 0 holds the size: no prior is stated, or nothing is to be multiplied."""
    known = [model.evidence.get(address) for address in SIZES]
    sds = [
        0.0 if entry is None or not entry.prior_sd > 0.0 or not _value(entry) > 0.0 else entry.prior_sd
        for entry in known
    ]
    return np.array(sds)


def _value(entry: Evidence) -> float:
    return float(np.asarray(entry.value))


def _weight_prior(model: PerceptionModel, metric: str) -> Normal:
    """Prior of the weights of the families in a question; where no range is stated a weight is held."""
    known = [model.evidence.get(f"weights.{metric}.{family}") for family in FAMILIES]
    ranges = [0.0 if entry is None else (entry.high - entry.low) / (2.0 * HALF_RANGE) for entry in known]
    mean = [getattr(getattr(model.weights, metric), family) for family in FAMILIES]
    return Normal(np.array(mean), np.nan_to_num(np.array(ranges), nan=0.0))


def with_fit(model: PerceptionModel, given: Mapping[str, Given], fitted: Fit) -> PerceptionModel:
    """The model with the sizes, weights and cuts of a fit."""
    values: dict[str, Any] = {
        address: size * multiplier
        for address, size, multiplier in zip(SIZES, sizes_of(model), np.exp(fitted.found.theta), strict=True)
    }
    for place, (metric, part) in enumerate(given.items()):
        for family, weight in zip(FAMILIES, fitted.found.weights[place], strict=True):
            values[f"weights.{metric}.{family}"] = max(float(weight), 0.0)
        values[f"anchors.{metric}"] = _all_cuts(getattr(model.anchors, metric), part.levels, fitted.found.cuts[place])
    return with_values(model, {address: _plain(value) for address, value in values.items()})


def _plain(value: Any) -> Any:
    return value if isinstance(value, tuple) else float(value)


def sizes_of(model: PerceptionModel) -> Array:
    """Published value of each size."""
    found = []
    for address in SIZES:
        part: Any = model
        for name in address.split("."):
            part = getattr(part, name)
        found.append(part)
    return np.array(found)


def _all_cuts(known: Sequence[float], levels: Array, cuts: Array) -> tuple[float, ...]:
    """Cuts of the whole scale from those between the answers that occur; others lie on these, or further out.

    An answer that nobody gave has no width, so that nobody gives it; beyond the outermost the cuts of the model hold,
    as far as they lie beyond.
    """
    found = []
    for place, cut in enumerate(known):
        below = int(np.searchsorted(levels, place, side="right"))
        if not len(cuts):
            found.append(float(cut))
        elif below == 0:
            found.append(min(float(cut), float(cuts[0])))
        elif below == len(levels):
            found.append(max(float(cut), float(cuts[-1])))
        else:
            found.append(float(cuts[below - 1]))
    return tuple(found)


def response_weights(journeys: Journeys, given: Mapping[str, Given], model: PerceptionModel) -> Array:
    """What each journey's answers count for [n], so that those who answered stand for those who were asked.

    The chance of the answer given what happened, over its chance among those who answer: 1 where nobody answers more
    eagerly than others. Journeys without an answer on satisfaction count 1.
    """
    weight = np.ones(len(journeys))
    if "satisfaction" not in given:
        return weight
    rows, answer, _ = given["satisfaction"]
    felt = contributions(journeys, model=model)
    felt = Contributions(*(getattr(felt, name)[rows] for name in Contributions.__dataclass_fields__))
    usual = contributions(reference_journeys(N_NEUTRAL), model=model).satisfaction
    anchors = replace(
        model.anchors, satisfaction_mean=float(usual.mean()), satisfaction_spread=float(np.sqrt(1.0 + usual.var()))
    )
    cuts = anchors.satisfaction
    pairs = [
        expected_response(felt, journeys.method[rows], model=model.with_anchors(anchors), cut=place)
        for place in range(len(cuts))
    ]
    whole = pairs[0][1]
    above = np.stack([whole, *(high for high, _ in pairs), np.zeros(len(rows))])
    plain = np.stack([np.ones(len(rows)), *(ndtr(felt.satisfaction - cut) for cut in cuts), np.zeros(len(rows))])
    at = np.arange(len(rows))
    asked, among = (table[answer, at] - table[answer + 1, at] for table in (plain, above))
    weight[rows] = np.where(among > 0.0, asked * whole / np.where(among > 0.0, among, 1.0), 1.0)
    return weight
