"""What is said first: rounding of head counts, closed doors, a total on part of the weight, numbers never recorded."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.command_line import command

import cxsim
from cxsim.benchmarks.scorecard import score
from cxsim.errors import MetricUnavailable
from cxsim.model.load import rounding_notes
from cxsim.reports.notes import closed_doors, said_once
from cxsim.scenario.load import load_scenario


def desk(agents: int, planned: str) -> dict[str, object]:
    return {
        "name": "desk",
        "calendar": {"start": "2026-01-05", "days": 1},
        "contact_types": {"call": {"volume": "10 per day", "enters": {"phone": 1}}},
        "touchpoints": {"phone": {"mechanism": "staffed", "channel": "voice", "talk_time": "1 min"}},
        "agent_groups": {
            "people": {
                "agents": agents,
                "counts": "scheduled",
                "shrinkage": {"planned": planned},
                "serves": {"phone": {}},
            }
        },
    }


def test_two_agents_cannot_shrink_by_a_quarter() -> None:
    (line,) = rounding_notes(load_scenario(desk(2, "24%")))
    assert "planned shrinkage of 24% becomes 0% in whole people (2 planned, 2 on the floor)" in line


def test_a_hundred_agents_can() -> None:
    assert rounding_notes(load_scenario(desk(100, "24%"))) == []


def test_many_closed_doors_are_said_and_few_are_not() -> None:
    rows = [("phone|resolved|leaves|end", 90.0), ("phone|closed|leaves|end", 10.0), ("web|closed|leaves|end", 1.0),
            ("web|resolved|leaves|end", 99.0)]  # fmt: skip
    table = pd.DataFrame([{"scenario": "today", "by": "flow", "group": g, "value": n} for g, n in rows])
    (line,) = closed_doors(table)
    assert line.startswith("visits to phone that found it closed: 10%;")


def test_a_total_says_on_how_much_of_the_weight_it_stands() -> None:
    log = cxsim.simulate("sample_bank", seed=1)
    card = score(cxsim.measure(log, ["average_handle_time"]), profile="it_service_desk")
    assert card.coverage == pytest.approx(0.05)
    assert card.basis == " on 5% of the weight, too little to judge the whole"


def test_what_an_export_never_recorded_has_no_number() -> None:
    log = cxsim.read_log(cxsim.shipped.folder("conf") / "reader" / "technion_sample.csv", reader="technion")
    with pytest.raises(MetricUnavailable, match="this export does not record it"):
        cxsim.measure(log, ["after_call_work"])
    assert "after_call_work" not in set(cxsim.measure(log)["metric"])
    assert "talk_time" in set(cxsim.measure(log)["metric"])


def test_a_scenario_that_is_shown_can_be_run(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(command("show", "it_service_desk").out)
    assert load_scenario(mine).model == load_scenario("it_service_desk").model
    assert "IT service desk and technical support" in command("show", "profile/it_service_desk").out


def test_a_warning_of_all_scenarios_is_said_once_and_of_some_with_their_names() -> None:
    said = [("today", "closed"), ("more", "closed"), ("today", "full"), ("more", "closed")]
    assert said_once(said, labels=["today", "more"]) == ["closed", "today: full"]


def test_closed_doors_of_several_scenarios_are_one_line() -> None:
    rows = [("today", 90.0, 10.0), ("more", 90.0, 10.0), ("other", 80.0, 20.0)]
    table = pd.DataFrame(
        [
            {"scenario": label, "by": "flow", "group": f"phone|{outcome}|leaves|end", "value": n}
            for label, came, closed in rows
            for outcome, n in (("resolved", came), ("closed", closed))
        ]
    )
    (line,) = closed_doors(table)
    assert line.startswith("visits to phone that found it closed: 10% (today, more), 20% (other);")
