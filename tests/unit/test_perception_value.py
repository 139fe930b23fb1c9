"""Serving costs money: what a customer is worth is the margin less that, wherever a value is told."""

from __future__ import annotations

import numpy as np
import pytest

from cxsim.contacts.log import ContactLog, Table
from cxsim.perception.customers import cost_to_serve
from cxsim.perception.load import load_model
from cxsim.perception.moments import Moment
from cxsim.perception.stakes import stakes
from cxsim.perception.surveys import feelings_of, perceive
from cxsim.perception.uncertainty import drawn_scores, sample_of

MODEL = load_model()
DAY = 86_400.0
MONTH = 365.25 / 12
MARGIN = {"plain": 40.0, "choosy": 150.0}
# By hand: a day of two paid hours at 30; of 400 s of handle time 100 s fall to plain, 300 s to choosy.
A_DAY = 2 * 30.0
SERVED = {"plain": 100 / 400 / 20, "choosy": 300 / 400 / 15}


def two_calls(*, cost: float = 30.0, origin: str = "2026-01-05T00:00:00", **meta: object) -> ContactLog:
    """A slow call of a customer of each segment, a third customer without a case, and an agent paid for two hours."""
    offered = np.array([0.0, 1000.0])
    touchpoints = {
        "case": [0, 1], "customer": [4, 9], "segment": [0, 1], "contact_type": [0, 0], "touchpoint": [0, 0],
        "channel": [0, 0], "staffed": [True, True], "deferred": [False, False], "agent_group": [0, 0], "agent": [0, 0],
        "offered": offered, "answered": offered + 300.0, "ended": offered + 400.0,
        "wrapped": offered + np.array([400.0, 600.0]), "outcome": [0, 0],
    }  # fmt: skip
    # Not in order of their numbers: whoever looks a margin up must find it by number.
    customers = {"customer": [9, 4, 7], "segment": [1, 0, 1]}
    customers["margin"] = [list(MARGIN.values())[segment] for segment in customers["segment"]]
    staffing = {"agent_group": [0], "agent": [0], "start": [0.0], "end": [7200.0], "kind": [0], "paid": [True]}
    about = {"horizon": DAY, "origin": origin, "population": {"plain": 20.0, "choosy": 15.0}, **meta}
    return ContactLog(
        Table("touchpoints", touchpoints),
        Table("staffing", staffing),
        Table("agents", {"agent_group": [0], "agent": [0], "cost": [cost]}),
        Table("customers", customers),
        names={"segment": ("plain", "choosy"), "contact_type": ("question",), "touchpoint": ("phone",)},
        meta=about,
    )


def net(segment: str) -> float:
    """Margin less cost to serve a month, every day of it like the one in the log."""
    return MARGIN[segment] - A_DAY * MONTH * SERVED[segment]


def test_the_example_costs_something_and_less_than_it_brings():
    served = cost_to_serve(two_calls())
    assert served == pytest.approx([MARGIN[name] - net(name) for name in MARGIN] + [0.0])
    assert all(0.0 < net(name) < 0.95 * MARGIN[name] for name in MARGIN)


def test_money_at_stake_is_what_is_left_when_serving_is_paid():
    """A better experience keeps the customer longer, and each month kept is worth the margin less the cost."""
    asked = Moment("quick", "wait", 20.0)
    found = {}
    for cost in (0.0, 30.0):
        log = two_calls(cost=cost)
        parts = stakes(log, feelings_of(log, seed=1, model=MODEL), [asked], model=MODEL)
        found[cost] = {stake.group or "all": stake.money for stake in parts}
    for name in MARGIN:
        assert found[0.0][name] > 0.0
        assert found[30.0][name] == pytest.approx(found[0.0][name] * net(name) / MARGIN[name])
    assert found[30.0]["all"] == pytest.approx(sum(found[30.0][name] for name in MARGIN))


def test_a_sample_knows_each_margin_less_what_serving_costs():
    sample = sample_of(two_calls(), seed=1)
    # Customers 4 and 9 had a case; in order of their numbers.
    assert sample.margin == pytest.approx([net("plain"), net("choosy")])
    assert sample.segment.tolist() == [0, 1]


def test_the_value_of_a_sample_is_that_of_the_same_customers_in_the_log():
    log = perceive(two_calls(), seed=1)
    scores = drawn_scores(sample_of(log, seed=1), [MODEL]).set_index("metric").loc["customer_lifetime_value:default"]
    assert scores["numerator"] == pytest.approx(log.customers.lifetime_value[:2].sum())
    assert scores["denominator"] == 2.0
