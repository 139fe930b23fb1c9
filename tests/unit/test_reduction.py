"""Control variates, strata and antithetic pairs, on worked figures and against another library."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from cxsim.designs.estimate import mean_interval, ratio_influences, ratio_interval
from cxsim.designs.reduction import (
    antithetic_interval,
    control_variates,
    controlled_ratio,
    one_per_stratum_interval,
    stratified_interval,
    stratified_uniforms,
)

SCORES, ARRIVALS = [80, 78, 83, 75, 81, 77], [98, 103, 94, 108, 97, 106]


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_arrivals_control_the_score_of_six_days():
    found = control_variates(SCORES, ARRIVALS, means=[100])
    assert found.coefficients[0] == near(-0.5197368421)
    assert (found.interval.value, found.interval.standard_error) == near((79.5197368421, 0.2018586449))
    assert (found.interval.low, found.interval.high) == near((78.9592873956, 80.0801862886))
    assert found.plain == mean_interval(SCORES)
    assert found.plain.value == 79


def test_two_controls_equal_the_intercept_of_a_regression():
    rng = np.random.default_rng(1)
    controls = rng.normal([1e6, 0.01], [30.0, 0.002], size=(25, 2))
    values = 5.0 + controls @ [0.2, 300.0] + rng.normal(size=25)
    means = [1e6 + 4.0, 0.0105]
    found = control_variates(values, controls, means=means)
    fitted = sm.OLS(values, sm.add_constant(controls - means)).fit()
    assert found.interval.value == pytest.approx(fitted.params[0], rel=1e-7)
    assert found.interval.standard_error == pytest.approx(fitted.bse[0], rel=1e-6)
    assert (found.interval.low, found.interval.high) == pytest.approx(fitted.conf_int()[0], rel=1e-7)
    assert found.r_squared == pytest.approx(fitted.rsquared, rel=1e-6)


def test_a_ratio_is_controlled_by_its_influences():
    served, offered = [160, 92, 210, 128, 175], [200, 140, 240, 170, 205]
    found = controlled_ratio(served, offered, offered, means=[190])
    alike = control_variates(ratio_influences(served, offered), offered, means=[190])
    assert found.interval == alike.interval
    assert found.plain.value == near(ratio_interval(served, offered).value)
    assert found.interval.standard_error < found.plain.standard_error


def test_values_without_variance_or_wholly_explained_have_no_interval():
    still = control_variates([5.0] * 6, ARRIVALS, means=[100])
    assert (still.interval.value, still.interval.flags) == (5.0, ("zero_variance",))
    assert math.isnan(still.interval.low)
    explained = control_variates([2.0 * x + 1.0 for x in ARRIVALS], ARRIVALS, means=[100])
    assert explained.interval.value == near(201)
    assert explained.interval.flags == ("zero_variance",)


def test_three_strata_of_busyness():
    found = stratified_interval([(90, 88, 91), (80, 83, 81), (70, 66, 69)], weights=[0.25, 0.5, 0.25])
    assert (found.value, found.standard_error) == near((80.1666666667, 0.5773502692))
    parts = np.array([0.25**2 * 7 / 3, 0.5**2 * 7 / 3, 0.25**2 * 13 / 3]) / 3
    assert found.df == near(parts.sum() ** 2 / np.sum(parts**2 / 2))


def test_strata_without_variance_say_so():
    found = stratified_interval([(90, 90), (80, 80)], weights=[0.5, 0.5])
    assert (found.value, found.flags) == (85.0, ("zero_variance",))
    assert math.isnan(found.low)


def test_stratified_uniforms_have_one_in_each_stratum():
    found = stratified_uniforms([0.0, 0.5, 0.25, 0.999], order=np.array([2, 0, 3, 1]))
    assert list(found) == near([0.5, 0.125, 0.8125, 0.49975])
    assert sorted(np.floor(found * 4)) == [0, 1, 2, 3]


def test_one_replication_a_stratum_is_narrower_than_a_plain_mean_and_still_covers():
    rng = np.random.default_rng(3)
    covered, narrower = 0, 0
    for _ in range(300):
        u = stratified_uniforms(rng.random(20), order=np.arange(20))
        values = 80.0 - 10.0 * u + rng.normal(0.0, 1.0, size=20)
        found = one_per_stratum_interval(values)
        covered += found.low <= 75.0 <= found.high
        narrower += found.standard_error < mean_interval(values).standard_error
    assert covered / 300 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 300)
    assert narrower == 300
    assert one_per_stratum_interval([1.0, 1.0, 2.0, 2.0]).flags == ("zero_variance",)


def test_antithetic_pairs_are_one_observation_each():
    first, second = [80.0, 70.0, 75.0, 78.0], [71.0, 79.0, 76.0, 72.0]
    found = antithetic_interval(first, second)
    assert found.interval.value == near(np.mean(first + second))
    assert (found.interval.n, found.interval.df) == (4, 3)
    assert found.correlation < 0
    assert found.interval.standard_error < mean_interval(first + second).standard_error
    assert math.isnan(antithetic_interval([1.0, 1.0], [2.0, 3.0]).correlation)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: control_variates(SCORES, ARRIVALS[:5], means=[100]), "replications of controls"),
        (lambda: control_variates(SCORES, ARRIVALS, means=[100, 3]), "2 means"),
        (lambda: control_variates(SCORES[:2], ARRIVALS[:2], means=[100]), "2 values"),
        (lambda: control_variates(SCORES, [7] * 6, means=[7]), "control 0 does not vary"),
        (lambda: control_variates(SCORES, [(x, 2 * x + 1) for x in ARRIVALS], means=[1, 3]), "rank 1"),
        (lambda: control_variates([*SCORES[:5], math.nan], ARRIVALS, means=[100]), "not finite"),
        (lambda: stratified_interval([(1, 2)], weights=[0.5]), "sum 0.5"),
        (lambda: stratified_interval([(1,), (2, 3)], weights=[0.5, 0.5]), "1 replications"),
        (lambda: stratified_uniforms([0.1, 0.2], order=np.array([0, 0])), "each stratum once"),
        (lambda: stratified_uniforms([0.1, 1.0], order=np.array([0, 1])), "below 1"),
        (lambda: one_per_stratum_interval([1.0] * 5), "even"),
        (lambda: antithetic_interval([1.0], [1.0, 2.0]), "pairs"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_one_of_each_stratum_has_a_degree_of_freedom_a_pair():
    found = one_per_stratum_interval([1.0, 2.0, 4.0, 3.0, 8.0, 6.0])
    se = math.sqrt(1.0 + 1.0 + 4.0) / 6.0
    half = stats.t.ppf(0.975, 3) * se
    assert (found.low, found.high, found.df) == pytest.approx((4.0 - half, 4.0 + half, 3))
