"""Targets, benchmarks and margins as a planner writes them: 'service_level >= 80%', '30 s', '1 point'."""

from __future__ import annotations

import re
from typing import NamedTuple

from cxsim.designs.design import parse_precision
from cxsim.errors import RunError, problem
from cxsim.metrics.requests import read
from cxsim.units import duration

TARGET_FORM = "'METRIC >= VALUE' or 'METRIC <= VALUE', as 'service_level >= 80%'"
_TARGET = re.compile(r"\s*(?:([A-Za-z_][\w]*(?::\w+)?)\s*)?(>=|<=)?\s*(\S.*?)\s*")
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+))\s*(%|points?)?")
FORMS = {"1": "a share, as 80% or 0.8", "s": "a duration, as 30 s or 2 min", "points": "points, as 40"}


class AskedTarget(NamedTuple):
    """A target: 'metric:variant' or nothing, whether to be at most that, and the value as written."""

    metric: str
    at_most: bool | None
    amount: str


def read_target(text: str) -> AskedTarget:
    """The parts of a target; without a metric it is of the primary one.

    Raises
    ------
    RunError
        Not of that form.
    MetricUnavailable
        No such metric or variant.
    """
    found = _TARGET.fullmatch(text)
    if found is None or (found[1] and not found[2]):
        raise RunError(problem(f"target {text}", "cannot be read", TARGET_FORM))
    if re.search(r"\son\s.*\sof\s", found[3]):
        given = "on a share of days, which planned looks do not test"
        raise RunError(problem(f"target {text}", given, TARGET_FORM, "`cxsim optimise` and `cxsim tune` do"))
    metric = read([found[1]])[0].label if found[1] else ""
    return AskedTarget(metric, None if not found[2] else found[2] == "<=", found[3])


def parse_amount(text: str, *, unit: str, where: str) -> float:
    """A value in the unit of its metric; shares 0 to 1, durations in seconds.

    Raises
    ------
    RunError
        Not a value of that unit.
    """
    allowed = FORMS.get(unit, f"a number of {unit}")
    plain = _NUMBER.fullmatch(text.strip())
    if unit == "s":
        try:
            return duration(text)
        except ValueError:
            raise RunError(problem(f"{where} {text}", "cannot be read", allowed)) from None
    if plain is None or (plain[2] == "%") > (unit == "1") or (plain[2] or "").startswith("point") > (unit == "points"):
        raise RunError(problem(f"{where} {text}", f"not a value of unit {unit}", allowed))
    value = float(plain[1]) / (100.0 if plain[2] == "%" else 1.0)
    if unit == "1" and not 0.0 <= value <= 1.0:
        remedy = f"write {value:g}%" if not plain[2] and 1.0 < value <= 100.0 else "0% to 100%"
        raise RunError(problem(f"{where} {text}", "not from 0 to 1", allowed, remedy))
    return value


def parse_margin(text: str | None, *, unit: str, where: str = "margin") -> float | None:
    """A difference that matters: '1 point' of a share or a score, '5 s', or a number of any other unit.

    Raises
    ------
    RunError
        Not of that form, not above 0, or relative.
    """
    if text is None:
        return None
    plain = _NUMBER.fullmatch(text.strip())
    if plain is not None and not plain[2] and unit not in ("1", "points", "s"):
        amount = float(plain[1])
        if not amount > 0:
            raise RunError(problem(f"{where} {text}", "not above 0", f"a number of {unit}"))
        return amount
    found = parse_precision(text, unit=unit, name=where)
    assert found is not None
    if found.relative:
        raise RunError(problem(f"{where} {text}", "relative", "'1 point' of a share or score, '5 s' of a time"))
    return found.within
