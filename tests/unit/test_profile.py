"""A profile is read strictly, every problem is said at once, and peers are placed without invented spread."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxsim.benchmarks.cells import Cell
from cxsim.benchmarks.lint import lint
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.position import percentile
from cxsim.benchmarks.profile import Line, Profile, ProfileMetric
from cxsim.errors import ProfileError
from cxsim.metrics.metric import Metric
from cxsim.metrics.ratio import Ratio

DESK: dict[str, Any] = {
    "name": "desk",
    "title": "A desk",
    "meaning": "Desks for a test.",
    "currency": "USD",
    "entered_by": "the test",
    "sources": {
        "survey": {
            "title": "A survey",
            "url": "https://example.org/survey",
            "segment": "desks",
            "year": 2012,
            "n": 40,
            "confidence": "high",
        }
    },
    "metrics": {
        "first_contact_resolution": {
            "variant": "gross",
            "weight": "60%",
            "unit": "1",
            "cells": {
                "min": {"value": "41 %", "provenance": "published", "series": "fcr_pct", "source": "survey"},
                "mean": {"value": "74 %", "provenance": "published", "series": "fcr_pct", "source": "survey"},
                "max": {"value": "94 %", "provenance": "published", "series": "fcr_pct", "source": "survey"},
            },
            "worst": {"statistic": "min"},
            "best": {"statistic": "max"},
            "target": {"statistic": "mean"},
        },
        "first_response_time": {
            "variant": "default",
            "weight": 0.4,
            "unit": "s",
            "cells": {
                "q1": {"value": "0.8 h", "provenance": "derived", "series": "frt", "source": "survey"},
                "median": {"value": "3.2 h", "provenance": "derived", "series": "frt", "source": "survey"},
                "q3": {"value": "6.0 h", "provenance": "derived", "series": "frt", "source": "survey"},
            },
            "worst": {"value": "10 h", "note": "a proposal"},
            "best": {"statistic": "q1"},
        },
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The desk with one key set, or left out if the value is None."""
    data = copy.deepcopy(DESK)
    *way, last = path.split("/")
    place = data
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


def problems(data: Any) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as raised:
        load_profile(data, register={})
    return raised.value.problems


def entry(name: str, *, better: str, kind: str = "result", unit: str = "1") -> Metric:
    """A metric of a catalogue that only knows what the test needs."""
    variants: dict[str, dict[str, Any]] = {"gross": {}, "default": {}}
    return Metric(
        name,
        name,
        lambda log: Ratio(0.0, 1.0, 1),
        unit,
        better,
        kind,
        "handling" if kind == "process" else "resolution",
        "contact",
        (),
        "a test",
        "",
        variants,
    )  # type: ignore[arg-type]


def peers(cells: dict[str, float], *, better: str = "higher", confidence: str = "medium") -> ProfileMetric:
    worst, best = (0.0, 1.0) if better == "higher" else (1.0, 0.0)
    found = tuple(Cell(key, value, "published", confidence=confidence) for key, value in cells.items())  # type: ignore[arg-type]
    return ProfileMetric("a", "default", 1.0, "1", worst=Line(worst, "filled"), best=Line(best, "filled"), cells=found)


def test_values_come_out_in_our_units_with_their_source() -> None:
    profile = load_profile(DESK, register={})
    resolution, response = profile.metrics
    assert [cell.value for cell in resolution.cells] == pytest.approx([0.41, 0.74, 0.94])
    assert [cell.value for cell in response.cells] == pytest.approx([2880.0, 11520.0, 21600.0])
    assert response.cells[0].as_published == "0.8 h"
    assert (response.cells[0].title, response.cells[0].year, response.cells[0].n) == ("A survey", 2012, 40)
    assert resolution.better == "higher"
    assert response.better == "lower"


def test_a_line_carries_the_provenance_of_its_cell_or_is_filled() -> None:
    response = load_profile(DESK, register={}).metrics[1]
    assert response.best == Line(2880.0, "derived", "q1", "")
    assert response.worst == Line(36000.0, "filled", "", "a proposal")


def test_figures_are_unchecked_unless_someone_is_named() -> None:
    cell = load_profile(DESK, register={}).metrics[0].cells[0]
    assert (cell.entered_by, cell.checked_by) == ("the test", "unchecked")


