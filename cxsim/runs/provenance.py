"""Where numbers come from: versions, platform, stream scheme, fingerprints."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping
from typing import Any

from cxsim.compiled import COMPILED
from cxsim.perception.parameters import PerceptionModel
from cxsim.scenario.load import Scenario

# Changes only when equal seeds give other numbers: the addresses, purposes or the order of events.
STREAM_SCHEME = 1
PACKAGES = ("numpy", "scipy", "pandas", "simpy", "numba", "pyarrow", "hydra-core", "pydantic", "matplotlib")


def versions() -> dict[str, str]:
    """Versions of cxsim, Python and what results may depend on."""
    found = {"cxsim": version_of("cxsim"), "python": platform.python_version()}
    found.update({name: version_of(name) for name in PACKAGES})
    return found


def version_of(package: str) -> str:
    """Version of an installed package, or 'not installed'."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def provenance(scenarios: Mapping[str, Scenario], *, seed: int, perception: PerceptionModel) -> dict[str, Any]:
    """What a result carries so that it can be made again."""
    return {
        "seed": seed,
        "stream_scheme": STREAM_SCHEME,
        "scenarios": {label: scenario.fingerprint for label, scenario in scenarios.items()},
        "perception": perception.fingerprint,
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}",
        "compiled": COMPILED,
    }
