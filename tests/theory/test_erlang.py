"""Every formula-type case of oracles.json: exact numbers for Erlang queues, networks of them, staffing and limits."""

import json
import math
from pathlib import Path

import pytest
from scipy import special

from cxsim import erlang
from cxsim.designs import staffing

ORACLES = {case["id"]: case for case in json.loads((Path(__file__).parent / "oracles.json").read_text())["cases"]}
FAMILIES = {"erlang_b", "erlang_c", "async_deadline", "mmck", "erlang_a", "erlang_a_lines", "mmcg", "mixture"}
FAMILIES |= {"staffing", "qed", "network", "offered_load"}
NOT_A_FORMULA = "exact_p_"  # the day's course under given staffing: an engine is held against it, not a formula
NAMES = {
    "offered_load_erlangs": "offered_load",
    "p_block": "p_block",
    "p_offered_wait_gt0": "p_no_agent",
    "p_wait_gt0": "p_wait",
    "p_abandon": "abandonment_rate",
    "mean_wait_all": "mean_wait",
    "mean_wait_served": "mean_wait_answered",
    "mean_wait_abandoned": "mean_wait_abandoned",
    "mean_offered_wait": "mean_offered_wait",
    "mean_queue_length": "mean_queue",
    "mean_busy": "mean_busy",
    "occupancy": "occupancy",
}
SHARES = {
    "p_served_within": lambda found: found.answered_within,
    "p_abandon_within": lambda found: found.abandoned_within,
    "sl_virtual": lambda found: found.offered_within,
    "sl_served_only": lambda found: found.service_level("answered_only"),
    "sl_excl_short_abandons": lambda found: found.service_level("ignore_in_threshold"),
    "sl_abandon_within_counts_good": lambda found: found.service_level("abandon_credit"),
}


def by_name(find, thresholds):
    """All oracle names that follow from `find(within)`, for every threshold."""
    values = {name: getattr(find(1.0), field) for name, field in NAMES.items()}
    values["mean_in_system"] = values["mean_queue_length"] + values["mean_busy"]
    for within in thresholds:
        for name, share in SHARES.items():
            values[f"{name}_t{within:.6g}"] = share(find(within))
    return values


def loss(i):
    found = erlang.limited_lines(
        i["arrival_rate_per_min"], talk_time=i["mean_service_min"], n_agents=i["agents"], n_lines=i["agents"]
    )
    load = found.offered_load
    assert found.p_block == pytest.approx(erlang.erlang_b(load, i["agents"]), rel=1e-12)
    p_empty = found.p_block / (load ** i["agents"] / math.factorial(i["agents"]))
    return {"p_block": found.p_block, "occupancy": found.occupancy, "mean_busy": found.mean_busy, "p_empty": p_empty}


def no_patience(i):
    rate, talk, n_agents = i["arrival_rate_per_min"], i["mean_service_min"], i["agents"]
    waits = erlang.waits_without_patience(rate, talk_time=talk, n_agents=n_agents)
    values = by_name(
        lambda within: erlang.erlang_a(rate, talk_time=talk, patience=math.inf, n_agents=n_agents, within=within), []
    )
    values |= {"mean_wait_given_wait": waits.mean_wait_of_delayed, "sd_wait_all": waits.sd_wait}
    values["mean_sojourn"] = waits.mean_wait + talk
    for within in i["thresholds_min"]:
        values[f"sl_t{within:.6g}"] = waits.service_level(within=within)
        values[f"mean_excess_wait_t{within:.6g}"] = waits.mean_excess(over=within)
    return values | {f"wait_percentile_{p}": waits.percentile(p / 100) for p in (50, 90, 95)}


def deadline(i):
    rate, talk = i["arrival_rate_per_hour"], i["mean_handling_hours"]
    waits = erlang.waits_without_patience(rate, talk_time=talk, n_agents=i["agents"])
    values = {f"p_resolved_after_deadline_{d:g}": waits.overdue(deadline=d) for d in i["deadlines_hours"]}
    backlog = rate * waits.mean_wait
    values |= {"mean_time_to_resolution": waits.mean_wait + talk, "mean_backlog_waiting": backlog}
    return values | {"mean_backlog_total": backlog + rate * talk}


