"""Arrivals from a file: written out as lists, refused by line, equal to the same numbers in the scenario."""

import gzip

import numpy as np
import pytest
from support.tiny import calls, centre, log_of, phone

from cxsim import streams
from cxsim.errors import ScenarioError
from cxsim.model.demand import arrivals_of
from cxsim.model.tables import tables_of
from cxsim.scenario.load import load_scenario

RECORD = "at,talk_time,after_call_work,patience\n10,60,5,30\n20.5,,0,\n20.5,90,1,0\n"
LISTS = {
    "at": [10, 20.5, 20.5],
    "talk_time": [60, None, 90],
    "after_call_work": [5, 0, 1],
    "patience": [30, None, 0],
}


def replaying(arrivals, **more):
    return centre(types={"call": {"arrivals": arrivals, "enters": {"phone": 1}}}, **more)


def arrivals(scenario):
    found = arrivals_of(scenario, tables_of(scenario), replication_key=streams.replication_key(0, 0))
    return [column.tolist() for column in found]


def problems(tmp_path, text, name="calls.csv"):
    (tmp_path / name).write_text(text)
    with pytest.raises(ScenarioError) as raised:
        load_scenario(replaying({"log": str(tmp_path / name)}))
    return raised.value.problems


def test_a_file_is_the_same_as_its_lists(tmp_path):
    (tmp_path / "calls.csv").write_text(RECORD)
    from_file, inline = load_scenario(replaying({"log": str(tmp_path / "calls.csv")})), load_scenario(replaying(LISTS))
    assert from_file.fingerprint == inline.fingerprint
    assert repr(arrivals(from_file)) == repr(arrivals(inline))
    assert "log" not in from_file.source["contact_types"]["call"]["arrivals"]


def test_what_a_file_leaves_empty_is_drawn_and_an_empty_patience_waits_for_ever():
    *_, replayed = arrivals(load_scenario(replaying(LISTS)))
    np.testing.assert_array_equal(replayed, [[60, 5, 30], [np.nan, 0, np.inf], [90, 1, 0]])


def test_columns_may_stand_in_any_order_and_only_the_instant_must_be_there(tmp_path):
    (tmp_path / "calls.csv").write_text("\ufeffpatience , at\n7,1\n,2\n\n")
    replay = load_scenario(replaying({"log": str(tmp_path / "calls.csv")})).model.contact_types["call"].arrivals
    assert (replay.at, replay.patience, replay.talk_time) == ((1.0, 2.0), (7.0, float("inf")), None)


def test_a_file_may_be_compressed_and_lies_beside_the_scenario(tmp_path, monkeypatch):
    (tmp_path / "calls.csv.gz").write_bytes(gzip.compress(RECORD.encode()))
    text = """
name: from a file
calendar: {start: 2026-01-05, days: 1}
contact_types: {call: {arrivals: {log: calls.csv.gz}, enters: {phone: 1}}}
touchpoints: {phone: {mechanism: staffed, channel: voice, talk_time: 60 s}}
agent_groups: {desk: {agents: 1, serves: {phone: {rank: 1}}}}
"""
    (tmp_path / "mine.yaml").write_text(text)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    scenario = load_scenario(tmp_path / "mine.yaml")
    assert scenario.model.contact_types["call"].arrivals.at == (10.0, 20.5, 20.5)
    # What is written out needs the file no more.
    (tmp_path / "calls.csv.gz").unlink()
    assert scenario.override("agent_groups.desk.agents=2").model.contact_types == scenario.model.contact_types


