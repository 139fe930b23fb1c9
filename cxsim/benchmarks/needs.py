"""Whether a metric of a profile has what its scoring rule needs, and nothing that the rule would ignore."""

from __future__ import annotations

from typing import Final

from cxsim.benchmarks.fields import Fields
from cxsim.benchmarks.position import placeable
from cxsim.benchmarks.profile import ProfileMetric
from cxsim.benchmarks.rules import NEEDS

_LINES: Final = ("worst", "best", "band", "bands")
_USED: Final = {
    "linear": ("worst", "best", "band"),
    "bounded_0_10": ("worst", "best"),
    "banded": ("bands",),
}


def check_needs(fields: Fields, metric: ProfileMetric) -> None:
    """Note what of the lines is absent, in the way, or against the metric's direction."""
    for key in _LINES:
        if key in fields and key not in _USED.get(metric.rule, ()):
            needs = NEEDS[metric.rule]
            fields.note(
                key, "given", f"the rule {metric.rule} is scored on {needs}", "leave it out, or change the rule"
            )
    if metric.rule in ("linear", "bounded_0_10"):
        _check_ends(fields, metric)
    elif metric.rule == "banded":
        if "bands" not in fields:
            fields.note("bands", "not given", "edges from worst to best: [0, 4000, 6000, 12000]")
    elif metric.better == "band":
        fields.note("better", "not given", f"the rule {metric.rule} needs a direction, higher or lower")
    elif metric.rule in ("goal_ratio", "less_is_better"):
        _check_target(fields, metric)
    else:
        _check_peers(fields, metric)
    if metric.band and metric.target:
        fields.note("target", "given beside band", "the band is the target", "leave one out")


def _check_ends(fields: Fields, metric: ProfileMetric) -> None:
    """Either both ends or a band, not both and not half; or neither where what is observed gives them."""
    if metric.observed:
        if metric.better == "band":
            fields.note("", "no line given", "a metric in a band has no ends to be observed", "give band, or better")
        return
    ends = ("worst" in fields) + ("best" in fields)
    if ("band" in fields) == (ends > 0) or ends == 1:
        said = ", ".join(key for key in ("worst", "best", "band") if key in fields) or "no line"
        remedy = "give the line the metric is scored on, or ask for it with blank_lines: observed"
        fields.note("", f"{said} given", "either worst and best, or band", remedy)
    if metric.worst and metric.best and metric.worst.value == metric.best.value:
        fields.note("worst", f"{metric.worst.value:g}, equal to best", "worst and best that differ", "mend one")
    elif metric.worst and metric.best and metric.direction not in (None, metric.better):
        said = f"{metric.direction}, but worst to best says {metric.better}"
        fields.note("better", said, "one direction", "swap worst and best, or leave better out")


def _check_target(fields: Fields, metric: ProfileMetric) -> None:
    """A goal that can be divided by, in the direction that the rule knows."""
    if metric.target is None:
        if "target" not in fields:
            fields.note("target", "not given", f"the rule {metric.rule} is scored on it")
    elif metric.target.value <= 0.0 and metric.rule == "goal_ratio":
        fields.note("target", f"{metric.target.value:g}", "a goal above 0, for a ratio to it")
    elif metric.target.value < 0.0:
        fields.note("target", f"{metric.target.value:g}", "a target of 0 or more")
    if metric.rule == "less_is_better" and metric.better != "lower":
        fields.note("rule", "less_is_better", f"better is {metric.better} here", "choose goal_ratio")


def _check_peers(fields: Fields, metric: ProfileMetric) -> None:
    """Peers' figures that a place among them can be read from."""
    if metric.rule == "normalised_with_bias":
        low, high = metric.cell("min"), metric.cell("max")
        if low is None or high is None or low.value >= high.value:
            fields.note("cells", "no min below a max", "the rule normalised_with_bias is scored on both")
        return
    if not placeable(metric):
        allowed = "quantiles, cumulative shares, min with mean and max, or two or more peers, not of low confidence"
        fields.note("cells", "no distribution of the peers", allowed)
