"""Doors and plans: opening hours, closing rules, shifts, head counts by interval, shrinkage, by hand."""

import itertools

import numpy as np
import pytest
from support.tiny import DAY, HOUR, calls, log_of, one_agent, phone, stretches, told

NINE, NOON = 9 * HOUR, 12 * HOUR
OPEN = {"mon-fri": "09:00-12:00"}


def shift(start, end, agents=1, days="all"):
    return {"days": days, "start": start, "end": end, "agents": agents}


def shifts(**plan):
    return {"desk": {"shifts": plan, "serves": {"phone": {"rank": 1}}}}


def levels(*counts, **days):
    """Head counts by half hour from midnight; the last goes on to the end of the day."""
    by_interval = {"all": [*counts, *[counts[-1]] * (48 - len(counts))]}
    return {"desk": {"by_interval": {**by_interval, **days}, "serves": {"phone": {"rank": 1}}}}


def test_doors_are_open_from_their_begin_and_not_at_their_end():
    log = log_of(types={"call": calls(NINE - 1, NINE, NOON - 1, NOON)}, touchpoints={"phone": phone(hours=OPEN)})
    assert [outcome for (outcome,) in told(log, "outcome")] == ["closed", "resolved", "resolved", "closed"]


def test_closed_row_ends_when_it_is_offered():
    log = log_of(types={"call": calls(60)}, touchpoints={"phone": phone(hours=OPEN)})
    assert told(log, "outcome", "begin", "end") == [("closed", None, 60)]


def test_closed_customer_comes_at_the_next_opening():
    then = {"closed": {"tomorrow": {"to": "phone", "after": "next_opening"}}}
    touchpoints = {"phone": phone(hours=OPEN, then=then)}
    # Friday noon: the next opening is on Monday.
    log = log_of(types={"call": calls(NOON)}, touchpoints=touchpoints, start="2026-01-09")
    assert told(log, "outcome", "offered") == [("closed", NOON), ("resolved", 3 * DAY + NINE)]


def test_next_opening_of_an_open_touchpoint_is_now():
    then = {"unresolved": {"again": {"to": "phone", "after": "next_opening"}}}
    touchpoints = {"phone": phone(resolves=0, hours=OPEN, then=then)}
    log = log_of(types={"call": calls(NINE)}, touchpoints=touchpoints, gives_up_after=2)
    assert told(log, "contact", "offered") == [(0, NINE), (1, NINE + 60)]


def test_serve_out_answers_those_who_wait_at_closing():
    log = log_of(types={"call": calls(NOON - 10, NOON - 5)}, touchpoints={"phone": phone(hours=OPEN)})
    assert told(log, "outcome", "begin") == [("resolved", NOON - 10), ("resolved", NOON + 50)]


def test_turn_away_sends_home_who_waits_at_closing_and_lets_talk_end():
    touchpoints = {"phone": phone(hours=OPEN, at_closing="turn_away")}
    log = log_of(types={"call": calls(NOON - 10, NOON - 5)}, touchpoints=touchpoints)
    assert told(log, "outcome", "end") == [("resolved", NOON + 50), ("closed", NOON)]


def test_nobody_waits_behind_closed_doors_when_the_last_able_agent_goes():
    groups = one_agent(hours={"all": "09:00-12:30"})
    types = {"call": calls(NOON - 10, NOON - 5, NOON - 4, talk=[1200, 1200, 60])}
    log = log_of(types=types, touchpoints={"phone": phone(hours=OPEN)}, groups=groups)
    assert told(log, "outcome", "end") == [
        ("resolved", NOON + 1190),
        ("resolved", NOON + 2390),
        ("closed", NOON + 1800),
    ]


def test_agent_who_leaves_at_closing_leaves_the_queue_closed():
    log = log_of(
        types={"call": calls(NOON - 10, NOON - 5)},
        touchpoints={"phone": phone(hours=OPEN)},
        groups=one_agent(hours=OPEN),
    )
    assert told(log, "outcome", "end") == [("resolved", NOON + 50), ("closed", NOON)]
    assert stretches(log) == [
        ("desk", 0, "available", NINE, NOON),
        ("desk", 0, "overtime", NOON, NOON + 50),
    ]


def test_deferred_work_waits_overnight_for_the_agents():
    touchpoints = {"phone": {**phone(hours=OPEN), "channel": "email", "deferred": True}}
    log = log_of(types={"call": calls(NOON - 30, NOON - 20)}, touchpoints=touchpoints, groups=one_agent(hours=OPEN))
    assert told(log, "outcome", "begin") == [("resolved", NOON - 30), ("resolved", DAY + NINE)]


