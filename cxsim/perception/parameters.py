"""Every parameter of the perception model: its unit, its bounds and its meaning in one line, in one place.

Above 300 lines because it is one list, and a number is looked for in one place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import inf, nan
from typing import Any, Final, NamedTuple

# Of a model: what it is called, what is known of its numbers, and what a scenario adds; not the numbers.
ABOUT: Final = ("name", "notes", "evidence", "declared")


def number(unit: str, meaning: str, *, least: float = 0.0, most: float = inf) -> Any:
    """Declare a number: unit ('s' is written as a duration, 'share' as 0 to 1 or %), bounds [unit], meaning."""
    return field(metadata={"unit": unit, "meaning": meaning, "least": least, "most": most})


def numbers(unit: str, meaning: str, *, length: int, least: float = -inf, most: float = inf) -> Any:
    """Declare a row of numbers of one length."""
    return field(metadata={"unit": unit, "meaning": meaning, "least": least, "most": most, "length": length})


def stated(unit: str, meaning: str, *, otherwise: float, least: float = -inf, most: float = inf) -> Any:
    """Declare a number that may be left out."""
    return field(default=otherwise, metadata={"unit": unit, "meaning": meaning, "least": least, "most": most})


def parts_by_name(kind: type, meaning: str) -> Any:
    """Declare parts of one kind by name, the names being those of a log; a part may be left out or say a little."""
    return field(metadata={"unit": "", "meaning": meaning, "part": kind})


def by_name(unit: str, meaning: str, *, least: float = -inf) -> Any:
    """Declare numbers by name, the names being those of a log."""
    return field(metadata={"unit": unit, "meaning": meaning, "least": least, "most": inf})


class Evidence(NamedTuple):
    """Where a number comes from: its 90 % range, prior SD of the log multiplier, grade A (best) to D, source."""

    value: float | tuple[float, ...]
    low: float
    high: float
    prior_sd: float
    grade: str
    source: str


@dataclass(frozen=True)
class ChannelWait:
    """Waiting in one channel."""

    loss: float = number("SD", "satisfaction lost per unit of ln(1 + excess wait / scale)")
    tolerance: float = number("s", "wait that is expected and forgiven", least=1e-9)
    scale: float = number("s", "how fast the loss saturates beyond the tolerance", least=1e-9)


@dataclass(frozen=True)
class Waiting:
    """Waiting, by channel, and what an announcement or a callback does to it."""

    voice: ChannelWait
    chat: ChannelWait
    email: ChannelWait
    loss_aversion: float = number("1", "a loss weighs this many times a gain", least=1.0)
    announcement: float = number("share", "how far an announced wait replaces the tolerance", most=1.0)
    offline: float = number("share", "weight of time spent off the line before a callback", most=1.0)


@dataclass(frozen=True)
class Touch:
    """What happens at one touch."""

    transfer: float = number("SD", "loss per transfer")
    transfers_counted: float = number("1", "transfers of one touch that count at most")
    repeated_information: float = number("SD", "loss when the story is told again")
    hold: float = number("SD", "loss per unit of ln(1 + hold / scale)")
    hold_scale: float = number("s", "how fast the loss from hold saturates", least=1e-9)
    agent: float = number("SD", "gain per SD of agent quality")


@dataclass(frozen=True)
class Journey:
    """What happens to a case as a whole."""

    unresolved: float = number("SD", "loss when the need is not met")
    repeat: float = number("SD", "loss per further contact that reached a person")
    repeats_counted: float = number("1", "further contacts that count at most")
    abandonment: float = number("SD", "loss per attempt given up while waiting")
    attempts_counted: float = number("1", "attempts in vain that count at most")
    refused: float = number("share", "an attempt blocked, closed or balked, as part of one given up", most=1.0)
    failed_self_service: float = number("SD", "loss per self-service attempt that failed and led on")
    failures_counted: float = number("1", "failed self-service attempts that count at most")
    switch: float = number("SD", "loss per forced change of channel between people")
    switches_counted: float = number("1", "changes of channel that count at most")
    elapsed: float = number("SD", "loss per unit of ln(1 + excess time / scale)")
    elapsed_scale: float = number("s", "time to resolution that is forgiven, and the scale beyond it", least=1e-9)


@dataclass(frozen=True)
class Memory:
    """How touches are remembered; the three weights sum to 1."""

    every: float = number("share", "weight shared by all touches alike", most=1.0)
    peak: float = number("share", "weight of the most intense touch", most=1.0)
    end: float = number("share", "weight of the last touch", most=1.0)


@dataclass(frozen=True)
class Family:
    """Weight of each family of drivers in one index."""

    effort: float = number("1", "waiting, transfers, repeats and other effort")
    outcome: float = number("1", "resolution and time to it")
    people: float = number("1", "agent quality")


@dataclass(frozen=True)
class Weights:
    """Weights of the driver families in the three indices."""

    satisfaction: Family
    ease: Family
    recommendation: Family


@dataclass(frozen=True)
class Split:
    """Shares of the residual variance of one answer; they sum to 1."""

    customer: float = number("share", "stable style and disposition of the person", most=1.0)
    journey: float = number("share", "everything about the journey that is not simulated", most=1.0)
    brand: float = number("share", "the person's relation to the brand", most=1.0)
    item: float = number("share", "the question itself", most=1.0)


@dataclass(frozen=True)
class Noise:
    """Residual variance of the three answers."""

    satisfaction: Split
    ease: Split
    recommendation: Split


@dataclass(frozen=True)
class Response:
    """Who is asked and who answers."""

    invited: float = number("share", "surveyable journeys that are asked", most=1.0)
    voice: float = number("share", "base response rate after a call", most=1.0)
    chat: float = number("share", "base response rate in a chat window", most=1.0)
    email: float = number("share", "base response rate by e-mail", most=1.0)
    self_service: float = number("share", "base response rate of a pop-up", most=1.0)
    extremity: float = number("log-odds", "gain in response per SD of extremity")
    usual_extremity: float = number("SD", "extremity at which the base rate holds")
    displeasure: float = number("log-odds", "gain in response per SD of displeasure", least=-inf)


@dataclass(frozen=True)
class Comments:
    """Who writes a comment, and about what."""

    by_satisfaction: tuple[float, ...] = numbers(
        "share", "share of answers 1 to 5 that come with a comment", length=5, least=0.0, most=1.0
    )
    generic_when_low: float = number("share", "comments at answers 1 to 3 that name nothing", most=1.0)
    outside: float = number("share", "comments at answers 1 to 3 on product, delivery, policy or price", most=1.0)
    generic_when_high: float = number("share", "comments at answers 4 and 5 that name nothing", most=1.0)
    attention: float = number("SD", "scale of the Gumbel noise on which loss is named")
    solved_at_once: float = number("SD", "weight of being solved at the first contact among what is praised")
    contrary: float = number("share", "comments whose tone is the opposite of the answer", most=1.0)


@dataclass(frozen=True)
class Intentions:
    """What is said about the future in the same survey; not to be called churn."""

    disloyal_share: float = number("share", "said to be more disloyal, reference operation", most=1.0)
    disloyal_correlation: float = number("1", "correlation of disloyalty with ease", most=1.0)
    leaving_share: float = number("share", "said to be leaving, reference operation", most=1.0)
    leaving_correlation: float = number("1", "correlation of leaving with ease", most=1.0)


@dataclass(frozen=True)
class Churn:
    """Who leaves."""

    service_share: float = number("share", "part of the base hazard that service can move", most=1.0)
    slope: float = number("1", "log hazard per unit of the satisfaction stock")
    loss_factor: float = number("1", "harm weighs this many times help", least=1.0)
    half_life: float = number("month", "time in which an experience loses half its weight", least=1e-9)
    stock_limit: float = number("SD", "largest satisfaction stock, either way")


@dataclass(frozen=True)
class Value:
    """Customer lifetime value."""

    months: float = number("month", "how far ahead margins are counted", least=1.0, most=600.0)
    discount: float = number("share", "discount a year", most=1.0)


@dataclass(frozen=True)
class Offsets:
    """Shifts of all three indices that are not due to what happened."""

    contact_types: Mapping[str, float] = by_name("SD", "by name of contact type")


@dataclass(frozen=True)
class Segment:
    """What the customers of a segment have that others have not; what a scenario states of its segments wins."""

    annual_churn: float = stated(
        "share", "customers who leave in a year of benchmark service; left out, that of all", otherwise=nan,
        least=0.0, most=0.99,
    )  # fmt: skip
    tolerance: float = stated("1", "factor on the wait that is forgiven", otherwise=1.0, least=1e-9)
    expectation: float = stated("SD", "what is expected beyond the usual; lowers every index", otherwise=0.0)


@dataclass(frozen=True)
class Moments:
    """Moments of truth."""

    touchpoints: Mapping[str, float] = by_name(
        "1", "losses at the touchpoint of this name are multiplied by", least=0.0
    )


@dataclass(frozen=True)
class Importance:
    """A declared moment of truth: losses at its touches are multiplied by `factor`; of several, by the largest."""

    factor: float
    touchpoint: str
    contact_type: str | None = None
    segment: str | None = None


@dataclass(frozen=True)
class Shapes:
    """What the reference operation is anchored to: shares of answers among respondents, and churn a year."""

    satisfaction: tuple[float, ...] = numbers("share", "shares of answers 1 to 5", length=5, least=0.0, most=1.0)
    ease: tuple[float, ...] = numbers("share", "shares of answers 1 to 7", length=7, least=0.0, most=1.0)
    recommendation: tuple[float, ...] = numbers("share", "shares of answers 0 to 10", length=11, least=0.0, most=1.0)
    annual_churn: float = number("share", "customers who leave within 12 months", least=1e-9, most=0.99)


@dataclass(frozen=True)
class Benchmark:
    """Figures of one's own to which respondents of the reference operation are anchored; NaN keeps the shape above.

    Of satisfaction and of ease one figure each: it moves all cuts of that question alike.
    """

    top_two: float = stated("share", "satisfaction 4 or 5 of five", otherwise=nan, least=0.0, most=1.0)
    top_box: float = stated("share", "satisfaction 5 of five", otherwise=nan, least=0.0, most=1.0)
    satisfaction: float = stated("1-5", "mean satisfaction on five points", otherwise=nan, least=1.0, most=5.0)
    ease: float = stated("1-7", "mean ease on seven points", otherwise=nan, least=1.0, most=7.0)
    agree: float = stated("share", "ease 5 to 7 of seven", otherwise=nan, least=0.0, most=1.0)
    net_promoter_score: float = stated("points", "promoters less detractors", otherwise=nan, least=-100.0, most=100.0)
    annual_churn: float = stated("share", "customers who leave within 12 months", otherwise=nan, least=0.0, most=0.99)

    def given(self) -> dict[str, float]:
        """The figures that are stated."""
        return {name: value for name, value in vars(self).items() if value == value}


@dataclass(frozen=True)
class Anchors:
    """Constants found by `anchor` and frozen: never computed again in a what-if."""

    satisfaction: tuple[float, ...] = numbers("SD", "cuts between answers 1 to 5", length=4)
    ease: tuple[float, ...] = numbers("SD", "cuts between answers 1 to 7", length=6)
    recommendation: tuple[float, ...] = numbers("SD", "cuts between answers 0 to 10", length=10)
    satisfaction_mean: float = number("SD", "mean satisfaction index; also the neutral experience", least=-inf)
    satisfaction_spread: float = number("SD", "SD of the satisfaction latent", least=1.0)
    ease_mean: float = number("SD", "mean ease index", least=-inf)
    ease_spread: float = number("SD", "SD of the ease latent", least=1.0)
    base_hazard: float = number("1/month", "churn hazard of a customer without experiences")
    exposure: tuple[float, ...] = numbers(
        "month", "months of base hazard lived in a year, mean of each fiftieth of the customers", length=50, least=0.0
    )


@dataclass(frozen=True)
class PerceptionModel:
    """All there is to know to turn what happened into what customers say and do; made by `load_model`.

    Attributes
    ----------
    name : str
        Name or path it was loaded from.
    notes : tuple of str
        Values outside their evidence range, one line each.
    evidence : mapping of str to Evidence
        By the address of a number, say 'touch.transfer'.
    declared : tuple of Importance
        What a scenario says of its own moments of truth; where one holds it takes the place of `moments`.
    """

    waiting: Waiting
    touch: Touch
    journey: Journey
    memory: Memory
    weights: Weights
    noise: Noise
    response: Response
    comments: Comments
    intentions: Intentions
    churn: Churn
    value: Value
    offsets: Offsets
    moments: Moments
    targets: Shapes
    anchors: Anchors
    segments: Mapping[str, Segment] = parts_by_name(Segment, "segments that feel otherwise, by name")
    anchor_to: Benchmark = field(default_factory=Benchmark)
    name: str = "default"
    notes: tuple[str, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    declared: tuple[Importance, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen letters that change with any number of the model, its range or its prior; name and notes apart."""
        content = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name not in ABOUT}
        ranges = {at: [entry.low, entry.high, entry.prior_sd] for at, entry in self.evidence.items()}
        text = json.dumps([content, ranges], default=vars, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def with_anchors(self, anchors: Anchors) -> PerceptionModel:
        """The model anchored to another benchmark."""
        return replace(self, anchors=anchors)
