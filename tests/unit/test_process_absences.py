"""Breaks, lateness, time unavailable, learning and further contacts, by traces small enough for a pencil."""

import math

import numpy as np
import pytest
from support.tiny import DAY, HOUR, calls, log_of, phone, stretches, told

LUNCH = {"lunch": {"at": "00:10", "lasts": "10 min"}}


def desk(*, start="00:00", end="01:00", agents=1, breaks=None, serves=None, **settings):
    """One shift."""
    shift = {"days": "all", "start": start, "end": end, "agents": agents, "breaks": LUNCH if breaks is None else breaks}
    return {"desk": {"shifts": {"early": shift}, "serves": serves or {"phone": {"rank": 1}}, **settings}}


def kept(log):
    return [(kind, start, end) for _, _, kind, start, end in stretches(log)]


# ------------------------------------------------------------------------------------------------- breaks


def test_idle_agent_goes_at_the_planned_time_and_takes_the_waiting_call_on_coming_back():
    log = log_of(types={"call": calls(700)}, groups=desk())
    assert told(log, "begin") == [(1200,)]
    assert kept(log) == [("available", 0, 600), ("available", 1200, 3600), ("break", 600, 1200)]


@pytest.mark.parametrize(("rule", "back"), [("full", 1290), ("on_time", 1200)])
def test_a_break_that_begins_late_is_full_or_ends_on_time(rule, back):
    log = log_of(types={"call": calls(590, 595, talk=100)}, groups=desk(late_breaks=rule))
    # Talk from 590 to 690; the second call waits although the agent is free then.
    assert told(log, "begin") == [(590,), (back,)]
    assert ("break", 690, back) in kept(log)


def test_a_break_whose_time_is_over_is_not_taken_on_time():
    log = log_of(types={"call": calls(590, 595, talk=700)}, groups=desk(late_breaks="on_time"))
    assert told(log, "begin") == [(590,), (1290,)]
    assert "break" not in {kind for kind, _, _ in kept(log)}


def test_a_call_that_ends_when_the_break_begins_comes_first_and_the_next_is_taken():
    # Wrapped comes before presence: at 600 the agent takes the call that waits, and owes the break until 660.
    log = log_of(types={"call": calls(540, 550)}, groups=desk())
    assert told(log, "begin") == [(540,), (600,)]
    assert ("break", 660, 1260) in kept(log)


def test_who_talks_with_one_of_two_takes_no_other_before_the_break():
    log = log_of(types={"call": calls(590, 595, talk=[30, 100])}, groups=desk(),
                 touchpoints={"phone": phone(concurrency=2)})  # fmt: skip
    assert told(log, "end") == [(620,), (695,)]
    log = log_of(types={"call": calls(590, 595, 610, talk=[30, 100, 60])}, groups=desk(),
                 touchpoints={"phone": phone(concurrency=2)})  # fmt: skip
    assert told(log, "begin") == [(590,), (595,), (1295,)]


def test_a_break_that_reaches_the_end_of_the_shift_is_cut_there():
    log = log_of(types={"call": calls(590, talk=100)}, groups=desk(end="00:20"))
    assert kept(log) == [("available", 0, 690), ("break", 690, 1200)]


def test_two_breaks_missed_are_taken_one_after_the_other():
    breaks = {"tea": {"at": "00:10", "lasts": "5 min"}, "lunch": {"at": "00:20", "lasts": "10 min"}}
    log = log_of(types={"call": calls(590, talk=1000)}, groups=desk(breaks=breaks))
    assert [row for row in kept(log) if row[0] == "break"] == [("break", 1590, 1890), ("break", 1890, 2490)]


def test_breaks_of_one_instant_begin_for_all_who_are_idle():
    log = log_of(types={"call": calls(599, 650, talk=20)}, groups=desk(agents=2))
    # Agent 0 talks to 619 and rests to 1219; agent 1 from 600 to 1200 takes the call.
    assert told(log, "begin", "agent") == [(599, 0), (1200, 1)]


def test_nobody_is_closed_out_while_the_only_agent_is_on_a_break():
    log = log_of(types={"call": calls(610)}, groups=desk(), touchpoints={"phone": phone(hours={"all": "00:00-00:12"})})
    assert told(log, "outcome", "begin") == [("resolved", 1200)]


# ------------------------------------------------------------------------------------------------- lateness


def test_who_comes_late_is_absent_until_then():
    late = {"share": 1, "by": "10 min"}
    log = log_of(types={"call": calls(0)}, groups=desk(breaks={}, lateness=late))
    assert told(log, "begin") == [(600,)]
    assert kept(log) == [("absent", 0, 600), ("available", 600, 3600)]


