"""Experiments from one call: a design is asked, its trials are run, its answer is reported.

Above 300 lines because what a study is, how it is kept and what comes out of it change together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from cxsim import shipped
from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.scorecard import Scorecard, score
from cxsim.designs.attribution import Attributed, parts_of
from cxsim.designs.design import MOST_REPLICATIONS, Answer, Replicated, Results, parse_precision
from cxsim.designs.sweep import Sweep, grid
from cxsim.errors import RunError, nearest, problem
from cxsim.metrics.metric import find
from cxsim.metrics.requests import read
from cxsim.model.load import overloads, rounding_notes
from cxsim.reports.findings import Findings
from cxsim.reports.goals import goal_table
from cxsim.reports.leverage import leverage_table
from cxsim.reports.notes import closed_doors
from cxsim.reports.rules import rules_of
from cxsim.reports.tables import HEADLINES
from cxsim.runs.execute import Progress, execute
from cxsim.runs.provenance import STREAM_SCHEME, provenance
from cxsim.runs.store import RunFolder
from cxsim.scenario.changes import KINDS as SETTING_KINDS
from cxsim.scenario.changes import refuse_wrong_kinds
from cxsim.scenario.load import Scenario, load_scenario
from cxsim.scenario.text import Assumption
from cxsim.trial import ENGINES, Engine, checked_metrics

Kind = Literal["estimate", "compare", "sweep"]
Given = Scenario | str | Path | Mapping[str, Any]

# Scenarios whose plan is judged for warnings; a sweep of thousands is not.
MOST_JUDGED = 20
DEFAULT_PRIMARY = ("customer_satisfaction:top_two", "service_level:strict")


@dataclass(frozen=True)
class Study:
    """An experiment as it was asked for: everything needed to run it, resume it or run it again.

    Attributes
    ----------
    scenarios : mapping of label to Scenario
        The first is the baseline; for a sweep the points of the grid.
    settings : mapping of label to settings
        For a sweep: the value of each varied path at each point.
    """

    kind: Kind
    title: str
    question: str
    scenarios: Mapping[str, Scenario]
    seed: int = 0
    replications: int = 30
    precision: str | None = None
    most: int = MOST_REPLICATIONS
    metrics: tuple[str, ...] | None = None
    primary: str = ""
    profile: str | None = None
    level: float = 0.95
    engine: Engine = "auto"
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attribute: bool = False
    command: str = ""

    def design(self) -> Replicated | Sweep | Attributed:
        """The design of this study."""
        confirm = () if self.metrics is None else tuple(name for name in self.metrics if name != self.primary)
        replicated = Replicated(
            scenarios=self.scenarios,
            seed=self.seed,
            replications=self.replications,
            primary=self.primary,
            precision=self.precision,
            most=self.most,
            metrics=self.metrics,
            extra=self._of_profile(),
            confirm=confirm,
            paired=self.kind != "sweep",
            detail=self.kind != "sweep",
            engine=self.engine,
            level=self.level,
        )
        if self.attribute:
            return Attributed(replicated, self._attributed())
        if self.kind != "sweep":
            return replicated
        points = {label: (scenario, self.settings[label]) for label, scenario in self.scenarios.items()}
        return Sweep(points, replicated)

    def _attributed(self) -> tuple[str, ...]:
        """The primary metric and the usual first ones, as far as they are asked for."""
        usual = [f"{metric}:{variant}" for metric, variant in HEADLINES]
        known = [name for name in usual if self.metrics is None or name in self.metrics]
        return tuple(dict.fromkeys([self.primary, *known]))

    def _of_profile(self) -> tuple[str, ...]:
        wanted = () if self.metrics is not None and self.primary in self.metrics else (self.primary,)
        if self.profile is None:
            return wanted
        return (*wanted, *(f"{entry.name}:{entry.variant}" for entry in load_profile(self.profile).metrics))

    def to_manifest(self) -> dict[str, Any]:
        """As plain data, complete in itself."""
        return {
            "study": {
                "kind": self.kind,
                "title": self.title,
                "question": self.question,
                "seed": self.seed,
                "replications": self.replications,
                "precision": self.precision,
                "most": self.most,
                "metrics": None if self.metrics is None else list(self.metrics),
                "primary": self.primary,
                "profile": self.profile,
                "level": self.level,
                "engine": self.engine,
                "attribute": self.attribute,
                "settings": {label: dict(values) for label, values in self.settings.items()},
                "command": self.command,
            },
            "scenarios": [_packed(label, scenario) for label, scenario in self.scenarios.items()],
            "provenance": provenance(self.scenarios, seed=self.seed),
        }

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> Study:
        """The study that a run folder holds.

        Raises
        ------
        RunError
            The manifest lacks a part, or this version would make other numbers of it.
        """
        try:
            scheme = manifest["provenance"]["stream_scheme"]
            if scheme != STREAM_SCHEME:
                raise RunError(problem("manifest.json", f"random numbers of scheme {scheme}", f"scheme {STREAM_SCHEME}",
                                       "run it again"))  # fmt: skip
            about = dict(manifest["study"])
            scenarios = dict(_unpacked(part) for part in manifest["scenarios"])
            refuse_wrong_kinds({key: value for key, value in about.items() if key in SETTING_KINDS})
            if about["kind"] not in get_args(Kind) or not 0 < float(about["level"]) < 1 or not scenarios:
                raise KeyError("kind, level or scenarios")
            about["metrics"] = checked_metrics(about["metrics"])
            return cls(scenarios=scenarios, **about)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RunError(problem("manifest.json", f"incomplete ({error})", "one that cxsim wrote")) from None


def _packed(label: str, scenario: Scenario) -> dict[str, Any]:
    return {
        "label": label,
        "stem": scenario.stem,
        "source": scenario.source,
        "overrides": list(scenario.overrides),
        "assumptions": [list(entry) for entry in scenario.assumptions],
        "sources": dict(scenario.sources or {}),
        "fingerprint": scenario.fingerprint,
    }


def _unpacked(part: Mapping[str, Any]) -> tuple[str, Scenario]:
    loaded = load_scenario(part["source"])
    listed = tuple(Assumption(*entry) for entry in part["assumptions"])
    scenario = Scenario(loaded.source, loaded.model, listed, part["sources"], tuple(part["overrides"]), part["stem"])
    if scenario.fingerprint != part["fingerprint"]:
        given = f"scenario {part['label']} reads differently now"
        raise RunError(problem("manifest.json", given, "the version of cxsim that wrote it", "run it again"))
    return part["label"], scenario


@dataclass(frozen=True)
class Result:
    """What came out of a study.

    Attributes
    ----------
    findings : Findings
        Tables and everything a report says.
    folder : Path or None
        The run on disk.
    """

    study: Study
    findings: Findings
    folder: Path | None = None

    def to_frame(self) -> pd.DataFrame:
        """Estimates of the whole with intervals; of a comparison, the paired differences."""
        table = self.findings.estimates if self.findings.differences is None else self.findings.differences
        return table[table["by"] == ""].drop(columns=["by", "group"]).reset_index(drop=True)

    @property
    def scorecards(self) -> Mapping[str, Scorecard]:
        """Scorecard of each scenario, if there is a profile."""
        return self.findings.scorecards

    def report(self, path: str | Path) -> Path:
        """Write the page: one offline HTML file."""
        from cxsim.reports.page import write_page

        return write_page(self.findings, Path(path))

    def to_excel(self, path: str | Path) -> Path:
        """Write the book."""
        from cxsim.reports.book import write_book

        return write_book(self.findings, Path(path))


def run_study(
    study: Study,
    *,
    out: Path | None = None,
    folder: RunFolder | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    started: Callable[[Path], None] | None = None,
) -> Result:
    """Run a study to its end, or on from where it stopped.

    Parameters
    ----------
    study : Study
    out : Path, optional
        Folder below which a run folder is made; left out, nothing is kept.
    folder : RunFolder, optional
        A run to go on with.
    jobs : int
        Worker processes; results do not depend on it.
    progress : function of (done, all), optional
    started : function of the run folder, optional
        Called once the folder exists.

    Raises
    ------
    CxsimError
        Wrong input, found before anything is written.
    """
    design, results = study.design(), Results()
    trials = design.ask(results)
    if folder is None and out is not None:
        # The first trial finds what cannot be measured or simulated before a folder is made; with metrics by name the
        # first of every scenario, since a change may leave nothing to measure.
        first = trials[: 1 if study.metrics is None else len(study.scenarios)]
        found = execute(first, jobs=jobs)
        folder = RunFolder.create(out, name=f"{study.kind}-{study.title}", manifest=study.to_manifest())
        for trial, table in zip(first, found, strict=True):
            folder.keep(trial, table)
    if folder is not None and started is not None:
        started(folder.path)
    while trials:
        results.tables += execute(trials, folder=folder, jobs=jobs, progress=progress)
        results.replications = 1 + max(trial.replication for trial in trials)
        trials = design.ask(results)
    answer = design.answer(results)
    return Result(study, findings_of(study, answer, results), None if folder is None else folder.path)


def findings_of(study: Study, answer: Answer, results: Results) -> Findings:
    """Everything a report says of a finished study."""
    scenarios = dict(study.scenarios)
    warnings: list[str] = []
    for scenario in list(scenarios.values())[:MOST_JUDGED]:
        warnings += [*overloads(scenario), *rounding_notes(scenario)]
    warnings += closed_doors(answer.estimates)
    base = next(iter(scenarios.values()))
    return Findings(
        title=study.title,
        question=study.question,
        kind=study.kind,
        scenarios={} if study.kind == "sweep" else scenarios,
        estimates=answer.estimates,
        differences=answer.differences,
        scorecards={} if study.kind == "sweep" else _scorecards(study, answer, results),
        explanations=answer.explanations,
        attribution=answer.attribution,
        leverage=leverage_table(answer.estimates, answer.explanations, profile=study.profile),
        goals=goal_table(answer.estimates, scenarios) if study.kind != "sweep" else pd.DataFrame(),
        warnings=tuple(dict.fromkeys([*warnings, *answer.notes])),
        rules=rules_of(base),
        provenance={
            **provenance(scenarios if study.kind != "sweep" else {"base": base}, seed=study.seed),
            "replications": results.replications,
            "command": study.command,
            "profile": study.profile or "none",
        },
        base=base if study.kind == "sweep" else None,
        parameters=tuple(next(iter(study.settings.values()), {})) if study.kind == "sweep" else (),
        primary=study.primary,
    )


def _scorecards(study: Study, answer: Answer, results: Results) -> dict[str, Scorecard]:
    if study.profile is None:
        return {}
    profile = load_profile(study.profile)
    counters = results.counters()
    whole = counters[counters["by"] == ""]
    whole = whole.assign(value=whole["numerator"] / whole["denominator"].where(whole["denominator"] > 0))
    # Columns by which the scorecard recognises what it may score.
    estimates = answer.estimates[answer.estimates["by"] == ""]
    found = {}
    for label in study.scenarios:
        measures = estimates[estimates["scenario"] == label].drop(columns=["scenario", "by"])
        each = whole.loc[whole["scenario"] == label, ["replication", "metric", "variant", "value"]]
        found[label] = score(
            measures, profile=profile, confidence=study.level, replications=each if results.replications > 1 else None
        )
    return found


def default_profile(scenario: Scenario) -> str | None:
    """The shipped profile of a scenario's name, else the one for inbound voice where there is a voice channel."""
    names = shipped.names("profile")
    if scenario.stem in names:
        return scenario.stem
    voice = any(part.channel == "voice" for part in scenario.model.touchpoints.values())
    return "inbound_voice" if voice and "inbound_voice" in names else None


