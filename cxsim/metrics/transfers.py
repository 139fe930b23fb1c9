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
    asked,
    by_contact,
    handled_contacts,
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
    return Ratio(float(by_contact(log).n_with(_transferred(log, transfer))), float(n), n)


@metric(
    unit="transfers/contact",
    better="lower",
    kind="result",
    family="resolution",
    scope="contact",
    columns=("case", "contact", "offered", "answered", "transfer_kind"),
    source="cxsim reference 3.3",
    null="nobody answered gives no value",
    variants={"any": {}, "cold": {"transfer": "cold"}, "warm": {"transfer": "warm"}},
)
def transfers_per_contact(log: ContactLog, *, transfer: str = "any") -> Ratio:
    """Mean number of times that people pass a contact on, of contacts answered by people."""
    n = int(np.count_nonzero(handled_contacts(log)))
    return Ratio(float(np.count_nonzero(_transferred(log, transfer))), float(n), n)
