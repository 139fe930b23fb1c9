"""What takes a second to find and never changes is kept on disk: by a digest of what it was found from."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxsim import compiled

_PACKAGE = Path(__file__).resolve().parents[1]


def kept(kind: str, key: str, make: Callable[[], Any]) -> Any:
    """Plain data found once for a key and these sources, then read from the cache folder.

    Parameters
    ----------
    kind : str
        What it is, in one word: part of the file's name.
    key : str
        All that it depends on beside the sources of perception and of its draws.
    make : function
        Gives lists, mappings, texts and numbers; called where nothing is kept or what is kept cannot be read.
    """
    digest = hashlib.sha256(f"{_sources()} {key}".encode()).hexdigest()[:24]
    try:
        file = _folder() / f"{kind}-{digest}.json"
    except OSError:
        return make()
    kept_before = _read(file)
    if kept_before is not None:
        return kept_before
    found = make()
    partial = file.with_suffix(f".{os.getpid()}.partial")
    try:
        text = json.dumps(found)
        partial.write_text(f"{_sum_of(text)}\n{text}", encoding="utf-8")
        os.replace(partial, file)
    except OSError:
        # A full or read-only disk costs a second each time, no more.
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return found


def _read(file: Path) -> Any:
    """What a file keeps; None if it is not there, or not as it was written."""
    try:
        stated, _, text = file.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return json.loads(text) if stated == _sum_of(text) else None


def _sum_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _folder() -> Path:
    """Beside the compiled code, which has a folder of its own for each state of its sources."""
    base = compiled.CACHE if compiled.CACHE is not None else compiled.cache_folder(_PACKAGE)
    folder = base.parent / "perception"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@functools.cache
def _sources() -> str:
    """A digest of the sources that kept numbers come from."""
    digest = hashlib.sha256()
    for file in [*sorted((_PACKAGE / "perception").glob("*.py")), _PACKAGE / "streams.py"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()
