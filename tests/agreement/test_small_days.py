"""Both engines write the same log on small days made by hand, each around a few mechanisms: seconds without a compiler.

What a fault in one engine alone breaks is seen here first; generated scenarios go further.
"""

import pytest
from support.mechanisms_of import MECHANISMS, mechanisms_of
from support.tiny import HOUR, calls, centre, phone

from cxsim.engines.kernel import loop
from cxsim.engines.kernel.run import Kernel
from cxsim.engines.process import simulate_by_process
from cxsim.scenario.load import load_scenario

MIXED = {"law": "exponential", "mean": "9 min"}
SOON = {"law": "exponential", "mean": "6 min"}


def drawn(volume, **enters):
    """Arrivals between instants."""
    return {"volume": f"{volume} per day", "enters": enters or {"phone": 1}}


def on_the_minute(*, each, every=240, hours=4, talk=(60, 300, 120, 0, 600), **settings):
    """So many calls each few minutes, all lengths whole minutes: everything happens at once."""
    at = [HOUR + every * turn for turn in range(round(hours * HOUR / every)) for _ in range(each)]
    return calls(*at, talk=[talk[k % len(talk)] for k in range(len(at))], wrap=60, **settings)


def group(agents, *, spread=0.0, **serves):
    return {"agents": agents, "serves": serves, "speed_spread": spread}


def levels(*counts):
    """Head counts by half hour, over and over."""
    return {"by_interval": {"all": [counts[k % len(counts)] for k in range(48)]}}


def shift(start, end, agents=1, **breaks):
    return {"days": "all", "start": start, "end": end, "agents": agents,
            "breaks": {name: {"at": at, "lasts": lasts} for name, (at, lasts) in breaks.items()}}  # fmt: skip


AGAIN = {"again": {"to": "phone", "share": 0.7, "after": "20 min"}}
UP = {"up": {"to": "second", "share": 0.6, "transfer": "cold"}, "again": {"to": "phone", "share": 0.3, "after": "1 h"}}
LOST = {"abandoned": AGAIN, "blocked": AGAIN, "closed": {"later": {"to": "phone", "after": "next_opening"}}}


def plain():
    """Nothing special: ranks, patience, lines, transfers, further contacts, head counts and a bot."""
    bot = {"mechanism": "automated", "channel": "bot", "duration": "2 min", "resolves": 0.3,
           "then": {"unresolved": {"on": {"to": "phone", "share": 0.9, "transfer": "cold"}}}}  # fmt: skip
    return centre(
        types={
            "even": on_the_minute(each=3, patience=[None, 120, 600, 60, None] * 36),
            "odd": drawn(150, phone=0.6, bot=0.4),
            "more": on_the_minute(each=2, enters="bot", every=360),
        },
        touchpoints={
            "phone": phone(talk_time=MIXED, after_call_work="1 min", patience=SOON, lines=9, hold=0.2, resolves=0.5,
                           false_resolution=0.3, hours={"all": "00:30-12:00, 13:00-23:00"}, at_closing="turn_away",
                           then={"unresolved": UP, "falsely_resolved": AGAIN, **LOST}),
            "second": phone(talk_time="4 min", after_call_work=MIXED, waiting_room=4, patience="10 min",
                            then={"abandoned": AGAIN, "blocked": AGAIN}),
            "bot": bot,
        },
        groups={
            "desk": {**levels(2, 3, 1, 2), "serves": {"phone": {"odd": {"rank": 1}, "even": {"rank": 2},
                                                                "more": {"rank": 1}},
                                                      "second": {"rank": 3, "handle_time": 1.5}}},
            "late": {"shifts": {"one": shift("00:00", "02:30", 2), "two": shift("03:00", "20:00")}, "speed_spread": 0.2,
                     "serves": {"phone": {"rank": 1, "chosen": 2}, "second": {"rank": 1}}},
        },
        gives_up_after=4,
    )  # fmt: skip


