"""Place among the peers, what missing metrics count, and ends that are only observed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cards import cells, group_of, line, peers, ruled, scored, table

from cxsim.benchmarks.position import percentile, quantile, rank
from cxsim.benchmarks.profile import Band, ProfileMetric
from cxsim.benchmarks.scorecard import Row, score
from cxsim.errors import ProfileError


def only(value: float, metric: ProfileMetric) -> Row:
    measures = table({"metric": "a", "value": value, "unit": metric.unit, "better": metric.better})
    return score(measures, profile=group_of(metric)).rows[0]


# Rank and percentile among named peers


def test_the_rank_counts_oneself_among_the_named_peers() -> None:
    eight = peers(0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85)
    row = only(0.72, scored("a", 1.0, 0.0, 1.0, peers=eight))
    assert (row.place, row.rank, row.ranked) == ("4 of 9", 4, 9)
    assert only(0.72, scored("a", 1.0, 1.0, 0.0, peers=eight)).place == "6 of 9"


def test_the_rank_stands_in_table_and_text() -> None:
    metric = scored("a", 1.0, 0.0, 1.0, peers=peers(0.5, 0.9))
    card = score(table({"metric": "a", "value": 0.7}), profile=group_of(metric))
    assert "2 of 3" in card.to_text()
    assert (card.to_frame()["rank"][0], card.to_frame()["ranked"][0]) == (2, 3)
    assert any("Fewer than 8 peers" in note and note.endswith("only: A.") for note in card.notes)
    unnamed = score(table({"metric": "a", "value": 0.7}), profile=group_of(scored("a", 1.0, 0.0, 1.0)))
    assert "rank" not in unnamed.to_text()
    assert unnamed.rows[0].place == ""


def test_equal_values_share_the_better_place() -> None:
    assert only(0.7, scored("a", 1.0, 0.0, 1.0, peers=peers(0.7, 0.7, 0.9))).place == "2 of 4"


def test_in_a_band_the_nearer_peer_is_ahead() -> None:
    band = Band(line(0.5), line(0.7), line(0.8), line(1.0))
    metric = ProfileMetric("a", "default", 1.0, "1", band=band, peers=peers(0.75, 0.66, 0.95))
    assert only(0.82, metric).place == "2 of 4"
    assert only(0.72, metric).place == "1 of 4"


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.integers(0, 20), st.booleans())
def test_rank_and_percentile_are_counts_anyone_can_make(values: list[int], own: int, higher: bool) -> None:
    ends = (0.0, 20.0) if higher else (20.0, 0.0)
    metric = scored("a", 1.0, *ends, unit="points", peers=peers(*map(float, values)))
    ahead = below = 0.0
    for value in values:
        ahead += value > own if higher else value < own
        below += 1.0 if value < own else 0.5 if value == own else 0.0
    found = rank(metric, value=float(own))
    assert found is not None
    assert (found.place, found.of) == (1 + ahead, 1 + len(values))
    assert percentile(metric, value=float(own)).percentile == pytest.approx(below / len(values))


# Gaps


def test_gaps_are_said_in_the_unit_and_as_a_share_of_the_peers() -> None:
    row = only(45.0, scored("a", 1.0, 60.0, 10.0, unit="s", cells=cells({"p10": 20.0, "median": 36.0})))
    assert (row.gap_to_peer, row.relative_gap_to_peer) == pytest.approx((-9.0, -0.25))
    assert (row.best_in_class_statistic, row.best_in_class) == ("p10", 20.0)
    assert (row.gap_to_best_in_class, row.relative_gap_to_best_in_class) == pytest.approx((-25.0, -1.25))


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"best_practice": 0.9, "p90": 0.8, "max": 0.95}, ("best_practice", 0.9)),
        ({"p10": 0.1, "p90": 0.8, "max": 0.95}, ("p90", 0.8)),
        ({"min": 0.1, "max": 0.95}, ("max", 0.95)),
        ({"q3": 0.7, "top_quartile": 0.7}, (None, None)),
    ],
)
def test_best_in_class_is_best_practice_or_the_top_tenth_or_the_best(
    figures: dict[str, float], expected: tuple[str | None, float | None]
) -> None:
    row = only(0.5, scored("a", 1.0, 0.0, 1.0, cells=cells(figures)))
    assert (row.best_in_class_statistic, row.best_in_class) == expected


def test_a_gap_on_a_scale_without_a_zero_has_no_share() -> None:
    row = only(30.0, scored("a", 1.0, -9.0, 66.0, unit="points", cells=cells({"median": 20.0})))
    assert (row.gap_to_peer, row.relative_gap_to_peer) == (10.0, None)
    assert only(0.3, scored("a", 1.0, 0.0, 1.0, cells=cells({"median": 0.0}))).relative_gap_to_peer is None


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_mirroring_a_metric_mirrors_gaps_and_quartiles(value: float, middle: float) -> None:
    """A share of good things and the share of bad ones that is left tell the same story."""
    five = dict(zip(("min", "q1", "median", "q3", "max"), np.linspace(0.0, 1.0, 5), strict=True))
    five["median"] = 0.4 + 0.2 * middle
    turned = dict(zip(five, sorted(1.0 - figure for figure in five.values()), strict=True))
    up = only(value, scored("a", 1.0, 0.2, 0.9, cells=cells(five)))
    down = only(1.0 - value, scored("a", 1.0, 0.8, 0.1, cells=cells(turned)))
    assert down.score == pytest.approx(up.score)
    assert down.gap_to_peer == pytest.approx(up.gap_to_peer, abs=1e-9)
    assert down.gap_to_best == pytest.approx(up.gap_to_best, abs=1e-9)
    assert up.percentile is not None
    assert down.percentile == pytest.approx(1.0 - up.percentile, abs=1e-6)


# Quantiles read from the figures


def test_a_published_quantile_is_read_as_it_stands() -> None:
    found = quantile(scored("a", 1.0, 0.0, 1.0, cells=cells({"p10": 0.2, "median": 0.5, "p90": 0.9})), share=0.9)
    assert found is not None
    assert (found.value, found.provenance) == (0.9, "published")


@given(st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5, unique_by=lambda x: round(x, 3)), st.floats(0.01, 0.99))
def test_a_quantile_has_its_own_percentile(five: list[float], share: float) -> None:
    names = ("min", "q1", "median", "q3", "max")
    metric = scored("a", 1.0, 0.0, 1.0, cells=cells(dict(zip(names, sorted(five), strict=True))))
    found = quantile(metric, share=share)
    assert found is not None
    place = percentile(metric, value=found.value).percentile
    assert place == pytest.approx(share, abs=1e-6)


def test_a_quantile_of_the_pert_law_has_its_own_percentile() -> None:
    metric = scored("a", 1.0, 0.0, 1.0, cells=cells({"min": 0.41, "mean": 0.74, "max": 0.94}))
    for share in (0.1, 0.5, 0.9):
        found = quantile(metric, share=share)
        assert found is not None
        assert found.provenance == "filled"
        assert percentile(metric, value=found.value).percentile == pytest.approx(share)


@pytest.mark.parametrize("figures", [{"mean": 0.5}, {"min": 0.1, "max": 0.9}, {"q1": 0.2, "median": 0.4, "q3": 0.6}])
def test_nothing_is_read_beyond_the_outermost_figure(figures: dict[str, float]) -> None:
    assert quantile(scored("a", 1.0, 0.0, 1.0, cells=cells(figures)), share=0.1) is None


# Missing metrics

THREE = (
    scored("a", 0.5, 0.0, 1.0),
    scored("b", 0.3, 0.0, 1.0, cells=cells({"median": 0.6})),
    scored("c", 0.2, 0.0, 1.0),
)
PRESENT = table({"metric": "a", "value": 0.4}, {"metric": "c", "value": 0.9})


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("reweight", (0.5 * 0.4 + 0.2 * 0.9) / 0.7), ("zero", 0.38), ("peer_median", 0.38 + 0.3 * 0.6)],
)
def test_what_is_missing_counts_as_chosen(missing: str, expected: float) -> None:
    card = score(PRESENT, profile=group_of(*THREE), missing=missing)  # type: ignore[arg-type]
    assert card.total == pytest.approx(expected)
    assert score(PRESENT, profile=group_of(*THREE, missing=missing)).total == card.total
    (note,) = [note for note in card.notes if "B (30% of the weight" in note]
    assert ("scaled up to 100%" in note) == (missing == "reweight")


def test_nothing_may_be_missing_where_it_is_to_fail() -> None:
    with pytest.raises(ProfileError, match=r"profile peers\.b: not measured"):
        score(PRESENT, profile=group_of(*THREE), missing="fail")
    with pytest.raises(ProfileError, match="did you mean 'zero'"):
        score(PRESENT, profile=group_of(*THREE), missing="zeros")  # type: ignore[arg-type]


def test_without_a_median_of_the_peers_the_weight_goes_to_the_others() -> None:
    card = score(table({"metric": "b", "value": 0.5}), profile=group_of(*THREE), missing="peer_median")
    assert card.total == pytest.approx(0.5)
    assert {gap.reason for gap in card.missing} == {"not measured; the peers have no median"}


@pytest.mark.parametrize("missing", ["reweight", "zero", "peer_median"])
def test_the_totals_of_replications_count_what_is_missing_alike(missing: str) -> None:
    rng = np.random.default_rng(3)
    values = rng.uniform(0.3, 0.6, 10)
    each = pd.DataFrame(
        [
            {"replication": number, "metric": name, "variant": "default", "value": value}
            for number, draw in enumerate(values)
            for name, value in (("a", draw), ("c", 0.9))
        ]
    )
    measures = table({"metric": "a", "value": values.mean()}, {"metric": "c", "value": 0.9})
    card = score(measures, profile=group_of(*THREE), replications=each, missing=missing)  # type: ignore[arg-type]
    totals = [
        score(table({"metric": "a", "value": value}, {"metric": "c", "value": 0.9}), profile=group_of(*THREE),
              missing=missing).total  # type: ignore[arg-type]
        for value in values
    ]  # fmt: skip
    assert card.low is not None
    half = 2.262157 * np.std(totals, ddof=1) / math.sqrt(10)
    assert card.low == pytest.approx(card.total - half, rel=1e-5)


# Ends that are observed


def test_blank_ends_are_those_of_everybody_observed() -> None:
    metric = ProfileMetric("a", "default", 1.0, "s", direction="lower", observed=True, peers=peers(10.0, 40.0))
    measures = table(
        *({"metric": "a", "group": name, "value": value, "unit": "s", "better": "lower"} for name, value in
          (("north", 20.0), ("south", 60.0)))
    )  # fmt: skip
    card = score(measures, profile=group_of(metric), group="north")
    assert (card.rows[0].worst, card.rows[0].best) == ((60.0,), (10.0,))
    assert card.total == pytest.approx(0.8)
    assert any("depends on who else is in the data" in flag for flag in card.rows[0].flags)
    assert any("depend on who else" in note for note in card.notes)
    wider = pd.concat([measures, table({"metric": "a", "value": 110.0, "unit": "s", "better": "lower"})])
    assert score(measures, profile=group_of(metric), group="north", observed=wider).total == pytest.approx(0.9)


def test_without_a_difference_nothing_can_be_scored_on_what_is_observed() -> None:
    metric = ProfileMetric("a", "default", 0.5, "1", direction="higher", observed=True)
    card = score(
        table({"metric": "a", "value": 0.5}, {"metric": "b", "value": 0.4}),
        profile=group_of(metric, scored("b", 0.5, 0.0, 1.0)),
    )
    assert card.missing[0].reason == "worst and best are what is observed, and all values are equal"


def test_the_total_is_the_weighted_sum_for_any_mix_of_rules() -> None:
    metrics = [
        scored("a", 0.25, 0.0, 1.0),
        ProfileMetric("b", "default", 0.25, "1", rule="goal_ratio", target=line(0.8), direction="higher"),
        ProfileMetric("c", "default", 0.25, "1", rule="banded", bands=(0.0, 0.5, 0.6)),
        ProfileMetric("d", "default", 0.25, "1", rule="percentile", peers=peers(0.1, 0.6), direction="higher"),
    ]
    values = {"a": 0.4, "b": 0.6, "c": 0.55, "d": 0.5}
    measures = table(*({"metric": name, "value": value} for name, value in values.items()))
    assert score(measures, profile=group_of(*metrics)).total == pytest.approx((0.4 + 0.75 + 0.75 + 0.5) / 4)


@pytest.mark.parametrize(("n", "few"), [(29, True), (30, False)])
def test_a_share_of_few_contacts_is_flagged_with_their_number(n: int, few: bool) -> None:
    counted = {"metric": "a", "value": 1.0, "numerator": float(n), "denominator": float(n), "n": n}
    row = score(table(counted), profile=group_of(scored("a", 1.0, 0.0, 1.0))).rows[0]
    assert row.n == n
    assert any(f"few observations: {n}" in flag for flag in row.flags) == few


def test_infinite_ends_do_not_spoil_a_card() -> None:
    """A goal over a wait never falls to nothing, so its worst is beyond all numbers."""
    metric = ruled("goal_ratio", unit="s", target=line(20.0), direction="lower")
    card = score(table({"metric": "a", "value": 40.0, "unit": "s", "better": "lower"}), profile=group_of(metric))
    assert card.total == 0.5
    assert card.rows[0].worst == (math.inf,)
    assert all(a <= b for a, b in itertools.pairwise(sorted(metric.score(v) for v in (10.0, 20.0, 40.0))))
    assert "no limit" in card.to_text()
