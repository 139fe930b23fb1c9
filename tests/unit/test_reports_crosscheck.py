"""The Erlang cross-check: right where the model is Erlang's own, silent where it does not apply."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from support.small_findings import estimate, small_scenario

from cxsim.erlang import erlang_a, waits_without_patience
from cxsim.reports.crosscheck import erlang_check
from cxsim.scenario.load import Scenario


def measured(n_agents: float, *, calls: tuple[float, ...] = (2400.0, 2400.0), handle_time: float = 180.0) -> Any:
    """Estimates of one queue in two intervals of twelve hours."""
    rows = []
    for group, n in zip(("00:00", "12:00"), calls, strict=True):
        rows += [
            estimate("today", "interval", group, ("contacts_offered", "default", "contacts/day", "band", "p", n, 1.0)),
            estimate("today", "interval", group, ("agents_available", "default", "agents", "band", "p", n_agents, 0)),
        ]
    rows += [
        estimate("today", "touchpoint", "phone", ("contacts_offered", "default", "contacts/day", "band", "p", 4800, 1)),
        estimate("today", "touchpoint", "phone", ("average_handle_time", "default", "s", "band", "p", handle_time, 1)),
        estimate("today", "", "all", ("service_level", "strict", "1", "higher", "process", 0.8, 0.01)),
        estimate("today", "", "all", ("average_speed_of_answer", "answered", "s", "lower", "process", 10.0, 1.0)),
        estimate("today", "", "all", ("abandonment_rate", "all", "1", "lower", "process", 0.1, 0.01)),
    ]
    return pd.DataFrame(rows)


def formula_of(scenario: Scenario, estimates: pd.DataFrame) -> dict[str, float]:
    table = erlang_check(scenario, estimates).table
    assert table is not None
    return dict(zip(table["metric"], table["erlang"], strict=True))


def test_a_constant_day_is_one_erlang_a_queue() -> None:
    found = formula_of(small_scenario(), measured(10.0))
    expected = erlang_a(4800 / 86400, talk_time=180.0, patience=120.0, n_agents=10)
    assert found["service_level"] == pytest.approx(expected.answered_within)
    assert found["average_speed_of_answer"] == pytest.approx(expected.mean_wait_answered)
    assert found["abandonment_rate"] == pytest.approx(expected.abandonment_rate)


def test_intervals_count_by_their_contacts_and_waits_by_those_answered() -> None:
    found = formula_of(small_scenario(), measured(10.0, calls=(3600.0, 1200.0)))
    busy, calm = (erlang_a(n / 43200, talk_time=180.0, patience=120.0, n_agents=10) for n in (3600, 1200))
    level = (3600 * busy.answered_within + 1200 * calm.answered_within) / 4800
    answered = (3600 * (1 - busy.abandonment_rate), 1200 * (1 - calm.abandonment_rate))
    wait = (answered[0] * busy.mean_wait_answered + answered[1] * calm.mean_wait_answered) / sum(answered)
    assert found["service_level"] == pytest.approx(level)
    assert found["average_speed_of_answer"] == pytest.approx(wait)


def test_half_an_agent_lies_half_way() -> None:
    found = formula_of(small_scenario(), measured(10.5))
    ten, eleven = (erlang_a(4800 / 86400, talk_time=180.0, patience=120.0, n_agents=n) for n in (10, 11))
    assert found["abandonment_rate"] == pytest.approx((ten.abandonment_rate + eleven.abandonment_rate) / 2)


def phone(**changes: Any) -> dict[str, Any]:
    part: dict[str, Any] = {
        "mechanism": "staffed",
        "channel": "voice",
        "talk_time": {"law": "exponential", "mean": "3 min"},
    }
    return {"phone": {**part, **changes}}


def test_without_patience_it_is_erlang_c() -> None:
    scenario = small_scenario(touchpoints=phone())
    found = formula_of(scenario, measured(12.0))
    expected = waits_without_patience(4800 / 86400, talk_time=180.0, n_agents=12)
    assert found["service_level"] == pytest.approx(expected.service_level(within=20.0))
    assert found["abandonment_rate"] == 0.0
    assert "Erlang C" in erlang_check(scenario, measured(12.0)).sentence


def test_an_overloaded_interval_without_patience_has_no_formula_and_the_share_is_said() -> None:
    check = erlang_check(small_scenario(touchpoints=phone()), measured(10.0, calls=(3600.0, 1200.0)))
    assert check.by_interval is not None
    assert math.isnan(check.by_interval["service_level"].iloc[0])
    assert "25.0% of the contacts" in check.sentence


def test_overload_in_every_interval_is_refused_with_a_reason() -> None:
    check = erlang_check(small_scenario(touchpoints=phone()), measured(5.0))
    assert check.table is None
    assert "load is above staff" in check.sentence


def test_a_group_that_serves_only_tickets_does_not_answer_the_phone() -> None:
    ticket = {"mechanism": "staffed", "channel": "email", "deferred": True, "talk_time": "5 min"}
    scenario = small_scenario(
        contact_types={"calls": {"volume": "4800 per day", "enters": {"phone": 0.9, "ticket": 0.1}}},
        touchpoints={**phone(patience={"law": "exponential", "mean": "2 min"}), "ticket": ticket},
        agent_groups={
            "desk": {"agents": 10, "serves": {"phone": {"rank": 1}}},
            "writers": {"agents": 5, "serves": {"ticket": {"rank": 1}}},
        },
    )
    check = erlang_check(scenario, measured(15.0))
    assert check.by_interval is not None
    assert check.by_interval["agents"].tolist() == pytest.approx([10.0, 10.0])


def test_a_centre_without_a_line_has_no_erlang() -> None:
    automatic = {"portal": {"mechanism": "automated", "channel": "web", "duration": "4 min"}}
    scenario = small_scenario(
        contact_types={"calls": {"volume": "100 per day", "enters": {"portal": 1}}},
        touchpoints=automatic,
        agent_groups={},
    )
    check = erlang_check(scenario, measured(10.0))
    assert check.table is None
    assert "nobody waits on the line" in check.sentence


def test_the_sentence_names_what_the_scenario_has_and_only_that() -> None:
    plain = erlang_check(small_scenario(), measured(10.0)).sentence
    assert "adds nothing" in plain
    busy = erlang_check(small_scenario(busyness={"day_cv": 0.1}), measured(10.0)).sentence
    assert "busyness" in busy
    assert "skills" not in busy
