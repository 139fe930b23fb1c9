"""The settings that serve a metric best while targets hold: a search, and finalists tested on days it has not seen.

What a search calls best flatters itself, so nothing is taken from it but a handful of finalists. On fresh days their
targets are tested from the safest down, each at the full error, until one fails; and each is set against today and
against the best of the others.

Source
------
Maurer, Hothorn and Lehmacher (1995), fixed sequences of tests; Hsu (1984), comparisons with the best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from cxsim.designs.certificate import Certificate, certify
from cxsim.designs.design import Replicated, Section
from cxsim.designs.estimate import Array
from cxsim.designs.pareto import pareto_front
from cxsim.designs.plan_counters import Counters, Line, label_of, line_of
from cxsim.designs.plan_dialogue import PlanDialogue, Talk
from cxsim.designs.plan_ground import Asking, Plan, Wanted, spread_of
from cxsim.designs.plan_search import is_met
from cxsim.designs.settings_search import ROUND, SettingsSearch
from cxsim.designs.settings_space import TODAY_PLAN, SettingsSpace, put_back
from cxsim.designs.targets import Target, refuse_too_few_days
from cxsim.errors import RunError, problem
from cxsim.metrics.requests import read
from cxsim.scenario.load import Scenario

TODAY: Final = "today"
TUNED: Final = "tuned settings"
NEAREST: Final = "nearest settings, not certified"
FINALISTS: Final = 6
MOST_POINTS: Final = 2000


class Seen(NamedTuple):
    """A point on all days of the search: values [n_objectives], mean slacks [n_targets] in deviations of a day."""

    values: Array
    slacks: Array


class Tuning(NamedTuple):
    """Where the search ended: points by place, the finalists (safest first), and their certificate with targets.

    `named` is the best on the fresh days of those that are certified; None where nothing is, or nothing met the
    targets in the search.
    """

    tried: Mapping[Plan, Seen]
    finalists: tuple[Plan, ...]
    certificate: Certificate | None
    named: Plan | None

    @property
    def certified(self) -> tuple[Plan, ...]:
        """Finalists that hold all targets with the confidence asked for; all of them where there are no targets."""
        if self.certificate is None:
            return self.finalists
        rung = self.certificate.rung
        return () if rung is None else self.finalists[: rung + 1]

    @property
    def plan(self) -> Plan:
        """The one named, else the nearest to the targets."""
        if self.named is not None:
            return self.named
        if self.finalists:
            return self.finalists[0]
        return max(self.tried, key=lambda plan: (float(np.min(self.tried[plan].slacks)), plan))


@dataclass(frozen=True)
class Tuned(PlanDialogue[Tuning]):
    """A search for the best settings, and the account of what it found beside today.

    Attributes
    ----------
    replicated : Replicated
        Of today; its primary metric is the one to be served.
    space : SettingsSpace
        Of the scenario without goals that are no targets.
    targets : tuple of Target
    also : 'metric:variant' or None
        A second metric, looked at together with the first.
    larger_is_better : tuple of bool
        Of the metric, and of the second one.
    confidence : float
    points : int
        To look at in the search.
    search_days, fresh_days : int
    """

    verb = "tune"
    replicated: Replicated
    space: SettingsSpace
    targets: tuple[Target, ...]
    larger_is_better: tuple[bool, ...]
    also: str | None = None
    confidence: float = 0.95
    points: int = 64
    search_days: int = 20
    fresh_days: int = 200
    counters: Counters = field(init=False, repr=False, compare=False)
    talk: Talk[Tuning] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 2 * ROUND <= self.points <= MOST_POINTS:
            raise RunError(problem("points", self.points, f"{2 * ROUND} to {MOST_POINTS}", "64 are usual"))
        if self.search_days < 2:
            raise RunError(problem("search_days", self.search_days, "2 or more", "20 are usual"))
        if self.fresh_days < 10:
            raise RunError(problem("fresh_days", self.fresh_days, "10 or more", "200 are usual"))
        if not 0.5 <= self.confidence < 1.0:
            raise RunError(problem("confidence", f"{self.confidence:g}", "0.5 or more, below 1", "95% is usual"))
        refuse_too_few_days(self.targets, days=self.fresh_days, confidence=self.confidence, setting="fresh_days")
        lines = dict.fromkeys([*map(line_of, self.targets), *self.lines])
        object.__setattr__(self, "counters", Counters(tuple(lines)))
        object.__setattr__(self, "talk", Talk())

    @property
    def objectives(self) -> tuple[str, ...]:
        """The metric, and the second one if there is one."""
        return (self.replicated.primary, *([self.also] if self.also else []))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Where the counters of the objectives stand."""
        requests = read(list(self.objectives))
        return tuple(("", request.metric.name, request.variant, "") for request in requests)

    @property
    def asked(self) -> tuple[str, ...]:
        """The objectives and the metrics of the targets."""
        return tuple(dict.fromkeys([*self.objectives, *(target.asked for target in self.targets if target.asked)]))

    @property
    def shares(self) -> tuple[float, ...]:
        """Of days that have to meet each target, 0 for one in the mean."""
        return tuple(target.share for target in self.targets)

    def scenario_of(self, plan: Plan) -> Scenario:
        """The scenario with these settings."""
        return self.space.scenario_of(plan)

    def dialogue(self) -> Asking[Tuning]:
        """Rounds of points on the days of the search, then today and the finalists on fresh ones."""
        search = SettingsSearch(
            self.space.high,
            is_ordered=self.space.is_ordered,
            larger_is_better=self.larger_is_better,
            seed=self.replicated.seed,
        )
        yield Wanted((TODAY_PLAN,), self.search_days)
        spread = self._spread()
        tried: dict[Plan, Seen] = {}
        n_asked = 0
        while n_asked < self.points:
            plans = search.ask(min(ROUND, self.points - n_asked))
            n_asked += len(plans)
            yield Wanted(tuple(dict.fromkeys(plans)), self.search_days)
            tried |= {plan: self._seen(plan, spread) for plan in plans}
            search.tell(*(np.array(part) for part in zip(*(tried[plan] for plan in plans), strict=True)))
        for number, name in enumerate(self.objectives):
            if not any(np.isfinite(seen.values[number]) for seen in tried.values()):
                raise RunError(problem(f"metric {name}", "nothing observed at any point", "a metric of this centre"))
        finalists = chosen(tried, larger_is_better=self.larger_is_better)
        if not finalists:
            return Tuning(tried, (), None, None)
        fresh = Wanted((TODAY_PLAN, *finalists), self.fresh_days, "fresh")
        yield fresh
        found = Tuning(tried, finalists, self._certificate(finalists, fresh), None)
        found = found._replace(named=self._best(found.certified))
        if found.named is not None:
            yield Wanted(tuple(put_back(found.named).values()), self.fresh_days, "fresh")
        return found

    def _spread(self) -> Array:
        """Standard deviation of the slack of a day under each target, as it is today [n_targets]."""
        slacks = self.seen(Wanted((), self.search_days), TODAY_PLAN).reshape(len(self.targets), self.search_days)
        return spread_of(slacks, self.shares)

    def _seen(self, plan: Plan, spread: Array) -> Seen:
        slacks = self.seen(Wanted((), self.search_days), plan).reshape(len(self.targets), self.search_days)
        return Seen(self.values(plan, "search"), slacks.mean(axis=1) / spread)

    def counted(self, plan: Plan, stage: str, line: Line) -> Array:
        """Counters [n_days, 2] of a plan on the days of a stage."""
        days = self.fresh_days if stage == "fresh" else self.search_days
        found = self.counters.of(label_of(stage, plan), self.days(Wanted((), days, stage)))
        return np.asarray(found[:, self.counters.lines.index(line)])

    def values(self, plan: Plan, stage: str) -> Array:
        """Ratios of sums of the objectives over the days of a stage [n_objectives]; NaN where nothing was observed."""
        sums = [self.counted(plan, stage, line).sum(axis=0) for line in self.lines]
        return np.array([above / below if below > 0 else np.nan for above, below in sums])

    def _certificate(self, finalists: Sequence[Plan], fresh: Wanted) -> Certificate | None:
        if not self.targets:
            return None
        return certify([self.seen(fresh, plan) for plan in finalists], shares=self.shares, level=self.confidence)

    def _best(self, plans: Sequence[Plan]) -> Plan | None:
        """The best on the fresh days; the safer of equals."""
        sign = 1.0 if self.larger_is_better[0] else -1.0
        values = [sign * float(self.values(plan, "fresh")[0]) for plan in plans]
        known = [number for number, value in enumerate(values) if np.isfinite(value)]
        return plans[max(known, key=lambda number: (values[number], -number))] if known else None

    def n_tested(self, outcome: Tuning) -> int:
        """Fresh days of the finalists."""
        return self.fresh_days if outcome.finalists else 0

    def scenarios(self, outcome: Tuning) -> Mapping[str, Scenario]:
        """Today and the settings found, by label."""
        whole = replace(self.space, scenario=next(iter(self.replicated.scenarios.values())))
        return {TODAY: whole.scenario, TUNED if outcome.named else NEAREST: whole.scenario_of(outcome.plan)}

    def sections(self, outcome: Tuning) -> tuple[Section, ...]:
        """Sections of a report, the settings first."""
        from cxsim.designs.tuning_sections import sections_of

        return sections_of(self, outcome)


