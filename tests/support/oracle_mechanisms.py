"""Oracle cases of chats, interruption, callbacks, reserves, warm transfer and nights; faults each must notice."""

from __future__ import annotations

import math

from support.oracle_queues import desk, exponential, queue


def _priority_interrupted(i, longer):
    """The second class waits off the line and is laid aside for the first."""
    source = queue(i["arrival_rates_per_min_by_class"], exponential(i["mean_service_min"], longer), desk(i["agents"]))
    phone = source["touchpoints"]["phone"]
    source["touchpoints"] = {
        "phone": {key: value for key, value in phone.items() if key != "types"},
        "ticket": {"mechanism": "staffed", "channel": "email", "deferred": True, "interruptible": True,
                   "talk_time": phone["talk_time"]},
    }  # fmt: skip
    source["contact_types"]["type2"]["enters"] = {"ticket": 1}
    source["agent_groups"]["desk"]["serves"]["ticket"] = {"rank": 2}
    return source


def _weighted_wait(i, longer):
    weights = {f"type{k + 1}": {"weight": weight} for k, weight in enumerate(i["weights_by_class"])}
    source = queue(i["arrival_rates_per_min_by_class"], exponential(i["mean_service_min"], longer), desk(i["agents"]),
                   types=weights)  # fmt: skip
    return {**source, "routing": {"contact": "weighted_wait"}}


def _shared_attention(works):
    """One agent whose chats share the attention evenly; works [min] of equally frequent types."""

    def build(i, longer):
        rates = [i["arrival_rate_per_min"] / len(works)] * len(works)
        talk = [f"{work * longer!r} min" for work in works]
        return queue(rates, talk, desk(1), concurrency=64, slowdown={n: n for n in range(2, 65)})

    return build


def _chats(i, longer):
    alone, together = i["per_chat_rate_by_concurrency_per_min"]
    source = queue([i["arrival_rate_per_min"]], exponential(1 / alone, longer), desk(i["agents"]),
                   concurrency=i["max_concurrency"], slowdown={2: alone / together},
                   patience=exponential(i["mean_patience_min"]))  # fmt: skip
    return {**source, "routing": {"agent": "least_occupied"}}


def _callbacks(i, longer):
    """Those who accept leave the line and wait as deferred work behind everybody on it."""
    talk = exponential(i["mean_service_min"], longer)
    # Told is (number waiting) * mean / agents, so that half of that for the limit lies between two numbers.
    limit = (i["offer_when_waiting_at_least"] - 0.5) * i["mean_service_min"] / i["agents"]
    source = queue([i["arrival_rate_per_min"]], talk, desk(i["agents"]), patience=exponential(i["mean_patience_min"]),
                   announcement={"balks": {f"{limit!r} min": i["p_accept"]}},
                   then={"balked": {"called": {"to": "callback", "after": "0 s"}}})  # fmt: skip
    source["touchpoints"]["callback"] = {"mechanism": "staffed", "channel": "voice", "deferred": True,
                                         "talk_time": talk}  # fmt: skip
    source["agent_groups"]["desk"]["serves"]["callback"] = {"rank": 2}
    return source


def _blend(i, longer, *, days):
    """Outbound work is a backlog of the first second that outlasts the run."""
    source = queue([i["inbound_rate_per_min"]], exponential(i["inbound_mean_service_min"], longer), desk(i["agents"]),
                   patience=exponential(i["inbound_mean_patience_min"]))  # fmt: skip
    # All agents on outbound work, inbound left out: more than they can ever do.
    most = math.ceil(days * 1440 * 0.75 * i["agents"] / i["outbound_mean_service_min"])
    source["contact_types"]["type2"] = {"arrivals": {"at": [0.0] * most}, "enters": {"outbound": 1}}
    source["touchpoints"]["outbound"] = {"mechanism": "staffed", "channel": "voice", "deferred": True,
                                         "talk_time": exponential(i["outbound_mean_service_min"], longer)}  # fmt: skip
    source["agent_groups"]["desk"]["serves"]["outbound"] = {"rank": 2, "reserve": i["reserve_r"]}
    return source


