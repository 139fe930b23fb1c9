"""Sorting and numbering rows by their keys, at a fraction of the usual cost for whole numbers close together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# NumPy sorts numbers of 16 bits by counting, and keeps the order of equal ones: longer numbers go by such digits.
_DIGIT: Final = 16
_HALF: Final = 32
_PACKED: Final = 2**63
_FEW: Final = 2000  # rows that NumPy's plain functions sort as quickly
# A number with digits after the point is cut to what earlier keys leave of 32 bits, if that is 8 at least.
_ROUGH: Final = 24
_NARROW: Final = 1e-100  # keeps the number of cells over it finite
_CROWDED: Final = 4  # edges in one cell of a grid beyond which a search is as quick


def order_of(*keys: Array) -> Array:
    """Row numbers [n] that sort by the first key, then by the second, ...; rows equal in all keep their order.

    The same as `np.lexsort` of the keys from last to first, NaN last, to the row.

    Parameters
    ----------
    *keys : arrays [n]
        Numbers or flags, one key or more.
    """
    # A column that repeats one value tells no rows apart.
    telling = [key for key in keys if key.strides != (0,)]
    if _is_sorted(telling):
        return np.arange(len(keys[0]))
    return np.lexsort(telling[::-1]) if len(keys[0]) < _FEW else _order_of(telling, rough=True)


def _order_of(keys: Sequence[Array], *, rough: bool) -> Array:
    """Rows that are not yet in order; `rough` lets a number with digits after the point be cut to what fits first."""
    lead, rest = _packed(keys, rough=rough)
    if rest and np.max(lead) < 2**_DIGIT:
        return _by_digits(lead, _order_of(rest, rough=True))
    order = _by_digits(lead)
    if not rest:
        return order
    # The further keys are looked at only where the first leave a choice, mostly nowhere.
    placed = lead[order]
    same = placed[1:] == placed[:-1]
    if not same.any():
        return order
    tied = np.append(same, False) | np.append(False, same)
    rows = np.sort(order[tied])
    order[tied] = rows[_by_digits(lead[rows], _order_of([key[rows] for key in rest], rough=False))]
    return order


def ordered(values: Array) -> Array:
    """Values [n] in order, as `np.sort` gives them, NaN last.

    Parameters
    ----------
    values : array of float [n]
    """
    if len(values) < _FEW:
        return np.sort(values)
    # Nearly in order after one count of leading digits; the stable sort, a merge of runs, finishes that at little cost.
    key = _whole(values) >> 1  # so that the widest range fits
    key -= np.min(key)
    lead = (key >> max(int(np.max(key)).bit_length() - _DIGIT, 0)).astype(np.uint16)
    nearly = values[np.argsort(lead, kind="stable")]
    nearly.sort(kind="stable")
    return nearly


def places(edges: Array, values: Array, *, side: Literal["left", "right"]) -> Array:
    """Number of edges [n] before each value, as `np.searchsorted` gives it, for few edges and many values.

    Parameters
    ----------
    edges : array of float [n_edges]
        Finite and rising.
    values : array of float [n]
        No NaN.
    side : str
        'right' counts an edge that equals the value, 'left' does not.
    """
    if len(edges) < 2 or len(values) < _FEW:
        return np.searchsorted(edges, values, side=side)
    # A grid of cells tells the place but for the edges in the value's own cell, mostly one or none; those are compared.
    low, n_cells = float(edges[0]), 2 * len(edges)
    scale = n_cells / max(float(edges[-1]) - low, _NARROW)

    def cells(instants: Array) -> Array:
        found = (instants - low) * scale
        np.maximum(found, -1.0, out=found)
        np.minimum(found, n_cells + 1.0, out=found)
        return (found + 1.0).astype(np.int64)

    in_cell = np.bincount(cells(edges), minlength=n_cells + 3)
    most = int(np.max(in_cell))
    if most > _CROWDED:
        return np.searchsorted(edges, values, side=side)
    found = (np.cumsum(in_cell) - in_cell)[cells(values)]
    following = np.append(edges, np.nan)  # beyond the last nothing is counted
    for _ in range(most):
        edge = following[found]
        found += edge <= values if side == "right" else edge < values
    return np.asarray(found)


def distinct(keys: Array) -> Array:
    """The distinct keys [n_distinct] in order, as `np.unique` gives them.

    Parameters
    ----------
    keys : array of int [n]
    """
    if len(keys) and np.min(keys) == np.max(keys):
        return keys[:1].copy()
    ordered = np.sort(keys)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(keys)]]


def numbered(keys: Array) -> Array:
    """Number [n] of each key among the distinct ones, from 0 in their order.

    Parameters
    ----------
    keys : array of int [n]
    """
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    low, high = int(np.min(keys)), int(np.max(keys))
    if high - low > 4 * len(keys) + 1024:
        return np.unique(keys, return_inverse=True)[1]
    seen = np.zeros(high - low + 1, dtype=bool)
    seen[keys - low] = True
    return np.asarray((np.cumsum(seen) - 1)[keys - low])


def _is_sorted(keys: Sequence[Array]) -> bool:
    level: Array | None = None  # rows that no key so far tells from the row before
    for key in keys:
        falls = key[1:] < key[:-1]
        if np.any(falls if level is None else level & falls):
            return False
        if key.dtype.kind == "f" and np.isnan(key).any():
            return False  # NaN is neither the same nor later: rows that hold one are sorted
        same = key[1:] == key[:-1]
        level = same if level is None else level & same
        if not level.any():
            return True
    return True


def _packed(keys: Sequence[Array], *, rough: bool) -> tuple[Array, list[Array]]:
    """The first keys as one of whole numbers from 0, as many as fit into 63 bits, and the keys that are left."""
    lead, total, left = np.zeros(len(keys[0]), dtype=np.int64), 1, list(keys)
    while left:
        if left[0].dtype.kind not in "bi":
            steps = _steps(left[0], 2**_HALF // total) if rough and total < 2**_ROUGH else None
            if steps is not None:
                # Cut to what two digits hold; the key itself settles what is left equal.
                return lead * (2**_HALF // total) + steps, left
            if total > 1:
                break
            left[0] = _whole(left[0])
        key = left[0]
        low = int(np.min(key))
        width = int(np.max(key)) - low + 1
        if total * width >= _PACKED and total > 1:
            break
        if width > 2**_HALF:
            # A number made of two, as agents are: each half is of modest range by itself.
            left[:1] = [key >> _HALF, key & (2**_HALF - 1)]
            continue
        if width > 1:
            # In place, since every key but the first would make one more array.
            part = key.astype(np.int64)
            part -= low
            if total > 1:
                lead *= width
                part += lead
            lead = part
        total, left = total * width, left[1:]
    return lead, left


def _steps(key: Array, n_steps: int) -> Array | None:
    """Whole numbers [n] from 0, below `n_steps`, that rise with a key or stay; None without a finite range."""
    low, high = float(np.min(key)), float(np.max(key))
    scale = (n_steps - 1) / (high - low) if 0.0 < high - low < np.inf else np.inf
    return None if scale == np.inf else ((key.astype(np.float64) - low) * scale).astype(np.int64)


def _whole(key: Array) -> Array:
    """Whole numbers [n] in the same order as a key that need not be whole."""
    plain = key.astype(np.float64) + 0.0  # -0 is 0
    plain[plain != plain] = np.nan  # of one sign
    bits = plain.view(np.int64)
    return bits ^ ((bits >> 63) & np.int64(2**63 - 1))


def _by_digits(key: Array, order: Array | None = None) -> Array:
    """Rows in some order, as they stand if left out, sorted by a key from 0 [n]; equal ones keep that order."""
    top = int(np.max(key, initial=0)).bit_length()
    for shift in range(0, top, _DIGIT):
        # Its last 16 bits, or 8 where no more are left.
        digit = (key >> shift).astype(np.uint8 if top - shift <= _DIGIT // 2 else np.uint16)
        order = np.argsort(digit, kind="stable") if order is None else order[np.argsort(digit[order], kind="stable")]
    return np.arange(len(key)) if order is None else order
