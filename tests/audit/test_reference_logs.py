"""The reference logs, read row by row in a plain loop, say what the readers say of them.

The files lie in the folder `data` below the folder that CXSIM_REFERENCE_DATA names; they are not part of the project.
"""

import csv
import gzip
import os
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cxsim.contacts.columns import ABANDONED, RESOLVED, UNFINISHED, UNKNOWN
from cxsim.contacts.readers import read_log
from cxsim.contacts.requirements import check

pytestmark = pytest.mark.reference

BANK, INCIDENTS = "anonymous_bank_1999_01.csv.gz", "incident_event_log_first5998.csv.gz"


def reference(name: str) -> Path:
    """Path of a reference file, or a skip that says why."""
    folder = os.environ.get("CXSIM_REFERENCE_DATA")
    if not folder:
        pytest.skip("CXSIM_REFERENCE_DATA is not set; it names the folder that holds data/ with the reference files")
    file = Path(folder) / "data" / name
    if not file.is_file():
        pytest.skip(f"{name} is not in the folder data below CXSIM_REFERENCE_DATA")
    return file


def rows_of(name: str) -> list[dict[str, str]]:
    with gzip.open(reference(name), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seconds(text: str) -> int:
    hours, minutes, rest = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(rest)


@pytest.fixture(scope="module")
def bank():
    return read_log(reference(BANK), reader="technion")


@pytest.fixture(scope="module")
def incidents():
    return read_log(reference(INCIDENTS), reader="servicenow")


@pytest.fixture(scope="module")
def calls():
    """Wait, talk time and fate of every call that reached the agents, worked out one by one: line -> (...)."""
    found = {}
    for line, row in enumerate(rows_of(BANK), start=2):
        served, queued = row["outcome"] == "AGENT", row["q_start"] != "0:00:00"
        if row["outcome"] == "PHANTOM" or not (served or queued):
            continue
        start = seconds(row["q_start"] if queued else row["vru_exit"])
        if not served:
            found[line] = ("abandoned", int(row["q_time"]), None)
        elif row["ser_start"] == "0:00:00":
            found[line] = ("served", int(row["q_time"]), 0)
        else:
            wait = seconds(row["ser_start"]) - start
            wait = wait + 86_400 if wait < -43_200 else wait
            found[line] = ("served", max(wait, 0), int(row["ser_time"]))
    return found


def phone(log):
    """Rows of the agents' touchpoint."""
    return log.touchpoints.take(log.touchpoints.staffed)


def test_every_row_of_the_bank_is_accounted_for(bank):
    about = bank.meta["import"]
    assert (about["rows"], about["kept"], about["left_out"]) == (31_599, 31_359, 240)
    assert about["kinds"]["phantom"]["count"] == 240
    assert bank.meta["origin"] == "1999-01-01T00:00:00"
    assert check(bank) == []
    kept = [n for n, row in enumerate(rows_of(BANK)) if row["outcome"] != "PHANTOM"]
    assert np.unique(bank.touchpoints.case).tolist() == kept


def test_waits_and_talk_times_of_the_bank_agree_with_a_loop(bank, calls):
    t = phone(bank)
    expected = [calls[int(case) + 2] for case in t.case]
    assert len(t) == len(calls)
    assert [("served", "abandoned")[int(outcome == ABANDONED)] for outcome in t.outcome] == [
        each[0] for each in expected
    ]
    leaving = np.where(np.isnan(t.answered), t.ended, t.answered)
    np.testing.assert_array_equal(leaving - t.offered, [each[1] for each in expected])
    talk = [np.nan if each[2] is None else each[2] for each in expected]
    np.testing.assert_array_equal(t.ended - t.answered, talk)
    np.testing.assert_array_equal(t.wrapped - t.answered, talk)


def test_service_level_speed_of_answer_and_abandonment_of_the_bank_agree_with_a_loop(bank, calls):
    t = phone(bank)
    served = [each for each in calls.values() if each[0] == "served"]
    waits = t.answered - t.offered
    assert np.sum(waits <= 20.0) == sum(each[1] <= 20 for each in served)
    assert np.nansum(waits) == sum(each[1] for each in served)
    assert np.nansum(t.wrapped - t.answered) == sum(each[2] for each in served)
    assert np.sum(t.outcome == ABANDONED) == len(calls) - len(served)
    assert np.sum(~np.isnan(t.answered)) == len(served) == 27_060


def dirt_of_the_bank() -> dict[str, list[int]]:
    """Lines of each kind of dirt that a reader of the file can see with bare eyes."""
    found: dict[str, list[int]] = {}
    for line, row in enumerate(rows_of(BANK), start=2):
        served, phantom = row["outcome"] == "AGENT", row["outcome"] == "PHANTOM"
        talk, no_start = int(row["ser_time"]), row["ser_start"] == "0:00:00"
        times = [row["vru_entry"], row["q_start"], row["q_exit"], row["ser_start"], row["ser_exit"]]
        happened = [seconds(text) for text in times if text != "0:00:00"]
        kinds = {
            "phantom": phantom,
            "over_midnight": any(b < a - 43_200 for a, b in pairwise(happened)),
            "unit_left_before_entered": not phantom and int(row["vru_time"]) < 0,
            "long_in_unit": not phantom and int(row["vru_time"]) > 600,
            "long_wait": not phantom and int(row["q_time"]) > 900,
            "zero_service": served and talk == 0,
            "short_service": served and 0 < talk < 10,
            "long_service": served and talk > 3600,
            "served_without_start": served and no_start,
            "hung_up_and_served": row["outcome"] == "HANG" and not no_start,
            "served_by_nobody_named": served and row["server"] == "NO_SERVER",
        }
        for kind, is_so in kinds.items():
            if is_so:
                found.setdefault(kind, []).append(line)
    return found


def test_dirt_of_the_bank_is_counted_by_kind_and_line(bank):
    kinds = bank.meta["import"]["kinds"]
    for kind, lines in dirt_of_the_bank().items():
        assert (kind, kinds[kind]["count"], kinds[kind]["lines"]) == (kind, len(lines), lines[:20])


def test_a_call_that_only_met_the_unit_is_no_abandonment_of_the_queue(bank):
    t = bank.touchpoints
    only_unit = sum(row["outcome"] == "HANG" and row["q_start"] == "0:00:00" for row in rows_of(BANK))
    assert np.sum(~t.staffed & (t.outcome == ABANDONED)) == only_unit == 1_198
    assert np.all(t.outcome[~np.isnan(t.answered) & t.staffed] == UNKNOWN)


def final_states() -> dict[str, dict[str, str]]:
    """The last event of each incident by its number, of equal numbers the later in the file."""
    final: dict[str, dict[str, str]] = {}
    for row in rows_of(INCIDENTS):
        if row["number"] not in final or int(row["sys_mod_count"]) >= int(final[row["number"]]["sys_mod_count"]):
            final[row["number"]] = row
    return final


def test_incidents_are_the_cases_of_their_log(incidents):
    final = final_states()
    assert incidents.meta["labels"]["case"] == list(final)
    assert len(final) == 890
    assert incidents.meta["import"]["rows"] == incidents.meta["import"]["kept"] == 5_998
    assert check(incidents) == []
    categories = incidents.to_frame().groupby("case", sort=True)["contact_type"].last()
    assert [None if word != word else word for word in categories] == [
        None if row["category"] == "?" else row["category"] for row in final.values()
    ]


def test_facts_of_incidents_are_those_of_the_published_excerpt(incidents):
    facts = incidents.meta["cases"]
    moved = np.array(facts["reassignment_count"])
    assert (round(float(np.mean(moved == 0)), 2), round(float(np.mean(moved)), 2), np.max(moved)) == (0.56, 0.99, 18)
    assert round(float(np.mean(np.array(facts["reopen_count"]) > 0)), 3) == 0.011
    assert round(1.0 - float(np.mean(facts["made_sla"])), 2) == 0.44


def test_time_to_resolution_of_incidents_agrees_with_a_loop_and_the_published_quartiles(incidents):
    t = incidents.touchpoints
    first, last = t.touch == 0, np.r_[np.diff(t.case) != 0, True]
    resolved = t.outcome[last] == RESOLVED
    hours = ((t.ended[last] - t.offered[first]) / 3600.0)[resolved]
    expected = []
    for row in final_states().values():
        if row["resolved_at"] != "?":
            opened, ended = (datetime.strptime(row[k], "%d-%m-%Y %H:%M") for k in ("opened_at", "resolved_at"))
            expected.append((ended - opened).total_seconds() / 3600.0)
    np.testing.assert_allclose(hours, expected, rtol=1e-12)
    assert np.round(np.quantile(hours, [0.25, 0.5, 0.75])).tolist() == [22.0, 54.0, 320.0]
    assert np.sum(t.outcome[last] == UNFINISHED) == 29


def test_legs_of_incidents_agree_with_a_loop(incidents):
    events: dict[str, list[tuple[int, int, str]]] = {}
    for line, row in enumerate(rows_of(INCIDENTS)):
        if row["assignment_group"] != "?":
            events.setdefault(row["number"], []).append((int(row["sys_mod_count"]), line, row["assignment_group"]))
    expected = []
    for number in incidents.meta["labels"]["case"]:
        groups = [group for _, _, group in sorted(events.get(number, [(0, 0, None)]))]
        expected += [group for n, group in enumerate(groups) if n == 0 or group != groups[n - 1]]
    found = incidents.to_frame()["agent_group"].astype(object)
    assert [None if word != word else word for word in found] == expected
