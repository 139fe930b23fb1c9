"""One replication with the compiled engine: arrays are prepared, the loop runs day by day, the log is what it wrote."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim import streams
from cxsim.compiled import Direct
from cxsim.contacts.log import ContactLog
from cxsim.engines.calendar import Plan, plans_of
from cxsim.engines.choice import at_hand
from cxsim.engines.kernel import floor, loop, plain, snapshot, world
from cxsim.engines.kernel.days import Change, changes_of, day_of, split
from cxsim.engines.kernel.fixed import fixed_of, is_plain, optional_columns
from cxsim.engines.kernel.snapshot import come_to_work
from cxsim.engines.kernel.trees import NEVER, limit_of
from cxsim.engines.kernel.world import Cases, Day, Rows, Size, State, Stretches
from cxsim.engines.writer import customers_of, log_of, people_of
from cxsim.model import order
from cxsim.model.demand import Arrivals, arrivals_of
from cxsim.model.snapshot import Start, start_of
from cxsim.model.tables import Tables, tables_of
from cxsim.scenario.load import Scenario
from cxsim.units import DAY

Array = npt.NDArray[Any]
# Entered without asking which types they are called with: always the same.
RUN = {loop: Direct(loop.run_until), plain: Direct(plain.run_until)}
GO_HOME = Direct(floor.all_go_home)
# Days of a plan kept for further replications.
KEPT_DAYS = 400


def agents_of(tables: Tables, plans: list[Plan], *, replication_key: Any) -> Array:
    """Group, speed, effect on resolution and tenure of each agent, in order of group and number [n_agents, 4]."""
    agents = people_of(tables, plans, replication_key=replication_key)
    spread = tables.resolution_spread[agents[:, 0].astype(np.int64)]
    agents[:, 2] = np.where(spread != 0.0, spread * agents[:, 2], 0.0)
    return agents


class Kernel:
    """One replication: the arrays, and the calendar that feeds the loop day by day."""

    def __init__(self, scenario: Scenario, *, seed: int, replication: int) -> None:
        self.scenario, self.seed, self.replication = scenario, seed, replication
        self.tables: Tables = tables_of(scenario)
        self.key = streams.replication_key(seed, replication)
        self.arrivals: Arrivals = arrivals_of(scenario, self.tables, replication_key=self.key)
        self.plans: list[Plan] = plans_of(scenario, self.tables, replication_key=self.key)
        # What is the same in every replication.
        if "kernel" not in scenario.derived:
            chosen = plain if is_plain(self.tables, scenario) else loop
            fixed = fixed_of(self.tables, self.plans)
            scenario.derived["kernel"] = fixed, optional_columns(self.tables, scenario), chosen
        self.fixed, self.optional, self.loop = scenario.derived["kernel"]
        self.agents = agents_of(self.tables, self.plans, replication_key=self.key)
        given, demand = scenario.model.snapshot, scenario.derived["demand"]
        self.start: Start | None = start_of(scenario, self.tables, demand, replication_key=self.key)
        self.since = given.at if given else 0.0
        self.cases, self.customer, self.segment = self.all_cases()

    def all_cases(self) -> tuple[Cases, Array, Array]:
        """Cases in order of arrival, then those of a snapshot; their customers and segments."""
        a, start = self.arrivals, self.start
        columns = [a.case, a.touchpoint, a.segment, a.customer]
        if start is not None:
            there = (start.case, start.touchpoint, start.segment, start.customer)
            columns = [np.concatenate(both) for both in zip(columns, there, strict=True)]
        case, touchpoint, segment, customer = columns
        # The types that the loop was compiled for.
        touchpoint, segment = touchpoint.astype(np.int16, copy=False), segment.astype(np.int16, copy=False)
        return Cases(a.time, case, touchpoint, segment, a.replayed, self.key), customer, segment

    def run(self) -> ContactLog:
        """Simulate, and make the log of what the loop wrote, where it stands."""
        columns, stretches = self.written()
        # What only the loop reads makes room for what the log has besides: there is never much more than the log.
        del self.cases, self.arrivals
        customers = customers_of(self, self.customer, self.segment)
        if "which" in columns:
            which = columns.pop("which")
            columns |= {"customer": self.customer[which], "segment": self.segment[which]}
            del which
        del self.customer, self.segment
        return log_of(self, columns, stretches, customers=customers)

    def written(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Columns of touches and of presence; with more room if it turns out too small, which changes nothing."""
        n = len(self.cases.case)
        size = self.size(n)
        while True:
            rows = world.new_rows(size.rows, self.optional)
            stretches = Stretches(np.zeros((size.stretches, 2), dtype=np.int64), np.zeros((size.stretches, 2)))
            state = world.new_state(
                size,
                agents=self.agents,
                n_groups=len(self.plans),
                n_points=len(self.tables.touchpoints),
                n_work=len(self.tables.types) * len(self.tables.touchpoints),
                n_cases=n if self.loop is loop else 0,  # only the long way remembers something of each case
            )
            if self.follow_calendar(state, rows, stretches):
                most = max(self.scenario.derived.get("size", (0.0, None))[0], state.n[world.N_ROWS] / max(n, 100))
                self.scenario.derived["size"] = most, size
                return self.columns(state, rows), self.presence(state, stretches)
            size = self.more(size, state)
            del rows, state

    def more(self, size: Size, s: State) -> Size:
        """More rows, by what has had to be written until now; half as much again of what else ran out.

        Of what is small, if it was none of the large ones.
        """
        n = s.n
        full = {
            "rows": n[world.N_ROWS] + 1 >= size.rows,
            "contacts": n[world.CONTACTS_USED] + world.RECORD >= world.RECORD * size.contacts,
            "visits": n[world.VISITS_USED] + world.VISIT >= world.VISIT * size.visits,
            "stretches": n[world.N_STRETCHES] >= size.stretches,
        }
        grown = [name for name, is_full in full.items() if is_full] or ["todo", "breaks"]
        larger = {name: getattr(size, name) * 3 // 2 + 1 for name in grown}
        if "rows" in grown:
            share_seen = n[world.NEXT_CASE] / max(len(self.cases.case), 1)
            larger["rows"] = min(larger["rows"], int(1.1 * size.rows / max(share_seen, 0.5)) + 64)
        return size._replace(**larger)

    def size(self, n_cases: int) -> Size:
        """Room to begin with: what was enough until now, rows by the most that a case has had."""
        known, size = self.scenario.derived.get("size", (1.25, None))
        # Rows a case differ from one replication to the next, the less the more cases there are.
        more, agents = 1.0 + min(0.05, 6.0 / math.sqrt(n_cases + 1)), len(self.agents)
        rows = int(more * known * n_cases) + 64
        if size is not None:
            return Size(rows, *size[1:])
        stretches = agents * (1 + 8 * self.scenario.model.calendar.days) + 64
        return Size(rows, 64 + agents, 64 + n_cases // 64, stretches, 256, 4)

    def follow_calendar(self, s: State, r: Rows, p: Stretches) -> bool:
        """Each midnight brings the day's changes, as long as there is somebody to serve; False if room ran out."""
        gone = np.zeros(len(self.agents) + 3, dtype=np.int64)
        day, moves, late = int(self.since // DAY), [-1] * 8, list[Change]()
        if self.start is not None:
            there = day_of(come_to_work(self.plans, self.start, self.since))
            snapshot.begin_from(self.fixed, there, self.cases, s, r, p, gone, self.start, self.since)
            if s.n[world.FULL]:
                return False
        while True:
            if day * DAY >= self.tables.horizon:
                ahead = s.n[world.N_AHEAD] + len(self.cases.time) - s.n[world.NEXT_CASE]
                if not s.n[world.N_ALIVE] and not ahead:
                    break
                moves = [*moves[1:], int(s.n[world.N_MOVES])]
                if moves[0] == moves[-1] and not ahead and s.n[world.N_ALIVE] == s.n[world.N_WAITING]:
                    self.loop.give_up_waiting(self.fixed, world.no_day(), self.cases, s, r, p, day * DAY)
                    break
            today, late = self.today(day, late)
            limit = limit_of((day + 1) * DAY, order.PRESENCE)
            s.n[world.NEXT_CHANGE] = 0
            RUN[self.loop](self.fixed, today, self.cases, s, r, p, gone, limit)
            if s.n[world.FULL]:
                return False
            day += 1
        # Whatever midnight still brings, and those who wrap.
        s.n[world.NEXT_CHANGE] = 0
        RUN[self.loop](self.fixed, day_of(late), self.cases, s, r, p, gone, NEVER)
        last = max(self.tables.horizon, day * DAY, float(s.last[0]), float(s.last[1]))
        GO_HOME(self.fixed, s, p, last)
        return not s.n[world.FULL]

    def today(self, day: int, late: list[Change]) -> tuple[Day, list[Change]]:
        """What the plan brings on a day, and what falls on the next midnight; kept where it is always the same."""
        known: dict[int, tuple[Day, list[Change]]] = self.scenario.derived.setdefault("days", {})
        if day in known:
            return known[day]
        changes, late = self.changes(day, late)
        found = day_of(changes), late
        if self.start is None and day < KEPT_DAYS and all(plan.is_certain for plan in self.plans):
            known[day] = found
        return found

    def changes(self, day: int, late: list[Change]) -> tuple[list[Change], list[Change]]:
        """Changes of a day in order, and those that fall on the next midnight."""
        found = [*late, *changes_of(self.plans, self.tables, day=day)]
        if self.start is not None:
            # What lies before a run that begins in the middle of a day has happened.
            found = [change for change in found if change.time > self.since]
        return split(found, day=day)

    def columns(self, s: State, r: Rows) -> dict[str, Any]:
        """What the loop wrote of touches; `which` says whose, where that is not the number of the case."""
        n = int(s.n[world.N_ROWS])
        columns = {name: column[:n] for name, column in zip(Rows._fields, r, strict=True)}
        if "which" not in self.optional:
            del columns["which"]
            columns |= {"customer": columns["case"], "segment": np.broadcast_to(np.int16(0), n)}
        for name in ("held", "paused", "dialled", "announced_wait", "promise", "callback", "chaser"):
            if name not in self.optional:
                nothing = False if name == "chaser" else 0.0 if name in ("held", "paused", "dialled") else np.nan
                columns[name] = np.broadcast_to(nothing, n)
        return columns

    def presence(self, s: State, p: Stretches) -> dict[str, Any]:
        """What the loop wrote of presence."""
        k = int(s.n[world.N_STRETCHES])
        who = world.RECORD * p.who[:k, 0]
        return {
            "agent_group": s.a[who + world.GROUP],
            "agent": s.a[who + world.NUMBER],
            "start": p.when[:k, 0],
            "end": p.when[:k, 1],
            "kind": p.who[:k, 1],
        }


def simulate_by_kernel(scenario: Scenario, *, seed: int, replication: int) -> ContactLog:
    """One replication of a scenario with the compiled engine; the same log as the readable one, to the last bit."""
    log = Kernel(scenario, seed=seed, replication=replication).run()
    at_hand()
    return log
