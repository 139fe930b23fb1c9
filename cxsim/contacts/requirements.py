"""What must be true of any log, simulated or real: named checks, each with the rows that break it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cxsim.contacts.columns import (
    ABANDONED,
    BALKED,
    BLOCKED,
    CLOSED,
    FIXED_CODES,
    NOBODY,
    RESOLVED,
    TABLES,
    UNKNOWN,
    UNRESOLVED,
)
from cxsim.contacts.log import ContactLog, Table
from cxsim.errors import LogError, problem

Array = npt.NDArray[Any]
_ROWS_SHOWN: Final = 10
# Held and paused time are compared with a duration that, taken back from two instants, has lost a few last digits.
_ROUNDING: Final = 1e-6


class Requirement(NamedTuple):
    """One named check: columns it reads, its meaning in one line, and the mask of rows that break it."""

    name: str
    meaning: str
    table: str
    columns: tuple[str, ...]
    broken: Callable[[Table, ContactLog], Array]


@dataclass(frozen=True)
class Broken:
    """A requirement that a log breaks: how often, and at which rows first."""

    name: str
    meaning: str
    table: str
    count: int
    rows: tuple[int, ...]


REQUIREMENTS: Final[list[Requirement]] = []

Check = Callable[[Table, ContactLog], Array]


_DECADE = 3653 * 86400.0


def _requirement(meaning: str, *, columns: str, table: str = "touchpoints") -> Callable[[Check], Check]:
    def register(function: Check) -> Check:
        REQUIREMENTS.append(Requirement(function.__name__, meaning, table, tuple(columns.split()), function))
        return function

    return register


def check(log: ContactLog) -> list[Broken]:
    """Every requirement that a log breaks; one that reads an absent column is passed over.

    Parameters
    ----------
    log : ContactLog
        A whole log; a selection of rows breaks the numbering of contacts.
    """
    found = []
    for each in REQUIREMENTS:
        table: Table = getattr(log, each.table)
        if len(table) and all(column in table for column in each.columns):
            rows = np.flatnonzero(each.broken(table, log))
            if len(rows):
                first = tuple(int(row) for row in rows[:_ROWS_SHOWN])
                found.append(Broken(each.name, each.meaning, each.table, len(rows), first))
    return found


def ensure(log: ContactLog, *, where: str = "log", lines: Sequence[int] | Array | None = None) -> None:
    """Refuse a log that breaks a requirement, with all that it breaks.

    Parameters
    ----------
    log : ContactLog
    where : str
        Name of the log or file, for the error.
    lines : sequence of int [n_touchpoints], optional
        Line of a file behind each row of touchpoints; rows are named by it.

    Raises
    ------
    LogError
        One line a broken requirement.
    """
    broken = check(log)
    if broken:
        raise LogError([_sentence(each, where=where, lines=lines) for each in broken])


def _sentence(each: Broken, *, where: str, lines: Sequence[int] | Array | None) -> str:
    of_file = lines is not None and each.table == "touchpoints"
    shown = [int(lines[row]) if of_file and lines is not None else row for row in each.rows]
    numbers = ", ".join(str(number) for number in shown) + (" ..." if each.count > len(shown) else "")
    return problem(
        f"{where}.{each.table}.{each.name}" if not of_file else f"{where}, {each.name}",
        f"broken by {each.count} {'row' if each.count == 1 else 'rows'} ({'line' if of_file else 'row'} {numbers})",
        each.meaning,
        "correct the rows, or give a rule for them under dirt: in a reader file of your own" if of_file else "",
    )


def _none(table: Table) -> Array:
    return np.zeros(len(table), dtype=bool)


@_requirement("every row has an instant of offering", columns="offered")
def offered_known(table: Table, log: ContactLog) -> Array:
    return ~np.isfinite(table.offered)


@_requirement("instants lie within ten years of the middle one", columns="offered")
def one_decade(table: Table, log: ContactLog) -> Array:
    offered = table.offered
    known = np.isfinite(offered)
    middle = float(np.median(offered[known])) if known.any() else 0.0
    return known & (np.abs(np.where(known, offered, middle) - middle) > _DECADE)


@_requirement("offered <= answered <= ended <= wrapped, as far as they are known", columns="offered")
def times_ordered(table: Table, log: ContactLog) -> Array:
    latest, broken = table.offered, _none(table)
    for name in ("answered", "ended", "wrapped"):
        if name in table:
            broken |= table.columns[name] < latest
            latest = np.fmax(latest, table.columns[name])
    return broken


@_requirement("a row that nobody answered has no agent, no group and no wrapping up", columns="answered")
def unanswered_by_nobody(table: Table, log: ContactLog) -> Array:
    somebody = _none(table)
    for name in ("agent", "agent_group"):
        if name in table:
            somebody |= table.columns[name] != NOBODY
    if "wrapped" in table:
        somebody |= ~np.isnan(table.wrapped)
    return somebody & np.isnan(table.answered)


@_requirement("an answered staffed row that has ended is wrapped up", columns="staffed answered ended wrapped")
def served_is_wrapped(table: Table, log: ContactLog) -> Array:
    return table.staffed & ~np.isnan(table.answered) & ~np.isnan(table.ended) & np.isnan(table.wrapped)


@_requirement("an automated touchpoint has no agent", columns="staffed agent")
def automated_by_nobody(table: Table, log: ContactLog) -> Array:
    return ~table.staffed & (table.agent != NOBODY)


@_requirement("abandoned, blocked, closed and balked rows were not answered", columns="staffed outcome answered")
def lost_not_answered(table: Table, log: ContactLog) -> Array:
    lost = np.isin(table.outcome, (ABANDONED, BLOCKED, CLOSED, BALKED))
    return table.staffed & lost & ~np.isnan(table.answered)


@_requirement("resolved and unresolved rows at a staffed touchpoint were answered", columns="staffed outcome answered")
def served_is_answered(table: Table, log: ContactLog) -> Array:
    return table.staffed & np.isin(table.outcome, (RESOLVED, UNRESOLVED)) & np.isnan(table.answered)


# A closed row may end later than it was offered: those waiting at closing time can be turned away.
@_requirement("blocked and balked rows end at the instant they are offered", columns="outcome offered ended")
def refused_at_once(table: Table, log: ContactLog) -> Array:
    return np.isin(table.outcome, (BLOCKED, BALKED)) & (table.ended != table.offered)


@_requirement("abandoned, closed, resolved and unresolved rows have an end", columns="outcome ended")
def decided_has_ended(table: Table, log: ContactLog) -> Array:
    return np.isin(table.outcome, (ABANDONED, CLOSED, RESOLVED, UNRESOLVED)) & np.isnan(table.ended)


@_requirement("time on hold lies within the talk time", columns="answered ended held")
def held_within_talk(table: Table, log: ContactLog) -> Array:
    talk = np.where(np.isnan(table.ended), np.inf, table.ended) - np.nan_to_num(table.answered)
    longest = np.where(np.isnan(table.answered), 0.0, talk)
    return (table.held < 0.0) | (table.held > longest + _ROUNDING)


@_requirement("time laid aside lies between answer and wrapping up", columns="answered wrapped paused")
def paused_within_work(table: Table, log: ContactLog) -> Array:
    return np.asarray((table.paused < 0.0) | (table.paused > table.wrapped - table.answered + _ROUNDING))


@_requirement("an announced wait is not negative", columns="announced_wait")
def announced_wait_positive(table: Table, log: ContactLog) -> Array:
    return np.asarray(table.announced_wait < 0.0)


@_requirement("a callback is accepted after the offer and before the end", columns="offered ended callback")
def callback_while_waiting(table: Table, log: ContactLog) -> Array:
    return (table.callback < table.offered) | (table.callback > table.ended)


@_requirement("an answer is promised for an instant after the offer", columns="offered promise")
def promise_after_offer(table: Table, log: ContactLog) -> Array:
    return np.asarray(table.promise < table.offered)


@_requirement("contacts of a case and legs of a contact are numbered from 0 without gaps", columns="case contact touch")
def numbered_without_gaps(table: Table, log: ContactLog) -> Array:
    order, same_case, same_contact = _by_case(table)
    contact, touch = table.contact[order].astype("i8"), table.touch[order].astype("i8")
    contact_before, touch_before = np.r_[-1, contact[:-1]], np.r_[-1, touch[:-1]]
    right = np.where(
        same_contact,
        touch == touch_before + 1,
        (touch == 0) & (contact == np.where(same_case, contact_before + 1, 0)),
    )
    broken = _none(table)
    broken[order] = ~right
    return broken


@_requirement("time does not run backwards in a case (chasers apart)", columns="case contact touch offered")
def time_runs_forward(table: Table, log: ContactLog) -> Array:
    path = np.flatnonzero(~table.chaser) if "chaser" in table else np.arange(len(table))
    order, same_case, _ = _by_case(table.take(path))
    offered = table.offered[path][order]
    broken = _none(table)
    broken[path[order]] = same_case & (offered < np.r_[-np.inf, offered[:-1]])
    return broken


def _by_case(table: Table) -> tuple[Array, Array, Array]:
    """Order by case, contact, touch; and masks in that order: same case, same contact as the row before."""
    replication = table.replication if "replication" in table else np.zeros(len(table))
    order = np.lexsort((table.touch, table.contact, table.case, replication))
    same_case = np.zeros(len(table), dtype=bool)
    same_case[1:] = (np.diff(table.case[order]) == 0) & (np.diff(replication[order]) == 0)
    same_contact = same_case.copy()
    same_contact[1:] &= np.diff(table.contact[order]) == 0
    return order, same_case, same_contact


@_requirement("a stretch of presence ends after it starts", columns="start end", table="staffing")
def presence_positive(table: Table, log: ContactLog) -> Array:
    return ~(table.end > table.start)


@_requirement("stretches of one agent do not overlap", columns="agent_group agent start end", table="staffing")
def presence_disjoint(table: Table, log: ContactLog) -> Array:
    replication = table.replication if "replication" in table else np.zeros(len(table))
    order = np.lexsort((table.end, table.start, table.agent, table.agent_group, replication))
    same = np.ones(max(len(table) - 1, 0), dtype=bool)
    for key in (replication, table.agent_group, table.agent):
        same &= np.diff(key[order]) == 0
    broken = _none(table)
    broken[order[1:]] = same & (table.start[order][1:] < table.end[order][:-1])
    return broken


@_requirement("answers lie on their scales: 0 to 5, 0 to 7, -1 to 10", columns="", table="surveys")
def answers_on_scale(table: Table, log: ContactLog) -> Array:
    broken = _none(table)
    for name, low, high in (("satisfaction", 0, 5), ("ease", 0, 7), ("recommendation", -1, 10)):
        if name in table:
            broken |= (table.columns[name] < low) | (table.columns[name] > high)
    return broken


@_requirement("only those asked give an answer", columns="invited answered", table="surveys")
def answered_was_invited(table: Table, log: ContactLog) -> Array:
    return np.asarray(table.answered & ~table.invited)


def codes_known(table: Table, log: ContactLog) -> Array:
    """Mask of rows with a code that no list decodes; -1 says nobody or not known."""
    broken = _none(table)
    for name, values in table.columns.items():
        codes = TABLES[table.name][name].codes
        if codes:
            known = len(FIXED_CODES.get(codes, log.names.get(codes, ())))
            broken |= (values < UNKNOWN) | (values >= known)
    return broken


REQUIREMENTS.extend(
    Requirement("codes_known", "every code has a name, or is -1", table, (), codes_known) for table in TABLES
)
