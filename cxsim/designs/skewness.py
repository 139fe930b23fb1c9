"""Whether a mean rests on a few heavy replications, so that its interval is rough, and how many would be wise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd
from scipy import stats

from cxsim.designs.estimate import Array, is_constant, ratio_influences
from cxsim.designs.tables import series_of
from cxsim.designs.values import spoken_name

# Means of times that everybody reads, beside what a study decides by.
READ_FIRST: Final = ("average_speed_of_answer:answered", "first_response_time:mean", "resolution_time:mean")
FEWEST: Final = 5  # replications below which skewness says nothing
CLEAR: Final = stats.norm.isf(0.001)  # standard errors of the skewness; a normal sample is beyond in one of a thousand


def replications_wise(values: Array) -> int | None:
    """Replications that the interval of a mean wants, where values [n] are clearly too skewed for as few as there are.

    None where n > 25 G1^2 or where the skewness G1 of the sample is not clear of 0.

    Source
    ------
    Cochran (1977), Sampling techniques, section 2.15: with so many, a normal 95 % interval misses in at most 6 %;
    standard error of G1: Fisher (1930), moments of departures from normality in normal samples.
    """
    n = len(values)
    if n < FEWEST or is_constant(values):
        return None
    skewness = float(stats.skew(values, bias=False))
    error = math.sqrt(6.0 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    wise = math.ceil(25.0 * skewness**2)
    return wise if n < wise and abs(skewness) > CLEAR * error else None


def skewness_notes(counters: pd.DataFrame, *, names: Sequence[str], replications: int) -> list[str]:
    """One sentence on the means, of those named and of READ_FIRST, whose intervals are rough; nothing elsewhere.

    Parameters
    ----------
    counters : DataFrame
        As of `cxsim.designs.tables.estimate_table`.
    names : sequence of 'metric:variant'
    replications : int
    """
    wanted = dict.fromkeys([*names, *READ_FIRST])
    full = counters["metric"] + ":" + counters["variant"]
    found: dict[str, int] = {}
    for series in series_of(counters[(counters["by"] == "") & full.isin(list(wanted))], replications=replications):
        if series.samples is not None or not series.denominators.sum() > 0:
            continue
        wise = replications_wise(ratio_influences(series.numerators, series.denominators))
        if wise is not None:
            name = f"{series.key[3]}:{series.key[4]}"
            found[name] = max(wise, found.get(name, 0))
    if not found:
        return []
    said = ", ".join(f"{spoken_name(name)} ({found[name]:,})" for name in wanted if name in found)
    return [
        f"a few unusual replications skew the mean, and its interval from {replications} of them is rough; so many "
        f"would be wise: {said}"
    ]
