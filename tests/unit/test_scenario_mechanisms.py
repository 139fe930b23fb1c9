"""What mechanisms may not say: each contradiction is refused in one line that names its place, all of them together."""

import copy

import pytest
from support.tiny import phone

from cxsim.errors import ScenarioError
from cxsim.scenario.load import json_schema, load_scenario

GOOD = {
    "name": "a centre with everything near",
    "calendar": {"start": "2026-01-05", "days": 2},
    "contact_types": {"call": {"volume": "100 per day", "enters": {"phone": 0.4, "chat": 0.4, "ticket": 0.2}}},
    "touchpoints": {
        "phone": phone(),
        "chat": {"mechanism": "staffed", "channel": "chat", "talk_time": "5 min", "concurrency": 3},
        "ticket": {"mechanism": "staffed", "channel": "email", "deferred": True, "talk_time": "9 min"},
        "bot": {"mechanism": "automated", "channel": "bot", "duration": "1 min"},
    },
    "agent_groups": {
        "desk": {"agents": 3, "serves": {"phone": {"rank": 1}}},
        "mixed": {
            "shifts": {"early": {"days": "all", "start": "08:00", "end": "16:00", "agents": 2}},
            "serves": {"chat": {"rank": 1}, "ticket": {"rank": 2}},
        },
    },
    "snapshot": {"at": "day 1 11:00"},
}
WAITING = {"type": "call", "touchpoint": "phone", "waited": "5 min", "n": 3}
BUSY = {"group": "desk", "agent": 2, "type": "call", "touchpoint": "phone", "since": "4 min"}


def with_values(values):
    """The good scenario with values put in at paths."""
    given = copy.deepcopy(GOOD)
    for path, value in values.items():
        at = given
        *way, last = path.split(".")
        for key in way:
            at = at.setdefault(key, {})
        at[last] = value
    return given


def problems(values):
    with pytest.raises(ScenarioError) as raised:
        load_scenario(with_values(values))
    return raised.value.problems


def test_the_good_centre_is_good():
    assert load_scenario(GOOD).model.touchpoints["chat"].concurrency == 3


FINE = {
    "touchpoints.chat.slowdown": {2: 1.18, 3: 1.35},
    "touchpoints.chat.announcement": {
        "balks": {"1 min": "10%", "5 min": "40%"},
        "callback": {"from": "2 min", "share": "30%", "answers": "90%"},
    },
    "touchpoints.chat.types": {"call": {"concurrency": 2, "slowdown": {2: 1.1}, "weight": 2}},
    "touchpoints.phone.ring_time": {"law": "uniform", "low": "2 s", "high": "9 s"},
    "touchpoints.phone.announcement": {},
    "touchpoints.phone.again": {"handle_time": 1.1, "resolution": -0.2},
    "touchpoints.phone.then": {
        "unresolved": {"up": {"to": "chat", "transfer": "warm", "position": "front"}},
        "balked": {"later": {"to": "phone", "share": 0.5, "after": "1 h"}},
    },
    "touchpoints.ticket.promise": "4 h",
    "touchpoints.ticket.chaser": {"to": "phone", "share": "20%"},
    "touchpoints.ticket.interruptible": True,
    "contact_types.call.batch": {2: "30%", 5: "10%"},
    "shared_lines": {"main": {"touchpoints": ["phone", "chat"], "lines": 60}},
    "agent_groups.desk.serves": {"phone": {"after": "60 s", "reserve": 1, "ageing": {"5 min": 2, "20 min": 1}}},
    "agent_groups.desk.unavailable": {"share": "5%", "lasts": {"law": "exponential", "mean": "3 min"}},
    "agent_groups.desk.tenure": {"law": "gamma", "mean": "400 d", "cv": 1},
    "agent_groups.desk.learning": {"handle_time": 1.5, "resolution": -0.6, "halves_every": "30 d"},
    "agent_groups.desk.at_shift_end": "hand_over",
    "agent_groups.mixed.mixes": "all",
    "agent_groups.mixed.late_breaks": "on_time",
    "agent_groups.mixed.lateness": {"share": "15%", "by": "10 min"},
    "agent_groups.mixed.shifts.early.breaks": {"lunch": {"at": "12:00", "lasts": "30 min"}},
    "routing": {
        "agent": "least_occupied",
        "contact": "score",
        "score": {"wait": 1.0, "rank": -60, "transferred": 120},
        "preferred_agent": True,
    },
    "snapshot.waiting": {"queue": WAITING},
    "snapshot.busy": {"one": BUSY, "chat": {**BUSY, "group": "mixed", "agent": 1, "touchpoint": "chat"}},
}


