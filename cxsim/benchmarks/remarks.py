"""What a scorecard must say beside its numbers: what is missing, assumed, filled in or left out of the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cxsim.benchmarks.cells import ENOUGH_PEERS
from cxsim.benchmarks.profile import Profile, ProfileMetric
from cxsim.printed import name_of

if TYPE_CHECKING:
    from cxsim.benchmarks.card import Missing, Row, Scorecard

END_OF_SCALE: Final = "end of the scale"  # note of a line that is no line of the peers
SCORE: Final = (
    "A score is 0 at the peers' worst value, 100 at their best, and on a straight line in between; a metric with a "
    "band has 100 inside it. The total is the mean of the scores, each counted by its weight."
)


def remarks(card: Scorecard, *, profile: Profile, by_replication: bool) -> tuple[str, ...]:
    """Notes of a scorecard, one plain sentence or two each."""
    scored = {row.metric for row in card.rows}
    entries = [entry for entry in profile.metrics if entry.name in scored]
    own = [entry for entry in entries if not any(line.note == END_OF_SCALE for line in entry.lines)]
    notes = [SCORE] if any(entry.rule == "linear" for entry in own) else []
    if card.missing:
        notes.append(_missing_note(card, present=sum(entry.weight for entry in entries)))
    notes.append(_interval_note(card, by_replication=by_replication))
    filled = [entry for entry in own if any(line.provenance == "filled" for line in entry.lines)]
    if filled:
        notes.append(f"Nobody publishes a worst or a best value of these, so we chose one: {_named(filled)}.")
    assumed = [entry for entry in entries if entry.source_variant == "unstated"]
    if assumed:
        notes.append(
            "A metric can be counted in several ways (its variant, in brackets). Of these the publisher of the peers' "
            f"figures does not say which way was used; the one named is assumed: {_named(assumed)}."
        )
    low = [entry for entry in entries if any(cell.confidence == "low" for cell in entry.cells)]
    if low:
        notes.append(
            "The profile also holds figures about peers that deserve little trust (marked 'low confidence' there); "
            f"unless asked for they are left out of the comparison: {_named(low)}."
        )
    observed = [entry for entry in entries if entry.observed]
    if observed:
        notes.append(
            "Worst and best are the worst and best values in the data themselves, so these scores depend on who else "
            f"is in the data: {_named(observed)}."
        )
    few = [entry for entry in entries if 0 < len(entry.peers) < ENOUGH_PEERS]
    if few:
        notes.append(
            "A quartile is a quarter of the peers, the first the best. Fewer than "
            f"{ENOUGH_PEERS} peers are known here, so it is a hint only: {_named(few)}."
        )
    other = [entry for entry in entries if entry.rule != "linear"]
    if other:
        said = ", ".join(f"{_named([entry])} by the rule {entry.rule.replace('_', ' ')}" for entry in other)
        notes.append(f"Scored in another way than on a straight line from worst to best: {said}.")
    if profile.currency and any(entry.unit.partition("/")[0] == "money" for entry in entries):
        notes.append(f"Money is compared as {profile.currency}; no currency is converted.")
    if profile.figures:
        named = ", ".join(figure.name.replace("_", " ") for figure in profile.figures)
        notes.append(f"The profile knows more about these peers than is scored: {named}.")
    if profile.attribution:
        notes.append(profile.attribution)
    return tuple(notes)


def _named(entries: Sequence[ProfileMetric | Missing | Row]) -> str:
    """Metrics as a reader names them, never without their variant."""
    return ", ".join(name_of(_name(entry), entry.variant) for entry in entries)


def _name(entry: ProfileMetric | Missing | Row) -> str:
    return entry.name if isinstance(entry, ProfileMetric) else entry.metric


def _missing_note(card: Scorecard, *, present: float) -> str:
    """What is missing, and what became of its weight."""
    named = "; ".join(f"{_named([gap])} ({gap.weight:.0%} of the weight, {gap.reason})" for gap in card.missing)
    counted = [_counted(gap) for gap in card.missing if gap.score is not None]
    if not counted:
        return f"Without a score: {named}. The weights of the others, {present:.0%} together, are scaled up to 100%."
    rest = " The weight of those without a score goes to the others." if len(counted) < len(card.missing) else ""
    return f"Without a value: {named}. Counted all the same: {', '.join(counted)}.{rest}"


def _counted(gap: Missing) -> str:
    return f"{_named([gap])} with {100 * (gap.score or 0.0):.1f} of 100"


def _interval_note(card: Scorecard, *, by_replication: bool) -> str:
    """On what the interval of the total rests."""
    if card.low is None:
        if by_replication:
            few = "The total has no interval: fewer than two replications have one, or all have the same."
            return f"{few} More replications say how far chance moves it."
        return "The total has no interval, for none of the metrics has one."
    if by_replication:
        return (
            f"The {card.confidence:.0%} interval of the total says how far chance moves it: each replication (one "
            "simulated run of the whole period) has a total of its own, and the interval comes from how these differ."
        )
    exact = [row for row in card.rows if row.score_low is None]
    said = f" Taken as exact, for want of an interval: {_named(exact)}." if exact else ""
    return (
        f"The {card.confidence:.0%} interval of the total is a rough guide: it adds up the intervals of the metrics as "
        f"if each moved by itself, but one long queue makes several of them worse at once.{said}"
    )
