"""The customer's side in one number: satisfaction, effort and recommendation merged among the peers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cxsim.benchmarks.card import Scorecard
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.measures import Measure, read_measures
from cxsim.benchmarks.position import Reading, quantile
from cxsim.benchmarks.profile import Line, Missed, Profile, ProfileMetric
from cxsim.benchmarks.remarks import END_OF_SCALE
from cxsim.benchmarks.scorecard import score
from cxsim.errors import ProfileError, problem
from cxsim.printed import name_of

if TYPE_CHECKING:
    import pandas as pd

TRIAD: Final = ("customer_satisfaction", "customer_effort_score", "net_promoter_score")
# Ends of the scales of questions, by metric and unit of the variant.
SCALES: Final = {
    ("customer_satisfaction", "1"): (0.0, 1.0),
    ("customer_satisfaction", "points"): (1.0, 5.0),
    ("customer_effort_score", "1"): (0.0, 1.0),
    ("customer_effort_score", "points"): (1.0, 7.0),
    ("net_promoter_score", "points"): (-100.0, 100.0),
}


def triad(
    measures: pd.DataFrame,
    *,
    profile: Profile | str | Path,
    group: str | None = None,
    replications: pd.DataFrame | None = None,
    confidence: float = 0.95,
    low_confidence: bool = False,
    missing: Missed | None = None,
) -> Scorecard:
    """Satisfaction, effort and recommendation as one score, a third each, with its interval.

    Worst and best are the 10th and 90th percentile of the peers, published or read from their distribution. Where the
    peers have none in the variant that was measured, they are the ends of the question's scale, and a note says so: a
    score between the ends of a scale is no comparison with anybody.

    Parameters
    ----------
    measures : DataFrame
        As for `score`, with at least one of customer_satisfaction, customer_effort_score and net_promoter_score. Of
        several variants the profile's is taken, else the first.
    profile : Profile, str or Path
        The peer group.
    group, replications, confidence, low_confidence, missing
        As for `score`.

    Raises
    ------
    ProfileError
        None of the three was measured, or what `score` refuses.

    Source
    ------
    MetricNet customer experience scorecard: the three metrics and the method are public, weights and ends are not; both
    are proposals of our own.
    """
    peers = profile if isinstance(profile, Profile) else load_profile(profile)
    measured = read_measures(measures, group=group)
    chosen = [found for name in TRIAD if (found := _chosen(measured, peers.metric(name), name)) is not None]
    if not chosen:
        raise ProfileError(problem("measures", "none of the triad", f"one of {', '.join(TRIAD)}", "measure them"))
    entries = [_entry(measure, peers, low_confidence=low_confidence) for measure in chosen]
    notes = _scale_notes(entries)
    absent = [name for name in TRIAD if name not in {measure.metric for measure in chosen}]
    entries += [_absent(peers.metric(name), name) for name in absent]
    if len({_surveyed(measure.variant) for measure in chosen}) > 1:
        notes.append(
            "Some of the three count those who answered a survey, others all customers; the two are not alike."
        )
    own = replace(
        peers,
        title=f"Satisfaction, effort and recommendation among: {peers.title}",
        metrics=tuple(entries),
        missing=missing or "reweight",
        figures=(),
    )
    card = score(
        measures,
        profile=own,
        group=group,
        replications=replications,
        confidence=confidence,
        low_confidence=low_confidence,
    )
    return replace(card, notes=(*notes, *card.notes))


def _chosen(measured: list[Measure], entry: ProfileMetric | None, name: str) -> Measure | None:
    """The measure of a metric: in the profile's variant, else the first."""
    of = [measure for measure in measured if measure.metric == name]
    same = [measure for measure in of if entry is not None and measure.variant == entry.variant]
    return next(iter(same or of), None)


def _surveyed(variant: str) -> bool:
    return variant.rpartition("_")[2] == "surveyed"


def _entry(measure: Measure, peers: Profile, *, low_confidence: bool) -> ProfileMetric:
    """One of the three with a third of the weight and its ends: of the scale where the peers give none."""
    entry = peers.metric(measure.metric)
    same = entry if entry is not None and entry.variant == measure.variant else None
    plain = ProfileMetric(measure.metric, measure.variant, 1.0 / 3.0, measure.unit)
    if same is not None:
        plain = replace(
            plain, cells=same.cells, peers=same.peers, target=same.target, source_variant=same.source_variant
        )
        worst, best = (quantile(same, share=share, low_confidence=low_confidence) for share in (0.1, 0.9))
        if worst is not None and best is not None and worst.value < best.value:
            return replace(plain, worst=_line(worst, "p10"), best=_line(best, "p90"))
    low, high = SCALES.get((measure.metric, measure.unit), (0.0, 1.0))
    ends = [Line(value, "filled", "", END_OF_SCALE) for value in (low, high)]
    return replace(plain, worst=ends[0], best=ends[1])


def _scale_notes(entries: list[ProfileMetric]) -> list[str]:
    """That some of the three say nothing about the peers, and which."""
    named = [
        f"{name_of(entry.name, entry.variant)} from {_end(entry.worst, entry)} to {_end(entry.best, entry)}"
        for entry in entries
        if entry.worst is not None and entry.best is not None and entry.worst.note == END_OF_SCALE
    ]
    if not named:
        return []
    return [
        "Nothing is published on how the best and the worst tenth of the peers do in these, so they are scored between "
        f"the ends of their scale, which says nothing about the peers: {', '.join(named)}."
    ]


def _end(line: Line, entry: ProfileMetric) -> str:
    return f"{line.value:.0%}" if entry.unit == "1" else f"{line.value:g}"


def _line(reading: Reading, statistic: str) -> Line:
    if reading.provenance == "filled":
        return Line(reading.value, "filled", "", f"{statistic} read from: {reading.basis}")
    return Line(reading.value, reading.provenance, statistic)


def _absent(entry: ProfileMetric | None, name: str) -> ProfileMetric:
    """A metric that was not measured, so that it is named among what is missing."""
    unit, variant = (entry.unit, entry.variant) if entry is not None else ("points", "")
    low, high = SCALES.get((name, unit), (0.0, 1.0))
    cells = entry.cells if entry is not None else ()
    ends = [Line(value, "filled", "", END_OF_SCALE) for value in (low, high)]
    return ProfileMetric(name, variant, 1.0 / 3.0, unit, worst=ends[0], best=ends[1], cells=cells)
