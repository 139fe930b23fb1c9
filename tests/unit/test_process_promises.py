"""What customers are told and what they do then: announced waits, balking, callbacks, promises and chasers."""

import math

import numpy as np
import pytest
from support.tiny import DAY, HOUR, calls, log_of, one_agent, phone, told


def column(log, name):
    return getattr(log.touchpoints, name).tolist()


def announcing(**announcement):
    """A phone that tells the wait; half a minute of talk and as much after it, as far as the announcement knows."""
    return phone(talk_time="30 s", after_call_work="30 s", announcement=announcement)


def calling_back(**settings):
    """A callback that everybody accepts who would have to wait."""
    return announcing(callback={**{"from": "0 s", "share": 1}, **settings})


# ----------------------------------------------------------------------------------------- announcements


def test_announced_wait_is_people_ahead_times_handle_time_over_agents():
    log = log_of(types={"call": calls(0, 1, 2, 3, 4)}, touchpoints={"phone": announcing()}, groups=one_agent(2))
    # Two talk, so two wait before the last but one: 0, 0, 0, 60 x 1 / 2, 60 x 2 / 2.
    assert column(log, "announced_wait") == [0, 0, 0, 30, 60]


def test_only_those_count_as_ahead_whom_agents_of_this_work_serve_first():
    serves = {"phone": {"high": {"rank": 1}, "low": {"rank": 2}}}
    types = {"low": calls(0, 1, 2, 5), "high": calls(3, 4)}
    log = log_of(types=types, touchpoints={"phone": announcing()}, groups={"desk": {"agents": 1, "serves": serves}})
    # For the high none is ahead, then one; for the low all who wait.
    waits = dict(zip(column(log, "offered"), column(log, "announced_wait"), strict=True))
    assert waits == {0: 0, 1: 0, 2: 60, 3: 0, 4: 60, 5: 240}


def test_nothing_is_announced_with_nobody_there_and_nobody_balks():
    touchpoints = {"phone": announcing(balks={"0 s": 1}, callback={"from": "0 s", "share": 1})}
    log = log_of(types={"call": calls(0)}, touchpoints=touchpoints, groups=one_agent(hours={"all": "01:00-02:00"}))
    assert np.isnan(column(log, "announced_wait")).all()
    assert np.isnan(column(log, "callback")).all()
    assert told(log, "outcome", "begin") == [("resolved", HOUR)]


def test_nothing_is_announced_at_closed_doors_and_taken_lines():
    touchpoints = {"phone": {**announcing(), "hours": {"all": "00:00-01:00"}, "lines": 1}}
    log = log_of(types={"call": calls(0, 1, HOUR)}, touchpoints=touchpoints)
    assert told(log, "outcome") == [("resolved",), ("blocked",), ("closed",)]
    assert [math.isnan(wait) for wait in column(log, "announced_wait")] == [False, True, True]


def test_customers_balk_from_the_stated_wait_on():
    touchpoints = {"phone": announcing(balks={"1 min": 1})}
    log = log_of(types={"call": calls(0, 1, 2, 3)}, touchpoints=touchpoints)
    # The third and the fourth would have one person ahead: exactly a minute.
    assert told(log, "outcome", "end") == [("resolved", 60), ("resolved", 120), ("balked", 2), ("balked", 3)]
    assert column(log, "announced_wait") == [0, 0, 60, 60]


def test_balking_takes_its_exits():
    touchpoints = {
        "phone": {**announcing(balks={"1 min": 1}), "then": {"balked": {"later": {"to": "phone", "after": "1 h"}}}}
    }
    log = log_of(types={"call": calls(0, 1, 2)}, touchpoints=touchpoints)
    assert told(log, "contact", "outcome", "offered")[2:] == [(0, "balked", 2), (1, "resolved", 3602)]


def test_a_share_of_the_customers_balks():
    touchpoints = {"phone": announcing(balks={"0 s": "30%", "1 min": "90%"})}
    log = log_of(types={"call": calls(*range(0, 100_000, 100), talk=10)}, touchpoints=touchpoints, days=2)
    assert abs(np.mean(log.touchpoints.outcome == 5) - 0.3) < 4 * math.sqrt(0.3 * 0.7 / 1000)


# --------------------------------------------------------------------------------------------- callbacks


def test_a_callback_keeps_the_place_and_loses_no_patience():
    log = log_of(types={"call": calls(0, 10, 20, talk=[100, 60, 60], patience=[None, 5, None])},
                 touchpoints={"phone": calling_back()})  # fmt: skip
    assert told(log, "outcome", "begin", "end") == [
        ("resolved", 0, 100),
        ("resolved", 100, 160),
        ("resolved", 160, 220),
    ]
    assert [at if at == at else None for at in column(log, "callback")] == [None, 10, 20]


