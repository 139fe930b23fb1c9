"""How cases come to be: rates, batches, and arrivals that keep their numbers when the rate changes."""

import math
import pickle

import numpy as np
import pytest
from support.tiny import DAY, HOUR, calls, centre

from cxsim import streams
from cxsim.model.arrivals import GAPS, invert_cumulative
from cxsim.model.demand import arrivals_of, rates_of_day
from cxsim.model.tables import tables_of
from cxsim.scenario.load import load_scenario

KEY = streams.replication_key(0, 0)


def scenario_of(*, volume="240 per day", days=1, start="2026-01-05", **settings):
    call = {"volume": volume, "enters": {"phone": 1}, **settings.pop("call", {})}
    return load_scenario(centre(types={"call": call}, days=days, start=start, **settings))


def arrivals(scenario, *, seed=0, replication=0):
    key = streams.replication_key(seed, replication)
    return arrivals_of(scenario, tables_of(scenario), replication_key=key)


def close(found, exact, error):
    return abs(found - exact) < 4 * error


def expected(scenario, *, day=0):
    """Expected cases between two instants of a day."""
    name = next(iter(scenario.model.contact_types))
    edges, rates = rates_of_day(scenario.model, scenario.model.contact_types[name], name, day=day)

    def between(lo, hi):
        overlap = np.clip(np.minimum(edges[1:], hi) - np.maximum(edges[:-1], lo), 0, None)
        return float(np.sum(overlap * rates))

    return between


def test_without_a_shape_the_rate_is_the_same_around_the_clock():
    between = expected(scenario_of())
    assert between(0, DAY) == pytest.approx(240)
    assert between(3 * HOUR, 4 * HOUR) == pytest.approx(10)


def test_shape_spreads_the_volume_in_proportion():
    shapes = {"day": {"from": "08:00", "every": "1 h", "values": [1, 2, 5]}}
    between = expected(scenario_of(call={"shape": "day"}, shapes=shapes))
    assert [between(h * HOUR, (h + 1) * HOUR) for h in (7, 8, 9, 10, 11)] == pytest.approx([0, 30, 60, 150, 0])


def test_weekday_factors_are_taken_as_given():
    scenario = scenario_of(call={"weekdays": {"mon": 1.5, "sun": 0}}, days=7)
    totals = [expected(scenario, day=day)(day * DAY, (day + 1) * DAY) for day in range(7)]
    assert totals == pytest.approx([360, 240, 240, 240, 240, 240, 0])


def test_surge_multiplies_the_rate_while_it_lasts():
    surges = {"outage": {"type": "call", "start": "day 1 09:10", "lasts": "50 min", "factor": 3},
              "more": {"type": "call", "start": "day 1 09:40", "lasts": "10 min", "factor": 2}}  # fmt: skip
    between = expected(scenario_of(surges=surges))
    assert between(9 * HOUR, 10 * HOUR) == pytest.approx(10 * (1 / 6 + 4 / 6 * 3 + 1 / 6 * 6))
    assert between(10 * HOUR, 11 * HOUR) == pytest.approx(10)


def test_arrivals_stand_where_the_cumulative_rate_reaches_the_points_of_a_unit_process():
    edges, rates = np.array([0.0, 10.0, 30.0, 40.0]), np.array([0.2, 0.0, 1.0])
    out = np.empty(100)
    n = invert_cumulative(out, edges, rates, np.empty(GAPS), 0, KEY)
    reached, expected_times = 0.0, []
    for k in range(100):
        reached -= math.log(1 - streams.uniform(streams.entity_key(KEY, streams.CASE, k), streams.ARRIVAL))
        if reached >= 12:
            break
        expected_times.append(reached / 0.2 if reached < 2 else 30 + (reached - 2))
    assert n == len(expected_times)
    np.testing.assert_allclose(out[:n], expected_times, rtol=1e-12)


def test_too_little_room_is_said():
    out = np.empty(3)
    assert invert_cumulative(out, np.array([0.0, 100.0]), np.array([1.0]), np.empty(GAPS), 0, KEY) == -1


