"""Contributions: the published golden vectors, a plain loop, and losses that only ever grow."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cxsim.perception.journeys import EMAIL, SELF, VOICE, Journeys
from cxsim.perception.load import load_model
from cxsim.perception.parameters import Moments, Offsets
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import DRIVERS, contributions

MODEL = load_model()
TOUCH: dict[str, Any] = {
    "channel": VOICE, "wait": 60.0, "offline_wait": 0.0, "announced": math.nan, "held": 0.0, "abandoned": False,
    "repeated_information": False, "transfers": 0, "quality": 0.0, "agent": 0, "touchpoint": 0,
}  # fmt: skip
JOURNEY: dict[str, Any] = {
    "replication": 0, "case": 0, "customer": 0, "begin": 0.0, "end": 0.0, "resolved": True, "surveyable": True,
    "assisted": 1, "abandoned_attempts": 0, "refused_attempts": 0, "failed_self_service": 0, "switches": 0,
    "method": VOICE,
}  # fmt: skip


def journey(*touches: dict[str, Any], hours: float = 0.0, **facts: Any) -> Journeys:
    full = [{**TOUCH, **touch} for touch in touches]
    columns = {name: np.array([touch[name] for touch in full]) for name in TOUCH}
    whole = {name: np.array([value]) for name, value in {**JOURNEY, "end": hours * 3600.0, **facts}.items()}
    names = {"touchpoint": ("phone",), "contact_type": ("question", "complaint")}
    return Journeys(owner=np.zeros(len(full), int), **columns, **whole, names=names)


GOLDEN = {
    "G1": (journey({}), {}, (0.0, 0.0, 0.0)),
    "G2": (journey({"wait": 0.0}), {"wait": 0.08}, (0.08, 0.1, 0.044)),
    "G3": (journey({"wait": 300.0}), {"wait": -0.289699}, (-0.289699, -0.362124, -0.159334)),
    "G4": (journey({"wait": 300.0, "announced": 300.0}), {"wait": -0.141922}, (-0.141922, -0.177403, -0.078057)),
    "G5": (
        journey({"channel": EMAIL, "wait": 86400.0}, hours=24.0),
        {"wait": -0.350774},
        (-0.350774, -0.438467, -0.192925),
    ),
    "G6": (journey({}, resolved=False), {"unresolved": -1.25}, (-1.25, -1.125, -0.6875)),
    "G7": (
        journey(
            {"channel": SELF, "wait": 0.0},
            {"wait": 240.0, "abandoned": True},
            {"wait": 120.0, "transfers": 1, "repeated_information": True, "held": 75.0, "quality": -1.0},
            hours=30.0, failed_self_service=1, abandoned_attempts=1,
        ),
        {
            "wait": -0.124766, "transfer": -0.161333, "repeated_information": -0.11, "hold": -0.071362,
            "agent": -0.22, "abandonment": -0.2, "failed_self_service": -0.15, "elapsed": -0.022314,
        },
        (-1.059776, -1.173910, -0.582877),
    ),
    "G8": (journey({}, {}, {}, hours=72.0, assisted=3), {"repeat": -0.66, "elapsed": -0.109861},
           (-0.769861, -0.923875, -0.423424)),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_vectors(name):
    facts, drivers, indices = GOLDEN[name]
    felt = contributions(facts, model=MODEL)
    assert felt.drivers[0] == pytest.approx([drivers.get(driver, 0.0) for driver in DRIVERS], abs=1e-6)
    assert (felt.satisfaction[0], felt.ease[0], felt.recommendation[0]) == pytest.approx(indices, abs=1e-6)


def naive(journeys: Journeys, i: int) -> list[float]:
    """Contributions of one journey, straight from the formulas of the outcome model with its printed numbers."""
    kinds = {VOICE: (0.18, 60.0, 60.0), 1: (0.22, 120.0, 60.0), EMAIL: (0.28, 4 * 3600.0, 8 * 3600.0)}
    terms = []
    for k in np.flatnonzero(journeys.owner == i):
        if journeys.channel[k] == SELF:
            terms.append([0.0] * 5)
            continue
        size, tau, h = kinds[int(journeys.channel[k])]
        w = journeys.wait[k]
        gain = min(1.0, max(0.0, 1.0 - w / tau))
        terms.append(
            [
                -size * math.log(1.0 + max(0.0, w - tau) / h) + size / 2.25 * gain,
                -0.22 * min(journeys.transfers[k], 3),
                -0.15 * journeys.repeated_information[k],
                -0.12 * math.log(1.0 + journeys.held[k] / 60.0),
                0.0 if journeys.abandoned[k] else 0.30 * journeys.quality[k],
            ]
        )
    strength = [abs(sum(term)) for term in terms]
    peak = max(range(len(terms)), key=lambda k: (strength[k], k))
    weights = [0.4 / len(terms) + 0.3 * (k == peak) + 0.3 * (k == len(terms) - 1) for k in range(len(terms))]
    touch = [sum(w * term[d] for w, term in zip(weights, terms, strict=True)) for d in range(5)]
    hours = (journeys.end[i] - journeys.begin[i]) / 3600.0
    return [
        *touch,
        -1.25 * (not journeys.resolved[i]),
        -0.33 * min(max(journeys.assisted[i] - 1, 0), 4),
        -0.20 * min(journeys.abandoned_attempts[i], 3),
        -0.15 * min(journeys.failed_self_service[i], 2),
        -0.15 * min(journeys.switches[i], 3),
        -0.10 * math.log(1.0 + max(0.0, hours - 24.0) / 24.0),
    ]


def test_the_vectorised_sum_is_that_of_a_plain_loop():
    journeys = reference_journeys(400, seed=3)
    felt = contributions(journeys, model=MODEL)
    assert felt.drivers == pytest.approx(np.array([naive(journeys, i) for i in range(len(journeys))]), abs=1e-12)


TOUCH_LOSSES = {"wait": 45.0, "offline_wait": 600.0, "held": 20.0, "transfers": 1, "quality": -0.2}
WHOLE_LOSSES = ("assisted", "abandoned_attempts", "refused_attempts", "failed_self_service", "switches")


@pytest.mark.parametrize("fact", TOUCH_LOSSES)
def test_a_worse_touch_never_makes_anyone_more_satisfied(fact):
    journeys = reference_journeys(4000, seed=5)
    rng = np.random.default_rng(1)
    # One touch here and there, so that peaks move.
    worse = getattr(journeys, fact) + TOUCH_LOSSES[fact] * (rng.random(len(journeys.owner)) < 0.3)
    _no_better(journeys, replace(journeys, **{fact: worse}))


@pytest.mark.parametrize("fact", WHOLE_LOSSES)
def test_a_worse_journey_never_makes_anyone_more_satisfied(fact):
    journeys = reference_journeys(4000, seed=5)
    _no_better(journeys, replace(journeys, **{fact: getattr(journeys, fact) + 1}), also_easier=False)


@pytest.mark.parametrize(("fact", "value"), [("resolved", False), ("repeated_information", True)])
def test_what_fails_never_makes_anyone_more_satisfied(fact, value):
    journeys = reference_journeys(4000, seed=5)
    _no_better(journeys, replace(journeys, **{fact: np.full_like(getattr(journeys, fact), value)}))


def test_a_later_end_never_makes_anyone_more_satisfied():
    journeys = reference_journeys(4000, seed=5)
    _no_better(journeys, replace(journeys, end=journeys.end + 36 * 3600.0), also_easier=False)


def _no_better(before: Journeys, after: Journeys, *, also_easier: bool = True) -> None:
    first, second = contributions(before, model=MODEL), contributions(after, model=MODEL)
    assert np.all(second.satisfaction <= first.satisfaction + 1e-12)
    assert np.all(second.recommendation <= first.recommendation + 1e-12)
    assert np.any(second.satisfaction < first.satisfaction - 1e-6)
    # Ease weighs drivers otherwise than memory does, so a new peak may be easier; facts of the whole cannot.
    assert also_easier or np.all(second.ease <= first.ease + 1e-12)


def test_three_average_touches_differ_from_one_by_repeats_and_time_alone():
    one = contributions(journey({"wait": 200.0, "held": 30.0}, hours=60.0), model=MODEL)
    three = contributions(journey(*[{"wait": 200.0, "held": 30.0}] * 3, hours=60.0, assisted=3), model=MODEL)
    difference = three.drivers[0] - one.drivers[0]
    assert difference[DRIVERS.index("repeat")] == pytest.approx(-0.66, abs=1e-12)
    assert np.abs(np.delete(difference, DRIVERS.index("repeat"))).max() < 1e-9


def test_a_good_start_does_not_make_up_for_a_bad_end():
    good, bad = {"wait": 0.0, "quality": 1.0}, {"wait": 600.0, "quality": -1.0}
    last_bad = contributions(journey(good, bad, assisted=2), model=MODEL).satisfaction[0]
    first_bad = contributions(journey(bad, good, assisted=2), model=MODEL).satisfaction[0]
    assert last_bad == pytest.approx(-0.826, abs=5e-4)
    assert first_bad == pytest.approx(-0.497, abs=5e-4)


def test_equal_intensities_are_remembered_by_the_later_one():
    up, down = {"quality": 1.0}, {"quality": -1.0}
    felt = contributions(journey(up, down, {}), model=MODEL).drivers[0, DRIVERS.index("agent")]
    assert felt == pytest.approx(-0.3 * 0.3, abs=1e-12)


def test_a_moment_of_truth_makes_losses_larger_and_gains_not():
    model = replace(MODEL, moments=Moments({"phone": 1.5}))
    drivers = contributions(journey({"wait": 300.0, "quality": 1.0}), model=model).drivers[0]
    assert drivers[DRIVERS.index("wait")] == pytest.approx(1.5 * -0.289699, abs=1e-6)
    assert drivers[DRIVERS.index("agent")] == pytest.approx(0.30, abs=1e-12)


def test_complaints_start_lower_by_name():
    complaint = replace(journey({}), first={"contact_type": np.array([1])})
    question = replace(journey({}), first={"contact_type": np.array([0])})
    assert contributions(complaint, model=MODEL).satisfaction[0] == pytest.approx(-0.5)
    assert contributions(question, model=MODEL).satisfaction[0] == 0.0
    neutral = replace(MODEL, offsets=Offsets({}))
    assert contributions(complaint, model=neutral).satisfaction[0] == 0.0


def test_a_journey_without_a_touch_has_no_touch_terms():
    closed = replace(journey({}), **{k: np.empty(0, np.asarray(v).dtype) for k, v in {**TOUCH, "owner": 0}.items()})
    felt = contributions(replace(closed, refused_attempts=np.array([1]), resolved=np.array([False])), model=MODEL)
    assert felt.satisfaction[0] == pytest.approx(-1.25 - 0.20)
