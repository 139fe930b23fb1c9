"""Queues, overflow, reserve, ageing, lines shared and policies of routing, by traces small enough for a pencil."""

import numpy as np
import pytest
from support.tiny import calls, log_of, phone, told


def group(agents=1, **serves):
    """A group around the clock; each touchpoint with its terms."""
    return {"agents": agents, "serves": serves}


def begins(log):
    return [begin for (begin,) in told(log, "begin")]


def groups_of(log):
    return log.touchpoints.agent_group.tolist()


def escalating(**exit_):
    """A phone that passes everybody on to a second line."""
    then = {"unresolved": {"up": {"to": "second", "transfer": "cold", **exit_}}}
    return {"phone": phone(resolves=0, then=then), "second": phone()}


TWO_LINES = {"desk": group(phone={"rank": 1}), "experts": group(second={"rank": 1})}


@pytest.mark.parametrize("position", ["back", "front"])
def test_a_transferred_contact_joins_at_the_front_or_at_the_back(position):
    # Half of the calls enter at the second line, where an expert is never idle; the others are passed on to it.
    source = {"call": {**calls(*range(40)), "enters": {"phone": 0.5, "second": 0.5}}}
    types = {**source, "early": calls(0, enters="second", talk=500)}
    desks = {**TWO_LINES, "desk": group(40, phone={"rank": 1})}
    log = log_of(types=types, touchpoints=escalating(position=position), groups=desks)
    rows = [visit[1:] for visit in told(log, "touchpoint", "begin", "offered", "touch") if visit[0] == "second"]
    assert min(sum(touch == which for _, _, touch in rows) for which in (0, 1)) > 10
    first, *waited = sorted(rows)
    assert first[0] == 0
    passed_on_first = [(touch == 0 if position == "front" else False, offered) for _, offered, touch in waited]
    assert passed_on_first == sorted(passed_on_first)


def test_overflow_takes_a_contact_from_the_queue_at_the_instant_of_its_delay():
    groups = {"own": group(phone={"rank": 1}), "spare": group(phone={"rank": 1, "chosen": 2, "after": "30 s"})}
    log = log_of(types={"call": calls(0, 10, 50, talk=[100, 60, 60])}, groups=groups)
    assert begins(log) == [0, 40, 100]
    assert groups_of(log) == [0, 1, 0]


def test_overflow_comes_before_patience_ends_at_the_same_instant():
    groups = {"own": group(phone={"rank": 1}), "spare": group(phone={"rank": 1, "chosen": 2, "after": "30 s"})}
    log = log_of(types={"call": calls(0, 10, talk=100, patience=[None, 30])}, groups=groups)
    assert told(log, "outcome", "begin") == [("resolved", 0), ("resolved", 40)]


def test_an_agent_who_comes_free_is_not_yet_admitted_before_the_delay():
    # The spare agent ends a chat at 20; the call waits since 10 and is open to him or her at 40; own ends at 100.
    touchpoints = {"phone": phone(), "chat": phone()}
    groups = {
        "own": group(phone={"rank": 1}),
        "spare": group(phone={"rank": 1, "chosen": 2, "after": "30 s"}, chat={"rank": 1}),
    }
    types = {"call": calls(0, 10, talk=100), "talk": calls(0, enters="chat", talk=20)}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups)
    assert begins(log) == [0, 0, 40]


def test_a_question_at_the_instant_of_the_delay_is_late_enough():
    # Freed at 40: a wrap-up comes before the overflow of the same instant, and finds the delay over.
    touchpoints = {"phone": phone(), "chat": phone()}
    groups = {
        "own": group(phone={"rank": 1}),
        "spare": group(phone={"rank": 1, "chosen": 2, "after": "30 s"}, chat={"rank": 1}),
    }
    types = {"call": calls(0, 10, talk=100), "talk": calls(0, enters="chat", talk=40)}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups)
    assert begins(log) == [0, 0, 40]
    assert groups_of(log) == [0, 1, 1]


