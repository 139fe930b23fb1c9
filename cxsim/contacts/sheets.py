"""A delimited text file as columns of text, with the line of the file behind every row."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from cxsim.errors import LogError, problem

_LONGEST_HEADER: Final = 100_000
_SIGNATURES: Final = {
    b"PK\x03\x04": "an Excel book or a zip archive",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel book",
}
_WIDE: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class Sheet:
    """Text as it stands in the file.

    Attributes
    ----------
    file : str
        Name for errors.
    header : tuple of str
    table : pyarrow.Table
        All columns as strings.
    lines : array [n_rows]
        Line of the file at which each row begins, 1 the header.
    left_out : mapping of str to array
        Lines that are no rows, by kind.
    """

    file: str
    header: tuple[str, ...]
    table: Any
    lines: npt.NDArray[np.int64]
    left_out: dict[str, npt.NDArray[np.int64]]


def read_sheet(path: str | Path, *, delimiter: str = "auto", encoding: str = "utf-8") -> Sheet:
    """Read a delimited text file, plain or compressed with gzip.

    Parameters
    ----------
    path : str or Path
    delimiter : str
        One character, or 'auto': the most frequent of comma, semicolon, tab and bar in the header.
    encoding : str

    Raises
    ------
    LogError
        No such file, not text, another encoding, empty, or a header without rows.
    """
    file = Path(path)
    text = _text_of(file, encoding=encoding)
    first, _, rest = text.partition("\n")
    if len(first) > _LONGEST_HEADER:
        raise LogError(problem(file.name, f"a first line of {len(first):,} characters", "a table with a header line"))
    if delimiter == "auto":
        delimiter = max(",;\t|", key=first.count)
    try:
        header = tuple(next(csv.reader([first], delimiter=delimiter), []))
    except csv.Error as error:
        given = f"a first line that is no row ({error})"
        raise LogError(problem(file.name, given, "lines ending in LF or CR LF", "export it again")) from None
    if not any(name.strip() for name in header):
        raise LogError(problem(file.name, "no header in its first line", "column names in the first line"))
    if not rest.strip():
        raise LogError(problem(file.name, "a header and no rows", "at least one row", "export it again"))
    table, wrong = _parse(text, file=file.name, delimiter=delimiter, width=len(header))
    lines, left_out = _lines(text, n_rows=table.num_rows, wrong=wrong, delimiter=delimiter, width=len(header))
    if not table.num_rows:
        raise LogError(
            problem(
                file.name,
                f"no row has the {len(header)} fields of the header",
                f"fields divided by '{delimiter}'",
                "set delimiter in a reader file of your own",
            )
        )
    return Sheet(file.name, tuple(name.strip() for name in header), table, lines, left_out)


def _text_of(file: Path, *, encoding: str) -> str:
    if file.is_dir():
        raise LogError(
            problem(str(file), "a folder", "a CSV file, plain or .gz", "a log kept by cxsim: ContactLog.from_parquet")
        )
    try:
        data = file.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except FileNotFoundError:
        raise LogError(problem(str(file), "no such file", "a CSV file, plain or .gz", "check the path")) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise LogError(problem(str(file), "a damaged gzip file", "a CSV file, plain or .gz", "copy it again")) from None
    except OSError as error:
        raise LogError(problem(str(file), str(error.strerror or error), "a file that can be read")) from None
    if not data.strip():
        raise LogError(problem(file.name, "an empty file", "a header and at least one row", "export it again"))
    kind = next((kind for mark, kind in _SIGNATURES.items() if data.startswith(mark)), None)
    if kind is None and b"\0" in data[:65_536] and not encoding.lower().startswith(("utf-16", "utf-32")):
        kind = "a text in utf-16" if data[:2] in _WIDE else "a binary file"
    if kind:
        raise LogError(problem(file.name, kind, "delimited text", "save it as CSV in UTF-8"))
    return _decoded(data, file=file.name, encoding=encoding)


def _decoded(data: bytes, *, file: str, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LogError(
            problem(
                f"{file} line {line}",
                f"byte 0x{data[error.start]:02x} is not {encoding}",
                f"text in {encoding}",
                "save it in that encoding, or set encoding (say cp1252) in a reader file of your own",
            )
        ) from None
    except LookupError:
        raise LogError(
            problem("reader.encoding", f"'{encoding}'", "an encoding that Python knows", "e.g. cp1252")
        ) from None


def _parse(text: str, *, file: str, delimiter: str, width: int) -> tuple[Any, list[int]]:
    """The table of text, and how many rows were passed over because their number of fields is wrong."""
    wrong: list[int] = []

    def pass_over(row: Any) -> str:
        wrong.append(row.actual_columns)
        return "skip"

    data = text.encode()
    numbers = [str(number) for number in range(width)]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(data),
            # One thread and one block: rows stay in order and a long row is no error.
            read_options=pa_csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=numbers, skip_rows=1
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values='"' in text, invalid_row_handler=pass_over
            ),
            convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(numbers, pa.string())),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        reason = str(error).splitlines()[0][:200]
        raise LogError(problem(file, f"cannot be read as a table ({reason})", "delimited text")) from None
    return table.combine_chunks(), wrong


def _lines(text: str, *, n_rows: int, wrong: list[int], delimiter: str, width: int) -> tuple[Any, dict[str, Any]]:
    """The line of each row; row by row only where lines and rows do not match one to one."""
    if text.count("\n") + (not text.endswith("\n")) == n_rows + 1:
        return np.arange(2, n_rows + 2), {}
    lines: list[int] = []
    left_out: dict[str, list[int]] = {"wrong_number_of_fields": [], "blank_line": []}
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    for fields in rows:
        if before:
            kind = "blank_line" if not fields else "wrong_number_of_fields"
            (lines if len(fields) == width else left_out[kind]).append(before + 1)
        before = rows.line_num
    if len(lines) != n_rows:
        # The two readers disagree about quotes; the order of rows still holds.
        lines = list(range(2, n_rows + 2))
        left_out = {"wrong_number_of_fields": [0] * len(wrong), "blank_line": []}
    return np.array(lines), {kind: np.array(found) for kind, found in left_out.items() if found}
