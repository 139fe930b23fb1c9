"""Published scoring rules against their worked examples, and what must hold of every rule."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cards import cells, group_of, line, peers, ruled, scored, table

from cxsim.benchmarks import rules
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.profile import ProfileMetric
from cxsim.benchmarks.scorecard import score
from cxsim.errors import ProfileError

# Worked examples


def test_the_worked_example_of_bands_gives_83_3() -> None:
    assert 100 * rules.banded(9000, edges=(0, 4000, 6000, 12000)) == pytest.approx(83.3, abs=0.05)


@pytest.mark.parametrize(
    ("value", "expected"), [(-1, 0.0), (0, 0.0), (4000, 1 / 3), (5000, 0.5), (12000, 1.0), (2e4, 1)]
)
def test_each_band_is_worth_the_same(value: float, expected: float) -> None:
    assert rules.banded(value, edges=(0, 4000, 6000, 12000)) == pytest.approx(expected)


def test_bands_may_fall() -> None:
    """Seconds of wait: from 60 down to 20 one half, from 20 down to 0 the other."""
    assert [rules.banded(v, edges=(60, 20, 0)) for v in (70, 60, 40, 20, 10, 0)] == [0.0, 0.0, 0.25, 0.5, 0.75, 1.0]


def test_a_ratio_to_the_goal_is_turned_round_where_less_is_better() -> None:
    assert rules.goal_ratio(60.0, goal=80.0, higher=True) == 0.75
    assert rules.goal_ratio(40.0, goal=30.0, higher=False) == 0.75
    assert rules.goal_ratio(90.0, goal=80.0, higher=True) == rules.goal_ratio(20.0, goal=30.0, higher=False) == 1.0


def test_less_is_better_takes_from_two_and_knows_a_target_of_zero() -> None:
    assert [rules.less_is_better(v, target=10.0) for v in (5, 10, 15, 20, 30)] == [1.0, 1.0, 0.5, 0.0, 0.0]
    assert [rules.less_is_better(v, target=0.0) for v in (0.0, 0.1)] == [1.0, 0.0]


def test_boundaries_give_0_to_10() -> None:
    assert [rules.bounded_0_10(v, at_0=200.0, at_10=100.0) for v in (250, 200, 150, 100, 50)] == [0, 0, 5, 10, 10]


def test_bias_is_the_sum_of_weights_over_those_answered() -> None:
    """By hand: 0.5 x 2 x (6/5) / 6 + 0.75 x 3 x (6/5) / 6 = 0.2 + 0.45, the third, of weight 1, is not answered."""
    assert rules.normalised_with_bias((0.5, 0.75, math.nan), weights=(2, 3, 1)) == pytest.approx(0.65)
    with pytest.raises(ValueError, match="at least one"):
        rules.normalised_with_bias((math.nan,), weights=(1,))


def test_a_card_of_normalised_metrics_is_the_biased_total() -> None:
    ends = cells({"min": 1.0, "max": 5.0})
    named = {"variant": "default", "unit": "points", "rule": "normalised_with_bias", "cells": ends}
    profile = group_of(
        ProfileMetric("a", weight=0.5, direction="higher", **named),
        ProfileMetric("b", weight=0.3, direction="lower", **named),
        ProfileMetric("c", weight=0.2, direction="higher", **named),
    )
    measures = table(
        {"metric": "a", "value": 4.0, "unit": "points"},
        {"metric": "b", "value": 2.0, "unit": "points", "better": "lower"},
    )
    expected = rules.normalised_with_bias((0.75, 0.75, math.nan), weights=(0.5, 0.3, 0.2))
    assert score(measures, profile=profile).total == pytest.approx(expected)
    with pytest.raises(ProfileError, match="re-weights what is missing"):
        score(measures, profile=profile, missing="zero")


def test_the_percentile_rule_is_the_share_of_peers_beaten() -> None:
    values = (0.2, 0.4, 0.6, 0.8)
    up = ruled("percentile", peers=peers(*values), direction="higher")
    down = ruled("percentile", peers=peers(*values), direction="lower")
    assert [up.score(v) for v in (0.1, 0.5, 0.9)] == [0.0, 0.5, 1.0]
    assert [down.score(v) for v in (0.1, 0.5, 0.9)] == [1.0, 0.5, 0.0]


def test_beyond_the_outermost_quartile_only_the_peers_surely_beaten_count() -> None:
    of = cells({"q1": 0.2, "median": 0.4, "q3": 0.6})
    up, down = (ruled("percentile", cells=of, direction=better) for better in ("higher", "lower"))
    assert [up.score(v) for v in (0.1, 0.9)] == [0.0, 0.75]
    assert [down.score(v) for v in (0.1, 0.9)] == [0.75, 0.0]
    row = score(table({"metric": "a", "value": 0.9}), profile=group_of(up)).rows[0]
    assert "score: the share of peers that is surely beaten" in row.flags


def test_the_card_says_which_rule_was_used() -> None:
    card = score(
        table({"metric": "a", "value": 0.6}),
        profile=group_of(ruled("goal_ratio", target=line(0.8), direction="higher")),
    )
    assert card.total == pytest.approx(0.75)
    assert card.rows[0].rule == "goal_ratio"
    assert any("A by the rule goal ratio" in note for note in card.notes)
    assert "worst" in card.to_text()


# What must hold of every rule

OF: dict[str, dict[str, Any]] = {
    "goal_ratio": {"target": line(0.5)},
    "banded": {},
    "normalised_with_bias": {"cells": cells({"min": 0.1, "max": 0.9})},
    "bounded_0_10": {},
    "percentile": {"cells": cells({"min": 0.1, "q1": 0.2, "median": 0.4, "q3": 0.7, "max": 0.9})},
    "linear": {},
}


def made(rule: str, better: str) -> ProfileMetric:
    ends = (0.1, 0.9) if better == "higher" else (0.9, 0.1)
    own = dict(OF[rule])
    if rule in ("linear", "bounded_0_10"):
        return ruled(rule, worst=line(ends[0]), best=line(ends[1]))
    if rule == "banded":
        return ruled(rule, bands=(ends[0], 0.6, ends[1]))
    return ruled(rule, direction=better, **own)


@given(st.sampled_from(sorted(OF)), st.sampled_from(["higher", "lower"]), st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_a_better_value_never_scores_less_and_every_score_lies_in_range(
    rule: str, better: str, first: float, second: float
) -> None:
    metric = made(rule, better)
    worse, ahead = sorted((first, second), reverse=better == "lower")
    assert 0.0 <= metric.score(worse) <= metric.score(ahead) + 1e-9
    assert metric.score(ahead) <= 1.0


@given(st.sampled_from([rule for rule in sorted(OF) if rule != "goal_ratio"]), st.floats(-0.5, 1.5))
def test_turning_the_direction_round_mirrors_the_score(rule: str, value: float) -> None:
    """Scores of a value as a good and as a bad thing add to one; bands of unlike width apart."""
    if rule != "banded":
        assert made(rule, "higher").score(value) + made(rule, "lower").score(value) == pytest.approx(1.0, abs=1e-9)


@given(st.floats(0.01, 0.9), st.floats(0.01, 2.0))
def test_less_is_better_never_scores_more_for_more(target: float, value: float) -> None:
    metric = ruled("less_is_better", target=line(target), direction="lower")
    assert 0.0 <= metric.score(value * 1.1) <= metric.score(value) <= 1.0


# In a profile


TARGET = {"value": "9 s", "note": "x"}


def profile_with(**keys: Any) -> dict[str, Any]:
    entry = {"variant": "default", "weight": 1, "unit": "s", "better": "lower", **keys}
    given = {key: value for key, value in entry.items() if value is not None}
    return {"name": "p", "title": "P", "meaning": "m", "entered_by": "t", "metrics": {"a": given}}


def test_a_rule_is_chosen_by_name_and_scored_on_what_it_needs() -> None:
    profile = load_profile(profile_with(rule="less_is_better", target={"value": "30 s", "note": "x"}), register={})
    assert profile.metrics[0].score(45.0) == 0.5
    profile = load_profile(profile_with(rule="banded", better=None, bands=["60 s", "20 s", "0 s"]), register={})
    assert (profile.metrics[0].score(40.0), profile.metrics[0].better) == (0.25, "lower")


@pytest.mark.parametrize(
    ("keys", "where", "said"),
    [
        ({"rule": "goal_ration"}, "a.rule", "did you mean 'goal_ratio'"),
        ({"rule": "goal_ratio"}, "a.target", "not given"),
        ({"rule": "goal_ratio", "target": {"value": "0 s", "note": "x"}}, "a.target", "above 0"),
        ({"rule": "goal_ratio", "better": None, "target": {"value": "9 s", "note": "x"}}, "a.better", "a direction"),
        ({"rule": "less_is_better", "better": "higher", "target": TARGET}, "a.rule", "goal_ratio"),
        ({"rule": "banded"}, "a.bands", "edges from worst to best"),
        ({"rule": "banded", "bands": ["1 s", "3 s", "2 s"]}, "a.bands", "rising or falling"),
        ({"rule": "banded", "bands": ["1", "3 s"]}, "a.bands", "a duration has a unit"),
        ({"rule": "percentile"}, "a.cells", "two or more peers"),
        ({"rule": "normalised_with_bias"}, "a.cells", "scored on both"),
        ({"rule": "percentile", "peers": {"x": "1 s", "y": "2 s"}, "worst": TARGET}, "a.worst", "leave it out"),
        ({"rule": "bounded_0_10", "worst": {"value": "9 s", "note": "x"}}, "metrics.a", "worst given"),
        ({"worst": {"value": "1 s", "note": "x"}, "best": {"value": "9 s", "note": "x"}}, "a.better", "says higher"),
    ],
)  # fmt: skip
def test_what_a_rule_lacks_is_said_where_it_is(keys: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(ProfileError) as raised:
        load_profile(profile_with(**keys), register={})
    assert any(line.split(": ")[0].endswith(where) and said in line for line in raised.value.problems), raised.value


def test_a_metric_without_what_its_rule_needs_says_so() -> None:
    with pytest.raises(ValueError, match="it needs target"):
        ruled("goal_ratio", direction="higher").score(0.5)
    with pytest.raises(ValueError, match="it needs worst and best"):
        ruled("linear").score(0.5)


def test_a_straight_line_is_the_default() -> None:
    assert scored("a", 1.0, 0.2, 0.8).rule == "linear"
