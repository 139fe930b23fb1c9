"""One way to print a number, an interval or the name of a metric, whatever shows it."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from cxsim.units import spoken

MISSING: Final = "-"
MINUS: Final = "\u2212"
SMALLEST: Final = 1e-5  # below this a number of the reader's units is shown as 0
MOST_DIGITS: Final = 4
ACRONYMS: Final = {"cx score": "CX score"}


def is_missing(value: Any) -> bool:
    """Whether there is no number: None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA


def digits_for(low: float | None, high: float | None, unit: str) -> int | None:
    """Decimals for a number and both ends of its interval, so that half the interval has a digit and all have as many.

    None without a closed interval of some width: each number then has as many as its own size deserves.
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high) and high > low):
        return None
    times = 100.0 if unit == "1" else 1.0
    size, half = times * max(abs(low), abs(high)), times * 0.5 * (high - low)
    needed = min(max(math.ceil(-math.log10(half)), 0), MOST_DIGITS)
    if unit == "s":
        return 0 if half >= 5.0 else max(needed, 1)
    if unit == "1":
        return max(needed, 1)
    if size >= 1000:
        return 0
    return max(needed, 1 if size >= 10 and not unit.startswith("money") else 2)


def shown_with_interval(
    value: float | None, low: float | None, high: float | None, unit: str, *, difference: bool = False
) -> tuple[str, str]:
    """A value and its interval as two texts with equally many decimals; the second is '-' where there is none."""
    digits = digits_for(low, high, unit)
    show = shown_difference if difference else shown
    return show(value, unit, digits=digits), shown_interval(low, high, unit, difference=difference)


def shown(value: float | None, unit: str, *, digits: int | None = None) -> str:
    """A value in the reader's units.

    Parameters
    ----------
    value : float or None
        None and NaN are '-'.
    unit : str
        Unit of the metric: '1' (a share) becomes per cent, 's' a spoken duration, 'points', 'money', 'money/contact',
        'contacts/day', 'erlang', 'agents', 'cases' ...
    digits : int, optional
        Decimals; left out, as many as the size deserves.

    Returns
    -------
    str
        Such as '78.3%', '3 min 20 s', '33.1 points', '1,240 a day'.
    """
    return _printed(value, unit, percent="%", digits=digits)


def shown_difference(value: float | None, unit: str, *, digits: int | None = None) -> str:
    """A difference in the reader's units, with its sign; shares in percentage points, 'pp'."""
    if is_missing(value):
        return MISSING
    assert value is not None
    text = _printed(abs(value), unit, percent=" pp", digits=digits)
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{'+' if value > 0 else MINUS}{text}"


def _printed(value: float | None, unit: str, *, percent: str, digits: int | None) -> str:
    if is_missing(value):
        return MISSING
    assert value is not None
    if math.isinf(value):
        return "no limit" if value > 0 else f"{MINUS}no limit"
    sign, size = ("" if value >= 0 else MINUS), abs(value)
    if unit == "1":
        text = (_share(100 * size) if digits is None else f"{100 * size:.{digits}f}") + percent
    elif unit == "s":
        text = _duration(size, digits)
    elif digits is not None:
        text = f"{size:,.{digits}f}" + _named_unit(unit)
    elif unit.startswith("money") and 0.1 <= size < 1000:
        text = f"{size:.2f}" + _named_unit(unit)
    else:
        text = _plain(size) + _named_unit(unit)
    return text if not any(digit in text for digit in "123456789") else sign + text


def _duration(size: float, digits: int | None) -> str:
    """Seconds with their decimals; from a hundred on minutes and seconds, hours or days."""
    if size >= 99.5:
        return spoken(size)
    return f"{size:.1f}".removesuffix(".0") + " s" if digits is None else f"{size:.{digits}f} s"


def _share(size: float) -> str:
    """Per cent with one decimal, small ones with two digits."""
    return f"{size:.1f}" if size >= 0.1 or size < SMALLEST else f"{float(f'{size:.2g}'):f}".rstrip("0")


def _plain(size: float) -> str:
    """A number with as many decimals as its size deserves."""
    if size >= 1000:
        return f"{size:,.0f}"
    if size >= 10:
        return f"{size:.1f}"
    return f"{size:.2f}" if size >= 0.1 or size < SMALLEST else f"{float(f'{size:.2g}'):f}".rstrip("0")


def _named_unit(unit: str) -> str:
    what, _, per = unit.partition("/")
    if per:  # the name of the metric says of what
        return f" a {per}"
    return "" if what in ("", "money") else f" {what}"


def shown_p(value: float | None) -> str:
    """A p-value; small ones are below a thousandth."""
    if value is None or is_missing(value):
        return MISSING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def shown_interval(
    low: float | None, high: float | None, unit: str, *, difference: bool = False, digits: int | None = None
) -> str:
    """'77.1% to 79.5%', '9.1 to 12.3 s', or '-' where an end is missing; digits if not those of `digits_for`."""
    if is_missing(low) or is_missing(high):
        return MISSING
    show = shown_difference if difference else shown
    kept = digits_for(low, high, unit) if digits is None else digits
    first, last = show(low, unit, digits=kept), show(high, unit, digits=kept)
    # One unit is enough where both ends have the same; '3 min 20 s' is a number on its own.
    number, _, name = first.partition(" ")
    same = name.replace(" ", "").isalpha() and last.partition(" ")[2] == name
    return f"{number if same else first} to {last}"


def shown_level(level: float) -> str:
    """A confidence as it was asked for: '95%', '99.9%'; rounded up it would claim more than there is."""
    return f"{100.0 * level:.10g}%"


def name_of(metric: str, variant: str) -> str:
    """A metric as a reader names it, never without its variant where it has several."""
    plain = metric.replace("_", " ")
    plain = ACRONYMS.get(plain, plain[:1].upper() + plain[1:])
    return plain if variant in ("", "default") else f"{plain} ({variant.replace('_', ' ')})"
