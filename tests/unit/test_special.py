"""Gamma and beta integrals and their inverses agree with SciPy's."""

import numpy as np
import pytest
from scipy import special as reference
from scipy import stats

from cxsim.special import (
    HALF_LOG_PI,
    beta_quantile,
    beta_tails,
    gamma_quantile,
    gamma_tails,
    log_gamma,
    normal_share_below_zero,
)

SHARES = [2.0**-53, 1e-9, 1e-3, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999, 1 - 1e-9, 1 - 2.0**-53]


def test_log_gamma():
    x = np.logspace(-3, 5, 500)
    np.testing.assert_allclose([log_gamma(v) for v in x], reference.gammaln(x), rtol=1e-13, atol=2e-14)
    assert log_gamma(0.5) == pytest.approx(HALF_LOG_PI, rel=1e-15)


@pytest.mark.parametrize("shape", [0.02, 0.5, 1.0, 3.7, 60.0, 1e4])
def test_both_tails_of_the_gamma_law(shape):
    for x in shape * np.array([1e-3, 0.2, 0.9, 1.0, 1.1, 2.0]):
        lower, upper, density = np.exp(gamma_tails(shape, np.log(x), log_gamma(shape)))
        assert lower == pytest.approx(reference.gammainc(shape, x), rel=1e-10, abs=1e-300)
        assert upper == pytest.approx(reference.gammaincc(shape, x), rel=1e-10, abs=1e-14)
        assert density == pytest.approx(x * stats.gamma.pdf(x, shape), rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("shape", [0.01, 0.1, 0.7, 1.0, 2.5, 30.0, 1e3, 1e5])
def test_gamma_quantile(shape):
    for u in SHARES:
        nearer = reference.gammaincinv(shape, u) if u <= 0.5 else reference.gammainccinv(shape, 1.0 - u)
        assert gamma_quantile(shape, u, log_gamma(shape)) == pytest.approx(nearer, rel=3e-12, abs=1e-300)


@pytest.mark.parametrize("a", [1.0, 1.3, 3.0, 4.4, 5.0])
def test_beta_law(a):
    b = 6.0 - a
    log_beta = log_gamma(a) + log_gamma(b) - log_gamma(6.0)
    for u in SHARES:
        x = beta_quantile(a, b, u, log_beta)
        assert x == pytest.approx(reference.betaincinv(a, b, u), rel=1e-12)
        if 1e-9 < x < 0.999:
            lower, upper, _ = np.exp(beta_tails(a, b, np.log(x / (1.0 - x)), log_beta))
            assert (lower, upper) == pytest.approx((u, 1.0 - u), rel=1e-11)


@pytest.mark.parametrize("m", [0.0, 1e-9, 0.4, 1.0, 3.0, 9.0, 30.0])
def test_share_of_a_normal_law_below_zero(m):
    assert normal_share_below_zero(m) == pytest.approx(reference.ndtr(-m), rel=1e-12)
