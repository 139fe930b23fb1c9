"""How cases come to be: rates, busyness, and arrivals that keep their numbers when the rate changes."""

import math

import numpy as np
import pytest
from support.tiny import DAY, HOUR, calls, centre

from cxsim import streams
from cxsim.model.demand import arrivals_of, busyness_factors, invert_cumulative, rates_of_day
from cxsim.model.tables import tables_of
from cxsim.scenario.load import load_scenario
from cxsim.scenario.schema import Busyness

KEY = streams.replication_key(0, 0)


def scenario_of(*, volume="240 per day", days=1, start="2026-01-05", **settings):
    call = {"volume": volume, "enters": {"phone": 1}, **settings.pop("call", {})}
    return load_scenario(centre(types={"call": call}, days=days, start=start, **settings))


def arrivals(scenario, *, seed=0, replication=0):
    key = streams.replication_key(seed, replication)
    return arrivals_of(scenario, tables_of(scenario), replication_key=key)


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
    n = invert_cumulative(out, edges, rates, 0, KEY)
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
    assert invert_cumulative(out, np.array([0.0, 100.0]), np.array([1.0]), 0, KEY) == -1


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


# ------------------------------------------------------------------------------------------------------------ busyness


def factors(*, days=1500, contact_type=0, replication=0, interval=HOUR, **settings):
    """Factors [days, intervals] on the planning intervals of many days."""
    edges = np.arange(round(DAY / interval) + 1) * interval
    key = streams.replication_key(1, replication)
    busyness = Busyness.model_validate({"day_cv": 0, "interval_cv": 0, "interval_correlation": 0, **settings})
    return np.array([
        busyness_factors(busyness, key, contact_type, day=day, edges=edges + day * DAY, interval=interval)
        for day in range(days)
    ])  # fmt: skip


def close(found, exact, error):
    return abs(found - exact) < 4 * error


def test_no_busyness_is_a_factor_of_one():
    assert (factors(days=3) == 1).all()


def test_day_factor_has_mean_one_and_the_stated_variation():
    found = factors(day_cv=0.3)
    assert (found == found[:, :1]).all()
    n = len(found)
    assert close(found[:, 0].mean(), 1, 0.3 / math.sqrt(n))
    # Variance of a gamma sample's variance: about (kurtosis - 1) var^2 / n, kurtosis 3 + 6 cv^2.
    assert close(found[:, 0].var(), 0.09, 0.09 * math.sqrt((2 + 6 * 0.09) / n))


def test_interval_factors_have_mean_variation_and_correlation():
    found = factors(interval_cv=0.2, interval_correlation=0.5)
    n = found.size
    effective = n * (1 - 0.5) / (1 + 0.5)
    assert close(found.mean(), 1, 0.2 / math.sqrt(effective))
    assert close(found.var(), 0.04, 0.04 * math.sqrt(2.3 / effective))
    scores = np.argsort(np.argsort(found.ravel())).reshape(found.shape) / n
    # Rank correlation of a normal pair with correlation 0.5 is 6/pi asin(0.25).
    pairs = np.corrcoef(scores[:, :-1].ravel(), scores[:, 1:].ravel())[0, 1]
    assert close(pairs, 6 / math.pi * math.asin(0.25), 1 / math.sqrt(effective))


def test_intervals_begin_anew_each_day():
    found = factors(interval_cv=0.2, interval_correlation=0.9)
    assert abs(np.corrcoef(found[:-1, -1], found[1:, 0])[0, 1]) < 4 / math.sqrt(len(found))


@pytest.mark.parametrize(("together", "correlation"), [(1.0, 1.0), (0.0, 0.0), (0.5, 0.5)])
def test_types_share_the_day_as_far_as_stated(together, correlation):
    one = factors(day_cv=0.1, type_correlation=together)[:, 0]
    two = factors(day_cv=0.1, type_correlation=together, contact_type=1)[:, 0]
    # Gamma with so small a variation is nearly linear in its normal score.
    assert abs(np.corrcoef(one, two)[0, 1] - correlation) < 4 / math.sqrt(len(one))


def test_factors_belong_to_the_day_and_interval_and_not_to_the_steps_between():
    busyness = Busyness.model_validate({"day_cv": 0.1, "interval_cv": 0.1, "interval_correlation": 0.5})
    coarse = busyness_factors(busyness, KEY, 0, day=0, edges=np.arange(25) * HOUR, interval=HOUR)
    fine = busyness_factors(busyness, KEY, 0, day=0, edges=np.arange(97) * HOUR / 4, interval=HOUR)
    assert fine.tolist() == np.repeat(coarse, 4).tolist()


def test_replications_have_days_of_their_own():
    assert factors(days=5, day_cv=0.1)[:, 0].tolist() != factors(days=5, day_cv=0.1, replication=1)[:, 0].tolist()
