"""Inputs that a design varies: KEY=interval(LOW,HIGH) with units, or KEY=VALUE,VALUE, checked before anything runs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cxsim.designs.estimate import Array
from cxsim.errors import RunError, ScenarioError, problem
from cxsim.scenario.load import Scenario, sweep_values

FORM = "KEY=interval(LOW,HIGH), as agent_groups.desk.agents=interval(8,14) or ...talk_time.mean=interval(4 min,8 min)"
_END = r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^,()]*?)\s*"
_INTERVAL = re.compile(rf"interval\({_END},{_END}\)")


@dataclass(frozen=True)
class Factor:
    """One input with what it may be.

    Attributes
    ----------
    path : str
    low, high : float
        Ends of the range, in the unit written behind them; NaN for levels.
    unit : str
        As written: 'min', '%', 'per day' or nothing.
    whole : bool
        The setting takes whole numbers only, each as likely as the others.
    levels : tuple of str
        Values one by one, instead of a range.
    """

    path: str
    low: float = math.nan
    high: float = math.nan
    unit: str = ""
    whole: bool = False
    levels: tuple[str, ...] = ()

    def at(self, share: float) -> str:
        """The value at a share of the range, 0 its low and 1 its high end, as it would be written."""
        if self.levels:
            return self.levels[min(len(self.levels) - 1, int(share * len(self.levels)))]
        if self.whole:
            return f"{min(int(self.high), int(self.low + share * (self.high - self.low + 1))):d}"
        # Six digits can be read, and read again to the same number.
        value = f"{self.low + share * (self.high - self.low):.6g}"
        return value if not self.unit else f"{value}%" if self.unit == "%" else f"{value} {self.unit}"

    @property
    def count(self) -> int:
        """How many values there are, where they can be counted; else 0."""
        return len(self.levels) or (int(self.high - self.low) + 1 if self.whole else 0)

    @property
    def span(self) -> str:
        """The range, or all values, as a reader sees it."""
        if self.levels:
            return f"{', '.join(self.levels[:-1])} or {self.levels[-1]}".replace(chr(92), "")
        return f"{self.at(0.0).replace(chr(92), '')} to {self.at(1.0).replace(chr(92), '')}"


def is_varied(word: str) -> bool:
    """Whether KEY=VALUE gives a range or several values rather than one.

    Raises
    ------
    ScenarioError
        Not of that form.
    """
    if word[:1] in "+~":
        return False
    return _is_range(word.partition("=")[2]) or len(sweep_values(word)[1]) > 1


def _is_range(text: str) -> bool:
    """Whether it was meant as a range, readable or not."""
    return text.strip().startswith("interval(")


def read_factors(scenario: Scenario, texts: Sequence[str], *, verb: str) -> tuple[Factor, ...]:
    """Inputs of a design, their two ends tried on the scenario.

    Raises
    ------
    ScenarioError
        A setting that does not exist, or an end that is not allowed there.
    RunError
        No input, one given twice, or a range that is none; all together.
    """
    if not texts:
        raise RunError(problem(verb, "no setting to vary", FORM))
    found: list[Factor] = []
    wrong: list[str] = []
    for text in texts:
        try:
            found.append(_read(scenario, text))
        except (RunError, ScenarioError) as error:
            wrong += error.problems
    paths = [factor.path for factor in found]
    wrong += [
        problem(f"{verb} {path}", "given twice", "one range each") for path in {p for p in paths if paths.count(p) > 1}
    ]
    if wrong:
        raise RunError(wrong)
    return tuple(found)


def _read(scenario: Scenario, text: str) -> Factor:
    path, _, given = text.partition("=")
    ends = _INTERVAL.fullmatch(given.strip())
    if ends is None and _is_range(given):
        raise RunError(problem(f"argument {text}", "ends that are no finite numbers, with or without a unit", FORM))
    if ends is None:
        path, values = sweep_values(text)
        if len(values) < 2:
            raise RunError(problem(f"argument {text}", "one value", FORM, "fix it with the scenario, or give a range"))
        scenario.override(f"{path}={values[0]}")
        return Factor(path, levels=tuple(values))
    low, high, unit = float(ends[1]), float(ends[3]), ends[2] or ends[4]
    if ends[2] and ends[4] and ends[2] != ends[4]:
        raise RunError(problem(f"argument {text}", f"units {ends[2]} and {ends[4]}", "one unit for both ends"))
    if not low < high or math.isinf(low) or math.isinf(high):
        raise RunError(problem(f"argument {text}", f"{low:g} is not below {high:g}", "LOW below HIGH"))
    factor = Factor(path, low, high, unit)
    plain = not unit and low.is_integer() and high.is_integer()
    if plain and not _allowed(scenario, f"{path}={low + 0.5 * (high - low) + 0.25:g}"):
        # The language itself says what it counts: a fraction is refused where whole numbers are not.
        factor = Factor(path, low, high, whole=True)
    for share in (0.0, 1.0):
        scenario.override(f"{path}={factor.at(share)}")
    return factor


def _allowed(scenario: Scenario, change: str) -> bool:
    try:
        scenario.override(change)
    except ScenarioError:
        return False
    return True


def settings_at(factors: Sequence[Factor], shares: Sequence[float] | Array) -> dict[str, str]:
    """Values of all inputs by path, at one point of the unit cube."""
    return {factor.path: factor.at(float(share)) for factor, share in zip(factors, shares, strict=True)}


def scenario_at(scenario: Scenario, settings: dict[str, str]) -> Scenario:
    """The scenario with these values."""
    return scenario.override(*changes_of(settings))


def changes_of(settings: Mapping[str, str]) -> list[str]:
    """The settings as overrides."""
    return [f"{path}={value}" for path, value in settings.items()]


def label_of(settings: dict[str, str]) -> str:
    """Name of a point: its settings, without the escapes of the grammar they are written in."""
    return ", ".join(f"{path}={value}" for path, value in settings.items()).replace("\\", "")
