"""Two layers of uncertainty: what the parameters are, and what chance makes of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cxsim.designs.arrays import Rows, between, table
from cxsim.designs.estimate import SAME, Array


class InputUncertainty(NamedTuple):
    """Simulation and input uncertainty apart.

    Attributes
    ----------
    value : float
        Mean over parameter sets.
    simulation_error : float
        Standard error of it that more replications would take away.
    input_deviation : float
        Standard deviation over parameter sets that only better data would take away.
    low, high : float
        Band that holds `level` of the shrunken set means; NaN where sets do not differ beyond chance.
    means, shrunken : array [n_sets]
        Set means, and the same drawn together by as much as chance has spread them.
    within, between : float
        Mean squares.
    flags : tuple of str
        `input_not_seen`: sets differ by no more than chance would make them. `zero_variance`: nothing varied within.
    """

    value: float
    simulation_error: float
    input_deviation: float
    low: float
    high: float
    means: Array
    shrunken: Array
    within: float
    between: float
    level: float
    flags: tuple[str, ...] = ()


def input_uncertainty(values: Rows, *, level: float = 0.90, common_random_numbers: bool = False) -> InputUncertainty:
    """Split the spread of a two-layer experiment by a one-way layout with random effects.

    Parameters
    ----------
    values : array [n_sets, n_replications]
        30 to 100 parameter sets (bootstrap of the data, or draws from a fitted covariance), 4 to 10 replications each.
    level : float
        Of the band.
    common_random_numbers : bool
        Whether replication r is the same days in every set. What all sets share then cannot blur the differences
        between them, and is taken out of the mean square within before it is compared.

    Raises
    ------
    ValueError
        Fewer than two sets or replications, rows of different length, values that are not finite.

    Source
    ------
    Searle, Casella and McCulloch (1992), Variance components; Barton, Nelson and Xie (2014), Quantifying input
    uncertainty via simulation confidence intervals.
    """
    between("input_uncertainty", level=level)
    x = table("input_uncertainty", values, at_least=(2, 2), what=("sets", "replications"))
    n_sets, size = x.shape
    means, value = x.mean(axis=1), float(x.mean())
    rest = x - means[:, np.newaxis]
    df = n_sets * (size - 1)
    error = math.sqrt(float(np.sum(rest**2)) / df / x.size)
    if common_random_numbers:
        shared = rest.mean(axis=0)
        error = float(np.std(x.mean(axis=0), ddof=1)) / math.sqrt(size)
        rest, df = rest - shared, (n_sets - 1) * (size - 1)
    within = float(np.sum(rest**2)) / df
    if float(np.max(np.abs(rest))) <= SAME * float(np.max(np.abs(x))):
        within = 0.0
    squares = size * float(np.var(means, ddof=1))
    input_variance = max(0.0, (squares - within) / size)
    shrink = math.sqrt(input_variance / (input_variance + within / size)) if input_variance > 0 else 0.0
    shrunken = value + shrink * (means - value)
    tail = (1.0 - level) / 2.0
    low, high = (float(end) for end in np.quantile(shrunken, [tail, 1.0 - tail]))
    flags = () if within > 0 else ("zero_variance",)
    if not input_variance > 0:
        low = high = math.nan
        flags = (*flags, "input_not_seen")
    return InputUncertainty(
        value, error, math.sqrt(input_variance), low, high, means, shrunken, within, squares, level, flags
    )


class NoiseShare(NamedTuple):
    """How much of the spread between points of an experiment is noise of the simulation.

    `signal` is the variance of the true values V (0 where the estimate is below), `noise` that of the mean of R
    replications, `share` noise / (V + noise). First-order sensitivity indices of such means are too small by the
    factor 1 - share.
    """

    signal: float
    noise: float
    share: float


def noise_share(values: Rows, *, common_random_numbers: bool = False) -> NoiseShare:
    """Share of noise in the variance of the means of points, to be printed with every sensitivity index.

    Parameters
    ----------
    values : array [n_points, n_replications]
    common_random_numbers : bool
        As of `input_uncertainty`: what all points share is no noise between them.

    Raises
    ------
    ValueError
        Fewer than two points or replications, or values that are not finite.
    """
    found = input_uncertainty(values, common_random_numbers=common_random_numbers)
    size = np.asarray(values).shape[1]
    noise, total = found.within / size, found.between / size
    if not total > 0:
        # All means alike: whatever varies is noise.
        return NoiseShare(0.0, noise, 1.0 if noise > 0 else 0.0)
    return NoiseShare(found.input_deviation**2, noise, min(1.0, noise / total))
