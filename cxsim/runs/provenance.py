"""Where numbers come from: versions, platform, stream scheme, fingerprints."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cxsim import shipped
from cxsim.compiled import COMPILED
from cxsim.errors import RunError, problem
from cxsim.perception.parameters import PerceptionModel
from cxsim.scenario.load import Scenario

# Changes only when equal seeds give other numbers: the addresses, purposes or the order of events.
STREAM_SCHEME = 1
PACKAGES = ("numpy", "scipy", "pandas", "simpy", "numba", "pyarrow", "hydra-core", "pydantic", "matplotlib")
# Asked for by some verbs only, each with the extra of cxsim that installs it.
OPTIONAL = {"optuna": "research", "SALib": "research", "distributed": "cluster"}


def versions() -> dict[str, str]:
    """Versions of cxsim, Python and what results may depend on."""
    found = {"cxsim": version_of("cxsim"), "python": platform.python_version()}
    found.update({name: version_of(name) for name in (*PACKAGES, *OPTIONAL)})
    return found


def version_of(package: str) -> str:
    """Version of an installed package, or 'not installed'."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


# What the bits of a result may depend on beside the sources of cxsim.
NUMERICAL = ("numpy", "scipy", "pandas", "numba", "simpy")


@lru_cache(maxsize=1)
def source_files() -> dict[str, str]:
    """SHA-256 of each source of cxsim and of each shipped configuration file, by its name in the repository."""
    package, conf = Path(shipped.__file__).parent, shipped.folder("conf")
    found: dict[str, str] = {}
    for root, name, paths in ((package, "cxsim", package.rglob("*.py")), (conf, "conf", conf.rglob("*"))):
        for path in sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[f"{name}/{path.relative_to(root).as_posix()}"] = digest
    return found


def sources() -> str:
    """One digest of all sources: which code this is, whatever its version says."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in source_files().items())
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def installation() -> dict[str, str]:
    """What must be the same wherever trials of one run are worked: cxsim, by a digest of its sources, and more."""
    named = f"{version_of('cxsim')} ({sources()})"
    return {"cxsim": named, "compiled": str(COMPILED), **{name: version_of(name) for name in NUMERICAL}}


def provenance(scenarios: Mapping[str, Scenario], *, seed: int, perception: PerceptionModel) -> dict[str, Any]:
    """What a result carries so that it can be made again."""
    return {
        "seed": seed,
        "stream_scheme": STREAM_SCHEME,
        "scenarios": {label: scenario.fingerprint for label, scenario in scenarios.items()},
        "perception": perception.fingerprint,
        "versions": versions(),
        "sources": sources(),
        "machine": f"{platform.system()} {platform.machine()}",
        "compiled": COMPILED,
    }


def refuse_other_code(manifest: Mapping[str, Any], *, where: str) -> None:
    """Refuse to go on with a run that other code or other versions began: its table would be of both.

    What a manifest does not say is not held against it.

    Raises
    ------
    RunError
        The first difference.
    """
    about = manifest["provenance"]
    before, now = {**about.get("versions", {}), "sources": about.get("sources")}, {**versions(), "sources": sources()}
    searched = _searched_by(manifest.get("study", {}))
    for name in ("cxsim", *NUMERICAL, *searched, "sources"):
        if before.get(name) not in (None, now[name]):
            named = "other sources of cxsim" if name == "sources" else f"{name} {before[name]}, here {now[name]}"
            raise RunError(
                problem(
                    where, f"begun with {named}", "the same to the end", "install that, or run again; nothing is lost"
                )
            )


def _searched_by(study: Mapping[str, Any]) -> tuple[str, ...]:
    """Libraries that say which points are looked at: Optuna where settings are tuned, SALib of its own samples."""
    if study.get("kind") == "tune":
        return ("optuna",)
    sampled = study.get("kind") == "sensitivity" and study.get("options", {}).get("method") in ("morris", "sobol")
    return ("SALib",) if sampled else ()
