"""Where to spend a budget of runs."""

import math

import pytest

from cxsim.designs.allocation import allocate, chance_of_correct_selection


def test_a_hundred_runs_for_four_scenarios():
    found = allocate([10, 12, 11, 9], spreads=[2, 2, 3, 1], budget=100)
    assert list(found) == pytest.approx([6.1736, 37.5778, 55.5627, 0.6860], abs=5e-5)
    assert found.sum() == pytest.approx(100)
    turned = allocate([-10, -12, -11, -9], spreads=[2, 2, 3, 1], budget=100, larger_is_better=False)
    assert list(turned) == pytest.approx(list(found))


def test_a_scenario_without_spread_needs_no_runs():
    assert list(allocate([10, 12], spreads=[2, 0], budget=10)) == pytest.approx([10, 0])


def test_chance_of_correct_selection_of_three():
    found = chance_of_correct_selection([10, 12, 11], standard_errors=[0.3, 0.3, 0.4])
    assert found == pytest.approx(0.9772486538, rel=1e-9)


def test_exact_means_are_certain_and_exact_ties_a_coin():
    assert chance_of_correct_selection([10, 12], standard_errors=[0, 0]) == 1.0
    assert chance_of_correct_selection([12, 12], standard_errors=[0, 0]) == 0.5
    assert chance_of_correct_selection([12, 12, 12, 12], standard_errors=[1, 1, 1, 1]) == 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: allocate([12, 12], spreads=[1, 1], budget=10), "share the best mean"),
        (lambda: allocate([10, 12], spreads=[0, 0], budget=10), "no scenario varies"),
        (lambda: allocate([10, 12], spreads=[1, -1], budget=10), "spread -1"),
        (lambda: allocate([10, 12], spreads=[1], budget=10), "1 scenarios"),
        (lambda: allocate([10, math.nan], spreads=[1, 1], budget=10), "not finite"),
        (lambda: allocate([10, 12], spreads=[1, 1], budget=0), "budget 0"),
        (lambda: chance_of_correct_selection([10, 12, 9], standard_errors=[1, 1]), "3 means, 2 spreads"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_chance_of_a_right_choice_is_the_same_seen_from_the_other_side():
    errors = [0.1, 0.3, 0.4]
    larger = chance_of_correct_selection([10.0, 12.0, 11.0], standard_errors=errors)
    smaller = chance_of_correct_selection([-10.0, -12.0, -11.0], standard_errors=errors, larger_is_better=False)
    assert smaller == larger
