"""Reading a perception model from a file: every number checked, every problem reported together."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from cxsim import shipped, units
from cxsim.errors import PerceptionError, nearest, problem
from cxsim.perception.benchmark import anchored
from cxsim.perception.parameters import ABOUT, Evidence, PerceptionModel

_ABOUT = ("value", "range", "prior_sd", "grade", "source")


def load_model(name_or_path: str | Path = "default") -> PerceptionModel:
    """The perception model of a shipped name or of a file, complete in itself.

    Parameters
    ----------
    name_or_path : str or Path
        A name in conf/perception or the path of a YAML file. A number is written bare or as a mapping with value,
        range, prior_sd, grade and source; a bare number keeps the evidence of the shipped default.

    Returns
    -------
    PerceptionModel
        Its `notes` name every value outside its evidence range. With figures under `anchor_to` its anchors are those
        of these figures, whatever stands under `anchors`: found once, in the reference operation, then kept on disk.

    Raises
    ------
    PerceptionError
        No such model, an unknown or missing key, or a value out of bounds; all problems together.
    """
    found = shipped.path("perception", str(name_or_path))
    file, is_shipped = found or Path(name_or_path), found is not None
    if not file.is_file():
        known = [name for name in shipped.names("perception") if name != "comments"]
        raise PerceptionError(
            problem(
                f"perception model {name_or_path}",
                "no such name or file",
                f"shipped are {', '.join(known)}",
                nearest(str(name_or_path), known),
            )
        )
    return _read_shipped(file) if is_shipped else _read(file)


@functools.lru_cache
def _read_shipped(file: Path) -> PerceptionModel:
    # What is shipped does not change while a program runs, and every log that is perceived asks for it.
    return _read(file)


def _read(file: Path) -> PerceptionModel:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise PerceptionError(
            problem(str(file), " ".join(str(error).split()), "a YAML file in UTF-8 is allowed")
        ) from error
    default = shipped.path("perception", "default")
    is_default = default is not None and default.resolve() == file.resolve()
    reading = _Reading({} if is_default else load_model().evidence)
    values = reading.group(PerceptionModel, document, "perception")
    if not reading.problems:
        reading.problems.extend(_inconsistent(values))
    if reading.problems:
        raise PerceptionError(reading.problems)
    model = PerceptionModel(**values, name=file.stem, notes=tuple(reading.notes), evidence=reading.evidence)
    return anchored(model) if model.anchor_to.given() else model


class _Reading:
    """What is found on one way through a document: values, evidence, problems, notes."""

    def __init__(self, known_evidence: Mapping[str, Evidence]) -> None:
        self.known_evidence = known_evidence
        self.evidence: dict[str, Evidence] = {}
        self.problems: list[str] = []
        self.notes: list[str] = []

    def group(self, kind: type, given: object, where: str) -> dict[str, Any]:
        """The values of one dataclass, by name; problems are kept and reading goes on."""
        hints = get_type_hints(kind)
        declared = {entry.name: entry for entry in fields(kind) if entry.name not in ABOUT or kind != PerceptionModel}
        if not isinstance(given, dict):
            self.problems.append(problem(where, f"{given!r}", f"a mapping of {', '.join(declared)}"))
            return {}
        for key in given:
            if key not in declared:
                allowed = f"keys here are {', '.join(declared)}"
                self.problems.append(problem(f"{where}.{key}", "not a key", allowed, nearest(str(key), declared)))
        values: dict[str, Any] = {}
        for name, entry in declared.items():
            at = f"{where}.{name}"
            if name not in given and not _needed(entry):
                continue
            if name not in given:
                self.problems.append(problem(at, "missing", "a model is complete in itself", "copy it from default"))
            elif "part" in entry.metadata:
                values[name] = self.parts(entry.metadata["part"], given[name], at)
            elif is_dataclass(hints[name]):
                inner = self.group(hints[name], given[name], at)
                needed = {part.name for part in fields(hints[name]) if _needed(part)}
                values[name] = hints[name](**inner) if needed <= set(inner) else None
            else:
                values[name] = self.leaf(entry, given[name], at)
        return values

    def parts(self, kind: type, given: object, where: str) -> dict[str, Any]:
        """Parts of one kind by name, each of which may say a little."""
        if not isinstance(given, dict):
            self.problems.append(problem(where, f"{given!r}", "parts by name", "write {} for none"))
            return {}
        return {str(name): kind(**self.group(kind, part, f"{where}.{name}")) for name, part in given.items()}

    def leaf(self, entry: Field[Any], given: object, where: str) -> Any:
        """One number, one row of numbers, or numbers by name."""
        unit, length = entry.metadata["unit"], entry.metadata.get("length")
        if entry.type == "Mapping[str, float]":
            if not isinstance(given, dict):
                self.problems.append(problem(where, f"{given!r}", "numbers by name", "write {} for none"))
                return {}
            return {str(name): self.checked(entry, unit, value, f"{where}.{name}") for name, value in given.items()}
        about = dict(given) if isinstance(given, dict) else {"value": given}
        for key in about:
            if key not in _ABOUT:
                allowed = f"keys here are {', '.join(_ABOUT)}"
                self.problems.append(problem(f"{where}.{key}", "not a key", allowed, nearest(str(key), _ABOUT)))
        value = about.get("value")
        if length is None:
            found: Any = self.checked(entry, unit, value, where)
        elif isinstance(value, list) and len(value) == length:
            found = tuple(self.checked(entry, unit, item, f"{where}[{i}]") for i, item in enumerate(value))
        else:
            self.problems.append(problem(where, f"{value!r}", f"a list of {length} numbers"))
            return ()
        self.keep_evidence(entry, found, about, where)
        return found

    def checked(self, entry: Field[Any], unit: str, given: object, where: str) -> float:
        """A number in its unit and within its bounds; NaN when it is neither, with the problem kept."""
        try:
            if unit == "s":
                value = units.duration(given)
            elif unit == "share" and isinstance(given, str):
                value = units.share(given)
            elif isinstance(given, bool) or not isinstance(given, (int, float)):
                raise ValueError(f"{given!r}; a number [{unit}]")
            else:
                value = float(given)
        except ValueError as error:
            self.problems.append(f"{where}: {error}")
            return math.nan
        least, most = entry.metadata["least"], entry.metadata["most"]
        if not math.isfinite(value) or not least <= value <= most:
            self.problems.append(problem(where, given, _bounds(least, most, unit), entry.metadata["meaning"]))
            return math.nan
        return value

    def keep_evidence(self, entry: Field[Any], value: Any, about: dict[str, Any], where: str) -> None:
        """Remember where a number comes from, and note a value outside its range."""
        address = where.removeprefix("perception.")
        known = self.known_evidence.get(address, Evidence(value, math.nan, math.nan, math.nan, "", ""))
        low, high, unit = known.low, known.high, entry.metadata["unit"]
        given = about.get("range")
        if given is not None:
            if isinstance(given, list) and len(given) == 2:
                low, high = (self.checked(entry, unit, bound, f"{where}.range") for bound in given)
            else:
                self.problems.append(problem(f"{where}.range", f"{given!r}", "a lowest and a highest value"))
        prior = about.get("prior_sd", known.prior_sd)
        if isinstance(prior, bool) or not isinstance(prior, (int, float)):
            self.problems.append(problem(f"{where}.prior_sd", f"{prior!r}", "a number"))
            prior = math.nan
        if "prior_sd" in about and not 0.0 < prior < math.inf:
            self.problems.append(problem(f"{where}.prior_sd", prior, "above 0, or left out"))
        if low > high:
            self.problems.append(problem(f"{where}.range", f"{low:g} to {high:g}", "the lower end first"))
        grade, source = str(about.get("grade", known.grade)), str(about.get("source", known.source))
        self.evidence[address] = Evidence(value, low, high, float(prior), grade, source)
        if isinstance(value, float) and (value < low or value > high):
            self.notes.append(f"{address}: {value:g}; the evidence ranges from {low:g} to {high:g}; taken as given")


def _needed(entry: Field[Any]) -> bool:
    """Whether a file must say this."""
    return entry.default is MISSING and entry.default_factory is MISSING


def _bounds(least: float, most: float, unit: str) -> str:
    """Bounds in words."""
    if most < math.inf:
        return f"{least:g} to {most:g} [{unit}] is allowed"
    lowest = "above 0" if 0.0 < least < 1e-6 else f"{least:g} or more" if least > -math.inf else "any number"
    return f"{lowest} [{unit}] is allowed"


def _inconsistent(values: Mapping[str, Any]) -> list[str]:
    """Problems between numbers that are each allowed: shares that do not sum up, cuts that do not rise."""
    found: list[str] = []
    sums = {"memory": values["memory"]}
    sums.update({f"noise.{entry.name}": getattr(values["noise"], entry.name) for entry in fields(values["noise"])})
    for where, group in sums.items():
        total = sum(getattr(group, entry.name) for entry in fields(group))
        if abs(total - 1.0) > 1e-6:
            found.append(problem(f"perception.{where}", f"sums to {total:g}", "shares that sum to 1"))
    if not any(values["anchors"].exposure):
        given = "months that are all 0"
        found.append(problem("perception.anchors.exposure", given, "months lived in a year", "anchor again"))
    low = values["comments"]
    if low.generic_when_low + low.outside > 1.0 + 1e-9:
        given = f"{low.generic_when_low:g} with perception.comments.outside {low.outside:g}"
        allowed = "shares of the same comments, together at most 1; the rest name what was lost"
        found.append(problem("perception.comments.generic_when_low", given, allowed, "lower one of the two"))
    for metric in ("satisfaction", "ease", "recommendation"):
        total = sum(getattr(values["targets"], metric))
        if abs(total - 1.0) > 1e-6:
            found.append(problem(f"perception.targets.{metric}", f"sums to {total:g}", "shares that sum to 1"))
        cuts = getattr(values["anchors"], metric)
        if any(later < earlier for earlier, later in pairwise(cuts)):
            found.append(problem(f"perception.anchors.{metric}", f"{list(cuts)}", "cuts that rise", "anchor again"))
    return found
