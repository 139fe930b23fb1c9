"""Randomness of demand beyond Poisson: factors with a mean of 1, the stated variation and correlation."""

import math

import numpy as np
import pytest
from support.tiny import DAY, HOUR

from cxsim import streams
from cxsim.model.busyness import busyness_factors, day_factors, interval_factors
from cxsim.scenario.schema import Busyness

KEY = streams.replication_key(0, 0)


def factors(*, days=1500, contact_type=0, replication=0, interval=HOUR, **settings):
    """Factors [days, intervals] on the planning intervals of many days."""
    edges = np.arange(round(DAY / interval) + 1) * interval
    key = streams.replication_key(1, replication)
    busyness = Busyness.model_validate({"day_cv": 0, "interval_cv": 0, "interval_correlation": 0, **settings})
    return np.array([
        busyness_factors(busyness, key, contact_type, day=day, edges=edges + day * DAY, interval=interval)
        for day in range(days)
    ])  # fmt: skip


def close(found, exact, error):
    return abs(found - exact) < 4 * error


def test_no_busyness_is_a_factor_of_one():
    assert (factors(days=3) == 1).all()


def test_day_factor_has_mean_one_and_the_stated_variation():
    found = factors(day_cv=0.3)
    assert (found == found[:, :1]).all()
    n = len(found)
    assert close(found[:, 0].mean(), 1, 0.3 / math.sqrt(n))
    # Variance of a gamma sample's variance: about (kurtosis - 1) var^2 / n, kurtosis 3 + 6 cv^2.
    assert close(found[:, 0].var(), 0.09, 0.09 * math.sqrt((2 + 6 * 0.09) / n))


def test_interval_factors_have_mean_variation_and_correlation():
    found = factors(interval_cv=0.2, interval_correlation=0.5)
    n = found.size
    effective = n * (1 - 0.5) / (1 + 0.5)
    assert close(found.mean(), 1, 0.2 / math.sqrt(effective))
    assert close(found.var(), 0.04, 0.04 * math.sqrt(2.3 / effective))
    scores = np.argsort(np.argsort(found.ravel())).reshape(found.shape) / n
    # Rank correlation of a normal pair with correlation 0.5 is 6/pi asin(0.25).
    pairs = np.corrcoef(scores[:, :-1].ravel(), scores[:, 1:].ravel())[0, 1]
    assert close(pairs, 6 / math.pi * math.asin(0.25), 1 / math.sqrt(effective))


def test_intervals_begin_anew_each_day():
    found = factors(interval_cv=0.2, interval_correlation=0.9)
    assert abs(np.corrcoef(found[:-1, -1], found[1:, 0])[0, 1]) < 4 / math.sqrt(len(found))


@pytest.mark.parametrize(("together", "correlation"), [(1.0, 1.0), (0.0, 0.0), (0.5, 0.5)])
def test_types_share_the_day_as_far_as_stated(together, correlation):
    one = factors(day_cv=0.1, type_correlation=together)[:, 0]
    two = factors(day_cv=0.1, type_correlation=together, contact_type=1)[:, 0]
    # Gamma with so small a variation is nearly linear in its normal score.
    assert abs(np.corrcoef(one, two)[0, 1] - correlation) < 4 / math.sqrt(len(one))


def test_factors_belong_to_the_day_and_interval_and_not_to_the_steps_between():
    busyness = Busyness.model_validate({"day_cv": 0.1, "interval_cv": 0.1, "interval_correlation": 0.5})
    coarse = busyness_factors(busyness, KEY, 0, day=0, edges=np.arange(25) * HOUR, interval=HOUR)
    fine = busyness_factors(busyness, KEY, 0, day=0, edges=np.arange(97) * HOUR / 4, interval=HOUR)
    assert fine.tolist() == np.repeat(coarse, 4).tolist()


def test_replications_have_days_of_their_own():
    assert factors(days=5, day_cv=0.1)[:, 0].tolist() != factors(days=5, day_cv=0.1, replication=1)[:, 0].tolist()


def test_factors_of_all_days_and_types_at_once_are_those_of_each():
    busyness = Busyness.model_validate({"day_cv": 0.1, "interval_cv": 0.1, "type_correlation": 0.4})
    days, edges = np.arange(3), np.arange(25) * HOUR
    of_day = day_factors(busyness, KEY, types=np.arange(2), days=days)
    of_interval = interval_factors(busyness, KEY, days=days, intervals=24)
    for contact_type in range(2):
        for day in days.tolist():
            one = busyness_factors(busyness, KEY, contact_type, day=day, edges=edges + day * DAY, interval=HOUR)
            assert one.tolist() == (of_day[contact_type, day] * of_interval[day]).tolist()
