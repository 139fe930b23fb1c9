"""Every field of a scenario, with its unit, bounds and meaning: the one place forms and references are made from.

Above 300 lines because a field is declared here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from cxsim.errors import nearest
from cxsim.scenario.fields import (
    Clock,
    Days,
    Delay,
    Duration,
    DurationLaw,
    Instant,
    MoneyPerHour,
    MoneyPerMonth,
    Name,
    Positive,
    RatePerDay,
    Seconds,
    SecondsOrNever,
    Share,
    WeeklyHours,
    Weight,
    law_of,
)
from cxsim.units import DAY, WEEKDAYS

# Neither true nor "3" is a head count.
Whole = Annotated[int, Field(strict=True)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Channel = Literal["voice", "chat", "email", "web", "bot", "message", "social", "walk_in", "other"]
Outcome = Literal["resolved", "unresolved", "falsely_resolved", "abandoned", "blocked", "closed", "balked"]


def _iso_date(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r}; a date is 2026-01-05") from None


def field(meaning: str, default: Any = ..., **bounds: Any) -> Any:
    """A field with its meaning; bounds as in Pydantic."""
    return Field(default, description=meaning, **bounds)


class Part(BaseModel):
    """A part of a scenario: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Calendar(Part):
    """When the simulated time begins, how long cases arrive and how finely staffing is planned."""

    start: Annotated[date, BeforeValidator(_iso_date)] = field("first day; second 0 is its local midnight")
    days: Whole = field("days on which cases arrive", ge=1, le=3660)
    interval: Duration = field("planning interval; divides the day", 1800.0, ge=1, le=86400)


class Busyness(Part):
    """Randomness of demand beyond Poisson: a factor a day times a factor an interval, gamma with mean 1."""

    day_cv: Share = field("coefficient of variation of the day factor", 0.06)
    interval_cv: Share = field("coefficient of variation of the interval factor", 0.05)
    interval_correlation: Share = field("correlation of neighbouring intervals", 0.5)
    type_correlation: Share = field("how far contact types share the day factor", 1.0)


class Segment(Part):
    """A persona of customers."""

    share: Share = field("share of the customers", 1.0)
    margin: MoneyPerMonth | None = field("margin a customer brings before service", None)


class Customers(Part):
    """Who the customers are."""

    population: Whole | None = field("number of customers; left out, every case is a new customer", None, ge=1)
    segments: dict[Name, Segment] = field("personas; shares add up to 1", {})


class Shape(Part):
    """A profile of the rate over the day; only proportions count."""

    start: Clock = field("clock time of the first value", alias="from")
    every: Duration = field("length of one value", gt=0)
    values: tuple[Weight, ...] = field("relative volumes", min_length=1)


class Replay(Part):
    """Cases taken from a record instead of drawn."""

    at: tuple[Seconds, ...] = field("instants of arrival since the origin, ascending", min_length=1)
    talk_time: tuple[Seconds, ...] | None = field("talk time of the first touch of each case", None)
    after_call_work: tuple[Seconds, ...] | None = field("after-call work of the first touch", None)
    patience: tuple[SecondsOrNever, ...] | None = field("patience of the first touch; null waits for ever", None)


class ContactType(Part):
    """What cases are about, how many come and where they enter."""

    volume: RatePerDay | None = field("expected cases on a day with weekday factor 1", None)
    shape: str | None = field("name of the shape; left out, the same rate around the clock", None)
    weekdays: dict[Weekday, Weight] = field("factors of days; left out is 1", {})
    arrivals: Replay | None = field("replayed arrivals instead of a volume", None)
    enters: dict[Name, Share] = field("shares of the touchpoints at which cases enter; add up to 1", min_length=1)


class Surge(Part):
    """A one-off change of the rate: an outage, a campaign."""

    type: str = field("contact type")
    start: Instant = field("begin")
    lasts: Duration = field("length", gt=0)
    factor: Weight = field("factor on the rate", le=10_000)


class Exit(Part):
    """Where a case goes after an outcome."""

    to: str = field("next touchpoint, or leave")
    share: Share = field("share of the cases with this outcome", 1.0)
    after: Delay = field("delay until the next contact; next_opening waits for the doors", law_of("0 s"))
    transfer: Literal["cold"] | None = field("same contact goes on at once", None)


Exits = dict[Outcome, dict[Name, Exit]]


