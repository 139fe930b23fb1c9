"""How good the numbers are: each metric scored among its peers, weighted, with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from cxsim.benchmarks.card import ENOUGH as ENOUGH
from cxsim.benchmarks.card import Missing as Missing
from cxsim.benchmarks.card import Row as Row
from cxsim.benchmarks.card import Scorecard as Scorecard
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.match import match
from cxsim.benchmarks.measures import MINIMUM, Measure, chance, interval, read_measures
from cxsim.benchmarks.position import best_in_class, percentile, rank, shortfall
from cxsim.benchmarks.profile import MISSED, Missed, Profile, ProfileMetric
from cxsim.benchmarks.remarks import remarks
from cxsim.benchmarks.total import combined, replicated
from cxsim.errors import ProfileError, nearest, problem

if TYPE_CHECKING:
    import pandas as pd


class Options(NamedTuple):
    """How to score: level of the intervals, and whether peer figures of low confidence count."""

    confidence: float
    low_confidence: bool


def score(
    measures: pd.DataFrame,
    *,
    profile: Profile | str | Path,
    group: str | None = None,
    replications: pd.DataFrame | None = None,
    confidence: float = 0.95,
    low_confidence: bool = False,
    missing: Missed | None = None,
    observed: pd.DataFrame | None = None,
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
    missing : str, optional
        What becomes of a metric that has no value: 'reweight' (the others take its weight), 'zero', 'peer_median' or
        'fail'. Default: what the profile says.
    observed : DataFrame, optional
        Metric, variant, value of everybody whom a metric without worst and best is to be scored among; default every
        row of the measures. Counts only where the profile asks for it with `blank_lines: observed`.

    Raises
    ------
    ProfileError
        A metric measured in another variant, unit or direction than the profile's, or twice; nothing to score; a metric
        without a value where that is to fail, or where its rule knows re-weighting only.

    Source
    ------
    MetricNet balanced scorecard as retold publicly; re-weighting of missing metrics as ServiceNow's bias.
    """
    peers = profile if isinstance(profile, Profile) else load_profile(profile)
    way = _way(missing or peers.missing)
    options = Options(confidence, low_confidence)
    found, gaps = match(
        read_measures(measures, group=group), peers, observed=measures if observed is None else observed
    )
    gaps = _counted(gaps, peers, way=way, low_confidence=low_confidence)
    whole = math.fsum(entry.weight for entry, _ in found)
    whole += math.fsum(gap.weight for gap in gaps if gap.score is not None)
    rows = tuple(_row(entry, measure, present=whole, options=options) for entry, measure in found)
    given = math.fsum(gap.weight * gap.score for gap in gaps if gap.score is not None) / whole
    total = min(max(math.fsum(row.balanced for row in rows) + given, 0.0), 1.0)
    entries = [entry for entry, _ in found]
    ends = None
    if replications is not None:
        ends = replicated(replications, metrics=entries, whole=whole, low_confidence=low_confidence)
    low, high = combined(rows, total=total) if ends is None else ends.around(total, confidence=confidence)
    each = () if ends is None else ends.totals
    card = Scorecard(peers.name, peers.title, rows, gaps, total, low, high, confidence, (), each)
    return replace(card, notes=remarks(card, profile=peers, by_replication=ends is not None))


def _way(missing: Missed) -> Missed:
    """The way of counting what is missing, if it is one."""
    if missing not in MISSED:
        allowed = f"one of {', '.join(MISSED)}"
        raise ProfileError(problem("score.missing", repr(missing), allowed, nearest(missing, MISSED)))
    return missing


def _counted(gaps: tuple[Missing, ...], profile: Profile, *, way: Missed, low_confidence: bool) -> tuple[Missing, ...]:
    """What is missing, with the score that it counts with; None leaves its weight to the others."""
    if gaps and way == "fail":
        raise ProfileError(
            [
                problem(f"profile {profile.name}.{gap.metric}", gap.reason, "a value for every metric", "measure it")
                for gap in gaps
            ]
        )
    counted = []
    for gap in gaps:
        entry = cast(ProfileMetric, profile.metric(gap.metric))
        if entry.rule == "normalised_with_bias" and way != "reweight":
            where = f"profile {profile.name}.{gap.metric}"
            allowed = "the rule normalised_with_bias re-weights what is missing"
            raise ProfileError(problem(where, f"missing counts as {way}", allowed, "choose reweight, or another rule"))
        middle = entry.cell("median", low_confidence=low_confidence)
        if way == "zero":
            counted.append(replace(gap, score=0.0))
        elif way == "peer_median" and middle is not None and (entry.lines or entry.rule != "linear"):
            points = entry.score(middle.value, low_confidence=low_confidence)
            counted.append(replace(gap, score=points))
        elif way == "peer_median":
            counted.append(replace(gap, reason=f"{gap.reason}; the peers have no median"))
        else:
            counted.append(gap)
    return tuple(counted)


