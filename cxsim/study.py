"""Experiments from one call: a design is asked, its trials are run, its answer is reported.

Above 300 lines because the dialogue with a design, its result and the plainest calls of it are read together.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from cxsim.benchmarks.load import load_profile
from cxsim.benchmarks.scorecard import Scorecard, score
from cxsim.designs.amounts import read_target
from cxsim.designs.design import Answer, Results
from cxsim.designs.sampling import sampled
from cxsim.designs.sweep import Sweep, grid
from cxsim.designs.values import spoken_name
from cxsim.errors import NothingToScore, RunError, nearest, problem
from cxsim.model.load import overloads, rounding_notes
from cxsim.perception.load import load_model
from cxsim.protocol import POINTS, Given, Study, optimise_study, prepare
from cxsim.reports.composites import composites_table
from cxsim.reports.decisions import Question, decision_lines
from cxsim.reports.findings import Findings
from cxsim.reports.goals import goal_table
from cxsim.reports.leverage import leverage_table
from cxsim.reports.notes import closed_doors, free_service, plausibility_of, said_once
from cxsim.reports.rules import rules_of
from cxsim.reports.stated import changes_of_stated, without_unstated
from cxsim.runs.execute import Progress, Some, execute, finish
from cxsim.runs.provenance import provenance
from cxsim.runs.shards import packed, same
from cxsim.runs.store import RunFolder
from cxsim.scenario.load import Scenario, load_scenario
from cxsim.trial import Trial

# Scenarios whose plan is judged for warnings; a sweep of thousands is not.
MOST_JUDGED = 20


@dataclass(frozen=True, repr=False)
class Result:
    """What came out of a study; printed, in short.

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

    def __repr__(self) -> str:
        from cxsim.reports.sentences import summary_lines

        where = [] if self.folder is None else [f"run: {self.folder}"]
        return "\n".join([self.study.title, *(f"- {line}" for line in summary_lines(self.findings)), *where])

    def section(self, name: str) -> pd.DataFrame:
        """What a design says beside the usual tables, by the name of its file: 'plan', 'settings', 'ladder', ...

        Raises
        ------
        RunError
            This study has no such section.
        """
        known = {section.name: section.table for section in self.findings.sections}
        if name not in known:
            allowed = f"one of {', '.join(known)}" if known else "a design with sections, as optimise or tune"
            raise RunError(problem(f"section {name}", "not in this result", allowed, nearest(name, known)))
        return known[name]

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
    cluster: str | None = None,
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
    cluster : str, optional
        Address or scheduler file of a Dask cluster that works instead; nor on this.
    progress : function of (done, all), optional
    started : function of the run folder, optional
        Called once the folder exists.

    Raises
    ------
    CxsimError
        Wrong input, found before anything is written.
    """
    if cluster is not None:
        if jobs != 1:
            given = f"{jobs} beside cluster {cluster}, whose workers are as many as it has"
            raise RunError(problem("jobs", given, "one of the two", "leave out jobs, or add workers to the cluster"))
        from cxsim.runs.cluster import reach  # an extra that need not be installed

        reach(cluster)
    design, results = study.design(), Results()
    trials = design.ask(results)
    if folder is None and out is not None:
        first = _first(study, trials)
        found = execute(first, jobs=jobs)
        if study.kind not in POINTS and (study.precision is not None or study.options.get("method") == "standard"):
            # The first look may find that the precision would need too many.
            found += execute(trials[len(first) :], jobs=jobs, cluster=cluster, progress=progress)
            first = trials
            design.ask(Results(list(found), 1 + max(trial.replication for trial in first)))
        folder = RunFolder.create(out, name=f"{study.kind}-{study.title}", manifest=study.to_manifest())
        # Told before anything is kept: who stops now is told where to go on.
        if started is not None:
            started(folder.path)
        folder.keep(packed(first, found))
    elif folder is not None and started is not None:
        started(folder.path)
    how: dict[str, Any] = {"jobs": jobs, "cluster": cluster, "progress": progress}
    if isinstance(design, Sweep):
        answer = _swept(design, results, folder=folder, how=how)
    else:
        while trials:
            results.tables += execute(trials, folder=folder, **how)
            results.replications = 1 + max(trial.replication for trial in trials)
            trials = design.ask(results)
        answer = design.answer(results)
    return Result(study, findings_of(study, answer, results), None if folder is None else folder.path)


def _first(study: Study, trials: Sequence[Trial]) -> Sequence[Trial]:
    """Trials that find what cannot be measured or simulated before a folder is made.

    One is enough for all that can be had; with metrics by name it is the first of every scenario, since a change may
    leave nothing to measure, though not of all points of a large grid.
    """
    if study.metrics is None:
        return trials[:1]
    if study.kind not in POINTS:
        return trials[: len(study.scenarios)]
    each = max(1, len(trials) // len(study.scenarios))
    return trials[: each * MOST_JUDGED : each]


def _swept(design: Sweep, results: Results, *, folder: RunFolder | None, how: Mapping[str, Any]) -> Answer:
    """The answer of a grid: what its trials counted is on disk, here or in a folder of its own, and never all held."""
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = RunFolder(Path(stack.enter_context(TemporaryDirectory(prefix="cxsim-"))))
            folder.shards.mkdir()
        results.read = folder.read
        while trials := design.ask(results):
            finish(trials, folder=folder, **how)
            results.tables += [found for table in folder.read(trials) if len(found := design.needed(table))]
            results.replications = trials.replications.stop
        return design.answer(results)


def findings_of(study: Study, answer: Answer, results: Results) -> Findings:
    """Everything a report says of a finished study."""
    scenarios = study.scenarios if answer.scenarios is None else answer.scenarios
    estimates = without_unstated(answer.estimates, scenarios)
    answer = replace(answer, estimates=estimates, differences=changes_of_stated(answer.differences, scenarios))
    points = study.kind in POINTS and answer.scenarios is None
    judged = dict(islice(scenarios.items(), MOST_JUDGED))
    plans = [(label, line) for label, of in judged.items() for line in (*overloads(of), *rounding_notes(of))]
    warnings = said_once(plans, labels=list(judged))
    warnings += closed_doors(answer.estimates)
    feelings = load_model(study.perception)
    warnings += [f"perception {feelings.name}: {note}" for note in feelings.notes]
    warnings += free_service(dict(islice(scenarios.items(), 1 if points else MOST_JUDGED)), answer.estimates)
    base = next(iter(scenarios.values()))
    cards = {} if points else _scorecards(study, answer, results, scenarios)
    goals = pd.DataFrame() if points else goal_table(answer.estimates, scenarios)
    peers = None if study.profile is None or points else load_profile(study.profile)
    return Findings(
        title=study.title,
        question=study.question,
        kind=study.kind,
        scenarios={} if points else scenarios,
        estimates=answer.estimates,
        differences=answer.differences,
        scorecards=cards,
        composites=composites_table(cards, answer.estimates, goals, profile=peers, level=study.level),
        explanations=answer.explanations,
        attribution=answer.attribution,
        uncertainty=answer.uncertainty,
        leverage=leverage_table(answer.estimates, answer.explanations, profile=study.profile),
        sections=answer.sections,
        plausibility=() if points else plausibility_of(answer.estimates),
        goals=goals,
        conclusions=(*_decided(study, answer), *answer.conclusions),
        warnings=tuple(dict.fromkeys([*warnings, *answer.notes])),
        rules=rules_of(base),
        provenance={
            **provenance({"base": base} if points else scenarios, seed=study.seed, perception=feelings),
            "replications": answer.replications or results.replications,
            "command": study.command,
            "profile": study.profile or "none",
        },
        base=base if points else None,
        parameters=tuple(next(iter(study.settings.values()), {})) if points else (),
        primary=study.primary,
    )


def _decided(study: Study, answer: Answer) -> list[str]:
    """What planned looks decided of the primary metric."""
    if not answer.decisions:
        return []
    asked, replicated = None if study.target is None else read_target(study.target), study.replicated()
    question = Question(
        name=spoken_name(study.primary),
        unit=study.unit,
        base=next(iter(study.scenarios)),
        target=replicated.target,
        at_most=None if asked is None else asked.at_most,
        margin=replicated.margin,
    )
    return decision_lines(answer.decisions, question)


def _scorecards(
    study: Study, answer: Answer, results: Results, scenarios: Mapping[str, Scenario]
) -> dict[str, Scorecard]:
    if study.profile is None:
        return {}
    profile = load_profile(study.profile)
    counters = results.counters()
    whole = counters[counters["by"] == ""]
    whole = whole.assign(value=whole["numerator"] / whole["denominator"].where(whole["denominator"] > 0))
    # Columns by which the scorecard recognises what it may score.
    estimates = answer.estimates[answer.estimates["by"] == ""]
    found = {}
    for label in scenarios:
        measures = estimates[estimates["scenario"] == label].drop(columns=["scenario", "by"])
        replications = whole.loc[whole["scenario"] == label, ["replication", "metric", "variant", "value"]]
        # A scenario in which nothing could be observed has no card; the others have theirs.
        with contextlib.suppress(NothingToScore):
            found[label] = score(measures, profile=profile, confidence=study.level, replications=replications)
    return found


def estimate(
    scenario: Given, *, out: str | Path | None = None, jobs: int = 1, cluster: str | None = None, **options: Any
) -> Result:
    """Measures of one scenario with intervals over replications.

    Parameters
    ----------
    scenario : Scenario, name, path or mapping
    out : path, optional
        Keep the run below this folder.
    jobs : int
    cluster : str, optional
        Address or scheduler file of a Dask cluster.
    options
        seed, replications, precision ('1 point', '5 s', '3 %'), most, metrics, primary, profile; see `prepare`.

    Returns
    -------
    Result
    """
    study = prepare("estimate", {"today": load_scenario(scenario)}, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs, cluster=cluster)


def compare(
    scenarios: Mapping[str, Given],
    *,
    out: str | Path | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    **options: Any,
) -> Result:
    """Scenarios side by side against the first, paired under common random numbers.

    Parameters
    ----------
    scenarios : mapping of label to scenario
        At least two.
    out, jobs, cluster, options
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
    return run_study(study, out=None if out is None else Path(out), jobs=jobs, cluster=cluster)


