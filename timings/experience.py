"""What experience costs beside simulating it: metrics a row, perception and explanations a journey, on a bank day.

`python timings/experience.py` prints CPU microseconds of each and its ratio to the compiled engine in the same run.
"""

from __future__ import annotations

import argparse
import statistics

import clock

import cxsim
from cxsim.contacts.log import ContactLog
from cxsim.felt import Asked, counted_feelings, felt_log
from cxsim.metrics.measure import counts
from cxsim.metrics.requests import read
from cxsim.perception.load import load_model
from cxsim.trial import simulate

TIMES = 5  # a turn is long enough for the clock
SIMULATION = "simulating, a row"
METRICS = "operational metrics, a row"
PERCEPTION = "perception, a journey"


def operational() -> list[str]:
    """Every default variant and the standard list, without those that surveys or customers answer."""
    return [request.label for request in read(None) if request.metric.scope not in ("survey", "customer")]


def competitors(name: str) -> list[clock.Competitor]:
    """Simulation, metrics, perception and explanations of one day of a scenario."""
    scenario, model, names = cxsim.load_scenario(name), load_model(), operational()
    logs = [simulate(scenario, seed=turn, engine="kernel") for turn in range(2)]

    def simulated(turn: int) -> int:
        return sum(len(simulate(scenario, seed=turn, replication=r, engine="kernel").touchpoints) for r in range(TIMES))

    def measured(turn: int) -> int:
        log = logs[turn % 2]
        for _ in range(TIMES):
            # A copy of the log has nothing remembered of an earlier measurement.
            counts(log.with_tables(), names, available=True)
        return TIMES * len(log.touchpoints)

    def perceived(turn: int) -> int:
        return sum(len(cxsim.perceive(logs[turn % 2], seed=turn).surveys) for _ in range(TIMES))

    def explained(turn: int) -> int:
        # Replication 20: beyond those in which other parameters and units of facts are looked at too.
        log = logs[turn % 2]
        asked = Asked(turn, 20, model, lambda other: simulate(other, seed=turn, replication=20, engine="kernel"))
        return sum(_explained(log, scenario, asked) for _ in range(TIMES))

    return [
        clock.Competitor(SIMULATION, simulated, lambda n: n),
        clock.Competitor(METRICS, measured, lambda n: n),
        clock.Competitor(PERCEPTION, perceived, lambda n: n),
        clock.Competitor("perception and explanations, a journey", explained, lambda n: n),
    ]


def _explained(log: ContactLog, scenario: cxsim.Scenario, asked: Asked) -> int:
    felt, feelings = felt_log(log, scenario, asked)
    counted_feelings(log, felt, feelings, scenario, asked, against=None)
    return len(felt.surveys)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--scenario", default="retail_bank_voice_200")
    options = parser.parse_args()
    result = clock.race(competitors(options.scenario), turns=options.turns)
    each = {
        name: [seconds / n for seconds, n in zip(result.cpu[name], result.contacts[name], strict=True)]
        for name in result.cpu
    }
    print(f"{len(operational())} operational metrics; medians of {options.turns} turns")
    for name, costs in each.items():
        ratio = statistics.median(cost / base for cost, base in zip(costs, each[SIMULATION], strict=True))
        print(
            f"{name:<42} {1e6 * statistics.median(costs):8.3f} microseconds {ratio:8.2f} times the simulation of a row"
        )


if __name__ == "__main__":
    main()
