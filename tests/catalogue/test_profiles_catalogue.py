"""Every shipped profile cites its figures, fits the catalogue of metrics, and agrees with the collected table."""

from __future__ import annotations

import csv
import os
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from cxsim import shipped
from cxsim.benchmarks.cells import Cell, cumulative
from cxsim.benchmarks.checks import known_metrics
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.position import percentile
from cxsim.benchmarks.profile import Profile, ProfileMetric
from cxsim.benchmarks.scorecard import score

NAMES = shipped.names("profile")
REFERENCE = os.environ.get("CXSIM_REFERENCE_DATA", "")


def entries() -> list[tuple[str, ProfileMetric]]:
    return [(name, entry) for name in NAMES for entry in load_profile(name, register={}).metrics]


def cited() -> list[tuple[str, str, Cell]]:
    return [
        (name, entry.name, cell) for name, entry in entries() for cell in entry.cells if cell.provenance != "filled"
    ]


def measured(profile: Profile, *, at: str) -> pd.DataFrame:
    """Measures that lie on the worst or on the best value of every metric."""
    rows = []
    for entry in profile.metrics:
        ends = {"worst": entry.lines[0].value, "best": entry.lines[1].value}
        rows.append(
            {
                "metric": entry.name,
                "variant": entry.variant,
                "value": ends[at],
                "unit": entry.unit,
                "better": entry.better,
            }
        )
    return pd.DataFrame(rows)


def test_the_two_profiles_are_shipped() -> None:
    assert {"it_service_desk", "inbound_voice"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_fits_the_catalogue_of_metrics(name: str) -> None:
    assert known_metrics(), "the catalogue is empty, so nothing would be checked"
    assert load_profile(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_best_scores_full_and_worst_scores_nothing(name: str) -> None:
    profile = load_profile(name, register={})
    assert score(measured(profile, at="best"), profile=profile).total == pytest.approx(1.0)
    assert score(measured(profile, at="worst"), profile=profile).total == pytest.approx(0.0)


@pytest.mark.parametrize(("name", "metric", "cell"), cited())
def test_a_published_figure_names_source_series_and_who_entered_it(name: str, metric: str, cell: Cell) -> None:
    assert cell.title
    assert cell.url.startswith("http")
    assert cell.segment
    assert cell.series
    assert cell.as_published
    assert cell.entered_by
    assert cell.checked_by


@pytest.mark.parametrize(("name", "entry"), entries())
def test_no_line_or_target_is_published_on_low_confidence(name: str, entry: ProfileMetric) -> None:
    """A doubtful figure may be shown, but the score does not rest on it."""
    for line in entry.lines:
        cell = entry.cell(line.statistic) if line.statistic else None
        assert cell is None or cell.confidence != "low"
        assert line.statistic or line.note


@pytest.mark.parametrize(("name", "entry"), entries())
def test_peers_between_worst_and_best_stand_in_order(name: str, entry: ProfileMetric) -> None:
    low, high = min(line.value for line in entry.lines), max(line.value for line in entry.lines)
    places = [percentile(entry, value=low + step * (high - low) / 20) for step in range(21)]
    assert all(a.at_least <= b.at_most + 1e-12 for a, b in pairwise(places))


@pytest.mark.reference
@pytest.mark.skipif(not REFERENCE, reason="CXSIM_REFERENCE_DATA is not set")
@pytest.mark.parametrize(("name", "metric", "cell"), cited())
def test_a_figure_is_the_one_collected(name: str, metric: str, cell: Cell) -> None:
    """Value, unit, source, year, number of peers and confidence as in the table of collected benchmarks."""
    with (Path(REFERENCE) / "reference" / "benchmarks.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if is_row_of(row, cell)]
    assert len(rows) == 1, f"{len(rows)} rows"
    row = rows[0]
    if row["unit"] == "GBP":
        assert f"also quoted as {cell.value:g} USD" in row["note"]
    else:
        assert cell.value == pytest.approx(in_our_unit(float(row["value"]), row["unit"]), rel=1e-12)
    assert cell.title == row["source_title"]
    assert cell.year == (int(row["year"]) if row["year"] else None)
    assert cell.n == (int(row["sample_size"]) if row["sample_size"] else None)
    assert cell.confidence == row["confidence"]
    assert (cell.provenance == "derived") == ("derived here" in row["note"])


def is_row_of(row: dict[str, str], cell: Cell) -> bool:
    """Series, segment, statistic and address name one row; bounds of cumulative shares are in % there."""
    statistic = cell.statistic
    counted = cumulative(statistic)
    if counted is not None:
        sign = statistic.removeprefix("cdf").rstrip("0123456789.")
        statistic = f"cdf{sign}{100 * counted[1]:g}"
    same = (row["metric"], row["segment"], row["statistic"], row["source_url"])
    return same == (cell.series, cell.segment, statistic, cell.url)


def in_our_unit(value: float, unit: str) -> float:
    return value / 100 if unit.startswith("%") else value * {"h": 3600.0}.get(unit, 1.0)
