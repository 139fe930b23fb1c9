"""Several scorecards as one: each metric of the peers with value and score on every side, equal definitions only."""

from __future__ import annotations

from collections.abc import Mapping

from cxsim.benchmarks.scorecard import Scorecard
from cxsim.reports.tables import MISSING, Cell, Table, name_of, shown_interval, shown_with_interval, words


def side_by_side(cards: Mapping[str, Scorecard]) -> Table | None:
    """One row a metric, one column a scorecard; the totals last. Nothing for a single card."""
    if len(cards) < 2:
        return None
    rows_of = {label: {(row.metric, row.variant): row for row in card.rows} for label, card in cards.items()}
    keys = list(dict.fromkeys(key for rows in rows_of.values() for key in rows))
    rows = []
    for key in keys:
        cells = []
        for rows_here in rows_of.values():
            row = rows_here.get(key)
            if row is None:
                cells.append(Cell(MISSING))
                continue
            value, span = shown_with_interval(row.value, row.low, row.high, row.unit)
            ends = "" if span == MISSING else f"{span}; "
            cells.append(Cell(value, f"{ends}score {100 * row.score:.0f}", bar=row.score))
        rows.append((words(name_of(*key)), *cells))
    totals = []
    for card in cards.values():
        span = shown_interval(card.low, card.high, "1")
        totals.append(Cell(f"{100 * card.total:.1f} of 100", "" if span == MISSING else span, bar=card.total))
    rows.append((words("Total"), *totals))
    note = "The same metric in the same variant on every side; bars: score from the peers' worst to their best."
    return Table(("Metric (variant)", *cards), tuple(rows), note)