def test_who_would_come_after_the_end_does_not_come():
    log = log_of(types={"call": calls(0)}, groups=desk(breaks={}, lateness={"share": 1, "by": "60 min"}))
    assert told(log, "outcome") == [("unfinished",)]
    assert kept(log)[0] == ("absent", 0, 3600)


def test_a_share_of_the_shifts_begins_late_anew_each_day():
    groups = desk(breaks={}, agents=50, lateness={"share": 0.2, "by": "1 min"})
    log = log_of(types={"call": calls(0)}, groups=groups, days=20)
    s = log.staffing
    late = s.kind == 2
    assert abs(late.sum() - 200) < 4 * math.sqrt(1000 * 0.2 * 0.8)
    by_agent = np.bincount(s.agent[late], minlength=50)
    assert by_agent.min() < 4 < by_agent.max() < 15


def test_who_comes_after_the_planned_begin_of_a_break_has_none():
    log = log_of(types={"call": calls(0)}, groups=desk(lateness={"share": 1, "by": "11 min"}))
    assert kept(log) == [("absent", 0, 660), ("available", 660, 3600)]


# ---------------------------------------------------------------------------------------------- unavailable


def away(lasts="30 s", share=1):
    return {"share": share, "lasts": lasts}


def test_after_a_contact_an_agent_may_be_away_for_a_while():
    log = log_of(types={"call": calls(0, 10)}, groups=desk(breaks={}, unavailable=away()))
    assert told(log, "begin") == [(0,), (90,)]
    assert [row for row in kept(log) if row[0] == "break"] == [("break", 60, 90), ("break", 150, 180)]


def test_a_call_at_the_instant_of_coming_back_is_answered():
    log = log_of(types={"call": calls(0, 90, patience=0)}, groups=desk(breaks={}, unavailable=away()))
    assert told(log, "outcome", "begin") == [("resolved", 0), ("resolved", 90)]


def test_who_wraps_one_of_two_chats_stays():
    log = log_of(types={"call": calls(0, 0, 10, talk=[60, 100, 10])}, groups=desk(breaks={}, unavailable=away()),
                 touchpoints={"phone": phone(concurrency=2)})  # fmt: skip
    assert told(log, "begin", "end") == [(0, 60), (0, 100), (60, 70)]
    assert [row for row in kept(log) if row[0] == "break"] == [("break", 100, 130)]


def test_a_break_due_comes_before_time_away_and_going_home_before_both():
    log = log_of(types={"call": calls(590)}, groups=desk(unavailable=away()))
    assert [row for row in kept(log) if row[0] == "break"] == [("break", 650, 1250)]
    log = log_of(types={"call": calls(3590)}, groups=desk(breaks={}, unavailable=away()))
    assert kept(log) == [("available", 0, 3600), ("overtime", 3600, 3650)]


def test_whose_shift_ends_meanwhile_goes_home_on_coming_back():
    groups = desk(breaks={}, unavailable=away("10 min"))
    log = log_of(types={"call": calls(3500)}, groups=groups)
    assert kept(log) == [("available", 0, 3560), ("break", 3560, 4160)]


def test_whose_shift_ends_meanwhile_goes_at_once_where_work_is_handed_over():
    groups = desk(breaks={}, unavailable=away("10 min"), at_shift_end="hand_over")
    log = log_of(types={"call": calls(3500)}, groups=groups)
    assert kept(log) == [("available", 0, 3560), ("break", 3560, 3600)]


def test_a_break_that_begins_while_away_is_taken_on_coming_back():
    log = log_of(types={"call": calls(500)}, groups=desk(unavailable=away("2 min")))
    assert [row for row in kept(log) if row[0] == "break"] == [("break", 560, 680), ("break", 680, 1280)]


def test_an_agent_away_counts_as_busy_when_the_level_falls():
    groups = {"desk": {"by_interval": {"all": [2, 1, *[0] * 46]}, "serves": {"phone": {"rank": 1}},
                       "unavailable": away("10 min")}}  # fmt: skip
    log = log_of(types={"call": calls(1700, 1790, talk=[60, 100])}, groups=groups)
    # At 1800 agent 0 is away and agent 1 talks: who wraps or comes back first, agent 1 at 1890, is one too many.
    assert stretches(log) == [
        ("desk", 0, "available", 0, 1760),
        ("desk", 0, "available", 2360, 3600),
        ("desk", 0, "break", 1760, 2360),
        ("desk", 1, "available", 0, 1800),
        ("desk", 1, "overtime", 1800, 1890),
    ]


def test_a_share_of_the_contacts_is_followed_by_time_away():
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}, "unavailable": away(share=0.3)}}
    log = log_of(types={"call": calls(*range(0, 80_000, 100), talk=10)}, groups=groups)
    assert abs(np.sum(log.staffing.kind == 1) - 240) < 4 * math.sqrt(800 * 0.3 * 0.7)


# ----------------------------------------------------------------------------------- learning, further contacts


