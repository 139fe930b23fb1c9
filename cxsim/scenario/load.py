"""From a name, a file or a mapping to a frozen Scenario; overrides; every problem in one list.

Above 300 lines because Hydra's grammar of overrides may be read nowhere else, and every problem is worded here.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from pydantic import BaseModel, ValidationError

from cxsim import shipped
from cxsim.errors import ScenarioError, nearest, problem
from cxsim.scenario import check
from cxsim.scenario.fields import Part
from cxsim.scenario.replays import written_out
from cxsim.scenario.schema import ScenarioModel, unknown_key
from cxsim.scenario.text import Assumption, assumptions, read_file, read_yaml

# Below these keys names are the planner's own; everywhere else they are the language's.
NAMED = {
    "contact_types", "touchpoints", "agent_groups", "shapes", "surges", "goals", "segments", "shifts", "breaks",
    "shared_lines", "waiting", "busy",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Scenario:
    """A support centre, validated and frozen.

    Attributes
    ----------
    source : mapping
        As written, after overrides.
    model : ScenarioModel
        Validated, all values in seconds, shares and days.
    assumptions : tuple of Assumption
        Numbers with the source written beside them.
    sources : mapping of str to str
        What the tags of the assumptions stand for.
    overrides : tuple of str
        What was changed since the file.
    stem : str
        Shipped name, or the file's name without its ending; empty for a mapping.
    derived : dict of str to object
        What is computed from the model alone and so the same in every replication, kept by those who compute it.
    """

    source: Mapping[str, Any]
    model: ScenarioModel
    assumptions: tuple[Assumption, ...] = ()
    sources: Mapping[str, str] | None = None
    overrides: tuple[str, ...] = ()
    stem: str = ""
    derived: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        # What is derived is cheaper to compute again than to send to a worker.
        return {**self.__dict__, "derived": {}}

    @property
    def name(self) -> str:
        """Title in reports."""
        return self.model.name

    @property
    def fingerprint(self) -> str:
        """Digest of the validated scenario: '5 min' and '300 s' are the same; the order of names is part of it."""
        if "fingerprint" not in self.derived:
            plain = json.dumps(self.model.model_dump(mode="json", exclude={"name"}))
            self.derived["fingerprint"] = hashlib.sha256(plain.encode()).hexdigest()[:16]
        found: str = self.derived["fingerprint"]
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def override(self, *changes: str) -> Scenario:
        """A scenario with settings changed: 'agent_groups.desk.agents=13', '+touchpoints.chat={...}', '~surges.outage'.

        Raises
        ------
        ScenarioError
            A change that does not parse, names nothing, or makes the scenario invalid.
        """
        source = copy.deepcopy(dict(self.source))
        for parsed in parse_overrides(changes):
            apply_override(source, parsed)
        changed = _built(source, self.assumptions, dict(self.sources or {}), (*self.overrides, *changes))
        return replace(changed, stem=self.stem)


def load_scenario(scenario: str | Path | Mapping[str, Any] | Scenario, *overrides: str) -> Scenario:
    """A scenario from a shipped name, a path or a mapping, with overrides.

    Raises
    ------
    ScenarioError
        Nothing of that name, or everything that is wrong with it, together.
    """
    if isinstance(scenario, Scenario):
        return scenario.override(*overrides) if overrides else scenario
    if isinstance(scenario, Mapping):
        loaded = _built(copy.deepcopy(dict(scenario)), (), {}, ())
    else:
        path = _path_of(scenario)
        text = read_file(path)
        source = read_yaml(text, where=path.name)
        listed, sources = assumptions(text)
        loaded = replace(_built(source, tuple(listed), sources, (), folder=path.parent), stem=path.stem)
    return loaded.override(*overrides) if overrides else loaded


def _path_of(scenario: str | Path) -> Path:
    found = shipped.path("scenario", str(scenario))
    if found is not None:
        return found
    path = Path(scenario)
    if path.is_file():
        return path
    names = shipped.names("scenario")
    raise ScenarioError(
        problem(
            f"scenario {scenario}",
            "neither shipped nor a file",
            f"shipped: {', '.join(names)}",
            nearest(str(scenario), names),
        )
    )


def _built(
    source: dict[str, Any],
    listed: tuple[Assumption, ...],
    sources: dict[str, str],
    changed: tuple[str, ...],
    *,
    folder: Path = Path(),
) -> Scenario:
    source, unread = written_out(source, folder=folder)
    found = [*unread, *check.names(source)]
    model: ScenarioModel | None = None
    try:
        model = ScenarioModel.model_validate(source)
    except ValidationError as error:
        found = [*_problems(error, source), *found]
    if model is not None and not found:
        found = check.sense(model)
    if model is None or found:
        raise ScenarioError(list(dict.fromkeys(found)))
    return Scenario(source, model, listed, sources, changed)


def parse_overrides(changes: Sequence[str]) -> list[Override]:
    """Overrides in Hydra's grammar, each with a one-line error of its own."""
    parser = OverridesParser.create()
    found: list[Override] = []
    wrong: list[str] = []
    for change in changes:
        try:
            parsed = parser.parse_override(change)
        except HydraException:
            parsed = None
        if parsed is not None and parsed.key_or_group:
            found.append(parsed)
        else:
            wrong.append(
                problem(
                    f"override {change!r}",
                    "cannot be read",
                    "KEY=VALUE, +KEY=VALUE or ~KEY",
                    "quote values that hold ',', '=' or brackets",
                )
            )
    if wrong:
        raise ScenarioError(wrong)
    return found


