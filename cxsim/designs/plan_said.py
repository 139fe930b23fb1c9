"""What designs that look for a plan say of a target: its value, and the end of its one-sided interval."""

from __future__ import annotations

import math

from cxsim.designs.estimate import Array
from cxsim.designs.targets import Target
from cxsim.printed import shown_level


def target_shown(target: Target, value: float) -> str:
    """A value of a target's metric for a sentence."""
    if math.isnan(value):
        return "not known"
    return f"{100.0 * value:.1f}%" if target.unit == "1" else f"{value:.4g} {target.unit}".strip()


def bound_said(target: Target, counted: Array, *, lower: float, confidence: float) -> str:
    """Value of a target on the fresh days, and the end of its one-sided interval.

    Parameters
    ----------
    counted : array [n_days, 2]
        Numerators and denominators.
    lower : float
        Lower confidence bound of the mean slack; NaN where it never varied.
    """
    value = target.value(counted[:, 0], counted[:, 1])
    low = lower / float(counted[:, 1].mean())
    bound = target.limit - low if target.at_most else target.limit + low
    side = "at most" if target.at_most else "at least"
    sure = (
        "it never varied"
        if math.isnan(low)
        else f"{side} {target_shown(target, bound)} with {shown_level(confidence)} confidence"
    )
    return f"{target.said}: {target_shown(target, value)} on {len(counted)} fresh days, {sure}."
