"""The clock of the timings: turns alternate, ratios are per contact, bytes are those of the result."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

_SPEC = importlib.util.spec_from_file_location("clock", Path(__file__).parents[2] / "timings" / "clock.py")
assert _SPEC is not None
assert _SPEC.loader is not None
clock = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(clock)


class Story:
    """Competitors that take what they are told to take on a clock of their own, and a diary of who ran when."""

    def __init__(self) -> None:
        self.now = 0.0
        self.diary: list[tuple[str, int]] = []

    def competitor(self, name: str, *, seconds: list[float], contacts: int):
        """One that takes seconds[turn] for a number of contacts."""

        def run(turn: int) -> list[None]:
            self.diary.append((name, turn))
            self.now += seconds[turn]
            return [None] * contacts

        return clock.Competitor(name, run, len)


def test_competitors_run_in_turn_and_every_second_turn_in_reverse() -> None:
    story = Story()
    pair = [story.competitor(name, seconds=[9.0, 1.0, 1.0], contacts=1) for name in ("slow", "fast")]
    clock.race(pair, turns=2, clock=lambda: story.now)
    assert story.diary == [("slow", 0), ("fast", 0), ("slow", 1), ("fast", 1), ("fast", 2), ("slow", 2)]


def test_ratio_is_per_contact_within_each_turn_and_the_median_of_the_turns() -> None:
    story = Story()
    slow = story.competitor("slow", seconds=[50.0, 2.0, 4.0, 6.0], contacts=100)
    fast = story.competitor("fast", seconds=[50.0, 1.0, 1.0, 1.0], contacts=1000)
    result = clock.race([slow, fast], turns=3, clock=lambda: story.now)
    assert clock.times_as_fast(result, name="fast", base="slow") == pytest.approx((40.0, 20.0, 60.0))
    assert clock.times_as_fast(result, name="slow", base="slow") == (1.0, 1.0, 1.0)


def test_table_gives_ratios_and_marks_turns_too_short_to_trust() -> None:
    story = Story()
    slow = story.competitor("slow", seconds=[0.0, 8.0], contacts=10)
    fast = story.competitor("fast", seconds=[0.0, 0.04], contacts=10)
    text = clock.table(clock.race([slow, fast], turns=1, clock=lambda: story.now), base="slow")
    row = next(line for line in text.splitlines() if line.startswith("fast"))
    assert row.split()[:4] == ["fast", "10", "0.0050", "200.000*"]
    assert "*" not in next(line for line in text.splitlines() if line.startswith("slow"))


def test_bytes_are_those_the_result_holds_and_the_most_on_the_way() -> None:
    def run(turn: int) -> np.ndarray:
        scratch = np.ones((10_000, 30))
        return scratch[:, :3].copy()

    found = clock.memory(clock.Competitor("arrays", run, len))
    assert found.held == pytest.approx(3 * 8, rel=0.01)
    assert found.peak == pytest.approx(33 * 8, rel=0.01)


@pytest.mark.parametrize(("turns", "names"), [(0, ("one", "other")), (1, ("same", "same"))])
def test_a_race_without_turns_or_with_two_of_one_name_is_refused(turns: int, names: tuple[str, str]) -> None:
    story = Story()
    with pytest.raises(ValueError, match="at least one turn and different names"):
        clock.race([story.competitor(name, seconds=[0.0, 0.0], contacts=1) for name in names], turns=turns)