def chosen(tried: Mapping[Plan, Seen], *, larger_is_better: Sequence[bool], most: int = FINALISTS) -> tuple[Plan, ...]:
    """Finalists, safest first: points that meet the targets and that no other beats in values and in safety.

    With more of them than there may be: at even steps from the best to the safest. With fewer: the next best by the
    first value, since the search cannot tell those near the top apart.

    Parameters
    ----------
    tried : mapping of plan to Seen
    larger_is_better : sequence of bool [n_values]
    """
    met = [plan for plan, seen in tried.items() if np.isfinite(seen.values).all() and is_met(seen.slacks)]
    if not met:
        return ()
    safety = {plan: float(np.min(tried[plan].slacks, initial=np.inf)) for plan in met}
    sign = 1.0 if larger_is_better[0] else -1.0
    met.sort(key=lambda plan: (-sign * float(tried[plan].values[0]), plan))
    with_targets = len(tried[met[0]].slacks) > 0
    points = [[*tried[plan].values.tolist(), *([safety[plan]] if with_targets else [])] for plan in met]
    front = pareto_front(points, larger_is_better=[*larger_is_better, *([True] if with_targets else [])])
    places = np.unique(np.round(np.linspace(0, len(front) - 1, most)).astype(int))
    found = list(dict.fromkeys([*(met[place] for place in front[places]), *met]))[:most]
    if with_targets:
        found.sort(key=lambda plan: (-safety[plan], plan))
    return tuple(found)