def test_reserve_of_one_lets_the_last_idle_agent_wait_for_better():
    touchpoints = {"phone": phone(), "chat": phone()}
    groups = {"desk": group(2, phone={"rank": 1}, chat={"rank": 1, "reserve": 1})}
    types = {"talk": calls(0, 5, enters="chat", talk=100), "call": calls(10, talk=30)}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups)
    # At 0 both are idle: taken. At 5 one is left: the chat waits until both would be free, at 100.
    assert [visit[1:] for visit in sorted(told(log, "offered", "touchpoint", "begin"))] == [
        ("chat", 0), ("chat", 100), ("phone", 10),
    ]  # fmt: skip


def test_a_freed_agent_counts_as_idle_for_the_reserve():
    touchpoints = {"phone": phone(), "chat": phone()}
    groups = {"desk": group(2, phone={"rank": 1}, chat={"rank": 1, "reserve": 1})}
    types = {"call": calls(0, 1, talk=[50, 80]), "talk": calls(2, enters="chat")}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups)
    # At 50 the first would be the only one idle; at 81 the second makes two.
    assert begins(log) == [0, 1, 81]


def test_ageing_lifts_a_contact_above_a_lower_rank_at_its_step():
    def answered(offered):
        groups = {
            "desk": {
                "agents": 1,
                "serves": {"phone": {"early": {"rank": 1}, "late": {"rank": 2, "ageing": {"50 s": 1}}}},
            }
        }
        types = {"early": calls(0, 20, talk=100), "late": calls(offered)}
        log = log_of(types=types, groups=groups)
        return [begin for offer, begin in told(log, "offered", "begin") if offer == offered]

    # At 100 the late contact has waited 50 s: rank 1 like the other, but the other has waited longer.
    assert answered(50) == [200]
    # Offered before it, the longer wait is the late one's.
    assert answered(15) == [100]
    # One second short of the step at 100.
    assert answered(51) == [200]


def test_ageing_ranks_below_all_others_at_the_end():
    serves = {"phone": {"early": {"rank": 2}, "late": {"rank": 3, "ageing": {"50 s": 1}}}}
    groups = {"desk": {"agents": 1, "serves": serves}}
    types = {"early": calls(0, 20, talk=100), "late": calls(50, talk=60)}
    assert told(log_of(types=types, groups=groups), "offered", "begin") == [(0, 0), (20, 160), (50, 100)]
    types = {"early": calls(0, 20, talk=100), "late": calls(51, talk=60)}
    assert told(log_of(types=types, groups=groups), "offered", "begin") == [(0, 0), (20, 100), (51, 200)]


def test_shared_lines_count_both_touchpoints():
    touchpoints = {"phone": phone(), "chat": phone()}
    groups = {"desk": group(3, phone={"rank": 1}, chat={"rank": 1})}
    shared = {"main": {"touchpoints": ["phone", "chat"], "lines": 2}}
    types = {"call": calls(0, 2, 60), "talk": calls(1, enters="chat")}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups, shared_lines=shared)
    # At 2 two are talking; at 60 the first has ended before the next is offered.
    assert told(log, "offered", "outcome") == [(0, "resolved"), (1, "resolved"), (2, "blocked"), (60, "resolved")]


def test_a_transfer_within_shared_lines_finds_its_own_line_free():
    shared = {"main": {"touchpoints": ["phone", "second"], "lines": 1}}
    log = log_of(types={"call": calls(0)}, touchpoints=escalating(), groups=TWO_LINES, shared_lines=shared)
    assert told(log, "touchpoint", "outcome") == [("phone", "unresolved"), ("second", "resolved")]


def routed(policy, *, groups, types, touchpoints=None, **settings):
    return log_of(types=types, touchpoints=touchpoints, groups=groups, routing=policy, **settings)


def test_fastest_agent_takes_the_contact():
    groups = {"slow": group(phone={"rank": 1, "handle_time": 1.5}), "quick": group(phone={"rank": 1})}
    log = routed({"agent": "fastest"}, groups=groups, types={"call": calls(0, 10, 100, talk=60)})
    assert groups_of(log) == [1, 0, 1]


def test_best_at_resolving_takes_the_contact():
    groups = {"new": group(phone={"rank": 1}), "old": group(phone={"rank": 1, "resolution": 0.5})}
    log = routed({"agent": "best_at_resolving"}, groups=groups, types={"call": calls(0, 10, 100, talk=60)})
    assert groups_of(log) == [1, 0, 1]


