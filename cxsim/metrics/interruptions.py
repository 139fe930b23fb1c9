"""Where work that was laid aside for live contacts was really done: in the gaps that they left its agent."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pieces = tuple[Array, Array, Array]


def fitted(owner: Array, answered: Array, wrapped: Array, lengths: Array, *, around: Pieces) -> Pieces:
    """Pieces in which interrupted contacts were in hand.

    A log says when such a contact was answered and wrapped and how long it lay aside, not when. Its agent had other
    contacts in hand meanwhile and never both, so its work fills what these left free, from the answer on. What finds no
    room was done by an agent before the one the log names, and is left out.

    Parameters
    ----------
    owner, answered, wrapped, lengths : arrays [n]
        Agent, instants and time in hand [s] of the interrupted contacts.
    around : arrays [m]
        Owner, begin and end of the agents' other work, joined, by owner and begin.

    Returns
    -------
    array [k], array [k], array [k]
        Owners, begins and ends.
    """
    found: list[tuple[int, float, float]] = []
    taken: dict[int, list[tuple[float, float]]] = {}
    owners, begins, ends = around
    for place in np.lexsort((answered, owner)).tolist():
        agent, start, stop, left = int(owner[place]), float(answered[place]), float(wrapped[place]), lengths[place]
        first, last = np.searchsorted(owners, agent, side="left"), np.searchsorted(owners, agent, side="right")
        mine = slice(first + np.searchsorted(ends[first:last], start, side="right"),
                     first + np.searchsorted(begins[first:last], stop, side="left"))  # fmt: skip
        own = taken.setdefault(agent, [])
        busy = sorted([*zip(begins[mine].tolist(), ends[mine].tolist(), strict=True), *own])
        for begin, end in _gaps(busy, start, stop):
            piece = min(end - begin, float(left))
            if piece <= 0.0:
                break
            found.append((agent, begin, begin + piece))
            own.append((begin, begin + piece))
            left -= piece
    parts = list(zip(*found, strict=True)) if found else [(), (), ()]
    return np.array(parts[0], dtype=owner.dtype), np.array(parts[1], float), np.array(parts[2], float)


def _gaps(busy: list[tuple[float, float]], start: float, stop: float) -> list[tuple[float, float]]:
    """Free stretches between start and stop, in order."""
    gaps, now = [], start
    for begin, end in busy:
        if begin >= stop:
            break
        if begin > now:
            gaps.append((now, begin))
        now = max(now, end)
    if now < stop:
        gaps.append((now, stop))
    return gaps
