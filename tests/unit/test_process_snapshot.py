"""A run that begins in the middle of a day: who waits, who talks, who is there, by pencil."""

import numpy as np
import pytest
from support.tiny import DAY, HOUR, calls, log_of, one_agent, phone, stretches, told

NOON = 12 * HOUR


def snapshot(waiting=(), busy=(), at="day 1 12:00"):
    """Waiting: (waited, n); busy: (agent, since)."""
    common = {"type": "call", "touchpoint": "phone"}
    return {
        "at": at,
        "waiting": {f"w{k}": {**common, "waited": waited, "n": n} for k, (waited, n) in enumerate(waiting)},
        "busy": {f"b{k}": {**common, "group": "desk", "agent": a, "since": s} for k, (a, s) in enumerate(busy)},
    }


def log_from(*, types=None, **parts):
    types = types or {"call": calls(10, NOON + 1000)}
    return log_of(types=types, **{"touchpoints": {"phone": phone()}, **parts})


def test_arrivals_before_the_begin_are_not_there():
    log = log_from(snapshot=snapshot())
    assert told(log, "offered", "begin") == [(NOON + 1000, NOON + 1000)]
    assert stretches(log) == [("desk", 0, "available", NOON, DAY)]


def test_a_call_in_hand_goes_on_and_those_who_wait_follow_in_order_of_their_wait():
    log = log_from(snapshot=snapshot(waiting=[("30 s", 1), ("50 s", 2)], busy=[(0, "20 s")]))
    assert told(log, "offered", "begin", "end") == [
        (NOON - 50, NOON + 40, NOON + 100),
        (NOON - 50, NOON + 100, NOON + 160),
        (NOON - 30, NOON + 160, NOON + 220),
        (NOON - 20, NOON - 20, NOON + 40),
        (NOON + 1000, NOON + 1000, NOON + 1060),
    ]


def test_who_waits_is_taken_at_once_by_an_agent_who_is_free():
    log = log_from(snapshot=snapshot(waiting=[("30 s", 2)]), groups=one_agent(3))
    assert told(log, "begin", "agent")[:2] == [(NOON, 0), (NOON, 1)]
    # The third has been in line since noon, longer than those who wrapped since.
    assert told(log, "agent")[2] == (2,)


def test_cases_of_the_snapshot_are_numbered_from_the_top_of_the_day():
    t = log_from(snapshot=snapshot(waiting=[("30 s", 2)], busy=[(0, "20 s")])).touchpoints
    top = (1 << 24) - 1
    assert t.case.tolist() == [top, top - 1, top - 2, 1]


def test_patience_exceeds_the_wait_so_far_and_has_the_law_of_the_rest():
    # Exponential patience has no memory: what is left is exponential again, with the mean of 10 min.
    touchpoints = {"phone": phone(patience={"law": "exponential", "mean": "10 min"})}
    log = log_from(snapshot=snapshot(waiting=[("20 min", 400)]), touchpoints=touchpoints, groups=one_agent(0))
    left = (log.touchpoints.ended - NOON)[:400]
    assert left.min() > 0
    assert abs(left.mean() - 600) < 4 * 600 / np.sqrt(400)


def test_a_wait_that_no_patience_allows_ends_at_the_begin():
    touchpoints = {"phone": phone(patience="10 min")}
    log = log_from(snapshot=snapshot(waiting=[("20 min", 1)]), touchpoints=touchpoints, groups=one_agent(0))
    assert told(log, "outcome", "end")[0] == ("abandoned", NOON)


def test_talk_of_a_call_in_hand_has_the_law_of_the_rest():
    touchpoints = {"phone": phone(talk_time={"law": "exponential", "mean": "10 min"})}
    left = []
    for seed in range(200):
        log = log_from(snapshot=snapshot(busy=[(0, "30 min")]), touchpoints=touchpoints, seed=seed)
        left.append(log.touchpoints.ended[0] - NOON)
    assert min(left) >= 0
    assert abs(np.mean(left) - 600) < 4 * 600 / np.sqrt(200)