@pytest.mark.parametrize("path", FINE)
def test_each_mechanism_alone_is_accepted(path):
    needs = {"chaser": "touchpoints.ticket.promise", "learning": "agent_groups.desk.tenure"}
    wanted = [path, *(other for key, other in needs.items() if path.endswith(key))]
    load_scenario(with_values({name: FINE[name] for name in wanted}))


def test_a_slowdown_may_stay_the_same():
    load_scenario(with_values({"touchpoints.chat.slowdown": {2: 1.2, 3: 1.2}}))


def test_all_mechanisms_together_are_accepted():
    scenario = load_scenario(with_values(FINE))
    assert scenario.model.agent_groups["desk"].serves["phone"]["all"].ageing == ((300.0, 2), (1200.0, 1))
    assert scenario.model.touchpoints["chat"].types["call"].slowed() == (1.0, 1.1)
    assert load_scenario(scenario.source).fingerprint == scenario.fingerprint


CHAT, TICKET, DESK, EARLY = (
    "touchpoints.chat",
    "touchpoints.ticket",
    "agent_groups.desk",
    "agent_groups.mixed.shifts.early",
)
MISTAKES = [
    # capacity
    ({f"{CHAT}.slowdown": {2: 1.3, 3: 1.2}}, "chat.slowdown.3: 1.2, after 1.3; it does not fall"),
    ({f"{CHAT}.slowdown": {2: 0.9}}, "chat.slowdown.2: 0.9; input should be greater than or equal to 1"),
    ({f"{CHAT}.slowdown": {4: 1.2}}, "chat.slowdown.4: 4 contacts; at most 3, the concurrency"),
    ({f"{CHAT}.slowdown": {1: 1.0}}, "chat.slowdown.1: 1; input should be greater than or equal to 2"),
    ({"touchpoints.phone.slowdown": {2: 1.2}}, "phone.slowdown: given without concurrency"),
    ({f"{CHAT}.concurrency": 0}, "chat.concurrency: 0; input should be greater than or equal to 1"),
    ({f"{CHAT}.concurrency": 65}, "chat.concurrency: 65; input should be less than or equal to 64"),
    ({f"{CHAT}.concurrency": True}, "chat.concurrency: True"),
    ({f"{CHAT}.types": {"call": {"slowdown": {3: 1.1}, "concurrency": 2}}}, "chat.types.call.slowdown.3: 3 contacts"),
    ({"agent_groups.mixed.serves.chat.reserve": 1}, "mixed.serves.chat.reserve: beside chat with concurrency"),
    ({"agent_groups.mixed.serves.ticket.reserve": 1}, "mixed.serves.ticket.reserve: beside chat with concurrency"),
    # what is deferred and what is not
    ({"touchpoints.phone.interruptible": True}, "phone.interruptible: given; goes with deferred"),
    ({f"{TICKET}.interruptible": True, f"{TICKET}.concurrency": 2}, "ticket.interruptible: with concurrency 2"),
    ({f"{TICKET}.interruptible": "maybe"}, "ticket.interruptible: 'maybe'; input should be a valid boolean"),
    ({"touchpoints.phone.promise": "4 h"}, "phone.promise: given; goes with deferred"),
    ({"touchpoints.phone.chaser": {"to": "phone", "share": 1}}, "phone.chaser: given; goes with deferred"),
    ({f"{TICKET}.chaser": {"to": "phone", "share": 1}}, "ticket.chaser: given without promise"),
    ({f"{TICKET}.promise": "0 s"}, "ticket.promise: '0 s'; input should be greater than 0"),
    ({f"{TICKET}.announcement": {}}, "ticket.announcement: given; at a deferred touchpoint"),
    ({f"{TICKET}.ring_time": "5 s"}, "ticket.ring_time: given; at a deferred touchpoint"),
    ({f"{TICKET}.types": {"call": {"interruptible": True}}}, "ticket.types.call.interruptible: differs by type"),
    ({f"{CHAT}.types": {"call": {"announcement": {}}}}, "chat.types.call.announcement: differs by type"),
    # chasers
    ({f"{TICKET}.chaser": {"to": "fone", "share": 1}}, "ticket.chaser.to: 'fone' is not a touchpoint"),
    ({f"{TICKET}.promise": "1 h", f"{TICKET}.chaser": {"to": "leave", "share": 1}}, "chaser.to: leave; a staffed"),
    ({f"{TICKET}.promise": "1 h", f"{TICKET}.chaser": {"to": "bot", "share": 1}}, "chaser.to: bot; a staffed"),
    # announcements
    ({f"{CHAT}.announcement": {"balks": {"60 s": 0.1, "1 min": 0.2}}}, "announcement.balks: two steps at 60 s"),
    ({f"{CHAT}.announcement": {"balks": {"soon": 0.1}}}, "announcement.balks: 'soon'; a duration has a unit"),
    ({f"{CHAT}.announcement": {"balks": {"1 min": 2}}}, "announcement.balks: 2; a share is"),
    ({f"{CHAT}.announcement": {"balks": {f"{n} min": 0.1 for n in range(9)}}}, "balks: 9 steps; at most 8"),
    ({f"{CHAT}.announcement": {"balks": "10%"}}, "announcement.balks: '10%'; steps are a mapping"),
    ({f"{CHAT}.announcement": {"callback": {"from": "1 min"}}}, "announcement.callback.share: missing"),
    # exits
    ({f"{CHAT}.then": {"unresolved": {"a": {"to": "phone", "position": "front"}}}}, "a.position: given without"),
    ({"touchpoints.bot.then": {"unresolved": {"a": {"to": "phone", "transfer": "warm"}}}}, "a.transfer: warm; an auto"),
    # terms of service
    ({f"{DESK}.serves.phone.ageing": {"60 s": 2, "1 min": 1}}, "desk.serves.phone.ageing: two steps at 60 s; one"),
    ({f"{DESK}.serves.phone.ageing": {"60 s": 0}}, "ageing: 0; a rank is a whole number from 1 to 99"),
    ({f"{DESK}.serves.phone.ageing": {f"{n} min": 1 for n in range(5)}}, "ageing: 5 steps; at most 4"),
    ({f"{DESK}.serves.phone.after": 60}, "desk.serves.phone.after: 60; a duration has a unit"),
    ({f"{DESK}.serves.phone.reserve": -1}, "reserve: -1; input should be greater than or equal to 0"),
    # routing
    ({"routing.score": {"wait": 1}}, "routing.score: given without contact: score"),
    ({"routing.contact": "score"}, "routing.score: missing beside contact: score"),
    ({"routing": {"contact": "score", "score": {"rank": "nan"}}}, "score.rank: 'nan'; input should be a valid"),
    ({"routing": {"contact": "score", "score": {"wait": float("inf")}}}, "score.wait: inf; input should be a finite"),
    ({"routing": {"contact": "score", "score": {"wait": float("nan")}}}, "score.wait: nan; input should be a finite"),
    ({"routing": {"contact": "score", "score": {"wait": True}}}, "score.wait: True; input should be a valid"),
    ({"routing": {"contact": "score", "score": {"age": 1}}}, "routing.score.age: not a key"),
    ({"routing.contact": "longest_weight"}, "did you mean 'longest_wait'"),
    ({"routing.specialist_first": True, f"{DESK}.serves.phone.chosen": 2}, "serves.phone.chosen: beside routing."),
    ({"touchpoints.phone.weight": 0}, "phone.weight: 0; input should be greater than 0"),
    ({"touchpoints.phone.weight": float("inf")}, "phone.weight: inf; input should be a finite number"),
    # presence
    ({f"{DESK}.lateness": {"share": 0.1, "by": "5 min"}}, "desk.lateness: given without shifts"),
    ({f"{DESK}.breaks": {"lunch": {"at": "12:00", "lasts": "30 min"}}}, "desk.breaks: not a key"),
    ({f"{DESK}.by_interval": {"all": [1] * 48}}, "desk: agents and by_interval; one of agents, by_interval, shifts"),
    ({"agent_groups.mixed.by_interval": {"all": [1] * 48}}, "mixed: by_interval and shifts; one of"),
    ({"agent_groups.mixed.hours": {"all": "08:00-16:00"}}, "mixed.hours: given; hours go with agents"),
    ({f"{EARLY}.breaks": {"tea": {"at": "07:50", "lasts": "20 min"}}}, "early.breaks.tea: outside the shift"),
    ({f"{EARLY}.breaks": {"tea": {"at": "15:50", "lasts": "20 min"}}}, "early.breaks.tea: outside the shift"),
    ({f"{EARLY}.breaks": {"tea": {"at": "10:00", "lasts": "0 s"}}}, "breaks.tea.lasts: 0.0; input should be"),
    (
        {f"{EARLY}.breaks": {"b": {"at": "10:10", "lasts": "20 min"}, "a": {"at": "10:00", "lasts": "15 min"}}},
        "early.breaks.b: begins before a has ended",
    ),
    ({f"{DESK}.learning": {"handle_time": 1.5, "halves_every": "30 d"}}, "desk.learning: given without tenure"),
    ({f"{DESK}.tenure": "100 d", f"{DESK}.learning": {"halves_every": "0 d"}}, "learning.halves_every: 0.0; input"),
    # lines
    ({"shared_lines": {"main": {"touchpoints": ["phone", "bot"], "lines": 5}}}, "main.touchpoints: bot is automated"),
    ({"shared_lines": {"main": {"touchpoints": ["fone"], "lines": 5}}}, "main.touchpoints: 'fone' is not a touch"),
    ({"shared_lines": {"main": {"touchpoints": ["phone", "phone"], "lines": 5}}}, "main.touchpoints: phone is given"),
    ({"shared_lines": {"main": {"touchpoints": [], "lines": 5}}}, "shared_lines.main.touchpoints: []"),
    # batches
    ({"contact_types.call.batch": {2: 0.7, 3: 0.4}}, "call.batch: shares add up to 1.1; at most 1"),
    ({"contact_types.call.batch": {1: 0.5}}, "call.batch.1: 1; input should be greater than or equal to 2"),
    (
        {"contact_types.call": {"batch": {2: 0.5}, "arrivals": {"at": [0]}, "enters": {"phone": 1}}},
        "shape, weekdays or batch beside arrivals",
    ),
    ({"contact_types.call.volume": None, "contact_types.call.arrivals": {}}, "call.arrivals.at: missing"),
    # snapshot
    ({"snapshot.at": "day 3"}, "snapshot.at: 172800 s; before 172800 s, the horizon"),
    ({"snapshot.waiting.a": {**WAITING, "type": "cal"}}, "snapshot.waiting.a.type: 'cal' is not a contact type"),
    ({"snapshot.waiting.a": {**WAITING, "touchpoint": "fone"}}, "waiting.a.touchpoint: 'fone' is not a"),
    ({"snapshot.waiting.a": {**WAITING, "touchpoint": "bot"}}, "snapshot.waiting.a.touchpoint: bot is automated"),
    ({"snapshot.waiting.a": {**WAITING, "n": 0}}, "snapshot.waiting.a.n: 0"),
    ({"snapshot.busy.a": {**BUSY, "group": "disk"}}, "busy.a.group: 'disk' is not an agent group; here: desk, mixed"),
    ({"snapshot.busy.a": {**BUSY, "agent": 3}}, "snapshot.busy.a.agent: 3; agents of desk on the floor: 0 to 2"),
    ({"snapshot.busy.a": {**BUSY, "agent": -1}}, "snapshot.busy.a.agent: -1"),
    ({"snapshot.busy.a": {**BUSY, "group": "mixed", "agent": 0}}, "busy.a.group: mixed; a group that serves phone"),
    ({"snapshot.busy": {"a": BUSY, "b": BUSY}}, "snapshot.busy.b.agent: 2 is busy already"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "says"), MISTAKES, ids=[says[:60] for _, says in MISTAKES])
