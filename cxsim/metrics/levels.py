"""What the first level resolves, and what goes above it: escalation, first level resolution, needless work above.

A case is escalated when, within a contact, it goes on from people to a different touchpoint.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.contact_types import allowed_types, types_of_cases
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.rows import asked, by_case, by_contact, judged_cases, met_cases
from cxsim.metrics.selection import whole_of

Array = npt.NDArray[Any]

LEGS = ("case", "contact", "touch", "offered", "touchpoint")
NO_CASE = "no case with people gives no value"


def _escalated(log: ContactLog) -> tuple[Array, Array]:
    """Masks [n_cases]: went on from people to another touchpoint within a contact; reached people at all."""

    def find() -> tuple[Array, Array]:
        t = log.touchpoints
        contacts, place = by_contact(log), t.touchpoint
        mine = asked(t) & (place >= 0)  # an unknown place is not another place
        first = contacts.least(np.where(mine, t.touch, np.iinfo(t.touch.dtype).max))
        begins = np.flatnonzero(mine & (t.touch == first[contacts.numbers]))
        began_at = np.full(len(contacts), -1)
        began_at[contacts.numbers[begins]] = place[begins]
        # No contact goes on with its first leg.
        later, of = contacts.later, contacts.of_later
        elsewhere = np.zeros(len(t), dtype=bool)
        elsewhere[later] = (t.touch[later] > first[of]) & (place[later] >= 0) & (place[later] != began_at[of])
        return by_case(log).any(elsewhere), by_case(log).any(mine)

    return remember(log, "escalated", find)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="resolution",
    scope="case",
    columns=LEGS,
    source="Escalation rate calculator, bit1024.com: 15 of 500 is 3 %",
    null=NO_CASE,
)
def escalation_rate(log: ContactLog) -> Ratio:
    """Share of cases with people that went on, within a contact, from people to a different touchpoint.

    The touchpoint they went on to may be staffed or not: a resolver group outside the centre is one that only lasts.
    """
    return Ratio.share(*_escalated(log))


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="resolution",
    scope="case",
    columns=(*LEGS, "outcome"),
    short="flr",
    source="cxsim reference 3.3, first level resolution (MetricNet's level 1 resolution)",
    null=NO_CASE,
    variants={"gross": {}, "net": {"variant": "net"}},
)
def first_level_resolution(log: ContactLog, *, variant: str = "gross", beyond: str = "") -> Ratio:
    """Share of cases with people that were resolved without being escalated, in however many contacts.

    Variants: gross, of all; net, without the contact types that level 1 cannot resolve: those named in `beyond`, with
    commas, or ('') those of which the whole log shows no such case.
    """
    if variant not in ("gross", "net"):
        raise unknown_choice("first_level_resolution", "variant", variant, ["gross", "net"])
    closed, of = _closed_at_level_1(log, "first_level_resolution")
    if variant == "net":
        of = of & allowed_types(
            log, beyond=beyond, name="first_level_resolution:net", shown=lambda: _shares(whole_of(log)) > 0
        )
    return Ratio.share(closed, of)


def _closed_at_level_1(log: ContactLog, name: str) -> tuple[Array, Array]:
    """Masks [n_cases]: resolved without escalation; with people, and known how it ended."""
    up, mine = _escalated(log)
    return met_cases(log, evidence="believed") & ~up, mine & judged_cases(log, metric=name)


def _shares(log: ContactLog) -> Array:
    """Share of the cases of each contact type [n_types, 0 unknown] that level 1 resolves; 0 for one without cases."""

    def find() -> Array:
        closed, of = _closed_at_level_1(log, "first_level_resolution")
        types = types_of_cases(log)
        hits, n = np.bincount(types[closed & of]), np.bincount(types[of])
        return np.pad(hits, (0, len(n) - len(hits))) / np.maximum(n, 1)

    return remember(log, "level 1 shares", find)


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="resolution",
    scope="case",
    columns=(*LEGS, "outcome", "contact_type"),
    short="resolved_l1_capable",
    source="MetricNet, Benchmark 2014 global results for desktop support (% resolved level 1 capable); what level 1 "
    "could have closed: a cxsim proposal",
    null="no escalated case resolved gives no value",
)
def level_1_capable_resolved_above(log: ContactLog, *, capable: float = 0.5) -> Ratio:
    """Share of the escalated cases resolved that level 1 could have closed.

    It could where it does so, in the whole log, with at least a share `capable` of the cases of that contact type.
    """
    need(log, "level_1_capable_resolved_above", "contact_type")
    up, mine = _escalated(log)
    above = up & mine & met_cases(log, evidence="believed") & judged_cases(log, metric="level_1_capable_resolved_above")
    able = allowed_types(
        log, beyond="", name="level_1_capable_resolved_above", shown=lambda: _shares(whole_of(log)) >= capable
    )
    return Ratio.share(able, above)