def sweep(
    scenario: Given,
    settings: Sequence[str],
    *,
    out: str | Path | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    **options: Any,
) -> Result:
    """Settings varied together, one tidy table with the settings as columns.

    Parameters
    ----------
    scenario : Scenario, name, path or mapping
    settings : sequence of str
        Of a grid 'agent_groups.desk.agents=10,11,12' each; of a sample 'agent_groups.desk.agents=interval(8,14)'.
    out, jobs, cluster, options
        As in `estimate`; sampling (grid, latin_hypercube, sobol, factorial) and points.
    """
    study = sweep_study(load_scenario(scenario), settings, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs, cluster=cluster)


def optimise(
    scenario: Given,
    *,
    vary: Sequence[str],
    targets: Sequence[str] = (),
    confidence: float | str = 0.95,
    out: str | Path | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    plan: Mapping[str, Any] | None = None,
    **options: Any,
) -> Result:
    """The cheapest plan that meets every target with a stated confidence.

    Parameters
    ----------
    scenario : Scenario, name, path or mapping
    vary : sequence of str
        'agent_groups.desk.by_interval', with bounds '...=0..20'; see `cxsim.designs.plan_space.read_space`.
    targets : sequence of str
        'service_level >= 80%'; left out, the goals of the scenario.
    confidence : float or str
    plan : mapping, optional
        robust, search_days, fresh_days, cost, score, beside; see `cxsim.designs.optimise_options`.
    out, jobs, cluster, options
        As in `estimate`; `replications` are days of the account of the plan, `most` bounds the fresh days.
    """
    asked = {**(plan or {}), "vary": list(vary), "targets": list(targets), "confidence": confidence}
    study = optimise_study(load_scenario(scenario), asked, **options)
    return run_study(study, out=None if out is None else Path(out), jobs=jobs, cluster=cluster)


