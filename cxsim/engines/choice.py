"""Which engine simulates, and whether there is room: the readable one starts at once, the compiled one pays later.

Both write the same log, so that the choice is one of time alone.
"""

from __future__ import annotations

import os
from pathlib import Path

from cxsim.compiled import CACHE, COMPILED
from cxsim.errors import RunError, problem
from cxsim.model.load import expected_cases
from cxsim.scenario.load import Scenario

# Contacts that the readable engine simulates in the time in which the compiled one is fetched from disk, or compiled:
# 0.23 and 46 days of 17,000 calls (docs/timings.md, a start).
FETCHED, COMPILED_ANEW = 4_000, 800_000
# Bytes a case in the middle of a run, all arrays and objects included (`timings/scale.py` measures them).
BYTES = {"kernel": 250.0, "process": 1500.0}
# Bytes that are there wherever Python itself found room: nobody asks the system for their sake.
NOTHING_TO_SPEAK_OF = 1e8


class _Done:
    """What this process has simulated: contacts by the readable engine, and whether the compiled one is at hand."""

    contacts = 0
    at_hand = False


def is_compiled() -> bool:
    """Whether the compiled engine is on disk, from these sources."""
    return CACHE is not None and any(CACHE.rglob("loop.run_until-*"))


def engine_for(scenario: Scenario) -> str:
    """'kernel' where this scenario, or what came before it in this process, is worth its start; else 'process'."""
    if not COMPILED:
        return "process"
    if not _Done.at_hand:
        _Done.contacts += int(cases_of(scenario))
        _Done.at_hand = _Done.contacts > (FETCHED if is_compiled() else COMPILED_ANEW)
    return "kernel" if _Done.at_hand else "process"


def at_hand() -> None:
    """The compiled engine has been used in this process: it costs nothing any more."""
    _Done.at_hand = True


def cases_of(scenario: Scenario) -> float:
    """Cases that a scenario expects."""
    if "cases" not in scenario.derived:
        model = scenario.model
        scenario.derived["cases"] = sum(expected_cases(model, name) for name in model.contact_types)
    found: float = scenario.derived["cases"]
    return found


def free_memory() -> float:
    """Bytes of memory that may be used; infinite where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024.0
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError):
        return float("inf")


def refuse_too_large(scenario: Scenario, engine: str) -> None:
    """Say before the first event that there is too little memory for the log of one replication.

    Raises
    ------
    RunError
        More is needed than is free.
    """
    need = cases_of(scenario) * BYTES[engine]
    if need < NOTHING_TO_SPEAK_OF:
        return
    free = free_memory()
    if need > free:
        raise RunError(
            problem(
                f"scenario {scenario.name}",
                f"one replication needs about {need / 1e9:.1f} GB of memory ({cases_of(scenario):,.0f} cases)",
                f"{free / 1e9:.1f} GB are free",
                "simulate fewer days, or a smaller volume",
            )
        )
