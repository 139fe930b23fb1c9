"""Verbs about the folder of a run: resume, report, verify, bundle."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from cxsim.commands.shared import Cluster, Jobs, Quiet, app, reported, show_result
from cxsim.errors import RunError, problem

if TYPE_CHECKING:
    from cxsim.runs.store import RunFolder


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
    from cxsim.runs.provenance import refuse_other_code
    from cxsim.runs.store import RunFolder
    from cxsim.study import is_finished, run_study

    folder = RunFolder.open(run)
    study = Study.from_manifest(folder.manifest)
    if not is_finished(study, folder):
        refuse_other_code(folder.manifest, where=f"run {run}")
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
    run: Annotated[str, typer.Argument(help="folder of a run, or a bundle: folder or zip")],
    sample: Annotated[int, typer.Option("--sample", min=1, help="finished trials to run again")] = 3,
) -> None:
    """Work a sample of trials and all tables again, compare to the last bit; of a bundle, check all that it says."""
    from cxsim.bundle.pack import is_bundle
    from cxsim.runs.store import RunFolder
    from cxsim.study import verify as verify_run

    if is_bundle(Path(run)):
        from cxsim.bundle.check import verify_and_tell

        verify_and_tell(Path(run), sample=sample)
        return
    folder = RunFolder.open(run)
    found = [*verify_run(folder, sample=sample), *_tables(folder)]
    for name, equal in found:
        print(f"{'equal to the last bit' if equal else 'DIFFERENT'}: {name}")
    if not all(equal for _, equal in found):
        print("error: some differ; compare the versions in manifest.json with `cxsim doctor`; `cxsim report` writes "
              "tables again", file=sys.stderr)  # fmt: skip
        raise typer.Exit(1)


def _tables(folder: RunFolder) -> list[tuple[str, bool]]:
    """Each table of a finished run, and whether it is what the counters of its trials give."""
    from cxsim.protocol import Study
    from cxsim.reports.outputs import write_outputs
    from cxsim.study import is_finished, run_study

    study = Study.from_manifest(folder.manifest)
    if not is_finished(study, folder):
        return []
    with TemporaryDirectory(prefix="cxsim-") as again:
        write_outputs(run_study(study, folder=folder).findings, Path(again))
        made = sorted(Path(again).glob("*.csv"))
        return [
            (table.name, (folder.path / table.name).is_file()
             and (folder.path / table.name).read_bytes() == table.read_bytes())
            for table in made
        ]  # fmt: skip


Run = Annotated[str | None, typer.Argument(help="folder of a finished run", show_default=False)]
Words = Annotated[list[str] | None, typer.Argument(help="FIELD='...' of the author form", show_default=False)]
Form = Annotated[Path | None, typer.Option("--author", help="the author form, filled in", show_default=False)]
Empty = Annotated[Path | None, typer.Option("--template", help="write the empty author form here, and stop")]
Out = Annotated[Path | None, typer.Option("--out", help="a folder or NAME.zip; RUN-bundle.zip beside the run")]
Sample = Annotated[int, typer.Option("--sample", min=1, help="finished trials to run again")]
Force = Annotated[bool, typer.Option("--force", help="replace a bundle that is there")]


@app.command()
@reported
def bundle(
    run: Run = None,
    words: Words = None,
    author: Form = None,
    template: Empty = None,
    out: Out = None,
    sample: Sample = 3,
    force: Force = False,
) -> None:
    """Write what an auditor needs of a finished run: settings, code, assumptions, STRESS-DES checklist, results."""
    if template is not None:
        from cxsim.bundle.author import write_template

        write_template(template)
        return
    if run is None:
        raise RunError(problem("bundle", "no run", "the folder of a finished run", "or --template FILE for the form"))
    from cxsim.bundle.check import bundle_and_tell

    bundle_and_tell(run, out, author=author, words=words or [], sample=sample, force=force)
