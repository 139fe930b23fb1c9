"""The rivals of the cheapest plan are made as their page says: Erlang by group on the whole load, then scaled."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "timings"))
import cheapest_plan as timing

from cxsim.designs.staffing import agents_needed


@pytest.fixture(scope="module")
def design():
    return timing.Bench(seed=1, search_days=10, fresh_days=10, proof_days=10).design()


def test_a_group_with_one_skill_is_staffed_by_erlang_c_for_its_share_of_the_calls(design):
    plan = dict(
        zip([(c.group, c.name) for c in design.space.cells], timing.erlang_plan(design, patience=math.inf), strict=True)
    )
    model = design.space.scenario.model
    # Lending: by the group of that name and by the generalists, in the proportion of their hours.
    hours = {name: timing.agent_hours(model, model.agent_groups[name]) for name in ("lending", "generalists")}
    share = hours["lending"] / sum(hours.values())
    visits = timing.expected_visits(model, "lending")["phone"]
    part = sum(model.shapes["bank"].values)
    calls = visits * share * model.shapes["bank"].values[6] / part / 1800.0
    found = agents_needed(calls, talk_time=420.0, target=0.80, within=20.0)
    assert plan["lending", "10:00"] == found


def test_patience_never_asks_for_more_agents(design):
    with_patience = timing.erlang_plan(design, patience=480.0)
    without = timing.erlang_plan(design, patience=math.inf)
    assert all(a <= b for a, b in zip(with_patience, without, strict=True))
    assert sum(with_patience) < sum(without)


def test_a_plan_is_scaled_cell_by_cell_to_whole_agents(design):
    counts = [10] * len(design.space.cells)
    for percent, expected in [(100, 10), (104, 10), (105, 11), (60, 6)]:
        plan = timing.scaled(design, counts, percent=percent)
        assert set(design.space.values(plan)) == {expected}


def test_the_greedy_search_starts_where_no_target_is_met(design):
    plan = timing.lean_plan(design)
    seen, _ = timing.played(design, timing.one_look(timing.Wanted((plan,), 10)))
    assert (seen[plan].mean(axis=1) < 0.0).all()