def lines(i):
    def find(within):
        return erlang.limited_lines(
            i["arrival_rate_per_min"],
            talk_time=i["mean_service_min"],
            n_agents=i["agents"],
            n_lines=i["lines_K"],
            patience=i.get("mean_patience_min", math.inf),
            within=within,
        )

    values = by_name(find, i["thresholds_min"])
    values["mean_busy_lines"] = values["mean_in_system"]
    return values | {"line_utilisation": values["mean_in_system"] / i["lines_K"]}


def impatient(i):
    return by_name(
        lambda within: erlang.erlang_a(
            i["arrival_rate_per_min"],
            talk_time=i["mean_service_min"],
            patience=i["mean_patience_min"],
            n_agents=i["agents"],
            within=within,
        ),
        i["thresholds_min"],
    )


def any_patience(i):
    law = i["patience_spec"]
    if law["law"] == "deterministic":
        patience = erlang.deterministic_patience(law["value"])
    elif law["law"] == "hyperexponential":
        patience = erlang.hyperexponential_patience(law["p"], means=[1 / rate for rate in law["rates"]])
    else:
        patience = erlang.with_balking(erlang.exponential_patience(1 / law["rate"]), share=law["p0"])
    return by_name(
        lambda within: erlang.queue_with_patience(
            i["arrival_rate_per_min"],
            talk_time=i["mean_service_min"],
            patience=patience,
            n_agents=i["agents"],
            within=within,
        ),
        i["thresholds_min"],
    )


def busyness(i):
    """A gamma factor on the day's rate, by Gauss-Laguerre nodes."""
    nodes, weights = special.roots_genlaguerre(40, i["alpha"] - 1)
    weights = weights / weights.sum()
    shape = {"talk_time": i["mean_service_min"], "patience": i["mean_patience_min"], "n_agents": i["agents"]}
    shape["within"] = 1 / 3
    days = [erlang.erlang_a(i["base_rate_per_min"] * x / i["alpha"], **shape) for x in nodes]
    volume = weights * nodes / i["alpha"]

    def over(field, by):
        return float(by @ [getattr(day, field) for day in days] / by.sum())

    answered = volume * [1 - day.abandonment_rate for day in days]
    plain = erlang.erlang_a(i["base_rate_per_min"], **shape)
    return {
        "p_abandon_ratio_of_expectations": over("abandonment_rate", volume),
        "p_abandon_mean_of_daily_ratios": over("abandonment_rate", weights),
        "p_served_within_20s_ratio_of_expectations": over("answered_within", volume),
        "p_served_within_20s_mean_of_daily_ratios": over("answered_within", weights),
        "mean_wait_all_ratio_of_expectations": over("mean_wait", volume),
        "mean_wait_served_ratio_of_expectations": over("mean_wait_answered", answered),
        "mean_wait_all_mean_of_daily_means": over("mean_wait", weights),
        "occupancy": over("occupancy", weights),
        "p_abandon_if_busyness_ignored": plain.abandonment_rate,
    }


def staffing_table(i):
    values = {}
    for row in i["rows"]:
        criterion = "answered_within" if "served" in row["criterion"] else "abandonment_rate"
        given = {"talk_time": row["mean_service_min"], "patience": row["mean_patience_min"] or math.inf}
        given["within"] = row["t_min"]
        rate, name = row["arrival_rate_per_min"], f"row{row['row']}"
        n = staffing.agents_needed(rate, target=row["target"], criterion=criterion, **given)
        values[f"{name}_min_agents"] = n
        for key, agents in (("value_at_min_agents", n), ("value_with_one_fewer", n - 1)):
            values[f"{name}_{key}"] = getattr(erlang.erlang_a(rate, n_agents=agents, **given), criterion)
    return values