def test_contradiction_is_refused_in_one_line_that_names_its_place(values, says):
    found = problems(values)
    assert any(says in line for line in found), found
    assert all("\n" not in line and line.startswith("scenario") for line in found)


def test_an_agent_may_have_as_many_chats_in_hand_as_the_concurrency_allows():
    chat = {**BUSY, "group": "mixed", "agent": 1, "touchpoint": "chat"}
    load_scenario(with_values({"snapshot.busy": dict.fromkeys("abc", chat)}))
    (found,) = problems({"snapshot.busy": dict.fromkeys("abcd", chat)})
    assert "snapshot.busy.d.agent: 1 is busy already" in found


def test_numbers_of_agents_on_the_floor_leave_out_those_who_rest():
    """Two shifts of net four are paid as five each (4 / 0.8): numbers 0 to 3 and 5 to 8 come in."""
    shift = {"days": "all", "start": "08:00", "end": "16:00", "agents": 4}
    plan = {
        "shifts": {"early": shift, "late": {**shift, "end": "20:00"}},
        "counts": "net",
        "shrinkage": {"planned": 0.2},
        "serves": {"phone": {}},
    }
    for agent in (0, 3, 5, 8):
        load_scenario(with_values({"agent_groups.desk": plan, "snapshot.busy.a": {**BUSY, "agent": agent}}))
    for agent in (4, 9):
        (found,) = problems({"agent_groups.desk": plan, "snapshot.busy.a": {**BUSY, "agent": agent}})
        assert found.endswith("agents of desk on the floor: 0 to 3, 5 to 8")


