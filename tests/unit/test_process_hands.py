"""Contacts in hand, by pencil: several at once, ringing, warm transfers, work laid aside, handed over, dropped."""

import pytest
from support.tiny import DAY, HOUR, calls, log_of, one_agent, phone, stretches, told


def chat(most=2, **settings):
    return phone(concurrency=most, **settings)


def column(log, name):
    return getattr(log.touchpoints, name).tolist()


def shifts(*spans, serves=None, **settings):
    """One agent a shift, from and to the stated seconds after midnight."""

    def clock(time):
        seconds = int(time)
        return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"

    plan = {f"s{k}": {"days": "all", "start": clock(a), "end": clock(b), "agents": 1} for k, (a, b) in enumerate(spans)}
    return {"desk": {"shifts": plan, "serves": serves or {"phone": {"rank": 1}}, **settings}}


# ------------------------------------------------------------------------------------------ several at once


def test_an_agent_takes_as_many_chats_as_fit():
    log = log_of(types={"call": calls(0, 0, 0)}, touchpoints={"phone": chat()})
    assert told(log, "begin", "end") == [(0, 60), (0, 60), (60, 120)]


def test_three_thirds_are_one_agent():
    log = log_of(types={"call": calls(0, 0, 0, 0)}, touchpoints={"phone": chat(3)})
    assert told(log, "begin") == [(0,), (0,), (0,), (60,)]


def test_work_left_is_kept_when_the_number_in_hand_changes():
    # Alone until 20 with 40 left; both at half speed until the second ends at 40; 30 left: 70.
    log = log_of(types={"call": calls(0, 20, talk=[60, 10])}, touchpoints={"phone": chat(slowdown={2: 2})})
    assert told(log, "begin", "end") == [(0, 70), (20, 40)]


def test_after_call_work_slows_talk_down_and_is_slowed_itself():
    # From 70 both at half speed: the second talks to 90; 20 of 40 s of after-call work are then left, alone: 110.
    types = {"call": calls(0, 70, talk=[60, 10], wrap=[40, 0])}
    log = log_of(types=types, touchpoints={"phone": chat(slowdown={2: 2})})
    assert told(log, "end") == [(60,), (90,)]
    assert column(log, "wrapped") == [110, 90]


def test_slowdown_left_out_is_that_of_the_number_below():
    # Three at 0: each at a factor 2 (given for 2, left out for 3): 120.
    log = log_of(types={"call": calls(0, 0, 0)}, touchpoints={"phone": chat(3, slowdown={2: 2})})
    assert told(log, "end") == [(120,), (120,), (120,)]


def test_a_chat_that_ends_alone_is_as_one_without_concurrency():
    log = log_of(types={"call": calls(0, 100)}, touchpoints={"phone": chat(slowdown={2: 3})})
    assert told(log, "end") == [(60,), (160,)]


def two_chats(mixes, **types):
    touchpoints = {"phone": chat(), "message": chat(), "voice": phone()}
    serves = {name: {"rank": 1} for name in touchpoints}
    groups = {"desk": {"agents": 1, "serves": serves, "mixes": mixes}}
    return told(log_of(types=types, touchpoints=touchpoints, groups=groups), "begin")[1:]


def test_other_work_is_mixed_only_as_stated():
    first, same, other = calls(0), calls(1), calls(1, enters="message")
    assert [two_chats(mixes, a=first, b=same) for mixes in ("none", "touchpoint", "all")] == [[(60,)], [(1,)], [(1,)]]
    assert [two_chats(mixes, a=first, b=other) for mixes in ("none", "touchpoint", "all")] == [[(60,)], [(60,)], [(1,)]]


def test_a_whole_agent_is_not_there_for_a_call_beside_a_chat():
    assert two_chats("all", a=calls(0), b=calls(1, enters="voice")) == [(60,)]


def test_who_has_capacity_left_stands_at_the_end_of_the_line():
    # Agent 0 takes the first and goes behind agent 1, agent 1 behind agent 0.
    log = log_of(types={"call": calls(0, 1, 2, 3)}, touchpoints={"phone": chat()}, groups=one_agent(2))
    assert [agent for (agent,) in told(log, "agent")] == [0, 1, 0, 1]


