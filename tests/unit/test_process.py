"""One contact at a staffed or automated touchpoint, by traces small enough for a pencil."""

import numpy as np
import pytest
from support.tiny import DAY, HOUR, calls, log_of, one_agent, phone, stretches, told

NEVER = {"phone": phone(resolves=0)}


def unresolved(**exits):
    return {"phone": phone(resolves=0, then={"unresolved": exits})}


def test_two_calls_and_one_agent_make_one_wait():
    log = log_of(types={"call": calls(0, 10)})
    assert told(log, "outcome", "begin", "end") == [("resolved", 0, 60), ("resolved", 60, 120)]


def test_after_call_work_keeps_the_agent_and_not_the_customer():
    log = log_of(types={"call": calls(0, 10, wrap=30)})
    assert told(log, "begin", "end") == [(0, 60), (90, 150)]
    assert log.touchpoints.wrapped.tolist() == [90, 180]


def test_customer_leaves_when_patience_is_over():
    log = log_of(types={"call": calls(0, 10, patience=[None, 20])})
    assert told(log, "outcome", "end") == [("resolved", 60), ("abandoned", 30)]


def test_patience_zero_is_served_only_if_somebody_is_free():
    log = log_of(types={"call": calls(0, 10, 60, patience=[0, 0, 0])})
    assert told(log, "outcome", "end") == [("resolved", 60), ("abandoned", 10), ("resolved", 120)]


def test_atom_of_patience_one_leaves_whoever_must_wait():
    source = {"phone": phone(patience={"at_once": 1, "law": "exponential", "mean": "1 h"})}
    types = {"call": {"arrivals": {"at": [0, 10]}, "enters": {"phone": 1}}}
    assert told(log_of(types=types, touchpoints=source), "outcome", "end") == [("resolved", 60), ("abandoned", 10)]


def test_answer_comes_before_patience_ends_at_the_same_instant():
    log = log_of(types={"call": calls(0, 10, patience=[None, 50])})
    assert told(log, "outcome", "begin") == [("resolved", 0), ("resolved", 60)]


def test_call_finds_the_agent_who_wraps_at_the_same_instant():
    log = log_of(types={"call": calls(0, 60, patience=0)})
    assert told(log, "outcome", "begin") == [("resolved", 0), ("resolved", 60)]


def test_lines_count_those_who_talk_and_those_who_wait():
    log = log_of(types={"call": calls(0, 1, 2, 60)}, touchpoints={"phone": phone(lines=2)})
    assert told(log, "outcome", "offered") == [("resolved", 0), ("resolved", 1), ("blocked", 2), ("resolved", 60)]


def test_waiting_room_counts_only_those_who_wait():
    log = log_of(types={"call": calls(0, 1, 2)}, touchpoints={"phone": phone(waiting_room=1)})
    assert told(log, "outcome", "end") == [("resolved", 60), ("resolved", 120), ("blocked", 2)]


def test_no_waiting_room_still_serves_whom_an_agent_takes_at_once():
    log = log_of(types={"call": calls(0, 1, 60)}, touchpoints={"phone": phone(waiting_room=0)})
    assert [outcome for (outcome,) in told(log, "outcome")] == ["resolved", "blocked", "resolved"]


def test_agent_wrapping_up_holds_no_line():
    log = log_of(types={"call": calls(0, 70, wrap=30)}, touchpoints={"phone": phone(lines=1)})
    assert told(log, "outcome", "begin") == [("resolved", 0), ("resolved", 90)]


def test_blocked_redials_after_its_delay():
    then = {"blocked": {"redial": {"to": "phone", "after": "5 min"}}}
    log = log_of(types={"call": calls(0, 1)}, touchpoints={"phone": phone(lines=1, then=then)})
    assert told(log, "contact", "outcome", "offered") == [(0, "resolved", 0), (0, "blocked", 1), (1, "resolved", 301)]


def test_abandoned_redials_with_a_new_patience():
    # The replayed patience is that of the first contact; the next one is drawn: an hour.
    then = {"abandoned": {"redial": {"to": "phone", "after": "1 min"}}}
    touchpoints = {"phone": phone(patience="1 h", then=then)}
    log = log_of(types={"call": calls(0, 10, talk=[500, 60], patience=[None, 20])}, touchpoints=touchpoints)
    assert told(log, "contact", "outcome", "offered", "end")[1:] == [(0, "abandoned", 10, 30), (1, "resolved", 90, 560)]


