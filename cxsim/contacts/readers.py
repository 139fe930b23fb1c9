"""Real exports become logs: a reader file says which column is which, and every row is accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.cleaning import Report, Rows, clean
from cxsim.contacts.column_maps import Reader, Source
from cxsim.contacts.events import legs_of_events
from cxsim.contacts.expressions import DAY, Value
from cxsim.contacts.legs import encode, legs_of_rows
from cxsim.contacts.log import ContactLog
from cxsim.contacts.reader_files import find_reader
from cxsim.contacts.requirements import ensure
from cxsim.contacts.sheets import Sheet, read_sheet
from cxsim.contacts.values import Text
from cxsim.errors import LogError, nearest, problem

Array = npt.NDArray[Any]
_NAMES_SHOWN: Final = 40
_SECOND: Final = np.timedelta64(1, "s")
_LEFT_OUT: Final = {
    "wrong_number_of_fields": "the line has more or fewer fields than the header",
    "blank_line": "the line is empty",
}


def read_log(path: str | Path, *, reader: str | Path = "generic") -> ContactLog:
    """Read an export of real contacts.

    Parameters
    ----------
    path : str or Path
        CSV file, plain or .gz.
    reader : str or Path
        Name of a shipped reader (generic, technion, servicenow) or path of a reader file (.yaml).

    Returns
    -------
    ContactLog
        Columns that the file does not give are absent. `meta` holds `origin` (ISO instant of second 0, midnight of the
        first day; absent if the file counts seconds and says nothing of an origin), `import` (rows read, kept and left
        out; per kind of dirt the count, treatment, reason and first lines), `labels` (names behind numbers of case and
        agent, where the file has words) and `cases` (facts per case, where the reader keeps some). There is no horizon.

    Raises
    ------
    LogError
        A file or reader that cannot be read, a missing column, a value that cannot be read, or a log that breaks a
        requirement. Nothing is written in any case.
    """
    plan = find_reader(reader)
    sheet = read_sheet(path, delimiter=plan.delimiter, encoding=plan.encoding)
    report = Report()
    for kind, lines in sheet.left_out.items():
        report.add(kind, lines=lines, treatment="left out", reason=_LEFT_OUT[kind])
    found = _found(sheet, plan)
    rows, origin = _rows(sheet, plan, found=found, report=report)
    clean(rows, plan, report=report)
    if not len(rows):
        raise LogError(problem(sheet.file, f"all {len(sheet.lines)} rows are left out", "rows that can be kept"))
    facts: dict[str, list[Any]] = {}
    if plan.events is None:
        legs = legs_of_rows(rows, plan)
    else:
        legs, facts = legs_of_events(rows, plan, report=report)
    touchpoints, names, labels = encode(legs, where=sheet.file)
    meta: dict[str, Any] = {"import": _account(sheet, plan, kept=len(rows), found=found, report=report)}
    if origin:
        meta["origin"] = origin
    if plan.not_recorded:
        meta["not_recorded"] = list(plan.not_recorded)
    if facts:
        meta["cases"] = facts
    if labels:
        meta["labels"] = labels
    log = ContactLog(touchpoints, names=names, meta=meta)
    ensure(log, where=sheet.file, lines=legs.lines)
    return log


def _account(
    sheet: Sheet, plan: Reader, *, kept: int, found: Mapping[str, tuple[int, str]], report: Report
) -> dict[str, Any]:
    in_file = len(sheet.lines) + len(sheet.left_out.get("wrong_number_of_fields", ()))
    return {
        "file": sheet.file,
        "reader": plan.name,
        "rows": in_file,
        "kept": kept,
        "left_out": in_file - kept,
        "columns": {name: header for name, (_, header) in found.items()},
        "absent": [source.name for source in plan.columns if source.name not in found],
        "checked": report.checked,
        "kinds": report.kinds,
        "notes": list(plan.notes),
    }


def _found(sheet: Sheet, plan: Reader) -> dict[str, tuple[int, str]]:
    """Position and header of each column of the reader that the file has; what must be there and is not is refused."""
    folded = [name.casefold() for name in sheet.header]
    found: dict[str, tuple[int, str]] = {}
    problems = []
    for source in plan.columns:
        name = next((name for name in source.found_as if name.casefold() in folded), None)
        if name is None:
            continue
        at = folded.index(name.casefold())
        if folded.count(name.casefold()) > 1:
            problems.append(problem(f"{sheet.file}, column {name}", "it stands twice in the header", "once"))
        found[source.name] = at, sheet.header[at]
    by_name = {source.name: source for source in plan.columns}
    for alternatives in plan.needs or tuple((name,) for name in by_name):
        if not any(name in found for name in alternatives):
            wanted = [word for name in alternatives for word in by_name[name].found_as]
            problems.append(_absent(sheet, wanted=wanted))
    if problems:
        raise LogError(problems)
    return found


def _absent(sheet: Sheet, *, wanted: list[str]) -> str:
    shown = [name[:40] for name in sheet.header[:_NAMES_SHOWN]]
    likely = next((hint for word in wanted if (hint := nearest(word, shown))), "")
    return problem(
        f"{sheet.file}, column {wanted[0]}",
        f"not in the file{f' (nor {chr(44).join(wanted[1:])})' if wanted[1:] else ''}",
        f"found are {', '.join(shown)}{' ...' if len(sheet.header) > _NAMES_SHOWN else ''}",
        likely or "name the column under columns: in a reader file of your own",
    )


@dataclass
class _Clock:
    """Second 0 of the log: an instant, or nothing if the file counts seconds."""

    day: np.datetime64 | None = None
    offset: str = ""

    @property
    def origin(self) -> str:
        return "" if self.day is None else f"{np.datetime_as_string(self.day, unit='s')}{self.offset}"

    @property
    def first_weekday(self) -> int:
        # 1 January 1970 was a Thursday.
        return 0 if self.day is None else int(self.day.astype("datetime64[D]").astype("i8") + 3) % 7


def _rows(sheet: Sheet, plan: Reader, *, found: Mapping[str, tuple[int, str]], report: Report) -> tuple[Rows, str]:
    """The columns of the reader, instants as seconds since midnight of the first day; and that midnight."""
    values: dict[str, Value] = {}
    texts: dict[str, Text] = {}
    for source in plan.columns:
        if source.name in found:
            at, header = found[source.name]
            marks = (*plan.missing, *source.missing)
            text = Text(sheet.table.column(at), column=header, file=sheet.file, lines=sheet.lines, missing=marks)
            texts[source.name] = text
            values[source.name] = _value(text, source)
            if source.kind == "yes or no":
                absent = sheet.lines[np.isnan(np.asarray(values[source.name]))]
                reason = "nothing is given; taken as no"
                report.add(f"{source.name}_not_given", lines=absent, treatment="repaired", reason=reason)
    clock = _to_seconds(values, texts, plan, file=sheet.file)
    if plan.day in values:
        _roll_over(values, plan, lines=sheet.lines, report=report)
    rows = Rows(values, lines=sheet.lines, first_weekday=clock.first_weekday, where=plan.where)
    return rows, clock.origin


def _value(text: Text, source: Source) -> Value:
    if source.kind == "word":
        return text.words(values=source.values, otherwise=source.otherwise)
    if source.kind == "number":
        return text.numbers()
    if source.kind == "yes or no":
        return text.yes_no()
    if source.kind == "identity":
        return text.identities()
    if source.kind == "time of day":
        return text.times_of_day()
    return text.instants(pattern=source.format)


def _to_seconds(values: dict[str, Value], texts: Mapping[str, Text], plan: Reader, *, file: str) -> _Clock:
    """Replace instants by seconds since the first midnight, in place."""
    instants = [source.name for source in plan.columns if source.kind == "instant" and source.name in values]
    dated = [name for name in instants if np.asarray(values[name]).dtype.kind == "M"]
    # A column without any value is read as numbers; it goes with the others.
    counted = [name for name in instants if name not in dated and not np.all(np.isnan(values[name]))]  # type: ignore[arg-type]
    if dated and counted:
        raise LogError(
            problem(f"{file}, column {counted[0]}", f"seconds, but {dated[0]} has dates", "one kind for all instants")
        )
    if not dated:
        return _Clock()
    leader = plan.origin if plan.origin in dated else dated[0]
    known = np.asarray(values[leader])
    known = known[~np.isnat(known)]
    if not len(known):
        raise LogError(problem(f"{file}, column {leader}", "no instant in it", "at least one instant"))
    day = np.min(known).astype("datetime64[D]").astype("datetime64[ns]")
    for name in dated:
        values[name] = np.asarray((np.asarray(values[name]) - day) / _SECOND)
    offsets = set.union(*(texts[name].offsets() for name in dated))
    offset = {0: "", 1: next(iter(offsets), "")}.get(len(offsets), "+00:00")
    return _Clock(day, "+00:00" if offset == "Z" else offset)


def _roll_over(values: dict[str, Value], plan: Reader, *, lines: Array, report: Report) -> None:
    """Put times of day on their date; one that lies half a day and more before an earlier one is of the next day."""
    day = np.asarray(values[plan.day])
    before = np.full(len(day), -np.inf)
    rolled = np.zeros(len(day), dtype=bool)
    for name in plan.order:
        instant = day + np.asarray(values[name])
        next_day = instant < before - DAY / 2
        instant = np.where(next_day, instant + DAY, instant)
        before = np.fmax(before, instant)
        values[name] = instant
        rolled |= next_day
    report.add(
        "over_midnight",
        lines=lines[rolled],
        treatment="repaired",
        reason="a time of day far before the one it follows is of the next day",
    )
