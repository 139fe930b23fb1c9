"""Whether the metrics of one log can be true together: identities and orders that hold whatever happened, or nearly.

Two kinds of warning. An order or an identity of counts that is broken is an error of the data or of a definition. One
that rests on an assumption says which, and is broken where reality is not so: it warns, it does not accuse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pandas as pd

from cxsim.errors import MetricUnavailable, problem

Values = Mapping[str, float]

# Lower first: of one log, in one group, each is at most the next.
ORDERS: Final = (
    ("service_level:strict", "service_level:short_excluded"),
    ("service_level:short_excluded", "service_level:short_credit"),
    ("service_level:short_credit", "service_level:abandon_credit"),
    ("service_level:short_excluded", "service_level:ignore_in_threshold"),
    ("service_level:ignore_in_threshold", "service_level:abandon_credit"),
    ("service_level:ignore_in_threshold", "service_level:answered_only"),
    ("abandonment_rate:net_short_over_offered", "abandonment_rate:net_short"),
    ("abandonment_rate:net_short", "abandonment_rate:all"),
    ("abandonment_rate:after_threshold", "abandonment_rate:all"),
    ("average_speed_of_answer:answered", "average_speed_of_answer:delayed"),
    ("wait_quantile:p50", "wait_quantile:p80"),
    ("wait_quantile:p80", "wait_quantile:p90"),
    ("wait_quantile:p90", "wait_quantile:p95"),
    ("average_handle_time:effort", "average_handle_time:per_contact_leg"),
    ("average_handle_time:per_contact_leg", "average_handle_time:per_contact"),
    ("first_contact_resolution:excl_transfer", "first_contact_resolution:incl_warm_transfer"),
    ("first_contact_resolution:incl_warm_transfer", "first_contact_resolution:gross"),
    ("first_contact_resolution:gross", "first_contact_resolution:net"),
    ("first_level_resolution:gross", "first_level_resolution:net"),
    ("deflection_rate:followed", "containment_rate:default"),
    ("automated_resolution:confirmed", "containment_rate:default"),
    ("self_service_resolution:believed", "resolution_rate:believed"),
    ("transfer_rate:any", "transfers_per_contact:any"),
    ("reopen_rate:contacts", "reopens_per_case:contacts"),
    ("resolution_time:business_hours", "resolution_time:mean"),
    ("requester_wait:mean", "resolution_time:mean"),
    ("occupancy:default", "occupancy:contacts"),
)
# Two that add up to 1.
COMPLEMENTS: Final = (
    ("answer_rate:default", "missed_rate:default"),
    ("resolution_rate:believed", "unresolved_rate:believed"),
    ("resolution_rate:true", "unresolved_rate:true"),
    ("churn_rate:default", "retention_rate:customers"),
    ("utilisation:wfm", "shrinkage:scheduled"),
)
_ROUNDING: Final = 1e-9


def warnings_of(table: pd.DataFrame, *, tolerance: float = 0.1) -> list[str]:
    """Sentences, with the numbers, on what in a table of metrics cannot be true together, or seldom is.

    Parameters
    ----------
    table : DataFrame
        As `measure` gives it: metric, variant, value, numerator, denominator, and where known group. What a check needs
        and the table lacks is passed over, and so are settings that are not shipped variants.
    tolerance : float
        Distance from which an identity that rests on an assumption is called broken, as a share of the value.

    Returns
    -------
    list of str
        Empty if nothing is suspicious.

    Raises
    ------
    MetricUnavailable
        Not a table of metrics.
    """
    absent = [name for name in ("metric", "variant", "value") if name not in table]
    if absent:
        raise MetricUnavailable(problem("plausibility", f"no column {absent[0]}", "a table as `measure` gives it"))
    groups = table.groupby("group", sort=False) if "group" in table else [("all", table)]
    return [
        f"{sentence}{'' if group in ('all', '') else f' ({group})'}"
        for group, part in groups
        for sentence in _suspicious(part, tolerance)
    ]


def _suspicious(part: pd.DataFrame, tolerance: float) -> Iterator[str]:
    names = part["metric"].astype(str) + ":" + part["variant"].astype(str)
    known: dict[str, float] = {
        name: float(value) for name, value in zip(names, part["value"], strict=True) if math.isfinite(value)
    }
    counts = _counts(part, names)
    for low, high in ORDERS:
        if low in known and high in known and known[low] > known[high] + _ROUNDING * max(abs(known[high]), 1.0):
            yield f"{low} is {known[low]:.6g} and above {high}, {known[high]:.6g}: by definition it cannot be"
    for one, other in COMPLEMENTS:
        if one in known and other in known and abs(known[one] + known[other] - 1.0) > _ROUNDING:
            both = f"{known[one] + known[other]:.6g}, {known[one]:.6g} and {known[other]:.6g}"
            yield f"{one} and {other} add up to {both}: not to 1"
    for check in CHECKS:
        yield from check(known, counts, tolerance)


def _counts(part: pd.DataFrame, names: pd.Series[str]) -> dict[str, tuple[float, float]]:
    if "numerator" not in part or "denominator" not in part:
        return {}
    both = zip(names, part["numerator"], part["denominator"], strict=True)
    return {
        name: (float(top), float(under)) for name, top, under in both if math.isfinite(top) and math.isfinite(under)
    }


def _far(value: float, expected: float, tolerance: float) -> bool:
    return abs(value - expected) > tolerance * max(abs(value), abs(expected))


def _squared(known: Values, counts: Mapping[str, tuple[float, float]], tolerance: float) -> Iterator[str]:
    per_contact, per_case = (known.get(f"first_contact_resolution:{name}", math.nan) for name in ("gross", "per_case"))
    if _far(per_contact, per_case**2, tolerance):
        yield (
            f"first_contact_resolution is {per_contact:.3f} by contact and {per_case:.3f} by case, whose square is "
            f"{per_case**2:.3f}: contacts do not all resolve with one chance, or the two count different things"
        )


def _repeats(known: Values, counts: Mapping[str, tuple[float, float]], tolerance: float) -> Iterator[str]:
    contacts = known.get("contacts_per_case:handled", math.nan)
    repeats = known.get("repeat_contact_rate:same_case", math.nan)
    if contacts >= 1.0 and _far(1.0 - repeats, 1.0 / contacts, tolerance):
        yield (
            f"repeat_contact_rate:same_case is {repeats:.3f}, and {contacts:.3f} contacts to a case make "
            f"{1 - 1 / contacts:.3f}: some cases reach people and are never answered"
        )


def _used(known: Values, counts: Mapping[str, tuple[float, float]], tolerance: float) -> Iterator[str]:
    busy = known.get("occupancy:contacts", known.get("occupancy:default", math.nan))
    away = known.get("shrinkage:paid", math.nan)
    used = known.get("utilisation:metricnet", math.nan)
    # Absence is in shrinkage and not in MetricNet's time at work, so the product is the lower of the two.
    if _far(used, busy * (1.0 - away), 2 * tolerance):
        yield (
            f"utilisation:metricnet is {used:.3f}, and occupancy {busy:.3f} times 1 less shrinkage {away:.3f} is "
            f"{busy * (1 - away):.3f}: much absence, unpaid presence, or presence and work that do not belong together"
        )


def _offered(known: Values, counts: Mapping[str, tuple[float, float]], tolerance: float) -> Iterator[str]:
    needed = ("answer_rate:default", "abandonment_rate:all", "callback_rate:default", "callback_success:default")
    if not all(name in counts for name in needed[:3]):
        return
    answered, offered = counts["answer_rate:default"]
    left, took = counts["abandonment_rate:all"][0], counts["callback_rate:default"][0]
    reached = counts.get("callback_success:default", (0.0, 0.0))[0]
    total = answered - reached + left + took
    if _far(offered, total, tolerance):
        yield (
            f"offered is {offered:.0f}, and answered {answered - reached:.0f}, abandoned {left:.0f} and callbacks "
            f"{took:.0f} add up to {total:.0f}: the rest balked, was turned away or still waits"
        )


def _little(known: Values, counts: Mapping[str, tuple[float, float]], tolerance: float) -> Iterator[str]:
    load, handled = known.get("offered_load:default", math.nan), counts.get("contacts_handled:default")
    work, present = counts.get("occupancy:contacts"), known.get("agents_available:default", math.nan)
    lost = known.get("missed_rate:default", math.nan)
    if handled is None or work is None or not present > 0:
        return
    # Little: agents busy on average are the work that arrives and is not lost.
    busy = known["occupancy:contacts"] * present
    carried = load * (1.0 - lost)
    if _far(busy, carried, 2 * tolerance):
        yield (
            f"offered_load {load:.2f} erlang less a share of {lost:.3f} missed is {carried:.2f}, and occupancy keeps "
            f"{busy:.2f} of {present:.2f} agents busy: work is carried over the ends of the window, or not all recorded"
        )


def _products(known: Values, counts: Mapping[str, tuple[float, float]], tolerance: float) -> Iterator[str]:
    cost, minute = known.get("cost_per_contact:default", math.nan), known.get("cost_per_minute:default", math.nan)
    length = known.get("average_handle_time:per_contact", math.nan) / 60.0
    if _far(cost, minute * length, tolerance):
        yield (
            f"cost_per_contact is {cost:.2f}, and cost_per_minute {minute:.3f} times {length:.2f} minutes is "
            f"{minute * length:.2f}: contacts and work of different periods"
        )


CHECKS: Final[tuple[Callable[[Values, Mapping[str, tuple[float, float]], float], Iterator[Any]], ...]] = (
    _squared,
    _repeats,
    _used,
    _offered,
    _little,
    _products,
)
