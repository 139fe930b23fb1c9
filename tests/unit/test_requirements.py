"""Each requirement finds the row that breaks it, and no other requirement fires."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.log import ContactLog, Table
from cxsim.contacts.requirements import REQUIREMENTS, check, ensure
from cxsim.errors import LogError

NAN = np.nan


def good_log() -> ContactLog:
    """A bot, then a call that waits and is served; a caller who leaves; one who finds the lines full."""
    touchpoints = {
        "case": [1, 1, 2, 3],
        "contact": [0, 0, 0, 0],
        "touch": [0, 1, 0, 0],
        "touchpoint": [0, 1, 1, 1],
        "staffed": [False, True, True, True],
        "agent_group": [-1, 0, -1, -1],
        "agent": [-1, 4, -1, -1],
        "offered": [0.0, 10.0, 20.0, 30.0],
        "answered": [0.0, 15.0, NAN, NAN],
        "ended": [10.0, 100.0, 26.0, 30.0],
        "wrapped": [NAN, 130.0, NAN, NAN],
        "held": [0.0, 5.0, 0.0, 0.0],
        "paused": [0.0, 40.0, 0.0, 0.0],
        "announced_wait": [NAN, 4.0, 9.0, NAN],
        "promise": [NAN, 50.0, NAN, NAN],
        "outcome": [1, 0, 2, 3],
        "callback": [NAN, 12.0, NAN, NAN],
        "chaser": [False, False, False, False],
    }
    staffing = {"agent_group": [0, 0], "agent": [4, 4], "start": [0.0, 60.0], "end": [60.0, 140.0], "kind": [0, 1]}
    surveys = {"invited": [True, False], "answered": [True, False], "satisfaction": [5, 0], "recommendation": [10, -1]}
    return ContactLog(
        Table("touchpoints", touchpoints),
        staffing=Table("staffing", staffing),
        surveys=Table("surveys", surveys),
        names={"touchpoint": ["bot", "phone"], "agent_group": ["desk"]},
    )


def broken_log(table: str, column: str, row: int, value: float) -> ContactLog:
    """The good log with one value changed."""
    log = good_log()
    part: Table = getattr(log, table)
    values = part.columns[column].copy()
    values[row] = value
    return log.with_tables(**{table: part.with_columns(**{column: values})})


def test_a_good_log_breaks_nothing():
    assert check(good_log()) == []
    ensure(good_log())


CASES = [
    ("offered_known", "touchpoints", "offered", 2, NAN),
    ("times_ordered", "touchpoints", "answered", 1, 9.0),
    ("times_ordered", "touchpoints", "wrapped", 1, 99.0),
    ("times_ordered", "touchpoints", "ended", 2, 19.0),
    ("unanswered_by_nobody", "touchpoints", "agent", 2, 0),
    ("unanswered_by_nobody", "touchpoints", "agent_group", 2, 0),
    ("unanswered_by_nobody", "touchpoints", "wrapped", 2, 40.0),
    ("served_is_wrapped", "touchpoints", "wrapped", 1, NAN),
    ("automated_by_nobody", "touchpoints", "agent", 0, 0),
    ("lost_not_answered", "touchpoints", "outcome", 1, 2),
    ("served_is_answered", "touchpoints", "outcome", 2, 0),
    ("refused_at_once", "touchpoints", "outcome", 2, 3),
    ("decided_has_ended", "touchpoints", "ended", 2, NAN),
    ("held_within_talk", "touchpoints", "held", 1, 86.0),
    ("held_within_talk", "touchpoints", "held", 2, 1.0),
    ("paused_within_work", "touchpoints", "paused", 1, 116.0),
    ("paused_within_work", "touchpoints", "paused", 1, -1.0),
    ("announced_wait_positive", "touchpoints", "announced_wait", 1, -1.0),
    ("callback_while_waiting", "touchpoints", "callback", 1, 9.0),
    ("promise_after_offer", "touchpoints", "promise", 1, 9.0),
    ("numbered_without_gaps", "touchpoints", "touch", 1, 2),
    ("numbered_without_gaps", "touchpoints", "contact", 2, 1),
    ("codes_known", "touchpoints", "touchpoint", 3, 2),
    ("codes_known", "touchpoints", "outcome", 3, -2),
    ("codes_known", "staffing", "kind", 0, 4),
    ("presence_positive", "staffing", "end", 1, 60.0),
    ("presence_disjoint", "staffing", "start", 1, 59.0),
    ("answers_on_scale", "surveys", "satisfaction", 0, 6),
    ("answers_on_scale", "surveys", "recommendation", 1, -2),
    ("answered_was_invited", "surveys", "answered", 1, True),
]


@pytest.mark.parametrize(("name", "table", "column", "row", "value"), CASES)
def test_one_wrong_value_breaks_one_requirement_at_its_row(name, table, column, row, value):
    found = check(broken_log(table, column, row, value))
    assert [(each.name, each.table, each.count, each.rows) for each in found] == [(name, table, 1, (row,))]


def test_time_that_runs_backwards_in_a_case_is_found():
    log = good_log()
    later = log.touchpoints.offered.copy()
    later[0] = 11.0
    answered = log.touchpoints.answered.copy()
    answered[0], ended = 11.0, log.touchpoints.ended.copy()
    ended[0] = 11.0
    moved = log.touchpoints.with_columns(offered=later, answered=answered, ended=ended)
    found = check(log.with_tables(touchpoints=moved))
    assert [(each.name, each.rows) for each in found] == [("time_runs_forward", (1,))]


def test_a_chaser_may_stand_before_the_contact_it_was_numbered_after():
    times = {"case": [3, 3, 3], "contact": [0, 1, 2], "touch": [0, 0, 0], "offered": [0.0, 9.0, 5.0]}
    chased = Table("touchpoints", {**times, "chaser": [False, True, False]})
    assert check(ContactLog(chased)) == []
    later = Table("touchpoints", {**times, "chaser": [True, False, False]})
    assert [(each.name, each.rows) for each in check(ContactLog(later))] == [("time_runs_forward", (2,))]


def test_an_instant_of_another_decade_is_found():
    log = ContactLog(Table("touchpoints", {"offered": [0.0, 86400.0, 2 * 86400.0, -25 * 365.25 * 86400.0]}))
    assert [(each.name, each.rows) for each in check(log)] == [("one_decade", (3,))]


def test_every_requirement_is_broken_by_some_test():
    elsewhere = {"time_runs_forward", "one_decade"}
    assert {requirement.name for requirement in REQUIREMENTS} == {case[0] for case in CASES} | elsewhere


def test_requirements_of_absent_columns_are_passed_over():
    times = {"offered": [5.0], "ended": [7.0], "outcome": [0]}
    assert check(ContactLog(Table("touchpoints", times))) == []


def test_ensure_names_all_that_is_broken_with_lines_of_the_file():
    log = broken_log("touchpoints", "held", 2, 1.0)
    log = log.with_tables(touchpoints=log.touchpoints.with_columns(announced_wait=[NAN, -1.0, NAN, NAN]))
    with pytest.raises(LogError) as raised:
        ensure(log, where="calls.csv", lines=[2, 3, 5, 6])
    assert [problem.split(";")[0] for problem in raised.value.problems] == [
        "calls.csv, held_within_talk: broken by 1 row (line 5)",
        "calls.csv, announced_wait_positive: broken by 1 row (line 3)",
    ]
    with pytest.raises(LogError, match=r"log\.touchpoints\.held_within_talk: broken by 1 row \(row 2\); time on hold"):
        ensure(log)


def numbered_by_loop(rows: list[tuple[int, int, int, int]]) -> bool:
    """Brute force: the contacts of each case are 0..k, the touches of each contact 0..m, none twice."""
    for replication, case in {row[:2] for row in rows}:
        contacts = [row[2:] for row in rows if row[:2] == (replication, case)]
        numbers = {contact for contact, _ in contacts}
        if numbers != set(range(len(numbers))):
            return False
        for number in numbers:
            touches = sorted(touch for contact, touch in contacts if contact == number)
            if touches != list(range(len(touches))):
                return False
    return True


@given(st.lists(st.tuples(*[st.integers(0, 1)] * 2, st.integers(0, 2), st.integers(0, 2)), max_size=7))
def test_numbering_agrees_with_a_plain_loop(rows):
    columns = ("replication", "case", "contact", "touch")
    table = Table("touchpoints", {name: [row[n] for row in rows] for n, name in enumerate(columns)})
    assert (check(ContactLog(table)) == []) == numbered_by_loop(rows)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(1, 4)), max_size=6))
def test_overlap_of_presence_agrees_with_a_plain_loop(rows):
    stretches = {
        "agent_group": [0] * len(rows),
        "agent": [agent for agent, _, _ in rows],
        "start": [float(start) for _, start, _ in rows],
        "end": [float(start + length) for _, start, length in rows],
    }
    overlap = any(
        one[0] == other[0] and one[1] < other[1] + other[2] and other[1] < one[1] + one[2]
        for n, one in enumerate(rows)
        for other in rows[:n]
    )
    log = ContactLog(Table("touchpoints", {}), staffing=Table("staffing", stretches), names={"agent_group": ["desk"]})
    assert bool(check(log)) == overlap
