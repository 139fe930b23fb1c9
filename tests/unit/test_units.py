"""Words of a planner into numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20 s", 20),
        ("5 min", 300),
        ("4 h", 14_400),
        ("2 d", 172_800),
        ("1.5 h", 5400),
        ("90s", 90),
        (0, 0),
        ("0 s", 0),
        ("1 week", 604_800),
        ("2 minutes", 120),
        ("1e2 s", 100),
        ("1 000 s", 1000),
    ],
)
def test_duration_is_a_number_with_a_unit(text, seconds):
    assert units.duration(text) == seconds


@pytest.mark.parametrize("given_", [5, 5.0, "5", "min", "", None, True, "5 m", "-5 s", "5 min 20 s", [5], "nan s"])
def test_duration_without_a_unit_or_below_zero_is_refused(given_):
    with pytest.raises(ValueError, match="duration"):
        units.duration(given_)


@pytest.mark.parametrize(
    ("text", "per_day"),
    [("120 per hour", 2880), ("460 per day", 460), ("3 per minute", 4320), ("0 per day", 0), ("7 per week", 1)],
)
def test_rate_is_events_a_day(text, per_day):
    assert units.per_day(text) == pytest.approx(per_day, rel=1e-12)


@pytest.mark.parametrize("given_", ["120", 120, "per hour", "5 per fortnight", "-5 per day", "5/h"])
def test_rate_without_its_span_is_refused(given_):
    with pytest.raises(ValueError, match="rate"):
        units.per_day(given_)


@pytest.mark.parametrize(
    ("text", "share"), [(0.27, 0.27), ("27%", 0.27), (0, 0), (1, 1), ("100%", 1), ("0.5 %", 0.005)]
)
def test_share_is_zero_to_one(text, share):
    assert units.share(text) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize("given_", ["120%", 1.0001, -0.1, "27", "half", True, None, float("nan")])
def test_share_outside_is_refused(given_):
    with pytest.raises(ValueError, match="share"):
        units.share(given_)


@pytest.mark.parametrize(("text", "seconds"), [("08:30", 30_600), ("00:00", 0), ("24:00", 86_400), ("7:05:09", 25_509)])
def test_clock_time(text, seconds):
    assert units.clock(text) == seconds


@pytest.mark.parametrize("given_", ["24:01", "8", "08:60", 830, "08:30 pm", "-1:00", "00:00:60"])
def test_clock_time_out_of_the_day_is_refused(given_):
    with pytest.raises(ValueError, match="clock"):
        units.clock(given_)


@given(st.integers(0, 86_400))
def test_clock_reads_back_every_second(second):
    assert units.clock(f"{second // 3600:02d}:{second % 3600 // 60:02d}:{second % 60:02d}") == second


def test_instant_counts_days_from_one():
    assert units.instant("day 2 09:00") == 86_400 + 32_400
    assert units.instant("day 1") == 0


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("mon", (0,)),
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat, sun", (5, 6)),
        ("all", tuple(range(7))),
        ("sat-mon", (5, 6, 0)),
        ("Mon-Wed", (0, 1, 2)),
        ("sun-sat", (6, 0, 1, 2, 3, 4, 5)),
    ],
)
def test_days_of_the_week(text, numbers):
    assert units.days(text) == numbers


@pytest.mark.parametrize("given_", ["monday", "mon-", "fri-xyz", "", 3, None])
def test_days_that_are_none_are_refused(given_):
    with pytest.raises(ValueError, match="days"):
        units.days(given_)


def test_weekly_hours_join_what_touches():
    assert units.weekly_hours({"mon": "20:00-24:00", "tue": "00:00-04:00"}) == ((72_000, 100_800),)
    assert units.weekly_hours({"all": "00:00-24:00"}) == ((0, 604_800),)
    assert units.weekly_hours({"wed": "13:00-17:00", "mon": "08:00-12:00, 13:00-17:00"}) == (
        (28_800, 43_200),
        (46_800, 61_200),
        (2 * 86_400 + 46_800, 2 * 86_400 + 61_200),
    )


@pytest.mark.parametrize(
    "given_",
    [
        {"mon": "12:00-08:00"},
        {"mon": "08:00-12:00, 11:00-13:00"},
        {"mon": "08:00"},
        {},
        "x",
        {"mon-tue": "08:00-12:00", "tue": "09:00-10:00"},
        {"mon": 8},
    ],
)
def test_hours_that_overlap_or_run_backwards_are_refused(given_):
    with pytest.raises(ValueError, match=r"hours|spans"):
        units.weekly_hours(given_)


@pytest.mark.parametrize(
    ("seconds", "words"), [(45, "45 s"), (200, "3 min 20 s"), (120, "2 min"), (9000, "2.5 h"), (float("nan"), "-")]
)
def test_duration_for_reading(seconds, words):
    assert units.spoken(seconds) == words