def test_a_callback_keeps_its_place_before_those_on_the_line():
    """Half of the customers hang up: nothing is seen of it in the order in which they are served."""
    log = log_of(types={"call": calls(*range(40))}, touchpoints={"phone": calling_back(share=0.5)})
    hung_up = np.isfinite(log.touchpoints.callback)
    assert 10 < hung_up.sum() < 30
    assert column(log, "answered") == [60 * turn for turn in range(40)]


def test_a_callback_is_offered_from_the_stated_wait_on():
    log = log_of(types={"call": calls(0, 1, 2)}, touchpoints={"phone": calling_back(**{"from": "1 min"})})
    assert [math.isnan(at) for at in column(log, "callback")] == [True, True, False]


def test_who_leaves_unless_served_at_once_wants_no_callback():
    log = log_of(types={"call": calls(0, 10, patience=[None, 0])}, touchpoints={"phone": calling_back()})
    assert told(log, "outcome", "end") == [("resolved", 60), ("abandoned", 10)]


def test_a_callback_gives_its_line_back():
    # Two lines: one talks, the second hangs up and waits to be called; the third finds a line, and the fourth too.
    log = log_of(types={"call": calls(0, 1, 2, 3)}, touchpoints={"phone": {**calling_back(), "lines": 2}})
    assert told(log, "outcome") == [("resolved",)] * 4
    refused = log_of(types={"call": calls(0, 1, 2, 3)}, touchpoints={"phone": {**announcing(), "lines": 2}})
    assert told(refused, "outcome")[2:] == [("blocked",)] * 2


def test_who_does_not_answer_the_callback_is_lost_and_the_next_is_called_at_once():
    touchpoints = {
        "phone": {**calling_back(answers=0), "then": {"abandoned": {"again": {"to": "phone", "after": "1 h"}}}}
    }
    log = log_of(types={"call": calls(0, 10, 20, talk=[100, 60, 60])}, touchpoints=touchpoints)
    assert told(log, "contact", "outcome", "offered", "end") == [
        (0, "resolved", 0, 100),
        (0, "abandoned", 10, 100),
        (0, "abandoned", 20, 100),
        (1, "resolved", 3700, 3730),
        # Called at the same instant, this one waits again, and is called back in vain.
        (1, "abandoned", 3700, 3760),
        (2, "resolved", 7360, 7390),
    ]
    assert column(log, "agent") == [0, -1, -1, 0, -1, 0]


def test_the_queue_goes_on_past_a_callback_in_vain():
    touchpoints = {"phone": {**calling_back(answers=0)}}
    # The last has no patience and waits on the line... for ten seconds: called for at 60 after two callbacks in vain.
    log = log_of(types={"call": calls(0, 10, 50, patience=[None, None, 0])}, touchpoints=touchpoints)
    assert told(log, "outcome", "end") == [("resolved", 60), ("abandoned", 60), ("abandoned", 50)]


def test_a_callback_rings_nobody():
    touchpoints = {"phone": {**calling_back(), "ring_time": "5 s"}}
    log = log_of(types={"call": calls(0, 10)}, touchpoints=touchpoints)
    assert told(log, "begin", "end") == [(5, 65), (65, 125)]


def test_a_callback_taken_by_overflow_in_vain_leaves_the_agent_in_line():
    groups = {"own": {"agents": 1, "serves": {"phone": {"rank": 1}}},
              "spare": {"agents": 1, "serves": {"phone": {"rank": 1, "chosen": 2, "after": "20 s"}}}}  # fmt: skip
    log = log_of(types={"call": calls(0, 10, 15, talk=[500, 60, 60])}, groups=groups,
                 touchpoints={"phone": calling_back(answers=0)})  # fmt: skip
    assert told(log, "outcome", "end") == [("resolved", 500), ("abandoned", 30), ("abandoned", 35)]


def test_the_agent_of_a_warm_transfer_is_released_by_a_callback():
    then = {"unresolved": {"up": {"to": "second", "transfer": "warm"}}}
    touchpoints = {"phone": phone(resolves=0, then=then), "second": calling_back()}
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}},
              "experts": {"agents": 1, "serves": {"second": {"rank": 1}}}}  # fmt: skip
    types = {"direct": calls(0, enters="second", talk=500), "call": calls(0, wrap=10)}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups)
    assert column(log, "callback")[2] == 60
    assert column(log, "wrapped")[1] == 70


