"""The best settings from the command line: what it says and leaves, how it goes on after a stop, what it refuses."""

import re
import sys

import pandas as pd
import pytest
from scipy.stats import binom
from support.command_line import command, folder_of

from cxsim.runs.store import RunFolder

DESK = """\
name: Desk
calendar: {start: 2026-01-05, days: 1, interval: 1 h}
contact_types: {call: {volume: 100 per day, enters: {phone: 1}}}
touchpoints:
  phone:
    mechanism: staffed
    channel: voice
    patience: {law: exponential, mean: 10 min}
    talk_time: {law: exponential, mean: 10 min}
    resolves: 80%
agent_groups: {desk: {agents: 2, serves: {phone: {rank: 1}}, cost: 30 per hour}}
goals: {few_give_up: {measure: abandonment_rate, no_more_than: 0.1}}
"""
VARY = ("touchpoints.phone.patience.mean=interval(2 min,22 min)", "touchpoints.phone.resolves=70%,80%,90%")
QUICK = ("points=16", "search_days=2", "fresh_days=12", "replications=2", "profile=none", "seed=3",
         "primary=average_speed_of_answer", "metrics=[average_speed_of_answer,abandonment_rate]")  # fmt: skip


@pytest.fixture(autouse=True)
def _at_home(tmp_path, monkeypatch):
    (tmp_path / "desk.yaml").write_text(DESK)
    monkeypatch.chdir(tmp_path)


def run(*words):
    return command("tune", "desk.yaml", *VARY, *QUICK, *words)


def test_settings_are_certified_by_the_days_that_met_a_target(tmp_path):
    target = "abandonment_rate <= 25% on 70% of days"
    said = run("--target", target, "search_days=10", "fresh_days=40")
    assert said.code == 0, said.err
    words, folder = " ".join(said.out.split()), folder_of(said, tmp_path)
    rows = pd.read_csv(folder / "finalists.csv").set_index("settings").drop(index="today")
    shares = rows["abandonment_rate:all <= 25% on 70% of days"]
    for share, p in zip(shares, rows["p value"], strict=True):
        met = round(40 * share)
        assert met / 40 == pytest.approx(share)
        assert p == pytest.approx(binom.sf(met - 1, 40, 0.7))
    named = shares[rows["named"] == "named"].iloc[0]
    assert (
        f"abandonment_rate:all <= 25% on 70% of days: met on {100 * named:.1f}% of 40 fresh days (needs 70%)" in words
    )
    refused = run("--target", "abandonment_rate <= 25% on 90% of days", "fresh_days=28")
    assert (refused.code, "29 or more with 95% confidence" in refused.err) == (2, True)


@pytest.mark.parametrize("verb", ["tune", "sensitivity"])
@pytest.mark.parametrize("ends", ["nan,inf", "5 min,inf"])
def test_a_range_without_numbers_is_refused_with_how_ranges_are_written(tmp_path, verb, ends):
    said = command(verb, "desk.yaml", f"touchpoints.phone.patience.mean=interval({ends})", "primary=abandonment_rate")
    assert said.code == 2
    assert "KEY=interval(LOW,HIGH)" in said.err
    assert "sampling" not in said.err
    assert not (tmp_path / "runs").exists()


def test_the_settings_named_are_the_best_of_those_that_hold_the_target(tmp_path):
    said = run("--target", "few_give_up", "also=cost_per_contact", "search_days=4", "fresh_days=30")
    assert said.code == 0, said.err
    words = " ".join(said.out.split())
    assert re.search(r"finalists, of 1\d points looked at, gives average speed of answer", words)
    assert "with 95% confidence" in words
    folder = folder_of(said, tmp_path)
    found = pd.read_csv(folder / "settings.csv")
    assert list(found["today"]) == ["10 min", "80%"]
    rows = pd.read_csv(folder / "finalists.csv").set_index("settings").drop(index="today")
    certified = rows[rows["verdict"] == "certified"]
    assert (certified["p value"] <= 0.05).all()
    named = rows[rows["named"] == "named"]
    waits = "Average speed of answer (answered)"
    assert list(named[waits]) == [certified[waits].min()]
    sets = pd.read_csv(folder / "finalist_settings.csv")
    assert list(sets[named.index[0]]) == list(found["found"])
    each = pd.read_csv(folder / "each.csv").set_index("setting")
    # Who waits less gives up sooner; what is resolved moves no first wait by more than the calls that come again.
    assert each.loc["touchpoints.phone.patience.mean", "effect_high"] < 0
    points = pd.read_csv(folder / "points.csv")
    # Waits are long where customers are patient: the search goes to where they are not, as far as the goal lets it.
    assert points["goal few_give_up <= 10%"].min() < 0.1 < points["goal few_give_up <= 10%"].max()
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "What the finalists set" in page
    assert "Both metrics" in page


