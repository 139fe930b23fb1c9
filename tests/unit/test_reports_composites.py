"""Several metrics in one number: the numbers of their own modules, side by side, and nothing where there is nothing."""

import math

import pandas as pd
import pytest
from support.command_line import command

from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.triad import triad
from cxsim.reports.composites import composites_shown, composites_table
from cxsim.study import compare

CHANGE = "agent_groups.desk.agents=13"
NO_GOALS = pd.DataFrame()


@pytest.fixture(scope="module")
def findings():
    from cxsim.scenario.load import load_scenario

    desk = load_scenario("it_service_desk", "calendar.days=1")
    return compare({"today": desk, "more": desk.override(CHANGE)}, replications=2, engine="process").findings


def test_each_score_is_that_of_its_own_card(findings):
    of = findings.composites.set_index(["scenario", "score"])["value"]
    for label, card in findings.scorecards.items():
        assert of[label, "balanced"] == card.total
        mine = findings.estimates[(findings.estimates["scenario"] == label) & (findings.estimates["by"] == "")]
        expected = triad(mine.drop(columns=["scenario", "by"]), profile=load_profile("it_service_desk"))
        assert of[label, "triad"] == pytest.approx(expected.total)


def test_moments_count_by_their_weight(findings):
    kept = findings.goals[(findings.goals["scenario"] == "today") & findings.goals["journeys_kept"].notna()]
    expected = (kept["journeys_kept"] * kept["weight"]).sum() / kept["weight"].sum()
    of = findings.composites.set_index(["scenario", "score"])["value"]
    assert of["today", "moments"] == pytest.approx(expected)


def test_a_page_shows_one_row_a_scenario(findings):
    table = composites_shown(findings.composites)
    assert [row[0].text for row in table.rows] == ["today", "more"]
    assert all(cell.text != "-" for row in table.rows for cell in row)


def test_without_cards_and_goals_there_is_no_table():
    empty = composites_table({}, NO_GOALS, NO_GOALS, profile=None)
    assert empty.empty
    assert composites_shown(empty) is None


def test_a_missing_interval_stays_missing(findings):
    goals = findings.goals.assign(journeys_kept_low=math.nan)
    table = composites_table({}, NO_GOALS, goals, profile=None)
    assert table["low"].isna().all()
    assert table["value"].notna().all()


def test_agents_of_a_record_have_a_card_of_their_own():
    said = command("score", "technion_sample", "--reader", "technion", "--agents")
    assert (said.code, said.err) == (0, "")
    assert "bank 0" in said.out
    assert "more than chance" in said.out
