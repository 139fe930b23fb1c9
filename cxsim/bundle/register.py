"""The register of assumptions: everything that the numbers rest on without the run having shown it, with its origin."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from cxsim.benchmarks.scorecard import Scorecard
from cxsim.felt import Asked, felt_log
from cxsim.metrics.measure import unavailable
from cxsim.perception.load import load_model
from cxsim.protocol import Study
from cxsim.reports.background import TAGS, limits_of
from cxsim.reports.findings import Findings
from cxsim.scenario.load import Scenario
from cxsim.trial import simulate

COLUMNS: Final = ("number", "kind", "scenario", "what", "value", "grade", "note", "origin")
KINDS: Final = {
    "stated": "a setting whose line in the scenario says where it comes from",
    "unsourced": "a setting of which the scenario does not say where it comes from",
    "changed": "a setting that a scenario of the study changes",
    "default": "a setting that was left out, and what then holds",
    "perception": "a number of how customers feel, with the grade of its evidence",
    "rule": "a rule of the simulation where the field has several",
    "warning": "what the run warns of",
    "unavailable": "a metric that has no value",
    "limit": "what the numbers cannot say",
}
GRADES: Final = {
    "A": "measured, large sample or meta-analysis",
    "B": "measured, one firm",
    "C": "survey of a vendor",
    "D": "single quote or assumption",
}
# Defaults that only switch something off assume nothing.
_NOTHING: Final[tuple[Any, ...]] = (False, (), {}, [])


class Entry(NamedTuple):
    """One assumption: its kind, the scenario ('' all), what it is about, its value, grade, note and origin."""

    kind: str
    scenario: str
    what: str
    value: str
    grade: str
    note: str
    origin: str


def register(study: Study, findings: Findings) -> list[Entry]:
    """All assumptions of a study, by kind in the order of KINDS."""
    label, base = next(iter(study.scenarios.items()))
    base = findings.base or base
    found = [*_of_settings(label, base), *_changed(study, findings), *_defaults(label, base)]
    found += [
        *_of_perception(study),
        *(
            Entry("rule", "", what, "", "", rule, "rules of cxsim for the mechanisms used")
            for what, rule in findings.rules
        ),
    ]
    found += [Entry("warning", "", "run", "", "", line, "warned by the run") for line in findings.warnings]
    found += [
        Entry("warning", "", "plausibility", "", "", line, "check of the measures against each other")
        for line in findings.plausibility
    ]
    found += [*_unavailable(study, base), *_without_value(findings)]
    found += [Entry("limit", "", "", "", "", line, "limits that hold of every run") for line in limits_of(findings)]
    order = list(KINDS)
    return sorted(found, key=lambda entry: order.index(entry.kind))


def _of_settings(label: str, scenario: Scenario) -> Iterator[Entry]:
    """Tagged settings with their sources, then those without a tag."""
    sources = scenario.sources or {}
    touched = [override.lstrip("+~").partition("=")[0] for override in scenario.overrides]
    for path, value, said in scenario.assumptions:
        found = re.match(r"\[([^\]]*)\]\s*(.*)", said)
        tag, note = (found[1], found[2]) if found else ("", said)
        named = [
            f"{key}: {sources[key]}" for key in re.findall(r"S\d+", f"{tag} {note}".replace(" ", "")) if key in sources
        ]
        origin = "; ".join([f"comment in the scenario, tag {tag} ({_kind_of(tag)})", *named])
        if any(_inside(path, other) or _inside(other, path) for other in touched):
            note = f"{note} (of the value in the file; an override changes a part of it)".strip()
        # Named a tag, since A is the worst of them and the best of the grades.
        yield Entry("stated", label, path, value, f"tag {tag}" if tag else "", note, origin)
    tagged = [entry.path for entry in scenario.assumptions]
    for path, value in leaves(scenario.source):
        if path != "name" and not any(_inside(path, other) for other in tagged):
            origin = (
                "override of the scenario"
                if any(_inside(path, one) for one in touched)
                else "scenario, no tag beside it"
            )
            yield Entry("unsourced", label, path, value, "", "", origin)


def _kind_of(tag: str) -> str:
    return TAGS.get(tag.split()[0], "source") if tag else "no tag"


def _inside(path: str, other: str) -> bool:
    """Whether a path is another one or lies below it."""
    return path == other or path.startswith(f"{other}.")


def leaves(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and value of every setting as written; a list of plain values is one."""
    if isinstance(part, Mapping) and part:
        for key, value in part.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(part, list) and any(isinstance(value, Mapping) for value in part):
        for place, value in enumerate(part):
            yield from leaves(value, f"{path}.{place}")
    else:
        yield path, ", ".join(map(str, part)) if isinstance(part, list) else str(part)


