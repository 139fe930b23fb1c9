"""Whether a profile makes sense: its weights, directions, ranges and scores, and what it leaves out or counts twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from cxsim.benchmarks.checks import Register, known_metrics, register_problems, weight_problems
from cxsim.benchmarks.position import shortfall
from cxsim.benchmarks.profile import Profile, ProfileMetric
from cxsim.benchmarks.sensitivity import CHANGE, leverage, reach, reversals
from cxsim.errors import problem
from cxsim.metrics.metric import Metric

if TYPE_CHECKING:
    from cxsim.benchmarks.card import Scorecard

CATEGORIES: Final = ("process", "result", "effort", "financial", "employee")
# Two names of one fact, or a part beside its whole.
SAME_FACT: Final = (
    ("first_contact_resolution", "repeat_contact_rate"),
    ("first_contact_resolution", "contacts_per_case"),
    ("repeat_contact_rate", "contacts_per_case"),
    ("resolution_rate", "unresolved_rate"),
    ("answer_rate", "abandonment_rate"),
    ("service_level", "schedule_of_waits"),
    ("service_level", "wait_quantile"),
    ("average_speed_of_answer", "wait_quantile"),
    ("longest_wait", "wait_quantile"),
    ("average_handle_time", "talk_time"),
    ("average_handle_time", "after_call_work"),
    ("average_handle_time", "hold_time"),
    ("transfer_rate", "transfers_per_contact"),
    ("transfer_rate", "escalation_rate"),
    ("backlog", "backlog_ratio"),
    ("occupancy", "utilisation"),
    ("cost_per_contact", "cost_per_resolution"),
    ("churn_rate", "customer_lifetime_value"),
    ("cx_score", "customer_satisfaction"),
    ("cx_score", "customer_effort_score"),
    ("cx_score", "net_promoter_score"),
)
# A single weight above this decides more than all others can make up for; a proposal of our own, as is the next.
HEAVY: Final = 0.4
# A total that weights changed by a fifth move further than this is no firm number.
MOST_REACH: Final = 0.1
# Ends nearer to each other than this share of their size are crossed by noise.
NARROW: Final = 0.02
_STEPS: Final = 41


def lint(
    profile: Profile, *, register: Register | None = None, cards: Mapping[str, Scorecard] | None = None
) -> list[str]:
    """What a reader of the scorecard should know before trusting it, one line each; empty if nothing.

    Parameters
    ----------
    profile : Profile
    register : mapping of str to Metric, optional
        Default the catalogue.
    cards : mapping of label to Scorecard, optional
        Scorecards against this profile: how far their totals hang on the weights, and whether their order does.

    Source
    ------
    COPC's rules for balanced scorecards, and mistakes found in published templates.
    """
    register = known_metrics() if register is None else register
    where = f"profile {profile.name}"
    found = [
        *weight_problems(profile, where=where),
        *register_problems(profile, where=where, register=register),
        *_coverage(profile, where, register),
        *_twice(profile, where),
    ]
    for entry in profile.metrics:
        found += _range_problems(entry, where, register.get(entry.name))
    found += _rests_on(profile, where)
    found += _heavy(profile, where)
    found += _of_peers(profile, where)
    return found if cards is None else found + _of_cards(profile, where, cards)


def _coverage(profile: Profile, where: str, register: Register) -> list[str]:
    """Categories of metrics that the profile leaves out."""
    present = {register[entry.name].category for entry in profile.metrics if entry.name in register}
    if not present:
        return []
    found = []
    kinds = {register[entry.name].kind for entry in profile.metrics if entry.name in register}
    if kinds != {"process", "result"}:
        absent = "result" if kinds == {"process"} else "process"
        found.append(problem(where, f"no {absent} metric", "process and result metrics both", f"add a {absent} metric"))
    further = [name for name in ("effort", "financial", "employee") if name not in present]
    if further:
        found.append(problem(where, f"nothing about {', '.join(further)}", f"metrics of {', '.join(CATEGORIES)}"))
    return found


def _twice(profile: Profile, where: str) -> list[str]:
    """Facts that are counted under two names."""
    return [
        problem(where, f"{first} and {second}", "one fact is counted once", "leave one out")
        for first, second in SAME_FACT
        if profile.metric(first) and profile.metric(second)
    ]


def _range_problems(entry: ProfileMetric, where: str, metric: Metric | None) -> list[str]:
    """Ends that are equal or too near, peers beyond the ends, and scores that move the wrong way."""
    place = f"{where}.metrics.{entry.name}"
    if entry.observed and not entry.lines:
        said = "worst and best are what is observed"
        return [problem(place, said, "ends that do not depend on who else is in the data", "give worst and best")]
    try:
        worst, best = entry.ends
    except ValueError as error:
        return [problem(place, str(error), "what its rule needs")]
    if worst[0] == best[0]:
        return [problem(place, f"worst and best are both {best[0]:g}", "worst and best that differ", "mend one")]
    found = []
    width = min(abs(worst[0] - best[0]), abs(worst[-1] - best[-1]))
    if width < NARROW * max(abs(value) for value in (*worst, *best)):
        found.append(
            problem(place, f"worst and best lie {width:g} apart", "ends that noise does not cross", "widen it")
        )
    first, third = entry.cell("q1"), entry.cell("q3")
    if entry.better != "band" and first and third and width <= third.value - first.value + 1e-12:
        said = "worst to best spans no more than the middle half of the peers"
        found.append(problem(place, said, "a range that most peers lie in", "the others count as worst or best"))
    better = metric.better if metric is not None else entry.better
    if not _monotone(entry, better):
        said = "its score does not rise as the metric improves"
        found.append(problem(place, said, f"a score that rises where {better} is better", "mend its line or rule"))
    return found


def _monotone(entry: ProfileMetric, better: str) -> bool:
    """Whether the score never falls on the way to best and does rise, tried on a grid beyond both ends."""
    worst, best = entry.ends
    ends = [value for value in (*worst, *best) if np.isfinite(value)]
    reach_of = max(ends) - min(ends) or abs(ends[0]) or 1.0
    grid = np.linspace(min(ends) - 0.5 * reach_of, max(ends) + 0.5 * reach_of, _STEPS).tolist()
    if better == "lower":
        grid.reverse()
    elif better == "band":
        grid.sort(key=lambda value: -shortfall(entry, value) / reach_of)
        above = [value for value in grid if value >= best[-1]]
        below = [value for value in grid if value <= best[0]]
        return all(_rises([entry.score(value) for value in side]) for side in (above, below) if side)
    return _rises([entry.score(value) for value in grid])


def _rises(scores: list[float]) -> bool:
    return bool(np.all(np.diff(scores) >= -1e-12)) and scores[-1] > scores[0]


def _rests_on(profile: Profile, where: str) -> list[str]:
    """Lines that are filled in, and variants that are assumed."""
    found = []
    filled = [entry.name for entry in profile.metrics if any(line.provenance == "filled" for line in entry.lines)]
    if filled:
        said = f"{len(filled)} of {len(profile.metrics)} metrics are scored on filled lines: {', '.join(filled)}"
        found.append(problem(where, said, "a published range where one exists"))
    assumed = [f"{entry.name}:{entry.variant}" for entry in profile.metrics if entry.source_variant == "unstated"]
    if assumed:
        found.append(
            problem(where, f"the source states no variant of {', '.join(assumed)}", "an assumed variant is said")
        )
    return found


def _heavy(profile: Profile, where: str) -> list[str]:
    """Single weights that decide the total."""
    moves = leverage([entry.weight for entry in profile.metrics])
    return [
        problem(
            f"{where}.metrics.{entry.name}.weight",
            f"{entry.weight:.0%}, of which a fifth more moves the total by up to {100 * move:.1f} points",
            f"up to {HEAVY:.0%}",
            "spread the weights",
        )
        for entry, move in zip(profile.metrics, moves, strict=True)
        if entry.weight > HEAVY and len(profile.metrics) > 2
    ]


def _of_peers(profile: Profile, where: str) -> list[str]:
    """Named peers whose order hangs on the weights."""
    scores: dict[str, dict[str, float]] = {}
    for entry in profile.metrics:
        if entry.lines or entry.rule != "linear":
            for peer in entry.peers:
                scores.setdefault(peer.name, {})[entry.name] = entry.score(peer.value)
    complete = {name: found for name, found in scores.items() if len(found) == len(profile.metrics)}
    return _reversal_lines(profile, where, complete)


def _of_cards(profile: Profile, where: str, cards: Mapping[str, Scorecard]) -> list[str]:
    """Totals that the weights move, and orders that they turn."""
    weights = {entry.name: entry.weight for entry in profile.metrics}
    scores = {label: {row.metric: row.score for row in card.rows} for label, card in cards.items()}
    found = []
    for label, of in scores.items():
        low, high = reach(of, weights=weights)
        said = f"the total of {label} is {100 * low:.1f} to {100 * high:.1f} for weights changed by up to {CHANGE:.0%}"
        if high - low > MOST_REACH:
            found.append(problem(where, said, f"a range of up to {100 * MOST_REACH:.0f} points"))
    return found + _reversal_lines(profile, where, scores)


def _reversal_lines(profile: Profile, where: str, scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    weights = {entry.name: entry.weight for entry in profile.metrics}
    return [
        problem(where, f"{ahead} is ahead of {behind} only by the weights", f"an order that weights changed by up to "
                f"{CHANGE:.0%} do not turn", "call them equal")
        for ahead, behind in reversals(scores, weights=weights)
    ]  # fmt: skip
