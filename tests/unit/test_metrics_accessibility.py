"""Service level, waits and abandonment: the public worked example, the order of the variants, and plain loops."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.columns import ABANDONED, BALKED, BLOCKED, CLOSED
from cxsim.metrics.accessibility import (
    abandonment_rate,
    answer_rate,
    average_speed_of_answer,
    blockage_rate,
    callback_rate,
    callback_success,
    callback_wait,
    hours_open_coverage,
    longest_wait,
    mean_patience,
    missed_rate,
    schedule_of_waits,
    service_level,
    time_to_abandon,
    wait_quantile,
)

SEEDS = st.integers(0, 100_000)


def calls(*, answered, abandoned):
    """Calls by wait: {wait: how many}."""
    rows = [{"answered": wait, "ended": wait + 60.0} for wait, n in answered.items() for _ in range(n)]
    return rows + [{"ended": wait} for wait, n in abandoned.items() for _ in range(n)]


@pytest.fixture(scope="module")
def afternoon(make_log):
    """ICMI's example: 1000 answered, 860 of them in 20 s; 60 abandoned, 20 in 20 s, 10 of them in 5 s."""
    return make_log(calls(answered={10.0: 860, 90.0: 140}, abandoned={4.0: 10, 15.0: 10, 120.0: 40}))


@pytest.mark.parametrize(
    ("variant", "printed"),
    [
        ("strict", 81.13),
        ("answered_only", 86.00),
        ("abandon_credit", 83.02),
        ("ignore_in_threshold", 82.69),
        ("short_credit", 82.08),
        ("short_excluded", 81.90),
    ],
)
def test_one_afternoon_has_six_service_levels(afternoon, variant, printed):
    assert round(100 * service_level(afternoon, variant=variant).value, 2) == printed


def test_the_threshold_itself_is_in_time(make_log):
    log = make_log(calls(answered={20.0: 1, 20.5: 1}, abandoned={}))
    assert service_level(log, within=20.0).value == 0.5


def test_a_callback_in_time_is_a_success_only_where_the_queue_was_left_in_time(make_log):
    called_back = {"answered": 900.0, "ended": 960.0}
    log = make_log(
        [
            {**called_back, "callback": 15.0},
            {**called_back, "callback": 30.0},
            {"answered": 5.0, "ended": 60.0},
            {"ended": 300.0},
        ]
    )
    assert service_level(log, variant="removed_from_queue") == (2.0, 4.0, 4)
    assert service_level(log, variant="strict") == (1.0, 2.0, 2)


def test_an_interval_meets_its_target_by_its_own_calls(make_log):
    quiet = [{"offered": 100.0, "answered": 105.0, "ended": 200.0}] * 4 + [{"offered": 100.0, "ended": 400.0}]
    busy = [{"offered": 2000.0, "answered": 2100.0, "ended": 2200.0}] * 30
    log = make_log(quiet + busy)
    assert service_level(log, variant="interval_attainment", target=0.8) == (1.0, 2.0, 2)
    assert service_level(log, variant="interval_attainment", target=0.81) == (0.0, 2.0, 2)


@given(seed=SEEDS)
def test_variants_stand_in_their_order(random_log, seed):
    log = random_log(seed)
    level = {
        name: service_level(log, variant=name).value
        for name in (
            "strict",
            "answered_only",
            "abandon_credit",
            "ignore_in_threshold",
            "short_credit",
            "short_excluded",
        )
    }
    if any(math.isnan(value) for value in level.values()):
        return
    assert level["strict"] <= level["short_excluded"] <= level["short_credit"] <= level["abandon_credit"]
    assert level["short_excluded"] <= level["ignore_in_threshold"] <= level["abandon_credit"]
    assert level["ignore_in_threshold"] <= level["answered_only"]


def test_without_abandonment_all_variants_agree(make_log):
    log = make_log(calls(answered={0.0: 3, 30.0: 1}, abandoned={}))
    names = ("strict", "answered_only", "abandon_credit", "ignore_in_threshold", "short_credit", "short_excluded")
    assert {service_level(log, variant=name).value for name in names} == {0.75}


@pytest.mark.parametrize(("left", "of", "share"), [(10, 100, 0.10), (40, 1000, 0.04)])
def test_abandonment_is_the_published_example(make_log, left, of, share):
    log = make_log(calls(answered={0.0: of - left}, abandoned={30.0: left}))
    assert abandonment_rate(log).value == pytest.approx(share)


