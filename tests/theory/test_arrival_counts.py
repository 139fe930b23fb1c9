"""Counts of arrivals when a day's busyness is gamma: negative binomial, correlated over the periods of a day."""

import math

import numpy as np
import pytest
from support.oracle_scenarios import ORACLES

from cxsim.engines.process import simulate_by_process
from cxsim.scenario.load import load_scenario

CASE = ORACLES["busyness_gamma_dev"]
EXPECTED = CASE["expected"]


def counts(days, *, seed):
    """Cases by day and half day [days, 2] of a scenario that needs nobody."""
    first, second = CASE["inputs"]["expected_counts_per_period"]
    scenario = {
        "name": "busy days",
        "calendar": {"start": "2026-01-05", "days": days},
        "busyness": {"day_cv": math.sqrt(1 / CASE["inputs"]["alpha"]), "interval_cv": 0, "interval_correlation": 0},
        "shapes": {"halves": {"from": "00:00", "every": "12 h", "values": [first, second]}},
        "contact_types": {"call": {"volume": f"{first + second} per day", "shape": "halves", "enters": {"bot": 1}}},
        "touchpoints": {"bot": {"mechanism": "automated", "channel": "bot", "duration": "0 s"}},
    }
    log = simulate_by_process(load_scenario(scenario), seed=seed, replication=0)
    half = (log.touchpoints.offered // 43_200).astype(int)
    return np.bincount(half, minlength=2 * days).reshape(days, 2)


def differences(n):
    """Each day's contribution to each measure, less its exact value: mean 0 if the measure is right."""
    total, mean = n.sum(axis=1), EXPECTED["mean_total"]
    first, second = n[:, 0] - EXPECTED["mean_period1"], n[:, 1] - EXPECTED["mean_period2"]
    return {
        "mean_total": total - mean,
        "mean_period1": first,
        "mean_period2": second,
        "variance_total": (total - mean) ** 2 - EXPECTED["variance_total"],
        "variance_period1": first**2 - EXPECTED["variance_period1"],
        "variance_period2": second**2 - EXPECTED["variance_period2"],
        "covariance_periods_1_2": first * second - EXPECTED["covariance_periods_1_2"],
        "p_total_le_mean": (total <= mean) - EXPECTED["p_total_le_mean"],
    }


def check(n, *, close):
    for name, off in differences(n).items():
        error = off.std(ddof=1) / math.sqrt(len(off))
        assert abs(off.mean()) <= 4 * error, name
        if name in close:
            assert abs(off.mean()) <= 0.03 * EXPECTED[name], name


def test_counts_of_busy_days_are_negative_binomial():
    # Second moments to 3 % take ten times the days: four standard errors alone here.
    check(counts(2_900, seed=0), close=("mean_total", "mean_period1", "mean_period2", "p_total_le_mean"))


@pytest.mark.slow
def test_second_moments_of_busy_days():
    n = np.concatenate([counts(3_600, seed=seed) for seed in range(1, 11)])
    check(n, close=tuple(differences(n)))


def test_without_busyness_counts_are_poisson():
    scenario = {
        "name": "plain days",
        "calendar": {"start": "2026-01-05", "days": 2_000},
        "busyness": {"day_cv": 0, "interval_cv": 0, "interval_correlation": 0},
        "contact_types": {"call": {"volume": "20 per day", "enters": {"bot": 1}}},
        "touchpoints": {"bot": {"mechanism": "automated", "channel": "bot", "duration": "0 s"}},
    }
    log = simulate_by_process(load_scenario(scenario), seed=3, replication=0)
    n = np.bincount((log.touchpoints.offered // 86_400).astype(int), minlength=2_000)
    # Index of dispersion times (days - 1) is chi-square; its standard deviation is sqrt(2 (days - 1)).
    dispersion = n.var(ddof=1) / n.mean()
    assert abs(n.mean() - 20) < 4 * math.sqrt(20 / 2_000)
    assert abs(dispersion - 1) < 4 * math.sqrt(2 / 1_999)
