"""The figures of a profile: cells with their sources, named peers, and figures that no metric measures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final, cast

from cxsim.benchmarks.cells import (
    CONFIDENCES,
    OTHER_STATISTICS,
    PROVENANCES,
    QUANTILES,
    Cell,
    Confidence,
    Peer,
    Provenance,
    cumulative,
)
from cxsim.benchmarks.fields import Fields, quantity
from cxsim.benchmarks.profile import Figure
from cxsim.errors import nearest
from cxsim.units import share

Sources = Mapping[str, dict[str, Any]]

_SOURCE: Final = ("title", "url", "segment", "year", "n", "confidence", "note", "entered_by", "checked_by")
_CELL: Final = (
    "value", "provenance", "source", "series", "year", "n", "confidence", "note", "entered_by", "checked_by",
)  # fmt: skip
_PEER: Final = ("value", "source")
_FIGURE: Final = ("unit", "cells", "note")


def read_sources(top: Fields) -> dict[str, dict[str, Any]]:
    """The sources by name: the fields every cell that names one takes over."""
    found = {}
    given = top.given.get("sources") or {}
    for key, entry in (given if isinstance(given, Mapping) else {}).items():
        fields = Fields(entry, where=f"{top.where}.sources.{key}", known=_SOURCE, problems=top.problems)
        url = fields.text("url")
        if url and not url.startswith(("http://", "https://")):
            fields.note("url", repr(url), "an address that begins with http:// or https://, or nothing")
        found[str(key)] = {
            "title": fields.text("title", default=None),
            "url": url,
            "segment": fields.text("segment", default=None),
            "year": fields.count("year"),
            "n": fields.count("n"),
            "confidence": fields.choice("confidence", CONFIDENCES, default="medium"),
            "note": fields.text("note"),
            "entered_by": fields.text("entered_by", default=top.text("entered_by")),
            "checked_by": fields.text("checked_by", default=top.text("checked_by", default="unchecked")),
        }
    return found


def read_cells(fields: Fields, *, unit: str, currency: str, sources: Sources) -> tuple[Cell, ...]:
    """The figures about the peers, and whether their order is possible."""
    given = fields.given.get("cells") or {}
    if not isinstance(given, Mapping):
        fields.note("cells", repr(given), "a mapping of statistics")
        return ()
    cells = []
    for statistic, entry in given.items():
        inner = Fields(entry, where=f"{fields.where}.cells.{statistic}", known=_CELL, problems=fields.problems)
        known = (*QUANTILES, *OTHER_STATISTICS)
        if statistic not in known and cumulative(str(statistic)) is None:
            allowed = f"{', '.join(known)}, or cdf<VALUE, cdf>VALUE for a share of peers"
            inner.note("", "not a statistic", allowed, nearest(str(statistic), known))
        elif (cell := _cell(inner, str(statistic), unit, currency, sources)) is not None:
            cells.append(cell)
    _check_order(fields, cells)
    return tuple(cells)


def read_peers(fields: Fields, *, unit: str, currency: str) -> tuple[Peer, ...]:
    """Named peers with one value each."""
    given = fields.given.get("peers") or {}
    if not isinstance(given, Mapping):
        fields.note("peers", repr(given), "a mapping of names to values")
        return ()
    peers = []
    for name, entry in given.items():
        entry = entry if isinstance(entry, Mapping) else {"value": entry}
        inner = Fields(entry, where=f"{fields.where}.peers.{name}", known=_PEER, problems=fields.problems)
        value = inner.number("value", quantity(unit, currency=currency))
        if value is not None:
            peers.append(Peer(str(name), value, str(inner.given["value"]), inner.text("source")))
    return tuple(peers)


def read_figures(top: Fields, *, sources: Sources) -> tuple[Figure, ...]:
    """Figures about the peers that the catalogue has no metric for."""
    given = top.given.get("figures") or {}
    if not isinstance(given, Mapping):
        top.note("figures", repr(given), "a mapping of names to unit and cells")
        return ()
    figures = []
    for name, entry in given.items():
        fields = Fields(entry, where=f"{top.where}.figures.{name}", known=_FIGURE, problems=top.problems)
        unit = fields.text("unit", default=None)
        cells = read_cells(fields, unit=unit, currency=top.text("currency"), sources=sources)
        if not cells:
            fields.note("cells", "not given", "at least one figure")
        figures.append(Figure(str(name), unit, cells, fields.text("note")))
    return tuple(figures)


def _cell(inner: Fields, statistic: str, unit: str, currency: str, sources: Sources) -> Cell | None:
    """One figure with its source; None if it has no readable value."""
    value = inner.number("value", share if cumulative(statistic) else quantity(unit, currency=currency))
    provenance = cast(Provenance, inner.choice("provenance", PROVENANCES))
    source, named = sources.get(inner.text("source"), {}), inner.text("source")
    if named and not source:
        inner.note("source", repr(named), f"sources here: {', '.join(sources) or 'none'}", nearest(named, sources))
    if not named and provenance != "filled":
        inner.note("source", "not given", "a published or derived figure names its source, or call it filled")
    notes = [text for text in (inner.text("note"), source.get("note", "")) if text]
    cell = Cell(
        statistic=statistic,
        value=math.nan if value is None else value,
        provenance=provenance,
        as_published=str(inner.given.get("value")),
        series=inner.text("series"),
        title=source.get("title", ""),
        url=source.get("url", ""),
        segment=source.get("segment", ""),
        year=inner.count("year") or source.get("year"),
        n=inner.count("n") or source.get("n"),
        confidence=cast(
            Confidence, inner.choice("confidence", CONFIDENCES, default=source.get("confidence", "medium"))
        ),
        note="; ".join(notes),
        entered_by=inner.text("entered_by", default=source.get("entered_by", "")),
        checked_by=inner.text("checked_by", default=source.get("checked_by", "unchecked")),
    )
    return None if value is None else cell


def _check_order(fields: Fields, cells: list[Cell]) -> None:
    """Quantiles must not fall, and a mean lies between minimum and maximum."""
    of = {cell.statistic: cell.value for cell in cells}
    quantiles = [(name, of[name]) for name in QUANTILES if name in of]
    for (lower, below), (upper, above) in pairwise(quantiles):
        if below > above:
            fields.note(f"cells.{upper}", f"{above:g}, below {lower} {below:g}", "quantiles that do not fall")
    mean = of.get("mean")
    if mean is not None and not of.get("min", mean) <= mean <= of.get("max", mean):
        fields.note("cells.mean", f"{mean:g}", "a mean between min and max")
