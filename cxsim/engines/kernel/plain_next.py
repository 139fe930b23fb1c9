"""Who is next in the short way: records of contacts, first visits drawn in blocks, and ties; see `plain`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim.compiled import njit_inner, njit_into
from cxsim.engines.kernel.fields import case_of
from cxsim.engines.kernel.trees import next_leaf
from cxsim.engines.kernel.world import (
    AFTER_CALL,
    CONTACTS_USED,
    FREE_CONTACT,
    FULL,
    KEY,
    N_POINTS,
    NEXT,
    NONE,
    PATIENCE,
    PLACE,
    RECORD,
    TALK,
    V_CASE,
    V_NUMBER,
    VISIT,
)
from cxsim.model import ahead


@njit_into
def take_contact(s: Any) -> Any:
    """A record for one more contact inside, or the last one with the flag `FULL` raised."""
    contact = s.n[FREE_CONTACT]
    if contact != NONE:
        s.n[FREE_CONTACT] = s.i[contact + NEXT]
        return contact
    contact = s.n[CONTACTS_USED]
    if contact + RECORD == len(s.i):
        s.n[FULL] = 1
        return contact
    s.n[CONTACTS_USED] = contact + RECORD
    return contact


@njit_into
def first_visit_of(c: Any, a: Any, s: Any, contact: Any, case: Any) -> None:
    """What the first visit of a case brings, drawn in blocks."""
    b = s.ahead
    k = case - b.first[0]
    if k >= ahead.BLOCK:
        ahead.fill_block(b, c.laws, c.works, a, case, c.settings[N_POINTS])
        k = np.int64(0)
    s.i[contact + KEY] = b.key[k]
    s.x[contact + PATIENCE], s.x[contact + TALK], s.x[contact + AFTER_CALL] = b.patience[k], b.talk[k], b.after_call[k]


@njit_inner
def first_contact(a: Any, s: Any, leaf: Any) -> Any:
    """Of several contacts to which the same happens at one instant the lowest (case, contact, touch)."""
    best = leaf
    while leaf >= 0:
        case, least = a.case[case_of(s, leaf * RECORD)], a.case[case_of(s, best * RECORD)]
        if case < least or (case == least and s.i[leaf * RECORD + PLACE] < s.i[best * RECORD + PLACE]):
            best = leaf
        leaf = next_leaf(s.due, leaf)
    return best


@njit_inner
def first_visit(a: Any, s: Any, leaf: Any) -> Any:
    """Of several contacts to come that are due at one instant the lowest (case, contact)."""
    best = leaf
    while leaf >= 0:
        case, least = a.case[s.v[leaf * VISIT + V_CASE]], a.case[s.v[best * VISIT + V_CASE]]
        if case < least or (case == least and s.v[leaf * VISIT + V_NUMBER] < s.v[best * VISIT + V_NUMBER]):
            best = leaf
        leaf = next_leaf(s.coming, leaf)
    return best
