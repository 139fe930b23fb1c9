"""The cheapest shifts for a requirement."""

import itertools
import math

import numpy as np
import pytest

from cxsim.designs.shift_cover import cover_shifts

NEEDED, SHIFTS, COSTS = [3, 5, 6, 4], [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 1, 1, 1]], [2, 2, 2, 3.5]


def test_four_shifts_cover_for_sixteen_and_a_half():
    found = cover_shifts(NEEDED, shifts=SHIFTS, costs=COSTS)
    assert found.cost == pytest.approx(16.5)
    assert np.all(found.coverage >= NEEDED)
    assert np.array(COSTS) @ found.agents == pytest.approx(found.cost)


def test_no_plan_that_a_loop_finds_is_cheaper():
    rng = np.random.default_rng(2)
    for _ in range(5):
        needed, shifts = rng.integers(0, 4, size=4), np.array(SHIFTS)
        costs = rng.integers(1, 9, size=4) / 2
        cheapest = min(
            float(costs @ np.array(plan))
            for plan in itertools.product(range(5), repeat=4)
            if np.all(np.array(plan) @ shifts >= needed)
        )
        assert cover_shifts(needed, shifts=shifts, costs=costs).cost == pytest.approx(cheapest)


def test_nobody_works_half_a_shift():
    # Half an agent on each of three shifts would do for 1.5.
    found = cover_shifts([1, 1, 1], shifts=[[1, 1, 0], [0, 1, 1], [1, 0, 1]], costs=[1, 1, 1])
    assert (found.cost, found.agents.sum()) == (2.0, 2)


def test_limits_on_shifts_are_kept():
    found = cover_shifts(NEEDED, shifts=SHIFTS, costs=COSTS, at_most=[9, 9, 9, 1])
    assert found.agents[3] <= 1
    assert found.cost > 16.5
    assert np.all(found.coverage >= NEEDED)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shifts": [[1, 1, 0, 0]], "costs": [2]}, "interval 2 is covered by no shift"),
        ({"at_most": [0, 0, 0, 1]}, "raise at_most"),
        ({"costs": [2, 2, 2, 0]}, "above 0"),
        ({"costs": [2, 2]}, "2 costs"),
        ({"needed": [3, 5, 6, math.nan]}, "not finite"),
    ],
)
def test_impossible_covers_are_refused_with_the_reason(change, words):
    given = {"needed": NEEDED, "shifts": SHIFTS, "costs": COSTS} | change
    with pytest.raises(ValueError, match=words):
        cover_shifts(given.pop("needed"), **given)
