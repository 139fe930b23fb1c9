"""Which rule held where the field has several: ties, ends, closing, patience, denominators; printed in every report."""

from __future__ import annotations

from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import ScenarioModel, Staffed


def rules_of(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """What and rule, for the mechanisms that a scenario uses."""
    model = scenario.model
    staffed = [part for part in model.touchpoints.values() if isinstance(part, Staffed)]
    found = [
        (
            "Ties",
            "At one instant: agents wrap up, talks end, presence changes, contacts are offered, customers leave; "
            "within a kind by group and agent, or by contact type, case, contact and leg.",
        ),
        ("Routing", _routing(model)),
        (
            "End of presence",
            f"{_ends(model)} When a head count falls, idle agents leave first, the highest number first, then whoever "
            "wraps up; when it rises, those still at work are kept.",
        ),
        ("Horizon", "Cases arrive until the horizon and each is followed to its end; shares of contacts are of those "
                    "offered before it, shares of cases of those begun before it."),
        ("Start", _start(model)),
        ("Service level", "Answered within the threshold over decided contacts; the variant says how abandons count."),
        ("Satisfaction", "All customers unless 'surveyed' is said; then those whom the response model lets answer."),
    ]  # fmt: skip
    if any(part.patience is not None for part in staffed):
        found.append(
            (
                "Patience",
                "Drawn when the contact is offered, anew after a transfer or a redial; it does not run in talk.",
            )
        )
    if any(part.hours is not None and not part.deferred for part in staffed):
        rule = {
            "serve_out": "those waiting are served while somebody is there who can; new contacts find it closed",
            "turn_away": "those waiting are sent away; new contacts find it closed",
        }
        used = sorted({part.at_closing for part in staffed if part.hours is not None and not part.deferred})
        found.append(("Closing", "; or ".join(rule[kind] for kind in used) + "."))
    if any(part.deferred for part in staffed):
        found.append(("Deferred work", "Has no patience and waits overnight; its wait is the first response time."))
    found += _mechanisms(staffed)
    busy = model.busyness
    if busy.day_cv or busy.interval_cv:
        found.append(
            ("Busyness", f"Demand varies more than Poisson: days by {busy.day_cv:.0%}, intervals by "
                         f"{busy.interval_cv:.0%} (coefficients of variation), neighbours "
                         f"correlated {busy.interval_correlation:g}.")
        )  # fmt: skip
    return tuple(found)


def _routing(model: ScenarioModel) -> str:
    """The two questions of routing, as this scenario answers them."""
    agent, contact = (name.replace("_", " ") for name in (model.routing.agent, model.routing.contact))
    if (agent, contact) == ("longest idle", "longest wait"):
        return "Lowest rank first, then the agent idle longest and the contact waiting longest."
    ranks = "By score" if model.routing.contact == "score" else f"Lowest rank first, then by {contact}"
    return f"{ranks} for the contact that an agent takes, by {agent} for the agent who takes a contact; then by time."


_ENDS = {
    "finish": "A contact in hand is finished; time past the plan is overtime.",
    "hand_over": "A contact in hand goes to the front of its queue, its work left kept.",
    "drop": "A contact in hand is dropped and counts as unresolved.",
}


def _ends(model: ScenarioModel) -> str:
    """What happens to contacts in hand, by group if it differs."""
    groups = model.agent_groups
    kinds = {name: group.at_shift_end for name, group in groups.items()} or {"": "finish"}
    if len(set(kinds.values())) == 1:
        return _ENDS[next(iter(kinds.values()))]
    names = {kind: ", ".join(name for name in kinds if kinds[name] == kind) for kind in sorted({*kinds.values()})}
    return " ".join(f"{names[kind]}: {_ENDS[kind]}" for kind in names)


def _start(model: ScenarioModel) -> str:
    """With what the run begins."""
    if model.snapshot is not None:
        return "The run begins with the contacts and agents of the snapshot."
    return (
        "The centre begins empty: backlog and what waits overnight build up over the first days and are too small in a "
        "short run; give the calendar more days, or measure a later window."
    )


def _mechanisms(staffed: list[Staffed]) -> list[tuple[str, str]]:
    """Rules of what only some scenarios have."""
    found = []
    if any(part.concurrency > 1 for part in staffed):
        found.append(
            (
                "Several at once",
                "Contacts in hand at once slow each other down as stated; work left is kept when the number changes.",
            )
        )
    if any(part.announcement is not None for part in staffed):
        rule = "People ahead who would be served first times mean handle time, over agents on duty who serve them."
        found.append(("Announced wait", rule))
    if any(part.interruptible for part in staffed):
        found.append(
            (
                "Interruption",
                "Work laid aside for a live contact of better rank waits at the front, what is left of it kept.",
            )
        )
    if any(part.promise is not None for part in staffed):
        rule = (
            "Counts from the offer; at most one chaser a contact asks where it stays, takes time and resolves nothing."
        )
        found.append(("Promise", rule))
    return found
