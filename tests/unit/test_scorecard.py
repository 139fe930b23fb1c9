"""The scorecard's arithmetic against worked examples, and what must hold of any profile and any measures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxsim.benchmarks.cells import Cell
from cxsim.benchmarks.measures import wilson
from cxsim.benchmarks.profile import Band, Line, Profile, ProfileMetric
from cxsim.benchmarks.scorecard import Row, score
from cxsim.errors import ProfileError


def line(value: float) -> Line:
    return Line(value, "filled", note="for the test")


def scored(name: str, weight: float, worst: float, best: float, **rest: Any) -> ProfileMetric:
    """A metric on a straight line."""
    return ProfileMetric(name, "default", weight, rest.pop("unit", "1"), worst=line(worst), best=line(best), **rest)


def group_of(*metrics: ProfileMetric) -> Profile:
    return Profile("peers", "Peers", "for the test", metrics)


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Measures as `measure` gives them, with what the test leaves out set to the plain case."""
    plain = {"variant": "default", "group": "", "unit": "1", "better": "higher", "kind": "result"}
    return pd.DataFrame([{**plain, **row} for row in rows])


def only(measures: pd.DataFrame, *metrics: ProfileMetric, **rest: Any) -> Row:
    return score(measures, profile=group_of(*metrics), **rest).rows[0]


# Worked examples


def test_worked_example_of_a_service_desk_gives_61_36() -> None:
    """Three metrics, ranges partly from published minima and maxima, worked by hand."""
    profile = group_of(
        scored("cost", 0.40, 40.0, 10.0, unit="money"),
        scored("resolution", 0.35, 41.0, 94.0, unit="points"),
        scored("job_satisfaction", 0.25, 44.0, 97.0, unit="points"),
    )
    measures = table(
        {"metric": "cost", "value": 22.0, "unit": "money", "better": "lower"},
        {"metric": "resolution", "value": 74.0, "unit": "points"},
        {"metric": "job_satisfaction", "value": 77.0, "unit": "points"},
    )
    card = score(measures, profile=profile)
    assert [round(100 * row.score, 2) for row in card.rows] == [60.0, 62.26, 62.26]
    assert [round(100 * row.balanced, 2) for row in card.rows] == [24.0, 21.79, 15.57]
    assert round(100 * card.total, 2) == 61.36


@pytest.mark.parametrize(
    ("worst", "best", "value", "expected"),
    [(40.0, 10.0, 5.0, 1.0), (40.0, 10.0, 50.0, 0.0), (0.4, 0.9, 1.0, 1.0), (0.4, 0.9, 0.1, 0.0)],
)
def test_beyond_the_line_the_score_is_clamped_in_both_directions(
    worst: float, best: float, value: float, expected: float
) -> None:
    assert scored("a", 1.0, worst, best).score(value) == expected


def test_wilson_gives_the_published_checks() -> None:
    assert [round(100 * end, 1) for end in wilson(41, 50)] == [69.2, 90.2]
    assert [round(100 * end, 1) for end in wilson(0, 20)] == [0.0, 16.1]
    assert [round(100 * end, 1) for end in wilson(820, 1000)] == [79.5, 84.3]


# Direction, gaps, peers


def test_gaps_are_positive_on_the_better_side() -> None:
    cells = (Cell("mean", 0.5, "published"),)
    up = only(table({"metric": "a", "value": 0.6}), scored("a", 1.0, 0.2, 0.9, cells=cells))
    down = only(table({"metric": "a", "value": 0.6, "better": "lower"}), scored("a", 1.0, 0.9, 0.2, cells=cells))
    assert (up.gap_to_peer, up.gap_to_best) == pytest.approx((0.1, -0.3))
    assert (down.gap_to_peer, down.gap_to_best) == pytest.approx((-0.1, -0.4))


def test_the_first_performance_quartile_holds_the_best() -> None:
    cells = tuple(Cell(key, value, "published") for key, value in {"q1": 0.2, "median": 0.4, "q3": 0.6}.items())
    up = only(table({"metric": "a", "value": 0.7}), scored("a", 1.0, 0.0, 1.0, cells=cells))
    down = only(table({"metric": "a", "value": 0.7, "better": "lower"}), scored("a", 1.0, 1.0, 0.0, cells=cells))
    assert (up.value_quartile, up.performance_quartile) == (4, 1)
    assert (down.value_quartile, down.performance_quartile) == (4, 4)


def banded() -> ProfileMetric:
    band = Band(line(0.5), line(0.7), line(0.8), line(1.0))
    return ProfileMetric("a", "default", 1.0, "1", band=band, cells=(Cell("mean", 0.6, "published"),))


