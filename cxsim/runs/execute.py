"""Run the trials of a design: what is finished is read, the rest is worked, kept and reported as it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

import pandas as pd

from cxsim.errors import RunError, problem
from cxsim.runs.backends import processes, serial
from cxsim.runs.store import RunFolder
from cxsim.trial import Trial, run_trial

Progress = Callable[[int, int], None]


def execute(
    trials: Sequence[Trial], *, folder: RunFolder | None = None, jobs: int = 1, progress: Progress | None = None
) -> list[pd.DataFrame]:
    """Counters of each trial, in the order of the trials whatever the order of work.

    Parameters
    ----------
    trials : sequence of Trial
    folder : RunFolder, optional
        Finished trials are taken from it and new ones kept in it.
    jobs : int
        Worker processes; 1 works in this process. The result is the same for any number.
    progress : function of (done, all), optional

    Raises
    ------
    RunError
        jobs below 1, a worker that cannot be kept alive, a folder that cannot be written.
    """
    if jobs < 1:
        raise RunError(problem("jobs", jobs, "1 or more"))
    found: dict[int, pd.DataFrame] = {}
    for place, trial in enumerate(trials):
        table = folder.load(trial) if folder is not None else None
        if table is not None:
            found[place] = table
    places = [place for place in range(len(trials)) if place not in found]
    if progress is not None:
        progress(len(found), len(trials))
    ahead = [trials[place] for place in places]
    # Starting a worker costs more than a short trial; a single one is worked here.
    alone = jobs == 1 or len(ahead) < 2
    work = serial(run_trial, ahead) if alone else processes(run_trial, ahead, jobs=jobs, named=_named)
    # Closed at once when interrupted, so that no worker outlives the run.
    with closing(work):
        for number, table in work:
            place = places[number]
            if folder is not None:
                folder.keep(trials[place], table)
            found[place] = table
            if progress is not None:
                progress(len(found), len(trials))
    return [found[place] for place in range(len(trials))]


def _named(trial: Trial) -> str:
    return f"trial {trial.label}, replication {trial.replication}"
