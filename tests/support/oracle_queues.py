"""Building blocks of the oracle cases: one queue, one desk, plain Poisson arrivals, exponential laws."""

from __future__ import annotations

PLAIN_POISSON = {"day_cv": 0, "interval_cv": 0, "interval_correlation": 0}


def exponential(minutes, longer=1.0):
    return {"law": "exponential", "mean": f"{minutes * 60 * longer!r} s"}


def queue(rates, talk, groups, *, types=None, **phone):
    """One staffed touchpoint; rates a minute by contact type, talk laws (one or one a type)."""
    names = [f"type{k + 1}" for k in range(len(rates))]
    laws = talk if isinstance(talk, list) else [talk] * len(rates)
    touchpoint = {"mechanism": "staffed", "channel": "voice", "talk_time": laws[0], **phone}
    touchpoint["types"] = {
        name: {"talk_time": law, **(types or {}).get(name, {})} for name, law in zip(names, laws, strict=True)
    }
    return {
        "name": "oracle",
        "calendar": {"start": "2026-01-05", "interval": "1 h"},
        "busyness": PLAIN_POISSON,
        "contact_types": {
            name: {"volume": f"{rate * 1440!r} per day", "enters": {"phone": 1}}
            for name, rate in zip(names, rates, strict=True)
        },
        "touchpoints": {"phone": touchpoint},
        "agent_groups": groups,
    }


def desk(agents, **serves):
    return {"desk": {"agents": agents, "serves": {"phone": serves or {"rank": 1}}}}
