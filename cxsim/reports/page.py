"""The report as one offline HTML page that prints well: everything a reader needs, nothing fetched from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from cxsim.benchmarks.scorecard import Scorecard
from cxsim.reports import background
from cxsim.reports.changes import differences_table, settings_table, steps_table
from cxsim.reports.composites import composites_shown, notes_of_triad
from cxsim.reports.crosscheck import Check, erlang_check
from cxsim.reports.curves import day_figure, sweep_figure, waits_figure
from cxsim.reports.explained import level_parts, why_parts
from cxsim.reports.figures import differences_figure, scorecard_figure
from cxsim.reports.findings import Findings
from cxsim.reports.flags import flag_lines
from cxsim.reports.goals import goals_table, parts_table
from cxsim.reports.journey import journey_figure
from cxsim.reports.sections import section_table
from cxsim.reports.sentences import summary_lines
from cxsim.reports.side_by_side import side_by_side
from cxsim.reports.tables import (
    MISSING,
    Cell,
    Table,
    breakdown_table,
    estimates_table,
    headlines,
    name_of,
    records,
    rows_of,
    shown,
    shown_difference,
    shown_interval,
    shown_with_interval,
    words,
)
from cxsim.reports.totals import totals_table

TEMPLATE: Final = "page.html.j2"
KINDS: Final = {
    "estimate": "One scenario, simulated",
    "compare": "Scenarios compared, simulated",
    "sweep": "Settings varied, simulated",
    "optimise": "The cheapest plan, simulated and certified",
    "tune": "The best settings, searched for and tested",
    "sensitivity": "One scenario, simulated, and which of its inputs matter",
    "select": "The best of several scenarios, simulated",
    "measure": "Measured on a real log",
    "beside": "A real log beside others and simulations",
}
SHOWN_SCENARIOS: Final = 4  # beyond that curves cannot be told apart, and the page grows too large to send
BREAKDOWNS: Final = (("touchpoint", "By touchpoint"), ("contact_type", "By contact type"), ("agent_group", "By group"))


def write_page(findings: Findings, path: str | Path) -> Path:
    """Write the report page.

    Parameters
    ----------
    findings : Findings
    path : str or Path
        Replaced whole, or left as it was.

    Returns
    -------
    Path
        Of the file: UTF-8, complete in itself; equal findings give equal bytes.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(page(findings), encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def page(findings: Findings) -> str:
    """The report page as text."""
    environment = Environment(
        loader=PackageLoader("cxsim.reports", "."),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(**_contents(findings))


def _contents(findings: Findings) -> dict[str, Any]:
    """What the template shows, ready made."""
    labels = findings.labels if findings.kind != "sweep" else []
    few = labels[:SHOWN_SCENARIOS]
    return {
        "findings": findings,
        "kind": KINDS.get(findings.kind, KINDS["estimate"]),
        "sections": [(section, section_table(section)) for section in findings.sections if not section.aside],
        "labels": labels,
        "left_out": labels[SHOWN_SCENARIOS:],
        "summary": summary_lines(findings),
        "changes": _changes(findings),
        "why": why_parts(findings, most=SHOWN_SCENARIOS),
        "levels": level_parts(findings, few),
        "sweep": _sweep(findings),
        "totals": None if findings.differences is None else totals_table(findings.scorecards, paired=True),
        "composites": composites_shown(findings.composites),
        "triad_notes": notes_of_triad(findings.composites),
        "beside": side_by_side(findings.scorecards),
        "scorecards": [_scorecard(card, label, n) for n, (label, card) in enumerate(findings.scorecards.items())],
        "day": _picture(day_figure(findings.estimates, labels=few, name="day")) if few else "",
        "waits": _picture(waits_figure(findings.estimates, labels=few, name="waits")) if few else "",
        "journeys": _journeys(findings, few),
        "breakdowns": _breakdowns(findings, few),
        "goals": goals_table(findings.goals, labels=labels, differences=findings.differences),
        "moments": _moments(findings, few),
        "check": _check(findings),
        "estimates": estimates_table(findings.estimates, labels=few) if few else None,
        "unavailable": background.unavailable_table(findings),
        "assumptions": background.assumptions_table(findings),
        "sources": background.sources_of(findings),
        "overrides": background.overrides_of(findings),
        "provenance": background.provenance_rows(findings),
        "limits": background.limits_of(findings),
    }


def _picture(drawn: str) -> Markup:
    # Our own SVG, in which every word was escaped where it was drawn.
    return Markup(drawn)


def _changes(findings: Findings) -> list[tuple[str, Markup, Table, Table]]:
    """For each changed scenario: its label, picture, and differences of the first metrics and of the rest."""
    if findings.differences is None:
        return []
    base, *changed = findings.labels
    found = []
    for number, label in enumerate(changed):
        first, rest = (
            differences_table(findings.differences, scenario=label, base=base, primary=findings.primary, part=part)
            for part in ("first", "rest")
        )
        drawn = ""
        if number < SHOWN_SCENARIOS:
            drawn = differences_figure(
                findings.differences, scenario=label, base=base, name=f"change{number}", primary=findings.primary
            )
        found.append((label, _picture(drawn), first, rest if len(changed) < SHOWN_SCENARIOS else Table((), ())))
    return found


def _sweep(findings: Findings) -> tuple[Markup, Table] | None:
    if findings.kind != "sweep":
        return None
    metrics = headlines(rows_of(findings.estimates, ""), primary=findings.primary)
    drawn = ""
    if metrics:
        drawn = sweep_figure(findings.estimates, parameters=findings.parameters, metric=metrics[0], name="sweep")
    table = settings_table(findings.estimates, parameters=findings.parameters, primary=findings.primary)
    return _picture(drawn), table


def _scorecard(card: Scorecard, label: str, number: int) -> dict[str, Any]:
    """Picture and table of one scorecard, and what its rows flag."""
    rows = []
    for row in card.rows:
        unit = row.unit
        chance = row.probability_of_target
        reached = "chance not known" if chance is None else f"reached with {chance:.0%}"
        value, span = shown_with_interval(row.value, row.low, row.high, unit)
        ends = "" if row.score_low is None or row.score_high is None else _ends(row.score_low, row.score_high)
        quartile = MISSING if row.performance_quartile is None else f"{row.performance_quartile} of 4"
        cells = (
            words(name_of(row.metric, row.variant)),
            Cell(value, "" if span == MISSING else span),
            Cell(f"{100 * row.score:.0f}", ends),
            Cell(f"{row.share:.0%}"),
            Cell(_band(row.best, unit), f"worst {' or '.join(shown(v, unit) for v in row.worst)}", number=False),
            Cell(shown(row.peer, unit), row.peer_statistic or ""),
            Cell(shown_difference(row.gap_to_peer, unit), f"to best {shown_difference(row.gap_to_best, unit)}"),
            Cell(quartile, f"rank {row.place}" if row.place else ""),
            Cell(_band(row.target, unit) or MISSING, reached if row.target else "", number=False),
        )
        rows.append(cells)
    heads = ("Metric (variant)", "Value", "Score", "Weight", "Peers' best", "Peers' middle", "Gap to middle")
    note = "Gaps: above 0 is the better side. Quartile 1 is the best. Target: chance that the true value reaches it."
    drawn = scorecard_figure(card, name=f"card{number}", label=label) if number < SHOWN_SCENARIOS else ""
    table = Table((*heads, "Quartile", "Target"), tuple(rows), note) if drawn else None
    return {"label": label, "card": card, "figure": _picture(drawn), "table": table, "flags": flag_lines(card)}


def _ends(low: float, high: float) -> str:
    first, last = f"{100 * low:.0f}", f"{100 * high:.0f}"
    return f"{first} to {last}" if first != last else ""


def _band(values: Sequence[float], unit: str) -> str:
    if len(values) > 1:
        return shown_interval(values[0], values[1], unit)
    return "".join(shown(value, unit) for value in values)


def _journeys(findings: Findings, labels: Sequence[str]) -> list[tuple[str, Markup, Table | None]]:
    """Pictures of where cases go, with the table of the baseline."""
    found: list[tuple[str, Markup, Table | None]] = []
    for number, label in enumerate(labels):
        table = steps_table(findings.estimates, scenario=label)
        if table is not None:
            drawn = journey_figure(findings.estimates, scenario=label, name=f"journey{number}")
            found.append((label, _picture(drawn), table if number == 0 else None))
    return found


def _breakdowns(findings: Findings, labels: Sequence[str]) -> list[tuple[str, Table]]:
    tables = [(title, breakdown_table(findings.estimates, by=by, labels=labels)) for by, title in BREAKDOWNS]
    return [(title, table) for title, table in tables if table is not None]


def _moments(findings: Findings, labels: Sequence[str]) -> list[tuple[str, Table]]:
    """Moments of truth by segment and by touchpoint."""
    parts = [(part, parts_table(findings.estimates, part=part, labels=labels)) for part in ("segment", "touchpoint")]
    return [(f"By {part}", table) for part, table in parts if table is not None]


def _check(findings: Findings) -> tuple[str, Table | None] | None:
    """The Erlang cross-check of the baseline."""
    if findings.kind == "sweep" or not findings.scenarios:
        return None
    label, scenario = next(iter(findings.scenarios.items()))
    part = findings.estimates[findings.estimates["scenario"] == label]
    found = erlang_check(scenario, part)
    return found.sentence, _check_table(found)


def _check_table(check: Check) -> Table | None:
    if check.table is None:
        return None
    rows = []
    for row in records(check.table):
        text, span = shown_with_interval(row["value"], row["low"], row["high"], row["unit"])
        value = Cell(text, "" if span == MISSING else span)
        difference = shown_difference(row["value"] - row["erlang"], row["unit"])
        name = words(name_of(row["metric"], row["variant"]))
        rows.append((name, Cell(shown(row["erlang"], row["unit"])), value, Cell(difference)))
    return Table(("Metric (variant)", "Formula", "Simulation", "Simulation less formula"), tuple(rows))
