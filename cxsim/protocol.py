"""The protocol of a study: all that was asked for, settled before anything runs, and kept in its manifest.

Above 300 lines because what is asked, how it is kept and how each kind becomes a design are one contract.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from cxsim import shipped
from cxsim.benchmarks.load import load_profile
from cxsim.designs.amounts import parse_amount, parse_margin, read_target
from cxsim.designs.attribution import Attributed, parts_of
from cxsim.designs.design import MOST_REPLICATIONS, Design, Replicated, parse_precision
from cxsim.designs.factors import read_factors
from cxsim.designs.fractions import fraction
from cxsim.designs.information import SETS, Information
from cxsim.designs.optimise_options import optimised, read_options, with_uncertain_demand
from cxsim.designs.points import Points
from cxsim.designs.screening import Screening
from cxsim.designs.select import Selected
from cxsim.designs.sweep import Sweep
from cxsim.designs.tornado import Tornado
from cxsim.designs.tuning_options import tuned
from cxsim.designs.values import unit_of
from cxsim.errors import RunError, nearest, problem
from cxsim.metrics.metric import find
from cxsim.metrics.requests import read
from cxsim.perception.load import load_model
from cxsim.reports.tables import HEADLINES
from cxsim.runs.provenance import STREAM_SCHEME, provenance
from cxsim.scenario.changes import KINDS as SETTING_KINDS
from cxsim.scenario.changes import refuse_wrong_kinds
from cxsim.scenario.load import Scenario, load_scenario
from cxsim.scenario.text import Assumption
from cxsim.trial import ENGINES, Engine, checked_metrics

Kind = Literal["estimate", "compare", "sweep", "optimise", "tune", "sensitivity", "select"]
# Kinds whose scenarios are points of a design, too many to be reported one by one.
POINTS = ("sweep",)
Given = Scenario | str | Path | Mapping[str, Any]

LOOKS = ("fixed", "planned")
# Scenarios whose fingerprints a manifest names beside their sources; a sweep may have thousands.
MOST_NAMED = 20
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
    looks, target, margin : str
        As asked for: 'planned' looks, their target and the margin within which nothing matters.
    options : mapping
        What only the design of this kind knows, as plain data.
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
    perception: str = "default"
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attribute: bool = False
    looks: Literal["fixed", "planned"] = "fixed"
    target: str | None = None
    margin: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""

    def design(self) -> Design:
        """The design of this study."""
        return DESIGNS[self.kind](self)

    def replicated(self) -> Replicated:
        """Every scenario with the same replications of the same random numbers: what most designs are made of."""
        confirm = () if self.metrics is None else tuple(name for name in self.metrics if name != self.primary)
        alone = self.kind in POINTS
        return Replicated(
            scenarios=self.scenarios,
            seed=self.seed,
            replications=self.replications,
            primary=self.primary,
            precision=self.precision,
            most=self.most,
            metrics=self.metrics,
            extra=self._of_profile(),
            confirm=confirm,
            paired=not alone,
            detail=not alone,
            engine=self.engine,
            level=self.level,
            perception=None if self.perception == "default" else load_model(self.perception),
            looks=self.looks,
            target=None if self.target is None else parse_amount(read_target(self.target).amount, unit=self.unit,
                                                                 where="target"),
            margin=parse_margin(self.margin, unit=self.unit),
        )  # fmt: skip

    @property
    def unit(self) -> str:
        """Unit of the primary metric."""
        return unit_of(self.primary)

    def headlines(self) -> tuple[str, ...]:
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
                "perception": self.perception,
                "attribute": self.attribute,
                "looks": self.looks,
                "target": self.target,
                "margin": self.margin,
                "options": dict(self.options),
                "settings": {label: dict(values) for label, values in self.settings.items()},
                "command": self.command,
            },
            **_scenarios_packed(self.scenarios),
            "provenance": provenance(
                dict(itertools.islice(self.scenarios.items(), MOST_NAMED)),
                seed=self.seed,
                perception=load_model(self.perception),
            ),
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
            scenarios = _scenarios_unpacked(manifest)
            refuse_wrong_kinds({key: value for key, value in about.items() if key in SETTING_KINDS})
            if about["kind"] not in get_args(Kind) or not 0 < float(about["level"]) < 1 or not scenarios:
                raise KeyError("kind, level or scenarios")
            about["metrics"] = checked_metrics(about["metrics"])
            study = cls(scenarios=scenarios, **about)
            _refuse_other_feelings(study, manifest["provenance"].get("perception"))
            study.design()  # finds options that are none
            return study
        except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
            raise RunError(problem("manifest.json", f"incomplete ({error})", "one that cxsim wrote")) from None


def _compared(study: Study) -> Design:
    replicated = study.replicated()
    return Attributed(replicated, study.headlines()) if study.attribute else replicated


def _swept(study: Study) -> Design:
    n_factors = len(next(iter(study.settings.values())))
    factorial = study.options.get("sampling") == "factorial"
    return Sweep(
        study.settings,
        study.replicated(),
        said=tuple(study.options.get("said", ())),
        fraction=fraction(n_factors, points=study.options["points"]) if factorial else None,
    )


def _optimised(study: Study) -> Design:
    return optimised(study.replicated(), study.options, most=study.most)


def _tuned(study: Study) -> Design:
    return tuned(study.replicated(), study.options)


def sensitivity_design(study: Study) -> Design:
    """Today, and what the inputs of the study are asked to do."""
    asked, today = study.options, study.replicated()
    factors = read_factors(study.scenarios["today"], asked["inputs"], verb="sensitivity")
    if asked["method"] == "tornado":
        return Tornado(today, factors)
    if asked["method"] == "information":
        return Information(today, factors, SETS if asked["points"] is None else asked["points"])
    return Screening(today, factors, asked["method"], asked["points"])


def select_design(study: Study) -> Design:
    """A selection among the scenarios of the study, by a metric that has a better side."""
    asked, better = study.options, find(study.primary.partition(":")[0]).better
    if better == "band":
        remedy = "choose another primary="
        raise RunError(problem(f"primary metric {study.primary}", "has no better side", "higher or lower", remedy))
    difference = parse_margin(asked["indifference"], unit=study.unit, where="indifference")
    assert difference is not None
    against = asked["against"]
    return Selected(
        study.replicated(),
        asked["method"],
        difference=difference,
        confidence=float(asked["confidence"]),
        larger_is_better=better == "higher",
        against=None if against is None else parse_amount(against, unit=study.unit, where="against"),
    )


# One line a kind: how its design is made of a study.
DESIGNS: dict[str, Callable[[Study], Design]] = {
    "estimate": _compared,
    "compare": _compared,
    "sweep": _swept,
    "optimise": _optimised,
    "tune": _tuned,
    "sensitivity": sensitivity_design,
    "select": select_design,
}


def _refuse_other_feelings(study: Study, fingerprint: str | None) -> None:
    """Refuse a perception model that is not the one of the run; runs from before it was written down go on."""
    now = load_model(study.perception).fingerprint
    if fingerprint not in (None, now):
        given = f"perception {study.perception} reads differently now ({now}, was {fingerprint})"
        raise RunError(problem("manifest.json", given, "the perception model of the run", "put it back, or run again"))


def _scenarios_packed(scenarios: Mapping[str, Scenario]) -> dict[str, Any]:
    """Every scenario as plain data; of a grid the one it is made from, and the changes of each point."""
    if not isinstance(scenarios, Points):
        return {"scenarios": [_packed(label, scenario) for label, scenario in scenarios.items()]}
    points = [[label, list(changes), scenarios.fingerprints[label]] for label, changes in scenarios.changes.items()]
    return {"scenarios": [_packed("", scenarios.base)], "points": points}


def _scenarios_unpacked(manifest: Mapping[str, Any]) -> Mapping[str, Scenario]:
    scenarios = dict(_unpacked(part) for part in manifest["scenarios"])
    if "points" not in manifest:
        return scenarios
    (base,), points = scenarios.values(), manifest["points"]
    return Points(base, {label: changes for label, changes, _ in points}, {label: known for label, _, known in points})


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


# Shipped centres whose peers have another name.
PEERS = {
    "ecommerce_omni": "digital_ecommerce",
    "saas_b2b_tiered": "saas",
    "startup_support_4": "saas",
}


def default_profile(scenario: Scenario) -> str | None:
    """The shipped profile of a scenario's peers, else the one for inbound voice where there is a voice channel."""
    names = shipped.names("profile")
    known = PEERS.get(scenario.stem, scenario.stem)
    if known in names:
        return known
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
    perception: str | Path = "default",
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    attribute: bool = False,
    looks: str = "fixed",
    target: str | None = None,
    margin: str | None = None,
    options: Mapping[str, Any] | None = None,
    command: str = "",
) -> Study:
    """A study with every name checked and every default settled, before anything runs.

    Raises
    ------
    CxsimError
        Unknown metric, profile, engine, perception model; a precision that does not suit the primary metric.
    """
    base = next(iter(scenarios.values()))
    margin = None if margin is None else str(margin)  # of money and the like it is a plain number
    settled = checked_metrics(metrics)
    primary = _of_target(target, primary)
    if primary is None:
        known = [name for name in DEFAULT_PRIMARY if settled is None or name in settled]
        primary = known[0] if known else settled[0] if settled else DEFAULT_PRIMARY[0]
    primary = read([primary])[0].label
    parse_precision(precision, unit=find(primary.partition(":")[0]).unit)
    if looks == "planned" and kind not in ("estimate", "compare"):
        raise RunError(problem("looks", f"planned, of a {kind}", "planned looks of a run or a comparison"))
    if looks not in LOOKS or (looks == "fixed" and (target is not None or margin is not None)):
        given = f"{looks}, with a target or margin" if looks in LOOKS else looks
        raise RunError(problem("looks", given, "fixed, or planned with target= or margin=", nearest(looks, LOOKS)))
    if engine not in ENGINES:
        raise RunError(problem(f"engine {engine}", "not an engine here", f"one of {ENGINES}", nearest(engine, ENGINES)))
    if profile in ("none", "null", ""):
        profile = None
    chosen = default_profile(base) if profile == "auto" else profile
    if chosen is not None:
        load_profile(chosen)
    load_model(perception)
    if shipped.path("perception", str(perception)) is None:
        # A run may be resumed from another folder.
        perception = Path(perception).resolve()
    if attribute:
        parts_of(scenarios)
    study = Study(
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
        perception=str(perception),
        settings=settings or {},
        attribute=attribute,
        looks=looks,  # type: ignore[arg-type]  # checked above
        target=target,
        margin=margin,
        options=options or {},
        command=command,
    )
    study.design()  # what makes no sense together is said before anything runs
    return study


def _of_target(target: str | None, primary: str | None) -> str | None:
    """The metric that decides: the one a target names, which may not be another than asked for."""
    named = "" if target is None else read_target(target).metric
    if not named:
        return primary
    if primary is not None and read([primary])[0].label != named:
        raise RunError(
            problem(f"target {target}", f"primary={primary}", f"a target of {primary}", "leave out primary=")
        )
    return named


def optimise_study(scenario: Scenario, options: Mapping[str, Any], **settings: Any) -> Study:
    """The study of the cheapest plan; options are those of `cxsim.designs.optimise_options`, settings of `prepare`."""
    settled = read_options(options)
    title = settings.pop("title", "") or f"{scenario.name}: the cheapest plan"
    base = with_uncertain_demand(scenario, settled["robust"])
    return prepare("optimise", {"today": base}, title=title, options=settled, **settings)
