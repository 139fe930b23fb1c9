"""A finished run as a bundle sees it: its study without traces of the machine, all its trials, what it found."""

from __future__ import annotations

import copy
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cxsim import shipped
from cxsim.designs.design import Results
from cxsim.designs.sweep import Sweep
from cxsim.errors import RunError, problem
from cxsim.protocol import Study
from cxsim.reports.findings import Findings
from cxsim.runs.shards import key_of, packed
from cxsim.runs.store import RunFolder
from cxsim.study import run_study
from cxsim.trial import Trial

INPUTS: Final = "inputs"
# Trials of one shard of a bundle: few enough to be held, and the same whoever worked them.
TOGETHER: Final = 64
# What a study reads beside its scenario, and the group of conf/ that shipped ones stand in.
READ: Final = ("perception", "profile")


@dataclass(frozen=True)
class Source:
    """What a bundle is made from.

    Attributes
    ----------
    manifest : mapping
        Of the run, as it may be handed on: no path of this machine.
    study : Study
    batches : sequence of sequence of Trial
        What the design asked for, in its order; all of it is there.
    folder : RunFolder
    findings : Findings
        Made again from the counters.
    inputs : mapping of str to bytes
        Files that the study reads, by the name they have in the bundle.
    """

    manifest: Mapping[str, Any]
    study: Study
    batches: Sequence[Sequence[Trial]]
    folder: RunFolder
    findings: Findings
    inputs: Mapping[str, bytes]

    def shards(self) -> Iterator[bytes]:
        """Counters of all trials, in the order of the design: the same bytes whoever worked them, and in what order."""
        seen: set[str] = set()
        held: list[Trial] = []
        for trials in self.batches:
            for trial in trials:
                if (key := key_of(trial)) not in seen:
                    seen.add(key)
                    held.append(trial)
                if len(held) == TOGETHER:
                    yield packed(held, list(self.folder.read(held)))
                    held = []
        if held:
            yield packed(held, list(self.folder.read(held)))

    @property
    def n_trials(self) -> int:
        """Number of different trials."""
        return len(self.folder)


def read_source(folder: RunFolder, *, root: Path | None = None) -> Source:
    """A finished run, every trial of it there and unchanged.

    Parameters
    ----------
    folder : RunFolder
    root : Path, optional
        Of a bundle, where the inputs of its study lie.

    Raises
    ------
    RunError
        Not finished, a shard that was changed, an input that is gone.
    """
    found = folder.manifest
    study = Study.from_manifest(found if root is None else _at(found, root))
    _ = folder.places
    if folder.changed:
        raise RunError(
            problem(
                f"run {folder.path}",
                f"{', '.join(folder.changed)}: changed since it was written",
                "shards as cxsim wrote them",
                f"`cxsim resume {folder.path}` works them again",
            )
        )
    manifest, inputs = _without_traces(found, study)
    shown = replace(study, command=str(manifest["study"]["command"]))
    batches = _batches(shown, folder)
    findings = run_study(shown, folder=folder).findings
    return Source(manifest, shown, batches, folder, _as_it_ran(findings, manifest), inputs)


def _batches(study: Study, folder: RunFolder) -> list[Sequence[Trial]]:
    """All that the design asks for, until it is satisfied."""
    design, results = study.design(), Results(read=folder.read)
    found: list[Sequence[Trial]] = []
    while trials := design.ask(results):
        missing = sum(trial not in folder for trial in trials)
        if missing:
            raise RunError(
                problem(
                    f"run {folder.path}",
                    f"not finished: {missing} of {len(trials)} trials are missing",
                    "a finished run",
                    f"`cxsim resume {folder.path}` first",
                )
            )
        found.append(trials)
        if isinstance(design, Sweep):
            results.tables += [part for table in folder.read(trials) if len(part := design.needed(table))]
        else:
            results.tables += folder.read(trials)
        results.replications = 1 + max(trial.replication for trial in trials)
    return found


def _as_it_ran(findings: Findings, manifest: Mapping[str, Any]) -> Findings:
    """Findings with the versions that the run was made with, not those that read it."""
    ran = manifest["provenance"]
    kept = {name: ran[name] for name in ("versions", "machine", "compiled") if name in ran}
    profile = manifest["study"]["profile"] or "none"
    return replace(findings, provenance={**findings.provenance, **kept, "profile": profile})


def _at(manifest: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """A manifest whose inputs are found below the root of a bundle."""
    found = copy.deepcopy(dict(manifest))
    about: Any = found.get("study")
    for name in READ if isinstance(about, dict) else ():
        if str(about.get(name) or "").startswith(f"{INPUTS}/"):
            about[name] = str(root / about[name])
    return found


def _without_traces(manifest: Mapping[str, Any], study: Study) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest with inputs by their name in the bundle and no other path, and these inputs."""
    found = copy.deepcopy(dict(manifest))
    inputs: dict[str, bytes] = {}
    for name in READ:
        given = getattr(study, name)
        if given is None:
            continue
        known = shipped.path(name, given)
        path = known or Path(given)
        try:
            inside = f"{INPUTS}/{name}/{path.name}"
            inputs[inside] = path.read_bytes()
        except OSError as error:
            raise RunError(
                problem(
                    f"{name} {given}", error.strerror or "cannot be read", "the file that the run read", "put it back"
                )
            ) from None
        if known is None:
            found["study"][name] = inside
    found["study"]["command"] = plain_command(study.command)
    return found, inputs


# An absolute path, of POSIX or Windows, up to the next sign that ends a word.
_PATH: Final = re.compile(r"(?<![\w./:~\\-])(?:~|[A-Za-z]:)?[/\\](?:[^\s'\"=,:]*[/\\])?([^\s'\"=,:/\\]*)")


def plain_command(command: str) -> str:
    """A command without what belongs to the machine: paths cut to their last part, no address of a cluster."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    for place, word in enumerate(words):
        if place and words[place - 1] == "--cluster":
            words[place] = "ADDRESS"
        elif word.startswith("--cluster="):
            words[place] = "--cluster=ADDRESS"
        else:
            words[place] = _PATH.sub(lambda found: found[1] or ".", word)
    return shlex.join(words)
