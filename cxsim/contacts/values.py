"""Text turned into words, numbers, identities and instants; what cannot be read is named with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cxsim.contacts.expressions import MISSING_WORD, Words
from cxsim.errors import LogError, nearest, problem

Array = npt.NDArray[Any]
_YES_NO: Final = {"true": 1.0, "yes": 1.0, "1": 1.0, "t": 1.0, "y": 1.0}
_NO: Final = {"false": 0.0, "no": 0.0, "0": 0.0, "f": 0.0, "n": 0.0}
_PATTERN: Final = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_OFFSET: Final = r"(?P<offset>[+-]\d\d:?\d\d|Z)$"
_SHOWN: Final = 5
AS_IT_IS: Final = "as it is"


class Text:
    """One column of text: distinct values and a code per row.

    Parameters
    ----------
    values : pyarrow string array [n_rows]
    column : str
        Name in the file, for errors.
    file : str
    lines : array [n_rows]
    missing : collection of str
        Marks that mean: no value. The empty text always does.
    """

    def __init__(self, values: Any, *, column: str, file: str, lines: Array, missing: Sequence[str]) -> None:
        self.column, self.file, self.lines = column, file, lines
        encoded = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        encoded = encoded.dictionary_encode()
        self.distinct = [value.strip() for value in encoded.dictionary.to_pylist()]
        self.codes: Array = encoded.indices.to_numpy(zero_copy_only=False)
        marks = {"", *missing}
        self.there = np.array([value not in marks for value in self.distinct], dtype=bool)

    def refuse(self, bad: Array, *, allowed: str, remedy: str = "") -> NoReturn:
        """Raise the error that shows the first value that cannot be read, and lines of the others.

        Parameters
        ----------
        bad : array [n_distinct]
            Mask of distinct values that cannot be read.
        """
        rows = np.flatnonzero(bad[self.codes])
        value = self.distinct[self.codes[rows[0]]][:60]
        also = ", ".join(str(line) for line in self.lines[rows[1:_SHOWN]])
        more = f" (and {len(rows) - 1} more rows: lines {also}{' ...' if len(rows) > _SHOWN else ''})" if also else ""
        where = f"{self.file} line {self.lines[rows[0]]}, column {self.column}"
        raise LogError(problem(where, f"'{value}'{more}", allowed, remedy))

    def words(self, *, values: Mapping[str, str] | None = None, otherwise: str | None = None) -> Words:
        """Words, translated by a map if there is one (without regard to case).

        Words that the map does not have become `otherwise`; 'as it is' keeps them.

        Raises
        ------
        LogError
            A word that the map does not have, and nothing is said for others.
        """
        if values is None:
            return self._coded(list(self.distinct))
        known = {word.casefold(): ours for word, ours in values.items()}
        keep = otherwise == AS_IT_IS
        translated = [known.get(word.casefold(), word if keep else otherwise) for word in self.distinct]
        unknown = np.array([word is None for word in translated], dtype=bool) & self.there
        if np.any(unknown):
            first = self.distinct[self.codes[np.flatnonzero(unknown[self.codes])[0]]]
            self.refuse(unknown, allowed=f"words here are {', '.join(values)}", remedy=nearest(first, values))
        return self._coded([word or "" for word in translated])

    def _coded(self, translated: list[str]) -> Words:
        names = tuple(dict.fromkeys(word for word, there in zip(translated, self.there, strict=True) if there))
        number = {word: code for code, word in enumerate(names)}
        codes = [number[word] if there else MISSING_WORD for word, there in zip(translated, self.there, strict=True)]
        return Words(np.array(codes, dtype="i4")[self.codes], names)

    def yes_no(self) -> Array:
        """1 yes, 0 no, NaN missing."""
        known = {**_YES_NO, **_NO}
        values = np.array([known.get(word.casefold(), np.nan) for word in self.distinct])
        if np.any(np.isnan(values) & self.there):
            self.refuse(np.isnan(values) & self.there, allowed="yes or no, true or false, 1 or 0")
        return np.where(self.there, values, np.nan)[self.codes]

    def numbers(self) -> Array:
        """Numbers, NaN missing; exact to the last bit of what is written."""
        values = self._floats()
        if values is None:
            self.refuse(self._bad(_is_number), allowed="a number with a decimal point")
        return values[self.codes]

    def identities(self) -> Array | Words:
        """Whole numbers as they are, -1 missing; any other text as words."""
        chosen = [word if there else "-1" for word, there in zip(self.distinct, self.there, strict=True)]
        try:
            return np.array(pc.cast(pa.array(chosen, pa.string()), pa.int64()))[self.codes]
        except pa.ArrowInvalid:
            return self._coded(self.distinct)

    def times_of_day(self) -> Array:
        """Seconds since midnight from h:mm:ss, NaN missing."""
        padded = [word if there else "00:00:00" for word, there in zip(self.distinct, self.there, strict=True)]
        text = np.array([f"{word:0>8}" for word in padded], dtype="S8")
        bad = np.array([len(word) not in (7, 8) for word in padded], dtype=bool)
        digits = text.view("u1").reshape(len(padded), 8).astype("i4") - ord("0")
        numerals = digits[:, [0, 1, 3, 4, 6, 7]]
        hours, minutes, seconds = (numerals[:, [0, 2, 4]] * 10 + numerals[:, [1, 3, 5]]).T
        bad |= np.any((numerals < 0) | (numerals > 9), axis=1)
        bad |= np.any(text.view("S1").reshape(len(padded), 8)[:, [2, 5]] != b":", axis=1)
        bad |= (hours > 24) | (minutes > 59) | (seconds > 59)
        if np.any(bad):
            self.refuse(bad, allowed="a time of day as h:mm:ss, 0:00:00 to 24:00:00")
        values = hours * 3600.0 + minutes * 60.0 + seconds
        return np.where(self.there, values, np.nan)[self.codes]

    def instants(self, *, pattern: str) -> Array:
        """Instants as datetime64[ns], or as float seconds if every value is a number and the pattern allows it.

        Parameters
        ----------
        pattern : str
            'iso or seconds', 'iso', 'seconds', or letters such as dd-MM-yyyy HH:mm.
        """
        if "seconds" in pattern:
            values = self._floats()
            if values is not None:
                return values[self.codes]
            if pattern == "seconds":
                self.refuse(self._bad(_is_number), allowed="seconds as a number")
        text = pd.Series(self.distinct, dtype="str").where(pd.Series(self.there))
        how: dict[str, Any] = {"format": "ISO8601"} if "iso" in pattern else {"format": strptime_of(pattern)}
        if "iso" in pattern:
            text, how["utc"] = self._without_offset(text)
        parsed = pd.to_datetime(text, errors="coerce", **how)
        bad = parsed.isna().to_numpy() & self.there
        if np.any(bad):
            self.refuse(bad, allowed=f"an instant as {pattern}", remedy="correct the rows, or set format in the reader")
        plain = parsed.dt.tz_localize(None) if how.get("utc") else parsed
        return plain.to_numpy(dtype="datetime64[ns]")[self.codes]

    def offsets(self) -> set[str]:
        """Distances from UTC that are written behind the instants."""
        found = [re.search(_OFFSET, word) for word, there in zip(self.distinct, self.there, strict=True) if there]
        return {match["offset"] for match in found if match}

    def _without_offset(self, text: Any) -> tuple[Any, bool]:
        # One offset everywhere is the local clock; several (summer time) can only be compared in UTC.
        if len(self.offsets()) > 1:
            return text, True
        return text.str.replace(_OFFSET, "", regex=True), False

    def _floats(self) -> Array | None:
        chosen = [word if there else None for word, there in zip(self.distinct, self.there, strict=True)]
        try:
            found = pc.cast(pa.array(chosen, pa.string()), pa.float64())
        except pa.ArrowInvalid:
            return None
        return np.array(found.to_numpy(zero_copy_only=False), dtype="f8")

    def _bad(self, readable: Any) -> Array:
        return np.array([not readable(word) for word in self.distinct], dtype=bool) & self.there


def _is_number(word: str) -> bool:
    try:
        pc.cast(pa.array([word]), pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def strptime_of(pattern: str) -> str:
    """Letters of a date pattern (dd-MM-yyyy HH:mm:ss) as Python's directives."""
    return re.sub("yyyy|yy|MM|dd|HH|mm|ss", lambda match: _PATTERN[match[0]], pattern)
