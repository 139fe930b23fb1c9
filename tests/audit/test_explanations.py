"""A change between two generated scenarios is the sum of its parts, to the last digit, and the way back undoes it."""

import copy
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.generated import scenarios, seeds

from cxsim.perception.explain import LINES
from cxsim.perception.levels import levels
from cxsim.perception.load import load_model
from cxsim.perception.surveys import perceive
from cxsim.perception.twins import EXPLAINED, MARGIN, OTHER_CASES, VALUE, changes, live, twins
from cxsim.trial import simulate

MODEL = load_model()
MANY = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
RESIDUAL = 1e-9


@st.composite
def pairs(draw):
    """A generated scenario with customers of a population and a margin, and one that differs in a few settings."""
    before = draw(scenarios(snapshots=False))
    before["customers"] = {
        "population": draw(st.sampled_from((3, 40))),
        "segments": {"staff": {"share": 0.75, "margin": "20 per month"}, "guest": {"share": 0.25}},
    }
    after = copy.deepcopy(before)
    if draw(st.booleans()):
        after["gives_up_after"] = draw(st.sampled_from((1, 2, 9)))
    for touchpoint in after["touchpoints"].values():
        if draw(st.booleans()):
            touchpoint["resolves"] = draw(st.sampled_from((0.0, 0.5, 1.0)))
    if draw(st.booleans()):
        after["customers"]["segments"]["staff"]["margin"] = "30 per month"
    for contact_type in after["contact_types"].values():
        if "volume" in contact_type and draw(st.booleans()):
            contact_type["volume"] = draw(st.sampled_from(("120 per day", "240 per day")))
    return before, after


def lived(source, seed):
    return live(perceive(simulate(source, seed=seed, engine="process"), seed=seed, model=MODEL), seed=seed, model=MODEL)


def sums(before, after):
    return {(found.part, found.score, found.line): found for found in changes(before, after, model=MODEL)}


@MANY
@given(pairs(), seeds())
def test_the_parts_of_a_change_add_up_and_the_way_back_has_the_opposite_signs(pair, seed):
    before, after = (lived(source, seed) for source in pair)
    there, back = sums(before, after), sums(after, before)
    for score in (*EXPLAINED, VALUE):
        whole = [there.get(("change", score, line)) for line in ("before_both", "after_both")]
        if whole[0] is None:
            continue
        lines = [*LINES, *((OTHER_CASES, MARGIN) if score == VALUE else ())]
        parts = [there["change", score, line].numerator for line in lines]
        n = max(there["change", score, "before_both"].denominator, 1)
        assert abs(math.fsum(parts) - (whole[1].numerator - whole[0].numerator)) / n < RESIDUAL
        for line in lines:
            one, other = there["change", score, line].numerator, back["change", score, line].numerator
            assert one == pytest.approx(-other, abs=RESIDUAL * n)


@settings(MANY, max_examples=15)
@given(scenarios(snapshots=False), seeds())
def test_equal_facts_are_felt_alike_and_explain_nothing(source, seed):
    before, after = lived(source, seed), lived(copy.deepcopy(source), seed)
    assert all(
        np.array_equal(getattr(before.felt, name), getattr(after.felt, name))
        for name in ("drivers", "satisfaction", "ease", "recommendation")
    )
    assert len(twins(before, after)[0]) == len(before)
    lines = [found for found in changes(before, after, model=MODEL) if found.part == "change" and found.line in LINES]
    assert all(found.numerator == 0.0 for found in lines)


@settings(MANY, max_examples=15)
@given(scenarios(snapshots=False), seeds())
def test_points_lost_lead_from_the_clean_journey_to_the_score(source, seed):
    found = {(s.part, s.score, s.line): s for s in levels(lived(source, seed), model=MODEL)}
    for score in EXPLAINED:
        lost = math.fsum(found["level", score, line].numerator for line in LINES[:-1])
        clean, actual = (found["level", score, line].numerator for line in ("clean", "actual"))
        assert clean + lost == pytest.approx(actual, abs=1e-7)