def falling():
    """Nothing special either, but levels that fall again and again while calls last long."""
    touchpoints = {"phone": phone(talk_time={"law": "exponential", "mean": "100 min"}, patience="20 min")}
    groups = {"desk": {**levels(8, 8, 5, 2, 0, 8), "serves": {"phone": {"rank": 1}}}}
    return centre(types={"a": drawn(130), "b": calls(*range(0, 80_000, 1700))}, touchpoints=touchpoints, groups=groups)


def chats():
    """Several in hand at once, slower the more there are."""
    touchpoints = {
        "phone": phone(concurrency=3, slowdown={2: 1.18, 3: 1.5}, after_call_work="1 min", patience="12 min"),
        "message": phone(concurrency=2, slowdown={2: 2}, channel="chat", talk_time=MIXED, resolves=0.5,
                         then={"unresolved": {"up": {"to": "phone", "transfer": "warm", "position": "front"}}}),
        "voice": phone(talk_time="5 min"),
    }  # fmt: skip
    served = {name: {"rank": 1} for name in touchpoints}
    types = {"a": on_the_minute(each=4), "b": drawn(120, message=0.7, voice=0.3),
             "c": on_the_minute(each=2, enters="message")}  # fmt: skip
    groups = {"all": {**levels(2, 1, 3, 1), "mixes": "all", "serves": served},
              "same": {**levels(1, 2), "mixes": "touchpoint", "serves": served}}  # fmt: skip
    return centre(types=types, touchpoints=touchpoints, groups=groups, routing={"agent": "least_occupied"})


def overflows():
    """Delays before further groups, agents kept back, ranks that age, a score."""
    ageing = {"rank": 3, "ageing": {"4 min": 2, "10 min": 1}}
    types = {"a": on_the_minute(each=3), "b": drawn(140, second=1), "c": on_the_minute(each=1, enters="second")}
    return centre(
        types=types,
        touchpoints={"phone": phone(weight=2), "second": phone(talk_time=MIXED, patience=SOON)},
        groups={
            "own": group(2, phone={"rank": 2}, second=ageing),
            "kept": group(3, phone={"rank": 1, "reserve": 1}, second={"rank": 1, "chosen": 2, "after": "2 min"}),
            "spare": group(1, phone={"rank": 1, "after": "97 s"}, second={"rank": 2, "after": "10 min"}),
        },
    )


def scored():
    """`overflows`, with contacts by score and agents by speed."""
    score = {"wait": 1.0, "rank": -60, "transferred": 120, "weight": 100}
    source = overflows()
    source["touchpoints"]["phone"] |= {"resolves": 0.5, "then": {"unresolved": {"up": {
        "to": "second", "transfer": "cold", "share": 0.8}}}}  # fmt: skip
    return source | {"routing": {"agent": "fastest", "contact": "score", "score": score}}


def announced():
    """Waits told: some balk, some are called back, not all of them answer; lines shared."""
    told = {"balks": {"6 min": 0.3, "15 min": 0.8}, "callback": {"from": "4 min", "share": 0.7, "answers": 0.6}}
    touchpoints = {
        "phone": phone(talk_time=MIXED, patience=SOON, announcement=told, ring_time="10 s",
                       then={"balked": AGAIN, "abandoned": AGAIN, "blocked": AGAIN}),
        "second": phone(talk_time="3 min", patience="10 min", announcement={"callback": told["callback"]}),
    }  # fmt: skip
    return centre(
        types={"a": drawn(300), "b": on_the_minute(each=3, enters="second")},
        touchpoints=touchpoints,
        groups={"one": group(2, phone={"rank": 1}, second={"rank": 1}),
                "two": {**levels(0, 1), "serves": {"phone": {"rank": 1, "after": "3 min", "chosen": 2}}}},
        shared_lines={"trunk": {"touchpoints": ["phone", "second"], "lines": 8}},
    )  # fmt: skip


