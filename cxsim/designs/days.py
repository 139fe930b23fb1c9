"""Estimates of a real log: one history, its days taken as the independent repetitions."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from cxsim.contacts.log import ContactLog
from cxsim.designs.estimate import Interval
from cxsim.designs.tables import KEYS, interval_of, series_of
from cxsim.metrics.measure import counters, measure
from cxsim.metrics.requests import Wanted
from cxsim.metrics.window import Window, stretches_of
from cxsim.units import DAY

FEWEST_DAYS = 5


def estimate_log(
    log: ContactLog, metrics: Wanted = None, *, by: str | None = None, window: Window = None, level: float = 0.95
) -> pd.DataFrame:
    """Metrics of a log with intervals over its days, where the days add up to the whole and there are enough.

    Contacts of one day share its busyness and its staff, so an interval over contacts would be far too narrow.

    Parameters
    ----------
    log : ContactLog
    metrics, window
        As of `cxsim.metrics.measure.measure`.
    by : str, optional
        A coded column, or 'interval' of the clock.
    level : float

    Returns
    -------
    DataFrame
        As of `cxsim.designs.tables.estimate_table`; `replications` is the number of days. A metric that is not a sum
        over days (a backlog), or a log of fewer than five days, has no interval and the flag `no_interval`.
    """
    whole = measure(log, metrics, by=by, window=window)
    names = list(dict.fromkeys(whole["metric"] + ":" + whole["variant"])) if metrics is None else metrics
    intervals, n_days = _over_days(log, names, by=by, window=window, level=level)
    rows = []
    for row in whole.to_dict("records"):
        found, n = intervals.get((row["group"], row["metric"], row["variant"]), (None, -1))
        # The same number of observations, too: customers are counted whole on every day.
        fits = (
            n == row["n"] and found is not None and math.isclose(found.value, row["value"], rel_tol=1e-6, abs_tol=1e-12)
        )
        ends = (found.low, found.high, found.standard_error) if fits and found else (math.nan,) * 3
        method = found.method if fits and found else "none"
        about = [row[name] for name in ("numerator", "denominator", "n", "unit", "better", "kind")]
        flags = " ".join(found.flags) if fits and found else "no_interval"
        group = "" if by is None else row["group"]
        key = ("log", by or "", group, row["metric"], row["variant"])
        rows.append((*key, row["value"], *ends, level, method, n_days, *about, flags))
    columns = [*KEYS, "value", "low", "high", "standard_error", "level", "method", "replications", "numerator"]
    return pd.DataFrame(rows, columns=[*columns, "denominator", "n", "unit", "better", "kind", "flags"])


def _over_days(
    log: ContactLog, names: Wanted, *, by: str | None, window: Window, level: float
) -> tuple[dict[tuple[str, ...], tuple[Interval | None, int]], int]:
    """Intervals and observations by group, metric and variant, each day measured on its own; none for too few days."""
    stretches = stretches_of(log, window)
    first, last = int(np.floor(stretches.min() / DAY)), int(np.ceil(stretches.max() / DAY))
    # A day without contacts counts as a day, but need not be measured: one wrong year would bring thousands of them.
    offered = log.touchpoints.offered
    busy = np.unique(np.floor(offered[np.isfinite(offered)] / DAY)).astype(int).tolist()
    each: list[pd.DataFrame] = []
    for day in (day for day in busy if first <= day < last):
        today = np.clip(stretches, day * DAY, (day + 1) * DAY)
        today = today[today[:, 1] > today[:, 0]]
        if len(today):
            # Stretches of one day lie inside its clock window: begin and end say them all.
            table = counters(log, names, by=by, window=(float(today.min()), float(today.max())))
            each.append(table.assign(replication=day - first, scenario="log", by=""))
    if last - first < FEWEST_DAYS or not each:
        return {}, last - first
    joined = pd.concat(each, ignore_index=True)
    series = list(series_of(joined, replications=last - first))
    return {each_one.key[2:]: (interval_of(each_one, level=level), each_one.n) for each_one in series}, last - first
