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


def rank(kind: int, key: int) -> int:
    """The order of an event at its instant, above the two priorities that SimPy uses itself (0 and 1)."""
    return ((kind + 1) << _KEY_BITS) | key