def test_a_shift_that_ends_takes_no_further_chat_and_ends_with_the_last_one():
    groups = shifts((0, 60), (120, HOUR))
    types = {"call": calls(10, 20, 70, talk=[100, 60, 60])}
    log = log_of(types=types, touchpoints={"phone": chat()}, groups={**groups})
    assert told(log, "begin", "end", "agent") == [(10, 110, 0), (20, 80, 0), (120, 180, 1)]
    assert ("desk", 0, "overtime", 60, 110) in stretches(log)


def test_when_the_level_falls_one_of_several_chats_marks_who_leaves():
    by_interval = {"all": [2, 1, *[1] * 46]}
    groups = {"desk": {"by_interval": by_interval, "serves": {"phone": {"rank": 1}}}}
    # At 1800 both are busy. Agent 0 wraps one of two at 1810 and is the one too many: nothing more, home at 1900.
    types = {"call": calls(1700, 1705, 1710, 1715, 1790, talk=[110, 300, 190, 295, 60])}
    log = log_of(types=types, touchpoints={"phone": chat()}, groups=groups)
    assert told(log, "begin", "agent") == [(1700, 0), (1705, 1), (1710, 0), (1715, 1), (2005, 1)]
    assert ("desk", 0, "available", 0, 1800) in stretches(log)
    assert ("desk", 0, "overtime", 1800, 1900) in stretches(log)


# ----------------------------------------------------------------------------------------------- ring time


def test_ringing_counts_as_wait():
    log = log_of(types={"call": calls(0, 10)}, touchpoints={"phone": phone(ring_time="5 s")})
    assert told(log, "offered", "begin", "end") == [(0, 5, 65), (10, 70, 130)]


def test_customer_lost_in_ring_frees_the_agent_for_the_next():
    log = log_of(types={"call": calls(0, 1, patience=[3, None])}, touchpoints={"phone": phone(ring_time="5 s")})
    assert told(log, "outcome", "begin", "end", "agent") == [("abandoned", None, 3, None), ("resolved", 8, 68, 0)]


def test_answer_at_the_last_instant_of_patience():
    log = log_of(types={"call": calls(0, patience=5)}, touchpoints={"phone": phone(ring_time="5 s")})
    assert told(log, "outcome", "begin") == [("resolved", 5)]


def test_agent_who_rings_is_not_idle():
    log = log_of(types={"call": calls(0, 2)}, touchpoints={"phone": phone(ring_time="5 s")}, groups=one_agent(2))
    assert told(log, "begin", "agent") == [(5, 0), (7, 1)]


# ------------------------------------------------------------------------------------------- warm transfers


def passing_on(kind, **second):
    then = {"unresolved": {"up": {"to": "second", "transfer": kind}}}
    return {"phone": phone(resolves=0, then=then), "second": phone(**second)}


LINES = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}},
         "experts": {"agents": 1, "serves": {"second": {"rank": 1}}}}  # fmt: skip


@pytest.mark.parametrize(("kind", "wrapped", "next_call"), [("cold", 70, 70), ("warm", 110, 110)])
def test_a_warm_transfer_keeps_the_first_agent_until_the_second_answers(kind, wrapped, next_call):
    types = {"direct": calls(0, enters="second", talk=100), "call": calls(0, 61, wrap=10)}
    log = log_of(types=types, touchpoints=passing_on(kind), groups=LINES)
    rows = told(log, "touchpoint", "offered", "begin")
    assert ("phone", 61, next_call) in rows
    assert ("second", 60, 100) in rows
    assert column(log, "wrapped")[rows.index(("phone", 0, 0))] == wrapped


def test_a_warm_transfer_answered_at_once_keeps_nobody():
    log = log_of(types={"call": calls(0, wrap=10)}, touchpoints=passing_on("warm"), groups=LINES)
    assert told(log, "begin", "end") == [(0, 60), (60, 120)]
    assert column(log, "wrapped") == [70, 120]
    assert column(log, "transfer_kind") == [2, 0]
    assert column(log, "reinfo") == [False, False]


