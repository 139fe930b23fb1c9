"""Each draw stands at the address that its purpose gives it, and nowhere else: a twin that anybody can read.

Both engines share these rules, so that their agreement says nothing of a draw at a neighbour's address.
"""

import math

import numpy as np
import pytest
from scipy import special
from support.tiny import DAY, centre, log_of, phone

from cxsim import streams
from cxsim.model import announcing, draws
from cxsim.model.demand import arrivals_of
from cxsim.model.tables import LEAVE, tables_of
from cxsim.scenario.load import load_scenario

KEY = streams.replication_key(3, 2)
CASE = streams.entity_key(KEY, streams.CASE, 17)
AGENT = streams.entity_key(KEY, streams.AGENT, streams.agent_number(0, 4))
# All laws are 0 to 1 s evenly: a duration is its uniform number.
EVEN = {"law": "uniform", "low": "0 s", "high": "1 s"}
PLACES = [(0, 0), (2, 1)]


@pytest.fixture(scope="module")
def tables():
    told = {"balks": {"0 s": 0.5}, "callback": {"from": "0 s", "share": 0.5, "answers": 0.5}}
    way = {"to": "phone", "share": 0.5, "after": EVEN}
    visits = phone(**{"talk_time": EVEN, "after_call_work": EVEN, "patience": {"at_once": 0.5, **EVEN}, "hold": 0.5},
                   ring_time=EVEN, resolves=0.5, false_resolution=0.5, announcement=told,
                   then={"unresolved": {"again": way}})  # fmt: skip
    shift = {"days": "all", "start": "08:00", "end": "16:00", "agents": 5}
    desk = {"shifts": {"early": shift}, "serves": {"phone": {"rank": 1}}, "tenure": EVEN, "speed_spread": 0.3,
            "lateness": {"share": 0.5, "by": EVEN}, "unavailable": {"share": 0.5, "lasts": EVEN}}  # fmt: skip
    types = {"call": {"volume": "9 per day", "enters": {"phone": 1}}}
    bot = {"mechanism": "automated", "channel": "bot", "duration": EVEN}
    touchpoints = {"phone": visits, "bot": bot}
    return tables_of(load_scenario(centre(types=types, touchpoints=touchpoints, groups={"desk": desk})))


def u(purpose, place=(0, 0), key=CASE):
    """The uniform number of a purpose, from the sentence in `streams`: contact, touch, purpose."""
    contact, touch = place
    return streams.uniform(key, (contact * 256 + touch) * 64 + purpose)


def drawn_by_cases(rule, purpose, *, n=400):
    """For many cases: what a rule with a share of one half says, and whether the draw of its purpose is below it."""
    keys = [streams.entity_key(KEY, streams.CASE, number) for number in range(n)]
    return [bool(rule(key)) for key in keys], [u(purpose, (1, 2), key) < 0.5 for key in keys]


@pytest.mark.parametrize("place", PLACES)
def test_a_visit_draws_patience_talk_work_after_it_and_hold(tables, place):
    patience, talk, after, held = draws.staffed_visit(tables.laws, tables.works, CASE, *place, 0)
    at_once = u(streams.PATIENCE_AT_ONCE, place) < 0.5
    expected = (0.0 if at_once else u(streams.PATIENCE, place), u(streams.TALK, place), u(streams.AFTER_CALL, place))
    assert (patience, talk, after) == pytest.approx(expected, rel=1e-12)
    # From nothing to twice the mean.
    assert held == pytest.approx(2 * 0.5 * u(streams.HOLD, place), rel=1e-12)


@pytest.mark.parametrize("place", PLACES)
def test_further_durations_of_a_visit_have_purposes_of_their_own(tables, place):
    laws, works, at = tables.laws, tables.works, streams.address(*place, 0)
    assert draws.ring_time(laws, works, CASE, at, 0) == pytest.approx(u(streams.RING, place), rel=1e-12)
    assert draws.automated_visit(laws, works, CASE, *place, 1) == pytest.approx(u(streams.DURATION, place), rel=1e-12)
    assert draws.automated_visit_at(laws, works, CASE, at, 1) == pytest.approx(u(streams.DURATION, place), rel=1e-12)
    law = int(tables.exits.delay[0])
    assert draws.delay(laws, law, CASE, *place) == pytest.approx(u(streams.DELAY, place), rel=1e-12)


def test_decisions_of_a_visit_have_purposes_of_their_own(tables):
    works, queues, at = tables.works, tables.queues, streams.address(1, 2, 0)
    for rule, purpose in (
        (lambda key: draws.looks_resolved(works, key, 1, 2, 0, 0.0), streams.RESOLUTION),
        (lambda key: draws.looks_resolved_at(works, key, at, 0, 0.0), streams.RESOLUTION),
        (lambda key: draws.is_false(works, key, 1, 2, 0), streams.FALSE_RESOLUTION),
        (lambda key: draws.is_false_at(works, key, at, 0), streams.FALSE_RESOLUTION),
        (lambda key: draws.exit_taken(works, tables.exits, key, at, 0, 1) != LEAVE, streams.EXIT),
        (lambda key: announcing.balks(queues, key, at, 0, 0.0), streams.BALK),
        (lambda key: announcing.accepts_callback(queues, key, at, 0, 0.0), streams.CALLBACK),
        (lambda key: announcing.answers_callback(queues, key, at, 0), streams.CALLBACK_ANSWER),
        (lambda key: draws.time_away(tables.laws, tables.staff, 0, key, at) >= 0, streams.UNAVAILABLE),
        (lambda key: draws.lateness(tables.laws, tables.staff, 0, key, at) >= 0, streams.LATE),
    ):
        said, expected = drawn_by_cases(rule, purpose)
        assert said == expected
        assert 100 < sum(said) < 300


