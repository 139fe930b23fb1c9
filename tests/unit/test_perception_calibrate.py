"""Calibration: what was simulated is found again, without answers nothing moves, and a file says all of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxsim.contacts.log import ContactLog, Table
from cxsim.errors import PerceptionError
from cxsim.perception.answers import answers, opinions
from cxsim.perception.calibrate import calibrate, profile, sensitivity
from cxsim.perception.journeys import Journeys
from cxsim.perception.load import load_model
from cxsim.perception.parameter_sets import with_values
from cxsim.perception.parameters import PerceptionModel, Segment
from cxsim.perception.probit import Asked, Normal, _Problem, fit
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import contributions
from cxsim.perception.survey_fit import SIZES, _weight_prior, answers_of
from cxsim.perception.surveys import perceive
from cxsim.perception.write import write_model

SHIPPED = load_model()
# Whoever is asked answers, whatever they think.
MODEL = replace(SHIPPED, response=replace(SHIPPED.response, extremity=0.0))
PUBLISHED = {address: float(np.asarray(SHIPPED.evidence[address].value)) for address in SIZES}
PRIOR = {address: SHIPPED.evidence[address].prior_sd for address in SIZES}
FEW = 4000  # journeys of the reference operation: what it anchors is not looked at here
UNRESOLVED, REPEAT = "journey.unresolved", "journey.repeat"


def world(truth: PerceptionModel, *, n: int, seed: int, asked=("satisfaction",), only_given: bool = False):
    """Journeys, and what people with these sizes answer: everyone, or those who would."""
    journeys = reference_journeys(n, seed=1000 + seed)
    felt = contributions(journeys, model=truth)
    said = answers(journeys, opinions(journeys, felt, model=truth, seed=seed), model=truth, seed=seed)
    gave = said.answered if only_given else np.ones(n, bool)
    return journeys, {metric: np.where(gave, getattr(said, metric), np.nan) for metric in asked}


def calibrated(journeys: Journeys, said, model: PerceptionModel = MODEL):
    return calibrate(journeys, said, model=model, n_reference=FEW)


def by_address(found):
    return found.sizes.set_index("address")


def test_intervals_of_90_per_cent_hold_the_true_sizes_about_as_often():
    """True multipliers are drawn from the prior; 10,000 answers, no extremity: 80 to 97 % of all intervals hold."""
    held = []
    for seed in range(14):
        rng = np.random.default_rng(seed)
        true = {address: PUBLISHED[address] * np.exp(PRIOR[address] * rng.normal()) for address in SIZES}
        found = by_address(calibrated(*world(with_values(MODEL, true), n=10_000, seed=seed)))
        held += [found.low[address] <= value <= found.high[address] for address, value in true.items()]
        # And what is well told by 10,000 answers is told narrowly.
        assert found.sd[[UNRESOLVED, REPEAT, "touch.agent"]].max() < 0.12
    assert 0.80 <= np.mean(held) <= 0.97


def test_without_answers_sizes_and_intervals_are_those_of_the_prior():
    journeys = reference_journeys(300, seed=1)
    for said in ({}, {"satisfaction": np.full(300, np.nan)}):
        found = calibrated(journeys, said, SHIPPED)
        for row in found.sizes.to_dict("records"):
            assert row["value"] == PUBLISHED[row["address"]]
            wide = np.exp(1.6448536 * PRIOR[row["address"]])
            assert (row["low"], row["high"]) == pytest.approx((row["value"] / wide, row["value"] * wide))
        assert found.model.evidence == SHIPPED.evidence
        assert replace(found.model, anchors=SHIPPED.anchors).fingerprint == SHIPPED.fingerprint
        assert found.warnings == ("0 answers; below 500 nearly all is the prior",)


def test_who_answers_is_corrected_for_as_the_model_says_it_happens():
    """Extreme opinions answer more; taken for everyone's, they make losses look larger."""
    eager = replace(SHIPPED, response=replace(SHIPPED.response, extremity=0.7))
    journeys, said = world(eager, n=90_000, seed=5, only_given=True)
    found, naive = (by_address(calibrated(journeys, said, model)) for model in (eager, MODEL))
    for address in (UNRESOLVED, REPEAT):
        off = np.log(found.multiplier[address]) / found.sd[address]
        assert abs(off) < 3.0
        assert naive.multiplier[address] > 1.03 * found.multiplier[address]


