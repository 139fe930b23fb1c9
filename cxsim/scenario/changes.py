"""What a planner writes in one line: words of a command, named changes 'two more: agent_groups.desk.agents=13, ...'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxsim.errors import RunError, ScenarioError, nearest, problem

# Settings of a run and of a measurement: kind, and what is allowed.
KINDS = {
    "seed": (int, "a whole number"),
    "replications": (int, "a whole number"),
    "most": (int, "a whole number"),
    "precision": (str | None, "'1 point', '5 s' or '3 %'"),
    "metrics": (list | None, "[metric, metric:variant]"),
    "primary": (str | None, "a metric"),
    "profile": (str | None, "a profile, a path or none"),
    "engine": (str, "auto or process"),
    "perception": (str, "a perception model or a path"),
    "looks": (str, "fixed or planned"),
    "target": (str | None, "'service_level >= 80%'"),
    "margin": (str | float | int | None, "'1 point' or '5 s'"),
    "sampling": (str, "grid, latin_hypercube, sobol or factorial"),
    "points": (int | None, "a whole number"),
    "method": (str, "one of the methods of this verb"),
    "indifference": (str | float | int, "'1 point' or '5 s'"),
    "confidence": (str | float | int, "a share, as 95% or 0.95"),
    "against": (str | float | int | None, "'80%' or '30 s'"),
    "also": (str | None, "a metric"),
    "search_days": (int, "a whole number"),
    "fresh_days": (int, "a whole number"),
    "reader": (str, "a reader or a path"),
    "window": (list | None, "[08:00, 18:00]"),
}


def refuse_wrong_kinds(settings: Mapping[str, Any]) -> None:
    """Refuse settings that are no text, number or list of words where one is needed."""
    for key, value in settings.items():
        kind, allowed = KINDS[key]
        words = not isinstance(value, list) or all(isinstance(part, str) for part in value)
        if not isinstance(value, kind) or isinstance(value, bool) or not words:
            raise RunError(problem(f"{key}={value}", type(value).__name__, allowed))


# Settings that are sentences of their own, which Hydra's grammar would not take as they stand.
SENTENCES = ("target", "against")


def quoted(word: str) -> str:
    """KEY=VALUE with its value in quotes where it is a sentence, so that '>=' can be read."""
    key, _, value = word.partition("=")
    if key not in SENTENCES or value[:1] in ("'", '"') or value in ("null", ""):
        return word
    return f'{key}="{value}"' if "'" in value else f"{key}='{value}'"


def split_words(words: Sequence[str] | None, *, settings: Sequence[str]) -> tuple[str | None, list[str], list[str]]:
    """The scenario (by position or as scenario=), settings of the run, and overrides of the scenario."""
    name: str | None = None
    of_run: list[str] = []
    of_scenario: list[str] = []
    for word in words or []:
        key, equals, value = word.partition("=")
        if not equals and not word.startswith("~"):
            if name is not None:
                raise RunError(problem(f"argument {word}", "a second scenario", "one SCENARIO, then KEY=VALUE",
                                       "other scenarios go to `cxsim compare`"))  # fmt: skip
            name = word
        elif key == "scenario":
            name = value
        elif key in settings:
            of_run.append(word)
        else:
            _refuse_unknown(word, key, settings)
            of_scenario.append(word)
    return name, of_run, of_scenario


def _refuse_unknown(word: str, key: str, settings: Sequence[str]) -> None:
    """Refuse a plain key that is neither a setting of the run nor a part of a scenario."""
    from cxsim.scenario.schema import ScenarioModel

    parts = list(ScenarioModel.model_fields)
    if key.isidentifier() and key not in parts:
        allowed = f"settings of a run: {', '.join(settings)}; parts of a scenario: {', '.join(parts)}"
        raise RunError(problem(f"argument {word}: {key}", "not a key", allowed, nearest(key, [*settings, *parts])))


def own_name(label: str, *, taken: Iterable[str]) -> str:
    """The label, refused if another scenario of the comparison has it: results are told apart by it.

    Raises
    ------
    ScenarioError
        The name is taken.
    """
    if label in set(taken):
        raise ScenarioError(problem(f"change {label}", "the name is taken", "a name of its own for each", "rename it"))
    return label


def parse_change(text: str) -> tuple[str, list[str]]:
    """Name and overrides of 'two more: agent_groups.desk.agents=13, touchpoints.portal.resolves=70%'.

    Commas inside brackets and quotes do not part overrides.

    Raises
    ------
    ScenarioError
        Not of that form.
    """
    label, colon, rest = text.partition(":")
    parts, depth, quote, begin = [], 0, "", 0
    for place, letter in enumerate(rest):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "[{(":
            depth += 1
        elif letter in "]})":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(rest[begin:place].strip())
            begin = place + 1
    parts.append(rest[begin:].strip())
    overrides = [part for part in parts if part]
    if not colon or not label.strip() or "=" in label or not overrides:
        raise ScenarioError(problem(f"change {text!r}", "no name or no override", "'NAME: KEY=VALUE, KEY=VALUE'"))
    return label.strip(), overrides
