"""What running costs beside simulating: overhead a replication, memory of large sweeps, two workers against one."""

from __future__ import annotations

import argparse
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cxsim
from cxsim.runs.cluster import by_cluster
from cxsim.runs.execute import execute
from cxsim.runs.shards import packed
from cxsim.runs.store import RunFolder
from cxsim.trial import Trial, run_trial

BANK = "retail_bank_voice_200"
METRICS = ("average_speed_of_answer", "service_level")
# A centre that simulates in about a millisecond, so that what is measured is not the simulation.
TINY = {
    "name": "Tiny desk",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "1 h"},
    "contact_types": {"call": {"volume": "20 per day", "enters": {"phone": 1}}},
    "touchpoints": {
        "phone": {"mechanism": "staffed", "channel": "voice", "talk_time": "10 min", "patience": "5 min"},
    },
    "agent_groups": {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}}},
}


def cpu(work: Callable[[], Any], *, times: int) -> float:
    """CPU time of one call [s]: the least of three rounds."""
    rounds = []
    for _ in range(3):
        begun = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - begun) / times)
    return min(rounds)


def overhead(n: int = 200) -> None:
    """CPU time a replication of all that is not `run_trial`, as share of a replication of the bank."""
    tiny = [Trial("tiny", cxsim.load_scenario(TINY), 7, r, metrics=METRICS, detail=False) for r in range(n)]
    tables = [run_trial(trial) for trial in tiny]

    def kept() -> None:
        with tempfile.TemporaryDirectory() as place:
            folder = RunFolder.create(Path(place), name="x", manifest={})
            assert not any(trial in folder for trial in tiny)
            folder.keep(packed(pickle.loads(pickle.dumps(tiny)), tables))
            for _ in folder.read(tiny):
                pass

    each = cpu(kept, times=1) / n
    bank = cxsim.load_scenario(BANK)
    for what, detail, metrics in (("as `run` does, all breakdowns", True, None), ("two metrics only", False, METRICS)):
        for engine in ("process", "kernel"):
            trial = Trial("bank", bank, 7, 0, metrics=metrics, detail=detail, engine=engine)  # type: ignore[arg-type]
            run_trial(trial)
            day = cpu(lambda trial=trial: run_trial(trial), times=2)  # type: ignore[misc]
            print(f"overhead of a bank day, {engine}, {what}: {100 * each / day:.2f} %")


def peak(points: int, replications: int) -> dict[str, float]:
    """Most memory [MB] and CPU time [s] of a sweep of so many points, in a process of its own."""
    code = (
        "import json, resource, sys, time, tempfile; sys.path.insert(0, sys.argv[3]); import runs, cxsim\n"
        "points, replications = int(sys.argv[1]), int(sys.argv[2])\n"
        "with tempfile.TemporaryDirectory() as out:\n"
        "    vary = ['agent_groups.desk.agents=range(1,11)', f'touchpoints.phone.resolves=' + "
        "','.join(str(k / points) for k in range(1, points // 10 + 1))]\n"
        "    found = cxsim.sweep(runs.TINY, vary, replications=replications, metrics=list(runs.METRICS), "
        "profile=None, out=out)\n"
        "    files = sum(1 for _ in (found.folder / 'shards').iterdir())\n"
        "usage = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(json.dumps({'rows': len(found.findings.estimates), 'files': files, 'megabytes': usage.ru_maxrss / 1024,"
        " 'cpu': usage.ru_utime + usage.ru_stime}))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(points), str(replications), str(Path(__file__).parent)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(said.stdout)
    return found


def memory(replications: int) -> None:
    """Peak memory of 1,000 and of 10,000 points, and their ratio."""
    found = {points: peak(points, replications) for points in (1_000, 10_000)}
    for points, about in found.items():
        print(f"sweep of {points} points, {replications} replications: {about}")
    few, many = found.values()
    print(f"memory of 10,000 points over 1,000: {many['megabytes'] / few['megabytes']:.2f}")


def threads(n: int = 40) -> None:
    """Two threads against one on bank days by the compiled engine, where threads are most at home."""
    bank = cxsim.load_scenario(BANK)
    trials = [Trial("bank", bank, 7, r, metrics=METRICS, detail=False, engine="kernel") for r in range(n)]
    run_trial(trials[0])
    ratios = []
    for _ in range(3):
        begun = time.perf_counter()
        for trial in trials:
            run_trial(trial)
        one = time.perf_counter() - begun
        begun = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(run_trial, trials))
        ratios.append(one / (time.perf_counter() - begun))
    print(
        f"two threads against one, kernel: {sorted(ratios)[1]:.2f} times as fast ({min(ratios):.2f}-{max(ratios):.2f})"
    )


