"""Whether a profile makes sense: its weights, its directions against the catalogue, and what it leaves out."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Mapping
from typing import Final

import cxsim.metrics
from cxsim.benchmarks.profile import Profile
from cxsim.errors import nearest, problem
from cxsim.metrics.metric import REGISTER, Metric

Register = Mapping[str, Metric]

# Two names of one fact: what is resolved at once is not repeated.
_SAME_FACT: Final = (
    ("first_contact_resolution", "repeat_contact_rate"),
    ("first_contact_resolution", "contacts_per_case"),
)


def known_metrics() -> Register:
    """The catalogue of metrics, with every module that registers some imported."""
    for module in pkgutil.iter_modules(cxsim.metrics.__path__):
        importlib.import_module(f"cxsim.metrics.{module.name}")
    return REGISTER


def weight_problems(profile: Profile, *, where: str) -> list[str]:
    """Weights that are zero or do not add to 1, the sum said."""
    found = [
        problem(f"{where}.metrics.{entry.name}.weight", "0", "a weight above 0", "leave the metric out")
        for entry in profile.metrics
        if entry.weight == 0
    ]
    total = math.fsum(entry.weight for entry in profile.metrics)
    if profile.metrics and abs(total - 1.0) > 1e-9:
        found.append(problem(f"{where}.metrics", f"weights add to {total:.6g}", "weights that add to 1", "mend them"))
    return found


def register_problems(profile: Profile, *, where: str, register: Register) -> list[str]:
    """Metrics, variants, units or directions that the catalogue does not know; nothing if it is empty."""
    found = []
    for entry in profile.metrics if register else ():
        place, metric = f"{where}.metrics.{entry.name}", register.get(entry.name)
        if metric is None:
            found.append(problem(place, "not a metric", "see `cxsim list metrics`", nearest(entry.name, register)))
            continue
        if entry.variant not in metric.variants:
            allowed = f"variants: {', '.join(metric.variants)}"
            found.append(
                problem(f"{place}.variant", repr(entry.variant), allowed, nearest(entry.variant, metric.variants))
            )
        if entry.unit != metric.unit:
            found.append(problem(f"{place}.unit", repr(entry.unit), f"the metric's unit '{metric.unit}'"))
        if entry.lines and entry.better != metric.better:
            remedy = "give a band" if metric.better == "band" else "give worst and best the other way round"
            remedy = "give worst and best" if entry.better == "band" else remedy
            found.append(
                problem(place, f"its line says better is {entry.better}", f"the metric's is {metric.better}", remedy)
            )
    return found


def lint(profile: Profile, *, register: Register | None = None) -> list[str]:
    """What a reader of the scorecard should know before trusting it, one line each; empty if nothing.

    Parameters
    ----------
    profile : Profile
    register : mapping of str to Metric, optional
        Default the catalogue.

    Source
    ------
    COPC's rules for balanced scorecards, and mistakes found in published templates.
    """
    register = known_metrics() if register is None else register
    where = f"profile {profile.name}"
    found = [
        *weight_problems(profile, where=where),
        *register_problems(profile, where=where, register=register),
    ]
    for first, second in _SAME_FACT:
        if profile.metric(first) and profile.metric(second):
            found.append(problem(where, f"{first} and {second}", "one fact is counted once", "leave one out"))
    kinds = {register[entry.name].kind for entry in profile.metrics if entry.name in register}
    if register and kinds and kinds != {"process", "result"}:
        absent = "result" if kinds == {"process"} else "process"
        found.append(problem(where, f"no {absent} metric", "process and result metrics both", f"add a {absent} metric"))
    filled = [entry.name for entry in profile.metrics if any(line.provenance == "filled" for line in entry.lines)]
    if filled:
        said = f"{len(filled)} of {len(profile.metrics)} metrics are scored on filled lines: {', '.join(filled)}"
        found.append(problem(where, said, "a published range where one exists"))
    assumed = [f"{entry.name}:{entry.variant}" for entry in profile.metrics if entry.source_variant == "unstated"]
    if assumed:
        found.append(
            problem(where, f"the source states no variant of {', '.join(assumed)}", "an assumed variant is said")
        )
    return found
