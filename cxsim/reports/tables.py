"""Numbers and tables as a reader sees them: one way to print a value, whatever shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

# What prints a table prints its numbers too, and finds both here.
from cxsim.printed import MINUS as MINUS
from cxsim.printed import MISSING as MISSING
from cxsim.printed import digits_for as digits_for
from cxsim.printed import is_missing as is_missing
from cxsim.printed import name_of as name_of
from cxsim.printed import shown as shown
from cxsim.printed import shown_difference as shown_difference
from cxsim.printed import shown_interval as shown_interval
from cxsim.printed import shown_with_interval as shown_with_interval

Row = dict[str, Any]
MOST_COLUMNS: Final = 6
REASONS: Final = {
    "nothing_observed": "nothing observed",
    "not_stated": "not stated: agent counts are net and the scenario gives no shrinkage",
    "single_replication": "one replication",
    "zero_variance": "it does not vary",
    "empty_replications": "nothing observed in some replications",
    "skewness": "too skewed for this number of replications",
    "unbounded": "the interval has no bound",
    "open_below": "no lower bound",
    "open_above": "no upper bound",
}
# What a planner looks at first, where it was measured.
HEADLINES: Final = (
    ("service_level", "strict"),
    ("average_speed_of_answer", "answered"),
    ("abandonment_rate", "all"),
    ("first_response_time", "mean"),
    ("first_contact_resolution", "gross"),
    ("contacts_per_case", "handled"),
    ("resolution_time", "mean"),
    ("customer_satisfaction", "top_two"),
    ("customer_effort_score", "mean"),
    ("net_promoter_score", "all"),
    ("cx_score", "all"),
    ("occupancy", "default"),
    ("cost_per_contact", "default"),
    ("cost_per_resolution", "believed"),
)


class Cell(NamedTuple):
    """One cell: what it says, a second line in small print, and the length of a bar [share of the cell] or None."""

    text: str
    small: str = ""
    bar: float | None = None
    number: bool = True


class Table(NamedTuple):
    """A table ready to print: heads, rows of cells, and a note below it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def words(text: str, *, number: bool = False) -> Cell:
    """A cell of words, to the left."""
    return Cell(text, number=number)


def reasons(flags: object) -> str:
    """Flags of an interval in words; flags are one text, apart by blanks, or several."""
    found: Iterable[object] = ()
    if isinstance(flags, str):
        found = flags.split()
    elif isinstance(flags, Iterable):
        found = flags
    return "; ".join(REASONS.get(str(flag), str(flag).replace("_", " ")) for flag in found)


def labelled(name: str) -> str:
    """A coded name for reading: 'second_line' is 'second line'."""
    return name.replace("_", " ")


def rows_of(table: pd.DataFrame, by: str, *, scenario: str | None = None) -> pd.DataFrame:
    """Rows of one breakdown ('' the whole), of one scenario if named."""
    chosen = table["by"] == by
    if scenario is not None:
        chosen &= table["scenario"] == scenario
    return table[chosen]


