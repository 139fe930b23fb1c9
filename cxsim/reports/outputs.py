"""The files that a run leaves for others: tables as CSV, the page, the book; each written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from cxsim.errors import RunFailed, problem
from cxsim.reports.book import write_book
from cxsim.reports.findings import Findings
from cxsim.reports.page import write_page
from cxsim.reports.totals import total_differences


def write_table(table: pd.DataFrame, path: Path) -> None:
    """A table as CSV, numbers with all their digits."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        table.to_csv(partial, index=False, float_format="%.17g", lineterminator="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_outputs(findings: Findings, folder: Path) -> None:
    """The page, the book, and as CSV the measures, differences, scorecards, explanations, credits and goals.

    Raises
    ------
    RunFailed
        The folder cannot be written; what is there stays as it was.
    """
    try:
        write_page(findings, folder / "report.html")
        write_book(findings, folder / "report.xlsx")
        write_table(findings.estimates, folder / "measures.csv")
        if findings.differences is not None:
            write_table(findings.differences, folder / "differences.csv")
        if findings.scorecards:
            cards = [card.to_frame().assign(scenario=label) for label, card in findings.scorecards.items()]
            table = pd.concat(cards, ignore_index=True)
            write_table(
                table[["scenario", *(column for column in table if column != "scenario")]], folder / "scorecard.csv"
            )
        if findings.differences is not None and len(findings.scorecards) > 1:
            write_table(total_differences(findings.scorecards), folder / "scorecard_differences.csv")
        if len(findings.attribution):
            write_table(findings.attribution, folder / "attribution.csv")
        if len(findings.uncertainty):
            write_table(findings.uncertainty, folder / "uncertainty.csv")
        if len(findings.composites):
            write_table(findings.composites, folder / "composites.csv")
        if len(findings.explanations):
            write_table(findings.explanations, folder / "explanations.csv")
        for section in findings.sections:
            if len(section.table):
                write_table(section.table, folder / f"{section.name}.csv")
        if len(findings.goals):
            write_table(findings.goals, folder / "goals.csv")
    except OSError as error:
        raise RunFailed(
            problem(f"folder {folder}", error.strerror or "cannot be written", "room and permission")
        ) from None
