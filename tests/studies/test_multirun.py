"""Hydra's own sweeper gives the table of `cxsim sweep`, and Python's, to the last bit."""

import importlib.util
import subprocess
import sys

import pytest
from support.command_line import command
from support.small_centres import SMALL_YAML

import cxsim
from cxsim.reports.outputs import write_table

VARIED = ("agent_groups.desk.agents=1,2", "touchpoints.phone.resolves=0.7,0.9")
SETTINGS = ("replications=2", "metrics=[asa,occupancy]", "profile=none", "seed=7")
LAUNCHERS = [
    "basic",
    pytest.param(
        "joblib",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("joblib") is None
            or importlib.util.find_spec("hydra_plugins") is None
            or importlib.util.find_spec("hydra_plugins.hydra_joblib_launcher") is None,
            reason="Hydra's launcher for joblib is not installed",
        ),
    ),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("home")
    (path / "desk.yaml").write_text(SMALL_YAML)
    return path


@pytest.fixture(scope="module")
def swept(home):
    """The table of `cxsim sweep`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        said = command("sweep", "desk.yaml", *VARIED, *SETTINGS, "--quiet")
    assert said.code == 0, said.err
    (table,) = home.glob("runs/*/measures.csv")
    return table.read_bytes()


def multirun(home, *words):
    return subprocess.run(
        [sys.executable, "-m", "cxsim.multirun", "--multirun", *words],
        cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_multirun_gives_the_table_of_a_sweep(home, swept, launcher):
    found = multirun(
        home, "scenario=desk.yaml", *VARIED, *SETTINGS, f"hydra/launcher={launcher}", f"hydra.sweep.dir={launcher}"
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.endswith(f"table: {launcher}/measures.csv\n")
    assert (home / launcher / "measures.csv").read_bytes() == swept


def test_a_sweep_in_python_gives_the_table_of_the_command(home, swept, tmp_path):
    options = {"replications": 2, "metrics": ["asa", "occupancy"], "profile": None, "seed": 7}
    found = cxsim.sweep(str(home / "desk.yaml"), list(VARIED), **options)
    write_table(found.findings.estimates, tmp_path / "measures.csv")
    assert (tmp_path / "measures.csv").read_bytes() == swept


def test_what_is_wrong_is_said_in_one_line_before_any_job_begins(home):
    found = multirun(home, "scenario=desk.yaml", "agent_groups.desk.agents=1,-2", "hydra.sweep.dir=wrong")
    assert found.returncode == 2
    assert found.stderr.startswith("error: ")
    assert found.stderr.count("\n") == 1
    assert not (home / "wrong").exists()
