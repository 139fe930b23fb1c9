"""A scorecard for each agent that ranks nobody on noise: what chance alone would spread is said beside every value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from cxsim.benchmarks.agent_card import Agent as Agent
from cxsim.benchmarks.agent_card import AgentScorecard as AgentScorecard
from cxsim.benchmarks.agent_card import AgentValue as AgentValue
from cxsim.benchmarks.agent_card import Verdict
from cxsim.benchmarks.agent_spread import Spread, chance_limits, spread_of, with_errors
from cxsim.benchmarks.card import ENOUGH
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.measures import MINIMUM, Measure, Sort, groups_of, interval, read_measures
from cxsim.benchmarks.profile import Profile, ProfileMetric
from cxsim.benchmarks.total import combined
from cxsim.contacts.log import ContactLog
from cxsim.errors import ProfileError, problem

# What nobody answered stands under this name, and says nothing about an agent.
NOBODY: Final = "nobody"


class _Judging(NamedTuple):
    """Level of one comparison, after the share for looking at many, and the least observations."""

    level: float
    minimum: Mapping[Sort, int]


def agent_scorecard(
    by_agent: pd.DataFrame | ContactLog,
    *,
    profile: Profile | str | Path,
    confidence: float = 0.95,
    minimum: Mapping[Sort, int] | None = None,
) -> AgentScorecard:
    """Value, score and verdict of each agent, and the spread to be expected by chance.

    An agent is called better or worse only if the difference from the team is more than chance gives the most extreme
    of so many agents (Bonferroni). Those on one side of the team share a rank.

    Parameters
    ----------
    by_agent : DataFrame or ContactLog
        Of agents who do the same work: whoever has the harder contacts is otherwise called worse for them.
        Tidy table with one group an agent, as `measure(log, ..., by='agent')` gives, with numerator, denominator, n,
        and standard_error where known; or a log: its standard errors are estimated from ten stretches of time.
    profile : Profile, str or Path
        Lines, rules and weights; metrics that are not in the table count as missing.
    confidence : float
        Of all verdicts on one metric, or on the totals, together.
    minimum : mapping, optional
        Least observations for a 'share', a 'mean' and a 'quantile'; default 30, 30 and 10.

    Raises
    ------
    ProfileError
        No agent, no metric of the profile, or a kind of metric that `minimum` does not know.

    Source
    ------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance; MetricNet's agent scorecard for the
    scores. Minimum numbers and the shared place are proposals of our own.
    """
    peers = profile if isinstance(profile, Profile) else load_profile(profile)
    unknown = [kind for kind in minimum or {} if kind not in MINIMUM]
    if unknown:
        raise ProfileError(problem("agent_scorecard.minimum", ", ".join(unknown), f"kinds: {', '.join(MINIMUM)}"))
    table = with_errors(by_agent, peers) if isinstance(by_agent, ContactLog) else by_agent
    names = [name for name in groups_of(table) if name != NOBODY]
    of = {name: {(m.metric, m.variant): m for m in read_measures(table, group=name)} for name in names}
    entries = [entry for entry in peers.metrics if any((entry.name, entry.variant) in found for found in of.values())]
    if not names or not entries:
        said = "no agent" if not names else "no metric of the profile in its variant"
        raise ProfileError(problem("agents", said, "a table with one group an agent", "measure(log, by='agent')"))
    level = 1.0 - (1.0 - confidence) / len(names)
    judging = _Judging(level, {**MINIMUM, **(minimum or {})})
    teams = {entry.name: _team(of, entry) for entry in entries}
    agents = [_agent(name, of[name], entries, teams, judging) for name in names]
    spread = tuple(_spread(entry, agents, of) for entry in entries)
    ranked = _ranked(agents)
    return AgentScorecard(peers.name, peers.title, ranked, spread, confidence, _notes(ranked, spread, peers, entries))


def _team(of: Mapping[str, Mapping[tuple[str, str], Measure]], entry: ProfileMetric) -> float:
    """The team's value: ratio of sums; for a quantile the median of the agents, for want of the observations."""
    found = [measures[key] for measures in of.values() if (key := (entry.name, entry.variant)) in measures]
    known = [measure for measure in found if math.isfinite(measure.value)]
    counted = [measure for measure in known if measure.sort != "quantile"]
    if counted:
        return math.fsum(m.numerator for m in counted) / math.fsum(m.denominator for m in counted)
    return float(pd.Series([measure.value for measure in known], dtype=float).median())


def _agent(
    name: str,
    measures: Mapping[tuple[str, str], Measure],
    entries: Sequence[ProfileMetric],
    teams: Mapping[str, float],
    judging: _Judging,
) -> Agent:
    """One agent's values, and the total over those with enough observations."""
    values, counted = [], []
    for entry in entries:
        measure = measures.get((entry.name, entry.variant))
        if measure is None or not math.isfinite(measure.value):
            continue
        value = _value(name, measure, entry, teams[entry.name], judging)
        values.append(value)
        if value.verdict != "too few":
            counted.append((entry, measure, value))
    present = math.fsum(entry.weight for entry, _, _ in counted)
    coverage = present / math.fsum(entry.weight for entry in entries)
    if coverage < ENOUGH:
        return Agent(name, None, None, None, None, coverage, "too few", None, tuple(values))
    rows = [_scored(entry, measure, value, present, judging) for entry, measure, value in counted]
    total = math.fsum(row.share * row.score for row in rows)
    team = math.fsum(entry.weight / present * entry.score(teams[entry.name]) for entry, _, _ in counted)
    if any(row.score_low is None for row in rows):
        return Agent(name, total, None, None, team, coverage, "spread unknown", None, tuple(values))
    low, high = combined(rows, total=total)
    assert low is not None
    assert high is not None
    verdict: Verdict = "better" if low > team else "worse" if high < team else "like the team"
    return Agent(name, total, low, high, team, coverage, verdict, None, tuple(values))


