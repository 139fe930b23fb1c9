"""Whether the need is met, how many contacts that takes, and how often customers come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.metrics.first_contact import COLUMNS, NO_REPEAT, handled_of
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.repeats import is_repeat
from cxsim.metrics.rows import (
    by_case,
    by_contact,
    cases_with_people,
    handled_contacts,
    judged_cases,
    met_cases,
)

Array = npt.NDArray[Any]

NO_CASE = "no case gives no value"


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
    found = handled_of(log)
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
    if variant == "attempts":
        n = len(by_case(log))
        return Ratio(float(len(by_contact(log))), float(n), n)
    if variant != "handled":
        raise unknown_choice("contacts_per_case", "variant", variant, ["handled", "attempts"])
    n = int(np.count_nonzero(cases_with_people(log)))
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
