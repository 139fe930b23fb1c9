"""What a change changed, in words and in a table; settings of a sweep; steps of cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from cxsim.printed import shown_p
from cxsim.reports.tables import (
    MISSING,
    Cell,
    Row,
    Table,
    estimate_cell,
    headlines,
    is_missing,
    labelled,
    name_of,
    records,
    rows_of,
    shown,
    shown_interval,
    shown_with_interval,
    split_primary,
    words,
)

SAME: Final = ("equivalent", "unresolved")
NO_CHANGE: Final = ("no change", "in any replication")
LEAVES: Final = "leaves"


def is_primary(row: Row, primary: str) -> bool:
    """Whether a row is the declared primary metric, which needs no correction for the number of comparisons."""
    metric, variant = split_primary(primary)
    return bool(row["metric"] == metric and variant in (None, row["variant"]))


def is_real(row: Row, *, primary: str = "") -> bool:
    """Whether a difference [row of Findings.differences] stands: clear of 0, and after Holm where it is adjusted."""
    if row["outcome"] in SAME:
        return False
    adjusted = row.get("p_holm")
    if adjusted is None or is_missing(adjusted) or is_primary(row, primary):
        return True
    return bool(adjusted <= 1.0 - float(row["level"]))


def direction(row: Row, *, primary: str = "") -> str:
    """'better', 'worse', 'higher', 'lower' (no direction is better) or 'same'."""
    if not is_real(row, primary=primary):
        return "same"
    up = row["outcome"] == "above"
    if row["better"] not in ("higher", "lower"):
        return "higher" if up else "lower"
    return "better" if up == (row["better"] == "higher") else "worse"


def verdict_of(row: Row, *, primary: str = "") -> tuple[str, str]:
    """The plain verdict on one difference, and the reason where there is no real one."""
    if is_missing(row["difference"]):
        return "unknown", "nothing was observed in one of the two"
    if is_real(row, primary=primary):
        return direction(row, primary=primary), ""
    if row["outcome"] == "equivalent":
        same = row["difference"] == 0
        return "no real difference", "no change in any replication" if same else "smaller than the margin"
    if row["outcome"] == "unresolved":
        return "no real difference shown", "no interval" if is_missing(row["low"]) else "the interval holds 0"
    return "no real difference shown", "the interval leaves out 0, but not after Holm's adjustment"


def never_changes(row: Row) -> bool:
    """Whether a metric came out the same in every replication of both scenarios."""
    return bool(row["difference"] == 0.0 and row["outcome"] == "equivalent" and is_missing(row["low"]))


def change_texts(row: Row) -> tuple[str, str]:
    """A difference and its interval as texts; words instead of zeros where nothing changed at all."""
    if never_changes(row):
        return NO_CHANGE
    return shown_with_interval(row["difference"], row["low"], row["high"], row["unit"], difference=True)


def _row_cells(row: Row, *, primary: str) -> tuple[Cell, ...]:
    unit = row["unit"]
    change, span = change_texts(row)
    ratio, (said, why) = row.get("variance_ratio"), verdict_of(row, primary=primary)
    return (
        Cell(shown(row["base"], unit)),
        Cell(shown(row["value"], unit)),
        Cell(change, "" if span == MISSING else span),
        Cell(shown_p(row.get("p_value"))),
        Cell(shown_p(row.get("p_holm"))),
        Cell(MISSING if ratio is None or is_missing(ratio) else f"{ratio:,.1f}" if ratio < 100 else f"{ratio:,.0f}"),
        Cell(said, why, number=False),
    )


def differences_table(
    differences: pd.DataFrame, *, scenario: str, base: str, primary: str = "", part: str = "first"
) -> Table:
    """Metrics of the whole: base, changed, difference with interval, p-values, variance ratio and verdict.

    part: 'first', the primary metric, the usual first ones and all that are adjusted by Holm; or 'rest', the others.
    """
    whole = rows_of(differences, "", scenario=scenario)
    found = {(row["metric"], row["variant"]): row for row in records(whole)}
    adjusted = [key for key, row in found.items() if not is_missing(row.get("p_holm"))]
    first = list(dict.fromkeys([*headlines(whole, primary=primary), *adjusted]))
    order = first if part == "first" else [key for key in found if key not in first]
    rows = []
    for key in order:
        row = found[key]
        numbers = [row[column] for column in ("base", "value", "difference")]
        # Neither what nobody has nor what never happens tells of a change.
        if all(is_missing(number) for number in numbers) or not any(numbers):
            continue
        name = words(name_of(*key) + (" [primary]" if primary and is_primary(row, primary) else ""))
        rows.append((name, *_row_cells(row, primary=primary)))
    heads = ("Metric (variant)", base, scenario, "Difference", "p", "p (Holm)", "Variance ratio", "Verdict")
    note = (
        "Paired by replication under common random numbers; small print: interval of the difference; pp: percentage "
        "points. p (Holm): adjusted together over the confirmatory metrics; the others are exploratory. Variance "
        "ratio: how many times larger the variance of the difference would be without common random numbers."
    )
    return Table(heads, tuple(rows), note)


def settings_table(
    estimates: pd.DataFrame, *, parameters: Sequence[str], primary: str = "", n_metrics: int = 6
) -> Table:
    """One row a setting of a sweep, the primary and the usual first metrics with intervals in columns."""
    whole = rows_of(estimates, "")
    metrics = headlines(whole, primary=primary)[:n_metrics]
    rows = []
    for label in dict.fromkeys(whole["scenario"]):
        mine = whole[whole["scenario"] == label]
        of = {(row["metric"], row["variant"]): row for row in records(mine)}
        settings = tuple(Cell(f"{mine[name].iloc[0]}") for name in parameters)
        rows.append((*settings, *(estimate_cell(of.get(metric)) for metric in metrics)))
    return Table((*parameters, *(name_of(*metric) for metric in metrics)), tuple(rows))


def steps_of(estimates: pd.DataFrame, *, scenario: str) -> list[Row]:
    """Steps of cases: touchpoint, outcome, following, how, value (mean number a replication), low, high."""
    found = []
    for row in records(rows_of(estimates, "flow", scenario=scenario)):
        touchpoint, outcome, following, how = str(row["group"]).split("|")
        found.append({**row, "touchpoint": touchpoint, "outcome": outcome, "following": following, "how": how})
    return found


def what_follows(step: Row) -> str:
    """What a step ends in, in words: 'resolved, done', 'abandoned, comes back to phone'."""
    if step["following"] == LEAVES:
        ends = {
            "resolved": "resolved, done",
            "unfinished": "unfinished at the end",
            "unreached": "unreached, given up",
        }
        return ends.get(step["outcome"], f"{labelled(step['outcome'])}, gives up")
    if step["how"] == "transfer":
        return f"{labelled(step['outcome'])}, passed on to {labelled(step['following'])}"
    if step["outcome"] == "unreached":
        return f"unreached, goes on at {labelled(step['following'])}"
    return f"{labelled(step['outcome'])}, comes back at {labelled(step['following'])}"


def steps_table(estimates: pd.DataFrame, *, scenario: str) -> Table | None:
    """Where cases go: for each touchpoint what follows, how often, and its share of the visits there as a bar."""
    steps = steps_of(estimates, scenario=scenario)
    if not steps:
        return None
    rows = []
    for touchpoint in dict.fromkeys(step["touchpoint"] for step in steps):
        mine = [step for step in steps if step["touchpoint"] == touchpoint]
        visits = sum(step["value"] for step in mine)
        for place, step in enumerate(sorted(mine, key=lambda step: -step["value"])):
            share = step["value"] / visits if visits > 0 else 0.0
            # A number of visits is not below 0, whatever a symmetric interval says.
            span = shown_interval(max(step["low"], 0.0), step["high"], "")
            first = words(labelled(touchpoint)) if place == 0 else words("")
            number = Cell(shown(step["value"], ""), "" if span == MISSING else span)
            rows.append((first, words(what_follows(step)), number, Cell(shown(share, "1"), bar=share)))
    note = "Visits: mean number a replication. A case that comes back is counted at each visit."
    return Table(("Touchpoint", "What follows", "Visits", "Share of visits here"), tuple(rows), note)
