"""Which rows of a log count: one short function for each way a row can be looked at.

An export often lacks flags. An absent flag says that the thing does not occur in that log: without `chaser` no row is
a chaser, without `outbound` the centre calls nobody, without `deferred` every customer waits on the line, without
`callback` nobody took one, without `staffed` every touchpoint has agents, without `replication` there is one. Columns
that carry the measured quantity itself are never filled in: the metric declares them and is unavailable without.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import ABANDONED, BLOCKED, CLOSED, COLD, RESOLVED, UNKNOWN, WARM
from cxsim.contacts.log import ContactLog, Table
from cxsim.contacts.order import order_of
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.memory import once, remember
from cxsim.metrics.numbering import Numbering
from cxsim.metrics.selection import rows_in_whole, whole_of

Array = npt.NDArray[Any]

IN_ORDER = "in order"  # under which rows remember how they are to be put in order


def flag(t: Table, name: str, *, absent: bool = False) -> Array:
    """A column of flags [n_rows]; `absent` everywhere if the log has none."""
    return t.columns[name] if name in t else np.full(len(t), absent)


@once
def callbacks(t: Table) -> Array:
    """Mask [n_rows]: the customer accepted a callback."""
    return t.columns["callback"] == t.columns["callback"] if "callback" in t else np.zeros(len(t), dtype=bool)


@once
def answered(t: Table) -> Array:
    """Mask [n_rows]: somebody, or a machine, answered."""
    return np.asarray(t.answered == t.answered)  # NaN, nobody answered, differs from itself


def staffed(t: Table) -> Array:
    """Mask [n_rows]: at a touchpoint with agents."""
    return flag(t, "staffed", absent=True)


@once
def served(t: Table) -> Array:
    """Mask [n_rows]: legs that an agent answered or dialled, chasers and callbacks included, since they are work."""
    return staffed(t) & answered(t)


@once
def inbound(t: Table) -> Array:
    """Mask [n_rows]: the customer got in touch with the centre, not the centre with the customer."""
    return ~flag(t, "outbound")


@once
def asked(t: Table) -> Array:
    """Mask [n_rows]: legs with which a customer brings a need to people, chasers apart."""
    return staffed(t) & ~flag(t, "chaser") & inbound(t)


@once
def on_the_line(t: Table) -> Array:
    """Mask [n_rows]: legs whose customer waits on the line, at a staffed touchpoint, no chaser."""
    return asked(t) & ~flag(t, "deferred")


@once
def deferred(t: Table) -> Array:
    """Mask [n_rows]: legs that wait as tickets and e-mail do, with nobody on the line, no chaser."""
    return asked(t) & flag(t, "deferred")


@once
def entered(t: Table) -> Array:
    """Mask [n_rows]: on the line, and let into the queue: neither blocked nor closed at the door.

    Those who balk at the announced wait, take a callback or are turned away at closing had entered.
    """
    return on_the_line(t) & (t.outcome != BLOCKED) & ~shut_out(t)


@once
def shut_out(t: Table) -> Array:
    """Mask [n_rows]: the door was closed when the customer came."""
    return np.asarray((t.outcome == CLOSED) & (t.ended == t.offered))


@once
def decided_contacts(t: Table) -> Array:
    """Mask [n_rows]: on the line, no callback, and answered or abandoned. The N of every service level."""
    return on_the_line(t) & ~callbacks(t) & (answered(t) | (t.outcome == ABANDONED))


@once
def waited(t: Table) -> Array:
    """Time in queue [n_rows] in s: until the answer, else until the customer left."""
    return np.where(answered(t), t.answered, t.ended) - t.offered


@once
def waits(t: Table, *, population: str) -> Array:
    """Time in queue [n] of decided contacts in s: of the 'answered', or of all the 'decided'."""
    chosen = decided_contacts(t)
    return waited(t)[chosen & answered(t) if population == "answered" else chosen]


@once
def finished(t: Table, *, until: str) -> Array:
    """Mask [n_rows]: inbound legs that an agent answered and whose end, 'ended' or 'wrapped', is known."""
    end = t.columns[until]
    return served(t) & inbound(t) & (end == end)


@once
def handle_times(t: Table) -> Array:
    """Talk time and after-call work [n] of finished legs in s, without the time in which nobody worked on them."""
    return (t.wrapped - worked_from(t))[finished(t, until="wrapped")]


@once
def worked_from(t: Table) -> Array:
    """Instant [n_rows] from which work on a leg would have gone on without a pause until it was wrapped up.

    The answer, or later by the time the leg was laid aside: when in between it was laid aside is not in the log.
    """
    return np.asarray(t.answered + t.paused) if "paused" in t else np.asarray(t.answered)


def resolved(t: Table, *, evidence: str) -> Array:
    """Mask [n_rows]: the need was met at this leg, as the centre believes ('believed') or in truth ('true')."""
    return np.asarray(t.truly_resolved) if evidence == "true" else np.asarray(t.outcome == RESOLVED)


def passed_on(t: Table) -> Array:
    """Mask [n_rows]: the leg was passed on to the next, cold or warm; nowhere if the log does not know."""
    return one_of(t.transfer_kind, COLD, WARM) if "transfer_kind" in t else np.zeros(len(t), dtype=bool)


def one_of(codes: Array, *wanted: int) -> Array:
    """Mask [n]: the code is one of a few."""
    return np.asarray(np.logical_or.reduce([codes == code for code in wanted]))


def in_order(t: Table) -> Array:
    """Row numbers [n_rows] in the order replication, case, contact, touch, offered, as far as the log has these."""

    def find() -> Array:
        names = [name for name in ("replication", "case", "contact", "touch", "offered") if name in t]
        return order_of(*(t.columns[name] for name in names)) if names else np.arange(len(t))

    return remember(t, IN_ORDER, find)


def _together(log: ContactLog, *names: str) -> Numbering:
    """Rows that the named columns together identify, numbered in order; each row its own without these columns."""
    t, whole = log.touchpoints, whole_of(log)

    def find() -> Numbering:
        if whole.touchpoints is not t:
            # What was cut from a log in order is in order.
            return Numbering.of([_together(whole, *names).numbers[rows_in_whole(log)]], order=None)
        order = in_order(t)
        each = np.arange(len(t))
        straight = np.array_equal(order, each)
        if not all(name in t for name in names):
            return Numbering(each, each) if straight else Numbering(np.argsort(order), order)
        keys = [t.columns[name] for name in ("replication", *names) if name in t]
        return Numbering.of(keys, order=None if straight else order)

    return remember(t, ("together", *names), find)


def by_case(log: ContactLog) -> Numbering:
    """Rows of touchpoints by case, in order of cases."""
    return _together(log, "case")


def by_contact(log: ContactLog) -> Numbering:
    """Rows of touchpoints by contact, in order of cases and contacts; a row each if contacts are unknown."""
    return _together(log, "case", "contact")


def case_numbers(log: ContactLog) -> Array:
    """Number of each row's case [n_rows], from 0 without gaps."""
    return by_case(log).numbers


