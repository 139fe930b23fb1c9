"""A result on the terminal: warnings, sentences, scorecard; and the same as plain data for scripts."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cxsim.benchmarks.scorecard import Scorecard
from cxsim.reports.background import missing_names
from cxsim.reports.changes import change_texts, verdict_of
from cxsim.reports.composites import composites_shown, notes_of_triad
from cxsim.reports.findings import Findings
from cxsim.reports.sections import section_table
from cxsim.reports.sentences import summary_lines
from cxsim.reports.side_by_side import side_by_side
from cxsim.reports.tables import Cell, name_of, shown, shown_with_interval
from cxsim.reports.tables import Table as PageTable
from cxsim.reports.totals import total_differences, totals_table
from cxsim.reports.why import attribution_table

# Without a terminal there is no width to fit; wide enough that no number is broken.
WIDE = 160
CREDITED = 3  # metrics whose credits fit in the width; the page has more
BAR = 12  # letters of the longest bar


def print_findings(findings: Findings) -> None:
    """Print what a person wants to see first."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(width=WIDE, highlight=False)
    console.print(Text(findings.title, style="bold"))
    for line in findings.warnings:
        console.print(Text(f"warning: {line}", style="yellow"))
    for line in findings.imported:
        console.print(Text(line, style="dim"))
    for line in summary_lines(findings):
        console.print(Text(f"- {line}"))
    if findings.kind == "measure":
        console.print(_estimates(findings))
    if findings.kind == "sweep":
        console.print(_sweep(findings))
    for section in [section for section in findings.sections if not section.aside]:
        console.print(Text(section.title, style="bold"))
        for line in section.said:
            console.print(Text(line))
        if (table := section_table(section)) is not None:
            console.print(_of_page(table, title=""))
    if findings.differences is not None:
        console.print(_differences(findings.differences, findings.primary))
    for label in findings.labels[1:]:
        if (credits := attribution_table(findings.attribution, scenario=label, most=CREDITED)) is not None:
            console.print(_of_page(credits, title=f"What each setting of '{label}' did"))
    _print_scores(console, findings)
    _print_composites(console, findings)
    if len(findings.goals):
        console.print(_goals(findings.goals))
    if findings.kind == "measure":
        for line in findings.plausibility:
            console.print(Text(f"look twice: {line}", style="yellow"))
    if len(findings.unavailable):
        console.print(Text(f"not in this log: {', '.join(missing_names(findings))}", style="dim"))


def _print_scores(console: Console, findings: Findings) -> None:
    """One scorecard in full, or the totals of several side by side."""
    cards = findings.scorecards
    if len(cards) == 1:
        for label, card in cards.items():
            print_scorecard(console, card, label=label)
        return
    paired = findings.differences is not None
    table = side_by_side(cards) if findings.kind == "beside" else totals_table(cards, paired=paired)
    if table is not None:
        console.print(_of_page(table, title=f"Scorecards against {next(iter(cards.values())).title}"))


def print_scorecard(console: Console, card: Scorecard, *, label: str) -> None:
    """The scorecard as a table, its total below."""
    table = Table(title=f"Scorecard of {label} against {card.title}", box=SIMPLE, title_justify="left")
    table.add_column("metric")
    for name in ("value", "interval", "peers", "worst to best", "score", "weight"):
        table.add_column(name, justify="right")
    table.add_column("target")
    for row in card.rows:
        line = f"{shown(row.worst[0], row.unit)} to {shown(row.best[0], row.unit)}"
        if len(row.best) > 1:
            line = f"band {shown(row.best[0], row.unit)} to {shown(row.best[-1], row.unit)}"
        peers = "-" if row.peer is None else f"{shown(row.peer, row.unit)} {row.peer_statistic}"
        chance = row.probability_of_target
        target = "-" if not row.target else "-" if chance is None else f"reached with {chance:.0%}"
        flag = " *" if any("filled" in text or "assumed" in text for text in row.flags) else ""
        value, interval = shown_with_interval(row.value, row.low, row.high, row.unit)
        table.add_row(
            name_of(row.metric, row.variant), value, interval, peers, line + flag,
            f"{row.score:.0%}", f"{row.share:.0%}", target,
        )  # fmt: skip
    console.print(table)
    low_high = "" if card.low is None or card.high is None else f" ({card.low:.0%} to {card.high:.0%})"
    console.print(Text(f"total {card.total:.0%}{low_high}{card.basis}", style="bold"))
    for missing in card.missing:
        name = name_of(missing.metric, missing.variant)
        console.print(Text(f"missing, its weight of {missing.weight:.0%} spread: {name} ({missing.reason})"))
    if any("filled" in text or "assumed" in text for row in card.rows for text in row.flags):
        console.print(Text("* line or variant assumed, not published; the report says how", style="dim"))
    console.print()


def _of_page(page_table: PageTable, *, title: str) -> Table:
    """A table of the page for the terminal, small print behind the number."""
    table = Table(title=title, box=SIMPLE, title_justify="left", caption=page_table.note, caption_justify="left")
    for place, head in enumerate(page_table.heads):
        table.add_column(head, justify="right" if place else "left", overflow="fold")
    for row in page_table.rows:
        table.add_row(*(_cell_text(cell) for cell in row))
    return table


