"""The few sentences everybody reads: each with its number and interval, nothing claimed that is not there."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pandas as pd
from support.small_findings import METRICS, difference, estimate, small_findings

from cxsim.reports.sentences import summary_lines

NUMBER = re.compile(r"\d")


def test_three_to_six_sentences_each_with_a_number_and_an_interval() -> None:
    for kind in ("estimate", "compare"):
        lines = summary_lines(small_findings(kind=kind))
        assert 3 <= len(lines) <= 6
        assert all(NUMBER.search(line) and line.endswith(".") for line in lines)
        assert all("interval" in line or "[" in line for line in lines)


def test_the_first_sentence_of_a_comparison_is_the_primary_metric() -> None:
    first = summary_lines(small_findings())[0]
    assert first == (
        "With 'two more' service level (strict) goes from 78.3% to 83.3%: +5.0 percentage points (95% interval +4.0 to "
        "+6.0 points), which is better."
    )


def test_a_comparison_says_what_shows_no_real_difference() -> None:
    lines = summary_lines(small_findings())
    said = next(line for line in lines if line.startswith("No real difference shown"))
    assert "abandonment rate (all) −0.1 pp" in said
    assert "first contact resolution (gross)" in said
    assert "average speed of answer" not in said


def differences_with(*changes):
    """Of a change: service level, wait of those answered and abandonment, each with its half interval."""
    return pd.DataFrame([difference("two more", row, *of) for row, of in zip(METRICS[:3], changes, strict=True)])


def test_waits_that_are_better_because_customers_gave_up_are_not_praised_alone() -> None:
    table = differences_with((0.004, 0.01), (-8.0, 2.0), (0.031, 0.004))
    lines = summary_lines(small_findings(differences=table, primary="average_speed_of_answer:answered"))
    assert (
        "With 'two more' average speed of answer (answered) is better partly because more customers gave up: "
        "abandonment rate (all) +3.1 pp [+2.7 to +3.5 pp]."
    ) in lines
    assert lines[0].endswith("which is better.")


def test_customers_who_gave_up_are_named_only_beside_a_better_wait_and_only_where_they_are_more() -> None:
    for changes in (
        ((0.05, 0.01), (-8.0, 2.0), (-0.02, 0.004)),
        ((0.05, 0.01), (-8.0, 2.0), (0.003, 0.004)),
        ((-0.05, 0.01), (8.0, 2.0), (0.031, 0.004)),
    ):
        lines = summary_lines(small_findings(differences=differences_with(*changes)))
        assert not any("gave up" in line for line in lines)
    more, solved = difference("two more", METRICS[2], 0.031, 0.004), difference("two more", METRICS[3], 0.05, 0.01)
    lines = summary_lines(small_findings(differences=pd.DataFrame([more, solved])))
    assert not any("gave up" in line for line in lines)


def test_a_primary_metric_that_did_not_move_is_not_praised() -> None:
    table = pd.DataFrame([difference("two more", METRICS[0], 0.001, 0.004)])
    first = summary_lines(small_findings(differences=table))[0]
    assert "no real difference" in first
    assert "better" not in first


def test_many_changes_still_make_at_most_six_sentences() -> None:
    base = small_findings()
    labels = [f"change {number}" for number in range(9)]
    scenarios = {"today": base.scenarios["today"], **dict.fromkeys(labels, base.scenarios["two more"])}
    table = pd.DataFrame([difference(label, METRICS[0], 0.05, 0.01) for label in labels])
    lines = summary_lines(small_findings(scenarios=scenarios, differences=table))
    assert len(lines) == 6
    assert lines[-1] == "4 more changes stand in the tables."


def test_another_threshold_is_named_in_the_sentence() -> None:
    metric = ("service_level", "strict, within=45", *METRICS[0][2:])
    table = pd.DataFrame([estimate("today", "", "all", metric)])
    lines = summary_lines(small_findings(kind="estimate", estimates=table))
    assert "answered within 45 s" in lines[0]


def test_goals_are_said_as_kept_with_number_and_target() -> None:
    lines = summary_lines(small_findings(kind="estimate"))
    (line,) = [line for line in lines if line.startswith("Goals: ")]
    kept, most = line.split(". Most ")
    assert kept == "Goals: first_answer kept (78.3%, interval 77.1% to 79.5%; target 75.0%)"
    assert most == "is at stake at first_answer: 1.25 points of satisfaction, 0.84 a case of lifetime value."


def test_the_metrics_a_study_set_out_to_confirm_are_all_said_the_unchanged_in_words() -> None:
    found = small_findings()
    table = found.differences.assign(p_holm=0.001)
    waits = table["metric"] == "average_speed_of_answer"
    still = {"difference": 0.0, "low": math.nan, "high": math.nan, "p_holm": 1.0, "outcome": "equivalent"}
    table.loc[waits, list(still)] = list(still.values())
    last = summary_lines(replace(found, differences=table))[-1]
    assert last.startswith("Metrics the study set out to confirm, 'two more', adjusted together by Holm: ")
    assert "no change in any replication: average speed of answer (answered)" in last
    assert "no real difference shown: abandonment rate (all)" in last
    assert "worse: cost per contact +2.10 a contact [+2.00 to +2.20 a contact]" in last
    assert "service level" not in last  # the primary metric has a sentence of its own
