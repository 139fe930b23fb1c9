"""First visits drawn in blocks are, to the last bit, those drawn one by one."""

import numpy as np
import pytest
from support.tiny import centre, phone

from cxsim import streams
from cxsim.compiled import COMPILED
from cxsim.engines.kernel.world import Cases
from cxsim.model import ahead, draws
from cxsim.model.tables import tables_of
from cxsim.scenario.load import load_scenario

KEY = streams.replication_key(8, 1)
EXPONENTIAL = {"law": "exponential", "mean": "3 min"}
LOGNORMAL = {"law": "lognormal", "mean": "3 min", "cv": 1.2}
CONSTANT = {"law": "constant", "value": "40 s"}
# The largest spread.
WIDE = {"law": "lognormal", "mu": 0.0, "sigma": 5.0}
MIXED = {"law": "hyperexponential", "mean": "3 min", "cv": 2.0}
LAWS = {
    "exponential": (EXPONENTIAL, EXPONENTIAL),
    "lognormal": (LOGNORMAL, {**LOGNORMAL, "cv": 0.3}),
    "constant": (CONSTANT, CONSTANT),
    "gamma": ({"law": "gamma", "mean": "3 min", "cv": 0.7}, {"law": "gamma", "mean": "1 min", "cv": 2}),
    "wide": (WIDE, LOGNORMAL),
    "two kinds": (EXPONENTIAL, LOGNORMAL),
    "one with a table": (MIXED, LOGNORMAL),
}

if COMPILED:
    import numba

    fill_block = numba.njit(lambda b, laws, works, a, first, n: ahead.fill_block(b, laws, works, a, first, n))
    fill_tails = numba.njit(lambda out, u, tail, place, n: ahead.fill_tails(out, u, tail, place, n))
else:
    fill_block, fill_tails = ahead.fill_block, ahead.fill_tails


def tables_with(first, second, **options):
    """Two types of calls that differ in their laws, and a bot, which has none."""
    types = {name: {"volume": "9 per day", "enters": {"phone": 1}} for name in ("one", "two")}
    laws = {"talk_time": first, "after_call_work": first, "patience": {**first, **options}}
    other = {name: {**law, **second} if name == "patience" and law is first else second for name, law in laws.items()}
    touchpoints = {
        "phone": phone(**laws, types={"two": other}),
        "bot": {"mechanism": "automated", "channel": "bot", "duration": CONSTANT},
    }
    return tables_of(load_scenario(centre(types=types, touchpoints=touchpoints)))


def cases_of(n, *, replayed=None):
    """Cases of both types, every tenth at the bot."""
    number = np.array([streams.case_number(place % 2, 0, place) for place in range(n)], dtype=np.int64)
    touchpoint = (np.arange(n) % 10 == 0).astype(np.int16)
    empty = np.zeros((0, 3))
    return Cases(np.arange(n) * 1.0, number, touchpoint, touchpoint, empty if replayed is None else replayed, KEY)


def one_by_one(tables, cases, place):
    """Key, work type, talk time, after-call work and patience of a case, as the rules draw them."""
    key = streams.entity_key(KEY, streams.CASE, int(cases.case[place]))
    work = int(cases.case[place] >> 40) * 2 + int(cases.touchpoint[place])
    if cases.touchpoint[place] == 1:
        return key, work, 0.0, 0.0, np.inf
    talk, after, _ = draws.service(tables.laws, tables.works, key, 0, work)
    return key, work, talk, after, draws.patience(tables.laws, tables.works, key, 0, work)


@pytest.mark.parametrize("laws", LAWS)
@pytest.mark.parametrize("at_once", [0.0, 0.3])
def test_a_block_holds_what_is_drawn_one_by_one(laws, at_once):
    tables = tables_with(*LAWS[laws], **({"at_once": at_once} if at_once else {}))
    cases, block = cases_of(3 * ahead.BLOCK + 7), ahead.no_block()
    for first in (0, ahead.BLOCK, 3 * ahead.BLOCK):
        fill_block(block, tables.laws, tables.works, cases, first, 2)
        n = min(ahead.BLOCK, len(cases.case) - first)
        found = np.array([block.talk[:n], block.after_call[:n], block.patience[:n]]).T
        expected = [one_by_one(tables, cases, first + k) for k in range(n)]
        assert block.first[0] == first
        assert block.key[:n].tolist() == [row[0] for row in expected]
        assert block.work[:n].tolist() == [row[1] for row in expected]
        assert found.tobytes() == np.array([row[2:] for row in expected]).tobytes()


def test_what_a_record_gives_stands_instead_of_what_is_drawn():
    given = np.full((40, 3), np.nan)
    given[3], given[5, 2] = (11.0, 12.0, 13.0), 14.0
    tables, block = tables_with(LOGNORMAL, LOGNORMAL), ahead.no_block()
    cases = cases_of(40, replayed=given)
    fill_block(block, tables.laws, tables.works, cases, 0, 2)
    assert (block.talk[3], block.after_call[3], block.patience[3], block.patience[5]) == (11.0, 12.0, 13.0, 14.0)
    assert block.talk[5] == one_by_one(tables, cases, 5)[2]
    assert block.patience[4] == one_by_one(tables, cases, 4)[4]


def test_shares_far_in_the_tails_have_the_variates_of_the_law():
    """No seed brings one of these within a lifetime, so they are given."""
    near, far = np.array([0.074, 0.076, 0.5, 0.924, 0.926]), np.logspace(-16, -1, 46)
    u = np.concatenate([near, far, 1.0 - far])
    out, tail, place = np.zeros(len(u)), np.zeros(len(u)), np.zeros(len(u), dtype=np.int64)
    inside = np.abs(u - 0.5) <= 0.425
    out[inside] = streams.normals(u[inside])
    fill_tails(out, u, tail, place, len(u))
    assert out.tobytes() == streams.normals(u).tobytes()
