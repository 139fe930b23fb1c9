"""How much sharper differences are with the same customers in both scenarios: variance ratios on the bank preset."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

import cxsim
from cxsim.designs.estimate import ratio_influences
from cxsim.metrics.measure import counters
from cxsim.runs.backends import processes, serial
from cxsim.runs.chunks import Chunks
from cxsim.scenario.load import Scenario

PRESET = "retail_bank_voice_200"
METRICS = ("average_speed_of_answer:all", "service_level:strict")
FCR_POINTS = 0.10
# Far from the seed of the pairs: these runs share nothing with them.
OTHER_SEED = 1_000_003

Task = tuple[str, tuple[str, ...], int, int]


def one_agent_more(scenario: Scenario) -> tuple[str, ...]:
    """Overrides that add one agent in every staffed interval of the largest group."""
    groups = scenario.model.agent_groups
    plans = {name: group.by_interval for name, group in groups.items() if group.by_interval is not None}
    largest = max(plans, key=lambda name: sum(map(sum, plans[name].values())))
    changed = []
    for day, counts in plans[largest].items():
        more = ",".join(str(count + 1 if count else 0) for count in counts)
        changed.append(f"agent_groups.{largest}.by_interval.{day}=[{more}]")
    return tuple(changed)


def resolved_more(scenario: Scenario) -> tuple[str, ...]:
    """Overrides that raise resolution at every staffed touchpoint, and its exceptions, by ten points."""
    changed = []
    for name, touchpoint in scenario.model.touchpoints.items():
        if touchpoint.mechanism != "staffed":
            continue
        changed.append(f"touchpoints.{name}.resolves={min(touchpoint.resolves + FCR_POINTS, 1.0)}")
        own = scenario.source["touchpoints"][name].get("types", {})
        for contact_type, part in touchpoint.types.items():
            if "resolves" in own.get(contact_type, {}):
                value = min(part.resolves + FCR_POINTS, 1.0)
                changed.append(f"touchpoints.{name}.types.{contact_type}.resolves={value}")
    return tuple(changed)


def counted(task: Task) -> list[tuple[float, float]]:
    """Numerator and denominator of each metric in one replication."""
    preset, overrides, seed, replication = task
    log = cxsim.simulate(cxsim.load_scenario(preset, *overrides), seed=seed, replication=replication)
    table = counters(log, list(METRICS))
    return list(zip(table["numerator"], table["denominator"], strict=True))


def each_counted(tasks: Sequence[Task]) -> list[list[tuple[float, float]]]:
    """The counts of several replications."""
    return [counted(task) for task in tasks]


def influences(found: Sequence[list[tuple[float, float]]], place: int) -> np.ndarray:
    """One number a replication whose mean is the ratio of sums."""
    pairs = np.array([row[place] for row in found])
    return ratio_influences(pairs[:, 0], pairs[:, 1])


def bootstrap(base: np.ndarray, paired: np.ndarray, alone: np.ndarray, *, draws: int = 2000) -> tuple[float, ...]:
    """Variance of independent over variance of paired differences, with its 95 % bootstrap interval."""
    chance = np.random.default_rng(0)
    n = len(base)

    def ratio(rows: np.ndarray, other: np.ndarray) -> float:
        return float(
            (np.var(base[rows], ddof=1) + np.var(alone[other], ddof=1)) / np.var((paired - base)[rows], ddof=1)
        )

    found = [ratio(chance.integers(n, size=n), chance.integers(n, size=n)) for _ in range(draws)]
    return ratio(np.arange(n), np.arange(n)), *np.quantile(found, (0.025, 0.975))


def main() -> None:
    """Print a row a change and metric."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    scenario = cxsim.load_scenario(PRESET)
    changes = {
        "one agent more in every interval of the largest group": one_agent_more(scenario),
        "ten points more resolution": resolved_more(scenario),
    }
    plans: list[tuple[tuple[str, ...], int]] = [((), 7)]
    for overrides in changes.values():
        plans += [(overrides, 7), (overrides, OTHER_SEED)]
    tasks = [(PRESET, overrides, seed, r) for overrides, seed in plans for r in range(options.replications)]
    chunks = Chunks(tasks, workers=options.jobs)
    work = serial(each_counted, chunks) if options.jobs == 1 else processes(each_counted, chunks, jobs=options.jobs)
    done = {place: found for places, results in work for place, found in zip(places, results, strict=True)}
    n = options.replications
    runs = [[done[i * n + r] for r in range(n)] for i in range(len(plans))]
    print(
        f"{PRESET}, {n} replications, busyness on: variance of the difference, independent over paired (95 % bootstrap)"
    )
    for number, name in enumerate(changes):
        for place, metric in enumerate(METRICS):
            base, paired, alone = (influences(runs[i], place) for i in (0, 1 + 2 * number, 2 + 2 * number))
            value, low, high = bootstrap(base, paired, alone)
            change = float(np.mean(paired) - np.mean(base))
            print(f"{name:<55} {metric:<30} {value:7.1f} ({low:.1f} to {high:.1f})   difference {change:+.5g}")


if __name__ == "__main__":
    main()
