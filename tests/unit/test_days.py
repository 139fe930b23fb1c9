"""A real log has one history; its days stand in for replications where they add up to the whole."""

import math

import numpy as np
import pytest
from support.small_centres import small_centre

from cxsim.designs.days import FEWEST_DAYS, estimate_log
from cxsim.designs.estimate import ratio_interval
from cxsim.metrics.measure import measure
from cxsim.perception.load import load_model
from cxsim.perception.surveys import perceive
from cxsim.trial import simulate

DAY = 86400.0


@pytest.fixture
def calls(make_log):
    """Builds a log of so many calls on each day, each waiting as long as its place on the day says [min]."""

    def build(*a_day):
        rows = []
        for day, n in enumerate(a_day):
            for place in range(n):
                offered = day * DAY + 9 * 3600.0 + 600.0 * place
                rows.append(
                    {"offered": offered, "answered": offered + 60.0 * place, "ended": offered + 60.0 * place + 30}
                )
        # A log spans whole days, whatever happened on them.
        return make_log(rows, meta={"origin": "2026-01-05T00:00:00"}, span=(0.0, len(a_day) * DAY))

    return build


def waits_of_days(a_day):
    return [sum(60.0 * place for place in range(n)) for n in a_day]


def row_of(table, metric):
    (row,) = table[table["metric"] == metric].to_dict("records")
    return row


def test_the_interval_is_over_days_and_the_value_that_of_the_whole(calls):
    a_day = (5, 9, 4, 7, 6, 8)
    found = row_of(estimate_log(calls(*a_day), ["average_speed_of_answer"]), "average_speed_of_answer")
    direct = ratio_interval(np.array(waits_of_days(a_day)), np.array(a_day, dtype=float))
    assert found["value"] == pytest.approx(sum(waits_of_days(a_day)) / sum(a_day), rel=1e-14)
    assert (found["low"], found["high"]) == pytest.approx((direct.low, direct.high), rel=1e-12)
    assert found["replications"] == 6


def test_a_day_without_calls_is_a_day_all_the_same(calls):
    a_day = (5, 9, 0, 7, 6, 8)
    found = row_of(estimate_log(calls(*a_day), ["average_speed_of_answer"]), "average_speed_of_answer")
    direct = ratio_interval(np.array(waits_of_days(a_day)), np.array(a_day, dtype=float))
    assert found["standard_error"] == pytest.approx(direct.standard_error, rel=1e-12)
    assert found["replications"] == 6


def test_too_few_days_have_no_interval_and_say_so(calls):
    table = estimate_log(calls(*range(4, 4 + FEWEST_DAYS - 1)), ["average_speed_of_answer"])
    found = row_of(table, "average_speed_of_answer")
    assert math.isnan(found["low"])
    assert found["flags"] == "no_interval"
    assert found["value"] == pytest.approx(sum(waits_of_days((4, 5, 6, 7))) / 22)


def test_everything_that_the_log_can_give_is_there_with_the_value_of_the_whole(calls):
    log = calls(5, 9, 4, 7, 6, 8)
    table = estimate_log(log)
    whole = measure(log)
    assert list(table["metric"] + ":" + table["variant"]) == list(whole["metric"] + ":" + whole["variant"])
    np.testing.assert_array_equal(table["value"], whole["value"])


def test_what_is_no_sum_over_days_has_a_value_and_no_interval():
    log = perceive(
        simulate({**small_centre(), "calendar": {"start": "2026-01-05", "days": 6}}), seed=0, model=load_model()
    )
    table = estimate_log(log)
    churn = row_of(table, "churn_rate")
    assert 0 < churn["value"] < 1
    assert churn["flags"] == "no_interval"
    (asked,) = estimate_log(log, ["churn_rate"]).to_dict("records")
    assert asked["value"] == churn["value"]


def test_a_window_is_looked_at_on_every_day(calls):
    log = calls(5, 9, 4, 7, 6, 8)
    found = row_of(estimate_log(log, ["contacts_offered"], window=("09:00", "09:30")), "contacts_offered")
    assert found["n"] == 3 * 6  # three calls in the first half hour of each day
    assert found["replications"] == 6
