"""Who takes whom, and what goes first at one instant: hand examples of the pure rules."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cxsim.model import order
from cxsim.model.policies import LONGEST_IDLE, LONGEST_WAIT, NOTHING, group_for_contact, queue_for_agent

INF = np.inf


def best_group(chosen, idle_since, groups=(0, 1, 2)):
    """Routing question 1 for work type 0 with three groups."""
    table = np.array([[*groups, *[NOTHING] * (3 - len(groups))]])
    order_ = np.array(chosen, dtype=np.int64).reshape(3, 1)
    return group_for_contact(LONGEST_IDLE, table, order_, np.array(idle_since, dtype=float), 0)


def best_queue(ranks, waiting_since, served=(0, 1, 2)):
    """Routing question 2 for group 0 with three work types."""
    table = np.array([[*served, *[NOTHING] * (3 - len(served))]])
    return queue_for_agent(LONGEST_WAIT, table, np.array([ranks]), np.array(waiting_since, dtype=float), 0)


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


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([1.0, 2.0, 3.0, INF])), min_size=3, max_size=3))
def test_queue_is_the_first_by_rank_then_wait_then_number(queues):
    ranks, since = [rank for rank, _ in queues], [wait for _, wait in queues]
    served = tuple(sorted(range(3), key=lambda work: (ranks[work], work)))
    waiting = [(ranks[work], since[work], work) for work in range(3) if since[work] < INF]
    assert best_queue(ranks, since, served=served) == (min(waiting)[2] if waiting else NOTHING)


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


def test_agents_go_by_group_then_number_and_contacts_by_case_contact_touch():
    agents = [order.agent_key(group, agent) for group in (0, 1, 59) for agent in (0, 1, 19_999)]
    assert agents == sorted(set(agents))
    contacts = [order.contact_key(*key) for key in itertools.product((0, 1, 1 << 40), (0, 1, 199), (0, 1, 255))]
    assert contacts == sorted(set(contacts))
    assert max(agents) < min(contacts)
