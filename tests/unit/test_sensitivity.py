"""Which input matters: made-up answers of which it is known, through the same designs as simulated ones."""

import dataclasses
import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support.small_centres import small_centre

from cxsim.designs import screening, tornado
from cxsim.designs.design import Replicated, Results
from cxsim.designs.factors import read_factors
from cxsim.designs.indices import indices, unit_sample
from cxsim.designs.information import Component, Information, component, share_table
from cxsim.designs.layers import noise_share
from cxsim.designs.sampling import sampled
from cxsim.designs.screening import Screening, noise_line
from cxsim.designs.sweep import Sweep
from cxsim.designs.tornado import Tornado, _size
from cxsim.errors import RunError
from cxsim.scenario.load import load_scenario

PRIMARY = "service_level:strict"
TEXTS = ["touchpoints.phone.resolves=interval(0,1)", "touchpoints.portal.resolves=interval(0,1)",
         "agent_groups.desk.agents=interval(0,9)"]  # fmt: skip
# Sobol's g-function with a = 0, 1, 4.5, 9: exact shares alone and in all.
A = np.array([0.0, 1.0, 4.5, 9.0])
ALONE = [0.7164929349, 0.1791232337, 0.0236857169, 0.0071649293]
TOTAL = [0.7873697011, 0.2422676004, 0.0343267445, 0.0104633847]


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(small_centre())


@pytest.fixture(scope="module")
def factors(scenario):
    return read_factors(scenario, TEXTS, verb="sensitivity")


def today(scenario, n=6):
    return Replicated({"today": scenario}, seed=3, replications=n, primary=PRIMARY, metrics=(PRIMARY,))


def inputs_of(trial):
    """The three inputs of a trial's scenario, 0 to 1."""
    model = trial.scenario.model
    staff = model.agent_groups["desk"].agents / 9.0
    return model.touchpoints["phone"].resolves, model.touchpoints["portal"].resolves, staff


def answered(design, function, *, noise=0.0, results=None):
    """Ask and answer to the end with `function` of the inputs, and noise that a replication shares and its own."""
    results = Results() if results is None else results
    while trials := design.ask(results):
        for number, trial in enumerate(trials):
            shared = np.random.default_rng(trial.replication).normal()
            own = np.random.default_rng([trial.replication, number]).normal()
            value = function(*inputs_of(trial)) + noise * (5.0 * shared + own)
            row = {"scenario": trial.label, "replication": trial.replication, "by": "", "group": "all"}
            row |= {"metric": "service_level", "variant": "strict", "numerator": 100.0 * value, "denominator": 100.0}
            row |= {"n": 100, "unit": "1", "better": "higher", "kind": "process", "p": math.nan, "values": None}
            results.tables.append(pd.DataFrame([row]))
        results.replications = 1 + max(trial.replication for trial in trials)
    return design.answer(results)


def linear(phone, portal, staff):
    return 0.2 + 0.1 * phone - 0.4 * portal + 0.0 * staff


def test_a_tornado_finds_each_effect_at_each_end_and_orders_by_size(scenario, factors):
    found = answered(Tornado(today(scenario), factors), linear, noise=0.001)
    (section,) = found.sections
    table = section.table.set_index("input")
    # The small desk resolves 80 % by phone and 60 % in the portal.
    assert list(table.index) == [factors[1].path, factors[0].path, factors[2].path]
    assert table.loc[factors[1].path, "at_low_end"] == pytest.approx(0.24, abs=0.005)
    assert table.loc[factors[1].path, "at_high_end"] == pytest.approx(-0.16, abs=0.005)
    assert table.loc[factors[0].path, "swing"] == pytest.approx(0.1, abs=0.005)
    assert (table["swing_low"] <= table["swing"]).all()
    assert found.conclusions[0].startswith(f"Of these inputs {factors[1].path} moves service level (strict) most")
    assert found.conclusions[-1] == f"No effect on service level (strict) is shown of {factors[2].path}."


def test_a_tornado_of_one_replication_claims_no_intervals(scenario, factors):
    (section,) = answered(Tornado(today(scenario, 1), factors), linear).sections
    assert section.table["swing_low"].isna().all()
    assert section.said[1] == "No intervals: one replication does not tell an effect from chance."


def test_a_tornado_refuses_values_between_its_ends(scenario):
    given = read_factors(scenario, ["agent_groups.desk.agents=1,5,9"], verb="sensitivity")
    with pytest.raises(RunError, match=r"agent_groups\.desk\.agents: 3 values; two for method=tornado"):
        Tornado(today(scenario), given)


