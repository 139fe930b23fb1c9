"""The folder of a run: a manifest and one shard a finished trial; a stop loses nothing and tears nothing."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxsim.errors import RunError, RunFailed, problem
from cxsim.trial import Trial

FORMAT = 1


def write_whole(path: Path, text: str | bytes) -> None:
    """Write a file under a temporary name, then rename: it is there as a whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    data = text.encode() if isinstance(text, str) else text
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def shard_name(trial: Trial) -> str:
    """File name of a trial's shard: a readable part of the label, a digest of all of it, and the replication."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", trial.label).strip("-")[:40]
    against = "" if trial.against is None else f"|{trial.against.fingerprint}"
    about = f"{trial.label}|{trial.scenario.fingerprint}|{trial.seed}{against}"
    digest = hashlib.sha256(about.encode()).hexdigest()[:8]
    return f"{words}-{digest}-{trial.replication:06d}.parquet"


def to_arrow(table: pd.DataFrame) -> pa.Table:
    """A trial's counters as Arrow, values of quantiles as lists."""
    values = pa.array(list(table["values"]), type=pa.list_(pa.float64()), from_pandas=True)
    rest = pa.Table.from_pandas(table.drop(columns="values"), preserve_index=False)
    return rest.append_column("values", values).replace_schema_metadata(None)


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """What `to_arrow` wrote."""
    frame = table.drop_columns(["values"]).to_pandas()
    column = table["values"].combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False)
    ends = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).cumsum()
    known = column.is_valid().to_numpy(zero_copy_only=False)
    begins = [0, *ends[:-1]]
    frame["values"] = pd.Series(
        [flat[b:e] if k else None for b, e, k in zip(begins, ends, known, strict=True)], dtype=object
    )
    return frame


class RunFolder:
    """A run on disk.

    Parameters
    ----------
    path : Path
        Folder with manifest.json and shards/.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shards = path / "shards"

    @classmethod
    def create(cls, parent: Path, *, name: str, manifest: Mapping[str, Any]) -> RunFolder:
        """A new folder below `parent`, named by day, name and a number, with its manifest.

        Raises
        ------
        RunError
            The folder cannot be written.
        """
        words = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:48]
        stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{words}"
        try:
            parent.mkdir(parents=True, exist_ok=True)
            path, number = parent / stem, 2
            while True:
                try:
                    path.mkdir()
                    break
                except FileExistsError:
                    path, number = parent / f"{stem}-{number}", number + 1
            folder = cls(path)
            folder.shards.mkdir()
            # In the order given: the order of contact types and touchpoints is part of a scenario.
            write_whole(path / "manifest.json", json.dumps({"format": FORMAT, **manifest}, indent=1, default=str))
        except OSError as error:
            raise RunError(
                problem(
                    f"folder {parent}", error.strerror or "cannot be written", "a writable folder", "choose --out DIR"
                )
            ) from None
        return folder

    @classmethod
    def open(cls, path: str | Path) -> RunFolder:
        """An existing run, by its folder, or by its name below `runs`.

        Raises
        ------
        RunError
            No run there.
        """
        for candidate in (Path(path), Path("runs") / str(path)):
            if (candidate / "manifest.json").is_file():
                return cls(candidate)
        raise RunError(problem(f"run {path}", "no manifest.json there", "the folder of a run", "see runs/"))

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run is.

        Raises
        ------
        RunError
            Not a manifest, or one of another format.
        """
        try:
            found = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            raise RunError(problem(f"run {self.path}", "manifest.json cannot be read", "a run's folder")) from None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            given = repr(found.get("format")) if isinstance(found, dict) else "none"
            raise RunError(problem(f"run {self.path}", f"format {given}", f"format {FORMAT!r}", "run it again"))
        return found

    def keep(self, trial: Trial, table: pd.DataFrame) -> None:
        """Write the shard of a finished trial.

        Raises
        ------
        RunFailed
            No room, or no permission.
        """
        sink = pa.BufferOutputStream()
        pq.write_table(to_arrow(table), sink, compression="zstd")
        try:
            write_whole(self.shards / shard_name(trial), sink.getvalue().to_pybytes())
        except OSError as error:
            raise RunFailed(
                problem(f"run {self.path}", error.strerror or "cannot be written", "room on the disk",
                        f"finished trials are kept; then `cxsim resume {self.path}`")
            ) from None  # fmt: skip

    def has(self, trial: Trial) -> bool:
        """Whether the trial is finished."""
        return (self.shards / shard_name(trial)).is_file()

    def load(self, trial: Trial) -> pd.DataFrame | None:
        """The shard of a trial, or None if it is not finished (or its file is damaged, then it is run again)."""
        path = self.shards / shard_name(trial)
        if not path.is_file():
            return None
        try:
            return from_arrow(pq.read_table(path))
        except (pa.ArrowException, OSError, KeyError):
            return None
