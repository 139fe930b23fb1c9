"""What is said of each agent: values, total and verdict, and of the team how far its agents lie apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from cxsim.benchmarks.agent_spread import Spread

Verdict = Literal["better", "worse", "differs", "like the team", "too few", "spread unknown"]


@dataclass(frozen=True)
class AgentValue:
    """One agent's value of a metric; `low` to `high` is where chance alone puts an agent of the team's own quality.

    `differs` is the verdict on a metric that is neither better high nor low.
    """

    agent: str
    metric: str
    variant: str
    unit: str
    value: float
    n: int
    team: float
    low: float | None
    high: float | None
    score: float
    verdict: Verdict


@dataclass(frozen=True)
class Agent:
    """One agent's total over the metrics with enough observations; `coverage` is their share of the weight.

    `team` is the team's total on the same metrics. `rank` is shared by all who are better than the team by more than
    chance, by all who are like it and by all who are worse; None for those who cannot be judged.
    """

    agent: str
    total: float | None
    low: float | None
    high: float | None
    team: float | None
    coverage: float
    verdict: Verdict
    rank: int | None
    values: tuple[AgentValue, ...]


@dataclass(frozen=True)
class AgentScorecard:
    """Agents in the order better, like the team, worse, not judged; by name within each, for that order means nothing.

    `spread` has a row each metric: how far agents lie apart, and how much of it chance explains.
    """

    profile: str
    title: str
    agents: tuple[Agent, ...]
    spread: tuple[Spread, ...]
    confidence: float
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row an agent and metric."""
        return pd.DataFrame([asdict(value) for agent in self.agents for value in agent.values])

    def totals(self) -> pd.DataFrame:
        """One row an agent."""
        return pd.DataFrame([{k: v for k, v in asdict(agent).items() if k != "values"} for agent in self.agents])

    def to_text(self) -> str:
        """The agents and the notes as lines for a terminal."""
        width = max((len(agent.agent) for agent in self.agents), default=5)
        lines = [f"Agents against: {self.title} ({self.profile})", ""]
        for agent in self.agents:
            total = "-" if agent.total is None else f"{100 * agent.total:5.1f}"
            ends = (
                "" if agent.low is None or agent.high is None else f" ({100 * agent.low:.1f} to {100 * agent.high:.1f})"
            )
            lines.append(f"{agent.agent:<{width}}  {total}{ends}  {agent.verdict}")
        return "\n".join([*lines, "", *(f"- {note}" for note in self.notes)])