@pytest.mark.parametrize(("method", "points"), [("morris", 4), ("sobol", 8)])
def test_a_sample_that_does_not_vary_names_no_input_that_matters(scenario, factors, method, points):
    pytest.importorskip("SALib")
    found = answered(Screening(today(scenario, 1), factors, method, points), lambda *_: 0.5)
    assert found.conclusions == (
        "None of these inputs moves service level (strict): it is the same everywhere in the sample.",
    )


@pytest.mark.parametrize(("method", "points"), [("morris", 10), ("sobol", 64)])
def test_two_inputs_that_matter_alike_are_not_put_in_an_order_for_sure(scenario, factors, method, points):
    pytest.importorskip("SALib")
    found = answered(Screening(today(scenario, 1), factors, method, points), lambda x, y, _: 0.4 * x * x + 0.4 * y * y)
    assert re.match(r"That it comes first is not sure; its interval meets that of touch\S+.$", found.conclusions[1])
    sure = answered(Screening(today(scenario, 1), factors, method, points), linear)
    assert not any("not sure" in line for line in sure.conclusions)


def values_of(results, label):
    """The primary metric of a scenario by replication."""
    table = results.counters()
    table = table[table["scenario"] == label].sort_values("replication")
    return (table["numerator"] / table["denominator"]).to_numpy()


def half_width(values, *, error):
    """Of the t interval of a mean that errs with this probability."""
    return stats.t.ppf(1.0 - error / 2.0, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))


def test_the_three_intervals_of_every_input_of_a_tornado_hold_together(scenario, factors):
    results = Results()
    found = answered(Tornado(today(scenario), factors), linear, noise=0.01, results=results)
    table = found.sections[0].table.set_index("input")
    low, high = sorted({name for name in results.counters()["scenario"] if name.startswith(factors[0].path)})
    values = values_of(results, high) - values_of(results, low)
    row = table.loc[factors[0].path]
    assert row["swing_high"] - row["swing"] == pytest.approx(half_width(values, error=0.05 / 9))


def test_the_effects_of_a_factorial_hold_together(scenario):
    sample = sampled(scenario, TEXTS[:2], sampling="factorial")
    many = dataclasses.replace(today(scenario), scenarios=sample.points, paired=False, detail=False)
    results = Results()
    found = answered(Sweep(sample.settings, many, fraction=sample.fraction), linear, noise=0.01, results=results)
    effects = next(section for section in found.sections if section.name == "effects").table.set_index("setting")
    signs = {label: 1 if settings["touchpoints.portal.resolves"] == "1" else -1
             for label, settings in sample.settings.items()}  # fmt: skip
    values = sum(sign * values_of(results, label) for label, sign in signs.items()) / 2.0
    row = effects.loc["touchpoints.portal.resolves"]
    assert row["effect"] == pytest.approx(np.mean(values))
    assert row["effect_high"] - row["effect"] == pytest.approx(half_width(values, error=0.05 / 3))


def test_the_noise_that_all_points_share_does_not_blur_a_tornado(scenario, factors):
    found = answered(Tornado(today(scenario), factors), linear, noise=0.001).sections[0].table
    assert (found["swing_high"] - found["swing_low"]).max() < 0.02


def test_the_estimates_are_those_of_today_alone(scenario, factors):
    found = answered(Tornado(today(scenario), factors), linear)
    assert set(found.estimates["scenario"]) == {"today"}
    assert found.estimates["value"].iloc[0] == pytest.approx(linear(0.8, 0.6, 0.0))


def test_morris_finds_the_slopes_of_a_plane(scenario, factors):
    pytest.importorskip("SALib")
    found = answered(Screening(today(scenario, 2), factors, "morris", 6), linear)
    table = found.sections[0].table.set_index("input")
    assert table.loc[factors[1].path, ["effect", "signed", "bend"]].tolist() == pytest.approx(
        [0.4, -0.4, 0.0], abs=1e-6
    )
    assert table.loc[factors[0].path, ["effect", "signed"]].tolist() == pytest.approx([0.1, 0.1], abs=1e-6)
    assert table.loc[factors[2].path, "effect"] == pytest.approx(0.0, abs=1e-9)
    assert factors[2].path in found.conclusions[1]


def test_morris_puts_the_largest_effect_first_whatever_its_sign(scenario, factors):
    pytest.importorskip("SALib")
    found = answered(Screening(today(scenario, 2), factors, "morris", 6), linear)
    assert list(found.sections[0].table["input"]) == [factors[1].path, factors[0].path, factors[2].path]
    assert factors[1].path in found.conclusions[0]


