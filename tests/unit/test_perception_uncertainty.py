"""Uncertainty of sizes: sets as wide as the evidence, the same cases for all, no band where nothing changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxsim.contacts.log import ContactLog, Table
from cxsim.perception import kept as kept_module
from cxsim.perception import reference
from cxsim.perception.answers import expected_response
from cxsim.perception.load import load_model
from cxsim.perception.parameter_sets import _moved, drawn_values, parameter_sets, with_values
from cxsim.perception.reference import reference_journeys
from cxsim.perception.satisfaction import contributions
from cxsim.perception.surveys import perceive
from cxsim.perception.uncertainty import bands, bands_of_difference, drawn_scores, sample_of, some_of

MODEL = load_model()
TOP_TWO = "customer_satisfaction:top_two"


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory):
    """Nothing of another day: sets are found here."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("kept")
    patch.setattr(kept_module, "_folder", lambda: folder)
    yield folder
    patch.undo()


@pytest.fixture(scope="module")
def sets():
    return parameter_sets(MODEL, n_sets=12)


def band_of(table, metric: str) -> np.ndarray:
    return table.set_index("metric").loc[metric, ["median", "low", "high"]].to_numpy(float)


def test_drawn_values_are_as_wide_as_the_evidence_and_keep_their_signs():
    drawn = [drawn_values(MODEL, number) for number in range(600)]
    for address in ("touch.transfer", "journey.unresolved", "waiting.voice.loss", "weights.ease.effort"):
        entry = MODEL.evidence[address]
        low, median, high = np.quantile([values[address] for values in drawn], [0.05, 0.5, 0.95])
        assert (low, median, high) == pytest.approx((entry.low, entry.value, entry.high), rel=0.12), address
    assert all(value >= 0.0 for values in drawn for at, value in values.items() if at != "response.displeasure")
    assert min(values["waiting.loss_aversion"] for values in drawn) == 1.0


def test_memory_and_noise_shares_go_on_summing_to_one():
    for number in range(50):
        model = with_values(MODEL, drawn_values(MODEL, number))
        assert sum(vars(model.memory).values()) == pytest.approx(1.0)
        for split in vars(model.noise).values():
            assert sum(vars(split).values()) == pytest.approx(1.0)
    peaks = [drawn_values(MODEL, number)["memory.peak"] for number in range(600)]
    # Of a Dirichlet with 12 times the weights.
    assert np.mean(peaks) == pytest.approx(0.3, abs=0.02)
    assert np.var(peaks) == pytest.approx(0.3 * 0.7 / 13, rel=0.2)


def test_a_number_is_drawn_by_its_name_whatever_else_is_drawn():
    fewer = replace(MODEL, evidence={"touch.transfer": MODEL.evidence["touch.transfer"]})
    assert drawn_values(fewer, 3)["touch.transfer"] == drawn_values(MODEL, 3)["touch.transfer"]
    assert drawn_values(MODEL, 3) != drawn_values(MODEL, 4)


def test_what_a_survey_practice_is_and_what_has_no_range_stays():
    values = drawn_values(MODEL, 1)
    assert not {"response.voice", "waiting.voice.tolerance", "comments.contrary", "value.discount"} & set(values)


@pytest.mark.parametrize("value", [0.84, 0.05])
def test_a_value_beyond_its_range_takes_the_range_along(value):
    entry = MODEL.evidence["touch.transfer"]
    evidence = {"touch.transfer": entry._replace(value=value)}
    drawn = [drawn_values(replace(MODEL, evidence=evidence), number)["touch.transfer"] for number in range(600)]
    wide = np.sqrt(entry.high / entry.low)
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([value / wide, value, value * wide], rel=0.12)


def test_no_drawn_number_leaves_the_bounds_of_its_field():
    shares = [drawn_values(MODEL, number)["waiting.announcement"] for number in range(600)]
    # Its range reaches to 0.9, and beyond in some sets; a promise cannot count for more than all.
    assert max(shares) == 1.0


def test_spreads_of_a_set_contain_the_noise_of_an_answer():
    narrow = replace(MODEL.anchors, satisfaction_spread=1.05)
    here, there = (replace(MODEL.anchors, satisfaction_spread=spread) for spread in (1.3, 1.1))
    assert _moved(narrow, here, there).satisfaction_spread == 1.0
    assert _moved(narrow, there, here).satisfaction_spread == pytest.approx(1.25)


def test_sets_are_found_once_and_then_read(own_cache, sets, monkeypatch):
    monkeypatch.setattr("cxsim.perception.parameter_sets.anchor", None)
    assert [one.anchors for one in parameter_sets(MODEL, n_sets=12)] == [one.anchors for one in sets]
    for file in own_cache.iterdir():
        file.write_text("{broken", encoding="utf-8")
    with pytest.raises(TypeError):
        parameter_sets(MODEL, n_sets=12)


def test_every_set_is_anchored_to_the_same_benchmark(sets):
    journeys = reference_journeys(20_000, seed=3)
    scores = drawn_scores(sample_of(journeys, seed=3, most_cases=20_000), sets).set_index("metric")
    churn = scores.loc["churn_rate:default", "numerator"] / scores.loc["churn_rate:default", "denominator"]
    assert churn.to_numpy() == pytest.approx(0.15, abs=0.012)
    for one in [MODEL, *sets]:
        high, answered = expected_response(contributions(journeys, model=one), journeys.method, model=one)
        asked = journeys.surveyable
        assert high[asked].sum() / answered[asked].sum() == pytest.approx(0.82, abs=0.01)
        assert np.all(np.diff(one.anchors.satisfaction) >= 0.0)


