"""Profiles and measures in a few words, for tests of scorecards."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxsim.benchmarks.cells import Cell, Peer
from cxsim.benchmarks.profile import Line, Profile, ProfileMetric


def line(value: float) -> Line:
    return Line(value, "filled", note="for the test")


def scored(name: str, weight: float, worst: float, best: float, **rest: Any) -> ProfileMetric:
    """A metric on a straight line."""
    return ProfileMetric(name, "default", weight, rest.pop("unit", "1"), worst=line(worst), best=line(best), **rest)


def ruled(rule: str, **rest: Any) -> ProfileMetric:
    """A metric that is scored by another rule."""
    return ProfileMetric("a", "default", 1.0, rest.pop("unit", "1"), rule=rule, **rest)


def group_of(*metrics: ProfileMetric, **rest: Any) -> Profile:
    return Profile("peers", "Peers", "for the test", metrics, **rest)


def cells(figures: dict[str, float], **rest: Any) -> tuple[Cell, ...]:
    return tuple(Cell(name, value, "published", **rest) for name, value in figures.items())


def peers(*values: float) -> tuple[Peer, ...]:
    return tuple(Peer(f"peer {place}", value) for place, value in enumerate(values, start=1))


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Measures as `measure` gives them, with what the test leaves out set to the plain case."""
    plain = {"variant": "default", "group": "", "unit": "1", "better": "higher", "kind": "result"}
    return pd.DataFrame([{**plain, **row} for row in rows])
