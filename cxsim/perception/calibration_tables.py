"""Tables of a calibration: sizes and weights with intervals, how well answers are told, and what to look at.

Source
------
The outcome model of the reference, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from cxsim.perception.journeys import Journeys
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.satisfaction import DRIVERS, contributions
from cxsim.perception.survey_fit import FAMILIES, HALF_RANGE, SIZES, Fit, Given, prior_sds, sizes_of

Array = npt.NDArray[Any]

# Fewer answers leave nearly all to the prior.
FEW_ANSWERS: Final = 500
_FAR: Final = 2.0  # prior SDs
_IDLE: Final = 0.95  # of the prior SD
# Cut above which an answer is good, by question: 4 of 5, 5 of 7, 9 of 10.
_MIDDLE: Final = {"satisfaction": 2, "ease": 3, "recommendation": 8}
_ENOUGH: Final = 30


def size_table(model: PerceptionModel, fitted: Fit) -> pd.DataFrame:
    theta, published, prior = fitted.found.theta, sizes_of(model), prior_sds(model)
    sd = np.sqrt(np.diag(fitted.found.covariance)[: len(SIZES)])
    value = published * np.exp(theta)
    return pd.DataFrame(
        {
            "address": list(SIZES),
            "published": published,
            "value": value,
            "multiplier": np.exp(theta),
            "low": value * np.exp(-HALF_RANGE * sd),
            "high": value * np.exp(HALF_RANGE * sd),
            "sd": sd,
            "prior_sd": prior,
            "shift": np.where(prior > 0.0, theta / np.where(prior > 0.0, prior, 1.0), np.nan),
        }
    )


def weight_table(model: PerceptionModel, given: Mapping[str, Given], fitted: Fit) -> pd.DataFrame:
    spread = np.sqrt(np.diag(fitted.found.covariance)[len(SIZES) :])
    rows = []
    for place, metric in enumerate(given):
        for number, family in enumerate(FAMILIES):
            value, sd = float(fitted.found.weights[place][number]), float(spread[place * len(FAMILIES) + number])
            if sd > 0.0:
                published = getattr(getattr(model.weights, metric), family)
                ends = [value + sign * HALF_RANGE * sd for sign in (-1, 1)]
                rows.append((f"weights.{metric}.{family}", published, value, *ends))
    return pd.DataFrame(rows, columns=["address", "published", "value", "low", "high"])


def fit_table(journeys: Journeys, given: Mapping[str, Given], model: PerceptionModel, weight: Array) -> pd.DataFrame:
    felt = contributions(journeys, model=model)
    found = []
    for metric, (rows, answer, _) in given.items():
        index, cut = getattr(felt, metric)[rows], _MIDDLE[metric]
        high, chance = answer > cut, ndtr(index - getattr(model.anchors, metric)[cut])
        parts = {
            f"decile {number}": places
            for number, places in enumerate(np.array_split(np.argsort(index, kind="stable"), 10), start=1)
        }
        for place, driver in enumerate(DRIVERS):
            lost = felt.drivers[rows, place] < 0.0
            parts |= {f"{driver} took away": np.flatnonzero(lost), f"{driver} did not": np.flatnonzero(~lost)}
        for by, places in parts.items():
            if len(places) >= _ENOUGH:
                counts = weight[rows[places]]
                shares = [float(np.average(values[places], weights=counts)) for values in (high, chance)]
                found.append((metric, by, len(places), *shares))
    return pd.DataFrame(found, columns=["question", "by", "n", "observed", "predicted"])


def explained(journeys: Journeys, given: Mapping[str, Given], model: PerceptionModel) -> dict[str, float]:
    felt = contributions(journeys, model=model)
    spread = {metric: float(np.var(getattr(felt, metric)[part.rows])) for metric, part in given.items()}
    return {metric: variance / (1.0 + variance) for metric, variance in spread.items()}


def warnings_of(sizes: pd.DataFrame, given: Mapping[str, Given]) -> Iterator[str]:
    n = max((len(part.rows) for part in given.values()), default=0)
    if n < FEW_ANSWERS:
        yield f"{n} answers; below {FEW_ANSWERS} nearly all is the prior"
    for row in sizes.to_dict("records"):
        if abs(row["shift"]) > _FAR:
            yield (
                f"{row['address']}: {row['value']:.3g}, {abs(row['shift']):.1f} prior SDs from {row['published']:.3g}; "
                "look whether the facts mean here what they mean elsewhere"
            )
        elif n and row["sd"] > _IDLE * row["prior_sd"] > 0.0:
            yield f"{row['address']}: the answers say next to nothing of it; it stays near what is published"
