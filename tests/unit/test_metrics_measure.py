"""Measuring a log: names, windows, groups, and counters that add up to the whole."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.errors import MetricUnavailable
from cxsim.metrics.measure import COLUMNS, counters, measure, pool, unavailable
from cxsim.metrics.metric import REGISTER
from cxsim.metrics.requests import read, shipped_list

SEEDS = st.integers(0, 100_000)
HOUR, DAY = 3600.0, 86400.0
SAME_FOR_ALL_LEGS = ("contact_type", "segment", "replication")


def calls(*hours, **about):
    return [{"offered": h * HOUR, "answered": h * HOUR + 10, "ended": h * HOUR + 70, **about} for h in hours]


def test_full_and_short_names_are_one_metric(make_log):
    log = make_log(calls(1))
    assert measure(log, "asa").equals(measure(log, "average_speed_of_answer"))
    assert measure(log, ["asa"]).metric[0] == "average_speed_of_answer"


def test_a_table_is_tidy(make_log):
    table = measure(make_log(calls(1)), ["service_level", "aht"])
    assert tuple(table.columns) == COLUMNS
    assert table.loc[0].to_dict() == {
        "metric": "service_level",
        "variant": "strict",
        "group": "all",
        "value": 1.0,
        "numerator": 1.0,
        "denominator": 1.0,
        "n": 1,
        "unit": "1",
        "better": "higher",
        "kind": "process",
    }


def test_own_parameters_have_a_name_of_their_own():
    assert [r.variant for r in read({"service_level": {"within": 30}})] == ["strict, within=30"]
    assert [r.variant for r in read({"service_level:answered_only": {"within": 30}})] == ["answered_only, within=30"]
    assert [r.variant for r in read({"service_level": {"within": 20}})] == ["strict"]
    assert [r.variant for r in read({"wait": {"p": 0.9}})] == ["p90"]
    assert [r.variant for r in read({"first_contact_resolution:no_repeat": {"days": 30}})] == ["no_repeat_30_days"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("servise_level", "did you mean 'service_level'"),
        ("service_level:strct", "did you mean 'strict'"),
        ({"service_level": {"witin": 30}}, "did you mean 'within'"),
        ({"service_level": {"within": "long"}}, "a number, 0 or above"),
        ({"service_level": {"within": -1}}, "a number, 0 or above"),
        ({"wait_quantile": {"p": 90}}, "a share, 0 to 1"),
        ({"longest_wait": {"p": 0.5}}, "it has no parameters"),
        ({"cx_score": {"ease": 4}}, "2 numbers, worst and best"),
        ({"service_level": {"variant": "strct"}}, "did you mean 'strict'"),
    ],
)
def test_a_wrong_request_names_the_culprit(make_log, asked, message):
    with pytest.raises(MetricUnavailable, match=message):
        measure(make_log(calls(1), surveys=[]), asked)


def test_all_wrong_requests_are_told_together():
    with pytest.raises(MetricUnavailable) as error:
        read(["servise_level", "asa:mean", "aht"])
    assert len(error.value.problems) == 2


def test_what_a_log_cannot_give_is_silent_unless_asked_for(make_log):
    log = make_log(calls(1))
    assert "occupancy" not in set(measure(log).metric)
    reasons = unavailable(log).set_index("metric").reason
    assert "staffing.start" in reasons["occupancy"]
    with pytest.raises(MetricUnavailable, match=r"metric occupancy: this log has no staffing\.agent_group"):
        measure(log, ["service_level", "occupancy"])


def test_every_metric_is_measured_or_refused_with_a_reason(random_log):
    log = random_log(1)
    found = measure(log)
    refused = unavailable(log)
    assert set(found.metric) | set(refused.metric) == set(REGISTER)
    assert refused.empty


def test_shipped_lists_can_be_read():
    assert {request.label for request in read("six")} <= {request.label for request in read(None)}
    assert len(read(shipped_list("standard"))) == len(shipped_list("standard"))


@pytest.mark.parametrize(
    ("window", "n"),
    [
        (("08:00", "10:00"), 2),
        (("09:00", "24:00"), 3),
        (("22:00", "08:30"), 2),
        ((0, 10 * HOUR), 2),
        (("2026-01-06", "2026-01-07T00:00:00"), 2),
        (("2026-01-05T09:00", "2026-01-05T11:00"), 1),
    ],
)
def test_windows(make_log, window, n):
    log = make_log(calls(8, 9, 24 + 10, 24 + 23), meta={"origin": "2026-01-05T00:00:00", "horizon": 2 * DAY})
    assert measure(log, "service_level", window=window).n[0] == n


def test_a_clock_that_starts_at_seven_is_read_right(make_log):
    log = make_log(calls(1), meta={"origin": "2026-01-05T07:00:00", "horizon": DAY})
    assert measure(log, "service_level", window=("08:00", "09:00")).n[0] == 1
    assert measure(log, "service_level", by="interval", window=("08:00", "09:00")).group.tolist() == ["08:00", "08:30"]


@pytest.mark.parametrize(
    ("window", "message"),
    [
        (("18:00", "18:00"), "no time between"),
        ((7, 3), "the end after the begin"),
        ((5 * DAY, 6 * DAY), "part of what the log covers"),
        (("early", "late"), "two numbers of seconds"),
        (("2026-01-05", "2026-01-06"), "no origin"),
        ("08:00", "a pair"),
    ],
)
def test_a_window_of_nothing_is_refused(make_log, window, message):
    with pytest.raises(MetricUnavailable, match=message):
        measure(make_log(calls(1), meta={"horizon": DAY}), "service_level", window=window)


@pytest.mark.parametrize(
    ("by", "message"), [("chanel", "did you mean 'channel'"), ("weekday", "no origin"), ("level", "not a grouping")]
)
def test_a_grouping_that_is_none_is_refused(make_log, by, message):
    with pytest.raises(MetricUnavailable, match=message):
        measure(make_log(calls(1)), "service_level", by=by)


def test_a_metric_that_cannot_be_grouped_so_is_refused(random_log):
    with pytest.raises(MetricUnavailable, match="metric occupancy: cannot be grouped by channel"):
        measure(random_log(1), "occupancy", by="channel")
    assert "occupancy" not in set(measure(random_log(1), by="channel").metric)


def test_an_interval_must_divide_the_day(make_log):
    with pytest.raises(MetricUnavailable, match="divide a day evenly"):
        measure(make_log(calls(1)), "service_level", by="interval", interval=1700)


def test_a_real_log_looks_from_its_first_offer_to_its_last_event(make_log):
    log = make_log([*calls(8), {"offered": 9 * HOUR, "outcome": 3}])
    assert measure(log, "blockage_rate").value[0] == 0.5
    assert measure(log, "contacts_offered").denominator[0] == 1.0


def test_the_span_of_a_log_is_its_window(make_log):
    log = make_log(calls(1, 2, 3), span=(1.5 * HOUR, 2.5 * HOUR))
    assert measure(log, "service_level").n[0] == 1


def test_contacts_after_the_horizon_follow_their_case_only(make_log):
    rows = [*calls(1, case=1, outcome=1), *calls(30, case=1, contact=1)]
    table = measure(make_log(rows, meta={"horizon": DAY}), ["service_level", "contacts_per_case"])
    assert table.n.tolist() == [1, 1]
    assert table.value.tolist() == [1.0, 2.0]


def test_intervals_and_weekdays_have_names_and_no_gaps(make_log):
    log = make_log(calls(8, 8.5, 24 + 8), meta={"origin": "2026-01-05", "horizon": 2 * DAY})
    table = measure(log, "contacts_offered", by="interval", window=("08:00", "09:30")).set_index("group")
    assert table.value.to_dict() == {"08:00": 1.0, "08:30": 0.5, "09:00": 0.0}
    assert measure(log, "contacts_offered", by="weekday").group.tolist() == ["Mon", "Tue"]
    assert measure(log, "contacts_offered", by="day").group.tolist() == ["2026-01-05", "2026-01-06"]


def test_a_case_belongs_to_the_group_of_its_first_touch(make_log):
    portal = {
        "case": 1,
        "staffed": False,
        "touchpoint": 0,
        "offered": 0.0,
        "answered": 0.0,
        "ended": 60.0,
        "outcome": 1,
    }
    log = make_log([*calls(1, case=1, contact=1), portal], meta={"horizon": DAY})
    table = measure(log, ["resolution_rate", "service_level"], by="touchpoint").set_index(["metric", "group"])
    assert table.n["resolution_rate", "portal"] == 1
    assert ("resolution_rate", "phone") not in table.index
    assert table.n["service_level", "phone"] == 1


def numbers(table):
    return table[["numerator", "denominator", "n"]].to_numpy(dtype=float)


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_replications_measured_apart_and_pooled_are_the_whole(random_log, seed):
    log = random_log(seed)
    metrics = [name for name in REGISTER if REGISTER[name].scope != "customer"]
    metrics += [name for name in shipped_list("standard") if name != "cx_score:surveyed"]  # not a ratio of sums
    metrics.remove("offered_load")  # the handle time is that of what is measured together
    whole = measure(log, metrics)
    parts = counters(log, metrics)
    pooled = pool([parts[parts.replication == r] for r in (0, 1)])
    assert pooled.metric.tolist() == whole.metric.tolist()
    np.testing.assert_allclose(numbers(pooled), numbers(whole), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(pooled.value, whole.value, rtol=1e-9)


@given(
    seed=SEEDS, by=st.sampled_from(["interval", "day", "weekday", "contact_type", "segment", "channel", "replication"])
)
@settings(max_examples=40, deadline=None)
def test_groups_add_up_to_the_whole(random_log, seed, by):
    log = random_log(seed)
    metrics = [
        name
        for name, entry in REGISTER.items()
        if entry.scope in ("contact", "case", "survey")
        and name not in ("offered_load", "contacts_offered", "contacts_handled", "cases_begun")  # per day or second
        # A contact passed on lies in two groups if its legs do; a score of three means is not a sum.
        and not (name in ("transfer_rate", "transfers_per_contact", "cx_score") and by not in SAME_FOR_ALL_LEGS)
        and name not in ("contact_rate", "self_service_score")  # a customer counts in many groups
    ]
    whole = measure(log, metrics).set_index("metric")
    groups = measure(log, metrics, by=by).groupby("metric")[["numerator", "denominator", "n"]].sum()
    ratios = whole[whole.numerator.notna()]
    for name in ratios.index:
        assert groups.n[name] == whole.n[name], name
        assert groups.denominator[name] == pytest.approx(whole.denominator[name]), name
        assert groups.numerator[name] == pytest.approx(whole.numerator[name]), name


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_window_split_in_two_adds_up(random_log, seed):
    log = random_log(seed)
    metrics = ["service_level", "asa", "abandonment_rate", "aht", "occupancy", "shrinkage", "cost_per_contact", "csat"]
    halves = [measure(log, metrics, window=(a * DAY, b * DAY)) for a, b in ((0, 0.7), (0.7, 2))]
    whole = measure(log, metrics)
    np.testing.assert_allclose(numbers(halves[0])[:, :2] + numbers(halves[1])[:, :2], numbers(whole)[:, :2], rtol=1e-9)


def test_a_split_by_replication_equals_a_log_of_one(random_log):
    log = random_log(5)
    t, s, u = log.touchpoints, log.staffing, log.surveys
    alone = log.with_tables(
        touchpoints=t.take(t.replication == 1), staffing=s.take(s.replication == 1), surveys=u.take(u.replication == 1)
    )
    both = measure(log, "service_level", by_replication=True, by="interval")
    expected = measure(alone, "service_level", by="interval")
    mine = both[both.replication == 1].drop(columns="replication").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, expected)


def test_pooled_quantiles_are_those_of_all_values(make_log):
    rows = [{"replication": r, "answered": w, "ended": w + 9} for r, w in [(0, 0.0), (0, 10.0), (1, 20.0), (1, 90.0)]]
    pooled = pool(counters(make_log(rows), "wait_quantile"))
    assert pooled.value[0] == 15.0
    assert pooled.n[0] == 4


def test_counters_carry_sorted_values_for_quantiles_only(make_log):
    rows = [{"answered": 9.0, "ended": 10.0}, {"answered": 3.0, "ended": 10.0}]
    table = counters(make_log(rows), ["wait_quantile:p80", "asa"])
    assert table["values"][0].tolist() == [3.0, 9.0]
    assert table["values"][1] is None
    assert table.p[0] == 0.8
    assert math.isnan(table.p[1])


def test_an_empty_log_has_no_values_and_no_errors(make_log, random_log):
    full = random_log(1)
    tables = {
        name: getattr(full, name).take(slice(0, 0))
        for name in ("touchpoints", "staffing", "agents", "customers", "surveys")
    }
    empty = measure(full.with_tables(**tables))
    zero = {"contacts_offered", "contacts_handled", "cases_begun", "offered_load", "agents_available"}
    zero |= {"backlog", "net_flow", "conversations_per_day"}
    counted = empty.metric.isin(zero)
    assert (empty[~counted].n == 0).all()
    assert empty[~counted].value.isna().all()
    assert (empty[counted].value == 0).all()


def test_the_order_of_rows_does_not_matter(random_log):
    log = random_log(7)
    turned = log.with_tables(touchpoints=log.touchpoints.take(np.arange(len(log.touchpoints))[::-1]))
    pd.testing.assert_frame_equal(measure(log), measure(turned))
