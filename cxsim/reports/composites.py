"""Several metrics in one number, side by side: balanced scorecard, triad of experience, moments of truth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxsim.benchmarks.card import Scorecard
from cxsim.benchmarks.moments import moments_score
from cxsim.benchmarks.profile import Profile
from cxsim.benchmarks.triad import TRIAD, triad
from cxsim.reports.notes import said_once
from cxsim.reports.tables import MISSING, Cell, Table, is_missing, records, shown, shown_interval, words

NOTES_APART: Final = " | "
SCORES: Final = {
    "balanced": "Balanced scorecard",
    "triad": "Satisfaction, effort, recommendation",
    "moments": "Moments of truth kept",
}
NOTE: Final = (
    "Each from 0 to 100. The triad gives a third each to satisfaction, effort score and net promoter score, between "
    "the 10th and 90th percentile of the peers, or the ends of the scale where no percentiles are published. Moments "
    "of truth: share kept, by the weights of the scenario."
)


def composites_table(
    cards: Mapping[str, Scorecard],
    estimates: pd.DataFrame,
    goals: pd.DataFrame,
    *,
    profile: Profile | None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Composite scores of every scenario.

    Returns
    -------
    DataFrame
        scenario, score (of SCORES), value [share of 1], low, high, notes; what cannot be had is not there.
    """
    rows: list[tuple[Any, ...]] = []
    whole = estimates[estimates["by"] == ""] if len(estimates) else estimates
    for label, card in cards.items():
        rows.append((label, "balanced", card.total, card.low, card.high, ""))
        mine = whole[(whole["scenario"] == label) & whole["metric"].isin(TRIAD)].drop(columns=["scenario", "by"])
        if profile is not None and mine["value"].notna().any():
            found = triad(mine[mine["value"].notna()], profile=profile, confidence=level)
            rows.append((label, "triad", found.total, found.low, found.high, NOTES_APART.join(found.notes)))
    for label in dict.fromkeys(goals["scenario"]) if len(goals) else ():
        kept = goals[(goals["scenario"] == label) & (goals["unit"] == "1") & goals["journeys_kept"].notna()]
        if len(kept):
            table = kept.rename(columns={"goal": "moment"}).assign(kept=kept["journeys_kept"])
            card_of_moments = moments_score(table[["moment", "kept", "target", "weight"]])
            ends = _spread(kept, card_of_moments.pass_rate)
            rows.append((label, "moments", card_of_moments.pass_rate, *ends, ""))
    return pd.DataFrame(rows, columns=["scenario", "score", "value", "low", "high", "notes"])


def _spread(kept: pd.DataFrame, pass_rate: float) -> tuple[float, float]:
    """Ends of the weighted share kept if all moments move together, which they mostly do: a wide interval."""
    weights = kept["weight"] / kept["weight"].sum()
    below = (weights * (kept["journeys_kept"] - kept["journeys_kept_low"])).sum(skipna=False)
    above = (weights * (kept["journeys_kept_high"] - kept["journeys_kept"])).sum(skipna=False)
    if math.isnan(below) or math.isnan(above):
        return math.nan, math.nan
    return max(0.0, pass_rate - below), min(1.0, pass_rate + above)


def composites_shown(composites: pd.DataFrame, *, without: str = "") -> Table | None:
    """One row a scenario, one column a composite score, for page and terminal; one of them may be left out."""
    if composites.empty:
        return None
    of = {(row["scenario"], row["score"]): row for row in records(composites)}
    seen = [name for name in SCORES if name in set(composites["score"]) and name != without]
    if not seen:
        return None
    rows = []
    for label in dict.fromkeys(composites["scenario"]):
        cells = []
        for name in seen:
            row = of.get((label, name))
            if row is None or is_missing(row["value"]):
                cells.append(Cell(MISSING))
                continue
            span = shown_interval(row["low"], row["high"], "1").replace("%", "")
            cells.append(Cell(shown(row["value"], "1").removesuffix("%"), "" if span == MISSING else span,
                              bar=row["value"]))  # fmt: skip
        rows.append((words(label), *cells))
    return Table(("Scenario", *(SCORES[name] for name in seen)), tuple(rows), NOTE)


def notes_of_triad(composites: pd.DataFrame) -> list[str]:
    """What must be known of the triad, one sentence or two each; said once, with the scenarios where not of all."""
    if composites.empty:
        return []
    rows = [row for row in records(composites) if row["score"] == "triad"]
    said = [(str(row["scenario"]), note) for row in rows for note in str(row["notes"]).split(NOTES_APART) if note]
    return said_once(said, labels=[str(row["scenario"]) for row in rows])
