"""Calls of the centre against renewal theory: agents with records without end, and records dialled again in vain."""

import math

import numpy as np
import pytest

import cxsim
from cxsim.metrics.measure import measure
from cxsim.model.load import expected_visits

REACHED, ATTEMPTS, N_RECORDS, N_AGENTS = 0.35, 3, 12_000, 6
PREVIEW, RINGS, NO_ANSWER, TALK, WRAP = 20.0, 12.0, 30.0, 150.0, 25.0
CYCLE = PREVIEW + REACHED * (RINGS + TALK + WRAP) + (1 - REACHED) * NO_ANSWER


def exponential(mean):
    return {"law": "exponential", "mean": f"{mean} s"}


DIAL = {"mode": "preview", "preview": exponential(PREVIEW), "reached": REACHED, "rings": exponential(RINGS),
        "no_answer": exponential(NO_ANSWER), "attempts": ATTEMPTS}  # fmt: skip
SCENARIO = cxsim.load_scenario({
    "name": "records without end",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "30 min"},
    "contact_types": {"sale": {"arrivals": {"at": [0.0] * N_RECORDS}, "enters": {"campaign": 1}}},
    "touchpoints": {"campaign": {"mechanism": "staffed", "channel": "voice", "talk_time": exponential(TALK),
                                 "after_call_work": exponential(WRAP), "resolves": 0.3, "dial": DIAL,
                                 "then": {"unreached": {"again": {"to": "campaign", "after": "1 h"}}}}},
    "agent_groups": {"desk": {"agents": N_AGENTS, "serves": {"campaign": {"rank": 1}}}},
})  # fmt: skip


@pytest.fixture(scope="module")
def log():
    # What is dialled again comes after the horizon, and is looked at too.
    return cxsim.simulate(SCENARIO, seed=11, engine="kernel").with_tables(span=(0.0, 4e6))


def test_attempts_an_hour_are_agents_over_the_mean_cycle(log):
    t = log.touchpoints
    until = 80_000.0  # while records are left
    begun = int(np.count_nonzero(t.answered < until))
    expected = N_AGENTS * until / CYCLE
    second = 2 * (PREVIEW**2 + PREVIEW * (CYCLE - PREVIEW)
                  + REACHED * (RINGS**2 + TALK**2 + WRAP**2 + RINGS * TALK + RINGS * WRAP + TALK * WRAP)
                  + (1 - REACHED) * NO_ANSWER**2)  # fmt: skip
    spread = math.sqrt(expected * (second - CYCLE**2) / CYCLE**2)
    assert abs(begun - expected) < 4 * spread
    assert np.isnan(t.answered[t.offered < until]).sum() == 0


def test_work_on_an_attempt_and_an_hour_of_work_are_as_the_laws_say(log):
    found = measure(log, ["outbound_handle_time", "dialling_time", "conversations_per_hour"])
    work, dialling, an_hour = found["value"]
    n = found["n"][0]
    assert work == pytest.approx(CYCLE, abs=4 * CYCLE * 1.6 / math.sqrt(n))
    assert dialling == pytest.approx(PREVIEW + REACHED * RINGS + (1 - REACHED) * NO_ANSWER, rel=0.03)
    assert an_hour == pytest.approx(3600 * REACHED / CYCLE, rel=0.05)


def test_records_are_reached_and_dialled_as_often_as_a_bounded_geometric_law_says(log):
    missed = (1 - REACHED) ** ATTEMPTS
    names = ["reach_rate:per_record", "attempts_per_record", "reach_rate"]
    ever, attempts, each = measure(log, names)["value"]
    assert ever == pytest.approx(1 - missed, abs=4 * math.sqrt(missed * (1 - missed) / N_RECORDS))
    assert attempts == pytest.approx((1 - missed) / REACHED, abs=4 * 0.9 / math.sqrt(N_RECORDS))
    assert each == pytest.approx(REACHED, abs=4 * math.sqrt(REACHED * (1 - REACHED) / (attempts * N_RECORDS)))


def test_the_load_that_is_expected_before_a_run_is_that_of_the_run(log):
    visits = expected_visits(SCENARIO.model, "sale")["campaign"]
    assert visits == pytest.approx(len(log.touchpoints), rel=0.02)
