"""Legs of contacts: the rows of `touchpoints` that the rows of a file give, and their codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.cleaning import Rows
from cxsim.contacts.column_maps import Reader, Touch
from cxsim.contacts.columns import FIXED_CODES, TABLES, UNKNOWN, Column
from cxsim.contacts.expressions import MISSING_WORD, Value, Words
from cxsim.contacts.log import Table
from cxsim.errors import LogError, nearest, problem

Array = npt.NDArray[Any]
_COLUMNS: Final = TABLES["touchpoints"]
# Numbers in the log that an export may give as words.
_NAMED: Final = ("case", "customer", "agent")
_YES_NO: Final = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


@dataclass
class Legs:
    """Columns of the log before coding, the line of the file behind each row, and words behind numbers."""

    columns: dict[str, Value]
    lines: Array
    labels: dict[str, list[str]] = field(default_factory=dict)


def legs_of_rows(rows: Rows, reader: Reader) -> Legs:
    """The legs that each row gives, in the order of the file.

    Where the file does not say otherwise, every row is a case of its own (its number is the row of the file, 0 the
    first below the header), contacts of one case are numbered by time, and so are legs of one contact.
    """
    parts = [_leg(rows, touch, reader, number=number) for number, touch in enumerate(reader.touches)]
    filled = [part for part in parts if len(part.lines)]
    names = [name for name in _COLUMNS if any(name in part.columns for part in filled)]
    columns = {name: _column(name, filled) for name in names}
    lines = np.concatenate([part.lines for part in filled])
    # Legs of one row stand together, in the order in which the reader file lists them.
    order = np.argsort(lines, kind="stable")
    legs = Legs({name: _take(value, order) for name, value in columns.items()}, lines[order])
    _number(legs, several=len(reader.touches) > 1)
    return legs


def _leg(rows: Rows, touch: Touch, reader: Reader, *, number: int) -> Legs:
    where = f"touches[{number}]"
    chosen = rows.condition(touch.when, where=f"{where}.when") if touch.when else np.ones(len(rows), dtype=bool)
    columns: dict[str, Value] = {}
    for name in _COLUMNS:
        text = next((text for text in touch.columns.get(name, ()) if rows.has(text)), None)
        if text is not None:
            value = rows.value(text, where=f"{where}.columns.{name}")
            if isinstance(value, Words) and not _COLUMNS[name].codes and name not in _NAMED:
                remedy = "say as: number or instant under columns: in the reader file"
                raise LogError(problem(f"{rows.where}, {where}.columns.{name}", "words", "numbers", remedy))
            columns[name] = _take(value, chosen)
        elif name in touch.constants:
            given = constant(name, touch.constants[name], where=f"{reader.where}, {where}.constants.{name}")
            columns[name] = _repeat(given, int(np.sum(chosen)))
    return Legs(columns, rows.lines[chosen])


def constant(name: str, text: str, *, where: str) -> float | str:
    """A constant of a reader file as a number or a word.

    Raises
    ------
    LogError
        A word where the column wants a number, or the other way round.
    """
    spec = _COLUMNS[name]
    if spec.codes:
        return text
    if text == "nothing" and spec.dtype == "f8":
        return np.nan
    try:
        return _YES_NO[text] if spec.dtype == "?" else float(text)
    except (KeyError, ValueError):
        allowed = "yes or no" if spec.dtype == "?" else "a number, or nothing"
        raise LogError(problem(where, f"'{text}'", allowed)) from None


def _repeat(given: float | str, n_rows: int) -> Value:
    return Words(np.zeros(n_rows, dtype="i4"), (given,)) if isinstance(given, str) else np.full(n_rows, given)


def _number(legs: Legs, *, several: bool) -> None:
    columns, n_rows = legs.columns, len(legs.lines)
    offered = np.asarray(columns["offered"])
    by_file = "case" in columns
    columns["case"] = _cases(legs) if by_file else legs.lines - 2
    columns.setdefault("replication", np.zeros(n_rows))
    case = [np.asarray(columns["replication"]), np.asarray(columns["case"])]
    begins = np.diff(legs.lines, prepend=-1) != 0
    row = np.cumsum(begins) - 1
    if "contact" not in columns:
        contact = number_within([key[begins] for key in case], offered[begins])[row]
        columns["contact"] = contact if by_file else np.zeros(n_rows)
    if "touch" not in columns:
        if several:
            columns["touch"] = np.arange(n_rows) - np.flatnonzero(begins)[row]
        else:
            columns["touch"] = number_within([*case, np.asarray(columns["contact"])], offered)


def _cases(legs: Legs) -> Array:
    """Numbers of cases; a row that names none is a case of its own."""
    case = legs.columns["case"]
    if isinstance(case, Words):
        codes, legs.labels["case"] = _in_order_of_use(case)
    else:
        codes = np.asarray(case).astype("i8")
    lonely = codes == UNKNOWN
    return np.where(lonely, np.max(codes, initial=-1) + np.cumsum(lonely), codes)


def number_within(keys: list[Any], instants: Any) -> Array:
    """Number of each row among the rows of the same keys, from 0 in order of time, then of the file."""
    order = np.lexsort((instants, *reversed(keys)))
    new = np.zeros(len(order), dtype=bool)
    new[:1] = True
    for key in keys:
        new[1:] |= np.diff(key[order]) != 0
    position = np.arange(len(order))
    result = np.empty(len(order), dtype="i8")
    result[order] = position - np.maximum.accumulate(np.where(new, position, 0))
    return result


def encode(legs: Legs, *, where: str) -> tuple[Table, dict[str, list[str]], dict[str, list[str]]]:
    """The table of touchpoints, the names behind its codes, and the labels behind numbers of case and agent.

    Raises
    ------
    LogError
        A word that the log does not have, or a number that its column cannot hold.
    """
    columns: dict[str, Array] = {}
    names: dict[str, list[str]] = {}
    labels = dict(legs.labels)
    for name, value in legs.columns.items():
        spec, here = _COLUMNS[name], f"{where}, column {name}"
        if spec.codes in FIXED_CODES:
            columns[name] = _fixed(_words(value, spec, where=here), FIXED_CODES[spec.codes], where=here)
        elif spec.codes:
            columns[name], names[spec.codes] = _in_order_of_use(_words(value, spec, where=here))
        elif isinstance(value, Words) and name in _NAMED:
            columns[name], found = _in_order_of_use(value)
            # Agents must be found again; who the customers are does not belong into a log.
            labels |= {name: found} if name == "agent" else {}
        else:
            columns[name] = _plain(value, spec, lines=legs.lines, where=here)
    return Table("touchpoints", _in_range(columns, where=where)), names, labels


def _words(value: Value, spec: Column, *, where: str) -> Words:
    if not isinstance(value, Words):
        raise LogError(problem(where, "numbers", f"words for {spec.meaning}", "read the column as: word"))
    return value


def _fixed(value: Words, known: tuple[str, ...], *, where: str) -> Array:
    allowed = (*known, "unknown")
    for word in value.names:
        if word not in allowed and np.any(value.is_word(word)):
            raise LogError(problem(where, f"'{word}'", f"words are {', '.join(allowed)}", nearest(word, allowed)))
    code_of = {word: code for code, word in enumerate(known)}
    codes = [code_of.get(word, UNKNOWN) for word in value.names]
    return np.array([*codes, UNKNOWN])[np.where(value.codes == MISSING_WORD, len(codes), value.codes)]


def _in_order_of_use(value: Words) -> tuple[Array, list[str]]:
    used, first = np.unique(value.codes[value.codes != MISSING_WORD], return_index=True)
    used = used[np.argsort(first, kind="stable")]
    new = np.full(len(value.names) + 1, UNKNOWN)
    new[used] = np.arange(len(used))
    return new[value.codes], [value.names[code] for code in used]


def _plain(value: Value, spec: Column, *, lines: Array, where: str) -> Array:
    if isinstance(value, Words):
        raise LogError(problem(where, "words", f"numbers for {spec.meaning}", "say as: in the reader file"))
    if spec.dtype == "?":
        return np.asarray(np.nan_to_num(np.asarray(value, dtype="f8")) != 0.0)
    if spec.dtype == "f8" or value.dtype.kind in "iu":
        return np.asarray(value)
    whole = np.where(np.isnan(value), 0.0 if spec.name == "level" else UNKNOWN, value)
    if np.any(whole != np.floor(whole)):
        row = int(np.flatnonzero(whole != np.floor(whole))[0])
        raise LogError(problem(f"{where}, line {lines[row]}", f"{whole[row]:g}", "whole numbers"))
    return np.asarray(whole)


def _in_range(columns: dict[str, Array], *, where: str) -> dict[str, Array]:
    for name, values in columns.items():
        if _COLUMNS[name].dtype[0] == "i" and len(values):
            limits = np.iinfo(_COLUMNS[name].dtype)
            low, high = np.min(values), np.max(values)
            if low < limits.min or high > limits.max:
                raise LogError(
                    problem(
                        f"{where}, column {name}",
                        f"values from {low:g} to {high:g}",
                        f"at most {limits.max} ({_COLUMNS[name].meaning})",
                        "is this the right column?",
                    )
                )
    return columns


def _column(name: str, parts: list[Legs]) -> Value:
    """One column of all legs; a leg without it gets what says: nothing, nobody, not known."""
    words = any(isinstance(part.columns.get(name), Words) for part in parts)
    blank = {"f8": np.nan, "?": 0.0}.get(_COLUMNS[name].dtype, 0.0 if name == "level" else float(UNKNOWN))
    values: list[Value] = []
    for part in parts:
        n_rows = len(part.lines)
        values.append(
            part.columns.get(name, Words(np.full(n_rows, MISSING_WORD), ()) if words else np.full(n_rows, blank))
        )
    return _join(values)


def _take(value: Value, rows: Array) -> Value:
    return Words(value.codes[rows], value.names) if isinstance(value, Words) else value[rows]


def _join(values: list[Value]) -> Value:
    words = [value for value in values if isinstance(value, Words)]
    numbers = [value for value in values if not isinstance(value, Words)]
    if not words:
        return np.concatenate(numbers)
    if numbers:
        raise LogError(problem("reader touches", "words in one leg, numbers in another", "one kind for a column"))
    names = tuple(dict.fromkeys(name for value in words for name in value.names))
    return Words(
        np.concatenate([np.array([*map(names.index, v.names), MISSING_WORD], dtype="i4")[v.codes] for v in words]),
        names,
    )