def test_sensitivity_shows_multipliers_by_extremity():
    journeys, said = world(SHIPPED, n=20_000, seed=6, only_given=True)
    table = sensitivity(journeys, said, model=SHIPPED)
    assert list(table.columns) == [0.0, 0.35, 0.7]
    assert table.loc[UNRESOLVED].is_monotonic_decreasing
    own = by_address(calibrated(journeys, said, SHIPPED)).multiplier
    assert table[0.35].to_numpy() == pytest.approx(own[table.index].to_numpy(), rel=1e-9)


def test_weights_of_the_families_are_found_where_ease_was_asked_too():
    truth = with_values(MODEL, {"weights.ease.effort": 1.6, UNRESOLVED: 0.9})
    found = calibrated(*world(truth, n=12_000, seed=7, asked=("satisfaction", "ease")))
    weights = found.weights.set_index("address")
    assert weights.low["weights.ease.effort"] < 1.6 < weights.high["weights.ease.effort"]
    assert weights.low["weights.ease.effort"] > 1.25
    assert not any(address.startswith("weights.satisfaction") for address in weights.index)
    assert by_address(found).value[UNRESOLVED] == pytest.approx(0.9, rel=0.08)
    assert found.model.anchors.recommendation != MODEL.anchors.recommendation  # anchored anew, with the new sizes
    assert found.n_answers == {"satisfaction": 12_000, "ease": 12_000}


def test_the_prior_of_a_weight_is_as_wide_as_its_range():
    """Ease weighs effort 1.25, with 90 % from 1.00 to 1.50; satisfaction is the scale itself and is held."""
    ease, satisfaction = (_weight_prior(SHIPPED, metric) for metric in ("ease", "satisfaction"))
    assert ease.mean.tolist() == [1.25, 0.90, 0.60]
    assert ease.sd == pytest.approx(0.25 / 1.6448536)
    assert satisfaction.sd.tolist() == [0.0, 0.0, 0.0]


def test_predicted_shares_are_those_observed_and_the_explained_share_is_that_of_the_index():
    journeys, said = world(MODEL, n=10_000, seed=8)
    found = calibrated(journeys, said)
    table = found.fit.set_index("by")
    high = said["satisfaction"] >= 4
    lost = ~journeys.resolved
    assert table.observed["unresolved took away"] == pytest.approx(high[lost].mean())
    assert table.n["unresolved took away"] == lost.sum()
    error = np.sqrt(table.predicted * (1 - table.predicted) / table.n)
    assert np.all(np.abs(table.observed - table.predicted) < 4 * error)
    index = contributions(journeys, model=found.model).satisfaction
    assert found.explained["satisfaction"] == pytest.approx(np.var(index) / (1 + np.var(index)))


def test_what_is_written_is_read_again_with_its_intervals(tmp_path):
    found = calibrated(*world(with_values(MODEL, {UNRESOLVED: 0.8}), n=3000, seed=9))
    read = load_model(found.write(tmp_path / "mine.yaml"))
    assert read.fingerprint == found.model.fingerprint
    row = by_address(found).loc[UNRESOLVED]
    entry = read.evidence[UNRESOLVED]
    assert (entry.value, entry.low, entry.high, entry.prior_sd) == tuple(row[["value", "low", "high", "sd"]])
    assert "calibrated on 3000 answers" in entry.source
    assert read.anchors == found.model.anchors
    assert read.waiting.voice.tolerance == 60.0


