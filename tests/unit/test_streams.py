"""Draws depend on their address alone; elementary functions are exact to the last place and everywhere the same."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from cxsim import streams
from cxsim.streams import (
    address,
    agent_number,
    case_number,
    day_number,
    entity_key,
    exp,
    exps,
    log,
    logs,
    mixed,
    normal_quantile,
    normals,
    replication_key,
    uniform,
    uniforms,
)

PURPOSES = {
    "ARRIVAL": 0,
    "ENTRY": 1,
    "CUSTOMER": 2,
    "SEGMENT": 3,
    "PATIENCE": 4,
    "PATIENCE_AT_ONCE": 5,
    "TALK": 6,
    "AFTER_CALL": 7,
    "HOLD": 8,
    "RESOLUTION": 9,
    "FALSE_RESOLUTION": 10,
    "EXIT": 11,
    "DELAY": 12,
    "SPEED": 13,
    "QUALITY": 14,
    "ABSENCE": 15,
    "BUSYNESS": 16,
    "DURATION": 17,
    "STYLE": 18,
    "BRAND": 19,
    "CHURN": 20,
    "HALO": 21,
    "ITEM_SATISFACTION": 22,
    "ITEM_EASE": 23,
    "ITEM_RECOMMENDATION": 24,
    "ITEM_INTENTION": 25,
    "INVITATION": 26,
    "RESPONSE": 27,
    "COMMENT": 28,
    "THEME": 29,
    "REFERENCE": 30,
    "BALK": 31,
    "CALLBACK": 32,
    "CALLBACK_ANSWER": 33,
    "CHASER": 34,
    "RING": 35,
    "UNAVAILABLE": 36,
    "UNAVAILABLE_FOR": 37,
    "LATE": 38,
    "LATE_BY": 39,
    "TENURE": 40,
    "BATCH": 41,
    "CHOICE": 42,
    "POLARITY": 43,
    "SENTENCE": 44,
    "SUBSAMPLE": 45,
}

# (seed, replication, kind, number, contact, touch, purpose), 64 bits, uniform number; by `twin` below, then frozen.
FROZEN = [
    ((0, 0, 0, 0, 0, 0, 0), 0x1957A7604E215178, "0x1.957a7604e2158p-4"),
    ((0, 0, 0, 0, 0, 0, 6), 0x72D1330394A98AE8, "0x1.cb44cc0e52a62p-2"),
    ((1, 0, 0, 0, 0, 0, 6), 0x3A69CB864886F9E6, "0x1.d34e5c324437cp-3"),
    ((0, 1, 0, 0, 0, 0, 6), 0x1D5133A61E47FF57, "0x1.d5133a61e47f8p-4"),
    ((20260101, 7, 0, 3298618769531, 2, 1, 11), 0xC1E5C4CE86B4CC73, "0x1.83cb899d0d699p-1"),
    ((2**63 - 1, 2**31, 2, 67108881, 30, 0, 15), 0x12F4C95A2EDB302E, "0x1.2f4c95a2edb38p-4"),
    ((42, 3, 1, 999999, 0, 0, 20), 0xD059C89880DFE095, "0x1.a0b3913101bfdp-1"),
    ((42, 3, 3, 16777222, 47, 0, 16), 0xD7DBBFAF9D854644, "0x1.afb77f5f3b0a9p-1"),
]

EXTENDED = np.finfo(np.longdouble).nmant >= 63
needs_extended = pytest.mark.skipif(not EXTENDED, reason="no floating-point numbers longer than 64 bits here")


def mix(x):
    """The finaliser of SplitMix64 in Python's own whole numbers."""
    x %= 2**64
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
    return x ^ x >> 31


def twin(seed, replication, kind, number, contact, touch, purpose):
    """The 64 bits of a draw, written a second time."""
    golden = 0x9E3779B97F4A7C15
    of_replication = mix(mix(seed + golden) + replication * golden)
    of_entity = mix(of_replication + (kind * 2**56 + number) * golden)
    return mix(of_entity + (contact * 2**14 + touch * 2**6 + purpose) * 0xD1342543DE82EF95)


def draw(seed, replication, kind, number, contact, touch, purpose):
    key = entity_key(replication_key(seed, replication), kind, number)
    return uniform(key, address(contact, touch, purpose))


