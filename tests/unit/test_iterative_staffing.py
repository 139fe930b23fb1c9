"""Agents by interval so that the same share waits all day."""

import math

import numpy as np
import pytest
from scipy import stats

from cxsim.designs.iterative_staffing import agents_for_tails, iterative_staffing, sampled_tails
from cxsim.designs.transient import course, tail_of

RATES = [30, 60, 90, 60]  # per hour, by half hour


def exact_tails(patience):
    def tails(plan):
        plans = None if plan is None else [plan]
        return tail_of(course(RATES, plans, interval=0.5, talk_time=1 / 6, patience=patience).at_middle[0])

    return tails


def test_four_half_hours_with_patience_like_talk_time():
    found = iterative_staffing(exact_tails(1 / 6), p_wait=0.25)
    assert (list(found.agents), found.rounds, found.flags) == ([6, 12, 17, 14], 2, ())


def test_samples_of_the_number_present_serve_as_well():
    load = [3.8843491993, 8.8288042166, 13.8260387947, 11.0572027140]
    grid = (np.arange(4000) + 0.5) / 4000
    present = np.column_stack([stats.poisson.ppf(grid, mean) for mean in load])
    found = iterative_staffing(lambda _plan: sampled_tails(present), p_wait=0.25)
    assert list(found.agents) == [6, 12, 17, 14]


@pytest.mark.parametrize("patience", [1 / 3, 1 / 12])
def test_the_plan_found_keeps_the_share_that_waits_below_the_target_all_day(patience):
    tails = exact_tails(patience)
    found = iterative_staffing(tails, p_wait=0.25)
    assert found.flags == ()
    under = tails(found.agents)
    for j, agents in enumerate(found.agents):
        assert under[j, agents] < 0.25 <= under[j, agents - 1]


def test_two_plans_that_lead_to_each_other_give_the_larger_of_both():
    few, many = np.array([[1.0, 0.5, 0.0, 0.0]] * 2), np.array([[1.0, 0.5, 0.4, 0.0]] * 2)
    crossed = np.vstack([few[:1], many[:1]])

    def tails(plan):
        if plan is None or list(plan) == [3, 2]:
            return crossed
        return crossed[::-1]

    found = iterative_staffing(tails, p_wait=0.3)
    assert (list(found.agents), found.flags) == ([3, 3], ("two_cycle",))


def test_a_plan_that_never_settles_is_flagged():
    numbers = iter(range(1, 100))

    def tails(_plan):
        return np.array([[1.0] * next(numbers) + [0.0]])

    found = iterative_staffing(tails, p_wait=0.3, at_most=5)
    assert (list(found.agents), found.rounds, found.flags) == ([5], 5, ("not_settled",))


def test_a_share_that_is_just_reached_is_not_below():
    assert list(agents_for_tails(np.array([[1.0, 0.25, 0.1]]), p_wait=0.25)) == [2]


def test_sampled_tails_count():
    found = sampled_tails([[0, 2], [1, 2], [1, 0]])
    assert found == pytest.approx(np.array([[1, 2 / 3, 0, 0], [1, 2 / 3, 2 / 3, 0]]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: iterative_staffing(exact_tails(1 / 6), p_wait=1.0), "p_wait 1"),
        (lambda: iterative_staffing(exact_tails(1 / 6), p_wait=0.5, at_most=0), "0 rounds"),
        (lambda: agents_for_tails(np.array([[1.0, 0.6]]), p_wait=0.5), "interval 0 never below"),
        (lambda: agents_for_tails(np.array([[1.2, 0.6]]), p_wait=0.5), "probabilities"),
        (lambda: agents_for_tails(np.array([[1.0, math.nan]]), p_wait=0.5), "not finite"),
        (lambda: sampled_tails([[0.5]]), "whole numbers"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
