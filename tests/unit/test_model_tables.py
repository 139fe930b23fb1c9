"""A scenario with every mechanism as numbers, worked out by hand; and what a plain one has in their place."""

import math

import numpy as np
import pytest
from support.tiny import centre, phone

from cxsim import laws
from cxsim.model import tables
from cxsim.model.policies import AGENT_POLICIES, CONTACT_POLICIES, NOTHING
from cxsim.model.tables import EXIT_ROWS, tables_of
from cxsim.scenario.load import load_scenario
from cxsim.scenario.schema_staff import terms_of

INF = float("inf")

EVERYTHING = {
    "name": "everything",
    "calendar": {"start": "2026-01-05", "days": 1},
    "customers": {"segments": {"gold": {"share": 0.2, "margin": "60 per month"}, "mass": {"share": 0.8}}},
    "contact_types": {
        "sale": {"volume": "100 per day", "enters": {"phone": 1}},
        "help": {"volume": "100 per day", "enters": {"phone": 0.5, "chat": 0.2, "mail": 0.3}},
    },
    "touchpoints": {
        "phone": {
            "mechanism": "staffed",
            "channel": "voice",
            "lines": 9,
            "announcement": {
                "balks": {"5 min": "40%", "1 min": "10%"},
                "callback": {"from": "2 min", "share": "30%", "answers": "90%"},
            },
            "ring_time": "8 s",
            "talk_time": {"law": "exponential", "mean": "4 min"},
            "after_call_work": "60 s",
            "again": {"handle_time": 1.1, "resolution": -0.2},
            "weight": 3,
            "resolves": "75%",
            "types": {"sale": {"weight": 5, "announcement": {}, "talk_time": "2 min", "resolves": "50%"}},
            "then": {
                "unresolved": {
                    "up": {"to": "chat", "share": 0.5, "transfer": "warm", "position": "front"},
                    "over": {"to": "mail", "share": 0.2, "transfer": "cold"},
                    "again": {"to": "phone", "share": 0.1, "after": "1 h"},
                }
            },
        },
        "chat": {
            "mechanism": "staffed",
            "channel": "chat",
            "talk_time": "10 min",
            "concurrency": 4,
            "slowdown": {2: 1.2, 4: 1.5},
            "types": {"sale": {"concurrency": 2, "slowdown": {}}},
        },
        "mail": {
            "mechanism": "staffed",
            "channel": "email",
            "deferred": True,
            "promise": "4 h",
            "chaser": {"to": "phone", "share": "20%"},
            "interruptible": True,
            "talk_time": "5 min",
        },
        "bot": {"mechanism": "automated", "channel": "bot", "duration": "30 s"},
    },
    "agent_groups": {
        "desk": {
            "agents": 4,
            "serves": {
                "phone": {
                    "sale": {"rank": 2, "after": "60 s", "handle_time": 2.0},
                    "help": {"rank": 1, "reserve": 1, "ageing": {"20 min": 1, "5 min": 2}, "resolution": 0.5},
                },
                "mail": {"rank": 3, "chosen": 9},
            },
            "unavailable": {"share": "5%", "lasts": "3 min"},
            "tenure": {"law": "gamma", "mean": "400 d", "cv": 1},
            "learning": {"handle_time": 1.5, "resolution": -0.6, "halves_every": "30 d"},
        },
        "chats": {
            "shifts": {
                "early": {
                    "days": "all",
                    "start": "08:00",
                    "end": "16:00",
                    "agents": 2,
                    "breaks": {"lunch": {"at": "12:00", "lasts": "30 min"}},
                }
            },
            "lateness": {"share": "15%", "by": {"law": "uniform", "low": "0 s", "high": "10 min"}},
            "late_breaks": "on_time",
            "at_shift_end": "drop",
            "mixes": "all",
            "serves": {"chat": {"rank": 1}, "mail": {"rank": 1}},
        },
    },
    "shared_lines": {
        "main": {"touchpoints": ["phone", "chat"], "lines": 60},
        "voice": {"touchpoints": ["phone"], "lines": 20},
    },
    "routing": {
        "agent": "fastest",
        "contact": "score",
        "score": {"wait": 1, "rank": -60, "transferred": 120, "weight": 0.5},
        "preferred_agent": True,
    },
}
# Work types: contact type times four plus touchpoint.
SALE, HELP, PHONE, CHAT, MAIL, BOT = 0, 4, 0, 1, 2, 3
DESK, CHATS = 0, 1


@pytest.fixture(scope="module")
def everything():
    return tables_of(load_scenario(EVERYTHING))


@pytest.fixture(scope="module")
def plain():
    return tables_of(load_scenario(centre(types={"call": {"volume": "9 per day", "enters": {"phone": 1}}})))


def mean(tables_, law):
    """The median of a row of laws stands for its law."""
    return laws.quantile(tables_.laws, law, 0.5)


