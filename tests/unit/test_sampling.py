"""Points between the ends of settings: where they lie, what they are rounded to, and what is refused."""

import numpy as np
import pytest
from support.small_centres import small_centre

from cxsim.designs.factors import Factor, is_varied, read_factors
from cxsim.designs.sampling import sampled, unit_points
from cxsim.errors import RunError, ScenarioError
from cxsim.scenario.load import load_scenario

AGENTS = "agent_groups.desk.agents"
TALK = "touchpoints.phone.talk_time.mean"
RESOLVES = "touchpoints.phone.resolves"


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(small_centre())


def test_a_range_is_read_with_its_unit_and_counts_what_the_setting_counts(scenario):
    agents, talk, share, words = read_factors(
        scenario, [f"{AGENTS}=interval(1,4)", f"{TALK}=interval(6 min, 12 min)", f"{RESOLVES}=interval(60%,90%)",
                   "touchpoints.phone.after_call_work=1 min,2 min"], verb="sweep"
    )  # fmt: skip
    assert agents == Factor(AGENTS, 1.0, 4.0, whole=True)
    assert (talk.unit, talk.whole) == ("min", False)
    assert [agents.at(share) for share in (0.0, 0.24, 0.26, 0.51, 0.99, 1.0)] == ["1", "1", "2", "3", "4", "4"]
    assert (talk.at(0.0), talk.at(0.5), talk.at(1.0)) == ("6 min", "9 min", "12 min")
    assert share.at(0.25) == "67.5%"
    assert (words.at(0.4), words.at(0.6)) == (r"1\ min", r"2\ min")  # as it is written in an override
    assert words.span == "1 min or 2 min"


def test_whole_ends_do_not_make_a_whole_setting(scenario):
    (share,) = read_factors(scenario, [f"{RESOLVES}=interval(0,1)"], verb="sweep")
    assert not share.whole
    assert share.at(0.5) == "0.5"


def test_ranges_and_lists_vary_and_single_values_do_not():
    assert is_varied(f"{AGENTS}=interval(1,4)")
    assert is_varied(f"{TALK}=interval(6 min,12 min)")
    assert is_varied(f"{AGENTS}=1,2")
    assert not is_varied(f"{AGENTS}=2")
    assert not is_varied("+shapes.x={a: 1, b: 2}")


@pytest.mark.parametrize("sampling", ["latin_hypercube", "sobol"])
def test_each_setting_has_one_point_in_each_part_of_its_range(sampling):
    points = unit_points(sampling, n_factors=3, points=16, seed=4)
    assert points.shape == (16, 3)
    for column in points.T:
        assert sorted(np.floor(16 * column)) == list(range(16))
    assert np.array_equal(points, unit_points(sampling, n_factors=3, points=16, seed=4))
    assert not np.array_equal(points, unit_points(sampling, n_factors=3, points=16, seed=5))


def test_without_a_number_there_are_ten_points_a_setting():
    assert len(unit_points("latin_hypercube", n_factors=3, points=None, seed=0)) == 30
    assert len(unit_points("sobol", n_factors=3, points=None, seed=0)) == 32


def test_a_sample_has_every_setting_at_every_point_and_the_scenarios_have_them(scenario):
    found = sampled(scenario, [f"{AGENTS}=interval(1,4)", f"{TALK}=interval(6 min,12 min)"],
                    sampling="latin_hypercube", points=12, seed=7)  # fmt: skip
    assert len(found.points) == 12
    for label, point in found.points.items():
        settings = found.settings[label]
        assert label == f"{AGENTS}={settings[AGENTS]}, {TALK}={settings[TALK]}"
        assert point.model.agent_groups["desk"].agents == int(settings[AGENTS])
    again = sampled(scenario, [f"{AGENTS}=interval(1,4)", f"{TALK}=interval(6 min,12 min)"],
                    sampling="latin_hypercube", points=12, seed=7)  # fmt: skip
    assert list(again.points) == list(found.points)


def test_points_that_rounding_makes_equal_are_one_and_said_so(scenario):
    found = sampled(scenario, [f"{AGENTS}=interval(1,4)"], sampling="sobol", points=16, seed=7)
    assert len(found.points) == 4
    assert "4 of them differ" in found.said[0]


def test_a_factorial_runs_both_ends_of_every_setting(scenario):
    found = sampled(scenario, [f"{AGENTS}=interval(1,4)", f"{RESOLVES}=0.7,0.9"], sampling="factorial")
    assert [tuple(settings.values()) for settings in found.settings.values()] == [
        ("1", "0.7"), ("4", "0.7"), ("1", "0.9"), ("4", "0.9"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "options", "error", "said"),
    [
        ([], {}, RunError, "no setting to vary"),
        (["agent_groups.dsk.agents=interval(1,4)"], {}, RunError, "did you mean 'desk'"),
        (["touchpoints.phone.resolvs=interval(0.1,0.4)"], {}, RunError, "did you mean 'resolves'"),
        ([f"{AGENTS}=interval(4,1)"], {}, RunError, "4 is not below 1"),
        ([f"{AGENTS}=interval(-1,4)"], {}, RunError, "agents: -1"),
        ([f"{RESOLVES}=interval(0.5,1.5)"], {}, RunError, "resolves"),
        ([f"{TALK}=interval(6 min,1 h)"], {}, RunError, "units min and h"),
        ([f"{TALK}=interval(6,12)"], {}, RunError, "a duration has a unit"),
        ([f"{AGENTS}=2"], {}, RunError, "one value"),
        ([f"{AGENTS}=interval(1,4)", f"{AGENTS}=interval(1,5)"], {}, RunError, "given twice"),
        ([f"{AGENTS}=interval(1,4)"], {"sampling": "sobl"}, RunError, "did you mean 'sobol'"),
        ([f"{AGENTS}=interval(1,4)"], {"points": 12}, RunError, "a power of two for sampling=sobol; 8 or 16"),
        ([f"{AGENTS}=interval(1,4)"], {"points": 1}, RunError, "2 to 10000"),
        ([f"{AGENTS}=1,2,3", f"{RESOLVES}=0.7,0.9"], {"sampling": "factorial"}, RunError, "3 values; two"),
        ([f"{AGENTS}=1,2"], {"sampling": "factorial"}, RunError, "1 setting; 2 or more"),
    ],
)
def test_a_sample_that_cannot_be_drawn_is_refused_before_anything_runs(scenario, texts, options, error, said):
    with pytest.raises((error, ScenarioError), match=said):
        sampled(scenario, texts, **{"sampling": "sobol", **options})
