"""Verbs that ask a question of a scenario: run, compare, sweep, optimise, tune, sensitivity, select, experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxsim.commands.shared import (
    DEFAULT_SCENARIO,
    Change,
    With,
    WithSettings,
    Words,
    app,
    given_command,
    runs_study,
)
from cxsim.errors import RunError, nearest, problem
from cxsim.scenario.changes import split_words
from cxsim.settings import setting_names, settings_of

if TYPE_CHECKING:
    from cxsim.protocol import Study
    from cxsim.scenario.load import Scenario


@app.command(cls=WithSettings)
@runs_study
def run(
    words: Words = None,
    *,
    seed: int | None,
) -> Study:
    """Simulate one scenario: replicate, measure, score, report."""
    from cxsim.scenario.load import load_scenario

    name, of_run, of_scenario = split_words(words, settings=setting_names())
    options = settings_of("run", of_run, seed=seed)
    scenario = load_scenario(name or DEFAULT_SCENARIO, *of_scenario)
    from cxsim.protocol import prepare

    return prepare("estimate", {"today": scenario}, command=given_command(), **options)


@app.command(cls=WithSettings)
@runs_study
def compare(
    words: Words = None,
    change: Change = None,
    against: With = None,
    attribute: Annotated[bool, typer.Option("--attribute", help="credit each setting with its part")] = False,
    *,
    seed: int | None,
) -> Study:
    """Compare changes, or other scenarios, with the first: paired, with intervals of the differences."""
    scenarios, options = _beside("run", words, change, against, seed=seed)
    if len(scenarios) < 2:
        raise RunError(problem("compare", "nothing to compare with", "--change 'NAME: KEY=VALUE' or --with SCENARIO"))
    from cxsim.protocol import prepare

    title = f"{scenarios['today'].name}: {', '.join(list(scenarios)[1:])}"
    return prepare("compare", scenarios, title=title, attribute=attribute, command=given_command(), **options)


def _beside(
    verb: str, words: list[str] | None, change: list[str] | None, others: list[str] | None, *, seed: int | None
) -> tuple[dict[str, Scenario], dict[str, Any]]:
    """The scenario, its changes and other scenarios by name, and the settings of the run."""
    name, of_run, of_scenario = split_words(words, settings=setting_names(verb))
    options = settings_of(verb, of_run, seed=seed)
    from cxsim.questions import beside

    return beside(name or DEFAULT_SCENARIO, of_scenario, changes=change, others=others), options


def _varied(verb: str, words: list[str] | None, *, seed: int | None) -> tuple[Scenario, list[str], dict[str, Any]]:
    """The scenario with what is fixed, the words that vary a setting, and the settings of the run."""
    name, of_run, of_scenario = split_words(words, settings=setting_names(verb))
    options = settings_of(verb, of_run, seed=seed)
    from cxsim.designs.factors import is_varied
    from cxsim.scenario.load import load_scenario

    varied = [word for word in of_scenario if is_varied(word)]
    fixed = [word for word in of_scenario if word not in varied]
    return load_scenario(name or DEFAULT_SCENARIO, *fixed), varied, options


@app.command(cls=WithSettings)
@runs_study
def sweep(
    words: Words = None,
    *,
    seed: int | None,
) -> Study:
    """Vary settings: KEY=VALUE,VALUE,... a grid; sampling=sobol points=64 KEY=interval(LOW,HIGH) ... a sample."""
    scenario, varied, options = _varied("sweep", words, seed=seed)
    from cxsim.study import sweep_study

    return sweep_study(scenario, varied, command=given_command(), **options)


@app.command(cls=WithSettings)
@runs_study
def optimise(
    words: Words = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", help="'service_level >= 80%', '... on 90% of days'; a goal; goals")
    ] = None,
    vary: Annotated[list[str] | None, typer.Option("--vary", help="agent_groups.desk.by_interval, PATH=5..9")] = None,
    confidence: Annotated[str | None, typer.Option("--confidence", help="with which all targets hold; 95%")] = None,
    robust: Annotated[str | None, typer.Option("--robust", help="how uncertain each day's level is, as 5%")] = None,
    *,
    seed: int | None,
) -> Study:
    """Find the cheapest plan that meets every target; search_days=, fresh_days=, cost=, score=, beside= tune it."""
    from cxsim.designs.optimise_options import split_plan_words
    from cxsim.protocol import optimise_study
    from cxsim.scenario.load import load_scenario

    asked, rest = split_plan_words(words or [])
    name, of_run, of_scenario = split_words(rest, settings=setting_names())
    options = settings_of("run", of_run, seed=seed)
    scenario = load_scenario(name or DEFAULT_SCENARIO, *of_scenario)
    asked |= {"targets": target or [], "vary": vary or []}
    asked |= {key: value for key, value in (("confidence", confidence), ("robust", robust)) if value is not None}
    return optimise_study(scenario, asked, command=given_command(), **options)


@app.command(cls=WithSettings)
@runs_study
def tune(
    words: Words = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", help="'service_level >= 80%', '... on 90% of days'; a goal; goals")
    ] = None,
    *,
    seed: int | None,
) -> Study:
    """Find the settings that serve primary= best while targets hold: KEY=interval(LOW,HIGH) KEY=VALUE,VALUE ...

    points=64 are looked at on search_days=20, finalists tested on fresh_days=200; also=METRIC looks at a second one.
    """
    scenario, varied, options = _varied("tune", words, seed=seed)
    from cxsim.questions import tune_study

    return tune_study(scenario, varied, targets=target or [], command=given_command(), **options)


@app.command(cls=WithSettings)
@runs_study
def sensitivity(
    words: Words = None,
    *,
    seed: int | None,
) -> Study:
    """Which input matters: KEY=interval(LOW,HIGH) ... method=tornado|morris|sobol|information."""
    scenario, varied, options = _varied("sensitivity", words, seed=seed)
    from cxsim.questions import sensitivity_study

    return sensitivity_study(scenario, varied, command=given_command(), **options)


@app.command(cls=WithSettings)
@runs_study
def select(
    words: Words = None,
    change: Change = None,
    against: With = None,
    *,
    seed: int | None,
) -> Study:
    """The best of several scenarios: method=kn|hsu|standard indifference='1 point' confidence=0.95 against=80%."""
    scenarios, options = _beside("select", words, change, against, seed=seed)
    from cxsim.questions import select_study

    return select_study(scenarios, command=given_command(), **options)


@app.command()
@runs_study
def experiment(
    name: Annotated[str, typer.Argument(help="a shipped experiment, or a folder with study.yaml")],
    words: Annotated[list[str] | None, typer.Argument(help="KEY=VALUE settings of the run")] = None,
    *,
    seed: int | None,
) -> Study:
    """Run a study of experiments/NAME/ or of your own folder."""
    from cxsim.experiment import load_experiment

    wrong = [word for word in words or [] if word.partition("=")[0] not in setting_names()]
    if wrong:
        known = setting_names()
        raise RunError(problem(f"argument {wrong[0]}", "not a setting of a run", f"settings: {', '.join(known)}",
                               nearest(wrong[0].partition("=")[0], known)))  # fmt: skip
    keys = {word.partition("=")[0] for word in words or []}
    given = {key: value for key, value in settings_of("run", words or [], seed=seed).items() if key in keys}
    if seed is not None:
        given["seed"] = seed
    return load_experiment(name, command=given_command(), **given)
