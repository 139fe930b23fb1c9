"""The models by other simulators, each in a process of its own, in turn with cxsim: what a contact costs there."""

from __future__ import annotations

import argparse
import math
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import bare_simpy_a
import bare_simpy_b
import clock
import numpy as np
import simpy
from peer_processes import Answer, Places, Remote, started

import cxsim
from cxsim.erlang import erlang_a
from cxsim.trial import ENGINES

HERE = Path(__file__).parent
EXACT = erlang_a(1 / 3.75, talk_time=180.0, patience=240.0, n_agents=50)
# An empty centre at the start takes less than this share from a day's waiting (0.008 in model A over 4,000 days).
EMPTY_START = 0.01
CXSIM_DAYS = {"process": 1, "kernel": 60}


class Model(NamedTuple):
    """A model: its bare SimPy script for one day by seed, and what must come out.

    `exact` is the share abandoned and the mean wait [s], left out where only the script can say it; `day_sd` is the
    standard deviation of the two between days.
    """

    script: Callable[[int], dict[str, list[float]]]
    records: str
    exact: tuple[float, float] | None
    day_sd: tuple[float, float]


MODELS = {
    "A": Model(
        lambda seed: bare_simpy_a.run(23_040, seed),
        "three times a call",
        (EXACT.abandonment_rate, EXACT.mean_wait),
        (0.0038, 0.92),  # over 4,000 days of events_a.c
    ),
    "B": Model(
        lambda seed: bare_simpy_b.run(1, seed),
        "eight columns a visit",
        None,
        (0.0061, 1.4),  # over the 12 to 200 days of script and cimba_b.py
    ),
}


class Standing(NamedTuple):
    """One competitor of the race, ready to be printed.

    `cost` is by engine of cxsim: CPU time per contact in units of that engine's. `abandoned` and `wait` [s] are over
    all timed turns and `agrees` says that both are as they must be, within the error of that many days.
    """

    name: str
    version: str
    records: str
    contacts: int
    cost: dict[str, clock.Ratio]
    abandoned: float
    wait: float
    agrees: bool


def own_competitors(model: str, *, engines: Sequence[str], days: dict[str, int]) -> list[clock.Competitor]:
    """cxsim's engines and the bare SimPy script."""

    def simulated(engine: str) -> clock.Competitor:
        scenario = cxsim.load_scenario(HERE / f"model_{model.lower()}.yaml", f"calendar.days={days[engine]}")

        def run(turn: int) -> cxsim.ContactLog:
            return cxsim.simulate(scenario, seed=turn, engine=engine)  # type: ignore[arg-type]

        return clock.Competitor(f"cxsim, {engine}", run, lambda log: len(log.touchpoints))

    script = clock.Competitor("bare SimPy", MODELS[model].script, lambda log: len(log["offered"]))
    return [*(simulated(engine) for engine in engines), script]


def answer_of(result: Any) -> Answer:
    """Counts of what a competitor left: a peer's answer, a log of cxsim, or the lists of the bare script."""
    if isinstance(result, Answer):
        return result
    log = isinstance(result, cxsim.ContactLog)
    offered, answered, ended = (
        np.asarray(getattr(result.touchpoints, name) if log else result[name])
        for name in ("offered", "answered", "ended")
    )
    lost = np.isnan(answered)
    return Answer(0.0, len(offered), int(lost.sum()), float((np.where(lost, ended, answered) - offered).sum()))


def pooled(answers: Sequence[Answer]) -> tuple[float, float]:
    """Share abandoned and mean wait [s] of some runs together."""
    calls = sum(answer.calls for answer in answers)
    return sum(answer.abandoned for answer in answers) / calls, sum(answer.waits for answer in answers) / calls


def agrees(answers: Sequence[Answer], *, days: int, model: str = "A", script: Sequence[Answer] = ()) -> bool:
    """Whether share abandoned and mean wait of some runs of so many days are right, to four standard errors.

    Right is Erlang A, or in a model without a formula the bare script, whose `script` runs of a day have errors too.
    """
    exact, day_sd = MODELS[model].exact, MODELS[model].day_sd
    right = exact or pooled(script)
    scale = math.sqrt(1 / (days * len(answers)) + (0 if exact else 1 / len(script)))
    return all(
        abs(mine - true) < 4 * sd * scale + true * EMPTY_START
        for mine, true, sd in zip(pooled(answers), right, day_sd, strict=True)
    )


