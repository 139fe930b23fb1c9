"""Estimates of a real log: one history, its days taken as the independent repetitions."""

from __future__ import annotations

import math

import pandas as pd

from cxsim.contacts.log import ContactLog
from cxsim.designs.tables import KEYS, interval_of, series_of
from cxsim.metrics.measure import counters, measure, unavailable
from cxsim.metrics.requests import Wanted
from cxsim.metrics.window import Window

FEWEST_DAYS = 5


def estimate_log(
    log: ContactLog, metrics: Wanted = None, *, window: Window = None, level: float = 0.95
) -> pd.DataFrame:
    """Metrics of a log with intervals over its days, where the days add up to the whole and there are enough.

    Contacts of one day share its busyness and its staff, so an interval over contacts would be far too narrow.

    Returns
    -------
    DataFrame
        As of `cxsim.designs.tables.estimate_table`; `replications` is the number of days. A metric that is not a sum
        over days (a backlog), or a log of fewer than five days, has no interval and the flag `no_interval`.
    """
    whole = measure(log, metrics, window=window)
    names = list(whole["metric"] + ":" + whole["variant"])
    wanted = names if metrics is None else metrics
    # What is no sum over days (a customer's churn) cannot be grouped by them.
    refused = unavailable(log, wanted, by="day", window=window)
    if len(refused):
        beyond = set(refused["metric"] + ":" + refused["variant"])
        wanted = [name for name in names if name not in beyond]
    each = counters(log, wanted, by="day", window=window)
    days = list(dict.fromkeys(each["group"]))
    each = each.assign(replication=each["group"].map(days.index), scenario="log", by="", group="")
    intervals = {}
    if len(days) >= FEWEST_DAYS:
        for series in series_of(each, replications=len(days)):
            intervals[series.key[3:]] = interval_of(series, level=level)
    rows = []
    for row in whole.to_dict("records"):
        found = intervals.get((row["metric"], row["variant"]))
        fits = found is not None and math.isclose(found.value, row["value"], rel_tol=1e-6, abs_tol=1e-12)
        ends = (found.low, found.high, found.standard_error) if fits and found else (math.nan,) * 3
        method = found.method if fits and found else "none"
        about = [row[name] for name in ("numerator", "denominator", "n", "unit", "better", "kind")]
        flags = " ".join(found.flags) if fits and found else "no_interval"
        key = ("log", "", "", row["metric"], row["variant"])
        rows.append((*key, row["value"], *ends, level, method, len(days), *about, flags))
    columns = [*KEYS, "value", "low", "high", "standard_error", "level", "method", "replications", "numerator"]
    return pd.DataFrame(rows, columns=[*columns, "denominator", "n", "unit", "better", "kind", "flags"])
