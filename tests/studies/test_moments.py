"""Moments of truth from the scenario file to the report, through the command line, on a centre of one agent."""

import math
import re

import pandas as pd
import pytest
import yaml
from support.command_line import command
from support.small_centres import SMALL_YAML

from cxsim.scenario.load import load_scenario
from cxsim.trial import Trial, run_trial

GOALS = """\
  answered: {measure: wait, touchpoint: phone, at_most: 60 s, share: 80%, asks: how long until somebody answers me}
  settled: {measure: resolved, share: 85%, asks: is it done, weight: 2}
  once: {measure: contacts, at_most: 1, share: 75%, segment: gold, asks: must I call again}
  quick_work: {measure: handle_time, at_most: 10 min, share: 50%}
  few_give_up: {measure: abandonment_rate, no_more_than: 0.1}
"""
CUSTOMERS = """\
customers: {segments: {gold: {share: 25%, margin: 50 per month}, plain: {share: 75%, margin: 5 per month}}}
"""
HEAD = SMALL_YAML[: SMALL_YAML.index("goals:")]
DESK = f"{HEAD}{CUSTOMERS}goals:\n{GOALS}"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moments")
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(home):
    """Today against another agent, on disk."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(home)
        said = command("compare", "desk.yaml", "--change", "two: agent_groups.desk.agents=2", "replications=3")
    assert (said.code, said.err) == (0, "")
    return said, home / re.search(r"report: (\S+)/report.html", said.out)[1]


def of(table, scenario, name, column):
    """One value of the table of goals."""
    row = table[(table["scenario"] == scenario) & (table["goal"] == name)]
    return row[column].item()


def test_the_table_of_goals_holds_question_status_and_stakes_the_largest_first(run):
    goals = pd.read_csv(run[1] / "goals.csv")
    today = goals[goals["scenario"] == "today"]
    assert of(goals, "today", "settled", "asks") == "is it done"
    assert of(goals, "today", "settled", "weight") == 2.0
    assert of(goals, "today", "answered", "meaning") == "wait within 60 s at phone, at least"
    assert of(goals, "today", "once", "meaning") == "contacts, at most 1, of gold, at least"
    assert of(goals, "today", "answered", "status") == "missed"
    money = today["money"].dropna()
    assert len(money) == 3
    assert money.is_monotonic_decreasing
    assert today["goal"].tolist()[-2:] == ["quick_work", "few_give_up"]


def test_what_is_not_felt_or_no_journey_can_keep_has_a_reason_and_no_number(run):
    goals = pd.read_csv(run[1] / "goals.csv")
    assert of(goals, "today", "quick_work", "without_stake") == "no stake, since nobody feels it"
    assert "no journey keeps" in of(goals, "today", "few_give_up", "without_stake")
    assert of(goals, "today", "quick_work", "journeys_kept") > 0.0
    assert all(math.isnan(of(goals, "today", name, "points")) for name in ("quick_work", "few_give_up"))


def test_points_lie_within_their_interval_and_segments_are_told_apart(run):
    measures = pd.read_csv(run[1] / "measures.csv", keep_default_na=False, na_values=[""])
    moments = measures[(measures["by"] == "moment") & (measures["metric"] == "moment_points")]
    assert set(moments["group"]) == {
        "answered", "answered|gold", "answered|plain", "settled", "settled|gold", "settled|plain", "once",
    }  # fmt: skip
    assert (moments["low"] <= moments["value"]).all()
    assert (moments["low"] >= 0.0).all()
    places = measures[(measures["by"] == "moment_touchpoint") & (measures["metric"] == "moment_met")]
    assert {"settled|phone", "settled|portal"} <= set(places["group"])


def test_another_agent_leaves_less_at_stake_when_waiting_for_an_answer(run):
    differences = pd.read_csv(run[1] / "differences.csv", keep_default_na=False, na_values=[""])
    row = differences[(differences["metric"] == "moment_points") & (differences["group"] == "answered")]
    assert row["high"].item() < 0.0


def test_losses_weigh_more_only_where_importance_is_given():
    def satisfaction(*changes):
        trial = Trial("desk", load_scenario(yaml.safe_load(DESK)).override(*changes), 0, 0)
        table = run_trial(trial)
        whole = table[(table["by"] == "") & (table["metric"] == "customer_satisfaction")].set_index("variant")
        return whole.loc["top_two", "numerator"]

    plain = satisfaction()
    assert satisfaction("goals.answered.weight=3") == plain
    assert satisfaction("goals.answered.importance=1") == plain
    assert satisfaction("goals.answered.importance=1.5") < plain


def test_a_trial_without_detail_has_goals_and_nothing_at_stake():
    scenario = load_scenario(yaml.safe_load(DESK))
    table = run_trial(Trial("desk", scenario, 0, 0, metrics=("occupancy",), detail=False))
    assert set(table["by"]) == {"", "goal"}
    assert set(table.loc[table["by"] == "goal", "group"]) == set(scenario.model.goals)


def test_page_terminal_and_book_show_the_moments(run):
    said, folder = run
    page = (folder / "report.html").read_text()
    assert '<section id="goals"><h2>Moments of truth</h2>' in page
    assert "\u201chow long until somebody answers me\u201d" in page
    assert "Points, against today" in page
    assert "By segment" in page
    assert "Moments of truth" in said.out
    assert "how long until" in said.out
    book = pd.read_excel(folder / "report.xlsx", sheet_name="goals")
    assert {"asks", "journeys kept", "points", "money"} <= set(book.columns)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ask: when", "scenario.goals.wrong.ask: not a key"),
        ("segment: silver", "scenario.goals.wrong.segment: 'silver' is not a segment; here: gold, plain"),
        ("importance: 1.5", "scenario.goals.wrong.importance: no touchpoint"),
        ("importance: 0.5, touchpoint: phone", "scenario.goals.wrong.importance: 0.5"),
        ("weight: -1", "scenario.goals.wrong.weight: -1"),
        ("asks: ''", "scenario.goals.wrong.asks"),
    ],
)
def test_a_wrong_key_is_refused_naming_its_place(home, monkeypatch, line, said):
    monkeypatch.chdir(home)
    (home / "wrong.yaml").write_text(f"{DESK}  wrong: {{measure: wait, at_most: 1 min, share: 50%, {line}}}\n")
    found = command("run", "wrong.yaml")
    assert found.code == 2
    assert said in found.out + found.err


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("measure: waits, at_most: 1 min, share: 50%", "goals.wrong.measure: waits; shares are of wait"),
        ("measure: wait, at_most: 3, share: 50%", "goals.wrong.at_most: 3; a duration has a unit"),
        ("measure: transfers, at_most: 1 min, share: 50%", "goals.wrong.at_most: '1 min'; a whole number"),
        ("measure: contacts, at_most: 0, share: 50%", "goals.wrong.at_most: 0 contacts; 1 or more"),
        ("measure: wait, share: 50%", "goals.wrong.at_most: no limit for wait"),
        ("measure: resolved, at_most: 1 h, share: 50%", "goals.wrong.at_most: at_most beside resolved"),
        ("measure: occupancy, no_more_than: 0.9, share: 50%", "goals.wrong: no goal, or two"),
        ("measure: abandonment_rate, no_more_than: 0.1, touchpoint: phone, segment: gold", "one of them"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused_naming_its_place(home, monkeypatch, goal, said):
    monkeypatch.chdir(home)
    (home / "wrong.yaml").write_text(f"{DESK}  wrong: {{{goal}}}\n")
    found = command("run", "wrong.yaml")
    assert found.code == 2
    assert said in found.out + found.err
