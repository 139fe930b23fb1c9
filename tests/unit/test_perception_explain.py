"""A change of a score is the sum of what its drivers did, to the last digit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from cxsim.errors import PerceptionError
from cxsim.perception.answers import expected_answer, probability_above
from cxsim.perception.explain import LINES, SCORES, decompose
from cxsim.perception.load import load_model
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import DRIVERS, Contributions, contributions

MODEL = load_model()
TODAY = reference_journeys(3000, seed=8)
# Waits four times as long for all but a tenth, who stay exactly as they are; and every fifth need is met after all.
BUSIER = replace(
    TODAY, wait=np.where(TODAY.owner % 10 == 0, TODAY.wait, 4 * TODAY.wait),
    resolved=TODAY.resolved | (np.arange(3000) % 5 == 1),
)  # fmt: skip
BEFORE, AFTER = contributions(TODAY, model=MODEL), contributions(BUSIER, model=MODEL)


def score(felt: Contributions, name: str) -> np.ndarray:
    cuts = MODEL.anchors
    return {
        "top_two": probability_above(felt.satisfaction, cuts.satisfaction[2]),
        "top_box": probability_above(felt.satisfaction, cuts.satisfaction[3]),
        "satisfaction": expected_answer(felt.satisfaction, cuts.satisfaction, lowest=1),
        "agree": probability_above(felt.ease, cuts.ease[3]),
        "ease": expected_answer(felt.ease, cuts.ease, lowest=1),
        "net_promoter_score": probability_above(felt.recommendation, cuts.recommendation[8])
        - (1.0 - probability_above(felt.recommendation, cuts.recommendation[6])),
    }[name]


@pytest.mark.parametrize("name", SCORES)
def test_the_parts_sum_to_the_change(name):
    parts = decompose(BEFORE, AFTER, model=MODEL, score=name)
    assert np.abs(parts.sum(axis=1) - (score(AFTER, name) - score(BEFORE, name))).max() < 1e-9


@pytest.mark.parametrize("name", SCORES)
def test_the_way_back_has_the_opposite_signs(name):
    there, back = (decompose(a, b, model=MODEL, score=name) for a, b in ((BEFORE, AFTER), (AFTER, BEFORE)))
    assert there == pytest.approx(-back, abs=1e-12)


def test_what_nobody_touched_has_no_part():
    parts = decompose(BEFORE, AFTER, model=MODEL)
    changed = {driver for i, driver in enumerate(DRIVERS) if np.abs(parts[:, i]).max() > 0}
    assert {"wait", "unresolved"} <= changed
    # A longer wait may move the peak of memory, and with it what else happened at a touch; never the whole journey.
    assert changed <= {"wait", "unresolved", "transfer", "repeated_information", "hold", "agent"}


def test_two_drivers_that_cancel_are_both_shown():
    moved = np.zeros_like(BEFORE.drivers)
    moved[:, 0], moved[:, 4] = -0.2, 0.2
    parts = decompose(BEFORE, replace(BEFORE, drivers=BEFORE.drivers + moved), model=MODEL)
    assert np.all(parts[:, 0] < 0)
    assert parts[:, 0] == pytest.approx(-parts[:, 4])
    # The index stays, so that each is worth its size times the density at the cut.
    at = BEFORE.satisfaction - MODEL.anchors.satisfaction[2]
    assert parts[:, 4] == pytest.approx(0.2 * norm.pdf(at), abs=1e-12)


def test_what_is_expected_has_a_line_of_its_own():
    """Everyone expects less: the indices rise by that, and nothing that happened has a part."""
    lower = {name: getattr(BEFORE, name) + 0.3 for name in ("offset", "satisfaction", "ease", "recommendation")}
    for name in SCORES:
        parts = decompose(BEFORE, replace(BEFORE, **lower), model=MODEL, score=name)
        assert np.all(parts[:, LINES.index("expectation")] > 0.0)
        assert not parts[:, :-1].any()


def test_different_journeys_and_unknown_scores_are_refused():
    with pytest.raises(PerceptionError, match="the same journeys"):
        decompose(BEFORE, contributions(reference_journeys(10, seed=8), model=MODEL), model=MODEL)
    with pytest.raises(PerceptionError, match="did you mean 'top_two'"):
        decompose(BEFORE, AFTER, model=MODEL, score="top_too")