def prepare(
    kind: Kind,
    scenarios: Mapping[str, Scenario],
    *,
    title: str = "",
    question: str = "",
    seed: int = 0,
    replications: int = 30,
    precision: str | None = None,
    most: int = MOST_REPLICATIONS,
    metrics: Sequence[str] | None = None,
    primary: str | None = None,
    profile: str | None = "auto",
    engine: str = "auto",
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    attribute: bool = False,
    command: str = "",
) -> Study:
    """A study with every name checked and every default settled, before anything runs.

    Raises
    ------
    CxsimError
        Unknown metric, profile, engine; a precision that does not suit the primary metric.
    """
    base = next(iter(scenarios.values()))
    settled = checked_metrics(metrics)
    if primary is None:
        known = [name for name in DEFAULT_PRIMARY if settled is None or name in settled]
        primary = known[0] if known else settled[0] if settled else DEFAULT_PRIMARY[0]
    primary = read([primary])[0].label
    parse_precision(precision, unit=find(primary.partition(":")[0]).unit)
    if engine not in ENGINES:
        raise RunError(problem(f"engine {engine}", "not an engine here", f"one of {ENGINES}", nearest(engine, ENGINES)))
    if profile in ("none", "null", ""):
        profile = None
    chosen = default_profile(base) if profile == "auto" else profile
    if chosen is not None:
        load_profile(chosen)
    if attribute:
        parts_of(scenarios)
    return Study(
        kind=kind,
        title=title or base.name,
        question=question,
        scenarios=scenarios,
        seed=seed,
        replications=replications,
        precision=precision,
        most=most,
        metrics=settled,
        primary=primary,
        profile=chosen,
        engine=engine,  # type: ignore[arg-type]  # checked above
        settings=settings or {},
        attribute=attribute,
        command=command,
    )


