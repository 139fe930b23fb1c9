"""What a planner should know before reading on, seen in the results themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from cxsim.metrics.plausibility import warnings_of
from cxsim.scenario.load import Scenario

# Share of visits that find closed doors, from which on it is said first.
MANY = 0.02


def said_once(said: Iterable[tuple[str, str]], *, labels: Sequence[str]) -> list[str]:
    """What is said of several scenarios [label, text], each text once; whose it is stands before it unless it is all's.

    Parameters
    ----------
    said : pairs of label and text
    labels : sequence of str
        All that could be meant.
    """
    of: dict[str, list[str]] = {}
    for label, text in said:
        mine = of.setdefault(text, [])
        if label not in mine:
            mine.append(label)
    everyone = set(labels)
    return [text if everyone <= set(mine) else f"{', '.join(mine)}: {text}" for text, mine in of.items()]


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
    labels = list(dict.fromkeys(flow["scenario"]))
    found = []
    for touchpoint, visits in table.groupby("touchpoint", sort=False):
        shares = []
        for scenario, rows in visits.groupby("scenario", sort=False):
            share = rows.loc[rows["closed"], "n"].sum() / rows["n"].sum()
            if share > MANY:
                shares.append((str(scenario), f"{share:.0%}"))
        if shares:
            found.append(
                f"visits to {touchpoint} that found it closed: {_by_scenario(shares, labels)}; they count neither as "
                "offered nor as abandoned in the rates of those who came in time"
            )
    return found


def _by_scenario(shares: list[tuple[str, str]], labels: Sequence[str]) -> str:
    """'4%' where all scenarios have the same, else '4% (today, two more), 5% (fewer)'."""
    of: dict[str, list[str]] = {}
    for label, share in shares:
        of.setdefault(share, []).append(label)
    if len(of) == 1 and len(shares) == len(labels):
        return next(iter(of))
    return ", ".join(f"{share} ({', '.join(mine)})" for share, mine in of.items())


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
            said = (
                "customer_lifetime_value counts margins whole, without the cost to serve, since "
                f"{', '.join(lacking)} is not stated"
            )
            found.append((label, said))
    return said_once(found, labels=list(scenarios))


def plausibility_of(estimates: pd.DataFrame) -> tuple[str, ...]:
    """What in the numbers of each scenario cannot be true together, or seldom is."""
    whole = estimates[estimates["by"] == ""]
    labels = list(dict.fromkeys(whole["scenario"]))
    said = [(label, line) for label in labels for line in warnings_of(whole[whole["scenario"] == label])]
    return tuple(said_once(said, labels=labels))
