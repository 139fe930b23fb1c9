"""Options of an optimisation as plain data: read, checked, and made into the design."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cxsim.designs.design import Replicated
from cxsim.designs.optimise import Optimised
from cxsim.designs.plan_space import read_space
from cxsim.designs.targets import read_targets
from cxsim.errors import RunError, nearest, problem
from cxsim.metrics.requests import read
from cxsim.scenario.load import Scenario
from cxsim.units import share

# Names and kinds of the options; all may be left out but `vary`.
OPTIONS: Final[Mapping[str, tuple[type, ...]]] = {
    "targets": (list, tuple),
    "vary": (list, tuple),
    "confidence": (str, float),
    "robust": (str, float),
    "search_days": (int,),
    "fresh_days": (int,),
    "cost": (str,),
    "score": (str,),
    "beside": (bool,),
}
DEFAULTS: Final[Mapping[str, Any]] = {"targets": (), "confidence": 0.95, "robust": 0.0, "cost": "auto"}


def read_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options with defaults and shares as numbers; what is None is left out.

    Raises
    ------
    RunError
        An option that is not there, or not of its kind; all of them together.
    """
    found: dict[str, Any] = dict(DEFAULTS)
    wrong = []
    for key, value in given.items():
        if key not in OPTIONS:
            wrong.append(problem(f"optimise.{key}", "not an option", ", ".join(OPTIONS), nearest(key, OPTIONS)))
        elif value is not None:
            number = isinstance(value, bool) and bool not in OPTIONS[key]
            if number or not isinstance(value, OPTIONS[key]):
                kinds = " or ".join(kind.__name__ for kind in OPTIONS[key])
                wrong.append(problem(f"optimise.{key}", f"{value!r}", kinds))
            else:
                found[key] = value
    for key in ("confidence", "robust"):
        try:
            found[key] = share(found[key])
        except ValueError:
            wrong.append(problem(f"optimise.{key}", f"{found[key]!r}", "a share, as 95% or 0.95"))
    for key in ("targets", "vary"):
        found[key] = [str(part) for part in found.get(key, ())]
    if wrong:
        raise RunError(wrong)
    return found


def split_plan_words(words: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """Options among the words of a command, KEY=VALUE, and the words that are left.

    Raises
    ------
    RunError
        A value that is not of the option's kind.
    """
    found: dict[str, Any] = {}
    rest = []
    for word in words:
        key, equals, value = word.partition("=")
        kinds = OPTIONS.get(key, ())
        if not equals or not kinds or list in kinds:
            rest.append(word)
        elif int in kinds and value.isdecimal():
            found[key] = int(value)
        elif bool in kinds and value.lower() in ("true", "false"):
            found[key] = value.lower() == "true"
        elif str in kinds:
            found[key] = value
        else:
            raise RunError(problem(word, repr(value), "a whole number" if int in kinds else "true or false"))
    return found, rest


def with_uncertain_demand(scenario: Scenario, cv: float) -> Scenario:
    """The scenario with the level of each day uncertain by this much more: both spreads multiply in the busyness.

    Of two independent factors with mean 1 the product has cv^2 = (1 + a^2)(1 + b^2) - 1.
    """
    if not cv > 0.0:
        return scenario
    own = scenario.model.busyness.day_cv
    both = math.sqrt((1.0 + own**2) * (1.0 + cv**2) - 1.0)
    if both > 1.0:
        raise RunError(problem("robust", f"{cv:.0%} on top of {own:.0%} a day", "together at most 100%"))
    return scenario.override(f"busyness.day_cv={both!r}")


def optimised(replicated: Replicated, options: Mapping[str, Any], *, most: int) -> Optimised:
    """The design for the only scenario of an estimate.

    Raises
    ------
    CxsimError
        Targets, settings or options that cannot be.
    """
    scenario = next(iter(replicated.scenarios.values()))
    targets = read_targets(options["targets"], scenario)
    wanted = {target.group for target in targets if target.by}
    lean = scenario.override(*(f"~goals.{name}" for name in scenario.model.goals if name not in wanted))
    space = read_space(lean, options["vary"], cost=options["cost"])
    extra = {key: options[key] for key in ("search_days", "fresh_days") if key in options}
    return Optimised(
        replicated=replicated,
        space=space,
        targets=targets,
        confidence=options["confidence"],
        score=read([options.get("score", replicated.primary)])[0].label,
        most=most,
        with_rivals=options.get("beside", False),
        **extra,
    )
