"""What a report is made from: tables of an experiment, its settings, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cxsim.benchmarks.scorecard import Scorecard
from cxsim.designs.design import Section
from cxsim.scenario.load import Scenario


@dataclass(frozen=True)
class Findings:
    """Everything a report says; nothing in a report is computed from anything else.

    Attributes
    ----------
    title, question : str
    kind : 'estimate', 'compare', 'sweep', ... or 'measure' (a real log)
    scenarios : mapping of label to Scenario
        The first is the baseline; empty for a real log.
    estimates : DataFrame
        scenario, by, group, metric, variant, value, low, high, standard_error, level, method, replications, numerator,
        denominator, n, unit, better, kind, flags. `by` is '' for the whole, else interval, touchpoint, contact_type,
        agent_group, waits (schedule_of_waits by limit), flow (group 'touchpoint|outcome|following|how', mean number a
        replication), goal, moment (group 'moment' or 'moment|segment') or moment_touchpoint. Numerator and denominator
        are sums over replications.
    differences : DataFrame or None
        scenario, by, group, metric, variant, base, value, difference, low, high, level, p_value, p_holm, correlation,
        variance_ratio, replications, outcome, sentence, unit, better, kind; against the baseline, paired.
    scorecards : mapping of label to Scorecard
    explanations : DataFrame
        scenario, part, score, line, value, low, high, level, n, unit, flags; see `cxsim.designs.explanations`.
    attribution : DataFrame
        scenario, setting, metric, variant, value, low, high, level, unit, better: what each setting of a change did.
    sections : tuple of Section
        What a design has to say beside, as sentences and tables.
    composites : DataFrame
        scenario, score, value, low, high, notes: several metrics in one number.
    uncertainty : DataFrame
        scenario, metric, variant, median, low, high, change, change_low, change_high, level, sets, unit: how far scores
        move with the parameters of the perception model.
    conclusions : tuple of str
        What a design decided or chose, in sentences that open the summary.
    leverage : DataFrame
        scenario, driver, metric, variant, actual, best, statistic, gain, low, high, metric_unit, unit.
    goals : DataFrame
        Moments of truth; columns as of `cxsim.reports.goals.goal_table`: goal, what the customer asks, target, value,
        status (kept, missed, unsure), journeys that meet and keep it, points and money at stake.
    unavailable : DataFrame
        metric, variant, reason.
    warnings : tuple of str
        Said first: a scenario that cannot keep up, an interval that could not be had.
    imported : tuple of str
        What happened to the rows of an export, one line a kind of dirt.
    plausibility : tuple of str
        Metrics that contradict each other, or seldom go together, with their numbers.
    base : Scenario or None
        Of a sweep: the scenario that is varied.
    rules : tuple of (str, str)
        Which rule held for ties, shift end, closing, patience, denominators.
    provenance : mapping
        Seed, replications, fingerprints, versions, command.
    parameters : tuple of str
        For a sweep: the columns of `estimates` that hold the settings.
    """

    title: str
    question: str
    kind: str
    scenarios: Mapping[str, Scenario]
    estimates: pd.DataFrame
    differences: pd.DataFrame | None = None
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    explanations: pd.DataFrame = field(default_factory=pd.DataFrame)
    attribution: pd.DataFrame = field(default_factory=pd.DataFrame)
    uncertainty: pd.DataFrame = field(default_factory=pd.DataFrame)
    sections: tuple[Section, ...] = ()
    composites: pd.DataFrame = field(default_factory=pd.DataFrame)
    conclusions: tuple[str, ...] = ()
    leverage: pd.DataFrame = field(default_factory=pd.DataFrame)
    goals: pd.DataFrame = field(default_factory=pd.DataFrame)
    unavailable: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    plausibility: tuple[str, ...] = ()
    base: Scenario | None = None
    rules: tuple[tuple[str, str], ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    primary: str = ""

    @property
    def labels(self) -> list[str]:
        """Names of what was measured: the scenarios, the baseline first, or what the estimates name."""
        return list(self.scenarios) or [str(name) for name in dict.fromkeys(self.estimates["scenario"])]