def sweep_values(text: str) -> tuple[str, list[str]]:
    """Path and values, as they would be written one by one, of 'a.b=1,2,3', 'a.b=range(1,4)' or 'a.b=choice(1,2)'.

    Raises
    ------
    ScenarioError
        Not of that form.
    """
    parsed = parse_overrides([text])[0]
    if parsed.is_delete() or parsed.is_add():
        raise ScenarioError(problem(f"sweep {text}", "adds or removes", "KEY=VALUE,VALUE,... of a setting that exists"))
    if parsed.is_interval_sweep():
        remedy = "sampling=latin_hypercube, sobol or factorial"
        raise ScenarioError(problem(f"sweep {text}", "a range", "KEY=VALUE,VALUE,... of a grid", remedy))
    if not parsed.is_sweep_override():
        return parsed.key_or_group, [text.partition("=")[2]]
    return parsed.key_or_group, list(parsed.sweep_string_iterator())


def apply_override(source: dict[str, Any], change: Override) -> None:
    """Write one parsed override into a scenario's mapping.

    Raises
    ------
    ScenarioError
        The path leads through something that is not there.
    """
    keys = change.key_or_group.split(".")
    if change.is_sweep_override():
        raise ScenarioError(
            problem(f"override {change.input_line}", "several values", "one value", "use `cxsim sweep`")
        )
    at: Any = source
    for depth, word in enumerate(keys[:-1]):
        where = ".".join(keys[: depth + 1])
        if not isinstance(at, dict):
            raise ScenarioError(problem(f"override {change.input_line}", f"{where}: inside a plain value", "a mapping"))
        key = _key_of(at, word)
        if key not in at:
            if depth and keys[depth - 1] in NAMED:
                raise ScenarioError(
                    problem(
                        f"override {change.input_line}",
                        f"{where}: nothing of that name",
                        f"names here: {', '.join(map(str, at)) or 'none'}",
                        nearest(key, map(str, at)),
                    )
                )
            at[key] = {}
        at = at[key]
    if not isinstance(at, dict):
        raise ScenarioError(
            problem(
                f"override {change.input_line}",
                f"{'.'.join(keys[:-1])} is {at!r}",
                "a mapping of keys",
                "set the whole value",
            )
        )
    last = _key_of(at, keys[-1])
    if change.is_delete():
        if last not in at:
            raise ScenarioError(
                problem(
                    f"override {change.input_line}",
                    "nothing to remove there",
                    f"keys here: {', '.join(map(str, at))}",
                    nearest(last, map(str, at)),
                )
            )
        del at[last]
        return
    if len(keys) > 1 and keys[-2] in NAMED and last not in at and not change.is_add():
        raise ScenarioError(
            problem(
                f"override {change.input_line}",
                f"{change.key_or_group}: nothing of that name",
                f"names here: {', '.join(map(str, at)) or 'none'}",
                nearest(last, map(str, at)) or "a new one is added with +",
            )
        )
    at[last] = _plain(change.value())


def _key_of(at: dict[Any, Any], word: str) -> Any:
    """The key that a word of a path means: slowdown.3 is the entry of 3, which YAML reads as a number."""
    return next((key for key in at if str(key) == word), word)


