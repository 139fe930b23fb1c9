"""Replayed arrivals against traces worked out by hand: every instant exactly."""

import numpy as np
import pytest
from support.oracle_scenarios import ORACLES, PLAIN_POISSON

from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

ONE_AGENT = {"desk": {"agents": 1, "serves": {"phone": {"rank": 1}}}}


def clock(seconds):
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def replayed(contacts, longer):
    """The arrivals of a contact type from a list of contacts."""
    return {
        "arrivals": {
            "at": [c["arrival"] for c in contacts],
            "talk_time": [c["talk"] * longer for c in contacts],
            "after_call_work": [c.get("wrap", 0) for c in contacts],
            "patience": [c.get("patience") for c in contacts],
        },
        "enters": {"phone": 1},
    }


def centre(types, groups):
    return {
        "name": "trace",
        "calendar": {"start": "2026-01-05", "days": 1},
        "busyness": PLAIN_POISSON,
        "contact_types": types,
        # The replayed talk time and patience replace these.
        "touchpoints": {"phone": {"mechanism": "staffed", "channel": "voice", "talk_time": "1 h", "patience": "1 h"}},
        "agent_groups": groups,
    }


def one_type(groups):
    return lambda inputs, longer: centre({"call": replayed(inputs["contacts"], longer)}, groups)


def shifts(inputs, longer):
    plan = {
        name: {"days": "all", "start": clock(start), "end": clock(end), "agents": 1}
        for name, (start, end) in inputs["shifts"].items()
    }
    return one_type({"desk": {"shifts": plan, "serves": {"phone": {"rank": 1}}}})(inputs, longer)


def classes(inputs, longer):
    types = {
        name: replayed([c for c in inputs["contacts"] if c["class"] == name.upper()], longer) for name in ("vip", "std")
    }
    serves = {"phone": {"vip": {"rank": 1}, "std": {"rank": 2}}}
    return centre(types, {"desk": {"agents": 1, "serves": serves}})


def chats(inputs, longer):
    """Chats that go on more slowly the more of them are open."""
    source = one_type(ONE_AGENT)({"contacts": [{**c, "talk": c["work"]} for c in inputs["chats"]]}, longer)
    slowdown = {n: 1 / speed for n, speed in enumerate(inputs["speed_per_chat"], start=1) if n > 1}
    source["touchpoints"]["phone"].update(concurrency=inputs["max_concurrency"], slowdown=slowdown)
    return source


TRACES = {
    "trace_chat_slowdown_dev": chats,
    "trace_longest_idle_dev": one_type({"desk": {"agents": 3, "serves": {"phone": {"rank": 1}}}}),
    "trace_abandon_sl_dev": one_type(ONE_AGENT),
    "trace_acw_dev": one_type(ONE_AGENT),
    "trace_shift_end_dev": shifts,
    "trace_priority_dev": classes,
}


def rows_of(case, *, longer=1.0, engine="kernel"):
    """The log of a trace and its rows by the contact's id."""
    inputs = ORACLES[case]["inputs"]
    log = simulate(load_scenario(TRACES[case](inputs, longer)), engine=engine)
    ids = {c["arrival"]: str(c["id"]) for c in inputs.get("contacts", inputs.get("chats"))}
    t = log.touchpoints
    return log, {ids[at]: row for row, at in enumerate(t.offered.tolist())}


def seen(case, **settings):
    """What the log says in the words of the trace."""
    log, rows = rows_of(case, **settings)
    t, found = log.touchpoints, {}
    for name, row in rows.items():
        served = not np.isnan(t.answered[row])
        start = t.answered[row] if served else t.ended[row]
        found[name] = {
            "outcome": "served" if served else "abandoned",
            "agent": "ABC"[t.agent[row]],
            "start": t.answered[row],
            "end": t.ended[row],
            "leave": t.ended[row],
            "wait": start - t.offered[row],
        }
    return found


def expected(case):
    stated = ORACLES[case]["expected"]
    if "start_times" in stated:
        return {name: {"start": start} for name, start in stated["start_times"].items()}
    return stated.get("contacts", stated)


def agrees(case, **settings):
    found = seen(case, **settings)
    return {
        (name, key)
        for name, contact in expected(case).items()
        for key, value in contact.items()
        if (found[name][key] != value if isinstance(value, str) else not abs(found[name][key] - value) <= 1e-6)
    } == set()


@pytest.mark.parametrize("engine", ["process", "kernel"])
@pytest.mark.parametrize("case", TRACES)
def test_trace_is_followed_to_the_instant(case, engine):
    assert agrees(case, engine=engine)


@pytest.mark.parametrize("case", TRACES)
def test_trace_with_longer_talk_differs(case):
    assert not agrees(case, longer=1.05)


def test_agent_whose_shift_ends_finishes_in_overtime():
    log, _ = rows_of("trace_shift_end_dev")
    s = log.staffing
    overtime = (s.end - s.start)[s.kind == 3]
    assert overtime.tolist() == [ORACLES["trace_shift_end_dev"]["expected"]["A_overtime"]]


def test_time_integral_of_the_queue_is_the_sum_of_waits():
    case = "trace_abandon_sl_dev"
    assert sum(contact["wait"] for contact in seen(case).values()) == ORACLES[case]["expected"][
        "queue_length_time_integral"
    ]  # fmt: skip


def test_talk_and_after_call_work_of_the_trace_add_up():
    log, _ = rows_of("trace_acw_dev")
    t, stated = log.touchpoints, ORACLES["trace_acw_dev"]["expected"]
    assert (t.ended - t.answered).sum() == stated["agent_talk_time"]
    assert (t.wrapped - t.ended).sum() == stated["agent_wrap_time"]
