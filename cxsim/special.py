"""Gamma and beta integrals and their inverses, compiled, built on the own logarithm: the same bits on every machine.

Both inversions are Newton steps on the logarithm of the smaller tail, in log x (gamma) and in log x / (1 - x) (beta).
There the densities are log-concave, hence so are both tails, and Newton on a concave function arrives from any start.

Source
------
Abramowitz and Stegun (1964), Handbook of mathematical functions: 6.1.40 (Stirling), 6.5.29 and 6.5.31 (incomplete
gamma), 26.4.17 (Wilson and Hilferty), 26.5.8 (incomplete beta); Lentz's way of evaluating continued fractions.
"""

from __future__ import annotations

import math
from typing import Any

from cxsim.compiled import njit
from cxsim.streams import exp, log, normal_quantile

HALF_LOG_TWO_PI = 0.91893853320467274178
HALF_LOG_PI = 0.57236494292470008707
TERMS = 100_000  # far above what shapes up to 1e5 need; a bound, so that every loop ends
STEPS = 100
SMALL = 1e-300
SMALLEST_SHARE = 2.0**-53
LOWEST_WEIBULL_SHAPE, HIGHEST_WEIBULL_SHAPE = 0.05, 1000.0


@njit
def log_gamma(x: Any) -> Any:
    """Logarithm of the gamma function for x above 0, absolute error about 1e-15 of the larger of 1 and the value."""
    product = 1.0
    while x < 10.0:
        product *= x
        x = x + 1.0
    z = 1.0 / (x * x)
    series = 1.0 / 1188.0 + z * (-691.0 / 360360.0 + z * (1.0 / 156.0))
    series = 1.0 / 12.0 + z * (-1.0 / 360.0 + z * (1.0 / 1260.0 + z * (-1.0 / 1680.0 + z * series)))
    return (x - 0.5) * log(x) - x + HALF_LOG_TWO_PI + series / x - log(product)


@njit
def away_from_zero(x: Any) -> Any:
    """The number itself, or a tiny one in its place: the guard of Lentz's method."""
    return x if abs(x) > SMALL else SMALL


@njit
def gamma_tails(shape: Any, y: Any, log_gamma_of_shape: Any) -> Any:
    """Logarithms of lower tail, upper tail and density (per unit of y = log x) of the gamma law with scale 1."""
    x = exp(y)
    density = shape * y - x - log_gamma_of_shape
    if x < shape + 1.0:
        term = 1.0 / shape
        total = term
        for i in range(1, TERMS):
            term *= x / (shape + i)
            total += term
            if term < total * 1e-17:
                break
        lower = min(density + log(total), 0.0)
        return lower, log(1.0 - exp(lower)), density
    b = x + 1.0 - shape
    c = 1.0 / SMALL
    d = 1.0 / b
    fraction = d
    for i in range(1, TERMS):
        a = -i * (i - shape)
        b += 2.0
        d = 1.0 / away_from_zero(a * d + b)
        c = away_from_zero(b + a / c)
        fraction *= c * d
        if abs(c * d - 1.0) < 2e-16:
            break
    upper = min(density + log(fraction), 0.0)
    return log(1.0 - exp(upper)), upper, density


@njit
def gamma_quantile(shape: Any, u: Any, log_gamma_of_shape: Any) -> Any:
    """The gamma variate (scale 1) below which the share u lies, to about 1e-13; shape from 0.001 to 1e5, 0 < u < 1."""
    y = (log(u) + log_gamma_of_shape + log(shape)) / shape
    if y < -37.0:  # x below 1e-16: the lower tail is its leading term to the last bit
        return exp(y)
    ninth = 1.0 / (9.0 * shape)
    root = 1.0 - ninth + normal_quantile(u) * math.sqrt(ninth)
    if root > 0.3:
        y = log(shape * root * root * root)
    target = log(u) if u <= 0.5 else log(1.0 - u)
    for _ in range(STEPS):
        lower, upper, density = gamma_tails(shape, y, log_gamma_of_shape)
        step = (target - lower) * exp(lower - density) if u <= 0.5 else (upper - target) * exp(upper - density)
        y += step
        if abs(step) < 1e-9:  # convergence is quadratic: what is left is below rounding
            break
    return exp(y)


@njit
def beta_fraction(a: Any, b: Any, x: Any) -> Any:
    """The continued fraction of the incomplete beta integral, for x below (a + 1) / (a + b + 2)."""
    c = 1.0
    d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d = 1.0 / away_from_zero(1.0 + even * d)
        c = away_from_zero(1.0 + even / c)
        fraction *= c * d
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d = 1.0 / away_from_zero(1.0 + odd * d)
        c = away_from_zero(1.0 + odd / c)
        fraction *= c * d
        if abs(c * d - 1.0) < 2e-16:
            break
    return fraction


