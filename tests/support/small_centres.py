"""Small support centres that simulate in milliseconds, as a planner would write them."""

import copy

# Names stand in no alphabetical order on purpose: the order of a scenario is part of it.
SMALL = {
    "name": "Small desk",
    "calendar": {"start": "2026-01-05", "days": 1, "interval": "1 h"},
    "contact_types": {
        "repair": {"volume": "60 per day", "enters": {"phone": 1}},
        "advice": {"volume": "40 per day", "enters": {"portal": 0.5, "phone": 0.5}},
    },
    "touchpoints": {
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "patience": {"law": "exponential", "mean": "4 min"},
            "talk_time": {"law": "lognormal", "mean": "10 min", "cv": 1},
            "after_call_work": "1 min",
            "resolves": "80%",
            "then": {"unresolved": {"recall": {"to": "phone", "share": "50%", "after": "1 h"}}},
        },
        "portal": {
            "mechanism": "automated",
            "channel": "web",
            "duration": "3 min",
            "resolves": "60%",
            "then": {"unresolved": {"calls": {"to": "phone", "share": "70%", "after": "5 min"}}},
        },
    },
    "agent_groups": {"desk": {"agents": 1, "cost": "30 per hour", "serves": {"phone": {"rank": 1}}}},
    "goals": {"answered": {"measure": "wait", "touchpoint": "phone", "at_most": "60 s", "share": "80%"}},
}

# The same as a file, for the command line.
SMALL_YAML = """\
name: Small desk
calendar: {start: 2026-01-05, days: 1, interval: 1 h}
contact_types:
  repair: {volume: 60 per day, enters: {phone: 1}}
  advice: {volume: 40 per day, enters: {portal: 0.5, phone: 0.5}}
touchpoints:
  phone:
    mechanism: staffed
    channel: voice
    patience: {law: exponential, mean: 4 min}
    talk_time: {law: lognormal, mean: 10 min, cv: 1}     # [A] as told by the desk
    after_call_work: 1 min
    resolves: 80%
    then: {unresolved: {recall: {to: phone, share: 50%, after: 1 h}}}
  portal:
    mechanism: automated
    channel: web
    duration: 3 min
    resolves: 60%
    then: {unresolved: {calls: {to: phone, share: 70%, after: 5 min}}}
agent_groups:
  desk: {agents: 1, cost: 30 per hour, serves: {phone: {rank: 1}}}
goals:
  answered: {measure: wait, touchpoint: phone, at_most: 60 s, share: 80%}
"""


def small_centre():
    """A fresh copy of the small desk as a mapping."""
    return copy.deepcopy(SMALL)
