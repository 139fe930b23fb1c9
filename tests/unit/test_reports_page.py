"""The page: complete in itself, the same bytes for the same findings, every word of a user escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from support.small_findings import HOSTILE, METRICS, estimate, small_estimates, small_findings

from cxsim.benchmarks.scorecard import score
from cxsim.reports.background import missing_names
from cxsim.reports.findings import Findings
from cxsim.reports.page import page, write_page


def words_of(text: str) -> str:
    """The text of a page without markup, style and pictures."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(svg|style)\b.*?</\1>", " ", text, flags=re.DOTALL))


class Balance(HTMLParser):
    """Counts what is opened and not closed, and collects identifiers and addresses."""

    VOID = ("meta", "link", "br", "img", "hr", "path", "rect", "use")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.note(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.note(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def note(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
                self.addresses.append(str(value))


def read(text: str) -> Balance:
    parser = Balance()
    parser.feed(text)
    assert parser.open == []
    return parser


def scored(findings: Findings) -> Findings:
    """The same findings with a scorecard on the three metrics of accessibility."""
    whole = findings.estimates[(findings.estimates["by"] == "") & (findings.estimates["scenario"] == "today")]
    card = score(whole.head(3).drop(columns=["scenario", "by"]), profile="inbound_voice")
    return small_findings(kind=findings.kind, scorecards={"today": card})


@pytest.mark.parametrize("kind", ["estimate", "compare"])
def test_equal_findings_give_equal_bytes(kind: str, tmp_path: Path) -> None:
    first = write_page(scored(small_findings(kind=kind)), tmp_path / "a.html")
    second = write_page(scored(small_findings(kind=kind)), tmp_path / "b.html")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.html", "b.html"]


@pytest.mark.parametrize("kind", ["estimate", "compare"])
def test_the_page_is_well_formed_small_and_fetches_nothing(kind: str) -> None:
    text = page(scored(small_findings(kind=kind)))
    found = read(text)
    assert all(address.startswith("#") for address in found.addresses)
    assert not {"script", "img", "link", "iframe"} & set(found.tags)
    assert "@import" not in text
    assert "url(http" not in text
    assert len(text.encode()) < 500_000


def test_every_reference_within_the_page_has_one_target() -> None:
    found = read(page(scored(small_findings())))
    assert len(found.ids) == len(set(found.ids))
    assert {address[1:] for address in found.addresses} <= set(found.ids)


def test_every_picture_has_words_for_those_who_cannot_see_it() -> None:
    pictures = re.findall(r"<svg.*?</svg>", page(scored(small_findings())), flags=re.DOTALL)
    assert len(pictures) >= 5
    for picture in pictures:
        assert 'role="img"' in picture
        assert re.search(r"<title id=[^>]*>[^<]+</title><desc id=[^>]*>[^<]+</desc>", picture)
        assert "DejaVu" not in picture


def test_words_of_a_user_are_words_on_the_page_and_never_markup() -> None:
    findings = small_findings(kind="estimate")
    estimates = findings.estimates.replace({"scenario": {"today": HOSTILE}})
    more = {"title": HOSTILE, "question": HOSTILE, "warnings": (HOSTILE,), "provenance": {"command": HOSTILE}}
    scenarios = {HOSTILE: findings.scenarios["today"]}
    text = page(small_findings(kind="estimate", scenarios=scenarios, estimates=estimates, **more))
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 5
    read(text)


def test_warnings_come_before_the_sentences_and_these_before_the_numbers() -> None:
    text = words_of(page(small_findings()))
    places = [text.index(part) for part in ("cannot keep up", "In short", "What changed", "All numbers", "Limits")]
    assert places == sorted(places)


def test_no_real_difference_is_said_plainly() -> None:
    text = words_of(page(small_findings()))
    assert "no real difference" in text
    assert "significant" not in text.lower()


def test_a_sweep_shows_each_setting_once_with_its_interval() -> None:
    rows = []
    for agents, value in ((10, 0.6), (11, 0.7), (12, 0.8)):
        metric = (*METRICS[0][:5], value, 0.01)
        rows.append({"agent_groups.desk.agents": agents, **estimate(f"agents={agents}", "", "all", metric)})
    findings = small_findings(
        kind="sweep", scenarios={}, estimates=pd.DataFrame(rows), goals=pd.DataFrame(),
        parameters=("agent_groups.desk.agents",),
    )  # fmt: skip
    text = words_of(page(findings))
    assert [text.count(part) for part in ("59.0% to 61.0%", "69.0% to 71.0%")] == [2, 1]
    assert "runs from 60.0% (95% interval 59.0% to 61.0%) at agents=10 to 80.0%" in text


def test_a_real_log_without_breakdowns_still_makes_a_page() -> None:
    whole = pd.DataFrame([estimate("log", "", "all", metric) for metric in METRICS])
    text = page(small_findings(kind="measure", scenarios={}, estimates=whole, goals=pd.DataFrame(), rules=()))
    read(text)
    assert "Measured on a real log" in text
    assert "The day by interval" not in text


def test_one_replication_has_no_interval_and_the_page_says_why() -> None:
    bare = {"low": float("nan"), "high": float("nan"), "flags": "single_replication"}
    whole = pd.DataFrame([estimate("today", "", "all", metric, **bare) for metric in METRICS])
    text = words_of(page(small_findings(kind="estimate", estimates=whole)))
    assert "78.3% (n 1,000; one replication)" in text
    assert "nan" not in text.lower().split()


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("cxsim.reports.page.os.replace", refuse)
    with pytest.raises(OSError, match="no room"):
        write_page(small_findings(kind="estimate"), path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_with_many_changes_the_page_stays_small_and_says_what_it_leaves_out() -> None:
    base = small_findings()
    labels = [f"change {number}" for number in range(9)]
    scenarios = {"today": base.scenarios["today"], **dict.fromkeys(labels, base.scenarios["two more"])}
    assert base.differences is not None
    differences = pd.concat([base.differences.assign(scenario=label) for label in labels])
    estimates = small_estimates(("today", *labels))
    text = page(small_findings(scenarios=scenarios, differences=differences, estimates=estimates))
    assert len(text.encode()) < 500_000
    assert "but in the book: change 3, change 4, change 5, change 6, change 7, change 8" in words_of(text)


def test_a_metric_with_some_variants_missing_is_named_with_these_variants() -> None:
    gone = pd.DataFrame(
        [("service_level", "removed", "no callback"), ("churn_rate", "default", "no margin")],
        columns=["metric", "variant", "reason"],
    )
    assert missing_names(small_findings(unavailable=gone)) == ["churn_rate", "service_level (only removed)"]
