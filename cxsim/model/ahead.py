"""First visits drawn in blocks, before the clock reaches them: the same numbers as one by one, several at a time.

Most visits are the first of their case, and all that is drawn for them is known from the case's number. In short
loops without branches a processor works on several cases at once; every function and every order of operations is
that of `streams` and `laws`, so the bits are those of `draws.patience` and `draws.service`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim import streams
from cxsim.compiled import njit_inner
from cxsim.laws import CONSTANT, EXPONENTIAL, LOGNORMAL, ROW, quantile
from cxsim.model import draws
from cxsim.model.tables import AFTER_LAW, AT_ONCE, PATIENCE_LAW, TALK_LAW

Array = npt.NDArray[Any]

# Cases in a block: few enough for the fastest memory.
BLOCK = 512
# Farther from one half than this the tail has another branch, almost never taken.
FAR = 0.5 - 2e-11


class Ahead(NamedTuple):
    """A block of cases in order of arrival, [BLOCK] each.

    first : int64 [1], place of the first. key : int64, of the case. work : int64, of the first visit. talk, after_call,
    patience : float64 [s]; 0, 0 and inf where the law is missing. u, scale, shape : room.
    """

    first: Array
    key: Array
    work: Array
    talk: Array
    after_call: Array
    patience: Array
    law: Array
    u: Array
    scale: Array
    shape: Array
    tail: Array
    place: Array


def no_block() -> Ahead:
    """Room for a block; nothing is drawn yet."""
    key, work, law, place = np.zeros((4, BLOCK), dtype=np.int64)
    talk, after_call, patience, u, scale, shape, tail = np.zeros((7, BLOCK))
    return Ahead(np.array([-BLOCK]), key, work, talk, after_call, patience, law, u, scale, shape, tail, place)


@njit_inner
def fill_block(block: Any, laws: Any, works: Any, a: Any, first: Any, n_points: Any) -> None:
    """Draw the first visits of the cases from place `first` on.

    Parameters
    ----------
    block : Ahead
        Filled.
    laws, works : Laws, Works
    a : Cases
        See `engines.kernel.world`.
    first, n_points : int
    """
    b = block
    b.first[0] = first
    # Cases of a snapshot stand behind those that arrive; what they bring is not drawn here.
    n = min(BLOCK, len(a.time) - first)
    for k in range(n):
        b.key[k] = streams.entity_key(a.key, streams.CASE, a.case[first + k])
    for k in range(n):
        b.work[k] = (a.case[first + k] >> 40) * n_points + a.touchpoint[first + k]
    for column, out, purpose, nothing in (
        (TALK_LAW, b.talk, streams.TALK, 0.0),
        (AFTER_LAW, b.after_call, streams.AFTER_CALL, 0.0),
        (PATIENCE_LAW, b.patience, streams.PATIENCE, np.inf),
    ):
        for k in range(n):
            b.law[k] = works.laws[b.work[k], column]
        for k in range(n):
            b.u[k] = streams.uniform(b.key[k], purpose)
        fill_variates(out, laws, b, n, nothing)
    for k in range(n):
        at_once = works.numbers[b.work[k], AT_ONCE]
        if at_once > 0.0 and streams.uniform(b.key[k], streams.PATIENCE_AT_ONCE) < at_once:
            b.patience[k] = 0.0
    if len(a.replayed) > 0:
        for k in range(n):
            b.talk[k] = draws.given_or(a.replayed[first + k, 0], b.talk[k])
            b.after_call[k] = draws.given_or(a.replayed[first + k, 1], b.after_call[k])
            b.patience[k] = draws.given_or(a.replayed[first + k, 2], b.patience[k])


@njit_inner
def fill_tails(out: Any, u: Any, tail: Any, place: Any, n: Any) -> None:
    """Write the normal variates of shares in the tails: gathered first, so that they too are done several at a time."""
    m = 0
    for k in range(n):
        place[m] = k
        m += abs(u[k] - 0.5) > 0.425
    for k in range(m):
        tail[k] = min(u[place[k]], 1.0 - u[place[k]])
    for k in range(m):
        tail[k] = streams.normal_tail(math.sqrt(-streams.log_of_normal(tail[k], 0.0)))
    for k in range(m):
        share = u[place[k]]
        out[place[k]] = -tail[k] if share < 0.5 else tail[k]
        if abs(share - 0.5) > FAR:
            out[place[k]] = streams.normal_quantile(share)


@njit_inner
def fill_variates(out: Any, laws: Any, block: Any, n: Any, nothing: Any) -> None:
    """Write the variate of law `block.law[k]` for each share `block.u[k]`, or `nothing` where there is no law."""
    law, u, scale, shape = block.law, block.u, block.scale, block.shape
    numbers, seen = laws.numbers, np.int64(0)
    for k in range(n):
        at = ROW * max(law[k], 0)
        seen |= np.int64(law[k] >= 0) << np.int64(numbers[at])
        scale[k], shape[k] = numbers[at + 1], numbers[at + 2]
    if seen == 1 << CONSTANT:
        for k in range(n):
            out[k] = scale[k]
    elif seen == 1 << EXPONENTIAL:
        for k in range(n):
            out[k] = scale[k] * -streams.log_of_normal(1.0 - u[k], 0.0)
    elif seen == 1 << LOGNORMAL:
        # The spread is at most 5 and no normal variate of a uniform number above 9: never out of range.
        for k in range(n):
            out[k] = streams.normal_middle(u[k] - 0.5)
        fill_tails(out, u, block.tail, block.place, n)
        for k in range(n):
            out[k] = scale[k] * streams.exp_inside(shape[k] * out[k])
    else:
        for k in range(n):
            out[k] = quantile(laws, max(law[k], 0), u[k])
    for k in range(n):
        out[k] = nothing if law[k] < 0 else out[k]
