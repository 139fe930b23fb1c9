"""The cheapest plan that meets every target with a stated confidence: search, ladder, certificate.

The search sees fixed days, the same for every plan. What it finds is then taken no further on trust: a nested ladder of
plans from it upwards is frozen and tested on fresh days, from the safest rung down, every target of a rung at the full
error. The chance that the plan named misses a target is at most 1 - confidence, whatever the search did.

Source
------
Maurer, Hothorn and Lehmacher (1995), fixed sequences of tests; Berger (1982), intersection-union tests; Feldman et al.
(2008), offered load by interval; Cezik and L'Ecuyer (2008), Staffing multiskill call centers via linear programming and
simulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, NamedTuple

from cxsim.designs.certificate import FEWEST_DAYS
from cxsim.designs.design import Replicated, Section
from cxsim.designs.pareto import pareto_front
from cxsim.designs.plan_counters import Counters, Line, line_of
from cxsim.designs.plan_dialogue import PlanDialogue, Talk
from cxsim.designs.plan_ground import Asking, Ground, Plan, Wanted
from cxsim.designs.plan_ladder import Certified, certified, days_needed, ladder
from cxsim.designs.plan_rivals import Rival, rivals
from cxsim.designs.plan_search import Found, search
from cxsim.designs.plan_space import Space
from cxsim.designs.plan_starts import curves
from cxsim.designs.targets import Target, refuse_too_few_days
from cxsim.errors import RunError, problem
from cxsim.metrics.requests import read
from cxsim.scenario.load import Scenario
from cxsim.trial import Trial

TODAY: Final = "today"
PLAN: Final = "certified plan"
NEAREST: Final = "nearest plan, not certified"
SCORED: Final = 12  # plans whose score is measured, beside the rungs


class Outcome(NamedTuple):
    """Where the search ended, what was certified (None: nothing met the targets in the search), rivals."""

    found: Found
    certified: Certified | None
    rivals: tuple[Rival, ...] = ()

    @property
    def plan(self) -> Plan:
        """The certified plan, else the nearest to the targets."""
        best = None if self.certified is None else self.certified.plan
        if best is None and self.certified is not None:
            return self.certified.rungs[-1].plan
        return self.found.plan if best is None else best


@dataclass(frozen=True)
class Optimised(PlanDialogue[Outcome]):
    """A search for the cheapest plan, and the account of what it found beside today.

    Attributes
    ----------
    replicated : Replicated
        Of today: its settings are those of the account, on days after those of search and certificate.
    space : Space
        Of the scenario without goals that are no targets: every trial counts those that it has.
    targets : tuple of Target
    confidence : float
    search_days : int
    fresh_days : int or None
        None: as many as tell plans one unit apart, from 100 to `most`.
    most : int
    score : 'metric:variant'
        Drawn against cost, of the plans that are cheap for what they give.
    with_rivals : bool
        Certify a square-root plan and a greedy search on the same days, to see what this one saves.
    """

    verb = "optimise"
    replicated: Replicated
    space: Space
    targets: tuple[Target, ...]
    confidence: float
    score: str
    search_days: int = 100
    fresh_days: int | None = None
    most: int = 1000
    with_rivals: bool = False
    counters: Counters = field(init=False, repr=False, compare=False)
    talk: Talk[Outcome] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.search_days < 10:
            raise RunError(problem("search_days", self.search_days, "10 or more", "100 is usual"))
        if self.fresh_days is not None and self.fresh_days < 10:
            raise RunError(problem("fresh_days", self.fresh_days, f"10 or more; {FEWEST_DAYS} is usual"))
        if not 0.5 <= self.confidence < 1.0:
            raise RunError(problem("confidence", f"{self.confidence:g}", "0.5 or more, below 1", "95% is usual"))
        days, setting = (self.most, "most") if self.fresh_days is None else (self.fresh_days, "fresh_days")
        refuse_too_few_days(self.targets, days=days, confidence=self.confidence, setting=setting)
        lines = dict.fromkeys([*map(line_of, self.targets), self.score_line])
        object.__setattr__(self, "counters", Counters(tuple(lines)))
        object.__setattr__(self, "talk", Talk())

    @property
    def score_line(self) -> Line:
        """Where the score's counters stand."""
        request = read([self.score])[0]
        return "", request.metric.name, request.variant, ""

    @cached_property
    def ground(self) -> Ground:
        """The plan space as a search sees it."""
        cells = self.space.cells
        return Ground(
            high=tuple(len(cell.values) - 1 for cell in cells),
            costs=[cell.costs for cell in cells],
            curves=curves(self.space),
            days=self.search_days,
            few_days=min(self.search_days, max(25, self.search_days // 4)),
            shares=tuple(target.share for target in self.targets),
        )

    def scenario_of(self, plan: Plan) -> Scenario:
        """The scenario with a plan."""
        return self.space.scenario_of(plan)

    def dialogue(self) -> Asking[Outcome]:
        """Search, ladder, certificate, and those of simpler ways if asked for."""
        ground = self.ground
        found = yield from search(ground)
        if not found.feasible:
            return Outcome(found, None)
        days = self.fresh_days or days_needed(found, ground, level=self.confidence, most=self.most)
        rungs = ladder(ground, found, fresh_days=days, level=self.confidence)
        tested = yield from certified(rungs, days=days, level=self.confidence, shares=ground.shares)
        if not self.with_rivals:
            return Outcome(found, tested)
        others = yield from rivals(ground, found, days=days, level=self.confidence)
        return Outcome(found, tested, others)

    def scored(self, outcome: Outcome) -> tuple[Plan, ...]:
        """Plans whose score is measured: those tried that nothing beats in cost and slack, and the tested rungs."""
        found = outcome.found
        tried = list(found.tried)
        points = [[self.space.cost(plan), *(found.tried[plan] / found.spread)] for plan in tried]
        front = [tried[k] for k in pareto_front(points, larger_is_better=[False] + [True] * len(self.targets))]
        front.sort(key=lambda plan: (self.space.cost(plan), plan))
        step = max(1, -(-len(front) // SCORED))
        rungs = () if outcome.certified is None else tuple(rung.plan for rung in outcome.certified.tested)
        return tuple(dict.fromkeys([outcome.plan, *front[::step], *rungs]))

    def beside(self, outcome: Outcome) -> list[Trial]:
        """The score of some plans, and what they give of the targets."""
        _, metric, variant, _ = self.score_line
        wanted = Wanted(self.scored(outcome), self.ground.few_days, "score")
        return self.trials(wanted, metrics=tuple(dict.fromkeys([f"{metric}:{variant}", *self.asked])))

    def scenarios(self, outcome: Outcome) -> Mapping[str, Scenario]:
        """Today and the plan, by label."""
        label = NEAREST if outcome.certified is None or outcome.certified.plan is None else PLAN
        whole = replace(self.space, scenario=next(iter(self.replicated.scenarios.values())))
        return {TODAY: whole.scenario, label: whole.scenario_of(outcome.plan)}

    def n_tested(self, outcome: Outcome) -> int:
        """Fresh days of the certificate."""
        return 0 if outcome.certified is None else outcome.certified.certificate.days

    def sections(self, outcome: Outcome) -> tuple[Section, ...]:
        """Sections of a report, the plan first."""
        from cxsim.designs.optimise_sections import sections_of

        return sections_of(self, outcome)
