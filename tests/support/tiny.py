"""Tiny centres with replayed calls, small enough to work out by hand."""

from __future__ import annotations

import numpy as np

from cxsim.contacts.columns import OUTCOMES, PRESENCE
from cxsim.engines.process import simulate_by_process
from cxsim.scenario.load import load_scenario

HOUR = 3600.0
DAY = 86_400.0


def calls(*at, enters="phone", talk=60, wrap=0, patience=None):
    """A contact type whose calls come at stated seconds; one number for all or one a call."""

    def each(value):
        return list(value) if isinstance(value, (list, tuple)) else [value] * len(at)

    arrivals = {"at": list(at), "talk_time": each(talk), "after_call_work": each(wrap), "patience": each(patience)}
    return {"arrivals": arrivals, "enters": {enters: 1}}


def phone(**settings):
    """A staffed touchpoint; talk is a minute unless the call says otherwise."""
    return {"mechanism": "staffed", "channel": "voice", "talk_time": "60 s", **settings}


def one_agent(agents=1, **settings):
    return {"desk": {"agents": agents, "serves": {"phone": {"rank": 1}}, **settings}}


def centre(*, types, touchpoints=None, groups=None, days=1, start="2026-01-05", interval="30 min", **settings):
    """A whole scenario; everything left out is one agent at one phone around the clock, from a Monday on."""
    return {
        "name": "tiny",
        "calendar": {"start": start, "days": days, "interval": interval},
        "busyness": {"day_cv": 0, "interval_cv": 0, "interval_correlation": 0},
        "contact_types": types,
        "touchpoints": touchpoints or {"phone": phone()},
        "agent_groups": one_agent() if groups is None else groups,
        **settings,
    }


def log_of(*, seed=0, **parts):
    return simulate_by_process(load_scenario(centre(**parts)), seed=seed, replication=0)


def visits(log):
    """Rows in order of offering: (contact, touch, touchpoint, outcome, offered, begin or None, end, agent or None)."""
    t = log.touchpoints
    return [
        (
            int(t.contact[k]),
            int(t.touch[k]),
            log.names["touchpoint"][t.touchpoint[k]],
            OUTCOMES[t.outcome[k]],
            float(t.offered[k]),
            None if np.isnan(t.answered[k]) else float(t.answered[k]),
            None if np.isnan(t.ended[k]) else float(t.ended[k]),
            int(t.agent[k]) if t.agent[k] >= 0 else None,
        )
        for k in range(len(t))
    ]


def told(log, *names):
    """Some of outcome, offered, begin, end, agent of each visit."""
    places = {"contact": 0, "touch": 1, "touchpoint": 2, "outcome": 3, "offered": 4, "begin": 5, "end": 6, "agent": 7}
    return [tuple(visit[places[name]] for name in names) for visit in visits(log)]


def stretches(log):
    """Presence: (group, agent, kind, start, end)."""
    s = log.staffing
    return sorted(
        (log.names["agent_group"][s.agent_group[k]], int(s.agent[k]), PRESENCE[s.kind[k]],
         float(s.start[k]), float(s.end[k]))
        for k in range(len(s))
    )  # fmt: skip
