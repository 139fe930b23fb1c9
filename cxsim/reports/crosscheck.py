"""The simulation beside a formula: Erlang A or C interval by interval, and why the two differ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.erlang import Measures, erlang_a, exponential_patience, queue_with_patience, with_balking
from cxsim.reports.reasons import why_they_differ
from cxsim.reports.tables import is_missing, pick, rows_of, shown
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import AgentGroup, ScenarioModel, Staffed, days_of
from cxsim.units import DAY

Array = npt.NDArray[np.float64]
THRESHOLD: Final = 20.0  # of service_level where its variant names none [s]
MEASURES: Final = (
    ("service_level", "answered_within"),
    ("average_speed_of_answer", "mean_wait_answered"),
    ("abandonment_rate", "abandonment_rate"),
)


class Check(NamedTuple):
    """The formula beside the simulation.

    Attributes
    ----------
    table : DataFrame or None
        metric, variant, erlang, value, low, high, unit of the whole, weighted by volume; None where no formula applies.
    by_interval : DataFrame or None
        interval, contacts (a day), agents, handle_time [s], service_level, average_speed_of_answer [s],
        abandonment_rate, by formula.
    sentence : str
        Why they differ, or why there is no formula.
    """

    table: pd.DataFrame | None
    by_interval: pd.DataFrame | None
    sentence: str


def erlang_check(scenario: Scenario, estimates: pd.DataFrame) -> Check:
    """Steady-state Erlang for each interval with the simulated arrivals, handle time and staff.

    All live touchpoints (staffed, not deferred) and the groups that serve them are taken as one pool; staff is the
    simulated number of agents available times the planned share of these groups. With patience Erlang A, its rate of
    leaving the volume-weighted mean of those of the touchpoints; without Erlang C.

    Parameters
    ----------
    scenario : Scenario
    estimates : DataFrame
        Rows of `Findings.estimates` of this scenario, breakdowns by interval and touchpoint included.

    Source
    ------
    `cxsim.erlang`; Green, Kolesar and Soares (2001), the stationary independent period by period approximation.
    """
    model = scenario.model
    live = [name for name, part in model.touchpoints.items() if isinstance(part, Staffed) and not part.deferred]
    if not live:
        return Check(None, None, "No Erlang formula applies: nobody waits on the line for an agent.")
    handle_time = _handle_time(estimates, live)
    intervals = _intervals(estimates, model)
    if not handle_time > 0.0 and not math.isnan(handle_time):
        return Check(None, None, "No Erlang formula applies: contacts take no time.")
    if intervals.empty or math.isnan(handle_time):
        return Check(None, None, "No Erlang formula applies: arrivals or staff by interval were not measured.")
    intervals["agents"] *= intervals["interval"].map(_live_share(model, live))
    patience, at_once = _patience(model, _volumes(estimates, live))
    variant, within = _threshold(estimates)
    kept = []
    for rate, agents in intervals[["rate", "agents"]].to_numpy(dtype=float).tolist():
        found = _steady(rate, handle_time, agents, (patience, at_once, within))
        kept.append([getattr(found, field) if found else math.nan for _, field in MEASURES])
    for place, (metric, _) in enumerate(MEASURES):
        intervals[metric] = [values[place] for values in kept]
    intervals["handle_time"] = handle_time
    covered = intervals[intervals["service_level"].notna()]
    if covered.empty:
        return Check(None, None, "No Erlang formula applies: load is above staff in every interval, without patience.")
    share, name = covered["contacts"].sum() / intervals["contacts"].sum(), "C" if math.isinf(patience) else "A"
    laws = _laws_said(patience, handle_time)
    sentence = why_they_differ(model, live=live, formula=f"Erlang {name}", covered=float(share), laws=laws)
    return Check(_table(covered, estimates, variant=variant), intervals.drop(columns="rate"), sentence)


def _threshold(estimates: pd.DataFrame) -> tuple[str, float]:
    """Variant of the strict service level that was measured, and its threshold [s]."""
    level = pick(rows_of(estimates, ""), "service_level", "strict")
    variant = "strict" if level is None else str(level["variant"])
    return variant, float(variant.rpartition("within=")[2]) if "within=" in variant else THRESHOLD


def _laws_said(patience: float, handle_time: float) -> str:
    mean = "no end of patience" if math.isinf(patience) else f"a mean patience of {shown(patience, 's')}"
    return f"a mean handle time of {shown(handle_time, 's')} and {mean}"


def _table(covered: pd.DataFrame, estimates: pd.DataFrame, *, variant: str) -> pd.DataFrame:
    """Formula and simulation of the whole, side by side."""
    n = covered["contacts"].to_numpy(dtype=float)
    answered = n * (1.0 - covered["abandonment_rate"].to_numpy(dtype=float))
    whole = rows_of(estimates, "")
    rows = []
    for (metric, _), weight, name in zip(MEASURES, (n, answered, n), (variant, "answered", "all"), strict=True):
        row = pick(whole, metric, name)
        if row is not None:
            value = float(np.average(covered[metric], weights=weight))
            rows.append((metric, row["variant"], value, row["value"], row["low"], row["high"], row["unit"]))
    return pd.DataFrame(rows, columns=["metric", "variant", "erlang", "value", "low", "high", "unit"])


def _intervals(estimates: pd.DataFrame, model: ScenarioModel) -> pd.DataFrame:
    """Interval, contacts a day, rate [1/s] and agents of each interval in which somebody calls."""
    part = rows_of(estimates, "interval")
    columns = {}
    for metric in ("contacts_offered", "agents_available"):
        rows = part[part["metric"] == metric]
        columns[metric] = dict(zip(rows["group"], rows["value"], strict=True))
    found = [
        (group, float(n), float(columns["agents_available"].get(group, math.nan)))
        for group, n in columns["contacts_offered"].items()
        if not is_missing(n) and n > 0
    ]
    table = pd.DataFrame(found, columns=["interval", "contacts", "agents"]).dropna()
    return table.assign(rate=table["contacts"] / model.calendar.interval)


def _handle_time(estimates: pd.DataFrame, live: list[str]) -> float:
    """Mean handle time of the live touchpoints [s], after-call work included."""
    part = rows_of(estimates, "touchpoint")
    part = part[(part["metric"] == "average_handle_time") & part["group"].isin(live)].dropna(subset=["numerator"])
    n = float(part["denominator"].sum())
    return float(part["numerator"].sum()) / n if n > 0 else math.nan


def _volumes(estimates: pd.DataFrame, live: list[str]) -> dict[str, float]:
    part = rows_of(estimates, "touchpoint")
    part = part[(part["metric"] == "contacts_offered") & part["group"].isin(live)]
    return {str(group): float(value) for group, value in zip(part["group"], part["value"], strict=True)}


def _patience(model: ScenarioModel, volumes: Mapping[str, float]) -> tuple[float, float]:
    """Mean patience [s] of one exponential law, and the share that leaves at once.

    Rates of leaving are averaged, not means: short waits are governed by how many leave first.
    """
    leaving, at_once, total = 0.0, 0.0, 0.0
    for name, volume in volumes.items():
        part = model.touchpoints[name]
        patience = part.patience if isinstance(part, Staffed) else None
        total += volume
        if patience is not None and patience.rest.mean > 0:
            leaving += volume / patience.rest.mean
            at_once += volume * patience.at_once
    if total <= 0 or leaving <= 0:
        return math.inf, 0.0
    return total / leaving, at_once / total


def _steady(rate: float, handle_time: float, agents: float, more: tuple[float, float, float]) -> Measures | None:
    """Measures for a number of agents that need not be whole, between those of its neighbours."""
    below = math.floor(agents)
    found = [_whole(rate, handle_time, n, more) for n in (below, below + 1)]
    share = agents - below
    if found[0] is None or found[1] is None or share == 0:
        return found[0] if share == 0 else found[1]
    return Measures(*(a + share * (b - a) for a, b in zip(*found, strict=True)))


def _whole(rate: float, handle_time: float, n_agents: int, more: tuple[float, float, float]) -> Measures | None:
    patience, at_once, within = more
    if n_agents < 1 or (math.isinf(patience) and rate * handle_time >= n_agents):
        return None
    if not 0 < at_once < 1:
        return erlang_a(rate, talk_time=handle_time, patience=patience, n_agents=n_agents, within=within)
    law = with_balking(exponential_patience(patience), share=at_once)
    return queue_with_patience(rate, talk_time=handle_time, patience=law, n_agents=n_agents, within=within)


def _live_share(model: ScenarioModel, live: list[str]) -> dict[str, float]:
    """By interval: planned agents of groups that serve a live touchpoint over all planned agents; 1 if none is."""
    n = round(DAY / model.calendar.interval)
    on_line, every = np.zeros(n), np.zeros(n)
    for group in model.agent_groups.values():
        heads = _planned(model, group, n)
        every += heads
        on_line += heads if set(group.serves) & set(live) else 0.0
    names = [_clock(place * model.calendar.interval) for place in range(n)]
    shares = np.divide(on_line, every, out=np.ones(n), where=every > 0)
    return dict(zip(names, shares.tolist(), strict=True))


def _clock(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours:02d}:{rest // 60:02d}" + (f":{rest % 60:02d}" if rest % 60 else "")


def _planned(model: ScenarioModel, group: AgentGroup, n: int) -> Array:
    """Planned head count [n] by interval, mean over the days of the calendar, after shrinkage."""
    heads, step = np.zeros(n), model.calendar.interval
    for day in range(model.calendar.days):
        weekday = (model.calendar.start.weekday() + day) % 7
        if group.by_interval is not None:
            heads += np.asarray(days_of(group.by_interval).get(weekday, (0,) * n), dtype=float)
            continue
        for start, end, agents in _spans(group, weekday):
            begin = np.arange(n) * step
            heads += agents * np.clip(np.minimum(begin + step, end) - np.maximum(begin, start), 0.0, step) / step
    lost = group.shrinkage
    factor = (1.0 - lost.planned) * (1.0 - lost.unplanned) if group.counts == "scheduled" else 1.0
    return heads * factor / model.calendar.days


def _spans(group: AgentGroup, weekday: int) -> list[tuple[float, float, int]]:
    """Begin and end within a weekday [s], and head count, of shifts or of a head count with hours."""
    if group.shifts is not None:
        return [(s.start, s.end, s.agents) for s in group.shifts.values() if weekday in s.days]
    if group.hours is None:
        return [(0.0, DAY, group.agents or 0)]
    begin = weekday * DAY
    return [(start - begin, end - begin, group.agents or 0) for start, end in group.hours if start < begin + DAY]
