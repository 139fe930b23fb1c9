"""Fields of agent groups: how many, when, what they serve, how well, and when they are not there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from cxsim.scenario.fields import (
    AgeingSteps,
    Clock,
    Days,
    Duration,
    DurationLaw,
    MoneyPerHour,
    Name,
    Number,
    Part,
    Positive,
    Share,
    Weekday,
    WeeklyHours,
    Whole,
    field,
)
from cxsim.units import WEEKDAYS

MOST_AGENTS = 20_000


class Shrinkage(Part):
    """Paid time in which an agent cannot take contacts."""

    planned: Share = field("breaks, meetings, training: in the schedule", 0.0, lt=1)
    unplanned: Share = field("share of agents absent on a day", 0.0, lt=1)


class Break(Part):
    """A break of a shift."""

    at: Clock = field("planned begin")
    lasts: Duration = field("length", gt=0)


class Shift(Part):
    """Agents who come and go together."""

    days: Days = field("days of the week")
    start: Clock = field("begin")
    end: Clock = field("end, on the same day")
    agents: Whole = field("head count", ge=0, le=MOST_AGENTS)
    breaks: dict[Name, Break] = field("breaks within the shift; a contact in hand is finished first", {})


class Lateness(Part):
    """Agents who come late to a shift."""

    share: Share = field("share of the shifts begun late")
    by: DurationLaw = field("how late")


class Unavailable(Part):
    """Unplanned time away after a contact."""

    share: Share = field("share of the contacts after which an agent is away")
    lasts: DurationLaw = field("how long")


class Learning(Part):
    """What a newly hired agent lacks; it fades with time since hired."""

    handle_time: Annotated[Number, Field(gt=0, le=100)] = field("factor on handle time on the day of hiring", 1.0)
    resolution: Annotated[Number, Field(ge=-10, le=10)] = field("effect on resolution that day [log-odds]", 0.0)
    halves_every: Duration = field("time in which what is lacking halves", gt=0)


class Serves(Part):
    """How a group serves a touchpoint, or one contact type of it."""

    rank: Whole = field("order among the agent's queues, 1 first", 1, ge=1, le=99)
    chosen: Whole | None = field("order among the groups for a contact; left out, the rank", None, ge=1, le=99)
    after: Duration = field("wait from which the group may be used: overflow", 0.0)
    reserve: Whole = field("taken only if more agents than these would be idle", 0, ge=0, le=MOST_AGENTS)
    ageing: AgeingSteps = field("rank by wait from which it holds", ())
    level: Whole = field("skill level, 1 first", 1, ge=1, le=9)
    handle_time: Positive = field("factor on talk time and after-call work", 1.0)
    resolution: float = field("effect on resolution [log-odds]", 0.0, ge=-10, le=10)


def is_by_type(value: Any) -> bool:
    """Whether terms are given one a contact type: a mapping of mappings, except the steps of ageing alone."""
    mappings = isinstance(value, Mapping) and all(isinstance(part, Mapping) for part in value.values())
    return mappings and len(value) > 0 and set(value) != {"ageing"}


def _serves(value: Any) -> Any:
    return dict(value) if is_by_type(value) else {"all": value}


class AgentGroup(Part):
    """Agents with the same skills and plan."""

    agents: Whole | None = field("head count in opening hours", None, ge=0, le=MOST_AGENTS)
    by_interval: dict[Weekday | Literal["all"], tuple[Annotated[Whole, Field(ge=0, le=MOST_AGENTS)], ...]] | None = (
        field("head counts by calendar interval from 00:00", None)
    )
    shifts: dict[Name, Shift] | None = field("shifts", None)
    hours: WeeklyHours | None = field("hours of the head count; left out, around the clock", None)
    counts: Literal["scheduled", "net"] | None = field("head counts before or after shrinkage", None)
    shrinkage: Shrinkage = field("paid time without contacts", Shrinkage())
    lateness: Lateness | None = field("agents who come late to a shift", None)
    late_breaks: Literal["full", "on_time"] = field("a break that begins late is full, or ends on time", "full")
    unavailable: Unavailable | None = field("unplanned time away after a contact", None)
    at_shift_end: Literal["finish", "hand_over", "drop"] = field(
        "a contact in hand is finished, put back to the front of its queue, or dropped", "finish"
    )
    serves: dict[Name, Annotated[dict[str, Serves], BeforeValidator(_serves)]] = field(
        "touchpoints served", min_length=1
    )
    mixes: Literal["none", "touchpoint", "all"] = field(
        "contacts an agent may have in hand at once: of one work type, of one touchpoint, any", "touchpoint"
    )
    speed_spread: float = field("log-SD of handle time between agents", 0.0, ge=0, le=1.5)
    resolution_spread: float = field("log-odds of resolution per SD of quality", 0.0, ge=0, le=3)
    tenure: DurationLaw | None = field("time since hired at the begin of the calendar; left out, long ago", None)
    learning: Learning | None = field("what newly hired agents lack; needs tenure", None)
    cost: MoneyPerHour | None = field("paid hour, all included", None)


def days_of(by_interval: Mapping[Any, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """Head counts by weekday number; 'all' fills what is not named."""
    default = by_interval.get("all")
    found = {day: by_interval.get(name, default) for day, name in enumerate(WEEKDAYS)}
    return {day: counts for day, counts in found.items() if counts is not None}


def terms_of(group: AgentGroup, touchpoint: str, contact_type: str) -> Serves | None:
    """How a group serves a contact type at a touchpoint, or None."""
    terms = group.serves.get(touchpoint, {})
    return terms.get(contact_type, terms.get("all"))


def net_count(group: AgentGroup, count: int) -> int:
    """Agents on the floor of a head count as written: after planned shrinkage, half an agent is one."""
    return count if group.counts != "scheduled" else math.floor(count * (1.0 - group.shrinkage.planned) + 0.5)


def paid_count(group: AgentGroup, count: int) -> int:
    """Agents paid for a head count as written."""
    lost = group.shrinkage
    if group.counts != "net":
        return count
    return max(count, math.floor(count / ((1.0 - lost.planned) * (1.0 - lost.unplanned)) + 0.5))


def agent_numbers(group: AgentGroup) -> list[range]:
    """Numbers of the agents who are ever on the floor: one range, or one a shift."""
    if group.shifts is None:
        by_interval = group.by_interval or {}
        counts = [group.agents or 0, *(count for counts in by_interval.values() for count in counts)]
        return [range(net_count(group, max(counts)))]
    found, first = [], 0
    for shift in group.shifts.values():
        found.append(range(first, first + net_count(group, shift.agents)))
        first += paid_count(group, shift.agents)
    return found
