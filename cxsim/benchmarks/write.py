"""A profile back into YAML or CSV, so that either can be edited and read again with nothing lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from cxsim.benchmarks.cells import Cell, Peer
from cxsim.benchmarks.profile import Figure, Line, Profile, ProfileMetric
from cxsim.benchmarks.sheet import COLUMNS, FIGURE, plain
from cxsim.errors import ProfileError, problem

_CORNERS: Final = ("worst_low", "low", "high", "worst_high")
_OF_SOURCE: Final = ("title", "url", "segment")
_OF_CELL: Final = ("series", "year", "n", "confidence", "note", "entered_by", "checked_by")


def write_profile(profile: Profile, path: str | Path) -> Path:
    """Write a profile as .yaml or .csv; reading the file gives the same profile.

    Raises
    ------
    ProfileError
        Another ending.
    """
    path = Path(path)
    made = {".yaml": to_yaml, ".yml": to_yaml, ".csv": to_csv}.get(path.suffix.lower())
    if made is None:
        raise ProfileError(problem(f"profile {path.name}", f"ending '{path.suffix}'", "a path ending in .yaml or .csv"))
    path.write_text(made(profile), encoding="utf-8", newline="")
    return path


def to_yaml(profile: Profile) -> str:
    """The YAML of a profile, complete in itself."""
    return yaml.safe_dump(to_mapping(profile), sort_keys=False, allow_unicode=True, width=120)


def to_mapping(profile: Profile) -> dict[str, Any]:
    """The mapping that a profile's YAML holds."""
    sources: dict[tuple[str, ...], str] = {}
    metrics = {entry.name: _metric(entry, sources) for entry in profile.metrics}
    figures = {figure.name: _figure(figure, sources) for figure in profile.figures}
    data: dict[str, Any] = dict(_settings(profile))
    data["sources"] = {key: _filled(dict(zip(_OF_SOURCE, found, strict=True))) for found, key in sources.items()}
    data["metrics"] = metrics
    if figures:
        data["figures"] = figures
    return data


