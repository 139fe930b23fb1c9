"""Explanations over replications: lines add up to totals, credits to changes, expectations equal long simulations."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxsim.designs.attribution import Attributed, shapley
from cxsim.designs.design import Replicated, Results
from cxsim.designs.explanations import SELECTION, TOTAL, WHO_COMES, explanation_table, main_lines
from cxsim.errors import RunError
from cxsim.perception.answers import answers, expected_response, opinions, probability_above
from cxsim.perception.levels import effects, facts
from cxsim.perception.load import load_model
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import contributions
from cxsim.perception.twins import Lived
from cxsim.protocol import prepare
from cxsim.reports.leverage import best_quartile, leverage_table
from cxsim.runs.execute import execute
from cxsim.scenario.load import load_scenario
from cxsim.study import compare

MODEL = load_model()
CENTRE = {
    "name": "centre",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "1 h"},
    "contact_types": {
        "order": {"volume": "150 per day", "enters": {"phone": "100%"}},
        "complaint": {"volume": "60 per day", "enters": {"phone": "100%"}},
    },
    "customers": {"population": 300, "segments": {"staff": {"share": 1.0, "margin": "10 per month"}}},
    "touchpoints": {
        "phone": {
            "mechanism": "staffed", "channel": "voice", "talk_time": "12 min",
            "patience": {"law": "exponential", "mean": "4 min"}, "resolves": "70%",
            "then": {"unresolved": {"again": {"to": "phone", "share": "60%", "after": "30 min"}}},
        }
    },
    "agent_groups": {"desk": {"agents": 3, "serves": {"phone": {}}, "cost": "30 per hour", "resolution_spread": 0.2}},
}  # fmt: skip
CHANGES = ("agent_groups.desk.agents=4", "touchpoints.phone.resolves=80%", "contact_types.order.volume=170 per day")


def journeys_lived(n, *, seed):
    journeys = reference_journeys(n, seed=seed)
    felt = contributions(journeys, model=MODEL)
    return journeys, Lived(journeys, felt, np.zeros(n), None, 0.0, np.zeros(0))


@pytest.fixture(scope="module")
def compared():
    base = load_scenario(CENTRE)
    scenarios = {"today": base, "all three": base.override(*CHANGES)}
    study = prepare("compare", scenarios, replications=4, seed=3, engine="process", attribute=True)
    design, results = study.design(), Results()
    results.tables, results.replications = execute(design.ask(results)), 4
    return design, results, design.answer(results)


def of(table, part, score="top_two", scenario="all three"):
    here = table[(table["scenario"] == scenario) & (table["part"] == part) & (table["score"] == score)]
    return here.set_index("line")["value"]


@pytest.mark.parametrize("score", ["top_two", "ease", "net_promoter_score", "lifetime_value"])
def test_the_lines_of_a_change_add_up_to_the_difference_of_the_metric(compared, score):
    _, _, answer = compared
    lines = of(answer.explanations, "change", score)
    assert lines.drop(TOTAL).sum() == pytest.approx(lines[TOTAL], abs=1e-9)
    assert lines[WHO_COMES] != 0.0  # more orders come
    names = {
        "top_two": ("customer_satisfaction", "top_two"),
        "ease": ("customer_effort_score", "mean"),
        "net_promoter_score": ("net_promoter_score", "all"),
        "lifetime_value": ("customer_lifetime_value", "default"),
    }
    whole = answer.differences[answer.differences["by"] == ""].set_index(["metric", "variant"])["difference"]
    assert lines[TOTAL] == pytest.approx(whole[names[score]], rel=1e-6)


def test_the_survey_sees_what_is_felt_less_selection_and_coverage(compared):
    lines = of(compared[2].explanations, "surveyed")
    assert lines.drop(TOTAL).sum() == pytest.approx(lines[TOTAL], abs=1e-12)
    assert lines[SELECTION] != 0.0


def test_parts_of_the_comparison_stay_out_of_its_estimates(compared):
    _, results, answer = compared
    assert set(answer.estimates["scenario"]) == {"today", "all three"}
    assert len({label for table in results.tables for label in table["scenario"]}) == 2 + 6


def test_the_credits_of_the_settings_add_up_to_the_difference(compared):
    answer = compared[2]
    whole = answer.differences[answer.differences["by"] == ""].set_index(["metric", "variant"])["difference"]
    credits = answer.attribution.groupby(["metric", "variant"])["value"].sum()
    assert len(credits) > 5
    for key, credit in credits.items():
        assert credit == pytest.approx(whole[key], abs=1e-9)
    assert set(answer.attribution["setting"]) == set(CHANGES)


def test_credits_are_means_over_all_orders():
    rng = np.random.default_rng(1)
    parts = [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
    worth = {part: rng.normal(size=1) for part in parts}
    orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    for player, credit in enumerate(shapley(worth, n=3)):
        steps = []
        for order in orders:
            before = tuple(sorted(order[: order.index(player)]))
            steps.append(worth[tuple(sorted((*before, player)))] - worth[before])
        assert credit == pytest.approx(np.mean(steps))


def test_what_cannot_be_attributed_is_refused_before_anything_runs():
    base = load_scenario(CENTRE)
    with pytest.raises(RunError, match="two settings or more"):
        prepare("compare", {"today": base, "one": base.override(CHANGES[0])}, attribute=True)
    many = [f"touchpoints.phone.resolves={share}%" for share in range(71, 79)]
    with pytest.raises(RunError, match="at most 6"):
        prepare("compare", {"today": base, "many": base.override(*many)}, attribute=True)


def test_explanations_do_not_depend_on_which_worker_or_order():
    base = load_scenario(CENTRE)
    design = Replicated({"today": base, "more": base.override(CHANGES[0])}, 1, 2, "customer_satisfaction:top_two",
                        engine="process")  # fmt: skip
    trials = design.ask(Results())
    forward, backward = execute(trials), execute(trials[::-1])
    for table, other in zip(forward, backward[::-1], strict=True):
        pd.testing.assert_frame_equal(table.drop(columns="values"), other.drop(columns="values"))


def test_one_replication_has_values_and_no_interval():
    result = compare({"today": CENTRE, "more": load_scenario(CENTRE).override(CHANGES[0])}, replications=1)
    table = result.findings.explanations
    assert table["value"].notna().all()
    assert table["low"].isna().all()


def test_a_design_without_explanations_has_an_empty_table():
    counters = pd.DataFrame({"by": [""], "scenario": ["a"], "metric": ["m"]})
    assert explanation_table(counters).empty
    assert isinstance(prepare("estimate", {"today": load_scenario(CENTRE)}).design(), Replicated)
    assert not isinstance(prepare("estimate", {"today": load_scenario(CENTRE)}).design(), Attributed)


def test_the_expected_response_is_that_of_many_answers():
    journeys, lived = journeys_lived(200_000, seed=5)
    held = opinions(journeys, lived.felt, model=MODEL, seed=5)
    said = answers(journeys, held, model=MODEL, seed=5)
    high, all_of = expected_response(lived.felt, journeys.method, model=MODEL)
    asked = journeys.surveyable
    # Within four standard errors of a share of some 150,000 draws.
    for expected, seen in ((all_of, said.answered), (high, said.answered & (said.satisfaction >= 4))):
        error = math.sqrt(expected[asked].mean() / asked.sum())
        assert abs(expected[asked].mean() - seen[asked].mean()) < 4 * error


def test_one_unit_more_is_what_a_journey_with_one_unit_more_feels():
    journeys, lived = journeys_lived(500, seed=6)
    found = {(s.part, s.score, s.line): s for s in effects(lived, {}, model=MODEL)}
    cut = MODEL.anchors.satisfaction[2]
    before = probability_above(lived.felt.satisfaction, cut)
    more = contributions(replace(journeys, abandoned_attempts=journeys.abandoned_attempts + 1), model=MODEL)
    expected = (probability_above(more.satisfaction, cut) - before).sum()
    assert found["effect", "top_two", "abandonment"].numerator == pytest.approx(expected)
    worse = contributions(replace(journeys, resolved=np.zeros(500, bool)), model=MODEL)
    moved = (probability_above(worse.satisfaction, cut) - before)[journeys.resolved]
    assert found["effect", "top_two", "unresolved"].numerator == pytest.approx(moved.sum())
    assert found["effect", "top_two", "unresolved"].denominator == journeys.resolved.sum()
    assert all(s.numerator <= 0 for (part, _, line), s in found.items() if part == "effect" and line != "agent")


def test_facts_are_those_that_a_loop_counts():
    journeys, _ = journeys_lived(300, seed=7)
    found = facts(journeys)
    for case in range(0, 300, 17):
        mine = np.flatnonzero(journeys.owner == case)
        live = [touch for touch in mine if journeys.channel[touch] in (0, 1)]
        assert found["wait"][case] == pytest.approx(sum(journeys.wait[touch] for touch in live) / 60.0)
        assert found["transfer"][case] == sum(journeys.transfers[touch] for touch in mine)
        assert found["unresolved"][case] == (not journeys.resolved[case])


def test_leverage_is_nothing_where_the_best_quartile_is_reached(compared):
    estimates, explanations = compared[2].estimates, compared[2].explanations
    table = leverage_table(estimates, explanations, profile="it_service_desk")
    assert len(table)
    for row in table.to_dict("records"):
        complement = row["metric"] == "first_contact_resolution"
        actual, best = ((1 - row[name] if complement else row[name]) for name in ("actual", "best"))
        regained = of(explanations, "regained", scenario=row["scenario"])[row["driver"]]
        assert row["gain"] == pytest.approx(max(0.0, 1 - best / actual) * regained)
    assert leverage_table(estimates, explanations, profile=None).empty


def test_the_best_quartile_of_a_metric_follows_its_direction():
    from cxsim.benchmarks.load import load_profile

    entry = load_profile("it_service_desk").metric("average_speed_of_answer")
    assert best_quartile(entry).statistic == "q1"


def test_main_lines_are_the_largest_first(compared):
    lines = main_lines(compared[2].explanations, scenario="all three", part="change", most=3)
    sizes = lines["value"].abs().tolist()
    assert len(lines) == 3
    assert sizes == sorted(sizes, reverse=True)
    assert TOTAL not in set(lines["line"])


def surveyed(**levels):
    """Explanations of made-up sums of the survey: two replications of each level, ten cases each."""
    rows = [
        ("a", "explain:surveyed", "top_two", line, r, 10.0 * value, 10.0)
        for line, value in levels.items()
        for r in (0, 1)
    ]
    columns = ["scenario", "by", "metric", "group", "replication", "numerator", "denominator"]
    table = explanation_table(pd.DataFrame(rows, columns=columns))
    return table.set_index("line")["value"]


def test_who_can_be_asked_is_coverage_and_who_answers_is_selection():
    same = {"felt_before": 0.8, "felt_after": 0.8}
    asked = surveyed(before=0.7, after=0.6, **{"00": 0.7, "10": 0.7, "01": 0.6, "11": 0.6}, **same)
    assert asked["coverage"] == pytest.approx(-0.1)
    assert asked[SELECTION] == pytest.approx(0.0)
    answers = surveyed(before=0.7, after=0.6, **{"00": 0.7, "10": 0.6, "01": 0.7, "11": 0.6}, **same)
    assert answers[SELECTION] == pytest.approx(-0.1)
    assert answers["coverage"] == pytest.approx(0.0)


def test_a_change_named_like_a_part_of_another_is_refused():
    base = load_scenario(CENTRE)
    scenarios = {"today": base, "x": base.override(*CHANGES[:2]), "x [1]": base.override(CHANGES[0])}
    with pytest.raises(RunError, match=r"x \[1\]"):
        prepare("compare", scenarios, attribute=True)


def test_a_scenario_in_which_nothing_can_be_observed_has_no_card_and_the_others_have():
    nobody = load_scenario(CENTRE).override("agent_groups.desk.agents=0")
    result = compare({"nobody": nobody, "somebody": CENTRE}, replications=2, engine="process", profile="inbound_voice")
    assert "somebody" in result.scorecards


def test_the_gap_of_a_survey_is_paired_by_replication() -> None:
    everyone, answered = [(50.0, 100.0), (60.0, 100.0), (70.0, 100.0)], [(11.0, 20.0), (13.0, 20.0), (15.0, 20.0)]
    rows = [
        {"scenario": "today", "by": "", "metric": "customer_satisfaction", "variant": variant, "replication": number,
         "group": "all", "numerator": numerator, "denominator": denominator}
        for variant, counts in (("top_two", everyone), ("top_two_surveyed", answered))
        for number, (numerator, denominator) in enumerate(counts)
    ]  # fmt: skip
    explained = {**rows[0], "by": "explain:level", "metric": "top_two", "group": "actual"}
    found = explanation_table(pd.DataFrame([*rows, explained]))
    (gap,) = found[found["part"] == "asked"].to_dict("records")
    assert gap["value"] == pytest.approx(0.05)
    # In every replication five points more: the gap does not vary although both scores do.
    assert math.isnan(gap["low"])
    assert gap["flags"] == "zero_variance"
