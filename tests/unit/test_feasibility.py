"""One plan against a target, sequentially."""

import numpy as np
import pytest

from cxsim.designs.feasibility import feasibility

DAYS = [81, 79, 83, 80, 82, 84, 79, 82, 81, 80, 83, 82, 80, 83]


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_fourteen_days_show_that_eighty_is_met():
    found = feasibility([*DAYS, 10, 10], target=80, tolerance=0.5, first=8)
    assert (found.outcome, found.n, found.total) == ("feasible", 14, 19)
    assert (found.eta, found.h_squared) == near((0.4653488644, 6.5148841022))
    assert (found.variance, found.boundary) == near((3.3571428571, 18.3713966288))


def test_thirteen_days_do_not():
    found = feasibility(DAYS[:13], target=80, tolerance=0.5, first=8)
    assert (found.outcome, found.n) == ("unresolved", 13)


def test_the_mirror_image_is_infeasible():
    found = feasibility([160 - x for x in DAYS], target=80, tolerance=0.5, first=8)
    assert (found.outcome, found.n, found.total) == ("infeasible", 14, -19)


def test_more_tests_ask_for_more_evidence():
    one = feasibility(DAYS, target=80, tolerance=0.5, first=8)
    assert feasibility(DAYS, target=80, tolerance=0.5, first=8, n_tests=3).boundary > one.boundary


def test_wrong_decisions_are_rarer_than_the_level_allows():
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(400):
        found = feasibility(rng.normal(-0.5, 2.0, size=2000), tolerance=0.5, first=10)
        assert found.outcome != "unresolved"
        wrong += found.outcome == "feasible"
    assert wrong / 400 <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


def test_a_first_stage_without_variance_draws_no_boundary():
    found = feasibility([81.0] * 8 + [70.0] * 8, target=80, tolerance=0.5, first=8)
    assert (found.outcome, found.flags) == ("unresolved", ("zero_variance",))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tolerance": 0.0}, "tolerance 0"),
        ({"first": 1}, "stage"),
        ({"first": 20}, "14 replications; at least 20"),
        ({"level": 0.4}, "level 0.4"),
        ({"n_tests": 0}, "n_tests 0"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(change, words):
    with pytest.raises(ValueError, match=words):
        feasibility(DAYS, **{"target": 80, "tolerance": 0.5, "first": 8} | change)
