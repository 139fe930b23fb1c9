"""Exports become logs: every column where it belongs, every dirty row on the report with its line."""

import gzip

import numpy as np
import pytest

from cxsim.contacts.columns import ABANDONED, UNKNOWN
from cxsim.contacts.readers import read_log

HEADER = (
    "vru+line,call_id,customer_id,priority,type,date,vru_entry,vru_exit,vru_time,"
    "q_start,q_exit,q_time,outcome,ser_start,ser_exit,ser_time,server"
)
NONE = "0:00:00,0:00:00,0"


def written(tmp_path, *rows, header=HEADER, name="calls.csv"):
    file = tmp_path / name
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def call(entry, *, queue=NONE, service=NONE, outcome="AGENT", server="S01", number=1, customer=5, date="990103"):
    """One line of the bank: unit times, queue and service as 'start,end,duration'."""
    return f"AA0101,{number},{customer},1,PS,{date},{entry},{queue},{outcome},{service},{server}"


def one_call(tmp_path, row):
    log = read_log(written(tmp_path, row), reader="technion")
    return log, log.touchpoints.take(log.touchpoints.staffed), log.meta["import"]["kinds"]


def test_a_queued_call_waits_until_service_starts(tmp_path):
    row = call("9:00:00,9:00:05,5", queue="9:00:05,9:01:06,61", service="9:01:05,9:04:05,180")
    log, phone, kinds = one_call(tmp_path, row)
    assert (phone.answered - phone.offered, phone.ended - phone.answered) == (60.0, 180.0)
    assert phone.offered == 9 * 3600 + 5
    assert kinds == {}
    assert log.meta["origin"] == "1999-01-03T00:00:00"
    assert phone.wrapped == phone.ended
    assert log.labels("contact_type")[phone.contact_type[0]] == "regular"
    assert log.meta["labels"]["agent"] == ["S01"]
    assert phone.outcome == UNKNOWN


def test_a_call_is_a_leg_at_the_unit_and_a_leg_at_the_agents(tmp_path):
    log, _, _ = one_call(tmp_path, call("9:00:00,9:00:05,5", service="9:00:05,9:04:05,240"))
    t = log.touchpoints
    assert [log.labels("touchpoint")[code] for code in t.touchpoint] == ["vru", "phone"]
    assert (t.case.tolist(), t.contact.tolist(), t.touch.tolist()) == ([0, 0], [0, 0], [0, 1])
    assert (t.staffed.tolist(), t.agent.tolist()) == ([False, True], [-1, 0])
    assert t.customer.tolist() == [5, 5]


def test_a_call_that_hangs_up_in_the_unit_never_was_in_the_queue(tmp_path):
    log, phone, _ = one_call(tmp_path, call("9:00:00,9:00:30,30", outcome="HANG", server="NO_SERVER", customer=0))
    assert len(phone) == 0
    assert log.touchpoints.outcome.tolist() == [ABANDONED]
    assert log.touchpoints.customer.tolist() == [-1]


def test_a_call_that_hangs_up_in_the_queue_is_abandoned(tmp_path):
    row = call("9:00:00,9:00:05,5", queue="9:00:05,9:00:45,40", outcome="HANG", server="NO_SERVER")
    _, phone, kinds = one_call(tmp_path, row)
    assert (phone.outcome, phone.ended - phone.offered) == (ABANDONED, 40.0)
    assert np.isnan(phone.answered)
    assert phone.agent == -1
    assert kinds == {}


def test_a_call_over_midnight_goes_on_the_next_day(tmp_path):
    row = call("23:58:00,23:58:05,5", queue="23:58:05,0:00:03,118", service="0:00:03,0:01:03,60", date="990102")
    _, phone, kinds = one_call(tmp_path, row)
    assert (phone.answered - phone.offered, phone.ended - phone.answered) == (118.0, 60.0)
    assert phone.answered == 86_403.0
    assert kinds["over_midnight"]["lines"] == [2]
    assert "durations_disagree" not in kinds


