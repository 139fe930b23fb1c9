"""The command line called in this process: the real entry point, its words, its output and its exit code."""

import contextlib
import io
import sys
from typing import NamedTuple
from unittest import mock

from cxsim import cli


class Said(NamedTuple):
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def command(*words):
    """Run `cxsim WORDS...` as `main` does and catch what it says."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    said_by = mock.patch.object(sys, "argv", ["cxsim", *map(str, words)])
    with said_by, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
    return Said(code, out.getvalue(), err.getvalue())


def folder_of(said, home):
    """The run folder that a command names in its last line."""
    return home / said.out.strip().splitlines()[-1].removeprefix("report: ").removesuffix("/report.html")
