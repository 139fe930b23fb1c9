"""How much room a replication takes: the log, and little besides while it is made."""

import tracemalloc
from pathlib import Path

import pytest

import cxsim

MODELS = Path(__file__).parents[2] / "timings"


@pytest.mark.parametrize(("model", "days"), [("a", 8), ("b", 8), ("c", 32)])
def test_a_contact_takes_at_most_150_bytes_with_its_log_while_it_is_simulated(model, days):
    scenario = cxsim.load_scenario(MODELS / f"model_{model}.yaml", f"calendar.days={days}")
    cxsim.simulate(scenario, seed=1, engine="kernel")  # loads the code, and shows how much room is needed
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        log = cxsim.simulate(scenario, seed=1, replication=1, engine="kernel")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(log.touchpoints) > 100_000
    assert (peak - before) / len(log.touchpoints) < 150
