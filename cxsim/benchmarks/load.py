"""From a profile's YAML to a checked `Profile`; everything that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, cast

from cxsim import shipped
from cxsim.benchmarks.document import read_document
from cxsim.benchmarks.fields import Fields, quantity
from cxsim.benchmarks.lint import Register, known_metrics, register_problems, weight_problems
from cxsim.benchmarks.profile import (
    CONFIDENCES,
    OTHER_STATISTICS,
    PROVENANCES,
    QUANTILES,
    Band,
    Cell,
    Confidence,
    Line,
    Profile,
    ProfileMetric,
    Provenance,
    cumulative,
)
from cxsim.errors import ProfileError, nearest, problem
from cxsim.units import share

_PROFILE: Final = ("name", "title", "meaning", "currency", "entered_by", "checked_by", "sources", "metrics")
_SOURCE: Final = ("title", "url", "segment", "year", "n", "confidence", "note", "entered_by", "checked_by")
_METRIC: Final = (
    "variant", "source_variant", "weight", "unit", "worst", "best", "band", "target", "cells", "note",
)  # fmt: skip
_CELL: Final = (
    "value", "provenance", "source", "series", "year", "n", "confidence", "note", "entered_by", "checked_by",
)  # fmt: skip
_LINE: Final = ("statistic", "value", "note")
_CORNERS: Final = ("worst_low", "low", "high", "worst_high")


def load_profile(source: str | Path | Mapping[str, Any], *, register: Register | None = None) -> Profile:
    """A benchmark profile by shipped name, path or mapping, checked.

    Parameters
    ----------
    source : str, Path or mapping
        'it_service_desk', 'my_peers.yaml', or the mapping such a file holds.
    register : mapping of str to Metric, optional
        Metrics that units, variants and directions are checked against; default the catalogue. An empty one checks
        nothing, for figures the catalogue does not know.

    Raises
    ------
    ProfileError
        Every problem of the file together: unknown keys, statistics, metrics or variants, values out of range, weights
        that do not add to 1, worst equal to best, a direction against the metric's.
    """
    data, name = (dict(source), "profile") if isinstance(source, Mapping) else _read(source)
    problems: list[str] = []
    top = Fields(data, where=name, known=_PROFILE, problems=problems)
    sources = _sources(top)
    metrics = tuple(_metric(top, key, entry, sources) for key, entry in _entries(top, "metrics").items())
    profile = Profile(
        name=top.text("name", default=None),
        title=top.text("title", default=None),
        meaning=top.text("meaning", default=None),
        metrics=metrics,
        currency=top.text("currency"),
        entered_by=top.text("entered_by", default=None),
        checked_by=top.text("checked_by", default="unchecked"),
    )
    problems += weight_problems(profile, where=name)
    problems += register_problems(profile, where=name, register=known_metrics() if register is None else register)
    if problems:
        raise ProfileError(list(dict.fromkeys(problems)))
    return profile


def _read(source: str | Path) -> tuple[dict[str, Any], str]:
    """Data and name of a profile file, shipped or the user's own."""
    path = Path(source)
    if path.suffix.lower() not in (".yaml", ".yml"):
        known = shipped.names("profile")
        found = shipped.path("profile", str(source)) if str(source) in known else None
        if found is None:
            allowed = f"profiles: {', '.join(known) or 'none shipped'}, or a path ending in .yaml"
            raise ProfileError(problem(f"profile {source}", "not a profile", allowed, nearest(str(source), known)))
        path = found
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or "cannot be read"
        raise ProfileError(problem(f"profile {source}", reason, "a readable YAML file in UTF-8", "")) from error
    return read_document(text, where=path.stem), path.stem


def _entries(top: Fields, key: str) -> Mapping[str, Any]:
    """The named mappings under a key; at least one."""
    given = top.given.get(key)
    if not isinstance(given, Mapping) or not given:
        top.note(key, "not given" if given is None else repr(given), "a mapping with at least one entry")
        return {}
    return given


def _sources(top: Fields) -> dict[str, dict[str, Any]]:
    """The sources by name: the fields every cell that names one takes over."""
    found = {}
    given = top.given.get("sources") or {}
    for key, entry in (given if isinstance(given, Mapping) else {}).items():
        fields = Fields(entry, where=f"{top.where}.sources.{key}", known=_SOURCE, problems=top.problems)
        url = fields.text("url", default=None)
        if url and not url.startswith(("http://", "https://")):
            fields.note("url", repr(url), "an address that begins with http:// or https://")
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


