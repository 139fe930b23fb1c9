"""The course of a day in an exact queue, on exact figures, in limits that are known and for every small plan."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from cxsim import erlang
from cxsim.designs.staffing import offered_load
from cxsim.designs.transient import course, tail_of

RATES = [30, 60, 90, 60]  # per hour, by half hour


def near(expected):
    return pytest.approx(expected, rel=1e-8)


def test_abandonment_by_half_hour_of_one_plan():
    found = course(RATES, [[5, 9, 13, 12]], interval=0.5, talk_time=1 / 6, patience=1 / 3)
    expected = [0.0445626609, 0.0676946717, 0.0859975926, 0.1116792552]
    assert list((found.abandoned / found.offered)[0]) == near(expected)
    assert found.abandonment[0] == near(0.0826629116)


def test_the_law_stays_a_law():
    found = course(RATES, [[5, 9, 13, 12], [1, 0, 30, 2]], interval=0.5, talk_time=1 / 6, patience=1 / 3)
    assert found.at_end.sum(axis=1) == near([1, 1])
    assert found.at_middle.min() >= 0


def test_with_patience_like_talk_time_the_number_present_is_poisson_whatever_the_plan():
    load = offered_load(RATES, interval=0.5, talk_time=1 / 6)
    for plan in ([[1, 2, 3, 4]], [[40, 0, 9, 9]], None):
        found = course(RATES, plan, interval=0.5, talk_time=1 / 6, patience=1 / 6)
        for j, mean in enumerate(load.middle):
            law = found.at_middle[0, j]
            assert law == pytest.approx(stats.poisson.pmf(np.arange(len(law)), mean), abs=1e-12)


def test_a_long_day_comes_to_rest_at_erlang_a():
    found = course([100] * 3, [[9, 9, 9]], interval=10.0, talk_time=1 / 12, patience=1 / 15)
    exact = erlang.erlang_a(100, talk_time=1 / 12, patience=1 / 15, n_agents=9)
    assert (found.abandoned / found.offered)[0, 2] == near(exact.abandonment_rate)
    assert tail_of(found.at_end)[0, 9] == near(exact.p_wait)


def test_nobody_answers_without_agents():
    found = course([20.0], [[0]], interval=200.0, talk_time=1.0, patience=0.5)
    # All leave, but for the ten or so who still wait when the day ends.
    assert found.abandoned[0, 0] == near(20.0 * 200.0 - 10.0 * (1 - math.exp(-400)))


def test_the_cheapest_of_all_small_plans():
    plans = np.array(list(itertools.product(range(1, 13), repeat=3)))
    found = course([20, 50, 30], plans, interval=1.0, talk_time=1 / 6, patience=1 / 6).abandonment
    feasible, cost = found <= 0.05, plans.sum(axis=1)
    assert (len(plans), feasible.sum()) == (1728, 189)
    assert cost[feasible].min() == 23
    best = np.flatnonzero(feasible & (cost == 23))
    winner = best[np.argmin(found[best])]
    assert list(plans[winner]) == [5, 10, 8]
    assert found[winner] == near(0.0451627725)


def test_tails_are_sums_from_above():
    assert list(tail_of(np.array([0.5, 0.3, 0.2]))) == near([1.0, 0.5, 0.2])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rates": [-1, 2]}, "rates"),
        ({"rates": [0, 0]}, "all_rates 0"),
        ({"agents": [[1, -1]]}, "0 or more"),
        ({"agents": [[1, 1, 1]]}, "one number an interval"),
        ({"patience": math.inf}, "patience inf"),
        ({"talk_time": 0.0}, "talk_time 0"),
        ({"rates": [1e6, 1e6]}, "simulate it"),
    ],
)
def test_impossible_days_are_refused_with_the_reason(change, words):
    given = {"rates": [3, 2], "agents": [[1, 1]], "interval": 1.0, "talk_time": 0.5, "patience": 0.5} | change
    with pytest.raises(ValueError, match=words):
        course(given.pop("rates"), given.pop("agents"), **given)
