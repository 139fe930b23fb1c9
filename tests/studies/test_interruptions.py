"""A run may be stopped or killed at any moment: what is finished is kept whole, and it goes on to the same table."""

import os
import random
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest
from support.command_line import command
from support.small_centres import SMALL_YAML

N = 90  # enough to be still at work when the signal comes, also on a slow machine
RUN = ("run", "desk.yaml", f"replications={N}", "seed=7", "metrics=[asa,wait_quantile:p80]", "profile=none", "--quiet")
MOST_WAIT = 120.0  # for the first shard; ends a test that would otherwise wait for ever


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("home")
    (path / "desk.yaml").write_text(SMALL_YAML)
    return path


@pytest.fixture(scope="module")
def undisturbed(home):
    """The table of a run that nobody stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        said = command(*RUN, "--out", "undisturbed")
    assert said.code == 0
    (folder,) = (home / "undisturbed").iterdir()
    return (folder / "measures.csv").read_bytes()


def begun(home, out, *, jobs):
    """A run in a process group of its own that has finished at least one trial: the process and the run folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cxsim.cli", *RUN, "--jobs", str(jobs), "--out", out],
        cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + MOST_WAIT
    while time.monotonic() < until and process.poll() is None:
        shards = list((home / out).glob("*/shards/*.parquet"))
        if shards:
            return process, shards[0].parent.parent
        time.sleep(0.005)
    process.kill()
    raise AssertionError(process.communicate())


def whole_shards(folder):
    """Number of shards, each read to the end; nothing else may look like one."""
    shards = sorted((folder / "shards").glob("*.parquet"))
    for shard in shards:
        assert pq.read_table(shard).num_rows > 0
    return len(shards)


def resumed(home, folder, monkeypatch):
    monkeypatch.chdir(home)
    said = command("resume", folder, "--quiet")
    assert (said.code, said.err) == (0, "")
    assert whole_shards(folder) == N
    return (folder / "measures.csv").read_bytes()


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_interrupt_leaves_finished_trials_and_says_how_to_go_on(home, undisturbed, monkeypatch, jobs):
    process, folder = begun(home, f"interrupted-{jobs}", jobs=jobs)
    time.sleep(0.0 if jobs == 1 else 0.3)  # workers are importing: the moment at which Python would print a traceback
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to the workers as well
    out, err = process.communicate(timeout=MOST_WAIT)
    assert process.returncode == 130
    assert out == ""
    assert err == f"interrupted; finished trials are kept, `cxsim resume {folder.relative_to(home)}` goes on\n"
    assert 1 <= whole_shards(folder) < N
    assert not (folder / "measures.csv").exists()
    assert resumed(home, folder, monkeypatch) == undisturbed


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_tears_nothing(home, undisturbed, monkeypatch, jobs):
    process, folder = begun(home, f"killed-{jobs}", jobs=jobs)
    time.sleep(random.uniform(0.0, 0.5))  # any moment will do
    process.kill()
    process.communicate(timeout=MOST_WAIT)
    assert whole_shards(folder) >= 1
    assert resumed(home, folder, monkeypatch) == undisturbed