def _changed(study: Study, findings: Findings) -> Iterator[Entry]:
    """What the scenarios of the study change; of a grid, which settings are varied."""
    scenarios = study.scenarios if findings.base is not None else findings.scenarios
    if findings.base is not None:
        for name in findings.parameters:
            values = dict.fromkeys(str(point[name]) for point in study.settings.values())
            yield Entry("changed", "", name, ", ".join(values), "", "varied over these values", "the question asked")
        return
    for label, scenario in scenarios.items():
        for override in scenario.overrides:
            path, _, value = override.partition("=")
            yield Entry("changed", label, path, value, "", "", "the question asked: an override")


def _defaults(label: str, scenario: Scenario) -> Iterator[Entry]:
    """Settings that the scenario leaves out, with what then holds."""
    for path, value, meaning, where in left_out(scenario.model):
        yield Entry("default", label, path, value, "", meaning, f"default of {where} in the scenario language")


def left_out(part: BaseModel, path: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Path, value, meaning and kind of part of each field that was not given and means something.

    What the variants of a touchpoint by contact type leave out is what the touchpoint says.
    """
    for name, info in type(part).model_fields.items():
        value, key = getattr(part, name), info.alias or name
        at = f"{path}.{key}" if path else key
        if name == "types":
            continue
        meaning = info.description or ""
        if name not in part.model_fields_set and not isinstance(value, BaseModel):
            if value is None and "left out" not in meaning:
                continue
            if value is None or value not in _NOTHING:
                yield at, "left out" if value is None else _shown(value), meaning, type(part).__name__
        elif isinstance(value, BaseModel):
            yield from left_out(value, at)
        elif isinstance(value, Mapping):
            for inner, entry in value.items():
                for one, below in entry.items() if isinstance(entry, Mapping) else [("", entry)]:
                    if isinstance(below, BaseModel):
                        yield from left_out(below, ".".join(filter(None, (at, str(inner), str(one)))))


def _shown(value: Any) -> str:
    """A value in the units in which it is kept: seconds, shares, a law with its mean."""
    if hasattr(value, "parameters") and hasattr(value, "mean"):
        return f"{value.name}, mean {value.mean:g} s"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _of_perception(study: Study) -> Iterator[Entry]:
    """Every number of the perception model with its range and grade."""
    model = load_model(study.perception)
    for address, entry in model.evidence.items():
        value = ", ".join(f"{part:g}" for part in entry.value) if isinstance(entry.value, tuple) else f"{entry.value:g}"
        known = math.isfinite(entry.low) and math.isfinite(entry.high)
        note = f"90 % range {entry.low:g} to {entry.high:g}" if known else "no range stated"
        origin = f"perception model {model.name}: {entry.source or 'no source stated'}"
        yield Entry("perception", "", address, value, entry.grade or "none stated", note, origin)


def _unavailable(study: Study, base: Scenario) -> Iterator[Entry]:
    """Metrics that a log of this scenario cannot give, found by making one; metrics by name were all to be had."""
    if study.metrics is not None:
        return
    feelings = load_model(study.perception)
    log = simulate(base, seed=study.seed, engine=study.engine)
    asked = Asked(model=feelings, seed=study.seed, replication=0, simulated=lambda one: simulate(one, seed=study.seed))
    felt, _ = felt_log(log, base, asked)
    for metric, variant, reason in unavailable(felt).itertuples(index=False):
        yield Entry("unavailable", "", f"{metric}:{variant}", "", "", str(reason), "what a log of this scenario holds")


def _without_value(findings: Findings) -> Iterator[Entry]:
    """Metrics that were measured and have no value, and parts of a scorecard that could not be scored."""
    whole = findings.estimates[findings.estimates["by"] == ""]
    empty = whole[whole["value"].isna()]
    for row in empty.to_dict("records"):
        yield Entry(
            "unavailable",
            str(row["scenario"]),
            f"{row['metric']}:{row['variant']}",
            "",
            "",
            str(row.get("flags") or "nothing observed").replace("_", " "),
            "measures of the run",
        )
    for label, card in findings.scorecards.items():
        yield from _not_scored(label, card)


def _not_scored(label: str, card: Scorecard) -> Iterator[Entry]:
    for gap in card.missing:
        note = f"not scored, {gap.weight:.0%} of the weight: {gap.reason}"
        yield Entry(
            "unavailable", label, f"{gap.metric}:{gap.variant}", "", "", note, f"scorecard against {card.profile}"
        )


def counted(entries: Sequence[Entry]) -> dict[str, int]:
    """How many assumptions there are of each kind."""
    return {kind: sum(entry.kind == kind for entry in entries) for kind in KINDS}
