"""What chance alone does between agents: limits around the team's value, and the part of a spread that it explains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import bdtr, ndtri, stdtrit

from cxsim.benchmarks.measures import Measure
from cxsim.benchmarks.profile import Profile
from cxsim.contacts.log import ContactLog
from cxsim.errors import MetricUnavailable
from cxsim.metrics.measure import measure, unavailable
from cxsim.metrics.selection import default_span

BLOCKS: Final = 10
_KEY: Final = ["metric", "variant", "group"]


class Spread(NamedTuple):
    """Standard deviation between agents as observed and as chance gives it, in the metric's unit.

    `reliability` is the share of the observed variance that is more than chance, 0 where chance explains all of it;
    None with fewer than two agents or where chance is not known.
    """

    metric: str
    variant: str
    n_agents: int
    team: float
    observed: float | None
    by_chance: float | None
    reliability: float | None


def chance_limits(measure: Measure, *, team: float, confidence: float) -> tuple[float | None, float | None]:
    """Where an agent whose true value is the team's lies with a given probability, at this number of observations.

    A share of counted contacts follows the binomial law; any other value the normal law with its standard error,
    Student's with replications. None where neither is known.

    Source
    ------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance.
    """
    if measure.is_share and 0.0 <= team <= 1.0:
        n, tail = int(measure.n), (1.0 - confidence) / 2.0
        hits = np.arange(n + 1)
        below = bdtr(hits, n, team)  # probability of at most so many
        low, high = np.searchsorted(below, [tail, 1.0 - tail]).tolist()
        return int(low) / n, min(int(high), n) / n
    error = measure.standard_error
    if not math.isfinite(error) or error == 0.0:
        return None, None
    freedom, p = measure.replications - 1, 0.5 + confidence / 2
    half = error * float(stdtrit(freedom, p) if freedom > 0 else ndtri(p))
    return team - half, team + half


def spread_of(metric: str, variant: str, measures: Sequence[Measure], *, team: float) -> Spread:
    """Spread of the agents' values around the team's, and what chance alone would give.

    Each agent counts by its observations, so that one of whom little is known does not make the spread.
    """
    known = [(m, variance) for m in measures if (variance := _variance(m, team)) is not None]
    if len(known) < 2:
        return Spread(metric, variant, len(known), team, None, None, None)
    weights = np.array([m.n for m, _ in known])
    weights = weights / weights.sum()
    squares = np.array([(m.value - team) ** 2 for m, _ in known])
    observed = float(np.sum(weights * squares))
    by_chance = float(np.sum(weights * np.array([variance for _, variance in known])))
    # The team's value is made of these agents, which takes some of the chance away.
    by_chance *= 1.0 - float(np.sum(weights**2))
    reliability = 0.0 if observed <= by_chance else 1.0 - by_chance / observed
    return Spread(metric, variant, len(known), team, math.sqrt(observed), math.sqrt(by_chance), reliability)


def _variance(measure: Measure, team: float) -> float | None:
    if measure.is_share and 0.0 <= team <= 1.0:
        return team * (1.0 - team) / measure.n
    return measure.standard_error**2 if math.isfinite(measure.standard_error) else None


def with_errors(log: ContactLog, profile: Profile) -> pd.DataFrame:
    """Measures of a log by agent, means with a standard error from stretches of time of equal length.

    Raises
    ------
    MetricUnavailable
        The log gives none of the profile's metrics by agent.
    """
    wanted = [f"{entry.name}:{entry.variant}" for entry in profile.metrics]
    refused = unavailable(log, wanted, by="agent")
    absent = set(refused["metric"] + ":" + refused["variant"])
    given = [name for name in wanted if name not in absent]
    if not given:
        raise MetricUnavailable([str(reason) for reason in refused["reason"]])
    table = measure(log, given, by="agent")
    begin, end = default_span(log)
    edges = np.linspace(begin, end, BLOCKS + 1)
    blocks = [measure(log, given, by="agent", window=(float(a), float(b))) for a, b in pairwise(edges)]
    errors = _errors(table, pd.concat(blocks, ignore_index=True))
    keys = [tuple(str(part) for part in key) for key in table[_KEY].itertuples(index=False)]
    return table.assign(
        standard_error=[errors.get(key, (math.nan, 0))[0] for key in keys],
        # Student's law with one observation a stretch of time.
        replications=[errors.get(key, (math.nan, 0))[1] for key in keys],
    )


def _errors(table: pd.DataFrame, blocks: pd.DataFrame) -> dict[tuple[str, ...], tuple[float, int]]:
    """Standard error of each ratio of sums that is no counted share, by how blocks vary, and the number of blocks.

    Source
    ------
    Cochran (1977), Sampling techniques, chapter 6: variance of a ratio by linearisation.
    """
    whole = {tuple(str(record[part]) for part in _KEY): record for record in table.to_dict("records")}
    found = {}
    for names, part in blocks.groupby(_KEY, sort=False):
        key = tuple(str(name) for name in names)
        row, seen = whole[key], part[part["denominator"] > 0]
        k = len(seen)
        counted = row["unit"] == "1" and row["denominator"] == row["n"]
        if counted or k < BLOCKS // 2 or not math.isfinite(row["numerator"]):
            continue
        residuals = (seen["numerator"] - row["value"] * seen["denominator"]).to_numpy(dtype=float)
        error = math.sqrt(k / (k - 1) * float(np.sum(residuals**2))) / float(seen["denominator"].sum())
        if error > 0.0:
            found[key] = error, k
    return found
