"""Run the trials of a design: what is finished is read, the rest is worked, kept and reported as it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import pandas as pd

from cxsim.errors import RunError, problem
from cxsim.runs.backends import Worked, processes, serial
from cxsim.runs.chunks import Chunks
from cxsim.runs.shards import packed, unpacked
from cxsim.runs.store import RunFolder
from cxsim.trial import Trial, run_trial

Progress = Callable[[int, int], None]


def execute(
    trials: Sequence[Trial],
    *,
    folder: RunFolder | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> list[pd.DataFrame]:
    """Counters of each trial, in the order of the trials whatever the order of work.

    Parameters
    ----------
    trials : sequence of Trial
    folder : RunFolder, optional
        Finished trials are taken from it and new ones kept in it.
    jobs : int
        Worker processes; 1 works in this process. The result is the same for any number.
    cluster : str, optional
        Address or scheduler file of a Dask cluster that works instead.
    progress : function of (done, all), optional

    Raises
    ------
    RunError
        jobs below 1, a worker that cannot be kept alive, a folder that cannot be written, no cluster there.
    """
    if folder is not None:
        finish(trials, folder=folder, jobs=jobs, cluster=cluster, progress=progress)
        return list(folder.read(trials))
    found: dict[int, pd.DataFrame] = {}
    if progress is not None:
        progress(0, len(trials))
    # Closed at once when interrupted, so that no worker outlives the run.
    with closing(_worked(trials, jobs=jobs, cluster=cluster)) as work:
        for places, shard in work:
            found.update(zip(places, unpacked(shard), strict=True))
            if progress is not None:
                progress(len(found), len(trials))
    return [found[place] for place in range(len(trials))]


def finish(
    trials: Sequence[Trial],
    *,
    folder: RunFolder,
    jobs: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Work the trials that are not in the folder yet, and keep them there; as `execute`, without reading them again."""
    places = [place for place, trial in enumerate(trials) if trial not in folder]
    done = len(trials) - len(places)
    if progress is not None:
        progress(done, len(trials))
    with closing(_worked(Some(trials, places), jobs=jobs, cluster=cluster)) as work:
        for finished, shard in work:
            folder.keep(shard)
            done += len(finished)
            if progress is not None:
                progress(done, len(trials))


class Some(Sequence[Trial]):
    """Some trials of a sequence that makes them when they are asked for."""

    def __init__(self, trials: Sequence[Trial], places: Sequence[int]) -> None:
        self.trials, self.places = trials, places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, at: Any) -> Any:
        return Some(self.trials, self.places[at]) if isinstance(at, slice) else self.trials[self.places[at]]


def _worked(trials: Sequence[Trial], *, jobs: int, cluster: str | None) -> Worked[bytes]:
    """Shards of all trials by whoever is to work, as they come."""
    if jobs < 1:
        raise RunError(problem("jobs", jobs, "1 or more"))
    # Starting a worker costs more than a short trial; a single one is worked here.
    if len(trials) < 2 or (jobs == 1 and cluster is None):
        return serial(run_chunk, Chunks(trials, named=_named))
    if cluster is None:
        return processes(run_chunk, Chunks(trials, workers=jobs, named=_named), jobs=jobs)
    from cxsim.runs.cluster import by_cluster  # an extra that need not be installed

    return by_cluster(run_chunk, trials, named=_named, address=cluster)


def run_chunk(trials: Sequence[Trial]) -> bytes:
    """The shard of some trials."""
    return packed(trials, [run_trial(trial) for trial in trials])


def _named(trial: Trial) -> str:
    return f"trial {trial.label}, replication {trial.replication}"
