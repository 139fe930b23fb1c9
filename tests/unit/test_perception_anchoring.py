"""Anchored respondents answer like the benchmark, and anchoring again changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri

from cxsim.errors import PerceptionError
from cxsim.perception.anchoring import Target, Targets, _cuts, anchor
from cxsim.perception.answers import answers, opinions, response_probability, scores
from cxsim.perception.load import load_model
from cxsim.perception.loyalty import churn_probability, experience, stocks
from cxsim.perception.parameters import PerceptionModel
from cxsim.perception.reference import reference_anchors, reference_journeys
from cxsim.perception.satisfaction import contributions

MODEL = load_model()
JOURNEYS = reference_journeys(20_000, seed=11)


def shares_among_respondents(model: PerceptionModel, metric: str, n_answers: int) -> np.ndarray:
    """Shares of the answers, weighted with the probability of answering."""
    held = opinions(JOURNEYS, contributions(JOURNEYS, model=model), model=model, seed=11)
    asked = JOURNEYS.surveyable
    chance = response_probability(held.satisfaction, JOURNEYS.method, model=model)[asked]
    given = scores(getattr(held, metric), getattr(model.anchors, metric), lowest=0)[asked]
    return np.bincount(given, chance, minlength=n_answers) / chance.sum()


def anchored(targets: Targets | None = None) -> PerceptionModel:
    return MODEL.with_anchors(anchor(JOURNEYS, targets, parameters=MODEL, seed=11))


@pytest.mark.parametrize("metric", ["satisfaction", "ease", "recommendation"])
def test_a_whole_distribution_is_reached(metric):
    target = getattr(MODEL.targets, metric)
    assert shares_among_respondents(anchored(), metric, len(target)) == pytest.approx(target, abs=3e-4)


@pytest.mark.parametrize(
    ("metric", "statistic", "value", "weights"),
    [
        ("satisfaction", "top_two", 0.74, [0, 0, 0, 1, 1]),
        ("satisfaction", "top_box", 0.78, [0, 0, 0, 0, 1]),
        ("satisfaction", "mean", 4.6, [1, 2, 3, 4, 5]),
        ("ease", "mean", 5.9, [1, 2, 3, 4, 5, 6, 7]),
        ("ease", "agree", 0.65, [0, 0, 0, 0, 1, 1, 1]),
        ("recommendation", "net_promoter_score", -0.1, [-1] * 7 + [0, 0] + [1, 1]),
        ("recommendation", "mean", 6.0, list(range(11))),
    ],
)
def test_one_number_is_reached_by_moving_all_cuts_alike(metric, statistic, value, weights):
    model = anchored(Targets(**{metric: Target(statistic, value)}))
    assert shares_among_respondents(model, metric, len(weights)) @ weights == pytest.approx(value, abs=2e-3)
    moved = np.subtract(getattr(model.anchors, metric), getattr(anchored().anchors, metric))
    assert np.ptp(moved) < 1e-9


def test_a_distribution_of_ones_own_is_reached():
    target = (0.05, 0.10, 0.20, 0.40, 0.25)
    model = anchored(Targets(satisfaction=Target("shares", target)))
    assert shares_among_respondents(model, "satisfaction", 5) == pytest.approx(target, abs=3e-4)


def test_a_cut_lies_on_the_last_opinion_below_it():
    """Four people who answer alike: one answers 1, one 2, nobody 3, one 4, one 5."""
    wanted = Targets(satisfaction=Target("shares", (0.25, 0.25, 0.0, 0.25, 0.25)))
    opinions_of = np.array([3.0, 0.0, 1.0, 2.0])
    cuts = _cuts("satisfaction", opinions_of, np.ones(4), targets=wanted, model=MODEL)
    assert cuts == (0.0, 1.0, 1.0, 2.0)
    assert scores(opinions_of, cuts, lowest=1).tolist() == [5, 1, 2, 4]


def test_months_lived_are_told_from_the_least_on():
    lived = anchor(JOURNEYS, parameters=MODEL, seed=11).exposure
    assert len(lived) == 50
    assert np.all(np.diff(lived) >= 0.0)
    assert lived[0] < 12.0 < lived[-1]


def test_annual_churn_is_reached():
    model = anchored(Targets(annual_churn=0.08))
    felt = contributions(JOURNEYS, model=model)
    counted = experience(felt, opinions(JOURNEYS, felt, model=model, seed=11), model=model)
    found = churn_probability(stocks(JOURNEYS, counted, model=model).stock, model=model)
    assert found.mean() == pytest.approx(0.08, abs=1e-9)


def test_anchoring_an_anchored_model_changes_nothing():
    first = anchor(JOURNEYS, parameters=MODEL, seed=11)
    assert anchor(JOURNEYS, parameters=MODEL.with_anchors(first), seed=11) == first


def test_without_drivers_and_selection_cuts_are_those_of_a_normal():
    """Golden vector G9: every index 0, nobody more eager to answer than others."""
    n = 100_000
    base = reference_journeys(n, seed=2)
    plain = replace(
        base, owner=np.arange(n), resolved=np.ones(n, bool), surveyable=np.ones(n, bool), end=base.begin,
        channel=np.zeros(n, int), wait=np.full(n, 60.0),
        **{k: np.zeros(n) for k in ("offline_wait", "held", "quality")},
        announced=np.full(n, np.nan), abandoned=np.zeros(n, bool), repeated_information=np.zeros(n, bool),
        transfers=np.zeros(n, int), agent=np.zeros(n, int), touchpoint=np.zeros(n, int), assisted=np.ones(n, int),
        **{k: np.zeros(n, int) for k in ("abandoned_attempts", "failed_self_service", "switches", "method")},
    )  # fmt: skip
    model = replace(MODEL, response=replace(MODEL.response, extremity=0.0))
    found = np.array(anchor(plain, parameters=model, seed=5).satisfaction)
    below = np.cumsum(MODEL.targets.satisfaction)[:-1]
    assert found == pytest.approx([-1.2265, -1.1264, -0.9154, -0.3585], abs=0.02)
    density = np.exp(-0.5 * ndtri(below) ** 2) / np.sqrt(2 * np.pi)
    assert np.all(np.abs(found - ndtri(below)) < 4 * np.sqrt(below * (1 - below) / n) / density)


def test_the_shipped_anchors_are_those_of_the_reference_operation():
    """Found again with other people, other agents and a fourth of the journeys, within four standard errors."""
    n = 50_000
    again, shipped = reference_anchors(n, model=MODEL, seed=77), MODEL.anchors
    # About 15 % answer; a quantile has SE sqrt(p (1 - p) / n) / density, here at a latent SD of about 1.17.
    respondents = 0.12 * n
    for metric in ("satisfaction", "ease", "recommendation"):
        below = np.cumsum(getattr(MODEL.targets, metric))[:-1]
        density = np.exp(-0.5 * ndtri(below) ** 2) / np.sqrt(2 * np.pi) / 1.17
        error = np.sqrt(below * (1 - below) / respondents) / density
        assert np.all(np.abs(np.subtract(getattr(again, metric), getattr(shipped, metric))) < 4 * error)
    assert again.satisfaction_mean == pytest.approx(shipped.satisfaction_mean, abs=4 * 0.6 / np.sqrt(n) * 1.2)
    assert again.ease_mean == pytest.approx(shipped.ease_mean, abs=4 * 0.6 / np.sqrt(n) * 1.2)
    assert again.satisfaction_spread == pytest.approx(shipped.satisfaction_spread, rel=0.01)
    assert again.base_hazard == pytest.approx(shipped.base_hazard, rel=0.02)


@pytest.mark.slow
def test_the_shipped_anchors_are_found_again_to_the_last_printed_digit():
    again = reference_anchors(model=MODEL)
    for name, value in vars(again).items():
        assert np.asarray(value) == pytest.approx(np.asarray(getattr(MODEL.anchors, name)), abs=6e-7)


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (Targets(satisfaction=Target("top_tow", 0.8)), "did you mean 'top_two'"),
        (Targets(satisfaction=Target("top_two", 82.0)), "between 0 and 1"),
        (Targets(recommendation=Target("net_promoter_score", 31)), "between -1 and 1"),
        (Targets(ease=Target("shares", (0.5, 0.5))), "7 shares"),
        (Targets(annual_churn=1.5), "a share between 0 and 1"),
    ],
)
def test_a_target_that_cannot_be_is_refused(targets, said):
    with pytest.raises(PerceptionError, match=said):
        anchored(targets)


def test_an_operation_in_which_nobody_can_be_asked_is_refused():
    silent = replace(JOURNEYS, surveyable=np.zeros(len(JOURNEYS), bool))
    with pytest.raises(PerceptionError, match="no journey that can be surveyed"):
        anchor(silent, parameters=MODEL, seed=1)
    rates = dict.fromkeys(("voice", "chat", "email", "self_service"), 0.0)
    mute = replace(MODEL, response=replace(MODEL.response, **rates))
    with pytest.raises(PerceptionError, match="nobody answers"):
        anchor(JOURNEYS, parameters=mute, seed=1)


def test_answers_lie_on_their_scales():
    held = opinions(JOURNEYS, contributions(JOURNEYS, model=MODEL), model=MODEL, seed=11)
    said = answers(JOURNEYS, held, model=MODEL, seed=11)
    assert set(np.unique(said.satisfaction)) == set(range(1, 6))
    assert set(np.unique(said.ease)) == set(range(1, 8))
    assert set(np.unique(said.recommendation)) == set(range(11))
    assert not np.any(said.answered & ~said.invited)
    assert not np.any(said.commented & ~said.answered)


def test_an_opinion_on_a_cut_is_not_above_it():
    assert scores(np.array([-1.0, 0.0, 0.5, 2.0]), (0.0, 1.0), lowest=1).tolist() == [1, 1, 2, 3]
