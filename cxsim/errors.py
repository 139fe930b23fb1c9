"""What goes wrong, said in one line: where, what was given, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class CxsimError(Exception):
    """A user's mistake or an impossible request, with every problem found.

    Parameters
    ----------
    problems : str or sequence of str
        One line each, made by `problem`.
    """

    exit_code = 2

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type[CxsimError], tuple[tuple[str, ...]]]:
        return type(self), (self.problems,)


class ScenarioError(CxsimError):
    """A scenario, or an override of one, that cannot be simulated as written."""


class LogError(CxsimError):
    """A log or an export that breaks a stated requirement."""


class MetricUnavailable(CxsimError):
    """A metric that this log cannot give, or a metric or variant that does not exist."""


class PerceptionError(CxsimError):
    """A perception model, or a target to anchor it to, that cannot be used as written."""


class ProfileError(CxsimError):
    """A benchmark profile or a scorecard that cannot be used as written."""


class NothingToScore(ProfileError):
    """No metric of the profile has a value."""


class RunError(CxsimError):
    """A run that cannot start or be read as asked."""


class RunFailed(RunError):
    """A run that began and could not go on; what was finished is kept."""

    exit_code = 1


def problem(where: str, given: object, allowed: str, remedy: str = "") -> str:
    """One line in the order of the house: where, what was given, what is allowed, what to do."""
    parts = [f"{given}", allowed, remedy]
    return f"{where}: " + "; ".join(part for part in parts if part)


def nearest(word: str, known: Iterable[str]) -> str:
    """The remedy "Did you mean 'x'?" if something known looks like the word, else an empty string."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"did you mean '{found[0]}'?" if found else ""
