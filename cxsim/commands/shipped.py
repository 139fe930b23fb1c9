"""Verbs about what is shipped and installed: list, show, doctor, warm-up."""

from __future__ import annotations

from typing import Annotated

import typer

from cxsim.commands.shared import app, reported


@app.command("list")
@reported
def list_shipped(
    what: Annotated[str | None, typer.Argument(help="scenarios, profiles, metrics, laws, ...")] = None,
) -> None:
    """What is shipped: scenarios, profiles, metrics, laws, policies, readers, lists, experiments."""
    from cxsim.catalogue import listing

    for line in listing(what):
        print(line)


@app.command()
@reported
def show(
    name: Annotated[str, typer.Argument(help="a scenario, metric, profile, law, reader, ... or `schema`")],
) -> None:
    """Explain one thing that is shipped; `schema` prints the JSON Schema of the scenario language."""
    from cxsim.catalogue import explained

    print(explained(name))


@app.command()
@reported
def doctor() -> None:
    """What is installed, what is missing, and whether everything is found."""
    from cxsim.catalogue import health

    lines, healthy = health()
    for line in lines:
        print(line)
    if not healthy:
        raise typer.Exit(1)


@app.command("warm-up")
@reported
def warm_up() -> None:
    """Compile now, so that the first run does not have to."""
    from cxsim.catalogue import warm

    print(warm())
