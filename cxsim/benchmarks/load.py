"""From a profile's YAML or CSV to a checked `Profile`; everything that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, cast

from cxsim import shipped
from cxsim.benchmarks.cells import Cell, Direction, cells_of_peers, cumulative
from cxsim.benchmarks.checks import Register, known_metrics, register_problems, weight_problems
from cxsim.benchmarks.document import read_document
from cxsim.benchmarks.fields import Fields, quantity
from cxsim.benchmarks.load_cells import Sources, read_cells, read_figures, read_peers, read_sources
from cxsim.benchmarks.needs import check_needs
from cxsim.benchmarks.profile import MISSED, Band, Line, Missed, Profile, ProfileMetric
from cxsim.benchmarks.rules import RULES
from cxsim.benchmarks.sheet import Places, read_sheet
from cxsim.errors import ProfileError, nearest, problem
from cxsim.units import share

_PROFILE: Final = (
    "name", "title", "meaning", "currency", "attribution", "missing", "blank_lines", "entered_by", "checked_by",
    "sources", "metrics", "figures",
)  # fmt: skip
_METRIC: Final = (
    "variant", "source_variant", "weight", "unit", "better", "rule", "worst", "best", "band", "bands", "target",
    "cells", "peers", "note",
)  # fmt: skip
_LINE: Final = ("statistic", "value", "note")
_CORNERS: Final = ("worst_low", "low", "high", "worst_high")
_BLANK: Final = ("refuse", "observed")
_ENDINGS: Final = (".yaml", ".yml", ".csv")


def load_profile(
    source: str | Path | Mapping[str, Any],
    *,
    register: Register | None = None,
    blank_lines: Literal["refuse", "observed"] | None = None,
) -> Profile:
    """A benchmark profile by shipped name, path or mapping, checked.

    Parameters
    ----------
    source : str, Path or mapping
        'it_service_desk', 'my_peers.yaml', 'bought.csv' (columns: see `cxsim.benchmarks.sheet`), or the mapping that a
        YAML file holds.
    register : mapping of str to Metric, optional
        Metrics that units, variants and directions are checked against; default the catalogue. An empty one checks
        nothing, for figures the catalogue does not know.
    blank_lines : str, optional
        'observed': where worst and best are left blank they are the ends of what is observed when something is scored,
        so that a score depends on who else is in the data. Default: what the profile says, which is 'refuse' unless it
        says otherwise.

    Raises
    ------
    ProfileError
        Every problem of the file together: unknown keys, statistics, metrics or variants, values out of range, weights
        that do not add to 1, worst equal to best, a direction against the metric's. Those of a CSV name row and column.
    """
    known = known_metrics() if register is None else register
    data, name, places = (dict(source), "profile", Places()) if isinstance(source, Mapping) else _read(source, known)
    problems: list[str] = []
    top = Fields(data, where=name, known=_PROFILE, problems=problems)
    sources = read_sources(top)
    observed = (blank_lines or top.choice("blank_lines", _BLANK, default="refuse")) == "observed"
    profile = Profile(
        name=top.text("name", default=None),
        title=top.text("title", default=None),
        meaning=top.text("meaning", default=None),
        metrics=tuple(
            _metric(top, key, entry, sources=sources, register=known, observed=observed)
            for key, entry in _entries(top, "metrics").items()
        ),
        currency=top.text("currency"),
        entered_by=top.text("entered_by", default=None),
        checked_by=top.text("checked_by", default="unchecked"),
        attribution=top.text("attribution"),
        missing=cast(Missed, top.choice("missing", MISSED, default="reweight")),
        figures=read_figures(top, sources=sources),
    )
    problems += weight_problems(profile, where=name)
    problems += register_problems(profile, where=name, register=known)
    if problems:
        raise ProfileError([places.say(line) for line in dict.fromkeys(problems)])
    return profile


def _read(source: str | Path, register: Register) -> tuple[dict[str, Any], str, Places]:
    """Data and name of a profile file, shipped or the user's own, and where in a table each part of it stands."""
    path = Path(source)
    if path.suffix.lower() not in _ENDINGS:
        known = shipped.names("profile")
        found = shipped.path("profile", str(source)) if str(source) in known else None
        if found is None:
            allowed = f"profiles: {', '.join(known) or 'none shipped'}, or a path ending in .yaml or .csv"
            raise ProfileError(problem(f"profile {source}", "not a profile", allowed, nearest(str(source), known)))
        path = found
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or "cannot be read"
        raise ProfileError(problem(f"profile {source}", reason, "a readable YAML or CSV file in UTF-8", "")) from error
    if path.suffix.lower() == ".csv":
        data, places = read_sheet(text, name=path.stem, register=register)
        return data, path.stem, places
    return read_document(text, where=path.stem), path.stem, Places()


def _entries(top: Fields, key: str) -> Mapping[str, Any]:
    """The named mappings under a key; at least one."""
    given = top.given.get(key)
    if not isinstance(given, Mapping) or not given:
        top.note(key, "not given" if given is None else repr(given), "a mapping with at least one entry")
        return {}
    return given


def _metric(
    top: Fields, name: str, entry: Any, *, sources: Sources, register: Register, observed: bool
) -> ProfileMetric:
    """One metric with its cells and lines."""
    fields = Fields(entry, where=f"{top.where}.metrics.{name}", known=_METRIC, problems=top.problems)
    unit, currency = fields.text("unit", default=None), top.text("currency")
    cells = read_cells(fields, unit=unit, currency=currency, sources=sources)
    peers = read_peers(fields, unit=unit, currency=currency)
    given = {cell.statistic for cell in cells}
    who = {"entered_by": top.text("entered_by"), "checked_by": top.text("checked_by", default="unchecked")}
    cells += tuple(cell for cell in cells_of_peers(peers, **who) if cell.statistic not in given)
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
        rule=fields.choice("rule", RULES, default="linear"),
        bands=_edges(fields, unit, currency),
        peers=peers,
        direction=_direction(fields, name, register),
    )
    if observed and not any(key in fields for key in ("worst", "best", "band")) and metric.rule == "linear":
        metric = replace(metric, observed=True)
    check_needs(fields, metric)
    return metric


def _direction(fields: Fields, name: str, register: Register) -> Direction | None:
    """Direction said by the profile, else where no line can carry it that of the catalogue."""
    if "better" in fields:
        return cast(Direction, fields.choice("better", ("higher", "lower")))
    if {"worst", "best"} <= fields.given.keys() or "band" in fields or "bands" in fields or name not in register:
        return None
    return register[name].better


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


def _edges(fields: Fields, unit: str, currency: str) -> tuple[float, ...]:
    """Edges of bands, from worst to best, rising or falling all the way."""
    if "bands" not in fields:
        return ()
    given, convert = fields.given["bands"], quantity(unit, currency=currency)
    try:
        edges = tuple(convert(value) for value in given) if isinstance(given, list) else ()
    except ValueError as error:
        said, _, allowed = str(error).partition("; ")
        fields.note("bands", said, allowed)
        return ()
    steps = [end - start for start, end in pairwise(edges)]
    if not steps or not (min(steps) > 0.0 or max(steps) < 0.0):
        fields.note("bands", repr(given), "two or more edges from worst to best, rising or falling all the way")
        return ()
    return edges
