"""What generated scenarios seldom come to: each turn is brought about on purpose, in both engines."""

import numpy as np
import pytest

from cxsim.contacts.columns import ABANDONED, BALKED, OVERTIME, UNFINISHED
from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate

HOUR, DAY = 3600.0, 86400.0
SEEDS = range(12)


def centre(*, at, touchpoints, group, **more):
    """A scenario of replayed arrivals: by touchpoint the instants [s] at which cases enter there."""
    return {
        "name": "rare turns",
        "calendar": {"start": "2026-01-05", "days": 2, "interval": "60 min"},
        "contact_types": {
            name: {"arrivals": {"at": list(instants)}, "enters": {name: 1.0}} for name, instants in at.items()
        },
        "touchpoints": touchpoints,
        "agent_groups": {"desk": group},
        **more,
    }


def staffed(talk_time, **more):
    return {"mechanism": "staffed", "channel": "voice", "talk_time": talk_time, **more}


def ticket(talk_time, **more):
    return staffed(talk_time, deferred=True, interruptible=True, **more) | {"channel": "email"}


def logs(source, *, seeds=SEEDS):
    """The log of each seed, equal in both engines."""
    scenario = load_scenario(source)
    found = []
    for seed in seeds:
        readable, compiled = (simulate(scenario, seed=seed, engine=engine) for engine in ("process", "kernel"))
        assert readable == compiled
        found.append(readable)
    return found


def instants(values):
    return [None if np.isnan(value) else float(value) for value in values]


@pytest.mark.parametrize("at_shift_end", ["finish", "hand_over", "drop"])
def test_who_is_away_from_midnight_on_has_a_contact_in_hand(at_shift_end):
    group = {"agents": 3, "counts": "scheduled", "shrinkage": {"unplanned": 0.5}, "at_shift_end": at_shift_end,
             "serves": {"phone": {"rank": 1}}}  # fmt: skip
    at = {"phone": [DAY - 60.0 * k for k in (25, 20, 15, 10)]}
    found = logs(centre(at=at, touchpoints={"phone": staffed("40 min")}, group=group))
    past = [log for log in found if np.any((log.staffing.kind == OVERTIME) & (log.staffing.start == DAY))]
    assert bool(past) == (at_shift_end == "finish")
    moved = [log for log in found if np.any(log.touchpoints.paused > 0.0)]
    assert bool(moved) == (at_shift_end == "hand_over")
    cut = [log for log in found if np.any(log.touchpoints.ended == DAY)]
    assert bool(cut) == (at_shift_end == "drop")


def test_a_ticket_is_laid_aside_for_somebody_who_does_not_answer_the_callback():
    """Two minutes after calling the group may be used: the ticket is laid aside, nobody answers, it goes on."""
    group = {"agents": 1, "serves": {"phone": {"rank": 1, "after": "2 min"}, "mail": {"rank": 2}}}
    told = {"callback": {"from": "0 s", "share": 1.0, "answers": 0.5}}
    touchpoints = {"phone": staffed("5 min", announcement=told), "mail": ticket("30 min")}
    found = logs(centre(at={"mail": [0.0], "phone": [600.0]}, touchpoints=touchpoints, group=group))
    missed = [log.touchpoints for log in found if np.any(log.touchpoints.outcome == ABANDONED)]
    assert 0 < len(missed) < len(found)
    for rows in missed:
        assert instants(rows.ended[1:]) == [720.0]
        assert instants(rows.wrapped[:1]) == [30 * 60.0]
    for rows in (log.touchpoints for log in found if not np.any(log.touchpoints.outcome == ABANDONED)):
        assert rows.paused[0] == 300.0
        assert instants(rows.wrapped[:1]) == [35 * 60.0]


def test_after_call_work_laid_aside_is_never_taken_up_again():
    """One agent, half an hour a week, and absent a week later: the ticket has its outcome, and no wrap-up."""
    shift = {"days": "mon", "start": "09:00", "end": "09:30", "agents": 1}
    group = {"shifts": {"one": shift}, "counts": "scheduled", "shrinkage": {"unplanned": 0.5},
             "serves": {"phone": {"rank": 1}, "mail": {"rank": 2}}}  # fmt: skip
    touchpoints = {"phone": staffed("25 min"), "mail": ticket("1 min", after_call_work="1 h")}
    at = {"mail": [9 * HOUR, 9 * HOUR + 1.0], "phone": [9 * HOUR + 600.0]}
    begun = [log.touchpoints for log in logs(centre(at=at, touchpoints=touchpoints, group=group))]
    begun = [rows for rows in begun if not np.isnan(rows.answered[0])]
    undone = [rows for rows in begun if rows.wrapped[0] == 9 * HOUR + 600.0]
    assert 0 < len(undone) < len(begun)
    for rows in undone:
        assert rows.ended[0] == 9 * HOUR + 60.0
        assert rows.outcome[0] != UNFINISHED
        assert rows.outcome[1] == UNFINISHED


def test_one_of_many_who_has_no_mind_to_wait_is_not_called_back():
    """Who would leave unless served at once does not accept a callback, and who hears of the wait may go before."""
    group = {"agents": 1, "serves": {"phone": {"rank": 1}}}
    told = {"balks": {"10 min": 1.0}, "callback": {"from": "0 s", "share": 1.0}}
    phone = staffed("5 min", announcement=told, patience={"at_once": 0.5, "law": "constant", "value": "1 h"})
    for log in logs(centre(at={"phone": [0.0, *range(1, 12)]}, touchpoints={"phone": phone}, group=group)):
        rows = log.touchpoints
        assert not np.any((rows.outcome == BALKED) & (rows.announced_wait < 600.0))
        gone = rows.outcome == ABANDONED
        assert np.all(rows.ended[gone] == rows.offered[gone])
        assert not np.any(np.isfinite(rows.callback[gone]))
