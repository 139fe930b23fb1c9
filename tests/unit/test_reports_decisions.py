"""What planned looks decided is said first, with its number, its interval and its unit."""

import dataclasses

import pytest
from support.small_findings import small_findings

from cxsim.designs.estimate import Interval
from cxsim.designs.looks import Decision
from cxsim.reports.decisions import Question, decision_lines
from cxsim.reports.sentences import MOST, summary_lines

SHARE = Question("service level (strict)", "1", "today")


def decision(outcome, value, low, high, *, n=40, needed=None):
    return Decision(outcome, Interval(value, low, high, 0.01, 0.99, "B1", n, n - 1), None, needed, "")


@pytest.mark.parametrize(
    ("found", "question", "said"),
    [
        (decision("above", 0.03, 0.01, 0.05), SHARE,
         "Above: service level (strict) with 'x' is above that of 'today': +3.0 pp after 40 replications, 99.0% "
         "interval +1.0 to +5.0 pp."),
        (decision("equivalent", 0.001, -0.004, 0.006), SHARE._replace(margin=0.01),
         "Equivalent: service level (strict) with 'x' is within 1.0 pp of that of 'today': "),
        (decision("unresolved", 0.001, -0.02, 0.02, n=320, needed=1240), SHARE,
         "Unresolved: .* 99.0% interval .*; about 1,240 replications would be needed."),
        (decision("unresolved", 0.0, -0.02, 0.02), SHARE, "even 10,000,000 replications might not be enough."),
        (decision("above", 0.83, 0.82, 0.84), SHARE._replace(target=0.8, at_most=False),
         r"Above: the target of at least 80.0% for service level \(strict\) is met: 83.0% after 40"),
        (decision("below", 0.73, 0.72, 0.74), SHARE._replace(target=0.8, at_most=False), "at least 80.0% .* is missed"),
        (decision("below", 0.73, 0.72, 0.74), SHARE._replace(target=0.8, at_most=True), "at most 80.0% .* is met"),
        (decision("above", 0.83, 0.82, 0.84), SHARE._replace(target=0.8), "is above 80.0%: 83.0%"),
    ],
)  # fmt: skip
def test_a_verdict_is_one_sentence_with_its_number(found, question, said):
    (line,) = decision_lines({"x": found}, question)
    if "*" not in said and "\\" not in said:
        assert said in line
    else:
        import re

        assert re.search(said, line)


def test_conclusions_come_first_and_leave_room_for_the_rest():
    findings = small_findings()
    plain = summary_lines(findings)
    lines = summary_lines(dataclasses.replace(findings, conclusions=("Above: a.", "Above: b.")))
    assert lines[:2] == ["Above: a.", "Above: b."]
    assert lines[2:] == plain[: MOST - 2]
    many = tuple(f"Above: {n}." for n in range(9))
    assert summary_lines(dataclasses.replace(findings, conclusions=many)) == list(many)
