"""A run may be stopped, or any part of it killed, at any moment: it goes on from what is finished to the same table.

One round of each; marked slow, twenty.
"""

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command_line import command
from support.processes import HAS_PROC, MOST_WAIT, DaskCluster, until, workers
from support.small_centres import SMALL_YAML

from cxsim.runs.store import RunFolder

N = 90  # enough to be still at work when the signal comes, also on a slow machine
RUN = ("run", "desk.yaml", f"replications={N}", "seed=7", "metrics=[asa,wait_quantile:p80]", "profile=none", "--quiet")
SHORT_CHUNKS = Path(__file__).parents[1] / "support" / "short_chunks.py"
ROUNDS = [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 20))]
LATER = 1.5  # within so long after the first shard something is killed [s]

needs_proc = pytest.mark.skipif(not HAS_PROC, reason="finds processes as Linux lists them")
needs_dask = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="Dask is not installed")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("home")
    (path / "desk.yaml").write_text(SMALL_YAML)
    return path


@pytest.fixture(autouse=True)
def _at_home(home, monkeypatch):
    monkeypatch.chdir(home)


@pytest.fixture(scope="module")
def undisturbed(home):
    """The table of a run that nobody stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        said = command(*RUN, "--out", "undisturbed")
    assert said.code == 0
    (folder,) = (home / "undisturbed").iterdir()
    return (folder / "measures.csv").read_bytes()


def begun(out, *options):
    """A run in a process group of its own that has finished at least one trial: the process and the run folder."""
    process = subprocess.Popen(
        [sys.executable, SHORT_CHUNKS, *RUN, *map(str, options), "--out", out],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        # Who runs these tests in the background of a shell has an interrupt ignored, and so would the run.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    (shard, *_) = until(lambda: list(Path(out).glob("*/shards/*.parquet")), process=process)
    return process, shard.parent.parent


def finished(folder):
    """Number of finished trials; every shard is whole and nothing else looks like one."""
    found = RunFolder.open(folder)
    assert len(found) >= 1
    assert found.changed == []
    return len(found)


def resumed(folder):
    said = command("resume", folder, "--quiet")
    assert (said.code, said.err) == (0, "")
    assert finished(folder) == N
    return (folder / "measures.csv").read_bytes()


def fresh(tmp_path):
    return str(tmp_path / "out")


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_interrupt_leaves_finished_trials_and_says_how_to_go_on(undisturbed, tmp_path, jobs):
    process, folder = begun(fresh(tmp_path), "--jobs", jobs)
    time.sleep(0.0 if jobs == 1 else 0.3)  # workers are importing: the moment at which Python would print a traceback
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to the workers as well
    out, err = process.communicate(timeout=MOST_WAIT)
    assert process.returncode == 130
    assert out == ""
    assert err == f"interrupted; finished trials are kept, `cxsim resume {folder}` goes on\n"
    assert 1 <= finished(folder) < N
    assert not (folder / "measures.csv").exists()
    assert resumed(folder) == undisturbed


@pytest.mark.parametrize("number", ROUNDS)
def test_a_run_that_is_killed_tears_nothing(undisturbed, tmp_path, number):
    process, folder = begun(fresh(tmp_path), "--jobs", 1 + number % 2)
    time.sleep(random.uniform(0.0, LATER))  # any moment will do
    process.kill()
    process.communicate(timeout=MOST_WAIT)
    finished(folder)
    assert resumed(folder) == undisturbed


@needs_proc
@pytest.mark.parametrize("number", ROUNDS)
def test_a_worker_that_is_killed_is_replaced(undisturbed, tmp_path, number):
    process, folder = begun(fresh(tmp_path), "--jobs", 2)
    del number
    time.sleep(random.uniform(0.0, LATER))
    for worker in workers(process.pid)[:1]:
        os.kill(worker, signal.SIGKILL)
    _, err = process.communicate(timeout=MOST_WAIT)
    assert (process.returncode, err) == (0, "")
    assert finished(folder) == N
    assert (folder / "measures.csv").read_bytes() == undisturbed


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers."""
    found = DaskCluster(tmp_path, n_workers=2)
    yield found
    found.stop()


@needs_proc
@needs_dask
@pytest.mark.parametrize("number", ROUNDS)
def test_a_worker_of_a_cluster_that_is_killed_is_missed_by_nobody(undisturbed, tmp_path, cluster, number):
    process, folder = begun(fresh(tmp_path), "--cluster", cluster.file)
    nanny = cluster.processes[1 + number % 2]
    (worker, *_) = until(lambda: workers(nanny.pid))
    time.sleep(random.uniform(0.0, LATER))
    os.kill(worker, signal.SIGKILL)
    _, err = process.communicate(timeout=MOST_WAIT)
    assert (process.returncode, err) == (0, "")
    assert finished(folder) == N
    assert (folder / "measures.csv").read_bytes() == undisturbed


@needs_dask
@pytest.mark.parametrize("number", ROUNDS)
def test_a_scheduler_that_is_killed_ends_the_run_in_one_line_and_it_goes_on_here(
    undisturbed, tmp_path, cluster, number
):
    process, folder = begun(fresh(tmp_path), "--cluster", cluster.file)
    del number
    time.sleep(random.uniform(0.0, LATER))
    cluster.scheduler.kill()
    _, err = process.communicate(timeout=MOST_WAIT)
    if process.returncode:  # else it was done before
        assert process.returncode in (1, 2)
        assert err.startswith(f"error: cluster {cluster.file}: ")
        assert err.count("\n") == 1
    finished(folder)
    assert resumed(folder) == undisturbed
