"""Which rule held where the field has several: ties, ends, closing, patience, denominators; printed in every report."""

from __future__ import annotations

from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import Staffed


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
        ("Routing", "Lowest rank first, then the agent idle longest and the contact waiting longest."),
        (
            "End of presence",
            "A contact in hand is finished; time past the plan is overtime. When a head count falls, idle agents leave "
            "first, the highest number first, then whoever wraps up; when it rises, those still at work are kept.",
        ),
        ("Horizon", "Cases arrive until the horizon and each is followed to its end; shares of contacts are of those "
                    "offered before it, shares of cases of those begun before it."),
        ("Start", "The centre begins empty: backlog and what waits overnight build up over the first days and are too "
                  "small in a short run; give the calendar more days, or measure a later window."),
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
    busy = model.busyness
    if busy.day_cv or busy.interval_cv:
        found.append(
            ("Busyness", f"Demand varies more than Poisson: days by {busy.day_cv:.0%}, intervals by "
                         f"{busy.interval_cv:.0%} (coefficients of variation), neighbours "
                         f"correlated {busy.interval_correlation:g}.")
        )  # fmt: skip
    return tuple(found)