@pytest.mark.parametrize(
    ("path", "value", "where", "said"),
    [
        ("metrics/first_contact_resolution/wieght", 0.1, "metrics.first_contact_resolution.wieght", "'weight'"),
        ("metrics/first_contact_resolution/weight", "70%", "metrics", "weights add to 1.1"),
        ("metrics/first_contact_resolution/weight", 60, "metrics.first_contact_resolution.weight", "0 to 1"),
        ("metrics/first_contact_resolution/best", {"statistic": "min"}, ".worst", "equal to best"),
        ("metrics/first_contact_resolution/best", {"value": 0.9}, ".best.note", "says why"),
        ("metrics/first_contact_resolution/best", {"statistic": "q3"}, ".best.statistic", "cells here: min, mean, max"),
        ("metrics/first_contact_resolution/best", None, "first_contact_resolution", "either worst and best, or band"),
        ("metrics/first_contact_resolution/cells/min/value", "410 %", "cells.min.value", "0 to 1"),
        ("metrics/first_contact_resolution/cells/min/value", "80 %", "cells.mean", "between min and max"),
        ("metrics/first_contact_resolution/cells/medain", {"value": 0.5}, "cells.medain", "'median'"),
        ("metrics/first_contact_resolution/cells/min/source", "suvey", "cells.min.source", "'survey'"),
        ("metrics/first_contact_resolution/cells/min/source", None, "cells.min.source", "names its source"),
        ("metrics/first_contact_resolution/cells/min/provenance", "guessed", ".provenance", "published, derived"),
        ("metrics/first_response_time/cells/q1/value", "0.8", "cells.q1.value", "a duration has a unit"),
        ("metrics/first_response_time/cells/q1/value", "7 h", "cells.median", "do not fall"),
        ("metrics/_target_", "os.system", "metrics._target_", "a mapping"),
        ("_target_", "os.system", "_target_", "plain values"),
        ("sources/survey/url", "ftp://example.org", "sources.survey.url", "http"),
        ("title", None, "title", "not given"),
        ("metrics", {}, "metrics", "at least one"),
    ],
)
def test_each_mistake_is_said_where_it_is(path: str, value: Any, where: str, said: str) -> None:
    found = problems(changed(path, value))
    assert any(where in line.split(": ")[0] and said in line for line in found), found


def test_all_mistakes_are_said_together() -> None:
    data = changed("metrics/first_contact_resolution/weight", "70%")
    data["nam"] = "x"
    data["metrics"]["first_response_time"]["cells"]["q1"]["value"] = "0.8"
    found = problems(data)
    assert any("weights add to" in line for line in found)
    assert any("nam: not a key here" in line for line in found)
    assert any("first_response_time.cells.q1.value" in line for line in found)


def test_a_band_has_four_corners_in_order() -> None:
    corners = {"worst_low": 0.5, "low": 0.9, "high": 0.8, "worst_high": 0.95}
    band = {key: {"value": value, "note": "a proposal"} for key, value in corners.items()}
    data = changed("metrics/first_contact_resolution/band", band)
    for key in ("worst", "best", "target"):
        del data["metrics"]["first_contact_resolution"][key]
    assert any("worst_low < low <= high < worst_high" in line for line in problems(data))
    data["metrics"]["first_contact_resolution"]["band"]["low"]["value"] = 0.7
    assert load_profile(data, register={}).metrics[0].better == "band"


def test_metric_variant_unit_and_direction_are_those_of_the_catalogue() -> None:
    register = {
        "first_contact_resolution": entry("first_contact_resolution", better="lower"),
        "first_response_times": entry("first_response_times", better="lower", unit="s"),
    }
    with pytest.raises(ProfileError) as raised:
        load_profile(changed("metrics/first_contact_resolution/variant", "grss"), register=register)
    found = raised.value.problems
    assert any("variant: 'grss'; variants: gross, default; did you mean 'gross'?" in line for line in found)
    assert any("better is higher; the metric's is lower" in line for line in found)
    assert any("first_response_time: not a metric" in line and "'first_response_times'" in line for line in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: !!python/object/apply:os.system ['true']", "tag"),
        ("name: !local x", "tag"),
        ("name: &a x\ntitle: *a", "anchor"),
        ("name: x\nname: y", "given twice"),
        ("- a\n- b", "not a mapping"),
        ("name: [", "line 1"),
        ("", "not a mapping"),
    ],
)
def test_a_file_holds_plain_yaml_only(tmp_path: Any, text: str, said: str) -> None:
    file = tmp_path / "peers.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=said):
        load_profile(file)


def test_words_stay_words(tmp_path: Any) -> None:
    """By YAML 1.2 `no` is a word and 12:30 is text; by YAML 1.1 they would be False and 750."""
    file = tmp_path / "peers.yaml"
    file.write_text("name: no\ntitle: 12:30\nmeaning: 2012-01-05\n", encoding="utf-8")
    with pytest.raises(ProfileError) as raised:
        load_profile(file)
    assert not any(line.startswith(("peers.name", "peers.title", "peers.meaning")) for line in raised.value.problems)


