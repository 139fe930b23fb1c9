"""Surveys in a log: everyone's answer is there, and nobody's depends on who else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxsim.contacts.columns import TABLES
from cxsim.contacts.log import ContactLog, Table, concatenate
from cxsim.contacts.months import MONTH
from cxsim.perception.load import load_model
from cxsim.perception.surveys import perceive

MODEL = load_model()
ANSWERS = ("satisfaction", "ease", "recommendation")


def calls(n: int = 500, *, replication: int = 0, wait: float = 30.0, resolved: float = 0.8) -> ContactLog:
    """One call a case, now and then given up, now and then in vain."""
    rng = np.random.default_rng(4)
    offered = np.sort(rng.random(n)) * 86400.0
    hung_up, solved = rng.random(n) < 0.1, rng.random(n) < resolved
    answered = np.where(hung_up, np.nan, offered + wait)
    return ContactLog(
        Table(
            "touchpoints",
            {
                "replication": np.full(n, replication), "case": np.arange(n), "contact": np.zeros(n),
                "touch": np.zeros(n), "customer": np.arange(n) // 2, "segment": np.arange(n) // 2 % 2,
                "contact_type": np.zeros(n), "touchpoint": np.zeros(n), "channel": np.zeros(n),
                "staffed": np.ones(n, bool), "deferred": np.zeros(n, bool), "agent_group": np.zeros(n),
                "agent": np.where(hung_up, -1, 0), "offered": offered, "answered": answered,
                "ended": offered + wait + 200.0, "outcome": np.where(hung_up, 2, np.where(solved, 0, 1)),
                "truly_resolved": solved & ~hung_up,
            },
        ),
        names={"segment": ("new", "old"), "contact_type": ("question",), "touchpoint": ("phone",)},
        meta={"horizon": 86400.0},
    )  # fmt: skip


def test_every_case_has_a_row_with_every_column():
    surveys = perceive(calls(), seed=1).surveys
    assert list(surveys) == list(TABLES["surveys"])
    assert len(surveys) == 500
    assert not np.any(surveys.answered & ~surveys.invited)
    assert 0 < surveys.answered.sum() < surveys.invited.sum() < 500


def test_those_who_hung_up_are_not_asked_but_have_an_opinion():
    log = perceive(calls(), seed=1)
    hung_up = log.touchpoints.outcome == 2
    assert not log.surveys.invited[hung_up].any()
    assert np.all(log.surveys.satisfaction[hung_up] >= 1)


def test_a_column_that_the_log_lacks_is_absent_from_the_surveys():
    t = calls().touchpoints
    poor = ContactLog(
        Table("touchpoints", {k: t.columns[k] for k in ("case", "offered", "answered", "ended", "outcome")})
    )
    log = perceive(poor, seed=1)
    assert "segment" not in log.surveys
    assert len(log.customers) == 0
    assert np.array_equal(log.surveys.replication, np.zeros(500))


def test_an_empty_log_gives_an_empty_survey():
    empty = ContactLog(Table("touchpoints", {name: [] for name in TABLES["touchpoints"]}))
    assert len(perceive(empty, seed=1).surveys) == 0


def test_the_same_seed_gives_the_same_log_and_another_seed_another():
    assert perceive(calls(), seed=1) == perceive(calls(), seed=1)
    assert perceive(calls(), seed=1) != perceive(calls(), seed=2)


def test_leaving_out_half_of_the_people_changes_nothing_for_the_others():
    log = calls()
    some = log.with_tables(touchpoints=log.touchpoints.take(log.touchpoints.customer % 2 == 0))
    whole = perceive(log, seed=1).surveys
    assert perceive(some, seed=1).surveys == whole.take(whole.customer % 2 == 0)


def test_the_order_of_rows_changes_nothing():
    log = calls()
    shuffled = log.with_tables(touchpoints=log.touchpoints.take(np.random.default_rng(0).permutation(500)))
    assert perceive(shuffled, seed=1).surveys == perceive(log, seed=1).surveys


def test_replications_are_felt_each_on_its_own():
    parts = [calls(replication=0), calls(replication=3)]
    together = perceive(concatenate(parts), seed=1).surveys
    assert together == concatenate([perceive(part, seed=1) for part in parts]).surveys
    assert not np.array_equal(*(perceive(part, seed=1).surveys.satisfaction for part in parts))


def test_longer_waits_improve_nobody_s_answer():
    before, after = perceive(calls(), seed=1).surveys, perceive(calls(wait=400.0), seed=1).surveys
    for metric in ANSWERS:
        assert np.all(after.columns[metric] <= before.columns[metric])
    assert np.any(after.satisfaction < before.satisfaction)


def test_expected_scores_are_the_means_of_sampled_answers():
    surveys = perceive(calls(40_000), seed=3).surveys
    pairs = {
        "expected_top_box": surveys.satisfaction == 5, "expected_top_two": surveys.satisfaction >= 4,
        "expected_satisfaction": surveys.satisfaction, "expected_ease": surveys.ease,
        "expected_agree": surveys.ease >= 5, "expected_promoter": surveys.recommendation >= 9,
        "expected_detractor": surveys.recommendation <= 6,
    }  # fmt: skip
    for name, sampled in pairs.items():
        surplus = sampled - surveys.columns[name]
        # Two cases of one person share their style, so errors are taken between people.
        by_person = surplus.reshape(-1, 2).mean(axis=1)
        assert abs(by_person.mean()) < 4 * by_person.std() / np.sqrt(len(by_person)), name


def test_customers_are_listed_with_churn_and_without_a_margin_no_value():
    customers = perceive(calls(), seed=1).customers
    assert np.array_equal(customers.customer, np.arange(250))
    assert np.array_equal(customers.segment, np.arange(250) % 2)
    assert np.all((customers.churn > 0.0) & (customers.churn < 1.0))
    assert np.isnan(customers.lifetime_value).all()


def test_a_customer_who_never_called_leaves_at_the_base_rate():
    known = Table("customers", {"customer": [7, 9999, 3], "margin": [10.0, 20.0, np.nan]})
    customers = perceive(calls().with_tables(customers=known), seed=1).customers
    hazard = MODEL.anchors.base_hazard
    assert np.array_equal(customers.customer, [7, 9999, 3])
    assert customers.churn[1] == pytest.approx(1.0 - np.exp(-12 * hazard))
    assert customers.churn[0] != pytest.approx(customers.churn[1])
    months = np.arange(1, 37)
    assert customers.lifetime_value[1] == pytest.approx(20.0 * np.sum(np.exp(-hazard * months) * 1.1 ** (-months / 12)))
    assert np.isnan(customers.lifetime_value[2])


def test_churn_over_replications_is_the_mean_of_theirs():
    known = Table("customers", {"customer": np.arange(250), "margin": np.full(250, 5.0)})
    parts = [calls(replication=r).with_tables(customers=known) for r in (0, 1)]
    each = [perceive(part, seed=1).customers for part in parts]
    both = perceive(concatenate(parts), seed=1).customers
    for column in ("churn", "lifetime_value"):
        assert both.columns[column] == pytest.approx(np.mean([one.columns[column] for one in each], axis=0))


def test_fewer_invitations_are_fewer_invitations():
    fewer = replace(MODEL, response=replace(MODEL.response, invited=0.3))
    everyone, some = perceive(calls(5000), seed=1).surveys, perceive(calls(5000), seed=1, model=fewer).surveys
    assert not np.any(some.invited & ~everyone.invited)
    n = everyone.invited.sum()
    assert abs(some.invited.sum() / n - 0.3) < 4 * np.sqrt(0.3 * 0.7 / n)


def test_an_old_experience_weighs_less():
    log = calls(resolved=0.0)
    later = log.with_tables(meta={"horizon": 24 * MONTH})
    now, then = perceive(log, seed=1).customers.churn, perceive(later, seed=1).customers.churn
    base = 1.0 - np.exp(-12 * MODEL.anchors.base_hazard)
    assert np.all(np.abs(then - base) < np.abs(now - base))