def test_unresolved_recalls_after_its_delay_and_gives_up_at_last():
    log = log_of(
        types={"call": calls(0)},
        touchpoints=unresolved(recall={"to": "phone", "after": "10 min"}),
        gives_up_after=3,
    )
    assert told(log, "contact", "offered", "end") == [(0, 0, 60), (1, 660, 720), (2, 1320, 1380)]


def test_first_contact_is_the_only_one_if_cases_give_up_after_one():
    log = log_of(types={"call": calls(0)}, touchpoints=unresolved(recall={"to": "phone"}), gives_up_after=1)
    assert told(log, "contact", "outcome") == [(0, "unresolved")]


def test_recall_after_nothing_is_offered_at_that_instant_though_the_agent_still_wraps():
    log = log_of(types={"call": calls(0, wrap=30)}, touchpoints=unresolved(recall={"to": "phone"}), gives_up_after=2)
    assert told(log, "contact", "touch", "offered", "begin") == [(0, 0, 0, 0), (1, 0, 60, 90)]


def test_half_of_the_unresolved_take_an_exit_of_one_half():
    touchpoints = unresolved(recall={"to": "phone", "share": 0.5, "after": "2 h"})
    log = log_of(
        types={"call": calls(*range(0, 4000, 2))}, touchpoints=touchpoints, gives_up_after=2, groups=one_agent(50)
    )
    assert abs(np.sum(log.touchpoints.contact == 1) - 1000) < 4 * np.sqrt(500)


def test_false_resolution_looks_resolved_and_comes_back():
    then = {"falsely_resolved": {"returns": {"to": "phone", "after": "6 h"}}}
    touchpoints = {"phone": phone(false_resolution=1, then=then)}
    log = log_of(types={"call": calls(0)}, touchpoints=touchpoints, gives_up_after=2)
    assert told(log, "contact", "outcome", "offered") == [(0, "resolved", 0), (1, "resolved", 60 + 6 * HOUR)]
    assert log.touchpoints.truly_resolved.tolist() == [False, False]


def test_cold_transfer_continues_the_contact_with_the_next_leg():
    touchpoints = {**unresolved(up={"to": "second", "transfer": "cold"}), "second": phone(talk_time="2 min")}
    groups = {**one_agent(), "experts": {"agents": 1, "serves": {"second": {"rank": 1}}}}
    log = log_of(types={"call": calls(0)}, touchpoints=touchpoints, groups=groups)
    assert told(log, "contact", "touch", "touchpoint", "begin", "end") == [
        (0, 0, "phone", 0, 60),
        (0, 1, "second", 60, 180),
    ]
    assert log.touchpoints.transfer_kind.tolist() == [1, 0]
    assert log.touchpoints.reinfo.tolist() == [False, True]


def test_transferred_contact_joins_before_its_agent_wraps():
    # The agent serves both touchpoints by longest wait; the contact he passes on waits 0 s, the other 50 s: the other
    # is first. With rank 1 for the second line the agent takes back what he has just passed on.
    touchpoints = {**unresolved(up={"to": "second", "transfer": "cold"}), "second": phone(talk_time="2 min")}
    equal = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}, "second": {"rank": 1}}}}
    first = {"desk": {"agents": 1, "serves": {"phone": {"rank": 2}, "second": {"rank": 1}}}}
    began = {}
    for name, groups in (("equal", equal), ("first", first)):
        log = log_of(types={"call": calls(0, 10)}, touchpoints=touchpoints, groups=groups)
        began[name] = [visit[:3] for visit in told(log, "touchpoint", "offered", "begin")]
    assert ("phone", 10, 60) in began["equal"]
    assert ("second", 60, 60) in began["first"]
    assert ("phone", 10, 180) in began["first"]


def test_bot_serves_everybody_at_once_and_passes_on():
    bot = {"mechanism": "automated", "channel": "bot", "duration": "30 s", "resolves": 0,
           "then": {"unresolved": {"go_on": {"to": "phone", "transfer": "cold"}}}}  # fmt: skip
    log = log_of(types={"call": calls(0, 0, enters="bot")}, touchpoints={"bot": bot, "phone": phone()})
    assert told(log, "touch", "touchpoint", "begin", "end", "agent") == [
        (0, "bot", 0, 30, None), (0, "bot", 0, 30, None), (1, "phone", 30, 90, 0), (1, "phone", 90, 150, 0),
    ]  # fmt: skip


def test_change_of_channel_means_telling_the_story_again():
    touchpoints = {"phone": phone(resolves=0, then={"unresolved": {"writes": {"to": "mail", "after": "1 h"}}}),
                   "mail": {**phone(), "channel": "email", "deferred": True}}  # fmt: skip
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}, "mail": {"rank": 2}}}}
    log = log_of(types={"call": calls(0)}, touchpoints=touchpoints, groups=groups)
    assert log.touchpoints.reinfo.tolist() == [False, True]


