"""Each scenario against the best of the others."""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from cxsim.designs.best import compare_with_best

VALUES = np.array([(70, 72, 69, 73, 71), (74, 75, 73, 77, 74), (73, 76, 74, 76, 75)]).T


# The point T printed for these examples comes from a coarser quadrature: it is 3e-6 off, as the test below shows.
def near(expected):
    return pytest.approx(expected, rel=1e-5)


def test_independent_runs_of_three_scenarios():
    found = compare_with_best(VALUES, common_random_numbers=False)
    assert (found.critical, found.allowance, found.df) == (near(2.1080511887), near(1.9624888549), 12)
    assert list(zip(found.low, found.high, strict=True)) == [
        near((-5.7624888549, 0.0)),
        near((-2.1624888549, 1.7624888549)),
        near((-1.7624888549, 2.1624888549)),
    ]
    assert found.standing == ("not the best", "may be the best", "may be the best")


def test_common_random_numbers_narrow_the_intervals():
    found = compare_with_best(VALUES)
    assert (found.critical, found.allowance, found.df) == (near(2.2173389984), near(0.8491761856), 8)
    assert (found.low[2], found.high[2]) == near((-0.6491761856, 1.0491761856))


def test_the_point_t_holds_the_level_to_ten_digits():
    t = compare_with_best(VALUES, common_random_numbers=False).critical

    def given_spread(s):
        below = integrate.quad(
            lambda z: stats.norm.pdf(z) * special.ndtr(math.sqrt(2) * t * s + z) ** 2, -10, 10, epsabs=1e-12
        )[0]
        return below * stats.chi.pdf(s * math.sqrt(12), 12) * math.sqrt(12)

    assert integrate.quad(given_spread, 0, 5, epsabs=1e-11)[0] == pytest.approx(0.95, abs=1e-10)


def test_a_clear_winner_is_the_best_and_the_others_are_not():
    found = compare_with_best(VALUES + np.array([0.0, 0.0, 9.0]))
    assert found.standing == ("not the best", "not the best", "the best")
    assert (found.high[0], found.low[2]) == (0.0, 0.0)


def test_smaller_is_better_mirrors_everything():
    large, small = compare_with_best(VALUES), compare_with_best(-VALUES, larger_is_better=False)
    assert list(small.low) == list(large.low)
    assert small.standing == large.standing
    assert list(small.means) == list(-large.means)


def test_equal_means_may_both_be_the_best():
    found = compare_with_best([[1, 3, 0], [3, 1, 0], [2, 2, 1]])
    assert found.means[0] == found.means[1]
    assert found.standing[:2] == ("may be the best", "may be the best")


def test_differences_without_variance_are_exact_and_have_no_interval():
    days = np.array([70.1, 75.3, 71.7])
    found = compare_with_best(np.column_stack([days, days + 0.1, days + 0.1]))
    assert found.flags == ("zero_variance",)
    assert found.standing == ("may be the best", "may be the best", "may be the best")  # three days prove nothing
    assert np.isnan(found.low).all()
    days = np.linspace(70.0, 76.0, 7)
    found = compare_with_best(np.column_stack([days, days + 0.1, days + 0.1]))
    assert found.standing == ("not the best", "may be the best", "may be the best")


@pytest.mark.parametrize(("n_scenarios", "level", "enough"), [(2, 0.95, 6), (3, 0.95, 7), (5, 0.95, 8), (3, 0.8, 5)])
def test_replications_that_all_agree_prove_it_from_where_their_sign_tests_together_do(n_scenarios, level, enough):
    # Two-sided, one for each other scenario: 2 x 0.5^n x others is at most 1 - level.
    better = np.arange(n_scenarios, dtype=float)
    for n in range(2, 12):
        found = compare_with_best(np.linspace(70.0, 76.0, n)[:, np.newaxis] + better, level=level)
        assert found.standing[-1] == ("the best" if n >= enough else "may be the best")


@pytest.mark.parametrize("common", [True, False])
def test_all_intervals_hold_together_as_often_as_they_say(common):
    rng = np.random.default_rng(11)
    true = np.array([0.0, 0.3, 0.5, 0.5])
    gaps = np.array([-0.5, -0.2, 0.0, 0.0])
    held = 0
    for _ in range(300):
        day = rng.normal(size=(15, 1)) if common else 0.0
        found = compare_with_best(true + day + rng.normal(size=(15, 4)), common_random_numbers=common)
        held += bool(np.all((found.low <= gaps) & (gaps <= found.high)))
    assert held / 300 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 300)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[1.0], [2.0]], "2 replications by 1 scenarios"),
        ([[1.0, 2.0]], "1 replications by 2 scenarios"),
        ([[1.0, 2.0], [3.0]], "different length"),
        ([[1.0, math.nan], [2.0, 3.0]], "not finite"),
        ([1.0, 2.0], "shape"),
    ],
)
def test_impossible_tables_are_refused_with_the_reason(values, words):
    with pytest.raises(ValueError, match=words):
        compare_with_best(values)
