"""Figures about a peer group: what was published, what was derived from it, and the peers that are named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Provenance = Literal["published", "derived", "filled"]
Confidence = Literal["high", "medium", "low"]
Direction = Literal["higher", "lower", "band"]

QUANTILES: Final = {"min": 0.0, "p10": 0.1, "q1": 0.25, "median": 0.5, "q3": 0.75, "p90": 0.9, "max": 1.0}
OTHER_STATISTICS: Final = (
    "mean",
    "best_practice",
    "top_quartile",
    "good",
    "good_low",
    "minimum_acceptable",
    "worst_practice",
    "target",
    "regulatory_limit",
)
PROVENANCES: Final = ("published", "derived", "filled")
CONFIDENCES: Final = ("high", "medium", "low")
# Fewer peers than this give quartiles that one more peer would move a long way.
ENOUGH_PEERS: Final = 8
INDICATIVE: Final = f"indicative: fewer than {ENOUGH_PEERS} peers"
_CUMULATIVE = re.compile(r"cdf(<=|>=|<|>)(-?\d+(?:\.\d+)?)")


def cumulative(statistic: str) -> tuple[bool, float] | None:
    """Of 'cdf<0.1' whether it counts the peers below, and the value; None for any other statistic.

    The value of such a cell is a share of peers: 'cdf<0.1: 0.303' says that 30.3 % of peers lie below 0.1.
    """
    found = _CUMULATIVE.fullmatch(statistic)
    return (found[1].startswith("<"), float(found[2])) if found else None


@dataclass(frozen=True)
class Cell:
    """One figure about the peers, in the metric's own unit, and where it comes from.

    `as_published` is number and unit as the source prints them ('3.2 h'); `series` and `segment` name the source's
    series and peer group; `n` counts the peers behind the figure; None is unknown, not zero.
    """

    statistic: str
    value: float
    provenance: Provenance
    as_published: str = ""
    series: str = ""
    title: str = ""
    url: str = ""
    segment: str = ""
    year: int | None = None
    n: int | None = None
    confidence: Confidence = "medium"
    note: str = ""
    entered_by: str = ""
    checked_by: str = "unchecked"


@dataclass(frozen=True)
class Peer:
    """A named peer and its value, in the metric's own unit; `source` says where the value is from."""

    name: str
    value: float
    as_published: str = ""
    source: str = ""


def cells_of_peers(peers: tuple[Peer, ...], *, entered_by: str, checked_by: str) -> tuple[Cell, ...]:
    """Quantiles, mean and ends over named peers; none for a single peer.

    Quantiles interpolate linearly between order statistics (type 7). With fewer than eight peers they are marked as
    indicative.

    Source
    ------
    Hyndman and Fan (1996), Sample quantiles in statistical packages, number 7.
    """
    if len(peers) < 2:
        return ()
    values = np.array([peer.value for peer in peers])
    figures = {name: float(np.quantile(values, share)) for name, share in QUANTILES.items()}
    figures["mean"] = float(np.clip(np.mean(values), np.min(values), np.max(values)))
    sources = {peer.source for peer in peers}
    title = next(iter(sources)) if len(sources) == 1 else ""
    return tuple(
        Cell(
            statistic=name,
            value=value,
            provenance="derived",
            as_published=f"{value:.6g}",
            series="named peers",
            title=title or "named peers",
            segment=f"{len(peers)} named peers",
            n=len(peers),
            note=INDICATIVE if len(peers) < ENOUGH_PEERS else "",
            entered_by=entered_by,
            checked_by=checked_by,
        )
        for name, value in figures.items()
    )
