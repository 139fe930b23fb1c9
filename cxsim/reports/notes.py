"""What a planner should know before reading on, seen in the results themselves."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cxsim.metrics.plausibility import warnings_of
from cxsim.scenario.load import Scenario

# Share of visits that find closed doors, from which on it is said first.
MANY = 0.02


def closed_doors(estimates: pd.DataFrame) -> list[str]:
    """Touchpoints at which many visits found it closed: they are in no service level and no abandonment rate.

    Parameters
    ----------
    estimates : DataFrame
        Of `Findings`; read are the rows of `by` flow, group 'touchpoint|outcome|following|how'.
    """
    flow = estimates[estimates["by"] == "flow"]
    if flow.empty:
        return []
    parts = flow["group"].str.split("|", expand=True)
    table = pd.DataFrame(
        {"scenario": flow["scenario"], "touchpoint": parts[0], "closed": parts[1] == "closed", "n": flow["value"]}
    )
    found = []
    for (scenario, touchpoint), rows in table.groupby(["scenario", "touchpoint"], sort=False):
        share = rows.loc[rows["closed"], "n"].sum() / rows["n"].sum()
        if share > MANY:
            found.append(
                f"{scenario}: {share:.0%} of visits to {touchpoint} found it closed; they count neither as offered nor "
                "as abandoned in the rates of those who came in time"
            )
    return found


def free_service(scenarios: Mapping[str, Scenario], estimates: pd.DataFrame) -> list[str]:
    """Scenarios whose customers have a value, but in which serving them costs nothing for want of a number.

    Parameters
    ----------
    scenarios : mapping of label to Scenario
    estimates : DataFrame
        Of `Findings`; read is whether there is a lifetime value.
    """
    if not (estimates["metric"] == "customer_lifetime_value").any():
        return []
    found = []
    for label, scenario in scenarios.items():
        model = scenario.model
        unknown = [f"agent_groups.{name}.cost" for name, group in model.agent_groups.items() if group.cost is None]
        lacking = [*([] if model.customers.population else ["customers.population"]), *unknown]
        if lacking:
            found.append(
                f"{label}: customer_lifetime_value counts margins whole, without the cost to serve, since "
                f"{', '.join(lacking)} is not stated"
            )
    return found


def plausibility_of(estimates: pd.DataFrame) -> tuple[str, ...]:
    """What in the numbers of each scenario cannot be true together, or seldom is."""
    whole = estimates[estimates["by"] == ""]
    labels = list(dict.fromkeys(whole["scenario"]))
    found = []
    for label in labels:
        before = f"{label}: " if len(labels) > 1 else ""
        found += [before + line for line in warnings_of(whole[whole["scenario"] == label])]
    return tuple(found)
