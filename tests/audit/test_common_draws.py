"""Equal scenarios give byte-equal logs; a change that touches one contact type leaves the draws of the others alone."""

import copy

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from support.generated import scenarios, seeds

from cxsim.engines.process import simulate_by_process
from cxsim.scenario.load import load_scenario

SCENARIO = {
    "name": "three types",
    "calendar": {"start": "2026-01-05", "days": 2},
    "shapes": {"day": {"from": "08:00", "every": "1 h", "values": [3, 8, 9, 5, 6, 7, 4, 2]}},
    "contact_types": {
        name: {"volume": f"{volume} per day", "shape": "day", "enters": {"phone": 0.8, "bot": 0.2}}
        for name, volume in (("orders", 300), ("billing", 200), ("faults", 100))
    },
    "touchpoints": {
        "bot": {
            "mechanism": "automated",
            "channel": "bot",
            "duration": {"law": "exponential", "mean": "2 min"},
            "resolves": 0.5,
            "then": {"unresolved": {"go_on": {"to": "phone", "transfer": "cold"}}},
        },
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "resolves": 0.7,
            "patience": {"at_once": 0.1, "law": "exponential", "mean": "4 min"},
            "talk_time": {"law": "lognormal", "mean": "6 min", "cv": 1.0},
            "after_call_work": {"law": "exponential", "mean": "1 min"},
            "then": {
                "unresolved": {"recall": {"to": "phone", "share": 0.5, "after": {"law": "exponential", "mean": "1 h"}}},
                "abandoned": {"redial": {"to": "phone", "share": 0.5, "after": "5 min"}},
            },
            "types": {"faults": {"talk_time": {"law": "lognormal", "mean": "9 min", "cv": 1.0}}},
        },
    },
    "agent_groups": {"desk": {"agents": 7, "serves": {"phone": {"rank": 1}}}},
}

QUICK = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def simulated(source, *, seed=5):
    return simulate_by_process(load_scenario(source), seed=seed, replication=0)


def volume(source):
    source["contact_types"]["billing"]["volume"] = "320 per day"


def talk_time(source):
    source["touchpoints"]["phone"]["types"]["billing"] = {"talk_time": "11 min"}


def patience(source):
    source["touchpoints"]["phone"]["types"]["billing"] = {"patience": "20 s"}


def resolution(source):
    source["touchpoints"]["phone"]["types"]["billing"] = {"resolves": 0.1}


def entry(source):
    source["contact_types"]["billing"]["enters"] = {"bot": 1}


CHANGES = [volume, talk_time, patience, resolution, entry]


@pytest.fixture(scope="module")
def before():
    return simulated(SCENARIO)


def changed(change):
    source = copy.deepcopy(SCENARIO)
    change(source)
    return simulated(source)


def others(log):
    """Rows of the types that were not touched, by (case, contact, touch)."""
    t = log.touchpoints
    rows = np.flatnonzero(t.contact_type != log.names["contact_type"].index("billing"))
    return {(int(t.case[k]), int(t.contact[k]), int(t.touch[k])): k for k in rows}


def both(first, second):
    """Pairs of rows of the same visit at the same touchpoint."""
    a, b = others(first), others(second)
    pairs = np.array([(a[key], b[key]) for key in a if key in b])
    same = first.touchpoints.touchpoint[pairs[:, 0]] == second.touchpoints.touchpoint[pairs[:, 1]]
    return pairs[same].T


@pytest.mark.parametrize("change", CHANGES)
def test_cases_of_other_types_arrive_at_the_same_instants_and_places(before, change):
    after = changed(change)
    for column in ("offered", "touchpoint", "customer", "segment"):
        first, second = (
            {key: getattr(log.touchpoints, column)[row] for key, row in others(log).items() if key[1:] == (0, 0)}
            for log in (before, after)
        )
        assert first == second


@pytest.mark.parametrize("change", CHANGES)
def test_talk_and_after_call_work_of_other_types_stay(before, change):
    after = changed(change)
    here, there = both(before, after)
    for begin, end in (("answered", "ended"), ("ended", "wrapped")):
        one = getattr(before.touchpoints, end)[here] - getattr(before.touchpoints, begin)[here]
        two = getattr(after.touchpoints, end)[there] - getattr(after.touchpoints, begin)[there]
        known = ~np.isnan(one) & ~np.isnan(two)
        assert known.sum() > 200
        np.testing.assert_allclose(one[known], two[known], atol=1e-9 * 200_000)


@pytest.mark.parametrize("change", CHANGES)
def test_patience_of_other_types_stays(before, change):
    after = changed(change)
    here, there = both(before, after)
    one, two = before.touchpoints, after.touchpoints
    left = (one.outcome[here] == 2) & (two.outcome[there] == 2)
    assert left.sum() > 5
    np.testing.assert_allclose(
        (one.ended - one.offered)[here][left], (two.ended - two.offered)[there][left], atol=1e-9 * 200_000
    )


@pytest.mark.parametrize("change", CHANGES)
def test_resolution_of_other_types_stays(before, change):
    after = changed(change)
    here, there = both(before, after)
    one, two = before.touchpoints, after.touchpoints
    served = ~np.isnan(one.answered[here]) & ~np.isnan(two.answered[there])
    assert (one.outcome[here][served] == two.outcome[there][served]).all()


def test_a_surge_on_the_first_day_renumbers_nothing_on_the_second():
    source = copy.deepcopy(SCENARIO)
    source["surges"] = {"outage": {"type": "orders", "start": "day 1 09:00", "lasts": "2 h", "factor": 4}}

    def second_day(log):
        t = log.touchpoints
        fresh = (t.contact == 0) & (t.touch == 0) & (t.offered >= 86_400)
        return sorted(zip(t.case[fresh].tolist(), t.offered[fresh].tolist(), strict=True))

    assert second_day(simulated(source)) == second_day(simulated(SCENARIO))


@QUICK
@given(scenarios(), seeds())
def test_equal_scenarios_give_byte_equal_logs(source, seed):
    assert simulated(source, seed=seed) == simulated(copy.deepcopy(source), seed=seed)


def test_units_do_not_change_the_log(before):
    source = copy.deepcopy(SCENARIO)
    source["touchpoints"]["phone"]["talk_time"] = {"law": "lognormal", "mean": "360 s", "cv": 1}
    source["contact_types"]["orders"]["volume"] = "12.5 per hour"
    assert simulated(source) == before


def test_another_seed_or_replication_gives_another_log(before):
    scenario = load_scenario(SCENARIO)
    assert simulated(SCENARIO, seed=6) != before
    assert simulate_by_process(scenario, seed=5, replication=1) != before
