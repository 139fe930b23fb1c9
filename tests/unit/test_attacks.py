"""What once hung, crashed or slipped by: each a small story that must not come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from support.command_line import command
from support.small_centres import small_centre

import cxsim
from cxsim import streams
from cxsim.contacts.columns import RESOLVED
from cxsim.errors import LogError, ScenarioError
from cxsim.model import draws
from cxsim.model.demand import arrivals_of, rates_of_day
from cxsim.model.tables import tables_of
from cxsim.scenario.load import load_scenario
from cxsim.scenario.text import read_yaml
from cxsim.study import estimate


def centre(**changes: Any) -> dict[str, Any]:
    """A hundred calls a day for two agents."""
    return {
        "name": "tiny",
        "calendar": {"start": "2026-01-05", "days": 3},
        "busyness": {"day_cv": 0, "interval_cv": 0},
        "contact_types": {"call": {"volume": "100 per day", "enters": {"phone": 1}}},
        "touchpoints": {
            "phone": {
                "mechanism": "staffed",
                "channel": "voice",
                "talk_time": {"law": "exponential", "mean": "5 min"},
                "patience": {"law": "exponential", "mean": "3 min"},
                "resolves": "70%",
            }
        },
        "agent_groups": {"desk": {"agents": 2, "serves": {"phone": {}}}},
        **changes,
    }


@pytest.mark.parametrize("change", ["contact_types.call.volume=0 per day", "touchpoints.phone.talk_time=0 s"])
def test_nothing_observed_and_no_time_taken_still_make_a_report(change: str, tmp_path: Path) -> None:
    result = estimate(load_scenario(centre(), change), replications=2, profile=None)
    assert "<html" in result.report(tmp_path / "report.html").read_text()
    assert result.to_excel(tmp_path / "book.xlsx").stat().st_size > 0


def test_one_wrong_year_is_named(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(
        "offered,answered,ended\n1970-01-01 00:00,,\n" + "2026-03-02 09:00,2026-03-02 09:01,2026-03-02 09:05\n" * 3
    )
    with pytest.raises(LogError, match=r"one_decade: broken by 1 row .line 2"):
        cxsim.read_log(file)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 5000,
        "? [1, 2]\n: 3",
        "a: " + "9" * 5000,
        'name: "\\ud800"',
        "a: &x [1, 2]\nb: [*x, *x]",
    ],
)
def test_yaml_that_bites_is_one_line(text: str) -> None:
    with pytest.raises(ScenarioError) as refusal:
        read_yaml(text, where="file")
    assert all("\n" not in line for line in refusal.value.problems)


@pytest.mark.parametrize(
    "change",
    [
        "contact_types.call.volume=1e999 per day",
        "contact_types.call.volume=100000000 per day",
        "calendar.interval=0.001 s",
        "+touchpoints.phone.then={unresolved: {again: {to: phone, after: 100000 d}}}",
    ],
)
def test_numbers_beyond_all_measure_are_refused(change: str) -> None:
    with pytest.raises(ScenarioError):
        load_scenario(centre(), change)


def test_an_empty_list_of_metrics_is_refused() -> None:
    said = command("run", "verify_mmc", "metrics=[]")
    assert (said.code, said.out) == (2, "")
    assert "an empty list" in said.err


def test_a_line_ending_of_another_age_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_bytes(b"offered,answered\r2026-01-01 09:00,\r")
    with pytest.raises(LogError):
        cxsim.read_log(file)


def test_better_agents_resolve_more() -> None:
    # With a wide spread the share that each agent resolves follows his quality.
    model = load_scenario(centre(), "agent_groups.desk.agents=12", "agent_groups.desk.resolution_spread=1.5",
                          "contact_types.call.volume=900 per day")  # fmt: skip
    log = cxsim.simulate(model, seed=5)
    t = log.touchpoints
    served = t.agent >= 0
    shares = [np.mean(t.outcome[served & (t.agent == agent)] == RESOLVED) for agent in range(12)]
    assert np.corrcoef(shares, log.agents.quality)[0, 1] > 0.6


def test_the_mean_agent_works_at_speed_one() -> None:
    speeds = np.array([draws.speed(streams.replication_key(0, r), 0, a, 0.4) for r in range(40) for a in range(100)])
    error = np.std(speeds) / np.sqrt(len(speeds))
    assert abs(np.mean(speeds) - 1.0) < 4 * error
    assert np.std(np.log(speeds)) == pytest.approx(0.4, rel=0.05)


def test_a_surge_on_a_later_day_starts_and_ends_to_the_second() -> None:
    surge = {"storm": {"type": "call", "start": "day 2 10:10", "lasts": "25 min", "factor": 4}}
    model = load_scenario(centre(surges=surge)).model
    edges, rates = rates_of_day(model, model.contact_types["call"], "call", day=1)
    extra = np.sum(rates * np.diff(edges)) - 100.0
    assert extra == pytest.approx(100.0 / 86400.0 * 25 * 60 * 3)
    inside = (edges[:-1] >= 86400 + 10 * 3600 + 600) & (edges[1:] <= 86400 + 10 * 3600 + 600 + 1500)
    assert np.allclose(rates[inside], 4 * 100 / 86400)
    assert np.allclose(rates[~inside], 100 / 86400)


def test_both_factors_of_busyness_add_up_in_the_variance_of_a_day() -> None:
    # Var(N) = m + m^2 (v_day + v_interval-part + product); counts of 400 days, mean 2,000 a day.
    busy = {"day_cv": 0.2, "interval_cv": 0.2, "interval_correlation": 0.0}
    scenario = load_scenario(centre(busyness=busy), "contact_types.call.volume=2000 per day", "calendar.days=400",
                             "calendar.interval=4 h")  # fmt: skip
    found = arrivals_of(scenario, tables_of(scenario), replication_key=streams.replication_key(1, 0))
    counts = np.bincount((found.time // 86400).astype(int), minlength=400)
    of_intervals = 0.2**2 / 6
    expected = 2000 + 2000**2 * (0.2**2 + of_intervals + 0.2**2 * of_intervals)
    # The sample variance of 400 gamma-like counts has a standard error of about 8 %.
    assert np.var(counts, ddof=1) == pytest.approx(expected, rel=0.32)
    assert abs(np.mean(counts) - 2000) < 4 * np.sqrt(expected / 400)


def test_each_contact_of_a_case_has_a_patience_of_its_own() -> None:
    redial = {"abandoned": {"again": {"to": "phone", "after": "1 min"}}}
    model = load_scenario(centre(), "agent_groups.desk.agents=0", "calendar.days=1")
    phone = {**model.source["touchpoints"]["phone"], "then": redial}
    log = cxsim.simulate(
        {**centre(), "touchpoints": {"phone": phone}, "agent_groups": model.source["agent_groups"]}, seed=2
    )
    t = log.touchpoints
    waits = t.ended - t.offered
    first = {case: wait for case, contact, wait in zip(t.case, t.contact, waits, strict=True) if contact == 0}
    again = [(first[case], wait) for case, contact, wait in zip(t.case, t.contact, waits, strict=True) if contact == 1]
    assert len(again) > 100
    assert abs(np.corrcoef(np.array(again).T)[0, 1]) < 0.35


def test_a_shard_of_another_shape_is_run_again(tmp_path: Path) -> None:
    result = estimate(small_centre(), replications=2, out=tmp_path, profile=None)
    assert result.folder is not None
    shard = sorted((result.folder / "shards").glob("*.parquet"))[0]
    import pandas as pd

    pd.DataFrame({"other": [1]}).to_parquet(shard)
    said = command("resume", result.folder, "--quiet")
    assert said.code == 0, said.err


@pytest.mark.parametrize(
    "change",
    [
        "contact_types.call.arrivals={at: [0, .nan]}",
        "contact_types.call.arrivals={at: [0, 1.0e-80]}",
        "contact_types.call.arrivals={at: [0], talk_time: [1.0e+80]}",
        "contact_types.call.arrivals={at: [0], after_call_work: [.inf]}",
        "touchpoints.phone.talk_time=1e-80 s",
        "touchpoints.phone.talk_time=1e80 s",
        "contact_types.call.weekdays={mon: .inf}",
        "agent_groups.desk.serves={phone: {handle_time: .inf}}",
    ],
)
def test_times_that_no_clock_can_tell_or_reach_are_refused(change):
    source = {
        "name": "attacked",
        "calendar": {"start": "2026-01-05", "days": 1},
        "contact_types": {
            "call": {"enters": {"phone": 1}, **({} if "arrivals" in change else {"volume": "9 per day"})}
        },
        "touchpoints": {"phone": {"mechanism": "staffed", "channel": "voice", "talk_time": "1 min"}},
        "agent_groups": {"desk": {"agents": 1, "serves": {"phone": {}}}},
    }
    place, _, value = change.partition("=")
    *path, key = place.split(".")
    part = source
    for name in path:
        part = part[name]
    part[key] = yaml.safe_load(value)
    with pytest.raises(ScenarioError, match=r"allowed|should be|finite|above"):
        load_scenario(source)


def test_minus_zero_is_zero():
    call = {"enters": {"phone": 1}, "arrivals": {"at": [-0.0, 0.0]}}
    source = {
        "name": "attacked",
        "calendar": {"start": "2026-01-05", "days": 1},
        "contact_types": {"call": call},
        "touchpoints": {"phone": {"mechanism": "staffed", "channel": "voice", "talk_time": "1 min"}},
        "agent_groups": {"desk": {"agents": 1, "serves": {"phone": {}}}},
    }
    scenario = load_scenario(source)
    assert cxsim.simulate(scenario, engine="process") == cxsim.simulate(scenario, engine="kernel")
