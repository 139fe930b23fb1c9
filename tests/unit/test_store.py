"""The folder of a run: whole files only, shards found again to the last bit, everything else refused in one line."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from support.small_centres import small_centre

from cxsim.errors import RunError, RunFailed
from cxsim.runs.store import RunFolder, from_arrow, shard_name, to_arrow, write_whole
from cxsim.scenario.load import load_scenario
from cxsim.trial import Trial, run_trial


@pytest.fixture(scope="module")
def trial():
    return Trial("two more: 100 %", load_scenario(small_centre()), 7, 3)


def table(values):
    """Counters as `run_trial` gives them, reduced to what matters: ratios without values, quantiles with them."""
    return pd.DataFrame(
        {
            "scenario": "today",
            "metric": [f"m{n}" for n in range(len(values))],
            "numerator": [0.1 + n for n in range(len(values))],
            "n": np.arange(len(values)),
            "p": [math.nan if part is None else 0.5 for part in values],
            "values": pd.Series(values, dtype=object),
        }
    )


def test_counters_survive_the_trip_through_a_file_to_the_last_bit():
    given = table([None, np.array([0.1, 0.2, 1 / 3, 5e-324]), np.empty(0), None, np.array([-0.0, 1e300])])
    found = from_arrow(to_arrow(given))
    pd.testing.assert_frame_equal(found.drop(columns="values"), given.drop(columns="values"), check_exact=True)
    for before, after in zip(given["values"], found["values"], strict=True):
        assert (before is None) == (after is None)
        assert before is None or before.tobytes() == after.tobytes()


def test_counters_without_a_single_quantile_survive_too():
    found = from_arrow(to_arrow(table([None, None])))
    assert list(found["values"]) == [None, None]


def test_a_shard_holds_what_the_trial_gave(tmp_path, trial):
    folder = RunFolder.create(tmp_path, name="estimate", manifest={})
    counters = run_trial(trial)
    assert folder.load(trial) is None
    assert not folder.has(trial)
    folder.keep(trial, counters)
    found = folder.load(trial)
    assert folder.has(trial)
    assert to_arrow(found).equals(to_arrow(counters))
    assert list(found["n"]) == list(counters["n"])


def test_shards_of_labels_that_look_alike_do_not_meet(trial):
    one, two = (Trial(label, trial.scenario, 7, 0) for label in ("a b", "a-b"))
    assert shard_name(one) != shard_name(two)
    assert shard_name(one) != shard_name(Trial("a b", trial.scenario, 8, 0))
    assert shard_name(one) != shard_name(Trial("a b", trial.scenario.override("agent_groups.desk.agents=2"), 7, 0))


def test_a_damaged_shard_counts_as_not_finished(tmp_path, trial):
    folder = RunFolder.create(tmp_path, name="estimate", manifest={})
    whole = to_arrow(table([None]))
    folder.keep(trial, from_arrow(whole))
    shard = folder.shards / shard_name(trial)
    shard.write_bytes(shard.read_bytes()[:-20])
    assert folder.load(trial) is None


def test_a_file_is_replaced_as_a_whole_or_stays_as_it_was(tmp_path):
    path = tmp_path / "measures.csv"
    write_whole(path, "first")
    with pytest.raises(TypeError):
        write_whole(path, None)
    assert path.read_text() == "first"
    write_whole(path, b"second")
    assert path.read_text() == "second"
    assert [each.name for each in tmp_path.iterdir()] == ["measures.csv"]


def test_runs_of_one_second_have_folders_of_their_own(tmp_path):
    folders = {RunFolder.create(tmp_path / "runs", name="One & the same", manifest={}).path for _ in range(5)}
    assert len(folders) == 5
    assert all("one-the-same" in path.name for path in folders)


def test_the_manifest_keeps_the_order_it_was_given(tmp_path):
    folder = RunFolder.create(tmp_path, name="x", manifest={"zebra": {"b": 1, "a": 2}, "ant": 3})
    assert list(folder.manifest) == ["format", "zebra", "ant"]
    assert list(folder.manifest["zebra"]) == ["b", "a"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for below in (tmp_path / "file", tmp_path / "file" / "runs"):
        with pytest.raises(RunError, match="a writable folder; choose --out DIR") as raised:
            RunFolder.create(below, name="x", manifest={})
        assert raised.value.exit_code == 2


def test_a_shard_that_cannot_be_written_says_how_to_go_on(tmp_path, trial):
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    folder.shards.rmdir()
    with pytest.raises(RunFailed, match="finished trials are kept; then `cxsim resume"):
        folder.keep(trial, table([None]))


def test_a_run_is_opened_by_its_folder_or_by_its_name_below_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = RunFolder.create(tmp_path / "runs", name="x", manifest={"a": 1})
    assert RunFolder.open(made.path).manifest["a"] == 1
    assert RunFolder.open(made.path.name).manifest["a"] == 1
    with pytest.raises(RunError, match=r"run nosuch: no manifest\.json there"):
        RunFolder.open("nosuch")


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "cannot be read"), ("[1]", "format none"), (json.dumps({"format": 99}), "format 99; format 1")],
)
def test_a_manifest_of_another_kind_is_refused(tmp_path, text, said):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RunError, match=said):
        _ = RunFolder.open(tmp_path).manifest
