"""Sizes of what people feel, from one's own survey answers: the published ones are the prior, answers move them.

    log = cxsim.read_log("calls.csv", reader="generic")          # with a table of surveys, or answers of one's own
    found = calibrate(log)
    found.sizes                                                  # published, calibrated, 90 % interval, shift
    found.write("my_customers.yaml")                             # then perception=my_customers.yaml

Calibrated are the sizes that have a prior SD in the perception file, each as a multiplier of what is published; the
weights of the driver families in ease and recommendation, if these were asked; and the cuts between answers. Not found
from answers: tolerances and other shapes (`profile` compares values of one where there are 20,000 answers), how the
noise is split, who answers, and who leaves; all these stay. Who answers is corrected for as the model says it happens;
`sensitivity` shows how much hangs on that.

Source
------
The outcome model of the reference, section 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.contacts.log import ContactLog
from cxsim.errors import PerceptionError, problem
from cxsim.perception.benchmark import targets_of
from cxsim.perception.calibration_tables import explained, fit_table, size_table, warnings_of, weight_table
from cxsim.perception.journeys import Journeys, journeys_of
from cxsim.perception.load import load_model
from cxsim.perception.parameter_sets import with_values
from cxsim.perception.parameters import Benchmark, Evidence, PerceptionModel
from cxsim.perception.reference import N_JOURNEYS, reference_anchors
from cxsim.perception.survey_fit import N_NEUTRAL, Given, answers_of, checked, fitted, response_weights, with_fit
from cxsim.perception.write import write_model

Array = npt.NDArray[Any]

# Shapes follow noise where there are fewer.
ANSWERS_FOR_SHAPES: Final = 20_000


@dataclass(frozen=True, eq=False)
class Calibration:
    """What answers say of the sizes.

    Attributes
    ----------
    model : PerceptionModel
        With sizes, weights, cuts and evidence found; anchored in the reference operation where nothing was asked.
    sizes : DataFrame
        address, published, value, multiplier, low, high (90 % interval of the value), sd (of the log multiplier),
        prior_sd, shift (in prior SDs; NaN where the size is held).
    weights : DataFrame
        address, published, value, low, high of the weights of driver families.
    fit : DataFrame
        question, by (a decile of the index, or a driver that took away or did not), n, observed, predicted: share
        of answers above the middle of the scale, those of 4 and 5 of satisfaction.
    explained : mapping of str to float
        By question, the share of the variance of the opinion that the facts explain.
    n_answers : mapping of str to int
    log_posterior : float
        Of the last fit, up to a constant; for `profile`.
    warnings : tuple of str
    """

    model: PerceptionModel
    sizes: pd.DataFrame
    weights: pd.DataFrame
    fit: pd.DataFrame
    explained: Mapping[str, float]
    n_answers: Mapping[str, int]
    log_posterior: float
    warnings: tuple[str, ...]

    def write(self, path: str | Path) -> Path:
        """Write the model as a file that `perception=` and `load_model` accept."""
        return write_model(self.model, path)


def calibrate(
    source: ContactLog | Journeys,
    answers: Mapping[str, Array] | None = None,
    *,
    model: PerceptionModel | None = None,
    n_reference: int = N_JOURNEYS,
) -> Calibration:
    """Fit the sizes of a model to survey answers.

    Parameters
    ----------
    source : ContactLog or Journeys
        All n cases, those who were not asked or did not answer too.
    answers : mapping of str to array [n], optional
        satisfaction (1 to 5), ease (1 to 7), recommendation (0 to 10), each NaN where there is no answer, in the order
        of the journeys; left out, those of the log's table of surveys.
    model : PerceptionModel, optional
        Prior: the shipped default if left out.
    n_reference : int
        Journeys of the reference operation in which what was not asked is anchored.

    Returns
    -------
    Calibration
        Without any answers the sizes and intervals are those of the prior.

    Raises
    ------
    PerceptionError
        An answer beyond its scale, an unknown question, or answers of other journeys.
    """
    model = model or load_model()
    journeys = journeys_of(source) if isinstance(source, ContactLog) else source
    if answers is None:
        answers = answers_of(source, journeys) if isinstance(source, ContactLog) else {}
    given = checked(answers, len(journeys))
    first = fitted(journeys, given, model, basis=model, weight=np.ones(len(journeys)))
    # Once more: memory, and who answers, as the first fit sees them.
    rough = with_fit(model, given, first)
    weight = response_weights(journeys, given, rough)
    last = fitted(journeys, given, model, basis=rough, weight=weight)
    sizes, weights = size_table(model, last), weight_table(model, given, last)
    found = _anchored(with_fit(model, given, last), model, given, n=n_reference)
    return Calibration(
        model=replace(found, evidence=_evidence(model, sizes, weights, sum(len(part.rows) for part in given.values()))),
        sizes=sizes,
        weights=weights,
        fit=fit_table(journeys, given, found, weight),
        explained=explained(journeys, given, found),
        n_answers={metric: len(part.rows) for metric, part in given.items()},
        log_posterior=last.log_posterior,
        warnings=tuple(warnings_of(sizes, given)),
    )


def sensitivity(
    source: ContactLog | Journeys, answers: Mapping[str, Array] | None = None, *, model: PerceptionModel | None = None
) -> pd.DataFrame:
    """Multipliers if extreme opinions answer no more than others, as the model has it, and at both ends of its range.

    Answers alone cannot tell who answers: invite some at random, remind some, or ask some in another way.

    Returns
    -------
    DataFrame
        Addresses by extremity of response [log-odds/SD].
    """
    model = model or load_model()
    known = model.evidence.get("response.extremity")
    ends = [] if known is None else [end for end in (known.low, known.high) if end == end]
    chosen = sorted({0.0, model.response.extremity, *ends})
    tables = {
        extremity: calibrate(
            source,
            answers,
            model=replace(model, response=replace(model.response, extremity=extremity)),
            n_reference=N_NEUTRAL,
        ).sizes.set_index("address")["multiplier"]
        for extremity in chosen
    }
    return pd.DataFrame(tables)


def profile(
    source: ContactLog | Journeys,
    address: str,
    values: Sequence[float],
    answers: Mapping[str, Array] | None = None,
    *,
    model: PerceptionModel | None = None,
) -> pd.DataFrame:
    """Log posterior of a shape, such as 'waiting.voice.tolerance' [s], at each of some values, all sizes fitted anew.

    Returns
    -------
    DataFrame
        value, log_posterior. Values less than 1.35 below the best lie in its 90 % interval.

    Raises
    ------
    PerceptionError
        Fewer than 20,000 answers: shapes then follow noise.
    """
    model = model or load_model()
    found = [
        calibrate(source, answers, model=with_values(model, {address: value}), n_reference=N_NEUTRAL)
        for value in values
    ]
    n = sum(found[0].n_answers.values()) if found else 0
    if n < ANSWERS_FOR_SHAPES:
        given = f"{n} answers"
        raise PerceptionError(
            problem(f"profile {address}", given, f"{ANSWERS_FOR_SHAPES} or more", "keep the published")
        )
    return pd.DataFrame({"value": values, "log_posterior": [one.log_posterior for one in found]})


def _anchored(found: PerceptionModel, model: PerceptionModel, given: Mapping[str, Given], *, n: int) -> PerceptionModel:
    """Anchored in the reference operation, but for the cuts of what was asked; figures of one's own are used up."""
    anchors = reference_anchors(n, model=found, targets=targets_of(model))
    anchors = replace(anchors, **{metric: getattr(found.anchors, metric) for metric in given})
    stated = model.anchor_to.annual_churn
    targets = replace(model.targets, annual_churn=stated) if stated == stated else model.targets
    return replace(found, anchors=anchors, targets=targets, anchor_to=Benchmark(), name="calibrated", notes=())


def _evidence(
    model: PerceptionModel, sizes: pd.DataFrame, weights: pd.DataFrame, n_answers: int
) -> dict[str, Evidence]:
    """Evidence of the model, and in its place what answers say where they say anything."""
    found = dict(model.evidence)
    for row in sizes.to_dict("records"):
        if row["sd"] < row["prior_sd"] - 1e-9:
            source = f"calibrated on {n_answers} answers; before: {found[row['address']].source}"
            found[row["address"]] = Evidence(row["value"], row["low"], row["high"], row["sd"], "B", source)
    for row in weights.to_dict("records"):
        known = found[row["address"]]
        source = f"calibrated on {n_answers} answers; before: {known.source}"
        low = max(row["low"], 0.0)
        found[row["address"]] = Evidence(
            max(row["value"], 0.0), low, max(row["high"], low), known.prior_sd, "B", source
        )
    return found
