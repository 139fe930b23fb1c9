"""Tiny logs as text: a change here changes what every seed means, and the changelog says so.

After a change of meaning that is wanted, write them anew with CXSIM_WRITE_FROZEN=1 and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import cxsim
from cxsim.contacts.export import to_generic_csv

HERE = Path(__file__).parent
START = {"start": "2026-01-05", "days": 1}

DESK: dict[str, Any] = {
    "name": "portal, phone and second line",
    "calendar": START,
    "customers": {"population": 8, "segments": {"staff": {"share": 0.75}, "board": {"share": 0.25}}},
    "contact_types": {
        "password": {"volume": "8 per day", "enters": {"portal": 1}},
        "incident": {"volume": "14 per day", "enters": {"phone": 0.8, "portal": 0.2}},
    },
    "touchpoints": {
        "portal": {
            "mechanism": "automated",
            "channel": "web",
            "duration": {"law": "lognormal", "mean": "4 min", "cv": 0.8},
            "resolves": "50%",
            "false_resolution": "20%",
            "then": {
                "unresolved": {"calls": {"to": "phone", "share": "80%", "after": "5 min"}},
                "falsely_resolved": {"returns": {"to": "phone", "after": {"law": "gamma", "mean": "1 h", "cv": 1}}},
            },
        },
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "hours": {"all": "06:00-20:00"},
            "lines": 3,
            "patience": {"at_once": "10%", "law": "weibull", "mean": "4 min", "shape": 1.2},
            "talk_time": {"law": "lognormal", "mean": "20 min", "cv": 1},
            "hold": "10%",
            "after_call_work": "2 min",
            "resolves": "60%",
            "types": {"password": {"talk_time": {"law": "pert", "low": "2 min", "mode": "4 min", "high": "10 min"}}},
            "then": {
                "unresolved": {
                    "up": {"to": "second", "share": "50%", "transfer": "cold"},
                    "again": {"to": "phone", "share": "50%", "after": "30 min"},
                },
                "abandoned": {"redial": {"to": "phone", "share": "70%", "after": "10 min"}},
                "blocked": {"redial": {"to": "phone", "after": "15 min"}},
                "closed": {"tomorrow": {"to": "phone", "after": "next_opening"}},
            },
        },
        "second": {
            "mechanism": "staffed",
            "channel": "email",
            "deferred": True,
            "talk_time": {"law": "hyperexponential", "mean": "40 min", "cv": 1.5},
            "resolves": "90%",
        },
    },
    "agent_groups": {
        "desk": {
            "by_interval": {"all": [0] * 14 + [2] * 12 + [1] * 14 + [0] * 8},
            "counts": "net",
            "serves": {"phone": {}},
            "speed_spread": 0.2,
            "resolution_spread": 0.1,
        },
        "experts": {
            "shifts": {"early": {"days": "all", "start": "08:00", "end": "16:00", "agents": 1}},
            "serves": {"second": {"rank": 1}, "phone": {"incident": {"rank": 2, "chosen": 2, "handle_time": 1.12}}},
        },
    },
}

LATTICE: dict[str, Any] = {
    "name": "everything at once",
    "calendar": START,
    "contact_types": {
        "a": {"arrivals": {"at": [0, 0, 10, 10, 20, 30, 30]}, "enters": {"phone": 1}},
        "b": {"arrivals": {"at": [0, 10, 20, 20, 30]}, "enters": {"phone": 1}},
    },
    "touchpoints": {
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "talk_time": "10 s",
            "patience": "10 s",
            "types": {"b": {"talk_time": 0, "after_call_work": "10 s"}},
            "resolves": "50%",
            "then": {
                "unresolved": {
                    "up": {"to": "up", "share": "50%", "transfer": "cold"},
                    "now": {"to": "phone", "share": "50%"},
                }
            },
        },
        "up": {"mechanism": "staffed", "channel": "chat", "talk_time": "10 s"},
    },
    "agent_groups": {
        "one": {"agents": 1, "serves": {"phone": {"a": {"rank": 1}, "b": {"rank": 2}}}},
        "two": {"agents": 1, "serves": {"phone": {"b": {"rank": 1}, "a": {"rank": 1}}, "up": {"rank": 2}}},
    },
}


@pytest.mark.parametrize(("name", "scenario"), [("desk", DESK), ("lattice", LATTICE)])
def test_the_log_is_as_it_was(name: str, scenario: dict[str, Any], tmp_path: Path) -> None:
    log = cxsim.simulate(scenario, seed=3)
    frozen = HERE / f"{name}.csv"
    if os.environ.get("CXSIM_WRITE_FROZEN"):
        to_generic_csv(log, frozen)
    made = to_generic_csv(log, tmp_path / "log.csv")
    assert made.read_text().splitlines() == frozen.read_text().splitlines()
