"""The one door to the compiler: `njit` with a cache that notices every edited source of the package.

Numba's disk cache looks only at the file of the compiled function, so a rule edited in another file would go on
running as it was. Here the cache folder carries a digest of all sources that compiled code is made of. Where Numba is
missing, or with `NUMBA_DISABLE_JIT=1`, the same functions run as plain Python.
"""

from __future__ import annotations

import hashlib
import os
import re
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
    """A short digest, names and contents, of the sources below a folder that compiled code is made of.

    These are the files that name `njit` and all that they import, directly or not: a report that was edited does not
    make anyone wait for the compiler.
    """
    text = {path: path.read_bytes() for path in sorted(package.rglob("*.py"))}
    ahead = [path for path in text if b"njit" in text[path]]
    known = set(ahead)
    while ahead:
        found = _imported(text[ahead.pop()].decode(), package) & text.keys() - known
        known |= found
        ahead += found
    digest = hashlib.sha256()
    for path in sorted(known):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(text[path])
    return digest.hexdigest()[:16]


_IMPORT = re.compile(r"^\s*from cxsim([\w.]*) import (\([^)]*\)|.*)$|^\s*import cxsim([\w.]*)", re.MULTILINE)


def _imported(source: str, package: Path) -> set[Path]:
    """Files that the imports of a source may mean."""
    found = set()
    for module, names, plain in _IMPORT.findall(source):
        at = package.joinpath(*(module or plain).split("."))
        inside = [at / name for name in re.findall(r"\w+", names)]
        found |= {at / "__init__.py", *(path.with_name(f"{path.name}.py") for path in [at, *inside])}
    # The package's own door names every wing and loads none.
    return found - {package / "__init__.py"}


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


_INNER = {"cache": False, "_nrt": False, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def _compiled(function: Function, **options: Any) -> Function:
    if not COMPILED:
        return function
    # The folder is read when the function is decorated; restored, so that a user's own Numba code is left alone.
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(CACHE)
    try:
        return numba.njit(**{"cache": True, "nogil": True, "error_model": "numpy", **options})(function)
    finally:
        numba.config.CACHE_DIR = before


def njit(function: Function) -> Function:
    """Compile a pure function on first use, without the interpreter's lock, keeping IEEE arithmetic as written."""
    return _compiled(function, _nrt=False)


def njit_plain(function: Function) -> Function:
    """`njit` for what takes many arrays and makes none: counting references would cost more than the work."""
    return _compiled(function, _nrt=False)


def njit_inner(function: Function) -> Function:
    """`njit_plain` for what only compiled code calls: no door from Python, on disk only as part of the caller."""
    return _compiled(function, **_INNER)


def njit_into(function: Function) -> Function:
    """`njit_inner`, written into whoever calls it: for the few that run for every contact."""
    return _compiled(function, forceinline=True, **_INNER)


class Direct:
    """A compiled function that is always called with the same types: the question which it is, is asked once.

    With a hundred arrays that question costs milliseconds a call.
    """

    def __init__(self, function: Any) -> None:
        self.function = function
        self.entry: Any = None

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        if self.entry is not None:
            return self.entry(*arguments)
        found = self.function(*arguments)
        if COMPILED:
            self.entry = self.function.overloads[self.function.signatures[0]].entry_point
        return found


# A named tuple of arrays can be handed on by its address, so that functions which take dozens of arrays need not copy
# them: `by_reference(t)` is read like `t`, inside the compiled function that made it and those it calls.
if COMPILED:
    from numba.core import cgutils, imputils, types
    from numba.core.typing.templates import AttributeTemplate
    from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model

    class Reference(types.Type):
        """The address of a named tuple."""

        def __init__(self, to: Any) -> None:
            self.to = to
            super().__init__(name=f"Reference({to})")

        @property
        def key(self) -> Any:
            """What makes two of them equal."""
            return self.to

    @register_model(Reference)
    class ReferenceModel(models.PrimitiveModel):
        """A pointer to the tuple as a value."""

        def __init__(self, dmm: Any, fe_type: Any) -> None:
            super().__init__(dmm, fe_type, dmm.lookup(fe_type.to).get_value_type().as_pointer())

    @infer_getattr
    class ReferenceAttribute(AttributeTemplate):
        """Fields are read as if of the tuple; a tuple in it is a reference again."""

        key = Reference

        def generic_resolve(self, reference: Any, name: str) -> Any:  # type: ignore[override]
            """The type of a field."""
            if name not in reference.to.fields:
                return None
            found = reference.to.types[reference.to.fields.index(name)]
            return Reference(found) if isinstance(found, types.NamedTuple) else found

    @lower_getattr_generic(Reference)
    def _field(context: Any, builder: Any, reference: Any, value: Any, name: str) -> Any:
        place = reference.to.fields.index(name)
        found = reference.to.types[place]
        address = cgutils.gep_inbounds(builder, value, 0, place)
        if isinstance(found, types.NamedTuple):
            return address
        return imputils.impl_ret_borrowed(context, builder, found, builder.load(address))

    def _address(context: Any, whole: Any) -> Any:
        """The address of a named tuple, good until the function that asked for it returns."""
        del context

        def code(_: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            del signature
            return cgutils.alloca_once_value(builder, arguments[0])

        return Reference(whole)(whole), code

    by_reference: Any = intrinsic(_address)

else:

    def by_reference(whole: Any) -> Any:
        """The tuple itself."""
        return whole
