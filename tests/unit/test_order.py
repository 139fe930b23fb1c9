"""Rows are sorted and numbered as NumPy's plain functions do it, whatever the keys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.contacts import order
from cxsim.contacts.order import distinct, numbered, order_of, ordered, places

NUMBERS = st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3).map(lambda n: (n << 32) + n % 2)
FLOATS = st.sampled_from([0.0, -0.0, 1.5, -np.inf, np.inf, np.nan, -np.nan]) | st.floats(-1e9, 1e9)


@st.composite
def keys(draw):
    """One to four keys of one length, of any kind."""
    n_rows = draw(st.integers(0, 30))
    kinds = {"i8": NUMBERS, "i2": st.integers(-5, 5), "?": st.booleans(), "f8": FLOATS}
    chosen = draw(st.lists(st.sampled_from(list(kinds)), min_size=1, max_size=4))
    return [np.array(draw(st.lists(kinds[k], min_size=n_rows, max_size=n_rows)), dtype=k) for k in chosen]


@settings(max_examples=400, deadline=None)
@given(keys())
def test_rows_are_sorted_as_lexsort_sorts_them(given_keys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_FEW", 0)  # few rows are sorted like many
        assert order_of(*given_keys).tolist() == np.lexsort(given_keys[::-1]).tolist()


@pytest.mark.parametrize("n_customers", [1, 7, 3000, 2**40])
def test_many_rows_with_ties_keep_their_order(n_customers):
    rng = np.random.default_rng(3)
    customer = rng.integers(0, n_customers, 5000)
    offered = np.floor(rng.random(5000) * 900) * 60.0
    assert np.array_equal(order_of(customer, offered), np.lexsort((offered, customer)))
    assert np.array_equal(order_of(offered, customer), np.lexsort((customer, offered)))


@given(st.lists(NUMBERS, max_size=30))
def test_keys_are_counted_and_numbered_as_unique_does(given_keys):
    array = np.array(given_keys, dtype=np.int64)
    expected, number = np.unique(array, return_inverse=True)
    assert distinct(array).tolist() == expected.tolist()
    assert numbered(array).tolist() == number.tolist()


@settings(deadline=None)
@given(st.lists(FLOATS, max_size=30), st.sampled_from([1, 100]), st.integers(0, 3))
def test_values_are_put_in_order_as_sort_does_it(given_values, times, seed):
    values = np.array(given_values * times)
    np.random.default_rng(seed).shuffle(values)
    np.testing.assert_array_equal(ordered(values), np.sort(values))


@pytest.mark.parametrize("make", [lambda r, n: r.exponential(300.0, n), lambda r, n: r.normal(0.0, 1e300, n)])
def test_many_values_are_put_in_order(make):
    values = make(np.random.default_rng(1), 9000)
    assert np.array_equal(ordered(values), np.sort(values))


EDGES = st.lists(st.integers(0, 48).map(lambda n: 1800.0 * n) | st.floats(-1e9, 1e9) | st.sampled_from([0.0, 5e-324]))


@settings(deadline=None)
@given(EDGES, st.lists(st.floats(-1e9, 1e9) | st.sampled_from([np.inf, -np.inf])), st.sampled_from(["left", "right"]))
def test_places_among_edges_are_those_of_a_search(given_edges, given_values, side):
    edges = np.unique(np.array(given_edges, dtype=float))
    values = np.concatenate([given_values, edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_FEW", 0)  # few values are looked up like many
        assert np.array_equal(places(edges, values, side=side), np.searchsorted(edges, values, side=side))


@pytest.mark.parametrize("step", [1.0, 2.0])
def test_places_of_many_instants_among_half_hours(step):
    edges = np.arange(49) ** step * 1800.0  # even, and crowded at the begin
    instants = np.floor(np.random.default_rng(2).random(5000) * 97) * edges[-1] / 96
    for side in ("left", "right"):
        assert np.array_equal(places(edges, instants, side=side), np.searchsorted(edges, instants, side=side))
