"""One trial: a scenario with a seed and a replication, simulated, felt and measured; what experiments are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from cxsim.contacts.log import ContactLog
from cxsim.engines.process import simulate_by_process
from cxsim.errors import MetricUnavailable, RunError, nearest, problem
from cxsim.metrics.flows import flows
from cxsim.metrics.goals import share_within
from cxsim.metrics.measure import counters, unavailable
from cxsim.metrics.requests import read
from cxsim.perception.load import load_model
from cxsim.perception.surveys import perceive
from cxsim.scenario.load import Scenario, load_scenario

Engine = Literal["auto", "process", "kernel"]
ENGINES = ("auto", "process")

# What the picture of the day and the breakdowns of a report need, beside the numbers of the whole.
BY_INTERVAL = (
    "contacts_offered",
    "offered_load",
    "agents_available",
    "service_level",
    "average_speed_of_answer",
    "abandonment_rate",
    "occupancy",
)
BY_TOUCHPOINT = (
    "contacts_offered",
    "service_level",
    "average_speed_of_answer",
    "abandonment_rate",
    "average_handle_time",
    "first_response_time",
    "customer_satisfaction",
)
BY_TYPE = (*BY_TOUCHPOINT, "first_contact_resolution", "contacts_per_case", "resolution_rate")
BY_GROUP = ("agents_available", "occupancy", "utilisation", "shrinkage", "average_handle_time")
WAITS = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 240.0, 300.0, 600.0, 1200.0, 1800.0)


@dataclass(frozen=True)
class Trial:
    """One replication of one scenario.

    `metrics` are those asked for (None: everything this scenario can give), `extra` further ones if they can be had;
    `detail` adds the breakdowns of a report.
    """

    label: str
    scenario: Scenario
    seed: int
    replication: int
    metrics: tuple[str, ...] | None = None
    extra: tuple[str, ...] = ()
    detail: bool = True
    engine: Engine = "auto"


def simulate(
    scenario: Scenario | str | Path | Mapping[str, Any], *, seed: int = 0, replication: int = 0, engine: Engine = "auto"
) -> ContactLog:
    """Simulate one replication of a scenario.

    Parameters
    ----------
    scenario : Scenario, or what `load_scenario` takes
    seed, replication : int
        0 or more; seed 0 is a seed.
    engine : str
        'process' is SimPy; 'auto' chooses, today the same.

    Returns
    -------
    ContactLog
        Equal to the last bit for equal scenario, seed and replication.

    Raises
    ------
    RunError
        An engine that is not there, or a seed below 0.
    """
    if engine not in ENGINES:
        raise RunError(problem(f"engine {engine}", "not an engine here", f"one of {ENGINES}", nearest(engine, ENGINES)))
    for name, value in (("seed", seed), ("replication", replication)):
        if not 0 <= value < 2**63:
            raise RunError(problem(name, value, "a whole number from 0 to 2**63 - 1"))
    return simulate_by_process(load_scenario(scenario), seed=seed, replication=replication)


def run_trial(trial: Trial) -> pd.DataFrame:
    """Counters of one trial: everything intervals, comparisons and reports are computed from.

    Returns
    -------
    DataFrame
        scenario, replication, by, metric, variant, group, numerator, denominator, n, unit, better, kind, p, values.
        Breakdowns have the name of their grouping in `by`; the whole has an empty one.
    """
    log = simulate(trial.scenario, seed=trial.seed, replication=trial.replication, engine=trial.engine)
    log = perceive(log, seed=trial.seed, model=load_model())
    parts = [_counted(log, None if trial.metrics is None else list(trial.metrics), by=None)]
    here = _labels(parts[0])
    parts.append(_counted(log, _known(log, [name for name in trial.extra if name not in here]), by=None))
    if trial.detail:
        interval = trial.scenario.model.calendar.interval
        parts += [
            _counted(log, _known(log, BY_INTERVAL), by="interval", interval=interval),
            _counted(log, _known(log, BY_TOUCHPOINT), by="touchpoint"),
            _counted(log, _known(log, BY_TYPE), by="contact_type"),
            _counted(log, _known(log, BY_GROUP), by="agent_group"),
            _counted(log, [{"schedule_of_waits": {"longer_than": limit}} for limit in WAITS], by=None, label="waits"),
            _flow_counters(log),
        ]
    parts.append(_goal_counters(log, trial.scenario))
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    table.insert(0, "scenario", trial.label)
    table["replication"] = trial.replication
    return table


def _known(log: ContactLog, names: Sequence[str]) -> list[str]:
    """Those of a list that this log can give: an automated centre has no occupancy."""
    table = unavailable(log, list(names))
    missing = {*table["metric"], *_labels(table)}
    return [name for name in names if name not in missing]


def _counted(log: ContactLog, wanted: Any, *, by: str | None, interval: float | None = None, label: str = "") -> Any:
    if wanted is not None and not wanted:
        return pd.DataFrame()
    table = counters(log, wanted, by=by, interval=interval)
    table["by"] = label or by or ""
    return table.drop(columns="value")


def _labels(table: pd.DataFrame) -> set[str]:
    """'metric:variant' of each row; also of a table without rows."""
    return {f"{metric}:{variant}" for metric, variant in zip(table["metric"], table["variant"], strict=True)}


def _flow_counters(log: ContactLog) -> pd.DataFrame:
    """Steps of cases as counters: mean number a replication."""
    steps = flows(log).itertuples(index=False)
    return _rows(
        [("flow", "count", "|".join(map(str, step[:4])), float(step[4]), 1.0, int(step[4])) for step in steps],
        by="flow",
        unit="1",
        better="band",
    )


def _goal_counters(log: ContactLog, scenario: Scenario) -> pd.DataFrame:
    """Goals of the scenario as shares; those on the value of a metric as that metric's counters."""
    rows = []
    parts = []
    for name, goal in scenario.model.goals.items():
        if goal.within is not None:
            found = share_within(
                log,
                measure=goal.measure,
                within=goal.within,
                touchpoint=goal.touchpoint,
                contact_type=goal.contact_type,
            )
            rows.append(("goal", goal.measure, name, found.numerator, found.denominator, found.n))
        else:
            by = "touchpoint" if goal.touchpoint else "contact_type" if goal.contact_type else None
            table = counters(log, [goal.measure], by=by)
            if by is not None:
                table = table[table["group"] == (goal.touchpoint or goal.contact_type)]
            table = table.drop(columns="value").assign(group=name, variant=goal.measure, metric="goal", by="goal")
            parts.append(table)
    return pd.concat([_rows(rows, by="goal", unit="1", better="higher"), *parts], ignore_index=True)


def _rows(rows: list[tuple[Any, ...]], *, by: str, unit: str, better: str) -> pd.DataFrame:
    columns = ["metric", "variant", "group", "numerator", "denominator", "n"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(unit=unit, better=better, kind="process", p=math.nan, values=None, by=by)


def checked_metrics(metrics: Sequence[str] | None) -> tuple[str, ...] | None:
    """Names of metrics as settled 'name:variant', refused here rather than in the middle of a run.

    Raises
    ------
    MetricUnavailable
        A metric or variant that does not exist.
    """
    if metrics is None:
        return None
    if not metrics:
        raise MetricUnavailable(problem("metrics", "an empty list", "one or more", "leave it out for all of them"))
    return tuple(request.label for request in read(list(metrics)))
