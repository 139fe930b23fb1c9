"""How cost grows with size: CPU time and memory per contact from 3 thousand to 3 million contacts, and two threads."""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import clock

import cxsim
from cxsim.scenario.load import Scenario
from cxsim.trial import ENGINES

HERE = Path(__file__).parent
CALLS_A_DAY = 23_040  # of model A, with 50 agents
SIZES = (3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)
# Contacts of one turn at least: smaller sizes are run several times over, or their turns were too short to trust.
TURN = {"process": 20_000, "kernel": 1_000_000}
LARGEST = {"process": 30_000, "kernel": 3_000_000}


def centre(contacts: int, *, days: int = 1) -> Scenario:
    """Model A with another number of contacts over so many days, and agents in proportion: load per agent unchanged."""
    a_day = contacts / days
    agents = max(1, round(50 * a_day / CALLS_A_DAY))
    return cxsim.load_scenario(
        HERE / "model_a.yaml",
        f"calendar.days={days}",
        f"contact_types.call.volume='{a_day:.0f} per day'",
        f"agent_groups.desk.agents={agents}",
    )


def simulate(scenario: Scenario, *, seed: int, engine: str) -> cxsim.ContactLog:
    """One replication by a named engine."""
    return cxsim.simulate(scenario, seed=seed, engine=engine)  # type: ignore[arg-type]


# ---- CPU time by size


class Growth(NamedTuple):
    """Cost per contact at one size in units of that at the smallest, as one day and as days of the size of model A."""

    contacts: int
    one_day: clock.Ratio
    many_days: clock.Ratio | None


def growth(engine: str, *, sizes: Sequence[int], turn: int, turns: int) -> list[Growth]:
    """Race the sizes against each other, as ever larger centres on one day and as model A over ever more days.

    Parameters
    ----------
    engine : str
    sizes : sequence of int
        Contacts, ascending.
    turn : int
        Contacts of a turn at least.
    turns : int
    """

    def repeated(name: str, scenario: Scenario, contacts: int) -> clock.Competitor:
        times = max(1, round(turn / contacts))

        def run(number: int) -> int:
            return sum(
                len(simulate(scenario, seed=number * times + again, engine=engine).touchpoints)
                for again in range(times)
            )

        return clock.Competitor(name, run, lambda n: n)

    competitors = [repeated(f"{size} in a day", centre(size), size) for size in sizes]
    lasting = [size for size in sizes if size >= 2 * CALLS_A_DAY]
    competitors += [repeated(f"{size}", centre(size, days=round(size / CALLS_A_DAY)), size) for size in lasting]
    result = clock.race(competitors, turns=turns)

    def cost(name: str) -> clock.Ratio:
        return clock.times_as_fast(result, name=f"{sizes[0]} in a day", base=name)

    return [Growth(size, cost(f"{size} in a day"), cost(f"{size}") if size in lasting else None) for size in sizes]


# ---- memory


def peak_bytes() -> int:
    """The most memory this process has held so far.

    Linux hands a new process the record of the one that started it in `getrusage`, not in its own status.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def peak_of(contacts: int, *, engine: str) -> int:
    """Peak memory of a fresh process that simulates one day of so many contacts, after a small one to load the code."""
    code = (
        "import scale, sys; engine = sys.argv[2]; scale.simulate(scale.centre(1000), seed=0, engine=engine);"
        "log = scale.simulate(scale.centre(int(sys.argv[1])), seed=0, engine=engine);"
        "print(scale.peak_bytes(), len(log.touchpoints))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(contacts), engine], cwd=HERE, capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[0])


def bytes_a_contact(engine: str, *, sizes: tuple[int, int]) -> float:
    """Peak memory per contact: the difference between two sizes, so that code and libraries do not count."""
    small, large = sizes
    return (peak_of(large, engine=engine) - peak_of(small, engine=engine)) / (large - small)


# ---- threads


def two_threads(engine: str, *, contacts: int, replications: int, turns: int) -> clock.Ratio:
    """How many times as fast, by the clock on the wall, two threads finish a number of replications as one does."""
    scenario = centre(contacts)

    def wall(threads: int, turn: int) -> float:
        with ThreadPoolExecutor(threads) as pool:
            before = time.perf_counter()
            list(
                pool.map(
                    lambda n: len(simulate(scenario, seed=turn * replications + n, engine=engine).touchpoints),
                    range(replications),
                )
            )
            return time.perf_counter() - before

    wall(2, 0)
    ratios = []
    for turn in range(1, turns + 1):
        order = (1, 2) if turn % 2 else (2, 1)
        found = {threads: wall(threads, turn) for threads in order}
        ratios.append(found[1] / found[2])
    return clock.Ratio(statistics.median(ratios), min(ratios), max(ratios))


# ---- all of it


class Scale(NamedTuple):
    """What this file measures of one engine."""

    engine: str
    growth: list[Growth]
    bytes_a_contact: float
    memory_sizes: tuple[int, int]
    threads: clock.Ratio


def measured(engine: str, *, largest: int, turn: int, turns: int) -> Scale:
    """Growth, memory and threads of one engine, up to a largest size."""
    sizes = [size for size in SIZES if size <= largest] or [largest]
    memory_sizes = (max(1, largest // 3), largest)
    alike = min(largest, 100_000)
    return Scale(
        engine,
        growth(engine, sizes=sizes, turn=turn, turns=turns),
        bytes_a_contact(engine, sizes=memory_sizes),
        memory_sizes,
        two_threads(engine, contacts=alike, replications=max(4, math.ceil(2 * turn / alike)), turns=turns),
    )


def shown(ratio: clock.Ratio | None) -> str:
    """A ratio with its range, as it stands in a table."""
    if ratio is None:
        return ""
    return f"{ratio.median:.3g} ({ratio.lowest:.3g} to {ratio.highest:.3g})"


def table(found: Scale) -> str:
    """What was measured as Markdown."""
    lines = [
        f"| contacts | cost per contact, engine {found.engine}, one day of a larger centre | more days of model A |",
        "|---:|---|---|",
        *(f"| {row.contacts:,} | {shown(row.one_day)} | {shown(row.many_days)} |" for row in found.growth),
        "",
        f"Cost per contact in units of the first row. Peak memory grows by {found.bytes_a_contact:.0f} bytes a contact "
        f"between {found.memory_sizes[0]:,} and {found.memory_sizes[1]:,} contacts in a day. "
        f"By the clock on the wall, two threads finish {shown(found.threads)} times as fast as one.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    engines = [engine for engine in ENGINES if engine != "auto"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=engines, default=engines[-1])
    parser.add_argument("--largest", type=int, help="contacts of the largest size")
    parser.add_argument("--turn", type=int, help="contacts of a turn at least")
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    largest = given.largest or LARGEST[given.engine]
    print(table(measured(given.engine, largest=largest, turn=given.turn or TURN[given.engine], turns=given.turns)))


if __name__ == "__main__":
    main()
