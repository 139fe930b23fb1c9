"""Intervals on worked examples, at the edges where there is none, and against loops anyone can read."""

import math

import numpy as np
import pytest

from cxsim.designs.estimate import (
    average_day,
    count_interval,
    mean_interval,
    proportion_interval,
    ratio_influences,
    ratio_interval,
    skewed_interval,
    slack,
    slack_p_value,
)

SERVED = [160, 92, 210, 128, 175]
OFFERED = [200, 140, 240, 170, 205]


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_student_interval_of_eight_days():
    found = mean_interval([76, 81.5, 79.2, 84.3, 77.8, 80.1, 82.6, 78.5])
    assert found.value == near(80)
    assert found.standard_error * math.sqrt(8) == near(2.7055498517)
    assert (found.low, found.high) == near((77.7381037195, 82.2618962805))
    assert found.half_width == near(2.2618962805)
    assert (found.n, found.df, found.flags) == (8, 7, ())


def test_skewed_waits_get_a_longer_upper_arm():
    waits = [1.2, 2.0, 1.6, 3.8, 2.4, 1.5, 2.1, 5.0, 2.7, 1.3, 2.2, 3.1]
    plain, found = mean_interval(waits), skewed_interval(waits)
    assert (plain.low, plain.high) == near((1.6995415827, 3.1171250840))
    assert found.value == near(2.4083333333)
    assert (found.low, found.high) == near((1.8457872871, 3.5656596019))


def test_symmetric_values_need_no_correction():
    values = [-2.0, -1.0, 0.0, 1.0, 2.0]
    found, plain = skewed_interval(values), mean_interval(values)
    assert (found.low, found.high) == near((plain.low, plain.high))


@pytest.mark.parametrize("values", [[1.0, 1.1, 0.9, 1.0, 50.0], [1.0, 2.0]])
def test_too_few_days_for_their_skewness_give_a_flag_and_no_interval(values):
    found = skewed_interval(values)
    assert found.flags == ("skewness",)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_share_of_days_wilson_and_exact():
    wilson, exact = proportion_interval(9, n=12), proportion_interval(9, n=12, exact=True)
    assert (wilson.low, wilson.high) == near((0.4676946651, 0.9110583316))
    assert (exact.low, exact.high) == near((0.4281415381, 0.9451393555))
    assert wilson.value == 0.75


def test_every_day_on_target_is_not_certainty():
    found = proportion_interval(20, n=20)
    assert (found.low, found.high) == near((0.8388748419, 1.0))
    assert found.flags == ("zero_variance",)


def test_no_lost_contact_in_25_days():
    assert count_interval(0, exposure=25, upper_only=True).high == near(0.1198292909)
    both = count_interval(0, exposure=25)
    assert (both.low, both.high) == near((0.0, 0.1475551782))
    assert both.flags == ("zero_variance",)


def test_count_interval_ends_are_where_the_poisson_tail_is_a_fortieth():
    found = count_interval(3, exposure=2.0)

    def at_most(k, mean):
        return sum(math.exp(-mean) * mean**j / math.factorial(j) for j in range(k + 1))

    assert at_most(3, found.high * 2.0) == near(0.025)
    assert 1 - at_most(2, found.low * 2.0) == near(0.025)


def test_one_replication_has_a_value_and_no_interval():
    for found in (mean_interval([5.0]), skewed_interval([5.0]), ratio_interval([4], [5]), average_day([4], [5])):
        assert found.flags == ("single_replication",)
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert math.isnan(found.standard_error)
    assert ratio_interval([4], [5]).value == 0.8


@pytest.mark.parametrize(
    "found",
    [
        mean_interval([0.1] * 7),
        skewed_interval([0.1] * 7),
        ratio_interval([10.0, 30.0, 7.0], [100.0, 300.0, 70.0]),
        ratio_interval([10.0, 30.0, 7.0], [100.0, 300.0, 70.0], method="jackknife"),
        ratio_interval([10.0, 30.0, 7.0], [100.0, 300.0, 70.0], method="fieller"),
    ],
)
def test_values_that_do_not_vary_never_get_plus_or_minus_nothing(found):
    assert found.value == near(0.1)
    assert found.flags == ("zero_variance",)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_bounded_values_that_do_not_vary_get_an_exact_bound():
    found = mean_interval([1.0] * 20, bounds=(0.0, 1.0))
    # If a day is below 100 % with probability q, twenty days at 100 % have probability (1 - q)^20 >= 0.025.
    assert (found.low, found.high) == near((0.025 ** (1 / 20), 1.0))
    nobody = ratio_interval([0, 0, 0], [50, 60, 70], bounds=(0.0, 1.0))
    assert (nobody.value, nobody.low, nobody.high) == near((0.0, 0.0, 1 - 0.025 ** (1 / 3)))
    assert nobody.flags == ("zero_variance",)


