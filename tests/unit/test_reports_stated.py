"""What a scenario does not state has no number, no score and no difference; what it states keeps them."""

from __future__ import annotations

import pandas as pd
import pytest
from support.small_findings import small_scenario

from cxsim.benchmarks.load import load_profile
from cxsim.reports.stated import changes_of_stated, silent_groups, without_unstated
from cxsim.study import estimate

NAMES = [("shrinkage", "paid"), ("utilisation", "metricnet"), ("utilisation", "hdi"), ("occupancy", "default")]


def desk(**more):
    """One queue whose agents are counted as said."""
    return small_scenario(agent_groups={"desk": {"agents": 10, "serves": {"phone": {"rank": 1}}, **more}})


def table_of(*labels):
    rows = [{"scenario": label, "metric": name, "variant": variant, "value": 0.0, "low": 0.0, "high": 0.0,
             "standard_error": 0.0, "flags": ""} for label in labels for name, variant in NAMES]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("counted", "silent"),
    [
        ({"counts": "net"}, ["desk"]),
        ({}, ["desk"]),
        ({"counts": "net", "shrinkage": {"planned": "25%"}}, []),
        ({"counts": "scheduled"}, []),
    ],
)
def test_head_counts_without_shrinkage_leave_it_unknown(counted, silent):
    assert silent_groups(desk(**counted)) == silent


def test_only_what_rests_on_shrinkage_loses_its_number_and_only_where_it_is_unknown():
    scenarios = {"net": desk(counts="net"), "known": desk(counts="net", shrinkage={"planned": "25%"})}
    found = without_unstated(table_of("net", "known"), scenarios)
    gone = found[found["value"].isna()]
    assert list(zip(gone["scenario"], gone["metric"], gone["variant"], strict=True)) == [
        ("net", "shrinkage", "paid"),
        ("net", "utilisation", "metricnet"),
    ]
    assert set(gone["flags"]) == {"not_stated"}


def test_a_difference_to_an_unknown_number_is_no_difference():
    scenarios = {"today": desk(counts="net"), "more": desk(counts="net", shrinkage={"planned": "25%"})}
    left = changes_of_stated(table_of("more"), scenarios)
    assert list(zip(left["metric"], left["variant"], strict=True)) == NAMES[2:]


def test_the_scorecard_says_not_stated_in_place_of_a_score_of_nothing():
    peers = load_profile("inbound_voice")
    wanted = [
        f"{entry.name}:{entry.variant}" for entry in peers.metrics if entry.name in ("shrinkage", "service_level")
    ]
    found = estimate(desk(counts="net"), replications=2, metrics=wanted, profile="inbound_voice", engine="process")
    (card,) = found.scorecards.values()
    assert "shrinkage" not in {row.metric for row in card.rows}
    assert "not stated in the scenario, so it cannot be known" in {gap.reason for gap in card.missing}
    assert any("Shrinkage (paid)" in note and "not stated" in note for note in card.notes)
