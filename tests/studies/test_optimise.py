"""The cheapest plan from the command line: what it says and leaves, how it goes on after a stop, what it refuses."""

import json

import pandas as pd
import pytest
from scipy.stats import binom
from support.command_line import command, folder_of

from cxsim import shipped
from cxsim.designs.design import Results
from cxsim.protocol import optimise_study
from cxsim.runs.store import RunFolder
from cxsim.scenario.load import load_scenario

DESK = """\
name: Three hours
calendar: {start: 2026-01-05, days: 1, interval: 1 h}
busyness: {day_cv: 0, interval_cv: 0, interval_correlation: 0}
shapes: {hours: {from: 00:00, every: 1 h, values: [20, 50, 30]}}
contact_types: {call: {volume: 100 per day, shape: hours, enters: {phone: 1}}}
touchpoints:
  phone:
    mechanism: staffed
    channel: voice
    hours: {all: '00:00-03:00'}
    patience: {law: exponential, mean: 10 min}
    talk_time: {law: exponential, mean: 10 min}
    resolves: 100%
agent_groups:
  desk:
    by_interval: {all: [9, 12, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}
    serves: {phone: {rank: 1}}
goals: {few_give_up: {measure: abandonment_rate, no_more_than: 0.05}}
"""
VARY = ("--vary", "agent_groups.desk.by_interval=4..12")
QUICK = ("search_days=10", "fresh_days=40", "replications=2", "score=service_level", "profile=none",
         "metrics=[service_level,abandonment_rate]", "seed=3")  # fmt: skip


@pytest.fixture(autouse=True)
def _at_home(tmp_path, monkeypatch):
    (tmp_path / "desk.yaml").write_text(DESK)
    monkeypatch.chdir(tmp_path)


def run(*words):
    return command("optimise", "desk.yaml", *words)


def test_the_plan_is_named_with_its_cost_its_bounds_and_the_rung_that_failed(tmp_path):
    said = run("--target", "abandonment_rate <= 5%", *VARY, *QUICK)
    assert said.code == 0
    words = " ".join(said.out.split())
    assert "The cheapest certified plan costs" in words
    assert "less than today (33.0 staffed hours)" in words
    assert "on 40 fresh days, at most" in words
    folder = folder_of(said, tmp_path)
    plan = pd.read_csv(folder / "plan.csv")
    assert list(plan["interval"]) == ["00:00", "01:00", "02:00"]
    assert list(plan["desk, today"]) == [9, 12, 12]
    ladder = pd.read_csv(folder / "ladder.csv")
    assert list(ladder["cost"]) == sorted(ladder["cost"], reverse=True)
    named = ladder[ladder["verdict"] == "certified, named"]
    assert list(named["cost"]) == [plan["desk, plan"].sum()]
    assert (ladder.loc[ladder["verdict"].str.startswith("certified"), "p value"] <= 0.05).all()
    assert (ladder.loc[ladder["verdict"] == "failed", "p value"] > 0.05).all()
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "What one more buys" in page


def test_cost_stands_against_score_with_the_targets_beside_on_the_same_days(tmp_path):
    said = run("--target", "abandonment_rate <= 5%", *VARY, *QUICK, "--quiet")
    folder = folder_of(said, tmp_path)
    table = pd.read_csv(folder / "pareto.csv")
    counted = pd.concat([pd.read_parquet(shard) for shard in (folder / "shards").iterdir()])
    counted = counted[counted["scenario"].str.startswith("score") & (counted["by"] == "")]
    sums = counted.groupby(["scenario", "metric"])[["numerator", "denominator"]].sum()
    ratios = (sums["numerator"] / sums["denominator"]).unstack().round(9)
    columns = table[["service_level:strict", "abandonment_rate:all <= 5%"]].round(9).to_numpy().tolist()
    assert sorted(columns) == sorted(ratios[["service_level", "abandonment_rate"]].to_numpy().tolist())


def test_days_of_the_certificate_are_none_that_the_search_has_seen(tmp_path):
    said = run("--target", "few_give_up", *VARY, *QUICK, "--quiet")
    days = {"search": set(), "fresh": set(), "score": set()}
    for shard in (folder_of(said, tmp_path) / "shards").iterdir():
        counted = pd.read_parquet(shard, columns=["scenario", "replication"])
        for stage, found in days.items():
            found |= set(counted.loc[counted["scenario"].str.startswith(stage), "replication"])
    assert days["search"] == set(range(10))
    assert days["fresh"] == set(range(10, 50))
    assert days["score"] <= days["search"]


def test_a_run_that_lost_its_last_days_ends_with_the_same_plan(tmp_path):
    said = run("--target", "few_give_up", *VARY, *QUICK, "--quiet")
    folder = folder_of(said, tmp_path)
    before = (folder / "plan.csv").read_bytes(), (folder / "ladder.csv").read_bytes()
    finished = len(RunFolder.open(folder))
    for shard in sorted((folder / "shards").iterdir())[::3]:
        shard.unlink()
    assert len(RunFolder.open(folder)) < finished
    again = command("resume", folder)
    assert again.code == 0
    assert ((folder / "plan.csv").read_bytes(), (folder / "ladder.csv").read_bytes()) == before
    assert len(RunFolder.open(folder)) == finished
    assert command("verify", folder).code == 0


