"""Winner trees: which of many things happens next, found and changed without a branch that could be mispredicted.

A leaf's key is its instant and its kind in one unsigned number, so that one comparison gives the order of
`model.order`: earlier first, then kind. A node holds the smaller key of its two children; node 1 is the winner. Equal
keys are told apart by who they belong to, which only happens on ties.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim.compiled import njit_inner, njit_into, njit_plain

NEVER = np.uint64(0xFFFFFFFFFFFFFFFF)
# Bits of 2**-255: smaller instants above 0 do not occur, and three bits become free for the kind.
_OFFSET = np.uint64(0x3000000000000000)
_ONE, _THREE, _KINDS = np.uint64(1), np.uint64(3), np.uint64(7)


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
    """Give a leaf its key and let the winners above it know."""
    node = (len(tree) >> 1) + leaf
    tree[node] = key
    while node > 1:
        other = tree[node ^ 1]
        key = key if key < other else other
        node >>= 1
        tree[node] = key


@njit_into
def first_leaf(tree: Any) -> Any:
    """The first leaf that has the winning key."""
    n, key, node = len(tree) >> 1, tree[1], np.int64(1)
    while node < n:
        node = 2 * node + np.int64(tree[2 * node] != key)
    return node - n


@njit_into
def leaf_key(tree: Any, leaf: Any) -> Any:
    """The key of a leaf."""
    return tree[(len(tree) >> 1) + leaf]


@njit_into
def is_tied(tree: Any, leaf: Any) -> Any:
    """Whether another leaf has the winning key too; `leaf` is the first that has it."""
    n, key = len(tree) >> 1, tree[1]
    node, tied = n + leaf, False
    while node > 1:
        tied |= tree[node ^ 1] == key
        node >>= 1
    return tied


@njit_inner
def next_leaf(tree: Any, leaf: Any) -> Any:
    """The next leaf after one that has the winning key too, or -1."""
    n, key = len(tree) >> 1, tree[1]
    node = n + leaf
    while node > 1 and ((node & 1) == 1 or tree[node ^ 1] != key):
        node >>= 1
    if node <= 1:
        return -1
    node ^= 1
    while node < n:
        node = 2 * node + np.int64(tree[2 * node] != key)
    return node - n


def new_tree(n: int) -> Any:
    """A tree for n leaves or more, nothing due [uint64]."""
    size = 2
    while size < n:
        size *= 2
    return np.full(2 * size, NEVER, dtype=np.uint64)
