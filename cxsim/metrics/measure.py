"""Measure a log: a tidy table of metrics by group and window, and counters that replications can add up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable
from cxsim.metrics.grouping import Groups, Part, Split
from cxsim.metrics.metric import require
from cxsim.metrics.ratio import Sample
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
    frame = _frame(
        log, metrics, by=by, window=window, interval=interval, population=population, each=by_replication, keep=False
    )
    return frame[["replication", *COLUMNS] if by_replication else list(COLUMNS)]


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
    return _frame(log, metrics, by=by, window=window, interval=interval, population=population, each=True, keep=True)


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
    refused: list[tuple[Request, MetricUnavailable]] = []
    _rows(log, read(metrics), by=by, window=window, interval=None, each=False, refused=refused)
    rows = [(request.metric.name, request.variant, str(reason)) for request, reason in refused]
    return pd.DataFrame(rows, columns=["metric", "variant", "reason"])


def _frame(
    log: ContactLog,
    metrics: Wanted,
    *,
    by: str | None,
    window: Window,
    interval: float | None,
    population: str | None,
    each: bool,
    keep: bool,
) -> pd.DataFrame:
    refused: list[tuple[Request, MetricUnavailable]] = []
    requests = read(metrics, population=population)
    found = _rows(log, requests, by=by, window=window, interval=interval, each=each, refused=refused)
    if refused and metrics is not None:
        raise MetricUnavailable([line for _, reason in refused for line in reason.problems])
    return _table(found, keep=keep)


def _rows(
    log: ContactLog,
    requests: Sequence[Request],
    *,
    by: str | None,
    window: Window,
    interval: float | None,
    each: bool,
    refused: list[tuple[Request, MetricUnavailable]],
) -> list[tuple[Request, Part, Any]]:
    """Every request on every part; a request that any part refuses is out as a whole, with the reason."""
    split = Split(by, HALF_HOUR if interval is None else float(interval), each, stretches_of(log, window))
    groups = Groups(log, split)
    found: list[tuple[Request, Part, Any]] = []
    for request in requests:
        try:
            require(request.metric, groups.whole, variant=request.variant)
            parts = groups.parts(request.metric)
            compute = request.metric.compute
            found += [(request, part, compute(part.selection, **request.parameters)) for part in parts]
        except MetricUnavailable as reason:
            refused.append((request, reason))
    return found


def _table(found: list[tuple[Request, Part, Any]], *, keep: bool) -> pd.DataFrame:
    data: dict[str, list[Any]] = {name: [] for name in ("replication", *COLUMNS, "p", "values")}
    for request, part, result in found:
        quantile = isinstance(result, Sample)
        data["replication"].append(0 if part.replication is None else part.replication)
        data["metric"].append(request.metric.name)
        data["variant"].append(request.variant)
        data["group"].append(part.group)
        data["value"].append(result.value)
        data["numerator"].append(math.nan if quantile else float(result.numerator))
        data["denominator"].append(math.nan if quantile else float(result.denominator))
        data["n"].append(result.n)
        data["unit"].append(request.metric.unit_of(request.parameters))
        data["better"].append(request.metric.better)
        data["kind"].append(request.metric.kind)
        if keep:
            data["p"].append(result.p if quantile else math.nan)
            data["values"].append(np.sort(result.values) if quantile else None)
    if not keep:
        del data["p"], data["values"]
    return pd.DataFrame(data)
