"""Routing: which agent takes an arriving contact, which contact a freed agent takes; pure, chosen by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim.compiled import njit

NOTHING = -1

LONGEST_IDLE = 0
LONGEST_WAIT = 0

AGENT_POLICIES = {"longest_idle": LONGEST_IDLE}
CONTACT_POLICIES = {"longest_wait": LONGEST_WAIT}


@njit
def longest_idle(groups: Any, chosen: Any, idle_since: Any, work: Any) -> Any:
    """The group, of those that serve the work type, in which an agent has been idle longest, or NOTHING.

    Parameters
    ----------
    groups : int64 [n_work, n_groups]
        Groups that serve each work type, in order of `chosen`, then of number; padded with NOTHING.
    chosen : int64 [n_groups, n_work]
        Order of the groups for a contact; a lower one with anybody idle goes first.
    idle_since : float64 [n_groups]
        Instant since which the group's longest idle agent is idle [s]; inf if nobody is.
    work : int
        Work type of the contact.
    """
    best, since, order = NOTHING, np.inf, 0
    for group in groups[work]:
        if group < 0 or (best >= 0 and chosen[group, work] > order):
            break
        if idle_since[group] < since:
            best, since, order = group, idle_since[group], chosen[group, work]
    return best


@njit
def longest_wait(served: Any, ranks: Any, waiting_since: Any, group: Any) -> Any:
    """The work type, of the lowest rank with anybody waiting, whose first contact has waited longest, or NOTHING.

    Parameters
    ----------
    served : int64 [n_groups, n_work]
        Work types that each group serves, in order of rank, then of number; padded with NOTHING.
    ranks : int64 [n_groups, n_work]
        Order among the agent's queues, 1 first.
    waiting_since : float64 [n_work]
        Instant at which the first contact of each queue was offered [s]; inf if nobody waits.
    group : int
        Group of the freed agent.
    """
    best, since, order = NOTHING, np.inf, 0
    for work in served[group]:
        if work < 0 or (best >= 0 and ranks[group, work] > order):
            break
        if waiting_since[work] < since:
            best, since, order = work, waiting_since[work], ranks[group, work]
    return best


@njit
def group_for_contact(policy: Any, groups: Any, chosen: Any, idle_since: Any, work: Any) -> Any:
    """Routing question 1: the group whose longest idle agent takes an arriving contact, or NOTHING."""
    if policy == LONGEST_IDLE:
        return longest_idle(groups, chosen, idle_since, work)
    return NOTHING


@njit
def queue_for_agent(policy: Any, served: Any, ranks: Any, waiting_since: Any, group: Any) -> Any:
    """Routing question 2: the work type whose first contact a freed agent takes, or NOTHING."""
    if policy == LONGEST_WAIT:
        return longest_wait(served, ranks, waiting_since, group)
    return NOTHING
