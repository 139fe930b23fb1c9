"""Satisfaction, effort, recommendation and the score of the three, of all customers and as surveyed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.log import Table
from cxsim.errors import MetricUnavailable
from cxsim.metrics.measure import measure
from cxsim.metrics.perception_scores import (
    customer_effort_score,
    customer_satisfaction,
    cx_score,
    net_promoter_score,
    response_rate,
)

SEEDS = st.integers(0, 100_000)


def answers(*, satisfaction=0, ease=0, recommendation=-1, n=1):
    row = {"offered": 0.0, "invited": True, "answered": True, "satisfaction": satisfaction, "ease": ease}
    return [{**row, "recommendation": recommendation}] * n


def test_half_promoters_and_a_fifth_detractors_is_thirty(make_log):
    surveys = answers(recommendation=9, n=200) + answers(recommendation=7, n=120) + answers(recommendation=0, n=80)
    assert net_promoter_score(make_log(surveys=surveys), population="surveyed") == (12000.0, 400.0, 400)
    assert net_promoter_score(make_log(surveys=surveys), population="surveyed").value == 30.0


@pytest.mark.parametrize(("answer", "points"), [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)])
def test_who_is_a_promoter(make_log, answer, points):
    log = make_log(surveys=answers(recommendation=answer))
    assert net_promoter_score(log, population="surveyed").value == points


def test_top_box_top_two_and_mean_are_three_numbers(make_log):
    log = make_log(surveys=[row for k in (1, 3, 4, 5) for row in answers(satisfaction=k)])
    found = {
        v: customer_satisfaction(log, variant=v, population="surveyed").value for v in ("top_box", "top_two", "mean")
    }
    assert found == {"top_box": 0.25, "top_two": 0.5, "mean": 3.25}


def test_effort_is_agreed_from_five_on(make_log):
    log = make_log(surveys=[row for k in (4, 5, 7) for row in answers(ease=k)])
    assert customer_effort_score(log, variant="agree", population="surveyed").value == pytest.approx(2 / 3)
    assert customer_effort_score(log, population="surveyed").value == pytest.approx(16 / 3)


def test_a_real_survey_says_nothing_of_those_who_did_not_answer(make_log):
    log = make_log(surveys=answers(satisfaction=5))
    with pytest.raises(MetricUnavailable, match=r"of all customers: this log has no surveys\.expected_top_two"):
        measure(log, "csat")
    assert measure(log, "csat", population="surveyed").variant[0] == "top_two_surveyed"


def test_the_score_is_the_mean_of_three_scores(make_log):
    surveys = answers(satisfaction=5, ease=7, recommendation=10) + answers(satisfaction=1, ease=1, recommendation=8)
    log = make_log(surveys=surveys)
    # Half satisfied: 0.5. Mean ease 4 of 1 to 7: 0.5. Half promoters, none against: 50 points, 0.75 of the way.
    assert cx_score(log, population="surveyed").value == pytest.approx((0.5 + 0.5 + 0.75) / 3)
    narrow = cx_score(log, population="surveyed", satisfaction=(0.6, 0.9), ease=(3.0, 4.0), recommendation=(0.0, 100.0))
    assert narrow.value == pytest.approx((0.0 + 1.0 + 0.5) / 3)  # cut to 0 and 1 at the ends of the range


def test_a_range_without_width_is_refused(make_log):
    with pytest.raises(MetricUnavailable, match="worst and best differ"):
        cx_score(make_log(surveys=answers()), population="surveyed", ease=(4.0, 4.0))


@given(seed=SEEDS)
def test_scores_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    rows = rows_of(log.surveys)
    said = [row for row in rows if row["answered"]]
    stars = [row["satisfaction"] for row in said if row["satisfaction"] > 0]
    ease = [row["ease"] for row in said if row["ease"] > 0]
    would = [row["recommendation"] for row in said if row["recommendation"] >= 0]
    surveyed = {"population": "surveyed"}
    assert customer_satisfaction(log, **surveyed) == (sum(k >= 4 for k in stars), len(stars), len(stars))
    assert customer_satisfaction(log, variant="top_box", **surveyed)[0] == sum(k == 5 for k in stars)
    assert customer_satisfaction(log, variant="mean", **surveyed)[0] == sum(stars)
    assert customer_effort_score(log, **surveyed) == (sum(ease), len(ease), len(ease))
    assert customer_effort_score(log, variant="agree", **surveyed)[0] == sum(k >= 5 for k in ease)
    points = 100 * (sum(k >= 9 for k in would) - sum(k <= 6 for k in would))
    assert net_promoter_score(log, **surveyed) == (points, len(would), len(would))
    invited = [row for row in rows if row["invited"]]
    assert response_rate(log) == (sum(row["answered"] for row in invited), len(invited), len(invited))
    for variant, column in [("top_two", "expected_top_two"), ("top_box", "expected_top_box")]:
        assert customer_satisfaction(log, variant=variant).value == pytest.approx(
            math.fsum(row[column] for row in rows) / len(rows)
        )
    expected = 100 * math.fsum(row["expected_promoter"] - row["expected_detractor"] for row in rows) / len(rows)
    assert net_promoter_score(log).value == pytest.approx(expected)


@given(seed=SEEDS)
def test_the_score_of_all_adds_up_over_replications(random_log, seed):
    log = random_log(seed)
    s = log.surveys
    parts = [
        cx_score(log.with_tables(surveys=Table("surveys", {k: v[s.replication == r] for k, v in s.columns.items()})))
        for r in (0, 1)
    ]
    together = sum(part.numerator for part in parts) / sum(part.denominator for part in parts)
    assert together == pytest.approx(cx_score(log).value)
