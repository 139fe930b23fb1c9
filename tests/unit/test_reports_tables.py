"""Numbers as a reader sees them, and the plain verdict on a difference."""

from __future__ import annotations

import math

import pytest
from support.small_findings import METRICS, difference, small_estimates, small_findings

from cxsim.reports.changes import change_texts, differences_table, direction, is_real, steps_table, verdict_of
from cxsim.reports.tables import (
    breakdown_table,
    name_of,
    shown,
    shown_difference,
    shown_interval,
    shown_with_interval,
)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.78349, "1", "78.3%"),
        (0.0, "1", "0.0%"),
        (0.00038, "1", "0.038%"),
        (45.0, "s", "45 s"),
        (200.0, "s", "3 min 20 s"),
        (9000.0, "s", "2.5 h"),
        (-12.34, "points", "−12.3 points"),
        (4.567, "points", "4.57 points"),
        (21.5, "money/contact", "21.50 a contact"),
        (1240.2, "contacts/day", "1,240 a day"),
        (2.066, "erlang", "2.07 erlang"),
        (math.nan, "1", "-"),
        (None, "s", "-"),
        (math.inf, "s", "no limit"),
    ],
)
def test_a_value_is_shown_in_the_readers_units(value: float | None, unit: str, said: str) -> None:
    assert shown(value, unit) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.032, "1", "+3.2 pp"),
        (-0.032, "1", "−3.2 pp"),
        (0.0, "1", "0.0 pp"),
        (-130.0, "s", "−2 min 10 s"),
        (1.5, "points", "+1.50 points"),
        (math.nan, "1", "-"),
    ],
)
def test_a_difference_has_its_sign_and_shares_differ_by_points(value: float, unit: str, said: str) -> None:
    assert shown_difference(value, unit) == said


def test_an_interval_names_its_unit_once_unless_the_ends_need_their_own() -> None:
    assert shown_interval(9.06, 12.3, "s") == "9.1 to 12.3 s"
    assert shown_interval(230.0, 590.0, "s") == "3 min 50 s to 9 min 50 s"
    assert shown_interval(93.0, 131.0, "s") == "93 s to 2 min 11 s"
    assert shown_interval(0.771, 0.795, "1") == "77.1% to 79.5%"
    assert shown_interval(math.nan, 0.795, "1") == "-"


def test_a_metric_is_named_with_its_variant_unless_it_has_one_only() -> None:
    assert name_of("service_level", "answered_only") == "Service level (answered only)"
    assert name_of("occupancy", "default") == "Occupancy"


def test_a_shorter_wait_is_better_and_a_higher_cost_is_worse() -> None:
    assert direction(difference("b", METRICS[1], -8.0, 2.0)) == "better"
    assert direction(difference("b", METRICS[5], 2.0, 0.1)) == "worse"


def test_what_is_neither_better_nor_worse_is_only_higher() -> None:
    row = difference("b", METRICS[0], 0.1, 0.01, better="band")
    assert direction(row) == "higher"


def test_an_interval_that_holds_0_is_no_real_difference() -> None:
    row = difference("b", METRICS[2], 0.001, 0.004)
    assert verdict_of(row) == ("no real difference shown", "the interval holds 0")


def test_holm_takes_back_what_the_interval_alone_would_claim_but_not_of_the_primary_metric() -> None:
    row = difference("b", METRICS[0], 0.05, 0.04, p_value=0.03, p_holm=0.09)
    assert not is_real(row)
    assert "Holm" in verdict_of(row)[1]
    assert is_real(row, primary="service_level:strict")
    assert is_real({**row, "p_holm": 0.02})


def test_the_first_table_of_differences_and_the_rest_hold_every_metric_once() -> None:
    table = small_findings().differences
    assert table is not None
    extra = difference("two more", ("talk_time", "default", "s", "band", "process", 180.0, 1.0), 1.0, 2.0)
    never = difference("two more", ("blockage_rate", "default", "1", "lower", "process", 0.0, 0.0), 0.0, 0.0)
    table.loc[len(table)] = extra
    table.loc[len(table)] = never
    parts = [
        differences_table(table, scenario="two more", base="today", primary="service_level:strict", part=part)
        for part in ("first", "rest")
    ]
    names = [row[0].text for part in parts for row in part.rows]
    assert names[0] == "Service level (strict) [primary]"
    assert [row[0].text for row in parts[1].rows] == ["Talk time"]
    assert len(names) == len(set(names)) == len(METRICS) + 1


def test_shares_of_what_follows_a_touchpoint_add_up_to_all_visits_there() -> None:
    table = steps_table(small_estimates(("today",)), scenario="today")
    assert table is not None
    phone = list(table.rows)[:3]
    assert [row[1].text for row in phone] == [
        "resolved, done",
        "unresolved, passed on to back office",
        "abandoned, comes back at phone",
    ]
    assert sum(row[3].bar or 0.0 for row in phone) == pytest.approx(1.0)
    assert [row[3].text for row in phone] == ["70.0%", "20.0%", "10.0%"]


def test_a_breakdown_shows_a_dash_where_nothing_was_observed_and_says_so() -> None:
    table = breakdown_table(small_estimates(("today",)), by="touchpoint", labels=("today",))
    assert table is not None
    texts = [cell.text for row in table.rows for cell in row]
    assert texts.count("-") == 1
    assert table.note == "-: nothing observed."


@pytest.mark.parametrize(
    ("row", "unit", "said"),
    [
        ((0.00069, -0.0013, 0.0027), "1", ("+0.1 pp", "−0.1 to +0.3 pp")),
        ((-0.00044, -0.00096, 0.000075), "1", ("−0.04 pp", "−0.10 to +0.01 pp")),
        ((0.0049, -0.0047, 0.0149), "points", ("+0.005 points", "−0.005 to +0.015 points")),
        ((-2.12, -2.89, -1.35), "s", ("−2.1 s", "−2.9 to −1.4 s")),
        ((2.04, 2.0, 2.07), "money/contact", ("+2.04 a contact", "+2.00 to +2.07 a contact")),
    ],
)
def test_a_number_and_both_ends_of_its_interval_have_equally_many_decimals(
    row: tuple[float, float, float], unit: str, said: tuple[str, str]
) -> None:
    assert shown_with_interval(*row, unit, difference=True) == said


def test_what_never_changed_is_said_in_words_and_not_in_zeros() -> None:
    nothing = difference("b", METRICS[0], 0.0, 0.0, low=math.nan, high=math.nan, outcome="equivalent")
    assert change_texts(nothing) == ("no change", "in any replication")
    assert verdict_of(nothing) == ("no real difference", "no change in any replication")
    # Differences that cancel out are another matter: they vary.
    assert change_texts(difference("b", METRICS[0], 0.0, 0.01))[1] == "−1.0 to +1.0 pp"
