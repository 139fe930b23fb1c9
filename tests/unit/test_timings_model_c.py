"""Model C of the timings has every mechanism switched on, so that its cost is the cost of all of them together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxsim.scenario.load import load_scenario

MODEL = load_scenario(Path(__file__).parents[2] / "timings" / "model_c.yaml").model
TOUCHPOINTS = [part for part in MODEL.touchpoints.values() if part.mechanism == "staffed"]
EXITS = [exit_ for part in TOUCHPOINTS for exits in part.then.values() for exit_ in exits.values()]
GROUPS = list(MODEL.agent_groups.values())
SHIFTS = [shift for group in GROUPS for shift in (group.shifts or {}).values()]
TERMS = [terms for group in GROUPS for by_type in group.serves.values() for terms in by_type.values()]

SWITCHED_ON: dict[str, Callable[[], Any]] = {
    "ageing": lambda: any(terms.ageing for terms in TERMS),
    "announcement": lambda: any(part.announcement and part.announcement.balks for part in TOUCHPOINTS),
    "automated": lambda: any(part.mechanism == "automated" for part in MODEL.touchpoints.values()),
    "batches": lambda: any(part.batch for part in MODEL.contact_types.values()),
    "breaks": lambda: any(shift.breaks for shift in SHIFTS),
    "breaks on time": lambda: {group.late_breaks for group in GROUPS} == {"full", "on_time"},
    "callback": lambda: any(part.announcement and part.announcement.callback for part in TOUCHPOINTS),
    "chaser": lambda: any(part.chaser for part in TOUCHPOINTS),
    "concurrency": lambda: any(part.concurrency == 3 and part.slowdown for part in TOUCHPOINTS),
    "correlated busyness": lambda: 0 < MODEL.busyness.type_correlation < 1,
    "hand over": lambda: any(group.at_shift_end == "hand_over" for group in GROUPS),
    "head counts": lambda: any(group.by_interval for group in GROUPS),
    "interruption": lambda: any(part.interruptible for part in TOUCHPOINTS),
    "lateness": lambda: any(group.lateness for group in GROUPS),
    "learning": lambda: any(group.learning and group.tenure for group in GROUPS),
    "levels": lambda: any(terms.level > 1 for terms in TERMS),
    "outbound": lambda: any(part.dial and part.then.get("unreached") for part in TOUCHPOINTS),
    "overflow": lambda: len({terms.after for terms in TERMS}) > 2,
    "place at the front": lambda: any(exit_.position == "front" for exit_ in EXITS),
    "preferred agent": lambda: MODEL.routing.preferred_agent,
    "promise": lambda: any(part.promise for part in TOUCHPOINTS),
    "reserve": lambda: any(terms.reserve for terms in TERMS),
    "ring time": lambda: any(part.ring_time for part in TOUCHPOINTS),
    "shared lines": lambda: MODEL.shared_lines,
    "shrinkage": lambda: any(group.shrinkage.unplanned for group in GROUPS),
    "transfers": lambda: {"warm", "cold"} <= {exit_.transfer for exit_ in EXITS},
    "unavailability": lambda: any(group.unavailable for group in GROUPS),
    "what differs at a second contact": lambda: any(part.again.handle_time > 1 for part in TOUCHPOINTS),
}


@pytest.mark.parametrize("mechanism", SWITCHED_ON)
def test_the_mechanism_is_on(mechanism: str) -> None:
    assert SWITCHED_ON[mechanism]()
