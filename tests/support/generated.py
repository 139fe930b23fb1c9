"""Small generated scenarios over all mechanisms: ties on a lattice, zero durations, empty shifts, nobody present."""

from hypothesis import strategies as st

from cxsim.scenario.load import load_scenario
from cxsim.scenario.schema_staff import agent_numbers
from support.generated_parts import NAMES, SHARES, durations, exits, staffed
from support.generated_staff import agent_groups

STARTS = ("2026-01-05", "2026-01-09", "2026-01-11")  # a Monday, a Friday, a Sunday
# What a scenario may have or not have; policies are drawn apart, since one of them always holds.
SWITCHES = (
    "again", "ageing", "announcement", "balking", "batch", "breaks", "callback", "chaser", "concurrency", "dial",
    "drop", "front", "hand_over", "interruptible", "lateness", "learning", "levels", "overflow", "policies",
    "preferred_agent", "promise", "replay", "reserve", "ring_time", "shared_lines", "slowdown", "specialist_first",
    "tenure", "unavailable", "warm",
)  # fmt: skip
NEEDS = {"balking": "announcement", "callback": "announcement", "chaser": "promise", "slowdown": "concurrency",
         "learning": "tenure"}  # fmt: skip
AGENT_POLICIES = ("longest_idle", "least_occupied", "fastest", "best_at_resolving", "random")
CONTACT_POLICIES = ("longest_wait", "weighted_wait", "earliest_promise", "longest_queue", "highest_value",
                    "resolution_aware", "random", "score")  # fmt: skip


@st.composite
def wishes(draw):
    """Mechanisms wanted in a scenario: one or two alone, some, many, or all."""
    kind = draw(st.integers(0, 5))
    if kind == 5:
        return frozenset(SWITCHES)
    if kind < 2:
        found = set(draw(st.lists(st.sampled_from(SWITCHES), min_size=1, max_size=2)))
    else:
        found = {"policies", *(name for name in SWITCHES if draw(st.integers(0, 9)) < 2 * kind - 1)}
    return frozenset(found | {NEEDS[name] for name in found if name in NEEDS})


@st.composite
def contact_types(draw, entries, *, lattice, days, wanted):
    """Drawn or replayed demand of one contact type."""
    first = draw(st.sampled_from(entries))
    shares = {first: 1.0}
    if len(entries) > 1 and draw(st.booleans()):
        second = draw(st.sampled_from([entry for entry in entries if entry != first]))
        shares = {first: 0.25, second: 0.75}
    batch = "batch" in wanted and draw(st.integers(0, 3)) > 0
    if not batch and (lattice or draw(st.integers(0, 2)) == 0):
        least, times = (6, draw(st.integers(1, 3))) if "busy" in wanted else (1, 1)
        minutes = draw(st.lists(st.integers(7 * 60, days * 1440 - 1), min_size=least, max_size=25)) * times
        # Crowded on purpose: whole minutes of one hour, or about midnight; several things happen at one instant.
        crowded = draw(st.sampled_from((600, 1410))) if days > 1 else 600
        at = sorted(60 * (minute if draw(st.booleans()) else crowded + minute % 60) for minute in minutes)
        arrivals = {"at": at}
        if "replay" in wanted or draw(st.booleans()):
            arrivals["talk_time"] = [draw(st.sampled_from((None, 0, 60, 120, 300, 540))) for _ in at]
            arrivals["patience"] = [draw(st.sampled_from((None, 0, 60, 300))) for _ in at]
        if "replay" in wanted:
            arrivals["after_call_work"] = [draw(st.sampled_from((60, 0, None, 300))) for _ in at]
        return {"arrivals": arrivals, "enters": shares}
    volume = draw(st.sampled_from((180, 100, 300) if "busy" in wanted else (180, 60, 300, 5, 0)))
    source = {"volume": f"{volume} per day", "enters": shares}
    if batch:
        source["batch"] = draw(st.sampled_from(({2: 0.3, 5: 0.2}, {3: 1.0}, {40: 0.1}, {2: 0.5})))
    if draw(st.booleans()):
        source["shape"] = "day"
    if draw(st.booleans()):
        source["weekdays"] = {"sat": 0.2 if "busy" in wanted else 0, "sun": 0.5}
    return source


@st.composite
def routings(draw, *, wanted):
    """Policies of the two questions."""
    source = {}
    if "policies" in wanted:
        source = {"agent": draw(st.sampled_from(AGENT_POLICIES)), "contact": draw(st.sampled_from(CONTACT_POLICIES))}
        if source["contact"] == "score":
            weights = {"wait": (1.0, 0.0, -1.0), "rank": (-60, 0, 30), "transferred": (120, 0), "weight": (100, 0)}
            source["score"] = {name: draw(st.sampled_from(values)) for name, values in weights.items()}
    return source | {name: True for name in ("preferred_agent", "specialist_first") if name in wanted}


