"""How often people pass a contact on, and to where.

Rates of transfer look at legs by their own offer: grouped or cut so that the legs of one contact lie apart, the contact
counts in each of these groups.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import COLD, WARM
from cxsim.contacts.log import ContactLog
from cxsim.metrics.metric import metric, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import (
    answered,
    any_of,
    asked,
    case_numbers,
    contact_numbers,
    handled_contacts,
    how_many,
    one_of,
)

Array = npt.NDArray[Any]


def _transferred(log: ContactLog, kind: str) -> Array:
    t = log.touchpoints
    kinds = {"any": (COLD, WARM), "cold": (COLD,), "warm": (WARM,)}
    if kind not in kinds:
        raise unknown_choice("transfer_rate", "transfer", kind, kinds)
    return asked(t) & answered(t) & one_of(t.transfer_kind, *kinds[kind])


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="resolution",
    scope="contact",
    columns=("case", "contact", "offered", "answered", "transfer_kind"),
    source="Amazon Connect administrator guide (kinds of transfer); cxsim reference 3.3",
    null="nobody answered gives no value",
    variants={"any": {}, "cold": {"transfer": "cold"}, "warm": {"transfer": "warm"}},
)
def transfer_rate(log: ContactLog, *, transfer: str = "any") -> Ratio:
    """Share of contacts answered by people that one of them passed on at least once."""
    n = int(np.count_nonzero(handled_contacts(log)))
    return Ratio(float(how_many(contact_numbers(log), _transferred(log, transfer))), float(n), n)


@metric(
    unit="transfers/contact",
    better="lower",
    kind="result",
    family="resolution",
    scope="contact",
    columns=("case", "contact", "offered", "answered", "transfer_kind"),
    source="cxsim reference 3.3",
    null="nobody answered gives no value",
)
def transfers_per_contact(log: ContactLog, *, transfer: str = "any") -> Ratio:
    """Mean number of times that people pass a contact on, of contacts answered by people."""
    n = int(np.count_nonzero(handled_contacts(log)))
    return Ratio(float(np.count_nonzero(_transferred(log, transfer))), float(n), n)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="resolution",
    scope="case",
    columns=("case", "contact", "touch", "offered", "touchpoint"),
    source="Escalation rate calculator, bit1024.com: 15 of 500 is 3 %",
    null="no case with people gives no value",
)
def escalation_rate(log: ContactLog) -> Ratio:
    """Share of cases with people that went on, within a contact, from people to a different touchpoint.

    The touchpoint they went on to may be staffed or not: a resolver group outside the centre is one that only lasts.
    """
    t = log.touchpoints
    cases, contacts, place = case_numbers(log), contact_numbers(log), t.touchpoint.astype(np.int64)
    mine = asked(t) & (place >= 0)  # an unknown place is not another place
    first = np.full(len(t), np.iinfo(np.int64).max)
    np.minimum.at(first, contacts[mine], t.touch[mine].astype(np.int64))
    begins = mine & (t.touch == first[contacts])
    began_at = np.full(len(t), -1)
    began_at[contacts[begins]] = place[begins]
    elsewhere = (t.touch > first[contacts]) & (place >= 0) & (place != began_at[contacts])
    return Ratio.share(any_of(cases, elsewhere), any_of(cases, mine))
