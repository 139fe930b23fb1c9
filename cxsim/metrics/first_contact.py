"""First contact resolution in all its definitions, which differ by tens of points: each names its unit and evidence.

The answer of customers ("yes, on my first call") is no column of `surveys`, so that definition cannot be had here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import CHANNELS, COLD
from cxsim.contacts.log import ContactLog, Table
from cxsim.metrics.calendars import STAFFED
from cxsim.metrics.contact_types import allowed_types, types_of_cases
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.repeats import followed_up
from cxsim.metrics.response import times_to_resolve
from cxsim.metrics.rows import (
    answered,
    asked,
    by_case,
    by_contact,
    cases_with_people,
    contacts_by_case,
    deferred,
    first_of_cases,
    flag,
    handled_contacts,
    inbound,
    judged_cases,
    met_cases,
    one_of,
    passed_on,
    resolved,
)
from cxsim.metrics.selection import whole_of

Array = npt.NDArray[Any]

COLUMNS = ("case", "offered", "answered", "outcome")
GROSS = "CustomerThink, Gross versus net first call resolution (quoting MetricNet)"
NO_REPEAT = "WFM Labs wiki, First contact resolution (7 to 14 days); SQM (one-contact resolution across channels)"
RUMBURG = "Rumburg, Metric of the month: first contact resolution (hdaa.com.au)"
WRITTEN = (CHANNELS.index("email"), CHANNELS.index("web"))
NAME = "first_contact_resolution"


class Handled(NamedTuple):
    """Cases and contacts of a log, numbered from 0, with what first contact resolution asks of them."""

    case_of: Array  # [n_contacts] case of each contact
    handled: Array  # [n_contacts] somebody answered
    reached: Array  # [n_cases] got to the touchpoints looked at, answered or not
    first: Array  # [n_cases] first contact that was handled; -1 none
    at_once: Array  # [n_cases] that one closed it as resolved

    def hits(self, judged: Array) -> Array:
        """Mask [n_cases]: judged, and resolved on the first contact handled."""
        return self.at_once & judged


def _attempts(t: Table, touchpoints: str) -> Array:
    """Mask [n_rows]: legs with people only ('staffed') or machines too ('all'), chasers apart."""
    if touchpoints == "staffed":
        return asked(t)
    if touchpoints == "all":
        return ~flag(t, "chaser") & inbound(t)
    raise unknown_choice(NAME, "touchpoints", touchpoints, ["staffed", "all"])


def handled_of(log: ContactLog, *, touchpoints: str = "staffed", transfers: str = "allow") -> Handled:
    """Cases and contacts of a log as first contact resolution looks at them; parameters as there."""
    name = f"handled {touchpoints} {transfers}"
    return remember(log, name, lambda: _count_handled(log, touchpoints=touchpoints, transfers=transfers))


def _count_handled(log: ContactLog, *, touchpoints: str, transfers: str) -> Handled:
    t = log.touchpoints
    contacts, cases = by_contact(log), contacts_by_case(log)
    attempts = _attempts(t, touchpoints)
    done = attempts & answered(t)
    handled = handled_contacts(log) if touchpoints == "staffed" else contacts.any(done)
    closed = contacts.any(done & resolved(t, evidence="believed"))
    if transfers in ("disqualify", "warm"):
        need(log, NAME, "transfer_kind")
        closed &= ~contacts.any(done & (one_of(t.transfer_kind, COLD) if transfers == "warm" else passed_on(t)))
    elif transfers != "allow":
        raise unknown_choice(NAME, "transfers", transfers, ["allow", "warm", "disqualify"])
    first = cases.least(np.where(handled, np.arange(len(contacts)), len(contacts)))
    none = first == len(contacts)
    at_once = np.append(closed, False)[first]
    first[none] = -1
    return Handled(cases.numbers, handled, by_case(log).any(attempts), first, at_once)


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="resolution",
    scope="case",
    columns=COLUMNS,
    short="fcr",
    source=f"gross, net: {GROSS}; no_repeat: {NO_REPEAT}; one_touch: Freshservice, How do you calculate first contact "
    f"resolution (Zendesk counts agent replies); email_one_hour, transfers: {RUMBURG}",
    null="nothing handled gives no value; cases too young to judge are left out",
    variants={
        "gross": {},
        "net": {"variant": "net"},
        "per_case": {"variant": "per_case"},
        "no_repeat": {"variant": "no_repeat"},
        "no_repeat_same_channel": {"variant": "no_repeat", "channels": "same"},
        "no_repeat_30_days": {"variant": "no_repeat", "days": 30.0},
        "incl_warm_transfer": {"transfers": "warm"},
        "excl_transfer": {"transfers": "disqualify"},
        "one_contact": {"variant": "per_case", "touchpoints": "all"},
        "one_touch": {"variant": "one_touch"},
        "one_interaction": {"variant": "one_interaction"},
        "email_one_hour": {"variant": "email_one_hour"},
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
    beyond: str = "",
    within: float = 3600.0,
    hours: str = STAFFED,
) -> Ratio:
    """Share resolved on the first contact that was answered, as the centre believes or as customers do not come back.

    Parameters
    ----------
    log : ContactLog
    variant : str
        gross: cases resolved on their first contact over all contacts handled, repeats included. net: the same without
        the contact types that level 1 cannot resolve. per_case: cases with exactly one contact handled, and resolved in
        it, over cases that reached people. no_repeat: first contacts of an identified customer (and contact type, if
        known) without a further one within `days`, over first contacts. one_touch: tickets (cases answered in a
        deferred queue) with one answer by an agent, over tickets resolved. one_interaction: those with one contact by
        the customer, chasers included. email_one_hour: cases begun by e-mail or on the web and resolved `within` an
        hour of business, over those that reached people.
    days, channels : float, str
        For no_repeat: the window, and whether a further contact counts in 'any' channel or the 'same'.
    touchpoints : str
        'staffed' looks at contacts with people; 'all' counts machines as well (one-contact resolution).
    transfers : str
        'allow', 'warm' (a cold transfer disqualifies), or 'disqualify' contacts that were passed on.
    beyond : str
        For net: contact types that level 1 cannot resolve, with commas; '' those of which the whole log shows no case
        resolved on the first contact.
    within, hours : float, str
        For email_one_hour: the limit [s], and 'calendar', 'staffed' or opening hours.

    Notes
    -----
    In a real log (without a horizon) first contacts of its last `days` are censored, out of both counts; simulated
    cases are followed to their end. Chasers and, in gross and per_case, unanswered attempts are no contacts.
    Cases with an answered leg whose outcome is unknown are left out of all but no_repeat.
    """
    if variant == "no_repeat":
        return _no_repeat(log, days=days, channels=channels, touchpoints=touchpoints)
    judged = judged_cases(log, metric=NAME)
    if variant in ("one_touch", "one_interaction"):
        return _one_touch(log, judged, customer=variant == "one_interaction")
    if variant == "email_one_hour":
        return _email(log, judged, within=within, hours=hours)
    found = handled_of(log, touchpoints=touchpoints, transfers=transfers)
    if variant == "net":
        judged = judged & _resolvable(log, touchpoints=touchpoints, transfers=transfers, beyond=beyond)
    hits = found.hits(judged)
    if variant in ("gross", "net"):
        n = int(np.count_nonzero(found.handled & judged[found.case_of]))
        return Ratio(float(np.count_nonzero(hits)), float(n), n)
    if variant != "per_case":
        known = ["gross", "net", "per_case", "no_repeat", "one_touch", "one_interaction", "email_one_hour"]
        raise unknown_choice(NAME, "variant", variant, known)
    once = np.bincount(found.case_of[found.handled], minlength=len(hits)) == 1
    return Ratio.share(hits & once, found.reached & judged)


def _no_repeat(log: ContactLog, *, days: float, channels: str, touchpoints: str) -> Ratio:
    need(log, f"{NAME}:no_repeat", "customer")
    if channels not in ("any", "same"):
        raise unknown_choice(NAME, "channels", channels, ["any", "same"])
    if channels == "same":
        need(log, f"{NAME}:no_repeat", "channel")
    _attempts(log.touchpoints, touchpoints)
    first, again = followed_up(
        log, seconds=days * 86400.0, same_channel=channels == "same", people=touchpoints == "staffed"
    )
    return Ratio.share(~again, first)


def _resolvable(log: ContactLog, *, touchpoints: str, transfers: str, beyond: str) -> Array:
    """Mask [n_cases]: of a contact type that level 1 can resolve."""
    whole = whole_of(log)

    def shown() -> Array:
        hits = handled_of(whole, touchpoints=touchpoints, transfers=transfers).hits(judged_cases(whole, metric=NAME))
        return np.bincount(types_of_cases(whole)[hits]) > 0

    return allowed_types(
        log, beyond=beyond, name=f"{NAME}:net", shown=lambda: remember(whole, f"net {touchpoints} {transfers}", shown)
    )


def _one_touch(log: ContactLog, judged: Array, *, customer: bool) -> Ratio:
    need(log, f"{NAME}:one_touch", "deferred")
    t, cases = log.touchpoints, by_case(log)
    tickets = cases.any(deferred(t) & answered(t)) & judged & met_cases(log, evidence="believed")
    if customer:
        return Ratio.share(np.bincount(contacts_by_case(log).numbers, minlength=len(tickets)) == 1, tickets)
    return Ratio.share(cases.rows(asked(t) & answered(t)) == 1, tickets)


def _email(log: ContactLog, judged: Array, *, within: float, hours: str) -> Ratio:
    need(log, f"{NAME}:email_one_hour", "channel", "ended")
    t = log.touchpoints
    written = one_of(t.channel[first_of_cases(log)], *WRITTEN)
    found, time = times_to_resolve(log, resolution="final", hours=hours, name=f"{NAME}:email_one_hour")
    quick = np.zeros(len(judged), dtype=bool)
    quick[found] = time <= within
    return Ratio.share(quick, written & judged & cases_with_people(log))