@st.composite
def scenarios(draw, *, wanted=None, snapshots=True):
    """A scenario as a mapping; with what is wanted of `SWITCHES`, or whatever is drawn."""
    lattice, days = draw(st.booleans()), draw(st.integers(1, 3))
    wanted = draw(wishes()) if wanted is None else wanted
    # Most scenarios are crowded, in some next to nothing happens.
    wanted |= {"busy"} if draw(st.integers(0, 3)) > 0 else set()
    types = list(NAMES[: draw(st.integers(1, 3))])
    people = ["phone", *draw(st.lists(st.sampled_from(("second", "mail")), unique=True))]
    if {"interruptible", "promise"} & wanted and "mail" not in people:
        people.append("mail")
    if "dial" in wanted:
        people.append("calls")
    bots = ["bot"] if draw(st.booleans()) else []
    everywhere = [*people, *bots]
    step = draw(st.sampled_from((60, 120, 360)))
    touchpoints = {
        name: draw(staffed(types, everywhere, people, lattice=lattice, name=name, wanted=wanted)) for name in people
    }
    groups = {
        f"group{k}": draw(
            agent_groups(
                types,
                dict(touchpoints),
                everything=k == 0,
                per_day=1440 // step,
                wanted=wanted,
                ordered="specialist_first" not in wanted,
                lattice=lattice,
            )
        )
        for k in range(draw(st.integers(1, 3)))
    }
    for name in bots:
        touchpoints[name] = {
            "mechanism": "automated",
            "channel": "bot",
            "duration": draw(durations(lattice=lattice)),
            "resolves": draw(st.sampled_from(SHARES)),
            "then": {"unresolved": draw(exits(people, lattice=lattice, wanted=wanted, transfers=("cold",)))},
        }
    source = {
        "name": "generated",
        "calendar": {"start": draw(st.sampled_from(STARTS)), "days": days, "interval": f"{step} min"},
        "gives_up_after": draw(st.integers(1, 6)),
        "shapes": {"day": {"from": "08:00", "every": "1 h", "values": [1, 4, 9, 4, 0, 2, 2, 2, 1]}},
        "contact_types": {
            name: draw(contact_types(everywhere, lattice=lattice, days=days, wanted=wanted)) for name in types
        },
        "touchpoints": touchpoints,
        "agent_groups": groups,
    }
    routing = draw(routings(wanted=wanted))
    if routing:
        source["routing"] = routing
    source |= draw(surroundings(source, people, wanted=wanted))
    if snapshots and draw(st.integers(0, 4)) == 0:
        source["snapshot"] = draw(snapshot(source, people))
    return source


@st.composite
def surroundings(draw, scenario, people, *, wanted):
    """Busyness, customers, surges, shared lines."""
    source = {}
    if draw(st.booleans()):
        source["busyness"] = {"day_cv": 0, "interval_cv": 0, "interval_correlation": 0}
    if draw(st.booleans()):
        margin = {"margin": "60 per month"} if draw(st.booleans()) else {}
        source["customers"] = {"population": draw(st.integers(1, 20)),
                               "segments": {"big": {"share": 0.2, **margin}, "small": {"share": 0.8}}}  # fmt: skip
    drawn = [name for name, part in scenario["contact_types"].items() if "volume" in part]
    if drawn and draw(st.booleans()):
        source["surges"] = {"outage": {"type": drawn[0], "start": "day 1 09:10", "lasts": "100 min", "factor": 3}}
    if "shared_lines" in wanted:
        shared = st.lists(st.sampled_from(people), min_size=1, unique=True)
        source["shared_lines"] = {
            name: {
                "touchpoints": draw(shared),
                "lines": draw(st.sampled_from((8, 4) if "busy" in wanted else (2, 1, 4))),
            }
            for name in ("trunk", "branch")[: draw(st.integers(1, 2))]
        }
    return source


@st.composite
def snapshot(draw, scenario, people):
    """A running day to start from: some contacts that wait, some in hand of agents who are not yet full."""
    types, groups = list(scenario["contact_types"]), load_scenario(scenario).model.agent_groups
    ages = st.sampled_from(("60 s", "0 s", "5 min", "1 h", "97 s"))
    source = {"at": f"day 1 {draw(st.sampled_from(('10:00', '11:07', '00:00', '18:30')))}", "waiting": {}, "busy": {}}
    for name in NAMES[: draw(st.integers(0, 3))]:
        entry = {"type": draw(st.sampled_from(types)), "touchpoint": draw(st.sampled_from(people))}
        source["waiting"][name] = {**entry, "waited": draw(ages), "n": draw(st.integers(1, 3))}
    # The first group serves everything.
    known = [number for span in agent_numbers(groups["group0"]) for number in span]
    for name, agent in zip(NAMES, draw(st.lists(st.sampled_from(known or [0]), unique=True, max_size=3)), strict=False):
        # How far a call of the centre is cannot be said.
        there = [place for place in people if place != "calls"]
        entry = {"type": draw(st.sampled_from(types)), "touchpoint": draw(st.sampled_from(there))}
        if known:
            source["busy"][name] = {"group": "group0", "agent": agent, **entry, "since": draw(ages)}
    return source


def seeds():
    """Seed 0 is a seed."""
    return st.integers(0, 2**40)
