"""Pictures as SVG text: the one place that plots. Equal input gives equal bytes.

Colours are those of Okabe and Ito, told apart by the colour-blind; every series has a dash or a marker of its own too,
so that a grey print can be read.
"""

from __future__ import annotations

import html
import io
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cxsim.benchmarks.scorecard import Row as ScoreRow
from cxsim.benchmarks.scorecard import Scorecard
from cxsim.reports.changes import direction
from cxsim.reports.tables import (
    MISSING,
    Row,
    headlines,
    is_missing,
    name_of,
    records,
    rows_of,
    shown_difference,
    shown_with_interval,
)

Axes = Any
BLUE, VERMILION, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#AA4499", "#666666"
LINES: Final = ((BLUE, "-", "o"), (VERMILION, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"))
QUARTILES: Final = {1: "#08519c", 2: "#4292c6", 3: "#9ecae1", 4: "#d6e6f4", None: "#bbbbbb"}
STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "text.parse_math": False,
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.7,
}
WIDTH: Final = 9.0  # inches


def svg(draw: Callable[[Any], None], *, name: str, height: float, title: str, text: str) -> str:
    """One picture as an inline SVG element.

    Parameters
    ----------
    draw : function
        Draws on the figure it is given.
    name : str
        Makes the identifiers in it unlike those of other pictures on the page.
    height : float
        [inch]
    title, text : str
        For those who cannot see it.
    """
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        canvas: Any = FigureCanvasSVG(figure)
        draw(figure)
        buffer = io.StringIO()
        canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _inline(buffer.getvalue(), name=name, title=title, text=text)


def _inline(drawn: str, *, name: str, title: str, text: str) -> str:
    """The svg element alone, with generic fonts, without identifiers nobody refers to, and with words for it."""
    body = drawn[drawn.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    used = set(re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: m[0] if m[1] in used else "", body)
    for old in sorted(used):
        body = re.sub(rf'(id="|href="#|url\(#){re.escape(old)}(?=["\)])', rf"\g<1>{name}-{old}", body)
    body = re.sub(r' transform="rotate\(-0 [^"]*"', "", body)
    body = re.sub(r' (?:d|x|y|transform)="[^"]*"', _rounded, body)
    body = re.sub(r">\s+<", "><", body).replace("<g></g>", "")
    body = re.sub(r"'DejaVu Sans'(?:, [^;\"]*)?", "sans-serif", body)
    opened = f'<svg role="img" aria-labelledby="{name}-title {name}-text"'
    words = f'<title id="{name}-title">{html.escape(title)}</title><desc id="{name}-text">{html.escape(text)}</desc>'
    head, rest = body.split(">", 1)
    return f"{head.replace('<svg', opened, 1)}>{words}{rest}"


def _rounded(attribute: re.Match[str]) -> str:
    """Hundredths of a point are finer than any print."""
    return re.sub(r"-?\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}", attribute[0]).replace("\n", "")


def shares(axis: Any) -> None:
    """Ticks of an axis of shares in per cent."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))


def few_ticks(axis: Any, n: int) -> None:
    """At most n round numbers along an axis."""
    axis.set_major_locator(MaxNLocator(n))


def scaled(values: Sequence[float], unit: str) -> tuple[float, str]:
    """Divisor and name of the unit that suits values: seconds, minutes, hours or days."""
    if unit != "s":
        return 1.0, {"1": "%"}.get(unit, unit)
    top = max((abs(value) for value in values if not math.isnan(value)), default=0.0)
    for size, name in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if top >= 3 * size:
            return size, name
    return 1.0, "seconds"


def legend(axes: Axes, *, columns: int = 4) -> None:
    """A legend above the axes, to the right, where it covers nothing."""
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=columns, frameon=False, borderaxespad=0.1, fontsize=9
    )


def beside(axes: Axes, x: float, lines: tuple[str, str], *, align: str, colour: str = "black") -> None:
    """Two lines of words beside small axes, x in widths of the axes."""
    for y, words in zip((0.74, 0.26), lines, strict=True):
        axes.text(x, y, words, transform=axes.transAxes, ha=align, va="center", fontsize=8.5, color=colour)


def scorecard_figure(card: Scorecard, *, name: str, label: str) -> str:
    """Scores as bars from the peers' worst (0) to best (100), with interval, peer mark, value, gap and quartile."""
    rows = card.rows

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        place = np.arange(len(rows))[::-1]
        for at, row in zip(place, rows, strict=True):
            axes.barh(at, 100, height=0.62, color="#f0f0f0", zorder=0)
            shade = QUARTILES[row.performance_quartile]
            axes.barh(at, 100 * row.score, height=0.62, color=shade, edgecolor="#333333", linewidth=0.6)
            _score_marks(axes, row, at)
            weight = f"weight {row.share:.0%}"
            for up, right, left in zip(
                (0.17, -0.2), _beside(row), (name_of(row.metric, row.variant), weight), strict=True
            ):
                axes.text(103, at + up, right, va="center", fontsize=8.5, clip_on=False)
                axes.text(-1.5, at + up, left, va="center", ha="right", fontsize=9, clip_on=False)
        axes.set(xlim=(0, 100), ylim=(-0.6, len(rows) - 0.4), xlabel="score: 0 the peers' worst, 100 their best")
        axes.set_yticks([])
        total = f"{100 * card.total:.0f} of 100"
        ends = "" if card.low is None or card.high is None else f" ({100 * card.low:.0f} to {100 * card.high:.0f})"
        figure.suptitle(f"{label}: {total}{ends}{card.basis}", x=0.01, ha="left", fontsize=11, fontweight="bold")

    said = "; ".join(f"{name_of(row.metric, row.variant)} {100 * row.score:.0f}" for row in rows)
    title = f"Scorecard of {label}"
    return svg(draw, name=name, height=1.0 + 0.52 * len(rows), title=title, text=f"Scores of 100: {said}.")


def _score_marks(axes: Axes, row: ScoreRow, at: int) -> None:
    """Interval of the score as a whisker, and the peers' middle as a diamond."""
    if row.score_low is not None and row.score_high is not None:
        ends = (100 * row.score_low, 100 * row.score_high)
        axes.plot(ends, (at, at), color="black", linewidth=1.6, solid_capstyle="butt")
        axes.plot(ends, (at, at), color="black", linestyle="none", marker="|", markersize=7)
    if row.peer is not None and len(row.worst) == 1 and row.best[0] != row.worst[0]:
        score = (row.peer - row.worst[0]) / (row.best[0] - row.worst[0])
        axes.plot(100 * min(max(score, 0.0), 1.0), at, marker="D", color="white", markeredgecolor="black", markersize=6)


def _beside(row: ScoreRow) -> tuple[str, str]:
    """Two lines: value and interval; gap to the peers and quartile."""
    value, span = shown_with_interval(row.value, row.low, row.high, row.unit)
    first = value + ("" if span == MISSING else f"  ({span})")
    gap = "" if row.gap_to_peer is None else f"gap to peers {shown_difference(row.gap_to_peer, row.unit)}"
    place = "" if row.performance_quartile is None else f"quartile {row.performance_quartile} of 4"
    return first, ", ".join(part for part in (gap, place) if part)


def differences_figure(
    differences: pd.DataFrame, *, scenario: str, base: str, name: str, primary: str, n_most: int = 10
) -> str:
    """Differences with their intervals, one axis a metric in its own unit; colour and marker say better or worse."""
    whole = rows_of(differences, "", scenario=scenario)
    found = {(row["metric"], row["variant"]): row for row in records(whole)}
    rows = [found[key] for key in headlines(whole, primary=primary) if not is_missing(found[key]["difference"])]
    rows = rows[:n_most]
    if not rows:
        return ""

    def draw(figure: Any) -> None:
        for axes, row in zip(np.atleast_1d(figure.subplots(len(rows), 1)), rows, strict=True):
            _one_difference(axes, row, primary=primary)
        figure.suptitle(
            f"{scenario}: difference to {base}, each metric in its own unit",
            x=0.01,
            ha="left",
            fontsize=11,
            fontweight="bold",
        )

    said = "; ".join(
        f"{name_of(r['metric'], r['variant'])} {shown_difference(r['difference'], r['unit'])}" for r in rows
    )
    title = f"What '{scenario}' changes"
    return svg(draw, name=name, height=0.5 + 0.62 * len(rows), title=title, text=f"Differences: {said}.")


SIGNS: Final = {
    "better": (BLUE, "o", "full"),
    "worse": (VERMILION, "s", "full"),
    "higher": ("black", "^", "full"),
    "lower": ("black", "v", "full"),
    "same": (GREY, "o", "none"),
}


def _one_difference(axes: Axes, row: Row, *, primary: str) -> None:
    size, unit = scaled([row["low"], row["high"], row["difference"]], row["unit"])
    size, unit = (0.01, "pp") if row["unit"] == "1" else (size, unit)
    verdict = direction(row, primary=primary)
    colour, marker, fill = SIGNS[verdict]
    ends = [value / size for value in (row["low"], row["high"]) if not is_missing(value)]
    value = row["difference"] / size
    axes.axvline(0.0, color="black", linewidth=0.9)
    if ends:
        axes.plot(ends, (0, 0), color=colour, linewidth=2.2, solid_capstyle="butt")
        axes.plot(ends, (0, 0), color=colour, linestyle="none", marker="|", markersize=8)
    axes.plot(value, 0, marker=marker, color=colour, fillstyle=fill, markerfacecoloralt="white", markersize=7)
    if fill == "none":
        axes.plot(value, 0, marker=marker, color=colour, markerfacecolor="white", markersize=7)
    reach = max(abs(part) for part in (value, *ends)) * 1.15 or 1.0
    axes.set(xlim=(-reach, reach), ylim=(-1, 1))
    axes.set_yticks([])
    # Single lines keep their anchor in any font; one text of two lines would not.
    beside(axes, -0.02, (name_of(row["metric"], row["variant"]), f"[{unit}]"), align="right")
    axes.tick_params(axis="x", length=2, labelsize=8.5)
    few_ticks(axes.xaxis, 5)
    axes.spines["left"].set_visible(False)
    word = "no real difference" if verdict == "same" else verdict
    change = shown_with_interval(row["difference"], row["low"], row["high"], row["unit"], difference=True)[0]
    beside(axes, 1.02, (change, word), align="left", colour=colour)