def test_a_chaser_leads_where_nobody_serves():
    values = {
        "touchpoints.second": phone(),
        f"{TICKET}.promise": "4 h",
        f"{TICKET}.chaser": {"to": "second", "share": 1},
    }
    assert "scenario.touchpoints.second: nobody serves it for call" in problems(values)[0]


def test_those_who_wait_in_a_snapshot_are_served_by_somebody():
    values = {"touchpoints.second": phone(), "snapshot.waiting.a": {**WAITING, "touchpoint": "second"}}
    assert "scenario.touchpoints.second: nobody serves it for call" in problems(values)[0]


def test_contradictions_are_reported_together():
    found = problems({
        f"{CHAT}.slowdown": {2: 1.3, 3: 1.2},
        "touchpoints.phone.promise": "4 h",
        "routing.contact": "score",
        f"{DESK}.lateness": {"share": 0.1, "by": "5 min"},
        "snapshot.busy.a": {**BUSY, "agent": 7},
    })  # fmt: skip
    assert len(found) == 5


def test_a_number_of_contacts_is_a_place_for_an_override():
    scenario = load_scenario(with_values({f"{CHAT}.slowdown": {2: 1.1, 3: 1.2}}))
    changed = scenario.override("touchpoints.chat.slowdown.3=1.5").model.touchpoints["chat"]
    assert changed.slowed() == (1.0, 1.1, 1.5)
    assert scenario.override("~touchpoints.chat.slowdown.3").model.touchpoints["chat"].slowed() == (1.0, 1.1, 1.1)


def test_steps_may_be_overridden_as_a_whole():
    scenario = load_scenario(with_values({f"{CHAT}.announcement": {}}))
    changed = scenario.override("touchpoints.chat.announcement.balks={1 min: 10%, 5 min: 40%}")
    assert changed.model.touchpoints["chat"].announcement.balks == ((60.0, 0.1), (300.0, 0.4))


def test_forms_know_every_new_key_with_its_meaning():
    parts = json_schema()["$defs"]
    for part, keys in {
        "Staffed": ("announcement", "promise", "chaser", "weight", "ring_time", "again", "concurrency", "slowdown"),
        "AgentGroup": ("lateness", "late_breaks", "unavailable", "mixes", "tenure", "learning"),
        "Serves": ("after", "reserve", "ageing"),
        "Snapshot": ("at", "waiting", "busy"),
    }.items():
        assert all(parts[part]["properties"][key].get("description") for key in keys)