def _patience(value: object) -> object:
    """Split the atom at zero from the law of the rest."""
    if isinstance(value, Mapping) and "law" in value:
        rest = {key: part for key, part in value.items() if key != "at_once"}
        return {"at_once": value.get("at_once", 0), "rest": rest}
    return {"at_once": 0, "rest": value} if not isinstance(value, Mapping) or "rest" not in value else value


class Patience(Part):
    """How long a customer waits before leaving."""

    at_once: Share = field("share that leaves unless served at once", 0.0)
    rest: DurationLaw = field("law of the others")


class _ByType(Part):
    """A touchpoint whose fields may differ by contact type."""

    @model_validator(mode="before")
    @classmethod
    def _write_out(cls, value: Any) -> Any:
        """Write each entry of `types` out in full: the touchpoint as that contact type meets it."""
        if not isinstance(value, Mapping) or not isinstance(value.get("types"), Mapping):
            return value
        common = {key: part for key, part in value.items() if key != "types"}
        return {**common, "types": {name: _merged(common, part) for name, part in value["types"].items()}}


def _merged(common: dict[str, Any], own: Any) -> Any:
    if not isinstance(own, Mapping):
        return own
    merged = {**common, **own}
    if isinstance(common.get("then"), Mapping) and isinstance(own.get("then"), Mapping):
        merged["then"] = {**common["then"], **own["then"]}
    return merged


class Automated(_ByType):
    """A touchpoint that needs nobody: portal, knowledge base, IVR, bot, scheduled visit."""

    mechanism: Literal["automated"]
    channel: Channel = field("how the customer gets in touch")
    duration: DurationLaw = field("time it takes")
    resolves: Share = field("share that looks resolved", 1.0)
    false_resolution: Share = field("share of the apparently resolved that are not", 0.0)
    hours: WeeklyHours | None = field("opening hours; left out, always open", None)
    then: Exits = field("where cases go, by outcome; the rest leaves", {})
    types: dict[Name, Automated] = field("any of the above, for one contact type", {})


class Staffed(_ByType):
    """A touchpoint at which agents serve: phone, chat, tickets, a second line."""

    mechanism: Literal["staffed"]
    channel: Channel = field("how the customer gets in touch")
    deferred: bool = field("the customer does not stay on the line; queues wait overnight", False)
    hours: WeeklyHours | None = field("opening hours; left out, always open", None)
    at_closing: Literal["serve_out", "turn_away"] = field("what happens to those waiting at closing", "serve_out")
    lines: Whole | None = field("contacts waiting or talking; more are blocked", None, ge=1)
    waiting_room: Whole | None = field("contacts waiting; more are blocked", None, ge=0)
    patience: Annotated[Patience, BeforeValidator(_patience)] | None = field("left out, waits for ever", None)
    talk_time: DurationLaw = field("talk time")
    hold: Share = field("mean share of talk time on hold, uniform from 0 to twice this", 0.0, le=0.5)
    after_call_work: DurationLaw = field("work after the customer is gone", law_of("0 s"))
    resolves: Share = field("share that looks resolved, by an average agent", 1.0)
    false_resolution: Share = field("share of the apparently resolved that are not", 0.0)
    then: Exits = field("where cases go, by outcome; the rest leaves", {})
    types: dict[Name, Staffed] = field("any of the above, for one contact type", {})


def _mechanism(value: Any) -> str | None:
    return value.get("mechanism") if isinstance(value, Mapping) else getattr(value, "mechanism", None)


Touchpoint = Annotated[
    Annotated[Automated, Tag("automated")] | Annotated[Staffed, Tag("staffed")], Discriminator(_mechanism)
]


class Shrinkage(Part):
    """Paid time in which an agent cannot take contacts."""

    planned: Share = field("breaks, meetings, training: in the schedule", 0.0, lt=1)
    unplanned: Share = field("share of agents absent on a day", 0.0, lt=1)


class Shift(Part):
    """Agents who come and go together."""

    days: Days = field("days of the week")
    start: Clock = field("begin")
    end: Clock = field("end, on the same day")
    agents: Whole = field("head count", ge=0, le=20_000)


class Serves(Part):
    """How a group serves a touchpoint, or one contact type of it."""

    rank: Whole = field("order among the agent's queues, 1 first", 1, ge=1, le=99)
    chosen: Whole | None = field("order among the groups for a contact; left out, the rank", None, ge=1, le=99)
    level: Whole = field("skill level, 1 first", 1, ge=1, le=9)
    handle_time: Positive = field("factor on talk time and after-call work", 1.0)
    resolution: float = field("effect on resolution [log-odds]", 0.0, ge=-10, le=10)