def _warm_tiers(i, longer):
    source = queue([i["arrival_rate_per_min"]], exponential(i["tier1_mean_service_min"], longer),
                   desk(i["tier1_agents"]), patience=exponential(i["mean_patience_min"]), resolves=1 - i["p_escalate"],
                   then={"unresolved": {"escalate": {"to": "second", "transfer": "warm"}}})  # fmt: skip
    source["touchpoints"]["second"] = {"mechanism": "staffed", "channel": "voice",
                                       "talk_time": exponential(i["tier2_mean_service_min"], longer)}  # fmt: skip
    source["agent_groups"]["experts"] = {"agents": i["tier2_agents"], "serves": {"second": {"rank": 1}}}
    return source


def _nights(i, longer):
    shift = {"days": "all", "start": "00:00", "end": f"{i['open_hours_per_day']:02.0f}:00", "agents": i["agents"]}
    groups = {"desk": {"shifts": {"day": shift}, "at_shift_end": "hand_over", "serves": {"phone": {"rank": 1}}}}
    return queue([i["arrival_rate_per_hour"] / 60], exponential(60 / i["service_rate_per_hour"], longer), groups,
                 deferred=True)  # fmt: skip


def _batches(i, longer):
    """Batches of one or two."""
    alone, pairs = i["batch_size_pmf"]
    source = queue([i["batch_rate_per_min"] * (alone + 2 * pairs)], exponential(i["mean_service_min"], longer),
                   desk(i["agents"]))  # fmt: skip
    source["contact_types"]["type1"]["batch"] = {2: pairs}
    return source


MECHANISMS = {
    "batch_c3": _batches,
    "prio_pre_c2": _priority_interrupted,
    "lwt_c3_2": _weighted_wait,
    "ps_det": _shared_attention([4.0]),
    # The mean sojourn does not depend on the law, and is in proportion to the work.
    "ps_det/two_works": _shared_attention([2.0, 6.0]),
    "chat_c3_k2_least": _chats,
    "callback_threshold_c4": _callbacks,
    "blend_r1_c5": _blend,
    "tiers_warm_c4_c2": _warm_tiers,
    "backlog_overnight_c3": _nights,
}


def _without(key):
    """Forget a field of the phone."""

    def change(source):
        touchpoint = source["touchpoints"]["phone"]
        del touchpoint[key]
        for own in touchpoint["types"].values():
            own.pop(key, None)

    return change


def _with(*path, value):
    """Say something else at a place of the scenario."""

    def change(source):
        for key in path[:-1]:
            source = source[key]
        source[path[-1]] = value

    return change


# (case, what is forgotten or said wrongly): each must be rejected.
FAULTS = {
    "batches come one by one": ("batch_c3", _with("contact_types", "type1", "batch", value={})),
    "work in hand is not laid aside": ("prio_pre_c2", _with("touchpoints", "ticket", "interruptible", value=False)),
    "weights are forgotten": ("lwt_c3_2", _with("routing", "contact", value="longest_wait")),
    "attention is not shared": ("ps_det", _without("slowdown")),
    "chats do not slow each other": ("chat_c3_k2_least", _without("slowdown")),
    "chats go to who is idle longest": ("chat_c3_k2_least", _with("routing", "agent", value="longest_idle")),
    "chats slow each other twice as much": (
        "chat_c3_k2_least",
        _with("touchpoints", "phone", "slowdown", value={2: 2.8}),
    ),
    "callbacks from two waiting on": (
        "callback_threshold_c4",
        _with("touchpoints", "phone", "announcement", "balks", value={"1.5 min": 0.5}),
    ),
    "callbacks go before calls": (
        "callback_threshold_c4",
        _with("agent_groups", "desk", "serves", "callback", value={"rank": 1}),
    ),
    "no reserve": ("blend_r1_c5", _with("agent_groups", "desk", "serves", "outbound", value={"rank": 2})),
    "a reserve of two": (
        "blend_r1_c5",
        _with("agent_groups", "desk", "serves", "outbound", value={"rank": 2, "reserve": 2}),
    ),
    "nobody stays on the line": (
        "tiers_warm_c4_c2",
        _with("touchpoints", "phone", "then", "unresolved", "escalate", "transfer", value="cold"),
    ),
    "work goes on after closing": (
        "backlog_overnight_c3",
        _with("agent_groups", "desk", "at_shift_end", value="finish"),
    ),
    "work in hand is dropped": ("backlog_overnight_c3", _with("agent_groups", "desk", "at_shift_end", value="drop")),
}
