"""Whether customers get through, and how long they wait on the line.

Rows are queue entries: a contact that is passed on enters a queue again. Only customers who wait on the line count:
staffed touchpoints, not deferred, no chasers (see `cxsim.metrics.rows`). For tickets and e-mail see
`cxsim.metrics.handling.first_response_time`. Above 300 lines because every metric carries its whole record.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import BLOCKED
from cxsim.contacts.log import ContactLog
from cxsim.contacts.order import numbered
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, unknown_choice
from cxsim.metrics.ratio import Ratio, Sample
from cxsim.metrics.rows import answered, callbacks, decided_contacts, entered, on_the_line, shut_out, waited, waits
from cxsim.metrics.selection import clock_offset

Array = npt.NDArray[Any]

QUEUE = ("offered", "answered", "ended", "outcome")
ICMI = "ICMI QueueTips, Service level calculations (2002), icmi.com/Resources/QueueTips/2005/March"
AMAZON = "Amazon Connect administrator guide, metric definitions, github.com/awsdocs/amazon-connect-admin-guide"
DETERMINED = "no decided contact gives no value"
MOMENTS = (15, 20, 25, 30, 45, 60, 90, 120, 180, 240, 300, 600)


@metric(
    unit="1",
    better="higher",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source=f"{ICMI}; removed_from_queue: {AMAZON}; interval_attainment: a cxsim proposal",
    null=DETERMINED,
    variants={
        name: {"variant": name}
        for name in (
            "strict",
            "answered_only",
            "abandon_credit",
            "ignore_in_threshold",
            "short_credit",
            "short_excluded",
            "removed_from_queue",
            "interval_attainment",
        )
    },
)
def service_level(
    log: ContactLog,
    *,
    within: float = 20.0,
    short: float = 5.0,
    target: float = 0.8,
    interval: float = 1800.0,
    variant: str = "strict",
) -> Ratio:
    """Share of decided contacts that are answered within a threshold; the variants differ in how abandons count.

    Parameters
    ----------
    log : ContactLog
    within, short : float
        Threshold, and the wait up to which an abandonment is short [s].
    target, interval : float
        For interval_attainment: strict level that an interval must reach [1], and its length [s].
    variant : str
        strict A_T/N; answered_only A_T/A; abandon_credit (A_T+B_T)/N; ignore_in_threshold A_T/(N-B_T); short_credit
        (A_T+B_s)/N; short_excluded A_T/(N-B_s); removed_from_queue (A_T+B_T+K_T)/(N+K) with callbacks K;
        interval_attainment: share of intervals whose strict level reaches the target. A answered, B abandoned, N = A+B.
    """
    t = log.touchpoints
    if variant == "interval_attainment":
        return _attainment(log, within=within, target=target, interval=interval)
    n, got = _decided(log)
    hits = _answered_within(log, within)
    early, brief = _left_within(log, within), _left_within(log, short)
    if variant == "removed_from_queue":
        took = callbacks(t) & on_the_line(t)
        soon = took & (t.callback - t.offered <= within) if "callback" in t else took
        n += float(np.count_nonzero(took))
        return Ratio(hits + early + float(np.count_nonzero(soon)), n, int(n))
    shares = {
        "strict": (hits, n),
        "answered_only": (hits, got),
        "abandon_credit": (hits + early, n),
        "ignore_in_threshold": (hits, n - early),
        "short_credit": (hits + brief, n),
        "short_excluded": (hits, n - brief),
    }
    if variant not in shares:
        raise unknown_choice("service_level", "variant", variant, [*shares, "removed_from_queue"])
    numerator, denominator = shares[variant]
    return Ratio(numerator, denominator, int(denominator))


def _decided(log: ContactLog) -> tuple[float, float]:
    """Number of decided contacts, and of those answered."""

    def count() -> tuple[float, float]:
        decided = decided_contacts(log.touchpoints)
        got = decided & answered(log.touchpoints)
        return float(np.count_nonzero(decided)), float(np.count_nonzero(got))

    return remember(log, "decided", count)


def _answered_within(log: ContactLog, seconds: float) -> float:
    """Number of decided contacts that were answered after a wait of no more than some seconds."""
    t, name = log.touchpoints, ("answered within", seconds)
    return remember(
        log, name, lambda: float(np.count_nonzero(decided_contacts(t) & answered(t) & (waited(t) <= seconds)))
    )


def _left_within(log: ContactLog, seconds: float) -> float:
    """Number of decided contacts that were abandoned after a wait of no more than some seconds."""
    t, name = log.touchpoints, ("left within", seconds)
    return remember(
        log, name, lambda: float(np.count_nonzero(decided_contacts(t) & ~answered(t) & (waited(t) <= seconds)))
    )


def _attainment(log: ContactLog, *, within: float, target: float, interval: float) -> Ratio:
    t = log.touchpoints
    decided = decided_contacts(t)
    in_time = answered(t) & (waited(t) <= within)
    key = np.floor((t.offered + clock_offset(log)) / interval).astype(np.int64)
    if "replication" in t and t.replication.any():
        key += t.replication.astype(np.int64) << 40
    place = numbered(key[decided])
    n = np.bincount(place)
    # Hits against target times n: a level of exactly 8 in 10 reaches 0.8, whatever the last bit of a division says.
    met = np.bincount(place, weights=in_time[decided]) >= target * n - 1e-9 * n
    return Ratio(float(np.count_nonzero(met)), float(len(n)), len(n))


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    short="asa",
    source=AMAZON,
    null="nobody answered gives no value",
    variants={"answered": {}, "delayed": {"variant": "delayed"}, "all": {"variant": "all"}},
)
def average_speed_of_answer(log: ContactLog, *, variant: str = "answered") -> Ratio:
    """Mean wait of answered contacts, zero waits included.

    Variants: answered; delayed, only those who waited at all; all, waits of answered and abandoned over both (the
    average time in queue). The mean of answered contacts falls when the impatient leave: read it with abandonment.
    """
    if variant not in ("answered", "delayed", "all"):
        raise unknown_choice("average_speed_of_answer", "variant", variant, ["answered", "delayed", "all"])
    wait = waits(log.touchpoints, population="decided" if variant == "all" else "answered")
    return Ratio.mean(wait[wait > 0] if variant == "delayed" else wait)


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    short="wait",
    source="cxsim reference 3.1: percentiles beside every mean; linear rule between order statistics (type 7)",
    null="nobody answered gives no value",
    variants={"p50": {"p": 0.5}, "p80": {"p": 0.8}, "p90": {"p": 0.9}, "p95": {"p": 0.95}},
)
def wait_quantile(log: ContactLog, *, p: float = 0.5, population: str = "answered") -> Sample:
    """Wait that a share p of answered contacts did not exceed.

    population: 'answered', or 'decided' with the time in queue of those who abandoned.
    """
    if population not in ("answered", "decided"):
        raise unknown_choice("wait_quantile", "population", population, ["answered", "decided"])
    return Sample(waits(log.touchpoints, population=population), p)


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source="cxsim reference 3.1",
    null=DETERMINED,
)
def longest_wait(log: ContactLog) -> Sample:
    """Longest time in queue of any contact, answered or abandoned."""
    return Sample(waits(log.touchpoints, population="decided"), 1.0)


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source=f"{AMAZON}, thresholds of 'contacts answered in'",
    null=DETERMINED,
    variants={f"over_{t}": {"longer_than": float(t)} for t in (20, *(m for m in MOMENTS if m != 20))},
)
def schedule_of_waits(log: ContactLog, *, longer_than: float = 20.0) -> Ratio:
    """Share of decided contacts that spend longer than a stated time [s] in queue: P(W > t)."""
    t = log.touchpoints
    return Ratio.share(waited(t) > longer_than, decided_contacts(t))


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    short="abandon_rate",
    source="all: MetricNet, metricnet.com/?p=57374; net_short: TechTarget, Calculating abandoned call rates",
    null=DETERMINED,
    variants={name: {"variant": name} for name in ("all", "net_short", "net_short_over_offered", "after_threshold")},
)
def abandonment_rate(log: ContactLog, *, short: float = 5.0, within: float = 20.0, variant: str = "all") -> Ratio:
    """Share of decided contacts that leave the queue before anybody answers.

    Variants: all B/N; net_short (B-B_s)/(N-B_s); net_short_over_offered (B-B_s)/N; after_threshold (B-B_T)/N, those
    that an answer within the threshold would have kept. The denominator is queue entries, never all who met a menu.
    """
    n, got = _decided(log)
    all_left = n - got
    brief, early = _left_within(log, short), _left_within(log, within)
    shares = {
        "all": (all_left, n),
        "net_short": (all_left - brief, n - brief),
        "net_short_over_offered": (all_left - brief, n),
        "after_threshold": (all_left - early, n),
    }
    if variant not in shares:
        raise unknown_choice("abandonment_rate", "variant", variant, shares)
    numerator, denominator = shares[variant]
    return Ratio(numerator, denominator, int(denominator))


@metric(
    unit="s",
    better="band",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source=AMAZON,
    null="nobody abandoned gives no value",
)
def time_to_abandon(log: ContactLog) -> Ratio:
    """Mean time in queue of those who abandoned; not the mean patience, which the answered never reveal."""
    t = log.touchpoints
    return Ratio.mean(waited(t)[decided_contacts(t) & ~answered(t)])


@metric(
    unit="s",
    better="band",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source="Gans, Koole and Mandelbaum (2003), Telephone call centers: censored estimate, exponential patience",
    null="nobody abandoned gives no value",
)
def mean_patience(log: ContactLog) -> Ratio:
    """Time that customers would wait on average if nobody ever answered: all time in queue over the abandonments.

    An answer only says that the customer would have waited longer. The estimate is exact in the long run for patience
    that is exponential, and a first guess for any other.
    """
    t = log.touchpoints
    every = waits(t, population="decided")
    left = int(np.count_nonzero(decided_contacts(t) & ~answered(t)))
    return Ratio(float(np.sum(every)), float(left), left)


@metric(
    unit="1",
    better="higher",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source="cxsim reference 3.1: answered over offered",
    null="nobody offered gives no value",
)
def answer_rate(log: ContactLog) -> Ratio:
    """Share of queue entries that got a person, now or by callback."""
    t = log.touchpoints
    return Ratio.share(answered(t), entered(t))


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source="cxsim reference 3.1: one less the answer rate",
    null="nobody offered gives no value",
)
def missed_rate(log: ContactLog) -> Ratio:
    """Share of queue entries that got nobody: abandoned, balked, turned away, or a callback that failed."""
    t = log.touchpoints
    return Ratio.share(~answered(t), entered(t))


@metric(
    unit="1",
    better="higher",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source="cxsim reference 3.1: share of arrivals inside opening hours",
    null="no attempt gives no value",
)
def hours_open_coverage(log: ContactLog) -> Ratio:
    """Share of attempts on the line that fell inside opening hours, told by those that met a closed door."""
    t = log.touchpoints
    return Ratio.share(~shut_out(t), on_the_line(t))


@metric(
    unit="1",
    better="lower",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=QUEUE,
    source="cxsim reference 3.1: busy or refused over attempts",
    null="no attempt gives no value",
)
def blockage_rate(log: ContactLog) -> Ratio:
    """Share of attempts inside opening hours that found every line busy."""
    t = log.touchpoints
    blocked = on_the_line(t) & (t.outcome == BLOCKED)
    return Ratio.share(blocked, entered(t) | blocked)


@metric(
    unit="1",
    better="band",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=(*QUEUE, "callback"),
    source="cxsim reference 3.1: callbacks over offered",
    null="nobody offered gives no value",
)
def callback_rate(log: ContactLog) -> Ratio:
    """Share of queue entries that left the line for a callback."""
    t = log.touchpoints
    return Ratio.share(callbacks(t), entered(t))


@metric(
    unit="1",
    better="higher",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=(*QUEUE, "callback"),
    source="cxsim reference 3.1: callbacks connected over callbacks",
    null="no callback gives no value",
)
def callback_success(log: ContactLog) -> Ratio:
    """Share of accepted callbacks that reached the customer."""
    t = log.touchpoints
    return Ratio.share(answered(t), entered(t) & callbacks(t))


@metric(
    unit="s",
    better="lower",
    kind="process",
    family="accessibility",
    scope="contact",
    columns=(*QUEUE, "callback"),
    source=f"{AMAZON}; cxsim reference 3.1: a clock of its own",
    null="no callback reached anybody gives no value",
)
def callback_wait(log: ContactLog) -> Ratio:
    """Mean time from accepting a callback until the talk, of those reached."""
    t = log.touchpoints
    reached = entered(t) & callbacks(t) & answered(t)
    return Ratio.mean((t.answered - t.callback)[reached])
