"""Which mechanisms a scenario has, read from its plain mapping: what the agreement of the engines is counted by."""

POLICIES = {"agent": "longest_idle", "contact": "longest_wait"}
# Everything that a scenario may have; each is generated often.
MECHANISMS = (
    "after-call work", "ageing ranks", "again", "agent best_at_resolving", "agent fastest", "agent least_occupied",
    "agent random", "announcement", "automated touchpoint", "balking", "batch arrivals", "breaks", "callback",
    "chaser", "chosen", "cold transfer", "concurrency", "contact earliest_promise", "contact highest_value",
    "contact longest_queue", "contact random", "contact resolution_aware", "contact score", "contact weighted_wait",
    "deferred", "dialling again", "drop at shift end", "false resolution", "hand over at shift end", "head counts",
    "hold", "interruptible", "lateness", "learning", "lines", "mixes all", "mixes none", "next opening",
    "opening hours", "outbound preview", "outbound progressive", "overflow", "patience", "patience at once",
    "position front", "preferred agent", "promise", "replay",
    "replayed after-call work", "replayed patience", "replayed talk time", "reserve", "ring time", "segments",
    "serve out at closing", "shared lines", "shifts", "shrinkage", "skill levels", "slowdown", "snapshot",
    "specialist first", "speed spread", "surge", "tenure", "turn away at closing", "types differ", "unavailable",
    "waiting room", "warm transfer",
)  # fmt: skip
_OF_TOUCHPOINT = {
    "deferred": "deferred", "interruptible": "interruptible", "promise": "promise", "chaser": "chaser",
    "announcement": "announcement", "ring_time": "ring time", "again": "again", "slowdown": "slowdown",
    "lines": "lines", "waiting_room": "waiting room", "hours": "opening hours", "types": "types differ",
    "hold": "hold", "false_resolution": "false resolution", "patience": "patience",
}  # fmt: skip
_OF_TERMS = {"after": "overflow", "reserve": "reserve", "ageing": "ageing ranks", "chosen": "chosen"}
_OF_GROUP = {
    "shifts": "shifts", "by_interval": "head counts", "shrinkage": "shrinkage", "lateness": "lateness",
    "unavailable": "unavailable", "tenure": "tenure", "learning": "learning", "speed_spread": "speed spread",
}  # fmt: skip


def mechanisms_of(source):
    """The mechanisms present in a scenario's mapping, by name."""
    found = {"snapshot"} if "snapshot" in source else set()
    for key, name in (("shared_lines", "shared lines"), ("surges", "surge")):
        found |= {name} if source.get(key) else set()
    if source.get("customers", {}).get("segments"):
        found.add("segments")
    for touchpoint in source["touchpoints"].values():
        found |= {"automated touchpoint"} if touchpoint["mechanism"] == "automated" else set()
        for part in (touchpoint, *touchpoint.get("types", {}).values()):
            found |= _of_visit(part)
    for group in source["agent_groups"].values():
        found |= _of_group(group)
    for entry in source["contact_types"].values():
        found |= _of_demand(entry)
    routing = source.get("routing", {})
    for key, usual in POLICIES.items():
        if routing.get(key, usual) != usual:
            found.add(f"{key} {routing[key]}")
    found |= {key.replace("_", " ") for key in ("preferred_agent", "specialist_first") if routing.get(key)}
    return found


def _of_visit(part):
    found = {name for key, name in _OF_TOUCHPOINT.items() if part.get(key)}
    told = part.get("announcement")
    if told is not None:
        found |= {"announcement"} | {"balking" for _ in (told.get("balks") or ())}
        found |= {"callback"} if told.get("callback") else set()
    if part.get("dial"):
        found |= {"deferred", f"outbound {part['dial']['mode']}"}
        again = part.get("then", {}).get("unreached") and part["dial"].get("attempts", 3) > 1
        found |= {"dialling again"} if again else set()
    if part.get("concurrency", 1) > 1:
        found.add("concurrency")
    if part.get("after_call_work", "0 s") != "0 s":
        found.add("after-call work")
    if isinstance(part.get("patience"), dict) and part["patience"].get("at_once"):
        found.add("patience at once")
    if part.get("hours") and not part.get("deferred"):
        found.add({"turn_away": "turn away at closing"}.get(part.get("at_closing"), "serve out at closing"))
    for exits in part.get("then", {}).values():
        for exit_ in exits.values():
            found |= {f"{exit_['transfer']} transfer"} if exit_.get("transfer") else set()
            found |= {"position front"} if exit_.get("position") == "front" else set()
            found |= {"next opening"} if exit_.get("after") == "next_opening" else set()
    return found


def _of_group(group):
    found = {name for key, name in _OF_GROUP.items() if group.get(key)}
    end, mixes = group.get("at_shift_end"), group.get("mixes")
    found |= {"hand over at shift end"} if end == "hand_over" else {"drop at shift end"} if end == "drop" else set()
    found |= {f"mixes {mixes}"} if mixes in ("all", "none") else set()
    if any(shift.get("breaks") for shift in (group.get("shifts") or {}).values()):
        found.add("breaks")
    for given in group["serves"].values():
        by_type = bool(given) and all(isinstance(part, dict) for part in given.values()) and set(given) != {"ageing"}
        for terms in given.values() if by_type else (given,):
            found |= {name for key, name in _OF_TERMS.items() if terms.get(key) not in (None, 0, "0 s")}
            if terms.get("level", 1) > 1 or terms.get("resolution"):
                found.add("skill levels")
    return found


def _of_demand(entry):
    found = {"batch arrivals"} if entry.get("batch") else set()
    replay = entry.get("arrivals")
    if replay:
        found.add("replay")
        found |= {f"replayed {key.replace('_', ' ')}" for key in ("talk_time", "patience") if replay.get(key)}
        found |= {"replayed after-call work"} if replay.get("after_call_work") else set()
    return found
