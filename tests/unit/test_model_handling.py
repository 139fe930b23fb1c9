"""Pure rules of contacts in hand and of announcements: hand examples."""

import math

import numpy as np
import pytest

from cxsim import streams
from cxsim.model import announcing, draws, handling
from cxsim.model.service import Queues


def test_slowdown_beyond_the_table_is_that_of_its_end():
    slowdown = np.array([[1.0, 1.0, 1.5, 2.0]])
    assert [handling.slowed(slowdown, 0, n) for n in (1, 2, 3, 9)] == [1.0, 1.5, 2.0, 2.0]


def test_work_left_goes_down_by_time_over_slowdown_and_never_below_nothing():
    assert handling.work_left(60.0, 100.0, 120.0, 1.0) == 40.0
    assert handling.work_left(60.0, 100.0, 120.0, 2.0) == 50.0
    assert handling.work_left(60.0, 100.0, 160.0 + 1e-9, 1.0) == 0.0


def test_what_is_lacking_halves():
    learning = np.array([[0.5, -1.0, 100.0], [0.0, 0.0, 0.0]])
    assert handling.fading(learning, 0, 0.0, 0.0) == 1.0
    assert handling.fading(learning, 0, 50.0, 150.0) == pytest.approx(0.25, rel=1e-12)
    assert handling.fading(learning, 0, math.inf, 0.0) == 0.0
    assert handling.fading(learning, 1, 0.0, 0.0) == 0.0
    assert handling.handle_factor(1.2, learning, 0, 0.5, 1.1) == pytest.approx(1.2 * 1.25 * 1.1, rel=1e-12)
    assert handling.resolution_effect(0.3, learning, 0, 0.5, -0.2) == pytest.approx(0.3 - 0.5 - 0.2, rel=1e-12)


def test_nothing_special_leaves_factor_and_effect_as_they_are():
    learning = np.array([[0.0, 0.0, 0.0]])
    assert handling.handle_factor(0.1 + 0.2, learning, 0, 0.0, 1.0) == 0.1 + 0.2
    assert handling.resolution_effect(0.1 + 0.2, learning, 0, 0.0, 0.0) == 0.1 + 0.2


def test_a_late_break_is_full_or_on_time():
    assert handling.break_end(600.0, 300.0, 700.0, False) == 1000.0
    assert handling.break_end(600.0, 300.0, 700.0, True) == 900.0


def queues(**changes):
    """One work type without anything special."""
    one = {name: np.zeros(1) for name in Queues._fields}
    one |= {"balk_from": np.full((1, 8), np.inf), "balk_share": np.zeros((1, 8)), "callback_from": np.array([np.inf])}
    return Queues(**{**one, **changes})


def test_expected_wait_is_nothing_known_with_nobody_able():
    assert announcing.expected_wait(3, 60.0, 2) == 90.0
    assert math.isnan(announcing.expected_wait(3, 60.0, 0))


def test_share_that_balks_is_that_of_the_last_step_reached():
    begins, shares = np.full((1, 8), np.inf), np.zeros((1, 8))
    begins[0, :2], shares[0, :2] = (60, 300), (0.1, 0.4)
    steps = queues(balk_from=begins, balk_share=shares)
    found = [announcing.balk_share(steps, 0, wait) for wait in (0.0, 59.9, 60.0, 299.0, 300.0, 9e9, math.nan)]
    assert found == [0.0, 0.0, 0.1, 0.1, 0.4, 0.4, 0.0]


def test_callback_is_offered_from_its_wait_on():
    offered = queues(callback_from=np.array([60.0]), callback_share=np.ones(1))
    accepted = [announcing.accepts_callback(offered, 1, 0, 0, wait) for wait in (59.0, 60.0, math.nan)]
    assert accepted == [False, True, False]
    assert not announcing.accepts_callback(queues(), 1, 0, 0, 1e9)


def test_each_promised_time_is_a_draw_of_its_own():
    key = streams.entity_key(streams.replication_key(0, 0), streams.CASE, 7)
    asks = [draws.sends_chaser(key, 0, n, 0.3) for n in range(1, 2001)]
    assert abs(np.mean(asks) - 0.3) < 4 * math.sqrt(0.3 * 0.7 / 2000)
