"""One trial: a scenario with a seed and a replication, simulated, felt and measured; what experiments are made of."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from cxsim.compiled import COMPILED
from cxsim.contacts.log import ContactLog
from cxsim.engines.choice import engine_for, refuse_too_large
from cxsim.engines.kernel.run import simulate_by_kernel
from cxsim.engines.process import simulate_by_process
from cxsim.errors import MetricUnavailable, RunError, nearest, problem
from cxsim.felt import Asked, counted_feelings, felt_log, moment_of
from cxsim.metrics.counts import WORDS, Count, frame_of, repeated
from cxsim.metrics.flows import flows
from cxsim.metrics.goals import MEASURES, share_within
from cxsim.metrics.measure import counts
from cxsim.metrics.prepare import prepared
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.requests import read
from cxsim.perception.journeys import journeys_of
from cxsim.perception.load import load_model
from cxsim.perception.moments import kept
from cxsim.perception.parameters import PerceptionModel
from cxsim.scenario.load import Scenario, load_scenario
from cxsim.scenario.schema import Goal

Engine = Literal["auto", "process", "kernel"]
ENGINES = ("auto", "process", "kernel")

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
COLUMNS = ("replication", *WORDS[:3], "numerator", "denominator", "n", *WORDS[3:], "p", "values")
WAITS = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 240.0, 300.0, 600.0, 1200.0, 1800.0)


@dataclass(frozen=True)
class Trial:
    """One replication of one scenario.

    `metrics` are those asked for (None: everything this scenario can give), `extra` further ones if they can be had;
    `detail` adds the breakdowns and explanations of a report; `against` is the scenario whose change is explained;
    `perception` is how customers feel, None the shipped model.
    """

    label: str
    scenario: Scenario
    seed: int
    replication: int
    metrics: tuple[str, ...] | None = None
    extra: tuple[str, ...] = ()
    detail: bool = True
    engine: Engine = "auto"
    against: Scenario | None = None
    perception: PerceptionModel | None = None

    @property
    def feelings(self) -> PerceptionModel:
        """How customers feel."""
        return load_model() if self.perception is None else self.perception


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
        'process' is SimPy, 'kernel' compiled, with the same log; 'auto' takes the one that is sooner done.

    Returns
    -------
    ContactLog
        Equal to the last bit for equal scenario, seed and replication.

    Raises
    ------
    RunError
        An engine that is not there, a seed below 0, too little memory.
    """
    if engine not in ENGINES:
        raise RunError(problem(f"engine {engine}", "not an engine here", f"one of {ENGINES}", nearest(engine, ENGINES)))
    for name, value in (("seed", seed), ("replication", replication)):
        if not 0 <= value < 2**63:
            raise RunError(problem(name, value, "a whole number from 0 to 2**63 - 1"))
    known = load_scenario(scenario)
    chosen = engine_for(known) if engine == "auto" else engine
    refuse_too_large(known, chosen)
    if engine == "kernel" and not COMPILED:
        warnings.warn("Numba is missing or switched off: the kernel runs as plain Python, slowly", stacklevel=2)
    by = simulate_by_kernel if chosen == "kernel" else simulate_by_process
    return by(known, seed=seed, replication=replication)


def run_trial(trial: Trial) -> pd.DataFrame:
    """Counters of one trial: everything intervals, comparisons and reports are computed from.

    Returns
    -------
    DataFrame
        scenario, replication, by, metric, variant, group, numerator, denominator, n, unit, better, kind, p, values.
        Breakdowns have the name of their grouping in `by`; the whole has an empty one.
    """
    log = _simulated(trial, trial.scenario)
    felt: list[tuple[str, Count]] = []
    if _asks_for_feelings(trial):
        asked = Asked(trial.seed, trial.replication, trial.feelings, partial(_simulated, trial))
        simulated, (log, feelings) = log, felt_log(log, trial.scenario, asked)
        if trial.detail:
            felt = counted_feelings(simulated, log, feelings, trial.scenario, asked, against=trial.against)
    log = prepared(log)
    found = {"": counts(log, None if trial.metrics is None else list(trial.metrics))}
    here = {f"{count.metric}:{count.variant}" for count in found[""]}
    found[""] += counts(log, [name for name in trial.extra if name not in here], available=True)
    if trial.detail:
        interval = trial.scenario.model.calendar.interval
        found["interval"] = counts(log, BY_INTERVAL, by="interval", interval=interval, available=True)
        found["touchpoint"] = counts(log, BY_TOUCHPOINT, by="touchpoint", available=True)
        found["contact_type"] = counts(log, BY_TYPE, by="contact_type", available=True)
        found["agent_group"] = counts(log, BY_GROUP, by="agent_group", available=True)
        found["waits"] = counts(log, [{"schedule_of_waits": {"longer_than": limit}} for limit in WAITS])
        found["flow"] = _flow_counts(log)
    found["goal"] = _goal_counts(log, trial.scenario)
    for by, count in felt:
        found.setdefault(by, []).append(count)
    every = [count for part in found.values() for count in part]
    table = frame_of(every, COLUMNS)
    table.insert(0, "scenario", repeated(trial.label, len(every)))
    table["replication"] = trial.replication
    table["by"] = [by for by, part in found.items() for _ in part]
    return table


def _simulated(trial: Trial, scenario: Scenario) -> ContactLog:
    return simulate(scenario, seed=trial.seed, replication=trial.replication, engine=trial.engine)


def _asks_for_feelings(trial: Trial) -> bool:
    """Whether any number of a trial rests on what customers felt; without, it need not be worked out."""
    if trial.metrics is None or trial.detail:
        return True
    goals = [goal.measure for goal in trial.scenario.model.goals.values() if goal.share is None]
    asked = read([*trial.metrics, *trial.extra, *goals])
    return any(request.metric.scope in ("survey", "customer") for request in asked)


def _flow_counts(log: ContactLog) -> list[Count]:
    """Steps of cases as counters: mean number a replication."""
    return [
        Count("flow", "count", "|".join(map(str, step)), float(n), float(n), 1.0, n, "1", "band", "process")
        for *step, n in flows(log).itertuples(index=False)
    ]


def _goal_counts(log: ContactLog, scenario: Scenario) -> list[Count]:
    """Goals of the scenario: shares of contacts or of journeys, or the counters of the metric that has a bound."""
    found: list[Count] = []
    journeys = None
    for name, goal in scenario.model.goals.items():
        if goal.share is None:
            found += _bound_counts(log, name, goal)
            continue
        if goal.within is not None and goal.measure in MEASURES:
            share = share_within(
                log,
                measure=goal.measure,
                within=goal.within,
                touchpoint=goal.touchpoint,
                contact_type=goal.contact_type,
                segment=goal.segment,
            )
        else:
            journeys = journeys or journeys_of(log)
            seen = kept(log, journeys, moment_of(name, goal))
            share = Ratio(float(seen.n_kept), float(seen.n_met), seen.n_met)
        found.append(Count("goal", goal.measure, name, share.value, *share, "1", "higher", "process"))
    return found


def _bound_counts(log: ContactLog, name: str, goal: Goal) -> list[Count]:
    """Counters of the metric that a goal bounds."""
    parts = {"touchpoint": goal.touchpoint, "contact_type": goal.contact_type, "segment": goal.segment}
    by, group = next(((by, group) for by, group in parts.items() if group is not None), (None, None))
    every = counts(log, [goal.measure], by=by)
    return [
        count._replace(metric="goal", variant=goal.measure, group=name)
        for count in every
        if group is None or count.group == group
    ]


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
