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


def value_said(target: Target, value: float, days: str) -> str:
    """What a plan reached on some days, as '82.1% on 400 fresh days'; of a share of days how many met it."""
    if not target.share:
        return f"{target_shown(target, value)} on {days}"
    what = days if target.counted == "days" else days.replace("days", target.counted)
    return f"met on {target_shown(target, value)} of {what} (needs {shown_level(target.share)})"


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
    bound = target.wanted + target.moved(lower, counted[:, 1])
    side = "at most" if target.lower_is_met else "at least"
    sure = (
        "it never varied"
        if math.isnan(lower)
        else f"{side} {target_shown(target, bound)} with {shown_level(confidence)} confidence"
    )
    return f"{target.said}: {value_said(target, value, f'{len(counted)} fresh days')}, {sure}."
