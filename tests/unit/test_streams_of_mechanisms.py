"""Draws of balking, callbacks, chasers, rings, absences, tenure, batches and choices: uniform and independent."""

import math

import numpy as np
import pytest
from scipy import stats

from cxsim import streams
from cxsim.streams import address, case_number, entity_key, next_key, replication_key, uniform, uniforms

# Purposes of the mechanisms; those of agents have the day in the place of the contact.
NAMES = ("BALK", "CALLBACK", "CALLBACK_ANSWER", "CHASER", "RING", "UNAVAILABLE", "UNAVAILABLE_FOR", "LATE", "LATE_BY",
         "TENURE", "BATCH", "CHOICE")  # fmt: skip
NEW = {name: getattr(streams, name) for name in NAMES}
OF_AGENTS = {"LATE", "LATE_BY", "TENURE"}
CASES_OF_TYPE_2 = case_number(2, 0, 0)


def drawn(name, *, n=100_000, numbers=None, purpose=None, contact=1, touch=0):
    """Draws of a purpose as the engines address them: of cases of two days, or of agents in four groups."""
    n = np.arange(n) if numbers is None else numbers
    # As agent_number and case_number pack them.
    numbers = (n % 4 << 24) + n // 4 if name in OF_AGENTS else CASES_OF_TYPE_2 + (n % 2 << 24) + n // 2
    kind = streams.AGENT if name in OF_AGENTS else streams.CASE
    place = address(contact, touch, NEW[name] if purpose is None else purpose)
    return uniforms(replication_key(11, 3), kind, numbers, place)


@pytest.mark.parametrize("name", NEW)
def test_draws_of_mechanisms_are_uniform(name):
    u = drawn(name, n=200_000)
    assert 0.0 < u.min() < u.max() < 1.0
    assert stats.chisquare(np.histogram(u, bins=1000, range=(0, 1))[0]).pvalue > 1e-4
    assert stats.kstest(u, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("name", NEW)
def test_draws_of_mechanisms_are_uniform_over_contacts_and_touches_of_one_case(name):
    key = entity_key(replication_key(11, 3), streams.CASE, case_number(0, 0, 7))
    u = np.array([uniform(key, address(contact, touch, NEW[name])) for contact in range(400) for touch in range(50)])
    assert stats.kstest(u, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4.0 / math.sqrt(len(u))


@pytest.mark.parametrize("name", NEW)
def test_draws_of_mechanisms_are_uncorrelated_with_their_neighbours(name):
    """The purpose before and after, the next contact, touch and entity, and the antithetic of each."""
    u, n = drawn(name), np.arange(100_000)
    others = {
        "purpose before": drawn(name, purpose=NEW[name] - 1),
        "purpose after": drawn(name, purpose=NEW[name] + 1),
        "next contact": drawn(name, contact=2),
        "next touch": drawn(name, touch=1),
        "next entity": drawn(name, numbers=n + 1),
    }
    for other in others.values():
        assert abs(np.corrcoef(u, other)[0, 1]) < 4.0 / math.sqrt(len(u))
        pairs = np.histogram2d(u, other, bins=20, range=((0, 1), (0, 1)))[0]
        assert stats.chisquare(pairs.ravel()).pvalue > 1e-5


def test_draws_of_mechanisms_are_uncorrelated_with_each_other():
    """What is decided about one visit: all purposes there are, at one address."""
    block = np.array([drawn("BALK", purpose=purpose, n=50_000) for purpose in range(streams.CHOICE + 1)])
    off = np.corrcoef(block)[~np.eye(len(block), dtype=bool)]
    # The largest of 903 pairs: beyond 5 standard errors once in 2,000 such tests.
    assert np.abs(off).max() < 5.0 / math.sqrt(block.shape[1])
    assert abs(np.mean(off**2) * block.shape[1] - 1.0) < 4.0 * math.sqrt(2.0 / (len(off) / 2))


def test_repeated_draws_of_one_address_are_uniform_and_uncorrelated():
    """A chaser asks again each time the promise has passed: the n-th draw is below the address itself."""
    key = replication_key(11, 3)
    place = address(0, 1, streams.CHASER)
    case_keys = [entity_key(key, streams.CASE, case_number(1, 0, n)) for n in range(4000)]
    u = np.array([[uniform(next_key(case_key, place), n) for n in range(1, 7)] for case_key in case_keys])
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-4
    apart = np.corrcoef(u.T)[~np.eye(6, dtype=bool)]
    assert np.abs(apart).max() < 4.5 / math.sqrt(len(u))
