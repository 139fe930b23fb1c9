"""What a scenario says, laid out for the loop, and which of the two ways through the loop it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import CHANNELS
from cxsim.engines.calendar import Plan
from cxsim.engines.kernel import world
from cxsim.engines.kernel.world import Fixed
from cxsim.model.policies import LONGEST_IDLE, LONGEST_WAIT, routing_of
from cxsim.model.tables import AGAIN_EFFECT, AGAIN_TIME, FINISH, HOLD, RING_LAW, WARM, Tables
from cxsim.scenario.load import Scenario

Array = npt.NDArray[Any]


def fixed_of(tables: Tables, plans: list[Plan]) -> Fixed:
    """The scenario as the loop reads it."""
    most = max((len(spans) for spans in tables.hours), default=0)
    spans = np.zeros((len(tables.touchpoints), most, 2))
    for point, given in enumerate(tables.hours):
        spans[point, : len(given)] = given
    shared = tables.shared_of.any(axis=1)
    points = [
        tables.staffed,
        tables.deferred,
        tables.lines,
        tables.waiting_room,
        [len(given) for given in tables.hours],
        [CHANNELS.index(name) for name in tables.channel],
        tables.turn_away,
        tables.announces,
        tables.interruptible,
        (tables.lines >= 0) | (tables.waiting_room >= 0) | shared,
        tables.outbound,
    ]
    sizes = np.array([plan.size for plan in plans], dtype=np.int64)
    groups = [[plan.by_shift for plan in plans], world.RECORD * (np.cumsum(sizes) - sizes), sizes]
    settings = [
        len(tables.touchpoints),
        tables.agent_policy,
        tables.contact_policy,
        tables.gives_up_after,
        tables.first_weekday,
        tables.preferred_agent,
        bool(np.any(tables.interruptible)),
        bool(np.any(tables.service.reserve)),
    ]
    return Fixed(
        laws=tables.laws,
        works=tables.works,
        exits=tables.exits,
        service=tables.service,
        queues=tables.queues,
        staff=tables.staff,
        routing=routing_of(tables),
        points=_whole(points).T.copy(),
        spans=spans,
        groups=_whole(groups).T.copy(),
        settings=_whole(settings),
        overflows=_overflows(tables),
        shared_of=tables.shared_of,
        shared_limit=tables.shared_limit,
        value=tables.value,
    )


def _whole(values: Any) -> Array:
    return np.array([np.asarray(part, dtype=np.int64) for part in values], dtype=np.int64)


def _overflows(tables: Tables) -> Array:
    """Instants after joining at which further groups may be used, by work type, padded with inf."""
    service = tables.service
    found = [
        sorted({float(service.after[g, work]) for g in groups if g >= 0} - {0.0})
        for work, groups in enumerate(service.groups)
    ]
    most = max(map(len, found), default=0)
    return np.array([[*row, *[np.inf] * (most + 1 - len(row))] for row in found])


def optional_columns(tables: Tables, scenario: Scenario) -> frozenset[str]:
    """Columns of the log in which something may stand in this scenario, of those that most scenarios do without."""
    queues, model = tables.queues, scenario.model
    found = {
        "which": model.customers.population or len(tables.segments) > 1 or model.snapshot is not None,
        "held": np.any(tables.works.numbers[:, HOLD] > 0.0),
        "announced_wait": np.any(tables.announces),
        "promise": np.any(np.isfinite(queues.promise)),
        "callback": np.any(np.isfinite(queues.callback_from)),
        "chaser": np.any(queues.chaser_to >= 0),
        "paused": np.any(tables.interruptible) or np.any(tables.staff.at_end != FINISH),
        "dialled": np.any(tables.outbound),
    }
    return frozenset(name for name, there in found.items() if there)


def is_plain(tables: Tables, scenario: Scenario) -> bool:
    """Whether nothing special happens in a scenario, so that the short way leads to the same log."""
    queues, service, staff, numbers = tables.queues, tables.service, tables.staff, tables.works.numbers
    special = [
        bool(optional_columns(tables, scenario) - {"held", "which"}),
        tables.agent_policy != LONGEST_IDLE or tables.contact_policy != LONGEST_WAIT or tables.preferred_agent,
        np.any(service.after) or np.any(service.reserve) or np.any(np.isfinite(service.ageing_from)),
        np.any(queues.concurrency > 1) or np.any(staff.at_end != FINISH) or np.any(staff.unavailable_share),
        np.any(staff.late_share) or np.any(staff.learning) or len(tables.shared_limit) > 0,
        np.any(tables.works.laws[:, RING_LAW] >= 0) or np.any(tables.exits.front),
        np.any(tables.exits.transfer == WARM),
        np.any(numbers[:, AGAIN_TIME] != 1.0) or np.any(numbers[:, AGAIN_EFFECT] != 0.0),
        any(shift.breaks for group in scenario.model.agent_groups.values() for shift in (group.shifts or {}).values()),
        scenario.model.snapshot is not None,
    ]
    return not any(bool(part) for part in special)