def limits(i):
    values = {}
    for row in i["rows"]:
        name = f"row{row['row']}"
        if row["mu_over_theta"] is None:
            values[f"{name}_p_wait_gt0"] = staffing.halfin_whitt(row["beta"])
            continue
        given = {"talk_time": 1.0, "patience": row["mu_over_theta"]}
        values[f"{name}_p_wait_gt0"] = staffing.garnett(row["beta"], **given)
        values[f"{name}_sqrt_c_times_p_abandon"] = staffing.garnett_abandonment(row["beta"], **given)
    return values


def network(i):
    """Jackson: every station an Erlang C queue of its own."""
    if "tier1_agents" in i:
        rate, p = i["arrival_rate_per_min"], i["p_escalate"]
        talks = i["tier1_mean_service_min"], i["tier2_mean_service_min"]
        first = erlang.waits_without_patience(rate, talk_time=talks[0], n_agents=i["tier1_agents"])
        second = erlang.waits_without_patience(rate * p, talk_time=talks[1], n_agents=i["tier2_agents"])
        return {
            "tier1_mean_wait": first.mean_wait,
            "tier1_p_wait_gt0": first.p_wait,
            "tier2_mean_wait": second.mean_wait,
            "tier2_p_wait_gt0": second.p_wait,
            "mean_total_wait_all": first.mean_wait + p * second.mean_wait,
            "mean_total_time_all": first.mean_wait + talks[0] + p * (second.mean_wait + talks[1]),
            "mean_total_time_escalated": first.mean_wait + second.mean_wait + sum(talks),
        }
    repeats = 1 / (1 - i["p_unresolved"])
    waits = erlang.waits_without_patience(
        i["new_case_rate_per_min"] * repeats, talk_time=i["mean_service_min"], n_agents=i["agents"]
    )
    pause = (repeats - 1) * i["mean_recontact_delay_min"]
    return {
        "mean_wait_per_contact": waits.mean_wait,
        "p_wait_gt0_per_contact": waits.p_wait,
        "mean_total_wait_per_case": repeats * waits.mean_wait,
        "mean_case_resolution_time": repeats * (waits.mean_wait + i["mean_service_min"]) + pause,
        "sl_per_contact_t0.333333": waits.service_level(within=1 / 3),
    }


def day_of_intervals(i):
    rates, talk = i["arrival_rate_per_hour"], i["mean_service_hours"]
    load = staffing.offered_load(rates, interval=1.0, talk_time=talk)

    def agents(rate):
        return staffing.agents_needed(
            rate,
            talk_time=talk,
            target=i["target_p_wait_gt0"],
            criterion="p_wait",
            patience=i["mean_patience_hours"],
        )

    return {
        "offered_load_at_interval_ends": load.end,
        "offered_load_interval_averages": load.average,
        "offered_load_interval_maxima": load.maximum,
        "agents_sipp": [agents(rate) for rate in rates],
        "agents_mol_max": [agents(peak / talk) for peak in load.maximum],
    }


FORMULAS = {
    "erlang_b": loss,
    "erlang_c": no_patience,
    "async_deadline": deadline,
    "mmck": lines,
    "erlang_a": impatient,
    "erlang_a_lines": lines,
    "mmcg": any_patience,
    "mixture": busyness,
    "staffing": staffing_table,
    "qed": limits,
    "network": network,
    "offered_load": day_of_intervals,
}
# What follows from the inputs by one multiplication, or speaks of several stations at once, is for the engines.
ELSEWHERE = {
    "network": {"tier1_occupancy", "tier2_occupancy", "first_contact_resolution_rate", "p_both_tiers_all_idle"}
}
ELSEWHERE["network"] |= {"contacts_per_case", "total_contact_rate_per_min", "occupancy", "mean_cases_between_contacts"}
ELSEWHERE["network"] |= {"p_case_needs_more_than_2_contacts"}


@pytest.mark.parametrize("name", [name for name, case in ORACLES.items() if case["family"] in FAMILIES])
def test_formula_gives_every_exact_number(name):
    case = ORACLES[name]
    values = FORMULAS[case["family"]](case["inputs"])
    for key, expected in case["expected"].items():
        if not key.startswith(NOT_A_FORMULA) and key not in ELSEWHERE.get(case["family"], ()):
            assert values[key] == pytest.approx(expected, rel=1e-6, abs=1e-9), key
