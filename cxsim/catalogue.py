"""What is shipped, found and explained: scenarios, metrics, profiles, laws, readers; and the state of health."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cxsim import shipped
from cxsim.errors import CxsimError, RunError, nearest, problem

# What each kind needs is imported where it is listed: `cxsim list laws` does not wait for the statistics.


def _first_sentence(text: str | None) -> str:
    return (text or "").strip().split("\n\n")[0].replace("\n", " ")


def _scenarios() -> dict[str, str]:
    from cxsim.scenario.load import load_scenario

    return {name: load_scenario(name).name for name in shipped.names("scenario")}


def _profiles() -> dict[str, str]:
    from cxsim.benchmarks.load import load_profile

    return {name: load_profile(name).title for name in shipped.names("profile")}


def _metrics() -> dict[str, str]:
    from cxsim.metrics.metric import REGISTER

    return {
        name: f"[{entry.category}, {entry.family}, {entry.unit}] {entry.meaning}"
        for name, entry in sorted(REGISTER.items())
    }


def _laws() -> dict[str, str]:
    from cxsim import laws

    return {
        name: f"{', or '.join(' + '.join(form) for form in laws.FORMS[name])}: "
        f"{_first_sentence(laws.MAKERS[name].__doc__)}"
        for name in laws.PARAMETERS
    }


def _policies() -> dict[str, str]:
    from cxsim.model.policies import AGENT_POLICIES, CONTACT_POLICIES

    questions = {
        "which agent takes an arriving contact": AGENT_POLICIES,
        "which contact a freed agent takes": CONTACT_POLICIES,
    }
    return {
        name: "; ".join(question for question, policies in questions.items() if name in policies)
        for name in dict.fromkeys([*AGENT_POLICIES, *CONTACT_POLICIES])
    }


def _readers() -> dict[str, str]:
    from cxsim.contacts.reader_files import find_reader

    return {name: find_reader(name).about for name in shipped.names("reader")}


def _lists() -> dict[str, str]:
    from cxsim.metrics.requests import shipped_list

    return {name: f"{len(shipped_list(name))} metrics" for name in shipped.names("metrics")}


def _experiments() -> dict[str, str]:
    from cxsim.experiment import experiments, folder_of, read_study

    return {name: str(read_study(folder_of(name))["title"]) for name in experiments()}


KINDS: dict[str, Callable[[], dict[str, str]]] = {
    "scenarios": _scenarios,
    "profiles": _profiles,
    "metrics": _metrics,
    "lists": _lists,
    "laws": _laws,
    "policies": _policies,
    "readers": _readers,
    "experiments": _experiments,
}


def listing(what: str | None) -> list[str]:
    """Names with one line each, of one kind or of all.

    Raises
    ------
    RunError
        Not a kind of thing that is shipped.
    """
    if what is not None and what not in KINDS:
        raise RunError(problem(f"list {what}", "not a kind", f"one of {', '.join(KINDS)}", nearest(what, KINDS)))
    lines = []
    for kind in KINDS if what is None else [what]:
        found = KINDS[kind]()
        if what is None:
            lines.append(f"{kind}:")
        width = max(map(len, found), default=0)
        lines += [f"  {name:<{width}}  {about}" for name, about in found.items()]
    return lines


def explained(name: str) -> str:
    """One shipped thing, explained; a scenario, profile, reader or experiment as its file; 'metrics' is the dictionary.

    'schema' is the language of scenarios, 'profile_csv' a table of peers that explains its columns.

    Raises
    ------
    RunError
        Nothing of that name.
    """
    from cxsim import laws
    from cxsim.experiment import experiments, folder_of
    from cxsim.metrics.definitions import definition, dictionary
    from cxsim.metrics.metric import REGISTER

    if name == "schema":
        from cxsim.scenario.load import json_schema

        return json.dumps(json_schema(), indent=1)
    if name == "metrics":
        return dictionary()
    if name == "profile_csv":
        from cxsim.benchmarks.template import template

        return template()
    kind, slash, plain = name.partition("/")
    groups = [group for group in FILES if shipped.path(group, plain if slash else name) is not None]
    if slash and kind in groups:
        return str(shipped.path(kind, plain).read_text(encoding="utf-8")).rstrip()  # type: ignore[union-attr]
    if groups and not slash:
        # A file of its own, ready to be saved and used: the first kind that has the name; the others by kind/name.
        others = "".join(f"\n# also: cxsim show {group}/{name}" for group in groups[1:])
        return str(shipped.path(groups[0], name).read_text(encoding="utf-8")).rstrip() + others  # type: ignore[union-attr]
    parts = []
    if name in experiments():
        parts.append((folder_of(name) / "README.md").read_text(encoding="utf-8").rstrip())
    if name in REGISTER or name in {entry.short for entry in REGISTER.values()}:
        parts.append(definition(name))
    if name in laws.PARAMETERS:
        parts.append(f"law {name}: {_laws()[name]}")
    if name in _policies():
        parts.append(f"policy {name}: {_policies()[name]}")
    if not parts:
        known = [*REGISTER, *(entry for kind in KINDS if kind != "metrics" for entry in KINDS[kind]())]
        raise RunError(problem(f"show {name}", "nothing of that name", "see `cxsim list`", nearest(name, known)))
    return "\n\n".join(parts)


# Groups of conf/ whose files are shown as they are, in the order in which a name is looked up.
FILES = ("scenario", "profile", "reader", "metrics", "perception", "study")


def health() -> tuple[list[str], bool]:
    """Lines on what is installed and found, and whether all is well."""
    from cxsim import compiled
    from cxsim.runs.provenance import OPTIONAL, PACKAGES, versions

    found = versions()
    missing = {name for name, version in found.items() if version == "not installed"}
    lines = [
        f"{name:<12} {version}"
        + (f" (optional: pip install 'cxsim[{OPTIONAL[name]}]')" if name in missing & OPTIONAL.keys() else "")
        for name, version in found.items()
    ]
    bad = [name for name in PACKAGES if name in missing and name != "numba"]
    lines.append(
        f"compiled     {'yes' if compiled.COMPILED else 'no: rules run as plain Python, some 50 times slower'}"
    )
    if compiled.CACHE is not None:
        lines.append(f"cache        {compiled.CACHE}")
    for folder in ("conf", "experiments"):
        path = shipped.folder(folder)
        lines.append(f"{folder:<12} {path if path.is_dir() else 'MISSING'}")
        bad += [] if path.is_dir() else [folder]
    for kind in ("scenarios", "profiles", "readers", "experiments"):
        try:
            lines.append(f"{kind:<12} {', '.join(KINDS[kind]())}")
        except CxsimError as error:
            bad.append(kind)
            lines.append(f"{kind:<12} {error.problems[0]}")
    lines.append(f"here         {'writable' if _writable(Path.cwd()) else 'NOT writable: use --out'}")
    reference = os.environ.get("CXSIM_REFERENCE_DATA")
    lines.append(f"reference    {reference or 'not set (CXSIM_REFERENCE_DATA; only tests use it)'}")
    lines.append("all is well" if not bad else f"missing: {', '.join(bad)}")
    return lines, not bad


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


SMALLEST = {
    "name": "warm-up",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "1 h"},
    "contact_types": {"call": {"volume": "200 per day", "enters": {"phone": "90%", "mail": "10%"}}},
    "touchpoints": {
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "hours": {"all": "08:00-20:00"},
            "talk_time": {"law": "lognormal", "mean": "5 min", "cv": 1},
            "patience": {"at_once": "5%", "law": "exponential", "mean": "2 min"},
            "resolves": "70%",
            "hold": "10%",
            "then": {"unresolved": {"recall": {"to": "phone", "share": "50%", "after": "next_opening"}}},
        },
        # Nobody ever comes to answer: those who wait in vain have a compiled way of their own.
        "mail": {
            "mechanism": "staffed",
            "channel": "email",
            "deferred": True,
            "talk_time": "5 min",
            "resolves": "70%",
        },
    },
    "agent_groups": {
        "desk": {"agents": 2, "speed_spread": 0.1, "resolution_spread": 0.1, "serves": {"phone": {}}},
        "nobody": {"by_interval": {"all": [0] * 24}, "counts": "net", "serves": {"mail": {}}},
    },
}


def warm() -> str:
    """Run a tiny centre with each engine, the compiled one both ways, so that everything is compiled; says where."""
    from cxsim import compiled
    from cxsim.scenario.load import load_scenario
    from cxsim.trial import simulate

    if not compiled.COMPILED:
        return "nothing to compile: Numba is missing or switched off, everything runs as plain Python"
    begun = time.perf_counter()
    simulate(SMALLEST, seed=0, engine="process")
    for special in (False, True):
        scenario = load_scenario(SMALLEST)
        if special:
            scenario = scenario.override("+agent_groups.desk.at_shift_end=drop")
        simulate(scenario, seed=0, engine="kernel")
    return f"compiled code is in {compiled.CACHE} ({time.perf_counter() - begun:.1f} s)"
