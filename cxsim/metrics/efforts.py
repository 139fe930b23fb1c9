"""What customers had to do: come back, change the channel, be passed on, tell the story again."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import (
    by_case,
    by_contact,
    case_begins,
    case_numbers,
    contacts_by_case,
    flag,
    in_order,
    passed_on,
)

Array = npt.NDArray[Any]

EFFORT = "Gartner, What is your customer effort score: what makes effort high"
NO_CASE = "no case gives no value"


def _switches(log: ContactLog) -> Array:
    """Mask [n_rows]: the leg is in another channel than the one before it in the case, chasers apart."""

    def find() -> Array:
        t, numbers = log.touchpoints, case_numbers(log)
        order = in_order(t)
        rows = order[~flag(t, "chaser")[order]]
        case, channel = numbers[rows], t.channel[rows]
        found = np.zeros(len(t), dtype=bool)
        if len(channel) and np.ptp(channel):
            found[rows[1:]] = (case[1:] == case[:-1]) & (channel[1:] != channel[:-1])
        return found

    return remember(log, "switches", find)


def _repeats(log: ContactLog) -> int:
    contacts = by_contact(log).any(~flag(log.touchpoints, "chaser"))
    return int(np.count_nonzero(contacts)) - contacts_by_case(log).n_with(contacts)


@metric(
    unit="events/case",
    better="lower",
    kind="result",
    family="effort",
    scope="case",
    columns=("case", "contact", "offered", "channel", "transfer_kind"),
    source=f"{EFFORT}; cxsim reference 3.9: switches, repeats, transfers per issue",
    null=NO_CASE,
    variants={name: {"variant": name} for name in ("all", "switches", "repeats", "transfers", "retold")},
)
def effort_events(log: ContactLog, *, variant: str = "all") -> Ratio:
    """Times that a case asks something more of its customer.

    Variants: switches, a leg in another channel than the leg before; repeats, contacts beyond the first; transfers,
    legs passed on; all, these three; retold, legs at which the story had to be told again. Chasers do not count.
    """
    parts = {"all": ("switches", "repeats", "transfers"), **{name: (name,) for name in ("switches", "repeats")}}
    parts |= {name: (name,) for name in ("transfers", "retold")}
    if variant not in parts:
        raise unknown_choice("effort_events", "variant", variant, parts)
    n, total = len(case_begins(log)), sum(_events(log, name) for name in parts[variant])
    return Ratio(float(total), float(n), n)


def _events(log: ContactLog, name: str) -> int:
    t = log.touchpoints
    if name == "repeats":
        return _repeats(log)
    if name == "switches":
        return int(np.count_nonzero(_switches(log)))
    if name == "retold":
        need(log, "effort_events:retold", "reinfo")
    mine: Array = t.reinfo if name == "retold" else passed_on(t)
    return int(np.count_nonzero(mine & ~flag(t, "chaser")))


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="effort",
    scope="case",
    columns=("case", "offered", "channel"),
    source="CX Dive on Gartner journey data (2024); cxsim reference 3.9: two or more channels",
    null=NO_CASE,
)
def multi_channel_rate(log: ContactLog) -> Ratio:
    """Share of cases that went through two or more channels, machines included."""
    n = len(case_begins(log))
    return Ratio.share(by_case(log).any(_switches(log)), np.ones(n, dtype=bool))
