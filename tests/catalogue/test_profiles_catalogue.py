"""Every shipped profile cites its figures, fits the catalogue of metrics, and agrees with the collected tables."""

from __future__ import annotations

import csv
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxsim import shipped
from cxsim.benchmarks.cells import Cell, cumulative
from cxsim.benchmarks.checks import known_metrics
from cxsim.benchmarks.lint import lint
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.position import percentile
from cxsim.benchmarks.profile import Profile, ProfileMetric
from cxsim.benchmarks.scorecard import score
from cxsim.benchmarks.write import write_profile
from cxsim.catalogue import explained

NAMES = shipped.names("profile")
REFERENCE = os.environ.get("CXSIM_REFERENCE_DATA", "")
CANADA = "canada_service_standards"
needs_reference = pytest.mark.skipif(not REFERENCE, reason="CXSIM_REFERENCE_DATA is not set")


def entries() -> list[tuple[str, ProfileMetric]]:
    return [(name, entry) for name in NAMES for entry in load_profile(name, register={}).metrics]


def cited() -> list[tuple[str, str, str, Cell]]:
    """Profile, metric or figure, its unit, and each cell that somebody published or derived."""
    found = []
    for name in NAMES:
        profile = load_profile(name, register={})
        for entry in (*profile.metrics, *profile.figures):
            found += [(name, entry.name, entry.unit, cell) for cell in entry.cells if cell.provenance != "filled"]
    return found


def measured(profile: Profile, *, at: str) -> pd.DataFrame:
    """Measures that lie on the worst or on the best value of every metric."""
    rows = []
    for entry in profile.metrics:
        ends = dict(zip(("worst", "best"), entry.ends, strict=True))
        rows.append(
            {
                "metric": entry.name,
                "variant": entry.variant,
                "value": ends[at][0],
                "unit": entry.unit,
                "better": entry.better,
            }
        )
    return pd.DataFrame(rows)


def test_the_five_profiles_are_shipped() -> None:
    assert {"it_service_desk", "inbound_voice", "digital_ecommerce", "saas", CANADA} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_fits_the_catalogue_of_metrics(name: str) -> None:
    assert known_metrics(), "the catalogue is empty, so nothing would be checked"
    assert load_profile(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_is_shown_as_its_file(name: str) -> None:
    file = shipped.path("profile", name)
    assert file is not None
    assert explained(f"profile/{name}") == file.read_text(encoding="utf-8").rstrip()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ["yaml", "csv"])
def test_a_shipped_profile_comes_back_from_a_file_of_its_own(name: str, ending: str, tmp_path: Path) -> None:
    profile = load_profile(name)
    assert load_profile(write_profile(profile, tmp_path / f"again.{ending}")) == profile


@pytest.mark.parametrize("name", NAMES)
def test_best_scores_full_and_worst_scores_nothing(name: str) -> None:
    profile = load_profile(name, register={})
    assert score(measured(profile, at="best"), profile=profile).total == pytest.approx(1.0)
    assert score(measured(profile, at="worst"), profile=profile).total == pytest.approx(0.0)


@pytest.mark.parametrize("name", NAMES)
def test_no_shipped_profile_scores_backwards_or_counts_twice(name: str) -> None:
    found = "\n".join(lint(load_profile(name)))
    for said in ("does not rise", "counted once", "weights add to", "apart", "both", "its line says"):
        assert said not in found.replace("process and result metrics both", "")


@pytest.mark.parametrize(("name", "metric", "unit", "cell"), cited())
def test_a_published_figure_names_source_series_and_who_entered_it(
    name: str, metric: str, unit: str, cell: Cell
) -> None:
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


def test_the_licence_of_canada_is_named_wherever_its_figures_are_used() -> None:
    card = score(measured(load_profile(CANADA), at="best"), profile=CANADA)
    assert "Contains information licensed under the Open Government Licence - Canada." in card.notes
    assert "Open Government Licence - Canada." in card.to_text()