def _value(name: str, measure: Measure, entry: ProfileMetric, team: float, judging: _Judging) -> AgentValue:
    """One value against what chance alone gives around the team's."""
    low, high = chance_limits(measure, team=team, confidence=judging.level)
    n = 0 if math.isnan(measure.n) else int(measure.n)
    if n < judging.minimum[measure.sort]:
        verdict: Verdict = "too few"
    elif low is None or high is None:
        verdict = "spread unknown"
    elif low <= measure.value <= high:
        verdict = "like the team"
    elif entry.better == "band":
        verdict = "differs"
    else:
        verdict = "better" if (measure.value > high) == (entry.better == "higher") else "worse"
    points = entry.score(measure.value)
    return AgentValue(
        name, entry.name, entry.variant, entry.unit, measure.value, n, team, low, high, points, verdict
    )  # fmt: skip


class _Scored(NamedTuple):
    """What of a row the total's interval needs."""

    share: float
    score: float
    score_low: float | None
    score_high: float | None


def _scored(entry: ProfileMetric, measure: Measure, value: AgentValue, present: float, judging: _Judging) -> _Scored:
    """One metric's part of the total; None for the ends where the spread is unknown."""
    sure = interval(_without_ends(measure, judging.level), confidence=judging.level)
    if sure.low is None or sure.high is None:
        return _Scored(entry.weight / present, value.score, None, None)
    inside = [line.value for line in entry.lines if sure.low < line.value < sure.high]
    scores = [entry.score(number) for number in (sure.low, *inside, sure.high)]
    return _Scored(entry.weight / present, value.score, min(scores), max(scores))


def _without_ends(measure: Measure, level: float) -> Measure:
    """A measure without the interval of its table where a standard error gives one of the level asked for."""
    if math.isfinite(measure.standard_error) or measure.is_share:
        return measure._replace(low=math.nan, high=math.nan)
    return measure


def _spread(
    entry: ProfileMetric, agents: Sequence[Agent], of: Mapping[str, Mapping[tuple[str, str], Measure]]
) -> Spread:
    """How far the agents with enough observations lie apart in a metric, and how far chance alone puts them."""
    judged = [
        of[agent.agent][entry.name, entry.variant]
        for agent in agents
        for value in agent.values
        if value.metric == entry.name and value.verdict not in ("too few", "spread unknown")
    ]
    team = next((value.team for agent in agents for value in agent.values if value.metric == entry.name), math.nan)
    return spread_of(entry.name, entry.variant, judged, team=team)


def _ranked(agents: Sequence[Agent]) -> tuple[Agent, ...]:
    """In the order of what is known; only those who differ from the team have a place of their own."""
    better = sorted((a for a in agents if a.verdict == "better"), key=lambda a: -(a.total or 0.0))
    like = sorted((a for a in agents if a.verdict == "like the team"), key=lambda a: a.agent)
    worse = sorted((a for a in agents if a.verdict == "worse"), key=lambda a: -(a.total or 0.0))
    rest = sorted((a for a in agents if a.verdict in ("too few", "spread unknown")), key=lambda a: a.agent)
    ahead = len(better) + len(like)
    # Their order among each other may be noise too, so all on one side of the team share its place.
    return (
        *(replace(agent, rank=1) for agent in better),
        *(replace(agent, rank=len(better) + 1) for agent in like),
        *(replace(agent, rank=ahead + 1) for agent in worse),
        *rest,
    )


def _notes(
    agents: Sequence[Agent], spread: Sequence[Spread], profile: Profile, entries: Sequence[ProfileMetric]
) -> tuple[str, ...]:
    """What a reader must know before anybody is praised or blamed."""
    count = {verdict: sum(agent.verdict == verdict for agent in agents) for verdict in ("better", "worse")}
    notes = [
        f"Of {len(agents)} agents {count['better']} are better and {count['worse']} worse than the team by more than "
        "chance; the order among all others says nothing."
    ]
    missing = [entry.name for entry in profile.metrics if entry not in entries]
    if missing:
        notes.append(f"Not measured by agent, the others take the weight: {', '.join(missing)}.")
    for row in spread:
        if row.reliability is not None:
            beyond = f"{row.reliability:.0%} of the variance between {row.n_agents} agents"
            notes.append(f"{row.metric}: {beyond} is more than chance.")
    few = [agent.agent for agent in agents if agent.verdict == "too few"]
    if few:
        notes.append(f"Too few observations to judge: {', '.join(few)}.")
    unknown = [agent.agent for agent in agents if agent.verdict == "spread unknown"]
    if unknown:
        notes.append(f"Not judged, for a metric comes without a standard error: {', '.join(unknown)}.")
    return tuple(notes)