@pytest.mark.parametrize(
    ("value", "expected"), [(0.7, 1.0), (0.8, 1.0), (0.75, 1.0), (0.6, 0.5), (0.9, 0.5), (0.4, 0.0), (1.0, 0.0)]
)
def test_a_band_is_full_inside_and_falls_to_its_worst_ends(value: float, expected: float) -> None:
    row = only(table({"metric": "a", "value": value, "better": "band"}), banded())
    assert row.score == pytest.approx(expected)
    assert row.performance_quartile is None


def test_a_band_counts_its_gap_to_the_nearer_edge() -> None:
    row = only(table({"metric": "a", "value": 0.85, "better": "band"}), banded())
    assert row.gap_to_best == pytest.approx(-0.05)
    assert row.gap_to_peer == pytest.approx(0.05)  # the peers' mean lies 0.10 outside the band, this value 0.05


def test_an_interval_across_a_band_reaches_full_score() -> None:
    row = only(table({"metric": "a", "value": 0.75, "better": "band", "low": 0.58, "high": 0.9}), banded())
    assert (row.score_low, row.score_high) == pytest.approx((0.4, 1.0))


# Uncertainty


def test_an_interval_of_the_value_becomes_one_of_the_score() -> None:
    down = scored("a", 1.0, 60.0, 10.0, unit="s")
    row = only(table({"metric": "a", "value": 35.0, "unit": "s", "better": "lower", "low": 30.0, "high": 45.0}), down)
    assert (row.score_low, row.score, row.score_high) == pytest.approx((0.3, 0.5, 0.6))


def test_without_an_interval_the_standard_error_gives_a_students_one() -> None:
    row = only(
        table({"metric": "a", "value": 0.6, "standard_error": 0.02, "replications": 10}), scored("a", 1.0, 0.0, 1.0)
    )
    assert (row.low, row.high) == pytest.approx(stats.t.interval(0.95, 9, loc=0.6, scale=0.02))


def test_a_share_of_counted_contacts_gets_wilsons_interval() -> None:
    counted = {"metric": "a", "value": 0.82, "numerator": 41.0, "denominator": 50.0, "n": 50}
    row = only(table(counted), scored("a", 1.0, 0.0, 1.0, target=line(0.7)))
    assert (row.low, row.high) == pytest.approx(wilson(41, 50))


def test_the_target_is_certain_to_a_half_at_the_limit_wilson_gives() -> None:
    """The lower 95 % limit is the target that the share exceeds with probability 97.5 %."""
    low, high = wilson(41, 50)
    counted = {"metric": "a", "value": 0.82, "numerator": 41.0, "denominator": 50.0, "n": 50}
    reached = [
        only(table(counted), scored("a", 1.0, 0.0, 1.0, target=line(target))).probability_of_target
        for target in (low, 0.82, high)
    ]
    assert reached == pytest.approx([0.975, 0.5, 0.025])


@pytest.mark.parametrize(("worst", "best", "better"), [(0.0, 1.0, "higher"), (1.0, 0.0, "lower")])
def test_probability_of_the_target_follows_students_law(worst: float, best: float, better: str) -> None:
    measured = {"metric": "a", "value": 0.6, "standard_error": 0.05, "replications": 8, "better": better}
    row = only(table(measured), scored("a", 1.0, worst, best, target=line(0.55)))
    above = stats.t.sf((0.55 - 0.6) / 0.05, 7)
    assert row.probability_of_target == pytest.approx(above if better == "higher" else 1 - above)


def test_probability_of_a_band_is_that_of_lying_inside() -> None:
    row = only(table({"metric": "a", "value": 0.78, "standard_error": 0.02, "better": "band"}), banded())
    law = stats.norm(0.78, 0.02)
    assert row.probability_of_target == pytest.approx(law.cdf(0.8) - law.cdf(0.7))


def test_without_spread_or_count_no_probability_is_invented() -> None:
    row = only(
        table({"metric": "a", "value": 35.0, "unit": "s", "better": "lower"}),
        scored("a", 1.0, 60.0, 10.0, unit="s", target=line(30.0)),
    )
    assert (row.low, row.probability_of_target) == (None, None)
    assert any("neither standard error" in flag for flag in row.flags)


def test_a_value_without_any_spread_meets_its_target_or_not() -> None:
    sure = {"metric": "a", "value": 0.7, "standard_error": 0.0, "replications": 6}
    assert only(table(sure), scored("a", 1.0, 0.0, 1.0, target=line(0.7))).probability_of_target == 1.0
    assert only(table(sure), scored("a", 1.0, 0.0, 1.0, target=line(0.71))).probability_of_target == 0.0


