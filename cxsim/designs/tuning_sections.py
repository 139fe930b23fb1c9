"""What a search among settings has to say: the settings, the finalists on fresh days, two metrics, all points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxsim.designs.best import compare_with_best
from cxsim.designs.certificate import certify
from cxsim.designs.compare import ratio_difference, simultaneous_level
from cxsim.designs.design import P_VALUE, Section
from cxsim.designs.estimate import Interval, ratio_influences
from cxsim.designs.pareto import pareto_front
from cxsim.designs.plan_counters import line_of
from cxsim.designs.plan_ground import Plan
from cxsim.designs.plan_said import bound_said
from cxsim.designs.settings_space import TODAY_PLAN, put_back
from cxsim.designs.targets import Target
from cxsim.designs.values import spoken_name, unit_of
from cxsim.printed import MISSING, name_of, shown, shown_difference, shown_interval, shown_level

if TYPE_CHECKING:
    from cxsim.designs.tuning import Tuned, Tuning


def sections_of(design: Tuned, outcome: Tuning) -> tuple[Section, ...]:
    """Sections of a report, the settings first."""
    found = [_settings(design, outcome)]
    if outcome.finalists:
        if outcome.named is not None:
            found.append(_each(design, outcome.named))
        found += [_finalists(design, outcome), _settings_of_finalists(design, outcome)]
        if design.also:
            found.append(_both(design, outcome))
    return (*found, _points(design, outcome))


def _name(design: Tuned) -> str:
    return spoken_name(design.replicated.primary)


def _settings(design: Tuned, outcome: Tuning) -> Section:
    now, then = design.space.shown(TODAY_PLAN), design.space.shown(outcome.plan)
    rows = [
        {"setting": factor.path, "range": factor.span, "today": now[factor.path], "found": then[factor.path]}
        for factor in design.space.factors
    ]
    return Section("settings", "The settings", _said(design, outcome), pd.DataFrame(rows))


def _said(design: Tuned, outcome: Tuning) -> tuple[str, ...]:
    targets = "; ".join(target.said for target in design.targets)
    n, days = len(outcome.tried), design.fresh_days
    if not outcome.finalists:
        wanted = f"meet every target on {design.search_days} days: {targets}" if targets else f"show {_name(design)}"
        return (f"None of {n} points {wanted}.", "Widen the ranges, look at more points=, or lower a target.")
    if outcome.named is None:
        assert outcome.certificate is not None
        worst = design.targets[outcome.certificate.worst or 0]
        return (
            f"No settings are certified with {shown_level(design.confidence)} confidence: on {days} fresh days even "
            f"the safest of {len(outcome.finalists)} finalists did not show {worst.said} (p "
            f"{outcome.certificate.p_values[0]:.3g}).",
            "More fresh_days= tell finer; the settings below met the targets in the search only.",
        )
    unit, value = unit_of(design.replicated.primary), float(design.values(outcome.named, "fresh")[0])
    meets = f", and meets every target, {targets}, with {shown_level(design.confidence)} confidence" if targets else ""
    head = (
        f"The best of {len(outcome.finalists)} finalists, of {n} points looked at, gives {_name(design)} of "
        f"{shown(value, unit)} on {days} fresh days, {_against_today(design, outcome, outcome.named)}{meets}."
    )
    set_to = ", ".join(f"{path} {value}" for path, value in design.space.shown(outcome.named).items())
    return (
        head,
        f"It sets {set_to}.{_edges(design, outcome.named)}",
        *_idle(design, outcome.named),
        *(_bound(design, outcome, number) for number in range(len(design.targets))),
    )


def _edges(design: Tuned, plan: Plan) -> str:
    """Settings at an end of their range, beyond which it may be better still."""
    ends = [
        factor.path
        for factor, place, top in zip(design.space.factors, plan, design.space.high, strict=True)
        if not factor.levels and place in (0, top)
    ]
    return f" At the end of the range: {', '.join(ends)}; a wider one may do better." if ends else ""


def _idle(design: Tuned, plan: Plan) -> tuple[str, ...]:
    """Settings found that change nothing of what the search looked at, on no fresh day."""
    found, now = design.space.shown(plan), design.space.shown(TODAY_PLAN)
    lines = [*design.lines, *(line_of(target) for target in design.targets)]
    idle = [
        path
        for path, without in zip(found, put_back(plan).values(), strict=True)
        if found[path] != now[path]
        and all(
            np.array_equal(design.counted(plan, "fresh", line), design.counted(without, "fresh", line))
            for line in lines
        )
    ]
    same = "is as it was" if len(idle) == 1 else "are as they were, each by itself"
    return (f"Nothing changes on any fresh day where {', '.join(idle)} {same}.",) if idle else ()


def _each(design: Tuned, plan: Plan) -> Section:
    """What each setting does: the named settings against the same with one of them as it is today."""
    rows = []
    for number, without in put_back(plan).items():
        path = design.space.factors[number].path
        found = _paired(design, plan, without, n_intervals=len(plan))
        rows.append(
            {"setting": path, "today": design.space.shown(without)[path], "found": design.space.shown(plan)[path],
             "effect": found.value, "effect_low": found.low, "effect_high": found.high}
        )  # fmt: skip
    note = (
        f"Effect on {_name(design)}: the settings found against the same with this one as it is today, paired, on the "
        f"fresh days; all intervals together at {design.replicated.level:.0%}."
    )
    unit = unit_of(design.replicated.primary)
    table = pd.DataFrame(rows)
    return Section("each", "What each setting does", (), table, {"effect": unit}, frozenset({"effect"}), note)


def _against_today(design: Tuned, outcome: Tuning, plan: Plan) -> str:
    unit, found = unit_of(design.replicated.primary), _difference(design, outcome, plan)
    span = shown_interval(found.low, found.high, unit, difference=True)
    ends = "" if span == MISSING else f" ({design.replicated.level:.0%} interval {span}, together with all finalists)"
    return f"{shown_difference(found.value, unit)} against today{ends}"


def _difference(design: Tuned, outcome: Tuning, plan: Plan) -> Interval:
    """The metric of finalists minus that of today, all intervals together at the level."""
    return _paired(design, plan, TODAY_PLAN, n_intervals=len(outcome.finalists))


def _paired(design: Tuned, plan: Plan, base: Plan, *, n_intervals: int) -> Interval:
    """The metric of one plan minus that of another on the fresh days, one of several intervals that hold together."""
    then, now = (design.counted(of, "fresh", design.lines[0]) for of in (plan, base))
    return ratio_difference(
        then[:, 0],
        then[:, 1],
        base_numerators=now[:, 0],
        base_denominators=now[:, 1],
        level=simultaneous_level(design.replicated.level, n_intervals=n_intervals),
    ).interval


def _bound(design: Tuned, outcome: Tuning, number: int) -> str:
    """One-sided: the plan named is the last that passed, or one before it, whose bounds are worked out anew."""
    assert outcome.certificate is not None
    assert outcome.named is not None
    target, counted = design.targets[number], design.counted(outcome.named, "fresh", line_of(design.targets[number]))
    slacks = np.array([target.slacks(counted[:, 0], counted[:, 1])])
    alone = certify([slacks], shares=[target.share], level=design.confidence)
    return bound_said(target, counted, lower=float(alone.lower[0]), confidence=design.confidence)


def _value(design: Tuned, target: Target, plan: Plan, stage: str) -> float:
    counted = design.counted(plan, stage, line_of(target))
    return target.value(counted[:, 0], counted[:, 1])


def _finalists(design: Tuned, outcome: Tuning) -> Section:
    primary = design.replicated.primary
    standing = _standing(design, outcome)
    rows: list[dict[str, Any]] = []
    for number, plan in enumerate((TODAY_PLAN, *outcome.finalists)):
        row: dict[str, Any] = {"settings": f"finalist {number}" if number else "today"}
        row |= dict(zip(_columns(design), design.values(plan, "fresh").tolist(), strict=True))
        found = None if plan == TODAY_PLAN else _difference(design, outcome, plan)
        row["against_today"] = math.nan if found is None else found.value
        row["against_today_low"] = math.nan if found is None else found.low
        row["against_today_high"] = math.nan if found is None else found.high
        for target in design.targets:
            row[target.said] = _value(design, target, plan, "fresh")
        if outcome.certificate is not None:
            row["p value"] = math.nan if not number else float(outcome.certificate.p_values[number - 1])
            row["verdict"] = "" if not number else _verdict(outcome, number - 1)
        if standing:
            row["standing"] = "" if not number else standing[number - 1]
        row["named"] = "named" if plan == outcome.named else ""
        rows.append(row)
    units = _units(design)
    units["against_today"] = unit_of(primary)
    units |= {"p value": P_VALUE, **{target.said: target.unit for target in design.targets}}
    first, last = design.search_days, design.search_days + design.fresh_days - 1
    said = (
        f"Searched on days 0 to {first - 1} and tested on days {first} to {last} of seed {design.replicated.seed}: "
        f"what is best of many on the days of the search looks better there than it is.{design.days_said}",
    )
    note = (
        f"Against today: paired, all intervals together at {design.replicated.level:.0%}, so that the choice among "
        "finalists is paid for; tables of the settings named alone take them as given."
    )
    if design.targets:
        note += (
            " Finalists stand from the safest down, and are tested in this order, each at the full error, until one "
            "fails. p: of the target that is worst off."
        )
    if standing:
        note += f" Standing: Hsu's comparison with the best of the others by {_name(design)}, all together."
    return Section(
        "finalists", "Finalists on fresh days", said, pd.DataFrame(rows), units, frozenset({"against_today"}), note
    )


def _settings_of_finalists(design: Tuned, outcome: Tuning) -> Section:
    table = pd.DataFrame({"setting": [factor.path for factor in design.space.factors]})
    for number, plan in enumerate(outcome.finalists, start=1):
        table[f"finalist {number}"] = list(design.space.shown(plan).values())
    return Section("finalist_settings", "What the finalists set", (), table)


def _verdict(outcome: Tuning, number: int) -> str:
    assert outcome.certificate is not None
    rung, failed = outcome.certificate.rung, outcome.certificate.failed
    if rung is not None and number <= rung:
        return "certified"
    return "failed" if number == failed else "not tested"


def _standing(design: Tuned, outcome: Tuning) -> tuple[str, ...]:
    """Of each finalist against the best of the others; nothing where one of them observed nothing or none varied."""
    if len(outcome.finalists) < 2:
        return ()
    counted = [design.counted(plan, "fresh", design.lines[0]) for plan in outcome.finalists]
    if not all(of[:, 1].any() for of in counted):
        return ()
    values = np.array([ratio_influences(of[:, 0], of[:, 1]) for of in counted]).T
    found = compare_with_best(values, larger_is_better=design.larger_is_better[0], level=design.confidence)
    return () if "zero_variance" in found.flags else found.standing


def _both(design: Tuned, outcome: Tuning) -> Section:
    """Finalists and today by two metrics, on fresh days."""
    plans = (TODAY_PLAN, *outcome.finalists)
    points = [design.values(plan, "fresh").tolist() for plan in plans]
    front = set(pareto_front(points, larger_is_better=design.larger_is_better).tolist())
    rows = [
        {"settings": f"finalist {number}" if number else "today", "named": "named" if plan == outcome.named else "",
         **dict(zip(_columns(design), values, strict=True)), "on the front": "yes" if number in front else "no"}
        for number, (plan, values) in enumerate(zip(plans, points, strict=True))
    ]  # fmt: skip
    rows.sort(key=lambda row: float(row[_columns(design)[0]]))
    note = "On the front: no other of these is better in one of the two and as good in the other, on the fresh days."
    return Section("front", "Both metrics", (), pd.DataFrame(rows), _units(design), note=note)


def _columns(design: Tuned) -> list[str]:
    """The objectives as headings."""
    return [name_of(*name.split(":", 1)) for name in design.objectives]


def _units(design: Tuned) -> dict[str, str]:
    return {column: unit_of(name) for column, name in zip(_columns(design), design.objectives, strict=True)}


def _points(design: Tuned, outcome: Tuning) -> Section:
    """Every point of the search with its answers, for other analyses."""
    rows = []
    for plan, seen in outcome.tried.items():
        row: dict[str, Any] = dict(design.space.shown(plan))
        row |= dict(zip(design.objectives, seen.values.tolist(), strict=True))
        row |= {target.said: _value(design, target, plan, "search") for target in design.targets}
        rows.append(row)
    units = {name: unit_of(name) for name in design.objectives}
    units |= {target.said: target.unit for target in design.targets}
    return Section("points", "Points of the search", (), pd.DataFrame(rows), units, aside=True)