def test_equally_fast_agents_go_by_idle_time_then_number():
    log = routed({"agent": "fastest"}, groups={"desk": group(3, phone={"rank": 1})},
                 types={"call": calls(0, 100, 200, 300)})  # fmt: skip
    assert [agent for (agent,) in told(log, "agent")] == [0, 1, 2, 0]


def test_least_occupied_agent_takes_the_contact():
    chat = {"phone": phone(concurrency=3)}
    log = routed({"agent": "least_occupied"}, groups={"desk": group(2, phone={"rank": 1})}, touchpoints=chat,
                 types={"call": calls(0, 1, 2, 3, 4, 5, talk=1000)})  # fmt: skip
    assert [agent for (agent,) in told(log, "agent")] == [0, 1, 0, 1, 0, 1]
    # By longest idle the second chat goes to the second agent too, the third to who joined the line first again.
    log = log_of(types={"call": calls(0, 1, 2, 3, talk=1000)}, touchpoints=chat,
                 groups={"desk": group(2, phone={"rank": 1})})  # fmt: skip
    assert [agent for (agent,) in told(log, "agent")] == [0, 1, 0, 1]


def test_random_agents_share_the_contacts_and_a_seed_repeats_them():
    def agents(seed):
        log = routed({"agent": "random"}, groups={"desk": group(4, phone={"rank": 1})}, seed=seed,
                     types={"call": calls(*range(0, 80_000, 100))})  # fmt: skip
        return log.touchpoints.agent

    found = np.bincount(agents(1), minlength=4)
    # Chi-squared with 3 degrees of freedom: 99.99 % lies below 21.1.
    assert np.sum((found - 200) ** 2 / 200) < 21.1
    assert (agents(1) == agents(1)).all()
    assert (agents(1) != agents(2)).any()


def test_preferred_agent_is_the_one_who_served_the_case_before():
    then = {"unresolved": {"again": {"to": "phone", "after": "10 min"}}}
    touchpoints = {"phone": phone(resolves=0, then=then)}
    groups = {"near": group(phone={"rank": 1, "chosen": 1}), "far": group(phone={"rank": 1, "chosen": 2})}

    def served(**routing):
        log = routed(routing, groups=groups, types={"call": calls(0, 10)}, touchpoints=touchpoints, gives_up_after=2)
        return groups_of(log)

    # The second call finds the near agent busy; when it comes back, both are free.
    assert served() == [0, 1, 0, 1]
    log = routed({"preferred_agent": True}, groups=groups, types={"call": calls(0, 10)}, touchpoints=touchpoints,
                 gives_up_after=2)  # fmt: skip
    assert told(log, "offered", "begin")[2:] == [(660, 660), (670, 670)]
    assert groups_of(log) == [0, 1, 0, 1]
    # Alone with the near agent free for both, only the preference sends the second one far again.
    late = {"call": calls(0, 10, talk=[60, 700])}
    assert groups_of(routed({}, groups=groups, types=late, touchpoints=touchpoints, gives_up_after=2))[3] == 0
    preferring = routed({"preferred_agent": True}, groups=groups, types=late, touchpoints=touchpoints, gives_up_after=2)
    assert groups_of(preferring)[3] == 1


def test_specialists_go_first():
    touchpoints = {"phone": phone(), "chat": phone()}
    groups = {"all": group(phone={"rank": 1}, chat={"rank": 1}), "phones": group(phone={"rank": 1})}
    types = {"call": calls(0)}
    assert groups_of(routed({}, groups=groups, types=types, touchpoints=touchpoints)) == [0]
    assert groups_of(routed({"specialist_first": True}, groups=groups, types=types, touchpoints=touchpoints)) == [1]


def three_wait(policy, *, touchpoints, segments=None, routing=None):
    """Who is taken first at 100 of three who wait since 10 (a), 20 (b), 30 (c)."""
    types = {
        "first": calls(0, talk=100, enters="a"),
        "a": calls(10, enters="a"), "b": calls(20, enters="b"), "c": calls(30, enters="c"),
    }  # fmt: skip
    serves = {name: {"rank": 1} for name in "abc"}
    log = log_of(types=types, touchpoints=touchpoints, groups={"desk": group(**serves)},
                 routing=routing or {"contact": policy})  # fmt: skip
    order = sorted(told(log, "begin", "touchpoint"))
    return "".join(name for _, name in order[1:])


