"""What an optimisation has to say: the plan, its ladder, what one agent more buys, cost against score, other plans.

Above 300 lines because the sections are one report and say costs, values and plans in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxsim.designs.design import P_VALUE, Section
from cxsim.designs.estimate import Array
from cxsim.designs.pareto import pareto_front
from cxsim.designs.plan_counters import label_of, line_of
from cxsim.designs.plan_ground import Plan, Wanted
from cxsim.designs.plan_said import bound_said, value_said
from cxsim.designs.plan_search import is_met
from cxsim.designs.targets import Target
from cxsim.metrics.requests import read
from cxsim.printed import shown_level

if TYPE_CHECKING:
    from cxsim.designs.optimise import Optimised, Outcome

RUNNERS_UP = 8


def sections_of(design: Optimised, outcome: Outcome) -> tuple[Section, ...]:
    """Sections of a report, the plan first."""
    found = [_plan(design, outcome)]
    if outcome.certified is not None:
        found.append(_ladder(design, outcome))
    if outcome.rivals:
        found.append(_rivals(design, outcome))
    if outcome.found.effects is not None:
        found.append(_prices(design, outcome))
    return (*found, _pareto(design, outcome), _others(design, outcome))


def money(design: Optimised, amount: float) -> str:
    """A cost for a sentence."""
    return f"{amount:,.0f}" if design.space.unit == "money" else f"{amount:,.1f} staffed hours"


def value_of(design: Optimised, target: Target, stage: str, plan: Plan, days: int) -> float:
    """Value of a target's metric on the days of a stage."""
    counted = _counted(design, target, stage, plan, days)
    return target.value(counted[:, 0], counted[:, 1])


def _counted(design: Optimised, target: Target, stage: str, plan: Plan, days: int) -> Array:
    number = design.counters.lines.index(line_of(target))
    return design.counters.of(label_of(stage, plan), design.days(Wanted((), days, stage)))[:, number]


def _plan(design: Optimised, outcome: Outcome) -> Section:
    return Section("plan", "The plan", _plan_said(design, outcome), _plan_table(design, outcome.plan))


def _plan_said(design: Optimised, outcome: Outcome) -> tuple[str, ...]:
    space, plan = design.space, outcome.plan
    cost, before = space.cost(plan), space.cost_today
    targets = "; ".join(target.said for target in design.targets)
    if outcome.certified is None:
        reached = [
            f"{target.said}: {_reached(design, target, plan)}"
            for target, mean in zip(design.targets, outcome.found.tried[plan], strict=True)
            if not is_met(mean)
        ]
        return (
            f"No plan within the bounds was found that meets every target on {design.search_days} days: {targets}.",
            f"The nearest costs {money(design, cost)} and misses {'; '.join(reached)}.",
            "Widen the bounds or lower a target.",
        )
    certificate = outcome.certified.certificate
    share = shown_level(design.confidence)
    if outcome.certified.plan is None:
        worst = design.targets[certificate.worst or 0]
        return (
            f"No plan is certified with {share} confidence: on {certificate.days} fresh days even the safest plan of "
            f"the ladder, for {money(design, cost)}, did not show {worst.said} (p {certificate.p_values[0]:.3g}).",
            "More fresh days (fresh_days) tell finer; the plan below met the targets in the search only.",
        )
    against = f", {money(design, abs(before - cost))} {'less' if cost <= before else 'more'} than today"
    lines = [
        f"The cheapest certified plan costs {money(design, cost)}{_over(design)}{against} ({money(design, before)}): "
        f"it meets every target, {targets}, with {share} confidence.",
        *(_bound_said(design, outcome, number) for number in range(len(design.targets))),
    ]
    return tuple(lines)


def _reached(design: Optimised, target: Target, plan: Plan) -> str:
    """What a plan reached in the search."""
    value = value_of(design, target, "search", plan, design.search_days)
    return value_said(target, value, f"{design.search_days} days")


def _over(design: Optimised) -> str:
    """What a cost is of, and over which time."""
    days = design.space.scenario.model.calendar.days
    return f" (of what is varied, over {days} days)" if days > 1 else " (of what is varied, a day)"


def _bound_said(design: Optimised, outcome: Outcome, number: int) -> str:
    assert outcome.certified is not None
    certificate, target = outcome.certified.certificate, design.targets[number]
    counted = _counted(design, target, "fresh", outcome.plan, certificate.days)
    return bound_said(target, counted, lower=float(certificate.lower[number]), confidence=design.confidence)


