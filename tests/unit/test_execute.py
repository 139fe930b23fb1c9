"""Trials are worked in any order, kept as they finish, and given back in the order asked for."""

from functools import partial

import pytest
from support.small_centres import small_centre

from cxsim.errors import MetricUnavailable, RunError
from cxsim.runs.chunks import Chunks
from cxsim.runs.execute import execute
from cxsim.runs.shards import to_arrow
from cxsim.runs.store import RunFolder
from cxsim.scenario.load import load_scenario
from cxsim.trial import Trial

METRICS = ("average_speed_of_answer", "wait_quantile:p80", "first_contact_resolution")


@pytest.fixture(scope="module")
def trials():
    today = load_scenario(small_centre())
    labelled = {"today": today, "one more": today.override("agent_groups.desk.agents=2")}
    return [
        Trial(label, scenario, 7, replication, metrics=METRICS, detail=False)
        for replication in range(3)
        for label, scenario in labelled.items()
    ]


@pytest.fixture(scope="module")
def undisturbed(trials):
    return [to_arrow(table) for table in execute(trials)]


def same(tables, undisturbed):
    return [to_arrow(table).equals(other) for table, other in zip(tables, undisturbed, strict=True)] == [True] * 6


def test_results_stand_in_the_order_of_the_trials(trials, undisturbed):
    found = [(table["scenario"][0].as_py(), table["replication"][0].as_py()) for table in undisturbed]
    assert found == [(trial.label, trial.replication) for trial in trials]


@pytest.mark.slow  # the plain suite compares one and two workers by the command line, in tests/studies
def test_two_workers_give_the_same_to_the_last_bit(trials, undisturbed, tmp_path):
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    assert same(execute(trials, folder=folder, jobs=2), undisturbed)
    assert all((trial in folder) for trial in trials)


def test_one_trial_is_worked_here_whatever_the_number_of_jobs(trials, undisturbed, monkeypatch):
    monkeypatch.setattr("cxsim.runs.execute.processes", None)
    assert to_arrow(execute(trials[:1], jobs=8)[0]).equals(undisturbed[0])


@pytest.fixture
def singly(monkeypatch):
    """Every trial is a chunk of its own."""
    monkeypatch.setattr("cxsim.runs.execute.Chunks", partial(Chunks, seconds=0.0))


@pytest.mark.parametrize("seconds", [0.0, 0.02, 1e9])
def test_how_trials_go_together_changes_nothing(trials, undisturbed, monkeypatch, tmp_path, seconds):
    monkeypatch.setattr("cxsim.runs.execute.Chunks", partial(Chunks, seconds=seconds))
    assert same(execute(trials), undisturbed)
    assert same(execute(trials, folder=RunFolder.create(tmp_path, name="x", manifest={})), undisturbed)


@pytest.mark.usefixtures("singly")
def test_a_run_interrupted_anywhere_goes_on_to_the_same_end(trials, undisturbed, tmp_path):
    for stop in range(len(trials)):
        folder = RunFolder.create(tmp_path, name=f"stop-{stop}", manifest={})

        def interrupt(done, n, *, at=stop):
            if done == at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            execute(trials, folder=folder, progress=interrupt)
        assert [(trial in folder) for trial in trials] == [True] * stop + [False] * (len(trials) - stop)
        assert same(execute(trials, folder=folder), undisturbed)


def test_what_is_finished_is_read_and_not_run_again(trials, undisturbed, tmp_path, monkeypatch):
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    execute(trials, folder=folder)
    monkeypatch.setattr("cxsim.runs.execute.run_trial", None)
    assert same(execute(trials, folder=folder), undisturbed)


@pytest.mark.usefixtures("singly")
def test_progress_counts_what_was_finished_before(trials, tmp_path):
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    execute(trials[:2], folder=folder)
    said = []
    execute(trials[:4], folder=folder, progress=lambda done, n: said.append((done, n)))
    assert said == [(2, 4), (3, 4), (4, 4)]


def test_a_metric_that_cannot_be_had_is_refused(trials):
    first = trials[0]
    wrong = Trial(first.label, first.scenario, 7, 0, metrics=("customer_lifetime_value",), detail=False)
    with pytest.raises(MetricUnavailable, match="no customer has a margin"):
        execute([wrong])


def test_no_jobs_are_refused(trials):
    with pytest.raises(RunError, match="jobs: 0; 1 or more"):
        execute(trials, jobs=0)