def _plain(value: Any) -> Any:
    """Hydra's parsed value as plain data; quoted strings lose their quotes."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return str(value.text) if hasattr(value, "text") and hasattr(value, "quote") else value


def _problems(error: ValidationError, source: Mapping[str, Any]) -> list[str]:
    """Pydantic's findings in the form of the house."""
    found = []
    items = [(_place(item["loc"]), item) for item in error.errors(include_url=False)]
    places = {tuple(loc) for loc, _ in items}
    for loc, item in items:
        # A touchpoint is written out for each of its types; what is wrong in common is said once.
        if len(loc) > 4 and loc[2] == "types" and (*loc[:2], *loc[4:]) in places:
            continue
        path = "scenario." + ".".join(str(part) for part in _written(loc))
        kind, given = item["type"], item.get("input")
        shown = (
            repr(given) if not isinstance(given, (dict, list)) or len(str(given)) < 60 else f"a {type(given).__name__}"
        )
        if kind == "extra_forbidden":
            found.append(problem(path, *unknown_key(str(loc[-1]), _keys_at(loc[:-1], source))))
        elif kind == "missing":
            found.append(problem(path, "missing", "must be given"))
        elif kind == "value_error":
            found.append(problem(path, str(item["ctx"]["error"]), ""))
        elif kind == "literal_error":
            allowed = item["ctx"]["expected"]
            words = [word.strip(" '") for word in allowed.replace(" or ", ",").split(",")]
            found.append(problem(path, shown, f"allowed: {allowed}", nearest(str(given), words)))
        elif kind in ("union_tag_invalid", "union_tag_not_found"):
            found.append(problem(path, "mechanism is missing or unknown", "mechanism: automated or staffed"))
        else:
            found.append(problem(path, shown, item["msg"][0].lower() + item["msg"][1:]))
    return found


def _place(loc: Sequence[str | int]) -> list[str | int]:
    """Pydantic's path without the tags it puts in for the kind of touchpoint and for keys of a mapping."""
    return [part for part in loc if part not in ("automated", "staffed", "[key]")]


def _written(loc: list[str | int]) -> list[str | int]:
    """A path without the `all` under which terms of service for all contact types are kept."""
    return loc[:4] + loc[5:] if len(loc) > 4 and (loc[0], loc[2], loc[4]) == ("agent_groups", "serves", "all") else loc


def _keys_at(loc: Sequence[str | int], source: Mapping[str, Any]) -> list[str]:
    """Keys that the language knows at a place."""
    annotation: Any = ScenarioModel
    at: Any = source
    for part in loc:
        at = at.get(part) if isinstance(at, Mapping) else None
        annotation = _inside(annotation, part, at)
        if annotation is None:
            return []
    models = [model for model in _models(annotation) if _fits(model, at)]
    return sorted({info.alias or name for model in models for name, info in model.model_fields.items()})


def _fits(model: type[BaseModel], at: Any) -> bool:
    info = model.model_fields.get("mechanism")
    given = at.get("mechanism") if isinstance(at, Mapping) else None
    return info is None or given is None or given in getattr(info.annotation, "__args__", ())


def _inside(annotation: Any, part: str | int, at: Any) -> Any:
    """The annotation of what lies under a key."""
    for model in _models(annotation):
        for name, info in model.model_fields.items():
            if part in (name, info.alias):
                return info.annotation
    for candidate in _unfold(annotation):
        arguments: tuple[Any, ...] = getattr(candidate, "__args__", ())
        if getattr(candidate, "__origin__", None) in (dict, Mapping) and len(arguments) == 2:
            return arguments[1]
    return None


def _unfold(annotation: Any) -> list[Any]:
    origin = getattr(annotation, "__origin__", None)
    if hasattr(annotation, "__metadata__"):
        return _unfold(annotation.__origin__)
    if origin in (dict, list, tuple, Mapping) or isinstance(annotation, type):
        return [annotation]
    return [inner for part in getattr(annotation, "__args__", ()) for inner in _unfold(part)]


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [part for part in _unfold(annotation) if isinstance(part, type) and issubclass(part, Part)]


def json_schema() -> dict[str, Any]:
    """JSON Schema of the scenario language, generated from the fields."""
    return ScenarioModel.model_json_schema(by_alias=True, mode="validation")
