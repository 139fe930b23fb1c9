"""What machines settle: deflection, containment, automated resolution, and what leaks to people all the same.

A session is a contact that begins with a machine (bot, IVR, portal, form). By these formulas every session deflected or
resolved by the machine is also contained, for a transfer is an assisted contact. All three count up only while repeat
contacts do not: read them together.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import (
    asked,
    by_case,
    by_contact,
    case_numbers,
    cases_with_people,
    first_of_contacts,
    flag,
    in_order,
    judged_cases,
    met_cases,
    n_customers,
    resolved,
    staffed,
)
from cxsim.metrics.selection import last_event, whole_of

Array = npt.NDArray[Any]

COLUMNS = ("case", "contact", "offered")
LADDER = "eesel, How to calculate ticket deflection rate"
NO_SESSION = "no session with a machine gives no value"


class Sessions(NamedTuple):
    """Contacts that begin with a machine."""

    row: Array  # [n] first row of the session
    assisted: Array  # [n] a person is asked in it


def _sessions(log: ContactLog) -> Sessions:
    def find() -> Sessions:
        t = log.touchpoints
        first = first_of_contacts(log)
        mine = ~staffed(t)[first] & ~flag(t, "chaser")[first]
        return Sessions(first[mine], by_contact(log).any(asked(t))[mine])

    return remember(log, "sessions", find)


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="self_service",
    scope="case",
    columns=COLUMNS,
    source=f"followed: {LADDER}; of_all: Chatspark, Ticket deflection calculator (6,500 of 10,000 is 65 %)",
    null=NO_SESSION,
    variants={"followed": {}, "of_all": {"variant": "of_all"}},
)
def deflection_rate(log: ContactLog, *, variant: str = "followed", hours: float = 24.0) -> Ratio:
    """Share of sessions with a machine that no contact with people follows.

    Variants: followed, no person is asked in the session or in a later contact of the case within so many `hours` [h]
    of its begin, whatever became of the need (those who give up are deflected too); of_all, cases resolved without
    people over all cases, as vendors count. In a real log sessions of its last `hours` are left out.
    """
    if variant == "of_all":
        need(log, "deflection_rate:of_all", "outcome")
        return _without_people(log, "believed", "deflection_rate")
    if variant != "followed":
        raise unknown_choice("deflection_rate", "variant", variant, ["followed", "of_all"])
    found, seconds = _sessions(log), hours * 3600.0
    t = log.touchpoints
    begin = t.offered[found.row]
    judged = np.ones(len(begin), dtype=bool) if "horizon" in log.meta else begin <= last_event(whole_of(log)) - seconds
    return Ratio.share(remember(log, "until people", lambda: _until_people(log, found.row)) > seconds, judged)


def _until_people(log: ContactLog, sessions: Array) -> Array:
    """Time [n] from each session's begin to the next leg of its case that asks people, its own included; inf none."""
    t, numbers = log.touchpoints, case_numbers(log)
    order = in_order(t)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    people = order[asked(t)[order]]
    after = np.searchsorted(place[people], place[sessions])
    following = people[np.minimum(after, len(people) - 1)] if len(people) else sessions
    known = (after < len(people)) & (numbers[following] == numbers[sessions])
    return np.where(known, t.offered[following] - t.offered[sessions], np.inf)


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="self_service",
    scope="case",
    columns=COLUMNS,
    source=LADDER,
    null=NO_SESSION,
)
def containment_rate(log: ContactLog) -> Ratio:
    """Share of sessions with a machine that end without being passed on to people, whatever became of the need."""
    found = _sessions(log)
    return Ratio.share(~found.assisted, np.ones(len(found.row), dtype=bool))


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="self_service",
    scope="case",
    columns=COLUMNS,
    source=LADDER,
    null=NO_SESSION,
    variants={"confirmed": {}, "believed": {"evidence": "believed"}},
)
def automated_resolution(log: ContactLog, *, evidence: str = "true") -> Ratio:
    """Share of sessions with a machine that met the need without people.

    evidence: 'true', the need was really met (needs truly_resolved); 'believed', the machine closed it as resolved.
    """
    if evidence not in ("true", "believed"):
        raise unknown_choice("automated_resolution", "evidence", evidence, ["true", "believed"])
    need(log, f"automated_resolution:{evidence}", "truly_resolved" if evidence == "true" else "outcome")
    t, contacts, found = log.touchpoints, by_contact(log), _sessions(log)
    met = contacts.any(resolved(t, evidence=evidence) & ~staffed(t))
    return Ratio.share(met[contacts.numbers[found.row]] & ~found.assisted, np.ones(len(found.row), dtype=bool))


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="self_service",
    scope="case",
    columns=("case", "offered", "outcome"),
    short="self_service_full_resolution",
    source="destinationCRM, Gartner self-service survey 2019 (9 % end wholly in self-service, 70 % use it)",
    null="no case gives no value",
    variants={"believed": {}, "true": {"evidence": "true"}},
)
def self_service_resolution(log: ContactLog, *, evidence: str = "believed") -> Ratio:
    """Share of all cases that were resolved without anybody of the centre; evidence as for the resolution rate."""
    if evidence not in ("believed", "true"):
        raise unknown_choice("self_service_resolution", "evidence", evidence, ["believed", "true"])
    if evidence == "true":
        need(log, "self_service_resolution:true", "truly_resolved")
    return _without_people(log, evidence, "self_service_resolution")


def _without_people(log: ContactLog, evidence: str, name: str) -> Ratio:
    met = met_cases(log, evidence=evidence)
    judged = judged_cases(log, metric=name) if evidence == "believed" else np.ones(len(met), dtype=bool)
    return Ratio.share(met & ~cases_with_people(log), judged)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="self_service",
    scope="case",
    columns=("case", "offered"),
    source="cxsim reference 3.4: journeys that touch self-service and still reach a person",
    null="no case with a machine gives no value",
)
def leakage(log: ContactLog) -> Ratio:
    """Share of the cases that meet a machine anywhere that also ask people."""
    return Ratio.share(cases_with_people(log), by_case(log).any(~staffed(log.touchpoints)))


@metric(
    unit="users/user",
    better="higher",
    kind="result",
    family="self_service",
    scope="contact",
    columns=("offered", "customer"),
    source="Beefed, Measuring ticket deflection: help-centre users over users who filed tickets, such as 4 to 1",
    null="nobody who asked people gives no value",
)
def self_service_score(log: ContactLog) -> Ratio:
    """Identified customers who met a machine, for each who asked people."""
    t = log.touchpoints
    known = t.customer >= 0
    users, filed = (n_customers(log, known & mask) for mask in (~staffed(t), asked(t)))
    return Ratio(float(users), float(filed), users + filed)