def test_scores_with_the_model_itself_are_those_of_the_log():
    log = perceive(bank(), seed=4)
    found = drawn_scores(sample_of(log, seed=4), [MODEL]).set_index("metric")
    value = found["numerator"] / found["denominator"]
    s, c = log.surveys, log.customers
    expected = [
        s.expected_top_two.mean(), s.expected_ease.mean(),
        100 * (s.expected_promoter - s.expected_detractor).mean(), c.churn.mean(), c.lifetime_value.mean(),
    ]  # fmt: skip
    assert value.to_numpy() == pytest.approx(expected)


def bank(n: int = 600, *, wait: float = 30.0, people: int = 150) -> ContactLog:
    rng = np.random.default_rng(2)
    offered = np.sort(rng.random(n)) * 86400.0
    columns = {
        "case": np.arange(n), "customer": np.arange(n) % people, "segment": np.arange(n) % people % 2,
        "offered": offered, "answered": offered + wait, "ended": offered + wait + 200.0,
        "outcome": (rng.random(n) < 0.2).astype(int),
    }  # fmt: skip
    customers = {"customer": np.arange(people), "segment": np.arange(people) % 2, "margin": np.full(people, 9.0)}
    names, meta = {"segment": ("a", "b")}, {"horizon": 86400.0, "segments": {"b": {"annual_churn": 0.3}}}
    return ContactLog(Table("touchpoints", columns), customers=Table("customers", customers), names=names, meta=meta)


def test_the_same_people_are_chosen_in_every_scenario_with_all_their_cases():
    one, other = (sample_of(bank(wait=wait), seed=4, most_cases=100) for wait in (10.0, 500.0))
    assert np.array_equal(one.journeys.case, other.journeys.case)
    assert 80 < len(one.journeys) <= 100
    chosen = set(one.journeys.customer.tolist())
    assert len(one.journeys) == 4 * len(chosen)
    longer = sample_of(bank(n=1200, people=300), seed=4, most_cases=100).journeys
    assert set(longer.customer.tolist()) & chosen


def test_some_journeys_keep_their_touches():
    journeys = reference_journeys(300, seed=1)
    rows = np.arange(0, 300, 3)
    some = some_of(journeys, rows)
    assert np.array_equal(some.resolved, journeys.resolved[rows])
    for new, old in enumerate(rows):
        assert np.array_equal(some.wait[some.owner == new], journeys.wait[journeys.owner == old])


def test_a_change_of_nothing_has_a_band_of_nothing_and_swapping_flips_it(sets):
    before = drawn_scores(sample_of(bank(), seed=4), sets)
    after = drawn_scores(sample_of(bank(wait=400.0), seed=4), sets)
    for metric in before["metric"].unique():
        assert np.all(band_of(bands_of_difference(before, before), metric) == 0.0)
        there = band_of(bands_of_difference(before, after), metric)
        back = band_of(bands_of_difference(after, before), metric)
        assert there[[0, 2, 1]] == pytest.approx(-back)
    assert band_of(bands_of_difference(before, after), TOP_TWO)[2] < 0.0


def test_replications_are_added_up_before_dividing(sets):
    parts = [drawn_scores(sample_of(bank(n), seed=4), sets[:1]) for n in (200, 600)]
    both = bands(pd.concat(parts)).set_index("metric")["median"]
    of = [part.set_index("metric") for part in parts]
    expected = sum(part["numerator"] for part in of) / sum(part["denominator"] for part in of)
    assert both.to_numpy() == pytest.approx(expected.loc[both.index].to_numpy())


def test_a_band_of_ninety_per_cent_leaves_five_on_either_side():
    scores = pd.DataFrame({"draw": range(101), "metric": TOP_TWO, "numerator": np.arange(101.0), "denominator": 1.0})
    assert band_of(bands(scores), TOP_TWO) == pytest.approx([50.0, 5.0, 95.0])
    assert band_of(bands(scores, level=0.5), TOP_TWO) == pytest.approx([50.0, 25.0, 75.0])


def changed_world(monkeypatch, **change: object):
    with monkeypatch.context() as patch:
        for name, value in change.items():
            patch.setattr(reference, name, value)
        return reference_journeys(20_000, seed=5)


@pytest.mark.slow
def test_published_changes_have_the_bands_of_the_prototype(monkeypatch):
    sets = parameter_sets(MODEL)
    base = changed_world(monkeypatch)

    def moved(world) -> np.ndarray:
        tables = [drawn_scores(sample_of(one, seed=5, most_cases=20_000), sets) for one in (base, world)]
        return 100 * band_of(bands_of_difference(*tables), TOP_TWO)

    better = changed_world(monkeypatch, RESOLVES_FIRST=1.37, RESOLVES_LATER=0.99)  # first contacts resolve +5.2 points
    first = [np.mean((one.resolved & (one.assisted == 1))[one.assisted > 0]) for one in (base, better)]
    assert 100 * (first[1] - first[0]) == pytest.approx(5.2, abs=0.4)
    assert moved(better) == pytest.approx([1.5, 1.2, 1.8], abs=0.3)
    skilled = replace(base, quality=np.where(base.agent >= 0, base.quality + 0.3, 0.0))
    assert moved(skilled) == pytest.approx([1.6, 1.1, 2.5], abs=0.35)
    slower = changed_world(
        monkeypatch, DELAYED=(0.6, 0.6, 1.0), MEAN_DELAY=(138.0, 138.0, 0.0), ABANDONS=(0.2, 0.2, 0.0)
    )
    median, low, high = moved(slower)  # average speed of answer 25 to 83 s, abandonment 7 to 22 % of journeys
    assert -6.0 < median < -3.0
    assert low < -5.0
    assert high < -1.8
