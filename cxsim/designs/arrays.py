"""Arrays at the door of a procedure: what it cannot use is refused here, by name, before a NaN can travel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.designs.estimate import Array, Numbers
from cxsim.errors import problem

Rows = Sequence[Sequence[float]] | npt.NDArray[Any]


def vector(where: str, values: Numbers, *, at_least: int = 1, what: str = "replications") -> Array:
    """Finite numbers [n], at least so many of them.

    Raises
    ------
    ValueError
        Another shape, too few, or values that are not finite.
    """
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or len(x) < at_least:
        given = f"{len(x)} {what}" if x.ndim == 1 else f"shape {x.shape}"
        raise ValueError(problem(where, given, f"at least {at_least} {what}, in one row"))
    return _finite(where, x)


def table(where: str, values: Rows, *, at_least: tuple[int, int], what: tuple[str, str]) -> Array:
    """Finite numbers [rows, columns], at least so many of both; `what` names the two.

    Raises
    ------
    ValueError
        Rows of different length, too few, or values that are not finite.
    """
    needed = f"a full table of at least {at_least[0]} {what[0]} by {at_least[1]} {what[1]}"
    try:
        x = np.asarray(values, dtype=float)
    except ValueError:
        raise ValueError(problem(where, "rows of different length", needed)) from None
    if x.ndim != 2 or x.shape[0] < at_least[0] or x.shape[1] < at_least[1]:
        given = f"{x.shape[0]} {what[0]} by {x.shape[1]} {what[1]}" if x.ndim == 2 else f"shape {x.shape}"
        raise ValueError(problem(where, given, needed))
    return _finite(where, x)


def between(where: str, *, low: float = 0.0, high: float = 1.0, **values: float) -> None:
    """Refuse numbers that are not strictly between two ends (NaN never is).

    Raises
    ------
    ValueError
        Names the first that is not.
    """
    for name, value in values.items():
        if not low < value < high:
            allowed = f"above {low:g}" if high == np.inf else f"between {low:g} and {high:g}, ends excluded"
            raise ValueError(problem(where, f"{name} {value:g}", allowed))


def positive(where: str, **values: float) -> None:
    """Refuse numbers that are not above 0 and finite; raises as `between`."""
    between(where, low=0.0, high=np.inf, **values)


def _finite(where: str, x: Array) -> Array:
    wrong = int(np.count_nonzero(~np.isfinite(x)))
    if wrong:
        raise ValueError(problem(where, f"{wrong} of {x.size} values not finite", "finite numbers"))
    return x
