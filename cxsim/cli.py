"""The command line: verbs, overrides in Hydra's grammar, one-line errors, exit codes 0, 1, 2 and 130.

Above 300 lines because every verb stands here with its options, which are its help text. What a verb needs is imported
in it, so that help and wrong input do not wait for the numerical libraries.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxsim.errors import CxsimError, RunError, nearest, problem
from cxsim.scenario.changes import own_name, parse_change, split_words
from cxsim.settings import setting_names, settings_of

if TYPE_CHECKING:
    from cxsim.protocol import Study
    from cxsim.reports.findings import Findings
    from cxsim.study import Result

DEFAULT_SCENARIO = "it_service_desk"
INTERRUPTED = 130
# The folder of the run under way, to be named if it is interrupted.
STARTED: list[Path] = []
SETTINGS = (
    "Settings of the run, as KEY=VALUE: replications=30, precision='1 point' (or '5 s', '3 %'), most=1000, "
    "metrics=[service_level,csat] (see `cxsim list metrics`), primary=METRIC, profile=NAME or none, seed=7. "
    "Anything else is an override of the scenario: agent_groups.desk.agents=13."
)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Simulate a support or contact centre: what a change does to the customer, how sure that is, how good it is.",
)

Words = Annotated[list[str] | None, typer.Argument(help="SCENARIO and KEY=VALUE overrides", show_default=False)]
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


def _command() -> str:
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


@app.command(epilog=SETTINGS)
@reported
def run(
    words: Words = None,
    out: Out = Path("runs"),
    jobs: Jobs = 1,
    cluster: Cluster = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Simulate one scenario: replicate, measure, score, report."""
    from cxsim.scenario.load import load_scenario

    name, of_run, of_scenario = split_words(words, settings=setting_names())
    options = settings_of("run", of_run, seed=seed)
    scenario = load_scenario(name or DEFAULT_SCENARIO, *of_scenario)
    from cxsim.protocol import prepare

    study = prepare("estimate", {"today": scenario}, command=_command(), **options)
    run_and_show(study, out=out, jobs=jobs, cluster=cluster, quiet=quiet, as_json=as_json)


