"""The linter finds each published mistake when it is made, and says how far a total hangs on its weights."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cards import cells, group_of, line, peers, ruled, scored, table

from cxsim.benchmarks.checks import known_metrics
from cxsim.benchmarks.lint import SAME_FACT, lint
from cxsim.benchmarks.profile import Band, ProfileMetric
from cxsim.benchmarks.scorecard import score
from cxsim.benchmarks.sensitivity import leverage, reach, reversals
from cxsim.metrics.metric import Metric
from cxsim.metrics.ratio import Ratio


def known(name: str, *, better: str = "higher", kind: str = "result", family: str = "resolution") -> Metric:
    return Metric(
        name, name, lambda log: Ratio(0.0, 1.0, 1), "1", better, kind, family, "contact", (), "a test", "",
        {"default": {}},
    )  # type: ignore[arg-type]  # fmt: skip


ALL = {
    name: known(name, kind=kind, family=family)
    for name, kind, family in (
        ("a", "result", "perception"), ("b", "process", "handling"), ("c", "result", "effort"),
        ("d", "result", "financial"), ("e", "process", "employee"),
    )
}  # fmt: skip


def stated(name: str, weight: float, worst: float = 0.2, best: float = 0.8, **rest: Any) -> ProfileMetric:
    """A metric that nothing is to be said against: published ends, a stated variant."""
    entry = scored(name, weight, worst, best, source_variant="default", **rest)
    ends = {key: replace(line(value), provenance="published") for key, value in (("worst", worst), ("best", best))}
    return replace(entry, **ends)


def said(*metrics: ProfileMetric, register: Any = None, **rest: Any) -> list[str]:
    return lint(group_of(*metrics), register=ALL if register is None else register, **rest)


DOUBTFUL = cells({"q1": 0.2, "q3": 0.6}, confidence="low")
SOUND = tuple(stated(name, 0.2) for name in "abcde")


def test_a_sound_profile_has_nothing_said_against_it() -> None:
    assert said(*SOUND) == []


@pytest.mark.parametrize(
    ("changed", "where", "expected"),
    [
        (stated("a", 0.0), "metrics.a.weight", "above 0"),
        (stated("a", 0.3), "metrics", "weights add to 1.1"),
        (stated("a", 0.2, 0.8, 0.2), "metrics.a", "the metric's is higher"),
        (stated("a", 0.2, 0.5, 0.5), "metrics.a", "worst and best are both 0.5"),
        (stated("a", 0.2, 0.800, 0.801), "metrics.a", "lie 0.001 apart"),
        (stated("a", 0.2, cells=cells({"q1": 0.1, "q3": 0.9})), "metrics.a", "middle half of the peers"),
        (replace(stated("a", 0.2), source_variant="unstated"), "peers", "states no variant of a:default"),
        (scored("a", 0.2, 0.2, 0.8, source_variant="default"), "peers", "1 of 5 metrics are scored on filled lines: a"),
        (replace(stated("a", 0.2), variant="other"), "metrics.a.variant", "variants: default"),
        (replace(stated("a", 0.2), unit="s"), "metrics.a.unit", "'1'"),
        (replace(ruled("goal_ratio", direction="higher"), weight=0.2), "metrics.a", "has no peers' ends"),
        (ProfileMetric("a", "default", 0.2, "1", direction="higher", observed=True), "metrics.a", "who else is in"),
    ],
)
def test_each_mistake_is_said_where_it_is(changed: ProfileMetric, where: str, expected: str) -> None:
    found = said(changed, *SOUND[1:])
    assert any(text.split(": ")[0].endswith(where) and expected in text for text in found), found


def test_a_score_that_falls_as_the_metric_improves_is_found_by_trying() -> None:
    """The published template's mistake: a lower-is-better metric that scores higher when it is worse."""
    register = {**ALL, "a": known("a", better="lower")}
    for wrong in (
        stated("a", 0.2),
        replace(ruled("banded", bands=(0.0, 0.5, 1.0)), weight=0.2),
        replace(ruled("percentile", peers=peers(0.1, 0.5), direction="higher"), weight=0.2),
        # Figures of low confidence do not count, so the score is always the same.
        replace(ruled("percentile", cells=DOUBTFUL, direction="lower"), weight=0.2),
    ):
        assert any(
            "does not rise as the metric improves" in text for text in said(wrong, *SOUND[1:], register=register)
        )
    right = replace(ruled("banded", bands=(1.0, 0.5, 0.0), source_variant="default"), weight=0.2)
    assert said(right, *SOUND[1:], register=register) == []


def test_a_band_rises_to_its_middle_and_falls_after_it() -> None:
    register = {**ALL, "a": known("a", better="band")}
    corners = [replace(line(value), provenance="published") for value in (0.2, 0.5, 0.6, 0.9)]
    entry = ProfileMetric("a", "default", 0.2, "1", band=Band(*corners), source_variant="default")
    assert said(entry, *SOUND[1:], register=register) == []


@pytest.mark.parametrize("missing", "abcde")
def test_what_is_left_out_is_named(missing: str) -> None:
    rest = [replace(entry, weight=0.25) for entry in SOUND if entry.name != missing]
    found = "\n".join(said(*rest))
    word = {"a": None, "b": None, "c": "effort", "d": "financial", "e": "employee"}[missing]
    assert (f"nothing about {word}" in found) == (word is not None)
    assert "no process metric" in "\n".join(said(stated("a", 0.5), stated("c", 0.5)))
    assert "no result metric" in "\n".join(said(stated("b", 0.5), stated("e", 0.5)))