def test_few_replications_that_came_out_the_same_meet_no_target_for_sure() -> None:
    few = {"metric": "a", "value": 0.7, "standard_error": 0.0, "replications": 5}
    row = only(table(few), scored("a", 1.0, 0.0, 1.0, target=line(0.6)))
    assert row.probability_of_target is None
    assert "no probability: no spread in 5 replications" in row.flags


def test_one_replication_has_no_interval_however_many_contacts_it_counts() -> None:
    counted = {"metric": "a", "value": 0.8, "numerator": 80.0, "denominator": 100.0, "n": 100}
    alone = table({**counted, "replications": 1})
    each = alone.assign(replication=0)[["replication", "metric", "variant", "value"]]
    card = score(alone, profile=group_of(scored("a", 1.0, 0.0, 1.0, target=line(0.7))), replications=each)
    assert (card.low, card.rows[0].low, card.rows[0].probability_of_target) == (None, None, None)
    assert any(note.startswith("The total has no interval: fewer than two replications") for note in card.notes)
    # The same counts of a real record have Wilson's.
    assert only(table(counted), scored("a", 1.0, 0.0, 1.0)).low is not None


def test_even_limits_of_independent_metrics_add_in_squares() -> None:
    measures = table(
        {"metric": "a", "value": 0.5, "low": 0.4, "high": 0.6}, {"metric": "b", "value": 0.5, "low": 0.3, "high": 0.7}
    )
    card = score(measures, profile=group_of(scored("a", 0.5, 0.0, 1.0), scored("b", 0.5, 0.0, 1.0)))
    half = math.sqrt((0.5 * 0.1) ** 2 + (0.5 * 0.2) ** 2)
    assert (card.low, card.high) == pytest.approx((0.5 - half, 0.5 + half))
    assert any("as if each moved by itself" in note for note in card.notes)


def test_totals_of_the_replications_keep_the_dependence_between_metrics() -> None:
    """A wait and a service level that fall and rise together: a plain loop over replications gives the interval."""
    rng = np.random.default_rng(7)
    wait = rng.uniform(20, 50, 12)
    level = 1.0 - wait / 60
    profile = group_of(scored("wait", 0.6, 60.0, 0.0, unit="s"), scored("level", 0.4, 0.0, 1.0))
    by_replication = pd.DataFrame(
        [
            {"replication": number, "metric": name, "variant": "default", "value": values[number]}
            for number in range(12)
            for name, values in (("wait", wait), ("level", level))
        ]
    )
    measures = table(
        {"metric": "wait", "value": wait.mean(), "unit": "s", "better": "lower"},
        {"metric": "level", "value": level.mean()},
    )
    card = score(measures, profile=profile, replications=by_replication)
    totals = [0.6 * (60 - wait[number]) / 60 + 0.4 * level[number] for number in range(12)]
    half = stats.t.ppf(0.975, 11) * np.std(totals, ddof=1) / math.sqrt(12)
    assert (card.low, card.high) == pytest.approx((card.total - half, card.total + half))


# Missing and refused


def test_a_missing_metric_gives_its_weight_to_the_others_and_is_said() -> None:
    profile = group_of(scored("a", 0.5, 0.0, 1.0), scored("b", 0.3, 0.0, 1.0), scored("c", 0.2, 0.0, 1.0))
    card = score(
        table({"metric": "a", "value": 0.4}, {"metric": "b", "value": math.nan}, {"metric": "c", "value": 0.9}),
        profile=profile,
    )
    assert card.total == pytest.approx((0.5 * 0.4 + 0.2 * 0.9) / 0.7)
    assert [(gap.metric, gap.reason) for gap in card.missing] == [("b", "no value: nothing was observed")]
    assert any("B (30% of the weight" in note for note in card.notes)


def test_different_variants_are_refused_by_name() -> None:
    profile = group_of(ProfileMetric("level", "strict", 1.0, "1", worst=line(0.0), best=line(1.0)))
    with pytest.raises(ProfileError, match=r"level: measured as variant 'answered_only'; .* variant 'strict'"):
        score(table({"metric": "level", "variant": "answered_only", "value": 0.8}), profile=profile)


