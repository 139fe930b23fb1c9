"""A goal is kept or missed where that is sure, and unsure elsewhere."""

import math

import pandas as pd
import pytest
from support.small_centres import SMALL_YAML

from cxsim.reports.goals import goal_table
from cxsim.scenario.load import load_scenario
from cxsim.scenario.text import read_yaml


def status(*, value, low=math.nan, high=math.nan, replications):
    """Of a goal of 80 % that was measured so."""
    source = read_yaml(SMALL_YAML, where="small")
    source["goals"] = {"quick": {"measure": "wait", "at_most": "20 s", "share": "80%"}}
    row = {"scenario": "today", "by": "goal", "group": "quick", "metric": "goal", "variant": "wait", "value": value,
           "low": low, "high": high, "level": 0.95, "replications": replications, "unit": "1"}  # fmt: skip
    (found,) = goal_table(pd.DataFrame([row]), {"today": load_scenario(source)})["status"]
    return found


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.9, 0.85, 0.95, "kept"),
        (0.7, 0.65, 0.75, "missed"),
        (0.81, 0.79, 0.83, "unsure"),
        (0.79, 0.77, 0.81, "unsure"),
    ],
)
def test_the_whole_interval_decides(value, low, high, said):
    assert status(value=value, low=low, high=high, replications=20) == said


@pytest.mark.parametrize(
    ("replications", "said"), [(1, "unsure"), (2, "unsure"), (5, "unsure"), (6, "kept"), (30, "kept")]
)
def test_days_that_are_all_alike_are_sure_when_there_are_enough_for_a_sign_test(replications, said):
    assert status(value=1.0, replications=replications) == said
