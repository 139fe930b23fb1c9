"""The parts of a page that explain: why a score changed, and what a score is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from cxsim.perception.levels import UNITS
from cxsim.reports.asked import asked_table
from cxsim.reports.findings import Findings
from cxsim.reports.leverage import leverage_shown
from cxsim.reports.sureness import sureness_table
from cxsim.reports.waterfall import change_figure, level_figure
from cxsim.reports.why import (
    attribution_table,
    change_table,
    effects_table,
    groups_table,
    level_table,
    survey_line,
    survey_table,
)


def why_parts(findings: Findings, *, most: int) -> list[dict[str, Any]]:
    """For each changed scenario: the way from score to score, its table, the survey's view, and groups."""
    table = findings.explanations
    if table.empty or findings.differences is None:
        return []
    base, *changed = findings.labels
    level = table[(table["scenario"] == base) & (table["part"] == "level") & (table["line"] == "actual")]
    before = level.loc[level["score"] == "top_two", "value"]
    found = []
    for number, label in enumerate(changed[:most]):
        lines = change_table(table, scenario=label)
        if lines is None or before.empty:
            continue
        drawn = change_figure(table, scenario=label, base=base, before=float(before.iloc[0]), name=f"why{number}")
        found.append(
            {
                "label": label,
                "figure": Markup(drawn),
                "table": lines,
                "survey": survey_table(table, scenario=label),
                "said": survey_line(table, scenario=label),
                "groups": groups_table(table, scenario=label, part="change"),
                "settings": attribution_table(findings.attribution, scenario=label),
            }
        )
    return found


def level_parts(findings: Findings, labels: Sequence[str]) -> list[dict[str, Any]]:
    """For each scenario what its score is made of; effects of one unit more for the baseline alone."""
    found = []
    for number, label in enumerate(labels):
        table = level_table(findings.explanations, scenario=label) if len(findings.explanations) else None
        if table is None:
            continue
        first = number == 0
        found.append(
            {
                "label": label,
                "figure": Markup(level_figure(findings.explanations, scenario=label, name=f"level{number}")),
                "table": table,
                "sure": sureness_table(findings, scenario=label),
                "asked": asked_table(findings.estimates, findings.explanations, scenario=label),
                "leverage": leverage_shown(findings.leverage, scenario=label),
                "groups": groups_table(findings.explanations, scenario=label, part="level") if first else None,
                "effects": effects_table(findings.explanations, scenario=label, units=UNITS) if first else None,
            }
        )
    return found