@pytest.mark.parametrize("pair", SAME_FACT)
def test_one_fact_under_two_names_is_counted_once(pair: tuple[str, str]) -> None:
    assert set(pair) <= set(known_metrics())
    found = said(*(stated(name, 0.5) for name in pair), register={})
    assert any(f"{pair[0]} and {pair[1]}" in text for text in found)


def test_every_metric_of_the_catalogue_has_one_of_five_categories() -> None:
    found = {name: entry.category for name, entry in known_metrics().items()}
    assert set(found.values()) == {"process", "result", "effort", "financial", "employee"}
    assert (found["cost_per_contact"], found["customer_effort_score"], found["occupancy"]) == (
        "financial", "effort", "employee",
    )  # fmt: skip


# Weights


@pytest.mark.parametrize("weights", [(0.2,) * 5, (0.4, 0.15, 0.15, 0.15, 0.15), (3.0, 1.0)])
def test_leverage_is_what_trying_the_worst_scores_gives(weights: tuple[float, ...]) -> None:
    moved = []
    for which in range(len(weights)):
        changed = [weight * (1.2 if place == which else 1.0) for place, weight in enumerate(weights)]
        moves = []
        for scores in itertools.product((0.0, 1.0), repeat=len(weights)):
            before = sum(w * s for w, s in zip(weights, scores, strict=True)) / sum(weights)
            after = sum(w * s for w, s in zip(changed, scores, strict=True)) / sum(changed)
            moves.append(abs(after - before))
        moved.append(max(moves))
    assert leverage(weights) == pytest.approx(moved)


def test_a_single_weight_that_decides_the_total_is_said() -> None:
    heavy = [stated("a", 0.5), *(stated(name, 0.125) for name in "bcde")]
    assert [text for text in said(*heavy) if "a fifth more moves the total by up to 4.5 points" in text]
    assert said(stated("a", 0.4), *(stated(name, 0.15) for name in "bcde")) == []


scores_of = st.lists(st.floats(0, 1), min_size=2, max_size=5)


@given(scores_of, st.data())
def test_the_reach_of_a_total_is_that_of_all_corners(scores: list[float], data: st.DataObject) -> None:
    n = len(scores)
    weights = data.draw(st.lists(st.floats(0.05, 1.0), min_size=n, max_size=n))
    corners = []
    for way in itertools.product((0.8, 1.2), repeat=n):
        moved = [weight * factor for weight, factor in zip(weights, way, strict=True)]
        corners.append(sum(w * s for w, s in zip(moved, scores, strict=True)) / sum(moved))
    names = [f"m{place}" for place in range(n)]
    low, high = reach(dict(zip(names, scores, strict=True)), weights=dict(zip(names, weights, strict=True)))
    assert (low, high) == pytest.approx((min(corners), max(corners)))


@given(scores_of, st.data())
def test_an_order_turns_exactly_when_some_corner_turns_it(first: list[float], data: st.DataObject) -> None:
    n = len(first)
    second = data.draw(st.lists(st.floats(0, 1), min_size=n, max_size=n))
    weights = data.draw(st.lists(st.floats(0.05, 1.0), min_size=n, max_size=n))
    signs = []
    for way in itertools.product((0.8, 1.2), repeat=n):
        signs.append(sum(w * f * (a - b) for w, f, a, b in zip(weights, way, first, second, strict=True)))
    now = sum(w * (a - b) for w, a, b in zip(weights, first, second, strict=True))
    if min(abs(sign) for sign in [*signs, now]) < 1e-9:
        return
    names = [f"m{place}" for place in range(n)]
    of = {label: dict(zip(names, scores, strict=True)) for label, scores in (("x", first), ("y", second))}
    found = reversals(of, weights=dict(zip(names, weights, strict=True)))
    turned = any(sign * now < 0 for sign in signs)
    assert found == ([("x", "y") if now > 0 else ("y", "x")] if turned else [])


def test_cards_whose_order_hangs_on_the_weights_are_called_equal() -> None:
    profile = group_of(*SOUND)
    values = {"today": (0.7, 0.3, 0.5, 0.5, 0.5), "plan": (0.3, 0.72, 0.5, 0.5, 0.5), "better": (0.8,) * 5}
    cards = {
        label: score(table(*({"metric": n, "value": v} for n, v in zip("abcde", of, strict=True))), profile=profile)
        for label, of in values.items()
    }
    found = lint(profile, register=ALL, cards=cards)
    assert any("plan is ahead of today only by the weights" in text for text in found)
    assert not any("better is ahead" in text for text in found)


@pytest.mark.parametrize(("others", "reached"), [(0.2, True), (0.8, False)])
def test_a_total_that_the_weights_move_far_is_said(others: float, reached: bool) -> None:
    profile = group_of(*SOUND)
    values = dict(zip("abcde", (0.8, 0.8, others, others, others), strict=True))
    card = score(table(*({"metric": n, "value": v} for n, v in values.items())), profile=profile)
    low, high = reach({row.metric: row.score for row in card.rows}, weights=dict.fromkeys("abcde", 0.2))
    found = lint(profile, register=ALL, cards={"today": card})
    said_so = any(f"the total of today is {100 * low:.1f} to {100 * high:.1f}" in text for text in found)
    assert (high - low > 0.1, said_so) == (reached, reached)


def test_named_peers_whose_order_hangs_on_the_weights_are_said() -> None:
    metrics = [stated("a", 0.5, peers=peers(0.7, 0.3)), stated("b", 0.5, peers=peers(0.3, 0.71))]
    assert any("peer 2 is ahead of peer 1 only by the weights" in text for text in said(*metrics))
