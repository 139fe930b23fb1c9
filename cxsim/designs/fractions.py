"""Two-level fractional factorials of resolution IV and V: which settings are run, and what cannot be told apart.

With `runs` = 2^r points the first r independent inputs run through all combinations; a further input follows the
product of some of them. Inputs are columns over the field of two elements: what the sum of two columns is says with
what their interaction is confounded, and a design has resolution R where no R - 1 columns or fewer sum to nought.

Source
------
Box and Hunter (1961), The 2^(k-p) fractional factorial designs; the columns are chosen as in Conway and Sloane (1986),
Lexicographic codes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cxsim.designs.estimate import Array
from cxsim.errors import RunError, problem

FULL_UP_TO = 5  # inputs of which all combinations are run where nothing else is asked for
MOST_RUNS = 1024


class Fraction(NamedTuple):
    """A two-level design.

    Attributes
    ----------
    signs : array of int [n_runs, n_factors]
        0 the low, 1 the high level.
    columns : tuple of int
        Each input as a set of bits: of which independent inputs it is the product.
    resolution : int
        0 where all combinations are run.
    """

    signs: Array
    columns: tuple[int, ...]
    resolution: int

    @property
    def said(self) -> str:
        """'2^(6-1), resolution V' or 'all 8 combinations'."""
        n_runs, n_factors = self.signs.shape
        if self.resolution == 0:
            return f"all {n_runs} combinations"
        return (
            f"2^({n_factors}-{n_factors - n_runs.bit_length() + 1}), resolution {'V' if self.resolution == 5 else 'IV'}"
        )


def fraction(n_factors: int, *, points: int | None = None) -> Fraction:
    """The best two-level design of at most so many points: all combinations, else resolution V, else IV.

    Left out, all combinations of up to five inputs and resolution V of more.

    Raises
    ------
    RunError
        Fewer than two inputs, or too few points for resolution IV.
    """
    if n_factors < 2:
        raise RunError(problem("sampling=factorial", f"{n_factors} setting", "2 or more"))
    full = n_factors <= FULL_UP_TO if points is None else points >= 2**n_factors
    if full:
        return _design(tuple(1 << place for place in range(n_factors)), 0)
    room = MOST_RUNS if points is None else min(points, MOST_RUNS)
    for resolution in (5, 4):
        columns = _columns(n_factors, resolution)
        runs = 1 << max(columns).bit_length()
        if runs <= room:
            return _design(columns, resolution if runs < 2**n_factors else 0)
    given = f"{n_factors} settings in {room} points"
    raise RunError(problem("sampling=factorial", given, f"{runs} points or more for resolution IV", f"points={runs}"))


def _columns(n_factors: int, resolution: int) -> tuple[int, ...]:
    """The first columns in counting order of which no `resolution` - 1 or fewer sum to nought."""
    found: list[int] = []
    # Sums of at most so many columns already taken; a new one may be none of them.
    sums: list[set[int]] = [{0}] + [set() for _ in range(resolution - 2)]
    candidate = 0
    while len(found) < n_factors:
        candidate += 1
        if any(candidate in part for part in sums):
            continue
        found.append(candidate)
        for size in range(len(sums) - 1, 0, -1):
            sums[size] |= {candidate ^ other for other in sums[size - 1]}
    return tuple(found)


def _design(columns: tuple[int, ...], resolution: int) -> Fraction:
    runs = 1 << max(columns).bit_length()
    # A product of signs is a sum of bits: an odd number of high levels among those it is made of.
    signs = [[(run & column).bit_count() % 2 for column in columns] for run in range(runs)]
    return Fraction(np.array(signs, dtype=float), columns, resolution)


def contrasts(design: Fraction) -> list[tuple[tuple[tuple[int, ...], ...], Array]]:
    """What a design can tell: groups of effects that are one and the same, and their contrast [n_runs].

    Inputs and their interactions two at a time, those together that cannot be told apart, alone ones first; the mean of
    contrast times answer is the difference between high and low level.
    """
    n_runs, n_factors = design.signs.shape
    together: dict[int, list[tuple[int, ...]]] = {}
    for size in (1, 2):
        for effect in itertools.combinations(range(n_factors), size):
            together.setdefault(_sum(design.columns, effect), []).append(effect)
    found = []
    for column, effects in together.items():
        odd = np.array([(run & column).bit_count() % 2 for run in range(n_runs)], dtype=float)
        # The product of two signs is +1 where both are alike: an even number of high levels.
        sign = 2.0 * odd - 1.0 if len(effects[0]) == 1 else 1.0 - 2.0 * odd
        found.append((tuple(effects), 2.0 * sign))
    return found


def _sum(columns: Sequence[int], effect: Sequence[int]) -> int:
    total = 0
    for place in effect:
        total ^= columns[place]
    return total
