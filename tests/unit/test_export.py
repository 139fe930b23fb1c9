"""A log written as a CSV comes back as the same log."""

import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.contacts.columns import ABANDONED, RESOLVED, UNKNOWN, UNRESOLVED
from cxsim.contacts.export import to_generic_csv, to_technion
from cxsim.contacts.log import ContactLog, Table
from cxsim.contacts.readers import read_log
from cxsim.errors import LogError

NAN = np.nan
THIRDS = st.floats(0.0, 1e6)


@st.composite
def cases(draw):
    """Cases with one contact each, answered or abandoned, with awkward fractions of seconds and awkward words."""
    rows = draw(st.lists(st.tuples(THIRDS, THIRDS, THIRDS, THIRDS, st.booleans()), min_size=1, max_size=6))
    served = np.array([row[4] for row in rows])
    times = np.cumsum(np.array([row[:4] for row in rows]), axis=1)
    n_rows = len(rows)
    columns = {
        "replication": np.zeros(n_rows),
        "case": np.arange(n_rows) + 2**41,
        "contact": np.zeros(n_rows),
        "touch": np.zeros(n_rows),
        "customer": np.arange(n_rows) - 1,
        "contact_type": draw(st.lists(st.integers(-1, 2), min_size=n_rows, max_size=n_rows)),
        "channel": draw(st.lists(st.integers(0, 8), min_size=n_rows, max_size=n_rows)),
        "staffed": np.ones(n_rows, dtype=bool),
        "deferred": ~served,
        "agent_group": np.where(served, 0, -1),
        "agent": np.where(served, 3, -1),
        "offered": times[:, 0],
        "answered": np.where(served, times[:, 1], NAN),
        "ended": times[:, 2],
        "wrapped": np.where(served, times[:, 3], NAN),
        "outcome": np.where(served, UNRESOLVED, ABANDONED),
        "callback": np.full(n_rows, NAN),
        "chaser": np.zeros(n_rows, dtype=bool),
        "level": served.astype(int),
    }
    names = {"contact_type": ["bill, disputed", 'the "new" app', "Straße"], "agent_group": ["desk"]}
    return ContactLog(Table("touchpoints", columns), names=names)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_generic_csv_gives_back_equal_columns(tmp_path_factory, log):
    read = read_log(to_generic_csv(log, tmp_path_factory.mktemp("csv") / "calls.csv"))
    assert list(read.touchpoints) == list(log.touchpoints)
    for name, values in log.touchpoints.columns.items():
        if name in ("contact_type", "agent_group"):
            one, other = ([*each.labels(name), None] for each in (log, read))
            assert [one[code] for code in values] == [other[code] for code in read.touchpoints.columns[name]]
        else:
            assert values.tobytes() == read.touchpoints.columns[name].tobytes(), name


def simulated() -> ContactLog:
    """Six cases as a simulator writes them; times with fractions, one bot before the desk, one chat."""
    rows = [
        # case contact touch staffed channel offered answered ended wrapped outcome agent
        (0, 0, 0, False, 0, 100.2, 100.2, 109.9, NAN, UNRESOLVED, -1),
        (0, 0, 1, True, 0, 110.0, 131.7, 300.2, 330.0, RESOLVED, 0),
        (1, 0, 0, True, 0, 200.0, 200.0, 260.5, 270.0, UNRESOLVED, 1),
        (2, 0, 0, True, 0, 210.5, NAN, 250.5, NAN, ABANDONED, -1),
        (3, 0, 0, False, 0, 400.0, 400.0, 425.0, NAN, ABANDONED, -1),
        (4, 0, 0, True, 1, 500.0, 510.0, 900.0, 910.0, RESOLVED, 0),
        (5, 0, 0, True, 0, 600.0, NAN, 600.0, NAN, 3, -1),
        (6, 0, 0, True, 0, 86_390.0, 86_400.0, 86_460.0, 86_470.0, RESOLVED, 1),
    ]
    times = ["offered", "answered", "ended", "wrapped"]
    names = ["case", "contact", "touch", "staffed", "channel", *times, "outcome", "agent"]
    columns = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    columns |= {"agent_group": [0 if row[-1] >= 0 else -1 for row in rows], "customer": [row[0] for row in rows]}
    columns |= {"contact_type": [0, 0, 1, 0, 0, 0, 0, 1], "replication": [0] * len(rows)}
    return ContactLog(
        Table("touchpoints", columns),
        names={"contact_type": ["regular", "balance"], "agent_group": ["desk"]},
        meta={"origin": "1999-01-03T00:00:00"},
    )


def test_calls_come_back_through_the_technion_format(tmp_path):
    log = read_log(to_technion(simulated(), tmp_path / "sample.csv"), reader="technion")
    phone = log.touchpoints.take(log.touchpoints.staffed)
    assert (phone.answered - phone.offered)[[0, 1, 3]].tolist() == [21.0, 0.0, 11.0]
    assert (phone.ended - phone.offered).tolist() == [190.0, 60.0, 40.0, 70.0]
    assert phone.outcome.tolist() == [UNKNOWN, UNKNOWN, ABANDONED, UNKNOWN]
    assert phone.customer.tolist() == [1, 2, 3, 7]
    assert log.meta["labels"]["agent"] == ["S01", "S02"]
    unit = log.touchpoints.take(~log.touchpoints.staffed)
    assert unit.offered.tolist() == [100.0, 200.0, 210.0, 400.0, 86_390.0]
    assert unit.outcome.tolist() == [UNKNOWN, UNKNOWN, UNKNOWN, ABANDONED, UNKNOWN]
    assert log.names["contact_type"] == ["regular", "balance"]
    assert set(log.meta["import"]["kinds"]) == {"reached_out_of_hours", "over_midnight"}
    assert log.meta["import"]["left_out"] == 0


def test_an_instant_at_midnight_is_not_taken_for_nothing(tmp_path):
    with open(to_technion(simulated(), tmp_path / "sample.csv"), newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert (last["date"], last["ser_start"], last["q_exit"]) == ("990103", "0:00:01", "0:00:01")


def test_equal_logs_give_equal_files(tmp_path):
    one, other = (to_technion(simulated(), tmp_path / f"{n}.csv.gz") for n in (1, 2))
    assert one.read_bytes() == other.read_bytes()
    assert gzip.decompress(one.read_bytes()).startswith(b"vru+line,call_id,")


def test_what_the_format_cannot_hold_is_refused(tmp_path):
    log = simulated()
    with pytest.raises(LogError, match=r"log\.meta\.origin: not there"):
        to_technion(log.with_tables(meta={}), tmp_path / "sample.csv")
    several = log.touchpoints.with_columns(replication=np.arange(len(log.touchpoints)))
    with pytest.raises(LogError, match="several replications"):
        to_technion(log.with_tables(touchpoints=several), tmp_path / "sample.csv")
    with pytest.raises(LogError, match="a place that can be written"):
        to_generic_csv(log, tmp_path / "nowhere" / "sample.csv")
    assert list(tmp_path.iterdir()) == []
