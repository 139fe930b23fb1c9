"""A number that can be added over days before it is divided."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Ratio(NamedTuple):
    """A share or a mean as numerator over denominator.

    Replications and periods add numerators and denominators before dividing (ratio of sums). `n` is the number of
    observations behind it; for a share it is the denominator.
    """

    numerator: float
    denominator: float
    n: int

    @property
    def value(self) -> float:
        """Numerator over denominator; NaN if nothing was observed, never 0 or 1."""
        return self.numerator / self.denominator if self.denominator > 0 else math.nan

    @classmethod
    def share(cls, hits: Array, of: Array) -> Ratio:
        """Share of `of` that is also `hits`; both are masks [n_rows]."""
        n = int(np.count_nonzero(of))
        return cls(float(np.count_nonzero(hits & of)), float(n), n)

    @classmethod
    def mean(cls, values: Array) -> Ratio:
        """Mean of values [n]."""
        return cls(float(np.sum(values)), float(len(values)), len(values))


class Sample(NamedTuple):
    """All values behind a quantile, kept so that replications are pooled and never averaged."""

    values: Array
    p: float

    @property
    def value(self) -> float:
        """Quantile p by linear interpolation between order statistics (type 7); NaN without values."""
        return quantile_of_sorted(np.sort(self.values), self.p)

    @property
    def n(self) -> int:
        """Number of values."""
        return len(self.values)


def quantile_of_sorted(values: Array, p: float) -> float:
    """Quantile p of sorted values [n], equal to `np.quantile` to the last bit; NaN without values or with a NaN."""
    n = len(values)
    if not n or values[-1] != values[-1]:
        return math.nan
    place = (n - 1) * p
    below = min(int(place), n - 1)
    share = place - below
    low, high = float(values[below]), float(values[min(below + 1, n - 1)])
    # From the nearer of the two, as NumPy does it.
    return low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share)
