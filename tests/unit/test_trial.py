"""A trial counts what is asked of it, and works out no more than that."""

import pandas as pd
import pytest

from cxsim.scenario.load import load_scenario
from cxsim.trial import Trial, run_trial

KEYS = ["by", "metric", "variant", "group"]


def trial(*metrics: str, **about: object) -> Trial:
    """A day of the smallest shipped scenario."""
    scenario = load_scenario("verify_appliance")
    return Trial("centre", scenario, seed=1, replication=2, metrics=metrics or None, detail=False, **about)


def test_what_is_asked_for_is_counted_as_among_everything():
    everything = run_trial(trial()).set_index(KEYS)
    few = run_trial(trial("service_level:strict", "wait_quantile:p90", "occupancy:default")).set_index(KEYS)
    pd.testing.assert_frame_equal(few, everything.loc[few.index])


def test_feelings_are_worked_out_only_where_a_number_rests_on_them(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("perceived")

    expected = run_trial(trial("service_level:strict"))
    monkeypatch.setattr("cxsim.trial.felt_log", refuse)
    pd.testing.assert_frame_equal(run_trial(trial("service_level:strict")), expected)
    for asked in (
        trial(),
        trial("customer_satisfaction:top_two"),
        trial("service_level:strict", extra=("churn_rate:default",)),
    ):
        with pytest.raises(AssertionError, match="perceived"):
            run_trial(asked)


def test_further_metrics_are_left_out_if_they_cannot_be_had():
    found = run_trial(trial("service_level:strict", extra=("service_level:strict", "customer_lifetime_value:default")))
    assert found.metric.tolist() == ["service_level"]
    assert set(found.scenario) == {"centre"}
    assert set(found.replication) == {2}
