"""Selecting the best of several scenarios, on worked runs and by how often the right one is taken."""

import math

import numpy as np
import pytest

from cxsim.designs.selection import (
    KimNelson,
    dudewicz_dalal_constant,
    known_standard,
    rinott_constant,
    second_stage,
    select_best,
    select_with_standard,
)

RUNS = np.array(
    [[10, 13, 9, 12, 11, 14, 10, 12, 13], [12, 13, 12, 13, 13, 14, 12, 14, 13], [13, 12, 12, 15, 12, 15, 13, 13, 15]]
).T


def near(expected):
    return pytest.approx(expected, rel=1e-9)


def test_three_systems_are_screened_until_one_is_left():
    found = select_best(RUNS, difference=1.0, first=6)
    assert (found.best, found.n, found.flags) == (2, 9, ())
    assert list(found.eliminated_at) == [6, 9, 0]


def test_the_procedure_asks_only_for_what_is_still_in():
    procedure = KimNelson(3, difference=1.0, first=6)
    assert (procedure.eta, procedure.h_squared) == near((1.1572270087, 11.5722700867))
    assert procedure.ask() == ((0, 1, 2), 6)
    procedure.answer(RUNS[:6])
    limits = np.floor(procedure.squares).max(axis=1)
    assert list(limits) == [30, 16, 30]
    assert procedure.limit == 30
    assert procedure.ask() == ((1, 2), 1)
    for row in RUNS[6:9, 1:]:
        procedure.answer([row])
    assert procedure.ask() == ((), 0)
    assert procedure.selection.best == 2


def test_replications_that_end_too_soon_select_nothing():
    assert select_best(RUNS[:8], difference=1.0, first=6) is None


def test_smaller_is_better_mirrors_the_choice():
    found = select_best(-RUNS, difference=1.0, first=6, larger_is_better=False)
    assert (found.best, found.n, list(found.eliminated_at)) == (2, 9, [6, 9, 0])


def test_a_wide_indifference_zone_takes_the_best_mean_at_once():
    found = select_best(RUNS, difference=100.0, first=6)
    assert (found.best, found.n) == (2, 6)


def test_scenarios_that_do_the_same_are_a_tie_without_variance():
    days = RUNS[:, :1]
    found = select_best(np.hstack([days - 1.0, days, days]), difference=1.0, first=6)
    assert (found.best, found.n) == (1, 6)
    assert found.flags == ("tie", "zero_variance")


def test_at_the_limit_the_best_mean_is_taken():
    # A pair that noise keeps apart from nothing: it ends at the latest one beyond the largest limit.
    rng = np.random.default_rng(5)
    procedure = KimNelson(2, difference=0.5, first=10)
    procedure.answer(rng.normal(size=(10, 2)))
    while procedure.selection is None:
        procedure.answer([[1.0 if len(procedure.rows) % 2 else -1.0, 0.0]])
    means = np.nanmean(procedure.rows, axis=0)
    assert procedure.selection.n <= procedure.limit + 1
    assert procedure.selection.best == int(np.argmax(means))


def by_hand(x, *, difference, first, level):
    """The procedure pair by pair as it stands in the paper: the best, and after how many each was dropped."""
    k = x.shape[1]
    eta = ((2.0 * (1.0 - level) / (k - 1)) ** (-2.0 / (first - 1)) - 1.0) / 2.0
    room = {}
    for i in range(k):
        for other in range(k):
            if i != other:
                room[i, other] = 2.0 * eta * (first - 1) * np.var(x[:first, i] - x[:first, other], ddof=1)
    last = max(math.floor(a / difference**2) for a in room.values())
    kept, out, r = list(range(k)), [0] * k, first
    while len(kept) > 1 and r <= last:
        sums = x[:r].sum(axis=0)
        near = {pair: max(0.0, difference / (2.0 * r) * (a / difference**2 - r)) for pair, a in room.items()}
        stays = [i for i in kept if all(sums[i] / r >= sums[j] / r - near[i, j] for j in kept if j != i)]
        out = [r if i in kept and i not in stays else n for i, n in enumerate(out)]
        kept, r = stays, r + 1
    r -= len(kept) == 1 and r > first
    return max(kept, key=lambda i: x[:r, i].mean()), out, r


def test_every_step_is_that_of_the_procedure_done_by_hand():
    rng = np.random.default_rng(29)
    seen = set()
    for _ in range(400):
        spread = rng.uniform(0.3, 2.0, size=4)
        x = rng.normal(0.0, 1.0, size=(400, 1)) + rng.normal(rng.normal(0.0, 0.2, size=4), spread, size=(400, 4))
        found = select_best(x, difference=1.0, first=4, level=0.5)
        best, out, n = by_hand(x, difference=1.0, first=4, level=0.5)
        assert (found.best, list(found.eliminated_at), found.n) == (best, out, n)
        seen.add(out.count(0))
    # Some were screened down to one, some went to the limit with more.
    assert len(seen) > 1