def _cell_text(cell: Cell) -> str:
    """What a cell says, its small print below it and its bar before it."""
    bar = "" if cell.bar is None else f"[dim]{'█' * round(BAR * cell.bar):>{BAR}}[/dim] "
    return f"{bar}{cell.text}\n[dim]{cell.small}[/dim]" if cell.small else f"{bar}{cell.text}"


def _print_composites(console: Console, findings: Findings) -> None:
    """Scores that merge several metrics, with what must be known of the triad; the totals of the cards stand above."""
    if findings.composites.empty or (shown_here := composites_shown(findings.composites, without="balanced")) is None:
        return
    console.print(_of_page(shown_here, title="Several metrics in one number"))
    for line in notes_of_triad(findings.composites):
        console.print(Text(f"  {line}", style="dim"))


def _estimates(findings: Findings) -> Table:
    table = Table(box=SIMPLE)
    for name, justify in (("metric", "left"), ("value", "right"), ("interval", "right"), ("n", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    whole = findings.estimates[findings.estimates["by"] == ""]
    for row in whole.to_dict("records"):
        value, interval = shown_with_interval(row["value"], row["low"], row["high"], row["unit"])
        table.add_row(name_of(row["metric"], row["variant"]), value, interval, f"{row['n']:,}")
    return table


def _differences(differences: pd.DataFrame, primary: str) -> Table:
    table = Table(title="Differences to today, paired", box=SIMPLE, title_justify="left")
    for name, justify in (("scenario", "left"), ("metric", "left"), ("today", "right"), ("then", "right"),
                          ("difference", "right"), ("interval", "right"), ("", "left")):  # fmt: skip
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for row in differences[differences["by"] == ""].to_dict("records"):
        unit = row["unit"]
        mark, why = verdict_of({str(key): value for key, value in row.items()}, primary=primary)
        mark += " (after Holm)" if "Holm" in why else ""
        name = name_of(row["metric"], row["variant"])
        style = "bold" if f"{row['metric']}:{row['variant']}" == primary else ""
        change = change_texts({str(key): value for key, value in row.items()})
        table.add_row(
            row["scenario"], name, shown(row["base"], unit), shown(row["value"], unit), *change, mark, style=style,
        )  # fmt: skip
    return table


def _sweep(findings: Findings) -> Table:
    table = Table(box=SIMPLE)
    for parameter in findings.parameters:
        table.add_column(parameter)
    metric, _, variant = findings.primary.partition(":")
    table.add_column(name_of(metric, variant), justify="right")
    table.add_column("interval", justify="right")
    chosen = findings.estimates[
        (findings.estimates["by"] == "")
        & (findings.estimates["metric"] == metric)
        & (findings.estimates["variant"] == variant)
    ]
    for row in chosen.to_dict("records"):
        settings = [str(row[parameter]) for parameter in findings.parameters]
        table.add_row(*settings, *shown_with_interval(row["value"], row["low"], row["high"], row["unit"]))
    return table


def _goals(goals: pd.DataFrame) -> Table:
    """Moments of truth: below its name what the customer asks there; points and money are those at stake."""
    table = Table(title="Moments of truth", box=SIMPLE, title_justify="left")
    names = ("scenario", "moment", "goal", "target", "reached", "interval", "status")
    for name in (*names, "journeys keep it", "points at stake", "money at stake"):
        table.add_column(name)
    for row in goals.to_dict("records"):
        unit = row["unit"]
        numbers = (shown(row["target"], unit), *shown_with_interval(row["value"], row["low"], row["high"], unit))
        points, money = shown(row["points"], "", digits=2), shown(row["money"], "money/case", digits=2)
        stakes = (shown(row["journeys_kept"], "1"), points, money)
        moment = f"{row['goal']}\n{row['asks']}" if row["asks"] else row["goal"]
        table.add_row(row["scenario"], Text(moment), row["meaning"], *numbers, row["status"], *stakes)
    return table


def as_plain(findings: Findings) -> dict[str, Any]:
    """The result as plain data: no NaN, so that any JSON reader takes it."""
    whole = findings.estimates[findings.estimates["by"] == ""]
    found: dict[str, Any] = {
        "title": findings.title,
        "kind": findings.kind,
        "summary": summary_lines(findings),
        "warnings": list(findings.warnings),
        "imported": list(findings.imported),
        "estimates": _records(whole),
        "goals": _records(findings.goals),
        "scorecards": {
            label: {"total": card.total, "low": card.low, "high": card.high, "rows": _records(card.to_frame())}
            for label, card in findings.scorecards.items()
        },
        "provenance": dict(findings.provenance),
    }
    if findings.differences is not None:
        found["differences"] = _records(findings.differences[findings.differences["by"] == ""])
        found["scorecard_differences"] = _records(total_differences(findings.scorecards))
    return found


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for row in table.to_dict("records"):
        rows.append({str(key): _finite(value) for key, value in row.items()})
    return rows


def _finite(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
