"""Tickets that come back after they were closed, and promises of an answer that are kept.

An export of tickets may record both itself: facts of each case that a reader keeps in `log.meta["cases"]`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable, problem
from cxsim.metrics.memory import remember
from cxsim.metrics.metric import metric, need, unknown_choice
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.response import resolutions
from cxsim.metrics.rows import (
    answered,
    asked,
    by_case,
    by_contact,
    case_begins,
    contacts_by_case,
    first_of_cases,
    flag,
    judged_cases,
    met_cases,
    resolved,
)
from cxsim.metrics.selection import last_event, whole_of

Array = npt.NDArray[Any]

COLUMNS = ("case", "contact", "offered", "outcome")
REOPENED = "cxsim reference 3.3: tickets reopened over tickets resolved"


def _reopens(log: ContactLog, name: str) -> tuple[Array, Array]:
    """Times that each case was taken up again after a contact closed it as resolved [n_cases]; mask: ever resolved."""
    judged = judged_cases(log, metric=name)

    def find() -> tuple[Array, Array]:
        contacts, cases = by_contact(log), contacts_by_case(log)
        number = np.arange(len(contacts))
        last = cases.greatest(np.where(contacts.any(~flag(log.touchpoints, "chaser")), number, -1))
        closed = contacts.any(resolved(log.touchpoints, evidence="believed"))
        again = closed & (number < last[cases.numbers])
        return cases.rows(again), met_cases(log, evidence="believed") & judged

    return remember(log, "reopens", find)


def _recorded(log: ContactLog, fact: str, name: str) -> tuple[Array, Array]:
    """A fact that the export keeps of each case [n_cases]; mask: known and resolved."""
    kept = log.meta.get("cases", {}).get(fact)
    if kept is None:
        raise MetricUnavailable(
            problem(f"metric {name}", f"this log keeps no {fact} of its cases", "an export whose reader keeps it")
        )
    values = np.array([np.nan if value is None else float(value) for value in kept])
    found = values[log.touchpoints.case[first_of_cases(log)]]
    return found, found == found


@metric(
    unit="1",
    better="lower",
    kind="result",
    family="resolution",
    scope="case",
    columns=COLUMNS,
    source=REOPENED,
    null="no case resolved gives no value",
    variants={"contacts": {}, "recorded": {"evidence": "recorded"}},
)
def reopen_rate(log: ContactLog, *, evidence: str = "contacts") -> Ratio:
    """Share of the cases resolved that were opened again at least once.

    evidence: 'contacts', the case has a further contact, no chaser, after one that closed it as resolved; 'recorded',
    the export counts the times itself, and every case of it counts.
    """
    again, of = _times(log, evidence, "reopen_rate")
    return Ratio.share(again > 0, of)


@metric(
    unit="reopens/case",
    better="lower",
    kind="result",
    family="resolution",
    scope="case",
    columns=COLUMNS,
    source=REOPENED,
    null="no case resolved gives no value",
    variants={"contacts": {}, "recorded": {"evidence": "recorded"}},
)
def reopens_per_case(log: ContactLog, *, evidence: str = "contacts") -> Ratio:
    """Times that a resolved case is opened again; evidence as for the reopen rate."""
    again, of = _times(log, evidence, "reopens_per_case")
    return Ratio.mean(again[of])


def _times(log: ContactLog, evidence: str, name: str) -> tuple[Array, Array]:
    if evidence == "recorded":
        return _recorded(log, "reopen_count", f"{name}:recorded")
    if evidence != "contacts":
        raise unknown_choice(name, "evidence", evidence, ["contacts", "recorded"])
    return _reopens(log, name)


@metric(
    unit="1",
    better="higher",
    kind="result",
    family="resolution",
    scope="case",
    columns=("case", "offered"),
    short="sla_attainment",
    source="cxsim reference 3.3: tickets meeting the target over tickets with a target",
    null="no case with a promise gives no value",
    variants={"response": {}, "resolution": {"target": "resolution"}, "recorded": {"target": "recorded"}},
)
def promises_kept(log: ContactLog, *, target: str = "response") -> Ratio:
    """Share of cases with a promise in which it was kept.

    target: 'response', every leg with a promise was answered by then; 'resolution', the case was resolved by its first
    promise; 'recorded', as the export itself says. A promise that lies beyond the end of the log, unanswered, is not
    decided, and its case is left out. Chasers have no promise of their own.
    """
    if target == "recorded":
        kept, of = _recorded(log, "made_sla", "promises_kept:recorded")
        return Ratio.share(kept == 1.0, of)
    if target not in ("response", "resolution"):
        raise unknown_choice("promises_kept", "target", target, ["response", "resolution", "recorded"])
    need(log, f"promises_kept:{target}", "answered", "promise")
    t, cases = log.touchpoints, by_case(log)
    promised = asked(t) & (t.promise == t.promise)
    end = last_event(whole_of(log))
    if target == "response":
        open_still = promised & ~answered(t) & (t.promise > end)
        broken = promised & ~open_still & ~(t.answered <= t.promise)
        return Ratio.share(~cases.any(broken), cases.any(promised) & ~cases.any(open_still))
    need(log, "promises_kept:resolution", "ended", "outcome")
    by = cases.least(np.where(promised, t.promise, np.inf))
    done = np.full(len(case_begins(log)), np.inf)
    found, instants = resolutions(log, resolution="final")
    done[found] = instants
    decided = np.isfinite(by) & judged_cases(log, metric="promises_kept") & (np.isfinite(done) | (by <= end))
    return Ratio.share(done <= by, decided)
