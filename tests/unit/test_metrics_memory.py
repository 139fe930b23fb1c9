"""What metrics share is worked out once, and is never taken for something else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.log import Table
from cxsim.metrics.accessibility import service_level, wait_quantile
from cxsim.metrics.measure import counters, counts, measure
from cxsim.metrics.memory import Rows, once, remember
from cxsim.metrics.prepare import prepared
from cxsim.metrics.ratio import Sample
from cxsim.metrics.rows import answered, contact_numbers, decided_contacts, waits
from cxsim.perception.surveys import perceive

FEW = ("service_level", "occupancy", "average_handle_time", "agents_available")
GROUPINGS = {None: FEW, "contact_type": ("service_level", "resolution_rate"), "interval": FEW, "agent_group": FEW}


def test_logs_measured_in_turn_and_again_give_the_same(random_log):
    one, other = random_log(3), random_log(4)
    first, second = counters(one), counters(other)
    assert not first.equals(second)
    for _ in range(2):
        pd.testing.assert_frame_equal(counters(one), first)
        pd.testing.assert_frame_equal(counters(other), second)


def test_a_log_whose_arrays_change_is_measured_anew(random_log):
    log = random_log(3)
    before = measure(log, FEW)
    log.touchpoints.answered[:] = np.nan
    after = measure(log, FEW)
    assert before.n[0] > 0
    assert after.numerator[0] == 0
    assert service_level(log).numerator == 0


@pytest.mark.parametrize("by", GROUPINGS)
def test_a_prepared_log_gives_what_the_log_gives(random_log, by):
    log = random_log(5)
    ready = prepared(log)
    for _ in range(2):
        pd.testing.assert_frame_equal(counters(ready, GROUPINGS[by], by=by), counters(log, GROUPINGS[by], by=by))
    pd.testing.assert_frame_equal(measure(ready, window=(0.0, 9000.0)), measure(log, window=(0.0, 9000.0)))
    pd.testing.assert_frame_equal(measure(ready), measure(log))


def test_a_prepared_log_with_other_tables_forgets(random_log):
    log = random_log(5)
    ready = prepared(log)
    measure(ready)
    fewer = log.touchpoints.take(slice(0, 10))
    pd.testing.assert_frame_equal(
        measure(ready.with_tables(touchpoints=fewer)), measure(log.with_tables(touchpoints=fewer))
    )


def test_measuring_leaves_the_log_as_it_was(random_log):
    log = random_log(6)
    kept = log.with_tables(touchpoints=log.touchpoints.take(np.arange(len(log.touchpoints))))
    measure(log)
    assert log == kept
    assert all(column.flags.writeable for column in log.touchpoints.columns.values())


def test_what_is_remembered_cannot_be_written_to(random_log):
    rows = Rows(random_log(6).touchpoints)
    with pytest.raises(ValueError, match="read-only"):
        decided_contacts(rows)[:] = True
    with pytest.raises(ValueError, match="read-only"):
        waits(rows, population="answered").sort()


def test_rows_work_out_a_thing_once_and_tables_every_time(random_log):
    seen = []

    @once
    def counted(t, *names, last=""):
        seen.append((*names, last))
        return np.arange(len(t))

    table = random_log(6).touchpoints
    rows = Rows(table)
    for asked in (rows, rows, table, table):
        counted(asked, "a")
    counted(rows, "b")
    counted(rows, last="b")
    assert seen == [("a", ""), ("a", ""), ("a", ""), ("b", ""), ("b",)]
    assert remember(rows, "x", lambda: 1) == remember(rows, "x", lambda: 2) == 1
    assert remember(table, "x", lambda: 2) == 2


def test_rows_are_taken_as_a_table_takes_them(random_log):
    table = random_log(8).touchpoints
    mask = table.offered > np.median(table.offered)
    for chosen in (mask, np.flatnonzero(mask)[::-1], slice(3, 9), slice(0, 0)):
        assert Rows(table).take(chosen) == table.take(chosen)
        assert len(Rows(table).take(chosen)) == len(table.take(chosen))
    assert Rows(table, np.flatnonzero(mask)).take(slice(2, 5)) == table.take(mask).take(slice(2, 5))
    assert answered(Rows(table).take(mask)).tolist() == answered(table.take(mask)).tolist()


def test_a_column_of_one_value_counts_like_any_other(random_log):
    log = random_log(9)
    plain = {"callback": np.nan, "promise": np.nan, "announced_wait": np.nan, "chaser": False, "segment": 0}
    plain |= {"replication": 0, "level": 1, "deferred": False}
    n_rows = len(log.touchpoints)

    def with_all(make):
        columns = {
            name: make(np.array(value, dtype=log.touchpoints.columns[name].dtype)) for name, value in plain.items()
        }
        touchpoints = Table("touchpoints", {**log.touchpoints.columns, **columns})
        staffing = log.staffing.take(log.staffing.replication == 0)
        return log.with_tables(touchpoints=touchpoints, staffing=staffing)

    thin = with_all(lambda value: np.broadcast_to(value, n_rows))
    full = with_all(lambda value: np.full(n_rows, value))
    assert thin.touchpoints.callback.strides == (0,)
    for by, names in GROUPINGS.items():
        pd.testing.assert_frame_equal(counters(thin, names, by=by), counters(full, names, by=by))
    pd.testing.assert_frame_equal(counters(thin), counters(full))
    assert perceive(thin, seed=2) == perceive(full, seed=2)


def test_contacts_are_numbered_alike_with_and_without_memory(random_log):
    log = random_log(10)
    ready = prepared(log)
    t = ready.touchpoints
    assert contact_numbers(ready).tolist() == contact_numbers(log.with_tables(touchpoints=t.take(slice(None)))).tolist()


def test_what_cannot_be_had_is_left_out_if_so_asked(make_log):
    log = make_log([{"answered": 3.0, "ended": 9.0}])
    found = counts(log, ["occupancy:default", "service_level:strict", "customer_satisfaction:top_two"], available=True)
    assert "service_level" in {count.metric for count in found}
    assert "customer_satisfaction" not in {count.metric for count in found}


@given(
    st.lists(st.floats(-1e9, 1e9) | st.sampled_from([0.0, -0.0, 1.0]), min_size=1, max_size=40),
    st.floats(0, 1) | st.sampled_from([0.0, 0.5, 0.8, 0.9, 0.95, 1.0]),
)
def test_a_quantile_is_that_of_numpy_to_the_last_bit(values, p):
    assert Sample(np.array(values), p).value == float(np.quantile(values, p))


def test_a_quantile_with_an_unknown_value_is_unknown(make_log):
    assert np.isnan(Sample(np.array([1.0, np.nan]), 0.0).value)
    assert np.isnan(Sample(np.array([]), 0.5).value)
    assert wait_quantile(make_log([{"answered": 7.0, "ended": 9.0}])).value == 7.0
