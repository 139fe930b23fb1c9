"""The cases of oracles.json in cxsim's language: each a scenario mapping of so many days, with talk time to stretch."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from support.oracle_mechanisms import MECHANISMS
from support.oracle_queues import PLAIN_POISSON, desk, exponential, queue

FILE = Path(__file__).parent.parent / "theory" / "oracles.json"
ORACLES = {case["id"]: case for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"]}


def _single(i, longer, *, talk=None, patience=None, lines=None):
    rate = i.get("arrival_rate_per_min", i.get("fresh_rate_per_min"))
    law = talk or exponential(i.get("mean_service_min", 0), longer)
    phone = {} if patience is None else {"patience": patience}
    if lines is not None:
        phone["lines"] = lines
    return queue([rate], law, desk(i["agents"]), **phone)


def _erlang_a(i, longer):
    return _single(i, longer, patience=exponential(i["mean_patience_min"]), lines=i.get("lines_K"))


def _general_patience(i, longer):
    spec = i["patience_spec"]
    if spec["law"] == "deterministic":
        law = f"{spec['value']} min"
    elif spec["law"] == "hyperexponential":
        law = {"law": "hyperexponential", "shares": spec["p"], "means": [60 / rate for rate in spec["rates"]]}
    else:
        law = {"at_once": spec["p0"], **exponential(1 / spec["rate"])}
    return _single(i, longer, patience=law)


def _lognormal_service(i, longer):
    spec = i["service"]
    talk = {"law": "lognormal", "mean": f"{spec['mean'] * longer!r} min", "cv": math.sqrt(spec["scv"])}
    return _single({**i, "agents": 1}, longer, talk=talk)


def _loss(law):
    def build(i, longer):
        mean = f"{i['mean_service_min'] * longer!r} min"
        talk = {
            "exponential": {"law": "exponential", "mean": mean},
            "constant": mean,
            "lognormal": {"law": "lognormal", "mean": mean, "cv": math.sqrt(1.2)},
        }[law]
        return _single(i, longer, talk=talk, lines=i["agents"])

    return build


def _priority(i, longer):
    ranks = {f"type{k + 1}": {"rank": k + 1} for k in range(2)}
    talk = exponential(i["mean_service_min"], longer)
    return queue(i["arrival_rates_per_min_by_class"], talk, desk(i["agents"], **ranks))


def _e_mail(i, longer):
    talk = exponential(i["mean_handling_hours"] * 60, longer)
    return queue([i["arrival_rate_per_hour"] / 60], talk, desk(i["agents"]), deferred=True)


def _tiers(i, longer):
    source = queue([i["arrival_rate_per_min"]], exponential(i["tier1_mean_service_min"], longer),
                   desk(i["tier1_agents"]), resolves=1 - i["p_escalate"],
                   then={"unresolved": {"escalate": {"to": "second", "transfer": "cold"}}})  # fmt: skip
    source["touchpoints"]["second"] = {"mechanism": "staffed", "channel": "voice",
                                       "talk_time": exponential(i["tier2_mean_service_min"], longer)}  # fmt: skip
    source["agent_groups"]["experts"] = {"agents": i["tier2_agents"], "serves": {"second": {"rank": 1}}}
    return source


def _recontact(i, longer):
    again = {"to": "phone", "after": exponential(i["mean_recontact_delay_min"])}
    source = queue([i["new_case_rate_per_min"]], exponential(i["mean_service_min"], longer), desk(i["agents"]),
                   resolves=1 - i["p_unresolved"], then={"unresolved": {"again": again}})  # fmt: skip
    return {**source, "gives_up_after": 200}


def _retrial(i, longer):
    again = {"to": "phone", "share": i["p_retry_block"], "after": exponential(i["mean_retry_delay_min"])}
    source = _single(i, longer, lines=i["capacity_K"])
    source["touchpoints"]["phone"]["then"] = {"blocked": {"redial": again}}
    return {**source, "gives_up_after": 200}


def _after_call_work(i, longer):
    source = _single(i, longer, talk=exponential(i["mean_talk_min"], longer),
                     patience=exponential(i["mean_patience_min"]))  # fmt: skip
    source["touchpoints"]["phone"]["after_call_work"] = exponential(i["mean_wrap_min"])
    return source


def _two_agents(order):
    def build(i, longer):
        first, second = i["mean_service_min_by_agent"]
        groups = {
            "quick": {"agents": 1, "serves": {"phone": {"rank": 1, "chosen": order[0]}}},
            "slow": {"agents": 1, "serves": {"phone": {"rank": 1, "chosen": order[1], "handle_time": second / first}}},
        }
        return queue([i["arrival_rate_per_min"]], exponential(first, longer), groups,
                     patience=exponential(i["mean_patience_min"]))  # fmt: skip

    return build


def _skills(i, longer):
    """Groups and types of a skill case; `rank` orders an agent's queues, `chosen` the groups for a contact."""
    means, n_types = i["mean_service_min"], len(i["arrival_rate_per_min_by_type"])
    own = [next(means[f"type{t + 1}_group{g + 1}"] for g in i_groups(i, t)) for t in range(n_types)]
    groups = {}
    for g, agents in enumerate(i["agents_by_group"]):
        serves = {}
        for t in range(n_types):
            if f"type{t + 1}_group{g + 1}" in means:
                ranks = i["group_to_type"][g] if "group_to_type" in i else None
                serves[f"type{t + 1}"] = {
                    "rank": ranks.index(t + 1) + 1 if ranks else 1,
                    "chosen": i["type_to_group"][t].index(g + 1) + 1,
                    "handle_time": means[f"type{t + 1}_group{g + 1}"] / own[t],
                }
        groups[f"group{g + 1}"] = {"agents": agents, "serves": {"phone": serves}}
    patience = [exponential(mean) for mean in i["mean_patience_min_by_type"]]
    room = {"waiting_room": i["total_queue_capacity"]} if "total_queue_capacity" in i else {}
    return queue(i["arrival_rate_per_min_by_type"], [exponential(mean, longer) for mean in own], groups, **room,
                 types={f"type{t + 1}": {"patience": law} for t, law in enumerate(patience)})  # fmt: skip


