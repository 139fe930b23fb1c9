"""Leaving and value: by hand for one customer, and never worse after better service."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cxsim.contacts.months import MONTH
from cxsim.perception.answers import opinions
from cxsim.perception.load import load_model
from cxsim.perception.loyalty import (
    Stocks,
    churn_probability,
    experience,
    leaving_month,
    lifetime_value,
    stocks,
)
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import contributions

MODEL = load_model()
HAZARD = MODEL.anchors.base_hazard


def by_hand(stock: float, months: int) -> list[float]:
    total, reached = 0.0, []
    for month in range(months):
        current = max(-4.0, min(4.0, stock * 2.0 ** (-month / 6.0)))
        total += HAZARD * (0.6 + 0.4 * math.exp(-0.85 * current))
        reached.append(total)
    return reached


@pytest.mark.parametrize("stock", [-9.0, -1.5, 0.0, 0.7, 6.0])
def test_churn_and_value_of_one_customer_by_hand(stock):
    assert churn_probability(np.array([stock]), model=MODEL)[0] == pytest.approx(1 - math.exp(-by_hand(stock, 12)[-1]))
    value = sum((25.0 - 4.0) * math.exp(-h) * 1.1 ** (-t / 12) for t, h in enumerate(by_hand(stock, 36), start=1))
    found = lifetime_value(np.array([stock]), np.array([25.0]), model=MODEL, cost_to_serve=4.0)[0]
    assert found == pytest.approx(value)


def test_harm_weighs_twice_as_much_as_help():
    journeys = reference_journeys(2000, seed=1)
    felt = contributions(journeys, model=MODEL)
    held = opinions(journeys, felt, model=MODEL, seed=1)
    counted = experience(felt, held, model=MODEL)
    x = felt.satisfaction + math.sqrt(0.35) * held.halo - MODEL.anchors.satisfaction_mean
    assert counted == pytest.approx([value if value >= 0 else 2.0 * value for value in x])


def test_the_stock_adds_experiences_and_halves_them_in_six_months():
    journeys = replace(
        reference_journeys(4, seed=1), customer=np.array([5, 5, -1, 8]), end=np.array([0.0, 6.0, 0.0, 3.0]) * MONTH
    )
    held = stocks(journeys, np.array([-1.0, 0.4, 9.0, 2.0]), model=MODEL, at=12 * MONTH)
    assert held.customer.tolist() == [5, 8]
    assert held.stock == pytest.approx([-1.0 / 4 + 0.4 / 2, 2.0 * 2 ** (-1.5)])
    own = stocks(journeys, np.array([-1.0, 0.4, 9.0, 2.0]), model=MODEL)
    assert own.stock == pytest.approx([-1.0 / 2 + 0.4, 2.0])


def test_leaving_follows_the_hazard_and_never_comes_earlier_after_better_service():
    n = 20_000
    people = Stocks(np.zeros(n, int), np.arange(n), np.full(n, -1.0))
    month = leaving_month(people, model=MODEL, seed=3)
    p = churn_probability(people.stock[:1], model=MODEL)[0]
    assert abs(np.isfinite(month).mean() - p) < 4 * math.sqrt(p * (1 - p) / n)
    assert set(np.unique(month[np.isfinite(month)])) == set(range(1, 13))
    better = leaving_month(replace(people, stock=np.full(n, -0.5)), model=MODEL, seed=3)
    assert np.all(better >= month)
    assert np.any(better > month)


def test_nobody_leaves_earlier_in_a_world_that_is_better_for_everyone():
    before = reference_journeys(6000, seed=4)
    # Several cases a customer, all of them with less of everything that hurts.
    before = replace(before, customer=before.customer % 1500)
    after = replace(
        before,
        wait=before.wait * 0.5, held=before.held * 0.5, quality=before.quality + 0.2, resolved=np.ones(6000, bool),
        assisted=np.minimum(before.assisted, 1), abandoned_attempts=before.abandoned_attempts * 0,
    )  # fmt: skip
    months = []
    for journeys in (before, after):
        felt = contributions(journeys, model=MODEL)
        counted = experience(felt, opinions(journeys, felt, model=MODEL, seed=4), model=MODEL)
        held = stocks(journeys, counted, model=MODEL, at=12 * MONTH)
        months.append(leaving_month(held, model=MODEL, seed=4, months=36))
    assert np.all(months[1] >= months[0])
    assert np.mean(months[1] > months[0]) > 0.02
