"""Certifying the cheapest rung of a ladder on fresh days."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from cxsim.designs.certificate import certification_days, certify, days_p_value, fewest_days, fixed_sequence
from cxsim.designs.estimate import slack_p_value


def test_testing_stops_at_the_first_failure():
    assert fixed_sequence([0.001, 0.02, 0.2, 0.01]) == 1
    assert fixed_sequence([0.001, 0.02, 0.05]) == 2
    assert fixed_sequence([0.06, 0.001]) is None


def test_each_test_of_a_sequence_has_the_full_error_of_the_level_asked_for():
    p_values = [0.004, 0.006, 0.03, 0.08, 0.15]
    assert [fixed_sequence(p_values, level=level) for level in (0.996, 0.99, 0.95, 0.9, 0.8)] == [0, 1, 2, 3, 4]


def slacks(means, *, days=60, spread=1.0, seed=1):
    noise = np.random.default_rng(seed).normal(0.0, spread, size=(2, days))
    return [np.array(pair)[:, np.newaxis] + noise for pair in means]


def test_the_last_rung_that_meets_both_targets_is_certified():
    ladder = slacks([(2.0, 2.0), (2.0, 1.0), (2.0, 0.0), (2.0, 2.0)])
    found = certify(ladder)
    assert (found.rung, found.failed, found.worst, found.days) == (1, 2, 1, 60)
    assert found.p_values[2] == max(slack_p_value(ladder[2][0]), slack_p_value(ladder[2][1]))
    half = stats.t.ppf(0.95, 59) * ladder[1].std(axis=1, ddof=1) / math.sqrt(60)
    assert list(found.lower) == pytest.approx(list(ladder[1].mean(axis=1) - half))
    assert np.all(found.lower > 0)


@pytest.mark.parametrize("missed", [0, 1, 2])
def test_one_target_missed_of_several_is_enough_to_fail(missed):
    noise = np.random.default_rng(1).normal(size=(3, 60))
    short = np.where(np.arange(3) == missed, 0.0, 2.0)[:, np.newaxis] + noise
    found = certify([2.0 + noise, short, 2.0 + noise])
    assert (found.rung, found.failed, found.worst) == (0, 1, missed)


def test_nothing_may_be_certified():
    found = certify(slacks([(2.0, -1.0), (2.0, 2.0)]))
    assert (found.rung, found.failed, found.worst, found.flags) == (None, 0, 1, ("nothing_certified",))
    assert np.isnan(found.lower).all()


def test_all_rungs_may_pass():
    found = certify(slacks([(2.0, 2.0), (2.0, 1.5)]))
    assert (found.rung, found.failed, found.worst) == (1, None, None)


def test_a_constraint_that_never_varies_passes_by_its_sign():
    rung = [[0.5] * 10, [3.0, 4.0] * 5]
    found = certify([rung])
    assert found.rung == 0
    assert found.flags == ("zero_variance",)
    assert math.isnan(found.lower[0])
    assert found.lower[1] > 3


def test_a_plan_that_misses_its_target_is_certified_no_more_often_than_said():
    rng = np.random.default_rng(9)
    wrong = 0
    for _ in range(400):
        day = rng.normal(size=(1, 40))
        ladder = [mean + day + 0.3 * rng.normal(size=(1, 40)) for mean in (0.6, 0.3, 0.0, -0.1)]
        found = certify(ladder)
        wrong += found.rung is not None and found.rung >= 2
    assert wrong / 400 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def test_a_chance_constraint_is_exact():
    assert days_p_value(97, n_days=100, share=0.9) == pytest.approx(stats.binom.sf(96, 100, 0.9))
    assert days_p_value(0, n_days=10, share=0.9) == 1.0
    # 28 of 28 days is less than 95 % sure of nine days in ten, 29 of 29 is more.
    assert days_p_value(28, n_days=28, share=0.9) > 0.05 > days_p_value(29, n_days=29, share=0.9)


@pytest.mark.parametrize(("share", "level"), [(0.7, 0.8), (0.75, 0.95), (0.5, 0.9)])
def test_a_plan_that_only_just_meets_its_days_is_certified_no_more_often_than_said_by_every_possible_row_of_days(
    share, level
):
    days, certified, every = 11, 0.0, {}
    for met in itertools.product([0, 1], repeat=days):
        chance = share ** sum(met) * (1.0 - share) ** (days - sum(met))
        every[sum(met)] = every.get(sum(met), 0.0) + chance
        found = certify([[[one - share for one in met]]], shares=[share], level=level)
        certified += chance * (found.rung == 0)
    at_least = {k: sum(chance for other, chance in every.items() if other >= k) for k in every}
    assert certified == pytest.approx(max(p for p in at_least.values() if p <= 1.0 - level), rel=1e-9)
    for k, p in at_least.items():
        assert days_p_value(k, n_days=days, share=share) == pytest.approx(p, rel=1e-9)


def test_the_bound_of_a_share_of_days_is_the_share_at_which_so_many_would_just_be_too_many():
    met = np.array([1.0] * 190 + [0.0] * 10)
    found = certify([[met - 0.9]], shares=[0.9], level=0.95)
    assert (found.rung, found.flags) == (0, ())
    assert stats.binom.sf(189, 200, float(found.lower[0]) + 0.9) == pytest.approx(0.05, rel=1e-6)
    all_met = certify([[np.full(200, 1.0 - 0.9)]], shares=[0.9], level=0.95)
    assert float(all_met.lower[0]) + 0.9 == pytest.approx(0.05 ** (1 / 200), rel=1e-6)


def test_a_share_of_days_and_a_mean_each_have_their_own_test():
    met = np.array([1.0] * 97 + [0.0] * 3) - 0.9
    mean = np.linspace(-1.0, 1.3, 100)
    found = certify([[met, mean]], shares=[0.9, 0.0])
    assert found.p_values[0] == max(days_p_value(97, n_days=100, share=0.9), slack_p_value(mean))
    assert (found.rung, found.failed) == (0, None)
    short = np.array([1.0] * 94 + [0.0] * 6) - 0.9
    assert slack_p_value(short) < 0.05 < days_p_value(94, n_days=100, share=0.9)
    found = certify([[short, mean + 1.0]], shares=[0.9, 0.0])
    assert (found.rung, found.worst) == (None, 0)


@pytest.mark.parametrize(
    ("share", "level", "days"), [(0.9, 0.95, 29), (0.8, 0.95, 14), (0.99, 0.99, 459), (0.5, 0.75, 2)]
)
def test_no_fewer_days_can_show_a_share_of_them(share, level, days):
    assert fewest_days(share, level=level) == days
    error = 1.0 - level
    assert days_p_value(days, n_days=days, share=share) <= error + 1e-12
    assert days_p_value(days - 1, n_days=days - 1, share=share) > error + 1e-12


def test_days_give_the_power_asked_for():
    days = certification_days(5.0, step=1.0)
    assert days == math.ceil(((1.6448536270 + 1.2815515655) * 5.0) ** 2) == 215
    assert stats.norm.sf(1.6448536270 - math.sqrt(days) / 5.0) == pytest.approx(0.9, abs=2e-3)
    assert certification_days(1.0, step=1.0) == 100
    assert certification_days(1.0, step=1.0, at_least=5) == 9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fixed_sequence([]), "0 p-values"),
        (lambda: fixed_sequence([0.1, 1.5]), "between 0 and 1"),
        (lambda: certify([]), "every rung"),
        (lambda: certify([[[1.0, 2.0]], [[1.0, 2.0, 3.0]]]), "every rung"),
        (lambda: certify([[[1.0]]]), "by 1 days"),
        (lambda: certify([[[1.0, math.nan]]]), "not finite"),
        (lambda: certify([[[0.5, -0.5]]], shares=[0.9]), "1 or 0 less the share"),
        (lambda: days_p_value(5, n_days=4, share=0.9), "5 of 4"),
        (lambda: certification_days(0.0, step=1.0), "deviation 0"),
        (lambda: certification_days(1.0, step=0.0), "step 0"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
