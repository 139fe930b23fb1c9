"""What a design has to say beside the usual tables, made ready for page and terminal."""

from __future__ import annotations

from typing import Any, Final

from cxsim.designs.design import P_VALUE, Section
from cxsim.printed import shown_p, shown_with_interval
from cxsim.reports.tables import MISSING, Cell, Table, is_missing, labelled, records, shown, shown_difference

MOST_ROWS: Final = 60


def section_table(section: Section) -> Table | None:
    """The table of a section as a reader sees it, its first rows; None where there is none.

    A column with `low` or `high` behind its name (value, value_low, value_high) is the small print of the first.
    """
    if section.table.empty:
        return None
    columns = [str(name) for name in section.table]
    main = [name for name in columns if not name.endswith(("_low", "_high")) or name[: name.rindex("_")] not in columns]
    rows = [tuple(_cell(section, row, name) for name in main) for row in records(section.table[:MOST_ROWS])]
    more = len(section.table) - MOST_ROWS
    note = f"{section.note} {more} more rows are in {section.name}.csv." if more > 0 else section.note
    return Table(tuple(_head(name) for name in main), tuple(rows), note.strip())


def _head(name: str) -> str:
    if "." in name:  # the path of a setting
        return name
    words = labelled(name)
    return words[:1].upper() + words[1:]


def _cell(section: Section, row: dict[str, Any], name: str) -> Cell:
    """One cell, with its interval in small print."""
    low, high = (row.get(f"{name}_{side}") for side in ("low", "high"))
    said, small = _said(section, name, row[name]), ""
    if name in section.units and not is_missing(low) and not is_missing(high):
        unit, difference = section.units[name], name in section.differences
        said, small = shown_with_interval(row[name], low, high, unit, difference=difference)
    return Cell(said, small, _bar(section, row[name], name), number=name in section.units)


def _bar(section: Section, value: Any, name: str) -> float | None:
    """Length of the bar of a value, as a share of the longest of its column."""
    if name != section.bar or is_missing(value):
        return None
    longest = float(section.table[name].abs().max())
    return abs(float(value)) / longest if longest > 0.0 else 0.0


def _said(section: Section, name: str, value: Any) -> str:
    if is_missing(value):
        return MISSING
    if name not in section.units:
        return f"{value:g}" if isinstance(value, float) else str(value)
    if section.units[name] == P_VALUE:
        return shown_p(value)
    show = shown_difference if name in section.differences else shown
    return show(float(value), section.units[name])
