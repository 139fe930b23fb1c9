"""Three to six plain sentences that say what came out, each with its number and interval.

Above 300 lines because all sentences of a summary are read, and kept in one tone, together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from cxsim.benchmarks.scorecard import Scorecard
from cxsim.reports.changes import direction, is_primary, is_real, never_changes, verdict_of
from cxsim.reports.findings import Findings
from cxsim.reports.sureness import sureness_line
from cxsim.reports.tables import (
    MISSING,
    Row,
    headlines,
    is_missing,
    name_of,
    pick,
    reasons,
    records,
    rows_of,
    shown,
    shown_interval,
    shown_with_interval,
    split_primary,
)
from cxsim.reports.totals import signed_points, total_differences
from cxsim.reports.why import survey_line, why_line

MOST: Final = 6
ABANDONED: Final = "abandonment_rate"
# Look better when customers leave the queue.
OF_WAITS: Final = ("service_level", "average_speed_of_answer", "wait_quantile")
MOST_CONFIRMED: Final = 8  # changes whose confirmatory metrics are said; the tables hold those of all
# How a headline is said; {0} is the value with its interval. What is not here is said by its name.
SAID: Final = {
    ("service_level", "strict"): "{0} of contacts were answered within {1}",
    ("average_speed_of_answer", "answered"): "those answered had waited {0} on average",
    ("abandonment_rate", "all"): "{0} left before anybody answered",
    ("first_response_time", "mean"): "tickets and mail had a first response after {0} on average",
    ("first_contact_resolution", "gross"): "{0} of handled cases were resolved at the first contact",
    ("contacts_per_case", "handled"): "contacts came to {0}",
    ("customer_satisfaction", "top_two"): "customer satisfaction (4 or 5 of 5, all customers) was {0}",
    ("customer_effort_score", "mean"): "customer effort score (mean of 1 to 7, all customers) was {0}",
    ("net_promoter_score", "all"): "net promoter score (all customers) was {0}",
    ("occupancy", "default"): "agents were busy {0} of their available time",
    ("cost_per_contact", "default"): "cost was {0}",
}
# Said together, one sentence each, as far as measured.
GROUPS: Final = (
    (("service_level", "strict"), ("average_speed_of_answer", "answered"), ("abandonment_rate", "all")),
    (("first_contact_resolution", "gross"), ("contacts_per_case", "handled")),
    (("customer_satisfaction", "top_two"), ("net_promoter_score", "all")),
    (("occupancy", "default"), ("cost_per_contact", "default")),
    (("first_response_time", "mean"),),
)


def summary_lines(findings: Findings) -> list[str]:
    """What came out, in plain sentences for page and terminal.

    Returns
    -------
    list of str
        At most six, those that a design concluded first, and all of them; three or more where enough was measured.
        After them one for each change on the metrics that a study set out to confirm.
        Nothing is claimed without its number.
    """
    if findings.kind in ("compare", "optimise", "tune") and findings.differences is not None:
        lines = _compared(findings)
    elif findings.kind == "sweep":
        lines = _swept(findings)
    elif findings.kind == "select":
        lines = [_totals_line(findings.scorecards)] if findings.scorecards else []
    else:
        lines = _measured(findings)
    room = max(MOST - len(findings.conclusions), 0)
    confirmed = _confirmed_lines(findings) if findings.kind == "compare" else []
    return [*findings.conclusions, *lines[:room], *confirmed]


def with_interval(row: Row) -> str:
    """'78.3% (95% interval 77.1% to 79.5%)', or the number of observations where there is no interval."""
    value, span = shown_with_interval(row["value"], row["low"], row["high"], row["unit"])
    if span != MISSING:
        return f"{value} ({row['level']:.0%} interval {span})"
    why = reasons(row.get("flags", "")) or "no interval"
    return f"{value} (n {int(row['n']):,}; {why})"


def _name(row: Row) -> str:
    """A metric's name inside a sentence."""
    name = name_of(row["metric"], row["variant"])
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _said(row: Row) -> str:
    variant, _, settings = str(row["variant"]).partition(",")
    form = SAID.get((row["metric"], variant))
    if form is None:
        return f"{_name(row)} was {with_interval(row)}"
    within = settings.rpartition("within=")[2] or "20"
    return form.format(with_interval(row), f"{within} s")