def _metric(top: Fields, name: str, entry: Any, sources: Mapping[str, dict[str, Any]]) -> ProfileMetric:
    """One metric with its cells and lines."""
    fields = Fields(entry, where=f"{top.where}.metrics.{name}", known=_METRIC, problems=top.problems)
    unit, currency = fields.text("unit", default=None), top.text("currency")
    cells = _cells(fields, unit, currency, sources)
    lines = {
        key: _line(fields, key, fields.given[key], (unit, currency), cells)
        for key in ("worst", "best", "target")
        if key in fields
    }
    metric = ProfileMetric(
        name=name,
        variant=fields.text("variant", default=None),
        weight=fields.number("weight", share) or 0.0,
        unit=unit,
        worst=lines.get("worst"),
        best=lines.get("best"),
        band=_band(fields, (unit, currency), cells) if "band" in fields else None,
        target=lines.get("target"),
        cells=cells,
        source_variant=fields.text("source_variant", default="unstated"),
        note=fields.text("note"),
    )
    _check_line(fields)
    if metric.worst and metric.best and metric.worst.value == metric.best.value:
        fields.note("worst", f"{metric.worst.value:g}, equal to best", "worst and best that differ", "mend one")
    if metric.band and metric.target:
        fields.note("target", "given beside band", "the band is the target", "leave one out")
    return metric


def _check_line(fields: Fields) -> None:
    """Either both ends or a band, not both and not half."""
    ends = ("worst" in fields) + ("best" in fields)
    if ("band" in fields) == (ends > 0) or ends == 1:
        said = ", ".join(key for key in ("worst", "best", "band") if key in fields) or "no line"
        fields.note("", f"{said} given", "either worst and best, or band", "give the line the metric is scored on")


def _cells(fields: Fields, unit: str, currency: str, sources: Mapping[str, dict[str, Any]]) -> tuple[Cell, ...]:
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


def _cell(
    inner: Fields, statistic: str, unit: str, currency: str, sources: Mapping[str, dict[str, Any]]
) -> Cell | None:
    """One figure with its source; None if it has no readable value."""
    value = inner.number("value", share if cumulative(statistic) else quantity(unit, currency=currency))
    provenance = cast(Provenance, inner.choice("provenance", PROVENANCES))
    source, named = sources.get(inner.text("source"), {}), inner.text("source")
    if named and not source:
        inner.note("source", repr(named), f"sources here: {', '.join(sources) or 'none'}", nearest(named, sources))
    if not named and provenance != "filled":
        inner.note("source", "not given", "a published or derived figure names its source", "or call it filled")
    notes = [text for text in (inner.text("note"), source.get("note", "")) if text]
    if value is None:
        return None
    return Cell(
        statistic=statistic,
        value=value,
        provenance=provenance,
        as_published=str(inner.given["value"]),
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


def _line(fields: Fields, key: str, entry: Any, units: tuple[str, str], cells: tuple[Cell, ...]) -> Line | None:
    """A line taken from a cell ({statistic: min}) or filled in ({value: ..., note: why})."""
    inner = Fields(entry, where=f"{fields.where}.{key}", known=_LINE, problems=fields.problems)
    note = inner.text("note")
    if ("statistic" in inner) == ("value" in inner):
        inner.note("", "both or neither given", "either statistic (of a cell) or value (filled in, with a note)")
        return None
    if "statistic" in inner:
        of = {cell.statistic: cell for cell in cells if cumulative(cell.statistic) is None}
        cell = of.get(inner.text("statistic"))
        if cell is None:
            inner.note("statistic", repr(inner.text("statistic")), f"cells here: {', '.join(of) or 'none'}")
            return None
        return Line(cell.value, cell.provenance, cell.statistic, note)
    if not note:
        inner.note("note", "not given", "a value that is filled in says why")
    value = inner.number("value", quantity(units[0], currency=units[1]))
    return None if value is None else Line(value, "filled", "", note)


def _band(fields: Fields, units: tuple[str, str], cells: tuple[Cell, ...]) -> Band | None:
    """The four corners of a band, ascending."""
    inner = Fields(fields.given["band"], where=f"{fields.where}.band", known=_CORNERS, problems=fields.problems)
    lines = [_line(inner, key, inner.given.get(key), units, cells) for key in _CORNERS]
    if any(line is None for line in lines):
        return None
    worst_low, low, high, worst_high = cast(list[Line], lines)
    if not worst_low.value < low.value <= high.value < worst_high.value:
        said = ", ".join(f"{line.value:g}" for line in cast(list[Line], lines))
        inner.note("", said, "worst_low < low <= high < worst_high")
        return None
    return Band(worst_low, low, high, worst_high)
