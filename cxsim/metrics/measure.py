"""Measure a log: a tidy table of metrics by group and window, and counters that replications can add up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.contacts.log import ContactLog
from cxsim.contacts.order import ordered as ordered_values
from cxsim.errors import MetricUnavailable
from cxsim.metrics.counts import Count, frame_of
from cxsim.metrics.grouping import Groups, Part, Split
from cxsim.metrics.metric import require
from cxsim.metrics.ratio import Ratio, Sample, quantile_of_sorted
from cxsim.metrics.requests import Request, Wanted, read
from cxsim.metrics.window import Window, stretches_of

Array = npt.NDArray[Any]

COLUMNS: Final = (
    "metric",
    "variant",
    "group",
    "value",
    "numerator",
    "denominator",
    "n",
    "unit",
    "better",
    "kind",
)
HALF_HOUR: Final = 1800.0


def measure(
    log: ContactLog,
    metrics: Wanted = None,
    *,
    by: str | None = None,
    window: Window = None,
    interval: float | None = None,
    population: str | None = None,
    by_replication: bool = False,
) -> pd.DataFrame:
    """Metrics of a log, simulated or real, one row each metric, variant and group.

    Parameters
    ----------
    log : ContactLog
    metrics : None, str, list or mapping
        'service_level', 'asa', 'service_level:answered_only', {'service_level': {'within': 30}}, the name of a shipped
        list, or several. None: everything that this log can give; see `unavailable` for the rest.
    by : str, optional
        A coded column ('contact_type', 'channel', 'touchpoint', 'segment', 'agent_group', ...), 'agent', 'replication',
        'interval' (of the clock, all days together), 'day' or 'weekday'. Metrics of cases go by the case's first touch.
    window : pair, optional
        ('08:00', '18:00') of every day, or seconds of the log's clock, or ISO instants if the log has an origin.
        Left out: the log's span, else up to its horizon, else from its first offer to its last event.
    interval : float, optional
        Length of an interval [s]; half an hour if left out.
    population : str, optional
        'all' or 'surveyed', for satisfaction, effort and recommendation.
    by_replication : bool
        One row a replication, in a further column.

    Returns
    -------
    DataFrame
        metric, variant, group, value, numerator, denominator, n, unit, better, kind (and replication). A value without
        an observation is NaN with n 0. Quantiles have no numerator.

    Raises
    ------
    MetricUnavailable
        A metric asked for by name does not exist or cannot be had from this log, all of them together; or a grouping
        or window makes no sense.
    """
    found = counts(log, metrics, by=by, window=window, interval=interval, population=population, each=by_replication)
    return frame_of(found, ["replication", *COLUMNS] if by_replication else COLUMNS)


def counters(
    log: ContactLog,
    metrics: Wanted = None,
    *,
    by: str | None = None,
    window: Window = None,
    interval: float | None = None,
    population: str | None = None,
) -> pd.DataFrame:
    """What `measure` divides, one row each metric, group and replication, for intervals and for `pool`.

    Returns
    -------
    DataFrame
        The columns of `measure` with replication, and p and values: for a quantile its p and the sorted observations,
        for a ratio NaN and None.
    """
    found = counts(log, metrics, by=by, window=window, interval=interval, population=population)
    return frame_of(found, ["replication", *COLUMNS, "p", "values"])


def pool(frames: pd.DataFrame | Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Add counters over replications or logs, then divide: ratio of sums, quantiles of all observations together.

    Returns
    -------
    DataFrame
        As of `measure`, in the order in which metrics and groups first appear.
    """
    every = [frames] if isinstance(frames, pd.DataFrame) else list(frames)
    joined = pd.concat(every, ignore_index=True)
    groups = joined.groupby(["metric", "variant", "group"], sort=False)
    place = groups.ngroup().to_numpy()  # in order of first appearance
    pooled = groups[["unit", "better", "kind", "p"]].first().reset_index()
    for name in ("numerator", "denominator", "n"):
        pooled[name] = np.bincount(place, weights=joined[name].to_numpy(dtype=float), minlength=len(pooled))
    pooled["n"] = pooled["n"].astype("int64")
    over = pooled["denominator"].to_numpy() > 0
    pooled["value"] = np.where(over, pooled["numerator"] / pooled["denominator"].where(over, 1.0), math.nan)
    kept = joined["values"].to_numpy()
    rows = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
    for number in np.flatnonzero(pooled["p"].notna()):
        pooled.loc[number, "value"] = Sample(np.concatenate(list(kept[rows[number]])), float(pooled["p"][number])).value
    return pooled[list(COLUMNS)]


def unavailable(
    log: ContactLog, metrics: Wanted = None, *, by: str | None = None, window: Window = None
) -> pd.DataFrame:
    """Metrics that this log cannot give, and why: columns metric, variant, reason."""
    _, refused = _counted(log, read(metrics), by=by, window=window, interval=None, each=False)
    rows = [(request.metric.name, request.variant, str(reason)) for request, reason in refused]
    return pd.DataFrame(rows, columns=["metric", "variant", "reason"])


def counts(
    log: ContactLog,
    metrics: Wanted = None,
    *,
    by: str | None = None,
    window: Window = None,
    interval: float | None = None,
    population: str | None = None,
    each: bool = True,
    available: bool = False,
) -> list[Count]:
    """The rows of `counters` before they are a table, for whoever measures often; see `prepare.prepared`.

    Parameters
    ----------
    each : bool
        Replications apart.
    available : bool
        Leave out what this log cannot give, whether asked for by name or not.
    """
    requests = read(metrics, population=population)
    found, refused = _counted(log, requests, by=by, window=window, interval=interval, each=each)
    if refused and metrics is not None and not available:
        raise MetricUnavailable([line for _, reason in refused for line in reason.problems])
    return found


def _counted(
    log: ContactLog,
    requests: Sequence[Request],
    *,
    by: str | None,
    window: Window,
    interval: float | None,
    each: bool,
) -> tuple[list[Count], list[tuple[Request, MetricUnavailable]]]:
    """Every request on every part; a request that any part refuses is out as a whole, with the reason."""
    split = Split(by, HALF_HOUR if interval is None else float(interval), each, stretches_of(log, window))
    groups = Groups(log, split)
    found: list[Count] = []
    refused: list[tuple[Request, MetricUnavailable]] = []
    ordered: dict[int, tuple[Array, Array]] = {}
    for request in requests:
        compute, parameters = request.metric.compute, request.parameters
        try:
            require(request.metric, groups.whole, variant=request.variant)
            parts = groups.parts(request.metric)
            found += [_count(request, part, compute(part.selection, **parameters), ordered) for part in parts]
        except MetricUnavailable as reason:
            refused.append((request, reason))
    return found, refused


def _count(request: Request, part: Part, result: Ratio | Sample, ordered: dict[int, tuple[Array, Array]]) -> Count:
    entry, replication = request.metric, part.replication or 0
    names = (entry.name, request.variant, part.group)
    about = (entry.unit_of(request.parameters), entry.better, entry.kind)
    if isinstance(result, Ratio):
        over = float(result.numerator), float(result.denominator)
        return Count(*names, result.value, *over, result.n, *about, math.nan, None, replication)
    # Several quantiles of the same observations sort them once; these are kept beside, so that no number comes twice.
    given, values = ordered.get(id(result.values)) or (result.values, ordered_values(result.values))
    ordered[id(given)] = given, values
    value = quantile_of_sorted(values, result.p)
    return Count(*names, value, math.nan, math.nan, result.n, *about, result.p, values, replication)