@pytest.mark.reference
@needs_reference
@pytest.mark.parametrize(("name", "metric", "unit", "cell"), [row for row in cited() if row[0] != CANADA])
def test_a_figure_is_the_one_collected(name: str, metric: str, unit: str, cell: Cell) -> None:
    """Value, unit, source, year, number of peers and confidence as in the table of collected benchmarks."""
    with (Path(REFERENCE) / "reference" / "benchmarks.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if is_row_of(row, cell, unit)]
    assert len(rows) == 1, f"{len(rows)} rows"
    row = rows[0]
    if row["unit"] == "GBP":
        assert f"also quoted as {cell.value:g} USD" in row["note"]
    elif cell.series == "churn_monthly_pct":
        assert cell.value == pytest.approx(1 - (1 - float(row["value"]) / 100) ** 12, abs=5e-5)
        assert "compounded" in cell.note
    else:
        assert cell.value == pytest.approx(in_our_unit(float(row["value"]), row["unit"], unit), rel=1e-12)
    assert cell.title == row["source_title"]
    assert cell.year == (int(row["year"]) if row["year"] else None)
    assert cell.n == (int(row["sample_size"]) if row["sample_size"] else None)
    assert cell.confidence == row["confidence"]
    assert (cell.provenance == "derived") == ("derived here" in row["note"] or "compounded" in cell.note)


def is_row_of(row: dict[str, str], cell: Cell, unit: str) -> bool:
    """Series, segment, statistic, address and year name one row; bounds of cumulative shares are in % or h there."""
    statistic = cell.statistic
    counted = cumulative(statistic)
    if counted is not None:
        sign = statistic.removeprefix("cdf").rstrip("0123456789.")
        statistic = f"cdf{sign}{counted[1] / 3600 if unit == 's' else 100 * counted[1]:g}"
    same = (row["metric"], row["segment"], row["statistic"], row["source_url"], row["year"])
    return same == (cell.series, cell.segment, statistic, cell.url, str(cell.year or ""))


def in_our_unit(value: float, printed: str, unit: str) -> float:
    if printed.startswith("%"):
        return value if unit == "%" else value / 100
    return value * {"h": 3600.0}.get(printed, 1.0)


def standards(channel: str, *, at_least: int) -> pd.DataFrame:
    """Timeliness standards of a channel that were measured: the largest lines with no call in time were not."""
    table = pd.read_csv(Path(REFERENCE) / "data" / "gc_service_standards_2023_24.csv")
    of = table[(table["channel"] == channel) & (table["type"] == "TML") & (table["total_volume"] >= at_least)]
    return of[of["performance"] > 0]


def answering() -> pd.DataFrame:
    """Those by telephone that are about answering: the text names seconds or minutes; a standard shared counts once."""
    of = standards("TEL", at_least=1000)
    timed = of["service_standard_en"].str.contains("second|minute", case=False)
    return of[timed].drop_duplicates("service_standard_id")


@pytest.mark.reference
@needs_reference
@pytest.mark.parametrize("group", ["telephone", "answered", "email"])
def test_the_figures_of_canada_are_those_of_the_open_table(group: str) -> None:
    profile = load_profile(CANADA)
    table, cells = {
        "telephone": lambda: (standards("TEL", at_least=1000), profile.metrics[0].cells),
        "answered": lambda: (answering(), profile.figures[0].cells),
        "email": lambda: (standards("EML", at_least=100), profile.figures[1].cells),
    }[group]()
    of = {cell.statistic: cell.value for cell in cells}
    shares = {"p10": 0.1, "q1": 0.25, "median": 0.5, "q3": 0.75, "p90": 0.9}
    expected = {name: np.quantile(table["performance"], share) for name, share in shares.items()}
    assert {name: of[name] for name in shares} == pytest.approx(expected, abs=5.1e-4)
    assert {cell.n for cell in cells} == {len(table)}
    if "target" in of:
        assert of["target"] == pytest.approx(table["target"].median())


@pytest.mark.reference
@needs_reference
def test_what_is_said_of_the_standards_met_is_so() -> None:
    met = {
        channel: (of["performance"] >= of["target"]).mean()
        for channel, of in (("TEL", standards("TEL", at_least=1000)), ("EML", standards("EML", at_least=100)))
    }
    assert met == pytest.approx({"TEL": 0.63, "EML": 0.74}, abs=0.005)
    of = standards("TEL", at_least=1000)
    untimed = ~of["service_standard_en"].str.contains("second|minute", case=False)
    assert (untimed.sum(), of.loc[~untimed, "service_standard_id"].duplicated().sum()) == (15, 1)