def alone(n: int, seed: int, name: str) -> float:
    """Waiting time of so many replications in this process [s], beside whatever else the machine does."""
    scenario = cxsim.load_scenario(name)
    run_trial(Trial(name, scenario, seed, 0, engine="process"))
    begun = time.perf_counter()
    for r in range(n):
        run_trial(Trial(name, scenario, seed, 1 + r, engine="process"))
    return time.perf_counter() - begun


def _beside(n: int, n_processes: int, name: str) -> float:
    """Longest waiting time of processes that know nothing of each other, each with so many replications [s]."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import runs; print(runs.alone(int(sys.argv[2]), 7, sys.argv[3]))"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(n), name]
    found = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(n_processes)]
    return max(float(process.communicate()[0]) for process in found)


def ceiling(n: int, turns: int, name: str) -> None:
    """What two processors of this machine give at most: processes without any message between them."""
    ratios = sorted(2.0 * _beside(n, 1, name) / _beside(n, 2, name) for _ in range(turns))
    print(f"two separate processes against one, {n} times {name} each: {ratios[turns // 2]:.2f} times as fast {ratios}")


def workers(n: int, turns: int, name: str) -> None:
    """Two Dask workers against one: ratio of waiting times on equal work."""
    scenario = cxsim.load_scenario(name)
    trials = [Trial(name, scenario, 7, r, engine="process") for r in range(n)]
    with tempfile.TemporaryDirectory() as folder:
        clusters = {number: _cluster(Path(folder) / str(number), number) for number in (1, 2)}
        try:
            ways: dict[str, dict[str, Any]] = {
                f"dask {number}": {"cluster": str(Path(folder) / str(number) / "scheduler.json")} for number in clusters
            }
            for how in ways.values():
                execute(trials[:4], **how)
            slept = {way: _slept(str(how["cluster"])) for way, how in ways.items()}
            print(
                f"two against one where tasks of 1 s only wait: {slept['dask 1'] / slept['dask 2']:.2f} times as fast"
            )
            took: dict[str, list[float]] = {way: [] for way in ways}
            for turn in range(turns):
                for way, how in list(ways.items())[:: 1 if turn % 2 else -1]:
                    begun = time.perf_counter()
                    execute(trials, **how)
                    took[way].append(time.perf_counter() - begun)
        finally:
            for processes in clusters.values():
                for process in processes:
                    process.kill()  # a worker that has lost its scheduler would go on looking for it
                for process in processes:
                    process.wait()
    ratios = sorted(one / two for one, two in zip(took["dask 1"], took["dask 2"], strict=True))
    print(f"two Dask workers against one, {n} times {name}: {ratios[len(ratios) // 2]:.2f} times as fast {ratios}")
    print(f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def doze(seconds: Sequence[float]) -> None:
    """A task that needs no processor: what is left is the way to the workers and back."""
    for each in seconds:
        time.sleep(each)


def _slept(cluster: str, n: int = 20) -> float:
    begun = time.perf_counter()
    assert sum(len(places) for places, _ in by_cluster(doze, [1.0] * n, named=str, address=cluster)) == n
    return time.perf_counter() - begun


def _cluster(folder: Path, n_workers: int) -> list[subprocess.Popen[bytes]]:
    """A scheduler and so many workers of one thread, on this machine only."""
    folder.mkdir()
    file = folder / "scheduler.json"
    about = [["scheduler", "--port", "0"], *[["worker", "--nthreads", "1", "--no-nanny"]] * n_workers]
    found = []
    for what, *words in about:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1", "--no-dashboard"]
        found.append(
            subprocess.Popen([*command, "--scheduler-file", str(file), *words], cwd=folder, stderr=subprocess.DEVNULL)
        )
    while not file.exists():
        time.sleep(0.1)
    return found


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["overhead", "threads", "memory", "ceiling", "workers"])
    parser.add_argument("--replications", type=int, default=1)
    parser.add_argument("--scenario", default=BANK, help="that two workers share")
    parser.add_argument("--days", type=int, default=24, help="replications that two workers share")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    ways: dict[str, Callable[[], None]] = {
        "overhead": overhead,
        "threads": threads,
        "memory": lambda: memory(options.replications),
        "ceiling": lambda: ceiling(options.days // 2, options.turns, options.scenario),
        "workers": lambda: workers(options.days, options.turns, options.scenario),
    }
    for part in options.parts:
        ways[part]()
    print(f"most memory here: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
