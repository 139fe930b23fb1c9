"""Everything the compiled engine reads and writes, as arrays: made in Python, never grown inside.

A contact, an agent, a contact to come is known by the place at which its record begins in a long array: whole numbers
in one, instants and amounts at the same places in another. The fields of records are named by the constants here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import TABLES
from cxsim.engines.kernel.trees import NEVER, new_tree
from cxsim.laws import Laws
from cxsim.model.ahead import Ahead, no_block
from cxsim.model.policies import Heads, Routing
from cxsim.model.tables import ExitRows, Queues, Service, Staff, Works

Array = npt.NDArray[Any]

NONE = -1
RECORD, RECORD_BITS = 32, 5

# Columns of Fixed.points, one row a touchpoint.
STAFFED, DEFERRED, LINES, ROOM, N_SPANS, CHANNEL, TURN_AWAY, ANNOUNCES, INTERRUPTIBLE, LIMITED, OUTBOUND = range(11)
# Columns of Fixed.groups, one row a group.
BY_SHIFT, FIRST_AGENT, N_AGENTS = range(3)
# Fixed.settings.
N_POINTS, AGENT_POLICY, CONTACT_POLICY, GIVES_UP_AFTER, FIRST_WEEKDAY, REMEMBERS, INTERRUPTS, HAS_RESERVE = range(8)

# Fields of a contact in State.i; its leg of the log is a row.
ROW, CASE, WORK, POINT, PLACE, KEY, PHASE, NEXT, PREVIOUS, FRONT, STAY, PERSON, NEXT_HAND, PREVIOUS_HAND = range(14)
HOLDS, HOLDS_ROW, CHASER, TO_FRONT, RESUMES, ROOMY, N_PROMISES, N_OVERFLOWS = range(14, 22)
# Fields of a contact in State.x [s, but for shares, factors and effects].
QUEUED, OFFERED, PATIENCE, TALK, AFTER_CALL, SHARE_HELD, FACTOR, EFFECT, LEFT, UPDATED, SLOW, LAID_DOWN = range(12)
UNITS, PAUSED, CALLED_BACK, DUE, PATIENCE_DUE, PROMISE_DUE, OVERFLOW_DUE, DIALLED = range(12, 20)
# Fields of a contact to come in State.v, and the length of its record.
V_CASE, V_NUMBER, V_POINT, V_ROW, V_CHASER, V_NEXT = range(6)
VISIT, VISIT_BITS = 8, 3
# Fields of an agent in State.a and State.h.
GROUP, NUMBER, PRESENT, LEAVING, IN_LINE, NEXT_IN_LINE, PREVIOUS_IN_LINE, FIRST_HAND, LAST_HAND, N_HAND = range(10)
AWAY, CHOICES, NEXT_INTERRUPTIBLE, PREVIOUS_INTERRUPTIBLE, INTERRUPTIBLE_NOW, N_DUE, INDEX = range(10, 17)
SPEED, SKILL, TENURE, IDLE_SINCE, SINCE, OVERTIME_SINCE, LOAD, TAKEN, AWAY_SINCE = range(9)
# Fields of a group in State.g.
N_PRESENT, LEVEL, FIRST_IN_LINE, LAST_IN_LINE, EXCESS_AT, N_EXCESS, FIRST_INTERRUPTIBLE, LAST_INTERRUPTIBLE = range(8)
N_LEAVING = 8
# Fields of a queue in State.q.
FRONT_HEAD, FRONT_TAIL, BACK_HEAD, BACK_TAIL = range(4)
GROUP_RECORD, QUEUE_RECORD = 16, 4
# State.n.
N_ROWS, N_WAITING, N_ALIVE, N_AHEAD, N_MOVES, FREE_CONTACT, FREE_VISIT, NEXT_CASE, NEXT_CHANGE, N_STRETCHES = range(10)
FULL, CONTACTS_USED, VISITS_USED, N_UNDONE = range(10, 14)
# Phases of a contact, as `engines.touch` has them, and where a present agent is, as `engines.floor`.
NEW, WAITING, RING, TALKING, AFTER, HELD, GONE = range(7)
HERE, ON_BREAK, UNAVAILABLE = range(3)


class Fixed(NamedTuple):
    """What a scenario says, the same in every replication; points, groups and settings as the constants name them.

    spans : float64 [n_touchpoints, n, 2], opening hours. overflows : float64 [n_work, n], instants after joining at
    which further groups may be used, ascending, padded with inf. value : float64 [n_segments].
    """

    laws: Laws
    works: Works
    exits: ExitRows
    service: Service
    queues: Queues
    staff: Staff
    routing: Routing
    points: Array
    spans: Array
    groups: Array
    settings: Array
    overflows: Array
    shared_of: Array
    shared_limit: Array
    value: Array


class Cases(NamedTuple):
    """Cases in order of arrival, see `model.demand.Arrivals`; the key of the replication; `replayed` may be empty."""

    time: Array
    case: Array
    touchpoint: Array
    segment: Array
    replayed: Array
    key: Any


class Day(NamedTuple):
    """Changes of presence and doors of one day in order; keys end with NEVER.

    order : int64, as `order.presence_key`. what : int64 [n, 6], kind of change, group or touchpoint, first and end of
    those who leave in `who` (level: who is absent), first and end of those who enter (level: roster; breaks: agents).
    lasts : float64, length of a break beside each of `who`.
    """

    keys: Array
    order: Array
    what: Array
    who: Array
    lasts: Array


class Rows(NamedTuple):
    """What is written of the log, each column at its final place.

    `which`, the place of the case in `Cases`, and the last seven have no places where nothing of the kind is needed.
    """

    which: Array
    case: Array
    contact: Array
    touch: Array
    touchpoint: Array
    agent_group: Array
    agent: Array
    offered: Array
    answered: Array
    ended: Array
    wrapped: Array
    outcome: Array
    truly_resolved: Array
    transfer_kind: Array
    reinfo: Array
    level: Array
    held: Array
    announced_wait: Array
    promise: Array
    callback: Array
    chaser: Array
    paused: Array
    dialled: Array


FIRST_OPTIONAL = Rows._fields.index("held")


class Stretches(NamedTuple):
    """Presence as it was: agent and kind [n, 2], begin and end [n, 2]."""

    who: Array
    when: Array


class State(NamedTuple):
    """What changes from event to event.

    n : counters. last : instant of the last event that counts, last end of a patience. due, coming, returns : trees of
    contacts, contacts to come, agents away. i, x : contacts. v : contacts to come. a, h : agents. g : groups. q :
    queues, seen through `heads`. inside, room : int64 [n_touchpoints]. numbers, served_by : by case. todo : what is
    still to be done at this instant, three numbers each, last in first out. ahead : first visits drawn in blocks.
    """

    n: Array
    last: Array
    due: Array
    coming: Array
    returns: Array
    i: Array
    x: Array
    v: Array
    a: Array
    h: Array
    g: Array
    q: Array
    heads: Heads
    idle_since: Array
    excess: Array
    breaks: Array
    inside: Array
    room: Array
    numbers: Array
    served_by: Array
    todo: Array
    ahead: Ahead


class Size(NamedTuple):
    """Room for rows, contacts inside, contacts to come, stretches of presence, things to do, breaks due an agent."""

    rows: int
    contacts: int
    visits: int
    stretches: int
    todo: int
    breaks: int


def new_rows(n: int, optional: frozenset[str]) -> Rows:
    """Unwritten columns of n rows; of the optional ones only those named have places."""
    known = TABLES["touchpoints"]
    columns = [np.empty(n if "which" in optional else 0, dtype=np.int32)]
    for place, name in enumerate(Rows._fields[1:], start=1):
        columns.append(np.empty(n if place < FIRST_OPTIONAL or name in optional else 0, dtype=known[name].dtype))
    return Rows(*columns)


def new_state(size: Size, *, agents: Array, n_groups: int, n_points: int, n_work: int, n_cases: int) -> State:
    """An empty centre with nobody there.

    Parameters
    ----------
    agents : float64 [n_agents, 4]
        Group, speed, effect on resolution and tenure of each agent, in order of group and number.
    """
    n_agents = len(agents)
    group = agents[:, 0].astype(np.int64)
    first = np.searchsorted(group, np.arange(n_groups))
    people = np.zeros((n_agents + 1, RECORD), dtype=np.int64)
    people[:n_agents, GROUP] = group
    people[:n_agents, NUMBER] = np.arange(n_agents) - first[group]
    people[:, FIRST_HAND] = people[:, LAST_HAND] = NONE
    people[:, INDEX] = np.arange(n_agents + 1)
    hours = np.full((n_agents + 1, RECORD), np.inf)
    hours[:n_agents, SPEED], hours[:n_agents, SKILL], hours[:n_agents, TENURE] = agents[:, 1:].T
    hours[:, LOAD] = 0.0
    groups = np.zeros((n_groups, GROUP_RECORD), dtype=np.int64)
    groups[:, [FIRST_IN_LINE, LAST_IN_LINE, FIRST_INTERRUPTIBLE, LAST_INTERRUPTIBLE]] = NONE
    n = np.zeros(16, dtype=np.int64)
    n[[FREE_CONTACT, FREE_VISIT]] = NONE
    heads = Heads(
        queued=np.full(n_work, np.inf),
        waiting=np.zeros(n_work, dtype=np.int64),
        promise=np.full(n_work, np.inf),
        value=np.zeros(n_work),
        transferred=np.zeros(n_work, dtype=np.int64),
    )
    return State(
        n=n,
        last=np.zeros(2),
        due=new_tree(size.contacts),
        coming=new_tree(size.visits),
        returns=new_tree(n_agents),
        i=np.zeros(size.contacts * RECORD, dtype=np.int64),
        x=np.zeros(size.contacts * RECORD),
        v=np.zeros(size.visits * VISIT, dtype=np.int64),
        a=people.ravel(),
        h=hours.ravel(),
        g=groups.ravel(),
        q=np.full(n_work * QUEUE_RECORD, NONE, dtype=np.int64),
        heads=heads,
        idle_since=np.full(n_groups, np.inf),
        excess=np.zeros(max(n_agents, 1)),
        breaks=np.zeros((n_agents + 1, size.breaks, 2)),
        inside=np.zeros(n_points, dtype=np.int64),
        room=np.zeros(n_points, dtype=np.int64),
        numbers=np.ones(n_cases, dtype=np.int16),
        served_by=np.full(n_cases, NONE, dtype=np.int32),
        todo=np.zeros((size.todo, 3), dtype=np.int64),
        ahead=no_block(),
    )


def no_day() -> Day:
    """A day on which nobody comes or goes."""
    whole = np.zeros(0, dtype=np.int64)
    return Day(np.array([NEVER]), whole, np.zeros((0, 6), dtype=np.int64), whole, np.zeros(0))