def test_any_model_is_the_same_when_written_and_read(tmp_path):
    segments = {"choosy": Segment(annual_churn=0.2), "plain": Segment(tolerance=1.5)}
    own = load_model(write_model(replace(SHIPPED, segments=segments), tmp_path / "own.yaml"))
    assert (own.segments["choosy"].annual_churn, own.segments["plain"].tolerance) == (0.2, 1.5)
    for model in (SHIPPED, own):
        assert load_model(write_model(model, tmp_path / "same.yaml")).fingerprint == model.fingerprint


def test_an_answer_that_nobody_gave_has_no_width(tmp_path):
    journeys, said = world(MODEL, n=2000, seed=10)
    said["satisfaction"][said["satisfaction"] == 2] = 3
    said["satisfaction"][said["satisfaction"] == 5] = 4
    model = calibrated(journeys, said).model
    one, two, three, four = model.anchors.satisfaction
    assert one == two < three < four
    assert load_model(write_model(model, tmp_path / "narrow.yaml")).anchors == model.anchors
    same = calibrated(journeys, {"satisfaction": np.full(2000, 4.0)}).model.anchors
    assert same.satisfaction == MODEL.anchors.satisfaction


def test_answers_of_a_log_are_those_given_and_belong_to_their_case():
    rng = np.random.default_rng(1)
    n = 900
    offered = np.sort(rng.random(n)) * 86400.0
    log = perceive(
        ContactLog(
            Table("touchpoints", {
                "case": np.arange(n), "offered": offered, "answered": offered + 200.0, "ended": offered + 500.0,
                "outcome": (rng.random(n) < 0.3).astype(int),
            })
        ),
        seed=3, model=SHIPPED,
    )  # fmt: skip
    shuffled = log.with_tables(surveys=log.surveys.take(rng.permutation(n)))
    from_log, again = (calibrate(one, n_reference=FEW) for one in (log, shuffled))
    gave = int(log.surveys.answered.sum())
    assert from_log.n_answers == {"satisfaction": gave, "ease": gave, "recommendation": gave}
    assert again.sizes["value"].to_numpy() == pytest.approx(from_log.sizes["value"].to_numpy(), rel=1e-6)
    said = answers_of(log, reference_journeys(5, seed=1))["satisfaction"]  # cases 0 to 4
    expected = np.where(log.surveys.answered, log.surveys.satisfaction, np.nan)[:5]
    assert np.array_equal(said, expected, equal_nan=True)
    assert answers_of(log.with_tables(surveys=Table("surveys", {})), reference_journeys(5, seed=1)) == {}


def test_who_is_not_identified_is_a_person_of_the_case():
    journeys, said = world(MODEL, n=1500, seed=13)
    unknown = replace(journeys, customer=np.full(1500, -1))
    assert calibrated(unknown, said).sizes["sd"].to_list() == calibrated(journeys, said).sizes["sd"].to_list()
    # The same people again and again tell less than so many others.
    few = replace(journeys, customer=np.arange(1500) % 3)
    assert not np.allclose(calibrated(few, said).sizes["sd"], calibrated(journeys, said).sizes["sd"], rtol=0.01)


def test_what_moves_far_is_named():
    found = calibrated(*world(with_values(MODEL, {UNRESOLVED: 0.5}), n=4000, seed=11))
    assert any(line.startswith(f"{UNRESOLVED}: ") and "prior SDs" in line for line in found.warnings)
    row = by_address(found).loc[UNRESOLVED]
    assert row["shift"] == pytest.approx(np.log(row["value"] / 1.25) / 0.20)
    assert row["shift"] < -2.0
    assert any("next to nothing" in line for line in calibrated(*world(MODEL, n=600, seed=11)).warnings)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"satisfacton": np.ones(50)}, "did you mean 'satisfaction'"),
        ({"satisfaction": np.ones(49)}, "49 answers for 50 journeys"),
        ({"satisfaction": np.where(np.arange(50) == 7, 6.0, 5.0)}, r"satisfaction\[7\]: 6; whole numbers 1 to 5"),
        ({"recommendation": np.full(50, 0.5)}, "whole numbers 0 to 10"),
    ],
)
def test_answers_that_cannot_be_are_refused(said, told):
    with pytest.raises(PerceptionError, match=told):
        calibrated(reference_journeys(50, seed=1), said)


