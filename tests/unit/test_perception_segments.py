"""Segments: what they tolerate, expect and bring, as the scenario states it, else the perception file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.tiny import calls, centre

from cxsim.contacts.log import ContactLog, Table
from cxsim.perception.answers import opinions
from cxsim.perception.customers import cost_to_serve
from cxsim.perception.journeys import journeys_of
from cxsim.perception.load import load_model
from cxsim.perception.loyalty import base_hazard_of, churn_probability, experience, stocks
from cxsim.perception.parameters import Segment
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import contributions
from cxsim.perception.surveys import perceive
from cxsim.perception.twins import MARGIN, VALUE, changes, live
from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

MODEL = load_model()


def two_calls(wait: float = 300.0, **meta: object) -> ContactLog:
    """The same call by one customer of each segment."""
    offered = np.array([0.0, 1000.0])
    columns = {
        "case": [0, 1], "customer": [0, 1], "segment": [0, 1], "contact_type": [0, 0], "channel": [0, 0],
        "staffed": [True, True], "agent_group": [0, 0], "agent": [0, 0], "offered": offered, "answered": offered + wait,
        "ended": offered + wait + 100.0, "wrapped": offered + wait + np.array([100.0, 300.0]), "outcome": [0, 0],
    }  # fmt: skip
    customers = Table("customers", {"customer": [0, 1, 2], "segment": [0, 1, 1], "margin": [10.0, 10.0, 10.0]})
    names = {"segment": ("plain", "choosy"), "contact_type": ("question",)}
    staffing = Table("staffing", {
        "agent_group": [0], "agent": [0], "start": [0.0], "end": [7200.0], "kind": [0], "paid": [True],
    })  # fmt: skip
    agents = Table("agents", {"agent_group": [0], "agent": [0], "cost": [30.0]})
    return ContactLog(
        Table("touchpoints", columns), staffing, agents, customers, names=names, meta={"horizon": 86400.0, **meta}
    )


def indices(log: ContactLog, model=MODEL) -> np.ndarray:
    return contributions(journeys_of(log), model=model).satisfaction


def test_without_a_word_segments_feel_alike():
    plain, choosy = indices(two_calls())
    assert plain == choosy


def test_who_expects_more_scores_lower_by_just_that():
    plain, choosy = indices(two_calls(segments={"choosy": {"expectation": 0.4}}))
    assert plain - choosy == pytest.approx(0.4)


def test_a_tolerance_of_two_forgives_twice_the_wait():
    plain, patient = indices(two_calls(wait=120.0, segments={"choosy": {"tolerance": 2.0}}))
    assert patient == 0.0
    assert plain == pytest.approx(-0.18 * np.log1p(1.0))


def test_the_scenario_wins_over_the_perception_file():
    model = replace(MODEL, segments={"choosy": Segment(expectation=0.9, tolerance=3.0)})
    of_file = indices(two_calls(), model)
    of_both = indices(two_calls(segments={"choosy": {"expectation": 0.1, "tolerance": 1.0}}), model)
    assert of_both[0] == of_file[0] == indices(two_calls())[0]
    assert of_both[1] == pytest.approx(of_both[0] - 0.1)
    assert of_file[1] != pytest.approx(of_both[1])


def test_annual_churn_of_a_segment_is_reached_in_the_reference_operation():
    journeys = reference_journeys(20_000)
    felt = contributions(journeys, model=MODEL)
    held = opinions(journeys, felt, model=MODEL, seed=2**62)
    stock = stocks(journeys, experience(felt, held, model=MODEL), model=MODEL).stock
    for wanted in (0.03, 0.15, 0.6):
        hazard = base_hazard_of(wanted, model=MODEL)
        assert churn_probability(stock, model=MODEL, base_hazard=hazard).mean() == pytest.approx(wanted, rel=0.015)
    assert base_hazard_of(0.15, model=MODEL) == pytest.approx(MODEL.anchors.base_hazard, rel=2e-3)
    assert base_hazard_of(0.0, model=MODEL) == 0.0


def test_a_segment_leaves_at_its_own_rate():
    customers = perceive(two_calls(segments={"choosy": {"annual_churn": 0.4}}), seed=1).customers
    both = perceive(two_calls(), seed=1).customers
    assert customers.churn[0] == both.churn[0]
    hazard = base_hazard_of(0.4, model=MODEL)
    assert customers.churn[2] == pytest.approx(1.0 - np.exp(-12 * hazard))
    assert customers.churn[1] > both.churn[1]
    assert customers.lifetime_value[2] < both.lifetime_value[2]


def test_pay_is_shared_by_handle_time_over_all_customers_of_a_segment():
    log = two_calls(population={"plain": 100.0, "choosy": 50.0})
    monthly = 30.0 * 2.0 * 365.25 / 12
    expected = [monthly * 100 / 400 / 100, monthly * 300 / 400 / 50, 0.0]
    assert cost_to_serve(log) == pytest.approx(expected)
    felt, free = perceive(log, seed=1).customers, perceive(two_calls(), seed=1).customers
    assert felt.lifetime_value == pytest.approx(free.lifetime_value * (1 - np.array(expected)[[0, 1, 1]] / 10.0))


def test_without_population_or_cost_serving_is_free():
    assert not cost_to_serve(two_calls()).any()
    log = two_calls(population={"plain": 100.0, "choosy": 50.0})
    assert not cost_to_serve(log.with_tables(agents=Table("agents", {"agent_group": [0], "agent": [0]}))).any()
    unknown = Table("agents", {"agent_group": [0], "agent": [7], "cost": [30.0]})
    assert not cost_to_serve(log.with_tables(agents=unknown)).any()


def test_both_engines_write_what_the_scenario_states_of_its_segments():
    segments = {"big": {"share": 0.25, "annual_churn": "8%", "tolerance": 0.5}, "small": {"share": 0.75}}
    scenario = load_scenario(centre(types={"call": calls(0, 60)}, customers={"population": 40, "segments": segments}))
    for engine in ("process", "kernel"):
        meta = simulate(scenario, engine=engine).meta
        assert meta["segments"] == {"big": {"annual_churn": 0.08, "tolerance": 0.5}}
        assert meta["population"] == {"big": 10.0, "small": 30.0}
    alone = load_scenario(centre(types={"call": calls(0, 60)}))
    assert simulate(alone, engine="process").meta["population"] == {}


def test_a_change_of_value_is_explained_with_the_hazard_of_each_segment():
    about = {"segments": {"choosy": {"annual_churn": 0.5}}, "population": {"plain": 1e4, "choosy": 5e3}}
    before, after = (live(perceive(two_calls(wait, **about), seed=1), seed=1, model=MODEL) for wait in (30.0, 900.0))
    lines = {
        found.line: found.numerator
        for found in changes(before, after, model=MODEL)
        if found.part == "change" and found.score == VALUE
    }
    totals = {name: lines.pop(name) for name in ("before", "after", "before_both", "after_both")}
    assert sum(lines.values()) == pytest.approx(totals["after_both"] - totals["before_both"])
    assert totals["after_both"] < totals["before_both"]
    # Neither margin nor cost to serve has changed.
    assert lines[MARGIN] == pytest.approx(0.0, abs=1e-9)
