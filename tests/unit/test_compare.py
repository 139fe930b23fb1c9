"""Differences between scenarios run with common random numbers, and what is said about them."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from cxsim.designs.compare import (
    equivalence,
    holm,
    paired_difference,
    ratio_difference,
    simultaneous_level,
    verdict,
)
from cxsim.designs.estimate import mean_interval, ratio_influences, ratio_interval

TODAY = [70, 74, 68, 77, 72, 75]
MORE = [72, 75, 71, 78, 75, 76]
SERVED, OFFERED = [160, 92, 210, 128, 175], [200, 140, 240, 170, 205]
SERVED_MORE, OFFERED_MORE = [168, 104, 216, 137, 182], [200, 141, 239, 171, 205]


def near(expected):
    return pytest.approx(expected, rel=1e-8)


def test_pairing_sees_what_unpaired_runs_do_not():
    found = paired_difference(MORE, base=TODAY)
    assert found.interval.value == near(1.8333333333)
    assert (found.interval.low, found.interval.high) == near((0.8015365235, 2.8651301432))
    assert found.interval.value / found.interval.standard_error == near(4.5675013920)
    assert found.p_value == near(0.0060155909)
    assert found.correlation == near(0.9755139185)
    assert found.variance_ratio == near(18.3793103448)
    assert stats.ttest_ind(MORE, TODAY, equal_var=False).pvalue == near(0.3132103377)


def test_difference_of_ratios_of_sums():
    found = ratio_difference(SERVED_MORE, OFFERED_MORE, base_numerators=SERVED, base_denominators=OFFERED)
    assert found.interval.value == near(0.0430951390)
    assert found.interval.standard_error == near(0.0076974188)
    assert (found.interval.low, found.interval.high) == near((0.0217236783, 0.0644665997))
    assert found.variance_ratio == near(33.92438048)
    alone = [ratio_interval(SERVED, OFFERED), ratio_interval(SERVED_MORE, OFFERED_MORE)]
    assert math.hypot(*(interval.standard_error for interval in alone)) == near(0.0448333383)
    assert found.interval.value == near(alone[1].value - alone[0].value)


def test_difference_where_one_side_saw_nothing_is_unknown():
    found = ratio_difference([1, 2], [2, 3], base_numerators=[0, 0], base_denominators=[0, 0])
    assert math.isnan(found.interval.value)
    assert "nothing_observed" in found.interval.flags
    assert verdict(found.interval).outcome == "unresolved"


def test_an_untouched_metric_is_the_same_in_each_replication():
    found = ratio_difference(SERVED, OFFERED, base_numerators=SERVED, base_denominators=OFFERED)
    assert found.interval.flags == ("zero_variance",)
    assert math.isnan(found.interval.low)
    few = verdict(found.interval, what="abandonment")
    assert few.outcome == "unresolved"  # the sign test of five is not sure enough
    assert few.sentence == "abandonment: 0 in each of 5 replications, too few to tell; run more"
    served, offered = np.tile(SERVED, 2), np.tile(OFFERED, 2)
    more = ratio_difference(served, offered, base_numerators=served, base_denominators=offered)
    said = verdict(more.interval, what="abandonment")
    assert said.outcome == "equivalent"
    assert said.sentence == "abandonment: no real difference; the same in each of 10 replications"


def test_rounding_is_not_a_difference():
    base = np.array([0.1, 0.7, 1.3, 2.9, 0.4, 1.1])
    same = base * 3.0 / 3.0 + 1e-16
    assert paired_difference(same, base=base).interval.value == 0.0
    shifted = paired_difference(base + 0.2, base=base).interval
    assert shifted.value == near(0.2)
    assert shifted.flags == ("zero_variance",)
    assert verdict(shifted).outcome == "above"


def test_one_replication_decides_nothing():
    found = paired_difference([5.0], base=[3.0])
    assert found.interval.flags == ("single_replication",)
    assert math.isnan(found.p_value)
    said = verdict(found.interval)
    assert said.outcome == "unresolved"
    assert "one replication" in said.sentence


def test_equivalence_within_three_points():
    found = equivalence(MORE, base=TODAY, margin=3.0)
    assert found.p_value == near(0.0167661988)
    assert (found.low, found.high) == near((1.0245201477, 2.6421465189))
    assert found.equivalent
    assert found.level == near(0.9)
    assert found.p_value == near(ttost_paired(np.array(MORE), np.array(TODAY), -3.0, 3.0)[0])
    assert not equivalence(MORE, base=TODAY, margin=2.0).equivalent


def test_equivalence_of_ratios_by_their_influences():
    after, before = ratio_influences(SERVED_MORE, OFFERED_MORE), ratio_influences(SERVED, OFFERED)
    found = equivalence(after, base=before, margin=0.08)
    t = stats.t.ppf(0.95, 4)
    assert (found.low, found.high) == near((0.0430951390 - t * 0.0076974188, 0.0430951390 + t * 0.0076974188))
    assert found.p_value == near(stats.t.sf((0.08 - 0.0430951390) / 0.0076974188, 4))


def test_equivalence_without_variance_is_a_sign_test():
    assert equivalence([1.0] * 5, base=[1.0] * 5, margin=0.5).p_value == 0.5**5
    assert not equivalence([1.0] * 4, base=[1.0] * 4, margin=0.5).equivalent
    assert equivalence([2.0] * 5, base=[1.0] * 5, margin=0.5).p_value == 1.0


def test_holm_on_four_metrics():
    assert holm([0.004, 0.03, 0.02, 0.20]) == near([0.016, 0.06, 0.06, 0.20])


def test_holm_equals_the_library():
    rng = np.random.default_rng(8)
    for size in (1, 2, 7, 40):
        p = np.round(rng.random(size) ** 3, 2)  # with ties and zeros
        assert holm(p) == near(multipletests(p, method="holm")[1])


def test_simultaneous_intervals_share_the_error():
    assert simultaneous_level(0.95, n_intervals=5) == near(0.99)


def interval(low, high):
    """The interval of five differences with these ends."""
    half = (high - low) / 2
    spread = half / stats.t.ppf(0.975, 4) * math.sqrt(5)
    shape = np.array([-1.0, -1.0, 0.0, 1.0, 1.0])
    return mean_interval((low + high) / 2 + spread * shape)


@pytest.mark.parametrize(
    ("low", "high", "margin", "outcome"),
    [
        (0.5, 2.0, None, "above"),
        (-2.0, -0.5, None, "below"),
        (-0.5, 2.0, None, "unresolved"),
        (-0.5, 2.0, 1.0, "unresolved"),
        (-0.5, 0.7, 1.0, "equivalent"),
        (0.1, 0.7, 1.0, "equivalent"),
        (0.5, 2.0, 1.0, "above"),
    ],
)
def test_verdict_is_one_of_four(low, high, margin, outcome):
    assert verdict(interval(low, high), margin=margin).outcome == outcome


def test_an_interval_that_holds_zero_is_called_no_real_difference():
    said = verdict(interval(-0.5, 2.0), what="CSAT")
    assert said.sentence == "CSAT: no real difference shown in 5 replications (95% interval -0.5 to 2 holds 0)"


def test_a_sure_difference_carries_its_number_and_interval():
    said = verdict(interval(-2.0, -0.5), what="mean wait", show=lambda x: f"{x:.1f} s")
    assert said.sentence == "mean wait: below by 1.2 s (95% interval -2.0 s to -0.5 s)"


def test_verdict_and_equivalence_agree():
    rng = np.random.default_rng(9)
    for _ in range(50):
        a, b = rng.normal(size=(2, 12))
        by_words = verdict(paired_difference(b, base=a).interval, margin=0.9).outcome == "equivalent"
        assert by_words == equivalence(b, base=a, margin=0.9).equivalent


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: paired_difference([1.0, 2.0], base=[1.0]), "shapes"),
        (lambda: paired_difference([], base=[]), "no values"),
        (lambda: equivalence([1.0, 2.0], base=[1.0, 3.0], margin=0.0), "margin"),
        (lambda: equivalence([1.0], base=[1.0], margin=1.0), "at least 2"),
        (lambda: verdict(mean_interval([1.0, 2.0]), margin=-1.0), "margin"),
        (lambda: holm([0.2, 1.2]), "between 0 and 1"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
