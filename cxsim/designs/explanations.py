"""From sums of replications to explanations with intervals: what a change is made of, what a score is made of.

Every line is a ratio of sums, or adds and takes away ratios of sums; one number a replication stands for each, so that
intervals of sums of lines rest on the same replications, paired like everything else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.designs.estimate import mean_interval, ratio_influences

Array = npt.NDArray[Any]

PREFIX: Final = "explain:"
UNITS: Final = {"top_two": "1", "ease": "points", "net_promoter_score": "points", "lifetime_value": "money"}
# Levels that sums of a change carry beside its lines.
LEVELS: Final = ("before", "after", "before_both", "after_both")
WHO_COMES, SELECTION, COVERAGE, FELT, TOTAL = "who_comes", "selection", "coverage", "felt", "total"
# What a survey of respondents shows beside what all customers feel: metric, and its variant of each.
ASKED, GAP = "asked", "gap"
PAIRS: Final = {
    "top_two": ("customer_satisfaction", "top_two", "top_two_surveyed"),
    "ease": ("customer_effort_score", "mean", "mean_surveyed"),
    "net_promoter_score": ("net_promoter_score", "all", "surveyed"),
}
COLUMNS: Final = ("scenario", "part", "score", "line", "value", "low", "high", "level", "n", "unit", "flags")


def explanation_table(counters: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Explanations of every scenario that has some.

    Parameters
    ----------
    counters : DataFrame
        Rows of `cxsim.trial.run_trial`; those whose `by` begins with 'explain:' count.
    level : float

    Returns
    -------
    DataFrame
        scenario, part, score, line, value, low, high, level, n, unit, flags. Parts are those of
        `cxsim.perception.twins.changes` and `cxsim.perception.levels`. The lines of 'change' and of 'surveyed' add up
        to 'total': 'who_comes' is what cases do that only one scenario has; 'felt' the change of all customers,
        'selection' that respondents are others than all, 'coverage' that others can be asked. Part 'asked', line 'gap':
        what a survey shows less what all customers feel, paired by replication.
    """
    wanted = counters[counters["by"].str.startswith(PREFIX)]
    if wanted.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows: list[tuple[Any, ...]] = []
    for (scenario, by, score), part in wanted.groupby(["scenario", "by", "metric"], sort=False, observed=True):
        name = str(by).removeprefix(PREFIX)
        if name == "parameters":
            continue
        lines = _influences(part)
        if name == "change":
            lines = _change(lines)
        elif name == "surveyed":
            lines = _surveyed(lines)
        rows += [(scenario, name, score, line, *_ends(values, str(score), level)) for line, values in lines.items()]
    for scenario, score, values in _asked(counters):
        rows.append((scenario, ASKED, score, GAP, *_ends(values, score, level)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _ends(values: Array, score: str, level: float) -> tuple[Any, ...]:
    """Value, low, high, level, n, unit and flags of one line [n]."""
    found = mean_interval(values, level=level)
    return (found.value, found.low, found.high, level, found.n, UNITS[score], " ".join(found.flags))


def _asked(counters: pd.DataFrame) -> Iterator[tuple[str, str, Array]]:
    """Scenario, score, and by replication [n] what respondents said less what all customers felt."""
    whole = counters[(counters["by"] == "") & counters["metric"].isin([pair[0] for pair in PAIRS.values()])]
    for scenario, mine in whole.groupby("scenario", sort=False, observed=True):
        for score, (metric, everyone, surveyed) in PAIRS.items():
            of = mine[mine["metric"] == metric]
            lines = _influences(of.assign(group=of["variant"]), replications=np.unique(mine["replication"]))
            if everyone in lines and surveyed in lines:
                yield str(scenario), score, lines[surveyed] - lines[everyone]


def uncertainty_table(counters: pd.DataFrame, *, level: float = 0.90) -> pd.DataFrame:
    """How far scores, and their changes from the first scenario, move with the parameters the evidence allows.

    Returns
    -------
    DataFrame
        scenario, metric, variant, median, low, high, change, change_low, change_high (NaN for the first), level, sets,
        unit. Simulation noise is not in it: all sets look at the same cases with the same random numbers.
    """
    drawn = counters[counters["by"] == f"{PREFIX}parameters"]
    rows: list[tuple[Any, ...]] = []
    first: dict[tuple[str, str], pd.Series[float]] = {}
    for (scenario, metric, variant), part in drawn.groupby(
        ["scenario", "metric", "variant"], sort=False, observed=True
    ):
        sums = part.groupby("group", sort=False, observed=True)[["numerator", "denominator"]].sum()
        values = sums["numerator"] / sums["denominator"]
        base = first.setdefault((str(metric), str(variant)), values)
        moved = (values - base).dropna() if base is not values else pd.Series(dtype=float)
        rows.append((scenario, metric, variant, *_band(values, level), *_band(moved, level), level, len(values),
                     part["unit"].iloc[0]))  # fmt: skip
    names = ["median", "low", "high", "change", "change_low", "change_high", "level", "sets", "unit"]
    return pd.DataFrame(rows, columns=["scenario", "metric", "variant", *names])


def _band(values: pd.Series[float], level: float) -> tuple[float, ...]:
    """Median and band of values, NaN for none."""
    tail = (1.0 - level) / 2.0
    return tuple(np.quantile(values, [0.5, tail, 1.0 - tail])) if len(values) else (math.nan,) * 3


def _influences(part: pd.DataFrame, *, replications: Array | None = None) -> dict[str, Array]:
    """One number a replication [n] for each line, whose mean is its ratio of sums; a line nobody saw is left out."""
    replications = np.unique(part["replication"]) if replications is None else replications
    found = {}
    for line, of in part.groupby("group", sort=False, observed=True):
        place = np.searchsorted(replications, of["replication"].to_numpy())
        over = np.zeros((2, len(replications)))
        over[0, place], over[1, place] = of["numerator"], of["denominator"]
        if over[1].sum() > 0:
            found[str(line)] = ratio_influences(*over)
    return found


def _change(lines: Mapping[str, Array]) -> dict[str, Array]:
    """Lines of a change, with who comes, and the total of all customers."""
    if any(name not in lines for name in LEVELS):
        return {}
    total = lines["after"] - lines["before"]
    both = lines["after_both"] - lines["before_both"]
    parts = {line: values for line, values in lines.items() if line not in LEVELS}
    return {**parts, WHO_COMES: total - both, TOTAL: total}


def _surveyed(lines: Mapping[str, Array]) -> dict[str, Array]:
    """Lines of the change of a surveyed share: felt, selection, coverage, who comes.

    Selection and coverage are the two players of a game whose order must not matter: each is credited with the mean of
    what it does first and what it does last.
    """
    needed = ("before", "after", "00", "01", "10", "11", "felt_before", "felt_after")
    if any(name not in lines for name in needed):
        return {}
    facts = 0.5 * (lines["10"] - lines["00"] + lines["11"] - lines["01"])
    coverage = 0.5 * (lines["11"] - lines["10"] + lines["01"] - lines["00"])
    felt = lines["felt_after"] - lines["felt_before"]
    total = lines["after"] - lines["before"]
    who_comes = total - (lines["11"] - lines["00"])
    return {FELT: felt, SELECTION: facts - felt, COVERAGE: coverage, WHO_COMES: who_comes, TOTAL: total}


def main_lines(
    table: pd.DataFrame, *, scenario: str, part: str, score: str = "top_two", most: int = 12
) -> pd.DataFrame:
    """Rows of one part and score, largest first; those beyond `most`, and such as do nothing, are left out."""
    here = table[(table["scenario"] == scenario) & (table["part"] == part) & (table["score"] == score)]
    lines = here[~here["line"].isin([TOTAL, "actual", "clean"])]
    lines = lines[lines["value"].abs() > 1e-12]
    return lines.reindex(lines["value"].abs().sort_values(ascending=False, kind="stable").index)[:most]


def value_of(table: pd.DataFrame, *, scenario: str, part: str, line: str, score: str = "top_two") -> float:
    """The value of one line, NaN if it is not there."""
    here = table[(table["scenario"] == scenario) & (table["part"] == part) & (table["score"] == score)]
    found = here.loc[here["line"] == line, "value"]
    return float(found.iloc[0]) if len(found) else math.nan
