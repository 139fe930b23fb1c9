"""What a mechanism costs the compiled engine: model B as it is, with values that switch nothing on, and one by one."""

from __future__ import annotations

import argparse
from pathlib import Path

import clock
import engine

import cxsim

HERE = Path(__file__).parent
BASE, UNUSED = "model B as it is", "every key below, written so that it does nothing"
PHONE, SECOND = "touchpoints.phone", "touchpoints.second_line"
# Values that switch nothing on, and one that does; of the same keys.
NEUTRAL = (
    f"{PHONE}.hold=0%", f"{PHONE}.waiting_room=100000", f"{PHONE}.lines=100000", f"{PHONE}.weight=1",
    f"{PHONE}.false_resolution=0%", f"{PHONE}.concurrency=1", f"{PHONE}.patience.at_once=0%",
    f"{PHONE}.again={{handle_time: 1, resolution: 0}}", "agent_groups.general.at_shift_end=finish",
    "agent_groups.general.serves.phone.orders.reserve=0", "agent_groups.general.serves.phone.orders.after=0 s",
    "routing.preferred_agent=false",
)  # fmt: skip
USED = {
    "hold": f"{PHONE}.hold=6%",
    "waiting room, lines": f"{PHONE}.waiting_room=60",
    "false resolution": f"{PHONE}.false_resolution=3%",
    "patience at once": f"{PHONE}.patience.at_once=2%",
    "repeats handled differently": f"{PHONE}.again={{handle_time: 1.1, resolution: -0.1}}",
    "ring time": f"{PHONE}.ring_time=4 s",
    "announced wait with balking": f"{PHONE}.announcement={{balks: {{1 min: 5%}}}}",
    "reserve": "agent_groups.general.serves.phone.orders.reserve=1",
    "overflow after a delay": "agent_groups.technical.serves.phone.orders={rank: 2, after: 1 min}",
    "warm transfer": f"{PHONE}.then.unresolved.escalate.transfer=warm",
    "preferred agent": "routing.preferred_agent=true",
    "time unavailable": "agent_groups.general.unavailable={share: 3%, lasts: 2 min}",
    "learning": (
        "agent_groups.general.tenure=365 d",
        "agent_groups.general.learning={handle_time: 1.3, resolution: 0, halves_every: 60 d}",
    ),
    "two at once": f"{SECOND}.concurrency=2",
}


def competitor(name: str, *changes: str, days: int) -> clock.Competitor:
    """Model B with changes, by the compiled engine."""
    scenario = cxsim.load_scenario(HERE / "model_b.yaml", f"calendar.days={days}", *changes)
    times = engine.TIMES["kernel"]
    return clock.Competitor(
        name, lambda turn: engine.simulated(scenario, "kernel", turn, times=times), lambda left: int(left.contacts)
    )


def measured(*, days: int, turns: int) -> clock.Race:
    """All of them alternately."""
    found = [competitor(BASE, days=days), competitor(UNUSED, *NEUTRAL, days=days)]
    for name, given in USED.items():
        found.append(competitor(name, *([given] if isinstance(given, str) else given), days=days))
    return clock.race(found, turns=turns)


def table(race: clock.Race) -> str:
    """Cost per contact in units of model B as it is."""
    lines = ["| model B by the compiled engine, with | cost per contact |", "|---|---|"]
    for name in race.cpu:
        cost = clock.times_as_fast(race, name=BASE, base=name)
        lines.append(f"| {name} | {cost.median:.2f} ({cost.lowest:.2f} to {cost.highest:.2f}) |")
    lines.append(
        "\nScenarios with none of the special mechanisms take a shorter way through the compiled engine; the first "
        "special one costs the longer way, about twice as much, and further ones little more: costs do not multiply. "
        "A mechanism changes the model too (who waits, how many come back), so a cost is not that of its code alone."
    )
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--days", type=int, default=2)
    given = parser.parse_args()
    print(table(measured(days=given.days, turns=given.turns)))


if __name__ == "__main__":
    main()
