"""The timings by size, of a start and of everything together run, and say what they were told to measure."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "timings"))
import clock
import mechanisms
import scale
import start
import table


def test_a_larger_centre_has_the_same_load_per_agent() -> None:
    for contacts, days in [(23_040, 1), (230_400, 1), (230_400, 10), (3_000_000, 1)]:
        model = scale.centre(contacts, days=days).model
        volume = model.contact_types["call"].volume
        agents = model.agent_groups["desk"].agents
        assert model.calendar.days == days
        assert volume * days == pytest.approx(contacts, rel=1e-3)
        assert volume / agents == pytest.approx(scale.CALLS_A_DAY / 50, rel=1e-3)


def test_sizes_are_compared_with_the_smallest() -> None:
    rows = scale.growth("process", sizes=(300, 600), turn=600, turns=1)
    assert [row.contacts for row in rows] == [300, 600]
    assert rows[0].one_day == clock.Ratio(1.0, 1.0, 1.0)
    assert all(row.one_day.lowest > 0 for row in rows)
    assert all(row.many_days is None for row in rows)  # shorter than two days of model A
    text = scale.table(scale.Scale("process", rows, 123.4, (1, 2), clock.Ratio(1.5, 1.0, 2.0)))
    assert "| 600 |" in text
    assert "123 bytes a contact" in text


def test_peak_memory_sees_what_was_held() -> None:
    before = scale.peak_bytes()
    held = bytearray(b"x") * (before + 50_000_000)
    assert scale.peak_bytes() >= len(held)


def test_peak_memory_of_another_process_is_its_own() -> None:
    held = bytearray(b"x") * 600_000_000
    assert 10_000_000 < scale.peak_of(200, engine="process") < len(held)


def test_threads_are_compared_by_the_wall() -> None:
    ratio = scale.two_threads("process", contacts=200, replications=2, turns=2)
    assert 0 < ratio.lowest <= ratio.median <= ratio.highest


def test_a_start_is_told_in_days_of_the_simpy_engine() -> None:
    found = start.measured("process", scenario="verify_mmcm", turns=1, replications=2)
    assert all(ratio.lowest > 0 for ratio in found.costs.values())
    whole = found.costs["a whole new process with one day"].median
    parts = [ratio.median for name, ratio in found.costs.items() if name.startswith("of this")]
    assert 0.5 * sum(parts) < whole
    assert "2 days simulated and measured with every operational metric, the " in start.table(found)
    assert "2 days simulated and measured with every metric, also of results, effort and money" in start.table(found)


def test_one_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tracing memory and the parts tested above take long; here it is the page that matters.
    ratio = clock.Ratio(1.0, 1.0, 1.0)
    row = scale.Growth(3000, ratio, None)
    monkeypatch.setattr(clock, "memory", lambda competitor: clock.Memory(25.0, 50.0))
    monkeypatch.setattr(scale, "measured", lambda name, **_: scale.Scale(name, [row], 1.0, (1, 2), ratio))
    monkeypatch.setattr(start, "measured", lambda name, **_: start.Start(name, {"a start": ratio}))
    monkeypatch.setattr(table.peers, "measured", lambda *_, engines, **__: _peers(engines))
    race = clock.Race({mechanisms.BASE: [1.0], "hold": [1.5]}, {mechanisms.BASE: [10], "hold": [10]})
    monkeypatch.setattr(mechanisms, "measured", lambda **_: race)
    page = tmp_path / "docs" / "timings.md"
    table.main(["--turns=1", "--days=1", "--models=a", "--engines", "process", "--page", str(page)])
    text = page.read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# Timings",
        "## Engines against bare SimPy",
        "## What a mechanism costs",
        "## Other simulators",
        "## Cost by size, memory, two threads",
        "## A start",
    ]
    assert "| engine process, model A |" in text
    assert "| 25 | 50 |" in text
    assert "| hold | 1.50 (1.50 to 1.50) |" in text
    assert "Left out: Other (gone)" in text
    for name, title in (("start", "## A start"), ("engines", "## Engines against bare SimPy")):
        table.main(["--turns=1", "--days=1", "--models=a", f"--only={name}", "--engines", "process", f"--page={page}"])
        again = page.read_text(encoding="utf-8")
        assert [line for line in again.splitlines() if line.startswith("#")] == headings
        assert again.partition(title)[0] == text.partition(title)[0]
        assert again.partition(title)[2].startswith("\n\nMeasured at another time than the rest")
        text = again
    assert again.count("| a start |") == again.count("| engine process, model A |") == 1


def _peers(engines: list[str]) -> table.peers.Measured:
    ratio = clock.Ratio(2.0, 1.0, 3.0)
    row = table.peers.Standing("Peer", "1.0", "times", 10, dict.fromkeys(engines, ratio), 0.03, 8.6, True)
    return table.peers.Measured({"A": [row], "B": [row]}, {"Other": "gone"})
