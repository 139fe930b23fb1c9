"""What a run itself answers to each item of STRESS-DES, in sentences with its own numbers.

Source
------
Monks, Currie, Onggo, Robinson, Kunc and Taylor (2019), Strengthening the reporting of empirical simulation studies:
introducing the STRESS guidelines, Journal of Simulation 13(1), 55-67. Names of items are theirs, all else our own.

Above 300 lines because every item of the checklist has its answer here, and they are read beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from cxsim.bundle import wording
from cxsim.bundle.register import GRADES, Entry, counted, leaves
from cxsim.bundle.source import Source
from cxsim.metrics.definitions import COUNTED
from cxsim.metrics.metric import REGISTER
from cxsim.perception.load import load_model
from cxsim.printed import shown_level
from cxsim.reports.tables import name_of
from cxsim.scenario.load import Scenario
from cxsim.scenario.schema import ScenarioModel, Staffed
from cxsim.units import spoken

MOST_TOLD: Final = 20  # scenarios whose changes are told one by one; the others stand in points.csv


class Told(NamedTuple):
    """What the answers are made from."""

    source: Source
    entries: Sequence[Entry]
    outputs: pd.DataFrame

    @property
    def base(self) -> Scenario:
        """The scenario that the others change."""
        return self.source.findings.base or next(iter(self.source.study.scenarios.values()))

    @property
    def model(self) -> ScenarioModel:
        """Its validated model."""
        return self.base.model


def purpose(told: Told) -> list[str]:
    """1.1: title and question of the study."""
    study = told.source.study
    return [f"Study: {study.title}.", *([f"Question: {study.question}"] if study.question else [])]


def outputs(told: Told) -> list[str]:
    """1.2: what is measured and how its error is found."""
    table, study = told.outputs, told.source.study
    primary, _, variant = study.primary.partition(":")
    methods = sorted({method for text in table["method"] for method in text.split("; ") if method})
    return [
        f"{len(table)} measures of {table['metric'].nunique()} metrics; each with unit, definition, what it counts and "
        "the method of its interval in outputs.csv, every value in results/measures.csv.",
        f"Primary: {name_of(primary, variant)}. {REGISTER[primary].meaning}",
        f"Sums of numerators and denominators over replications are divided once. Intervals of {study.level:.0%} by "
        f"{', '.join(methods) or 'no method: one replication has no spread'}; replications are the independent units.",
        "Measured from the log after each replication: cases begun before the horizon, each followed to its end.",
    ]


def aims(told: Told) -> list[str]:
    """1.3: what was tried, by which design."""
    study, findings = told.source.study, told.source.findings
    if study.kind == "sweep":
        return [
            (
                f"Design of experiments: a full grid of {len(study.scenarios)} points over "
                f"{', '.join(findings.parameters)}; every point with the same random numbers."
            )
        ]
    if study.kind == "optimise":
        options = study.options
        return [
            (
                f"Simulation optimisation: the cheapest plan over {', '.join(options['vary'])} that keeps "
                f"{', '.join(options['targets']) or 'the goals of the scenario'} with "
                f"{shown_level(options['confidence'])} confidence; search on fixed days, a ladder of plans tested from "
                "the safest down on days that the search has not seen (fixed-sequence testing, Maurer et al. "
                "1995)."
            )
        ]
    if study.kind == "tune":
        options = study.options
        return [
            (
                f"Simulation optimisation: the settings {', '.join(options['inputs'])} that serve {study.primary} best"
                f"{', keeping ' + ', '.join(options['targets']) if options['targets'] else ''}; {options['points']} "
                f"points of a tree-structured Parzen estimator on {options['search_days']} fixed days, finalists "
                f"tested on {options['fresh_days']} days that the search has not seen with "
                f"{shown_level(options['confidence'])} confidence."
            )
        ]
    if study.kind == "sensitivity":
        tried = f"{study.options.get('method')} over {', '.join(study.options.get('inputs', findings.parameters))}"
        return [f"Sensitivity analysis: {tried}; every scenario with the same random numbers."]
    if study.kind == "select":
        how = ", ".join(f"{name} {value}" for name, value in study.options.items() if value not in (None, ""))
        return [f"Selection of the best of {len(study.scenarios)} scenarios: {', '.join(study.scenarios)}; {how}."]
    if study.kind == "compare":
        names = ", ".join(study.scenarios)
        return [
            (
                f"Scenario-based analysis, {len(study.scenarios)} scenarios: {names}; each against "
                f"{next(iter(study.scenarios))}, paired under common random numbers."
            )
        ]
    return ["One scenario, estimated; nothing is varied."]


def diagram(told: Told) -> list[str]:
    """2.1: where the picture is, and the same in words."""
    model = told.model
    ways = sorted(
        {way.to for part in model.touchpoints.values() for exits in part.then.values() for way in exits.values()}
        - {"leave"}
    )
    return [
        "diagram.svg: contact types on the left, touchpoints in the middle, agent groups on the right.",
        f"Contact types {len(model.contact_types)}, touchpoints {len(model.touchpoints)}, agent groups "
        f"{len(model.agent_groups)}; cases come back or are passed on to {', '.join(ways) or 'no touchpoint'}.",
    ]


def logic(told: Told) -> list[str]:
    """2.2: the way of a case."""
    model = told.model
    first = (
        "A case is one need until it is resolved or given up, at the latest after "
        f"{model.gives_up_after} contacts; each contact passes through touchpoints."
    )
    return [first, *(wording.touchpoint(name, part) for name, part in model.touchpoints.items())]


def scenario_logic(told: Told) -> list[str]:
    """2.3: what each scenario changes."""
    study = told.source.study
    if study.kind == "sweep":
        return ["Points differ in the settings varied alone: points.csv holds each."]
    found = []
    for label, scenario in list(told.source.findings.scenarios.items())[:MOST_TOLD]:
        changes = "; ".join(scenario.overrides) or "as its file says"
        found.append(f"{label}: {changes} (fingerprint {scenario.fingerprint}).")
    if len(found) == 1:
        found.append("There is no other scenario.")
    return found


def algorithms(told: Told) -> list[str]:
    """2.4: rules that mimic what people and systems do."""
    found = [f"{what}: {rule}" for what, rule in told.source.findings.rules if what not in ("Start", "Horizon")]
    feelings = load_model(told.source.study.perception)
    found.append(
        f"Feelings: perception model {feelings.name} turns what happened in a journey into satisfaction, "
        f"effort, recommendation and leaving; {len(feelings.evidence)} numbers, each graded in "
        "assumptions.csv."
    )
    return found


def entities(told: Told) -> list[str]:
    """2.5.1: cases and customers."""
    model, customers = told.model, told.model.customers
    who = f"a population of {customers.population}" if customers.population else "every case is a new customer"
    segments = (
        f"; segments {wording.shares({name: part.share for name, part in customers.segments.items()})}"
        if customers.segments
        else ""
    )
    return [
        (
            f"Cases, by contact type: {', '.join(model.contact_types)}. Attributes: type, customer, segment, "
            "contacts so far."
        ),
        f"Customers: {who}{segments}.",
    ]


def activities(told: Told) -> list[str]:
    """2.5.2: what takes time."""
    found = []
    for name, part in told.model.touchpoints.items():
        if isinstance(part, Staffed):
            found.append(
                f"{name}: talk, {wording.law(part.talk_time)}; after-call work, {wording.law(part.after_call_work)}."
            )
        else:
            found.append(f"{name}: self-service, {wording.law(part.duration)}.")
    return found


def resources(told: Told) -> list[str]:
    """2.5.3: who serves."""
    return [wording.group(name, part) for name, part in told.model.agent_groups.items()] or ["No agents."]


def queues(told: Told) -> list[str]:
    """2.5.4: disciplines and limits."""
    model = told.model
    staffed = [wording.queue(name, part) for name, part in model.touchpoints.items() if isinstance(part, Staffed)]
    routing = next((rule for what, rule in told.source.findings.rules if what == "Routing"), "")
    return [f"Discipline: {routing}", *staffed] if staffed else ["No queues: nothing is staffed."]


def boundaries(told: Told) -> list[str]:
    """2.5.5: where cases come in and leave."""
    model = told.model
    return [
        *(wording.arrivals(name, entry, model) for name, entry in model.contact_types.items()),
        f"Arrivals invert the cumulative rate of a Poisson process that begins anew each day, times gamma factors of "
        f"the day (cv {model.busyness.day_cv:g}) and of the interval (cv {model.busyness.interval_cv:g}).",
        "A case leaves when it is resolved, when no way leads on from its outcome, or when it is given up.",
    ]


def data_sources(told: Told) -> list[str]:
    """3.1: sources named in the scenario, the evidence of feelings, the benchmark."""
    kinds = counted(told.entries)
    named = [f"{tag}: {text}" for tag, text in (told.base.sources or {}).items()]
    found = [
        (
            f"{kinds['stated']} lines of settings say where they come from, {kinds['unsourced']} settings do "
            "not (assumptions.csv)."
        ),
        *named,
    ]
    for name, entry in told.model.contact_types.items():
        if entry.arrivals is not None:
            found.append(
                f"Arrivals of {name} are a record of {len(entry.arrivals.at)}, written out in the configuration."
            )
    profile = told.source.manifest["study"]["profile"]
    found += [f"Benchmark: profile {profile}, its file with sources under inputs/profile."] if profile else []
    return found


def pre_processing(told: Told) -> list[str]:
    """3.2: what the program does to what it is given."""
    return [
        "By the program: durations become seconds, money and volumes a rate a day, shares 0 to 1; a head count is net "
        "of planned shrinkage, half an agent counted as one; the shape of a day is used in proportion only. Nothing "
        "is fitted and nothing left out.",
        (
            "Overrides were applied to the file as written: "
            f"{'; '.join(told.base.overrides) or 'none to the first scenario'}."
        ),
    ]


def parameters(told: Told) -> list[str]:
    """3.3: where every setting stands."""
    laws = sorted({value for path, value in leaves(told.base.source) if path.endswith(".law")})
    kinds = counted(told.entries)
    return [
        f"Every setting of every scenario with its value: parameters.csv; the same as files: inputs/scenario. Left "
        f"out, so at default: {kinds['default']} settings (assumptions.csv).",
        f"Settings varied: {kinds['changed']}. Laws of durations: {', '.join(laws) or 'constants only'}.",
        (
            f"Correlation: neighbouring intervals {told.model.busyness.interval_correlation:g}, contact "
            f"types on a day {told.model.busyness.type_correlation:g}."
        ),
    ]


def assumed(told: Told) -> list[str]:
    """3.4: the register in numbers."""
    kinds = counted(told.entries)
    grades = {
        grade: sum(entry.kind == "perception" and entry.grade == grade for entry in told.entries) for grade in GRADES
    }
    tags: dict[str, int] = {}
    for entry in told.entries:
        if entry.kind == "stated":
            tag = entry.grade.removeprefix("tag ")[:1] if entry.grade else "no tag"
            tags[tag] = tags.get(tag, 0) + 1
    graded = ", ".join(f"{grade} {number} ({GRADES[grade]})" for grade, number in grades.items())
    return [
        (
            f"assumptions.csv: {len(told.entries)} entries; "
            f"{', '.join(f'{number} {kind}' for kind, number in kinds.items() if number)}."
        ),
        f"Settings by tag: {', '.join(f'{tag} {number}' for tag, number in sorted(tags.items())) or 'none is tagged'}. "
        f"Numbers of feelings by grade: {graded}.",
    ]


def initialisation(told: Told) -> list[str]:
    """4.1: the begin."""
    rule = next((rule for what, rule in told.source.findings.rules if what == "Start"), "")
    return [
        f"Terminating: arrivals stop after {told.model.calendar.days} days, and every case is followed to its end.",
        rule,
        "No warm-up is cut off: what is measured begins with the calendar.",
    ]


def run_length(told: Told) -> list[str]:
    """4.2: the length."""
    calendar = told.model.calendar
    return [
        f"{calendar.days} days from {calendar.start}, planned in intervals of {spoken(calendar.interval)}; time is "
        f"kept in seconds. {told.source.n_trials} trials in all."
    ]


def estimation(told: Told) -> list[str]:
    """4.3: how chance is dealt with."""
    study = told.source.study
    ran = told.source.findings.provenance["replications"]
    rule = (
        f"until the primary metric is within {study.precision}, at most {study.most}"
        if study.precision
        else "a number fixed beforehand"
    )
    found = [
        (
            f"Independent replications: {ran}, {rule}. Each replication has random numbers of its own, by "
            f"seed {study.seed} and its number."
        )
    ]
    if len(study.scenarios) > 1:
        found.append(
            "Common random numbers: the same case, customer, agent and day draw the same in every scenario; "
            "differences are paired by replication."
        )
        found.append(
            (
                "Several comparisons: p-values of the differences are adjusted by Holm's method (p_holm in "
                "results/differences.csv)."
            )
            if study.kind == "compare"
            else "Points are not compared pairwise."
        )
    return found


def software(told: Told) -> list[str]:
    """5.1: versions of the run."""
    ran = told.source.manifest["provenance"]
    named = ", ".join(f"{name} {version}" for name, version in ran["versions"].items())
    return [
        f"{named}; on {ran['machine']}.",
        (
            f"Sources of the run: digest {ran.get('sources', 'not recorded')}; those that wrote this bundle, "
            "file by file: code.csv."
        ),
    ]


def sampling(told: Told) -> list[str]:
    """5.2: random numbers."""
    ran = told.source.manifest["provenance"]
    return [
        "SplitMix64 as a counter-based generator (Steele, Lea and Flood 2014): a draw is a function of seed, "
        "replication, entity, contact, touch and purpose, so no stream is shared or kept; variates by inversion only.",
        f"Seed {ran['seed']}; addresses and purposes of scheme {ran['stream_scheme']}, which a test freezes.",
    ]


def execution(told: Told) -> list[str]:
    """5.3: events and priorities."""
    ties = next((rule for what, rule in told.source.findings.rules if what == "Ties"), "")
    return [
        (
            f"Engine {told.source.study.engine}: process interaction (SimPy) or a compiled event loop; both "
            "write the same log to the last bit."
        ),
        f"Simultaneous events: {ties}",
        (
            "Trials may be worked in parallel, here or on a cluster; each is worked alone, and results do "
            "not depend on how many work."
        ),
    ]


def system(told: Told) -> list[str]:
    """5.4: the machine, as far as the run knows it."""
    ran = told.source.manifest["provenance"]
    compiled = "compiled by Numba" if ran.get("compiled") else "not compiled"
    return [
        (
            f"{ran['machine']}, Python {ran['versions']['python']}, rules {compiled}; {told.source.n_trials} "
            "trials. The run keeps neither host names nor times."
        )
    ]


def sharing(told: Told) -> list[str]:
    """6.1: what is shared here."""
    version = told.source.manifest["provenance"]["versions"]["cxsim"]
    return [
        "This bundle holds configuration, inputs, counters of every trial and results; `cxsim verify BUNDLE` runs a "
        "sample of trials again and compares to the last bit.",
        f"Needed: cxsim {version} (MIT licence) with the versions of item 5.1; its sources are told by code.csv.",
    ]


class Item(NamedTuple):
    """One item of the checklist: number, name, section, and what the run says of it."""

    number: str
    name: str
    section: str
    tells: Callable[[Told], list[str]]


ITEMS: Final = (
    Item("1.1", "Purpose of the model", "Objectives", purpose),
    Item("1.2", "Model outputs", "Objectives", outputs),
    Item("1.3", "Experimentation aims", "Objectives", aims),
    Item("2.1", "Base model overview diagram", "Logic", diagram),
    Item("2.2", "Base model logic", "Logic", logic),
    Item("2.3", "Scenario logic", "Logic", scenario_logic),
    Item("2.4", "Algorithms", "Logic", algorithms),
    Item("2.5.1", "Components: entities", "Logic", entities),
    Item("2.5.2", "Components: activities", "Logic", activities),
    Item("2.5.3", "Components: resources", "Logic", resources),
    Item("2.5.4", "Components: queues", "Logic", queues),
    Item("2.5.5", "Components: entry and exit points", "Logic", boundaries),
    Item("3.1", "Data sources", "Data", data_sources),
    Item("3.2", "Pre-processing", "Data", pre_processing),
    Item("3.3", "Input parameters", "Data", parameters),
    Item("3.4", "Assumptions", "Data", assumed),
    Item("4.1", "Initialisation", "Experimentation", initialisation),
    Item("4.2", "Run length", "Experimentation", run_length),
    Item("4.3", "Estimation approach", "Experimentation", estimation),
    Item("5.1", "Software or programming language", "Implementation", software),
    Item("5.2", "Random sampling", "Implementation", sampling),
    Item("5.3", "Model execution", "Implementation", execution),
    Item("5.4", "System specification", "Implementation", system),
    Item("6.1", "Computer model sharing statement", "Code access", sharing),
)
NUMBERS: Final = tuple(item.number for item in ITEMS)


def outputs_table(source: Source) -> pd.DataFrame:
    """Every measure of the study with its definition: what is counted, its unit, and how its interval is found."""
    whole = source.findings.estimates
    whole = whole[whole["by"] == ""]
    rows: list[dict[str, Any]] = []
    for (metric, variant), part in whole.groupby(["metric", "variant"], sort=False):
        entry = REGISTER.get(str(metric))
        first = part.iloc[0]
        rows.append(
            {
                "metric": metric,
                "variant": variant,
                "unit": first["unit"],
                "better": first["better"],
                "kind": first["kind"],
                "meaning": entry.meaning if entry else "",
                "counts": COUNTED[entry.scope] if entry else "",
                "source": entry.source if entry else "",
                "method": "; ".join(sorted({str(name) for name in part["method"] if name})),
                "primary": f"{metric}:{variant}" == source.study.primary,
            }
        )
    return pd.DataFrame(rows)
