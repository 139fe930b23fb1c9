"""Exports with several events per case: the events of a case become the legs of its one contact."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.contacts.cleaning import Report, Rows
from cxsim.contacts.column_maps import Events, Reader
from cxsim.contacts.expressions import MISSING_WORD, Value, Words
from cxsim.contacts.legs import Legs, constant
from cxsim.errors import LogError, problem

Array = npt.NDArray[Any]


def legs_of_events(rows: Rows, reader: Reader, *, report: Report) -> tuple[Legs, dict[str, list[Any]]]:
    """One leg for every stretch of events with the same holder.

    The first leg begins when the case was opened, each later one at the event that names a new holder; a leg ends where
    the next begins, the last when the case was resolved. Events without a holder belong to the holder before them, or
    to the first that is named. The last event of a case, by its number, is its final state.

    Returns
    -------
    Legs, and facts: columns kept per case [n_cases] in order of case.
    """
    events = _known(reader, rows)
    case, labels = _cases(rows.values[events.case])
    if np.any(case < 0):
        line = rows.lines[np.flatnonzero(case < 0)[0]]
        raise LogError(problem(f"line {line}, column {events.case}", "no case", "every event names its case"))
    # Cases are numbered by first appearance; their events stand in the order of their numbers, then of the file.
    order = np.lexsort((np.arange(len(rows)), np.asarray(rows.values[events.order]), case))
    case, lines = case[order], rows.lines[order]
    begins = np.diff(case, prepend=-1) != 0
    ends = np.r_[begins[1:], True]
    opened, resolved = (np.asarray(rows.values[name])[order] for name in (events.opened, events.resolved))
    instant = _forward(rows, events, order=order, begins=begins, report=report)
    holder = _carried(_codes(rows.values[events.leg])[order], begins)
    new = begins | (np.diff(holder, prepend=-1) != 0)
    first = np.flatnonzero(new)
    last = np.r_[first[1:], len(case)] - 1
    legs = _times(begins[first], np.where(begins, opened, instant)[first], np.where(ends, resolved, np.nan)[last])
    final = np.flatnonzero(ends)[case[first]]
    for column, name in events.of_case.items():
        legs[column] = _pick(rows.values[name], order[final])
    for column, name in events.of_leg.items():
        legs[column] = _last_known(rows.values[name], order=order, first=first, last=last)
    for column, text in events.constants.items():
        given = constant(column, text, where=f"{reader.where}, events.constants.{column}")
        whole = np.zeros(len(first), dtype="i4")
        legs[column] = Words(whole, (given,)) if isinstance(given, str) else whole + given
    legs["case"], legs["replication"], legs["contact"] = case[first], np.zeros(len(first)), np.zeros(len(first))
    _count(rows, events, legs, order=order, ends=ends, lines=lines, report=report)
    facts = {name: _plain(_pick(rows.values[name], order[ends])) for name in events.facts}
    return Legs(legs, lines[first], {"case": labels} if labels else {}), facts


def _known(reader: Reader, rows: Rows) -> Events:
    events = reader.events
    if events is None:
        raise LogError(problem(reader.where, "no events in it", "a reader of events"))
    of_all = (events.case, events.order, events.at, events.leg, events.opened, events.resolved)
    for name in (*of_all, *events.of_case.values(), *events.of_leg.values(), *events.facts, events.legs_less_one):
        if name and name not in rows.values:
            raise LogError(
                problem(f"{reader.where}, events", f"'{name}' is not there", f"columns are {', '.join(rows.values)}")
            )
    for name in (events.order, events.at, events.opened, events.resolved):
        if isinstance(rows.values[name], Words):
            raise LogError(problem(f"{reader.where}, columns.{name}", "words", "as: number or instant"))
    return events


def _codes(value: Value) -> Array:
    return value.codes.astype("i8") if isinstance(value, Words) else np.unique(value, return_inverse=True)[1]


def _cases(value: Value) -> tuple[Array, list[str]]:
    """Cases numbered by first appearance, and their names if they are words; a case that is missing is -1."""
    codes, first, inverse = np.unique(
        value.codes if isinstance(value, Words) else value, return_index=True, return_inverse=True
    )
    number = np.empty(len(codes), dtype="i8")
    number[np.argsort(first)] = np.arange(len(codes))
    if codes[0] == MISSING_WORD:
        number[0] = MISSING_WORD
    names = [value.names[code] for code in codes[np.argsort(first)]] if isinstance(value, Words) else []
    return number[inverse], names


def _forward(rows: Rows, events: Events, *, order: Array, begins: Array, report: Report) -> Array:
    """Instants of events that never run backwards within a case, not even before its opening."""
    at = np.asarray(rows.values[events.at])[order]
    floor = np.where(begins, np.fmax(at, np.asarray(rows.values[events.opened])[order]), at)
    forward = pd.Series(floor).groupby(np.cumsum(begins)).cummax().to_numpy()
    late = at < forward
    report.add(
        "event_before_an_earlier_one",
        lines=np.sort(rows.lines[order][late]),
        treatment="repaired",
        reason="the stamp lies before the opening or before an earlier event; it is moved there",
    )
    return np.where(late, forward, at)


def _carried(codes: Array, begins: Array) -> Array:
    """Missing holders filled from the event before, then from the first that is named in the case."""
    rows = np.arange(len(codes))
    start = np.maximum.accumulate(np.where(begins, rows, 0))
    latest = np.maximum.accumulate(np.where(codes != MISSING_WORD, rows, -1))
    carried = np.where(latest >= start, codes[latest], MISSING_WORD)
    # Looking back from the end gives the next known holder of the same case.
    ends = np.r_[begins[1:], True][::-1]
    stop = np.maximum.accumulate(np.where(ends, rows, 0))
    following = np.maximum.accumulate(np.where(codes[::-1] != MISSING_WORD, rows, -1))
    backward = np.where(following >= stop, codes[::-1][following], MISSING_WORD)[::-1]
    return np.where(carried == MISSING_WORD, backward, carried)


def _times(begins: Array, offered: Array, resolved: Array) -> dict[str, Value]:
    """Offered, ended, outcome, touch and transfer of each leg; `resolved` is set on the last leg of a resolved case."""
    rows = np.arange(len(begins))
    passed_on = np.r_[~begins[1:], False]
    ended = np.where(passed_on, np.r_[offered[1:], np.nan], resolved)
    outcome = np.where(passed_on, 1, np.where(np.isnan(resolved), 2, 0))
    return {
        "touch": rows - np.maximum.accumulate(np.where(begins, rows, 0)),
        "offered": offered,
        "ended": ended,
        "outcome": Words(outcome, ("resolved", "unresolved", "unfinished")),
        "transfer_kind": Words(passed_on.astype("i4"), ("none", "cold")),
    }


def _last_known(value: Value, *, order: Array, first: Array, last: Array) -> Value:
    there = value.codes != MISSING_WORD if isinstance(value, Words) else ~np.isnan(value) & (value != MISSING_WORD)
    latest = np.maximum.accumulate(np.where(there[order], np.arange(len(order)), -1))[last]
    chosen = _pick(value, order[latest])
    known = latest >= first
    if isinstance(chosen, Words):
        return Words(np.where(known, chosen.codes, MISSING_WORD), chosen.names)
    return np.where(known, chosen, MISSING_WORD)


def _count(
    rows: Rows, events: Events, legs: dict[str, Value], *, order: Array, ends: Array, lines: Array, report: Report
) -> None:
    final = lines[ends]
    report.add(
        "case_without_resolution_time",
        lines=final[np.isnan(np.asarray(rows.values[events.resolved])[order][ends])],
        treatment="kept",
        reason="no instant of resolution, though the case may be closed; the last leg is unfinished",
    )
    if events.legs_less_one:
        counted = np.asarray(rows.values[events.legs_less_one])[order][ends]
        seen = np.bincount(np.asarray(legs["case"])) - 1
        report.add(
            "passed_on_unseen",
            lines=final[counted != seen],
            treatment="kept",
            reason="the export counts other passings on than its events show; only those shown are legs",
        )


def _pick(value: Value, rows: Array) -> Value:
    return Words(value.codes[rows], value.names) if isinstance(value, Words) else value[rows]


def _plain(value: Value) -> list[Any]:
    if isinstance(value, Words):
        names = [*value.names, None]
        return [names[code] for code in value.codes]
    # A missing number is null: JSON knows no NaN.
    return [None if np.isnan(each) else int(each) if each == int(each) else float(each) for each in value]
