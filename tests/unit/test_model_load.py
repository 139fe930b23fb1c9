"""A centre that cannot keep up is told so before it runs."""

from __future__ import annotations

from typing import Any

import pytest

from cxsim.model.load import agent_hours, expected_cases, expected_visits, overloads
from cxsim.scenario.load import load_scenario


def centre(*, agents: int = 10, patience: str | None = None, **phone: Any) -> dict[str, Any]:
    """A hundred calls an hour of five minutes: 8.33 erlang."""
    touchpoint = {"mechanism": "staffed", "channel": "voice", "talk_time": "4 min", "after_call_work": "1 min", **phone}
    if patience:
        touchpoint["patience"] = patience
    return {
        "name": "one queue",
        "calendar": {"start": "2026-01-05", "days": 2},
        "contact_types": {"call": {"volume": "100 per hour", "enters": {"phone": 1}}},
        "touchpoints": {"phone": touchpoint},
        "agent_groups": {"desk": {"agents": agents, "serves": {"phone": {}}}},
    }


def test_nine_agents_keep_up_with_eight_and_a_third_erlang() -> None:
    assert overloads(load_scenario(centre(agents=9))) == []


def test_eight_agents_do_not() -> None:
    (line,) = overloads(load_scenario(centre(agents=8)))
    assert "cannot keep up: 400 hours of work without patience at phone; 384 hours of agents" in line


def test_customers_who_leave_keep_the_queue_finite() -> None:
    assert overloads(load_scenario(centre(agents=8, patience="3 min"))) == []


def test_those_who_come_back_count() -> None:
    back = {"unresolved": {"recall": {"to": "phone", "share": 1, "after": "1 h"}}}
    assert overloads(load_scenario(centre(agents=10, resolves="80%", then=back)))  # 8.33 / 0.8 = 10.4 erlang
    assert not overloads(load_scenario(centre(agents=11, resolves="80%", then=back)))


def test_visits_solve_the_traffic_equations() -> None:
    scenario = centre()
    scenario["touchpoints"]["second"] = {"mechanism": "staffed", "channel": "voice", "talk_time": "9 min"}
    scenario["touchpoints"]["phone"] |= {
        "resolves": 0.7,
        "false_resolution": 0.1,
        "then": {
            "unresolved": {"up": {"to": "second", "share": 0.5, "transfer": "cold"}},
            "falsely_resolved": {"again": {"to": "phone", "share": 1}},
        },
    }
    scenario["agent_groups"]["desk"]["serves"]["second"] = {"rank": 2}
    model = load_scenario(scenario).model
    visits = expected_visits(model, "call")
    phone = 4800 / (1 - 0.07)
    assert visits["phone"] == pytest.approx(phone, rel=1e-6)
    assert visits["second"] == pytest.approx(phone * 0.3 * 0.5, rel=1e-6)


def test_expected_cases_follow_weekdays_and_surges() -> None:
    scenario = centre()
    scenario["contact_types"]["call"] |= {"volume": "240 per day", "weekdays": {"tue": 0.5}}
    scenario["surges"] = {"storm": {"type": "call", "start": "day 1 06:00", "lasts": "6 h", "factor": 3}}
    # Monday 240 and a quarter of it twice more; Tuesday half.
    assert expected_cases(load_scenario(scenario).model, "call") == pytest.approx(240 + 120 + 120)


def test_the_fingerprint_knows_the_order_of_names() -> None:
    two = centre()
    two["contact_types"]["mail"] = {"volume": "3 per day", "enters": {"phone": 1}}
    turned = {**two, "contact_types": dict(reversed(two["contact_types"].items()))}
    assert load_scenario(two).fingerprint != load_scenario(turned).fingerprint
    spoken = {**two, "name": "another title", "calendar": {**two["calendar"], "interval": "0.5 h"}}
    assert load_scenario(two).fingerprint == load_scenario(spoken).fingerprint


def test_chats_side_by_side_take_a_share_of_an_agent_each() -> None:
    """Three at once that each take 1.5 times as long: half the work, 4.17 erlang."""
    three = {"concurrency": 3, "slowdown": {2: 1.2, 3: 1.5}}
    assert overloads(load_scenario(centre(agents=5, **three))) == []
    (line,) = overloads(load_scenario(centre(agents=4, **three)))
    assert "200 hours of work without patience at phone; 192 hours of agents" in line


def test_customers_who_balk_keep_the_queue_finite() -> None:
    assert overloads(load_scenario(centre(agents=8, announcement={"balks": {"5 min": "80%"}}))) == []
    assert overloads(load_scenario(centre(agents=8, announcement={})))


def test_breaks_are_no_hours_of_work() -> None:
    scenario = centre()
    shift = {"days": "all", "start": "08:00", "end": "16:00", "agents": 3}
    shift["breaks"] = {"lunch": {"at": "12:00", "lasts": "30 min"}, "tea": {"at": "15:00", "lasts": "15 min"}}
    scenario["agent_groups"]["desk"] = {"shifts": {"early": shift}, "serves": {"phone": {}}}
    model = load_scenario(scenario).model
    assert agent_hours(model, model.agent_groups["desk"]) == pytest.approx(2 * 3 * 7.25)


def test_a_batch_brings_as_many_cases_as_the_volume_says() -> None:
    scenario = centre()
    scenario["contact_types"]["call"]["batch"] = {5: "50%"}
    assert expected_cases(load_scenario(scenario).model, "call") == pytest.approx(4800)
