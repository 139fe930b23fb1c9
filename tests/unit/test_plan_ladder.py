"""The ladder above a plan and its certificate, on effects and days made by hand so that every rung is known."""

import math

import numpy as np
import pytest
from scipy import stats

from cxsim.designs.certificate import days_p_value
from cxsim.designs.plan_effects import Effects
from cxsim.designs.plan_ground import Ground, spread_of
from cxsim.designs.plan_ladder import Rung, certified, days_needed, ladder
from cxsim.designs.plan_search import Found

DAYS = 40
SURELY = 1e-6
# Unit spread and no mean: a constant added to it sets the t statistic.
NOISE = np.array([1.0, -1.0] * (DAYS // 2)) * math.sqrt((DAYS - 1) / DAYS)


def slack_with(p):
    """Slacks of DAYS days whose one-sided p is this."""
    return NOISE + stats.t.isf(p, DAYS - 1) / math.sqrt(DAYS)


def led(p_values, *, level, target=0):
    """Lead a certificate whose rungs, safest first, have these p-values at one of two targets: it, and what it saw."""
    slacks = []
    for p in p_values:
        pair = [slack_with(SURELY), slack_with(SURELY)]
        pair[target] = slack_with(p)
        slacks.append(np.array(pair))
    return led_on(slacks, level=level)


def led_on(slacks, *, level, shares=()):
    """Lead a certificate whose rungs, safest first, have these slacks: it, and what it saw."""
    rungs = [Rung((place,), np.zeros(len(slacks[0]))) for place in range(len(slacks))]
    days = {rung.plan: of_rung for rung, of_rung in zip(reversed(rungs), slacks, strict=True)}
    dialogue, asked = certified(rungs, days=DAYS, level=level, shares=shares), []
    try:
        wanted = next(dialogue)
        while True:
            asked += wanted.plans
            wanted = dialogue.send({plan: days[plan] for plan in wanted.plans})
    except StopIteration as end:
        return end.value, asked


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_cheapest_rung_before_the_first_failure_of_any_target_is_named_at_the_level_asked_for(level, target):
    error = 1.0 - level
    done, asked = led([error / 9, 0.9 * error, 0.95 * error, 1.1 * error, error / 9], level=level, target=target)
    assert asked == [(4,), (3,), (2,), (1,)]
    assert done.plan == (2,)
    assert [rung.plan for rung in done.tested] == asked
    found = done.certificate
    assert (found.rung, found.failed, found.worst, found.level) == (2, 3, target, level)
    assert found.lower[target] == pytest.approx(
        done.slacks[2][target].mean() - stats.t.ppf(level, DAYS - 1) / math.sqrt(DAYS)
    )


def test_where_every_rung_passes_the_cheapest_is_named():
    done, asked = led([0.01, 0.04, 0.02], level=0.95)
    assert (done.plan, asked) == ((0,), [(2,), (1,), (0,)])


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_of_a_share_of_days_the_rungs_are_tested_by_the_days_that_met_it(level):
    counts = [40, 39, 38, 37, 36]
    passes = [days_p_value(met, n_days=DAYS, share=0.85) <= 1.0 - level for met in counts]
    slacks = [((np.arange(DAYS) < met) - 0.85)[np.newaxis] for met in counts]
    done, asked = led_on(slacks, level=level, shares=[0.85])
    assert 0 < sum(passes) < 5
    assert len(asked) == sum(passes) + 1
    assert done.plan == asked[-2]
    assert list(done.certificate.p_values) == [
        days_p_value(met, n_days=DAYS, share=0.85) for met in counts[: len(asked)]
    ]


def test_fresh_days_are_as_many_as_a_share_of_them_takes():
    useless = found_at((5, 5), [[0.0], [0.0]])
    ground = ground_of(high=(9, 9), shares=(0.99,))
    assert days_needed(useless, ground, level=0.99, most=1000) == 459


def test_room_under_a_share_of_days_is_measured_by_days_of_a_plan_that_just_reaches_it():
    slacks = np.array([[1.0, 3.0], [0.1, 0.1], [2.0, 2.0]])
    assert list(spread_of(slacks, (0.0, 0.9, 0.0))) == pytest.approx([math.sqrt(2.0), 0.3, 1.0])
    assert list(spread_of(slacks[:1])) == pytest.approx([math.sqrt(2.0)])


def ground_of(*, high, prices=(1.0, 1.0), days=100, shares=()):
    return Ground(
        high, [price * np.arange(top + 1.0) for top, price in zip(high, prices, strict=True)], (), days, shares=shares
    )


def found_at(plan, more, *, slack=(0.0,), spread=None, bend=1.0):
    """Where a search ended: mean slack of each target, and what one more of each cell adds [n_cells, n_targets]."""
    slacks = np.array(slack)[:, np.newaxis] + np.array([1.0, -1.0])
    more = np.array(more, dtype=float)
    return Found(plan, True, slacks, np.ones(len(slack)) if spread is None else np.array(spread),
                 Effects(more, -bend * more))  # fmt: skip


def test_each_step_of_a_ladder_is_the_most_slack_for_its_cost():
    ground = ground_of(high=(9, 9), prices=(3.0, 1.0))
    rungs = ladder(ground, found_at((5, 5), [[0.2], [0.1]]), fresh_days=100, level=0.95)
    assert rungs[1].plan == (5, 6)
    ground = ground_of(high=(9, 9), prices=(3.0, 2.0))
    rungs = ladder(ground, found_at((5, 5), [[0.2], [0.1]]), fresh_days=100, level=0.95)
    assert rungs[1].plan == (6, 5)


def test_each_step_of_a_ladder_helps_the_target_that_is_worst_off():
    ground = ground_of(high=(9, 99))
    found = found_at((5, 5), [[0.3, 0.0], [0.0, 0.1]], slack=(2.0, 0.0))
    assert {rung.plan[0] for rung in ladder(ground, found, fresh_days=100, level=0.95)} == {5}
    # By its own spread: 2 of 20 is less room than 1 of 1.
    found = found_at((5, 5), [[6.0, 0.0], [0.0, 0.1]], slack=(2.0, 1.0), spread=(20.0, 1.0))
    rungs = ladder(ground, found, fresh_days=100, level=0.95)
    assert rungs[1].plan == (6, 5)
    assert list(rungs[1].promised) == pytest.approx([8.0, 1.0])


def test_further_units_of_a_cell_add_less_as_effects_bend():
    found = found_at((5, 5), [[0.1], [0.08]], bend=2.0)
    rungs = ladder(ground_of(high=(99, 99)), found, fresh_days=100, level=0.95)
    assert [rung.plan for rung in rungs[:6]] == [(5, 5), (6, 5), (6, 6), (7, 6), (7, 7), (8, 7)]
    assert [float(rung.promised[0]) for rung in rungs[:6]] == pytest.approx([0.0, 0.1, 0.18, 0.23, 0.27, 0.295])


@pytest.mark.parametrize(("days", "fresh_days", "level"), [(100, 100, 0.95), (100, 900, 0.95), (400, 100, 0.8)])
def test_a_ladder_rises_by_equal_steps_to_a_height_that_all_but_surely_passes(days, fresh_days, level):
    found = found_at((0, 0), [[0.001], [0.0]])
    rungs = ladder(ground_of(high=(9999, 9), days=days), found, fresh_days=fresh_days, level=level)
    # Two standard errors of the search, and 1.5 of the certificate beyond what passing takes.
    height = 2.0 / math.sqrt(days) + (stats.norm.ppf(level) + 1.5) / math.sqrt(fresh_days)
    assert [float(rung.promised[0]) for rung in rungs] == pytest.approx(list(height * np.arange(10) / 9), abs=1.1e-3)


def test_a_ladder_ends_with_the_last_unit_that_the_bounds_allow():
    rungs = ladder(ground_of(high=(9, 0)), found_at((0, 0), [[0.01], [0.01]]), fresh_days=100, level=0.95)
    assert [rung.plan for rung in rungs] == [(0, 0), (6, 0), (9, 0)]


def test_fresh_days_tell_apart_plans_of_the_unit_that_helps_its_worst_target_most():
    found, ground = found_at((5, 5), [[0.5, 0.1], [0.2, 0.2]], slack=(0.0, 0.0)), ground_of(high=(9, 9))
    for level, wanted in ((0.95, 215), (0.99, 326)):
        assert days_needed(found, ground, level=level, most=1000) == wanted
        reach = stats.norm.ppf(level) + stats.norm.ppf(0.9)
        assert wanted - 1 < (reach / 0.2) ** 2 <= wanted
    assert days_needed(found, ground, level=0.95, most=150) == 150
    useless = found_at((5, 5), [[0.0], [0.0]])
    assert [days_needed(useless, ground, level=0.95, most=most) for most in (1000, 40)] == [100, 40]
