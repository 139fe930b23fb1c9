"""Goals count what keeps a limit; flows count what follows what. Small logs written by hand."""

from __future__ import annotations

import pytest

from cxsim.contacts.columns import ABANDONED, RESOLVED, UNRESOLVED
from cxsim.contacts.log import ContactLog, Table
from cxsim.errors import MetricUnavailable
from cxsim.metrics.flows import flows
from cxsim.metrics.goals import share_within

NAN = float("nan")


def log() -> ContactLog:
    """Three cases: answered after 10 s; answered after 50 s, passed on and resolved; given up after 30 s."""
    return ContactLog(
        Table(
            "touchpoints",
            {
                "replication": [0, 0, 0, 0],
                "case": [1, 2, 2, 3],
                "contact": [0, 0, 0, 0],
                "touch": [0, 0, 1, 0],
                "contact_type": [0, 1, 1, 0],
                "touchpoint": [0, 0, 1, 0],
                "staffed": [True] * 4,
                "deferred": [False, False, True, False],
                "offered": [0.0, 100.0, 200.0, 300.0],
                "answered": [10.0, 150.0, 260.0, NAN],
                "ended": [70.0, 200.0, 500.0, 330.0],
                "wrapped": [80.0, 230.0, 500.0, NAN],
                "outcome": [RESOLVED, UNRESOLVED, RESOLVED, ABANDONED],
                "transfer_kind": [0, 1, 0, 0],
                "chaser": [False] * 4,
            },
        ),
        names={"touchpoint": ["phone", "second"], "contact_type": ["bill", "fault"], "segment": ["all"]},
        meta={"horizon": 86400.0},
    )


def test_a_wait_is_kept_by_the_answered_only() -> None:
    assert share_within(log(), measure="wait", within=20.0) == (1.0, 3.0, 3)
    assert share_within(log(), measure="wait", within=60.0) == (2.0, 3.0, 3)


def test_a_goal_looks_at_its_touchpoint_and_type() -> None:
    assert share_within(log(), measure="wait", within=60.0, contact_type="bill") == (1.0, 2.0, 2)
    assert share_within(log(), measure="first_response_time", within=60.0, touchpoint="second") == (1.0, 1.0, 1)


def test_handle_time_counts_the_served() -> None:
    assert share_within(log(), measure="handle_time", within=75.0) == (1.0, 3.0, 3)


def test_resolution_runs_from_the_begin_of_the_case() -> None:
    assert share_within(log(), measure="resolution_time", within=100.0) == (1.0, 3.0, 3)
    assert share_within(log(), measure="resolution_time", within=400.0) == (2.0, 3.0, 3)
    assert share_within(log(), measure="resolution_time", within=400.0, contact_type="fault") == (1.0, 1.0, 1)


def test_another_measure_is_refused_with_a_suggestion() -> None:
    with pytest.raises(MetricUnavailable, match="did you mean 'wait'"):
        share_within(log(), measure="waits", within=1.0)


def test_flows_say_what_follows() -> None:
    found = {(row.touchpoint, row.outcome, row.following, row.how): row.n for row in flows(log()).itertuples()}
    assert found == {
        ("phone", "resolved", "leaves", "end"): 1,
        ("phone", "unresolved", "second", "transfer"): 1,
        ("second", "resolved", "leaves", "end"): 1,
        ("phone", "abandoned", "leaves", "end"): 1,
    }


def test_a_goal_of_one_segment_looks_at_its_customers() -> None:
    made = log()
    t = made.touchpoints.with_columns(segment=[0, 1, 1, 0])
    named = ContactLog(t, names={**made.names, "segment": ["gold", "plain"]}, meta=made.meta)
    assert share_within(named, measure="wait", within=60.0, segment="gold") == (1.0, 2.0, 2)
    assert share_within(named, measure="resolution_time", within=400.0, segment="plain") == (1.0, 1.0, 1)
