"""Satisfaction, effort and recommendation in one number, among the peers or, with a warning, on the scale."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.cards import cells, group_of, line, table

from cxsim.benchmarks.profile import ProfileMetric
from cxsim.benchmarks.triad import TRIAD, triad
from cxsim.errors import ProfileError

FIGURES = cells({"p10": 0.60, "median": 0.75, "p90": 0.90})


def entry(name: str, variant: str, unit: str, **rest: Any) -> ProfileMetric:
    return ProfileMetric(name, variant, 1.0, unit, worst=line(0.0), best=line(1.0), **rest)


def asked(**values: float) -> pd.DataFrame:
    """Measures of the surveyed; effort and recommendation in points."""
    rows = {
        "satisfaction": {"metric": "customer_satisfaction", "variant": "top_box_surveyed"},
        "effort": {"metric": "customer_effort_score", "variant": "mean_surveyed", "unit": "points"},
        "promoters": {"metric": "net_promoter_score", "variant": "surveyed", "unit": "points"},
    }
    return table(*({**rows[name], "value": value} for name, value in values.items()))


PEERS = group_of(
    entry("customer_satisfaction", "top_box_surveyed", "1", cells=FIGURES),
    entry("customer_effort_score", "mean_surveyed", "points", cells=cells({"p10": 4.2, "p90": 5.8})),
    entry("net_promoter_score", "surveyed", "points", cells=cells({"min": 0.0, "mean": 30.0, "max": 60.0})),
)


def test_a_third_each_between_the_tenth_and_the_ninetieth_percentile() -> None:
    card = triad(asked(satisfaction=0.75, effort=5.0, promoters=30.0), profile=PEERS)
    assert [row.share for row in card.rows] == pytest.approx([1 / 3] * 3)
    assert (card.rows[0].worst, card.rows[0].best) == ((0.60,), (0.90,))
    # Each value stands in the middle of its peers, and all three laws are even.
    assert [row.score for row in card.rows] == pytest.approx([0.5, 0.5, 0.5])
    assert card.total == pytest.approx(0.5)
    assert not any("ends of their scale" in note for note in card.notes)


def test_a_percentile_read_from_a_law_is_said_to_be_filled_in() -> None:
    card = triad(asked(promoters=30.0), profile=PEERS)
    assert "worst: filled" in card.rows[0].flags
    assert 0.0 < card.rows[0].worst[0] < 30.0 < card.rows[0].best[0] < 60.0


def test_without_percentiles_the_scale_serves_with_a_warning() -> None:
    card = triad(asked(satisfaction=0.8, effort=5.5, promoters=20.0), profile=group_of(entry("other", "x", "1")))
    assert [(row.worst[0], row.best[0]) for row in card.rows] == [(0.0, 1.0), (1.0, 7.0), (-100.0, 100.0)]
    assert card.total == pytest.approx((0.8 + 4.5 / 6 + 0.6) / 3)
    (note,) = [note for note in card.notes if "ends of their scale" in note]
    assert "from 0% to 100%, Customer effort score (mean surveyed) from 1 to 7" in note
    assert note.endswith("Net promoter score (surveyed) from -100 to 100.")


def test_percentiles_of_another_variant_are_not_taken() -> None:
    measures = asked(satisfaction=0.8).assign(variant="top_two_surveyed")
    card = triad(measures, profile=PEERS)
    assert card.rows[0].worst == (0.0,)
    assert "Customer satisfaction (top two surveyed)" in card.notes[0]


def test_the_interval_joins_those_of_the_three() -> None:
    measures = asked(satisfaction=0.75, effort=5.0, promoters=30.0).assign(standard_error=[0.01, 0.1, 2.0])
    card = triad(measures, profile=PEERS)
    halves = [
        1.959964 * error / (row.best[0] - row.worst[0]) / 3
        for error, row in zip((0.01, 0.1, 2.0), card.rows, strict=True)
    ]
    assert card.low is not None
    assert card.total - card.low == pytest.approx(math.hypot(*halves), rel=1e-5)


def test_replications_give_the_interval_with_its_dependence() -> None:
    rng = np.random.default_rng(1)
    draws = rng.normal(0.75, 0.02, 8)
    each = pd.DataFrame(
        {"replication": range(8), "metric": "customer_satisfaction", "variant": "top_box_surveyed", "value": draws}
    )
    card = triad(asked(satisfaction=float(draws.mean())), profile=PEERS, replications=each)
    half = 2.364624 * np.std((draws - 0.6) / 0.3, ddof=1) / math.sqrt(8)
    assert card.high == pytest.approx(card.total + half, rel=1e-5)


def test_one_that_was_not_asked_is_named_and_the_others_take_its_weight() -> None:
    card = triad(asked(satisfaction=0.75, effort=5.0), profile=PEERS)
    assert [gap.metric for gap in card.missing] == ["net_promoter_score"]
    assert card.total == pytest.approx(0.5)
    assert triad(asked(satisfaction=0.75, effort=5.0), profile=PEERS, missing="zero").total == pytest.approx(1 / 3)


def test_surveyed_beside_all_customers_is_said() -> None:
    mixed = asked(satisfaction=0.75, promoters=30.0)
    mixed.loc[1, "variant"] = "all"
    assert any("not alike" in note for note in triad(mixed, profile=PEERS).notes)


def test_none_of_the_three_is_refused() -> None:
    with pytest.raises(ProfileError, match="none of the triad; one of " + ", ".join(TRIAD)):
        triad(table({"metric": "service_level", "value": 0.8}), profile=PEERS)


def test_the_triad_goes_against_every_shipped_profile() -> None:
    for name in ("inbound_voice", "it_service_desk", "digital_ecommerce", "saas"):
        card = triad(asked(satisfaction=0.8, effort=5.5, promoters=20.0), profile=name)
        assert 0.0 <= card.total <= 1.0
        assert len(card.rows) == 3