def rung():
    """Ringing, warm transfers, places at the front; ends of patience and of ringing at the same instants."""
    up = {"up": {"to": "second", "share": 0.7, "transfer": "warm", "position": "front"}}
    touchpoints = {
        "phone": phone(ring_time="60 s", resolves=0.4, after_call_work="1 min", then={"unresolved": up, **LOST}),
        "second": phone(talk_time=MIXED, patience="20 min", ring_time="30 s", lines=12),
    }  # fmt: skip
    types = {"a": on_the_minute(each=3, patience=[60, None, 120, 300, 0] * 36), "b": drawn(250, phone=0.3, second=0.7)}
    groups = {"one": {**levels(3, 1), "serves": {"phone": {"rank": 1}}},
              "two": group(2, second={"rank": 1}, phone={"rank": 2, "chosen": 2})}  # fmt: skip
    return centre(types=types, touchpoints=touchpoints, groups=groups)


def tickets():
    """Work laid aside for calls, in talk and after it; promises and those who ask."""
    mail = phone(channel="email", deferred=True, interruptible=True, talk_time=MIXED, after_call_work="5 min",
                 hold=0.2, promise="30 min", chaser={"to": "phone", "share": 0.4})  # fmt: skip
    types = {"ticket": drawn(130, mail=1), "tie": on_the_minute(each=2, enters="mail", every=600, hours=10),
             "call": on_the_minute(each=2, every=360, hours=8)}  # fmt: skip
    own = {"ticket": {"rank": 2}, "tie": {"rank": 1}}
    return centre(
        types=types,
        touchpoints={"phone": phone(patience="5 min"), "mail": mail},
        groups={"both": {**levels(2, 2, 1), "serves": {"phone": {"rank": 1}, "mail": own}, "speed_spread": 0.2},
                "more": group(1, phone={"rank": 1}, mail={"rank": 2}),
                "calm": {**levels(0, 0, 0, 1), "serves": {"mail": {"rank": 1}}}},
        routing={"contact": "earliest_promise"},
    )  # fmt: skip


def at_the_end(rule):
    """Shifts and levels that end with work in hand."""
    up = {
        "up": {"to": "chat", "transfer": "warm", "share": 0.5},
        "again": {"to": "phone", "share": 0.4, "after": "1 h"},
    }
    touchpoints = {
        "phone": phone(talk_time=MIXED, after_call_work="4 min", ring_time="30 s", patience=SOON, resolves=0.6,
                       hold=0.2, then={"unresolved": up}),
        "chat": phone(concurrency=2, slowdown={2: 1.5}, talk_time=MIXED, channel="chat"),
    }  # fmt: skip
    served = {"phone": {"rank": 1}, "chat": {"rank": 2}}
    plans = {"early": shift("00:00", "04:00", 2), "late": shift("04:00", "09:00", 2), "last": shift("08:30", "24:00")}
    groups = {"shifts": {"shifts": plans, "serves": served, "at_shift_end": rule},
              "levels": {**levels(2, 1, 0), "serves": served, "at_shift_end": rule, "mixes": "all"}}  # fmt: skip
    types = {"a": drawn(160), "b": on_the_minute(each=2, enters="chat", hours=10)}
    return centre(types=types, touchpoints=touchpoints, groups=groups, gives_up_after=3)


def rests(rule):
    """Breaks, agents who come late, agents who are away after a contact."""
    plans = {"early": shift("00:00", "05:00", 3, tea=("02:00", "10 min"), lunch=("02:20", "30 min")),
             "late": shift("04:00", "12:00", 2, tea=("06:00", "20 min")), "night": shift("12:00", "24:00")}  # fmt: skip
    desk = {"shifts": plans, "late_breaks": rule, "lateness": {"share": 0.4, "by": SOON}, "serves": {
            "phone": {"rank": 1}, "second": {"rank": 2}}, "unavailable": {"share": 0.3, "lasts": "4 min"}}  # fmt: skip
    away = {**levels(2, 1), "serves": {"second": {"rank": 1}}, "unavailable": {"share": 0.5, "lasts": MIXED},
            "counts": "scheduled", "shrinkage": {"planned": 0.2, "unplanned": 0.3}}  # fmt: skip
    types = {"a": on_the_minute(each=2, hours=8), "b": drawn(160, second=1)}
    touchpoints = {"phone": phone(concurrency=2), "second": phone(talk_time=MIXED, patience=SOON)}
    return centre(types=types, touchpoints=touchpoints, groups={"desk": desk, "away": away}, days=2)