def test_chats_in_hand_go_on_at_the_speed_of_two():
    touchpoints = {"phone": phone(concurrency=2, slowdown={2: 2})}
    log = log_from(snapshot=snapshot(busy=[(0, "50 s"), (0, "20 s")]), touchpoints=touchpoints)
    # 10 and 40 s are left: the first to 20 s past noon; 30 s are left of the other, alone: 50.
    assert told(log, "end")[:2] == [(NOON + 20,), (NOON + 50,)]


def test_who_is_there_is_who_the_plan_has_there_by_then():
    groups = {"desk": {"by_interval": {"all": [3] * 20 + [1] * 4 + [2] * 24}, "serves": {"phone": {"rank": 1}}}}
    assert stretches(log_from(snapshot=snapshot(at="day 1 11:45"), groups=groups)) == [
        ("desk", 0, "available", NOON - 900, DAY),
        ("desk", 1, "available", NOON, DAY),
    ]


def test_an_agent_on_a_break_comes_back_when_planned():
    shift = {"days": "all", "start": "08:00", "end": "16:00", "agents": 1,
             "breaks": {"lunch": {"at": "11:50", "lasts": "20 min"}}}  # fmt: skip
    groups = {"desk": {"shifts": {"early": shift}, "serves": {"phone": {"rank": 1}}}}
    log = log_from(snapshot=snapshot(waiting=[("1 min", 1)]), groups=groups)
    assert told(log, "begin")[0] == (NOON + 600,)
    assert stretches(log) == [
        ("desk", 0, "available", NOON + 600, 16 * HOUR),
        ("desk", 0, "break", NOON, NOON + 600),
    ]


def test_who_has_a_call_in_hand_after_the_shift_finishes_in_overtime():
    shift = {"days": "all", "start": "08:00", "end": "11:59", "agents": 1}
    groups = {"desk": {"shifts": {"early": shift}, "serves": {"phone": {"rank": 1}}}}
    log = log_from(snapshot=snapshot(busy=[(0, "20 s")]), groups=groups, types={"call": calls(10)})
    assert stretches(log) == [("desk", 0, "overtime", NOON, NOON + 40)]


def test_overflow_and_promise_go_on_from_the_offer():
    groups = {**one_agent(), "spare": {"agents": 1, "serves": {"phone": {"rank": 1, "after": "1 min"}}}}
    log = log_from(snapshot=snapshot(waiting=[("20 s", 1)], busy=[(0, "0 s")]), groups=groups,
                   touchpoints={"phone": phone(talk_time="10 min")})  # fmt: skip
    assert told(log, "begin")[0] == (NOON + 40,)
    mail = phone(channel="email", deferred=True, promise="10 min", chaser={"to": "line", "share": 1})
    groups = {"desk": {"agents": 0, "serves": {"phone": {"rank": 1}}}, "other": {"agents": 1, "serves": {"line": {}}}}
    log = log_from(snapshot=snapshot(waiting=[("15 min", 1)]), groups=groups,
                   touchpoints={"phone": mail, "line": phone()}, types={"call": calls(10)})  # fmt: skip
    # Promised for five minutes before noon; the second promised time passes five minutes after.
    assert told(log, "touchpoint", "offered") == [("phone", NOON - 900), ("line", NOON + 300)]


@pytest.mark.parametrize("at", ["day 1 00:00", "day 2 00:00"])
def test_a_run_may_begin_at_midnight(at):
    log = log_from(snapshot=snapshot(waiting=[("1 min", 1)], at=at), types={"call": calls(DAY + 100)}, days=2)
    begin = 0 if at == "day 1 00:00" else DAY
    assert told(log, "offered", "begin") == [(begin - 60, begin), (DAY + 100, DAY + 100)]


def test_what_comes_later_is_as_in_a_run_without_a_snapshot():
    types = {"call": {"volume": "400 per day", "enters": {"phone": 1}}}
    whole = log_of(types=types, groups=one_agent(20)).touchpoints
    late = log_from(snapshot=snapshot(), types=types, groups=one_agent(20)).touchpoints
    after = whole.take(whole.offered >= NOON)
    for column in ("case", "offered", "answered", "ended"):
        assert (getattr(late, column) == getattr(after, column)).all()
