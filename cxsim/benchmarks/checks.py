"""Whether a profile agrees with itself and with the catalogue of metrics: weights, variants, units, directions."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Mapping

import cxsim.metrics
from cxsim.benchmarks.profile import Profile
from cxsim.errors import nearest, problem
from cxsim.metrics.metric import REGISTER, Metric

Register = Mapping[str, Metric]


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
        unit = metric.unit_of(metric.variants.get(entry.variant, {}))
        if entry.unit != unit:
            found.append(problem(f"{place}.unit", repr(entry.unit), f"the metric's unit '{unit}'"))
        if (entry.lines or entry.bands or entry.direction) and entry.better != metric.better:
            remedy = "give a band" if metric.better == "band" else "give worst and best the other way round"
            remedy = "give worst and best" if entry.better == "band" else remedy
            found.append(
                problem(place, f"its line says better is {entry.better}", f"the metric's is {metric.better}", remedy)
            )
    return found
