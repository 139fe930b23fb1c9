"""Writes the page of check values of the shipped support centres: `python docs/presets.py`.

For each centre every value that is stated for it, what the simulation gives (mean and 95 % interval over replications)
and one sentence where the two differ for a reason. What is stated stands as data in `preset_targets.py`. The same seed
gives the same page.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from preset_measures import Part, Target
from preset_targets import TABLE

import cxsim
from cxsim.designs.estimate import Interval, ratio_interval
from cxsim.metrics.ratio import Ratio
from cxsim.units import spoken

PAGE = Path(__file__).with_name("presets.md")
SEED, REPLICATIONS = 7, 20

OPENING = """# Check values of the shipped support centres

Written by `python docs/presets.py`: {replications} replications each, seed {seed}; a value is the mean over them, in
brackets its 95 % interval, cut off at 0 and 100 % for shares (nothing beyond can be true, so it holds the true value
as often as before). *Stated* is what a centre was staffed for, or what is published of its kind; the sources
stand in the scenario files. A pool alone is one kind of call and one team in the centre's shape, with plain Poisson
arrivals, all days alike and nobody coming back, as the checks were made. The whole centre has busy and quiet days,
repeats, redials and several channels. The last column says why a value differs where what is stated lies outside the
interval; where it says nothing, chance (one interval in twenty misses) or rounding is enough.

What a check leaves open was chosen so that it is met: heads by the hour, the outsourcer's day, the clinicians'
patience. Volumes, shares resolved and heads of the five newest centres were set the same way, mostly with other seeds.
Agreement there is a fit and no test; a test are the pools whose inputs are all stated, and the formulas.
"""


def measured(part: Part, *, seed: int, replications: int) -> list[list[Ratio]]:
    """Counters of every target of a part, one list a target with a counter a replication."""
    scenario = part.make()
    found: list[list[Ratio]] = [[] for _ in part.targets]
    for replication in range(replications):
        log = cxsim.simulate(scenario, seed=seed, replication=replication)
        if part.felt:
            log = cxsim.perceive(log, seed=seed)
        for counters, target in zip(found, part.targets, strict=True):
            counters.append(target.counter(log))
    return found


def interval(counters: Sequence[Ratio]) -> Interval:
    """Ratio of sums over replications with its interval, which ends where a share or a count does."""
    numerators, denominators = ([getattr(part, side) for part in counters] for side in ("numerator", "denominator"))
    found = ratio_interval(numerators, denominators)
    low = 0.0 if found.low < 0.0 and min(numerators) >= 0.0 else found.low
    share = all(0.0 <= above <= below for above, below in zip(numerators, denominators, strict=True))
    return found._replace(low=low, high=1.0 if share and found.high > 1.0 else found.high)


def written(value: float, kind: str) -> str:
    """A value as it is read: a share in per cent, a time, a number."""
    if kind == "share":
        return f"{100 * value:.1f} %"
    if kind == "time":
        return spoken(value)
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.2f}"


def stated(target: Target) -> str:
    """What is stated: a value, a range, or a bound."""
    low, high = (written(bound, target.kind) for bound in (target.low, target.high))
    if target.low == target.high:
        return low
    if math.isinf(target.high):
        return f"at least {low}"
    return f"at most {high}" if math.isinf(target.low) else f"{low} to {high}"


def difference(target: Target, found: Interval) -> float:
    """How far a value lies beyond what is stated; 0 within it."""
    return max(target.low - found.value, found.value - target.high, 0.0)


def row(target: Target, found: Interval) -> str:
    """One line of a table."""
    value = written(found.value, target.kind)
    if not math.isnan(found.half_width):
        value += f" ({written(found.low, target.kind)} to {written(found.high, target.kind)})"
    low, high = (found.value, found.value) if math.isnan(found.half_width) else (found.low, found.high)
    outside = high < target.low or low > target.high
    return f"| {target.what} | {stated(target)} | {value} | {target.why if outside else ''} |"


def section(name: str, *, seed: int, replications: int) -> Iterator[str]:
    """Lines of a centre: a heading, then a table a part."""
    yield f"## `{name}`: {cxsim.load_scenario(name).name}"
    for part in TABLE[name]:
        yield from ("", f"| {part.title} | stated | found | why it differs |", "|---|---|---|---|")
        for target, counters in zip(part.targets, measured(part, seed=seed, replications=replications), strict=True):
            yield row(target, interval(counters))


def main(words: Sequence[str] | None = None) -> None:
    """Measure every centre and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args(words)
    sections = [OPENING.format(seed=given.seed, replications=given.replications).rstrip()]
    for number, name in enumerate(TABLE, 1):
        print(f"{number} of {len(TABLE)}: {name}", file=sys.stderr, flush=True)
        sections.append("\n".join(section(name, seed=given.seed, replications=given.replications)))
    given.page.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    print(f"written: {given.page}")


if __name__ == "__main__":
    main()
