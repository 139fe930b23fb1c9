"""Flags of a scorecard's rows in plain sentences, each said once with all metrics it is true of."""

from __future__ import annotations

from dataclasses import replace

from support.cards import group_of, scored, table

from cxsim.benchmarks.scorecard import score
from cxsim.reports.flags import flag_lines


def test_each_thing_to_know_is_said_once_with_every_metric_and_without_jargon() -> None:
    card = score(
        table({"metric": "a", "value": 0.5}, {"metric": "b", "value": 0.5}),
        profile=group_of(scored("a", 0.5, 0.0, 1.0), scored("b", 0.5, 0.0, 1.0)),
    )
    derived = ("worst: derived", "best: derived", "worst: filled", "percentile: above every figure: median")
    rows = (replace(card.rows[0], flags=derived), replace(card.rows[1], flags=(*derived[:1], "few observations: 3")))
    assert flag_lines(replace(card, rows=rows)) == [
        "Worst, best or target worked out from published figures: A, B.",
        "The value is higher than every published figure of the peers, which is the better side; how many it beats is "
        "not known: A.",
        "Few observations: 3: B.",
    ]