def people():
    """Agents who learn and differ, customers who come back to the one they know, further contacts of a case."""
    learning = {"handle_time": 1.5, "resolution": -0.6, "halves_every": "12 h"}
    new = {"tenure": SOON, "learning": learning, "resolution_spread": 0.6, "speed_spread": 0.3}
    touchpoints = {
        "phone": phone(talk_time=MIXED, resolves=0.5, again={"handle_time": 1.3, "resolution": -0.4},
                       then={"unresolved": AGAIN}),
        "second": phone(talk_time="5 min", resolves=0.3, concurrency=2,
                        then={"unresolved": {"again": {**AGAIN["again"], "to": "second"}}}),
    }  # fmt: skip
    groups = {
        "new": {**levels(2, 3), "serves": {"phone": {"rank": 1, "level": 2, "resolution": 0.3}}, **new},
        "old": {**group(2, spread=0.2, phone={"rank": 2}, second={"rank": 1}), "resolution_spread": 0.4},
    }
    customers = {"population": 40, "segments": {"big": {"share": 0.3, "margin": "60 per month"},
                                                "small": {"share": 0.7, "margin": "5 per month"}}}  # fmt: skip
    return centre(
        types={"a": drawn(200), "b": on_the_minute(each=1, enters="second")},
        touchpoints=touchpoints, groups=groups, customers=customers, gives_up_after=4,
        routing={"preferred_agent": True, "specialist_first": True, "contact": "highest_value",
                 "agent": "best_at_resolving"},
    )  # fmt: skip


def by_chance():
    """Batches, and both questions answered at random."""
    touchpoints = {"phone": phone(talk_time=SOON, waiting_room=6), "second": phone(), "third": phone(patience=SOON)}
    types = {"a": {**drawn(200, phone=0.4, second=0.6), "batch": {2: 0.3, 5: 0.2}},
             "b": on_the_minute(each=3, enters="third")}  # fmt: skip
    served = {name: {"rank": 1} for name in touchpoints}
    return centre(
        types=types,
        touchpoints=touchpoints,
        groups={"one": group(1, **served), "two": {**levels(1, 2, 0), "serves": served}},
        routing={"agent": "random", "contact": "random"},
    )


def queues_by(policy):
    """`by_chance`, with contacts by another policy."""
    source = by_chance()
    source["touchpoints"]["second"] |= {"weight": 3, "resolves": 0.4}
    return source | {"routing": {"contact": policy}}