def test_terms_of_service(everything):
    service = everything.service
    assert service.rank[DESK].tolist() == [2, 0, 3, 0, 1, 0, 3, 0]
    assert service.chosen[DESK].tolist() == [2, 0, 9, 0, 1, 0, 9, 0]
    assert service.after[DESK].tolist() == [60, 0, 0, 0, 0, 0, 0, 0]
    assert service.reserve[DESK].tolist() == [0, 0, 0, 0, 1, 0, 0, 0]
    assert service.ageing_from[DESK, HELP + PHONE].tolist() == [300, 1200, INF, INF]
    assert service.ageing_rank[DESK, HELP + PHONE, :2].tolist() == [2, 1]
    assert (service.ageing_from[CHATS] == INF).all()
    assert service.served[DESK].tolist() == [4, 0, 2, 6, -1, -1, -1, -1]
    assert service.groups[SALE + MAIL].tolist() == [CHATS, DESK]
    assert service.groups[SALE + BOT].tolist() == [-1, -1]


def test_worth_is_resolutions_a_second(everything):
    """Half the sales in (120 + 60) s at twice the time; help at odds 3 e^0.5 in 300 s; chats always in 600 s."""
    odds = 3 * math.exp(0.5)
    assert everything.service.worth[DESK, SALE + PHONE] == pytest.approx(0.5 / 360)
    assert everything.service.worth[DESK, HELP + PHONE] == pytest.approx(odds / (1 + odds) / 300)
    assert everything.service.worth[CHATS, SALE + CHAT] == pytest.approx(1 / 600)
    assert everything.service.worth[DESK, SALE + CHAT] == 0


def test_who_is_ahead_is_who_shares_a_group_at_no_later_rank(everything):
    """The desk takes help before sales before mail; mail also meets chats, at the same rank."""
    expected = np.zeros((8, 8), dtype=int)
    desk = {SALE + PHONE: 2, SALE + MAIL: 3, HELP + PHONE: 1, HELP + MAIL: 3}
    chats = {type_ + place: 1 for type_ in (SALE, HELP) for place in (CHAT, MAIL)}
    for ranks in (desk, chats):
        for work, rank in ranks.items():
            for other, before in ranks.items():
                expected[work, other] |= before <= rank
    assert everything.service.ahead.tolist() == expected.tolist()
    assert expected[HELP + PHONE].sum() == 1


def test_queues(everything):
    queues = everything.queues
    assert queues.weight.tolist() == [5, 1, 1, 1, 3, 1, 1, 1]
    assert queues.promise.tolist() == [INF, INF, 4 * 3600, INF] * 2
    assert queues.chaser_to.tolist() == [-1, -1, PHONE, -1] * 2
    assert queues.chaser_share[[SALE + MAIL, SALE + PHONE]].tolist() == [0.2, 0]
    assert queues.balk_from[HELP + PHONE].tolist() == [60, 300] + [INF] * 6
    assert queues.balk_share[HELP + PHONE, :2].tolist() == [0.1, 0.4]
    assert (queues.balk_from[SALE + PHONE] == INF).all()
    assert queues.callback_from.tolist() == [INF] * 4 + [120, INF, INF, INF]
    assert (queues.callback_share[HELP], queues.callback_answers[HELP]) == (0.3, 0.9)
    assert queues.mean_handle == pytest.approx([180, 600, 300, 0, 300, 600, 300, 0])


def test_a_slowdown_left_out_is_that_of_one_contact_less(everything):
    queues = everything.queues
    assert queues.concurrency.tolist() == [1, 2, 1, 1, 1, 4, 1, 1]
    assert queues.slowdown.shape == (8, 65)
    assert queues.slowdown[HELP + CHAT, :7].tolist() == [1, 1, 1.2, 1.2, 1.5, 1.5, 1.5]
    assert (queues.slowdown[SALE + CHAT] == 1).all()


def test_touchpoints(everything):
    assert everything.announces.tolist() == [True, False, False, False]
    assert everything.interruptible.tolist() == [False, False, True, False]
    assert everything.lines.tolist() == [9, -1, -1, -1]
    assert everything.shared_of.tolist() == [[1, 1], [1, 0], [0, 0], [0, 0]]
    assert everything.shared_limit.tolist() == [60, 20]


def test_works(everything):
    works = everything.works
    ring = works.laws[:, tables.RING_LAW]
    assert (ring >= 0).tolist() == [True, False, False, False] * 2
    assert mean(everything, ring[SALE + PHONE]) == 8
    assert works.numbers[:, tables.AGAIN_TIME].tolist() == [1.1, 1, 1, 1] * 2
    assert works.numbers[:, tables.AGAIN_EFFECT].tolist() == [-0.2, 0, 0, 0] * 2


def test_exits(everything):
    first, stop = everything.works.exits[HELP + PHONE, EXIT_ROWS["unresolved"]]
    rows = slice(first, stop)
    exits = everything.exits
    assert exits.up_to[rows] == pytest.approx([0.5, 0.7, 0.8])
    assert exits.to[rows].tolist() == [CHAT, MAIL, PHONE]
    assert exits.transfer[rows].tolist() == [tables.WARM, tables.COLD, tables.NO_TRANSFER]
    assert exits.front[rows].tolist() == [1, 0, 0]
    assert mean(everything, exits.delay[stop - 1]) == 3600


