"""A design's own section is printed in the units it names, with intervals in small print and nothing lost."""

import math

import pandas as pd

from cxsim.designs.design import P_VALUE, Section
from cxsim.reports.sections import MOST_ROWS, section_table


def section(table, **about):
    return Section("plan", "The plan", table=table, **about)


def test_an_interval_is_the_small_print_of_its_number():
    table = pd.DataFrame({"interval": ["08:00"], "agents": [4], "kept": [0.81], "kept_low": [0.8], "kept_high": [0.82]})
    found = section_table(section(table, units={"kept": "1"}, note="Seed 1."))
    assert found.heads == ("Interval", "Agents", "Kept")
    assert [cell.text for cell in found.rows[0]] == ["08:00", "4", "81.0%"]
    assert found.rows[0][2].small == "80.0% to 82.0%"
    assert found.note == "Seed 1."


def test_differences_have_a_sign_and_missing_numbers_a_dash():
    table = pd.DataFrame({"gain": [0.012, math.nan], "wait": [3.0, 90.0]})
    found = section_table(section(table, units={"gain": "1", "wait": "s"}, differences=frozenset({"gain"})))
    assert [[cell.text for cell in row] for row in found.rows] == [["+1.2 pp", "3 s"], ["-", "90 s"]]


def test_p_values_are_small_or_have_three_digits():
    table = pd.DataFrame({"p value": [0.0004, 0.0312, math.nan]})
    found = section_table(section(table, units={"p value": P_VALUE}))
    assert [row[0].text for row in found.rows] == ["<0.001", "0.031", "-"]


def test_a_long_table_says_where_the_rest_is():
    found = section_table(section(pd.DataFrame({"point": range(MOST_ROWS + 5)})))
    assert len(found.rows) == MOST_ROWS
    assert found.note == "5 more rows are in plan.csv."


def test_no_table_is_no_table():
    assert section_table(section(pd.DataFrame())) is None
