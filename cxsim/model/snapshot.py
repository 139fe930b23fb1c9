"""A running day to start from: contacts that wait and contacts in hand, with what is still to come of each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim import streams
from cxsim.model import draws, handling
from cxsim.model.demand import Demand, choices_of
from cxsim.model.policies import NOTHING
from cxsim.model.tables import Tables
from cxsim.scenario.load import Scenario
from cxsim.units import DAY

Array = npt.NDArray[Any]

# What has lasted so long that no draw agrees with it ends at the begin of the run.
MOST_ATTEMPTS = 1000
_CASES_A_DAY = 1 << 24


class Start(NamedTuple):
    """Contacts of a snapshot, in order of offering, then of the file: waiting ones before those in hand.

    case, contact_type, touchpoint, customer, segment : int64 [n]
    offered : float64 [n], instant of the offer, and of the answer of those in hand [s]
    group, agent : int64 [n], who has it in hand, NOTHING if it waits
    patience, talk, after_call_work, held : float64 [n], as drawn: work [s] of an average agent, share on hold
    """

    case: Array
    contact_type: Array
    touchpoint: Array
    customer: Array
    segment: Array
    offered: Array
    group: Array
    agent: Array
    patience: Array
    talk: Array
    after_call_work: Array
    held: Array


def start_of(scenario: Scenario, tables: Tables, demand: Demand, *, replication_key: Any) -> Start | None:
    """The contacts that are there at the begin of the run, or None without a snapshot.

    Cases are numbered downwards from the top of the day, in order of the file, so that those who come keep their
    numbers. Patience is that of a customer who has waited so long already, talk that of one that has lasted so long.
    """
    snapshot = scenario.model.snapshot
    if snapshot is None:
        return None
    entries: list[tuple[str, str, float, int, int]] = []
    for waits in snapshot.waiting.values():
        entries += [(waits.type, waits.touchpoint, waits.waited, NOTHING, NOTHING)] * waits.n
    for busy in snapshot.busy.values():
        entries.append((busy.type, busy.touchpoint, busy.since, tables.groups.index(busy.group), busy.agent))
    n, day = len(entries), int(snapshot.at // DAY)
    columns: dict[str, Any] = {
        "contact_type": np.array([tables.types.index(entry[0]) for entry in entries], dtype=np.int64),
        "touchpoint": np.array([tables.touchpoints.index(entry[1]) for entry in entries], dtype=np.int64),
        "offered": np.array([snapshot.at - entry[2] for entry in entries], dtype=np.float64),
        "group": np.array([entry[3] for entry in entries], dtype=np.int64),
        "agent": np.array([entry[4] for entry in entries], dtype=np.int64),
    }
    numbers = _CASES_A_DAY - 1 - np.arange(n, dtype=np.int64)
    case = (columns["contact_type"] << 40) + (day << 24) + numbers
    customer, segment, _ = choices_of(case, demand, replication_key=replication_key)
    columns |= {"case": case, "customer": customer, "segment": segment}
    drawn = np.empty((n, 4))
    for row in range(n):
        place = {name: values[row].item() for name, values in columns.items()}
        drawn[row] = _drawn(tables, snapshot.at, replication_key=replication_key, **place)
    columns |= {name: drawn[:, k] for k, name in enumerate(("patience", "talk", "after_call_work", "held"))}
    order = np.argsort(columns["offered"], kind="stable")
    return Start(**{name: columns[name][order] for name in Start._fields})


def _drawn(
    tables: Tables, at: float, *, replication_key: Any, case: int, contact_type: int, touchpoint: int, offered: float,
    group: int, agent: int, **_: Any,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Patience, talk, after-call work and share held of a contact that has been there since `offered`."""
    work = tables.work(contact_type, touchpoint)
    key = streams.entity_key(replication_key, streams.CASE, case)
    patience, talk, after_call_work, held = draws.staffed_visit(tables.laws, tables.works, key, 0, 0, work)
    deferred = bool(tables.deferred[touchpoint])
    factor = 1.0 if group == NOTHING else _factor(tables, replication_key, group, agent, work=work, answered=offered)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        if group == NOTHING and (deferred or offered + patience > at):
            break
        if group != NOTHING and offered + talk * factor >= at:
            break
        again = draws.staffed_visit(tables.laws, tables.works, streams.next_key(key, attempt), 0, 0, work)
        patience, talk = (again[0], talk) if group == NOTHING else (patience, again[1])
    return patience, talk, after_call_work, held


def _factor(tables: Tables, replication_key: Any, group: int, agent: int, *, work: int, answered: float) -> float:
    """Factor of an agent on the work of a first contact."""
    speed = draws.speed(replication_key, group, agent, float(tables.speed_spread[group]))
    own = streams.entity_key(replication_key, streams.AGENT, streams.agent_number(group, agent))
    tenure = draws.tenure(tables.laws, tables.staff, group, own)
    learning = tables.staff.learning
    fade = handling.fading(learning, group, tenure, answered)
    plain = speed * tables.service.handle_time[group, work]
    return float(handling.handle_factor(plain, learning, group, fade, 1.0))
