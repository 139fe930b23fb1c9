"""Outbound metrics beside a count by hand, and what calls of the centre leave untouched elsewhere."""

import numpy as np
import pytest

import cxsim
from cxsim.contacts.columns import UNREACHED
from cxsim.contacts.export import to_generic_csv, to_technion
from cxsim.metrics.measure import measure

SOURCE = {
    "name": "calls in and out",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "30 min"},
    "contact_types": {
        "call": {"volume": "300 per day", "enters": {"phone": 1}},
        "sale": {"volume": "200 per day", "enters": {"campaign": 1}},
    },
    "touchpoints": {
        "phone": {"mechanism": "staffed", "channel": "voice", "talk_time": {"law": "exponential", "mean": "4 min"},
                  "patience": {"law": "exponential", "mean": "5 min"}, "resolves": 0.7,
                  "then": {"unresolved": {"called": {"to": "campaign", "after": "1 h", "share": 0.5}}}},
        "campaign": {"mechanism": "staffed", "channel": "voice", "talk_time": "3 min", "after_call_work": "40 s",
                     "resolves": 0.4,
                     "dial": {"mode": "preview", "preview": "20 s", "reached": 0.4, "rings": "10 s",
                              "no_answer": "30 s"},
                     "then": {"unreached": {"again": {"to": "campaign", "after": "20 min"}}}},
    },
    "agent_groups": {"desk": {"agents": 4, "serves": {"phone": {"rank": 1}, "campaign": {"rank": 2}}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def log():
    return cxsim.simulate(cxsim.load_scenario(SOURCE), seed=3)


def value(log, metric):
    return measure(log, [metric])["value"][0]


def test_metrics_are_what_a_count_row_by_row_gives(log):
    t = log.touchpoints
    rows = [k for k in range(len(t)) if t.outbound[k] and not np.isnan(t.answered[k]) and t.offered[k] < 86_400]
    talks = [k for k in rows if t.outcome[k] != UNREACHED]
    records = {int(t.case[k]) for k in rows}
    work = sum(float(t.wrapped[k] - t.answered[k]) for k in rows)
    assert 100 < len(talks) < len(rows)
    expected = {
        "reach_rate": len(talks) / len(rows),
        "reach_rate:per_record": len({int(t.case[k]) for k in talks}) / len(records),
        "attempts_per_record": len(rows) / len(records),
        "dialling_time": sum(float(t.dialled[k]) for k in rows) / len(rows),
        "outbound_handle_time": work / len(rows),
        "outbound_handle_time:per_conversation": work / len(talks),
        "conversations_per_hour": len(talks) / work * 3600,
        "conversations_per_day": sum(
            bool(t.outbound[k]) and t.outcome[k] != UNREACHED and t.answered[k] < 86_400 for k in range(len(t))
        ),
        "record_coverage": len({int(t.case[k]) for k in rows if t.answered[k] < 86_400})
        / len({int(t.case[k]) for k in range(len(t)) if t.outbound[k] and t.offered[k] < 86_400}),
        "conversion_rate": sum(t.outcome[k] == 0 for k in talks) / len(talks),
    }
    for name, wanted in expected.items():
        assert value(log, name) == pytest.approx(wanted, rel=1e-12), name


def test_a_log_without_calls_of_the_centre_has_nothing_to_measure(log):
    t = log.touchpoints
    inbound = log.with_tables(touchpoints=t.take(np.flatnonzero(~t.outbound)))
    found = measure(inbound, ["reach_rate", "attempts_per_record", "dialling_time", "outbound_handle_time",
                              "conversations_per_hour", "record_coverage", "conversion_rate"])  # fmt: skip
    assert value(inbound, "conversations_per_day") == 0.0
    assert found["value"].isna().all()
    assert (found["n"] == 0).all()


@pytest.mark.parametrize(
    "name",
    ["service_level", "abandonment_rate", "average_handle_time", "talk_time", "after_call_work", "contacts_offered",
     "contacts_handled", "offered_load", "first_response_time", "no_response_rate", "first_contact_resolution",
     "contacts_per_case", "contact_rate", "repeat_contact_rate", "cases_begun", "chat_wait"],
)  # fmt: skip
def test_what_customers_bring_is_measured_as_if_the_centre_called_nobody(log, name):
    t = log.touchpoints
    inbound = log.with_tables(touchpoints=t.take(np.flatnonzero(~t.outbound)))
    assert value(log, name) == pytest.approx(value(inbound, name), nan_ok=True)


def test_who_is_not_called_in_time_is_seen(log):
    many = cxsim.load_scenario(SOURCE).override("contact_types.sale.volume=3000 per day")
    behind = cxsim.simulate(many, seed=3)
    assert value(log, "record_coverage") > 0.95
    assert value(behind, "record_coverage") < 0.6


def test_exports_and_the_reader_of_tables_keep_calls_of_the_centre_apart(log, tmp_path):
    read = cxsim.read_log(to_generic_csv(log, tmp_path / "log.csv"), reader="generic")
    for name in ("reach_rate", "dialling_time", "average_handle_time", "first_contact_resolution:per_case"):
        assert value(read.with_tables(span=(0.0, 86_400.0)), name) == pytest.approx(value(log, name), rel=1e-6), name
    rows = to_technion(log, tmp_path / "calls.csv").read_text().splitlines()[1:]
    t = log.touchpoints
    talked = ~t.outbound & ~np.isnan(t.answered)
    assert sum(",AGENT," in row for row in rows) == np.count_nonzero(talked)


def test_work_on_calls_of_the_centre_is_work(log):
    t = log.touchpoints
    inbound = log.with_tables(touchpoints=t.take(np.flatnonzero(~t.outbound)))
    assert value(log, "occupancy") > value(inbound, "occupancy") + 0.05
    assert value(log, "schedule_efficiency") != value(inbound, "schedule_efficiency")


def test_a_need_may_be_met_by_a_call_of_the_centre(log):
    t = log.touchpoints
    begun_outbound = {int(case) for case in t.case[(t.contact == 0) & (t.touch == 0) & t.outbound]}
    mine = np.array([int(case) not in begun_outbound for case in t.case])
    met = {int(case) for case in t.case[mine & (t.outcome == 0)]}
    by_calls = {int(case) for case in t.case[mine & (t.outcome == 0) & t.outbound]}
    assert by_calls
    assert value(log, "resolution_rate") == pytest.approx(len(met) / len({int(case) for case in t.case[mine]}))


def test_perception_leaves_out_who_was_called_and_counts_no_wait_for_a_call(log):
    felt = cxsim.perceive(log, seed=3)
    t, s = felt.touchpoints, felt.surveys
    first = t.outbound[(t.contact == 0) & (t.touch == 0)]
    cases = t.case[(t.contact == 0) & (t.touch == 0)]
    assert set(s.case.tolist()) <= set(cases[~first].tolist())
    from cxsim.perception.journeys import journeys_of

    journeys = journeys_of(log)
    called = t.outbound[journeys.row]
    assert called.any()
    assert (journeys.wait[called] == 0.0).all()
    assert (t.outcome[journeys.row] != UNREACHED).all()
    assert len(journeys) == int(np.count_nonzero(~first))