def test_work_waits_over_the_weekend_beyond_the_horizon():
    touchpoints = {"phone": {**phone(), "channel": "email", "deferred": True}}
    log = log_of(types={"call": calls(NOON)}, touchpoints=touchpoints, groups=one_agent(hours=OPEN), start="2026-01-09")
    assert told(log, "begin") == [(3 * DAY + NINE,)]


def test_hours_over_midnight_do_not_close_at_midnight():
    hours = {"mon": "20:00-24:00", "tue": "00:00-04:00"}
    log = log_of(types={"call": calls(DAY - 30, DAY - 20)}, touchpoints={"phone": phone(hours=hours)}, days=2)
    assert told(log, "outcome", "begin") == [("resolved", DAY - 30), ("resolved", DAY + 30)]


def test_shift_begins_and_ends_to_the_second():
    log = log_of(types={"call": calls(10)}, groups=shifts(early=shift("00:01", "00:30")))
    assert told(log, "begin") == [(60,)]
    assert stretches(log) == [("desk", 0, "available", 60, 1800)]


def test_agent_whose_shift_ends_finishes_in_overtime_and_takes_nothing_more():
    groups = shifts(early=shift("00:00", "00:01"), late=shift("00:02", "01:00"))
    log = log_of(types={"call": calls(50, 55)}, groups=groups)
    assert told(log, "begin", "agent") == [(50, 0), (120, 1)]
    assert ("desk", 0, "overtime", 60, 110) in stretches(log)


def test_agent_wrapping_at_the_end_of_the_shift_still_takes_the_next_call():
    # Wrapped comes before presence at one instant: the contact that waits is taken, then finished in overtime.
    log = log_of(types={"call": calls(0, 5)}, groups=shifts(early=shift("00:00", "00:01")))
    assert told(log, "begin") == [(0,), (60,)]
    assert stretches(log) == [("desk", 0, "available", 0, 60), ("desk", 0, "overtime", 60, 120)]


def test_a_call_at_the_end_of_a_shift_finds_nobody():
    # Presence comes before offers at one instant.
    log = log_of(types={"call": calls(60, patience=0)}, groups=shifts(early=shift("00:00", "00:01")))
    assert told(log, "outcome", "end") == [("abandoned", 60)]


def test_agents_of_two_shifts_are_different_people():
    groups = shifts(early=shift("00:00", "01:00", agents=2), late=shift("00:30", "02:00"))
    log = log_of(types={"call": calls(0)}, groups=groups)
    assert {(agent, start, end) for _, agent, _, start, end in stretches(log)} == {
        (0, 0, 3600), (1, 0, 3600), (2, 1800, 7200),
    }  # fmt: skip


def test_when_the_level_falls_idle_agents_leave_first_highest_number_first():
    log = log_of(types={"call": calls(1790, talk=100)}, groups=levels(3, 1, 0))
    # Agent 0 talks at 1800; of 1 and 2, both idle, both go: the one who talks is the level.
    assert stretches(log) == [
        ("desk", 0, "available", 0, 3600),
        ("desk", 1, "available", 0, 1800),
        ("desk", 2, "available", 0, 1800),
    ]


def test_of_three_idle_agents_the_highest_number_leaves_first():
    log = log_of(types={"call": calls(0)}, groups=levels(3, 2, 1, 0))
    assert [(agent, end) for _, agent, _, _, end in stretches(log)] == [(0, 5400), (1, 3600), (2, 1800)]


def test_surplus_agents_finish_and_leave_as_they_wrap():
    log = log_of(types={"call": calls(1700, 1710, 1720, talk=[300, 200, 400])}, groups=levels(2, 1, 0))
    # At 1800 both talk and one must go: agent 1 wraps first (1910) and leaves; agent 0 takes the one who waits (2000).
    assert told(log, "begin", "agent") == [(1700, 0), (1710, 1), (2000, 0)]
    assert ("desk", 1, "overtime", 1800, 1910) in stretches(log)
    assert ("desk", 0, "available", 0, 3600) in stretches(log)


def test_when_the_level_rises_again_surplus_agents_stay_and_the_time_between_was_overtime():
    log = log_of(types={"call": calls(1700, 1710, talk=[4000, 4000])}, groups=levels(2, 1, 2, 0))
    assert stretches(log) == [
        ("desk", 0, "available", 0, 5400),
        ("desk", 0, "overtime", 5400, 5700),
        ("desk", 1, "available", 0, 1800),
        ("desk", 1, "available", 3600, 5400),
        ("desk", 1, "overtime", 1800, 3600),
        ("desk", 1, "overtime", 5400, 5710),
    ]


def test_absent_agents_enter_lowest_number_first_and_take_those_who_wait():
    log = log_of(types={"call": calls(100, 200)}, groups=levels(0, 2, 0))
    assert told(log, "begin", "agent") == [(1800, 0), (1800, 1)]


