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

from cxsim.compiled import COMPILED
from cxsim.designs.certificate import FEWEST_DAYS
from cxsim.designs.design import Answer, Replicated, Results
from cxsim.designs.estimate import Array
from cxsim.designs.pareto import pareto_front
from cxsim.designs.plan_counters import Counters, Line, label_of, line_of
from cxsim.designs.plan_ground import Asking, Ground, Plan, Wanted
from cxsim.designs.plan_ladder import Certified, certified, days_needed, ladder
from cxsim.designs.plan_rivals import Rival, rivals
from cxsim.designs.plan_search import Found, search
from cxsim.designs.plan_space import Space
from cxsim.designs.plan_starts import curves
from cxsim.designs.targets import Target
from cxsim.errors import RunError, problem
from cxsim.metrics.requests import read
from cxsim.scenario.load import Scenario
from cxsim.trial import Engine, Trial

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


@dataclass
class Talk:
    """A dialogue under way: what it wants next, or what came out; kept, since to lead it anew costs its programmes.

    Attributes
    ----------
    generation : int
        Of the counters that it has been sent.
    """

    dialogue: Asking[Outcome] | None = None
    generation: int = 0
    wanted: Wanted | None = None
    outcome: Outcome | None = None

    def begin(self, dialogue: Asking[Outcome], generation: int) -> None:
        """Take up a dialogue that has said nothing yet."""
        self.dialogue, self.generation = dialogue, generation
        self.wanted, self.outcome = next(dialogue), None

    def go_on(self, seen: Mapping[Plan, Array]) -> None:
        """Send what was wanted."""
        assert self.dialogue is not None
        try:
            self.wanted = self.dialogue.send(seen)
        except StopIteration as end:
            self.wanted, self.outcome = None, end.value


