"""Many comparisons at once, on worked figures and against other libraries."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from cxsim.designs.multiplicity import against_control, all_pairs, benjamini_hochberg
from cxsim.designs.multivariate_t import HALF, largest_t_quantile

GROUPS = [(70, 72, 69, 73, 71), (74, 75, 73, 77, 74), (73, 76, 74, 76, 75)]


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_false_discovery_rate_equals_the_library():
    rng = np.random.default_rng(8)
    for size in (1, 2, 7, 40):
        p = np.round(rng.random(size) ** 3, 2)  # with ties and zeros
        assert benjamini_hochberg(p) == near(multipletests(p, method="fdr_bh")[1])


def test_tukey_on_three_scenarios():
    pairs = all_pairs(GROUPS)
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 1), (0, 2), (1, 2)]
    assert (pairs[0].low, pairs[0].high) == near((-6.0836459003, -1.1163540997))
    assert pairs[0].value == near(-3.6)


def test_dunnett_lower_bounds_on_two_scenarios():
    found = against_control(GROUPS[1:], control=GROUPS[0], alternative="greater")
    assert [one.low for one in found] == pytest.approx([1.6366, 1.8366], abs=5e-3)
    assert [one.high for one in found] == [math.inf, math.inf]


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_dunnett_equals_the_library_for_groups_of_any_size(alternative):
    groups = [(74, 75, 73, 77, 74), (73, 76, 74, 76, 75, 70, 72, 75), (71, 72)]
    found = against_control(groups, control=(70, 72, 69, 73), alternative=alternative)
    library = stats.dunnett(*groups, control=(70, 72, 69, 73), alternative=alternative, random_state=4)
    ends = library.confidence_interval()
    assert [one.p_value for one in found] == pytest.approx(library.pvalue, abs=1e-3)
    assert [one.low for one in found] == pytest.approx(ends.low, abs=0.03)
    assert [one.high for one in found] == pytest.approx(ends.high, abs=0.03)


def test_one_scenario_against_the_baseline_is_the_t_test():
    (found,) = against_control(GROUPS[1:2], control=GROUPS[0])
    plain = stats.ttest_ind(GROUPS[1], GROUPS[0])
    assert (found.low, found.high) == near(tuple(plain.confidence_interval()))
    assert found.p_value == near(plain.pvalue)


@pytest.mark.parametrize("df", [1, 2, 12, 800])
def test_the_largest_of_one_is_student(df):
    assert largest_t_quantile(0.95, loadings=[HALF], df=df) == near(stats.t.ppf(0.95, df))
    assert largest_t_quantile(0.95, loadings=[HALF], df=df, two_sided=True) == near(stats.t.ppf(0.975, df))


def test_the_largest_of_five_equals_the_library():
    t = largest_t_quantile(0.9, loadings=[0.9, 0.5, 0.5, 0.3, 0.7], df=6)
    shape = np.outer([0.9, 0.5, 0.5, 0.3, 0.7], [0.9, 0.5, 0.5, 0.3, 0.7])
    np.fill_diagonal(shape, 1.0)
    found = stats.multivariate_t.cdf([t] * 5, df=6, shape=shape, random_state=1)
    assert found == pytest.approx(0.9, abs=5e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: benjamini_hochberg([0.2, 1.2]), "between 0 and 1"),
        (lambda: benjamini_hochberg([0.2, math.nan]), "not finite"),
        (lambda: all_pairs([GROUPS[0]]), "1 group"),
        (lambda: all_pairs([GROUPS[0], [70]]), "1 replications"),
        (lambda: all_pairs([[1, 1], [2, 2]]), "no group varies"),
        (lambda: against_control(GROUPS[1:], control=[70, math.nan]), "not finite"),
        (lambda: against_control(GROUPS[1:], control=GROUPS[0], alternative="more"), "alternative 'more'"),
        (lambda: largest_t_quantile(0.95, loadings=[], df=3), "0 variables"),
        (lambda: largest_t_quantile(0.95, loadings=[1.0], df=3), "loading 1"),
        (lambda: largest_t_quantile(0.95, loadings=[0.5], df=0), "df 0"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
