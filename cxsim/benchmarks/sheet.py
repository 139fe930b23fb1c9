"""A table of peers as CSV, one figure a row, turned into the mapping that a profile's YAML holds.

Lines above the table that begin with # are remarks. Columns, in any order; only `metric` and `value` must be there, and
what is blank is unknown:

metric
    Name in the catalogue, `figure:NAME` for something that no metric measures, or `profile` for a setting of the whole
    (statistic: title, meaning, currency, attribution, missing, blank_lines, entered_by, checked_by).
variant, weight, metric_unit, better, rule, source_variant
    Of the metric, on any of its rows. No variant: the catalogue's first, flagged as assumed. No weight anywhere: equal.
statistic, value, unit
    min, p10, q1, median, q3, p90, max, mean, best_practice, ..., cdf<VALUE: a figure about the peers.
    worst, best, target, or the corners of a band (band:worst_low, band:low, band:high, band:worst_high): a line; the
    value is a number, or the name of a statistic of the same metric. bands: edges as `0 | 4000 | 6000`.
    note: a remark on the metric. figure:target: a target that the source publishes.
peer
    Name of a peer; its value stands in the row, without a statistic. Quartiles are derived from the named peers.
source, url, segment, series, year, n, confidence, provenance, note, entered_by, checked_by
    Where the figure comes from. Provenance without a word is published.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cxsim.benchmarks.cells import OTHER_STATISTICS, QUANTILES
from cxsim.benchmarks.checks import Register
from cxsim.errors import ProfileError, nearest, problem

COLUMNS: Final = (
    "metric", "variant", "weight", "statistic", "value", "unit", "peer", "source", "url", "segment", "series", "year",
    "n", "confidence", "provenance", "note", "entered_by", "checked_by", "metric_unit", "better", "rule",
    "source_variant",
)  # fmt: skip
SETTINGS: Final = (
    "name", "title", "meaning", "currency", "attribution", "missing", "blank_lines", "entered_by", "checked_by",
)  # fmt: skip
FIGURE: Final = "figure:"
REMARK: Final = "#"  # opens a line above the table that is no part of it
_OF_METRIC: Final = {
    "variant": "variant", "weight": "weight", "metric_unit": "unit", "better": "better", "rule": "rule",
    "source_variant": "source_variant",
}  # fmt: skip
_OF_CELL: Final = ("series", "year", "n", "confidence", "note", "entered_by", "checked_by")
_LINES: Final = {
    "worst": ("worst",), "best": ("best",), "target": ("target",),
    **{f"band:{corner}": ("band", corner) for corner in ("worst_low", "low", "high", "worst_high")},
}  # fmt: skip
_UNITS: Final = {"%": "1", "1": "1", "s": "s", "min": "s", "h": "s", "d": "s", "points": "points"}
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_WHOLE = re.compile(r"[-+]?\d+")


@dataclass
class Places:
    """Where in a table each part of a profile stands: path in the mapping to row and column; empty for a YAML file."""

    file: str = ""
    cells: dict[str, tuple[int, str]] = field(default_factory=dict)

    def say(self, line: str) -> str:
        """A problem with row and column in place of the path, as far as they are known."""
        where, colon, rest = line.partition(": ")
        known = [path for path in self.cells if where == path or where.startswith(f"{path}.")]
        if not known or not colon:
            return line
        path = max(known, key=len)
        row, column = self.cells[path]
        last = where.removeprefix(path).rpartition(".")[2]
        column = last if last in COLUMNS else column
        return f"{self.file} {f'row {row} ' if row else ''}column {column}: {rest}"


def read_sheet(text: str, *, name: str, register: Register) -> tuple[dict[str, Any], Places]:
    """The mapping of a CSV text, and where in it each part stands.

    Parameters
    ----------
    text : str
        Separated by comma, semicolon or tab, the first row the names of the columns.
    name : str
        Name of the file without its ending: the profile's own unless the table gives one.
    register : mapping of str to Metric
        Gives units and variants that the table leaves blank.

    Raises
    ------
    ProfileError
        Every unknown column, row without a metric, value given twice or two settings of one metric that differ.
    """
    sheet = _Sheet(name, register)
    for number, row in _rows(text, f"{name}.csv"):
        sheet.take(number, row)
    return sheet.finish()


def _rows(text: str, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and filled cells of each row, as a spreadsheet numbers them."""
    lines = text.splitlines(keepends=True)
    # `cxsim show profile_csv` explains the columns in lines like these above the table.
    above = next((place for place, line in enumerate(lines) if not line.startswith(REMARK)), len(lines))
    text = "".join(lines[above:])
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        table = list(reader)
    except csv.Error as error:
        raise ProfileError(problem(f"{file} line {above + reader.line_num}", str(error), "a CSV table")) from error
    names = [cell.strip().lower() for cell in table[0]] if table else []
    wrong = _head_problems(names, file, row=above + 1)
    for number, cells in enumerate(table[1:], start=above + 2):
        if any(cell.strip() for cell in cells[len(names) :]):
            wrong.append(problem(f"{file} row {number}", f"{len(cells)} cells", f"{len(names)}, as in the first row"))
    if wrong:
        raise ProfileError(wrong)
    for number, cells in enumerate(table[1:], start=above + 2):
        row = {label: cell.strip() for label, cell in zip(names, cells, strict=False) if cell.strip()}
        if separator == ";" and re.fullmatch(r"-?\d+,\d+", row.get("value", "")):
            row["value"] = row["value"].replace(",", ".")
        if row:
            yield number, row


