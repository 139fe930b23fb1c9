"""A scorecard as plain lines for a terminal, and values in words a planner reads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxsim.benchmarks.card import Row, Scorecard


def say(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A value with its unit: 0.741 of unit '1' is '74.1%', 11520 s is '3.2 h', None is '-', infinity 'no limit'."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return "no limit"
    sign = "+" if signed else ""
    if unit == "1":
        return f"{100 * value:{sign}.1f}%"
    if unit == "s":
        for size, name in ((3600.0, "h"), (60.0, "min")):
            if abs(value) >= 2 * size:
                return f"{value / size:{sign}.1f} {name}"
        return f"{value:{sign}.1f} s"
    return f"{value:{sign}.2f}"


def as_text(card: Scorecard) -> str:
    """Title, a table of the rows, the total and the notes."""
    head = (
        "metric",
        "value",
        "interval",
        "worst",
        "best",
        "score",
        "weight",
        "points",
        "peers",
        "gap",
        "in %",
        "best in class",
        "gap to it",
        "quartile",
        "rank",
        "target met",
    )
    table = [head, *(_cells(row) for row in card.rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    # A column of which nothing is known is left out.
    kept = [column for column in range(len(head)) if any(row[column] != "-" for row in table[1:])]
    table = [tuple(row[column] for column in kept) for row in table]
    widths = [widths[column] for column in kept]
    lines = [f"{card.title} ({card.profile})", ""]
    for row in table:
        first, rest = (
            row[0].ljust(widths[0]),
            (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        )
        lines.append("  ".join([first, *rest]).rstrip())
    ends = "" if card.low is None or card.high is None else f" ({100 * card.low:.1f} to {100 * card.high:.1f})"
    lines += ["", f"Total {100 * card.total:.1f} of 100{ends}", *(f"- {note}" for note in card.notes)]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    """One row of the table; '-' is not known."""
    unit = row.unit
    ends = "-" if row.low is None else f"{say(row.low, unit)} to {say(row.high, unit)}"
    quartile = "-" if row.performance_quartile is None else f"{row.performance_quartile} of 4"
    met = "-" if row.probability_of_target is None else f"{row.probability_of_target:.0%}"
    return (
        f"{row.metric}:{row.variant}",
        say(row.value, unit),
        ends,
        " or ".join(say(value, unit) for value in row.worst),
        " to ".join(say(value, unit) for value in row.best),
        f"{100 * row.score:.1f}",
        f"{row.share:.1%}",
        f"{100 * row.balanced:.1f}",
        say(row.peer, unit),
        say(row.gap_to_peer, unit, signed=True),
        "-" if row.relative_gap_to_peer is None else f"{row.relative_gap_to_peer:+.0%}",
        say(row.best_in_class, unit),
        say(row.gap_to_best_in_class, unit, signed=True),
        quartile,
        row.place or "-",
        met,
    )