def _measured(findings: Findings) -> list[str]:
    """A simulated scenario, or a real log."""
    label = next(iter(findings.labels), "")
    whole = rows_of(findings.estimates, "", scenario=label)
    lines, used = [], set()
    if findings.primary:
        row = pick(whole, *split_primary(findings.primary))
        if row is not None and (row["metric"], row["variant"]) not in GROUPS[0] and not is_missing(row["value"]):
            lines.append(_sentence([_said(row)]))
            used.add((row["metric"], row["variant"]))
    for group in GROUPS:
        rows = [row for key in group if key not in used and (row := pick(whole, *key)) and not is_missing(row["value"])]
        if rows:
            lines.append(_sentence([_said(row) for row in rows]))
    known = headlines(whole)
    cards = findings.scorecards
    lines += _goal_lines(findings.goals)
    lines += [_totals_line(cards)] if len(cards) > 1 else [_card_line(card) for card in cards.values()]
    if len(lines) > MOST:
        # The scorecard and the goals are worth more than the last details.
        lines = [*lines[:3], *lines[3 - MOST :]]
    if len(lines) < 3:
        said = " ".join(lines)
        rows = [row for key in known if (row := pick(whole, *key)) and with_interval(row) not in said]
        lines += [_sentence([_said(row)]) for row in rows[: 3 - len(lines)]]
    return lines


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _goal_lines(goals: pd.DataFrame) -> list[str]:
    if goals.empty:
        return []
    parts = []
    for row in records(goals):
        span = shown_interval(row["low"], row["high"], row["unit"])
        number = shown(row["value"], row["unit"]) + ("" if span == MISSING else f", interval {span}")
        parts.append(f"{row['goal']} {row['status']} ({number}; target {shown(row['target'], row['unit'])})")
    return [f"Goals: {'; '.join(parts)}.{_most_at_stake(goals)}"]


def _most_at_stake(goals: pd.DataFrame) -> str:
    """The moment of truth at which most is at stake, where anything is."""
    first = records(goals)[0]
    if is_missing(first["points"]) or not first["points"] > 0.0:
        return ""
    money = "" if is_missing(first["money"]) else f", {shown(first['money'], 'money/case')} of lifetime value"
    return f" Most is at stake at {first['goal']}: {shown(first['points'], 'points')} of satisfaction{money}."


def _card_line(card: Scorecard) -> str:
    ends = "" if card.low is None or card.high is None else f" ({100 * card.low:.0f} to {100 * card.high:.0f})"
    worst = min(card.rows, key=lambda row: row.score)
    return (
        f"Against '{card.title}' the scorecard gives {100 * card.total:.0f} of 100{ends}{card.basis}; furthest from "
        f"the peers' best is {name_of(worst.metric, worst.variant)} with {shown(worst.value, worst.unit)}."
    )


def _compared(findings: Findings) -> list[str]:
    """Primary metric of every change, what else it moved, what it did not, and the scorecards."""
    assert findings.differences is not None
    labels, first, further = findings.labels, [], []
    for label in labels[1:]:
        whole = rows_of(findings.differences, "", scenario=label)
        found = {(row["metric"], row["variant"]): row for row in records(whole)}
        keys = headlines(whole, primary=findings.primary)
        rows = [found[key] for key in keys if not is_missing(found[key]["difference"])]
        if rows:
            first.append(_primary_line(rows[0], label=label, base=labels[0], primary=findings.primary))
            others = [row for row in rows[1:] if not _confirmatory(row)]
            further += _others_lines(others, label=label, primary=findings.primary, alone=len(labels) == 2)
    table = findings.explanations
    said = [line(table, scenario=labels[1]) for line in (why_line, survey_line)] if len(table) else []
    real = labels[1] in {row["scenario"] for row in _real_primaries(findings)}
    said += [sureness_line(findings, scenario=labels[1])] if real and len(findings.uncertainty) else []
    last = [line for line in said if line][: 3 - len(labels[2:])] if len(labels) < 4 else []
    last += [line for label in labels[1:4] if (line := _gave_up_line(findings, label=label))]
    last += [_totals_line(findings.scorecards, paired=True)] if findings.scorecards else []
    room = MOST - len(last)
    if len(first) > room:
        first = [*first[: room - 1], f"{len(first) - room + 1} more changes stand in the tables."]
    return [*first, *further[: room - len(first)], *last]


def _real_primaries(findings: Findings) -> list[Row]:
    """Rows of the primary metric whose difference stands."""
    assert findings.differences is not None
    rows = records(rows_of(findings.differences, ""))
    metric, variant = split_primary(findings.primary)
    mine = [row for row in rows if row["metric"] == metric and variant in (None, row["variant"])]
    return [row for row in mine if not is_missing(row["difference"]) and is_real(row, primary=findings.primary)]


def _primary_line(row: Row, *, label: str, base: str, primary: str) -> str:
    name, unit = _name(row), row["unit"]
    change, ends = shown_with_interval(row["difference"], row["low"], row["high"], unit, difference=True)
    amount, span = change.replace(" pp", " percentage points"), ends.replace(" pp", " points")
    numbers = f"{shown(row['base'], unit)} to {shown(row['value'], unit)}"
    interval = "no interval" if span == MISSING else f"{row['level']:.0%} interval {span}"
    if not is_real(row, primary=primary):
        return f"With '{label}' {name} shows no real difference to '{base}': {amount} ({interval}; {numbers})."
    word = {"better": ", which is better", "worse": ", which is worse"}.get(direction(row, primary=primary), "")
    return f"With '{label}' {name} goes from {numbers}: {amount} ({interval}){word}."


def _others_lines(rows: list[Row], *, label: str, primary: str, alone: bool) -> list[str]:
    """What else changed of the usual first metrics, and, of a change that stands alone, what did not."""
    moved = [row for row in rows if is_real(row, primary=primary)]
    same = [row for row in rows if not is_real(row, primary=primary)]
    lines = []
    if moved:
        parts = [f"{_short(row)} ({direction(row, primary=primary)})" for row in moved[:4]]
        lines.append(f"'{label}' also changes {'; '.join(parts)}.")
    if same and (alone or not moved):
        parts = [f"{_short(row)}{_why(row, primary=primary)}" for row in same[:4]]
        lines.append(f"No real difference shown with '{label}': {'; '.join(parts)}.")
    return lines


