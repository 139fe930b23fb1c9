"""Offered load over the day and staffing by formula, on worked figures."""

import numpy as np
import pytest

from cxsim.designs import staffing


def test_square_root_betas_for_a_delay_target():
    assert staffing.halfin_whitt_beta(0.3) == pytest.approx(0.8289446334, rel=1e-9)
    assert staffing.garnett_beta(0.3, talk_time=1 / 12, patience=1 / 15) == pytest.approx(0.4767514465, rel=1e-9)


def test_square_root_staffing_rounds_up_and_grows_with_uncertain_load():
    assert staffing.square_root_agents(100.0, beta=0.95) == 110
    assert staffing.square_root_agents(100.0, beta=1.0, cv=0.1) == 115  # 100 + sqrt(100 + 100) = 114.1


def test_offered_load_and_poisson_staffing_of_four_half_hours():
    load = staffing.offered_load([30, 60, 90, 60], interval=0.5, talk_time=1 / 6)
    assert load.middle == pytest.approx([3.8843491993, 8.8288042166, 13.8260387947, 11.0572027140], rel=1e-9)
    assert [staffing.poisson_agents(m, p_wait=0.25) for m in load.middle] == [6, 12, 17, 14]


def test_offered_load_average_is_the_integral():
    load = staffing.offered_load([2.0, 0.5], interval=10.0, talk_time=4.0, initial=3.0)
    steps = np.linspace(0, 10, 100_001)
    path = 8.0 + (3.0 - 8.0) * np.exp(-steps / 4.0)
    assert load.average[0] == pytest.approx(np.trapezoid(path, steps) / 10, rel=1e-8)
    assert load.begin[1] == pytest.approx(path[-1], rel=1e-12)


def test_nobody_is_needed_for_nobody():
    assert staffing.agents_needed(0.0, talk_time=180.0, target=0.8) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: staffing.halfin_whitt(-0.2), "garnett"),
        (lambda: staffing.agents_needed(1.0, talk_time=1.0, target=1.0), "below 1"),
        (lambda: staffing.agents_needed(1.0, talk_time=1.0, target=0.8, criterion="speed"), "criterion 'speed'"),
        (lambda: staffing.offered_load([1.0, -1.0], interval=1.0, talk_time=1.0), "rates"),
    ],
)
def test_impossible_staffing_is_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
