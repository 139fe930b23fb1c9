"""Pictures of an explanation: from one score to the other driver by driver, and what a score loses to each driver."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxsim.designs.explanations import TOTAL, main_lines
from cxsim.reports.figures import BLUE, GREY, VERMILION, few_ticks, svg
from cxsim.reports.tables import Row, is_missing, records, shown
from cxsim.reports.why import ends_of_part, line_name, part_of_score

MOST: Final = 8
REST: Final = "all others"


def change_figure(table: pd.DataFrame, *, scenario: str, base: str, before: float, name: str) -> str:
    """Satisfied customers from the baseline to a changed scenario, one step a driver; empty if nothing changed.

    Parameters
    ----------
    table : DataFrame
        Of `cxsim.designs.explanations.explanation_table`.
    scenario, base : str
    before : float
        Share of satisfied customers in the baseline.
    name : str
        Identifiers in the picture begin with it.
    """
    steps = _steps(table, scenario=scenario, part="change")
    if not steps:
        return ""
    total = sum(step["value"] for step in steps)
    title = f"From {shown(before, '1')} satisfied ({base}) to {shown(before + total, '1')} ({scenario})"
    return _drawn(steps, start=before, ends=(base, scenario), name=name, title=title)


def level_figure(table: pd.DataFrame, *, scenario: str, name: str) -> str:
    """Satisfied customers from a clean journey to what there is, one step a driver."""
    here = table[(table["scenario"] == scenario) & (table["part"] == "level") & (table["score"] == "top_two")]
    clean = here.loc[here["line"] == "clean", "value"]
    steps = _steps(table, scenario=scenario, part="level")
    if not steps or clean.empty:
        return ""
    actual = float(clean.iloc[0]) + sum(step["value"] for step in steps)
    title = f"{scenario}: from a clean journey ({shown(float(clean.iloc[0]), '1')} satisfied) to {shown(actual, '1')}"
    return _drawn(steps, start=float(clean.iloc[0]), ends=("clean journey", scenario), name=name, title=title)


def _steps(table: pd.DataFrame, *, scenario: str, part: str) -> list[Row]:
    """The largest lines, the others together."""
    lines = records(main_lines(table, scenario=scenario, part=part, most=99)) if len(table) else []
    lines = [line for line in lines if line["line"] != TOTAL]
    if len(lines) <= MOST + 1:
        return lines
    rest = {**lines[0], "line": REST, "value": sum(line["value"] for line in lines[MOST:])}
    return [*lines[:MOST], {**rest, "low": float("nan"), "high": float("nan")}]


def _drawn(steps: list[Row], *, start: float, ends: tuple[str, str], name: str, title: str) -> str:
    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        path = 100.0 * np.cumsum([start, *(step["value"] for step in steps)])
        for place, step in enumerate(steps, start=1):
            _step(axes, step, place, path)
        for place, level, label in ((0, path[0], ends[0]), (len(steps) + 1, path[-1], ends[1])):
            axes.plot(level, place, marker="D", color="black", markersize=7, zorder=3)
            axes.annotate(f"{level:.1f}%", (level, place), (9, 0), textcoords="offset points", va="center", fontsize=9)
            axes.text(-0.01, place, label, transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=9.5,
                      fontweight="bold")  # fmt: skip
        reach = _reach(steps, path)
        axes.set(xlim=reach, ylim=(len(steps) + 1.6, -0.6), xlabel="satisfied customers (4 or 5 of 5) [%]")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        few_ticks(axes.xaxis, 7)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")

    said = "; ".join(f"{_named(step)} {part_of_score(step['value'], '1')}" for step in steps)
    return svg(draw, name=name, height=1.3 + 0.42 * (len(steps) + 2), title=title, text=f"Steps: {said}.")


def _named(step: Row) -> str:
    return REST if step["line"] == REST else line_name(step["line"])


def _step(axes: Any, step: Row, place: int, path: Any) -> None:
    """One floating bar from where the score stood to where it goes, with its interval and number."""
    before, after = path[place - 1], path[place]
    colour = BLUE if step["value"] > 0 else VERMILION
    axes.barh(place, after - before, left=before, height=0.6, color=colour, edgecolor="#333333", linewidth=0.6)
    axes.plot((after, after), (place, place + 1), color=GREY, linewidth=0.8)
    if not is_missing(step["low"]) and not is_missing(step["high"]):
        ends = [before + 100.0 * step[side] for side in ("low", "high")]
        axes.plot(ends, (place, place), color="black", linewidth=1.2)
        axes.plot(ends, (place, place), color="black", linestyle="none", marker="|", markersize=6)
    span = ends_of_part(step["low"], step["high"], "1")
    number = part_of_score(step["value"], "1") + (f"  ({span})" if span else "")
    where = axes.get_yaxis_transform()
    axes.text(-0.01, place, _named(step), transform=where, ha="right", va="center", fontsize=9.5)
    axes.text(1.01, place, number, transform=where, ha="left", va="center", fontsize=9)


def _reach(steps: list[Row], path: Any) -> tuple[float, float]:
    """Ends of the axis: every bar and interval, with room for the numbers at the ends."""
    seen = list(path)
    for place, step in enumerate(steps):
        seen += [path[place] + 100.0 * step[side] for side in ("low", "high") if not is_missing(step[side])]
    room = 0.12 * (max(seen) - min(seen)) or 1.0
    return min(seen) - room / 2, max(seen) + room