def test_contacts_by_weighted_wait():
    # At 100: 90 x 1, 80 x 2, 70 x 1; at 160: 150 against 130.
    touchpoints = {"a": phone(), "b": phone(weight=2), "c": phone()}
    assert three_wait("weighted_wait", touchpoints=touchpoints) == "bac"


def test_contacts_by_earliest_promise():
    mail = {"channel": "email", "deferred": True}
    touchpoints = {"a": phone(**mail), "b": phone(**mail, promise="10 min"), "c": phone(**mail, promise="5 min")}
    assert three_wait("earliest_promise", touchpoints=touchpoints) == "cba"


def test_contacts_by_resolutions_a_second():
    touchpoints = {"a": phone(resolves=0.2), "b": phone(resolves=0.9), "c": phone(resolves=0.5)}
    assert three_wait("resolution_aware", touchpoints=touchpoints) == "bca"


def test_contacts_by_longest_queue():
    types = {
        "first": calls(0, talk=100, enters="a"),
        "a": calls(10, enters="a"), "b": calls(20, 21, enters="b"),
    }  # fmt: skip
    log = log_of(types=types, touchpoints={"a": phone(), "b": phone()}, routing={"contact": "longest_queue"},
                 groups={"desk": group(a={"rank": 1}, b={"rank": 1})})  # fmt: skip
    # Two against one; then one each, and the longer wait.
    assert told(log, "offered", "begin") == [(0, 0), (10, 160), (20, 100), (21, 220)]


def test_contacts_by_value_of_the_customer():
    customers = {"segments": {"small": {"share": 0.5, "margin": "1 per month"},
                              "big": {"share": 0.5, "margin": "9 per month"}}}  # fmt: skip
    touchpoints = {"a": phone(), "b": phone()}
    types = {"first": calls(0, talk=1000, enters="a"), "a": calls(*range(10, 20), enters="a"),
             "b": calls(*range(20, 30), enters="b")}  # fmt: skip
    log = log_of(types=types, touchpoints=touchpoints, routing={"contact": "highest_value"}, customers=customers,
                 groups={"desk": group(a={"rank": 1}, b={"rank": 1})})  # fmt: skip
    t = log.touchpoints
    queues = {0: [], 1: []}
    for row in np.argsort(t.offered)[1:]:
        queues[int(t.touchpoint[row])].append(row)
    # By hand over the two queues: the head with the bigger customer, then the longer wait.
    for row in np.argsort(t.answered)[1:]:
        heads = [queue[0] for queue in queues.values() if queue]
        best = min(heads, key=lambda head: (-int(t.segment[head]), t.offered[head]))
        assert row == best
        queues[int(t.touchpoint[row])].pop(0)


def test_contacts_by_a_score():
    touchpoints = {"a": phone(), "b": phone(weight=5), "c": phone()}
    # 90, 80 + 25, 70; then 150 against 130.
    scored = {"contact": "score", "score": {"wait": 1, "weight": 5}}
    assert three_wait("score", touchpoints=touchpoints, routing=scored) == "bac"
    # Waits count against: the latest first.
    assert three_wait("score", touchpoints=touchpoints, routing={"contact": "score", "score": {"wait": -1}}) == "cba"


def test_contacts_at_random_come_in_proportion_to_the_queues():
    # While one talks 40 wait at a and 10 at b: the next is from a in four of five.
    first = []
    for seed in range(120):
        types = {"first": calls(0, talk=100, enters="a"), "a": calls(*range(10, 50), enters="a"),
                 "b": calls(*range(60, 70), enters="b")}  # fmt: skip
        log = log_of(types=types, touchpoints={"a": phone(), "b": phone()}, routing={"contact": "random"}, seed=seed,
                     groups={"desk": group(a={"rank": 1}, b={"rank": 1})})  # fmt: skip
        first.append(log.touchpoints.touchpoint[np.argsort(log.touchpoints.answered)[1]])
    assert abs(np.mean(first) - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 120)
