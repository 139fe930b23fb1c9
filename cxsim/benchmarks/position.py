"""Where a value stands among the peers: percentile and quartile, from as much as the published figures allow."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import betainc

from cxsim.benchmarks.profile import QUANTILES, Cell, ProfileMetric, cumulative


class Position(NamedTuple):
    """Share of peers with a lower value.

    `percentile` is None where the figures do not allow one; then the share lies between `at_least` and `at_most`.
    `basis` says what it was read from; `filled` is true where a shape was assumed between or around published figures.
    """

    percentile: float | None
    at_least: float
    at_most: float
    basis: str
    filled: bool

    @property
    def value_quartile(self) -> int | None:
        """1 the lowest values to 4 the highest; None if the bounds reach over more than one quartile."""
        if self.percentile is not None:
            return min(int(4 * self.percentile), 3) + 1
        first = min(int(4 * self.at_least), 3)
        return first + 1 if self.at_most <= (first + 1) / 4 else None


def percentile(metric: ProfileMetric, *, value: float, low_confidence: bool = False) -> Position:
    """Share of peers with a lower value, by monotone interpolation between published figures.

    With quantiles or cumulative shares: a monotone curve (PCHIP) through them, never beyond them. With minimum, mean
    and maximum only: a PERT law with that mean. With a mean only: no spread is invented, so there is no percentile.

    Parameters
    ----------
    metric : ProfileMetric
    value : float
        In the metric's unit.
    low_confidence : bool
        Use cells of low confidence too.

    Source
    ------
    Fritsch and Carlson (1980), Monotone piecewise cubic interpolation; Malcolm et al. (1959) for PERT.
    """
    cells = [cell for cell in metric.cells if low_confidence or cell.confidence != "low"]
    values, shares, names = _points(cells)
    inner = [share for share in shares if 0.0 < share < 1.0]
    if inner:
        return _on_curve(value, values, shares, f"monotone curve through {', '.join(names)}")
    of = {cell.statistic: cell.value for cell in cells}
    if {"min", "mean", "max"} <= of.keys():
        return _on_pert(value, of["min"], of["mean"], of["max"])
    if {"min", "max"} <= of.keys():
        return _beyond(value, of["min"], of["max"], "minimum and maximum only")
    basis = f"no distribution published, only {', '.join(of)}" if of else "no peer figure"
    return Position(None, 0.0, 1.0, basis, False)


def _points(cells: list[Cell]) -> tuple[list[float], list[float], list[str]]:
    """Values, shares of peers below them and names of the cells that fix a point of the curve, ascending."""
    points: list[tuple[float, float, str]] = []
    for cell in cells:
        counted = cumulative(cell.statistic)
        if counted is not None:
            below, at = counted
            points.append((at, cell.value if below else 1.0 - cell.value, cell.statistic))
        elif cell.statistic in QUANTILES:
            points.append((cell.value, QUANTILES[cell.statistic], cell.statistic))
    points.sort()
    return [point[0] for point in points], [point[1] for point in points], [point[2] for point in points]


def _on_curve(value: float, values: list[float], shares: list[float], basis: str) -> Position:
    """Inside the published points on the curve, outside them only bounds."""
    if value < values[0]:
        return Position(0.0 if shares[0] == 0.0 else None, 0.0, shares[0], f"below every figure: {basis}", False)
    if value > values[-1]:
        return Position(1.0 if shares[-1] == 1.0 else None, shares[-1], 1.0, f"above every figure: {basis}", False)
    # Several figures at one value, or nearer than any source prints, are one point in the middle of their shares.
    width = values[-1] - values[0] or 1.0
    along = np.round((np.array(values) - values[0]) / width, 9)
    x = np.unique(along)
    y = np.maximum.accumulate([np.mean(np.array(shares)[along == point]) for point in x])
    at = (value - values[0]) / width
    found = float(y[0]) if len(x) == 1 else float(np.clip(PchipInterpolator(x, y)(at), 0.0, 1.0))
    return Position(found, found, found, basis, value not in values)


def _on_pert(value: float, low: float, mean: float, high: float) -> Position:
    """The PERT law of a minimum, mean and maximum, if there is one with that mean."""
    mode = (6.0 * mean - low - high) / 4.0
    if not low <= mode <= high or low == high:
        return _beyond(value, low, high, "minimum and maximum; no PERT law has this mean")
    width = high - low
    inside = min(max((value - low) / width, 0.0), 1.0)
    found = float(betainc(1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width, inside))
    return Position(found, found, found, "PERT law filled in from minimum, mean and maximum", True)


def _beyond(value: float, low: float, high: float, basis: str) -> Position:
    """What a minimum and a maximum alone say."""
    if value < low or value > high:
        found = 0.0 if value < low else 1.0
        return Position(found, found, found, basis, False)
    return Position(None, 0.0, 1.0, basis, math.isnan(value))
