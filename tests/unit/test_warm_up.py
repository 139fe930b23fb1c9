"""Where a run has settled, on a worked series and against loops anyone can read."""

import math

import numpy as np
import pytest

from cxsim.designs.warm_up import batch_means, mser, welch_average

SERIES = [20, 16, 13, 11, 10.4, 10.2, 9.9, 10.1, 10.0, 9.8, 10.3, 9.7, 10.1, 9.9, 10.2, 10.0, 9.8, 10.1, 10.0, 9.9]


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_mser_deletes_the_first_five_one_by_one():
    found = mser(SERIES, batch=1)
    assert (found.deleted, found.flags) == (5, ())
    assert found.criterion == near(0.0017777777777777746)
    assert found.mean == near(10)


def test_mser_in_batches_of_two_and_of_five():
    pairs = mser(SERIES, batch=2)
    assert pairs.deleted == 6
    assert pairs.mean == near(9.985714285714286)
    assert mser(SERIES).deleted == 5


def test_mser_is_the_smallest_of_a_plain_loop():
    series = list(np.random.default_rng(1).normal(10, 1, size=61) + 30 * 0.8 ** np.arange(61))
    batches = [sum(series[3 * i : 3 * i + 3]) / 3 for i in range(20)]
    values = []
    for d in range(11):
        rest = batches[d:]
        mean = sum(rest) / len(rest)
        values.append(sum((y - mean) ** 2 for y in rest) / len(rest) ** 2)
    found = mser(series, batch=3)
    assert list(found.criteria) == near(values)
    assert found.deleted == 3 * values.index(min(values))


def test_a_deletion_is_rounded_up_to_whole_weeks():
    found = mser(SERIES, batch=1, cycle=7)
    assert found.deleted == 7
    assert found.mean == near(np.mean(SERIES[7:]))


def test_a_backlog_that_only_grows_has_not_settled():
    assert mser(np.arange(40.0), batch=1).flags == ("not_stationary",)


def test_a_series_without_variance_needs_no_deletion():
    found = mser([0.1] * 20, batch=1)
    assert (found.deleted, found.flags) == (0, ("zero_variance",))
    assert found.mean == near(0.1)


def test_welch_average_is_shorter_at_the_start():
    expected = [20, 16.3333333333, 14.08, 12.12, 10.9, 10.32]
    assert list(welch_average(SERIES[:8], window=2)) == near(expected)


def test_batch_means_of_sixteen_observations():
    found = batch_means(SERIES[4:], n_batches=4)
    assert list(found.means) == near([10.15, 9.95, 10.05, 9.95])
    assert found.interval.value == near(10.025)
    assert found.interval.half_width == near(0.1523480181)
    assert found.lag_one == near(-0.4772727273)
    assert found.interval.flags == ()


def test_a_remainder_is_left_out_at_the_beginning():
    assert list(batch_means([99.0, *SERIES[4:]], n_batches=4).means) == near([10.15, 9.95, 10.05, 9.95])


def test_batches_that_hang_together_give_no_interval():
    slow = np.repeat(np.sin(np.arange(20) / 5.0), 10) + 0.01 * np.random.default_rng(1).normal(size=200)
    found = batch_means(slow, n_batches=20)
    assert found.lag_one > 2 / math.sqrt(20)
    assert found.interval.flags == ("autocorrelated",)
    assert math.isnan(found.interval.low)


def test_batches_without_variance_say_so():
    found = batch_means([0.1] * 40, n_batches=10)
    assert found.interval.flags == ("zero_variance",)
    assert math.isnan(found.lag_one)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mser(SERIES[:19]), "19 observations; at least 20"),
        (lambda: mser([*SERIES, math.nan]), "not finite"),
        (lambda: mser(SERIES, batch=0), "batch 0"),
        (lambda: mser(SERIES, batch=1, cycle=20), "some must be left"),
        (lambda: welch_average(SERIES, window=6), "1 to 5 of 20"),
        (lambda: batch_means(SERIES, n_batches=1), "1 batches"),
        (lambda: batch_means(SERIES, n_batches=11), "at least 22"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