def test_handle_time_factor_stretches_talk_and_after_call_work():
    groups = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1, "handle_time": 1.5, "level": 2}}}}
    log = log_of(types={"call": calls(0, wrap=20)}, groups=groups)
    assert (log.touchpoints.ended[0], log.touchpoints.wrapped[0], log.touchpoints.level[0]) == (90, 120, 2)


def test_hold_is_a_share_of_talk_from_nothing_to_twice_the_mean():
    log = log_of(types={"call": calls(*range(0, 600_00, 60))}, touchpoints={"phone": phone(hold=0.2)})
    share = log.touchpoints.held / 60
    assert 0 <= share.min() <= share.max() <= 0.4
    assert abs(share.mean() - 0.2) < 4 * 0.4 / np.sqrt(12 * len(share))


def test_contacts_of_nobody_are_unfinished_and_kept():
    groups = one_agent(0)
    log = log_of(types={"call": calls(0, 10, patience=[None, 30])}, groups=groups)
    assert told(log, "outcome", "end") == [("unfinished", None), ("abandoned", 40)]


def test_those_left_over_at_the_horizon_are_followed_to_the_end():
    log = log_of(types={"call": calls(DAY - 10, DAY - 5)})
    assert told(log, "outcome", "end") == [("resolved", DAY + 50), ("resolved", DAY + 110)]


def test_customers_of_a_population_come_back_with_their_segment():
    customers = {"population": 3, "segments": {"big": {"share": 0.5}, "small": {"share": 0.5}}}
    log = log_of(types={"call": calls(*range(0, 6000, 100))}, customers=customers)
    t = log.touchpoints
    assert set(t.customer.tolist()) == {0, 1, 2}
    assert len({(c, s) for c, s in zip(t.customer.tolist(), t.segment.tolist(), strict=True)}) == 3


def test_without_a_population_every_case_is_a_new_customer():
    t = log_of(types={"call": calls(0, 100)}).touchpoints
    assert (t.customer == t.case).all()


def test_calls_of_one_instant_are_offered_in_order_of_type_and_case():
    log = log_of(types={"first": calls(5), "second": calls(5, 5)})
    t = log.touchpoints
    assert t.contact_type.tolist() == [0, 1, 1]
    assert t.answered.tolist() == [5, 65, 125]


@pytest.mark.parametrize("agents", [1, 2])
def test_agents_are_idle_longest_in_order_of_wrapping(agents):
    log = log_of(types={"call": calls(0, 100, 200, 300)}, groups=one_agent(agents))
    assert [agent for (agent,) in told(log, "agent")] == ([0] * 4 if agents == 1 else [0, 1, 0, 1])


def test_group_chosen_first_takes_the_call_though_another_is_idle_longer():
    groups = {
        "spare": {"agents": 1, "serves": {"phone": {"rank": 1, "chosen": 2}}},
        "own": {"agents": 1, "serves": {"phone": {"rank": 1, "chosen": 1}}},
    }
    log = log_of(types={"call": calls(0, 100, 110)}, groups=groups)
    assert log.touchpoints.agent_group.tolist() == [1, 1, 0]


def test_freed_agent_takes_the_lower_rank_before_the_longer_wait():
    serves = {"phone": {"late": {"rank": 1}, "early": {"rank": 2}}}
    types = {"early": calls(0, 10), "late": calls(50)}
    log = log_of(types=types, groups={"desk": {"agents": 1, "serves": serves}})
    assert told(log, "offered", "begin") == [(0, 0), (10, 120), (50, 60)]


def test_freed_agent_takes_the_longest_wait_among_equal_ranks():
    log = log_of(types={"early": calls(0, 10), "late": calls(5)})
    assert told(log, "offered", "begin") == [(0, 0), (5, 60), (10, 120)]


def test_presence_of_one_agent_around_the_clock_is_one_stretch():
    assert stretches(log_of(types={"call": calls(0)})) == [("desk", 0, "available", 0, DAY)]


def test_ring_of_transfers_ends_with_the_last_leg_that_has_an_address():
    ring = {"mechanism": "automated", "channel": "bot", "duration": "1 s", "resolves": 0,
            "then": {"unresolved": {"again": {"to": "bot", "transfer": "cold"}}}}  # fmt: skip
    log = log_of(types={"call": calls(0, enters="bot")}, touchpoints={"bot": ring}, groups={})
    assert log.touchpoints.touch.tolist() == list(range(256))
