"""Totals against each other: paired by replication, with an interval that a plain loop gives too."""

from __future__ import annotations

import math
from statistics import mean, stdev

import pandas as pd
import pytest
from scipy import stats
from support.cards import group_of, scored, table
from support.small_findings import small_findings

from cxsim.benchmarks.scorecard import Scorecard, score
from cxsim.reports.book import write_book
from cxsim.reports.outputs import write_outputs
from cxsim.reports.page import page
from cxsim.reports.sentences import summary_lines
from cxsim.reports.terminal import as_plain, print_findings
from cxsim.reports.totals import OTHER_METRICS, total_differences, totals_table

PEERS = group_of(scored("a", 0.5, 0.0, 1.0), scored("b", 0.5, 0.0, 1.0))
TODAY = ([0.30, 0.50, 0.40, 0.60], [0.20, 0.40, 0.30, 0.40])
MORE = ([0.36, 0.54, 0.47, 0.65], [0.21, 0.42, 0.30, 0.43])


def card_of(a: list[float], b: list[float]) -> Scorecard:
    """The card of a scenario whose metrics a and b came out so in each replication."""
    each = [
        {"replication": number, "metric": name, "variant": "default", "value": value}
        for name, values in (("a", a), ("b", b))
        for number, value in enumerate(values)
    ]
    measures = table({"metric": "a", "value": mean(a)}, {"metric": "b", "value": mean(b)})
    return score(measures, profile=PEERS, replications=pd.DataFrame(each))


def test_the_interval_of_the_difference_is_that_of_the_paired_totals() -> None:
    cards = {"today": card_of(*TODAY), "more": card_of(*MORE)}
    (row,) = total_differences(cards).to_dict("records")
    changes = []
    for place in range(4):
        before = 0.5 * TODAY[0][place] + 0.5 * TODAY[1][place]
        after = 0.5 * MORE[0][place] + 0.5 * MORE[1][place]
        changes.append(after - before)
    half = stats.t.ppf(0.975, 3) * stdev(changes) / math.sqrt(4)
    assert row["difference"] == pytest.approx(mean(changes))
    assert (row["low"], row["high"]) == pytest.approx((mean(changes) - half, mean(changes) + half))
    assert (row["verdict"], row["replications"], row["note"]) == ("better", 4, "")
    # Unpaired the two could not be told apart.
    assert cards["more"].low < cards["today"].high


def test_totals_that_never_differ_show_no_difference_and_no_width() -> None:
    six = [[*values, 0.4, 0.5] for values in TODAY]
    (row,) = total_differences({"today": card_of(*six), "same": card_of(*six)}).to_dict("records")
    assert (row["difference"], row["verdict"]) == (0.0, "no real difference")
    assert math.isnan(row["low"])
    assert row["note"] == "no change in any replication"


@pytest.mark.parametrize("more", [0.0, 0.125])
def test_a_difference_that_is_the_same_in_few_replications_shows_nothing(more: float) -> None:
    changed = [[value + more for value in values[:2]] for values in ([0.25, 0.5], [0.25, 0.5])]
    cards = {"today": card_of([0.25, 0.5], [0.25, 0.5]), "more": card_of(*changed)}
    (row,) = total_differences(cards).to_dict("records")
    assert (row["verdict"], row["replications"]) == ("no real difference shown", 2)


def test_without_replications_there_is_no_interval_and_no_claim() -> None:
    alone = score(table({"metric": "a", "value": 0.4}, {"metric": "b", "value": 0.4}), profile=PEERS)
    (row,) = total_differences({"today": alone, "more": card_of(*MORE)}).to_dict("records")
    assert row["verdict"] == "no real difference shown"
    assert "fewer than two replications" in row["note"]


def test_cards_of_different_metrics_are_said_to_differ() -> None:
    part = score(table({"metric": "a", "value": 0.4}), profile=PEERS)
    (row,) = total_differences({"today": card_of(*TODAY), "part": part}).to_dict("records")
    assert OTHER_METRICS in row["note"]


def test_without_pairing_only_totals_stand_side_by_side() -> None:
    found = totals_table({"today": card_of(*TODAY), "other": card_of(*MORE)}, paired=False)
    assert found is not None
    assert found.heads == ("Scenario", "Total")
    assert totals_table({"today": card_of(*TODAY)}, paired=True) is None


def test_terminal_page_book_table_and_data_all_hold_the_difference(tmp_path, capsys) -> None:
    findings = small_findings(scorecards={"today": card_of(*TODAY), "two more": card_of(*MORE)})
    said = "+3.5"
    print_findings(findings)
    assert said in capsys.readouterr().out
    assert f"that is {said} (" in summary_lines(findings)[-1]
    assert said in page(findings)
    write_outputs(findings, tmp_path)
    written = pd.read_csv(tmp_path / "scorecard_differences.csv")
    assert written["difference"][0] == pytest.approx(0.035)
    assert as_plain(findings)["scorecard_differences"][0]["verdict"] == "better"
    from openpyxl import load_workbook

    book = load_workbook(write_book(findings, tmp_path / "book.xlsx"))
    heads, first = list(book["scorecard differences"].iter_rows(values_only=True))[:2]
    assert first[heads.index("difference")] == pytest.approx(0.035)
