"""What the plan brings on one day, as the compiled clock reads it: levels, shifts, breaks, doors, in order."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from cxsim.engines.calendar import Plan, closings
from cxsim.engines.kernel.loop import BREAKS, CHANGE_SHIFT, CLOSE, SET_LEVEL
from cxsim.engines.kernel.trees import keys_of
from cxsim.engines.kernel.world import Day, no_day
from cxsim.model import order
from cxsim.model.tables import Tables
from cxsim.units import DAY


class Change(NamedTuple):
    """One change: instant [s], order at it, kind, group or touchpoint, who leaves, who enters, lengths of breaks."""

    time: float
    order: int
    kind: int
    number: int
    leave: Sequence[int] = ()
    enter: Sequence[int] = ()
    lasts: Sequence[float] = ()
    # Only the first so many of a list that is the same in many changes.
    n_leave: int | None = None
    n_enter: int | None = None


def changes_of(plans: Sequence[Plan], tables: Tables, *, day: int) -> list[Change]:
    """Everything that is planned for a day, not yet in order; shifts and doors may end at the next midnight."""
    found: list[Change] = []
    for plan in plans:
        key = order.presence_key(plan.group, order.CHANGE)
        if not plan.by_shift:
            away, here, levels = plan.levels_of_day(day)
            found += [Change(t, key, SET_LEVEL, plan.group, away, here, (), gone, n) for t, gone, n in levels]
            continue
        found += [Change(c.time, key, CHANGE_SHIFT, plan.group, c.leave, c.enter) for c in plan.shift_changes(day)]
        for late in plan.late_comings(day):
            own = order.presence_key(plan.group, order.OWN_RETURN, late.enter[0])
            found.append(Change(late.time, own, CHANGE_SHIFT, plan.group, (), late.enter))
        key = order.presence_key(plan.group, order.BREAK_BEGIN)
        for time, breaks in plan.breaks(day).items():
            agents, lasts = tuple(agent for agent, _ in breaks), tuple(length for _, length in breaks)
            found.append(Change(time, key, BREAKS, plan.group, (), agents, lasts))
    for time, point in closings(tables, day):
        found.append(Change(time, order.presence_key(len(plans), order.CHANGE, point), CLOSE, point))
    return found


def split(changes: list[Change], *, day: int) -> tuple[list[Change], list[Change]]:
    """Changes in order: those of a day, and those that fall on the next midnight, where they come first."""
    changes.sort(key=itemgetter(0, 1))
    end = (day + 1) * DAY
    return [c for c in changes if c.time < end], [c for c in changes if c.time >= end]


def day_of(changes: Sequence[Change]) -> Day:
    """The arrays of one day."""
    if not changes:
        return no_day()
    rows: list[tuple[int, ...]] = []
    who: list[int] = []
    lasts: list[float] = []
    known: dict[int, int] = {}

    def place(agents: Sequence[int], lengths: Sequence[float] = ()) -> int:
        # A list that comes again, as the roster of a day does, is written once.
        if lengths or id(agents) not in known:
            known[id(agents)] = len(who)
            who.extend(agents)
            lasts.extend(lengths or [0.0] * len(agents))
        return known[id(agents)]

    for change in changes:
        _, _, kind, number, leave, enter, lengths, n_leave, n_enter = change
        gone, come = place(leave), place(enter, lengths)
        end = gone + (len(leave) if n_leave is None else n_leave)
        rows.append((kind, number, gone, end, come, come + (len(enter) if n_enter is None else n_enter)))
    keys = keys_of(np.array([*(change.time for change in changes), np.inf]), order.PRESENCE)
    return Day(
        keys=keys,
        order=np.array([change.order for change in changes] + [0], dtype=np.int64),
        what=np.array(rows, dtype=np.int64),
        who=np.array(who, dtype=np.int64),
        lasts=np.array(lasts, dtype=np.float64),
    )
