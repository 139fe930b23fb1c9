"""What cxsim costs in units of the bare SimPy scripts: engines on models A, B and C, measuring, and a real log."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import bare_simpy_a
import bare_simpy_b
import clock

import cxsim
from cxsim.metrics.measure import counters
from cxsim.trial import ENGINES

HERE = Path(__file__).parent
JANUARY = "data/anonymous_bank_1999_01.csv.gz"
# The compiled engine simulates the same days again and again, since a turn of a few milliseconds cannot be trusted.
TIMES = {"process": 1, "kernel": 30}


class Simulated(NamedTuple):
    """How many contacts, and the last log."""

    contacts: int
    log: cxsim.ContactLog


def simulated(scenario: cxsim.Scenario, engine: str, turn: int, *, times: int) -> Simulated:
    """A scenario again and again; one log at a time is there, as in an experiment."""
    n = 0
    for replication in range(times):
        log = cxsim.simulate(scenario, seed=turn, replication=replication, engine=engine)  # type: ignore[arg-type]
        n += len(log.touchpoints)
    return Simulated(n, log)


def engine_competitor(engine: str, model: str, *, days: int, times: int = 1) -> clock.Competitor:
    """An engine on a model of a, b, c; once where its memory is to be weighed."""
    scenario = cxsim.load_scenario(HERE / f"model_{model}.yaml", f"calendar.days={days}")
    name = f"engine {engine}, model {model.upper()}"
    return clock.Competitor(
        name, lambda turn: simulated(scenario, engine, turn, times=times), lambda left: int(left.contacts)
    )


def competitors(*, days: int, engines: Sequence[str], models: Sequence[str] = "abc") -> list[clock.Competitor]:
    """The scripts, every engine on the models, measuring and feeling a log of model B.

    Parameters
    ----------
    days : int
        Of a turn of the scripts and of the SimPy engine.
    engines : sequence of str
    models : sequence of str
        Of a, b, c.
    """
    scenario_b = cxsim.load_scenario(HERE / "model_b.yaml", f"calendar.days={days}")
    logs = [cxsim.simulate(scenario_b, seed=turn) for turn in range(2)]

    def script(result: dict[str, list[float]]) -> int:
        return len(result["offered"])

    def measured(turn: int) -> int:
        # A copy of the log has nothing remembered of an earlier measurement.
        log = logs[turn % 2].with_tables()
        n = 0
        for _ in range(10):
            counters(log.with_tables())
            n += len(log.touchpoints)
        return n

    def felt(turn: int) -> int:
        return sum(len(cxsim.perceive(logs[turn % 2], seed=turn).touchpoints) for _ in range(5))

    return [
        clock.Competitor("script B", lambda turn: bare_simpy_b.run(days, turn), script),
        clock.Competitor("script A", lambda turn: bare_simpy_a.run(23_000 * days, turn), script),
        *(engine_competitor(engine, model, days=days, times=TIMES[engine]) for engine in engines for model in models),
        clock.Competitor("measuring a log of B", measured, lambda n: n),
        clock.Competitor("perceiving a log of B", felt, lambda n: n),
    ]


def january(folder: Path) -> clock.Competitor:
    """Reading the January log of a real bank and measuring everything it can give, per row of the export."""

    def read_and_measure(_: int) -> int:
        log = cxsim.read_log(folder / JANUARY, reader="technion")
        cxsim.measure(log)
        return int(log.meta["import"]["rows"])

    return clock.Competitor("January log read and measured", read_and_measure, lambda n: n)


def ratios(result: clock.Race) -> dict[str, clock.Ratio]:
    """The ratios that the engines are judged by, by what they say; those whose competitors ran."""
    pairs = {
        "model A: kernel against bare script A": ("engine kernel, model A", "script A"),
        "model B: kernel against bare script B": ("engine kernel, model B", "script B"),
        "model C, everything on: kernel against the SimPy engine": (
            "engine kernel, model C",
            "engine process, model C",
        ),
        "model B: bare script B against the SimPy engine": ("script B", "engine process, model B"),
    }
    return {
        says: clock.times_as_fast(result, name=fast, base=slow)
        for says, (fast, slow) in pairs.items()
        if fast in result.cpu and slow in result.cpu
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--models", default="abc", help="which of a, b, c")
    parser.add_argument("--bytes", action="store_true", help="bytes a contact too")
    options = parser.parse_args()
    engines = [engine for engine in ENGINES if engine != "auto"]
    found = competitors(days=options.days, engines=engines, models=options.models)
    reference = os.environ.get("CXSIM_REFERENCE_DATA")
    if reference and (Path(reference) / JANUARY).is_file():
        found.append(january(Path(reference)))
    else:
        print("CXSIM_REFERENCE_DATA is not set: the real log is left out")
    result = clock.race(found, turns=options.turns)
    memories = None
    if options.bytes:
        once = [engine_competitor(engine, model, days=options.days) for engine in engines for model in options.models]
        memories = {competitor.name: clock.memory(competitor) for competitor in [*found[:2], *once]}
    print(clock.table(result, base="script B", memories=memories))
    for says, ratio in ratios(result).items():
        print(f"{says}: {ratio.median:.3g} times as fast ({ratio.lowest:.3g} to {ratio.highest:.3g})")


if __name__ == "__main__":
    main()
