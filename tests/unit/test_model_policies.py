"""Who takes whom, and what goes first at one instant: hand examples of the pure rules."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.model import order, policies
from cxsim.model.policies import NOTHING, Asker, Heads, Routing

INF = np.inf


def best_group(chosen, idle_since, groups=(0, 1, 2)):
    """Routing question 1 for work type 0 with three groups."""
    table = np.array([[*groups, *[NOTHING] * (3 - len(groups))]])
    order_ = np.array(chosen, dtype=np.int64).reshape(3, 1)
    return policies.longest_idle(table, order_, np.array(idle_since, dtype=float), 0)


def best_queue(ranks, waiting_since, served=(0, 1, 2)):
    """Routing question 2 for group 0 with three work types."""
    table = np.array([[*served, *[NOTHING] * (3 - len(served))]])
    return policies.longest_wait(table, np.array([ranks]), np.array(waiting_since, dtype=float), 0)


def test_contact_goes_to_the_group_idle_longest():
    assert best_group([1, 1, 1], [30, 10, 20]) == 1


def test_contact_goes_to_the_lowest_order_first():
    assert best_group([1, 2, 2], [30, 10, 20]) == 0


def test_contact_goes_on_to_the_next_order_if_nobody_is_idle():
    assert best_group([1, 2, 2], [INF, 30, 20]) == 2


def test_contact_finds_nobody():
    assert best_group([1, 1, 1], [INF, INF, INF]) == NOTHING
    assert best_group([1, 1, 1], [5, 5, 5], groups=()) == NOTHING


def test_groups_idle_since_the_same_instant_go_by_number():
    assert best_group([1, 1, 1], [10, 10, 10]) == 0


def test_agent_takes_the_longest_wait():
    assert best_queue([1, 1, 1], [30, 10, 20]) == 1


def test_agent_takes_the_lowest_rank_first_however_short_its_wait():
    assert best_queue([1, 2, 3], [30, 10, 5]) == 0


def test_agent_takes_a_higher_rank_if_the_lower_is_empty():
    assert best_queue([1, 2, 2], [INF, 30, 20]) == 2


def test_agent_finds_nothing():
    assert best_queue([1, 1, 1], [INF, INF, INF]) == NOTHING


def test_agent_takes_nothing_that_the_group_does_not_serve():
    assert best_queue([0, 0, 1], [10, 10, INF], served=(2,)) == NOTHING


def test_waits_of_the_same_instant_go_by_work_type():
    assert best_queue([1, 1, 1], [10, 10, 10]) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([1.0, 2.0, 3.0, INF])), min_size=3, max_size=3))
def test_queue_is_the_first_by_rank_then_wait_then_number(queues):
    ranks, since = [rank for rank, _ in queues], [wait for _, wait in queues]
    served = tuple(sorted(range(3), key=lambda work: (ranks[work], work)))
    waiting = [(ranks[work], since[work], work) for work in range(3) if since[work] < INF]
    assert best_queue(ranks, since, served=served) == (min(waiting)[2] if waiting else NOTHING)


def routing(policy=policies.LONGEST_WAIT, **changes):
    """One group that serves three work types of one contact type, and nothing special."""
    ranks = np.array([changes.pop("ranks", [1, 1, 1])], dtype=np.int64)
    served = sorted(range(3), key=lambda work: (ranks[0, work], work))
    plain = {
        "policy": policy, "n_touchpoints": 3, "served": np.array([served]), "rank": ranks, "after": np.zeros((1, 3)),
        "reserve": np.zeros((1, 3), dtype=np.int64), "ageing_from": np.full((1, 3, 4), INF),
        "ageing_rank": np.zeros((1, 3, 4), dtype=np.int64), "concurrency": np.ones(3, dtype=np.int64),
        "mixes": np.array([policies.MIX_TOUCHPOINT]), "weight": np.ones(3), "worth": np.zeros((1, 3)),
        "score": np.zeros(4),
    }  # fmt: skip
    return Routing(**{**plain, **changes})


def heads(*queued, waiting=(1, 1, 1), promise=(INF, INF, INF), value=(0, 0, 0), transferred=(0, 0, 0)):
    """The first contacts of the three queues."""
    return Heads(np.array(queued, dtype=float), np.array(waiting), np.array(promise, dtype=float),
                 np.array(value, dtype=float), np.array(transferred))  # fmt: skip


def asked(routing_, heads_, *, now=100.0, u=0.5, load=0.0, in_hand=NOTHING, idle=1):
    return policies.queue_for_agent(routing_, heads_, Asker(0, load, in_hand, idle), now, u)


@settings(deadline=None)  # the first example compiles
@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([1.0, 2.0, 3.0, INF])), min_size=3, max_size=3))
def test_the_general_question_comes_to_the_plain_one_where_nothing_special_is_asked_for(queues):
    ranks, since = [rank for rank, _ in queues], [wait for _, wait in queues]
    served = tuple(sorted(range(3), key=lambda work: (ranks[work], work)))
    assert asked(routing(ranks=ranks), heads(*since)) == best_queue(ranks, since, served=served)


def test_weighted_wait_prefers_the_heavier_of_two_waits():
    weights = np.array([1.0, 3.0, 1.0])
    assert asked(routing(policies.WEIGHTED_WAIT, weight=weights), heads(60, 85, 70)) == 1
    # 40 x 1 against 10 x 3.
    assert asked(routing(policies.WEIGHTED_WAIT, weight=weights), heads(60, 90, 70)) == 0


def test_earliest_promise_goes_first_and_those_without_by_wait():
    assert asked(routing(policies.EARLIEST_PROMISE), heads(10, 20, 30, promise=(300, 200, INF))) == 1
    assert asked(routing(policies.EARLIEST_PROMISE), heads(30, 20, 25)) == 1


def test_longest_queue_goes_first_then_the_longer_wait():
    assert asked(routing(policies.LONGEST_QUEUE), heads(10, 20, 30, waiting=(1, 5, 4))) == 1
    assert asked(routing(policies.LONGEST_QUEUE), heads(10, 5, 30, waiting=(5, 5, 4))) == 1


def test_highest_value_goes_first_then_the_longer_wait():
    assert asked(routing(policies.HIGHEST_VALUE), heads(10, 20, 30, value=(1, 1, 9))) == 2
    assert asked(routing(policies.HIGHEST_VALUE), heads(20, 10, 30, value=(9, 9, 1))) == 1


def test_resolution_aware_takes_what_is_solved_soonest():
    assert asked(routing(policies.RESOLUTION_AWARE, worth=np.array([[0.1, 0.4, 0.3]])), heads(10, 20, 30)) == 1


def test_a_random_queue_is_chosen_in_proportion_to_those_who_wait_in_it():
    crowd = heads(10, 20, INF, waiting=(1, 3, 0))
    chosen = [asked(routing(policies.RANDOM_QUEUE), crowd, u=u) for u in (0.1, 0.24, 0.25, 0.9)]
    assert chosen == [0, 0, 1, 1]
    # A higher rank is no candidate.
    assert asked(routing(policies.RANDOM_QUEUE, ranks=[1, 2, 2]), crowd, u=0.9) == 0


def test_a_score_adds_wait_rank_transfer_and_weight():
    scored = routing(policies.SCORE, ranks=[1, 2, 1], weight=np.array([0.0, 0.0, 2.0]),
                     score=np.array([1.0, -60.0, 120.0, 5.0]))  # fmt: skip
    # 90 - 60 = 30; 10 - 120 + 120 = 10; 20 - 60 + 10 = -30.
    assert asked(scored, heads(10, 90, 80, transferred=(0, 1, 0))) == 0
    # 40 - 60 = -20 against 10.
    assert asked(scored, heads(60, 90, 80, transferred=(0, 1, 0))) == 1


def test_rank_ages_at_the_instant_of_its_step_and_not_before():
    steps = {"ageing_from": np.array([[[INF] * 4, [60.0, INF, INF, INF], [INF] * 4]]),
             "ageing_rank": np.array([[[0] * 4, [1, 0, 0, 0], [0] * 4]])}  # fmt: skip
    ageing = routing(ranks=[2, 3, 3], **steps)
    assert asked(ageing, heads(90, 40.5, INF)) == 0
    assert asked(ageing, heads(90, 40, INF)) == 1


def test_overflow_delay_admits_from_its_instant_on():
    late = routing(after=np.array([[60.0, 0.0, 0.0]]))
    assert asked(late, heads(40, 95, INF)) == 0
    assert asked(late, heads(41, 95, INF)) == 1


def test_reserve_keeps_the_stated_number_idle():
    kept = routing(reserve=np.array([[1, 0, 0]]))
    assert [asked(kept, heads(10, INF, INF), idle=idle) for idle in (1, 2)] == [NOTHING, 0]


def test_capacity_adds_up_to_one_in_thirds():
    thirds = routing(concurrency=np.array([3, 3, 2]), mixes=np.array([policies.MIX_ALL]))
    assert asked(thirds, heads(10, INF, INF), load=1 / 3 + 1 / 3, in_hand=0) == 0
    assert asked(thirds, heads(10, INF, INF), load=1.0, in_hand=0) == NOTHING
    assert asked(thirds, heads(INF, INF, 10), load=1 / 3 + 1 / 3, in_hand=0) == NOTHING


def test_mixing_asks_what_is_in_hand():
    def second(mixes, in_hand):
        # Work types 0, 1, 2 are three touchpoints of one contact type, 3 is the first touchpoint of another.
        six = routing(rank=np.ones((1, 6), dtype=np.int64), concurrency=np.full(6, 2), mixes=np.array([mixes]))
        return [policies.fits(six, 0, 0.5, in_hand, work) for work in range(6)]

    assert second(policies.MIX_NONE, 0) == [True, False, False, False, False, False]
    assert second(policies.MIX_TOUCHPOINT, 0) == [True, False, False, True, False, False]
    assert second(policies.MIX_ALL, 0) == [True] * 6


def test_standing_of_agents_by_policy():
    agent = {"load": 0.5, "handle_time": 1.2, "effect": 0.3}
    found = [policies.standing(policy, *agent.values()) for policy in range(4)]
    assert found == [0.0, 0.5, 1.2, -0.3]
    assert policies.goes_before(1.0, 30.0, 1.0, 31.0)
    assert not policies.goes_before(1.0, 30.0, 1.0, 30.0)


def test_a_uniform_number_points_to_each_of_three_places():
    assert [policies.place_of(u, 3) for u in (0.0, 0.34, 0.99, 1.0 - 2.0**-53)] == [0, 1, 2, 2]


def test_kinds_of_events_go_in_the_order_of_the_model():
    kinds = [
        order.WRAPPED,
        order.ENDED,
        order.PRESENCE,
        order.OFFERED,
        order.OVERFLOW,
        order.LOST_PATIENCE,
        order.PROMISE,
    ]
    assert kinds == sorted(kinds)
    # Whatever the keys: the last of a kind goes before the first of the next.
    largest = order.contact_key((200 << 40) + (1 << 40) - 1, 255, 255)
    assert all(order.rank(a, largest) < order.rank(b, 0) for a, b in itertools.pairwise(kinds))


def test_ranks_lie_above_those_of_the_clock():
    assert order.rank(order.WRAPPED, order.agent_key(0, 0)) > 1


def test_ends_of_one_agent_at_one_instant_go_by_contact():
    key = order.agent_key(3, 7)
    ends = [order.rank(order.ENDED, key, order.contact_key(*contact)) for contact in ((0, 0, 0), (5, 0, 1), (5, 1, 0))]
    assert ends == sorted(set(ends))
    assert order.rank(order.ENDED, key) < ends[0] < ends[-1] < order.rank(order.ENDED, order.agent_key(3, 8))


def test_changes_of_a_group_come_before_its_breaks_and_its_agents_own_returns():
    keys = [order.presence_key(2, order.CHANGE), order.presence_key(2, order.BREAK_BEGIN)]
    keys += [order.presence_key(2, order.OWN_RETURN, agent) for agent in (0, 1, 19_999)]
    assert keys == sorted(set(keys))
    assert keys[-1] < order.presence_key(3, order.CHANGE)


def test_agents_go_by_group_then_number_and_contacts_by_case_contact_touch():
    agents = [order.agent_key(group, agent) for group in (0, 1, 59) for agent in (0, 1, 19_999)]
    assert agents == sorted(set(agents))
    contacts = [order.contact_key(*key) for key in itertools.product((0, 1, 1 << 40), (0, 1, 199), (0, 1, 255))]
    assert contacts == sorted(set(contacts))
    assert max(agents) < min(contacts)
