"""Intervals hold the truth as often as they say, and planned looks rarely err, on simulated days of a small centre.

The truth is that of all simulated days together, many times what one interval sees. CXSIM_COVERAGE_RUNS=100 makes it a
tenth of the work, with tolerances as much wider as chance asks for; CXSIM_COVERAGE_TABLE=FILE keeps what was found.
"""

import math
import os
from typing import NamedTuple

import numpy as np
import pytest

from cxsim.designs.compare import quantile_difference, ratio_difference
from cxsim.designs.estimate import ratio_interval
from cxsim.designs.looks import PLANNED, decide_at_looks, planned_looks
from cxsim.designs.quantiles import quantile_interval
from cxsim.scenario.load import load_scenario
from cxsim.trial import Trial, run_trial

RUNS = int(os.environ.get("CXSIM_COVERAGE_RUNS", "1000"))
DAYS = 20  # of each interval
RATIOS = ("service_level:strict", "net_promoter_score:all")
P90 = "wait_quantile:p90"
SMALL = {
    "name": "Small centre for coverage, all numbers invented",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "30 min"},
    "busyness": {"day_cv": "10%", "interval_cv": "5%", "interval_correlation": 0.5},
    "shapes": {"office": {"from": "09:00", "every": "1 h", "values": [8, 12, 14, 12, 10, 12, 13, 11]}},
    "contact_types": {"question": {"volume": "230 per day", "shape": "office", "enters": {"phone": 1}}},
    "touchpoints": {
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "hours": {"all": "09:00-17:00"},
            "patience": {"law": "exponential", "mean": "3 min"},
            "talk_time": {"law": "lognormal", "mean": "6 min", "cv": 0.8},
            "after_call_work": "30 s",
            "resolves": "75%",
            "then": {"abandoned": {"redial": {"to": "phone", "share": "50%", "after": "10 min"}}},
        }
    },
    "agent_groups": {"desk": {"agents": 4, "hours": {"all": "09:00-18:00"}, "serves": {"phone": {"rank": 1}}}},
}

pytestmark = pytest.mark.slow


class Days(NamedTuple):
    """Counters [n_days, numerator and denominator] by metric, and the waits of each day."""

    ratios: dict[str, np.ndarray]
    waits: list[np.ndarray]


def simulated(*changes):
    """Days of the small centre, changed or not, with the same random numbers."""
    scenario = load_scenario(SMALL, *changes)
    rows, waits = {name: [] for name in RATIOS}, []
    for day in range(RUNS * DAYS):
        trial = Trial("centre", scenario, seed=20, replication=day, metrics=(*RATIOS, P90), detail=False)
        table = run_trial(trial)
        found = {f"{row.metric}:{row.variant}": row for row in table.itertuples()}
        for name in RATIOS:
            rows[name].append((found[name].numerator, found[name].denominator))
        waits.append(np.asarray(found[P90].values, dtype=float))
    return Days({name: np.array(values) for name, values in rows.items()}, waits)


@pytest.fixture(scope="module")
def pair():
    """The base, and the same days with one agent more."""
    return simulated(), simulated("agent_groups.desk.agents=5")


def spans():
    return [slice(run * DAYS, (run + 1) * DAYS) for run in range(RUNS)]


@pytest.fixture
def kept(request):
    """Write down a share of runs where asked, and give it."""

    def share(found):
        assert len(found) == RUNS
        if os.environ.get("CXSIM_COVERAGE_TABLE"):
            with open(os.environ["CXSIM_COVERAGE_TABLE"], "a", encoding="utf-8") as file:
                print(f"{request.node.name},{RUNS},{np.mean(found):.4f}", file=file)
        return np.mean(found)

    return share


def is_nominal(share):
    return share == pytest.approx(0.95, abs=0.02 * math.sqrt(1000 / RUNS))


def holds(interval, truth):
    return interval.low <= truth <= interval.high


def ratio(days, name, span=slice(None)):
    return days.ratios[name][span, 0], days.ratios[name][span, 1]


def true_ratio(days, name):
    return days.ratios[name][:, 0].sum() / days.ratios[name][:, 1].sum()


@pytest.mark.parametrize("name", RATIOS)
def test_intervals_of_ratios_cover(pair, kept, name):
    base, _ = pair
    truth = true_ratio(base, name)
    assert is_nominal(kept([holds(ratio_interval(*ratio(base, name, span)), truth) for span in spans()]))


def test_intervals_of_the_ninetieth_percentile_of_waits_cover(pair, kept):
    base, _ = pair
    truth = np.quantile(np.concatenate(base.waits), 0.9)
    assert is_nominal(kept([holds(quantile_interval(base.waits[span], p=0.9), truth) for span in spans()]))


@pytest.mark.parametrize("name", RATIOS)
def test_intervals_of_paired_differences_cover(pair, kept, name):
    base, more = pair
    truth = true_ratio(more, name) - true_ratio(base, name)
    covered = []
    for span in spans():
        y, n = ratio(base, name, span)
        found = ratio_difference(*ratio(more, name, span), base_numerators=y, base_denominators=n)
        covered.append(holds(found.interval, truth))
    assert is_nominal(kept(covered))


def test_intervals_of_paired_differences_of_percentiles_cover(pair, kept):
    base, more = pair
    truth = np.quantile(np.concatenate(more.waits), 0.9) - np.quantile(np.concatenate(base.waits), 0.9)
    covered = [
        holds(quantile_difference(more.waits[span], base_samples=base.waits[span], p=0.9).interval, truth)
        for span in spans()
    ]
    assert is_nominal(kept(covered))


def drawn():
    """Days drawn again for each run of looks, so that the truth is exactly that of the days there are."""
    rng = np.random.default_rng(31)
    return (rng.integers(0, RUNS * DAYS, size=PLANNED[-1]) for _ in range(RUNS))


def test_planned_looks_at_a_target_that_is_just_met_rarely_err(pair, kept):
    base, _ = pair
    y, n = ratio(base, RATIOS[0])
    slacks = y - true_ratio(base, RATIOS[0]) * n
    wrong = [planned_looks(slacks[days]).outcome != "unresolved" for days in drawn()]
    assert kept(wrong) <= 0.05 + 0.02 * math.sqrt(1000 / RUNS)


def test_planned_looks_at_a_paired_difference_rarely_err(pair, kept):
    base, more = pair
    name = RATIOS[0]
    truth = true_ratio(more, name) - true_ratio(base, name)
    wrong = []
    for days in drawn():

        def interval_at(count, level, days=days):
            y, n = ratio(base, name, days[:count])
            changed = ratio(more, name, days[:count])
            return ratio_difference(*changed, base_numerators=y, base_denominators=n, level=level).interval

        found = decide_at_looks(interval_at, n=PLANNED[-1], target=truth)
        wrong.append(found.outcome != "unresolved")
    assert kept(wrong) <= 0.05 + 0.02 * math.sqrt(1000 / RUNS)