def test_empty_level_all_day_leaves_contacts_unfinished():
    log = log_of(types={"call": calls(100)}, groups=levels(0))
    assert told(log, "outcome") == [("unfinished",)]
    assert stretches(log) == []


def test_weekday_of_the_plan_follows_the_calendar():
    groups = levels(0, tue=[1] * 48)
    log = log_of(types={"call": calls(100)}, groups=groups, days=1)
    assert told(log, "begin") == [(DAY,)]


def test_planned_shrinkage_rounds_half_up_and_pays_for_breaks():
    # 5 scheduled, 30 % planned: 3.5 is rounded to 4 on the floor, the fifth is paid for and away.
    groups = one_agent(5, counts="scheduled", shrinkage={"planned": 0.3}, hours={"all": "09:00-12:00"})
    log = log_of(types={"call": calls(NINE)}, groups=groups)
    kinds = {(agent, kind) for _, agent, kind, *_ in stretches(log)}
    assert kinds == {(0, "available"), (1, "available"), (2, "available"), (3, "available"), (4, "break")}
    assert all((start, end) == (NINE, NOON) for *_, start, end in stretches(log))


def test_net_head_counts_are_on_the_floor_in_full():
    groups = one_agent(4, counts="net", shrinkage={"planned": 0.2, "unplanned": 0.1})
    log = log_of(types={"call": calls(0)}, groups=groups)
    # 4 / (0.8 x 0.9) = 5.6: six are paid, two of them away.
    assert [kind for _, _, kind, *_ in stretches(log)] == ["available"] * 4 + ["break"] * 2


def test_unplanned_shrinkage_is_the_share_of_agents_absent_a_day():
    groups = one_agent(20, counts="scheduled", shrinkage={"unplanned": 0.2}, hours={"all": "09:00-12:00"})
    log = log_of(types={"call": calls(0)}, groups=groups, days=50)
    absent = sum(kind == "absent" for _, _, kind, *_ in stretches(log))
    assert abs(absent - 200) < 4 * np.sqrt(1000 * 0.2 * 0.8)


def test_absent_agent_is_paid_and_serves_nobody():
    groups = one_agent(3, counts="scheduled", shrinkage={"unplanned": 0.5}, hours={"all": "09:00-12:00"})
    types = {"call": calls(*(day * DAY + NINE + 100 * k for day in range(10) for k in range(100)))}
    log = log_of(types=types, groups=groups, days=10)
    away = {(agent, int(start // DAY)) for _, agent, kind, start, _ in stretches(log) if kind == "absent"}
    worked = {(agent, int(begin // DAY)) for begin, agent in told(log, "begin", "agent") if begin is not None}
    assert away
    assert worked
    assert not away & worked
    assert log.staffing.paid.all()


def test_agent_away_the_next_day_finishes_after_midnight_and_the_others_come():
    # Around the clock, calls in hand at each midnight: each agent is there all day, or away all day but for the call.
    groups = one_agent(2, counts="scheduled", shrinkage={"unplanned": 0.5})
    types = {"call": calls(*(day * DAY - 100 + k for day in range(1, 12) for k in range(3)), talk=200)}
    log = log_of(types=types, groups=groups, days=12)
    for agent, day in itertools.product(range(2), range(12)):
        spent = dict.fromkeys(("available", "absent", "overtime"), 0.0)
        for _, who, kind, start, end in stretches(log):
            if who == agent:
                spent[kind] += max(0.0, min(end, (day + 1) * DAY) - max(start, day * DAY))
        assert sum(spent.values()) == DAY
        assert spent["available"] in (0, DAY)


@pytest.mark.parametrize("rule", ["serve_out", "turn_away"])
def test_waiting_contact_of_one_type_stays_for_the_group_that_serves_it(rule):
    touchpoints = {"phone": phone(hours=OPEN, at_closing=rule)}
    groups = {
        "early": {"agents": 1, "hours": OPEN, "serves": {"phone": {"a": {"rank": 1}}}},
        "late": {"agents": 1, "serves": {"phone": {"b": {"rank": 1}}}},
    }
    types = {"a": calls(NOON - 10, NOON - 8), "b": calls(NOON - 9, NOON - 7)}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups)
    last = [outcome for (outcome,) in told(log, "outcome")][2:]
    assert last == (["closed", "resolved"] if rule == "serve_out" else ["closed", "closed"])


def test_deferred_work_has_no_patience_even_if_a_record_gives_one():
    touchpoints = {"phone": {**phone(), "channel": "email", "deferred": True}}
    log = log_of(types={"call": calls(0, 5, patience=[None, 10])}, touchpoints=touchpoints)
    assert told(log, "outcome", "begin") == [("resolved", 0), ("resolved", 60)]
