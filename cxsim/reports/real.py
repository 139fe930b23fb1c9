"""Findings on a real log: the metrics and the scorecard of a simulated one, with intervals over its days."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.scorecard import score
from cxsim.contacts.log import ContactLog
from cxsim.designs.days import estimate_log
from cxsim.metrics.measure import unavailable
from cxsim.metrics.window import Window
from cxsim.reports.findings import Findings
from cxsim.reports.imports import import_lines
from cxsim.reports.notes import plausibility_of
from cxsim.runs.provenance import versions
from cxsim.trial import BY_INTERVAL, BY_TOUCHPOINT, BY_TYPE, WAITS


def _breakdowns(log: ContactLog, *, window: Window) -> list[pd.DataFrame]:
    """The day, the waits and the contact types, as far as this log can give them."""
    waits = [{"schedule_of_waits": {"longer_than": limit}} for limit in WAITS]
    found = []
    for by, names in (
        ("interval", BY_INTERVAL),
        ("contact_type", BY_TYPE),
        ("touchpoint", BY_TOUCHPOINT),
        ("waits", waits),
    ):
        cut = None if by == "waits" else by
        missing = unavailable(log, list(names), by=cut, window=window)
        labels = {*missing["metric"], *(missing["metric"] + ":" + missing["variant"])}
        known = [name for name in names if isinstance(name, dict) or name not in labels]
        if known and not (by == "waits" and "schedule_of_waits" in labels):
            found.append(estimate_log(log, known, by=cut, window=window).assign(by=by))
    return found


def findings_of_log(
    log: ContactLog,
    *,
    title: str,
    metrics: Sequence[str] | None = None,
    profile: str | None = None,
    window: Window = None,
    command: str = "",
) -> Findings:
    """Findings on a real log: the same metrics, the same scorecard; intervals over its days.

    Parameters
    ----------
    log : ContactLog
    metrics : sequence of str, optional
        Left out: everything that this log can give.
    profile : str, optional
        A benchmark profile; its metrics are measured too where the log can give them.
    """
    peers = None if profile is None else load_profile(profile)
    wanted: list[str] = []
    estimates = estimate_log(log, None if metrics is None else list(metrics), window=window)
    if peers is not None:
        known = set(estimates["metric"] + ":" + estimates["variant"])
        wanted = [f"{entry.name}:{entry.variant}" for entry in peers.metrics]
        missing = set(unavailable(log, wanted)["metric"])
        further = [name for name in wanted if name not in known and name.partition(":")[0] not in missing]
        if further:
            estimates = pd.concat([estimates, estimate_log(log, further, window=window)], ignore_index=True)
    estimates = pd.concat([estimates, *_breakdowns(log, window=window)], ignore_index=True)
    cards = {}
    if peers is not None:
        measures = estimates[estimates["by"] == ""].drop(columns=["scenario", "by"])
        if metrics is None:
            # Nobody asked for another definition: what this log cannot give in the peers' is missing, not refused.
            measures = measures[(measures["metric"] + ":" + measures["variant"]).isin(wanted)]
        cards[title] = score(measures, profile=peers)
    report = log.meta.get("import", {})
    return Findings(
        title=title,
        question="",
        kind="measure",
        scenarios={},
        estimates=estimates,
        scorecards=cards,
        unavailable=unavailable(log) if metrics is None else pd.DataFrame(),
        imported=tuple(import_lines(report)),
        plausibility=plausibility_of(estimates),
        provenance={"versions": versions(), "command": command, "import": report},
    )
