"""The folder of a run: a manifest and shards of finished trials; a stop loses nothing and tears nothing."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxsim.errors import RunError, RunFailed, problem
from cxsim.runs.shards import INDEX, Part, cut, from_arrow, index_of, key_of, with_index
from cxsim.trial import Trial

FORMAT = 2
# So many shards of one size become one of the next, so that the number of files grows with the logarithm of the run.
MERGED = 64
# Row groups that are held while reading; trials are mostly read in the order in which they were made.
HELD = 16


def write_whole(path: Path, text: str | bytes) -> None:
    """Write a file under a temporary name, then rename: it is there as a whole or not at all."""
    partial = _partial(path)
    data = text.encode() if isinstance(text, str) else text
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def digest_of(path: Path) -> str:
    """The digest that stands in the name of a shard."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


class Place(NamedTuple):
    """Where the counters of a trial are: the name of a file and the part of it."""

    file: str
    part: Part


class RunFolder:
    """A run on disk.

    Shards are named LEVEL-DIGEST.parquet; the digest is of all their bytes, so that one that was changed is found out.
    One is never written to again: it is there as a whole, or not yet.

    Parameters
    ----------
    path : Path
        Folder with manifest.json and shards/.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shards = path / "shards"
        self.changed: list[str] = []
        self._places: dict[str, Place] | None = None
        self._own: dict[int, list[str]] = {}
        self._held: OrderedDict[tuple[str, int], pd.DataFrame] = OrderedDict()

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
            raise RunError(problem(f"run {self.path}", f"format {given}", f"format {FORMAT!r}",
                                   "run it again, or take the version of cxsim that wrote it"))  # fmt: skip
        return found

    def keep(self, shard: bytes) -> None:
        """Write a shard of finished trials.

        Raises
        ------
        RunFailed
            No room, or no permission.
        """
        name = f"0-{hashlib.sha256(shard).hexdigest()[:16]}.parquet"
        try:
            self.shards.mkdir(exist_ok=True)  # of a run whose shards were taken away, so that it can be worked again
            write_whole(self.shards / name, shard)
            self._enter(name, pa.BufferReader(shard))
            self._own.setdefault(0, []).append(name)
            self._merge(0)
        except OSError as error:
            raise RunFailed(
                problem(f"run {self.path}", error.strerror or "cannot be written", "room on the disk",
                        f"finished trials are kept; then `cxsim resume {self.path}`")
            ) from None  # fmt: skip

    def __contains__(self, trial: Trial) -> bool:
        return key_of(trial) in self.places

    def __len__(self) -> int:
        return len(self.places)

    @property
    def places(self) -> Mapping[str, Place]:
        """Key of each finished trial and where its counters are.

        What was changed or cannot be read is named in `changed`, and its trials count as not finished.
        """
        if self._places is None:
            self._places, self.changed = {}, []
            for path in sorted(self.shards.glob("*.parquet")):
                try:
                    if digest_of(path) == path.stem.partition("-")[2]:
                        self._enter(path.name, path)
                        continue
                except (pa.ArrowException, OSError, KeyError, TypeError, ValueError):
                    pass  # said below
                self.changed.append(path.name)
        return self._places

    def _enter(self, name: str, source: Any) -> None:
        with pq.ParquetFile(source) as file:
            found = {key: Place(name, part) for key, part in index_of(file).items()}
        if self._places is None:
            _ = self.places
        else:
            self._places.update(found)

    def load(self, trial: Trial) -> pd.DataFrame | None:
        """The counters of a trial, or None if it is not finished."""
        place = self.places.get(key_of(trial))
        if place is None:
            return None
        try:
            return cut(self._frame(place), place.part)
        except (pa.ArrowException, OSError):
            # Merged by another process that works on this run, or spoilt since.
            self._places = None
            place = self.places.get(key_of(trial))
            return None if place is None else cut(self._frame(place), place.part)

    def read(self, trials: Iterable[Trial]) -> Iterator[pd.DataFrame]:
        """The counters of finished trials, one after the other.

        Raises
        ------
        RunFailed
            One of them is not there any more.
        """
        for trial in trials:
            found = self.load(trial)
            if found is None:
                given = f"{trial.label}, replication {trial.replication} is not there any more"
                raise RunFailed(problem(f"run {self.path}", given, "a folder that nobody changes",
                                        f"`cxsim resume {self.path}`"))  # fmt: skip
            yield found

    def _frame(self, place: Place) -> pd.DataFrame:
        """All counters of a row group."""
        at = (place.file, place.part.group)
        if at not in self._held:
            with pq.ParquetFile(self.shards / place.file) as file:
                self._held[at] = from_arrow(file.read_row_group(place.part.group))
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(at)
        return self._held[at]

    def _merge(self, level: int) -> None:
        """Many shards of this process and level become one of the next; another process keeps its own."""
        names = self._own.get(level, [])
        if len(names) < MERGED:
            return
        partial = _partial(self.shards / f"{level + 1}.parquet")
        try:
            _join([self.shards / name for name in names], partial)
            with partial.open("rb") as file:
                os.fsync(file.fileno())
            merged = f"{level + 1}-{digest_of(partial)}.parquet"
            os.replace(partial, self.shards / merged)
        finally:
            partial.unlink(missing_ok=True)
        # Only now, when the trials are there twice, the small ones may go; what a stop leaves of them does no harm.
        self._enter(merged, self.shards / merged)
        for name in names:
            (self.shards / name).unlink(missing_ok=True)
        self._own[level] = []
        self._own.setdefault(level + 1, []).append(merged)
        self._merge(level + 1)


def _join(paths: list[Path], target: Path) -> None:
    """Shards one after the other in one file, a row group at a time."""
    index: list[Any] = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            index += json.loads(file.schema_arrow.metadata[INDEX])
            schema = file.schema_arrow
    with pq.ParquetWriter(target, with_index(schema, index), compression="zstd") as writer:
        for path in paths:
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    table = file.read_row_group(group)
                    writer.write_table(table.replace_schema_metadata(None), len(table) or 1)