def begun():
    """A run that begins with contacts that wait and contacts in hand."""
    waits = {"type": "call", "touchpoint": "phone"}
    snapshot = {
        "at": "day 1 09:10",
        "waiting": {"long": {**waits, "waited": "5 min", "n": 4}, "short": {**waits, "waited": "20 s", "n": 3},
                    "mail": {"type": "ticket", "touchpoint": "mail", "waited": "50 min", "n": 2}},
        "busy": {f"b{k}": {**waits, "group": "desk", "agent": k // 2, "since": f"{k} min"} for k in range(4)},
    }  # fmt: skip
    touchpoints = {
        "phone": phone(talk_time=MIXED, patience=SOON, concurrency=2, slowdown={2: 1.5}, hold=0.2),
        "mail": phone(channel="email", deferred=True, promise="20 min", chaser={"to": "phone", "share": 0.5}),
    }
    plans = {"early": shift("06:00", "10:00", 3, tea=("09:00", "15 min")), "late": shift("09:30", "20:00", 2)}
    groups = {
        "desk": {"shifts": plans, "serves": {"phone": {"rank": 1}, "mail": {"rank": 2}}, "speed_spread": 0.2},
        "spare": {**group(1, phone={"rank": 1, "after": "3 min"}), "hours": {"all": "09:00-18:00"}},
    }
    types = {"call": drawn(200), "ticket": drawn(40, mail=1)}
    return centre(types=types, touchpoints=touchpoints, groups=groups, snapshot=snapshot)


def campaign():
    """The centre calls: read and dialled, dialled at once, again after a while, handed over or dropped at the end."""
    missed = {"again": {"to": "renewals", "share": 0.8, "after": "40 min"}, "calls": {"to": "phone", "share": 0.2}}
    dial = {"mode": "preview", "preview": MIXED, "reached": 0.4, "rings": "10 s", "no_answer": SOON, "attempts": 4}
    at_once = {"mode": "progressive", "reached": 0.6, "rings": "1 min", "no_answer": "2 min"}
    return centre(
        types={
            "even": on_the_minute(each=2),
            "renewal": {**drawn(200, renewals=1), "batch": {3: 0.2}},
            "survey": drawn(120, survey=0.5, mail=0.5),
        },
        touchpoints={
            "phone": phone(talk_time=MIXED, after_call_work="1 min", patience=SOON,
                           then={"unresolved": {"later": {"to": "renewals", "share": 0.5, "after": "1 h"}}}),
            "renewals": phone(talk_time=SOON, after_call_work="1 min", hold=0.2, resolves=0.5, dial=dial,
                              promise="6 h", chaser={"to": "phone", "share": 0.4}, then={"unreached": missed}),
            "survey": phone(talk_time="3 min", dial=at_once, then={"unreached": missed}),
            "mail": phone(talk_time="25 min", deferred=True, interruptible=True),
        },
        groups={
            "desk": {"shifts": {"one": shift("01:00", "03:10", 3), "two": shift("05:00", "20:00", 2)},
                     "at_shift_end": "hand_over", "speed_spread": 0.2,
                     "serves": {"phone": {"rank": 1}, "renewals": {"rank": 2, "reserve": 1}, "survey": {"rank": 2},
                                "mail": {"rank": 3}}},
            "late": {"shifts": {"one": shift("02:00", "02:31", 2), "two": shift("06:00", "09:13", 2)},
                     "at_shift_end": "drop", "serves": {"renewals": {"rank": 1}, "survey": {"rank": 2},
                                                          "mail": {"rank": 3}}},
        },
    )  # fmt: skip


DAYS = {
    "plain": plain(), "falling": falling(), "chats": chats(), "overflows": overflows(), "scored": scored(),
    "announced": announced(), "rung": rung(), "tickets": tickets(),
    "handed_over": at_the_end("hand_over"), "dropped": at_the_end("drop"),
    "full_rests": rests("full"), "timely_rests": rests("on_time"), "people": people(), "by_chance": by_chance(),
    "begun": begun(), "campaign": campaign(),
    **{f"by_{policy}": queues_by(policy) for policy in ("longest_queue", "resolution_aware", "weighted_wait")},
}  # fmt: skip


@pytest.mark.parametrize("name", DAYS)
def test_both_engines_write_the_same_log_of_a_small_day(name):
    scenario = load_scenario(DAYS[name])
    readable, kernel = simulate_by_process(scenario, seed=4, replication=0), Kernel(scenario, seed=4, replication=0)
    compiled = kernel.run()
    assert len(readable.touchpoints) > 100
    assert (kernel.loop is not loop) == (name in ("plain", "falling"))
    for table in ("touchpoints", "staffing", "agents", "customers"):
        for column, values in getattr(readable, table).columns.items():
            assert values.tobytes() == getattr(compiled, table).columns[column].tobytes(), f"{table}.{column}"
    assert readable == compiled


def test_small_days_have_every_mechanism_but_few():
    found = set().union(*(mechanisms_of(source) for source in DAYS.values()))
    rare = {"patience at once", "serve out at closing", "surge", "types differ", "mixes none"}
    assert set(MECHANISMS) - found <= rare
