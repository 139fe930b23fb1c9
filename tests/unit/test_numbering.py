"""What holds of groups of rows is what a loop over the rows of each finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cxsim.contacts.order import order_of
from cxsim.metrics.numbering import Numbering

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.booleans(), st.floats(-9, 9)), max_size=25)


def _groups(rows):
    """Rows of each group, by a key of two parts, in order of the keys."""
    return [[i for i, row in enumerate(rows) if row[:2] == key] for key in sorted({row[:2] for row in rows})]


@given(ROWS, st.booleans())
def test_groups_say_what_a_loop_over_their_rows_says(rows, straight):
    rows = sorted(rows, key=lambda row: row[:2]) if straight else rows
    one, other, mask, values = (
        np.array([row[i] for row in rows], dtype=d) for i, d in enumerate(("i8", "i2", "?", float))
    )
    found = Numbering.of([one, other], order=None if straight else order_of(one, other))
    groups = _groups(rows)
    assert len(found) == len(groups)
    assert [np.flatnonzero(found.numbers == number).tolist() for number in range(len(groups))] == groups
    assert found.first.tolist() == [group[0] for group in groups]
    assert sorted([*found.first, *found.later]) == list(range(len(rows)))
    assert found.of_later.tolist() == found.numbers[found.later].tolist()
    assert found.any(mask).tolist() == [any(mask[i] for i in group) for group in groups]
    assert found.n_with(mask) == sum(any(mask[i] for i in group) for group in groups)
    assert found.rows(mask).tolist() == [sum(mask[i] for i in group) for group in groups]
    assert found.least(values).tolist() == [min(values[i] for i in group) for group in groups]
    assert found.greatest(values).tolist() == [max(values[i] for i in group) for group in groups]