def sweep_study(
    scenario: Scenario, settings: Sequence[str], *, sampling: str = "grid", points: int | None = None, **options: Any
) -> Study:
    """The study of a grid, or of a sample between the ends of settings."""
    more: dict[str, Any] = {}
    if sampling == "grid":
        if points is not None:
            raise RunError(problem("points", points, "none of a grid, which runs all", "sampling=latin_hypercube"))
        found, values = grid(scenario, settings)
    else:
        sample = sampled(scenario, settings, sampling=sampling, points=points, seed=options.get("seed", 0))
        found, values = sample.points, sample.settings
        more = {"sampling": sampling, "points": points, "said": list(sample.said)}
    title = options.pop("title", "") or f"{scenario.name}: {len(found)} settings"
    return prepare("sweep", found, settings=values, title=title, options=more, **options)


def is_finished(study: Study, folder: RunFolder) -> bool:
    """Whether every trial that the design asks for is there; with a precision, the first batch at least."""
    return all(trial in folder for trial in study.design().ask(Results()))


def verify(folder: RunFolder, *, sample: int = 3, study: Study | None = None) -> list[tuple[str, bool]]:
    """Run some finished trials of a run again and compare to the last bit: (trial, equal).

    A shard that is no longer what was written is named too, as different.

    Parameters
    ----------
    folder : RunFolder
    sample : int
        How many.
    study : Study, optional
        Left out, that of the folder's manifest.

    Raises
    ------
    RunError
        No finished trial.
    """
    kept = _finished(study or Study.from_manifest(folder.manifest), folder)
    changed = [(f"{name}, changed since it was written", False) for name in folder.changed]
    if not kept and not changed:
        raise RunError(problem(f"run {folder.path}", "no finished trial", "a run with results"))
    # Evenly from the first to the last, so that no scenario is passed over because trials take turns.
    places = sorted({round(number * (len(kept) - 1) / max(1, sample - 1)) for number in range(sample)}) if kept else []
    found = []
    for trial in (kept[place] for place in places):
        fresh, before = execute([trial])[0], folder.load(trial)
        found.append((f"{trial.label}, replication {trial.replication}", before is not None and same(fresh, before)))
    return [*found, *changed]


def _finished(study: Study, folder: RunFolder) -> Sequence[Trial]:
    """Trials of a run that are there, as far as its design goes on by them."""
    design, results = study.design(), Results(read=folder.read)
    if isinstance(design, Sweep):
        grid_trials = design.ask(results)
        return Some(grid_trials, [place for place, trial in enumerate(grid_trials) if trial in folder])
    kept: list[Trial] = []
    while trials := design.ask(results):
        here = [trial for trial in trials if trial in folder]
        kept += here
        if len(here) < len(trials):
            break
        results.tables += folder.read(trials)
        results.replications = 1 + max(trial.replication for trial in trials)
    return kept