def _plan_table(design: Optimised, plan: Plan) -> pd.DataFrame:
    """Head counts by interval, one row an interval; other settings one row each."""
    cells = design.space.cells
    days = {cell.day for cell in cells}
    rows: dict[str, dict[str, Any]] = {}
    by_interval = all(cell.place >= 0 for cell in cells)
    for cell, then in zip(cells, design.space.values(plan), strict=True):
        now = cell.today
        name = f"{cell.day} {cell.name}" if len(days) > 1 and cell.day else cell.name
        if by_interval:
            row = rows.setdefault(name, {"interval": name})
            row[f"{cell.group}, today"], row[f"{cell.group}, plan"] = now, then
        else:
            row = rows.setdefault(f"{cell.path} {name}", {"setting": f"{cell.group} {name}".strip()})
            row["today"], row["plan"] = now, then
    return pd.DataFrame(list(rows.values()))


def _ladder(design: Optimised, outcome: Outcome) -> Section:
    assert outcome.certified is not None
    tested, certificate = outcome.certified.tested, outcome.certified.certificate
    rows = []
    for number, rung in enumerate(reversed(outcome.certified.rungs)):
        row: dict[str, Any] = {"rung": len(outcome.certified.rungs) - number, "cost": design.space.cost(rung.plan)}
        seen = number < len(tested)
        for target in design.targets:
            value = value_of(design, target, "fresh", rung.plan, certificate.days) if seen else math.nan
            row[target.said] = value
        row["p value"] = float(certificate.p_values[number]) if seen else math.nan
        row["verdict"] = _verdict(certificate.rung, certificate.failed, number)
        rows.append(row)
    units = {"cost": _cost_unit(design), **{t.said: t.unit for t in design.targets}, "p value": P_VALUE}
    note = (
        "Nested plans, the safest first, frozen before the fresh days were drawn and tested in this order, each at the "
        "full error, until one fails. p: of the target that is worst off."
    )
    return Section(
        "ladder", "Ladder and certificate", _ladder_said(design, outcome), pd.DataFrame(rows), units, note=note
    )


def _verdict(passed: int | None, failed: int | None, number: int) -> str:
    if passed is not None and number <= passed:
        return "certified, named" if number == passed else "certified"
    return "failed" if number == failed else "not tested"


def _ladder_said(design: Optimised, outcome: Outcome) -> tuple[str, ...]:
    assert outcome.certified is not None
    certificate, seed = outcome.certified.certificate, design.replicated.seed
    first, last = design.search_days, design.search_days + certificate.days - 1
    lines = [
        f"Searched on days 0 to {first - 1} and tested on days {first} to {last} of seed {seed}; "
        f"{len(outcome.found.tried)} plans were seen on all days of the search.{design.days_said}"
    ]
    if certificate.failed is not None and certificate.worst is not None:
        rung = outcome.certified.tested[certificate.failed]
        target = design.targets[certificate.worst]
        value = value_of(design, target, "fresh", rung.plan, certificate.days)
        lines.append(
            f"The next cheaper rung, {money(design, design.space.cost(rung.plan))}, failed for {target.said}: "
            f"{value_said(target, value, f'{certificate.days} fresh days')} is not enough to be sure (p "
            f"{certificate.p_values[certificate.failed]:.3g}, {1.0 - design.confidence:.2g} is allowed)."
        )
    elif certificate.rung is not None:
        lines.append("Every rung passed, down to the plan of the search itself.")
    return tuple(lines)


def _rivals(design: Optimised, outcome: Outcome) -> Section:
    """Plans of simpler ways with the same certainty."""
    rows: list[dict[str, Any]] = []
    own = None if outcome.certified is None else outcome.certified.plan
    for name, plan in [("this search", own), *((r.name, r.certified.plan) for r in outcome.rivals)]:
        row: dict[str, Any] = {"way": name, "cost": math.nan if plan is None else design.space.cost(plan)}
        row["dearer by"] = math.nan if own is None or plan is None else row["cost"] / design.space.cost(own) - 1.0
        rows.append(row)
    units = {"cost": _cost_unit(design), "dearer by": "1"}
    note = "Every way has its own ladder, tested on the same fresh days at the same confidence."
    title = "Beside simpler ways"
    return Section("rivals", title, (), pd.DataFrame(rows), units, frozenset({"dearer by"}), note)


def _cost_unit(design: Optimised) -> str:
    return "money" if design.space.unit == "money" else "staffed h"


