"""The folder of a run: whole files only, shards found again to the last bit, everything else refused in one line."""

import json
import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.small_centres import small_centre

from cxsim.errors import RunError, RunFailed
from cxsim.perception.load import load_model
from cxsim.runs.shards import from_arrow, key_of, packed, same, to_arrow, unpacked
from cxsim.runs.store import RunFolder, digest_of, write_whole
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


def shards_of(folder):
    return sorted(path.name for path in folder.shards.iterdir())


def several(trial, n):
    """Replications of a trial and their tables, which differ; the second is empty, as where nothing was counted."""
    trials = [replace(trial, replication=number) for number in range(n)]
    tables = [table([None, np.array([0.1, float(number)])]).assign(n=number) for number in range(n)]
    return trials, [found if number != 1 else found.iloc[:0] for number, found in enumerate(tables)]


def equal(found, given):
    return found is not None and same(found, given)


def test_a_shard_holds_what_the_trial_gave(tmp_path, trial):
    folder = RunFolder.create(tmp_path, name="estimate", manifest={})
    counters = run_trial(trial)
    assert folder.load(trial) is None
    assert trial not in folder
    folder.keep(packed([trial], [counters]))
    for found in (folder, RunFolder.open(folder.path)):
        assert trial in found
        assert equal(found.load(trial), counters)
        assert list(found.load(trial)["n"]) == list(counters["n"])


def test_trials_of_a_chunk_are_told_apart_also_where_nothing_was_counted(tmp_path, trial):
    trials, tables = several(trial, 4)
    assert all(map(equal, unpacked(packed(trials, tables)), tables))
    assert equal(unpacked(packed(trials[1:2], tables[1:2]))[0], tables[1])
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    folder.keep(packed(trials, tables))
    assert all(map(equal, RunFolder.open(folder.path).read(trials[::-1]), tables[::-1]))
    assert len(shards_of(folder)) == 1


def test_zero_and_minus_zero_are_not_the_same_and_nan_is_itself():
    one = table([None]).assign(numerator=0.0, denominator=math.nan)
    assert same(one, one.copy())
    assert not same(one, one.assign(numerator=-0.0))


def test_what_counters_depend_on_is_in_their_address_and_the_engine_is_not(trial):
    other = trial.scenario.override("agent_groups.desk.agents=2")
    changes = ({"label": "two more- 100 %"}, {"scenario": other}, {"seed": 8}, {"replication": 4}, {"against": other},
               {"metrics": ("occupancy",)}, {"extra": ("occupancy",)}, {"detail": False},
               {"perception": load_model()})  # fmt: skip
    keys = {key_of(replace(trial, **change)) for change in ({}, *changes)}
    assert len(keys) == 1 + len(changes)
    assert key_of(replace(trial, engine="process")) == key_of(trial)
    assert {"engine", *(name for change in changes for name in change)} == {part.name for part in fields(Trial)}


def test_many_shards_become_few_and_nothing_is_lost(tmp_path, trial, monkeypatch):
    monkeypatch.setattr("cxsim.runs.store.MERGED", 3)
    trials, tables = several(trial, 14)
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    for one, counted in zip(trials, tables, strict=True):
        folder.keep(packed([one], [counted]))
    assert [name[0] for name in shards_of(folder)] == ["0", "0", "1", "2"]
    for found in (folder, RunFolder.open(folder.path)):
        assert all(map(equal, found.read(trials), tables))
        assert len(found) == 14


def test_a_merged_shard_holds_every_row_once_also_where_trials_were_kept_together(tmp_path, trial, monkeypatch):
    monkeypatch.setattr("cxsim.runs.store.MERGED", 2)
    monkeypatch.setattr("cxsim.runs.store.HELD", 2)
    trials, tables = several(trial, 12)
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    for at in range(0, 12, 3):
        folder.keep(packed(trials[at : at + 3][::-1], tables[at : at + 3][::-1]))
    (merged,) = folder.shards.iterdir()
    assert len(pd.read_parquet(merged)) == sum(map(len, tables))
    # Out of order and more row groups than are held.
    for order in (slice(None), slice(None, None, -1), slice(None, None, 5)):
        assert all(map(equal, RunFolder.open(folder.path).read(trials[order]), tables[order]))


