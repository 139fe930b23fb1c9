"""Scales that no benchmark anchors: linked to the anchored one, never out of order, one opinion behind them all."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.perception.answers import answers, opinions
from cxsim.perception.load import load_model
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import contributions
from cxsim.perception.scales import linked_cuts

MODEL = load_model()
CUTS = st.lists(st.floats(-5, 5), min_size=2, max_size=10).map(sorted)


@given(CUTS)
def test_a_scale_is_linked_to_itself_by_its_own_cuts(cuts):
    assert linked_cuts(cuts, len(cuts) + 1) == pytest.approx(cuts, abs=1e-12)


@given(CUTS, st.integers(2, 12))
def test_linked_cuts_never_fall(cuts, n_answers):
    linked = linked_cuts(cuts, n_answers)
    assert len(linked) == n_answers - 1
    assert all(later >= earlier - 1e-12 for earlier, later in pairwise(linked))


@given(CUTS, st.floats(-2, 2), st.integers(2, 12))
def test_a_shift_of_the_anchored_cuts_shifts_the_linked_ones_alike(cuts, shift, n_answers):
    moved = linked_cuts([cut + shift for cut in cuts], n_answers)
    assert moved == pytest.approx(np.array(linked_cuts(cuts, n_answers)) + shift, abs=1e-9)


def test_good_or_bad_divides_the_scale_in_the_middle():
    low, high = MODEL.anchors.satisfaction[1:3]
    assert linked_cuts(MODEL.anchors.satisfaction, 2) == pytest.approx([(low + high) / 2])


def said(n: int = 20_000, seed: int = 2):
    journeys = reference_journeys(n, seed=seed)
    held = opinions(journeys, contributions(journeys, model=MODEL), model=MODEL, seed=seed)
    return answers(journeys, held, model=MODEL, seed=seed)


def test_one_opinion_is_behind_the_answers_on_every_scale():
    found = said()
    for name, n_answers in (("satisfaction_of_2", 2), ("satisfaction_of_7", 7), ("satisfaction_of_10", 10)):
        other = getattr(found, name)
        assert other.min() == 1
        assert other.max() == n_answers
        # Whoever answers higher on five points never answers lower on another scale.
        for low, high in zip(range(1, 5), range(2, 6), strict=True):
            assert other[found.satisfaction == low].max() <= other[found.satisfaction == high].min()
    assert found.effort.min() == 1
    assert found.effort.max() == 5
    for low, high in zip(range(1, 7), range(2, 8), strict=True):
        assert found.effort[found.ease == low].min() >= found.effort[found.ease == high].max()


def test_scales_agree_on_the_mean_place_and_differ_in_their_shares():
    found = said()
    places = [
        (answer.mean() - 1) / (k - 1)
        for answer, k in ((found.satisfaction, 5), (found.satisfaction_of_7, 7), (found.satisfaction_of_10, 10))
    ]
    assert np.ptp(places) < 0.03
    assert np.mean(found.satisfaction_of_10 >= 9) < np.mean(found.satisfaction >= 4)
    assert np.mean(found.satisfaction >= 3) > np.mean(found.satisfaction >= 4)