def test_finalists_are_tested_on_days_that_the_search_has_not_seen(tmp_path):
    said = run("--quiet")
    days = {"search": set(), "fresh": set(), "today": set()}
    for shard in (folder_of(said, tmp_path) / "shards").iterdir():
        counted = pd.read_parquet(shard, columns=["scenario", "replication"])
        for stage, found in days.items():
            found |= set(counted.loc[counted["scenario"].str.startswith(stage), "replication"])
    assert days == {"search": {0, 1}, "fresh": set(range(2, 14)), "today": {14, 15}}


def test_a_run_that_lost_its_last_days_ends_with_the_same_settings(tmp_path):
    folder = folder_of(run("--quiet"), tmp_path)
    kept = ("settings.csv", "finalists.csv", "points.csv", "measures.csv")
    before = [(folder / name).read_bytes() for name in kept]
    for shard in sorted((folder / "shards").iterdir())[::2]:
        shard.unlink()
    n_left = len(RunFolder.open(folder))
    assert command("resume", folder).code == 0
    assert len(RunFolder.open(folder)) > n_left
    assert [(folder / name).read_bytes() for name in kept] == before
    assert command("verify", folder).code == 0


def test_a_target_that_no_point_reaches_is_told_and_nothing_is_certified(tmp_path):
    said = run("--target", "abandonment_rate <= 0.001%")
    words = " ".join(said.out.split())
    assert said.code == 0, said.err
    assert re.search(r"None of 1\d points meet every target on 2 days", words)
    assert "nearest settings, not certified" in words
    assert "tuned settings" not in words


def test_without_targets_the_best_of_the_finalists_is_named(tmp_path):
    (tmp_path / "desk.yaml").write_text(DESK.partition("goals:")[0])
    said = run()
    assert said.code == 0, said.err
    rows = pd.read_csv(folder_of(said, tmp_path) / "finalists.csv").set_index("settings").drop(index="today")
    waits = "Average speed of answer (answered)"
    assert list(rows.loc[rows["named"] == "named", waits]) == [rows[waits].min()]
    assert "p value" not in rows
    assert "meets every target" not in said.out


def test_a_metric_that_is_never_observed_is_refused_by_name(tmp_path):
    (tmp_path / "desk.yaml").write_text(DESK.partition("goals:")[0])
    for words in (("primary=first_response_time",), ("also=first_response_time",)):
        said = run(*words, "metrics=[first_response_time,average_speed_of_answer]")
        assert said.code == 2
        assert said.err.splitlines()[-1].startswith("error: metric first_response_time:mean: nothing observed at any")


def test_without_optuna_it_is_said_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "optuna", None)
    said = run()
    assert said.code == 2
    assert "Optuna is not installed" in said.err
    assert "cxsim[research]" in said.err


def test_a_study_file_takes_the_design(tmp_path):
    (tmp_path / "study.yaml").write_text(f"""\
title: Desk
scenario: desk.yaml
design: tune
vary: ['{VARY[0]}', '{VARY[1]}']
targets: [few_give_up]
confidence: 90%
points: 16
search_days: 2
fresh_days: 12
replications: 2
primary: average_speed_of_answer
also: abandonment_rate
metrics: [average_speed_of_answer, abandonment_rate]
profile: none
""")
    said = command("experiment", ".")
    assert said.code == 0, said.err
    assert "with 90% confidence" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "service_levle >= 80%"), "service_level"),
        (("points=4",), "points"),
        (("primary=occupancy",), "no better side"),
        (("also=nothing",), "nothing"),
        (("fresh_days=soon",), "fresh_days"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_is_written(tmp_path, words, said):
    found = run(*words)
    assert found.code == 2
    assert found.err.startswith("error: ")
    assert said in found.err
    assert not (tmp_path / "runs").exists()
