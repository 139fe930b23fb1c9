"""The best of several scenarios, on made-up answers: who is screened out when, and what is said of the rest."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from support.small_centres import small_centre

from cxsim.designs.best import compare_with_best
from cxsim.designs.design import Replicated, Results
from cxsim.designs.select import Selected, _plain
from cxsim.designs.selection import known_standard, select_best
from cxsim.errors import RunError
from cxsim.scenario.load import load_scenario

PRIMARY = "average_speed_of_answer:answered"
LABELS = ("today", "a", "b", "c")
MEANS = {"today": 100.0, "a": 97.0, "b": 80.0, "c": 82.0}
SPREAD = 4.0


@pytest.fixture(scope="module")
def scenarios():
    base = load_scenario(small_centre())
    return {label: base.override(f"agent_groups.desk.agents={n + 1}") for n, label in enumerate(LABELS)}


def wait(label, replication, seed=7):
    """A wait of one scenario: its mean, a size that the replication shares and one of its own."""
    shared = np.random.default_rng([seed, replication]).normal(0.0, 20.0)
    return MEANS[label] + shared + np.random.default_rng([seed, replication, LABELS.index(label)]).normal(0.0, SPREAD)


def design(scenarios, method="kn", *, n=10, most=1000, difference=1.0, better="lower", **more):
    replicated = Replicated(scenarios, seed=7, replications=n, primary=PRIMARY, most=most, metrics=(PRIMARY,))
    return Selected(
        replicated, method, difference=difference, confidence=0.95, larger_is_better=better == "higher", **more
    )


def run(selected, *, value=wait, unit="s", samples=None):
    """Ask and answer to the end: the trials of each ask, the results and the answer."""
    results, asked = Results(), []
    while trials := selected.ask(results):
        asked.append(trials)
        for trial in trials:
            row = {"scenario": trial.label, "replication": trial.replication, "by": "", "group": "all"}
            row |= {"metric": "average_speed_of_answer", "variant": "answered", "denominator": 50.0, "n": 50}
            row |= {"numerator": 50.0 * value(trial.label, trial.replication, trial.seed), "unit": unit}
            row |= {"better": "lower", "kind": "process", "p": math.nan if samples is None else 0.8, "values": samples}
            results.tables.append(pd.DataFrame([row]))
        results.replications = max(results.replications, 1 + max(trial.replication for trial in trials))
    return asked, results, selected.answer(results)


def test_what_the_procedure_has_seen_does_not_change_when_more_is_run(scenarios):
    selected = design(scenarios, n=10)
    seen = []
    for n in (10, 30):
        rows = [
            {"scenario": label, "replication": r, "by": "", "group": "all", "metric": "average_speed_of_answer",
             "variant": "answered", "denominator": 40.0 + 3.0 * (r % 7), "n": 40, "unit": "s", "better": "lower",
             "numerator": (40.0 + 3.0 * (r % 7)) * wait(label, r), "kind": "process", "p": math.nan, "values": None}
            for r in range(n) for label in LABELS
        ]  # fmt: skip
        results = Results([pd.DataFrame(rows)], n)
        seen.append(selected._values(selected._series(results)))
    for label in LABELS:
        assert np.array_equal(seen[0][label], seen[1][label][:10])


def test_what_is_clearly_worse_is_screened_out_and_run_no_further(scenarios):
    asked, _, answer = run(design(scenarios))
    table = answer.sections[0].table.set_index("scenario")
    # The same as the procedure on the plain values, all of which would have been run.
    values = -np.array([[wait(label, r) for label in LABELS] for r in range(400)])
    expected = select_best(values, difference=1.0, first=10)
    assert LABELS[expected.best] == "b"
    for place, label in enumerate(LABELS):
        out = expected.eliminated_at[place]
        assert table.loc[label, "standing"] == (f"screened out after {out:.0f}" if out else "selected")
        needed = out or expected.n
        assert needed <= table.loc[label, "replications"] < needed + 5
    assert answer.conclusions[0].startswith("Selected: 'b', the best by average speed of answer (answered)")
    assert "'today' after 10" in answer.conclusions[1]
    still_in = {label for label, out in zip(LABELS, expected.eliminated_at, strict=True) if out != 10}
    assert "today" not in still_in
    assert {trial.label for trial in asked[1]} == still_in
    assert {trial.seed for trials in asked for trial in trials} == {7}


def test_every_estimate_rests_on_the_replications_of_its_scenario(scenarios):
    _, results, answer = run(design(scenarios))
    counters = results.counters()
    for row in answer.estimates.to_dict("records"):
        mine = counters[counters["scenario"] == row["scenario"]]
        assert row["replications"] == len(mine)
        assert row["value"] == pytest.approx(mine["numerator"].sum() / mine["denominator"].sum())


def test_a_selection_that_is_not_decided_names_those_still_in(scenarios):
    _, results, answer = run(design(scenarios, most=12, difference=0.01))
    assert results.replications == 12
    assert answer.conclusions[0].startswith("Not decided within 12 replications: ")
    assert "'b', 'c' are still in" in answer.conclusions[0]
    assert set(answer.sections[0].table["standing"]) >= {"still in"}


def test_larger_may_be_better(scenarios):
    _, _, answer = run(design(scenarios, better="higher", difference=2.0))
    assert answer.conclusions[0].startswith("Selected: 'today'")


def test_hsu_says_who_is_not_the_best_and_who_may_be(scenarios):
    _, _, answer = run(design(scenarios, "hsu", n=8, difference=12.0))
    table = answer.sections[0].table.set_index("scenario")
    assert table["standing"].to_dict() == {
        "today": "not the best", "a": "not the best", "b": "may be the best", "c": "may be the best",
    }  # fmt: skip
    assert table.loc["today", "to_best_other_high"] == 0.0
    assert table.loc["b", "to_best_other"] == pytest.approx(-table.loc["c", "to_best_other"])
    assert "'b', 'c' may be the best" in answer.conclusions[0]
    assert "2 of 4 are not" in answer.conclusions[0]
    assert "'b' is at most" in answer.conclusions[1]
    assert "'today'" not in answer.conclusions[1]
    _, _, clear = run(design(scenarios, "hsu", n=200))
    assert clear.conclusions == (
        "'b' is the best by average speed of answer (answered), with 95% confidence; the others are not.",
    )


def test_a_benchmark_is_kept_unless_something_is_better_and_runs_are_independent(scenarios):
    asked, results, answer = run(design(scenarios, "standard", difference=8.0, against=95.0))
    assert len(asked) == 2
    assert {trial.label: trial.seed for trial in asked[0]} == {"today": 7, "a": 8, "b": 9, "c": 10}
    assert answer.conclusions[0].startswith("Selected: 'b', better than the benchmark of ")
    # As many of each as its first stage says.
    g = known_standard(4, first=10).g
    for place, label in enumerate(LABELS):
        first = [wait(label, r, 7 + place) for r in range(10)]
        wanted = max(10, math.ceil((g / 8.0) ** 2 * np.var(first, ddof=1)))
        assert (results.counters()["scenario"] == label).sum() == wanted
    _, _, kept = run(design(scenarios, "standard", difference=8.0, against=60.0))
    assert kept.conclusions[0].startswith("Nothing is shown to be better than the benchmark of 60 s")


def test_a_benchmark_that_would_need_too_many_runs_is_refused_before_the_second_stage(scenarios):
    with pytest.raises(RunError, match=r"would need about [0-9,]+ replications; at most 100; "):
        run(design(scenarios, "standard", difference=0.5, most=100, against=90.0))


def second_stage_of(first_stages, *, difference, level=0.95):
    """Replications of each scenario against a benchmark, as their first stages want them."""
    g = known_standard(len(first_stages), first=10, level=level).g
    return [max(10, math.ceil((g / difference) ** 2 * np.var(first, ddof=1))) for first in first_stages]


def apart(n):
    """Waits of each scenario with random numbers of its own."""
    return [[wait(label, r, 7 + place) for r in range(n)] for place, label in enumerate(LABELS)]


def at_confidence(selected, confidence):
    """Table by scenario of a selection with another confidence."""
    _, _, answer = run(replace(selected, confidence=confidence))
    return answer.sections[0].table.set_index("scenario")


def test_screening_keeps_to_the_confidence_asked_for(scenarios):
    table = at_confidence(design(scenarios, difference=2.0), 0.7)
    values = -np.array([[wait(label, r) for label in LABELS] for r in range(100)])
    out = [select_best(values, difference=2.0, first=10, level=level).eliminated_at for level in (0.7, 0.95)]
    assert list(out[0]) != list(out[1])
    assert list(table["standing"]) == [f"screened out after {n:.0f}" if n else "selected" for n in out[0]]


def test_comparisons_with_the_best_keep_to_the_confidence_asked_for(scenarios):
    table = at_confidence(design(scenarios, "hsu", n=5, difference=12.0), 0.7)
    values = np.array([[wait(label, r) for label in LABELS] for r in range(5)])
    expected = compare_with_best(values, larger_is_better=False, level=0.7)
    assert list(table["to_best_other_low"]) == pytest.approx(list(expected.low))
    assert list(table["to_best_other_high"]) == pytest.approx(list(expected.high))


def test_a_benchmark_is_left_with_the_confidence_asked_for(scenarios):
    wanted = second_stage_of(apart(10), difference=12.0, level=0.7)
    all_constants = [known_standard(4, first=10, level=level) for level in (0.7, 0.95)]
    reach, other = (12.0 * constants.h / constants.g for constants in all_constants)
    means = [np.mean(of[:n]) for of, n in zip(apart(max(wanted)), wanted, strict=True)]
    assert other < 0.99 * reach
    # The first stage alone would say otherwise.
    best = int(np.argmin(means))
    assert abs(np.mean(apart(10)[best]) - means[best]) > 0.01 * reach
    for lead, standing in ((0.99 * reach, "-"), (1.01 * reach, "selected")):
        benchmark = min(means) + lead
        table = at_confidence(design(scenarios, "standard", difference=12.0, against=benchmark), 0.7)
        assert list(table["replications"]) == wanted
        assert list(table["standing"]) == [standing if place == best else "-" for place in range(4)]


def test_a_benchmark_is_refused_where_a_single_scenario_would_need_too_many_runs(scenarios):
    most = max(second_stage_of(apart(10), difference=20.0))
    assert min(second_stage_of(apart(10), difference=20.0)) < most - 1
    run(design(scenarios, "standard", difference=20.0, most=most, against=90.0))
    with pytest.raises(RunError, match=f"would need about {most} replications; at most {most - 1}; "):
        run(design(scenarios, "standard", difference=20.0, most=most - 1, against=90.0))


def test_a_first_stage_without_variance_is_not_taken_as_sure(scenarios):
    alike = {"today": 100.0, "a": 97.0, "b": 80.0, "c": 80.0}
    chosen = design(scenarios, "standard", n=2, difference=8.0, against=95.0)
    _, _, answer = run(chosen, value=lambda label, *_: alike[label])
    assert answer.conclusions[0].startswith("Selected: 'b'")
    assert (
        "'b', 'c' came out the same in each of the first 2 replications, which the procedure takes as exact"
        in (answer.conclusions[0])
    )
    _, _, varied = run(design(scenarios, "standard", difference=8.0, against=95.0))
    assert "exact" not in varied.conclusions[0]


def test_a_confidence_is_not_rounded_up(scenarios):
    sure = replace(design(scenarios, "hsu", n=10), confidence=0.999)
    _, _, answer = run(sure)
    assert "with 99.9% confidence" in answer.conclusions[0]


@pytest.mark.parametrize(
    ("difference", "said"),
    [(0.01, "1.0 pp"), (1e-8, "0.000001 pp"), (4e-10, "0.00000004 pp")],
)
def test_the_difference_that_matters_is_never_printed_as_nothing(difference, said):
    assert _plain(difference, "1") == said
    assert _plain(0.0, "1") == "0.0 pp"


def test_one_scenario_may_stand_against_a_benchmark(scenarios):
    _, _, answer = run(design({"today": scenarios["today"]}, "standard", difference=10.0, against=150.0))
    assert answer.conclusions[0].startswith("Selected: 'today'")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "standard"}, "no benchmark; a benchmark for method=standard only"),
        ({"against": 5.0}, "with a benchmark"),
        ({"n": 1}, "replications: 1; 2 or more"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(scenarios, given, said):
    with pytest.raises(RunError, match=said):
        design(scenarios, **given)


def test_one_scenario_is_no_choice(scenarios):
    with pytest.raises(RunError, match="select: 1 scenario; 2 or more"):
        design({"today": scenarios["today"]})


def test_a_quantile_is_no_mean_of_replications(scenarios):
    with pytest.raises(RunError, match="a quantile over customers; a share or a mean; method=hsu"):
        run(design(scenarios), samples=np.array([1.0, 2.0]))


def test_nothing_observed_is_said(scenarios):
    selected = design(scenarios)
    results = Results()
    for trial in selected.ask(results):
        row = {"scenario": trial.label, "replication": trial.replication, "by": "", "group": "all", "n": 0}
        row |= {"metric": "average_speed_of_answer", "variant": "answered", "numerator": 0.0, "denominator": 0.0}
        row |= {"unit": "s", "better": "lower", "kind": "process", "p": math.nan, "values": None}
        results.tables.append(pd.DataFrame([row]))
    results.replications = 10
    with pytest.raises(RunError, match="nothing observed in today"):
        selected.ask(results)
