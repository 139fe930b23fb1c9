"""Quantiles over customers with days as clusters."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from cxsim.designs.compare import quantile_difference
from cxsim.designs.estimate import ratio_interval
from cxsim.designs.quantiles import inverse_cdf, quantile_influences, quantile_interval

DAYS = [(0, 0, 4, 9, 20), (0, 3, 15, 60), (0, 0, 0, 8, 12, 33), (2, 5, 7, 41), (0, 0, 11, 18, 25)]


def test_woodruff_interval_of_five_days():
    everybody = np.sort(np.concatenate(DAYS))
    assert inverse_cdf(everybody, p=0.75) == 15
    share = ratio_interval([sum(x <= 15 for x in day) for day in DAYS], [len(day) for day in DAYS])
    assert share.standard_error == pytest.approx(0.0435760430, rel=1e-8)
    reach = stats.t.ppf(0.95, 4) * share.standard_error
    assert (0.75 - reach, 0.75 + reach) == pytest.approx((0.6571025527, 0.8428974473), rel=1e-9)
    found = quantile_interval(DAYS, p=0.75, level=0.9)
    assert (found.low, found.high) == (11, 25)
    # Between the 18th and 19th of 24 customers, 15 and 18, at position 1 + 0.75 * 23.
    assert found.value == pytest.approx(15 + 0.25 * 3)


@pytest.mark.parametrize(("p", "level"), [(0.5, 0.95), (0.8, 0.9), (0.9, 0.5)])
def test_ends_are_the_customers_at_the_shares_that_student_leaves_open(p, level):
    rng = np.random.default_rng(6)
    days = [rng.gamma(5.0, 0.2) * rng.exponential(60.0, size=3000) for _ in range(6)]
    everybody = np.sort(np.concatenate(days))
    counts = [int(np.sum(day <= inverse_cdf(everybody, p=p))) for day in days]
    t = stats.t.ppf((1.0 + level) / 2.0, 5)
    reach = t * ratio_interval(counts, [3000] * 6).standard_error
    found = quantile_interval(days, p=p, level=level)
    low, high = (everybody[math.ceil(18000 * share) - 1] for share in (p - reach, p + reach))
    assert (found.low, found.high, found.df) == (low, high, 5)
    assert found.standard_error == pytest.approx((high - low) / 2.0 / t)


def test_an_interval_holds_its_value_also_where_it_is_narrower_than_a_customer():
    rng = np.random.default_rng(7)
    held = 0
    for p, level in itertools.product(np.repeat([0.1, 0.9], 30), (0.1, 0.3, 0.5)):
        found = quantile_interval(list(rng.normal(size=(4, 3))), p=float(p), level=level)
        held += not found.flags
        assert found.flags or found.low <= found.value <= found.high
    assert held > 20


def test_inverse_cdf_is_the_first_customer_who_reaches_the_share():
    values = [7.0, 1.0, 3.0, 3.0, 9.0]
    for p in (0.01, 0.2, 0.21, 0.5, 0.61, 0.99, 1.0):
        ordered = sorted(values)
        expected = next(x for i, x in enumerate(ordered, start=1) if i / 5 >= p)
        assert inverse_cdf(np.array(values), p=p) == expected


def test_an_end_beyond_all_customers_is_open():
    found = quantile_interval([[1, 2, 3], [2, 9, 30], [0, 0, 1]], p=0.95)
    assert math.isnan(found.high)
    assert "open_above" in found.flags
    assert "open_below" in quantile_interval([[1, 2, 3], [2, 9, 30], [0, 0, 1]], p=0.05).flags


def test_one_replication_has_no_interval():
    found = quantile_interval([[1, 2, 3]], p=0.5)
    assert found.value == 2
    assert found.flags == ("single_replication",)
    assert math.isnan(found.low)


def test_a_median_among_zero_waits_does_not_vary():
    found = quantile_interval([[0, 0, 0, 5], [0, 0, 0, 0], [0, 0, 0, 7], [0, 0, 2, 0]], p=0.5)
    assert found.value == 0
    assert found.flags == ("zero_variance",)
    assert math.isnan(found.low)


def test_nobody_gives_no_value_and_an_empty_day_is_a_day():
    assert quantile_interval([[], []], p=0.5).flags == ("nothing_observed",)
    assert quantile_interval([*DAYS, ()], p=0.5).n == 6


def test_a_cluster_of_equal_customers_is_one_observation():
    # 30 days of 50 customers who all wait alike hold no more than 30 waits do.
    waits = np.random.default_rng(3).exponential(60.0, size=30)
    alone = quantile_interval([[wait] for wait in waits], p=0.5)
    crowd = quantile_interval([[wait] * 50 for wait in waits], p=0.5)
    assert (crowd.low, crowd.high) == (alone.low, alone.high)


def test_influences_average_to_the_quantile():
    assert quantile_influences(DAYS, p=0.5, level=0.8).mean() == pytest.approx(quantile_interval(DAYS, p=0.5).value)


def test_a_day_of_longer_waits_lies_above_the_quantile():
    days = [*np.random.default_rng(8).exponential(60.0, size=(9, 50)), np.full(50, 200.0)]
    influences = quantile_influences(days, p=0.5)
    assert influences[-1] > quantile_interval(days, p=0.5).value
    assert np.argmax(influences) == 9


def test_difference_of_a_plain_shift_is_the_shift_without_doubt():
    # Everybody waits 10 s longer in the same days: pairing leaves nothing to chance.
    days = list(np.random.default_rng(4).exponential(60.0, size=(20, 100)))
    found = quantile_difference([day + 10.0 for day in days], base_samples=days, p=0.9)
    assert found.interval.value == pytest.approx(10.0)
    assert found.interval.flags == ("zero_variance",)


def test_difference_of_quantiles_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    truth, covered, narrower = (70.0 - 60.0) * math.log(2.0), 0, 0
    for _ in range(300):
        # Common random numbers: the same uniforms, a slower second scenario; a day has its own pace.
        pace = rng.gamma(50.0, 1 / 50.0, size=(20, 1))
        uniform = rng.random((20, 80))
        calm = -60.0 * pace * np.log(uniform)
        noise = -np.log(rng.random((20, 80)))
        slow = 70.0 * pace * np.where(rng.random((20, 80)) < 0.7, -np.log(uniform), noise)
        found = quantile_difference(list(slow), base_samples=list(calm), p=0.5)
        covered += found.interval.low <= truth <= found.interval.high
        narrower += found.variance_ratio > 1.0
    assert abs(covered / 300 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 300)
    assert narrower > 290


def test_a_difference_with_one_open_quantile_has_no_interval():
    found = quantile_difference(DAYS, base_samples=DAYS, p=0.99)
    assert found.interval.value == 0
    assert "open_above" in found.interval.flags
    assert math.isnan(found.interval.low)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quantile_interval(DAYS, p=75), "p 75"),
        (lambda: quantile_interval([], p=0.5), "no replications"),
        (lambda: quantile_interval([[1.0, math.nan]], p=0.5), "not finite"),
        (lambda: quantile_influences(DAYS, p=0.99), "run more replications"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
