"""What a scorecard must say beside its numbers: what is missing, assumed, filled in or left out of the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxsim.benchmarks.cells import ENOUGH_PEERS
from cxsim.benchmarks.profile import Profile

if TYPE_CHECKING:
    from cxsim.benchmarks.card import Missing, Scorecard


def remarks(card: Scorecard, *, profile: Profile, by_replication: bool) -> tuple[str, ...]:
    """Notes of a scorecard, one plain sentence or two each."""
    scored = {row.metric for row in card.rows}
    entries = [entry for entry in profile.metrics if entry.name in scored]
    notes = []
    if card.missing:
        notes.append(_missing_note(card, present=sum(entry.weight for entry in entries)))
    notes.append(_interval_note(card, by_replication=by_replication))
    filled = [entry.name for entry in entries if any(line.provenance == "filled" for line in entry.lines)]
    if filled:
        notes.append(f"Scored on worst or best values filled in by us, not published: {', '.join(filled)}.")
    assumed = [f"{entry.name}:{entry.variant}" for entry in entries if entry.source_variant == "unstated"]
    if assumed:
        notes.append(f"The source states no variant; the one compared is assumed: {', '.join(assumed)}.")
    low = [entry.name for entry in entries if any(cell.confidence == "low" for cell in entry.cells)]
    if low:
        notes.append(
            f"Peer figures of low confidence stand in the profile, and count only if asked for: {', '.join(low)}."
        )
    observed = [entry.name for entry in entries if entry.observed]
    if observed:
        notes.append(
            f"Worst and best are what was observed, so these depend on who else is in it: {', '.join(observed)}."
        )
    few = [entry.name for entry in entries if 0 < len(entry.peers) < ENOUGH_PEERS]
    if few:
        notes.append(f"Quartiles are indicative, from fewer than {ENOUGH_PEERS} named peers: {', '.join(few)}.")
    other = [f"{entry.name} by {entry.rule}" for entry in entries if entry.rule != "linear"]
    if other:
        notes.append(f"Not scored on the straight line between worst and best: {', '.join(other)}.")
    if profile.currency and any(entry.unit.partition("/")[0] == "money" for entry in entries):
        notes.append(f"Money is compared as {profile.currency}; no currency is converted.")
    if profile.figures:
        named = ", ".join(figure.name for figure in profile.figures)
        notes.append(f"Also published about these peers, not scored: {named}.")
    if profile.attribution:
        notes.append(profile.attribution)
    return tuple(notes)


def _missing_note(card: Scorecard, *, present: float) -> str:
    """What is missing, and what became of its weight."""
    named = ", ".join(f"{gap.metric} ({gap.weight:.0%} of the weight, {gap.reason})" for gap in card.missing)
    counted = [_counted(gap) for gap in card.missing if gap.score is not None]
    if not counted:
        return f"Missing: {named}. The other weights, {present:.0%}, are scaled up to 100%."
    rest = " The weight of the others missing is spread." if len(counted) < len(card.missing) else ""
    return f"Missing: {named}. Counted all the same: {', '.join(counted)}.{rest}"


def _counted(gap: Missing) -> str:
    return f"{gap.metric} with {100 * (gap.score or 0.0):.1f} of 100"


def _interval_note(card: Scorecard, *, by_replication: bool) -> str:
    """On what the interval of the total rests."""
    if card.low is None:
        return "The total has no interval: no metric came with a standard error, an interval or replications."
    if by_replication:
        return f"The {card.confidence:.0%} interval of the total comes from the totals of the replications."
    exact = [row.metric for row in card.rows if row.score_low is None]
    said = f" Taken as exact, for want of an interval: {', '.join(exact)}." if exact else ""
    return (
        f"The {card.confidence:.0%} interval of the total adds the metrics' intervals as if independent; they are not, "
        f"one queue moves several of them, so it is a rough guide.{said}"
    )
