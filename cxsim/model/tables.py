"""A scenario as numbers: the one place where names become codes and every rule finds its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import COLD, NO_TRANSFER, WARM
from cxsim.laws import Law, Laws, make_law, pack_laws
from cxsim.model.policies import AGENT_POLICIES, CONTACT_POLICIES, NOTHING
from cxsim.model.service import (
    DROP,
    FINISH,
    HALVES_EVERY,
    HAND_OVER,
    LEARN_EFFECT,
    LEARN_TIME,
    MIX_ALL,
    MIX_NONE,
    MIX_TOUCHPOINT,
    Queues,
    Service,
    Staff,
    log_odds,
    queues_of,
    service_of,
    staff_of,
)
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import Automated, Exits, ScenarioModel, Staffed

# What engines read of a scenario, whichever file of the model makes it.
__all__ = [
    "AFTER_LAW", "AGAIN_EFFECT", "AGAIN_TIME", "ATTEMPTS", "AT_ONCE", "COLD", "DROP", "DURATION_LAW", "EXIT_ROWS",
    "FALSELY_RESOLVED", "FALSE_SHARE", "FINISH", "HALVES_EVERY", "HAND_OVER", "HOLD", "LEARN_EFFECT",
    "LEARN_TIME", "LEAVE", "LOG_ODDS", "MIX_ALL", "MIX_NONE", "MIX_TOUCHPOINT", "NEXT_OPENING", "NO_ANSWER_LAW",
    "NO_TRANSFER", "PATIENCE_LAW", "PICK_UP_LAW", "PREVIEW_LAW", "REACHED", "RESOLVES", "RING_LAW", "TALK_LAW",
    "WARM", "ExitRows", "Queues", "Service", "Staff", "Tables", "Works", "tables_of",
]  # fmt: skip

Array = npt.NDArray[Any]

# Columns of Works.laws.
TALK_LAW, AFTER_LAW, PATIENCE_LAW, DURATION_LAW, RING_LAW, PREVIEW_LAW, PICK_UP_LAW, NO_ANSWER_LAW = range(8)
# Columns of Works.numbers.
AT_ONCE, HOLD, LOG_ODDS, FALSE_SHARE, AGAIN_TIME, AGAIN_EFFECT, RESOLVES, REACHED, ATTEMPTS = range(9)
# Rows of Works.exits: the outcomes of the log, and one that only the customer knows of.
EXIT_ROWS = {
    "resolved": 0,
    "unresolved": 1,
    "abandoned": 2,
    "blocked": 3,
    "closed": 4,
    "balked": 5,
    "falsely_resolved": 6,
    "unreached": 7,
}
FALSELY_RESOLVED = EXIT_ROWS["falsely_resolved"]
LEAVE = -1
NEXT_OPENING = -1


class Works(NamedTuple):
    """Parameters of work types; work type = contact type * n_touchpoints + touchpoint.

    laws : int64 [n_work, 8], row of the law or NOTHING; numbers : float64 [n_work, 9]; exits : int64 [n_work, 8, 2],
    first and last-plus-one row of `ExitRows` an outcome.
    """

    laws: Array
    numbers: Array
    exits: Array


class ExitRows(NamedTuple):
    """Where cases go, by exit.

    up_to : float64, cumulative share within the outcome. to : touchpoint or LEAVE. transfer : 0, COLD or WARM. delay :
    law of the delay or NEXT_OPENING. front : 1 if the contact goes to the front of the next queue. All others int64.
    """

    up_to: Array
    to: Array
    transfer: Array
    delay: Array
    front: Array


@dataclass(frozen=True)
class Tables:
    """Everything an engine needs to know of a scenario.

    Attributes
    ----------
    types, touchpoints, groups, segments : tuple of str
        Names by code.
    staffed, deferred, outbound, turn_away : bool [n_touchpoints]
    lines, waiting_room : int64 [n_touchpoints], -1 without limit
    announces, interruptible : bool [n_touchpoints]
    shared_of : int64 [n_touchpoints, n_shared], 1 if the touchpoint is under the shared limit
    shared_limit : int64 [n_shared]
    hours : tuple of float64 [n_spans, 2], by touchpoint
    channel : tuple of str, by touchpoint
    value : float64 [n_segments], margin a customer brings [money a month], 0 if not given
    score : float64 [4], value of a second of wait, a rank, a transfer, the weight
    """

    types: tuple[str, ...]
    touchpoints: tuple[str, ...]
    groups: tuple[str, ...]
    segments: tuple[str, ...]
    staffed: Array
    deferred: Array
    outbound: Array
    turn_away: Array
    lines: Array
    waiting_room: Array
    announces: Array
    interruptible: Array
    shared_of: Array
    shared_limit: Array
    hours: tuple[Array, ...]
    channel: tuple[str, ...]
    laws: Laws
    works: Works
    exits: ExitRows
    service: Service
    queues: Queues
    staff: Staff
    value: Array
    speed_spread: Array
    resolution_spread: Array
    agent_policy: int
    contact_policy: int
    score: Array
    preferred_agent: bool
    gives_up_after: int
    first_weekday: int
    horizon: float

    def work(self, contact_type: int, touchpoint: int) -> int:
        """Code of a work type."""
        return contact_type * len(self.touchpoints) + touchpoint


class _LawList:
    """Collects laws and gives each its row; equal laws share one."""

    def __init__(self) -> None:
        self.laws: list[Law] = []

    def row(self, law: Law) -> int:
        if law in self.laws:
            return self.laws.index(law)
        self.laws.append(law)
        return len(self.laws) - 1


def tables_of(scenario: Scenario) -> Tables:
    """The tables of a scenario, made once; names are numbered in the order in which they are written."""
    found: Tables | None = scenario.derived.get("tables")
    if found is None:
        found = scenario.derived["tables"] = _tables(scenario.model)
    return found


def _tables(model: ScenarioModel) -> Tables:
    touchpoints = list(model.touchpoints.values())
    laws = _LawList()
    # A law that is always there, so that an engine may ask for row 0 in a scenario without any.
    laws.row(make_law("constant", {"value": 0.0}))
    works, exits = _works(model, laws)
    staff, queues = staff_of(model, laws), queues_of(model)
    shared = model.shared_lines.values()
    score = model.routing.score
    return Tables(
        types=tuple(model.contact_types),
        touchpoints=tuple(model.touchpoints),
        groups=tuple(model.agent_groups),
        segments=tuple(model.customers.segments) or ("all",),
        staffed=np.array([isinstance(part, Staffed) for part in touchpoints]),
        deferred=np.array([isinstance(part, Staffed) and part.deferred for part in touchpoints]),
        outbound=np.array([isinstance(part, Staffed) and part.dial is not None for part in touchpoints]),
        turn_away=np.array([isinstance(part, Staffed) and part.at_closing == "turn_away" for part in touchpoints]),
        lines=_limits(touchpoints, "lines"),
        waiting_room=_limits(touchpoints, "waiting_room"),
        announces=np.array([isinstance(part, Staffed) and part.announcement is not None for part in touchpoints]),
        interruptible=np.array([isinstance(part, Staffed) and part.interruptible for part in touchpoints]),
        shared_of=np.array([[name in part.touchpoints for part in shared] for name in model.touchpoints],
                           dtype=np.int64).reshape(len(touchpoints), -1),
        shared_limit=np.array([part.lines for part in shared], dtype=np.int64),
        hours=tuple(np.array(part.hours or (), dtype=np.float64).reshape(-1, 2) for part in touchpoints),
        channel=tuple(part.channel for part in touchpoints),
        laws=pack_laws(laws.laws),
        works=works,
        exits=exits,
        service=service_of(model, mean_handle=queues.mean_handle, base=works.numbers[:, LOG_ODDS]),
        queues=queues,
        staff=staff,
        value=np.array([part.margin or 0.0 for part in model.customers.segments.values()] or [0.0]),
        speed_spread=np.array([group.speed_spread for group in model.agent_groups.values()]),
        resolution_spread=np.array([group.resolution_spread for group in model.agent_groups.values()]),
        agent_policy=AGENT_POLICIES[model.routing.agent],
        contact_policy=CONTACT_POLICIES[model.routing.contact],
        score=np.array([score.wait, score.rank, score.transferred, score.weight] if score else [0.0] * 4),
        preferred_agent=model.routing.preferred_agent,
        gives_up_after=model.gives_up_after,
        first_weekday=model.calendar.start.weekday(),
        horizon=model.calendar.days * 86400.0,
    )  # fmt: skip


def _limits(touchpoints: list[Automated | Staffed], key: str) -> Array:
    given = [getattr(part, key, None) for part in touchpoints]
    return np.array([-1 if limit is None else limit for limit in given], dtype=np.int64)


def _works(model: ScenarioModel, laws: _LawList) -> tuple[Works, ExitRows]:
    codes = {name: code for code, name in enumerate(model.touchpoints)}
    n_work = len(model.contact_types) * len(codes)
    law_rows = np.full((n_work, 8), NOTHING, dtype=np.int64)
    numbers = np.zeros((n_work, 9))
    exits = np.zeros((n_work, len(EXIT_ROWS), 2), dtype=np.int64)
    rows: list[tuple[float, int, int, int, int]] = []
    parts = (place.types.get(name, place) for name in model.contact_types for place in model.touchpoints.values())
    for work, part in enumerate(parts):
        numbers[work, AGAIN_TIME] = 1.0
        if isinstance(part, Staffed):
            law_rows[work, TALK_LAW] = laws.row(part.talk_time)
            law_rows[work, AFTER_LAW] = laws.row(part.after_call_work)
            numbers[work, HOLD] = part.hold
            if part.patience is not None:
                law_rows[work, PATIENCE_LAW] = laws.row(part.patience.rest)
                numbers[work, AT_ONCE] = part.patience.at_once
            if part.ring_time is not None:
                law_rows[work, RING_LAW] = laws.row(part.ring_time)
            if part.dial is not None:
                given = (part.dial.preview, part.dial.rings, part.dial.no_answer)
                law_rows[work, [PREVIEW_LAW, PICK_UP_LAW, NO_ANSWER_LAW]] = [laws.row(law) for law in given]
                numbers[work, REACHED], numbers[work, ATTEMPTS] = part.dial.reached, part.dial.attempts
            numbers[work, AGAIN_TIME], numbers[work, AGAIN_EFFECT] = part.again.handle_time, part.again.resolution
        else:
            law_rows[work, DURATION_LAW] = laws.row(part.duration)
        numbers[work, LOG_ODDS], numbers[work, FALSE_SHARE] = log_odds(part.resolves), part.false_resolution
        numbers[work, RESOLVES] = part.resolves
        _exit_rows(part.then, exits[work], rows, codes=codes, laws=laws)
    columns = list(zip(*rows, strict=True)) or [()] * 5
    table = ExitRows(np.array(columns[0], dtype=np.float64), *(np.array(part, dtype=np.int64) for part in columns[1:]))
    return Works(law_rows, numbers, exits), table


_TRANSFERS = {None: NO_TRANSFER, "cold": COLD, "warm": WARM}


def _exit_rows(
    then: Exits, spans: Array, rows: list[tuple[float, int, int, int, int]], *, codes: dict[str, int], laws: _LawList
) -> None:
    for outcome, exits in then.items():
        begin, up_to = len(rows), 0.0
        for exit_ in exits.values():
            up_to += exit_.share
            delay = NEXT_OPENING if isinstance(exit_.after, str) else laws.row(exit_.after)
            front = int(exit_.position == "front")
            rows.append((up_to, codes.get(exit_.to, LEAVE), _TRANSFERS[exit_.transfer], delay, front))
        spans[EXIT_ROWS[outcome]] = (begin, len(rows))
