"""What it would bring to be as good as the best quartile of the peers, driver by driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pandas as pd

from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.profile import Cell as PeerCell
from cxsim.benchmarks.profile import ProfileMetric
from cxsim.reports.tables import Cell, Table, is_missing, name_of, records, shown, words
from cxsim.reports.why import ends_of_part, line_name, part_of_score

COLUMNS: Final = (
    "scenario", "driver", "metric", "variant", "actual", "best", "statistic", "gain", "low", "high", "metric_unit",
    "unit",
)  # fmt: skip


class Link(NamedTuple):
    """A metric of the catalogue that stands for how often a driver strikes; of a share that is good, its complement."""

    driver: str
    metric: str
    complement: bool = False


LINKS: Final = (
    Link("wait", "average_speed_of_answer"),
    Link("abandonment", "abandonment_rate"),
    Link("unresolved", "first_contact_resolution", complement=True),
    Link("repeat", "first_contact_resolution", complement=True),
    Link("transfer", "transfer_rate"),
    Link("hold", "hold_time"),
)


def leverage_table(estimates: pd.DataFrame, explanations: pd.DataFrame, *, profile: str | None) -> pd.DataFrame:
    """Gain of satisfaction if a driver struck as rarely as at the best quartile of the peers.

    The driver is thinned out: it strikes the share best / actual of the journeys it strikes now, the others are spared
    what it takes away. A metric already there gains 0. A profile without a best quartile of a metric is silent on it.

    Returns
    -------
    DataFrame
        scenario, driver, metric, variant, actual, best, statistic, gain, low, high (of the gain, over replications),
        metric_unit, unit.
    """
    rows: list[tuple[Any, ...]] = []
    if profile is not None and len(explanations):
        rows = list(_rows(estimates, explanations[explanations["part"] == "regained"], profile))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(estimates: pd.DataFrame, regained: pd.DataFrame, profile: str) -> Iterator[tuple[Any, ...]]:
    peers = load_profile(profile)
    whole = estimates[estimates["by"] == ""]
    gains = {(row["scenario"], row["line"]): row for row in records(regained[regained["score"] == "top_two"])}
    for scenario in dict.fromkeys(regained["scenario"]):
        mine = {(row["metric"], row["variant"]): row for row in records(whole[whole["scenario"] == scenario])}
        for link in LINKS:
            entry = peers.metric(link.metric)
            found = None if entry is None else mine.get((entry.name, entry.variant))
            gain = gains.get((scenario, link.driver))
            cell = None if entry is None else best_quartile(entry)
            if entry is None or found is None or gain is None or cell is None or is_missing(found["value"]):
                continue
            actual, best = (1.0 - value if link.complement else value for value in (found["value"], cell.value))
            spared = max(0.0, 1.0 - best / actual) if actual > 0.0 else 0.0
            ends = (spared * gain["value"], spared * gain["low"], spared * gain["high"])
            about = (entry.name, entry.variant, found["value"], cell.value, cell.statistic)
            yield (scenario, link.driver, *about, *ends, found["unit"], gain["unit"])


def best_quartile(entry: ProfileMetric) -> PeerCell | None:
    """The figure of the peers' best quartile, or what is published in its place; None if nothing is."""
    names = {"higher": ("q3", "top_quartile", "p90"), "lower": ("q1", "top_quartile", "p10"), "band": ()}[entry.better]
    return next((cell for name in (*names, "best_practice") if (cell := entry.cell(name)) is not None), None)


def leverage_shown(leverage: pd.DataFrame, *, scenario: str) -> Table | None:
    """The rows of one scenario for a page."""
    rows = []
    for row in records(leverage[leverage["scenario"] == scenario]) if len(leverage) else []:
        gain = "already there" if row["gain"] == 0.0 else part_of_score(row["gain"], row["unit"])
        ends = "" if row["gain"] == 0.0 else ends_of_part(row["low"], row["high"], row["unit"])
        rows.append(
            (
                words(line_name(row["driver"])),
                words(name_of(row["metric"], row["variant"])),
                Cell(shown(row["actual"], row["metric_unit"])),
                Cell(shown(row["best"], row["metric_unit"]), row["statistic"]),
                Cell(gain, ends),
            )
        )
    heads = ("Driver", "Metric (variant)", "Now", "Peers' best quartile", "Satisfied: gain")
    note = (
        "If the driver struck as rarely as at the peers' best quartile, the rest as it is. What that costs is not said."
    )
    return Table(heads, tuple(rows), note) if rows else None
