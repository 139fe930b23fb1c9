"""The kinds of value a scenario holds: how each is written, in which unit it is kept, and its JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    WithJsonSchema,
)

from cxsim import laws, units
from cxsim.errors import nearest
from cxsim.laws import Law

NAME_FORM = "a name is letters, digits and _, beginning with a letter"


def field(meaning: str, default: Any = ..., **bounds: Any) -> Any:
    """A field with its meaning; bounds as in Pydantic."""
    return Field(default, description=meaning, **bounds)


class Part(BaseModel):
    """A part of a scenario: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# Neither true nor "3" is a head count, neither "yes" nor 1 a decision, neither "nan" nor "3" a number.
Whole = Annotated[int, Field(strict=True)]
Decision = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _text(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "number"], "pattern": pattern, "examples": [example]})


def _name(value: str) -> str:
    if not value.isidentifier() or value.startswith("_"):
        raise ValueError(f"{value!r}; {NAME_FORM}")
    return value


Name = Annotated[str, AfterValidator(_name)]
Duration = Annotated[float, BeforeValidator(units.duration), _text(r"^[0-9.]+ ?(s|min|h|d)$", "3 min")]
RatePerDay = Annotated[float, BeforeValidator(units.per_day), _text(r"^[0-9.]+ per (hour|day)$", "460 per day")]
MoneyPerHour = Annotated[
    float, BeforeValidator(lambda v: units.per_day(v) / 24.0), _text(r"^[0-9.]+ per hour$", "29 per hour")
]


def _per_month(value: object) -> float:
    """Money a month, which may be below 0, unlike a rate of events."""
    below = isinstance(value, str) and value.lstrip().startswith("-")
    size = units.per_day(str(value).lstrip()[1:] if below else value) * 365.25 / 12.0
    return -size if below else size


MoneyPerMonth = Annotated[float, BeforeValidator(_per_month), _text(r"^-?[0-9.]+ per month$", "40 per month")]
Share = Annotated[float, BeforeValidator(units.share), _text(r"^[0-9.]+%$", "27%")]
Clock = Annotated[float, BeforeValidator(units.clock), _text(r"^\d\d?:\d\d$", "08:30")]
Instant = Annotated[float, BeforeValidator(units.instant), _text(r"^day \d+ \d\d:\d\d$", "day 2 09:00")]
Days = Annotated[
    tuple[int, ...], BeforeValidator(units.days), WithJsonSchema({"type": "string", "examples": ["mon-fri"]})
]
WeeklyHours = Annotated[
    tuple[tuple[float, float], ...],
    BeforeValidator(units.weekly_hours),
    WithJsonSchema({"type": "object", "examples": [{"mon-fri": "07:00-19:00"}]}),
]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Weight = Annotated[float, Field(ge=0, le=1e300)]


def _seconds_or_number(value: object) -> float:
    """In a list of instants or durations plain numbers are seconds."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < 0:
            raise ValueError(f"{value!r}; seconds from 0 on")
        return units.seconds_of(value, given=value)
    return units.duration(value)


def _patience_or_none(value: object) -> float:
    return float("inf") if value is None or value == float("inf") else _seconds_or_number(value)


def _seconds_or_drawn(value: object) -> float | None:
    return None if value is None else _seconds_or_number(value)


Seconds = Annotated[float, BeforeValidator(_seconds_or_number), _text(r"^[0-9.]+( ?(s|min|h))?$", "12.5")]
SecondsOrNever = Annotated[float, BeforeValidator(_patience_or_none), _text(r"^[0-9.]+( ?(s|min|h))?$", "12.5")]
SecondsOrDrawn = Annotated[float | None, BeforeValidator(_seconds_or_drawn), _text(r"^[0-9.]+( ?(s|min|h))?$", "12.5")]


def _steps(value: object, *, convert: Callable[[Any], Any], most: int, example: str) -> tuple[tuple[float, Any], ...]:
    """Steps {5 min: ..., 20 min: ...} in order of their instants."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{value!r}; steps are a mapping {example}")
    found = sorted((units.duration(at), convert(step)) for at, step in value.items())
    for earlier, later in pairwise(at for at, _ in found):
        if earlier == later:
            raise ValueError(f"two steps at {earlier:g} s; one step at an instant")
    if len(found) > most:
        raise ValueError(f"{len(found)} steps; at most {most}")
    return tuple(found)


