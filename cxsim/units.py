"""Words of a planner into numbers: durations in seconds, rates per day, shares 0 to 1, clock times, weekdays."""

from __future__ import annotations

import re
from typing import Final

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86400.0
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SECONDS: Final = {
    "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0,
    "min": MINUTE, "minute": MINUTE, "minutes": MINUTE,
    "h": HOUR, "hour": HOUR, "hours": HOUR,
    "d": DAY, "day": DAY, "days": DAY,
    "week": 7 * DAY, "weeks": 7 * DAY,
}  # fmt: skip
_NUMBER = r"[-+]?(?:\d+(?:[ _]\d{3})*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_DURATION = re.compile(rf"^\s*({_NUMBER})\s*([A-Za-z]+)\s*$")
_RATE = re.compile(rf"^\s*({_NUMBER})\s+per\s+([A-Za-z]+)\s*$")
_SHARE = re.compile(rf"^\s*({_NUMBER})\s*%\s*$")
_CLOCK = re.compile(r"^\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$")
_INSTANT = re.compile(r"^\s*day\s+(\d+)(?:\s+(\S+))?\s*$")

SHORTEST: Final = 1e-30
LONGEST: Final = 1e9
DURATION_FORM: Final = "a duration has a unit: 20 s, 5 min, 4 h, 2 d"
RATE_FORM: Final = "a rate is '120 per hour' or '460 per day'"
SHARE_FORM: Final = "a share is 0 to 1 or 0% to 100%"
CLOCK_FORM: Final = "a clock time is hh:mm from 00:00 to 24:00"
HOURS_FORM: Final = "opening hours are days and spans: {mon-fri: 07:00-19:00, sat: '09:00-12:00, 13:00-15:00'}"


def _number(text: str) -> float:
    return float(text.replace(" ", "").replace("_", ""))


def duration(value: object) -> float:
    """Seconds of '20 s', '5 min', '4 h', '2 d'; a bare 0 needs no unit.

    Raises
    ------
    ValueError
        No unit, an unknown one, or below zero.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == 0:
        return 0.0
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None or found[2].lower() not in _SECONDS:
        raise ValueError(f"{value!r}; {DURATION_FORM}")
    seconds = _number(found[1]) * _SECONDS[found[2].lower()]
    if seconds < 0:
        raise ValueError(f"{value!r}; a duration is 0 or longer; {DURATION_FORM}")
    return seconds_of(seconds, given=value)


def seconds_of(seconds: float, *, given: object) -> float:
    """A duration or an instant in seconds, if the clock can tell it from 0 and reach it.

    Raises
    ------
    ValueError
        Not a number, below 0, above 0 by less than the clock can tell, or more than thirty years.
    """
    if seconds != 0.0 and not SHORTEST <= seconds <= LONGEST:
        raise ValueError(f"{given!r}; 0 s, or {SHORTEST:g} s to {LONGEST:g} s (thirty years), is allowed")
    # Minus zero is zero.
    return float(seconds) + 0.0


def per_day(value: object) -> float:
    """Events or money per day from '120 per hour', '460 per day', '3 per minute'; month counts 365.25/12 days."""
    found = _RATE.match(value) if isinstance(value, str) else None
    spans = {**_SECONDS, "month": DAY * 365.25 / 12, "year": DAY * 365.25}
    if found is None or found[2].lower() not in spans:
        raise ValueError(f"{value!r}; {RATE_FORM}")
    rate = _number(found[1]) * DAY / spans[found[2].lower()]
    if rate < 0:
        raise ValueError(f"{value!r}; a rate is 0 or more; {RATE_FORM}")
    return rate


def share(value: object) -> float:
    """0 to 1 from 0.27 or '27%'."""
    number: float | None = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str) and (found := _SHARE.match(value)):
        number = _number(found[1]) / 100.0
    if number is None or not 0.0 <= number <= 1.0:
        raise ValueError(f"{value!r}; {SHARE_FORM}")
    return number


def clock(value: object) -> float:
    """Seconds since midnight of '08:30'."""
    found = _CLOCK.match(value) if isinstance(value, str) else None
    seconds = int(found[1]) * HOUR + int(found[2]) * MINUTE + int(found[3] or 0) if found else -1.0
    if found is None or int(found[2]) > 59 or int(found[3] or 0) > 59 or not 0 <= seconds <= DAY:
        raise ValueError(f"{value!r}; {CLOCK_FORM}")
    return seconds


def instant(value: object) -> float:
    """Seconds since the origin of 'day 2 09:00'; day 1 is the first."""
    found = _INSTANT.match(value) if isinstance(value, str) else None
    if found is None or int(found[1]) < 1:
        raise ValueError(f"{value!r}; an instant is 'day 2 09:00', the first day is day 1")
    return (int(found[1]) - 1) * DAY + (clock(found[2]) if found[2] else 0.0)


def days(value: object) -> tuple[int, ...]:
    """Numbers of weekdays (0 Monday) of 'mon', 'mon-fri', 'sat, sun' or 'all'."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r}; days are {', '.join(WEEKDAYS)}, 'mon-fri' or 'all'")
    chosen: list[int] = []
    for part in value.lower().split(","):
        first, dash, last = part.strip().partition("-")
        if first == "all" and not dash:
            chosen.extend(range(7))
            continue
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise ValueError(f"{value!r}; days are {', '.join(WEEKDAYS)}, 'mon-fri' or 'all'")
        start, stop = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        # 'sat-mon' runs over the weekend.
        chosen.extend((start + step) % 7 for step in range((stop - start) % 7 + 1))
    return tuple(chosen)


def spans(value: object) -> tuple[tuple[float, float], ...]:
    """Spans of a day in seconds of '07:00-19:00' or '08:00-12:00, 13:00-17:00', in order and apart."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r}; {HOURS_FORM}")
    found: list[tuple[float, float]] = []
    for part in value.split(","):
        start, dash, end = part.strip().partition("-")
        if not dash:
            raise ValueError(f"{value!r}; {HOURS_FORM}")
        found.append((clock(start), clock(end)))
    for (start_at, end_at), following in zip(found, [*found[1:], None], strict=True):
        if end_at <= start_at or (following and following[0] < end_at):
            raise ValueError(f"{value!r}; spans run forward and do not overlap; write a night as two days")
    return tuple(found)


def weekly_hours(value: object) -> tuple[tuple[float, float], ...]:
    """Open spans within a week [s since Monday 00:00] of {mon-fri: 07:00-19:00}, in order, touching spans joined."""
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{value!r}; {HOURS_FORM}")
    found: list[tuple[float, float]] = []
    for names, text in value.items():
        for day in days(names):
            found.extend((day * DAY + start, day * DAY + end) for start, end in spans(text))
    found.sort()
    joined: list[tuple[float, float]] = []
    for start, end in found:
        if joined and start < joined[-1][1]:
            raise ValueError(f"{value!r}; a day is given twice; {HOURS_FORM}")
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def spoken(seconds: float) -> str:
    """A duration for reading: '45 s', '3 min 20 s', '2.5 h', '1.8 d'."""
    if seconds != seconds:
        return "-"
    if abs(seconds) < 99.5:
        return f"{seconds:.3g} s"
    if abs(seconds) < HOUR:
        whole = round(seconds)
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    if abs(seconds) < 2 * DAY:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / DAY:.1f} d"