def test_staff(everything):
    staff = everything.staff
    assert staff.mixes.tolist() == [tables.MIX_TOUCHPOINT, tables.MIX_ALL]
    assert staff.at_end.tolist() == [tables.FINISH, tables.DROP]
    assert staff.unavailable_share.tolist() == [0.05, 0]
    assert (mean(everything, staff.unavailable_law[DESK]), staff.unavailable_law[CHATS]) == (180, NOTHING)
    assert staff.late_share.tolist() == [0, 0.15]
    assert (staff.late_law[DESK], mean(everything, staff.late_law[CHATS])) == (NOTHING, 300)
    assert (staff.tenure_law >= 0).tolist() == [True, False]
    assert staff.learning.tolist() == [[0.5, -0.6, 30 * 86_400], [0, 0, 0]]
    assert staff.on_time.tolist() == [False, True]


def test_routing(everything):
    assert everything.agent_policy == AGENT_POLICIES["fastest"]
    assert everything.contact_policy == CONTACT_POLICIES["score"]
    assert everything.score.tolist() == [1, -60, 120, 0.5]
    assert everything.preferred_agent is True
    assert everything.value.tolist() == [60, 0]


def test_specialists_first_orders_groups_by_the_number_of_their_work_types():
    """The desk serves four work types and so do the chats; a third group serves mail alone."""
    given = {**EVERYTHING, "routing": {"specialist_first": True}}
    desk = EVERYTHING["agent_groups"]["desk"]
    groups = {**EVERYTHING["agent_groups"], "desk": {**desk, "serves": {"phone": {}, "mail": {"rank": 3}}}}
    groups["mails"] = {"agents": 1, "serves": {"mail": {"help": {"rank": 7}}}}
    service = tables_of(load_scenario({**given, "agent_groups": groups})).service
    assert service.chosen[:, HELP + MAIL].tolist() == [4, 4, 1]
    assert service.groups[HELP + MAIL].tolist() == [2, 0, 1]
    assert service.chosen[2, SALE + MAIL] == 0
    assert service.rank[:, HELP + MAIL].tolist() == [3, 1, 7]


def test_plain_scenario_has_nothing_of_it(plain):
    assert plain.service.after.tolist() == [[0.0]]
    assert plain.service.reserve.tolist() == [[0]]
    assert plain.service.ageing_from.tolist() == [[[INF] * 4]]
    assert plain.queues.promise.tolist() == [INF]
    assert plain.queues.concurrency.tolist() == [1]
    assert (plain.queues.slowdown == 1).all()
    assert plain.shared_of.shape == (1, 0)
    assert plain.shared_limit.shape == (0,)
    assert (plain.works.laws[0, tables.RING_LAW], plain.staff.tenure_law[0]) == (NOTHING, NOTHING)
    assert plain.staff.mixes.tolist() == [tables.MIX_TOUCHPOINT]
    assert plain.value.tolist() == [0.0]
    assert plain.score.tolist() == [0.0] * 4
    assert plain.preferred_agent is False


def test_dtypes_are_those_that_compiled_code_expects(everything, plain):
    for found in (everything, plain):
        for part in (found.service, found.queues, found.staff, found.exits, found.works):
            for name, array in part._asdict().items():
                assert array.dtype in (np.float64, np.int64, np.bool_), name
                assert array.flags.c_contiguous, name
        assert found.shared_of.dtype == found.shared_limit.dtype == np.int64
        assert found.value.dtype == found.score.dtype == np.float64
        assert found.staff.on_time.dtype == found.announces.dtype == found.interruptible.dtype == np.bool_


def test_types_of_arrays_do_not_depend_on_what_a_scenario_uses(everything, plain):
    assert [part.dtype for part in everything.queues] == [part.dtype for part in plain.queues]
    assert [part.dtype for part in everything.service] == [part.dtype for part in plain.service]
    assert [part.dtype for part in everything.staff] == [part.dtype for part in plain.staff]


def test_tables_are_made_once_for_a_scenario():
    scenario = load_scenario(centre(types={"call": {"volume": "9 per day", "enters": {"phone": 1}}}))
    assert tables_of(scenario) is tables_of(scenario)
    changed = scenario.override("touchpoints.phone.lines=3")
    assert tables_of(changed).lines.tolist() == [3]
    assert tables_of(scenario).lines.tolist() == [-1]


def test_steps_of_ageing_alone_are_terms_for_all_contact_types():
    groups = {"desk": {"agents": 1, "serves": {"phone": {"ageing": {"5 min": 2}}}}}
    types = {"call": {"volume": "9 per day", "enters": {"phone": 1}}}
    scenario = load_scenario(centre(types=types, touchpoints={"phone": phone()}, groups=groups))
    assert terms_of(scenario.model.agent_groups["desk"], "phone", "call").ageing == ((300.0, 2),)
    assert tables_of(scenario).service.ageing_from[0, 0, 0] == 300