def _rank(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 99:
        raise ValueError(f"{value!r}; a rank is a whole number from 1 to 99")
    return value


MOST_AGEING_STEPS, MOST_BALK_STEPS = 4, 8
_AGEING, _BALKS = "{5 min: 2, 20 min: 1}", "{1 min: 10%, 5 min: 40%}"
AgeingSteps = Annotated[
    tuple[tuple[float, int], ...],
    BeforeValidator(lambda value: _steps(value, convert=_rank, most=MOST_AGEING_STEPS, example=_AGEING)),
    WithJsonSchema({"type": "object", "examples": [{"5 min": 2, "20 min": 1}]}),
]
BalkSteps = Annotated[
    tuple[tuple[float, float], ...],
    BeforeValidator(lambda value: _steps(value, convert=units.share, most=MOST_BALK_STEPS, example=_BALKS)),
    WithJsonSchema({"type": "object", "examples": [{"1 min": "10%", "5 min": "40%"}]}),
]

_CONVERT: dict[str, Callable[[Any], Any]] = {"time": units.duration, "number": float, "share": units.share}


def _each(convert: Callable[[Any], Any], values: object, *, what: str) -> list[Any]:
    if not isinstance(values, (list, tuple)):
        raise ValueError(f"{values!r}; a list of {what}")
    return [convert(value) for value in values]


def _parameter(value: Any, *, dimension: str) -> Any:
    """A law's parameter in seconds and shares, by its dimension."""
    if dimension == "times":
        return _each(_seconds_or_number, value, what="durations")
    if dimension in ("numbers", "shares"):
        return _each(_CONVERT[dimension[:-1]], value, what=dimension)
    if dimension == "quantiles":
        if not isinstance(value, Mapping):
            raise ValueError(f"{value!r}; quantiles are a mapping {{0.5: 3 min, 0.9: 8 min}}")
        return [(units.share(share), units.duration(length)) for share, length in value.items()]
    if dimension == "parts":
        if isinstance(value, Mapping):
            value = list(value.values())
        return [_part(part) for part in _each(lambda part: part, value, what="parts {share, law, ...}")]
    try:
        return _CONVERT[dimension](value)
    except (TypeError, ValueError) as error:
        given = str(error) if dimension != "number" else f"{value!r}; a number"
        raise ValueError(given) from None


def _part(part: Any) -> dict[str, Any]:
    """A part of a mixture: its share, its law's name and that law's parameters in seconds and shares."""
    if not isinstance(part, Mapping) or not {"share", "law"} <= part.keys():
        raise ValueError(f"{part!r}; a part is {{share: 30%, law: exponential, mean: 2 min}}")
    name, parameters = _read_law({key: value for key, value in part.items() if key != "share"})
    return {"share": units.share(part["share"]), "law": name, **parameters}


def law_of(value: object) -> Law:
    """A law from a bare duration (a constant) or a mapping with `law` and its parameters.

    Raises
    ------
    ValueError
        Unknown law or parameter, wrong unit, or parameters that contradict each other.
    """
    if isinstance(value, Law):
        return value
    if not isinstance(value, Mapping):
        return laws.make_law("constant", {"value": units.duration(value)})
    return laws.make_law(*_read_law(value))


def _read_law(value: Mapping[Any, Any]) -> tuple[str, dict[str, object]]:
    """Name and parameters of a written law, in seconds and shares."""
    name = value.get("law")
    if not isinstance(name, str) or name not in laws.PARAMETERS:
        hint = nearest(str(name), laws.PARAMETERS)
        raise ValueError(f"law {name!r}; laws are {', '.join(laws.PARAMETERS)}" + (f"; {hint}" if hint else ""))
    known = laws.PARAMETERS[name]
    parameters: dict[str, object] = {}
    for key, given in value.items():
        if key == "law":
            continue
        if key not in known:
            hint = nearest(str(key), known)
            raise ValueError(
                f"{key}: not a parameter of {name}; it takes {', '.join(known)}" + (f"; {hint}" if hint else "")
            )
        try:
            parameters[str(key)] = _parameter(given, dimension=known[key])
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None
    return name, parameters


LAW_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": r"^[0-9.]+ ?(s|min|h|d)$", "examples": ["3 min"]},
        {
            "type": "object",
            "properties": {"law": {"enum": sorted(laws.PARAMETERS)}},
            "required": ["law"],
            "examples": [{"law": "lognormal", "mean": "4 min", "cv": 0.8}],
        },
    ]
}


def _written(law: Law) -> dict[str, Any]:
    """A law as plain data, for the fingerprint: equal laws are written alike however they were given."""
    return {
        "law": law.name,
        "parameters": list(law.parameters),
        "table": list(law.table),
        "parts": [_written(part) for part in law.parts],
    }


DurationLaw = Annotated[InstanceOf[Law], BeforeValidator(law_of), PlainSerializer(_written), WithJsonSchema(LAW_SCHEMA)]


def _delay_of(value: object) -> Law | str:
    return "next_opening" if value == "next_opening" else law_of(value)


Delay = Annotated[
    InstanceOf[Law] | str,
    BeforeValidator(_delay_of),
    PlainSerializer(lambda delay: delay if isinstance(delay, str) else _written(delay)),
    WithJsonSchema({"anyOf": [{"const": "next_opening"}, *LAW_SCHEMA["anyOf"]]}),
]
