"""The scenarios of the timings state the numbers of the bare SimPy scripts beside them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import yaml

TIMINGS = Path(__file__).parents[2] / "timings"
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TIMINGS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bare_simpy_a = _script("bare_simpy_a")
bare_simpy_b = _script("bare_simpy_b")


def _duration(text: str) -> float:
    number, unit = text.split()
    return float(number) * SECONDS[unit]


def _share(given: str | float) -> float:
    return float(given.rstrip("%")) / 100 if isinstance(given, str) else float(given)


def _scenario(name: str) -> dict:
    return yaml.safe_load((TIMINGS / f"{name}.yaml").read_text(encoding="utf-8"))


def test_scenario_a_states_the_numbers_of_script_a() -> None:
    scenario = _scenario("model_a")
    phone = scenario["touchpoints"]["phone"]
    assert scenario["contact_types"]["call"]["volume"] == f"{86_400 / bare_simpy_a.MEAN_GAP:.0f} per day"
    assert phone["talk_time"]["law"] == phone["patience"]["law"] == "exponential"
    assert _duration(phone["talk_time"]["mean"]) == bare_simpy_a.MEAN_TALK_TIME
    assert _duration(phone["patience"]["mean"]) == bare_simpy_a.MEAN_PATIENCE
    assert scenario["agent_groups"]["desk"]["agents"] == bare_simpy_a.N_AGENTS


def test_scenario_b_states_the_demand_and_staffing_of_script_b() -> None:
    scenario = _scenario("model_b")
    volumes = {name: int(row["volume"].removesuffix(" per day")) for name, row in scenario["contact_types"].items()}
    assert volumes == bare_simpy_b.DEMAND
    assert scenario["shapes"]["day"]["values"] == bare_simpy_b.DAY_SHAPE
    groups = {name: row["by_interval"]["all"] for name, row in scenario["agent_groups"].items()}
    assert groups == bare_simpy_b.STAFFING
    assert all(len(levels) == 48 for levels in groups.values())
    assert scenario["gives_up_after"] == bare_simpy_b.GIVES_UP_AFTER


def test_scenario_b_states_the_work_of_script_b() -> None:
    scenario = _scenario("model_b")
    for (contact_type, touchpoint), work in bare_simpy_b.WORK.items():
        base = scenario["touchpoints"][touchpoint]
        stated = {**base, **base["types"].get(contact_type, {})}
        assert scenario["agent_groups"][work.group]["serves"][touchpoint][contact_type]["rank"] == work.rank
        assert _duration(stated["patience"]["mean"]) == work.patience
        assert _share(stated["resolves"]) == pytest.approx(work.resolves)
        for name in ("talk_time", "after_call_work"):
            law = bare_simpy_b.by_mean(_duration(stated[name]["mean"]), stated[name]["cv"])
            assert getattr(work, name) == law


def test_scenario_b_states_the_exits_of_script_b() -> None:
    scenario = _scenario("model_b")
    for (touchpoint, outcome), exits in bare_simpy_b.EXITS.items():
        stated = scenario["touchpoints"][touchpoint]["then"][outcome].values()
        assert [_share(row["share"]) for row in stated] == pytest.approx([exit_.share for exit_ in exits])
        for row, exit_ in zip(stated, exits, strict=True):
            assert row["to"] == exit_.to
            if exit_.after is None:
                assert row["transfer"] == "cold"
            else:
                after = row["after"]
                assert bare_simpy_b.by_median(_duration(after["median"]), after["cv"]) == exit_.after