@dataclass(frozen=True)
class Optimised:
    """A search for the cheapest plan, and the account of what it found beside today.

    Attributes
    ----------
    replicated : Replicated
        Of today: its settings are those of the account, which is of the first fresh days.
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
    beside : bool
        Certify a square-root plan and a greedy search on the same days, to see what this one saves.
    """

    replicated: Replicated
    space: Space
    targets: tuple[Target, ...]
    confidence: float
    score: str
    search_days: int = 100
    fresh_days: int | None = None
    most: int = 1000
    beside: bool = False
    counters: Counters = field(init=False, repr=False, compare=False)
    talk: Talk = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.search_days < 10:
            raise RunError(problem("search_days", self.search_days, "10 or more", "100 is usual"))
        if self.fresh_days is not None and self.fresh_days < 10:
            raise RunError(problem("fresh_days", self.fresh_days, f"10 or more; {FEWEST_DAYS} is usual"))
        if not 0.5 <= self.confidence < 1.0:
            raise RunError(problem("confidence", f"{self.confidence:g}", "0.5 or more, below 1", "95% is usual"))
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
        )

    @property
    def engine(self) -> Engine:
        """Many plans on many days: what compiling takes is soon won back."""
        return "kernel" if self.replicated.engine == "auto" and COMPILED else self.replicated.engine

    def ask(self, results: Results) -> list[Trial]:
        """The trials of plans that the search or the certificate want next, then the account of what came out."""
        self.counters.read(results.tables)
        wanted, outcome = self._advance()
        if wanted is not None:
            return self.trials(wanted)
        assert outcome is not None
        asked = [*self._scored(outcome), *self.account(outcome)]
        return [trial for trial in asked if not self.counters.has(trial.label, trial.replication)]

    def _dialogue(self) -> Asking[Outcome]:
        ground = self.ground
        found = yield from search(ground)
        if not found.feasible:
            return Outcome(found, None)
        days = self.fresh_days or days_needed(found, ground, level=self.confidence, most=self.most)
        rungs = ladder(ground, found, fresh_days=days, level=self.confidence)
        tested = yield from certified(rungs, days=days, level=self.confidence)
        if not self.beside:
            return Outcome(found, tested)
        others = yield from rivals(ground, found, days=days, level=self.confidence)
        return Outcome(found, tested, others)

    def _advance(self) -> tuple[Wanted | None, Outcome | None]:
        """Lead the dialogue as far as the counters go: what is wanted next, or what came out."""
        talk = self.talk
        if talk.dialogue is None or talk.generation != self.counters.generation:
            talk.begin(self._dialogue(), self.counters.generation)
        while (wanted := talk.wanted) is not None:
            labels = [label_of(wanted.stage, plan) for plan in wanted.plans]
            if not all(self.counters.has(label, day) for label in labels for day in self.days(wanted)):
                break
            talk.go_on({plan: self.seen(wanted, plan) for plan in wanted.plans})
        return talk.wanted, talk.outcome

    def days(self, wanted: Wanted) -> range:
        """Replications of a stage: fresh days come after those of the search."""
        begin = wanted.begin + (self.search_days if wanted.stage == "fresh" else 0)
        return range(begin, begin + wanted.days)

    def seen(self, wanted: Wanted, plan: Plan) -> Array:
        """Room under each target on each day [n_targets, n_days]."""
        return self.counters.slacks(label_of(wanted.stage, plan), self.days(wanted), self.targets)

    def trials(self, wanted: Wanted, *, metrics: tuple[str, ...] | None = None) -> list[Trial]:
        """Of what is wanted, those that have not been read; left out, the metrics are those of the targets."""
        asked = tuple(dict.fromkeys(target.asked for target in self.targets if target.asked))
        chosen = metrics or asked or ("contacts_offered",)
        return [
            Trial(
                label=label_of(wanted.stage, plan), scenario=self.space.scenario_of(plan), seed=self.replicated.seed,
                replication=replication, metrics=chosen, detail=False, engine=self.engine,
                perception=self.replicated.perception,
            )
            for plan in wanted.plans
            for replication in self.days(wanted)
            if not self.counters.has(label_of(wanted.stage, plan), replication)
        ]  # fmt: skip

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

    def _scored(self, outcome: Outcome) -> list[Trial]:
        _, metric, variant, _ = self.score_line
        wanted = Wanted(self.scored(outcome), self.ground.few_days, "score")
        return self.trials(wanted, metrics=(f"{metric}:{variant}",))

    def scenarios(self, outcome: Outcome) -> Mapping[str, Scenario]:
        """Today and the plan, by label."""
        label = NEAREST if outcome.certified is None or outcome.certified.plan is None else PLAN
        whole = replace(self.space, scenario=next(iter(self.replicated.scenarios.values())))
        return {TODAY: whole.scenario, label: whole.scenario_of(outcome.plan)}

    def compared(self, outcome: Outcome) -> Replicated:
        """Today and the plan side by side."""
        return replace(self.replicated, scenarios=self.scenarios(outcome))

    def account(self, outcome: Outcome) -> list[Trial]:
        """Their trials, on the first fresh days."""
        first = self.search_days
        return self.compared(outcome).trials(first, first + self.replicated.replications)

    def outcome(self, results: Results) -> Outcome:
        """What came out of search and certificate.

        Raises
        ------
        RunError
            They want more trials.
        """
        self.counters.read(results.tables)
        outcome = self._advance()[1]
        if outcome is None:
            raise RunError(problem("optimise", "not finished", "all trials that it asks for", "`cxsim resume`"))
        return outcome

    def answer(self, results: Results) -> Answer:
        """What was found and why, and the usual tables of today and the plan."""
        from cxsim.designs.optimise_sections import sections_of

        outcome = self.outcome(results)
        compared = self.compared(outcome)
        own = [
            table.assign(replication=table["replication"] - self.search_days)
            for table in results.tables
            if table["scenario"].iloc[0] in compared.scenarios
        ]
        n = self.replicated.replications
        answer = compared.answer(Results(own, n))
        return replace(answer, sections=sections_of(self, outcome), scenarios=compared.scenarios, replications=n)