def estimate(scenario: Given, *, out: str | Path | None = None, jobs: int = 1, **options: Any) -> Result:
    """Measures of one scenario with intervals over replications.

    Parameters
    ----------
    scenario : Scenario, name, path or mapping
    out : path, optional
        Keep the run below this folder.
    jobs : int
    options
        seed, replications, precision ('1 point', '5 s', '3 %'), most, metrics, primary, profile; see `prepare`.

    Returns
    -------
    Result
    """
    study = prepare("estimate", {"today": load_scenario(scenario)}, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs)


def compare(scenarios: Mapping[str, Given], *, out: str | Path | None = None, jobs: int = 1, **options: Any) -> Result:
    """Scenarios side by side against the first, paired under common random numbers.

    Parameters
    ----------
    scenarios : mapping of label to scenario
        At least two.
    out, jobs, options
        As in `estimate`; a precision is that of the difference of the primary metric.

    Raises
    ------
    RunError
        Fewer than two scenarios.
    """
    if len(scenarios) < 2:
        raise RunError(problem("compare", f"{len(scenarios)} scenario", "two or more", "name a baseline and a change"))
    loaded = {label: load_scenario(scenario) for label, scenario in scenarios.items()}
    title = options.pop("title", "") or " against ".join(reversed(list(loaded)))
    study = prepare("compare", loaded, title=title, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs)


