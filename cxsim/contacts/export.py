"""Logs written as the CSV files that centres export, so that the way in can be tested and tools can read them."""

from __future__ import annotations

import csv
import gzip
import io
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from cxsim.contacts.columns import ABANDONED, BALKED, CHANNELS, NOBODY, RESOLVED, TABLES, UNKNOWN, UNRESOLVED
from cxsim.contacts.expressions import DAY
from cxsim.contacts.log import ContactLog
from cxsim.contacts.reader_files import find_reader
from cxsim.errors import LogError, problem

Array = npt.NDArray[Any]
_TECHNION: Final = (
    "vru+line", "call_id", "customer_id", "priority", "type", "date", "vru_entry", "vru_exit", "vru_time",
    "q_start", "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time", "server",
)  # fmt: skip


def to_generic_csv(log: ContactLog, path: str | Path) -> Path:
    """Write the touchpoints as the file that the reader `generic` reads, one line a row.

    Instants are seconds since the log's origin, to the last bit; a missing value is an empty field. The origin itself,
    the other tables and the labels of the log are not in such a file.

    Raises
    ------
    LogError
        The file cannot be written.
    """
    columns: dict[str, Any] = {}
    for name, values in log.touchpoints.columns.items():
        spec = TABLES["touchpoints"][name]
        if spec.codes:
            known = np.array([*log.labels(name), None], dtype=object)
            columns[name] = pa.array(known[np.where(values == UNKNOWN, len(known) - 1, values)], pa.string())
        elif spec.dtype == "?":
            columns[name] = pa.array(np.where(values, "yes", "no"))
        elif spec.dtype == "f8":
            columns[name] = pa.array(values, mask=np.isnan(values))
        else:
            columns[name] = pa.array(values)
    buffer = io.BytesIO()
    pa_csv.write_csv(pa.table(columns), buffer)
    return _write(buffer.getvalue(), path)


def to_technion(log: ContactLog, path: str | Path) -> Path:
    """Write the calls of a log in the format of the Anonymous Bank, one line a call, ordered by their begin.

    In that record are calls that asked for an agent and were served or hung up, and calls that hung up in the voice
    response unit; whole seconds, no after-call work, no cases. So left out are other channels, calls that were served
    by an automated touchpoint alone, blocked, closed and unfinished ones, and calls by the centre. A leg after a
    transfer is a call of its own. Customer numbers are raised by one, since 0 means not identified; an instant of
    exactly midnight is written one second later, since 0:00:00 means that it did not happen.

    Parameters
    ----------
    log : ContactLog
        One replication, with `origin` in its meta.
    path : str or Path
        Compressed with gzip if it ends with .gz.

    Raises
    ------
    LogError
        No origin, several replications, or the file cannot be written.
    """
    origin = log.meta.get("origin")
    if not origin:
        raise LogError(
            problem("log.meta.origin", "not there", "the ISO instant of second 0", "give it with_tables(meta=)")
        )
    if len(np.unique(log.touchpoints.replication)) > 1:
        raise LogError(problem("log.touchpoints.replication", "several replications", "one", "take the rows of one"))
    first_day = datetime.fromisoformat(origin)
    calls = sorted(_calls(log), key=lambda call: (call["vru_entry"], call["call_id"]))
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, _TECHNION, lineterminator="\n")
    writer.writeheader()
    for number, call in enumerate(calls, start=1):
        writer.writerow(_written(call, number=number, first_day=first_day))
    return _write(buffer.getvalue().encode(), path)


