"""What all customers feel beside what a survey of them sees."""

from __future__ import annotations

from typing import Final

import pandas as pd

from cxsim.designs.explanations import ASKED, PAIRS
from cxsim.reports.tables import (
    MISSING,
    Cell,
    Row,
    Table,
    estimate_cell,
    pick,
    reasons,
    records,
    rows_of,
    shown,
    shown_with_interval,
    words,
)

NAMES: Final = {
    "top_two": "Satisfied (4 or 5 of 5)",
    "ease": "Effort score (1 to 7, 7 easy)",
    "net_promoter_score": "Net promoter score",
}


def asked_table(estimates: pd.DataFrame, explanations: pd.DataFrame, *, scenario: str) -> Table | None:
    """Scores of all customers and of respondents side by side, and their gap; None where no survey was simulated."""
    whole = rows_of(estimates, "", scenario=scenario)
    rows = []
    mine = explanations[(explanations["scenario"] == scenario) & (explanations["part"] == ASKED)]
    gaps = {row["score"]: row for row in records(mine)}
    for score, (metric, everyone, surveyed) in PAIRS.items():
        true, seen = pick(whole, metric, everyone), pick(whole, metric, surveyed)
        if true is None or seen is None:
            continue
        rows.append((words(NAMES[score]), estimate_cell(true), estimate_cell(seen), _gap(gaps.get(score))))
    if not rows:
        return None
    answered = pick(whole, "response_rate")
    share = "" if answered is None else f" {shown(answered['value'], '1')} of those asked answer."
    note = (
        f"Who gave up is not asked, and who answers is not everyone.{share} What the survey adds: answers less all, "
        "with its own interval, for both are of the same replications."
    )
    return Table(("", "All customers", "Those who answered", "What the survey adds"), tuple(rows), note)


def _gap(row: Row | None) -> Cell:
    """A gap with its interval, or why there is none."""
    if row is None:
        return Cell(MISSING)
    change, span = shown_with_interval(row["value"], row["low"], row["high"], row["unit"], difference=True)
    return Cell(change, reasons(row["flags"]) if span == MISSING else span)
