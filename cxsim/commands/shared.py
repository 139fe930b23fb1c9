"""What the verbs of the command line share: the application, options, errors in one line, and showing a result.

What a verb needs is imported in it, so that help and wrong input do not wait for the numerical libraries.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from functools import wraps
from inspect import Signature, signature
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from cxsim import shipped
from cxsim.errors import CxsimError

if TYPE_CHECKING:
    from cxsim.protocol import Study
    from cxsim.study import Result

DEFAULT_SCENARIO = "it_service_desk"
INTERRUPTED = 130
# The folder of the run under way, to be named if it is interrupted.
STARTED: list[Path] = []
OVERRIDES = "Anything else is an override of the scenario: agent_groups.desk.agents=13."
PLANNED = ("looks", "target", "margin")  # of a run or a comparison only

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Simulate a support or contact centre: what a change does to the customer, how sure that is, how good it is.",
)


class WithSettings(TyperCommand):
    """A verb whose help ends with its settings, one a line, read where they are declared when help is asked for."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the verb."""
        super().format_help(ctx, formatter)
        print(" Settings, KEY=VALUE:")
        for key, default, meaning in _settings_of_verb(str(self.name)):
            print(f"   {_given(key, default):<19} {meaning}".rstrip())
        print(f" {OVERRIDES}\n")


def _given(key: str, default: str) -> str:
    """A setting at its default as it would be typed."""
    return shlex.quote(f"{key}={default}") if " " in default else f"{key}={default}" if default else key


def _settings_of_verb(verb: str) -> list[tuple[str, str, str]]:
    """Name, default and meaning of each."""
    from cxsim.settings import settings_said

    if verb != "optimise":
        return settings_said(verb if shipped.path("study", verb) else "run")
    from cxsim.designs.optimise_options import options_said

    return [*options_said(), *(setting for setting in settings_said() if setting[0] not in PLANNED)]


Words = Annotated[list[str] | None, typer.Argument(help="SCENARIO and KEY=VALUE overrides", show_default=False)]
Change = Annotated[list[str] | None, typer.Option("--change", help="'NAME: KEY=VALUE, KEY=VALUE'")]
Target = Annotated[
    list[str] | None, typer.Option("--target", help="'service_level >= 80%', also 'on 90% of days'; a goal; goals")
]
With = Annotated[list[str] | None, typer.Option("--with", help="another scenario: name or path")]
Out = Annotated[Path, typer.Option("--out", help="folder below which the run folder is made")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="worker processes; results do not depend on it")]
Cluster = Annotated[str | None, typer.Option("--cluster", help="Dask scheduler: tcp://HOST:PORT, tls://, or its file")]
Seed = Annotated[int | None, typer.Option("--seed", help="seed of all random numbers", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", help="print only where the report lies")]
Json = Annotated[bool, typer.Option("--json", help="print the result as JSON")]


def reported(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what goes wrong into one line a problem and an exit code, never a traceback."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except CxsimError as error:
            for line in error.problems:
                print(f"error: {' '.join(line.split())}", file=sys.stderr)  # one line, whatever was given
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            kept = f"; finished trials are kept, `cxsim resume {STARTED[-1]}` goes on" if STARTED else ""
            print(f"interrupted{kept}", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of a pipe has gone (`cxsim list | head`); nothing is left to say.
            sys.stderr.close()
            raise typer.Exit(0) from None

    return guarded


def runs_study(verb: Callable[..., Study]) -> Callable[..., None]:
    """Make of a function that prepares a study the verb that runs it, with the options that all such verbs have.

    `verb` takes its own arguments and options, and seed; the verb that comes of it has the rest beside.
    """

    @reported
    def running(
        out: Out = Path("runs"),
        jobs: Jobs = 1,
        cluster: Cluster = None,
        seed: Seed = None,
        quiet: Quiet = False,
        as_json: Json = False,
        **own: Any,
    ) -> None:
        study = verb(seed=seed, **own)
        run_and_show(study, out=out, jobs=jobs, cluster=cluster, quiet=quiet, as_json=as_json)

    # Typer reads options from the signature: those of the verb first, then the shared ones.
    verb.__annotations__.pop("return")  # known to the type checker only, since its import would take long
    own = [part for part in signature(verb, eval_str=True).parameters.values() if part.name != "seed"]
    of_all = [
        part for part in signature(running, eval_str=True).parameters.values() if part.kind is not part.VAR_KEYWORD
    ]
    found = [part.replace(kind=part.KEYWORD_ONLY) for part in (*own, *of_all)]
    running.__signature__ = Signature(found)  # type: ignore[attr-defined]
    running.__annotations__ = {part.name: part.annotation for part in found}
    running.__name__, running.__doc__ = verb.__name__, verb.__doc__
    return running


def given_command() -> str:
    """The command as it was given."""
    return shlex.join(["cxsim", *sys.argv[1:]])


def run_and_show(study: Study, *, out: Path, jobs: int, cluster: str | None, quiet: bool, as_json: bool) -> None:
    """Run a study with progress, write its outputs, show what came out."""
    from cxsim.compiled import is_cold
    from cxsim.model.load import overloads
    from cxsim.reports.outputs import write_outputs
    from cxsim.reports.progress import shown_progress
    from cxsim.study import run_study

    if not quiet and not as_json:
        for scenario in islice(study.scenarios.values(), 20):
            for line in overloads(scenario):
                print(f"warning: {line}")
        if is_cold():
            print("first run here: compiling the rules (`cxsim warm-up` compiles the engine too)", file=sys.stderr)
    with shown_progress(enabled=not quiet and not as_json) as progress:
        result = run_study(study, out=out, jobs=jobs, cluster=cluster, progress=progress, started=STARTED.append)
    assert result.folder is not None
    write_outputs(result.findings, result.folder)
    show_result(result, quiet=quiet, as_json=as_json)


def show_result(result: Result, *, quiet: bool, as_json: bool) -> None:
    """What came out, for a person, a script, or in one line."""
    from cxsim.reports.terminal import as_plain, print_findings

    if as_json:
        print(json.dumps({"run": str(result.folder), **as_plain(result.findings)}, indent=1, allow_nan=False))
        return
    if not quiet:
        print_findings(result.findings)
    print(f"report: {result.folder}/report.html")
