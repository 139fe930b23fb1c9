"""Outbound contacts: whether the customer picks up, how long that takes, and whether anybody dials again.

Source
------
Modes as vendors of diallers use the words: in preview an agent reads the record before the number is dialled; a
progressive dialler dials as soon as the agent is free; both one line an agent, so that nobody who picks up waits.
"""

from __future__ import annotations

from typing import Any

from cxsim import streams
from cxsim.compiled import njit
from cxsim.model.draws import drawn
from cxsim.model.tables import ATTEMPTS, NO_ANSWER_LAW, PICK_UP_LAW, PREVIEW_LAW, REACHED


@njit
def picks_up(works: Any, key: Any, place: Any, work: Any) -> Any:
    """Whether the customer picks up at this attempt; `place` is the address of the visit, here and below."""
    return streams.uniform(key, place + streams.REACHED) < works.numbers[work, REACHED]


@njit
def before_talk(laws: Any, works: Any, key: Any, place: Any, work: Any, reached: Any) -> Any:
    """Time to read the record and to dial, until the customer picks up or the agent gives up [s]."""
    law = works.laws[work, PICK_UP_LAW] if reached else works.laws[work, NO_ANSWER_LAW]
    reading = drawn(laws, works.laws[work, PREVIEW_LAW], key, place, streams.PREVIEW)
    return reading + drawn(laws, law, key, place, streams.DIAL)


@njit
def time_dialled(planned: Any, talk: Any, worked: Any) -> Any:
    """Time before talk of a contact worked on for `worked` seconds: as planned, but all of it where nothing follows."""
    return worked if talk == 0.0 else min(planned, worked)


@njit
def dials_again(works: Any, place: Any, work: Any) -> Any:
    """Whether a further attempt is allowed after this one."""
    return place // (streams.N_TOUCHES * streams.N_PURPOSES) + 1 < works.numbers[work, ATTEMPTS]
