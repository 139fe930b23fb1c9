"""How good the numbers are: each metric scored between the peers' worst and best, weighted, with its uncertainty.

Above 300 lines because the card, its rows and the matching of definitions are one idea and read together.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.measures import Measure, chance, interval, read_measures
from cxsim.benchmarks.position import percentile
from cxsim.benchmarks.profile import Profile, ProfileMetric
from cxsim.benchmarks.remarks import remarks
from cxsim.benchmarks.text import as_text
from cxsim.benchmarks.total import combined, replicated
from cxsim.errors import ProfileError, problem

if TYPE_CHECKING:
    import pandas as pd


# Share of the weight below which a total says little about the whole.
ENOUGH = 0.5


@dataclass(frozen=True)
class Row:
    """One metric on the scorecard; None where something is not known, and the flags say why.

    Values, interval, lines and gaps are in `unit`; a gap above 0 is on the better side. `weight` is the profile's and
    `share` the same after re-weighting for what is missing; `balanced` = share x score. `value_quartile` 1 holds the
    lowest values, `performance_quartile` 1 the best performers. `percentile` is the share of peers with a lower value.
    """

    metric: str
    variant: str
    unit: str
    better: str
    kind: str
    weight: float
    share: float
    value: float
    low: float | None
    high: float | None
    worst: tuple[float, ...]
    best: tuple[float, ...]
    score: float
    score_low: float | None
    score_high: float | None
    balanced: float
    peer_statistic: str | None
    peer: float | None
    gap_to_peer: float | None
    gap_to_best: float
    percentile: float | None
    value_quartile: int | None
    performance_quartile: int | None
    target: tuple[float, ...]
    probability_of_target: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Missing:
    """A metric of the profile that could not be scored, with its weight and the reason."""

    metric: str
    variant: str
    weight: float
    reason: str


@dataclass(frozen=True)
class Scorecard:
    """Rows, total from 0 to 1 with its interval (None if unknown), what is missing, and notes in plain text."""

    profile: str
    title: str
    rows: tuple[Row, ...]
    missing: tuple[Missing, ...]
    total: float
    low: float | None
    high: float | None
    confidence: float
    notes: tuple[str, ...]

    @property
    def coverage(self) -> float:
        """Share of the profile's weight that was measured; the total stands on this much."""
        measured = math.fsum(row.weight for row in self.rows)
        return measured / math.fsum([measured, *(gap.weight for gap in self.missing)])

    @property
    def basis(self) -> str:
        """What to say behind a total that stands on part of the weight; empty when all of it was measured."""
        if self.coverage > 1.0 - 1e-9:
            return ""
        little = ", too little to judge the whole" if self.coverage < ENOUGH else ""
        return f" on {self.coverage:.0%} of the weight{little}"

    def to_frame(self) -> pd.DataFrame:
        """One row a scored metric, columns as the fields of `Row`.

        A band has its upper ends in worst_high, best_high and target_high; the flags are one text.
        """
        import pandas as pd

        records = []
        for row in self.rows:
            record = {**asdict(row), "flags": "; ".join(row.flags)}
            for end in ("worst", "best", "target"):
                corners = (*record[end], None, None)
                record[end], record[f"{end}_high"] = corners[:2]
            records.append(record)
        return pd.DataFrame(records)

    def to_text(self) -> str:
        """The scorecard as lines for a terminal."""
        return as_text(self)


def score(
    measures: pd.DataFrame,
    *,
    profile: Profile | str | Path,
    group: str | None = None,
    replications: pd.DataFrame | None = None,
    confidence: float = 0.95,
    low_confidence: bool = False,
) -> Scorecard:
    """Score measured metrics against a peer group.

    Parameters
    ----------
    measures : DataFrame
        Tidy table of `measure` or `estimate`: metric, variant, value, unit, better, and where known group, numerator,
        denominator, n, kind, low, high, standard_error, replications.
    profile : Profile, str or Path
        A profile, or the name or path of one.
    group : str, optional
        Score the rows of one group; default the rows for everything.
    replications : DataFrame, optional
        Values by replication (columns replication, metric, variant, value): the interval of the total then comes from
        the totals of the replications, dependence between metrics included.
    confidence : float
        Of the intervals, which `low` and `high` of the measures are taken to have.
    low_confidence : bool
        Compare with peer figures of low confidence too.

    Raises
    ------
    ProfileError
        A metric measured in another variant, unit or direction than the profile's, or twice; nothing to score.

    Source
    ------
    MetricNet balanced scorecard as retold publicly; re-weighting of missing metrics as ServiceNow's bias.
    """
    peers = profile if isinstance(profile, Profile) else load_profile(profile)
    found, missing = _match(read_measures(measures, group=group), peers)
    present = math.fsum(entry.weight for entry, _ in found)
    rows = tuple(
        _row(entry, measure, present=present, confidence=confidence, low_confidence=low_confidence)
        for entry, measure in found
    )
    total = min(max(math.fsum(row.balanced for row in rows), 0.0), 1.0)
    ends = None if replications is None else replicated(replications, metrics=[entry for entry, _ in found])
    by_replication = ends is not None
    low, high = combined(rows, total=total) if ends is None else ends.around(total, confidence=confidence)
    card = Scorecard(peers.name, peers.title, rows, missing, total, low, high, confidence, ())
    return replace(card, notes=remarks(card, profile=peers, by_replication=by_replication))


