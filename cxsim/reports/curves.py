"""Pictures of the day by interval, of the waits and of a sweep: lines with their intervals as bands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.reports.figures import LINES, few_ticks, legend, scaled, shares, svg
from cxsim.reports.tables import MISSING, is_missing, name_of, rows_of, shown

Array = npt.NDArray[np.float64]
DAY: Final = 24.0


class Line(NamedTuple):
    """A curve [n] with the ends of its intervals [n]; NaN where there is none."""

    x: Array
    value: Array
    low: Array
    high: Array
    label: str


def _clock(group: str) -> float:
    """Hours since midnight of '08:30'."""
    hours, minutes, *seconds = (float(part) for part in group.split(":"))
    return hours + minutes / 60.0 + (seconds[0] / 3600.0 if seconds else 0.0)


def _line(part: pd.DataFrame, x: Any, label: str) -> Line:
    """Rows of estimates as a curve, in the order of x [n_rows]."""
    place = np.asarray(x, dtype=float)
    order = np.argsort(place, kind="stable")
    value, low, high = (part[column].to_numpy(dtype=float)[order] for column in ("value", "low", "high"))
    # A legend leaves out what begins with an underscore.
    return Line(place[order], value, low, high, f" {label}" if label.startswith("_") else label)


def _by_interval(estimates: pd.DataFrame, *, scenario: str, metric: str, label: str) -> Line | None:
    part = rows_of(estimates, "interval", scenario=scenario)
    part = part[part["metric"] == metric]
    if part.empty or part["value"].isna().all():
        return None
    return _line(part, part["group"].map(_clock), label)


def _steps(axes: Any, line: Line, *, place: int, span: tuple[float, float], size: float = 1.0) -> None:
    """A curve that holds over each interval, from its begin to its end; gaps where there is no value."""
    colour, dash, _ = LINES[place % len(LINES)]
    width = float(np.min(np.diff(line.x))) if len(line.x) > 1 else 1.0
    seen = (line.x >= span[0] - 1e-9) & (line.x < span[1] - 1e-9)
    # Begin and end of each interval, so that a band shows also beside a gap.
    x = (line.x[seen, None] + np.array([0.0, width])).ravel()
    value, low, high = (np.repeat(part[seen], 2) / size for part in (line.value, line.low, line.high))
    axes.fill_between(x, low, high, color=colour, alpha=0.22, linewidth=0)
    axes.plot(x, value, color=colour, linestyle=dash, linewidth=1.6, label=line.label)


PANELS: Final = (
    ("service_level", "Service level: share answered in time", "1"),
    ("average_speed_of_answer", "Mean wait of the answered", "s"),
    ("abandonment_rate", "Abandonment: share leaving unanswered", "1"),
    ("occupancy", "Occupancy of agents", "1"),
)


def day_figure(estimates: pd.DataFrame, *, labels: Sequence[str], name: str) -> str:
    """The day by interval: load against staff of the first scenario, then service, waits, abandonment of all."""
    first = labels[0]
    load = _by_interval(estimates, scenario=first, metric="offered_load", label="offered load")
    staff = _by_interval(estimates, scenario=first, metric="agents_available", label="agents available")
    panels = []
    for metric, title, unit in PANELS:
        lines = [_by_interval(estimates, scenario=label, metric=metric, label=label) for label in labels]
        if any(line is not None for line in lines):
            panels.append((title, unit, lines))
    top = [line for line in (load, staff) if line is not None]
    if not panels and not top:
        return ""
    n_panels = len(panels) + bool(top)
    span = _open_hours(top or [line for _, _, lines in panels for line in lines if line is not None])

    def draw(figure: Any) -> None:
        grid = np.atleast_1d(figure.subplots(n_panels, 1, sharex=True))
        if top:
            for place, line in enumerate(top):
                _steps(grid[0], line, place=place, span=span)
            more = f" ({first})" if len(labels) > 1 else ""
            grid[0].set(title=f"Offered load and staff{more}", ylabel="agents, erlang", ylim=(0, None))
            legend(grid[0])
        for axes, (title, unit, lines) in zip(grid[bool(top) :], panels, strict=True):
            _panel(axes, title, unit, lines, span=span)
        _hours(grid[-1], span)
        for axes in grid:
            axes.grid(visible=True)
            few_ticks(axes.yaxis, 5)

    text = "; ".join(title for title, _, _ in panels)
    return svg(
        draw, name=name, height=0.7 + 1.55 * n_panels, title="The day by interval", text=f"By time of day: {text}."
    )


def _open_hours(lines: Sequence[Line]) -> tuple[float, float]:
    """From the first to the last interval with anything to speak of in it."""
    busy = np.concatenate([line.x[np.nan_to_num(line.value) > 0.02 * np.nanmax(line.value)] for line in lines])
    if not len(busy):
        return 0.0, DAY
    widths = [float(np.min(np.diff(line.x))) for line in lines if len(line.x) > 1]
    return float(busy.min()), min(float(busy.max()) + min(widths, default=1.0), DAY)


def _panel(axes: Any, title: str, unit: str, lines: Sequence[Line | None], *, span: tuple[float, float]) -> None:
    known = [line for line in lines if line is not None]
    size, word = scaled([float(np.nanmax(line.value)) for line in known], unit)
    for place, line in enumerate(lines):
        if line is not None:
            _steps(axes, line, place=place, span=span, size=size)
    axes.set(title=title, ylabel="share" if unit == "1" else word)
    top = max(float(np.nanmax(line.value)) for line in known) / size
    axes.set_ylim(0.0, 1.02 if unit == "1" and top > 0.5 else top * 1.25 or 1.0)
    if unit == "1":
        shares(axes.yaxis)
    if len(lines) > 1:
        legend(axes)


def _hours(axes: Any, span: tuple[float, float]) -> None:
    """Clock times along the foot of the picture."""
    step = next((step for step in (1, 2, 3, 4) if (span[1] - span[0]) / step <= 13), 4)
    ticks = np.arange(np.ceil(span[0] / step) * step, span[1] + 1e-9, step)
    axes.set_xticks(ticks, [f"{int(tick):02d}:00" for tick in ticks])
    axes.set(xlim=span, xlabel="time of day")


def limit_of(variant: str) -> float:
    """Seconds of 'over_20' or 'over_20, longer_than=5'."""
    found = re.search(r"longer_than=([0-9.]+)", variant) or re.search(r"over_([0-9.]+)", variant)
    return float(found[1]) if found else float("nan")


def waits_figure(estimates: pd.DataFrame, *, labels: Sequence[str], name: str) -> str:
    """Share of contacts in queue for longer than t, against t."""
    lines = []
    for label in labels:
        part = rows_of(estimates, "waits", scenario=label)
        part = part[part["metric"] == "schedule_of_waits"]
        lines.append(_line(part, part["variant"].map(limit_of), label))
    known = [line for line in lines if len(line.x) and not np.isnan(line.value).all()]
    if not known:
        return ""
    # As far as anybody waits to speak of, and at least a minute.
    ends = [line.x[np.nan_to_num(line.value) >= 0.005] for line in known]
    last = max([60.0, *(float(end.max()) for end in ends if len(end))])
    size, word = scaled([last], "s")

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        for place, line in enumerate(lines):
            _marked(axes, line, place=place, size=size)
        top = max(float(np.nanmax(line.value)) for line in known)
        axes.set(title="Share of contacts in queue for longer than t", xlabel=f"t [{word}]", ylabel="share of contacts")
        axes.set(xlim=(0.0, last / size * 1.02), ylim=(0.0, min(1.0, top * 1.15) or 1.0))
        shares(axes.yaxis)
        axes.grid(visible=True)
        if len(lines) > 1:
            legend(axes)

    said = "; ".join(
        f"{line.label}: " + ", ".join(f"{shown(y, '1')} over {x:g} s" for x, y in zip(line.x, line.value, strict=True))
        for line in known
    )
    return svg(draw, name=name, height=3.0, title="Distribution of waits", text=said)


def _marked(axes: Any, line: Line, *, place: int, size: float = 1.0, unit: float = 1.0) -> None:
    """A curve through known points, with its band."""
    colour, dash, marker = LINES[place % len(LINES)]
    if not len(line.x):
        return
    x, value, low, high = line.x / size, line.value / unit, line.low / unit, line.high / unit
    axes.fill_between(x, low, high, color=colour, alpha=0.22, linewidth=0)
    axes.plot(x, value, color=colour, linestyle=dash, marker=marker, markersize=4.5, linewidth=1.6, label=line.label)


def sweep_figure(
    estimates: pd.DataFrame, *, parameters: Sequence[str], metric: tuple[str, str], name: str, n_lines: int = 4
) -> str:
    """The primary metric against the first setting, one line a combination of the others."""
    part = rows_of(estimates, "")
    part = part[(part["metric"] == metric[0]) & (part["variant"] == metric[1])]
    if part.empty or not parameters:
        return ""
    first, rest = parameters[0], list(parameters[1:])
    numbers = pd.to_numeric(part[first], errors="coerce")
    places = list(dict.fromkeys(part[first].astype(str)))
    x = numbers if numbers.notna().all() else part[first].astype(str).map(places.index)
    part = part.assign(place=x.to_numpy(dtype=float)).sort_values("place", kind="stable")
    unit = str(part["unit"].iloc[0])
    size, word = scaled([value for value in part["value"] if not is_missing(value)], unit)
    groups = list(part.groupby(rest, sort=False)) if rest else [((), part)]

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        for number, (key, mine) in enumerate(groups[:n_lines]):
            label = ", ".join(f"{setting.rpartition('.')[2]}={value}" for setting, value in zip(rest, key, strict=True))
            _marked(axes, _line(mine, mine["place"], label), place=number, unit=size)
        more = f", first {n_lines} of {len(groups)} combinations of the others" if len(groups) > n_lines else ""
        axes.set(title=name_of(*metric) + more, xlabel=first, ylabel="share" if unit == "1" else word)
        if numbers.notna().all():
            few_ticks(axes.xaxis, 12) if len(places) > 12 else axes.set_xticks(sorted(set(numbers)))
        else:
            axes.set_xticks(range(len(places)), places)
        if unit == "1":
            shares(axes.yaxis)
        axes.grid(visible=True)
        if rest:
            legend(axes, columns=2)

    said = "; ".join(
        f"{first} {setting}: {shown(value, unit)}"
        for setting, value in zip(part[first], part["value"], strict=True)
        if shown(value, unit) != MISSING
    )
    return svg(draw, name=name, height=3.4, title=f"{name_of(*metric)} by {first}", text=said)
