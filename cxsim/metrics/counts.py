"""Counters as plain rows, which cost next to nothing, and the one table that they become at the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]

WORDS: Final = ("metric", "variant", "group", "unit", "better", "kind")


class Count(NamedTuple):
    """What was counted of one metric in one group and replication.

    A ratio has its numerator and denominator, p NaN and no values; a quantile has p and the sorted observations.
    """

    metric: str
    variant: str
    group: str
    value: float
    numerator: float
    denominator: float
    n: int
    unit: str
    better: str
    kind: str
    p: float = math.nan
    values: Array | None = None
    replication: int = 0


def frame_of(counts: Sequence[Count], columns: Sequence[str]) -> pd.DataFrame:
    """The named columns of counters as a table, one row each."""
    if not counts:
        return pd.DataFrame({name: [] for name in columns})
    fields = dict(zip(Count._fields, zip(*counts, strict=True), strict=True))
    return pd.DataFrame({name: _column(name, fields[name]) for name in columns})


def repeated(word: str, n_rows: int) -> Any:
    """A column [n_rows] that says one word."""
    return _words((word,) * n_rows)


def _column(name: str, values: tuple[Any, ...]) -> Any:
    if name in WORDS:
        return _words(values)
    if name == "values":
        held = np.empty(len(values), dtype=object)
        for row, found in enumerate(values):
            held[row] = found
        return held
    return np.array(values)


@lru_cache(maxsize=128)
def _words(words: tuple[str, ...]) -> Any:
    # The same words recur in every replication, and pandas takes its time to make a column of them. A table copies it.
    return pd.Series(list(words)).array
