"""Make a bundle from a run, and verify one: fingerprints, code, a sample run again, every document made again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cxsim.bundle.answers import NUMBERS
from cxsim.bundle.author import read_author
from cxsim.bundle.contents import AUTHOR, FORMAT, INDEX, RESULTS, RUN, SUMS, Contents, contents
from cxsim.bundle.pack import opened, refuse_existing, write_bundle
from cxsim.bundle.source import read_source
from cxsim.errors import CxsimError, RunError, RunFailed, problem
from cxsim.runs.provenance import source_files, versions
from cxsim.runs.store import RunFolder
from cxsim.study import verify

NAMED: Final = 5  # files named in one line; the others are counted


@dataclass
class Verdict:
    """What a verification found.

    Attributes
    ----------
    lines : list of str
        What was looked at, one line each.
    wrong : list of str
        What is not as it must be.
    others : list of str
        Code and versions that are not those of the bundle: no fault of its own, but said.
    """

    lines: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def judge(self, what: str, wrong: Sequence[str], *, well: str) -> None:
        """Keep a line on what was looked at, or one on each thing that is wrong with it."""
        self.wrong += wrong
        self.lines += [f"DIFFERENT: {line}" for line in wrong] or [f"{what}: {well}"]

    def notice(self, what: str, other: str, *, well: str) -> None:
        """Keep a line on code or versions."""
        self.others += [what] if other else []
        self.lines.append(f"{what}: {f'OTHER than those of the bundle: {other}' if other else well}")


def make_bundle(
    run: str, target: Path | None, *, author: str | Path | None, words: Sequence[str], sample: int, force: bool = False
) -> tuple[Path, Contents]:
    """Make the bundle of a finished run.

    Parameters
    ----------
    run : str
        Its folder, or its name below `runs`.
    target : Path, optional
        A folder or a name that ends in .zip; left out, RUN-bundle.zip beside the run.
    author : path, optional
    words : sequence of str
        Fields of the author form, KEY=VALUE.
    sample : int
        Trials to run again before.
    force : bool
        Replace a bundle that is there.

    Raises
    ------
    CxsimError
        Blank fields, a run that is not finished or was changed, trials that come out differently, a target that is
        there.
    """
    folder = RunFolder.open(run)
    target = target or folder.path.resolve().with_name(f"{folder.path.resolve().name}-bundle.zip")
    refuse_existing(target, force=force)
    said = read_author(author, words, items=NUMBERS)
    source = read_source(folder)
    again = verify(folder, sample=sample)
    different = [name for name, equal in again if not equal]
    if different:
        raise RunError(
            problem(
                f"run {folder.path}",
                f"{', '.join(different)}: comes out differently now",
                "the code and versions that made the run (manifest.json)",
                "`cxsim doctor` shows those here; or run it again",
            )
        )
    found = contents(source, said, sample=[name for name, _ in again])
    _refuse_other_tables(found, folder.path)
    write_bundle(found.files, target, force=force)
    return target, found


def _refuse_other_tables(found: Contents, path: Path) -> None:
    """Refuse a run whose tables are not those of its counters."""
    wrong = []
    for name, data in found.files.items():
        inside, _, table = name.partition("/")
        if inside == RESULTS and table.endswith(".csv"):
            beside = path / table
            if not beside.is_file():
                wrong.append(f"{table} is missing")
            elif beside.read_bytes() != data:
                wrong.append(f"{table} is not what its counters give")
    if wrong:
        raise RunError(
            problem(
                f"run {path}",
                "; ".join(wrong),
                "the tables that cxsim wrote",
                f"`cxsim report {path}` writes them again",
            )
        )


def verify_bundle(path: Path, *, sample: int) -> Verdict:
    """Verify a bundle, folder or zip.

    Parameters
    ----------
    path : Path
    sample : int
        Trials to run again.

    Raises
    ------
    RunError
        Not a bundle.
    """
    with opened(path) as root:
        verdict = Verdict()
        index, sums = _index_of(root, path), _sums_of(root, path)
        digest = hashlib.sha256((root / SUMS).read_bytes()).hexdigest()
        verdict.judge("fingerprints", _other_bytes(root, sums), well=f"{len(sums)} files as listed, bundle {digest}")
        _compare_code(root, index, verdict)
        try:
            _run_again(root, index, verdict, sample=sample)
        except CxsimError as error:
            # What was changed cannot be run any more; that is an answer, not a failure.
            verdict.judge("", [line.replace(str(root), str(path)) for line in error.problems], well="")
        return verdict


def _run_again(root: Path, index: Mapping[str, Any], verdict: Verdict, *, sample: int) -> None:
    """A sample of trials, then everything that is made from the counters."""
    author = read_author(root / AUTHOR, (), items=NUMBERS)
    folder = RunFolder(root / RUN)
    source = read_source(folder, root=root)
    for name, equal in verify(folder, sample=sample, study=source.study):
        verdict.judge("equal to the last bit", [] if equal else [f"{name}: comes out differently"], well=name)
    made = contents(source, author, sample=index["run_again"]).files
    tables = [name for name in made if name.startswith(f"{RESULTS}/") and name.endswith(".csv")]
    rest = [name for name in made if name not in tables]
    wrong = [f"{name}: not what the counters give" for name in _unlike(root, made, tables)]
    verdict.judge("tables", wrong, well=f"{len(tables)} of {len(tables)} made again from the counters, equal")
    if verdict.others:
        verdict.lines.append(f"documents: not compared, {' and '.join(verdict.others)} differ")
        return
    wrong = [f"{name}: not what this run and author give" for name in _unlike(root, made, rest)]
    verdict.judge("documents", wrong, well=f"{len(rest)} of {len(rest)} written again, equal")


def _unlike(root: Path, made: Mapping[str, bytes], names: Sequence[str]) -> list[str]:
    return [name for name in names if not (root / name).is_file() or (root / name).read_bytes() != made[name]]


def _index_of(root: Path, path: Path) -> dict[str, Any]:
    """What bundle.json says."""
    try:
        found = json.loads((root / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise RunError(problem(f"bundle {path}", f"{INDEX} cannot be read", "as `cxsim bundle` writes it")) from None
    shape = {"format": int, "versions": dict, "run_again": list}
    if not isinstance(found, dict) or any(not isinstance(found.get(key), kind) for key, kind in shape.items()):
        raise RunError(problem(f"bundle {path}", f"{INDEX} is incomplete", "as `cxsim bundle` writes it"))
    if found["format"] != FORMAT:
        raise RunError(
            problem(
                f"bundle {path}",
                f"format {found['format']}",
                f"format {FORMAT}",
                "take the version of cxsim that wrote it",
            )
        )
    return found


def _sums_of(root: Path, path: Path) -> dict[str, str]:
    """Names and checksums, in the form of sha256sum."""
    try:
        lines = (root / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = [""]
    found = [re.fullmatch(r"([0-9a-f]{64})  (\S.*)", line) for line in lines]
    sums = {line[2]: line[1] for line in found if line}
    if not sums or len(sums) != len(lines):
        raise RunError(problem(f"bundle {path}", f"{SUMS} cannot be read", "lines of checksum and name, as sha256sum"))
    return sums


def _other_bytes(root: Path, sums: Mapping[str, str]) -> list[str]:
    """Files that are missing, are not what the list says, or are not on it."""
    there = {file.relative_to(root).as_posix(): file for file in root.rglob("*") if file.is_file()}
    found = [f"{name}: missing" for name in sums if name not in there]
    found += [f"{name}: not on the list" for name in sorted(there) if name not in sums and name != SUMS]
    for name, digest in sums.items():
        if name in there and hashlib.sha256(there[name].read_bytes()).hexdigest() != digest:
            found.append(f"{name}: changed since the bundle was made")
    return found


def _compare_code(root: Path, index: Mapping[str, Any], verdict: Verdict) -> None:
    """Say which sources and versions here are not those of the bundle."""
    here, there = source_files(), dict[str, str]()
    try:
        rows = csv.DictReader(io.StringIO((root / "code.csv").read_text(encoding="utf-8")))
        there = {str(row["file"]): str(row["sha256"]) for row in rows}
    except (OSError, ValueError, KeyError, csv.Error):
        verdict.judge("", ["code.csv: cannot be read"], well="")
    unlike = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
    named = ", ".join(unlike[:NAMED]) + (f" and {len(unlike) - NAMED} more" if len(unlike) > NAMED else "")
    verdict.notice(
        "code", f"{len(unlike)} of {len(here)} files: {named}" if unlike else "", well=f"the same {len(here)} files"
    )
    now, then = versions(), index["versions"]
    other = [
        f"{name} {then.get(name, 'none')}, here {now.get(name, 'none')}"
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    ]
    verdict.notice(
        "versions",
        "; ".join(other),
        well=", ".join(f"{name} {then[name]}" for name in ("cxsim", "python", "numpy") if name in then),
    )


def bundle_and_tell(run: str, target: Path | None, **options: Any) -> None:
    """Make a bundle and say where it lies; see `make_bundle`."""
    path, found = make_bundle(run, target, **options)
    print(f"bundle: {path} ({len(found.files)} files)")
    print(f"sha256 of its checksums: {found.digest}")
    print(f"next: `cxsim verify {path}`")


def verify_and_tell(path: Path, *, sample: int) -> None:
    """Verify a bundle and say what was found; what is wrong ends in failure.

    Raises
    ------
    RunFailed
        Something is not as it must be.
    """
    verdict = verify_bundle(path, sample=sample)
    for line in verdict.lines:
        print(line)
    if verdict.wrong:
        hint = " and ".join(verdict.others)
        raise RunFailed(
            problem(
                f"bundle {path}",
                f"not verified, {len(verdict.wrong)} of what was looked at differ",
                "all equal",
                f"{hint} here are not those of the bundle: try with its own" if hint else "",
            )
        )
    print("verified" + (f", with other {' and '.join(verdict.others)} than its own" if verdict.others else ""))
