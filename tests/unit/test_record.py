"""What every result carries."""

import json
import math

import pytest

from cxsim.designs.estimate import mean_interval, proportion_interval, ratio_interval
from cxsim.designs.record import RUN_FIELDS, Declared, Uncertainty, missing_fields, result_record
from cxsim.perception.load import load_model
from cxsim.runs.provenance import provenance


def test_a_result_says_how_it_was_made_and_what_was_declared():
    interval = ratio_interval([160, 92, 210, 128, 175], [200, 140, 240, 170, 205])
    found = result_record(
        interval,
        metric="service_level",
        variant="strict",
        unit="1",
        declared=Declared(primary=True, target=0.8, margin=0.01),
        uncertainty=Uncertainty(of_input=0.02),
    )
    assert found["value"] == interval.value
    assert (found["level"], found["method"], found["n"], found["df"]) == (0.95, "B1 ratio_ci delta", 5, 4)
    assert (found["primary"], found["target"], found["margin"], found["multiplicity"]) == (True, 0.8, 0.01, "none")
    assert found["uncertainty"] == {
        "simulation": interval.standard_error,
        "input": 0.02,
        "forecast": "not assessed",
    }


@pytest.mark.parametrize(
    "interval", [mean_interval([5.0]), ratio_interval([0, 0], [0, 0]), proportion_interval(20, n=20)]
)
def test_a_result_is_plain_data_without_nan(interval):
    found = result_record(interval, metric="service_level", variant="strict", unit="1")
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["flags"]
    assert found["uncertainty"]["simulation"] == "not assessed"


def test_a_gap_without_a_reason_is_refused():
    silent = mean_interval([5.0])._replace(flags=())
    with pytest.raises(ValueError, match="no interval and no flag"):
        result_record(silent, metric="service_level", variant="strict", unit="1")


def test_a_metric_without_its_variant_is_refused():
    with pytest.raises(ValueError, match="variant ''"):
        result_record(mean_interval([1.0, 2.0]), metric="service_level", variant="", unit="1")


def test_what_a_run_lacks_is_named():
    about = provenance({}, seed=0, perception=load_model())
    lacking = missing_fields(about)
    assert set(lacking) == {"commit", "counters", "wall_time"}
    whole = about | {"commit": "abc", "counters": "counters.parquet", "wall_time": 1.5}
    assert missing_fields(whole) == []
    assert missing_fields({}) == list(RUN_FIELDS)
    assert missing_fields(whole | {"versions": {"python": "3.11", "numpy": "2"}}) == [
        "versions.scipy",
        "versions.cxsim",
    ]


def test_infinite_degrees_of_freedom_are_none():
    assert math.isinf(proportion_interval(5, n=9).df)
    assert result_record(proportion_interval(5, n=9), metric="m", variant="v", unit="1")["df"] is None
