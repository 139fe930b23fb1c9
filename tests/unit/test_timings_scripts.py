"""The bare SimPy scripts that speed is measured against are right themselves."""

from __future__ import annotations

import importlib.util
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import mean, stdev
from types import ModuleType

import pytest

TIMINGS = Path(__file__).parents[2] / "timings"
N_DAYS = 3


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TIMINGS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bare_simpy_a = _script("bare_simpy_a")
bare_simpy_b = _script("bare_simpy_b")


# ---- model A


def _erlang_a(*, rate: float, talk_time: float, patience: float, n_agents: int) -> tuple[float, float, float]:
    """Share abandoned, mean wait of all [s] and probability of waiting, by summing the birth-death chain."""
    weights = [1.0]
    for n in range(1, 500):
        leaving = min(n, n_agents) / talk_time + max(0, n - n_agents) / patience
        weights.append(weights[-1] * rate / leaving)
    total = sum(weights)
    queue = sum((n - n_agents) * w for n, w in enumerate(weights) if n > n_agents) / total
    return queue / patience / rate, queue / rate, sum(weights[n_agents:]) / total


@pytest.fixture(scope="module")
def runs_a() -> list[list[tuple[float, float, float]]]:
    """Ten runs of model A, calls in order of arrival; the first 1,000 of 6,000, met by a filling centre, left out."""
    logs = [bare_simpy_a.run(6000, seed) for seed in range(10)]
    return [sorted(zip(log["offered"], log["answered"], log["ended"], strict=True))[1000:] for log in logs]


def test_script_a_follows_erlang_a(runs_a: list[list[tuple[float, float, float]]]) -> None:
    expected = _erlang_a(rate=1 / 3.75, talk_time=180.0, patience=240.0, n_agents=50)
    measures = [
        lambda offered, answered, ended: math.isnan(answered),
        lambda offered, answered, ended: (ended if math.isnan(answered) else answered) - offered,
        lambda offered, answered, ended: math.isnan(answered) or answered > offered,
    ]
    for measure, exact in zip(measures, expected, strict=True):
        found = [mean(float(measure(*call)) for call in run) for run in runs_a]
        assert abs(mean(found) - exact) < 4 * stdev(found) / math.sqrt(len(found))


def test_script_a_loses_callers_by_the_stated_patience(runs_a: list[list[tuple[float, float, float]]]) -> None:
    abandoned = sum(math.isnan(answered) for run in runs_a for _, answered, _ in run)
    waited = sum((end if math.isnan(answered) else answered) - start for run in runs_a for start, answered, end in run)
    assert abs(abandoned - waited / 240.0) < 4 * math.sqrt(
        waited / 240.0
    )  # exponential: a constant hazard while waiting


def test_script_a_talks_and_arrives_as_stated(runs_a: list[list[tuple[float, float, float]]]) -> None:
    talk = [ended - answered for run in runs_a for _, answered, ended in run if not math.isnan(answered)]
    gaps = [after[0] - before[0] for run in runs_a for before, after in pairwise(run)]
    assert abs(mean(talk) - 180.0) < 4 * 180.0 / math.sqrt(len(talk))
    assert abs(stdev(talk) - 180.0) < 0.05 * 180.0
    assert abs(mean(gaps) - 3.75) < 4 * 3.75 / math.sqrt(len(gaps))


def test_script_a_records_every_call_once_and_in_order() -> None:
    log = bare_simpy_a.run(3000, 7)
    assert [len(column) for column in log.values()] == [3000, 3000, 3000]
    assert log["ended"] == sorted(log["ended"])
    calls = sorted(zip(log["offered"], log["answered"], log["ended"], strict=True))
    answered = [call[1] for call in calls if not math.isnan(call[1])]
    assert answered == sorted(answered)  # first come, first served
    assert all(offered <= begin <= ended for offered, begin, ended in calls if not math.isnan(begin))


def test_equal_seeds_give_equal_records_and_other_seeds_do_not() -> None:
    for run, size in ((bare_simpy_a.run, 500), (bare_simpy_b.run, 1)):
        assert repr(run(size, 3)) == repr(run(size, 3))
        assert run(size, 3)["offered"] != run(size, 4)["offered"]


# ---- model B


@pytest.fixture(scope="module")
def visits() -> list[dict]:
    """Some days of model B, one mapping a visit."""
    log = bare_simpy_b.run(N_DAYS, 5)
    assert len({len(column) for column in log.values()}) == 1
    return [dict(zip(log, row, strict=True)) for row in zip(*log.values(), strict=True)]


