"""The centre calls: who is dialled when, what an attempt takes, what follows one in vain; worked out by hand."""

import numpy as np
import pytest
from support.tiny import HOUR, calls, centre, log_of, one_agent, phone, told

from cxsim.errors import ScenarioError
from cxsim.scenario.load import load_scenario

SERVES = {"phone": {"rank": 1}, "campaign": {"rank": 2}}


def campaign(*, reached=1, then=None, attempts=3, preview=None, **settings):
    """A touchpoint that dials: 10 s until somebody picks up, 30 s until the agent gives up."""
    dial = {"mode": "preview" if preview else "progressive", "reached": reached, "rings": "10 s", "no_answer": "30 s"}
    if preview:
        dial["preview"] = preview
    return phone(dial={**dial, "attempts": attempts}, then={"unreached": then} if then else {}, **settings)


def records(*at, **settings):
    return calls(*at, enters="campaign", **settings)


def days(types, *, point=None, groups=None, **settings):
    touchpoints = {"phone": phone(), "campaign": point or campaign(**settings)}
    return log_of(types=types, touchpoints=touchpoints, groups=groups or one_agent(serves=SERVES))


def column(log, name):
    return getattr(log.touchpoints, name).tolist()


def test_an_agent_dials_as_soon_as_free_and_talks_when_the_customer_picks_up():
    log = days({"sale": records(0, 0, wrap=5)})
    assert told(log, "outcome", "begin", "end") == [("resolved", 0, 70), ("resolved", 75, 145)]
    assert column(log, "dialled") == [10, 10]
    assert column(log, "wrapped") == [75, 150]


def test_in_preview_the_record_is_read_first():
    log = days({"sale": records(0)}, preview="20 s")
    assert told(log, "begin", "end") == [(0, 90)]
    assert column(log, "dialled") == [30]


def test_an_attempt_in_vain_takes_its_time_and_nothing_to_wrap_up():
    log = days({"sale": records(0, 0, wrap=500)}, reached=0, attempts=1, hold="20%", preview="20 s")
    assert told(log, "outcome", "begin", "end") == [("unreached", 0, 50), ("unreached", 50, 100)]
    assert column(log, "wrapped") == [50, 100]
    assert column(log, "held") == [0, 0]
    assert not log.touchpoints.truly_resolved.any()


def test_a_customer_who_is_not_reached_is_dialled_again_until_the_last_attempt():
    again = {"again": {"to": "campaign", "after": "1 h"}}
    log = days({"sale": records(0)}, reached=0, attempts=3, then=again)
    assert told(log, "contact", "outcome", "offered") == [
        (0, "unreached", 0), (1, "unreached", HOUR + 30), (2, "unreached", 2 * HOUR + 60)
    ]  # fmt: skip
    assert len(days({"sale": records(0)}, reached=0, attempts=1, then=again).touchpoints) == 1


def test_who_was_missed_may_call_back():
    log = days({"sale": records(0)}, reached=0, then={"back": {"to": "phone", "after": "5 min"}})
    assert told(log, "touchpoint", "outcome", "begin") == [("campaign", "unreached", 0), ("phone", "resolved", 330)]
    assert column(log, "outbound") == [True, False]


def test_customers_who_call_go_before_those_to_be_called():
    log = days({"sale": records(0, 0), "call": calls(60)})
    # The call at 60 s waits for the agent until 70 s, then goes before the second record.
    assert told(log, "touchpoint", "begin") == [("campaign", 0), ("campaign", 130), ("phone", 70)]


def test_nobody_who_is_to_be_called_loses_patience():
    log = days({"sale": records(0, 0, talk=5 * HOUR, patience=10)})
    assert told(log, "outcome", "begin") == [("resolved", 0), ("resolved", 5 * HOUR + 10)]


def test_dialling_is_as_long_whoever_dials_but_talk_is_not():
    slow = one_agent(serves={"campaign": {"rank": 1, "handle_time": 2}})
    log = days({"sale": records(0, wrap=7)}, groups=slow)
    assert told(log, "end") == [(10 + 120,)]
    assert column(log, "wrapped") == [10 + 120 + 14]


def test_hold_is_a_share_of_talk_and_not_of_dialling():
    held = np.array(column(days({"sale": records(*[0] * 40, talk=100)}, hold="50%"), "held"))
    assert held.max() <= 100.0
    assert held.mean() == pytest.approx(50, abs=12)


