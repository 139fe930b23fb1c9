"""Targets and margins as a planner writes them, in the unit of their metric."""

import pytest

from cxsim.designs.amounts import AskedTarget, parse_amount, parse_margin, read_target
from cxsim.errors import MetricUnavailable, RunError


@pytest.mark.parametrize(
    ("text", "metric", "at_most", "amount"),
    [
        ("service_level >= 80%", "service_level:strict", False, "80%"),
        ("asa<=30 s", "average_speed_of_answer:answered", True, "30 s"),
        ("wait_quantile:p80 <= 1 min", "wait_quantile:p80", True, "1 min"),
        ("80%", "", None, "80%"),
        (">= 80%", "", False, "80%"),
    ],
)
def test_a_target_has_a_metric_a_side_and_a_value(text, metric, at_most, amount):
    assert read_target(text) == AskedTarget(metric, at_most, amount)


@pytest.mark.parametrize("text", ["", "service_level 80%", "service_level >="])
def test_half_a_target_is_refused(text):
    with pytest.raises(RunError, match="cannot be read"):
        read_target(text)


def test_a_target_on_a_share_of_days_is_sent_to_the_verbs_that_test_it():
    with pytest.raises(RunError, match=r"planned looks do not test.*cxsim optimise"):
        read_target("service_level >= 80% on 90% of days")


def test_a_target_of_an_unknown_metric_is_refused():
    with pytest.raises(MetricUnavailable, match="did you mean 'service_level'"):
        read_target("service_levle >= 80%")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("80%", "1", 0.8), ("0.8", "1", 0.8), ("30 s", "s", 30.0), ("2 min", "s", 120.0), ("40", "points", 40.0),
     ("-40 points", "points", -40.0), ("22.5", "money/contact", 22.5)],
)  # fmt: skip
def test_a_value_is_read_in_the_unit_of_its_metric(text, unit, value):
    assert parse_amount(text, unit=unit, where="target") == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("80", "1"),
        ("30", "s"),
        ("80%", "s"),
        ("30 s", "1"),
        ("80%", "points"),
        ("much", "1"),
        ("180%", "1"),
        ("-5%", "1"),
        ("-0.1", "1"),
    ],
)
def test_a_value_of_another_unit_is_refused(text, unit):
    with pytest.raises(RunError, match=f"target {text}: "):
        parse_amount(text, unit=unit, where="target")


def test_a_margin_is_a_difference():
    assert parse_margin("1 point", unit="1") == pytest.approx(0.01)
    assert parse_margin("5 s", unit="s") == 5.0
    assert parse_margin("0.5", unit="money/contact") == 0.5
    assert parse_margin(None, unit="1") is None
    for text, unit in (("3 %", "1"), ("0 points", "1"), ("5 s", "1"), ("-1", "money/contact")):
        with pytest.raises(RunError, match=f"margin {text}: "):
            parse_margin(text, unit=unit)
