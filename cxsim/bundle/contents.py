"""All files of a bundle from a finished run: names and bytes, the same for the same run and the same author."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd
import yaml

from cxsim.bundle.answers import ITEMS, Told, outputs_table
from cxsim.bundle.author import Author
from cxsim.bundle.diagram import diagram
from cxsim.bundle.page import page
from cxsim.bundle.register import COLUMNS, counted, leaves, register
from cxsim.bundle.source import INPUTS, Source
from cxsim.reports.outputs import write_outputs
from cxsim.runs.provenance import source_files, sources
from cxsim.scenario.load import Scenario

FORMAT: Final = 1
INDEX, SUMS, RUN, RESULTS, AUTHOR = "bundle.json", "SHA256SUMS", "run", "results", "author.yaml"
MOST_SCENARIOS: Final = 20  # that are written one by one; of a grid the base and its points


@dataclass(frozen=True)
class Contents:
    """What a bundle holds.

    Attributes
    ----------
    files : mapping of str to bytes
        By name with forward slashes, in alphabetical order, the checksums last.
    digest : str
        Of the checksums: the bundle in one number.
    """

    files: Mapping[str, bytes]
    digest: str


def contents(source: Source, author: Author, *, sample: Sequence[str]) -> Contents:
    """Every file of a bundle.

    Parameters
    ----------
    source : Source
    author : Author
    sample : sequence of str
        Trials that were run again and found equal when it was made.
    """
    files: dict[str, bytes] = {**_run_files(source), **_results(source), **_settings(source)}
    entries = register(source.study, source.findings)
    told = Told(source, entries, outputs_table(source))
    answered = [(item, item.tells(told), author.of(item.number)) for item in ITEMS]
    files["assumptions.csv"] = _csv([(number, *entry) for number, entry in enumerate(entries, 1)], COLUMNS)
    files["outputs.csv"] = told.outputs.to_csv(index=False, lineterminator="\n").encode()
    files["stress.csv"] = _csv(list(_stress_rows(answered)), ("item", "name", "section", "from", "answer"))
    files["code.csv"] = _csv([(name, digest) for name, digest in source_files().items()], ("file", "sha256"))
    files["diagram.svg"] = diagram(told.model).encode()
    files[AUTHOR] = author.as_text().encode()
    index = _index(source, author, files, sample=sample, n_assumptions=counted(entries))
    files[INDEX] = (json.dumps(index, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    files["bundle.html"] = page(index, answered, entries, files["diagram.svg"].decode()).encode()
    sums = "".join(f"{_sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
    return Contents({**{name: files[name] for name in sorted(files)}, SUMS: sums}, _sha256(sums))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _csv(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> bytes:
    found: str = pd.DataFrame(rows, columns=list(columns)).to_csv(index=False, lineterminator="\n")
    return found.encode()


def _stress_rows(answered: Sequence[tuple[Any, list[str], list[tuple[str, str]]]]) -> Iterator[tuple[str, ...]]:
    for item, told, said in answered:
        yield item.number, item.name, item.section, "the run", " ".join(told)
        for name, text in said:
            yield item.number, item.name, item.section, f"the author ({name})", text


def _run_files(source: Source) -> Mapping[str, bytes]:
    """The run as it can be verified and resumed: manifest and counters, in the order of the design."""
    found = {f"{RUN}/manifest.json": json.dumps(source.manifest, indent=1).encode()}
    for shard in source.shards():
        found[f"{RUN}/shards/0-{_sha256(shard)[:16]}.parquet"] = shard
    return found


def _results(source: Source) -> Mapping[str, bytes]:
    """Tables, page and book, written again from the counters."""
    with TemporaryDirectory(prefix="cxsim-") as folder:
        write_outputs(source.findings, Path(folder))
        return {f"{RESULTS}/{path.name}": path.read_bytes() for path in Path(folder).iterdir()}


def _settings(source: Source) -> Mapping[str, bytes]:
    """The resolved configuration: each scenario as a file of its own, every setting as a table, and the study."""
    study = source.study
    found = dict(source.inputs)
    grid = source.findings.base is not None
    scenarios: dict[str, Scenario] = (
        {"base": source.findings.base} if grid and source.findings.base else dict(source.findings.scenarios)
    )
    rows: list[tuple[str, str, str]] = []
    for number, (label, scenario) in enumerate(list(scenarios.items())[:MOST_SCENARIOS], 1):
        text = yaml.safe_dump(_plain(scenario.source), sort_keys=False, allow_unicode=True, width=120)
        found[f"{INPUTS}/scenario/{number:02d}.yaml"] = f"# {' '.join(label.split())}\n{text}".encode()
        rows += [(label, path, value) for path, value in leaves(scenario.source)]
    found["parameters.csv"] = _csv(rows, ("scenario", "setting", "value"))
    if study.settings:
        points = pd.DataFrame([{"point": label, **values} for label, values in study.settings.items()])
        found["points.csv"] = points.to_csv(index=False, lineterminator="\n").encode()
    settings = {
        **source.manifest["study"],
        "settings": f"{len(study.settings)} points, see points.csv" if study.settings else {},
    }
    found["settings.yaml"] = yaml.safe_dump(_plain(settings), sort_keys=False, allow_unicode=True, width=120).encode()
    return found


def _plain(part: Any) -> Any:
    """Plain data without shared parts, which YAML would write as aliases."""
    return json.loads(json.dumps(part, default=str))


def _index(
    source: Source,
    author: Author,
    files: Mapping[str, bytes],
    *,
    sample: Sequence[str],
    n_assumptions: Mapping[str, int],
) -> dict[str, Any]:
    """The bundle for machines: what it is, what made it, what it holds."""
    ran = source.manifest["provenance"]
    study = source.study
    about = {RUN: "counters of every trial", RESULTS: "results", INPUTS: "inputs"}
    return {
        "format": FORMAT,
        "title": study.title,
        "question": study.question,
        "kind": study.kind,
        "command": study.command,
        "authors": author.fields["authors"],
        "contact": author.fields["contact"],
        "licence": author.fields["licence"],
        "seed": study.seed,
        "replications": source.findings.provenance["replications"],
        "trials": source.n_trials,
        "stream_scheme": ran["stream_scheme"],
        "scenarios": dict(source.findings.provenance["scenarios"]),
        "perception": ran["perception"],
        "profile": source.manifest["study"]["profile"],
        "versions": ran["versions"],
        "platform": ran["machine"],
        "compiled": ran["compiled"],
        "code": {"run": ran.get("sources", "not recorded"), "bundle": sources(), "files": len(source_files())},
        "run_again": list(sample),
        "assumptions": dict(n_assumptions),
        "files": [
            {
                "name": name,
                "sha256": _sha256(files[name]),
                "bytes": len(files[name]),
                "part": about.get(name.partition("/")[0], "documents"),
            }
            for name in sorted(files)
        ],
    }
