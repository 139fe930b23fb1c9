"""What only the author of a study can say: the form, how it is filled, and what counts as blank."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cxsim.errors import RunError, nearest, problem
from cxsim.runs.store import write_whole
from cxsim.scenario.text import read_file, read_yaml


class Field(NamedTuple):
    """One field of the form: its name, the items of STRESS-DES that it answers, and what is asked."""

    name: str
    items: tuple[str, ...]
    asks: str


FORM: Final = (
    Field("authors", ("1.1",), "who made the study"),
    Field("contact", ("6.1",), "where questions go: an address that will still be read in some years"),
    Field("purpose", ("1.1",), "background, the decision that the study serves, and for whom"),
    Field("rationale", ("1.3", "2.3"), "why these scenarios, and what a reader should compare"),
    Field(
        "data_sources", ("3.1",), "where the data comes from: system, sample size, first and last day, how it is used"
    ),
    Field(
        "data_permission",
        ("3.1",),
        "who allows the use of the data, and under which conditions; or that none is needed",
    ),
    Field("pre_processing", ("3.2",), "what was done to the data before it became settings: rows left out, gaps, fits"),
    Field("simplifications", ("3.4",), "what of the real centre is left out on purpose, and why that is good enough"),
    Field("hardware", ("5.4",), "the machine that ran it, and how long that took"),
    Field("sharing", ("6.1",), "where model, data and this bundle can be had: link or DOI; or why they cannot"),
    Field("licence", ("6.1",), "under which licence they may be used"),
)
NAMES: Final = tuple(entry.name for entry in FORM)
NOTES: Final = "notes"  # optional: a remark of the author's own on any item, by its number
# What stands where nothing has been said yet.
_PLACEHOLDERS: Final = {"todo", "tbd", "tba", "fixme", "xxx", "n/a", "na", "none", "null", "nil", "unknown"}

HOW: Final = "write it in the author file (--template FILE makes one) or as {name}='...'"


class Author(NamedTuple):
    """The filled form, by the name of a field, and remarks by the number of an item."""

    fields: Mapping[str, str]
    notes: Mapping[str, str]

    def of(self, item: str) -> list[tuple[str, str]]:
        """Name and text of what the author says on an item of STRESS-DES."""
        said = [(entry.name, self.fields[entry.name]) for entry in FORM if item in entry.items]
        return said + ([("note", self.notes[item])] if item in self.notes else [])

    def as_text(self) -> str:
        """As an author file, always in the same order; JSON strings are YAML strings."""
        lines = [f"{name}: {json.dumps(self.fields[name], ensure_ascii=False)}" for name in NAMES]
        if self.notes:
            lines += [f"{NOTES}:"]
            lines += [f'  "{item}": {json.dumps(self.notes[item], ensure_ascii=False)}' for item in sorted(self.notes)]
        return "\n".join(lines) + "\n"


def template() -> str:
    """The empty form."""
    lines = [
        "# What only the author can say. Every field is needed; say so where there is nothing to say, and why.",
        "",
    ]
    for entry in FORM:
        lines += [f"# STRESS-DES {', '.join(entry.items)}: {entry.asks}.", f"{entry.name}:", ""]
    lines += ["# Your own remarks on any other item, by its number; may be left out.", "# notes:"]
    lines += ['#   "2.4": "The rule of the second line is that of our handbook, section 7."']
    return "\n".join(lines) + "\n"


def write_template(path: Path) -> None:
    """Write the empty form; a file that is there is kept, since it may be filled in.

    Raises
    ------
    RunError
        Something is there, or it cannot be written.
    """
    if path.exists():
        raise RunError(
            problem(f"template {path}", "is there already", "a new name", "it may be filled in; move it away")
        )
    try:
        write_whole(path, template())
    except OSError as error:
        raise RunError(
            problem(f"template {path}", error.strerror or "cannot be written", "a writable folder")
        ) from None
    print(f"author form: {path}, {len(FORM)} fields; fill them in, then `cxsim bundle RUN --author {path}`")


def is_blank(text: str) -> bool:
    """Whether a field says nothing: empty, signs only, a placeholder, or a text still in angle brackets."""
    plain = text.strip().lower().rstrip(".!")
    letters = any(letter.isalnum() for letter in plain)
    return not letters or plain in _PLACEHOLDERS or (plain.startswith("<") and plain.endswith(">"))


def read_author(path: str | Path | None, words: Sequence[str], *, items: Sequence[str]) -> Author:
    """The form as filled in a file and by words KEY=VALUE, which win.

    Parameters
    ----------
    path : str or Path, optional
        A YAML file as `template` writes it.
    words : sequence of str
    items : sequence of str
        Numbers that remarks may have.

    Raises
    ------
    RunError
        Fields that are not of the form, or blank; all together.
    ScenarioError
        A file that cannot be read.
    """
    given: dict[str, object] = {}
    if path is not None:
        text = read_file(Path(path))
        given = dict(read_yaml(text, where=Path(path).name)) if text.strip() else {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise RunError(
                problem(
                    f"argument {word}",
                    "not a field of the author form",
                    "KEY='what you say'",
                    f"fields: {', '.join(NAMES)}",
                )
            )
        given[key] = value
    notes = given.pop(NOTES, None) or {}
    wrong = [
        problem(
            f"author.{key}", "not a field of the form", f"fields: {', '.join((*NAMES, NOTES))}", nearest(key, NAMES)
        )
        for key in given
        if key not in NAMES
    ]
    fields = {name: _text(given.get(name)) for name in NAMES}
    wrong += [
        problem(
            f"author.{entry.name}",
            "blank" if entry.name in given else "missing",
            f"STRESS-DES {', '.join(entry.items)}: {entry.asks}",
            HOW.format(name=entry.name),
        )
        for entry in FORM
        if is_blank(fields[entry.name])
    ]
    wrong += _wrong_notes(notes, items=items)
    if wrong:
        raise RunError(wrong)
    assert isinstance(notes, Mapping)
    return Author(fields, {str(item): _text(said) for item, said in notes.items()})


def _text(value: object) -> str:
    """What a field says, on one line; several are listed."""
    if isinstance(value, list):
        return "; ".join(_text(part) for part in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(part)}" for key, part in value.items())
    return "" if value is None else " ".join(str(value).split())


def _wrong_notes(notes: object, *, items: Sequence[str]) -> list[str]:
    if not isinstance(notes, Mapping):
        return [problem(f"author.{NOTES}", repr(notes), "remarks by the number of an item", '"2.4": "..."')]
    return [
        problem(
            f"author.{NOTES}.{item}",
            "not an item" if str(item) not in items else "blank",
            f"a remark on one of {', '.join(items)}",
            "a number with its quotes, or leave it out",
        )
        for item, said in notes.items()
        if str(item) not in items or is_blank(_text(said))
    ]
