"""How many replications are enough."""

import math

import pytest
from scipy import stats

from cxsim.designs.estimate import mean_interval, ratio_interval
from cxsim.designs.replicate import (
    Precision,
    is_precise,
    look_ahead_replications,
    looks,
    not_yet_precise,
    required_replications,
)

PILOT = [22, 25, 19, 28, 24]
STREAM = [10, 14, 9, 12, 11, 13, 10, 12, 11, 12, 11, 11.5]


def test_replications_from_a_pilot():
    assert required_replications(PILOT, precision=Precision(1.5)) == 22
    assert required_replications(PILOT, precision=Precision(0.10, relative=True)) == 12


def test_required_is_the_first_number_that_a_loop_finds():
    spread = mean_interval(PILOT).standard_error * math.sqrt(5)
    for half_width in (0.2, 0.7, 3.0, 50.0):
        n = 5
        while stats.t.ppf(0.975, n - 1) * spread / math.sqrt(n) > half_width:
            n += 1
        assert required_replications(PILOT, precision=Precision(half_width)) == n


def test_replicating_until_precise_stops_at_eleven():
    precisions = {"aht": Precision(0.10, relative=True)}
    stopped = next(
        n
        for n in looks(5, at_most=len(STREAM))
        if is_precise({"aht": mean_interval(STREAM[:n])}, precisions=precisions, first_look=5)
    )
    assert stopped == 11
    found = mean_interval(STREAM[:11])
    assert (found.value, found.half_width) == pytest.approx((11.3636363636, 0.9629501073))


def test_every_metric_with_a_precision_must_be_precise():
    intervals = {
        "aht": mean_interval([300, 310, 305, 295, 300, 302, 298, 301, 299, 303]),
        "nps": mean_interval([-20, 15, -40, 5, 10, -30, 22, -8, 0, 12]),
        "asa": mean_interval([1, 90, 4, 60, 2, 5, 200, 3, 1, 9]),
    }
    precisions = {"aht": Precision(0.05, relative=True), "nps": Precision(5.0)}
    assert not_yet_precise(intervals, precisions=precisions) == ["nps"]
    assert not is_precise(intervals, precisions=precisions)
    assert is_precise(intervals, precisions={"aht": precisions["aht"]})


def test_nothing_is_precise_before_the_first_look():
    near = mean_interval([5.0, 5.1, 4.9])
    assert not is_precise({"csat": near}, precisions={"csat": Precision(1.0)})
    assert is_precise({"csat": near}, precisions={"csat": Precision(1.0)}, first_look=3)


def test_a_negative_metric_needs_an_absolute_precision():
    nps = {"nps": mean_interval([-20, -5, -35, -22, -18, -25, -15, -21, -19, -20])}
    with pytest.raises(ValueError, match="give it absolute"):
        is_precise(nps, precisions={"nps": Precision(0.1, relative=True)})
    assert not is_precise(nps, precisions={"nps": Precision(2.0)})


def test_a_metric_that_never_varied_is_settled_and_one_never_seen_is_not():
    intervals = {"blocked": ratio_interval([0] * 10, [50] * 10), "csat": ratio_interval([0] * 10, [0] * 10)}
    precisions = {"blocked": Precision(0.01), "csat": Precision(0.01)}
    assert not_yet_precise(intervals, precisions=precisions) == ["csat"]


def test_an_exact_bound_must_be_narrow_too():
    never = ratio_interval([0] * 10, [50] * 10, bounds=(0.0, 1.0))
    assert not is_precise({"blocked": never}, precisions={"blocked": Precision(0.01)})
    assert is_precise({"blocked": never}, precisions={"blocked": Precision(0.4)})


def test_looks_begin_at_the_first_and_end_at_the_last():
    assert list(looks(10, at_most=13)) == [10, 11, 12, 13]
    assert list(looks(10, at_most=30, step=8)) == [10, 18, 26, 30]
    assert list(looks(10, at_most=4)) == [4]


def test_looking_ahead_stops_at_seven():
    share = Precision(0.15, relative=True)
    halves = [mean_interval(STREAM[:n]).half_width / mean_interval(STREAM[:n]).value for n in range(3, 13)]
    expected = [0.5975, 0.3136, 0.2132, 0.1707, 0.1475, 0.1238, 0.1072, 0.0945, 0.0847, 0.0764]
    assert halves == pytest.approx(expected, abs=5e-5)
    assert look_ahead_replications(STREAM, precision=share) == 7
    # It takes five more to know.
    assert look_ahead_replications(STREAM[:11], precision=share) is None
    assert look_ahead_replications(STREAM[:7], precision=share, ahead=0) == 7


def test_looking_ahead_is_not_taken_in_by_a_narrow_beginning():
    values = [-20.0, -20.1, -19.9, -35.0, -5.0, *[-20.0, -21.0, -19.0] * 20]
    within = Precision(2.0)
    assert look_ahead_replications(values, precision=within, ahead=0) == 3
    found = look_ahead_replications(values, precision=within)
    assert found > 10
    assert all(mean_interval(values[:n]).half_width <= 2.0 for n in range(found, found + 6))
    assert mean_interval(values[: found - 1]).half_width > 2.0
    # The sign does not matter.
    assert look_ahead_replications([-x for x in values], precision=within) == found


def test_beyond_a_hundred_replications_it_looks_further_ahead():
    values = [10.0, 11.0, 12.0] * 80
    within = Precision(1.0)
    assert look_ahead_replications(values[:209], precision=within, first_look=200) is None
    assert look_ahead_replications(values[:210], precision=within, first_look=200) == 200
    assert look_ahead_replications(values[:105], precision=within, first_look=100) == 100


def test_looking_ahead_does_not_trust_values_that_never_vary():
    assert look_ahead_replications([5.0] * 30, precision=Precision(1.0)) is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: look_ahead_replications([-5.0, 5.0, 0.0], precision=Precision(0.1, relative=True)), "give it abs"),
        (lambda: look_ahead_replications(STREAM, precision=Precision(1.0), first_look=1), "at least 2"),
        (lambda: look_ahead_replications([1.0, math.nan], precision=Precision(1.0)), "not finite"),
        (lambda: required_replications([5.0], precision=Precision(1.0)), "1 replications"),
        (lambda: required_replications([5.0, 5.0], precision=Precision(1.0)), "at least 2 that vary"),
        (lambda: required_replications([-5.0, 5.0], precision=Precision(0.1, relative=True)), "above 0"),
        (lambda: required_replications([-5.0, 5.0], precision=Precision(1e-9)), "needs more than"),
        (lambda: required_replications(PILOT, precision=Precision(0.0)), "above 0"),
        (lambda: is_precise({}, precisions={"asa": Precision(1.0)}), "precision for asa"),
    ],
)
def test_impossible_precisions_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
