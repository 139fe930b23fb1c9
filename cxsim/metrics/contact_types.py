"""What a contact type shows of level 1: which types it can resolve, as the log shows or as the asker says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import need, unknown_choice
from cxsim.metrics.rows import first_of_cases

Array = npt.NDArray[Any]


def types_of_cases(log: ContactLog) -> Array:
    """Contact type of each case [n_cases] by its first leg, from 0; 0 stands for the type that is not known."""
    return remember(
        log, "types of cases", lambda: log.touchpoints.contact_type[first_of_cases(log)].astype(np.int64) + 1
    )


def allowed_types(log: ContactLog, *, beyond: str, name: str, shown: Callable[[], Array]) -> Array:
    """Mask [n_cases]: the case is of a type that level 1 can resolve.

    Parameters
    ----------
    log : ContactLog
    beyond : str
        Names of types that it cannot, with commas between; '' leaves it to what the log shows.
    name : str
        Metric that asks, for the error.
    shown : function
        Mask [n_types, 0 the unknown one] of types that the log shows level 1 to resolve; it may be shorter than types.

    Raises
    ------
    MetricUnavailable
        The log has no contact types, or not the one that is named.
    """
    need(log, name, "contact_type")
    types = types_of_cases(log)
    if not beyond:
        can = shown()
        return np.asarray((types < len(can)) & can[np.minimum(types, max(len(can) - 1, 0))]) if len(can) else types < 0
    known = log.labels("contact_type")
    wrong = [word.strip() for word in beyond.split(",") if word.strip() not in known]
    if wrong:
        raise unknown_choice(name, "beyond", wrong[0], known)
    cannot = [known.index(word.strip()) + 1 for word in beyond.split(",")]
    return ~np.isin(types, cannot)