def _head_problems(names: list[str], file: str, *, row: int) -> list[str]:
    """Columns that are unknown, absent or given twice."""
    found = []
    for place, label in enumerate(names, start=1):
        where = f"{file} row {row} column {label or place}"
        if label not in COLUMNS:
            found.append(problem(where, "not a column", f"columns: {', '.join(COLUMNS)}", nearest(label, COLUMNS)))
        elif label in names[: place - 1]:
            found.append(problem(where, "given twice", "each column once"))
    absent = [label for label in ("metric", "value") if label not in names]
    return found + [problem(f"{file} row {row}", f"no column {label}", "it must be there") for label in absent]


class _Sheet:
    """The mapping as it grows row by row."""

    def __init__(self, name: str, register: Register) -> None:
        self.name, self.file, self.register = name, f"{name}.csv", register
        self.top: dict[str, Any] = {}
        self.metrics: dict[str, dict[str, Any]] = {}
        self.figures: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.places = Places(self.file)
        self.problems: list[str] = []

    def take(self, number: int, row: Mapping[str, str]) -> None:
        """Put one row where it belongs."""
        metric = row.get("metric", "")
        if not metric:
            self.note(number, "metric", "blank", "a metric, figure:NAME or profile")
        elif metric == "profile":
            self._setting(number, row)
        elif metric.startswith(FIGURE):
            name = metric.removeprefix(FIGURE)
            self._row(number, row, self.figures.setdefault(name, {}), f"figures.{name}", figure=True)
        else:
            self._row(number, row, self.metrics.setdefault(metric, {}), f"metrics.{metric}", figure=False)

    def note(self, number: int, column: str, given: str, allowed: str, remedy: str = "") -> None:
        self.problems.append(problem(f"{self.file} row {number} column {column}", given, allowed, remedy))

    def finish(self) -> tuple[dict[str, Any], Places]:
        """Fill in what may be left blank."""
        if self.problems:
            raise ProfileError(self.problems)
        weighed = any("weight" in entry for entry in self.metrics.values())
        for name, entry in self.metrics.items():
            if not weighed:
                entry["weight"] = 1.0 / len(self.metrics)
            metric = self.register.get(name)
            if "variant" not in entry and metric is not None:
                entry["variant"] = metric.default_variant
            parameters = metric.variants.get(entry["variant"]) if metric is not None else None
            if "unit" not in entry and metric is not None and parameters is not None:
                entry["unit"] = metric.unit_of(parameters)
        for entry in (*self.metrics.values(), *self.figures.values()):
            guess = entry.pop("_unit", None)
            if guess is not None:
                entry.setdefault("unit", guess)
        plain = {
            "name": self.name,
            "title": self.name.replace("_", " "),
            "meaning": f"A table of one's own, {self.file}."
            + ("" if weighed else " The table gives no weights: all metrics weigh the same."),
            "entered_by": "not said in the table",
        }
        data = {**plain, **self.top, "sources": self.sources, "metrics": self.metrics}
        if self.figures:
            data["figures"] = self.figures
        self.places.cells[f"{self.name}.metrics"] = (0, "weight")
        return data, self.places

    def _setting(self, number: int, row: Mapping[str, str]) -> None:
        key = row.get("statistic", "")
        if key not in SETTINGS:
            self.note(number, "statistic", repr(key), f"of profile: {', '.join(SETTINGS)}", nearest(key, SETTINGS))
        elif key in self.top:
            self.note(number, "statistic", f"{key} is given twice", "once for each file")
        else:
            self.top[key] = row.get("value", "")
            self.places.cells[f"{self.name}.{key}"] = (number, "value")

    def _row(self, number: int, row: Mapping[str, str], entry: dict[str, Any], path: str, *, figure: bool) -> None:
        """One figure, line, peer or remark of a metric, and the settings that stand beside it."""
        path = f"{self.name}.{path}"
        self.places.cells.setdefault(path, (number, "metric"))
        self._settings(number, row, entry, path, figure=figure)
        statistic = row.get("statistic", "")
        if statistic in ("", "peer") and "peer" in row and not figure:
            peers = entry.setdefault("peers", {})
            self._put(number, peers, row["peer"], self._peer(row), path=f"{path}.peers", column="peer")
        elif statistic == "note":
            entry["note"] = row.get("value", "")
        elif statistic == "bands" and not figure:
            entry["bands"] = [_value(part.strip(), row.get("unit", "")) for part in row.get("value", "").split("|")]
            self.places.cells[f"{path}.bands"] = (number, "value")
        elif statistic in _LINES and not figure:
            *above, key = _LINES[statistic]
            inner = entry.setdefault(above[0], {}) if above else entry
            self._put(number, inner, key, self._line(row), path=".".join([path, *above]), column="statistic")
        elif statistic:
            statistic = statistic.removeprefix(FIGURE)
            cells = entry.setdefault("cells", {})
            self._put(number, cells, statistic, self._cell(number, row), path=f"{path}.cells", column="statistic")
        elif "value" in row:
            self.note(number, "statistic", "blank", "a statistic, a line, or a peer", "say what the value is")

    def _put(self, number: int, inner: dict[str, Any], key: str, value: Any, *, path: str, column: str) -> None:
        place = f"{path}.{key}"
        if key in inner:
            first = self.places.cells[place][0]
            self.note(number, column, f"{key} is given in row {first} too", "one row for each", "leave one out")
            return
        inner[key] = value
        self.places.cells[place] = (number, column)
        self.places.cells[f"{place}.value"] = self.places.cells[f"{place}.statistic"] = (number, "value")

    def _settings(self, number: int, row: Mapping[str, str], entry: dict[str, Any], path: str, *, figure: bool) -> None:
        for column, key in _OF_METRIC.items():
            if column not in row or (figure and column != "metric_unit"):
                continue
            given = plain(row[column]) if column == "weight" else row[column]
            if entry.setdefault(key, given) != given:
                said = f"{row[column]}, but {entry[key]} in row {self.places.cells[f'{path}.{key}'][0]}"
                self.note(number, column, said, "one for all rows of the metric")
            self.places.cells.setdefault(f"{path}.{key}", (number, column))
        if row.get("unit") in _UNITS and not row.get("statistic", "").startswith("cdf"):
            entry.setdefault("_unit", _UNITS[row["unit"]])

    def _peer(self, row: Mapping[str, str]) -> dict[str, Any]:
        source = {"source": row["source"]} if "source" in row else {}
        return {"value": _value(row.get("value", ""), row.get("unit", "")), **source}

    def _line(self, row: Mapping[str, str]) -> dict[str, Any]:
        value = row.get("value", "")
        note = row.get("note") or (f"from {row['source']}" if "source" in row else "")
        said = {"note": note} if note else {}
        if value in QUANTILES or value in OTHER_STATISTICS:
            return {"statistic": value, **said}
        return {"value": _value(value, row.get("unit", "")), **said}

    def _cell(self, number: int, row: Mapping[str, str]) -> dict[str, Any]:
        cell: dict[str, Any] = {"value": _value(row.get("value", ""), row.get("unit", ""))}
        cell["provenance"] = row.get("provenance", "published")
        if "source" in row:
            key = f"row {number}"
            self.sources[key] = {"title": row["source"], "segment": row.get("segment", self.name)}
            if "url" in row:
                self.sources[key]["url"] = row["url"]
            cell["source"] = key
            self.places.cells[f"{self.name}.sources.{key}"] = (number, "source")
        return cell | {key: plain(row[key]) if key in ("year", "n") else row[key] for key in _OF_CELL if key in row}


def plain(text: str) -> Any:
    """A number where the text is one, else the text."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _value(text: str, unit: str) -> Any:
    """A value with the unit that stands beside it: 41 and % are '41 %'; None if the cell is blank."""
    if not text:
        return None
    if unit and unit != "1" and _NUMBER.fullmatch(text):
        return f"{text} {unit}"
    return plain(text)
