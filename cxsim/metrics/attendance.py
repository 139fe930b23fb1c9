"""Who is there when they should be: absence, lateness, overtime, adherence, conformance, tenure.

The staffing table holds presence as it was. An agent's schedule is what was worked, rested or missed of it; time past
the plan has a kind of its own. Breaks taken at another time than planned are not seen, so adherence is an upper bound.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import ABSENT, AVAILABLE, BREAK, OVERTIME
from cxsim.contacts.log import ContactLog
from cxsim.contacts.months import DAYS_OF_MONTH
from cxsim.contacts.order import distinct, order_of
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.presence import n_people, of_kind, people
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.selection import DAY, inside, observed
from cxsim.metrics.workforce import NOBODY_THERE, PRESENCE

Array = npt.NDArray[Any]

SCHEDULE: Final = (AVAILABLE, BREAK, ABSENT)
AMAZON = "Amazon Connect administrator guide, adherence"


def _over(log: ContactLog, kinds: tuple[int, ...], of: tuple[int, ...], *, paid_only: bool = False) -> Ratio:
    """Time of some kinds of presence over that of others, within the seconds looked at."""
    part, whole = (of_kind(log, *chosen, paid_only=paid_only).within(observed(log)) for chosen in (kinds, of))
    return Ratio(part, whole, n_people(log))


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="employee",
    scope="agent",
    columns=PRESENCE,
    source="cxsim reference 3.7: unplanned absent time over scheduled or paid time",
    null=NOBODY_THERE,
    variants={"scheduled": {}, "paid": {"of": "paid"}},
)
def absence(log: ContactLog, *, of: str = "scheduled") -> Ratio:
    """Share of time in which agents are absent without a plan, lateness included.

    of: 'scheduled', time that is worked, rested or missed of the schedule; 'paid', all paid time, overtime included.
    """
    if of == "paid":
        need(log, "absence:paid", "staffing.paid")
        return _over(log, (ABSENT,), (*SCHEDULE, OVERTIME), paid_only=True)
    if of != "scheduled":
        raise unknown_choice("absence", "of", of, ["scheduled", "paid"])
    return _over(log, (ABSENT,), SCHEDULE)


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="employee",
    scope="agent",
    columns=PRESENCE,
    source="WFM Labs wiki, Call center metrics; cxsim reference 3.7",
    null="nobody came gives no value",
    variants={"share": {}, "mean": {"variant": "mean"}},
    units={"mean": "s"},
)
def lateness(log: ContactLog, *, variant: str = "share") -> Ratio:
    """How late agents come: an arrival is late if time absent runs up to it.

    Variants: share, of the arrivals looked at; mean, lateness over all arrivals, those in time included.
    """
    if variant not in ("share", "mean"):
        raise unknown_choice("lateness", "variant", variant, ["share", "mean"])
    came, late = remember(log, "arrivals", lambda: _arrivals(log))
    here = inside(came, observed(log))
    n = int(np.count_nonzero(here))
    total = np.count_nonzero(late[here] > 0) if variant == "share" else np.sum(late[here])
    return Ratio(float(total), float(n), n)


def _arrivals(log: ContactLog) -> tuple[Array, Array]:
    """Instant at which an agent takes up work after being away, and how late that is [s]; n each."""
    s, who = log.staffing, people(log.staffing)
    if not len(s):
        return np.zeros(0), np.zeros(0)
    order = order_of(who, s.start, s.end)
    who, start, end, kind = who[order], s.start[order], s.end[order], s.kind[order]
    follows = np.zeros(len(order), dtype=bool)
    follows[1:] = (who[1:] == who[:-1]) & (start[1:] <= end[:-1])
    before = np.where(follows, np.append(-1, kind[:-1]), -1)
    came = (kind == AVAILABLE) & ((before == -1) | (before == ABSENT))
    late = np.where(before == ABSENT, start - np.append(0.0, start[:-1]), 0.0)
    return start[came], late[came]


@metric(
    unit="1",
    better="band",
    kind="process",
    family="employee",
    scope="agent",
    columns=PRESENCE,
    source="cxsim reference 3.7",
    null="nobody at work gives no value",
)
def overtime_share(log: ContactLog) -> Ratio:
    """Share of the time at work that lies past the plan."""
    return _over(log, (OVERTIME,), (AVAILABLE, OVERTIME))


@metric(
    unit="1",
    better="higher",
    kind="process",
    family="employee",
    scope="agent",
    columns=PRESENCE,
    source=f"{AMAZON}: adherent minutes over scheduled minutes",
    null=NOBODY_THERE,
)
def adherence(log: ContactLog) -> Ratio:
    """Share of the schedule, work and breaks, that agents kept: all of it but the time absent."""
    return _over(log, (AVAILABLE, BREAK), SCHEDULE)


@metric(
    unit="1",
    better="band",
    kind="process",
    family="employee",
    scope="agent",
    columns=PRESENCE,
    source="cxsim reference 3.7: minutes worked over minutes scheduled, may exceed 1",
    null=NOBODY_THERE,
)
def conformance(log: ContactLog) -> Ratio:
    """Time worked, overtime included, over time scheduled for work; when it was worked does not matter."""
    return _over(log, (AVAILABLE, OVERTIME), (AVAILABLE, ABSENT))


@metric(
    unit="months",
    better="band",
    kind="process",
    family="employee",
    scope="agent",
    columns=("staffing.agent_group", "staffing.agent", "agents.agent_group", "agents.agent", "agents.hired"),
    source="cxsim reference 3.7",
    null="no agent with a known hire date gives no value",
)
def tenure(log: ContactLog) -> Ratio:
    """Mean time since the hire date, at the begin of what is looked at, of the agents of the staffing table."""
    s, a = log.staffing, log.agents
    known = np.flatnonzero(np.isfinite(a.hired))
    numbers = (a.agent_group[known].astype(np.int64) << 32) + a.agent[known]
    order = np.argsort(numbers)
    there = distinct(people(s)) & ((1 << 48) - 1)  # once a replication, whose number is left out
    place = np.minimum(np.searchsorted(numbers[order], there), len(known) - 1)
    since = a.hired[known[order[place]]][numbers[order[place]] == there] if len(known) else np.zeros(0)
    begin = float(observed(log)[0, 0]) if len(observed(log)) else 0.0
    return Ratio.mean((begin - since) / (DAY * DAYS_OF_MONTH))
