"""Verbs about a real export: measure, score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxsim.commands.shared import Json, Quiet, app, given_command, reported

Reader = Annotated[str, typer.Option("--reader", help="column map: a shipped reader or a path")]
LogFile = Annotated[Path, typer.Argument(help="an export: one row a contact, or events of cases; or technion_sample")]
OutOptional = Annotated[Path | None, typer.Option("--out", help="folder for measures.csv, report.html and report.xlsx")]


@app.command()
@reported
def measure(
    file: LogFile,
    words: Annotated[list[str] | None, typer.Argument(help=r"metrics=\[...] window=\[08:00,18:00]")] = None,
    reader: Reader = "generic",
    out: OutOptional = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Metrics of a real export, the same as of a simulated log."""
    from cxsim.record import measured, read_settings, show_log

    findings = measured(file, read_settings(words, reader=reader), profile=None, command=given_command())
    show_log(findings, out=out, as_json=as_json, quiet=quiet)


@app.command()
@reported
def score(
    file: LogFile,
    words: Annotated[list[str] | None, typer.Argument(help=r"profile=NAME metrics=\[...] replications=N")] = None,
    others: Annotated[list[str] | None, typer.Option("--with", help="a scenario, or FILE or FILE:READER")] = None,
    agents: Annotated[bool, typer.Option("--agents", help="a scorecard of each agent instead")] = False,
    reader: Reader = "generic",
    out: OutOptional = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Scorecard of a real export against a benchmark profile, alone or beside other exports and simulations."""
    from cxsim import record

    settings = record.read_settings(words, reader=reader)
    profile = str(settings["profile"] or "inbound_voice")
    record.refuse_other_definitions(settings["metrics"], profile=profile)
    if agents:
        record.show_agents(record.agents_of(file, settings, profile=profile), out=out, as_json=as_json)
        return
    findings = record.measured(file, settings, profile=profile, command=given_command())
    if others:
        findings = record.beside(findings, others, settings, profile=profile, command=given_command())
    record.show_log(findings, out=out, as_json=as_json, quiet=quiet)
