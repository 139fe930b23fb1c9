"""A profile's YAML text as plain data: mappings, lists, text, numbers, true and false, and nothing that runs."""

from __future__ import annotations

import re
from typing import Any

import yaml

from cxsim.errors import ProfileError, problem


class _Loader(yaml.SafeLoader):
    """The YAML 1.2 core schema: `no` is a word, `12:30` is text, a key is given once."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the name is PyYAML's

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping of which no key is given twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key that is not a word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?\d+", "-+0123456789"),
    ("float", r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), [*_first])
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"\Z"), [""])


def read_document(text: str, *, where: str) -> dict[str, Any]:
    """Plain data of a YAML text.

    Raises
    ------
    ProfileError
        Not YAML, a tag, an anchor or alias, a key given twice, or not a mapping.
    """
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.TagToken | yaml.AnchorToken | yaml.AliasToken | yaml.DirectiveToken):
                line = token.start_mark.line + 1
                raise ProfileError(
                    problem(
                        f"{where} line {line}", "a YAML tag, anchor or directive", "plain values only", "write it out"
                    )
                )
        data = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or "not YAML"
        raise ProfileError(problem(f"{where}{line}", said, "a YAML mapping", "mend the line")) from error
    if not isinstance(data, dict):
        raise ProfileError(problem(where, "not a mapping", "keys name, title, meaning, sources, metrics", ""))
    return data
