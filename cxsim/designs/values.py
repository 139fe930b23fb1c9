"""One number a replication for each of several scenarios, whose mean is their metric: what designs reckon with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxsim.designs.estimate import Array, ratio_influences
from cxsim.designs.quantiles import quantile_influences
from cxsim.designs.tables import Series, series_of
from cxsim.errors import RunError, problem
from cxsim.metrics.requests import read
from cxsim.printed import name_of


class Measured(NamedTuple):
    """A metric over scenarios and replications: values [n_scenarios, n_replications], its unit and the better side."""

    values: Array
    unit: str
    better: str


def spoken_name(primary: str) -> str:
    """'service level (strict)', for the middle of a sentence."""
    metric, _, variant = primary.partition(":")
    name = name_of(metric, variant)
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def unit_of(primary: str) -> str:
    """Unit of 'metric:variant'."""
    request = read([primary])[0]
    return request.metric.unit_of(request.parameters)


def primary_series(
    counters: pd.DataFrame, labels: Sequence[str], *, primary: str, replications: int
) -> dict[str, Series]:
    """The primary metric of each scenario.

    Raises
    ------
    RunError
        Not measured in one of them.
    """
    metric, _, variant = primary.partition(":")
    chosen = (counters["by"] == "") & (counters["metric"] == metric) & (counters["variant"] == variant)
    part = counters[chosen & counters["scenario"].isin(list(labels))]
    found = {series.key[0]: series for series in series_of(part, replications=replications)}
    for label in labels:
        if label not in found:
            given = f"not measured in {label}"
            raise RunError(problem(f"primary metric {primary}", given, "choose another primary="))
    return {label: found[label] for label in labels}


def values_of(series: Series) -> Array:
    """Influence values [n_replications] of a ratio or a quantile.

    Raises
    ------
    RunError
        Nothing was observed.
    """
    try:
        if series.samples is None:
            return ratio_influences(series.numerators, series.denominators)
        return np.asarray(quantile_influences(series.samples, p=series.p), dtype=float)
    except ValueError as error:
        where = f"{series.key[3]}:{series.key[4]} of {series.key[0]}"
        raise RunError(problem(where, "no value", str(error), "choose another primary=")) from None


def measured(counters: pd.DataFrame, labels: Sequence[str], *, primary: str, replications: int) -> Measured:
    """The primary metric of scenarios that all ran the same replications.

    Raises
    ------
    RunError
        Not measured in one of them, or nothing observed.
    """
    found = primary_series(counters, labels, primary=primary, replications=replications)
    unit, better, _ = found[labels[0]].about
    return Measured(np.array([values_of(found[label]) for label in labels]), unit, better)
