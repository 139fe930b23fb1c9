"""The certified plan keeps its promise in a centre that is solved exactly, and costs hardly more than the best.

Rates of 20, 50 and 30 calls per hour, one hour each; talk time and patience exponential with a mean of ten minutes; at
most 5 % abandoned; an agent-hour costs 1. By Kolmogorov's equations with the engine's counter rule the cheapest plan is
5, 10 and 8 agents: 23 agent-hours. How often a day of a plan meets a bound of its own no equation gives: 20,000 further
days of the plan do.
"""

import functools
import itertools

import numpy as np
import pytest
from support.exact_day import CENTRE, RATES, abandonment

from cxsim.contacts.columns import ABANDONED, RESOLVED
from cxsim.designs.design import Replicated, Results
from cxsim.designs.optimise import TODAY
from cxsim.designs.optimise_options import optimised, read_options
from cxsim.designs.transient import course
from cxsim.runs.execute import execute
from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

LIMIT = 0.05
CHEAPEST = 23


def exactly(plan):
    return abandonment(RATES, plan, finish=6.0, leave=6.0)


def outcome_of(seed, **options):
    """What the design finds, without the account of what it found."""
    replicated = Replicated(
        {TODAY: load_scenario(CENTRE)}, seed=seed, replications=1, primary="abandonment_rate:all",
        metrics=("abandonment_rate:all",), detail=False,
    )  # fmt: skip
    asked = {"targets": ["abandonment_rate <= 5%"], "vary": ["agent_groups.desk.by_interval=0..12"], **options}
    design, results = optimised(replicated, read_options(asked), most=1000), Results()
    while trials := design.ask(results):
        if trials[-1].label == TODAY or trials[0].label.startswith("score"):
            break
        results.tables += execute(trials)
    return design.outcome(results)


def test_the_exact_day_is_that_of_the_returning_rule_where_the_level_never_falls():
    rising = [[4, 8, 9]]
    returning = course([20, 40, 40], rising, interval=1.0, talk_time=1 / 6, patience=1 / 6)
    waiting = float(np.sum(np.maximum(np.arange(returning.at_end.shape[1]) - 9, 0) * returning.at_end[0]))
    busy = float(np.sum(np.minimum(np.arange(returning.at_end.shape[1]), 9) * returning.at_end[0]))
    assert busy > waiting > 0
    found = abandonment((20, 40, 40), rising[0], finish=6.0, leave=6.0)
    assert found == pytest.approx(float(returning.abandoned.sum()) / (100.0 - waiting), rel=1e-9)


def test_nothing_cheaper_than_five_ten_eight_meets_the_target():
    assert exactly((5, 10, 8)) == pytest.approx(0.0440668598, rel=1e-8)
    near = [p for p in itertools.product(range(4, 7), range(8, 12), range(6, 10)) if sum(p) == CHEAPEST - 1]
    assert len(near) > 8
    assert min(exactly(plan) for plan in near) > LIMIT


@pytest.mark.parametrize("seed", [1])
def test_a_certified_plan_meets_its_target_in_truth_and_costs_little_more_than_the_best(seed):
    plan = outcome_of(seed, search_days=60, fresh_days=150).certified.plan
    assert plan is not None
    assert exactly(plan) <= LIMIT
    assert CHEAPEST <= sum(plan) <= CHEAPEST + 2


@pytest.mark.slow
def test_of_forty_certified_plans_at_least_38_meet_their_target_within_four_per_cent_of_the_least_cost():
    plans = [outcome_of(seed).certified.plan for seed in range(40)]
    kept = [plan is not None and exactly(plan) <= LIMIT for plan in plans]
    costs = [sum(plan) for plan in plans if plan is not None]
    print(sum(kept), np.mean(costs), sorted(costs))
    assert sum(kept) >= 38
    assert np.mean(costs) <= 1.04 * CHEAPEST


ON_DAYS = ("abandonment_rate <= 8% on 90% of days",)
OTHER_SEED = 77_000


@functools.cache
def share_of_days(plan):
    """Days in 20,000 of a seed that nothing else uses on which at most 8 % give up, to 0.2 points."""
    scenario = load_scenario(CENTRE, f"agent_groups.desk.by_interval.all={[*plan, *[0] * 21]}")
    met = 0
    for replication in range(20_000):
        outcome = simulate(scenario, seed=OTHER_SEED, replication=replication, engine="kernel").touchpoints.outcome
        lost, answered = (int(np.count_nonzero(outcome == code)) for code in (ABANDONED, RESOLVED))
        met += 100 * lost <= 8 * (lost + answered)
    return met / 20_000


@pytest.mark.slow
def test_of_twenty_plans_certified_on_nine_days_in_ten_at_least_18_meet_them_in_truth():
    plans = [outcome_of(seed, targets=ON_DAYS, fresh_days=300).certified.plan for seed in range(20)]
    shares = [share_of_days(plan) for plan in plans if plan is not None]
    costs = [sum(plan) for plan in plans if plan is not None]
    print(np.round(sorted(shares), 3), sorted(costs))
    assert len(shares) >= 18
    assert sum(share >= 0.9 for share in shares) >= len(shares) - 2
    # Nor is any far dearer than it takes.
    assert max(shares) < 0.98
