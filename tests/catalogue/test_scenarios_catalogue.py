"""Every shipped scenario says where its numbers come from, runs, and lands near the figures it was staffed for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np
import pytest
import yaml

from cxsim import erlang, shipped
from cxsim.contacts.log import ContactLog
from cxsim.engines.process import simulate_by_process
from cxsim.experiment import experiments, folder_of, load_experiment, read_study
from cxsim.metrics.accessibility import abandonment_rate, average_speed_of_answer, service_level
from cxsim.metrics.first_contact import first_contact_resolution
from cxsim.metrics.ratio import Ratio
from cxsim.metrics.requests import read
from cxsim.metrics.selection import default_span
from cxsim.metrics.workforce import occupancy
from cxsim.scenario.load import Scenario, load_scenario

NAMES = shipped.names("scenario")
PRESETS = ("it_service_desk", "retail_bank_voice_200", "public_hotline")
DAY = 86400.0
PLAIN = "busyness={day_cv: 0, interval_cv: 0, interval_correlation: 0}"
_TAG = re.compile(r"#\s*\[(?:S\d+|A|D)\]")
# Half hours from 07:00 of a real bank's weekday, parts in 10,000 (Weinberg, Brown and Stroud 2007).
BANK = np.array([151, 169, 257, 340, 474, 519, 523, 520, 506, 495, 479, 470, 457, 453, 444, 446, 434, 424, 398, 358,
                 305, 268, 234, 208, 185, 170, 152, 139])  # fmt: skip


def text_of(name: str) -> str:
    path = shipped.path("scenario", name)
    assert path is not None
    return path.read_text(encoding="utf-8")


def numbers(node: yaml.Node, *, lines: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Values with a digit, each with the lines on which a tag would speak of it: its own and its series' last."""
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from numbers(value)
    elif isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from numbers(part, lines=(node.end_mark.line,))
    elif any(letter.isdigit() for letter in node.value):
        yield node.value, (node.start_mark.line, *lines)


def heads(hourly: list[int], *, first: int) -> list[int]:
    """Head counts by half hour from 00:00 of counts by hour from a first hour on."""
    found = [0] * (2 * first) + [count for count in hourly for _ in range(2)]
    return found + [0] * (48 - len(found))


def from_seven(counts: np.ndarray) -> list[int]:
    """Head counts by half hour from 00:00 of counts by half hour from 07:00 on."""
    return [0] * 14 + [int(count) for count in counts] + [0] * (34 - len(counts))


def one_pool(name: str, *, volume: int, handle_time: str, patience: str, plan: list[int]) -> Scenario:
    """The voice of a preset alone: one kind of call, one pool, plain Poisson arrivals in the preset's shape."""
    scenario = load_scenario(name)
    shape = next(iter(scenario.model.shapes))
    return scenario.override(
        PLAIN,
        "calendar.days=1",
        "goals={}",
        f"contact_types={{call: {{volume: {volume} per day, shape: {shape}, enters: {{phone: 1}}}}}}",
        f"touchpoints={{phone: {{mechanism: staffed, channel: voice, patience: {{law: exponential, mean: {patience}}},"
        f" talk_time: {handle_time}}}}}",
        f"agent_groups={{pool: {{by_interval: {{all: {plan}}}, serves: {{phone: {{rank: 1}}}}}}}}",
    )


def runs(scenario: Scenario, *, replications: int, seed: int = 20) -> list[ContactLog]:
    return [simulate_by_process(scenario, seed=seed, replication=number) for number in range(replications)]


def pooled(measured: list[Ratio]) -> float:
    return sum(part.numerator for part in measured) / sum(part.denominator for part in measured)


def a_day(log: ContactLog, touchpoint: str, contact_type: str | None = None) -> int:
    """Offered at a touchpoint within the days on which cases arrive."""
    t, (_, end) = log.touchpoints, default_span(log)
    rows = (t.touchpoint == log.names["touchpoint"].index(touchpoint)) & (t.offered < end)
    if contact_type is not None:
        rows &= t.contact_type == log.names["contact_type"].index(contact_type)
    return int(np.count_nonzero(rows))


@pytest.fixture(scope="module")
def desk() -> list[ContactLog]:
    return runs(load_scenario("it_service_desk"), replications=12)


@pytest.fixture(scope="module")
def bank() -> list[ContactLog]:
    return runs(load_scenario("retail_bank_voice_200", PLAIN), replications=3)


