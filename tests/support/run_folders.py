"""Run folders as a stop leaves them."""

import shutil

from cxsim.designs.design import Results
from cxsim.protocol import Study
from cxsim.runs.shards import packed
from cxsim.runs.store import RunFolder


def stopped_after(n_trials, path, target):
    """A copy of a run that has finished only the first so many trials of what it asks for first."""
    shutil.copytree(path, target)
    whole, folder = RunFolder.open(path), RunFolder(target)
    shutil.rmtree(folder.shards)
    folder.shards.mkdir()
    for trial in Study.from_manifest(whole.manifest).design().ask(Results())[:n_trials]:
        folder.keep(packed([trial], [whole.load(trial)]))
    return RunFolder.open(target)
