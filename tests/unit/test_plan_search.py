"""The search for the cheapest plan, on a made-up centre whose best plan is known."""

import itertools

import numpy as np
import pytest

from cxsim.designs.plan_effects import effects, orthogonal_signs
from cxsim.designs.plan_ground import Ground, Wanted
from cxsim.designs.plan_ladder import certified, ladder
from cxsim.designs.plan_search import is_met, search
from cxsim.designs.plan_steps import cheapest_steps

LOADS = (4.0, 9.0, 7.0, 2.0)
PRICES = (1.0, 1.0, 1.0, 2.0)
MOST = 14


def slack_of(plan, day, *, stage="search"):
    """Two targets: what is lost falls with every agent, less and less, and the second agent group counts double."""
    rng = np.random.default_rng([day, stage == "fresh"])
    busy, noise = 1.0 + 0.05 * rng.normal(), 0.3 * rng.normal()
    lost = [load * busy * np.exp(-(count - load) / np.sqrt(load)) for load, count in zip(LOADS, plan, strict=True)]
    return 6.0 - sum(lost) + noise, 4.0 - lost[1] - lost[2] + noise


def days_of(wanted):
    return range(wanted.begin, wanted.begin + wanted.days)


def played(dialogue, *, simulate=slack_of, log=None):
    """Lead a dialogue to its end with the made-up centre."""
    known = {}
    try:
        wanted = next(dialogue)
        while True:
            for plan in wanted.plans:
                for day in days_of(wanted):
                    known.setdefault((wanted.stage, plan, day), simulate(plan, day, stage=wanted.stage))
            if log is not None:
                log.append(wanted)
            sent = {
                plan: np.array([known[wanted.stage, plan, day] for day in days_of(wanted)]).T for plan in wanted.plans
            }
            wanted = dialogue.send(sent)
    except StopIteration as end:
        return end.value


def ground_of(*, high=MOST, days=40):
    def curve(beta):
        return tuple(min(high, int(np.ceil(load + beta * np.sqrt(load)))) for load in LOADS)

    rising = [curve(beta) for beta in np.arange(-1.0, 6.0, 0.1)]
    top = (high,) * len(LOADS)
    costs = [price * np.arange(high + 1.0) for price in PRICES]
    return Ground(top, costs, [tuple(dict.fromkeys([*rising, top]))], days, 20)


def means_of(plan, *, days=40):
    return np.mean([slack_of(plan, day) for day in range(days)], axis=0)


def cheapest_of_all(ground):
    every = itertools.product(range(2, 9), range(6, MOST), range(4, 12), range(0, 7))
    by_cost = sorted(every, key=ground.cost)
    return next(ground.cost(plan) for plan in by_cost if np.all(means_of(plan, days=8) >= -0.05)
                and np.all(means_of(plan) >= 0.0))  # fmt: skip


def test_the_search_finds_the_cheapest_of_all_plans():
    ground = ground_of()
    found = played(search(ground))
    assert found.feasible
    assert np.all(means_of(found.plan) >= 0.0)
    assert ground.cost(found.plan) == cheapest_of_all(ground)


