"""What stands behind the numbers of a report: assumptions with sources, changes, provenance, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cxsim.reports.findings import Findings
from cxsim.reports.tables import Table, name_of, words

TAGS: Final = {"A": "assumption", "D": "worked out", "H": "habit of the trade"}
LIMITS: Final = (
    "A difference between scenarios deserves more trust than a level: what the model leaves out weighs on both sides.",
    "Intervals cover the chance in the simulated days only. Doubt about the inputs (parameters) and about the demand "
    "of the days to come (forecast) is not assessed here and comes on top.",
    "How customers answer satisfaction, effort and recommendation questions rests on published findings, mostly "
    "surveys of vendors on phone support in North America; the size of the effect of waits is the least sure, that of "
    "resolution and repeats the best supported.",
    "Benchmarks mix scales, modes of asking and years. What customers say they intend is not what they do.",
    "Nothing here foretells what one customer does, and outside the range of the data used for the settings it is "
    "extrapolation.",
)
LIMITS_OF_A_LOG: Final = (
    "The export is taken as it is: what it does not record (earlier contacts, other channels, agents' presence) is not "
    "guessed, and metrics that need it are listed as not available.",
    "Intervals describe the spread over what was recorded; another month can differ by season and mix.",
    "Benchmarks mix scales, modes of asking and years.",
)


def assumptions_table(findings: Findings) -> Table | None:
    """Settings of the baseline that carry the source written beside them."""
    base = next(iter(findings.scenarios.values()), findings.base)
    if base is None or not base.assumptions:
        return None
    sources = base.sources or {}
    rows = []
    for entry in base.assumptions:
        found = re.match(r"\[([^\]]*)\]\s*(.*)", entry.source)
        tag, note = (found[1], found[2]) if found else ("", entry.source)
        kind = TAGS.get(tag.split()[0], "source") if tag else ""
        rows.append((words(entry.path), words(entry.value), words(f"{tag} {kind}".strip()), words(note)))
    note = "; ".join(f"{tag}: {TAGS[tag]}" for tag in TAGS if any(row[2].text.startswith(tag) for row in rows))
    named = "S and a number: see the sources below" if sources else ""
    return Table(("Setting", "Value", "Tag", "Note"), tuple(rows), "; ".join(part for part in (note, named) if part))


def sources_of(findings: Findings) -> list[tuple[str, str]]:
    """What the tags of the assumptions stand for."""
    base = next(iter(findings.scenarios.values()), findings.base)
    return [] if base is None else list((base.sources or {}).items())


def overrides_of(findings: Findings) -> list[tuple[str, str]]:
    """Scenario and change, for all that was changed since the files."""
    return [(label, change) for label, scenario in findings.scenarios.items() for change in scenario.overrides]


def unavailable_table(findings: Findings) -> Table | None:
    """Metrics that could not be had, and why."""
    if findings.unavailable.empty:
        return None
    rows = [
        (words(name_of(str(metric), str(variant))), words(str(reason)))
        for metric, variant, reason in findings.unavailable[["metric", "variant", "reason"]].itertuples(index=False)
    ]
    return Table(("Metric (variant)", "Why there is no number"), tuple(rows))


def missing_names(findings: Findings) -> list[str]:
    """Metrics that could not be had; those of which only some variants are missing with these variants in brackets."""
    had = set(findings.estimates["metric"])
    of: dict[str, list[str]] = {}
    for metric, variant in findings.unavailable[["metric", "variant"]].itertuples(index=False):
        of.setdefault(str(metric), []).append(str(variant))
    return [
        f"{metric} (only {', '.join(variants)})" if metric in had else metric for metric, variants in sorted(of.items())
    ]


def provenance_rows(findings: Findings) -> list[tuple[str, str]]:
    """Provenance as names and values, nested ones joined."""
    return list(_flat(findings.provenance, ""))


def _flat(given: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        path = f"{before}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping):
            if value and all(not isinstance(part, Mapping | list | tuple) for part in value.values()):
                yield path, ", ".join(f"{part} {number}" for part, number in value.items())
            else:
                yield from _flat(value, f"{path}, ")
        elif isinstance(value, (list, tuple)):
            yield path, "; ".join(str(part) for part in value)
        elif value not in (None, ""):
            yield path, str(value)


def limits_of(findings: Findings) -> tuple[str, ...]:
    """What the numbers cannot say."""
    return LIMITS_OF_A_LOG if findings.kind == "measure" else LIMITS
