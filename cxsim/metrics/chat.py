"""Chat: how long it waits and lasts, and how many an agent has in hand at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import CHANNELS
from cxsim.contacts.log import ContactLog, Table
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric
from cxsim.metrics.presence import busy_time, handled_time, work_by_agent
from cxsim.metrics.ratio import Ratio, Sample
from cxsim.metrics.rows import answered, decided_contacts, finished, served, waited
from cxsim.metrics.selection import observed, rows_in_whole, whole_of

Array = npt.NDArray[Any]

COMM100 = "Comm100, 2016 customer service metric definitions"
CHAT = CHANNELS.index("chat")
AT_WORK = ("agent_group", "agent", "answered", "wrapped")


def _is_chat(t: Table) -> Array:
    return np.asarray(t.channel == CHAT)


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered", "ended", "outcome", "channel"),
    source=COMM100,
    null="no chat answered gives no value",
    variants={"mean": {}, "p50": {"p": 0.5}, "p90": {"p": 0.9}},
)
def chat_wait(log: ContactLog, *, p: float | None = None) -> Ratio | Sample:
    """Time that a visitor waits until an agent accepts the chat; the first response of a chat."""
    t = log.touchpoints
    wait = waited(t)[decided_contacts(t) & answered(t) & _is_chat(t)]
    return Ratio.mean(wait) if p is None else Sample(wait, p)


@metric(
    unit="s",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", "answered", "ended", "channel"),
    source=COMM100,
    null="no chat answered gives no value",
    variants={"mean": {}, "p50": {"p": 0.5}, "p90": {"p": 0.9}},
)
def chat_duration(log: ContactLog, *, p: float | None = None) -> Ratio | Sample:
    """Time from the acceptance of a chat until the visitor is gone, by the clock, whatever else the agent does."""
    t = log.touchpoints
    length = (t.ended - t.answered)[finished(t, until="ended") & _is_chat(t)]
    return Ratio.mean(length) if p is None else Sample(length, p)


@metric(
    unit="contacts",
    better="band",
    kind="process",
    family="handling",
    scope="agent",
    columns=AT_WORK,
    source="cxsim reference 3.2: contact seconds over busy seconds of the clock",
    null="no work gives no value",
)
def concurrency(log: ContactLog) -> Ratio:
    """Mean number of contacts in hand of an agent who has any."""
    stretches = observed(log)
    busy = busy_time(log).within(stretches)
    return Ratio(handled_time(log).within(stretches), busy, int(np.count_nonzero(served(log.touchpoints))))


@metric(
    unit="contacts",
    better="band",
    kind="process",
    family="handling",
    scope="contact",
    columns=("offered", *AT_WORK),
    source="cxsim reference 3.2",
    null="nothing handled gives no value",
)
def max_concurrency(log: ContactLog) -> Sample:
    """Most contacts that an agent had in hand at once, seen whenever one of those looked at was answered.

    What the agent had in hand is looked up in the whole log, whichever contacts are looked at. One contact that ends as
    another is answered does not count beside it.
    """
    whole = whole_of(log)
    in_hand = remember(whole, "in hand", lambda: _in_hand(whole))[rows_in_whole(log)]
    return Sample(in_hand[in_hand > 0].astype(np.float64), 1.0)


def _in_hand(log: ContactLog) -> Array:
    """Contacts in the hands of each row's agent as its work begins [n_rows], its own included; 0 without any work."""
    rows, owner, begin, end = work_by_agent(log)
    found = np.zeros(len(log.touchpoints), dtype=np.int64)
    found[rows] = 1
    if not np.any((begin[1:] < end[:-1]) & (owner[1:] == owner[:-1])):
        return found
    change = np.repeat([1, -1], len(rows))
    owners, instant = np.concatenate([owner, owner]), np.concatenate([begin, end])
    # Ends before begins of one instant; every agent's changes sum to 0, so the count starts anew with each agent.
    order = np.lexsort((change, instant, owners))
    level = np.cumsum(change[order])
    opens = change[order] == 1
    found[rows[order[opens]]] = level[opens]
    return found
