"""What a planner should know before reading on, seen in the results themselves."""

from __future__ import annotations

import pandas as pd

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