def _gave_up_line(findings: Findings, *, label: str) -> str:
    """Where waits look better while more give up: who has left waits no more; empty elsewhere."""
    assert findings.differences is not None
    primary = findings.primary
    whole = rows_of(findings.differences, "", scenario=label)
    found = {(row["metric"], row["variant"]): row for row in records(whole)}
    lost = [row for (metric, _), row in found.items() if metric == ABANDONED]
    more = [row for row in lost if not is_missing(row["difference"]) and direction(row, primary=primary) == "worse"]
    better = [
        _name(found[key])
        for key in headlines(whole, primary=primary)
        if key[0] in OF_WAITS
        and not is_missing(found[key]["difference"])
        and direction(found[key], primary=primary) == "better"
    ]
    if not more or not better:
        return ""
    said = f"{' and '.join(better[:2])} {'are' if len(better) > 1 else 'is'} better"
    return f"With '{label}' {said} partly because more customers gave up: {_short(more[0])}."


def _confirmed_lines(findings: Findings) -> list[str]:
    """Of every change what became of the confirmatory metrics beside the primary, each with its interval."""
    assert findings.differences is not None
    lines = []
    for label in findings.labels[1:][:MOST_CONFIRMED]:
        rows = [row for row in records(rows_of(findings.differences, "", scenario=label)) if _confirmatory(row)]
        of: dict[str, list[str]] = {}
        for row in rows:
            if not is_primary(row, findings.primary):
                said = "no change in any replication" if never_changes(row) else verdict_of(row)[0]
                of.setdefault(said, []).append(_name(row) if never_changes(row) else _short(row))
        if of:
            parts = "; ".join(f"{said}: {', '.join(names)}" for said, names in of.items())
            lines.append(f"Metrics the study set out to confirm, '{label}', adjusted together by Holm: {parts}.")
    return lines


def _confirmatory(row: Row) -> bool:
    """Whether a metric was named beforehand, and so is adjusted."""
    return not is_missing(row.get("p_holm"))


def _why(row: Row, *, primary: str) -> str:
    """The reason where the interval alone would say otherwise."""
    reason = verdict_of(row, primary=primary)[1]
    return f" ({reason})" if "Holm" in reason else ""


def _short(row: Row) -> str:
    if never_changes(row):
        return f"{_name(row)}, no change in any replication"
    amount, span = shown_with_interval(row["difference"], row["low"], row["high"], row["unit"], difference=True)
    return f"{_name(row)} {amount}" + ("" if span == MISSING else f" [{span}]")


def _totals_line(cards: Mapping[str, Scorecard], *, paired: bool = False) -> str:
    """Totals of all scorecards, side by side; where they are paired, how far each is from the first."""
    changes = {row["scenario"]: row for row in records(total_differences(cards))} if paired else {}
    parts = []
    for label, card in cards.items():
        ends = "" if card.low is None or card.high is None else f" ({100 * card.low:.1f} to {100 * card.high:.1f})"
        parts.append(f"'{label}' {100 * card.total:.1f}{ends}{card.basis}{_total_change(changes.get(label))}")
    return f"Scorecard, of 100: {'; '.join(parts)}."


def _total_change(row: Row | None) -> str:
    """', that is −2.1 (−2.6 to −1.6, paired; worse)', or nothing for the first scenario."""
    if row is None:
        return ""
    span = "" if is_missing(row["low"]) else f"{signed_points(row['low'])} to {signed_points(row['high'])}, paired; "
    return f", that is {signed_points(row['difference'])} ({span}{row['verdict']})"


def _swept(findings: Findings) -> list[str]:
    """Best and worst setting by the primary metric, then the best by the other first ones."""
    whole = rows_of(findings.estimates, "")
    lines = []
    for key in headlines(whole, primary=findings.primary)[:4]:
        rows = [
            row for row in records(whole) if (row["metric"], row["variant"]) == key and not is_missing(row["value"])
        ]
        rows.sort(key=lambda row: (float(row["value"]), str(row["scenario"])))
        low, high = rows[0], rows[-1]
        name = name_of(*key)
        if low["value"] == high["value"]:
            lines.append(f"{name} is {with_interval(low)} at each of the {len(rows)} settings.")
            continue
        lines.append(
            f"{name} runs from {with_interval(low)} at {_setting(low, findings)} to {with_interval(high)} at "
            f"{_setting(high, findings)}."
        )
    return lines


def _setting(row: Row, findings: Findings) -> str:
    """'agents=13' for 'agent_groups.desk.agents': the last word, unless two settings share it."""
    last = [name.rpartition(".")[2] for name in findings.parameters]
    names = findings.parameters if len(set(last)) < len(last) else last
    return ", ".join(f"{name}={row[full]}" for name, full in zip(names, findings.parameters, strict=True))
