"""The one door to the compiler: `njit` with a cache that notices every edited source of the package.

Numba's disk cache looks only at the file of the compiled function, so a rule edited in another file would go on
running as it was. Here the cache folder carries a digest of all sources. Where Numba is missing, or with
`NUMBA_DISABLE_JIT=1`, the same functions run as plain Python.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

numba: Any
try:
    import numba
except ImportError:
    numba = None

KEPT = 30 * 86400.0

COMPILED = numba is not None and not numba.config.DISABLE_JIT


def digest_of_sources(package: Path) -> str:
    """A short digest of every Python source below a folder, names and contents."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder(package: Path) -> Path:
    """Where compiled code of these sources is kept: the user's cache, or a temporary folder if that is read-only."""
    base = os.environ.get("CXSIM_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "cxsim" / f"compiled-{digest_of_sources(package)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _forget_older(folder)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"cxsim-{os.getuid() if hasattr(os, 'getuid') else 'user'}" / folder.name
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _forget_older(folder: Path) -> None:
    """Remove what sources of another day left, so that upgrades do not pile up."""
    for other in folder.parent.glob("compiled-*"):
        if other != folder and time.time() - other.stat().st_mtime > KEPT:
            shutil.rmtree(other, ignore_errors=True)


CACHE = cache_folder(Path(__file__).parent) if COMPILED else None


def is_cold() -> bool:
    """Whether nothing has been compiled from these sources yet."""
    return CACHE is not None and not any(CACHE.iterdir())


def njit(function: Function) -> Function:
    """Compile a pure function on first use, without the interpreter's lock, keeping IEEE arithmetic as written."""
    if not COMPILED:
        return function
    # The folder is read when the function is decorated; restored, so that a user's own Numba code is left alone.
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(CACHE)
    try:
        return numba.njit(cache=True, nogil=True)(function)
    finally:
        numba.config.CACHE_DIR = before
