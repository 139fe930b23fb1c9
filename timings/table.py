"""Runs every timing and writes the page of the docs: `python timings/table.py --python INTERPRETER_OF_THE_PEERS`."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import clock
import engine
import mechanisms
import peers
import scale
import start

from cxsim.trial import ENGINES

PAGE = Path(__file__).parents[1] / "docs" / "timings.md"
LIBRARIES = ("simpy", "numpy", "numba")

OPENING = """# Timings

Written by `python timings/table.py`, measured in one sitting on {machine}.
A ratio is of CPU time, taken within each turn and given as the median over turns ({turns}) with the lowest and highest;
seconds depend on the machine and are not stated. What is measured and what a ratio means stands in `timings/README.md`.
"""

ENGINES_TITLE, START = "## Engines against bare SimPy", "## A start"
AGAIN = "Measured at another time than the rest, by `python timings/table.py --only {name}`; {turns} turns."
# Days of one replication whose memory is weighed: a hundred thousand contacts or more where that takes seconds.
WEIGHED = {"process": 2, "kernel": 32}


def machine() -> str:
    """Cores, kind of processor, and what the code ran on."""
    libraries = ", ".join(f"{name} {version_of(name)}" for name in LIBRARIES)
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {libraries}"


def version_of(distribution: str) -> str:
    """Version of an installed distribution, or that it is not there."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def engines_section(engines: Sequence[str], *, days: int, turns: int, models: str) -> str:
    """Models A, B and C by every engine."""
    competitors = engine.competitors(days=days, engines=engines, models=models)
    result = clock.race(competitors, turns=turns)
    lines = [ENGINES_TITLE, "", "| what | times as fast |", "|---|---|"]
    lines += [f"| {says} | {scale.shown(ratio)} |" for says, ratio in engine.ratios(result).items()]
    lines += ["", "| competitor | contacts in a turn | cost per contact / script B | bytes held | at most |"]
    lines.append("|---|---:|---|---:|---:|")
    weighed = [engine.engine_competitor(name, model, days=WEIGHED[name]) for name in engines for model in models]
    once = {part.name: part for part in weighed}
    for part in weighed:
        part.run(1)  # loads the code, and shows how much room is needed
    for competitor in competitors:
        name = competitor.name
        cost = clock.times_as_fast(result, name="script B", base=name)
        memory = clock.memory(once.get(name, competitor))
        contacts = result.contacts[name][0]
        lines.append(f"| {name} | {contacts:,} | {scale.shown(cost)} | {memory.held:.0f} | {memory.peak:.0f} |")
    lines += [
        "",
        "Bytes are per contact: held by the result, and at most while it was made, as Python and NumPy report; of one",
        f"replication of {WEIGHED['kernel']} days by the compiled engine, of {WEIGHED['process']} by the other.",
    ]
    return "\n".join(lines)


def mechanisms_section(*, days: int, turns: int) -> str:
    """What each mechanism costs the compiled engine, used and unused."""
    return f"## What a mechanism costs\n\n{mechanisms.table(mechanisms.measured(days=days, turns=turns))}"


def peers_section(engines: Sequence[str], *, places: peers.Places, turns: int) -> str:
    """The models by the other simulators."""
    found = peers.measured(places, turns=turns, engines=engines)
    return f"## Other simulators\n\n{peers.table(found, turns=turns)}"


def scale_section(engines: Sequence[str], *, turns: int, largest: int | None, turn: int | None) -> str:
    """Cost by size, memory and threads of every engine."""
    parts = ["## Cost by size, memory, two threads"]
    for name in engines:
        found = scale.measured(name, largest=largest or scale.LARGEST[name], turn=turn or scale.TURN[name], turns=turns)
        parts.append(scale.table(found))
    return "\n\n".join(parts)


def start_section(engines: Sequence[str], *, turns: int, scenario: str, replications: int) -> str:
    """Cost of a start, and many days against one."""
    parts = [f"{START}\n\nOne day of `{scenario}`, in units of one by the SimPy engine in a warm process."]
    parts += [
        start.table(start.measured(name, scenario=scenario, turns=turns, replications=replications)) for name in engines
    ]
    return "\n\n".join(parts)


def rewritten(page: str, *, title: str, body: str) -> str:
    """The page with another body of one of its sections.

    Raises
    ------
    ValueError
        No such section.
    """
    before, found, after = page.partition(title)
    if not found:
        raise ValueError(f"no section {title.removeprefix('## ')!r} to write again; leave out --only")
    _, next_title, rest = after.partition("\n## ")
    return f"{before}{title}\n\n{body}\n" + (f"{next_title}{rest}" if next_title else "")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all of it and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    peers.add_places(parser)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--days", type=int, default=2, help="days of a turn of models A, B and C")
    parser.add_argument("--models", default="abc", help="which of a, b, c")
    parser.add_argument("--largest", type=int, help="contacts of the largest size; left out, by engine")
    parser.add_argument("--turn", type=int, help="contacts of a turn of the sizes at least; left out, by engine")
    parser.add_argument("--scenario", default=start.PRESET, help="whose day is started")
    parser.add_argument("--replications", type=int, default=start.REPLICATIONS, help="days measured against one")
    parser.add_argument("--engines", nargs="+", default=[name for name in ENGINES if name != "auto"])
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write")
    parser.add_argument("--only", choices=["engines", "start"], help="write one section again, leave the rest")
    given = parser.parse_args(arguments)
    engines, turns = given.engines, given.turns
    if given.only:
        if given.only == "start":
            title = START
            found = start_section(engines, turns=turns, scenario=given.scenario, replications=given.replications)
        else:
            title = ENGINES_TITLE
            found = engines_section(engines, days=given.days, turns=turns, models=given.models)
        told = f"{AGAIN.format(name=given.only, turns=turns)}\n\n{found.removeprefix(title).strip()}"
        try:
            page = rewritten(given.page.read_text(encoding="utf-8"), title=title, body=told)
        except ValueError as error:
            parser.error(f"{given.page}: {error}")
        given.page.write_text(page, encoding="utf-8")
        print(f"written: {title.removeprefix('## ')} of {given.page}")
        return
    sections = [
        OPENING.format(machine=machine(), turns=turns),
        engines_section(engines, days=given.days, turns=turns, models=given.models),
        mechanisms_section(days=given.days, turns=turns),
        peers_section(engines, places=peers.places_of(given), turns=turns),
        scale_section(engines, turns=turns, largest=given.largest, turn=given.turn),
        start_section(engines, turns=turns, scenario=given.scenario, replications=given.replications),
    ]
    given.page.parent.mkdir(parents=True, exist_ok=True)
    given.page.write_text("\n\n".join(section.rstrip() for section in sections) + "\n", encoding="utf-8")
    print(f"written: {given.page}")


if __name__ == "__main__":
    main()
