"""Moments of truth in one number: how often each was kept, weighted, against what was promised."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cxsim.benchmarks.measures import Measure, chance, wilson
from cxsim.benchmarks.text import say
from cxsim.errors import ProfileError, problem
from cxsim.units import share

if TYPE_CHECKING:
    import pandas as pd

NEEDED: Final = ("moment", "kept", "target", "weight")
COLUMNS: Final = (*NEEDED, "n")


@dataclass(frozen=True)
class Moment:
    """One moment: share kept, its interval and the chance that its target is reached, where n is known."""

    moment: str
    kept: float
    target: float
    weight: float
    n: int | None
    low: float | None
    high: float | None
    met: bool
    probability_of_target: float | None


@dataclass(frozen=True)
class MomentsCard:
    """Moments with their shares of the weight; `pass_rate` is the weighted share kept, `met` the weight of targets met.

    `missing` names moments without a value; the others take their weight.
    """

    rows: tuple[Moment, ...]
    missing: tuple[str, ...]
    pass_rate: float
    low: float | None
    high: float | None
    met: float
    confidence: float

    def to_frame(self) -> pd.DataFrame:
        """One row a moment, columns as the fields of `Moment`."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))

    def to_text(self) -> str:
        """The card as lines for a terminal."""
        width = max(len(row.moment) for row in self.rows)
        lines = [
            f"{row.moment:<{width}}  kept {say(row.kept, '1')} of {say(row.target, '1')} promised, "
            f"weight {row.weight:.0%}{'' if row.met else '  MISSED'}"
            for row in self.rows
        ]
        ends = "" if self.low is None or self.high is None else f" ({100 * self.low:.1f} to {100 * self.high:.1f})"
        lines.append(f"Kept {100 * self.pass_rate:.1f} of 100{ends}; targets met with {self.met:.0%} of the weight")
        if self.missing:
            lines.append(f"Nothing observed, weight spread: {', '.join(self.missing)}")
        return "\n".join(lines)


def moments_score(table: pd.DataFrame | str | Path, *, confidence: float = 0.95) -> MomentsCard:
    """Weighted share of moments of truth that were kept, and how much of the weight meets its target.

    Parameters
    ----------
    table : DataFrame or path of a CSV
        One row a moment: moment, kept (share of times it was kept, blank if never observed), target (share promised),
        weight (any size, their proportions count), and where known n (times it was observed).
    confidence : float
        Of the intervals, which need n.

    Raises
    ------
    ProfileError
        Every cell that is no share, no weight or no name, by row and column; nothing observed at all.

    Source
    ------
    Seybold, quality of customer experience: scenario, moment of truth, metric, target. The weighted sum is ours.
    """
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        try:
            table = pd.read_csv(table, dtype=str)
        except (OSError, ValueError) as error:
            raise ProfileError(problem(f"moments {table}", str(error), "a CSV table")) from error
    absent = [column for column in NEEDED if column not in table.columns]
    if absent:
        raise ProfileError(problem("moments", f"no column {', '.join(absent)}", f"columns: {', '.join(COLUMNS)}"))
    problems: list[str] = []
    read = list(_read(table, problems))
    if not problems and all(math.isnan(kept) for _, kept, _, _, _ in read):
        problems.append(problem("moments column kept", "no value", "the share kept of at least one moment"))
    if problems:
        raise ProfileError(problems)
    seen = [row for row in read if not math.isnan(row[1])]
    whole = math.fsum(weight for _, _, _, weight, _ in seen)
    rows = tuple(_moment(name, kept, target, weight / whole, n, confidence) for name, kept, target, weight, n in seen)
    total = min(math.fsum(row.weight * row.kept for row in rows), 1.0)
    low, high = _around(rows, total)
    met = math.fsum(row.weight for row in rows if row.met)
    missing = tuple(name for name, kept, _, _, _ in read if math.isnan(kept))
    return MomentsCard(rows, missing, total, low, high, met, confidence)


def _read(table: pd.DataFrame, problems: list[str]) -> Iterator[tuple[str, float, float, float, int | None]]:
    """Cells of each row in our units; what cannot be read is noted and its row left out."""
    names: dict[str, int] = {}
    for number, record in enumerate(table.to_dict("records"), start=1):
        before = len(problems)
        row = {str(key): None if value is None or value != value else value for key, value in record.items()}
        name = str(row["moment"] or "").strip()
        if not name or name in names:
            said = f"{name} is given in row {names[name]} too" if name else "blank"
            _note(problems, number, "moment", said, "a name, once for each moment")
        names.setdefault(name, number)
        kept = _share(row["kept"], number, "kept", problems) if row["kept"] is not None else math.nan
        target = _share(row["target"], number, "target", problems)
        weight, n = _number(row["weight"]), _number(row.get("n"))
        if not weight > 0.0 or not math.isfinite(weight):
            _note(problems, number, "weight", repr(row["weight"]), "a number above 0")
        if row.get("n") is not None and not (n >= 1.0 and n.is_integer()):
            _note(problems, number, "n", repr(row["n"]), "a whole number above 0, or nothing")
        if len(problems) == before:
            yield name, kept, target, weight, None if math.isnan(n) else int(n)


def _share(value: Any, number: int, column: str, problems: list[str]) -> float:
    plain = _number(value)
    try:
        return share(value if math.isnan(plain) else plain)
    except ValueError as error:
        said, _, allowed = str(error).partition("; ")
        _note(problems, number, column, said, allowed)
        return math.nan


def _number(value: Any) -> float:
    """A number, or NaN for anything else."""
    try:
        return math.nan if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return math.nan


def _note(problems: list[str], number: int, column: str, said: str, allowed: str) -> None:
    problems.append(problem(f"moments row {number} column {column}", said, allowed))


def _moment(name: str, kept: float, target: float, weight: float, n: int | None, confidence: float) -> Moment:
    low, high = (None, None) if n is None else wilson(kept * n, n, confidence=confidence)
    reached = None
    if n is not None:
        hits = float(round(kept * n))
        nothing = math.nan
        counted = Measure(
            name, "", kept, hits, float(n), float(n), "1", "higher", "process", nothing, nothing, nothing, 0
        )
        reached = chance(counted, at_least=target, at_most=math.inf).low
    return Moment(name, kept, target, weight, n, low, high, kept >= target, reached)


def _around(rows: tuple[Moment, ...], total: float) -> tuple[float | None, float | None]:
    """Interval of the weighted sum, moments taken as independent; None unless every moment has one.

    Source
    ------
    Zou and Donner (2008), Construction of confidence limits about effect measures: a general approach (MOVER).
    """
    if any(row.low is None or row.high is None for row in rows):
        return None, None
    below = [row.weight * (row.kept - row.low) for row in rows if row.low is not None]
    above = [row.weight * (row.high - row.kept) for row in rows if row.high is not None]
    return max(total - math.hypot(*below), 0.0), min(total + math.hypot(*above), 1.0)
