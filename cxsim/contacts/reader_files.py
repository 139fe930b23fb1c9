"""Reader files: found, read strictly, and checked to the last key before any row is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cxsim import shipped
from cxsim.contacts.column_maps import KINDS, TREATMENTS, Dirt, Events, Reader, Source, Touch
from cxsim.contacts.columns import TABLES
from cxsim.contacts.expressions import names_in
from cxsim.errors import LogError, nearest, problem


def find_reader(reader: str | Path) -> Reader:
    """A shipped reader by name, or a reader file of the user's by path.

    Raises
    ------
    LogError
        No such reader, or a file that is not one.
    """
    file = shipped.path("reader", str(reader))
    if file is None:
        file = Path(reader)
        if file.suffix not in (".yaml", ".yml"):
            known = shipped.names("reader")
            raise LogError(
                problem(
                    f"reader {reader}",
                    "not a reader",
                    f"readers are {', '.join(known)}, or the path of a reader file (.yaml)",
                    nearest(str(reader), known),
                )
            )
    return load_reader(file)


def load_reader(file: Path) -> Reader:
    """Read and check one reader file.

    Raises
    ------
    LogError
        It cannot be read, is not YAML, has unknown keys, or an expression that is none.
    """
    where = f"reader {file.stem}"
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_Strict)
    except FileNotFoundError:
        raise LogError(problem(str(file), "no such file", "a reader file (.yaml)", "check the path")) from None
    except OSError as error:
        raise LogError(problem(str(file), str(error.strerror or error), "a file that can be read")) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LogError(problem(where, f"not YAML ({' '.join(str(error).split())[:200]})", "a reader file")) from None
    return _Check(where).reader(raw, name=file.stem)


class _Strict(yaml.BaseLoader):
    """Every scalar is text (0:00:00 stays a time, no stays a word), no tags, no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key '{twice}' stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


