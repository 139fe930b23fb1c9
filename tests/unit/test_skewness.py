"""Means that rest on a few heavy replications are said to, with how many replications they want."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxsim.designs.skewness import replications_wise, skewness_notes

HEAVY = np.array([1.0, 1.2, 0.9, 1.1, 1.0, 0.8, 1.2, 1.0, 1.1, 9.0])
WAIT = "average_speed_of_answer"


def counters_of(numerators, *, metric=WAIT, variant="answered", by="", scenario="today"):
    return pd.DataFrame(
        {"scenario": scenario, "by": by, "group": "all", "metric": metric, "variant": variant,
         "replication": range(len(numerators)), "numerator": 100.0 * np.asarray(numerators), "denominator": 100.0,
         "n": 100, "unit": "s", "better": "lower", "kind": "process", "p": np.nan, "values": None}
    )  # fmt: skip


def test_one_heavy_replication_of_ten_wants_as_many_as_cochrans_rule_says():
    g1 = float(stats.skew(HEAVY, bias=False))
    assert replications_wise(HEAVY) == int(np.ceil(25.0 * g1**2))
    assert replications_wise(-HEAVY) == replications_wise(HEAVY)
    # The rule itself, from the definition of G1.
    deviations, n = HEAVY - HEAVY.mean(), len(HEAVY)
    moment = n / ((n - 1) * (n - 2)) * np.sum((deviations / HEAVY.std(ddof=1)) ** 3)
    assert g1 == pytest.approx(moment)


def test_enough_replications_and_values_that_do_not_vary_want_no_more():
    assert replications_wise(np.tile(HEAVY, 30)) is None
    assert replications_wise(np.full(10, 3.0)) is None
    assert replications_wise(HEAVY[-4:]) is None


def test_of_normal_samples_hardly_any_is_called_skewed():
    rng = np.random.default_rng(5)
    for n in (6, 10, 30):
        called = sum(replications_wise(rng.normal(size=n)) is not None for _ in range(2000))
        assert called <= 16


def test_the_note_names_the_means_and_the_replications_that_each_wants():
    every = pd.concat(
        [counters_of(HEAVY), counters_of(np.linspace(1.0, 2.0, 10), metric="abandonment_rate", variant="all")]
    )
    (note,) = skewness_notes(every, names=["abandonment_rate:all"], replications=10)
    wise = replications_wise(HEAVY)
    assert note.endswith(
        f"from 10 of them is rough; so many would be wise: average speed of answer (answered) ({wise})"
    )
    assert "abandonment" not in note
    (note,) = skewness_notes(counters_of(HEAVY, metric="abandonment_rate", variant="all"),
                             names=["abandonment_rate:all"], replications=10)  # fmt: skip
    assert "abandonment rate (all)" in note


def test_of_several_scenarios_the_one_that_wants_most_is_said_and_parts_of_the_day_are_not():
    more = np.append(HEAVY[:-1], 30.0)
    every = pd.concat([counters_of(more, scenario="then"), counters_of(HEAVY)])
    (note,) = skewness_notes(every, names=[], replications=10)
    assert f"({max(replications_wise(HEAVY), replications_wise(more))})" in note
    assert skewness_notes(counters_of(HEAVY, by="interval"), names=[], replications=10) == []