def standings(
    remotes: Sequence[Remote],
    *,
    engines: Sequence[str],
    turns: int,
    model: str = "A",
    days: dict[str, int] = CXSIM_DAYS,
) -> list[Standing]:
    """Race everybody on one model and sort by cost, cheapest first.

    Parameters
    ----------
    remotes : sequence of Remote
        Peers of that model.
    engines : sequence of str
        Of cxsim; the order is by cost against the last.
    turns : int
    model : str
        A or B.
    days : dict of int
        Days of a turn by engine.
    """
    answers: dict[str, list[Answer]] = defaultdict(list)

    def noting(competitor: clock.Competitor) -> clock.Competitor:
        # Counting happens after the clock has stopped; the warm turn is not counted.
        def count(result: Any) -> int:
            answers[competitor.name].append(answer_of(result))
            return competitor.count(result)

        return competitor._replace(count=count)

    def theirs(remote: Remote) -> clock.Competitor:
        return clock.Competitor(remote.tool.name, remote.run, lambda answer: answer.calls)

    competitors = [*own_competitors(model, engines=engines, days=days), *map(theirs, remotes)]
    result = clock.race(
        [noting(competitor) for competitor in competitors],
        turns=turns,
        clock=lambda: clock.cpu_time() + sum(remote.spent for remote in remotes),
    )
    known = {remote.tool.name: (remote.version, remote.tool.records, remote.tool.days) for remote in remotes}
    known["bare SimPy"] = (simpy.__version__, MODELS[model].records, 1)
    known |= {f"cxsim, {engine}": ("", "the whole log", days[engine]) for engine in engines}

    def standing(name: str) -> Standing:
        version, records, n_days = known[name]
        return Standing(
            name,
            version,
            records,
            sum(answer.calls for answer in answers[name]) // turns,
            {engine: clock.times_as_fast(result, name=f"cxsim, {engine}", base=name) for engine in engines},
            *pooled(answers[name]),
            agrees(answers[name], days=n_days, model=model, script=answers["bare SimPy"]),
        )

    return sorted(map(standing, answers), key=lambda row: row.cost[engines[-1]].median)


class Measured(NamedTuple):
    """Standings by model, and the peers left out with the reason."""

    models: dict[str, list[Standing]]
    missing: dict[str, str]


def measured(places: Places, *, turns: int, engines: Sequence[str]) -> Measured:
    """Start the peers that are there, race them model by model, end them."""
    with tempfile.TemporaryDirectory() as folder:
        remotes, missing = started(places, folder=Path(folder))
        try:
            rows = {
                model: standings(
                    [remote for remote in remotes if remote.tool.model == model],
                    engines=engines,
                    turns=turns,
                    model=model,
                )
                for model in MODELS
            }
        finally:
            for remote in remotes:
                remote.close()
    return Measured(rows, missing)


def table(found: Measured, *, turns: int) -> str:
    """The standings as Markdown tables with what they need to be read."""
    lines = []
    for model, rows in found.models.items():
        engines = list(rows[0].cost)
        heads = [f"model {model}", "version", "records", *(f"cost per contact / cxsim, {name}" for name in engines)]
        lines += [f"| {' | '.join([*heads, 'abandoned', 'mean wait [s]'])} |", "|---" * (len(heads) + 2) + "|"]
        for row in rows:
            costs = [f"{r.median:.3g} ({r.lowest:.3g} to {r.highest:.3g})" for r in row.cost.values()]
            mark = "" if row.agrees else " (wrong)"
            cells = [row.name, row.version, row.records, *costs, f"{row.abandoned:.2%}", f"{row.wait:.2f}{mark}"]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    lines.append(
        f"Cost: CPU time per contact in units of cxsim's, median (lowest to highest) over turns ({turns}). In model A, "
        f"by Erlang A, {EXACT.abandonment_rate:.2%} abandon and the mean wait is {EXACT.mean_wait:.2f} s; in model B "
        "the bare script says it. Each competitor is run on other days and seeds, so shares and waits differ by "
        "chance, also between the two engines, whose logs of one seed are equal."
    )
    if found.missing:
        lines += ["", *(f"- Left out: {name} ({reason})." for name, reason in found.missing.items())]
    return "\n".join(lines)


def add_places(parser: argparse.ArgumentParser) -> None:
    """Options that say where the peers are."""
    parser.add_argument("--python", help="an interpreter with peers/requirements.txt installed")
    parser.add_argument("--rscript", default=shutil.which("Rscript"), help="Rscript of an R that has simmer")
    parser.add_argument("--ssj", metavar="CLASSPATH", help="class path with SSJ, colt and peers/SsjA.java compiled")
    parser.add_argument("--ssj-version", default="version not given", help="what to call that SSJ")
    parser.add_argument("--cc", default=shutil.which("cc"), help="C compiler")


def places_of(given: argparse.Namespace) -> Places:
    """The places that the options name."""
    return Places(given.python, given.rscript, given.ssj, given.cc, given.ssj_version)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_places(parser)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    engines = [engine for engine in ENGINES if engine != "auto"]
    found = measured(places_of(given), turns=given.turns, engines=engines)
    print(table(found, turns=given.turns))
    if not all(row.agrees for rows in found.models.values() for row in rows):
        raise SystemExit("a simulator does not give the numbers that it must: its cost means nothing")


if __name__ == "__main__":
    main()
