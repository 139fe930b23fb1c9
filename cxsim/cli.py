"""The command line: verbs, overrides in Hydra's grammar, one-line errors, exit codes 0, 1, 2 and 130."""

from __future__ import annotations

import sys

import typer

# Verbs are known, and listed by `cxsim --help`, in the order in which they are imported.
from cxsim.commands import designs, folders, records, shipped  # noqa: F401
from cxsim.commands.shared import INTERRUPTED, app
from cxsim.errors import problem

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
