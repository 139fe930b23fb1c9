"""Input and simulation uncertainty apart."""

import math

import numpy as np
import pytest

from cxsim.designs.layers import input_uncertainty, noise_share

SETS = [(80, 82, 81), (76, 75, 77), (84, 83, 85), (79, 80, 78)]


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_four_parameter_sets_of_three_replications():
    found = input_uncertainty(SETS)
    assert found.within == near(1)
    assert found.between / 3 == near(11.3333333333)
    assert found.input_deviation == near(3.3166247904)
    assert found.input_deviation**2 == near(11)
    assert list(found.shrunken) == near([80.9851843661, 76.0592625354, 83.9407374646, 79.0148156339])
    assert found.simulation_error == near(math.sqrt(1 / 12))
    assert (found.low, found.high) == near(tuple(np.quantile(found.shrunken, [0.05, 0.95])))
    assert found.flags == ()


def test_sets_that_differ_by_chance_only_show_no_input_uncertainty():
    found = input_uncertainty([(80, 90, 70), (81, 70, 90), (79, 85, 75)])
    assert found.input_deviation == 0
    assert found.flags == ("input_not_seen",)
    assert math.isnan(found.low)
    assert list(found.shrunken) == near([found.value] * 3)


def test_common_random_numbers_leave_the_differences_between_sets_clear():
    rng = np.random.default_rng(4)
    days, sets = rng.normal(0.0, 10.0, size=5), rng.normal(80.0, 2.0, size=400)
    values = sets[:, np.newaxis] + days + rng.normal(0.0, 0.5, size=(400, 5))
    paired = input_uncertainty(values, common_random_numbers=True)
    assert paired.input_deviation == pytest.approx(2.0, abs=4 * 2.0 / math.sqrt(2 * 400))
    assert paired.simulation_error == near(values.mean(axis=0).std(ddof=1) / math.sqrt(5))
    # Taken for independent, the days would hide them.
    assert input_uncertainty(values).input_deviation == 0


def test_input_deviation_is_unbiased_enough():
    rng = np.random.default_rng(6)
    found = [
        input_uncertainty(rng.normal(0.0, 3.0, size=(50, 1)) + rng.normal(0.0, 2.0, size=(50, 4))).input_deviation ** 2
        for _ in range(200)
    ]
    assert np.mean(found) == pytest.approx(9.0, abs=4 * np.std(found) / math.sqrt(200))


def test_nothing_varies_within():
    found = input_uncertainty([(80, 80), (82, 82)])
    assert (found.simulation_error, found.flags) == (0.0, ("zero_variance",))
    assert list(found.shrunken) == [80, 82]


def test_share_of_noise_between_points():
    found = noise_share(SETS)
    assert (found.signal, found.noise) == near((11, 1 / 3))
    assert found.share == near(1 / 34)
    assert noise_share([(80, 90), (90, 80)]) == near((0.0, 25.0, 1.0))
    assert noise_share([(80, 80), (80, 80)]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([(80, 82)], "1 sets by 2 replications"),
        ([(80,), (82,)], "2 sets by 1 replications"),
        ([(80, 82), (82,)], "different length"),
        ([(80, 82), (82, math.nan)], "not finite"),
    ],
)
def test_impossible_tables_are_refused_with_the_reason(values, words):
    with pytest.raises(ValueError, match=words):
        input_uncertainty(values)


def test_what_sets_share_is_taken_out_of_the_mean_square_within_with_its_degrees_of_freedom():
    rng = np.random.default_rng(4)
    values = rng.normal(size=(3, 1)) + rng.normal(size=(1, 5)) + rng.normal(size=(3, 5))
    squares = 0.0
    for place in range(3):
        for day in range(5):
            squares += (values[place, day] - values[place].mean() - values[:, day].mean() + values.mean()) ** 2
    assert input_uncertainty(values, common_random_numbers=True).within == pytest.approx(squares / (2 * 4))
