"""Winner trees: which of many things happens next, found and changed without a branch that could be mispredicted.

A leaf's key is its instant and its kind in one unsigned number, so that one comparison gives the order of
`model.order`: earlier first, then kind. A node holds the smaller key of its two children and the leaf it came from, so
that nobody has to look for it: node k stands in places 2 k and 2 k + 1 of the array, node 1 is the winner, leaf i is
node i + the number of leaves. Equal keys are told apart by who they belong to, which only happens on ties.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from cxsim.compiled import njit_inner, njit_into, njit_plain

NEVER = np.uint64(0xFFFFFFFFFFFFFFFF)
# Bits of 2**-255: smaller instants above 0 do not occur, and three bits become free for the kind.
_OFFSET = np.uint64(0x3000000000000000)
_ZERO, _ONE, _THREE, _KINDS = np.uint64(0), np.uint64(1), np.uint64(3), np.uint64(7)
# Place of the winner; the bit by which places of siblings differ, and the number of bits to their parent's node.
_ROOT = _SIDE = np.uint64(2)


@njit_into
def key_of(time: Any, kind: Any) -> Any:
    """The key of an instant [s, 0 or more] and a kind (0 to 7); infinite times never happen."""
    if time == np.inf:
        return NEVER
    if time <= 0.0:
        return np.uint64(kind)
    return ((np.uint64(np.float64(time).view(np.uint64)) - _OFFSET) << _THREE) | np.uint64(kind)


@njit_plain
def limit_of(time: Any, kind: Any) -> Any:
    """`key_of` for Python."""
    return key_of(time, kind)


def keys_of(times: Any, kind: int) -> Any:
    """`key_of` of many instants for Python [uint64]."""
    keys = ((times.view(np.uint64) - _OFFSET) << _THREE) | np.uint64(kind)
    keys[times <= 0.0], keys[times == np.inf] = kind, NEVER
    return keys


@njit_into
def time_of(key: Any) -> Any:
    """The instant of a key [s]."""
    bits = key >> _THREE
    if bits == np.uint64(0):
        return 0.0
    return np.uint64(bits + _OFFSET).view(np.float64)


@njit_into
def kind_of(key: Any) -> Any:
    """The kind of event of a key."""
    return np.int64(key & _KINDS)


@njit_into
def set_leaf(tree: Any, leaf: Any, key: Any) -> None:
    """Give a leaf its key and let the winners above it know; of equal keys the first leaf wins."""
    # Unsigned places: a signed one might count from the end, which would be asked at every step.
    who = np.uint64(leaf)
    at = np.uint64(len(tree) >> 1) + (who << _ONE)
    tree[at] = key
    while at > _ROOT:
        other = at ^ _SIDE
        rival, whose, last = tree[other], tree[other + _ONE], (at & _SIDE) != _ZERO
        # Both are chosen without a branch.
        who = whose if (rival < key) | ((rival == key) & last) else who
        key = rival if rival < key else key
        at = (at >> _SIDE) << _ONE
        tree[at], tree[at + _ONE] = key, who


@njit_into
def first_key(tree: Any) -> Any:
    """The winning key."""
    return tree[2]


@njit_into
def first_leaf(tree: Any) -> Any:
    """The first leaf that has the winning key."""
    return np.int64(tree[3])


@njit_into
def leaf_key(tree: Any, leaf: Any) -> Any:
    """The key of a leaf."""
    return tree[np.uint64(len(tree) >> 1) + (np.uint64(leaf) << _ONE)]


@njit_into
def is_tied(tree: Any, leaf: Any) -> Any:
    """Whether another leaf has the winning key too; `leaf` is the first that has it."""
    key, tied = tree[2], False
    at = np.uint64(len(tree) >> 1) + (np.uint64(leaf) << _ONE)
    while at > _ROOT:
        tied |= tree[at ^ _SIDE] == key
        at = (at >> _SIDE) << _ONE
    return tied


@njit_inner
def next_leaf(tree: Any, leaf: Any) -> Any:
    """The next leaf after one that has the winning key too, or -1."""
    key = tree[2]
    at = np.uint64(len(tree) >> 1) + (np.uint64(leaf) << _ONE)
    while at > _ROOT and ((at & _SIDE) != _ZERO or tree[at ^ _SIDE] != key):
        at = (at >> _SIDE) << _ONE
    if at <= _ROOT:
        return -1
    return np.int64(tree[(at ^ _SIDE) + _ONE])


def new_tree(n: int) -> Any:
    """A tree for n leaves or more, nothing due [uint64]."""
    size = 2
    while size < n:
        size *= 2
    return _empty_tree(size).copy()


@cache
def _empty_tree(size: int) -> Any:
    tree = np.full((2 * size, 2), NEVER, dtype=np.uint64)
    first = np.arange(size)
    step = 1
    while size:
        tree[size : 2 * size, 1] = first[::step]
        size, step = size // 2, 2 * step
    return tree.ravel()
