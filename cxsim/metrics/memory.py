"""What several metrics work out of the same rows, worked out once: rows with a memory, as `measure` hands them out.

Metrics stay functions of a log. A log as anybody holds it has no memory, since its arrays may change; what `measure`
makes of it lives as long as that call (or as what `prepare.prepared` gave), so nothing passes from log to log.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from cxsim.contacts.log import Table, taken

Array = npt.NDArray[Any]
Made = TypeVar("Made")
Settings = ParamSpec("Settings")


class _Taken(Mapping[str, Array]):
    """Columns of some rows of a table; each is taken when first asked for, since few metrics read all of them."""

    __slots__ = ("_found", "_rows", "_source")

    def __init__(self, source: Mapping[str, Array], rows: Array | slice) -> None:
        self._source, self._rows = source, rows
        self._found: dict[str, Array] = {}

    def __getitem__(self, column: str) -> Array:
        found = self._found.get(column)
        if found is None:
            found = self._found[column] = taken(self._source[column], self._rows)
        return found

    def __contains__(self, column: object) -> bool:
        return column in self._source

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)


class Rows(Table):
    """Some rows of a table and what has been worked out of them.

    Parameters
    ----------
    source : Table
    rows : array [n_rows] or slice, optional
        Row numbers; all of the source if left out. Columns of a slice are views.
    """

    __slots__ = ("_n_rows", "memory")

    def __init__(self, source: Table, rows: Array | slice | None = None) -> None:
        self.name = source.name
        self.columns = source.columns if rows is None else _Taken(source.columns, rows)
        if rows is None:
            self._n_rows = len(source)
        else:
            self._n_rows = len(range(*rows.indices(len(source)))) if isinstance(rows, slice) else len(rows)
        self.memory: dict[Any, Any] = {}

    def __len__(self) -> int:
        return self._n_rows

    def take(self, rows: Array | slice) -> Table:
        """The table with some rows: a mask, numbers, or a slice; itself if the slice is all of it."""
        if isinstance(rows, slice):
            return self if rows.indices(len(self)) == (0, len(self), 1) else Rows(self, rows)
        return Rows(self, np.flatnonzero(rows) if rows.dtype == bool else rows)


def remember(holder: object, name: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives, worked out once for a selection or its rows; always anew for a plain log or table."""
    memory: dict[Any, Any] | None = getattr(holder, "memory", None)
    if memory is None:
        return make()
    if name not in memory:
        memory[name] = make()
    made: Made = memory[name]
    return made


def once(function: Callable[Concatenate[Table, Settings], Array]) -> Callable[Concatenate[Table, Settings], Array]:
    """Let a function of a table be worked out once for the same rows; what it gives cannot be written to then."""

    def found(t: Table, /, *args: Settings.args, **settings: Settings.kwargs) -> Array:
        if not isinstance(t, Rows):
            return function(t, *args, **settings)
        made: Array | None = t.memory.get(key := (function, args, *settings.values()))
        if made is None:
            made = np.asarray(function(t, *args, **settings)).view()
            made.flags.writeable = False
            t.memory[key] = made
        return made

    update_wrapper(found, function)
    return found