def test_counts_of_days_are_poisson():
    found = arrivals(scenario_of(volume="30 per day", days=400))
    counts = np.bincount((found.time // DAY).astype(int), minlength=400)
    assert abs(counts.mean() - 30) < 4 * math.sqrt(30 / 400)
    assert abs(counts.var(ddof=1) / 30 - 1) < 4 * math.sqrt(2 / 399)


def test_nth_case_is_the_same_in_every_scenario_and_only_its_time_moves():
    few, many = arrivals(scenario_of(volume="100 per day")), arrivals(scenario_of(volume="200 per day"))
    assert many.case[: len(few.case)].tolist() == few.case.tolist()
    # Twice the rate: each point of the unit process is reached in half the time.
    np.testing.assert_allclose(many.time[: len(few.case)], few.time / 2, rtol=1e-12)


def test_change_of_one_day_renumbers_nothing_on_another():
    plain = arrivals(scenario_of(days=2))
    surges = {"outage": {"type": "call", "start": "day 1 09:00", "lasts": "2 h", "factor": 5}}
    surged = arrivals(scenario_of(days=2, surges=surges))
    second = [(a.case[a.time >= DAY].tolist(), a.time[a.time >= DAY].tolist()) for a in (plain, surged)]
    assert second[0] == second[1]
    assert len(surged.case) > len(plain.case)


def test_another_type_before_or_after_changes_no_arrival_of_the_first():
    types = {"call": {"volume": "50 per day", "enters": {"phone": 1}}}
    alone = arrivals(load_scenario(centre(types=types)))
    both = arrivals(load_scenario(centre(types={**types, "more": {"volume": "70 per day", "enters": {"phone": 1}}})))
    assert both.time[both.contact_type == 0].tolist() == alone.time.tolist()
    assert (np.diff(both.time) >= 0).all()


def test_replayed_arrivals_come_as_they_are_and_are_numbered_by_day():
    scenario = load_scenario(centre(types={"call": calls(5, 5, DAY, DAY + 7, talk=[1, 2, 3, 4])}, days=2))
    found = arrivals(scenario)
    assert found.time.tolist() == [5, 5, DAY, DAY + 7]
    assert found.case.tolist() == [0, 1, 1 << 24, (1 << 24) + 1]
    assert found.replayed[:, 0].tolist() == [1, 2, 3, 4]


def test_entries_take_their_shares():
    touchpoints = {name: {"mechanism": "automated", "channel": "bot", "duration": "0 s"} for name in ("a", "b")}
    types = {"call": {"volume": "4000 per day", "enters": {"a": 0.3, "b": 0.7}}}
    found = arrivals(load_scenario(centre(types=types, touchpoints=touchpoints, groups={})))
    n = len(found.case)
    assert abs(np.sum(found.touchpoint == 0) - 0.3 * n) < 4 * math.sqrt(0.21 * n)


def test_customers_are_drawn_from_the_population_evenly():
    found = arrivals(scenario_of(volume="5000 per day", customers={"population": 10}))
    counts = np.bincount(found.customer, minlength=10)
    chi_square = np.sum((counts - counts.mean()) ** 2) / counts.mean()
    # Nine degrees of freedom: 33.7 is exceeded once in ten thousand.
    assert chi_square < 33.7


# ------------------------------------------------------------------------------------------------------------- batches


def batched(batch, *, volume="20000 per day", seed=0, **settings):
    return arrivals(scenario_of(volume=volume, call={"batch": batch}, **settings), seed=seed)


def sizes_of(found):
    """Cases of each arrival, in order."""
    return np.diff(np.flatnonzero(np.append(np.diff(found.time, prepend=-1.0) > 0, True)))


def test_batches_come_in_their_shares_and_keep_the_volume():
    """Of an arrival 60 % bring one case, 30 % two, 10 % five: 1.7 cases, variance 2.21 over an arrival."""
    found = batched({2: "30%", 5: "10%"})
    sizes = sizes_of(found)
    n = len(sizes)
    for size, share in ((1, 0.6), (2, 0.3), (5, 0.1)):
        assert close(np.mean(sizes == size), share, math.sqrt(share * (1 - share) / n))
    assert set(sizes.tolist()) == {1, 2, 5}
    # Arrivals are Poisson; cases are compound: variance is rate of arrivals times the mean square of the size, 4.3.
    assert close(n, 20_000 / 1.7, math.sqrt(20_000 / 1.7))
    assert close(len(found.case), 20_000, math.sqrt(20_000 / 1.7 * 4.3))


def test_counts_of_days_in_batches_vary_as_a_compound_poisson_does():
    found = batched({3: "50%"}, volume="60 per day", days=600)
    counts = np.bincount((found.time // DAY).astype(int), minlength=600)
    # 30 arrivals a day of 1 or 3 cases: mean 60, variance 30 * (1 + 9) / 2.
    assert close(counts.mean(), 60, math.sqrt(150 / 600))
    assert close(counts.var(ddof=1), 150, 150 * math.sqrt(2 / 599))


def test_cases_of_batches_are_numbered_one_after_the_other():
    found = batched({2: "30%", 5: "10%"}, volume="200 per day", days=2)
    for day in range(2):
        today = found.case[(found.case >> 24) == day]
        assert today.tolist() == [(day << 24) + n for n in range(len(today))]


def test_gaps_and_sizes_are_drawn_at_the_number_of_the_arrival():
    """The twin in a plain loop: the n-th gap and the n-th size from the n-th case, at 200 / 1.5 arrivals a day."""
    found = batched({2: "50%"}, volume="200 per day")
    time, reached = [], 0.0
    for n in range(1000):
        key = streams.entity_key(KEY, streams.CASE, n)
        reached -= math.log(1 - streams.uniform(key, streams.ARRIVAL))
        if reached >= 200 / 1.5:
            break
        time += [reached * DAY * 1.5 / 200] * (1 if streams.uniform(key, streams.BATCH) < 0.5 else 2)
    np.testing.assert_allclose(found.time, time, rtol=1e-12)


def test_batches_of_one_are_no_batches_to_the_last_bit():
    plain, ones = arrivals(scenario_of(days=3)), arrivals(scenario_of(days=3, call={"batch": {2: 0}}))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(plain, ones, strict=True))


def test_another_type_in_batches_moves_nothing():
    types = {"call": {"volume": "50 per day", "enters": {"phone": 1}}}
    more = {"volume": "70 per day", "enters": {"phone": 1}, "batch": {4: 1}}
    alone, both = (arrivals(load_scenario(centre(types=t))) for t in (types, {**types, "more": more}))
    assert both.time[both.contact_type == 0].tolist() == alone.time.tolist()
    assert len(both.time) > len(alone.time)


# ------------------------------------------------------------------------------------------ several types, an instant


def test_cases_of_all_types_are_merged_by_time_then_number():
    """Six types, some replayed at the same instants, one without a case: the order of a plain sort."""
    drawn = {"volume": "90 per day", "enters": {"phone": 1}}
    same = calls(0, 3600, 3600, 7200, DAY)
    types = {"a": drawn, "b": same, "c": {**drawn, "volume": "0 per day"}, "d": same, "e": drawn, "f": calls(3600)}
    found = arrivals(load_scenario(centre(types=types, days=2)))
    assert found.case.tolist() == found.case[np.lexsort((found.case, found.time))].tolist()
    assert np.bincount(found.contact_type)[[1, 2, 3, 5]].tolist() == [5, 0, 5, 1]
    assert (found.contact_type == found.case >> 40).all()


def test_replayed_durations_stay_with_their_cases():
    types = {
        "b": calls(5, 20, talk=[1, 2]),
        "a": {"volume": "900 per day", "enters": {"phone": 1}},
        "c": calls(7, talk=3),
    }
    found = arrivals(load_scenario(centre(types=types)))
    talk = {
        (int(t), at): float(x) for t, at, x in zip(found.contact_type, found.time, found.replayed[:, 0], strict=True)
    }
    assert (talk[0, 5.0], talk[0, 20.0], talk[2, 7.0]) == (1, 2, 3)
    assert np.isnan(found.replayed[found.contact_type == 1]).all()


def test_a_snapshot_leaves_out_what_came_before_it():
    types = {"call": {"volume": "300 per day", "enters": {"phone": 1}}, "old": calls(0, 11 * HOUR, 12 * HOUR)}
    whole = arrivals(load_scenario(centre(types=types, days=2)))
    rest = arrivals(load_scenario(centre(types=types, days=2, snapshot={"at": "day 1 11:00"})))
    later = whole.time >= 11 * HOUR
    assert all(a[later].tobytes() == b.tobytes() for a, b in zip(whole, rest, strict=True))
    assert 11 * HOUR in rest.time


def test_what_replications_have_in_common_is_computed_once_and_not_sent_to_workers():
    scenario = scenario_of(days=2)
    first = arrivals(scenario)
    kept = dict(scenario.derived)
    assert arrivals(scenario).time.tolist() == first.time.tolist()
    assert all(scenario.derived[name] is part for name, part in kept.items())
    copied = pickle.loads(pickle.dumps(scenario))
    assert copied.derived == {}
    assert arrivals(copied).time.tolist() == first.time.tolist()
    assert len(arrivals(scenario.override("contact_types.call.volume=900 per day")).time) > len(first.time)