def test_an_unknown_profile_or_file_is_one_line(tmp_path: Any) -> None:
    with pytest.raises(ProfileError, match="did you mean 'it_service_desk'"):
        load_profile("it_servicedesk")
    with pytest.raises(ProfileError, match=r"nowhere\.yaml: No such file"):
        load_profile(tmp_path / "nowhere.yaml")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: café".encode("latin-1"))
    with pytest.raises(ProfileError, match="not UTF-8"):
        load_profile(latin)


def test_lint_says_what_the_scorecard_rests_on() -> None:
    register = {
        "first_contact_resolution": entry("first_contact_resolution", better="higher"),
        "repeat_contact_rate": entry("repeat_contact_rate", better="lower"),
    }
    worst, best = Line(0.0, "filled", note="x"), Line(1.0, "filled", note="x")
    profile = Profile(
        "p",
        "P",
        "",
        (
            ProfileMetric("first_contact_resolution", "gross", 0.5, "1", worst=worst, best=best),
            ProfileMetric("repeat_contact_rate", "default", 0.4, "1", worst=best, best=worst, source_variant="default"),
        ),
    )
    found = "\n".join(lint(profile, register=register))
    assert "weights add to 0.9" in found
    assert "first_contact_resolution and repeat_contact_rate" in found
    assert "no process metric" in found
    assert "2 of 2 metrics are scored on filled lines" in found
    assert "no variant of first_contact_resolution:gross;" in found


def test_a_published_quartile_has_its_own_percentile() -> None:
    metric = peers({"q1": 0.17, "median": 0.36, "q3": 0.58})
    found = [percentile(metric, value=value) for value in (0.17, 0.36, 0.58)]
    assert [place.percentile for place in found] == pytest.approx([0.25, 0.5, 0.75])
    assert not any(place.filled for place in found)
    assert percentile(metric, value=0.4).filled


def test_beyond_the_published_quartiles_only_bounds_are_known() -> None:
    metric = peers({"q1": 0.17, "median": 0.36, "q3": 0.58})
    below, above = percentile(metric, value=0.01), percentile(metric, value=0.9)
    assert (below.percentile, below.at_least, below.at_most, below.value_quartile) == (None, 0.0, 0.25, 1)
    assert (above.percentile, above.at_least, above.at_most, above.value_quartile) == (None, 0.75, 1.0, 4)


def test_a_mean_alone_gives_no_percentile() -> None:
    place = percentile(peers({"mean": 0.5}), value=0.4)
    assert (place.percentile, place.value_quartile) == (None, None)
    assert "only mean" in place.basis


def test_shares_of_peers_below_a_value_are_points_of_the_curve() -> None:
    metric = peers({"cdf<0.1": 0.303, "cdf>0.5": 0.078})
    assert percentile(metric, value=0.1).percentile == pytest.approx(0.303)
    assert percentile(metric, value=0.5).percentile == pytest.approx(0.922)
    # Between two points a monotone curve is the straight line.
    assert percentile(metric, value=0.3).percentile == pytest.approx((0.303 + 0.922) / 2)
    assert percentile(metric, value=0.05).value_quartile is None


def test_the_pert_law_keeps_the_published_mean() -> None:
    """Mean of a law on [a, b] is b minus the integral of its distribution function."""
    metric = peers({"min": 0.41, "mean": 0.74, "max": 0.94})
    grid = np.linspace(0.41, 0.94, 2001)
    shares = np.array([percentile(metric, value=float(value)).percentile for value in grid])
    assert 0.94 - np.trapezoid(shares, grid) == pytest.approx(0.74, abs=1e-6)
    assert percentile(metric, value=0.7).filled


def test_a_mean_no_pert_law_has_gives_no_percentile() -> None:
    place = percentile(peers({"min": 0.0, "mean": 0.95, "max": 1.0}), value=0.5)
    assert place.percentile is None
    assert percentile(peers({"min": 0.1, "max": 0.4}), value=0.5).percentile == 1.0


def test_figures_of_low_confidence_count_only_if_asked_for() -> None:
    metric = peers({"q1": 0.2, "median": 0.4, "q3": 0.5}, confidence="low")
    assert percentile(metric, value=0.3).percentile is None
    assert percentile(metric, value=0.3, low_confidence=True).percentile is not None


quantiles = st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5).map(sorted)


@given(quantiles, st.floats(-0.2, 1.2), st.floats(-0.2, 1.2))
def test_a_higher_value_never_stands_lower(five: list[float], first: float, second: float) -> None:
    metric = peers(dict(zip(("min", "q1", "median", "q3", "max"), five, strict=True)))
    low, high = (percentile(metric, value=value) for value in sorted((first, second)))
    assert 0.0 <= low.at_least <= high.at_most <= 1.0
    assert low.percentile is not None
    assert high.percentile is not None
    assert low.percentile <= high.percentile + 1e-9
    assert all(a <= b for a, b in itertools.pairwise(five))
