"""The log: five tables of NumPy columns, the interface between what happened and everything that reads it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxsim.contacts.columns import FIXED_CODES, TABLES
from cxsim.errors import LogError, nearest, problem

Array = npt.NDArray[Any]


class Table:
    """Columns of one table, all of one length, read as attributes; a column that is not there is named in the error.

    Parameters
    ----------
    name : str
        'touchpoints', 'staffing', 'agents', 'customers' or 'surveys'.
    columns : mapping of str to array [n_rows]
        Converted to the stated type; unknown names are refused.

    Raises
    ------
    LogError
        A column is unknown or the lengths differ.
    """

    __slots__ = ("columns", "name")

    def __init__(self, name: str, columns: Mapping[str, Any]) -> None:
        known = TABLES[name]
        wrong = [
            problem(f"log.{name}.{column}", "not a column", f"columns are {', '.join(known)}", nearest(column, known))
            for column in columns
            if column not in known
        ]
        if wrong:
            raise LogError(wrong)
        # In the order of declaration, so that equal tables are written as equal bytes.
        self.columns: Mapping[str, Array] = {
            column: np.asarray(columns[column], dtype=spec.dtype) for column, spec in known.items() if column in columns
        }
        self.name = name
        lengths = {len(values) for values in self.columns.values()}
        if len(lengths) > 1:
            raise LogError(problem(f"log.{name}", f"columns of lengths {sorted(lengths)}", "one length for all"))

    def __getattr__(self, column: str) -> Array:
        if column.startswith("__") or column in ("columns", "name"):
            raise AttributeError(column)
        try:
            return self.columns[column]
        except KeyError:
            if column in TABLES[self.name]:
                raise LogError(
                    problem(
                        f"log.{self.name}.{column}",
                        "absent in this log",
                        f"here are {', '.join(self.columns) or 'no columns'}",
                    )
                ) from None
            raise AttributeError(f"{column} is not a column of {self.name}") from None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __eq__(self, other: object) -> bool:
        """Equality to the last bit: same columns, same bytes (so NaN equals NaN)."""
        if not isinstance(other, Table) or self.name != other.name or list(self.columns) != list(other.columns):
            return False
        return all(_same_bytes(values, other.columns[column]) for column, values in self.columns.items())

    __hash__ = None  # type: ignore[assignment]

    def take(self, rows: Array | slice) -> Table:
        """The table with some rows: a mask, numbers, or a slice (a view without copies)."""
        chosen = object.__new__(Table)
        chosen.name = self.name
        chosen.columns = {column: taken(values, rows) for column, values in self.columns.items()}
        return chosen

    def with_columns(self, **columns: Any) -> Table:
        """A copy with columns added or replaced."""
        return Table(self.name, {**self.columns, **columns})


@dataclass(frozen=True, eq=False)
class ContactLog:
    """What happened, simulated or real; nothing in it says which.

    Attributes
    ----------
    touchpoints, staffing, agents, customers, surveys : Table
        See `cxsim.contacts.columns`. A table that is not known is empty, without columns.
    names : mapping of str to sequence of str
        Decodes the coded columns: names['touchpoint'][code].
    meta : mapping
        origin (ISO instant of second 0), horizon [s] (arrivals stop; absent in a real log), seed, scenario, ...
    span : (float, float) or None
        The window that measures look at [s]; None: from the first offer to the horizon or the last event.
    """

    touchpoints: Table
    staffing: Table = field(default_factory=lambda: Table("staffing", {}))
    agents: Table = field(default_factory=lambda: Table("agents", {}))
    customers: Table = field(default_factory=lambda: Table("customers", {}))
    surveys: Table = field(default_factory=lambda: Table("surveys", {}))
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    span: tuple[float, float] | None = None

    def __eq__(self, other: object) -> bool:
        """Equality of all five tables and all names to the last bit."""
        return (
            isinstance(other, ContactLog)
            and all(getattr(self, table) == getattr(other, table) for table in TABLES)
            and {k: list(v) for k, v in self.names.items()} == {k: list(v) for k, v in other.names.items()}
        )

    __hash__ = None  # type: ignore[assignment]

    def labels(self, column: str) -> list[str]:
        """Names behind the codes of a column, in order of code."""
        codes = next((spec.codes for table in TABLES.values() for name, spec in table.items() if name == column), "")
        if not codes:
            raise LogError(problem(f"log.{column}", "not a coded column", "give a coded column", ""))
        return list(FIXED_CODES.get(codes, self.names.get(codes, ())))

    def with_tables(self, **changes: Any) -> ContactLog:
        """A copy with other tables, names, meta or span."""
        return replace(self, **changes)

    def to_frame(self, table: str = "touchpoints") -> pd.DataFrame:
        """A table as a DataFrame, codes decoded as categories."""
        source: Table = getattr(self, table)
        data: dict[str, Any] = {}
        for column, values in source.columns.items():
            if TABLES[table][column].codes:
                data[column] = pd.Categorical.from_codes(
                    values.astype(np.int64), categories=pd.Index(self.labels(column))
                )
            else:
                data[column] = values
        return pd.DataFrame(data)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the log as a folder of five Parquet files; what was there is replaced only when all is written.

        Raises
        ------
        LogError
            The place cannot be written, or holds something that is not a log.
        """
        target = Path(path)
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        about = json.dumps(
            {"names": {k: list(v) for k, v in self.names.items()}, "meta": dict(self.meta), "span": self.span},
            sort_keys=True,
            default=_plain,
        )
        if target.exists() and not _is_log(target):
            raise LogError(problem(str(target), "something that is not a log", "a new folder or an older log"))
        try:
            partial.mkdir(parents=True)
            for table in TABLES:
                source: Table = getattr(self, table)
                arrow = pa.table({column: pa.array(values) for column, values in source.columns.items()})
                pq.write_table(
                    arrow.replace_schema_metadata({"cxsim": about}), partial / f"{table}.parquet", compression="zstd"
                )
            if target.exists():
                shutil.rmtree(target)
            os.replace(partial, target)
        except OSError as error:
            reason = error.strerror or str(error)
            raise LogError(problem(str(target), reason, "a place that can be written", "choose another")) from None
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return target

    @classmethod
    def from_parquet(cls, path: str | Path) -> ContactLog:
        """Read a log that `to_parquet` wrote, equal to the last bit."""
        source = Path(path)
        tables: dict[str, Table] = {}
        about: dict[str, Any] = {}
        for table in TABLES:
            file = source / f"{table}.parquet"
            if not file.is_file():
                raise LogError(problem(str(source), f"no {table}.parquet in it", "a folder written by to_parquet"))
            try:
                arrow = pq.read_table(file)
            except (pa.ArrowInvalid, OSError):
                raise LogError(problem(str(file), "a damaged Parquet file", "a file written by to_parquet")) from None
            about = json.loads((arrow.schema.metadata or {}).get(b"cxsim", b"{}"))
            tables[table] = Table(table, {column: _read(arrow[column]) for column in arrow.column_names})
        span = about.get("span")
        return cls(
            **tables,
            names=about.get("names", {}),
            meta=about.get("meta", {}),
            span=None if span is None else (span[0], span[1]),
        )


