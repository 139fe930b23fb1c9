"""Options of a search among settings as plain data, made into the design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxsim.designs.design import Replicated
from cxsim.designs.factors import read_factors
from cxsim.designs.settings_space import SettingsSpace
from cxsim.designs.targets import is_quantile, read_targets
from cxsim.designs.tuning import Tuned
from cxsim.errors import RunError, problem
from cxsim.metrics.requests import read


def tuned(replicated: Replicated, options: Mapping[str, Any]) -> Tuned:
    """The design for the only scenario of an estimate.

    Raises
    ------
    CxsimError
        Metrics, targets, settings or options that cannot be.
    """
    scenario = next(iter(replicated.scenarios.values()))
    targets = read_targets(options["targets"], scenario) if options["targets"] or scenario.model.goals else ()
    wanted = {target.group for target in targets if target.by}
    lean = scenario.override(*(f"~goals.{name}" for name in scenario.model.goals if name not in wanted))
    also = None if options["also"] is None else read([options["also"]])[0].label
    if also == replicated.primary:
        raise RunError(problem("also", also, "another metric than primary=", "leave it out"))
    return Tuned(
        replicated=replicated,
        space=SettingsSpace(lean, read_factors(lean, options["inputs"], verb="tune")),
        targets=targets,
        larger_is_better=tuple(_larger_is_better(name) for name in (replicated.primary, *([also] if also else []))),
        also=also,
        confidence=options["confidence"],
        points=options["points"],
        search_days=options["search_days"],
        fresh_days=options["fresh_days"],
    )


def _larger_is_better(name: str) -> bool:
    """Which side of a metric is better.

    Raises
    ------
    RunError
        None is, or it is no ratio of sums.
    """
    request = read([name])[0]
    if request.metric.better == "band":
        raise RunError(problem(f"metric {name}", "has no better side", "higher or lower", "choose another primary="))
    if is_quantile(request):
        raise RunError(
            problem(f"metric {name}", "a quantile over customers", "a share or a mean, a ratio of sums",
                    "choose another primary=")
        )  # fmt: skip
    return request.metric.better == "higher"