def talk(*, seed=0, replication=0, numbers=None, contact=0, touch=0, purpose=streams.TALK):
    numbers = np.arange(100_000) if numbers is None else numbers
    return uniforms(replication_key(seed, replication), streams.CASE, numbers, address(contact, touch, purpose))


def ulps(found, expected):
    """The largest distance from an expected long double, in units of the last place of the double."""
    return float(np.max(np.abs(found - expected) / np.spacing(np.abs(expected.astype(np.float64)))))


def test_purposes_keep_their_numbers_for_ever():
    assert {name: getattr(streams, name) for name in PURPOSES} == PURPOSES
    assert list(PURPOSES.values()) == list(range(len(PURPOSES)))
    assert max(PURPOSES.values()) < streams.N_PURPOSES == 64


def test_kinds_keep_their_numbers_for_ever():
    assert (streams.CASE, streams.PERSON, streams.AGENT, streams.DAY) == (0, 1, 2, 3)


@pytest.mark.parametrize(("where", "bits", "value"), FROZEN)
def test_frozen_draws(where, bits, value):
    assert twin(*where) == bits
    assert (bits // 2**12 + 0.5) / 2**52 == float.fromhex(value)
    assert draw(*where) == float.fromhex(value)


whole = st.integers(0, 2**40)


@settings(deadline=None)  # the first call compiles
@given(st.tuples(whole, whole, st.integers(0, 3), whole, st.integers(0, 1000), st.integers(0, 255), st.integers(0, 63)))
def test_draw_equals_its_twin_in_plain_whole_numbers(where):
    assert draw(*where) == ((twin(*where) >> 12) + 0.5) * 2.0**-52


def test_block_equals_single_draws_in_any_order():
    numbers = np.random.default_rng(1).permutation(300)
    one_by_one = [draw(9, 2, streams.CASE, int(n), 1, 2, streams.TALK) for n in numbers]
    assert talk(seed=9, replication=2, numbers=numbers, contact=1, touch=2).tolist() == one_by_one


def test_packed_numbers_are_distinct_and_below_56_bits():
    assert case_number(3, 5, 123) == 3 * 2**40 + 5 * 2**24 + 123
    assert agent_number(4, 17) == 4 * 2**24 + 17
    assert day_number(1, 6) == 2**24 + 6
    places = {address(c, t, p) for c in range(5) for t in (0, 1, 255) for p in range(64)}
    assert len(places) == 5 * 3 * 64
    assert case_number(2**16 - 1, 2**16 - 1, 2**24 - 1) < 2**56


@pytest.mark.parametrize(
    ("seed", "replication", "culprit"), [(-1, 0, "seed: -1"), (0, -2, "replication: -2"), (2**63, 0, "seed")]
)
def test_seed_out_of_range_is_refused(seed, replication, culprit):
    with pytest.raises(ValueError, match=culprit):
        replication_key(seed, replication)


def test_entity_below_zero_is_refused():
    with pytest.raises(ValueError, match="below 0"):
        talk(numbers=[3, -1])


def test_no_entities_give_no_draws():
    assert talk(numbers=[]).shape == (0,)


@pytest.mark.parametrize("purpose", [streams.ARRIVAL, streams.TALK, streams.REFERENCE])
def test_draws_are_uniform(purpose):
    u = talk(seed=5, purpose=purpose, numbers=np.arange(200_000))
    assert 0.0 < u.min() < u.max() < 1.0
    assert stats.chisquare(np.histogram(u, bins=1000, range=(0, 1))[0]).pvalue > 1e-4
    low_bits = (u * 2**20 % 1.0 * 256).astype(int)
    assert stats.chisquare(np.bincount(low_bits, minlength=256)).pvalue > 1e-4


@pytest.mark.parametrize(
    "neighbour",
    [
        {"seed": 1},
        {"replication": 1},
        {"contact": 1},
        {"touch": 1},
        {"purpose": streams.AFTER_CALL},
        {"numbers": np.arange(1, 100_001)},
        {"numbers": np.arange(100_000) + 2**24},
        {"numbers": np.arange(100_000) + 2**40},
    ],
    ids=str,
)
def test_neighbouring_addresses_are_uncorrelated(neighbour):
    a, b = talk(), talk(**neighbour)
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.0 / math.sqrt(len(a))
    pairs = np.histogram2d(a, b, bins=20, range=((0, 1), (0, 1)))[0]
    assert stats.chisquare(pairs.ravel()).pvalue > 1e-4


def test_one_bit_of_the_address_turns_half_the_bits_of_the_draw():
    rng = np.random.default_rng(3)
    turned = []
    for bit in range(40):
        for base in rng.integers(0, 2**40, 50):
            pair = [int(mixed(5, n, streams.DRAW_STRIDE)) for n in (base, base ^ (1 << bit))]
            turned.append((pair[0] ^ pair[1]).bit_count())
    assert abs(np.mean(turned) - 32.0) < 4.0 * 4.0 / math.sqrt(len(turned))
    assert min(turned) > 10


def test_one_minus_a_draw_is_its_exact_antithetic():
    u = talk(numbers=np.arange(10_000))
    assert np.all(1.0 - (1.0 - u) == u)
    assert np.array_equal(normals(1.0 - u), -normals(u))


@needs_extended
def test_logarithm_is_less_than_one_unit_of_the_last_place_off():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.random(100_000), 10 ** rng.uniform(-307, 308, 50_000), 1 + rng.normal(0, 1e-3, 50_000)])
    x = np.append(x[x != 1.0], [5e-324, 3e-310, 2.0, math.sqrt(2.0), math.sqrt(0.5), np.finfo(float).max])
    assert ulps(logs(x), np.log(x.astype(np.longdouble))) < 1.0


