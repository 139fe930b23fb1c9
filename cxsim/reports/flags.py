"""What the rows of a scorecard flag, in plain sentences that name the metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cxsim.benchmarks.card import Row, Scorecard
from cxsim.reports.tables import name_of

# Said already in the notes of the card, or nothing unusual.
SAID: Final = (
    "worst: filled", "best: filled", "worst low: filled", "worst high: filled", "band from: filled", "band to: filled",
    "variant: assumed, the source states none", "interval of the measures", "standard error",
)  # fmt: skip
BEYOND: Final = {"percentile: above every figure": "higher", "percentile: below every figure": "lower"}


def flag_lines(card: Scorecard) -> list[str]:
    """One sentence a thing to know of single metrics, with the metrics it is true of."""
    of: dict[str, list[str]] = {}
    for row in card.rows:
        for flag in row.flags:
            if flag not in SAID and not flag.startswith("rule: "):
                of.setdefault(_sentence(row, flag), []).append(name_of(row.metric, row.variant))
    return [f"{sentence}: {_listed(names)}." for sentence, names in of.items()]


def _sentence(row: Row, flag: str) -> str:
    """A flag in words; what is not known here is shown as it is."""
    what, _, rest = flag.partition(": ")
    beyond = next((word for start, word in BEYOND.items() if flag.startswith(start)), "")
    if beyond:
        side = (
            "" if row.better == "band" else ", which is the better side" if row.better == beyond else ", the worse side"
        )
        return f"The value is {beyond} than every published figure of the peers{side}; how many it beats is not known"
    if flag == "percentile: no peer figure" or rest.startswith("no distribution published"):
        return "Too little is published of the peers to say how many of them are better"
    if what == "percentile":
        return "The place among the peers is read between few published figures, so it is approximate"
    if what == "variant of the source":
        return f"The peers were measured in a slightly other way ({rest})"
    if what in ("worst", "best", "target") and rest in ("derived", "filled"):
        return f"Worst, best or target {'worked out from published figures' if rest == 'derived' else 'chosen by us'}"
    return f"{flag[:1].upper()}{flag[1:]}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))