DIRT = {
    "phantom": call("9:00:00,9:00:05,5", queue="9:00:05,9:01:06,61", outcome="PHANTOM", server="NO_SERVER"),
    "unit_left_before_entered": call("9:00:09,9:00:05,-4", queue="9:00:05,9:01:06,61", service="9:01:06,9:02:06,60"),
    "durations_disagree": call("9:00:00,9:00:05,5", service="9:00:05,9:04:05,241"),
    "long_in_unit": call("9:00:00,9:20:00,1200", outcome="HANG", server="NO_SERVER"),
    "long_wait": call("9:00:00,9:00:05,5", queue="9:00:05,9:30:05,1800", outcome="HANG", server="NO_SERVER"),
    "zero_service": call("9:00:00,9:00:05,5", service="9:00:05,9:00:05,0"),
    "short_service": call("9:00:00,9:00:05,5", service="9:00:05,9:00:14,9"),
    "long_service": call("9:00:00,9:00:05,5", service="9:00:05,10:00:06,3601"),
    "served_without_start": call("9:00:00,9:00:05,5", queue="9:00:05,9:01:06,61"),
    "hung_up_and_served": call(
        "9:00:00,9:00:05,5",
        queue="9:00:05,9:01:06,61",
        service="9:01:06,9:02:06,60",
        outcome="HANG",
        server="NO_SERVER",
    ),
    "served_by_nobody_named": call("9:00:00,9:00:05,5", service="9:00:05,9:02:05,120", server="NO_SERVER"),
    "served_before_queue": call("9:00:00,9:00:05,5", queue="9:00:05,9:01:05,60", service="9:00:04,9:02:04,120"),
    "queue_runs_into_service": call("9:00:00,9:00:05,5", queue="9:00:05,9:01:05,60", service="9:00:55,9:02:55,120"),
    "queue_left_before_service": call("9:00:00,9:00:05,5", queue="9:00:05,9:01:05,60", service="9:01:15,9:02:15,60"),
    "served_before_unit_left": call("9:00:00,9:00:15,15", service="9:00:05,9:02:05,120"),
    "clock_tick": call("9:00:00,9:00:05,5", service="9:00:04,9:02:04,120"),
    "gap_before_service": call("9:00:00,9:00:05,5", service="9:00:09,9:02:09,120"),
    "reached_out_of_hours": call("6:59:00,6:59:05,5", service="6:59:05,7:02:05,180"),
}


@pytest.mark.parametrize("kind", DIRT)
def test_each_kind_of_dirt_is_counted_with_its_line(tmp_path, kind):
    clean = call("12:00:00,12:00:05,5", service="12:00:05,12:04:05,240")
    log = read_log(written(tmp_path, clean, DIRT[kind].replace("AA0101,1,", "AA0101,2,")), reader="technion")
    about = log.meta["import"]
    found = about["kinds"][kind]
    assert (found["count"], found["lines"]) == (1, [3])
    assert found["reason"]
    left_out = found["treatment"] == "left out"
    assert (about["rows"], about["kept"], about["left_out"]) == (2, 2 - left_out, int(left_out))
    assert (log.touchpoints.case == 1).any() == (not left_out)


def test_overlapping_services_of_one_agent_and_repeated_calls_are_counted(tmp_path):
    rows = [
        call("9:00:00,9:00:05,5", service="9:00:05,9:10:05,600", number=1),
        call("9:04:00,9:04:05,5", service="9:04:05,9:12:05,480", number=2),
        call("9:04:00,9:04:05,5", service="9:04:05,9:12:05,480", number=2),
        call("9:04:00,9:04:05,5", service="9:04:05,9:12:05,480", number=3, server="S02"),
    ]
    kinds = read_log(written(tmp_path, *rows), reader="technion").meta["import"]["kinds"]
    assert kinds["repeated_call"]["lines"] == [4]
    assert kinds["service_overlaps"]["lines"] == [3]


