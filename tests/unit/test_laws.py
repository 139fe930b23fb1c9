"""Each law is the law of the textbook, and what cannot be a law is refused in a sentence that names the culprit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxsim.laws import make_law, pack_laws, quantile, quantile_of, scaled

# Places of the lattice on which every draw lies: 1 - u is exact there, so lower tails are too.
PLACES = np.concatenate([[1e-9, 1e-6, 1e-3], np.linspace(0.005, 0.995, 199), [1 - 1e-3, 1 - 1e-6, 1 - 1e-9]])
U = (np.floor(PLACES * 2.0**52) + 0.5) * 2.0**-52
SIGMA = math.sqrt(math.log(2.0))  # of a lognormal law with cv 1
SHAPE = 1.0 / 0.7**2


def log_spaced(low, high):
    return st.floats(math.log(low), math.log(high)).map(math.exp)


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("exponential", {"mean": 180.0}, stats.expon(scale=180.0)),
        ("lognormal", {"mean": 480.0, "cv": 1.0}, stats.lognorm(SIGMA, scale=480.0 / math.sqrt(2.0))),
        ("lognormal", {"mu": 4.0, "sigma": 0.5}, stats.lognorm(0.5, scale=math.exp(4.0))),
        ("gamma", {"mean": 60.0, "cv": 0.7}, stats.gamma(SHAPE, scale=60.0 / SHAPE)),
        ("gamma", {"shape": 0.3, "scale": 50.0}, stats.gamma(0.3, scale=50.0)),
        ("erlang", {"phases": 5, "mean": 100.0}, stats.gamma(5.0, scale=20.0)),
        ("weibull", {"shape": 1.4, "scale": 30.0}, stats.weibull_min(1.4, scale=30.0)),
        ("weibull", {"shape": 0.7, "mean": 30.0}, stats.weibull_min(0.7, scale=30.0 / math.gamma(1 + 1 / 0.7))),
        ("uniform", {"low": 3.0, "high": 8.0}, stats.uniform(3.0, 5.0)),
        ("triangular", {"low": 3.0, "mode": 4.0, "high": 8.0}, stats.triang(0.2, 3.0, 5.0)),
        ("pert", {"low": 3.0, "mode": 4.0, "high": 8.0}, stats.beta(1.8, 4.2, 3.0, 5.0)),
        ("normal", {"mean": 60.0, "sd": 10.0}, stats.truncnorm(-6.0, np.inf, 60.0, 10.0)),
        ("normal", {"mean": 60.0, "cv": 2.0}, stats.truncnorm(-0.5, np.inf, 60.0, 120.0)),
    ],
)
def test_variates_are_those_of_the_textbook_law(name, parameters, expected):
    law = make_law(name, parameters)
    np.testing.assert_allclose(quantile_of(law, U), expected.ppf(U), rtol=1e-9, atol=1e-12)
    assert law.mean == pytest.approx(expected.mean(), rel=1e-9)
    assert law.cv == pytest.approx(expected.std() / expected.mean(), rel=1e-9)


def test_hyperexponential_leaves_the_share_one_minus_u():
    shares, means = np.array([0.2, 0.3, 0.5]), np.array([1.0, 40.0, 300.0])
    law = make_law("hyperexponential", {"shares": list(shares), "means": list(means)})
    for u in U:
        left = np.sum(shares * np.exp(-quantile_of(law, u) / means))
        assert left == pytest.approx(1.0 - u, rel=1e-11)


def test_hyperexponential_by_moments_has_two_parts_of_equal_weight():
    law = make_law("hyperexponential", {"mean": 10.0, "cv": 3.0})
    first, second = law.table[0] * law.table[2], law.table[1] * law.table[3]
    assert (first, second) == pytest.approx((5.0, 5.0))
    assert (law.mean, law.cv) == pytest.approx((10.0, 3.0), rel=1e-12)


def test_empirical_values_are_equally_likely():
    law = make_law("empirical", {"values": [30, 10, 20, 20]})
    assert quantile_of(law, [0.1, 0.24, 0.26, 0.74, 0.76, 0.99]).tolist() == [10, 10, 20, 20, 30, 30]
    assert law.mean == 20.0
    assert law.cv == pytest.approx(math.sqrt(50.0) / 20.0)


def test_between_stated_quantiles_run_straight_lines():
    law = make_law("empirical", {"quantiles": {0.1: 20.0, 0.5: 60.0, 0.9: 100.0}})
    assert quantile_of(law, [0.05, 0.1, 0.3, 0.5, 0.6, 0.9, 0.97]) == pytest.approx([20, 20, 40, 60, 70, 100, 100])
    assert law.mean == pytest.approx(0.1 * 20 + 0.4 * 40 + 0.4 * 80 + 0.1 * 100)


def test_one_stated_quantile_is_a_constant():
    assert quantile_of(make_law("empirical", {"quantiles": {0.5: 7.0}}), [0.2, 0.5, 0.8]).tolist() == [7, 7, 7]


def test_mixture_picks_the_part_and_stretches_the_rest():
    parts = [{"share": 0.3, "law": "uniform", "low": 0, "high": 10}, {"share": 0.7, "law": "exponential", "mean": 50}]
    law = make_law("mixture", {"parts": parts})
    expected = [10.0 * u / 0.3 if u < 0.3 else -50.0 * math.log(1.0 - (u - 0.3) / 0.7) for u in U]
    np.testing.assert_allclose(quantile_of(law, U), expected, rtol=1e-12, atol=1e-12)
    assert law.mean == pytest.approx(0.3 * 5.0 + 0.7 * 50.0)
    assert law.mean**2 * (1 + law.cv**2) == pytest.approx(0.3 * 100.0 / 3.0 + 0.7 * 5000.0)


def test_scaled_mixture_scales_its_parts():
    parts = [{"share": 0.5, "law": "constant", "value": 4}, {"share": 0.5, "law": "empirical", "values": [6, 8]}]
    law = scaled(make_law("mixture", {"parts": parts}), 10.0)
    assert quantile_of(law, [0.2, 0.6, 0.9]).tolist() == [40, 60, 80]


def test_scaled_by_nothing_is_nothing():
    law = scaled(make_law("exponential", {"mean": 5.0}), 0.0)
    assert (quantile_of(law, 0.7), law.mean, law.cv) == (0.0, 0.0, 0.0)


def test_a_single_share_gives_a_float_and_an_array_its_own_shape():
    law = make_law("exponential", {"mean": 1.0})
    assert isinstance(quantile_of(law, 0.5), float)
    assert quantile_of(law, np.full((2, 3), 0.5)).shape == (2, 3)


def test_no_laws_pack_to_nothing():
    assert len(pack_laws([]).numbers) == 0


@pytest.mark.parametrize("u", [0.0, 1.0, math.nan, [0.5, -0.1]])
def test_share_on_the_edge_is_refused(u):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        quantile_of(make_law("exponential", {"mean": 1.0}), u)


@pytest.mark.parametrize("name", ["uniform", "triangular", "pert"])
def test_a_span_too_short_for_a_mean_is_none(name):
    given = {"low": 0.0, "mode": 0.0, "high": 5e-324}
    assert make_law(name, {key: given[key] for key in given if name != "uniform" or key != "mode"}).cv == 0.0


@settings(deadline=None)  # the first call compiles
@given(st.sampled_from(["lognormal", "gamma", "weibull"]), log_spaced(0.1, 1e6), log_spaced(0.02, 8.0))
def test_mean_and_cv_survive_any_law_that_takes_them(name, mean, cv):
    law = make_law(name, {"mean": mean, "cv": cv})
    assert (law.mean, law.cv) == pytest.approx((mean, cv), rel=1e-9)
    packed = pack_laws([law])
    x = [quantile(packed, 0, u) for u in (2.0**-53, 0.1, 0.5, 0.9, 1 - 2.0**-53)]
    assert all(math.isfinite(v) and v >= 0.0 for v in x)
    assert x == sorted(x)


@settings(deadline=None)  # the first call compiles
@given(log_spaced(0.01, 1e4), log_spaced(0.1, 100.0))
def test_gamma_quantile_of_any_shape(shape, scale):
    x = quantile_of(make_law("gamma", {"shape": shape, "scale": scale}), [0.02, 0.5, 0.98])
    np.testing.assert_allclose(x, stats.gamma.ppf([0.02, 0.5, 0.98], shape, scale=scale), rtol=1e-9)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.floats(0.0, 1e6), min_size=3, max_size=3).map(sorted), st.sampled_from(["triangular", "pert"]))
def test_laws_between_bounds_stay_between_them(three, name):
    low, mode, high = three
    law = make_law(name, {"low": low, "mode": mode, "high": high})
    x = quantile_of(law, [2.0**-53, 0.1, 0.5, 0.9, 1 - 2.0**-53])
    assert np.all((x >= low * (1 - 1e-12)) & (x <= high * (1 + 1e-12)))
    assert np.all(np.diff(x) >= -1e-12 * high)


@settings(deadline=None)  # the first call compiles
@given(st.floats(0.1, 1e3), st.floats(0.01, 20.0), st.floats(1e-9, 1 - 1e-9))
def test_cut_normal_is_never_negative(mean, cv, u):
    assert quantile_of(make_law("normal", {"mean": mean, "cv": cv}), u) >= 0.0


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("gama", {"mean": 1.0}, r"^law: 'gama'; constant, .* are allowed; did you mean 'gamma'\?$"),
        ("gamma", {"men": 1.0, "cv": 1.0}, r"^men: unknown; gamma takes mean and cv, or .*; did you mean 'mean'\?$"),
        ("gamma", {"mean": 1.0}, r"^law: gamma with mean; gamma takes mean and cv, or median and cv, or shape and"),
        ("exponential", {}, r"^law: exponential with no parameters; exponential takes mean, or median$"),
        ("gamma", {"mean": 1.0, "median": 1.0, "cv": 1.0}, r"^law: gamma with mean and median and cv; "),
        ("exponential", {"mean": -20.0}, r"^mean: -20.0; above 0 "),
        ("exponential", {"mean": math.nan}, r"^mean: nan; "),
        ("exponential", {"mean": True}, r"^mean: True; "),
        ("constant", {"value": "20 s"}, r"^value: '20 s'; 0 or more "),
        ("constant", {"value": -1.0}, r"^value: -1.0; 0 or more "),
        ("lognormal", {"mean": 5.0, "cv": 0.0}, r"^cv: 0.0; above 0, .*law: constant"),
        ("lognormal", {"mu": 900.0, "sigma": 1.0}, r"^mu: 900.0; "),
        ("gamma", {"mean": 5.0, "cv": 0.001}, r"^cv: 0.001; a shape from 0.01 "),
        ("weibull", {"shape": 0.01, "scale": 1.0}, r"^shape: 0.01; 0.05 to 1000 "),
        ("erlang", {"phases": 2.5, "mean": 1.0}, r"^phases: 2.5; a whole number"),
        ("uniform", {"low": 3.0, "high": 2.0}, r"^low: 3.0 is above high: 2.0; low <= high$"),
        ("pert", {"low": 1.0, "mode": 5.0, "high": 3.0}, r"^mode: 5.0 is above high: 3.0; low <= mode <= high$"),
        ("hyperexponential", {"mean": 1.0, "cv": 1.0}, r"^cv: 1.0; above 1 is allowed; use law: exponential"),
        ("hyperexponential", {"shares": [0.5, 0.6], "means": [1.0, 2.0]}, r"^shares: .* add up to 1.1; "),
        ("hyperexponential", {"shares": [1.0], "means": [1.0, 2.0]}, r"^shares: 1 shares and 2 means; "),
        ("empirical", {"values": []}, r"^values: \[\]; a list of at least one"),
        ("empirical", {"values": [1.0, -2.0]}, r"^values: -2.0; 0 or more"),
        ("empirical", {"quantiles": {}}, r"^quantiles: "),
        ("empirical", {"quantiles": 3.0}, r"^quantiles: 3.0; pairs of a share and a value"),
        ("empirical", {"quantiles": {0.5: 3.0, 0.6: 2.0}}, r"^quantiles: .*values that do not fall"),
        ("empirical", {"quantiles": {0.5: 3.0, 1.6: 4.0}}, r"^quantiles: .*shares from 0 to 1"),
        ("mixture", {"parts": []}, r"^parts: \[\]; a list of parts"),
        ("mixture", {"parts": [{"law": "constant", "value": 1.0}]}, r"^parts: .*each with share, law"),
        ("mixture", {"parts": [{"share": 1.0, "law": "gamma", "mean": -1.0, "cv": 1.0}]}, r"^parts\.0\.mean: -1.0; "),
        ("mixture", {"parts": [{"share": 0.5, "law": "constant", "value": 1.0}]}, r"^parts: .* add up to 0.5; "),
    ],
)
def test_what_cannot_be_a_law_is_refused(name, parameters, message):
    with pytest.raises(ValueError, match=message):
        make_law(name, parameters)