def test_each_point_of_a_sample_has_the_standard_error_of_its_replications(scenario, factors):
    pytest.importorskip("SALib")
    results = Results()
    found = answered(Screening(today(scenario, 4), factors, "morris", 4), linear, noise=0.01, results=results)
    table = found.sections[1].table
    for row in table.to_dict("records"):
        values = values_of(results, ", ".join(f"{factor.path}={row[factor.path]}" for factor in factors))
        assert len(values) == 4
        mean = sum(values) / 4
        assert row["value"] == pytest.approx(mean)
        assert row["standard_error"] == pytest.approx(math.sqrt(sum((v - mean) ** 2 for v in values) / 3 / 4))


def test_sobol_indices_of_a_plane_are_its_squared_slopes(scenario, factors):
    pytest.importorskip("SALib")
    found = answered(Screening(today(scenario, 2), factors, "sobol", 32), linear, noise=0.0005)
    table = found.sections[0].table.set_index("input")
    assert table.loc[factors[1].path, "alone"] == pytest.approx(16 / 17, abs=0.1)
    assert table.loc[factors[1].path, "total"] == pytest.approx(16 / 17, abs=0.1)
    assert 0.0 <= table["alone"].min() < 0.1
    assert any(re.match(r"Noise share: 0\.\d+% of the variance", line) for line in found.sections[0].said)
    # The sample is kept with every setting, for other analyses.
    sample = found.sections[1]
    assert sample.aside
    assert {*table.index, "value"} <= set(sample.table)


@pytest.mark.parametrize(("method", "points"), [("morris", 4), ("sobol", 8)])
def test_the_same_seed_gives_the_same_sample(method, points):
    pytest.importorskip("SALib")
    one, two, other = (unit_sample(method, n_factors=3, points=points, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_sobol_indices_of_the_g_function_are_the_exact_ones():
    pytest.importorskip("SALib")
    cube = unit_sample("sobol", n_factors=4, points=4096, seed=7)
    answers = np.prod((np.abs(4.0 * cube - 2.0) + A) / (1.0 + A), axis=1)
    found = indices("sobol", cube, answers, seed=7)
    assert found["alone"].to_numpy() == pytest.approx(ALONE, abs=0.02)
    assert found["total"].to_numpy() == pytest.approx(TOTAL, abs=0.02)
    assert (found["alone_low"] <= found["alone"]).all()


def test_a_negative_estimate_is_nought_with_its_interval():
    pytest.importorskip("SALib")
    cube = unit_sample("sobol", n_factors=3, points=16, seed=1)
    # Chance alone: some of thirty shares are estimated below 0.
    every = [indices("sobol", cube, np.random.default_rng(n).normal(size=len(cube)), seed=1) for n in range(10)]
    found = pd.concat(every, ignore_index=True)
    assert found["alone"].min() == 0.0
    assert found.loc[found["alone"].idxmin(), "alone_low"] < 0.0


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_answers_that_do_not_vary_have_no_indices_and_no_interval(method):
    pytest.importorskip("SALib")
    cube = unit_sample(method, n_factors=3, points=4, seed=1)
    found = indices(method, cube, np.full(len(cube), 0.7), seed=1)
    assert found.iloc[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert found.iloc[:, 1].isna().all()


def test_without_salib_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "SALib.sample.morris", None)
    with pytest.raises(RunError, match=r"SALib is not installed; .*; pip install 'cxsim\[research\]'"):
        unit_sample("morris", n_factors=3, points=4, seed=1)


def test_noise_that_points_share_is_no_noise_between_them():
    points = np.arange(6.0)[:, np.newaxis]
    shared = np.array([[0.0, 5.0, -5.0, 9.0]])
    assert noise_share(points + shared).share > 0.5
    assert noise_share(points + shared, common_random_numbers=True).share == 0.0


def test_information_gives_each_input_its_share_of_the_variance(scenario, factors):
    found = answered(Information(today(scenario, 12), factors, sets=40), linear, noise=0.002)
    table = found.sections[0].table.set_index("input")
    assert table.loc[factors[1].path, "share"] == pytest.approx(16 / 17, abs=0.12)
    assert table.loc[factors[0].path, "share"] == pytest.approx(1 / 17, abs=0.03)
    assert table.loc[factors[2].path, "share"] < 0.01
    # The whole is the spread of a plane over the cube; without the portal that of the phone is left.
    assert table.loc[factors[0].path, "spread_if_known"] == pytest.approx(0.4 / math.sqrt(12), rel=0.15)
    assert found.conclusions[0].startswith(f"Better measured, {factors[1].path} narrows service level (strict) most")
    assert any("independent of the others" in line for line in found.sections[0].said)


def test_information_of_a_product_leaves_what_two_inputs_do_together(scenario, factors):
    # (x - 1/2)(y - 1/2): alone neither moves the mean.
    found = answered(Information(today(scenario, 30), factors, sets=30), lambda x, y, _: (x - 0.5) * (y - 0.5))
    assert found.sections[0].table["share"].max() < 0.1


def test_inputs_that_do_nothing_are_not_worth_measuring(scenario, factors):
    found = answered(Information(today(scenario, 6), factors, sets=10), lambda *_: 0.5)
    assert found.sections[0].table["share"].isna().all()
    assert "no input is worth measuring better" in found.conclusions[0]


def test_the_variance_of_listed_values_is_that_of_all_there_are():
    values = np.array([[0.0], [1.0], [2.0]]) + np.array([[0.0, 3.0, -2.0, 5.0]])
    assert component(values, over="replications").variance == pytest.approx(2.0 / 3.0)
    assert component(values, over="sets").variance == pytest.approx(1.0)


def test_a_share_is_nought_to_one_and_the_rest_is_left():
    table = share_table(Component(4.0, 0.0), [Component(1.0, 0.1), Component(-0.5, 0.1), Component(5.0, 0.1)],
                        level=0.95, df=9)  # fmt: skip
    assert table["share"].tolist() == [0.25, 0.0, 1.0]
    assert table["spread_if_known"].tolist() == pytest.approx([math.sqrt(3.0), 2.0, 0.0])
    assert (table["share_low"] >= 0.0).all()
    assert (table["share_high"] <= 1.0).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda t, f: Information(t, f[:1]), "1 input; 2 or more"),
        (lambda t, f: Information(t, f, sets=2), "points: 2; 4 sets or more"),
        (lambda t, f: Screening(t, f[:1], "morris").cube, "method=morris: 1 input"),
        (lambda t, f: Screening(t, f, "morris", 1).cube, "2 trajectories or more"),
        (lambda t, f: Screening(t, f, "sobol", 12).cube, "points: 12; a power of two"),
        (lambda t, f: Screening(t, f, "sobol", 4096).cube, "20480 scenarios; at most 10000"),
    ],
)
def test_what_cannot_be_asked_is_refused(scenario, factors, make, said):
    if "20480" in said:
        pytest.importorskip("SALib")
    with pytest.raises(RunError, match=said):
        make(today(scenario), factors)


