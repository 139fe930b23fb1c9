"""cxsim: what a change in a support centre does to the customer, how sure that is, and how good it is."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxsim.benchmarks.scorecard import Scorecard, score
    from cxsim.contacts.log import ContactLog
    from cxsim.contacts.readers import read_log
    from cxsim.errors import CxsimError
    from cxsim.metrics.measure import measure
    from cxsim.perception.surveys import perceive
    from cxsim.questions import select, sensitivity, tune
    from cxsim.scenario.load import Scenario, load_scenario
    from cxsim.study import Result, compare, estimate, sweep
    from cxsim.trial import simulate

# Loaded on first use: a script that reads a log does not pay for the simulator, nor the other way round.
_HOMES = {
    "ContactLog": "cxsim.contacts.log",
    "CxsimError": "cxsim.errors",
    "Result": "cxsim.study",
    "Scenario": "cxsim.scenario.load",
    "Scorecard": "cxsim.benchmarks.scorecard",
    "compare": "cxsim.study",
    "estimate": "cxsim.study",
    "load_scenario": "cxsim.scenario.load",
    "measure": "cxsim.metrics.measure",
    "optimise": "cxsim.study",
    "perceive": "cxsim.perception.surveys",
    "read_log": "cxsim.contacts.readers",
    "score": "cxsim.benchmarks.scorecard",
    "select": "cxsim.questions",
    "sensitivity": "cxsim.questions",
    "simulate": "cxsim.trial",
    "sweep": "cxsim.study",
    "tune": "cxsim.questions",
}

__all__ = [
    "ContactLog",
    "CxsimError",
    "Result",
    "Scenario",
    "Scorecard",
    "compare",
    "estimate",
    "load_scenario",
    "measure",
    "optimise",
    "perceive",
    "read_log",
    "score",
    "select",
    "sensitivity",
    "simulate",
    "sweep",
    "tune",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxsim' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
