"""Moments of truth: a weighted share kept, targets met, and every bad cell named."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.benchmarks.measures import wilson
from cxsim.benchmarks.moments import moments_score
from cxsim.errors import ProfileError


def moments(*rows: tuple[Any, ...], columns: tuple[str, ...] = ("moment", "kept", "target", "weight")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def test_shares_kept_are_added_by_weight() -> None:
    card = moments_score(moments(("order", 0.9, 0.8, 3), ("refund", 0.5, 0.7, 1)))
    assert card.pass_rate == pytest.approx((3 * 0.9 + 0.5) / 4)
    assert card.met == pytest.approx(0.75)
    assert [row.met for row in card.rows] == [True, False]
    assert (card.low, card.high) == (None, None)
    assert "MISSED" in card.to_text()
    assert list(card.to_frame()["weight"]) == [0.75, 0.25]


def test_a_number_of_times_gives_interval_and_chance() -> None:
    columns = ("moment", "kept", "target", "weight", "n")
    card = moments_score(moments(("order", 0.82, 0.82, 1, 50), columns=columns))
    row = card.rows[0]
    assert (row.low, row.high) == pytest.approx(wilson(41, 50))
    assert (card.low, card.high) == pytest.approx(wilson(41, 50))
    assert row.probability_of_target == pytest.approx(0.5)


def test_intervals_of_several_moments_add_in_squares() -> None:
    columns = ("moment", "kept", "target", "weight", "n")
    card = moments_score(moments(("a", 0.5, 0.4, 1, 100), ("b", 0.5, 0.4, 1, 100), columns=columns))
    low, _ = wilson(50, 100)
    assert card.low == pytest.approx(0.5 - math.hypot(0.5 * (0.5 - low), 0.5 * (0.5 - low)))


def test_a_moment_never_observed_leaves_its_weight_to_the_others() -> None:
    card = moments_score(moments(("order", 0.9, 0.8, 3), ("refund", None, 0.7, 1)))
    assert (card.pass_rate, card.met, card.missing) == (0.9, 1.0, ("refund",))
    assert "refund" in card.to_text()


def test_a_file_is_read_with_shares_in_per_cent(tmp_path: Path) -> None:
    file = tmp_path / "moments.csv"
    file.write_text("moment,kept,target,weight,n\norder,90%,80%,3,200\nrefund,0.5,70 %,1,\n")
    card = moments_score(file)
    assert card.pass_rate == pytest.approx(0.8)
    assert [row.n for row in card.rows] == [200, None]
    with pytest.raises(ProfileError, match="a CSV table"):
        moments_score(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("order", 90, 0.8, 1, 5), "row 2 column kept: 90"),
        (("order", 0.9, "x", 1, 5), "row 2 column target: 'x'"),
        (("order", 0.9, None, 1, 5), "row 2 column target: None"),
        (("order", 0.9, 0.8, 0, 5), "row 2 column weight: 0"),
        (("order", 0.9, 0.8, "much", 5), "row 2 column weight: 'much'"),
        (("order", 0.9, 0.8, 1, 2.5), "row 2 column n: 2.5"),
        (("", 0.9, 0.8, 1, 5), "row 2 column moment: blank"),
        (("first", 0.9, 0.8, 1, 5), "row 2 column moment: first is given in row 1 too"),
    ],
)
def test_a_bad_cell_is_named(row: tuple[Any, ...], said: str) -> None:
    columns = ("moment", "kept", "target", "weight", "n")
    with pytest.raises(ProfileError, match=said):
        moments_score(moments(("first", 0.5, 0.5, 1, 7), row, columns=columns).astype(object))


def test_nothing_observed_and_columns_absent_are_refused() -> None:
    with pytest.raises(ProfileError, match="column kept: no value"):
        moments_score(moments(("order", None, 0.8, 1)))
    with pytest.raises(ProfileError, match="no column target, weight"):
        moments_score(pd.DataFrame({"moment": ["a"], "kept": [0.5]}))


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 9)), min_size=1, max_size=6),
    st.integers(0, 5),
    st.floats(0, 1),
)
def test_keeping_a_moment_more_often_never_lowers_the_score(
    rows: list[tuple[float, float, float]], which: int, more: float
) -> None:
    which %= len(rows)
    table = moments(*((f"m{place}", *row) for place, row in enumerate(rows)))
    raised = table.copy()
    raised.loc[which, "kept"] = max(more, rows[which][0])
    before, after = moments_score(table), moments_score(raised)
    assert before.pass_rate <= after.pass_rate + 1e-12
    assert before.met <= after.met + 1e-12
    assert 0.0 <= before.pass_rate <= 1.0
