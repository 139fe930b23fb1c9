"""Fields of touchpoints: what a contact meets there, how long it takes, what may happen, where it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from cxsim.scenario.fields import (
    BalkSteps,
    Decision,
    Delay,
    Duration,
    DurationLaw,
    Name,
    Number,
    Part,
    Share,
    WeeklyHours,
    Whole,
    field,
    law_of,
)

Channel = Literal["voice", "chat", "email", "web", "bot", "message", "social", "walk_in", "other"]
Outcome = Literal["resolved", "unresolved", "falsely_resolved", "abandoned", "blocked", "closed", "balked", "unreached"]
MOST_AT_ONCE = 64


class Exit(Part):
    """Where a case goes after an outcome."""

    to: str = field("next touchpoint, or leave")
    share: Share = field("share of the cases with this outcome", 1.0)
    after: Delay = field("delay until the next contact; next_opening waits for the doors", law_of("0 s"))
    transfer: Literal["cold", "warm"] | None = field(
        "same contact goes on at once; warm keeps the agent until the next answers", None
    )
    position: Literal["front", "back"] | None = field("place in the next queue after a transfer; left out, back", None)


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


class Callback(Part):
    """The offer to hang up, keep the place and be called when an agent takes it."""

    least: Duration = field("announced wait from which it is offered", 0.0, alias="from")
    share: Share = field("share of those asked who accept")
    answers: Share = field("share of those called who answer", 1.0)


class Announcement(Part):
    """The expected wait is told to everyone offered."""

    balks: BalkSteps = field("share that leaves at once, by announced wait from which it holds", ())
    callback: Callback | None = field("offer of a callback to those who would have to wait", None)


class Chaser(Part):
    """A further contact of a case whose promise has passed without an answer."""

    to: str = field("touchpoint at which the customer asks")
    share: Share = field("share that asks, at each passing of the promised time, until the customer has asked once")


class Dial(Part):
    """The centre calls: an agent who is free takes the next record, dials, and talks if the customer picks up."""

    mode: Literal["preview", "progressive"] = field("preview: the agent reads the record before dialling")
    preview: DurationLaw = field("time to read, goes with mode preview", law_of("0 s"))
    reached: Share = field("share of the attempts that the customer picks up")
    rings: DurationLaw = field("time from dialling until the customer picks up")
    no_answer: DurationLaw = field("time from dialling until the agent gives up, of the other attempts")
    attempts: Whole = field("contacts of the case, this one included, after which nobody dials again", 3, ge=1, le=1000)

    @property
    def before_talk(self) -> float:
        """Mean time of an attempt, reached or not, without talk [s]."""
        return self.preview.mean + self.reached * self.rings.mean + (1.0 - self.reached) * self.no_answer.mean


class Again(Part):
    """What is different at every contact of a case after its first."""

    handle_time: Annotated[Number, Field(gt=0, le=100)] = field("factor on talk time and after-call work", 1.0)
    resolution: Annotated[Number, Field(ge=-10, le=10)] = field("effect on resolution [log-odds]", 0.0)


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
    announcement: Announcement | None = field("the expected wait is told; left out, it is not", None)
    patience: Annotated[Patience, BeforeValidator(_patience)] | None = field("left out, waits for ever", None)
    promise: Duration | None = field("time within which a deferred contact is to be answered", None, gt=0)
    chaser: Chaser | None = field("contacts of those whose promise has passed", None)
    weight: Annotated[Number, Field(gt=0, le=1e9)] = field("importance in routing by weighted wait or score", 1.0)
    ring_time: DurationLaw | None = field("between assignment and talk; the customer may still leave", None)
    talk_time: DurationLaw = field("talk time")
    hold: Share = field("mean share of talk time on hold, uniform from 0 to twice this", 0.0, le=0.5)
    after_call_work: DurationLaw = field("work after the customer is gone", law_of("0 s"))
    dial: Dial | None = field("the centre calls the customer; left out, the customer calls", None)
    again: Again = field("what is different from the second contact of a case on", Again())
    concurrency: Whole = field("contacts an agent may have in hand at once", 1, ge=1, le=MOST_AT_ONCE)
    slowdown: dict[Annotated[int, Field(ge=2, le=MOST_AT_ONCE)], Annotated[Number, Field(ge=1, le=1000)]] = field(
        "factor on the time of each contact, by contacts in hand; one left out is as the one below", {}
    )
    interruptible: Decision = field("laid aside for a live contact when nobody else is free", False)
    resolves: Share = field("share that looks resolved, by an average agent", 1.0)
    false_resolution: Share = field("share of the apparently resolved that are not", 0.0)
    then: Exits = field("where cases go, by outcome; the rest leaves", {})
    types: dict[Name, Staffed] = field("any of the above, for one contact type", {})

    @model_validator(mode="before")
    @classmethod
    def _nobody_waits(cls, value: Any) -> Any:
        """Who is to be called does not wait on the line."""
        return {"deferred": True, **value} if isinstance(value, Mapping) and value.get("dial") is not None else value

    @property
    def handle_time(self) -> float:
        """Mean work of an average agent on a contact [s], dialling included."""
        work = self.talk_time.mean + self.after_call_work.mean
        return work if self.dial is None else self.dial.before_talk + self.dial.reached * work

    def slowed(self) -> tuple[float, ...]:
        """Factor on the time of each contact with n = 1, 2, ... concurrency contacts in hand."""
        found = [1.0]
        for n in range(2, self.concurrency + 1):
            found.append(self.slowdown.get(n, found[-1]))
        return tuple(found)


def _mechanism(value: Any) -> str | None:
    return value.get("mechanism") if isinstance(value, Mapping) else getattr(value, "mechanism", None)


Touchpoint = Annotated[
    Annotated[Automated, Tag("automated")] | Annotated[Staffed, Tag("staffed")], Discriminator(_mechanism)
]