def test_the_generic_reader_takes_iso_instants_and_numbers_contacts_of_a_case_by_time(tmp_path):
    file = written(
        tmp_path,
        "B-7,2024-03-04T09:10:00,2024-03-04T09:10:30,phone,answered",
        "A-1,2024-03-04T08:00:00.5,,e-mail,abandoned",
        "B-7,2024-03-04T08:30:00,,phone,abandoned",
        header="case,offered,answered,channel,outcome",
    )
    log = read_log(file)
    t = log.touchpoints
    assert (t.case.tolist(), t.contact.tolist(), t.touch.tolist()) == ([0, 1, 0], [1, 0, 0], [0, 0, 0])
    assert t.offered.tolist() == [33_000.0, 28_800.5, 30_600.0]
    assert log.meta["origin"] == "2024-03-04T00:00:00"
    assert log.meta["labels"]["case"] == ["B-7", "A-1"]
    assert (t.deferred.tolist(), t.staffed.tolist()) == ([False, True, False], [True] * 3)
    assert [log.labels("channel")[code] for code in t.channel] == ["voice", "email", "voice"]


def test_columns_that_the_file_lacks_are_absent_and_never_guessed(tmp_path):
    log = read_log(written(tmp_path, "1.5,4", header="offered,answered"))
    stated = {
        "replication",
        "case",
        "contact",
        "touch",
        "staffed",
        "deferred",
        "offered",
        "answered",
        "callback",
        "chaser",
    }
    assert set(log.touchpoints) == stated
    assert {"outcome", "ended", "customer"} <= set(log.meta["import"]["absent"])
    assert "origin" not in log.meta
    assert "horizon" not in log.meta


def test_offsets_from_utc_keep_the_local_clock_if_there_is_one(tmp_path):
    one = written(tmp_path, "2024-03-04T09:00:00+02:00,abandoned", header="offered,outcome")
    log = read_log(one)
    assert (log.meta["origin"], log.touchpoints.offered[0]) == ("2024-03-04T00:00:00+02:00", 32_400.0)
    summer = ["2024-03-30T09:00:00+01:00,resolved", "2024-03-31T09:00:00+02:00,resolved"]
    log = read_log(written(tmp_path, *summer, header="offered,outcome"))
    assert log.meta["origin"] == "2024-03-30T00:00:00+00:00"
    assert np.diff(log.touchpoints.offered).tolist() == [82_800.0]


def test_a_row_without_a_case_is_a_case_of_its_own(tmp_path):
    log = read_log(written(tmp_path, "3,1,resolved", ",2,resolved", ",3,resolved", header="case,offered,outcome"))
    assert log.touchpoints.case.tolist() == [3, 4, 5]


def test_lines_of_the_report_are_lines_of_the_file(tmp_path):
    file = tmp_path / "calls.csv.gz"
    text = 'contact_type,offered,answered,ended\n"two\nlines",1,2,2\n\nshort,1\nc,,5,9\nd,4,5,\n'
    file.write_bytes(gzip.compress(text.encode("utf-8-sig")))
    log = read_log(file)
    about = log.meta["import"]
    lines = {kind: (found["lines"], found["treatment"]) for kind, found in about["kinds"].items()}
    assert lines == {
        "wrong_number_of_fields": ([5], "left out"),
        "blank_line": ([4], "left out"),
        "not_offered": ([6], "left out"),
        "zero_talk": ([2], "kept"),
    }
    assert (about["rows"], about["kept"], about["left_out"]) == (4, 2, 2)
    assert log.touchpoints.offered.tolist() == [1.0, 4.0]


def test_missing_end_of_work_is_filled_and_said(tmp_path):
    log = read_log(written(tmp_path, "1,2,9,12", "1,2,9,", "1,,9,", header="offered,answered,ended,wrapped"))
    np.testing.assert_array_equal(log.touchpoints.wrapped, [12.0, 9.0, np.nan])
    assert log.meta["import"]["kinds"]["not_wrapped"]["lines"] == [3]


