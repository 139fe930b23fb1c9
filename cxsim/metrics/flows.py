"""Where cases go: how often each step of a case is followed by which, counted for the journey picture."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxsim.contacts.log import ContactLog
from cxsim.contacts.order import order_of

LEAVES = "leaves"


def flows(log: ContactLog) -> pd.DataFrame:
    """Steps of cases by what follows, over all touches of the log.

    Returns
    -------
    DataFrame
        touchpoint, outcome, following (a touchpoint, or `leaves`), how (transfer, return or end) and n, one row each
        combination that occurred, in order of code.
    """
    t = log.touchpoints
    order = order_of(t.replication, t.case, t.contact, t.touch)
    case, replication, touchpoint = t.case[order], t.replication[order], t.touchpoint[order].astype(np.int64)
    same = np.zeros(len(order), dtype=bool)
    same[:-1] = (case[1:] == case[:-1]) & (replication[1:] == replication[:-1])
    following = np.where(same, np.append(touchpoint[1:], -1), -1)
    transfer = np.zeros(len(order), dtype=bool)
    transfer[:-1] = same[:-1] & (t.contact[order][1:] == t.contact[order][:-1])
    how = np.where(~same, 0, np.where(transfer, 1, 2))
    keys = np.stack([touchpoint, t.outcome[order].astype(np.int64), following, how], axis=1)
    keys = keys[order_of(*keys.T)]
    first = np.flatnonzero(np.append(True, np.any(keys[1:] != keys[:-1], axis=1))[: len(keys)])
    found, n = keys[first], np.diff(first, append=len(keys))
    names, outcomes = log.labels("touchpoint"), log.labels("outcome")
    return pd.DataFrame(
        {
            "touchpoint": [names[row[0]] for row in found],
            "outcome": [outcomes[row[1]] for row in found],
            "following": [names[row[2]] if row[2] >= 0 else LEAVES for row in found],
            "how": [("end", "transfer", "return")[row[3]] for row in found],
            "n": n,
        }
    )