def taken(values: Array, rows: Array | slice) -> Array:
    """Some rows of a column: a mask, numbers, or a slice; one value that stands for every row goes on doing so."""
    if isinstance(rows, slice):
        return values[rows]
    numbers = np.asarray(rows)
    if not _repeats_one(values):
        return values[numbers] if numbers.dtype == bool else values.take(numbers)  # the quicker of two ways
    return np.broadcast_to(values[:1], int(np.count_nonzero(numbers)) if numbers.dtype == bool else len(numbers))


def _repeats_one(values: Array) -> bool:
    # A column of one value for all rows takes the memory of that value: the step to the next row is no bytes long.
    return values.strides == (0,) and len(values) > 0


def _joined(parts: Sequence[Array]) -> Array:
    known = [part for part in parts if len(part)]
    if known and all(_repeats_one(part) and part[:1].tobytes() == known[0][:1].tobytes() for part in known):
        return np.broadcast_to(known[0][:1], sum(map(len, known)))
    return np.concatenate(parts)


def _same_bytes(one: Array, other: Array) -> bool:
    if len(one) == len(other) and _repeats_one(one) and _repeats_one(other):
        one, other = one[:1], other[:1]
    return one is other or one.tobytes() == other.tobytes()


def _is_log(folder: Path) -> bool:
    return folder.is_dir() and {file.name for file in folder.iterdir()} <= {f"{table}.parquet" for table in TABLES}


def _plain(value: Any) -> Any:
    # NumPy's numbers are not JSON's.
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be kept in meta")


def _read(column: Any) -> Array:
    # NaN stays NaN: Arrow keeps it apart from null, and a log has no nulls.
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False))


def concatenate(logs: Sequence[ContactLog]) -> ContactLog:
    """Several logs of one scenario as one; agents and customers are taken from the first that has them."""
    first = logs[0]
    joined = {}
    for table in ("touchpoints", "staffing", "surveys"):
        parts = [getattr(log, table) for log in logs]
        joined[table] = Table(
            table, {column: _joined([part.columns[column] for part in parts]) for column in parts[0].columns}
        )
    return first.with_tables(**joined)