def test_every_day_of_search_and_certificate_is_felt_by_the_model_that_was_asked_for(tmp_path):
    (tmp_path / "mine.yaml").write_text(shipped.path("perception", "default").read_text())
    asked = {"targets": ["customer_satisfaction >= 50%"], "vary": ["agent_groups.desk.by_interval=4..12"]}
    study = optimise_study(load_scenario("desk.yaml"), asked, perception="mine.yaml")
    trials = study.design().ask(Results())
    assert trials
    assert all(trial.perception is not None for trial in trials)


def test_a_target_that_no_plan_reaches_is_told_and_nothing_is_certified(tmp_path):
    said = run("--target", "abandonment_rate <= 5%", "--vary", "agent_groups.desk.by_interval=1..3", *QUICK)
    words = " ".join(said.out.split())
    assert said.code == 0
    assert "No plan within the bounds was found that meets every target" in words
    assert "certified plan" not in words
    assert "nearest plan, not certified" in words


def test_a_target_on_a_share_of_days_counts_the_days_that_met_it(tmp_path):
    asked = "abandonment_rate <= 8% on 80% of days"
    said = run("--target", asked, *VARY, *QUICK, "search_days=30")
    assert said.code == 0
    words, folder = " ".join(said.out.split()), folder_of(said, tmp_path)
    plan = " ".join(str(count - 4) for count in pd.read_csv(folder / "plan.csv")["desk, plan"])
    met = []
    for shard in (folder / "shards").iterdir():
        table = pd.read_parquet(shard)
        table = table[(table["scenario"] == f"fresh {plan}") & (table["metric"] == "abandonment_rate")]
        met += [share <= 0.08 for share in table["numerator"] / table["denominator"]]
    assert len(met) == 40
    count = f"met on {100 * sum(met) / 40:.1f}% of 40 fresh days (needs 80%)"
    assert f"abandonment_rate:all <= 8% on 80% of days: {count}, at least 8" in words
    assert count in (folder / "report.html").read_text(encoding="utf-8")
    ladder = pd.read_csv(folder / "ladder.csv")
    named = ladder[ladder["verdict"] == "certified, named"].iloc[0]
    assert named["abandonment_rate:all <= 8% on 80% of days"] == sum(met) / 40
    assert named["p value"] == pytest.approx(binom.sf(sum(met) - 1, 40, 0.8))
    assert "abandonment_rate:all <= 8% on 80% of days" in pd.read_csv(folder / "runners_up.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "service_levle >= 80%", *VARY), "service_level"),
        (("--target", "wait_quantile <= 20 s", *VARY), "quantile"),
        (("--target", "goals"), "nothing to vary"),
        (("--target", "goals", "--vary", "agent_groups.desk.by_interval=9..3"), "9..3"),
        (("--target", "goals", *VARY, "--confidence", "40%"), "confidence"),
        (("--target", "goals", *VARY, "search_days=3"), "search_days"),
        (("--target", "few_give_up on 90% of days", *VARY, "fresh_days=28"), "29 or more with 95% confidence"),
        (("--target", "few_give_up on 99.9% of days", *VARY), "2995 or more"),
        (("--target", "few_give_up on 90% of days", "calendar.days=2", *VARY), "on 90% of replications"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_is_written(tmp_path, words, said):
    found = run(*words)
    assert found.code == 2
    assert found.err.startswith("error: ")
    assert said in found.err
    assert not (tmp_path / "runs").exists()


STUDY = """\
title: Three hours
question: How few agents are enough?
scenario: desk.yaml
design: optimise
replications: 2
vary: ["agent_groups.desk.by_interval=4..12"]
targets: [few_give_up, few_give_up on 70% of days]
confidence: 90%
robust: 10%
search_days: 10
fresh_days: 30
metrics: [abandonment_rate]
primary: abandonment_rate
profile: none
"""


def test_a_study_file_takes_the_design_with_uncertain_demand(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    said = command("experiment", ".")
    assert said.code == 0
    assert "on 70% of days: met on" in " ".join(said.out.split())
    assert "with 90% confidence" in " ".join(said.out.split())
    manifest = json.loads((folder_of(said, tmp_path) / "manifest.json").read_text())
    assert manifest["study"]["options"]["robust"] == 0.1
    assert manifest["scenarios"][0]["overrides"][0].startswith("busyness.day_cv=0.1")


def test_a_study_file_may_not_give_options_of_another_design(tmp_path):
    wrong = STUDY.replace("optimise", "estimate").replace("vary:", "# ")
    (tmp_path / "study.yaml").write_text(wrong)
    said = command("experiment", ".")
    assert said.code == 2
    assert "only with design: optimise" in said.err
