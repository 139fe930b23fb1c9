"""Who came back: contacts of one customer about one thing, in order of time, over the whole log."""

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
    """Contacts of identified customers, each customer's (and contact type's, and channel's) together, by time.

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
    """Contacts in order, from every row of a whole log; with `people` those that went to staffed touchpoints."""
    t = log.touchpoints
    chosen = (asked(t) if people else ~flag(t, "chaser")) & (t.customer >= 0)
    order, contacts = in_order(t), by_contact(log)
    numbers = contacts.numbers
    rows = order[chosen[order]]
    first = np.zeros(len(t), dtype=bool)
    first[rows[np.diff(numbers[rows], prepend=-1) != 0]] = True  # the first leg of each contact
    customers, order = by_customer(log)
    rows = order[first[order]]
    handled = contacts.any(chosen & answered(t))
    names = ("contact_type", *(("channel",) if same_channel else ()))
    keys = [customers.numbers, *(t.columns[name] for name in names if name in t)]
    # Most customers have one contact: the further keys put in order what is left.
    again = customers.numbers[rows[1:]] == customers.numbers[rows[:-1]]
    several = np.flatnonzero(np.append(again, False) | np.append(False, again)) if len(rows) else rows
    mine = rows[several]
    rows[several] = mine[order_of(*(key[mine] for key in keys), t.offered[mine])]
    handled, keys, start = handled[numbers[rows]], [key[rows] for key in keys], t.offered[rows]
    new = np.ones(len(rows), dtype=bool)
    if len(rows):
        new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    place = np.arange(len(rows))
    begin = np.maximum.accumulate(np.where(new, place, 0))
    before = np.concatenate([[-1], np.maximum.accumulate(np.where(handled, place, -1))[:-1]]).astype(np.int64)
    before = before[: len(rows)]
    previous = np.where(before >= begin, start - start[before], np.inf) if len(rows) else start
    following = np.full(len(rows), np.inf)
    following[:-1] = np.where(new[1:], np.inf, start[1:] - start[:-1])
    return Attempts(rows, start, handled, previous, following)


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
