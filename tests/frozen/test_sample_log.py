"""The shipped call record is what the simulator makes of its scenario, and reads back as what was simulated."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import cxsim
from cxsim import shipped
from cxsim.contacts.export import to_technion

SAMPLE = shipped.folder("conf") / "reader" / "technion_sample.csv"


def test_the_sample_is_made_by_the_simulator(tmp_path: Path) -> None:
    made = to_technion(cxsim.simulate("sample_bank", seed=1), tmp_path / "sample.csv")
    assert made.read_bytes() == SAMPLE.read_bytes()


def test_the_sample_measures_as_the_log_it_was_made_from() -> None:
    names = ["service_level", "abandonment_rate", "average_speed_of_answer", "talk_time"]
    # The record has whole seconds and every call of the week, also those after the last arrival day.
    log = cxsim.simulate("sample_bank", seed=1)
    simulated = cxsim.measure(log, names, window=(0.0, 1e9)).set_index("metric")
    real = cxsim.measure(cxsim.read_log(SAMPLE, reader="technion"), names).set_index("metric")
    assert list(real["n"]) == list(simulated["n"])
    for name in names:
        tolerance = 1.0 if simulated.loc[name, "unit"] == "s" else 0.02
        assert np.isclose(real.loc[name, "value"], simulated.loc[name, "value"], rtol=0, atol=tolerance), name