def test_information_needs_replications(scenario, factors):
    with pytest.raises(RunError, match="replications: 3; 4 or more"):
        Information(today(scenario, 3), factors)


def test_a_tornado_is_ordered_by_size_whatever_the_sign():
    row = {"at_low_end": 1.0, "at_high_end": -1.0, "swing": -2.0}
    assert _size(row) == 2.0
    assert _size({**row, "swing": math.nan, "at_high_end": -3.0}) == 3.0
    assert _size(dict.fromkeys(row, math.nan)) < 0.0


def test_an_input_that_moves_the_answer_at_one_end_only_is_not_said_to_do_nothing():
    unsure = dict.fromkeys(("at_low_end_shown", "at_high_end_shown", "swing_shown"), "unresolved")
    swing = {"swing": 3.0, "swing_low": 1.0, "swing_high": 5.0, "range": "1 to 2"}
    rows = [{"input": "one", **unsure, **swing, "at_low_end_shown": "below"}, {"input": "two", **unsure, **swing}]
    lines = tornado._conclusions(rows, "wait", "s")
    assert lines[0].startswith("Of these inputs one moves wait most")
    assert lines[1:] == ("No effect on wait is shown of two.",)


def test_an_input_is_said_to_do_hardly_anything_only_where_its_interval_says_so():
    names, effects, ends = ["a", "b", "c"], [10.0, 0.5, 0.5], [12.0, 2.0, 0.9]
    table = pd.DataFrame({"input": names, "effect": effects, "effect_low": [8.0, 0.0, 0.1], "effect_high": ends})
    assert screening._conclusions(table, "wait", "morris", "s")[1].endswith(": c.")


def test_what_all_points_share_is_no_noise_in_what_is_said_of_a_sample():
    shared = np.array([0.0, 40.0, 10.0, 30.0])
    assert noise_line(np.arange(5.0)[:, np.newaxis] + shared, 4).startswith("Noise share: 0.0% ")


@pytest.mark.parametrize(("method", "name"), [("morris", "effect"), ("sobol", "total")])
def test_intervals_of_indices_have_the_level_asked_for(method, name):
    points = unit_sample(method, n_factors=2, points=8, seed=3)
    found = [indices(method, points, points[:, 0] * points[:, 1], seed=3, level=level) for level in (0.5, 0.95)]
    narrow, wide = (np.asarray(table[f"{name}_high"] - table[name]) for table in found)
    # Normal ends around a bootstrap's spread: 0.674 and 1.960 of it.
    assert list(wide / narrow) == pytest.approx([1.959964 / 0.674490] * 2, rel=1e-5)
