"""A scenario as numbers: the one place where names become codes and every rule finds its parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.laws import Law, Laws, make_law, pack_laws
from cxsim.model.policies import AGENT_POLICIES, CONTACT_POLICIES, NOTHING
from cxsim.scenario.check import terms_of
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import Automated, Exits, ScenarioModel, Staffed

Array = npt.NDArray[Any]

# Columns of Works.laws.
TALK_LAW, AFTER_LAW, PATIENCE_LAW, DURATION_LAW = range(4)
# Columns of Works.numbers.
AT_ONCE, HOLD, LOG_ODDS, FALSE_SHARE = range(4)
# Rows of Works.exits: the outcomes of the log, and one that only the customer knows of.
EXIT_ROWS = {
    "resolved": 0,
    "unresolved": 1,
    "abandoned": 2,
    "blocked": 3,
    "closed": 4,
    "balked": 5,
    "falsely_resolved": 6,
}
FALSELY_RESOLVED = EXIT_ROWS["falsely_resolved"]
LEAVE = -1
NEXT_OPENING = -1


class Works(NamedTuple):
    """Parameters of work types; work type = contact type * n_touchpoints + touchpoint.

    laws : int64 [n_work, 4], row of the law or NOTHING; numbers : float64 [n_work, 4]; exits : int64 [n_work, 7, 2],
    first and last-plus-one row of `ExitRows` an outcome.
    """

    laws: Array
    numbers: Array
    exits: Array


class ExitRows(NamedTuple):
    """Where cases go: cumulative share within the outcome, touchpoint or LEAVE, transfer kind, law of the delay."""

    up_to: Array
    to: Array
    transfer: Array
    delay: Array


class Service(NamedTuple):
    """Who serves what, by (group, work type); rank 0 is not served.

    served : int64 [n_groups, n_work] work types by rank; groups : int64 [n_work, n_groups] groups by `chosen`; both
    padded with NOTHING.
    """

    rank: Array
    chosen: Array
    level: Array
    handle_time: Array
    resolution: Array
    served: Array
    groups: Array


@dataclass(frozen=True)
class Tables:
    """Everything an engine needs to know of a scenario.

    Attributes
    ----------
    types, touchpoints, groups, segments : tuple of str
        Names by code.
    staffed, deferred, turn_away : bool [n_touchpoints]
    lines, waiting_room : int64 [n_touchpoints], -1 without limit
    hours : tuple of float64 [n_spans, 2], by touchpoint
    channel : tuple of str, by touchpoint
    """

    types: tuple[str, ...]
    touchpoints: tuple[str, ...]
    groups: tuple[str, ...]
    segments: tuple[str, ...]
    staffed: Array
    deferred: Array
    turn_away: Array
    lines: Array
    waiting_room: Array
    hours: tuple[Array, ...]
    channel: tuple[str, ...]
    laws: Laws
    works: Works
    exits: ExitRows
    service: Service
    speed_spread: Array
    resolution_spread: Array
    agent_policy: int
    contact_policy: int
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


def _log_odds(share: float) -> float:
    if share <= 0.0:
        return -math.inf
    return math.inf if share >= 1.0 else math.log(share) - math.log1p(-share)


def tables_of(scenario: Scenario) -> Tables:
    """The tables of a scenario; names are numbered in the order in which they are written."""
    model = scenario.model
    touchpoints = [model.touchpoints[name] for name in model.touchpoints]
    laws = _LawList()
    # A law that is always there, so that an engine may ask for row 0 in a scenario without any.
    laws.row(make_law("constant", {"value": 0.0}))
    works, exits = _works(model, laws)
    return Tables(
        types=tuple(model.contact_types),
        touchpoints=tuple(model.touchpoints),
        groups=tuple(model.agent_groups),
        segments=tuple(model.customers.segments) or ("all",),
        staffed=np.array([isinstance(part, Staffed) for part in touchpoints]),
        deferred=np.array([isinstance(part, Staffed) and part.deferred for part in touchpoints]),
        turn_away=np.array([isinstance(part, Staffed) and part.at_closing == "turn_away" for part in touchpoints]),
        lines=_limits(touchpoints, "lines"),
        waiting_room=_limits(touchpoints, "waiting_room"),
        hours=tuple(np.array(part.hours or (), dtype=np.float64).reshape(-1, 2) for part in touchpoints),
        channel=tuple(part.channel for part in touchpoints),
        laws=pack_laws(laws.laws),
        works=works,
        exits=exits,
        service=_service(model),
        speed_spread=np.array([group.speed_spread for group in model.agent_groups.values()]),
        resolution_spread=np.array([group.resolution_spread for group in model.agent_groups.values()]),
        agent_policy=AGENT_POLICIES[model.routing.agent],
        contact_policy=CONTACT_POLICIES[model.routing.contact],
        gives_up_after=model.gives_up_after,
        first_weekday=model.calendar.start.weekday(),
        horizon=model.calendar.days * 86400.0,
    )


def _limits(touchpoints: list[Automated | Staffed], key: str) -> Array:
    given = [getattr(part, key, None) for part in touchpoints]
    return np.array([-1 if limit is None else limit for limit in given], dtype=np.int64)


def _works(model: ScenarioModel, laws: _LawList) -> tuple[Works, ExitRows]:
    codes = {name: code for code, name in enumerate(model.touchpoints)}
    n_work = len(model.contact_types) * len(codes)
    law_rows = np.full((n_work, 4), NOTHING, dtype=np.int64)
    numbers = np.zeros((n_work, 4))
    exits = np.zeros((n_work, len(EXIT_ROWS), 2), dtype=np.int64)
    rows: list[tuple[float, int, int, int]] = []
    work = 0
    for contact_type in model.contact_types:
        for touchpoint in model.touchpoints.values():
            part = touchpoint.types.get(contact_type, touchpoint)
            if isinstance(part, Staffed):
                law_rows[work, TALK_LAW] = laws.row(part.talk_time)
                law_rows[work, AFTER_LAW] = laws.row(part.after_call_work)
                numbers[work, HOLD] = part.hold
                if part.patience is not None:
                    law_rows[work, PATIENCE_LAW] = laws.row(part.patience.rest)
                    numbers[work, AT_ONCE] = part.patience.at_once
            else:
                law_rows[work, DURATION_LAW] = laws.row(part.duration)
            numbers[work, LOG_ODDS], numbers[work, FALSE_SHARE] = _log_odds(part.resolves), part.false_resolution
            _exit_rows(part.then, exits[work], rows, codes=codes, laws=laws)
            work += 1
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    table = ExitRows(np.array(columns[0], dtype=np.float64), *(np.array(part, dtype=np.int64) for part in columns[1:]))
    return Works(law_rows, numbers, exits), table


def _exit_rows(
    then: Exits, spans: Array, rows: list[tuple[float, int, int, int]], *, codes: dict[str, int], laws: _LawList
) -> None:
    for outcome, exits in then.items():
        begin, up_to = len(rows), 0.0
        for exit_ in exits.values():
            up_to += exit_.share
            delay = NEXT_OPENING if isinstance(exit_.after, str) else laws.row(exit_.after)
            rows.append((up_to, codes.get(exit_.to, LEAVE), int(exit_.transfer is not None), delay))
        spans[EXIT_ROWS[outcome]] = (begin, len(rows))


def _service(model: ScenarioModel) -> Service:
    touchpoints = list(model.touchpoints)
    n_work, n_groups = len(model.contact_types) * len(touchpoints), len(model.agent_groups)
    rank, chosen, level = (np.zeros((n_groups, n_work), dtype=np.int64) for _ in range(3))
    handle_time, resolution = np.ones((n_groups, n_work)), np.zeros((n_groups, n_work))
    for group, plan in enumerate(model.agent_groups.values()):
        for code, contact_type in enumerate(model.contact_types):
            for place, touchpoint in enumerate(touchpoints):
                terms = terms_of(plan, touchpoint, contact_type)
                if terms is None:
                    continue
                work = code * len(touchpoints) + place
                rank[group, work], level[group, work] = terms.rank, terms.level
                chosen[group, work] = terms.rank if terms.chosen is None else terms.chosen
                handle_time[group, work], resolution[group, work] = terms.handle_time, terms.resolution
    served = np.full((n_groups, n_work), NOTHING, dtype=np.int64)
    groups = np.full((n_work, n_groups), NOTHING, dtype=np.int64)
    for group in range(n_groups):
        order = sorted((rank[group, work], work) for work in range(n_work) if rank[group, work])
        served[group, : len(order)] = [work for _, work in order]
    for work in range(n_work):
        order = sorted((chosen[group, work], group) for group in range(n_groups) if rank[group, work])
        groups[work, : len(order)] = [group for _, group in order]
    return Service(rank, chosen, level, handle_time, resolution, served, groups)
