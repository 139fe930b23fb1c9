"""The results as an Excel book: numbers as numbers, one sheet a table, for those who go on working with them."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xlsxwriter

from cxsim.reports import background
from cxsim.reports.findings import Findings
from cxsim.reports.sentences import summary_lines
from cxsim.reports.tables import rows_of
from cxsim.reports.totals import total_differences

# Which unit's format the numbers of these columns have; others are plain.
IN_UNITS: Final = (
    "value", "low", "high", "standard_error", "base", "difference", "target", "worst", "worst_high", "best",
    "best_high", "peer", "gap_to_peer", "gap_to_best", "target_high",
)  # fmt: skip
SHARES: Final = (
    "level", "score", "score_low", "score_high", "share", "weight", "balanced", "percentile", "probability_of_target",
    "journeys_met", "journeys_kept", "journeys_kept_low", "journeys_kept_high",
)  # fmt: skip
WHOLE: Final = ("n", "replications", "value_quartile", "performance_quartile")
# Excel's file format knows no book without a date of making; a fixed one keeps equal findings equal files.
MADE: Final = datetime(2000, 1, 1)
WIDEST: Final = 60
LINE: Final = 15.0  # height of a line of text [points]


def write_book(findings: Findings, path: str | Path) -> Path:
    """Write the book: summary, estimates, differences, scorecard, by interval, goals, assumptions, provenance.

    Parameters
    ----------
    findings : Findings
    path : str or Path
        Replaced whole, or left as it was.

    Returns
    -------
    Path
        Of the file. Text stays text: nothing becomes a formula or a link. A missing number is an empty cell.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    try:
        with xlsxwriter.Workbook(str(partial), options) as book:
            book.set_properties({"title": findings.title, "created": MADE})
            _fill(book, findings)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _fill(book: Any, findings: Findings) -> None:
    """All sheets; one without rows says so."""
    estimates = findings.estimates
    sheets = _Sheets(book)
    sheets.words("summary", ("What", "Text"), _summary(findings))
    sheets.table("estimates", estimates[~estimates["by"].isin(["interval"])])
    if findings.differences is not None:
        sheets.table("differences", findings.differences)
    cards = [card.to_frame().assign(scenario=label) for label, card in findings.scorecards.items()]
    if cards:
        joined = pd.concat(cards, ignore_index=True)
        sheets.table("scorecard", joined[["scenario", *(name for name in joined if name != "scenario")]])
    if findings.differences is not None and len(cards) > 1:
        sheets.table("scorecard differences", total_differences(findings.scorecards).assign(unit="1"))
    if len(findings.composites):
        sheets.table("composites", findings.composites.assign(unit="1"))
    for section in findings.sections:
        sheets.table(section.name.replace("_", " ")[:31], section.table)
    sheets.table("by interval", rows_of(estimates, "interval"))
    sheets.table("goals", findings.goals)
    sheets.words("assumptions", ("Setting", "Value", "Tag", "Note"), _assumptions(findings))
    sheets.words("provenance", ("What", "Value"), _provenance(findings))


def _summary(findings: Findings) -> list[tuple[str, ...]]:
    rows = [("title", findings.title), ("question", findings.question)]
    rows += [("warning", line) for line in findings.warnings]
    rows += [("read", line) for line in findings.imported]
    rows += [("in short", line) for line in summary_lines(findings)]
    for label, card in findings.scorecards.items():
        rows.append((f"scorecard of {label}", f"{100 * card.total:.1f} of 100 against {card.title}"))
        rows += [(f"note on {label}", note) for note in card.notes]
    units = "Shares are 0 to 1 shown as %, times in seconds; a missing number is an empty cell, its flags say why."
    return [(what, text) for what, text in (*rows, ("units", units)) if text]


def _assumptions(findings: Findings) -> list[tuple[str, ...]]:
    table = background.assumptions_table(findings)
    rows = [] if table is None else [tuple(cell.text for cell in row) for row in table.rows]
    rows += [("source", tag, "", text) for tag, text in background.sources_of(findings)]
    return rows + [("changed", change, "", label) for label, change in background.overrides_of(findings)]


def _provenance(findings: Findings) -> list[tuple[str, ...]]:
    rows = background.provenance_rows(findings) + [(f"rule: {what}", rule) for what, rule in findings.rules]
    return [*rows, *(("limit", line) for line in background.limits_of(findings))]


class _Sheets:
    """Writes sheets of one book in one style."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        patterns = {"1": "0.0%", "s": "#,##0.0", "whole": "#,##0", "plain": "#,##0.00", "p": "0.0000"}
        self.formats = {name: book.add_format({"num_format": pattern}) for name, pattern in patterns.items()}

    def words(self, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A sheet of text, long lines wrapped."""
        sheet = self.book.add_worksheet(name)
        sheet.write_row(0, 0, heads, self.head)
        widths = []
        for column in range(len(heads)):
            longest = max((len(row[column]) for row in rows if column < len(row)), default=8)
            widths.append(min(max(longest, 8) + 2, 100 if column else WIDEST))
            sheet.set_column(column, column, widths[-1])
        for place, row in enumerate(rows or [("none",)], start=1):
            # Not every program finds the height of wrapped lines by itself.
            lines = max(math.ceil((len(text) + 1) / width) for text, width in zip(row, widths, strict=False))
            sheet.set_row(place, LINE * lines)
            for column, text in enumerate(row):
                sheet.write_string(place, column, text, self.wrap)
        self._page(sheet)

    def table(self, name: str, table: pd.DataFrame) -> None:
        """A sheet of a table with its columns' names, a filter, and each number in its unit's format."""
        sheet = self.book.add_worksheet(name)
        if table.empty:
            sheet.write_string(0, 0, "none")
            return
        heads = [str(column) for column in table]
        sheet.write_row(0, 0, [head.replace("_", " ") for head in heads], self.head)
        units = table["unit"].astype(str).tolist() if "unit" in table else [""] * len(table)
        for place, (row, unit) in enumerate(zip(table.itertuples(index=False), units, strict=True), start=1):
            for column, value in enumerate(row):
                self._write(sheet, (place, column), value, self._format(heads[column], unit))
        for column, head in enumerate(heads):
            text = table.iloc[:, column].dtype == object or str(table.iloc[:, column].dtype).startswith("str")
            longest = max((len(str(value)) for value in table.iloc[:, column]), default=0) if text else 10
            sheet.set_column(column, column, min(max(longest, len(head)) + 2, WIDEST))
        sheet.autofilter(0, 0, len(table), len(heads) - 1)
        self._page(sheet)

    def _page(self, sheet: Any) -> None:
        """The header stays in sight, and on paper a sheet is one page wide."""
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def _format(self, head: str, unit: str) -> Any:
        if head in IN_UNITS:
            return self.formats.get(unit, self.formats["plain"])
        if head in SHARES:
            return self.formats["1"]
        if head in WHOLE:
            return self.formats["whole"]
        return self.formats["p" if head.startswith("p_") else "plain"]

    @staticmethod
    def _write(sheet: Any, place: tuple[int, int], value: Any, form: Any) -> None:
        if hasattr(value, "item"):
            value = value.item()
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            missing = value is None or value is pd.NA
            sheet.write_string(*place, "" if missing else str(value))
        elif math.isfinite(value):
            sheet.write_number(*place, value, form)
        elif math.isinf(value):
            sheet.write_string(*place, "no limit")
