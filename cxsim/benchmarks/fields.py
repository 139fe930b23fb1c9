"""Reading one field of a profile: every problem is noted, none stops the reading, so that all are reported together."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from cxsim.errors import nearest, problem
from cxsim.units import duration, share

_LIMITS: Final = {"1": (0.0, 1.0), "points": (-100.0, 100.0)}


class Fields:
    """A mapping of a profile, its place in the file, and the list of problems shared by all of them."""

    def __init__(self, given: Any, *, where: str, known: Collection[str], problems: list[str]) -> None:
        self.where, self.problems = where, problems
        self.given: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        if not isinstance(given, Mapping):
            self.note("", repr(given), f"a mapping with {', '.join(known)}")
        for key in self.given:
            if key not in known:
                self._unknown(str(key), known)

    def __contains__(self, key: str) -> bool:
        return self.given.get(key) is not None

    def _unknown(self, key: str, known: Collection[str]) -> None:
        if key.startswith("_"):
            self.note(key, "a key that begins with _", "a profile holds plain values", "leave it out")
        else:
            self.note(key, "not a key here", f"keys here: {', '.join(known)}", nearest(key, known))

    def note(self, key: str, given: object, allowed: str, remedy: str = "") -> None:
        """Note a problem of a key, or of the mapping itself if the key is empty."""
        self.problems.append(problem(f"{self.where}.{key}" if key else self.where, given, allowed, remedy))

    def text(self, key: str, *, default: str | None = "") -> str:
        """A text; without a default it must be given."""
        value = self.given.get(key)
        if value is None:
            if default is None:
                self.note(key, "not given", "a text", "write it")
            return default or ""
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            self.note(key, repr(value), "a text")
            return default or ""
        return " ".join(str(value).split())

    def choice(self, key: str, allowed: Collection[str], *, default: str | None = None) -> str:
        """One of some words; without a default it must be given."""
        value = self.given.get(key, default)
        if value not in allowed:
            said = "not given" if value is None else repr(value)
            self.note(key, said, f"one of {', '.join(allowed)}", nearest(str(value), allowed))
            return next(iter(allowed))
        return str(value)

    def count(self, key: str) -> int | None:
        """A whole number above zero, or None if it is left out."""
        value = self.given.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.note(key, repr(value), "a whole number above 0, or leave it out if unknown")
            return None
        return value

    def number(self, key: str, convert: Callable[[Any], float]) -> float | None:
        """A number through a converter that raises ValueError with the reason; None if it cannot be read."""
        value = self.given.get(key)
        if value is None:
            self.note(key, "not given", "a value", "write it")
            return None
        try:
            return convert(value)
        except ValueError as error:
            said, _, allowed = str(error).partition("; ")
            self.note(key, said, allowed)
            return None


def quantity(unit: str, *, currency: str = "") -> Callable[[Any], float]:
    """A converter of values of a unit into ours: '41 %' to 0.41, '3.2 h' to seconds, '22 USD' to 22.

    Parameters
    ----------
    unit : str
        Unit of the metric: '1' a share, 's' a duration, 'points', 'money' or 'money/contact', or a count.
    currency : str
        The currency that amounts of money must be in.
    """

    def convert(value: Any) -> float:
        if unit == "1":
            return share(value)
        if unit == "s":
            return duration(value)
        low, high = _LIMITS.get(unit, (0.0, math.inf))
        words = value.split() if isinstance(value, str) else [value]
        said = currency if unit.partition("/")[0] == "money" else unit
        try:
            number = math.nan if isinstance(words[0], bool) else float(words[0])
        except (TypeError, ValueError, IndexError):
            number = math.nan
        plain = len(words) == 1 or (len(words) == 2 and words[1] == said)
        if not plain or not math.isfinite(number) or not low <= number <= high:
            reach = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of {low:g} or more"
            raise ValueError(f"{value!r}; a number {reach} in {said or unit}")
        return number

    return convert
