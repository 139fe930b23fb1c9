"""From one call to a result: prepared, run, kept, resumed and verified, always with the same bits."""

import json
import shutil

import pandas as pd
import pytest
from support.run_folders import stopped_after
from support.small_centres import small_centre

from cxsim.errors import MetricUnavailable, ProfileError, RunError
from cxsim.protocol import Study, default_profile, prepare
from cxsim.runs.shards import packed
from cxsim.runs.store import RunFolder
from cxsim.scenario.load import load_scenario
from cxsim.study import compare, estimate, is_finished, run_study, sweep, verify

METRICS = ["average_speed_of_answer", "wait_quantile:p80", "customer_satisfaction"]
MORE = "agent_groups.desk.agents=2"


@pytest.fixture(scope="module")
def today():
    return load_scenario(small_centre())


@pytest.fixture(scope="module")
def study(today):
    """Two scenarios, three replications, few metrics."""
    scenarios = {"today": today, "one more": today.override(MORE)}
    return prepare("compare", scenarios, replications=3, metrics=METRICS, profile="none", seed=7)


@pytest.fixture(scope="module")
def kept(study, tmp_path_factory):
    """The same study, run undisturbed into a folder."""
    return run_study(study, out=tmp_path_factory.mktemp("kept"))


def test_a_result_is_printed_in_short(kept):
    said = repr(kept)
    assert said.startswith(f"{kept.study.title}\n- ")
    assert said.endswith(f"run: {kept.folder}")
    assert len(said.splitlines()) < 12


def test_a_section_that_is_not_there_is_refused_with_what_has_some(kept):
    with pytest.raises(RunError, match="optimise or tune"):
        kept.section("plan")


def equal(one, other):
    for name in ("estimates", "differences"):
        pd.testing.assert_frame_equal(getattr(one.findings, name), getattr(other.findings, name), check_exact=True)
    return True


def test_what_is_kept_and_what_is_not_are_equal_to_the_last_bit(study, kept):
    assert equal(run_study(study), kept)


def test_the_same_call_gives_the_same_result_and_another_seed_another(today):
    one, two, other = (
        estimate(today, replications=2, metrics=METRICS, seed=seed, profile=None).to_frame() for seed in (7, 7, 8)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert (one["value"] != other["value"]).any()


def test_a_run_that_stopped_goes_on_to_the_same_result(kept, tmp_path):
    assert len(RunFolder.open(kept.folder)) == 6
    for stop in (0, 4):
        folder = stopped_after(stop, kept.folder, tmp_path / str(stop))
        stopped = Study.from_manifest(folder.manifest)
        assert not is_finished(stopped, folder)
        assert equal(run_study(stopped, folder=folder), kept)
        assert is_finished(stopped, folder)


def test_a_manifest_is_the_whole_study(study, kept):
    found = Study.from_manifest(RunFolder.open(kept.folder).manifest)
    assert list(found.scenarios) == ["today", "one more"]
    assert found.scenarios["one more"].overrides == (MORE,)
    assert list(found.scenarios["today"].model.contact_types) == ["repair", "advice"]  # in their order, not sorted
    assert json.dumps(found.to_manifest()) == json.dumps(study.to_manifest())


def test_a_scenario_given_with_dates_and_tuples_can_be_kept_and_resumed(tmp_path):
    from datetime import date

    given = small_centre()
    given["calendar"]["start"] = date(2026, 1, 5)
    given["contact_types"]["advice"] = {"arrivals": {"at": (60.0, 120.0)}, "enters": {"phone": 1}}
    result = estimate(given, replications=1, metrics=["contacts_offered"], out=tmp_path)
    folder = RunFolder.open(result.folder)
    again = run_study(Study.from_manifest(folder.manifest), folder=folder)
    pd.testing.assert_frame_equal(again.findings.estimates, result.findings.estimates, check_exact=True)


def manifest_with(kept, change):
    found = json.loads((kept.folder / "manifest.json").read_text())
    change(found)
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.pop("study"), "incomplete"),
        (lambda m: m["study"].pop("kind"), "incomplete"),
        (lambda m: m["scenarios"][0].pop("source"), "incomplete"),
        (lambda m: m["provenance"].update(stream_scheme=0), "random numbers of scheme 0; scheme 1; run it again"),
        (lambda m: m["scenarios"][0].update(fingerprint="x"), "scenario today reads differently now"),
    ],
)
def test_a_manifest_that_would_give_other_numbers_is_refused(kept, change, said):
    with pytest.raises(RunError, match=said):
        Study.from_manifest(manifest_with(kept, change))


def test_trials_run_again_are_equal_and_a_changed_shard_is_found(kept, tmp_path):
    assert verify(RunFolder.open(kept.folder), sample=2) == [
        ("today, replication 0", True),
        ("one more, replication 2", True),
    ]
    again = RunFolder(tmp_path / "copy")
    shutil.copytree(kept.folder, again.path)
    trial = Study.from_manifest(again.manifest).design().trials(0, 1)[0]
    table = again.load(trial)
    table.loc[0, "numerator"] += 1e-9
    again = stopped_after(0, again.path, tmp_path / "other")
    again.keep(packed([trial], [table]))
    assert verify(again, sample=1) == [("today, replication 0", False)]
    (shard,) = again.shards.iterdir()
    shard.write_bytes(shard.read_bytes()[:-1])
    again = RunFolder(again.path)
    assert verify(again) == [(f"{shard.name}, changed since it was written", False)]
    shard.unlink()
    again = RunFolder(again.path)
    with pytest.raises(RunError, match="no finished trial"):
        verify(again)


