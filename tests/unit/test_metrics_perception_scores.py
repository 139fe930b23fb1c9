"""Satisfaction, effort, recommendation and the score of the three, of all customers and as surveyed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.log import Table
from cxsim.errors import MetricUnavailable
from cxsim.metrics.comments import (
    comment_rate,
    comment_themes,
    complaint_share,
    stated_disloyalty,
    stated_intention_to_leave,
)
from cxsim.metrics.measure import measure
from cxsim.metrics.perception_scores import (
    adjusted_net_promoter_score,
    customer_effort_score,
    customer_satisfaction,
    cx_score,
    net_promoter_score,
    response_rate,
    stated_effort,
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


SCALES = {
    "three_plus_of_5": ("satisfaction", lambda k: k >= 3), "good_bad": ("satisfaction_of_2", lambda k: k == 2),
    "top2_of_7": ("satisfaction_of_7", lambda k: k in (6, 7)), "mean_of_7": ("satisfaction_of_7", lambda k: k),
    "top2_of_10": ("satisfaction_of_10", lambda k: k in (9, 10)),
    "top3_of_10": ("satisfaction_of_10", lambda k: k in (8, 9, 10)), "mean_of_10": ("satisfaction_of_10", lambda k: k),
    "index_0_100": ("satisfaction", lambda k: 25 * (k - 1)),
}  # fmt: skip


@given(seed=SEEDS)
def test_other_scales_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    said = [row for row in rows_of(log.surveys) if row["answered"]]
    for variant, (column, counts) in SCALES.items():
        answers = [row[column] for row in said if row[column] > 0]
        found = customer_satisfaction(log, variant=variant, population="surveyed")
        assert found.n == len(answers), variant
        assert found.numerator == pytest.approx(sum(map(counts, answers))), variant
    efforts = [row["effort"] for row in said if row["effort"] > 0]
    assert stated_effort(log, population="surveyed") == (sum(efforts), len(efforts), len(efforts))
    turned = customer_effort_score(log, variant="ces1_index", population="surveyed")
    assert turned.numerator == pytest.approx(sum(25 * (5 - k) for k in efforts))
    eases = [row["ease"] for row in said if row["ease"] > 0]
    index = customer_effort_score(log, variant="index", population="surveyed")
    assert index.numerator == pytest.approx(sum(100 * (k - 1) / 6 for k in eases))


def test_of_all_customers_other_scales_are_means_of_expectations(random_log):
    log = random_log(3)
    s = log.surveys
    for variant, column in (
        ("top2_of_7", "expected_top_two_of_7"),
        ("good_bad", "expected_good"),
        ("mean_of_10", "expected_satisfaction_of_10"),
    ):
        assert customer_satisfaction(log, variant=variant).value == pytest.approx(s.columns[column].mean())
    assert customer_satisfaction(log, variant="index_0_100").value == pytest.approx(
        25 * (s.expected_satisfaction.mean() - 1)
    )
    assert customer_effort_score(log, variant="ces1_index").value == pytest.approx(25 * (5 - s.expected_effort.mean()))
    assert stated_effort(log).value == pytest.approx(s.expected_effort.mean())


@given(seed=SEEDS)
def test_comments_and_intentions_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    rows = rows_of(log.surveys)
    said = [row for row in rows if row["answered"]]
    assert comment_rate(log) == (sum(row["theme"] >= 0 for row in said), len(said), len(said))
    assert complaint_share(log)[0] == sum(row["polarity"] == 0 for row in said)
    low = [row for row in said if row["satisfaction"] in (1, 2) and row["theme"] >= 0]
    named = log.names["theme"].index("wait")
    assert comment_themes(log, theme="wait") == (sum(row["theme"] == named for row in low), len(low), len(low))
    assert stated_disloyalty(log) == (sum(row["more_disloyal"] for row in rows), len(rows), len(rows))
    leaving = sum(row["intends_to_leave"] for row in said)
    assert stated_intention_to_leave(log, population="surveyed") == (leaving, len(said), len(said))


@pytest.mark.parametrize(
    ("column", "answer", "variant"),
    [("satisfaction", 8, "top_two"), ("satisfaction_of_7", 8, "top2_of_7"), ("satisfaction_of_2", 3, "good_bad")],
)
def test_an_answer_beyond_its_scale_is_refused_by_column_and_value(make_log, column, answer, variant):
    log = make_log(surveys=[{**row, column: answer} for row in answers()])
    with pytest.raises(MetricUnavailable, match=rf"log\.surveys\.{column} holds an answer {answer}"):
        customer_satisfaction(log, variant=variant, population="surveyed")


def test_a_scale_that_was_not_asked_is_refused_by_column(make_log):
    with pytest.raises(MetricUnavailable, match=r"no surveys\.satisfaction_of_10"):
        customer_satisfaction(make_log(surveys=answers(satisfaction=5)), variant="top2_of_10", population="surveyed")
    with pytest.raises(MetricUnavailable, match=r"log\.surveys\.recommendation holds an answer 11"):
        net_promoter_score(make_log(surveys=answers(recommendation=11)), population="surveyed")


def test_few_answers_do_not_make_a_net_promoter_score_certain():
    score, error = adjusted_net_promoter_score(50, 20, 100)
    assert score == pytest.approx(29.1262135922)
    assert (score - 1.959963984540054 * error, score + 1.959963984540054 * error) == pytest.approx(
        (14.0511301788, 44.2012970057)
    )
    assert adjusted_net_promoter_score(1, 0, 1)[1] > 30.0