def test_shapes_want_twenty_thousand_answers_and_then_lie_near_the_truth():
    with pytest.raises(PerceptionError, match="500 answers; 20000 or more"):
        profile(*_tolerance(500), model=MODEL)
    table = profile(*_tolerance(20_000), model=MODEL).set_index("value")["log_posterior"]
    assert table.idxmax() == 60.0
    assert table.max() - table.min() > 1.35


def _tolerance(n):
    journeys, said = world(with_values(MODEL, {"waiting.voice.loss": 0.5}), n=n, seed=12)
    return journeys, "waiting.voice.tolerance", [1.0, 60.0, 300.0], said


# ---------------------------------------------------------------------------------------------------- the probit


def question(n: int, *, seed: int, times: int = 1) -> Asked:
    """Two columns of which the second has half a unit of effect; each row given `times` times by the same person."""
    rng = np.random.default_rng(seed)
    columns = rng.random((n, 2)) * [1.0, -2.0]
    latent = columns @ [1.0, 0.5] + rng.normal(size=n)
    answer, who = np.digitize(latent, [-1.0, -0.2, 0.6]), np.arange(n)
    rows = np.repeat(np.arange(n), times)
    return Asked(columns[rows], np.zeros(len(rows)), answer[rows], who[rows], np.ones(len(rows)), np.array([0, 1]))


FLAT = Normal(np.zeros(2), np.full(2, 50.0))
HELD = Normal(np.ones(2), np.zeros(2))


def test_the_slope_of_the_likelihood_is_that_of_small_steps():
    part = question(200, seed=1)
    problem = _Problem([part], Normal(np.zeros(2), np.ones(2)), [Normal(np.ones(2), np.full(2, 0.2))])
    at = problem.start[problem.free] + 0.1 * np.arange(problem.free.sum())
    for place in range(len(at)):
        step = 1e-5 * (np.arange(len(at)) == place)
        expected = (problem.loss(at + step)[0] - problem.loss(at - step)[0]) / 2e-5
        assert problem.loss(at)[1][place] == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_sizes_and_cuts_of_a_plain_example_are_found():
    found = fit([question(40_000, seed=2)], FLAT, [HELD])
    assert np.exp(found.theta) == pytest.approx([1.0, 0.5], abs=0.05)
    assert found.cuts[0] == pytest.approx([-1.0, -0.2, 0.6], abs=0.04)


def test_the_same_answer_twice_by_one_person_tells_no_more_than_once():
    once, twice = (fit([question(3000, seed=3, times=times)], FLAT, [HELD]) for times in (1, 2))
    assert twice.theta == pytest.approx(once.theta, abs=1e-3)
    assert np.diag(twice.covariance)[:2] == pytest.approx(np.diag(once.covariance)[:2], rel=0.01)
    apart = replace(question(3000, seed=3, times=2), who=np.arange(6000))
    half = np.diag(fit([apart], FLAT, [HELD]).covariance)[:2]
    assert half == pytest.approx(0.5 * np.diag(once.covariance)[:2], rel=0.01)


def test_a_held_size_stays_and_has_no_spread():
    found = fit([question(500, seed=4)], Normal(np.zeros(2), np.array([0.0, 1.0])), [HELD])
    assert found.theta[0] == 0.0
    assert found.covariance[0, 0] == 0.0
    assert found.covariance[1, 1] > 0.0