def test_a_reader_file_of_the_users_own(tmp_path):
    reader = tmp_path / "ours.yaml"
    reader.write_text(
        """
        about: our switch
        file: {delimiter: ";", encoding: cp1252, missing: ["-"]}
        origin: came
        columns:
          came: {from: Anruf, as: instant, format: dd.MM.yyyy HH:mm:ss}
          taken: {from: Annahme, as: instant, format: dd.MM.yyyy HH:mm:ss}
          group: Gruppe
        dirt:
          - {kind: internal, when: group == 'Prüfung', treatment: left out, reason: test calls}
        touches:
          - columns: {offered: came, answered: taken, agent_group: group}
            constants: {channel: voice, staffed: yes}
        """,
        encoding="utf-8",
    )
    file = tmp_path / "calls.csv"
    rows = "Anruf;Annahme;Gruppe\n04.03.2024 08:00:00;04.03.2024 08:00:20;Münster\n05.03.2024 08:00:00;-;-\n"
    file.write_bytes((rows + "05.03.2024 08:00:00;-;Prüfung\n").encode("cp1252"))
    log = read_log(file, reader=reader)
    np.testing.assert_array_equal(log.touchpoints.offered, [28_800.0, 115_200.0])
    assert log.names["agent_group"] == ["Münster"]
    assert log.touchpoints.agent_group.tolist() == [0, -1]
    assert log.meta["import"]["kinds"]["internal"]["lines"] == [4]


INCIDENTS = """number,sys_mod_count,sys_updated_at,opened_at,resolved_at,assignment_group,assigned_to,\
caller_id,contact_type,category,priority,reassignment_count,reopen_count,made_sla
INC2,0,29-02-2016 09:00,29-02-2016 08:00,01-03-2016 08:00,?,?,Ann,Phone,mail,3,0,0,TRUE
INC2,2,29-02-2016 10:00,29-02-2016 08:00,01-03-2016 08:00,network,?,Ann,Phone,wifi,3,1,0,FALSE
INC2,1,29-02-2016 09:30,29-02-2016 08:00,01-03-2016 08:00,desk,Bob,Ann,Phone,mail,3,0,0,TRUE
INC1,0,29-02-2016 07:00,29-02-2016 08:30,?,desk,Eve,Tom,Web,print,2,0,0,TRUE
"""


def test_events_of_an_incident_become_the_legs_of_its_one_contact(tmp_path):
    file = tmp_path / "incidents.csv"
    file.write_text(INCIDENTS)
    log = read_log(file, reader="servicenow")
    t, frame = log.touchpoints, log.to_frame()
    assert (t.case.tolist(), t.contact.tolist(), t.touch.tolist()) == ([0, 0, 1], [0, 0, 0], [0, 1, 0])
    assert t.offered.tolist() == [8 * 3600.0, 10 * 3600.0, 8.5 * 3600.0]
    np.testing.assert_array_equal(t.ended, [10 * 3600.0, 32 * 3600.0, np.nan])
    assert list(frame["agent_group"]) == ["desk", "network", "desk"]
    assert list(frame["outcome"]) == ["unresolved", "resolved", "unfinished"]
    assert list(frame["transfer_kind"]) == ["cold", "none", "none"]
    assert list(frame["channel"]) == ["voice", "voice", "web"]
    assert list(frame["contact_type"]) == ["wifi", "wifi", "print"]
    assert t.agent.tolist() == [0, -1, 1]
    assert log.meta["labels"] == {"case": ["INC2", "INC1"], "agent": ["Bob", "Eve"]}
    assert log.meta["cases"]["made_sla"] == [0, 1]
    assert "answered" not in t
    kinds = log.meta["import"]["kinds"]
    assert kinds["no_group"]["lines"] == [2]
    assert kinds["event_before_an_earlier_one"]["lines"] == [5]
    assert kinds["case_without_resolution_time"]["lines"] == [5]


def test_of_two_events_with_one_number_the_later_in_the_file_is_the_later(tmp_path):
    file = tmp_path / "incidents.csv"
    header = INCIDENTS.partition("\n")[0]
    event = "INC1,0,29-02-2016 09:00,29-02-2016 08:00,?,desk,?,Ann,Phone,{},3,0,0,TRUE"
    file.write_text("\n".join([header, event.format("mail"), event.format("wifi")]))
    log = read_log(file, reader="servicenow")
    assert list(log.to_frame()["contact_type"]) == ["wifi"]
    assert log.meta["import"]["kinds"]["event_number_twice"]["lines"] == [3]
