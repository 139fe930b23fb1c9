"""Why a score changed and what it is made of, as tables and sentences: drivers, survey, groups, units of facts.

Above 300 lines because all tables and sentences on why a score changed share their names of lines and scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from cxsim.designs.explanations import COVERAGE, FELT, SELECTION, TOTAL, WHO_COMES, main_lines
from cxsim.reports.tables import (
    MISSING,
    Cell,
    Row,
    Table,
    digits_for,
    is_missing,
    labelled,
    name_of,
    records,
    shown,
    shown_difference,
    words,
)

NO_CHANGE: Final = "no change in any replication"
LINES: Final = {
    "wait": "waiting",
    "transfer": "transfers",
    "repeated_information": "telling it again",
    "hold": "time on hold",
    "agent": "quality of the agents met",
    "unresolved": "needs not met",
    "repeat": "repeat contacts",
    "abandonment": "attempts in vain",
    "failed_self_service": "failed self-service",
    "switch": "changes of channel",
    "elapsed": "time to resolution",
    "expectation": "expectations",
    WHO_COMES: "who comes",
    FELT: "what all customers felt",
    SELECTION: "who answers (selection)",
    COVERAGE: "who can be asked (coverage)",
    "other_cases": "cases of one scenario only",
    "margin": "margin and cost to serve",
    TOTAL: "in all",
}
# Scores as columns: their heading, and the unit of their changes.
SCORES: Final = {
    "top_two": "Satisfied (4 or 5 of 5)",
    "ease": "Effort score (1 to 7, 7 easy)",
    "net_promoter_score": "Net promoter score",
    "lifetime_value": "Lifetime value a customer",
}
MOST_GROUPS: Final = 3
MOST_METRICS: Final = 6


def line_name(line: str) -> str:
    """A line in words."""
    return LINES.get(line, labelled(line))


def part_of_score(value: float, unit: str, *, digits: int | None = None) -> str:
    """A part of a score with its sign; of shares in percentage points with two decimals, for parts are small."""
    return shown_difference(value, unit, digits=2 if unit == "1" else digits)


def ends_of_part(low: float, high: float, unit: str, *, digits: int | None = None) -> str:
    """The interval of a part, or nothing where it has none."""
    if is_missing(low) or is_missing(high):
        return ""
    first, last = (part_of_score(end, unit, digits=digits) for end in (low, high))
    return f"{first.partition(' ')[0]} to {last}"


def _change(row: Row | None, digits: Mapping[str, int] | None = None) -> Cell:
    """A change with its interval; decimals by score, so that a column has as many in each of its rows."""
    if row is None or is_missing(row["value"]):
        return Cell(MISSING)
    if row["value"] == 0.0 and "zero_variance" in str(row.get("flags", "")):
        return Cell(NO_CHANGE)
    unit, kept = row["unit"], None if digits is None else digits.get(row.get("score", ""))
    span = ends_of_part(row["low"], row["high"], unit, digits=kept)
    if span and not any(digit in span for digit in "123456789"):
        return Cell("next to none")
    return Cell(part_of_score(row["value"], unit, digits=kept), span)


def _digits(of: Mapping[tuple[str, str], Row]) -> dict[str, int]:
    """Decimals of each score: one more than the widest interval of its lines asks for."""
    found: dict[str, int] = {}
    for score in {key[0] for key in of}:
        rows = [row for key, row in of.items() if key[0] == score and not is_missing(row["low"])]
        widest = max((float(row["high"] - row["low"]) for row in rows), default=0.0)
        needed = digits_for(0.0, widest / 10.0, rows[0]["unit"]) if rows else None
        if needed is not None:
            found[score] = needed
    return found


def _part(table: pd.DataFrame, scenario: str, part: str) -> dict[tuple[str, str], Row]:
    """Rows of one part by (score, line)."""
    if table.empty:
        return {}
    here = table[(table["scenario"] == scenario) & (table["part"] == part)]
    return {(row["score"], row["line"]): row for row in records(here)}


def change_table(table: pd.DataFrame, *, scenario: str) -> Table | None:
    """Lines of a change against scores, the largest first, the total last; lines that do nothing are left out."""
    of = _part(table, scenario, "change")
    scores = [score for score in SCORES if (score, TOTAL) in of]
    if not scores:
        return None
    seen = list(main_lines(table, scenario=scenario, part="change", score=scores[0], most=99)["line"])
    digits = _digits(of)
    others = [line for key, row in of.items() if (line := key[1]) != TOTAL and abs(row["value"]) > 1e-12]
    rows = [
        (words(line_name(line)), *(_change(of.get((score, line)), digits) for score in scores))
        for line in [*dict.fromkeys([*seen, *others]), TOTAL]
    ]
    note = (
        "Each line is that driver's part of the change between the same customers in both scenarios (Aumann-Shapley "
        "along the straight path); the parts add up to the total exactly. Small print: interval over replications."
    )
    return Table(("Driver", *(SCORES[score] for score in scores)), tuple(rows), note)


def survey_table(table: pd.DataFrame, *, scenario: str) -> Table | None:
    """From the change of all customers to the change that a survey shows."""
    of = _part(table, scenario, "surveyed")
    if not of:
        return None
    lines = [line for line in (FELT, SELECTION, COVERAGE, WHO_COMES) if abs(of["top_two", line]["value"]) > 1e-12]
    rows = [(words(line_name(line)), _change(of["top_two", line])) for line in lines]
    rows.append((words("what the survey shows"), _change(of["top_two", TOTAL])))
    return Table(("Satisfied (4 or 5 of 5)", "Change"), tuple(rows), "Expected over who answers; adds up exactly.")


def _possible(row: Row | None) -> Row | None:
    """A slope of a share; beyond 100 points a unit it says only that nobody came near a unit."""
    return row if row is not None and not is_missing(row["value"]) and abs(row["value"]) <= 1.0 else None


def groups_table(table: pd.DataFrame, *, scenario: str, part: str) -> Table | None:
    """By contact type and segment: the change (or loss) of satisfaction and the drivers that made most of it.

    part: 'change', against the baseline, or 'level', against a clean journey.
    """
    if table.empty:
        return None
    mine = table[(table["scenario"] == scenario) & table["part"].str.startswith(f"{part} ")]
    rows = []
    for name in dict.fromkeys(mine["part"]):
        column, _, group = str(name).removeprefix(f"{part} ").partition("=")
        lines = main_lines(table, scenario=scenario, part=str(name))
        said = "; ".join(
            f"{line_name(row['line'])} {part_of_score(row['value'], '1')}" for row in records(lines[:MOST_GROUPS])
        )
        whole = Cell(part_of_score(float(lines["value"].sum()), "1"))
        rows.append((words(labelled(column)), words(labelled(group)), whole, words(said or "nothing")))
    head = "Change of satisfied" if part == "change" else "Satisfied: points lost"
    return Table(("By", "Group", head, "Mostly"), tuple(rows)) if rows else None


def level_table(table: pd.DataFrame, *, scenario: str) -> Table | None:
    """What the score of one scenario is made of: points lost by driver, in all and in the worst tenth of journeys."""
    level, worst, regained, variance = (
        _part(table, scenario, part) for part in ("level", "worst_tenth", "regained", "variance")
    )
    if not level:
        return None
    lines = main_lines(table, scenario=scenario, part="level", most=99)["line"]
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        key = ("top_two", line)
        share = variance.get(key)
        rows.append(
            (
                words(line_name(line)),
                _change(level.get(key)),
                _change(worst.get(key)),
                _change(regained.get(key)),
                _change(level.get(("net_promoter_score", line)), _digits(level)),
                Cell(MISSING if share is None else shown(share["value"], "1")),
            )
        )
    rows.append(
        (
            words("score"),
            *(_level(found.get(("top_two", "actual"))) for found in (level, worst)),
            Cell(""),
            _level(level.get(("net_promoter_score", "actual")), shift=-100.0),
            Cell(""),
        )
    )
    heads = (
        "Driver",
        "Satisfied: points",
        "In the worst tenth",
        "To be had back",
        "Net promoter: points",
        "Variance",
    )
    note = (
        "Points against a clean journey, which waits as long as expected and in which nothing goes wrong; they add up "
        "to the distance from the clean score. "
        "To be had back: what satisfaction would gain if what this driver takes away did not happen. Variance: share "
        "of the variance of the satisfaction index."
    )
    return Table(heads, tuple(rows), note)


def _level(row: Row | None, *, shift: float = 0.0) -> Cell:
    return Cell(MISSING) if row is None else Cell(shown(row["value"] + shift, row["unit"]))


def effects_table(table: pd.DataFrame, *, scenario: str, units: dict[str, str]) -> Table | None:
    """What one unit more of each fact does to the scores, beside the straight line through a survey's answers."""
    effect, naive = (_part(table, scenario, part) for part in ("effect", "naive"))
    if not effect:
        return None
    scores = [score for score in SCORES if (score, "wait") in effect]
    rows = [
        (
            words(said),
            *(_change(effect.get((score, fact)), _digits(effect)) for score in scores),
            _change(_possible(naive.get(("top_two", fact)))),
        )
        for fact, said in units.items()
        if (scores[0], fact) in effect
    ]
    note = (
        "What the model does with one unit more, the rest of the journey as it was; the last column is what a straight "
        "line through the answers of the survey suggests, one fact at a time. They differ because bad things come "
        "together, because respondents are not all, and because some facts are never seen by those who answer."
    )
    heads = ("One unit more", *(SCORES[score] for score in scores), "Satisfied, straight line through the survey")
    return Table(heads, tuple(rows), note)