class _Check:
    """Turns the raw tree into a Reader, naming the place of the first thing that is not allowed."""

    def __init__(self, where: str) -> None:
        self.where = where

    def reader(self, raw: Any, *, name: str) -> Reader:
        allowed = (
            "about",
            "notes",
            "not_recorded",
            "file",
            "clock",
            "origin",
            "needs",
            "columns",
            "formulas",
            "dirt",
            "touches",
            "events",
        )
        top = self.mapping(raw, "", allowed, needed=("columns",))
        file = self.mapping(top.get("file", {}), "file", ("delimiter", "encoding", "missing"))
        clock = self.mapping(top.get("clock", {}), "clock", ("day", "order"))
        columns = self.mapping(top["columns"], "columns")
        touches = [self.touch(each, f"touches[{n}]") for n, each in enumerate(self.several(top.get("touches", [])))]
        if bool(touches) == ("events" in top):
            raise self.wrong("", "touches and events", "exactly one of the two", "touches: legs of a row")
        return Reader(
            name=name,
            about=str(top.get("about", "")),
            notes=self.several(top.get("notes", [])),
            not_recorded=self.several(top.get("not_recorded", [])),
            delimiter=self.delimiter(file.get("delimiter", "auto")),
            encoding=self.text(file.get("encoding", "utf-8"), "file.encoding"),
            missing=self.several(file.get("missing", [])),
            origin=str(top.get("origin", "offered")),
            day=str(clock.get("day", "")),
            order=self.several(clock.get("order", [])),
            needs=tuple(tuple(each.split(" or ")) for each in self.several(top.get("needs", []))),
            columns=tuple(self.source(key, value) for key, value in columns.items()),
            formulas=self.expressions(top.get("formulas", {}), "formulas"),
            dirt=tuple(self.dirt(each, f"dirt[{n}]") for n, each in enumerate(self.several(top.get("dirt", [])))),
            touches=tuple(touches),
            events=self.events(top["events"]) if "events" in top else None,
        )

    def delimiter(self, raw: Any) -> str:
        if raw in ("auto", "tab"):
            return {"auto": "auto", "tab": "\t"}[raw]
        if not isinstance(raw, str) or len(raw) != 1 or not raw.isascii() or raw in '"\r\n':
            raise self.wrong("file.delimiter", f"{str(raw)[:60]!r}", "one character, tab or auto")
        return raw

    def text(self, raw: Any, where: str) -> str:
        if not isinstance(raw, str):
            raise self.wrong(where, f"{str(raw)[:60]!r}", "one word or line of text")
        return raw

    def source(self, name: str, raw: Any) -> Source:
        where = f"columns.{name}"
        if isinstance(raw, str):
            raw = {"from": raw}
        allowed = ("from", "as", "format", "missing", "values", "otherwise")
        given = self.mapping(raw, where, allowed, needed=("from",))
        kind = given.get("as", "word")
        if kind not in KINDS:
            raise self.wrong(f"{where}.as", f"'{kind}'", f"kinds are {', '.join(KINDS)}", nearest(str(kind), KINDS))
        return Source(
            name=name,
            found_as=self.several(given["from"]),
            kind=kind,
            format=self.text(given.get("format", "iso or seconds"), f"{where}.format"),
            missing=self.several(given.get("missing", [])),
            values=self.mapping(given["values"], f"{where}.values") if "values" in given else None,
            otherwise=self.text(given["otherwise"], f"{where}.otherwise") if "otherwise" in given else None,
        )

    def dirt(self, raw: Any, where: str) -> Dirt:
        keys = ("kind", "when", "treatment", "reason", "set")
        given = self.mapping(raw, where, keys, needed=keys[:4])
        if given["treatment"] not in TREATMENTS:
            raise self.wrong(f"{where}.treatment", f"'{given['treatment']}'", f"one of {', '.join(TREATMENTS)}")
        if ("set" in given) != (given["treatment"] == "repaired"):
            raise self.wrong(where, f"treatment '{given['treatment']}'", "set with repaired, and only with it")
        self.expression(given["when"], f"{where}.when")
        return Dirt(
            **{key: self.text(given[key], f"{where}.{key}") for key in keys[:4]},
            set=self.expressions(given.get("set", {}), f"{where}.set"),
        )

    def touch(self, raw: Any, where: str) -> Touch:
        given = self.mapping(raw, where, ("when", "columns", "constants"), needed=("columns",))
        columns = self.mapping(given["columns"], f"{where}.columns", tuple(TABLES["touchpoints"]))
        if "offered" not in columns:
            raise self.wrong(
                f"{where}.columns", "'offered' is not there", "a leg has an instant at which it is offered"
            )
        constants = self.mapping(given.get("constants", {}), f"{where}.constants", tuple(TABLES["touchpoints"]))
        if "when" in given:
            self.expression(given["when"], f"{where}.when")
        for key, value in columns.items():
            for text in self.several(value):
                self.expression(text, f"{where}.columns.{key}")
        return Touch(given.get("when"), {key: self.several(value) for key, value in columns.items()}, constants)

    def events(self, raw: Any) -> Events:
        names = ("case", "order", "at", "leg", "opened", "resolved")
        groups = ("of_case", "of_leg", "constants")
        given = self.mapping(raw, "events", (*names, *groups, "legs_less_one", "facts"), needed=names)
        columns = tuple(TABLES["touchpoints"])
        parts: dict[str, Any] = {key: self.text(given[key], f"events.{key}") for key in names}
        parts |= {key: self.mapping(given.get(key, {}), f"events.{key}", columns) for key in groups}
        return Events(
            **parts,
            legs_less_one=str(given.get("legs_less_one", "")),
            facts=self.several(given.get("facts", [])),
        )

    def expressions(self, raw: Any, where: str) -> dict[str, str]:
        given = self.mapping(raw, where)
        for key, text in given.items():
            self.expression(text, f"{where}.{key}")
        return given

    def expression(self, text: Any, where: str) -> None:
        if not isinstance(text, str):
            raise self.wrong(where, f"{text!r}", "an expression in one line")
        names_in(text, where=f"{self.where}, {where}")

    def mapping(
        self, raw: Any, where: str, allowed: tuple[str, ...] | None = None, needed: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        if raw == "":
            raw = {}
        if not isinstance(raw, dict):
            raise self.wrong(where, f"{str(raw)[:60]!r}", "keys and values")
        for key in raw:
            if key.startswith("_"):
                raise self.wrong(f"{where}.{key}".strip("."), "a key that begins with _", "domain words only")
            if allowed is not None and key not in allowed:
                raise self.wrong(
                    f"{where}.{key}".strip("."), "not a key", f"keys are {', '.join(allowed)}", nearest(key, allowed)
                )
        for key in needed:
            if key not in raw:
                raise self.wrong(where, f"'{key}' is not there", f"needed are {', '.join(needed)}")
        return raw

    def several(self, raw: Any) -> tuple[Any, ...]:
        return tuple(raw) if isinstance(raw, list) else (raw,)

    def wrong(self, where: str, given: str, allowed: str, remedy: str = "") -> LogError:
        return LogError(problem(f"{self.where}, {where}" if where else self.where, given, allowed, remedy))
