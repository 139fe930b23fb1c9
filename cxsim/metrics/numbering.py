"""Rows that belong together, such as the legs of a case, and what holds of each such group of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Numbering:
    """Rows under the numbers of their groups, from 0 without gaps.

    Most groups have one row, so a question is put to the first row of each, and only then to the few others.

    Attributes
    ----------
    numbers : array of int [n_rows]
        Group of each row.
    first : array of int [n_groups]
        First row of each group.
    later, of_later : arrays of int [n_rows - n_groups]
        The other rows and their groups.
    """

    __slots__ = ("first", "later", "numbers", "of_later")

    def __init__(self, numbers: Array, first: Array) -> None:
        self.numbers, self.first = numbers.view(), first.view()
        self.numbers.flags.writeable = self.first.flags.writeable = False
        beyond = np.ones(len(numbers), dtype=bool)
        beyond[first] = False
        self.later = np.flatnonzero(beyond)
        self.of_later = numbers[self.later]

    @classmethod
    def of(cls, keys: Sequence[Array], *, order: Array | None) -> Numbering:
        """Groups of rows equal in all of some keys.

        Parameters
        ----------
        keys : sequence of arrays [n_rows]
            One key or more.
        order : array of int [n_rows] or None
            Rows in the order of the numbers, those of a group together; None: they stand so already.
        """
        n_rows = len(keys[0])
        new = np.zeros(n_rows, dtype=bool)
        new[:1] = True
        for key in keys:
            placed = key if order is None else key[order]
            new[1:] |= placed[1:] != placed[:-1]
        numbers = np.cumsum(new)
        numbers -= 1
        if order is None:
            return cls(numbers, np.flatnonzero(new))
        placed = np.empty(n_rows, dtype=np.int64)
        placed[order] = numbers
        return cls(placed, order[new])

    def __len__(self) -> int:
        return len(self.first)

    def any(self, mask: Array) -> Array:
        """For each group [n_groups]: does the mask hold for any of its rows?"""
        found = mask[self.first]
        found[self.of_later[mask[self.later]]] = True
        return np.asarray(found)

    def n_with(self, mask: Array) -> int:
        """Number of groups of which the mask holds for any row."""
        return int(np.count_nonzero(self.any(mask)))

    def rows(self, mask: Array) -> Array:
        """For each group [n_groups]: the number of its rows for which the mask holds."""
        return np.bincount(self.numbers[mask], minlength=len(self))

    def least(self, values: Array) -> Array:
        """For each group [n_groups]: the least value of its rows."""
        found = values[self.first]
        np.minimum.at(found, self.of_later, values[self.later])
        return np.asarray(found)

    def greatest(self, values: Array) -> Array:
        """For each group [n_groups]: the greatest value of its rows."""
        found = values[self.first]
        np.maximum.at(found, self.of_later, values[self.later])
        return np.asarray(found)
