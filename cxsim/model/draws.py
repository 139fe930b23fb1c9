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
    RESOLVES,
    RING_LAW,
    TALK_LAW,
)

AFTER_CALL = streams.AFTER_CALL
CASE = streams.CASE


@njit
def drawn(laws: Any, law: Any, key: Any, place: Any, purpose: Any) -> Any:
    """A duration of a law for one purpose of a visit [s]."""
    return quantile(laws, law, streams.uniform(key, place + purpose))


@njit
def patience(laws: Any, works: Any, key: Any, place: Any, work: Any) -> Any:
    """Patience alone of `staffed_visit` [s]; `place` is the address of the visit, here and below."""
    if works.laws[work, PATIENCE_LAW] < 0:
        return np.inf
    at_once = works.numbers[work, AT_ONCE]
    if at_once > 0.0 and streams.uniform(key, place + streams.PATIENCE_AT_ONCE) < at_once:
        return 0.0
    return drawn(laws, works.laws[work, PATIENCE_LAW], key, place, streams.PATIENCE)


@njit
def service(laws: Any, works: Any, key: Any, place: Any, work: Any) -> Any:
    """Talk time, after-call work [s] and share held alone of `staffed_visit`."""
    talk_time = drawn(laws, works.laws[work, TALK_LAW], key, place, streams.TALK)
    after_call_work = drawn(laws, works.laws[work, AFTER_LAW], key, place, AFTER_CALL)
    return talk_time, after_call_work, share_held(works, key, place, work)


@njit
def share_held(works: Any, key: Any, place: Any, work: Any) -> Any:
    """Share of the talk time spent on hold."""
    held = 2.0 * works.numbers[work, HOLD]
    return held * streams.uniform(key, place + streams.HOLD) if held > 0.0 else held


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
    return patience(laws, works, key, place, work), *service(laws, works, key, place, work)


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


@njit
def fill_absences(out: Any, replication_key: Any, group: Any, day: Any, share: Any) -> None:
    """Write whether each agent of a group, by number, does not come on a day."""
    for agent in range(len(out)):
        out[agent] = is_absent(replication_key, group, agent, day, share)


@njit
def fill_people(out: Any, laws: Any, staff: Any, key: Any, spread: Any) -> None:
    """Write speed, quality and tenure of each agent beside the group [n_agents, 4]; numbers count from 0 in a group."""
    number, last = 0, -1
    for place in range(len(out)):
        group = int(out[place, 0])
        number = number + 1 if group == last else 0
        last = group
        out[place, 1] = speed(key, group, number, spread[group])
        out[place, 2] = quality(key, group, number)
        agent = streams.entity_key(key, streams.AGENT, streams.agent_number(group, number))
        out[place, 3] = tenure(laws, staff, group, agent)


@njit
def ring_time(laws: Any, works: Any, key: Any, place: Any, work: Any) -> Any:
    """Time between assignment and talk [s]; 0 where nothing rings."""
    law = works.laws[work, RING_LAW]
    return drawn(laws, law, key, place, streams.RING) if law >= 0 else 0.0


@njit
def sends_chaser(key: Any, place: Any, n: Any, share: Any) -> Any:
    """Whether the customer asks when the promised time has passed for the n-th time, from 1."""
    return streams.uniform(streams.next_key(key, place + streams.CHASER), n) < share


@njit
def time_away(laws: Any, staff: Any, group: Any, key: Any, place: Any) -> Any:
    """How long an agent is away after a contact [s], or -1 if not; `place` is the address of the visit."""
    share = staff.unavailable_share[group]
    if share <= 0.0 or streams.uniform(key, place + streams.UNAVAILABLE) >= share:
        return -1.0
    return drawn(laws, staff.unavailable_law[group], key, place, streams.UNAVAILABLE_FOR)


@njit
def lateness(laws: Any, staff: Any, group: Any, key: Any, place: Any) -> Any:
    """How late an agent comes to a shift [s], or -1 if in time.

    `key` is the agent's; `place` the address of the day, with the number of the shift in the place of the touch.
    """
    share = staff.late_share[group]
    if share <= 0.0 or streams.uniform(key, place + streams.LATE) >= share:
        return -1.0
    return drawn(laws, staff.late_law[group], key, place, streams.LATE_BY)


@njit
def fill_lateness(
    out: Any, laws: Any, staff: Any, replication_key: Any, group: Any, agents: Any, day: Any, shift: Any
) -> None:
    """Write how late each of some agents of a group, by number, comes to a shift of a day [s], or -1 if in time."""
    place = streams.address(day, shift, 0)
    for n in range(len(out)):
        number = streams.agent_number(group, agents[n])
        out[n] = lateness(laws, staff, group, streams.entity_key(replication_key, streams.AGENT, number), place)


@njit
def tenure(laws: Any, staff: Any, group: Any, key: Any) -> Any:
    """Time since an agent was hired at second 0 [s]; inf where nothing is said. `key` is the agent's."""
    law = staff.tenure_law[group]
    return quantile(laws, law, streams.uniform(key, streams.TENURE)) if law >= 0 else np.inf


@njit
def choice(key: Any, contact: Any, touch: Any) -> Any:
    """Uniform number of a random choice: of a case at a visit, or of an agent at his or her n-th choice."""
    return streams.uniform(key, streams.address(contact, touch, streams.CHOICE))


@njit
def given_or(given: Any, drawn_value: Any) -> Any:
    """What a record gives, or what was drawn where it says nothing (NaN)."""
    return drawn_value if np.isnan(given) else given


@njit
def automated_visit_at(laws: Any, works: Any, key: Any, place: Any, work: Any) -> Any:
    """`automated_visit` by address."""
    return drawn(laws, works.laws[work, DURATION_LAW], key, place, streams.DURATION)


@njit
def looks_resolved_at(works: Any, key: Any, place: Any, work: Any, effect: Any) -> Any:
    """`looks_resolved` by address."""
    odds = works.numbers[work, LOG_ODDS] + effect
    if odds == np.inf:
        return True
    u = streams.uniform(key, place + streams.RESOLUTION)
    share = works.numbers[work, RESOLVES]
    # Far from the share itself the answer is known without logarithms, whatever their last bits.
    if effect == 0.0 and abs(u - share) > 1e-9:
        return u < share
    return streams.log(u) - streams.log(1.0 - u) < odds


@njit
def is_false_at(works: Any, key: Any, place: Any, work: Any) -> Any:
    """`is_false` by address."""
    share = works.numbers[work, FALSE_SHARE]
    return share > 0.0 and streams.uniform(key, place + streams.FALSE_RESOLUTION) < share
