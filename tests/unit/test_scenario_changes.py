"""What a planner writes in one line, taken apart."""

import pytest

from cxsim.errors import RunError, ScenarioError
from cxsim.scenario.changes import own_name, parse_change, refuse_wrong_kinds, split_words


def test_words_are_the_scenario_the_settings_of_the_run_and_the_overrides():
    words = ["desk.yaml", "replications=3", "agent_groups.desk.agents=2", "~surges.outage", "+shapes.flat={a: 1}"]
    found = split_words(words, settings=["replications", "seed"])
    assert found == (
        "desk.yaml",
        ["replications=3"],
        ["agent_groups.desk.agents=2", "~surges.outage", "+shapes.flat={a: 1}"],
    )
    assert split_words(["scenario=desk.yaml"], settings=[]) == ("desk.yaml", [], [])
    assert split_words(None, settings=[]) == (None, [], [])


def test_two_scenarios_are_refused():
    with pytest.raises(RunError, match=r"argument b: a second scenario; one SCENARIO"):
        split_words(["a", "b"], settings=[])


@pytest.mark.parametrize(
    ("text", "label", "overrides"),
    [
        ("two more: agents=13", "two more", ["agents=13"]),
        ("both: a=1, b.c=70%", "both", ["a=1", "b.c=70%"]),
        ("list: a=[1, 2, 3], b=4", "list", ["a=[1, 2, 3]", "b=4"]),
        ("map: a={law: gamma, mean: 3 min}, b=4", "map", ["a={law: gamma, mean: 3 min}", "b=4"]),
        ("quoted: a='x, y', b=\"p, q\"", "quoted", ["a='x, y'", 'b="p, q"']),
        ("time: start=08:30", "time", ["start=08:30"]),
        ("trailing: a=1,", "trailing", ["a=1"]),
    ],
)
def test_a_change_is_a_name_and_overrides(text, label, overrides):
    assert parse_change(text) == (label, overrides)


@pytest.mark.parametrize("text", ["", "name", "name:", ": a=1", "a=1", "a=08:30", "name: ,"])
def test_what_is_no_change_is_refused(text):
    with pytest.raises(ScenarioError, match="no name or no override"):
        parse_change(text)


def test_a_name_is_given_once():
    assert own_name("b", taken=["a"]) == "b"
    with pytest.raises(ScenarioError, match="change a: the name is taken"):
        own_name("a", taken=["a"])


def test_settings_of_the_wrong_kind_are_refused():
    refuse_wrong_kinds({"seed": 0, "metrics": ["asa"], "precision": None, "window": None, "engine": "auto"})
    for wrong in ({"seed": "7"}, {"seed": True}, {"seed": 1.5}, {"metrics": "asa"}, {"metrics": [1]}, {"engine": None}):
        with pytest.raises(RunError):
            refuse_wrong_kinds(wrong)
