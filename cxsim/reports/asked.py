"""What all customers feel beside what a survey of them sees."""

from __future__ import annotations

from typing import Final

import pandas as pd

from cxsim.reports.tables import Cell, Table, estimate_cell, pick, rows_of, shown, shown_difference, words

# Metric, variant of all customers, variant of those who answered, and how it is called.
PAIRS: Final = (
    ("customer_satisfaction", "top_two", "top_two_surveyed", "Satisfied (4 or 5 of 5)"),
    ("customer_effort_score", "mean", "mean_surveyed", "Effort score (1 to 7, 7 easy)"),
    ("net_promoter_score", "all", "surveyed", "Net promoter score"),
)


def asked_table(estimates: pd.DataFrame, *, scenario: str) -> Table | None:
    """Scores of all customers and of respondents side by side; None where a survey was not simulated."""
    whole = rows_of(estimates, "", scenario=scenario)
    rows = []
    for metric, everyone, surveyed, name in PAIRS:
        true, seen = pick(whole, metric, everyone), pick(whole, metric, surveyed)
        if true is None or seen is None:
            continue
        gap = shown_difference(seen["value"] - true["value"], true["unit"])
        rows.append((words(name), estimate_cell(true), estimate_cell(seen), Cell(gap)))
    if not rows:
        return None
    answered = pick(whole, "response_rate")
    share = "" if answered is None else f" {shown(answered['value'], '1')} of those asked answer."
    note = f"Who gave up is not asked, and who answers is not everyone.{share}"
    return Table(("", "All customers", "Those who answered", "What the survey adds"), tuple(rows), note)
