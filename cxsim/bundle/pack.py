"""Files of a bundle on disk: a folder or a zip, there as a whole or not at all; and read back with suspicion."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from cxsim.bundle.contents import INDEX, RUN, SUMS
from cxsim.errors import RunError, RunFailed, problem

# The first instant that a zip can hold: equal bundles are equal to the last byte whenever they are written.
LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
# A zip may unfold to so many times its size: text and tables shrink by less, a trap by far more.
MOST_UNFOLDED: Final = 200
FREE: Final = 100_000_000  # bytes that any zip may unfold to
NEEDED: Final = (INDEX, SUMS, f"{RUN}/manifest.json")
_WHAT: Final = "a bundle as `cxsim bundle` writes it"


def write_bundle(files: Mapping[str, bytes], target: Path, *, force: bool = False) -> None:
    """Write a bundle under a temporary name, then rename.

    Parameters
    ----------
    files : mapping of str to bytes
    target : Path
        A zip if it ends so, else a folder.
    force : bool
        Replace what is there, if it is a bundle.

    Raises
    ------
    RunError
        Something is there.
    RunFailed
        No room, or no permission.
    """
    refuse_existing(target, force=force)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".zip":
            _write_zip(files, partial)
            os.replace(partial, target)
        else:
            for name, data in files.items():
                path = partial / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            if target.exists():
                os.replace(target, old)
            os.replace(partial, target)
    except OSError as error:
        if old.exists() and not target.exists():
            os.replace(old, target)
        raise RunFailed(
            problem(
                f"bundle {target}",
                error.strerror or "cannot be written",
                "room and permission",
                "choose another place with --out",
            )
        ) from None
    finally:
        for path in (partial, old):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def refuse_existing(target: Path, *, force: bool) -> None:
    """Refuse a target that is there; with force, only one that is no bundle."""
    if not target.exists():
        return
    if not force:
        raise RunError(
            problem(
                f"bundle {target}",
                "is there already",
                "a new name",
                "choose another with --out, or replace it with --force",
            )
        )
    known = _is_packed(target) if target.suffix == ".zip" else is_bundle(target)
    if not known:
        raise RunError(
            problem(
                f"bundle {target}",
                "is there and is no bundle",
                "a bundle to replace, or a new name",
                "choose another with --out",
            )
        )


def _is_packed(path: Path) -> bool:
    """Whether a file is a bundle as a zip."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return INDEX in archive.namelist()


def _write_zip(files: Mapping[str, bytes], path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every system
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def is_bundle(path: Path) -> bool:
    """Whether a path is to be read as a bundle: a file, or a folder with the index of one."""
    return path.is_file() or (path / INDEX).is_file()


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The root of a bundle; a zip is unfolded for the while.

    Raises
    ------
    RunError
        Not a bundle, a zip that is damaged or would write outside its folder.
    """
    if path.is_dir():
        _refuse_incomplete(path, path)
        yield path
        return
    with TemporaryDirectory(prefix="cxsim-") as folder:
        root = Path(folder)
        _unfold(path, root)
        inside = [entry for entry in root.iterdir() if entry.is_dir()]
        if not (root / INDEX).is_file() and len(inside) == 1 and (inside[0] / INDEX).is_file():
            root = inside[0]  # a folder that somebody zipped by hand
        _refuse_incomplete(root, path)
        yield root


def _refuse_incomplete(root: Path, path: Path) -> None:
    missing = [name for name in NEEDED if not (root / name).is_file()]
    if missing:
        raise RunError(
            problem(f"bundle {path}", f"no {', no '.join(missing)} in it", _WHAT, "get it again from its author")
        )


# What `zipfile` raises, by what is wrong: no zip, a torn stream, a password or an unknown method (RuntimeError), a file
# that ends early, a name or number that cannot be, no permission.
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError, OSError)


def _unfold(path: Path, root: Path) -> None:
    """Unfold a zip whose every name stays inside and whose size is believable."""
    where = f"bundle {path}"
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _refuse_strange(entries, where)
            total = sum(entry.file_size for entry in entries)
            if total > max(FREE, MOST_UNFOLDED * path.stat().st_size):
                raise RunError(problem(where, f"would unfold to {total:,} bytes", _WHAT, "do not open it"))
            damaged = archive.testzip()
            if damaged is not None:
                raise RunError(problem(where, f"{damaged} is damaged", _WHAT, "get it again from its author"))
            archive.extractall(root)
    except _UNREADABLE as error:
        given = f"no zip that can be read ({' '.join(str(error).split()) or type(error).__name__})"
        raise RunError(problem(where, given, _WHAT, "get it again from its author")) from None


def _refuse_strange(entries: list[zipfile.ZipInfo], where: str) -> None:
    """Refuse names that lead outside, links, and names that are there twice."""
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        parts = PurePosixPath(name.replace("\\", "/")).parts
        outside = not parts or ".." in parts or parts[0] == "/" or ":" in parts[0] or "\0" in name or "\\" in name
        kind = stat.S_IFMT(entry.external_attr >> 16)
        given = ""
        if outside:
            given = f"{name!r} leads outside of the bundle"
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            given = f"{name!r} is no plain file"
        elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            given = f"{name!r} is packed in an uncommon way or encrypted"
        elif name in seen:
            given = f"{name!r} is there twice"
        if given:
            raise RunError(problem(where, given, "plain files below its own folder", "do not open it; ask its author"))
        seen.add(name)
