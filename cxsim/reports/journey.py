"""Where cases go, as a picture: touchpoints on the left, what follows on the right, ribbons as wide as the numbers."""

from __future__ import annotations

import html
from typing import Final, NamedTuple

import pandas as pd

from cxsim.reports.changes import LEAVES, steps_of
from cxsim.reports.tables import Row, labelled, shown

WIDTH, HEIGHT, TOP = 860.0, 400.0, 34.0
LEFT, RIGHT, BLOCK = 190.0, 560.0, 14.0
GAP: Final = 14.0  # between blocks, and the least room for a line of words
DONE, GOES_ON, LOST = "#0072B2", "#E69F00", "#D55E00"


class Block(NamedTuple):
    """A bar on one side: its name, upper edge and height."""

    name: str
    top: float
    height: float


def _target(step: Row) -> tuple[int, str]:
    """Order and name of what follows, on the right."""
    if step["following"] != LEAVES:
        again = "goes on at" if step["outcome"] == "unreached" else "comes back at"
        how = "passed on to" if step["how"] == "transfer" else again
        return 1, f"{how} {labelled(step['following'])}"
    if step["outcome"] == "resolved":
        return 0, "resolved, done"
    if step["outcome"] == "unfinished":
        return 3, "unfinished at the end"
    return 2, f"{labelled(step['outcome'])}, {'given up' if step['outcome'] == 'unreached' else 'gives up'}"


def _stacked(totals: dict[str, float], *, scale: float) -> dict[str, Block]:
    """Blocks from top to bottom, at least as far apart as a line of words is high."""
    found, top = {}, TOP
    for name, total in totals.items():
        height = total * scale
        found[name] = Block(name, top, height)
        top += max(height, GAP + 4.0) + GAP
    return found


def _extent(totals: dict[str, float], *, scale: float) -> float:
    return sum(max(total * scale, GAP + 4.0) + GAP for total in totals.values())


def _totals(steps: list[Row]) -> tuple[dict[str, float], dict[str, float]]:
    left: dict[str, float] = {}
    for step in steps:
        left[step["touchpoint"]] = left.get(step["touchpoint"], 0.0) + step["value"]
    right: dict[str, float] = {}
    for _, name, value in sorted((*_target(step), step["value"]) for step in steps):
        right[name] = right.get(name, 0.0) + value
    return left, right


def journey_figure(estimates: pd.DataFrame, *, scenario: str, name: str) -> str:
    """A picture of the steps of cases of one scenario, as an inline SVG element; empty without any."""
    steps = [step for step in steps_of(estimates, scenario=scenario) if step["value"] > 0]
    if not steps:
        return ""
    left, right = _totals(steps)
    scale = HEIGHT / sum(left.values())
    height = TOP + max(_extent(left, scale=scale), _extent(right, scale=scale))
    starts, ends = _stacked(left, scale=scale), _stacked(right, scale=scale)
    parts = _ribbons(steps, starts=starts, ends=ends, scale=scale)
    parts += [_block(block, total=left[block.name], at=LEFT) for block in starts.values()]
    parts += [_block(block, total=right[block.name], at=RIGHT) for block in ends.values()]
    heads = ((LEFT - 8.0, "end", "visits to"), (RIGHT + BLOCK + 8.0, "start", "what follows"))
    parts += [
        f'<text x="{x:.0f}" y="16" text-anchor="{anchor}" font-weight="bold">{word}</text>' for x, anchor, word in heads
    ]
    said = "; ".join(f"{labelled(step['touchpoint'])}: {_target(step)[1]} {shown(step['value'], '')}" for step in steps)
    return (
        f'<svg role="img" aria-labelledby="{name}-title {name}-text" viewBox="0 0 {WIDTH:.0f} {height:.0f}" '
        f'width="{WIDTH:.0f}" height="{height:.0f}" font-family="sans-serif" font-size="12">'
        f'<title id="{name}-title">Where cases go, {html.escape(scenario)}</title>'
        f'<desc id="{name}-text">Mean number a replication. {html.escape(said)}.</desc>{"".join(parts)}</svg>'
    )


def _colour(target: str) -> str:
    if target.startswith(("passed", "comes")):
        return GOES_ON
    return DONE if target.startswith("resolved") else LOST


def _ribbons(steps: list[Row], *, starts: dict[str, Block], ends: dict[str, Block], scale: float) -> list[str]:
    """One ribbon a pair of touchpoint and follower, in the order of the right side so that few cross."""
    pairs: dict[tuple[str, str], float] = {}
    for step in steps:
        key = (step["touchpoint"], _target(step)[1])
        pairs[key] = pairs.get(key, 0.0) + step["value"]
    used_left = {name: block.top for name, block in starts.items()}
    used_right = {name: block.top for name, block in ends.items()}
    places = {name: place for place, name in enumerate(ends)}
    rows = {name: place for place, name in enumerate(starts)}
    found = []
    for (source, target), value in sorted(pairs.items(), key=lambda item: (rows[item[0][0]], places[item[0][1]])):
        width = value * scale
        y0, y1 = used_left[source], used_right[target]
        used_left[source] += width
        used_right[target] += width
        x0, x1, middle = LEFT + BLOCK, RIGHT, (LEFT + BLOCK + RIGHT) / 2.0
        found.append(
            f'<path fill="{_colour(target)}" fill-opacity="0.45" d="M{x0:.1f},{y0:.1f} C{middle:.1f},{y0:.1f} '
            f"{middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f} L{x1:.1f},{y1 + width:.1f} C{middle:.1f},{y1 + width:.1f} "
            f'{middle:.1f},{y0 + width:.1f} {x0:.1f},{y0 + width:.1f} Z"/>'
        )
    return found


def _block(block: Block, *, total: float, at: float) -> str:
    left = at == LEFT
    x, anchor = (at - 8.0, "end") if left else (at + BLOCK + 8.0, "start")
    y = block.top + max(block.height, 1.0) / 2.0 + 4.0
    colour = "#333333" if left else _colour(block.name)
    words = f"{html.escape(labelled(block.name))} \u00b7 {shown(total, '')}"
    return (
        f'<rect x="{at:.1f}" y="{block.top:.1f}" width="{BLOCK:.0f}" height="{max(block.height, 1.0):.1f}" '
        f'fill="{colour}"/><text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
    )