def attribution_table(attribution: pd.DataFrame, *, scenario: str, most: int = MOST_METRICS) -> Table | None:
    """What each setting of a change did to the usual first metrics."""
    mine = records(attribution[attribution["scenario"] == scenario]) if len(attribution) else []
    if not mine:
        return None
    of = {(row["setting"], row["metric"], row["variant"]): row for row in mine}
    metrics = list(dict.fromkeys((row["metric"], row["variant"]) for row in mine))[:most]
    rows = [
        (words(setting), *(_change(of.get((setting, *metric))) for metric in metrics))
        for setting in dict.fromkeys(row["setting"] for row in mine)
    ]
    note = (
        "Each setting is credited with the mean of what it does on top of any of the others (Shapley); the credits add "
        "up to the whole change. All parts of the change were simulated with the same random numbers."
    )
    return Table(("Setting", *(name_of(*metric) for metric in metrics)), tuple(rows), note)


def why_line(table: pd.DataFrame, *, scenario: str) -> str:
    """One sentence on what made a change of satisfaction that is real; empty where it may be chance."""
    of = _part(table, scenario, "change")
    total = of.get(("top_two", TOTAL))
    if total is None or not _clear(total):
        return ""
    parts = []
    clear = [row for row in records(main_lines(table, scenario=scenario, part="change")) if _clear(row)]
    for row in clear[:3]:
        span = ends_of_part(row["low"], row["high"], row["unit"])
        interval = f" [{span}]" if span else ""
        parts.append(f"{line_name(row['line'])} {part_of_score(row['value'], row['unit'])}{interval}")
    if not parts:
        return ""
    return (
        f"Of the {part_of_score(total['value'], '1')} of satisfied customers with '{scenario}': {'; '.join(parts)}; "
        "the same customers in both."
    )


def survey_line(table: pd.DataFrame, *, scenario: str) -> str:
    """One sentence where a survey would show less, more or the opposite of what all customers feel; else empty."""
    of = _part(table, scenario, "surveyed")
    if not of:
        return ""
    felt, total = of["top_two", FELT], of["top_two", TOTAL]
    gap = abs(felt["value"] - total["value"])
    hidden = gap > 0.2 * abs(felt["value"]) and gap >= 0.0005
    lost = [of.get(("top_two", line)) for line in (SELECTION, COVERAGE)]
    if not hidden or not _clear(felt) or not any(row is not None and _clear(row) for row in lost):
        return ""
    span = ends_of_part(total["low"], total["high"], "1")
    return (
        f"A survey would be expected to show {part_of_score(total['value'], '1')} [{span}] where all customers change "
        f"by {part_of_score(felt['value'], '1')}: those who give up are not asked, and who answers changes."
    )


def _clear(row: Row) -> bool:
    """Whether the interval of a line leaves out 0."""
    return not is_missing(row["low"]) and not is_missing(row["high"]) and (row["low"] > 0.0 or row["high"] < 0.0)
