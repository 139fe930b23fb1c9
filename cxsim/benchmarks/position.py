"""Where a value stands among the peers: percentile, quartile and rank, from as much as the figures allow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import betainc, betaincinv

from cxsim.benchmarks.cells import QUANTILES, Cell, Direction, Peer, Provenance, cumulative

if TYPE_CHECKING:
    from cxsim.benchmarks.profile import ProfileMetric


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

    def performance_quartile(self, better: Direction) -> int | None:
        """1 the best performers to 4 the worst; None where the figures do not say, and for a band."""
        quartile = self.value_quartile
        if quartile is None or better == "band":
            return None
        return 5 - quartile if better == "higher" else quartile


class Rank(NamedTuple):
    """Place among the named peers and oneself, 1 the best; equal values share the better place."""

    place: int
    of: int

    def __str__(self) -> str:
        return f"{self.place} of {self.of}"


class Reading(NamedTuple):
    """A quantile of the peers read from their figures, and whether it was published, derived or filled in."""

    value: float
    provenance: Provenance
    basis: str


def percentile(metric: ProfileMetric, *, value: float, low_confidence: bool = False) -> Position:
    """Share of peers with a lower value, counted among named peers or interpolated between published figures.

    Named peers are counted, those of equal value half. With quantiles or cumulative shares: a monotone curve (PCHIP)
    through them, never beyond them. With minimum, mean and maximum only: a PERT law with that mean. With a mean only:
    no spread is invented, so there is no percentile.

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
    if metric.peers:
        return _among(metric.peers, value)
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


def placeable(metric: ProfileMetric) -> bool:
    """Whether a percentile can be read from figures that are not of low confidence: peers, quantiles or a PERT law."""
    if len(metric.peers) > 1:
        return True
    cells = [cell for cell in metric.cells if cell.confidence != "low"]
    of = {cell.statistic: cell.value for cell in cells}
    if any(0.0 < share < 1.0 for share in _points(cells)[1]):
        return True
    return {"min", "mean", "max"} <= of.keys() and _pert(of["min"], of["mean"], of["max"]) is not None


def rank(metric: ProfileMetric, *, value: float) -> Rank | None:
    """Place of a value among the named peers and itself; None without named peers.

    In a band the peer nearer to it, or inside, is the better one.
    """
    if not metric.peers:
        return None
    ahead = sum(shortfall(metric, peer.value) < shortfall(metric, value) for peer in metric.peers)
    return Rank(1 + ahead, 1 + len(metric.peers))


def shortfall(metric: ProfileMetric, value: float) -> float:
    """How far a value is from best, in the metric's unit; below 0 beyond best, 0 inside a band."""
    _, best = metric.ends
    if metric.better == "band":
        return max(best[0] - value, value - best[-1], 0.0)
    return best[0] - value if metric.better == "higher" else value - best[0]


def best_in_class(metric: ProfileMetric, *, low_confidence: bool = False) -> tuple[str, float] | None:
    """Name and value of the figure for the best of the peers: best practice, else their top tenth, else their best.

    None for a band, and where no such figure is known: the upper quartile is not the best in class.

    Source
    ------
    CustomerGauge benchmarks: best in class is the top tenth.
    """
    if metric.better == "band":
        return None
    tenth, extreme = ("p90", "max") if metric.better == "higher" else ("p10", "min")
    for name in ("best_practice", tenth, extreme):
        cell = metric.cell(name, low_confidence=low_confidence)
        if cell is not None:
            return name, cell.value
    return None


def quantile(metric: ProfileMetric, *, share: float, low_confidence: bool = False) -> Reading | None:
    """The value that a share of the peers lies below: the published one, else from the curve, else from a PERT law.

    None where the figures do not reach that far: nothing is read beyond the outermost figure.

    Parameters
    ----------
    metric : ProfileMetric
    share : float
        0 to 1.
    low_confidence : bool
        Use cells of low confidence too.
    """
    cells = [cell for cell in metric.cells if low_confidence or cell.confidence != "low"]
    for cell in cells:
        if QUANTILES.get(cell.statistic) == share:
            return Reading(cell.value, cell.provenance, f"{cell.statistic} of the peers")
    values, shares, names = _points(cells)
    if any(0.0 < inner < 1.0 for inner in shares) and shares[0] <= share <= shares[-1]:
        return Reading(_inverted(share, values, shares), "filled", f"monotone curve through {', '.join(names)}")
    of = {cell.statistic: cell.value for cell in cells}
    if {"min", "mean", "max"} <= of.keys():
        shape = _pert(of["min"], of["mean"], of["max"])
        if shape is not None:
            low, high = of["min"], of["max"]
            found = low + (high - low) * float(betaincinv(*shape, share))
            return Reading(found, "filled", "PERT law of minimum, mean and maximum")
    return None


def _among(peers: tuple[Peer, ...], value: float) -> Position:
    """Counted among named peers."""
    below = sum(peer.value < value for peer in peers)
    equal = sum(peer.value == value for peer in peers)
    found = (below + 0.5 * equal) / len(peers)
    return Position(found, found, found, f"{len(peers)} named peers", False)


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
    x, y, width = _curve(values, shares)
    at = (value - values[0]) / width
    found = float(y[0]) if len(x) == 1 else float(np.clip(PchipInterpolator(x, y)(at), 0.0, 1.0))
    return Position(found, found, found, basis, value not in values)


def _curve(values: list[float], shares: list[float]) -> tuple[np.ndarray, np.ndarray, float]:
    """Places 0 to 1 along the values, shares of peers there, and the width of the values.

    Several figures at one value, or nearer than any source prints, are one point in the middle of their shares.
    """
    width = values[-1] - values[0] or 1.0
    along = np.round((np.array(values) - values[0]) / width, 9)
    x = np.unique(along)
    y = np.maximum.accumulate([np.mean(np.array(shares)[along == point]) for point in x])
    return x, y, width


def _inverted(share: float, values: list[float], shares: list[float]) -> float:
    """The value at which the curve of `_on_curve` reaches a share, by halving."""
    x, y, width = _curve(values, shares)
    if len(x) == 1:
        return values[0]
    curve = PchipInterpolator(x, y)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if curve(middle) < share else (low, middle)
    return values[0] + width * 0.5 * (low + high)


def _pert(low: float, mean: float, high: float) -> tuple[float, float] | None:
    """The two shapes of the PERT law of a minimum, mean and maximum, or None if there is none with that mean."""
    mode = (6.0 * mean - low - high) / 4.0
    if not low <= mode <= high or low == high:
        return None
    return 1.0 + 4.0 * (mode - low) / (high - low), 1.0 + 4.0 * (high - mode) / (high - low)


def _on_pert(value: float, low: float, mean: float, high: float) -> Position:
    """On the PERT law of a minimum, mean and maximum, if there is one with that mean."""
    shape = _pert(low, mean, high)
    if shape is None:
        return _beyond(value, low, high, "minimum and maximum; no PERT law has this mean")
    inside = min(max((value - low) / (high - low), 0.0), 1.0)
    found = float(betainc(*shape, inside))
    return Position(found, found, found, "PERT law filled in from minimum, mean and maximum", True)


def _beyond(value: float, low: float, high: float, basis: str) -> Position:
    """What a minimum and a maximum alone say."""
    if value < low or value > high:
        found = 0.0 if value < low else 1.0
        return Position(found, found, found, basis, False)
    return Position(None, 0.0, 1.0, basis, math.isnan(value))
