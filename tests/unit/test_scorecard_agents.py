"""Agents are judged against what chance does, and nobody is ranked on noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support.cards import group_of, line, scored

from cxsim.benchmarks.agent_spread import chance_limits, spread_of
from cxsim.benchmarks.agents import AgentScorecard, agent_scorecard
from cxsim.benchmarks.measures import read_measures
from cxsim.benchmarks.profile import Band, ProfileMetric
from cxsim.errors import ProfileError

PROFILE = group_of(scored("resolved", 1.0, 0.4, 0.9))


def share(agent: str, hits: float, n: float, **rest: Any) -> dict[str, Any]:
    plain = {"metric": "resolved", "variant": "default", "group": agent, "unit": "1", "better": "higher"}
    return {**plain, "kind": "result", "value": hits / n, "numerator": hits, "denominator": n, "n": n, **rest}


def mean(agent: str, value: float, n: float, error: float | None, **rest: Any) -> dict[str, Any]:
    plain = {"metric": "time", "variant": "default", "group": agent, "unit": "s", "better": "lower", "kind": "process"}
    return {**plain, "value": value, "numerator": value * n, "denominator": n, "n": n, "standard_error": error, **rest}


def verdicts(card: AgentScorecard) -> dict[str, str]:
    return {agent.agent: agent.verdict for agent in card.agents}


def own_verdicts(card: AgentScorecard) -> dict[str, str]:
    """Verdicts on the only metric, where there is one."""
    return {agent.agent: agent.values[0].verdict for agent in card.agents}


def test_twins_of_unlike_luck_are_not_ranked() -> None:
    """Forty agents who all resolve with 0.7: their values lie far apart, and no one is called better or worse."""
    rng = np.random.default_rng(11)
    table = pd.DataFrame([share(f"a{number}", float(rng.binomial(80, 0.7)), 80.0) for number in range(40)])
    assert np.ptp(table["value"]) > 0.15
    card = agent_scorecard(table, profile=PROFILE)
    assert set(verdicts(card).values()) == {"like the team"}
    assert {agent.rank for agent in card.agents} == {1}
    assert [agent.agent for agent in card.agents] == sorted(agent.agent for agent in card.agents)


def test_chance_alone_seldom_calls_anybody_better_or_worse() -> None:
    """At 95 % for all together at most one team in twenty has a false call; 120 teams give six, and its spread."""
    rng = np.random.default_rng(5)
    called = 0
    for _ in range(120):
        hits = rng.binomial(60, 0.7, size=12)
        card = agent_scorecard(
            pd.DataFrame([share(f"a{i}", float(h), 60.0) for i, h in enumerate(hits)]), profile=PROFILE
        )
        called += any(value.verdict in ("better", "worse") for agent in card.agents for value in agent.values)
    assert called <= 120 * 0.05 + 3 * math.sqrt(120 * 0.05 * 0.95)


def test_a_true_difference_is_found_and_ranked() -> None:
    rows = [share(f"a{number}", 140.0, 200.0) for number in range(8)]
    rows += [share("best", 190.0, 200.0), share("worst", 90.0, 200.0)]
    card = agent_scorecard(pd.DataFrame(rows), profile=PROFILE)
    found = verdicts(card)
    assert (found["best"], found["worst"]) == ("better", "worse")
    assert own_verdicts(card) == found
    assert {verdict for name, verdict in found.items() if name.startswith("a")} == {"like the team"}
    assert {agent.agent: agent.rank for agent in card.agents} == {
        "best": 1, "worst": 10, **{f"a{number}": 2 for number in range(8)},
    }  # fmt: skip
    assert card.agents[0].agent == "best"
    assert "1 are better and 1 worse" in card.notes[0]


def test_lower_is_better_turns_the_verdict_round() -> None:
    profile = group_of(scored("time", 1.0, 600.0, 200.0, unit="s"))
    rows = [mean(f"a{number}", 400.0, 300.0, 10.0) for number in range(4)]
    rows += [mean("quick", 300.0, 300.0, 10.0), mean("slow", 500.0, 300.0, 10.0)]
    card = agent_scorecard(pd.DataFrame(rows), profile=profile)
    found = verdicts(card)
    assert (found["quick"], found["slow"]) == ("better", "worse")
    assert own_verdicts(card) == found


def test_in_a_band_an_agent_only_differs() -> None:
    band = Band(line(100.0), line(300.0), line(500.0), line(900.0))
    profile = group_of(ProfileMetric("time", "default", 1.0, "s", band=band))
    rows = [mean(f"a{number}", 400.0, 300.0, 10.0, better="band") for number in range(6)]
    rows += [mean("quick", 300.0, 300.0, 10.0, better="band")]
    card = agent_scorecard(pd.DataFrame(rows), profile=profile)
    assert next(agent for agent in card.agents if agent.agent == "quick").values[0].verdict == "differs"


def test_few_observations_are_shown_and_not_judged() -> None:
    rows = [share(f"a{number}", 70.0, 100.0) for number in range(3)] + [share("new", 5.0, 29.0)]
    card = agent_scorecard(pd.DataFrame(rows), profile=PROFILE)
    new = card.agents[-1]
    assert (new.agent, new.verdict, new.total, new.rank) == ("new", "too few", None, None)
    assert new.values[0].value == pytest.approx(5 / 29)
    assert verdicts(agent_scorecard(pd.DataFrame(rows), profile=PROFILE, minimum={"share": 29}))["new"] == "worse"


def test_a_quantile_needs_ten_and_is_not_judged_without_an_error() -> None:
    profile = group_of(scored("time", 1.0, 600.0, 200.0, unit="s"))
    rows = [mean(name, 400.0, n, None) | {"numerator": math.nan} for name, n in (("few", 9.0), ("some", 10.0))]
    assert verdicts(agent_scorecard(pd.DataFrame(rows), profile=profile)) == {
        "few": "too few",
        "some": "spread unknown",
    }


def test_a_mean_without_a_standard_error_is_not_judged() -> None:
    profile = group_of(scored("time", 1.0, 600.0, 200.0, unit="s"))
    rows = [mean(f"a{number}", 300.0 + 50 * number, 300.0, None) for number in range(4)]
    card = agent_scorecard(pd.DataFrame(rows), profile=profile)
    assert set(verdicts(card).values()) == {"spread unknown"}
    assert any("without a standard error" in note for note in card.notes)


def test_the_team_is_a_ratio_of_sums() -> None:
    rows = [share("a", 90.0, 100.0), share("b", 150.0, 300.0)]
    card = agent_scorecard(pd.DataFrame(rows), profile=PROFILE)
    assert {value.team for agent in card.agents for value in agent.values} == {240 / 400}


def test_what_nobody_answered_is_no_agent() -> None:
    rows = [share("a", 70.0, 100.0), share("b", 75.0, 100.0), share("nobody", 0.0, 500.0), share("", 145.0, 700.0)]
    assert set(verdicts(agent_scorecard(pd.DataFrame(rows), profile=PROFILE))) == {"a", "b"}


@pytest.mark.parametrize(("p", "n"), [(0.7, 60), (0.02, 30), (0.99, 45), (0.5, 400)])
def test_limits_of_a_share_hold_what_the_binomial_law_gives(p: float, n: int) -> None:
    measure = read_measures(pd.DataFrame([share("a", float(n), float(n))]), group="a")[0]
    low, high = chance_limits(measure, team=p, confidence=0.95)
    assert low is not None
    assert high is not None
    law = stats.binom(n, p)
    assert law.cdf(round(low * n) - 1) <= 0.025
    assert law.sf(round(high * n)) <= 0.025
    assert (law.cdf(round(low * n)) > 0.025, law.sf(round(high * n) - 1) > 0.025) == (True, True)


def test_the_spread_of_twins_is_what_chance_gives() -> None:
    """Over many teams of equals the observed variance is on average the one that is said to be by chance."""
    rng = np.random.default_rng(2)
    ratios = []
    one = read_measures(pd.DataFrame([share("a", 56.0, 80.0)]), group="a")[0]
    for _ in range(4000):
        hits = rng.binomial(80, 0.7, size=5)
        measures = [one._replace(value=h / 80, numerator=float(h)) for h in hits]
        spread = spread_of("resolved", "default", measures, team=float(hits.sum()) / 400)
        assert spread.observed is not None
        assert spread.by_chance is not None
        ratios.append(spread.observed**2 / spread.by_chance**2)
    assert np.mean(ratios) == pytest.approx(1.0, abs=4 * np.std(ratios) / math.sqrt(4000))


def test_a_log_gives_errors_of_means_from_stretches_of_time() -> None:
    from cxsim.trial import simulate

    log = simulate("it_service_desk", seed=2, engine="process")
    card = agent_scorecard(log, profile="it_service_desk")
    handled = card.to_frame().query("metric == 'average_handle_time' and n >= 100")
    assert len(handled) > 0
    assert handled["low"].notna().all()
    # Handle times have a CV near one, so the half width is near t(9) at the level of many looks times mean / root n.
    width = (handled["high"] - handled["low"]) / 2
    plain = handled["value"] / np.sqrt(handled["n"])
    assert 1.0 < np.median(width / plain) < 8.0
    assert len(card.totals()) == len(card.agents)
    assert "more than chance" in card.to_text()


@pytest.mark.parametrize(
    ("rows", "minimum", "said"),
    [
        ([share("", 5.0, 9.0)], None, "no agent"),
        ([share("a", 5.0, 9.0, metric="other")], None, "no metric of the profile"),
        ([share("a", 5.0, 9.0)], {"shares": 5}, "kinds: share, mean, quantile"),
    ],
)
def test_what_cannot_be_judged_is_refused(rows: list[dict[str, Any]], minimum: Any, said: str) -> None:
    with pytest.raises(ProfileError, match=said):
        agent_scorecard(pd.DataFrame(rows), profile=PROFILE, minimum=minimum)
