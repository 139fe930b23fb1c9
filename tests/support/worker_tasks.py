"""Tasks for worker processes; in a module of their own, light, so that a new process can import them."""

import os
import signal
from pathlib import Path

from cxsim.errors import LogError


def double(number):
    """Twice the number."""
    return 2 * number


def stubborn(task):
    """Kills its worker as often as the task says (remembered in a file), then gives the number; -1 kills always."""
    number, deaths, folder = task
    met = Path(folder) / f"{number}.deaths"
    so_far = len(met.read_text()) if met.exists() else 0
    if deaths < 0 or so_far < deaths:
        met.write_text("x" * (so_far + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def mistaken(number):
    """Refuses 3, as a metric refuses a log; the rest is doubled."""
    if number == 3:
        raise LogError("log: 3; anything else")
    return 2 * number