def sweep(
    scenario: Given, settings: Sequence[str], *, out: str | Path | None = None, jobs: int = 1, **options: Any
) -> Result:
    """A full grid over settings, one tidy table with the settings as columns.

    Parameters
    ----------
    scenario : Scenario, name, path or mapping
    settings : sequence of str
        'agent_groups.desk.agents=10,11,12' each.
    out, jobs, options
        As in `estimate`.
    """
    study = sweep_study(load_scenario(scenario), settings, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs)


def sweep_study(scenario: Scenario, settings: Sequence[str], **options: Any) -> Study:
    """The study of a grid."""
    points = grid(scenario, settings)
    title = options.pop("title", "") or f"{scenario.name}: {len(points)} settings"
    return prepare(
        "sweep",
        {label: point for label, (point, _) in points.items()},
        settings={label: values for label, (_, values) in points.items()},
        title=title,
        **options,
    )


def is_finished(study: Study, folder: RunFolder) -> bool:
    """Whether every trial that the design asks for is there; with a precision, the first batch at least."""
    return all(folder.has(trial) for trial in study.design().ask(Results()))


def verify(folder: RunFolder, *, sample: int = 3) -> list[tuple[str, bool]]:
    """Run some finished trials of a run again and compare to the last bit: (trial, equal).

    Raises
    ------
    RunError
        No finished trial.
    """
    study = Study.from_manifest(folder.manifest)
    replicated = study.design()
    design = replicated if isinstance(replicated, Replicated) else replicated.replicated
    kept = [trial for trial in design.trials(0, max(study.most, study.replications)) if folder.has(trial)]
    if not kept:
        raise RunError(problem(f"run {folder.path}", "no finished trial", "a run with results"))
    step = max(1, math.ceil(len(kept) / sample))
    found = []
    for trial in kept[::step][:sample]:
        fresh, before = execute([trial])[0], folder.load(trial)
        found.append((f"{trial.label}, replication {trial.replication}", before is not None and same(fresh, before)))
    return found


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables of counters are equal to the last bit."""
    from cxsim.runs.store import to_arrow

    return bool(to_arrow(one).equals(to_arrow(other)))