def records(table: pd.DataFrame) -> list[Row]:
    """Rows of a table, each a mapping of column to value."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def pick(table: pd.DataFrame, metric: str, variant: str | None = None) -> Row | None:
    """The first row of a metric (and variant), or None."""
    chosen = table["metric"] == metric
    if variant is not None:
        # Settings of the asker's follow the variant: 'strict, within=30'.
        chosen &= (table["variant"] == variant) | table["variant"].str.startswith(f"{variant},")
    found = table[chosen]
    return None if found.empty else records(found.head(1))[0]


def split_primary(primary: str) -> tuple[str, str | None]:
    """Metric and variant of 'metric:variant'."""
    metric, _, variant = primary.partition(":")
    return metric.strip(), variant.strip() or None


def headlines(table: pd.DataFrame, *, primary: str = "") -> list[tuple[str, str]]:
    """Metric and variant of the rows [of the whole] to look at first: the primary, then the usual ones."""
    wanted: list[tuple[str, str | None]] = [split_primary(primary)] if primary else []
    wanted += list(HEADLINES)
    found = [pick(table, *entry) for entry in wanted]
    return list(dict.fromkeys((row["metric"], row["variant"]) for row in found if row and not is_missing(row["value"])))


def estimate_cell(row: Row | None) -> Cell:
    """Value with its interval, or the reason why there is none, in small print."""
    if row is None:
        return Cell(MISSING)
    value, span = shown_with_interval(row["value"], row.get("low"), row.get("high"), row["unit"])
    return Cell(value, span if span != MISSING else reasons(row.get("flags", "")))


def estimates_table(estimates: pd.DataFrame, *, labels: Sequence[str]) -> Table:
    """Every metric of the whole, process before result, one column of values a scenario."""
    whole = rows_of(estimates, "")
    of = {(row["scenario"], row["metric"], row["variant"]): row for row in records(whole)}
    names = whole[["metric", "variant", "kind", "unit", "better"]].drop_duplicates(["metric", "variant"])
    rows = []
    for kind in ("process", "result"):
        for entry in records(names[names["kind"] == kind]):
            found = [of.get((label, entry["metric"], entry["variant"])) for label in labels]
            if all(row is None or is_missing(row["value"]) for row in found):
                continue
            n = max((int(row["n"]) for row in found if row is not None), default=0)
            about = (words(name_of(entry["metric"], entry["variant"])), words(kind), words(entry["better"]))
            method = next((str(row["method"]) for row in found if row is not None), "")
            rows.append((*about, *(estimate_cell(row) for row in found), Cell(f"{n:,}"), words(method)))
    heads = ("Metric (variant)", "Kind", "Better", *labels, "Observations", "Method")
    return Table(heads, tuple(rows), _methods_note(whole))


def _methods_note(whole: pd.DataFrame) -> str:
    levels = sorted(set(whole["level"].dropna())) if "level" in whole else []
    if not levels:
        return ""
    share = ", ".join(f"{level:.0%}" for level in levels)
    return (
        f"Small print: the {share} interval, or why there is none. B1 ratio_ci: ratio of sums over replications, delta "
        "method. B4: quantile over all customers, replications as clusters."
    )


def breakdown_table(estimates: pd.DataFrame, *, by: str, labels: Sequence[str]) -> Table | None:
    """Groups of one kind against metrics: whichever are fewer in columns. Metrics nobody has are left out."""
    part = rows_of(estimates, by)
    part = part[part["scenario"].isin(list(labels))]
    seen = part[part["value"].notna()]
    if seen.empty:
        return None
    metrics = {key: name_of(*key) for key in zip(seen["metric"], seen["variant"], strict=True)}
    groups = {group: labelled(group) for group in seen["group"]}
    of = {(r["scenario"], r["group"], (r["metric"], r["variant"])): r for r in records(part)}
    wide = len(groups) < len(metrics) and len(groups) <= MOST_COLUMNS
    rows, down = [], metrics if wide else groups
    across: dict[Any, str] = groups if wide else metrics
    for first, name in down.items():
        for label in labels:
            keys = [(label, other, first) if wide else (label, first, other) for other in across]
            cells = [_value_cell(of.get(key)) for key in keys]
            names = (words(name), words(label)) if len(labels) > 1 else (words(name),)
            rows.append((*names, *cells))
    corner = ("", "Scenario") if len(labels) > 1 else ("",)
    gaps = sorted({reasons(r["flags"]) for r in records(part[part["value"].isna()])} - {""})
    note = f"{MISSING}: {', '.join(gaps)}." if gaps else ""
    return Table((*corner, *across.values()), tuple(rows), note)


def _value_cell(row: Row | None) -> Cell:
    """Value with its interval; why there is none stands below the table."""
    return estimate_cell(None if row is None or is_missing(row["value"]) else row)
