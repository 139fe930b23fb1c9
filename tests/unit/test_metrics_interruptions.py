"""A ticket laid aside for a call is work in the gaps that the call leaves; busy time is what an agent really was."""

import numpy as np
import pytest

from cxsim.contacts.columns import AVAILABLE, RESOLVED
from cxsim.metrics.interruptions import fitted
from cxsim.metrics.measure import measure
from cxsim.trial import simulate

NOTHING = (np.empty(0, np.int64), np.empty(0), np.empty(0))


def test_an_agent_with_an_interrupted_ticket_is_busy_all_the_while(make_log):
    """Ten minutes of a ticket from 0, a call of ten minutes at 300 s: busy for 1,200 seconds of an hour."""
    rows = [
        {"case": 0, "offered": 0.0, "answered": 0.0, "ended": 1200.0, "wrapped": 1200.0, "paused": 600.0,
         "deferred": True, "outcome": RESOLVED},
        {"case": 1, "offered": 300.0, "answered": 300.0, "ended": 900.0, "wrapped": 900.0, "paused": 0.0,
         "outcome": RESOLVED},
    ]  # fmt: skip
    there = [{"start": 0.0, "end": 3600.0, "kind": AVAILABLE}]
    table = measure(make_log(rows, staffing=there, span=(0.0, 3600.0)), ["occupancy"])
    assert table["value"][0] == pytest.approx(1200.0 / 3600.0)


def test_work_fills_the_gaps_from_the_answer_on():
    around = (np.array([7, 7]), np.array([10.0, 40.0]), np.array([20.0, 50.0]))
    found = fitted(np.array([7]), np.array([0.0]), np.array([60.0]), np.array([25.0]), around=around)
    assert list(zip(found[1], found[2], strict=True)) == [(0.0, 10.0), (20.0, 35.0)]


def test_two_tickets_of_one_agent_do_not_share_a_moment():
    owner = np.array([3, 3])
    found = fitted(owner, np.zeros(2), np.full(2, 100.0), np.array([30.0, 30.0]), around=NOTHING)
    assert sorted(zip(found[1], found[2], strict=True)) == [(0.0, 30.0), (30.0, 60.0)]


def test_agents_are_kept_apart():
    around = (np.array([1]), np.array([0.0]), np.array([50.0]))
    found = fitted(np.array([2]), np.array([0.0]), np.array([50.0]), np.array([20.0]), around=around)
    assert list(zip(found[1], found[2], strict=True)) == [(0.0, 20.0)]


@pytest.mark.parametrize("seed", [1, 2])
def test_busy_and_idle_add_up_to_presence_at_the_desk(seed):
    """Never more busy than there, and no less than the handle time that agents with one contact at a time have."""
    log = simulate("startup_support_4", seed=seed, engine="process")
    table = measure(log, ["occupancy", "utilisation:hdi"]).set_index("metric")
    assert 0.0 < table.loc["occupancy", "value"] <= 1.0