def _row(entry: ProfileMetric, measure: Measure, *, present: float, options: Options) -> Row:
    """One metric scored, placed among its peers and set against its target."""
    value, share = measure.value, entry.weight / present
    low_confidence = options.low_confidence
    points = entry.score(value, low_confidence=low_confidence)
    sure = interval(measure, confidence=options.confidence)
    score_low, score_high = _score_interval(entry, sure.low, sure.high, low_confidence=low_confidence)
    place = percentile(entry, value=value, low_confidence=low_confidence)
    peer = entry.cell("median", low_confidence=low_confidence) or entry.cell("mean", low_confidence=low_confidence)
    target, reached = _target(entry), None
    flags = [*_provenance(entry), sure.basis]
    if target:
        answer = chance(measure, at_least=target[0], at_most=target[1])
        reached, flags = answer.low, [*flags, *([answer.basis] if answer.low is None else [])]
    if place.filled or place.percentile is None:
        flags.append(f"percentile: {place.basis}")
    if entry.rule == "percentile" and place.percentile is None:
        flags.append("score: the share of peers that is surely beaten")
    n = None if math.isnan(measure.n) else int(measure.n)
    # Of replications the number is what counts, and what a mean is over may be agents or days.
    if n is not None and measure.replications == 0 and measure.sort != "mean" and n < MINIMUM[measure.sort]:
        flags.append(f"few observations: {n}, below {MINIMUM[measure.sort]} for a {measure.sort}")
    worst, best = entry.ends
    ahead = best_in_class(entry, low_confidence=low_confidence)
    standing = rank(entry, value=value)
    to_peer = None if peer is None else _gap(entry, value, peer.value)
    to_best = None if ahead is None else _gap(entry, value, ahead[1])
    return Row(
        entry.name, entry.variant, entry.unit, entry.better, measure.kind, entry.weight, share,
        value, sure.low, sure.high, worst, best, points, score_low, score_high, share * points,
        peer.statistic if peer else None, peer.value if peer else None, to_peer, -shortfall(entry, value),
        place.percentile, place.value_quartile, place.performance_quartile(entry.better),
        tuple(bound for bound in target if math.isfinite(bound)), reached, tuple(flags),
        entry.rule, _relative(to_peer, None if peer is None else peer.value, entry.unit),
        None if ahead is None else ahead[0], None if ahead is None else ahead[1], to_best,
        _relative(to_best, None if ahead is None else ahead[1], entry.unit),
        None if standing is None else standing.place, None if standing is None else standing.of, n,
    )  # fmt: skip


def _gap(entry: ProfileMetric, value: float, other: float) -> float:
    """How far a value is ahead of another, in the metric's unit; above 0 is better."""
    return shortfall(entry, other) - shortfall(entry, value)


def _relative(gap: float | None, of: float | None, unit: str) -> float | None:
    """A gap as a share of what it is measured from; None on a scale without a zero, and from zero."""
    if gap is None or of is None or of == 0.0 or unit == "points":
        return None
    return gap / abs(of)


def _target(entry: ProfileMetric) -> tuple[float, ...]:
    """The range that reaches the target, from and to; empty without a target."""
    if entry.band is not None:
        return (entry.band.low.value, entry.band.high.value)
    if entry.target is None:
        return ()
    return (entry.target.value, math.inf) if entry.better == "higher" else (-math.inf, entry.target.value)


def _score_interval(
    entry: ProfileMetric, low: float | None, high: float | None, *, low_confidence: bool
) -> tuple[float | None, float | None]:
    """Lowest and highest score of any value in the interval."""
    if low is None or high is None:
        return None, None
    inside = [corner.value for corner in entry.lines if low < corner.value < high]
    scores = [entry.score(value, low_confidence=low_confidence) for value in (low, *inside, high)]
    return min(scores), max(scores)


def _provenance(entry: ProfileMetric) -> list[str]:
    """What of the line and the variant is not published as it stands."""
    lines = {"worst": entry.worst, "best": entry.best, "target": entry.target}
    if entry.band is not None:
        names = ("worst low", "band from", "band to", "worst high")
        lines |= dict(zip(names, entry.band.lines, strict=True))
    flags = [
        f"{name}: {line.provenance}"
        for name, line in sorted(lines.items(), key=lambda named: named[0] == "target")
        if line is not None and line.provenance != "published"
    ]
    if entry.observed and entry.worst is not None:
        flags.append(f"worst and best {entry.worst.note}: the score depends on who else is in the data")
    if entry.rule != "linear":
        flags.append(f"rule: {entry.rule}")
    if entry.source_variant == "unstated":
        flags.append("variant: assumed, the source states none")
    elif entry.source_variant != entry.variant:
        flags.append(f"variant of the source: {entry.source_variant}")
    return flags