def _prices(design: Optimised, outcome: Outcome) -> Section:
    """What one unit more of each cell buys."""
    space, found = design.space, outcome.found
    assert found.effects is not None
    below = [_counted(design, target, "search", found.plan, design.search_days)[:, 1] for target in design.targets]
    rows = []
    tightest = int(np.argmin(found.tried[found.plan] / found.spread))
    for number, cell in enumerate(space.cells):
        value = found.plan[number]
        if value + 1 >= len(cell.values):
            continue
        price = float(cell.costs[value + 1] - cell.costs[value])
        row: dict[str, Any] = {
            "more of": f"{cell.group} {cell.name}".strip(),
            "from": cell.values[value],
            "to": cell.values[value + 1],
            "costs": price,
        }
        for place, target in enumerate(design.targets):
            row[target.said] = target.moved(float(found.effects.more[number, place]), below[place])
        rows.append((float(found.effects.more[number, tightest]) / max(price, 1e-9), row))
    rows.sort(key=lambda entry: -entry[0])
    table = pd.DataFrame([row for _, row in rows])
    units = {"costs": _cost_unit(design), **{target.said: target.unit for target in design.targets}}
    said: tuple[str, ...] = ()
    if rows:
        best = rows[0][1]
        target = design.targets[tightest]
        change = best[target.said]
        amount = f"{100 * change:+.2f} points" if target.unit == "1" else f"{change:+.3g} {target.unit}"
        said = (
            f"{best['to'] - best['from']} more of {best['more of']} ({best['from']} to {best['to']}) moves "
            f"{target.name} by {amount} for {money(design, best['costs'])}.",
        )
    note = (
        f"Differences to the plan of the search, on the same {design.ground.few_days} days; the most "
        "for its cost first, under the target with the least room. A step leads to the next number that puts more "
        "people on the floor."
    )
    if any(target.share for target in design.targets):
        note += " Shares of days count a day in part that lies near its target, so that few days tell."
    differences = frozenset(target.said for target in design.targets)
    return Section("prices", "What one more buys", said, table, units, differences, note)


def _pareto(design: Optimised, outcome: Outcome) -> Section:
    """Cost against score."""
    request = read([design.score])[0]
    number = design.counters.lines.index(design.score_line)
    rows = []
    for plan in design.scored(outcome):
        counted = design.counters.of(label_of("score", plan), range(design.ground.few_days))[:, number]
        below = float(counted[:, 1].sum())
        if below > 0:
            rows.append((plan, design.space.cost(plan), float(counted[:, 0].sum()) / below))
    rows.sort(key=lambda row: (row[1], row[0]))
    unit = request.metric.unit_of(request.parameters)
    if not rows:
        said = (f"{request.label} was never observed: no score to draw against cost.",)
        return Section("pareto", "Cost against score", said)
    higher = request.metric.better != "lower"
    front = set(pareto_front([row[1:] for row in rows], larger_is_better=[False, higher]).tolist())
    table = pd.DataFrame(
        [
            {"cost": cost, design.score: score, **_targets_of(design, plan),
             "on the front": "yes" if k in front else "no", "plan": "named" if plan == outcome.plan else ""}
            for k, (plan, cost, score) in enumerate(rows)
        ]
    )  # fmt: skip
    note = (
        "Plans that nothing tried beats in cost and room under the targets, and the tested rungs; score and targets "
        f"on {design.ground.few_days} days of the search. On the front: no other is as cheap and scores as well."
    )
    units = {"cost": _cost_unit(design), **{target.said: target.unit for target in design.targets}, design.score: unit}
    return Section("pareto", "Cost against score", (), table, units, note=note)


def _targets_of(design: Optimised, plan: Plan) -> dict[str, float]:
    """What a plan gives of every target on the days on which it was scored."""
    days = design.ground.few_days
    return {target.said: value_of(design, target, "score", plan, days) for target in design.targets}


def _others(design: Optimised, outcome: Outcome) -> Section:
    """Plans that met the targets in the search and cost little more than the one found there."""
    found, space = outcome.found, design.space
    met = [plan for plan, means in found.tried.items() if is_met(means) and plan != outcome.plan]
    met.sort(key=lambda plan: (space.cost(plan), -float(np.min(found.tried[plan] / found.spread)), plan))
    rows = []
    for plan in met[:RUNNERS_UP]:
        row: dict[str, Any] = {"against the plan": _differences(design, plan, outcome.plan), "cost": space.cost(plan)}
        for target in design.targets:
            row[target.said] = value_of(design, target, "search", plan, design.search_days)
        rows.append(row)
    units = {"cost": _cost_unit(design), **{target.said: target.unit for target in design.targets}}
    said = () if rows else ("No other plan that was tried met every target in the search.",)
    note = "Met the targets on the days of the search; not certified, unless they are rungs of the ladder."
    return Section("runners_up", "Other plans", said, pd.DataFrame(rows), units, note=note if rows else "")


def _differences(design: Optimised, plan: Plan, base: Plan) -> str:
    values, before = design.space.values(plan), design.space.values(base)
    words: Sequence[str] = [
        f"{cell.group} {cell.name} {value - other:+d}".strip()
        for cell, value, other in zip(design.space.cells, values, before, strict=True)
        if value != other
    ]
    return ", ".join(words[:6]) + (f" and {len(words) - 6} more" if len(words) > 6 else "")
