"""Who came back: contacts of one customer about one thing, over the whole log."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.contacts.order import order_of
from cxsim.metrics.memory import remember
from cxsim.metrics.rows import answered, asked, by_contact, by_customer, flag, in_order
from cxsim.metrics.selection import last_event, rows_in_whole, whole_of

Array = npt.NDArray[Any]


class Attempts(NamedTuple):
    """Contacts of identified customers, and when the same customer (and contact type, and channel) made others.

    Attributes
    ----------
    row : array [n]
        First row of the contact in the whole log.
    start : array [n]
        Its offer [s].
    handled : array [n]
        Somebody answered it.
    previous, following : array [n]
        Time since the one handled before, and until the next, handled or not [s]; inf if there is none.
    """

    row: Array
    start: Array
    handled: Array
    previous: Array
    following: Array


def attempts(log: ContactLog, *, same_channel: bool, people: bool) -> Attempts:
    """Contacts of a whole log, one for each; with `people` those that went to staffed touchpoints."""
    t, contacts = log.touchpoints, by_contact(log)
    chosen = (asked(t) if people else ~flag(t, "chaser")) & (t.customer >= 0)
    rows = in_order(t)
    rows = rows[chosen[rows]]
    rows = rows[np.diff(contacts.numbers[rows], prepend=-1) != 0]  # the first leg of each contact
    start, handled = t.offered[rows], contacts.any(chosen & answered(t))[contacts.numbers[rows]]
    previous, following = np.full(len(rows), np.inf), np.full(len(rows), np.inf)
    # Most customers have one contact, and nothing before or after it.
    customer = by_customer(log)[0].numbers[rows]
    several = np.flatnonzero((np.bincount(customer) > 1)[customer])
    names = ("contact_type", *(("channel",) if same_channel else ()))
    keys = [customer[several], *(t.columns[name][rows[several]] for name in names if name in t)]
    order = order_of(*keys, start[several])
    previous[several[order]], following[several[order]] = _around(
        [key[order] for key in keys], start[several[order]], handled[several[order]]
    )
    return Attempts(rows, start, handled, previous, following)


def _around(keys: list[Array], start: Array, handled: Array) -> tuple[Array, Array]:
    """Time since the last one handled and until the next [n] each, of contacts in order of their keys and starts."""
    place = np.arange(len(start))
    new = np.logical_or.reduce([np.diff(key, prepend=-1) != 0 for key in keys])
    new[:1] = True
    begin = np.maximum.accumulate(np.where(new, place, 0))
    before = np.maximum.accumulate(np.where(np.append(False, handled)[: len(place)], place - 1, -1))
    previous = np.where(before >= begin, start - start[before], np.inf)
    following = np.where(np.append(new, True)[1:], np.inf, np.diff(start, append=0.0))
    return previous, following


def _attempts_of(log: ContactLog, *, same_channel: bool, people: bool) -> tuple[Attempts, Array]:
    """All attempts of the whole log, and a mask [n] of those whose rows were selected."""
    whole = whole_of(log)
    channel = whole.touchpoints.columns.get("channel", np.empty(0))
    # Where there is one channel, any channel is the same.
    same_channel = same_channel and bool(np.any(channel[1:] != channel[:-1]))
    name = f"attempts {same_channel} {people}"
    every = remember(whole, name, lambda: attempts(whole, same_channel=same_channel, people=people))
    selected = np.zeros(len(whole.touchpoints), dtype=bool)
    selected[rows_in_whole(log)] = True
    return every, selected[every.row]


def followed_up(log: ContactLog, *, seconds: float, same_channel: bool, people: bool) -> tuple[Array, Array]:
    """First contacts, and which of all contacts were followed by another within some seconds.

    Returns
    -------
    array [n], array [n]
        Masks over the attempts: a selected first contact that can be judged; another one came in time.
    """
    every, selected = _attempts_of(log, same_channel=same_channel, people=people)
    first = selected & every.handled & (every.previous > seconds)
    if "horizon" not in log.meta:
        first &= every.start <= last_event(whole_of(log)) - seconds
    return first, every.following <= seconds


def is_repeat(log: ContactLog, *, seconds: float) -> tuple[Array, Array]:
    """Contacts handled that can be judged, and which of all contacts repeat one handled within some seconds before."""
    every, selected = _attempts_of(log, same_channel=False, people=True)
    judged = selected & every.handled
    if "horizon" not in log.meta and len(every.start):
        judged &= every.start >= np.min(whole_of(log).touchpoints.offered) + seconds
    return judged, every.previous <= seconds
