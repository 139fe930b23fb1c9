"""Small generated scenarios over all mechanisms: ties on a lattice, zero durations, empty shifts, nobody present."""

from hypothesis import strategies as st

LATTICE = ("5 min", "60 s", "2 min", "0 s", "20 min")
STARTS = ("2026-01-05", "2026-01-09", "2026-01-11")  # a Monday, a Friday, a Sunday
HOURS = (
    None,
    {"all": "08:00-11:00"},
    None,
    {"all": "08:00-18:00"},
    {"mon-fri": "09:00-12:00, 13:00-17:00", "sat": "10:00-11:00"},
    {"all": "00:00-24:00"},
    {"mon-sat": "06:00-24:00", "sun": "00:00-06:00"},
)
NAMES = ("alpha", "beta", "gamma")
SHARES = (0.5, 1.0, 0.0, 0.3)


@st.composite
def durations(draw, *, lattice):
    """A law of durations: a multiple of a minute, or something with a density."""
    if lattice or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(LATTICE))
    mean = draw(st.sampled_from(("30 s", "5 min", "25 min")))
    return draw(
        st.sampled_from(
            (
                {"law": "exponential", "mean": mean},
                {"law": "lognormal", "mean": mean, "cv": 1.0},
                {"law": "uniform", "low": "0 s", "high": mean},
            )
        )
    )


def clock_times(hour):
    return f"{hour // 60:02d}:{hour % 60:02d}"


@st.composite
def exits(draw, targets, *, lattice, transfer=False, opening=False):
    """One or two ways on, whose shares fit."""
    found = {}
    for name in ("one", "two")[: draw(st.integers(1, 2))]:
        exit_ = {"to": draw(st.sampled_from([*targets, "leave"])), "share": draw(st.sampled_from((0.0, 0.3, 0.5)))}
        kind = draw(st.integers(0, 2))
        if transfer and kind == 0 and exit_["to"] != "leave":
            exit_["transfer"] = "cold"
        elif opening and kind == 1 and exit_["to"] != "leave":
            exit_["after"] = "next_opening"
        else:
            exit_["after"] = draw(durations(lattice=lattice))
        found[name] = exit_
    return found


@st.composite
def contact_types(draw, name, entries, *, lattice, days):
    """Drawn or replayed demand of one contact type."""
    first = draw(st.sampled_from(entries))
    shares = {first: 1.0}
    if len(entries) > 1 and draw(st.booleans()):
        second = draw(st.sampled_from([entry for entry in entries if entry != first]))
        shares = {first: 0.25, second: 0.75}
    if lattice or draw(st.integers(0, 2)) == 0:
        minutes = draw(st.lists(st.integers(7 * 60, days * 1440 - 1), min_size=1, max_size=25))
        # Crowded on purpose: whole minutes of one hour, so that several things happen at one instant.
        at = sorted(60 * (minute if draw(st.booleans()) else 600 + minute % 60) for minute in minutes)
        arrivals = {"at": at}
        if draw(st.booleans()):
            arrivals["talk_time"] = [60 * draw(st.integers(0, 9)) for _ in at]
            arrivals["patience"] = [draw(st.sampled_from((None, 0, 60, 300))) for _ in at]
        return {"arrivals": arrivals, "enters": shares}
    source = {"volume": f"{draw(st.sampled_from((180, 60, 300, 5, 0)))} per day", "enters": shares}
    if draw(st.booleans()):
        source["shape"] = "day"
    if draw(st.booleans()):
        source["weekdays"] = {"sat": 0, "sun": 0.5}
    return source


@st.composite
def staffed(draw, types, targets, *, lattice, deferred):
    """A touchpoint with agents."""
    source = {
        "mechanism": "staffed",
        "channel": "email" if deferred else draw(st.sampled_from(("voice", "chat"))),
        "talk_time": draw(durations(lattice=lattice)),
        "after_call_work": draw(durations(lattice=lattice)),
        "resolves": draw(st.sampled_from(SHARES)),
        "false_resolution": draw(st.sampled_from((0.0, 0.2))),
        "hold": draw(st.sampled_from((0.0, 0.2))),
        "then": {
            "unresolved": draw(exits(targets, lattice=lattice, transfer=True)),
            "falsely_resolved": draw(exits(targets, lattice=lattice)),
            "closed": draw(exits(targets, lattice=lattice, opening=True)),
        },
    }
    hours = draw(st.sampled_from(HOURS))
    if hours is not None:
        source["hours"] = hours
        source["at_closing"] = draw(st.sampled_from(("serve_out", "turn_away")))
    limit = draw(st.integers(0, 11))
    if limit < 4:
        source[("lines", "waiting_room")[limit % 2]] = 1 + limit if limit % 2 == 0 else limit - 1
        source["then"]["blocked"] = draw(exits(targets, lattice=lattice))
    if not deferred:
        if draw(st.integers(0, 2)) == 0:
            law = draw(durations(lattice=lattice))
            law = law if isinstance(law, dict) else {"law": "constant", "value": law}
            source["patience"] = {"at_once": draw(st.sampled_from((0.0, 0.3, 1.0))), **law}
        source["then"]["abandoned"] = draw(exits(targets, lattice=lattice))
    else:
        source["deferred"] = True
    if draw(st.booleans()):
        own = {"resolves": draw(st.sampled_from(SHARES)), "talk_time": draw(durations(lattice=lattice))}
        source["types"] = {draw(st.sampled_from(types)): own}
    return source


