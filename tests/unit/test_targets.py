"""Targets as a planner writes them: in the mean, on a share of days, and what cannot be asked."""

import numpy as np
import pytest
from support.small_centres import small_centre

from cxsim.designs.targets import read_targets, refuse_too_few_days
from cxsim.errors import RunError
from cxsim.scenario.load import load_scenario


def read(*texts, days=1):
    return read_targets(texts, load_scenario({**small_centre(), "calendar": {"start": "2026-01-05", "days": days}}))


def test_a_target_on_a_share_of_days_is_said_as_it_was_asked():
    (found,) = read("service_level>=80%  on 90% of days")
    assert (found.limit, found.at_most, found.share, found.unit) == (0.8, False, 0.9, "1")
    assert found.said == "service_level:strict >= 80% on 90% of days"
    assert found.name == "the share of days with service_level:strict >= 80%"
    assert (found.wanted, found.lower_is_met) == (0.9, False)


@pytest.mark.parametrize("text", ["asa <= 30 s on 0.9 of days", "answered on 90% of days", "goals on 90% of days"])
def test_times_goals_and_all_goals_may_be_asked_of_days(text):
    (found,) = read(text)
    assert (found.share, found.unit, found.counted) == (0.9, "1", "days")


def test_the_mean_and_a_share_of_days_are_two_targets_of_one_metric():
    found = read("service_level >= 80%", "service_level >= 70% on 90% of days")
    assert [(target.limit, target.share) for target in found] == [(0.8, 0.0), (0.7, 0.9)]


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("abandonment_rate <= 7% on 90% of days", [True, True, False, True]),
        ("abandonment_rate >= 7% on 90% of days", [False, True, True, True]),
    ],
)
def test_a_day_meets_its_target_at_the_limit_and_where_nothing_came(text, met):
    # 0.07 times 100 is above 7 in floating point.
    (target,) = read(text)
    numerators, denominators = np.array([6.0, 7.0, 8.0, 0.0]), np.array([100.0, 100.0, 100.0, 0.0])
    assert list(target.met(numerators, denominators)) == met
    assert list(target.slacks(numerators, denominators)) == pytest.approx([one - 0.9 for one in met])
    assert target.value(numerators, denominators) == np.mean(met)
    assert np.isnan(target.value(np.zeros(2), np.zeros(2)))


def test_a_change_of_slack_is_one_of_the_value_in_its_own_direction():
    mean, share = read("abandonment_rate <= 7%", "abandonment_rate <= 7% on 90% of days")
    assert mean.moved(4.0, np.array([100.0, 300.0])) == pytest.approx(-0.02)
    assert share.moved(0.03, np.array([100.0, 300.0])) == 0.03


def test_replications_of_several_days_are_counted_as_a_whole():
    (found,) = read("service_level >= 80% on 90% of replications", days=5)
    assert (found.share, found.counted) == (0.9, "replications")


@pytest.mark.parametrize(
    ("text", "days", "words"),
    [
        ("service_level >= 80% on 100% of days", 1, "every day"),
        ("service_level >= 80% on 0% of days", 1, "above 0%"),
        ("service_level >= 80% on most of days", 1, "a share"),
        ("service_level >= 80% on 90% of dayz", 1, "did you mean 'days'"),
        ("service_level >= 80% on 90% of days", 5, "on 90% of replications"),
        ("service_level on 90% of days", 1, "METRIC >= VALUE"),
    ],
)
def test_what_cannot_be_asked_of_days_is_refused_with_what_can(text, days, words):
    with pytest.raises(RunError) as refused:
        read(text, days=days)
    assert words.lower() in str(refused.value).lower()


def test_days_on_which_nothing_could_be_shown_are_refused_with_how_many_it_takes():
    targets = read("service_level >= 80%", "service_level >= 80% on 90% of days")
    refuse_too_few_days(targets, days=29, confidence=0.95, setting="fresh_days")
    refuse_too_few_days(targets[:1], days=1, confidence=0.95, setting="fresh_days")
    with pytest.raises(RunError, match="29 or more with 95% confidence"):
        refuse_too_few_days(targets, days=28, confidence=0.95, setting="fresh_days")
