"""Findings made by hand for the tests of reports: two scenarios, a few metrics, every breakdown, no simulation."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from cxsim.reports.findings import Findings
from cxsim.scenario.load import Scenario, load_scenario

HOSTILE = "<script>alert('x')</script> =1+1 & $a$"

METRICS = (
    # metric, variant, unit, better, kind, value, half-width
    ("service_level", "strict", "1", "higher", "process", 0.783, 0.012),
    ("average_speed_of_answer", "answered", "s", "lower", "process", 34.1, 3.0),
    ("abandonment_rate", "all", "1", "lower", "process", 0.051, 0.006),
    ("first_contact_resolution", "gross", "1", "higher", "result", 0.71, 0.01),
    ("net_promoter_score", "all", "points", "higher", "result", 33.1, 1.5),
    ("cost_per_contact", "default", "money/contact", "lower", "result", 21.5, 0.4),
)


def small_scenario(**changes: Any) -> Scenario:
    """One queue, open around the clock: Poisson calls, exponential talk and patience, ten agents."""
    source: dict[str, Any] = {
        "name": "One queue",
        "calendar": {"start": "2026-01-05", "days": 1, "interval": "12 h"},
        "busyness": {"day_cv": 0, "interval_cv": 0, "interval_correlation": 0},
        "contact_types": {"calls": {"volume": "4800 per day", "enters": {"phone": 1}}},
        "touchpoints": {
            "phone": {
                "mechanism": "staffed",
                "channel": "voice",
                "talk_time": {"law": "exponential", "mean": "3 min"},
                "patience": {"law": "exponential", "mean": "2 min"},
            }
        },
        "agent_groups": {"desk": {"agents": 10, "serves": {"phone": {"rank": 1}}}},
    }
    source.update(changes)
    return load_scenario(source)


def estimate(label: str, by: str, group: str, metric: tuple[Any, ...], **more: Any) -> dict[str, Any]:
    """One row of Findings.estimates."""
    name, variant, unit, better, kind, value, half = metric
    row = {
        "scenario": label, "by": by, "group": group, "metric": name, "variant": variant, "value": value,
        "low": value - half, "high": value + half, "standard_error": half / 2.0, "level": 0.95,
        "method": "B1 ratio_ci delta", "replications": 20, "numerator": 1000.0 * value, "denominator": 1000.0,
        "n": 1000, "unit": unit, "better": better, "kind": kind, "flags": "",
    }  # fmt: skip
    return {**row, **more}


def difference(label: str, metric: tuple[Any, ...], change: float, half: float, **more: Any) -> dict[str, Any]:
    """One row of Findings.differences."""
    name, variant, unit, better, kind, value, _ = metric
    outcome = "above" if change > half else "below" if change < -half else "unresolved"
    row = {
        "scenario": label, "by": "", "group": "all", "metric": name, "variant": variant, "base": value,
        "value": value + change, "difference": change, "low": change - half, "high": change + half, "level": 0.95,
        "p_value": 0.001 if abs(change) > half else 0.4, "p_holm": math.nan, "correlation": 0.9,
        "variance_ratio": 10.0, "replications": 20, "outcome": outcome, "sentence": "", "unit": unit,
        "better": better, "kind": kind,
    }  # fmt: skip
    return {**row, **more}


def small_estimates(labels: tuple[str, ...]) -> pd.DataFrame:
    """Rows of the whole and of every breakdown."""
    rows = []
    for label in labels:
        rows += [estimate(label, "", "all", metric) for metric in METRICS]
        for place, group in enumerate(("08:00", "08:30", "09:00")):
            load = ("offered_load", "default", "erlang", "band", "process", 8.0 + place, 0.5)
            staff = ("agents_available", "default", "agents", "band", "process", 10.0, 0.0)
            rows += [estimate(label, "interval", group, metric) for metric in (*METRICS[:3], load, staff)]
        for limit, share in ((0, 0.4), (20, 0.2), (60, 0.05)):
            variant = "over_20" if limit == 20 else f"over_20, longer_than={limit}"
            metric = ("schedule_of_waits", variant, "1", "lower", "process", share, 0.02)
            rows.append(estimate(label, "waits", "all", metric))
        for group, n in (
            ("phone|resolved|leaves|end", 700.0),
            ("phone|unresolved|back_office|transfer", 200.0),
            ("phone|abandoned|phone|return", 100.0),
            ("back_office|resolved|leaves|end", 200.0),
        ):
            rows.append(estimate(label, "flow", group, ("flow", "count", "1", "band", "process", n, 10.0)))
        rows += [estimate(label, "touchpoint", group, METRICS[0]) for group in ("phone", "back_office")]
        nothing = {"value": math.nan, "low": math.nan, "high": math.nan, "n": 0, "flags": "nothing_observed"}
        rows.append(estimate(label, "touchpoint", "phone", METRICS[1]))
        rows.append(estimate(label, "touchpoint", "back_office", METRICS[1], **nothing))
    return pd.DataFrame(rows)


def small_findings(*, kind: str = "compare", **more: Any) -> Findings:
    """Findings of a kind; for a comparison service level rises, abandonment shows no real difference."""
    base = small_scenario()
    labels = ("today", "two more") if kind == "compare" else ("today",)
    scenarios = {"today": base}
    differences = None
    if kind == "compare":
        scenarios["two more"] = base.override("agent_groups.desk.agents=12")
        changes = (0.05, -8.0, -0.001, 0.0, 0.8, 2.1)
        halves = (0.01, 2.0, 0.004, 0.01, 0.5, 0.1)
        rows = zip(METRICS, changes, halves, strict=True)
        differences = pd.DataFrame([difference("two more", *row) for row in rows])
    goal = {
        "scenario": "today", "goal": "first_answer", "meaning": "wait within 30 s, at least", "target": 0.75,
        "value": 0.783, "low": 0.771, "high": 0.795, "status": "kept", "unit": "1",
        "asks": "how long until somebody answers me", "weight": 2.0, "importance": 1.5, "journeys_met": 0.9,
        "journeys_kept": 0.75, "journeys_kept_low": 0.74, "journeys_kept_high": 0.76, "points": 1.25,
        "points_low": 1.2, "points_high": 1.3, "nps": 1.9, "money": 0.84, "money_low": 0.8, "money_high": 0.88,
        "money_total": 12345.0, "without_stake": "",
    }  # fmt: skip
    given: dict[str, Any] = {
        "title": "One queue",
        "question": "Do two agents more shorten the waits?",
        "kind": kind,
        "scenarios": scenarios,
        "estimates": small_estimates(labels),
        "differences": differences,
        "goals": pd.DataFrame([goal]),
        "unavailable": pd.DataFrame([("churn_rate", "default", "no margin")], columns=["metric", "variant", "reason"]),
        "warnings": ("The afternoon cannot keep up.",),
        "rules": (("Ties", "Agents before customers."),),
        "provenance": {"seed": 7, "versions": {"cxsim": "0.1.0"}, "command": "cxsim run"},
        "primary": "service_level:strict",
    }
    return Findings(**{**given, **more})
