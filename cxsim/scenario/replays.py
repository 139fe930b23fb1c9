"""A record of arrivals read from a file and written out as lists, so that a scenario stays complete in itself."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxsim.errors import ScenarioError, nearest, problem

COLUMNS = ("at", "talk_time", "after_call_work", "patience")
FORM = f"a CSV file (or .csv.gz) with the columns {', '.join(COLUMNS)}, or the folder of a log written as Parquet"
_OF_A_LOG = ("replication", "contact", "touch", "contact_type", "staffed", "offered", "answered", "ended", "wrapped")


def written_out(source: dict[str, Any], *, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The mapping with each `arrivals: {log: FILE}` replaced by lists, and problems of the files.

    Parameters
    ----------
    source : dict
        A scenario as written; not changed.
    folder : Path
        Where files with a relative path lie.

    Returns
    -------
    dict, list of str
        What could not be read is replaced by one arrival, so that all other problems are found as well.
    """
    types = source.get("contact_types")
    if not isinstance(types, Mapping):
        return source, []
    found: list[str] = []
    written = dict(types)
    for name, entry in types.items():
        arrivals = entry.get("arrivals") if isinstance(entry, Mapping) else None
        if not isinstance(arrivals, Mapping) or not isinstance(arrivals.get("log"), str):
            continue
        where = f"scenario.contact_types.{name}.arrivals"
        lists: dict[str, Any] = {"at": [0.0]}
        others = [str(key) for key in arrivals if key not in ("log", "contact_type")]
        try:
            if others:
                raise ScenarioError(problem(where, f"log beside {', '.join(others)}", "a log, or lists", "keep one"))
            lists = _read(folder / arrivals["log"], where=f"{where}.log", only=arrivals.get("contact_type"))
        except ScenarioError as error:
            found += error.problems
        written[name] = {**entry, "arrivals": lists}
    return {**source, "contact_types": written}, found


def _read(path: Path, *, where: str, only: object) -> dict[str, Any]:
    """The lists of one file; `only` is a contact type of a log."""
    if path.is_dir() or path.suffix == ".parquet":
        return _of_log(path / "touchpoints.parquet" if path.is_dir() else path, where=where, only=only)
    if only is not None:
        raise ScenarioError(problem(f"{where}, contact_type", repr(only), "goes with the Parquet folder of a log"))
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (UnicodeDecodeError, gzip.BadGzipFile, zlib.error, EOFError):
        raise ScenarioError(problem(where, f"{path.name} is no text", FORM)) from None
    except OSError as error:
        raise ScenarioError(problem(where, f"{path}: {error.strerror or 'cannot be read'}", FORM)) from None
    return _of_csv(text, name=path.name, where=where)


def _of_csv(text: str, *, name: str, where: str) -> dict[str, Any]:
    """Lists of a CSV text; refuses by line."""
    lines = csv.reader(io.StringIO(text, newline=""))
    header = [word.strip() for word in next(lines, [])]
    unknown = [word for word in header if word not in COLUMNS]
    if unknown or "at" not in header or len(set(header)) < len(header):
        given = f"columns {', '.join(header) or 'none'}"
        remedy = nearest(unknown[0], COLUMNS) if unknown else ""
        raise ScenarioError(
            problem(f"{where}: {name} line 1", given, f"{', '.join(COLUMNS)}; at must be there", remedy)
        )
    lists: dict[str, list[float | None]] = {column: [] for column in header}
    before = 0.0
    for row in lines:
        place = f"{where}: {name} line {lines.line_num}"
        if not row:
            continue
        if len(row) != len(header):
            raise ScenarioError(problem(place, f"{len(row)} values", f"{len(header)}, as in the header"))
        for column, value in zip(header, row, strict=True):
            lists[column].append(_seconds(value.strip(), column=column, place=place))
        now = lists["at"][-1]
        assert now is not None
        if now < before:
            raise ScenarioError(
                problem(place, f"at {now:g} s comes after {before:g} s", "ascending", "sort the record")
            )
        before = now
    if not lists["at"]:
        raise ScenarioError(problem(where, f"{name} has no arrivals", "at least one line below the header"))
    return dict(lists)


def _seconds(value: str, *, column: str, place: str) -> float | None:
    if not value and column != "at":
        return None
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise ScenarioError(problem(place, f"{column} {value!r}", "seconds from 0 on", "see `arrivals`"))
    return number


def _of_log(path: Path, *, where: str, only: object) -> dict[str, Any]:
    """First touches of the cases of a log at staffed touchpoints; what has no talk or wrap-up in it is drawn."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        arrow = pq.read_table(path, columns=list(_OF_A_LOG))
    except (pa.ArrowInvalid, OSError, KeyError):
        raise ScenarioError(problem(where, f"{path} is no table of touchpoints", FORM)) from None
    missing = [column for column in _OF_A_LOG if column not in arrow.column_names]
    if missing:
        raise ScenarioError(problem(where, f"{path.name} without {', '.join(missing)}", FORM))
    t = {column: np.asarray(arrow[column].to_numpy(zero_copy_only=False)) for column in _OF_A_LOG}
    first = (t["contact"] == 0) & (t["touch"] == 0) & t["staffed"]
    if only is not None:
        names = json.loads((arrow.schema.metadata or {}).get(b"cxsim", b"{}")).get("names", {}).get("contact_type", [])
        if only not in names:
            allowed = f"here: {', '.join(names)}"
            raise ScenarioError(problem(f"{where}, contact_type", repr(only), allowed, nearest(str(only), names)))
        first &= t["contact_type"] == names.index(only)
    if len(np.unique(t["replication"])) > 1:
        raise ScenarioError(problem(where, f"{path.name} holds several replications", "one", "select one before"))
    order = np.flatnonzero(first)[np.argsort(t["offered"][first], kind="stable")]
    offered, talk = t["offered"][order], (t["ended"] - t["answered"])[order]
    if not len(order) or not np.all(offered >= 0.0):
        given = "no first touches at staffed touchpoints" if not len(order) else "contacts before second 0"
        raise ScenarioError(problem(where, f"{path.name}: {given}", "cases that begin in the calendar"))
    wrap = (t["wrapped"] - t["ended"])[order]
    return {"at": offered.tolist(), "talk_time": _or_drawn(talk), "after_call_work": _or_drawn(wrap)}


def _or_drawn(values: Any) -> list[float | None]:
    return [value if value >= 0.0 else None for value in values.tolist()]
