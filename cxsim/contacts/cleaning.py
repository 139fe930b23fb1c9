"""Rows on their way into the log: rules for dirt, and a report that counts every row that was not as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxsim.contacts.column_maps import Dirt, Reader
from cxsim.contacts.expressions import Value, Words, evaluate, names_in
from cxsim.errors import LogError, problem

Array = npt.NDArray[Any]
_LINES_SHOWN: Final = 20


class Report:
    """What was read, kept, repaired and left out, by kind and line; ends as `log.meta["import"]`."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, Any]] = {}
        self.checked: list[str] = []

    def add(self, kind: str, *, lines: Array, treatment: str, reason: str) -> None:
        """Count rows of one kind.

        Parameters
        ----------
        kind : str
        lines : array [n]
            Lines of the file; nothing is noted if there are none.
        treatment : str
            'kept', 'repaired' or 'left out'.
        reason : str
        """
        self.checked.append(kind)
        if len(lines):
            self.kinds[kind] = {
                "count": len(lines),
                "treatment": treatment,
                "reason": reason,
                "lines": [int(line) for line in lines[:_LINES_SHOWN]],
            }


class Rows:
    """Columns of a reader, one value a row, with the line behind each row."""

    def __init__(self, values: Mapping[str, Value], *, lines: Array, first_weekday: int, where: str) -> None:
        self.values = dict(values)
        self.lines = lines
        self.first_weekday = first_weekday
        self.where = where

    def __len__(self) -> int:
        return len(self.lines)

    def has(self, *expressions: str) -> bool:
        """Every column that the expressions read is in this file."""
        return all(names_in(text, where=self.where) <= self.values.keys() for text in expressions)

    def value(self, expression: str, *, where: str) -> Any:
        """An expression over the columns, array [n_rows] or Words."""
        return evaluate(
            expression,
            self.values,
            where=f"{self.where}, {where}",
            n_rows=len(self),
            first_weekday=self.first_weekday,
        )

    def condition(self, expression: str, *, where: str) -> Array:
        """An expression that must be true or false, mask [n_rows]."""
        mask = self.value(expression, where=where)
        if isinstance(mask, Words) or mask.dtype != bool:
            raise LogError(problem(f"{self.where}, {where}", f"'{expression}'", "a condition, e.g. ended < offered"))
        return np.asarray(mask)

    def keep(self, mask: Array) -> None:
        """Leave out the rows that the mask does not hold."""
        self.lines = self.lines[mask]
        for name, value in self.values.items():
            self.values[name] = Words(value.codes[mask], value.names) if isinstance(value, Words) else value[mask]


def clean(rows: Rows, reader: Reader, *, report: Report) -> None:
    """Evaluate the formulas of a reader, then apply its rules for dirt in their order, in place.

    A formula or rule that reads a column which this file does not have is passed over.
    """
    known = {source.name for source in reader.columns} | reader.formulas.keys()
    known |= {name for rule in reader.dirt for name in rule.set}
    for name, formula in reader.formulas.items():
        _only_known(formula, known, where=f"{rows.where}, formulas.{name}")
        if rows.has(formula):
            rows.values[name] = rows.value(formula, where=f"formulas.{name}")
    for rule in reader.dirt:
        for text in (rule.when, *rule.set.values()):
            _only_known(text, known, where=f"{rows.where}, dirt {rule.kind}")
        if rows.has(rule.when, *rule.set.values()):
            _apply(rows, rule, report=report)


def _apply(rows: Rows, rule: Dirt, *, report: Report) -> None:
    found = rows.condition(rule.when, where=f"dirt {rule.kind}")
    report.add(rule.kind, lines=rows.lines[found], treatment=rule.treatment, reason=rule.reason)
    if not np.any(found):
        return
    if rule.treatment == "left out":
        rows.keep(~found)
    for name, text in rule.set.items():
        new, old = rows.value(text, where=f"dirt {rule.kind}.set.{name}"), rows.values.get(name)
        if isinstance(new, Words) or isinstance(old, Words):
            raise LogError(problem(f"{rows.where}, dirt {rule.kind}.set.{name}", "a word", "numbers and instants"))
        rows.values[name] = np.where(found, new, np.nan if old is None else old)


def _only_known(text: str, known: set[str], *, where: str) -> None:
    unknown = names_in(text, where=where) - known
    if unknown:
        raise LogError(
            problem(
                where, f"'{min(unknown)}' is not a column of this reader", f"columns are {', '.join(sorted(known))}"
            )
        )