@njit
def beta_tails(a: Any, b: Any, y: Any, log_beta: Any) -> Any:
    """Logarithms of lower tail, upper tail and density (per unit of y = log x / (1 - x)) of the beta law."""
    log_x = -log(1.0 + exp(-y))
    log_rest = -log(1.0 + exp(y))
    density = a * log_x + b * log_rest - log_beta
    x = exp(log_x)
    if x < (a + 1.0) / (a + b + 2.0):
        lower = min(density + log(beta_fraction(a, b, x) / a), 0.0)
        return lower, log(1.0 - exp(lower)), density
    upper = min(density + log(beta_fraction(b, a, exp(log_rest)) / b), 0.0)
    return log(1.0 - exp(upper)), upper, density


@njit
def beta_quantile(a: Any, b: Any, u: Any, log_beta: Any) -> Any:
    """The beta variate below which the share u lies, to about 1e-13; a and b from 1 to 100, 0 < u < 1."""
    y = log(a / b) + normal_quantile(u) * math.sqrt(1.0 / a + 1.0 / b)
    target = log(u) if u <= 0.5 else log(1.0 - u)
    for _ in range(STEPS):
        lower, upper, density = beta_tails(a, b, y, log_beta)
        step = (target - lower) * exp(lower - density) if u <= 0.5 else (upper - target) * exp(upper - density)
        y += step
        if abs(step) < 1e-9:
            break
    return 1.0 / (1.0 + exp(-y))


@njit
def normal_share_below_zero(m: Any) -> Any:
    """Share of a normal law with mean m, 0 or more, and standard deviation 1 that lies below 0."""
    if m == 0.0:
        return 0.5
    _, upper, _ = gamma_tails(0.5, log(0.5 * m * m), HALF_LOG_PI)
    return 0.5 * exp(upper)


@njit
def triangular_quantile(lean: Any, u: Any) -> Any:
    """The triangular variate between 0 and 1 whose mode is `lean`."""
    if u < lean:
        return math.sqrt(u * lean)
    return 1.0 - math.sqrt((1.0 - u) * (1.0 - lean))


@njit
def cut_normal_quantile(m: Any, below: Any, u: Any) -> Any:
    """The variate of the normal law with mean m and deviation 1, cut at 0, of which the share `below` is cut off.

    Reckoned from the nearer tail, where shares are small numbers and keep their digits.
    """
    kept = 1.0 - below
    z = normal_quantile(below + u * kept) if u < 0.5 else -normal_quantile((1.0 - u) * kept)
    return max(m + z, 0.0)


@njit
def hyperexponential_quantile(table: Any, first: Any, n: Any, u: Any) -> Any:
    """The variate at which the sum of share * exp(-x / mean) has fallen to 1 - u.

    The logarithm of that sum is convex, so Newton steps from the left of the root never pass it.
    """
    target = log(1.0 - u)
    mean = 0.0
    x = 0.0
    for i in range(first, first + n):
        mean += table[i] / table[i + n]
        x = max(x, (log(table[i]) - target) * table[i + n])  # no single part may exceed the sum
    x = max(x, -target / mean)
    for _ in range(100):
        left, falling = 0.0, 0.0
        for i in range(first, first + n):
            part = table[i] * exp(-x / table[i + n])
            left += part
            falling += part / table[i + n]
        step = (log(left) - target) * left / falling
        if not step > 1e-14 * x:
            break
        x += step
    return x


@njit
def interpolated_quantile(table: Any, first: Any, n: Any, u: Any) -> Any:
    """The value at share u on straight lines through n shares and the n values behind them in the table."""
    if u <= table[first]:
        return table[first + n]
    low, high = first, first + n - 1
    if u >= table[high]:
        return table[high + n]
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle] <= u:
            low = middle
        else:
            high = middle
    return table[low + n] + (u - table[low]) / (table[high] - table[low]) * (table[high + n] - table[low + n])


@njit
def part_of_mixture(table: Any, first: Any, n: Any, u: Any) -> Any:
    """Which part the share u falls into, and where within it; never on its edges, where a law may be infinite."""
    below = 0.0
    part = 0
    while part < n - 1 and u >= below + table[first + part]:
        below += table[first + part]
        part += 1
    return part, min(max((u - below) / table[first + part], SMALLEST_SHARE), 1.0 - SMALLEST_SHARE)


def weibull_moments(shape: float) -> tuple[float, float]:
    """Mean and coefficient of variation of the Weibull law with scale 1."""
    first = log_gamma(1.0 + 1.0 / shape)
    return exp(first), math.sqrt(max(exp(log_gamma(1.0 + 2.0 / shape) - 2.0 * first) - 1.0, 0.0))


def weibull_shape(cv: float) -> float:
    """The shape that has this coefficient of variation, by bisection on its logarithm."""
    low, high = log(LOWEST_WEIBULL_SHAPE), log(HIGHEST_WEIBULL_SHAPE)
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if weibull_moments(exp(middle))[1] > cv else (low, middle)
    return float(exp(0.5 * (low + high)))