def to_csv(profile: Profile) -> str:
    """The table of a profile, columns as `cxsim.benchmarks.sheet` documents them."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for key, value in _settings(profile):
        writer.writerow({"metric": "profile", "statistic": key, "value": value})
    for entry in profile.metrics:
        writer.writerows(_rows(entry))
    for figure in profile.figures:
        name = f"{FIGURE}{figure.name}"
        for row in (_cell_row(cell) for cell in figure.cells):
            writer.writerow({"metric": name, "metric_unit": figure.unit, **row})
        if figure.note:
            writer.writerow({"metric": name, "statistic": "note", "value": figure.note})
    return file.getvalue()


def _settings(profile: Profile) -> Iterator[tuple[str, str]]:
    """What is said of the whole, blanks left out."""
    yield "name", profile.name
    yield "title", profile.title
    yield "meaning", profile.meaning
    blank = "observed" if any(entry.observed for entry in profile.metrics) else ""
    missing = "" if profile.missing == "reweight" else profile.missing
    for key, value in (
        ("currency", profile.currency), ("attribution", profile.attribution), ("missing", missing),
        ("blank_lines", blank), ("entered_by", profile.entered_by), ("checked_by", profile.checked_by),
    ):  # fmt: skip
        if value:
            yield key, value


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None and value != "" and value not in ({}, [])}


def _given(entry: ProfileMetric) -> tuple[Cell, ...]:
    """Cells that were given, without those derived from the named peers."""
    return tuple(cell for cell in entry.cells if cell.series != "named peers")


def _metric(entry: ProfileMetric, sources: dict[tuple[str, ...], str]) -> dict[str, Any]:
    lines = {key: getattr(entry, key) for key in ("worst", "best", "target")}
    band = {} if entry.band is None else {key: _line(line, entry.unit) for key, line in _corners(entry)}
    return _filled(
        {
            "variant": entry.variant,
            "source_variant": entry.source_variant,
            "weight": entry.weight,
            "unit": entry.unit,
            "better": _better(entry),
            "rule": "" if entry.rule == "linear" else entry.rule,
            "cells": {cell.statistic: _cell(cell, sources) for cell in _given(entry)},
            "peers": {peer.name: _peer(peer) for peer in entry.peers},
            **{key: _line(line, entry.unit) for key, line in lines.items() if line is not None},
            "band": band,
            "bands": [_with_unit(edge, entry.unit) for edge in entry.bands],
            "note": entry.note,
        }
    )


def _better(entry: ProfileMetric) -> str:
    """The direction where it may be said: a band carries its own."""
    return "" if entry.direction in (None, "band") else str(entry.direction)


def _corners(entry: ProfileMetric) -> list[tuple[str, Line]]:
    return [] if entry.band is None else list(zip(_CORNERS, entry.band.lines, strict=True))


def _figure(figure: Figure, sources: dict[tuple[str, ...], str]) -> dict[str, Any]:
    cells = {cell.statistic: _cell(cell, sources) for cell in figure.cells}
    return _filled({"unit": figure.unit, "cells": cells, "note": figure.note})


def _cell(cell: Cell, sources: dict[tuple[str, ...], str]) -> dict[str, Any]:
    named = {}
    if cell.title:
        source = (cell.title, cell.url, cell.segment)
        named["source"] = sources.setdefault(source, f"source_{len(sources) + 1}")
    rest = {key: getattr(cell, key) for key in _OF_CELL}
    return _filled({"value": plain(cell.as_published), "provenance": cell.provenance, **named, **rest})


def _peer(peer: Peer) -> Any:
    value = plain(peer.as_published)
    return {"value": value, "source": peer.source} if peer.source else value


def _line(line: Line, unit: str) -> dict[str, Any]:
    said = {"statistic": line.statistic} if line.statistic else {"value": _with_unit(line.value, unit)}
    return said | ({"note": line.note} if line.note else {})


def _with_unit(value: float, unit: str) -> Any:
    return f"{value!r} s" if unit == "s" else value


def _rows(entry: ProfileMetric) -> Iterator[dict[str, Any]]:
    """Rows of one metric; what holds for all of them stands on the first."""
    first: dict[str, Any] = {
        "variant": entry.variant, "weight": repr(entry.weight), "metric_unit": entry.unit, "better": _better(entry),
        "rule": "" if entry.rule == "linear" else entry.rule, "source_variant": entry.source_variant,
    }  # fmt: skip
    for row in _plain_rows(entry):
        yield {"metric": entry.name, **row, **first}
        first = {}
    if first:
        yield {"metric": entry.name, **first}


def _plain_rows(entry: ProfileMetric) -> Iterator[dict[str, Any]]:
    yield from (_cell_row(cell) for cell in _given(entry))
    yield from ({"peer": peer.name, "value": peer.as_published, "source": peer.source} for peer in entry.peers)
    for key in ("worst", "best", "target"):
        if (line := getattr(entry, key)) is not None:
            yield _line_row(key, line, entry.unit)
    yield from (_line_row(f"band:{key}", line, entry.unit) for key, line in _corners(entry))
    if entry.bands:
        edges = " | ".join(str(_with_unit(edge, entry.unit)) for edge in entry.bands)
        yield {"statistic": "bands", "value": edges}
    if entry.note:
        yield {"statistic": "note", "value": entry.note}


def _line_row(key: str, line: Line, unit: str) -> dict[str, Any]:
    return {"statistic": key, "value": line.statistic or _with_unit(line.value, unit), "note": line.note}


def _cell_row(cell: Cell) -> dict[str, Any]:
    statistic = f"{FIGURE}target" if cell.statistic == "target" else cell.statistic
    rest = {key: getattr(cell, key) for key in _OF_CELL}
    source = {"source": cell.title, "url": cell.url, "segment": cell.segment}
    return {"statistic": statistic, "value": cell.as_published, "provenance": cell.provenance, **source, **rest}
