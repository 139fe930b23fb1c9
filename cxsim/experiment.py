"""Studies as files: a folder with study.yaml becomes an experiment, shipped or the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxsim import shipped
from cxsim.errors import RunError, nearest, problem
from cxsim.scenario.changes import own_name
from cxsim.scenario.text import read_file, read_yaml

if TYPE_CHECKING:
    from cxsim.protocol import Study

KEYS = {
    "title": str,
    "question": str,
    "scenario": str,
    "design": str,
    "overrides": list,
    "seed": int,
    "replications": int,
    "precision": str,
    "most": int,
    "changes": dict,
    "vary": list,
    "metrics": list,
    "primary": str,
    "profile": str,
    "engine": str,
    "perception": str,
    "looks": str,
    "target": str,
    "margin": str,
    "sampling": str,
    "points": int,
    "method": str,
    "indifference": str,
    "against": str,
    "also": str,
    "miniature": dict,
    # Of design: optimise.
    "targets": list,
    "confidence": str,
    "robust": str,
    "search_days": int,
    "fresh_days": int,
    "cost": str,
    "score": str,
    "beside": bool,
}
KINDS = {bool: "yes or no", str: "text", int: "a whole number", dict: "a mapping", list: "a list"}
NEEDED = ("title", "scenario", "design")
DESIGNS = ("estimate", "compare", "sweep", "optimise", "tune", "sensitivity", "select")
OPTIMISED = ("targets", "confidence", "robust", "search_days", "fresh_days", "cost", "score", "beside")
DAYS = ("search_days", "fresh_days")
# What belongs to some designs only, and to which.
OF_DESIGNS = {
    "changes": ("compare", "select"),
    "vary": ("sweep", "sensitivity", "optimise", "tune"),
    "looks": ("estimate", "compare"),
    "target": ("estimate",),
    "margin": ("estimate", "compare"),
    "sampling": ("sweep",),
    "points": ("sweep", "sensitivity", "tune"),
    "method": ("sensitivity", "select"),
    "indifference": ("select",),
    "against": ("select",),
    "also": ("tune",),
    **dict.fromkeys(OPTIMISED, ("optimise",)),
    **dict.fromkeys(("targets", *DAYS), ("optimise", "tune")),
    "confidence": ("optimise", "tune", "select"),
}
NEEDED_BY = {"changes": ("compare",), "vary": ("sweep", "sensitivity", "optimise", "tune")}
# What the test suite may make smaller; and what a caller may set.
SETTINGS = (
    *("seed", "replications", "precision", "most", "metrics", "primary", "profile", "engine", "perception"),
    *(key for key in OF_DESIGNS if key not in NEEDED_BY and key not in OPTIMISED),
)


def experiments() -> list[str]:
    """Names of the shipped experiments."""
    return sorted(path.parent.name for path in shipped.folder("experiments").glob("*/study.yaml"))


def folder_of(name: str | Path) -> Path:
    """The folder of an experiment, by shipped name or path.

    Raises
    ------
    RunError
        No study.yaml there.
    """
    for folder in (shipped.folder("experiments") / str(name), Path(name)):
        if (folder / "study.yaml").is_file():
            return folder
    known = experiments()
    raise RunError(
        problem(f"experiment {name}", "no study.yaml there", f"shipped: {', '.join(known)}", nearest(str(name), known))
    )


def read_study(folder: Path) -> dict[str, Any]:
    """The mapping of a study.yaml, its keys and types checked.

    Raises
    ------
    RunError
        Unknown or missing keys, wrong types, all together.
    """
    path = folder / "study.yaml"
    found = read_yaml(read_file(path), where="study.yaml")
    wrong = []
    for key, value in found.items():
        if key not in KEYS:
            wrong.append(problem(f"study.{key}", "not a key", f"keys: {', '.join(KEYS)}", nearest(key, KEYS)))
        elif not _fits(value, key):
            wrong.append(problem(f"study.{key}", f"{value!r}", KINDS[KEYS[key]]))
    small = found.get("miniature")
    for key, value in small.items() if isinstance(small, dict) else ():
        if key not in (*SETTINGS, *DAYS):
            known = (*SETTINGS, *DAYS)
            wrong.append(problem(f"study.miniature.{key}", "not a setting", f"settings: {', '.join(known)}"))
        elif not _fits(value, key):
            wrong.append(problem(f"study.miniature.{key}", f"{value!r}", KINDS[KEYS[key]]))
    wrong += [problem(f"study.{key}", "missing", "must be given") for key in NEEDED if key not in found]
    if found.get("design") not in (None, *DESIGNS):
        given = str(found["design"])
        wrong.append(problem("study.design", given, f"one of {', '.join(DESIGNS)}", nearest(given, DESIGNS)))
    design = found.get("design")
    for key, designs in OF_DESIGNS.items():
        if design in NEEDED_BY.get(key, ()) and not found.get(key):
            wrong.append(problem(f"study.{key}", "missing", f"a design {design} has it"))
        if design not in designs and key in found:
            wrong.append(problem(f"study.{key}", "given", f"only with design: {' or '.join(designs)}"))
    if wrong:
        raise RunError(wrong)
    return found


def _fits(value: Any, key: str) -> bool:
    """Whether a value is of the kind that a key takes; lists hold words only."""
    if KEYS[key] is list:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return isinstance(value, KEYS[key]) and (KEYS[key] is bool or not isinstance(value, bool))


def load_experiment(name: str | Path, *, miniature: bool = False, command: str = "", **given: Any) -> Study:
    """The study of an experiment, ready to run.

    Parameters
    ----------
    name : str or Path
        Shipped name, or a folder with study.yaml; a scenario or perception model may be a path beside it.
    miniature : bool
        As the test suite runs it.
    given
        Settings that replace those of the file.

    Raises
    ------
    CxsimError
        What is wrong with the study or its scenario.
    """
    folder = folder_of(name)
    found = read_study(folder)
    from cxsim.protocol import optimise_study, prepare
    from cxsim.scenario.load import load_scenario  # heavy; a study that is wrong is said before

    beside = folder / found["scenario"]
    # Overrides are what the question is about, such as its day: the same in every scenario of the study.
    scenario = load_scenario(beside if beside.is_file() else found["scenario"], *found.get("overrides", ()))
    settings: dict[str, Any] = {key: found[key] for key in SETTINGS if key in found}
    smaller = found.get("miniature", {}) if miniature else {}
    settings |= {key: value for key, value in smaller.items() if key in SETTINGS}
    settings.update(given)
    if "perception" in settings and (folder / str(settings["perception"])).is_file():
        settings["perception"] = folder / str(settings["perception"])
    about = {"title": found["title"], "question": str(found.get("question", "")), "command": command}
    if found["design"] in ("sweep", "sensitivity"):
        return _varied(found["design"])(scenario, [str(text) for text in found["vary"]], **about, **settings)
    days = {key: (found | smaller)[key] for key in DAYS if key in found or key in smaller}
    if found["design"] == "tune":
        from cxsim.questions import tune_study

        settings |= days | {key: found[key] for key in ("targets", "confidence") if key in found}
        return tune_study(scenario, [str(text) for text in found["vary"]], **about, **settings)
    if found["design"] == "optimise":
        options = {key: found[key] for key in ("vary", *OPTIMISED) if key in found}
        return optimise_study(scenario, options | days, **about, **settings)
    scenarios = {"today": scenario}
    for label, overrides in _changes(found.get("changes", {})).items():
        scenarios[own_name(label, taken=scenarios)] = scenario.override(*overrides)
    if found["design"] == "select":
        from cxsim.questions import select_study

        settings |= {key: found[key] for key in ("confidence",) if key in found}
        return select_study(scenarios, **about, **settings)
    return prepare(found["design"], scenarios, **about, **settings)


def _varied(design: str) -> Callable[..., Study]:
    """What makes the study of a design that varies settings."""
    from cxsim.questions import sensitivity_study
    from cxsim.study import sweep_study

    return sweep_study if design == "sweep" else sensitivity_study


def _changes(changes: Mapping[str, Any]) -> dict[str, list[str]]:
    wrong = [
        problem(f"study.changes.{label}", f"{overrides!r}", "a list of KEY=VALUE")
        for label, overrides in changes.items()
        if not isinstance(overrides, list) or not overrides
    ]
    if wrong:
        raise RunError(wrong)
    return {str(label): [str(override) for override in overrides] for label, overrides in changes.items()}
