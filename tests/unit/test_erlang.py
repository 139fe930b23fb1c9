"""Queue formulas against sums over states, their own limits and worked figures; impossible queues are refused."""

import math

import pytest

from cxsim import erlang


def chain(rate, talk_time, patience, n_agents, n_states=3000):
    """Erlang A by summing a long birth-death chain in a plain loop."""
    weight, total, waiting, queue = 1.0, 1.0, 0.0, 0.0
    for present in range(1, n_states):
        weight *= rate / (min(present, n_agents) / talk_time + max(present - n_agents, 0) / patience)
        total += weight
        waiting += weight * (present >= n_agents)
        queue += weight * max(present - n_agents, 0)
    return waiting / total, queue / total


@pytest.mark.parametrize(
    ("rate", "talk_time", "patience", "n_agents"),
    [(0.05, 180.0, 60.0, 1), (11 / 180, 180.0, 120.0, 10), (0.9, 240.0, 1e4, 200), (2.0, 300.0, 30.0, 550)],
)
def test_integrals_equal_the_chain(rate, talk_time, patience, n_agents):
    p_wait, queue = chain(rate, talk_time, patience, n_agents)
    found = erlang.erlang_a(rate, talk_time=talk_time, patience=patience, n_agents=n_agents)
    assert found.p_wait == pytest.approx(p_wait, rel=1e-9)
    assert found.mean_queue == pytest.approx(queue, rel=1e-9)
    assert found.abandonment_rate == pytest.approx(found.mean_wait / patience, rel=1e-9)


def test_many_lines_are_endless_lines():
    given = {"talk_time": 300.0, "n_agents": 12, "patience": 90.0, "within": 20.0}
    endless = erlang.erlang_a(0.045, **given)
    assert erlang.limited_lines(0.045, n_lines=400, **given) == pytest.approx(endless, rel=1e-9)


def test_long_patience_is_nearly_endless_patience():
    given = {"talk_time": 300.0, "n_agents": 12}
    assert erlang.erlang_a(0.03, patience=1e9, **given).mean_wait == pytest.approx(
        erlang.erlang_a(0.03, patience=math.inf, **given).mean_wait, rel=1e-5
    )


def test_certain_answer_at_once_when_agents_abound():
    found = erlang.erlang_a(0.01, talk_time=100.0, patience=60.0, n_agents=2000)
    assert found.answered_within == 1.0
    assert found.mean_wait == 0.0


def test_analytic_starts_of_an_hourly_queue():
    assert erlang.erlang_c(100 / 12, 11) == pytest.approx(0.2996193500, rel=1e-9)
    assert erlang.waits_without_patience(100, talk_time=1 / 12, n_agents=11).mean_wait == pytest.approx(
        0.0093631047, rel=1e-8
    )
    found = erlang.erlang_a(100, talk_time=1 / 12, patience=1 / 15, n_agents=9, within=20 / 3600)
    assert found.p_wait == pytest.approx(0.4335666062, rel=1e-9)
    assert found.abandonment_rate == pytest.approx(0.1091172163, rel=1e-9)
    assert found.mean_queue == pytest.approx(0.7274481084, rel=1e-9)
    assert found.occupancy == pytest.approx(0.8248914664, rel=1e-9)
    assert found.service_level() == pytest.approx(0.6408850068, rel=1e-9)
    assert found.service_level("answered_only") == pytest.approx(0.7193819642, rel=1e-9)
    assert erlang.abandonment(rate=100, talk_time=1 / 12, patience=1 / 15, n_agents=9) == found.abandonment_rate


def test_overdue_is_smooth_where_both_rates_meet():
    # With 2 agents and load 1 the queue drains exactly as fast as one contact is handled.
    shares = [
        erlang.waits_without_patience(rate, talk_time=1.0, n_agents=2).overdue(deadline=3.0)
        for rate in (1.0 - 1e-7, 1.0, 1.0 + 1e-7)
    ]
    assert shares[1] == pytest.approx((shares[0] + shares[2]) / 2, rel=1e-9)
    assert shares[1] == pytest.approx(math.exp(-3) * (2 / 3 + 1 / 3 * 4), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: erlang.erlang_c(10.0, 10), "grows without end"),
        (lambda: erlang.erlang_a(1.0, talk_time=10.0, patience=math.inf, n_agents=9), "grows without end"),
        (lambda: erlang.erlang_a(1.0, talk_time=10.0, patience=0.0, n_agents=9), "above 0"),
        (lambda: erlang.erlang_a(1.0, talk_time=10.0, patience=5.0, n_agents=0), "n_agents"),
        (lambda: erlang.limited_lines(1.0, talk_time=1.0, n_agents=5, n_lines=4), "4 lines"),
        (lambda: erlang.erlang_b(-1.0, 3), "0 or more"),
    ],
)
def test_impossible_queues_are_refused_with_the_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_patience_without_end_cannot_fill_all_agents():
    forever = erlang.Patience(lambda x: 0.5 + 0.5 * math.exp(-x), lambda x: 0.5 * x - 0.5 * math.expm1(-x))
    with pytest.raises(ValueError, match="grows without end"):
        erlang.queue_with_patience(5.0, talk_time=1.0, patience=forever, n_agents=2)


def test_unknown_service_level_variant_names_the_known_ones():
    found = erlang.erlang_a(1.0, talk_time=1.0, patience=1.0, n_agents=2)
    with pytest.raises(ValueError, match="answered_only"):
        found.service_level("best")