def test_the_first_agent_is_released_when_the_customer_leaves():
    types = {"direct": calls(0, enters="second", talk=500), "call": calls(0, wrap=10)}
    log = log_of(types=types, touchpoints=passing_on("warm", patience="20 s"), groups=LINES)
    assert told(log, "outcome", "end")[2] == ("abandoned", 80)
    assert column(log, "wrapped")[1] == 90


def test_the_first_agent_is_released_at_closed_doors_and_at_taken_lines():
    closed = log_of(types={"call": calls(0, wrap=10)}, groups=LINES,
                    touchpoints=passing_on("warm", hours={"all": "09:00-12:00"}))  # fmt: skip
    assert told(closed, "outcome") == [("unresolved",), ("closed",)]
    assert column(closed, "wrapped")[0] == 70
    types = {"direct": calls(0, enters="second", talk=500), "call": calls(0, wrap=10)}
    blocked = log_of(types=types, touchpoints=passing_on("warm", lines=1), groups=LINES)
    assert told(blocked, "outcome")[2] == ("blocked",)
    assert column(blocked, "wrapped")[1] == 70


def test_the_first_agent_stays_while_the_second_rings():
    log = log_of(types={"call": calls(0, wrap=10)}, touchpoints=passing_on("warm", ring_time="7 s"), groups=LINES)
    assert column(log, "answered") == [0, 67]
    assert column(log, "wrapped") == [77, 127]


def test_an_agent_held_counts_in_hand_and_does_not_slow_down_himself():
    # The held chat slows the other one (two in hand) from 60 to 100; its own after-call work starts at 100.
    then = {"unresolved": {"up": {"to": "second", "transfer": "warm"}}}
    touchpoints = {"phone": chat(slowdown={2: 2}, resolves=0, then=then), "second": phone()}
    types = {
        "direct": calls(0, enters="second", talk=100),
        "call": calls(0, talk=60, wrap=10),
        "last": calls(70, talk=20),
    }
    log = log_of(types=types, touchpoints=touchpoints, groups=LINES)
    rows = {visit[:2]: visit[2:] for visit in told(log, "touchpoint", "offered", "begin", "end")}
    # 20 s of work at half speed: 110. The other wraps 10 s at half speed: 110 too less 5 done alone.
    assert rows["phone", 70] == (70, 110)
    assert rows["second", 60] == (100, 160)
    first = told(log, "touchpoint", "offered").index(("phone", 0))
    # At 110 the second chat is passed on and held: still two in hand; 5 of 10 s are left: 120.
    assert column(log, "wrapped")[first] == 120


# ------------------------------------------------------------------------------------ work laid aside, and resumed


def mail(**settings):
    return phone(**{"channel": "email", "deferred": True, "interruptible": True, **settings})


DESK = {"phone": phone(), "mail": mail()}
BOTH = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}, "mail": {"rank": 2}}}}


def test_a_ticket_is_laid_aside_for_a_call_and_resumed_with_its_work_left():
    types = {"ticket": calls(0, enters="mail", talk=100), "call": calls(30, talk=60)}
    log = log_of(types=types, touchpoints=DESK, groups=BOTH)
    assert told(log, "begin", "end") == [(0, 160), (30, 90)]
    assert column(log, "paused") == [60, 0]


def test_a_ticket_whose_customer_has_his_answer_is_wrapped_up_later():
    types = {"ticket": calls(0, enters="mail", talk=20, wrap=50), "call": calls(30, talk=60)}
    log = log_of(types=types, touchpoints=DESK, groups=BOTH)
    assert told(log, "outcome", "begin", "end") == [("resolved", 0, 20), ("resolved", 30, 90)]
    assert column(log, "wrapped") == [130, 90]
    assert column(log, "paused") == [60, 0]


def test_a_ticket_is_not_laid_aside_for_what_comes_later_or_equal():
    types = {"ticket": calls(0, enters="mail", talk=100), "call": calls(30, talk=60)}
    equal = {"desk": {"agents": 1, "serves": {"phone": {"rank": 2}, "mail": {"rank": 2}}}}
    assert told(log_of(types=types, touchpoints=DESK, groups=equal), "begin") == [(0,), (100,)]