def _match(
    measures: list[Measure], profile: Profile
) -> tuple[list[tuple[ProfileMetric, Measure]], tuple[Missing, ...]]:
    """Each metric of the profile with its measure, and those that are missing; different definitions are refused."""
    found, missing, problems = [], [], []
    for entry in profile.metrics:
        of_name = [measure for measure in measures if measure.metric == entry.name]
        same = [measure for measure in of_name if measure.variant == entry.variant]
        if of_name and not same:
            given = ", ".join(sorted({measure.variant for measure in of_name}))
            problems.append(
                problem(
                    f"measures.{entry.name}",
                    f"measured as variant '{given}'",
                    f"profile {profile.name} compares variant '{entry.variant}'",
                    f"measure {entry.name}:{entry.variant}",
                )
            )
        elif not same:
            missing.append(Missing(entry.name, entry.variant, entry.weight, "not measured"))
        elif refused := _refused(entry, same):
            problems.append(refused)
        elif not math.isfinite(same[0].value):
            reason = "no value: nothing was observed" if math.isnan(same[0].value) else "its value is not finite"
            missing.append(Missing(entry.name, entry.variant, entry.weight, reason))
        else:
            found.append((entry, same[0]))
    if not found and not problems:
        reasons = ", ".join(f"{gap.metric} ({gap.reason})" for gap in missing)
        problems.append(problem(f"profile {profile.name}", f"nothing to score: {reasons}", "a metric of the profile"))
    if problems:
        raise ProfileError(problems)
    return found, tuple(missing)


def _refused(entry: ProfileMetric, same: list[Measure]) -> str:
    """Why a measure cannot be compared with the peers, or an empty string."""
    where, measure = f"measures.{entry.name}", same[0]
    if len(same) > 1:
        return problem(where, f"{len(same)} rows", "one row a metric", "choose one with group=")
    if measure.unit != entry.unit:
        return problem(where, f"unit '{measure.unit}'", f"the profile's unit '{entry.unit}'", "convert it")
    if measure.better != entry.better:
        return problem(where, f"better is {measure.better}", f"the profile says {entry.better}", "mend the profile")
    return ""


def _row(entry: ProfileMetric, measure: Measure, *, present: float, confidence: float, low_confidence: bool) -> Row:
    """One metric scored, placed among its peers and set against its target."""
    value, share = measure.value, entry.weight / present
    points, sure = entry.score(value), interval(measure, confidence=confidence)
    score_low, score_high = _score_interval(entry, sure.low, sure.high)
    place = percentile(entry, value=value, low_confidence=low_confidence)
    peer = entry.cell("median", low_confidence=low_confidence) or entry.cell("mean", low_confidence=low_confidence)
    target, reached = _target(entry), None
    flags = [*_provenance(entry), sure.basis]
    if target:
        answer = chance(measure, at_least=target[0], at_most=target[1])
        reached, flags = answer.low, [*flags, *([answer.basis] if answer.low is None else [])]
    if place.filled or place.percentile is None:
        flags.append(f"percentile: {place.basis}")
    quartile = place.value_quartile
    performance = {"higher": 5 - quartile, "lower": quartile}.get(entry.better) if quartile else None
    worst, best = _ends(entry)
    return Row(
        entry.name, entry.variant, entry.unit, entry.better, measure.kind, entry.weight, share,
        value, sure.low, sure.high, worst, best, points, score_low, score_high, share * points,
        peer.statistic if peer else None, peer.value if peer else None,
        _shortfall(entry, peer.value) - _shortfall(entry, value) if peer else None, -_shortfall(entry, value),
        place.percentile, quartile, performance,
        tuple(bound for bound in target if math.isfinite(bound)), reached, tuple(flags),
    )  # fmt: skip


def _ends(entry: ProfileMetric) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Worst and best of a line, or the worst ends and the full-score range of a band."""
    if entry.band is not None:
        worst_low, low, high, worst_high = (line.value for line in entry.band.lines)
        return (worst_low, worst_high), (low, high)
    worst, best = entry.lines
    return (worst.value,), (best.value,)


def _target(entry: ProfileMetric) -> tuple[float, ...]:
    """The range that reaches the target, from and to; empty without a target."""
    if entry.band is not None:
        return (entry.band.low.value, entry.band.high.value)
    if entry.target is None:
        return ()
    return (entry.target.value, math.inf) if entry.better == "higher" else (-math.inf, entry.target.value)


def _shortfall(entry: ProfileMetric, value: float) -> float:
    """How far a value is from best, in the metric's unit; below 0 beyond best, 0 inside a band."""
    _, best = _ends(entry)
    if entry.band is not None:
        return max(best[0] - value, value - best[1], 0.0)
    return best[0] - value if entry.better == "higher" else value - best[0]


def _score_interval(entry: ProfileMetric, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """Lowest and highest score of any value in the interval."""
    if low is None or high is None:
        return None, None
    inside = [corner.value for corner in entry.lines if low < corner.value < high]
    scores = [entry.score(value) for value in (low, *inside, high)]
    return min(scores), max(scores)


def _provenance(entry: ProfileMetric) -> list[str]:
    """What of the line and the variant is not published as it stands."""
    flags = [
        f"{name}: {line.provenance}"
        for name, line in zip(
            ("worst", "best") if entry.band is None else ("worst low", "band from", "band to", "worst high"),
            entry.lines,
            strict=True,
        )
        if line.provenance != "published"
    ]
    if entry.target is not None and entry.target.provenance != "published":
        flags.append(f"target: {entry.target.provenance}")
    if entry.source_variant == "unstated":
        flags.append("variant: assumed, the source states none")
    elif entry.source_variant != entry.variant:
        flags.append(f"variant of the source: {entry.source_variant}")
    return flags
