"""Why a steady-state formula and the simulation of the same scenario differ: what the scenario has and it has not."""

from __future__ import annotations

from collections.abc import Sequence

from cxsim.reports.tables import labelled
from cxsim.scenario.schema import AgentGroup, ScenarioModel, Staffed


def why_they_differ(model: ScenarioModel, *, live: Sequence[str], formula: str, covered: float, laws: str) -> str:
    """One sentence or two on what the formula assumes and what the scenario has besides.

    Parameters
    ----------
    model : ScenarioModel
    live : sequence of str
        Touchpoints taken as one pool.
    formula : str
        'Erlang A' or 'Erlang C'.
    covered : float
        Share of the contacts in intervals for which the formula has an answer.
    laws : str
        Mean handle time and patience in words.
    """
    pool = f"{', '.join(labelled(name) for name in live)} and all agents who serve {'it' if len(live) == 1 else 'them'}"
    said = (
        f"{formula} takes each interval as a steady state of its own, with {pool} as one pool of equal agents, "
        f"exponential laws, {laws}. "
    )
    if covered < 0.9995:
        said += f"It has an answer for intervals with {covered:.1%} of the contacts; in the others load exceeds staff. "
    found = _reasons(model, live)
    if not found:
        return said + "The scenario adds nothing to that; what remains is the start from empty and chance."
    return said + f"The simulation has besides: {'; '.join(found)}. What differs comes from these."


def _reasons(model: ScenarioModel, live: Sequence[str]) -> list[str]:
    """What of the scenario the formula leaves out, the usual suspects first."""
    parts = [part for name in live if isinstance(part := model.touchpoints[name], Staffed)]
    groups = [group for group in model.agent_groups.values() if set(group.serves) & set(live)]
    changing = any(kind.shape or kind.arrivals for kind in model.contact_types.values())
    candidates = (
        (model.busyness.day_cv > 0 or model.busyness.interval_cv > 0, "busy and quiet days and intervals (busyness)"),
        (changing, "rates that change over the day, with queues carried over from one interval to the next"),
        (bool(model.surges), "surges"),
        (len(groups) > 1 or len(live) > 1, "groups with their own skills and ranks in place of one pool"),
        (_serves_deferred(model, groups), "agents who are also busy with deferred work"),
        (any(_not_exponential(part) for part in parts), "handle times or patience that are not exponential"),
        (any(part.types for part in parts), "contact types with laws of their own"),
        (any(group.speed_spread > 0 for group in groups), "agents of different speed"),
        (any(group.shrinkage.unplanned > 0 for group in groups), "absences that differ from day to day"),
        (any(_comes_back(part) for part in parts), "redials and repeats that cluster behind bad intervals"),
        (any(part.lines or part.waiting_room is not None for part in parts), "limited lines"),
        (any(part.hours for part in parts), "opening and closing"),
    )
    return [words for holds, words in candidates if holds]


def _serves_deferred(model: ScenarioModel, groups: Sequence[AgentGroup]) -> bool:
    deferred = {name for name, part in model.touchpoints.items() if isinstance(part, Staffed) and part.deferred}
    return any(set(group.serves) & deferred for group in groups)


def _not_exponential(part: Staffed) -> bool:
    laws = [part.talk_time, *([part.patience.rest] if part.patience else [])]
    both = part.after_call_work.mean > 0  # a sum of two is not exponential even if each is
    return both or any(law.name != "exponential" for law in laws)


def _comes_back(part: Staffed) -> bool:
    return any(exit.transfer is None for exits in part.then.values() for exit in exits.values())