def test_a_ticket_stays_where_it_is_if_somebody_else_is_free():
    types = {"ticket": calls(0, enters="mail", talk=100), "call": calls(30, talk=60)}
    groups = {"desk": {**BOTH["desk"], "agents": 2}}
    log = log_of(types=types, touchpoints=DESK, groups=groups)
    assert told(log, "begin", "end", "agent") == [(0, 100, 0), (30, 90, 1)]


def test_the_ticket_taken_first_is_laid_aside_first():
    types = {"ticket": calls(0, 5, enters="mail", talk=100), "call": calls(10, 11, talk=60)}
    groups = {"desk": {**BOTH["desk"], "agents": 2}}
    log = log_of(types=types, touchpoints=DESK, groups=groups)
    # Put back at 10 and at 11; taken up in that order at 70 and 71.
    assert told(log, "begin", "end", "agent") == [(0, 160, 0), (5, 165, 1), (10, 70, 0), (11, 71, 1)]


def test_another_agent_resumes_at_his_own_speed():
    types = {"ticket": calls(0, enters="mail", talk=100), "call": calls(30, talk=60)}
    slow = shifts((60, HOUR), serves={"mail": {"rank": 1, "handle_time": 2}})["desk"]
    log = log_of(types=types, touchpoints=DESK, groups={**BOTH, "slow": slow})
    # 70 s are left for an average agent, 140 for this one, who comes at 60.
    assert told(log, "begin", "end") == [(0, 200), (30, 90)]
    assert column(log, "paused") == [30, 0]
    assert column(log, "agent_group") == [1, 0]


def test_work_laid_aside_goes_at_once_to_who_is_idle_and_serves_only_that():
    types = {"ticket": calls(0, enters="mail", talk=100), "call": calls(30, talk=60)}
    back = {"agents": 1, "serves": {"mail": {"rank": 2, "chosen": 9}}}
    log = log_of(types=types, touchpoints=DESK, groups={**BOTH, "back": back})
    assert told(log, "begin", "end") == [(0, 100), (30, 90)]
    assert column(log, "paused") == [0, 0]
    assert column(log, "agent_group") == [1, 0]


def test_hold_of_a_paused_ticket_lies_within_its_talk():
    types = {"ticket": calls(0, enters="mail", talk=100), "call": calls(30, talk=60)}
    touchpoints = {"phone": phone(), "mail": mail(hold=0.4)}
    whole = log_of(types={"ticket": types["ticket"]}, touchpoints=touchpoints, groups=BOTH).touchpoints.held[0]
    log = log_of(types=types, touchpoints=touchpoints, groups=BOTH)
    assert log.touchpoints.held[0] == pytest.approx(whole, rel=1e-12)


# ------------------------------------------------------------------------------- handed over, or dropped, at the end


def test_a_call_is_handed_over_with_its_work_left():
    groups = shifts((0, 60), (120, HOUR), at_shift_end="hand_over")
    log = log_of(types={"call": calls(50)}, groups=groups)
    assert told(log, "begin", "end", "agent") == [(50, 170, 1)]
    assert column(log, "paused") == [60]
    assert [row for row in stretches(log) if row[1] == 0] == [("desk", 0, "available", 0, 60)]


def test_a_call_handed_over_goes_before_those_who_wait():
    groups = shifts((0, 60), (60, HOUR), at_shift_end="hand_over")
    log = log_of(types={"call": calls(40, 45)}, groups=groups)
    # Handed over at 60 with 40 s left, taken by who comes at that instant; the other waits.
    assert told(log, "begin", "end", "agent") == [(40, 100, 1), (100, 160, 1)]


def test_a_call_handed_over_has_no_patience_any_more_and_no_doors():
    groups = shifts((0, 60), (120, HOUR), at_shift_end="hand_over")
    hours = {"all": "00:00-00:01"}
    log = log_of(types={"call": calls(50, patience=20)}, touchpoints={"phone": phone(hours=hours)}, groups=groups)
    assert told(log, "outcome", "end") == [("resolved", 170)]


