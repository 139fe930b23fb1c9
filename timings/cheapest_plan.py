"""What the search for the cheapest plan saves on a bank's day against Erlang and a greedy search, equally certain.

`python timings/cheapest_plan.py` staffs every half hour of the six groups of the bank preset in four ways, each tested
on the same fresh days at the same confidence, and writes `docs/cheapest_plan.md`.

Above 300 lines because the four ways and the page that compares them are read together.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import cxsim
from cxsim.designs.design import Replicated, Results
from cxsim.designs.estimate import Array, slack_p_value
from cxsim.designs.optimise import TODAY, Optimised
from cxsim.designs.optimise_options import optimised, read_options
from cxsim.designs.plan_counters import label_of, line_of
from cxsim.designs.plan_effects import Effects
from cxsim.designs.plan_ground import Asking, Ground, Plan, Wanted
from cxsim.designs.plan_ladder import Certified, Rung, certified, ladder
from cxsim.designs.plan_search import Found
from cxsim.designs.plan_starts import start_counts
from cxsim.designs.staffing import agents_needed
from cxsim.model.demand import rates_of_day
from cxsim.model.load import agent_hours, expected_cases, expected_visits
from cxsim.runs.execute import execute
from cxsim.scenario.schema import Staffed
from cxsim.scenario.schema_staff import terms_of
from cxsim.units import DAY, HOUR

BANK = "retail_bank_voice_200"
PAGE = Path(__file__).parents[1] / "docs" / "cheapest_plan.md"
TARGETS = ("quick_answer", "fraud_first", "few_give_up")
LEVEL = 0.95
# What a planner's spreadsheet asks of every group, and the patience of Erlang A.
SERVED, WITHIN, PATIENCE = 0.80, 20.0, 480.0
LEAST, MOST, AROUND = 60, 160, 6  # per cent of a plan by formula
# Of the greedy search: days of a single step, share of the cells in a round, margin of its start, the day's weekday.
FEW_DAYS, PARTS, LEAN, TUESDAY = 5, 8, -0.5, 1

OPENING = """# The cheapest plan of a bank's day

Written by `python timings/cheapest_plan.py`. One Tuesday of the preset `{bank}`: 17,000 calls, five kinds of
call, six groups with one to four skills, {cells} head counts (every half hour of each group from 07:00 to 21:00).
Targets are the goals of the preset that staffing decides: {targets}.
Every plan below is certified by the same test: {fresh} fresh days, the same for all and seen by no search, one-sided
with {level:.0%} confidence for each target, from the safest plan of a way down until one fails. Searches see {search}
days, the same for all. Seed {seed}.
"""

WAYS = """
## The ways

- **Erlang C, by group**: a spreadsheet. Calls of each half hour with their repeats, split over the groups that serve
  them by their hours; by Erlang C the fewest agents of each group and half hour that answer 80 % in 20 s. So that all
  plans are equally certain, the whole plan is then scaled: the fewest whole per cent of it that pass the test.
- **Erlang A, by group**: the same with a mean patience of 8 min.
- **Greedy search**: starts with the offered load of every half hour less half its square root; sees one agent more in
  every cell on {few} days, gives one each to the eighth of the cells with the most room under the worst target for
  their cost, and goes on until the targets are met on all days of the search, the last round with as few as it takes;
  then the ladder of `cxsim optimise`. One agent at a time, as in textbooks, takes {cells} runs for every agent: 21
  times as many.
- **cxsim optimise**: `cxsim optimise {bank}{vary} {target}search_days={search} fresh_days={fresh} seed={seed}`.

