"""Chunks of tasks for workers; in a module of their own, light, so that a new process can import them."""

import os
import signal
import time
from pathlib import Path

from cxsim.errors import LogError


def doubled(numbers):
    """Twice each number."""
    return [2 * number for number in numbers]


def slept(seconds):
    """The process that slept so long for each."""
    for each in seconds:
        time.sleep(each)
    return [os.getpid()] * len(seconds)


def stubborn(tasks):
    """Kills its worker as often as a task says (remembered in a file), then gives the number; -1 kills always."""
    return [_one(*task) for task in tasks]


def _one(number, deaths, folder):
    met = Path(folder) / f"{number}.deaths"
    so_far = len(met.read_text()) if met.exists() else 0
    if deaths < 0 or so_far < deaths:
        met.write_text("x" * (so_far + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def mistaken(numbers):
    """Refuses 3, as a metric refuses a log; the rest is doubled."""
    if 3 in numbers:
        raise LogError("log: 3; anything else")
    return doubled(numbers)