def test_the_presets_and_the_theory_scenarios_are_shipped() -> None:
    assert {*PRESETS, "verify_mmc", "verify_mmcm", "verify_appliance"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_shipped_scenario_carries_a_tag(name: str) -> None:
    text = text_of(name)
    if "All numbers are assumptions [A]" in text:
        return
    tagged = {number for number, line in enumerate(text.splitlines()) if _TAG.search(line)}
    root = yaml.compose(text)
    root.value = [(key, value) for key, value in root.value if key.value != "name"]
    assert [value for value, lines in numbers(root) if not tagged & set(lines)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_tag_has_its_source_and_every_source_is_cited(name: str) -> None:
    scenario = load_scenario(name)
    comments = "\n".join(line.partition("#")[2] for line in text_of(name).splitlines() if not line.startswith("#"))
    cited = set(re.findall(r"\bS\d+\b", comments))
    assert cited == set(scenario.sources or {})
    assert all("http" in source for source in (scenario.sources or {}).values())


@pytest.mark.parametrize("name", NAMES)
def test_each_tagged_line_becomes_an_assumption_of_the_report(name: str) -> None:
    tagged = [line for line in text_of(name).splitlines() if _TAG.search(line) and not line.startswith("#")]
    listed = load_scenario(name).assumptions
    assert len(listed) == len(tagged)
    assert len({part.path for part in listed}) == len(listed)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_lives_through_a_day(name: str) -> None:
    log = simulate_by_process(load_scenario(name, "calendar.days=1"), seed=1, replication=0)
    t = log.touchpoints
    assert np.all(t.ended >= t.offered), "somebody was never finished"
    assert np.count_nonzero(t.staffed & (t.answered >= t.offered)) > 0.5 * np.count_nonzero(t.staffed)


# Shares are 0 to 1, times seconds: what an independent small simulation found for each pool, and how far off is near.
FIGURES = ("service level", "abandonment", "mean wait", "occupancy")
DESK = heads([2, 6, 7, 7, 7, 6, 5, 7, 6, 3, 2, 2], first=7)
BANK_LOAD = 17000 * BANK / BANK.sum() * 285 / 1800
LINE_LOAD = 4200 * BANK[:24] / BANK[:24].sum() * 828 / 1800
LINE = np.round(LINE_LOAD - 0.75 * np.sqrt(LINE_LOAD))
POOLS = {
    "it_service_desk": (
        one_pool("it_service_desk", volume=250, handle_time="{law: lognormal, mean: 600 s, cv: 1}", patience="6 min",
                 plan=DESK),
        30, 60, (0.77, 0.086, 24, 0.63), (0.04, 0.015, 5, 0.02),
    ),
    "retail_bank_voice_200": (
        one_pool("retail_bank_voice_200", volume=17000, handle_time="{law: lognormal, mean: 285 s, cv: 1.2}",
                 patience="8 min", plan=from_seven(np.round(BANK_LOAD * 1407 / (BANK_LOAD.sum() / 2)))),
        20, 5, (0.85, 0.017, 7, 0.936), (0.05, 0.006, 2.5, 0.015),
    ),
    "public_hotline": (
        one_pool("public_hotline", volume=4200, handle_time="{law: lognormal, mean: 828 s, cv: 1.1}",
                 patience="30 min", plan=from_seven(LINE)),
        600, 10, (0.90, 0.085, 151, math.nan), (0.04, 0.02, 40, math.nan),
    ),
    "public_hotline, 70 seats": (
        one_pool("public_hotline", volume=4200, handle_time="{law: lognormal, mean: 828 s, cv: 1.1}",
                 patience="30 min", plan=from_seven(np.minimum(LINE, 70))),
        600, 10, (0.50, 0.23, 447, math.nan), (0.08, 0.02, 70, math.nan),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", POOLS)
def test_the_voice_pool_alone_lands_near_the_figures_it_was_staffed_for(name: str) -> None:
    scenario, within, replications, stated, tolerance = POOLS[name]
    logs = runs(scenario, replications=replications)
    found = (
        pooled([service_level(log, within=float(within)) for log in logs]),
        pooled([abandonment_rate(log) for log in logs]),
        pooled([average_speed_of_answer(log) for log in logs]),
        pooled([occupancy(log) for log in logs]),
    )
    wrong = [
        f"{figure} {value:.3g}, stated {number:g}"
        for figure, value, number, off in zip(FIGURES, found, stated, tolerance, strict=True)
        if abs(value - number) > off
    ]
    assert not wrong


def test_the_desk_has_the_volumes_it_says(desk: list[ContactLog]) -> None:
    days = 5 * len(desk)
    calls, resets = (sum(a_day(log, "phone", kind) for log in desk) / days for kind in (None, "password"))
    assert calls == pytest.approx(250, rel=0.05)
    assert sum(a_day(log, "ticket") for log in desk) / days == pytest.approx(140, rel=0.05)
    assert resets / calls == pytest.approx(0.12, abs=0.01)


def test_the_desk_resolves_two_of_three_at_the_first_contact(desk: list[ContactLog]) -> None:
    assert 0.65 <= pooled([first_contact_resolution(log) for log in desk]) <= 0.72


def test_the_desk_keeps_its_tickets_from_piling_up(desk: list[ContactLog]) -> None:
    waiting = np.zeros(5)
    for log in desk:
        t = log.touchpoints
        tickets = t.touchpoint == log.names["touchpoint"].index("ticket")
        for day in range(5):
            end = (day + 1) * DAY
            waiting[day] += np.count_nonzero(tickets & (t.offered < end) & ~(t.answered < end)) / len(desk)
    assert np.all(waiting < 0.25 * 140), "more than a quarter of a day's tickets stays overnight"


def test_the_portal_contains_resets_and_little_else(desk: list[ContactLog]) -> None:
    contained = {}
    for name in ("password", "request"):
        seen = solved = 0
        for log in desk:
            t = log.touchpoints
            rows = (t.touchpoint == log.names["touchpoint"].index("portal")) & (
                t.contact_type == log.names["contact_type"].index(name)
            )
            seen, solved = seen + np.count_nonzero(rows), solved + np.count_nonzero(rows & t.truly_resolved)
        contained[name] = solved / seen
    assert contained["password"] == pytest.approx(0.60 * 0.96, abs=0.05)
    assert contained["request"] == pytest.approx(0.22 * 0.85, abs=0.05)


def test_the_bank_has_the_volume_and_resolution_it_says(bank: list[ContactLog]) -> None:
    assert sum(a_day(log, "phone") for log in bank) / len(bank) == pytest.approx(17000, rel=0.03)
    assert pooled([first_contact_resolution(log) for log in bank]) == pytest.approx(0.71, abs=0.015)
    assert 0.82 <= pooled([occupancy(log) for log in bank]) <= 0.90


def test_the_bank_answers_eight_in_ten_in_time_over_busy_and_quiet_days() -> None:
    logs = runs(load_scenario("retail_bank_voice_200"), replications=8)
    assert pooled([service_level(log, within=20.0) for log in logs]) == pytest.approx(0.80, abs=0.10)


def test_the_bank_has_as_many_heads_of_one_skill_two_and_more_as_it_says() -> None:
    groups = load_scenario("retail_bank_voice_200").model.agent_groups
    staffed: dict[int, int] = {}
    for group in groups.values():
        skills = group.serves["phone"]
        secondary = [terms for terms in skills.values() if terms.level == 2]
        assert all(terms.handle_time == 1.12 for terms in secondary)
        assert group.by_interval is not None
        staffed[min(len(skills), 3)] = staffed.get(min(len(skills), 3), 0) + sum(group.by_interval["all"])
    total = sum(staffed.values())
    assert {skills: count / total for skills, count in staffed.items()} == pytest.approx(
        {1: 0.40, 2: 0.45, 3: 0.15}, abs=0.01
    )
    peak = max(
        map(sum, zip(*(group.by_interval["all"] for group in groups.values() if group.by_interval), strict=True))
    )
    assert peak <= 200


@pytest.mark.parametrize(("name", "rate", "talk_time", "patience", "n_agents"), [
    ("verify_mmc", 200 / 3600, 180.0, math.inf, 14),
    ("verify_mmcm", 114 / 3600, 300.0, 600.0, 10),
])  # fmt: skip
def test_a_theory_scenario_agrees_with_its_formula(
    name: str, rate: float, talk_time: float, patience: float, n_agents: int
) -> None:
    expected = erlang.erlang_a(rate, talk_time=talk_time, patience=patience, n_agents=n_agents)
    logs = runs(load_scenario(name), replications=6)
    for measured, exact in (
        ([service_level(log, within=20.0).value for log in logs], expected.answered_within),
        ([abandonment_rate(log).value for log in logs], expected.abandonment_rate),
        ([occupancy(log).value for log in logs], expected.occupancy),
    ):
        error = np.std(measured, ddof=1) / math.sqrt(len(logs))
        assert abs(np.mean(measured) - exact) <= 4 * error + 1e-12


@pytest.mark.parametrize("name", experiments())
def test_a_study_says_what_it_asks_and_each_of_its_changes_changes_something(name: str) -> None:
    study = load_experiment(name, miniature=True)
    prints = [scenario.fingerprint for scenario in study.scenarios.values()]
    assert len(set(prints)) == len(prints) > (study.kind == "compare")
    assert "**Question.**" in (folder_of(name) / "README.md").read_text(encoding="utf-8")
    found = read_study(folder_of(name))
    assert found["profile"] in (*shipped.names("profile"), "none")
    assert len(read(found.get("metrics", []))) == len(found.get("metrics", []))


def test_two_more_agents_are_two_more_in_every_open_interval_of_the_largest_group() -> None:
    study = load_experiment("agents_or_resolution")
    plans = {
        label: {group: part.by_interval["all"] for group, part in scenario.model.agent_groups.items()}
        for label, scenario in study.scenarios.items()
    }
    today, more = plans["today"], plans["two agents more"]
    largest = max(today, key=lambda group: sum(today[group]))
    assert more[largest] == tuple(count + 2 if count else 0 for count in today[largest])
    assert all(more[group] == today[group] for group in today if group != largest)
