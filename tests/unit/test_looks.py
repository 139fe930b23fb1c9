"""Stopping when the decision is clear: four answers, worked figures, and how often they are wrong."""

import math

import numpy as np
import pytest
from scipy import stats

from cxsim.designs.compare import paired_difference
from cxsim.designs.estimate import mean_interval, ratio_interval
from cxsim.designs.looks import (
    PLANNED,
    confidence_sequence,
    decide_at_looks,
    decide_by_sequence,
    judge,
    planned_looks,
    sequence_half_width,
)

DIFFERENCES = [2.0, -0.5, 1.5, 0.8, 1.2, 0.4, 1.9, 0.9, 1.1, 0.7]


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_two_planned_looks_decide_at_the_second():
    waiting = planned_looks(DIFFERENCES[:5], looks=(5, 10))
    assert (waiting.outcome, waiting.next_look) == ("unresolved", 10)
    assert (waiting.interval.low, waiting.interval.high) == near((-0.4788500300, 2.4788500300))
    found = planned_looks(DIFFERENCES, looks=(5, 10))
    assert (found.outcome, found.interval.n, found.next_look) == ("above", 10, None)
    assert (found.interval.low, found.interval.high) == near((0.3760598624, 1.6239401376))
    assert found.sentence == "above 0 after 10 replications (estimate 1)"


def test_what_comes_after_the_decision_changes_nothing():
    assert planned_looks([*DIFFERENCES, -90.0, -95.0], looks=(5, 10, 12)) == planned_looks(
        DIFFERENCES, looks=(5, 10, 12)
    )


def test_the_other_three_answers():
    assert planned_looks([-x for x in DIFFERENCES], looks=(5, 10)).outcome == "below"
    assert planned_looks([80.0 + x for x in DIFFERENCES], target=80.0, looks=(5, 10)).outcome == "above"
    near_nothing = [0.1, -0.1, 0.2, -0.2, 0.05]
    assert planned_looks(near_nothing, margin=1.0, looks=(5,)).outcome == "equivalent"
    assert planned_looks(near_nothing, looks=(5,)).outcome == "unresolved"


def test_a_difference_that_is_sure_and_small_is_equivalent():
    assert planned_looks(DIFFERENCES, looks=(10,), margin=2.0).outcome == "equivalent"
    assert planned_looks(DIFFERENCES, looks=(10,), margin=1.5).outcome == "above"


def test_unresolved_says_how_many_it_would_take():
    doubtful = np.array([3.0, -2.0, 1.0, -1.5, 2.0, -1.0, 0.5, 1.0])
    found = planned_looks(doubtful, looks=(4, 8))
    assert (found.outcome, found.next_look) == ("unresolved", None)
    n = 8
    while stats.t.ppf(0.9875, n - 1) * doubtful.std(ddof=1) / math.sqrt(n) > doubtful.mean():
        n += 1
    assert found.needed == n
    assert f"about {n} would be needed" in found.sentence
    # With a wide margin it would sooner be called equivalent.
    margin = found.interval.high * 0.99
    assert planned_looks(doubtful, looks=(4, 8), margin=margin).needed < n


def test_no_number_of_replications_tells_nothing_from_nothing():
    found = planned_looks([1.0, -1.0] * 4, looks=(8,))
    assert (found.outcome, found.needed) == ("unresolved", None)
    assert "might not be enough" in found.sentence


def test_what_never_varies_is_decided_by_its_sign():
    assert planned_looks([0.3] * 20).outcome == "above"
    assert planned_looks([-0.3] * 20).outcome == "below"
    assert planned_looks([0.0] * 20).outcome == "equivalent"
    assert planned_looks([0.3] * 20, margin=0.5).outcome == "equivalent"
    # Five alike, all above: 2 / 32 is more than 5 %.
    few = planned_looks([0.3] * 5, looks=(5,))
    assert (few.outcome, few.needed) == ("unresolved", None)


def test_one_replication_is_unresolved():
    assert judge(mean_interval([4.0])) == "unresolved"


def test_ratios_are_decided_by_their_own_interval():
    served, offered = np.array([160, 92, 210, 128, 175] * 8), np.array([200, 140, 240, 170, 205] * 8)

    def interval_at(n, level):
        return ratio_interval(served[:n], offered[:n], level=level)

    found = decide_at_looks(interval_at, n=40, target=0.76)
    assert (found.outcome, found.interval.n) == ("above", 40)
    assert found.interval == ratio_interval(served, offered, level=0.99)
    assert decide_at_looks(interval_at, n=40, target=0.80).next_look == 80


