"""Survey scores, sample sizes and who answers, on worked figures and against another library."""

import math

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from cxsim.designs.survey_sizes import (
    answers_needed,
    design_effect,
    net_promoter_interval,
    of_population,
    promoter_variance,
    survey_plan,
    visible_change,
    who_answers,
)


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_net_promoter_score_of_a_hundred_answers():
    found = net_promoter_interval(50, passives=30, detractors=20)
    assert (found.value, found.standard_error) == near((30, 7.8102496759))
    assert (found.low, found.high) == near((14.6921919250, 45.3078080750))
    adjusted = net_promoter_interval(50, passives=30, detractors=20, adjusted=True)
    assert (adjusted.value, adjusted.low, adjusted.high) == near((29.1262135922, 14.0511301788, 44.2012970057))


def test_variance_of_a_score_is_that_of_its_answers():
    answers = np.repeat([1, 0, -1], [50, 30, 20])
    assert promoter_variance(0.5, 0.2) == near(answers.var())


def test_answers_all_alike_or_none():
    alike = net_promoter_interval(5, passives=0, detractors=0)
    assert (alike.value, alike.flags) == (100.0, ("zero_variance",))
    assert math.isnan(alike.low)
    assert net_promoter_interval(5, passives=0, detractors=0, adjusted=True).high == 100.0
    nobody = net_promoter_interval(0, passives=0, detractors=0)
    assert nobody.flags == ("nothing_observed",)
    assert math.isnan(nobody.value)


def test_answers_to_see_six_points_more():
    before, after = promoter_variance(0.45, 0.25), promoter_variance(0.48, 0.22)
    needed = answers_needed(0.06, variance=before, changed_variance=after)
    assert needed == near(2817.7478246313)
    plan = survey_plan(needed, response_rate=0.1, contacts_per_week=3000, effect_of_design=1.3)
    assert (plan.answers, plan.invitations, plan.weeks) == (3664, 36640, near(36640 / 3000))
    assert plan.weeks == pytest.approx(12.2133, abs=5e-5)
    assert visible_change(needed, variance=before, changed_variance=after) == near(0.06)


def test_answers_to_see_four_points_of_satisfaction():
    needed = answers_needed(0.04, variance=0.8 * 0.2, changed_variance=0.84 * 0.16)
    assert needed == near(1444.1938711202)
    assert math.ceil(of_population(needed, population=4000)) == 1062
    assert design_effect(20, correlation=0.05) == near(1.95)


def test_answers_needed_equal_the_library():
    for change, variance, power in ((0.5, 1.0, 0.8), (0.2, 0.7, 0.9), (-0.1, 0.25, 0.7)):
        library = NormalIndPower().solve_power(abs(change) / math.sqrt(variance), alpha=0.05, power=power)
        found = answers_needed(change, variance=variance, changed_variance=variance, power=power)
        # The library also counts the change seen in the wrong direction.
        assert found == pytest.approx(library, rel=1e-4)


def test_those_who_answer_are_not_all_customers():
    found = who_answers([0.3, 0.3, 0.4], values=[-1, 0, 1], probabilities=[0.2, 0.05, 0.1])
    assert (found.true, found.observed, found.response_rate) == near((0.1, -0.1739130435, 0.115))
    probability, value, share = np.array([0.2, 0.05, 0.1]), np.array([-1, 0, 1]), np.array([0.3, 0.3, 0.4])
    covariance = share @ (probability * value) - (share @ probability) * (share @ value)
    assert found.bias == near(covariance / 0.115)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: net_promoter_interval(-1, passives=0, detractors=2), "0 or more"),
        (lambda: promoter_variance(0.7, 0.4), "at most 1"),
        (lambda: answers_needed(0.0, variance=1.0, changed_variance=1.0), "change 0"),
        (lambda: answers_needed(0.1, variance=0.0, changed_variance=0.0), "not both 0"),
        (lambda: answers_needed(0.1, variance=1.0, changed_variance=1.0, power=1.0), "power 1"),
        (lambda: visible_change(0, variance=1.0, changed_variance=1.0), "answers 0"),
        (lambda: design_effect(0.5, correlation=0.1), "at least 1"),
        (lambda: of_population(10, population=0), "population 0"),
        (lambda: survey_plan(100, response_rate=1.5, contacts_per_week=10), "response rate 1.5"),
        (lambda: who_answers([0.5, 0.4], values=[0, 1], probabilities=[0.1, 0.1]), "sum 0.9"),
        (lambda: who_answers([0.5, 0.5], values=[0, 1], probabilities=[0.0, 0.0]), "some group answers"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_finite_population_needs_all_of_itself_at_most_and_one_answer_of_one():
    assert of_population(1444.1938711202, population=4000) == pytest.approx(
        1444.1938711202 / (1 + 1443.1938711202 / 4000)
    )
    assert of_population(1.0, population=7) == 1.0


def test_a_score_below_nought_keeps_its_interval():
    low, high = (
        net_promoter_interval(30, passives=20, detractors=50)[1:3],
        net_promoter_interval(50, passives=20, detractors=30)[1:3],
    )
    assert low == pytest.approx((-high[1], -high[0]))
    assert low[0] < -20.0
