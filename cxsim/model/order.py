"""What goes first when several things happen at one instant: never the chance of the code."""

from __future__ import annotations

from typing import Final

# Kinds of events in order; within a kind the key decides.
WRAPPED: Final = 0
ENDED: Final = 1
PRESENCE: Final = 2
OFFERED: Final = 3
OVERFLOW: Final = 4
LOST_PATIENCE: Final = 5
PROMISE: Final = 6

# What comes at one instant of the plan of a group: comings and goings, then breaks, then each agent's own return.
CHANGE: Final = 1
BREAK_BEGIN: Final = 2
OWN_RETURN: Final = 3

_KEY_BITS: Final = 80
_CONTACT_SIDE: Final = 1 << 79


def agent_key(group: int, agent: int) -> int:
    """Key of an event of an agent: (group, agent)."""
    return (group << 24) | agent


def contact_key(case: int, contact: int, touch: int) -> int:
    """Key of an event of a contact: (type, case, contact, touch); the type stands in the high bits of the case.

    Lies above every key of an agent: at one instant agents' ends come before those of automated touchpoints.
    """
    return _CONTACT_SIDE | (case << 16) | (contact << 8) | touch


def presence_key(group: int, ordinal: int, agent: int = 0) -> int:
    """Key of a change of presence: by group, then CHANGE, BREAK_BEGIN, or OWN_RETURN of an agent."""
    return (group << 24) + ordinal + agent


def rank(kind: int, key: int, below: int = 0) -> int:
    """The order of an event at its instant, above the two priorities that SimPy uses itself (0 and 1).

    `below` orders events of one kind and key: contacts that one agent has in hand, by their own key.
    """
    return ((kind + 1) << 2 * _KEY_BITS) | (key << _KEY_BITS) | below
