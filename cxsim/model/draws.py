"""What happens to one visit if somebody serves it: everything drawn from its address, before anybody knows when."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxsim import streams
from cxsim.compiled import njit
from cxsim.laws import quantile
from cxsim.model.tables import (
    AFTER_LAW,
    AT_ONCE,
    DURATION_LAW,
    FALSE_SHARE,
    HOLD,
    LEAVE,
    LOG_ODDS,
    PATIENCE_LAW,
    TALK_LAW,
)

AFTER_CALL = streams.AFTER_CALL
CASE = streams.CASE


@njit
def drawn(laws: Any, law: Any, key: Any, place: Any, purpose: Any) -> Any:
    """A duration of a law for one purpose of a visit [s]."""
    return quantile(laws, law, streams.uniform(key, place + purpose))


@njit
def staffed_visit(laws: Any, works: Any, key: Any, contact: Any, touch: Any, work: Any) -> Any:
    """Patience, talk time, after-call work [s] and share held of a visit to a staffed touchpoint.

    Parameters
    ----------
    laws : Laws
    works : Works
    key : uint64
        Key of the case.
    contact, touch, work : int
        Address of the visit, and its work type.

    Returns
    -------
    (float, float, float, float)
        Patience is inf for a customer who waits for ever and 0 for one who leaves unless served at once.
    """
    place = streams.address(contact, touch, 0)
    patience = np.inf
    if works.laws[work, PATIENCE_LAW] >= 0:
        at_once = works.numbers[work, AT_ONCE]
        if at_once > 0.0 and streams.uniform(key, place + streams.PATIENCE_AT_ONCE) < at_once:
            patience = 0.0
        else:
            patience = drawn(laws, works.laws[work, PATIENCE_LAW], key, place, streams.PATIENCE)
    talk_time = drawn(laws, works.laws[work, TALK_LAW], key, place, streams.TALK)
    after_call_work = drawn(laws, works.laws[work, AFTER_LAW], key, place, AFTER_CALL)
    held = 2.0 * works.numbers[work, HOLD]
    if held > 0.0:
        held *= streams.uniform(key, place + streams.HOLD)
    return patience, talk_time, after_call_work, held


@njit
def automated_visit(laws: Any, works: Any, key: Any, contact: Any, touch: Any, work: Any) -> Any:
    """How long a visit to an automated touchpoint lasts [s]."""
    return drawn(laws, works.laws[work, DURATION_LAW], key, streams.address(contact, touch, 0), streams.DURATION)


@njit
def looks_resolved(works: Any, key: Any, contact: Any, touch: Any, work: Any, effect: Any) -> Any:
    """Whether the centre counts the visit as resolved: base probability, moved by an effect [log-odds]."""
    u = streams.uniform(key, streams.address(contact, touch, streams.RESOLUTION))
    return streams.log(u) - streams.log(1.0 - u) < works.numbers[work, LOG_ODDS] + effect


@njit
def is_false(works: Any, key: Any, contact: Any, touch: Any, work: Any) -> Any:
    """Whether what looks resolved is not."""
    share = works.numbers[work, FALSE_SHARE]
    return share > 0.0 and streams.uniform(key, streams.address(contact, touch, streams.FALSE_RESOLUTION)) < share


@njit
def exit_taken(works: Any, exits: Any, key: Any, place: Any, work: Any, outcome: Any) -> Any:
    """The row of the exit that a case takes after an outcome, or LEAVE; `place` is the address of the visit."""
    first, stop = works.exits[work, outcome, 0], works.exits[work, outcome, 1]
    if first == stop:
        return LEAVE
    u = streams.uniform(key, place + streams.EXIT)
    for row in range(first, stop):
        if u < exits.up_to[row]:
            return row
    return LEAVE


@njit
def delay(laws: Any, law: Any, key: Any, contact: Any, touch: Any) -> Any:
    """Time from the end of a contact to the next one of the case [s]."""
    return drawn(laws, law, key, streams.address(contact, touch, 0), streams.DELAY)


@njit
def speed(replication_key: Any, group: Any, agent: Any, spread: Any) -> Any:
    """Handle time multiplier of an agent: lognormal with mean 1 and log-SD `spread`."""
    if spread <= 0.0:
        return 1.0
    key = streams.entity_key(replication_key, streams.AGENT, streams.agent_number(group, agent))
    z = streams.normal_quantile(streams.uniform(key, streams.SPEED))
    return streams.exp(spread * z - 0.5 * spread * spread)


@njit
def quality(replication_key: Any, group: Any, agent: Any) -> Any:
    """Skill of an agent [SD], standard normal over the centre."""
    key = streams.entity_key(replication_key, streams.AGENT, streams.agent_number(group, agent))
    return streams.normal_quantile(streams.uniform(key, streams.QUALITY))


@njit
def is_absent(replication_key: Any, group: Any, agent: Any, day: Any, share: Any) -> Any:
    """Whether an agent does not come on a day."""
    key = streams.entity_key(replication_key, streams.AGENT, streams.agent_number(group, agent))
    return streams.uniform(key, streams.address(day, 0, streams.ABSENCE)) < share