def test_misdials_and_late_abandons_are_told_apart(afternoon):
    assert abandonment_rate(afternoon) == (60.0, 1060.0, 1060)
    assert abandonment_rate(afternoon, variant="net_short") == (50.0, 1050.0, 1050)
    assert abandonment_rate(afternoon, variant="net_short_over_offered") == (50.0, 1060.0, 1060)
    assert abandonment_rate(afternoon, variant="after_threshold") == (40.0, 1060.0, 1060)


@given(seed=SEEDS)
def test_counts_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    n = answered = abandoned = in_time = early = short = over = 0
    waits, left = [], []
    for row in rows_of(log.touchpoints):
        if not row["staffed"] or row["deferred"] or row["chaser"] or not math.isnan(row["callback"]):
            continue
        if not math.isnan(row["answered"]):
            wait = row["answered"] - row["offered"]
            answered += 1
            in_time += wait <= 20
            waits.append(wait)
        elif row["outcome"] == ABANDONED:
            wait = row["ended"] - row["offered"]
            abandoned += 1
            early += wait <= 20
            short += wait <= 5
            left.append(wait)
        else:
            continue
        n += 1
        over += wait > 20
    assert service_level(log) == (in_time, n, n)
    assert service_level(log, variant="ignore_in_threshold") == (in_time, n - early, n - early)
    assert service_level(log, variant="short_credit") == (in_time + short, n, n)
    assert average_speed_of_answer(log) == (sum(waits), answered, answered)
    assert average_speed_of_answer(log, variant="delayed")[1] == sum(wait > 0 for wait in waits)
    assert average_speed_of_answer(log, variant="all") == (sum(waits) + sum(left), n, n)
    assert abandonment_rate(log) == (abandoned, n, n)
    assert time_to_abandon(log) == (sum(left), abandoned, abandoned)
    assert mean_patience(log) == (sum(waits) + sum(left), abandoned, abandoned)
    assert schedule_of_waits(log, longer_than=20.0) == (over, n, n)
    assert sorted(wait_quantile(log).values) == sorted(waits)
    assert longest_wait(log).n == n
    if n:
        assert longest_wait(log).value == max(waits + left)


@given(seed=SEEDS)
def test_offered_blocked_and_called_back_are_those_of_a_plain_loop(random_log, rows_of, seed):
    log = random_log(seed)
    offered = answered = blocked = callbacks = connected = shut = 0
    clock = 0.0
    for row in rows_of(log.touchpoints):
        if not row["staffed"] or row["deferred"] or row["chaser"]:
            continue
        if row["outcome"] == BLOCKED:
            blocked += 1
            continue
        if row["outcome"] == CLOSED and row["ended"] == row["offered"]:
            shut += 1
            continue
        offered += 1
        there = not math.isnan(row["answered"])
        answered += there
        if not math.isnan(row["callback"]):
            callbacks += 1
            connected += there
            clock += row["answered"] - row["callback"] if there else 0.0
    tried = offered + blocked + shut
    assert hours_open_coverage(log) == (offered + blocked, tried, tried)
    assert missed_rate(log) == (offered - answered, offered, offered)
    assert callback_wait(log) == (clock, connected, connected)
    assert answer_rate(log) == (answered, offered, offered)
    assert blockage_rate(log) == (blocked, offered + blocked, offered + blocked)
    assert callback_rate(log) == (callbacks, offered, offered)
    assert callback_success(log) == (connected, callbacks, callbacks)


def test_those_who_balk_were_offered_and_those_before_a_closed_door_were_not(make_log):
    log = make_log([{"answered": 0.0, "ended": 60.0}, {"outcome": BALKED}, {"outcome": CLOSED}])
    assert answer_rate(log) == (1.0, 2.0, 2)


def test_a_flag_that_the_log_lacks_says_that_the_thing_does_not_occur(make_log):
    log = make_log(calls(answered={0.0: 3}, abandoned={9.0: 1}))
    flags = ("staffed", "deferred", "chaser", "callback", "replication")
    bare = {name: column for name, column in log.touchpoints.columns.items() if name not in flags}
    assert service_level(log.with_tables(touchpoints=type(log.touchpoints)("touchpoints", bare))).value == 0.75


def test_patience_counts_the_waits_of_those_who_were_answered(make_log):
    # Every wait of 100 s, and one customer in four has had enough by then: they would wait 400 s on average.
    log = make_log(calls(answered={100.0: 3}, abandoned={100.0: 1}))
    assert mean_patience(log).value == 400.0
    assert time_to_abandon(log).value == 100.0


def test_quantiles_follow_the_linear_rule(make_log):
    log = make_log(calls(answered={0.0: 1, 10.0: 1, 20.0: 1, 30.0: 1}, abandoned={}))
    assert wait_quantile(log, p=0.5).value == 15.0
    assert wait_quantile(log, p=0.9).value == pytest.approx(27.0)
