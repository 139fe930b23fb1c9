"""YAML as data: core schema of YAML 1.2, so that 12:00 is a time and no is a word; and the sources in its comments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from cxsim.errors import ScenarioError, problem


class _Loader(yaml.SafeLoader):
    """YAML 1.2 core schema: booleans only true and false, no sexagesimal numbers, no dates; no key twice, no aliases.

    A file is complete in itself and says each thing where it stands; and an alias of aliases can unfold without end.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            at = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases are not read", at)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf)$", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    # The base class reads a leading zero as octal.
    return int(loader.construct_scalar(node))


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            line = node.value[place][0].start_mark.line + 1
            raise ScenarioError(problem(f"line {line}", f"{key!r} is given twice", "one value a key", "remove one"))
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)}


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


class Assumption(NamedTuple):
    """A number of the scenario with where it comes from: path, value as written, tag and note of its comment."""

    path: str
    value: str
    source: str


def read_yaml(text: str, *, where: str) -> dict[str, Any]:
    """A mapping from YAML text.

    Raises
    ------
    ScenarioError
        Not YAML, not a mapping, a tag or an interpolation, or a key that begins with an underscore.
    """
    try:
        data = yaml.load(text, Loader=_Loader)  # the loader above derives from the safe one
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ScenarioError(
            problem(f"{where} line {line}", f"not YAML ({error.problem})", "a mapping of keys and values")
        ) from None
    except (RecursionError, ValueError, TypeError) as error:
        given = "too deep" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise ScenarioError(problem(where, f"cannot be read ({given})", "a mapping of keys and values")) from None
    except yaml.YAMLError as error:
        first = str(error).splitlines()[0]
        raise ScenarioError(problem(where, f"not YAML ({first})", "a text file of keys and values")) from None
    if not isinstance(data, dict):
        given = "empty" if data is None else f"a {type(data).__name__}"
        raise ScenarioError(problem(where, given, "a mapping of keys and values", "see `cxsim show it_service_desk`"))
    wrong = list(_foreign(data, path=where))
    if wrong:
        raise ScenarioError(wrong)
    return data


def _foreign(data: Any, *, path: str) -> list[str]:
    """Keys and values that would be code or interpolation elsewhere: a scenario is data."""
    found: list[str] = []
    if isinstance(data, dict):
        for key, value in data.items():
            if not isinstance(key, str) and not isinstance(key, (int, float)):
                found.append(problem(path, f"key {key!r}", "keys are words"))
            elif str(key).startswith("_"):
                found.append(
                    problem(f"{path}.{key}", "not a key", "keys do not begin with _", "a scenario is data, no code")
                )
            found.extend(_foreign(value, path=f"{path}.{key}"))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            found.extend(_foreign(value, path=f"{path}[{place}]"))
    elif isinstance(data, str) and any("\ud800" <= letter <= "\udfff" for letter in data):
        found.append(problem(path, repr(data), "half a character", "text"))
    elif isinstance(data, str) and "${" in data:
        found.append(problem(path, repr(data), "no interpolation", "write the value"))
    return found


def read_file(path: Path) -> str:
    """Text of a file, with one-line errors.

    Raises
    ------
    ScenarioError
        Missing, a folder, or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ScenarioError(
            problem(str(path), f"byte {error.start} is not UTF-8", "UTF-8 text", "save it as UTF-8")
        ) from None
    except OSError as error:
        raise ScenarioError(problem(str(path), error.strerror or "cannot be read", "a readable file")) from None


_TAG = re.compile(r"#\s*(\[(?:S ?\d+|A|D|H)[^\]]*\].*)$")
_SOURCE = re.compile(r"^#\s*\[?(S ?\d+)\]?[:.]?\s+(.*)$")


def assumptions(text: str) -> tuple[list[Assumption], dict[str, str]]:
    """Tagged comments of a scenario file: what each is about, and the list of sources at its foot.

    A line `volume: 120 per day   # [S 2] real log` speaks of the values on that line; a comment line `# S2 title, url`
    names a source.
    """
    notes: dict[int, str] = {}
    sources: dict[str, str] = {}
    for number, line in enumerate(text.splitlines()):
        named = _SOURCE.match(line)
        if named:
            sources[named[1].replace(" ", "")] = named[2].strip()
        elif found := _TAG.search(line):
            notes[number] = found[1].strip()
    leaves: dict[int, list[tuple[str, str]]] = {}
    root = yaml.compose(text, Loader=_Loader)
    if root is not None:
        _leaves(root, path="", found=leaves)
    listed = []
    for number, note in notes.items():
        here = leaves.get(number, [])
        if here:
            common = _common([path for path, _ in here])
            listed.append(Assumption(common, ", ".join(value for _, value in here[:8]), note))
    return listed, sources


def _leaves(node: yaml.Node, *, path: str, found: dict[int, list[tuple[str, str]]]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _leaves(value, path=f"{path}.{key.value}" if path else key.value, found=found)
    elif isinstance(node, yaml.SequenceNode):
        # Digits of a series stand on the line where it begins.
        values = " ".join(part.value for part in node.value if isinstance(part, yaml.ScalarNode))
        shown = values if len(values) <= 60 else f"{values[:57]}..."
        if values:
            found.setdefault(node.end_mark.line, []).append((path, shown))
        for place, part in enumerate(node.value):
            if isinstance(part, yaml.MappingNode):
                _leaves(part, path=f"{path}.{place}", found=found)
    else:
        found.setdefault(node.start_mark.line, []).append((path, node.value))


def _common(paths: list[str]) -> str:
    split = [path.split(".") for path in paths]
    shared = [parts[0] for parts in zip(*split, strict=False) if len(set(parts)) == 1]
    return ".".join(shared) or paths[0]