def test_the_profiles_variant_is_chosen_among_several() -> None:
    profile = group_of(ProfileMetric("level", "strict", 1.0, "1", worst=line(0.0), best=line(1.0)))
    measures = table(
        {"metric": "level", "variant": "answered_only", "value": 0.9},
        {"metric": "level", "variant": "strict", "value": 0.8},
    )
    assert score(measures, profile=profile).total == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"unit": "s"}, "unit 's'; the profile's unit '1'"),
        ({"better": "lower"}, "better is lower; the profile says higher"),
        ({"value": math.nan}, "nothing to score"),
        ({"metric": "b"}, "nothing to score: a .not measured."),
        ({"group": "voice"}, "no row for everything; groups: voice"),
    ],
)
def test_what_cannot_be_compared_is_refused(row: dict[str, Any], said: str) -> None:
    with pytest.raises(ProfileError, match=said):
        score(table({"metric": "a", "value": 0.5, **row}), profile=group_of(scored("a", 1.0, 0.0, 1.0)))


def test_a_group_is_scored_by_name_and_two_rows_are_refused() -> None:
    profile = group_of(scored("a", 1.0, 0.0, 1.0))
    measures = table({"metric": "a", "value": 0.5}, {"metric": "a", "value": 0.25, "group": "voice"})
    assert score(measures, profile=profile).total == 0.5
    assert score(measures, profile=profile, group="voice").total == 0.25
    with pytest.raises(ProfileError, match="2 rows"):
        score(pd.concat([measures, measures]), profile=profile)


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(ProfileError, match="no column unit, better"):
        score(
            pd.DataFrame({"metric": ["a"], "variant": ["x"], "value": [1.0]}),
            profile=group_of(scored("a", 1.0, 0.0, 1.0)),
        )


# What a reader sees


def test_the_card_as_text_and_as_a_table() -> None:
    cells = (Cell("median", 36.0, "derived"),)
    profile = group_of(scored("wait", 0.5, 60.0, 10.0, unit="s", cells=cells), scored("b", 0.5, 0.0, 1.0))
    card = score(table({"metric": "wait", "value": 35.0, "unit": "s", "better": "lower"}), profile=profile)
    text = card.to_text()
    assert "wait:default" in text
    assert "Total 50.0 of 100" in text
    assert "Without a score: B (50% of the weight, not measured)" in text
    frame = card.to_frame()
    assert list(frame["metric"]) == ["wait"]
    assert frame["gap_to_peer"][0] == pytest.approx(1.0)
    assert (frame["worst"][0], frame["best"][0]) == (60.0, 10.0)
    assert isinstance(frame["flags"][0], str)


def test_a_band_takes_two_columns_an_end() -> None:
    measures = table({"metric": "a", "value": 0.75, "better": "band"})
    frame = score(measures, profile=group_of(banded())).to_frame()
    ends = [frame[column][0] for column in ("worst", "worst_high", "best", "best_high", "target", "target_high")]
    assert ends == [0.5, 1.0, 0.7, 0.8, 0.7, 0.8]


# What must hold of any line and any value

numbers = st.floats(-1e3, 1e3, allow_nan=False)
lines = st.tuples(numbers, numbers).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-3)


@given(lines, numbers, numbers)
def test_a_better_value_never_scores_less_and_scores_stay_in_range(
    ends: tuple[float, float], first: float, second: float
) -> None:
    metric = scored("a", 1.0, *ends)
    worse, better = sorted((first, second), reverse=metric.better == "lower")
    assert 0.0 <= metric.score(worse) <= metric.score(better) <= 1.0


@given(lines, numbers, st.floats(1e-3, 1e3))
def test_the_score_does_not_depend_on_the_unit(ends: tuple[float, float], value: float, factor: float) -> None:
    plain, other = scored("a", 1.0, *ends), scored("a", 1.0, *(end * factor for end in ends))
    assert other.score(value * factor) == pytest.approx(plain.score(value), abs=1e-9)


@given(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=6), st.data())
def test_shares_of_what_is_present_add_to_one(weights: list[float], data: st.DataObject) -> None:
    weights = [weight / sum(weights) for weight in weights]
    kept = data.draw(st.sets(st.integers(0, len(weights) - 1), min_size=1))
    profile = group_of(*(scored(f"m{i}", weight, 0.0, 1.0) for i, weight in enumerate(weights)))
    values = {i: data.draw(st.floats(0.0, 1.0)) for i in sorted(kept)}
    card = score(table(*({"metric": f"m{i}", "value": value} for i, value in values.items())), profile=profile)
    assert sum(row.share for row in card.rows) == pytest.approx(1.0)
    assert min(values.values()) - 1e-12 <= card.total <= max(values.values()) + 1e-12
    assert len(card.rows) + len(card.missing) == len(weights)