def _calls(log: ContactLog) -> list[dict[str, Any]]:
    t = log.touchpoints
    order = np.lexsort((t.touch, t.contact, t.case))
    voice = t.channel == CHANNELS.index("voice")
    offered, answered, ended = (np.floor(values) for values in (t.offered, t.answered, t.ended))
    types = {ours: theirs for source in find_reader("technion").columns if source.name == "type"
             for theirs, ours in (source.values or {}).items()}  # fmt: skip
    names = [types.get(name, name) for name in log.labels("contact_type")] if "contact_type" in t else []
    servers = _servers(log)
    calls = []
    for place, row in enumerate(order):
        before = order[place - 1] if place and _same_contact(t, order[place - 1], row) else None
        after = order[place + 1] if place + 1 < len(order) else None
        last = after is None or not _same_contact(t, row, after)
        hung_up = t.outcome[row] in (ABANDONED, BALKED)
        served = t.outcome[row] in (RESOLVED, UNRESOLVED, UNKNOWN) and not np.isnan(ended[row])
        called = "outbound" in t and t.outbound[row]
        if called or not voice[row] or not (hung_up or served) or (not t.staffed[row] and not (last and hung_up)):
            continue
        entered = offered[before] if before is not None and not t.staffed[before] else offered[row]
        waited = t.staffed[row] and (hung_up or answered[row] > offered[row])
        calls.append(
            {
                "call_id": int(row),
                "customer_id": int(t.customer[row]) + 1 if "customer" in t else 0,
                "type": names[t.contact_type[row]] if names else "PS",
                "vru_entry": entered if t.staffed[row] else offered[row],
                "vru_exit": offered[row] if t.staffed[row] else ended[row],
                "queue": (offered[row], ended[row] if hung_up else answered[row]) if waited else None,
                "service": (answered[row], ended[row]) if served else None,
                "server": servers.get(row, "NO_SERVER"),
            }
        )
    return calls


def _same_contact(table: Any, one: int, other: int) -> bool:
    return bool(table.case[one] == table.case[other] and table.contact[one] == table.contact[other])


def _servers(log: ContactLog) -> dict[int, str]:
    """Name of the server of each answered row, numbered over all groups from S01."""
    t = log.touchpoints
    rows = np.flatnonzero(t.agent != NOBODY) if "agent" in t else np.zeros(0, dtype="i8")
    groups = t.agent_group if "agent_group" in t else np.zeros(len(t), dtype="i2")
    who = {
        each: number for number, each in enumerate(sorted({(int(groups[row]), int(t.agent[row])) for row in rows}), 1)
    }
    return {int(row): f"S{who[int(groups[row]), int(t.agent[row])]:02d}" for row in rows}


def _written(call: dict[str, Any], *, number: int, first_day: datetime) -> dict[str, Any]:
    queue, service = call["queue"], call["service"]
    day = first_day + timedelta(days=int(call["vru_entry"] // DAY))
    return {
        "vru+line": "AA0101",
        "call_id": number,
        "customer_id": call["customer_id"],
        "priority": 1 if call["customer_id"] else 0,
        "type": call["type"],
        "date": day.strftime("%y%m%d"),
        "vru_entry": _time_of_day(call["vru_entry"]),
        "vru_exit": _time_of_day(call["vru_exit"]),
        "vru_time": int(call["vru_exit"] - call["vru_entry"]),
        **_stretch(queue, ("q_start", "q_exit", "q_time")),
        "outcome": "AGENT" if service else "HANG",
        **_stretch(service, ("ser_start", "ser_exit", "ser_time")),
        "server": call["server"] if service else "NO_SERVER",
    }


def _stretch(stretch: tuple[float, float] | None, names: tuple[str, str, str]) -> dict[str, Any]:
    if stretch is None:
        return dict(zip(names, ("0:00:00", "0:00:00", 0), strict=True))
    start, end = (instant + 1.0 if instant % DAY == 0.0 else instant for instant in stretch)
    return dict(zip(names, (_time_of_day(start), _time_of_day(end), int(end - start)), strict=True))


def _time_of_day(instant: float) -> str:
    seconds = int(instant % DAY)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _write(data: bytes, path: str | Path) -> Path:
    """Bytes as a file that is there whole or not at all."""
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        # No time stamp in the archive: equal logs give equal files.
        partial.write_bytes(gzip.compress(data, mtime=0) if target.suffix == ".gz" else data)
        os.replace(partial, target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise LogError(
            problem(str(target), error.strerror or str(error), "a place that can be written", "choose another")
        ) from None
    return target
