"""What records say of a contact or an agent: places in other arrays."""

from __future__ import annotations

from typing import Any

from cxsim.compiled import njit_into
from cxsim.engines.kernel.world import CASE, FIRST_HAND, GROUP, POINT, ROW, WORK


@njit_into
def natural(number: Any) -> Any:
    """The same number, 0 or more and below 2**31.

    So the compiler knows that an index does not count from the end of an array, which it would else ask at every step.
    """
    return number & 0x7FFFFFFF


@njit_into
def row_of(s: Any, contact: Any) -> Any:
    """The row of the log of a contact's leg."""
    return natural(s.i[contact + ROW])


@njit_into
def case_of(s: Any, contact: Any) -> Any:
    """The place of a contact's case among the cases."""
    return natural(s.i[contact + CASE])


@njit_into
def work_of(s: Any, contact: Any) -> Any:
    """The work type of a contact."""
    return natural(s.i[contact + WORK])


@njit_into
def point_of(s: Any, contact: Any) -> Any:
    """The touchpoint at which a contact is."""
    return natural(s.i[contact + POINT])


@njit_into
def group_of(s: Any, agent: Any) -> Any:
    """The group of an agent."""
    return natural(s.a[agent + GROUP])


@njit_into
def in_hand(s: Any, agent: Any) -> Any:
    """The contact that an agent took first, of those in hand; there must be one."""
    return natural(s.a[agent + FIRST_HAND])