def contact_numbers(log: ContactLog) -> Array:
    """Number of each row's contact [n_rows], from 0 without gaps, rising within a case; a row each if unknown."""
    return by_contact(log).numbers


def first_of_cases(log: ContactLog) -> Array:
    """Row number of the first leg of each case [n_cases]."""
    return by_case(log).first


def first_of_contacts(log: ContactLog) -> Array:
    """Row number of the first leg of each contact [n_contacts]."""
    return by_contact(log).first


def contacts_by_case(log: ContactLog) -> Numbering:
    """Contacts by case; both are numbered in order, so that the contacts of a case stand together."""

    def find() -> Numbering:
        return Numbering.of([case_numbers(log)[first_of_contacts(log)]], order=None)

    return remember(log, "contacts by case", find)


def case_of_contacts(log: ContactLog) -> Array:
    """Number of the case of each contact [n_contacts]."""
    return contacts_by_case(log).numbers


def cases_of_customers(log: ContactLog) -> Array:
    """Mask [n_cases]: begun by the customer; of what the centre begins `metrics.outbound` speaks."""
    t = log.touchpoints
    return remember(log, "cases of customers", lambda: inbound(t)[first_of_cases(log)])


def case_begins(log: ContactLog) -> Array:
    """First offer of each case [n_cases] in s."""
    return remember(log, "case begins", lambda: by_case(log).least(log.touchpoints.offered))


def by_customer(log: ContactLog) -> tuple[Numbering, Array]:
    """Rows of touchpoints by customer, and their order; apart by replication, all of nobody known as one."""

    def find() -> tuple[Numbering, Array]:
        t = log.touchpoints
        keys = [t.columns[name] for name in ("replication", "customer") if name in t]
        order = order_of(*keys)
        return Numbering.of(keys, order=order), order

    return remember(log, "by customer", find)


def n_customers(log: ContactLog, rows: Array) -> int:
    """Number of distinct customers of some rows of touchpoints, a mask [n_rows], counted once a replication."""
    whole = whole_of(log)
    if whole is not log:
        mine, rows = rows, np.zeros(len(whole.touchpoints), dtype=bool)
        rows[rows_in_whole(log)] = mine
    return by_customer(whole)[0].n_with(rows)


def handled_contacts(log: ContactLog) -> Array:
    """Mask [n_contacts]: a person answered, chasers apart."""
    t = log.touchpoints
    return remember(log, "handled contacts", lambda: by_contact(log).any(asked(t) & answered(t)))


def met_cases(log: ContactLog, *, evidence: str) -> Array:
    """Mask [n_cases]: the need was met at some leg; evidence as for `resolved`."""
    t, name = log.touchpoints, f"met cases {evidence}"
    return remember(log, name, lambda: by_case(log).any(resolved(t, evidence=evidence)))


def cases_with_people(log: ContactLog) -> Array:
    """Mask [n_cases]: some leg brought the need to people."""
    return remember(log, "cases with people", lambda: by_case(log).any(asked(log.touchpoints)))


def judged_cases(log: ContactLog, *, metric: str) -> Array:
    """Mask [n_cases] of the cases whose outcome is known: no leg of them ended in an unknown way.

    Raises
    ------
    MetricUnavailable
        Agents answered, and of no answer does the whole log know how it ended: it cannot speak of resolution. What is
        left to judge then are those whom nobody answered, and a rate of them would mislead.
    """
    whole = whole_of(log)
    if not remember(whole, "knows outcomes", lambda: _knows_outcomes(whole.touchpoints)):
        raise MetricUnavailable(
            problem(f"metric {metric}", "this log does not say how answered contacts ended", "outcomes that are known")
        )
    return remember(log, "judged cases", lambda: _judged(log))


def _knows_outcomes(t: Table) -> bool:
    # A log that does not say who was answered is a list of cases; there every leg may tell.
    mine = served(t) if "answered" in t else staffed(t)
    return not mine.any() or bool(np.any(t.outcome[mine] != UNKNOWN))


def _judged(log: ContactLog) -> Array:
    return ~by_case(log).any(log.touchpoints.outcome == UNKNOWN)
