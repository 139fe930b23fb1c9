"""The book: numbers are numbers, text is text, missing is empty."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.small_findings import HOSTILE, METRICS, estimate, small_findings

from cxsim.reports.book import write_book


def test_the_sheets_are_there_with_a_frozen_header(tmp_path: Path) -> None:
    book = load_workbook(write_book(small_findings(), tmp_path / "book.xlsx"))
    assert book.sheetnames == [
        "summary",
        "estimates",
        "differences",
        "by interval",
        "goals",
        "assumptions",
        "provenance",
    ]
    assert all(sheet.freeze_panes == "A2" for sheet in book)


def test_a_share_is_a_number_shown_in_per_cent(tmp_path: Path) -> None:
    sheet = load_workbook(write_book(small_findings(), tmp_path / "book.xlsx"))["estimates"]
    heads = [cell.value for cell in sheet[1]]
    cell = sheet.cell(2, heads.index("value") + 1)
    assert cell.value == pytest.approx(0.783)
    assert cell.number_format == "0.0%"


def test_what_looks_like_a_formula_or_an_address_stays_text(tmp_path: Path) -> None:
    findings = small_findings(title="=1+1", question="http://example.org", warnings=(HOSTILE,))
    sheet = load_workbook(write_book(findings, tmp_path / "book.xlsx"))["summary"]
    cells = {row[0].value: row[1] for row in sheet.iter_rows()}
    assert cells["title"].value == "=1+1"
    assert cells["title"].data_type == "s"
    assert cells["question"].hyperlink is None
    assert cells["warning"].value == HOSTILE


def test_a_missing_number_is_an_empty_cell_and_its_flag_stays(tmp_path: Path) -> None:
    findings = small_findings()
    nan = float("nan")
    row = estimate("today", "", "all", METRICS[0], value=nan, low=nan, high=nan, flags="nothing_observed")
    findings.estimates.loc[0] = row
    sheet = load_workbook(write_book(findings, tmp_path / "book.xlsx"))["estimates"]
    found = dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in sheet[2]], strict=True))
    assert found["value"] is None
    assert found["low"] is None
    assert found["flags"] == "nothing_observed"


def test_equal_findings_give_equal_books(tmp_path: Path) -> None:
    first = write_book(small_findings(), tmp_path / "a.xlsx").read_bytes()
    assert write_book(small_findings(), tmp_path / "b.xlsx").read_bytes() == first
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_the_book_carries_no_time_of_making(tmp_path: Path) -> None:
    made = load_workbook(write_book(small_findings(), tmp_path / "book.xlsx")).properties.created
    assert made == datetime(2000, 1, 1)