def test_a_new_agent_takes_longer_and_learns_by_halves():
    learning = {"handle_time": 1.5, "halves_every": "1 d"}
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}, "tenure": "0 s", "learning": learning}}
    log = log_of(types={"call": calls(0, DAY, 2 * DAY, wrap=60)}, groups=groups, days=3)
    t = log.touchpoints
    assert (t.ended - t.answered).tolist() == pytest.approx([90, 75, 67.5], rel=1e-9)
    assert (t.wrapped - t.ended).tolist() == pytest.approx([90, 75, 67.5], rel=1e-9)
    assert log.agents.hired.tolist() == [0]


def test_tenure_is_time_already_learnt():
    learning = {"handle_time": 1.5, "halves_every": "1 d"}
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}, "tenure": "2 d", "learning": learning}}
    log = log_of(types={"call": calls(0)}, groups=groups)
    assert log.touchpoints.ended.tolist() == pytest.approx([67.5], rel=1e-9)
    assert log.agents.hired.tolist() == [-2 * DAY]


def test_hired_long_ago_unless_said():
    assert log_of(types={"call": calls(0)}).agents.hired.tolist() == [-math.inf]


def odds(log):
    share = np.mean(log.touchpoints.truly_resolved)
    return math.log(share / (1 - share)), 1 / math.sqrt(len(log.touchpoints) * share * (1 - share))


def test_a_new_agent_resolves_less():
    learning = {"resolution": -1.0, "halves_every": "1000 d"}
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}, "tenure": "0 s", "learning": learning}}
    types = {"call": calls(*range(0, 80_000, 40), talk=10)}
    found, error = odds(log_of(types=types, groups=groups, touchpoints={"phone": phone(resolves=0.6)}))
    assert abs(found - (math.log(0.6 / 0.4) - 1.0)) < 4 * error + 0.001


def test_further_contacts_of_a_case_take_longer_and_resolve_less():
    then = {"unresolved": {"again": {"to": "phone", "after": "1 min"}}}
    touchpoints = {"phone": phone(resolves=0.5, then=then, again={"handle_time": 1.5, "resolution": -1.0})}
    groups = {"desk": {"agents": 20, "serves": {"phone": {"rank": 1}}}}
    touchpoints["phone"]["after_call_work"] = "20 s"
    types = {"call": {"arrivals": {"at": list(range(0, 80_000, 40))}, "enters": {"phone": 1}}}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups, gives_up_after=2)
    t = log.touchpoints
    again = t.contact == 1
    assert set((t.ended - t.answered)[~again].round(6)) == {60}
    assert set((t.ended - t.answered)[again].round(6)) == {90}
    assert set((t.wrapped - t.ended)[again].round(6)) == {30}
    share = np.mean(t.truly_resolved[again])
    expected = 1 / (1 + math.e)
    assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / again.sum())


def test_the_first_contact_of_a_new_agent_is_no_further_one():
    learning = {"handle_time": 1.5, "halves_every": "1000 d"}
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}, "tenure": "0 s", "learning": learning}}
    touchpoints = {
        "phone": phone(resolves=0, again={"handle_time": 2}, then={"unresolved": {"again": {"to": "phone"}}})
    }
    log = log_of(types={"call": calls(0)}, touchpoints=touchpoints, groups=groups, gives_up_after=2)
    # 60 s take a new agent 90, and 180 when the case comes again.
    assert (log.touchpoints.ended - log.touchpoints.answered).tolist() == pytest.approx([90, 180], rel=1e-4)


def test_whoever_is_kept_by_a_shift_that_follows_asks_at_once():
    # One shift ends at 60 with a chat in hand, the same person's next day begins: no second shift, one agent each.
    shifts = {"early": {"days": "all", "start": "00:00", "end": "00:01", "agents": 1}}
    groups = {"desk": {"shifts": shifts, "serves": {"phone": {"rank": 1}}}}
    touchpoints = {"phone": phone(concurrency=2)}
    types = {"call": calls(50, 100, talk=[DAY + 100, 60])}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups, days=2)
    # Still busy when the next day's shift begins at midnight, with capacity for the one who waits.
    assert told(log, "begin", "end") == [(50, DAY + 150), (DAY, DAY + 60)]
    assert kept(log) == [
        ("available", 0, 60), ("available", DAY, DAY + 60), ("overtime", 60, DAY), ("overtime", DAY + 60, DAY + 150),
    ]  # fmt: skip


def test_time_away_spans_hours_without_contacts():
    log = log_of(types={"call": calls(0, 2 * HOUR)}, groups={"desk": {"agents": 1, "serves": {"phone": {"rank": 1}},
                                                                      "unavailable": away("3 h")}})  # fmt: skip
    assert told(log, "begin") == [(0,), (3 * HOUR + 60,)]
