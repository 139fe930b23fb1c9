"""From counters of replications to tidy tables of estimates and of paired differences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.designs.compare import Difference, holm, quantile_difference, ratio_difference, verdict
from cxsim.designs.estimate import Interval, ratio_interval
from cxsim.designs.quantiles import quantile_interval

Array = npt.NDArray[Any]
KEYS = ["scenario", "by", "group", "metric", "variant"]
ABOUT = ["unit", "better", "kind"]
# Units of numbers over the time looked at, which passes also where nothing happens.
OF_TIME = ("contacts/day", "cases/day", "cases", "erlang", "agents")


class Series(NamedTuple):
    """One metric of one group over the replications of a scenario: counters, or all observations of a quantile."""

    key: tuple[str, ...]
    numerators: Array
    denominators: Array
    samples: list[Array] | None
    p: float
    n: int
    about: tuple[str, str, str]


def series_of(counters: pd.DataFrame, *, replications: int) -> Iterator[Series]:
    """Every metric and group of counters [rows of `run_trial`]; a replication in which it did not occur counts 0."""
    for key, part in counters.groupby(KEYS, sort=False, observed=True):
        place = part["replication"].to_numpy()
        numerators, denominators = np.zeros(replications), np.zeros(replications)
        # Steps of cases are counted a replication, also where there were none.
        if key[1] == "flow":
            denominators[:] = 1.0
        samples = None
        p = float(part["p"].iloc[0])
        if math.isnan(p):
            numerators[place] = part["numerator"]
            denominators[place] = part["denominator"]
            if part["unit"].iloc[0] in OF_TIME:
                denominators[denominators == 0.0] = part["denominator"].max()
        else:
            samples = [np.empty(0)] * replications
            for at, values in zip(place, part["values"], strict=True):
                samples[at] = np.empty(0) if values is None else values
        yield Series(
            tuple(map(str, key)), numerators, denominators, samples, p, int(part["n"].sum()), tuple(part[ABOUT].iloc[0])
        )


def first_replications(series: Series, n: int) -> Series:
    """The same metric over its first n replications only; `n` of the observations stays that of all."""
    samples = None if series.samples is None else series.samples[:n]
    return series._replace(numerators=series.numerators[:n], denominators=series.denominators[:n], samples=samples)


# Scales of answers; what else is in points has no end.
SCALES = {
    "net_promoter_score": (-100.0, 100.0),
    "customer_effort_score": (1.0, 7.0),
    "customer_satisfaction": (1.0, 5.0),
    "moment_points": (0.0, 100.0),
    "moment_nps": (0.0, 200.0),
}


def _bounds(series: Series) -> tuple[float, float]:
    """Lowest and highest value that a metric can have."""
    if series.about[0] == "points":
        return SCALES.get(series.key[3], (-math.inf, math.inf))
    lowest = 0.0 if np.all(series.numerators >= 0) else -math.inf
    share = series.about[0] == "1" and np.all(series.numerators <= series.denominators)
    return lowest, 1.0 if share else math.inf


def interval_of(series: Series, *, level: float = 0.95) -> Interval:
    """The interval of one series over its replications: B1 for ratios, B4 for quantiles."""
    if series.samples is None:
        found = ratio_interval(series.numerators, series.denominators, level=level)
        lowest, highest = _bounds(series)
        # A wait below 0 or a share above 1 cannot be: the interval ends where the metric does. NaN stays NaN.
        low = lowest if found.low < lowest else found.low
        return found._replace(low=low, high=highest if found.high > highest else found.high)
    n = len(series.samples)
    if not any(len(values) for values in series.samples):
        return Interval(math.nan, math.nan, math.nan, math.nan, level, "B4", n, n - 1, ("nothing_observed",))
    if not 0.0 < series.p < 1.0:
        # The longest of all grows with the number of replications; an interval would promise otherwise.
        extreme = max(float(values[-1]) for values in series.samples if len(values))
        return Interval(extreme, math.nan, math.nan, math.nan, level, "extreme", n, n - 1, ("no_interval",))
    return quantile_interval(series.samples, p=series.p, level=level)


def estimate_table(counters: pd.DataFrame, *, replications: int, level: float = 0.95) -> pd.DataFrame:
    """Estimates with intervals, one row each scenario, group and metric.

    Parameters
    ----------
    counters : DataFrame
        Rows of `cxsim.trial.run_trial` of one or more scenarios, replications 0 to `replications` - 1.
    replications : int
    level : float

    Returns
    -------
    DataFrame
        scenario, by, group, metric, variant, value, low, high, standard_error, level, method, replications, numerator,
        denominator, n, unit, better, kind, flags.
    """
    rows = []
    for series in series_of(counters, replications=replications):
        found = interval_of(series, level=level)
        ratio = series.samples is None
        rows.append(
            (
                *series.key,
                *(found.value, found.low, found.high, found.standard_error, level, found.method, replications),
                float(series.numerators.sum()) if ratio else math.nan,
                float(series.denominators.sum()) if ratio else math.nan,
                *(series.n, *series.about, " ".join(found.flags)),
            )
        )
    columns = [*KEYS, "value", "low", "high", "standard_error", "level", "method", "replications"]
    return pd.DataFrame(rows, columns=[*columns, "numerator", "denominator", "n", *ABOUT, "flags"])


def difference_of(changed: Series, base: Series, *, level: float = 0.95) -> Difference:
    """Changed minus base of one metric, paired by replication."""
    if changed.samples is None or base.samples is None:
        return ratio_difference(
            changed.numerators,
            changed.denominators,
            base_numerators=base.numerators,
            base_denominators=base.denominators,
            level=level,
        )
    alone = [interval_of(series, level=level) for series in (changed, base)]
    if any(found.flags in (("nothing_observed",), ("no_interval",)) for found in alone):
        none = alone[0]._replace(value=alone[0].value - alone[1].value, flags=alone[0].flags or alone[1].flags)
        return Difference(none._replace(low=math.nan, high=math.nan), math.nan, math.nan, math.nan)
    return quantile_difference(changed.samples, base_samples=base.samples, p=base.p, level=level)


BREAKDOWNS = ("", "goal", "moment", "touchpoint", "contact_type", "agent_group")


def difference_table(
    counters: pd.DataFrame, *, base: str, replications: int, confirm: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Paired differences of every other scenario against the base.

    Parameters
    ----------
    counters : DataFrame
        Rows of `cxsim.trial.run_trial`.
    base : str
        Label of the baseline.
    replications : int
    confirm : sequence of 'metric:variant'
        Those whose p-values are adjusted together by Holm, over all scenarios; the others are exploratory. What never
        changed has no p-value and 1 after Holm.
    level : float

    Returns
    -------
    DataFrame
        scenario, by, group, metric, variant, base, value, difference, low, high, level, p_value, p_holm, correlation,
        variance_ratio, replications, outcome, sentence, unit, better, kind.
    """
    wanted = counters[counters["by"].isin(BREAKDOWNS)]
    found = {series.key: series for series in series_of(wanted, replications=replications)}
    rows = []
    for key, series in found.items():
        before = found.get((base, *key[1:]))
        if key[0] == base or before is None:
            continue
        difference = difference_of(series, before, level=level)
        interval = difference.interval
        said = verdict(interval, what=f"{key[3]} ({key[4]})")
        rows.append(
            (
                *key,
                *(interval_of(before, level=level).value, interval_of(series, level=level).value),
                *(interval.value, interval.low, interval.high, level, difference.p_value, math.nan),
                *(difference.correlation, difference.variance_ratio, replications, said.outcome, said.sentence),
                *series.about,
            )
        )
    columns = [*KEYS, "base", "value", "difference", "low", "high", "level", "p_value", "p_holm", "correlation"]
    table = pd.DataFrame(rows, columns=[*columns, "variance_ratio", "replications", "outcome", "sentence", *ABOUT])
    names = table["metric"] + ":" + table["variant"]
    named = names.isin(list(confirm)) & (table["by"] == "")
    # What never changed has no test; it claims nothing and takes nothing from the others.
    table.loc[named & (table["outcome"] == "equivalent"), "p_holm"] = 1.0
    together = named & table["p_value"].notna()
    if together.any():
        table.loc[together, "p_holm"] = holm(table.loc[together, "p_value"].to_numpy())
    return table
