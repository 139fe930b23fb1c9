"""What cxsim costs in units of the bare SimPy scripts: engine, measuring, and a real log, in one run."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import bare_simpy_a
import bare_simpy_b
import clock

import cxsim
from cxsim.metrics.measure import counters

HERE = Path(__file__).parent
JANUARY = "data/anonymous_bank_1999_01.csv.gz"


def competitors(*, days: int) -> list[clock.Competitor]:
    """The scripts, the engine on the same models, measuring and feeling a log of model B."""
    scenario_a = cxsim.load_scenario(HERE / "model_a.yaml", f"calendar.days={days}")
    scenario_b = cxsim.load_scenario(HERE / "model_b.yaml", f"calendar.days={days}")
    calls = 23_000 * days
    logs = [cxsim.simulate(scenario_b, seed=turn) for turn in range(2)]

    def script(result: dict[str, list[float]]) -> int:
        return len(result["offered"])

    def rows(log: cxsim.ContactLog) -> int:
        return len(log.touchpoints)

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
        clock.Competitor("script A", lambda turn: bare_simpy_a.run(calls, turn), script),
        clock.Competitor("engine, model B", lambda turn: cxsim.simulate(scenario_b, seed=turn), rows),
        clock.Competitor("engine, model A", lambda turn: cxsim.simulate(scenario_a, seed=turn), rows),
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


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--bytes", action="store_true", help="bytes a contact too")
    options = parser.parse_args()
    found = competitors(days=options.days)
    reference = os.environ.get("CXSIM_REFERENCE_DATA")
    if reference and (Path(reference) / JANUARY).is_file():
        found.append(january(Path(reference)))
    else:
        print("CXSIM_REFERENCE_DATA is not set: the real log is left out")
    print(clock.compare(found, base="script B", turns=options.turns, with_bytes=options.bytes))


if __name__ == "__main__":
    main()