@app.command(epilog=SETTINGS)
@reported
def compare(
    words: Words = None,
    change: Annotated[list[str] | None, typer.Option("--change", help="'NAME: KEY=VALUE, KEY=VALUE'")] = None,
    against: Annotated[list[str] | None, typer.Option("--with", help="another scenario: name or path")] = None,
    attribute: Annotated[bool, typer.Option("--attribute", help="credit each setting with its part")] = False,
    out: Out = Path("runs"),
    jobs: Jobs = 1,
    cluster: Cluster = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compare changes, or other scenarios, with the first: paired, with intervals of the differences."""
    from cxsim.scenario.load import load_scenario

    name, of_run, of_scenario = split_words(words, settings=setting_names())
    options = settings_of("run", of_run, seed=seed)
    base = load_scenario(name or DEFAULT_SCENARIO, *of_scenario)
    scenarios = {"today": base}
    for text in change or []:
        label, overrides = parse_change(text)
        scenarios[own_name(label, taken=scenarios)] = base.override(*overrides)
    for other in against or []:
        scenarios[own_name(Path(other).stem, taken=scenarios)] = load_scenario(other)
    if len(scenarios) < 2:
        raise RunError(problem("compare", "nothing to compare with", "--change 'NAME: KEY=VALUE' or --with SCENARIO"))
    from cxsim.protocol import prepare

    title = f"{base.name}: {', '.join(list(scenarios)[1:])}"
    study = prepare("compare", scenarios, title=title, attribute=attribute, command=_command(), **options)
    run_and_show(study, out=out, jobs=jobs, cluster=cluster, quiet=quiet, as_json=as_json)


@app.command(epilog=SETTINGS)
@reported
def sweep(
    words: Words = None,
    out: Out = Path("runs"),
    jobs: Jobs = 1,
    cluster: Cluster = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """A full grid: KEY=VALUE,VALUE,... for each setting to vary; KEY=VALUE fixes others."""
    from cxsim.scenario.load import load_scenario, sweep_values

    name, of_run, of_scenario = split_words(words, settings=setting_names())
    options = settings_of("run", of_run, seed=seed)
    varied = [word for word in of_scenario if word[:1] not in "+~" and len(sweep_values(word)[1]) > 1]
    fixed = [word for word in of_scenario if word not in varied]
    scenario = load_scenario(name or DEFAULT_SCENARIO, *fixed)
    from cxsim.study import sweep_study

    study = sweep_study(scenario, varied, command=_command(), **options)
    run_and_show(study, out=out, jobs=jobs, cluster=cluster, quiet=quiet, as_json=as_json)


@app.command(epilog=SETTINGS)
@reported
def optimise(
    words: Words = None,
    target: Annotated[list[str] | None, typer.Option("--target", help="'service_level >= 80%'; a goal; goals")] = None,
    vary: Annotated[list[str] | None, typer.Option("--vary", help="agent_groups.desk.by_interval, PATH=5..9")] = None,
    confidence: Annotated[str, typer.Option("--confidence", help="with which all targets hold")] = "95%",
    robust: Annotated[str | None, typer.Option("--robust", help="how uncertain each day's level is, as 5%")] = None,
    out: Out = Path("runs"),
    jobs: Jobs = 1,
    cluster: Cluster = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Find the cheapest plan that meets every target; search_days=, fresh_days=, cost=, score=, beside= tune it."""
    from cxsim.designs.optimise_options import split_plan_words
    from cxsim.protocol import optimise_study
    from cxsim.scenario.load import load_scenario

    asked, rest = split_plan_words(words or [])
    name, of_run, of_scenario = split_words(rest, settings=setting_names())
    options = settings_of("run", of_run, seed=seed)
    scenario = load_scenario(name or DEFAULT_SCENARIO, *of_scenario)
    asked |= {"targets": target or [], "vary": vary or [], "confidence": confidence, "robust": robust}
    study = optimise_study(scenario, asked, command=_command(), **options)
    run_and_show(study, out=out, jobs=jobs, cluster=cluster, quiet=quiet, as_json=as_json)


@app.command()
@reported
def experiment(
    name: Annotated[str, typer.Argument(help="a shipped experiment, or a folder with study.yaml")],
    words: Annotated[list[str] | None, typer.Argument(help="KEY=VALUE settings of the run")] = None,
    out: Out = Path("runs"),
    jobs: Jobs = 1,
    cluster: Cluster = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Run a study of experiments/NAME/ or of your own folder."""
    from cxsim.experiment import load_experiment

    wrong = [word for word in words or [] if word.partition("=")[0] not in setting_names()]
    if wrong:
        known = setting_names()
        raise RunError(problem(f"argument {wrong[0]}", "not a setting of a run", f"settings: {', '.join(known)}",
                               nearest(wrong[0].partition("=")[0], known)))  # fmt: skip
    keys = {word.partition("=")[0] for word in words or []}
    given = {key: value for key, value in settings_of("run", words or [], seed=seed).items() if key in keys}
    if seed is not None:
        given["seed"] = seed
    study = load_experiment(name, command=_command(), **given)
    run_and_show(study, out=out, jobs=jobs, cluster=cluster, quiet=quiet, as_json=as_json)


@app.command()
@reported
def resume(
    run: Annotated[str, typer.Argument(help="folder of a run")],
    jobs: Jobs = 1,
    cluster: Cluster = None,
    quiet: Quiet = False,
) -> None:
    """Go on with a run that was stopped; what is finished is kept."""
    from cxsim.protocol import Study
    from cxsim.reports.outputs import write_outputs
    from cxsim.reports.progress import shown_progress
    from cxsim.runs.store import RunFolder
    from cxsim.study import run_study

    folder = RunFolder.open(run)
    study = Study.from_manifest(folder.manifest)
    with shown_progress(enabled=not quiet) as progress:
        result = run_study(study, folder=folder, jobs=jobs, cluster=cluster, progress=progress)
    write_outputs(result.findings, folder.path)
    show_result(result, quiet=quiet, as_json=False)


@app.command()
@reported
def report(run: Annotated[str, typer.Argument(help="folder of a finished run")]) -> None:
    """Draw the report of a finished run again, from what it kept."""
    from cxsim.protocol import Study
    from cxsim.reports.outputs import write_outputs
    from cxsim.runs.store import RunFolder
    from cxsim.study import is_finished, run_study

    folder = RunFolder.open(run)
    study = Study.from_manifest(folder.manifest)
    if not is_finished(study, folder):
        raise RunError(problem(f"run {run}", "not finished", "a finished run", f"`cxsim resume {run}` first"))
    result = run_study(study, folder=folder)
    write_outputs(result.findings, folder.path)
    print(f"report: {folder.path}/report.html")


@app.command()
@reported
def verify(
    run: Annotated[str, typer.Argument(help="folder of a run")],
    sample: Annotated[int, typer.Option("--sample", min=1, help="finished trials to run again")] = 3,
) -> None:
    """Run a sample of trials again and compare to the last bit."""
    from cxsim.runs.store import RunFolder
    from cxsim.study import verify as verify_run

    found = verify_run(RunFolder.open(run), sample=sample)
    for name, equal in found:
        print(f"{'equal to the last bit' if equal else 'DIFFERENT'}: {name}")
    if not all(equal for _, equal in found):
        print("error: some trials differ; compare the versions in manifest.json with `cxsim doctor`", file=sys.stderr)
        raise typer.Exit(1)


Reader = Annotated[str, typer.Option("--reader", help="column map: a shipped reader or a path")]
LogFile = Annotated[Path, typer.Argument(help="an export: one row a contact, or events of cases; or technion_sample")]
OutOptional = Annotated[Path | None, typer.Option("--out", help="folder for measures.csv, report.html and report.xlsx")]


def _show_log(findings: Findings, *, out: Path | None, as_json: bool, quiet: bool) -> None:
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


@app.command()
@reported
def measure(
    file: LogFile,
    words: Annotated[list[str] | None, typer.Argument(help="metrics=[...] window=[08:00,18:00]")] = None,
    reader: Reader = "generic",
    out: OutOptional = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Metrics of a real export, the same as of a simulated log."""
    from cxsim.record import measured, read_settings

    findings = measured(file, read_settings(words, reader=reader), profile=None, command=_command())
    _show_log(findings, out=out, as_json=as_json, quiet=quiet)


@app.command()
@reported
def score(
    file: LogFile,
    words: Annotated[list[str] | None, typer.Argument(help="profile=NAME metrics=[...] replications=N")] = None,
    others: Annotated[list[str] | None, typer.Option("--with", help="a scenario, or FILE or FILE:READER")] = None,
    agents: Annotated[bool, typer.Option("--agents", help="a scorecard of each agent instead")] = False,
    reader: Reader = "generic",
    out: OutOptional = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Scorecard of a real export against a benchmark profile, alone or beside other exports and simulations."""
    from cxsim.record import agents_of, beside, measured, read_settings, refuse_other_definitions, show_agents

    settings = read_settings(words, reader=reader)
    profile = str(settings["profile"] or "inbound_voice")
    refuse_other_definitions(settings["metrics"], profile=profile)
    if agents:
        show_agents(agents_of(file, settings, profile=profile), out=out, as_json=as_json)
        return
    findings = measured(file, settings, profile=profile, command=_command())
    if others:
        findings = beside(findings, others, settings, profile=profile, command=_command())
    _show_log(findings, out=out, as_json=as_json, quiet=quiet)


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


# Typer carries its own copy of Click or uses the installed one; either way this is the class of wrong usage.
WrongUsage: type[Exception] = typer.BadParameter.__mro__[1]


def main() -> None:
    """Entry point of the command `cxsim`."""
    try:
        code = app(args=sys.argv[1:] or ["--help"], prog_name="cxsim", standalone_mode=False)
    except WrongUsage as error:
        at = getattr(getattr(error, "ctx", None), "command_path", "cxsim")
        said = " ".join(getattr(error, "format_message", error.__str__)().split()).rstrip(".")
        print(f"error: {problem(at, said, '', f'see `{at} --help`')}", file=sys.stderr)
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