def test_nine_days_in_ten_are_nine_in_ten_whatever_their_mean_is_rounded_to():
    for n_days in range(10, 400, 10):
        met = np.array([1.0] * (9 * n_days // 10) + [0.0] * (n_days // 10))
        assert is_met(np.array([np.mean(met - 0.9), 1.0]))
        met[0] = 0.0
        assert not is_met(np.array([1.0, np.mean(met - 0.9)]))


def test_the_search_beats_the_rule_that_it_begins_with():
    ground = ground_of()
    found = played(search(ground))
    assert ground.cost(found.plan) < ground.cost(found.start)


def test_the_search_goes_the_same_way_when_it_is_asked_anew():
    first, second = [], []
    played(search(ground_of()), log=first)
    played(search(ground_of()), log=second)
    assert first == second
    assert all(isinstance(wanted, Wanted) for wanted in first)


def test_bounds_that_no_plan_meets_the_targets_in_are_told():
    found = played(search(ground_of(high=5)))
    assert not found.feasible
    assert found.effects is None
    assert np.min(found.tried[found.plan]) < 0


def test_no_plan_leaves_the_bounds():
    log = []
    played(search(ground_of()), log=log)
    assert all(0 <= value <= MOST for wanted in log for plan in wanted.plans for value in plan)


def test_effects_of_single_steps_are_differences_on_the_same_days():
    ground, plan = ground_of(), (6, 12, 9, 4)
    found = played(effects(ground, plan))
    base = means_of(plan, days=20)
    assert found.more[1] == pytest.approx(means_of((6, 13, 9, 4), days=20) - base)
    assert found.less[3] == pytest.approx(means_of((6, 12, 9, 3), days=20) - base)
    assert np.all(found.more >= -1e-12)
    assert np.all(found.less <= 1e-12)


def test_a_cell_at_its_bound_takes_the_effect_of_the_other_direction():
    ground, plan = ground_of(), (6, MOST, 9, 4)
    found = played(effects(ground, plan))
    assert found.more[1] == pytest.approx(-found.less[1])


@pytest.mark.parametrize("n", [1, 2, 17, 28, 100, 168])
def test_columns_of_a_design_are_orthogonal_signs(n):
    signs = orthogonal_signs(n)
    assert np.all(np.abs(signs) == 1)
    assert np.array_equal(signs.T @ signs, len(signs) * np.eye(n))


def many(n, place=5, high=9, days=50):
    return Ground((high,) * n, [np.arange(high + 1.0)] * n, [((high,) * n,)], days, 10), (place,) * n


def test_effects_of_many_cells_are_found_by_moving_all_of_them_at_once():
    ground, plan = many(30)
    slopes, log = np.linspace(0.1, 3.0, 30), []

    def simulate(plan, day, *, stage):
        return (plan @ slopes + 7.0 * day, -2.0 * plan[3])

    found = played(
        effects(ground, plan), simulate=lambda p, day, *, stage: simulate(np.array(p), day, stage=stage), log=log
    )
    assert found.more[:, 0] == pytest.approx(slopes)
    assert found.less[:, 0] == pytest.approx(-slopes)
    assert found.more[:, 1] == pytest.approx([-2.0 * (cell == 3) for cell in range(30)], abs=1e-12)
    assert all(sum(a != b for a, b in zip(moved, plan, strict=True)) == 30 for moved in log[0].plans)
    assert {day for wanted in log for day in days_of(wanted)} == set(range(50))


def test_effects_of_many_cells_are_those_of_a_plan_that_bends():
    ground, plan = many(20, place=20, high=60)

    def simulate(plan, day, *, stage):
        return (-sum(np.exp(-0.05 * place) for place in plan),)

    found = played(effects(ground, plan), simulate=simulate)
    assert found.more == pytest.approx(np.full((20, 1), np.exp(-1.0) - np.exp(-1.05)), rel=0.02)
    assert found.less == pytest.approx(np.full((20, 1), np.exp(-1.0) - np.exp(-0.95)), rel=0.02)


def test_a_cell_of_many_that_cannot_move_has_no_effect_and_one_at_its_bound_has():
    n = 20
    high = (0, 3, *[9] * (n - 2))
    ground = Ground(high, [np.arange(h + 1.0) for h in high], [(high,)], 20, 10)
    found = played(effects(ground, (0, 3, *[5] * (n - 2))), simulate=lambda plan, day, *, stage: (float(sum(plan)),))
    assert found.more[:, 0] == pytest.approx([0.0, *[1.0] * (n - 1)])


def test_the_search_among_many_cells_spends_where_it_helps_most():
    """Half the cells help three times as much as the others, up to a point: the best plan is known by equal returns."""
    n, noise = 24, 0.05
    weights = np.array([3.0, 1.0] * (n // 2))

    def simulate(plan, day, *, stage):
        rng = np.random.default_rng([day, stage == "fresh", *plan])
        return (24.0 - float(weights @ np.exp(-0.25 * np.array(plan, dtype=float))) * 2.0 + noise * rng.normal(),)

    costs = [np.arange(31.0)] * n
    curve = tuple((k,) * n for k in range(31))
    ground = Ground((30,) * n, costs, [curve], 60, 20)
    found = played(search(ground), simulate=simulate)
    # Equal returns: w exp(-x / 4) = c for all; 2 n c = 24, so x = 4 log(w / c) with c = 0.5.
    best = float(np.sum(4.0 * np.log(weights / 0.5)))
    assert found.feasible
    assert ground.cost(found.start) > 1.1 * best
    assert ground.cost(found.plan) < 1.03 * best


def test_steps_of_the_programme_are_the_cheapest_that_keep_the_promise():
    ground, plan = ground_of(), (8, 13, 11, 6)
    around = played(effects(ground, plan))
    proposal = cheapest_steps(ground, plan, effects=around, slack=means_of(plan), spread=np.ones(2))
    assert ground.cost(proposal) < ground.cost(plan)
    assert max(abs(a - b) for a, b in zip(proposal, plan, strict=True)) <= 3
    # With no room at all and nothing that pays for itself there is nothing cheaper.
    none = cheapest_steps(ground, plan, effects=around, slack=np.array([-1e3, -1e3]), spread=np.ones(2))
    assert none is None


def test_a_ladder_is_nested_and_rises_in_cost_and_promise():
    ground = ground_of()
    found = played(search(ground))
    rungs = ladder(ground, found, fresh_days=100, level=0.95)
    assert rungs[0].plan == found.plan
    assert 4 <= len(rungs) <= 10
    for lower, upper in itertools.pairwise(rungs):
        assert all(a <= b for a, b in zip(lower.plan, upper.plan, strict=True))
        assert ground.cost(lower.plan) < ground.cost(upper.plan)
        assert np.min(lower.promised / found.spread) <= np.min(upper.promised / found.spread)


def test_the_certificate_tests_from_the_safest_down_and_stops_at_the_first_failure():
    ground, log = ground_of(), []
    found = played(search(ground))
    rungs = ladder(ground, found, fresh_days=100, level=0.95)
    done = played(certified(rungs, days=100, level=0.95), log=log)
    assert [wanted.plans[0] for wanted in log] == [rung.plan for rung in done.tested]
    assert {wanted.stage for wanted in log} == {"fresh"}
    assert done.tested[0] == rungs[-1]
    assert done.plan is not None
    if done.certificate.failed is not None:
        assert done.certificate.failed == len(log) - 1
        assert done.plan == rungs[len(rungs) - len(log) + 1].plan


def test_a_ladder_that_no_rung_passes_certifies_nothing():
    ground = ground_of()
    found = played(search(ground))
    rungs = ladder(ground, found, fresh_days=100, level=0.95)

    def worse(plan, day, *, stage):
        return tuple(x - 9.0 * (stage == "fresh") for x in slack_of(plan, day, stage=stage))

    done = played(certified(rungs, days=50, level=0.95), simulate=worse)
    assert done.plan is None
    assert done.certificate.flags == ("nothing_certified",)
    assert len(done.slacks) == 1
