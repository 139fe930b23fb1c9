"""The base model as a picture: contact types, touchpoints and agent groups, with what leads from one to the next."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cxsim.scenario.schema import ScenarioModel, Staffed

WIDTH, TOP, BOX, GAP = 900, 40, 190, 26
COLUMNS: Final = (20, 350, 690)
HEADS: Final = ("Contact types", "Touchpoints", "Agent groups")
HEIGHT: Final = 40
LINE: Final = "#555"
BACK: Final = "#B34700"


class Box(NamedTuple):
    """A box: its column, upper edge, name and second line."""

    column: int
    top: int
    name: str
    about: str

    @property
    def left(self) -> int:
        """Left edge."""
        return COLUMNS[self.column]

    @property
    def middle(self) -> int:
        """Height at which lines meet it."""
        return self.top + HEIGHT // 2


def diagram(model: ScenarioModel) -> str:
    """The picture as SVG text; equal models give equal bytes."""
    types = _boxes(0, {name: _about_type(model, name) for name in model.contact_types})
    touchpoints = _boxes(1, {name: f"{part.mechanism}, {part.channel}" for name, part in model.touchpoints.items()})
    groups = _boxes(2, dict.fromkeys(model.agent_groups, ""))
    every = [*types.values(), *touchpoints.values(), *groups.values()]
    height = max(box.top for box in every) + HEIGHT + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="sans-serif" font-size="13">',
        "<title>The base model</title>",
        f"<desc>{html.escape(', '.join(box.name for box in every))}</desc>",
        *(f'<text x="{x}" y="24" font-weight="bold">{head}</text>' for x, head in zip(COLUMNS, HEADS, strict=True)),
        *_entries(model, types, touchpoints),
        *_services(model, touchpoints, groups),
        *_ways(model, touchpoints),
        *(line for box in every for line in _drawn(box)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _about_type(model: ScenarioModel, name: str) -> str:
    volume = model.contact_types[name].volume
    return "replayed" if volume is None else f"{volume:g} a day"


def _boxes(column: int, names: Mapping[str, str]) -> dict[str, Box]:
    return {
        name: Box(column, TOP + place * (HEIGHT + GAP), name.replace("_", " "), about)
        for place, (name, about) in enumerate(names.items())
    }


def _drawn(box: Box) -> Iterator[str]:
    yield f'<rect x="{box.left}" y="{box.top}" width="{BOX}" height="{HEIGHT}" rx="4" fill="#fff" stroke="#0072B2"/>'
    first = box.top + (17 if box.about else 25)
    yield f'<text x="{box.left + 8}" y="{first}">{html.escape(box.name)}</text>'
    if box.about:
        yield (
            f'<text x="{box.left + 8}" y="{box.top + 33}" font-size="11" fill="{LINE}">{html.escape(box.about)}</text>'
        )


def _line(start: Box, end: Box, share: float | None = None) -> Iterator[str]:
    x, y, far, there = start.left + BOX, start.middle, end.left, end.middle
    yield f'<line x1="{x}" y1="{y}" x2="{far}" y2="{there}" stroke="{LINE}"/>'
    if share is not None:
        # Near the begin, where lines of one box have not crossed those of others yet.
        at = 0.28
        yield (
            f'<text x="{x + at * (far - x):.0f}" y="{y + at * (there - y) - 3:.0f}" font-size="11" fill="#333">'
            f"{100 * share:.3g} %</text>"
        )


def _entries(model: ScenarioModel, types: Mapping[str, Box], touchpoints: Mapping[str, Box]) -> Iterator[str]:
    for name, entry in model.contact_types.items():
        for at, share in entry.enters.items():
            if at in touchpoints and share > 0:
                yield from _line(types[name], touchpoints[at], share)


def _services(model: ScenarioModel, touchpoints: Mapping[str, Box], groups: Mapping[str, Box]) -> Iterator[str]:
    for name, group in model.agent_groups.items():
        for at in group.serves:
            if isinstance(model.touchpoints.get(at), Staffed):
                yield from _line(touchpoints[at], groups[name])


def _ways(model: ScenarioModel, touchpoints: Mapping[str, Box]) -> Iterator[str]:
    """Ways on from one touchpoint to another, as arcs at the left of their column; back to itself as a small loop."""
    pairs: list[tuple[str, str]] = []
    for name, part in model.touchpoints.items():
        for exits in part.then.values():
            pairs += [(name, way.to) for way in exits.values() if way.to in touchpoints]
    for place, (start, end) in enumerate(dict.fromkeys(pairs)):
        yield from _arc(touchpoints[start], touchpoints[end], place)


def _arc(start: Box, end: Box, place: int) -> Sequence[str]:
    bend = 14 + 9 * (place % 6)
    x, y, there = start.left, start.middle + 6, end.middle - 6
    far = x - bend
    arrow = f'<path d="M {x} {there} l -8 -4 l 0 8 z" fill="{BACK}"/>'
    return (
        (
            f'<path d="M {x} {y} C {far} {y}, {far} {there}, {x - 6} {there}" fill="none" stroke="{BACK}" '
            'stroke-dasharray="5 3"/>'
        ),
        arrow,
    )
