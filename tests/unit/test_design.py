"""A design asks for trials until it is satisfied, then answers; it runs nothing itself."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support.small_centres import small_centre

from cxsim.designs.design import Replicated, Results, parse_precision
from cxsim.designs.estimate import ratio_interval
from cxsim.errors import RunError
from cxsim.scenario.load import load_scenario

PRIMARY = "average_speed_of_answer:answered"


@pytest.fixture(scope="module")
def scenarios():
    today = load_scenario(small_centre())
    return {"today": today, "one more": today.override("agent_groups.desk.agents=2")}


def answers(trials, *, spread, shift=0.0, level=100.0):
    """Made-up counters of trials: a wait of 100 s, changed by `shift` in all but 'today', with noise of a size."""
    tables = []
    for trial in trials:
        size = spread(trial.replication) if callable(spread) else spread
        noise = np.random.default_rng(trial.replication).normal(0.0, size)
        if level == 0.0:  # as much below as above, so that the mean is nought
            noise = size * (-1) ** trial.replication
        wait = level + noise + (shift if trial.label != "today" else 0.0)
        row = {"scenario": trial.label, "replication": trial.replication, "by": "", "group": "all"}
        row |= {"metric": "average_speed_of_answer", "variant": "answered", "numerator": wait * 50, "denominator": 50.0}
        row |= {"n": 50, "unit": "s", "better": "lower", "kind": "process", "p": math.nan, "values": None}
        tables.append(pd.DataFrame([row]))
    return tables


def run(design, **about):
    """Ask and answer to the end: how many replications were asked for each time, and the results."""
    results, asked = Results(), []
    while trials := design.ask(results):
        asked.append(sorted({trial.replication for trial in trials}))
        results.tables += answers(trials, **about)
        results.replications = 1 + max(trial.replication for trial in trials)
    return asked, results


def test_a_fixed_number_is_asked_for_once_and_paired(scenarios):
    design = Replicated(scenarios, seed=7, replications=3, primary=PRIMARY)
    trials = design.ask(Results())
    assert [(trial.replication, trial.label) for trial in trials] == [
        (number, label) for number in range(3) for label in ("today", "one more")
    ]
    assert {trial.seed for trial in trials} == {7}
    asked, _ = run(design, spread=5.0)
    assert asked == [[0, 1, 2]]


def test_without_noise_the_first_look_is_enough(scenarios):
    today = {"today": scenarios["today"]}
    asked, _ = run(Replicated(today, seed=7, replications=3, primary=PRIMARY, precision="1 s"), spread=1e-6)
    assert asked == [list(range(10))]


def test_replications_go_on_until_the_interval_is_as_narrow_as_asked(scenarios):
    design = Replicated({"today": scenarios["today"]}, seed=7, replications=10, primary=PRIMARY, precision="3 s")
    asked, results = run(design, spread=10.0)
    assert len(asked) > 1
    counters = results.counters()
    narrow = ratio_interval(counters["numerator"], counters["denominator"])
    before = ratio_interval(counters["numerator"][:-10], counters["denominator"][:-10])
    assert narrow.half_width <= 3.0 < before.half_width
    assert design.answer(results).notes == ()


def test_a_precision_of_several_scenarios_is_that_of_the_difference(scenarios):
    # The noise is common to both: each wait is uncertain by seconds, their difference by nothing.
    design = Replicated(scenarios, seed=7, replications=10, primary=PRIMARY, precision="0.1 s")
    asked, _ = run(design, spread=10.0, shift=-20.0)
    assert asked == [list(range(10))]
    alone = Replicated(
        {"today": scenarios["today"]}, seed=7, replications=10, primary=PRIMARY, precision="0.1 s", most=20
    )
    with pytest.raises(RunError, match="would need about"):
        run(alone, spread=10.0)


def test_a_precision_that_is_not_reached_is_given_up_and_said_so(scenarios):
    design = Replicated(
        {"today": scenarios["today"]}, seed=7, replications=4, primary=PRIMARY, precision="3 s", most=25
    )
    # The first ten replications differ little and promise too much.
    asked, results = run(design, spread=lambda number: 6.0 if number < 10 else 30.0)
    assert [len(each) for each in asked] == [10, 10, 5]
    (note,) = design.answer(results).notes
    assert "did not reach the precision of 3 s within 25 replications" in note


def test_a_precision_beyond_reach_is_refused_after_the_first_look_with_what_it_would_need(scenarios):
    today = {"today": scenarios["today"]}
    about = {"seed": 7, "replications": 4, "primary": PRIMARY, "precision": "1 s"}
    with pytest.raises(RunError, match=r"precision 1 s: .* would need about [0-9,]+ replications") as refused:
        run(Replicated(today, most=100, **about), spread=10.0)
    needed = int(re.search(r"about ([0-9,]+)", str(refused.value))[1].replace(",", ""))
    pilot = pd.concat(answers(Replicated(today, **about).trials(0, 10), spread=10.0))
    spread = (pilot["numerator"] / pilot["denominator"]).std()
    student = [stats.t.ppf(0.975, n - 1) * spread / math.sqrt(n) for n in (needed - 1, needed)]
    assert student[0] > 1.0 >= student[1]
    # Raised to what is needed it runs, until it is as precise as asked.
    design = Replicated(today, most=needed, **about)
    _, results = run(design, spread=10.0)
    assert results.replications <= needed


def test_a_relative_precision_of_nought_cannot_be_reached(scenarios):
    today = {"today": scenarios["today"]}
    design = Replicated(today, seed=7, replications=4, primary=PRIMARY, precision="1 %")
    with pytest.raises(RunError, match="more than 10,000,000 replications"):
        run(design, spread=10.0, level=0.0)


def test_a_precision_of_what_is_not_measured_is_refused(scenarios):
    design = Replicated({"today": scenarios["today"]}, seed=7, replications=10, primary="asa:all", precision="1 s")
    with pytest.raises(RunError, match="not measured here"):
        run(design, spread=1.0)


def test_planned_looks_stop_at_the_first_that_is_clear(scenarios):
    # The noise is common to both, so that their difference is the same in each replication.
    design = Replicated(scenarios, seed=7, replications=3, primary=PRIMARY, looks="planned")
    asked, results = run(design, spread=10.0, shift=-20.0)
    assert asked == [list(range(20))]
    answer = design.answer(results)
    assert {label: found.outcome for label, found in answer.decisions.items()} == {"one more": "below"}
    assert answer.decisions["one more"].sentence == "below 0 after 20 replications (estimate -20)"
    assert answer.notes == ("decided at planned looks; intervals of the tables are those of one look",)


def test_planned_looks_go_on_while_it_is_not_clear_and_end_unresolved(scenarios):
    today = {"today": scenarios["today"]}
    design = Replicated(today, seed=7, replications=3, primary=PRIMARY, looks="planned", target=100.0, most=100)
    asked, results = run(design, spread=10.0)
    assert [(part[0], part[-1]) for part in asked] == [(0, 19), (20, 39), (40, 79)]
    (found,) = design.decisions(results).values()
    assert (found.outcome, found.next_look, found.interval.n) == ("unresolved", None, 80)
    # Three looks share the error.
    counters = results.counters()
    assert found.interval.low == ratio_interval(counters["numerator"], counters["denominator"], level=1 - 0.05 / 3).low
    assert found.needed > 80
    assert "unresolved after 80 replications" in found.sentence


def test_planned_looks_at_a_target_and_a_margin(scenarios):
    today = {"today": scenarios["today"]}
    given = {"seed": 7, "replications": 3, "primary": PRIMARY, "looks": "planned"}
    asked, results = run(Replicated(today, target=80.0, **given), spread=10.0)
    assert asked == [list(range(20))]
    assert Replicated(today, target=80.0, **given).decisions(results)["today"].outcome == "above"
    near = Replicated(today, target=99.0, margin=15.0, **given)
    assert near.decisions(results)["today"].outcome == "equivalent"


def test_several_comparisons_share_the_error(scenarios):
    three = {**scenarios, "two more": scenarios["today"].override("agent_groups.desk.agents=3")}
    design = Replicated(three, seed=7, replications=3, primary=PRIMARY, looks="planned")
    _, results = run(design, spread=10.0, shift=5.0)
    levels = [found.interval.level for found in design.decisions(results).values()]
    assert levels == pytest.approx([1 - 0.05 / 2 / 5] * 2)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"precision": "1 s"}, "one of both"),
        ({"most": 10}, "at least 20"),
        ({"target": 80.0}, "2 scenarios, a target"),
        ({"margin": 0.0}, "margin: 0"),
        ({"paired": False}, "not paired"),
    ],
)
def test_planned_looks_that_make_no_sense_are_refused(scenarios, wrong, said):
    given = {"seed": 7, "replications": 3, "primary": PRIMARY, "looks": "planned"}
    with pytest.raises(RunError, match=said):
        Replicated(scenarios, **given | wrong)


def test_planned_looks_of_what_is_not_measured_are_refused(scenarios):
    design = Replicated(scenarios, seed=7, replications=3, primary="asa:all", looks="planned")
    with pytest.raises(RunError, match="not measured here"):
        run(design, spread=1.0)


@pytest.mark.parametrize(
    ("text", "unit", "within", "relative"),
    [
        ("1 point", "1", 0.01, False),
        ("2.5 points", "1", 0.025, False),
        (".5 points", "1", 0.005, False),
        ("3 points", "points", 3.0, False),
        ("3 %", "s", 0.03, True),
        ("3%", "1", 0.03, True),
        ("5 s", "s", 5.0, False),
        ("2 min", "s", 120.0, False),
        ("0.5 h", "s", 1800.0, False),
    ],
)
def test_a_precision_is_read_as_a_planner_writes_it(text, unit, within, relative):
    found = parse_precision(text, unit=unit)
    assert found.within == pytest.approx(within)
    assert found.relative == relative


def test_no_precision_is_none():
    assert parse_precision(None, unit="s") is None


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("soon", "1", "cannot be read"),
        ("", "1", "cannot be read"),
        ("1.2.3 points", "1", "cannot be read"),
        ("-1 point", "1", "cannot be read"),
        ("5 s", "1", "the primary metric has unit 1"),
        ("1 point", "s", "the primary metric has unit s"),
        ("0 points", "1", "not above 0"),
        ("0 s", "s", "not above 0"),
        ("0 %", "s", "not above 0"),
    ],
)
def test_a_precision_that_makes_no_sense_is_refused(text, unit, said):
    with pytest.raises(RunError, match=said):
        parse_precision(text, unit=unit)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"replications": 0}, "replications: 0; 1 or more"),
        ({"seed": -1}, "seed: -1; a whole number from 0"),
        ({"seed": 2**63}, "a whole number from 0"),
        ({"replications": 50, "most": 20}, "most: 20; at least replications, 50"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_before_anything_runs(scenarios, wrong, said):
    with pytest.raises(RunError, match=said):
        Replicated(scenarios, **{"seed": 7, "replications": 3, "primary": PRIMARY, **wrong})


def test_seed_nought_is_a_seed(scenarios):
    assert Replicated(scenarios, seed=0, replications=1, primary=PRIMARY).ask(Results())[0].seed == 0