def test_nothing_is_written_when_a_metric_cannot_be_had(today, tmp_path):
    with pytest.raises(MetricUnavailable, match="customer_lifetime_value"):
        estimate(today, replications=2, metrics=["customer_lifetime_value"], out=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_nothing_is_written_when_only_the_change_leaves_nothing_to_measure(today, tmp_path):
    unpaid = today.override("~agent_groups.desk.cost")
    with pytest.raises(MetricUnavailable, match="cost_per_contact"):
        compare({"today": today, "unpaid": unpaid}, replications=1, metrics=["cost_per_contact"], out=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"metrics": ["service_levle"]}, MetricUnavailable, "did you mean 'service_level'"),
        ({"metrics": ["service_level:stric"]}, MetricUnavailable, "did you mean 'strict'"),
        ({"primary": "nothing"}, MetricUnavailable, "nothing"),
        ({"profile": "it_servicedesk"}, ProfileError, "it_service_desk"),
        ({"engine": "kernal"}, RunError, "engine kernal: not an engine here"),
        ({"precision": "1 parsec"}, RunError, "precision 1 parsec: cannot be read"),
        ({"precision": "5 s"}, RunError, "the primary metric has unit 1"),
    ],
)
def test_every_name_is_checked_before_anything_runs(today, options, error, said):
    with pytest.raises(error, match=said):
        prepare("estimate", {"today": today}, **options)


def test_the_metric_that_decides_is_measured_though_nobody_listed_it(today):
    for metrics in (None, ["occupancy"]):
        result = estimate(
            today, replications=1, metrics=metrics, primary="abandonment_rate:after_threshold", profile=None
        )
        frame = result.to_frame()
        assert "after_threshold" in set(frame.loc[frame["metric"] == "abandonment_rate", "variant"])


def test_the_primary_metric_is_satisfaction_or_the_first_that_was_asked_for(today):
    assert prepare("estimate", {"today": today}).primary == "customer_satisfaction:top_two"
    assert (
        prepare("estimate", {"today": today}, metrics=["occupancy", "service_level"]).primary == "service_level:strict"
    )
    assert prepare("estimate", {"today": today}, metrics=["occupancy", "asa"]).primary == "occupancy:default"


def test_the_profile_is_that_of_the_name_else_of_the_voice_channel(today):
    assert default_profile(load_scenario("it_service_desk")) == "it_service_desk"
    assert default_profile(today) == "inbound_voice"
    alone = small_centre()
    alone["contact_types"] = {"advice": {"volume": "40 per day", "enters": {"portal": 1}}}
    alone["touchpoints"] = {"portal": {"mechanism": "automated", "channel": "web", "duration": "3 min"}}
    del alone["agent_groups"], alone["goals"]
    assert default_profile(load_scenario(alone)) is None


def test_workers_of_this_machine_and_a_cluster_are_not_asked_for_together(study, tmp_path):
    with pytest.raises(RunError, match="2 beside cluster tcp://nowhere:1"):
        run_study(study, out=tmp_path, jobs=2, cluster="tcp://nowhere:1")
    assert not list(tmp_path.iterdir())


def test_a_comparison_needs_two(today):
    with pytest.raises(RunError, match="1 scenario; two or more"):
        compare({"today": today})


def test_an_estimate_has_scorecard_goals_and_what_it_was_made_from(today):
    result = estimate(today, replications=3, seed=7)
    frame = result.to_frame()
    assert not frame.duplicated(["metric", "variant"]).any()
    assert set(result.scorecards) == {"today"}
    assert 0 <= result.scorecards["today"].total <= 1
    (goal,) = result.findings.goals.to_dict("records")
    assert (goal["goal"], goal["target"]) == ("answered", 0.8)
    assert result.findings.provenance["seed"] == 7
    assert result.findings.provenance["replications"] == 3
    assert result.folder is None


def test_customers_of_every_replication_count_for_churn(today):
    def row(replications):
        frame = estimate(today, replications=replications, seed=7, metrics=["churn_rate"], profile=None).to_frame()
        return frame.to_dict("records")[0]

    # About a hundred customers a replication, and everybody has a hazard.
    assert row(3)["n"] > 2 * row(1)["n"] > 0


def test_a_sweep_gives_one_tidy_table(today):
    result = sweep(today, ["agent_groups.desk.agents=1,2"], replications=2, metrics=["occupancy"], profile=None)
    frame = result.to_frame()
    frame = frame[frame["metric"] == "occupancy"]
    assert list(frame["agent_groups.desk.agents"]) == ["1", "2"]
    assert frame["value"].iloc[0] > frame["value"].iloc[1]
    assert result.findings.parameters == ("agent_groups.desk.agents",)


def test_until_precise_stops_in_steps_of_ten_and_can_be_resumed(today, tmp_path):
    options = {"metrics": ["average_speed_of_answer"], "precision": "20 %", "profile": None, "seed": 7, "most": 200}
    result = sweep(today, ["agent_groups.desk.agents=2"], replications=10, out=tmp_path, **options)
    number = result.findings.provenance["replications"]
    assert number % 10 == 0
    row = result.to_frame().iloc[0]
    assert max(row["high"] - row["value"], row["value"] - row["low"]) <= 0.2 / 1.2 * row["value"]
    folder = RunFolder.open(result.folder)
    for path in sorted(folder.shards.iterdir())[3:]:
        path.unlink()
    again = run_study(Study.from_manifest(folder.manifest), folder=folder)
    pd.testing.assert_frame_equal(again.findings.estimates, result.findings.estimates, check_exact=True)


def test_a_centre_that_cannot_keep_up_runs_and_says_so():
    given = small_centre()
    del given["touchpoints"]["phone"]["patience"]
    given["contact_types"]["repair"]["volume"] = "400 per day"
    result = estimate(given, replications=1, metrics=["occupancy"], profile=None)
    assert any("phone" in line for line in result.findings.warnings)