def _group(visit: dict) -> str:
    return bare_simpy_b.WORK[visit["contact_type"], visit["touchpoint"]].group


def _is_answered(visit: dict) -> bool:
    return not math.isnan(visit["answered"])


def _left_queue(visit: dict) -> float:
    return visit["answered"] if _is_answered(visit) else visit["ended"]


def _level(group: str, instant: float) -> int:
    interval = int(instant // 1800.0)
    levels = bare_simpy_b.STAFFING[group]
    return levels[interval % 48] if interval < 48 * (N_DAYS + 1) else levels[-1]


def test_script_b_has_plausible_days(visits: list[dict]) -> None:
    assert abs(len(visits) / N_DAYS - 14_000) < 400
    abandoned = sum(not _is_answered(visit) for visit in visits) / len(visits)
    assert 0.02 < abandoned < 0.08
    until = 86_400.0 * N_DAYS
    busy = sum(min(v["wrapped"], until) - min(v["answered"], until) for v in visits if _is_answered(v))
    staffed = 1800.0 * N_DAYS * sum(sum(levels) for levels in bare_simpy_b.STAFFING.values())
    assert 0.80 < busy / staffed < 0.90


def test_script_b_has_as_many_cases_as_stated_over_the_day(visits: list[dict]) -> None:
    first = [visit for visit in visits if visit["contact"] == 0 and visit["touchpoint"] == "phone"]
    assert sorted(visit["case"] for visit in first) == list(range(len(first)))
    per_type = Counter(visit["contact_type"] for visit in first)
    for contact_type, volume in {"orders": 5600, "billing": 3800, "technical": 2600}.items():
        assert abs(per_type[contact_type] - volume * N_DAYS) < 4 * math.sqrt(volume * N_DAYS)
    shape = bare_simpy_b.DAY_SHAPE
    expected = [12_000 * N_DAYS * sum(shape[i : i + 4]) / sum(shape) for i in range(0, 48, 4)]
    found = Counter(int(visit["offered"] // 7200.0) % 12 for visit in first)
    assert sum((found[i] - expected[i]) ** 2 / expected[i] for i in range(12)) < 32.9  # chi-square, 12 df, 0.1 %


def test_script_b_loses_no_visit_of_a_case(visits: list[dict]) -> None:
    cases = defaultdict(list)
    for visit in visits:
        cases[visit["case"]].append(visit)
    for path in cases.values():
        path.sort(key=lambda visit: (visit["contact"], visit["offered"]))
        assert path[0]["contact"] == 0
        assert path[-1]["contact"] < bare_simpy_b.GIVES_UP_AFTER
        for before, after in pairwise(path):
            if after["touchpoint"] == "second_line":  # a cold transfer, at the end of an answered talk
                assert before["touchpoint"] == "phone"
                assert _is_answered(before)
                assert (after["contact"], after["offered"]) == (before["contact"], before["ended"])
            else:
                assert after["contact"] == before["contact"] + 1
                assert after["offered"] > before["ended"]
    for visit in visits:
        assert visit["offered"] <= _left_queue(visit) <= visit["ended"]
        assert math.isnan(visit["wrapped"]) != (_is_answered(visit) and visit["wrapped"] > visit["ended"])


def test_script_b_passes_on_the_stated_shares(visits: list[dict]) -> None:
    followers = {}
    for visit in visits:
        is_transfer = visit["touchpoint"] == "second_line"
        followers[visit["case"], visit["contact"], is_transfer] = True
    chances = {
        ("phone", "transfer"): 0.40,
        ("phone", "repeat"): 0.35,
        ("phone", "redial"): 0.50,
        ("second_line", "repeat"): 0.40,
        ("second_line", "redial"): 0.60,
    }
    n: Counter = Counter()
    expected: Counter = Counter()
    variance: Counter = Counter()
    for visit in visits:
        if visit["contact"] == bare_simpy_b.GIVES_UP_AFTER - 1:
            continue
        touchpoint, answered = visit["touchpoint"], _is_answered(visit)
        resolves = bare_simpy_b.WORK[visit["contact_type"], touchpoint].resolves
        transferred = touchpoint == "phone" and (visit["case"], visit["contact"], True) in followers
        came_back = (visit["case"], visit["contact"] + 1, False) in followers
        for what, happened, able in (
            ("transfer", transferred, answered and touchpoint == "phone"),
            ("repeat", came_back and not transferred, answered),
            ("redial", came_back, not answered),
        ):
            if able:
                p = chances[touchpoint, what] * (1.0 if what == "redial" else 1.0 - resolves)
                n[touchpoint, what] += happened
                expected[touchpoint, what] += p
                variance[touchpoint, what] += p * (1 - p)
    assert n.keys() == chances.keys()
    for what in chances:
        assert abs(n[what] - expected[what]) < 4 * math.sqrt(variance[what]), what


def test_script_b_works_as_long_as_stated(visits: list[dict]) -> None:
    stated = {
        ("orders", "phone"): (200.0, 0.8, 40.0),
        ("billing", "phone"): (260.0, 1.0, 60.0),
        ("technical", "phone"): (420.0, 1.0, 90.0),
        ("orders", "second_line"): (540.0, 1.0, 120.0),
        ("billing", "second_line"): (540.0, 1.0, 120.0),
        ("technical", "second_line"): (660.0, 1.0, 120.0),
    }
    for (contact_type, touchpoint), (talk_time, cv, after_call_work) in stated.items():
        done = [
            visit
            for visit in visits
            if (visit["contact_type"], visit["touchpoint"]) == (contact_type, touchpoint) and _is_answered(visit)
        ]
        root = math.sqrt(len(done))
        talk = mean(visit["ended"] - visit["answered"] for visit in done)
        wrap = mean(visit["wrapped"] - visit["ended"] for visit in done)
        assert abs(talk - talk_time) < 4 * cv * talk_time / root
        assert abs(wrap - after_call_work) < 4 * 0.8 * after_call_work / root


def test_script_b_abandons_by_the_stated_patience(visits: list[dict]) -> None:
    for touchpoint, patience in (("phone", 240.0), ("second_line", 480.0)):
        here = [visit for visit in visits if visit["touchpoint"] == touchpoint]
        waited = sum(_left_queue(visit) - visit["offered"] for visit in here)
        abandoned = sum(not _is_answered(visit) for visit in here)
        assert abs(abandoned - waited / patience) < 4 * math.sqrt(waited / patience)  # exponential: a constant hazard


def test_script_b_keeps_to_its_staffing_and_lets_nobody_wait_beside_an_idle_agent(visits: list[dict]) -> None:
    for group in bare_simpy_b.STAFFING:
        here = [visit for visit in visits if _group(visit) == group]
        begins = sorted(visit["answered"] for visit in here if _is_answered(visit))
        frees = sorted(visit["wrapped"] for visit in here if _is_answered(visit))
        for visit in here:
            if _is_answered(visit):  # the one begun included, whoever wraps up at that instant not
                begin = visit["answered"]
                assert bisect_right(begins, begin) - bisect_right(frees, begin) <= _level(group, begin)
            if _left_queue(visit) > visit["offered"]:
                offered = visit["offered"]
                assert bisect_right(begins, offered) - bisect_right(frees, offered) >= _level(group, offered)
        instants = [
            1800.0 * i for i in range(48 * (N_DAYS + 1) + 1)
        ]  # a rise of the level calls those who wait at once
        for visit in here:
            for instant in instants[bisect_right(instants, visit["offered"]) :]:
                if instant >= _left_queue(visit):
                    break
                assert bisect_right(begins, instant) - bisect_right(frees, instant) >= _level(group, instant)


def test_script_b_takes_the_lowest_rank_then_the_longest_wait(visits: list[dict]) -> None:
    ranks = {key: work.rank for key, work in bare_simpy_b.WORK.items()}
    taken_before_another = 0
    for group in bare_simpy_b.STAFFING:
        here = sorted((visit for visit in visits if _group(visit) == group), key=lambda visit: visit["offered"])
        offers = [visit["offered"] for visit in here]
        for visit in here:
            if not _is_answered(visit) or visit["answered"] == visit["offered"]:
                continue
            begin = visit["answered"]
            turn = (ranks[visit["contact_type"], visit["touchpoint"]], visit["offered"])
            recent = here[bisect_right(offers, begin - 7200.0) : bisect_right(offers, begin)]
            waiting = [other for other in recent if _left_queue(other) > begin]
            taken_before_another += len(waiting)
            assert all((ranks[o["contact_type"], o["touchpoint"]], o["offered"]) > turn for o in waiting)
    assert taken_before_another > 1000  # or the test has seen nothing
