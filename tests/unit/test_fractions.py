"""Two-level factorials: which effects they tell apart, checked by brute force over all columns of signs."""

import itertools

import numpy as np
import pytest

from cxsim.designs.fractions import contrasts, fraction
from cxsim.errors import RunError


def signs_of(design):
    return 2.0 * design.signs - 1.0


def resolution_of(design):
    """Fewest settings whose signs multiply to one and the same sign in every run."""
    signs = signs_of(design)
    n_factors = signs.shape[1]
    for size in range(1, n_factors + 1):
        for word in itertools.combinations(range(n_factors), size):
            if abs(signs[:, word].prod(axis=1).sum()) == len(signs):
                return size
    return np.inf


@pytest.mark.parametrize("n_factors", range(2, 11))
def test_without_a_number_of_points_no_two_settings_together_are_confounded(n_factors):
    design = fraction(n_factors)
    assert resolution_of(design) >= 5
    assert (design.resolution == 0) == (len(design.signs) == 2**n_factors)
    assert np.all(signs_of(design).sum(axis=0) == 0)  # each level as often as the other


@pytest.mark.parametrize(
    ("n_factors", "points", "runs", "least"),
    [(8, 16, 16, 4), (6, 16, 16, 4), (5, 16, 16, 5), (4, 8, 8, 4), (16, 40, 32, 4), (3, 100, 8, 5)],
)
def test_with_few_points_the_best_that_fits_is_taken(n_factors, points, runs, least):
    design = fraction(n_factors, points=points)
    assert len(design.signs) == runs
    assert resolution_of(design) >= least


@pytest.mark.parametrize(("n_factors", "points"), [(3, None), (6, 16), (6, None), (8, 16)])
def test_effects_that_cannot_be_told_apart_are_listed_together_and_the_others_found(n_factors, points):
    design = fraction(n_factors, points=points)
    signs = signs_of(design)
    rng = np.random.default_rng(3)
    sizes = {effect: rng.normal() for size in (1, 2) for effect in itertools.combinations(range(n_factors), size)}
    # Half an effect up and half an effect down of the middle.
    answers = sum(0.5 * size * signs[:, effect].prod(axis=1) for effect, size in sizes.items())
    seen = []
    for effects, contrast in contrasts(design):
        seen += effects
        assert contrast @ answers / len(answers) == pytest.approx(sum(sizes[effect] for effect in effects))
    assert sorted(seen) == sorted(sizes)


def test_too_few_points_are_refused_with_how_many_it_takes():
    with pytest.raises(RunError, match="9 settings in 16 points; 32 points or more for resolution IV; points=32"):
        fraction(9, points=16)