def i_groups(i, contact_type):
    """Groups that a type tries, in order, from 0."""
    return [group - 1 for group in i["type_to_group"][contact_type]]


def _busy_days(i, longer):
    """Each day has its own busyness: 65 minutes of arrivals, so that many days fit, and empty again at midnight."""
    source = _single(
        {**i, "arrival_rate_per_min": i["base_rate_per_min"]}, longer, patience=exponential(i["mean_patience_min"])
    )
    source["busyness"] = {**PLAIN_POISSON, "day_cv": math.sqrt(1 / i["alpha"])}
    source["shapes"] = {"open": {"from": "00:00", "every": "65 min", "values": [1]}}
    source["contact_types"]["type1"].update(volume=f"{i['base_rate_per_min'] * 65!r} per day", shape="open")
    return source


def _by_interval(minutes, i, longer, *, unit, rates, agents, after, patience, service):
    """A day that starts empty: rates and head counts by interval, nobody new after the last."""
    step = math.gcd(*minutes)
    repeat = [m // step for m in minutes]
    values = [rate for rate, n in zip(rates, repeat, strict=True) for _ in range(n)]
    counts = [count for count, n in zip(agents, repeat, strict=True) for _ in range(n)]
    counts += [after] * (1440 // step - len(counts))
    groups = {"desk": {"by_interval": {"all": counts}, "serves": {"phone": {"rank": 1}}}}
    source = queue([sum(values) * step * 60 / unit / 1440], exponential(service * unit / 60, longer), groups,
                   patience=exponential(patience * unit / 60))  # fmt: skip
    source["calendar"]["interval"] = f"{step} min"
    source["shapes"] = {"day": {"from": "00:00", "every": f"{step} min", "values": values}}
    source["contact_types"]["type1"]["shape"] = "day"
    return source


def _drained(i, longer):
    return _by_interval(i["interval_lengths_min"], i, longer, unit=60, rates=i["arrival_rate_per_min"],
                        agents=i["scheduled_agents"], after=i["agents_after_close"], patience=i["mean_patience_min"],
                        service=i["mean_service_min"])  # fmt: skip


def _hourly(i, longer):
    agents = ORACLES["staffing_sipp_vs_mol_dev"]["expected"]["agents_sipp"]
    return _by_interval([60] * 4, i, longer, unit=3600, rates=i["arrival_rate_per_hour"], agents=agents,
                        after=agents[-1], patience=i["mean_patience_hours"],
                        service=i["mean_service_hours"])  # fmt: skip


def _nobody_needed(i, longer):
    """M(t)/G/infinity is an automated touchpoint; the sine in steps of five minutes (rate off by 2e-5)."""
    middle = (np.arange(288) + 0.5) / 12
    rate = i["mean_rate_per_hour"] + i["amplitude_per_hour"] * np.sin(2 * np.pi * middle / i["period_hours"])
    return {
        "name": "oracle",
        "calendar": {"start": "2026-01-05"},
        "busyness": PLAIN_POISSON,
        "shapes": {"sine": {"from": "00:00", "every": "5 min", "values": rate.tolist()}},
        "contact_types": {"type1": {"volume": f"{24 * i['mean_rate_per_hour']} per day", "shape": "sine",
                                    "enters": {"bot": 1}}},
        "touchpoints": {"bot": {"mechanism": "automated", "channel": "bot",
                                "duration": exponential(60 * i["mean_service_hours"], longer)}},
    }  # fmt: skip


BUILDERS = {
    **{f"erlb_c12/{law}": _loss(law) for law in ("exponential", "constant", "lognormal")},
    "erlc_c14_classic": _single,
    "erlc_c5": _single,
    "email_deadline_c4": _e_mail,
    "mmck_c4_K10": lambda i, longer: _single(i, longer, lines=i["lines_K"]),
    "erla_c10": _erlang_a,
    "erla_overload_c5": _erlang_a,
    "erlax_c6_K10": _erlang_a,
    "mmcg_det_c5": _general_patience,
    "mmcg_h2_c6": _general_patience,
    "mmcg_atom_c4": _general_patience,
    "mg1_lognormal_dev": _lognormal_service,
    "mdc_c3": lambda i, longer: _single(i, longer, talk=f"{i['service_min_constant'] * longer!r} min"),
    "m_e2_c3": lambda i, longer: _single(
        i, longer, talk={"law": "erlang", "phases": 2, "mean": f"{i['mean_service_min'] * longer!r} min"}
    ),
    "prio_np_c4_2": _priority,
    "acw_c4": _after_call_work,
    "tiers_cold_2_dev": _tiers,
    "recontact_delay_dev": _recontact,
    "retrial_blocked_c3": _retrial,
    "hetero2_longest_idle": _two_agents((1, 1)),
    "hetero2_fastest": _two_agents((1, 2)),
    "skill_N_dev": _skills,
    "skill_X_dev": _skills,
    "skill_N_fifo_word_dev": _skills,
    "busyness_erla_c8": _busy_days,
    "tv_two_intervals": _drained,
    "tv_drop": _drained,
    "staffing_sipp_vs_mol_dev": _hourly,
    "mtginf_sin_exp_dev": _nobody_needed,
    **MECHANISMS,
}
# Built for so many days: work that is there from the first second has to last.
FOR_DAYS = {"blend_r1_c5"}


def scenario_of(name, *, days, longer=1.0):
    """The mapping of a case over so many days; `longer` stretches talk time."""
    inputs = ORACLES[name.partition("/")[0]]["inputs"]
    source = BUILDERS[name](inputs, longer, **({"days": days} if name in FOR_DAYS else {}))
    source["calendar"]["days"] = days
    return source
