"""Each metric of a profile with its measure, what is missing, and a refusal of different definitions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from cxsim.benchmarks.card import Missing
from cxsim.benchmarks.measures import Measure
from cxsim.benchmarks.profile import Profile, ProfileMetric
from cxsim.errors import NothingToScore, ProfileError, problem

if TYPE_CHECKING:
    import pandas as pd

UNSTATED: Final = "not stated in the scenario, so it cannot be known"
Found = tuple[ProfileMetric, Measure]


def match(
    measures: list[Measure], profile: Profile, *, observed: pd.DataFrame
) -> tuple[list[Found], tuple[Missing, ...]]:
    """Metrics with a value, and those that are missing.

    Parameters
    ----------
    measures : list of Measure
    profile : Profile
    observed : DataFrame
        Metric, variant and value of everybody whom metrics without worst and best are scored among.

    Raises
    ------
    ProfileError
        Another variant, unit or direction than the profile's, or two rows of one metric, all of them together; nothing
        to score at all.
    """
    found: list[Found] = []
    missing: list[Missing] = []
    problems = []
    for entry in profile.metrics:
        of_name = [measure for measure in measures if measure.metric == entry.name]
        same = [measure for measure in of_name if measure.variant == entry.variant]
        if of_name and not same:
            problems.append(_other_variant(entry, of_name, profile))
            continue
        reason = "" if same else "not measured"
        if same and (refused := _refused(entry, same)):
            problems.append(refused)
            continue
        if same and not math.isfinite(same[0].value):
            reason = "no value: nothing was observed" if math.isnan(same[0].value) else "its value is not finite"
            reason = UNSTATED if same[0].unstated else reason
        ended = _on_observed(entry, observed) if not reason else entry
        if ended is None:
            reason = "worst and best are what is observed, and all values are equal"
        if reason or ended is None:
            missing.append(Missing(entry.name, entry.variant, entry.weight, reason))
        else:
            found.append((ended, same[0]))
    if not found and not problems:
        reasons = ", ".join(f"{gap.metric} ({gap.reason})" for gap in missing)
        given = f"nothing to score: {reasons}"
        raise NothingToScore(problem(f"profile {profile.name}", given, "a metric of the profile"))
    if problems:
        raise ProfileError(problems)
    return found, tuple(missing)


def _on_observed(entry: ProfileMetric, observed: pd.DataFrame) -> ProfileMetric | None:
    """The metric with ends, from what is observed if it has none of its own; None if all values are equal."""
    if not entry.observed or entry.lines:
        return entry
    same = (observed["metric"] == entry.name) & (observed["variant"] == entry.variant)
    values = [float(value) for value in observed.loc[same, "value"] if math.isfinite(value)]
    return entry.on_observed(values)


def _other_variant(entry: ProfileMetric, of_name: list[Measure], profile: Profile) -> str:
    given = ", ".join(sorted({measure.variant for measure in of_name}))
    return problem(
        f"measures.{entry.name}",
        f"measured as variant '{given}'",
        f"profile {profile.name} compares variant '{entry.variant}'",
        f"measure {entry.name}:{entry.variant}",
    )


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
