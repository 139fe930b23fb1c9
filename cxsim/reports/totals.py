"""Totals of scorecards against the first one: paired differences, replication by replication."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from cxsim.benchmarks.card import Scorecard
from cxsim.designs.compare import paired_difference
from cxsim.designs.looks import judge
from cxsim.reports.tables import MISSING, Cell, Table, is_missing, records, words

COLUMNS: Final = (
    "scenario", "against", "base", "value", "difference", "low", "high", "level", "p_value", "replications", "verdict",
    "note",
)  # fmt: skip
BETTER, WORSE, SAME, OPEN = "better", "worse", "no real difference", "no real difference shown"
OTHER_METRICS: Final = "not the same metrics are scored on both, so the totals stand for different things"
UNPAIRED: Final = "no interval: fewer than two replications in which every metric has a value"
NOTE: Final = (
    "Of 100. The difference is taken replication by replication, in which both scenarios serve the same customers; so "
    "its interval is its own and does not follow from those of the two totals."
)


def total_differences(cards: Mapping[str, Scorecard]) -> pd.DataFrame:
    """How far the total of every other scorecard lies from that of the first.

    Parameters
    ----------
    cards : mapping of label to Scorecard
        Replications of the same number ran with the same random numbers in all of them.

    Returns
    -------
    DataFrame
        scenario, against, base, value, difference, low, high [shares of 1], level, p_value, replications, verdict
        (better, worse, no real difference, no real difference shown), note: why there is no interval, or what the
        difference does not say. The difference is that of the two totals; its interval has the width of the paired
        differences of the totals of single replications.
    """
    rows: list[tuple[Any, ...]] = []
    labels = list(cards)
    for label in labels[1:]:
        first, card = cards[labels[0]], cards[label]
        rows.append((label, labels[0], first.total, card.total, *_difference(card, first)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _difference(card: Scorecard, first: Scorecard) -> tuple[Any, ...]:
    """Difference, low, high, level, p-value, replications, verdict and note."""
    before, after = dict(first.replicated), dict(card.replicated)
    both = [number for number in before if number in after]
    change = card.total - first.total
    said = [] if _scored(card) == _scored(first) else [OTHER_METRICS]
    if len(both) < 2:
        nan = math.nan
        return (change, nan, nan, card.confidence, nan, len(both), OPEN, "; ".join([UNPAIRED, *said]))
    found = paired_difference(
        np.array([after[number] for number in both]),
        base=np.array([before[number] for number in both]),
        level=card.confidence,
    )
    half = found.interval.half_width
    if math.isnan(half):
        same = found.interval.value == 0.0
        # Two or three that agree may do so by chance.
        sure = judge(found.interval) != "unresolved"
        verdict = OPEN if not sure else SAME if same else BETTER if change > 0.0 else WORSE
        said = ["no change in any replication" if same else "the same difference in every replication", *said]
        return (change, math.nan, math.nan, card.confidence, math.nan, len(both), verdict, "; ".join(said))
    low, high = change - half, change + half
    verdict = BETTER if low > 0.0 else WORSE if high < 0.0 else OPEN
    return (change, low, high, card.confidence, found.p_value, len(both), verdict, "; ".join(said))


def _scored(card: Scorecard) -> set[tuple[str, str]]:
    return {(row.metric, row.variant) for row in card.rows}


def totals_table(cards: Mapping[str, Scorecard], *, paired: bool) -> Table | None:
    """Totals of several scorecards with intervals, and where they are paired the differences to the first.

    Parameters
    ----------
    cards : mapping of label to Scorecard
    paired : bool
        Whether equal numbers of replications mean equal random numbers.
    """
    if len(cards) < 2:
        return None
    differences = {row["scenario"]: row for row in records(total_differences(cards))} if paired else {}
    rows = []
    for label, card in cards.items():
        span = "" if card.low is None or card.high is None else f"{_points(card.low)} to {_points(card.high)}"
        total = (words(label), Cell(_points(card.total), f"{span}{card.basis}", bar=card.total))
        rows.append((*total, *_change_cells(differences.get(label))) if paired else total)
    first = next(iter(cards))
    heads = ("Scenario", "Total", f"Difference to {first}", "Verdict") if paired else ("Scenario", "Total")
    return Table(heads, tuple(rows), NOTE if paired else "Of 100.")


def _change_cells(row: dict[str, Any] | None) -> tuple[Cell, Cell]:
    if row is None:
        return Cell(MISSING), words(MISSING)
    span = "" if is_missing(row["low"]) else f"{signed_points(row['low'])} to {signed_points(row['high'])}"
    return Cell(signed_points(row["difference"]), span), Cell(row["verdict"], row["note"], number=False)


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


def signed_points(share: float) -> str:
    """A difference of totals [share of 1] in points of 100, with its sign: '+1.2'."""
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")
