"""Plans that no other beats, and the area they dominate."""

import math

import numpy as np
import pytest

from cxsim.designs.pareto import hypervolume, pareto_front

PLANS = [(5, 60), (6, 70), (7, 69), (8, 80)]  # cost and score
DIRECTIONS = (False, True)


def test_three_of_four_plans_are_on_the_front():
    assert list(pareto_front(PLANS, larger_is_better=DIRECTIONS)) == [0, 1, 3]
    assert hypervolume(PLANS, reference=(10, 50), larger_is_better=DIRECTIONS) == pytest.approx(110)


def test_front_and_area_by_loops():
    rng = np.random.default_rng(4)
    for _ in range(20):
        points = rng.integers(0, 8, size=(12, 2))  # with ties and doubles
        front = [
            i
            for i, (cost, score) in enumerate(points)
            if not any(c <= cost and s >= score and (c < cost or s > score) for c, s in points)
        ]
        assert list(pareto_front(points, larger_is_better=DIRECTIONS)) == front
        cells = sum(
            any(cost <= x and score >= y + 1 for cost, score in points) for x in range(0, 6) for y in range(2, 8)
        )
        assert hypervolume(points, reference=(6, 2), larger_is_better=DIRECTIONS) == pytest.approx(cells)


def test_three_objectives_have_a_front():
    points = [(1, 1, 1), (1, 1, 2), (2, 0, 1), (1, 1, 1)]
    assert list(pareto_front(points, larger_is_better=(False, False, False))) == [0, 2, 3]


def test_points_beyond_the_reference_dominate_nothing():
    assert hypervolume([(11, 90), (5, 40)], reference=(10, 50), larger_is_better=DIRECTIONS) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pareto_front(PLANS, larger_is_better=[True]), "1 directions"),
        (lambda: pareto_front([(1, math.nan)], larger_is_better=DIRECTIONS), "not finite"),
        (lambda: hypervolume([(1, 2, 3)], reference=(1, 2), larger_is_better=[True] * 3), "3 objectives"),
        (lambda: hypervolume(PLANS, reference=(10, math.nan), larger_is_better=DIRECTIONS), "not finite"),
    ],
)
def test_impossible_points_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