def test_an_override_may_name_another_record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.csv").write_text("at\n5\n")
    changed = load_scenario(replaying(LISTS)).override("contact_types.call.arrivals={log: other.csv}")
    assert changed.model.contact_types["call"].arrivals.at == (5.0,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("at\n5\n4\n", "arrivals.log: calls.csv line 3: at 4 s comes after 5 s; ascending; sort the record"),
        ("at,patience\n5,6\n7\n", "calls.csv line 3: 1 values; 2, as in the header"),
        ("at\nsoon\n", "calls.csv line 2: at 'soon'; seconds from 0 on"),
        ("at\n-1\n", "calls.csv line 2: at '-1'; seconds from 0 on"),
        ("at\nnan\n", "calls.csv line 2: at 'nan'; seconds from 0 on"),
        ("at,patience\n1,inf\n", "calls.csv line 2: patience 'inf'; seconds from 0 on"),
        ("at,talk\n1,2\n", "calls.csv line 1: columns at, talk; at, talk_time"),
        ("talk_time\n1\n", "calls.csv line 1: columns talk_time;"),
        ("at,at\n1,2\n", "calls.csv line 1: columns at, at;"),
        ("", "calls.csv line 1: columns none;"),
        ("at\n", "calls.csv has no arrivals"),
        ("at\n86400\n", "arrivals.at: 86400 s; before 86400 s, the horizon"),
    ],
)
def test_a_record_that_is_wrong_is_refused_with_its_line(tmp_path, text, says):
    (line,) = problems(tmp_path, text)
    assert line.startswith("scenario.contact_types.call.arrivals")
    assert says in line


def test_other_problems_are_found_beside_those_of_the_record(tmp_path):
    with pytest.raises(ScenarioError) as raised:
        load_scenario(replaying({"log": str(tmp_path / "none.csv")}, colour="red"))
    assert {line.partition(":")[0] for line in raised.value.problems} == {
        "scenario.colour",
        "scenario.contact_types.call.arrivals.log",
    }


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "calls.csv.gz").write_bytes(b"\x1f\x8bbroken")
    (tmp_path / "calls.csv").write_bytes(b"at\n\xff\n")
    for name in ("calls.csv.gz", "calls.csv"):
        with pytest.raises(ScenarioError, match="is no text"):
            load_scenario(replaying({"log": str(tmp_path / name)}))


@pytest.mark.parametrize(
    ("arrivals", "says"),
    [
        ({"log": "calls.csv", "at": [1]}, "log beside at; a log, or lists; keep one"),
        ({"at": [1], "contact_type": "call"}, "contact_type: given without log"),
        ({"at": [3, 9, 7]}, "at: instants out of order: 7 s after 9 s at place 3"),
    ],
)
def test_a_record_and_lists_do_not_mix(arrivals, says):
    with pytest.raises(ScenarioError) as raised:
        load_scenario(replaying(arrivals))
    assert says in str(raised.value)


# -------------------------------------------------------------------------------------------------- the log of a run


def simulated():
    """Two calls to one agent, the second given up; and a case that begins at a bot."""
    bot = {"mechanism": "automated", "channel": "bot", "duration": "1 s"}
    types = {"call": calls(10, 20, talk=60, wrap=5, patience=30), "chat": calls(40, enters="bot")}
    return log_of(types=types, touchpoints={"phone": phone(), "bot": bot})


def test_a_log_replays_the_first_touches_of_its_cases(tmp_path):
    folder = simulated().to_parquet(tmp_path / "log")
    replay = load_scenario(replaying({"log": str(folder)})).model.contact_types["call"].arrivals
    assert replay.at == (10.0, 20.0)
    assert replay.talk_time == (60.0, None)
    assert replay.after_call_work == (5.0, None)
    assert replay.patience is None
    one_file = load_scenario(replaying({"log": str(folder / "touchpoints.parquet")}))
    assert one_file.model.contact_types["call"].arrivals == replay


def test_cases_of_one_type_of_a_log_may_be_chosen(tmp_path):
    folder = str(simulated().to_parquet(tmp_path / "log"))
    chosen = load_scenario(replaying({"log": folder, "contact_type": "call"}))
    assert chosen.model.contact_types["call"].arrivals.at == (10.0, 20.0)
    with pytest.raises(ScenarioError, match="'cal'; here: call, chat; did you mean 'call'"):
        load_scenario(replaying({"log": folder, "contact_type": "cal"}))
    with pytest.raises(ScenarioError, match="no first touches at staffed touchpoints"):
        load_scenario(replaying({"log": folder, "contact_type": "chat"}))


def test_a_folder_that_is_no_log_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="is no table of touchpoints"):
        load_scenario(replaying({"log": str(tmp_path)}))
