"""Who waits, compiled: each queue has a front and a back; routing sees the heads. Twin of `engines.queues`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim.compiled import njit_inner
from cxsim.engines.kernel.fields import case_of, point_of, work_of
from cxsim.engines.kernel.trees import key_of, leaf_key, set_leaf
from cxsim.engines.kernel.world import (
    BACK_HEAD,
    BACK_TAIL,
    DUE,
    FRONT,
    FRONT_HEAD,
    FRONT_TAIL,
    FULL,
    N_OVERFLOWS,
    N_UNDONE,
    N_WAITING,
    NEXT,
    NONE,
    OFFERED,
    OVERFLOW_DUE,
    PATIENCE_DUE,
    PHASE,
    PLACE,
    PREVIOUS,
    PROMISE_DUE,
    QUEUE_RECORD,
    QUEUED,
    RECORD_BITS,
    RING,
    ROOMY,
    STAY,
    TALKING,
    WAITING,
)
from cxsim.model.order import ENDED, LOST_PATIENCE, OVERFLOW, PROMISE, WRAPPED
from cxsim.streams import N_PURPOSES, N_TOUCHES


@njit_inner
def push(s: Any, what: Any, first: Any, second: Any) -> None:
    """One more thing to do at this instant, before all that is there already."""
    place = s.n[N_UNDONE]
    if place == len(s.todo):
        s.n[FULL] = 1
        return
    s.todo[place, 0], s.todo[place, 1], s.todo[place, 2] = what, first, second
    s.n[N_UNDONE] = place + 1


@njit_inner
def schedule(s: Any, contact: Any) -> None:
    """Put the next of what may happen to a contact into the tree."""
    phase = s.i[contact + PHASE]
    key = key_of(s.x[contact + PATIENCE_DUE], LOST_PATIENCE)
    if phase == WAITING:
        key = min(key, key_of(s.x[contact + OVERFLOW_DUE], OVERFLOW))
        key = min(key, key_of(s.x[contact + PROMISE_DUE], PROMISE))
    elif phase == RING or phase == TALKING:
        key = min(key, key_of(s.x[contact + DUE], ENDED))
    else:
        key = key_of(s.x[contact + DUE], WRAPPED)
    if key != leaf_key(s.due, contact >> RECORD_BITS):
        set_leaf(s.due, contact >> RECORD_BITS, key)


@njit_inner
def head(s: Any, work: Any) -> Any:
    """The contact whose turn it is, or NONE."""
    first = s.q[QUEUE_RECORD * work + FRONT_HEAD]
    return first if first != NONE else s.q[QUEUE_RECORD * work + BACK_HEAD]


@njit_inner
def note_head(c: Any, s: Any, a: Any, r: Any, work: Any) -> None:
    """Let routing see who is first in a queue."""
    contact, heads = head(s, work), s.heads
    if contact == NONE:
        heads.queued[work] = np.inf
        return
    heads.queued[work] = s.x[contact + QUEUED]
    heads.promise[work] = s.x[contact + OFFERED] + c.queues.promise[work]
    heads.value[work] = c.value[a.segment[case_of(s, contact)]]
    heads.transferred[work] = (s.i[contact + PLACE] // N_PURPOSES) % N_TOUCHES > 0


@njit_inner
def join(c: Any, a: Any, s: Any, r: Any, contact: Any, front: Any, roomy: Any, now: Any) -> None:
    """A contact joins its queue, at the end of those at the front or of all."""
    work = work_of(s, contact)
    base = QUEUE_RECORD * work + (FRONT_HEAD if front else BACK_HEAD)
    last = s.q[base + 1]
    s.i[contact + FRONT], s.i[contact + ROOMY] = front, roomy
    s.i[contact + NEXT], s.i[contact + PREVIOUS] = NONE, last
    s.q[base + 1] = contact
    if last == NONE:
        s.q[base] = contact
    else:
        s.i[last + NEXT] = contact
    s.n[N_WAITING] += 1
    s.heads.waiting[work] += 1
    if roomy:
        s.room[point_of(s, contact)] += 1
    s.i[contact + PHASE] = WAITING
    s.i[contact + STAY] += 1
    s.i[contact + N_OVERFLOWS] = 0
    s.x[contact + QUEUED] = now
    s.x[contact + OVERFLOW_DUE] = now + c.overflows[work, 0]
    note_head(c, s, a, r, work)


@njit_inner
def remove(c: Any, a: Any, s: Any, r: Any, contact: Any) -> None:
    """A contact leaves its queue, from wherever it stands."""
    work = work_of(s, contact)
    base = QUEUE_RECORD * work + (FRONT_HEAD if s.i[contact + FRONT] else BACK_HEAD)
    before, after = s.i[contact + PREVIOUS], s.i[contact + NEXT]
    if after == NONE:
        s.q[base + 1] = before
    else:
        s.i[after + PREVIOUS] = before
    if before == NONE:
        s.q[base] = after
    else:
        s.i[before + NEXT] = after
    s.n[N_WAITING] -= 1
    s.heads.waiting[work] -= 1
    if s.i[contact + ROOMY]:
        s.room[point_of(s, contact)] -= 1
    s.i[contact + STAY] += 1
    s.x[contact + OVERFLOW_DUE] = s.x[contact + PROMISE_DUE] = np.inf
    note_head(c, s, a, r, work)


assert FRONT_TAIL == FRONT_HEAD + 1
assert BACK_TAIL == BACK_HEAD + 1
