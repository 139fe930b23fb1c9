"""What is told to a customer who is offered, and what he or she does about it: balk, accept a callback."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim import streams
from cxsim.compiled import njit


@njit
def expected_wait(ahead: Any, mean_handle: Any, able: Any) -> Any:
    """The wait that is announced [s]: people ahead times mean handle time over agents able; NaN with nobody able."""
    if able <= 0:
        return np.nan
    return (ahead * mean_handle) / able


@njit
def balk_share(queues: Any, work: Any, announced: Any) -> Any:
    """Share of the customers who leave on hearing this wait; nobody leaves on hearing nothing."""
    share = 0.0
    for step in range(queues.balk_from.shape[1]):
        if not queues.balk_from[work, step] <= announced:
            break
        share = queues.balk_share[work, step]
    return share


@njit
def balks(queues: Any, key: Any, place: Any, work: Any, announced: Any) -> Any:
    """Whether the customer leaves on hearing this wait; `place` is the address of the visit."""
    share = balk_share(queues, work, announced)
    return share > 0.0 and streams.uniform(key, place + streams.BALK) < share


@njit
def accepts_callback(queues: Any, key: Any, place: Any, work: Any, announced: Any) -> Any:
    """Whether a callback is offered at this announced wait, and accepted."""
    if not queues.callback_from[work] <= announced:
        return False
    return streams.uniform(key, place + streams.CALLBACK) < queues.callback_share[work]


@njit
def answers_callback(queues: Any, key: Any, place: Any, work: Any) -> Any:
    """Whether the customer answers when called back."""
    return streams.uniform(key, place + streams.CALLBACK_ANSWER) < queues.callback_answers[work]
