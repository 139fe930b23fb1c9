"""How each oracle case is run, which of its measures are compared, and when a comparison rejects."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cxsim.scenario.load import load_scenario
from cxsim.trial import simulate
from support.log_measures import measured, ratio
from support.mechanism_measures import OF_MECHANISMS
from support.oracle_scenarios import ORACLES, scenario_of

BATCHES = 24
DAY = 86_400.0
# Measures of the oracle file that a log does not show: of a test customer who is never there, inputs, percentiles.
NOT_IN_A_LOG = ("virtual", "offered_wait", "offered_load", "percentile", "sd_wait", "p_empty", "all_idle", "line_util",
                "time_idle", "mean_handle_time", "mean_service_time", "escalated", "case_resolution",
                "between_contacts", "orbit", "eventually_served", "daily", "ignored", "peak", "midpoint",
                "fraction_of_time_no_free",
                "expected_arrivals", "closing", "whole_day", "of_work")  # fmt: skip

# Names with one of these words that a log of this case does show.
IN_A_LOG = {
    "tiers_warm_c4_c2": ("tier2_mean_wait_per_escalated",),
    "ps_det/two_works": ("mean_sojourn_of_work_2min",),
    "backlog_overnight_c3": ("mean_backlog_at_closing",),
}


class Found(NamedTuple):
    """One measure compared: simulated and exact value, standard error."""

    measure: str
    exact: float
    value: float
    error: float

    @property
    def relative(self):
        return abs(self.value - self.exact) / abs(self.exact) if self.exact else abs(self.value)

    @property
    def rare(self):
        """Tail and rare-event measures, whose full tolerance is 5 % instead of 2 %."""
        small = self.exact < 0.02 and not self.measure.startswith("mean")
        return (
            small
            or self.exact > 0.95
            or any(word in self.measure for word in ("beyond", "excess", "lost", "block", "deadline", "backlog"))
        )

    def narrow(self):
        """Whether the 95 % interval is as narrow as full tolerance asks."""
        return 1.96 * self.error <= (0.05 if self.rare else 0.02) * abs(self.exact) + 1e-9

    def within_four_errors(self):
        return abs(self.value - self.exact) <= 4 * self.error + 1e-9


def unit_of(case):
    return 3600.0 if ORACLES[case.partition("/")[0]]["time_unit"] == "hour" else 60.0


def exact_values(case):
    """Flat names and exact values of what a log shows."""
    expected = ORACLES[case.partition("/")[0]]["expected"]
    if case == "staffing_sipp_vs_mol_dev":
        return {
            f"hour{hour + 1}/{short}": expected[f"exact_{long}_by_interval_sipp"][hour]
            for short, long in (("p_wait_gt0", "p_no_free_agent"), ("p_abandon", "p_abandon"))
            for hour in range(4)
        }
    if case == "mtginf_sin_exp_dev":
        return {key: value for key, value in expected.items() if key.startswith("mean_busy_at")}
    flat = {}
    for key, value in expected.items():
        inside = {f"{key}/{inner}": part for inner, part in value.items()} if isinstance(value, dict) else {key: value}
        shown = IN_A_LOG.get(case, ())
        flat.update({k: v for k, v in inside.items() if k in shown or not any(word in k for word in NOT_IN_A_LOG)})
    if "mean_backlog_total" in flat:
        flat["mean_backlog_in_hand"] = flat["mean_backlog_total"] - flat["mean_backlog_waiting"]
    return flat


def simulated(case, *, days, seed, replication=0, longer=1.0, fault=None, engine="kernel"):
    source = scenario_of(case, days=days, longer=longer)
    if fault is not None:
        fault(source)
    return simulate(load_scenario(source), seed=seed, replication=replication, engine=engine)


def windows(case, plan, days):
    """Begin and end of the windows by part [s]."""
    if plan.parts:
        return {name: (np.arange(days) * DAY + 60 * lo, np.arange(days) * DAY + 60 * hi) for name, lo, hi in plan.parts}
    if plan.whole_days:
        edges = DAY * np.arange(3, days - 2, plan.whole_days)
        return {"": (edges[:-1], edges[1:])}
    # Four hours to fill up, and as many at the end so that later arrivals are there to overtake.
    edges = np.linspace(4 * 3600.0, days * DAY - 4 * 3600.0, BATCHES + 1)
    return {"": (edges[:-1], edges[1:])}


def sums(case, plan, log, *, days):
    """Numerators and denominators of every measure by window."""
    if case == "mtginf_sin_exp_dev":
        return _in_service(log, days)
    found, parts = {}, windows(case, plan, days)
    of_mechanism = OF_MECHANISMS.get(case.partition("/")[0])
    own = of_mechanism(log, *parts[""]) if of_mechanism else {}
    for name in exact_values(case):
        if name in own:
            found[name] = own[name]
            continue
        part, _, measure = name.rpartition("/")
        lo, hi = parts[part]
        found[name] = measured(log, measure, lo=lo, hi=hi, unit=unit_of(case))
    return found


def _in_service(log, days):
    """Numbers in service at clock times of each day but the first, which starts empty."""
    t, found = log.touchpoints, {}
    for hour in (0, 6, 12):
        at = DAY * np.arange(1, days) + 3600.0 * hour
        inside = np.searchsorted(np.sort(t.offered), at) - np.searchsorted(np.sort(t.ended), at)
        found[f"mean_busy_at_t{hour}"] = (inside, np.ones(days - 1))
    return found


def days_of(case, contacts):
    """Days that bring so many contacts, about."""
    types = scenario_of(case, days=1)["contact_types"].values()
    fresh = sum(float(part["volume"].split()[0]) for part in types if "volume" in part)
    per_case = {
        "tiers_cold_2_dev": 1.3,
        "recontact_delay_dev": 4 / 3,
        "retrial_blocked_c3": 1.273,
        "callback_threshold_c4": 1.145,
        "tiers_warm_c4_c2": 1.18,
        "blend_r1_c5": 2.5,
    }
    return math.ceil(contacts / (fresh * per_case.get(case, 1.0)))


def compared(case, plan, *, seed, contacts=None, **changes):
    """All measures of one plain run beside their exact values, and the number of contacts."""
    days = days_of(case, contacts or plan.contacts)
    log = simulated(case, days=days, seed=seed, **changes)
    exact = exact_values(case)
    found = [Found(name, exact[name], *ratio(*pair)) for name, pair in sums(case, plan, log, days=days).items()]
    return found, len(log.touchpoints)


def rejected(found, plan):
    """The measures by which a comparison rejects."""
    return [f for f in found if not f.within_four_errors() or (f.measure not in plan.loose and f.relative > 0.03)]


def full_tolerance(case, plan, *, seed, at_most=8_000_000):
    """Replications of about 100,000 contacts until every interval is narrow; measures and number of contacts."""
    exact, days = exact_values(case), days_of(case, 100_000)
    kept = {name: ([], []) for name in exact}
    found, contacts, replication = [], 0, 0
    while contacts < at_most:
        log = simulated(case, days=days, seed=seed, replication=replication)
        contacts, replication = contacts + len(log.touchpoints), replication + 1
        for name, pair in sums(case, plan, log, days=days).items():
            for values, more in zip(kept[name], pair, strict=True):
                values.extend(more)
        found = [Found(name, exact[name], *ratio(*pair)) for name, pair in kept.items()]
        if replication > 2 and all(f.narrow() for f in found):
            break
    return found, contacts
