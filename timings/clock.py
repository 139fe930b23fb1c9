"""CPU time of competitors, measured turn by turn within one run and given as ratios; bytes a contact on request."""

from __future__ import annotations

import argparse
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

try:
    import resource
except ImportError:  # not a POSIX system: children are not counted there
    resource = None  # type: ignore[assignment]

TOO_SHORT = 0.05  # CPU time of a turn below which its ratio is marked [s]


class Competitor(NamedTuple):
    """One of those compared: a name, what it runs, and how many contacts it did.

    `run` is given the number of the turn, to be used as the seed, and returns what it would leave to its user (the
    records); `count` says how many contacts that is. Competitors may differ in size: the cost is taken per contact.
    """

    name: str
    run: Callable[[int], Any]
    count: Callable[[Any], int]


class Race(NamedTuple):
    """CPU time [s] and number of contacts of each competitor in each turn: name -> list over turns."""

    cpu: dict[str, list[float]]
    contacts: dict[str, list[int]]


class Memory(NamedTuple):
    """Bytes a contact: what the result holds, and the most that was held while it was made."""

    held: float
    peak: float


class Ratio(NamedTuple):
    """Times as fast as the base, per contact: median over the turns, lowest, highest."""

    median: float
    lowest: float
    highest: float


def cpu_time() -> float:
    """User and system time of this process, all its threads and its finished children [s]."""
    own = time.process_time()
    if resource is None:
        return own
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own + children.ru_utime + children.ru_stime


def race(
    competitors: Sequence[Competitor], *, turns: int = 5, warm: bool = True, clock: Callable[[], float] = cpu_time
) -> Race:
    """Run the competitors one after another, again and again, every second turn in reverse order.

    What drifts (heat, other work on the machine) so falls on all alike.

    Parameters
    ----------
    competitors : sequence of Competitor
        With different names.
    turns : int
        Timed runs of each, at least 1.
    warm : bool
        Run each once before, untimed, as turn 0 (compiling, caches); the timed turns are 1, 2, ...
    clock : callable
        Gives CPU seconds.

    Raises
    ------
    ValueError
        No turn, or two competitors of one name.
    """
    names = [competitor.name for competitor in competitors]
    if turns < 1 or len(set(names)) < len(names):
        raise ValueError(f"race: {turns} turns of {names}; at least one turn and different names; correct the call")
    if warm:
        for competitor in competitors:
            competitor.run(0)
    result = Race({name: [] for name in names}, {name: [] for name in names})
    for turn in range(1, turns + 1):
        for competitor in competitors if turn % 2 else reversed(competitors):
            gc.collect()
            before = clock()
            left = competitor.run(turn)
            result.cpu[competitor.name].append(clock() - before)
            result.contacts[competitor.name].append(competitor.count(left))
            del left
    return result


def times_as_fast(result: Race, *, name: str, base: str) -> Ratio:
    """How many times as fast a competitor is as the base, per contact; each turn is compared with itself."""
    of_turns = [
        (base_cpu / base_contacts) / (cpu / contacts)
        for cpu, contacts, base_cpu, base_contacts in zip(
            result.cpu[name], result.contacts[name], result.cpu[base], result.contacts[base], strict=True
        )
    ]
    return Ratio(statistics.median(of_turns), min(of_turns), max(of_turns))


def memory(competitor: Competitor) -> Memory:
    """Bytes a contact of one run, as Python's allocator and NumPy report them; never timed, tracing is slow.

    Memory that a library takes past them (Arrow's pool, another process) is not seen.
    """
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        left = competitor.run(0)
        gc.collect()
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    contacts = competitor.count(left)
    return Memory((held - before) / contacts, (peak - before) / contacts)


def table(result: Race, *, base: str, memories: dict[str, Memory] | None = None) -> str:
    """The race as text: ratios to the base, no seconds.

    Parameters
    ----------
    result : Race
    base : str
        The competitor that is 1.
    memories : dict of Memory, optional
        By name; adds two columns.
    """
    width = max(len(name) for name in result.cpu)
    head = f"{'competitor':<{width}}  {'contacts':>9}  {'cost':>8}  {'times as fast':>13}  {'(lowest to highest)':>21}"
    lines = [head + (f"  {'bytes held':>10}  {'at most':>8}" if memories else "")]
    short = False
    for name in result.cpu:
        ratio = times_as_fast(result, name=name, base=base)
        contacts = statistics.median(result.contacts[name])
        mark = "*" if statistics.median(result.cpu[name]) < TOO_SHORT else " "
        short |= mark == "*"
        line = f"{name:<{width}}  {contacts:>9.0f}  {1 / ratio.median:>8.4f}  {ratio.median:>12.3f}{mark}"
        line += f"  {f'({ratio.lowest:.3f} to {ratio.highest:.3f})':>21}"
        if memories and name in memories:
            line += f"  {memories[name].held:>10.1f}  {memories[name].peak:>8.1f}"
        lines.append(line)
    lines.append(f"cost, times as fast: CPU time per contact against {base}, median of {len(result.cpu[base])} turns")
    if memories:
        lines.append("bytes: per contact, held by the result, and at most while it was made")
    if short:
        lines.append(f"* turns below {TOO_SHORT} s of CPU time: give this competitor more contacts")
    return "\n".join(lines)


def compare(competitors: Sequence[Competitor], *, base: str, turns: int = 5, with_bytes: bool = False) -> str:
    """Race, weigh if asked, and give the table."""
    result = race(competitors, turns=turns)
    memories = {competitor.name: memory(competitor) for competitor in competitors} if with_bytes else None
    return table(result, base=base, memories=memories)


def main() -> None:
    """Compare the two bare scripts with each other: shows the measuring, and what a contact of model B costs in A's."""
    import bare_simpy_a
    import bare_simpy_b

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--turns", type=int, default=5, help="timed runs of each")
    parser.add_argument("--contacts", type=int, default=20_000, help="calls of model A a turn")
    parser.add_argument("--days", type=int, default=1, help="days of model B a turn, about 14,000 visits each")
    parser.add_argument("--bytes", action="store_true", help="bytes a contact as well")
    given = parser.parse_args()
    bare = (
        Competitor(
            "bare SimPy A", lambda turn: bare_simpy_a.run(given.contacts, turn), lambda log: len(log["offered"])
        ),
        Competitor("bare SimPy B", lambda turn: bare_simpy_b.run(given.days, turn), lambda log: len(log["offered"])),
    )
    print(compare(bare, base="bare SimPy A", turns=given.turns, with_bytes=given.bytes))


if __name__ == "__main__":
    main()
