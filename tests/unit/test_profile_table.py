"""A table of one's own is read cell by cell, every error names row and column, and nothing is lost on the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.profile import Profile
from cxsim.benchmarks.scorecard import score
from cxsim.benchmarks.sheet import COLUMNS
from cxsim.benchmarks.template import template
from cxsim.benchmarks.write import to_yaml, write_profile
from cxsim.errors import ProfileError

BOUGHT = """\
metric,variant,weight,statistic,value,unit,source,segment,year,n,confidence,note
profile,,,title,Bought desks,,,,,,,
profile,,,currency,EUR,,,,,,,
first_contact_resolution,gross,60%,q1,61,%,Report,desks,2024,40,high,
first_contact_resolution,,,median,0.7,,Report,desks,2024,40,high,
first_contact_resolution,,,q3,78 %,,Report,desks,2024,40,high,
first_contact_resolution,,,worst,50,%,,,,,,half of it
first_contact_resolution,,,best,q3,,,,,,,
first_contact_resolution,,,target,median,,,,,,,
average_handle_time,p50,0.4,median,6,min,Report,,,,low,
average_handle_time,,,band:worst_low,1 min,,,,,,,x
average_handle_time,,,band:low,4 min,,,,,,,x
average_handle_time,,,band:high,median,,,,,,,
average_handle_time,,,band:worst_high,12 min,,,,,,,x
average_handle_time,,,note,a remark,,,,,,,
figure:bot_share,,,mean,10,%,Report,,2023,,,
"""
PEERS = """\
peer,metric,value
Acme,first_contact_resolution,70%
Beta,first_contact_resolution,0.72
Gamma,first_contact_resolution,61 %
Delta,first_contact_resolution,66 %
"""


def write(folder: Path, text: str, name: str = "bought.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as raised:
        load_profile(write(folder, text))
    return raised.value.problems


def test_a_bought_table_is_a_profile(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, BOUGHT))
    resolution, handling = profile.metrics
    assert (profile.name, profile.title, profile.currency) == ("bought", "Bought desks", "EUR")
    assert [cell.value for cell in resolution.cells] == pytest.approx([0.61, 0.7, 0.78])
    first = resolution.cells[0]
    assert (first.title, first.segment, first.year, first.n, first.confidence) == ("Report", "desks", 2024, 40, "high")
    assert (first.provenance, first.as_published) == ("published", "61 %")
    assert (resolution.worst, resolution.best, resolution.target) != (None, None, None)
    assert (resolution.better, handling.better, handling.unit, handling.note) == ("higher", "band", "s", "a remark")
    assert handling.band is not None
    assert [corner.value for corner in handling.band.lines] == [60.0, 240.0, 360.0, 720.0]
    assert (profile.figures[0].name, profile.figures[0].cells[0].value) == ("bot_share", 0.1)


def test_a_table_without_weights_weighs_all_the_same_and_says_so(tmp_path: Path) -> None:
    text = BOUGHT.replace("60%", "").replace(",0.4,", ",,")
    profile = load_profile(write(tmp_path, text))
    assert [entry.weight for entry in profile.metrics] == [0.5, 0.5]
    assert "all metrics weigh the same" in profile.meaning


def test_a_table_by_semicolon_with_a_mark_and_decimal_commas_is_read(tmp_path: Path) -> None:
    text = "\ufeff" + BOUGHT.replace(",", ";").replace("0.7;", "0,7;")
    expected = load_profile(write(tmp_path, BOUGHT))
    assert load_profile(write(tmp_path, text)) == expected


def test_without_a_variant_the_first_of_the_catalogue_is_assumed_and_flagged(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, BOUGHT.replace("gross", "")))
    assert (profile.metrics[0].variant, profile.metrics[0].source_variant) == ("gross", "unstated")


# Errors by cell


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("q1,61,%", "q1,6x,%", "row 4 column value: '6x'"),
        ("q1,61,%", "q1,610,%", "row 4 column value: '610 %'; a share is 0 to 1"),
        ("q1,61,%", "q1,,", "row 4 column value: not given"),
        ("q1,61,%", "qq,61,%", "row 4 column statistic: not a statistic"),
        ("gross", "grss", "row 4 column variant: 'grss'"),
        ("60%", "60", "row 4 column weight: 60"),
        ("60%", "70%", "bought.csv column weight: weights add to 1.1"),
        (",,,band:low,4 min", ",p90,,band:low,4 min", "row 12 column variant: p90, but p50 in row 10"),
        ("61,%,Report,desks,2024", "61,%,Report,desks,20x4", "row 4 column year: '20x4'"),
        ("0.7,,Report,desks,2024,40", "0.7,,Report,desks,2024,-4", "row 5 column n: -4"),
        ("78 %,,Report,desks,2024,40,high", "78 %,,Report,desks,2024,40,hih", "row 6 column confidence: 'hih'"),
        ("median,6,min", "median,6,", "row 10 column value: 6; a duration has a unit"),
        ("median,0.7,", "q1,0.7,", "row 5 column statistic: q1 is given in row 4 too"),
        ("half of it", "", "row 7 column note: not given; a value that is filled in says why"),
        ("best,q3", "best,p90", "row 8 column value: 'p90'; cells here: q1, median, q3"),
        ("first_contact_resolution", "first_contact_resolutoin", "row 4 column metric: not a metric"),
        ("profile,,,currency,EUR", "profile,,,curency,EUR", "row 3 column statistic: 'curency'"),
        ("average_handle_time,,,note", ",,,note", "row 15 column metric: blank"),
        ("average_handle_time,,,note,a", "average_handle_time,,,,a", "row 15 column statistic: blank"),
        ("0.4,median,6,min,Report", "0.4,median,6,min,", "row 10 column source: not given"),
        ("variant,weight", "variant,wieght", "row 1 column wieght: not a column"),
        ("unit,source", "unit,unit", "row 1 column unit: given twice"),
        ("metric,variant", "variant,variant", "row 1: no column metric"),
        ("a remark,,,,,,,", "a remark,,,,,,,,,x", "row 15: 14 cells; 12"),
        ("a remark", '"a remark', "line"),
    ],
)  # fmt: skip
def test_every_mistake_names_its_row_and_column(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in BOUGHT
    found = problems(tmp_path, BOUGHT.replace(old, new))
    assert any(line.startswith("bought.csv") and said in line for line in found), found


def test_mistakes_of_several_cells_are_said_together(tmp_path: Path) -> None:
    found = problems(tmp_path, BOUGHT.replace("q1,61,%", "q1,6x,%").replace("median,6,min", "median,6,"))
    assert {line.split(": ")[0] for line in found} >= {
        "bought.csv row 4 column value",
        "bought.csv row 10 column value",
    }


# Named peers


def test_quartiles_of_named_peers_interpolate_between_them(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, PEERS), blank_lines="observed")
    entry, values = profile.metrics[0], [0.70, 0.72, 0.61, 0.66]
    expected = {"min": 0.0, "p10": 0.1, "q1": 0.25, "median": 0.5, "q3": 0.75, "p90": 0.9, "max": 1.0}
    assert {name: cell.value for name in expected if (cell := entry.cell(name))} == pytest.approx(
        {name: np.quantile(values, share, method="linear") for name, share in expected.items()}
    )
    assert {cell.provenance for cell in entry.cells} == {"derived"}
    assert {(cell.n, cell.note) for cell in entry.cells} == {(4, "indicative: fewer than 8 peers")}


def test_eight_named_peers_are_no_longer_indicative(tmp_path: Path) -> None:
    rows = "".join(f"peer {number},first_contact_resolution,0.{60 + number}\n" for number in range(8))
    profile = load_profile(write(tmp_path, f"peer,metric,value\n{rows}"), blank_lines="observed")
    assert {cell.note for cell in profile.metrics[0].cells} == {""}


def test_blank_ends_are_refused_unless_asked_for(tmp_path: Path) -> None:
    assert "row 2 column metric: no line given; either worst and best, or band" in problems(tmp_path, PEERS)[0]
    asked = "metric,peer,statistic,value\nprofile,,blank_lines,observed\n"
    rows = "".join(f"{m},{p},,{v}\n" for p, m, v in (line.split(",") for line in PEERS.splitlines()[1:]))
    assert load_profile(write(tmp_path, asked + rows)).metrics[0].observed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.72", "72", "row 3 column value: 72; a share is 0 to 1"),
        ("Beta", "Acme", "row 3 column peer: Acme is given in row 2 too"),
        ("Beta", "", "row 3 column statistic: blank"),
    ],
)
def test_mistakes_among_peers_name_the_cell(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert any(said in line for line in problems(tmp_path, PEERS.replace(old, new)))


# There and back

shares = st.floats(0.01, 0.99)
words = st.text("abc ,;:'\"%#é\n-", min_size=1, max_size=12).map(lambda text: " ".join(text.split()) or "x")


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    """A profile with figures, peers, lines and rules drawn at random."""
    quantiles = sorted(draw(st.lists(shares, min_size=3, max_size=3, unique=True)))
    cells = {
        name: {
            "value": draw(st.sampled_from([value, f"{100 * value:.3f} %"])),
            "provenance": draw(st.sampled_from(["published", "derived"])),
            "source": "s",
            "year": draw(st.one_of(st.none(), st.integers(1990, 2030))),
            "note": draw(st.one_of(st.just(""), words)),
        }
        for name, value in zip(("q1", "median", "q3"), quantiles, strict=True)
    }
    first = {
        "variant": "gross", "weight": 0.5, "unit": "1", "cells": cells,
        "worst": {"statistic": "q1"}, "best": {"value": 0.995, "note": draw(words)}, "note": draw(words),
    }  # fmt: skip
    peers = draw(st.dictionaries(st.sampled_from(["Acme", "Beta GmbH", "C, D"]), st.integers(1, 90), min_size=2))
    second = {
        "variant": "answered", "weight": 0.5, "unit": "s", "rule": "percentile", "better": "lower",
        "peers": {name: {"value": f"{value} s", "source": draw(words)} for name, value in peers.items()},
    }  # fmt: skip
    source = {"title": draw(words), "segment": draw(words), "url": "https://example.org", "n": 40}
    return {
        "name": "p", "title": draw(words), "meaning": draw(words), "entered_by": draw(words),
        "missing": draw(st.sampled_from(["reweight", "zero", "peer_median", "fail"])), "attribution": draw(words),
        "sources": {"s": source}, "metrics": {"first_contact_resolution": first, "average_speed_of_answer": second},
    }  # fmt: skip


@given(mappings())
@settings(max_examples=40, deadline=None)
def test_nothing_is_lost_between_yaml_and_csv(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("there")
    profile = load_profile(data)
    for way in (("a.csv", "b.yaml"), ("a.yaml", "b.csv")):
        found = profile
        for name in way:
            found = load_profile(write_profile(found, folder / name))
            assert found == profile


def test_a_bought_table_becomes_yaml_and_comes_back(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, BOUGHT))
    assert load_profile(write(tmp_path, to_yaml(profile), "b.yaml")) == profile
    assert isinstance(profile, Profile)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"ending '\.txt'"):
        write_profile(load_profile("saas"), tmp_path / "a.txt")
    with pytest.raises(ProfileError, match=r"ending in \.yaml or \.csv"):
        load_profile(tmp_path / "a.txt")


def test_a_table_scores_like_the_same_profile_in_yaml(tmp_path: Path) -> None:
    from support.cards import table

    profile = load_profile(write(tmp_path, BOUGHT))
    measures = table({"metric": "first_contact_resolution", "variant": "gross", "value": 0.64})
    first = score(measures, profile=tmp_path / "bought.csv")
    assert first.rows[0].score == pytest.approx((0.64 - 0.5) / (0.78 - 0.5))
    assert score(measures, profile=write_profile(profile, tmp_path / "again.yaml")) == first


def test_the_table_that_explains_its_columns_is_a_profile_as_it_stands(tmp_path) -> None:
    path = tmp_path / "peers.csv"
    path.write_text(template(), encoding="utf-8")
    found = load_profile(path)
    assert found.title == "Our peers"
    assert [entry.name for entry in found.metrics] == ["service_level", "abandonment_rate"]
    assert len(found.metrics[1].peers) == 3
    for column in COLUMNS:
        assert column in template().partition("\nmetric,")[0]


def test_a_mistake_below_remarks_is_named_by_the_row_a_spreadsheet_shows(tmp_path) -> None:
    path = tmp_path / "peers.csv"
    path.write_text('# one\n# two, "three\nmetric,value,colour\n', encoding="utf-8")
    with pytest.raises(ProfileError, match="row 3 column colour"):
        load_profile(path)
