"""Opening hours within the week."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.model.hours import is_open, next_opening, since_monday
from cxsim.units import weekly_hours

DAY, HOUR = 86_400.0, 3600.0
OFFICE = np.array(weekly_hours({"mon-fri": "08:00-12:00, 13:00-17:00", "sat": "10:00-11:00"}))
NONE = np.empty((0, 2))


def test_second_zero_is_midnight_of_the_first_weekday():
    assert since_monday(0.0, 0) == 0
    assert since_monday(0.0, 6) == 6 * DAY
    assert since_monday(DAY, 6) == 0


@pytest.mark.parametrize(
    ("time", "is_it"),
    [(8 * HOUR, True), (8 * HOUR - 1, False), (12 * HOUR, False), (13 * HOUR, True), (5 * DAY + 10 * HOUR, True),
     (6 * DAY + 10 * HOUR, False), (7 * DAY + 9 * HOUR, True), (70 * DAY + 9 * HOUR, True)],
)  # fmt: skip
def test_span_holds_its_begin_and_not_its_end(time, is_it):
    assert is_open(OFFICE, time, 0) == is_it


def test_without_spans_it_is_always_open():
    assert is_open(NONE, 1e7, 3)
    assert next_opening(NONE, 1e7, 3) == 1e7


@pytest.mark.parametrize(
    ("time", "opens"),
    [(0.0, 8 * HOUR), (9 * HOUR, 9 * HOUR), (12 * HOUR, 13 * HOUR), (17 * HOUR, DAY + 8 * HOUR),
     (5 * DAY + 11 * HOUR, 7 * DAY + 8 * HOUR)],
)  # fmt: skip
def test_next_opening_is_now_or_the_next_begin(time, opens):
    assert next_opening(OFFICE, time, 0) == opens


@given(st.integers(0, 30 * 86_400), st.integers(0, 6))
def test_next_opening_is_the_first_open_instant(time, first_weekday):
    found = next_opening(OFFICE, float(time), first_weekday)
    assert found >= time
    assert is_open(OFFICE, found, first_weekday)
    # Nothing open in between, looked at minute by minute.
    assert not any(is_open(OFFICE, t, first_weekday) for t in np.arange(time, found, 60.0))