def _serves(value: Any) -> Any:
    """A mapping of terms is for all contact types; a mapping of mappings is one a contact type."""
    if isinstance(value, Mapping) and value and all(isinstance(part, Mapping) for part in value.values()):
        return dict(value)
    return {"all": value}


class AgentGroup(Part):
    """Agents with the same skills and plan."""

    agents: Whole | None = field("head count in opening hours", None, ge=0, le=20_000)
    by_interval: dict[Weekday | Literal["all"], tuple[Annotated[Whole, Field(ge=0, le=20_000)], ...]] | None = field(
        "head counts by calendar interval from 00:00", None
    )
    shifts: dict[Name, Shift] | None = field("shifts", None)
    hours: WeeklyHours | None = field("hours of the head count; left out, around the clock", None)
    counts: Literal["scheduled", "net"] | None = field("head counts before or after shrinkage", None)
    shrinkage: Shrinkage = field("paid time without contacts", Shrinkage())
    at_shift_end: Literal["finish"] = field("a contact in hand is finished", "finish")
    serves: dict[Name, Annotated[dict[str, Serves], BeforeValidator(_serves)]] = field(
        "touchpoints served", min_length=1
    )
    speed_spread: float = field("log-SD of handle time between agents", 0.0, ge=0, le=1.5)
    resolution_spread: float = field("log-odds of resolution per SD of quality", 0.0, ge=0, le=3)
    cost: MoneyPerHour | None = field("paid hour, all included", None)


class Routing(Part):
    """Who serves whom: ranks first, then these."""

    agent: Literal["longest_idle"] = field("which agent takes an arriving contact", "longest_idle")
    contact: Literal["longest_wait"] = field("which contact a freed agent takes", "longest_wait")


class Goal(Part):
    """A moment of truth as an operational goal: a share of contacts within a time, or a bound on a metric."""

    measure: str = field("wait, first_response_time, resolution_time, handle_time, or a metric")
    touchpoint: str | None = field("only this touchpoint", None)
    contact_type: str | None = field("only this contact type", None)
    within: Duration | None = field("time limit of the share", None, alias="at_most")
    share: Share | None = field("share that must keep the limit", None)
    no_more_than: float | None = field("upper bound of a metric, in its unit", None)
    no_less_than: float | None = field("lower bound of a metric, in its unit", None)


class ScenarioModel(Part):
    """A support centre, complete in itself."""

    name: str = field("title in reports")
    calendar: Calendar
    busyness: Busyness = field("randomness of demand beyond Poisson", Busyness())
    gives_up_after: Whole = field("contacts after which a case is given up", 6, ge=1, le=200)
    customers: Customers = field("who the customers are", Customers())
    shapes: dict[Name, Shape] = field("profiles over the day", {})
    contact_types: dict[Name, ContactType] = field("what cases are about", min_length=1, max_length=200)
    surges: dict[Name, Surge] = field("one-off changes of the rate", {})
    touchpoints: dict[Name, Touchpoint] = field("steps of a contact", min_length=1, max_length=200)
    agent_groups: dict[Name, AgentGroup] = field("who serves", {}, max_length=60)
    routing: Routing = field("who serves whom", Routing())
    goals: dict[Name, Goal] = field("moments of truth", {})


# Keys of the language that the engines do not act on yet: refused by name, never accepted and ignored.
NOT_YET = {
    "concurrency", "slowdown", "mixes", "promise", "chaser", "interruptible", "announcement", "callback", "ring_time",
    "breaks", "lateness", "hired", "learning", "tenure", "reserve", "overflow", "position", "batch", "snapshot",
    "outbound", "score", "ageing", "preferred_agent", "unavailable", "shared_lines", "promises",
}  # fmt: skip


def intervals_a_day(calendar: Calendar) -> int:
    """Number of planning intervals in a day."""
    return round(DAY / calendar.interval)


def days_of(by_interval: Mapping[Any, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """Head counts by weekday number; 'all' fills what is not named."""
    default = by_interval.get("all")
    found = {day: by_interval.get(name, default) for day, name in enumerate(WEEKDAYS)}
    return {day: counts for day, counts in found.items() if counts is not None}


def unknown_key(key: str, known: list[str]) -> tuple[str, str, str]:
    """What was given, what is allowed and the remedy for a key that is not in the language."""
    if key in NOT_YET:
        return ("not simulated yet", f"keys here: {', '.join(known)}", "leave it out")
    return ("not a key", f"keys here: {', '.join(known)}", nearest(key, known))