def test_the_best_is_taken_as_often_as_promised_under_common_random_numbers():
    rng = np.random.default_rng(17)
    right = 0
    for _ in range(200):
        day = rng.normal(0.0, 3.0, size=(2000, 1))
        found = select_best(day + rng.normal([0.0, 0.0, 0.5], 1.0, size=(2000, 3)), difference=0.5, first=10)
        right += found.best == 2
    assert right / 200 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 200)


@pytest.mark.parametrize(
    ("k", "first", "level", "rinott", "dudewicz_dalal"),
    [(3, 10, 0.95, 3.16573, 3.08189), (5, 20, 0.95, 3.38542, 3.25801), (2, 10, 0.90, 1.99855, 1.99855)],
)
def test_two_stage_constants(k, first, level, rinott, dudewicz_dalal):
    assert rinott_constant(k, first=first, level=level) == pytest.approx(rinott, abs=1e-5)
    assert dudewicz_dalal_constant(k, first=first, level=level) == pytest.approx(dudewicz_dalal, abs=1e-5)


def test_two_constants_of_two_scenarios_are_one_even_from_two_replications():
    # Both are then the quantile of a difference of two Cauchy variables.
    exact = 2 * math.tan(math.pi * 0.4)
    assert rinott_constant(2, first=2, level=0.9) == pytest.approx(exact, rel=1e-6)
    assert dudewicz_dalal_constant(2, first=2, level=0.9) == pytest.approx(exact, rel=1e-6)


def test_second_stage_by_the_first_stage_variance():
    assert list(second_stage([4, 9, 16], constant=3.16573, difference=1.0, first=10)) == [41, 91, 161]
    assert list(second_stage([0.0, 0.1], constant=3.16573, difference=1.0, first=10)) == [10, 10]


def test_constants_for_a_known_standard():
    assert known_standard(4, first=15) == pytest.approx((2.4996699, 4.2993877), abs=1e-7)
    assert known_standard(1, first=10).g == pytest.approx(3.6662259, abs=1e-7)


def test_the_benchmark_is_kept_unless_something_is_clearly_better():
    constants = known_standard(3, first=15)
    reach = constants.h / constants.g
    means = [79.0, 80.0 + reach - 1e-9, 78.0]
    assert select_with_standard(means, benchmark=80.0, constants=constants, difference=1.0).best is None
    means[1] += 2e-9
    assert select_with_standard(means, benchmark=80.0, constants=constants, difference=1.0).best == 1
    turned = [-x for x in means]
    assert (
        select_with_standard(turned, benchmark=-80.0, constants=constants, difference=1.0, larger_is_better=False).best
        == 1
    )


@pytest.mark.parametrize(("true", "right"), [((0.0, 0.0, 0.0), None), ((0.0, 0.0, 1.0), 2)])
def test_the_standard_is_kept_or_beaten_as_often_as_promised(true, right):
    rng = np.random.default_rng(23)
    constants, hits = known_standard(3, first=10), 0
    for _ in range(300):
        x = rng.normal(true, 2.0, size=(400, 3))
        n = second_stage(x[:10].var(axis=0, ddof=1), constant=constants.g, difference=1.0, first=10).astype(int)
        means = [x[: n[i], i].mean() for i in range(3)]
        assert n.max() < 400
        hits += select_with_standard(means, benchmark=0.0, constants=constants, difference=1.0).best == right
    assert hits / 300 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 300)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: KimNelson(1, difference=1.0), "1 scenarios"),
        (lambda: KimNelson(3, difference=0.0), "difference 0"),
        (lambda: KimNelson(3, difference=1.0, first=1), "first stage of 1"),
        (lambda: KimNelson(3, difference=1.0, level=0.3), "level 0.3"),
        (lambda: KimNelson(3, difference=1.0, first=6).answer(RUNS[:5]), "6 replications of 3 scenarios, as asked"),
        (lambda: select_best(RUNS[:5], difference=1.0, first=6), "at least 6"),
        (lambda: select_best(RUNS * math.nan, difference=1.0, first=6), "not finite"),
        (lambda: rinott_constant(1, first=10), "1 scenarios"),
        (lambda: second_stage([-1.0], constant=3.0, difference=1.0, first=10), "variance -1"),
        (lambda: known_standard(0, first=10), "0 scenarios"),
    ],
)
def test_impossible_requests_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
