"""What designs share that look for a plan on some days and test it on others: the trials, the days, the account.

A search is a dialogue that yields the plans it wants to be seen. It is led as far as the trials go that have been read,
so a run that was stopped goes the same way again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Generic, TypeVar

import numpy as np

from cxsim.compiled import COMPILED
from cxsim.designs.design import Answer, Replicated, Results, Section
from cxsim.designs.estimate import Array
from cxsim.designs.plan_counters import Counters, label_of
from cxsim.designs.plan_ground import Asking, Plan, Wanted
from cxsim.designs.targets import Target
from cxsim.errors import RunError, problem
from cxsim.scenario.load import Scenario
from cxsim.trial import Engine, Trial

Outcome = TypeVar("Outcome")


@dataclass
class Talk(Generic[Outcome]):
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


class PlanDialogue(ABC, Generic[Outcome]):
    """A search for a plan, and the account of what it found beside today.

    Attributes
    ----------
    verb : str
        Under which it is asked for.
    replicated : Replicated
        Of today: its settings are those of the account, which is of days after those of search and test.
    targets : tuple of Target
    search_days : int
    counters : Counters
    talk : Talk
    """

    verb: ClassVar[str]
    replicated: Replicated
    targets: tuple[Target, ...]
    search_days: int
    counters: Counters
    talk: Talk[Outcome]

    @abstractmethod
    def scenario_of(self, plan: Plan) -> Scenario:
        """The scenario with a plan, without what no trial of the search has to count."""

    @abstractmethod
    def dialogue(self) -> Asking[Outcome]:
        """The search from its begin."""

    @abstractmethod
    def scenarios(self, outcome: Outcome) -> Mapping[str, Scenario]:
        """Today and the plan that came out, by label."""

    @abstractmethod
    def n_tested(self, outcome: Outcome) -> int:
        """Fresh days on which plans were tested."""

    @abstractmethod
    def sections(self, outcome: Outcome) -> tuple[Section, ...]:
        """What there is to say of the search."""

    def beside(self, outcome: Outcome) -> list[Trial]:
        """Trials that are wanted after the search, for what there is to say of it."""
        return []

    @property
    def asked(self) -> tuple[str, ...]:
        """Metrics of the trials of the search."""
        found = tuple(dict.fromkeys(target.asked for target in self.targets if target.asked))
        return found or ("contacts_offered",)

    @property
    def engine(self) -> Engine:
        """Many plans on many days: what compiling takes is soon won back."""
        return "kernel" if self.replicated.engine == "auto" and COMPILED else self.replicated.engine

    def ask(self, results: Results) -> list[Trial]:
        """The trials of plans that the search wants next, then the account of what came out."""
        self.counters.read(results.tables)
        wanted, outcome = self._advance()
        if wanted is not None:
            return self.trials(wanted)
        assert outcome is not None
        asked = [*self.beside(outcome), *self.account(outcome)]
        return [trial for trial in asked if not self.counters.has(trial.label, trial.replication)]

    def _advance(self) -> tuple[Wanted | None, Outcome | None]:
        """Lead the dialogue as far as the counters go: what is wanted next, or what came out."""
        talk = self.talk
        if talk.dialogue is None or talk.generation != self.counters.generation:
            talk.begin(self.dialogue(), self.counters.generation)
        while (wanted := talk.wanted) is not None:
            labels = [label_of(wanted.stage, plan) for plan in wanted.plans]
            if not all(self.counters.has(label, day) for label in labels for day in self.days(wanted)):
                break
            talk.go_on(self.soft(wanted) if wanted.soft else {plan: self.seen(wanted, plan) for plan in wanted.plans})
        return talk.wanted, talk.outcome

    def days(self, wanted: Wanted) -> range:
        """Replications of a stage: fresh days come after those of the search."""
        begin = wanted.begin + (self.search_days if wanted.stage == "fresh" else 0)
        return range(begin, begin + wanted.days)

    def seen(self, wanted: Wanted, plan: Plan) -> Array:
        """Room under each target on each day [n_targets, n_days]."""
        return self.counters.slacks(label_of(wanted.stage, plan), self.days(wanted), self.targets)

    def soft(self, wanted: Wanted) -> Mapping[Plan, Array]:
        """Room as of `seen`; where days are counted, how nearly each day meets its target, less the share.

        Whether a day is met does not tell which step nearly saved it. A ramp about the target does, of the arc tangent,
        whose long tails show the way from afar; half as wide as days of the first plan differ, times n^(-1/5).

        Source
        ------
        Hong and Liu (2010), Pathwise estimation of probability sensitivities through terminating or steady-state
        simulations: an indicator smoothed by a kernel.
        """
        found = {plan: self.seen(wanted, plan) for plan in wanted.plans}
        for number, target in enumerate(self.targets):
            if not target.share:
                continue
            rooms = {
                plan: self.counters.rooms(label_of(wanted.stage, plan), self.days(wanted), target) for plan in found
            }
            width = float(np.std(rooms[wanted.plans[0]])) * wanted.days**-0.2 / 2.0
            if width > 0.0:
                for plan, room in rooms.items():
                    found[plan][number] = 0.5 + np.arctan(room / width) / np.pi - target.share
        return found

    def trials(self, wanted: Wanted, *, metrics: tuple[str, ...] | None = None) -> list[Trial]:
        """Of what is wanted, those that have not been read; left out, the metrics are those of the search."""
        return [
            Trial(
                label=label_of(wanted.stage, plan), scenario=self.scenario_of(plan), seed=self.replicated.seed,
                replication=replication, metrics=metrics or self.asked, detail=False, engine=self.engine,
                perception=self.replicated.perception,
            )
            for plan in wanted.plans
            for replication in self.days(wanted)
            if not self.counters.has(label_of(wanted.stage, plan), replication)
        ]  # fmt: skip

    def compared(self, outcome: Outcome) -> Replicated:
        """Today and the plan side by side."""
        return replace(self.replicated, scenarios=self.scenarios(outcome))

    def account(self, outcome: Outcome) -> list[Trial]:
        """Their trials, on days that neither search nor test has seen: what was chosen there looks better there."""
        first = self.first_day(outcome)
        return self.compared(outcome).trials(first, first + self.replicated.replications)

    def first_day(self, outcome: Outcome) -> int:
        """The first replication of the account."""
        return self.search_days + self.n_tested(outcome)

    def outcome(self, results: Results) -> Outcome:
        """What came out of the search.

        Raises
        ------
        RunError
            It wants more trials.
        """
        self.counters.read(results.tables)
        outcome = self._advance()[1]
        if outcome is None:
            raise RunError(problem(self.verb, "not finished", "all trials that it asks for", "`cxsim resume`"))
        return outcome

    def answer(self, results: Results) -> Answer:
        """What was found and why, and the usual tables of today and the plan."""
        outcome = self.outcome(results)
        compared, first = self.compared(outcome), self.first_day(outcome)
        own = [
            table.assign(replication=table["replication"] - first)
            for table in results.tables
            if table["scenario"].iloc[0] in compared.scenarios
        ]
        n = self.replicated.replications
        answer = compared.answer(Results(own, n))
        sections = self.sections(outcome)
        days = f"day {first}" if n == 1 else f"days {first} to {first + n - 1}"
        note = f"All other tables compare it with today on {days}, which neither search nor test has seen."
        return replace(
            answer,
            sections=(replace(sections[0], note=note), *sections[1:]),
            scenarios=compared.scenarios,
            replications=n,
            conclusions=sections[0].said,
        )

    @property
    def days_said(self) -> str:
        """A sentence where a day of the search is several days of the calendar."""
        days = next(iter(self.replicated.scenarios.values())).model.calendar.days
        return "" if days == 1 else f" A day of search or test is a replication, here of {days} days."