Hours are those of agents on the phones, pay includes their shrinkage in whole people. *Proof* are {proof} further days
that neither search nor test has seen. Minutes are of CPU time on one core of the machine that wrote this page,
compiling left out; days are bank days simulated by search and test.
"""


class Way(NamedTuple):
    """A plan by one way, what its test said, and what it took."""

    name: str
    certified: Certified
    days: int
    minutes: float


class Bench:
    """The design whose days, targets and prices all ways share, and the count of what they simulate."""

    def __init__(self, *, seed: int, search_days: int, fresh_days: int, proof_days: int) -> None:
        self.scenario = cxsim.load_scenario(BANK)
        self.seed, self.search_days, self.fresh_days = seed, search_days, fresh_days
        self.proof_days = proof_days
        self.vary = [f"agent_groups.{name}.by_interval" for name in self.scenario.model.agent_groups]

    def design(self) -> Optimised:
        """A new one that has seen nothing yet."""
        metrics = ("service_level",)
        replicated = Replicated(
            {TODAY: self.scenario}, seed=self.seed, replications=1, primary="service_level", metrics=metrics,
            detail=False,
        )  # fmt: skip
        asked = {"targets": list(TARGETS), "vary": self.vary, "confidence": LEVEL,
                 "search_days": self.search_days, "fresh_days": self.fresh_days, "score": "service_level"}  # fmt: skip
        return optimised(replicated, read_options(asked), most=self.fresh_days)

    def timed(self, name: str, work: Callable[[Optimised], tuple[Certified, int]]) -> Way:
        """A way from nothing to its certified plan."""
        design, begun = self.design(), time.process_time()
        found, days = work(design)
        way = Way(name, found, days, (time.process_time() - begun) / 60.0)
        print(f"{name}: {way.days:,} days, {way.minutes:.1f} minutes", flush=True)
        return way


def played(design: Optimised, dialogue: Asking[Any]) -> tuple[Any, int]:
    """What comes out of a dialogue, and the days simulated for it."""
    days = 0
    try:
        wanted = next(dialogue)
        while True:
            trials = design.trials(wanted)
            days += len(trials)
            for table in execute(trials):
                design.counters.take(table)
            wanted = dialogue.send({plan: design.seen(wanted, plan) for plan in wanted.plans})
    except StopIteration as end:
        return end.value, days


def by_search(design: Optimised) -> tuple[Certified, int]:
    """What `cxsim optimise` does, without its account of today."""
    results, days = Results(), 0
    while trials := design.ask(results):
        if trials[0].label.startswith("score"):
            break
        days += len(trials)
        results.tables += execute(trials)
    found = design.outcome(results).certified
    assert found is not None
    return found, days


def erlang_plan(design: Optimised, *, patience: float) -> list[int]:
    """Agents of every cell by formula, one number a cell."""
    model = design.space.scenario.model
    hours = {name: agent_hours(model, group) for name, group in model.agent_groups.items()}
    rate = {name: np.zeros(round(DAY / model.calendar.interval)) for name in hours}
    work = {name: np.zeros_like(rate[name]) for name in hours}
    for kind, entry in model.contact_types.items():
        by_place = rates_of_day(model, entry, kind, day=0)[1]
        for touchpoint, visits in expected_visits(model, kind).items():
            part = model.touchpoints[touchpoint].types.get(kind, model.touchpoints[touchpoint])
            assert isinstance(part, Staffed)
            terms = {name: terms_of(group, touchpoint, kind) for name, group in model.agent_groups.items()}
            able = {name: found.handle_time for name, found in terms.items() if found is not None}
            for name, factor in able.items():
                share = visits / expected_cases(model, kind) * hours[name] / sum(hours[other] for other in able)
                rate[name] += by_place * share  # the shape's steps are the planning intervals
                work[name] += by_place * share * (part.talk_time.mean + part.after_call_work.mean) * factor
    return [
        agents_needed(calls, talk_time=load / calls, target=SERVED, patience=patience, within=WITHIN)
        for cell in design.space.cells
        for calls, load in [(float(rate[cell.group][cell.place]), float(work[cell.group][cell.place]))]
    ]


def scaled(design: Optimised, counts: Sequence[int], *, percent: int) -> Plan:
    """A plan of so many per cent of each count, to the nearest whole agent."""
    cells = design.space.cells
    return tuple(
        cell.place_of(math.floor(count * percent / 100.0 + 0.5)) for cell, count in zip(cells, counts, strict=True)
    )


def by_formula(design: Optimised, *, patience: float) -> Asking[Certified]:
    """The smallest percentage of an Erlang plan that is certified, searched around the least that meets the targets."""
    counts = erlang_plan(design, patience=patience)
    short, enough = LEAST, MOST
    while enough - short > 1:
        middle = (short + enough) // 2
        plan = scaled(design, counts, percent=middle)
        seen = yield Wanted((plan,), design.search_days)
        met = bool(np.all(seen[plan].mean(axis=1) >= 0.0))
        short, enough = (short, middle) if met else (middle, enough)
    percents = range(max(LEAST, enough - AROUND), min(MOST, enough + AROUND) + 1)
    plans = dict.fromkeys(scaled(design, counts, percent=percent) for percent in percents)
    rungs = [Rung(plan, np.zeros(len(design.targets))) for plan in plans]
    return (yield from certified(rungs, days=days_of(design), level=LEVEL))


def by_greed(design: Optimised) -> Asking[Certified]:
    """The cells with the most room for their cost get one agent each, until the targets are met; then the ladder."""
    ground, plan = design.ground, lean_plan(design)
    seen = yield Wanted((plan,), ground.days)
    while not met(seen[plan]):
        slacks, around = seen[plan], (yield from one_more(ground, plan))
        at = int(np.argmin(slacks.mean(axis=1) / slacks.std(axis=1, ddof=1)))
        prices = np.array([costs[place + 1] - costs[place] for costs, place in zip(ground.costs, plan, strict=True)])
        order = [int(cell) for cell in np.argsort(-around.more[:, at] / prices, kind="stable")]
        short, enough = 0, len(plan) // PARTS
        grown = with_one_more(plan, order[:enough])
        seen = yield Wanted((grown,), ground.days)
        # Of the last round only as many as it takes, by halving.
        while met(seen[grown]) and enough - short > 1:
            middle = (short + enough) // 2
            fewer = with_one_more(plan, order[:middle])
            tried = yield Wanted((fewer,), ground.days)
            if met(tried[fewer]):
                enough, grown, seen = middle, fewer, tried
            else:
                short = middle
        plan = grown
    around = yield from one_more(ground, plan)
    reached = Found(plan, True, seen[plan], seen[plan].std(axis=1, ddof=1), around)
    rungs = ladder(ground, reached, fresh_days=days_of(design), level=LEVEL)
    return (yield from certified(rungs, days=days_of(design), level=LEVEL))


def lean_plan(design: Optimised) -> Plan:
    """Where the greedy search starts: too few agents everywhere."""
    cells = design.space.cells
    counts = {
        name: start_counts(design.space.scenario, name, days=[TUESDAY], beta=LEAN)
        for name in dict.fromkeys(cell.group for cell in cells)
    }
    return tuple(cell.place_of(counts[cell.group][cell.place]) for cell in cells)


def met(slacks: Array) -> bool:
    """Whether all targets are met on the days of the search."""
    return bool(np.all(slacks.mean(axis=1) >= 0.0))


def with_one_more(plan: Plan, cells: Sequence[int]) -> Plan:
    """The plan with one agent more in some cells."""
    return tuple(place + (cell in cells) for cell, place in enumerate(plan))


def one_more(ground: Ground, plan: Plan) -> Asking[Effects]:
    """What one agent more in each cell does on a few days; none is at its bound here."""
    steps = [tuple(place + (cell == k) for k, place in enumerate(plan)) for cell in range(len(plan))]
    seen = yield Wanted((plan, *steps), FEW_DAYS)
    gains = np.array([(seen[step] - seen[plan]).mean(axis=1) for step in steps])
    return Effects(gains, -gains)


def days_of(design: Optimised) -> int:
    """Of the test."""
    assert design.fresh_days is not None
    return design.fresh_days


class Shown(NamedTuple):
    """A row of the page."""

    name: str
    hours: float
    pay: float
    bounds: str
    proof: str
    days: int
    minutes: float


def row_of(bench: Bench, way: Way) -> Shown:
    """What a certified plan costs and shows: bounds of its test, and values on days that nobody has seen."""
    plan, certificate = way.certified.plan, way.certified.certificate
    if plan is None:
        return Shown(way.name, math.nan, math.nan, "not certified", "", way.days, way.minutes)
    design = bench.design()
    played(design, one_look(Wanted((plan,), days_of(design), "fresh")))
    label, days = label_of("fresh", plan), design.days(Wanted((), days_of(design), "fresh"))
    counted = design.counters.of(label, days)
    bounds = []
    for number, target in enumerate(design.targets):
        room = float(certificate.lower[number]) / float(
            counted[:, design.counters.lines.index(line_of(target)), 1].mean()
        )
        bounds.append(f"{100.0 * (target.limit - room if target.at_most else target.limit + room):.1f} %")
    hours = sum(
        cell.values[place] * bench.scenario.model.calendar.interval / HOUR
        for cell, place in zip(design.space.cells, plan, strict=True)
    )
    return Shown(
        way.name, hours, design.space.cost(plan), ", ".join(bounds), proof_of(bench, plan), way.days, way.minutes
    )


def proof_of(bench: Bench, plan: Plan) -> str:
    """Values of the targets on days beyond those of search and test."""
    design = bench.design()
    wanted = Wanted((plan,), bench.proof_days, "fresh", begin=bench.fresh_days)
    played(design, one_look(wanted))
    counted = design.counters.of(label_of("fresh", plan), design.days(wanted))
    values = [target.value(*counted[:, design.counters.lines.index(line_of(target))].T) for target in design.targets]
    return ", ".join(f"{100.0 * value:.1f} %" for value in values)


def one_look(wanted: Wanted) -> Asking[Mapping[Plan, Array]]:
    """A dialogue of one question."""
    return (yield wanted)


def raw_said(bench: Bench, name: str, patience: float) -> str:
    """Whether a plan by formula passes the test as it is."""
    design = bench.design()
    plan = scaled(design, erlang_plan(design, patience=patience), percent=100)
    wanted = Wanted((plan,), bench.fresh_days, "fresh")
    seen, _ = played(design, one_look(wanted))
    slacks = seen[plan]
    missed = [t.name for t, room in zip(design.targets, slacks, strict=True) if slack_p_value(room) > 1.0 - LEVEL]
    verdict = "passes the test" if not missed else f"does not pass the test for {', '.join(missed)}"
    return f"{name} as computed, unscaled, costs {design.space.cost(plan):,.0f} a day and {verdict}."


def page(bench: Bench, rows: Sequence[Shown], raw: Sequence[str]) -> str:
    """The whole page."""
    design, best = bench.design(), rows[-1].pay
    texts = {"bank": BANK, "cells": len(design.space.cells), "targets": "; ".join(t.said for t in design.targets)}
    numbers = {"fresh": bench.fresh_days, "search": bench.search_days, "seed": bench.seed, "level": LEVEL}
    words = {
        "vary": "".join(f" --vary {text}" for text in bench.vary),
        "target": "".join(f"--target {text} " for text in TARGETS),
    }
    lines = [
        OPENING.format(**texts, **numbers),
        f"| way | hours a day | pay a day | dearer than the last by | at the worst, with {LEVEL:.0%} | proof | days | "
        "minutes |",
        "|---|---:|---:|---:|---|---|---:|---:|",
    ]
    for row in rows:
        more = "" if row.pay == best else f"{100.0 * (row.pay / best - 1.0):.1f} %"
        lines.append(
            f"| {row.name} | {row.hours:,.0f} | {row.pay:,.0f} | {more} | {row.bounds} | {row.proof} | {row.days:,} | "
            f"{row.minutes:.1f} |"
        )
    said = ", ".join(f"{target.name}" for target in design.targets)
    lines += ["", f"Bounds and proof, in this order: {said}. " + " ".join(raw)]
    rest = WAYS.format(
        bank=BANK, few=FEW_DAYS, proof=bench.proof_days, cells=len(design.space.cells), **numbers, **words
    )
    return "\n".join(lines) + "\n" + rest


def main(arguments: Sequence[str] | None = None) -> None:
    """All ways, and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--search-days", type=int, default=100)
    parser.add_argument("--fresh-days", type=int, default=400)
    parser.add_argument("--proof-days", type=int, default=400)
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write")
    given = parser.parse_args(arguments)
    bench = Bench(
        seed=given.seed, search_days=given.search_days, fresh_days=given.fresh_days, proof_days=given.proof_days
    )
    warm = bench.design()
    played(warm, one_look(Wanted((warm.space.today,), 1)))
    ways = [
        bench.timed("Erlang C, by group", lambda design: played(design, by_formula(design, patience=math.inf))),
        bench.timed("Erlang A, by group", lambda design: played(design, by_formula(design, patience=PATIENCE))),
        bench.timed("greedy search", lambda design: played(design, by_greed(design))),
        bench.timed("`cxsim optimise`", by_search),
    ]
    rows = [row_of(bench, way) for way in ways]
    raw = [raw_said(bench, "Erlang C", math.inf), raw_said(bench, "Erlang A", PATIENCE)]
    given.page.write_text(page(bench, rows, raw), encoding="utf-8")
    print(f"written: {given.page}")


if __name__ == "__main__":
    main()
