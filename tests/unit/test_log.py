"""The log keeps what it is given, to the last bit, and names what it does not have."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cxsim.contacts.columns import TABLES, UNKNOWN
from cxsim.contacts.log import ContactLog, Table, concatenate
from cxsim.errors import LogError


def small_log() -> ContactLog:
    """Two calls: one answered by the second agent of 'desk', one abandoned."""
    touchpoints = Table(
        "touchpoints",
        {
            "case": [7, 8],
            "contact_type": [1, UNKNOWN],
            "channel": [0, 0],
            "staffed": [True, True],
            "agent": [1, -1],
            "offered": [10.0, 20.0],
            "answered": [12.5, np.nan],
            "ended": [70.0, 25.0],
            "outcome": [0, 2],
        },
    )
    return ContactLog(
        touchpoints, names={"contact_type": ["password", "printer"]}, meta={"origin": "2024-01-01T00:00:00"}
    )


@st.composite
def tables(draw, name):
    """Any table: any of its columns, any bits in them."""
    n_rows = draw(st.integers(0, 5))
    columns = draw(st.sets(st.sampled_from(list(TABLES[name]))))
    return Table(name, {column: draw(arrays.arrays(TABLES[name][column].dtype, n_rows)) for column in columns})


@settings(max_examples=40, deadline=None)
@given(
    st.fixed_dictionaries({name: tables(name) for name in TABLES}), st.none() | st.tuples(st.floats(0, 1), st.just(2.0))
)
def test_parquet_gives_back_every_bit(tmp_path_factory, parts, span):
    log = ContactLog(**parts, names={"segment": ["loyal", "ärgerlich"]}, meta={"seed": 0}, span=span)
    read = ContactLog.from_parquet(log.to_parquet(tmp_path_factory.mktemp("logs") / "log"))
    assert read == log
    assert (dict(read.meta), read.span) == (dict(log.meta), log.span)
    for name in TABLES:
        types = {column: values.dtype for column, values in getattr(log, name).columns.items()}
        assert {column: values.dtype for column, values in getattr(read, name).columns.items()} == types


def test_equality_sees_a_single_bit():
    log = small_log()
    moved = log.touchpoints.with_columns(offered=[np.nextafter(10.0, 11.0), 20.0])
    assert log == small_log()
    assert log != log.with_tables(touchpoints=moved)
    assert log != log.with_tables(names={"contact_type": ["password", "scanner"]})


def test_missing_values_and_bools_survive_parquet(tmp_path):
    read = ContactLog.from_parquet(small_log().to_parquet(tmp_path / "log"))
    assert np.isnan(read.touchpoints.answered[1])
    assert read.touchpoints.staffed.dtype == bool
    assert len(read.staffing) == 0


def test_meta_may_hold_numbers_of_numpy(tmp_path):
    log = small_log().with_tables(meta={"seed": np.int64(3), "weights": np.array([0.5, 1.0])})
    assert ContactLog.from_parquet(log.to_parquet(tmp_path / "log")).meta == {"seed": 3, "weights": [0.5, 1.0]}


def test_writing_again_replaces_a_log_but_nothing_else(tmp_path):
    log = small_log()
    log.to_parquet(tmp_path / "log")
    later = log.with_tables(meta={"seed": 1})
    assert ContactLog.from_parquet(later.to_parquet(tmp_path / "log")).meta == {"seed": 1}
    precious = tmp_path / "thesis"
    precious.mkdir()
    (precious / "chapter.txt").write_text("years of work")
    with pytest.raises(LogError, match="thesis: something that is not a log"):
        log.to_parquet(precious)
    assert (precious / "chapter.txt").read_text() == "years of work"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["log", "thesis"]


def test_a_place_that_cannot_be_written_is_a_log_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LogError, match="a place that can be written"):
        small_log().to_parquet(tmp_path / "file" / "log")


def test_a_damaged_or_missing_file_is_named(tmp_path):
    folder = small_log().to_parquet(tmp_path / "log")
    (folder / "agents.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(LogError, match=r"agents\.parquet: a damaged Parquet file"):
        ContactLog.from_parquet(folder)
    with pytest.raises(LogError, match=r"no touchpoints\.parquet in it"):
        ContactLog.from_parquet(tmp_path)


def test_the_view_shows_words_and_leaves_the_unknown_empty():
    frame = small_log().to_frame()
    assert list(frame["contact_type"].astype(object).where(frame["contact_type"].notna(), None)) == ["printer", None]
    assert list(frame["outcome"]) == ["resolved", "abandoned"]
    assert list(frame["channel"]) == ["voice", "voice"]
    assert list(frame["offered"]) == [10.0, 20.0]


def test_an_unknown_column_is_refused_with_a_suggestion():
    with pytest.raises(LogError, match=r"log\.touchpoints\.ofered: not a column; .*did you mean 'offered'\?"):
        Table("touchpoints", {"ofered": [1.0]})


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(LogError, match=r"columns of lengths \[1, 2\]"):
        Table("touchpoints", {"offered": [1.0], "ended": [1.0, 2.0]})


def test_an_absent_column_says_what_is_there():
    with pytest.raises(LogError, match=r"log\.touchpoints\.held: absent in this log; here are case,"):
        _ = small_log().touchpoints.held
    with pytest.raises(AttributeError):
        _ = small_log().touchpoints.nonsense


def test_a_selection_by_slice_is_a_view_and_by_mask_a_copy():
    table = small_log().touchpoints
    assert table.take(slice(0, 1)).offered.base is not None
    assert list(table.take(table.outcome == 2).case) == [8]


def test_logs_of_several_replications_are_joined():
    log = small_log()
    both = concatenate([log, log])
    assert len(both.touchpoints) == 4
    assert both.touchpoints.take(slice(2, 4)) == log.touchpoints


def test_a_log_can_be_sent_to_another_process():
    log = small_log()
    assert pickle.loads(pickle.dumps(log)) == log
    assert copy.deepcopy(log) == log


def thin_log() -> ContactLog:
    """Four calls of one replication to one place: columns that say one thing take the memory of one value."""
    one = {"replication": np.int32(0), "callback": np.float64(np.nan), "chaser": np.bool_(False)}
    columns = {name: np.broadcast_to(value, 4) for name, value in one.items()}
    return ContactLog(Table("touchpoints", {**columns, "case": np.arange(4), "offered": np.arange(4.0)}))


def test_a_column_of_one_value_is_kept_as_one():
    t = thin_log().touchpoints
    for rows in (np.array([True, False, True, True]), np.array([3, 1, 1]), slice(1, 4)):
        taken = t.take(rows)
        assert taken.callback.strides == taken.chaser.strides == (0,)
        assert [len(taken.columns[name]) for name in taken] == [3] * 5
    assert len(t.take(np.zeros(4, dtype=bool)).callback) == 0
    assert concatenate([thin_log(), thin_log()]).touchpoints.callback.strides == (0,)


def test_a_column_of_one_value_equals_the_same_written_out(tmp_path):
    thin = thin_log()
    t = thin.touchpoints
    full = thin.with_tables(touchpoints=Table("touchpoints", {name: t.columns[name].copy() for name in t}))
    other = t.with_columns(callback=np.broadcast_to(1.0, 4))
    assert thin == full
    assert thin == thin_log()
    assert t != other
    assert concatenate([thin, full]) == concatenate([full, full])
    assert concatenate([thin, thin.with_tables(touchpoints=other)]).touchpoints.callback[4:].tolist() == [1.0] * 4
    assert ContactLog.from_parquet(thin.to_parquet(tmp_path / "log")) == full
    assert thin.to_frame().equals(full.to_frame())
