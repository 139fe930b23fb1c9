"""Which input matters, which scenario is best, which settings serve best: each from one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxsim.designs.select import METHODS as SELECTIONS
from cxsim.errors import RunError, nearest, problem
from cxsim.protocol import Given, Study, prepare
from cxsim.scenario.changes import own_name, parse_change
from cxsim.scenario.load import Scenario, load_scenario
from cxsim.study import Result, run_study
from cxsim.units import share

SENSITIVITIES = ("tornado", "morris", "sobol", "information")


def beside(
    name: str, overrides: Sequence[str], *, changes: Sequence[str] | None, others: Sequence[str] | None
) -> dict[str, Scenario]:
    """A scenario as 'today', its changes ('NAME: KEY=VALUE, ...') and other scenarios, by name.

    Raises
    ------
    ScenarioError
        Nothing of that name, a change that cannot be made, or a name given twice.
    """
    base = load_scenario(name, *overrides)
    found = {"today": base}
    for text in changes or []:
        label, settings = parse_change(text)
        found[own_name(label, taken=found)] = base.override(*settings)
    for other in others or []:
        found[own_name(Path(other).stem, taken=found)] = load_scenario(other)
    return found


def sensitivity(
    scenario: Given,
    inputs: Sequence[str],
    *,
    out: str | Path | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    **options: Any,
) -> Result:
    """Which of several inputs moves the primary metric most, or is most worth measuring better.

    Parameters
    ----------
    scenario : Scenario, name, path or mapping
    inputs : sequence of str
        'touchpoints.phone.talk_time.mean=interval(4 min,8 min)' each: what an input may be.
    out, jobs, cluster, options
        As in `estimate`, without a precision; method (tornado, morris, sobol, information) and points: Morris'
        trajectories, Sobol' base points, sets of the value of information.

    Returns
    -------
    Result
        Estimates are those of the scenario as it stands; the sections of its findings say which input matters.
    """
    study = sensitivity_study(load_scenario(scenario), inputs, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs, cluster=cluster)


def sensitivity_study(
    scenario: Scenario, inputs: Sequence[str], *, method: str = "tornado", points: int | None = None, **options: Any
) -> Study:
    """The study of a sensitivity."""
    if method not in SENSITIVITIES:
        raise RunError(
            problem(f"method {method}", "not known", f"one of {SENSITIVITIES}", nearest(method, SENSITIVITIES))
        )
    if method == "tornado" and points is not None:
        raise RunError(problem("points", points, "none for method=tornado, which runs the ends", "leave it out"))
    if options.get("precision") is not None:
        raise RunError(problem("precision", options["precision"], "a fixed number of replications for a sensitivity"))
    title = options.pop("title", "") or f"{scenario.name}: which input matters"
    asked = {"method": method, "inputs": list(inputs), "points": points}
    return prepare("sensitivity", {"today": scenario}, title=title, options=asked, **options)


def tune(
    scenario: Given,
    inputs: Sequence[str],
    *,
    targets: Sequence[str] = (),
    out: str | Path | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    **options: Any,
) -> Result:
    """The settings that serve the primary metric best while targets hold, tested on days the search has not seen.

    Parameters
    ----------
    scenario : Scenario, name, path or mapping
    inputs : sequence of str
        'touchpoints.bot.resolves=interval(20%,40%)' or 'KEY=VALUE,VALUE' each: what a setting may be.
    targets : sequence of str
        'abandonment_rate <= 5%'; left out, the goals of the scenario if it has some.
    out, jobs, cluster, options
        As in `estimate`, without a precision; points of the search, search_days, fresh_days, confidence, and also, a
        second metric. Replications are days of the account.

    Returns
    -------
    Result
        Estimates are those of today and of the settings found; `section('settings')` holds what was found, and
        'finalists', 'each' and 'points' the search.
    """
    study = tune_study(load_scenario(scenario), inputs, targets=targets, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs, cluster=cluster)


def tune_study(
    scenario: Scenario,
    inputs: Sequence[str],
    *,
    targets: Sequence[str] = (),
    points: int | None = None,
    search_days: int = 20,
    fresh_days: int = 200,
    confidence: float | str = 0.95,
    also: str | None = None,
    **options: Any,
) -> Study:
    """The study of a search among settings."""
    if options.get("precision") is not None:
        raise RunError(problem("precision", options["precision"], "none for tuning", "say fresh_days="))
    title = options.pop("title", "") or f"{scenario.name}: the best settings"
    asked = {
        "inputs": list(inputs),
        "targets": list(targets),
        "points": 64 if points is None else points,
        "search_days": search_days,
        "fresh_days": fresh_days,
        "confidence": _certain(confidence),
        "also": also,
    }
    return prepare("tune", {"today": scenario}, title=title, options=asked, **options)


def _certain(confidence: float | str) -> float:
    try:
        return share(confidence)
    except ValueError as error:
        raise RunError(problem("confidence", str(error), "")) from None


def select(
    scenarios: Mapping[str, Given],
    *,
    out: str | Path | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    **options: Any,
) -> Result:
    """The best of several scenarios by the primary metric.

    Parameters
    ----------
    scenarios : mapping of label to scenario
    out, jobs, cluster, options
        As in `estimate`, without a precision; method (kn, hsu, standard), indifference ('1 point'), confidence (0.95),
        against ('80%', for standard). Replications are the first stage.
    """
    loaded = {label: load_scenario(scenario) for label, scenario in scenarios.items()}
    study = select_study(loaded, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs, cluster=cluster)


def select_study(
    scenarios: Mapping[str, Scenario],
    *,
    method: str = "kn",
    indifference: str = "1 point",
    confidence: float | str = 0.95,
    against: str | float | None = None,
    **options: Any,
) -> Study:
    """The study of a selection."""
    if method not in SELECTIONS:
        raise RunError(problem(f"method {method}", "not known", f"one of {SELECTIONS}", nearest(method, SELECTIONS)))
    if options.get("precision") is not None:
        raise RunError(problem("precision", options["precision"], "none for a selection", "say indifference="))
    if not scenarios:
        raise RunError(problem("select", "no scenario", "one or more"))
    title = options.pop("title", "") or f"{next(iter(scenarios.values())).name}: the best of {len(scenarios)}"
    asked = {
        "method": method,
        "indifference": str(indifference),
        "confidence": _certain(confidence),
        "against": None if against is None else str(against),
    }
    return prepare("select", scenarios, title=title, options=asked, **{"replications": 20, **options})