def test_planned_looks_err_no_more_often_than_they_say():
    # No difference at all, five looks: at most 5 % false decisions; an ordinary interval after each replication errs
    # in more than a third.
    rng = np.random.default_rng(41)
    runs, wrong, naive = 300, 0, 0
    n = np.arange(1.0, 321.0)
    t = stats.t.ppf(0.975, n[19:] - 1)
    for _ in range(runs):
        x = rng.gamma(4.0, size=320) - 4.0
        wrong += planned_looks(x).outcome != "unresolved"
        mean = np.cumsum(x) / n
        spread = np.sqrt((np.cumsum(x**2) - n * mean**2) / (n - 1.0).clip(1.0))
        naive += bool(np.any(np.abs(mean[19:]) > t * spread[19:] / np.sqrt(n[19:])))
    assert wrong / runs <= 0.07
    assert naive / runs > 0.3


def test_confidence_sequence_by_its_formula():
    assert sequence_half_width(float(np.std(DIFFERENCES)), n=10) == near(0.8428440682)
    # v = 0.0821196806 for 100, put into the formula by hand.
    v, n = 0.0821196806, 50.0
    by_hand = math.sqrt(2 * (n * v + 1) / (n * n * v) * math.log(math.sqrt(n * v + 1) / 0.05))
    assert sequence_half_width(1.0, n=n) == pytest.approx(by_hand, rel=1e-9)


def test_confidence_sequence_is_the_formula_at_every_replication():
    x = 1e6 + np.random.default_rng(2).normal(size=60)
    found = confidence_sequence(x, first=20)
    assert list(found.n) == list(range(20, 61))
    for i, k in enumerate(range(20, 61)):
        half_width = sequence_half_width(float(np.std(x[:k])), n=k)
        assert found.value[i] == pytest.approx(x[:k].mean(), rel=1e-12)
        assert found.high[i] - found.value[i] == pytest.approx(half_width, rel=1e-6)


def test_confidence_sequence_decides_and_rarely_errs():
    rng = np.random.default_rng(42)
    wrong = sum(decide_by_sequence(rng.normal(size=300)).outcome != "unresolved" for _ in range(150))
    assert wrong / 150 <= 0.07
    found = decide_by_sequence(rng.normal(0.8, size=300))
    assert found.outcome == "above"
    assert found.interval.n < 100
    assert decide_by_sequence(rng.normal(size=300), margin=0.6).outcome == "equivalent"


def test_a_sequence_that_has_not_varied_decides_nothing():
    found = confidence_sequence([3.0] * 25 + [4.0] * 5)
    assert np.isnan(found.low[:6]).all()
    assert np.isfinite(found.low[6:]).all()
    constant = decide_by_sequence([3.0] * 25)
    assert (constant.outcome, constant.interval.flags, constant.needed) == ("unresolved", ("zero_variance",), None)


def test_an_open_sequence_says_how_many_it_would_take():
    x = np.random.default_rng(5).normal(0.1, size=40)
    found = decide_by_sequence(x)
    assert found.outcome == "unresolved"
    distance = abs(x.mean())
    assert sequence_half_width(x.std(), n=found.needed) <= distance
    assert sequence_half_width(x.std(), n=found.needed * 0.98) > distance


def test_a_paired_difference_is_looked_at_like_any_interval():
    rng = np.random.default_rng(6)
    base = rng.normal(70.0, 10.0, size=40)
    changed = base + 1.0 + rng.normal(size=40)
    found = decide_at_looks(
        lambda n, level: paired_difference(changed[:n], base=base[:n], level=level).interval, n=40, looks=PLANNED
    )
    assert (found.outcome, found.interval.n) == ("above", 20)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: planned_looks([1.0, math.nan]), "1 of 2 values not finite"),
        (lambda: planned_looks([]), "0 replications"),
        (lambda: planned_looks(DIFFERENCES, looks=(10, 5)), "rising"),
        (lambda: planned_looks(DIFFERENCES, looks=(1, 5)), "at least 2"),
        (lambda: planned_looks(DIFFERENCES, looks=(5,), margin=0.0), "margin 0"),
        (lambda: planned_looks(DIFFERENCES, level=1.0), "level 1"),
        (lambda: confidence_sequence(DIFFERENCES), "at least 20"),
    ],
)
def test_impossible_looks_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
