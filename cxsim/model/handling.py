"""Contacts in hand: how much of an agent they take, how fast they go, what is left of them."""

from __future__ import annotations

from typing import Any

from cxsim import streams
from cxsim.compiled import njit
from cxsim.model.service import HALVES_EVERY, LEARN_EFFECT, LEARN_TIME

LN2 = 0.6931471805599453


@njit
def slowed(slowdown: Any, work: Any, n: Any) -> Any:
    """Factor on the time of a contact while its agent has n contacts in hand.

    Parameters
    ----------
    slowdown : float64 [n_work, most + 1]
        By work type and number in hand; the last holds beyond.
    """
    most = slowdown.shape[1] - 1
    return slowdown[work, n] if n < most else slowdown[work, most]


@njit
def work_left(left: Any, updated: Any, now: Any, slow: Any) -> Any:
    """Work left [s at full speed] of what was left at `updated`, after going on slowed by a factor until now."""
    rest = left - (now - updated) / slow
    return rest if rest > 0.0 else 0.0


@njit
def fading(learning: Any, group: Any, tenure: Any, now: Any) -> Any:
    """Share that is left of what a newly hired agent lacked; 0 in a group that does not learn.

    Parameters
    ----------
    learning : float64 [n_groups, 3]
        Columns LEARN_TIME, LEARN_EFFECT, HALVES_EVERY.
    tenure : float
        Time since hired at second 0 [s]; inf: long ago.
    """
    halves_every = learning[group, HALVES_EVERY]
    if halves_every <= 0.0:
        return 0.0
    return streams.exp((-LN2 * (now + tenure)) / halves_every)


@njit
def handle_factor(plain: Any, learning: Any, group: Any, fade: Any, again: Any) -> Any:
    """Factor on talk time and after-call work: of the agent for this work, still learning, at a further contact.

    Parameters
    ----------
    plain : float
        Speed of the agent times the factor of the group for the work type.
    fade : float
        From `fading`.
    again : float
        Factor of a further contact of the case; 1 at the first.
    """
    return (plain * (1.0 + learning[group, LEARN_TIME] * fade)) * again


@njit
def resolution_effect(plain: Any, learning: Any, group: Any, fade: Any, again: Any) -> Any:
    """Effect on resolution [log-odds]: of the agent for this work, still learning, at a further contact."""
    return (plain + learning[group, LEARN_EFFECT] * fade) + again


@njit
def break_end(at: Any, lasts: Any, now: Any, on_time: Any) -> Any:
    """Instant at which a break planned at `at` ends if it begins now: full, or on time; never after its end."""
    return at + lasts if on_time else now + lasts