def test_ratio_of_sums_by_three_methods():
    delta = ratio_interval(SERVED, OFFERED)
    assert delta.value == near(0.8010471204)
    assert delta.standard_error == near(0.0352023423)
    assert (delta.low, delta.high) == near((0.7033097495, 0.8987844913))
    jackknife = ratio_interval(SERVED, OFFERED, method="jackknife")
    assert jackknife.value == near(0.8040781737)
    assert (jackknife.low, jackknife.high) == near((0.7066316930, 0.9015246544))
    fieller = ratio_interval(SERVED, OFFERED, method="fieller")
    assert fieller.value == delta.value
    assert (fieller.low, fieller.high) == near((0.6722353865, 0.8799764361))


def test_a_share_of_none_or_all_has_no_standard_error():
    for hits in (0, 20):
        found = proportion_interval(hits, n=20)
        assert found.flags == ("zero_variance",)
        assert math.isnan(found.standard_error)
    assert proportion_interval(1, n=20).flags == ()


def test_the_half_width_is_that_of_the_longer_arm():
    interval = mean_interval([1.0, 2.0, 3.0])
    assert interval._replace(low=1.5, high=4.0).half_width == 2.0
    assert interval._replace(low=-1.0, high=2.5).half_width == 3.0


def test_average_day_weighs_days_alike():
    assert average_day(SERVED, OFFERED).value == near(0.7877485140)


def test_average_day_leaves_out_empty_days_and_says_so():
    found = average_day([*SERVED, 0], [*OFFERED, 0])
    assert found.value == near(0.7877485140)
    assert (found.n, found.flags) == (5, ("empty_replications",))


def test_influences_average_to_the_ratio():
    values = ratio_influences(SERVED, OFFERED)
    assert values.mean() == near(sum(SERVED) / sum(OFFERED))
    by_hand = [y - 765 / 955 * n for y, n in zip(SERVED, OFFERED, strict=True)]
    assert values - values.mean() == near(np.array(by_hand) / 191)


def test_an_empty_replication_counts_as_one_in_a_ratio():
    found = ratio_interval([*SERVED, 0], [*OFFERED, 0])
    assert found.value == near(0.8010471204)
    assert found.n == 6


def test_nothing_observed_is_no_value():
    for method in ("delta", "jackknife", "fieller"):
        found = ratio_interval([0, 0], [0, 0], method=method)
        assert math.isnan(found.value)
        assert found.flags == ("nothing_observed",)
    assert average_day([0, 0], [0, 0]).flags == ("nothing_observed",)


def test_fieller_is_unbounded_where_volume_is_hardly_above_nothing():
    found = ratio_interval([1.0, 0.0, 30.0], [1.0, 1.0, 50.0], method="fieller")
    assert found.flags == ("unbounded",)
    assert math.isnan(found.high)


def test_slack_of_a_target_is_a_plain_mean():
    room = slack(SERVED, OFFERED, target=0.8)
    assert list(room) == near([0, -20, 18, -8, 11])
    assert room.std(ddof=1) == near(15.0731549451)
    assert slack_p_value(room) == near(0.4888759619)
    assert list(slack(SERVED, OFFERED, target=0.8, at_most=True)) == near([0, 20, -18, 8, -11])


def test_slack_without_variance_falls_back_to_the_sign_test():
    assert slack_p_value([2.0] * 6) == 0.5**6
    assert slack_p_value([-2.0] * 6) == slack_p_value([0.0] * 6) == 1.0


def test_long_run_service_level_is_weighted_by_volume():
    volumes, levels = np.repeat([800, 1000, 1200], [1, 2, 1]), np.repeat([0.9, 0.8, 0.6], [1, 2, 1])
    assert ratio_interval(volumes * levels, volumes).value == near(0.76)
    assert average_day(volumes * levels, volumes).value == near(0.775)


def test_ratio_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(20)
    covered = 0
    for _ in range(400):
        volume = rng.poisson(rng.gamma(20.0, 10.0, size=15)).astype(float)
        found = ratio_interval(rng.binomial(volume.astype(int), 0.8), volume)
        covered += found.low <= 0.8 <= found.high
    assert abs(covered / 400 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 400)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mean_interval([]), "no values"),
        (lambda: mean_interval([1.0, math.nan]), "1 of 2 values not finite"),
        (lambda: mean_interval([1.0, 2.0], level=95), "level 95"),
        (lambda: ratio_interval([1, 2], [1, 2, 3]), "shapes"),
        (lambda: ratio_interval([1, 2], [1, -2]), "below 0"),
        (lambda: ratio_influences([0, 0], [0, 0]), "observed"),
        (lambda: proportion_interval(5, n=4), "5 of 4"),
        (lambda: count_interval(1, exposure=0.0), "exposure"),
        (lambda: slack_p_value([1.0]), "at least 2"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