@st.composite
def agent_groups(draw, types, touchpoints, *, everything, per_day):
    """A group with one of the three kinds of plan; the first group serves everything so that nothing is unserved."""
    serves = {}
    for touchpoint in touchpoints:
        if not everything and draw(st.booleans()):
            continue
        terms = {"rank": draw(st.integers(1, 3)), "handle_time": draw(st.sampled_from((1.0, 2.0)))}
        if draw(st.booleans()):
            terms["chosen"] = draw(st.integers(1, 2))
        by_type = draw(st.booleans())
        chosen = types if everything else draw(st.lists(st.sampled_from(types), min_size=1, unique=True))
        serves[touchpoint] = {t: {**terms, "rank": draw(st.integers(1, 3))} for t in chosen} if by_type else terms
    source = {"serves": serves or {touchpoints[0]: {"rank": 1}}, "speed_spread": draw(st.sampled_from((0.0, 0.2)))}
    kind = draw(st.integers(0, 3))
    if kind == 0:
        source["shifts"] = {
            name: {
                "days": draw(st.sampled_from(("all", "mon-fri", "sat, sun"))),
                "start": clock_times(begin := 30 * draw(st.integers(0, 40))),
                "end": clock_times(begin + 30 * draw(st.integers(1, (1440 - begin) // 30))),
                "agents": draw(st.sampled_from((1, 2, 0))),
            }
            for name in NAMES[: draw(st.integers(1, 3))]
        }
    elif kind == 1:
        counts = st.lists(st.sampled_from((1, 2, 3, 0)), min_size=per_day, max_size=per_day)
        source["by_interval"] = {"all": draw(counts), **({"sat": draw(counts)} if draw(st.booleans()) else {})}
    else:
        source["agents"] = draw(st.sampled_from((1, 2, 3, 0)))
        hours = draw(st.sampled_from(HOURS))
        if hours is not None:
            source["hours"] = hours
    if draw(st.booleans()):
        source["counts"] = draw(st.sampled_from(("scheduled", "net")))
        source["shrinkage"] = {
            "planned": draw(st.sampled_from((0.0, 0.4))),
            "unplanned": draw(st.sampled_from((0.0, 0.5))),
        }
    return source


@st.composite
def scenarios(draw):
    """A scenario as a mapping."""
    lattice, days = draw(st.booleans()), draw(st.integers(1, 3))
    types = list(NAMES[: draw(st.integers(1, 3))])
    people = ["phone", *draw(st.lists(st.sampled_from(("second", "mail")), unique=True))]
    bots = ["bot"] if draw(st.booleans()) else []
    everywhere = [*people, *bots]
    step = draw(st.sampled_from((60, 120, 360)))
    touchpoints = {name: draw(staffed(types, everywhere, lattice=lattice, deferred=name == "mail")) for name in people}
    for name in bots:
        touchpoints[name] = {
            "mechanism": "automated",
            "channel": "bot",
            "duration": draw(durations(lattice=lattice)),
            "resolves": draw(st.sampled_from(SHARES)),
            "then": {"unresolved": draw(exits(people, lattice=lattice, transfer=True))},
        }
    demand = {name: draw(contact_types(name, everywhere, lattice=lattice, days=days)) for name in types}
    source = {
        "name": "generated",
        "calendar": {"start": draw(st.sampled_from(STARTS)), "days": days, "interval": f"{step} min"},
        "gives_up_after": draw(st.integers(1, 6)),
        "shapes": {"day": {"from": "08:00", "every": "1 h", "values": [1, 4, 9, 4, 0, 2, 2, 2, 1]}},
        "contact_types": demand,
        "touchpoints": touchpoints,
        "agent_groups": {
            f"group{k}": draw(agent_groups(types, people, everything=k == 0, per_day=1440 // step))
            for k in range(draw(st.integers(1, 3)))
        },
    }
    if draw(st.booleans()):
        source["busyness"] = {"day_cv": 0, "interval_cv": 0, "interval_correlation": 0}
    if draw(st.booleans()):
        source["customers"] = {"population": draw(st.integers(1, 20)),
                               "segments": {"big": {"share": 0.2}, "small": {"share": 0.8}}}  # fmt: skip
    drawn = [name for name, part in demand.items() if "volume" in part]
    if drawn and draw(st.booleans()):
        source["surges"] = {"outage": {"type": drawn[0], "start": "day 1 09:10", "lasts": "100 min", "factor": 3}}
    return source


def seeds():
    """Seed 0 is a seed."""
    return st.integers(0, 2**40)