@needs_extended
def test_exponential_is_less_than_one_unit_of_the_last_place_off():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.uniform(-1, 1, 100_000), rng.uniform(-745, 709.78, 100_000)])
    assert ulps(exps(x), np.exp(x.astype(np.longdouble))) < 1.0


def test_normal_variates_agree_with_the_inverse_of_the_normal_law():
    u = np.concatenate([np.random.default_rng(3).random(100_000), 10.0 ** -np.arange(1.0, 300.0)])
    np.testing.assert_allclose(normals(u), special.ndtri(u), rtol=3e-15)


def test_edges_of_the_elementary_functions():
    assert log(0.0) == -math.inf
    assert log(1.0) == 0.0
    assert log(math.inf) == math.inf
    assert math.isnan(log(-1.0))
    assert math.isnan(log(math.nan))
    assert exp(0.0) == 1.0
    assert exp(710.0) == math.inf
    assert exp(-746.0) == 0.0
    assert exp(-math.inf) == 0.0
    assert math.isnan(exp(math.nan))
    assert normal_quantile(0.5) == 0.0
    assert normal_quantile(0.0) == -math.inf
    assert normal_quantile(1.0) == math.inf
    assert math.isnan(normal_quantile(math.nan))


def test_block_functions_keep_the_shape():
    assert logs(np.ones((2, 3))).shape == (2, 3)
    assert exps([]).shape == (0,)


@pytest.mark.parametrize("function", [logs, exps, normals])
def test_elementary_functions_never_fall(function):
    x = np.linspace(0.0, 1.0, 100_001)[1:-1]
    assert np.all(np.diff(function(x)) >= 0.0)


PRINT_DRAWS = """
import numpy as np
from cxsim import streams as s
key = s.replication_key(77, 3)
u = s.uniforms(key, s.PERSON, np.arange(300), s.address(4, 2, s.HALO))
for part in (u, s.logs(u), s.exps(50.0 * u - 25.0), s.normals(u), s.normals(u**20)):
    print(*(float(value).hex() for value in part))
print(s.uniform(s.entity_key(key, s.AGENT, s.agent_number(2, 9)), s.address(31, 0, s.ABSENCE)).hex())
"""


def printed(code, *, uncompiled):
    given = {**os.environ, "NUMBA_DISABLE_JIT": "1" if uncompiled else "0"}
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", code]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout


def test_compiled_and_uncompiled_give_the_same_bits():
    assert printed(PRINT_DRAWS, uncompiled=False) == printed(PRINT_DRAWS, uncompiled=True)