def test_a_call_is_dropped_and_the_customer_calls_again():
    groups = shifts((0, 60), (120, HOUR), at_shift_end="drop")
    then = {"unresolved": {"again": {"to": "phone", "after": "20 s"}}}
    log = log_of(types={"call": calls(50)}, touchpoints={"phone": phone(then=then)}, groups=groups)
    assert told(log, "contact", "outcome", "offered", "begin", "end") == [
        (0, "unresolved", 50, 50, 60),
        (1, "resolved", 80, 120, 180),
    ]
    assert column(log, "wrapped") == [60, 180]
    assert column(log, "truly_resolved") == [False, True]


@pytest.mark.parametrize("rule", ["hand_over", "drop"])
def test_after_call_work_is_cut_short(rule):
    log = log_of(types={"call": calls(0, talk=50, wrap=100)}, groups=shifts((0, 60), (120, HOUR), at_shift_end=rule))
    assert column(log, "wrapped") == [60]
    assert column(log, "paused") == [0]


def test_a_ringing_call_is_rung_for_anew():
    groups = shifts((0, 60), (120, HOUR), at_shift_end="hand_over")
    touchpoints = {"phone": phone(ring_time="10 s")}
    log = log_of(types={"call": calls(55, patience=80)}, touchpoints=touchpoints, groups=groups)
    assert told(log, "begin", "end", "agent") == [(130, 190, 1)]
    log = log_of(types={"call": calls(55, patience=70)}, touchpoints=touchpoints, groups=groups)
    assert told(log, "outcome", "end") == [("abandoned", 125)]


def test_when_the_level_falls_the_highest_number_leaves_at_once():
    groups = {"desk": {"by_interval": {"all": [2, *[1] * 47]}, "serves": {"phone": {"rank": 1}},
                       "at_shift_end": "hand_over"}}  # fmt: skip
    log = log_of(types={"call": calls(1700, 1710, talk=[200, 290])}, groups=groups)
    # Agent 1 leaves at 1800 with 200 s left; agent 0 wraps at 1900 and takes them up.
    assert told(log, "begin", "end", "agent") == [(1700, 1900, 0), (1710, 2100, 0)]
    assert column(log, "paused") == [0, 100]
    assert ("desk", 1, "available", 0, 1800) in stretches(log)


def test_who_holds_on_for_a_colleague_goes_home_at_the_end():
    # The expert answers at 100; the shift of the first agent ends at 80, which cuts the call's after-call work.
    desk = shifts((0, 80), at_shift_end="hand_over")
    types = {"direct": calls(0, enters="second", talk=100), "call": calls(0, wrap=10)}
    log = log_of(types=types, touchpoints=passing_on("warm"), groups={**desk, "experts": LINES["experts"]})
    assert told(log, "begin")[2] == (100,)
    assert column(log, "wrapped")[1] == 80


def test_two_chats_are_handed_over_in_the_order_in_which_they_were_taken():
    groups = shifts((0, 60), (120, HOUR), at_shift_end="hand_over")
    log = log_of(types={"call": calls(40, 50)},
                 touchpoints={"phone": chat(slowdown={2: 2})}, groups=groups)  # fmt: skip
    # 40 to 50 alone, then both at half speed: 45 and 55 s left at 60; both again from 120: the first ends at 210,
    # the other, with 10 s left, at 220.
    assert told(log, "begin", "end", "agent") == [(40, 210, 1), (50, 220, 1)]
    assert column(log, "paused") == [60, 60]


def test_work_handed_over_from_week_to_week_is_done_at_last():
    groups = shifts((0, 60), at_shift_end="hand_over")
    groups["desk"]["shifts"]["s0"]["days"] = "mon"
    log = log_of(types={"call": calls(50, talk=130)}, groups=groups)
    # 10 s, 60 s and 60 s on three Mondays; talk ends before the shift does, at the same instant.
    assert told(log, "outcome", "begin", "end") == [("resolved", 50, 14 * DAY + 60)]
    assert column(log, "paused") == [14 * DAY + 60 - 50 - 130]
