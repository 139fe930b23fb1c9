"""Every field of a scenario, with its unit, bounds and meaning: what forms and references are made from.

Demand, routing and the whole stand here; touchpoints and agent groups have files of their own.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from cxsim import units
from cxsim.errors import nearest
from cxsim.scenario.fields import (
    Clock,
    Decision,
    Duration,
    Instant,
    MoneyPerMonth,
    Name,
    Number,
    Part,
    RatePerDay,
    Seconds,
    SecondsOrDrawn,
    SecondsOrNever,
    Share,
    Weekday,
    Weight,
    Whole,
    field,
)
from cxsim.scenario.schema_staff import AgentGroup, Serves, days_of
from cxsim.scenario.schema_touchpoints import Automated, Exits, Staffed, Touchpoint
from cxsim.units import DAY

# What others read of a scenario, whichever file declares it.
__all__ = [
    "MOMENT_MEASURES", "NUMBERS", "TIMES",
    "AgentGroup", "Automated", "Busyness", "Calendar", "ContactType", "Customers", "Exits", "Goal", "Replay",
    "Routing", "ScenarioModel", "Serves", "Shape", "Snapshot", "Staffed", "Surge", "days_of", "intervals_a_day",
    "unknown_key",
]  # fmt: skip

LARGEST_BATCH = 1000
ScoreWeight = Annotated[Number, Field(ge=-1e9, le=1e9)]


def _iso_date(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r}; a date is 2026-01-05") from None


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
    annual_churn: Share | None = field("customers who leave in a year of benchmark service", None, le=0.99)
    tolerance: Number = field("factor on the wait that is forgiven", 1.0, gt=0, le=100)
    expectation: Number = field("what is expected beyond the usual; lowers every score [SD]", 0.0, ge=-5, le=5)


class Customers(Part):
    """Who the customers are."""

    population: Whole | None = field("number of customers; left out, every case is a new customer", None, ge=1)
    segments: dict[Name, Segment] = field("personas; shares add up to 1", {})
    confirm_negative_margin: Decision = field("a margin below 0 is meant: who stays longer then costs more", False)


class Shape(Part):
    """A profile of the rate over the day; only proportions count."""

    start: Clock = field("clock time of the first value", alias="from")
    every: Duration = field("length of one value", gt=0)
    values: tuple[Weight, ...] = field("relative volumes", min_length=1)


class Replay(Part):
    """Cases taken from a record instead of drawn."""

    log: str | None = field("CSV file with columns as below, or folder of a log; read and written out as lists", None)
    contact_type: str | None = field("only cases of this contact type of a log", None)
    at: tuple[Seconds, ...] = field("instants of arrival since the origin, ascending", (), min_length=1)
    talk_time: tuple[SecondsOrDrawn, ...] | None = field("talk time of the first touch; null is drawn", None)
    after_call_work: tuple[SecondsOrDrawn, ...] | None = field("after-call work of it; null is drawn", None)
    patience: tuple[SecondsOrNever, ...] | None = field("patience of the first touch; null waits for ever", None)


class ContactType(Part):
    """What cases are about, how many come and where they enter."""

    volume: RatePerDay | None = field("expected cases on a day with weekday factor 1", None)
    shape: str | None = field("name of the shape; left out, the same rate around the clock", None)
    weekdays: dict[Weekday, Weight] = field("factors of days; left out is 1", {})
    batch: dict[Annotated[int, Field(ge=2, le=LARGEST_BATCH)], Share] = field(
        "shares of arrivals that bring so many cases at one instant; the rest brings one", {}
    )
    arrivals: Replay | None = field("replayed arrivals instead of a volume: lists, or the log of a file", None)
    enters: dict[Name, Share] = field("shares of the touchpoints at which cases enter; add up to 1", min_length=1)


class Surge(Part):
    """A one-off change of the rate: an outage, a campaign."""

    type: str = field("contact type")
    start: Instant = field("begin")
    lasts: Duration = field("length", gt=0)
    factor: Weight = field("factor on the rate", le=10_000)


class Score(Part):
    """Value of a waiting contact: the highest is taken; what is left out plays no part."""

    wait: ScoreWeight = field("a second of waiting", 0.0)
    rank: ScoreWeight = field("a rank", 0.0)
    transferred: ScoreWeight = field("being a leg after a transfer", 0.0)
    weight: ScoreWeight = field("the touchpoint's weight", 0.0)


AgentPolicy = Literal["longest_idle", "least_occupied", "fastest", "best_at_resolving", "random"]
ContactPolicy = Literal[
    "longest_wait", "weighted_wait", "earliest_promise", "longest_queue", "highest_value", "resolution_aware",
    "random", "score",
]  # fmt: skip


class Routing(Part):
    """Who serves whom: ranks first, then these."""

    agent: AgentPolicy = field("which agent takes an arriving contact", "longest_idle")
    contact: ContactPolicy = field("which contact a freed agent takes; score replaces ranks", "longest_wait")
    score: Score | None = field("with contact: score", None)
    preferred_agent: Decision = field("who served the case before takes it, if free", False)
    specialist_first: Decision = field("groups with the fewest work types first, instead of `chosen`", False)


class SharedLines(Part):
    """A limit that touchpoints have in common."""

    touchpoints: tuple[Name, ...] = field("staffed touchpoints", min_length=1)
    lines: Whole = field("contacts waiting or talking at any of them; more are blocked", ge=1)


class SnapshotWaiting(Part):
    """Contacts that wait at the begin of the run."""

    type: str = field("contact type")
    touchpoint: str = field("staffed touchpoint")
    waited: Duration = field("time waited so far")
    n: Whole = field("number of them", 1, ge=1, le=100_000)


class SnapshotBusy(Part):
    """A contact in hand at the begin of the run."""

    group: str = field("agent group")
    agent: Whole = field("number of the agent in the group, from 0", ge=0)
    type: str = field("contact type")
    touchpoint: str = field("staffed touchpoint")
    since: Duration = field("time since it was answered")


class Snapshot(Part):
    """A running day from which the run starts."""

    at: Instant = field("begin of the run; earlier arrivals are left out")
    waiting: dict[Name, SnapshotWaiting] = field("contacts that wait", {})
    busy: dict[Name, SnapshotBusy] = field("contacts in hand", {})


# What a moment of truth can be measured by, one journey at a time.
TIMES: Final = ("wait", "first_response_time", "handle_time", "resolution_time")
NUMBERS: Final = ("contacts", "transfers", "repeated_information")
MOMENT_MEASURES: Final = (*TIMES, *NUMBERS, "resolved")


def _limit(value: object, info: ValidationInfo) -> float:
    """A duration, or a whole number where the measure counts."""
    if info.data.get("measure") not in NUMBERS:
        return units.duration(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 200:
        raise ValueError(f"{value!r}; a whole number from 0 to 200")
    return float(value)


Limit = Annotated[
    float, BeforeValidator(_limit), WithJsonSchema({"type": ["string", "number"], "examples": ["30 s", 1]})
]


class Goal(Part):
    """A moment of truth: what the customer asks there, the measure of it and its goal; or a bound on a metric.

    A share of contacts or journeys keeps a limit (`at_most` with `share`; `resolved` needs none), or a metric has a
    bound. `importance` makes losses at the touchpoint weigh more in what is felt; left out, they weigh as everywhere.
    """

    measure: str = field(f"{', '.join(MOMENT_MEASURES)}, or a metric")
    asks: Annotated[str, Field(min_length=1, max_length=200)] | None = field("the customer's own words for it", None)
    touchpoint: str | None = field("only this touchpoint", None)
    contact_type: str | None = field("only this contact type", None)
    segment: str | None = field("only this segment", None)
    within: Limit | None = field("limit that each keeps: a time, or a number of times", None, alias="at_most")
    share: Share | None = field("share that must keep the limit", None)
    no_more_than: float | None = field("upper bound of a metric, in its unit", None)
    no_less_than: float | None = field("lower bound of a metric, in its unit", None)
    weight: Annotated[Number, Field(ge=0, le=1e6)] = field("weight among the moments", 1.0)
    importance: Annotated[Number, Field(ge=1, le=10)] | None = field(
        "losses at the touchpoint are multiplied; 1.5 is usual for a declared moment", None
    )


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
    shared_lines: dict[Name, SharedLines] = field("limits that touchpoints have in common", {}, max_length=60)
    routing: Routing = field("who serves whom", Routing())
    goals: dict[Name, Goal] = field("moments of truth", {})
    snapshot: Snapshot | None = field("a running day to start from", None)


# Words for which the language has another key: named where they are refused.
ELSEWHERE = {"outbound": "touchpoints.NAME.dial", "campaign": "touchpoints.NAME.dial"}


def intervals_a_day(calendar: Calendar) -> int:
    """Number of planning intervals in a day."""
    return round(DAY / calendar.interval)


def unknown_key(key: str, known: list[str]) -> tuple[str, str, str]:
    """What was given, what is allowed and the remedy for a key that is not in the language."""
    if key in ELSEWHERE:
        return ("not a key", f"keys here: {', '.join(known)}", f"what the centre dials is {ELSEWHERE[key]}")
    return ("not a key", f"keys here: {', '.join(known)}", nearest(key, known))