def test_a_stop_between_merging_and_removing_leaves_trials_that_count_once(tmp_path, trial, monkeypatch):
    monkeypatch.setattr("cxsim.runs.store.MERGED", 3)
    trials, tables = several(trial, 3)
    folder = RunFolder.create(tmp_path, name="x", manifest={})

    for one, counted in zip(trials[:2], tables[:2], strict=True):
        folder.keep(packed([one], [counted]))

    def stop(path, missing_ok=False):
        if path.name.startswith("0-"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", stop)
        with pytest.raises(KeyboardInterrupt):
            folder.keep(packed(trials[2:], tables[2:]))
    assert [name[0] for name in shards_of(folder)] == ["0", "0", "0", "1"]
    again = RunFolder.open(folder.path)
    assert len(again) == 3
    assert all(map(equal, again.read(trials), tables))


def test_shards_that_another_process_merged_are_found_where_they_are_now(tmp_path, trial):
    trials, tables = several(trial, 2)
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    folder.keep(packed(trials[:1], tables[:1]))
    other = RunFolder.open(folder.path)
    assert trials[0] in other
    for path in folder.shards.iterdir():
        path.unlink()
    folder.keep(packed(trials, tables))
    assert equal(other.load(trials[0]), tables[0])


def test_a_trial_that_is_gone_is_named(tmp_path, trial):
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    with pytest.raises(RunFailed, match=r"two more: 100 %, replication 3 is not there any more; .* `cxsim resume"):
        list(folder.read([trial]))


@pytest.mark.parametrize("spoil", [lambda data: data[:-20], lambda data: data[:200] + b"x" + data[201:], lambda _: b""])
def test_a_shard_that_was_changed_counts_as_not_finished_and_is_named(tmp_path, trial, spoil):
    folder = RunFolder.create(tmp_path, name="estimate", manifest={})
    folder.keep(packed([trial], [table([None])]))
    (shard,) = folder.shards.iterdir()
    shard.write_bytes(spoil(shard.read_bytes()))
    again = RunFolder.open(folder.path)
    assert trial not in again
    assert again.changed == [shard.name]


def test_a_file_that_is_no_shard_is_named_and_does_no_harm(tmp_path):
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    pd.DataFrame({"other": [1]}).to_parquet(folder.shards / "other.parquet")
    whole = folder.shards / "whole.parquet"
    whole.write_bytes((folder.shards / "other.parquet").read_bytes())
    whole.rename(folder.shards / f"0-{digest_of(whole)}.parquet")
    assert len(folder) == 0
    assert len(folder.changed) == 2


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
    folder.shards.write_text("a file where shards should be")
    with pytest.raises(RunFailed, match="finished trials are kept; then `cxsim resume"):
        folder.keep(packed([trial], [table([None])]))


def test_a_run_whose_shards_were_taken_away_is_worked_again(tmp_path, trial):
    folder = RunFolder.create(tmp_path, name="x", manifest={})
    folder.shards.rmdir()
    folder.keep(packed([trial], [table([None])]))
    assert trial in RunFolder.open(folder.path)


def test_a_run_is_opened_by_its_folder_or_by_its_name_below_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = RunFolder.create(tmp_path / "runs", name="x", manifest={"a": 1})
    assert RunFolder.open(made.path).manifest["a"] == 1
    assert RunFolder.open(made.path.name).manifest["a"] == 1
    with pytest.raises(RunError, match=r"run nosuch: no manifest\.json there"):
        RunFolder.open("nosuch")


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "cannot be read"), ("[1]", "format none"), (json.dumps({"format": 1}), "format 1; format 2; run it again")],
)
def test_a_manifest_of_another_kind_is_refused(tmp_path, text, said):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RunError, match=said):
        _ = RunFolder.open(tmp_path).manifest
