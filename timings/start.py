"""What a start costs beside the work: a new process with one day of the bank preset, and twenty days in a warm one."""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import clock

import cxsim
from cxsim.metrics.counts import frame_of
from cxsim.metrics.measure import COLUMNS, counts
from cxsim.metrics.requests import read
from cxsim.trial import ENGINES

PRESET = "retail_bank_voice_200"
REPLICATIONS = 20
# Categories of metrics by which a centre is run from hour to hour; the others say what came of it.
OPERATIONAL = ("process", "employee")
# What a new interpreter is asked: its CPU time at its start, when the scenario is loaded, after one day, after two.
FRESH = """
import json, sys, time
from cxsim import load_scenario, simulate
scenario = load_scenario(sys.argv[1])
times = [0.0, time.process_time()]
for seed in (0, 1):
    simulate(scenario, seed=seed, engine=sys.argv[2])
    times.append(time.process_time())
print(json.dumps(times))
"""


class Start(NamedTuple):
    """Costs of one engine in units of one day of the preset by the SimPy engine in a warm process, by name."""

    engine: str
    costs: dict[str, clock.Ratio]


def cpu_of(work: Callable[[], Any]) -> float:
    """CPU time of something done in this process or by its children [s]."""
    gc.collect()
    before = clock.cpu_time()
    work()
    return clock.cpu_time() - before


def fresh(engine: str, *, scenario: str, cache: str | None = None) -> dict[str, float]:
    """CPU time of a new process and its parts [s]; `cache` is the folder of compiled code if not the usual one."""
    found: list[float] = []
    environment = os.environ | ({"CXSIM_CACHE": cache} if cache else {})

    def process() -> None:
        done = subprocess.run(
            [sys.executable, "-c", FRESH, scenario, engine], capture_output=True, text=True, check=True, env=environment
        )
        found.extend(json.loads(done.stdout))

    # The whole includes the second day, which is taken off again.
    whole = cpu_of(process)
    loaded, first, second = (after - before for before, after in pairwise(found))
    return {
        "a whole new process with one day": whole - second,
        "of this the interpreter, imports and loading": loaded,
        "of this the first day": first,
        "the second day of the process": second,
    }


def measured(engine: str, *, scenario: str = PRESET, turns: int = 5, replications: int = REPLICATIONS) -> Start:
    """Each of the costs, turn by turn against the SimPy engine's day; a cold start, if there is one, in one turn only.

    Parameters
    ----------
    engine : str
    scenario : str
        Name or path.
    turns : int
    replications : int
        Days simulated and measured with every metric.
    """
    loaded = cxsim.load_scenario(scenario)

    run_by_staff = [request.label for request in read(None) if request.metric.category in OPERATIONAL]

    def many(turn: int, names: list[str] | None) -> None:
        for replication in range(replications):
            log = cxsim.simulate(loaded, seed=turn, replication=replication, engine=engine)  # type: ignore[arg-type]
            frame_of(counts(log, names, available=True), ["replication", *COLUMNS, "p", "values"])

    many(0, None)
    ratios: dict[str, list[float]] = {}
    for turn in range(1, turns + 1):
        # One day alone is too short to be a steady unit: its mean over days before, between and after the costs.
        days = [partial(cxsim.simulate, loaded, seed=turn, replication=day, engine="process") for day in range(5)]
        units = [cpu_of(days[0]), cpu_of(days[1])]
        costs = fresh(engine, scenario=scenario)
        units.append(cpu_of(days[2]))
        for day, (names, what) in zip(
            days[3:],
            (
                (run_by_staff, f"every operational metric, the {len(run_by_staff)} of process and staff"),
                (None, "every metric, also of results, effort and money"),
            ),
            strict=True,
        ):
            cost = cpu_of(partial(many, turn, names))
            costs[f"{replications} days simulated and measured with {what}"] = cost
            units.append(cpu_of(day))
        unit = statistics.mean(units)
        if turn == 1 and engine != "process":
            with tempfile.TemporaryDirectory() as folder:
                cold = fresh(engine, scenario=scenario, cache=folder)
            costs["a whole new process that has to compile first"] = cold["a whole new process with one day"]
        for name, cost in costs.items():
            ratios.setdefault(name, []).append(cost / unit)
    return Start(engine, {name: clock.Ratio(statistics.median(r), min(r), max(r)) for name, r in ratios.items()})


def table(found: Start) -> str:
    """The costs as Markdown."""
    lines = [f"| engine {found.engine} | in days of the SimPy engine |", "|---|---|"]
    lines += [f"| {name} | {r.median:.3g} ({r.lowest:.3g} to {r.highest:.3g}) |" for name, r in found.costs.items()]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    engines = [engine for engine in ENGINES if engine != "auto"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=engines, default=engines[-1])
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    print(f"One day of {PRESET}: CPU time in units of one by the SimPy engine in a warm process.\n")
    print(table(measured(given.engine, turns=given.turns)))


if __name__ == "__main__":
    main()