def test_the_effect_of_an_agent_moves_the_log_odds_up(tables):
    for effect in (-2.0, 0.0, 1.5):
        for number in range(200):
            key = streams.entity_key(KEY, streams.CASE, number)
            chance = 1.0 / (1.0 + math.exp(-effect))
            expected = u(streams.RESOLUTION, (0, 0), key) < chance
            assert draws.looks_resolved(tables.works, key, 0, 0, 0, effect) == expected
            assert draws.looks_resolved_at(tables.works, key, 0, 0, effect) == expected


def test_how_late_and_how_long_away_are_further_draws(tables):
    laws, staff, at = tables.laws, tables.staff, streams.address(1, 2, 0)
    keys = [streams.entity_key(KEY, streams.CASE, number) for number in range(50)]
    late = [(draws.lateness(laws, staff, 0, key, at), u(streams.LATE_BY, (1, 2), key)) for key in keys]
    away = [(draws.time_away(laws, staff, 0, key, at), u(streams.UNAVAILABLE_FOR, (1, 2), key)) for key in keys]
    for found, expected in (*late, *away):
        assert found == -1.0 or found == pytest.approx(expected, rel=1e-12)


def test_a_chaser_is_drawn_below_its_visit_by_the_promise_that_has_passed():
    below = streams.next_key(CASE, streams.address(0, 0, 0) + streams.CHASER)
    for n in (1, 2, 5):
        share = streams.uniform(below, n)
        assert not draws.sends_chaser(CASE, 0, n, share)
        assert draws.sends_chaser(CASE, 0, n, math.nextafter(share, 1.0))


def test_people_are_drawn_at_their_own_addresses(tables):
    z = special.ndtri(u(streams.SPEED, key=AGENT))
    assert draws.speed(KEY, 0, 4, 0.3) == pytest.approx(math.exp(0.3 * z - 0.045), rel=1e-12)
    assert draws.quality(KEY, 0, 4) == pytest.approx(special.ndtri(u(streams.QUALITY, key=AGENT)), rel=1e-12)
    assert draws.tenure(tables.laws, tables.staff, 0, AGENT) == pytest.approx(u(streams.TENURE, key=AGENT), rel=1e-12)
    share = u(streams.ABSENCE, (9, 0), AGENT)
    assert not draws.is_absent(KEY, 0, 4, 9, share)
    assert draws.is_absent(KEY, 0, 4, 9, math.nextafter(share, 1.0))


def test_speeds_of_agents_have_a_mean_of_one():
    speeds = [draws.speed(KEY, 1, agent, 0.4) for agent in range(3000)]
    assert abs(np.mean(speeds) - 1.0) < 4 * math.sqrt(math.exp(0.16) - 1) / math.sqrt(3000)


def test_a_choice_is_drawn_at_its_own_purpose():
    assert draws.choice(CASE, 2, 1) == u(streams.CHOICE, (2, 1))


def test_entry_customer_and_segment_of_a_case_are_three_draws():
    bots = {name: {"mechanism": "automated", "channel": "bot", "duration": "0 s"} for name in ("a", "b")}
    types = {"call": {"volume": "300 per day", "enters": {"a": 0.3, "b": 0.7}}}
    customers = {"population": 1000, "segments": {"big": {"share": 0.4}, "small": {"share": 0.6}}}
    scenario = load_scenario(centre(types=types, touchpoints=bots, groups={}, customers=customers))
    found = arrivals_of(scenario, tables_of(scenario), replication_key=KEY)
    cases = [streams.entity_key(KEY, streams.CASE, int(case)) for case in found.case]
    assert found.customer.tolist() == [int(1000 * u(streams.CUSTOMER, key=key)) for key in cases]
    assert found.touchpoint.tolist() == [int(u(streams.ENTRY, key=key) >= 0.3) for key in cases]
    persons = [streams.entity_key(KEY, streams.PERSON, int(customer)) for customer in found.customer]
    assert found.segment.tolist() == [int(u(streams.SEGMENT, key=key) >= 0.4) for key in persons]


def test_each_contact_and_each_leg_has_patience_and_talk_of_its_own():
    """Nobody is there for the second line: its customers leave after their own patience and call again."""
    hour = {"law": "uniform", "low": "0 s", "high": "1 h"}
    touchpoints = {
        "phone": phone(talk_time=hour, resolves=0, then={"unresolved": {"up": {"to": "second", "transfer": "cold"}}}),
        "second": phone(patience=hour, then={"abandoned": {"again": {"to": "phone", "after": "1 h"}}}),
    }
    groups = {"desk": {"agents": 40, "serves": {"phone": {"rank": 1}}},
              "nobody": {"agents": 0, "serves": {"second": {"rank": 1}}}}  # fmt: skip
    types = {"call": {"arrivals": {"at": [100 * k for k in range(40)]}, "enters": {"phone": 1}}}
    log = log_of(types=types, touchpoints=touchpoints, groups=groups, gives_up_after=3)
    t = log.touchpoints
    assert len(t) == 40 * 3 * 2
    assert t.ended.max() < DAY
    of_trial = streams.replication_key(0, 0)
    for case, contact, touch, offered, ended in zip(t.case, t.contact, t.touch, t.offered, t.ended, strict=True):
        key = streams.entity_key(of_trial, streams.CASE, int(case))
        purpose = streams.TALK if touch == 0 else streams.PATIENCE
        expected = 3600 * u(purpose, (int(contact), int(touch)), key)
        assert ended - offered == pytest.approx(expected, abs=1e-6)
