"""Whether the need is met, at which contact, and how often customers are passed on or come back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog, Table
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.repeats import followed_up, is_repeat
from cxsim.metrics.rows import (
    answered,
    any_of,
    asked,
    case_numbers,
    contact_numbers,
    flag,
    handled_contacts,
    how_many,
    judged_cases,
    met_cases,
    passed_on,
    resolved,
)

Array = npt.NDArray[Any]

COLUMNS = ("case", "offered", "answered", "outcome")
GROSS = "CustomerThink, Gross versus net first call resolution (quoting MetricNet)"
NO_REPEAT = "WFM Labs wiki, First contact resolution (7 to 14 days); SQM (one-contact resolution across channels)"
NO_CASE = "no case gives no value"


class Handled(NamedTuple):
    """Cases and contacts of a log, numbered from 0, with what first contact resolution asks of them."""

    case_of: Array  # [n_contacts] case of each contact
    handled: Array  # [n_contacts] somebody answered
    resolved: Array  # [n_contacts] closed as resolved
    reached: Array  # [n_cases] got to the touchpoints looked at, answered or not
    first: Array  # [n_cases] first contact that was handled; -1 none


def _attempts(t: Table, touchpoints: str) -> Array:
    """Mask [n_rows]: legs with people only ('staffed') or machines too ('all'), chasers apart."""
    if touchpoints == "staffed":
        return asked(t)
    if touchpoints == "all":
        return ~flag(t, "chaser")
    raise unknown_choice("first_contact_resolution", "touchpoints", touchpoints, ["staffed", "all"])


def _handled(log: ContactLog, *, touchpoints: str = "staffed", transfers: str = "allow") -> Handled:
    name = f"handled {touchpoints} {transfers}"
    return remember(log, name, lambda: _count_handled(log, touchpoints=touchpoints, transfers=transfers))


def _count_handled(log: ContactLog, *, touchpoints: str, transfers: str) -> Handled:
    t = log.touchpoints
    cases, contacts = case_numbers(log), contact_numbers(log)
    attempts = _attempts(t, touchpoints)
    done = attempts & answered(t)
    n_contacts = int(contacts.max()) + 1 if len(contacts) else 0
    case_of = np.zeros(n_contacts, dtype=np.int64)
    case_of[contacts] = cases
    handled = handled_contacts(log) if touchpoints == "staffed" else any_of(contacts, done)
    closed = any_of(contacts, done & resolved(t, evidence="believed"))
    if transfers == "disqualify":
        need(log, "first_contact_resolution", "transfer_kind")
        closed &= ~any_of(contacts, done & passed_on(t))
    elif transfers != "allow":
        raise unknown_choice("first_contact_resolution", "transfers", transfers, ["allow", "disqualify"])
    reached = any_of(cases, attempts)
    first = np.full(len(reached), n_contacts, dtype=np.int64)
    mine = np.flatnonzero(handled)
    np.minimum.at(first, case_of[mine], mine)
    first[first == n_contacts] = -1
    return Handled(case_of, handled, closed, reached, first)


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="resolution",
    scope="case",
    columns=COLUMNS,
    short="fcr",
    source=f"gross: {GROSS}; no_repeat: {NO_REPEAT}; excl_transfer: Rumburg, Metric of the month (hdaa.com.au)",
    null="nothing handled gives no value; cases too young to judge are left out",
    variants={
        "gross": {},
        "per_case": {"variant": "per_case"},
        "no_repeat": {"variant": "no_repeat"},
        "no_repeat_same_channel": {"variant": "no_repeat", "channels": "same"},
        "no_repeat_30_days": {"variant": "no_repeat", "days": 30.0},
        "excl_transfer": {"transfers": "disqualify"},
        "one_contact": {"variant": "per_case", "touchpoints": "all"},
    },
)
def first_contact_resolution(
    log: ContactLog,
    *,
    variant: str = "gross",
    days: float = 7.0,
    channels: str = "any",
    touchpoints: str = "staffed",
    transfers: str = "allow",
) -> Ratio:
    """Share resolved on the first contact that was answered, as the centre believes or as customers do not come back.

    Parameters
    ----------
    log : ContactLog
    variant : str
        gross: cases resolved on their first contact over all contacts handled, repeats included. per_case: cases with
        exactly one contact handled, and resolved in it, over cases that reached people. no_repeat: first contacts of an
        identified customer (and contact type, if known) without a further one within `days`, over first contacts.
    days, channels : float, str
        For no_repeat: the window, and whether a further contact counts in 'any' channel or the 'same'.
    touchpoints : str
        'staffed' looks at contacts with people; 'all' counts machines as well (one-contact resolution).
    transfers : str
        'allow', or 'disqualify' contacts that were passed on.

    Notes
    -----
    In a real log (without a horizon) first contacts of its last `days` are censored, out of both counts; simulated
    cases are followed to their end. Chasers and, in gross and per_case, unanswered attempts are no contacts.
    Cases with an answered leg whose outcome is unknown are left out of gross and per_case.
    """
    if variant == "no_repeat":
        return _no_repeat(log, days=days, channels=channels, touchpoints=touchpoints)
    found = _handled(log, touchpoints=touchpoints, transfers=transfers)
    judged = judged_cases(log, metric="first_contact_resolution")
    has = (found.first >= 0) & judged
    hits = np.zeros(len(has), dtype=bool)
    hits[has] = found.resolved[found.first[has]]
    if variant == "gross":
        n = int(np.count_nonzero(found.handled & judged[found.case_of]))
        return Ratio(float(np.count_nonzero(hits)), float(n), n)
    if variant != "per_case":
        raise unknown_choice("first_contact_resolution", "variant", variant, ["gross", "per_case", "no_repeat"])
    once = np.bincount(found.case_of[found.handled], minlength=len(has)) == 1
    return Ratio.share(hits & once, found.reached & judged)


def _no_repeat(log: ContactLog, *, days: float, channels: str, touchpoints: str) -> Ratio:
    need(log, "first_contact_resolution:no_repeat", "customer")
    if channels not in ("any", "same"):
        raise unknown_choice("first_contact_resolution", "channels", channels, ["any", "same"])
    if channels == "same":
        need(log, "first_contact_resolution:no_repeat", "channel")
    _attempts(log.touchpoints, touchpoints)
    first, again = followed_up(
        log, seconds=days * 86400.0, same_channel=channels == "same", people=touchpoints == "staffed"
    )
    return Ratio.share(~again, first)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="resolution",
    scope="case",
    columns=COLUMNS,
    source=NO_REPEAT,
    null="no contact handled gives no value",
    variants={"same_customer": {}, "same_case": {"variant": "same_case"}},
)
def repeat_contact_rate(log: ContactLog, *, variant: str = "same_customer", days: float = 7.0) -> Ratio:
    """Share of contacts handled that repeat an earlier one.

    same_customer: the same identified customer (and contact type, if known) was handled within `days` before; in a
    real log the first `days` are left out, since nobody knows what came before. same_case: not the case's first.
    """
    if variant == "same_customer":
        need(log, "repeat_contact_rate:same_customer", "customer")
        judged, again = is_repeat(log, seconds=days * 86400.0)
        return Ratio.share(again, judged)
    if variant != "same_case":
        raise unknown_choice("repeat_contact_rate", "variant", variant, ["same_customer", "same_case"])
    found = _handled(log)
    n = int(np.count_nonzero(found.handled))
    return Ratio(float(n - np.count_nonzero(found.first >= 0)), float(n), n)


@metric(
    unit="contacts/case",
    better="lower",
    kind="result",
    family="resolution",
    scope="case",
    columns=("case", "offered", "answered"),
    short="contacts_per_issue",
    source="SQM, Employee satisfaction for first call resolution; cxsim reference 3.3",
    null=NO_CASE,
    variants={"handled": {}, "attempts": {"variant": "attempts"}},
)
def contacts_per_case(log: ContactLog, *, variant: str = "handled") -> Ratio:
    """Contacts that a case takes.

    handled: contacts answered by people over cases that reached people. attempts: every contact, answered or not, with
    people or machines, chasers included, over all cases.
    """
    t = log.touchpoints
    if variant == "attempts":
        every = np.ones(len(t), dtype=bool)
        n = how_many(case_numbers(log), every)
        return Ratio(float(how_many(contact_numbers(log), every)), float(n), n)
    if variant != "handled":
        raise unknown_choice("contacts_per_case", "variant", variant, ["handled", "attempts"])
    mine = asked(t)
    n = how_many(case_numbers(log), mine)
    return Ratio(float(np.count_nonzero(handled_contacts(log))), float(n), n)


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="resolution",
    scope="case",
    columns=("case", "offered", "outcome"),
    source="cxsim reference 3.3: issues resolved by any contact over issues",
    null=NO_CASE,
    variants={"believed": {}, "true": {"evidence": "true"}},
)
def resolution_rate(log: ContactLog, *, evidence: str = "believed") -> Ratio:
    """Share of cases resolved by any contact, with people or machines.

    evidence: 'believed', the centre closed it as resolved; 'true', the need was really met (needs truly_resolved).
    """
    met, judged = _met(log, evidence, "resolution_rate")
    return Ratio.share(met, judged)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="resolution",
    scope="case",
    columns=("case", "offered", "outcome"),
    source="SQM, Call centers: stopping customers from defecting; cxsim reference 3.3",
    null=NO_CASE,
    variants={"believed": {}, "true": {"evidence": "true"}},
)
def unresolved_rate(log: ContactLog, *, evidence: str = "believed") -> Ratio:
    """Share of cases that no contact resolved; evidence as for the resolution rate."""
    met, judged = _met(log, evidence, "unresolved_rate")
    return Ratio.share(~met, judged)


def _met(log: ContactLog, evidence: str, name: str) -> tuple[Array, Array]:
    """Masks [n_cases]: some touch met the need; whether that can be said at all."""
    if evidence == "true":
        need(log, f"{name}:true", "truly_resolved")
        met = met_cases(log, evidence=evidence)
        return met, np.ones(len(met), dtype=bool)
    if evidence == "believed":
        return met_cases(log, evidence=evidence), judged_cases(log, metric=name)
    raise unknown_choice(name, "evidence", evidence, ["believed", "true"])
