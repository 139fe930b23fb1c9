"""The record of a real centre, from its file to findings: alone, or in one scorecard beside others and simulations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cxsim import shipped
from cxsim.benchmarks.agents import AgentScorecard, agent_scorecard
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.scorecard import score
from cxsim.contacts.log import ContactLog
from cxsim.contacts.readers import read_log
from cxsim.errors import RunError, nearest, problem
from cxsim.metrics.requests import read
from cxsim.reports.findings import Findings
from cxsim.reports.outputs import write_table
from cxsim.reports.real import findings_of_log
from cxsim.scenario.changes import refuse_wrong_kinds
from cxsim.scenario.load import load_scenario, parse_overrides
from cxsim.study import estimate

SETTINGS: Final = ("metrics", "profile", "reader", "window", "replications", "seed")
SIMULATED: Final = 10  # replications of a scenario beside a record, if nothing is said
CENTRES_DAYS: Final = "days are the repetitions of a real record, replications those of a simulation"


def read_settings(words: Sequence[str] | None, *, reader: str) -> dict[str, Any]:
    """Settings of `measure` and `score`, in Hydra's grammar.

    Raises
    ------
    RunError
        Not a setting, or of a wrong kind.
    """
    found: dict[str, Any] = dict.fromkeys(SETTINGS) | {"reader": reader}
    for parsed in parse_overrides(list(words or [])):
        if parsed.key_or_group not in SETTINGS:
            raise RunError(problem(f"argument {parsed.input_line}", "not a setting here", f"{', '.join(SETTINGS)}",
                                   nearest(parsed.key_or_group, SETTINGS)))  # fmt: skip
        found[parsed.key_or_group] = parsed.value()
    if isinstance(found["metrics"], str):
        found["metrics"] = [found["metrics"]]
    refuse_wrong_kinds({key: value for key, value in found.items() if value is not None})
    if found["metrics"] == []:
        raise RunError(problem("metrics", "an empty list", "one or more", "leave it out for all of them"))
    if found["window"] is not None and len(found["window"]) != 2:
        raise RunError(problem(f"window={found['window']}", "not two times", "[08:00, 18:00]"))
    return found


def measured(file: Path, settings: Mapping[str, Any], *, profile: str | None, command: str) -> Findings:
    """Findings on one file, or on the shipped sample of that name."""
    log = _log(file, settings)
    window = settings["window"]
    return findings_of_log(
        log,
        title=file.name,
        metrics=settings["metrics"],
        profile=profile,
        window=None if window is None else (str(window[0]), str(window[1])),
        command=command,
    )


def _log(file: Path, settings: Mapping[str, Any]) -> ContactLog:
    sample = shipped.folder("conf") / "reader" / f"{file}.csv"
    return read_log(sample if sample.is_file() and not file.exists() else file, reader=settings["reader"])


def agents_of(file: Path, settings: Mapping[str, Any], *, profile: str) -> AgentScorecard:
    """Scorecard of each agent of a record, none ranked on noise."""
    return agent_scorecard(_log(file, settings), profile=profile)


def show_agents(card: AgentScorecard, *, out: Path | None, as_json: bool) -> None:
    """The card of the agents as text or JSON, and as agents.csv where a folder is named."""
    table = card.to_frame()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_table(table, out / "agents.csv")
    print(table.to_json(orient="records", indent=1) if as_json else card.to_text())


def beside(
    first: Findings, others: Sequence[str], settings: Mapping[str, Any], *, profile: str, command: str
) -> Findings:
    """One scorecard of a record and of others: the same metrics in the same variants, on what every side can give.

    Parameters
    ----------
    first : Findings
        Of the record, from `measured`.
    others : sequence of str
        Shipped scenarios or scenario files, which are simulated; or exports, 'FILE' or 'FILE:READER'.
    settings : mapping
        From `read_settings`; replications and seed are those of simulations.
    profile : str

    Raises
    ------
    CxsimError
        What cannot be read or simulated; no metric that all sides have.
    """
    estimates = {first.title: first.estimates.assign(scenario=first.title)}
    imported = list(first.imported)
    for other in others:
        label = other if other not in estimates else f"{other} (again)"
        if _is_scenario(other):
            estimates[label] = _simulated(other, settings, profile=profile).assign(scenario=label)
        else:
            name, _, reader = other.rpartition(":") if _names_reader(other) else (other, "", settings["reader"])
            found = measured(Path(name), {**settings, "reader": reader}, profile=profile, command=command)
            estimates[label] = found.estimates.assign(scenario=label)
            imported += found.imported
    cards, left_out = _cards(estimates, profile=profile)
    said = [f"left out of the scorecards, since not every side gives it: {', '.join(left_out)}"] if left_out else []
    return replace(
        first,
        kind="beside",
        title=" beside ".join(estimates),
        estimates=pd.concat(estimates.values(), ignore_index=True),
        scorecards=cards,
        warnings=(*first.warnings, *said),
        unavailable=pd.DataFrame(),
        imported=(*imported, CENTRES_DAYS),
    )


def refuse_other_definitions(metrics: Sequence[str] | None, *, profile: str) -> None:
    """Refuse a metric that is asked for in another variant than the profile compares.

    Raises
    ------
    RunError
        Naming each of them.
    """
    peers, wrong = load_profile(profile), []
    for request in read(metrics) if metrics is not None else ():
        entry = peers.metric(request.metric.name)
        if entry is not None and entry.variant != request.variant:
            given = f"asked for as '{request.variant}'"
            wrong.append(problem(f"metrics.{entry.name}", given, f"profile {peers.name} compares '{entry.variant}'",
                                 "scores stand for equal definitions; `cxsim measure` shows any variant"))  # fmt: skip
    if wrong:
        raise RunError(wrong)


def _is_scenario(name: str) -> bool:
    return shipped.path("scenario", name) is not None or Path(name).suffix in (".yaml", ".yml")


def _names_reader(name: str) -> bool:
    return not Path(name).exists() and ":" in name and name.rpartition(":")[2] in shipped.names("reader")


def _simulated(name: str, settings: Mapping[str, Any], *, profile: str) -> pd.DataFrame:
    found = estimate(
        load_scenario(name),
        replications=settings["replications"] or SIMULATED,
        seed=settings["seed"] or 0,
        metrics=settings["metrics"],
        profile=profile,
    )
    table = found.findings.estimates
    return table[~table["by"].isin(["goal", "moment"])]


def _cards(estimates: Mapping[str, pd.DataFrame], *, profile: str) -> tuple[dict[str, Any], list[str]]:
    """Scorecards on the metrics of the profile that every side has a value of; and those that are left out."""
    peers = load_profile(profile)
    wanted = [(entry.name, entry.variant) for entry in peers.metrics]
    whole = {label: table[table["by"] == ""] for label, table in estimates.items()}
    known = []
    for table in whole.values():
        seen = table[table["value"].notna()]
        known.append(set(zip(seen["metric"], seen["variant"], strict=True)))
    names = {name for found in known for name, _ in found}
    both = [key for key in wanted if all(key in found for found in known)]
    left_out = [f"{name}:{variant}" for name, variant in wanted if (name, variant) not in both and name in names]
    cards = {}
    for label, table in whole.items():
        keys = pd.Series(list(zip(table["metric"], table["variant"], strict=True)), index=table.index)
        cards[label] = score(table[keys.isin(both)].drop(columns=["scenario", "by"]), profile=peers)
    return cards, left_out


def show_log(findings: Findings, *, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Write the outputs of a record where asked, and show what came out.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    from cxsim.reports.outputs import write_outputs
    from cxsim.reports.terminal import as_plain, print_findings

    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(
                problem(f"folder {out}", error.strerror or "cannot be written", "a writable folder")
            ) from None
        write_outputs(findings, out)
    if as_json:
        print(json.dumps(as_plain(findings), indent=1, allow_nan=False))
    elif not quiet:
        print_findings(findings)
    if out is not None and not as_json:
        print(f"report: {out}/report.html")
