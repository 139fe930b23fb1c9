"""A day of M(t)/M/s(t)+M by Kolmogorov's equations with the engine's counter rule: who is in a contact finishes it.

State: agents in a contact, customers waiting. Where the level falls below the number in a contact nobody is taken until
enough have finished; where it rises, waiting customers are taken at once. A plain loop over Euler steps would do; here
uniformisation, whose every term is above 0.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

MOST_WAITING = 45
RATES = (20, 50, 30)  # calls per hour, an hour each

CENTRE = {
    "name": "Three hours",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "1 h"},
    "busyness": {"day_cv": 0, "interval_cv": 0, "interval_correlation": 0},
    "shapes": {"hours": {"from": "00:00", "every": "1 h", "values": list(RATES)}},
    "contact_types": {"call": {"volume": "100 per day", "shape": "hours", "enters": {"phone": 1}}},
    "touchpoints": {
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "hours": {"all": "00:00-03:00"},
            "at_closing": "turn_away",
            "patience": {"law": "exponential", "mean": "10 min"},
            "talk_time": {"law": "exponential", "mean": "10 min"},
            "resolves": "100%",
        }
    },
    "agent_groups": {"desk": {"by_interval": {"all": [6, 6, 6] + [0] * 21}, "serves": {"phone": {"rank": 1}}}},
}


def settled(law, level):
    """The law [n_in_contact, n_waiting] after free agents have taken who waits."""
    found = np.zeros_like(law)
    for busy in range(law.shape[0]):
        for waiting in range(law.shape[1]):
            taken = min(waiting, max(0, level - busy))
            found[busy + taken, waiting - taken] += law[busy, waiting]
    return found


def interval(law, *, rate, level, finish, leave, length):
    """The law after an interval and the mean number who left in it."""
    n_busy, n_waiting = law.shape
    busy, waiting = np.arange(n_busy)[:, None], np.arange(n_waiting)[None, :]
    law = settled(law, level)
    fastest = rate + finish * (n_busy - 1) + leave * (n_waiting - 1)
    mean = fastest * length
    last = int(stats.poisson.isf(1e-13, mean)) + 1
    weights = stats.poisson.pmf(np.arange(last + 1), mean)
    later = stats.poisson.sf(np.arange(last + 1), mean) / fastest
    after, time = np.zeros_like(law), np.zeros_like(law)
    for weight, still in zip(weights, later, strict=True):
        after += weight * law
        time += still * law
        comes, ends, leaves = law * (rate / fastest), law * (finish / fastest * busy), law * (leave / fastest * waiting)
        moved = law - comes - ends - leaves
        taken = np.zeros(n_busy, dtype=bool)
        taken[: min(level, n_busy)] = True  # below the level an arrival is taken at once
        moved[1:][taken[:-1]] += comes[:-1][taken[:-1]]
        moved[:, 1:][~taken] += comes[:, :-1][~taken]
        moved[:, -1][~taken] += comes[:, -1][~taken]
        moved[:, :-1] += leaves[:, 1:]
        # Who finishes with no more in a contact than the level takes the next who waits; else goes.
        stays = np.arange(n_busy) <= level
        moved[stays, :-1] += ends[stays, 1:]
        free = np.where(stays)[0]
        free = free[free > 0]
        moved[free - 1, 0] += ends[free, 0]
        over = np.where(~stays)[0]
        moved[over - 1] += ends[over]
        law = moved
    return after, leave * float(np.sum(time * waiting))


def abandonment(rates, plan, *, finish, leave, hours=1.0, most_agents=14):
    """Abandoned over decided: arrivals but for those whom closing finds waiting and turns away."""
    law = np.zeros((most_agents + 1, MOST_WAITING + 1))
    law[0, 0] = 1.0
    left = 0.0
    for rate, level in zip(rates, plan, strict=True):
        law, more = interval(law, rate=rate, level=level, finish=finish, leave=leave, length=hours)
        left += more
    waiting = float(np.sum(settled(law, 0) * np.arange(MOST_WAITING + 1)[None, :]))
    return left / (sum(rates) * hours - waiting)
