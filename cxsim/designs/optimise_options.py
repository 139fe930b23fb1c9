"""Options of an optimisation as plain data: read, checked, and made into the design."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from cxsim.designs.design import Replicated
from cxsim.designs.optimise import Optimised
from cxsim.designs.plan_space import read_space
from cxsim.designs.targets import read_targets
from cxsim.errors import RunError, nearest, problem
from cxsim.metrics.requests import read
from cxsim.scenario.load import Scenario
from cxsim.units import share


class Option(NamedTuple):
    """Kinds of an option, and what it means."""

    kinds: tuple[type, ...]
    meaning: str


# All may be left out but `vary`.
OPTIONS: Final[Mapping[str, Option]] = {
    "targets": Option((list, tuple), "what a plan has to meet"),
    "vary": Option((list, tuple), "what a plan may set"),
    "confidence": Option((str, float), "with which all targets hold"),
    "robust": Option((str, float), "how uncertain each day's level is, as 5%"),
    "search_days": Option((int,), "days of the search, the same for every plan"),
    "fresh_days": Option((int,), "unseen days of the certificate; left out, 100 to most, as telling steps apart takes"),
    "cost": Option((str,), "pay, staffed_hours, or auto: pay where every group has a cost"),
    "score": Option((str,), "metric drawn against cost; left out, primary"),
    "beside": Option((bool,), "true: certify a square-root plan and a greedy search on the same days"),
}
DEFAULTS: Final[Mapping[str, Any]] = {"targets": (), "confidence": 0.95, "robust": 0.0, "cost": "auto", "beside": False}


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
            number = isinstance(value, bool) and bool not in OPTIONS[key].kinds
            if number or not isinstance(value, OPTIONS[key].kinds):
                kinds = " or ".join(kind.__name__ for kind in OPTIONS[key].kinds)
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
        kinds = OPTIONS[key].kinds if key in OPTIONS else ()
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


def options_said() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every option that is given as KEY=VALUE."""
    found = []
    for key, option in OPTIONS.items():
        if list not in option.kinds:
            default = DEFAULTS.get(key, Optimised.search_days if key == "search_days" else "")
            found.append((key, str(default).lower(), option.meaning))
    return found


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
