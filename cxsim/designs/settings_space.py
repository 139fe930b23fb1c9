"""Settings to be tuned as a space of plans: each takes a place on its range, or one of its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from cxsim.designs.factors import Factor, changes_of, label_of
from cxsim.designs.plan_ground import Plan
from cxsim.errors import RunError, ScenarioError, problem
from cxsim.scenario.load import Scenario

STEPS: Final = 100  # of a range that is no whole numbers: finer ones no search tells apart
AS_IT_IS: Final = -1  # place of a setting that is left as it is today
KEPT: Final = 64  # scenarios of plans
TODAY_PLAN: Final[Plan] = ()  # nothing set


@dataclass(frozen=True)
class SettingsSpace:
    """Settings of a scenario with what each may be; a plan is a row of places, one a setting, () what is today.

    Attributes
    ----------
    scenario : Scenario
    factors : tuple of Factor
    """

    scenario: Scenario
    factors: tuple[Factor, ...]
    _made: dict[Plan, Scenario] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def high(self) -> Plan:
        """The highest place of each setting; the lowest is 0."""
        return tuple(factor.count - 1 if factor.count else STEPS for factor in self.factors)

    @property
    def is_ordered(self) -> tuple[bool, ...]:
        """Whether neighbouring places of a setting are alike."""
        return tuple(not factor.levels for factor in self.factors)

    def settings(self, plan: Plan) -> dict[str, str]:
        """What a plan sets, by path, as it would be written."""
        if plan == TODAY_PLAN:
            return {}
        both = zip(self.factors, plan, strict=True)
        return {factor.path: _at(factor, place) for factor, place in both if place != AS_IT_IS}

    def shown(self, plan: Plan) -> dict[str, str]:
        """What a plan sets, by path, for a reader; of today what is written there."""
        found = {factor.path: self._today(factor.path) for factor in self.factors}
        return found | {path: value.replace("\\", "") for path, value in self.settings(plan).items()}

    def _today(self, path: str) -> str:
        at: Any = self.scenario.source
        for word in path.split("."):
            at = at.get(word) if isinstance(at, dict) else None
        return "as by default" if at is None else str(at)

    def scenario_of(self, plan: Plan) -> Scenario:
        """The scenario with a plan.

        Raises
        ------
        RunError
            Settings that contradict each other, though each may take its value.
        """
        if plan not in self._made:
            if len(self._made) >= KEPT:
                self._made.clear()
            settings = self.settings(plan)
            try:
                self._made[plan] = self.scenario.override(*changes_of(settings))
            except ScenarioError as error:
                raise RunError(
                    problem(f"tune {label_of(settings)}", error.problems[0], "ranges that go together")
                ) from None
        return self._made[plan]


def put_back(plan: Plan) -> dict[int, Plan]:
    """The plan with one setting left as it is today, by the number of the setting."""
    return {number: (*plan[:number], AS_IT_IS, *plan[number + 1 :]) for number in range(len(plan))}


def _at(factor: Factor, place: int) -> str:
    if factor.levels:
        return factor.levels[place]
    return f"{int(factor.low) + place:d}" if factor.whole else factor.at(place / STEPS)
