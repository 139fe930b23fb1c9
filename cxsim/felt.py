"""What is counted of feelings in one trial: explanations, moments of truth at stake, scores under other parameters.

Everything is a sum that replications can add up, with the breakdown it belongs to beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from cxsim.contacts.log import ContactLog
from cxsim.metrics.counts import Count
from cxsim.metrics.metric import find
from cxsim.metrics.ratio import Ratio
from cxsim.perception.levels import effects, levels
from cxsim.perception.moments import Moment
from cxsim.perception.parameter_sets import parameter_sets
from cxsim.perception.parameters import Importance, PerceptionModel
from cxsim.perception.stakes import Stake, stakes
from cxsim.perception.surveys import Feelings, feelings_of, perceive
from cxsim.perception.twins import Lived, Sums, changes, live
from cxsim.perception.uncertainty import drawn_scores, sample_of
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import Goal

PREFIX: Final = "explain:"
PARAMETERS: Final = f"{PREFIX}parameters"
# What one unit more of a fact does, and how far other parameters would move a score, varies little by replication.
EFFECT_REPLICATIONS: Final = 10
PARAMETER_REPLICATIONS: Final = 3

Counted = tuple[str, Count]


@dataclass(frozen=True)
class Asked:
    """Whose feelings are counted: seed and replication, the model, and how another scenario is simulated with them."""

    seed: int
    replication: int
    model: PerceptionModel
    simulated: Callable[[Scenario], ContactLog]


def felt_log(log: ContactLog, scenario: Scenario, asked: Asked) -> tuple[ContactLog, Feelings]:
    """The log with surveys and customers, and the feelings they rest on."""
    model = model_of(scenario, asked.model)
    feelings = feelings_of(log, seed=asked.seed, model=model)
    return perceive(log, seed=asked.seed, model=model, feelings=feelings), feelings


def counted_feelings(
    simulated: ContactLog,
    felt: ContactLog,
    feelings: Feelings,
    scenario: Scenario,
    asked: Asked,
    *,
    against: Scenario | None,
) -> list[Counted]:
    """All that a report needs to know of feelings beyond metrics, each with its `by`.

    Parameters
    ----------
    simulated, felt : ContactLog
        As the engine wrote it, and as `felt_log` completed it.
    feelings : Feelings
    scenario : Scenario
    asked : Asked
    against : Scenario or None
        The baseline whose change is explained.
    """
    model = model_of(scenario, asked.model)
    lived = live(felt, seed=asked.seed, model=model, feelings=feelings)
    sums = [*levels(lived, model=model)]
    if asked.replication < EFFECT_REPLICATIONS:
        sums += effects(lived, felt.surveys, model=model)
    if against is None:
        _keep(scenario, asked, lived)
    else:
        sums += changes(_baseline(against, asked), lived, model=model)
    found = [_as_count(one) for one in sums]
    if asked.replication < PARAMETER_REPLICATIONS:
        found += _under_other_parameters(felt, scenario, asked)
    for stake in stakes(simulated, feelings, moments_of(scenario), model=model):
        by = "moment_touchpoint" if stake.part == "touchpoint" else "moment"
        found += [(by, count) for count in _stake_counts(stake)]
    return found


# The baseline of the replication under way: every change of it is compared with the same customers.
_BASELINE: dict[tuple[Any, ...], Lived] = {}


def _baseline(scenario: Scenario, asked: Asked) -> Lived:
    """How the customers of this replication fared in another scenario; simulated where nobody has just done so."""
    found = _BASELINE.get(_key(scenario, asked))
    if found is None:
        log, feelings = felt_log(asked.simulated(scenario), scenario, asked)
        model = model_of(scenario, asked.model)
        found = live(log, seed=asked.seed, model=model, feelings=feelings)
        _keep(scenario, asked, found)
    return found


def _key(scenario: Scenario, asked: Asked) -> tuple[Any, ...]:
    return scenario.fingerprint, asked.model.fingerprint, asked.seed, asked.replication


def _keep(scenario: Scenario, asked: Asked, lived: Lived) -> None:
    _BASELINE.clear()
    _BASELINE[_key(scenario, asked)] = lived


def _as_count(found: Sums) -> Counted:
    value = found.numerator / found.denominator if found.denominator else float("nan")
    about = (value, found.numerator, found.denominator, int(found.denominator), "", "band", "result")
    return f"{PREFIX}{found.part}", Count(found.score, "", found.line, *about)


def _under_other_parameters(log: ContactLog, scenario: Scenario, asked: Asked) -> Iterator[Counted]:
    """Scores of some cases with each set of parameters that the evidence allows; the group is the number of the set."""
    declared = model_of(scenario, asked.model).declared
    sets = [replace(one, declared=declared) for one in parameter_sets(asked.model)]
    scores = drawn_scores(sample_of(log, seed=asked.seed), sets)
    for draw, name, numerator, denominator in scores.itertuples(index=False):
        metric, _, variant = str(name).partition(":")
        entry = find(metric)
        about = (numerator / denominator, numerator, denominator, int(denominator), entry.unit, entry.better, "result")
        yield PARAMETERS, Count(metric, variant, str(draw), *about)


# ------------------------------------------------------------------------------------------------------- moments


def moment_of(name: str, goal: Goal) -> Moment:
    """A goal of a scenario as a moment of truth."""
    return Moment(name, goal.measure, goal.within, goal.touchpoint, goal.contact_type, goal.segment)


def moments_of(scenario: Scenario) -> list[Moment]:
    """Moments of truth of a scenario: its goals that a single journey can keep or miss."""
    return [moment_of(name, goal) for name, goal in scenario.model.goals.items() if goal.share is not None]


def model_of(scenario: Scenario, model: PerceptionModel) -> PerceptionModel:
    """How customers of a scenario feel: losses weigh more where it says so, and nowhere unless it does."""
    declared = tuple(
        Importance(goal.importance, goal.touchpoint, goal.contact_type, goal.segment)
        for goal in scenario.model.goals.values()
        if goal.importance is not None and goal.touchpoint is not None
    )
    return replace(model, declared=declared) if declared else model


def _stake_counts(stake: Stake) -> Iterator[Count]:
    """What a moment of truth shows, as counters: over all journeys; money over those of customers with a margin."""
    group = f"{stake.moment}|{stake.group}" if stake.part else stake.moment
    n = stake.journeys

    def count(metric: str, variant: str, unit: str, better: str, numerator: float, denominator: int) -> Count:
        found = Ratio(float(numerator), float(denominator), denominator)
        return Count(metric, variant, group, found.value, *found, unit, better, "result")

    yield count("moment_met", stake.measure, "1", "band", stake.met, n)
    yield count("moment_kept", stake.measure, "1", "higher", stake.kept, stake.met)
    if stake.satisfaction is not None and stake.recommendation is not None:
        yield count("moment_points", "top_two", "points", "lower", 100.0 * stake.satisfaction, n)
        yield count("moment_nps", "all", "points", "lower", 100.0 * stake.recommendation, n)
    if stake.money is not None:
        yield count("moment_money", "case", "money/case", "lower", stake.money, stake.valued)
        yield count("moment_money", "total", "money", "lower", stake.money, 1)
