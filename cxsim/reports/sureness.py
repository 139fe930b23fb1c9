"""How sure a number is: simulation noise and unknown sizes of the perception model, side by side and never merged."""

from __future__ import annotations

from typing import Final

import pandas as pd

from cxsim.reports.findings import Findings
from cxsim.reports.tables import (
    MISSING,
    Cell,
    Row,
    Table,
    is_missing,
    name_of,
    pick,
    records,
    rows_of,
    shown,
    shown_with_interval,
    words,
)

NOTE: Final = (
    "Simulation: interval over replications. Parameters: band of the scores under sets of parameters drawn from the "
    "ranges of their evidence, each anchored again, on the same customers (at most 2,000 cases of each of the first "
    "three replications, so that its middle need not be the value beside it; read its width). Demand and other inputs "
    "are not varied: what is not known of them comes on top."
)


def sureness_table(findings: Findings, *, scenario: str) -> Table | None:
    """Scores of a scenario, and their changes from the first, each with both kinds of uncertainty."""
    table = findings.uncertainty
    if table.empty:
        return None
    whole = rows_of(findings.estimates, "", scenario=scenario)
    changes = None if findings.differences is None else rows_of(findings.differences, "", scenario=scenario)
    compared = changes is not None and len(changes) > 0
    rows = [_row(row, whole, changes if compared else None) for row in records(table[table["scenario"] == scenario])]
    heads: tuple[str, ...] = ("Metric (variant)", "Value, simulation", "Value, parameters")
    if compared:
        heads = (*heads, "Change, simulation", "Change, parameters")
    levels = sorted(set(table["level"]))
    note = f"{NOTE} Bands hold {levels[0]:.0%} of {int(table['sets'].max())} sets."
    return Table(heads, tuple(rows), note) if rows else None


def _row(row: Row, whole: pd.DataFrame, changes: pd.DataFrame | None) -> tuple[Cell, ...]:
    unit, key = row["unit"], (row["metric"], row["variant"])
    found = pick(whole, *key)
    cells = [words(name_of(*key)), _simulated(found, "value", difference=False)]
    cells.append(Cell(*shown_with_interval(row["median"], row["low"], row["high"], unit)))
    if changes is not None:
        cells.append(_simulated(pick(changes, *key), "difference", difference=True))
        change, band = shown_with_interval(row["change"], row["change_low"], row["change_high"], unit, difference=True)
        cells.append(Cell(change, "" if band == MISSING else band))
    return tuple(cells)


def _simulated(row: Row | None, column: str, *, difference: bool) -> Cell:
    if row is None or is_missing(row[column]):
        return Cell(MISSING)
    value, span = shown_with_interval(row[column], row["low"], row["high"], row["unit"], difference=difference)
    return Cell(value, "" if span == MISSING else span)


def sureness_line(findings: Findings, *, scenario: str) -> str:
    """One sentence on how far unknown sizes move a real change of the primary metric; empty where it is not real."""
    metric, _, variant = findings.primary.partition(":")
    table = findings.uncertainty
    mine = records(table[(table["scenario"] == scenario) & (table["metric"] == metric) & (table["variant"] == variant)])
    if not mine or is_missing(mine[0]["change"]):
        return ""
    row = mine[0]
    below, above = row["change"] - row["change_low"], row["change_high"] - row["change"]
    return (
        f"Beside chance, what is not known of how customers feel makes the change of "
        f"{name_of(metric, variant).lower()} with '{scenario}' up to {shown(below, row['unit']).replace('%', ' pp')} "
        f"smaller or {shown(above, row['unit']).replace('%', ' pp')} larger ({row['level']:.0%} of "
        f"{int(row['sets'])} sets of parameters)."
    )
