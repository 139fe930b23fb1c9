"""Moments of truth: what the customer asks, the goal, whether it was kept, and what is at stake where it was not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from cxsim.reports.tables import (
    MISSING,
    Cell,
    Row,
    Table,
    estimate_cell,
    is_missing,
    labelled,
    records,
    rows_of,
    shown,
    shown_difference,
    shown_interval,
    words,
)
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import NUMBERS, Goal

# Which counters of a moment stand in which columns; the first three have their interval in columns of their own.
MEASURED: Final = {
    "journeys_kept": ("moment_kept", None),
    "points": ("moment_points", "top_two"),
    "money": ("moment_money", "case"),
    "journeys_met": ("moment_met", None),
    "nps": ("moment_nps", "all"),
    "money_total": ("moment_money", "total"),
}
WITH_INTERVAL: Final = ("journeys_kept", "points", "money")
COLUMNS: Final = (
    "scenario", "goal", "asks", "meaning", "target", "value", "low", "high", "status", "unit", "weight", "importance",
    *MEASURED, *(f"{name}_{end}" for name in WITH_INTERVAL for end in ("low", "high")), "without_stake",
)  # fmt: skip
SIGNS: Final = {"kept": "\u2713 kept", "missed": "\u2717 missed", "unsure": "? unsure"}
NOTE: Final = (
    "Goal kept: the whole interval of what it measures reaches the target; missed: none of it; unsure: the target lies "
    "inside it. Journeys: share of all that meet the moment, and of these the share that found it kept every time. At "
    "stake: what would be gained had each journey that missed the moment kept it and nothing else been otherwise; "
    "points of satisfaction (4 or 5 of 5) and of the net promoter score, of all customers; money is expected lifetime "
    "value, of customers with a margin, by case and over the time simulated; below 0 where serving costs more than the "
    "margin brings. A journey can miss several moments, so that stakes do not add up."
)
NOTES: Final = {
    "segment": "Points are those of the segment's own score.",
    "touchpoint": (
        "Had the moment been kept at this touchpoint; points are of the score of all. Times to resolution, contacts "
        "and resolved are told apart by where the journey began."
    ),
}


def goal_table(estimates: pd.DataFrame, scenarios: Mapping[str, Scenario]) -> pd.DataFrame:
    """Moments of truth and bounds of every scenario, what is most at stake first.

    Returns
    -------
    DataFrame
        COLUMNS. Kept or missed when the interval is clear of the target. `value` is of the goal as it is stated: a
        share of contacts or journeys, or a metric; `journeys_kept` of journeys. Where nothing can be at stake the
        numbers are missing and `without_stake` says why.
    """
    rows = []
    for label, scenario in scenarios.items():
        mine = estimates[estimates["scenario"] == label]
        goals = mine[mine["by"] == "goal"].set_index("group")
        moments = {(row["group"], row["metric"], row["variant"]): row for row in records(rows_of(mine, "moment"))}
        own = [
            {"scenario": label, **_against_target(name, goal, goals), **_at_stake(name, goal, moments)}
            for name, goal in scenario.model.goals.items()
            if name in goals.index
        ]
        rows += sorted(own, key=_size)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _against_target(name: str, goal: Goal, goals: pd.DataFrame) -> Row:
    """What the goal measures, and whether it is reached."""
    found = goals.loc[[name]].iloc[0].to_dict()
    value, low, high = (float(found[column]) for column in ("value", "low", "high"))
    status = _status(goal, value=value, low=low, high=high)
    if math.isnan(low) and math.isnan(high) and not _enough(found):
        status = "unsure"
    about = {"goal": name, "asks": goal.asks or "", "meaning": _meaning(goal), "target": target_of(goal)}
    weights = {"weight": goal.weight, "importance": 1.0 if goal.importance is None else goal.importance}
    return {**about, "value": value, "low": low, "high": high, "status": status, "unit": found["unit"], **weights}


def _at_stake(name: str, goal: Goal, moments: Mapping[tuple[str, str, str], Row]) -> Row:
    """What the journeys show, and why it may be nothing."""
    found = {column: moments.get((name, key, part or goal.measure)) for column, (key, part) in MEASURED.items()}
    row: Row = {column: math.nan if hit is None else float(hit["value"]) for column, hit in found.items()}
    for column in WITH_INTERVAL:
        hit = found[column]
        row |= {f"{column}_{end}": math.nan if hit is None else float(hit[end]) for end in ("low", "high")}
    if goal.share is None:
        reason = "no stake, since no journey keeps or misses a bound on the whole"
    elif found["journeys_met"] is None:
        reason = "no stake, since feelings were not asked for"
    elif found["points"] is None:
        reason = "no stake, since nobody feels it"
    else:
        reason = "no money, since no customer has a margin" if found["money"] is None else ""
    return {**row, "without_stake": reason}


def _size(row: Row) -> tuple[float, float]:
    """By money, else by points, the largest first; what has neither comes last."""
    return tuple(math.inf if math.isnan(row[name]) else -row[name] for name in ("money", "points"))  # type: ignore[return-value]


def target_of(goal: Goal) -> float:
    """The number that is to be reached or not exceeded."""
    return next(t for t in (goal.share, goal.no_more_than, goal.no_less_than) if t is not None)


def _meaning(goal: Goal) -> str:
    words = goal.measure.replace("_", " ").replace(":", ", ")
    if goal.within is not None:
        words += f", at most {goal.within:g}," if goal.measure in NUMBERS else f" within {shown(goal.within, 's')}"
    for place, name in (("at", goal.touchpoint), ("for", goal.contact_type), ("of", goal.segment)):
        words += f" {place} {name}" if name else ""
    return words.rstrip(",") + (", no more than" if goal.no_more_than is not None else ", at least")


def _status(goal: Goal, *, value: float, low: float, high: float) -> str:
    """An end of the interval that is not known does not decide against what the value says."""
    target = target_of(goal)
    if goal.no_more_than is not None:
        value, low, high, target = -value, -high, -low, -target
    if value >= target:
        return "unsure" if low < target else "kept"
    if value < target:
        return "unsure" if high >= target else "missed"
    return "unsure"


def _enough(found: Mapping[Any, Any]) -> bool:
    """Whether replications that all said the same are so many that their sign test holds."""
    return 0.5 ** int(found["replications"]) <= (1.0 - float(found["level"])) / 2.0


def goals_table(goals: pd.DataFrame, *, labels: Sequence[str], differences: pd.DataFrame | None = None) -> Table | None:
    """Moments of truth for reading, those of all scenarios under each other in the order of the first.

    Parameters
    ----------
    goals : DataFrame
        From `goal_table`.
    labels : sequence of str
        Scenarios, the first is what others are held against.
    differences : DataFrame, optional
        Paired; the change of what is at stake stands beside each changed scenario.
    """
    if goals.empty:
        return None
    order = list(dict.fromkeys(goals["goal"]))
    found = sorted(records(goals), key=lambda row: order.index(row["goal"]))
    several, change, said = len(labels) > 1, _changes(differences), set()
    rows = []
    for row in found:
        cells = [*_words_of(row, again=row["goal"] in said), estimate_cell({**row, "flags": ""})]
        # Narrow as it is, a status does not break.
        cells += [Cell(SIGNS[str(row["status"])]), *_stake_cells(row)]
        said.add(row["goal"])
        if several:
            cells.insert(1, words(str(row["scenario"])))
            cells.append(change.get((row["scenario"], row["goal"]), Cell(MISSING)))
        rows.append(tuple(cells))
    heads = ("Moment", *(("Scenario",) if several else ()), "The customer asks", "Goal", "Reached", "Status")
    stakes = ("Journeys", "Points at stake", "Net promoter points", "Money at stake")
    last = (f"Points, against {labels[0]}",) if several else ()
    return Table((*heads, *stakes, *last), tuple(rows), f"{NOTE}{_gaps(found)}")


def _words_of(row: Row, *, again: bool) -> tuple[Cell, ...]:
    """Name, question and goal; said once where several scenarios have the moment."""
    name = Cell(labelled(str(row["goal"])), "" if again else _weights(row), number=False)
    if again:
        return name, words(""), words("")
    unit = str(row["unit"])
    target = shown(row["target"], unit) if isinstance(row["target"], (int, float)) else str(row["target"])
    asks = f"\u201c{row['asks']}\u201d" if row["asks"] else MISSING
    return name, words(asks), words(f"{labelled(str(row['meaning']))} {target}")


def _gaps(found: Sequence[Row]) -> str:
    """Why some moments have nothing at stake, each reason once."""
    why: dict[str, list[str]] = {}
    for row in found:
        if row["without_stake"]:
            names = why.setdefault(str(row["without_stake"]), [])
            names += [labelled(str(row["goal"]))] if labelled(str(row["goal"])) not in names else []
    return "".join(f" At {', '.join(names)}: {reason}." for reason, names in why.items())


def _weights(row: Row) -> str:
    """Weight and importance where the scenario gives another than 1."""
    weight = "" if row["weight"] == 1.0 else f"weight {row['weight']:g}"
    importance = "" if row["importance"] == 1.0 else f"losses count {row['importance']:g} times"
    return "; ".join(part for part in (weight, importance) if part)


def _stake_cells(row: Row) -> tuple[Cell, ...]:
    """Journeys, points, net promoter points and money; the note below the table says why one is missing."""
    money = Cell(MISSING)
    if not is_missing(row["money"]):
        money = Cell(shown(row["money"], "money/case", digits=2), f"{shown(row['money_total'], 'money')} in all")
    return (
        Cell(MISSING) if is_missing(row["journeys_met"]) else _journeys_cell(row),
        Cell(shown(row["points"], "", digits=2), _span(row["points_low"], row["points_high"])),
        Cell(shown(row["nps"], "", digits=2)),
        money,
    )


def _journeys_cell(row: Row) -> Cell:
    return Cell(shown(row["journeys_met"], "1"), f"{shown(row['journeys_kept'], '1')} kept")


def _span(low: float, high: float) -> str:
    return "" if is_missing(low) or is_missing(high) else shown_interval(low, high, "", digits=2)


def _changes(differences: pd.DataFrame | None) -> dict[tuple[Any, Any], Cell]:
    """Change of the points at stake, by scenario and moment."""
    if differences is None:
        return {}
    mine = rows_of(differences, "moment")
    return {
        (row["scenario"], row["group"]): Cell(
            shown_difference(row["difference"], "", digits=2),
            "" if is_missing(row["low"]) else shown_interval(row["low"], row["high"], "", difference=True, digits=2),
        )
        for row in records(mine[mine["metric"] == "moment_points"])
    }


def parts_table(estimates: pd.DataFrame, *, part: str, labels: Sequence[str]) -> Table | None:
    """What is at stake at each moment by segment or by touchpoint.

    Parameters
    ----------
    estimates : DataFrame
        As of Findings.
    part : str
        'segment' (each segment's own satisfaction) or 'touchpoint' (its share of the satisfaction of all).
    labels : sequence of str
        Scenarios to show.
    """
    by = "moment" if part == "segment" else "moment_touchpoint"
    mine = rows_of(estimates, by)
    mine = mine[mine["group"].str.contains("|", regex=False) & mine["scenario"].isin(list(labels))]
    if mine.empty:
        return None
    of = {(row["scenario"], row["group"], row["metric"], row["variant"]): row for row in records(mine)}
    rows = []
    for group in dict.fromkeys(mine["group"]):
        moment, _, name = str(group).partition("|")
        for label in labels:
            found = [_of_part(of, (label, group), key, which) for key, which in MEASURED.values()]
            kept, points, money, met, nps, total = found
            if met is None:
                continue
            cells = [words(labelled(moment)), words(labelled(name)), *([words(label)] if len(labels) > 1 else [])]
            cells += [Cell(shown(met["value"], "1")), estimate_cell(kept)]
            for row in (points, nps):
                low, high = (math.nan, math.nan) if row is None else (row["low"], row["high"])
                cells.append(
                    Cell(MISSING) if row is None else Cell(shown(row["value"], "", digits=2), _span(low, high))
                )
            in_all = "" if total is None else f"{shown(total['value'], 'money')} in all"
            cells.append(
                Cell(MISSING) if money is None else Cell(shown(money["value"], "money/case", digits=2), in_all)
            )
            rows.append(tuple(cells))
    heads = ("Moment", part.capitalize(), *(("Scenario",) if len(labels) > 1 else ()), "Journeys that meet it")
    return Table(
        (*heads, "Kept by", "Points at stake", "Net promoter points", "Money at stake"), tuple(rows), NOTES[part]
    )


def _of_part(
    of: Mapping[tuple[str, str, str, str], Row], place: tuple[str, str], metric: str, variant: str | None
) -> Row | None:
    """The row of a counter in a part of a moment, whatever its measure is called where none is named."""
    if variant is not None:
        return of.get((*place, metric, variant))
    return next((row for key, row in of.items() if key[:3] == (*place, metric)), None)
