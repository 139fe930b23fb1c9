"""The verb `bundle`: what an auditor needs of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxsim.commands.shared import app, reported
from cxsim.errors import RunError, problem

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