# ---------------------------------------------------------------------------------------- promises and chasers


def mail(**settings):
    return phone(**{"channel": "email", "deferred": True, **settings})


def chased(share, hours="02:00-03:00", **settings):
    """Tickets promised within ten minutes; agents for tickets come at two, one for the phone is always there."""
    touchpoints = {
        "mail": mail(promise="10 min", chaser={"to": "phone", "share": share}, **settings),
        "phone": phone(resolves=1),
    }
    groups = {"back": {"agents": 1, "hours": {"all": hours}, "serves": {"mail": {"rank": 1}}},
              "desk": {"agents": 1, "serves": {"phone": {"rank": 1}}}}  # fmt: skip
    return {"touchpoints": touchpoints, "groups": groups}


def test_a_promise_is_written_for_every_ticket():
    log = log_of(types={"ticket": calls(5, enters="mail")}, **chased(0))
    assert column(log, "promise") == [605]


def test_a_chaser_asks_when_the_promised_time_has_passed_and_only_once():
    log = log_of(types={"ticket": calls(0, enters="mail")}, **chased(1))
    assert told(log, "contact", "touchpoint", "outcome", "offered", "begin") == [
        (0, "mail", "resolved", 0, 2 * HOUR),
        (1, "phone", "unresolved", 600, 600),
    ]
    assert column(log, "chaser") == [False, True]
    assert column(log, "truly_resolved") == [True, False]
    assert column(log, "reinfo") == [False, True]


def test_no_chaser_where_the_answer_comes_in_time_or_at_the_instant():
    log = log_of(types={"ticket": calls(2 * HOUR - 600, enters="mail")}, **chased(1))
    assert told(log, "touchpoint", "begin") == [("mail", 2 * HOUR)]


def test_each_promised_time_that_passes_is_another_chance_to_ask():
    # One in four asks each ten minutes; of 400 tickets of midnight twelve chances make nearly all ask.
    types = {"ticket": {**calls(*[0] * 400, enters="mail", talk=1)}}
    log = log_of(types=types, **chased(0.25))
    t = log.touchpoints
    at = t.offered[t.chaser]
    assert set(at / 600) <= set(range(1, 13))
    counts = np.bincount((at / 600).astype(int), minlength=13)[1:]
    left = 400 - np.concatenate([[0], np.cumsum(counts)[:-1]])
    # Each time a quarter of those who have not asked yet.
    for asked, asking in zip(counts[:5], left[:5], strict=True):
        assert abs(asked - 0.25 * asking) < 4 * math.sqrt(0.25 * 0.75 * asking)


def test_a_chaser_takes_the_next_number_of_its_case_and_no_exits():
    settings = chased(1, resolves=0, then={"unresolved": {"again": {"to": "phone", "after": "1 min"}}})
    settings["touchpoints"]["phone"]["then"] = {"unresolved": {"back": {"to": "mail"}}}
    log = log_of(types={"ticket": calls(0, enters="mail")}, **settings)
    assert told(log, "contact", "touchpoint", "offered") == [
        (0, "mail", 0), (1, "phone", 600), (2, "phone", 2 * HOUR + 120),
    ]  # fmt: skip
    assert column(log, "chaser") == [False, True, False]


def test_a_case_that_has_had_its_contacts_sends_no_chaser():
    log = log_of(types={"ticket": calls(0, enters="mail")}, gives_up_after=1, **chased(1))
    assert told(log, "touchpoint") == [("mail",)]


@pytest.mark.parametrize(("settings", "outcome"), [({"patience": "1 min"}, "abandoned"), ({"lines": 1}, "blocked")])
def test_a_chaser_that_is_not_answered_just_ends(settings, outcome):
    given = chased(1)
    then = {outcome: {"again": {"to": "phone", "after": "1 min"}}}
    given["touchpoints"]["phone"] = phone(then=then, **settings)
    types = {"ticket": calls(0, enters="mail"), "call": calls(500, talk=1000)}
    log = log_of(types=types, **given)
    rows = [visit for visit in told(log, "contact", "outcome", "offered") if visit[0] > 0]
    assert rows == [(1, outcome, 600)]


def test_a_promise_of_nobody_ends_with_the_run():
    settings = chased(0)
    settings["groups"]["back"]["agents"] = 0
    log = log_of(types={"ticket": calls(0, enters="mail")}, **settings)
    assert told(log, "outcome") == [("unfinished",)]
    assert log.staffing.end.max() >= DAY
