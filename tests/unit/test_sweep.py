"""Every combination of the settings, each with the same random numbers, in one tidy table."""

import pandas as pd
import pytest
from support.small_centres import small_centre

from cxsim.designs.design import Replicated, Results
from cxsim.designs.sweep import Sweep, grid
from cxsim.errors import RunError, ScenarioError
from cxsim.runs.execute import execute
from cxsim.scenario.load import load_scenario

AGENTS = "agent_groups.desk.agents"
RESOLVES = "touchpoints.phone.resolves"


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(small_centre())


def test_a_grid_is_every_combination_with_its_settings(scenario):
    points, settings = grid(scenario, [f"{AGENTS}=1,2,3", f"{RESOLVES}=0.7,90%"])
    assert list(settings) == list(points)
    assert list(settings.values()) == [
        {AGENTS: agents, RESOLVES: share} for agents in ("1", "2", "3") for share in ("0.7", "90%")
    ]
    model = points[f"{AGENTS}=2, {RESOLVES}=90%"].model
    assert model.agent_groups["desk"].agents == 2
    assert model.touchpoints["phone"].resolves == 0.9


def test_a_range_and_a_choice_are_values_too(scenario):
    assert list(grid(scenario, [f"{AGENTS}=range(2,5)"])[0]) == [f"{AGENTS}={n}" for n in (2, 3, 4)]
    assert list(grid(scenario, [f"{AGENTS}=choice(5,2)"])[0]) == [f"{AGENTS}={n}" for n in (5, 2)]


def test_one_value_is_a_grid_of_one(scenario):
    assert list(grid(scenario, [f"{AGENTS}=2"])[0]) == [f"{AGENTS}=2"]


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ([], RunError, "no setting to vary"),
        ([f"{AGENTS}=1,2,1"], RunError, f"{AGENTS}=1 twice"),
        ([f"{AGENTS}=1,2", f"{AGENTS}=3"], RunError, f"{AGENTS} twice"),
        (["agent_groups.nobody.agents=1,2"], ScenarioError, "nothing of that name; names here: desk"),
        ([f"{AGENTS}=1,-2"], ScenarioError, "agents: -2; input should be greater than or equal to 0"),
        ([f"+{AGENTS}=1,2"], ScenarioError, "adds or removes"),
        ([f"~{AGENTS}"], ScenarioError, "adds or removes"),
        ([f"{AGENTS}=[1"], ScenarioError, "cannot be read"),
    ],
)
def test_what_cannot_be_varied_is_refused_before_anything_runs(scenario, settings, error, said):
    with pytest.raises(error, match=said.replace("[", r"\[")):
        grid(scenario, settings)


def test_the_answer_has_one_column_a_setting_and_one_row_a_point_and_metric(scenario):
    points, settings = grid(scenario, [f"{AGENTS}=1,3"])
    replicated = Replicated(
        points,
        seed=7,
        replications=2,
        primary="average_speed_of_answer:answered",
        metrics=("average_speed_of_answer:answered", "occupancy"),
        detail=False,
    )
    sweep = Sweep(settings, replicated)
    results = Results()
    trials = sweep.ask(results)
    results.tables += execute(trials)
    results.replications = 2
    assert len(sweep.ask(results)) == 0
    answer = sweep.answer(results)
    assert answer.differences is None
    table = answer.estimates
    assert table.columns[0] == AGENTS
    whole = table[table["by"] == ""].pivot(index=AGENTS, columns="metric", values="value")
    assert list(whole.index) == ["1", "3"]
    assert whole.loc["1", "average_speed_of_answer"] > whole.loc["3", "average_speed_of_answer"]
    assert whole.loc["1", "occupancy"] > whole.loc["3", "occupancy"]
    assert isinstance(table, pd.DataFrame)
    assert not table.duplicated([AGENTS, "by", "group", "metric", "variant"]).any()