def test_an_agent_who_goes_home_drops_a_call_that_still_rings():
    groups = {"desk": {"shifts": {"one": {"days": "all", "start": "00:00", "end": "00:01", "agents": 1}},
                       "at_shift_end": "drop", "serves": {"campaign": {"rank": 1}}}}  # fmt: skip
    ringing = days({"sale": records(55)}, groups=groups)
    assert told(ringing, "outcome", "end") == [("unreached", 60)]
    assert column(ringing, "dialled") == [5]
    talking = days({"sale": records(45)}, groups=groups)
    assert told(talking, "outcome", "end") == [("unresolved", 60)]
    assert column(talking, "dialled") == [10]


def test_dialling_that_is_handed_over_is_all_dialling():
    shift = {"days": "all", "start": "00:00", "end": "00:01", "agents": 1}
    groups = {
        "early": {"shifts": {"one": shift}, "at_shift_end": "hand_over", "serves": {"campaign": {"rank": 1}}},
        "late": {"agents": 1, "hours": {"all": "00:01-24:00"}, "serves": {"campaign": {"rank": 1, "handle_time": 2}}},
    }
    log = days({"sale": records(50)}, groups=groups, reached=0, attempts=1)
    # Twenty of thirty seconds are left at 60 s, and take the slower agent twice as long.
    assert told(log, "outcome", "end", "begin") == [("unreached", 100, 50)]
    assert column(log, "dialled") == [50]


def test_the_share_reached_is_as_stated():
    log = days({"sale": records(*range(0, 80_000, 100), talk=0)}, reached=0.3, attempts=1)
    share = np.mean(np.array(column(log, "outcome")) != 7)
    assert share == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / 800) ** 0.5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"deferred": False}, "campaign.deferred: false; who is called does not wait on the line"),
        ({"patience": "3 min"}, "campaign.patience: given; a deferred touchpoint has no patience"),
        ({"ring_time": "3 s"}, "campaign.ring_time: given"),
        ({"interruptible": True}, "campaign.interruptible: true; an agent who calls has one customer at a time"),
        ({"concurrency": 2}, "campaign.concurrency: 2; an agent who calls has one customer at a time"),
        ({"dial": {"mode": "progressive", "preview": "9 s", "reached": 1, "rings": "1 s", "no_answer": "1 s"}},
         "campaign.dial.preview: given; goes with mode: preview"),
        ({"dial": {"mode": "preview", "reached": 1, "rings": "1 s", "no_answer": "1 s"}},
         "campaign.dial.preview: left out; mode preview needs the time to read a record"),
        ({"channel": "email"}, "campaign.channel: email; voice, where agents dial"),
        ({"dial": {"mode": "predictive", "reached": 1, "rings": "1 s", "no_answer": "1 s"}}, "dial.mode"),
        ({"dial": {"mode": "preview", "reached": 2, "rings": "1 s", "no_answer": "1 s"}}, "dial.reached"),
        ({"dial": {"mode": "preview", "reached": 1, "rings": "1 s"}}, "dial.no_answer"),
        ({"types": {"call": {"dial": None}}}, "campaign.types.call.dial: differs by type"),
    ],
)  # fmt: skip
def test_a_contradictory_campaign_is_refused(given, said):
    source = centre(types={"call": calls(0)}, touchpoints={"phone": phone(), "campaign": {**campaign(), **given}})
    with pytest.raises(ScenarioError) as refused:
        load_scenario(source)
    assert said in str(refused.value)


def test_only_who_is_called_can_be_unreached():
    then = {"unreached": {"again": {"to": "phone"}}}
    source = centre(types={"call": calls(0)}, touchpoints={"phone": phone(then=then)})
    with pytest.raises(ScenarioError, match=r"phone\.then\.unreached: given without dial"):
        load_scenario(source)


def test_a_call_of_the_centre_cannot_be_under_way_in_a_snapshot():
    source = centre(types={"sale": records(0)}, touchpoints={"phone": phone(), "campaign": campaign()},
                    groups=one_agent(serves=SERVES))  # fmt: skip
    busy = {"type": "sale", "touchpoint": "campaign", "group": "desk", "agent": 0, "since": "1 min"}
    source["snapshot"] = {"at": "day 1 00:10", "busy": {"one": busy}}
    with pytest.raises(ScenarioError, match="how far the call is nobody knows"):
        load_scenario(source)
    waits = {"type": "sale", "touchpoint": "campaign", "waited": "5 min", "n": 2}
    source["snapshot"] = {"at": "day 1 00:10", "waiting": {"one": waits}}
    load_scenario(source)
