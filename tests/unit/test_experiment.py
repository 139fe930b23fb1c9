"""Studies as files: what is read, what is refused, and how settings replace each other."""

import pytest
from support.small_centres import SMALL_YAML

from cxsim.errors import CxsimError, RunError
from cxsim.experiment import experiments, folder_of, load_experiment, read_study

COMPARE = """\
title: One more
question: What does one more do?
scenario: desk.yaml
design: compare
seed: 3
replications: 4
changes:
  one more: [agent_groups.desk.agents=2]
  two more and faster: [agent_groups.desk.agents=3, "touchpoints.phone.talk_time={law: lognormal, mean: 8 min, cv: 1}"]
metrics: [average_speed_of_answer, occupancy]
primary: average_speed_of_answer
profile: none
miniature: {replications: 2}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "desk.yaml").write_text(SMALL_YAML)
    (tmp_path / "study.yaml").write_text(COMPARE)
    return tmp_path


def test_a_comparison_is_read_with_its_scenario_beside_it(folder):
    study = load_experiment(folder)
    assert (study.kind, study.title, study.seed, study.replications) == ("compare", "One more", 3, 4)
    assert list(study.scenarios) == ["today", "one more", "two more and faster"]
    assert study.scenarios["two more and faster"].model.agent_groups["desk"].agents == 3
    assert study.primary == "average_speed_of_answer:answered"
    assert study.profile is None


def test_the_miniature_replaces_settings_and_the_caller_replaces_both(folder):
    assert load_experiment(folder, miniature=True).replications == 2
    study = load_experiment(folder, miniature=True, replications=1, seed=5)
    assert (study.replications, study.seed) == (1, 5)


def test_overrides_of_a_study_hold_in_every_scenario_and_a_change_goes_before_them(folder):
    both = "overrides: [calendar.days=2, agent_groups.desk.agents=5]\n"
    (folder / "study.yaml").write_text(COMPARE + both)
    scenarios = load_experiment(folder).scenarios
    assert [scenario.model.calendar.days for scenario in scenarios.values()] == [2, 2, 2]
    assert [scenario.model.agent_groups["desk"].agents for scenario in scenarios.values()] == [5, 2, 3]


def test_an_estimate_and_a_sweep_are_studies_too(folder):
    plain = "title: Now\nscenario: desk.yaml\ndesign: {}\nreplications: 1\nprofile: none\n"
    (folder / "study.yaml").write_text(plain.format("estimate"))
    assert load_experiment(folder).kind == "estimate"
    (folder / "study.yaml").write_text(plain.format("sweep") + "vary: ['agent_groups.desk.agents=1,2,3']\n")
    study = load_experiment(folder)
    assert study.kind == "sweep"
    assert [values["agent_groups.desk.agents"] for values in study.settings.values()] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("seed: 3", "seeds: 3"), "study.seeds: not a key; keys: title, question.*; did you mean 'seed'?"),
        (("seed: 3", "seed: three"), "study.seed: 'three'; a whole number"),
        (("seed: 3", "seed: true"), "study.seed: True; a whole number"),
        (("metrics: [average_speed_of_answer, occupancy]", "metrics: [1]"), r"study.metrics: \[1\]; a list"),
        (("metrics: [average_speed_of_answer, occupancy]", "metrics: occupancy"), "study.metrics: 'occupancy'; a list"),
        (("title: One more\n", ""), "study.title: missing; must be given"),
        (("design: compare", "design: compares"), "study.design: compares; one of .*; did you mean 'compare'?"),
        (("design: compare", "design: estimate"), "study.changes: given; only with design: compare"),
        (("design: compare", "design: sweep"), "study.vary: missing; a design sweep has it"),
        (("{replications: 2}", "{replicatons: 2}"), "study.miniature.replicatons: not a setting"),
        (("{replications: 2}", "{replications: two}"), "study.miniature.replications: 'two'; a whole number"),
        (("{replications: 2}", "2"), "study.miniature: 2; a mapping"),
        (
            ("[agent_groups.desk.agents=2]", "agent_groups.desk.agents=2"),
            "study.changes.one more: .*; a list of KEY=VALUE",
        ),
        (("[agent_groups.desk.agents=2]", "[agent_groups.dsk.agents=2]"), "did you mean 'desk'"),
        (("  one more:", "  today:"), "change today: the name is taken"),
        (("desk.yaml", "nosuch"), "scenario nosuch: neither shipped nor a file"),
        (("profile: none", "profile: nosuch"), "nosuch"),
        (("seed: 3", "overrides: [agent_groups.dsk.agents=2]"), "did you mean 'desk'"),
        (("seed: 3", "overrides: calendar.days=2"), "study.overrides: 'calendar.days=2'; a list"),
    ],
)
def test_what_is_wrong_with_a_study_is_said_in_one_line(folder, change, said):
    before, after = change
    assert before in COMPARE
    (folder / "study.yaml").write_text(COMPARE.replace(before, after))
    with pytest.raises(CxsimError, match=said) as raised:
        load_experiment(folder)
    assert all("\n" not in line for line in raised.value.problems)


def test_all_that_is_wrong_is_said_together(folder):
    (folder / "study.yaml").write_text("titel: a\nseed: x\ndesign: compare\n")
    with pytest.raises(RunError) as raised:
        read_study(folder)
    assert len(raised.value.problems) == 5  # titel, seed, title, scenario, changes


def test_an_experiment_is_found_by_shipped_name_or_folder(folder):
    assert folder_of(folder) == folder
    assert experiments()
    for name in experiments():
        assert (folder_of(name) / "README.md").is_file()
    with pytest.raises(RunError, match=r"experiment nosuch: no study\.yaml there; shipped: "):
        folder_of("nosuch")
