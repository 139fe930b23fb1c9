"""A shard: the counters of the trials of one chunk as one Parquet file, with an index of whose they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxsim.trial import Trial

# Below this name stands in a file which trials it holds: for each row group their keys and numbers of rows.
INDEX = b"cxsim.trials"
_TYPES = {
    **dict.fromkeys(("scenario", "by", "metric", "variant", "group"), pa.string()),
    **dict.fromkeys(("numerator", "denominator"), pa.float64()),
    **dict.fromkeys(("n", "replication"), pa.int64()),
    **dict.fromkeys(("unit", "better", "kind"), pa.string()),
    "p": pa.float64(),
    "values": pa.list_(pa.float64()),
}
# Fields of a trial of which its counters, or the address of its point, do not depend.
_NO_MATTER = ("engine", "replication")


def key_of(trial: Trial) -> str:
    """The address of a trial's counters: a digest of everything that they depend on (which engine is not)."""
    return f"{_key_of_point(*_about(trial))}-{trial.replication}"


def _about(trial: Trial) -> tuple[Any, ...]:
    values = ((part.name, getattr(trial, part.name)) for part in fields(trial) if part.name not in _NO_MATTER)
    return tuple((name, getattr(value, "fingerprint", value)) for name, value in values)


@lru_cache(maxsize=1024)
def _key_of_point(*about: Any) -> str:
    return hashlib.sha256(repr(about).encode()).hexdigest()[:16]


class Part(NamedTuple):
    """Where the counters of a trial are: row group of its file, first row in it, number of rows."""

    group: int
    first: int
    rows: int


def to_arrow(table: pd.DataFrame) -> pa.Table:
    """Counters as Arrow: columns in one order, each of its one type also where there are no rows, NaN as nothing."""
    columns: dict[str, pa.Array] = {}
    for name in (name for name in _TYPES if name in table.columns):
        found: Any = table[name]
        if name == "values":
            found = [None if values is None or values is pd.NA else values for values in found]
        columns[name] = pa.array(found, type=_TYPES[name], from_pandas=True)
    return pa.table(columns)


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """What `to_arrow` was given."""
    frame = table.drop_columns(["values"]).to_pandas()
    column = table["values"].combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False)
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    ends = lengths.cumsum()
    known = column.is_valid().to_numpy(zero_copy_only=False)
    frame["values"] = pd.Series(
        [flat[b:e] if k else None for b, e, k in zip(ends - lengths, ends, known, strict=True)], dtype=object
    )
    return frame


def packed(trials: Sequence[Trial], tables: Sequence[pd.DataFrame]) -> bytes:
    """The counters of some trials as a shard."""
    filled = [table for table in tables if len(table)] or list(tables[:1])
    whole = to_arrow(filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True))
    index = [[[key_of(trial), len(table)] for trial, table in zip(trials, tables, strict=True)]]
    return _written(whole, with_index(whole.schema, index))


def _written(whole: pa.Table, schema: pa.Schema) -> bytes:
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        # One row group, as the index says.
        writer.write_table(whole.cast(schema), len(whole) or 1)
    found: bytes = sink.getvalue().to_pybytes()
    return found


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables of counters are equal to the last bit; -0.0 is not 0.0."""
    found, wanted = to_arrow(one), to_arrow(other)
    return _written(found, found.schema) == _written(wanted, wanted.schema)


def unpacked(shard: bytes) -> list[pd.DataFrame]:
    """The counters of the trials of a shard, in their order."""
    with pq.ParquetFile(pa.BufferReader(shard)) as file:
        parts = index_of(file)
        frame = from_arrow(file.read())
    return [cut(frame, part) for part in parts.values()]


def cut(frame: pd.DataFrame, part: Part) -> pd.DataFrame:
    """The rows of one trial in those of its row group."""
    return frame.iloc[part.first : part.first + part.rows].reset_index(drop=True)


def with_index(schema: pa.Schema, index: Sequence[Sequence[Sequence[Any]]]) -> pa.Schema:
    """A schema that says whose rows follow."""
    return schema.with_metadata({INDEX: json.dumps(index, separators=(",", ":")).encode()})


def index_of(file: pq.ParquetFile) -> dict[str, Part]:
    """Key of each trial of a shard and where its counters are.

    Raises
    ------
    KeyError, ValueError
        Not a shard.
    """
    return dict(_entries(json.loads(file.schema_arrow.metadata[INDEX])))


def _entries(index: list[list[list[Any]]]) -> Iterator[tuple[str, Part]]:
    for group, trials in enumerate(index):
        first = 0
        for key, rows in trials:
            yield key, Part(group, first, rows)
            first += rows
