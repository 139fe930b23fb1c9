"""A log made ready to be measured, more than once if need be."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim.contacts.columns import TABLES
from cxsim.contacts.log import ContactLog
from cxsim.metrics.memory import Rows
from cxsim.metrics.rows import IN_ORDER, in_order
from cxsim.metrics.selection import Selection, default_span, replications_in


def prepared(log: ContactLog) -> Selection:
    """The log with touchpoints in the order replication, case, contact, touch, and a memory.

    A log that is to be measured several times is prepared once, and what was worked out serves again; its arrays must
    not change meanwhile.
    """
    if isinstance(log, Selection) and log.whole is None:
        return log
    order = in_order(log.touchpoints)
    each = np.arange(len(order))
    ordered = np.array_equal(order, each)
    tables: dict[str, Any] = {name: Rows(getattr(log, name)) for name in TABLES}
    tables["touchpoints"] = Rows(log.touchpoints, None if ordered else order)
    tables["touchpoints"].memory[IN_ORDER] = each
    return Selection(
        **tables,
        names=log.names,
        meta=log.meta,
        span=log.span,
        stretches=np.array([default_span(log)]),
        replications=len(replications_in(log)),
    )
